"""Exchange: formal arrows as JSON, and back, without loss.

Definition:
    `to_json` writes the category of a formal arrow, its letters, its boxes, its ends and its path; `from_json` gives an arrow that is
    ``==`` to it. A letter is a value that JSON holds, or a wire of an object; the data of a box are values that JSON holds, tuples of
    them, objects, or formal arrows.

Letters and boxes are written once and then called by their numbers, and the path is written without nesting. What cannot be written
is refused, and so is a text in which a number names nothing or ends do not meet.
"""

import json
from collections.abc import Iterator
from typing import Any

from ..categories.path import Copy, Discard, Pick, Strands, Swap
from ..objects import Ob
from ..theory import Markov, door
from ..theory.errors import NotWritable, WrongText
from .encoding import decoded, encoded, refuse, wire
from .formula import Recursion, deeply, moved, tokens
from .free import FreeCartesian, FreeMarkov, FreeSymmetric, Term, Word
from .graph import Box

VERSION = 1

_CATEGORIES = {C.__name__: C for C in (FreeSymmetric, FreeMarkov, FreeCartesian)}
_PARTS = {"format", "version", "category", "unit", "letters", "boxes", "dom", "cod", "path"}
_FORMAT = "catlearn formal arrow"


@door
def to_json(term: Term, *, indent: int | None = None) -> str:
    """The formal arrow as JSON; `from_json` reads it back.

    Args:
        term: the formal arrow.
        indent: how far to indent, or None for one line.

    Raises:
        NotWritable: a letter, or the data of a box, is no value that JSON holds; NaN is none.

    Example:
        >>> C, X = FreeMarkov(), Word("X")
        >>> f = C.copy(X) >> C.generator("scale", X, X, 0.5) @ X
        >>> from_json(to_json(f)) == f
        True
    """
    if not isinstance(term, Term):
        raise NotWritable("an arrow that is not formal", term)
    try:
        return json.dumps(_Writer(term).document(), indent=indent, allow_nan=False)
    except (ValueError, RecursionError) as error:
        if isinstance(error, NotWritable):
            raise
        raise NotWritable(f"an arrow ({error})", term) from None


@door
def from_json(text: str, *, category: Any = None) -> Term:
    """The formal arrow that a text of `to_json` holds.

    Args:
        text: the text.
        category: the category that it belongs to, where that is not one of the three free ones.

    Raises:
        WrongText: the text was cut or changed, has another version, or belongs to another category.
    """
    try:
        document = json.loads(text, parse_constant=lambda name: refuse(f"{name} is no value of JSON"))
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, WrongText):
            raise
        raise WrongText(f"it is no JSON ({error})") from None
    return _read(document, category)


def _formal(value: Any) -> Any:
    """What stands for a formal arrow in the data of a box."""
    return {"term": _Writer(value).document()} if isinstance(value, Term) else None


def _meant(value: Any) -> Any:
    match value:
        case {"term": document} if len(value) == 1:
            return _read(document, None)
    return None


class _Writer:
    """Writes one formal arrow, and numbers its letters and boxes as they come."""

    def __init__(self, term: Term):
        self.term = term
        self.letters: dict[Any, int] = {}
        self.boxes: dict[Box, int] = {}
        self.values: list[Any] = []
        self.rows: list[Any] = []

    def document(self) -> dict[str, Any]:
        """What JSON writes."""
        term, unit = self.term, self.term.free.unit
        if type(unit) not in (Word, Ob):
            raise NotWritable("objects", unit)
        ends = {"dom": self.object(term.dom), "cod": self.object(term.cod)}
        path = [self.box(t) if isinstance(t, Box) else self.structure(t) for t in tokens(term.path)]
        head = {
            "format": _FORMAT,
            "version": VERSION,
            "category": type(term.free).__name__,
            "unit": encoded(unit, _formal),
        }
        return {**head, "letters": self.values, "boxes": self.rows, **ends, "path": path}

    def object(self, x: Any) -> list[int]:
        """The numbers of the letters of an object."""
        return [self.letter(letter) for letter in x.wires]

    def letter(self, letter: Any) -> int:
        """The number of a letter; equal ones that look different are two."""
        key = (letter, repr(letter))
        if key not in self.letters:
            self.values.append(encoded(letter, _formal))
            self.letters[key] = len(self.letters)
        return self.letters[key]

    def box(self, box: Box) -> int:
        """The number of a box."""
        if box not in self.boxes:
            self.rows.append([box.name, self.object(box.dom), self.object(box.cod), encoded(box.data, _formal)])
            self.boxes[box] = len(self.boxes)
        return self.boxes[box]

    def structure(self, token: Any) -> list[Any]:
        """The token of a structure map, of strands or of an end."""
        if not isinstance(token, tuple):
            raise NotWritable("a factor", token)
        name, *numbers = token
        return [name, *(list(n) if isinstance(n, tuple) else n for n in numbers)]


def _read(document: Any, category: Any) -> Term:
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise WrongText(f'it does not say that its format is "{_FORMAT}"')
    if document.get("version") != VERSION:
        raise WrongText(f"it has version {document.get('version')!r}, and this program reads version {VERSION}")
    if set(document) != _PARTS:
        raise WrongText(f"it has the parts {sorted(document)} instead of {sorted(_PARTS)}")
    return _Reader(document, category).term()


class _Reader:
    """Reads one formal arrow, and checks that what it says makes sense."""

    def __init__(self, document: dict[str, Any], category: Any):
        self.document = document
        unit, name = decoded(document["unit"], _meant), document["category"]
        if not isinstance(unit, Word | Ob) or len(unit):
            raise WrongText(f"{unit!r} is no unit object")
        if category is None and name not in _CATEGORIES:
            raise WrongText(f"it is an arrow of {name!r}: say which category that is with category=...")
        self.category: Any = _CATEGORIES[name](unit) if category is None else category
        if (type(self.category).__name__, self.category.unit) != (name, unit):
            raise WrongText(f"it is an arrow of {name} with the unit {unit!r}, and not of {self.category}")
        self.letters = [decoded(letter, _meant) for letter in _list(document["letters"])]
        if isinstance(unit, Ob):
            self.letters = list(map(wire, self.letters))
        self.boxes = [self.box(row) for row in _list(document["boxes"])]

    def object(self, numbers: Any) -> Any:
        """The object of the letters with these numbers."""
        letters = tuple(_at(self.letters, i, "letter") for i in _list(numbers))
        return Word(*letters) if isinstance(self.category.unit, Word) else Ob(letters)

    def box(self, row: Any) -> Box:
        """The box of a row."""
        match row:
            case [str(name), dom, cod, data]:
                return Box(name, self.object(dom), self.object(cod), decoded(data, _meant))
        raise WrongText(f"{row!r} is no box")

    def term(self) -> Term:
        """The formal arrow."""
        dom, cod = self.object(self.document["dom"]), self.object(self.document["cod"])
        rest = iter(_list(self.document["path"]))
        path, end = deeply(self._path(rest, dom))
        if end != cod:
            raise WrongText(f"the path ends at {end}, and not at {cod}")
        if (after := next(rest, None)) is not None:
            raise WrongText(f"after the end of the path there is {after!r}")
        return Term(dom, cod, self.category, path)

    def _path(self, rest: Iterator[Any], x: Any) -> Recursion:
        """The path up to the next end, if it can start at `x`, and where it ends."""
        path: list[Any] = []
        for token in rest:
            match token:
                case ["end"]:
                    return tuple(path), x
                case int():
                    box = _at(self.boxes, token, "box")
                    if box.dom != x:
                        raise WrongText(f"the box {box} starts at {box.dom}, but the path has come to {x}")
                    path.append(box)
                    x = box.cod
                case ["strands", list(widths)]:
                    if not all(type(n) is int and n >= 0 for n in widths) or sum(widths) != len(x):
                        raise WrongText(f"strands of widths {widths} do not fit {x}")
                    paths, end, i = [], x[:0], 0
                    for n in widths:
                        strand, y = yield self._path(rest, x[i : i + n])
                        paths.append(strand)
                        end @= y
                        i += n
                    path.append(Strands(tuple(widths), tuple(paths)))
                    x = end
                case _:
                    path.append(self.structure(token, x))
                    x = moved(path[-1], x)
        raise WrongText("the path has no end")

    def structure(self, token: Any, x: Any) -> Any:
        """The structure map of a token, if it can start at `x`."""
        inside = lambda i: type(i) is int and 0 <= i < len(x)
        copies = isinstance(self.category, Markov)
        match token:
            case ["swap", n] if inside(n) or n == len(x):
                return Swap(n)
            case ["copy"] if copies:
                return Copy()
            case ["discard"] if copies:
                return Discard()
            case ["pick", list(positions)] if copies and all(map(inside, positions)):
                return Pick(tuple(positions))
        raise WrongText(f"{token!r} is no structure map of {self.category} at {x}")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else refuse(f"{value!r} is no list")


def _at(table: list[Any], i: Any, what: str) -> Any:
    good = type(i) is int and 0 <= i < len(table)
    return table[i] if good else refuse(f"there is no {what} {i!r} among {len(table)}")
