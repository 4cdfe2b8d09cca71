r"""Reference readings: the same categories, written again in the plainest way.

Definition:
    `Nested(C)` is the category whose arrows are Python functions on tuples of values, composed by nested calls.
    An arrow of a `Concrete` category is carried there by ``apply``. `NestedSmooth` adds sums and derivatives: its `R` is
    computed by *forward* mode and its `D` by *reverse* mode, the other way round than in `Smooth`; loops are loops of Python.

These categories are slow and are meant to be: they share no code with what they are compared to.
"""

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..theory import Arrow, Cartesian, Concrete, ConcreteReverseDifferential, DaggerBiproduct, Functor, Iterative

Values = tuple[Any, ...]


class NestedMap(Arrow):
    """A function on tuples of values."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    function: Callable[[Values], Values] = eqx.field(static=True)

    @property
    def category(self) -> Any:
        return self.base


class Functions(Cartesian, Concrete):
    """Composition by nested calls, and wires moved by hand."""

    base: Any

    @property
    def unit(self) -> Any:
        return self.base.unit

    def arrow(self, dom: Any, cod: Any, function: Callable[[Values], Values], /) -> NestedMap:
        return NestedMap(dom, cod, self, function)

    def apply(self, f: NestedMap, xs: Values, /) -> Values:
        return f.function(xs)

    def carry(self, f: Any, /) -> NestedMap:
        """An arrow of the base, as a function."""
        return self.arrow(f.dom, f.cod, lambda xs: self.base.apply(f, xs))

    def id(self, x: Any, /) -> NestedMap:
        return self.arrow(x, x, lambda xs: xs)

    def _then(self, f: NestedMap, g: NestedMap, /) -> NestedMap:
        return self.arrow(f.dom, g.cod, lambda xs: g.function(f.function(xs)))

    def _tensor(self, f: NestedMap, g: NestedMap, /) -> NestedMap:
        n = len(f.dom)
        return self.arrow(f.dom @ g.dom, f.cod @ g.cod, lambda xs: (*f.function(xs[:n]), *g.function(xs[n:])))

    def swap(self, x: Any, y: Any, /) -> NestedMap:
        order = [*range(len(x), len(x @ y)), *range(len(x))]
        return self.arrow(x @ y, y @ x, lambda xs: tuple(xs[i] for i in order))

    def copy(self, x: Any, /) -> NestedMap:
        order = [*range(len(x)), *range(len(x))]
        return self.arrow(x, x @ x, lambda xs: tuple(xs[i] for i in order))

    def discard(self, x: Any, /) -> NestedMap:
        return self.arrow(x, self.unit, lambda xs: ())

    def _power(self, f: NestedMap, n: int, /) -> NestedMap:
        def times(xs: Values) -> Values:
            for _ in range(n):
                xs = f.function(xs)
            return xs

        return self.arrow(f.dom, f.dom, times)


@dataclasses.dataclass(frozen=True)
class Nested(Functions):
    """The category of functions on the values of a `Concrete` category, composed by nested calls.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> double = Nested(Smooth).carry(smooth(lambda x: 2 * x, R()))
        >>> print((double >> double).function((3.0,)))
        (12.0,)
    """

    base: Any

    def __str__(self) -> str:
        return f"Nested({self.base})"


@dataclasses.dataclass(frozen=True)
class NestedSmooth(Functions, DaggerBiproduct, ConcreteReverseDifferential, Iterative):
    """`Nested`, with sums, and derivatives by Jacobian matrices; the dagger is meant for linear maps."""

    base: Any

    def __str__(self) -> str:
        return f"NestedSmooth({self.base})"

    def zero(self, x: Any, y: Any, /) -> NestedMap:
        return self.arrow(x, y, lambda xs: jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), y.avals()))

    def _add(self, f: NestedMap, g: NestedMap, /) -> NestedMap:
        return self.arrow(f.dom, f.cod, lambda xs: jax.tree.map(lambda a, b: a + b, f.function(xs), g.function(xs)))

    def tangent(self, x: Any, /) -> Any:
        return x.tangent

    def D(self, f: NestedMap, /) -> NestedMap:
        """``(x, v) ↦ J v``, with `J` by reverse mode."""
        return self.arrow(f.dom @ f.dom.tangent, f.cod.tangent, lambda xs: _times_jacobian(f, xs, jax.jacrev, False))

    def R(self, f: NestedMap, /) -> NestedMap:
        """``(x, w) ↦ Jᵀ w``, with `J` by forward mode."""
        return self.arrow(f.dom @ f.cod.tangent, f.dom.tangent, lambda xs: _times_jacobian(f, xs, jax.jacfwd, True))

    def stack(self, x: Any, n: int, /) -> Any:
        return x.stacked(n)

    def stacking(self, x: Any, n: int, /) -> NestedMap:
        """Corresponding values, one after another, stacked."""
        k, dom = len(x), functools.reduce(lambda a, b: a @ b, [x] * n)
        return self.arrow(dom, x.stacked(n), lambda xs: _stacked([xs[i * k : (i + 1) * k] for i in range(n)]))

    def fold(self, f: NestedMap, parameter: Any, n: int, /) -> NestedMap:
        k = len(parameter)

        def run(xs: Values) -> Values:
            values = xs[k:]
            for i in range(n):
                values = f.function((*_element(xs[:k], i), *values))
            return values

        return self.arrow(parameter.stacked(n) @ f.cod, f.cod, run)

    def mapped(self, f: NestedMap, n: int, shared: Any, /) -> NestedMap:
        k, each = len(shared), f.dom[len(shared) :]

        def run(xs: Values) -> Values:
            return _stacked([f.function((*xs[:k], *_element(xs[k:], i))) for i in range(n)])

        return self.arrow(shared @ each.stacked(n), f.cod.stacked(n), run)

    def scale(self, x: Any, by: Values, /) -> NestedMap:
        """Each number times one of its own."""
        return self.arrow(x, x, lambda xs: jax.tree.map(lambda a, b: a * b, xs, by))

    def dagger(self, f: NestedMap, /) -> NestedMap:
        """The transposed matrix of a linear map."""
        zeros = tuple(w.zeros() for w in f.dom.wires)
        return self.arrow(f.cod, f.dom, lambda ys: _times_jacobian(f, (*zeros, *ys), jax.jacfwd, True))


@dataclasses.dataclass(frozen=True)
class NestedBatch(Functor):
    """`Batch`, one element after another."""

    n: int

    def ob(self, x: Any, /) -> Any:
        """A stack of n values."""
        return x.stacked(self.n)

    def arrow(self, f: NestedMap, /) -> NestedMap:
        """`f` at each element."""
        return f.category.mapped(f, self.n, f.category.unit)


def _times_jacobian(f: NestedMap, xs: Values, jacobian: Callable[..., Any], transposed: bool) -> Values:
    """The Jacobian matrix of `f` at the first values, or its transpose, times the other values."""
    n, dom, cod = len(f.dom), f.dom, f.cod
    moving, rest = dom.split(xs[:n])

    def flat(point: Any) -> Any:
        ys, _ = cod.split(f.function(dom.join(_unflat(dom.tangent, point), rest)))
        return _flat(ys)

    matrix, vector = jacobian(flat)(_flat(moving)), _flat(xs[n:])
    return _unflat(dom.tangent, vector @ matrix) if transposed else _unflat(cod.tangent, matrix @ vector)


def _stacked(rows: list[Values]) -> Values:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)


def _element(xs: Values, i: int) -> Values:
    return jax.tree.map(lambda leaf: leaf[i], xs)


@jax.jit
def _flat(xs: Values) -> Any:
    """All numbers of the values in one vector."""
    return jnp.concatenate([jnp.zeros(0), *(jnp.ravel(leaf) for leaf in jax.tree.leaves(xs))])


@functools.partial(jax.jit, static_argnums=0)
def _unflat(x: Any, vector: Any) -> Values:
    """The values of an object whose numbers stand in one vector."""
    avals, structure = jax.tree.flatten(x.avals())
    leaves = []
    for aval in avals:
        size = math.prod(aval.shape)
        leaves.append(vector[:size].reshape(aval.shape))
        vector = vector[size:]
    return jax.tree.unflatten(structure, leaves)
