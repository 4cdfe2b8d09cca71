"""Losses and rates, against optax, against jax.grad and against the closed forms of their ways back."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from catlearn import Fin, Para, R, Reverse, Smooth
from catlearn.learn import cross_entropy, dot, huber, quadratic, rate, soft_cross_entropy
from catlearn.theory.errors import WrongParameters

LABEL, PREDICTION = jnp.array([0.25, 0.5, 0.25]), jnp.array([2.0, -1.0, 0.5])
LOSSES = {
    "quadratic": (quadratic(3), lambda bt, bp: jnp.sum(optax.losses.l2_loss(bp, bt))),
    "soft cross-entropy": (soft_cross_entropy(3), lambda bt, bp: optax.softmax_cross_entropy(bp, bt)),
    "dot": (dot(3), jnp.dot),
    "huber": (huber(3, delta=0.75), lambda bt, bp: jnp.sum(optax.losses.huber_loss(bp, bt, delta=0.75))),
}


def close(x, y):
    assert jax.tree.structure(x) == jax.tree.structure(y)
    assert all(jax.tree.leaves(jax.tree.map(lambda a, b: np.allclose(a, b, rtol=1e-6, atol=1e-7), x, y))), f"{x}\n{y}"


def way_back(loss, label, prediction, a):
    return Reverse(loss).arrow.put(label, prediction, a)


@pytest.mark.paper("2103.01931", "Def 3.3")
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_a_parametric_arrow_whose_parameter_is_the_label(name):
    loss, reference = LOSSES[name]

    assert loss.category == Para(Smooth)
    assert (loss.parameter, loss.dom, loss.cod, loss.labels) == (R(3), R(3), R(), ("label",))
    close(loss((LABEL,), PREDICTION), reference(LABEL, PREDICTION))


@pytest.mark.float32
@pytest.mark.parametrize("name", LOSSES)
def test_the_way_back_of_a_loss_is_its_gradient_times_the_rate(name):
    loss, reference = LOSSES[name]
    d_label, d_prediction = jax.grad(reference, (0, 1))(LABEL, PREDICTION)

    close(way_back(loss, LABEL, PREDICTION, -0.5), (-0.5 * d_label, -0.5 * d_prediction))


@pytest.mark.paper("2103.01931", "Ex 3.4")
def test_the_quadratic_loss_asks_label_first_and_not_in_the_printed_order():
    to_label, to_prediction = way_back(quadratic(3), LABEL, PREDICTION, 2.0)

    close(to_label, 2.0 * (LABEL - PREDICTION))
    close(to_prediction, 2.0 * (PREDICTION - LABEL))
    assert not np.allclose(to_label, 2.0 * (PREDICTION - LABEL))


@pytest.mark.paper("2103.01931", "Ex 3.6")
def test_cross_entropy_sends_back_softmax_minus_label():
    _, to_prediction = way_back(soft_cross_entropy(3), LABEL, PREDICTION, 1.0)

    close(to_prediction, jax.nn.softmax(PREDICTION) - LABEL)


@pytest.mark.paper("2103.01931", "Ex 3.6")
def test_the_printed_cross_entropy_would_not_send_back_softmax_minus_label():
    printed = lambda bt, bp: jnp.sum(bt * (bp - jax.nn.log_softmax(bp)))
    gradient = jax.grad(printed, 1)(LABEL, PREDICTION)

    close(gradient, jnp.sum(LABEL) * jax.nn.softmax(PREDICTION))
    assert not np.allclose(gradient, jax.nn.softmax(PREDICTION) - LABEL)


@pytest.mark.paper("2103.01931", "Ex 3.7")
def test_the_dot_loss_sends_back_the_prediction_and_the_label():
    close(way_back(dot(3), LABEL, PREDICTION, 3.0), (3.0 * PREDICTION, 3.0 * LABEL))


@pytest.mark.float32
@pytest.mark.parametrize("label", [0, 1, 2])
def test_cross_entropy_of_a_class_is_the_soft_one_at_its_unit_vector(label):
    hard, soft = cross_entropy(3), soft_cross_entropy(3)
    vector = jax.nn.one_hot(label, 3)

    close(hard((label,), PREDICTION), soft((vector,), PREDICTION))
    close(way_back(hard, label, PREDICTION, 1.0), way_back(soft, vector, PREDICTION, 1.0)[1])


def test_cross_entropy_at_positions_is_the_mean_over_them():
    logits, labels = jax.random.normal(jax.random.key(0), (4, 3)), jnp.array([0, 2, 1, 1])
    loss = cross_entropy(3, 4)

    assert (loss.parameter, loss.dom) == (Fin(3).stacked(4), R(4, 3))
    close(loss((labels,), logits), jnp.mean(optax.softmax_cross_entropy_with_integer_labels(logits, labels)))


def test_cross_entropy_of_large_logits_neither_overflows_nor_loses_its_gradient():
    logits = jnp.array([1e4, 0.0, -1e4])

    close(cross_entropy(3)((1,), logits), 1e4)
    close(way_back(cross_entropy(3), 1, logits, 1.0), jnp.array([1.0, -1.0, 0.0]))


def test_a_label_out_of_range_is_refused():
    with pytest.raises(WrongParameters, match=r"an integer in 0\.\.2"):
        cross_entropy(3)((3,), PREDICTION)


@pytest.mark.parametrize("delta", [0.0, -1.0, float("nan"), float("inf")])
def test_huber_needs_a_positive_delta(delta):
    with pytest.raises(ValueError, match="positive delta"):
        huber(2, delta=delta)


@pytest.mark.paper("2103.01931", "Def 3.8")
@pytest.mark.paper("2103.01931", "Ex 3.9")
def test_a_constant_rate_is_a_cap_that_does_not_look_at_the_loss():
    alpha = rate(-0.25)

    assert (len(alpha.cod.fwd), len(alpha.cod.bwd)) == (0, 0)
    assert [float(alpha.put(loss)) for loss in (0.0, 8.0, -3.0)] == [-0.25, -0.25, -0.25]


def test_a_rate_may_climb_or_be_proportional_to_the_loss():
    assert float(rate(0.25).put(8.0)) == 0.25
    assert float(rate(-0.25, proportional=True).put(8.0)) == -2.0


def test_the_rate_of_a_batch_is_that_of_the_mean_loss():
    losses = jnp.array([1.0, 2.0, 3.0, 6.0])

    close(rate(-0.5, R(4)).put(losses), jnp.full(4, -0.125))
    close(rate(-0.5, R(4), proportional=True).put(losses), -0.125 * losses)
