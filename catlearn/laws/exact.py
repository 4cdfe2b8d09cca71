r"""Draws for polynomials and matrices over rigs, where laws are decided and not estimated.

Definition:
    A drawn polynomial has a few terms of low degree, a drawn matrix any entries. Polynomial maps are compared at the *generic
    point*, whose coordinates are the variables themselves: two agree there exactly when their polynomials are equal.

The reference for polynomials composes by nested substitution and takes derivatives without differentiating: with ``ε`` a fresh
variable, ``D[f](a, v)`` is the coefficient of ``ε`` in ``f(a + ε v)``.
"""

import dataclasses
import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from ..categories import Mat, Matrix, Poly, PolyMap, Polynomial
from ..categories.monoids import Lifted, Monoids, Parity
from ..categories.polynomial import constant, variables
from ..constructions import LinearInContext, Reverse, Transposition
from ..constructions.context import InContext
from ..objects import Z2, N, Ob, Qi, conjugation, unit
from ..objects.dim import Dim, collect, coordinates, dimension
from ..objects.rigs import Boolean
from ..objects.semiring import Exact, Involution, Ring, Semiring, identity
from ..theory import ConcreteReverseDifferential
from .draw import Draws, Tape
from .make import lens, of, para, through
from .reference import Functions, NestedMap
from .status import Status

Values = tuple[Any, ...]

_WHOLE = st.integers(0, 3)
_SIGNED = st.integers(-3, 3)
_FLOATS = _SIGNED.map(lambda n: n / 10)
ELEMENTS: dict[str, st.SearchStrategy[Any]] = {
    "N": _WHOLE,
    "Z": _SIGNED,
    "Q": st.builds(Fraction, _SIGNED, st.integers(1, 3)),
    "Q(i)": st.builds(complex, _SIGNED, _SIGNED),
    "Real": _FLOATS,
    "Complex": st.builds(complex, _FLOATS, _FLOATS),
    "MaxPlus": _FLOATS | st.just(-math.inf),
    "MinPlus": _FLOATS | st.just(math.inf),
}
"""Elements of the infinite rigs, by name."""


def elements(rig: Semiring) -> st.SearchStrategy[Any]:
    """Some elements of a rig; all of a finite one."""
    found = ELEMENTS[str(rig)] if rig.elements is None else st.sampled_from(rig.elements)
    return found.map(rig.element)


Terms = list[tuple[Any, list[int]]]
"""A coefficient and the variables that it is multiplied with, for each term; variables are counted from one, zero is none."""


@functools.lru_cache(maxsize=1024)
def terms(rig: Exact, n: int, *, degree: int = 2, number: int = 2) -> st.SearchStrategy[Terms]:
    """Terms of low degree in `n` variables; the smallest are zero."""
    factors = st.lists(st.integers(0, n), min_size=degree, max_size=degree)
    return st.lists(st.tuples(elements(rig), factors), min_size=number, max_size=number)


def polynomial(rig: Exact, n: int, drawn: Terms) -> Polynomial:
    """The sum of some terms."""
    xs = (constant(rig, rig.one), *variables(rig, n))
    products = (math.prod((xs[i] for i in factors), start=constant(rig, c)) for c, factors in drawn)
    return sum(products, start=constant(rig, rig.zero))


@dataclasses.dataclass(frozen=True)
class NestedPoly(Functions, ConcreteReverseDifferential):
    """Polynomial maps as functions of values, composed by nested calls, with derivatives by a fresh variable."""

    base: Poly

    def __str__(self) -> str:
        return f"NestedPoly({self.base.rig})"

    def zero(self, x: Ob, y: Ob, /) -> NestedMap:
        return self._map(x, y, lambda row: [self._lift(0)] * dimension(y))

    def _add(self, f: NestedMap, g: NestedMap, /) -> NestedMap:
        both = lambda row: [p + q for p, q in zip(self._at(f, row), self._at(g, row), strict=True)]
        return self._map(f.dom, f.cod, both)

    def tangent(self, x: Ob, /) -> Ob:
        return x

    def D(self, f: NestedMap, /) -> NestedMap:
        """The coefficient of ε in ``f(a + ε v)``."""
        n = dimension(f.dom)
        return self._map(f.dom @ f.dom, f.cod, lambda row: self._slope(f, row[:n], row[n:]))

    def R(self, f: NestedMap, /) -> NestedMap:
        """For each coordinate, the coefficient of ε in ``⟨w, f(a + ε e)⟩``."""
        n = dimension(f.dom)

        def back(row: list[Polynomial]) -> list[Polynomial]:
            units = [[self._lift(int(i == j)) for j in range(n)] for i in range(n)]
            slopes = [self._slope(f, row[:n], e) for e in units]
            return [sum((w * s for w, s in zip(row[n:], ss, strict=True)), start=self._lift(0)) for ss in slopes]

        return self._map(f.dom @ f.cod, f.dom, back)

    def _slope(self, f: NestedMap, a: list[Polynomial], v: list[Polynomial]) -> list[Polynomial]:
        fresh = max([p.width for p in (*a, *v)], default=0)
        epsilon = variables(self.base.rig, fresh + 1)[fresh]
        moved = self._at(f, [p + epsilon * d for p, d in zip(a, v, strict=True)])
        first = ((fresh, 1),)
        return [Polynomial(p.rig, {m[:-1]: c for m, c in p.terms.items() if m[-1:] == first}) for p in moved]

    def _at(self, f: NestedMap, row: list[Polynomial]) -> list[Polynomial]:
        return [self._lift(c) for c in coordinates(f.cod, f.function(collect(f.dom, tuple(row))))]

    def _lift(self, c: Any) -> Polynomial:
        return c if isinstance(c, Polynomial) else constant(self.base.rig, self.base.rig.element(c))

    def _map(self, dom: Ob, cod: Ob, function: Callable[[list[Polynomial]], list[Polynomial]]) -> NestedMap:
        """A function of polynomials as a map."""

        def call(xs: Values) -> Values:
            ys = function([self._lift(c) for c in coordinates(dom, xs)])
            return collect(cod, tuple(p.value for p in ys))

        return self.arrow(dom, cod, call)


def formal_transposition(category: Poly) -> Transposition:
    """The formal derivative, and the dagger that reads off the coefficients of the linear part: nothing of `R` is used."""

    def dagger(h: PolyMap, context: Ob) -> PolyMap:
        k, n = dimension(context), dimension(h.dom)
        w = variables(category.rig, k + dimension(h.cod))[k:]
        rows = [[_coefficient(p, i) for p in h.polynomials] for i in range(k, n)]
        entries = [
            sum((c * y for c, y in zip(row, w, strict=True)), start=constant(category.rig, category.rig.zero))
            for row in rows
        ]
        return PolyMap(context @ h.cod, h.dom[len(context) :], category.rig, tuple(entries))

    return Transposition(category.D, dagger)


def _coefficient(p: Polynomial, i: int) -> Polynomial:
    """What stands beside ``x_i`` in a polynomial that is linear in it and in the variables after the context."""
    return Polynomial(p.rig, {m[:-1]: c for m, c in p.terms.items() if m and m[-1] == (i, 1)})


_NOT_LINEAR: dict[str, Status] = dict.fromkeys(
    ("every_arrow_additive", "every_arrow_linear", "double_dagger"), Status.FAILS
)
_OBJECTS = (Dim(1), Dim(2), Dim(1) @ Dim(1), unit)
# As for smooth maps: in a scene of different objects a wrong end is a wrong type, in one of equal ones only values tell.
COMPILED = ((Dim(2), Dim(1)),)  # over floats a new shape is a new program
SCENES = ((Dim(1),), (Dim(2), Dim(1)), (Dim(1) @ Dim(1), unit, Dim(1)))


def _built(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    """Arrows are made of what is drawn, and not drawn themselves."""
    return st.nothing()


def poly(rig: Exact) -> Draws:
    """Draws of polynomial maps over a rig.

    Example:
        >>> from catlearn import laws
        >>> from catlearn.objects import Modular
        >>> laws.check(laws.reverse.rd5, poly(Modular(4)), examples=5).worst
        0.0
    """
    category = Poly(rig)
    nested = NestedPoly(category)

    def build(tape: Tape, dom: Ob, cod: Ob) -> PolyMap:
        n, m = dimension(dom), dimension(cod)
        row = tape.choose(st.lists(terms(rig, n), min_size=m, max_size=m))
        return PolyMap(dom, cod, rig, tuple(polynomial(rig, n, drawn) for drawn in row))

    draws = of(
        category,
        objects=_OBJECTS,
        arrow=_built,
        scenes=SCENES,
        points=lambda x: st.just(category.generic(x)),
        reference=nested,
        declared=_NOT_LINEAR,
        given={"wires": True, "transposition": formal_transposition(category)},
    )
    plain, reference = draws.readings
    given = {"transposition": Transposition(nested.D, nested.context_dagger)}
    return dataclasses.replace(draws, build=build, readings=(plain, dataclasses.replace(reference, given=given)))


def _entries_transposition(category: Mat) -> Transposition:
    """``D[f] = π₁ ; f``, and the dagger that cuts the columns of the context off and turns the rest around."""

    def dagger(h: Matrix, context: Ob) -> Matrix:
        k, A = dimension(context), h.dom[len(context) :]
        turned = category.involution(h.entries[:, k:]).T
        return category.tensor(category.discard(context), Matrix(h.cod, A, category, turned))

    return Transposition(lambda f: category.tensor(category.discard(f.dom), f), dagger)


def mat(rig: Semiring, involution: Involution = identity, *, name: str | None = None) -> Draws:
    """Draws of matrices over a rig.

    Example:
        >>> from catlearn import laws
        >>> from catlearn.objects import MaxPlus
        >>> laws.check(laws.rig.rig_distributive, mat(MaxPlus), examples=5).vacuous
        False
    """
    category = Mat(rig, involution)

    def build(tape: Tape, dom: Ob, cod: Ob) -> Matrix:
        n, m = dimension(dom), dimension(cod)
        row = tape.choose(st.lists(elements(rig), min_size=n * m, max_size=n * m))
        return Matrix(dom, cod, category, _filled(rig, row, (m, n)))

    declared = {
        "rig_idempotent": Status.EXACT if rig.idempotent else Status.FAILS,
        "rig_negative": Status.EXACT if isinstance(rig, Ring) else Status.NOT_APPLICABLE,
        "reverse_homogeneous": Status.EXACT if involution == identity else Status.FAILS,
    }
    draws = of(
        category,
        name=name,
        objects=_OBJECTS,
        arrow=_built,
        scenes=SCENES if rig.exact else COMPILED,
        rounding=0.0 if rig.exact else 1e-9,
        declared=declared if rig.exact else {k: s for k, s in declared.items() if s is not Status.EXACT},
        given={"wires": True, "transposition": _entries_transposition(category)},
    )
    return dataclasses.replace(draws, build=build, exact=draws.exact if rig.exact else object)


def _filled(rig: Semiring, row: list[Any], shape: tuple[int, int]) -> Any:
    array = rig.array(row) if row else rig.indicator([])
    return array.reshape(shape)


def in_context(base: Draws, context: Ob) -> Draws:
    """Draws of the maps that are linear in context: the derivative of any arrow in its second argument, at zero."""
    C, fibre = base.category, LinearInContext(base.category, context)

    def build(tape: Tape, dom: Ob, cod: Ob) -> InContext:
        f = base.build(tape, context @ dom, cod)
        at = C.tensor(C.id(context), C.zero(C.unit, dom @ context), C.id(dom))
        return InContext(dom, cod, fibre, C.then(at, C.D(f)))

    draws = of(fibre, objects=base.objects, arrow=_built, scenes=base.scenes)
    return dataclasses.replace(draws, build=build)


poly_n, poly_z2, poly_boolean = poly(N), poly(Z2), poly(Boolean)
"""Polynomials over the naturals, over the field with two elements, and over truth values."""

mat_n = mat(N)
"""Matrices of natural numbers."""

mat_qi = mat(Qi, conjugation)
"""Matrices of complex rationals, with the conjugate transpose."""

finrel = mat(Boolean, name="FinRel")
"""Finite relations."""

_LAWFUL = ("get_put", "put_get", "put_put")
_STRICT_ONLY = ("interchange", "swap_natural", "whiskering")
_POWERS = ("power", "power_zero", "power_sum")

lens_z2 = lens(poly_z2, declared=dict.fromkeys((*_LAWFUL, "lens_copy_natural", "lens_discard_natural"), Status.FAILS))
"""Lenses of polynomial maps, any way forward and any way back."""

para_z2 = para(
    poly_z2,
    declared={
        **dict.fromkeys(_STRICT_ONLY, Status.FAILS),
        **dict.fromkeys((*_POWERS, "para_power"), Status.NOT_APPLICABLE),
    },
)
"""Parametric polynomial maps; they have no powers, for coordinates over a rig have no stacks."""

reverse_z2 = through(Reverse, poly_z2, lens_z2, name="Reverse, Poly(Z/2)")
"""The functor `Reverse`, on polynomial maps."""

linear_in_context = in_context(poly_n, Dim(2))
"""Polynomial maps over the naturals that are linear in context: a fibre of the simple linear fibration."""


def _additive(dom: Any, cod: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(Monoids.hom(dom, cod))


monoids = of(
    Monoids,
    objects=(Parity, Lifted, Monoids.unit),
    arrow=_additive,
    scenes=((Parity,), (Lifted, Parity), (Lifted, Monoids.unit, Parity)),
)
"""Additive functions of finite monoids: a forward derivative without a reverse one."""

EXACT = (
    *(poly_n, poly_z2, poly_boolean, mat_n, mat_qi, finrel),
    *(lens_z2, para_z2, reverse_z2, linear_in_context, monoids),
)
"""The draws of this module."""
