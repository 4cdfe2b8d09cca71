r"""Whole paths of a hidden Markov model: draws given what was seen, and the most likely one.

Definition:
    Given everything, the last state has its filtered law `a`, and each earlier one, given the next, the inverse of the transition at its own,

    .. math:: p(x \mid x') \propto a(x)\, t(x, x').

    So draws of paths go backwards. The *most likely* path does too: with the largest for the sum, :math:`m'(x') = \max_x m(x)\, o(x)\, t(x, x')`, the
    last state is where `m o` is greatest, and each earlier one where ``m(x) o(x) t(x, x')`` is, for the `x'` that was found.

Where the observations were impossible there is no path: its values are -1.

References:
    Chib (1996) and Scott (2002), for draws; Viterbi (1967); Forney, *The Viterbi algorithm* (1973).
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..categories.tables import shape
from ..objects import Log, MaxPlus, bare
from .chain import Chain, Observations
from .finite_chain import Steps, along, forward, steps


def finite_paths(c: Chain, seen: Observations, key: Any, n: int) -> Any:
    """Draws of whole paths given what was seen."""
    m = steps(c, seen)
    found = forward(m)
    log = _logarithms(m)
    filtered, moves = log(found.filtered), m._replace(transition=log(m.transition))

    def step(later: Any, x: Any) -> tuple[Any, Any]:
        t, a, key = x
        drawn = jax.random.categorical(key, a[None, :] + moves.move(t).T[later])
        return drawn, drawn

    ts, keys = jnp.arange(c.length), jax.random.split(key, c.length)
    last = jax.random.categorical(keys[-1], filtered[-1], shape=(n,))
    _, before = jax.lax.scan(step, last, (ts[:-1], filtered[:-1], keys[:-1]), reverse=True)
    drawn = jnp.concatenate([before, last[None]]).T
    return _values(c, drawn, (found.mass > m.rig.zero).all())


def _logarithms(m: Steps) -> Callable[[Any], Any]:
    """The logarithm of numbers of a chain."""
    return (lambda x: x) if m.rig == Log else Log.of


def finite_mode(c: Chain, seen: Observations) -> Any:
    """The path of the largest probability: Viterbi's algorithm, in logarithms relative to the best so far."""
    m = steps(c, seen)
    log = _logarithms(m)
    moves = m._replace(transition=log(m.transition))
    readings = log(m.readings)

    def step(m: Any, x: Any) -> tuple[Any, Any]:
        t, symbol = x
        here = m + readings[symbol]
        top = jnp.max(here)
        here = here - jnp.where(top > -jnp.inf, top, 0)
        return along(MaxPlus, here, moves.move(t)), (here, top)

    ts = jnp.arange(c.length)
    _, (scores, tops) = jax.lax.scan(step, log(m.prior), (ts, m.symbols))

    def back(later: Any, x: Any) -> tuple[Any, Any]:
        t, score = x
        best = jnp.argmax(score + moves.move(t)[:, later])
        return best, best

    last = jnp.argmax(scores[-1])
    _, before = jax.lax.scan(back, last, (ts[:-1], scores[:-1]), reverse=True)
    return _values(c, jnp.concatenate([before, last[None]]), (tops > -jnp.inf).all())


def _values(c: Chain, positions: Any, ok: Any) -> Any:
    """Values of the hidden object, of positions in it."""
    return bare(tuple(jnp.where(ok, v, -1) for v in jnp.unravel_index(positions, shape(c.hidden))))
