r"""Affine relations: what linear equations say of some coordinates and some others.

Definition:
    An arrow ``f : X → Y`` of `AffineRel` is an affine subspace of ``X × Y``, or empty. Composition asks for a point in between, the tensor
    is the product, and the dagger is the converse,

    .. math:: f ; g = \{(x, z) \mid \exists y \; (x, y) \in f, \; (y, z) \in g\}.

Each is stored by a point and directions, ``offset + directions w``, together with a flag that it has points at all: an empty relation is
the answer of contradictory equations, and whatever it is composed with stays empty. Copies turned around compare: the wires of an
affine relation are hypergraph wires.

References:
    Bonchi, Piedeleu, Sobociński, Zanasi, *Graphical affine algebra* (2019); Stein, Staton (2101.11351), for supports of Gaussian maps.
"""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..kernels.comparison import apart
from ..kernels.gaussian import support_tolerance, within
from ..kernels.subspaces import directions, solve, span
from ..objects import Ob, unit
from ..objects.compare import default_tolerance as rounding
from ..objects.euclidean import flatten, width
from ..objects.wires import default_float
from ..theory import Arrow, Dagger, Hypergraph, door
from .covariance import array


class AffineRelation(Arrow):
    """``{offset + directions w}`` in the coordinates of ``dom ⊗ cod``, if it is inhabited.

    Attributes:
        offset: ``(n_dom + n_cod,)``.
        directions: generators, ``(n_dom + n_cod, l)``; columns may be zero.
        inhabited: whether it has points.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    offset: Any
    directions: Any
    inhabited: Any

    @property
    def category(self) -> "AffineRelCategory":
        return AffineRel

    @property
    def dagger(self) -> "AffineRelation":
        """The converse."""
        return AffineRel.dagger(self)

    @door
    def holds(self, *values: Any, tol: float | None = None) -> Any:
        """Whether some values are related: one argument a wire, those of the domain first.

        Raises:
            WrongValue: a value is not an element of its wire.

        Example:
            >>> from catlearn import R
            >>> double = affine_relation(R(), R(), generators=[[1.0], [2.0]])
            >>> print(double.holds(1.0, 2.0), double.holds(1.0, 3.0))
            True False
        """
        ends = self.dom @ self.cod
        xy = flatten(ends, ends.elements(values))
        size = jnp.abs(xy) + jnp.abs(self.offset)
        return self.inhabited & within(self.directions, (xy - self.offset)[:, None], size[:, None], tol)


@jax.jit
def _compose(f: AffineRelation, g: AffineRelation) -> tuple[Any, Any, Any]:
    x, y, z = width(f.dom), width(f.cod), width(g.cod)
    both = jnp.concatenate([f.offset, g.offset])
    rows = jnp.eye(y, len(both), x) - jnp.eye(y, len(both), x + y)  # the two ends in the middle are one
    found = solve(jax.scipy.linalg.block_diag(f.directions, g.directions), both, rows, jnp.zeros(y))
    ends = np.r_[:x, x + 2 * y : x + 2 * y + z]
    ok = found.residual <= support_tolerance(rows, None)
    return found.offset[ends], span(found.directions[ends]), f.inhabited & g.inhabited & ok


@dataclasses.dataclass(frozen=True)
class AffineRelCategory(Hypergraph, Dagger):
    """Euclidean spaces and affine relations; see the module.

    Example:
        >>> from catlearn import R
        >>> double = affine_relation(R(), R(), generators=[[1.0], [2.0]])
        >>> one = affine_relation(unit, R(), offset=[1.0])
        >>> print((one >> double).offset, (one >> double >> one.dagger).inhabited)
        [2.] False
    """

    def __str__(self) -> str:
        return "AffineRel"

    @property
    def unit(self) -> Ob:
        return unit

    def _subspace(self, x: Ob, y: Ob, directions: Any) -> AffineRelation:
        return AffineRelation(x, y, np.zeros(len(directions), default_float()), directions, np.asarray(True))

    def _wires(self, x: Ob, y: Ob, positions: Any) -> AffineRelation:
        """The relation whose coordinates are those at some positions of one vector."""
        eye = np.eye(max(positions, default=-1) + 1, dtype=default_float())
        return self._subspace(x, y, eye[np.asarray(positions, int)])

    @door
    def id(self, x: Ob, /) -> AffineRelation:
        return self._wires(x, x, [*range(width(x))] * 2)

    def _then(self, f: AffineRelation, g: AffineRelation, /) -> AffineRelation:
        return AffineRelation(f.dom, g.cod, *_compose(f, g))

    def _tensor(self, f: AffineRelation, g: AffineRelation, /) -> AffineRelation:
        a, b, c, d = (width(x) for x in (f.dom, f.cod, g.dom, g.cod))
        order = np.r_[:a, a + b : a + b + c, a : a + b, a + b + c : a + b + c + d]
        both = jax.scipy.linalg.block_diag(f.directions, g.directions)
        offset = jnp.concatenate([f.offset, g.offset])
        return AffineRelation(f.dom @ g.dom, f.cod @ g.cod, offset[order], both[order], f.inhabited & g.inhabited)

    @door
    def swap(self, x: Ob, y: Ob, /) -> AffineRelation:
        n = width(x @ y)
        return self._wires(x @ y, y @ x, [*range(n), *np.roll(np.arange(n), -width(x))])

    @door
    def copy(self, x: Ob, /) -> AffineRelation:
        return self._wires(x, x @ x, [*range(width(x))] * 3)

    @door
    def discard(self, x: Ob, /) -> AffineRelation:
        return self._wires(x, unit, [*range(width(x))])

    @door
    def compare(self, x: Ob, /) -> AffineRelation:
        return self._wires(x @ x, x, [*range(width(x))] * 3)

    @door
    def create(self, x: Ob, /) -> AffineRelation:
        return self._wires(unit, x, [*range(width(x))])

    @door
    def dagger(self, f: Any, /) -> AffineRelation:
        self._own(f)
        order = np.roll(np.arange(len(f.offset)), -width(f.dom))
        return AffineRelation(f.cod, f.dom, f.offset[order], f.directions[order], f.inhabited)

    def image(self, factor: Any, fibre: Any, /) -> Any:
        """Generators of the image of a factor of a covariance, and of a subspace."""
        return directions(factor, fibre)

    def span(self, generators: Any, /) -> Any:
        """Independent generators of the same subspace."""
        return span(generators)

    def _close(self, f: AffineRelation, g: AffineRelation, tol: float | None, /) -> bool:
        return self.difference(f, g) <= (rounding() if tol is None else tol)

    def difference(self, f: AffineRelation, g: AffineRelation, /) -> float:
        """How far two parallel relations are apart; infinitely far where one has points and the other has none."""
        if bool(f.inhabited) != bool(g.inhabited):
            return float("inf")
        return apart(f.offset, f.directions, g.offset, g.directions) if f.inhabited else 0.0


AffineRel = AffineRelCategory()


@door
def affine_relation(
    dom: Ob, cod: Ob, offset: Any = None, generators: Any = None, *, inhabited: Any = True
) -> AffineRelation:
    """The affine relation with a point and the directions in which it extends, in the coordinates of ``dom ⊗ cod``.

    Args:
        dom: the domain, Euclidean wires alone.
        cod: the codomain, Euclidean wires alone.
        offset: a point, ``(n_dom + n_cod,)``; zero if left out.
        generators: columns, ``(n_dom + n_cod, l)``; none if left out.
        inhabited: whether it has points.

    Raises:
        WrongObject: an end has a wire that is not Euclidean.
        WrongShape: an array does not fit the ends.
    """
    n = width(dom @ cod)
    point, columns = (
        jnp.asarray(array(*given, dom, cod))
        for given in (("the offset", offset, (n,)), ("the matrix of generators", generators, (n, None)))
    )
    return AffineRelation(dom, cod, point, span(columns), jnp.asarray(inhabited))
