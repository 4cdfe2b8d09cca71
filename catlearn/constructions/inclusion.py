"""Inclusion: a linear map is a smooth map.

Definition:
    ``Include : Linear → Smooth`` is the identity on objects and reads a linear map as a smooth one. It is a strict
    monoidal functor that keeps copies, sums and zeros, and the dagger becomes the reverse derivative:
    ``R[Include(f)] = π₁ ; Include(f†)``.

The parts of the linear map become the factors of the smooth one as they are: nothing is multiplied out.

References:
    Cockett et al. (1910.07065): linear maps are exactly those with ``f†† = f``.
"""

import dataclasses
from typing import Any

from ..categories import Linear, SmoothMap
from ..theory import Functor


@dataclasses.dataclass(frozen=True)
class Inclusion(Functor):
    """The functor ``Linear → Smooth``; see the module.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> from catlearn.categories import linear
        >>> import jax.numpy as jnp
        >>> f = Include(linear(R(2), R(), [[3.0, 4.0]])) >> smooth(jnp.square, R())
        >>> print(f, f([1.0, 1.0]), Smooth.R(f)([1.0, 1.0], 1.0))
        SmoothMap : R(2) -> R() 49.0 [42. 56.]
    """

    def __str__(self) -> str:
        return "Include"

    def ob(self, x: Any, /) -> Any:
        """The same space."""
        return x

    def arrow(self, f: Any, /) -> SmoothMap:
        """The same map.

        Raises:
            WrongCategory: `f` is not an arrow of `Linear`.
        """
        Linear._own(f)
        return SmoothMap(f.dom, f.cod, f.path)


Include = Inclusion()
