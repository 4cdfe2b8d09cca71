r"""Intervals: what a program can give, if its inputs are known up to bounds.

Definition:
    An arrow ``F : X → Y`` of `Intervals` maps an interval at each wire of `X` to one at each wire of `Y`. A smooth map has an
    *enclosure* there, `Enclose`, the interpretation of its program, which keeps identities, composites and wires, and

    .. math:: x \in X \;\Rightarrow\; f(x) \in \mathrm{Enclose}(f)(X).

    Each primitive is enclosed with outward rounding. Where a value is no number (a logarithm of a negative one), nothing is said;
    integers are taken as they are stored, so that one that may overflow may be anything.

A value that is used twice is enclosed as if the two were independent: ``x * x`` on ``[-1, 1]`` is ``[-1, 1]``, and ``x ** 2`` is
``[0, 1]``. The functor keeps composites of programs, and two programs for one function may have different enclosures.

References:
    Moore, Kearfott, Cloud, *Introduction to Interval Analysis* (2009), for the fundamental theorem of interval arithmetic.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories.path import Copy, Discard, Factor, Pick, Sealed, Swap, Values, beside, run
from ..constructions.graph import Box
from ..objects import Ob, bare, unit
from ..objects.compare import default_tolerance, distance, sample
from ..objects.function import as_leaves
from ..objects.wires import is_concrete
from ..theory import Arrow, Cartesian, Concrete, Data, Functor, door
from ..theory.errors import WrongValue
from .meaning import interpret, register
from .operation import Operation
from .rounding import Interval, hull, is_interval, point
from .trace import trace


class IntervalMap(Arrow):
    """An arrow of `Intervals`: a flat path of factors, each a function on tuples of intervals.

    Call it on one argument a wire, an interval or a value; a wire that is a pytree takes one with intervals for leaves.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    path: tuple[Factor, ...]

    @property
    def category(self) -> "IntervalCategory":
        return Intervals

    @door
    def __call__(self, *values: Any) -> Any:
        """The enclosures of the results, one a wire.

        Raises:
            WrongValue: an end is not an element of its wire, or the lower end lies above the upper one.
        """
        as_intervals = tuple(jax.tree.map(_interval, value, is_leaf=is_interval) for value in values)
        lowers = self.dom.elements(_ends("lower", as_intervals))
        uppers = self.dom.elements(_ends("upper", as_intervals))
        for i, (low, high) in enumerate(zip(jax.tree.leaves(lowers), jax.tree.leaves(uppers), strict=True)):
            if is_concrete((low, high)) and not _is_key(low) and not bool(jnp.all(low <= high)):
                expected, given = "lower ends below upper ends", f"[{low}, {high}]"
                raise WrongValue(self.dom, f"array {i}", expected, given, "Exchange the two.")
        return bare(run(self.path, jax.tree.map(Interval, lowers, uppers)))


def _interval(x: Any) -> Interval:
    return x if is_interval(x) else point(x)


def _ends(name: str, intervals: Values) -> Values:
    return jax.tree.map(lambda x: getattr(x, name), intervals, is_leaf=is_interval)


def _is_key(x: Any) -> bool:
    return bool(jnp.issubdtype(x.dtype, jax.dtypes.prng_key))


class Hull(Data):
    """What two paths give on the same intervals, in one interval."""

    f: tuple[Factor, ...]
    g: tuple[Factor, ...]

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(hull, run(self.f, xs), run(self.g, xs), is_leaf=is_interval)


class Enclosure(Data):
    """The rule of a primitive, as a factor."""

    rule: Callable[..., Any] = eqx.field(static=True)
    operation: Operation = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        ys = self.rule(self.operation, *xs)
        return (ys,) if is_interval(ys) else tuple(ys)

    @property
    def __name__(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] - the name in pictures
        return self.operation.primitive.name


@dataclasses.dataclass(frozen=True)
class IntervalCategory(Cartesian, Concrete):
    """Spaces and functions on intervals; see the module.

    Example:
        >>> from catlearn import R, smooth
        >>> f = Enclose(smooth(lambda x: x**2 - 1.0, R()))
        >>> bool(f(Interval(-1.0, 2.0)).contains(-1.0)), bool(f(Interval(-1.0, 2.0)).contains(3.5))
        (True, False)
    """

    def __str__(self) -> str:
        return "Intervals"

    @property
    def unit(self) -> Ob:
        return unit

    def id(self, x: Ob, /) -> IntervalMap:
        return IntervalMap(x, x, ())

    def _then(self, f: IntervalMap, g: IntervalMap, /) -> IntervalMap:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[IntervalMap, ...], /) -> IntervalMap:
        return IntervalMap(arrows[0].dom, arrows[-1].cod, tuple(factor for f in arrows for factor in f.path))

    def _tensor(self, f: IntervalMap, g: IntervalMap, /) -> IntervalMap:
        return IntervalMap(f.dom @ g.dom, f.cod @ g.cod, beside(len(f.dom), f.path, len(g.dom), g.path))

    def swap(self, x: Ob, y: Ob, /) -> IntervalMap:
        return IntervalMap(x @ y, y @ x, (Swap(len(x)),))

    def copy(self, x: Ob, /) -> IntervalMap:
        return IntervalMap(x, x @ x, (Copy(),))

    def discard(self, x: Ob, /) -> IntervalMap:
        return IntervalMap(x, unit, (Discard(),))

    def pick(self, x: Ob, wires: tuple[int, ...], /) -> IntervalMap:
        return IntervalMap(x, Ob(tuple(x.wires[i] for i in wires)), (Pick(tuple(wires)),))

    def apply(self, f: IntervalMap, xs: Values, /) -> Values:
        return run(f.path, xs)

    def arrow(self, dom: Ob, cod: Ob, function: Callable[[Values], Values], /) -> IntervalMap:
        """The arrow that a function on tuples of intervals is."""
        return IntervalMap(dom, cod, (as_leaves(function),))

    def seal(self, f: IntervalMap, /) -> IntervalMap:
        """The same arrow as one opaque factor."""
        return IntervalMap(f.dom, f.cod, (Sealed(f.path),))

    @door
    def hull(self, f: IntervalMap, g: IntervalMap, /) -> IntervalMap:
        """The arrow that encloses what either of two parallel arrows gives.

        Raises:
            NotParallel: the arrows have different ends.
        """
        self._parallel(f, g, "take the hull of")
        return IntervalMap(f.dom, f.cod, (Hull(f.path, g.path),))

    def _close(self, f: IntervalMap, g: IntervalMap, tol: float | None, /) -> bool:
        keys = jax.random.split(jax.random.key(0), 3)
        gaps = (distance(run(f.path, xs), run(g.path, xs)) for xs in (some(f.dom, key) for key in keys))
        return max(gaps) <= (default_tolerance() if tol is None else tol)


Intervals = IntervalCategory()


def some(x: Ob, key: Any) -> Values:
    """A random interval at each wire: what lies between two random values."""
    one, other = (sample(x, k) for k in jax.random.split(key))
    between = lambda a, b: point(a) if _is_key(a) else Interval(jnp.minimum(a, b), jnp.maximum(a, b))
    return jax.tree.map(between, one, other)


def enclosure(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a rule for primitives in `Intervals`: a function of the operation and one interval an input.

    Example:
        A Bessel function has no rule; its values lie between zero and one.

        >>> from catlearn import R, trace
        >>> @enclosure("bessel_i0e")
        ... def bounded(operation, x):
        ...     return Interval(jnp.zeros_like(x.lower), jnp.ones_like(x.upper))
        >>> f = interpret(trace(jax.lax.bessel_i0e, R()), Intervals)
        >>> print(f(Interval(-3.0, 4.0)))
        [0.0, 1.0]
    """

    def remember(rule: Callable[..., Any]) -> Callable[..., Any]:
        def meaning(category: IntervalCategory, box: Box) -> IntervalMap:
            return IntervalMap(box.dom, box.cod, (Enclosure(rule, box.data),))

        register(IntervalCategory, *names)(meaning)
        return rule

    return remember


@register(IntervalCategory, "constant")
def _constant(category: IntervalCategory, box: Box) -> IntervalMap:
    return IntervalMap(unit, box.cod, (_Point(box.data.value),))


@register(IntervalCategory, "unpack")
def _unpack(category: IntervalCategory, box: Box) -> IntervalMap:
    return IntervalMap(box.dom, box.cod, (_Unpack(),))


@register(IntervalCategory, "pack")
def _pack(category: IntervalCategory, box: Box) -> IntervalMap:
    return IntervalMap(box.dom, box.cod, (_Pack(jax.tree.structure(box.cod.avals()[0])),))


class _Point(Data):
    value: Any

    def __call__(self, xs: Values) -> Values:
        value = self.value if isinstance(self.value, jax.Array) else jnp.asarray(self.value)
        return (point(value),)


class _Unpack(Data):
    def __call__(self, xs: Values) -> Values:
        return tuple(jax.tree.leaves(xs[0], is_leaf=is_interval))


class _Pack(Data):
    structure: Any = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return (jax.tree.unflatten(self.structure, xs),)


@dataclasses.dataclass(frozen=True)
class Enclosing(Functor):
    """The functor from programs in `Smooth` to `Intervals`; see the module.

    Laws:
        ``Enclose(f ; g) = Enclose(f) ; Enclose(g)``, ``Enclose(f ⊗ g) = Enclose(f) ⊗ Enclose(g)``.
    """

    def __str__(self) -> str:
        return "Enclose"

    def ob(self, x: Any, /) -> Any:
        """The same space."""
        return x

    def arrow(self, f: Any, /) -> IntervalMap:
        """The enclosure of a smooth map."""
        return interpret(trace(f), Intervals)


Enclose = Enclosing()
