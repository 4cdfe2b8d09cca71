r"""Interpretations: the functors out of a free category, which are given on letters and boxes.

Definition:
    A meaning for each letter and each box extends in one way to a functor that keeps composites, tensors and structure maps:

    .. math:: [\![ f ; g ]\!] = [\![ f ]\!] ; [\![ g ]\!], \qquad [\![ f \otimes g ]\!] = [\![ f ]\!] \otimes [\![ g ]\!].

    Where boxes mean formal arrows again, it is substitution.

The category of the meanings must have the laws that equality of formal arrows assumes: a formal arrow of the free cartesian category is one
of many ways to write it, and only in a cartesian category do they all mean the same.
"""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from ..categories.path import Copy, Discard, Pick, Strands, Swap
from ..theory import Functor, door
from ..theory.errors import WrongCategory, WrongObject
from .formula import Path, Recursion, deeply, moved
from .graph import Box

type Meanings = Mapping[str, Any] | Callable[[Box], Any]


@door
def interpret(term: Any, category: Any, *, arrows: Meanings, objects: Mapping[Any, Any] | None = None) -> Any:
    """The arrow that a formal one is in a category, given what its letters and boxes are: the functor that they determine.

    Args:
        term: the formal arrow.
        category: where to interpret it: symmetric monoidal, Markov or cartesian, as the category of the term is.
        arrows: an arrow for each box, by name, or a function of the box.
        objects: an object for each letter; None where the objects of the term are objects of the category.

    Raises:
        WrongObject: a letter or a box has no meaning, or the arrow has other ends than its box.
        WrongCategory: the category lacks a structure map of the term.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> from catlearn.constructions import FreeCartesian, Word
        >>> C = FreeCartesian()
        >>> X = Word("X")
        >>> square = C.copy(X) >> C.generator("times", X @ X, X)
        >>> times = smooth(lambda a, b: a * b, R() @ R())
        >>> print(interpret(square, Smooth, arrows={"times": times}, objects={"X": R()})(3.0))
        9.0
    """
    return Interpretation(category, arrows, objects).arrow(term)


@door
def substitute(term: Any, arrows: Meanings, *, category: Any = None) -> Any:
    """The formal arrow with formal arrows in the place of some boxes; the others stay.

    A box that is used once and copied afterwards is replaced once, so what was shared is shared.

    Args:
        term: the formal arrow.
        arrows: what stands for a box, by name, or a function of the box that returns None for those that stay.
        category: the free category of the result; None for that of the term.

    Raises:
        WrongObject: the arrow has other ends than its box.
        WrongCategory: it is an arrow of another category, or the category lacks a structure map of the term.

    Example:
        >>> from catlearn.constructions import FreeCartesian, Word
        >>> C, X = FreeCartesian(), Word("X")
        >>> f, g = C.generator("f", X, X), C.generator("g", X, X)
        >>> print(substitute(f >> C.copy(X) >> (f @ g), {"f": g >> g}).pointfree())
        g >> g >> copy(X) >> (g >> g) @ g
    """
    C = term.category if category is None else category
    return Interpretation(C, lambda box: _replaced(box, arrows, C)).arrow(term)


def _replaced(box: Box, arrows: Meanings, category: Any) -> Any:
    """What stands for a box: what is given, or the box."""
    found = arrows(box) if callable(arrows) else arrows.get(box.name)
    return category.generator(box.name, box.dom, box.cod, box.data) if found is None else found


@dataclasses.dataclass(frozen=True)
class Interpretation(Functor):
    """The functor out of a free category that is given on letters and boxes; see `interpret`.

    Attributes:
        category: where it goes.
        arrows: an arrow for each box, by name, or a function of the box.
        objects: an object for each letter; None where objects stay as they are.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> from catlearn.constructions import FreeSymmetric, Word
        >>> import jax.numpy as jnp
        >>> F = Interpretation(Smooth, {"f": smooth(jnp.sum, R(2))}, {"X": R(2), "Y": R()})
        >>> print(F(Word("X", "Y")), F(FreeSymmetric().generator("f", Word("X"), Word("Y"))))
        R(2) @ R() SmoothMap : R(2) -> R()
    """

    category: Any
    arrows: Meanings
    objects: Mapping[Any, Any] | None = None

    def __str__(self) -> str:
        return f"interpretation in {self.category}"

    def ob(self, x: Any, /) -> Any:
        """The image of an object."""
        if self.objects is None:
            unit = getattr(self.category, "unit", x)
            if type(x) is not type(unit):
                raise WrongObject(f"{x!r} is no object of {self.category}: say what its letters are in objects=...")
            return x
        missing = [letter for letter in x.wires if letter not in self.objects]
        if missing:
            raise WrongObject(f"the letter {missing[0]!r} has no meaning: say which object it is in objects=...")
        return functools.reduce(lambda y, z: y @ z, (self.objects[w] for w in x.wires), self.category.unit)

    def arrow(self, f: Any, /) -> Any:
        """The image of a formal arrow."""
        image, _ = deeply(self._path(f.path, f.dom, {}))
        return image

    def _path(self, path: Path, x: Any, known: dict[Box, Any]) -> Recursion:
        """The image of a path that starts at `x`, and where the path ends."""
        steps, end = [], x
        for factor in path:
            match factor:
                case Box():
                    step, end = self._box(factor, known), factor.cod
                case Strands():
                    step, end = yield self._strands(factor, end, known)
                case _:
                    step, end = self._wires(factor, end), moved(factor, end)
            steps.append(step)
        return (self.category.then(*steps) if steps else self.category.id(self.ob(x))), end

    def _strands(self, strands: Strands, x: Any, known: dict[Box, Any]) -> Recursion:
        arrows, end, i = [], x[:0], 0
        for n, path in zip(strands.widths, strands.paths, strict=True):
            arrow, y = yield self._path(path, x[i : i + n], known)
            arrows.append(arrow)
            end @= y
            i += n
        return self._operation("tensor")(*arrows), end

    def _wires(self, factor: Any, x: Any) -> Any:
        """The image of a structure map; a pick of letters is a pick of the wires of their images."""
        match factor:
            case Swap(n=n):
                return self._operation("swap")(self.ob(x[:n]), self.ob(x[n:]))
            case Copy():
                return self._operation("copy")(self.ob(x))
            case Discard():
                return self._operation("discard")(self.ob(x))
            case Pick(positions=positions):
                widths = [len(self.ob(x[i : i + 1])) for i in range(len(x))]
                starts = list(itertools.accumulate(widths, initial=0))
                wires = tuple(starts[i] + k for i in positions for k in range(widths[i]))
                return self._operation("pick")(self.ob(x), wires)
        raise WrongObject(f"{factor} is no part of a formal arrow.")

    def _operation(self, name: str) -> Any:
        if not hasattr(self.category, name):
            raise WrongCategory(f"the formal arrow needs the operation `{name}`, which {self.category} does not have.")
        return getattr(self.category, name)

    def _box(self, box: Box, known: dict[Box, Any]) -> Any:
        if box not in known:
            known[box] = self._meaning(box)
        return known[box]

    def _meaning(self, box: Box) -> Any:
        f = self.arrows(box) if callable(self.arrows) else self.arrows.get(box.name)
        ends = self.ob(box.dom), self.ob(box.cod)
        if f is None or (f.dom, f.cod) != ends:
            raise WrongObject(
                f"the generator {box} needs an arrow {ends[0]} -> {ends[1]}, but arrows[{box.name!r}] is {f}."
            )
        return f
