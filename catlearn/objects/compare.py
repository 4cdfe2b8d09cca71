"""How far apart two functions on an object are: random points, and differences relative to size.

Definition:
    The distance of two values is the largest ``|y - z| / max(1, |y|, |z|)`` over their entries; of values that are not
    floats it is zero or infinite. Two functions are compared at random points of their domain.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from .ob import Ob

Values = tuple[Any, ...]


def default_tolerance() -> float:
    """The tolerance of "up to rounding" for the default float: a few thousand units in the last place."""
    return 4096 * float(jnp.finfo(jnp.result_type(float)).eps)


def sample(x: Ob, key: Any) -> Values:
    """A random value at each wire."""
    return tuple(w.random(jax.random.fold_in(key, i)) for i, w in enumerate(x.wires))


def distance(ys: Any, zs: Any) -> float:
    """The largest relative difference of two pytrees of values.

    A NaN or infinity is at distance zero from itself alone; values that are not floats are equal or infinitely far.

    Example:
        >>> distance((4.0, 1.0), (4.0, 2.0))
        0.5
    """
    if jax.tree.structure(ys) != jax.tree.structure(zs):
        return float("inf")
    return max([0.0, *map(_apart, jax.tree.leaves(ys), jax.tree.leaves(zs))])


def largest_difference(
    f: Callable[[Values], Values], g: Callable[[Values], Values], dom: Ob, *, samples: int = 3, seed: int = 0
) -> float:
    """The largest distance of the values of two functions on random points of `dom`."""
    points = [sample(dom, jax.random.fold_in(jax.random.key(seed), i)) for i in range(samples)]
    return max([0.0, *(distance(f(xs), g(xs)) for xs in points)])


def _apart(y: Any, z: Any) -> float:
    y, z = jnp.asarray(y), jnp.asarray(z)
    if y.shape != z.shape or y.dtype != z.dtype:
        return float("inf")
    if jnp.issubdtype(y.dtype, jax.dtypes.prng_key):
        y, z = jax.random.key_data(y), jax.random.key_data(z)
    same = (y == z) | ((y != y) & (z != z))
    if not jnp.issubdtype(y.dtype, jnp.inexact):
        return 0.0 if bool(jnp.all(same)) else float("inf")
    scale = jnp.maximum(1.0, jnp.maximum(jnp.abs(y), jnp.abs(z)))
    apart = jnp.where(same, 0.0, jnp.abs(y - z) / scale)
    return float(jnp.max(jnp.where(jnp.isnan(apart), jnp.inf, apart), initial=0.0))
