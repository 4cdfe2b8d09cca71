"""Coordinates: objects that are counted rather than measured.

Definition:
    ``Dim(n)`` is n coordinates over the rig of the category that it is an object of. A value is a tuple of n elements
    of the rig, and for one coordinate the bare element. Each object is its own tangent.

``Dim(2) @ Dim(3)`` has two wires and five coordinates. The object does not name the rig: the category does, as in
``Poly(Z)`` or ``Mat(Boolean)``. A natural number n names an element of every rig, the n-fold sum of one; so the zeros
and the random values of such an object are natural numbers.
"""

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..theory import door
from ..theory.errors import WrongObject
from .ob import Ob
from .wires import NotAnElement, Wire

Values = tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Coordinates(Wire):
    """The wire of `n` coordinates over a rig that the category knows."""

    n: int

    def element(self, value: Any) -> Any:
        is_row = isinstance(value, tuple | list) or bool(getattr(value, "shape", ()))
        if self.n == 1:
            if is_row:
                raise NotAnElement("one coordinate, bare", repr(value), "Give the element itself: x, not (x,).")
            return value
        if not is_row or len(value) != self.n:
            raise NotAnElement(f"{self.n} coordinates, in a tuple", repr(value))
        return tuple(value) if isinstance(value, list) else value

    def zeros(self) -> Any:
        return collect_wire(self.n, (0,) * self.n)

    def random(self, key: Any) -> Any:
        return collect_wire(self.n, tuple(map(int, jax.random.randint(key, (self.n,), 0, 8))))

    def aval(self) -> Any:
        whole = jax.ShapeDtypeStruct((), jnp.result_type(int))
        return collect_wire(self.n, (whole,) * self.n)

    def stacked(self, n: int) -> Wire:
        """The coordinates of `n` values, one value after another."""
        return Coordinates(n * self.n)

    @property
    def tangent(self) -> tuple[Wire, ...]:
        return (self,)

    def __str__(self) -> str:
        return f"Dim({self.n})"


@door
def Dim(n: int) -> Ob:
    """The object of `n` coordinates over the rig of a category such as ``Poly(Z)`` or ``Mat(Boolean)``.

    Raises:
        WrongObject: `n` is not a whole number >= 0.

    Example:
        >>> X = Dim(2) @ Dim(3)
        >>> print(X, len(X), dimension(X), X.tangent == X)
        Dim(2) @ Dim(3) 2 5 True
    """
    if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 0:
        raise WrongObject(f"Dim({n!r}) needs a whole number >= 0: the number of coordinates.")
    return Ob((Coordinates(int(n)),))


@functools.lru_cache(maxsize=4096)
def dimension(x: Ob) -> int:
    """The number of coordinates of an object.

    Raises:
        WrongObject: a wire is not one of coordinates.
    """
    return sum(_count(w, x) for w in x.wires)


def coordinates(x: Ob, values: Values) -> Values:
    """All coordinates of some values, one wire after another."""
    return tuple(c for w, value in zip(x.wires, values, strict=True) for c in _of_wire(w, value, x))


def collect(x: Ob, row: Sequence[Any]) -> Values:
    """The values, one a wire, with the given coordinates: the inverse of `coordinates`; of an array, its parts."""
    return tuple(collect_wire(n, row[i : i + n]) for i, n in _places(x))


def collect_wire(n: int, row: Any) -> Any:
    """The value of a wire with the given coordinates: one is bare."""
    return row[0] if n == 1 else row


def _places(x: Ob) -> Iterator[tuple[int, int]]:
    """Where the coordinates of each wire start, and how many there are."""
    i = 0
    for w in x.wires:
        n = _count(w, x)
        yield i, n
        i += n


def _of_wire(wire: Wire, value: Any, x: Ob) -> Any:
    return (value,) if _count(wire, x) == 1 else value


def _count(wire: Wire, x: Ob) -> int:
    if not isinstance(wire, Coordinates):
        raise WrongObject(f"{x} has the wire {wire}, but only objects Dim(n) @ ... have coordinates over a rig.")
    return wire.n
