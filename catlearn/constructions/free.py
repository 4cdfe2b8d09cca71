r"""Free: formal arrows, which mean nothing until they are interpreted.

Definition:
    Objects of a free category are words of letters. An arrow is a formula of boxes and structure maps, beside one another and one
    after another. Two are equal when the laws of the theory make them so, and then all interpretations agree:

    .. math:: [\![ f ; g ]\!] = [\![ f ]\!] ; [\![ g ]\!], \qquad [\![ f \otimes g ]\!] = [\![ f ]\!] \otimes [\![ g ]\!].

Equality is decided by the graph of which box feeds which. In the free symmetric monoidal category it is the graph up to the
numbering of its uses; in the free Markov category what nobody needs is gone, and each use is an occurrence of its own, for a coin
that is copied is not tossed twice; in the free cartesian category equal boxes on equal inputs are one.

Letters may be anything that does not change: names, or the wires of spaces.

References:
    Fritz and Liang, *Free gs-monoidal categories and free Markov categories* (2204.02284); Bonchi et al., *String diagram rewrite theory II*
    (2104.14686), for hypergraphs.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx

from ..categories.path import Copy, Discard, Pick, Swap
from ..theory import Arrow, Cartesian, Concrete, Markov, Symmetric, door
from ..theory.errors import WrongBox
from .formula import Path, beside, chosen, path_of, then, tokens
from .graph import Box, Graph, Symbols, graph_of, graph_to, ports, run, shared
from .hypergraph import normal_form
from .interpretation import interpret as interpret
from .notation import Names, let, pointfree


@dataclasses.dataclass(frozen=True)
class Word:
    """An object of a free category: a tuple of letters.

    Example:
        >>> X, Y = Word("X"), Word("Y")
        >>> print(X @ Y, len(X @ Y), (X @ Y)[1:])
        X @ Y 2 Y
    """

    letters: tuple[Any, ...] = ()

    def __init__(self, *letters: Any):
        object.__setattr__(self, "letters", letters)

    @property
    def wires(self) -> tuple[Any, ...]:
        """The letters, under the name that they have for objects with values."""
        return self.letters

    def __matmul__(self, other: Any) -> "Word":
        """The letters of both, side by side."""
        return _word(self.letters + other.letters) if isinstance(other, Word) else NotImplemented

    def __len__(self) -> int:
        """The number of letters."""
        return len(self.letters)

    def __getitem__(self, part: slice) -> "Word":
        """The word of a slice of the letters."""
        return _word(self.letters[part])

    def __str__(self) -> str:
        """The word as one writes it."""
        return " @ ".join(map(str, self.letters)) or "unit"

    __repr__ = __str__


def _word(letters: tuple[Any, ...]) -> Word:
    word = object.__new__(Word)
    object.__setattr__(word, "letters", letters)
    return word


class Term(Arrow):
    """An arrow of a free category: a formula of boxes and structure maps.

    Two are ``==`` when their paths are; whether the laws make them equal is for ``close`` to say.
    """

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    free: Any = eqx.field(static=True)
    formula: Any = eqx.field(static=True)

    @property
    def category(self) -> Any:
        return self.free

    @functools.cached_property
    def path(self) -> Path:
        """The boxes and structure maps, one after another and side by side."""
        return path_of(self.formula)

    @functools.cached_property
    def graph(self) -> Graph:
        """Which use of a box feeds which."""
        return self.free._graph(self)

    def pointfree(self) -> str:
        """The arrow as it was put together, in one line of Python.

        Example:
            >>> C, X = FreeMarkov(), Word("X")
            >>> f, g = C.generator("f", X, X), C.generator("g", X, X)
            >>> print((C.copy(X) >> f @ (g >> f)).pointfree())
            copy(X) >> f @ (g >> f)
        """
        return pointfree(self.path, self.dom, Names(self.free))

    def let(self) -> str:
        """The arrow as code in which wires have names, one line for each use of a box.

        Example:
            >>> C, X = FreeMarkov(), Word("X")
            >>> f, g = C.generator("f", X, X @ X), C.generator("g", X, X)
            >>> print((f >> C.swap(X, X) >> (g @ X)).let())
            fun (x0 : X) ->
            let (y0, y1) = f(x0) in
            let y2 = g(y1) in
            (y2, y0)
        """
        return let(self.dom, self.graph, self._names())

    def scope(self) -> dict[str, Any]:
        """What the names in `pointfree` and `let` stand for.

        Example:
            >>> C, X = FreeMarkov(), Word("X")
            >>> f = C.generator("f", X, X) >> C.copy(X)
            >>> C.close(eval(f.pointfree(), f.scope()), f)
            True
        """
        return self._names().scope

    def _names(self) -> Names:
        names = Names(self.free)
        pointfree(self.path, self.dom, names)
        return names

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Term) and self._told == other._told)

    def __hash__(self) -> int:
        return hash(self._told)

    @functools.cached_property
    def _told(self) -> tuple[Any, ...]:
        return self.dom, self.cod, self.free, tokens(self.path)

    def __str__(self) -> str:
        """The names of the boxes, in order."""
        return f"{' ; '.join(use.box.name for use in self.graph.uses) or 'wires'} : {self.dom} -> {self.cod}"

    def __pdoc__(self, **_: Any) -> Any:
        import wadler_lindig as wl

        return wl.TextDoc(f"{self.pointfree()} : {self.dom} -> {self.cod}")


@dataclasses.dataclass(frozen=True)
class FreeSymmetric(Symmetric):
    """The free symmetric monoidal category; see the module.

    Attributes:
        unit: the empty object; it says what the objects are: words, by default.

    Example:
        >>> C = FreeSymmetric()
        >>> f, g = C.generator("f", Word("X"), Word("Y")), C.generator("g", Word("Y"), Word("X"))
        >>> C.close((f @ g) >> C.swap(f.cod, g.cod), C.swap(f.dom, g.dom) >> (g @ f))
        True
    """

    unit: Any = Word()

    def __str__(self) -> str:
        return type(self).__name__

    def id(self, x: Any, /) -> Term:
        return Term(x, x, self, ())

    def _then(self, f: Term, g: Term, /) -> Term:
        return Term(f.dom, g.cod, self, then(f.formula, g.formula))

    def _tensor(self, f: Term, g: Term, /) -> Term:
        formula = beside(len(f.dom), f.formula, len(g.dom), g.formula)
        return Term(f.dom @ g.dom, f.cod @ g.cod, self, formula)

    def swap(self, x: Any, y: Any, /) -> Term:
        return Term(x @ y, y @ x, self, (Swap(len(x)),) if len(x) and len(y) else ())

    @door
    def generator(self, name: str, dom: Any, cod: Any, /, data: Any = None) -> Term:
        """The formal arrow with a name.

        Args:
            name: what it is called.
            dom: where it starts.
            cod: where it ends.
            data: what tells it from others of that name and with these ends, such as a setting.

        Raises:
            WrongBox: the name is no text, an end is no object of this category, or the data cannot be hashed.
        """
        kind = type(self.unit)
        if not isinstance(name, str) or not isinstance(dom, kind) or not isinstance(cod, kind):
            raise WrongBox(name, f"a text and two ends of type {kind.__name__}", f"{name!r}, {dom!r}, {cod!r}")
        box = Box(name, dom, cod, data)
        try:
            hash(box)
        except TypeError:
            raise WrongBox(name, "data that do not change and can be hashed", repr(data)) from None
        return Term(dom, cod, self, (box,))

    def _graph(self, f: Term) -> Graph:
        return graph_of(f.formula, len(f.dom))

    def _close(self, f: Term, g: Term, tol: float | None, /) -> bool:
        return self.normal_form(f) == self.normal_form(g)

    def normal_form(self, f: Term, /) -> Any:
        """What decides equality: terms are equal exactly when their normal forms are."""
        return normal_form(f.graph)


@dataclasses.dataclass(frozen=True)
class FreeMarkov(FreeSymmetric, Markov):  # pyright: ignore[reportIncompatibleMethodOverride]
    """The free Markov category; see the module.

    Example:
        >>> C = FreeMarkov()
        >>> f = C.generator("f", Word("X"), Word("Y"))
        >>> C.close(f >> C.discard(f.cod), C.discard(f.dom))
        True
        >>> C.close(f >> C.copy(f.cod), C.copy(f.dom) >> (f @ f))
        False
    """

    def copy(self, x: Any, /) -> Term:
        return Term(x, x @ x, self, (Copy(),) if len(x) else ())

    def discard(self, x: Any, /) -> Term:
        return Term(x, x[:0], self, (Discard(),) if len(x) else ())

    def pick(self, x: Any, wires: tuple[int, ...], /) -> Term:
        return Term(x, chosen(x, wires), self, (Pick(tuple(wires)),))

    def _graph(self, f: Term) -> Graph:
        return graph_of(f.formula, len(f.dom)).needed()

    def normal_form(self, f: Term, /) -> Any:
        return f.graph.ordered().table()

    def of_graph(self, dom: Any, cod: Any, graph: Graph, /) -> Term:
        """The formal arrow with a given graph."""
        return Term(dom, cod, self, graph)


@dataclasses.dataclass(frozen=True)
class FreeCartesian(FreeMarkov, Cartesian, Concrete):  # pyright: ignore[reportIncompatibleMethodOverride]
    """The free cartesian category; see the module.

    Its arrows are functions on symbols, so that a Python function that uses formal arrows is one:

    Example:
        >>> C = FreeCartesian()
        >>> f = C.generator("f", Word("X"), Word("Y"))
        >>> C.close(f >> C.copy(f.cod), C.copy(f.dom) >> (f @ f))
        True
        >>> twice = C.arrow(Word("X"), Word("Y", "Y"), lambda xs: C.apply(f, xs) + C.apply(f, xs))
        >>> C.close(twice, f >> C.copy(f.cod))
        True
    """

    def _graph(self, f: Term) -> Graph:
        return graph_of(f.formula, len(f.dom), shared).needed()

    def apply(self, f: Term, xs: Symbols, /) -> Symbols:
        """The symbols that a formal arrow gives."""
        return run(f.formula, tuple(xs), lambda box, inputs: ports(shared(box, inputs)))

    def arrow(self, dom: Any, cod: Any, function: Callable[[Symbols], Symbols], /) -> Term:
        """The formal arrow that a function on symbols is."""
        outputs = tuple(function(tuple(range(len(dom)))))
        return self.of_graph(dom, cod, graph_to(len(dom), outputs))
