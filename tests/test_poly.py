"""Polynomial maps over rigs: dictionaries, real functions and enumeration as the references."""

import dataclasses
import functools
import itertools
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import pytest
from programs import as_users_run_it, last_file

from catlearn import R, Smooth, laws, smooth
from catlearn.categories import Poly, PolyMap, Polynomial, poly, polynomial
from catlearn.categories.polynomial import constant, evaluate, multilinear, substitute, variables
from catlearn.constructions import Lens, Para, Reverse, para, reparametrise, reverse_in
from catlearn.laws import Status, draws
from catlearn.objects import GF, Z2, Boolean, Dim, MaxPlus, Modular, N, Q, Z, unit
from catlearn.objects.dim import coordinates, dimension
from catlearn.theory.errors import (
    NoNegatives,
    NotAFunction,
    NotInRig,
    WrongCategory,
    WrongCodomain,
    WrongObject,
    WrongValue,
)

RD = "1910.07065"
X, Y = Dim(2), Dim(1) @ Dim(2)
RINGS = {str(k): k for k in (Z, Q, Modular(4), Modular(6))}  # N, Z/2 and Boolean are shipped
DERIVATIVES = [*laws.differential.LAWS, *laws.reverse.LAWS, *laws.context.LAWS, laws.additive.left_additive]


def marks(law):
    name = str(law)
    items = {"rd": "T2.1", "cd": "T2.2"}
    return [pytest.mark.paper(RD, items[name[:2]])] if name[:2] in items and name[2:].isdigit() else []


@pytest.mark.parametrize("rig", RINGS.values(), ids=RINGS.keys())
@pytest.mark.parametrize("law", [pytest.param(law, marks=marks(law), id=str(law)) for law in DERIVATIVES])
def test_the_laws_of_derivatives_hold_exactly_over_each_rig(law, rig):
    drawn = POLYS[str(rig)]

    finding = laws.confirm(law, drawn, examples=3 if drawn.status(law) is not Status.FAILS else 30, shrink=False)

    assert finding.status is drawn.status(law)
    assert finding.tolerance == 0.0


POLYS = {name: draws.poly(rig) for name, rig in RINGS.items()}


# ------------------------------------------------------------------------------------------------ polynomials


def naive(terms, point):
    """The value of a dictionary of terms at a point, by the definition."""
    return sum(c * math.prod(point[i] ** e for i, e in m) for m, c in terms.items())


x, y, z = variables(Z, 3)
SOME = [x**3 + 2 * x * y, y, (x + y) ** 3 - 3 * x, x * y * z - 1, constant(Z, 5), constant(Z, 0), (x - y) * (x + y) * z]
POINTS = [*itertools.product((-2, 0, 1, 3), repeat=3)]


def test_sums_products_and_powers_are_those_of_the_values():
    for p, q in itertools.product(SOME, repeat=2):
        for point in POINTS[1::23]:
            a, b = naive(p.terms, point), naive(q.terms, point)
            for r, value in ((p + q, a + b), (p * q, a * b), (p - q, a - b), (p**3, a**3), (-p, -a), (2 - p, 2 - a)):
                assert naive(r.terms, point) == value == evaluate([r], Z, point)[0]


def test_substitution_composes_the_values():
    for p, values in itertools.product(SOME, [SOME[:3], SOME[3:6], SOME[4:]]):
        (composite,) = substitute([p], Z, values)
        for point in POINTS[1::31]:
            assert naive(composite.terms, point) == naive(p.terms, [naive(q.terms, point) for q in values])


def test_equal_polynomials_are_equal_data_without_zeros():
    assert (x + y) ** 2 == x**2 + 2 * x * y + y**2
    assert hash((x + y) ** 2) == hash(x**2 + 2 * x * y + y**2)
    assert (x - x).terms == {}
    assert (variables(Modular(4), 1)[0] * 2) * 2 == constant(Modular(4), 0)
    assert len({x * y, y * x, x + y}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        x.rig = Q


def test_polynomials_print_as_they_are_written():
    half, (a, b) = Fraction(1, 2), variables(Q, 2)

    assert str(x**3 + 2 * x * y) == "x0^3 + 2 x0 x1"
    assert str(y**2 + x * y + x**2) == "x0^2 + x0 x1 + x1^2"
    assert [str(p) for p in (x - y, -x, constant(Z, 0), constant(Z, -1), x * 0 + 1)] == [
        "x0 - x1",
        "-x0",
        "0",
        "-1",
        "1",
    ]
    assert str(half * a * b**2 - b) == "1/2 x0 x1^2 - x1"
    assert str(variables(Boolean, 1)[0] + 1) == "x0 + 1"
    assert repr(x) == "x0"
    assert (SOME[2].degree, constant(Z, 0).degree, SOME[3].width, constant(Z, 1).width) == (3, 0, 3, 0)


def test_the_formal_derivative_is_the_derivative_of_the_real_function():
    for p, i, point in itertools.product(SOME, range(3), POINTS[1::29]):
        exact = naive(p.derivative(i).terms, point)
        assert exact == jax.grad(functools.partial(sum_of, p), argnums=i)(*map(float, point))


def sum_of(p, *xs):
    """A polynomial as a JAX function, term by term."""
    return sum((c * math.prod([xs[i] ** e for i, e in m], start=1.0) for m, c in p.terms.items()), start=0.0 * xs[0])


# ------------------------------------------------------------------------------------------------ maps


@pytest.mark.paper(RD, "value cubic")
@pytest.mark.paper(RD, "Ex 14 Poly")
def test_the_reverse_derivative_of_the_cubic_is_the_one_of_the_paper():
    f = poly(X, Dim(1), lambda v: v[0] ** 3 + v[1] ** 2, Z)
    x0, x1, w = variables(Z, 3)

    assert Poly(Z).R(f).polynomials == (3 * x0**2 * w, 2 * x1 * w)
    assert Poly(N).R(poly(X, Dim(1), lambda v: v[0] ** 3 + v[1] ** 2, N))((5, 7), 2) == (150, 28)


@pytest.mark.paper("2103.01931", "Ex 2.8")
def test_the_polynomial_part_of_example_2_8_has_the_square_that_is_not_printed():
    f = poly(Dim(1) @ Dim(1), Dim(2), lambda a, b: (a**3 + 2 * a * b, b), N)
    x0, x1, w0, w1 = variables(N, 4)

    assert Poly(N).R(f).polynomials == (3 * x0**2 * w0 + 2 * x1 * w0, 2 * x0 * w0 + w1)
    assert Poly(N).R(f)(2, 1, (1, 1)) == (14, 5)


@pytest.mark.paper(RD, "Ex 14 Poly")
def test_both_derivatives_agree_with_those_of_jax():
    f = poly(Dim(2) @ Dim(1), Dim(3), lambda a, b: (a[0] * a[1] + b**3, b * b - a[0], a[1] ** 4), Z)
    g = smooth(lambda x: jnp.stack([x[0] * x[1] + x[2] ** 3, x[2] * x[2] - x[0], x[1] ** 4]), R(3))

    for point in [(-1, 2, 3), (2, -1, 1), (0, 3, -2)]:
        a, b = point[:2], point[2]
        v, w = (1, -2, 4), (3, 1, -1)
        forward = Smooth.D(g)(jnp.array(point, float), jnp.array(v, float))
        back = Smooth.R(g)(jnp.array(point, float), jnp.array(w, float))
        assert (*Poly(Z).D(f)(a, b, v[:2], v[2]),) == tuple(forward)
        assert coordinates(f.dom, Poly(Z).R(f)(a, b, w)) == tuple(back)


@pytest.mark.paper(RD, "T2.9")
def test_the_two_derivatives_are_adjoint_exactly():
    C, f = Poly(Z), poly(X, Dim(2), lambda v: (v[0] ** 3 * v[1], v[0] - v[1] ** 2), Z)
    a, v, w = variables(Z, 6)[:2], variables(Z, 6)[2:4], variables(Z, 6)[4:]
    dot = lambda ps, qs: sum(p * q for p, q in zip(ps, qs, strict=True))

    assert dot(C.D(f)(a, v), w) == dot(v, C.R(f)(a, w))


@pytest.mark.paper(RD, "linear iff")
@pytest.mark.paper(RD, "T2.4")
@pytest.mark.parametrize("rig", [Z2, Modular(4), Boolean], ids=str)
def test_linear_is_the_same_as_being_ones_own_double_dagger_by_enumeration(rig):
    C, (t,) = Poly(rig), variables(rig, 1)
    linear = 0
    for cs in itertools.product(rig.elements, repeat=3):
        p = sum((constant(rig, c) * t**i for i, c in enumerate(cs)), start=constant(rig, rig.zero))
        f = PolyMap(Dim(1), Dim(1), rig, (p,))
        double = C.close(C.dagger_of(C.dagger_of(f)), f)
        assert C.is_linear(f) == double == (p == constant(rig, cs[1]) * t)
        linear += double
    assert linear == len(rig.elements)


@pytest.mark.paper(RD, "linear iff")
def test_an_affine_map_comes_back_by_a_fixed_map_and_is_not_linear():
    C, f = Poly(Z), poly(Dim(1), Dim(1), lambda t: t + 1, Z)

    assert C.close(C.R(f), C.second(Dim(1), Dim(1)))
    assert not C.is_linear(f)
    assert not C.close(C.dagger_of(C.dagger_of(f)), f)


@pytest.mark.paper(RD, "T2.10")
def test_derived_identities_hold_exactly():
    C, A = Poly(Z), Dim(2)
    add = C.first(A, A) + C.second(A, A)
    f, L = poly(A, A, lambda v: (v[0] * v[1], v[1] ** 3), Z), poly(A, Dim(1), lambda v: 2 * v[0] - v[1], Z)

    assert C.R(C.copy(A))((5, 6), (1, 2), (10, 20)) == (11, 22)
    assert C.R(add)((1, 2), (3, 4), (5, 6)) == ((5, 6), (5, 6))
    assert C.close(C.R(f >> L), (A @ C.dagger_of(L)) >> C.R(f))
    assert C.dagger_of(L).polynomials == (2 * x, -x)


def test_a_composite_in_twenty_variables_makes_each_product_that_it_needs_once(monkeypatch):
    n, made, product = 20, [], polynomial._product
    ring = lambda v: tuple(v[i] * v[(i + 1) % n] + v[(i + 2) % n] ** 2 + 3 * v[(i + 5) % n] - 1 for i in range(n))
    f = poly(Dim(n), Dim(n), ring, Z)
    g = poly(Dim(n), Dim(2 * n), lambda v: 2 * ring(v), Z)

    monkeypatch.setattr(polynomial, "_product", lambda *args: made.append(args) or product(*args))
    composite = f >> g

    assert len(made) == 2 * n  # n products of neighbours and n squares, although g has each of them twice
    assert {p.degree for p in composite.polynomials} == {4}
    assert composite((1,) * n) == g(f((1,) * n))


def test_powers_are_made_by_squaring():
    square = poly(Dim(1), Dim(1), lambda t: t * t, Z2)

    assert (square**20).polynomials == (variables(Z2, 1)[0] ** 2**20,)


def test_maps_may_be_given_by_their_polynomials_and_by_constants():
    f = poly(X, Dim(2), [x * y, 3], Z)

    assert f == poly(X, Dim(2), lambda v: (v[0] * v[1], 3), Z)
    assert f((2, 5)) == (10, 3)
    assert f((x + 1, y)) == (x * y + y, 3)
    assert Poly(Z).point(Y, 1, (2, 3))() == (1, (2, 3))


def test_arrows_run_on_elements_and_on_polynomials_alike():
    C = Poly(Z)
    f = poly(Y, X, lambda t, v: (t * v[0], v[1] + t), Z)
    generic = C.apply(f, C.generic(Y))

    assert C.arrow(Y, X, lambda xs: C.apply(f, xs)) == f
    assert coordinates(X, generic) == f.polynomials
    assert evaluate(f.polynomials, Z, (2, 3, 4)) == C.apply(f, (2, (3, 4)))[0]


def test_a_map_is_a_pytree_without_leaves():
    f = poly(X, Dim(1), lambda v: v[0] * v[1], Z2)

    assert jax.tree.leaves(f) == []
    assert jax.tree.structure(f) == jax.tree.structure(poly(X, Dim(1), lambda v: v[1] * v[0], Z2))
    assert str(f) == "PolyMap : Dim(2) -> Dim(1)"
    assert "x0 x1" in repr(f)


# ------------------------------------------------------------------------------------------------ over the field of two


@pytest.mark.paper(RD, "Z2 subtlety")
def test_one_function_has_two_polynomials_with_different_derivatives():
    C = Poly(Z2)
    square, same = poly(Dim(1), Dim(1), lambda t: t**2, Z2), C.id(Dim(1))

    assert all(square(a) == same(a) for a in Z2.elements)
    assert square != same
    assert C.R(square) == C.zero(Dim(1) @ Dim(1), Dim(1))
    assert C.R(same) == C.second(Dim(1), Dim(1))
    assert C.multilinear(square) == same


def flip(function, bits, dy):
    """``XOR_j (f_j(x) xor f_j(x xor e_i)) and dy_j``, for each i, of any function of bits: no derivative is taken."""
    flipped = [bits[:i] + (1 - bits[i],) + bits[i + 1 :] for i in range(len(bits))]
    return tuple(
        sum((a ^ b) & d for a, b, d in zip(function(bits), function(there), dy, strict=True)) % 2 for there in flipped
    )


def normal_form(table):
    """The map of a table of values: the sum of the products that are one at one point alone."""
    n = len(table).bit_length() - 1
    ones = [b for b, value in zip(itertools.product((0, 1), repeat=n), table, strict=True) if value]
    indicator = lambda v, one: math.prod(v[i] + 1 + b for i, b in enumerate(one))
    return poly(Dim(n), Dim(1), lambda v: sum((indicator(v, one) for one in ones), start=0 * v[0]), Z2)


@pytest.mark.paper(RD, "flip formula")
def test_on_normal_forms_the_way_back_flips_bits_on_all_inputs_of_functions_of_three_bits():
    C, bits = Poly(Z2), [*itertools.product((0, 1), repeat=3)]
    for table in [*itertools.product((0, 1), repeat=8)][::17]:
        values, f = dict(zip(bits, table, strict=True)), normal_form(table)
        back = C.R(f)
        for b in bits:
            assert f(b) == values[b]
            assert back(b, 1) == flip(lambda x, values=values: (values[x],), b, (1,))
            assert back(b, 0) == (0, 0, 0)


@pytest.mark.paper(RD, "flip formula")
def test_the_flip_formula_holds_for_several_outputs_and_fails_off_the_normal_form():
    C, bits = Poly(Z2), [*itertools.product((0, 1), repeat=3)]
    f = poly(Dim(3), Dim(2), lambda v: (v[0] * v[1] + v[2], v[0] * v[1] * v[2] + v[1] + 1), Z2)
    g = poly(Dim(3), Dim(2), lambda v: (v[0] ** 2 + v[1] * v[2], v[1] ** 3), Z2)

    for b, dy in itertools.product(bits, [(1, 0), (0, 1), (1, 1)]):
        assert C.R(f)(b, dy) == flip(f, b, dy)
        assert C.R(C.multilinear(g))(b, dy) == flip(g, b, dy)
    assert C.R(g)((0, 0, 0), (1, 0)) == (0, 0, 0)
    assert flip(g, (0, 0, 0), (1, 0)) == (1, 0, 0)


@pytest.mark.paper(RD, "Z2 subtlety")
def test_normal_forms_are_one_for_each_function():
    tables = itertools.product((0, 1), repeat=4)
    forms = {table: normal_form(table).polynomials for table in tables}

    assert len(set(forms.values())) == 16
    assert all(multilinear(p) == p for (p,) in forms.values())


# ------------------------------------------------------------------------------------------------ lenses and parameters


@pytest.mark.paper("2103.01931", "T5.2")
def test_over_the_field_of_two_reverse_is_a_functor_to_lenses():
    C, L = Poly(Z2), Lens(Poly(Z2))
    f = poly(X, Dim(3), lambda v: (v[0] * v[1], v[0] + 1, v[1] ** 3), Z2)
    g = poly(Dim(3), X, lambda v: (v[0] * v[1] + v[2], v[2] * v[2]), Z2)

    assert L.close(Reverse(f >> g), Reverse(f) >> Reverse(g))
    assert L.close(Reverse(f @ g), Reverse(f) @ Reverse(g))
    assert L.close(Reverse(C.id(X)), L.id(Reverse(X)))
    assert C.close((Reverse(f) >> Reverse(g)).literal_put, C.R(f >> g))


def test_a_lens_of_polynomials_runs_forward_and_back_on_bits():
    f = poly(Dim(1) @ Dim(1), Dim(1), lambda p, t: p * t, Z2)
    back = Reverse(f >> poly(Dim(1), Dim(1), lambda t: t + 1, Z2))

    ys, way = back.run((0, 1))

    assert ys == (1,)
    assert way((1,)) == (1, 0)
    assert back.put(0, 1, 1) == (1, 0)
    assert reverse_in(f, (True, False)).put(0, 1, 1) == 1
    assert reverse_in(f, (True, False)).run((0, 1))[1]((1,)) == (1,)


def test_parametric_polynomials_compose_and_learn_by_one_addition():
    C, one = Poly(Z2), Dim(1)
    model = para(one, poly(one @ one, one, lambda p, t: p * t, Z2))
    twice = model >> model

    assert twice.category == Para(C)
    assert twice.arrow(1, 1, 1) == 1
    assert Reverse(twice).category == Para(Lens(C))
    tied = reparametrise(twice, C.copy(one))
    assert tied.arrow.polynomials == (variables(Z2, 2)[0] ** 2 * variables(Z2, 2)[1],)
    p, t, label = 0, 1, 1
    change, _ = Reverse(model).arrow.put(p, t, (model.arrow(p, t) + label) % 2)
    assert (p + change) % 2 == 1


# ------------------------------------------------------------------------------------------------ mistakes

MISTAKES = {
    "subtraction without negatives": (NoNegatives, lambda: poly(Dim(1), Dim(1), lambda t: 1 - t, N)),
    "subtraction of booleans": (NoNegatives, lambda: variables(Boolean, 1)[0] - 1),
    "a fraction over Z": (NotInRig, lambda: poly(Dim(1), Dim(1), lambda t: t * Fraction(1, 2), Z)),
    "two rigs": (NotInRig, lambda: variables(Z, 1)[0] + variables(Q, 1)[0]),
    "a polynomial of another rig": (NotInRig, lambda: poly(Dim(1), Dim(1), [x], Q)),
    "a point off the rig": (NotInRig, lambda: poly(Dim(1), Dim(1), [x], Z)(0.5)),
    "a point of another rig": (NotInRig, lambda: poly(Dim(1), Dim(1), [x], Z)(variables(Q, 1)[0])),
    "a normal form over Z": (NotInRig, lambda: Poly(Z).multilinear(Poly(Z).id(X))),
    "too many coordinates": (WrongValue, lambda: poly(X, Dim(1), [x], Z)((1, 2, 3))),
    "a function of too few arguments": (NotAFunction, lambda: poly(Y, Dim(1), lambda v: v[0], Z)),
    "a function with too few values": (WrongCodomain, lambda: poly(X, Dim(2), lambda v: v[0], Z)),
    "a wire too many": (WrongCodomain, lambda: poly(X, Dim(1) @ Dim(1), lambda v: v[0], Z)),
    "too few polynomials": (WrongCodomain, lambda: poly(X, Dim(2), [x], Z)),
    "a variable too many": (WrongObject, lambda: poly(X, Dim(1), [z], Z)),
    "a real space": (WrongObject, lambda: Poly(Z).id(R(2))),
    "floats as coefficients": (WrongCategory, lambda: Poly(MaxPlus)),
    "an arrow of another rig": (WrongCategory, lambda: Poly(Z).R(Poly(Q).id(X))),
    "composition over two rigs": (WrongCategory, lambda: Poly(Z).id(X) >> Poly(Q).id(X)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_the_line_that_makes_it(mistake):
    error, make = MISTAKES[mistake]

    with as_users_run_it(), pytest.raises(error) as caught:
        make()

    if "subtraction" not in mistake and mistake not in ("two rigs", "a fraction over Z", "floats as coefficients"):
        assert last_file(caught) == "test_poly.py"


def test_equal_rigs_make_equal_categories():
    assert Poly(GF(2)) == Poly(Z2) == Poly(Modular(2))
    assert hash(Poly(GF(2))) == hash(Poly(Z2))
    assert Poly(N) != Poly(Z)
    assert dimension(Poly(Z).unit) == dimension(unit) == 0
    assert isinstance(poly(unit, Dim(1), lambda: 3, Z).polynomials[0], Polynomial)
