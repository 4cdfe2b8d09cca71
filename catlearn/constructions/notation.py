r"""Notation: formal arrows as text that one can read, and that Python can.

Definition:
    Without points a formal arrow is written as it was put together, with ``>>`` and ``@``; what Python makes of the text, where the
    names of `scope` are known, is an arrow that is equal to it. With points it is written as its graph is: one line ``let y = f(x) in``
    for each use of a box, where wires have names, and crossing, copying and forgetting are only names again.

A box is written by its name, if that is a name for Python and no other box has it, and else by a name that is made from it.
"""

import keyword
import re
from typing import Any

from ..categories.path import Copy, Discard, Pick, Strands, Swap
from ..objects.ob import Fin, Key, Ob, R
from ..objects.wires import Euclidean, Finite
from .formula import Path, Recursion, deeply, moved
from .graph import Box, Symbols

STRUCTURE = ("id", "swap", "copy", "discard", "pick", "unit")


class Names:
    """Names for the boxes and letters of a formal arrow: each thing has one, and each name means one thing."""

    def __init__(self, category: Any):
        self.scope: dict[str, Any] = {n: getattr(category, n) for n in STRUCTURE if hasattr(category, n)}
        self.scope |= {"R": R, "Fin": Fin, "Key": Key} if isinstance(category.unit, Ob) else {}
        self.category = category
        self._names: dict[Any, str] = {}
        self._last: dict[str, int] = {}

    def box(self, box: Box) -> str:
        """The name of a box."""
        if box not in self._names:
            meaning = self.category.generator(box.name, box.dom, box.cod, box.data)
            self._names[box] = self._new(box.name, "box", meaning)
        return self._names[box]

    def object(self, x: Any) -> str:
        """The text of an object."""
        return " @ ".join(self._letter(x[i : i + 1]) for i in range(len(x))) or "unit"

    def _letter(self, x: Any) -> str:
        if x not in self._names:
            self._names[x] = str(x) if _is_python(x) else self._new(str(x), "X", x)
        return self._names[x]

    def _new(self, wanted: str, otherwise: str, meaning: Any) -> str:
        """A name that is not taken, as near as can be to the one that is wanted."""
        plain = re.sub(r"\W+", "_", wanted).strip("_")
        stem = plain if plain.isidentifier() and not keyword.iskeyword(plain) else f"{otherwise}{plain and '_'}{plain}"
        name = stem
        while name in self.scope:
            self._last[stem] = self._last.get(stem, 1) + 1
            name = f"{stem}_{self._last[stem]}"
        self.scope[name] = meaning
        return name


def _is_python(x: Any) -> bool:
    """Whether the text of an object of one wire is Python for it."""
    match x.wires[0] if isinstance(x, Ob) else None:
        case Euclidean(dtype=None):
            return True
        case Finite(shape=()):
            return True
        case _:
            return isinstance(x, Ob) and x == Key


def pointfree(path: Path, x: Any, names: Names) -> str:
    """The text without points of a path that starts at `x`."""
    steps, _ = deeply(_steps(path, x, names))
    return " >> ".join(steps) or f"id({names.object(x)})"


def _steps(path: Path, x: Any, names: Names) -> Recursion:
    """The texts of the factors of a path, and where it ends."""
    steps, end = [], x
    for factor in path:
        match factor:
            case Box():
                step, end = names.box(factor), factor.cod
            case Strands():
                step, end = yield _strands(factor, end, names)
            case _:
                step, end = _wires(factor, end, names), moved(factor, end)
        steps.append(step)
    return steps, end


def _strands(strands: Strands, x: Any, names: Names) -> Recursion:
    texts, end, i = [], x[:0], 0
    for n, path in zip(strands.widths, strands.paths, strict=True):
        steps, y = yield _steps(path, x[i : i + n], names)
        single = len(path) == 1 and not isinstance(path[0], Strands)
        if steps:
            texts.append(steps[0] if single else f"({' >> '.join(steps)})")
        elif n:
            texts.append(names.object(x[i : i + n]))
        end @= y
        i += n
    return (" @ ".join(texts) if any(strands.paths) else f"id({names.object(x)})"), end


def _wires(factor: Any, x: Any, names: Names) -> str:
    match factor:
        case Swap(n=n):
            return f"swap({names.object(x[:n])}, {names.object(x[n:])})"
        case Copy():
            return f"copy({names.object(x)})"
        case Discard():
            return f"discard({names.object(x)})"
        case Pick(positions=positions):
            return f"pick({names.object(x)}, {positions})"
    raise TypeError(f"{factor!r} is no structure map")


def let(dom: Any, graph: Any, names: Names) -> str:
    """The text with points of a graph that starts at `dom`; a number that comes from nowhere is written where it is used."""
    wires: dict[Any, str] = {i: f"x{i}" for i in range(graph.inputs)}
    told = lambda symbols: ", ".join(wires[s] for s in symbols)
    tupled = lambda symbols: told(symbols) if len(symbols) == 1 else f"({told(symbols)})"
    inputs = " ".join(f"({wires[i]} : {dom[i : i + 1]})" for i in range(graph.inputs))
    lines = [f"fun {inputs or '()'} ->"]
    made = 0
    for use in graph.uses:
        ys: Symbols = tuple((use, k) for k in range(len(use.box.cod)))
        if not use.inputs and len(ys) == 1 and _is_number(use.box.name):
            wires[ys[0]] = use.box.name
            continue
        wires.update({y: f"y{made + k}" for k, y in enumerate(ys)})
        made += len(ys)
        lines.append(f"let {tupled(ys)} = {names.box(use.box)}({told(use.inputs)}) in")
    return "\n".join([*lines, tupled(graph.outputs)])


def _is_number(name: str) -> bool:
    try:
        return float(name) == float(name)
    except ValueError:
        return False
