"""Programs that condition: equality, normal forms, bottom, comparison, and what they say of inverses and supports."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import Cond, Fin, FinStoch, Gauss, R, Smooth, gaussian, kernel, laws, unit
from catlearn.categories import FinStochCategory
from catlearn.categories.extgauss import ExtGauss
from catlearn.constructions import Obs, Programs, normal_form, normalise, same_form, weights
from catlearn.constructions.conditioning_gauss import point, read_in
from catlearn.laws import draws
from catlearn.objects import Q
from catlearn.theory.errors import CatlearnError, Infeasible, NotComposable, NotConcrete, WrongCategory, WrongObject

PAPER, EXTENDED, ACROSS = "2101.11351", "2204.14024", "cross"
coin, die = Fin(2), Fin(3)
finite, gauss = Cond(FinStoch), Cond(Gauss)

LAWS = {
    "tautology": "law tautology",
    "equation_symmetric": "law symmetry",
    "equation_idempotent": "law symmetry",
    "substitution": "law substitution",
    "aggregate": "law aggregate",
    "whiskering": "law commute",
    "initialise": "law initialise",
    "bottom_absorbs": "law fail",
    "discard_natural": "Cond",
    "interchange": "Cond",
}
BY_LAW = [
    pytest.param(name, marks=pytest.mark.paper(PAPER, item), id=f"{name} ({item})") for name, item in LAWS.items()
]
NAMED = {str(law): law for law in laws.LAWS}


@pytest.mark.parametrize("name", BY_LAW)
def test_the_laws_of_conditioning_are_decided_over_fractions(name):
    laws.confirm(NAMED[name], draws.cond_finite, examples=5)


@pytest.mark.paper(EXTENDED, "Frobenius")
@pytest.mark.parametrize("law", laws.hypergraph.LAWS, ids=str)
def test_weights_up_to_a_scalar_are_a_hypergraph_category(law):
    laws.confirm(law, draws.cond_finite, examples=2)


@pytest.mark.paper(PAPER, "Cond")
def test_arrows_of_the_base_are_programs_and_copies_are_kept():
    J, f = Programs(FinStoch), kernel(coin, die, [[0.25, 0.25, 0.5], [0.0, 0.5, 0.5]])
    assert J(f).hidden == unit
    assert finite.close(J(f >> FinStoch.copy(die)), J(f) >> finite.copy(die))
    assert J(coin) == coin
    assert str(J) == "FinStoch → Cond(FinStoch)"


@pytest.mark.paper(PAPER, "Cond(FinStoch)")
def test_one_scalar_for_all_rows_changes_nothing_and_one_for_each_row_does():
    def weigh(table):
        heads = kernel(unit, coin, [0.0, 1.0])
        rest = np.array([[0.5, 0.5]]) * (1 - np.sum(table, axis=1, keepdims=True))
        body = kernel(coin, coin @ coin, np.stack([rest, np.asarray(table)], axis=-1))
        return finite.lift(body) >> (coin @ finite.observe(heads))

    q = np.array([[0.2, 0.1], [0.6, 0.3]])
    f, g, h = weigh(q), weigh(2 / 3 * q), weigh(np.diag([1.0, 0.5]) @ q)
    assert np.allclose(weights(f), q)
    assert finite.close(f, g)
    assert not finite.close(f, h)
    assert finite.probed(f, g)
    assert not finite.probed(f, h)
    assert np.allclose(finite.probe(f).state.table.ravel(), [1 / 6, 1 / 12, 1 / 2, 1 / 4])
    assert np.allclose(finite.probe(h).state.table.ravel(), [0.8 / 3, 0.4 / 3, 0.4, 0.2])
    assert np.allclose(normalise(f), normalise(g))


@pytest.mark.paper(PAPER, "value finite")
def test_two_dice_that_show_the_same():
    one, two = kernel(unit, die, [0.2, 0.3, 0.5]), kernel(unit, die, [0.6, 0.3, 0.1])
    left = finite.run((finite.lift(one) @ finite.lift(two)) >> finite.compare(die))
    assert np.allclose(left.require().table, [0.461538, 0.346154, 0.192308], atol=1e-6)
    assert np.isclose(np.exp(left.log_evidence), 0.26)


@pytest.mark.paper(PAPER, "Cond")
def test_bottom_is_a_value_without_nan_that_absorbs_under_jit():
    sure = lambda i: kernel(unit, coin, [1.0 - i, float(i)])
    bad = finite.lift(sure(0)) >> finite.copy(coin) >> (coin @ finite.observe(sure(1)))
    after = jax.jit(lambda f: finite.run(f >> finite.lift(kernel(coin, coin, [[0.5, 0.5], [0.25, 0.75]]))))(bad)
    assert not after.ok
    assert np.isfinite(after.state.table).all()
    assert after.log_evidence == -np.inf
    with pytest.raises(Infeasible, match="impossible"):
        after.require()
    assert normalise(bad) is None
    assert finite.close(bad, finite.fail(unit, coin))


def random_program(rng, n=1, m=1, k=2):
    """A program ``R(n) ⇝ R(m)`` that sees k numbers through one draw each for them and for what it returns."""
    entries = rng.integers(-2, 3, (m + k, n + 3)).astype(float)
    return entries, rng.integers(-1, 2, k).astype(float)


def made(entries, seen, n=1, m=1):
    body = gaussian(R(n), R(m) @ R(len(seen)), entries[:, :n], entries[:, n], factor=entries[:, n + 1 :])
    return Obs(R(n), R(m), R(len(seen)), body, gaussian(unit, R(len(seen)), mean=seen), gauss)


def presented_again(rng, entries, seen, n=1, m=1):
    """The same program: its draws rotated, what is seen added to what is returned, its equations mixed."""
    angle = rng.uniform(0, 6)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    mix = np.eye(m + len(seen))
    mix[m:, m:] = [[2.0, 1.0], [-1.0, 3.0]]
    mix[:m, m:] = rng.integers(-1, 2, (m, len(seen)))
    new = mix @ entries
    new[:, n + 1 :] = new[:, n + 1 :] @ turn
    new[:m, n] -= mix[:m, m:] @ seen
    return new, mix[m:, m:] @ seen


@pytest.mark.paper(PAPER, "normal form")
@pytest.mark.paper(PAPER, "one probe")
@pytest.mark.paper(PAPER, "law reparametrise")
def test_normal_form_probe_and_random_contexts_agree_on_equality():
    rng = np.random.default_rng(0)
    found = []
    for i in range(60):
        entries, seen = random_program(rng)
        again = presented_again(rng, entries, seen)
        if i % 2:
            again[0][rng.integers(3), rng.integers(4)] += 1.0
        f, g = made(entries, seen), made(*again)
        equal = same_form(normal_form(f), normal_form(g))
        assert equal == gauss.probed(f, g, tol=1e-7)
        assert equal or i % 2
        context = gaussian(unit, R(1) @ R(1), mean=rng.normal(size=2), factor=rng.normal(size=(2, 2)))
        p, q = (gauss.run(gauss.id(R(1)) @ h, context) for h in (f, g))
        if equal:
            assert bool(p.ok) == bool(q.ok)
            assert not p.ok or Gauss.close(p.state, q.state, tol=1e-6)
        found.append((equal, normal_form(f) is None))
    assert {equal for equal, _ in found} == {True, False}
    assert any(bottom for _, bottom in found)


@pytest.mark.paper(PAPER, "normal form")
def test_the_parts_of_a_normal_form_are_the_known_ones():
    noisy = gauss.lift(gaussian(R(), R(), [[1.0]], covariance=[[0.25]])) >> gauss.observe(point(R(), 2.0))
    form = normal_form(noisy)
    assert form is not None
    assert np.allclose([form.precision[0, 0], form.information[0], form.directions[0, 0]], [4.0, 8.0, 1.0])
    exact = normal_form(gauss.observe(point(R(), 2.0)))
    assert exact is not None
    assert np.allclose(exact.point, 2.0)
    assert np.allclose(exact.directions, 0.0)
    assert normal_form(gauss.fail(R(), R())) is None
    for said, seen in ((0.0, 1.0), (1.0, 0.0)):
        assert normal_form(gauss.lift(point(R(), said)) >> gauss.observe(point(R(), seen))) is None
    with pytest.raises(NotConcrete):
        jax.jit(lambda f: normal_form(f) is None)(noisy)


@pytest.mark.paper(PAPER, "law initialise")
def test_a_draw_equated_with_a_variable_is_a_soft_weight_and_no_discard():
    soft = (R() @ gauss.full(R())) >> gauss.equate(R())
    assert not gauss.close(soft, gauss.discard(R()))
    kept = gauss.copy(R()) >> (R() @ soft)
    assert np.allclose(gauss.run(kept, gaussian(unit, R(), covariance=1.0)).require().covariance, 0.5)


@pytest.mark.paper(ACROSS, "F2")
def test_a_finite_inverse_is_conditioning_on_the_support_and_bottom_off_it():
    prior = kernel(unit, coin, [0.25, 0.75])
    c = kernel(coin, die, [[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]])
    inverse = FinStoch.bayes_inverse(c, prior)
    for y in range(3):
        seen = kernel(unit, die, np.eye(3)[y])
        program = finite.lift(prior) >> finite.copy(coin) >> (coin @ (finite.lift(c) >> finite.observe(seen)))
        left = finite.run(program)
        assert bool(left.ok) == (y < 2)
        assert y == 2 or np.allclose(left.state.table, inverse(y).table)


@pytest.mark.paper(ACROSS, "F2")
@pytest.mark.paper(ACROSS, "F7")
def test_a_gaussian_inverse_is_conditioning_on_the_support_and_supports_commute_with_it():
    prior = gaussian(unit, R(2), mean=[1.0, 0.0], factor=[[1.0, 0.0], [2.0, 1.0]])
    c = gaussian(R(2), R(2), [[1.0, 1.0], [2.0, 2.0]], factor=[[1.0], [2.0]])
    inverse = Gauss.bayes_inverse(c, prior)
    body = gauss.lift(prior) >> gauss.copy(R(2))
    for y, possible in (([1.0, 2.0], True), ([1.0, 1.0], False)):
        left = gauss.run(body >> (R(2) @ (gauss.lift(c) >> gauss.observe(gaussian(unit, R(2), mean=y)))))
        assert bool(left.ok) == possible
        assert not possible or Gauss.close(left.state, inverse(y), tol=1e-9)
    # The support of what is left: that of the joint law, cut by the equation. Here x + y = 1 on a plane.
    flat = gauss.run(body >> (R(2) @ (gauss.lift(gaussian(R(2), R(), [[1.0, 1.0]])) >> gauss.observe(point(R(), 1.0)))))
    line = Gauss.support(flat.require())
    assert line.ob == R(1)
    assert np.allclose(np.asarray([1.0, 1.0]) @ line.inclusion.matrix, 0.0)
    assert np.allclose(jnp.sum(line.inclusion.mean), 1.0)


@pytest.mark.paper(EXTENDED, "Frobenius")
@pytest.mark.slow
def test_gaussian_relations_compare_with_the_flat_prior_as_unit():
    C, X = Cond(ExtGauss), R()
    assert C.close(C.copy(X) >> C.compare(X), C.id(X))
    assert C.close((C.create(X) @ X) >> C.compare(X), C.id(X))
    assert C.close((C.copy(X) @ X) >> (X @ C.compare(X)), C.compare(X) >> C.copy(X), tol=1e-9)
    assert not C.close(C.lift(read_in(ExtGauss, point(X, 0.0))), C.create(X))


def test_mistakes_are_named():
    with pytest.raises(WrongCategory, match="no Gaussian state"):
        gauss.conditioning.flat(Gauss, R())
    with pytest.raises(WrongCategory, match="condition in Smooth"):
        Cond(Smooth)  # pyright: ignore[reportArgumentType]
    with pytest.raises(WrongObject, match="not at the unit"):
        gauss.observe(Gauss.id(R()))
    with pytest.raises(NotComposable):
        gauss.run(gauss.id(R()))
    with pytest.raises(CatlearnError):
        gauss.lift(kernel(unit, coin, [0.5, 0.5]))
    assert not hasattr(gauss, "create")
    assert hasattr(finite, "create")


def test_fractions_condition_as_floats_do():
    exact = FinStochCategory(Q)
    p = kernel(unit, die, [Fraction(1, 5), Fraction(3, 10), Fraction(1, 2)], over=exact)
    left = Cond(exact).run(Cond(exact).lift(p) >> Cond(exact).copy(die) >> Cond(exact).compare(die))
    assert left.ok
    assert list(left.state.table) == list(p.table)
    assert np.isclose(left.log_evidence, 0.0)
