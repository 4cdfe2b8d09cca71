r"""Arrows that are functions of arrows: what `Cont` and `Begin` have in common.

Definition:
    Fix a category `k` of linear arrows and an object `r`. An arrow of a *stepwise* category is a function between sets of arrows of
    `k` that start, or end, at `r`. It is kept as a flat path of steps, so that however a composite is bracketed its parts run one
    after another, each on the arrow that is there so far.

References:
    Elliott (1804.00746), Theorem 4.
"""

import abc
from typing import Any

from ..objects.compare import default_tolerance, distance
from ..theory import Data, LinearArrows, door


class Step(Data):
    """One step: from an arrow at `r` to an arrow at `r`."""

    @abc.abstractmethod
    def __call__(self, h: Any) -> Any:
        """What the step makes of an arrow."""


Path = tuple[Step, ...]


def run_steps(path: Path, h: Any) -> Any:
    """Run the steps, one after another."""
    for step in path:
        h = step(h)
    return h


class Both(Step):
    """``h ↦ f(h) + g(h)``."""

    f: Path
    g: Path

    def __call__(self, h: Any) -> Any:
        return h.category._add(run_steps(self.f, h), run_steps(self.g, h))


class Opaque(Step):
    """A path as one step."""

    path: Path

    def __call__(self, h: Any) -> Any:
        return run_steps(self.path, h)


class Stepwise(LinearArrows):
    """Categories of functions of arrows of a base, kept as paths of steps."""

    base: Any

    @abc.abstractmethod
    def _map(self, dom: Any, cod: Any, *path: Step) -> Any:
        """The arrow with a path."""

    @abc.abstractmethod
    def embed(self, f: Any, /) -> Any:
        """An arrow of the base, as a function of arrows."""

    @property
    def unit(self) -> Any:
        return self.base.unit

    @property
    def turned(self) -> bool:
        return self.base.turned

    def id(self, x: Any, /) -> Any:
        return self._map(x, x)

    def _add(self, f: Any, g: Any, /) -> Any:
        return self._map(f.dom, f.cod, Both(f.path, g.path))

    def discard(self, x: Any, /) -> Any:
        return self.zero(x, self.unit)

    def create(self, x: Any, /) -> Any:
        return self.zero(self.unit, x)

    def pick(self, x: Any, wires: tuple[int, ...], /) -> Any:
        return self.embed(self.base.pick(x, wires))

    def place(self, x: Any, wires: tuple[int, ...], /) -> Any:
        return self.embed(self.base.place(x, wires))

    def scale(self, x: Any, by: tuple[Any, ...], /) -> Any:
        return self.embed(self.base.scale(x, by))

    @door
    def lift(self, f: Any, /) -> Any:
        """A linear map, by what it is in the base."""
        return self.embed(self.base.lift(f))

    def seal(self, f: Any, /) -> Any:
        """The same arrow as one opaque step."""
        return self._map(f.dom, f.cod, Opaque(f.path))

    def _close(self, f: Any, g: Any, tol: float | None, /) -> bool:
        return distance(self.matrix(f), self.matrix(g)) <= (default_tolerance() if tol is None else tol)
