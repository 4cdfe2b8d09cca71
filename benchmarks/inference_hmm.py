"""Smoothing of hidden Markov chains, against dynamax and hmmlearn, in float32.

Definition:
    A chain of `K` hidden states that read one of 16 symbols at each of `T` steps. A row is the time of all smoothed laws, filtered laws and predictions,
    and the log-evidence, from the tables and the symbols. hmmlearn computes in float64, in C++, and gives the smoothed laws and the log-evidence.

The error of the smoothed laws, and of the log-evidence, is that in float32 against float64, of the same tables. Memory is what the compiled program
needs beside its arguments and results, as XLA counts it, against the size of the results.
"""

import importlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from catlearn import Fin, infer, unit
from catlearn.categories import Kernel

from .harness import Gate, Row, in_turns

dynamax: Any = importlib.import_module("dynamax.hidden_markov_model.inference")  # in the group `bench` alone
hmmlearn: Any = importlib.import_module("hmmlearn.hmm")

SYMBOLS, ROUNDS = 16, 15
SIZES, LENGTHS = (8, 64), (10_000, 100_000)
TIME, MEMORY, LAWS, ERROR = (
    "time (ms)",
    "temporary memory (MiB)",
    "error of the smoothed laws (1e-6)",
    "error of the log-evidence (nats)",
)
DYNAMAX, HMMLEARN, LIMIT = "dynamax", "hmmlearn", "the limit"


def name(k: int, t: int) -> str:
    """How a row is called."""
    return f"K = {k}, T = {t:,}"


def arrays(k: int, t: int) -> tuple[Any, ...]:
    """The prior, the transition, the emission, and the symbols that were read."""
    rng = np.random.default_rng(k)
    rows = lambda n, m: rng.dirichlet(0.5 * np.ones(m), n)
    tables = rows(1, k)[0], rows(k, k), rows(k, SYMBOLS)
    return *(jnp.asarray(table, jnp.float32) for table in tables), jnp.asarray(rng.integers(0, SYMBOLS, t))


def ours(form: str) -> Callable[..., Any]:
    """Smoothing by one of our forms."""

    def run(prior: Any, move: Any, read: Any, symbols: Any) -> Any:
        x, y = Fin(len(prior)), Fin(SYMBOLS)
        c = infer.chain(Kernel(unit, x, prior), Kernel(x, x, move), Kernel(x, y, read), len(symbols))
        post: Any = infer.smoothed(c, symbols, form=form)
        return post.log_evidence, post.laws, post.filtered, post.ahead

    return run


def by_dynamax(prior: Any, move: Any, read: Any, symbols: Any) -> Any:
    """Smoothing by dynamax."""
    post = dynamax.hmm_smoother(prior, move, jnp.log(read).T[symbols])
    return post.marginal_loglik, post.smoothed_probs, post.filtered_probs, post.predicted_probs


def by_hmmlearn(prior: Any, move: Any, read: Any, symbols: Any) -> Callable[[], Any]:
    """Smoothing by hmmlearn, its faster implementation."""
    tables = [np.asarray(table, float) for table in (prior, move, read)]
    model = hmmlearn.CategoricalHMM(len(prior), implementation="scaling")
    model.startprob_, model.transmat_, model.emissionprob_ = (t / t.sum(axis=-1, keepdims=True) for t in tables)
    given = np.asarray(symbols)[:, None]
    return lambda: model.score_samples(given)


def smoother_rows(k: int, t: int) -> list[Row]:
    """One chain by ours and by peers, in turns; and how far ours in float32 is from float64."""
    given = arrays(k, t)
    mine, its = (jax.jit(program).lower(*given).compile() for program in (ours("auto"), by_dynamax))
    learned = by_hmmlearn(*given)
    assert np.allclose(mine(*given)[1], its(*given)[1], atol=1e-5)
    runs = [lambda run=run: jax.block_until_ready(run(*given)) for run in (mine, its)]
    own, peer = in_turns(*runs, rounds=ROUNDS, clock=time.perf_counter)
    third = in_turns(learned, rounds=3, clock=time.perf_counter)[0]
    used: Any = mine.memory_analysis()
    row = name(k, t)
    return [
        Row(row, f"{TIME} beside {DYNAMAX}", 1e3 * own, 1e3 * peer, DYNAMAX),
        Row(row, f"{TIME} beside {HMMLEARN}", 1e3 * own, 1e3 * third, HMMLEARN),
        Row(row, MEMORY, used.temp_size_in_bytes / 2**20, 2 * used.output_size_in_bytes / 2**20, LIMIT),
        *error_rows(k, t, mine(*given)),
    ]


def error_rows(k: int, t: int, found: Any) -> list[Row]:
    """How far the results in float32 are from those in float64, of the same tables."""
    given = arrays(k, t)
    with jax.enable_x64(True):
        wide = [jnp.asarray(np.asarray(table), float) for table in given[:3]]
        exact = jax.jit(ours("auto"))(*wide, given[3])
    laws = 1e6 * float(np.max(np.abs(np.asarray(exact[1]) - np.asarray(found[1]))))
    nats = abs(float(exact[0]) - float(found[0]))
    return [Row(name(k, t), LAWS, laws, 2.0, LIMIT), Row(name(k, t), ERROR, nats, 0.02, LIMIT)]


def measure() -> list[Row]:
    """All rows."""
    return [row for k in SIZES for t in LENGTHS for row in smoother_rows(k, t)]


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    limits = {8: 0.85, 64: 0.5}
    every = [(k, t) for k in SIZES for t in LENGTHS]
    return [
        *(Gate(name(k, t), f"{TIME} beside {DYNAMAX}", limits[k]) for k, t in every),
        *(Gate(name(k, t), metric, 1.0) for k, t in every for metric in (MEMORY, LAWS, ERROR)),
    ]
