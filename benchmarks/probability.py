"""Finite kernels: composition and inversion, against products and quotients by hand and against EfProb on random channels.

Definition:
    A channel of n states is a table of n rows of n probabilities; a few of its entries are zero. Ours and EfProb compose two channels, push a
    state through, invert at that state and push another state back; the tables must agree. The product of two tables of 1,000 states is also
    written by hand, as one `jnp.matmul`; and the inverse of one of 1,000 states, of whose outputs some are never reached, as a quotient of numpy arrays.

EfProb computes with numpy and Python functions, and is the reference here: it was written by others, from the same definitions.
"""

import importlib
import time
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from catlearn import Fin, FinStoch, kernel, unit
from catlearn.categories import Kernel

from .harness import Gate, Row, in_turns

efprob: Any = importlib.import_module("efprob")  # in the group `bench` alone

MANY, SIZE, CHANNELS, ROUNDS = 1000, 30, 5, 15
PRODUCT, AGREE, BOTH = (
    "two kernels of 1,000 states",
    "5 random channels of 30 states",
    "composite and inverse, 30 states",
)
DAGGER = "the inverse of a kernel of 1,000 states"
MATMUL, NUMPY, EFPROB, LIMIT = "jnp.matmul", "numpy", "EfProb", "the limit"


def random_table(rng: np.random.Generator, n: int, m: int) -> Any:
    """Rows of probabilities, a fifth of them zero."""
    weights = rng.uniform(size=(n, m)) * (rng.uniform(size=(n, m)) > 0.2)
    weights[:, 0] += 0.01
    return weights / weights.sum(axis=1, keepdims=True)


def product_rows() -> list[Row]:
    """The product of two large kernels."""
    rng = np.random.default_rng(0)
    x = Fin(MANY)
    f, g = (jnp.asarray(random_table(rng, MANY, MANY), jnp.float32) for _ in range(2))
    ours = jax.jit(lambda f, g: (Kernel(x, x, f) >> Kernel(x, x, g)).table)
    peer = jax.jit(jnp.matmul)
    assert np.array_equal(ours(f, g), peer(f, g))
    runs = [lambda run=run: jax.block_until_ready(run(f, g)) for run in (ours, peer)]
    seconds = in_turns(*runs, rounds=ROUNDS, clock=time.perf_counter)
    return [Row(PRODUCT, "time (ms)", 1e3 * seconds[0], 1e3 * seconds[1], MATMUL)]


def inverse_rows() -> list[Row]:
    """The inverse of a large kernel of which a tenth of the outputs cannot be reached."""
    rng = np.random.default_rng(2)
    x = Fin(MANY)
    table = random_table(rng, MANY, MANY)
    table[:, :: MANY // 100] = 0
    table = (table / table.sum(axis=1, keepdims=True)).astype(np.float32)
    prior = random_table(rng, 1, MANY)[0].astype(np.float32)

    def by_numpy() -> Any:
        joint = prior[:, None] * table
        mass = joint.sum(axis=0)
        return np.where(mass > 0, joint / np.where(mass > 0, mass, 1), np.float32(1 / MANY)).T

    invert = jax.jit(lambda p, c: FinStoch.bayes_inverse(Kernel(x, x, c), Kernel(unit, x, p)).table)
    held = jnp.asarray(prior), jnp.asarray(table)
    assert np.allclose(invert(*held), by_numpy(), atol=1e-6)
    ours, theirs = in_turns(
        lambda: jax.block_until_ready(invert(*held)), by_numpy, rounds=ROUNDS, clock=time.perf_counter
    )
    return [Row(DAGGER, "time (ms)", 1e3 * ours, 1e3 * theirs, NUMPY)]


def by_efprob(p: Any, c: Any, d: Any, rho: Any) -> tuple[Any, ...]:
    """The composite, its prediction, its inverse, and a state pushed back, by EfProb."""
    space = efprob.Space(*range(SIZE))
    state = lambda row: efprob.State(list(row), space)
    channel = lambda table: efprob.Channel([state(row) for row in table], space, space)
    composite = channel(d) * channel(c)
    back = composite.dagger(state(p))
    rows = lambda k: np.array([k(i).matrix for i in range(SIZE)], float)
    return rows(composite), (composite >> state(p)).matrix, rows(back), (back >> state(rho)).matrix


@jax.jit
def by_kernels(p: Any, c: Any, d: Any, rho: Any) -> tuple[Any, ...]:
    """The same, by kernels."""
    x = Fin(SIZE)
    composite = Kernel(x, x, c) >> Kernel(x, x, d)
    prior = Kernel(unit, x, p)
    back = FinStoch.bayes_inverse(composite, prior)
    made = composite, prior >> composite, back, Kernel(unit, x, rho) >> back
    return tuple(k.table for k in made)


def efprob_rows() -> list[Row]:
    """The same channels in both: how far apart, and how long."""
    rng = np.random.default_rng(1)
    worst, inputs = 0.0, ()
    with jax.enable_x64(True):
        for _ in range(CHANNELS):
            p, rho = random_table(rng, 2, SIZE)
            c, d = random_table(rng, SIZE, SIZE), random_table(rng, SIZE, SIZE)
            inputs = tuple(map(jnp.asarray, (p, c, d, rho)))
            kernel(Fin(SIZE), Fin(SIZE), inputs[1])  # the tables are stochastic
            pairs = zip(by_kernels(*inputs), by_efprob(p, c, d, rho), strict=True)
            worst = max(worst, *(float(np.abs(np.asarray(ours) - theirs).max()) for ours, theirs in pairs))
        held = tuple(map(np.asarray, inputs))
        runs = (lambda: jax.block_until_ready(by_kernels(*inputs)), lambda: by_efprob(*held))
        ours, theirs = in_turns(*runs, rounds=ROUNDS, clock=time.perf_counter)
    return [
        Row(AGREE, "largest difference (1e-12)", 1e12 * worst, 1.0, LIMIT),
        Row(BOTH, "time (ms)", 1e3 * ours, 1e3 * theirs, EFPROB),
    ]


def measure() -> list[Row]:
    """All rows."""
    return product_rows() + inverse_rows() + efprob_rows()


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    return [
        Gate(PRODUCT, "time (ms)", 1.2),
        Gate(DAGGER, "time (ms)", 2.0),
        Gate(AGREE, "largest difference (1e-12)", 1.0),
        Gate(BOTH, "time (ms)", 1.0),
    ]
