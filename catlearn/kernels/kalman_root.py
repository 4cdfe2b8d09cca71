r"""Kalman's filter and smoother on generators: the accurate form, for any rank, and for states of which nothing is known.

Definition:
    A state is ``x = b + A w + D u`` with `w` standard normal and `u` anything: mean, factor, and *fibre*. A reading ``y = H x + d + E e`` is an
    equation in ``(w, e, u)``. First `u` satisfies what it can of it, then the normal part the rest: with `V` a basis of the rows of what is left,

    .. math:: [A, 0] \mapsto [A, 0] (I - V V').

    Going back, a state given the next is an affine map with noise, ``x_k = G x_{k+1} + g + N + fibre``, found by regression of generators,
    and smoothing is substituting in it.

No covariance is formed, so none is subtracted: variances keep the digits that their roots have, under a prior of any size. Generators are
made triangular before a rank is decided, rows with the largest numbers first. A rank is decided relative to the sizes that were added up, and the
equations beyond it are checked.

The evidence is a density on the support. Under a fibre it is the integral over `u`, by Lebesgue's measure for the generators given.

References:
    Morf, Kailath (1975), for square roots in arrays; Durbin, Koopman (2012), chapter 5, for diffuse starts; Stein, Samuelson (2204.14024) for fibres.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from .linear_chain import Evidence, Filtered, Model, Smoothed, first_step, later_steps
from .semidefinite import compress, default_tolerance, dot, log_volume, norms, product, regress, residual, rows_of
from .subspaces import beyond, span

_SLACK = 64


class Roots(NamedTuple):
    """States by generators.

    Attributes:
        mean: ``(n,)``, or one a step.
        factor: ``(n, k)``, or one a step.
        fibre: ``(n, l)``, or one a step; without columns where all states are proper.
    """

    mean: Any
    factor: Any
    fibre: Any


def stacked(top: Any, below: Any) -> Any:
    """Generators of two vectors together, as a triangle: rows of one, then of the other."""
    both = jnp.concatenate([top, below])
    missing = max(0, len(both) + 1 - both.shape[1])
    return compress(jnp.pad(both, ((0, 0), (0, missing))))


def _clear(left: Any, before: Any, tol: float) -> Any:
    """The rows of a factor, without those that are the rounding of what they were before."""
    gone = (norms(left) <= tol * norms(before))[:, None]
    return left - jax.lax.stop_gradient(jnp.where(gone, left, 0))


class _Free(NamedTuple):
    """What a fibre makes of a reading."""

    mean: Any
    factor: Any
    fibre: Any
    gap: Any
    reads: Any
    volume: Any
    moved: Any


def _freed(state: Roots, wide: Any, reads: Any, gap: Any, h: Any) -> _Free:
    """Let the fibre satisfy what it can of a reading, of which the normal part makes `reads`."""
    mean, _, d = state
    rows = rows_of(product(h, d, slack=_SLACK), dot(jnp.abs(h), norms(d)), None)
    back = product(d, rows.inverse)
    across = product(rows.matrix, rows.inverse)
    less = lambda by, z, w: product(-by, z, w, slack=_SLACK)
    return _Free(
        product(back, gap, mean, slack=_SLACK),
        less(back, reads, wide),
        beyond(d, rows.parts.right),
        less(across, gap, gap),
        less(across, reads, reads),
        log_volume(rows),
        norms(back) * jnp.linalg.norm(norms(reads)),
    )


class Said(NamedTuple):
    """What a reading says: log-density, rank and residual, as of `Evidence`; and the sizes of the terms of the mean after it, ``(n,)``."""

    increment: Any
    rank: Any
    residual: Any
    reach: Any


def updated(state: Roots, step: Model, value: Any, seen: Any, reach: Any = 0.0) -> tuple[Roots, Said]:
    """A state after one reading.

    Args:
        state: before.
        step: how it is read.
        value: ``(m,)``.
        seen: which of them were seen, ``(m,)``; the others are no equations.
        reach: the sizes of the terms that the mean is made of, ``(n,)``, where they are larger than itself.

    Example:
        >>> step = Model(None, None, None, *map(jnp.asarray, ([[1.0, 1.0]], [0.0], jnp.zeros((1, 0)))))
        >>> after, said = updated(
        ...     Roots(jnp.zeros(2), jnp.eye(2), jnp.zeros((2, 0))), step, jnp.array([2.0]), jnp.array([True])
        ... )
        >>> print(after.mean.round(4), (after.factor @ after.factor.T).round(4), said.rank)
        [1. 1.] [[ 0.5 -0.5]
         [-0.5  0.5]] 1
    """
    mean, a, d = state
    off = lambda x: jnp.where(seen.reshape(-1, *(1,) * (x.ndim - 1)), x, 0)
    h, error, y = off(step.reading), off(step.error), off(value - step.shift)
    wide = jnp.pad(a, ((0, 0), (0, error.shape[1])))
    reads = jnp.concatenate([product(h, a), error], axis=1)
    reach = jnp.maximum(jnp.abs(mean), reach)
    gap, terms = product(-h, mean, y), off(jnp.abs(value) + jnp.abs(step.shift)) + dot(jnp.abs(h), reach)
    size = dot(jnp.abs(h), norms(a)) + norms(error)
    before, volume = wide, 0.0
    if d.shape[1]:
        mean, wide, d, gap, reads, volume, moved = _freed(state, wide, reads, gap, h)
        size = size + dot(jnp.abs(h), moved)
    tol = default_tolerance(*reads.shape, dtype=a.dtype)
    both = stacked(reads, wide)
    reads, factor = both[: len(gap)], both[len(gap) :]
    rows = rows_of(reads, size, tol)
    weights = rows.parts.solve(gap / rows.unit)
    move = dot(factor, weights)
    left = _clear(beyond(factor, rows.parts.right), before, tol)
    density = -0.5 * (jnp.sum(weights**2) + rows.parts.rank * jnp.log(2 * jnp.pi)) - log_volume(rows)
    terms = terms / rows.unit
    # What was not seen is no equation: it is not held against the rounding of the others.
    apart = residual(rows.parts.left, gap / rows.unit, jnp.where(seen, terms, jnp.max(terms, initial=0.0)))
    reach = jnp.abs(mean) + dot(jnp.abs(factor), jnp.abs(weights))
    return Roots(mean + move, left, d), Said(density - volume, rows.parts.rank.astype(int), apart, reach)


def moved(state: Roots, step: Model) -> Roots:
    """A state after one move."""
    f = step.matrix
    factor = jnp.concatenate([product(f, state.factor, slack=_SLACK), step.noise], axis=1)
    fibre = product(f, state.fibre, slack=_SLACK)
    return Roots(product(f, state.mean, step.offset), compress(jnp.pad(factor, ((0, 0), (0, 1)))), fibre)


@jax.jit
def filtered_roots(prior: Roots, model: Model, values: Any, seen: Any) -> Filtered:
    """The states of a chain given the observations up to each, and those before.

    Args:
        prior: of the state at the first observation.
        model: how it moves and is seen.
        values: ``(T, m)``; anything finite where nothing was seen.
        seen: which were seen, ``(T, m)``.
    """
    xs, whole = later_steps(model, values, seen)
    n = len(prior.mean)
    square = lambda s: s._replace(factor=compress(jnp.pad(s.factor, ((0, 0), (0, max(0, n + 1 - s.factor.shape[1]))))))

    def step(carry: Any, x: Any) -> Any:
        (before, reach), (entry, value, looked) = carry, x
        here = whole(entry)
        predicted = moved(before, here)
        reach = dot(jnp.abs(here.matrix), reach) + jnp.abs(here.offset)
        after, said = updated(predicted, here, value, looked, jax.lax.stop_gradient(reach))
        after = square(after)
        return (after, said.reach), (after, predicted, said)

    start = square(prior)
    first, said = updated(start, first_step(model), values[0], seen[0])
    first = square(first)
    later = jax.lax.scan(step, (first, said.reach), xs)[1]
    states, predicted, said = jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), (first, start, said), later)
    return Filtered(states, predicted, Evidence(said.increment, said.rank, said.residual))


class _Back(NamedTuple):
    """A state given the next: ``x = gain x' + offset``, with noise and a fibre."""

    gain: Any
    offset: Any
    factor: Any
    fibre: Any


def _backward(state: Roots, step: Model) -> _Back:
    """The law of a state given the next, by regression of its generators."""
    f, d = step.matrix, state.fibre
    zero = jnp.zeros_like(step.noise)
    after = jnp.concatenate([product(f, state.factor, slack=_SLACK), step.noise], axis=1)
    both = stacked(after, jnp.concatenate([state.factor, zero], axis=1))
    n = len(f)
    given, wanted = both[:n], both[n:]
    if not d.shape[1]:
        gain, factor = regress(given, wanted)
        fibre = d
    else:
        on = product(f, d, slack=_SLACK)
        rows = rows_of(on, norms(on), None)
        across, lift = product(on, rows.inverse), product(d, rows.inverse)
        less = lambda by, z, w: product(-by, z, w, slack=_SLACK)
        by_rest, factor = regress(less(across, given, given), less(lift, given, wanted))
        gain, fibre = lift + product(-by_rest, across, by_rest), beyond(d, rows.parts.right)
    ahead = product(f, state.mean, step.offset)
    return _Back(gain, product(-gain, ahead, state.mean), compress(factor), fibre)


@jax.jit
def smoothed_roots(prior: Roots, model: Model, values: Any, seen: Any) -> Smoothed:
    """The states of a chain given all observations; arguments as of `filtered_roots`."""
    found = filtered_roots(prior, model, values, seen)
    (entries, _, _), whole = later_steps(model, values, seen)
    earlier, last = jax.tree.map(lambda a: a[:-1], found.filtered), jax.tree.map(lambda a: a[-1], found.filtered)
    back = jax.vmap(lambda s, entry: _backward(s, whole(entry)))(earlier, entries)

    def step(after: Roots, by: _Back) -> Any:
        through = product(by.gain, after.factor, slack=_SLACK)
        factor = compress(jnp.pad(jnp.concatenate([through, by.factor], axis=1), ((0, 0), (0, 1))))
        fibre = after.fibre
        if fibre.shape[1]:
            fibre = span(jnp.concatenate([product(by.gain, fibre, slack=_SLACK), by.fibre], axis=1))[
                :, : fibre.shape[1]
            ]
        state = Roots(product(by.gain, after.mean, by.offset), factor, fibre)
        return state, (state, dot(through, after.factor.T))

    states, cross = jax.lax.scan(step, last, back, reverse=True)[1]
    states = jax.tree.map(lambda a, b: jnp.concatenate([a, b[None]]), states, last)
    cross = jnp.concatenate([cross, jnp.zeros_like(cross[:1]) if len(cross) else jnp.zeros((1, *2 * prior.mean.shape))])
    return Smoothed(states, cross, found.predicted, found.evidence)
