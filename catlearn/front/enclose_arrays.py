r"""Enclosures of operations on arrays: moving, choosing, sorting, summing and multiplying.

Definition:
    What only moves entries, or grows in each of them, acts on both ends. A sum of `n` numbers is off by at most
    ``n ε Σ|xᵢ|``. A bilinear operation `B` is enclosed by midpoint and radius,

    .. math:: B([m_x \pm r_x], [m_y \pm r_y]) \subseteq B(m_x, m_y) \pm \left( |B|(|m_x|, r_y) + |B|(r_x, |m_y| + r_y) \right),

    which is sharp where one side is a single value, as weights are.

References:
    Rump, *Fast and parallel interval arithmetic* (1999), for midpoint and radius; Higham, *Accuracy and Stability of Numerical
    Algorithms* (2002), for the error of sums.
"""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .enclose_numbers import times
from .evaluate import primitive_of
from .interval import enclosure
from .operation import Operation
from .rounding import Interval, everything, hull, is_float, outward, up

# ---------------------------------------------------------------- what acts on both ends
_MOVING = (
    "broadcast_in_dim",
    "reshape",
    "transpose",
    "squeeze",
    "expand_dims",
    "slice",
    "rev",
    "concatenate",
    "pad",
    "split",
)
_ORDERED = ("reduce_max", "reduce_min", "reduce_and", "reduce_or", "cummax", "cummin", "max", "min", "clamp")
_SAME = ("copy", "copy_p", "stop_gradient", "real", "name", "optimization_barrier", "device_put", "sharding_constraint")
_WINDOWS = ("reduce_window_max", "reduce_window_min")


@enclosure(*_MOVING, *_ORDERED, *_SAME, *_WINDOWS)
def both_ends(operation: Operation, *xs: Interval) -> tuple[Interval, ...]:
    """``F([a, b]) = [F(a), F(b)]``."""
    lowers, uppers = operation.bind(*(x.lower for x in xs)), operation.bind(*(x.upper for x in xs))
    return tuple(map(Interval, lowers, uppers))


@enclosure("iota")
def iota(operation: Operation, *sizes: Interval) -> Interval:
    """Known numbers."""
    (numbers,) = operation.bind(*(size.lower for size in sizes))
    return Interval(numbers, numbers)


@enclosure("sort")
def sort(operation: Operation, *xs: Interval) -> tuple[Interval, ...]:
    """The k-th smallest grows with each entry. What is sorted along with it may be anything in its row."""
    first = Interval(*(jnp.sort(side, axis=operation.settings["dimension"]) for side in (xs[0].lower, xs[0].upper)))
    axis = operation.settings["dimension"]
    along = lambda x: Interval(
        jnp.broadcast_to(jnp.min(x.lower, axis, keepdims=True), x.lower.shape),
        jnp.broadcast_to(jnp.max(x.upper, axis, keepdims=True), x.upper.shape),
    )
    return (first, *(along(x) for x in xs[1:]))


@enclosure("argmax", "argmin")
def first_of(operation: Operation, x: Interval) -> Interval:
    """Any place whose entry may be the largest."""
    (axis,), kind = operation.settings["axes"], operation.settings["index_dtype"]
    x = x if operation.primitive.name == "argmax" else Interval(*_negative(x))
    possible = x.upper >= jnp.max(x.lower, axis, keepdims=True)
    last = possible.shape[axis] - 1 - jnp.argmax(jnp.flip(possible, axis), axis)
    return Interval(jnp.argmax(possible, axis).astype(kind), last.astype(kind))


def _negative(x: Interval) -> tuple[Any, Any]:
    turn = jnp.invert if not is_float(x) else jnp.negative
    return turn(x.upper), turn(x.lower)


@enclosure("select_n")
def select(operation: Operation, which: Interval, *cases: Interval) -> Interval:
    """All cases that may be chosen, joined."""
    low, high = which.lower.astype(np.int32), which.upper.astype(np.int32)
    possible = [(low <= i) & (i <= high) for i in range(len(cases))]
    return joined(possible, cases)


def joined(possible: list[Any], cases: tuple[Interval, ...]) -> Interval:
    """The hull of those cases that are possible, entry by entry; at least one is."""
    lower, upper = cases[-1].lower, cases[-1].upper
    known = possible[-1]
    for may, case in zip(possible[-2::-1], cases[-2::-1], strict=True):
        both = may & known
        lower = jnp.where(both, jnp.minimum(lower, case.lower), jnp.where(may, case.lower, lower))
        upper = jnp.where(both, jnp.maximum(upper, case.upper), jnp.where(may, case.upper, upper))
        known = known | may
    return Interval(lower, upper)


# ---------------------------------------------------------------- indexing
def _single(indices: tuple[Interval, ...]) -> Any:
    """Whether the indices are known."""
    return functools.reduce(jnp.logical_and, (jnp.all(i.lower == i.upper) for i in indices), jnp.array(True))


def _if(known: Any, exact: Interval, otherwise: Interval) -> Interval:
    pick = lambda a, b: jnp.where(known, a, jnp.broadcast_to(b, a.shape))
    return Interval(pick(exact.lower, otherwise.lower), pick(exact.upper, otherwise.upper))


@enclosure("dynamic_slice", "gather")
def read(operation: Operation, x: Interval, *indices: Interval) -> Interval:
    """At known places the entries there; at others any entry, or anything if places outside may be meant."""
    at = [i.lower for i in indices]
    exact = Interval(operation.bind(x.lower, *at)[0], operation.bind(x.upper, *at)[0])
    inside = "mode" not in operation.settings or operation.settings["mode"].name in ("CLIP", "PROMISE_IN_BOUNDS")
    any_entry = Interval(jnp.min(x.lower), jnp.max(x.upper)) if inside and x.lower.size else everything((), x.dtype)
    return _if(_single(indices), exact, any_entry)


@enclosure("dynamic_update_slice", "scatter", "scatter_max", "scatter_min", "scatter-add", "scatter-max", "scatter-min")
def write(operation: Operation, x: Interval, *rest: Interval) -> Interval:
    """At known places; otherwise anything, or for a slice each entry old or new."""
    slices = operation.primitive.name == "dynamic_update_slice"
    update, indices = (rest[0], rest[1:]) if slices else (rest[1], rest[:1])
    ends = lambda side: [getattr(update, side), *(i.lower for i in indices)]
    order = (lambda new, *at: (new, *at)) if slices else (lambda new, at: (at, new))
    primitive = primitive_of(operation)
    bound = lambda side: primitive((getattr(x, side), *order(*ends(side))))[0]
    exact = Interval(bound("lower"), bound("upper"))
    if operation.primitive.name == "scatter-add" and is_float(x):
        total = jnp.maximum(jnp.abs(x.lower), jnp.abs(x.upper)).sum() + _size(update).sum()
        n = update.lower.size + 1
        exact = outward(exact.lower, exact.upper, slack=up(total, 4.0 * n) * jnp.full((), n * 2 * _eps(x), x.dtype))
    if slices and update.lower.size:
        new = Interval(jnp.min(update.lower), jnp.max(update.upper))
        return _if(_single(indices), exact, hull(x, new))
    return _if(_single(indices), exact, everything((), x.dtype))


# ---------------------------------------------------------------- sums and products
def _eps(x: Any) -> float:
    return float(jnp.finfo(x.dtype).eps)


def _size(x: Interval) -> Any:
    return jnp.maximum(jnp.abs(x.lower), jnp.abs(x.upper))


def _total(operation: Operation, x: Interval, n: int) -> Interval:
    """A sum of at most `n` terms, by the primitive itself on ends and sizes; terms of one sign keep it."""
    add_up = lambda v: operation.bind(v)[0]
    lower, upper = add_up(x.lower), add_up(x.upper)
    if not is_float(x):
        size = (
            add_up(jnp.abs(x.lower).astype(float) + jnp.abs(x.upper).astype(float))
            if _takes_floats(operation)
            else None
        )
        over = jnp.array(True) if size is None else size >= jnp.iinfo(x.dtype).max * (1 - 1e-5)
        anything = everything(lower.shape, lower.dtype)
        return Interval(jnp.where(over, anything.lower, lower), jnp.where(over, anything.upper, upper))
    y = outward(lower, upper, slack=add_up(_size(x)) * jnp.full((), 4 * n * _eps(x), x.dtype))
    positive, negative = add_up(jnp.minimum(x.lower, 0)) == 0, add_up(jnp.maximum(x.upper, 0)) == 0
    zero = jnp.zeros_like(lower)
    return Interval(
        jnp.where(positive, jnp.maximum(y.lower, zero), y.lower),
        jnp.where(negative, jnp.minimum(y.upper, zero), y.upper),
    )


def _takes_floats(operation: Operation) -> bool:
    return "out_dtype" not in operation.settings or operation.settings["out_dtype"] is None


@enclosure("reduce_sum")
def reduce_sum(operation: Operation, x: Interval) -> Interval:
    """The sum of the ends, and of the errors."""
    return _total(operation, x, math.prod(x.lower.shape[a] for a in operation.settings["axes"]))


@enclosure("cumsum")
def cumsum(operation: Operation, x: Interval) -> Interval:
    """Running sums of the ends, and of the errors."""
    return _total(operation, x, x.lower.shape[operation.settings["axis"]])


@enclosure("reduce_window_sum")
def window_sum(operation: Operation, x: Interval) -> Interval:
    """Sums over windows, of the ends and of the errors."""
    return _total(operation, x, math.prod(operation.settings["window_dimensions"]))


@enclosure("cumprod")
def cumprod(operation: Operation, x: Interval) -> Interval:
    """Running products of intervals."""
    return _products(x, operation.settings["axis"], operation.settings["reverse"])


@enclosure("reduce_prod")
def reduce_prod(operation: Operation, x: Interval) -> Interval:
    """The product of intervals, one axis after another."""
    for axis in sorted(operation.settings["axes"], reverse=True):
        if x.lower.shape[axis] == 0:
            ones = jnp.ones(np.delete(x.lower.shape, axis), x.dtype)
            x = Interval(ones, ones)
        else:
            x = jax.tree.map(lambda v, axis=axis: jax.lax.index_in_dim(v, -1, axis, False), _products(x, axis, False))
    return x


def _products(x: Interval, axis: int, reverse: bool) -> Interval:
    """Running products. Floats may be multiplied in any order, and vanish or overflow on the way; what has a sign keeps it."""
    if not is_float(x):
        return everything(x.lower.shape, x.dtype)
    running = lambda by, v: jax.lax.associative_scan(by, v, axis=axis, reverse=reverse)
    y, n = running(times, x), x.lower.shape[axis]
    lost = running(jnp.multiply, jnp.maximum(_size(x), 1)) * jnp.full(
        (), 2 * n * float(jnp.finfo(x.dtype).tiny), x.dtype
    )
    wide, zero = outward(y.lower, y.upper, 2.0 * n, lost), jnp.zeros_like(y.lower)
    lower = jnp.where(y.lower >= 0, jnp.maximum(wide.lower, zero), wide.lower)
    return Interval(lower, jnp.where(y.upper <= 0, jnp.minimum(wide.upper, zero), wide.upper))


@enclosure("cumlogsumexp")
def cumlogsumexp(operation: Operation, x: Interval) -> Interval:
    """It grows in each entry."""
    n = x.lower.shape[operation.settings["axis"]]
    slack = jnp.full((), 64 * (n + 1) * _eps(x), x.dtype)
    return outward(operation.bind(x.lower)[0], operation.bind(x.upper)[0], 64.0, slack)


@enclosure("dot_general", "conv_general_dilated")
def bilinear(operation: Operation, x: Interval, y: Interval) -> Interval:
    """By midpoint and radius; of whole numbers nothing is known unless both are."""
    b = lambda u, v: operation.bind(u, v)[0]
    if not is_float(x):
        single = _single((x, y))
        exact = b(x.lower, y.lower)
        return _if(single, Interval(exact, exact), everything((), exact.dtype))
    (mx, rx), (my, ry) = _middle(x), _middle(y)
    terms = _terms(operation, x, y)
    middle = b(mx, my)
    radius = b(jnp.abs(mx), ry) + b(rx, jnp.abs(my) + ry)
    error = b(_size(x), _size(y)) * jnp.full((), 4 * (terms + 4) * _eps(x), middle.dtype)
    spread = (
        up(radius, 4.0 * (terms + 4)) + error + jnp.full((), terms * float(jnp.finfo(middle.dtype).tiny), middle.dtype)
    )
    return outward(middle - spread, middle + spread, 2.0)


def _middle(x: Interval) -> tuple[Any, Any]:
    half = jnp.full((), 0.5, x.dtype)
    middle = jnp.where(x.lower == x.upper, x.lower, x.lower * half + x.upper * half)
    radius = jnp.where(x.lower == x.upper, jnp.zeros_like(middle), up(jnp.maximum(x.upper - middle, middle - x.lower)))
    return middle, radius


def _terms(operation: Operation, x: Interval, y: Interval) -> int:
    """How many products each entry of the result sums."""
    if operation.primitive.name == "dot_general":
        (contracted, _), _ = operation.settings["dimension_numbers"]
        return math.prod(x.lower.shape[a] for a in contracted)
    return math.prod(y.lower.shape)
