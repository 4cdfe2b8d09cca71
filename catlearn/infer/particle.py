r"""Particle filters: importance sampling along a chain, with resampling.

Definition:
    A *particle filter* of a chain in `Sampled` carries `n` weighted draws of the hidden state. At each step it moves each of them by a *proposal*
    ``q : X ⊗ Y → X``, and multiplies its weight by

    .. math:: \frac{t(x' \mid x) \, e(y \mid x')}{q(x' \mid x, y)},

    for the transition `t` and the emission `e`. The mean of these factors, by the weights that the draws had, is its estimate of the density of `y` given the
    observations before. The *bootstrap* filter proposes by the transition, whose density cancels; a *guided* one looks at what was observed.

Where the effective number of draws falls to a share of `n`, they are resampled before they move. The product of the estimates is an unbiased estimate of
the evidence, for any number of draws, any rule of resampling and any such share. Its logarithm is not: it is too small on average.

Gradients go through the draws, if these are differentiable functions of their keys, and through the weights. A resampled draw has the weight
``W / W``, whose denominator is held fixed: it is one, and its derivative is that of the probability to have been resampled. With it the gradient of the
estimate is an unbiased estimate of the gradient of the evidence.

References:
    Gordon, Salmond, Smith (1993); Doucet, Johansen (2009); Del Moral (2004), for the estimate without bias; Godsill, Doucet, West
    (2004), for drawing paths; Ścibior, Wood (2106.10314), for the gradient.
"""

from typing import Any, final

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp

from ..categories import Sampler
from ..categories.chance import draw
from ..objects import bare, unit
from ..theory import Data, door
from ..theory.errors import NoDensity
from .chain import Chain
from .importance import check_sampler, log_density, proposed
from .unrolled import check_steps, samplers, which_seen
from .weighted import Rule, Values, Weighted, check_weight, chosen_row, chosen_rows, effective_number, normalised, take


@final
class Particles(Data):
    """What a particle filter found: weighted draws of each hidden state, given the observations up to its step.

    Attributes:
        chain: what they are the states of.
        points: of each wire the draws, ``(T, n, ...)``.
        log_weights: the logarithms of their weights, divided by the sum at each step, ``(T, n)``; ``-inf`` from the step on that no draw explains.
        ancestors: which draw at the step before each comes from, ``(T, n)``; at the first step itself.
        increments: the logarithms of the estimates of the density of each observation given those before it, ``(T,)``; zero where nothing was seen.
    """

    chain: Chain
    points: Values
    log_weights: Any
    ancestors: Any
    increments: Any

    @property
    def ok(self) -> Any:
        """Whether at each step some draw explains what was observed."""
        return jnp.all(jnp.isfinite(self.increments))

    @property
    def log_evidence(self) -> Any:
        """The logarithm of the estimate of the density of what was observed; ``-inf`` if no draw explains it."""
        return jnp.where(self.ok, jnp.sum(self.increments), -jnp.inf)

    @property
    def effective(self) -> Any:
        """The effective number of draws at each step, ``(T,)``."""
        return jax.vmap(effective_number)(jnp.exp(self.log_weights))

    def at(self, k: Any) -> Weighted:
        """The draws of the state at step `k`; their evidence is that of the observations up to there."""
        return Weighted(self.chain.hidden, *_at_step(self.points, self.log_weights, self.increments, k))

    @door
    def state(self, k: Any) -> Sampler:
        """The law of the state at step `k`, as a sampler.

        Raises:
            NoWeight: no draw explains what was observed up to there; under ``jit`` look at `ok`.
        """
        return self.at(k).state

    @door
    def require(self) -> "Particles":
        """These draws, or an error if none explains what was observed: for use outside ``jit``.

        Raises:
            NoWeight: at some step none does.
        """
        check_weight(self.ok, self.log_weights.shape[1])
        return self

    @property
    def lineages(self) -> Weighted:
        """The paths by which the last draws came, as weighted draws of all hidden states given all observations; they share their beginnings."""
        last = self.at(self.chain.length - 1)
        return Weighted(
            self.chain.hidden.stacked(self.chain.length), _traced(self.points, self.ancestors), last.log_weights
        )

    @door
    def paths(self, n: int, *, key: Any) -> Any:
        """Draws of all hidden states given all observations, each drawn backwards through the particles of all steps.

        Args:
            n: how many paths; each weighs all particles at each step.
            key: a random key.

        Returns:
            Values of the hidden object with two leading axes, ``(n, T, ...)``.

        Raises:
            NoDensity: the density of the transition is not known; `lineages` do without it.
            NoWeight: no draw explains what was observed; under ``jit`` look at `ok`.
        """
        _, transition, _ = samplers(self.chain)
        if transition.log_density is None:
            raise NoDensity(transition, "Going back weighs it; the paths of `lineages` do without it.")
        self.require()
        return bare(_backwards(self, n, key))


@jax.jit
def _at_step(points: Values, log_weights: Any, increments: Any, k: Any) -> tuple[Values, Any]:
    """The draws at a step, with weights whose mean is the evidence so far."""
    logs = log_weights[k]
    so_far = jnp.sum(jnp.where(jnp.arange(increments.size) <= k, increments, 0.0))
    return take(points, k), logs + jnp.log(jnp.asarray(logs.size, logs.dtype)) + so_far


@jax.jit
def _traced(points: Values, ancestors: Any) -> Values:
    """The path of each of the last draws, by its ancestors."""

    def back(rows: Any, here: Any) -> tuple[Any, Any]:
        points, ancestors = here
        return ancestors[rows], take(points, rows)

    _, paths = jax.lax.scan(back, jnp.arange(ancestors.shape[1], dtype=jnp.int32), (points, ancestors), reverse=True)
    return jax.tree.map(lambda leaf: jnp.swapaxes(leaf, 0, 1), paths)


@eqx.filter_jit
def _backwards(p: Particles, n: int, key: Any) -> Values:
    _, transition, _ = samplers(p.chain)

    def one(key: Any) -> Values:
        keys = jax.random.split(key, p.chain.length)
        last = take(take(p.points, -1), chosen_row(keys[-1], normalised(p.log_weights[-1])))

        def back(after: Values, here: Any) -> tuple[Values, Values]:
            key, points, logs = here
            moves = jax.vmap(lambda xs: log_density(transition, xs, after))(points)
            found = take(points, chosen_row(key, normalised(logs + moves)))
            return found, found

        earlier = jax.tree.map(lambda leaf: leaf[:-1], (keys, p.points, p.log_weights))
        _, path = jax.lax.scan(back, last, earlier, reverse=True)
        return jax.tree.map(lambda xs, x: jnp.concatenate([xs, x[None]]), path, last)

    return jax.vmap(one)(jax.random.split(key, n))


@door
def particle_filter(
    c: Chain,
    ys: Any,
    seen: Any = None,
    *,
    n: int,
    start: Sampler | None = None,
    proposal: Sampler | None = None,
    share: float = 0.5,
    rule: Rule = "systematic",
    key: Any,
) -> Particles:
    """Weighted draws of each hidden state of a chain in `Sampled`, given the observations up to its step.

    Args:
        c: the chain; its emission has a density.
        ys: the observations, of each wire of the observed object an array with a leading axis of `T` steps; bare if there is one wire.
        seen: which steps were observed, ``(T,)``; all, if left out. At the others the draws only move.
        n: how many draws.
        start: the proposal of the first state, ``Y → X``; None draws from the prior.
        proposal: the proposal of the others, ``X ⊗ Y → X``; None draws from the transition. What is proposed needs its density, and that of what
            it stands in for.
        share: the draws are resampled where the effective number is at most this share of `n`: never at 0, at every step at 1.
        rule: how: "systematic", "stratified" or "multinomial".
        key: a random key.

    Raises:
        WrongCategory: the chain, or a proposal, is not in `Sampled`.
        WrongObject: a proposal has other ends.
        NoDensity: a density is needed that is not known.
        BatchMismatch: there are more or fewer observations than steps.
        WrongValue: an observation is not of its object, or there is no such rule.

    Example:
        >>> from catlearn import Gauss, R, gaussian, infer
        >>> from catlearn.constructions import ToSampled
        >>> F, X = ToSampled(Gauss), R()
        >>> still, noisy = F(gaussian(X, X, [[1.0]])), F(gaussian(X, X, [[1.0]], covariance=1.0))
        >>> c = infer.chain(F(gaussian(unit, X, mean=[2.0])), still, noisy, 3)
        >>> found = particle_filter(c, jnp.array([1.0, 2.0, 4.0]), n=4, key=jax.random.key(0))
        >>> print(found.at(2).expect(lambda x: x), found.log_evidence.round(3))
        2.0 -5.257
    """
    x, y = c.hidden, c.observed
    prior, transition, emission = samplers(c)
    check_sampler(prior, (unit, x), "prior", density=start is not None)
    check_sampler(transition, (x, x), "transition", density=proposal is not None)
    check_sampler(emission, (x, y), "emission", density=True)
    for f, dom, name in ((start, y, "first proposal"), (proposal, x @ y, "proposal")):
        if f is not None:
            check_sampler(f, (dom, x), name, density=True)
    values = ys if isinstance(ys, tuple) else (ys,)
    for array in values:
        check_steps(c, "observations", array)
    values = y.stacked(c.length).elements(values)
    seen = which_seen(c, seen)
    return Particles(c, *_filtered(c, start, proposal, values, seen, n, jnp.asarray(share, float), rule, key))


@eqx.filter_jit
def _filtered(
    c: Chain,
    start: Sampler | None,
    proposal: Sampler | None,
    ys: Values,
    seen: Any,
    n: int,
    share: Any,
    rule: str,
    key: Any,
) -> tuple[Any, ...]:
    first = lambda tree: jax.tree.map(lambda leaf: leaf[0], tree)
    later = lambda tree: jax.tree.map(lambda leaf: leaf[1:], tree)
    prior, transition, emission = samplers(c)
    keys = jax.random.split(key, c.length)
    points, factors = _moved(prior, emission, start, n, (), first(ys), first(seen), keys[0])
    equal = jnp.full_like(factors, -jnp.log(jnp.asarray(n, factors.dtype)))
    logs, increment = _weighed(equal, factors)

    def step(before: tuple[Values, Any], given: Any) -> Any:
        key, ys, seen = given
        choose, move = jax.random.split(key)
        ancestors, logs = _resampled(before[1], share, rule, choose)
        points, factors = _moved(transition, emission, proposal, n, take(before[0], ancestors), ys, seen, move)
        logs, increment = _weighed(logs, factors)
        return (points, logs), (points, logs, ancestors, increment)

    _, rest = jax.lax.scan(step, (points, logs), (keys[1:], later(ys), later(seen)))
    start_of = (points, logs, jnp.arange(n, dtype=jnp.int32), increment)
    return jax.tree.map(lambda x, xs: jnp.concatenate([x[None], xs]), start_of, rest)


def _moved(
    move: Sampler, emission: Sampler, proposal: Sampler | None, n: int, xs: Values, ys: Values, seen: Any, key: Any
) -> tuple[Values, Any]:
    """The draws after a step, and the logarithms of the factors of their weights; what was not seen leaves the weights as they are."""
    keys = jax.random.split(key, n)
    looking = lambda: jax.vmap(lambda key, xs: proposed(move, emission, proposal, xs, ys, key))(keys, xs)
    if seen is None:
        return looking()
    factors = jax.eval_shape(looking)[1]
    blind = lambda: (jax.vmap(lambda key, xs: draw(move.steps, key, xs))(keys, xs), jnp.zeros(n, factors.dtype))
    return jax.lax.cond(seen, looking, blind)


def _weighed(logs: Any, factors: Any) -> tuple[Any, Any]:
    """The weights times the factors, divided by their sum, and the logarithm of that sum; weights that are all zero stay so."""
    total = logsumexp(logs + factors)
    return logs + factors - jnp.where(jnp.isfinite(total), total, 0.0), total


def _resampled(logs: Any, share: Any, rule: str, key: Any) -> tuple[Any, Any]:
    """Which draws go on, and the logarithms of their weights."""
    n = logs.shape[0]
    weights = normalised(jax.lax.stop_gradient(logs))
    few = (share >= 1) | (effective_number(weights) <= share.astype(logs.dtype) * n)
    rows = jnp.where(few, chosen_rows(key, weights, rule), jnp.arange(n, dtype=jnp.int32))
    kept = logs[rows]
    held = jnp.where(jnp.isfinite(kept), jax.lax.stop_gradient(kept), 0.0)
    equal = kept - held - jnp.log(jnp.asarray(n, logs.dtype))
    return rows, jnp.where(few, equal, logs)
