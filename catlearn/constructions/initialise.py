"""Initialisers: how fresh parameters are made.

Definition:
    An initialiser is a value that makes an element of a wire from a key: ``init(wire, key=key)``. They are
    compared by their data, so that a model that is rebuilt is not retraced.
"""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp


class Constant(eqx.Module):
    """Every entry has one value.

    Example:
        >>> from catlearn import R
        >>> import jax
        >>> print(Constant(1.0)(R(2).wires[0], key=jax.random.key(0)))
        [1. 1.]
    """

    value: float = eqx.field(static=True)

    def __call__(self, wire: Any, *, key: Any) -> Any:
        return jax.tree.map(lambda zeros: zeros + jnp.asarray(self.value, zeros.dtype), wire.zeros())


class Normal(eqx.Module):
    """Independent normal entries with mean zero and the given standard deviation."""

    deviation: float = eqx.field(static=True)

    def __call__(self, wire: Any, *, key: Any) -> Any:
        return jax.tree.map(lambda x: (self.deviation * x).astype(x.dtype), wire.random(key))


class Uniform(eqx.Module):
    """Independent entries, uniform between ``-bound`` and ``bound``."""

    bound: float = eqx.field(static=True)

    def __call__(self, wire: Any, *, key: Any) -> Any:
        aval = wire.aval()
        return jax.random.uniform(key, aval.shape, aval.dtype, -self.bound, self.bound)


class Stored(eqx.Module):
    """The given value, whatever the key."""

    value: Any

    def __call__(self, wire: Any, *, key: Any) -> Any:
        return self.value


class FreshKey(eqx.Module):
    """A random key, for wires that carry randomness."""

    def __call__(self, wire: Any, *, key: Any) -> Any:
        return wire.random(key)


class Stacked(eqx.Module):
    """`n` independent values of one initialiser, stacked: parameters of a power."""

    initialiser: Any
    wire: Any = eqx.field(static=True)
    n: int = eqx.field(static=True)

    def __call__(self, wire: Any, *, key: Any) -> Any:
        return jax.vmap(lambda key: self.initialiser(self.wire, key=key))(jax.random.split(key, self.n))


def glorot(fan_in: int, fan_out: int) -> Uniform:
    """The uniform initialiser of Glorot and Bengio (2010): variance ``2 / (fan_in + fan_out)``."""
    return Uniform(math.sqrt(6.0 / (fan_in + fan_out)))


def he(fan_in: int) -> Normal:
    """The normal initialiser of He et al. (2015): variance ``2 / fan_in``, for rectifiers."""
    return Normal(math.sqrt(2.0 / fan_in))
