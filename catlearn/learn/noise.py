r"""Dropout: a layer whose randomness is a parameter.

Definition:
    ``dropout(rate)`` is the arrow with parameter a random key,

    .. math:: \mathrm{Key} \otimes X \to X, \qquad (k, x) \mapsto \frac{m_k \odot x}{1 - \mathrm{rate}},
        \quad m_k \sim \mathrm{Bernoulli}(1 - \mathrm{rate}) \text{ at each entry}.

The key comes in as a wire, so a model with dropout is still one fixed function. The mean over keys is the identity;
`evaluation` puts that mean in the place of each dropout, and keeps the wire. `Batch` splits the key: each example has its own mask.

References:
    Srivastava et al. (2014), *Dropout: a simple way to prevent neural networks from overfitting*.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..constructions import ParaMap
from ..constructions.initialise import FreshKey
from ..objects import Key, R
from ..theory import door
from ..theory.errors import WrongLayer
from .layer import layer, sizes


class Drop(eqx.Module):
    """Set each entry to zero with probability `rate`, and divide the others by ``1 - rate``."""

    rate: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        key, x = xs
        keep = 1.0 - self.rate
        mask = jax.random.bernoulli(key, keep, x.shape)
        return (jnp.where(mask, x / keep, jnp.zeros_like(x)),)


class Keep(eqx.Module):
    """The mean of `Drop` over all keys: the second value, as it is."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return xs[1:]


@door
def dropout(rate: float, *shape: int) -> ParaMap:
    """``(k, x) ↦ m_k x / (1 - rate) : R(*shape) → R(*shape)``, each entry kept with probability ``1 - rate``.

    The parameter is a random key, labelled ``dropout.key``. With rate 0 the layer is the identity and the key is not looked at.

    Args:
        rate: probability of dropping an entry, in [0, 1).
        *shape: shape of the array.

    Raises:
        WrongLayer: the rate is not in [0, 1), or a size is not positive.

    Example:
        >>> import jax
        >>> f = dropout(0.5, 4)
        >>> set(f((jax.random.key(0),), [1.0, 1.0, 1.0, 1.0]).tolist()) <= {0.0, 2.0}
        True

    Source: Srivastava et al. (2014).
    """
    sizes("dropout", shape=shape)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise WrongLayer("dropout", "rate", "a number in [0, 1)", rate)
    return layer(Drop(float(rate)) if rate else Keep(), R(*shape), R(*shape), ("dropout.key", Key, FreshKey()))


@door
def evaluation(f: Any) -> Any:
    """The same arrow with each dropout inside replaced by its mean over keys, the identity.

    The keys stay among the parameters and are not looked at, so parameters that were trained with `f` fit.

    Definition:
        ``dropout ↦ (Key, discard ⊗ X)``, and every other part of `f` to itself; hence ``evaluation(f ; g) = evaluation(f) ; evaluation(g)``,
        and ``evaluation(f) = f`` where there is no dropout.

    Args:
        f: a parametric arrow, or any pytree that has such arrows inside.

    Example:
        >>> import jax
        >>> f = dropout(0.5, 2)
        >>> print(evaluation(f)((jax.random.key(0),), [1.0, 3.0]))
        [1. 3.]
    """
    return jax.tree.map(lambda part: Keep() if isinstance(part, Drop) else part, f, is_leaf=_is_drop)


def _is_drop(part: Any) -> bool:
    return isinstance(part, Drop)
