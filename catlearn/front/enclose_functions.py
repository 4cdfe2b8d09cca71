r"""Enclosures of elementary functions: those that grow, those that fall, and those that turn.

Definition:
    A function that grows is enclosed by its values at the two ends. One that falls exchanges them; one that turns is cut where it
    does, as a sine is at its crests.

Elementary functions are computed by polynomials, which are off by some units in the last place of argument and value; both are
widened by that.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .enclose_numbers import corners, even, fold, like, product, unless
from .interval import enclosure
from .operation import Operation
from .rounding import Interval, down, outward, up

ELEMENTARY = 16.0
"""By how many units in the last place elementary functions may be off."""


# ---------------------------------------------------------------- functions that grow, or fall
_EVERYWHERE, _POSITIVE = (-np.inf, np.inf), (0.0, np.inf)
_GROWING: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {  # domain, and bounds of the values
    **dict.fromkeys(("exp", "exp2", "logistic"), (_EVERYWHERE, _POSITIVE)),
    **dict.fromkeys(("expm1", "tanh", "sinh", "asinh", "atan", "cbrt", "erf"), (_EVERYWHERE, _EVERYWHERE)),
    **dict.fromkeys(("log", "log2"), (_POSITIVE, _EVERYWHERE)),
    "sqrt": (_POSITIVE, _POSITIVE),
    "log1p": ((-1.0, np.inf), _EVERYWHERE),
    "asin": ((-1.0, 1.0), _EVERYWHERE),
    "acosh": ((1.0, np.inf), _POSITIVE),
    "atanh": ((-1.0, 1.0), _EVERYWHERE),
    "erf_inv": ((-1.0, 1.0), _EVERYWHERE),
}
_FALLING = {"acos": ((-1.0, 1.0), _POSITIVE), "erfc": (_EVERYWHERE, _POSITIVE)}


def _monotone(function: Callable[[Any], Any], x: Interval, domain: Any, values: Any, falls: bool = False) -> Interval:
    low, high = (like(end, x.lower) for end in domain)
    start, end = jnp.clip(down(x.lower, ELEMENTARY), low, high), jnp.clip(up(x.upper, ELEMENTARY), low, high)
    start, end = (end, start) if falls else (start, end)
    y = outward(function(start), function(end), ELEMENTARY)
    return Interval(*(jnp.clip(side, *(like(v, side) for v in values)) for side in (y.lower, y.upper)))


@enclosure(*_GROWING)
def growing(operation: Operation, x: Interval) -> Interval:
    """``f([a, b]) = [f(a), f(b)]`` on the part of the interval where `f` is defined."""
    return _monotone(lambda v: operation.bind(v)[0], x, *_GROWING[operation.primitive.name])


@enclosure(*_FALLING)
def falling(operation: Operation, x: Interval) -> Interval:
    """``f([a, b]) = [f(b), f(a)]``."""
    return _monotone(lambda v: operation.bind(v)[0], x, *_FALLING[operation.primitive.name], falls=True)


@enclosure("rsqrt")
def rsqrt(operation: Operation, x: Interval) -> Interval:
    """It falls from infinity; at zero, which has no sign, it may be infinite either way."""
    y = _monotone(jax.lax.rsqrt, x, _POSITIVE, _POSITIVE, falls=True)
    at_zero = x.lower <= 0
    return Interval(jnp.where(at_zero & (x.upper >= 0), -np.inf, y.lower), jnp.where(at_zero, np.inf, y.upper))


# ---------------------------------------------------------------- functions that turn
@enclosure("cosh")
def cosh(operation: Operation, x: Interval) -> Interval:
    """It turns at zero, where it is one."""
    wide = Interval(down(x.lower, ELEMENTARY), up(x.upper, ELEMENTARY))
    y = even(jnp.cosh, wide, ELEMENTARY)
    return Interval(y.lower - y.lower * like(ELEMENTARY * jnp.finfo(x.dtype).eps, y.lower), y.upper)


@enclosure("pow")
def power(operation: Operation, x: Interval, y: Interval) -> Interval:
    """Of a positive number: monotone in each argument. Of others: anything."""
    y = Interval(*(v.astype(x.dtype) for v in (y.lower, y.upper)))
    positive = (x.lower > 0) | ((x.lower >= 0) & (y.lower > 0))
    base = Interval(*(jnp.where(positive, v, like(1, v)) for v in (x.lower, x.upper)))
    found = corners(jax.lax.pow, base, y)
    exponents = corners(lambda a, b: jnp.abs(product(jnp.log(a), b)), base, y)
    size = jnp.minimum(fold(jnp.maximum, exponents), like(1e4, x.lower))
    z = outward(fold(jnp.minimum, found), fold(jnp.maximum, found), ELEMENTARY * (1 + size))
    return unless(~positive, Interval(jnp.maximum(z.lower, like(0, z.lower)), z.upper))


def _turns(x: Interval, at: float, period: float) -> Any:
    """Whether ``at + k period`` lies in the interval for some whole k, or nearly so."""
    low, high = (x.lower - at) / period, (x.upper - at) / period
    slack = 64 * jnp.finfo(x.dtype).eps * (1 + jnp.maximum(jnp.abs(low), jnp.abs(high)))
    return ~(jnp.floor(high + slack) < jnp.ceil(low - slack))


def _wave(function: Callable[[Any], Any], x: Interval, top: float) -> Interval:
    """A sine: one at `top`, minus one half a period later, and monotone in between."""
    a, b = function(x.lower), function(x.upper)
    y = outward(jnp.minimum(a, b), jnp.maximum(a, b), ELEMENTARY, like(4 * float(jnp.finfo(x.dtype).eps), a))
    lower = jnp.where(_turns(x, top + np.pi, 2 * np.pi), like(-1, a), y.lower)
    upper = jnp.where(_turns(x, top, 2 * np.pi), like(1, a), y.upper)
    return Interval(jnp.maximum(lower, like(-1, a)), jnp.minimum(upper, like(1, a)))


@enclosure("sin", "cos")
def wave(operation: Operation, x: Interval) -> Interval:
    """Its ends, or one and minus one where it turns inside."""
    if operation.primitive.name == "sin":
        return _wave(jnp.sin, x, np.pi / 2)
    return _wave(jnp.cos, x, 0.0)


@enclosure("tan")
def tan(operation: Operation, x: Interval) -> Interval:
    """It grows between its poles."""
    y = _monotone(jnp.tan, x, _EVERYWHERE, _EVERYWHERE)
    return unless(_turns(x, np.pi / 2, np.pi), y)


@enclosure("atan2")
def atan2(operation: Operation, y: Interval, x: Interval) -> Interval:
    """An angle: its corners, away from the cut along the negative axis; else any angle."""
    found = corners(jnp.arctan2, y, x)
    z = outward(fold(jnp.minimum, found), fold(jnp.maximum, found), ELEMENTARY)
    cut = (y.lower <= 0) & (y.upper >= 0) & (x.lower <= 0)
    angle = up(like(np.pi, y.lower), 2.0)
    return Interval(jnp.where(cut, -angle, z.lower), jnp.where(cut, angle, z.upper))
