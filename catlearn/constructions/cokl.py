r"""CoKl: arrows that share one random input.

Definition:
    For an object `Ω` of a category `C` that copies, an arrow ``A → B`` of ``CoKl(C, Ω)`` is an arrow ``f : Ω ⊗ A → B`` of `C`. All arrows of a composite
    look at the same draw,

    .. math:: (f ; g)(\omega, a) = g(\omega, f(\omega, a)), \qquad (f \otimes g)(\omega, a, c) = (f(\omega, a),\; g(\omega, c)).

    *Realisation* at a point ``w : unit → Ω`` is the functor ``f ↦ f(w, -)`` to `C`.

A stochastic process is an arrow here: for each outcome it is a function. In `ParaMap` the other way to compose, each arrow has draws of its own:
`fresh` makes those, `CopyDraws` lets them look at one, and `Push` forgets the draws and keeps the law. To push an arrow of `CoKl` is not functorial:
``x + ω`` then ``x - ω`` is the identity, and twice the noise when one forgets that ω was one.

References:
    Shiebler, *Categorical stochastic processes and likelihood* (2005.04735), in the draft of May 2020.
"""

import dataclasses
import functools
from typing import Any

import equinox as eqx

from ..theory import Arrow, Functor, Identity, Markov, door
from ..theory.errors import WrongCategory, WrongObject, WrongParameters
from .para import ParaMap, para


class CoKlMap(Arrow):
    """An arrow ``dom → cod`` that looks at a shared draw: ``arrow : Ω ⊗ dom → cod`` of the base."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Markov = eqx.field(static=True)
    draw: Any = eqx.field(static=True)
    arrow: Any

    @property
    def category(self) -> "CoKl":
        return CoKl(self.base, self.draw)

    def __str__(self) -> str:
        """The arrow as one writes it on the board."""
        return f"CoKlMap({self.draw}) : {self.dom} -> {self.cod}"


@dataclasses.dataclass(frozen=True)
class CoKl(Markov):
    """The category of arrows that share a random input; see the module.

    Over a cartesian base it is cartesian too: an arrow that is copied is one arrow, since its draw is.

    Args:
        base: a category that copies.
        draw: the object `Ω` of outcomes.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> C = CoKl(Smooth, R())
        >>> up, down = (C.of(smooth(f, R() @ R())) for f in (lambda w, x: x + w, lambda w, x: x - w))
        >>> print(up >> down, (up >> down).arrow(3.0, 2.0))
        CoKlMap(R()) : R() -> R() 2.0
    """

    base: Markov
    draw: Any

    def __post_init__(self):
        if not isinstance(self.base, Markov):
            raise WrongCategory(f"CoKl(C, Ω) needs a category that copies, but got {self.base}.")

    def __str__(self) -> str:
        return f"CoKl({self.base}, {self.draw})"

    @property
    def unit(self) -> Any:
        return self.base.unit

    @door
    def of(self, f: Arrow, /) -> CoKlMap:
        """The arrow that ``f : Ω ⊗ A → B`` is.

        Raises:
            WrongCategory: `f` is not an arrow of the base.
            WrongObject: its domain does not begin with the draw.
        """
        self.base._own(f)
        n = len(self.draw)
        if f.dom[:n] != self.draw:
            raise WrongObject(f"{f} has no draw {self.draw}: its domain must begin with it.")
        return CoKlMap(f.dom[n:], f.cod, self.base, self.draw, f)

    @door
    def lift(self, f: Arrow, /) -> CoKlMap:
        """An arrow of the base, which looks at no draw.

        Raises:
            WrongCategory: `f` is not an arrow of the base.
        """
        self.base._own(f)
        C = self.base
        return CoKlMap(f.dom, f.cod, C, self.draw, C.tensor(C.discard(self.draw), f))

    def id(self, x: Any, /) -> CoKlMap:
        return self.lift(self.base.id(x))

    def _then(self, f: CoKlMap, g: CoKlMap, /) -> CoKlMap:
        C = self.base
        return CoKlMap(f.dom, g.cod, C, self.draw, C.then(self._keep(f), g.arrow))

    def _keep(self, f: CoKlMap) -> Any:
        """``Ω ⊗ A → Ω ⊗ B``: `f`, and the draw again."""
        C, draw = self.base, self.draw
        return C.then(C.tensor(C.copy(draw), C.id(f.dom)), C.tensor(C.id(draw), f.arrow))

    def _tensor(self, f: CoKlMap, g: CoKlMap, /) -> CoKlMap:
        C, draw = self.base, self.draw
        deal = C.tensor(C.id(draw), C.swap(draw, f.dom), C.id(g.dom))
        twice = C.then(C.tensor(C.copy(draw), C.id(f.dom @ g.dom)), deal)
        return CoKlMap(f.dom @ g.dom, f.cod @ g.cod, C, draw, C.then(twice, C.tensor(f.arrow, g.arrow)))

    def swap(self, x: Any, y: Any, /) -> CoKlMap:
        return self.lift(self.base.swap(x, y))

    def copy(self, x: Any, /) -> CoKlMap:
        return self.lift(self.base.copy(x))

    def discard(self, x: Any, /) -> CoKlMap:
        return self.lift(self.base.discard(x))

    def _close(self, f: CoKlMap, g: CoKlMap, tol: float | None, /) -> bool:
        return self.base.close(f.arrow, g.arrow, tol=tol)


@dataclasses.dataclass(frozen=True)
class Realise(Functor):
    """The functor ``f ↦ f(w, -)`` from ``CoKl(C, Ω)`` to `C`, at a point ``w : unit → Ω``; it is strict monoidal.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> noisy = CoKl(Smooth, R()).of(smooth(lambda w, x: x + w, R() @ R()))
        >>> print(Realise(Smooth.point(R(), 0.5))(noisy)(1.0))
        1.5
    """

    at: Arrow

    def __str__(self) -> str:
        return f"realisation at {self.at}"

    def ob(self, x: Any, /) -> Any:
        """``A ↦ A``."""
        return x

    def arrow(self, f: CoKlMap, /) -> Any:
        """``f ↦ (w ⊗ A) ; f``.

        Raises:
            WrongObject: the point is not one of the draws of `f`.
        """
        C = f.base
        if (self.at.dom, self.at.cod) != (C.unit, f.draw):
            raise WrongObject(f"{f} is realised at a point of {f.draw}, but got {self.at}.")
        return C.then(C.tensor(self.at, C.id(f.dom)), f.arrow)


@dataclasses.dataclass(frozen=True)
class KeepDraw(Functor):
    """The embedding ``f ↦ ((ω, a) ↦ (ω, f(ω, a)))`` of ``CoKl(C, Ω)`` into `C`, on objects ``A ↦ Ω ⊗ A``."""

    category: CoKl

    def ob(self, x: Any, /) -> Any:
        """``A ↦ Ω ⊗ A``."""
        return self.category.draw @ x

    def arrow(self, f: CoKlMap, /) -> Any:
        """``f ↦ (copy ⊗ A) ; (Ω ⊗ f)``."""
        return self.category._keep(f)


@door
def fresh(draw: Any, n: int, f: Arrow, *, labels: Any = None) -> ParaMap:
    """The arrow ``A → B`` with `n` draws of its own, of ``f : Ωⁿ ⊗ A → B``: an arrow of `Para` whose parameters are draws.

    Args:
        draw: the object `Ω`.
        n: how many draws.
        f: the arrow of the base.
        labels: one name a parameter; ``"draw"`` by default.

    Raises:
        WrongObject: the domain of `f` does not begin with the draws.

    Example:
        >>> from catlearn import R, smooth
        >>> step = fresh(R(), 1, smooth(lambda w, x: x + w, R() @ R()))
        >>> print(step >> step, draws_of(step >> step, R()))
        ParaMap(R() @ R()) : R() -> R() 2
    """
    parameter = _power(draw, n)
    return para(parameter, f, labels=["draw"] * len(parameter) if labels is None else labels)


def _power(draw: Any, n: int) -> Any:
    return functools.reduce(lambda x, _: x @ draw, range(n), draw[:0])


def draws_of(f: ParaMap, draw: Any) -> int:
    """How many draws an arrow has.

    Raises:
        WrongParameters: its parameter is no power of the draw.
    """
    n = len(f.parameter) // max(len(draw), 1)
    if f.parameter != _power(draw, n):
        raise WrongParameters(
            f"{f} has the parameter {f.parameter}, which is no power of {draw}: not all of it is a draw."
        )
    return n


@dataclasses.dataclass(frozen=True)
class CopyDraws(Functor):
    """The functor from fresh draws to a shared one: ``f ↦ (copyⁿ ⊗ A) ; f``. It is full, and strict monoidal.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> step = fresh(R(), 1, smooth(lambda w, x: x + w, R() @ R()))
        >>> print(CopyDraws(CoKl(Smooth, R()))(step >> step).arrow(0.5, 1.0))
        2.0

    Source: 2005.04735, Proposition 4.
    """

    target: CoKl

    def __str__(self) -> str:
        return f"copies of a draw of {self.target}"

    def ob(self, x: Any, /) -> Any:
        """``A ↦ A``."""
        return x

    def arrow(self, f: ParaMap, /) -> CoKlMap:
        """All draws are the one.

        Raises:
            WrongParameters: the parameter of `f` is no power of the draw.
        """
        C, draw = self.target.base, self.target.draw
        spread = C.pick(draw, tuple(range(len(draw))) * draws_of(f, draw))
        return CoKlMap(f.dom, f.cod, C, draw, C.then(C.tensor(spread, C.id(f.dom)), f.arrow))


@dataclasses.dataclass(frozen=True)
class Push(Functor):
    """The functor from fresh draws to kernels: ``f ↦ (a ↦ the law of f(ω, a))`` for independent ``ω ~ law``.

    In words of the target it is ``(lawⁿ ⊗ A) ; F(f)``, where `F` reads the arrows of the base as deterministic ones. The answer is as exact as the
    target: Gaussian in `Gauss`, a table in `FinStoch`, a sampler in `Sampled`.

    Args:
        law: the state ``unit → Ω`` of one draw.
        along: the functor `F`; the identity where the base is the target.

    Raises:
        WrongObject: `law` is no state.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel, unit
        >>> coin = Fin(2)
        >>> xor = fresh(coin, 1, FinStoch.deterministic(coin @ coin, coin, lambda w, x: w ^ x))
        >>> F = Push(kernel(unit, coin, [0.75, 0.25]))
        >>> print(F(xor >> xor).table[0], (F(xor) >> F(xor)).table[0])
        [0.625 0.375] [0.625 0.375]

    Source: 2005.04735, Proposition 6.
    """

    law: Arrow
    along: Functor = dataclasses.field(default_factory=Identity)

    def __post_init__(self):
        if len(self.law.dom):
            raise WrongObject(f"the law of a draw is a state, but {self.law} starts at {self.law.dom}.")

    def __str__(self) -> str:
        return f"push along {self.law}"

    def ob(self, x: Any, /) -> Any:
        """``A ↦ F(A)``."""
        return self.along.ob(x)

    def arrow(self, f: ParaMap, /) -> Any:
        """The kernel of an arrow with fresh draws.

        Raises:
            WrongParameters: the parameter of `f` is no power of the draw.
        """
        M, image = self.law.category, self.along.arrow(f.arrow)
        n = draws_of(f, self.law.cod)
        laws = functools.reduce(M.tensor, (self.law,) * n, M.id(M.unit))
        return M.then(M.tensor(laws, M.id(self.ob(f.dom))), image)

    def shared(self, f: CoKlMap, /) -> Any:
        """The law of an arrow with a shared draw, input by input. This is *no* functor.

        Source: 2005.04735, Section 3.
        """
        return self.arrow(para(f.draw, f.arrow))
