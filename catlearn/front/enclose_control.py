"""Enclosures of control flow: branches, loops, and functions with a derivative of their own.

Definition:
    A branch that may be taken is taken, and results are joined. A loop over rows is the loop on intervals. A loop with a condition goes on
    as long as the condition may hold, and what it gives is the join of all states in which it may end; one that goes on too long
    may give anything.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories.path import Values, run
from ..constructions.graph import Box
from ..theory import Data
from .enclose_arrays import joined
from .evaluate import parts_of_scan, parts_of_while
from .interval import IntervalCategory, IntervalMap
from .meaning import interpret, register
from .rounding import everything, hull, is_interval

LONGEST = 10_000
"""How often a loop with a condition is run before its results are taken to be anything."""


@register(IntervalCategory, "cond")
def cond(category: IntervalCategory, box: Box) -> IntervalMap:
    """Each branch that may be taken, joined."""
    return IntervalMap(box.dom, box.cod, (_Branches(tuple(interpret(b, category) for b in box.data.bodies)),))


@register(IntervalCategory, "scan")
def scan(category: IntervalCategory, box: Box) -> IntervalMap:
    """The loop on intervals."""
    (body,), settings = box.data.bodies, box.data.settings
    how = (("length", settings["length"]), ("reverse", settings["reverse"]))
    return IntervalMap(box.dom, box.cod, (_Scan(interpret(body, category), *parts_of_scan(box), how),))


@register(IntervalCategory, "while")
def while_loop(category: IntervalCategory, box: Box) -> IntervalMap:
    """The join of all states in which the loop may end."""
    bodies = (box.data.settings[name] for name in ("cond_jaxpr", "body_jaxpr"))
    return IntervalMap(box.dom, box.cod, (_While(*(interpret(body, category) for body in bodies)),))


@register(IntervalCategory, "custom_jvp_call", "custom_vjp_call", "remat2", "checkpoint")
def as_its_body(category: IntervalCategory, box: Box) -> IntervalMap:
    """How the derivative is found is nothing to the values."""
    return interpret(box.data.bodies[0], category)


class _Branches(Data):
    branches: tuple[IntervalMap, ...]

    def __call__(self, xs: Values) -> Values:
        which, last = xs[0], len(self.branches) - 1
        low, high = (jnp.clip(end.astype(np.int32), 0, last) for end in (which.lower, which.upper))
        possible = [(low <= i) & (i <= high) for i in range(last + 1)]
        results = [run(f.path, xs[1:]) for f in self.branches]
        return tuple(joined(possible, cases) for cases in zip(*results, strict=True))


class _Scan(Data):
    body: IntervalMap
    constants: int = eqx.field(static=True)
    carried: int = eqx.field(static=True)
    how: tuple[tuple[str, Any], ...] = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        constants, rest = xs[: self.constants], xs[self.constants :]

        def step(carry: Values, row: Values) -> tuple[Values, Values]:
            ys = run(self.body.path, constants + carry + row)
            return ys[: self.carried], ys[self.carried :]

        end, ys = jax.lax.scan(step, rest[: self.carried], rest[self.carried :], **dict(self.how))
        return end + ys


class _While(Data):
    condition: IntervalMap
    body: IntervalMap

    def __call__(self, xs: Values) -> Values:
        asked, used, start = parts_of_while(self.condition, self.body, xs)
        holds = lambda state: run(self.condition.path, asked + state)[0]
        anything = jax.tree.map(lambda x: everything(x.lower.shape, x.dtype), start, is_leaf=is_interval)

        def step(loop: Any) -> Any:
            n, state, ended, results = loop
            may_end = ~holds(state).lower
            results = _chosen(may_end & ended, _all_hulls(results, state), _chosen(may_end, state, results))
            return n + 1, run(self.body.path, used + state), ended | may_end, results

        goes_on = lambda loop: holds(loop[1]).upper & (loop[0] < LONGEST)
        n, state, ended, results = jax.lax.while_loop(goes_on, step, (0, start, jnp.array(False), start))
        results = _chosen(ended, _all_hulls(results, state), state)
        return _chosen(n < LONGEST, results, anything)


def _chosen(condition: Any, xs: Values, ys: Values) -> Values:
    return jax.tree.map(lambda x, y: jnp.where(condition, x, y), xs, ys)


def _all_hulls(xs: Values, ys: Values) -> Values:
    return tuple(map(hull, xs, ys))
