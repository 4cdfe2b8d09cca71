"""Draws: arrows and objects for laws to speak of.

Definition:
    `Draws` say how to draw the arrows of one category: Hypothesis strategies over fixed *scenes* of objects. A `Draw`
    is what a law sees of them. Everything drawn goes on a `Tape`, so that a law can be run again on the same
    arrows under another `Reading`: sealed, or carried into a reference category.

Numbers are drawn freely and sizes from scenes, because a new shape costs a compilation and a new number costs nothing.
A scene is a list of objects; the n-th object that a law asks for is the n-th of the scene.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
from hypothesis import assume
from hypothesis import strategies as st

from ..theory import Category
from .status import Status

Values = tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class View:
    """A `Concrete` arrow by which an arrow shows itself: a lens has two, `get` and `put`."""

    name: str
    arrow: Any

    def at(self, xs: Values, compiled: bool) -> Values:
        """The values on given values."""
        return (_compiled if compiled else _apply)(self.arrow, xs)


def _apply(f: Any, xs: Values) -> Values:
    return f.category.apply(f, xs)


_compiled = eqx.filter_jit(_apply)


@dataclasses.dataclass(frozen=True)
class Reading:
    """A way to read the drawn arrows.

    Attributes:
        name: as it appears in a failure.
        category: where a law is interpreted.
        carry: how a drawn arrow is brought there.
        words: further operations that laws use there, such as `reparametrise`.
        base: the reading of the base category, for a construction.
        given: what the draws supply besides arrows, where it is read differently here.
        flat: whether equal data may be a mere effect of how composites are stored.
        reference: whether the sides are compared with those of the plain reading.
    """

    name: str
    category: Category
    carry: Callable[[Any], Any]
    words: Any = None
    base: "Reading | None" = None
    given: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    flat: bool = False
    reference: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class Draws:
    """How to draw the arrows of a category, how to look at them, and what is claimed of them.

    Attributes:
        name: as it appears in reports.
        category: the category.
        theory: the theory class whose laws are claimed.
        build: draws an arrow between two objects.
        objects: the objects, drawn one by one where there are no scenes.
        scenes: lists of objects, of which one is drawn for each example.
        views: the functions an arrow shows, or None to compare arrows by ``category.close``.
        points: a strategy for the values of an object, for arrows that have views.
        readings: the plain one first.
        rounding: the tolerance of "up to rounding".
        exact: the theory class up to which laws hold exactly; those beyond hold up to rounding. `object`: none is exact.
        declared: the statuses of laws that differ from that, by name.
        base: the draws of the base category, for a construction.
        others: further draws that know how to look at sides, such as those of the target of a functor.
        given: what else laws may ask for, such as a functor.
        own_laws: whether laws apply that ask for nothing that is given.
    """

    name: str
    category: Any
    theory: type
    build: Callable[["Tape", Any, Any], Any]
    objects: tuple[Any, ...]
    scenes: tuple[tuple[Any, ...], ...]
    views: Callable[[Any], tuple[View, ...]] | None
    points: Callable[[Any], st.SearchStrategy[Values]] | None
    readings: tuple[Reading, ...]
    rounding: float = 0.0
    exact: type = dataclasses.field(default_factory=lambda: Category)
    declared: Mapping[str, Status] = dataclasses.field(default_factory=dict)
    base: "Draws | None" = None
    others: tuple["Draws", ...] = ()
    given: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    own_laws: bool = True

    def __str__(self) -> str:
        return self.name

    def status(self, law: Any) -> Status:
        """The declared status of a law that applies."""
        strict = Status.EXACT if issubclass(self.exact, law.needs) or not self.rounding else Status.ROUNDING
        return self.declared.get(law.name, Status.UP_TO_CELL if law.up_to_cell else strict)

    def tolerance(self, law: Any) -> float:
        """The tolerance of equality that is declared for a law."""
        return 0.0 if self.status(law) is Status.EXACT else self.rounding

    def home(self, f: Any) -> "Draws":
        """The draws that know how to look at an arrow: these, or those of the base, or of another category."""
        related = [self, *self.others, *((self.base,) if self.base else ())]
        mine = (d for d in related if any(f.category == reading.category for reading in d.readings))
        found = next(mine, None)
        return found or (self.base.home(f) if self.base else self)


class Tape:
    """What was drawn in one example, in order: recorded by the first reading, replayed by the others."""

    def __init__(self, choose: Callable[[st.SearchStrategy[Any]], Any], scene: int | None = None):
        self.choose = choose
        self._entries: list[tuple[str, Any]] = []
        self._next = 0
        self._recorded = False
        self._asked: dict[int, int] = {}
        self._scene = scene
        self._points: dict[Any, Values] = {}
        self._seen: dict[int, tuple[Any, list[tuple[View, Values, Values]]]] = {}  # the arrow is kept, and so its id

    def rewind(self) -> None:
        """Go back to the start, to replay."""
        self._next, self._recorded = 0, bool(self._entries)

    def take(self, kind: str, make: Callable[[], Any]) -> Any:
        """The next entry: made now, or the one that was recorded."""
        if not self._recorded:
            self._entries.append((kind, make()))
            self._next = len(self._entries)
            return self._entries[-1][1]
        self._next += 1
        return self._entries[self._next - 1][1]

    def ob(self, draws: Draws) -> Any:
        """The next object of the scene, or any object where there are no scenes."""
        if not draws.scenes:
            return self.choose(st.sampled_from(draws.objects))
        if self._scene is None:
            self._scene = self.choose(st.integers(0, len(draws.scenes) - 1))
        scene = draws.scenes[self._scene % len(draws.scenes)]
        asked = self._asked[id(draws)] = self._asked.get(id(draws), -1) + 1
        return scene[asked % len(scene)]

    def seen(self, f: Any, draws: Draws, compiled: bool) -> list[tuple[View, Values, Values]]:
        """The views of an arrow, each with a drawn point of its domain, one for each object, and the values there."""
        if id(f) not in self._seen:
            found = [(view, self._point(view.arrow.dom, draws)) for view in draws.views(f)]  # pyright: ignore[reportOptionalCall]
            self._seen[id(f)] = f, [(view, point, view.at(point, compiled)) for view, point in found]
        return self._seen[id(f)][1]

    def _point(self, x: Any, draws: Draws) -> Values:
        if x not in self._points:
            self._points[x] = self.choose(draws.points(x))  # pyright: ignore[reportOptionalCall]
        return self._points[x]

    @property
    def entries(self) -> tuple[tuple[str, Any], ...]:
        """What was drawn, in order, each with its kind."""
        return tuple(self._entries)


class Draw:
    """What a law sees: a category, and objects and arrows of it.

    Attributes:
        category: the category in which the law is read.
        words: further operations of it, where laws need some.
    """

    def __init__(self, draws: Draws, tape: Tape, reading: Reading):
        self._draws, self._tape, self._reading = draws, tape, reading
        self.category: Any = reading.category
        self.words: Any = reading.words

    @property
    def base(self) -> "Draw":
        """Draws of the base category, for laws about a construction."""
        if self._draws.base is None or self._reading.base is None:
            raise AttributeError(f"{self._draws} have no base category")
        return Draw(self._draws.base, self._tape, self._reading.base)

    def __getitem__(self, name: str) -> Any:
        """What the draws supply besides arrows: ``draw["functor"]``."""
        return {**self._draws.given, **self._reading.given}[name]

    def ob(self) -> Any:
        """An object."""
        return self._tape.take("object", lambda: self._tape.ob(self._draws))

    def obs(self, n: int) -> tuple[Any, ...]:
        """Objects."""
        return tuple(self.ob() for _ in range(n))

    def arrow(self, dom: Any = None, cod: Any = None) -> Any:
        """An arrow, between the given objects where they are given."""
        dom = self.ob() if dom is None else dom
        cod = self.ob() if cod is None else cod
        return self._reading.carry(self._tape.take("arrow", lambda: self._draws.build(self._tape, dom, cod)))

    def path(self, n: int, dom: Any = None) -> tuple[Any, ...]:
        """Arrows that compose, one after another."""
        arrows = []
        for _ in range(n):
            arrows.append(self.arrow(dom))
            dom = arrows[-1].cod
        return tuple(arrows)

    def parallel(self, n: int, dom: Any = None, cod: Any = None) -> tuple[Any, ...]:
        """Arrows with common ends."""
        first = self.arrow(dom, cod)
        return (first, *(self.arrow(first.dom, first.cod) for _ in range(n - 1)))

    def span(self, n: int) -> tuple[Any, ...]:
        """Arrows with a common domain."""
        first = self.arrow()
        return (first, *(self.arrow(first.dom) for _ in range(n - 1)))

    def endo(self) -> Any:
        """An arrow from an object to itself."""
        x = self.ob()
        return self.arrow(x, x)

    def number(self, low: int, high: int) -> int:
        """A whole number between two bounds."""
        return self._tape.take("number", lambda: self._tape.choose(st.integers(low, high)))

    def assume(self, condition: bool) -> None:
        """Keep only the examples in which the condition of a conditional law is met."""
        assume(condition)
