r"""Stat: arrows that depend on a state.

Definition:
    For a Markov category `C` and an object `X`, the category ``Stat(C)(X)`` has the objects of `C`; an arrow ``A → B`` over `X` is a
    *function* from states of `X` to arrows ``A → B`` of `C`. It composes state by state, and is reindexed along ``f : Y → X`` by what `f`
    makes of a state:

    .. math:: (\alpha ; \beta)_\pi = \alpha_\pi ; \beta_\pi, \qquad (f^* \alpha)_\sigma = \alpha_{\sigma ; f}.

A Bayesian inverse is of this kind: it depends on what was believed before. Nothing says that it depends on it as an arrow would, on samples.

References:
    Smithe (2212.12538), Definition 4.3.2; Braithwaite, Hedges, Smithe (2305.06112), Definition 8.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx

from ..theory import Arrow, Category, Data, Markov, door
from ..theory.errors import WrongCategory, WrongObject


class Constantly(Data):
    """The same arrow at each state."""

    arrow: Any

    def __call__(self, prior: Any) -> Any:
        return self.arrow


class Reindexed(Data):
    """A state-dependent arrow, seen from before a channel: the state is pushed through it, once."""

    channel: Any
    arrow: "StateIndexed"

    def __call__(self, prior: Any) -> Any:
        return self.arrow.at(self.channel.category.then(prior, self.channel))


class StateIndexed(Arrow):
    """An arrow ``dom → cod`` for each state of an object `over`: a flat path of functions of the state.

    Call `at` on a state ``unit → over`` to have the arrow of the base there.
    """

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Markov = eqx.field(static=True)
    over: Any = eqx.field(static=True)
    path: tuple[Callable[[Any], Any], ...]

    @property
    def category(self) -> "Stat":
        return Stat(self.base, self.over)

    @door
    def at(self, prior: Any, /) -> Any:
        """The arrow at a state.

        Raises:
            WrongObject: it is no state of `over`.
        """
        check_state(self.base, prior, self.over, self)
        return self.base.then(self.base.id(self.dom), *(step(prior) for step in self.path))


@dataclasses.dataclass(frozen=True)
class Stat(Category):
    """The state-dependent arrows over an object; see the module.

    Args:
        base: a Markov category.
        over: the object whose states the arrows depend on.

    Laws:
        Those of a category, at each state; ``reindex(f ; g) = reindex(g) ; reindex(f)``.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel, unit
        >>> coin = Fin(2)
        >>> told = Stat(FinStoch, coin).arrow(coin, coin, lambda prior: FinStoch.discard(coin) >> prior)
        >>> print(told.at(kernel(unit, coin, [0.25, 0.75])).table[0])
        [0.25 0.75]
    """

    base: Markov
    over: Any

    def __post_init__(self):
        if not isinstance(self.base, Markov):
            raise WrongCategory(f"Stat(C, X) needs a Markov category, but got {self.base}.")

    def __str__(self) -> str:
        return f"Stat({self.base}, {self.over})"

    def id(self, x: Any, /) -> StateIndexed:
        return StateIndexed(x, x, self.base, self.over, ())

    def _then(self, f: StateIndexed, g: StateIndexed, /) -> StateIndexed:
        return StateIndexed(f.dom, g.cod, self.base, self.over, f.path + g.path)

    @door
    def arrow(self, dom: Any, cod: Any, function: Callable[[Any], Any], /) -> StateIndexed:
        """The arrow ``dom → cod`` that a function from states to arrows of the base is; a pytree keeps its leaves."""
        return StateIndexed(dom, cod, self.base, self.over, (function,))

    @door
    def constant(self, f: Arrow, /) -> StateIndexed:
        """An arrow of the base, the same at each state."""
        self.base._own(f)
        return self.arrow(f.dom, f.cod, Constantly(f))

    @door
    def reindex(self, f: Arrow, g: StateIndexed, /) -> StateIndexed:
        """``f* g``, over the domain of ``f : Y → X``, for an arrow `g` over `X`.

        Raises:
            WrongObject: `f` does not end at the object that `g` is over.
        """
        self.base._own(f)
        self._own(g)
        if f.cod != self.over:
            raise WrongObject(f"cannot reindex along {f}: it must end at {self.over}, whose states {g} depends on.")
        return Stat(self.base, f.dom).arrow(g.dom, g.cod, Reindexed(f, g))


def check_state(C: Any, prior: Any, x: Any, what: Any) -> None:
    """See that an arrow is a state of an object."""
    C._own(prior)
    if prior.dom != C.unit or prior.cod != x:
        raise WrongObject(f"{what} is taken at a state {C.unit} -> {x}, but got {prior.dom} -> {prior.cod}.")
