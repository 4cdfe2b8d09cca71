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

from ..kernels import compress, condition, product
from ..kernels.comparison import difference
from ..kernels.gaussian import beside, conditional, log_density, substitute, support_tolerance
from ..objects import Ob, bare, unit
from ..objects.euclidean import flatten, reading, unflatten, width
from ..theory import Arrow, door
from .covariance import described
from .noisy import NoisyCategory


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
            >>> from catlearn import R
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
class GaussCategory(NoisyCategory):
    """Euclidean spaces and Gaussian maps; see the module.

    Example:
        >>> from catlearn import R
        >>> prior = gaussian(unit, R(), covariance=4.0)
        >>> noisy = gaussian(R(), R(), [[1.0]], covariance=4.0)
        >>> print((prior >> noisy).covariance, Gauss.bayes_inverse(noisy, prior).matrix)
        [[8.]] [[0.5]]
    """

    def __str__(self) -> str:
        return "Gauss"

    def _affine(self, x: Ob, y: Ob, matrix: Any, mean: Any, /) -> GaussianMap:
        return GaussianMap(x, y, matrix, mean, matrix[:, :0])

    def _then(self, f: GaussianMap, g: GaussianMap, /) -> GaussianMap:
        return GaussianMap(f.dom, g.cod, *substitute(f.parts, g.parts))

    def _tensor(self, f: GaussianMap, g: GaussianMap, /) -> GaussianMap:
        return GaussianMap(f.dom @ g.dom, f.cod @ g.cod, *beside(f.parts, g.parts))

    def _regression(self, f: GaussianMap, ends: tuple[Ob, Ob], given: Any, wanted: Any, /) -> GaussianMap:
        return GaussianMap(*ends, *conditional(f.parts, given, wanted))

    def _moves(self, p: GaussianMap, /) -> Any:
        return p.factor

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
            >>> from catlearn import R
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
        >>> from catlearn import R
        >>> f = gaussian(R(2), R(), [[1.0, 1.0]], mean=3.0, covariance=4.0)
        >>> print(f, f([1.0, 2.0]).mean, f.covariance)
        GaussianMap : R(2) -> R() [6.] [[4.]]
    """
    given = described(dom, cod, matrix, mean, covariance, factor, check, tol)
    f = GaussianMap(dom, cod, given.matrix, given.mean, compress(given.factor))
    return (f, given.ok) if check == "flag" else f
