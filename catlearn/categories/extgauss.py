r"""Extended Gaussian maps: Gaussian maps that know nothing of some directions.

Definition:
    An arrow ``f : X → Y`` of `ExtGauss` is an affine map with normal noise and a *fibre*, a linear subspace `D` of the codomain,

    .. math:: x \mapsto M x + N(s, C) + D,

    up to `D`: two are equal when their fibres are, and their Gaussian parts are after projecting along `D`. Composites substitute, and fibres
    are pushed forward and added: ``B D + E``.

The fibre is what could be anywhere, with no distribution on it: the flat prior ``create(X)`` is all fibre. With ``D = 0`` these are the
arrows of `Gauss`, with no noise they are total affine relations. Where the fibre can satisfy an equation it does, and the Gaussian part
satisfies the rest; so a flat prior is not a normal one of large variance, and nothing is lost to cancellation.

References:
    Stein, Samuelson (2204.14024), Theorem 13 for conditionals; the algorithms are derived here.
"""

import dataclasses
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..kernels import compress, condition, norms, product, rows_of
from ..kernels.comparison import difference_across
from ..kernels.gaussian import beside, conditional, substitute, support_tolerance
from ..kernels.subspaces import beyond, directions, equations, projector, span
from ..objects import Ob, unit
from ..objects.euclidean import flatten, width
from ..objects.wires import default_float
from ..theory import Arrow, door
from ..theory.errors import WrongShape
from .covariance import array, described
from .noisy import NoisyCategory


class ExtendedMap(Arrow):
    """``y = matrix x + mean + factor ξ + fibre w``, with ξ standard normal and w anything.

    Attributes:
        matrix: ``(n_cod, n_dom)``.
        mean: ``(n_cod,)``.
        factor: the generators of the noise, ``(n_cod, k)``.
        fibre: the generators of the fibre, ``(n_cod, l)``; columns may be zero.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    matrix: Any
    mean: Any
    factor: Any
    fibre: Any

    @property
    def category(self) -> "ExtGaussCategory":
        return ExtGauss

    @property
    def covariance(self) -> Any:
        """``A A'``, of the Gaussian part as it is stored: meaningful up to the fibre."""
        return self.factor @ self.factor.T

    @property
    def parts(self) -> tuple[Any, Any, Any]:
        """Matrix, mean and factor."""
        return self.matrix, self.mean, self.factor

    @property
    def dimension(self) -> Any:
        """The dimension of the fibre."""
        return jnp.sum(jnp.any(span(self.fibre) != 0, axis=0))

    @property
    def canonical(self) -> "ExtendedMap":
        """The representative whose Gaussian part is orthogonal to the fibre."""
        return ExtendedMap(self.dom, self.cod, *_canonical(self.parts, self.fibre))

    @door
    def __call__(self, *values: Any) -> "ExtendedMap":
        """The state at given inputs, one argument a wire of the domain.

        Raises:
            WrongValue: an argument is not an element of its wire.
        """
        x = flatten(self.dom, self.dom.elements(values))
        return ExtendedMap(
            unit, self.cod, self.matrix[:, :0], product(self.matrix, x, self.mean), self.factor, self.fibre
        )


class ExtendedObserved(NamedTuple):
    """What is left of a state of which some equations were observed.

    Attributes:
        state: the state, conditioned.
        ok: whether the equations have a solution on the support.
        residual: how far they are from one, relative to the size of their terms.
        rank: how many of them the Gaussian part had to satisfy.
    """

    state: ExtendedMap
    ok: Any
    residual: Any
    rank: Any


@jax.jit
def _canonical(parts: Any, fibre: Any) -> tuple[Any, Any, Any, Any]:
    m, s, a = parts
    across = projector(fibre)
    clear = lambda z: product(-across, z, z, slack=64)
    return clear(m), clear(s), clear(a), span(fibre)


@jax.jit
def _push(f: Any, g: Any) -> Any:
    """The generators of the fibre of a composite, of the fibres and the second matrix."""
    fibre, (matrix, late) = f, g
    return span(jnp.concatenate([product(matrix, fibre), late], axis=1))


@jax.jit
def _conditional(parts: Any, fibre: Any, given: Any, wanted: Any) -> tuple[Any, Any, Any, Any]:
    """Theorem 13: what the fibre says of the wanted coordinates, and by regression of what it leaves, the Gaussian part."""
    rows = rows_of(fibre[given], norms(fibre[given]), None)
    across, lift = product(fibre[given], rows.inverse), product(fibre[wanted], rows.inverse)
    # The same class, with a Gaussian part that no longer moves along the fibre of the given coordinates.
    less = lambda by, z, w: product(-by, z[given], z[w], slack=64)
    clear = lambda z: jnp.concatenate([less(across, z, given), less(lift, z, wanted)])
    m, n = len(across), len(lift)
    by_rest, s, a = conditional(tuple(map(clear, parts)), np.arange(m), np.arange(m, m + n))
    gain, on_inputs = by_rest[:, :m], by_rest[:, m:]
    matrix = jnp.concatenate([lift + product(-gain, across, gain), on_inputs], axis=1)
    return matrix, s, a, span(beyond(fibre[wanted], rows.parts.right))


@jax.jit
def _observe(parts: Any, fibre: Any, rows: Any, rhs: Any, tol: Any) -> tuple[Any, ...]:
    """First the fibre satisfies what it can of ``rows x = rhs``, then the Gaussian part the rest."""
    _, s, a = parts
    seen = equations(fibre, rows)
    back = product(fibre, seen.inverse)
    mean = product(back, product(-rows, s, rhs), s, slack=64)
    factor = product(-back, product(rows, a), a, slack=64)
    # How far the fibre went, and so how large what is rounding there may be.
    moved = norms(fibre) * jnp.linalg.norm(product(seen.inverse, product(rows, a)))
    found = condition(factor, mean, rows, rhs, tol, size=product(jnp.abs(rows), moved))
    return found.mean, found.factor, span(beyond(fibre, seen.parts.right)), found.residual, found.rank


@dataclasses.dataclass(frozen=True)
class ExtGaussCategory(NoisyCategory):
    """Euclidean spaces and extended Gaussian maps; see the module.

    Example:
        >>> from catlearn import R
        >>> flat = ExtGauss.create(R())
        >>> noisy = extended(R(), R(), [[1.0]], covariance=1.0)
        >>> seen = ExtGauss.conditional(flat >> ExtGauss.pair(noisy, ExtGauss.id(R())), 1)(3.0)
        >>> print(seen.mean, seen.covariance, seen.dimension)
        [3.] [[1.]] 0
    """

    def __str__(self) -> str:
        return "ExtGauss"

    def _affine(self, x: Ob, y: Ob, matrix: Any, mean: Any, /) -> ExtendedMap:
        return ExtendedMap(x, y, matrix, mean, matrix[:, :0], matrix[:, :0])

    def _then(self, f: ExtendedMap, g: ExtendedMap, /) -> ExtendedMap:
        matrix, mean, factor = substitute(f.parts, g.parts)
        return ExtendedMap(f.dom, g.cod, matrix, mean, factor, _push(f.fibre, (g.matrix, g.fibre)))

    def _tensor(self, f: ExtendedMap, g: ExtendedMap, /) -> ExtendedMap:
        matrix, mean, factor = beside(f.parts, g.parts)
        fibre = jax.scipy.linalg.block_diag(f.fibre, g.fibre)
        return ExtendedMap(f.dom @ g.dom, f.cod @ g.cod, matrix, mean, factor, fibre)

    @door
    def create(self, x: Ob, /) -> ExtendedMap:
        """``unit → x``: the flat prior, all fibre."""
        n = width(x)
        empty = np.zeros((n, 0), default_float())
        return ExtendedMap(unit, x, empty, np.zeros(n, default_float()), empty, np.eye(n, dtype=default_float()))

    def _regression(self, f: ExtendedMap, ends: tuple[Ob, Ob], given: Any, wanted: Any, /) -> ExtendedMap:
        return ExtendedMap(*ends, *_conditional(f.parts, f.fibre, given, wanted))

    def _moves(self, p: ExtendedMap, /) -> Any:
        return directions(p.factor, p.fibre)

    @door
    def observe(self, p: ExtendedMap, rows: Any, rhs: Any, /, *, tol: float | None = None) -> ExtendedObserved:
        """Condition a state on the equations ``rows x = rhs`` in its coordinates; the order of several makes no difference.

        Args:
            p: a state of `n` coordinates.
            rows: ``(m, n)``.
            rhs: ``(m,)``.
            tol: the relative size up to which differences are rounding.

        Raises:
            WrongObject: `p` is not a state.
            WrongShape: the equations do not fit its coordinates.

        Example:
            >>> from catlearn import R
            >>> line = ExtGauss.observe(ExtGauss.create(R(2)), [[1.0, -1.0]], [2.0]).state
            >>> print(line.dimension, line.canonical.mean)
            1 [ 1. -1.]
        """
        self._state(p)
        rows, rhs = jnp.asarray(rows, p.fibre.dtype), jnp.asarray(rhs, p.fibre.dtype)
        shape = (*rhs.shape[:1], width(p.cod))
        if rhs.ndim != 1 or rows.shape != shape:
            raise WrongShape("the matrix of equations", shape, tuple(rows.shape), p.dom, p.cod)
        mean, factor, fibre, residual, rank = _observe(p.parts, p.fibre, rows, rhs, tol)
        state = ExtendedMap(unit, p.cod, p.matrix, mean, compress(factor), fibre)
        return ExtendedObserved(state, residual <= support_tolerance(p.factor, tol), residual, rank)

    def difference(self, f: ExtendedMap, g: ExtendedMap, /) -> float:
        """How far two parallel maps are apart: their fibres, and what they are up to these."""
        return difference_across(f.parts, f.fibre, g.parts, g.fibre)


ExtGauss = ExtGaussCategory()


@door
def extended(
    dom: Ob,
    cod: Ob,
    matrix: Any = None,
    mean: Any = None,
    covariance: Any = None,
    *,
    factor: Any = None,
    fibre: Any = None,
    check: str = "raise",
    tol: float | None = None,
) -> Any:
    """The extended Gaussian map ``y = matrix x + mean + noise + fibre``.

    Args:
        dom: the domain, Euclidean wires alone.
        cod: the codomain, Euclidean wires alone.
        matrix: ``(n_cod, n_dom)``; zero if left out.
        mean: ``(n_cod,)``; zero if left out.
        covariance: of the noise, ``(n_cod, n_cod)``; or
        factor: generators of it, ``(n_cod, k)``. No noise if both are left out.
        fibre: columns that span what is not known at all, ``(n_cod, l)``; none if left out.
        check: "raise" looks at concrete numbers and trusts traced ones; "flag" returns the map and whether the covariance is one.
        tol: the relative size of a variance up to which it is rounding, in factoring the covariance.

    Raises:
        WrongObject: an end has a wire that is not Euclidean, or both a covariance and a factor are given.
        WrongShape: an array does not fit the ends.
        NotPositive: the covariance is not symmetric, or not positive semidefinite.

    Example:
        >>> from catlearn import R
        >>> f = extended(unit, R(2), mean=[1.0, 2.0], fibre=[[1.0], [0.0]])
        >>> print(f, f.canonical.mean, f.dimension)
        ExtendedMap : unit -> R(2) [0. 2.] 1
    """
    given = described(dom, cod, matrix, mean, covariance, factor, check, tol)
    columns = span(jnp.asarray(array("the fibre", fibre, (width(cod), None), dom, cod)))
    f = ExtendedMap(dom, cod, given.matrix, given.mean, compress(given.factor), columns)
    return (f, given.ok) if check == "flag" else f
