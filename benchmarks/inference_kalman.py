"""Kalman smoothing, against dynamax, cuthbert and a loop written by hand, in float32.

Definition:
    A chain of `n` hidden coordinates, of which two combinations are read with noise at each of `T` steps: a stable rotation with noise, the same at
    every step. A row is the time of all smoothed means and covariances, of each state and of each with the next, log-evidence included.
    The loop written by hand is the same recursion for exactly this chain: no step is missing, nothing is singular, no inputs, nothing is checked.

Memory is what the compiled program needs beside its arguments and results, as XLA counts it. The error of the log-evidence is that in
float32 against float64, in nats.
"""

import functools
import importlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from catlearn import R, infer, unit
from catlearn.categories import GaussianMap

from .harness import Gate, Row, in_turns

dynamax: Any = importlib.import_module("dynamax.linear_gaussian_ssm.inference")  # in the group `bench` alone
dynamax_parallel: Any = importlib.import_module("dynamax.linear_gaussian_ssm.parallel_inference")
cuthbert: Any = importlib.import_module("cuthbert")
cuthbert_kalman: Any = importlib.import_module("cuthbert.gaussian.kalman")

READ, ROUNDS, FEW = 2, 41, 9
SMALL, LARGE = (2, 4, 8), (16, 64)
LENGTHS = {2: (10_000,), 4: (1_000, 10_000, 100_000), 8: (10_000,), 16: (10_000,), 64: (1_000,)}
TIME, MEMORY, COMPILE, ERROR = (
    "time (ms)",
    "temporary memory (MiB)",
    "compile time (s)",
    "error of the log-evidence (nats)",
)
DYNAMAX, PARALLEL, CUTHBERT, HAND, LIMIT = "dynamax", "dynamax, parallel", "cuthbert", "the loop", "the limit"
LONG = 1_000_000


def name(n: int, t: int) -> str:
    """How a row is called."""
    return f"n = {n}, T = {t:,}"


def arrays(n: int, t: int) -> tuple[Any, ...]:
    """`F`, `Q`, `H`, `R` and the observations."""
    rng = np.random.default_rng(n)
    f = 0.95 * np.linalg.qr(rng.normal(size=(n, n)))[0]
    parts = f, 0.1 * np.eye(n), rng.normal(size=(READ, n)), 0.5 * np.eye(READ), rng.normal(size=(t, READ))
    return tuple(jnp.asarray(part) for part in parts)


def chain(f: Any, q: Any, h: Any, r: Any, t: int) -> Any:
    """The chain of the arrays; its noises are multiples of the identity."""
    x, y, zero = R(len(f)), R(READ), jnp.zeros
    prior = GaussianMap(unit, x, zero((len(f), 0)), zero(len(f)), jnp.eye(len(f)))
    return infer.chain(
        prior, GaussianMap(x, x, f, zero(len(f)), jnp.sqrt(q)), GaussianMap(x, y, h, zero(READ), jnp.sqrt(r)), t
    )


def ours(form: str) -> Callable[..., Any]:
    """Smoothing by one of our forms."""

    def run(f: Any, q: Any, h: Any, r: Any, ys: Any) -> Any:
        post = infer.smoothed(chain(f, q, h, r, len(ys)), ys, form=form)
        return post.log_evidence, post.mean, post.covariance, post.cross, post.predicted

    return run


def by_dynamax(module: Any, f: Any, q: Any, h: Any, r: Any, ys: Any) -> Any:
    """Smoothing by dynamax, one step after another or in parallel."""
    n = len(f)
    params = dynamax.make_lgssm_params(jnp.zeros(n), jnp.eye(n), f, q, h, r)
    post = module.lgssm_smoother(params, ys)
    smoothed = post.smoothed_means, post.smoothed_covariances, getattr(post, "smoothed_cross_covariances", None)
    return post.marginal_loglik, *smoothed, post.filtered_means, post.filtered_covariances


def by_cuthbert(f: Any, q: Any, h: Any, r: Any, ys: Any) -> Any:
    """Smoothing by cuthbert, whose chain moves once before it is seen."""
    n = len(f)
    moves = lambda y: (f, jnp.zeros(n), jnp.sqrt(q))
    reads = lambda y: (h, jnp.zeros(READ), jnp.sqrt(r), y)
    one = cuthbert_kalman.build_filter(jnp.zeros(n), jnp.eye(n), moves, reads)
    states = cuthbert.filter(one, ys, one.init_prepare())
    back = cuthbert_kalman.build_smoother(moves)
    smoothed = cuthbert.smoother(back, states, ys)
    return states.log_normalizing_constant[-1], smoothed.mean, smoothed.chol_cov


def by_hand(f: Any, q: Any, h: Any, r: Any, ys: Any) -> Any:
    """The recursion, without a product or a decomposition that would be a call."""
    n = len(f)
    times = lambda a, b: jnp.sum(a[:, :, None] * b[None, :, :], axis=1)
    apply = lambda a, x: jnp.sum(a * x[None, :], axis=1)

    def forward(carry: Any, y: Any) -> Any:
        m, p = carry
        ph = times(p, h.T)
        s = times(h, ph) + r
        det = s[0, 0] * s[1, 1] - s[0, 1] * s[1, 0]
        g = jnp.array([[s[1, 1], -s[0, 1]], [-s[1, 0], s[0, 0]]]) / det
        k, v = times(ph, g), y - apply(h, m)
        e = apply(g, v)
        density = -0.5 * (jnp.sum(v * e) + jnp.log(det)) - jnp.log(2 * jnp.pi)
        moved = times(times(f, p - times(k, ph.T)), f.T) + q
        return (apply(f, m + apply(k, v)), 0.5 * (moved + moved.T)), (m, p, e, g, k, density)

    def backward(carry: Any, x: Any) -> Any:
        back, n_, through = carry
        m, p, e, g, k = x
        back = apply(f.T, back)
        back = back + apply(h.T, e - apply(k.T, back))
        n_ = times(times(f.T, n_), f)
        nk = times(n_, k)
        n_ = n_ - times(nk, h) - times(h.T, nk.T) + times(times(h.T, times(k.T, nk) + g), h)
        moved = times(p - times(k, times(h, p)), f.T)
        cross = moved - times(moved, through)
        through = times(n_, p)
        cov = p - times(p, through)
        return (back, n_, through), (m + apply(p, back), 0.5 * (cov + cov.T), cross)

    _, (m, p, e, g, k, density) = jax.lax.scan(forward, (jnp.zeros(n), jnp.eye(n)), ys)
    start = jnp.zeros(n), jnp.zeros((n, n)), jnp.eye(n)
    _, (mean, cov, cross) = jax.lax.scan(backward, start, (m, p, e, g, k), reverse=True)
    return jnp.sum(density), mean, cov, cross, (m, p)


PEERS: dict[str, Callable[..., Any]] = {
    DYNAMAX: functools.partial(by_dynamax, dynamax),
    PARALLEL: functools.partial(by_dynamax, dynamax_parallel),
    CUTHBERT: by_cuthbert,
    HAND: by_hand,
}


def compiled(program: Callable[..., Any], given: Any) -> tuple[Any, float]:
    """A program for some arrays, and the seconds it took the processor to trace and compile it."""
    began = time.process_time()
    made = jax.jit(program).lower(*given).compile()
    return made, time.process_time() - began


def smoother_rows(n: int, t: int, peers: Sequence[str], form: str = "covariance") -> list[Row]:
    """One chain by ours and by peers, in turns."""
    given = arrays(n, t)
    made = {peer: compiled(PEERS[peer], given) for peer in peers}
    mine, seconds = compiled(ours(form), given)
    for peer, (program, _) in made.items():
        if peer in (DYNAMAX, HAND):
            assert np.allclose(program(*given)[1], mine(*given)[1], atol=1e-3), peer
    runs = [lambda run=run: jax.block_until_ready(run(*given)) for run in (mine, *(p for p, _ in made.values()))]
    times = in_turns(*runs, rounds=FEW if t > 10_000 or n > 8 else ROUNDS, clock=time.perf_counter)
    row = name(n, t) if form == "covariance" else f"{name(n, t)}, {form}"
    temp = lambda program: program.memory_analysis().temp_size_in_bytes / 2**20
    rows = []
    for (peer, (program, its)), peer_time in zip(made.items(), times[1:], strict=True):
        rows.append(Row(row, f"{TIME} beside {peer}", 1e3 * times[0], 1e3 * peer_time, peer))
        if peer in (DYNAMAX, PARALLEL):
            rows.append(Row(row, f"{MEMORY} beside {peer}", temp(mine), temp(program), peer))
            rows.append(Row(row, f"{COMPILE} beside {peer}", seconds, its, peer))
    return rows


def error_row(n: int, t: int) -> Row:
    """The log-evidence in float32 and in float64."""
    run = lambda f, q, h, r, ys: infer.log_evidence(chain(f, q, h, r, t), ys, form="covariance")
    found = float(jax.jit(run)(*arrays(n, t)))
    with jax.enable_x64(True):
        exact = float(jax.jit(run)(*(jnp.asarray(np.asarray(a, np.float32), float) for a in arrays(n, t))))
    return Row(name(n, t), ERROR, abs(found - exact), 0.02, LIMIT)


def long_row() -> Row:
    """A million steps in memory: megabytes beyond arguments and results, against three times the results."""
    given = arrays(4, LONG)
    program, _ = compiled(ours("covariance"), given)
    assert np.isfinite(program(*given)[0])
    used = program.memory_analysis()
    return Row(name(4, LONG), MEMORY, used.temp_size_in_bytes / 2**20, 3 * used.output_size_in_bytes / 2**20, LIMIT)


def measure() -> list[Row]:
    """All rows."""
    rows = []
    for n, lengths in LENGTHS.items():
        for t in lengths:
            beside = [DYNAMAX, *([HAND] if n in SMALL else []), *([CUTHBERT] if n == 4 and t <= 10_000 else [])]
            rows += smoother_rows(n, t, beside)
    return [*rows, *smoother_rows(4, 10_000, [PARALLEL], "blocks"), error_row(4, 100_000), long_row()]


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    limits = ((DYNAMAX, 0.08), (HAND, 1.3))
    small = [(name(n, t), peer, limit) for n in SMALL for t in LENGTHS[n] for peer, limit in limits]
    return [
        *(Gate(row, f"{TIME} beside {peer}", limit) for row, peer, limit in small),
        Gate(name(16, 10_000), f"{TIME} beside {DYNAMAX}", 0.8),
        Gate(name(16, 10_000), f"{MEMORY} beside {DYNAMAX}", 0.2),
        Gate(f"{name(4, 10_000)}, blocks", f"{COMPILE} beside {PARALLEL}", 1 / 3),
        Gate(name(4, 100_000), ERROR, 1.0),
        Gate(name(4, LONG), MEMORY, 1.0),
    ]
