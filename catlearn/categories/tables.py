r"""Tables: arrows between finite sets, with one entry for each input and output.

Definition:
    A *table* ``f : X → Y`` over a commutative rig has an entry ``f(x, y)`` for all elements x of `X` and y of `Y`: one axis a wire, those of
    the domain first. Composition sums over what is in between, and the tensor is the outer product,

    .. math:: (f ; g)(x, z) = \sum_y f(x, y)\, g(y, z), \qquad (f \otimes g)(x, u, y, v) = f(x, y)\, g(u, v).

    Copies, discards and crossings are tables of zeros and ones.

What the entries mean is up to the rig: probabilities, their logarithms, signed weights, truth values.

References:
    Fritz (1908.07021), Example 2.5, for kernels; Carboni, Walters, *Cartesian bicategories I* (1987), for relations.
"""

import abc
import dataclasses
import itertools
import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import numpy as np

from ..objects import Ob, Semiring, unit
from ..objects.wires import Finite
from ..theory import Arrow, CopyDiscard, door
from ..theory.errors import WrongObject


class Table(Arrow):
    """An arrow between finite sets, as a table.

    Shapes:
        table: (sizes of the wires of `dom`, then those of `cod`).
    """

    dom: eqx.AbstractVar[Ob]
    cod: eqx.AbstractVar[Ob]
    table: eqx.AbstractVar[Any]

    @property
    def matrix(self) -> Any:
        """The table with one row for each input and one column for each output."""
        return self.table.reshape(size(self.dom), size(self.cod))


@dataclasses.dataclass(frozen=True)
class Tables(CopyDiscard):
    """Finite sets and tables over a rig; see the module.

    Attributes:
        entries: the rig that the entries are in.
    """

    entries: Semiring

    @abc.abstractmethod
    def _arrow(self, dom: Ob, cod: Ob, table: Any, /) -> Any:
        """The arrow with a table whose entries are in their shape."""

    def _of(self, dom: Ob, cod: Ob, entries: Any, /) -> Any:
        """The arrow with the given entries, in the order of its table."""
        return self._arrow(dom, cod, entries.reshape(shape(dom @ cod)))

    def _mask(self, dom: Ob, cod: Ob, mask: Any, /) -> Any:
        """The table of ones where the mask is true."""
        return self._of(dom, cod, self.entries.indicator(mask))

    @property
    def unit(self) -> Ob:
        return unit

    @door
    def id(self, x: Ob, /) -> Any:
        return self._mask(x, x, np.eye(size(x), dtype=bool))

    def _then(self, f: Any, g: Any, /) -> Any:
        return self._of(f.dom, g.cod, self.entries.matmul(f.matrix, g.matrix))

    def _tensor(self, f: Any, g: Any, /) -> Any:
        left, right = f.matrix[:, None, :, None], g.matrix[None, :, None, :]
        return self._of(f.dom @ g.dom, f.cod @ g.cod, self.entries.multiply(left, right))

    @door
    def swap(self, x: Ob, y: Ob, /) -> Any:
        n, m = size(x), size(y)
        crossed = np.eye(n * m, dtype=bool).reshape(n, m, n, m).transpose(0, 1, 3, 2)
        return self._mask(x @ y, y @ x, crossed)

    @door
    def copy(self, x: Ob, /) -> Any:
        same = np.eye(size(x), dtype=bool)
        return self._mask(x, x @ x, same[:, :, None] & same[:, None, :])

    @door
    def discard(self, x: Ob, /) -> Any:
        return self._mask(x, unit, np.ones(size(x), bool))

    def _pair(self, f: Any, g: Any, /) -> Any:
        return self._of(f.dom, f.cod @ g.cod, self.entries.multiply(f.matrix[:, :, None], g.matrix[:, None, :]))

    @door
    def deterministic(self, dom: Ob, cod: Ob, function: Callable[..., Any], /) -> Any:
        """The table of a function: one at its value, zero elsewhere.

        Args:
            dom: finite wires.
            cod: finite wires.
            function: takes a whole number a wire of `dom`, and returns one, or a label, a wire of `cod`.

        Raises:
            WrongValue: it returns something that is not in `cod`.
        """
        mask = np.zeros((size(dom), *shape(cod)), bool)
        for row, xs in enumerate(itertools.product(*map(range, shape(dom)))):
            ys = function(*xs)
            mask[(row, *map(int, cod.elements(ys if isinstance(ys, tuple) else (ys,))))] = True
        return self._mask(dom, cod, mask)

    def _close(self, f: Any, g: Any, tol: float | None, /) -> bool:
        return self.entries.close(f.table, g.table, tol)


def shape(x: Ob) -> tuple[int, ...]:
    """The number of elements of each wire.

    Raises:
        WrongObject: a wire is no finite set.

    Example:
        >>> from catlearn import Fin
        >>> shape(Fin(2) @ Fin(3))
        (2, 3)
    """
    sizes = []
    for wire in x.wires:
        if not isinstance(wire, Finite) or wire.shape:
            raise WrongObject(f"{x} is no finite set: the wire {wire} has no table. Use wires Fin(n).")
        sizes.append(wire.n)
    return tuple(sizes)


def size(x: Ob) -> int:
    """The number of elements of an object.

    Example:
        >>> from catlearn import Fin
        >>> size(Fin(2) @ Fin(3))
        6
    """
    return math.prod(shape(x))


def moved(f: Table, wires: tuple[int, ...], dom: Ob, cod: Ob) -> Any:
    """The matrix ``dom → cod`` whose wires are those of `f`, inputs first, at the given positions."""
    return f.table.transpose(wires).reshape(size(dom), size(cod))
