"""Objects: strict tuples of wires.

Definition:
    An object is a tuple of wires; ``X @ Y`` concatenates and `unit` is empty, so associativity and unit
    hold by equality. A value of an object with n wires is n values, one a wire; at the call boundary
    one wire is bare and `unit` is ``()``.
"""

import dataclasses
from typing import Any

import jax
import numpy as np

from ..theory import door
from ..theory.errors import WrongObject, WrongValue
from .wires import Discrete, Euclidean, Finite, NotAnElement, RandomKey, Tree, Wire, wire_of


@dataclasses.dataclass(frozen=True)
class Ob:
    """A strict tuple of wires.

    Example:
        >>> X = R(28, 28) @ Fin(10)
        >>> print(X, len(X), X.tangent)
        R(28, 28) @ Fin(10) 2 R(28, 28)
        >>> X @ unit == X
        True
    """

    wires: tuple[Wire, ...] = ()

    def __matmul__(self, other: Any) -> "Ob":
        """The tensor of objects: their wires, side by side."""
        return Ob(self.wires + other.wires) if isinstance(other, Ob) else NotImplemented

    def __len__(self) -> int:
        """The number of wires."""
        return len(self.wires)

    def __getitem__(self, part: slice | int) -> "Ob":
        """The object of some of the wires: those of a slice, or the one at a position."""
        return Ob(self.wires[part] if isinstance(part, slice) else (self.wires[part],))

    def __str__(self) -> str:
        """The object as one writes it: ``R(28, 28) @ Fin(10)``."""
        return " @ ".join(map(str, self.wires)) or "unit"

    __repr__ = __str__

    def __pdoc__(self, **_: Any) -> Any:
        import wadler_lindig as wl

        return wl.TextDoc(str(self))

    @property
    def tangent(self) -> "Ob":
        """The tangent object: Euclidean wires stay, discrete wires vanish."""
        return Ob(tuple(t for w in self.wires for t in w.tangent))

    @property
    def euclidean(self) -> bool:
        """Whether each wire is its own tangent: the objects on which the differential laws are claimed."""
        return all(w.tangent == (w,) for w in self.wires)

    def stacked(self, n: int) -> "Ob":
        """The object whose values are `n` values of this one, stacked along a new first axis of each wire."""
        return Ob(tuple(w.stacked(n) for w in self.wires))

    def avals(self) -> tuple[Any, ...]:
        """Shapes and dtypes of the values, one a wire."""
        return tuple(w.aval() for w in self.wires)

    @door
    def check(self, *values: Any) -> Any:
        """The value as JAX holds it, if it is an element of this object.

        Raises:
            WrongValue: says which wire, what it expects, and what was given.

        Example:
            >>> print(Fin(3).check(2))
            2
        """
        return bare(self.elements(values))

    def elements(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The values, one a wire, each checked."""
        if len(values) != len(self.wires):
            raise WrongValue(
                self, "the object", f"{len(self.wires)} values, one a wire", f"{len(values)}", "One argument a wire."
            )
        return tuple(self._element(i, w, x) for i, (w, x) in enumerate(zip(self.wires, values, strict=True)))

    def _element(self, i: int, wire: Wire, value: Any) -> Any:
        try:
            return wire.element(value)
        except NotAnElement as error:
            raise WrongValue(self, f"wire {i}, {wire},", error.expected, error.given, error.cure) from None

    def zeros(self) -> Any:
        """The value that is zero (or first) at each wire."""
        return bare(tuple(w.zeros() for w in self.wires))

    def random(self, *, key: Any) -> Any:
        """A random value: standard normal at Euclidean wires, uniform at finite ones; for tests and examples."""
        return bare(tuple(w.random(jax.random.fold_in(key, i)) for i, w in enumerate(self.wires)))

    def split(self, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The values at tangent wires, and what is left at each wire."""
        parts = [w.split(x) for w, x in zip(self.wires, values, strict=True)]
        return tuple(m for moving, _ in parts for m in moving), tuple(rest for _, rest in parts)

    def join(self, moving: tuple[Any, ...], rest: tuple[Any, ...]) -> tuple[Any, ...]:
        """The values with the given tangent parts and the given rest: the inverse of `split`."""
        values, i = [], 0
        for wire, still in zip(self.wires, rest, strict=True):
            k = len(wire.tangent)
            values.append(wire.join(moving[i : i + k], still))
            i += k
        return tuple(values)


unit = Ob()
Key = Ob((RandomKey(),))


def bare(values: tuple[Any, ...]) -> Any:
    """The tuple of values as it looks at the call boundary: one value is bare."""
    return values[0] if len(values) == 1 else values


@door
def R(*shape: int, dtype: Any = None) -> Ob:
    """The Euclidean space of real arrays of a shape; ``R()`` is the line.

    Args:
        *shape: sizes of the axes.
        dtype: a floating dtype, or None for the default float of JAX at the time of use.

    Raises:
        WrongObject: a size is not a whole number >= 0, or the dtype is not one of floats.

    Example:
        >>> R(2, 3) @ R()
        R(2, 3) @ R()
    """
    if not all(_is_size(n) for n in shape):
        raise WrongObject(f"R{shape} needs whole numbers >= 0: the sizes of the axes, one an argument.")
    if dtype is not None and not jax.numpy.issubdtype(dtype, jax.numpy.floating):
        raise WrongObject(
            f"R(..., dtype={jax.numpy.dtype(dtype).name}) is not Euclidean: it needs real floats. "
            "Use Fin(n) or space_of(example) for values without a derivative."
        )
    return Ob((Euclidean(tuple(map(int, shape)), None if dtype is None else jax.numpy.dtype(dtype).name),))


@door
def Fin(n: int, *, labels: Any = None) -> Ob:
    """The finite set ``{0, ..., n-1}``; labels name its elements for readers.

    Raises:
        WrongObject: `n` is not a whole number > 0, or there is not one different label an element.

    Example:
        >>> weather = Fin(2, labels=["dry", "wet"])
        >>> print(weather, weather.check("wet"))
        Fin(2) 1
    """
    labels = None if labels is None else tuple(labels)
    if not _is_size(n) or n < 1:
        raise WrongObject(f"Fin({n!r}) needs a whole number n >= 1: the number of its elements.")
    if labels is not None and not len(labels) == len(set(labels)) == n:
        raise WrongObject(f"Fin({n}) needs one label an element, all different, but got {len(labels)}: {labels}.")
    return Ob((Finite(int(n), (), labels),))


def _is_size(n: Any) -> bool:
    return isinstance(n, int | np.integer) and not isinstance(n, bool) and bool(n >= 0)


@door
def space_of(example: Any) -> Ob:
    """The object of one wire that holds values like `example`, any pytree of arrays.

    Raises:
        WrongObject: a leaf is not an array of real numbers, booleans or keys.

    Example:
        >>> space_of({"w": jax.numpy.zeros(3), "on": True})
        Space({'on': 'Discrete(bool)', 'w': 'R(3)'})
    """
    leaves, structure = jax.tree.flatten(example)
    wires = tuple(wire_of(leaf) for leaf in leaves)
    return Ob((wires[0],)) if jax.tree.structure(0) == structure else Ob((Tree(wires, structure),))


__all__ = ["Discrete", "Euclidean", "Fin", "Finite", "Key", "Ob", "R", "RandomKey", "Tree", "bare", "space_of", "unit"]
