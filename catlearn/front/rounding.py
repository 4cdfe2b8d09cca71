r"""Rounding: intervals of floats that enclose what they should, whatever was rounded.

Definition:
    An interval is a pair of arrays ``lower ≤ upper``. A float operation is off by some units in the last place, so its result is
    moved that far *outward*,

    .. math:: [a, b] \mapsto [\,\mathrm{down}(a), \mathrm{up}(b)\,],

    with `jnp.nextafter` for the last step. Numbers below the smallest normal one may be flushed to zero by the hardware, so an
    end that small moves to the other side of zero. An end that is no number becomes an infinite one.

References:
    Moore, Kearfott, Cloud, *Introduction to Interval Analysis* (2009); Rump, *Verification methods* (2010).
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..theory import Data


class Interval(Data):
    """The arrays between two arrays, entry by entry; both ends belong to it.

    Example:
        >>> X = Interval(jnp.array(-1.0), jnp.array(2.0))
        >>> print(X, X.contains(0.5), X.width)
        [-1.0, 2.0] True 3.0
    """

    lower: Any
    upper: Any

    @property
    def dtype(self) -> Any:
        """The dtype of both ends."""
        return jnp.asarray(self.lower).dtype

    @property
    def width(self) -> Any:
        """How far the ends are apart, entry by entry."""
        return self.upper - self.lower

    def contains(self, x: Any) -> Any:
        """Whether each entry of `x` that is a number lies between the ends."""
        return jnp.all(((self.lower <= x) & (x <= self.upper)) | (x != x))

    def __str__(self) -> str:
        """The two ends."""
        return f"[{self.lower}, {self.upper}]"


def is_interval(x: Any) -> bool:
    """Whether `x` is an interval: where to stop in a pytree of intervals."""
    return isinstance(x, Interval)


def point(x: Any) -> Interval:
    """The interval of one value."""
    return Interval(x, x)


def hull(*intervals: Interval) -> Interval:
    """The smallest interval that holds them all."""
    lower, upper = intervals[0].lower, intervals[0].upper
    for interval in intervals[1:]:
        lower, upper = jnp.minimum(lower, interval.lower), jnp.maximum(upper, interval.upper)
    return Interval(lower, upper)


def everything(shape: tuple[int, ...], dtype: Any) -> Interval:
    """The interval of all values of a dtype."""
    low, high = ends(dtype)
    return Interval(jnp.full(shape, low, dtype), jnp.full(shape, high, dtype))


def ends(dtype: Any) -> tuple[Any, Any]:
    """The smallest and the largest value of a dtype."""
    dtype = np.dtype(dtype)
    if jnp.issubdtype(dtype, jnp.floating):
        return -np.inf, np.inf
    return (False, True) if dtype == np.bool_ else (np.iinfo(dtype).min, np.iinfo(dtype).max)


def is_float(x: Any) -> bool:
    """Whether an array, or an interval of arrays, is one of floats."""
    return bool(jnp.issubdtype(x.dtype, jnp.floating))


def down(x: Any, ulps: Any = 1.0, slack: Any = 0.0) -> Any:
    """A float below the true value, which is off by so many units in the last place and by `slack`."""
    info = jnp.finfo(x.dtype)
    size = jnp.where(jnp.isfinite(x), jnp.abs(x), jnp.zeros_like(x))
    moved = x - (_constant((ulps - 1) * float(info.eps), x) * size + slack)
    below = jax.lax.nextafter(moved, _constant(-np.inf, x))
    below = jnp.where(jnp.abs(below) < _constant(info.tiny, x), _constant(-info.tiny, x), below)
    return jnp.where(jnp.isnan(below), _constant(-np.inf, x), below)


def up(x: Any, ulps: Any = 1.0, slack: Any = 0.0) -> Any:
    """A float above the true value."""
    return -down(-x, ulps, slack)


def outward(lower: Any, upper: Any, ulps: Any = 1.0, slack: Any = 0.0) -> Interval:
    """The interval with both ends moved outward; integers and booleans are exact and stay."""
    if not is_float(lower):
        return Interval(lower, upper)
    return Interval(down(lower, ulps, slack), up(upper, ulps, slack))


def _constant(value: Any, like: Any) -> Any:
    return jnp.full(like.shape, value, like.dtype)
