"""Chains of Gaussian maps on covariances: against the joint law of everything, written down as one normal vector."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from cases import slow

from catlearn import ExtGauss, R, gaussian, infer, unit
from catlearn.categories import GaussianMap
from catlearn.infer.forms import choose
from catlearn.theory.errors import BatchMismatch, Infeasible, WrongCategory, WrongShape, WrongValue

SCANS, FACTS = "1905.13002", "inference"
X, Y = R(2), R(2)
T = 6


def numbers(seed, *shape):
    return np.random.default_rng(seed).integers(-2, 3, shape).astype(float)


def drawn(seed, *, stacked, noise=2, error=2, start=2):
    """A chain with whole entries; its noises have the given numbers of generators, and zero columns up to two."""

    def stack(s, n, *shape):
        return numbers(s, *((n,) if stacked else ()), *shape)

    def generators(s, n, k):
        return stack(s, n, 2, 2) * (np.arange(2) < k)

    prior = GaussianMap(unit, X, np.zeros((2, 0)), numbers(seed, 2), numbers(seed + 1, 2, 2) * (np.arange(2) < start))
    move = GaussianMap(
        X, X, stack(seed + 2, T - 1, 2, 2), stack(seed + 3, T - 1, 2), generators(seed + 4, T - 1, noise)
    )
    read = GaussianMap(X, Y, stack(seed + 5, T, 2, 2), stack(seed + 6, T, 2), generators(seed + 7, T, error))
    prior, move, read = jax.tree.map(jnp.asarray, (prior, move, read))
    return infer.chain(prior, move, read, T)


def joint(c):
    """The mean and the generators of all states and then all observations."""
    at = lambda array, k, rank: np.asarray(array[k] if np.ndim(array) > rank else array)
    t, e, n = c.transition, c.emission, c.length
    mean, factor = np.asarray(c.prior.mean), np.asarray(c.prior.factor)
    states, readings = [], []
    width = factor.shape[1] + (n - 1) * t.factor.shape[-1] + n * e.factor.shape[-1]
    own, used = np.zeros((len(mean), width)), factor.shape[1]
    own[:, :used] = factor
    for k in range(n):
        if k:
            f, b = at(t.matrix, k - 1, 2), at(t.factor, k - 1, 2)
            mean, own = f @ mean + at(t.mean, k - 1, 1), f @ own
            own[:, used : used + b.shape[1]] += b
            used += b.shape[1]
        states.append((mean, own))
        h, b = at(e.matrix, k, 2), at(e.factor, k, 2)
        row = h @ own
        row[:, used : used + b.shape[1]] += b
        used += b.shape[1]
        readings.append((h @ mean + at(e.mean, k, 1), row))
    parts = [*states, *readings]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def conditioned(c, ys, seen):
    """Mean and covariance of all states given what was seen, one step after another, and the log-density of each step on its support."""
    mean, a = joint(c)
    full, n, densities = a @ a.T, 2 * c.length, []
    for k in range(c.length):
        keep = n + 2 * k + np.flatnonzero(seen[k])
        s, v = full[np.ix_(keep, keep)], ys[k][seen[k]] - mean[keep]
        sigma = np.linalg.eigvalsh(s)
        sigma = sigma[sigma > 1e-9 * np.max(a @ a.T)]
        back = np.linalg.pinv(s, rcond=1e-9 * np.max(a @ a.T) / np.max(sigma), hermitian=True) if len(sigma) else 0 * s
        gain = full[:, keep] @ back
        mean, full = mean + gain @ v, full - gain @ full[keep]
        densities.append(-0.5 * (v @ back @ v + np.sum(np.log(2 * np.pi * sigma))))
    return mean[:n], full[:n, :n], np.array(densities)


def observed(c, seed):
    """Readings that the chain can give."""
    mean, a = joint(c)
    return (mean + a @ numbers(seed, a.shape[1]))[2 * c.length :].reshape(c.length, 2)


def agrees(c, ys, seen, atol=1e-8):
    mean, cov, density = conditioned(c, ys, seen)
    post = infer.smoothed(c, ys, seen, form="covariance")
    blocks = cov.reshape(T, 2, T, 2)
    near = lambda x, y: np.allclose(x, y, atol=atol)
    assert post.ok
    assert near(post.mean, mean.reshape(T, 2))
    assert near(post.covariance, [blocks[k, :, k] for k in range(T)])
    assert near(post.cross[:-1], [blocks[k, :, k + 1] for k in range(T - 1)])
    assert np.all(post.cross[-1] == 0)
    assert near(post.increments, density)
    last = infer.filtered(c, ys, seen, form="covariance")
    assert near(last.mean[-1], post.mean[-1])
    assert near(last.covariance[-1], post.covariance[-1])
    assert np.isclose(infer.log_evidence(c, ys, seen, form="covariance"), np.sum(density), atol=10 * atol)


@pytest.mark.parametrize("stacked", [False, True])
def test_smoothing_is_conditioning_of_the_joint_law(stacked):
    for seed in range(6):
        c = drawn(10 * seed, stacked=stacked)
        agrees(c, observed(c, seed), np.ones((T, 2), bool))


def test_what_was_not_seen_is_left_out_coordinate_by_coordinate():
    for seed in range(6):
        c = drawn(10 * seed, stacked=True)
        agrees(c, observed(c, seed), np.random.default_rng(seed).random((T, 2)) < 0.5)


def test_a_step_that_was_not_seen_may_hold_anything():
    c = drawn(0, stacked=False)
    ys = observed(c, 0)
    seen = np.array([True, False, True, True, False, True])
    hidden = np.where(seen[:, None], ys, np.nan)

    assert infer.log_evidence(c, hidden, seen) == infer.log_evidence(c, ys, seen)


@pytest.mark.paper(FACTS, "singular S")
@pytest.mark.parametrize("ranks", [(1, 2, 2), (2, 0, 2), (2, 2, 0), (1, 0, 1), (0, 0, 0), (1, 1, 0)], ids=str)
def test_singular_noises_are_conditioned_on_their_supports(ranks):
    noise, error, start = ranks
    for seed in range(6):
        c = drawn(10 * seed, stacked=bool(seed % 2), noise=noise, error=error, start=start)
        # Some of these chains multiply the rounding of an exact observation by ten a step.
        agrees(c, observed(c, seed), np.ones((T, 2), bool), atol=1e-5)


def constant_velocity():
    """The worked example of the specification: position and speed of a walk, of which the position is read with unit noise."""
    prior = gaussian(unit, X, mean=[1.0, 1.0], covariance=[[1.0, 0.0], [0.0, 10.0]])
    move = gaussian(X, X, [[1.0, 1.0], [0.0, 1.0]], covariance=[[0.0, 0.0], [0.0, 0.75]])
    read = gaussian(X, R(), [[1.0, 0.0]], covariance=1.0)
    ys = np.array([1, 3.4, 2.7, 3.2, 5.8, 14, 18, 11.7, 19.5, 19.2])
    return infer.chain(prior, move, read, 10), ys, np.arange(10) > 0


@pytest.mark.paper(SCANS, "value linear")
@pytest.mark.parametrize("form", [*infer.FORMS["Gauss"]])
def test_the_worked_chain_has_the_values_of_the_specification(form):
    c, ys, seen = constant_velocity()
    last, post = infer.filtered(c, ys, seen, form=form), infer.smoothed(c, ys, seen, form=form)
    means = [1.120118, 2.121095, 3.032058, 4.722096, 7.811256, 11.778015, 14.592403, 15.890945, 17.865859, 19.566156]
    variances = [0.724615, 0.383181, 0.367882, 0.365680, 0.360980, 0.361265, 0.367171, 0.370899, 0.383787, 0.742943]

    assert np.allclose(last.mean[-1], [19.566156, 1.700297], atol=1e-6)
    assert np.allclose(last.covariance[-1], [[0.742943, 0.439084], [0.439084, 1.269012]], atol=1e-6)
    assert np.isclose(post.log_evidence, -42.745258, atol=1e-6)
    assert np.allclose(post.mean[:, 0], means, atol=1e-6)
    assert np.allclose(post.covariance[:, 0, 0], variances, atol=1e-6)


@pytest.mark.parametrize("form", ["blocks", *slow("root")])
def test_all_forms_agree_about_a_chain_with_gaps(form):
    c = drawn(40, stacked=True)
    ys, seen = observed(c, 4), np.random.default_rng(4).random((T, 2)) < 0.7
    mine, other = infer.smoothed(c, ys, seen, form=form), infer.smoothed(c, ys, seen, form="covariance")

    assert np.allclose(mine.mean, other.mean, atol=1e-8)
    assert np.allclose(mine.covariance, other.covariance, atol=1e-8)
    assert np.allclose(mine.increments, other.increments, atol=1e-8)


def test_each_coordinate_may_be_seen_at_once_or_one_after_another():
    """The bigger sweep is a loop, and is the same."""
    x, y = R(2), R(9)
    prior, move = gaussian(unit, x, covariance=np.eye(2)), gaussian(x, x, [[1.0, 1.0], [0.0, 1.0]])
    read = gaussian(x, y, numbers(0, 9, 2), covariance=np.diag(1 + np.arange(9.0)))
    ys = numbers(1, 3, 9)
    post = infer.smoothed(infer.chain(prior, move, read, 3), ys, form="covariance")
    h, r = np.asarray(read.matrix), np.asarray(read.covariance)
    precision, pull = np.eye(2), np.zeros(2)
    for k, f in enumerate(([[1, 0], [0, 1]], [[1, 1], [0, 1]], [[1, 2], [0, 1]])):
        a = h @ np.array(f)
        precision, pull = precision + a.T @ np.linalg.solve(r, a), pull + a.T @ np.linalg.solve(r, ys[k])

    assert np.allclose(post.covariance[0], np.linalg.inv(precision))
    assert np.allclose(post.mean[0], np.linalg.solve(precision, pull))
    assert np.array_equal(post.rank, [9, 9, 9])


@pytest.mark.slow
def test_a_forecast_is_the_smoothed_end_of_a_longer_chain_that_is_not_seen():
    c = drawn(20, stacked=True)
    ys = observed(c, 2)
    ahead = infer.forecast(c, ys[:4], 2, form="covariance")
    longer = infer.smoothed(c, ys, np.arange(T) < 4, form="covariance")

    assert np.allclose(ahead.mean, longer.mean[4:])
    assert np.allclose(ahead.covariance, longer.covariance[4:])
    with pytest.raises(WrongShape, match="has 6 steps"):
        infer.forecast(c, ys[:4], 3, form="covariance")


def test_readings_are_the_observations_that_one_would_have():
    c = drawn(20, stacked=True)
    post = infer.filtered(c, observed(c, 2), form="covariance")
    for k in (0, T - 1):
        read = jax.tree.map(lambda a, k=k: a[k], c.emission)
        assert np.allclose((post.state(k) >> read).mean, post.readings.mean[k])
        assert np.allclose((post.state(k) >> read).covariance, post.readings.covariance[k])


def test_drawn_paths_have_the_smoothed_moments_and_keep_to_what_is_certain():
    c = drawn(20, stacked=True, error=1)
    ys = observed(c, 2)
    n = 20_000
    paths = np.asarray(infer.paths(c, ys, key=jax.random.key(0), n=n))
    post = jax.tree.map(np.asarray, infer.smoothed(c, ys, form="covariance"))
    sd = np.sqrt(np.maximum(np.diagonal(post.covariance, axis1=1, axis2=2), 0))
    cross = np.einsum("nti,ntj->tij", (paths - post.mean)[:, :-1], (paths - post.mean)[:, 1:]) / n

    assert np.all(np.abs(np.mean(paths, axis=0) - post.mean) <= 5 * sd / np.sqrt(n) + 1e-9)
    assert np.all(np.abs(cross - post.cross[:-1]) <= 8 * sd[:-1, :, None] * sd[1:, None, :] / np.sqrt(n) + 1e-9)
    assert np.allclose(infer.most_likely(c, ys), post.mean)


@pytest.mark.slow
def test_paths_can_be_drawn_where_the_start_is_not_known():
    c, ys, _ = constant_velocity()
    flat = infer.chain(ExtGauss.create(X), c.transition, c.emission, 10)
    n = 500
    paths = np.asarray(infer.paths(flat, ys, key=jax.random.key(1), n=n))
    post = jax.tree.map(np.asarray, infer.smoothed(flat, ys))
    sd = np.sqrt(np.diagonal(post.covariance, axis1=1, axis2=2))

    assert np.all(np.abs(np.mean(paths, axis=0) - post.mean) <= 5 * sd / np.sqrt(n))
    assert np.all(np.abs(np.std(paths, axis=0) / sd - 1) <= 0.2)
    assert np.allclose(infer.forecast(flat, ys, 2).readings.mean[0], post.mean[-1] @ np.array([1, 1]))


def test_inputs_move_the_mean_by_what_they_push():
    pushed = gaussian(X @ R(), X, [[1.0, 1.0, 2.0], [0.0, 1.0, -1.0]], covariance=np.eye(2))
    read = gaussian(X, Y, np.eye(2), covariance=np.eye(2))
    prior, us, ys = gaussian(unit, X, covariance=np.eye(2)), numbers(3, T - 1), numbers(4, T, 2)
    told = infer.smoothed(infer.chain(prior, infer.controlled(pushed, us), read, T), ys)
    # What the inputs alone do, taken away from what was read and given back to the states.
    path = [np.zeros(2)]
    for u in us:
        path.append(np.array([[1, 1], [0, 1]]) @ path[-1] + np.array([2, -1]) * u)
    still = infer.smoothed(infer.chain(prior, infer.controlled(pushed, 0 * us), read, T), ys - np.array(path))

    assert np.allclose(told.mean, still.mean + np.array(path))
    assert np.isclose(told.log_evidence, still.log_evidence)


@pytest.mark.paper(FACTS, "impossible evidence")
def test_what_cannot_be_is_reported_under_jit_and_raised_outside():
    still = gaussian(R(), R(), [[1.0]])
    c = infer.chain(gaussian(unit, R(), covariance=1.0), still, still, 3)
    post = jax.jit(lambda ys: infer.smoothed(c, ys, form="covariance"))(np.array([1.0, 1.0, 2.0]))

    assert not post.ok
    assert post.log_evidence == -np.inf
    assert np.array_equal(post.residual > 0.1, [False, False, True])
    assert np.all(np.isfinite(post.mean))
    with pytest.raises(Infeasible):
        post.require()
    assert infer.smoothed(c, [1.0, 1.0, 1.0], form="covariance").require().ok


@pytest.mark.paper(FACTS, "units")
@pytest.mark.parametrize("scale", [1e-9, 1e-6, 1e6])
def test_other_units_change_nothing_but_the_units(scale):
    for error in (2, 1, 0):
        c = drawn(50, stacked=True, error=error)
        ys = observed(c, 5)
        d = np.array([scale, 1.0])[:, None]
        p, t, e = jax.tree.map(np.asarray, (c.prior, c.transition, c.emission))
        other = infer.chain(
            GaussianMap(unit, X, p.matrix, d[:, 0] * p.mean, d * p.factor),
            GaussianMap(X, X, d * t.matrix / d[:, 0], d[:, 0] * t.mean, d * t.factor),
            GaussianMap(X, Y, d * e.matrix / d[:, 0], d[:, 0] * e.mean, d * e.factor),
            T,
        )
        run = lambda c, ys: jax.tree.map(np.asarray, infer.smoothed(c, ys, form="covariance"))
        mine, its = run(c, ys), run(other, ys * d[:, 0])

        assert its.ok
        assert np.array_equal(mine.rank, its.rank)
        assert np.allclose(its.mean / d[:, 0], mine.mean, atol=1e-7)
        assert np.allclose(its.covariance / (d * d[:, 0]), mine.covariance, atol=1e-7)


@pytest.mark.paper(SCANS, "marginals by gradient")
def test_smoothed_readings_are_the_gradient_of_the_log_evidence():
    """The derivative by the reading is ``R⁻¹ (H E[x | y] + d - y)``, and that by a constant of the model exists in reverse mode."""
    c, ys, seen = constant_velocity()
    gradient = jax.grad(lambda ys: infer.log_evidence(c, ys, seen))(ys)
    post = infer.smoothed(c, ys, seen)

    assert np.allclose(gradient, np.where(seen, post.mean[:, 0] - ys, 0), atol=1e-9)
    by_noise = lambda s: infer.log_evidence(
        eqx.tree_at(lambda c: c.emission.factor, c, s * c.emission.factor), ys, seen
    )
    step = 1e-5
    assert np.isclose(jax.grad(by_noise)(1.0), (by_noise(1 + step) - by_noise(1 - step)) / (2 * step), atol=1e-6)


def test_a_batch_of_sequences_is_each_of_them():
    c = drawn(20, stacked=True)
    ys = np.stack([observed(c, seed) for seed in range(3)])
    run = lambda ys: infer.smoothed(c, ys, form="covariance").mean

    assert np.allclose(jax.vmap(run)(ys), [run(y) for y in ys])


@pytest.mark.float32
@pytest.mark.parametrize("platform", ["cpu", "cuda", "tpu"])
def test_the_smoother_lowers_for_each_platform(platform):
    c, ys, seen = constant_velocity()
    run = jax.jit(lambda ys: infer.smoothed(c, ys, seen, form="covariance").mean)

    assert jax.export.export(run, platforms=[platform])(jnp.asarray(ys)).mlir_module()


@pytest.mark.paper(FACTS, "targets")
def test_the_smoother_needs_little_memory_beside_its_results():
    c = constant_velocity()[0]
    longer = infer.chain(c.prior, c.transition, c.emission, 100_000)
    run = jax.jit(lambda ys: infer.smoothed(longer, ys, form="covariance"))
    used: Any = run.lower(np.zeros(100_000)).compile().memory_analysis()

    assert used.temp_size_in_bytes <= used.output_size_in_bytes


def test_the_form_is_chosen_by_what_the_prior_and_the_readings_can_do():
    c, _, _ = constant_velocity()
    flat = infer.chain(ExtGauss.create(X), c.transition, c.emission, 10)
    wide = infer.chain(gaussian(unit, X, factor=1e9 * np.eye(2)), c.transition, c.emission, 10)
    exact = infer.chain(c.prior, c.transition, gaussian(X, R(), [[1.0, 0.0]]), 10)

    assert [choose(one) for one in (c, flat, wide, exact)] == ["covariance", "root", "root", "root"]
    assert jax.eval_shape(lambda c: jnp.zeros(len(choose(c))), exact).shape == (len("covariance"),)


@pytest.mark.paper(FACTS, "singular S")
def test_a_combination_of_noisy_readings_may_be_exact():
    """Its error cancels, what it reads is known from then on, and covariances would take their rounding for noise."""
    prior = GaussianMap(unit, X, np.zeros((2, 0)), np.zeros(2), np.array([[2.0, 0.0], [-1.0, 0.0]]))
    move = GaussianMap(X, X, np.array([[0.0, 0.0], [1.0, 0.0]]), np.zeros(2), np.zeros((2, 2)))
    read = GaussianMap(X, Y, np.array([[-2.0, 1.0], [1.0, -2.0]]), np.zeros(2), np.array([[-2.0, 0.0], [2.0, 0.0]]))
    c = infer.chain(*jax.tree.map(jnp.asarray, (prior, move, read)), T)
    noisy = infer.chain(c.prior, c.transition, gaussian(X, Y, read.matrix, covariance=[[4.0, -3.0], [-3.0, 4.0]]), T)
    ys = np.zeros((T, 2))

    assert (choose(c), choose(noisy)) == ("root", "covariance")
    assert np.allclose(infer.filtered(c, ys).increments, conditioned(c, ys, ys == 0)[2])


@pytest.mark.parametrize("left", [1.0, 1e-4, 1e-10, 1e-15, 1e-16])
@pytest.mark.parametrize("scale", [1e-9, 1.0])
def test_the_form_is_chosen_by_the_least_share_of_error_in_a_combination_of_readings(left, scale):
    error = np.array([[1.0, -scale], [0.0, np.sqrt(left) * scale]]).T
    read = GaussianMap(X, Y, np.array([[1.0, 0.0], [0.0, 2 * scale]]), np.zeros(2), error)
    c = infer.chain(
        gaussian(unit, X, covariance=3 * np.eye(2)), gaussian(X, X, np.eye(2), covariance=np.eye(2)), read, T
    )
    variance = 4 * read.matrix @ read.matrix.T + error @ error.T
    units = np.diag(1 / np.sqrt(np.diag(variance)))
    share = scipy.linalg.eigh(units @ error @ error.T @ units, units @ variance @ units, eigvals_only=True)[0]

    assert choose(c) == ("root" if share < np.sqrt(np.finfo(float).eps / 1e-2) else "covariance")


def test_mistakes_are_named():
    c, ys, _ = constant_velocity()
    with pytest.raises(BatchMismatch, match="has 10 steps"):
        infer.filtered(c, ys[:3])
    with pytest.raises(BatchMismatch, match="one truth value a step"):
        infer.filtered(c, ys, [True])
    with pytest.raises(WrongValue, match="step 2"):
        infer.filtered(c, np.where(np.arange(10) == 2, np.nan, ys))
    with pytest.raises(WrongValue, match="covariance"):
        infer.filtered(c, ys, form="quickest")
    flat = infer.chain(ExtGauss.create(X), c.transition, c.emission, 10)
    with pytest.raises(WrongCategory, match="root"):
        infer.filtered(flat, ys, form="covariance")
