"""Generalised differentiation: every representation against `jax.jvp`, `jax.vjp`, `jax.jacobian` and the values of the paper."""

import dataclasses
import math
import random
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import lowers_everywhere, operations

from catlearn import Fin, R, Reverse, Smooth, laws, linear, smooth, unit
from catlearn.categories import AddFn, Linear, LMat
from catlearn.categories.linear import dimension
from catlearn.constructions import (
    Apply,
    AsDual,
    Begin,
    Cont,
    D,
    Derive,
    Dual,
    FreeCartesian,
    Inc,
    Lift,
    Tabulate,
    ToBegin,
    ToCont,
    gradient,
    indexed,
    interpret,
)
from catlearn.constructions.incremental import Change, after, difference, update
from catlearn.constructions.representation import coefficients, covector
from catlearn.laws import draws
from catlearn.laws.draw import Draw, Tape
from catlearn.laws.look import differ
from catlearn.theory.errors import (
    NotAdditive,
    NotComposable,
    NotParallel,
    NoWitness,
    WrongCategory,
    WrongObject,
    WrongValue,
)

PAPER = "1804.00746"
LINE = R()
ONE = (jnp.ones(()),)
KINDS = {
    "functions": AddFn,
    "matrices": LMat,
    "linear maps": Linear,
    "duals": Dual(AddFn),
    "continuations": Cont(AddFn, LINE),
    "continuations of duals": Cont(Dual(AddFn), LINE),
    "continuations into the plane": Cont(AddFn, R(2)),
    "beginnings": Begin(AddFn, LINE),
}
each_kind = pytest.mark.parametrize("k", KINDS.values(), ids=KINDS.keys())


def item(name):
    return pytest.mark.paper(PAPER, name)


# ---------------------------------------------------------------- a small language, and its terms
FREE = FreeCartesian(unit)
ARITY = {"multiply": 2, "add": 2, "sin": 1, "cos": 1, "negate": 1}


def box(name):
    return FREE.generator(name, R() if ARITY[name] == 1 else R() @ R(), R())


def meaning(C):
    """What the boxes mean: by the rules of the paper in D(k), by JAX in Smooth."""
    if C is Smooth:
        known = {
            "multiply": smooth(jnp.multiply, R() @ R()),
            "add": smooth(jnp.add, R() @ R()),
            "sin": smooth(jnp.sin, R()),
            "cos": smooth(jnp.cos, R()),
            "negate": smooth(jnp.negative, R()),
        }
        return lambda b: known[b.name]
    return lambda b: C.merge(LINE) if b.name == "add" else getattr(C, b.name)(LINE)


def run_in(term, C):
    return interpret(term, C, arrows=meaning(C))


def random_term(seed, inputs=3, outputs=2, steps=6):
    """A term that uses earlier values again, in any order."""
    dice, symbols = random.Random(seed), list(range(inputs))
    for _ in range(steps):
        name = dice.choice(sorted(ARITY))
        chosen = tuple(dice.choice(symbols) for _ in range(ARITY[name]))
        symbols.append(FREE.apply(box(name), chosen)[0])
    line = lambda n: R() if n == 1 else R() @ line(n - 1)
    return FREE.arrow(line(inputs), line(outputs), lambda _: tuple(symbols[-outputs:]))


SQR = FREE.copy(LINE) >> box("multiply")
MAG_SQR = (SQR @ SQR) >> box("add")
COS_SIN_PROD = box("multiply") >> FREE.copy(LINE) >> (box("cos") @ box("sin"))
COS_SUM = (FREE.id(LINE) @ box("multiply")) >> box("add") >> box("cos")
POINTS = {2: (jnp.asarray(3.0), jnp.asarray(4.0)), 3: tuple(map(jnp.asarray, (0.3, -1.1, 0.7)))}
TERMS = {"magSqr": MAG_SQR, "cosSinProd": COS_SIN_PROD, "cos(x + yz)": COS_SUM}
TERMS |= {f"random {seed}": random_term(seed) for seed in range(3)}
each_term = pytest.mark.parametrize("term", TERMS.values(), ids=TERMS.keys())


def jax_jacobian(term, xs):
    """The matrix that JAX finds."""
    f = run_in(term, Smooth)
    rows = jax.jacfwd(lambda *xs: Smooth.apply(f, xs), argnums=tuple(range(len(xs))))(*xs)
    return np.array(rows)


@item("T3.5")
@item("D(k)")
@each_kind
@each_term
def test_every_representation_finds_the_jacobian_that_jax_finds(term, k):
    xs, C = POINTS[len(term.dom)], D(k)
    f = run_in(term, C)

    np.testing.assert_allclose(C.jacobian(f, xs), jax_jacobian(term, xs), atol=1e-12)
    np.testing.assert_allclose(C.apply(f, xs), Smooth.apply(run_in(term, Smooth), xs), atol=1e-14)


@item("T3.6")
@each_term
def test_the_derivative_in_the_dual_is_the_transpose(term):
    xs = POINTS[len(term.dom)]
    forward = run_in(term, D(AddFn))(*xs)[1]
    reverse = run_in(term, D(Dual(AddFn)))(*xs)[1]
    through_cont = AsDual()(run_in(term, D(Cont(AddFn, LINE)))(*xs)[1])
    dys = tuple(jnp.asarray(0.5 * i - 1) for i in range(len(term.cod)))
    expected = AddFn.matrix(forward).T @ np.array(dys)

    np.testing.assert_allclose(AddFn.apply(reverse.arrow, dys), expected, atol=1e-12)
    np.testing.assert_allclose(AddFn.apply(through_cont.arrow, dys), expected, atol=1e-12)


# ---------------------------------------------------------------- the values of the paper
@item("value magSqr")
def test_the_gradient_of_mag_sqr_is_twice_the_point():
    f = run_in(MAG_SQR, D(Dual(AddFn)))

    assert float(f(3.0, 4.0)[0]) == 25.0
    assert tuple(map(float, gradient(f)(3.0, 4.0))) == (6.0, 8.0)


@item("value cosSinProd")
def test_cos_sin_prod_has_the_value_and_the_rows_of_the_paper():
    forward, reverse = run_in(COS_SIN_PROD, D(AddFn)), run_in(COS_SIN_PROD, D(Dual(AddFn)))
    value, push = forward(2.0, 3.0)
    _, pull = reverse(2.0, 3.0)
    dx, dy = 0.25, -2.0
    sin6, cos6 = np.sin(6.0), np.cos(6.0)

    np.testing.assert_allclose(value, (0.960170287, -0.279415498), atol=1e-9)
    np.testing.assert_allclose(push(dx, dy), (-sin6 * (3 * dx + 2 * dy), cos6 * (3 * dx + 2 * dy)), atol=1e-12)
    np.testing.assert_allclose(pull.arrow(1.0, 0.0), (0.838246495, 0.558830996), atol=1e-9)
    np.testing.assert_allclose(pull.arrow(0.0, 1.0), (2.880510860, 1.920340573), atol=1e-9)


@item("value cos(x+yz)")
def test_cos_of_a_sum_has_the_value_and_the_gradient_of_the_paper():
    f = run_in(COS_SUM, D(Dual(AddFn)))

    np.testing.assert_allclose(f(1.0, 2.0, 3.0)[0], 0.753902254, atol=1e-9)
    np.testing.assert_allclose(gradient(f)(1.0, 2.0, 3.0), (-0.656986599, -1.970959796, -1.313973197), atol=1e-9)


def arithmetic(program, *arguments):
    """How often the optimised program multiplies, adds and subtracts."""
    counted = operations(program, *arguments)
    return {name: counted[name] for name in ("multiply", "add", "subtract", "negate") if counted[name]}


def written(program, *arguments):
    """The same, in the program as it is handed to the compiler, which may do cheap work twice; what nobody needs is not counted."""
    text = jax.jit(program).lower(*arguments).as_text()
    counted = {name: len(re.findall(rf"stablehlo.{name} ", text)) for name in ("multiply", "add", "subtract", "negate")}
    return {name: n for name, n in counted.items() if n}


@item("value magSqr")
def test_the_gradient_of_mag_sqr_costs_two_additions_more_than_its_value():
    f = run_in(MAG_SQR, D(Dual(AddFn)))

    def both(x, y):
        value, derivative = f(x, y)
        return value, derivative.arrow(1.0)

    assert arithmetic(lambda x, y: f(x, y)[0], 3.0, 4.0) == {"multiply": 2, "add": 1}
    assert arithmetic(both, 3.0, 4.0) == {"multiply": 2, "add": 3}


@item("value cosSinProd")
def test_the_reverse_of_cos_sin_prod_costs_four_products_and_a_difference_more_than_its_value():
    f = run_in(COS_SIN_PROD, D(Dual(AddFn)))

    def both(x, y, u, v):
        value, derivative = f(x, y)
        return value, derivative.arrow(u, v)

    assert written(lambda x, y: f(x, y)[0], 2.0, 3.0) == {"multiply": 1}
    assert written(both, 2.0, 3.0, 0.5, 0.25) == {"multiply": 1 + 4, "negate": 1, "add": 1}


# ---------------------------------------------------------------- rules
@item("Thm 3")
@item("Cor 3.1")
@each_kind
def test_a_linear_map_is_its_own_derivative(k):
    f = linear(R(2), R() @ R(2), [[1.0, 2.0], [0.0, -1.0], [0.5, 3.0]])

    value, derivative = D(k).linear(f)([1.0, -2.0])

    np.testing.assert_allclose(k.matrix(derivative), f.matrix, atol=1e-14)
    np.testing.assert_allclose(jnp.hstack(value), f.matrix @ jnp.array([1.0, -2.0]), atol=1e-14)


@each_kind
def test_products_of_matrices_are_differentiated_by_the_bilinear_rule(k):
    f = smooth(jnp.matmul, R(2, 2) @ R(2))
    xs = (jnp.array([[1.0, 2.0], [3.0, 5.0]]), jnp.array([-1.0, 0.5]))

    value, derivative = D(k).bilinear(f)(*xs)

    np.testing.assert_allclose(value, xs[0] @ xs[1], atol=1e-14)
    np.testing.assert_allclose(k.matrix(derivative), k.matrix(D(k).of(f)(*xs)[1]), atol=1e-12)


def test_the_exponential_shares_its_value_with_its_slope():
    f = D(Dual(AddFn)).exp(R(2))

    value, derivative = f([0.0, 1.0])

    np.testing.assert_allclose(value, np.exp([0.0, 1.0]), rtol=1e-14)
    np.testing.assert_allclose(derivative.arrow([2.0, 3.0]), np.exp([0.0, 1.0]) * [2.0, 3.0], rtol=1e-14)
    assert operations(lambda x: f(x)[1].arrow(jnp.ones(2)), jnp.ones(2))["exponential"] == 1


def test_discrete_wires_have_no_directions():
    f = smooth(lambda table, i: table[i], R(3) @ Fin(3))

    for k in (AddFn, Dual(AddFn)):
        C = D(k)
        value, derivative = (C.swap(Fin(3), R(3)) >> C.of(f) >> C.copy(LINE))(1, [1.0, 2.0, 4.0])
        assert tuple(map(float, value)) == (2.0, 2.0)
        np.testing.assert_array_equal(k.matrix(derivative), [[0.0, 1.0, 0.0]] * 2)
        np.testing.assert_array_equal(C.jacobian(C.pick(f.dom, (1, 0)), (jnp.zeros(3), 1)), np.eye(3))


@item("T3.7")
@item("Cor 1.1")
def test_in_a_chain_each_primitive_is_run_once():
    calls = []

    def counted(x):
        calls.append(x)
        return jnp.sin(x)

    f, n = smooth(counted, R()), 6
    chain = lambda g: Smooth.then(*[g] * n) if g.category is Smooth else g.category.then(*[g] * n)

    for k in (AddFn, Dual(AddFn)):
        g = chain(D(k).of(f))
        calls.clear()
        g(0.5)
        assert len(calls) == n

    lens = chain(Reverse(f))
    literal = dataclasses.replace(lens, stages=tuple(s for _ in range(n) for s in Reverse(f).stages)).literal_put
    calls.clear()
    literal(0.5, 1.0)
    assert len(calls) == n + n * (n - 1) // 2


@item("Thm 1")
@item("Thm 2")
@item("Cor 2.1")
def test_differentiation_keeps_composites_and_tensors():
    f, g = smooth(lambda x: jnp.sin(x) * x[0], R(2)), smooth(lambda y: (y.sum(), y[1] ** 2), R(2))
    h = smooth(jnp.exp, R())
    x = jnp.array([0.5, -1.5])

    for k in (AddFn, Dual(AddFn)):
        F = Derive(k)
        np.testing.assert_allclose(D(k).jacobian(F(f) >> F(g), (x,)), D(k).jacobian(F(f >> g), (x,)), atol=1e-14)
        beside = D(k).jacobian(F(f) @ F(h), (x, jnp.ones(())))
        np.testing.assert_allclose(beside, D(k).jacobian(F(f @ h), (x, jnp.ones(()))), atol=1e-14)


# ---------------------------------------------------------------- laws
def by_numpy(x, dice):
    """A random value at each wire."""
    return tuple(jnp.asarray(dice.normal(size=aval.shape)) for aval in x.avals())


def gap(law, drawn, dice):
    """How far the sides of a law are apart for one choice of random arrows."""

    def build(tape, dom, cod):
        return made(linear(dom, cod, jnp.asarray(dice.normal(size=(dimension(cod), dimension(dom))))))

    made = drawn.category.linear if isinstance(drawn.category, D) else drawn.category.lift
    drawn = dataclasses.replace(drawn, build=build, points=lambda x: by_numpy(x, dice), scenes=((R(2), R()),))
    tape = Tape(lambda chosen: chosen, scene=0)
    pairs = law.pairs(Draw(drawn, tape, drawn.readings[0]))
    return max(differ(drawn, tape, lhs, rhs, 0.0).size for lhs, rhs in pairs)


@item("T3.1")
@item("T3.2")
@item("T3.3")
@item("Begin")
@pytest.mark.parametrize("drawn", [d for d in draws.FURTHER if d.own_laws], ids=str)
def test_linear_arrows_of_every_kind_obey_the_laws_of_biproducts(drawn):
    """The suites run most of them on functions and on duals, with more arrows."""
    dice = np.random.default_rng(0)

    broken = {law: size for law, _ in laws.suite("", drawn) if (size := gap(law, drawn, dice)) > 1e-9}

    assert broken == {}


@item("T3.4")
@item("Thm 4")
@item("Thm 5")
@item("Begin")
@item("matrices")
@pytest.mark.parametrize("drawn", [d for d in draws.FURTHER if not d.own_laws], ids=str)
def test_the_functors_between_representations_are_homomorphisms(drawn):
    drawn = dataclasses.replace(drawn, scenes=((R(2),),), readings=drawn.readings[:1])

    for law, status in laws.suite("", drawn):
        assert status is laws.Status.ROUNDING
        laws.check(law, drawn, examples=2)


@item("T3.2")
def test_sums_of_points_are_not_natural_for_a_map_that_is_not_linear():
    law = laws.biproduct.merge_natural
    C = D(Dual(AddFn))
    square = C.copy(LINE) >> C.multiply(LINE)
    before, afterwards = C.merge(LINE) >> square, (square @ square) >> C.merge(LINE)

    assert float(before(1.0, 2.0)[0]) == 9.0
    assert float(afterwards(1.0, 2.0)[0]) == 5.0
    assert laws.refute(law, draws.d_reverse, examples=20, shrink=False).gap.size > 0
    with pytest.raises(NoWitness):
        laws.refute(law, draws.d_linear, examples=3)


@item("T3.3")
def test_fork_and_join_are_sums_and_not_as_the_long_draft_prints_them():
    """⟨u, v⟩ = u ; ι₀ + v ; ι₁ and [u, v] = π₀ ; u + π₁ ; v; exchanged, the ends do not meet."""
    u, v = (AddFn.lift(linear(R(2), R(), [[a, b]])) for a, b in ((1.0, 2.0), (3.0, -1.0)))

    fork = (u >> AddFn.inject_first(LINE, LINE)) + (v >> AddFn.inject_second(LINE, LINE))
    join = (AddFn.first(R(2), R(2)) >> u) + (AddFn.second(R(2), R(2)) >> v)

    assert AddFn.close(fork, AddFn.pair(u, v), tol=0.0)
    assert AddFn.close(join, AddFn.copair(u, v), tol=0.0)
    assert (fork.dom, fork.cod, join.dom, join.cod) == (R(2), LINE @ LINE, R(2) @ R(2), LINE)
    with pytest.raises(NotParallel, match="copair"):
        AddFn.copair(u, AddFn.id(R(2)))


@item("Cor 5.1")
def test_duality_exchanges_fork_and_join():
    u, v = (AddFn.lift(linear(R(2), R(3), m)) for m in (jnp.ones((3, 2)), jnp.arange(6.0).reshape(3, 2)))
    k = Dual(AddFn)

    forked, joined = k.pair(k.dual(u), k.dual(v)), k.copair(k.dual(u), k.dual(v))

    np.testing.assert_array_equal(AddFn.matrix(forked.arrow), AddFn.matrix(AddFn.copair(u, v)))
    np.testing.assert_array_equal(AddFn.matrix(joined.arrow), AddFn.matrix(AddFn.pair(u, v)))
    np.testing.assert_array_equal(k.matrix(forked), jnp.vstack([k.matrix(k.dual(u)), k.matrix(k.dual(v))]))


@item("Thm 5")
def test_dot_turns_parts_of_a_covector_into_a_copair():
    u, v = jnp.array([1.0, -2.0]), jnp.asarray(3.0)
    for k in (AddFn, Dual(AddFn), LMat):
        h = covector(k, R(2) @ R(), (u, v))
        parts = k.copair(covector(k, R(2), (u,)), covector(k, R(), (v,)))
        assert k.close(h, parts)
        np.testing.assert_array_equal(coefficients(h)[0], u)
        np.testing.assert_array_equal(coefficients(parts)[1], v)
        np.testing.assert_array_equal(coefficients(k.zero(R(2), R()))[0], np.zeros(2))


@item("matrices")
def test_running_a_matrix_and_reading_it_off_are_inverse():
    f = LMat.lift(linear(R(2) @ R(), R(1, 2), jnp.arange(6.0).reshape(2, 3)))
    g = AddFn.lift(linear(R(2), R(2), jnp.cumsum))

    assert [[b.shape for b in row] for row in f.blocks] == [[(1, 2, 2), (1, 2)]]
    assert LMat.close(Tabulate(Apply(f)), f, tol=0.0)
    assert AddFn.close(Apply(Tabulate(g)), g, tol=0.0)


@item("additive functions")
def test_an_additive_function_out_of_the_line_is_kept_as_a_vector():
    f = AddFn.vector(R(2), [1.0, 2.0]) >> AddFn.lift(linear(R(2), R(2), jnp.cumsum))

    np.testing.assert_array_equal(f.path[0].values[0], [1.0, 3.0])
    np.testing.assert_array_equal(f(2.0), [2.0, 6.0])
    with pytest.raises(NotAdditive):
        AddFn.copy(Fin(2))
    with pytest.raises(NotAdditive):
        LMat.id(Fin(2))


def test_wires_that_hold_records_count_as_their_leaves():
    from catlearn import space_of

    X = space_of({"a": jnp.zeros(2), "b": jnp.zeros(())})
    f = linear(X, R(2), lambda r: r["a"] * 2 + r["b"])

    for k in KINDS.values():
        np.testing.assert_array_equal(k.matrix(k.lift(f)), [[2.0, 0.0, 1.0], [0.0, 2.0, 1.0]])
        np.testing.assert_array_equal(k.matrix(k.lift(f) >> k.copy(R(2)) >> k.merge(R(2))), 2 * f.matrix)


def test_what_has_no_linear_arrows_is_refused():
    for make in (Dual, lambda k: Cont(k, LINE), lambda k: Begin(k, LINE), D):
        with pytest.raises(WrongCategory, match="linear arrows"):
            make(R(2))
    for k in (Cont(AddFn, LINE), Begin(AddFn, LINE)):
        with pytest.raises(NotComposable):
            k.id(LINE)(AddFn.id(R(2)))
    with pytest.raises(WrongCategory, match="linear arrows"):
        D(Smooth)
    with pytest.raises(WrongObject, match="end at"):
        AsDual()(Cont(AddFn, R(2)).id(LINE))
    with pytest.raises(WrongObject, match="bilinear"):
        D(AddFn).bilinear(smooth(jnp.sin, R()))
    with pytest.raises(WrongCategory):
        Cont(AddFn, LINE).id(R(2))(Linear.id(R(2)))


# ---------------------------------------------------------------- across the papers
@pytest.mark.paper("cross", "X3")
@each_term
def test_all_reverse_derivatives_agree_and_all_forward_ones(term):
    f, xs = run_in(term, Smooth), POINTS[len(term.dom)]
    call = lambda *xs: Smooth.apply(f, xs)
    dys = tuple(jnp.asarray(1.0 + i) for i in range(len(f.cod)))
    dxs = tuple(jnp.asarray(0.5 - i) for i in range(len(f.dom)))
    cont = run_in(term, D(Cont(Dual(AddFn), LINE)))(*xs)[1]
    begin = run_in(term, D(Begin(AddFn, LINE)))(*xs)[1]

    reverse = jax.vjp(call, *xs)[1](dys)
    np.testing.assert_allclose(Smooth.apply(Smooth.R(f), xs + dys), reverse, atol=1e-12)
    np.testing.assert_allclose(AddFn.apply(run_in(term, D(Dual(AddFn)))(*xs)[1].arrow, dys), reverse, atol=1e-12)
    np.testing.assert_allclose(coefficients(cont(covector(Dual(AddFn), f.cod, dys))), reverse, atol=1e-12)
    np.testing.assert_allclose(AddFn.apply(AsDual()(cont).arrow, dys), reverse, atol=1e-12)

    forward = jax.jvp(call, xs, dxs)[1]
    np.testing.assert_allclose(Smooth.apply(Smooth.D(f), xs + dxs), forward, atol=1e-12)
    np.testing.assert_allclose(AddFn.apply(run_in(term, D(AddFn))(*xs)[1], dxs), forward, atol=1e-12)
    np.testing.assert_allclose(AddFn.apply(begin(AddFn.vector(f.dom, *dxs)), ONE), forward, atol=1e-12)


@pytest.mark.paper("cross", "X4")
def test_the_chain_rule_is_composition_of_lenses_and_composition_of_duals():
    f, g = smooth(lambda x: jnp.sin(x) * x[0], R(2)), smooth(lambda y: y[0] * y[1], R(2))
    x, dz = jnp.array([0.5, -1.5]), jnp.asarray(2.0)
    C, k = D(Dual(AddFn)), Dual(AddFn)
    A, dC = R(2), LINE
    point, back = Smooth.first(A, dC), Smooth.second(A, dC)
    rd5 = Smooth.pair(point, Smooth.pair(point >> f, back) >> Smooth.R(g)) >> Smooth.R(f)
    at_f = C.of(f)(x)
    at_g = C.of(g)(at_f[0])

    np.testing.assert_allclose((Reverse(f) >> Reverse(g)).put(x, dz), rd5(x, dz), atol=1e-14)
    np.testing.assert_allclose((at_f[1] >> at_g[1]).arrow(dz), rd5(x, dz), atol=1e-14)
    np.testing.assert_allclose((at_g[1].arrow >> at_f[1].arrow)(dz), rd5(x, dz), atol=1e-14)

    X, Y = R(2), LINE  # RD.3 and RD.4: identity, projections and pairs go back as their duals
    for h, dual in (
        (Smooth.id(X), k.id(X)),
        (Smooth.first(X, Y), k.first(X, Y)),
        (Smooth.second(X, Y), k.second(X, Y)),
        (Smooth.copy(X), k.copy(X)),
        (Smooth.discard(X), k.discard(X)),
    ):
        assert Smooth.close(Smooth.R(h), Smooth.discard(h.dom) @ Smooth.arrow(h.cod, h.dom, Arrow(dual.arrow)), tol=0.0)
    paired = k.pair(at_f[1], k.id(A)).arrow(x, x)
    np.testing.assert_allclose(Smooth.R(Smooth.pair(f, Smooth.id(A)))(x, x, x), paired, atol=1e-14)


class Arrow:
    """An additive function as a function on tuples of values."""

    def __init__(self, f):
        self.f = f

    def __call__(self, xs):
        return AddFn.apply(self.f, xs)


@pytest.mark.paper("cross", "X5")
def test_the_dagger_is_the_dual_is_the_transposed_matrix():
    f = linear(R(3), R(2), jax.tree_util.Partial(jnp.matmul, jnp.arange(6.0).reshape(2, 3)))

    np.testing.assert_array_equal(f.dagger.matrix, np.array(f.matrix).T)
    np.testing.assert_array_equal(AddFn.matrix(Dual(AddFn).lift(f).arrow), np.array(f.matrix).T)
    np.testing.assert_array_equal(LMat.matrix(LMat.lift(f.dagger)), np.array(f.matrix).T)
    np.testing.assert_array_equal(LMat.matrix(Dual(LMat).lift(f).arrow), np.array(f.matrix).T)


# ---------------------------------------------------------------- families
FAMILY = [smooth(jnp.sin, R(2)), smooth(lambda x: x * x, R(2)), smooth(lambda x: x[::-1] * x[0], R(2))]
STACK = jnp.array([[0.5, 1.0], [2.0, -1.0], [0.25, 3.0]])


@item("indexed biproducts")
@pytest.mark.parametrize("C", [Smooth, AddFn, Linear, Dual(AddFn), D(AddFn), D(Dual(AddFn))], ids=str)
def test_the_operations_on_families_obey_their_equations(C):
    I, X, n = indexed(C, 3), R(2), 3
    shear = linear(R(2), R(2), jnp.cumsum)
    twice = linear(R(2), R(2), [[0.0, 2.0], [1.0, 1.0]])
    made = {Smooth: lambda f: Lift(Linear)(f), AddFn: AddFn.lift, Linear: lambda f: f}
    lift = made.get(C) or (C.linear if isinstance(C, D) else C.lift)
    if C is Smooth:
        lift = lambda f: smooth(jax.tree_util.Partial(jnp.matmul, f.matrix), R(2))
    fs = [lift(f) for f in (shear, twice, shear)]
    cubed = X.stacked(n)

    def same(f, g):
        assert (f.dom, f.cod) == (g.dom, g.cod)
        if not isinstance(C, D):
            return C.close(f, g, tol=1e-12)
        xs = f.dom.elements((jnp.arange(float(math.prod(f.dom.avals()[0].shape))).reshape(f.dom.avals()[0].shape),))
        return np.allclose(C.apply(f, xs), C.apply(g, xs)) and np.allclose(C.jacobian(f, xs), C.jacobian(g, xs))

    assert all(map(same, I.unfork(I.fork(fs), X), fs))
    assert all(map(same, I.unjoin(I.join(fs), X), fs))
    assert same(I.fork(I.project(X)), C.id(cubed))
    assert same(I.join(I.inject(X)), C.id(cubed))
    assert same(I.fork(fs), I.replicate(X) >> I.cross(fs))
    assert same(I.join(fs), I.cross(fs) >> I.total(X))
    assert same(I.cross(fs) >> I.project(X)[1], I.project(X)[1] >> fs[1])
    assert same(I.inject(X)[2] >> I.cross(fs), fs[2] >> I.inject(X)[2])
    assert same(I.inject(X)[0] >> I.project(X)[0], C.id(X))
    assert same(I.inject(X)[0] >> I.project(X)[1], C.zero(X, X))
    assert same(I.replicate(X) >> I.total(X), C.id(X) + C.id(X) + C.id(X))
    if C is Smooth:
        assert same(I.map(fs[0]), C.mapped(fs[0], n, unit))


@item("Thm 6")
@pytest.mark.parametrize("k", [AddFn, Dual(AddFn)], ids=str)
def test_the_derivative_of_a_family_is_the_family_of_derivatives(k):
    C, I = D(k), indexed(D(k), 3)
    crossed = I.cross([C.of(f) for f in FAMILY])
    value, derivative = crossed(STACK)
    each = indexed(k, 3).cross([C.of(f)(x)[1] for f, x in zip(FAMILY, STACK, strict=True)])
    whole = indexed(Smooth, 3).cross(FAMILY)

    np.testing.assert_allclose(value, whole(STACK), atol=1e-14)
    np.testing.assert_allclose(k.matrix(derivative), k.matrix(each), atol=1e-14)
    np.testing.assert_allclose(k.matrix(derivative), C.jacobian(C.of(whole), (STACK,)), atol=1e-12)


@item("indexed biproducts")
def test_one_map_on_each_value_is_the_cross_of_its_copies():
    f = FAMILY[1]
    I, C = indexed(Smooth, 3), D(Dual(AddFn))

    np.testing.assert_array_equal(I.map(f)(STACK), Smooth.mapped(f, 3, unit)(STACK))
    mapped = indexed(C, 3).map(C.of(f))
    np.testing.assert_allclose(C.jacobian(mapped, (STACK,)), C.jacobian(C.of(Smooth.mapped(f, 3, unit)), (STACK,)))
    with pytest.raises(WrongObject, match="needs 3 arrows"):
        I.cross(FAMILY[:2])
    with pytest.raises(WrongObject, match="n >= 1"):
        indexed(Smooth, 0)
    with pytest.raises(WrongCategory, match="families"):
        indexed(Cont(AddFn, LINE), 2)


# ---------------------------------------------------------------- changes
@item("T3.8")
@item("incremental")
@each_term
def test_evaluating_after_a_change_is_changing_the_value(term):
    f, xs, dice = run_in(term, Inc), POINTS[len(term.dom)], random.Random(0)
    value, derivative = f(*xs)
    value = value if isinstance(value, tuple) else (value,)
    for _ in range(4):
        change = tuple(jnp.asarray(dice.gauss(0, 1)) if dice.random() < 0.5 else None for _ in xs)
        expected = Inc.apply(f, update(xs, change))
        np.testing.assert_allclose(update(value, derivative(*change)), expected, atol=1e-14)
    assert derivative(*[None] * len(xs)) == (None,) * len(term.cod)


@item("incremental")
def test_what_did_not_change_is_not_computed_again():
    calls = []

    def counted(name, f):
        def call(*xs):
            calls.append(name)
            return f(*xs)

        return Inc.of(smooth(call, R() if name != "plus" else R() @ R()))

    f = (counted("left", jnp.sin) @ counted("right", jnp.cos)) >> counted("plus", jnp.add)
    _, derivative = f(1.0, 2.0)
    calls.clear()
    (change,) = derivative(None, jnp.asarray(0.0))

    assert calls == ["right", "plus"]
    np.testing.assert_allclose(change, np.sin(1.0) + 1.0)
    assert derivative(None, None) == (None,)


@item("incremental")
def test_changes_compose_and_are_differences():
    old, new = (1.0, 2.0, 3.0), (1.0, 5.0, 3.0)
    first, second = (7.0, None, 8.0), (None, 5.0, 9.0)

    assert difference(new, old) == (None, 5.0, None)
    assert update(old, difference(new, old)) == new
    assert update(old, after(first, second)) == update(update(old, first), second)
    assert difference(old, old) == (None, None, None)
    with pytest.raises(WrongValue, match="3 parts"):
        update(old, (None,))
    C = Change
    swapped = C.swap(LINE, R(2)) >> C.copy(R(2) @ LINE) >> C.pick(R(2) @ LINE @ R(2) @ LINE, (0, 3))
    assert swapped(None, 5.0) == (5.0, None)
    assert (C.id(LINE) @ C.discard(LINE))(1.0, 2.0) == (1.0,)


@item("incremental")
def test_sums_products_and_discrete_wires_change_too():
    f = Inc.multiply(LINE) >> Inc.sin(LINE)
    value, derivative = (f + f)(2.0, 3.0)
    np.testing.assert_allclose(derivative(None, jnp.asarray(4.0))[0], 2 * np.sin(8.0))
    np.testing.assert_allclose(value, 2 * np.sin(6.0))

    row = Inc.of(smooth(lambda table, i: table[i], R(3) @ Fin(3)))
    _, derivative = row([1.0, 2.0, 4.0], 0)
    assert float(derivative(None, jnp.asarray(2))[0]) == 4.0


# ---------------------------------------------------------------- programs
@item("D(k)")
@pytest.mark.parametrize("k", [AddFn, Dual(AddFn), Cont(Dual(AddFn), LINE), Begin(AddFn, LINE)], ids=str)
def test_derivatives_lower_for_every_kind_of_hardware(k):
    f = run_in(COS_SUM, D(k))

    assert lowers_everywhere(lambda *xs: (f(*xs)[0], k.matrix(f(*xs)[1])), 1.0, 2.0, 3.0)


@item("Thm 4")
def test_continuations_are_composed_from_the_end_however_they_are_bracketed():
    """Each step applies one part to the covector that is there so far: no two matrices are ever multiplied."""
    k = Cont(Dual(AddFn), LINE)
    parts = [k.lift(linear(R(64), R(64), jnp.ones((64, 64)))) for _ in range(3)]
    last = k.lift(linear(R(64), LINE, jnp.ones((1, 64))))
    h = Dual(AddFn).id(LINE)

    for f in (((parts[0] >> parts[1]) >> parts[2]) >> last, parts[0] >> (parts[1] >> (parts[2] >> last))):
        counted = jax.jit(lambda f=f: coefficients(f(h))).lower().cost_analysis()
        assert counted["flops"] < 4 * 2 * 64 * 64


@item("Begin")
def test_beginnings_are_the_mirror_of_continuations():
    f = linear(R(2), R(3), jnp.arange(6.0).reshape(3, 2))
    forward = ToBegin(AddFn, R(2))(AddFn.lift(f))(AddFn.id(R(2)))
    backward = ToCont(Dual(AddFn), R(3))(Dual(AddFn).lift(f))(Dual(AddFn).id(R(3)))

    np.testing.assert_array_equal(AddFn.matrix(forward), f.matrix)
    np.testing.assert_array_equal(Dual(AddFn).matrix(backward), f.matrix)
