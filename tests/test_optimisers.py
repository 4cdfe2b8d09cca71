"""Optimisers as lenses: the worked values of the papers, optax over many steps, and the ways to and from optax."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from catlearn import Fin, Key, R, learn, lens, smooth
from catlearn.learn import (
    Optimiser,
    adagrad,
    adam,
    adamw,
    ascent,
    beside,
    from_optax,
    gradient_update,
    momentum,
    nesterov,
    rmsprop,
    sgd,
    to_optax,
)

STEPS = 50
P = R(3) @ R(2, 2)
KEY = jax.random.key(0)
SCHEDULE = optax.cosine_decay_schedule(0.1, 30)


def values(key):
    return tuple(wire.random(jax.random.fold_in(key, i)) for i, wire in enumerate(P.wires))


def potential(p):
    """Something whose gradient is neither constant nor linear."""
    return sum(jnp.sum(jnp.cos(x) + 0.1 * x**4) for x in p)


def run_of_lens(optimiser, steps=STEPS):
    """Where gradients were taken, over the steps of the lens: the run that optax holds."""
    U, p = optimiser.lens(P), values(KEY)
    state = optimiser.init(P, p) + p

    def step(state, _):
        seen = U.get.category.apply(U.get, state)
        back = tuple(optimiser.rate * g for g in jax.grad(potential)(seen))
        return U.base.apply(U.put, state + back), seen

    state, run = jax.jit(lambda state: jax.lax.scan(step, state, length=steps))(state)
    return run


def run_of_optax(tx, steps=STEPS):
    p = values(KEY)

    def step(carry, _):
        p, s = carry
        updates, s = tx.update(jax.grad(potential)(p), s, p)
        return (optax.apply_updates(p, updates), s), p

    with jax.numpy_dtype_promotion("standard"):  # optax multiplies counts with floats
        return jax.jit(lambda carry: jax.lax.scan(step, carry, length=steps))((p, tx.init(p)))[1]


def close(x, y):
    tol = 1e-12 if jnp.result_type(float) == jnp.float64 else 1e-5
    for a, b in zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=True):
        np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


PAIRS = {
    "gradient update": (gradient_update(0.1), optax.sgd(0.1)),
    "sgd": (sgd(0.1), optax.sgd(0.1)),
    "momentum": (momentum(0.05, 0.9), optax.sgd(0.05, momentum=0.9)),
    "nesterov": (nesterov(0.05, 0.9), optax.sgd(0.05, momentum=0.9, nesterov=True)),
    "adagrad": (
        adagrad(0.1, delta=0.0),
        optax.adagrad(0.1, initial_accumulator_value=0.0, eps=0.0),
    ),
    "rmsprop": (rmsprop(0.05), optax.rmsprop(0.05, decay=0.9, eps=1e-8)),
    "adam": (adam(0.05), optax.adam(0.05)),
    "adam with a schedule": (adam(SCHEDULE), optax.adam(SCHEDULE)),
    "adamw": (adamw(0.05, decay=0.02), optax.adamw(0.05, weight_decay=0.02)),
    "adamw with a schedule": (adamw(SCHEDULE, decay=0.02), optax.adamw(SCHEDULE, weight_decay=0.02)),
}
OPTAX = {
    "a chain with clipping": optax.chain(optax.clip_by_global_norm(0.5), optax.adam(0.05)),
    "a schedule": optax.sgd(SCHEDULE, momentum=0.9),
    "lion": optax.lion(0.01),
    "masked": optax.chain(optax.masked(optax.add_decayed_weights(0.1), (True, False)), optax.sgd(0.05)),
    "adafactor": optax.adafactor(0.05),
    "apply every third": optax.chain(optax.sgd(0.05), optax.apply_every(3)),
}


@pytest.mark.float32
@pytest.mark.paper("2103.01931", "Def 3.14")
@pytest.mark.parametrize("name", PAIRS)
def test_an_optimiser_lens_makes_the_steps_of_optax(name):
    optimiser, tx = PAIRS[name]

    with jax.numpy_dtype_promotion("standard" if "schedule" in name else "strict"):
        close(run_of_lens(optimiser), run_of_optax(tx))


@pytest.mark.parametrize("name", PAIRS)
def test_an_optimiser_lens_is_an_optax_transformation(name):
    optimiser, tx = PAIRS[name]

    close(run_of_optax(to_optax(optimiser)), run_of_optax(tx))


@pytest.mark.parametrize("name", OPTAX)
def test_an_optax_transformation_is_an_optimiser_lens(name):
    with jax.numpy_dtype_promotion("standard"):
        close(run_of_lens(from_optax(OPTAX[name])), run_of_optax(OPTAX[name]))


@pytest.mark.parametrize("name", ["a chain with clipping", "lion"])
def test_there_and_back_again_is_the_same_transformation(name):
    close(run_of_optax(to_optax(from_optax(OPTAX[name]))), run_of_optax(OPTAX[name]))


def test_the_optax_form_keeps_any_pytree_of_parameters():
    tx = to_optax(momentum(0.5, 0.5))
    params = {"w": jnp.ones(2), "b": [jnp.zeros(())]}
    updates, state = tx.update(params, tx.init(params), params)

    assert jax.tree.structure(updates) == jax.tree.structure(params)
    close(updates, jax.tree.map(lambda x: -0.5 * x, params))
    assert jax.tree.structure(tx.update(params, state, params)[1]) == jax.tree.structure(state)


# ------------------------------------------------------------------------------------------------ worked values


def first_three(optimiser, state, pull=lambda seen: -seen):
    """The first three values of ``S ⊗ P`` on p²/2, where what comes back is the rate of the cap times p̄."""
    U, seen = optimiser.lens(R()), []
    for _ in range(3):
        state = U.put(*state, pull(U.get(*state)))
        state = state if isinstance(state, tuple) else (state,)
        seen.append([float(x) for x in state])
    return np.array(seen)


@pytest.mark.paper("2103.01931", "value momentum")
@pytest.mark.parametrize(
    ("optimiser", "expected"),
    [
        (momentum(0.1, 0.5, paper_sign=True), [0.9, 0.86, 0.794]),
        (momentum(0.1, 0.5), [0.9, 0.76, 0.614]),
        (nesterov(0.1, 0.5, paper_sign=True), [0.9, 0.865, 0.79775]),
        (nesterov(0.1, 0.5), [0.9, 0.765, 0.62775]),
    ],
)
def test_momentum_and_nesterov_in_both_signs_have_the_worked_values(optimiser, expected):
    run = first_three(optimiser, (0.0, 1.0), lambda seen: -0.1 * seen)

    np.testing.assert_allclose(run[:, -1], expected, rtol=1e-6)


@pytest.mark.paper("2103.01931", "Ex 3.17")
@pytest.mark.paper("2103.01931", "value Adagrad")
def test_adagrad_has_the_worked_values():
    run = first_three(adagrad(0.1), (0.0, 1.0))

    np.testing.assert_allclose(run, [[1, 0.9], [1.81, 0.833104], [2.504062, 0.780456]], atol=1e-6)


@pytest.mark.paper("2103.01931", "value Adam")
def test_adam_has_the_worked_values():
    run = first_three(adam(0.1), (0.0, 0.0, jnp.int32(0), 1.0))

    np.testing.assert_allclose(run[:, -1], [0.9, 0.800412, 0.701586], atol=1e-6)


@pytest.mark.paper("2103.01931", "Def 3.11")
def test_gradient_update_gets_the_parameter_and_puts_the_sum():
    U = gradient_update(0.1).lens(R(2))

    close(U.get([1.0, 2.0]), jnp.array([1.0, 2.0]))
    close(U.put([1.0, 2.0], [0.5, -1.0]), jnp.array([1.5, 1.0]))


@pytest.mark.paper("2103.01931", "Ex 3.15")
def test_momentum_gets_the_parameter_and_puts_what_it_has_gathered():
    U = momentum(0.1, 0.5).lens(R())

    assert float(U.get(4.0, 1.0)) == 1.0
    assert [float(x) for x in U.put(4.0, 1.0, 0.25)] == [2.25, 3.25]


@pytest.mark.paper("2103.01931", "Ex 3.16")
def test_nesterov_looks_ahead_and_moves_as_momentum_does():
    U = nesterov(0.1, 0.5).lens(R())

    assert float(U.get(4.0, 1.0)) == 3.0
    assert [float(x) for x in U.put(4.0, 1.0, 0.25)] == [2.25, 3.25]


@pytest.mark.paper("2103.01931", "Ex 3.18")
def test_adam_is_the_printed_formula_on_the_moments_that_it_corrects():
    b1, b2, eps, delta = 0.9, 0.999, 0.1, 1e-8
    m, v, t, p, dp = 0.3, 0.2, 4, 1.0, -0.7
    m_new, v_new = b1 * m + (1 - b1) * dp, b2 * v + (1 - b2) * dp**2
    m_hat, v_hat = m_new / (1 - b1 ** (t + 1)), v_new / (1 - b2 ** (t + 1))

    put = adam(eps).lens(R()).put(m, v, jnp.int32(t), p, dp)

    close([float(x) for x in put], [m_new, v_new, t + 1.0, p + eps / (delta + v_hat**0.5) * m_hat])


@pytest.mark.paper("2103.01931", "slip momentum")
def test_momentum_with_the_printed_sign_damps():
    third = lambda optimiser, *state: first_three(optimiser, state, lambda seen: -0.1 * seen)[-1, -1]
    plain = third(gradient_update(0.1), 1.0)

    assert third(momentum(0.1, 0.5), 0.0, 1.0) < plain < third(momentum(0.1, 0.5, paper_sign=True), 0.0, 1.0)


@pytest.mark.paper("2103.01931", "slip Adam")
def test_adam_with_the_corrected_moments_as_state_diverges():
    b1, b2, eps = 0.9, 0.999, 0.1
    m_hat, v_hat, p, sizes = 0.0, 0.0, 1.0, []
    for t in range(1, 4):  # as printed: what is corrected is stored, and corrected again
        m_hat = (b1 * m_hat - (1 - b1) * p) / (1 - b1**t)
        v_hat = (b2 * v_hat + (1 - b2) * p**2) / (1 - b2**t)
        p += eps * m_hat / (1e-8 + v_hat**0.5)
        sizes.append(v_hat)

    assert [round(v) for v in sizes] == [1, 500, 166719]
    assert all(first_three(adam(eps), (0.0, 0.0, jnp.int32(0), 1.0))[:, 1] < 0.003)  # the raw moment does not


# ------------------------------------------------------------------------------------------------ identities


@pytest.mark.paper("2103.01931", "T5.4")
@pytest.mark.parametrize("family", [momentum, nesterov])
@pytest.mark.parametrize("paper_sign", [False, True])
def test_without_memory_momentum_and_nesterov_are_gradient_update(family, paper_sign):
    close(run_of_lens(family(0.1, 0.0, paper_sign=paper_sign)), run_of_lens(gradient_update(0.1)))


@pytest.mark.paper("2103.01931", "T5.5")
def test_the_rate_slides_from_the_cap_into_the_update():
    close(run_of_lens(gradient_update(0.1)), run_of_lens(sgd(0.1)))


def test_ascent_climbs_where_the_optimiser_descends():
    up = run_of_lens(ascent(momentum(0.05, 0.9)))
    down = run_of_optax(optax.chain(optax.scale(-1.0), optax.sgd(0.05, momentum=0.9)))

    close(up, down)


def test_two_optimisers_beside_one_another_each_move_their_part():
    first, second = run_of_lens(beside(1, adam(0.05), momentum(0.05, 0.9)))

    close(first, run_of_optax(optax.adam(0.05))[0])
    close(second, run_of_optax(optax.sgd(0.05, momentum=0.9))[1])


def test_optimisers_beside_one_another_are_the_tensor_of_their_lenses():
    U, V = momentum(1.0, 0.5), sgd(0.25)  # both caps are -1, so the tensor needs no further scaling
    both, tensor = beside(1, U, V).lens(R() @ R()), U.lens(R()) @ V.lens(R())

    close(both.get(4.0, 1.0, 2.0), tensor.get(4.0, 1.0, 2.0))
    close(both.put(4.0, 1.0, 2.0, 0.5, 0.75), tensor.put(4.0, 1.0, 2.0, -0.5, -0.75))


# ------------------------------------------------------------------------------------------------ objects


def test_discrete_parameters_pass_through():
    U = adam(0.1)
    parameter = R(2) @ Key @ Fin(3) @ R()
    p = (jnp.ones(2), jax.random.key(7), jnp.int32(2), jnp.ones(()))
    put = U.lens(parameter).put(*U.init(parameter, p), *p, jnp.ones(2), jnp.ones(()))

    assert put[-3] == p[1]
    assert int(put[-2]) == 2
    np.testing.assert_allclose(put[-4], [1.1, 1.1], rtol=1e-6)
    np.testing.assert_allclose(put[-1], 1.1, rtol=1e-6)


def test_the_state_object_is_that_of_the_initial_state():
    for optimiser, _ in PAIRS.values():
        optimiser.state(P).elements(optimiser.init(P, values(KEY)))


@pytest.mark.parametrize("name", PAIRS)
def test_an_optimiser_keeps_the_precision_of_its_parameters(name):
    optimiser = PAIRS[name][0]
    parameter = R(3, dtype="float32") @ R(2, dtype="bfloat16")
    p = tuple(wire.zeros() for wire in parameter.wires)
    state = optimiser.init(parameter, p) + p
    with jax.numpy_dtype_promotion("standard" if "schedule" in name else "strict"):
        put = optimiser.lens(parameter).put(*state, *p)
    put = put if isinstance(put, tuple) else (put,)

    assert [x.dtype for x in put] == [x.dtype for x in state]


def test_an_optimiser_of_ones_own_is_three_functions():
    signs = Optimiser(
        lambda p: (),
        lambda s, p: p,
        lambda s, p, dp: (s, tuple(x + 0.5 * jnp.sign(d) for x, d in zip(p, dp, strict=True))),
    )
    tx = optax.chain(optax.scale_by_sign(), optax.scale(-0.5))

    close(run_of_lens(signs), run_of_optax(tx))


def test_a_lens_of_ones_own_reparametrises_a_learner():
    scale = learn.supervised_step(learn.dense(1, 1, bias=False), learn.quadratic(1), gradient_update(0.5))
    clip = lens(smooth(lambda w: w, R(1, 1)), smooth(lambda w, dw: w + jnp.clip(dw, -0.25, 0.25), R(1, 1) @ R(1, 1)))
    clipped = learn.LearningStep(scale.reversed, scale.cap, clip, scale.label)

    close(clipped.put([[1.0]], [3.0], [1.0]), jnp.array([[1.25]]))
