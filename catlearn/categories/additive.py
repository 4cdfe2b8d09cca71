r"""Additive functions: linear arrows that are run.

Definition:
    An arrow ``f : X → Y`` of `AddFn` is a function from values of `X` to values of `Y` with

    .. math:: f(x + y) = f(x) + f(y), \qquad f(0) = 0.

    The tensor is the product, and it is a coproduct too: ``inject_first(x) = (x, 0)``, ``merge(x, y) = x + y``. There is no
    dagger: a function that can only be run cannot be turned around.

An additive function out of the line is a vector, ``f(s) = s f(1)``, and is kept as one: to compose with it is to apply to it. So
derivatives in one direction, and gradients, are computed while arrows are composed, and nothing is computed twice.

References:
    Elliott (1804.00746), on additive functions.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from ..objects import Ob, R, bare, unit
from ..objects.compare import default_tolerance, largest_difference
from ..objects.function import as_leaves
from ..objects.wires import Euclidean
from ..theory import Arrow, Concrete, Data, LinearArrows, door
from ..theory.errors import NotAdditive
from .path import Copy, Discard, Factor, Pick, Sealed, Swap, Values, beside, run


class AdditiveMap(Arrow):
    """An additive function ``dom → cod``: a flat path of factors, each a function on tuples of values.

    Call it on one argument a wire; the arguments are checked.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    path: tuple[Factor, ...]

    @property
    def category(self) -> "AdditiveCategory":
        return AddFn

    @door
    def __call__(self, *values: Any) -> Any:
        """The value at a point, one argument a wire.

        Raises:
            WrongValue: an argument is not an element of its wire.
        """
        return bare(run(self.path, self.dom.elements(values)))


class Ray(Data):
    """``s ↦ s v``: the additive function out of the line that is `v` at one."""

    values: Values

    def __call__(self, xs: Values) -> Values:
        (s,) = xs
        return jax.tree.map(lambda v: (s * v).astype(v.dtype), self.values)


class Fork(Data):
    """Two paths on the same values, side by side."""

    f: tuple[Factor, ...]
    g: tuple[Factor, ...]

    def __call__(self, xs: Values) -> Values:
        return (*run(self.f, xs), *run(self.g, xs))


class Sum(Data):
    """The sum of two paths on the same values."""

    f: tuple[Factor, ...]
    g: tuple[Factor, ...]

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(jnp.add, run(self.f, xs), run(self.g, xs))


class Merge(Data):
    """The sum of the first half of the values and the second."""

    def __call__(self, xs: Values) -> Values:
        half = len(xs) // 2
        return jax.tree.map(jnp.add, xs[:half], xs[half:])


class Zero(Data):
    """The zero of an object, whatever comes in."""

    ob: Ob = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return tuple(w.zeros() for w in self.ob.wires)


class Place(Data):
    """The values, added to the wires with the given positions; the other wires are zero."""

    ob: Ob = eqx.field(static=True)
    positions: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        placed: dict[int, Any] = {}
        for i, x in zip(self.positions, xs, strict=True):
            placed[i] = jax.tree.map(jnp.add, placed[i], x) if i in placed else x
        return tuple(placed[i] if i in placed else w.zeros() for i, w in enumerate(self.ob.wires))


class Scale(Data):
    """Each coordinate, multiplied by one of its own."""

    by: Values

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(lambda x, s: (x * s).astype(x.dtype), xs, self.by)


@dataclasses.dataclass(frozen=True)
class AdditiveCategory(LinearArrows, Concrete):
    """Euclidean spaces and additive functions; see the module.

    Operations on objects raise `NotAdditive` at an object with a discrete wire.

    Example:
        >>> X = R(2)
        >>> print(*AddFn.inject_second(R(), X)([1.0, 2.0]), AddFn.merge(X)([1.0, 2.0], [10.0, 20.0]))
        0.0 [1. 2.] [11. 22.]
        >>> double = AddFn.id(X) + AddFn.id(X)
        >>> print(AddFn.matrix(double))
        [[2. 0.]
         [0. 2.]]
    """

    def __str__(self) -> str:
        return "AddFn"

    @property
    def unit(self) -> Ob:
        return unit

    @property
    def turned(self) -> bool:
        return False

    @door
    def id(self, x: Ob, /) -> AdditiveMap:
        return _additive_map(_euclidean(x), x, ())

    def _then(self, f: AdditiveMap, g: AdditiveMap, /) -> AdditiveMap:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[AdditiveMap, ...], /) -> AdditiveMap:
        return _additive_map(arrows[0].dom, arrows[-1].cod, tuple(factor for f in arrows for factor in f.path))

    def _tensor(self, f: AdditiveMap, g: AdditiveMap, /) -> AdditiveMap:
        return _additive_map(f.dom @ g.dom, f.cod @ g.cod, beside(len(f.dom), f.path, len(g.dom), g.path))

    def _pair(self, f: AdditiveMap, g: AdditiveMap, /) -> AdditiveMap:
        if _is_line(f.dom):
            return _ray(f.dom, f.cod @ g.cod, _at_one(f) + _at_one(g))
        return AdditiveMap(f.dom, f.cod @ g.cod, (Fork(f.path, g.path),))

    def _add(self, f: AdditiveMap, g: AdditiveMap, /) -> AdditiveMap:
        if _is_line(f.dom):
            return _ray(f.dom, f.cod, jax.tree.map(jnp.add, _at_one(f), _at_one(g)))
        return AdditiveMap(f.dom, f.cod, (Sum(f.path, g.path),))

    @door
    def swap(self, x: Ob, y: Ob, /) -> AdditiveMap:
        return _additive_map(_euclidean(x @ y), y @ x, (Swap(len(x)),))

    @door
    def copy(self, x: Ob, /) -> AdditiveMap:
        return _additive_map(_euclidean(x), x @ x, (Copy(),))

    @door
    def discard(self, x: Ob, /) -> AdditiveMap:
        return _additive_map(_euclidean(x), unit, (Discard(),))

    @door
    def merge(self, x: Ob, /) -> AdditiveMap:
        return _additive_map(_euclidean(x) @ x, x, (Merge(),))

    @door
    def create(self, x: Ob, /) -> AdditiveMap:
        return _additive_map(unit, _euclidean(x), (Zero(x),))

    @door
    def zero(self, x: Ob, y: Ob, /) -> AdditiveMap:
        return _additive_map(_euclidean(x), _euclidean(y), (Zero(y),))

    @door
    def pick(self, x: Ob, wires: tuple[int, ...], /) -> AdditiveMap:
        return _additive_map(_euclidean(x), _chosen(x, wires), (Pick(tuple(wires)),))

    @door
    def place(self, x: Ob, wires: tuple[int, ...], /) -> AdditiveMap:
        return _additive_map(_chosen(_euclidean(x), wires), x, (Place(x, tuple(wires)),))

    @door
    def scale(self, x: Ob, by: Values, /) -> AdditiveMap:
        return _ray(x, x, tuple(by)) if _is_line(x) else AdditiveMap(_euclidean(x), x, (Scale(tuple(by)),))

    @door
    def vector(self, x: Ob, /, *values: Any) -> AdditiveMap:
        """The arrow ``R() → x`` that has these values at one.

        Raises:
            WrongValue: a value is not an element of its wire.

        Example:
            >>> v = AddFn.vector(R(2), [1.0, 3.0])
            >>> print(v, v(2.0))
            AdditiveMap : R() -> R(2) [2. 6.]
        """
        return _ray(R(), _euclidean(x), x.elements(values))

    def lift(self, f: Any, /) -> AdditiveMap:
        """A linear map, as the function that it is."""
        return _additive_map(f.dom, f.cod, f.path)

    def matrix(self, f: AdditiveMap, /) -> Any:
        """The matrix of an additive function, which is applied to each basis vector."""
        start, unravel = ravel_pytree(tuple(w.zeros() for w in f.dom.wires))
        return jax.vmap(lambda e: ravel_pytree(run(f.path, unravel(e)))[0])(jnp.eye(start.size, dtype=start.dtype)).T

    def apply(self, f: AdditiveMap, xs: Values, /) -> Values:
        return run(f.path, xs)

    def arrow(self, dom: Ob, cod: Ob, function: Callable[[Values], Values], /) -> AdditiveMap:
        """The arrow that an additive function on tuples of values is; a callable pytree keeps its leaves."""
        return _additive_map(dom, cod, (as_leaves(function),))

    def seal(self, f: AdditiveMap, /) -> AdditiveMap:
        """The same map as one opaque factor."""
        return AdditiveMap(f.dom, f.cod, (Sealed(f.path),))

    def _close(self, f: AdditiveMap, g: AdditiveMap, tol: float | None, /) -> bool:
        return self.difference(f, g) <= (default_tolerance() if tol is None else tol)

    def difference(self, f: AdditiveMap, g: AdditiveMap, /, *, samples: int = 3, seed: int = 0) -> float:
        """The largest difference of two parallel maps on random points, relative to the size of their values."""
        at = lambda h: lambda xs: run(h.path, xs)
        return largest_difference(at(f), at(g), f.dom, samples=samples, seed=seed)


AddFn = AdditiveCategory()


def _additive_map(dom: Ob, cod: Ob, path: tuple[Factor, ...]) -> AdditiveMap:
    """The arrow of a path; out of the line, the vector that the path gives at one."""
    made = AdditiveMap(dom, cod, path)
    return _ray(dom, cod, _at_one(made)) if _is_line(dom) else made


def _ray(dom: Ob, cod: Ob, values: Values) -> AdditiveMap:
    return AdditiveMap(dom, cod, (Ray(values),))


def _at_one(f: AdditiveMap) -> Values:
    """The values at one of an additive function out of the line."""
    match f.path:
        case (Ray(values=values), *rest):
            return run(tuple(rest), values)
        case path:
            return run(path, (jnp.ones((), f.dom.avals()[0].dtype),))


def _is_line(x: Ob) -> bool:
    return len(x) == 1 and isinstance(x.wires[0], Euclidean) and x.wires[0].shape == ()


def _euclidean(x: Ob) -> Ob:
    if not x.euclidean:
        raise NotAdditive(x, "have an additive map")
    return x


def _chosen(x: Ob, wires: tuple[int, ...]) -> Ob:
    return Ob(tuple(x.wires[i] for i in wires))
