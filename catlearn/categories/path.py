"""Paths: the functions on tuples of values that arrows are made of, kept flat.

Definition:
    A *path* is a tuple of factors; a factor is a pytree that maps a tuple of values to a tuple of
    values. Composition concatenates paths, so that a chain of a thousand arrows is one loop and not a
    thousand nested calls. The structure maps are the factors `Swap`, `Copy`, `Discard`.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx

from ..theory import Data

Values = tuple[Any, ...]
Factor = Callable[[Values], Values]


def run(path: tuple[Factor, ...], xs: Values) -> Values:
    """Run the factors one after another."""
    for factor in path:
        xs = factor(xs)
    return xs


class Swap(Data):
    """Move the first `n` values behind the others."""

    n: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return xs[self.n :] + xs[: self.n]


class Copy(Data):
    """All values, twice."""

    def __call__(self, xs: Values) -> Values:
        return xs + xs


class Discard(Data):
    """No value at all."""

    def __call__(self, xs: Values) -> Values:
        return ()


class Pick(Data):
    """The values at the given positions."""

    positions: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return tuple(xs[i] for i in self.positions)


class Strands(Data):
    """Paths side by side; each takes the next `widths[i]` values."""

    widths: tuple[int, ...] = eqx.field(static=True)
    paths: tuple[tuple[Factor, ...], ...]

    def __call__(self, xs: Values) -> Values:
        ys, i = (), 0
        for n, path in zip(self.widths, self.paths, strict=True):
            ys += run(path, xs[i : i + n])
            i += n
        return ys


def beside(n: int, f: tuple[Factor, ...], m: int, g: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """The path of `f` on the first `n` values beside `g` on the next `m`, with strands kept flat."""
    if not f and not g:
        return ()
    widths, paths = zip(*_strands(n, f), *_strands(m, g), strict=True)
    return (Strands(widths, paths),)


def _strands(n: int, path: tuple[Factor, ...]) -> tuple[tuple[int, tuple[Factor, ...]], ...]:
    match path:
        case (Strands(widths=widths, paths=paths),):
            return tuple(zip(widths, paths, strict=True))
        case _:
            return ((n, path),)


class Sealed(Data):
    """A path as one opaque factor: what a test uses to keep flattening from making a law vacuous."""

    path: tuple[Factor, ...]

    def __call__(self, xs: Values) -> Values:
        return run(self.path, xs)


class Function(Data):
    """A user's function, returning bare values, as a factor."""

    function: Callable[..., Any]
    wires: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        ys = self.function(*xs)
        return tuple(ys) if self.wires > 1 else (ys,) if self.wires else ()
