r"""Conditioned arrows: programs that draw, compute and observe.

Definition:
    An *open program* ``X ⇝ Y`` over a Markov category with conditionals and supports is a triple

    .. math:: (K, \; f : X \to Y \otimes K, \; o : I \to K \text{ deterministic}),

    read: do `f`, and observe that its second part was `o`. Programs are composed by keeping all observations. On a state, a program is *run*:
    the joint state is conditioned on what was observed, or is bottom. ``Cond(C)`` has the programs as arrows; two are equal if no state, with
    any context beside, tells them apart when they are run.

An arrow into the unit is an observation, and discarding is not natural: to look at something and then forget it is not to have left it alone.
``C → Cond(C)`` keeps copies and discards. In each base here the objects can also be compared, ``x =:= y``.

References:
    Stein, Staton, *Compositional semantics for probabilistic programs with exact conditioning* (2101.11351, 2312.17141).
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..theory import Arrow, Conditionals, CopyDiscard, Functor, Hypergraph, door
from ..theory.errors import NotComposable, WrongObject
from .conditioning import Conditioning, Outcome, conditioning_of


class Obs(Arrow):
    """An open program ``dom ⇝ cod``.

    Attributes:
        dom: what it is given.
        cod: what it returns.
        hidden: the object `K` that is observed.
        body: the arrow ``dom → cod ⊗ K`` of the base.
        seen: the deterministic state of `K` that was observed.
        over: the category of programs.
    """

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    hidden: Any = eqx.field(static=True)
    body: Any
    seen: Any
    over: "Conditioned" = eqx.field(static=True)

    @property
    def category(self) -> "Conditioned":
        return self.over


@dataclasses.dataclass(frozen=True)
class Conditioned(CopyDiscard):
    """Open programs over a base; see the module. `Cond` makes it."""

    base: Any

    def __str__(self) -> str:
        return f"Cond({self.base})"

    @property
    def conditioning(self) -> Conditioning:
        """How states of the base are conditioned."""
        return conditioning_of(self.base)

    @door
    def lift(self, f: Any, /) -> Obs:
        """The program that does an arrow of the base, and observes nothing.

        Raises:
            WrongCategory: `f` is no arrow of the base.
        """
        self.base._own(f)
        return self._pure(f)

    def _pure(self, f: Any) -> Obs:
        unit = self.base.unit
        return Obs(f.dom, f.cod, unit, f, self.base.id(unit), self)

    @property
    def unit(self) -> Any:
        return self.base.unit

    def id(self, x: Any, /) -> Obs:
        return self._pure(self.base.id(x))

    def _then(self, f: Obs, g: Obs, /) -> Obs:
        C = self.base
        body = C.then(f.body, self._beside(g.body, C.id(f.hidden)))
        return self._program(body, len(g.cod), self._beside(g.seen, f.seen))

    def _beside(self, f: Any, g: Any) -> Any:
        """The tensor in the base; an arrow from the unit to itself is the identity there, and is left out."""
        parts = [h for h in (f, g) if (h.dom, h.cod) != (self.unit, self.unit)]
        return self.base.tensor(*parts) if parts else f

    def _program(self, body: Any, n: int, seen: Any) -> Obs:
        """The program that does `body`, and sees what is after its first `n` wires."""
        if len(body.cod) > n:
            body, seen = self.conditioning.gathered(self.base, body, n, seen)
        return Obs(body.dom, body.cod[:n], seen.cod, body, seen, self)

    def _tensor(self, f: Obs, g: Obs, /) -> Obs:
        C = self.base
        body = self._beside(f.body, g.body)
        if f.hidden != self.unit != g.cod:
            wires = C.tensor(C.id(f.cod), C.swap(f.hidden, g.cod), C.id(g.hidden))
            body = C.then(body, wires)
        return self._program(body, len(f.cod @ g.cod), self._beside(f.seen, g.seen))

    def swap(self, x: Any, y: Any, /) -> Obs:
        return self._pure(self.base.swap(x, y))

    def copy(self, x: Any, /) -> Obs:
        return self._pure(self.base.copy(x))

    def discard(self, x: Any, /) -> Obs:
        return self._pure(self.base.discard(x))

    @door
    def observe(self, o: Any, /) -> Obs:
        """The observation ``X ⇝ unit`` that a value was `o`, a deterministic state of the base.

        Raises:
            WrongCategory: `o` is no arrow of the base.
            WrongObject: it is no state.
        """
        self.base._own(o)
        if o.dom != self.unit:
            raise WrongObject(
                f"one observes a value, but {o} starts at {o.dom} and not at the unit: give it inputs first."
            )
        return Obs(o.cod, self.unit, o.cod, self.base.id(o.cod), o, self)

    @door
    def equate(self, x: Any, /) -> Obs:
        """``x =:= x``, the observation ``x ⊗ x ⇝ unit`` that two values are equal.

        It is an equation between values, and not an event: where the two are real numbers, what is observed is that their *difference* is zero.
        """
        difference, same = self.conditioning.comparison(self.base, x)
        return Obs(x @ x, self.unit, same.cod, difference, same, self)

    @door
    def compare(self, x: Any, /) -> Obs:
        """``x ⊗ x ⇝ x``: the two are one."""
        return self.then(self.tensor(self.copy(x), self.id(x)), self.tensor(self.id(x), self.equate(x)))

    @door
    def fail(self, x: Any, y: Any, /) -> Obs:
        """Bottom, ``x ⇝ y``: the program that observes what cannot be."""
        C = self.base
        value, other = self.conditioning.impossible(C)
        body = C.then(C.discard(x), C.tensor(self.conditioning.full(C, y), value))
        return Obs(x, y, other.cod, body, other, self)

    @door
    def full(self, x: Any, /) -> Obs:
        """A state of full support."""
        return self._pure(self.conditioning.full(self.base, x))

    @door
    def run(self, f: Obs, state: Any = None, /, *, tol: float | None = None) -> Outcome:
        """What is left of a state of the base after a program: the conditioned state, or bottom.

        Args:
            f: a program.
            state: a state of its domain, in the base; None for a program out of the unit.
            tol: what counts as zero, relative to the size of what it is compared with; None for a few thousand units in the last place.

        Raises:
            NotComposable: the program does not start where the state ends.
        """
        self._own(f)
        state = self.base.id(self.unit) if state is None else state
        self.base._own(state)
        if state.cod != f.dom or state.dom != self.unit:
            raise NotComposable(state, f, self)
        return self._run(f, state, tol)

    def _run(self, f: Obs, state: Any, tol: float | None) -> Outcome:
        joint = f.body if f.dom == self.unit else self.base.then(state, f.body)
        return self.conditioning.given(self.base, joint, len(f.cod), f.seen, tol)

    @door
    def probe(self, f: Obs, /, *, tol: float | None = None) -> Outcome:
        """What is left of a copied state of full support when `f` acts on one copy: equal for two programs only if they are equal."""
        self._own(f)
        C = self.base
        state = C.then(self.conditioning.full(C, f.dom), C.copy(f.dom))
        return self._run(self.tensor(self.id(f.dom), f), state, tol)

    @door
    def probed(self, f: Obs, g: Obs, /, *, tol: float | None = None) -> bool:
        """Whether one probe finds two parallel programs equal.

        Raises:
            NotParallel: they have different ends.
        """
        self._parallel(f, g, "compare")
        p, q = self.probe(f, tol=tol), self.probe(g, tol=tol)
        return bool(p.ok) == bool(q.ok) and (not bool(p.ok) or self.base.close(p.state, q.state, tol=tol))

    def _close(self, f: Obs, g: Obs, tol: float | None, /) -> bool:
        return self.conditioning.equal(self.base, f, g, tol)


@dataclasses.dataclass(frozen=True)
class CondCategory(Conditioned):
    """Programs over a base with no state of which nothing is known, such as `Gauss`."""


@dataclasses.dataclass(frozen=True)
class CondHypergraph(Conditioned, Hypergraph):
    """Programs over a base whose comparison has a unit: there, ``create`` is the flat prior."""

    @door
    def create(self, x: Any, /) -> Obs:
        """``unit ⇝ x``: the flat prior."""
        return self._pure(self.conditioning.flat(self.base, x))


@dataclasses.dataclass(frozen=True)
class Programs(Functor):
    """The functor ``C → Cond(C)``: an arrow as the program that does it and observes nothing."""

    base: Any

    def __str__(self) -> str:
        return f"{self.base} → {Cond(self.base)}"

    def ob(self, x: Any, /) -> Any:
        """The same object."""
        return x

    def arrow(self, f: Any, /) -> Obs:
        """The program that does `f`.

        Raises:
            WrongCategory: `f` is no arrow of the base.
        """
        return Cond(self.base).lift(f)


@door
def Cond(base: Conditionals, /) -> Any:
    """The category of programs over a base with conditionals: it copies, discards and observes.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel, unit
        >>> C, die = Cond(FinStoch), Fin(4)
        >>> one, two = kernel(unit, die, [0.5, 0.25, 0.25, 0.0]), kernel(unit, die, [0.25, 0.5, 0.0, 0.25])
        >>> program = (C.lift(one) @ C.lift(two)) >> C.compare(die)
        >>> print(C.run(program).require().table)
        [0.5 0.5 0.  0. ]
    """
    return CondHypergraph(base) if conditioning_of(base).flattens else CondCategory(base)
