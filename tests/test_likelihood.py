"""Likelihoods compose: in closed form, by a rule, by a sum; and maximum likelihood makes learners."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from catlearn import Fin, FinStoch, Gauss, Para, R, Smooth, gaussian, kernel, para, reparametrise, smooth, unit
from catlearn.categories import sampler
from catlearn.constructions import Push, ToSampled, fresh
from catlearn.constructions.affine import ToGauss
from catlearn.infer import (
    RN,
    CondLikelihood,
    Densities,
    Expectation,
    marginal_factors,
    mle_functor,
    model,
    squared_error,
)
from catlearn.learn.backprop import gradient_learner
from catlearn.theory import errors

PAPER, CROSS = "2005.04735", "cross"
LINE, COIN, PLANE = R(), Fin(2), R(2)
C = CondLikelihood()
STANDARD = gaussian(unit, LINE, factor=[[1.0]])


def _layer(w, p, x):
    """``x ↦ p₀ x + p₁ + p₂ ω``."""
    return p[0] * x + p[1] + p[2] * w


LAYER = model(R(3), LINE, 1, smooth(_layer, LINE @ R(3) @ LINE))
FIRST, SECOND = np.array([2.0, 1.0, 0.5]), np.array([-1.0, 3.0, 1.0])


def _log_coin(ps, xs, ys):
    (z,), (y,) = xs, ys
    return jnp.where(y == 1, jax.nn.log_sigmoid(2 * z - 0.3), jax.nn.log_sigmoid(0.3 - 2 * z))


COINS = C.density(LINE, COIN, _log_coin)


@pytest.mark.paper(PAPER, "value notebook")
def test_the_density_of_the_notebook():
    quantile = smooth(lambda u, x: (5 - x) + 10 * jax.scipy.special.ndtri(u), LINE @ LINE)
    step = reparametrise(fresh(LINE, 1, quantile), smooth(jax.scipy.stats.norm.cdf, LINE))
    as_model = para(unit, fresh(LINE, 1, step.arrow))
    found = float((RN(as_model) >> RN(as_model))((), (42.0,), (-30.0,)))
    assert round(found, 6) == -16.528097
    assert found == pytest.approx(scipy.stats.norm(42, 200**0.5).logpdf(-30), rel=1e-12)


@pytest.mark.paper(PAPER, "value notebook")
def test_the_number_that_the_notebook_prints_is_of_a_truncated_integral():
    truncated = CondLikelihood(order=128, box=(-100.0, 0.0))
    step = truncated.density(LINE, LINE, lambda ps, xs, ys: jax.scipy.stats.norm.logpdf(ys[0], 5 - xs[0], 10.0))
    assert round(float((step >> step)((), (42.0,), (-30.0,))), 6) == -17.114668


@pytest.mark.paper(PAPER, "value layers")
@pytest.mark.paper(PAPER, "Prop 8")
def test_two_affine_layers_in_closed_form_and_by_integration():
    both = RN(LAYER >> LAYER)
    law = both.form.at((jnp.asarray(FIRST), jnp.asarray(SECOND)))
    mean = float((law.matrix @ jnp.array([0.7]) + law.mean)[0])
    assert (round(mean, 12), round(float(law.covariance[0, 0]), 12)) == (0.6, 1.25)
    parameters = (FIRST, SECOND)
    whole, composed = (float(jnp.exp(f(parameters, (0.7,), (0.2,)))) for f in (both, RN(LAYER) >> RN(LAYER)))
    assert round(whole, 6) == 0.334703
    assert composed == pytest.approx(whole, rel=1e-12)
    inner = lambda b: scipy.stats.norm(3 - b, 1).pdf(0.2) * scipy.stats.norm(2 * 0.7 + 1, 0.5).pdf(b)
    assert scipy.integrate.quad(inner, -10, 15, epsabs=1e-13)[0] == pytest.approx(whole, rel=1e-9)


@pytest.mark.paper(PAPER, "Prop 8")
@pytest.mark.slow
def test_densities_of_affine_models_compose_and_tensor_as_the_models_do():
    f = model(R(3), LINE, 1, smooth(_layer, LINE @ R(3) @ LINE))
    p, q = jnp.array([0.5, -1.0, 2.0]), jnp.array([1.5, 0.25, 0.5])
    side = RN(f @ f)
    apart = RN(f) @ RN(f)
    for x, y in ((0.3, -0.7), (1.0, 2.0)):
        found = [float(g((p, q), (x, y), (y, x))) for g in (side, apart)]
        assert found[0] == pytest.approx(found[1], rel=1e-12)
        alone = RN(f)((p,), (x,), (y,)) + RN(f)((q,), (y,), (x,))
        assert found[0] == pytest.approx(float(alone), rel=1e-12)


@pytest.mark.paper(PAPER, "Prop 7")
def test_models_with_a_density_are_closed_under_composition_and_tensor():
    for f in (LAYER >> LAYER, LAYER @ LAYER):
        assert np.isfinite(float(RN(f)((FIRST, SECOND), (0.5,) * len(f.dom), (0.25,) * len(f.cod))))


@pytest.mark.paper(PAPER, "Prop 8")
def test_an_identity_has_no_density():
    identity = para(unit, Para(Smooth).id(LINE))
    with pytest.raises(errors.NoDensity, match="0 real draws for 1"):
        RN(identity)
    dirac = C.id(LINE)
    with pytest.raises(errors.NoDensity, match="one point"):
        dirac((), (1.0,), (1.0,))
    f = RN(LAYER)
    assert float((dirac >> f)((FIRST,), (0.7,), (0.2,))) == float(f((FIRST,), (0.7,), (0.2,)))
    with pytest.raises(errors.NoDensity, match="change of variables"):
        f >> dirac
    with pytest.raises(errors.NoDensity, match="One of the two is a Dirac"):
        C.tensor(f, dirac)


def test_a_model_must_be_affine_in_enough_draws():
    with pytest.raises(errors.NoDensity, match="not affine in its draws"):
        RN(model(unit, LINE, 1, smooth(lambda w, x: x + w**3, LINE @ LINE)))
    with pytest.raises(errors.NoDensity, match="1 real draws for 2"):
        RN(model(unit, LINE, 1, smooth(lambda w, x: jnp.stack([x, w]), LINE @ LINE)))
    with pytest.raises(errors.WrongCategory):
        RN(smooth(jnp.sin, LINE))


@pytest.mark.paper(PAPER, "Prop 8")
@pytest.mark.slow
def test_noise_that_depends_on_the_input_composes_by_a_rule():
    half = fresh(LINE, 1, smooth(lambda w, x: 0.5 * x + w, LINE @ LINE))
    spread = fresh(LINE, 1, smooth(lambda w, x: x + (1 + 0.25 * x**2) * w, LINE @ LINE))
    rn = Densities(CondLikelihood(order=160))
    found = float((rn(para(unit, half)) >> rn(para(unit, spread)))((), (1.0,), (0.5,)))
    inner = lambda b: scipy.stats.norm(b, 1 + 0.25 * b**2).pdf(0.5) * scipy.stats.norm(0.5, 1).pdf(b)
    assert found == pytest.approx(np.log(scipy.integrate.quad(inner, -12, 12, epsabs=1e-13)[0]), abs=1e-6)


@pytest.mark.paper(PAPER, "value Bernoulli")
@pytest.mark.paper(PAPER, "mixed measures")
def test_a_normal_latent_and_a_coin():
    latent = C.normal(gaussian(unit, LINE, mean=[0.5], factor=[[1.2]]))
    coin = latent >> COINS
    assert round(float(jnp.exp(coin((), (), (1,)))), 6) == 0.593454
    assert float(jnp.exp(coin((), (), (1,))) + jnp.exp(coin((), (), (0,)))) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.paper(PAPER, "mixed measures")
def test_finite_wires_are_summed_over_and_mixed_ones_integrated():
    table, back = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([[0.5, 0.125, 0.375], [1.0, 0.0, 0.0]])
    f, g = kernel(COIN, COIN, table), kernel(COIN, Fin(3), back)
    F = lambda k: C.of_sampler(ToSampled(FinStoch)(k))
    for x, z in itertools.product(range(2), range(3)):
        assert float(jnp.exp((F(f) >> F(g))((), (x,), (z,)))) == pytest.approx((table @ back)[x, z], abs=1e-15)
    box = CondLikelihood(order=64, box=(-12.0, 12.0))
    mixture = box.density(
        unit,
        COIN @ LINE,
        lambda ps, xs, ys: np.log(0.5) + jax.scipy.stats.norm.logpdf(ys[1], jnp.where(ys[0] == 1, 2.0, 0.0), 1.0),
    )
    readout = box.density(
        COIN @ LINE,
        LINE,
        lambda ps, xs, ys: jax.scipy.stats.norm.logpdf(ys[0], xs[1] - jnp.where(xs[0] == 1, 1.0, 0.0), 1.0),
    )
    expected = 0.5 * scipy.stats.norm(0, 2**0.5).pdf(0.3) + 0.5 * scipy.stats.norm(1, 2**0.5).pdf(0.3)
    assert float(jnp.exp((mixture >> readout)((), (), (0.3,)))) == pytest.approx(expected, rel=1e-9)
    with pytest.raises(errors.WrongObject, match="box="):
        (C.density(unit, LINE, lambda ps, xs, ys: -(ys[0] ** 2)) >> COINS)((), (), (1,))


@pytest.mark.paper(PAPER, "mixed measures")
def test_deterministic_layers_are_substituted():
    double = C.dirac(LINE, LINE, lambda ps, xs: (ps[0] * xs[0],), LINE)
    assert float((double >> COINS)((2.0,), (0.4,), (1,))) == pytest.approx(float(COINS((), (0.8,), (1,))))
    twice = double >> double
    assert float((twice >> COINS)((2.0, 0.5), (0.4,), (1,))) == pytest.approx(float(COINS((), (0.4,), (1,))))
    shift = gaussian(LINE, LINE, [[2.0]], [1.0])
    noise = C.normal(gaussian(LINE, LINE, [[1.0]], factor=[[0.5]]))
    assert float((noise >> C.normal(shift))((), (0.5,), (2.5,))) == pytest.approx(
        scipy.stats.norm(2.0, 1.0).logpdf(2.5)
    )


@pytest.mark.paper(CROSS, "F4")
def test_densities_of_affine_models_are_those_of_gaussian_arrows():
    noisy = fresh(LINE, 1, smooth(lambda w, x: 0.5 * x - 1.0 + 2.0 * w, LINE @ LINE))
    push = Push(STANDARD, ToGauss)
    arrow = push(noisy >> noisy)
    composed = push(noisy) >> push(noisy)
    for x, y in ((0.0, 0.0), (1.5, -2.0)):
        density = float((RN(para(unit, noisy)) >> RN(para(unit, noisy)))((), (x,), (y,)))
        for g in (arrow, composed):
            law = scipy.stats.norm(float((g.matrix @ jnp.array([x]) + g.mean)[0]), float(g.covariance[0, 0]) ** 0.5)
            assert density == pytest.approx(law.logpdf(y), rel=1e-12)
        assert float(ToSampled(Gauss)(arrow).log_prob((x,), (y,))) == pytest.approx(density, rel=1e-12)


@pytest.mark.paper(CROSS, "F5")
@pytest.mark.paper(PAPER, "expectation")
def test_the_expectation_is_the_mean_part_of_gauss():
    noisy = fresh(LINE, 1, smooth(lambda w, x: 0.5 * x - 1.0 + 2.0 * w, LINE @ LINE))
    E, push = Expectation(), Push(STANDARD, ToGauss)
    for f in (noisy, noisy >> noisy, noisy @ noisy):
        law, mean = push(f), E(f)
        x = jnp.arange(1.0, 1.0 + len(f.dom))
        assert np.allclose(np.stack(Smooth.apply(mean, tuple(x))), law.matrix @ x + law.mean)


@pytest.mark.paper(PAPER, "expectation")
def test_expectation_is_a_functor_on_affine_noise():
    E = Para(Expectation(LINE, 3))
    assert Para(Smooth).close(E(LAYER >> LAYER), E(LAYER) >> E(LAYER), tol=1e-10)
    assert Para(Smooth).close(E(LAYER), Para(Expectation(LINE, 1))(LAYER), tol=1e-10)
    assert Smooth.close(Expectation(LINE, 3)(Para(Smooth).id(LINE)), Smooth.id(LINE))


@pytest.mark.paper(PAPER, "expectation")
def test_expectation_is_no_functor_where_variance_leaks_through_a_square():
    noisy = fresh(LINE, 1, smooth(lambda w, x: x + w, LINE @ LINE))
    square = Para(Smooth).lift(smooth(lambda x: x**2, LINE))
    E = Expectation(LINE, 4)
    assert float(E(noisy >> square)(3.0)) == pytest.approx(10.0)
    assert float((E(noisy) >> E(square))(3.0)) == pytest.approx(9.0)


def test_there_is_no_expectation_in_a_finite_set():
    sign = fresh(LINE, 1, smooth(lambda w: (w > 0).astype(jnp.int32), LINE, COIN))
    with pytest.raises(errors.WrongObject, match="no expectation"):
        Expectation()(sign)


def test_marginal_and_joint_likelihood_agree_when_coordinates_are_independent_and_not_otherwise():
    x, y = jnp.array([[0.5, 1.0], [0.0, -1.0]]), jnp.array([[1.0, 0.0], [0.5, 2.0]])
    for off, agree in ((0.0, True), (0.75, False)):
        f = C.normal(
            gaussian(
                PLANE, PLANE, [[1.0, 2.0], [0.0, 1.0]], [0.5, 0.0], factor=np.linalg.cholesky([[1.0, off], [off, 2.0]])
            )
        )
        joint, marginal = float(f.expected((), (x,), (y,))), float(f.marginal((), (x,), (y,)))
        assert (joint == pytest.approx(marginal, rel=1e-9)) is agree
        law = scipy.stats.multivariate_normal(np.zeros(2), [[1.0, off], [off, 2.0]])
        residual = np.asarray(y) - np.asarray(x) @ np.array([[1.0, 0.0], [2.0, 1.0]]) - [0.5, 0.0]
        assert joint == pytest.approx(law.logpdf(residual).sum(), rel=1e-12)
    with pytest.raises(errors.NoDensity):
        COINS.marginal((), (x,), (y,))


@pytest.mark.paper(PAPER, "MLE functor")
def test_the_log_likelihood_of_a_normal_law_factorises_through_the_squared_error():
    factors = marginal_factors(RN(LAYER), (FIRST,), (0.7,))
    for t in (-1.0, 0.5):
        error = factors.constant - factors.weight * squared_error.e(factors.mean, t)
        assert float(error[0]) == pytest.approx(scipy.stats.norm(2.4, 0.5).logpdf(t), rel=1e-12)
    assert float(factors.weight[0]) >= 0
    with pytest.raises(errors.NoDensity):
        marginal_factors(COINS, (), (0.7,))


# The model of the worked value: no noise is needed to say what it learns.
LINEAR = model(R(2), LINE, 1, smooth(lambda w, p, x: p[0] * x + p[1] + w, LINE @ R(2) @ LINE))


@pytest.mark.paper(PAPER, "value learner")
@pytest.mark.paper(PAPER, "MLE functor")
def test_the_composite_learner_of_two_lines():
    L = mle_functor(0.05)
    parameters = (jnp.array([2.0, 1.0]), jnp.array([-1.0, 3.0]))
    for composite in (L(LINEAR) >> L(LINEAR), L(LINEAR >> LINEAR)):
        (p, q), (request,) = composite.step(parameters, (0.7,), (0.2,))
        assert np.allclose(q, [-1.096, 2.96], atol=1e-12)
        assert np.allclose(p, [2.028, 1.04], atol=1e-12)
        assert float(request) == pytest.approx(1.5, abs=1e-12)


@pytest.mark.paper(PAPER, "MLE functor")
@pytest.mark.paper(CROSS, "F5")
def test_maximum_likelihood_is_a_functor_and_factors_through_the_mean():
    L = mle_functor(0.25)
    C = L(LINEAR).category
    assert C.close(L(LINEAR >> LINEAR), L(LINEAR) >> L(LINEAR))
    assert C.close(L(para(unit, Para(Smooth).id(LINE))), C.id(LINE))
    mean = para(R(2), smooth(lambda p, x: p[0] * x + p[1], R(2) @ LINE))
    assert C.close(L(LINEAR), gradient_learner(0.25, squared_error)(mean))


@pytest.mark.paper(PAPER, "MLE functor")
def test_a_step_of_the_learner_climbs_the_likelihood():
    """``p - ε ∇e = p + ε 2s² ∇ log L`` at each example."""
    p, x, y = jnp.array([2.0, 1.0]), jnp.asarray(0.7), jnp.asarray(0.2)
    (moved,), _ = mle_functor(0.05)(LINEAR).step((p,), (x,), (y,))
    slope = jax.grad(lambda p: RN(LINEAR)((p,), (x,), (y,)))(p)
    assert np.allclose(moved, p + 0.05 * 2 * slope)


def _line_data(n=256):
    key, other = jax.random.split(jax.random.key(0))
    x = jax.random.uniform(key, (n,), minval=-3.0, maxval=3.0)
    return x, 10 * x + 100 + 10 * jax.random.normal(other, (n,))


@pytest.mark.paper(PAPER, "value notebook")
@pytest.mark.slow
def test_the_regression_of_the_notebook_finds_least_squares():
    """Slope 10, intercept 100, noise of standard deviation 10: the maximum is known in closed form."""
    x, y = _line_data()
    slope, intercept = np.polyfit(x, y, 1)
    spread = float(np.std(y - slope * x - intercept))
    best = jnp.array([slope, intercept, spread])
    likelihood = RN(LAYER)
    value, gradient = jax.jit(jax.value_and_grad(lambda p: likelihood.expected((p,), (x,), (y,))))(best)
    assert np.allclose(gradient, 0.0, atol=1e-8)
    assert np.allclose(best, [10, 100, 10], atol=2.5)
    assert float(value) == pytest.approx(scipy.stats.norm(slope * x + intercept, spread).logpdf(y).sum(), rel=1e-12)
    learner = mle_functor(0.01)(LINEAR)

    def one_pass(p, _):
        step = lambda p, example: (learner.run((p,), (example[0],))[1]((example[1],))[0][0], None)
        return jax.lax.scan(step, p, (x, y))

    found, _ = jax.jit(lambda p: jax.lax.scan(one_pass, p, length=4))(jnp.zeros(2))
    assert np.allclose(found, [slope, intercept], atol=3.0)


@pytest.mark.paper(PAPER, "value Bernoulli")
@pytest.mark.slow
def test_the_noisy_coin_of_the_notebook_is_learnt():
    """A coin whose log odds are a noisy line of slope 5 and standard deviation 2."""
    lines = model(R(1), LINE, 1, smooth(lambda w, p, x: p[0] * x + 2.0 * w, LINE @ R(1) @ LINE))
    coins = C.density(LINE, COIN, lambda ps, xs, ys: jax.nn.log_sigmoid(jnp.where(ys[0] == 1, xs[0], -xs[0])))
    whole = RN(lines) >> coins
    key, noise, toss = jax.random.split(jax.random.key(1), 3)
    x = jax.random.uniform(key, (1024,), minval=-2.0, maxval=2.0)
    odds = 5 * x + 2 * jax.random.normal(noise, x.shape)
    y = jax.random.bernoulli(toss, jax.nn.sigmoid(odds)).astype(jnp.int32)
    climb = jax.grad(lambda p: whole.expected((p,), (x,), (y,)) / len(x))
    found = jax.jit(lambda p: jax.lax.scan(lambda p, _: (p + 40 * climb(p), None), p, length=60)[0])(jnp.ones(1))
    assert float(found[0]) == pytest.approx(5.0, abs=1.0)


def test_a_sampler_with_a_density_is_a_likelihood_and_its_first_wires_may_be_parameters():
    flip = sampler(
        LINE @ LINE,
        COIN,
        lambda key, p, x: jax.random.bernoulli(key, jax.nn.sigmoid(p * x)).astype(jnp.int32),
        lambda p, x, y: jax.nn.log_sigmoid(jnp.where(y == 1, p * x, -p * x)),
    )
    assert float(C.of_sampler(flip, LINE)((2.0,), (0.5,), (1,))) == pytest.approx(-np.log1p(np.exp(-1.0)))
    with pytest.raises(errors.WrongParameters, match="must begin with it"):
        C.of_sampler(flip, COIN)
    with pytest.raises(errors.NoDensity):
        C.of_sampler(ToSampled(Smooth)(smooth(jnp.sin, LINE)))


@pytest.mark.float32
def test_likelihoods_stay_finite_far_out_and_with_little_noise():
    parameters = (jnp.array([2.0, 1.0, 1e-3]), jnp.array([-1.0, 3.0, 1e-3]))
    value, slope = jax.value_and_grad(lambda ps: (RN(LAYER) >> RN(LAYER))(ps, (0.5,), (100.0,)))(parameters)
    assert np.isfinite(float(value))
    assert all(np.isfinite(np.asarray(s)).all() for s in slope)
    rare = C.normal(gaussian(unit, LINE, mean=[-40.0], factor=[[1.0]])) >> COINS
    assert float(rare((), (), (1,))) == pytest.approx(-80.3 + 2.0, rel=1e-3)  # E exp(2z) for z ~ N(-40, 1)
