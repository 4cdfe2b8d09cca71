"""Maps linear in context, and reverse as forward turned around: engines that share no code with `R`."""

import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

from catlearn import R, Smooth, laws, smooth
from catlearn.categories import Mat, Poly, matrix, poly
from catlearn.categories.monoids import Lifted, Monoids, Parity, additive, monoid
from catlearn.constructions import (
    LinearInContext,
    Pair,
    Reindex,
    Reverse,
    Transposition,
    reverse_of,
    transposition_of,
    way_back,
)
from catlearn.laws import Status, draws
from catlearn.laws.exact import formal_transposition
from catlearn.objects import Dim, N, Z
from catlearn.theory import DaggerBiproduct
from catlearn.theory.errors import NotLinear, WrongCategory, WrongObject

RD = "1910.07065"
C, X, A, B = Poly(Z), Dim(2), Dim(2), Dim(1)
h = poly(X @ A, B, lambda x, a: x[0] * a[0] + x[1] ** 2 * a[1], Z)


class Transposed(eqx.Module):
    """``(x, b) ↦ h(x, -)ᵀ b``, by `jax.linear_transpose`: another engine than `jax.vjp` at zero."""

    h: object
    context: int = eqx.field(static=True)

    def __call__(self, values):
        x, b = values[: self.context], values[self.context :]
        A = self.h.dom[self.context :]
        return jax.linear_transpose(lambda *a: Smooth.apply(self.h, x + a), *A.avals())(b)


def smooth_dagger(h, context):
    return Smooth.arrow(context @ h.cod, h.dom[len(context) :], Transposed(h, len(context)))


SMOOTH = Transposition(Smooth.D, smooth_dagger)
f = smooth(lambda x: jnp.stack([x[0] * x[1], jnp.sin(x[0])]), R(2))
h_smooth = smooth(lambda x, a: jnp.stack([x * a[0], x**2 * a[1] - a[0], a[1]]), R() @ R(2))


@pytest.mark.paper(RD, "Thms 41-42")
@pytest.mark.paper(RD, "T2.7")
def test_over_smooth_maps_jvp_and_linear_transposition_make_the_reverse_derivative():
    parts = transposition_of(Smooth, reverse_of(SMOOTH))

    assert Smooth.close(reverse_of(SMOOTH)(f), Smooth.R(f))
    assert Smooth.close(reverse_of(transposition_of(Smooth, Smooth.R))(f), Smooth.R(f))
    assert Smooth.close(parts.D(f), Smooth.D(f))
    assert Smooth.close(parts.dagger(h_smooth, R()), smooth_dagger(h_smooth, R()))


EXACT = {"Poly(N)": draws.poly_n, "Poly(Z)": draws.poly(Z), "Mat(Z)": draws.mat(Z), "Mat(Q(i))": draws.mat_qi}
ROUND = [
    laws.context.reverse_from_transposition,
    laws.context.transposition_round_trip,
    laws.context.reverse_round_trip,
]


@pytest.mark.parametrize("drawn", EXACT.values(), ids=EXACT.keys())
@pytest.mark.parametrize(
    "law", [pytest.param(law, marks=pytest.mark.paper(RD, "Thms 41-42"), id=str(law)) for law in ROUND]
)
def test_the_two_constructions_undo_each_other_exactly(law, drawn):
    assert laws.confirm(law, drawn, examples=6).status is Status.EXACT


@pytest.mark.paper(RD, "Thms 41-42")
def test_the_formal_dagger_reads_the_coefficients_and_is_that_of_the_reverse_derivative():
    formal = formal_transposition(C).dagger

    assert C.close(formal(h, X), C.context_dagger(h, X))
    assert C.close(formal(formal(h, X), X), h)


@pytest.mark.paper(RD, "Defs 25-28")
def test_the_fibres_are_categories_with_dagger_biproducts():
    fibre = LinearInContext(C, X)
    k = fibre.of(poly(X @ B, A, lambda x, b: (x[1] * b, (x[0] + 1) * b), Z))
    composite = fibre.of(h) >> k

    assert isinstance(fibre, DaggerBiproduct)
    assert (composite.dom, composite.cod) == (A, A)
    assert composite.arrow((2, 3), (1, 10)) == (3 * (2 + 90), 3 * (2 + 90))
    assert fibre.close(fibre.dagger(composite), fibre.dagger(k) >> fibre.dagger(fibre.of(h)))
    assert fibre.close(fibre.dagger(fibre.dagger(k)), k)


FIBRES = [*laws.category.LAWS[:3], *laws.dagger.LAWS, laws.context.reindex_composite]


@pytest.mark.paper(RD, "Defs 25-28")
@pytest.mark.parametrize("law", FIBRES, ids=str)
def test_the_laws_of_a_fibre_hold_exactly(law):
    drawn = draws.linear_in_context if law.missing(draws.linear_in_context) is None else draws.poly_n

    assert laws.confirm(law, drawn, examples=5).status is Status.EXACT


@pytest.mark.paper(RD, "Defs 25-28")
def test_a_change_of_context_is_a_functor_that_keeps_daggers():
    u, v = poly(B, X, lambda t: (t, t * t), Z), poly(X, B, lambda x: x[0] - x[1], Z)
    old, new = LinearInContext(C, X), LinearInContext(C, B)

    changed = Reindex(u)(old.of(h))

    assert changed.category == new
    assert changed.arrow(3, (1, 1)) == 3 + 81
    assert new.close(new.dagger(changed), Reindex(u)(old.dagger(old.of(h))))
    assert old.close(Reindex(v)(changed), Reindex(v >> u)(old.of(h)))
    assert Reindex(u)(A) == A


@pytest.mark.paper(RD, "Prop 31")
def test_the_way_back_of_a_composite_is_a_composite_in_the_fibre():
    f = poly(X, Dim(3), lambda x: (x[0] * x[1], x[0] ** 2, x[1] + 1), Z)
    g = poly(Dim(3), B, lambda y: y[0] * y[1] - y[2] ** 2, Z)
    fibre = LinearInContext(C, X)

    assert fibre.close(way_back(f >> g), Reindex(f)(way_back(g)) >> way_back(f))
    assert fibre.close(fibre.of(C.R(f)), way_back(f))
    assert Reverse(f >> g).dom == Pair(X, X)
    assert C.close(Reverse(f >> g).put, (Reindex(f)(way_back(g)) >> way_back(f)).arrow)


@pytest.mark.paper(RD, "Prop 31")
@pytest.mark.parametrize(
    "law", [laws.context.section_identity, laws.context.section_composite, laws.context.way_back_linear], ids=str
)
def test_reverse_is_a_section_of_the_dual_fibration(law):
    assert laws.confirm(law, draws.poly_n, examples=8).status is Status.EXACT


def test_linear_in_context_is_less_than_linear_and_more_than_affine():
    assert C.is_linear_in_context(h, X)
    assert not C.is_linear(h)
    assert not C.is_linear_in_context(poly(X @ A, B, lambda x, a: a[0] * a[1], Z), X)
    assert not C.is_linear_in_context(poly(X @ A, B, lambda x, a: a[0] + x[0], Z), X)
    assert Smooth.is_linear_in_context(h_smooth, R())
    assert not Smooth.is_linear(h_smooth)
    assert Smooth.is_linear(smooth(lambda x: 3 * x, R(2)))
    assert not Smooth.is_linear(smooth(lambda x: 3 * x + 1, R(2)))
    assert Mat(N).is_linear_in_context(matrix(X @ A, B, [[0, 0, 1, 2]], N), X)
    assert not Mat(N).is_linear_in_context(matrix(X @ A, B, [[1, 0, 1, 2]], N), X)


MISTAKES = {
    "not linear": (NotLinear, lambda: LinearInContext(C, X).of(poly(X @ A, B, lambda x, a: a[0] * a[1], Z))),
    "another context": (WrongObject, lambda: LinearInContext(C, Dim(3)).of(h)),
    "a change of another context": (WrongObject, lambda: Reindex(C.id(B))(LinearInContext(C, X).of(h))),
    "no derivative": (WrongCategory, lambda: LinearInContext(laws.draws.free_cartesian.category, X)),
    "no way back": (WrongCategory, lambda: way_back(Reverse(f))),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake):
    error, make = MISTAKES[mistake]

    with pytest.raises(error):
        make()


# ------------------------------------------------------------------------------------------------ forward alone

MONOIDS = draws.monoids


@pytest.mark.paper(RD, "bare CDC")
@pytest.mark.parametrize("law", [law for law, _ in laws.suite(MONOIDS)], ids=str)
def test_finite_monoids_are_a_differential_category(law):
    assert laws.confirm(law, MONOIDS, examples=5).status is Status.EXACT


@pytest.mark.paper(RD, "bare CDC")
def test_finite_monoids_have_no_reverse_derivative_for_there_is_no_room_for_a_dagger():
    there, back = Monoids.hom(Parity, Lifted), Monoids.hom(Lifted, Parity)

    assert all(Monoids.is_linear(f) for f in (*there, *back))
    assert (len(there), len(back)) == (1, 2)  # an involutive dagger of linear maps would be a bijection
    daggers = itertools.product(there, repeat=len(back))
    assert not any(len({*images}) == len(back) for images in daggers)


@pytest.mark.paper(RD, "bare CDC")
def test_the_additive_functions_are_all_found_by_enumeration():
    for dom, cod in itertools.product((Parity, Lifted, Parity @ Parity), repeat=2):
        found = Monoids.hom(dom, cod)
        assert len(set(f.values for f in found)) == len(found)
        assert Monoids.zero(dom, cod) in found
        assert all(f + g in found for f in found for g in found)
    assert len(Monoids.hom(Parity @ Parity, Parity @ Parity)) == 2**4


MONOID_MISTAKES = {
    "sums that do not commute": (WrongObject, lambda: monoid("M", [[0, 1, 2], [1, 1, 1], [2, 2, 2]])),
    "sums that do not associate": (WrongObject, lambda: monoid("M", [[0, 1, 2], [1, 2, 1], [2, 1, 1]])),
    "a table that is not square": (WrongObject, lambda: monoid("M", [[0, 1]])),
    "a table with a stranger": (WrongObject, lambda: monoid("M", [[0, 1], [1, 2]])),
    "another zero": (WrongObject, lambda: monoid("M", [[1, 0], [0, 1]])),
    "a function that is not additive": (NotLinear, lambda: additive(Lifted, Parity, lambda k: int(k == 1))),
    "a function that moves zero": (NotLinear, lambda: additive(Parity, Lifted, lambda k: 1)),
    "a function that leaves the monoid": (NotLinear, lambda: additive(Lifted, Parity, lambda k: k)),
}


@pytest.mark.parametrize("mistake", MONOID_MISTAKES)
def test_a_mistake_about_monoids_is_named(mistake):
    error, make = MONOID_MISTAKES[mistake]

    with pytest.raises(error):
        make()
