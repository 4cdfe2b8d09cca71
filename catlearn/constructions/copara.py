r"""Copara: channels that show a latent, and composition that keeps a copy of what is in between.

Definition:
    A *coparametrised channel* ``γ : A → M ⊗ B`` shows a latent `M` beside its output. The *copy-composite* with ``δ : B → N ⊗ C`` keeps
    what was handed over,

    .. math:: \gamma ; \delta : A \to (M \otimes B \otimes N) \otimes C.

    Discarding the latents gives back ordinary composition.

A loss of the composite asks about the variable in between, which an ordinary composite has summed over. Composition is associative, and
weakly unital: an identity leaves a copied wire. So these channels form a bicategory, and are no `Category` here.

References:
    Smithe (2212.12538), Sections 5.1 and 5.2, Theorem 5.2.19.
"""

from typing import Any

import equinox as eqx

from ..theory import Arrow, Data, Markov, door
from ..theory.errors import NotComposable, WrongObject
from .inverter import Filler
from .stat import check_state


class OpenChannel(Data):
    """A channel ``A → M ⊗ B`` whose first wires are a latent.

    Attributes:
        base: the Markov category.
        latent: the object `M`.
        out: the object `B`.
        arrow: the arrow of the base.
    """

    base: Markov = eqx.field(static=True)
    latent: Any = eqx.field(static=True)
    out: Any = eqx.field(static=True)
    arrow: Any

    @property
    def dom(self) -> Any:
        """The object `A`."""
        return self.arrow.dom

    @property
    def cod(self) -> Any:
        """The object `B`: what the next channel is given."""
        return self.out

    @door
    def then(self, other: "OpenChannel", /) -> "OpenChannel":
        """The copy-composite ``A → (M ⊗ B ⊗ N) ⊗ C``.

        Raises:
            NotComposable: the other does not start where this one ends.
        """
        C, M, B = self.base, self.latent, self.out
        if other.dom != B:
            raise NotComposable(self, other, f"Copara({C})")
        kept = C.tensor(C.id(M), C.copy(B))
        onwards = C.tensor(C.id(M @ B), other.arrow)
        return OpenChannel(C, M @ B @ other.latent, other.out, C.then(self.arrow, kept, onwards))

    @door
    def marginalise(self) -> Any:
        """The channel ``A → B`` that forgets the latent."""
        return self.base.then(self.arrow, self.base.second(self.latent, self.out))


@door
def open_channel(arrow: Arrow, latents: int = 0) -> OpenChannel:
    """A channel whose first `latents` output wires are a latent.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel
        >>> c = open_channel(kernel(Fin(2), Fin(3), [[0.5, 0.5, 0.0], [0.0, 0.25, 0.75]]))
        >>> twice = c.then(open_channel(FinStoch.uniform(Fin(2)).category.id(Fin(3))))
        >>> print(twice.latent, twice.out)
        Fin(3) Fin(3)
    """
    if not 0 <= latents <= len(arrow.cod):
        raise WrongObject(f"{arrow} has {len(arrow.cod)} output wires, of which {latents} cannot be latent.")
    return OpenChannel(arrow.category, arrow.cod[:latents], arrow.cod[latents:], arrow)


@door
def open_inverse(channel: OpenChannel, prior: Arrow, *, otherwise: Filler | None = None) -> Any:
    """The Bayesian inverse ``B → A ⊗ M`` of an open channel at a prior on `A`: causes and latents, given the output.

    Raises:
        WrongObject: `prior` is no state of `A`.
    """
    C: Any = channel.base
    check_state(C, prior, channel.dom, channel.arrow)
    a, m, b = len(channel.dom), len(channel.latent), len(channel.out)
    joint = C.joint(prior, channel.arrow)
    order = (*range(a + m, a + m + b), *range(a + m))
    filled = None if otherwise is None else otherwise(channel, prior)
    return C.conditional(C.marginal(joint, order), b, otherwise=filled)


@door
def compose_backwards(later: Arrow, earlier: Arrow) -> Any:
    """The way back of a copy-composite, ``C → A ⊗ M ⊗ B ⊗ N``: first to ``(y, n)``, then to ``(x, m)``, and y is kept.

    Args:
        later: ``C → B ⊗ N``, the way back of the second channel.
        earlier: ``B → A ⊗ M``, that of the first.
    """
    C, B = later.category, earlier.dom
    if later.cod[: len(B)] != B:
        raise NotComposable(later, earlier, C)
    N = later.cod[len(B) :]
    return C.then(later, C.tensor(C.copy(B), C.id(N)), C.tensor(earlier, C.id(B @ N)))
