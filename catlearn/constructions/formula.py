"""Formulas: formal arrows as they are put together, in constant time, and the paths that they stand for.

Definition:
    A *formula* is a path, a graph, one formula `Then` another, or one `Beside` another. Its path is the tuple of its factors, one
    after another, in which strands that lie side by side are one `Strands`: how a formula is bracketed leaves no trace in it.

A formula may be nested as deep as one likes. A recursion over it is a generator that yields the recursions whose results it needs;
`deeply` runs it without calls within calls.

References:
    Boehm, Atkinson and Plass, *Ropes: an alternative to strings* (1995).
"""

import dataclasses
from collections.abc import Generator, Iterator
from typing import Any

from ..categories.path import Copy, Discard, Pick, Strands, Swap

type Path = tuple[Any, ...]
type Recursion = Generator[Any, Any, Any]


def deeply(recursion: Recursion) -> Any:
    """The result of a recursion that yields the recursions whose results it needs.

    Example:
        >>> def depth(n):
        ...     return 0 if n == 0 else 1 + (yield depth(n - 1))
        >>> deeply(depth(100_000))
        100000
    """
    waiting, result = [recursion], None
    while waiting:
        try:
            needed = waiting[-1].send(result)
        except StopIteration as done:
            waiting.pop()
            result = done.value
        else:
            waiting.append(needed)
            result = None
    return result


class _Composite:
    """Composites are equal to the formulas that have the same path."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, _Composite | tuple) and tokens(path_of(self)) == tokens(path_of(other))
        )

    def __hash__(self) -> int:
        return hash(tokens(path_of(self)))


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Then(_Composite):
    """First one formula, then another."""

    first: Any
    second: Any


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Beside(_Composite):
    """One formula, on the first `n` values, beside another, on the next `m`."""

    n: int
    first: Any
    m: int
    second: Any


def then(f: Any, g: Any) -> Any:
    """The formula of `f`, then `g`, without identities."""
    return Then(f, g) if f and g else f or g


def beside(n: int, f: Any, m: int, g: Any) -> Any:
    """The formula of `f` on `n` values beside `g` on `m`; identities are the empty path."""
    if not (n or f) or not (m or g):
        return f or g
    return Beside(n, f, m, g) if f or g else ()


def path_of(formula: Any) -> Path:
    """The path that a formula stands for."""
    return formula if type(formula) is tuple else deeply(_path(formula))


def _path(formula: Any) -> Recursion:
    path: list[Any] = []
    rest = [formula]
    while rest:
        match rest.pop():
            case Then(first, second):
                rest += (second, first)
            case Beside() as sides:
                path += yield _strands(sides)
            case tuple() as factors:
                path += factors
            case graph:
                path += graph.path
    return tuple(path)


def _strands(sides: Beside) -> Recursion:
    widths: list[int] = []
    paths: list[Path] = []
    rest: list[tuple[int, Any]] = [(sides.n + sides.m, sides)]
    while rest:
        n, formula = rest.pop()
        if isinstance(formula, Beside):
            rest += ((formula.m, formula.second), (formula.n, formula.first))
            continue
        path = formula if type(formula) is tuple else (yield _path(formula))
        match path:
            case (Strands() as inner,):
                widths += inner.widths
                paths += inner.paths
            case _:
                widths.append(n)
                paths.append(path)
    return (Strands(tuple(widths), tuple(paths)),) if any(paths) else ()


def tokens(path: Path) -> tuple[Any, ...]:
    """The path without nesting: a box is itself, a structure map its name and numbers; equal paths have equal tokens.

    Strands are their widths, and then each strand with an end.
    """
    told: list[Any] = []
    rest: list[Iterator[Any]] = [iter(path)]
    while rest:
        for factor in rest[-1]:
            match factor:
                case Strands(widths=widths, paths=paths):
                    told.append(("strands", widths))
                    rest += map(iter, reversed(paths))
                    break
                case Swap(n=n):
                    told.append(("swap", n))
                case Copy():
                    told.append(("copy",))
                case Discard():
                    told.append(("discard",))
                case Pick(positions=positions):
                    told.append(("pick", positions))
                case _:
                    told.append(factor)
        else:
            rest.pop()
            told.append(("end",))
    return tuple(told)


def moved(factor: Any, x: Any) -> Any:
    """The object at which a structure map ends that starts at `x`."""
    match factor:
        case Swap(n=n):
            return x[n:] @ x[:n]
        case Copy():
            return x @ x
        case Discard():
            return x[:0]
        case Pick(positions=positions):
            return chosen(x, positions)
    raise TypeError(f"{factor!r} is no structure map")


def chosen(x: Any, positions: tuple[int, ...]) -> Any:
    """The object of the wires of `x` at the given positions."""
    y, start = x[:0], 0
    for i in range(1, len(positions) + 1):
        if i == len(positions) or positions[i] != positions[i - 1] + 1:
            y @= x[positions[start] : positions[i - 1] + 1]
            start = i
    return y
