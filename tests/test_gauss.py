"""Gaussian maps: conditionals, inverses and supports, singular covariances included."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import Gauss, R, Smooth, gaussian, unit
from catlearn.categories import GaussianMap
from catlearn.constructions import Mean, Supp
from catlearn.laws import draws, functor, gaussian_draws, homomorphism
from catlearn.laws.trial import check
from catlearn.theory.errors import NoFiller, NotConcrete, NotPositive, WrongObject, WrongShape, WrongValue

FRITZ, INVERSION, SUPPORTS, EXACT = "1908.07021", "1709.00322", "supports", "2101.11351"
X, Y = R(), R(2)


def numbers(seed, *shape):
    return np.random.default_rng(seed).integers(-2, 3, shape).astype(float)


def drawn(seed, dom, cod, n, m, k=None):
    """A map with whole entries, its covariance of rank one at most unless `k` says otherwise."""
    return GaussianMap(dom, cod, numbers(seed, n, m), numbers(seed + 1, n), numbers(seed + 2, n, n if k is None else k))


def pinv(s):
    return np.linalg.pinv(s, rcond=1e-10, hermitian=True)


@pytest.mark.paper(FRITZ, "Gauss conditional")
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_the_conditional_is_that_of_the_blocks_of_the_covariance(rank):
    for seed in range(8):
        f = drawn(seed, Y, Y @ X, 3, 2, rank)
        k = Gauss.conditional(f, 1)
        c, m, s = np.asarray(f.covariance), f.matrix, f.mean
        d = c[2:, :2] @ pinv(c[:2, :2])
        assert np.allclose(k.matrix, np.concatenate([d, m[2:] - d @ m[:2]], axis=1), atol=1e-9)
        assert np.allclose(k.mean, s[2:] - d @ s[:2], atol=1e-9)
        assert np.allclose(k.covariance, c[2:, 2:] - d @ c[:2, 2:], atol=1e-9)


@pytest.mark.paper(INVERSION, "Gauss inverse")
@pytest.mark.parametrize("rank", [1, 2])
def test_the_inverse_has_the_gain_mean_and_covariance_of_the_formula(rank):
    for seed in range(8):
        p, c = drawn(seed, unit, Y, 2, 0, rank), drawn(seed + 50, Y, Y, 2, 2, 1)
        back = Gauss.bayes_inverse(c, p)
        mu, s, m = p.mean, np.asarray(p.covariance), c.matrix
        t = m @ s @ m.T + np.asarray(c.covariance)
        gain = s @ m.T @ pinv(t)
        assert np.allclose(back.matrix, gain, atol=1e-8)
        assert np.allclose(back.mean, mu - gain @ (m @ mu + c.mean), atol=1e-8)
        assert np.allclose(back.covariance, s - gain @ t @ gain.T, atol=1e-8)


@pytest.mark.paper("2305.06112", "pseudoinverse filler")
def test_pseudo_inverses_compose_strictly_and_do_not_keep_identities():
    for seed in range(8):
        p, c, d = drawn(seed, unit, Y, 2, 0, 1), drawn(seed + 20, Y, Y, 2, 2, 1), drawn(seed + 40, Y, Y, 2, 2, 0)
        steps = Gauss.bayes_inverse(d, p >> c) >> Gauss.bayes_inverse(c, p)
        assert Gauss.close(steps, Gauss.bayes_inverse(c >> d, p), tol=1e-8)
    line = gaussian(unit, Y, covariance=np.ones((2, 2)))
    one = Gauss.bayes_inverse(Gauss.id(Y), line)
    assert np.allclose(one.matrix, [[0.5, 0.5], [0.5, 0.5]])
    assert not Gauss.close(one, Gauss.id(Y))
    assert Gauss.as_equal(line, one, Gauss.id(Y))


@pytest.mark.paper(FRITZ, "deterministic")
def test_a_map_is_deterministic_exactly_when_it_has_no_noise():
    assert Gauss.is_deterministic(gaussian(Y, X, [[1.0, 2.0]], mean=3.0))
    for variance in (1.0, 1e-12, 1e6):
        assert not Gauss.is_deterministic(gaussian(Y, X, [[1.0, 2.0]], covariance=variance))


@pytest.mark.paper(FRITZ, "copy not natural")
def test_a_normal_number_is_copied_not_drawn_twice():
    z = gaussian(unit, X, covariance=1.0)
    assert np.allclose((z >> Gauss.copy(X)).covariance, np.ones((2, 2)))
    assert np.allclose((z @ z).covariance, np.eye(2))


@pytest.mark.paper(FRITZ, "as-equality")
def test_maps_are_almost_surely_equal_when_they_agree_on_the_support():
    line = gaussian(unit, Y, mean=[1.0, 0.0], factor=[[1.0], [1.0]])
    f, g = gaussian(Y, X, [[1.0, 0.0]]), gaussian(Y, X, [[0.0, 1.0]], mean=1.0)
    assert Gauss.as_equal(line, f, g)
    assert not Gauss.close(f, g)
    assert not Gauss.as_equal(line, f, gaussian(Y, X, [[0.0, 1.0]]))
    assert not Gauss.as_equal(line, f, gaussian(Y, X, [[0.0, 1.0]], mean=1.0, covariance=1.0))


@pytest.mark.paper(SUPPORTS, "absolute continuity")
def test_absolute_continuity_is_that_affine_supports_are_nested():
    line = gaussian(unit, Y, mean=[1.0, 0.0], factor=[[1.0], [1.0]])
    plane, on, off = (
        gaussian(unit, Y, covariance=np.eye(2)),
        gaussian(unit, Y, mean=[3.0, 2.0]),
        gaussian(unit, Y, mean=[3.0, 3.0]),
    )
    beside = gaussian(unit, Y, factor=[[1.0], [1.0]])
    assert Gauss.absolutely_continuous(line, plane)
    assert not Gauss.absolutely_continuous(plane, line)
    assert Gauss.absolutely_continuous(on, line)
    assert not Gauss.absolutely_continuous(off, line)
    assert not Gauss.absolutely_continuous(line, beside)


@pytest.mark.paper(SUPPORTS, "support object")
def test_the_support_is_a_space_of_the_rank_with_an_orthogonal_retraction():
    line = gaussian(unit, Y, mean=[1.0, 0.0], factor=[[3.0], [4.0]])
    s = Gauss.support(line)
    assert s.ob == R(1)
    assert Gauss.close(s.inclusion >> s.retraction, Gauss.id(s.ob))
    projection = (s.retraction >> s.inclusion).matrix
    assert np.allclose(projection, [[0.36, 0.48], [0.48, 0.64]])
    with pytest.raises(NotConcrete):
        jax.jit(lambda a: Gauss.support(gaussian(unit, Y, factor=a)).inclusion)(jnp.ones((2, 1)))


@pytest.mark.paper(SUPPORTS, "precise supports")
def test_a_point_is_possible_jointly_when_it_is_step_by_step():
    p, f = gaussian(unit, Y, factor=[[1.0], [1.0]]), gaussian(Y, Y, np.eye(2), factor=[[1.0], [0.0]])
    for x in ([1.0, 1.0], [1.0, 2.0]):
        for y in ([5.0, 1.0], [5.0, 2.0]):
            jointly = Gauss.in_support(Gauss.joint(p, f), x, y)
            assert jointly == (Gauss.in_support(p, x) and Gauss.in_support(f(x), y))


@pytest.mark.paper(SUPPORTS, "support functor")
@pytest.mark.parametrize("law", [functor.functor_composite, functor.functor_tensor, homomorphism.functor_copy], ids=str)
def test_supports_are_a_functor_to_affine_relations(law):
    check(law, draws.support_gauss, examples=4)


@pytest.mark.paper("cross", "F5")
def test_means_are_a_functor_to_smooth_maps():
    check(functor.functor_composite, gaussian_draws.mean, examples=4)
    f = gaussian(R(2), R(2), [[1.0, 2.0], [0.0, 1.0]], mean=[1.0, 1.0], covariance=np.eye(2))
    assert np.array_equal(Mean(f)([1.0, 1.0]), [4.0, 2.0])
    assert Mean(f).category == Smooth


@pytest.mark.paper(FRITZ, "conditionals")
def test_repeated_composition_stays_symmetric_and_positive():
    step = gaussian(Y, Y, [[0.9, 0.5], [-0.5, 0.9]], covariance=[[1e-6, 0.0], [0.0, 0.0]])
    state = gaussian(unit, Y, covariance=[[1.0, 1.0], [1.0, 1.0]])
    for _ in range(50):
        state = state >> step
    assert state.factor.shape == (2, 2)
    assert np.array_equal(state.covariance, state.covariance.T)
    assert np.linalg.eigvalsh(state.covariance)[0] >= -1e-16 * np.trace(state.covariance)


def test_densities_are_those_of_scipy_on_the_support_and_zero_off_it():
    stats = pytest.importorskip("scipy.stats")
    for seed in range(6):
        p = drawn(seed, unit, R(2) @ R(), 3, 0, 2)
        inside = p.mean + p.factor @ numbers(seed + 9, 2)
        normal = stats.multivariate_normal(p.mean, p.covariance, allow_singular=True)
        assert float(p.log_density(inside[:2], inside[2])) == pytest.approx(normal.logpdf(inside), rel=1e-9)
    assert gaussian(unit, Y, factor=[[1.0], [1.0]]).log_density([1.0, 2.0]) == -np.inf


def test_samples_have_the_mean_and_the_covariance():
    f = gaussian(X, Y, [[1.0], [2.0]], factor=[[1.0], [1.0]])
    ys = jax.vmap(lambda key: f.sample(3.0, key=key))(jax.random.split(jax.random.key(0), 4000))
    assert np.allclose(ys.mean(0), [3.0, 6.0], atol=5 / 4000**0.5)
    assert np.allclose(ys[:, 0] - 3.0, ys[:, 1] - 6.0)


@pytest.mark.paper(EXACT, "value posterior")
def test_a_measurement_moves_the_prior():
    prior, noisy = gaussian(unit, X, mean=50.0, covariance=100.0), gaussian(X, X, [[1.0]], covariance=25.0)
    back = Gauss.bayes_inverse(noisy, prior)(40.0)
    assert np.allclose([back.mean[0], back.covariance[0, 0]], [42.0, 20.0])


# ------------------------------------------------------------------------------------------------ a Gaussian process

PLACES = jnp.linspace(-5.0, 5.0, 100)
SEEN, VALUES = jnp.array([20, 40, 60, 80]), jnp.array([1.0, 2.0, 3.0, 0.0])


def kernel(height, rate):
    return height * jnp.exp(-rate * (PLACES[:, None] - PLACES[None, :]) ** 2)


@jax.jit
def process(height, rate):
    """Mean, covariance and feasibility of the other 100 points, where four are seen exactly."""
    prior = gaussian(unit, R(100), covariance=kernel(height, rate))
    looks = gaussian(R(100), R(4) @ R(100), jnp.concatenate([jnp.eye(100)[SEEN], jnp.eye(100)]))
    found = Gauss.observe(prior >> looks, 1, (VALUES,))
    return found.state.mean, found.state.covariance, found.ok


@pytest.mark.paper(EXACT, "value GP")
def test_a_gaussian_process_goes_through_four_exact_observations():
    mean, covariance, ok = process(0.2, 1.0)
    sd = np.sqrt(np.diagonal(covariance))
    expected = {0: (0.016336, 0.447150), 10: (0.348914, 0.417137), 30: (1.046033, 0.385845), 50: (1.767098, 0.385836)}
    expected |= {70: (1.052121, 0.385845), 99: (-0.001260, 0.447072)}
    for i, (m, s) in expected.items():
        assert (round(float(mean[i]), 6), round(float(sd[i]), 6)) == (m, s)
    assert np.allclose(mean[SEEN], VALUES)
    assert np.all(sd[SEEN] < 1e-7)
    assert ok


@pytest.mark.paper(EXACT, "value GP")
@pytest.mark.slow
def test_the_process_can_be_differentiated_by_the_parameters_of_its_kernel():
    def summary(height, rate):
        mean, covariance, _ = process(height, rate)
        return mean[30] + 2 * mean[7] + covariance[30, 30] + covariance[5, 7]

    slopes, h = jax.jit(jax.grad(summary, (0, 1)))(0.2, 1.0), 1e-6
    by_height = (summary(0.2 + h, 1.0) - summary(0.2 - h, 1.0)) / (2 * h)
    by_rate = (summary(0.2, 1.0 + h) - summary(0.2, 1.0 - h)) / (2 * h)
    assert np.allclose(slopes, (by_height, by_rate), atol=1e-5)


# ------------------------------------------------------------------------------------------------ mistakes


def test_mistakes_are_named():
    with pytest.raises(NotPositive, match="least eigenvalue is -1"):
        gaussian(unit, Y, covariance=[[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(NotPositive, match="not symmetric"):
        gaussian(unit, Y, covariance=[[1.0, 0.5], [0.2, 1.0]])
    with pytest.raises(WrongShape, match="transpose"):
        gaussian(Y, X, [[1.0], [2.0]])
    with pytest.raises(WrongObject, match="not both"):
        gaussian(unit, X, covariance=1.0, factor=[[1.0]])
    with pytest.raises(NoFiller):
        Gauss.bayes_inverse(Gauss.id(X), gaussian(unit, X), otherwise=gaussian(X, X))
    with pytest.raises(WrongValue):
        gaussian(Y, X)(1.0)
    with pytest.raises(WrongObject, match="not a state"):
        Gauss.in_support(Gauss.id(X), 1.0)


def test_a_point_far_out_is_possible_up_to_the_rounding_of_its_own_size():
    along = np.array([1 / 3, 1 / 7, 1 / 11])
    line = gaussian(unit, R(3), factor=along[:, None])

    assert Gauss.in_support(line, 1e9 * np.pi * along)
    assert not Gauss.in_support(line, 1e9 * np.pi * along + [0.0, 1e3, 0.0])


def test_a_number_serves_as_an_array_of_one_entry():
    p = gaussian(X, X, 2.0, mean=3.0, factor=0.5)
    assert (p.matrix.shape, p.mean.shape, p.factor.shape) == ((1, 1), (1,), (1, 1))
    assert Gauss.close(p, gaussian(X, X, [[2.0]], mean=[3.0], covariance=0.25))
    with pytest.raises(WrongShape, match="the factor"):
        gaussian(unit, Y, factor=0.5)


def test_a_flag_says_whether_a_covariance_is_one():
    flagged = jax.jit(lambda s: gaussian(unit, Y, covariance=s, check="flag"))
    assert flagged(jnp.eye(2))[1]
    assert not flagged(jnp.array([[1.0, 2.0], [2.0, 1.0]]))[1]


def test_observing_what_cannot_be_is_flagged_and_not_a_number_is_never_seen():
    line = gaussian(unit, X @ X, factor=[[1.0], [1.0]]) >> Gauss.copy(X @ X)
    found = jax.jit(lambda y: Gauss.observe(line, 2, (1.0, y)))
    assert found(1.0).ok
    assert not found(2.0).ok
    assert np.isfinite(found(2.0).state.mean).all()


@pytest.mark.float32
def test_a_posterior_in_the_default_precision():
    prior, noisy = gaussian(unit, X, mean=50.0, covariance=100.0), gaussian(X, X, [[1.0]], covariance=25.0)
    back = Gauss.bayes_inverse(noisy, prior)(40.0)
    assert np.allclose([back.mean[0], back.covariance[0, 0]], [42.0, 20.0], rtol=1e-5)
    assert Supp(prior).holds(1.0)
