"""What released software answers wrongly and says nothing, and chains near the edge of what numbers can tell: each form is right, or says that it is not.

The reference is the same recursion in decimals of sixty digits. The tests marked `float32` run once more at JAX's default precision.
"""

import decimal
from decimal import Decimal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import Fin, FinStoch, Gauss, R, gaussian, infer, kernel, unit
from catlearn.categories import GaussianMap
from catlearn.theory.errors import NotComposable

FACTS = "inference"
X, Y, T = R(4), R(2), 30
FORMS = [*infer.FORMS["Gauss"]]
FINITE = [*infer.FORMS["FinStoch"]]
EYE = np.eye(4)
exact = np.vectorize(lambda x: Decimal(float(x)), otypes=[object])


def rounding():
    """One unit in the last place of this process."""
    return float(jnp.finfo(jnp.zeros(()).dtype).eps)


def model(*, start=1.0, noise=0.5, error=0.5, scale=1.0):
    """Two positions with their speeds, of which the positions are read; the parameters are standard deviations, all in the given unit."""
    move = np.kron([[1.0, 1.0], [0.0, 1.0]], np.eye(2)) * 0.875
    pushes = np.kron([[0.5, 0.0], [1.0, 0.0]], np.eye(2)) if noise == "speeds" else noise * EYE
    read = np.kron([[1.0, 0.0]], np.eye(2))
    return move, scale * pushes, read, scale * error * np.eye(2), scale * start * EYE


def observed(parts, seed=0):
    """Readings that the chain can give, in whole multiples of its noises."""
    move, pushes, read, errors, start = parts
    draw = lambda n: np.random.default_rng(seed).integers(-2, 3, (T, n)).astype(float)
    x, ys = np.minimum(start, np.max(pushes) * 8) @ np.ones(4), []
    for w, v in zip(draw(pushes.shape[1]), draw(2), strict=True):
        ys.append(read @ x + errors @ v)
        x = move @ x + pushes @ w
    return np.array(ys)


def chain(parts):
    move, pushes, read, errors, start = (jnp.asarray(part) for part in parts)
    zero = lambda n: jnp.zeros(n, move.dtype)
    prior = GaussianMap(unit, X, zero((4, 0)), zero(4), start)
    return infer.chain(prior, GaussianMap(X, X, move, zero(4), pushes), GaussianMap(X, Y, read, zero(2), errors), T)


def inverse(s):
    """Of a positive matrix of two rows on its image, and the logarithm of its determinant there; a singular one is diagonal here."""
    (a, b), (_, d) = s
    tiny = Decimal("1e-40") * (abs(a) + abs(d) + abs(b))
    if a > tiny and a * d - b * b > tiny * d:
        return np.array([[d, -b], [-b, a]]) / (a * d - b * b), (a * d - b * b).ln(), 2
    on = [x > tiny for x in (a, d)]
    assert abs(b) <= tiny
    back = np.array([[1 / a if on[0] else Decimal(0), Decimal(0)], [Decimal(0), 1 / d if on[1] else Decimal(0)]])
    return back, sum((x.ln() for x, o in zip((a, d), on, strict=True) if o), Decimal(0)), sum(on)


def reference(parts, ys):
    """Smoothed means, covariances, their sizes (that of the prediction, where nothing is left), and the log-evidence, in decimals."""
    with decimal.localcontext(prec=60):
        move, pushes, read, errors, start = (exact(part) for part in parts)
        q, r, m, p = pushes @ pushes.T, errors @ errors.T, exact(np.zeros(4)), start @ start.T
        steps, evidence = [], Decimal(0)
        for y in exact(ys):
            g, volume, rank = inverse(read @ p @ read.T + r)
            v, k = y - read @ m, p @ read.T @ g
            evidence -= (v @ g @ v + volume + rank * Decimal(2 * np.pi).ln()) / 2
            steps.append((m, p, read.T @ g @ v, read.T @ g @ read, move - move @ k @ read))
            m, p = move @ (m + k @ v), move @ (p - k @ read @ p) @ move.T + q
        back, n = exact(np.zeros(4)), exact(np.zeros((4, 4)))
        means, covs, sizes = [], [], []
        for m, p, pull, precision, onwards in reversed(steps):
            back, n = pull + onwards.T @ back, precision + onwards.T @ n @ onwards
            means.append(m + p @ back)
            covs.append(p - p @ n @ p)
            left, before = np.max(np.abs(covs[-1])), np.max(np.abs(p))
            sizes.append(left if left > Decimal("1e-40") * before else before or 1)
        as_floats = lambda rows: np.array(rows[::-1]).astype(float)
        return as_floats(means), as_floats(covs), as_floats(sizes), float(evidence)


def errors_of(parts, form):
    """How wrong a form is: covariances relative to the largest entry at their step, means to the largest sd, evidence in nats; and what it says."""
    ys = observed(parts)
    means, covs, size, evidence = reference(parts, ys)
    post = infer.smoothed(chain(parts), ys, form=form)
    cov = np.max(np.abs(np.asarray(post.covariance, float) - covs) / size[:, None, None])
    mean = np.max(np.abs(np.asarray(post.mean, float) - means) / (np.max(np.abs(means)) + np.sqrt(np.max(size))))
    return cov, mean, abs(float(post.log_evidence) - evidence), post


CASES = {
    "regular": {},
    "singular Q": {"noise": "speeds"},
    "known start": {"start": 0.0},
    "exact observations": {"error": 0.0},
    "small units": {"scale": 1e-6},
    "large units": {"scale": 1e6},
    "singular S": {"start": 0.0, "noise": "speeds", "error": 0.0},
}


def marked(case):
    item = {"small units": "units", "large units": "units", "regular": "forms agree"}.get(case, case)
    return pytest.param(case, marks=pytest.mark.paper(FACTS, item), id=case)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_each_form_is_right_to_the_digits_there_are(case, form):
    cov, mean, evidence, post = errors_of(model(**CASES[case]), form)

    assert post.ok
    assert cov <= 2e4 * rounding()
    assert mean <= 2e4 * rounding()
    assert evidence <= 2e4 * rounding()


@pytest.mark.paper(FACTS, "diffuse start")
@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_right_under_a_very_wide_prior_or_says_that_it_is_not(form):
    cov, _, _, post = errors_of(model(start=1e4), form)

    assert cov <= (2e4 * rounding() if form == "root" else 100 * post.accuracy)
    if form != "root":
        assert post.accuracy >= 1e6 * rounding()


@pytest.mark.paper(FACTS, "unsatisfiable")
@pytest.mark.parametrize("scale", [1e-9, 1e-6, 1.0, 1e6])
@pytest.mark.parametrize("form", FORMS)
def test_two_exact_readings_that_differ_cannot_be_in_any_unit(form, scale):
    still = chain((EYE, 0 * EYE, model()[2], np.zeros((2, 2)), scale * EYE))
    same = np.full((T, 2), 0.75 * scale)
    differ = np.where(np.arange(T)[:, None] == 7, 1.75 * scale, same)

    assert infer.smoothed(still, same, form=form).ok
    post = infer.smoothed(still, differ, form=form)
    assert not post.ok
    assert post.log_evidence == -np.inf
    assert np.all(np.isfinite(post.mean))


@pytest.mark.float32
@pytest.mark.skipif(rounding() < 1e-9, reason="the tests above are this one in float64")
@pytest.mark.parametrize("form", FORMS)
def test_all_of_this_holds_in_float32(form):
    for case in CASES:
        test_each_form_is_right_to_the_digits_there_are(case, form)
    test_a_form_is_right_under_a_very_wide_prior_or_says_that_it_is_not(form)
    for scale in (1e-9, 1e-6, 1e6):
        test_two_exact_readings_that_differ_cannot_be_in_any_unit(form, scale)


@pytest.mark.paper(FACTS, "small noise")
@pytest.mark.parametrize("form", FORMS)
def test_two_readings_with_little_noise_halve_it(form):
    """A state of unit variance, read twice: what is left is half the noise, unless the form says that it cannot tell."""
    for noise in (1e-10, 1e-15, 1e-20):
        still = chain((EYE, 0 * EYE, model()[2], noise**0.5 * np.eye(2), EYE))
        post = infer.smoothed(still, np.zeros((T, 2)), np.arange(T) < 2, form=form)
        off = np.abs(np.diagonal(post.covariance[-1])[:2] / noise - 0.5)
        assert np.all(off <= (1e-9 if form == "root" else np.maximum(1e-6, 10 * post.accuracy)))


@pytest.mark.slow
@pytest.mark.paper(FACTS, "forms agree")
@pytest.mark.parametrize("form", FORMS)
def test_the_evidence_of_a_long_chain_is_the_same_in_every_form(form):
    parts = model()
    ys = np.tile(observed(parts), (20, 1))
    c = chain(parts)
    c = infer.chain(c.prior, c.transition, c.emission, len(ys))

    assert np.isclose(infer.log_evidence(c, ys, form=form), infer.log_evidence(c, ys, form="covariance"), atol=1e-8)


@pytest.mark.slow
@pytest.mark.paper(FACTS, "float32 likelihood")
def test_the_evidence_of_a_hundred_thousand_steps_keeps_its_digits_in_float32():
    parts = model()
    rng = np.random.default_rng(0)
    ys = rng.normal(size=(100_000, 2))

    def found(dtype):
        c = chain(tuple(part.astype(dtype) for part in parts))
        return float(infer.log_evidence(infer.chain(c.prior, c.transition, c.emission, len(ys)), ys.astype(dtype)))

    with jax.enable_x64(False):
        single = found(np.float32)
    with jax.enable_x64(True):
        assert abs(found(float) - single) <= 0.02


@pytest.mark.float32
@pytest.mark.paper(FACTS, "impossible evidence")
@pytest.mark.parametrize("form", FINITE)
def test_an_impossible_reading_has_no_probability_and_no_made_up_posterior(form):
    coin = Fin(2)
    start, stay = kernel(unit, coin, [1.0, 0.0]), kernel(coin, coin, np.eye(2))
    c = infer.chain(start, stay, stay, 3)
    post = infer.smoothed(c, np.array([0, 1, 0]), form=form)

    assert not post.ok
    assert post.log_evidence == -np.inf
    assert not np.any(np.isnan(post.increments))
    assert infer.log_evidence(c, np.array([0, 0, 0]), form=form) == 0


@pytest.mark.float32
@pytest.mark.paper(FACTS, "unreachable output")
def test_an_inverse_is_defined_where_an_output_can_be_although_another_cannot():
    coin, die = Fin(2), Fin(3)
    channel = kernel(coin, die, [[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]])
    back = FinStoch.bayes_inverse(channel, kernel(unit, coin, [0.5, 0.5]))

    assert np.allclose(back.table[:2], [[2 / 3, 1 / 3], [0.4, 0.6]])
    assert np.allclose(np.sum(back.table, axis=1), 1)


@pytest.mark.paper(FACTS, "wrong space")
def test_spaces_of_one_size_that_differ_do_not_compose():
    coin, pair = Fin(4), Fin(2) @ Fin(2)
    f, g = kernel(coin, pair, np.full((4, 2, 2), 0.25)), kernel(coin, coin, np.eye(4))
    with pytest.raises(NotComposable):
        f.category.then(f, g)


@pytest.mark.paper(FACTS, "unsatisfiable")
@pytest.mark.parametrize("scale", [1e-9, 1e-6, 1.0, 1e6])
def test_no_line_goes_through_three_points_that_are_not_on_one(scale):
    """The answer at 1e-6 was a line of slope 1/2."""
    line = gaussian(R(2), R(3), [[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    joint = gaussian(unit, R(2), factor=scale * np.eye(2)) >> Gauss.pair(line, Gauss.id(R(2)))

    assert not Gauss.observe(joint, 1, (scale * np.array([0.0, 1.0, 1.0]),)).ok
    assert Gauss.observe(joint, 1, (scale * np.array([0.0, 1.0, 2.0]),)).ok
