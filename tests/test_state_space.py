"""State-space models: against dense joints, statsmodels, least squares, and the gradient of the evidence."""

import importlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import Fin, FinStoch, Gauss, Mealy, R, gaussian, infer, mealy, unit
from catlearn.infer import arma, irregular, local_level, local_trend, noisy, regression, seasonal, total
from catlearn.infer.chain import observations, steps_of
from catlearn.infer.state_space import independent
from catlearn.theory.errors import WrongCategory, WrongObject, WrongShape, WrongValue

em_gauss = importlib.import_module("catlearn.infer.em_gauss")  # the room gives the name to the function

YS = jnp.array([1.0, -0.5, 2.0, 0.25])
SUMS = mealy(gaussian(unit, R()), gaussian(R() @ R(), R() @ R(), [[1.0, 1.0], [1.0, 1.0]]))
WIDE = 1e7


@jax.jit
def three_ways(m, ys):
    """The log-density of a series under the dense joint of the unrolled machine, and under its chains of either kind."""
    chains = (infer.as_chain(m, 4, apart=apart) for apart in (True, False))
    return m.unrolled(4).log_density(*ys), *(infer.log_evidence(c, ys) for c in chains)


def test_a_machine_and_its_chain_give_one_density():
    m = total(local_trend(0.5, 0.25, start=(0.0, [1.0, 2.0])), seasonal(3, 0.5), irregular(2.0))

    assert independent(m)
    expected, apart, together = map(float, three_ways(m, YS))
    assert apart == pytest.approx(expected, abs=1e-10)
    assert together == pytest.approx(expected, abs=1e-10)


@pytest.mark.slow
def test_what_is_fed_on_moves_and_writes_with_the_same_noise_and_has_a_chain_all_the_same():
    m = total(irregular(1.0) >> SUMS, arma([0.5], [0.25], 1.0), noisy_level())

    assert not independent(m)
    expected, apart, together = map(float, three_ways(m, YS))
    assert together == pytest.approx(expected, abs=1e-10)
    assert apart != pytest.approx(expected, abs=1e-2)


@pytest.mark.slow
def test_arma_has_the_likelihood_of_statsmodels():
    api = pytest.importorskip("statsmodels.api")
    ys = np.cumsum(np.random.default_rng(0).normal(size=24)) / 4
    peer = api.tsa.SARIMAX(ys, order=(2, 0, 1)).loglike(np.array([0.6, -0.25, 0.4, 1.5]))

    evidence = jax.jit(lambda p: infer.log_evidence(infer.as_chain(arma(p[:2], p[2:3], p[3]), 24, apart=True), ys))

    assert float(evidence(jnp.array([0.6, -0.25, 0.4, 1.5]))) == pytest.approx(peer, rel=1e-6)


def noisy_level():
    return local_level(0.5) >> noisy(0.5)


def nile():
    api = pytest.importorskip("statsmodels.api")
    return api, np.asarray(api.datasets.nile.load_pandas().data["volume"], float)


def model(p):
    level = local_level(jnp.exp(p["level"]), start=(0.0, WIDE))
    return infer.as_chain(total(level, irregular(jnp.exp(p["irregular"]))), 100, apart=True)


@pytest.mark.paper("inference", "learning")
def test_the_nile_by_gradient_by_em_and_by_statsmodels():
    """All three begin from N(0, 1e7), the approximate diffuse start, and count the first observation."""
    api, ys = nile()
    peer = api.tsa.UnobservedComponents(ys, "local level")
    peer.ssm.initialize_approximate_diffuse(WIDE)
    peer.ssm.loglikelihood_burn = 0
    best = peer.fit(disp=0, method="bfgs", gtol=1e-9)
    start = {"level": 7.0, "irregular": 9.0}

    by_gradient = infer.fit_chain(model, ys, start=start, steps=220)
    by_em = infer.em_gauss(model(start), ys, rounds=400)

    for c in (by_gradient.chain, by_em.chain):
        found = [c.emission.covariance[0, 0], c.transition.covariance[0, 0]]
        np.testing.assert_allclose(found, best.params, rtol=1e-4)
        assert infer.log_evidence(c, ys) == pytest.approx(best.llf, rel=1e-8)
    assert best.params == pytest.approx([15098, 1469], rel=1e-3)
    assert np.all(np.diff(by_em.log_evidence) > -1e-9)


@pytest.mark.paper("inference", "expected squares")
def test_the_expected_squares_of_em_give_the_gradient_of_the_evidence_where_parts_are_missing_and_errors_correlated():
    """Fisher's identity: the gradient of the evidence is that of the expected logarithm of the joint density."""
    ys = np.random.default_rng(1).normal(size=(8, 2))
    seen = np.ones((8, 2), bool)
    seen[2], seen[5, 0], seen[6, 1] = False, False, False

    def build(p):
        move = gaussian(R(), R(), p["f"], factor=p["q"])
        read = gaussian(R(), R(2), p["h"], mean=[0.25, 0.0], factor=p["r"])
        return infer.chain(gaussian(unit, R(), factor=jnp.ones((1, 1))), move, read, 8)

    p = {
        "f": jnp.array([[0.75]]),
        "q": jnp.array([[1.5]]),
        "h": jnp.array([[1.0], [0.5]]),
        "r": jnp.array([[1.0, 0.0], [0.5, 2.0]]),
    }
    c = build(p)
    slope = jax.jit(jax.grad(lambda p: infer.log_evidence(build(p), ys, seen)))(p)
    post = infer.smoothed(c, ys, seen)

    for squares, matrix, noise in (
        (em_gauss.moves(c, post), "f", "q"),
        (em_gauss.reads(c, observations(c, ys, seen), post), "h", "r"),
    ):
        a = np.asarray(p[noise])
        weight = np.linalg.inv(a @ a.T)
        np.testing.assert_allclose(slope[matrix], weight @ squares.ex, atol=1e-9)
        np.testing.assert_allclose(slope[noise], (weight @ squares.ee @ weight - squares.n * weight) @ a, atol=1e-9)


def test_em_refuses_what_it_cannot_learn():
    still = gaussian(R(), R(), [[1.0]])
    c = infer.chain(gaussian(unit, R()), still, still, 4)
    stacked = infer.chain(gaussian(unit, R()), still, steps_of(still, 4), 4)

    with pytest.raises(WrongValue, match=r"emission\.mean"):
        infer.em_gauss(c, YS, learned=["emission.mean"])
    with pytest.raises(WrongValue, match="not stacked"):
        infer.em_gauss(stacked, YS, learned=["emission.matrix"])


@pytest.mark.slow
def test_regression_on_what_changes_is_bayesian_least_squares():
    xs = jnp.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 4.0]])

    @jax.jit
    def state(xs):
        m = infer.varying(lambda x: total(regression(x, start=(0.0, 4.0)), irregular(0.5)), xs)
        return infer.filtered(infer.as_chain(m, 4, apart=True), YS).state(3)

    last = state(xs)

    precision = np.eye(2) / 4 + xs.T @ xs / 0.5
    np.testing.assert_allclose(last.mean, np.linalg.solve(precision, xs.T @ YS / 0.5), atol=1e-10)
    np.testing.assert_allclose(last.covariance, np.linalg.inv(precision), atol=1e-10)


def test_a_start_that_depends_on_the_step_is_refused():
    with pytest.raises(WrongObject, match="one start"):
        infer.varying(lambda x: local_level(1.0, start=(x, 1.0)), YS)


def test_known_inputs_shift_what_is_written():
    added = infer.driven(noisy(1.0) >> noisy(1.0), YS)
    filled = infer.driven(Mealy(Gauss).lift(gaussian(R() @ R(), R(), [[1.0, 1.0]])), YS, 2 * YS)

    assert infer.log_evidence(infer.as_chain(added, 4), YS) == pytest.approx(-2 * np.log(4 * np.pi))
    np.testing.assert_allclose(filled.step.mean[:, 0], 3 * YS)


def test_a_model_is_a_machine_over_gauss_without_inputs():
    with pytest.raises(WrongObject, match="driven"):
        infer.as_chain(noisy(1.0), 4)
    with pytest.raises(WrongShape):
        infer.as_chain(infer.driven(noisy(1.0), YS), 5)
    with pytest.raises(WrongShape, match="period"):
        seasonal(1, 1.0)
    with pytest.raises(WrongCategory):
        infer.as_chain(Mealy(FinStoch).id(Fin(2)), 4)


@pytest.mark.slow
def test_the_nile_from_a_level_of_which_nothing_is_known():
    """The exact diffuse start; statsmodels counts ``-½ log 2π`` for the first observation, of which there is no density."""
    api, ys = nile()
    peer = api.tsa.UnobservedComponents(ys, "local level", use_exact_diffuse=True).loglike(np.array([15098.5, 1469.1]))

    c = infer.as_chain(total(local_level(1469.1), irregular(15098.5)), 100, diffuse=(0,))

    assert float(infer.log_evidence(c, ys)) == pytest.approx(peer + 0.5 * np.log(2 * np.pi), rel=1e-9)


def test_of_what_is_diffuse_the_start_says_nothing():
    m = total(local_level(1.0, start=(3.0, 2.0)), arma([0.5], [], 1.0))
    c = infer.as_chain(m, 4, diffuse=(0,))

    assert c.prior.mean[0] == 0
    np.testing.assert_allclose(c.prior.factor[0], 0)
    np.testing.assert_allclose(c.prior.fibre[:, 0], [1.0, 0.0])
    fed_on = infer.as_chain(irregular(1.0) >> SUMS, 4, diffuse=(0,))
    np.testing.assert_allclose(np.abs(fed_on.prior.fibre[:, 0]), [1.0, 1.0])  # the next state, and what was written


def test_the_evidence_is_a_model_that_learn_fits():
    ys = jnp.array([1.0, 3.0, 2.0, 2.5])
    build = lambda p: infer.as_chain(total(local_level(1.0, start=(p, 0.0)), irregular(1.0)), 4, apart=True)
    arrow = infer.evidence_model(build, 0.0, (4,))

    assert arrow.labels == ("parameters",)
    value = float(arrow((jnp.ones(1),), ys))
    assert 4 * value == pytest.approx(-float(infer.log_evidence(build(1.0), ys)))
