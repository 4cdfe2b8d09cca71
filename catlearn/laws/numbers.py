r"""Numbers, points and smooth maps to draw.

Definition:
    A drawn smooth map is ``x ↦ b + z + s \\sin z + q z²`` with ``z = W x``, all wires flattened, and numbers `W, b, s, q` that are
    leaves of one kind of pytree: there is a single function to compile for each pair of shapes, once, and the smallest
    map is zero.

Numbers are tenths: they are short in print, they shrink, and unlike dyadic ones they are not exact in binary, so that
an equality "up to rounding" is not mistaken for an exact one.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from ..objects import Ob
from ..objects.wires import default_float, is_concrete

Values = tuple[Any, ...]


@functools.lru_cache(maxsize=1024)
def tenths(*shape: int, bound: float = 1.0) -> st.SearchStrategy[Any]:
    """Arrays of tenths, at most `bound` in size, not put on any device: most laws do less with them than that would take."""
    size, most = math.prod(shape), round(10 * bound)
    numbers = st.lists(st.integers(-most, most), min_size=size, max_size=size)
    return numbers.map(lambda ks: np.asarray(np.array(ks, default_float()).reshape(shape) / 10))


@functools.lru_cache(maxsize=1024)
def array(*shape: int, bound: float = 1.0) -> st.SearchStrategy[Any]:
    """Arrays of tenths on a device, as the leaves of arrows are."""
    return tenths(*shape, bound=bound).map(jnp.asarray)


@functools.lru_cache(maxsize=1024)
def often(*shape: int, bound: float = 1.0) -> st.SearchStrategy[Any]:
    """Arrays of tenths, at times all zero: so a witness loses in one step what it does not need."""
    return _often(*shape, bound=bound).map(jnp.asarray)


@functools.lru_cache(maxsize=1024)
def _often(*shape: int, bound: float = 1.0) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda k: tenths(*shape, bound=bound if k else 0.0))


@functools.lru_cache(maxsize=1024)
def values(x: Ob) -> st.SearchStrategy[Values]:
    """The values of an object: tenths up to two at Euclidean wires, any element elsewhere."""
    return st.tuples(*(_value(w) for w in x.wires))


def _value(wire: Any) -> st.SearchStrategy[Any]:
    """A wire says how to shrink its own values only for floats; others are seeded."""
    aval = wire.aval()
    if wire.tangent and isinstance(aval, jax.ShapeDtypeStruct):
        return tenths(*aval.shape, bound=2.0).map(lambda a: a.astype(aval.dtype))
    return st.integers(0, 15).map(functools.cache(lambda seed: wire.random(jax.random.key(seed))))


class Wave(eqx.Module):
    """``x ↦ b + z + s sin z + q z²`` with ``z = W x``."""

    weight: Any
    bias: Any
    wave: Any
    bend: Any
    cod: Ob = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        numbers = self.weight, self.bias, self.wave, self.bend
        return _unflat(self.cod, _at(_wave, numbers, xs))


class Matrix(eqx.Module):
    """``x ↦ W x``."""

    weight: Any
    cod: Ob = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return _unflat(self.cod, _at(_matrix, (self.weight,), xs))


def _wave(library: Any, weight: Any, bias: Any, wave: Any, bend: Any, x: Any) -> Any:
    z = weight @ x
    return bias + z + wave * library.sin(z) + bend * z * z


def _matrix(library: Any, weight: Any, x: Any) -> Any:
    return weight @ x


def _at(function: Callable[..., Any], numbers: tuple[Any, ...], xs: Values) -> Any:
    """A function of numbers at some values: by numpy, or compiled where it is a step of what JAX traces."""
    if is_concrete((numbers, xs)):
        return np.asarray(function(np, *map(np.asarray, numbers), _flat(np, xs)))
    return _compiled(function, numbers, _flat(jnp, xs))


@functools.partial(jax.jit, static_argnums=0)
def _compiled(function: Callable[..., Any], numbers: tuple[Any, ...], x: Any) -> Any:
    return function(jnp, *numbers, x)


def wave(dom: Ob, cod: Ob) -> st.SearchStrategy[Wave]:
    """A smooth map, as a function on tuples of values."""
    return _waves(dimension(dom), dimension(cod), cod)


@functools.lru_cache(maxsize=1024)
def _waves(n: int, m: int, cod: Ob) -> st.SearchStrategy[Wave]:
    return st.builds(Wave, _often(m, n), _often(m), _often(m), _often(m, bound=0.5), st.just(cod))


@functools.lru_cache(maxsize=1024)
def matrix(dom: Ob, cod: Ob) -> st.SearchStrategy[Matrix]:
    """A linear map, as a function on tuples of values."""
    return st.builds(Matrix, tenths(dimension(cod), dimension(dom)), st.just(cod))


def dimension(x: Ob) -> int:
    """How many numbers a value of the object holds."""
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(x.avals()))


def _flat(library: Any, xs: Values) -> Any:
    flat = [_made(leaf, (leaf.size,), default_float()) for leaf in jax.tree.leaves(xs)]
    return flat[0] if len(flat) == 1 else library.concatenate([library.zeros(0, default_float()), *flat])


def _unflat(x: Ob, y: Any) -> Values:
    """The values of an object from one vector; a finite or discrete wire rounds its entries to an element."""
    leaves, at = [], 0
    avals, structure = jax.tree.flatten(x.avals())
    for aval in avals:
        size = math.prod(aval.shape)
        part = y if size == y.size else y[at : at + size]
        part = part if jnp.issubdtype(aval.dtype, jnp.inexact) else part > 0.314159
        leaves.append(_made(part, aval.shape, aval.dtype))
        at += size
    return jax.tree.unflatten(structure, leaves)


def _made(x: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The array with that shape and dtype; what it has already is no step of what JAX traces."""
    x = x if x.shape == shape else x.reshape(shape)
    return x if x.dtype == dtype else x.astype(dtype)
