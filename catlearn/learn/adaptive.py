r"""Adaptive optimisers: each entry has a rate of its own, from the sizes of what came back before.

Definition:
    The state gathers the squares of `p'`, and the step divides by their root,

    .. math:: v_{+} = \beta v + (1 - \beta) p'^2, \qquad p_{+} = p + \varepsilon\, \frac{p'}{\delta + \sqrt{v_{+}}}.

    Adagrad sums instead of averaging; Adam averages `p'` as well, and corrects both averages for their start at zero.

All expect the cap -1: the rate is their own.

References:
    Cruttwell et al. (2103.01931), Examples 3.17 and 3.18. The state of Adam that is printed there is not followed, see the
    deviations page.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

from ..objects.function import as_leaves
from ..theory import Data
from .optimise import HERE, ZEROS, Optimiser, Values, each_wire, zeros

Schedule = float | Callable[[Any], Any]


class Adagrad(Data):
    """``g₊ = g + p'²``, ``p₊ = p + ε p' / (δ + √g₊)``."""

    rate: float = eqx.field(static=True)
    delta: float = eqx.field(static=True)

    def __call__(self, g: Values, p: Values, dp: Values) -> tuple[Values, Values]:
        g = each_wire(lambda g, d: g + d * d, g, dp)
        return g, each_wire(lambda g, p, d: p + self.rate * d / (self.delta + jnp.sqrt(g)), g, p, dp)


def adagrad(rate: float, *, delta: float = 1e-7) -> Optimiser:
    """``put(g, p, p') = (g₊, p + ε/(δ + √g₊) p')`` with ``g₊ = g + p'²``.

    Source: 2103.01931, Definition 3.17.
    """
    return Optimiser(ZEROS, HERE, Adagrad(rate, delta))


class RMSProp(Data):
    """``g₊ = β g + (1 - β) p'²``, ``p₊ = p + ε p' / √(g₊ + δ)``."""

    rate: float = eqx.field(static=True)
    decay: float = eqx.field(static=True)
    delta: float = eqx.field(static=True)

    def __call__(self, g: Values, p: Values, dp: Values) -> tuple[Values, Values]:
        g = each_wire(lambda g, d: (1 - self.decay) * d**2 + self.decay * g, g, dp)
        return g, each_wire(lambda g, p, d: p + self.rate * (jax.lax.rsqrt(g + self.delta) * d), g, p, dp)


def rmsprop(rate: float, *, decay: float = 0.9, delta: float = 1e-8) -> Optimiser:
    """``put(g, p, p') = (g₊, p + ε p'/√(g₊ + δ))`` with ``g₊ = β g + (1 - β) p'²``.

    Source: Tieleman and Hinton (2012), with optax's place of `δ`.
    """
    return Optimiser(ZEROS, HERE, RMSProp(rate, decay, delta))


def _moments(p: Values) -> Values:
    """State of Adam: first and second moments of each wire, and the number of steps."""
    return zeros(p) + zeros(p) + (jnp.zeros((), jnp.int32),)


MOMENTS = as_leaves(_moments)


def _at(rate: Schedule, count: Any) -> Any:
    return rate(count) if callable(rate) else rate


class Adam(Data):
    """Raw moments `m`, `v` and a count `t`; the bias is corrected when moving, not in the state."""

    rate: Schedule = eqx.field(static=True)
    beta1: float = eqx.field(static=True)
    beta2: float = eqx.field(static=True)
    delta: float = eqx.field(static=True)
    decay: float = eqx.field(static=True)

    def __call__(self, s: Values, p: Values, dp: Values) -> tuple[Values, Values]:
        n = len(p)
        m, v, count = s[:n], s[n : 2 * n], s[-1]
        m = each_wire(lambda m, d: (1 - self.beta1) * d + self.beta1 * m, m, dp)
        v = each_wire(lambda v, d: (1 - self.beta2) * d**2 + self.beta2 * v, v, dp)
        t: Any = optax.safe_increment(count)
        rate = _at(self.rate, count)
        steps = t.astype(jnp.result_type(float))
        unbias1, unbias2 = 1 - self.beta1**steps, 1 - self.beta2**steps

        def moved(p: Any, m: Any, v: Any) -> Any:
            step = (m / unbias1.astype(m.dtype)) / (jnp.sqrt(v / unbias2.astype(v.dtype)) + self.delta)
            step = step + (-self.decay) * p if self.decay else step
            return (p + rate * step).astype(p.dtype)

        return m + v + (t,), each_wire(moved, p, m, v)


def adam(rate: Schedule, *, beta1: float = 0.9, beta2: float = 0.999, delta: float = 1e-8) -> Optimiser:
    """``p + ε m̂/(δ + √v̂)``, with ``m₊ = β₁ m + (1 - β₁) p'``, ``v₊ = β₂ v + (1 - β₂) p'²`` and the hats bias-corrected.

    Args:
        rate: `ε`, or a schedule: a function of the number of steps made.
        beta1: decay of the first moment.
        beta2: decay of the second moment.
        delta: added to the root.

    Source: 2103.01931, Definition 3.18, with the raw moments and the count as state.
    """
    return Optimiser(MOMENTS, HERE, Adam(rate, beta1, beta2, delta, 0.0))


def adamw(
    rate: Schedule, *, beta1: float = 0.9, beta2: float = 0.999, delta: float = 1e-8, decay: float = 1e-4
) -> Optimiser:
    """Adam with decoupled weight decay: the step is ``ε (m̂/(δ + √v̂) - λ p)``.

    Source: Loshchilov and Hutter (2019).
    """
    return Optimiser(MOMENTS, HERE, Adam(rate, beta1, beta2, delta, decay))
