r"""Dependent Bayesian lenses: what comes back is of a type that depends on the prior.

Definition:
    An object is a pair ``(X, A)`` of an object and of a function `A` from states of `X` to objects. An arrow ``(X, A) → (Y, B)`` is a
    channel ``c : X → Y`` with an arrow ``c'_π : B(π ; c) → A(π)`` for each state `π`; composition is that of Bayesian lenses.

With ``A(π)`` the support of `π` a Bayesian inverse ``supp(π ; c) → supp(π)`` is *unique*, and ``c ↦ (c, c†)`` is a strict functor, with
identities: there is nothing left to fill in.

The support is an object, so its size must be known: outside `jit`. Inside, `masked_inverse` has a row of zeros for each observation that
cannot be made, and composes as strictly.

References:
    Braithwaite, Hedges (2209.14728).
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx

from ..theory import Arrow, Category, Conditionals, Data, Functor, door
from ..theory.errors import WrongCategory, WrongObject
from .stat import check_state


@dataclasses.dataclass(frozen=True)
class Dependent:
    """A pair ``(X, A)``: what goes forward, and the object of what comes back at each state of it.

    Attributes:
        fwd: the object `X`.
        bwd: a function of a state of `X` to an object.
    """

    fwd: Any
    bwd: Callable[[Any], Any]

    def __str__(self) -> str:
        return f"({self.fwd}, {getattr(self.bwd, '__name__', self.bwd)})"

    __repr__ = __str__


def supp(state: Any) -> Any:
    """The object that is the support of a state."""
    return state.category.support(state).ob


class Between(Data):
    """The Bayesian inverse of a channel between the supports of the prior and of what is predicted."""

    channel: Any

    def __call__(self, prior: Any) -> Any:
        C = self.channel.category
        seen = C.support(C.then(prior, self.channel))
        return C.then(seen.inclusion, C.bayes_inverse(self.channel, prior), C.support(prior).retraction)


class DependentLens(Arrow):
    """A dependent Bayesian lens: a flat path of channels, each with what comes back at a prior."""

    dom: Dependent = eqx.field(static=True)
    cod: Dependent = eqx.field(static=True)
    base: Conditionals = eqx.field(static=True)
    steps: tuple[tuple[Any, Callable[[Any], Any]], ...]

    @property
    def category(self) -> "DependentBayes":
        return DependentBayes(self.base)

    @property
    def channel(self) -> Any:
        """The way forward ``X → Y``."""
        return self.base.then(self.base.id(self.dom.fwd), *(channel for channel, _ in self.steps))

    @door
    def at(self, prior: Any, /) -> Any:
        """The way back ``B(π ; c) → A(π)``.

        Raises:
            WrongObject: `prior` is no state of `X`, or a way back does not have the ends that it should have there.
        """
        C = self.base
        check_state(C, prior, self.dom.fwd, self)
        back = C.id(self.dom.bwd(prior))
        for channel, way in self.steps:
            step, prior = way(prior), C.then(prior, channel)
            back = C.then(step, back)
        if back.dom != self.cod.bwd(prior):
            raise WrongObject(
                f"the way back of {self} starts at {back.dom} there, and should at {self.cod.bwd(prior)}."
            )
        return back


@dataclasses.dataclass(frozen=True)
class DependentBayes(Category, Functor):
    """The category of dependent Bayesian lenses; on channels of the base, the inverse between supports.

    Laws:
        ``S(id) = id`` and ``S(c ; d) = S(c) ; S(d)``, strictly, at each prior.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel, unit
        >>> S, prior = DependentBayes(FinStoch), kernel(unit, Fin(3), [0.5, 0.5, 0.0])
        >>> print(S(FinStoch.id(Fin(3))).at(prior).table)
        [[1. 0.]
         [0. 1.]]
    """

    base: Conditionals

    def __post_init__(self):
        if not isinstance(self.base, Conditionals):
            raise WrongCategory(f"dependent Bayesian lenses need a category with conditionals, but got {self.base}.")

    def __str__(self) -> str:
        return f"DependentBayes({self.base})"

    def id(self, x: Dependent, /) -> DependentLens:
        return DependentLens(x, x, self.base, ())

    def _then(self, f: DependentLens, g: DependentLens, /) -> DependentLens:
        return DependentLens(f.dom, g.cod, self.base, f.steps + g.steps)

    def ob(self, x: Any, /) -> Dependent:
        """``X ↦ (X, supp)``."""
        return Dependent(x, supp)

    def arrow(self, f: Arrow, /) -> DependentLens:
        """``c ↦ (c, c†)``, between supports."""
        self.base._own(f)
        return DependentLens(self.ob(f.dom), self.ob(f.cod), self.base, ((f, Between(f)),))

    @door
    def lens(self, dom: Dependent, cod: Dependent, channel: Arrow, back: Callable[[Any], Any], /) -> DependentLens:
        """The lens of a channel and of a function from states of its domain to arrows ``B(π ; c) → A(π)``.

        Raises:
            WrongObject: the channel does not go from `X` to `Y`.
        """
        self.base._own(channel)
        if (channel.dom, channel.cod) != (dom.fwd, cod.fwd):
            raise WrongObject(
                f"the way forward must go {dom.fwd} -> {cod.fwd}, but got {channel.dom} -> {channel.cod}."
            )
        return DependentLens(dom, cod, self.base, ((channel, back),))


@door
def masked_inverse(c: Arrow, prior: Arrow) -> Any:
    """The table of the Bayesian inverse of a finite channel, with a row of zeros for each observation that cannot be made.

    Its shape does not depend on the numbers, so it can be compiled. Composites of these tables are the table of the composite, and on
    the support of the prior that of an identity is the identity.

    Shapes:
        (number of observations, number of causes).

    Raises:
        WrongCategory: supports of the category are no masks.
    """
    C = c.category
    if not hasattr(C, "supported"):
        raise WrongCategory(f"supports in {C} are no masks: compare ways back by as_equal instead.")
    seen = C.supported(C.then(prior, c)).reshape(-1, 1)
    back = C.bayes_inverse(c, prior)
    return C.entries.multiply(back.matrix, C.entries.indicator(seen))
