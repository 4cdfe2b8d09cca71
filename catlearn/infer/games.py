r"""Statistical games: Bayesian lenses with a loss that says how well they infer.

Definition:
    A *game* ``(X, A) → (Y, B)`` is a Bayesian lens ``(c, c')`` with a loss ``L_π(b)``, an effect on `B` for each state `π` of `X`. An
    identity loses nothing, and a composite loses what its second part does, and what its first is then expected to,

    .. math:: L^{c ; d}_\pi(z) = L^d_{\pi ; c}(z) + \mathbb{E}_{y \sim d'_{\pi ; c}(z)}\, L^c_\pi(y).

    Side by side losses are added, each at its own marginal.

Losses are not designed as a whole: each part is told what the next one believes, and answers for itself.

References:
    Smithe (2212.12538), Definition 5.3.6; Smithe (2109.04461), Definitions 4.1 to 4.4, for contexts; AutoBayes (2503.18608).
"""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax

from ..constructions.bayes import Bayes, BayesLens, marginals
from ..constructions.lens import Pair
from ..constructions.stat import check_state
from ..theory import Arrow, Data, Markov, Symmetric, door
from ..theory.errors import WrongCategory
from .effects import Effect, expect, zero


class Move(Data):
    """One step of a game: a lens, and its loss at each prior."""

    @property
    @abc.abstractmethod
    def lens(self) -> BayesLens:
        """The Bayesian lens ``(X, A) → (Y, B)``."""

    @abc.abstractmethod
    def loss(self, prior: Any, local: bool) -> Effect:
        """The loss at a state of `X`, an effect on `B`."""


class Scored(Move):
    """A lens with a loss that one supplies: a function of the prior to an effect."""

    play: BayesLens
    score: Callable[[Any], Any]

    @property
    def lens(self) -> BayesLens:
        return self.play

    def loss(self, prior: Any, local: bool) -> Effect:
        return self.score(prior)


class GamesBeside(Move):
    """Two games side by side: losses are added, each at its own marginal."""

    f: "Game"
    g: "Game"

    @property
    def lens(self) -> BayesLens:
        return self.f.lens @ self.g.lens

    def loss(self, prior: Any, local: bool) -> Effect:
        B, D = self.f.cod.bwd, self.g.cod.bwd
        p, q = marginals(self.f.base, prior, len(self.f.dom.fwd))
        return self.f.at(p, local=local).within(B @ D, 0).plus(self.g.at(q, local=local).within(B @ D, len(B)))


class Game(Arrow):
    """A statistical game ``(X, A) → (Y, B)``: a flat path of moves."""

    dom: Pair = eqx.field(static=True)
    cod: Pair = eqx.field(static=True)
    base: Markov = eqx.field(static=True)
    moves: tuple[Move, ...]

    @property
    def category(self) -> "Games":
        return Games(self.base)

    @property
    def lens(self) -> BayesLens:
        """The Bayesian lens of the game."""
        C = Bayes(self.base)
        return C.then(C.id(self.dom), *(move.lens for move in self.moves))

    @door
    def at(self, prior: Any, /, *, local: bool = False) -> Any:
        """The loss at a state of `X`, an effect on `B`.

        Args:
            prior: a state of `X`.
            local: have the value alone, and no derivative, of what one move tells another: the prior that it is handed, and the
                observation that is sent back to it. The value is the same.

        Raises:
            WrongObject: `prior` is no state of `X`.
        """
        held = jax.lax.stop_gradient if local else lambda x: x
        check_state(self.base, prior, self.dom.fwd, self)
        total = None
        for i, move in enumerate(self.moves):
            prior = prior if i == 0 else held(self.base.then(prior, self.moves[i - 1].lens.channel))
            here = move.loss(prior, local)
            total = here if total is None else here.plus(expect(held(move.lens.at(prior)), total))
        return zero(self.base.id(self.dom.bwd)) if total is None else total


@dataclasses.dataclass(frozen=True)
class Games(Symmetric):
    """The category of statistical games over a Markov category; see the module.

    Laws:
        Composition is associative and unital; forgetting the loss is a functor to ``Bayes(C)``.
    """

    base: Markov

    def __post_init__(self):
        if not isinstance(self.base, Markov):
            raise WrongCategory(f"Games(C) needs a Markov category, but got {self.base}.")

    def __str__(self) -> str:
        return f"Games({self.base})"

    @property
    def unit(self) -> Pair:
        return Bayes(self.base).unit

    def id(self, x: Pair, /) -> Game:
        return Game(x, x, self.base, ())

    def _then(self, f: Game, g: Game, /) -> Game:
        return Game(f.dom, g.cod, self.base, f.moves + g.moves)

    def _tensor(self, f: Game, g: Game, /) -> Game:
        moves = (GamesBeside(f, g),) if f.moves or g.moves else ()
        return Game(f.dom @ g.dom, f.cod @ g.cod, self.base, moves)

    def swap(self, x: Pair, y: Pair, /) -> Game:
        return self.lossless(Bayes(self.base).swap(x, y))

    @door
    def lossless(self, lens: BayesLens, /) -> Game:
        """A lens that loses nothing."""
        return game(lens, Nothing(lens.cod.bwd, self.base))


class Nothing(Data):
    """The loss that is zero."""

    ob: Any = eqx.field(static=True)
    base: Markov = eqx.field(static=True)

    def __call__(self, prior: Any) -> Any:
        return zero(self.base.id(self.ob))


@door
def game(lens: BayesLens, loss: Callable[[Any], Any]) -> Game:
    """The game of a lens and of a loss: a function of a state of `X` to an effect on `B`.

    The losses of the literature are models, that make a game of each lens: see `losses`.
    """
    if not isinstance(lens, BayesLens):
        raise WrongCategory(
            f"a game is played by a Bayesian lens, but got {lens!r}: Bayes(C)(c) is the exact one of a channel."
        )
    return Game(lens.dom, lens.cod, lens.base, (Scored(lens, loss),))


@door
def context_fitness(play: Game, prior: Any, continuation: Callable[[Any], Any]) -> Any:
    """The fitness of a game in a context: its expected loss, ``E_{y ~ k(π ; c)} L_π(y)``.

    Args:
        play: the game ``(X, A) → (Y, B)``.
        prior: a state of `X`.
        continuation: a function `k` of states of `Y` to states of `B`: what is observed, given what is predicted.

    Laws:
        The fitness of a composite is that of its first part where the second continues, ``σ ↦ k(σ ; d) ; d'_σ``, and that of the second
        at ``π ; c``.

    Source: 2109.04461, Definitions 4.1 to 4.4.
    """
    predicted = play.base.then(prior, play.lens.channel)
    return expect(continuation(predicted), play.at(prior))()


@door
def gradient(games: Callable[[Any], Game], parameters: Any, prior: Any, *observed: Any, local: bool = False) -> Any:
    """The derivative of a loss in the parameters of a game.

    Args:
        games: a function of parameters to a game.
        parameters: a pytree of floats.
        prior: a state of the domain.
        *observed: the observation, one value a wire.
        local: leave out how the parameters of one move change what another is told. Each move can then be trained by itself; the
            derivative is another, unless nothing that is told matters.
    """
    loss = lambda parameters: games(parameters).at(prior, local=local)(*observed)
    return jax.grad(loss)(parameters)
