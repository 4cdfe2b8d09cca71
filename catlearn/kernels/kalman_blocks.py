r"""Kalman's filter and smoother in blocks: all blocks of a chain at once, and a scan over what they do.

Definition:
    One move and one observation take a state `z` to a density of the next, times the density of what was seen:

    .. math:: N(x; A z + b, C) \, \exp(l + \eta' z - \tfrac12 z' J z).

    Such *elements* compose: `i`, then `j`, with ``W = (I + C_i J_j)^{-1}`` is

    .. math::
        A_j W A_i, \quad A_j W (b_i + C_i \eta_j) + b_j, \quad A_j W C_i A_j' + C_j, \quad
        A_i' W' (\eta_j - J_j b_i) + \eta_i, \quad A_i' W' J_j A_i + J_i,

        l_i + l_j - \tfrac12 \log |I + C_i J_j| + \eta_j' W b_i - \tfrac12 b_i' J_j W b_i + \tfrac12 \eta_j' W C_i \eta_j.

No covariance of a state is inverted, so they may be singular. The adjoint smoother goes back by ``r ↦ L' r + w`` and ``N ↦ L' N L + M``, which
compose without any inverse. The elements of whole blocks are products; within a block a state is passed from step to step as in the sequential
form, and so are the densities, one for each observation.

An exact reading of what moved without noise has no such element: its density is a point's. Then, and where a block knows its first state so much
better than the prior that products would lose half of the digits, the chain is run one step after another.

References:
    Särkkä, García-Fernández (1905.13002), for the elements; the logarithm is derived here.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding

from .kalman import (
    Kept,
    Moments,
    apply,
    evidence_of,
    filtered,
    innovation_of,
    predict,
    product,
    smoothed,
    symmetric,
    update,
)
from .linear_chain import Filtered, Model, Smoothed, first_step, later_steps
from .scan import Action, passed
from .semidefinite import dot


class Element(NamedTuple):
    """What some steps do; see the module.

    Attributes:
        matrix: `A`, ``(n, n)``.
        offset: `b`, ``(n,)``.
        noise: `C`, ``(n, n)``.
        weights: `η`, ``(n,)``.
        information: `J`, ``(n, n)``.
        log: `l`.
        strain: how many times more was seen than had been known, at most, in the products that made it; infinite if an observation was exact.
    """

    matrix: Any
    offset: Any
    noise: Any
    weights: Any
    information: Any
    log: Any
    strain: Any


class Bracketing(NamedTuple):
    """Where a chain is cut.

    Attributes:
        block: the length of a block; that of `scan.default_block`, if left out.
        over: the devices that share the blocks, as of `scan.passed`; one device, if left out.
    """

    block: int | None = None
    over: NamedSharding | None = None


ONE_DEVICE = Bracketing()


class Passed(NamedTuple):
    """The state that is passed along.

    Attributes:
        state: mean and covariance.
        strain: of the elements that led to it.
    """

    state: Moments
    strain: Any


def nothing(n: int, dtype: Any) -> Element:
    """The element of no steps, for `n` coordinates."""
    eye, zero = jnp.eye(n, dtype=dtype), jnp.zeros(n, dtype)
    return Element(eye, zero, 0 * eye, zero, 0 * eye, jnp.zeros((), dtype), jnp.zeros((), dtype))


def compose(i: Element, j: Element) -> Element:
    """The element of some steps and of those that follow.

    Example:
        >>> walk = Model(*map(jnp.asarray, ([[1.0]], [0.0], [[1.0]], [[1.0]], [0.0], [[1.0]])))
        >>> one = extended(nothing(1, float), walk, jnp.ones(1), jnp.array([True]))
        >>> both = compose(one, one)
        >>> print(both.matrix.round(4), both.noise.round(4), both.information.round(4))
        [[0.2]] [[0.6]] [[0.6]]
    """
    n = len(i.offset)
    apart = jnp.eye(n, dtype=i.noise.dtype) + dot(i.noise, j.information)
    w = jnp.linalg.inv(apart)
    back, toward = dot(w, i.matrix), dot(j.matrix, w)
    known = dot(j.information, dot(w, i.offset))
    b, c = dot(w, i.offset), dot(w, i.noise)
    return Element(
        dot(j.matrix, back),
        dot(toward, i.offset + dot(i.noise, j.weights)) + j.offset,
        _symmetric(dot(dot(j.matrix, c), j.matrix.T)) + j.noise,
        dot(back.T, j.weights - dot(j.information, i.offset)) + i.weights,
        _symmetric(dot(dot(back.T, j.information), i.matrix)) + i.information,
        i.log
        + j.log
        - 0.5 * jnp.linalg.slogdet(apart)[1]
        + dot(j.weights, b)
        - 0.5 * dot(i.offset, known)
        + 0.5 * dot(j.weights, dot(c, j.weights)),
        jnp.maximum(jnp.maximum(i.strain, j.strain), _strain(i.noise, j.information)),
    )


def _symmetric(a: Any) -> Any:
    return 0.5 * (a + a.T)


def _strain(noise: Any, information: Any) -> Any:
    """The sum of the eigenvalues of ``C J``: in any units how much is seen of what is not known."""
    return jax.lax.stop_gradient(jnp.sum(noise * information))


def acted(before: Passed, element: Element) -> Passed:
    """The state after some steps."""
    (m, p), strain = before
    w = jnp.linalg.inv(jnp.eye(len(m), dtype=p.dtype) + dot(p, element.information))
    toward = dot(element.matrix, w)
    mean = dot(toward, m + dot(p, element.weights)) + element.offset
    covariance = _symmetric(dot(dot(toward, p), element.matrix.T)) + element.noise
    here = jnp.maximum(element.strain, _strain(p, element.information))
    return Passed(Moments(mean, covariance), jnp.maximum(strain, here))


def extended(element: Element, step: Model, value: Any, seen: Any) -> Element:
    """The element of some steps and of one more: a filter that starts anywhere, and what it says of where.

    Args:
        element: of the steps before.
        step: the move and the reading.
        value: what was seen, ``(m,)``.
        seen: which of it, ``(m,)``.
    """
    h = step.reading
    moved = product(step.matrix, element.matrix)
    (b, c) = predict(Moments(element.offset, element.noise), step)
    ph, swept = innovation_of(c, step, seen)
    on = swept.pivots > 0
    v = value - step.shift - apply(h, b)
    gain, read = product(ph, swept.inverse), product(h, moved)
    said = apply(swept.inverse, v)
    density = jnp.sum(v * said) + jnp.sum(jnp.where(on, jnp.log(2 * np.pi * jnp.where(on, swept.pivots, 1)), 0))
    return Element(
        moved - product(gain, read),
        b + apply(gain, v),
        _symmetric(c - product(gain, ph.T)),
        element.weights + apply(read.T, said),
        element.information + product(read.T, product(swept.inverse, read)),
        element.log - 0.5 * density,
        jnp.where(jnp.all(on | ~seen), element.strain, jnp.inf),
    )


def _forward(
    prior: Moments, model: Model, values: Any, seen: Any, blocks: Bracketing
) -> tuple[Moments, Moments, Kept, Any]:
    xs, whole = later_steps(model, values, seen)
    state, innovation = update(prior, first_step(model), values[0], seen[0])

    def step(before: Passed, x: Any) -> Any:
        entry, value, looked = x
        predicted = predict(before.state, whole(entry))
        after, said = update(predicted, whole(entry), value, looked)
        after = symmetric(after)
        return Passed(after, before.strain), (after, predicted, said.kept(), before.strain)

    def extend(total: Element, x: Any) -> Element:
        return extended(total, whole(x[0]), *x[1:])

    lift = lambda x: extend(nothing(len(prior.mean), prior.mean.dtype), x)
    start = Passed(symmetric(state), jnp.zeros((), prior.mean.dtype))
    later = passed(step, start, xs, Action(lift, compose, acted, extend), block=blocks.block, over=blocks.over)
    first = start.state, prior, innovation.kept(), start.strain
    return jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), first, later)


class Adjoint(NamedTuple):
    """What the future says of a state: ``r ↦ turn r + weights``, ``N ↦ turn N turn' + information``.

    Attributes:
        turn: ``(n, n)``.
        weights: ``(n,)``.
        information: ``(n, n)``.
    """

    turn: Any
    weights: Any
    information: Any


def preceded(earlier: Adjoint, later: Adjoint) -> Adjoint:
    """The adjoint of some steps and of those that follow."""
    return Adjoint(product(earlier.turn, later.turn), *told((later.weights, later.information), earlier))


def told(after: tuple[Any, Any], step: Adjoint) -> tuple[Any, Any]:
    """`r` and `N` before some steps, of those after."""
    r, n = after
    return (
        step.weights + apply(step.turn, r),
        step.information + product(product(step.turn, n), step.turn.T),
    )


def _backward(found: tuple[Moments, Moments, Kept, Any], model: Model, blocks: Bracketing) -> tuple[Moments, Any]:
    """The adjoint smoother in blocks."""
    _, predicted, kept, _ = found
    f, h = model.matrix, model.reading
    at = lambda a, k: a[k] if a.ndim > 2 else a

    def lift(x: Any) -> Adjoint:
        move, read, gain, weights, precision = x
        move, read = f if move is None else move, h if read is None else read
        left = move - product(product(move, gain), read)
        return Adjoint(left.T, apply(read.T, weights), product(read.T, product(precision, read)))

    def step(after: Any, x: Any) -> Any:
        before = told(after, lift(x))
        return before, before

    parts = kept.gain, kept.weights, kept.precision
    rest = tuple(a[:-1] for a in parts)
    last = lift((jnp.zeros_like(at(f, 0)), at(h, -1), *(a[-1] for a in parts)))
    end = last.weights, last.information
    xs = f if f.ndim > 2 else None, h[:-1] if h.ndim > 2 else None, *rest
    action = Action(lift, preceded, told)
    earlier = passed(step, end, xs, action, block=blocks.block, over=blocks.over, reverse=True)
    r, n = jax.tree.map(lambda a, b: jnp.concatenate([a, b[None]]), earlier, end)
    m, p = predicted
    states = jax.vmap(lambda m, p, r, n: Moments(m + apply(p, r), p - _symmetric(product(p, product(n, p)))))(
        m, p, r, n
    )
    lefts = jax.vmap(lambda x: lift(x).turn)(xs)
    crossing = lambda p, turn, n, q: product(product(p, turn), jnp.eye(len(p), dtype=p.dtype) - product(n, q))
    cross = jax.vmap(crossing)(p[:-1], lefts, n[1:], p[1:])
    return states, jnp.concatenate([cross, jnp.zeros_like(p[:1])])


def _sound(strains: Any) -> Any:
    """Whether no product lost more than half of the digits."""
    return jnp.max(strains) < float(jnp.finfo(strains.dtype).eps) ** -0.5


@functools.partial(jax.jit, static_argnames="blocks")
def filtered_blocks(prior: Moments, model: Model, values: Any, seen: Any, blocks: Bracketing = ONE_DEVICE) -> Filtered:
    """`kalman.filtered`, in blocks.

    Args:
        prior: of the state at the first observation.
        model: how it moves and is seen.
        values: ``(T, m)``.
        seen: which were seen, ``(T, m)``.
        blocks: where it is cut.
    """
    states, predicted, kept, strains = _forward(prior, model, values, seen, blocks)
    at_once = lambda: Filtered(states, predicted, evidence_of(model, values, seen, predicted, kept))
    return jax.lax.cond(_sound(strains), at_once, lambda: filtered(prior, model, values, seen))


@functools.partial(jax.jit, static_argnames="blocks")
def smoothed_blocks(prior: Moments, model: Model, values: Any, seen: Any, blocks: Bracketing = ONE_DEVICE) -> Smoothed:
    """`kalman.smoothed`, in blocks; arguments as of `filtered_blocks`."""
    found = _forward(prior, model, values, seen, blocks)

    def at_once() -> Smoothed:
        states, cross = _backward(found, model, blocks)
        return Smoothed(states, cross, found[1], evidence_of(model, values, seen, found[1], found[2]))

    return jax.lax.cond(_sound(found[3]), at_once, lambda: smoothed(prior, model, values, seen))
