"""Laws of enclosures: what is true of a value is true of the intervals around it.

Definition:
    `Enclose` is a functor from smooth maps to functions on intervals. What a map gives on points of an interval lies in what its
    enclosure gives on the interval, and smaller intervals give smaller ones. Both are equations, for ``F ≤ G`` says ``F ⊔ G = G``.

References:
    Moore, Kearfott, Cloud, *Introduction to Interval Analysis* (2009): the fundamental theorem of interval arithmetic.
"""

from typing import Any

import jax
import jax.numpy as jnp

from ..front.interval import IntervalMap, Intervals
from ..front.rounding import Interval, hull, is_interval
from ..theory import Data
from .law import collect, law


class Middle(Data):
    """The middle of each interval, as an interval."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return jax.tree.map(lambda x: Interval(_at(0.5)(x), _at(0.5)(x)), xs, is_leaf=is_interval)


class Seen(Data):
    """What a smooth map gives at some points of the intervals, in one interval a wire."""

    f: Any

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        points = [jax.tree.map(_at(t), xs, is_leaf=is_interval) for t in (0.0, 0.25, 0.5, 1.0)]
        values = [self.f.category.apply(self.f, point) for point in points]
        as_intervals = [jax.tree.map(lambda y: Interval(y, y), ys) for ys in values]
        return jax.tree.map(hull, *as_intervals, is_leaf=is_interval)


def _at(t: float) -> Any:
    """The point of an interval at a part of the way, and surely within."""
    return lambda x: jnp.clip(x.lower + t * (x.upper - x.lower), x.lower, x.upper)


@law(given=("enclosure",))
def enclosed(draw):
    """Enclose(f) ⊔ (values of f)  =  Enclose(f)"""
    F, f = draw["enclosure"], draw.arrow()
    return Intervals.hull(F(f), IntervalMap(f.dom, f.cod, (Seen(f),))), F(f)


@law(given=("enclosure",))
def isotone(draw):
    """Enclose(f) ⊔ (middle ; Enclose(f))  =  Enclose(f)"""
    F, f = draw["enclosure"], draw.arrow()
    middle = IntervalMap(f.dom, f.dom, (Middle(),))
    return Intervals.hull(F(f), middle >> F(f)), F(f)


LAWS = collect(globals())
