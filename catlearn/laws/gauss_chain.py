"""Laws of Gaussian chains: what each form says of a chain is what conditioning its composite says.

Definition:
    The composite of a chain, ``p ; copy ; (e ⊗ t) ; ...``, is one normal vector of all readings and a state. Observing its readings exactly, one wire
    after another, gives the law of the state, the density of each reading on its support, and whether it could be.

References:
    Särkkä, García-Fernández (1905.13002), for chains as composites.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..categories.gauss import Gauss, GaussianMap, gaussian
from ..infer import chain, filtered, smoothed
from ..objects import R, unit
from ..objects.euclidean import width
from ..theory import Conditionals
from .chain import LENGTH, composite
from .law import collect, law


def _chain(draw: Any) -> Any:
    C, (X, Y) = draw.category, draw.obs(2)
    return chain(draw.arrow(C.unit, X), draw.arrow(X, X), draw.arrow(X, Y), LENGTH)


def _readings(draw: Any, c: Any, moved: int = 0) -> Any:
    """What can be read, or what is `moved` away from it."""
    joint = composite(Gauss, c, 0, LENGTH)
    w = np.array([draw.number(-2, 2) for _ in range(joint.factor.shape[1])], float)
    ys = np.asarray(joint.mean + joint.factor @ w)[: LENGTH * width(c.observed)].reshape(LENGTH, -1)
    return ys + moved * np.eye(*ys.shape)


def _seen(state: Any) -> Any:
    """A state through unit noise: forms on covariances know that nothing is left of a variance up to its rounding alone."""
    n = width(state.cod)
    return state >> GaussianMap(state.cod, state.cod, jnp.eye(n), jnp.zeros(n), jnp.eye(n))


def _observed(joint: Any, ys: Any) -> tuple[Any, list[Any], list[Any]]:
    """A state after its first wires were observed, the log-densities of the observations, and which could be."""
    densities, oks = [], []
    for y in ys:
        found = Gauss.observe(joint, 1, (y,))
        joint = found.state
        densities.append(found.log_density)
        oks.append(found.ok)
    return joint, densities, oks


def _vector(*numbers: Any) -> GaussianMap:
    """Some numbers, as a state without noise."""
    mean = jnp.stack([jnp.asarray(n, float) for n in numbers])
    return GaussianMap(unit, R(len(numbers)), jnp.zeros((len(numbers), 0)), mean, jnp.zeros((len(numbers), 0)))


def _each_state(draw: Any, verb: Any, until: Any) -> Any:
    """What a form says of each state, and the composite that keeps it, observed at the readings up to some step."""
    c = _chain(draw)
    ys = _readings(draw, c)
    found = verb(c, ys, form=draw["form"])
    for k in range(LENGTH):
        yield _seen(found.state(k)), _seen(_observed(composite(Gauss, c, k, until(k)), ys[: until(k)])[0])


@law(needs=Conditionals, given=("form",))
def gauss_filtered(draw):
    """the filtered law of a state  =  the composite, observed at the readings up to its step"""
    yield from _each_state(draw, filtered, lambda k: k + 1)


@law(needs=Conditionals, given=("form",))
def gauss_smoothed(draw):
    """the smoothed law of a state  =  the composite, observed at all readings"""
    yield from _each_state(draw, smoothed, lambda k: LENGTH)


@law(needs=Conditionals, given=("form",))
def gauss_neighbours(draw):
    """the smoothed law of the first two states  =  the composite that keeps both, observed at all readings"""
    c = _chain(draw)
    ys = _readings(draw, c)
    found = smoothed(c, ys, form=draw["form"])
    x, t, e = c.hidden, c.transition, c.emission
    both = c.prior >> Gauss.pair(e, Gauss.pair(Gauss.id(x), t))
    both = both >> (c.observed @ x @ Gauss.pair(Gauss.id(x), Gauss.pair(e, t >> e)))
    both = both >> Gauss.pick(both.cod, (0, 3, 4, 1, 2))
    cov, cross = found.covariance, found.cross[0]
    joint = jnp.block([[cov[0], cross], [cross.T, cov[1]]])
    mean = jnp.concatenate([found.mean[0], found.mean[1]])
    # Through unit noise, as `_seen` has it.
    yield gaussian(unit, x @ x, None, mean, joint + jnp.eye(len(mean))), _seen(_observed(both, ys)[0])


@law(needs=Conditionals, given=("form",))
def gauss_evidence(draw):
    """the log-evidence, increment by increment  =  the log-densities of the readings of the composite, each on its support"""
    c = _chain(draw)
    ys = _readings(draw, c)
    found = filtered(c, ys, form=draw["form"])
    yield _vector(*found.increments), _vector(*_observed(composite(Gauss, c, 0, LENGTH), ys)[1])


@law(needs=Conditionals, given=("form",))
def gauss_possible(draw):
    """readings could be  =  observing them in the composite succeeds"""
    c = _chain(draw)
    for moved in (0, 1):
        ys = _readings(draw, c, moved)
        oks = _observed(composite(Gauss, c, 0, LENGTH), ys)[2]
        yield _vector(filtered(c, ys, form=draw["form"]).ok), _vector(jnp.all(jnp.stack(oks)))


@law(needs=Conditionals, given=("form",))
def gauss_unseen(draw):
    """a reading that was not seen  =  a reading that is discarded"""
    c = _chain(draw)
    ys = _readings(draw, c)
    gone = draw.number(0, LENGTH - 1)
    found = smoothed(c, ys, np.arange(LENGTH) != gone, form=draw["form"])
    kept = [k for k in range(LENGTH) if k != gone]
    for k in range(LENGTH):
        joint = composite(Gauss, c, k, LENGTH)
        left = _observed(joint >> Gauss.pick(joint.cod, (*kept, LENGTH)), ys[kept])[0]
        yield _seen(found.state(k)), _seen(left)


LAWS = collect(globals())
