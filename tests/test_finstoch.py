"""Kernels between finite sets: against enumeration with fractions, in every set of numbers, compiled and not."""

import itertools
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.harness import cost, opcodes
from catlearn import Fin, FinStoch, R, kernel, unit
from catlearn.categories import FinStochCategory, Kernel, LogFinStoch, QuasiStoch, QuasiStochCategory
from catlearn.categories.tables import shape
from catlearn.constructions import exponential, logarithm
from catlearn.constructions.renumber import floats
from catlearn.laws import confirm, draws, suite
from catlearn.objects import Log, Q, Z
from catlearn.theory import CatlearnError
from catlearn.theory.errors import (
    NotComposable,
    NotConcrete,
    NotInRig,
    NotStochastic,
    WrongObject,
    WrongShape,
    WrongValue,
)
from tests.programs import lowers_everywhere

MARKOV, INVERSION, FLOW = "1908.07021", "1709.00322", "2211.02507"
X, Y, W = Fin(2), Fin(3), Fin(2) @ Fin(3)
Exact = FinStochCategory(Q)


def fractions(rng, dom, cod, *, zeros=True):
    """A random kernel of fractions."""
    n, m = int(np.prod(shape(dom))), int(np.prod(shape(cod)))
    rows = rng.integers(0 if zeros else 1, 4, (n, m))
    rows[rows.sum(1) == 0, 0] = 1
    table = [[Fraction(int(k), int(row.sum())) for k in row] for row in rows]
    return kernel(dom, cod, np.array(table, object).reshape(shape(dom @ cod)), over=Exact)


def every(x):
    """The elements of an object."""
    return list(itertools.product(*map(range, shape(x))))


# ------------------------------------------------------------------ composition and tensor


def test_composition_and_tensor_are_the_sums_and_products_that_one_enumerates():
    rng = np.random.default_rng(0)
    f, g = fractions(rng, W, Y), fractions(rng, Y, W)

    composite, both = f >> g, f @ g
    for w, v in itertools.product(every(W), every(W)):
        assert composite.table[(*w, *v)] == sum(f.table[(*w, y)] * g.table[(y, *v)] for y in range(3))
        for y, z in itertools.product(range(3), range(3)):
            assert both.table[(*w, y, z, *v)] == f.table[(*w, z)] * g.table[(y, *v)]


def test_composition_of_a_thousand_states_is_the_dot_of_a_matrix_product_and_nothing_else():
    n, m = Fin(1000), Fin(10) @ Fin(100)
    shaped = lambda x: jax.ShapeDtypeStruct(shape(x), jnp.float32)
    compiled = lambda f, *xs: jax.jit(f).lower(*map(shaped, xs)).compile()
    ours = lambda x: compiled(lambda a, b: (Kernel(x, x, a) >> Kernel(x, x, b)).table, x @ x, x @ x)
    peer = compiled(jnp.matmul, n @ n, n @ n)

    one, several = ours(n), ours(m)
    assert opcodes(one)["dot"] == 1
    assert opcodes(one) == opcodes(peer)
    assert opcodes(several) - opcodes(peer) == {"bitcast": opcodes(several)["bitcast"]}  # a bitcast moves nothing
    assert cost(one) == cost(several) == cost(peer)


def test_a_joint_state_of_a_thousand_by_a_thousand_is_looked_at_and_split_without_larger_tables():
    n = Fin(1000)
    shaped = lambda x: jax.ShapeDtypeStruct(shape(x), jnp.float32)

    def program(p, c):
        joint = FinStoch.joint(Kernel(unit, n, p), Kernel(n, n, c))
        return FinStoch.marginal(joint, (1,)).table, FinStoch.conditional(joint, 1).table

    used = jax.jit(program).lower(shaped(n), shaped(n @ n)).compile().memory_analysis()
    assert used is not None
    assert used.temp_size_in_bytes <= 3 * 4 * 1000 * 1000


def test_composition_and_inversion_lower_for_every_kind_of_hardware():
    p, c = FinStoch.uniform(X), FinStoch.uniform(X) @ FinStoch.id(Y)
    c = Kernel(X, X @ Y, jnp.full((2, 2, 3), 1 / 6))

    assert lowers_everywhere(lambda p, c: (p >> c).table, p, c)
    assert lowers_everywhere(lambda p, c: FinStoch.bayes_inverse(c, p).table, p, c)
    assert lowers_everywhere(lambda p, c: (logarithm(p) >> logarithm(c)).table, p, c)


# ------------------------------------------------------------------ conditionals and inverses


@pytest.mark.paper(INVERSION, "FinStoch inverse")
@pytest.mark.paper("inference", "unreachable output")
def test_the_inverse_is_the_formula_of_bayes_and_what_one_says_off_the_support():
    p = kernel(unit, Fin(3), [0.2, 0.5, 0.3])
    c = kernel(Fin(3), X, [[0.9, 0.1], [0.4, 0.6], [0.1, 0.9]])
    by_hand = [[0.18 / 0.41, 0.2 / 0.41, 0.03 / 0.41], [0.02 / 0.59, 0.3 / 0.59, 0.27 / 0.59]]
    np.testing.assert_allclose(FinStoch.bayes_inverse(c, p).table, by_hand, atol=1e-12)

    half = Fraction(1, 2)
    sure = kernel(unit, X, [1, 0], over=Exact)
    never = kernel(X, Y, [[half, half, 0], [0, 0, 1]], over=Exact)
    forget = Exact.discard(Y) >> sure
    np.testing.assert_array_equal(Exact.bayes_inverse(never, sure).table, [[1, 0], [1, 0], [half, half]])
    np.testing.assert_array_equal(Exact.bayes_inverse(never, sure, otherwise=forget).table, [[1, 0]] * 3)


@pytest.mark.paper(MARKOV, "conditionals")
def test_a_conditional_is_the_quotient_by_the_marginal_for_every_input():
    rng = np.random.default_rng(2)
    f = fractions(rng, X, W)

    k = Exact.conditional(f, 1)
    for a, x, y in itertools.product(range(2), range(2), range(3)):
        total = sum(f.table[a, x, z] for z in range(3))
        assert k.table[x, a, y] == (f.table[a, x, y] / total if total else Fraction(1, 3))


@pytest.mark.paper(INVERSION, "FinStoch inverse")
@pytest.mark.paper("inference", "unreachable output")
@pytest.mark.float32
def test_evidence_of_probability_zero_gives_no_nan_and_neither_do_its_derivatives():
    def posterior(p, c):
        return FinStoch.bayes_inverse(Kernel(X, Y, c), Kernel(unit, X, p)).table

    p, c = jnp.array([1.0, 0.0]), jnp.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    weights = jnp.arange(6.0).reshape(3, 2)
    value, slopes = jax.jit(jax.value_and_grad(lambda p, c: (weights * posterior(p, c)).sum(), (0, 1)))(p, c)

    assert np.isfinite(value)
    assert all(np.isfinite(s).all() for s in slopes)


def test_kernels_are_batched_and_differentiated_as_the_arrays_that_they_hold():
    tables = jnp.stack([jnp.array([[0.5, 0.5], [0.25, 0.75]]), jnp.array([[1.0, 0.0], [0.0, 1.0]])])
    p, stack = kernel(unit, X, [0.25, 0.75]), Kernel(X, X, tables)

    many = jax.jit(jax.vmap(lambda k: p >> k))(stack)
    np.testing.assert_allclose(many.table, [[0.3125, 0.6875], [0.25, 0.75]])

    # d/dt of P(y = 0) for the channel [[t, 1 - t], [1/4, 3/4]] is p(0)
    rate = jax.jit(jax.grad(lambda t: (p >> Kernel(X, X, jnp.stack([jnp.stack([t, 1 - t]), tables[0, 1]]))).table[0]))
    assert rate(0.5) == 0.25


@pytest.mark.paper(INVERSION, "Bayesian inverse")
@pytest.mark.paper(FLOW, "coisometry")
def test_a_channel_is_a_coisometry_exactly_when_it_is_deterministic_where_something_falls():
    rng = np.random.default_rng(3)
    found = set()
    for _ in range(60):
        p, c = fractions(rng, unit, X), fractions(rng, X, X)
        q = p >> c
        sure = all(set(c.table[x]) == {0, 1} for x in range(2) if p.table[x])
        coisometry = Exact.as_equal(q, Exact.bayes_inverse(c, p) >> c, Exact.id(X))
        assert coisometry == sure
        found.add(sure)
    assert found == {True, False}


# ------------------------------------------------------------------ almost surely, deterministic, support


@pytest.mark.paper(MARKOV, "as-equality")
def test_almost_sure_equality_is_decided_as_it_is_defined():
    rng = np.random.default_rng(4)
    found = set()
    for _ in range(60):
        p, f = fractions(rng, unit, X), fractions(rng, X, X)
        g = fractions(rng, X, X)
        g = Kernel(X, X, np.where((rng.integers(0, 2, 2) == 1)[:, None], f.table, g.table), Exact)
        defined = Exact.close(Exact.joint(p, f), Exact.joint(p, g))
        assert Exact.as_equal(p, f, g) == defined
        found.add((defined, Exact.close(f, g)))
    assert (True, False) in found


@pytest.mark.paper(MARKOV, "deterministic")
def test_deterministic_kernels_are_those_that_can_be_copied_and_their_tables_hold_zeros_and_ones():
    rng = np.random.default_rng(5)
    found = set()
    for _ in range(60):
        f = fractions(rng, X, X)
        copied = Exact.close(f >> Exact.copy(X), Exact.pair(f, f))
        assert Exact.is_deterministic(f) == copied == (set(f.table.flat) <= {0, 1})
        found.add(copied)
    assert found == {True, False}
    assert FinStoch.is_deterministic(FinStoch.deterministic(W, Y, lambda a, b: (a + b) % 3))


@pytest.mark.paper(MARKOV, "copy not natural")
def test_a_coin_is_copied_and_not_tossed_twice():
    coin = kernel(unit, X, [0.5, 0.5])
    np.testing.assert_array_equal((coin >> FinStoch.copy(X)).table, [[0.5, 0.0], [0.0, 0.5]])
    np.testing.assert_array_equal((coin @ coin).table, [[0.25, 0.25], [0.25, 0.25]])


@pytest.mark.paper("supports", "absolute continuity")
def test_absolute_continuity_is_that_what_holds_almost_surely_there_holds_here():
    points = [Exact.deterministic(unit, Y, lambda i=i: i) for i in range(3)]
    arrows = [Exact.deterministic(Y, X, lambda y, bits=bits: bits[y]) for bits in itertools.product((0, 1), repeat=3)]
    rng = np.random.default_rng(6)
    for _ in range(12):
        p, q = fractions(rng, unit, Y), fractions(rng, unit, Y)
        defined = all(Exact.as_equal(p, f, g) for f, g in itertools.combinations(arrows, 2) if Exact.as_equal(q, f, g))
        assert Exact.absolutely_continuous(p, q) == defined
        assert [Exact.absolutely_continuous(x, p) for x in points] == list(Exact.supported(p))


@pytest.mark.paper("supports", "precise supports")
def test_a_point_lies_in_the_support_of_a_joint_exactly_when_its_parts_lie_in_theirs():
    rng = np.random.default_rng(7)
    point = lambda x, i: Exact.deterministic(unit, x, lambda: i)
    for _ in range(12):
        p, f = fractions(rng, unit, X), fractions(rng, X, Y)
        joint = Exact.joint(p, f)
        for x, y in itertools.product(range(2), range(3)):
            together = Exact.absolutely_continuous(point(X, x) @ point(Y, y), joint)
            first = Exact.absolutely_continuous(point(X, x), p)
            assert together == (first and Exact.absolutely_continuous(point(Y, y), point(X, x) >> f))


@pytest.mark.paper("supports", "support object")
def test_the_support_is_a_set_of_its_own_with_the_labels_of_its_elements():
    weather = Fin(3, labels=["sun", "rain", "snow"])
    S = FinStoch.support(kernel(unit, weather, [0.5, 0.0, 0.5]))
    assert S.ob.wires[0].labels == ("sun", "snow")
    np.testing.assert_array_equal(S.inclusion("snow").table, [0.0, 0.0, 1.0])

    pairs = FinStoch.support(FinStoch.uniform(X) @ kernel(unit, weather, [0.0, 1.0, 0.0]))
    assert pairs.ob.wires[0].labels == ("0, rain", "1, rain")
    with pytest.raises(NotConcrete, match="mask"):
        jax.jit(lambda p: FinStoch.support(p).inclusion.table)(FinStoch.uniform(X))
    with pytest.raises(WrongObject, match="only a state has a support"):
        FinStoch.support(FinStoch.id(X))


# ------------------------------------------------------------------ logarithms


def test_logarithms_do_not_underflow_where_probabilities_do():
    rare = Fraction(1, 10**30)
    step = [[rare, 1 - rare], [Fraction(0), Fraction(1)]]
    f = kernel(X, X, [[float(x) for x in row] for row in step])
    n = 12

    stay = jax.jit(lambda f: logarithm(f) ** n)(f).table
    exact = np.linalg.matrix_power(np.array(step, object), n)[0, 0]
    expected = np.log(float(exact.numerator)) - n * 30 * np.log(10.0)

    assert (f**n).table[0, 0] == 0.0
    np.testing.assert_allclose(stay[0, 0], expected, rtol=1e-12)
    assert stay[1, 0] == -jnp.inf


def test_evidence_of_probability_below_all_floats_is_conditioned_on_in_logarithms():
    tiny = -2000.0  # e^-2000 is no double
    p = kernel(unit, X, np.log([0.25, 0.75]), over=LogFinStoch)
    c = kernel(X, X, [[tiny, 0.0], [tiny + np.log(2.0), 0.0]], over=LogFinStoch)

    back, prediction = jax.jit(lambda p, c: (exponential(LogFinStoch.bayes_inverse(c, p)), p >> c))(p, c)
    np.testing.assert_allclose(np.asarray(back.table)[0], [1 / 7, 6 / 7], rtol=1e-12)
    np.testing.assert_allclose(np.asarray(prediction.table)[0], tiny + np.log(1.75), rtol=1e-14)


def test_derivatives_in_logarithms_are_those_of_the_probabilities_and_zero_at_what_is_impossible():
    p = jnp.array([0.25, 0.75])

    def evidence(c):
        return (logarithm(Kernel(unit, X, p)) >> logarithm(Kernel(X, Y, c))).table

    c = jnp.array([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]])
    slopes = np.asarray(jax.jit(jax.jacrev(evidence))(c))
    np.testing.assert_allclose(slopes[0, :, 0], p / 0.3125, rtol=1e-12)
    assert np.isfinite(slopes).all()
    assert not slopes[2].any()


@pytest.mark.float32
def test_logarithms_are_a_functor_that_keeps_composites_tensors_and_inverses():
    rng = np.random.default_rng(8)
    p, c = fractions(rng, unit, X), fractions(rng, X, Y)

    @jax.jit
    def both(p, c):
        one, other = logarithm(p), logarithm(c)
        there = LogFinStoch.bayes_inverse(other, one), one >> other, one @ other
        return tuple(map(exponential, there)), (FinStoch.bayes_inverse(c, p), p >> c, p @ c)

    lefts, rights = both(floats(p), floats(c))
    exact = Exact.bayes_inverse(c, p), p >> c, p @ c
    for left, right, by_fractions in zip(lefts, rights, exact, strict=True):
        np.testing.assert_allclose(right.table, by_fractions.table.astype(float), atol=1e-6)
        np.testing.assert_allclose(left.table, right.table, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("drawn", draws.FURTHER_FINITE, ids=str)
def test_the_laws_hold_in_floats_and_in_logarithms(drawn):
    for law, status in suite(drawn):
        assert confirm(law, drawn, examples=5, shrink=False).status == status


# ------------------------------------------------------------------ signed kernels


@pytest.mark.paper(MARKOV, "quasi-stochastic")
@pytest.mark.paper(MARKOV, "positivity")
def test_a_signed_state_with_a_sure_image_need_not_be_independent_of_it():
    f = kernel(unit, X, [2.0, -1.0], over=QuasiStoch)
    g = kernel(X, X, [[1.0, 0.0], [1.0, 0.0]], over=QuasiStoch)
    h = kernel(X, X, [[0.5, 0.5], [0.0, 1.0]], over=QuasiStoch)
    together = lambda g: f >> QuasiStoch.pair(QuasiStoch.id(X), g)
    apart = lambda g: QuasiStoch.pair(f, f >> g)

    np.testing.assert_array_equal((f >> h).table, [1.0, 0.0])
    assert QuasiStoch.close(together(g), apart(g))
    assert not QuasiStoch.close(together(h), apart(h))
    assert QuasiStoch.close(together(h) >> QuasiStoch.discard(X @ X), QuasiStoch.id(unit))


@pytest.mark.paper("supports", "support functor")
def test_the_support_of_signed_weights_is_no_functor_since_terms_cancel():
    f = kernel(unit, X, [2, -1], over=QuasiStochCategory(Z))
    h = kernel(X, X, [[1, 0], [2, -1]], over=QuasiStochCategory(Z))
    some = lambda k: k.table != 0
    assert not np.array_equal(some(f >> h), (some(f) @ some(h)) > 0)


# ------------------------------------------------------------------ mistakes


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ([[0.5, 0.5, 0.5], [1.0, 0.0, 0.0]], r"the row at the input \(0,\) sums to 1.5"),
        ([[1.0, 0.0, 0.0], [-0.5, 1.0, 0.5]], r"the row at the input \(1,\) has a negative entry"),
        ([[1.0, 0.0, 0.0], [float("nan"), 1.0, 0.0]], r"the row at the input \(1,\) sums to nan"),
    ],
)
def test_a_table_that_is_not_stochastic_is_refused_and_the_row_is_named(table, why):
    with pytest.raises(NotStochastic, match=why):
        kernel(X, Y, table)
    made, ok = jax.jit(lambda t: kernel(X, Y, t, check="flag"))(jnp.array(table))
    assert not ok
    assert made.cod == Y


def test_fractions_and_logarithms_are_checked_as_floats_are():
    with pytest.raises(NotStochastic, match="sums to 5/6"):
        kernel(unit, X, [Fraction(1, 2), Fraction(1, 3)], over=Exact)
    with pytest.raises(NotStochastic, match="logarithms of sum"):
        kernel(unit, X, [0.0, 0.0], over=LogFinStoch)
    with pytest.raises(NotInRig):
        kernel(unit, X, [0.5, 0.5], over=Exact)
    with pytest.raises(NotInRig):
        Log.array([float("inf"), 0.0])


def test_shapes_and_wires_that_do_not_fit_are_named_with_the_cure():
    with pytest.raises(WrongShape, match="Transpose the table"):
        kernel(X, Y, [[0.5, 0.5]] * 3)
    with pytest.raises(WrongShape, match="one axis a wire"):
        kernel(W, X, [[0.5, 0.5]] * 6)
    with pytest.raises(WrongObject, match=r"R\(2\) is no finite set"):
        FinStoch.id(R(2))
    with pytest.raises(WrongValue, match=r"expects an integer in 0\.\.1"):
        FinStoch.id(X)(2)
    with pytest.raises(WrongValue):
        FinStoch.deterministic(X, Y, lambda x: x + 2)


@pytest.mark.paper("inference", "wrong space")
def test_composing_onto_another_space_of_the_same_size_is_a_mistake():
    with pytest.raises(NotComposable, match=r"f ends at Fin\(6\), but g starts at Fin\(2\) @ Fin\(3\)"):
        FinStoch.then(FinStoch.uniform(Fin(6)), FinStoch.id(W))
    for wrong in (
        lambda: FinStoch.joint(FinStoch.uniform(X), FinStoch.id(Y)),
        lambda: FinStoch.bayes_inverse(FinStoch.id(Y), FinStoch.uniform(X)),
        lambda: FinStoch.as_equal(FinStoch.uniform(X), FinStoch.id(Y), FinStoch.id(Y)),
        lambda: FinStoch.uniform(X) >> Exact.id(X),
        lambda: FinStoch.conditional(FinStoch.uniform(X), 2),
        lambda: FinStoch.conditional(FinStoch.uniform(W), 1, otherwise=FinStoch.id(X)),
        lambda: logarithm(Exact.id(X)),
    ):
        with pytest.raises(CatlearnError):
            wrong()
