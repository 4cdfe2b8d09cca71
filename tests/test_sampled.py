"""Samplers: laws that hold between laws, densities where they are known, and the functors that lead here."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from catlearn import Fin, FinStoch, Gauss, R, Sampled, Smooth, gaussian, kernel, smooth, unit
from catlearn.categories import LogFinStoch, distributed, sampler
from catlearn.constructions import ToSampled
from catlearn.constructions.sampling import has_density
from catlearn.theory import errors

LEVEL = 1e-6  # of each test here: the chance to reject samples of the right law
MANY = 4096
LINE, COIN = R(), Fin(2)


def _noise(key, x):
    return x + jax.random.normal(key, dtype=x.dtype)


def _scaled(key, x):
    return jnp.tanh(x) * jax.random.exponential(key, dtype=x.dtype)


def _flip(key, x):
    return jax.random.bernoulli(key, jax.nn.sigmoid(x)).astype(jnp.int32)


def _log_normal(x, y):
    return -0.5 * (y - x) ** 2 - 0.5 * np.log(2 * np.pi)


def _log_flip(x, y):
    return jnp.where(y == 1, jax.nn.log_sigmoid(x), jax.nn.log_sigmoid(-x))


NOISE, SCALED = sampler(LINE, LINE, _noise, _log_normal), sampler(LINE, LINE, _scaled)
FLIP = sampler(LINE, COIN, _flip, _log_flip)
WEATHER = kernel(Fin(2), Fin(3), [[0.5, 0.25, 0.25], [0.0, 0.125, 0.875]])
BOTH = kernel(unit, Fin(3) @ Fin(2), [[0.1, 0.2], [0.0, 0.3], [0.25, 0.15]])


@pytest.mark.slow
def test_interchange_holds_between_laws_though_not_between_draws():
    one, other = (NOISE @ SCALED) >> (SCALED @ FLIP), (NOISE >> SCALED) @ (SCALED >> FLIP)
    key = jax.random.key(0)
    assert one(0.5, 0.5, key=key)[0] != other(0.5, 0.5, key=key)[0]
    assert Sampled.close(one, other)


@pytest.mark.parametrize(
    "sides",
    [
        lambda C: (C.swap(LINE, LINE) >> (NOISE @ SCALED), (SCALED @ NOISE) >> C.swap(LINE, LINE)),
        lambda C: (NOISE >> C.discard(LINE), C.discard(LINE)),
        lambda C: (NOISE >> C.copy(LINE) >> (LINE @ C.discard(LINE)), NOISE),
        lambda C: (C.copy(LINE) >> (SCALED @ NOISE) >> C.swap(LINE, LINE), C.pair(NOISE, SCALED)),
    ],
    ids=["crossing", "discarding", "counit", "cocommutativity"],
)
def test_the_markov_laws_hold_between_laws(sides):
    assert Sampled.close(*sides(Sampled))


def test_a_coin_is_copied_and_not_tossed_twice():
    assert not Sampled.close(NOISE >> Sampled.copy(LINE), Sampled.pair(NOISE, NOISE))
    certain = ToSampled(Smooth)(smooth(jnp.sin, LINE))
    assert Sampled.close(certain >> Sampled.copy(LINE), Sampled.pair(certain, certain))


def test_composition_and_tensor_are_strict():
    assert (NOISE >> SCALED) >> FLIP == NOISE >> (SCALED >> FLIP)
    assert (NOISE @ SCALED) @ FLIP == NOISE @ (SCALED @ FLIP)
    assert Sampled.id(LINE) >> NOISE == NOISE == NOISE >> Sampled.id(LINE)
    assert NOISE @ Sampled.id(unit) == NOISE
    assert Sampled.id(LINE) @ Sampled.id(LINE) == Sampled.id(LINE @ LINE)


def test_parts_of_a_composite_and_of_a_tensor_are_independent():
    walk = (NOISE >> NOISE >> NOISE).many(MANY, 1.0, key=jax.random.key(1))
    assert scipy.stats.kstest(walk, scipy.stats.norm(1.0, 3**0.5).cdf).pvalue > LEVEL
    x, y = (NOISE @ NOISE).many(MANY, 0.0, 0.0, key=jax.random.key(2))
    assert scipy.stats.pearsonr(x, y).pvalue > LEVEL


def test_the_comparison_sees_a_difference_of_a_tenth_of_a_standard_deviation():
    shifted = NOISE >> ToSampled(Smooth)(smooth(lambda x: x + 0.25, LINE))
    assert not Sampled.close(NOISE, shifted)
    assert Sampled.close(NOISE, shifted, tol=0.2)


def test_the_density_is_known_after_what_is_certain_and_of_independent_outputs_alone():
    sine = ToSampled(Smooth)(smooth(jnp.sin, LINE))
    x, y = jnp.asarray(0.5), jnp.asarray(0.25)
    assert float((sine >> NOISE).log_prob((x,), (y,))) == pytest.approx(scipy.stats.norm(np.sin(0.5)).logpdf(0.25))
    both = (NOISE @ FLIP).log_prob((x, x), (y, 1))
    assert float(both) == pytest.approx(scipy.stats.norm(0.5).logpdf(0.25) - np.log1p(np.exp(-0.5)))
    for unknown in (sine, NOISE >> NOISE, NOISE >> sine, NOISE @ LINE, SCALED, Sampled.id(LINE)):
        assert unknown.log_density is None
        with pytest.raises(errors.NoDensity):
            unknown.log_prob(unknown.dom.zeros() if len(unknown.dom) > 1 else (x,), (y,) * len(unknown.cod))


@pytest.mark.parametrize("category", [FinStoch, LogFinStoch], ids=str)
def test_tables_are_drawn_with_their_frequencies(category):
    table = np.asarray(BOTH.table)
    with np.errstate(divide="ignore"):
        state = BOTH if category is FinStoch else kernel(unit, BOTH.cod, np.log(table), over=LogFinStoch)
    x, y = ToSampled(category)(state).many(MANY, key=jax.random.key(3))
    counts = np.zeros((3, 2))
    np.add.at(counts, (np.asarray(x), np.asarray(y)), 1)
    assert counts[1, 0] == 0
    seen = table > 0
    assert scipy.stats.chisquare(counts[seen], MANY * table[seen]).pvalue > LEVEL
    for i, j in itertools.product(range(3), range(2)):
        found = ToSampled(category)(state).log_prob((), (i, j))
        assert float(jnp.exp(found)) == pytest.approx(table[i, j])


@pytest.mark.slow
def test_sampling_tables_is_a_monoidal_functor():
    F = ToSampled(FinStoch)
    back = kernel(Fin(3), Fin(2), [[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]])
    assert Sampled.close(F(WEATHER >> back), F(WEATHER) >> F(back))
    assert Sampled.close(F(WEATHER @ back), F(WEATHER) @ F(back))


PLANE = R(2)
TURN = gaussian(PLANE, PLANE, [[0.0, -1.0], [1.0, 0.5]], [1.0, 0.0], factor=[[1.0, 0.0], [0.5, 0.5]])
LEAN = gaussian(PLANE, LINE @ LINE, [[1.0, 0.0], [0.0, 2.0]], [0.0, 1.0], factor=[[1.0], [-1.0]])


def test_sampling_gaussian_maps_is_a_monoidal_functor():
    F = ToSampled(Gauss)
    assert Sampled.close(F(TURN >> LEAN), F(TURN) >> F(LEAN))
    assert Sampled.close(F(TURN @ LEAN), F(TURN) @ F(LEAN))


def test_a_gaussian_map_has_a_density_unless_it_is_singular():
    x, y = np.array([0.5, -1.0]), np.array([2.0, 0.25])
    matrix, mean, covariance = map(np.asarray, (TURN.matrix, TURN.mean, TURN.covariance))
    expected = scipy.stats.multivariate_normal(matrix @ x + mean, covariance).logpdf(y)
    assert float(ToSampled(Gauss)(TURN).log_prob((x,), (y,))) == pytest.approx(expected, rel=1e-12)
    assert ToSampled(Gauss)(LEAN).log_density is None
    drawn = np.stack(ToSampled(Gauss)(LEAN).many(64, x, key=jax.random.key(5)))
    assert np.allclose(drawn.sum(axis=0), x[0] + 2 * x[1] + 1)


def test_there_is_no_way_to_sample_from_just_any_category():
    with pytest.raises(errors.WrongCategory, match="those are from"):
        ToSampled(Sampled)
    with pytest.raises(errors.WrongCategory):
        ToSampled(FinStoch)(TURN)


def test_what_is_drawn_must_be_in_the_codomain():
    with pytest.raises(errors.WrongCodomain):
        sampler(LINE, COIN, _noise)
    with pytest.raises(errors.NotAFunction):
        sampler(LINE @ LINE, LINE, _noise)
    with pytest.raises(errors.WrongValue):
        NOISE([1.0, 2.0], key=jax.random.key(0))


class _Exponential:
    """A distribution of nobody's library."""

    def __init__(self, rate):
        self.rate = rate

    def sample(self, key):
        return jax.random.exponential(key, dtype=self.rate.dtype) / self.rate

    def log_prob(self, y):
        return jnp.log(self.rate) - self.rate * y


def test_a_distribution_is_what_can_be_sampled_and_has_a_density():
    f = distributed(LINE, LINE, _Exponential)
    assert scipy.stats.kstest(f.many(MANY, 2.0, key=jax.random.key(7)), scipy.stats.expon(scale=0.5).cdf).pvalue > LEVEL
    assert float(f.log_prob((2.0,), (0.75,))) == pytest.approx(scipy.stats.expon(scale=0.5).logpdf(0.75))
    pair = distributed(LINE @ LINE, LINE @ LINE, lambda a, b: (_Exponential(a), _Exponential(b)))
    expected = scipy.stats.expon(scale=0.5).logpdf(0.75) + scipy.stats.expon(scale=0.25).logpdf(1.0)
    assert float(pair.log_prob((2.0, 4.0), (0.75, 1.0))) == pytest.approx(expected)


def test_distributions_of_numpyro_agree_with_scipy():
    dist = pytest.importorskip("numpyro.distributions")
    student = distributed(LINE, LINE, lambda x: dist.StudentT(4.0, x, 2.0))
    assert float(student.log_prob((1.0,), (3.0,))) == pytest.approx(scipy.stats.t(4, 1.0, 2.0).logpdf(3.0), rel=1e-6)
    drawn = student.many(MANY, 1.0, key=jax.random.key(8))
    assert scipy.stats.kstest(drawn, scipy.stats.t(4, 1.0, 2.0).cdf).pvalue > LEVEL
    coin = distributed(LINE, COIN, lambda x: dist.Categorical(logits=jnp.stack([jnp.zeros_like(x), x])))
    assert float(coin.log_prob((0.5,), (1,))) == pytest.approx(-np.log1p(np.exp(-0.5)), rel=1e-6)
    assert int(coin(30.0, key=jax.random.key(9))) == 1


@pytest.mark.parametrize(
    ("factor", "has"), [([[1.0, 0.0], [2.0, 1.0]], True), ([[1.0, 2.0], [1.0, 2.0]], False), ([[3.0], [4.0]], False)]
)
def test_a_gaussian_has_a_density_where_its_covariance_has_full_rank(factor, has):
    assert has_density(gaussian(unit, R(2), factor=factor)) == has
