"""Laws of Monte Carlo: what holds of each draw, and what on average within bounds of a stated level.

Definition:
    A proposal that is the Bayesian inverse leaves no chance in the evidence: each weight is it. Along a chain that forgets its state at each step the same
    proposals do so for a particle filter, however it resamples. Resampling changes no mean.

What holds on average is tested with the inequality of Hoeffding, at a level of one in a thousand million: a mean is equal to what it becomes when it is
clipped to the bounds around the exact value.

References:
    Owen (2013), chapter 9; Del Moral (2004); Hoeffding (1963).
"""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories import Smooth
from ..constructions import ToSampled
from ..infer import Weighted, chain, importance, particle_filter
from ..objects import R
from ..theory import Conditionals
from .law import collect, law

LEVEL = 1e-9
_STEPS, _NUMBER, _TIMES = 3, 4, 2048


def _vector(values: Any) -> Any:
    values = np.atleast_1d(values)
    return Smooth.point(R(*values.shape), values)


def _clipped(mean: Any, exact: Any) -> Any:
    """The mean of numbers between zero and one, as far as chance may have taken it from the exact one."""
    bound = math.sqrt(math.log(2 / LEVEL) / (2 * _TIMES))
    return np.clip(mean, exact - bound, exact + bound)


def _model(draw: Any) -> tuple[Any, Any, Any]:
    """A key, a state, and a channel to a set of three elements."""
    x, y = draw.ob(), draw.ob()
    return jax.random.key(draw.number(0, 999)), draw.arrow(draw.category.unit, x), draw.arrow(x, y)


@law(needs=Conditionals, given=("monte carlo",))
def importance_of_inverse(draw):
    """p(x) c(y | x) / c†(x | y)  =  (p ; c)(y),   for each draw x of the inverse c†"""
    C, (key, p, c) = draw.category, _model(draw)
    F, y = ToSampled(C), draw.number(0, 2)
    found = importance(F(p), F(c), y, n=_NUMBER, proposal=F(C.bayes_inverse(c, p)), key=key)
    return _vector(np.exp(found.log_weights)), _vector(np.full(_NUMBER, (p >> c).table[y]))


@law(needs=Conditionals, given=("monte carlo",))
def filter_of_inverses(draw):
    """the evidence by a filter that is guided by inverses  =  Π (q_k ; e)(y_k),   if the chain forgets its state"""
    C, (key, p, e) = draw.category, _model(draw)
    F, x, y = ToSampled(C), p.cod, e.cod
    q = draw.arrow(C.unit, x)
    ys = np.array([draw.number(0, 2) for _ in range(_STEPS)])
    c = chain(F(p), F(C.discard(x) >> q), F(e), _STEPS)
    guides = {"start": F(C.bayes_inverse(e, p)), "proposal": F((C.discard(x) @ y) >> C.bayes_inverse(e, q))}
    exact = np.asarray((p >> e).table)[ys[0]] * np.prod(np.asarray((q >> e).table)[ys[1:]])
    for share in (0.5, 1.0):
        found = particle_filter(c, ys, n=_NUMBER, share=share, key=key, **guides)
        yield _vector(np.exp(found.log_evidence)), _vector(exact)


@law(needs=Conditionals, given=("monte carlo",))
def resampling_unbiased(draw):
    """E[how often a draw is resampled]  =  n W,   within bounds, and   systematically never one more or less"""
    key, p, _ = _model(draw)
    n, table = p.table.size, np.asarray(p.table)
    draws = Weighted(p.cod, (np.arange(n, dtype=np.int32),), jnp.log(p.table))
    for rule in ("systematic", "stratified", "multinomial"):
        found = np.asarray(_resampled_often(draws, rule, key))
        share = np.mean(found[..., None] == np.arange(n), axis=1)
        mean = np.mean(share, axis=0)
        yield _vector(mean), _vector(_clipped(mean, table))
        if rule == "systematic":
            yield _vector(share), _vector(np.clip(share, table - 1 / n, table + 1 / n))


@eqx.filter_jit
def _resampled_often(draws: Weighted, rule: str, key: Any) -> Any:
    """The values that are resampled, many times."""
    once = lambda key: draws.resampled(key=key, rule=rule).points[0]  # pyright: ignore[reportArgumentType]
    return jax.vmap(once)(jax.random.split(key, _TIMES))


LAWS = collect(globals())
