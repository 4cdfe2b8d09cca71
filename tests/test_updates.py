"""Changing one's mind, independence and sufficiency: the worked numbers, the laws, and what fails."""

import itertools
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import Fin, FinStoch, kernel, unit
from catlearn.categories import FinStochCategory, Kernel
from catlearn.constructions.cond import Cond
from catlearn.infer import (
    Truth,
    both,
    condition,
    factorised,
    independent,
    jeffrey,
    pearl,
    predicate,
    redraw,
    sufficient,
    validity,
)
from catlearn.objects import Q
from catlearn.theory.errors import ImpossibleEvidence, NotComposable, NotStochastic, WrongObject

MIND, MARKOV = "1807.05609", "1908.07021"
ILL, TEST = Fin(2, labels=["ill", "well"]), Fin(2, labels=["+", "-"])
PRIOR = kernel(unit, ILL, [0.01, 0.99])
CHANNEL = kernel(ILL, TEST, [[0.9, 0.1], [0.05, 0.95]])
FIRST, SECOND = [0.8, 0.2], [0.3, 0.7]
Exact = FinStochCategory(Q)


def state(values):
    return kernel(unit, TEST, values)


def divergence(rho, sigma):
    """The relative entropy of two states, by numpy."""
    p, q = (np.asarray(state.table).astype(float) for state in (rho, sigma))
    return float(np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / q), 0)))


def fractions(rng, dom, cod):
    """A random kernel of fractions between two sets of two, or a state of one, without zeros."""
    rows = rng.integers(1, 6, (len(dom) + 1, 2))
    table = [[Fraction(int(n), int(row.sum())) for n in row] for row in rows]
    return kernel(dom, cod, table if len(dom) else table[0], over=Exact)


# ------------------------------------------------------------------ the medical test


@pytest.mark.paper(MIND, "value test")
@pytest.mark.paper(MIND, "Pearl")
@pytest.mark.float32
def test_eighty_percent_positive_by_pearl():
    q = predicate(TEST, FIRST)
    after = pearl(PRIOR, CHANNEL, q)
    np.testing.assert_allclose(after.table, [0.031476, 0.968524], atol=5e-7)
    np.testing.assert_allclose(validity(PRIOR >> CHANNEL, q), 0.2351, atol=5e-7)
    np.testing.assert_allclose(validity(after >> CHANNEL, q), 0.246053, atol=5e-7)


@pytest.mark.paper(MIND, "value test")
@pytest.mark.paper(MIND, "Jeffrey")
@pytest.mark.float32
def test_eighty_percent_positive_by_jeffrey():
    rho = state(FIRST)
    after = jeffrey(PRIOR, CHANNEL, rho)
    np.testing.assert_allclose(after.table, [0.123289, 0.876711], atol=5e-7)
    np.testing.assert_allclose(divergence(rho, PRIOR >> CHANNEL), 1.782637, atol=2e-6)
    np.testing.assert_allclose(divergence(rho, after >> CHANNEL), 1.025751, atol=2e-6)


@pytest.mark.paper(MIND, "value test")
@pytest.mark.paper(MIND, "point evidence")
def test_on_a_point_the_two_rules_agree():
    for outcome, expected in (("+", 0.153846), ("-", 0.001062)):
        seen = np.eye(2)[("+", "-").index(outcome)]
        by_pearl, by_jeffrey = pearl(PRIOR, CHANNEL, predicate(TEST, seen)), jeffrey(PRIOR, CHANNEL, state(seen))
        np.testing.assert_allclose(by_pearl.table[0], expected, atol=5e-7)
        assert FinStoch.close(by_pearl, by_jeffrey)
        assert FinStoch.close(by_pearl, FinStoch.bayes_inverse(CHANNEL, PRIOR)(outcome))


@pytest.mark.paper(MIND, "value sequence")
def test_a_second_observation_by_pearl_in_both_orders_and_by_jeffrey_in_each():
    q, r = predicate(TEST, FIRST), predicate(TEST, SECOND)
    for one, two in ((q, r), (r, q)):
        np.testing.assert_allclose(pearl(pearl(PRIOR, CHANNEL, one), CHANNEL, two).table[0], 0.0159896, atol=5e-8)
    for (one, two), expected in (((FIRST, SECOND), 0.225256), ((SECOND, FIRST), 0.376782)):
        after = jeffrey(jeffrey(PRIOR, CHANNEL, state(one)), CHANNEL, state(two))
        np.testing.assert_allclose(after.table[0], expected, atol=5e-7)


# ------------------------------------------------------------------ laws


@pytest.mark.paper(MIND, "Pearl")
def test_pearl_never_lowers_validity_and_two_predicates_are_their_conjunction():
    rng = np.random.default_rng(0)
    for _ in range(20):
        p, c = fractions(rng, unit, ILL), fractions(rng, ILL, TEST)
        q, r = (predicate(TEST, fractions(rng, ILL, TEST).table[0], over=Exact) for _ in range(2))

        assert validity(pearl(p, c, q) >> c, q) >= validity(p >> c, q)
        twice = pearl(pearl(p, c, q), c, r)
        assert Exact.close(twice, pearl(pearl(p, c, r), c, q))
        assert Exact.close(twice, condition(p, both(c >> q, c >> r)))


@pytest.mark.paper(MIND, "Jeffrey")
def test_jeffrey_never_raises_divergence_and_order_matters():
    rng = np.random.default_rng(1)
    commuted = []
    for _ in range(20):
        p, c = fractions(rng, unit, ILL), fractions(rng, ILL, TEST)
        rho, sigma = fractions(rng, unit, TEST), fractions(rng, unit, TEST)

        assert divergence(rho, jeffrey(p, c, rho) >> c) <= divergence(rho, p >> c) + 1e-12
        one, other = jeffrey(jeffrey(p, c, rho), c, sigma), jeffrey(jeffrey(p, c, sigma), c, rho)
        commuted.append(Exact.close(one, other))
    assert not all(commuted)


@pytest.mark.paper(MIND, "Jeffrey")
def test_jeffrey_says_nothing_new_once_the_prediction_is_what_was_seen():
    rng = np.random.default_rng(2)
    rho = fractions(rng, unit, TEST)
    sure = Exact.deterministic(Fin(3), TEST, lambda x: int(x > 0))
    p = kernel(unit, Fin(3), [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)], over=Exact)

    once = jeffrey(p, sure, rho)
    assert Exact.close(once >> sure, rho)
    assert Exact.close(jeffrey(once, sure, rho), once)

    p, c = fractions(rng, unit, ILL), fractions(rng, ILL, TEST)
    noisy = jeffrey(p, c, rho)
    assert not Exact.close(jeffrey(noisy, c, rho), noisy)
    assert Exact.close(jeffrey(p, c, p >> c), p)


@pytest.mark.paper("cross", "F3")
def test_jeffrey_composes_along_inverses_and_pearl_pulls_back_along_channels():
    rng = np.random.default_rng(3)
    p, c, d = fractions(rng, unit, ILL), fractions(rng, ILL, TEST), fractions(rng, TEST, ILL)
    rho, q = fractions(rng, unit, ILL), predicate(ILL, [Fraction(1, 2), Fraction(1, 5)], over=Exact)

    steps = rho >> Exact.bayes_inverse(d, p >> c) >> Exact.bayes_inverse(c, p)
    assert Exact.close(jeffrey(p, c >> d, rho), steps)
    assert Exact.close((c >> d) >> q, c >> (d >> q))
    assert Exact.close(pearl(p, c >> d, q), pearl(p, c, d >> q))


@pytest.mark.paper("cross", "F3")
def test_pearl_is_the_run_of_a_program_that_observes_the_predicate_to_be_true():
    rng = np.random.default_rng(4)
    p, c = fractions(rng, unit, ILL), fractions(rng, ILL, TEST)
    q = predicate(TEST, [Fraction(4, 5), Fraction(1, 5)], over=Exact)

    C = Cond(Exact)
    seen = C.lift(c >> q) >> C.observe(Exact.deterministic(unit, Truth, lambda: 1))
    outcome = C.run(C.lift(p) >> C.copy(ILL) >> (seen @ C.id(ILL)))
    assert Exact.close(outcome.require(), pearl(p, c, q))

    weights = p.table * (c.table @ q.table[:, 1])
    assert list(pearl(p, c, q).table) == list(weights / weights.sum())
    assert validity(p >> c, q) == weights.sum()


# ------------------------------------------------------------------ impossible evidence


def test_evidence_that_cannot_be_is_an_error_or_a_flag_and_never_nan():
    sure, never = kernel(unit, ILL, [1.0, 0.0]), predicate(ILL, [0.0, 1.0])
    with pytest.raises(ImpossibleEvidence, match="validity zero"):
        condition(sure, never)
    with pytest.raises(ImpossibleEvidence, match="possible where the prediction"):
        jeffrey(sure, FinStoch.id(ILL), state([0.5, 0.5]))

    flagged = lambda p: condition(Kernel(unit, ILL, p), never, check="flag")
    for p, possible in (([1.0, 0.0], False), ([0.5, 0.5], True)):
        after, ok = jax.jit(flagged)(jnp.array(p))
        assert bool(ok) == possible
        assert jnp.isfinite(after.table).all()
    _, ok = jax.jit(lambda p: jeffrey(Kernel(unit, ILL, p), FinStoch.id(ILL), state([0.5, 0.5]), check="flag"))(
        jnp.array([1.0, 0.0])
    )
    assert not ok


def test_what_is_no_predicate_or_no_state_is_named():
    with pytest.raises(NotStochastic, match="negative entry"):
        predicate(ILL, [1.5, 0.5])
    with pytest.raises(WrongObject, match="a predicate ends at Truth"):
        validity(PRIOR, FinStoch.discard(ILL))
    with pytest.raises(WrongObject, match="only a state is conditioned"):
        condition(CHANNEL, predicate(TEST, FIRST))
    with pytest.raises(NotComposable):
        pearl(PRIOR, FinStoch.id(Fin(3)), predicate(Fin(3), [1.0, 1.0, 1.0]))


# ------------------------------------------------------------------ independence


@pytest.mark.paper(MARKOV, "independence")
def test_independence_is_the_product_formula():
    rng = np.random.default_rng(5)
    X, W, Y = Fin(2), Fin(2), Fin(2)
    w, x, y = fractions(rng, unit, W), fractions(rng, W, X), fractions(rng, W, Y)
    drawn = w >> Exact.pair(Exact.pair(x, Exact.id(W)), y)
    weights = [Fraction(n) for n in (1, 2, 3, 4, 5, 6, 7, 9)]
    other = kernel(unit, X @ W @ Y, np.array([n / sum(weights) for n in weights]).reshape(2, 2, 2), over=Exact)

    for p in (drawn, other):
        t = p.table
        formula = all(
            t[i, j, k] * t[:, j, :].sum() == t[i, j, :].sum() * t[:, j, k].sum()
            for i, j, k in itertools.product(range(2), repeat=3)
        )
        assert independent(p, (0,), (2,), given=(1,)) == formula
    assert independent(drawn, (0,), (2,), given=(1,))
    assert not independent(other, (0,), (2,), given=(1,))
    assert not independent(drawn, (0,), (2,))
    assert factorised(other, (0,), (2,), given=(1,)).cod == X @ W @ Y


@pytest.mark.paper(MARKOV, "independence")
def test_two_coins_are_independent_and_no_longer_so_once_their_sum_is_known():
    coin = Exact.uniform(Fin(2))
    p = Exact.joint(coin @ coin, Exact.deterministic(Fin(2) @ Fin(2), Fin(2), lambda a, b: (a + b) % 2))
    assert independent(p, (0,), (1,))
    assert independent(p, (0,), (2,))
    assert not independent(p, (0,), (1,), given=(2,))
    with pytest.raises(WrongObject, match="some in common"):
        independent(p, (0,), (0,))
    with pytest.raises(WrongObject, match="that of a state"):
        independent(Exact.id(Fin(2)), (0,), ())


# ------------------------------------------------------------------ sufficiency


@pytest.mark.paper(MARKOV, "sufficiency")
def test_the_sum_of_three_draws_is_sufficient_for_their_bias_and_the_first_is_not():
    B, biases = Fin(2), [Fraction(1, 5), Fraction(1, 2), Fraction(7, 10)]
    draw = kernel(Fin(3), B, [[1 - t, t] for t in biases], over=Exact)
    model = Exact.pair(Exact.pair(draw, draw), draw)
    total = Exact.deterministic(B @ B @ B, Fin(4), lambda a, b, c: a + b + c)
    first = Exact.deterministic(B @ B @ B, B, lambda a, b, c: a)
    prior = Exact.uniform(Fin(3))

    alpha = redraw(model, total, prior)
    for xs in itertools.product(range(2), repeat=3):  # uniform on the sequences with that sum
        same = [ys for ys in itertools.product(range(2), repeat=3) if sum(ys) == sum(xs)]
        assert alpha.table[(sum(xs), *xs)] == Fraction(1, len(same))
    assert Exact.close(model >> total >> alpha, model)
    assert Exact.as_equal(prior >> model >> total, alpha >> total, Exact.id(Fin(4)))
    assert sufficient(model, total, prior)
    assert not sufficient(model, first, prior)
    with pytest.raises(WrongObject, match="a statistic is deterministic"):
        sufficient(draw, Exact.discard(B) >> Exact.uniform(B), prior)


def test_truth_is_a_set_of_two_with_labels():
    assert Truth == Fin(2)
    assert Truth.check("true") == 1
