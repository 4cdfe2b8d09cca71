r"""Importance sampling: draw from a guess of the posterior, and weigh.

Definition:
    Let ``p : I → X`` be a prior and ``c : X → Y`` a channel with a density, in `Sampled`, and let `y` be observed. A *proposal* is an arrow ``q : Y → X``. The
    draws ``x_i`` of ``q(y)`` have the weights

    .. math:: w_i = \frac{p(x_i) \, c(y \mid x_i)}{q(x_i \mid y)},

    and are then weighted draws of the posterior. Their mean weight is an unbiased estimate of the evidence.

A proposal is a guess of the Bayesian inverse ``c† : Y → X``. Of the inverse itself all weights are one number, the evidence. The prior, which does not
look at `y`, is a guess too: its density cancels, and need not be known. A proposal must be able to draw whatever the posterior gives weight to; that cannot be
tested, and where it fails the estimate is of another number.

References:
    Kahn, Marshall (1953); Owen (2013), chapter 9.
"""

from typing import Any

import equinox as eqx
import jax

from ..categories import Sampled, Sampler
from ..categories.chance import draw
from ..objects import Ob, unit
from ..theory import door
from ..theory.errors import NoDensity, WrongCategory, WrongObject
from .weighted import Values, Weighted


@door
def importance(
    prior: Sampler, channel: Sampler, observed: Any, *, n: int, proposal: Sampler | None = None, key: Any
) -> Weighted:
    """Weighted draws of the posterior of a prior, given what was observed through a channel.

    Args:
        prior: the state ``I → X``; with a density, if there is a proposal.
        channel: ``X → Y``, with a density.
        observed: the value of `Y` that was observed; a tuple, if `Y` has several wires.
        n: how many draws.
        proposal: ``Y → X``, with a density; None draws from the prior.
        key: a random key.

    Raises:
        WrongCategory: an arrow is not a sampler.
        WrongObject: the arrows do not meet.
        NoDensity: a density is needed that is not known.
        WrongValue: `observed` is no value of `Y`.

    Example:
        >>> import jax.numpy as jnp
        >>> from catlearn import Fin, FinStoch, kernel
        >>> from catlearn.constructions import ToSampled
        >>> ill, result = Fin(2), Fin(2)
        >>> prior, test = kernel(unit, ill, [0.75, 0.25]), kernel(ill, result, [[0.75, 0.25], [0.25, 0.75]])
        >>> F, guess = ToSampled(FinStoch), FinStoch.bayes_inverse(test, prior)
        >>> draws = importance(F(prior), F(test), 1, n=4, proposal=F(guess), key=jax.random.key(0))
        >>> print(jnp.exp(draws.log_weights), draws.ok)
        [0.375 0.375 0.375 0.375] True
    """
    y, x = channel.cod, channel.dom
    for f, wanted, name in ((prior, (unit, x), "prior"), (channel, (x, y), "channel"), (proposal, (y, x), "proposal")):
        if f is not None:
            check_sampler(f, wanted, name, density=name != "prior" or proposal is not None)
    values = y.elements(observed if isinstance(observed, tuple) else (observed,))
    points, log_weights = _weighed(prior, channel, proposal, values, n, key)
    return Weighted(x, points, log_weights)


def check_sampler(f: Any, ends: tuple[Ob, Ob], name: str, *, density: bool) -> None:
    """An error if an arrow is not a sampler with these ends, or if its density is needed and not known."""
    if f.category != Sampled:
        raise WrongCategory(
            f"the {name} has to be an arrow to draw from, but it is in {f.category}. Send it to Sampled first: ToSampled({f.category})(f)."
        )
    if (f.dom, f.cod) != ends:
        raise WrongObject(f"the {name} has to go {ends[0]} → {ends[1]}, but it goes {f.dom} → {f.cod}.")
    if density and f.log_density is None:
        raise NoDensity(
            f,
            f"The {name} is weighed here: give it one, sampler(X, Y, function, log_density), or distributed(X, Y, distribution).",
        )


@eqx.filter_jit
def _weighed(
    prior: Sampler, channel: Sampler, proposal: Sampler | None, ys: Values, n: int, key: Any
) -> tuple[Values, Any]:
    one = lambda key: proposed(prior, channel, proposal, (), ys, key)
    return jax.vmap(one)(jax.random.split(key, n))


def proposed(
    move: Sampler, channel: Sampler, proposal: Sampler | None, xs: Values, ys: Values, key: Any
) -> tuple[Values, Any]:
    """A draw of the proposal ``X ⊗ Y → X'`` at `xs` and `ys`, and the logarithm of its weight for ``move : X → X'`` and what is seen of it."""
    if proposal is None:
        drawn = draw(move.steps, key, xs)
        return drawn, log_density(channel, drawn, ys)
    drawn = draw(proposal.steps, key, xs + ys)
    target = log_density(move, xs, drawn) + log_density(channel, drawn, ys)
    return drawn, target - log_density(proposal, xs + ys, drawn)


def log_density(f: Sampler, xs: Values, ys: Values) -> Any:
    """``log f(ys | xs)`` of a sampler whose density is known."""
    return f.log_density(xs, ys)  # pyright: ignore[reportOptionalCall]
