"""Gaussian processes: from a covariance to the posterior, factorisation included, against limits that were promised.

Definition:
    A process with the covariance ``exp(-(x - y)²)`` or ``exp(-|x - y|)`` on points of an interval is a state of `Gauss`; some of its points are observed exactly.
    The first covariance is singular in floating point, at a rank of about forty, the second is not. The rows hold the time from the covariance to
    mean and covariance of the points that were not observed, and the same where a factor of the covariance is held already. Everything is in
    float64.
"""

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from catlearn import Gauss, R, gaussian, unit

from .harness import Gate, Row, in_turns

LIMIT, TIME = "the limit", "time (ms)"
SMALL, LARGE = (100, 4), (2000, 500)
SQUARE, ABSOLUTE = "squared exponential", "exponential"
LIMITS = {
    f"100 points, 4 observed, {SQUARE}": 3.0,
    f"100 points, 4 observed, {ABSOLUTE}": 3.0,
    f"100 points, 4 observed, {SQUARE}, factor held": 1.0,
    f"2,000 points, 500 observed, {SQUARE}": 3000.0,
    f"2,000 points, 500 observed, {ABSOLUTE}": 3000.0,
}


def covariance(kind: str, n: int, m: int) -> Any:
    """The covariance of `n` points, the `m` that are observed first, spread over the interval."""
    x = jnp.linspace(-5.0, 5.0, n)
    first = jnp.arange(m) * (n // m)
    x = jnp.concatenate([x[first], jnp.delete(x, first)])
    gap = x[:, None] - x[None, :]
    return jnp.exp(-(gap**2) if kind == SQUARE else -jnp.abs(gap))


def posterior(n: int, m: int, held: bool, matrix: Any, values: Any) -> tuple[Any, Any, Any]:
    """Mean and covariance of the points that are not observed, and whether the values fit, to the half of digits that a covariance has."""
    ends = unit, R(m) @ R(n - m)
    prior = gaussian(*ends, factor=matrix) if held else gaussian(*ends, covariance=matrix)
    found = Gauss.observe(prior, 1, (values,))
    return found.state.mean, found.state.covariance, found.residual < 1e-6


def works() -> dict[str, Callable[[], Any]]:
    """What is measured, by name."""
    made = {}
    for (n, m), points in ((SMALL, "100 points, 4 observed"), (LARGE, "2,000 points, 500 observed")):
        for kind in (SQUARE, ABSOLUTE):
            values = jnp.sin(jnp.linspace(-5.0, 5.0, n)[jnp.arange(m) * (n // m)])
            matrix = covariance(kind, n, m)
            made[f"{points}, {kind}"] = functools.partial(
                jax.jit(functools.partial(posterior, n, m, False)), matrix, values
            )
            if (n, m) == SMALL and kind == SQUARE:
                factor = gaussian(unit, R(n), covariance=matrix).factor
                run = jax.jit(functools.partial(posterior, n, m, True))
                made[f"{points}, {kind}, factor held"] = functools.partial(run, factor, values)
    return made


def measure() -> list[Row]:
    """All rows."""
    rows = []
    with jax.enable_x64(True):
        for name, work in works().items():
            run = lambda work=work: jax.block_until_ready(work())
            assert run()[2], name
            (seconds,) = in_turns(run, rounds=21 if name.startswith("100") else 3, clock=time.perf_counter)
            rows.append(Row(name, TIME, 1e3 * seconds, LIMITS[name], LIMIT))
    return rows


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    return [Gate(name, TIME, 1.0) for name in LIMITS]
