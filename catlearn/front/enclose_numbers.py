r"""Enclosures of arithmetic and comparison.

Definition:
    An operation of two arguments that is monotone in each is enclosed by its values at the four corners,

    .. math:: [a, b] \cdot [c, d] = [\min(ac, ad, bc, bd), \max(ac, ad, bc, bd)],

    and a comparison holds surely, if it holds for the ends that are worst for it, and possibly, if it does for the best.

Numbers with a known sign keep it, whatever was rounded; whole numbers that may overflow may be anything.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .interval import enclosure
from .operation import Operation
from .rounding import Interval, down, ends, is_float, outward, up


def like(value: Any, x: Any) -> Any:
    """An array full of one value, of the shape and dtype of another."""
    return jnp.full(jnp.shape(x), value, x.dtype)


# ---------------------------------------------------------------- arithmetic
def corners(function: Callable[[Any, Any], Any], x: Interval, y: Interval) -> list[Any]:
    """The values of a function at the four corners of two intervals."""
    return [function(a, b) for a in (x.lower, x.upper) for b in (y.lower, y.upper)]


def fold(function: Callable[[Any, Any], Any], values: list[Any]) -> Any:
    """The values joined by a function of two."""
    return functools.reduce(function, values)


def unless(anything: Any, y: Interval) -> Interval:
    """The interval, or everything where a condition holds."""
    low, high = ends(y.dtype)
    return Interval(jnp.where(anything, like(low, y.lower), y.lower), jnp.where(anything, like(high, y.upper), y.upper))


def _overflows(x: Interval, y: Interval, function: Callable[[Any, Any], Any]) -> Any:
    """Whether a result of integers may not fit, judged by floats with room for their rounding."""
    floats = [Interval(v.lower.astype(float), v.upper.astype(float)) for v in (x, y)]
    low, high = ends(x.dtype)
    found = corners(function, *floats)
    return fold(jnp.logical_or, [(c >= high * (1 - 1e-5)) | (c < low * (1 - 1e-5)) for c in found])


@enclosure("add", "add_any", "sub")
def add(operation: Operation, x: Interval, y: Interval) -> Interval:
    """``[a, b] + [c, d] = [a + c, b + d]``, ``[a, b] - [c, d] = [a - d, b - c]``; numbers of one sign keep it."""
    if operation.primitive.name == "sub":
        y = Interval(-y.upper, -y.lower) if is_float(y) else y
        if not is_float(y):
            z = Interval(x.lower - y.upper, x.upper - y.lower)
            return unless(_overflows(x, y, lambda a, b: a - b), z)
    lower, upper = x.lower + y.lower, x.upper + y.upper
    if not is_float(x):
        return unless(_overflows(x, y, lambda a, b: a + b), Interval(lower, upper))
    z, zero = outward(lower, upper), like(0, lower)
    lower = jnp.where((x.lower >= 0) & (y.lower >= 0), jnp.maximum(z.lower, zero), z.lower)
    return Interval(lower, jnp.where((x.upper <= 0) & (y.upper <= 0), jnp.minimum(z.upper, zero), z.upper))


def _signed(value: Any, sign: Any, step: Callable[[Any], Any], against: Any) -> Any:
    """Rounded outward, but not beyond zero where the sign is known."""
    zero = like(0, value)
    moved = step(value)
    return jnp.where(against(sign), jnp.maximum(moved, zero) if step is down else jnp.minimum(moved, zero), moved)


def product(a: Any, b: Any) -> Any:
    """The product, in which zero times infinity is zero."""
    return jnp.where((a == 0) | (b == 0), like(0, a * b), a * b)


def _by_corners(function: Callable[[Any, Any], Any], x: Interval, y: Interval) -> Interval:
    """From the four corners, each with the sign of the product of the signs."""
    values, signs = corners(function, x, y), corners(lambda a, b: jnp.sign(a) * jnp.sign(b), x, y)
    lows = [_signed(v, s, down, lambda s: s >= 0) for v, s in zip(values, signs, strict=True)]
    highs = [_signed(v, s, up, lambda s: s <= 0) for v, s in zip(values, signs, strict=True)]
    return Interval(fold(jnp.minimum, lows), fold(jnp.maximum, highs))


def times(x: Interval, y: Interval) -> Interval:
    """The product of intervals of floats."""
    return _by_corners(product, x, y)


@enclosure("mul")
def mul(operation: Operation, x: Interval, y: Interval) -> Interval:
    """The least and the greatest product of ends."""
    if is_float(x):
        return times(x, y)
    if x.dtype == np.bool_:
        return Interval(x.lower & y.lower, x.upper & y.upper)
    found = corners(jnp.multiply, x, y)
    z = Interval(fold(jnp.minimum, found), fold(jnp.maximum, found))
    return unless(_overflows(x, y, jnp.multiply), z)


@enclosure("div")
def div(operation: Operation, x: Interval, y: Interval) -> Interval:
    """The least and the greatest quotient of ends; anything, where the divisor may be zero."""
    through_zero = (y.lower <= 0) & (y.upper >= 0)
    safe = jnp.where(through_zero, like(1, y.lower), y.lower), jnp.where(through_zero, like(1, y.upper), y.upper)
    if is_float(x):
        return unless(through_zero, _by_corners(jax.lax.div, x, Interval(*safe)))
    found = corners(jax.lax.div, x, Interval(*safe))
    z = Interval(fold(jnp.minimum, found), fold(jnp.maximum, found))
    return unless(through_zero | ((x.lower == ends(x.dtype)[0]) & (y.lower < 0)), z)


@enclosure("rem")
def rem(operation: Operation, x: Interval, y: Interval) -> Interval:
    """It has the sign of the first, and is no larger than either; the first itself, where that is surely the smaller."""
    size = lambda v: jnp.maximum(jnp.abs(v.lower), jnp.abs(v.upper))
    bound = size(x) if not is_float(x) else jnp.minimum(size(x), size(y))
    zero = like(0, bound)
    z = Interval(jnp.where(x.lower < 0, -bound, zero), jnp.where(x.upper > 0, bound, zero))
    kept = size(x) < jnp.where(
        jnp.sign(y.lower) * jnp.sign(y.upper) > 0, jnp.minimum(jnp.abs(y.lower), jnp.abs(y.upper)), zero
    )
    return Interval(jnp.where(kept, x.lower, z.lower), jnp.where(kept, x.upper, z.upper))


@enclosure("ceil", "floor", "round", "sign", "reduce_precision", "convert_element_type")
def steps(operation: Operation, x: Interval) -> Interval:
    """Functions that grow in steps, and changes of type; to a boolean, nothing but zero is false."""
    if operation.primitive.name == "convert_element_type" and operation.settings["new_dtype"] == np.bool_:
        surely = (x.lower > 0) | (x.upper < 0)
        return Interval(surely, (x.lower != 0) | (x.upper != 0))
    lower, upper = operation.bind(x.lower)[0], operation.bind(x.upper)[0]
    loses = operation.primitive.name in ("reduce_precision", "convert_element_type")
    return outward(lower, upper) if loses and lower.dtype != x.dtype else Interval(lower, upper)


@enclosure("neg", "not")
def turned(operation: Operation, x: Interval) -> Interval:
    """``-[a, b] = [-b, -a]``; the smallest integer is its own negative."""
    y = Interval(operation.bind(x.upper)[0], operation.bind(x.lower)[0])
    if is_float(x) or x.dtype == np.bool_ or operation.primitive.name == "not":
        return y
    return unless(x.lower == ends(x.dtype)[0], y)


def even(function: Callable[[Any], Any], x: Interval, ulps: float = 1.0) -> Interval:
    """A function that falls until zero and grows after it, from ``f(0)``."""
    small = jnp.where(
        (x.lower <= 0) & (x.upper >= 0), like(0, x.lower), jnp.minimum(jnp.abs(x.lower), jnp.abs(x.upper))
    )
    large = jnp.maximum(jnp.abs(x.lower), jnp.abs(x.upper))
    least = function(like(0, x.lower))
    y = outward(function(small), function(large), ulps)
    return Interval(jnp.maximum(y.lower, least), y.upper)


@enclosure("abs")
def absolute(operation: Operation, x: Interval) -> Interval:
    """The distance from zero; that of the smallest integer does not fit."""
    if is_float(x):
        small = jnp.where(
            (x.lower <= 0) & (x.upper >= 0), like(0, x.lower), jnp.minimum(jnp.abs(x.lower), jnp.abs(x.upper))
        )
        return Interval(small, jnp.maximum(jnp.abs(x.lower), jnp.abs(x.upper)))
    return unless(x.lower == ends(x.dtype)[0], even(jnp.abs, x))


@enclosure("square")
def square(operation: Operation, x: Interval) -> Interval:
    """``x²`` is no product of two intervals: it is at least zero."""
    if is_float(x):
        return even(lambda v: v * v, x)
    return unless(_overflows(x, x, jnp.multiply), even(lambda v: v * v, x))


@enclosure("integer_pow")
def integer_pow(operation: Operation, x: Interval) -> Interval:
    """Even powers turn at zero, odd ones grow; negative ones are the inverse of positive ones."""
    n = operation.settings["y"]
    power = lambda v: jax.lax.integer_pow(v, abs(n))
    if not is_float(x):
        fits = jnp.maximum(jnp.abs(x.lower.astype(float)), jnp.abs(x.upper.astype(float))) ** abs(n) < ends(x.dtype)[
            1
        ] * (1 - 1e-5)
        y = even(power, x) if n % 2 == 0 else Interval(power(x.lower), power(x.upper))
        return unless(~fits | jnp.full(jnp.shape(fits), n < 0), y)
    if n == 0:
        return Interval(jnp.ones_like(x.lower), jnp.ones_like(x.upper))
    ulps = 2.0 * abs(n)
    y = even(power, x, ulps) if n % 2 == 0 else outward(power(x.lower), power(x.upper), ulps)
    if n % 2:
        zero = like(0, x.lower)
        y = Interval(
            jnp.where(x.lower >= 0, jnp.maximum(y.lower, zero), y.lower),
            jnp.where(x.upper <= 0, jnp.minimum(y.upper, zero), y.upper),
        )
    return y if n > 0 else div(operation, Interval(jnp.ones_like(y.lower), jnp.ones_like(y.upper)), y)


# ---------------------------------------------------------------- truth
@enclosure("lt", "le", "gt", "ge")
def order(operation: Operation, x: Interval, y: Interval) -> Interval:
    """Surely, if the nearest ends obey it; possibly, if the farthest do."""
    compare = lambda a, b: operation.bind(a, b)[0]
    surely, possibly = compare(x.upper, y.lower), compare(x.lower, y.upper)
    grows = operation.primitive.name in ("gt", "ge")
    return Interval(compare(x.lower, y.upper), compare(x.upper, y.lower)) if grows else Interval(surely, possibly)


@enclosure("eq", "ne")
def equality(operation: Operation, x: Interval, y: Interval) -> Interval:
    """Surely equal are single values alone; possibly equal are values of intervals that meet."""
    surely = (x.lower == x.upper) & (y.lower == y.upper) & (x.lower == y.lower)
    possibly = (x.lower <= y.upper) & (y.lower <= x.upper)
    return Interval(surely, possibly) if operation.primitive.name == "eq" else Interval(~possibly, ~surely)


@enclosure("is_finite")
def is_finite(operation: Operation, x: Interval) -> Interval:
    """Surely, between finite ends; possibly, unless both are the same infinity."""
    surely = jnp.isfinite(x.lower) & jnp.isfinite(x.upper)
    return Interval(surely, (x.lower < np.inf) & (x.upper > -np.inf))


@enclosure("and", "or", "xor")
def logic(operation: Operation, x: Interval, y: Interval) -> Interval:
    """Truth values; of integers only single values are known."""
    compute = lambda a, b: operation.bind(a, b)[0]
    if x.dtype != np.bool_:
        single = (x.lower == x.upper) & (y.lower == y.upper)
        return unless(~single, Interval(compute(x.lower, y.lower), compute(x.lower, y.lower)))
    found = corners(compute, x, y)
    return Interval(fold(jnp.logical_and, found), fold(jnp.logical_or, found))


@enclosure("nextafter")
def nextafter(operation: Operation, x: Interval, y: Interval) -> Interval:
    """It grows in both arguments."""
    return Interval(operation.bind(x.lower, y.lower)[0], operation.bind(x.upper, y.upper)[0])
