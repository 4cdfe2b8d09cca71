r"""Chains of finite kernels, forwards and backwards, over any rig in which one divides.

Definition:
    Let a chain have transitions ``t(x, x')`` and likelihoods ``o(x)`` of what was seen. The *forward* pass takes the law `p` of a state, given what
    was seen before, to the law `a` given this too, and to the law of the next,

    .. math:: c = \sum_x p(x)\, o(x), \qquad a(x) = \frac{p(x)\, o(x)}{c}, \qquad p'(x') = \sum_x a(x)\, t(x, x'),

    and `c` is the probability of what was seen given what was seen before. The *backward* pass pushes a law `s` of the next state, given
    everything, through the inverse of the transition at `a`, which is a kernel again:

    .. math:: s(x) = \sum_{x'} \frac{a(x)\, t(x, x')}{p'(x')}\, s'(x').

Both passes hand on laws, never products that shrink, so nothing has to be kept in logarithms; and a quotient by zero is zero, so that what has no
mass stays without. Over `Q` the same lines are exact, over `Log` they reach below the smallest float.

References:
    Rabiner (1989), with the scaling of its section V; Kitagawa (1987), for the backward pass by inverses; Särkkä, García-Fernández (1905.13002) and
    Hassan, Särkkä, García-Fernández (2102.05743), for blocks.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..categories.tables import size
from ..kernels.scan import Action, passed
from ..kernels.semidefinite import dot
from ..objects import Log, Real, Semifield, Semiring
from ..objects.semiring import namespace
from .chain import Chain, Observations, is_stacked

_SMALL = 16
"""Up to so many states, a product with a vector is a sum of broadcasts: a processor runs it in one loop, without calls."""


class Steps(NamedTuple):
    """What the passes over a chain read.

    Attributes:
        rig: what the numbers are in.
        prior: of the first state, ``(K,)``.
        transition: ``(K, K)``, from rows to columns, or ``T - 1`` of them.
        readings: likelihoods of the states, ``(N, K)``, in units of the largest of each row if they are floats.
        symbols: which row was read at each step, ``(T,)``.
        units: the logarithms of these units, ``(N,)``.
    """

    rig: Semifield
    prior: Any
    transition: Any
    readings: Any
    symbols: Any
    units: Any

    @property
    def stacked(self) -> bool:
        """Whether there is one transition a step."""
        return self.transition.ndim == 3

    def move(self, t: Any) -> Any:
        """The transition after a step; that after the last one does not matter, as long as it is one."""
        if not self.stacked:
            return self.transition
        return self.transition[namespace(self.transition).minimum(t, len(self.transition) - 1)]


class Forward(NamedTuple):
    """What the forward pass leaves at each step.

    Attributes:
        filtered: the law of the state given what was seen up to then, ``(T, K)``; zero once that was impossible.
        ahead: the law of the next state, given the same, ``(T, K)``.
        mass: the probability of what was seen given what was seen before, ``(T,)``, in the units of the readings.
    """

    filtered: Any
    ahead: Any
    mass: Any


def tables(c: Chain, seen: Observations) -> Steps:
    """The arrays of a finite chain that was observed, as they are."""
    k, states = c.category.entries, size(c.hidden)  # pyright: ignore[reportAttributeAccessIssue]
    prior, move, read = (f.table for f in (c.prior, c.transition, c.emission))  # pyright: ignore[reportAttributeAccessIssue]
    changes, varies = (is_stacked(f).table for f in (c.transition, c.emission))  # pyright: ignore[reportAttributeAccessIssue]
    move = move.reshape(*move.shape[:1] * changes, states, states)
    if len(move) == 0:
        move = k.indicator(np.eye(states, dtype=bool)).astype(move.dtype)
    nothing, xp = k.indicator(np.ones((1, states), bool)).astype(read.dtype), namespace(read)
    read = read.reshape(*read.shape[:1] * varies, states, -1)
    if varies:
        found = xp.take_along_axis(read, seen.values[:, None, None], axis=2)[:, :, 0]
        rows, symbols = xp.where(seen.seen[:, None], found, nothing), np.arange(c.length)
    else:
        rows = xp.concatenate([read.T, nothing])
        symbols = namespace(seen.values).where(seen.seen, seen.values, len(rows) - 1)
    return Steps(k, prior.reshape(states), move, rows, symbols, xp.zeros(len(rows), rows.dtype))


def steps(c: Chain, seen: Observations) -> Steps:
    """The arrays of a finite chain that was observed, each row of likelihoods in units of its largest if they are floats."""
    m = tables(c, seen)
    if m.rig != Real:
        return m
    top = jax.lax.stop_gradient(jnp.max(m.readings, axis=1))
    top = jnp.where(top > 0, top, 1)
    return m._replace(readings=m.readings / top[:, None], units=jnp.log(top))


def forward(m: Steps) -> Forward:
    """The forward pass, step by step."""
    return Forward(*run(m.rig, lambda p, x: _forward(m, p, x), m.prior, _forward_reads(m)))


def backward(m: Steps, found: Forward) -> Any:
    """The laws of the states given everything, ``(T, K)``, step by step from the last.

    After the last state comes one of which nothing is known but that it follows, so it has the law `ahead`.
    """
    return run(m.rig, lambda s, x: _backward(m, s, x), found.ahead[-1], _backward_reads(m, found), reverse=True)


def forward_blocks(m: Steps, block: int | None = None) -> Forward:
    """The forward pass over floats, in all blocks at once.

    A block acts on laws as an element ``(f, g)``: a kernel `f` from the state before to the state after, given what was seen in between, and the
    logarithm `g` of the probability of that.
    """

    def op(i: Any, j: Any) -> Any:
        (f, g), (h, later) = i, j
        weighted, top = _weighed(f, later[None, :])
        mass = jnp.sum(weighted, axis=1)
        some = jnp.where(mass > 0, mass, 1)
        return product(weighted, h) / some[:, None], jnp.where(mass > 0, g + jnp.log(some) + top, -jnp.inf)

    def apply(p: Any, element: Any) -> Any:
        f, g = element
        weighted, _ = _weighed(p, g)
        return _settled(m.rig, along(m.rig, m.rig.divide(weighted, jnp.sum(weighted)), f))

    lift = lambda x: (m.move(x[0]), Log.of(m.readings[x[1]]))
    action = Action(lift, op, apply)
    return Forward(*passed(lambda p, x: _forward(m, p, x), m.prior, _forward_reads(m), action, block=block))


def backward_blocks(m: Steps, found: Forward, block: int | None = None) -> Any:
    """The backward pass over floats, in all blocks at once: the inverses of the transitions are composed."""

    def lift(x: Any) -> Any:
        t, a, ahead = x
        return m.rig.divide(a[:, None] * m.move(t), ahead[None, :])

    action = Action(lift, product, lambda s, inverse: along(m.rig, s, inverse.T))
    xs = _backward_reads(m, found)
    return passed(lambda s, x: _backward(m, s, x), found.ahead[-1], xs, action, block=block, reverse=True)


def _forward_reads(m: Steps) -> Any:
    return namespace(m.symbols).arange(len(m.symbols)) if m.stacked else None, m.symbols


def _forward(m: Steps, p: Any, x: Any) -> Any:
    t, symbol = x
    k = m.rig
    joint = k.multiply(p, m.readings[symbol])
    mass = k.sum(joint, axis=0)
    a = k.divide(joint, mass)
    ahead = _settled(k, along(k, a, m.move(t)))
    return ahead, (a, ahead, mass)


def _backward_reads(m: Steps, found: Forward) -> Any:
    return _forward_reads(m)[0], found.filtered, found.ahead


def _backward(m: Steps, s: Any, x: Any) -> Any:
    t, a, ahead = x
    k = m.rig
    s = k.multiply(a, along(k, k.divide(s, ahead), namespace(a).swapaxes(m.move(t), 0, 1)))
    s = k.divide(s, k.sum(s, axis=0))
    return s, s


def along(k: Semiring, v: Any, table: Any) -> Any:
    """``v table``: a row of numbers through a table."""
    if k != Real:
        return k.matmul(v[None, :], table)[0]
    return jnp.sum(v[:, None] * table, axis=0) if max(table.shape) <= _SMALL else dot(v, table)


def product(f: Any, g: Any) -> Any:
    """The product of two tables of floats."""
    return jnp.sum(f[:, :, None] * g[None, :, :], axis=1) if max(f.shape) <= _SMALL else dot(f, g)


def _settled(k: Semifield, p: Any) -> Any:
    """Floats so small that one cannot divide by them are zero; derivatives are those of what came in, at zero too."""
    return p - jax.lax.stop_gradient(jnp.where(p < jnp.finfo(p.dtype).tiny, p, 0)) if k == Real else p


def _weighed(f: Any, g: Any) -> tuple[Any, Any]:
    """Rows times what is given by its logarithms, in units of the largest where the row is not zero, and the logarithms of these units."""
    there = jnp.where(f > 0, jnp.broadcast_to(g, f.shape), -jnp.inf)
    top = jnp.max(there, axis=-1)
    top = jnp.where(top > -jnp.inf, top, 0)
    return f * jnp.exp(there - top[..., None]), top


def run(k: Semiring, step: Callable[[Any, Any], Any], start: Any, xs: Any, *, reverse: bool = False) -> Any:
    """What the steps put out: one compiled loop, or over an exact rig a loop of Python."""
    if not k.exact:
        return jax.lax.scan(step, start, xs, reverse=reverse)[1]
    xs = jax.tree.map(np.asarray, xs)
    n, state, found = len(jax.tree.leaves(xs)[0]), start, []
    for i in reversed(range(n)) if reverse else range(n):
        state, out = step(state, jax.tree.map(lambda a, i=i: a[i], xs))
        found.append(out)
    stack = lambda *entries: np.stack([np.asarray(e, object) for e in entries])
    return jax.tree.map(stack, *(found[::-1] if reverse else found))
