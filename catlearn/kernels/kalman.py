r"""Kalman's filter and the adjoint smoother, on covariances: the fast form, whose small steps are one loop without calls.

Definition:
    For ``x' = F x + u + N(0, Q)`` and ``y = H x + d + N(0, R)``, seen at `y`, one step of the *filter* takes the prediction `(m, P)` to

    .. math::
        S = H P H' + R, \quad K = P H' S^{-}, \quad v = y - H m - d, \qquad (m + K v, \; P - K S K')

    and then moves it on. The *adjoint smoother* goes back with a vector `r` and a matrix `N`, zero after the last step,

    .. math::
        L = F (I - K H), \qquad r \mapsto H' S^{-} v + L' r, \qquad N \mapsto H' S^{-} H + L' N L,

    and the smoothed law at a step is ``m + P r`` with covariance ``P - P N P``.

Nothing is inverted but `S`, so noises and covariances may be singular. `S` is inverted by sweeping its pivots: one that is rounding, relative to
the sizes that were added up in it, is left out, its equation is checked instead, and the density is that on the support. So what cannot
be is told, in any units.

Products of small matrices are sums of broadcasts here: a processor runs a loop of these as one kernel, and spends more on the calls of
one step than on twenty such steps. Under a prior of huge variance the differences cancel; use the square-root form there.

References:
    Kalman (1960); Bierman (1973) and de Jong (1989), for the adjoint smoother; Durbin, Koopman (2012), chapter 4; Dempster (1969), for sweeping.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from .linear_chain import Evidence, Filtered, Model, Smoothed, over_steps
from .semidefinite import default_tolerance, dot, or_one

_SMALL = 24
_UNROLLED = 8


class Moments(NamedTuple):
    """Means and covariances.

    Attributes:
        mean: ``(n,)``, or one a step.
        covariance: ``(n, n)``, or one a step.
    """

    mean: Any
    covariance: Any


def product(a: Any, b: Any) -> Any:
    """The matrix product, of small matrices without a call."""
    # Without the barrier the compiler would compute it again wherever it is used.
    return jax.lax.optimization_barrier(_sum(a, b))


def _sum(a: Any, b: Any) -> Any:
    """The matrix product, of small matrices as a sum of outer products; for use in one place."""
    if max(*a.shape, *b.shape) > _SMALL or not a.shape[1]:
        return dot(a, b)
    total = a[:, 0, None] * b[None, 0, :]
    for k in range(1, a.shape[1]):
        total = total + a[:, k, None] * b[None, k, :]
    return total


def apply(a: Any, x: Any) -> Any:
    """A matrix at a vector, without a call."""
    return jnp.sum(a * x[None, :], axis=1)


def spread(a: Any, variance: Any) -> Any:
    """The variances of a matrix at independent coordinates of some variances, which is the size of what is added up in it."""
    return jnp.sum(a * (a * variance[None, :]), axis=1)


def _diagonal(a: Any) -> Any:
    """The diagonal, without a gather."""
    return jnp.sum(jnp.where(np.eye(len(a), dtype=bool), a, 0), axis=1)


def _symmetric(a: Any) -> Any:
    return 0.5 * (a + a.T)


class Swept(NamedTuple):
    """A positive semidefinite matrix `S`, inverted on its pivots.

    Attributes:
        inverse: `G` with ``S G S = S``, ``(m, m)``; zero beside the pivots.
        pivots: their product is the determinant of their rows and columns, ``(m,)``; zero where a row is no pivot.
        others: each row that is no pivot as a combination of those that are, ``(m, m)``; zero for a pivot.
    """

    inverse: Any
    pivots: Any
    others: Any


def sweep(s: Any, cut: Any) -> Swept:
    """Invert a positive semidefinite matrix on the pivots beyond a cut.

    Args:
        s: ``(m, m)``.
        cut: for each row the pivot up to which it is rounding, ``(m,)``.

    Example:
        >>> both = sweep(jnp.full((2, 2), 4.0), jnp.full(2, 1e-6))
        >>> print(both.inverse[0], both.pivots, both.others[1])
        [0.25 0.  ] [4. 0.] [1. 0.]
    """
    m = s.shape[0]
    at = np.arange(m)

    def pivot(p: Any, carry: Any) -> Any:
        a, pivots, others = carry
        here = at == p
        row = a[p]
        counts = row[p] > cut[p]
        diagonal = jnp.where(counts, row[p], 1)
        column = jnp.where(here, -1, row)
        rest = jnp.where(here[:, None] | here[None, :], 0, a)
        swept = rest - jnp.where(counts, 1 / diagonal, 0) * column[:, None] * column[None, :]
        weights = jnp.where(pivots > 0, row, 0)
        return (
            swept,
            jnp.where(here & counts, diagonal, pivots),
            jnp.where(here[:, None] & ~counts, weights[None, :], others),
        )

    carry = s, jnp.zeros(m, s.dtype), jnp.zeros_like(s)
    if m <= _UNROLLED:
        for p in range(m):
            carry = pivot(p, carry)
    else:
        carry = jax.lax.fori_loop(0, m, pivot, carry)
    a, pivots, others = carry
    return Swept(0 - a, pivots, others)


class Innovation(NamedTuple):
    """What an observation says: `v`, ``S⁻ v``, `K`, and the sweep of `S`."""

    gap: Any
    weights: Any
    gain: Any
    swept: Swept

    def kept(self) -> "Kept":
        """What is kept of it."""
        return Kept(self.weights, self.gain, self.swept.inverse, jnp.sum(self.gap * self.weights), self.swept.pivots)


class Kept(NamedTuple):
    """What is kept of an observation.

    Attributes:
        weights: ``S⁻ v``, ``(m,)``.
        gain: `K`, ``(n, m)``.
        precision: ``S⁻``, ``(m, m)``.
        square: ``v' S⁻ v``.
        pivots: of `S`, ``(m,)``.
    """

    weights: Any
    gain: Any
    precision: Any
    square: Any
    pivots: Any


def _something(covariance: Any, size: Any, tol: float, added: Callable[[], Any]) -> Any:
    """A covariance where its variances are more than the rounding of terms of some sizes, or at least noise was added that is; elsewhere zero."""
    covariance = jax.lax.optimization_barrier(covariance)
    sure = _diagonal(covariance) > tol * size

    def looked_at() -> Any:
        keep = sure | (added() > tol**2 * size)
        return jnp.where(keep[:, None] & keep[None, :], covariance, 0)

    return jax.lax.cond(jnp.all(sure), lambda: covariance, looked_at)


def innovation_of(p: Any, step: Model, seen: Any) -> tuple[Any, Swept]:
    """``P H'``, and the sweep of `S`, for a covariance; what was not seen is never a pivot."""
    h = step.reading
    tol = default_tolerance(*h.shape, dtype=p.dtype)
    variance, error = _diagonal(p), _diagonal(step.error)
    ph = product(p, h.T)
    cut = jnp.where(seen, tol * (spread(h, variance) + error), jnp.inf)
    swept = sweep(_symmetric(product(h, ph)) + step.error, cut)
    return ph, swept


def update(prior: Moments, step: Model, value: Any, seen: Any) -> tuple[Moments, Innovation]:
    """One observation: the state after it, its covariance not made symmetric yet, and what was said."""
    m, p = prior
    h = step.reading
    tol = default_tolerance(*h.shape, dtype=p.dtype)
    variance, error = _diagonal(p), _diagonal(step.error)
    ph, swept = innovation_of(p, step, seen)
    v = value - step.shift - apply(h, m)
    gain = product(ph, swept.inverse)

    def left_by_error() -> Any:
        """What the errors of the readings leave at least, unless they cancel."""
        added = jnp.sum(_sum(gain, step.error) * gain, axis=1)
        return jnp.where(added > tol * spread(gain, error), added, 0)

    left = _something(p - _sum(gain, ph.T), variance, tol, left_by_error)
    return Moments(m + apply(gain, v), left), Innovation(v, apply(swept.inverse, v), gain, swept)


def symmetric(state: Moments) -> Moments:
    """The state with the symmetric part of its covariance, from which rounding alone made it differ."""
    return Moments(state.mean, _symmetric(state.covariance))


def predict(state: Moments, step: Model) -> Moments:
    """One move."""
    f = step.matrix
    tol = default_tolerance(*f.shape, dtype=f.dtype)
    noise = _diagonal(step.noise)
    moved = _symmetric(product(product(f, state.covariance), f.T)) + step.noise
    size = spread(f, _diagonal(state.covariance)) + noise
    return Moments(apply(f, state.mean) + step.offset, _something(moved, size, tol, lambda: noise))


def _forward(prior: Moments, model: Model, values: Any, seen: Any) -> tuple[Moments, Moments, Kept]:
    arrays, whole = over_steps(model)

    def step(predicted: Moments, x: Any) -> Any:
        entry, value, looked = x
        here = whole(entry)
        state, innovation = update(predicted, here, value, looked)
        return predict(state, here), (symmetric(state), predicted, innovation.kept())

    return jax.lax.scan(jax.checkpoint(step, prevent_cse=False), prior, (arrays, values, seen))[1]


def evidence_of(model: Model, values: Any, seen: Any, predicted: Moments, kept: Kept) -> Evidence:
    """What the observations said, after the filter has gone over them."""
    on, volumes = kept.pivots > 0, 2 * np.pi * kept.pivots.T
    # Rows are summed, not columns: over a short last axis a processor takes one logarithm at a time.
    logs = jnp.sum(jnp.log(jnp.where(on.T, volumes, 1)), axis=0)
    density = lambda tilt: -0.5 * (kept.square + logs + tilt)

    def dependent() -> Any:
        tilt, residual = _dependent(model, values, seen, predicted)
        return density(tilt), residual

    increments, residual = jax.lax.cond(jnp.all(on | ~seen), lambda: (density(0), jnp.zeros_like(logs)), dependent)
    return Evidence(increments, jnp.sum(on, axis=1), jax.lax.stop_gradient(residual))


def _dependent(model: Model, values: Any, seen: Any, predicted: Moments) -> tuple[Any, Any]:
    """What equations that are no pivots add at each step.

    On the image of a singular `S` its volume is that of the pivots times the tilt of the image against them. And the equations are checked: how far
    they are from holding, relative to the sizes of their terms.
    """
    arrays, whole = over_steps(model)

    def step(size: Any, x: Any) -> Any:
        entry, before, value, looked = x
        here = whole(entry)
        gap, _, gain, swept = update(before, here, value, looked)[1]
        others = jnp.where(looked[:, None], swept.others, 0)
        sizes = jnp.abs(value) + jnp.abs(here.shift) + apply(jnp.abs(here.reading), size)
        off = jnp.abs(gap - apply(others, gap)) / or_one(sizes + apply(jnp.abs(others), sizes))
        moved = jnp.abs(before.mean) + apply(jnp.abs(gain), jnp.abs(gap))
        following = apply(jnp.abs(here.matrix), moved) + jnp.abs(here.offset)
        return following, (_tilt(others), jnp.max(jnp.where(looked & (swept.pivots <= 0), off, 0), initial=0.0))

    return jax.lax.scan(step, jnp.abs(predicted.mean[0]), (arrays, predicted, values, seen))[1]


def _tilt(others: Any) -> Any:
    """``log det (I + B' B)``."""
    gram = jnp.eye(len(others), dtype=others.dtype) + product(others.T, others)
    return jnp.sum(jnp.log(sweep(gram, jnp.zeros(len(others), others.dtype)).pivots))


@jax.jit
def filtered(prior: Moments, model: Model, values: Any, seen: Any) -> Filtered:
    """The states of a chain given the observations up to each, and those before.

    Args:
        prior: of the state at the first observation.
        model: how it moves and is seen.
        values: ``(T, m)``; anything finite where nothing was seen.
        seen: which were seen, ``(T, m)``.
    """
    states, predicted, kept = _forward(prior, model, values, seen)
    return Filtered(states, predicted, evidence_of(model, values, seen, predicted, kept))


@jax.jit
def smoothed(prior: Moments, model: Model, values: Any, seen: Any) -> Smoothed:
    """The states of a chain given all observations; arguments as of `filtered`."""
    _, predicted, kept = _forward(prior, model, values, seen)
    arrays, whole = over_steps(model)

    def step(carry: Any, x: Any) -> Any:
        r, n, through = carry
        entry, (m, p), (weights, gain, precision) = x
        here = whole(entry)
        h = here.reading
        left = jax.lax.optimization_barrier(here.matrix - _sum(product(here.matrix, gain), h))
        r = apply(h.T, weights) + apply(left.T, r)
        n = product(product(left.T, n), left) + _sum(h.T, product(precision, h))
        moved = product(p, left.T)
        cross = moved - product(moved, through)
        through = product(n, p)
        state = Moments(m + apply(p, r), p - _symmetric(product(p, through)))
        return (r, n, through), (state, cross)

    # After the last step nothing moves on: r = 0, N = 0, and no covariance with a next state.
    zero = jnp.zeros_like(prior.covariance)
    start = jnp.zeros_like(prior.mean), zero, jnp.eye(len(zero), dtype=zero.dtype)
    xs = arrays, predicted, (kept.weights, kept.gain, kept.precision)
    states, cross = jax.lax.scan(jax.checkpoint(step, prevent_cse=False), start, xs, reverse=True)[1]
    return Smoothed(states, cross, predicted, evidence_of(model, values, seen, predicted, kept))
