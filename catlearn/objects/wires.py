"""Wires: the single types that objects are made of.

Definition:
    A wire is a set of values that JAX can hold: a Euclidean space (a float array of fixed shape), a
    discrete set (integers, booleans), a finite set, a random key, or a pytree of these. Each wire
    knows its elements (`check`), its zero, random elements, and its tangent: itself for a Euclidean
    space, nothing for a discrete one.

A dtype of None means the default float of JAX, resolved when a value is made, so objects do not
change with the precision setting.
"""

import abc
import dataclasses
import math
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from ..theory.errors import WrongObject


def is_concrete(value: Any) -> bool:
    """Whether a value can be looked at now, outside any trace."""
    return not any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(value))


def default_float() -> Any:
    """The float dtype that JAX is configured for."""
    return jax.dtypes.canonicalize_dtype(float)


class NotAnElement(Exception):
    """What a wire expected and what it was given; an object turns it into a `WrongValue`."""

    def __init__(self, expected: str, given: str, cure: str = ""):
        super().__init__(expected, given, cure)
        self.expected, self.given, self.cure = expected, given, cure


@dataclasses.dataclass(frozen=True)
class Wire(abc.ABC):
    """A set of values that one position of an object can take."""

    @abc.abstractmethod
    def element(self, value: Any) -> Any:
        """The value as an element of this wire, or `NotAnElement`; ranges are checked on concrete values only."""

    @abc.abstractmethod
    def zeros(self) -> Any:
        """The element that is zero, or first."""

    @abc.abstractmethod
    def random(self, key: Any) -> Any:
        """A random element, for tests and examples: normal, or uniform on a finite set."""

    @abc.abstractmethod
    def aval(self) -> Any:
        """The shapes and dtypes of an element, as `jax.ShapeDtypeStruct`."""

    @abc.abstractmethod
    def stacked(self, n: int) -> "Wire":
        """The wire of `n` elements, stacked along a new first axis."""

    @property
    @abc.abstractmethod
    def tangent(self) -> tuple["Wire", ...]:
        """The wires of the tangent space: this one, or none."""

    def split(self, value: Any) -> tuple[tuple[Any, ...], Any]:
        """The part of a value that moves along tangents, one value a tangent wire, and the rest."""
        return ((value,), None) if self.tangent else ((), value)

    def join(self, moving: tuple[Any, ...], rest: Any) -> Any:
        """The value with the given two parts: the inverse of `split`."""
        return moving[0] if self.tangent else rest


def _array(value: Any, expected: str, dtype: Any = None) -> Any:
    try:
        return value if isinstance(value, jax.Array) else jnp.asarray(value, dtype)
    except (TypeError, ValueError, OverflowError):
        raise NotAnElement(expected, f"{value!r} of type {type(value).__name__}") from None


def _describe(x: Any) -> str:
    return f"{x.dtype.name}{list(x.shape)}"


@dataclasses.dataclass(frozen=True)
class Euclidean(Wire):
    """The space of real arrays of one shape; with dtype None, of any real floating dtype."""

    shape: tuple[int, ...]
    dtype: str | None = None

    def element(self, value: Any) -> Any:
        expected = f"{self.dtype or 'float'}{list(self.shape)}"
        if self.dtype == "float64" and not jax.config.read("jax_enable_x64"):
            cure = 'Switch doubles on: jax.config.update("jax_enable_x64", True).'
            raise NotAnElement(expected, "a value where JAX has no doubles", cure)
        x = _array(value, expected, None if hasattr(value, "dtype") else self._dtype())
        fits = x.dtype == self._dtype() if self.dtype else jnp.issubdtype(x.dtype, jnp.floating)
        if x.shape != self.shape or not fits:
            cure = "" if fits or x.shape != self.shape else self._cure(x.dtype)
            if x.shape[1:] == self.shape and x.ndim:
                cure = "A batch is not part of a type: use Batch(n)(f), or jax.vmap."
            raise NotAnElement(expected, _describe(x), cure)
        return x

    def _cure(self, given: Any) -> str:
        return f"Convert it with x.astype({self.dtype or 'float'})." if given.kind in "iubf" else ""

    def _dtype(self) -> Any:
        return np.dtype(self.dtype) if self.dtype else default_float()

    def zeros(self) -> Any:
        return jnp.zeros(self.shape, self._dtype())

    def random(self, key: Any) -> Any:
        return jax.random.normal(key, self.shape, self._dtype())

    def aval(self) -> Any:
        return jax.ShapeDtypeStruct(self.shape, self._dtype())

    def stacked(self, n: int) -> Wire:
        return Euclidean((n, *self.shape), self.dtype)

    @property
    def tangent(self) -> tuple[Wire, ...]:
        return (self,)

    def __str__(self) -> str:
        inside = [str(n) for n in self.shape] + ([f"dtype={self.dtype}"] if self.dtype else [])
        return f"R({', '.join(inside)})"


@dataclasses.dataclass(frozen=True)
class Discrete(Wire):
    """Integer or boolean arrays of one shape and dtype: values without a tangent."""

    shape: tuple[int, ...]
    dtype: str

    def element(self, value: Any) -> Any:
        expected = f"{self.dtype}{list(self.shape)}"
        number = isinstance(value, int) and not isinstance(value, bool) and self.dtype != "bool"
        x = _array(value, expected, np.dtype(self.dtype) if number else None)
        if x.shape != self.shape or x.dtype != np.dtype(self.dtype):
            raise NotAnElement(expected, _describe(x))
        return x

    def zeros(self) -> Any:
        return jnp.zeros(self.shape, self.dtype)

    def random(self, key: Any) -> Any:
        return jax.random.randint(key, self.shape, 0, 2).astype(self.dtype)

    def aval(self) -> Any:
        return jax.ShapeDtypeStruct(self.shape, np.dtype(self.dtype))

    def stacked(self, n: int) -> Wire:
        return Discrete((n, *self.shape), self.dtype)

    @property
    def tangent(self) -> tuple[Wire, ...]:
        return ()

    def __str__(self) -> str:
        return f"Discrete({', '.join([*map(str, self.shape), self.dtype])})"


@dataclasses.dataclass(frozen=True)
class Finite(Wire):
    """The finite set ``{0, ..., n-1}``, as an int32; labels are for readers and do not affect equality."""

    n: int
    shape: tuple[int, ...] = ()
    labels: tuple[str, ...] | None = dataclasses.field(default=None, compare=False)

    def element(self, value: Any) -> Any:
        expected = f"an integer in 0..{self.n - 1}" + (f" of shape {list(self.shape)}" if self.shape else "")
        if isinstance(value, str):
            if value not in (self.labels or ()):
                raise NotAnElement(expected, repr(value), f"Its labels are {self.labels}." if self.labels else "")
            value = (self.labels or ()).index(value)
        x = _array(value, expected)
        if x.shape != self.shape or not jnp.issubdtype(x.dtype, jnp.integer):
            raise NotAnElement(expected, _describe(x))
        if x.size and is_concrete(value):
            held = np.asarray(value)
            if not 0 <= held.min() <= held.max() < self.n:
                raise NotAnElement(expected, str(held))
        return x.astype(jnp.int32)

    def zeros(self) -> Any:
        return jnp.zeros(self.shape, jnp.int32)

    def random(self, key: Any) -> Any:
        return jax.random.randint(key, self.shape, 0, self.n, jnp.int32)

    def aval(self) -> Any:
        return jax.ShapeDtypeStruct(self.shape, np.dtype("int32"))

    def stacked(self, n: int) -> Wire:
        return Finite(self.n, (n, *self.shape), self.labels)

    @property
    def tangent(self) -> tuple[Wire, ...]:
        return ()

    def __str__(self) -> str:
        return f"Fin({self.n})" + (f"^{'x'.join(map(str, self.shape))}" if self.shape else "")


@dataclasses.dataclass(frozen=True)
class RandomKey(Wire):
    """Random keys, as made by `jax.random.key`."""

    shape: tuple[int, ...] = ()

    def element(self, value: Any) -> Any:
        if not (isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key)):
            given = _describe(value) if hasattr(value, "shape") else type(value).__name__
            raise NotAnElement("a random key", given, "Make one with jax.random.key(seed).")
        if value.shape != self.shape:
            raise NotAnElement(f"keys of shape {list(self.shape)}", f"keys of shape {list(value.shape)}")
        return value

    def zeros(self) -> Any:
        keys = jax.random.split(jax.random.key(0), math.prod(self.shape))
        return keys.reshape(self.shape)

    def random(self, key: Any) -> Any:
        return jax.random.split(key, self.shape) if self.shape else jax.random.fold_in(key, 0)

    def aval(self) -> Any:
        return jax.eval_shape(self.zeros)

    def stacked(self, n: int) -> Wire:
        return RandomKey((n, *self.shape))

    @property
    def tangent(self) -> tuple[Wire, ...]:
        return ()

    def __str__(self) -> str:
        return "Key" + (f"^{'x'.join(map(str, self.shape))}" if self.shape else "")


@dataclasses.dataclass(frozen=True)
class Tree(Wire):
    """A pytree whose leaves are elements of wires: a record of arrays that travels as one value."""

    leaves: tuple[Wire, ...]
    structure: Any

    def element(self, value: Any) -> Any:
        leaves, structure = jax.tree.flatten_with_path(value)
        if structure != self.structure:
            raise NotAnElement(f"a pytree {self.structure}", str(structure))
        return jax.tree.unflatten(structure, map(self._leaf, self.leaves, leaves))

    def _leaf(self, wire: Wire, leaf: tuple[Any, Any]) -> Any:
        path, value = leaf
        try:
            return wire.element(value)
        except NotAnElement as error:
            where = f" at {jax.tree_util.keystr(path)}"
            raise NotAnElement(error.expected + where, error.given + where, error.cure) from None

    def _map(self, values: Any) -> Any:
        return jax.tree.unflatten(self.structure, list(values))

    def zeros(self) -> Any:
        return self._map(w.zeros() for w in self.leaves)

    def random(self, key: Any) -> Any:
        return self._map(w.random(jax.random.fold_in(key, i)) for i, w in enumerate(self.leaves))

    def aval(self) -> Any:
        return self._map(w.aval() for w in self.leaves)

    def stacked(self, n: int) -> Wire:
        return Tree(tuple(w.stacked(n) for w in self.leaves), self.structure)

    @property
    def tangent(self) -> tuple[Wire, ...]:
        moving = tuple(w for w in self.leaves if w.tangent)
        return (self,) if len(moving) == len(self.leaves) else moving

    def split(self, value: Any) -> tuple[tuple[Any, ...], Any]:
        if self.tangent == (self,):
            return (value,), None
        leaves = jax.tree.leaves(value)
        moving = tuple(x for w, x in zip(self.leaves, leaves, strict=True) if w.tangent)
        return moving, tuple(x for w, x in zip(self.leaves, leaves, strict=True) if not w.tangent)

    def join(self, moving: tuple[Any, ...], rest: Any) -> Any:
        if self.tangent == (self,):
            return moving[0]
        moved, still = iter(moving), iter(rest)
        return self._map(next(moved) if w.tangent else next(still) for w in self.leaves)

    def __str__(self) -> str:
        return f"Space({self._map(map(str, self.leaves))})"


def wire_of(leaf: Any) -> Wire:
    """The wire that an array (or its shape and dtype) is an element of; the default float has dtype None."""
    if not hasattr(leaf, "dtype"):
        try:
            leaf = jnp.asarray(leaf)
        except (TypeError, ValueError):
            raise WrongObject(f"no wire holds {leaf!r} of type {type(leaf).__name__}: give arrays.") from None
    shape, dtype = tuple(leaf.shape), leaf.dtype
    if jnp.issubdtype(dtype, jax.dtypes.prng_key):
        return RandomKey(shape)
    if jnp.issubdtype(dtype, jnp.floating):
        return Euclidean(shape, None if dtype == default_float() else dtype.name)
    if not (jnp.issubdtype(dtype, jnp.integer) or dtype == np.bool_):
        raise WrongObject(f"no wire holds {_describe(leaf)}: write complex numbers as pairs of real ones.")
    return Discrete(shape, dtype.name)
