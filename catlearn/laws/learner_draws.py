"""Draws of learners, of networks, and of the functors between them.

Definition:
    A drawn learner has any parameter and any three arrows of the base. It is compared with a learner written as three functions
    that compose by the formulas of the definition; the functor from parametric maps with `jax.grad` of the total error.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from hypothesis import strategies as st

from ..constructions import AsLens, Learn, Pair, learner, transport
from ..learn import GradientLearner, NNet, ScalarError, connections, nnet_to_para, quadratic_error
from ..objects.function import as_leaves
from ..theory import Arrow, Functor, Symmetric
from .draw import Draws, Reading, Tape, View
from .literal import LiteralLens, LiteralPara
from .make import of, through
from .reference import NestedMap
from .status import Status

Values = tuple[Any, ...]


class LiteralLearner(Arrow):
    """A learner as its parameter and its three functions."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    parameter: Any = eqx.field(static=True)
    implement: NestedMap
    update: NestedMap
    request: NestedMap

    @property
    def category(self) -> "LiteralLearners":
        return LiteralLearners(self.base)

    @property
    def put(self) -> Any:
        """Update and request, one after the other."""
        both = lambda xs: (*self.update.function(xs), *self.request.function(xs))
        return self.base.arrow(self.update.dom, self.parameter @ self.dom, both)

    @property
    def literal(self) -> "LiteralLearner":
        """The learner, which is literal."""
        return self


@dataclasses.dataclass(frozen=True)
class LiteralLearners(Symmetric):
    """Learners over a reference category, composed by the formulas of the definition."""

    base: Any

    def __str__(self) -> str:
        return f"LiteralLearners({self.base})"

    @property
    def unit(self) -> Any:
        return self.base.unit

    def make(
        self,
        P: Any,
        A: Any,
        B: Any,
        implement: Callable[..., Any],
        update: Callable[..., Any],
        request: Callable[..., Any],
    ) -> LiteralLearner:
        """The learner of three functions of tuples ``p``, ``a`` and, but for the first, ``b``."""
        C, n, m = self.base, len(P), len(P @ A)
        cut = lambda f: lambda xs: f(xs[:n], xs[n:m], xs[m:])
        given = C.arrow(P @ A @ B, P, cut(update)), C.arrow(P @ A @ B, A, cut(request))
        return LiteralLearner(A, B, C, P, C.arrow(P @ A, B, lambda xs: implement(xs[:n], xs[n:])), *given)

    def carry(self, f: Any, /) -> LiteralLearner:
        """A learner, arrow by arrow."""
        three = map(self.base.carry, (f.implement, f.update, f.request))
        return LiteralLearner(f.dom, f.cod, self.base, f.parameter, *three)

    def id(self, x: Any, /) -> LiteralLearner:
        return self.make(self.unit, x, x, lambda p, a: a, lambda p, a, b: (), lambda p, a, b: b)

    def _then(self, f: LiteralLearner, g: LiteralLearner, /) -> LiteralLearner:
        n = len(f.parameter)
        I, U, r, J, V, s = (h.function for h in (f.implement, f.update, f.request, g.implement, g.update, g.request))

        def requested(p: Values, a: Values, c: Values) -> Values:
            return s((*p[n:], *I((*p[:n], *a)), *c))

        return self.make(
            f.parameter @ g.parameter,
            f.dom,
            g.cod,
            lambda p, a: J((*p[n:], *I((*p[:n], *a)))),
            lambda p, a, c: (*U((*p[:n], *a, *requested(p, a, c))), *V((*p[n:], *I((*p[:n], *a)), *c))),
            lambda p, a, c: r((*p[:n], *a, *requested(p, a, c))),
        )

    def _tensor(self, f: LiteralLearner, g: LiteralLearner, /) -> LiteralLearner:
        n, m, k = len(f.parameter), len(f.dom), len(f.cod)

        def both(name: str) -> Callable[..., Values]:
            first, second = getattr(f, name).function, getattr(g, name).function
            return lambda p, a, b=(): (*first((*p[:n], *a[:m], *b[:k])), *second((*p[n:], *a[m:], *b[k:])))

        P, A, B = f.parameter @ g.parameter, f.dom @ g.dom, f.cod @ g.cod
        return self.make(P, A, B, both("implement"), both("update"), both("request"))

    def swap(self, x: Any, y: Any, /) -> LiteralLearner:
        n, m = len(x), len(y)
        cross, back = lambda p, a: (*a[n:], *a[:n]), lambda p, a, b: (*b[m:], *b[:m])
        return self.make(self.unit, x @ y, y @ x, cross, lambda p, a, b: (), back)

    def adapter(self, there: NestedMap, back: NestedMap, /) -> LiteralLearner:
        """A function there, and one from the target to the request."""
        f, g = there.function, back.function
        return self.make(self.unit, there.dom, there.cod, lambda p, a: f(a), lambda p, a, b: (), lambda p, a, b: g(b))

    def reparametrise(self, f: LiteralLearner, bijection: tuple[NestedMap, NestedMap]) -> LiteralLearner:
        """``I(h q, a)``, ``h⁻¹(U(h q, a, b))``, ``r(h q, a, b)``."""
        h, back = (g.function for g in bijection)
        I, U, r = f.implement.function, f.update.function, f.request.function
        return self.make(
            bijection[0].dom,
            f.dom,
            f.cod,
            lambda q, a: I((*h(q), *a)),
            lambda q, a, b: back(U((*h(q), *a, *b))),
            lambda q, a, b: r((*h(q), *a, *b)),
        )


@dataclasses.dataclass(frozen=True)
class LiteralGradient(Functor):
    """The functor from parametric maps to learners: `jax.grad` of the total error."""

    rate: float
    error: ScalarError

    def ob(self, x: Any, /) -> Any:
        """The same object."""
        return x

    def arrow(self, f: LiteralPara, /) -> LiteralLearner:
        """Descent on the total error, and the request that undoes its gradient."""
        P, A, n = f.parameter, f.dom, len(f.parameter)

        def gradient(p: Values, a: Values, b: Values) -> Values:
            each = jnp.vectorize(self.error.e)
            total = lambda *xs: sum(
                (jnp.sum(each(y, t)) for y, t in zip(f.arrow.function(xs), b, strict=True)), jnp.zeros(())
            )
            return jax.grad(total, argnums=tuple(range(n + len(A))))(*p, *a) if p or a else ()

        solve = jnp.vectorize(self.error.inverse)
        return LiteralLearners(f.base).make(
            P,
            A,
            f.cod,
            lambda p, a: f.arrow.function((*p, *a)),
            lambda p, a, b: tuple(x - self.rate * d for x, d in zip(p, gradient(p, a, b)[:n], strict=True)),
            lambda p, a, b: tuple(solve(x, d) for x, d in zip(a, gradient(p, a, b)[n:], strict=True)),
        )


@dataclasses.dataclass(frozen=True)
class LiteralAsLens(Functor):
    """A learner as the parametric lens ``(I, ⟨U, r⟩)``."""

    def ob(self, x: Any, /) -> Pair:
        """``A ↦ (A, A)``."""
        return Pair(x, x)

    def arrow(self, f: LiteralLearner, /) -> LiteralPara:
        """The implementation forward, update and request back."""
        P, A, B = map(self.ob, (f.parameter, f.dom, f.cod))
        lens = LiteralLens(P @ A, B, f.base, f.implement, f.put)
        return LiteralPara(A, B, lens.category, P, lens)


WORDS = types.SimpleNamespace(learner=learner, reparametrise=lambda f, bijection: transport(f, *bijection))
"""What laws of learners speak of besides the category."""


def learn(base: Draws, *, name: str | None = None, declared: Mapping[str, Status] | None = None) -> Draws:
    """Draws of the learners over a cartesian category: any parameter, any three arrows."""
    category = Learn(base.category)

    def build(tape: Tape, dom: Any, cod: Any) -> Any:
        P = tape.ob(base)
        arrow = lambda x, y: base.build(tape, x, y)
        return learner(P, arrow(P @ dom, cod), arrow(P @ dom @ cod, P), arrow(P @ dom @ cod, dom))

    def views(f: Any) -> tuple[View, ...]:
        return View("implement", f.implement), View("put", f.put)

    plain, again = base.readings[0], [reading for reading in base.readings if reading.reference]
    readings = [Reading(plain.name, category, lambda f: f, WORDS, base=plain, flat=plain.flat)]
    for under in again:
        literal = LiteralLearners(under.category)
        readings.append(Reading(under.name, literal, literal.carry, literal, base=under, reference=True))
    return dataclasses.replace(
        base,
        name=str(category) if name is None else name,
        category=category,
        theory=Learn,
        build=build,
        exact=Learn,
        views=None if base.views is None else views,
        readings=tuple(readings),
        declared=dict(declared or {}),
        base=base,
        given={},
    )


def _product(x: Any, y: Any) -> Any:
    return -x * y


def _opposite(x: Any, z: Any) -> Any:
    return -z


def _hyperbolic(x: Any, y: Any) -> Any:
    return x**3 / 3 - x * jnp.sinh(y)


def _area_sine(x: Any, z: Any) -> Any:
    return jnp.arcsinh(x * x - z)


ERRORS = {
    "quadratic": quadratic_error,
    "product": ScalarError(as_leaves(_product), as_leaves(_opposite)),
    "hyperbolic": ScalarError(as_leaves(_hyperbolic), as_leaves(_area_sine)),
}
"""Three errors of the theorem, ``(x - y)² / 2``, ``-x y`` and ``x³ / 3 - x sinh y``."""


def as_lens(source: Draws, target: Draws) -> Draws:
    """Draws for the laws of the functor from learners to parametric lenses."""
    return through(AsLens, source, target, reference=LiteralAsLens(), name="AsLens")


def gradient(error: str, source: Draws, target: Draws, *, compared: bool = False) -> Draws:
    """Draws for the laws of the functor from parametric maps to learners, for one of the errors; perhaps against `jax.grad`."""
    L = GradientLearner(0.1, ERRORS[error])
    literal = LiteralGradient(0.1, L.error) if compared else None
    return through(L, source, target, reference=literal, name=f"L, {error} error", exact=False)


def learners_of(source: Draws, target: Draws, *, declared: Mapping[str, Status]) -> Draws:
    """Draws of parametric maps and of the functor that makes learners of them, for what it respects."""
    L = GradientLearner(0.1, quadratic_error)
    draws = through(L, source, target, name="learners by gradients", exact=False)
    return dataclasses.replace(draws, given={"gradient learner": L}, declared=dict(declared))


def _network(tape: Tape, dom: int, cod: int) -> Any:
    """One layer, or two; from an object to itself perhaps none."""
    pairs = lambda n, m: st.sets(st.sampled_from([(i, j) for i in range(n) for j in range(m)]))
    layer = lambda n, m: connections(n, m, tape.choose(pairs(n, m)))
    layers = tape.choose(st.integers(0 if dom == cod else 1, 2))
    return layer(dom, 2) >> layer(2, cod) if layers == 2 else layer(dom, cod) if layers else NNet.id(dom)


nnet = dataclasses.replace(of(NNet, objects=(1, 2), arrow=lambda dom, cod: st.nothing()), build=_network)
"""Networks as sequences of sets of connections."""


def networks(target: Draws) -> Draws:
    """Draws for the laws of the functor from networks to parametric maps."""
    return through(nnet_to_para(jnp.tanh), nnet, target, name="NNet → Para(Smooth)", exact=False)
