r"""Steps of generalised differentiation: values together with derivatives, which are arrows of a category of linear arrows.

Definition:
    A *stage* is a function from a point to a value and an arrow of `k`. A linear map has one derivative everywhere,
    a bilinear one has ``[B(–, b), B(a, –)]`` at ``(a, b)``, a function of single numbers scales by its slopes, and any other smooth map is
    differentiated by JAX as one piece and brought to `k` by ``k.lift``.

References:
    Elliott (1804.00746): ``linearD`` and the rules for primitives.
"""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import SmoothMap
from ..categories.linear import LinearMap, MatrixFree, Nought
from ..categories.path import Factor, Values, run
from ..categories.smooth import pull
from ..objects import Ob
from ..theory import Data


def linearise(f: SmoothMap, xs: Values, *, turned: bool) -> tuple[Values, LinearMap]:
    """The value of a smooth map at a point, and its derivative there as a linear map.

    Args:
        f: the map.
        xs: the point.
        turned: whether the derivative will be run as its transpose. Then it is found by `jax.vjp`, else by
            `jax.linearize`; either can be run both ways, at the cost of one more transposition.
    """
    A, B = f.dom.tangent, f.cod.tangent
    if not len(A) or not len(B):
        return run(f.path, xs), LinearMap(A, B, (Nought(A, B),))
    if turned:
        ys, back = pull(f, xs)
        return ys, LinearMap(A, B, (MatrixFree(B, A, back, False),))
    moving, rest = f.dom.split(xs)
    forward = lambda *moving: f.cod.split(run(f.path, f.dom.join(moving, rest)))
    dys, push, still = jax.linearize(forward, *moving, has_aux=True)
    return f.cod.join(dys, still), LinearMap(A, B, (MatrixFree(A, B, lambda dxs: push(*dxs), True),))


class Stage(Data):
    """One step of an arrow of ``D(k)``: from values to values and an arrow of `k`."""

    @abc.abstractmethod
    def __call__(self, xs: Values) -> tuple[Values, Any]:
        """The values, and the derivative there."""


def run_stages(f: Any, xs: Values) -> tuple[Values, Any]:
    """The values at a point, and the derivative there: each stage is run once, and the derivatives compose."""
    derivatives = []
    for stage in f.stages:
        xs, derivative = stage(xs)
        derivatives.append(derivative)
    return xs, f.base._chain(tuple(derivatives)) if derivatives else f.base.id(f.base.tangent(f.dom))


class Constant(Stage):
    """``a ↦ (f(a), f')``: a linear map, whose derivative is the same everywhere."""

    path: tuple[Factor, ...]
    derivative: Any

    def __call__(self, xs: Values) -> tuple[Values, Any]:
        return run(self.path, xs), self.derivative


class Primitive(Stage):
    """A smooth map, differentiated as one piece."""

    f: SmoothMap
    base: Any = eqx.field(static=True)

    def __call__(self, xs: Values) -> tuple[Values, Any]:
        ys, derivative = linearise(self.f, xs, turned=self.base.turned)
        return ys, self.base.lift(derivative)


class Rule(Stage):
    """A stage whose derivative is known in closed form."""

    @abc.abstractmethod
    def value(self, xs: Values) -> Values:
        """The values alone."""


class Bilinear(Rule):
    """``(a, b) ↦ (B(a, b), [B(–, b), B(a, –)])``."""

    f: SmoothMap
    n: int = eqx.field(static=True)
    base: Any = eqx.field(static=True)

    def __call__(self, xs: Values) -> tuple[Values, Any]:
        f, n, k = self.f, self.n, self.base
        A, B, path = f.dom[:n], f.dom[n:], f.path
        left = MatrixFree(A, f.cod, lambda das: run(path, das + xs[n:]))
        right = MatrixFree(B, f.cod, lambda dbs: run(path, xs[:n] + dbs))
        slopes = (k.lift(LinearMap(x, f.cod, (part,))) for x, part in ((A, left), (B, right)))
        return self.value(xs), k.copair(*slopes)

    def value(self, xs: Values) -> Values:
        return run(self.f.path, xs)


class Product(Rule):
    """``(a, b) ↦ (a b, [scale(b), scale(a)])``, coordinate by coordinate."""

    ob: Ob = eqx.field(static=True)
    base: Any = eqx.field(static=True)

    def __call__(self, xs: Values) -> tuple[Values, Any]:
        n, k = len(self.ob), self.base
        by_left, by_right = k.scale(self.ob, xs[n:]), k.scale(self.ob, xs[:n])
        return self.value(xs), k.copair(by_left, by_right)

    def value(self, xs: Values) -> Values:
        n = len(self.ob)
        return jax.tree.map(jnp.multiply, xs[:n], xs[n:])


class Elementwise(Rule):
    """``a ↦ (b, scale(s))``, where `rule` gives value and slope of each array together."""

    rule: Callable[[Any], tuple[Any, Any]]
    ob: Ob = eqx.field(static=True)
    base: Any = eqx.field(static=True)

    def __call__(self, xs: Values) -> tuple[Values, Any]:
        leaves, structure = jax.tree.flatten(xs)
        found = [self.rule(x) for x in leaves]
        ys, slopes = (jax.tree.unflatten(structure, part) for part in zip(*found, strict=True))
        return ys, self.base.scale(self.ob, slopes)

    def value(self, xs: Values) -> Values:
        return jax.tree.map(lambda x: self.rule(x)[0], xs)


class Beside(Stage):
    """Arrows side by side, kept flat."""

    strands: tuple[Any, ...]

    def __call__(self, xs: Values) -> tuple[Values, Any]:
        ys, derivatives, i = (), [], 0
        for f in self.strands:
            y, derivative = run_stages(f, xs[i : i + len(f.dom)])
            ys, i = ys + y, i + len(f.dom)
            derivatives.append(derivative)
        return ys, derivatives[0].category.tensor(*derivatives)


class ValueOf(Data):
    """The values of a rule, as a function."""

    rule: Rule

    def __call__(self, xs: Values) -> Values:
        return self.rule.value(xs)


class Opaque(Stage):
    """An arrow as one stage."""

    f: Any

    def __call__(self, xs: Values) -> tuple[Values, Any]:
        return run_stages(self.f, xs)
