r"""Mealy: arrows with a hidden state that is fed back at each step.

Definition:
    For a Markov category `C`, a *machine* ``U → Y`` of ``Mealy(C)`` is an object `X` of hidden states, a start ``s : I → X`` and a step
    ``f : X ⊗ U → X ⊗ Y`` of `C`. *Unrolled*, it reads an input, writes an output and keeps the state, `n` times over:

    .. math:: U^n \to Y^n, \qquad (x_{k+1}, y_k) = f(x_k, u_k), \quad x_0 = s.

    Two machines are equal when their unrollings are: the state is nobody's business. Composition feeds outputs to inputs within the step, and
    hidden states are collected, those of the first machine first.

``Mealy(C)`` is a Markov category. Unrolling keeps composites, and tensors up to the order of wires. A step may be taken before or after what it
feeds back, the *slide* of feedback. An arrow of `C` is a machine without state, but one that draws is one that draws anew at each step.

References:
    Katis, Sabadini, Walters, *Feedback, trace and fixed-point semantics* (2002); Di Lavore, de Felice, Román, *Monoidal streams for dataflow
    programming* (2202.02061).
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..theory import Arrow, Functor, Markov, door
from ..theory.errors import WrongCategory, WrongObject

_LOOKED_AT = 2


class MealyMap(Arrow):
    """A machine ``dom → cod``.

    Attributes:
        dom: what it reads at each step.
        cod: what it writes at each step.
        state: the object `X` of its hidden states.
        start: the first state, ``I → X``.
        step: ``X ⊗ dom → X ⊗ cod``.
        over: the category of machines.
    """

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    state: Any = eqx.field(static=True)
    start: Any
    step: Any
    over: "MealyCategory" = eqx.field(static=True)

    @property
    def category(self) -> "MealyCategory":
        return self.over

    @property
    def moves(self) -> Any:
        """The next state alone, ``X ⊗ dom → X``."""
        C = self.over.base
        return C.then(self.step, C.first(self.state, self.cod))

    @property
    def writes(self) -> Any:
        """The output alone, ``X ⊗ dom → cod``."""
        C = self.over.base
        return C.then(self.step, C.second(self.state, self.cod))

    @door
    def unrolled(self, n: int) -> Any:
        """The first `n` steps, ``dom ⊗ ... ⊗ dom → cod ⊗ ... ⊗ cod`` in the base.

        Raises:
            WrongObject: `n` is not a whole number >= 0.
        """
        if not isinstance(n, int) or isinstance(n, bool) or n < 0:
            raise WrongObject(f"a machine takes a whole number of steps, but {n!r} were asked of {self}.")
        C, X = self.over.base, self.state
        step = C.then(self.step, C.swap(X, self.cod))
        written, run = C.unit, self.start
        for _ in range(n):
            run = C.then(C.tensor(run, C.id(self.dom)), C.tensor(C.id(written), step))
            written = written @ self.cod
        return C.then(run, C.first(written, X))


@dataclasses.dataclass(frozen=True)
class MealyCategory(Markov):
    """Machines over a Markov category; see the module. `Mealy` makes it."""

    base: Any

    def __str__(self) -> str:
        return f"Mealy({self.base})"

    @property
    def unit(self) -> Any:
        return self.base.unit

    def id(self, x: Any, /) -> MealyMap:
        return self._pure(self.base.id(x))

    @door
    def lift(self, f: Any, /) -> MealyMap:
        """The machine that does an arrow of the base at each step, and keeps nothing.

        Raises:
            WrongCategory: `f` is no arrow of the base.
        """
        self.base._own(f)
        return self._pure(f)

    def _pure(self, f: Any) -> MealyMap:
        unit = self.base.unit
        return MealyMap(f.dom, f.cod, unit, self.base.id(unit), f, self)

    def _then(self, f: MealyMap, g: MealyMap, /) -> MealyMap:
        C, X, Z = self.base, f.state, g.state
        apart = C.tensor(C.id(X), C.swap(Z, f.dom))
        between = C.tensor(C.id(X), C.swap(f.cod, Z))
        step = C.then(apart, C.tensor(f.step, C.id(Z)), between, C.tensor(C.id(X), g.step))
        return MealyMap(f.dom, g.cod, X @ Z, C.tensor(f.start, g.start), step, self)

    def _tensor(self, f: MealyMap, g: MealyMap, /) -> MealyMap:
        C, X, Z = self.base, f.state, g.state
        apart = C.tensor(C.id(X), C.swap(Z, f.dom), C.id(g.dom))
        together = C.tensor(C.id(X), C.swap(f.cod, Z), C.id(g.cod))
        step = C.then(apart, C.tensor(f.step, g.step), together)
        return MealyMap(f.dom @ g.dom, f.cod @ g.cod, X @ Z, C.tensor(f.start, g.start), step, self)

    def swap(self, x: Any, y: Any, /) -> MealyMap:
        return self._pure(self.base.swap(x, y))

    def copy(self, x: Any, /) -> MealyMap:
        return self._pure(self.base.copy(x))

    def discard(self, x: Any, /) -> MealyMap:
        return self._pure(self.base.discard(x))

    @door
    def alike(self, f: MealyMap, g: MealyMap, n: int, /, *, tol: float | None = None) -> bool:
        """Whether the first `n` steps of two machines are equal arrows of the base.

        Raises:
            NotParallel: they have different ends.
        """
        self._parallel(f, g, "compare")
        return self.base.close(f.unrolled(n), g.unrolled(n), tol=tol)

    def _close(self, f: MealyMap, g: MealyMap, tol: float | None, /) -> bool:
        """Whether the first two steps are equal: a difference that shows later is found by `alike`."""
        return self.alike(f, g, _LOOKED_AT, tol=tol)


@dataclasses.dataclass(frozen=True)
class Machines(Functor):
    """The functor ``C → Mealy(C)``: an arrow as the machine that does it at each step."""

    base: Any

    def __str__(self) -> str:
        return f"{self.base} → {Mealy(self.base)}"

    def ob(self, x: Any, /) -> Any:
        """The same object."""
        return x

    def arrow(self, f: Any, /) -> MealyMap:
        """The machine without state.

        Raises:
            WrongCategory: `f` is no arrow of the base.
        """
        return Mealy(self.base).lift(f)


@door
def Mealy(base: Markov, /) -> MealyCategory:
    """The category of machines over a Markov category.

    Raises:
        WrongCategory: the base does not discard naturally, so hidden states would show.

    Example:
        >>> from catlearn import Fin, FinStoch
        >>> print(Mealy(FinStoch).discard(Fin(2)))
        MealyMap : Fin(2) -> unit
    """
    if not isinstance(base, Markov):
        raise WrongCategory(f"Mealy needs a Markov category, in which a state can be forgotten, but got {base}.")
    return MealyCategory(base)


@door
def mealy(start: Arrow, step: Arrow, /) -> MealyMap:
    """The machine with a start ``I → X`` and a step ``X ⊗ U → X ⊗ Y``.

    Raises:
        WrongCategory: the two are of different categories, or of one without discarding.
        WrongObject: the step does not begin and end with the state.

    Example:
        >>> from catlearn import R, gaussian, unit
        >>> walk = gaussian(R(), R() @ R(), [[1.0], [1.0]], factor=[[1.0], [0.0]])
        >>> counted = mealy(gaussian(unit, R(), covariance=4.0), walk)
        >>> print(counted, counted.unrolled(2).covariance.round(6))
        MealyMap : unit -> R() [[4. 4.]
         [4. 5.]]
    """
    C = Mealy(step.category)
    C.base._own(start)
    X = start.cod
    if start.dom != C.unit or step.dom[: len(X)] != X or step.cod[: len(X)] != X:
        raise WrongObject(
            "a machine has a start I -> X and a step X @ U -> X @ Y, but these are\n"
            f"    start : {start.dom} -> {start.cod}\n    step : {step.dom} -> {step.cod}\n"
            "Give the step the state as its first wires, on both ends."
        )
    return MealyMap(step.dom[len(X) :], step.cod[len(X) :], X, start, step, C)
