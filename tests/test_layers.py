"""Layers, each against equinox with the same weights, under `Batch` and `Reverse`, and on every platform."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import slow
from programs import last_file, lowers_everywhere, operations

from catlearn import Batch, CatlearnError, Fin, Para, R, Reverse, Smooth, smooth
from catlearn.learn import (
    attention,
    conv,
    dense,
    dropout,
    elementwise,
    embedding,
    evaluation,
    flatten,
    gelu,
    layer_norm,
    leaky_relu,
    log_softmax,
    max_pool,
    mean_pool,
    positions,
    relu,
    reshape,
    residual,
    rms_norm,
    sequential,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
    transformer_block,
)
from catlearn.theory.errors import NotAdditive, NotComposable, WrongCategory, WrongCodomain, WrongLayer, WrongValue

KEY = jax.random.key(0)


def with_weights(module, **weights):
    """The equinox module with these leaves in place of its own."""
    for name, value in weights.items():
        path = name.split("__")
        module = eqx.tree_at(lambda m, path=path: follow(m, path), module, value)
    return module


def follow(module, path):
    for name in path:
        module = getattr(module, name)
    return module


def channels_first(f):
    """A function of one image with channels first, as one with channels last."""
    return lambda x: jnp.moveaxis(f(jnp.moveaxis(x, -1, 0)), 0, -1)


def eqx_dense(weight, bias):
    return with_weights(eqx.nn.Linear(weight.shape[0], weight.shape[1], key=KEY), weight=weight.T, bias=bias)


def eqx_conv(weight, bias, **settings):
    into, out = weight.shape[2] * settings.get("groups", 1), weight.shape[3]
    module = eqx.nn.Conv2d(into, out, weight.shape[:2], key=KEY, **settings)
    return channels_first(with_weights(module, weight=jnp.transpose(weight, (3, 2, 0, 1)), bias=bias[:, None, None]))


def eqx_attention(query, key, value, output, heads):
    projections = {"query_proj": query, "key_proj": key, "value_proj": value, "output_proj": output}
    module = eqx.nn.MultiheadAttention(heads, query.shape[0], key=KEY)
    return with_weights(module, **{f"{name}__weight": weight.T for name, weight in projections.items()})


def causal_mask(length):
    return jnp.tri(length, dtype=bool)


LAYERS = {
    "dense": (lambda: dense(3, 4), lambda w, b: eqx_dense(w, b)),
    "dense without bias": (
        lambda: dense(3, 4, bias=False),
        lambda w: with_weights(eqx.nn.Linear(3, 4, use_bias=False, key=KEY), weight=w.T),
    ),
    "dense with activation": (
        lambda: dense(3, 4, activation=jnp.tanh),
        lambda w, b: lambda x: jnp.tanh(eqx_dense(w, b)(x)),
    ),
    "conv same": (lambda: conv((6, 5, 2), 3, 3), lambda w, b: eqx_conv(w, b, padding="SAME")),
    "conv valid, strided": (
        lambda: conv((7, 5, 2), 3, (3, 2), stride=2, padding="VALID"),
        lambda w, b: eqx_conv(w, b, stride=2),
    ),
    "conv padded, dilated": (
        lambda: conv((7, 6, 2), 4, 3, padding=((2, 1), (0, 3)), dilation=2, stride=(1, 2)),
        lambda w, b: eqx_conv(w, b, padding=((2, 1), (0, 3)), dilation=2, stride=(1, 2)),
    ),
    "conv in groups": (
        lambda: conv((5, 5, 4), 6, 2, groups=2, padding=1),
        lambda w, b: eqx_conv(w, b, groups=2, padding=1),
    ),
    "conv of a signal": (
        lambda: conv((9, 2), 3, 4, padding="VALID"),
        lambda w, b: channels_first(
            with_weights(eqx.nn.Conv1d(2, 3, 4, key=KEY), weight=jnp.transpose(w, (2, 1, 0)), bias=b[:, None])
        ),
    ),
    "max pool": (lambda: max_pool((6, 4, 2)), lambda: channels_first(eqx.nn.MaxPool2d(2, 2))),
    "max pool, overlapping": (
        lambda: max_pool((6, 5, 2), (3, 2), stride=1, padding=((1, 1), (0, 1))),
        lambda: channels_first(eqx.nn.MaxPool2d((3, 2), 1, ((1, 1), (0, 1)))),
    ),
    "mean pool": (lambda: mean_pool((6, 4, 2)), lambda: channels_first(eqx.nn.AvgPool2d(2, 2))),
    "mean pool of the image": (
        lambda: mean_pool((6, 4, 2), (6, 4)),
        lambda: lambda x: jnp.mean(x, axis=(0, 1), keepdims=True),
    ),
    "embedding": (lambda: embedding(5, 3), lambda w: eqx.nn.Embedding(weight=w)),
    "embedding of a sequence": (
        lambda: embedding(5, 3, length=4),
        lambda w: jax.vmap(eqx.nn.Embedding(weight=w)),
    ),
    "layer norm": (
        lambda: layer_norm(4, 3),
        lambda w, b: with_weights(eqx.nn.LayerNorm((4, 3)), weight=w, bias=b),
    ),
    "rms norm": (
        lambda: rms_norm(5, eps=1e-5),
        lambda w: with_weights(eqx.nn.RMSNorm(5, eps=1e-5, use_bias=False), weight=w),
    ),
    "attention": (
        lambda: attention(5, 6, 3),
        lambda *weights: lambda x: eqx_attention(*weights, heads=3)(x, x, x),
    ),
    "causal attention": (
        lambda: attention(5, 6, 2, causal=True),
        lambda *weights: lambda x: eqx_attention(*weights, heads=2)(x, x, x, mask=causal_mask(5)),
    ),
    "positions": (lambda: positions(4, 3), lambda w: lambda x: x + w),
    "flatten": (lambda: flatten(3, 2), lambda: lambda x: x.reshape(6)),
    "reshape": (lambda: reshape((3, 4), (2, 6)), lambda: lambda x: x.reshape(2, 6)),
    "residual": (lambda: residual(dense(3, 3)), lambda w, b: lambda x: eqx_dense(w, b)(x) + x),
    "relu": (lambda: relu(3, 2), lambda: jax.nn.relu),
    "leaky relu": (lambda: leaky_relu(4, slope=0.2), lambda: lambda x: jax.nn.leaky_relu(x, 0.2)),
    "gelu": (lambda: gelu(3), lambda: jax.nn.gelu),
    "exact gelu": (lambda: gelu(3, approximate=False), lambda: lambda x: jax.nn.gelu(x, approximate=False)),
    "silu": (lambda: silu(3), lambda: jax.nn.silu),
    "tanh": (lambda: tanh(3), lambda: jnp.tanh),
    "sigmoid": (lambda: sigmoid(3), lambda: jax.nn.sigmoid),
    "softplus": (lambda: softplus(3), lambda: jax.nn.softplus),
    "softmax": (lambda: softmax(3, 4), lambda: lambda x: jax.nn.softmax(x, axis=-1)),
    "log softmax": (lambda: log_softmax(3, 4), lambda: lambda x: jax.nn.log_softmax(x, axis=-1)),
    "elementwise": (lambda: elementwise(jnp.sin, 3), lambda: jnp.sin),
}

KINDS = ("dense", "conv valid, strided", "max pool", "embedding", "layer norm", "causal attention", "gelu", "softmax")
each_layer = pytest.mark.parametrize("name", LAYERS)
each_kind = pytest.mark.parametrize("name", [*KINDS, *slow(*(name for name in LAYERS if name not in KINDS))])


def scene(name):
    """A layer, random parameters (the initial ones are partly zero), an input, and equinox with the same weights."""
    make, reference = LAYERS[name]
    f = make()
    parameters = tuple(numbers(w, seed=i) for i, w in enumerate(f.parameter.wires))
    (x,) = f.dom.wires
    return f, parameters, numbers(x, seed=7), reference(*parameters)


def numbers(wire, seed):
    """A random value of a wire, drawn by numpy where it holds floats, for which nothing is compiled."""
    aval = wire.aval()
    if not jnp.issubdtype(aval.dtype, jnp.floating):
        return wire.random(jax.random.key(seed))
    return jnp.asarray(np.random.default_rng(seed).normal(size=aval.shape), aval.dtype)


def close(a, b):
    tol = 1e-9 if jax.config.read("jax_enable_x64") else 2e-5
    return all(
        x.shape == y.shape and bool(np.allclose(x, y, rtol=tol, atol=tol))
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


@pytest.mark.float32
@each_layer
def test_a_layer_is_the_layer_of_equinox_with_the_same_weights(name):
    f, parameters, x, reference = scene(name)

    with jax.numpy_dtype_promotion("standard"):
        expected = jax.jit(lambda x: reference(x))(x)

    assert close(jax.jit(f)(parameters, x), expected)


@pytest.mark.float32
@each_layer
def test_a_layer_keeps_the_default_float(name):
    f = LAYERS[name][0]()
    fresh = jax.eval_shape(lambda key: f.init(key=key), KEY)

    value = jax.eval_shape(lambda p, *xs: jax.vjp(f, p, *xs)[0], fresh, *f.dom.avals())  # and its way back is traced

    assert {leaf.dtype for leaf in jax.tree.leaves(value)} == {jnp.zeros(()).dtype}


@each_kind
def test_the_way_back_of_a_layer_is_the_gradient_of_the_reference(name):
    f, parameters, x, _ = scene(name)
    dy = f.cod.random(key=jax.random.key(3))
    moving = (*parameters, x) if f.dom.euclidean else parameters

    def paired(*moving):
        weights = moving[: len(parameters)]
        reference = LAYERS[name][1](*weights)
        return jnp.vdot(reference(moving[-1] if f.dom.euclidean else x), dy)

    with jax.numpy_dtype_promotion("standard"):
        expected = jax.jit(jax.grad(paired, argnums=tuple(range(len(moving)))))(*moving) if moving else ()
    back = jax.jit(Reverse(f).arrow.put)(*parameters, x, dy)

    assert close(back, expected)


@each_kind
def test_a_batch_is_the_stack_of_its_examples(name):
    f, parameters, _, _ = scene(name)
    xs = f.dom.stacked(4).random(key=KEY)
    order = jnp.array([2, 0, 3, 1])

    @jax.jit
    def run(parameters, xs):
        in_pairs = Batch(2)(Batch(2)(f))(parameters, xs.reshape(2, 2, *xs.shape[1:]))
        return Batch(4)(f)(parameters, xs), Batch(4)(f)(parameters, xs[order]), in_pairs

    ys, permuted, in_pairs = run(parameters, xs)
    one = jax.jit(f)

    assert Batch(4)(f).cod == f.cod.stacked(4)
    assert close(ys, jnp.stack([one(parameters, x) for x in xs]))
    assert close(permuted, ys[order])
    assert close(in_pairs.reshape(ys.shape), ys)


@pytest.mark.parametrize(
    "name",
    [
        "conv valid, strided",
        *slow("max pool", "embedding", "layer norm", "attention"),
    ],
)
def test_the_gradient_of_a_batch_is_the_sum_of_the_gradients(name):
    f, parameters, _, _ = scene(name)
    xs, dys = f.dom.stacked(3).random(key=KEY), f.cod.stacked(3).random(key=KEY)
    n = len(parameters)

    together = jax.tree.leaves(Reverse(Batch(3)(f)).arrow.put(*parameters, xs, dys))
    apart = [jax.tree.leaves(Reverse(f).arrow.put(*parameters, x, dy)) for x, dy in zip(xs, dys, strict=True)]

    assert close(together[:n], [sum(gradients) for gradients in zip(*apart, strict=True)][:n])
    assert close(together[n:], [jnp.stack(back) for back in list(zip(*apart, strict=True))[n:]])


@each_kind
def test_a_layer_that_is_built_twice_is_one_program(name):
    traces = []

    @jax.jit
    def run(f, parameters, x):
        traces.append(name)
        return f(parameters, x)

    for _ in range(3):
        f, parameters, x, _ = scene(name)
        run(f, parameters, x)

    assert len(traces) == 1
    assert LAYERS[name][0]() == LAYERS[name][0]()


@each_kind
def test_parameters_in_half_precision_give_values_in_half_precision(name):
    f, parameters, x, _ = scene(name)
    cast = lambda a: a.astype("bfloat16") if jnp.issubdtype(a.dtype, jnp.floating) else a
    low = jax.tree.map(cast, (parameters, x))

    y = jax.jit(f)(*low)

    assert y.dtype == "bfloat16"
    assert np.allclose(y.astype(float), jax.jit(f)(parameters, x), atol=0.15, rtol=0.05)


def test_labels_say_layer_and_weight_and_repeats_are_numbered():
    model = sequential(conv((8, 8, 1), 2, 3), flatten(8, 8, 2), dense(128, 4), relu(4), dense(4, 2))

    assert model.labels == (
        "conv.weight",
        "conv.bias",
        "dense.weight",
        "dense.bias",
        "dense.weight_2",
        "dense.bias_2",
    )


def test_fresh_weights_have_the_variance_that_the_initialiser_promises():
    weight, bias = dense(400, 600).init(key=KEY)
    kernel, _ = conv((8, 8, 64), 128, 3).init(key=KEY)
    (table,) = embedding(1000, 64).init(key=KEY)

    assert np.allclose(jnp.var(weight), 2 / 1000, rtol=0.02)
    assert np.allclose(jnp.var(kernel), 2 / (9 * 64), rtol=0.02)
    assert np.allclose(jnp.var(table), 1 / 64, rtol=0.02)
    assert jnp.all(bias == 0)


def test_an_initialiser_of_the_user_is_used():
    from catlearn.constructions.initialise import Constant

    weight, _ = dense(2, 3, init=Constant(0.5)).init(key=KEY)

    assert jnp.all(weight == 0.5)


def test_sequential_lifts_smooth_maps():
    model = sequential(dense(2, 3), smooth(jnp.sum, R(3)))

    assert model.cod == R()
    assert close(model(([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [0.0, 0.0, 1.0]), [2.0, 3.0]), jnp.asarray(6.0))


# ------------------------------------------------------------------------------------------------ dropout


@pytest.mark.float32
def test_dropout_is_that_of_equinox_at_the_same_key():
    f, x = dropout(0.25, 50), jax.random.normal(jax.random.key(1), (50,))

    assert close(f((KEY,), x), eqx.nn.Dropout(0.25)(x, key=KEY))


def test_dropout_keeps_the_mean_and_drops_at_the_rate():
    f, x = dropout(0.25, 1000), jnp.ones(1000)

    ys = jax.vmap(lambda key: f((key,), x))(jax.random.split(KEY, 200))

    assert abs(float(jnp.mean(ys == 0)) - 0.25) < 0.005
    assert abs(float(jnp.mean(ys)) - 1) < 0.01


def test_each_example_of_a_batch_draws_its_own_mask():
    f = dense(6, 6) >> dropout(0.5, 6)
    weight, bias, key = f.init(key=KEY)
    xs = jnp.ones((4, 6))

    ys = Batch(4)(f)((weight, bias, key), xs)

    keys = jax.random.split(key, 4)
    assert close(ys, jnp.stack([f((weight, bias, k), x) for k, x in zip(keys, xs, strict=True)]))
    assert len({tuple(row) for row in (ys == 0).tolist()}) > 1


def test_each_position_of_each_example_of_a_batch_draws_its_own_mask():
    f = Batch(3)(Batch(2)(dropout(0.5, 8)))

    ys = f((KEY,), jnp.ones((3, 2, 8)))

    assert len({tuple(row) for row in (ys == 0).reshape(6, 8).tolist()}) > 3


def test_the_layers_of_a_power_draw_masks_of_their_own():
    f = dropout(0.5, 20) ** 2
    (keys,) = f.init(key=KEY)

    once = dropout(0.5, 20)
    assert close(f((keys,), jnp.ones(20)), once((keys[1],), once((keys[0],), jnp.ones(20))))
    assert Batch(3)(f)((keys,), jnp.ones((3, 20))).shape == (3, 20)


def test_evaluation_puts_the_mean_in_the_place_of_each_dropout():
    model = (dense(4, 4) >> dropout(0.5, 4) >> relu(4)) ** 2 >> dropout(0.9, 4) >> dense(4, 2)
    plain = (dense(4, 4) >> relu(4)) ** 2 >> dense(4, 2)
    parameters = model.init(key=KEY)
    weights = tuple(p for p in parameters if jnp.issubdtype(p.dtype, jnp.floating))
    xs = R(5, 4).random(key=KEY)

    quiet = evaluation(model)

    assert quiet.parameter == model.parameter
    assert quiet.labels == model.labels
    assert close(quiet(parameters, xs[0]), plain(weights, xs[0]))
    assert close(evaluation(Batch(5)(model))(parameters, xs), Batch(5)(plain)(weights, xs))
    assert evaluation(quiet) == quiet
    assert evaluation(plain) == plain


def test_evaluation_respects_composition():
    f, g = dense(3, 3) >> dropout(0.5, 3), dropout(0.1, 3) >> dense(3, 2)

    assert evaluation(f >> g) == evaluation(f) >> evaluation(g)


def test_dropout_of_rate_zero_is_the_identity():
    assert close(dropout(0.0, 3)((KEY,), jnp.arange(3.0)), jnp.arange(3.0))


def test_nothing_comes_back_to_a_key():
    lens = Reverse(dropout(0.5, 3))

    assert lens.dom.bwd == R(3)
    assert lens.arrow.put(KEY, jnp.ones(3), jnp.ones(3)).shape == (3,)


# ------------------------------------------------------------------------------------------------ bad arguments

BAD = {
    "a negative size": lambda: dense(-1, 3),
    "a size that is a truth value": lambda: dense(True, 3),
    "a size of zero": lambda: relu(3, 0),
    "heads that do not divide": lambda: attention(4, 6, 4),
    "no heads": lambda: attention(4, 6, 0),
    "a window larger than the image": lambda: conv((4, 4, 1), 2, 5, padding="VALID"),
    "a dilated window larger than the image": lambda: conv((4, 4, 1), 2, 3, padding="VALID", dilation=2),
    "a pool larger than the image": lambda: max_pool((4, 4, 1), 5),
    "an unknown padding": lambda: conv((4, 4, 1), 2, 3, padding="FULL"),
    "a negative padding": lambda: conv((4, 4, 1), 2, 3, padding=-1),
    "paddings for too few axes": lambda: conv((4, 4, 1), 2, 3, padding=((1, 1),)),
    "a kernel with too many axes": lambda: conv((4, 4, 1), 2, (3, 3, 3)),
    "groups that do not divide": lambda: conv((4, 4, 3), 4, 3, groups=2),
    "an image without channels": lambda: conv((4,), 4, 3),
    "a stride of zero": lambda: mean_pool((4, 4, 1), 2, stride=0),
    "a rate of one": lambda: dropout(1.0, 3),
    "a negative rate": lambda: dropout(-0.1, 3),
    "an eps of zero": lambda: layer_norm(3, eps=0.0),
    "shapes of different sizes": lambda: reshape((2, 3), (5,)),
    "a vocabulary of nothing": lambda: embedding(0, 3),
    "a sequence without length": lambda: embedding(3, 3, length=0),
    "no layers": lambda: sequential(),
    "a residual around a change of size": lambda: residual(dense(2, 3)),
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_layer_that_cannot_be_is_refused_at_the_line_that_asks_for_it(mistake):
    with pytest.raises(WrongLayer) as caught:
        BAD[mistake]()

    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, CatlearnError)
    assert last_file(caught) == "test_layers.py"


def test_layers_that_do_not_meet_are_refused():
    with pytest.raises(NotComposable, match=r"f ends at R\(3\), but g starts at R\(4\)"):
        sequential(dense(2, 3), dense(4, 2))


def test_a_lens_is_no_layer():
    with pytest.raises(WrongCategory):
        sequential(dense(2, 3), Reverse(smooth(jnp.sin, R(3))))


def test_an_activation_must_keep_the_shape():
    with pytest.raises(WrongCodomain):
        dense(2, 3, activation=jnp.sum)


def test_a_residual_needs_wires_that_can_be_added():
    with pytest.raises(NotAdditive):
        residual(Para(Smooth).id(Fin(2)))


def test_a_batch_of_inputs_is_refused_with_the_cure():
    f = dense(3, 2)

    with pytest.raises(WrongValue, match=r"Batch\(n\)\(f\)"):
        f(f.init(key=KEY), jnp.ones((5, 3)))


# ------------------------------------------------------------------------------------------------ no overhead


def mlp(parameters, x):
    w1, b1, w2, b2 = parameters
    return jax.nn.gelu(x @ w1 + b1[None]) @ w2 + b2[None]


def cnn(parameters, x):
    kernel, bias, w, b = parameters
    y = jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    y = jax.nn.relu(y + bias[None, None, None])
    y = jax.lax.reduce_window(y, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return y.reshape(x.shape[0], -1) @ w + b[None]


def norm(x, weight, bias):
    centred = x - jnp.mean(x)
    return weight * (centred * jax.lax.rsqrt(jnp.mean(centred**2) + 1e-5)) + bias


def transformer_of_one(parameters, x):
    g1, c1, q, k, v, o, g2, c2, w1, b1, w2, b2 = parameters
    heads, (length, d) = 2, x.shape
    y = jax.vmap(lambda x: norm(x, g1, c1))(x)
    q, k, v = [(y @ w).reshape(length, heads, d // heads) for w in (q, k, v)]
    scores = jnp.einsum("shc,thc->hst", q, k) / (d // heads) ** 0.5
    x = x + jnp.einsum("hst,thc->shc", jax.nn.softmax(scores), v).reshape(length, d) @ o
    return x + jax.vmap(lambda x: jax.nn.gelu(norm(x, g2, c2) @ w1 + b1) @ w2 + b2)(x)


transformer = jax.vmap(transformer_of_one, in_axes=(None, 0))


MODELS = {
    "perceptron": (lambda: dense(8, 16) >> gelu(16) >> dense(16, 4), mlp),
    "convolutional": (
        lambda: conv((8, 8, 1), 4, 3) >> relu(8, 8, 4) >> max_pool((8, 8, 4)) >> flatten(4, 4, 4) >> dense(64, 4),
        cnn,
    ),
    "transformer": (lambda: transformer_block(6, 8, 2, hidden=16), transformer),
}


each_model = pytest.mark.parametrize("name", ["perceptron", *slow("convolutional", "transformer")])


@each_model
def test_a_batched_model_has_the_operations_of_the_handwritten_one(name):
    make, by_hand = MODELS[name]
    f = Batch(5)(make())
    parameters, x = f.init(key=KEY), f.dom.random(key=KEY)

    assert close(f(parameters, x), by_hand(parameters, x))
    assert operations(f, parameters, x) == operations(by_hand, parameters, x)


@each_model
def test_the_gradient_of_a_batched_model_has_the_operations_of_the_handwritten_one(name):
    make, by_hand = MODELS[name]
    f = Batch(5)(make())
    parameters, x, dy = f.init(key=KEY), f.dom.random(key=KEY), f.cod.random(key=KEY)

    composed = lambda parameters, x, dy: Reverse(f).arrow.put(*parameters, x, dy)
    gradient = lambda parameters, x, dy: jax.vjp(by_hand, parameters, x)[1](dy)

    assert close(composed(parameters, x, dy), gradient(parameters, x, dy))
    assert operations(composed, parameters, x, dy) == operations(gradient, parameters, x, dy)


EXPORTED = {
    **{name: make for name, (make, _) in LAYERS.items()},
    **{name: make for name, (make, _) in MODELS.items()},
    "dropout": lambda: dropout(0.5, 3),
}


@pytest.mark.parametrize("name", EXPORTED)
def test_a_layer_lowers_for_every_platform_under_batch_and_reverse(name):
    f = Reverse(Batch(2)(EXPORTED[name]())).arrow.put
    assert lowers_everywhere(lambda *xs: Smooth.apply(f, xs), *f.dom.avals())
