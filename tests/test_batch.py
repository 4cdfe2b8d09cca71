"""Batch: a functor before Reverse, natural in the batch, with a key for each example."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import as_users_run_it, last_file, lowers_everywhere, operations

from catlearn import (
    Batch,
    Fin,
    Key,
    Para,
    R,
    Reverse,
    Smooth,
    freeze,
    named,
    para,
    reparametrise,
    smooth,
    space_of,
    unit,
)
from catlearn.constructions.initialise import FreshKey, Normal
from catlearn.theory.errors import WrongCategory, WrongObject, WrongParameters, WrongValue

KEY = jax.random.key(0)
C = Para(Smooth)
A, B = R(3), R(2)

f = smooth(lambda x: jnp.stack([x[0] * x[1], jnp.sin(x[2])]), A)
g = smooth(lambda x: jnp.cumsum(x)[0], B)


def close(a, b):
    tol = 1e-9 if jax.config.read("jax_enable_x64") else 1e-5
    return all(
        jnp.shape(x) == jnp.shape(y) and bool(np.allclose(x, y, rtol=tol, atol=tol))
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


def affine(n, m):
    arrow = smooth(lambda w, b, x: w @ x + b, R(m, n) @ R(m) @ R(n))
    return para(R(m, n) @ R(m), arrow, labels=["weight", "bias"], init=[Normal(0.5), Normal(0.5)])


def noise(n):
    arrow = smooth(lambda key, x: x + jax.random.normal(key, x.shape), Key @ R(n))
    return para(Key, arrow, labels=["key"], init=[FreshKey()])


# ------------------------------------------------------------------------------------------------ the functor


def test_batch_is_a_functor_of_smooth_maps():
    F = Batch(5)

    assert F(A @ Fin(2)) == R(5, 3) @ Fin(2).stacked(5)
    assert F(unit) == unit
    assert Smooth.close(F(Smooth.id(A)), Smooth.id(F(A)))
    assert Smooth.close(F(f >> g), F(f) >> F(g))
    assert Smooth.close(F(f @ g), F(f) @ F(g))
    assert Smooth.close(F(Smooth.swap(A, B)), Smooth.swap(F(A), F(B)))


@pytest.mark.float32
def test_a_batch_is_the_stack_of_its_examples():
    xs = A.stacked(5).random(key=KEY)

    assert close(Batch(5)(f)(xs), jnp.stack([f(x) for x in xs]))


def test_batches_of_batches_are_batches():
    xs = A.stacked(6).random(key=KEY)

    assert close(Batch(2)(Batch(3)(f))(xs.reshape(2, 3, 3)).reshape(6, 2), Batch(6)(f)(xs))


@pytest.mark.parametrize("n", [0, 1])
def test_a_batch_may_be_empty_or_of_one(n):
    xs = A.stacked(n).random(key=KEY)

    assert Batch(n)(f)(xs).shape == (n, 2)
    assert Batch(n)(affine(3, 2))(affine(3, 2).init(key=KEY), xs).shape == (n, 2)


def test_a_batch_of_a_state_is_the_state_again_and_again():
    assert close(Batch(4)(Smooth.point(B, [1.0, 2.0]))(), jnp.asarray([[1.0, 2.0]] * 4))
    assert Batch(4)(Smooth.id(unit))() == ()


# ------------------------------------------------------------------------------------------------ with parameters


def test_batch_respects_composition_of_parametric_arrows():
    one, two = affine(3, 4), affine(4, 2)
    F = Batch(5)

    assert C.close(F(one >> two), F(one) >> F(two))
    assert C.close(F(one @ two), F(one) @ F(two))
    assert C.close(F(C.id(A)), C.id(F(A)))
    assert C.close(F(reparametrise(one, Smooth.id(one.parameter))), reparametrise(F(one), Smooth.id(one.parameter)))


@pytest.mark.float32
def test_parameters_are_shared_by_the_batch():
    one = affine(3, 2)
    parameters, xs = one.init(key=KEY), A.stacked(5).random(key=KEY)

    batched = Batch(5)(one)

    assert batched.parameter == one.parameter
    assert batched.labels == one.labels
    assert close(batched.init(key=KEY), parameters)
    assert close(batched(parameters, xs), jnp.stack([one(parameters, x) for x in xs]))


@pytest.mark.float32
def test_permuting_or_splitting_the_batch_changes_nothing():
    one = affine(3, 2) >> C.lift(smooth(jnp.tanh, B))
    parameters, xs = one.init(key=KEY), A.stacked(6).random(key=KEY)
    order = jax.random.permutation(KEY, 6)
    ys = Batch(6)(one)(parameters, xs)

    assert close(Batch(6)(one)(parameters, xs[order]), ys[order])
    assert close(jnp.concatenate([Batch(2)(one)(parameters, xs[:2]), Batch(4)(one)(parameters, xs[2:])]), ys)


@pytest.mark.float32
def test_the_sum_of_the_gradients_is_the_reverse_of_copying():
    one = affine(3, 2) >> C.lift(smooth(jnp.tanh, B))
    parameters, xs, dys = one.init(key=KEY), A.stacked(5).random(key=KEY), B.stacked(5).random(key=KEY)

    *together, dxs = Reverse(Batch(5)(one)).arrow.put(*parameters, xs, dys)
    each = jax.vmap(lambda x, dy: Reverse(one).arrow.put(*parameters, x, dy))(xs, dys)

    assert close(together, [jnp.sum(gradient, axis=0) for gradient in each[:2]])
    assert close(dxs, each[2])


def test_frozen_values_are_shared_too():
    weight = jnp.ones((2, 3))
    one = freeze(affine(3, 2), {"weight": weight})
    xs = A.stacked(4).random(key=KEY)

    assert close(Batch(4)(one)(([1.0, 2.0],), xs), xs @ weight.T + jnp.asarray([[1.0, 2.0]]))


def test_a_power_may_be_batched():
    one = affine(3, 3) ** 4
    parameters, xs = one.init(key=KEY), A.stacked(5).random(key=KEY)

    assert close(Batch(5)(one)(parameters, xs), jnp.stack([one(parameters, x) for x in xs]))


# ------------------------------------------------------------------------------------------------ randomness


@pytest.mark.float32
def test_a_key_is_split_so_that_each_example_draws_its_own():
    xs = jnp.zeros((4, 3))

    ys = Batch(4)(noise(3))((KEY,), xs)

    assert close(ys, jnp.stack([noise(3)((key,), x) for key, x in zip(jax.random.split(KEY, 4), xs, strict=True)]))
    assert len({float(y[0]) for y in ys}) == 4


def test_stacked_keys_are_split_each_by_itself():
    power = noise(3) ** 2
    (keys,) = power.init(key=KEY)
    each = jax.vmap(lambda key: jax.random.split(key, 4))(keys)

    ys = Batch(4)(power)((keys,), jnp.zeros((4, 3)))

    assert close(ys, jnp.stack([power((each[:, i],), jnp.zeros(3)) for i in range(4)]))


def test_a_key_inside_a_record_is_split_and_the_rest_of_it_shared():
    record = {"key": KEY, "scale": jnp.asarray(2.0)}
    space = space_of(record)
    arrow = smooth(lambda r, x: x + r["scale"] * jax.random.normal(r["key"], x.shape), space @ A)
    one = para(space, arrow)

    ys = Batch(3)(one)((record,), jnp.zeros((3, 3)))

    assert close(ys, 2.0 * jax.vmap(lambda key: jax.random.normal(key, (3,)))(jax.random.split(KEY, 3)))


def test_keys_that_are_inputs_come_one_an_example():
    sample = smooth(lambda key: jax.random.normal(key, (2,)), Key)

    assert Batch(3)(sample).dom == Key.stacked(3)
    assert Batch(3)(sample)(jax.random.split(KEY, 3)).shape == (3, 2)


# ------------------------------------------------------------------------------------------------ programs


def test_a_batched_program_has_the_operations_of_the_one_written_by_hand():
    one = affine(3, 4) >> C.lift(smooth(jnp.tanh, R(4))) >> affine(4, 2)
    parameters, xs = one.init(key=KEY), A.stacked(5).random(key=KEY)

    batched = Batch(5)(one)
    by_hand = jax.vmap(lambda p, x: p[2] @ jnp.tanh(p[0] @ x + p[1]) + p[3], in_axes=(None, 0))

    assert close(batched(parameters, xs), by_hand(parameters, xs))
    assert operations(batched, parameters, xs) == operations(by_hand, parameters, xs)


def test_a_program_that_is_built_three_times_is_traced_once():
    traces = []

    @jax.jit
    def run(model, parameters, xs):
        traces.append(model)
        return model(parameters, xs)

    for _ in range(3):
        model = Batch(4)(named("net", affine(3, 3) >> noise(3)))
        run(model, model.init(key=KEY), jnp.ones((4, 3)))

    assert len(traces) == 1


def test_it_lowers_for_every_platform():
    put = Reverse(Batch(4)(affine(3, 3) >> noise(3) >> affine(3, 2))).arrow.put

    assert lowers_everywhere(lambda *xs: Smooth.apply(put, xs), *put.dom.avals())


# ------------------------------------------------------------------------------------------------ mistakes

MISTAKES = {
    "a batch of another size": (WrongValue, lambda: Batch(4)(f)(jnp.ones((3, 3)))),
    "one example for a batch": (WrongValue, lambda: Batch(4)(f)(jnp.ones(3))),
    "a bias for each example": (
        WrongParameters,
        lambda: Batch(4)(affine(3, 2))((jnp.ones((2, 3)), jnp.ones((4, 2))), jnp.ones((4, 3))),
    ),
    "a batch of a lens": (WrongCategory, lambda: Batch(4)(Reverse(f))),
    "a batch of a parametric lens": (WrongCategory, lambda: Batch(4)(Reverse(affine(3, 2)))),
    "a batch of a function": (WrongCategory, lambda: Batch(4)(jnp.sin)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_the_line_that_makes_it(mistake):
    error, make = MISTAKES[mistake]

    with as_users_run_it(), pytest.raises(error) as caught:
        make()

    assert last_file(caught) == "test_batch.py"


@pytest.mark.parametrize("n", [-1, 2.0, "3", True])
def test_the_size_of_a_batch_is_a_whole_number(n):
    with as_users_run_it(), pytest.raises(WrongObject, match="whole number"):
        Batch(n)


def test_a_batch_prints_as_one_writes_it():
    assert str(Batch(3)) == "Batch(3)"
