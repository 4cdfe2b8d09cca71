r"""D(k): a function with its derivative, as a linear arrow of any kind.

Definition:
    For a category `k` of linear arrows, an arrow ``f : X → Y`` of ``D(k)`` gives for each point of `X` a value and an arrow of `k`
    from directions at the one to directions at the other. With ``(b, f') = f(a)`` and ``(c, g') = g(b)``,

    .. math:: (f ; g)(a) = (c,\; f' ; g'), \qquad (f \otimes g)(a, x) = ((b, y),\; f' \otimes g'),

    and a linear `f` with its counterpart `f'` in `k` is ``a ↦ (f(a), f')``. All else follows: that smooth maps keep composites,
    products and copies there is the chain rule.

What `k` is decides what is computed: functions make forward mode, `Dual` makes reverse mode, matrices make Jacobians. Values and
derivatives are found together, each primitive once; `f'` holds what it needs, and lives inside the trace that made it.

References:
    Elliott (1804.00746), Theorems 1, 2 and 3 with their corollaries.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from ..categories import Smooth, SmoothMap
from ..categories.additive import Merge, Zero
from ..categories.linear import LinearMap, dimension
from ..categories.path import Copy, Discard, Factor, Pick, Swap, Values
from ..objects import Ob, R, bare, unit
from ..objects.function import as_leaves
from ..theory import Arrow, CartesianLeftAdditive, Concrete, Data, Functor, LinearArrows, door
from ..theory.errors import WrongCategory, WrongObject
from .gad_stage import (
    Beside,
    Bilinear,
    Constant,
    Elementwise,
    Opaque,
    Primitive,
    Product,
    Rule,
    Stage,
    ValueOf,
    run_stages,
)


class DMap(Arrow):
    """A function with its derivative, an arrow of ``D(k)``: a flat path of stages.

    Call it on one argument a wire: it gives the value, and the derivative there, an arrow of `k`.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    stages: tuple[Stage, ...]

    @property
    def category(self) -> "D":
        return D(self.base)

    @door
    def __call__(self, *values: Any) -> tuple[Any, Any]:
        """The value at a point and the derivative there, one argument a wire.

        Raises:
            WrongValue: an argument is not an element of its wire.
        """
        ys, derivative = run_stages(self, self.dom.elements(values))
        return bare(ys), derivative


@dataclasses.dataclass(frozen=True)
class D(CartesianLeftAdditive, Concrete):
    """Generalised automatic differentiation over a category `k` of linear arrows; see the module.

    It is cartesian and left additive. `merge`, `create` and the injections are there too, but not natural: sums of points are kept by
    linear maps alone.

    Example:
        >>> from catlearn import R
        >>> from catlearn.categories import AddFn
        >>> from catlearn.constructions import Dual
        >>> C = D(Dual(AddFn))
        >>> square = C.copy(R()) >> C.multiply(R())
        >>> value, derivative = (square >> square)(2.0)
        >>> print(value, derivative.arrow(1.0))
        16.0 32.0
    """

    base: Any

    def __post_init__(self):
        if not isinstance(self.base, LinearArrows) and not hasattr(self.base, "stage"):
            raise WrongCategory(f"D(k) needs a category of linear arrows, such as AddFn, but got {self.base}.")

    def __str__(self) -> str:
        return f"D({self.base})"

    @property
    def unit(self) -> Ob:
        return unit

    def _map(self, dom: Ob, cod: Ob, *stages: Stage) -> DMap:
        return DMap(dom, cod, self.base, stages)

    def constant(self, dom: Ob, cod: Ob, function: Factor, derivative: Any, /) -> DMap:
        """A linear function on tuples of values with its counterpart in `k`: ``linearD``."""
        return self._map(dom, cod, Constant((function,), derivative))

    def _rule(self, dom: Ob, cod: Ob, rule: Rule) -> DMap:
        """A map with a known derivative; over a `k` that is not one of linear arrows, what `k` makes of the map."""
        if isinstance(self.base, LinearArrows):
            return self._map(dom, cod, rule)
        return self.of(SmoothMap(dom, cod, (ValueOf(rule),)))

    def id(self, x: Ob, /) -> DMap:
        return self._map(x, x)

    def _then(self, f: DMap, g: DMap, /) -> DMap:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[DMap, ...], /) -> DMap:
        return self._map(arrows[0].dom, arrows[-1].cod, *(stage for f in arrows for stage in f.stages))

    def _tensor(self, f: DMap, g: DMap, /) -> DMap:
        strands = (*_strands(f), *_strands(g))
        stages = (Beside(strands),) if f.stages or g.stages else ()
        return self._map(f.dom @ g.dom, f.cod @ g.cod, *stages)

    def swap(self, x: Ob, y: Ob, /) -> DMap:
        crossing = self.base.swap(self.base.tangent(x), self.base.tangent(y))
        return self.constant(x @ y, y @ x, Swap(len(x)), crossing)

    def copy(self, x: Ob, /) -> DMap:
        return self.constant(x, x @ x, Copy(), self.base.copy(self.base.tangent(x)))

    def discard(self, x: Ob, /) -> DMap:
        return self.constant(x, unit, Discard(), self.base.discard(self.base.tangent(x)))

    def pick(self, x: Ob, wires: tuple[int, ...], /) -> DMap:
        widths = [len(self.base.tangent(x[i : i + 1])) for i in range(len(x))]
        moving = tuple(sum(widths[:i]) + j for i in wires for j in range(widths[i]))
        picked = self.base.pick(self.base.tangent(x), moving)
        return self.constant(x, Ob(tuple(x.wires[i] for i in wires)), Pick(tuple(wires)), picked)

    @door
    def zero(self, x: Ob, y: Ob, /) -> DMap:
        """The zero arrow.

        Raises:
            NotAdditive: `y` has a discrete wire.
        """
        if not isinstance(self.base, LinearArrows):
            return self.of(Smooth.zero(x, y))
        return self.constant(x, Smooth.zero(x, y).cod, Zero(y), self.base.zero(x.tangent, y))

    def _add(self, f: DMap, g: DMap, /) -> DMap:
        return self.then(self.copy(f.dom), self.tensor(f, g), self.merge(f.cod))

    @door
    def merge(self, x: Ob, /) -> DMap:
        """``x ⊗ x → x``: the sum of two points.

        Raises:
            NotAdditive: `x` has a discrete wire.
        """
        addition = Smooth.add(Smooth.first(x, x), Smooth.second(x, x))
        if not isinstance(self.base, LinearArrows):
            return self.of(addition)
        return self.constant(x @ x, x, Merge(), self.base.merge(x))

    def create(self, x: Ob, /) -> DMap:
        """``unit → x``: the zero of an object."""
        return self.zero(unit, x)

    def inject_first(self, x: Ob, y: Ob, /) -> DMap:
        """The injection ``x → x ⊗ y``: zero at `y`."""
        return self.tensor(self.id(x), self.create(y))

    def inject_second(self, x: Ob, y: Ob, /) -> DMap:
        """The injection ``y → x ⊗ y``: zero at `x`."""
        return self.tensor(self.create(x), self.id(y))

    def copair(self, f: DMap, g: DMap, /) -> DMap:
        """``[f, g] = (f ⊗ g) ; merge``, which has `f` and `g` for its parts where they are linear."""
        return self.then(self.tensor(f, g), self.merge(f.cod))

    @door
    def of(self, f: SmoothMap, /) -> DMap:
        """A smooth map, differentiated as one piece: ``ad(f)``.

        Raises:
            WrongCategory: `f` is no arrow of `Smooth`.

        Example:
            >>> from catlearn import R, smooth
            >>> from catlearn.categories import AddFn
            >>> value, derivative = D(AddFn).of(smooth(lambda x: x**3, R()))(2.0)
            >>> print(value, derivative(1.0))
            8.0 12.0
        """
        Smooth._own(f)
        primitive = Primitive(f, self.base) if isinstance(self.base, LinearArrows) else self.base.stage(f)
        return self._map(f.dom, f.cod, primitive)

    @door
    def linear(self, f: LinearMap, /) -> DMap:
        """A linear map, which is its own derivative (Theorem 3): ``linearD``."""
        if not isinstance(self.base, LinearArrows):
            return self.of(SmoothMap(f.dom, f.cod, f.path))
        return self._map(f.dom, f.cod, Constant(f.path, self.base.lift(f)))

    @door
    def bilinear(self, f: SmoothMap, n: int = 1, /) -> DMap:
        """A smooth map that is linear in its first `n` wires and in the others: products, contractions, convolutions.

        Raises:
            WrongObject: it has no wires left for its second argument, or a discrete wire.

        Example:
            >>> from catlearn import R, smooth
            >>> from catlearn.categories import AddFn
            >>> dot = D(AddFn).bilinear(smooth(jnp.dot, R(2) @ R(2)))
            >>> value, derivative = dot([1.0, 2.0], [3.0, 4.0])
            >>> print(value, derivative([1.0, 0.0], [0.0, 1.0]))
            11.0 5.0
        """
        Smooth._own(f)
        if not 0 < n < len(f.dom) or not (f.dom @ f.cod).euclidean:
            raise WrongObject(f"a bilinear map needs Euclidean wires for both arguments, but got {f} cut after {n}.")
        return self._rule(f.dom, f.cod, Bilinear(f, n, self.base))

    @door
    def elementwise(self, x: Ob, rule: Callable[[Any], tuple[Any, Any]], /) -> DMap:
        """A function of one number at each coordinate; `rule` takes an array and gives values and slopes.

        Raises:
            WrongObject: `x` has a discrete wire.
        """
        if not x.euclidean:
            raise WrongObject(f"an elementwise function needs Euclidean wires, but got {x}.")
        return self._rule(x, x, Elementwise(as_leaves(rule), x, self.base))

    @door
    def multiply(self, x: Ob, /) -> DMap:
        """``x ⊗ x → x``: the product at each coordinate, ``(a, b) ↦ (a b, [scale(b), scale(a)])``."""
        if not x.euclidean:
            raise WrongObject(f"a product needs Euclidean wires, but got {x}.")
        return self._rule(x @ x, x, Product(x, self.base))

    def negate(self, x: Ob, /) -> DMap:
        """``a ↦ (−a, scale(−1))``."""
        return self.elementwise(x, lambda a: (-a, -jnp.ones_like(a)))

    def sin(self, x: Ob, /) -> DMap:
        """``a ↦ (sin a, scale(cos a))``."""
        return self.elementwise(x, lambda a: (jnp.sin(a), jnp.cos(a)))

    def cos(self, x: Ob, /) -> DMap:
        """``a ↦ (cos a, scale(−sin a))``."""
        return self.elementwise(x, lambda a: (jnp.cos(a), -jnp.sin(a)))

    def exp(self, x: Ob, /) -> DMap:
        """``a ↦ let e = exp a in (e, scale e)``."""
        return self.elementwise(x, _exponential)

    def apply(self, f: DMap, xs: Values, /) -> Values:
        return run_stages(f, xs)[0]

    def arrow(self, dom: Ob, cod: Ob, function: Callable[[Values], Values], /) -> DMap:
        """The arrow that a smooth function on tuples of values is; a callable pytree keeps its leaves."""
        return self.of(SmoothMap(dom, cod, (as_leaves(function),)))

    def seal(self, f: DMap, /) -> DMap:
        """The same arrow as one opaque stage."""
        return self._map(f.dom, f.cod, Opaque(f))

    def jacobian(self, f: DMap, xs: Values, /) -> Any:
        """The matrix of the derivative at a point, as `k` finds it: one row a coordinate of the codomain."""
        return self.base.matrix(run_stages(f, xs)[1])

    def _close(self, f: DMap, g: DMap, tol: float | None, /) -> bool:
        values = Smooth.arrow(f.dom, f.cod, Value(f)), Smooth.arrow(f.dom, f.cod, Value(g))
        slopes = Smooth.arrow(f.dom, _table(f), Slope(f)), Smooth.arrow(f.dom, _table(f), Slope(g))
        return Smooth.close(*values, tol=tol) and Smooth.close(*slopes, tol=tol)


def _exponential(a: Any) -> tuple[Any, Any]:
    e = jnp.exp(a)
    return e, e


class Value(Data):
    """The values of an arrow of ``D(k)``, as a function."""

    f: DMap

    def __call__(self, xs: Values) -> Values:
        return run_stages(self.f, xs)[0]


class Slope(Data):
    """The matrix of the derivative of an arrow of ``D(k)``, as a function of the point."""

    f: DMap

    def __call__(self, xs: Values) -> Values:
        return (self.f.category.jacobian(self.f, xs),)


def _table(f: DMap) -> Ob:
    return R(dimension(f.cod.tangent), dimension(f.dom.tangent))


def _strands(f: DMap) -> tuple[DMap, ...]:
    match f.stages:
        case (Beside(strands=strands),):
            return strands
        case _:
            return (f,)


@dataclasses.dataclass(frozen=True)
class Derive(Functor):
    """The functor ``Smooth → D(k)`` that differentiates each map as one piece: ``adf``.

    Laws:
        That it keeps composites is the chain rule (Theorem 1), that it keeps the tensor Theorem 2.
    """

    base: Any

    def __str__(self) -> str:
        return f"Derive({self.base})"

    def ob(self, x: Any, /) -> Any:
        """The same space."""
        return x

    def arrow(self, f: Any, /) -> DMap:
        """The map with its derivative."""
        return D(self.base).of(f)
