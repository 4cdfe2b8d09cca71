r"""Graphs: which use of a box feeds which, and what decides that two formal arrows are one.

Definition:
    A *box* is a generator with a name and two ends. A formal arrow is run on *symbols*: the i-th input is the number i, and
    each use of a box on some symbols gives as many new ones as its codomain has letters. What is left at the end,

    .. math:: (u_1, \dots, u_k;\; y_1, \dots, y_m),

    the uses in the order in which they were made and the symbols that come out, is its *graph*: crossing wires, copying them and
    forgetting them leave no other trace.

Where wires may be forgotten, a use that no output needs is gone; where arrows are copied as functions are, two uses of one box on
the same symbols are one use (*hash-consing*), so that a graph is never larger than what it computes.

References:
    Filliâtre and Conchon, *Type-safe modular hash-consing* (2006).
"""

import dataclasses
import functools
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx

from ..categories.path import Copy, Discard, Pick, Strands, Swap
from ..theory import Data
from .formula import Beside, Path, Recursion, Then, deeply

type Symbol = "int | tuple[Use, int]"
type Symbols = tuple[Any, ...]


class Box(Data):
    """A generator: a name, two ends, and what else tells it from others, such as the settings of an operation.

    It is a factor of the path of a formal arrow. Data are compared with their types: 1, 1.0 and True are three settings, and
    so are 0.0 and -0.0.
    """

    name: str = eqx.field(static=True)
    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    data: Any = eqx.field(static=True, default=None)

    @functools.cached_property
    def key(self) -> tuple[Any, ...]:
        """What equal boxes share."""
        return (self.name, self.dom, self.cod, _exact(self.data))

    @functools.cached_property
    def _hash(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Box) and self._hash == other._hash and self.key == other.key)

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        """The box with its ends."""
        return f"{self.name} : {self.dom} -> {self.cod}"


def _exact(data: Any) -> Any:
    """What two settings share when no program can tell them apart."""
    match data:
        case tuple():
            return (type(data), *map(_exact, data))
        case float() | complex():
            return (type(data), repr(data))
        case _:
            return (type(data), data)


class Use:
    """One use of a box, and the symbols it is used on."""

    __slots__ = ("__weakref__", "box", "inputs")

    def __init__(self, box: Box, inputs: Symbols):
        self.box, self.inputs = box, inputs

    def __repr__(self) -> str:
        return self.box.name


_uses: "weakref.WeakValueDictionary[Any, Use]" = weakref.WeakValueDictionary()


def shared(box: Box, xs: Symbols) -> Use:
    """The one use of a box on these symbols, for as long as somebody holds it."""
    key = (box, xs)
    use = _uses.get(key)
    if use is None:
        use = _uses[key] = Use(box, xs)
    return use


def ports(use: Use) -> Symbols:
    """The symbols that a use gives."""
    return tuple((use, k) for k in range(len(use.box.cod)))


@dataclasses.dataclass(frozen=True)
class Graph:
    """The uses of a formal arrow, each after those it needs, and its outputs.

    Attributes:
        inputs: how many letters its domain has.
        uses: the uses.
        outputs: a symbol for each letter of the codomain.
    """

    inputs: int
    uses: tuple[Use, ...]
    outputs: Symbols

    def run(self, xs: Symbols, use: Callable[[Box, Symbols], Symbols]) -> Symbols:
        """The symbols that come out for the symbols `xs`, where `use` says what a box gives."""
        values: dict[Any, Any] = dict(enumerate(xs))
        for made in self.uses:
            ys = use(made.box, tuple(values[s] for s in made.inputs))
            values.update(zip(ports(made), ys, strict=True))
        return tuple(values[s] for s in self.outputs)

    def needed(self) -> "Graph":
        """The graph without the uses that no output needs."""
        wanted = {s[0] for s in self.outputs if type(s) is tuple}
        kept = []
        for use in reversed(self.uses):
            if use in wanted:
                kept.append(use)
                wanted.update(s[0] for s in use.inputs if type(s) is tuple)
        return Graph(self.inputs, tuple(reversed(kept)), self.outputs)

    def ordered(self) -> "Graph":
        """The graph with its uses in the order in which the outputs reach them, inputs first; it forgets how it was made."""
        placed: dict[Use, None] = {}
        for output in self.outputs:
            stack = [output[0]] if type(output) is tuple else []
            while stack:
                use = stack[-1]
                missing = [s[0] for s in use.inputs if type(s) is tuple and s[0] not in placed]
                if missing:
                    stack.extend(reversed(missing))
                else:
                    placed.setdefault(stack.pop())
        return Graph(self.inputs, tuple(placed), self.outputs)

    def table(self) -> tuple[Any, ...]:
        """The graph with numbers for uses: graphs with equal tables are the same."""
        number = {use: i for i, use in enumerate(self.uses)}
        named = lambda symbols: tuple((number[s[0]], s[1]) if type(s) is tuple else s for s in symbols)
        return self.inputs, tuple((use.box, named(use.inputs)) for use in self.uses), named(self.outputs)

    @functools.cached_property
    def path(self) -> Path:
        """A path with this graph, in layers: the uses that do not wait for one another lie side by side.

        Before each layer every use is given its inputs, at the place of the first of them, past the wires needed later.
        """
        last: dict[Any, int] = dict.fromkeys(self.outputs, len(self.uses))
        for i in range(len(self.uses) - 1, -1, -1):
            for symbol in self.uses[i].inputs:
                last.setdefault(symbol, i)
        live: Symbols = tuple(range(self.inputs))
        path: list[Any] = []
        done = 0
        for together in _layers(self.uses):
            done += len(together)
            at = {symbol: i for i, symbol in enumerate(live)}
            parts: list[tuple[int, Use | None, Symbols]]
            parts = [(i, None, (s,)) for i, s in enumerate(live) if last.get(s, -1) >= done]
            place = 0
            for use in together:
                place = max(place, min((at[s] for s in use.inputs), default=place))
                parts.append((place, use, use.inputs))
            parts.sort(key=lambda part: part[0])
            path += _picked(live, tuple(s for _, _, xs in parts for s in xs))
            path += _side_by_side([(len(xs), () if use is None else (use.box,)) for _, use, xs in parts])
            live = tuple(s for _, use, xs in parts for s in (xs if use is None else ports(use)))
        return (*path, *_picked(live, self.outputs))


def _layers(uses: tuple[Use, ...]) -> Iterator[list[Use]]:
    """Runs of uses of which none needs another."""
    layer: dict[Use, None] = {}
    for use in uses:
        if any(type(s) is tuple and s[0] in layer for s in use.inputs):
            yield [*layer]
            layer = {}
        layer[use] = None
    if layer:
        yield [*layer]


def _picked(have: Symbols, want: Symbols) -> Path:
    """The path from some symbols to others, by the structure map with the plainest name."""
    if have == want:
        return ()
    if not want:
        return (Discard(),)
    if want == have + have:
        return (Copy(),)
    at = {symbol: i for i, symbol in enumerate(have)}
    n = at[want[0]]
    return (Swap(n) if want == have[n:] + have[:n] else Pick(tuple(at[symbol] for symbol in want)),)


def _side_by_side(strands: list[tuple[int, Path]]) -> Path:
    """The path of strands, each with its width, where neighbours that are identities are one."""
    widths: list[int] = []
    paths: list[Path] = []
    for n, path in strands:
        if not path and paths and not paths[-1]:
            widths[-1] += n
        else:
            widths.append(n)
            paths.append(path)
    return (Strands(tuple(widths), tuple(paths)),) if len(paths) > 1 else paths[0]


def run(formula: Any, xs: Symbols, use: Callable[[Box, Symbols], Symbols]) -> Symbols:
    """The symbols that a formula gives, where `use` says what a box gives."""
    return deeply(_run(formula, xs, use))


def _run(formula: Any, xs: Symbols, use: Callable[[Box, Symbols], Symbols]) -> Recursion:
    match formula:
        case Then(first, second):
            return (yield _run(second, (yield _run(first, xs, use)), use))
        case Beside(n, first, _, second):
            return (yield _run(first, xs[:n], use)) + (yield _run(second, xs[n:], use))
        case Graph():
            return formula.run(xs, use)
    for factor in formula:
        match factor:
            case Box():
                xs = use(factor, xs)
            case Strands(widths=widths, paths=paths):
                ys, i = [], 0
                for n, strand in zip(widths, paths, strict=True):
                    ys += yield _run(strand, xs[i : i + n], use)
                    i += n
                xs = tuple(ys)
            case _:
                xs = factor(xs)
    return xs


def graph_of(formula: Any, inputs: int, make: Callable[[Box, Symbols], Use] = Use) -> Graph:
    """The graph of a formula, with every use of a box that it makes."""
    uses: dict[Use, None] = {}
    outputs = run(formula, tuple(range(inputs)), lambda box, xs: _noted(make(box, xs), uses))
    return Graph(inputs, tuple(uses), outputs)


def _noted(use: Use, uses: dict[Use, None]) -> Symbols:
    uses.setdefault(use)
    return ports(use)


def graph_to(inputs: int, outputs: Symbols) -> Graph:
    """The graph of the uses that some symbols come from."""
    return Graph(inputs, (), outputs).ordered()
