"""Gaussian programs in Python: the worked values, what is refused, and that they compile, batch and differentiate."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

import catlearn as cl
from catlearn import Cond, Gauss, R, gaussian, unit
from catlearn.categories.extgauss import ExtGauss
from catlearn.front import stack
from catlearn.theory.errors import Infeasible, NotAffine, OutsideProgram, WrongObject, WrongValue

PAPER, EXTENDED = "2101.11351", "2204.14024"
XS, YS = [1.0, 2.0, 2.25, 5.0, 10.0], [-3.5, -6.4, -4.0, -8.1, -11.0]
OBS = [1, 3.4, 2.7, 3.2, 5.8, 14, 18, 11.7, 19.5, 19.2]


@cl.program
def two():
    x, y = cl.normal(), cl.normal()
    cl.condition(x, y)
    return {"x": x, "y": y}


@cl.program
def regression(xs, ys, variance):
    a, b = cl.normal(0, variance), cl.normal(0, variance)
    for x, y in zip(xs, ys, strict=True):
        cl.condition(a * x + b + cl.normal(0, 0.1), y)
    return {"a": a, "b": b, "predictions": a * xs + b}


@cl.program
def line(xs, ys):
    a, b = cl.normal(), cl.normal()
    cl.condition(a * xs + b, ys)
    return a, b


@cl.program
def kalman(obs):
    x, v = 1 + cl.normal(0, 1), 1 + cl.normal(0, 10)
    xs = [x]
    for o in obs[1:]:
        x, v = x + v, v + cl.normal(0, 0.75)
        cl.condition(x + cl.normal(0, 1), o)
        xs.append(x)
    return stack(xs)


@cl.program
def process(points, seen, amplitude):
    f = cl.normal(covariance=amplitude * jnp.exp(-((points[:, None] - points[None, :]) ** 2)))
    cl.condition(f[np.array([20, 40, 60, 80])], seen)
    return f


@cl.program
def scale(reading, noise):
    weight = cl.normal(50.0, 100.0)
    cl.condition(weight + cl.normal(0.0, noise), reading)
    return weight


@pytest.mark.paper(PAPER, "value two")
@pytest.mark.float32
def test_two_standard_normals_that_are_equal():
    p = two()
    assert p.ok
    assert np.allclose(p.covariance, 0.5)
    assert np.allclose(p.mean["x"], 0.0)
    assert np.allclose(p.marginal("y").variance, 0.5)


@pytest.mark.paper(PAPER, "value posterior")
@pytest.mark.float32
def test_a_noisy_scale():
    p = scale(40.0, 25.0)
    assert np.allclose([p.mean, p.variance, p.sd], [42.0, 20.0, 4.472136])


@pytest.mark.paper(PAPER, "value bridge")
def test_a_random_walk_pinned_at_both_ends():
    @cl.program
    def bridge():
        walk = [cl.normal()]
        for _ in range(4):
            walk.append(walk[-1] + cl.normal())
        cl.condition(walk[0], 0.0)
        cl.condition(walk[4], 0.0)
        return stack(walk[1:4])

    p = bridge()
    assert np.allclose(p.mean, 0.0)
    assert np.allclose(p.covariance, [[0.75, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 0.75]])


@pytest.mark.paper(PAPER, "value regression")
def test_regression_with_wide_and_narrow_priors():
    wide, narrow = regression(XS, YS, 10.0), regression(XS, YS, 1.0)
    assert np.allclose([wide.mean["a"], wide.mean["b"]], [-0.796953, -3.365611], atol=5e-7)
    assert np.allclose(wide.covariance[:2, :2], [[0.001879, -0.007594], [-0.007594, 0.050655]], atol=5e-7)
    predicted = [-4.162563, -4.959516, -5.158754, -7.350374, -11.335137]
    assert np.allclose(wide.mean["predictions"], predicted, atol=5e-7)
    assert np.allclose([narrow.mean["a"], narrow.mean["b"]], [-0.817607, -3.224208], atol=5e-7)
    assert np.allclose(narrow.covariance[:2, :2], [[0.001826, -0.007251], [-0.007251, 0.048399]], atol=5e-7)


@pytest.mark.paper(PAPER, "value line")
@pytest.mark.paper("inference", "unsatisfiable")
def test_three_points_on_a_line_determine_it_and_three_others_are_bottom_in_any_units():
    for unit_of_x, unit_of_y in ((1.0, 1.0), (1e-9, 1.0), (1e6, 1e-9), (1e-6, 1e-6)):
        xs, ys = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])
        on = line(xs * unit_of_x, ys * unit_of_y)
        assert on.ok
        assert np.allclose(on.mean[0] * unit_of_x / unit_of_y, 1.0)
        assert np.allclose(on.covariance, 0.0)
        off = line(xs * unit_of_x, np.array([0.0, 1.0, 1.0]) * unit_of_y)
        assert not off.ok
        assert np.isfinite(off.covariance).all()
        assert np.isfinite(off.mean[0])
    with pytest.raises(Infeasible, match="tol"):
        off.require()
    assert on.require() is on
    assert off.log_evidence == -np.inf


SMOOTHED = [1.120118, 2.121095, 3.032058, 4.722096, 7.811256, 11.778015, 14.592403, 15.890945, 17.865859, 19.566156]
SPREAD = [0.724615, 0.383181, 0.367882, 0.365680, 0.360980, 0.361265, 0.367171, 0.370899, 0.383787, 0.742943]


@pytest.mark.paper(PAPER, "value Kalman")
def test_the_kalman_program_smooths():
    p = kalman(OBS)
    assert np.allclose(p.mean, SMOOTHED, atol=1e-6)
    assert np.allclose(p.variance, SPREAD, atol=1e-6)
    assert np.isclose(p.log_evidence, -42.745258, atol=1e-6)


@pytest.mark.paper("cross", "F1")
def test_the_kalman_program_is_a_chain_of_bayesian_inverses_and_a_scan():
    move = gaussian(R(2), R(2), [[1.0, 1.0], [0.0, 1.0]], covariance=[[0.0, 0.0], [0.0, 0.75]])
    look = gaussian(R(2), R(1), [[1.0, 0.0]], covariance=[[1.0]])
    state = gaussian(unit, R(2), mean=[1.0, 1.0], covariance=[[1.0, 0.0], [0.0, 10.0]])
    filtered = [state]
    for o in OBS[1:]:
        ahead = filtered[-1] >> move
        filtered.append(Gauss.bayes_inverse(look, ahead)([float(o)]))
    smoothed = filtered[-1:]
    for f in reversed(filtered[:-1]):
        smoothed.insert(0, smoothed[0] >> Gauss.bayes_inverse(move, f))
    p = kalman(OBS)
    assert np.allclose([s.mean[0] for s in smoothed], p.mean, atol=1e-9)
    assert np.allclose([s.covariance[0, 0] for s in smoothed], p.variance, atol=1e-9)

    c = cl.infer.chain(state, move, look, len(OBS))
    seen = [i > 0 for i in range(len(OBS))]  # the first state is not measured
    scan = cl.infer.filtered(c, np.reshape(OBS, (-1, 1)), np.array(seen))
    back = cl.infer.smoothed(c, np.reshape(OBS, (-1, 1)), np.array(seen))
    assert np.allclose(scan.mean, [s.mean for s in filtered], atol=1e-9)
    assert np.allclose(scan.covariance, [s.covariance for s in filtered], atol=1e-9)
    assert np.allclose(back.mean, [s.mean for s in smoothed], atol=1e-9)
    assert np.allclose(back.covariance, [s.covariance for s in smoothed], atol=1e-9)

    dense = Cond(Gauss).run(kalman.arrow(OBS))  # one joint state, conditioned at once
    positions = dense.require()
    assert np.allclose(back.mean[:, 0], positions.mean, atol=1e-9)
    assert np.allclose(back.covariance[:, 0, 0], np.diag(positions.covariance), atol=1e-9)
    assert np.isclose(scan.log_evidence, dense.log_evidence, rtol=0, atol=1e-9)


POINTS, SEEN = np.linspace(-5.0, 5.0, 100), [1.0, 2.0, 3.0, 0.0]


@pytest.mark.paper(PAPER, "value GP")
def test_a_gaussian_process_through_exact_observations_with_gradients():
    p = process(POINTS, SEEN, 0.2)
    at = np.array([0, 10, 30, 50, 70, 99])
    assert np.allclose(p.mean[at], [0.016336, 0.348914, 1.046033, 1.767098, 1.052121, -0.001260], atol=1e-6)
    assert np.allclose(p.sd[at], [0.447150, 0.417137, 0.385845, 0.385836, 0.385845, 0.447072], atol=1e-6)
    assert np.allclose(p.mean[np.array([20, 40, 60, 80])], SEEN)
    assert np.allclose(p.sd[np.array([20, 40, 60, 80])], 0.0)
    f = jax.jit(lambda amplitude: process(POINTS, jnp.asarray(SEEN), amplitude).sd[30])
    slope = (f(0.2 + 1e-5) - f(0.2 - 1e-5)) / 2e-5
    assert np.isclose(jax.grad(f)(0.2), slope, rtol=1e-5)


@pytest.mark.paper(PAPER, "tolerances")
@pytest.mark.parametrize("noise", [1e-10, 1e-14, 1e-20])
def test_two_nearly_exact_observations_halve_their_noise(noise):
    @cl.program
    def twice(noise):
        x = cl.normal()
        for _ in range(2):
            cl.condition(x + cl.normal(0, noise), 0.5)
        return x

    assert np.isclose(twice(noise).variance / noise, 0.5, rtol=1e-6)


@pytest.mark.paper(PAPER, "soft limit")
@pytest.mark.paper(PAPER, "Borel")
def test_soft_conditions_tend_to_the_exact_one_and_a_ratio_would_be_other_data():
    @cl.program
    def soft(eps):
        x, y = cl.normal(), cl.normal()
        cl.condition(x - y + cl.normal(0, eps), 0.0)
        return x

    assert np.allclose(
        [soft(e).variance for e in (1e-1, 1e-2, 1e-3, 0.0)], [0.523810, 0.502488, 0.500250, 0.5], atol=1e-6
    )
    with pytest.raises(NotAffine, match="Borel"):
        cl.program(lambda: cl.condition(cl.normal() / cl.normal(), 1.0))()
    # The two thin bands around x = y, by quadrature on the plane: they have the same middle and other laws.
    x, u = np.linspace(-6, 6, 2001), np.linspace(-1e-3, 1e-3, 21)
    band = np.exp(-(x[:, None] ** 2 + (x[:, None] + u) ** 2) / 2)
    ratio = np.exp(-(x[:, None] ** 2) * (1 + (1 + u) ** 2) / 2) * np.abs(x[:, None])
    spread = lambda w: np.sum(w * x[:, None] ** 2) / np.sum(w)
    assert np.isclose(spread(band), 0.5, atol=1e-3)
    assert np.isclose(spread(ratio), 1.0, atol=1e-3)


@pytest.mark.paper(PAPER, "evidence")
def test_the_evidence_belongs_to_a_presentation_and_the_posterior_does_not():
    @cl.program
    def stretched(factor):
        x, y = cl.normal(), cl.normal()
        cl.condition(factor * x, factor * y)
        return x

    one, double = stretched(1.0), stretched(2.0)
    assert np.allclose(one.variance, double.variance)
    assert np.isclose(double.log_evidence - one.log_evidence, -np.log(2.0))


@pytest.mark.paper(EXTENDED, "value resistors")
@pytest.mark.paper(EXTENDED, "value flat")
@pytest.mark.paper(EXTENDED, "conditioning")
@pytest.mark.slow
def test_noisy_resistors_between_flat_currents_and_voltages():
    @cl.program
    def circuit():
        i, v = cl.flat(), cl.flat()
        cl.condition(v - 2 * i, cl.normal(0, 0.25))
        cl.condition(v + 4 * i, cl.normal(5, 4 / 9))
        return i, v

    @cl.program
    def driven():
        i, v = cl.flat(), cl.flat()
        cl.condition(v - 2 * i, cl.normal(0, 0.25))
        cl.condition(i, 1.0)
        return v

    p = circuit()
    assert np.allclose(p.mean, [5 / 6, 5 / 3])
    assert p.state.dimension == 0
    assert np.allclose(p.covariance, [[0.019290, -0.003086], [-0.003086, 0.160494]], atol=1e-6)
    assert np.allclose([driven().mean, driven().variance], [2.0, 0.25])
    assert circuit.arrow().category == Cond(ExtGauss)


@pytest.mark.paper(PAPER, "tolerances")
def test_batch_and_sequential_conditioning_agree():
    together = regression(XS, YS, 10.0)
    state = gaussian(unit, R(2), covariance=[[10.0, 0.0], [0.0, 10.0]])
    for x, y in zip(XS, YS, strict=True):
        look = gaussian(R(2), R() @ R(2), [[x, 1.0], [1.0, 0.0], [0.0, 1.0]], factor=[[0.1**0.5], [0.0], [0.0]])
        state = Gauss.observe(state >> look, 1, (y,)).state
    assert np.allclose(state.mean, [together.mean["a"], together.mean["b"]], atol=1e-12)
    assert np.allclose(state.covariance, together.covariance[:2, :2], atol=1e-12)


def test_a_program_is_one_compiled_function_of_its_data():
    traced = []

    @cl.program
    def counted(y, times):
        traced.append(y)
        x = cl.normal()
        for _ in range(times):
            cl.condition(x + cl.normal(), y)
        return x

    assert [float(counted(y, 2).mean) for y in (1.0, 3.0)] == pytest.approx([2 / 3, 2.0])
    assert len(traced) == 1
    counted(1.0, 1)
    assert len(traced) == 2
    means = jax.vmap(lambda y: counted(y, 2).mean)(jnp.arange(3.0))
    assert np.allclose(means, [0, 2 / 3, 4 / 3])


def test_programs_differentiate_in_their_data_and_lower_for_all_platforms():
    f = lambda ys, v: regression(jnp.asarray(XS), ys, v).mean["a"]
    ys = jnp.asarray(YS)
    by_ys, by_v = jax.jit(jax.grad(f, argnums=(0, 1)))(ys, 10.0)
    step = 1e-5
    compiled = jax.jit(f)
    assert np.isclose(by_v, (compiled(ys, 10.0 + step) - compiled(ys, 10.0 - step)) / (2 * step), rtol=1e-5)
    assert np.isclose(by_ys[0], (compiled(ys + step * np.eye(5)[0], 10.0) - compiled(ys, 10.0)) / step, rtol=1e-5)
    exported = export.export(compiled, platforms=["cpu", "cuda", "tpu"])(ys, jnp.asarray(10.0))
    assert exported.platforms == ("cpu", "cuda", "tpu")


def test_a_program_denotes_an_arrow_that_may_stay_open():
    @cl.program
    def look(x, noise):
        cl.condition(x + cl.normal(0, noise), 2.0)
        return x + 1

    C = Cond(Gauss)
    f = look.arrow(1.0, dom=R())
    assert (f.dom, f.cod, f.category) == (R(), R(), C)
    left = C.run(f, gaussian(unit, R(), covariance=1.0)).require()
    assert np.allclose([left.mean[0], left.covariance[0, 0]], [2.0, 0.5])
    assert C.close(two.arrow(), C.lift(gaussian(unit, R() @ R(), factor=[[0.5**0.5], [0.5**0.5]])))


def test_a_program_inside_another_is_part_of_it_and_nothing_is_left_behind():
    @cl.program
    def noisy(x):
        return x + cl.normal()

    @cl.program
    def outer(y):
        x = cl.normal()
        cl.condition(noisy(x), y)
        return x

    assert np.allclose([outer(2.0).mean, outer(2.0).variance], [1.0, 0.5])
    kept = []

    @cl.program
    def broken():
        kept.append(cl.normal())
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        broken()
    with pytest.raises(OutsideProgram, match="normal"):
        cl.normal()
    with pytest.raises(OutsideProgram, match="condition"):
        cl.condition(1.0, 2.0)
    with pytest.raises(OutsideProgram, match="another run"):
        cl.program(lambda: cl.normal() + kept[0])()


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x * x,
        lambda x: 1 / x,
        lambda x: x**2,
        abs,
        jnp.exp,
        np.exp,
        lambda x: jnp.stack([x, x]),
        lambda x: x if x > 0 else -x,
        float,
        lambda x: cl.normal(0, x),
        lambda x: stack([1.0]),
    ],
)
def test_what_is_not_affine_is_refused_by_name(use):
    with pytest.raises(NotAffine, match="affine"):
        cl.program(lambda: use(cl.normal()))()


@pytest.mark.slow
def test_random_arrays_are_indexed_scaled_stacked_and_multiplied():
    def body():
        w = cl.normal(np.arange(3.0), np.array([1.0, 4.0, 9.0]))
        matrix = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
        table = stack([w, 2 * w])
        return [
            matrix @ w,
            w[1:],
            w.sum(),
            table.T,
            table.reshape(6),
            -w / 2,
            w @ matrix.T,
            1 - w[..., 0],
            table @ w.mean,
        ]

    # The same affine function of draws, as JAX differentiates it.
    def plain(xi):
        w = np.arange(3.0) + np.array([1.0, 2.0, 3.0]) * xi
        matrix, table = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]]), jnp.stack([w, 2 * w])
        out = [
            matrix @ w,
            w[1:],
            w.sum(),
            table.T,
            table.reshape(6),
            -w / 2,
            w @ matrix.T,
            1 - w[0],
            table @ np.arange(3.0),
        ]
        return jnp.concatenate([jnp.ravel(o) for o in out])

    p = cl.program(body)()
    jacobian = jax.jacobian(plain)(jnp.zeros(3))
    assert np.allclose(p.state.mean, plain(jnp.zeros(3)))
    assert np.allclose(p.covariance, jacobian @ jacobian.T)
    assert p.mean[3].shape == (3, 2)
    drawn = p.sample(4000, key=jax.random.key(0))[0]
    assert drawn.shape == (4000, 2)
    assert np.allclose(np.cov(drawn.T), p.covariance[:2, :2], atol=2.0)


def test_mistakes_of_shape_and_name_are_named():
    with pytest.raises(WrongObject, match="covariance"):
        cl.program(lambda: cl.normal(np.zeros(2), covariance=np.eye(3)))()
    with pytest.raises(WrongValue, match="part"):
        two().marginal("z")
    assert str(two()) == "Posterior(R() @ R(), ok=True)"
    assert "two" in str(two)
    cl.program(lambda: None)()
    seen = []
    cl.program(lambda: seen.append(repr(cl.normal(np.zeros(2)))))()
    assert seen == ["RandomVariable[2]"]
