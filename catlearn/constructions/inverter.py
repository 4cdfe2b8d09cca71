r"""Inverters: the ways back of Bayesian lenses, one channel at a time.

Definition:
    An *inverter* of a channel ``c : X → Y`` gives an arrow ``B → A`` for each state of `X`: the Bayesian inverse of `c` there, a constant
    arrow that does not ask what the state is, or whatever one supplies.

Where nothing falls a Bayesian inverse may be anything. A *filler* says what: a function of the channel and the prior to an arrow
``Y → X``. `prior_filler` forgets an impossible observation, and then inverses compose strictly, but the inverse of an identity is no
identity where the prior gives nothing. The filler of the category itself, None, is the uniform distribution in `FinStoch`, which breaks
composition off the support, and the pseudoinverse in `Gauss`, which behaves as the prior filler does.

References:
    Smithe (2212.12538), Definition 4.3.13; Braithwaite, Hedges, Smithe (2305.06112).
"""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx

from ..theory import Data
from ..theory.errors import WrongObject
from .stat import StateIndexed

Filler = Callable[[Any, Any], Any]


class Inverter(Data):
    """What comes back through a channel, at each prior."""

    @abc.abstractmethod
    def __call__(self, channel: Any, prior: Any) -> Any:
        """The arrow ``B → A`` at a state of the domain of the channel."""


class Exact(Inverter):
    """The Bayesian inverse; `otherwise` says what it is where nothing falls."""

    otherwise: Filler | None = eqx.field(static=True)

    def __call__(self, channel: Any, prior: Any) -> Any:
        filled = None if self.otherwise is None else self.otherwise(channel, prior)
        return channel.category.bayes_inverse(channel, prior, otherwise=filled)


class Constant(Inverter):
    """An arrow that does not look at the prior: an amortised inverse."""

    arrow: Any

    def __call__(self, channel: Any, prior: Any) -> Any:
        return self.arrow


class AtPrior(Inverter):
    """A state-dependent arrow."""

    arrow: StateIndexed

    def __call__(self, channel: Any, prior: Any) -> Any:
        return self.arrow.at(prior)


class FromDraw(Inverter):
    """An arrow ``X ⊗ B → A`` that is given a draw from the prior; where states are points, the `put` of a lens."""

    arrow: Any

    def __call__(self, channel: Any, prior: Any) -> Any:
        C = self.arrow.category
        b = self.arrow.dom[len(prior.cod) :]
        return C.then(C.tensor(prior, C.id(b)), self.arrow)


def prior_filler(channel: Any, prior: Any) -> Any:
    """Forget an observation that the prior makes impossible: ``discard ; prior``."""
    C = channel.category
    return C.then(C.discard(channel.cod), prior)


def inverter(channel: Any, back: Any) -> tuple[Inverter, Any, Any]:
    """What `back` is as an inverter of a channel, with the objects ``(A, B)``.

    Args:
        channel: ``c : X → Y``.
        back: an arrow ``B → A`` of the same category, or a state-dependent one over `X`.

    Raises:
        WrongObject: a state-dependent arrow is over another object.
    """
    if isinstance(back, StateIndexed):
        if back.over != channel.dom or back.base != channel.category:
            raise WrongObject(
                f"the way back of {channel} must depend on states of {channel.dom} in {channel.category}, but it depends on those of "
                f"{back.over} in {back.base}."
            )
        return AtPrior(back), back.cod, back.dom
    channel.category._own(back)
    return Constant(back), back.cod, back.dom
