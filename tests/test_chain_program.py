"""Gaussian programs that are chains: recognised, run as scans, and equal to the dense joint of the arrow that they denote."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import catlearn as cl
from catlearn import Cond, Gauss, R, gaussian, infer, unit
from catlearn.front.chain_program import realised

YS = np.random.default_rng(0).normal(size=16).cumsum()


@cl.program
def trend(ys):
    x, v, xs = cl.normal(1.0, 4.0), cl.normal(0.0, 9.0), []
    for k in range(16):
        if k:
            x, v = x + v, v + cl.normal(0.0, 0.75)
        cl.condition(x + cl.normal(0.0, 1.0), ys[k])
        xs.append(x)
    return {"past": xs, "next": x + v + cl.normal(0.0, 1.0), "slope": v}


def rows(program, *data):
    equations, _ = program._equations(data, unit)
    return equations.returned[1], equations.apart[1]


@pytest.mark.paper("inference", "chain program")
def test_a_trend_is_a_chain_of_three_numbers_and_has_the_law_of_its_arrow():
    found = realised(*rows(trend, YS))
    assert found is not None
    assert found.model.matrix.shape == (16, 4, 4)  # two states, and a step draws two numbers at most

    scanned = trend(YS)
    dense = Cond(Gauss).run(trend.arrow(jnp.asarray(YS)))

    np.testing.assert_allclose(scanned.state.mean, dense.state.mean, atol=1e-10)
    np.testing.assert_allclose(scanned.covariance, dense.state.covariance, atol=1e-10)
    assert float(scanned.log_evidence) == pytest.approx(float(dense.log_evidence), abs=1e-10)
    assert bool(scanned.ok) == bool(dense.ok) is True


def walk(ys, count, variance=1.0, noise=1.0, first=1.0):
    x, xs = cl.normal(0.0, first), []
    for k in range(count):
        x = x + cl.normal(0.0, variance) if k else x
        cl.condition(x + cl.normal(0.0, noise), ys[k])
        xs.append(x)
    return xs


@pytest.mark.slow
def test_a_walk_is_the_smoothed_chain():
    ys = np.random.default_rng(1).normal(size=40).cumsum()
    program = cl.program(lambda ys: walk(ys, 40))
    still = gaussian(R(), R(), [[1.0]], covariance=1.0)

    found = program(ys)
    post = infer.smoothed(infer.chain(gaussian(unit, R(), covariance=1.0), still, still, 40), ys)

    np.testing.assert_allclose(found.state.mean, post.mean[:, 0], atol=1e-9)
    np.testing.assert_allclose(jnp.stack(found.variance), post.covariance[:, 0, 0], atol=1e-9)
    np.testing.assert_allclose(jnp.diagonal(found.covariance, offset=1), post.cross[:-1, 0, 0], atol=1e-9)
    assert float(found.log_evidence) == pytest.approx(float(post.log_evidence), abs=1e-9)


@pytest.mark.slow
def test_steps_may_have_units_of_their_own():
    scale = 10.0 ** np.arange(-8, 8)

    def units(ys):
        x = cl.normal(0.0, 1.0)
        for k in range(16):
            x = x + cl.normal(0.0, 1.0) if k else x
            cl.condition(float(scale[k]) * (x + cl.normal(0.0, 1.0)), float(scale[k]) * ys[k])
        return x

    plain, scaled = cl.program(lambda ys: walk(ys, 16)[-1])(YS), cl.program(units)(YS)

    assert realised(*rows(cl.program(units), YS)) is not None
    np.testing.assert_allclose(scaled.state.mean, plain.state.mean, rtol=1e-9)
    np.testing.assert_allclose(scaled.covariance, plain.covariance, rtol=1e-9)


def test_a_program_is_no_chain_where_anything_is_in_doubt():
    def exact(ys):
        xs = walk(ys, 16)
        cl.condition(xs[0], xs[-1])

    def field(ys):
        latent = cl.normal(jnp.zeros(16), 1.0)
        mixing = np.random.default_rng(2).normal(size=(16, 16))
        cl.condition(mixing @ latent + cl.normal(np.zeros(16), 1.0), ys)

    known = {
        "few equations": lambda ys: walk(ys, 15),
        "a wide prior": lambda ys: walk(ys, 16, first=1e9),
        "an equation without noise": exact,
        "states as many as equations": field,
    }
    for name, function in known.items():
        assert realised(*rows(cl.program(function), jnp.asarray(YS))) is None, name

    learned = cl.program(lambda ys, variance: walk(ys, 16, variance=variance))
    found = []
    jax.eval_shape(lambda v: found.append(realised(*rows(learned, jnp.asarray(YS), v))), 1.0)
    assert found == [None]


@pytest.mark.slow
def test_the_evidence_of_a_chain_has_the_gradient_of_a_density():
    program = cl.program(lambda ys: walk(ys, 16)[-1])
    moves = np.tril(np.ones((16, 16)))
    covariance = moves @ moves.T + np.eye(16)

    slope = jax.grad(lambda ys: program(ys).log_evidence)(jnp.asarray(YS))

    np.testing.assert_allclose(slope, -np.linalg.solve(covariance, YS), atol=1e-9)
