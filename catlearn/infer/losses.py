r"""Loss models: what a Bayesian lens loses, by how far it is from exact or how much it is surprised.

Definition:
    A *loss model* makes a game of each lens. At a prior `π` and an observation `y` of ``(c, c')``, where `x` is all that is inferred,

    .. math::
        \mathrm{KL} &= D(c'_\pi(y), c^\dagger_\pi(y)), \qquad \mathrm{MLE} = -\log p_{\pi ; c}(y), \qquad
        \mathrm{FE} = \mathrm{KL} + \mathrm{MLE}, \\
        \mathrm{LFE} &= -\log c(y \mid \mu) - \log \pi(\mu) - S[c'_\pi(y)], \quad \mu \text{ the mean of } c'_\pi(y), \\
        \mathrm{AutoBayes} &= \mathbb{E}_{x \sim c'_\pi(y)} [-\log c(y \mid x)] - S[c'_\pi(y)].

    What one model says of a composite and what the composite of its games says differ by the *laxator*,
    ``Loss(c) ; Loss(d) = Loss(c ; d) + laxator``, and side by side by ``Loss(c ⊗ d) = Loss(c) ⊗ Loss(d) + tensor_laxator``.

The composite here is the copy-composite: a lens infers all variables along its path. Only so is KL strict; of the marginals it is less.
AutoBayes is strict as well: it leaves the prior out, since a prior is itself the first lens of a path, and adds its own energy once.

References:
    Smithe (2212.12538), Definitions 5.3.22 to 5.3.31, Propositions 5.4.10 to 5.4.14; AutoBayes (2503.18608), Definitions 20 to 29, Theorem 23.
"""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from ..constructions.bayes import BayesLens, marginals
from ..constructions.copara import OpenChannel, compose_backwards, open_channel, open_inverse
from ..theory import Data, door
from ..theory.errors import WrongCategory
from .effects import Effect, Quadratic, entropy, expect, kl, surprise, zero
from .games import Game, Move


class LossModel(Data):
    """A loss for each lens ``(X, X) → (Y, Y)``. Call it on a lens to have the game."""

    @abc.abstractmethod
    def effect(self, channel: OpenChannel, back: Any, prior: Any) -> Effect:
        """The loss of an open channel ``A → M ⊗ B`` and a way back ``B → A ⊗ M`` at a prior on `A`, an effect on `B`."""

    @abc.abstractmethod
    def laxator(self, d: BayesLens, c: BayesLens) -> "Laxator":
        """``Loss(c) ; Loss(d) - Loss(c ; d)``, at each prior."""

    @abc.abstractmethod
    def tensor_laxator(self, c: BayesLens, d: BayesLens) -> "Laxator":
        """``Loss(c ⊗ d) - Loss(c) ⊗ Loss(d)``, at each prior."""

    @door
    def __call__(self, lens: BayesLens, /) -> Game:
        """The game of a lens, in one move.

        Raises:
            WrongCategory: what comes back at an end is of another type than what goes forward.
        """
        if lens.dom.fwd != lens.dom.bwd or lens.cod.fwd != lens.cod.bwd:
            raise WrongCategory(
                f"losses compare what was inferred with what was there, so they need a lens (X, X) -> (Y, Y), but got {lens}."
            )
        return Game(lens.dom, lens.cod, lens.base, (ByModel(lens, self),))


class ByModel(Move):
    """A lens with the loss that a model gives it."""

    play: BayesLens
    model: LossModel

    @property
    def lens(self) -> BayesLens:
        return self.play

    def loss(self, prior: Any, local: bool) -> Effect:
        return self.model.effect(*opened(self.play, prior), prior)


class Laxator(Data):
    """An effect at each prior."""

    function: Callable[..., Any] = eqx.field(static=True)
    lenses: tuple[BayesLens, BayesLens]

    @door
    def at(self, prior: Any, /) -> Any:
        """The effect at a prior."""
        return self.function(*self.lenses, prior)


def opened(lens: BayesLens, prior: Any) -> tuple[OpenChannel, Any]:
    """The copy-composite of a lens at a prior: all variables along its path, forward and back."""
    C = lens.base
    if not lens.factors:
        return open_channel(C.id(lens.dom.fwd)), C.id(lens.dom.fwd)
    steps = [(open_channel(f.channel), f.back(p)) for f, p in zip(lens.factors, lens.priors(prior), strict=True)]
    channel, back = steps[0]
    for onwards, later in steps[1:]:
        channel, back = channel.then(onwards), compose_backwards(later, back)
    return channel, back


def energy(channel: OpenChannel) -> Effect:
    """``-log c(m, y | x)``, an effect on ``A ⊗ M ⊗ B``."""
    return surprise(channel.arrow)


def _full_energy(channel: OpenChannel, prior: Any) -> Effect:
    """``-log c(m, y | x) - log π(x)``."""
    own = energy(channel)
    return own.plus(surprise(prior).within(own.ob, 0))


def _beside_observed(back: Any) -> Any:
    """``⟨c', id⟩ : B → A ⊗ M ⊗ B``."""
    C = back.category
    return C.pair(back, C.id(back.dom))


def _nothing(d: BayesLens, c: BayesLens, prior: Any) -> Effect:
    return zero(d.base.id(d.cod.fwd))


def _nothing_beside(c: BayesLens, d: BayesLens, prior: Any) -> Effect:
    return zero(c.base.id(c.cod.fwd @ d.cod.fwd))


def _expected_surprise(d: BayesLens, c: BayesLens, prior: Any) -> Effect:
    between = c.base.then(prior, c.channel)
    return expect(d.at(between), surprise(between))


def _laplace_laxator(d: BayesLens, c: BayesLens, prior: Any) -> Effect:
    """``½ tr(H Σ) - log p(μ)``, with `μ` and `Σ` of what `d` infers and `H` the curvature of the energy of `c` at what it infers of `y`."""
    between = c.base.then(prior, c.channel)
    later = d.at(between)
    channel, back = opened(c, prior)
    curvature: Any = _full_energy(channel, prior)
    bent = curvature.along(_beside_observed(back)).matrix
    at: Any = surprise(between)
    return at.along(later).plus(zero(later, 0.5 * jnp.sum(later.factor * (bent @ later.factor))))


def _priors_apart(c: BayesLens, d: BayesLens, prior: Any) -> tuple[Effect, Any]:
    """``log (w w' / ω)`` on ``X ⊗ X'``, and the product of the marginals of `ω`."""
    product = c.base.tensor(*marginals(c.base, prior, len(c.dom.fwd)))
    return surprise(prior).minus(surprise(product)), product


def _apart_expected(c: BayesLens, d: BayesLens, prior: Any) -> Effect:
    return expect((c @ d).at(prior), _priors_apart(c, d, prior)[0])


def _apart_at_mean(c: BayesLens, d: BayesLens, prior: Any) -> Effect:
    apart: Any = _priors_apart(c, d, prior)[0]
    return apart.along((c @ d).at(prior))


def _predictions_apart(c: BayesLens, d: BayesLens, prior: Any) -> Effect:
    C, both = c.base, (c @ d).channel
    product = _priors_apart(c, d, prior)[1]
    return surprise(C.then(prior, both)).minus(surprise(C.then(product, both)))


def _inferences_apart(c: BayesLens, d: BayesLens, prior: Any) -> Effect:
    return _apart_expected(c, d, prior).minus(_predictions_apart(c, d, prior))


class Divergence(LossModel):
    """How far the way back is from exact: ``KL(c'_π(y), c†_π(y))``."""

    def effect(self, channel: OpenChannel, back: Any, prior: Any) -> Effect:
        return kl(back, open_inverse(channel, prior))

    def laxator(self, d: BayesLens, c: BayesLens) -> Laxator:
        return Laxator(_nothing, (d, c))

    def tensor_laxator(self, c: BayesLens, d: BayesLens) -> Laxator:
        return Laxator(_inferences_apart, (c, d))


class LogLikelihood(LossModel):
    """How surprising the observation is: ``-log p_{π;c}(y)``."""

    def effect(self, channel: OpenChannel, back: Any, prior: Any) -> Effect:
        return surprise(channel.base.then(prior, channel.marginalise()))

    def laxator(self, d: BayesLens, c: BayesLens) -> Laxator:
        return Laxator(_expected_surprise, (d, c))

    def tensor_laxator(self, c: BayesLens, d: BayesLens) -> Laxator:
        return Laxator(_predictions_apart, (c, d))


class FreeEnergy(LossModel):
    """The free energy, a bound on the surprise: ``E_{x ~ c'_π(y)} [-log c(y | x) - log π(x)] - S[c'_π(y)]``."""

    def effect(self, channel: OpenChannel, back: Any, prior: Any) -> Effect:
        return expect(_beside_observed(back), _full_energy(channel, prior)).minus(entropy(back))

    def laxator(self, d: BayesLens, c: BayesLens) -> Laxator:
        return Laxator(_expected_surprise, (d, c))

    def tensor_laxator(self, c: BayesLens, d: BayesLens) -> Laxator:
        return Laxator(_apart_expected, (c, d))


class LaplaceFreeEnergy(LossModel):
    """The free energy to second order, with the energy at the mean: in `Gauss` only.

    Where the covariance of the way back is the inverse of the curvature of the energy, ``FE = LFE + n / 2`` for n coordinates: the constant that
    the source leaves out.
    """

    def effect(self, channel: OpenChannel, back: Any, prior: Any) -> Effect:
        total = _full_energy(channel, prior)
        if not isinstance(total, Quadratic):
            raise WrongCategory(f"the Laplace free energy is at a mean, and {back} has none: use FE.")
        return total.along(_beside_observed(back)).minus(entropy(back))

    def laxator(self, d: BayesLens, c: BayesLens) -> Laxator:
        return Laxator(_laplace_laxator, (d, c))

    def tensor_laxator(self, c: BayesLens, d: BayesLens) -> Laxator:
        return Laxator(_apart_at_mean, (c, d))


class AutoBayes(LossModel):
    """Energy without that of the prior, less entropy.

    Args:
        energy: a function of an open channel to an effect on ``A ⊗ M ⊗ B``; default ``-log c``.
        entropy: a function of a way back to an effect on `B`; default Shannon's.
    """

    energy: Callable[[OpenChannel], Effect] = eqx.field(static=True, default=energy)
    entropy: Callable[[Any], Effect] = eqx.field(static=True, default=entropy)

    def effect(self, channel: OpenChannel, back: Any, prior: Any) -> Effect:
        return expect(_beside_observed(back), self.energy(channel)).minus(self.entropy(back))

    def laxator(self, d: BayesLens, c: BayesLens) -> Laxator:
        return Laxator(_nothing, (d, c))

    def tensor_laxator(self, c: BayesLens, d: BayesLens) -> Laxator:
        return Laxator(_nothing_beside, (c, d))


KL = Divergence()
"""How far a lens is from exact; strict for copy-composites."""

MLE = LogLikelihood()
"""How surprising an observation is."""

FE = FreeEnergy()
"""The free energy: `KL` and `MLE` together, and computed without the exact inverse."""

LFE = LaplaceFreeEnergy()
"""The Laplace free energy."""
