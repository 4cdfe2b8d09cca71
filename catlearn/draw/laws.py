"""Laws as pictures: a law that is run with formal arrows yields two diagrams.

Definition:
    A law is a function of a draw that returns two arrows. Here the draw gives letters for objects and generators for arrows,
    of the free category whose operations the law needs, so what comes out is the law itself.
"""

import inspect
import itertools
from typing import Any

from ..constructions.free import FreeCartesian, FreeMarkov, Word
from ..theory.errors import NotDrawable


class Sketch:
    """The draw of formal arrows: objects ``X, Y, Z``, arrows ``f, g, h``, in the order in which a law asks."""

    def __init__(self, category: Any):
        self.category = category
        self._letters = itertools.chain("XYZWVUTSABCE", (f"X{i}" for i in itertools.count()))
        self._names = itertools.chain("fghklmnpqrst", (f"f{i}" for i in itertools.count()))

    def ob(self) -> Word:
        """A new letter."""
        return Word(next(self._letters))

    def obs(self, n: int) -> tuple[Word, ...]:
        """New letters."""
        return tuple(self.ob() for _ in range(n))

    def arrow(self, dom: Any = None, cod: Any = None) -> Any:
        """A new generator, between the given objects where they are given."""
        dom = self.ob() if dom is None else dom
        return self.category.generator(next(self._names), dom, self.ob() if cod is None else cod)

    def path(self, n: int, dom: Any = None) -> tuple[Any, ...]:
        """Generators that compose, one after another."""
        arrows = []
        for _ in range(n):
            arrows.append(self.arrow(dom))
            dom = arrows[-1].cod
        return tuple(arrows)

    def parallel(self, n: int, dom: Any = None, cod: Any = None) -> tuple[Any, ...]:
        """Generators with common ends."""
        first = self.arrow(dom, cod)
        return (first, *(self.arrow(first.dom, first.cod) for _ in range(n - 1)))

    def span(self, n: int) -> tuple[Any, ...]:
        """Generators with a common domain."""
        first = self.arrow()
        return (first, *(self.arrow(first.dom) for _ in range(n - 1)))

    def endo(self) -> Any:
        """A generator from a letter to itself."""
        x = self.ob()
        return self.arrow(x, x)

    def number(self, low: int, high: int) -> int:
        """A small number."""
        return min(max(low, 2), high)

    def assume(self, condition: bool) -> None:
        """Formal arrows meet every condition that the law assumes."""


def sides_of(law: Any) -> list[tuple[Any, Any]]:
    """The two sides of each equation of a law, as formal arrows.

    Raises:
        NotDrawable: the law needs operations that free Markov and cartesian categories do not have.
    """
    category = next((C for C in (FreeMarkov(), FreeCartesian()) if isinstance(C, law.needs)), None)
    if category is None or law.given:
        lacking = " and ".join(law.given) or f"operations of {law.needs.__name__}"
        raise NotDrawable(f"the law {law.name} has no string diagram: it needs {lacking}, which formal arrows lack.")
    found = law.sides(Sketch(category))
    pairs: list[Any] = list(found) if inspect.isgenerator(found) else [found]
    return [(pair[0], pair[1]) for pair in pairs]
