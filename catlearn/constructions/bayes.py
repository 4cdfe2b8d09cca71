r"""Bayesian lenses: a channel forward, and back an inference that depends on the prior.

Definition:
    For a Markov category `C`, an object of ``Bayes(C)`` is a pair ``(X, A)``. An arrow ``(X, A) → (Y, B)`` is a channel ``c : X → Y``
    with an arrow ``c'_π : B → A`` for each state `π` of `X`. Composites go back through the second at the state that the first predicts,

    .. math:: (c, c') ; (d, d') = \bigl(c ; d,\; \pi \mapsto d'_{\pi ; c} ; c'_\pi \bigr),

    and side by side each goes back at its own marginal.

The lens is *exact* when ``c'_π`` is the Bayesian inverse of `c` at `π`. Exact lenses compose to exact lenses, almost surely: the belief
about the causes of causes is found by going back one cause at a time. Where states are points, this is ``Lens(C)``.

Read literally, the formula pushes the prior through `c` again at each bracketing. So a lens is kept as a flat path of *factors*, and is
read at a prior once: n factors need n - 1 pushforwards, however they were nested.

References:
    Smithe (2212.12538), Definition 4.3.8 and Theorem 4.3.14; Braithwaite, Hedges, Smithe (2305.06112), Definition 9.
"""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx

from ..theory import Arrow, Cartesian, Conditionals, Data, Markov, Symmetric, door
from ..theory.errors import WrongCategory, WrongObject
from .inverter import Exact, Filler, FromDraw, Inverter, inverter
from .lens import LensMap, Pair
from .lens import lens as lens_of_maps
from .stat import check_state


class Factor(Data):
    """One step of a Bayesian lens: a channel of the base, and what comes back through it at a prior."""

    @property
    @abc.abstractmethod
    def channel(self) -> Any:
        """The way forward ``X → Y``."""

    @abc.abstractmethod
    def back(self, prior: Any) -> Any:
        """The way back ``B → A`` at a state of `X`."""


class Step(Factor):
    """A channel with an inverter."""

    forward: Any
    inverter: Inverter

    @property
    def channel(self) -> Any:
        return self.forward

    def back(self, prior: Any) -> Any:
        return self.inverter(self.forward, prior)


class Beside(Factor):
    """Two lenses side by side: each goes back at its own marginal."""

    f: "BayesLens"
    g: "BayesLens"

    @property
    def channel(self) -> Any:
        return self.f.base.tensor(self.f.channel, self.g.channel)

    def back(self, prior: Any) -> Any:
        p, q = marginals(self.f.base, prior, len(self.f.dom.fwd))
        return self.f.base.tensor(self.f.at(p), self.g.at(q))


class SealedFactors(Factor):
    """A lens as one opaque factor."""

    lens: "BayesLens"

    @property
    def channel(self) -> Any:
        return self.lens.channel

    def back(self, prior: Any) -> Any:
        return self.lens.at(prior)


class BayesLens(Arrow):
    """A Bayesian lens ``(X, A) → (Y, B)``: a flat path of factors."""

    dom: Pair = eqx.field(static=True)
    cod: Pair = eqx.field(static=True)
    base: Markov = eqx.field(static=True)
    factors: tuple[Factor, ...]

    @property
    def category(self) -> "BayesCategory":
        return BayesCategory(self.base)

    @property
    def channel(self) -> Any:
        """The way forward ``X → Y``, an arrow of the base."""
        return self.base.then(self.base.id(self.dom.fwd), *(factor.channel for factor in self.factors))

    @door
    def priors(self, prior: Any, /) -> tuple[Any, ...]:
        """The state before each factor: what is believed there, given what is believed at the beginning."""
        check_state(self.base, prior, self.dom.fwd, self)
        states = [prior]
        for factor in self.factors[:-1]:
            states.append(self.base.then(states[-1], factor.channel))
        return tuple(states)

    @door
    def at(self, prior: Any, /) -> Any:
        """The way back ``B → A`` at a state of `X`: the state is pushed through each factor but the last, once.

        Raises:
            WrongObject: `prior` is no state of `X`.
        """
        backs = [factor.back(p) for factor, p in zip(self.factors, self.priors(prior), strict=False)]
        return self.base.then(self.base.id(self.cod.bwd), *reversed(backs))

    @door
    def literal_at(self, prior: Any, /) -> Any:
        """The way back by the definition, each prior from the beginning: quadratic, the specification of `at`."""
        C, channel, back = self.base, self.base.id(self.dom.fwd), self.base.id(self.dom.bwd)
        for factor in self.factors:
            back = C.then(factor.back(C.then(prior, channel)), back)
            channel = C.then(channel, factor.channel)
        return back


def marginals(C: Any, joint: Any, n: int) -> tuple[Any, Any]:
    """The marginals of a state on its first `n` wires, and on the others."""
    marginal = C.marginal if isinstance(C, Conditionals) else lambda p, wires: C.then(p, C.pick(p.cod, wires))
    return marginal(joint, tuple(range(n))), marginal(joint, tuple(range(n, len(joint.cod))))


@dataclasses.dataclass(frozen=True)
class BayesCategory(Symmetric):
    """The category of Bayesian lenses over a Markov category; see the module.

    It is symmetric monoidal and does not copy or discard: nothing says what to send back where nothing was observed. Called on a channel of
    the base it is the section ``c ↦ (c, c†)``: the exact lens.

    Laws:
        ``Bayes(c ; d) = Bayes(c) ; Bayes(d)`` almost surely; not ``Bayes(c ⊗ d) = Bayes(c) ⊗ Bayes(d)``, unless the prior is a product.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel, unit
        >>> coin = Fin(2)
        >>> prior = kernel(unit, coin, [0.25, 0.75])
        >>> c = kernel(coin, coin, [[0.75, 0.25], [0.25, 0.75]])
        >>> lens = Bayes(FinStoch)(c)
        >>> print(lens, lens.at(prior).table[0])
        BayesLens : (Fin(2), Fin(2)) -> (Fin(2), Fin(2)) [0.5 0.5]
    """

    base: Markov

    def __str__(self) -> str:
        return f"Bayes({self.base})"

    @property
    def unit(self) -> Pair:
        return Pair(self.base.unit, self.base.unit)

    def id(self, x: Pair, /) -> BayesLens:
        return BayesLens(x, x, self.base, ())

    def _then(self, f: BayesLens, g: BayesLens, /) -> BayesLens:
        return BayesLens(f.dom, g.cod, self.base, f.factors + g.factors)

    def _tensor(self, f: BayesLens, g: BayesLens, /) -> BayesLens:
        factors = (Beside(f, g),) if f.factors or g.factors else ()
        return BayesLens(f.dom @ g.dom, f.cod @ g.cod, self.base, factors)

    def swap(self, x: Pair, y: Pair, /) -> BayesLens:
        C = self.base
        return approximate(C.swap(x.fwd, y.fwd), C.swap(y.bwd, x.bwd))

    def seal(self, f: BayesLens, /) -> BayesLens:
        """The same lens as one opaque factor."""
        return BayesLens(f.dom, f.cod, self.base, (SealedFactors(f),))

    @door
    def __call__(self, x: Any, /) -> Any:
        """The section on an object, ``X ↦ (X, X)``, and on a channel, ``c ↦ (c, c†)`` with the filler of the base.

        Raises:
            WrongCategory: the channel is not one of the base, or the base has no conditionals.
        """
        if not isinstance(x, Arrow):
            return Pair(x, x)
        self.base._own(x)
        return exact(x)


@door
def Bayes(base: Any, /) -> BayesCategory:
    """``Bayes(C)`` of a Markov category: the category of Bayesian lenses, and on objects and channels of `C` the exact lens.

    Raises:
        WrongCategory: `C` is no Markov category.
    """
    if not isinstance(base, Markov):
        raise WrongCategory(f"Bayes(C) needs a Markov category, but got {base}.")
    return BayesCategory(base)


@door
def exact(c: Arrow, *, otherwise: Filler | None = None) -> BayesLens:
    """The exact lens ``(X, X) → (Y, Y)`` of a channel.

    Args:
        c: the channel.
        otherwise: the filler: what the inverse is where nothing falls, as a function of the channel and the prior; see `prior_filler`.
            None leaves it to the category. A module-level function, since a fresh one would be compiled again.

    Raises:
        WrongCategory: the category of `c` has no conditionals.
    """
    C = _category(c)
    if not isinstance(C, Conditionals):
        raise WrongCategory(
            f"{c} has no Bayesian inverse in {C}, which has no conditionals: give one, approximate(c, back)."
        )
    return BayesLens(Pair(c.dom, c.dom), Pair(c.cod, c.cod), C, (Step(c, Exact(otherwise)),))


@door
def approximate(c: Arrow, back: Arrow) -> BayesLens:
    """The lens ``(X, A) → (Y, B)`` of a channel and of a way back that one chooses.

    Args:
        c: the channel ``X → Y``.
        back: an arrow ``B → A``, the same at each prior; or one of ``Stat(C, X)``, which depends on the prior.

    Raises:
        WrongObject: `back` depends on states of another object than `X`.
        WrongCategory: `back` is an arrow of another category.
    """
    C = _category(c)
    way, A, B = inverter(c, back)
    return BayesLens(Pair(c.dom, A), Pair(c.cod, B), C, (Step(c, way),))


@door
def sampled_back(c: Arrow, put: Arrow) -> BayesLens:
    """The lens of a channel ``X → Y`` and of a way back ``X ⊗ B → A`` that is given a draw from the prior.

    Raises:
        WrongObject: `put` does not start at `X`.
    """
    C = _category(c)
    C._own(put)
    if put.dom[: len(c.dom)] != c.dom:
        raise WrongObject(f"the way back of {c} must start at {c.dom}, but got {put.dom} -> {put.cod}.")
    return BayesLens(Pair(c.dom, put.cod), Pair(c.cod, put.dom[len(c.dom) :]), C, (Step(c, FromDraw(put)),))


@door
def of_lens(f: LensMap) -> BayesLens:
    """A lens over a cartesian category, as a Bayesian one: its states are points."""
    return BayesLens(f.dom, f.cod, f.base, tuple(Step(s.get, FromDraw(s.put)) for s in f.stages))


@door
def to_lens(f: BayesLens, point: Callable[..., Any]) -> LensMap:
    """A Bayesian lens over a cartesian category of functions, as a lens.

    Args:
        f: the lens.
        point: ``point(X, *values)``, the state that values of `X` are: `Smooth.point`.

    Raises:
        WrongCategory: the base is not cartesian.
    """
    C: Any = f.base
    if not isinstance(f.base, Cartesian):
        raise WrongCategory(
            f"only over a cartesian category are states points and is a Bayesian lens a lens, but {f} is over {C}."
        )
    put = C.arrow(f.dom.fwd @ f.cod.bwd, f.dom.bwd, AtPoint(f, point))
    return lens_of_maps(f.channel, put)


class AtPoint(Data):
    """``(x, b) ↦ c'_x(b)``: the way back at the point that is given."""

    lens: BayesLens
    point: Callable[..., Any] = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        n = len(self.lens.dom.fwd)
        C: Any = self.lens.base
        return C.apply(self.lens.at(self.point(self.lens.dom.fwd, *xs[:n])), xs[n:])


def _category(c: Any) -> Any:
    if not isinstance(c, Arrow) or not isinstance(c.category, Markov):
        raise WrongCategory(f"a Bayesian lens goes forward by an arrow of a Markov category, but got {c!r}.")
    return c.category
