"""A walk that is observed with noise, written as a Gaussian program: as a scan, and as the one dense joint that it was before.

Definition:
    The program draws a step, adds it, and equates what is seen, two hundred times; it returns all states. Times are of compiled programs.
"""

import time
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import catlearn as cl
from catlearn import Cond, Gauss

from .harness import Gate, Row, in_turns

STEPS, ROUNDS = 200, 9
ROW, RUN, APART = "walk as a program, T = 200", "run, ms", "largest difference, 1e-9"
LIMIT, DENSE = "limit", "dense joint"


@cl.program
def walk(ys: Any) -> Any:
    """The states of a walk that starts at N(0, 1)."""
    x, xs = cl.normal(), []
    for k in range(STEPS):
        x = x + cl.normal() if k else x
        cl.condition(x + cl.normal(), ys[k])
        xs.append(x)
    return xs


@jax.jit
def dense(ys: Any) -> Any:
    """The same, by the arrow that the program denotes."""
    return Cond(Gauss).run(walk.arrow(ys)).state


def measure() -> list[Row]:
    """All rows."""
    with jax.enable_x64(True):
        ys = jnp.asarray(np.random.default_rng(0).normal(size=STEPS).cumsum())
        ours, peer = walk(ys).state, dense(ys)
        apart = max(
            float(jnp.abs(a - b).max()) for a, b in ((ours.mean, peer.mean), (ours.covariance, peer.covariance))
        )
        works = (lambda: jax.block_until_ready(walk(ys).state.mean), lambda: jax.block_until_ready(dense(ys).mean))
        seconds = in_turns(*works, rounds=ROUNDS, clock=time.perf_counter)
    return [
        Row(f"{ROW}, {LIMIT}", RUN, 1e3 * seconds[0], 100.0, LIMIT),
        Row(f"{ROW}, {DENSE}", RUN, 1e3 * seconds[0], 1e3 * seconds[1], DENSE),
        Row(ROW, APART, 1e9 * apart, 1.0, LIMIT),
    ]


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    return [Gate(f"{ROW}, {LIMIT}", RUN, 1.0), Gate(f"{ROW}, {DENSE}", RUN, 0.5), Gate(ROW, APART, 1.0)]
