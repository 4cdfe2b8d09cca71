r"""Laws of optimisers and losses: what a step is, whatever is learned.

Definition:
    An optimiser is a lens ``(S ⊗ P, S ⊗ P) → (P, T(P))``. Under a *constant request* `d` its run has a closed form, for
    instance ``p + (3 + 2 γ + γ²) d`` after three steps of momentum, whatever the arrow under it: such laws know nothing of how a
    step is computed. The step of a learner is the composite of model, loss, cap and optimiser,

    .. math:: \mathrm{put}(p, t, a) = p - ε \, \pi_P R[f ; e](p, t, a).

References:
    Cruttwell et al. (2103.01931), Sections 3 and 4.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from .. import learn
from ..constructions import para
from ..theory import CartesianReverseDifferential
from .law import collect, law


class _Entrywise(eqx.Module):
    """A function of one number, at each entry of each wire."""

    function: Any = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return jax.tree.map(self.function, xs)


def _times(C, X, number):
    """``x ↦ number x``."""
    return C.arrow(X, X, _Entrywise(lambda x: number * x))


class _Softmax(eqx.Module):
    """Exponentials that sum to one."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (jnp.exp(xs[0]) / jnp.sum(jnp.exp(xs[0])),)


class _Start(eqx.Module):
    """The state with which an optimiser begins, before the parameters and the request."""

    optimiser: Any
    n: int = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*self.optimiser.start(xs[: self.n]), *xs)


def _run(C, optimiser, P, steps):
    """``P ⊗ T(P) → P``: where the parameters are after some steps under the same request."""
    S, dP = optimiser.state(P), C.tangent(P)
    start = C.arrow(P @ dP, S @ P @ dP, _Start(optimiser, len(P)))
    step = (S @ P @ C.copy(dP)) >> (optimiser.lens(P).put @ dP)
    return C.then(start, *[step] * steps, C.discard(S) @ P @ C.discard(dP))


def _moved(C, P, by):
    """``P ⊗ T(P) → P``, ``(p, d) ↦ p + by(d)``, entry by entry."""
    dP = C.tangent(P)
    return C.first(P, dP) + (C.second(P, dP) >> C.arrow(dP, P, _Entrywise(by)))


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def gradient_update_moves(draw):
    """gradient_update:  get = id,   put(p, d)  =  p + d"""
    C, P = draw.category, draw.ob()
    lens = learn.gradient_update(0.5).lens(P)
    yield lens.get, C.id(P)
    yield lens.put, _moved(C, P, lambda d: d)


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def momentum_gathers(draw):
    """momentum, three steps under d:  p  ↦  p + (3 + 2 γ + γ²) d;   nesterov likewise"""
    C, P, decay = draw.category, draw.ob(), 0.5
    for optimiser in (learn.momentum(0.1, decay), learn.nesterov(0.1, decay)):
        yield _run(C, optimiser, P, 3), _moved(C, P, lambda d: (3 + 2 * decay + decay**2) * d)


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def nesterov_looks_ahead(draw):
    """nesterov:  get(s, p)  =  p + γ s,   put as momentum"""
    C, P, decay = draw.category, draw.ob(), 0.5
    ahead, plain = learn.nesterov(0.1, decay).lens(P), learn.momentum(0.1, decay).lens(P)
    yield ahead.get, C.second(P, P) + (C.first(P, P) >> _times(C, P, decay))
    yield ahead.put, plain.put


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def adagrad_slows(draw):
    """adagrad, two steps under d:  p  ↦  p + ε d (1 / (δ + |d|) + 1 / (δ + √2 |d|))"""
    C, P, delta = draw.category, draw.ob(), 0.5
    moved = lambda d: 0.1 * d * (1 / (delta + jnp.abs(d)) + 1 / (delta + jnp.sqrt(2.0) * jnp.abs(d)))
    return _run(C, learn.adagrad(0.1, delta=delta), P, 2), _moved(C, P, moved)


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def rmsprop_forgets(draw):
    """rmsprop, two steps under d:  p  ↦  p + ε d (1 / √((1 - β) d² + δ) + 1 / √((1 - β²) d² + δ))"""
    C, P, beta, delta = draw.category, draw.ob(), 0.75, 0.5
    moved = lambda d: sum(0.1 * d / jnp.sqrt((1 - beta**k) * d**2 + delta) for k in (1, 2))
    return _run(C, learn.rmsprop(0.1, decay=beta, delta=delta), P, 2), _moved(C, P, moved)


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def adam_is_unbiased(draw):
    """adam, three steps under d:  p  ↦  p + 3 ε d / (δ + |d|)"""
    C, P, delta = draw.category, draw.ob(), 0.5
    moved = lambda d: 3 * 0.1 * d / (delta + jnp.abs(d))
    return _run(C, learn.adam(0.1, delta=delta), P, 3), _moved(C, P, moved)


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def adamw_decays(draw):
    """adamw without a request, two steps:  p  ↦  (1 - ε λ)² p"""
    C, P = draw.category, draw.ob()
    dP = C.tangent(P)
    still = P @ C.zero(C.unit, dP)
    return still >> _run(C, learn.adamw(0.1, decay=0.5), P, 2), _times(C, P, (1 - 0.1 * 0.5) ** 2)


class _Constant(eqx.Module):
    """One number, from nothing."""

    value: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (jnp.asarray(self.value, float),)


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def step_descends(draw):
    """the step  =  (p - ε π_P R[f ; e](p, t, a), the rest of - ε R[f ; e](p, t, a)),   the rest as requests"""
    C, rate = draw.category, 0.25
    P, A, B, T = draw.obs(4)
    f, e = draw.arrow(P @ A, B), draw.arrow(T @ B, learn.quadratic().cod)
    learner = learn.supervised_step(para(P, f), para(T, e), learn.gradient_update(rate), requests=True)
    loss, X, rest = (C.swap(P, T) @ A) >> (T @ f) >> e, P @ T @ A, T @ A
    way = (X @ C.arrow(C.unit, loss.cod, _Constant(-rate))) >> C.R(loss)
    moved = (P @ C.discard(rest) @ X) >> ((C.first(P, P) + C.second(P, P)) @ rest)
    return learner.put, C.pair(C.id(X), way) >> moved


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def quadratic_requests(draw):
    """R[quadratic](t, b, a)  =  (a (t - b), a (b - t))"""
    C, shape = draw.category, (2,)
    e = learn.quadratic(*shape).arrow
    B = e.dom[:1]
    apart = C.first(B, B) + (C.second(B, B) >> _times(C, B, -1.0))
    both = C.pair(apart, apart >> _times(C, B, -1.0))
    return C.R(e), (both @ e.cod) >> C.arrow(B @ B @ e.cod, B @ B, _Scaled())


class _Scaled(eqx.Module):
    """All wires but the last, times the last."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(x * xs[-1] for x in xs[:-1])


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def cross_entropy_requests(draw):
    """R[cross entropy](t, b, a)  =  a (softmax(b) - t),   to the prediction, at a label t with Σ t = 1"""
    C = draw.category
    e = learn.soft_cross_entropy(3).arrow
    B, a = e.dom[:1], e.cod
    softmax = C.arrow(B, B, _Softmax())
    label = softmax @ B @ a  # any label, made to sum to one
    apart = (C.discard(B) @ softmax) + (C.first(B, B) >> _times(C, B, -1.0))
    return label >> C.R(e) >> C.second(B, B), label >> (apart @ a) >> C.arrow(B @ a, B, _Scaled())


@law(needs=CartesianReverseDifferential, given=("optimisers",))
def requests_of_dot(draw):
    """R[dot](t, b, a)  =  (a b, a t)"""
    C = draw.category
    e = learn.dot(2).arrow
    B = e.dom[:1]
    return C.R(e), (C.swap(B, B) @ e.cod) >> C.arrow(B @ B @ e.cod, B @ B, _Scaled())


LAWS = collect(globals())
