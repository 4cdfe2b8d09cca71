r"""Sampling: kernels that are known exactly, as kernels to draw from.

Definition:
    ``ToSampled(C)`` sends an arrow of `C` to the sampler with the same law, and with its density where it has one. `C` is `FinStoch`, in floats or
    logarithms; `Gauss`; or `Smooth`, whose arrows are certain. It is a strict monoidal functor: equations hold as those of laws.

References:
    Fritz (1908.07021), for functors of Markov categories.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import solve_triangular

from ..categories import FinStochCategory, Gauss, Kernel, Sampled, Sampler, Smooth
from ..categories.chance import Chance
from ..categories.gauss import GaussianMap
from ..categories.path import Values, run
from ..objects import Log, Ob, Real, is_concrete
from ..objects.euclidean import flatten
from ..theory import Category, Data, Functor
from ..theory.errors import WrongCategory


@dataclasses.dataclass(frozen=True)
class ToSampled(Functor):
    """The functor to `Sampled`; see the module.

    Raises:
        WrongCategory: the source is none of those that have one.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel
        >>> flip = kernel(Fin(2), Fin(2), [[0.0, 1.0], [1.0, 0.0]])
        >>> print(ToSampled(FinStoch)(flip)(0, key=jax.random.key(0)))
        1
    """

    source: Category

    def __post_init__(self):
        finite = isinstance(self.source, FinStochCategory) and self.source.entries in (Real, Log)
        if not finite and self.source not in (Gauss, Smooth):
            raise WrongCategory(
                f"there is no functor from {self.source} to Sampled; those are from FinStoch, Gauss and Smooth."
            )

    def __str__(self) -> str:
        return f"{self.source} → Sampled"

    def ob(self, x: Ob, /) -> Ob:
        """The same object."""
        return x

    def arrow(self, f: Any, /) -> Sampler:
        """The sampler with the law of `f`.

        Raises:
            WrongCategory: `f` is not an arrow of the source.
        """
        self.source._own(f)
        match f:
            case Kernel():
                step = Chance(Rows(f), LogRows(f), len(f.cod))
            case GaussianMap():
                step = Chance(Noisy(f), LogNormal(f) if has_density(f) else None, len(f.cod))
            case _:
                return Sampled.certainly(f.dom, f.cod, Path(f.path)) if f.path else Sampled.id(f.dom)
        return Sampler(f.dom, f.cod, (step,))


class Path(Data):
    """A path of factors, as one."""

    path: tuple[Any, ...]

    def __call__(self, xs: Values) -> Values:
        return run(self.path, xs)


def _logs(f: Kernel) -> Any:
    return f.table if f.over.entries == Log else jnp.log(jnp.asarray(f.table))


class Rows(Data):
    """A draw from the row of a table."""

    f: Kernel

    def __call__(self, key: Any, *xs: Any) -> Any:
        row = _logs(self.f)[xs]
        drawn = jax.random.categorical(key, row.reshape(-1))
        ys = tuple(y.astype(jnp.int32) for y in jnp.unravel_index(drawn, row.shape)) if row.shape else ()
        return ys[0] if len(ys) == 1 else ys


class LogRows(Data):
    """An entry of a table, as a logarithm."""

    f: Kernel

    def __call__(self, *values: Any) -> Any:
        return _logs(self.f)[values]


class Noisy(Data):
    """``x ↦ M x + s + A ξ`` for standard normal ξ."""

    f: GaussianMap

    def __call__(self, key: Any, *xs: Any) -> Any:
        return self.f.sample(*xs, key=key)


class LogNormal(Data):
    """The log density of a Gaussian map whose covariance is positive definite."""

    f: GaussianMap

    def __call__(self, *values: Any) -> Any:
        f, n = self.f, len(self.f.dom)
        residual = flatten(f.cod, values[n:]) - f.matrix @ flatten(f.dom, values[:n]) - f.mean
        return log_normal(residual, f.covariance)


def log_normal(residual: Any, covariance: Any) -> Any:
    """The logarithm of the density of ``N(0, covariance)``, which must be positive definite, at a vector."""
    factor = jnp.linalg.cholesky(covariance)
    white = solve_triangular(factor, residual, lower=True)
    return -0.5 * white @ white - jnp.sum(jnp.log(jnp.diag(factor))) - 0.5 * residual.size * np.log(2 * np.pi)


def has_density(f: GaussianMap) -> bool:
    """Whether the covariance has full rank; of a traced one, whether it may have."""
    n, k = f.factor.shape
    if k < n or not is_concrete(f.factor):
        return k >= n
    return int(np.linalg.matrix_rank(np.asarray(f.factor))) == n
