"""Importance sampling, particle filters and walks, against exact answers; each statement of chance with its rate of error."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from catlearn import Fin, FinStoch, R, infer, kernel, unit
from catlearn.categories import sampler
from catlearn.constructions import ToSampled
from catlearn.theory import Data, errors

SIGMAS = 5.5  # of a normal law: each statement of chance is wrong with a probability of 4e-8
LINE, PAPER = R(), "sampling"
TABLES = ToSampled(FinStoch)


class Log(Data):
    """The log density of ``N(a x, variance)`` at y; of a state, of ``N(0, variance)``."""

    slope: jax.Array
    variance: jax.Array

    def __call__(self, *values):
        residual = values[-1] - self.slope * values[0] if len(values) > 1 else values[-1]
        return -0.5 * residual**2 / self.variance - 0.5 * jnp.log(2 * np.pi * self.variance)


class Draw(Data):
    """A draw of that law."""

    law: Log

    def __call__(self, key, *values):
        noise = jnp.sqrt(self.law.variance) * jax.random.normal(key, (), self.law.variance.dtype)
        return self.law.slope * values[0] + noise if values else noise


def normal(dom, slope, variance):
    """The sampler ``x ↦ N(slope x, variance)`` on the line, with its density."""
    law = Log(jnp.asarray(slope, float), jnp.asarray(variance, float))
    return sampler(dom, LINE, Draw(law), law)


PRIOR, READ = normal(unit, 1.0, 1.0), normal(LINE, 1.0, 0.5)
YS, SEEN = np.array([0.5, -1.0, 0.0, 2.0]), np.array([True, True, False, True])


def exact_line(noise, slope):
    """The evidence of the chain that `line` makes: the density of one normal vector."""
    steps = np.arange(len(YS))
    back = slope ** (steps[:, None] - steps) * (steps[:, None] >= steps)  # what each state has of each noise
    states = back @ np.diag([1.0] + [noise] * (len(YS) - 1)) @ back.T
    covariance = (states + 0.5 * np.eye(len(YS)))[np.ix_(SEEN, SEEN)]
    return scipy.stats.multivariate_normal(cov=covariance).pdf(np.array(YS)[SEEN])


def line(noise, slope):
    return infer.chain(PRIOR, normal(LINE, slope, noise), READ, len(YS))


def close(estimates, exact):
    """Whether the mean of independent estimates is the exact number, but for chance."""
    estimates = np.asarray(estimates)
    error = np.std(estimates, axis=0, ddof=1) / np.sqrt(len(estimates))
    return np.all(np.abs(np.mean(estimates, axis=0) - exact) < SIGMAS * error)


@pytest.mark.paper(PAPER, "importance")
def test_importance_sampling_finds_a_conjugate_posterior_with_the_error_that_it_says():
    draws = infer.importance(PRIOR, READ, 1.0, n=4096, key=jax.random.key(0))
    exact = scipy.stats.norm(0, np.sqrt(1.5)).logpdf(1.0)

    assert abs(np.exp(draws.log_evidence - exact) - 1) < SIGMAS * draws.relative_error
    assert abs(draws.expect(lambda x: x) - 2 / 3) < SIGMAS * np.sqrt(1 / 3 / draws.effective)
    assert 0.01 < draws.relative_error < 0.02


@pytest.mark.paper(PAPER, "evidence")
@pytest.mark.paper(PAPER, "gradient")
def test_a_filter_has_no_bias_and_neither_has_its_gradient_through_missing_steps_and_resampling():
    at = np.array([0.5, 0.75])
    evidence = lambda at, key: jnp.exp(
        infer.particle_filter(line(*at), YS, SEEN, n=16, share=0.9, rule="stratified", key=key).log_evidence
    )
    both = jax.jit(jax.vmap(jax.value_and_grad(evidence), in_axes=(None, 0)))
    found, slopes = both(at, jax.random.split(jax.random.key(0), 4096))
    exact = exact_line(*at)
    gradient = np.array([exact_line(*(at + h)) - exact_line(*(at - h)) for h in 1e-5 * np.eye(2)]) / 2e-5

    assert close(found, exact)
    assert close(slopes, gradient)
    assert np.std(slopes[:, 0]) / 64 < 0.02 * gradient[0]
    assert not close(np.log(found), np.log(exact))  # the logarithm has a bias, downwards
    assert np.mean(np.log(found)) < np.log(exact)


@pytest.fixture(scope="module")
def burst():
    """The channel of Gilbert and Elliott: a hidden bit and a hidden quality of the line."""
    p0, p1, p2, q0, q1 = 0.03, 0.1, 0.05, 0.01, 0.1
    quality, bit = np.array([[1 - p0, p0], [p1, 1 - p1]]), np.array([[1 - p2, p2], [p2, 1 - p2]])
    reading = [[1 - q0, q0], [1 - q1, q1], [q0, 1 - q0], [q1, 1 - q1]]
    state, seen = Fin(4), Fin(2)
    return (
        kernel(unit, state, np.full(4, 0.25)),
        kernel(state, state, np.kron(bit, quality)),
        kernel(state, seen, reading),
        np.array([0, 0, 1, 1, 0, 1, 1, 1]),
    )


def filtered(prior, move, read, ys):
    c = infer.chain(*map(TABLES, (prior, move, read)), len(ys))
    return infer.particle_filter(c, ys, n=1024, key=jax.random.key(0))


@pytest.mark.paper(PAPER, "evidence")
@pytest.mark.slow
def test_a_filter_finds_the_values_of_a_finite_chain(burst):
    found = filtered(*burst)
    last = np.bincount(found.points[0][-1], np.exp(found.log_weights[-1]), 4)
    assert abs(found.log_evidence + 7.221137) < SIGMAS * np.sqrt(np.sum(1 / found.effective - 1 / 1024))
    assert np.all(
        np.abs(last - [0.000249, 0.005019, 0.424471, 0.570261]) < SIGMAS * np.sqrt(0.25 / found.effective[-1])
    )
    assert found.at(3).log_evidence == pytest.approx(np.sum(found.increments[:4]))


@pytest.mark.paper(PAPER, "backward simulation")
def test_paths_drawn_backwards_have_the_smoothed_law_and_lineages_have_one_beginning(burst):
    found = filtered(*burst)
    paths, smoothed = np.asarray(found.paths(256, key=jax.random.key(1))), [0.233261, 0.652714, 0.000873, 0.113151]
    assert np.all(np.abs(np.bincount(paths[:, 0], minlength=4) / 256 - smoothed) < SIGMAS * np.sqrt(0.25 / 256))
    fourth = np.bincount(paths[:, 4], minlength=4) / 256
    assert np.all(np.abs(fourth - [0.051143, 0.079752, 0.146215, 0.722890]) < SIGMAS * np.sqrt(0.25 / 256))
    lines = found.lineages
    assert lines.log_evidence == pytest.approx(found.log_evidence)
    drawn = np.asarray(lines.points[0])
    assert np.array_equal(drawn[:, -1], np.asarray(found.points[0])[-1])
    assert np.all(np.asarray(burst[1].table)[drawn[:, :-1], drawn[:, 1:]] > 0)


@pytest.mark.paper("inference", "impossible evidence")
def test_evidence_that_no_draw_explains_is_told_and_nothing_is_made_up(burst):
    prior, move, _, ys = burst
    silent = kernel(Fin(4), Fin(2), [[1.0, 0.0]] * 4)
    found = filtered(prior, move, silent, ys)

    assert not found.ok
    assert found.log_evidence == -np.inf
    assert np.array_equal(found.increments[:2], np.zeros(2))
    assert np.all(found.increments[2:] == -np.inf)
    assert np.all(np.exp(found.log_weights[2:]) == 0)
    assert found.at(1).ok
    assert found.at(1).log_evidence == 0
    for ask in (found.require, found.at(2).require, lambda: found.state(2), lambda: found.at(7).expect(lambda x: x)):
        with pytest.raises(errors.NoWeight, match="probability zero at each of 1024 draws"):
            ask()


@pytest.mark.paper(PAPER, "resampling")
def test_a_draw_without_weight_is_never_resampled():
    weights = jnp.array([0.0, 0.5, 0.0, 0.25, 0.25, 0.0])
    draws = infer.Weighted(Fin(6), (jnp.arange(6, dtype=jnp.int32),), jnp.log(weights))
    again = jax.vmap(lambda key: draws.resampled(key=key, rule="multinomial").points[0])
    assert set(np.unique(jax.jit(again)(jax.random.split(jax.random.key(0), 256)))) == {1, 3, 4}


@pytest.mark.paper(PAPER, "unrolled")
def test_a_chain_is_a_prior_over_paths_and_a_channel_from_them():
    """Particles of a filter that never resamples are draws of the two."""
    c = line(0.5, 0.75)
    paths, read = infer.unrolled(c, SEEN)
    path = np.array([0.0, 1.0, -1.0, 0.5])
    found = jax.jit(lambda path: (paths.log_prob((), (path,)), read.log_prob((path,), (YS,))))(path)
    logs = lambda at, scale: scipy.stats.norm(0, np.sqrt(scale)).logpdf(at)
    moves = logs(path[0], 1.0) + logs(path[1:] - 0.75 * path[:-1], 0.5).sum()
    assert found == pytest.approx((moves, (logs(YS - path, 0.5) * SEEN).sum()))
    assert paths.cod == read.dom == R(4)


@pytest.mark.paper(PAPER, "walks")
def test_walks_find_a_conjugate_posterior_within_their_own_error():
    pytest.importorskip("numpyro")
    prior = sampler(
        unit, LINE @ LINE, lambda key: tuple(jax.random.normal(key, (2,))), lambda x, y: -0.5 * (x**2 + y**2)
    )
    sums = sampler(
        LINE @ LINE, LINE, lambda key, x, y: x + y + jax.random.normal(key), lambda x, y, z: -2 * (z - x - y) ** 2
    )
    found = infer.nuts(prior, sums, 1.5, n=400, warm_up=300, key=jax.random.key(0))

    means = np.array(found.expect(lambda x, y: (x, y)))
    spread = np.array(found.expect(lambda x, y: (x**2, y**2))) - means**2
    error = np.sqrt((1 - 4 / 9) / found.effective)
    assert np.all(np.abs(means - 2 / 3) < SIGMAS * error)
    assert np.all(np.abs(spread / (5 / 9) - 1) < SIGMAS * np.sqrt(2 / found.effective))
    assert found.effective.min() > 100
    assert found.r_hat.max() < 1.05
    assert np.array_equal(found.diverged, [0, 0])


def test_the_mistakes_have_names(monkeypatch):
    coin = Fin(2)
    prior, flip = kernel(unit, coin, [0.5, 0.5]), kernel(coin, coin, [[0.5, 0.5], [0.25, 0.75]])
    p, t, key = TABLES(prior), TABLES(flip), jax.random.key(0)
    blind = sampler(LINE, LINE, lambda key, x: x + jax.random.normal(key, dtype=x.dtype))
    c = infer.chain(p, t, t, 3)
    with pytest.raises(errors.WrongCategory, match="the prior has to be an arrow to draw from, but it is in FinStoch"):
        infer.importance(prior, t, 0, n=4, key=key)
    with pytest.raises(errors.WrongObject, match="the prior has to go"):
        infer.importance(PRIOR, t, 0, n=4, key=key)
    with pytest.raises(errors.NoDensity, match="The channel is weighed here"):
        infer.importance(PRIOR, blind, 0.0, n=4, key=key)
    with pytest.raises(errors.NoDensity, match="The transition is weighed here"):
        infer.particle_filter(infer.chain(PRIOR, blind, READ, 3), np.zeros(3), n=4, proposal=blind, key=key)
    with pytest.raises(errors.WrongObject, match="the first proposal has to go"):
        infer.particle_filter(c, [0, 1, 0], n=4, start=p, key=key)
    with pytest.raises(errors.BatchMismatch, match="3 steps"):
        infer.particle_filter(c, [0, 1], n=4, key=key)
    with pytest.raises(errors.BatchMismatch, match="truth values of `seen` of shape"):
        infer.unrolled(c, [True])
    with pytest.raises(errors.WrongValue, match="an integer in"):
        infer.particle_filter(c, [0, 1, 2], n=4, key=key)
    with pytest.raises(errors.WrongValue, match="systematic, stratified or multinomial"):
        infer.particle_filter(c, [0, 1, 1], n=4, rule="at random", key=key)
    with pytest.raises(errors.WrongCategory, match="draws are made along a chain of samplers"):
        infer.unrolled(infer.chain(prior, flip, flip, 3))
    with pytest.raises(errors.WrongObject, match="without Euclidean coordinates"):
        infer.nuts(p, t, 0, n=4, key=key)
    never = sampler(LINE, LINE, lambda key, x: x, lambda x, y: jnp.full_like(x, -jnp.inf))
    with pytest.raises(errors.NoWeight, match="each of 256 draws"):
        infer.nuts(PRIOR, never, 0.0, n=4, key=key)
    monkeypatch.setitem(sys.modules, "numpyro.infer.hmc", None)
    with pytest.raises(errors.MissingExtra, match="sample"):
        infer.nuts(PRIOR, never, 0.0, n=4, key=key)
