r"""Matrices over a rig: every arrow is linear, and can be turned around.

Definition:
    An arrow ``X → Y`` of ``Mat(rig)`` is a matrix with one row a coordinate of `Y` and one column a coordinate of `X`.
    Composition is the product of matrices, the tensor is the direct sum, and the dagger is the transpose, with an
    involution of the rig at each entry,

    .. math:: (f ; g)_{ki} = \sum_j g_{kj}\, f_{ji}, \qquad (f^{\dagger})_{ij} = (f_{ji})^{*}.

With dagger and biproducts it is a reverse derivative category in which each arrow is its own derivative. Over exact
rigs its laws hold exactly. Over floats, tropical numbers and booleans, entries are JAX arrays: matrices go through
`jax.jit` as pytrees, with the entries as their one leaf.

Over the booleans a matrix is a finite relation, and its dagger the converse: `FinRel`.

References:
    Cockett et al. (1910.07065), Example 19.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import numpy as np

from ..objects import Ob, bare, unit
from ..objects.dim import Values, collect, dimension
from ..objects.rigs import Boolean
from ..objects.semiring import Involution, Semiring, identity, namespace
from ..theory import Arrow, ConcreteReverseDifferential, DaggerBiproduct, door
from ..theory.errors import WrongCategory, WrongShape


class Matrix(Arrow):
    """A matrix ``dom → cod`` over a rig.

    Call it on one argument a wire, each the coordinates of that wire.

    Shapes:
        entries: (coordinates of `cod`, coordinates of `dom`).
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    over: "Mat" = eqx.field(static=True)
    entries: Any

    @property
    def category(self) -> "Mat":
        return self.over

    @property
    def rig(self) -> Semiring:
        """Where the entries are."""
        return self.over.rig

    @door
    def __call__(self, *values: Any) -> Any:
        """The value at a point, one argument a wire.

        Raises:
            WrongValue: an argument has another number of coordinates than its wire.
            NotInRig: a coordinate is not an element of the rig.
        """
        return bare(self.category.apply(self, self.dom.elements(values)))

    @property
    def dagger(self) -> "Matrix":
        """The transpose ``cod → dom``, with the involution at each entry."""
        return self.category.dagger(self)


@dataclasses.dataclass(frozen=True)
class Mat(DaggerBiproduct, ConcreteReverseDifferential):
    """The category of matrices over a commutative rig; see the module. Its objects are made of ``Dim(n)``.

    Args:
        rig: where the entries are.
        involution: what the dagger does to an entry: `identity`, or `conjugation`.

    Raises:
        WrongCategory: the rig is not commutative.

    Example:
        >>> from catlearn.objects import Dim, Z
        >>> f = matrix(Dim(2), Dim(1), [[1, 2]], Z)
        >>> print((f >> f.dagger).entries)
        [[1 2]
         [2 4]]
    """

    rig: Semiring
    involution: Involution = identity

    def __post_init__(self):
        if not isinstance(self.rig, Semiring) or not self.rig.commutative:
            raise WrongCategory(f"Mat(k) needs a commutative rig, such as Z or MaxPlus, but got {self.rig}.")

    def __str__(self) -> str:
        return f"Mat({self.rig})" if self.involution == identity else f"Mat({self.rig}, {self.involution})"

    @property
    def unit(self) -> Ob:
        return unit

    @door
    def id(self, x: Ob, /) -> Matrix:
        return self._selection(x, x, range(dimension(x)))

    def _then(self, f: Matrix, g: Matrix, /) -> Matrix:
        return Matrix(f.dom, g.cod, self, self.rig.matmul(g.entries, f.entries))

    def _tensor(self, f: Matrix, g: Matrix, /) -> Matrix:
        (m, n), (k, l) = f.entries.shape, g.entries.shape
        upper, lower = self._zeros(m, l), self._zeros(k, n)
        beside = lambda *blocks: namespace(*blocks).concatenate(blocks, axis=1)
        rows = beside(f.entries, upper), beside(lower, g.entries)
        return Matrix(f.dom @ g.dom, f.cod @ g.cod, self, namespace(*rows).concatenate(rows, axis=0))

    @door
    def swap(self, x: Ob, y: Ob, /) -> Matrix:
        n, m = dimension(x), dimension(y)
        return self._selection(x @ y, y @ x, [*range(n, n + m), *range(n)])

    @door
    def copy(self, x: Ob, /) -> Matrix:
        return self._selection(x, x @ x, [*range(dimension(x))] * 2)

    @door
    def discard(self, x: Ob, /) -> Matrix:
        return self._selection(x, unit, [])

    @door
    def zero(self, x: Ob, y: Ob, /) -> Matrix:
        return Matrix(x, y, self, self._zeros(dimension(y), dimension(x)))

    def _add(self, f: Matrix, g: Matrix, /) -> Matrix:
        return Matrix(f.dom, f.cod, self, self.rig.add(f.entries, g.entries))

    @door
    def dagger(self, f: Any, /) -> Matrix:
        self._own(f)
        return Matrix(f.cod, f.dom, self, self.involution(f.entries).T)

    def apply(self, f: Matrix, xs: Values, /) -> Values:
        return collect(f.cod, self.rig.matmul(f.entries, self._column(f.dom, xs))[:, 0])

    def arrow(self, dom: Ob, cod: Ob, function: Callable[[Values], Values], /) -> Matrix:
        """The matrix of a linear function on tuples of values: its columns are the values at the basis."""
        basis = self.id(dom).entries
        columns = [self._zeros(dimension(cod), 0)]
        columns += [self._column(cod, function(collect(dom, basis[:, i]))) for i in range(dimension(dom))]
        return Matrix(dom, cod, self, namespace(*columns).concatenate(columns, axis=1))

    def _column(self, x: Ob, xs: Values) -> Any:
        """The coordinates of some values, as a matrix of one column."""
        parts = [self._zeros(0, 1)]
        for value, wire in zip(xs, x.wires, strict=True):
            parts.append(self.rig.array(value).reshape(dimension(Ob((wire,))), 1))
        return namespace(*parts).concatenate(parts, axis=0)

    def _zeros(self, m: int, n: int) -> Any:
        return self.rig.indicator(np.zeros((m, n), bool))

    def _selection(self, dom: Ob, cod: Ob, order: Sequence[int]) -> Matrix:
        """The matrix whose row j has a one in column ``order[j]``."""
        mask = np.zeros((len(order), dimension(dom)), bool)
        mask[np.arange(len(order)), list(order)] = True
        return Matrix(dom, cod, self, self.rig.indicator(mask))

    def _close(self, f: Matrix, g: Matrix, tol: float | None, /) -> bool:
        return self.rig.close(f.entries, g.entries, tol)


FinRel = Mat(Boolean)
"""Finite relations: matrices of truth values, whose dagger is the converse."""


@door
def matrix(dom: Ob, cod: Ob, entries: Any, rig: Semiring, *, involution: Involution = identity) -> Matrix:
    """The matrix ``dom → cod`` with the given entries, one row a coordinate of `cod`, one column a coordinate of `dom`.

    Raises:
        WrongShape: the entries do not fit the ends.
        NotInRig: an entry is not an element of the rig.
        WrongObject: an end is not made of ``Dim(n)``.
        WrongCategory: the rig is not commutative.

    Example:
        >>> from catlearn.objects import Boolean, Dim
        >>> likes = matrix(Dim(2), Dim(3), [[1, 0], [1, 1], [0, 0]], Boolean)
        >>> print((likes >> likes.dagger).entries)
        [[ True  True]
         [ True  True]]
    """
    category, array = Mat(rig, involution), rig.array(entries)
    shape = (dimension(cod), dimension(dom))
    if array.shape != shape:
        cure = "The rows are coordinates of the codomain: transpose the matrix." if array.shape == shape[::-1] else ""
        raise WrongShape("the matrix", shape, tuple(array.shape), dom, cod, cure)
    return Matrix(dom, cod, category, array)
