"""Laws of the functor from parametric maps to learners: gradient descent is functorial, and what it does not respect.

Definition:
    `L` sends a parametric map to the learner that descends on an error. Beside the laws of a functor, which the draws of `L` run,
    its update is the supervised step, its request the dreaming step; it keeps isometric changes of the parameter and no others;
    and it carries the bimonoids of parametric maps to learners.

References:
    Fong, Spivak, Tuyéras (1711.10455), Theorem III.2 and Section V; Cruttwell et al. (2103.01931), Section 6, for what fails.
"""

from typing import Any

import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from ..categories import Smooth
from ..constructions import ParaCategory, reparametrise, transport
from ..learn import bimonoid, dream_step, gradient_update, supervised_step
from ..objects import R
from ..theory import Data
from .law import collect, law
from .learner import parts, tuple_of


class _Solve(Data):
    """``(a, z) ↦ f_a(z)`` at each pair of wires."""

    error: Any

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        n = len(xs) // 2
        return self.error.solve(xs[:n], xs[n:])


def _solve(L, x):
    return Smooth.arrow(x @ x, x, _Solve(L.error))


def _times(c, x):
    return bimonoid.scale(x, c).arrow


@law(needs=ParaCategory, given=("gradient learner",))
def learner_gradients(draw):
    """U(p, a, b)  =  p - ε ∇E,   r(p, a, b)  =  f_a(∇E),   with E(p, a, b) = Σ e(I(p, a), b)"""
    L, f = draw["gradient learner"], draw.arrow()
    P, A, B = f.parameter, f.dom, f.cod
    p, a, b = parts(Smooth, P, A, B)
    total = tuple_of(Smooth, b, p, a) >> (B @ f.arrow) >> L.error.loss(B).arrow
    one = Smooth.discard(P @ A @ B) >> Smooth.point(R(), 1.0)
    to_p, to_a, _ = (
        Smooth.pair(Smooth.id(P @ A @ B), one) >> Smooth.R(total) >> part for part in parts(Smooth, P, A, B)
    )
    learner = L(f)
    yield learner.update, p + (to_p >> _times(-L.rate, P))
    yield learner.request, Smooth.pair(a, to_a) >> _solve(L, A)


@law(needs=ParaCategory, given=("gradient learner",))
def update_is_supervised_step(draw):
    """U(p, a, b)  =  the supervised step with the loss Σ e, the cap -ε and the gradient update"""
    L, f = draw["gradient learner"], draw.arrow()
    step = supervised_step(f, L.error.loss(f.cod), gradient_update(L.rate))
    p, a, b = parts(Smooth, f.parameter, f.dom, f.cod)
    return L(f).update, tuple_of(Smooth, p, b, a) >> step.put


@law(needs=ParaCategory, given=("gradient learner",))
def request_is_dream_step(draw):
    """r(p, a, b)  =  f_a(-a'),   where a + a' is the dreaming step with the loss Σ e and the cap -1"""
    L, f = draw["gradient learner"], draw.arrow()
    step = dream_step(f, L.error.loss(f.cod), gradient_update(1.0))
    p, a, b = parts(Smooth, f.parameter, f.dom, f.cod)
    minus_moved = a + (tuple_of(Smooth, a, b, p) >> step.put >> _times(-1.0, f.dom))
    return L(f).request, Smooth.pair(a, minus_moved) >> _solve(L, f.dom)


class _Mirror(Data):
    """The reflection of all numbers of a value, as one vector, in a plane that a number chooses: an isometry, its own inverse."""

    angle: Any

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        if not xs:
            return xs
        flat, unflat = ravel_pytree(xs)
        normal = jnp.cos(self.angle * jnp.arange(1.0, 1.0 + flat.size))
        return unflat(flat - 2 * normal * (normal @ flat) / (normal @ normal))


@law(needs=ParaCategory, given=("gradient learner",))
def learner_isometry(draw):
    """L(f[h])  =  L(f), transported along h,   for an isometry h"""
    L, f, angle = draw["gradient learner"], draw.arrow(), jnp.asarray(float(draw.number(1, 9)))
    mirror = Smooth.arrow(f.parameter, f.parameter, _Mirror(angle))
    return L(reparametrise(f, mirror)), transport(L(f), mirror, mirror)


@law(needs=ParaCategory, given=("gradient learner",))
def learner_doubled(draw):
    """L(f[h])  =  L(f), transported along h,   for h(p) = 2 p"""
    L, f = draw["gradient learner"], draw.arrow()
    double, half = _times(2.0, f.parameter), _times(0.5, f.parameter)
    return L(reparametrise(f, double)), transport(L(f), double, half)


@law(needs=ParaCategory, given=("gradient learner",))
def doubled_but_for_the_update(draw):
    """implementation and request of L(f[h])   =   those of L(f), transported along h,   for h(p) = 2 p"""
    L, f = draw["gradient learner"], draw.arrow()
    double, half = _times(2.0, f.parameter), _times(0.5, f.parameter)
    one, other = L(reparametrise(f, double)), transport(L(f), double, half)
    yield one.implement, other.implement
    yield one.request, other.request


def _bimonoid(draw):
    """The parts of an object as learners, and the crossing of two of its wires in the middle of four."""
    L, X = draw["gradient learner"], draw.base.ob()
    add, zero, copy, discard = (L(part(X)) for part in (bimonoid.add, bimonoid.zero, bimonoid.copy, bimonoid.discard))
    return X, add, zero, copy, discard


@law(needs=ParaCategory, given=("gradient learner",))
def learner_comonoid(draw):
    """copy ; (copy ⊗ X)  =  copy ; (X ⊗ copy),   copy ; (discard ⊗ X)  =  id,   copy ; swap  =  copy,   in Learn"""
    X, _, _, copy, discard = _bimonoid(draw)
    C = copy.category
    yield copy >> (copy @ X), copy >> (X @ copy)
    yield copy >> (discard @ X), C.id(X)
    yield copy >> C.swap(X, X), copy


@law(needs=ParaCategory, given=("gradient learner",))
def learner_monoid(draw):
    """(add ⊗ X) ; add  =  (X ⊗ add) ; add,   (zero ⊗ X) ; add  =  id,   swap ; add  =  add,   in Learn"""
    X, add, zero, _, _ = _bimonoid(draw)
    C = add.category
    yield (add @ X) >> add, (X @ add) >> add
    yield (zero @ X) >> add, C.id(X)
    yield C.swap(X, X) >> add, add


@law(needs=ParaCategory, given=("gradient learner",))
def learner_bialgebra(draw):
    """add ; copy  =  (copy ⊗ copy) ; (X ⊗ swap ⊗ X) ; (add ⊗ add),   zero ; copy  =  zero ⊗ zero,   add ; discard  =  discard ⊗ discard,   zero ; discard  =  id"""
    X, add, zero, copy, discard = _bimonoid(draw)
    C = add.category
    yield add >> copy, (copy @ copy) >> (X @ C.swap(X, X) @ X) >> (add @ add)
    yield zero >> copy, zero @ zero
    yield add >> discard, discard @ discard
    yield zero >> discard, C.id(C.unit)


@law(needs=ParaCategory, given=("gradient learner",))
def learner_scale(draw):
    """scale(λ) ; scale(μ)  =  scale(λ μ),   add ; scale(λ)  =  (scale(λ) ⊗ scale(λ)) ; add,   scale(λ) ; copy  =  copy ; (scale(λ) ⊗ scale(λ)),   in Learn"""
    X, add, _, copy, _ = _bimonoid(draw)
    L, n, m = draw["gradient learner"], draw.number(-5, 5) / 2, draw.number(-5, 5) / 2
    scale, both = L(bimonoid.scale(X, n)), L(bimonoid.scale(X, n * m))
    yield scale >> L(bimonoid.scale(X, m)), both
    yield add >> scale, (scale @ scale) >> add
    yield scale >> copy, copy >> (scale @ scale)


LAWS = collect(globals())
