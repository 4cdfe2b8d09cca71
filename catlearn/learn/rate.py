r"""Learning rates: lenses that cap a diagram.

Definition:
    A learning rate is a lens ``(L, L') → (1, 1)``. It looks at the loss and answers with the covector that goes
    back: the constant ``-ε`` descends, ``+ε`` ascends.

With the loss of a batch, ``L = R(n)``, the constant is ``-ε/n`` at each example: the rate of the mean loss.

References:
    Cruttwell et al. (2103.01931), Definition 3.8 and Example 3.9.
"""

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from ..categories import Smooth
from ..constructions import LensMap, lens
from ..objects import Ob, R
from ..theory import Data


class ConstantRate(Data):
    """``l ↦ ε / n`` at each of the n entries."""

    rate: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(jnp.full(x.shape, self.rate / x.size, x.dtype) for x in xs)


class ProportionalRate(Data):
    """``l ↦ ε l / n`` at each of the n entries."""

    rate: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(x * (self.rate / x.size) for x in xs)


def rate(epsilon: float, loss: Ob | None = None, *, proportional: bool = False) -> LensMap:
    """The cap with constant `epsilon`, ``(L, L') → (1, 1)``; negative to descend, positive to ascend.

    Args:
        epsilon: the constant.
        loss: the object `L`, by default the line; for ``R(n)`` the constant is that of the mean.
        proportional: answer ``ε l`` instead of ``ε``.

    Source: 2103.01931, Definition 3.8, Example 3.9.

    Example:
        >>> print(rate(-0.25), rate(-0.25).put(8.0))
        LensMap : (R(), R()) -> (unit, unit) -0.25
    """
    L = R() if loss is None else loss
    answer = ProportionalRate(epsilon) if proportional else ConstantRate(epsilon)
    return lens(Smooth.discard(L), Smooth.arrow(L, L.tangent, answer))
