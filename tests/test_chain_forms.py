"""The accurate form and the form in blocks: against conditioning of everything at once, against each other, and against what may not happen."""

import functools
import types
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import slow

from catlearn import R, gaussian, infer, unit
from catlearn.categories import ExtGauss, extended
from catlearn.kernels.kalman import Moments
from catlearn.kernels.kalman_blocks import Passed, acted, compose, nothing
from catlearn.kernels.kalman_blocks import extended as with_step
from catlearn.kernels.linear_chain import Model
from catlearn.theory.errors import BatchMismatch, Infeasible, WrongCategory

SCANS, FACTS = "1905.13002", "inference"
X, Y, T = R(2), R(2), 10
LINE = [[1.0, 1.0], [0.0, 1.0]]


def numbers(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).integers(-2, 3, shape).astype(float))


def step(seed, error=1.0):
    noise, errors = numbers(seed, 2, 2), numbers(seed + 1, 2, 2) + 4 * error * jnp.eye(2)
    parts = (
        numbers(seed + 2, 2, 2),
        numbers(seed + 3, 2),
        noise @ noise.T,
        numbers(seed + 4, 2, 2),
        numbers(seed + 5, 2),
    )
    return Model(*parts, error * errors @ errors.T)


SEEN = jnp.array([True, True])


@functools.cache
def elements():
    return [with_step(nothing(2, jnp.zeros(()).dtype), step(10 * k), numbers(k, 2), SEEN) for k in range(3)]


def same(i, j):
    return all(np.allclose(a, b, rtol=1e-9, atol=1e-9) for a, b in zip(i[:-1], j[:-1], strict=True))


@pytest.mark.paper(SCANS, "operator")
def test_elements_compose_associatively_log_normaliser_included():
    i, j, k = elements()

    assert same(compose(compose(i, j), k), compose(i, compose(j, k)))
    assert not same(compose(i, j), compose(j, i))


@pytest.mark.paper(FACTS, "singular-safe logZ")
@pytest.mark.paper(SCANS, "linear Gaussian")
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_a_product_of_elements_is_a_filter_that_goes_on_for_a_noise_of_any_rank(rank):
    i = elements()[0]
    root = numbers(5, 2, 2)[:, :rank]
    i = i._replace(noise=root @ root.T)

    assert same(compose(i, elements()[1]), with_step(i, step(10), numbers(1, 2), SEEN))


def test_the_normaliser_of_a_product_is_the_integral_over_the_state_between():
    i, j = elements()[:2]
    grid = jnp.linspace(-60.0, 60.0, 1201)
    one = lambda e: e._replace(
        matrix=e.matrix[:1, :1],
        offset=e.offset[:1],
        noise=jnp.eye(1),
        weights=e.weights[:1],
        information=e.information[:1, :1],
    )
    i, j = one(i), one(j)
    g = lambda e, z: e.log + e.weights[0] * z - 0.5 * e.information[0, 0] * z**2
    for z in (-1.0, 0.5):
        at = i.matrix[0, 0] * z + i.offset[0]
        inside = jnp.exp(-0.5 * (grid - at) ** 2 + g(j, grid)) / jnp.sqrt(2 * jnp.pi)
        assert np.isclose(g(compose(i, j), z), g(i, z) + jnp.log(jnp.trapezoid(inside, grid)))


def test_a_state_after_a_block_is_the_state_after_its_steps():
    start = Passed(Moments(numbers(3, 2), jnp.eye(2)), jnp.zeros(()))
    one_by_one = acted(acted(start, elements()[0]), elements()[1])
    at_once = acted(start, compose(*elements()[:2]))

    assert np.allclose(one_by_one.state.mean, at_once.state.mean)
    assert np.allclose(one_by_one.state.covariance, at_once.state.covariance)


def walk(prior, error=1.0, noise=0.5):
    move = gaussian(X, X, LINE, factor=noise * np.eye(2))
    return infer.chain(prior, move, gaussian(X, R(), [[1.0, 0.0]], factor=[[error]]), T)


YS = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 7.0, 6.0, 6.0, 9.0, 8.0])
PROPER = gaussian(unit, X, covariance=4 * np.eye(2))
BLOCKS = infer.Blocks(1)


@pytest.mark.paper(FACTS, "forms agree")
@pytest.mark.parametrize("form", ["root", BLOCKS], ids=["root", "blocks"])
@pytest.mark.parametrize("error", [1.0, 0.0])
def test_forms_have_one_answer(form, error):
    ours, theirs = (infer.smoothed(walk(PROPER, error), YS, form=f) for f in (form, "covariance"))
    assert np.allclose(ours.increments, theirs.increments)
    assert np.allclose(ours.mean, theirs.mean)
    assert np.allclose(ours.covariance, theirs.covariance, atol=1e-12)
    assert np.allclose(ours.cross, theirs.cross, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["root", BLOCKS], ids=["root", "blocks"])
def test_forms_have_one_gradient(form):
    def evidence(numbers, form):
        noise, error = numbers
        return infer.log_evidence(walk(PROPER, error, noise), YS, form=form)

    found, expected = (jax.grad(evidence)((0.5, 1.0), f) for f in (form, "covariance"))
    assert np.allclose(found, expected)


def test_blocks_go_step_by_step_where_products_would_lose_half_of_the_digits():
    c = walk(PROPER, error=1e-9, noise=0.0)
    ys = 2.0 * np.arange(T)
    post, steps = infer.smoothed(c, ys, form=BLOCKS), infer.smoothed(c, ys, form="covariance")

    assert np.all(post.mean == steps.mean)
    assert np.all(post.increments == steps.increments)


def test_blocks_need_a_prior_that_knows_something():
    with pytest.raises(WrongCategory, match="root"):
        infer.smoothed(walk(ExtGauss.create(X)), YS, form="blocks")


def everything(c):
    """All states and then all readings of a chain, as one state of `ExtGauss`."""
    move, read = np.asarray(c.transition.matrix), np.asarray(c.emission.matrix)
    # The start, then what each move adds, as generators of the last state.
    mean, noise, fibre = np.asarray(c.prior.mean), np.zeros((2, 2 * T + 2)), np.asarray(c.prior.fibre)
    noise[:, :2] = c.prior.factor
    means, noises, fibres = [], [], []
    for k in range(T):
        means, noises, fibres = [*means, mean], [*noises, noise], [*fibres, fibre]
        mean, noise, fibre = move @ mean, move @ noise, move @ fibre
        noise[:, 2 * k + 2 : 2 * k + 4] += np.asarray(c.transition.factor)
    errors = np.concatenate([np.zeros((2 * T, T)), np.eye(T) * c.emission.factor[0, 0]])
    with_readings = lambda parts: np.concatenate([*parts, *(read @ part for part in parts)])
    factor = np.concatenate([with_readings(noises), errors], axis=1)
    return extended(unit, R(3 * T), mean=with_readings(means), factor=factor, fibre=with_readings(fibres))


@pytest.mark.paper(FACTS, "diffuse start")
@pytest.mark.parametrize("prior", ["flat", *slow("half")])
def test_a_start_of_which_nothing_is_known_is_conditioned_as_in_extended_maps(prior):
    fibre = np.eye(2) if prior == "flat" else [[1.0], [2.0]]
    c = walk(extended(unit, X, mean=[1.0, 0.0], factor=np.eye(2), fibre=fibre))
    whole = ExtGauss.observe(everything(c), np.eye(3 * T)[2 * T :], YS).state
    post = infer.smoothed(c, YS)

    assert isinstance(post, infer.RootPosterior)
    assert post.ok
    assert np.all(post.dimension == 0)
    at = lambda k: slice(2 * k, 2 * k + 2)
    assert np.allclose(post.mean, [whole.mean[at(k)] for k in range(T)])
    assert np.allclose(post.covariance, [whole.covariance[at(k), at(k)] for k in range(T)])
    assert np.allclose(post.cross[:-1], [whole.covariance[at(k), at(k + 1)] for k in range(T - 1)])
    assert int(post.rank.sum()) == T - np.shape(fibre)[1]


@pytest.mark.slow
def test_the_diffuse_evidence_is_the_limit_of_wide_priors():
    def gap(scale):
        wide = infer.log_evidence(walk(gaussian(unit, X, factor=scale * np.eye(2))), YS, form="root")
        return wide + np.log(2 * np.pi * scale**2)

    flat = infer.log_evidence(walk(ExtGauss.create(X)), YS)
    assert np.isclose(gap(1e5), flat, atol=1e-8)
    assert not np.isclose(gap(1e1), flat, atol=1e-3)


@pytest.mark.slow
def test_a_direction_that_no_reading_shows_keeps_its_name():
    still = gaussian(R(3), R(3), np.eye(3))
    total = gaussian(R(3), R(), [[1.0, 2.0, 0.0]], covariance=1.0)
    post = infer.smoothed(infer.chain(ExtGauss.create(R(3)), still, total, 3), [1.0, 2.0, 3.0])

    assert [*post.dimension] == [2, 2, 2]
    assert sorted(post.undetermined(0)) == ["x[0] - 0.5 x[1]", "x[2]"]
    assert post.state(0).dimension == 2
    seen = ExtGauss.then(post.state(0), extended(R(3), R(), [[1.0, 2.0, 0.0]]))
    assert seen.dimension == 0
    assert np.isclose(seen.mean[0], 2)
    assert np.isclose(seen.covariance[0, 0], 1 / 3)


@pytest.mark.parametrize("form", ["root", pytest.param(BLOCKS, marks=pytest.mark.slow, id="blocks")])
def test_readings_that_contradict_each_other_are_told_under_jit(form):
    still = gaussian(R(), R(), [[1.0]])
    c = infer.chain(gaussian(unit, R(), covariance=1.0), still, still, 3)
    post = jax.jit(lambda ys: infer.smoothed(c, ys, form=form))(jnp.array([1.0, 1.0, 2.0]))

    assert not post.ok
    assert post.residual[2] > 0.1
    assert post.log_evidence == -jnp.inf
    assert np.all(np.isfinite(post.mean))
    with pytest.raises(Infeasible):
        post.require()


@pytest.mark.slow
def test_the_accurate_form_keeps_its_digits_where_covariances_cancel():
    c = walk(gaussian(unit, X, factor=2.0**20 * np.eye(2)))
    flat = infer.smoothed(walk(ExtGauss.create(X)), YS)
    root, cov = (infer.smoothed(c, YS, form=f) for f in ("root", "covariance"))

    # The prior still says something, of the relative size of 2**-40.
    assert np.allclose(root.covariance, flat.covariance, rtol=1e-10)
    assert not np.allclose(cov.covariance, flat.covariance, rtol=1e-6)
    assert cov.accuracy > 1e-6


def test_batches_that_devices_cannot_share_are_refused():
    mesh = jax.make_mesh((1,), ("batch",))
    two = infer.each(walk(PROPER), np.stack([YS, 2 * YS]), mesh=mesh, axis="batch")

    assert np.allclose(two.mean[1], infer.smoothed(walk(PROPER), 2 * YS).mean)
    two_devices: Any = types.SimpleNamespace(shape={"batch": 2})
    with pytest.raises(BatchMismatch, match="multiple of 2"):
        infer.each(walk(PROPER), np.stack([YS] * 3), mesh=two_devices, axis="batch")
