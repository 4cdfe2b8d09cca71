"""Laws of the learning step: identities between optimisers, rates and losses, and what a batch is.

Definition:
    A learning step is a model, a loss, a rate and an optimiser, assembled into one map ``put`` on state, parameters and data.
    That assembly equals the closed formula; a rate may stand in the cap or in the update; a memory of zero is no
    memory; gradient descent never reads the value of its loss; and a batch is a bag: its order does not matter, and the step
    of the whole is the mean of the steps of its halves.

References:
    Cruttwell et al. (2103.01931), Sections 3 and 4.
"""

from typing import Any

import equinox as eqx
import jax

from ..categories import Smooth
from ..constructions import ParaCategory
from ..learn import gradient_update, momentum, nesterov, quadratic, sgd, supervised_step
from ..objects import R
from .draws import Rows
from .law import collect, law

TARGET = R(2)


class _Times(eqx.Module):
    """``x ↦ c x``."""

    c: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return jax.tree.map(lambda x: self.c * x, xs)


def _times(c, X):
    return Smooth.arrow(X, X, _Times(c))


def _rate(draw):
    return draw.number(1, 9) / 10


@law(needs=ParaCategory, given=("step",))
def momentum_without_memory(draw):
    """momentum(ε, γ = 0)  =  gradient update  =  nesterov(ε, γ = 0),   forgetting the state"""
    P, rate = draw.base.ob(), _rate(draw)
    plain = gradient_update(rate).lens(P)
    for family in (momentum, nesterov):
        for paper_sign in (False, True):
            lens = family(rate, 0.0, paper_sign=paper_sign).lens(P)
            yield lens.get, Smooth.discard(P) @ plain.get
            yield lens.put >> Smooth.second(P, P), Smooth.discard(P) @ plain.put


@law(needs=ParaCategory, given=("step",))
def rate_slides(draw):
    """cap(-ε) with put(p, p') = p + p'   =   cap(-1) with put(p, p') = p + ε p'"""
    f, rate = draw.arrow(cod=TARGET), _rate(draw)
    in_cap, in_update = gradient_update(rate), sgd(rate)
    return supervised_step(f, quadratic(2), in_cap).put, supervised_step(f, quadratic(2), in_update).put


@law(needs=ParaCategory, given=("step",))
def loss_value_unread(draw):
    """the step with the loss e   =   the step with the loss e + c"""
    C, f, rate, c = draw.category, draw.arrow(cod=TARGET), _rate(draw), draw.number(-9, 9)
    loss, descent = quadratic(2), gradient_update(rate)
    raised = Smooth.id(R()) + (Smooth.discard(R()) >> Smooth.point(R(), float(c)))
    return supervised_step(f, loss, descent).put, supervised_step(f, loss >> C.lift(raised), descent).put


@law(needs=ParaCategory, given=("step",))
def quadratic_step(draw):
    """put(p, b, a)  =  p - ε · fst R[f](p, a, f(p, a) - b)"""
    f, rate = draw.arrow(cod=TARGET), _rate(draw)
    P, A = f.parameter, f.dom
    point = P @ Smooth.discard(TARGET) @ A
    prediction, label = point >> f.arrow, Smooth.discard(P) @ TARGET @ Smooth.discard(A)
    gradient = Smooth.pair(point, prediction + (label >> _times(-1.0, TARGET))) >> Smooth.R(f.arrow)
    closed = (P @ Smooth.discard(TARGET @ A)) + (gradient >> Smooth.first(P, A) >> _times(-rate, P))
    return supervised_step(f, quadratic(2), gradient_update(rate)).put, closed


@law(needs=ParaCategory, given=("step",))
def batch_order(draw):
    """the step on a batch in another order   =   the step on the batch"""
    f, rate = draw.arrow(cod=TARGET), _rate(draw)
    step = supervised_step(f, quadratic(2), momentum(rate, 0.5), batch=3)
    order = Rows(3, (2, 0, 1))
    return (step.state @ order.at(TARGET) @ order.at(f.dom)) >> step.put, step.put


@law(needs=ParaCategory, given=("step",))
def batch_halves(draw):
    """twice the step on a batch   =   the step on its first half + the step on its second half"""
    f, rate = draw.arrow(cod=TARGET), _rate(draw)
    whole, half = (supervised_step(f, quadratic(2), gradient_update(rate), batch=n).put for n in (4, 2))
    first, second = Rows(4, (0, 1)), Rows(4, (2, 3))
    on_halves = [(f.parameter @ rows.at(TARGET) @ rows.at(f.dom)) >> half for rows in (first, second)]
    return whole + whole, on_halves[0] + on_halves[1]


LAWS = collect(globals())
