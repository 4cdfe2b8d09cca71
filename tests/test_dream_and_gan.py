"""Dreaming and adversarial learning: against closed forms and jax.grad, and each put to a small real use."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from programs import lowers_everywhere

from catlearn import Lens, Para, R, Reverse, Smooth, learn, para, reparametrise, smooth
from catlearn.constructions import flip
from catlearn.learn import (
    adam,
    ascent,
    cross_entropy,
    dense,
    dot,
    dream,
    dream_step,
    fit,
    game,
    gan_step,
    gradient_update,
    latent,
    momentum,
    nesterov,
    payoff,
    players,
    quadratic,
    rmsprop,
    tanh,
)
from catlearn.learn.gan import log_likelihood
from catlearn.theory.errors import WrongObject

KEY = jax.random.key(0)
MODEL = dense(4, 5) >> tanh(5) >> dense(5, 3)
P = MODEL.init(key=KEY)
A, LABEL = jnp.array([0.3, -1.0, 0.7, 2.0]), jnp.array([0.2, 0.5, 0.3])


def close(x, y):
    tol = 1e-12 if jnp.result_type(float) == jnp.float64 else 1e-5
    for a, b in zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=True):
        np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


# ------------------------------------------------------------------------------------------------ dreaming


def test_flip_exchanges_parameter_and_input():
    flipped = flip(MODEL)

    assert (flipped.parameter, flipped.dom, flipped.labels) == (R(4), MODEL.parameter, ("input",))
    close(flipped((A,), *P), MODEL(P, A))
    assert Para(Smooth).close(flip(flipped), MODEL)


@pytest.mark.paper("2103.01931", "Ex 4.5")
def test_with_the_dot_loss_a_dream_step_does_not_look_at_the_prediction():
    step = dream_step(MODEL, dot(3), ascent(gradient_update(0.5)))
    snd = Smooth.R(MODEL.arrow)(*P, A, LABEL)[-1]

    close(step.put(A, LABEL, *P), A + 0.5 * snd)

    # another last bias is another prediction, and the same step
    other = (*P[:3], P[3] + 10.0)
    close(step.put(A, LABEL, *other), A + 0.5 * snd)


@pytest.mark.float32
@pytest.mark.paper("2103.01931", "T5.3")
@pytest.mark.parametrize("optimiser", [gradient_update(0.1), momentum(0.1, 0.5), nesterov(0.1, 0.5), adam(0.1)])
def test_a_dream_step_moves_the_input_where_the_optimiser_looks(optimiser):
    step = dream_step(MODEL, quadratic(3), optimiser)
    U = optimiser.lens(R(4))
    state = (*(wire.zeros() + 1 for wire in optimiser.state(R(4)).wires), A)
    seen = U.get(*state)
    back = jax.grad(lambda a: quadratic(3)((LABEL,), MODEL(P, a)))(seen)

    close(step.put(*state, LABEL, *P), U.put(*state, optimiser.rate * back))


def test_a_dream_is_the_iterate_of_the_step():
    step = dream_step(MODEL, quadratic(3), gradient_update(0.1))
    a = A
    for _ in range(10):
        a = step.put(a, LABEL, *P)

    run = dream(MODEL, quadratic(3), gradient_update(0.1), P, LABEL, start=A, steps=10)

    close(run.parameters[0], a)
    close(run.history.loss[0], quadratic(3)((LABEL,), MODEL(P, A)))


@pytest.mark.slow
def test_a_trained_classifier_dreams_an_image_of_a_class():
    """Digits: the image that is dreamt for a class is taken for it, also by a classifier that was not asked."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    images = images / 16.0
    model, loss = dense(64, 32) >> tanh(32) >> dense(32, 10), cross_entropy(10)
    one, two = (
        fit(model, loss, adam(0.01), (images, labels), steps=300, batch=64, key=jax.random.key(seed)) for seed in (0, 1)
    )

    grey = jnp.full(64, images.mean())
    for digit in (0, 3):
        dreamt = dream(model, loss, gradient_update(0.5), one.parameters, digit, start=grey, steps=60).parameters[0]
        assert jax.nn.softmax(one(dreamt))[digit] > 0.95
        assert int(jnp.argmax(two(dreamt))) == digit
        means = np.stack([images[labels == k].mean(0) for k in range(10)])
        correlation = np.corrcoef(np.vstack([dreamt - grey, means - images.mean(0)]))[0, 1:]
        assert int(np.argmax(correlation)) == digit  # it looks like the mean image of its class


# ------------------------------------------------------------------------------------------------ adversarial learning

G = dense(2, 3) >> tanh(3) >> dense(3, 4)
D = dense(4, 5) >> tanh(5) >> dense(5, 1) >> learn.reshape((1,), ())
p, q = G.init(key=KEY), D.init(key=jax.random.key(1))
Z, X = jnp.array([0.5, -0.25]), A


def value(p, q, z=Z, x=X):
    return D(q, x) - D(q, G(p, z))


@pytest.mark.paper("2103.01931", "GAN")
def test_the_game_has_the_value_of_real_minus_generated():
    V = game(G, D)

    assert (V.parameter, V.dom, V.cod) == (G.parameter @ D.parameter, R(2) @ R(4), R())
    assert V.labels[0] == "generator.dense.weight"
    assert V.labels[4] == "discriminator.dense.weight"
    close(V(p + q, Z, X), value(p, q))
    assert [x.shape for x in V.init(key=KEY)] == [x.shape for x in p + q]


@pytest.mark.float32
@pytest.mark.paper("2103.01931", "GAN")
def test_a_step_of_the_game_is_two_gradients_of_its_value():
    step = gan_step(G, D, gradient_update(0.1), gradient_update(0.3))
    dp, dq = jax.grad(value, (0, 1))(p, q)

    moved = step.put(*p, *q, Z, X)

    close(moved[:4], jax.tree.map(lambda x, d: x - 0.1 * d, p, dp))
    close(moved[4:], jax.tree.map(lambda x, d: x + 0.3 * d, q, dq))


@pytest.mark.paper("2103.01931", "GAN")
def test_the_step_is_the_reverse_of_the_game_along_the_tensor_of_two_optimisers():
    """Cap with +1; reparametrise along (descend on P) ⊗ (ascend on Q), as lenses."""
    lenses = Para(Lens(Smooth))
    down, up = momentum(1.0, 0.5).lens(G.parameter), gradient_update(1.0).lens(D.parameter)
    minus = Lens(Smooth).adapter(Smooth.id(G.parameter), smooth(lambda *d: tuple(-x for x in d), G.parameter.tangent))
    closed = Reverse(game(G, D)) >> lenses.lift(learn.rate(1.0))
    assembly = reparametrise(closed, (down >> minus) @ up).arrow.put
    s = jax.tree.map(jnp.ones_like, p)

    ours = gan_step(G, D, momentum(1.0, 0.5), gradient_update(1.0))

    close(ours.put(*s, *p, *q, Z, X), assembly(*s, *p, *q, Z, X)[: 3 * 4])


@pytest.mark.slow
def test_two_optimisers_with_states_play_like_two_optax_transformations():
    step = gan_step(G, D, adam(0.01), rmsprop(0.02), batch=8)
    zs, xs = jax.random.normal(KEY, (8, 2)), jax.random.normal(KEY, (8, 4))
    U = players(G, adam(0.01), rmsprop(0.02))
    state = U.init(game(G, D).parameter, p + q) + p + q

    mean = lambda p, q: jnp.mean(jax.vmap(lambda z, x: value(p, q, z, x))(zs, xs))
    P_, Q_, down, up = p, q, optax.adam(0.01), optax.rmsprop(0.02)
    s, t = down.init(p), up.init(q)
    update = jax.jit(step.update)
    for _ in range(4):
        state, _ = update(state, (zs, xs))
        dp, dq = jax.grad(mean, (0, 1))(P_, Q_)
        with jax.numpy_dtype_promotion("standard"):
            dp, s = down.update(dp, s)
            dq, t = up.update(jax.tree.map(jnp.negative, dq), t)
        P_, Q_ = optax.apply_updates(P_, dp), optax.apply_updates(Q_, dq)

    close(state[-8:], P_ + Q_)


def test_the_log_likelihood_is_that_of_a_discriminator_of_log_odds():
    V = game(G, D, score=log_likelihood)
    odds = jax.nn.sigmoid

    close(V(p + q, Z, X), jnp.log(odds(D(q, X))) + jnp.log(1 - odds(D(q, G(p, Z)))))


@pytest.mark.parametrize("discriminator", [dense(3, 1), dense(4, 1)])
def test_a_discriminator_that_does_not_meet_the_generator_is_named(discriminator):
    with pytest.raises(WrongObject, match=r"a discriminator is an arrow R\(4\) -> R\(\)"):
        game(G, discriminator)


def test_noise_is_drawn_afresh_at_every_step_and_for_every_example():
    shift = para(R(), smooth(lambda w, z: w + z, R() @ R()), init=[lambda wire, key: wire.zeros()])
    none = para(R(), smooth(lambda x, y: y + 0.0 * x, R() @ R()))
    data = (jnp.zeros((64, 0)), jnp.zeros(64))
    start = Para(Smooth).lift(Smooth.discard(R(0))) >> latent()

    run = fit(start >> shift, none, gradient_update(0.0), data, steps=5, batch=64, key=KEY)

    assert len(set(run.history.loss.tolist())) == 5
    assert 0.01 < run.history.loss.std() < 0.4  # the mean of 64 normals has deviation 1/8; one normal would have 1


@pytest.mark.slow
def test_a_generator_learns_the_distribution_of_the_petals():
    """Iris: petal length and width, standardised; the generated cloud has their means, deviations and correlation."""
    from sklearn.datasets import load_iris

    petals = load_iris().data[:, 2:]
    petals = (petals - petals.mean(0)) / petals.std(0)
    generator = latent(2) >> dense(2, 16) >> tanh(16) >> dense(16, 2)
    discriminator = dense(2, 16) >> tanh(16) >> dense(16, 1) >> learn.reshape((1,), ())
    V = game(generator, discriminator, score=log_likelihood)
    rates = players(generator, adam(0.003, beta1=0.5), adam(0.006, beta1=0.5))

    run = fit(V, payoff(), rates, (petals, ()), steps=3000, batch=50, key=jax.random.key(3))

    g = run.parameters[: len(generator.parameter)]
    draw = jax.vmap(lambda key: generator((key, *g[1:])))
    cloud = np.asarray(draw(jax.random.split(KEY, 2000)))
    np.testing.assert_allclose(cloud.mean(0), [0.0, 0.0], atol=0.4)
    np.testing.assert_allclose(cloud.std(0), [1.0, 1.0], atol=0.4)
    assert np.corrcoef(cloud.T)[0, 1] > 0.85  # of the petals: 0.96


# ------------------------------------------------------------------------------------------------ other hardware


def test_dreaming_and_playing_lower_for_every_platform():
    dreaming, playing = dream_step(MODEL, dot(3), ascent(adam(0.1))), gan_step(G, D, adam(0.1), adam(0.1))
    s = adam(0.1).init(R(4), (A,))
    t = players(G, adam(0.1), adam(0.1)).init(game(G, D).parameter, p + q)

    assert lowers_everywhere(dreaming.update, (*s, A), (LABEL, *P))
    assert lowers_everywhere(playing.update, (*t, *p, *q), (Z, X))
