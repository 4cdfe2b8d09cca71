r"""Weighted draws: a state that is known by draws, each with a weight, and resampling.

Definition:
    *Weighted draws* of an object are values ``x_1, ..., x_n`` with weights ``w_i ≥ 0``. They stand for the measure ``(1/n) Σ w_i δ(x_i)``: its mass,
    the mean of the weights, is the *evidence*, and divided by it, it is a state. *Resampling* replaces them by `n` draws of equal weight, with the same
    evidence, such that `x_i` occurs ``n w_i / Σ w`` times on average.

Three rules choose what is resampled, by points of the unit interval that fall on the weights laid end to end. *Multinomial*: `n` independent
uniform points. *Stratified*: one uniform point in each of `n` equal parts. *Systematic*: the same point in each part, so that no count differs from its mean
by one or more. None has a bias. The spread of the third may depend on the order of the draws.

Draws of which none has weight are not a state. They say so in `ok`, and nothing is made up for them: a weight of zero stays zero.

References:
    Kong (1992), for the effective number of draws; Douc, Cappé, Moulines (cs/0507025), for the rules of resampling.
"""

from collections.abc import Callable
from typing import Any, Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp

from ..categories import Sampler
from ..categories.chance import Chance
from ..objects import Ob, bare, is_concrete, unit
from ..theory import Data, door
from ..theory.errors import NoWeight, WrongValue

Values = tuple[Any, ...]
Rule = Literal["systematic", "stratified", "multinomial"]


@final
class Weighted(Data):
    """Draws with weights, and what they estimate; see the module.

    Attributes:
        ob: the object of the draws.
        points: a value of each wire for each draw, with a leading axis of `n`.
        log_weights: the logarithms of the weights, ``(n,)``.

    Example:
        >>> from catlearn.objects import R
        >>> draws = Weighted(R(), (jnp.array([0.0, 4.0]),), jnp.log(jnp.array([0.75, 0.25])))
        >>> print(draws.expect(lambda x: x), jnp.exp(draws.log_evidence).round(4), draws.effective.round(4))
        1.0 0.5 1.6
    """

    ob: Ob = eqx.field(static=True)
    points: Values
    log_weights: Any

    @property
    def number(self) -> int:
        """How many draws there are."""
        return self.log_weights.shape[0]

    @property
    def log_evidence(self) -> Any:
        """The logarithm of the mean weight; ``-inf`` if there is no weight."""
        return log_mean(self.log_weights)

    @property
    def ok(self) -> Any:
        """Whether there is a draw with weight, and all weights are numbers."""
        return jnp.isfinite(jnp.max(self.log_weights))

    @property
    def weights(self) -> Any:
        """The weights divided by their sum, ``(n,)``; all zero if there is none."""
        return normalised(self.log_weights)

    @property
    def effective(self) -> Any:
        """The effective number of draws, ``1 / Σ W²``: from one, if one has all the weight, to `n`, if all have the same; zero if there is none."""
        return effective_number(self.weights)

    @property
    def relative_error(self) -> Any:
        """An estimate of the standard error of the evidence, relative to it: the root of ``1 / effective - 1 / n``."""
        return jnp.sqrt(jnp.maximum(1 / self.effective - 1 / self.number, 0.0))

    @door
    def require(self) -> "Weighted":
        """These draws, or an error if none has weight: for use outside ``jit``.

        Raises:
            NoWeight: none has.
        """
        check_weight(self.ok, self.number)
        return self

    @door
    def expect(self, function: Callable[..., Any]) -> Any:
        """The mean of a function of one argument a wire, by the weights.

        Raises:
            NoWeight: no draw has weight; under ``jit`` look at `ok`.
        """
        self.require()
        found = jax.vmap(function)(*self.points)
        mean = lambda ys: jnp.tensordot(self.weights, jnp.asarray(ys, self.weights.dtype), axes=1)
        return jax.tree.map(mean, found)

    @property
    def state(self) -> Sampler:
        """The state that they stand for: draw one of them, by its weight.

        Raises:
            NoWeight: no draw has weight; under ``jit`` look at `ok`.
        """
        self.require()
        return Sampler(unit, self.ob, (Chance(Choose(self), None, len(self.ob)),))

    @door
    def resampled(self, *, key: Any, rule: Rule = "systematic") -> "Weighted":
        """As many draws of equal weight, with the same evidence.

        Args:
            key: a random key.
            rule: "systematic", "stratified" or "multinomial"; see the module.

        Raises:
            WrongValue: there is no such rule.
        """
        rows = chosen_rows(key, self.weights, rule)
        return Weighted(self.ob, take(self.points, rows), jnp.full_like(self.log_weights, self.log_evidence))


class Choose(Data):
    """A draw from weighted draws."""

    draws: Weighted

    def __call__(self, key: Any) -> Any:
        return bare(take(self.draws.points, chosen_row(key, self.draws.weights)))


def take(points: Values, rows: Any) -> Values:
    """Some of the draws, in some order."""
    return jax.tree.map(lambda leaf: leaf[rows], points)


@jax.jit
def log_mean(log_weights: Any) -> Any:
    """The logarithm of the mean of numbers with these logarithms."""
    return logsumexp(log_weights) - jnp.log(jnp.asarray(log_weights.size, log_weights.dtype))


@jax.jit
def normalised(log_weights: Any) -> Any:
    """Weights divided by their sum, by their logarithms; all zero if there is none."""
    largest = jnp.max(log_weights)
    weights = jnp.exp(log_weights - jnp.where(jnp.isfinite(largest), largest, 0.0))
    total = jnp.sum(weights)
    return weights / jnp.where(total > 0, total, 1.0)


@jax.jit
def effective_number(weights: Any) -> Any:
    """``1 / Σ W²`` of weights whose sum is one; zero if they are zero."""
    squares = jnp.sum(weights**2)
    return jnp.where(squares > 0, 1 / jnp.where(squares > 0, squares, 1.0), 0.0)


def chosen_rows(key: Any, weights: Any, rule: str) -> Any:
    """Which draw each of `n` resampled ones is: never one without weight, if any has some.

    Raises:
        WrongValue: there is no such rule.
    """
    n = weights.shape[0]
    match rule:
        case "systematic":
            points = (jnp.arange(n, dtype=weights.dtype) + jax.random.uniform(key, (1,), weights.dtype)) / n
        case "stratified":
            points = (jnp.arange(n, dtype=weights.dtype) + jax.random.uniform(key, (n,), weights.dtype)) / n
        case "multinomial":
            points = jax.random.uniform(key, (n,), weights.dtype)
        case _:
            raise WrongValue("the rules of resampling", "`rule`", "systematic, stratified or multinomial", repr(rule))
    return _at(points, weights)


def chosen_row(key: Any, weights: Any) -> Any:
    """A draw by its weight."""
    return _at(jax.random.uniform(key, (), weights.dtype), weights)


@jax.jit
def _at(points: Any, weights: Any) -> Any:
    """On which of the weights, laid end to end, points of the unit interval fall; never on one that is zero, if any is not."""
    ends = jnp.cumsum(weights)
    below = jnp.minimum(points * ends[-1], jnp.nextafter(ends[-1], jnp.zeros_like(ends[-1])))
    return jnp.minimum(jnp.searchsorted(ends, below, side="right"), weights.size - 1).astype(jnp.int32)


def check_weight(ok: Any, number: int) -> None:
    """An error, outside ``jit``, if no draw has weight."""
    if is_concrete(ok) and not ok:
        raise NoWeight(number)
