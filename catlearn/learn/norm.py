r"""Normalisation: layers that bring each example to a fixed size.

Definition:
    With `E` and `Var` over all entries of one example, and `γ`, `β` learnt entry by entry,

    .. math:: \mathrm{layer\_norm}(x) = \gamma \odot \frac{x - E[x]}{\sqrt{\mathrm{Var}[x] + ε}} + \beta,
        \qquad \mathrm{rms\_norm}(x) = \gamma \odot \frac{x}{\sqrt{E[x^2] + ε}}.

Both look at one example alone, so they commute with batching. Normalisation over the *batch* does not: it is no layer here.

References:
    Ba et al. (1607.06450); Zhang and Sennrich (1910.07467).
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..constructions import ParaMap
from ..constructions.initialise import Constant
from ..objects import R
from ..theory import door
from ..theory.errors import WrongLayer
from .layer import layer, sizes, wide


class LayerNorm(eqx.Module):
    """Mean zero, variance one; then times a weight, plus a bias."""

    eps: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        weight, bias, x = xs
        y = wide(x)
        centred = y - jnp.mean(y)
        out = centred * jax.lax.rsqrt(jnp.mean(centred**2) + self.eps)
        return (weight * out.astype(x.dtype) + bias,)


class RMSNorm(eqx.Module):
    """Mean square one; then times a weight."""

    eps: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        weight, x = xs
        y = wide(x)
        return (weight * (y * jax.lax.rsqrt(jnp.mean(y**2) + self.eps)).astype(x.dtype),)


@door
def layer_norm(*shape: int, eps: float = 1e-5) -> ParaMap:
    """``x ↦ γ (x - E x) / √(Var x + ε) + β : R(*shape) → R(*shape)``, mean and variance over all entries.

    For the last axis alone batch it: ``Batch(length)(layer_norm(d)) : R(length, d) → R(length, d)``.

    Shapes:
        γ: ``shape``, labelled ``layer_norm.weight``, ones at first.
        β: ``shape``, labelled ``layer_norm.bias``, zeros at first.

    Raises:
        WrongLayer: a size is not positive, or ``eps`` is not.

    Example:
        >>> f = layer_norm(2, eps=1e-30)
        >>> print(f(([2.0, 2.0], [0.5, 0.5]), [3.0, 5.0]))
        [-1.5  2.5]

    Source: Ba et al. (1607.06450).
    """
    sizes("layer_norm", shape=shape)
    _positive("layer_norm", eps)
    weights = ("layer_norm.weight", R(*shape), Constant(1.0)), ("layer_norm.bias", R(*shape), Constant(0.0))
    return layer(LayerNorm(eps), R(*shape), R(*shape), *weights)


@door
def rms_norm(*shape: int, eps: float = 1e-6) -> ParaMap:
    """``x ↦ γ x / √(E x² + ε) : R(*shape) → R(*shape)``, the mean over all entries.

    Shapes:
        γ: ``shape``, labelled ``rms_norm.weight``, ones at first.

    Raises:
        WrongLayer: a size is not positive, or ``eps`` is not.

    Example:
        >>> f = rms_norm(2, eps=1e-30)
        >>> print(f(([2.0, 1.0],), [4.0, -4.0]))
        [ 2. -1.]

    Source: Zhang and Sennrich (1910.07467).
    """
    sizes("rms_norm", shape=shape)
    _positive("rms_norm", eps)
    return layer(RMSNorm(eps), R(*shape), R(*shape), ("rms_norm.weight", R(*shape), Constant(1.0)))


def _positive(name: str, eps: float) -> None:
    if not eps > 0:
        raise WrongLayer(name, "eps", "positive", eps)
