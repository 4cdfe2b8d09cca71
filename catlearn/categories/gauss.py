r"""Gaussian maps: affine maps with normal noise, of any rank.

Definition:
    An arrow ``f : X → Y`` of `Gauss` is an affine map with independent normal noise, in the coordinates of Euclidean objects,

    .. math:: y = M x + s + A \xi, \qquad \xi \sim N(0, I), \qquad C = A A'.

    Composites substitute, the tensor is block by block, and all structure maps have no noise.

The noise is stored by its generators `A`, of which a composite keeps at most one a coordinate, so that the covariance is symmetric and positive
whatever is composed. It may be singular: a deterministic map is a Gaussian one, with ``A = 0``. The conditional of
``f : A → X ⊗ Y`` is ``D = C_{YX} C_{XX}^{+}``, the Moore–Penrose inverse; so off the support of `X` it first projects orthogonally onto it.
Decisions about supports need float64 to be sharp; in float32 they are as coarse as the numbers are.

References:
    Fritz (1908.07021), section 6; Stein, Staton (2101.11351), for supports.
"""

import dataclasses
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..kernels import compress, condition, norms, product, rows_of
from ..kernels.comparison import difference
from ..kernels.gaussian import beside, conditional, log_density, substitute, support_tolerance, within
from ..objects import Ob, R, bare, is_concrete, unit
from ..objects.compare import default_tolerance as rounding
from ..objects.euclidean import flatten, places, reading, unflatten, width
from ..theory import Arrow, Conditionals, Support, door
from ..theory.errors import NoFiller, NotConcrete, WrongObject
from .covariance import described


class GaussianMap(Arrow):
    """``y = matrix x + mean + factor ξ``, with ξ standard normal.

    Attributes:
        matrix: ``(n_cod, n_dom)``.
        mean: ``(n_cod,)``.
        factor: the generators of the noise, ``(n_cod, k)``.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    matrix: Any
    mean: Any
    factor: Any

    @property
    def category(self) -> "GaussCategory":
        return Gauss

    @property
    def covariance(self) -> Any:
        """``A A'``, of the noise alone: of a state, its covariance."""
        return self.factor @ self.factor.T

    @property
    def parts(self) -> tuple[Any, Any, Any]:
        """Matrix, mean and factor."""
        return self.matrix, self.mean, self.factor

    @door
    def __call__(self, *values: Any) -> "GaussianMap":
        """The state at given inputs, one argument a wire of the domain.

        Raises:
            WrongValue: an argument is not an element of its wire.
        """
        x = flatten(self.dom, self.dom.elements(values))
        return GaussianMap(unit, self.cod, self.matrix[:, :0], product(self.matrix, x, self.mean), self.factor)

    @door
    def sample(self, *values: Any, key: Any) -> Any:
        """One draw at given inputs.

        Raises:
            WrongValue: an argument is not an element of its wire.
        """
        state = self(*values)
        noise = jax.random.normal(key, state.factor.shape[1:], state.factor.dtype)
        return bare(unflatten(self.cod, state.mean + state.factor @ noise))

    @door
    def log_density(self, *values: Any, tol: Any = None) -> Any:
        """The logarithm of the density at given inputs and outputs, one argument a wire of the domain and then of the codomain.

        It is that of the distribution on its affine support, by length, area, volume there; off the support it is ``-inf``.

        Raises:
            WrongValue: an argument is not an element of its wire.

        Example:
            >>> p = gaussian(unit, R(2), covariance=[[4.0, 0.0], [0.0, 0.0]])
            >>> print(p.log_density([0.0, 1.0]), jnp.exp(p.log_density([0.0, 0.0])).round(4))
            -inf 0.1995
        """
        xy = (self.dom @ self.cod).elements(values)
        given, out = xy[: len(self.dom)], xy[len(self.dom) :]
        mean, y = product(self.matrix, flatten(self.dom, given), self.mean), flatten(self.cod, out)
        return log_density(self.factor, y - mean, jnp.abs(y) + jnp.abs(mean), tol)


class Observed(NamedTuple):
    """What is left of a state when some of its wires were observed.

    Attributes:
        state: the others, conditioned.
        ok: whether the observation was on the support; otherwise the state is what would be left of the nearest one that is.
        residual: how far off it was, relative to the size of its terms.
        rank: how many independent equations it made.
        log_density: of the observation, on its support.
    """

    state: GaussianMap
    ok: Any
    residual: Any
    rank: Any
    log_density: Any


@dataclasses.dataclass(frozen=True)
class GaussCategory(Conditionals):
    """Euclidean spaces and Gaussian maps; see the module.

    Example:
        >>> prior = gaussian(unit, R(), covariance=4.0)
        >>> noisy = gaussian(R(), R(), [[1.0]], covariance=4.0)
        >>> print((prior >> noisy).covariance, Gauss.bayes_inverse(noisy, prior).matrix)
        [[8.]] [[0.5]]
    """

    def __str__(self) -> str:
        return "Gauss"

    @property
    def unit(self) -> Ob:
        return unit

    def _reading(self, x: Ob, y: Ob, positions: Any) -> GaussianMap:
        matrix = reading(width(x), positions)
        return GaussianMap(x, y, matrix, np.zeros(len(matrix), matrix.dtype), matrix[:, :0])

    @door
    def id(self, x: Ob, /) -> GaussianMap:
        return self._reading(x, x, np.arange(width(x)))

    def _then(self, f: GaussianMap, g: GaussianMap, /) -> GaussianMap:
        return GaussianMap(f.dom, g.cod, *substitute(f.parts, g.parts))

    def _tensor(self, f: GaussianMap, g: GaussianMap, /) -> GaussianMap:
        return GaussianMap(f.dom @ g.dom, f.cod @ g.cod, *beside(f.parts, g.parts))

    @door
    def swap(self, x: Ob, y: Ob, /) -> GaussianMap:
        return self._reading(x @ y, y @ x, np.roll(np.arange(width(x @ y)), -width(x)))

    @door
    def copy(self, x: Ob, /) -> GaussianMap:
        return self._reading(x, x @ x, np.tile(np.arange(width(x)), 2))

    @door
    def discard(self, x: Ob, /) -> GaussianMap:
        return self._reading(x, unit, [])

    @door
    def pick(self, x: Ob, wires: tuple[int, ...], /) -> GaussianMap:
        at, y = places(x), Ob(tuple(x.wires[i] for i in wires))
        return self._reading(x, y, np.concatenate([np.zeros(0, int), *(at[i] for i in wires)]))

    def _conditional(self, f: GaussianMap, n: int, otherwise: Any, /) -> GaussianMap:
        """The conditional; off the support of the first wires it projects onto it, and takes no other arrow there.

        Raises:
            NoFiller: `otherwise` is given.
        """
        if otherwise is not None:
            raise NoFiller(self, otherwise)
        x, y = f.cod[:n], f.cod[n:]
        at = np.arange(width(f.cod))
        return GaussianMap(x @ f.dom, y, *conditional(f.parts, at[: width(x)], at[width(x) :]))

    @door
    def observe(self, p: GaussianMap, n: int, values: tuple[Any, ...], /, *, tol: float | None = None) -> Observed:
        """Condition a state on its first `n` wires: the state of the others where these have the given values.

        Args:
            p: a state.
            n: how many wires are observed.
            values: their values, one a wire.
            tol: the relative size up to which differences are rounding, both for ranks and for the support.

        Raises:
            WrongObject: `p` is not a state.
            WrongValue: a value is not an element of its wire.

        Example:
            >>> equal = gaussian(R(2), R() @ R(2), [[1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
            >>> both = Gauss.observe(gaussian(unit, R(2), factor=2 * jnp.eye(2)) >> equal, 1, (0.0,))
            >>> print(jnp.round(both.state.covariance, 6), both.ok)
            [[2. 2.]
             [2. 2.]] True
        """
        self._state(p)
        x = p.cod[:n]
        m, k = width(x), width(p.cod)
        rhs = flatten(x, x.elements(values))
        found = condition(p.factor, p.mean, reading(k, np.arange(m)), rhs, tol)
        state = GaussianMap(unit, p.cod[n:], p.matrix[m:], found.mean[m:], found.factor[m:])
        ok = found.residual <= support_tolerance(p.factor, tol)
        return Observed(state, ok, found.residual, found.rank, found.log_density)

    def _state(self, p: GaussianMap) -> None:
        self._own(p)
        if p.dom != unit:
            raise WrongObject(f"{p} is not a state: it starts at {p.dom}. Give it its inputs first: p(x).")

    @door
    def support(self, p: GaussianMap, /) -> Support:
        """The affine support: ``mean + im A`` as a Euclidean space, with the orthogonal projection onto it.

        Raises:
            WrongObject: `p` is not a state.
            NotConcrete: its numbers are traced: the dimension depends on them.

        Example:
            >>> line = Gauss.support(gaussian(unit, R(2), factor=[[3.0], [4.0]]))
            >>> print(line.ob, jnp.abs(line.inclusion.matrix.T))
            R(1) [[0.6 0.8]]
        """
        self._state(p)
        if not is_concrete(p):
            raise NotConcrete("the dimension of a support", "Ask in_support, which has a fixed shape, or leave jit.")
        rows = rows_of(p.factor, norms(p.factor), None)
        rank = int(rows.parts.rank)
        basis = jnp.linalg.qr((rows.unit[:, None] * rows.parts.left)[:, :rank])[0]
        x = R(rank)
        none = jnp.zeros((width(p.cod), 0))
        return Support(
            x,
            GaussianMap(x, p.cod, basis, p.mean, none),
            GaussianMap(p.cod, x, basis.T, -basis.T @ p.mean, none[:rank]),
        )

    @door
    def in_support(self, p: GaussianMap, /, *values: Any, tol: float | None = None) -> Any:
        """Whether a point is in the affine support of a state: ``(I - S S⁺)(x - μ) = 0``.

        Raises:
            WrongObject: `p` is not a state.
            WrongValue: a value is not an element of its wire.

        Example:
            >>> line = gaussian(unit, R(2), factor=[[3.0], [4.0]])
            >>> print(Gauss.in_support(line, [6.0, 8.0]), Gauss.in_support(line, [8.0, 6.0]))
            True False
        """
        self._state(p)
        x = flatten(p.cod, p.cod.elements(values))
        return within(p.factor, (x - p.mean)[:, None], (jnp.abs(x) + jnp.abs(p.mean))[:, None], tol)

    def _absolutely_continuous(self, p: GaussianMap, q: GaussianMap, tol: float | None, /) -> bool:
        moves = jnp.concatenate([(p.mean - q.mean)[:, None], p.factor], axis=1)
        sizes = jnp.concatenate([(jnp.abs(p.mean) + jnp.abs(q.mean))[:, None], jnp.abs(p.factor)], axis=1)
        return bool(within(q.factor, moves, sizes, tol))

    def _as_equal(self, p: GaussianMap, f: GaussianMap, g: GaussianMap, tol: float | None, /) -> bool:
        return self._close(self._joint(p, f), self._joint(p, g), tol)

    def _close(self, f: GaussianMap, g: GaussianMap, tol: float | None, /) -> bool:
        return self.difference(f, g) <= (rounding() if tol is None else tol)

    def difference(self, f: GaussianMap, g: GaussianMap, /) -> float:
        """The largest difference of matrix, mean and covariance, each relative to the size of its row: in any units."""
        return difference(f.parts, g.parts)


Gauss = GaussCategory()


@door
def gaussian(
    dom: Ob,
    cod: Ob,
    matrix: Any = None,
    mean: Any = None,
    covariance: Any = None,
    *,
    factor: Any = None,
    check: str = "raise",
    tol: float | None = None,
) -> Any:
    """The Gaussian map ``y = matrix x + mean + noise``.

    Args:
        dom: the domain, Euclidean wires alone.
        cod: the codomain, Euclidean wires alone.
        matrix: ``(n_cod, n_dom)``; zero if left out.
        mean: ``(n_cod,)``; zero if left out.
        covariance: of the noise, ``(n_cod, n_cod)``, symmetric and positive semidefinite; or
        factor: generators of it, ``(n_cod, k)``: the covariance is ``A A'``. No noise if both are left out.
        check: "raise" looks at concrete numbers and trusts traced ones; "flag" returns the map and whether the covariance is one.
        tol: the relative size of a variance up to which it is rounding, in factoring the covariance.

    Numbers stand for arrays with one entry.

    Raises:
        WrongObject: an end has a wire that is not Euclidean, or both a covariance and a factor are given.
        WrongShape: an array does not fit the ends.
        NotPositive: the covariance is not symmetric, or not positive semidefinite.

    Example:
        >>> f = gaussian(R(2), R(), [[1.0, 1.0]], mean=3.0, covariance=4.0)
        >>> print(f, f([1.0, 2.0]).mean, f.covariance)
        GaussianMap : R(2) -> R() [6.] [[4.]]
    """
    given = described(dom, cod, matrix, mean, covariance, factor, check, tol)
    f = GaussianMap(dom, cod, given.matrix, given.mean, compress(given.factor))
    return (f, given.ok) if check == "flag" else f
