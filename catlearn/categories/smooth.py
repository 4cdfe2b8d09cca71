r"""Smooth maps: JAX functions as arrows between spaces.

Definition:
    An arrow ``f : X → Y`` of `Smooth` is a JAX-traceable function from values of `X` to values of `Y`. The tensor
    is the product. On Euclidean wires it is a reverse derivative category,

    .. math:: D[f](x, v) = J_f(x)\, v, \qquad R[f](x, w) = J_f(x)^{\top} w,

    computed by `jax.jvp` and `jax.vjp`.

Discrete wires (finite sets, keys, integers) are allowed too; their tangent is `unit`, so
``R[f] : A ⊗ T(B) → T(A)`` and ``D[f] : A ⊗ T(A) → T(B)`` in general.

References:
    Cockett et al. (1910.07065), Example 14; Cruttwell et al. (2103.01931), Section 2.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..objects import Ob, bare, unit
from ..objects.compare import default_tolerance, largest_difference, sample
from ..objects.function import as_leaves, codomain
from ..theory import Arrow, ConcreteReverseDifferential, Data, Iterative, door
from ..theory.errors import NoForwardDerivative, NotAdditive
from .path import Copy, Discard, Factor, Function, Pick, Sealed, Swap, Values, beside, run


class SmoothMap(Arrow):
    """A smooth map ``dom → cod``: a flat path of factors, each a function on tuples of values.

    Call it on one argument a wire; outside a trace the arguments are checked.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    path: tuple[Factor, ...]

    @property
    def category(self) -> "SmoothCategory":
        return Smooth

    @door
    def __call__(self, *values: Any) -> Any:
        """The value at a point, one argument a wire.

        Raises:
            WrongValue: an argument is not an element of its wire.
        """
        return bare(run(self.path, self.dom.elements(values)))


class HandReversed(Data):
    """A user's function with a backward pass of its own. What the function holds gets no covector."""

    forward: Function
    backward: Function
    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        @jax.custom_vjp
        def call(f: Function, back: Function, xs: Values) -> Values:
            return f(xs)

        def forward(f: Function, back: Function, xs: Values) -> Any:
            return f(xs), (back, xs)

        def backward(residual: Any, dys: Values) -> Any:
            back, xs = residual
            still = tuple(jax.tree.map(lambda _: None, rest) for rest in self.dom.split(xs)[1])
            return None, None, self.dom.join(back(xs + self.cod.split(dys)[0]), still)

        call.defvjp(forward, backward)
        return call(self.forward, self.backward, xs)


class Point(Data):
    """Fixed values, whatever comes in."""

    values: Values

    def __call__(self, xs: Values) -> Values:
        return self.values


class Sum(Data):
    """The sum of two paths on the same values."""

    f: tuple[Factor, ...]
    g: tuple[Factor, ...]

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(jnp.add, run(self.f, xs), run(self.g, xs))


class Zero(Data):
    """The zero of an object."""

    ob: Ob = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return tuple(w.zeros() for w in self.ob.wires)


class Pullback(Data):
    """``(a, w) ↦ J(a)ᵀ w``."""

    f: SmoothMap

    def __call__(self, xs: Values) -> Values:
        n = len(self.f.dom)
        _, back = pull(self.f, xs[:n])
        return back(xs[n:])


class Pushforward(Data):
    """``(a, v) ↦ J(a) v``."""

    f: SmoothMap

    def __call__(self, xs: Values) -> Values:
        n, (dom, cod) = len(self.f.dom), (self.f.dom, self.f.cod)
        moving, rest = dom.split(xs[:n])
        _, dys = jax.jvp(lambda *m: cod.split(run(self.f.path, dom.join(m, rest)))[0], moving, xs[n:])
        return dys


class Iterate(Data):
    """A path from an object to itself, run `n` times as one loop."""

    path: tuple[Factor, ...]
    n: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return jax.lax.scan(lambda x, _: (run(self.path, x), None), xs, length=self.n)[0]


class Fold(Data):
    """A path ``P ⊗ X → X``, run once for each of `n` stacked parameters, as one loop."""

    path: tuple[Factor, ...]
    parameters: int = eqx.field(static=True)
    n: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        stack, x = xs[: self.parameters], xs[self.parameters :]
        return jax.lax.scan(lambda x, p: (run(self.path, p + x), None), x, stack, length=self.n)[0]


class Stack(Data):
    """`n` values, stacked along a new first axis of each wire."""

    n: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        width = len(xs) // self.n
        values = [xs[i * width : (i + 1) * width] for i in range(self.n)]
        return tuple(jax.tree.map(lambda *column: jnp.stack(column), *wire) for wire in zip(*values, strict=True))


class Mapped(Data):
    """A path on a batch of `n`: the first `shared` values are common to all, the others have a leading batch axis.

    Random keys among the common values are split, so that each element of the batch draws its own.
    """

    path: tuple[Factor, ...]
    shared: int = eqx.field(static=True)
    n: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        common, each = xs[: self.shared], xs[self.shared :]
        common = jax.tree.map(lambda x: _split(x, self.n) if _is_key(x) else x, common)
        axes = jax.tree.map(lambda x: 0 if _is_key(x) else None, common)
        each_run = lambda common, each: run(self.path, common + each)
        return jax.vmap(each_run, in_axes=(axes, 0), axis_size=self.n)(common, each)


def _is_key(x: Any) -> bool:
    return isinstance(x, jax.Array) and jnp.issubdtype(x.dtype, jax.dtypes.prng_key)


def _split(keys: Any, n: int) -> Any:
    """The keys, each split into `n`, along a new first axis."""
    split = lambda key: jax.random.split(key, n)
    for _ in keys.shape:
        split = jax.vmap(split, out_axes=1)
    return split(keys)


def pull(f: SmoothMap, xs: Values, moves: tuple[bool, ...] | None = None) -> tuple[Values, Callable[[Values], Values]]:
    """The values of `f`, and the way back: covectors at the codomain to covectors at the domain.

    This is `jax.vjp` on the Euclidean part of the wires, or on those wires alone that `moves` marks; the way
    back holds the residuals and lives only inside the trace that made it.
    """
    if moves is None and f.dom.euclidean and f.cod.euclidean:
        ys, back = jax.vjp(lambda *xs: run(f.path, xs), *xs)
        return ys, back
    marks = (True,) * len(f.dom) if moves is None else moves
    moving = Ob(tuple(w for w, m in zip(f.dom.wires, marks, strict=True) if m))
    start, rest = moving.split(tuple(x for x, m in zip(xs, marks, strict=True) if m))

    def forward(*start: Any) -> tuple[Values, Values]:
        moved = iter(moving.join(start, rest))
        return f.cod.split(run(f.path, tuple(next(moved) if m else x for x, m in zip(xs, marks, strict=True))))

    dys, back, still = jax.vjp(forward, *start, has_aux=True)
    return f.cod.join(dys, still), back


@dataclasses.dataclass(frozen=True)
class SmoothCategory(ConcreteReverseDifferential, Iterative):
    """Spaces and smooth maps; see the module."""

    def __str__(self) -> str:
        return "Smooth"

    @property
    def unit(self) -> Ob:
        return unit

    def id(self, x: Ob, /) -> SmoothMap:
        return SmoothMap(x, x, ())

    def _then(self, f: SmoothMap, g: SmoothMap, /) -> SmoothMap:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[SmoothMap, ...], /) -> SmoothMap:
        path = tuple(factor for f in arrows for factor in f.path)
        return SmoothMap(arrows[0].dom, arrows[-1].cod, path)

    def _power(self, f: SmoothMap, n: int, /) -> SmoothMap:
        return SmoothMap(f.dom, f.cod, (Iterate(f.path, n),) if n else ())

    def _tensor(self, f: SmoothMap, g: SmoothMap, /) -> SmoothMap:
        return SmoothMap(f.dom @ g.dom, f.cod @ g.cod, beside(len(f.dom), f.path, len(g.dom), g.path))

    def swap(self, x: Ob, y: Ob, /) -> SmoothMap:
        return SmoothMap(x @ y, y @ x, (Swap(len(x)),))

    def copy(self, x: Ob, /) -> SmoothMap:
        return SmoothMap(x, x @ x, (Copy(),))

    def discard(self, x: Ob, /) -> SmoothMap:
        return SmoothMap(x, unit, (Discard(),))

    @door
    def zero(self, x: Ob, y: Ob, /) -> SmoothMap:
        """The zero arrow.

        Raises:
            NotAdditive: `y` has a discrete wire.
        """
        return SmoothMap(x, _additive(y, "take the zero arrow"), (Zero(y),))

    def _add(self, f: SmoothMap, g: SmoothMap, /) -> SmoothMap:
        return SmoothMap(f.dom, _additive(f.cod, "add arrows"), (Sum(f.path, g.path),))

    def tangent(self, x: Ob, /) -> Ob:
        return x.tangent

    @door
    def D(self, f: Any, /) -> SmoothMap:
        """The forward derivative ``A ⊗ T(A) → T(B)``.

        Raises:
            NoForwardDerivative: `f` has a backward pass written by hand inside.
        """
        self._own(f)
        if any(_is_hand(node) for node in jax.tree.leaves(f.path, is_leaf=_has_way_back)):
            raise NoForwardDerivative(f)
        return SmoothMap(f.dom @ f.dom.tangent, f.cod.tangent, (Pushforward(f),))

    @door
    def R(self, f: Any, /) -> SmoothMap:
        self._own(f)
        return SmoothMap(f.dom @ f.cod.tangent, f.dom.tangent, (Pullback(f),))

    def pull(
        self, f: SmoothMap, xs: Values, moves: tuple[bool, ...] | None = None, /
    ) -> tuple[Values, Callable[[Values], Values]]:
        """The values of `f` and its way back, to all wires or to those that `moves` marks; see the function `pull`."""
        return pull(f, xs, moves)

    def apply(self, f: SmoothMap, xs: Values, /) -> Values:
        return run(f.path, xs)

    def arrow(self, dom: Ob, cod: Ob, function: Callable[[Values], Values], /) -> SmoothMap:
        """The smooth map that a function on tuples of values is; a callable pytree keeps its leaves."""
        return SmoothMap(dom, cod, (as_leaves(function),))

    def seal(self, f: SmoothMap, /) -> SmoothMap:
        """The same map as one opaque factor."""
        return SmoothMap(f.dom, f.cod, (Sealed(f.path),))

    @door
    def point(self, x: Ob, /, *values: Any) -> SmoothMap:
        """The arrow ``unit → x`` with these values.

        Example:
            >>> from catlearn.objects import R
            >>> print((Smooth.point(R(), 2.0) >> smooth(jnp.square, R()))())
            4.0
        """
        return SmoothMap(unit, x, (Point(x.elements(values)),))

    def pick(self, x: Ob, wires: tuple[int, ...], /) -> SmoothMap:
        return SmoothMap(x, Ob(tuple(x.wires[i] for i in wires)), (Pick(tuple(wires)),))

    def stack(self, x: Ob, n: int, /) -> Ob:
        return x.stacked(n)

    def stacking(self, x: Ob, n: int, /) -> SmoothMap:
        return SmoothMap(Ob(x.wires * n), x.stacked(n), (Stack(n) if n else Zero(x.stacked(0)),))

    def fold(self, f: SmoothMap, parameter: Ob, n: int, /) -> SmoothMap:
        """For ``f : P ⊗ X → X``, the loop ``P^n ⊗ X → X``, by `jax.lax.scan`."""
        return SmoothMap(parameter.stacked(n) @ f.cod, f.cod, (Fold(f.path, len(parameter), n),))

    def mapped(self, f: SmoothMap, n: int, shared: Ob, /) -> SmoothMap:
        """For ``f : P ⊗ X → Y``, `f` on `n` values at once, ``P ⊗ X^n → Y^n``, by `jax.vmap`; keys in `P` are split."""
        each = f.dom[len(shared) :]
        return SmoothMap(shared @ each.stacked(n), f.cod.stacked(n), (Mapped(f.path, len(shared), n),))

    def _close(self, f: SmoothMap, g: SmoothMap, tol: float | None, /) -> bool:
        return self.difference(f, g) <= (default_tolerance() if tol is None else tol)

    def difference(self, f: SmoothMap, g: SmoothMap, /, *, samples: int = 3, seed: int = 0) -> float:
        """The largest difference of two parallel maps on random points, relative to the size of their values.

        A NaN or infinity counts as equal only to itself; at discrete wires a difference is infinite.
        """
        at = lambda h: lambda xs: run(h.path, xs)
        return largest_difference(at(f), at(g), f.dom, samples=samples, seed=seed)


def _is_hand(node: Any) -> bool:
    return isinstance(node, HandReversed)


def _has_way_back(node: Any) -> bool:
    return isinstance(node, HandReversed | Pullback)


def _additive(x: Ob, doing: str) -> Ob:
    if not x.euclidean:
        raise NotAdditive(x, doing)
    return x


Smooth = SmoothCategory()


@door
def smooth(
    f: Callable[..., Any], dom: Ob, cod: Ob | None = None, *, reverse: Callable[..., Any] | None = None
) -> SmoothMap:
    """The smooth map ``dom → cod`` that a JAX-traceable function is.

    Args:
        f: takes one argument a wire of `dom`. With ``cod=None`` a returned plain tuple means wires and any
            other pytree is one wire; a wire that is itself a tuple needs ``cod=space_of(...)``. A plain function
            must not close over arrays; an `eqx.Module` or a `jax.tree_util.Partial` may hold them.
        dom: the domain.
        cod: the codomain, or None to infer it with `jax.eval_shape`.
        reverse: a backward pass to use instead of the derivative: it takes the inputs, then a covector at each
            Euclidean wire of `cod`, and returns one at each Euclidean wire of `dom`. `compare_reverse` tells
            how far it is from the true one. There is then no forward derivative `D`; `derived_D` makes
            one from the backward pass.

    Raises:
        NotAFunction: `f` does not take one argument a wire.
        ClosesOverArrays: `f` hides arrays in its closure, its defaults or global names.
        WrongCodomain: `f` returns something else than `cod`, or `reverse` something else than covectors of `dom`.

    Example:
        >>> from catlearn.objects import R
        >>> f = smooth(lambda x, y: (x + y, x * y), R() @ R())
        >>> print(f)
        SmoothMap : R() @ R() -> R() @ R()
        >>> print(*Smooth.R(f)(2.0, 3.0, 1.0, 1.0))
        4.0 3.0
    """
    function = as_leaves(f)
    found = codomain(function, dom, cod)
    factor = Function(function, len(found))
    if reverse is None:
        return SmoothMap(dom, found, (factor,))
    back = as_leaves(reverse)
    codomain(back, dom @ found.tangent, dom.tangent)
    return SmoothMap(dom, found, (HandReversed(factor, Function(back, len(dom.tangent)), dom, found),))


@dataclasses.dataclass(frozen=True)
class ReverseComparison:
    """How far a hand-written backward pass is from the derivative: the largest difference, absolute and relative.

    Attributes:
        absolute: the largest difference of two covectors at the sampled points.
        relative: the same, divided by the size of the covectors where that exceeds one.
        agrees: whether `relative` is within rounding.
    """

    absolute: float
    relative: float
    agrees: bool


@door
def compare_reverse(f: SmoothMap, *, samples: int = 8, seed: int = 0) -> ReverseComparison:
    """Compare the hand-written backward passes inside `f` with the derivative that `jax.vjp` finds.

    Example:
        >>> from catlearn.objects import R
        >>> through = smooth(jnp.round, R(3), reverse=lambda x, dy: dy)
        >>> compare_reverse(through).agrees
        False
        >>> compare_reverse(smooth(jnp.sin, R(3), reverse=lambda x, dy: jnp.cos(x) * dy)).agrees
        True
    """
    hand = Smooth.R(f)
    true = jax.tree.map(lambda node: node.forward if _is_hand(node) else node, hand, is_leaf=_is_hand)
    absolute = 0.0
    for i in range(samples):
        xs = sample(hand.dom, jax.random.fold_in(jax.random.key(seed), i))
        gaps = jax.tree.map(lambda a, b: jnp.max(jnp.abs(a - b), initial=0.0), run(hand.path, xs), run(true.path, xs))
        absolute = max([absolute, *map(float, jax.tree.leaves(gaps))])
    relative = Smooth.difference(hand, true, samples=samples, seed=seed)
    return ReverseComparison(absolute, relative, relative <= default_tolerance())
