"""The supervised step: the closed formulas of the paper, and the step one writes by hand with jax.grad and optax."""

import functools

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from programs import lowers_everywhere, operations

from catlearn import Lens, Para, R, Reverse, Smooth, learn, lens, para, reparametrise, smooth
from catlearn.learn import (
    adam,
    cross_entropy,
    dot,
    gradient_update,
    huber,
    momentum,
    nesterov,
    quadratic,
    rate,
    sgd,
    soft_cross_entropy,
    supervised_step,
)
from catlearn.theory.errors import WrongCategory, WrongObject

KEY = jax.random.key(0)
SCALE = para(R(), smooth(lambda w, x: w * x, R() @ R()), labels=["weight"])
MLP = learn.dense(4, 5) >> learn.tanh(5) >> learn.dense(5, 3)


def by_hand(parameters, x):
    w1, b1, w2, b2 = parameters
    return jnp.tanh(x @ w1 + b1) @ w2 + b2


def close(x, y, tol=1e-12):
    for a, b in zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=True):
        np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


def points(x, key=KEY):
    return tuple(wire.random(jax.random.fold_in(key, i)) for i, wire in enumerate(x.wires))


# ------------------------------------------------------------------------------------------------ closed formulas

PARAMETERS = MLP.init(key=KEY)
INPUT, TARGET = jnp.array([0.3, -1.0, 0.7, 2.0]), jnp.array([0.2, 0.5, 0.3])
PULL = Smooth.R(MLP.arrow)  # R[f] : P @ A @ T(B) -> T(P) @ T(A)


def to_parameters(covector, at=PARAMETERS):
    """``fst R[f](p, a, covector)``."""
    return PULL(*at, INPUT, covector)[:4]


def moved(step, direction, start=PARAMETERS):
    return tuple(p + step * d for p, d in zip(start, direction, strict=True))


@pytest.mark.paper("2103.01931", "Ex 4.1")
def test_with_the_quadratic_loss_the_covector_is_prediction_minus_label():
    step = supervised_step(MLP, quadratic(3), gradient_update(0.1))
    prediction = MLP(PARAMETERS, INPUT)

    close(step.put(*PARAMETERS, TARGET, INPUT), moved(-0.1, to_parameters(prediction - TARGET)))


@pytest.mark.paper("2103.01931", "Ex 4.2")
def test_with_cross_entropy_the_covector_is_softmax_minus_label():
    step = supervised_step(MLP, soft_cross_entropy(3), gradient_update(0.1))
    covector = jax.nn.softmax(MLP(PARAMETERS, INPUT)) - TARGET

    close(step.put(*PARAMETERS, TARGET, INPUT), moved(-0.1, to_parameters(covector)))


@pytest.mark.paper("2103.01931", "Ex 4.3")
def test_with_nesterov_the_model_is_evaluated_ahead():
    step = supervised_step(MLP, quadratic(3), nesterov(0.1, 0.9))
    s = points(MLP.parameter)
    ahead = moved(0.9, s)
    pull = to_parameters(MLP(ahead, INPUT) - TARGET, ahead)
    gathered = moved(-0.1, pull, tuple(0.9 * x for x in s))

    close(step.put(*s, *PARAMETERS, TARGET, INPUT), gathered + moved(1.0, gathered))


@pytest.mark.paper("2103.01931", "value one weight")
def test_one_weight_learns_the_worked_value():
    step = supervised_step(SCALE, quadratic(), gradient_update(0.1))

    np.testing.assert_allclose(step.put(2.0, 4.0, 1.5), 2.15)


@pytest.mark.paper("2103.01931", "value two examples")
def test_two_examples_in_turn_give_the_worked_values():
    fit_point = para(R(2), smooth(lambda p: p, R(2)))
    squares = para(R(2), smooth(lambda t, p: jnp.sum((p - t) ** 2), R(2) @ R(2)))
    put = supervised_step(fit_point, squares, gradient_update(0.01)).put
    first = put([0.0, 0.0], [1.0, 2.0])

    np.testing.assert_allclose(first, [0.02, 0.04], rtol=1e-6)
    np.testing.assert_allclose(put(first, [3.0, 4.0]), [0.0796, 0.1192], rtol=1e-6)


# ------------------------------------------------------------------------------------------------ the assembly


@pytest.mark.paper("2103.01931", "closed system")
@pytest.mark.parametrize(
    "optimiser", [gradient_update(0.1), nesterov(0.1, 0.9), adam(0.1)], ids=["gd", "nesterov", "adam"]
)
def test_the_learner_is_the_assembly_of_the_paper(optimiser):
    """Reverse model and loss apart, compose, cap, and move along the optimiser; with the literal put of every lens."""
    lenses = Para(Lens(Smooth))
    U = optimiser.lens(MLP.parameter)
    chain = Reverse(MLP) >> Reverse(quadratic(3)) >> lenses.lift(rate(optimiser.rate))
    label = Reverse(quadratic(3)).parameter
    assembly = reparametrise(chain, U @ Lens(Smooth).id(label)).arrow
    learner = supervised_step(MLP, quadratic(3), optimiser, requests=True)
    state = optimiser.init(MLP.parameter, PARAMETERS) + PARAMETERS

    assert (learner.closed.dom, learner.closed.cod) == (chain.dom, lenses.unit)
    expected = Smooth.apply(assembly.literal_put, (*state, TARGET, INPUT))
    close(Smooth.apply(assembly.put, (*state, TARGET, INPUT)), expected)
    close(learner.put(*state, TARGET, INPUT), expected)


@pytest.mark.float32
@pytest.mark.parametrize("requests", [False, True])
def test_update_is_put_and_tells_the_loss(requests):
    learner = supervised_step(MLP, quadratic(3), momentum(0.1, 0.5), requests=requests)
    state = points(MLP.parameter) + PARAMETERS

    after, loss = learner.update(state, (TARGET, INPUT))

    close(learner.put(*state, TARGET, INPUT)[: len(state)], after, 1e-6)
    close(loss[0], quadratic(3)((TARGET,), MLP(PARAMETERS, INPUT)), 1e-6)


def test_with_requests_the_learner_says_what_it_asks_of_label_and_input():
    learner = supervised_step(MLP, quadratic(3), gradient_update(0.1), requests=True)
    value = lambda label, x: quadratic(3)((label,), MLP(PARAMETERS, x))
    to_label, to_input = jax.grad(value, (0, 1))(TARGET, INPUT)

    put = learner.put(*PARAMETERS, TARGET, INPUT)

    close(put[4:], (-0.1 * to_label, -0.1 * to_input))


def test_without_requests_nothing_is_differentiated_with_respect_to_data():
    learner = supervised_step(MLP, quadratic(3), gradient_update(0.1))

    assert learner.put.cod == MLP.parameter
    hand = lambda p, label, x: moved(-0.1, jax.grad(lambda p: 0.5 * jnp.sum((by_hand(p, x) - label) ** 2))(p), p)
    ours = lambda p, label, x: learner.update(p, (label, x))[0]
    dots = lambda program: operations(program, PARAMETERS, TARGET, INPUT)["dot"]
    assert dots(ours) == dots(hand)


# ------------------------------------------------------------------------------------------------ by hand with optax

XS, YS = jax.random.normal(KEY, (8, 4)), jax.random.normal(jax.random.key(1), (8, 3))
CLASSES = jax.random.randint(KEY, (8,), 0, 3)
COMBINATIONS = {
    "quadratic, sgd": (quadratic(3), YS, sgd(0.1), optax.sgd(0.1), lambda p, y: 0.5 * jnp.sum((p - y) ** 2)),
    "cross-entropy, adam": (
        cross_entropy(3),
        CLASSES,
        adam(0.1),
        optax.adam(0.1),
        lambda p, y: optax.softmax_cross_entropy_with_integer_labels(p, y),
    ),
    "huber, momentum": (
        huber(3),
        YS,
        momentum(0.1, 0.9),
        optax.sgd(0.1, momentum=0.9),
        lambda p, y: jnp.sum(optax.losses.huber_loss(p, y)),
    ),
    "cross-entropy, optax": (
        cross_entropy(3),
        CLASSES,
        learn.from_optax(optax.rmsprop(0.1)),
        optax.rmsprop(0.1),
        lambda p, y: optax.softmax_cross_entropy_with_integer_labels(p, y),
    ),
}


@pytest.mark.float32
@pytest.mark.paper("2103.01931", "T5.3")
@pytest.mark.parametrize("name", COMBINATIONS)
def test_a_batch_step_is_value_and_grad_with_optax(name):
    loss, labels, optimiser, tx, error = COMBINATIONS[name]
    learner = supervised_step(MLP, loss, optimiser, batch=8)
    state, losses = optimiser.init(MLP.parameter, PARAMETERS) + PARAMETERS, []

    mean = lambda p: jnp.mean(jax.vmap(error)(jax.vmap(by_hand, (None, 0))(p, XS), labels))
    p, s = PARAMETERS, tx.init(PARAMETERS)
    for _ in range(3):
        state, seen = jax.jit(learner.update)(state, (labels, XS))
        value, gradient = jax.value_and_grad(mean)(p)
        with jax.numpy_dtype_promotion("standard"):
            updates, s = tx.update(gradient, s, p)
        p = optax.apply_updates(p, updates)
        losses.append((jnp.mean(seen[0]), value))

    tol = 1e-12 if jnp.result_type(float) == jnp.float64 else 2e-5
    close(state[-4:], p, tol)
    close(*zip(*losses, strict=True), tol)


def test_the_batch_step_has_the_operations_of_the_hand_written_one():
    learner = supervised_step(MLP, quadratic(3), sgd(0.1), batch=8)

    def hand(p, labels, xs):
        error = lambda p, y, x: 0.5 * jnp.sum((by_hand(p, x) - y) ** 2)
        losses, back = jax.vjp(lambda p: jax.vmap(error, (None, 0, 0))(p, labels, xs), p)
        (gradient,) = back(jnp.full(8, -1.0 / 8, losses.dtype))
        return moved(0.1, gradient, p), losses

    ours = operations(lambda p, labels, xs: learner.update(p, (labels, xs)), PARAMETERS, YS, XS)
    assert ours == operations(hand, PARAMETERS, YS, XS)


def test_the_step_of_a_batch_is_the_mean_of_the_steps_of_its_examples():
    batch = supervised_step(MLP, quadratic(3), gradient_update(0.1), batch=8).put(*PARAMETERS, YS, XS)
    one = supervised_step(MLP, quadratic(3), gradient_update(0.1)).put
    each = jax.vmap(lambda y, x: one(*PARAMETERS, y, x))(YS, XS)

    close(batch, jax.tree.map(lambda x: jnp.mean(x, 0), each))


# ------------------------------------------------------------------------------------------------ laws


@pytest.mark.paper("2103.01931", "T5.5")
def test_the_rate_may_stand_in_the_cap_or_in_the_update():
    in_cap = supervised_step(MLP, quadratic(3), gradient_update(0.1))
    in_update = supervised_step(MLP, quadratic(3), sgd(0.1))

    close(in_cap.put(*PARAMETERS, TARGET, INPUT), in_update.put(*PARAMETERS, TARGET, INPUT))


@pytest.mark.paper("2103.01931", "T5.6")
def test_gradient_descent_never_reads_the_value_of_the_loss():
    shifted = quadratic(3) >> Para(Smooth).lift(smooth(lambda e: e + 100.0, R()))
    step, other = (supervised_step(MLP, loss, gradient_update(0.1)) for loss in (quadratic(3), shifted))

    chex.assert_trees_all_equal(step.put(*PARAMETERS, TARGET, INPUT), other.put(*PARAMETERS, TARGET, INPUT))
    programs = [operations(lambda p, s=s: s.put(*p, TARGET, INPUT), PARAMETERS) for s in (step, other)]
    assert programs[0] == programs[1]  # under a constant cap the value is dead code


@pytest.mark.paper("2103.01931", "T5.6")
def test_under_a_proportional_cap_the_value_of_the_loss_matters():
    shifted = quadratic(3) >> Para(Smooth).lift(smooth(lambda e: e + 100.0, R()))
    cap = rate(-0.1, proportional=True)
    step, other = (supervised_step(MLP, loss, gradient_update(0.1), cap=cap) for loss in (quadratic(3), shifted))
    value = quadratic(3)((TARGET,), MLP(PARAMETERS, INPUT))
    pull = to_parameters(MLP(PARAMETERS, INPUT) - TARGET)

    close(step.put(*PARAMETERS, TARGET, INPUT), moved(-0.1 * value, pull))
    close(other.put(*PARAMETERS, TARGET, INPUT), moved(-0.1 * (value + 100.0), pull))


def test_a_positive_cap_climbs():
    up = supervised_step(MLP, dot(3), gradient_update(0.1), cap=rate(0.1))

    close(up.put(*PARAMETERS, TARGET, INPUT), moved(0.1, to_parameters(TARGET)))


@pytest.mark.paper("2103.01931", "iteration")
def test_steps_on_several_examples_are_the_composite_of_arrows_of_para():
    learner = supervised_step(MLP, quadratic(3), gradient_update(0.1))
    # put : P @ Label @ A -> P with the data as parameter
    data, P = learner.data, MLP.parameter
    one = para(data, Smooth.then(Smooth.swap(data, P), learner.put))
    examples = [(YS[i], XS[i]) for i in range(3)]
    in_turn = functools.reduce(lambda p, example: learner.put(*p, *example), examples, PARAMETERS)

    close((one >> one >> one)(sum(examples, ()), *PARAMETERS), in_turn)
    close((one**3)((YS[:3], XS[:3]), *PARAMETERS), in_turn)


# ------------------------------------------------------------------------------------------------ ways back of one's own


def test_a_model_with_a_way_back_of_its_own_learns_by_it():
    """A straight-through estimator: rounded forward, the identity back."""
    rounded = smooth(jnp.round, R(3), reverse=lambda x, dy: dy)
    learner = supervised_step(MLP >> Para(Smooth).lift(rounded), quadratic(3), gradient_update(0.1))
    covector = jnp.round(MLP(PARAMETERS, INPUT)) - TARGET

    close(learner.put(*PARAMETERS, TARGET, INPUT), moved(-0.1, to_parameters(covector)))


@pytest.mark.paper("2103.01931", "Def 2.5")
def test_a_parametric_lens_made_by_hand_trains():
    get = smooth(jnp.round, R(3))
    put = smooth(lambda x, dy: dy, R(3) @ R(3))
    model = Reverse(MLP) >> Para(Lens(Smooth)).lift(lens(get, put))
    learner = supervised_step(model, quadratic(3), gradient_update(0.1))
    covector = jnp.round(MLP(PARAMETERS, INPUT)) - TARGET

    close(learner.put(*PARAMETERS, TARGET, INPUT), moved(-0.1, to_parameters(covector)))


def test_a_batch_of_such_lenses_takes_the_mean_of_their_steps():
    get, put = smooth(jnp.round, R(3)), smooth(lambda x, dy: dy, R(3) @ R(3))
    model = Reverse(MLP) >> Para(Lens(Smooth)).lift(lens(get, put))
    one = supervised_step(model, quadratic(3), gradient_update(0.1)).put
    each = jax.vmap(lambda y, x: one(*PARAMETERS, y, x))(YS, XS)

    batch = supervised_step(model, quadratic(3), gradient_update(0.1), batch=8)

    close(batch.put(*PARAMETERS, YS, XS), jax.tree.map(lambda x: jnp.mean(x, 0), each))


def test_a_lens_that_does_not_come_back_to_the_tangent_cannot_be_batched():
    model = Para(Lens(Smooth)).lift(lens(smooth(jnp.sin, R(3)), smooth(lambda x, dy: jnp.sum(dy), R(3) @ R(3))))

    with pytest.raises(WrongObject, match="comes back to the tangent"):
        supervised_step(model, quadratic(3), sgd(0.1), batch=4)


# ------------------------------------------------------------------------------------------------ random and discrete wires


def test_a_model_with_a_key_is_trained_on_its_euclidean_parameters():
    model = learn.dense(4, 3) >> learn.dropout(0.5, 3)
    p = model.init(key=KEY)
    learner = supervised_step(model, quadratic(3), gradient_update(0.1), batch=8)
    keys = jax.random.split(p[2], 8)

    def mean(w, b):
        masks = jax.vmap(lambda key: jax.random.bernoulli(key, 0.5, (3,)))(keys)
        return jnp.mean(0.5 * jnp.sum((jnp.where(masks, XS @ w + b[None], 0.0) / 0.5 - YS) ** 2, 1))

    put = learner.put(*p, YS, XS)

    close(put[:2], moved(-0.1, jax.grad(mean, (0, 1))(*p[:2]), p[:2]))
    assert put[2] == p[2]


# ------------------------------------------------------------------------------------------------ mistakes


def test_a_loss_that_does_not_meet_the_model_is_named():
    with pytest.raises(WrongObject, match=r"R\(4\) -> R\(3\)(.|\n)*R\(2\) -> R\(\)"):
        supervised_step(MLP, quadratic(2), sgd(0.1))


def test_a_cap_that_does_not_meet_the_loss_is_named():
    with pytest.raises(WrongObject, match="the cap must start where the loss ends"):
        supervised_step(MLP, quadratic(3), sgd(0.1), batch=8, cap=rate(-1.0))


def test_a_model_without_parameters_is_named():
    with pytest.raises(WrongCategory, match=r"Para\(Smooth\).lift"):
        supervised_step(smooth(jnp.sin, R(3)), quadratic(3), sgd(0.1))


def test_a_loss_without_a_label_is_named():
    with pytest.raises(WrongCategory, match="a loss is a parametric arrow"):
        supervised_step(MLP, smooth(jnp.sum, R(3)), sgd(0.1))


# ------------------------------------------------------------------------------------------------ other hardware


@pytest.mark.parametrize("optimiser", [sgd(0.1), adam(0.1)], ids=["sgd", "adam"])
@pytest.mark.parametrize("name", ["mlp", "conv", "dropout"])
def test_a_step_lowers_for_every_platform(name, optimiser):
    model = {
        "mlp": MLP,
        "conv": learn.conv((6, 6, 1), 2, 3) >> learn.flatten(6, 6, 2) >> learn.dense(72, 3),
        "dropout": learn.dense(4, 3) >> learn.dropout(0.5, 3),
    }[name]
    learner = supervised_step(model, cross_entropy(3), optimiser, batch=8)
    p = model.init(key=KEY)
    state = optimiser.init(model.parameter, p) + p

    assert lowers_everywhere(learner.update, state, (CLASSES, jnp.zeros((8, *model.dom.wires[0].shape))))
