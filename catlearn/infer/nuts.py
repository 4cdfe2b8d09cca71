r"""The no-U-turn sampler: a walk through the posterior by its gradient.

Definition:
    For a prior ``p : I → X`` and a channel ``c : X → Y`` in `Sampled` whose densities are known, on a Euclidean `X`, and an observation `y`, the walk is a
    Markov chain whose stationary law is the posterior: it moves along Hamilton's equations with the potential

    .. math:: -\log p(x) - \log c(y \mid x)

    until it turns back, and takes a point of what it saw. Step size and scales are adapted in a warm-up, whose points are dropped.

The walk is numpyro's. The densities must be positive and differentiable on all of `X`: write a positive number by its logarithm. Where several walks
started apart do not agree, `r_hat` is above one, and no estimate is to be trusted; where it is one they may all have missed the same part.

References:
    Hoffman, Gelman (1111.4246); Phan, Pradhan, Jankowiak (1912.11554), for numpyro; Vehtari and others (1903.08008), for the diagnostics.
"""

import importlib
from collections.abc import Callable
from typing import Any, final

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import Sampler
from ..objects import Ob, unit
from ..objects.euclidean import flatten, unflatten, width
from ..theory import Data, door
from ..theory.errors import MissingExtra
from .importance import check_sampler, importance, log_density
from .weighted import Values

_TRIED = 256


@final
class Walks(Data):
    """Points of some walks through a posterior; see the module.

    Attributes:
        ob: the object of the points.
        points: of each wire, with two leading axes: walks, and points of each.
        diverged: how many steps went wrong, after the warm-up, on each walk: more than a few say that a part was not reached.
    """

    ob: Ob = eqx.field(static=True)
    points: Values
    diverged: Any

    @door
    def expect(self, function: Callable[..., Any]) -> Any:
        """The mean of a function of one argument a wire."""
        found = jax.vmap(jax.vmap(function))(*self.points)
        return jax.tree.map(lambda ys: jnp.mean(jnp.asarray(ys, float), axis=(0, 1)), found)

    @property
    def effective(self) -> Any:
        """The effective number of draws of each coordinate: that many independent ones would have the same error. For use outside ``jit``."""
        return _numpyro("diagnostics").effective_sample_size(self._coordinates)

    @property
    def r_hat(self) -> Any:
        """The spread of all points of each coordinate over that within a walk: one, if the walks agree. For use outside ``jit``."""
        return _numpyro("diagnostics").split_gelman_rubin(self._coordinates)

    @property
    def _coordinates(self) -> Any:
        return jax.device_get(jax.vmap(jax.vmap(lambda *x: flatten(self.ob, x)))(*self.points))


def _numpyro(module: str) -> Any:
    try:
        return importlib.import_module(f"numpyro.{module}")
    except ImportError as error:
        raise MissingExtra("infer.nuts", "sample") from error


@door
def nuts(
    prior: Sampler,
    channel: Sampler,
    observed: Any,
    *,
    n: int,
    walks: int = 2,
    warm_up: int = 500,
    key: Any,
) -> Walks:
    """Points of walks through the posterior of a prior, given what was observed through a channel.

    The walks start at draws of the prior, chosen by how likely what was observed is there.

    Args:
        prior: the state ``I → X``, with a density.
        channel: ``X → Y``, with a density.
        observed: the value of `Y` that was observed; a tuple, if `Y` has several wires.
        n: how many points of each walk.
        walks: how many walks.
        warm_up: how many steps of each are for adapting, and dropped.
        key: a random key.

    Raises:
        MissingExtra: numpyro is not installed.
        WrongCategory: an arrow is not a sampler.
        WrongObject: the arrows do not meet, or `X` is not Euclidean.
        NoDensity: a density is not known.
        NoWeight: the observation is impossible at all draws of the prior that were tried.
        WrongValue: `observed` is no value of `Y`.
    """
    x, y = channel.dom, channel.cod
    check_sampler(prior, (unit, x), "prior", density=True)
    check_sampler(channel, (x, y), "channel", density=True)
    width(x)
    hmc = _numpyro("infer.hmc").hmc
    first, choose, key = jax.random.split(key, 3)
    starts = importance(prior, channel, observed, n=_TRIED, key=first).require().state.many(walks, key=choose)
    values = y.elements(observed if isinstance(observed, tuple) else (observed,))
    starts = jax.vmap(lambda *xs: flatten(x, xs))(*(starts if len(x) > 1 else (starts,)))
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        return Walks(x, *_walked(hmc, prior, channel, values, starts, n, warm_up, key))


@eqx.filter_jit
def _walked(
    hmc: Any, prior: Sampler, channel: Sampler, ys: Values, starts: Any, n: int, warm_up: int, key: Any
) -> tuple[Values, Any]:
    x = channel.dom

    def potential(position: Any) -> Any:
        xs = unflatten(x, position)
        return -log_density(prior, (), xs) - log_density(channel, xs, ys)

    start, move = hmc(potential, algo="NUTS")

    def walk(position: Any, key: Any) -> tuple[Any, Any]:
        step = lambda state, _: ((moved := move(state)), (moved.z, moved.diverging))
        _, seen = jax.lax.scan(step, start(position, warm_up, rng_key=key), length=warm_up + n)
        return seen

    positions, diverging = jax.lax.map(lambda given: walk(*given), (starts, jax.random.split(key, starts.shape[0])))
    points = jax.vmap(jax.vmap(lambda position: unflatten(x, position)))(positions[:, warm_up:])
    return points, jnp.sum(diverging[:, warm_up:], axis=1)
