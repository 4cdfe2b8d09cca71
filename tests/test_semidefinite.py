"""Generators of covariances: ranks, pseudo-inverses, conditioning and their derivatives, in any units and at any rank."""

import functools
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn.kernels import (
    compact,
    compress,
    condition,
    factorise,
    log_volume,
    norms,
    product,
    pseudo_inverse,
    regress,
    rows_of,
)
from catlearn.kernels.subspaces import projector, solve, span

EXACT = "2101.11351"
UNITS = (1e-9, 1.0, 1e6)


def numbers(seed, *shape):
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(float)


def dense(mean, covariance, rows, rhs):
    """Conditioning by the formulas for a joint covariance, in numpy."""
    gain = covariance @ rows.T @ np.linalg.pinv(rows @ covariance @ rows.T, rcond=1e-10)
    return mean + gain @ (rhs - rows @ mean), covariance - gain @ rows @ covariance


@functools.partial(jax.jit, static_argnames="tol")
def conditioned(factor, mean, rows, rhs, tol=None):
    found = condition(factor, mean, rows, rhs, tol)
    return found, found.factor @ found.factor.T


def test_conditioning_is_that_of_the_dense_joint_covariance():
    for seed in range(20):
        factor, rows = numbers(seed, 4, 3), numbers(100 + seed, 3, 4)
        mean = numbers(200 + seed, 4)
        rhs = rows @ (mean + factor @ numbers(300 + seed, 3))  # on the support
        found, covariance = conditioned(factor, mean, rows, rhs)
        expected, expected_covariance = dense(mean, factor @ factor.T, rows, rhs)
        assert np.allclose(found.mean, expected, atol=1e-9)
        assert np.allclose(covariance, expected_covariance, atol=1e-9)
        assert found.residual < 1e-13
        assert found.rank == np.linalg.matrix_rank(rows @ factor)


def test_a_rational_posterior_is_met_to_the_last_digits():
    # x ~ N(50, 100), y = x + N(0, 25), y = 40: the answer by fractions
    prior, noise, seen, at = Fraction(100), Fraction(25), Fraction(40), Fraction(50)
    gain = prior / (prior + noise)
    factor = np.array([[10.0, 0.0], [10.0, 5.0]])
    found, covariance = conditioned(factor, np.array([50.0, 50.0]), np.array([[0.0, 1.0]]), np.array([40.0]))
    assert float(found.mean[0]) == pytest.approx(float(at + gain * (seen - at)), rel=1e-14)
    assert float(covariance[0, 0]) == pytest.approx(float(prior - gain * prior), rel=1e-14)


@pytest.mark.paper(EXACT, "tolerances")
@pytest.mark.paper("inference", "small noise")
@pytest.mark.parametrize("noise", [1e-10, 1e-14, 1e-20])
def test_two_observations_halve_a_noise_variance_however_small(noise):
    sd = noise**0.5
    factor = np.array([[1.0, 0.0, 0.0], [1.0, sd, 0.0], [1.0, 0.0, sd]])
    found, covariance = conditioned(factor, np.zeros(3), np.eye(3)[1:], np.array([0.5, 0.5 + 2 * sd]))
    assert float(covariance[0, 0]) / noise == pytest.approx(0.5, rel=1e-9)
    assert found.rank == 2


@pytest.mark.paper(EXACT, "tolerances")
@pytest.mark.paper("inference", "unsatisfiable")
@pytest.mark.parametrize("unit", UNITS)
def test_answers_do_not_depend_on_units(unit):
    points, factor = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]), np.eye(2) * unit
    off, _ = conditioned(factor, np.zeros(2), points, unit * np.array([0.0, 1.0, 1.0]))
    on, covariance = conditioned(factor, np.zeros(2), points, unit * np.array([0.0, 1.0, 2.0]))
    assert off.residual > 0.1
    assert on.residual < 2e-15
    assert np.allclose(on.mean / unit, [1.0, 0.0], atol=1e-14)
    assert (covariance == 0).all()


@pytest.mark.paper(EXACT, "tolerances")
@pytest.mark.paper("inference", "generator form")
def test_answers_do_not_depend_on_the_units_of_single_coordinates_and_equations():
    factor, rows, mean = numbers(1, 4, 3), numbers(2, 3, 4), numbers(3, 4)
    rhs = rows @ (mean + factor @ numbers(4, 3))
    plain, covariance = conditioned(factor, mean, rows, rhs)
    u, v = np.array([1e-9, 1.0, 1e6, 1e-3]), np.array([1e6, 1e-9, 1.0])
    scaled, other = conditioned(u[:, None] * factor, u * mean, v[:, None] * rows / u, v * rhs)
    assert np.allclose(scaled.mean / u, plain.mean, atol=1e-9)
    assert np.allclose(other / np.outer(u, u), covariance, atol=1e-9)
    assert scaled.rank == plain.rank


def test_conditioning_again_on_what_is_known_changes_nothing_and_on_anything_else_fails():
    first, _ = conditioned(np.eye(3), np.zeros(3), np.array([[0.1, 0.2, -0.3]]), np.array([0.7]))
    row = np.array([[0.1, 0.2, -0.3]])
    again, _ = conditioned(first.factor, first.mean, row, np.array([0.7]))
    other, _ = conditioned(first.factor, first.mean, row, np.array([0.8]))
    assert again.rank == 0
    assert np.allclose(again.mean, first.mean)
    assert again.residual < 1e-14 < 0.01 < other.residual


def test_the_density_of_an_observation_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    factor, rows, mean = numbers(5, 4, 3), numbers(6, 3, 4)[:2], numbers(7, 4)
    rhs = rows @ (mean + factor @ numbers(8, 3))
    found, _ = conditioned(factor, mean, rows, rhs)
    expected = stats.multivariate_normal(rows @ mean, rows @ factor @ factor.T @ rows.T, allow_singular=True).logpdf(
        rhs
    )
    assert float(found.log_density) == pytest.approx(expected, rel=1e-10)


def test_regression_is_by_the_pseudo_inverse_of_the_covariance():
    for seed in range(10):
        given, wanted = numbers(seed, 3, 2), numbers(50 + seed, 3, 2)
        found = regress(given, wanted)
        gain = wanted @ given.T @ np.linalg.pinv(given @ given.T, rcond=1e-10)
        assert np.allclose(found.gain, gain, atol=1e-10)
        assert np.allclose(found.factor @ found.factor.T, wanted @ wanted.T - gain @ given @ wanted.T, atol=1e-10)


def test_compressed_generators_have_the_same_covariance():
    wide = numbers(9, 2, 5)
    narrow = compress(wide)
    assert narrow.shape == (2, 2)
    assert np.allclose(narrow @ narrow.T, wide @ wide.T)


def test_a_product_that_is_all_rounding_is_zero_and_keeps_its_derivative():
    a, ones = jnp.array([[0.1, 0.2, -0.3]]), jnp.ones(3)
    assert float((a @ ones)[0]) != 0.0
    assert float(product(a, ones)[0]) == 0.0
    assert np.array_equal(jax.jacfwd(product, 1)(a, ones), a)


# ------------------------------------------------------------------------------------------------ factors of covariances


@pytest.mark.parametrize("unit", UNITS)
def test_a_covariance_is_factored_at_its_rank(unit):
    generators = unit * numbers(10, 4, 2)
    found = factorise(generators @ generators.T)
    assert found.rank == 2
    assert found.defect < 1e-14
    assert np.allclose(found.factor @ found.factor.T, generators @ generators.T, rtol=1e-12, atol=0)


def test_what_is_not_positive_is_seen_by_the_defect():
    for seed in range(20):
        symmetric = numbers(seed, 4, 4)
        symmetric = symmetric + symmetric.T
        least = np.linalg.eigvalsh(symmetric)[0]
        found = factorise(symmetric)
        assert (found.defect > 1e-8) == (least < -1e-8)
        assert np.isfinite(found.factor).all()
    assert factorise(np.zeros((4, 4))).rank == 0


def test_more_than_one_block_of_pivots_is_a_factor_too():
    generators = np.random.default_rng(0).normal(size=(70, 50))
    found = factorise(generators @ generators.T)
    assert found.rank == 50
    assert np.allclose(found.factor @ found.factor.T, generators @ generators.T, atol=1e-10)


# ------------------------------------------------------------------------------------------------ derivatives


def slope(f, x, direction, h=1e-6):
    return (f(x + h * direction) - f(x - h * direction)) / (2 * h)


@pytest.mark.slow
def test_the_posterior_has_the_derivatives_of_finite_differences_at_repeated_singular_values():
    rows, rhs = jnp.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), jnp.array([1.0, 2.0])

    @jax.jit
    def summary(factor):
        found = condition(factor, jnp.ones(3), rows, rhs)
        weights = jnp.arange(9.0).reshape(3, 3)
        return jnp.sum(found.mean**2) + jnp.sum(weights * (found.factor @ found.factor.T)) + found.log_density

    factor, direction = jnp.eye(3), numbers(11, 3, 3)  # singular values that are all equal
    assert float(jnp.sum(jax.grad(summary)(factor) * direction)) == pytest.approx(
        float(slope(summary, factor, direction)), rel=1e-6
    )


def test_derivatives_along_a_constant_rank_are_those_of_finite_differences():
    left, right = numbers(12, 3, 2), numbers(13, 2, 4)
    towards, beyond = numbers(14, 3, 2), numbers(15, 2, 4)

    def at(t):
        return (left + t * towards) @ (right + t * beyond)  # of rank two throughout

    @jax.jit
    def summary(t):
        rows = rows_of(at(t), norms(at(t)), None)
        narrow = compress(jnp.concatenate([at(t), at(t)], axis=1))
        weights = jnp.arange(12.0).reshape(4, 3)
        spread = narrow @ narrow.T
        return jnp.sum(weights * pseudo_inverse(rows)) + log_volume(rows) + spread[0, 1] * spread[2, 1]

    assert float(jax.grad(summary)(0.0)) == pytest.approx(float(slope(summary, 0.0, 1.0)), rel=1e-6)
    gradient = jax.jit(jax.grad(summary))
    assert float(jax.grad(gradient)(0.0)) == pytest.approx(float(slope(gradient, 0.0, 1.0)), rel=1e-5)


def test_a_factor_of_a_covariance_moves_with_it():
    base, direction = numbers(16, 4, 2), numbers(17, 4, 2)

    @jax.jit
    def summary(t):
        moved = base + t * direction
        factor = factorise(moved @ moved.T).factor
        weights = jnp.arange(16.0).reshape(4, 4)
        return jnp.sum(weights * (factor @ factor.T)) + jnp.sum((factor @ factor.T) ** 2)

    assert float(jax.grad(summary)(0.0)) == pytest.approx(float(slope(summary, 0.0, 1.0)), rel=1e-6)


def test_a_zero_matrix_has_finite_derivatives():
    summary = lambda c: sum(jnp.sum(part) for part in compact(c, 1e-9)[:3])
    assert np.isfinite(jax.grad(summary)(jnp.zeros((2, 3)))).all()


# ------------------------------------------------------------------------------------------------ subspaces, hardware, precision


@pytest.mark.parametrize("unit", UNITS)
def test_a_span_has_its_dimension_in_any_units(unit):
    generators = np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]]) * np.array([[unit], [1.0], [1.0 / unit]])
    assert int(np.sum(np.any(np.asarray(span(generators)) != 0, axis=0))) == 2
    q = projector(generators)
    assert np.allclose(q @ generators, generators, rtol=1e-9)


def test_equations_on_a_subspace_say_whether_they_have_a_solution():
    plane = np.eye(3)[:, :2]
    on = solve(plane, np.zeros(3), np.array([[1.0, 1.0, 1.0]]), np.array([2.0]))
    off = solve(plane, np.zeros(3), np.array([[0.0, 0.0, 1.0]]), np.array([2.0]))
    assert on.residual < 1e-15 < 0.5 <= off.residual
    assert float(jnp.sum(on.offset)) == pytest.approx(2.0)


@pytest.mark.parametrize("platform", ["cpu", "cuda", "tpu"])
def test_conditioning_lowers_for_all_hardware(platform):
    @jax.jit
    def program(covariance, rows, rhs):
        found = condition(factorise(covariance).factor, jnp.zeros(40, rhs.dtype), rows, rhs)
        return found.mean, found.factor, found.residual

    single = [jax.ShapeDtypeStruct(shape, "float32") for shape in ((40, 40), (2, 40), (2,))]
    assert jax.export.export(program, platforms=[platform])(*single).platforms == (platform,)


def test_in_single_precision_answers_stay_finite_and_near():
    factor, rows, mean = numbers(1, 4, 3), numbers(2, 3, 4), numbers(3, 4)
    rhs = rows @ (mean + factor @ numbers(4, 3))
    single = [np.asarray(x, "float32") for x in (factor, mean, rows, rhs)]
    found, covariance = conditioned(*single)
    expected, _ = conditioned(factor, mean, rows, rhs)
    assert found.mean.dtype == covariance.dtype == np.dtype("float32")
    assert np.allclose(found.mean, expected.mean, atol=1e-3)


@pytest.mark.paper("inference", "generator form")
def test_conditioning_is_batched_by_vmap():
    factor, rhs = jnp.stack([jnp.eye(2), 3 * jnp.eye(2)]), jnp.array([[1.0], [2.0]])
    rows = jnp.array([[1.0, 1.0]])
    both = jax.vmap(lambda a, c: condition(a, jnp.zeros(2), rows, c).mean)(factor, rhs)
    assert np.allclose(both, [[0.5, 0.5], [1.0, 1.0]])
