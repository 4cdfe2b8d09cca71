r"""Affine maps as deterministic Gaussian maps, and the means of Gaussian maps.

Definition:
    ``ToGauss`` sends an affine map ``x ↦ M x + s`` of `Smooth` to the Gaussian map with that matrix and mean, and no noise. It is a strict monoidal
    functor on affine maps, and refuses others.

With it `Push` takes a model that is affine in its draws and its inputs to `Gauss`, exactly.

References:
    Shiebler, *Categorical stochastic processes and likelihood* (2005.04735), Section 3; Fritz (1908.07021), Section 6.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import Smooth, SmoothMap
from ..categories.gauss import GaussianMap
from ..objects import Ob, is_concrete
from ..objects.compare import default_tolerance
from ..objects.euclidean import flatten, unflatten, width
from ..theory import Data, Functor
from ..theory.errors import NotGaussian


def flat_function(f: SmoothMap) -> Callable[[Any], Any]:
    """`f` as a function of one vector of all coordinates to another."""
    return lambda x: flatten(f.cod, Smooth.apply(f, unflatten(f.dom, x)))


class Tangent(Data):
    """A map at zero and its slope there, and how far it is from the affine map of the two, relative to size, at a few points."""

    value: Any
    slope: Any
    gap: Any

    @property
    def affine(self) -> bool:
        """Whether the map is affine, seen at a few points; one that is traced is trusted."""
        return not is_concrete(self.gap) or bool(self.gap <= default_tolerance())


def tangent(function: Callable[[Any], Any], n: int) -> Tangent:
    """The tangent of a function of a vector at zero."""
    zero = jnp.zeros(n)
    value, slope = function(zero), jax.jacfwd(function)(zero)
    xs = jax.random.normal(jax.random.key(0), (3, n), zero.dtype)
    found = jax.vmap(function)(xs)
    scale = jnp.maximum(1.0, jnp.max(jnp.abs(found), initial=0.0))
    return Tangent(value, slope, jnp.max(jnp.abs(value[None] + xs @ slope.T - found), initial=0.0) / scale)


@eqx.filter_jit
def _tangent(f: SmoothMap) -> Tangent:
    return tangent(flat_function(f), width(f.dom))


@dataclasses.dataclass(frozen=True)
class AffineMaps(Functor):
    """The functor from affine smooth maps to `Gauss`; see the module.

    Example:
        >>> from catlearn import R, smooth
        >>> f = ToGauss(smooth(lambda x: 2.0 * x + 1.0, R()))
        >>> print(f, f.matrix, f.mean, f.covariance)
        GaussianMap : R() -> R() [[2.]] [1.] [[0.]]
    """

    def __str__(self) -> str:
        return "ToGauss"

    def ob(self, x: Ob, /) -> Ob:
        """``A ↦ A``."""
        return x

    def arrow(self, f: SmoothMap, /) -> GaussianMap:
        """The map, without noise.

        Raises:
            WrongCategory: `f` is no smooth map.
            NotGaussian: `f` is not affine; seen at a few points.
        """
        Smooth._own(f)
        found = _tangent(f)
        if not found.affine:
            raise NotGaussian(f)
        noise = jnp.zeros((found.value.size, 0), found.value.dtype)
        return GaussianMap(f.dom, f.cod, found.slope, found.value, noise)


ToGauss = AffineMaps()
