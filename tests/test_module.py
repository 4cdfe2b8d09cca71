"""Parametric arrows from modules of equinox, and back."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from cases import slow
from programs import last_file, lowers_everywhere, operations

from catlearn import Batch, Fin, Key, Para, R, Reverse, Smooth, freeze, smooth
from catlearn.constructions import as_module, from_module, with_parameters
from catlearn.learn import dense, dropout, embedding, relu, tanh
from catlearn.theory.errors import WrongModule, WrongObject, WrongParameters

KEY = jax.random.key(0)

MODULES = {
    "Linear": lambda: (eqx.nn.Linear(3, 2, key=KEY), R(3)),
    "Linear to a number": lambda: (eqx.nn.Linear(3, "scalar", key=KEY), R(3)),
    "Conv2d": lambda: (eqx.nn.Conv2d(1, 2, 3, padding=1, key=KEY), R(1, 5, 5)),
    "MLP": lambda: (eqx.nn.MLP(3, 2, 4, 2, activation=jax.nn.gelu, key=KEY), R(3)),
    "MLP with a lambda": lambda: (eqx.nn.MLP(3, 2, 4, 1, activation=lambda x: jnp.sin(x), key=KEY), R(3)),
    "Embedding": lambda: (eqx.nn.Embedding(5, 3, key=KEY), Fin(5)),
    "LayerNorm": lambda: (eqx.nn.LayerNorm(4), R(4)),
    "GRUCell": lambda: (eqx.nn.GRUCell(2, 3, key=KEY), R(2) @ R(3)),
    "MultiheadAttention": lambda: (eqx.nn.MultiheadAttention(2, 4, key=KEY), R(3, 4) @ R(3, 4) @ R(3, 4)),
    "Sequential": lambda: (
        eqx.nn.Sequential([eqx.nn.Linear(3, 4, key=KEY), eqx.nn.Lambda(jax.nn.relu), eqx.nn.Linear(4, 2, key=KEY)]),
        R(3),
    ),
    "MaxPool2d": lambda: (eqx.nn.MaxPool2d(2, 2), R(1, 4, 4)),
    "Dropout at rest": lambda: (eqx.nn.inference_mode(eqx.nn.Dropout(0.5)), R(3)),
}

KINDS = ("Linear", "Conv2d", "MLP", "Embedding", "LayerNorm", "Sequential")
each_module = pytest.mark.parametrize("name", [*KINDS, *slow(*(name for name in MODULES if name not in KINDS))])


def values(ob, key=KEY):
    out = ob.random(key=key)
    return out if len(ob) != 1 else (out,)


def close(a, b):
    return all(
        jnp.shape(x) == jnp.shape(y) and bool(np.allclose(x, y))
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


@each_module
def test_the_arrow_of_a_module_is_the_module(name):
    module, X = MODULES[name]()
    f = from_module(module, X)
    xs = values(X)

    assert close(f(f.init(key=KEY), *xs), module(*xs))


@each_module
def test_the_parameters_are_the_floating_arrays_in_the_order_of_the_leaves(name):
    module, X = MODULES[name]()
    f = from_module(module, X)

    leaves = jax.tree.leaves(eqx.filter(module, eqx.is_inexact_array))

    assert close(f.init(key=KEY), leaves)


@each_module
def test_the_gradient_of_the_arrow_is_the_gradient_of_the_module(name):
    module, X = MODULES[name]()
    f = from_module(module, X)
    xs, dy = values(X), f.cod.random(key=jax.random.key(2))

    expected = eqx.filter_grad(lambda m: jnp.vdot(m(*xs), dy))(module)
    back = jax.tree.leaves(Reverse(f).arrow.put(*f.init(key=KEY), *xs, dy))

    assert close(back[: len(f.parameter)], jax.tree.leaves(expected))


@each_module
def test_trained_parameters_go_back_into_the_module(name):
    module, X = MODULES[name]()
    f = from_module(module, X)
    moved = jax.tree.map(lambda p: p + 1, f.init(key=KEY))
    xs = values(X)

    back = with_parameters(module, moved)

    assert type(back) is type(module)
    assert close(back(*xs), f(moved, *xs))


@each_module
def test_a_module_that_is_built_again_is_one_program(name):
    traces = []

    @jax.jit
    def run(f, parameters, xs):
        traces.append(name)
        return f(parameters, *xs)

    for _ in range(3):
        module, X = MODULES[name]()
        f = from_module(module, X)
        run(f, f.init(key=KEY), values(X))

    assert len(traces) == 1


@each_module
def test_a_module_lowers_for_every_platform_under_batch_and_reverse(name):
    module, X = MODULES[name]()
    put = Reverse(Batch(2)(from_module(module, X))).arrow.put

    assert lowers_everywhere(lambda *xs: Smooth.apply(put, xs), *put.dom.avals())


def test_labels_are_paths():
    f = from_module(eqx.nn.MLP(3, 2, 4, 1, key=KEY), R(3), name="net")

    assert f.labels == ("net.layers.0.weight", "net.layers.0.bias", "net.layers.1.weight", "net.layers.1.bias")


def test_modules_compose_with_layers():
    linear = eqx.nn.Linear(3, 4, key=KEY)
    model = from_module(linear, R(3), name="linear") >> relu(4) >> dense(4, 2)
    parameters, x = model.init(key=KEY), jnp.ones(3)

    assert model.labels == ("linear.weight", "linear.bias", "dense.weight", "dense.bias")
    assert close(model(parameters, x), jax.nn.relu(linear(x)) @ parameters[2] + parameters[3])


def test_a_module_costs_what_it_costs_in_equinox():
    module = eqx.nn.MLP(8, 4, 16, 2, key=KEY)
    f = Batch(5)(from_module(module, R(8)))
    leaves, structure = jax.tree.flatten(eqx.filter(module, eqx.is_inexact_array))
    static = eqx.filter(module, eqx.is_inexact_array, inverse=True)

    def by_hand(parameters, x):
        return jax.vmap(eqx.combine(jax.tree.unflatten(structure, parameters), static))(x)

    assert operations(f, tuple(leaves), jnp.ones((5, 8))) == operations(by_hand, tuple(leaves), jnp.ones((5, 8)))


def test_integer_arrays_and_flags_are_not_trained():
    class Shift(eqx.Module):
        by: jax.Array
        offset: jax.Array
        on: bool

        def __call__(self, x):
            return jnp.where(self.on, jnp.roll(x, self.by) + self.offset, x)

    f = from_module(Shift(jnp.asarray(1), jnp.asarray([10.0, 20.0]), True), R(2))

    assert f.labels == ("offset",)
    assert close(f(f.init(key=KEY), jnp.asarray([1.0, 2.0])), jnp.asarray([12.0, 21.0]))


def test_arrays_of_numpy_are_parameters_as_in_equinox():
    class Scale(eqx.Module):
        by: np.ndarray

        def __call__(self, x):
            return self.by * x

    f = from_module(Scale(np.asarray([2.0, 3.0])), R(2))

    assert f.parameter == R(2)


def test_a_key_is_the_last_parameter_of_a_module_with_dropout():
    module = eqx.nn.Sequential([eqx.nn.Linear(3, 4, key=KEY), eqx.nn.Dropout(0.5)])
    f = from_module(module, R(3), keyed=True)
    parameters, x = f.init(key=KEY), jnp.ones(3)

    assert f.parameter == R(4, 3) @ R(4) @ Key
    assert f.labels[-1] == "key"
    assert close(f(parameters, x), module(x, key=parameters[-1]))
    assert close(with_parameters(module, parameters)(x, key=KEY), module(x, key=KEY))


def test_dropout_of_equinox_and_of_the_library_are_one_arrow():
    theirs, ours = from_module(eqx.nn.Dropout(0.25), R(50), keyed=True), dropout(0.25, 50)
    x = jax.random.normal(KEY, (50,))

    assert close(theirs((KEY,), x), ours((KEY,), x))


BAD = {
    "BatchNorm": (lambda: from_module(eqx.nn.BatchNorm(3, "batch", mode="batch"), R(3)), "keeps a state"),
    "a state deep inside": (
        lambda: from_module(eqx.nn.Sequential([eqx.nn.BatchNorm(3, "batch", mode="batch")]), R(3)),
        "keeps a state",
    ),
    "SpectralNorm": (
        lambda: from_module(eqx.nn.SpectralNorm(eqx.nn.Linear(3, 3, key=KEY), "weight", key=KEY), R(3)),
        "keeps a state",
    ),
    "a missing key": (lambda: from_module(eqx.nn.Dropout(0.5), R(3)), "keyed=True"),
    "too many inputs": (lambda: from_module(eqx.nn.Linear(3, 2, key=KEY), R(3) @ R(3)), "2 inputs"),
    "too many inputs and a key": (
        lambda: from_module(eqx.nn.Dropout(0.5), R(3) @ R(3), keyed=True),
        "2 inputs, .*, and a keyword key",
    ),
    "no inputs": (lambda: from_module(eqx.nn.Linear(3, 2, key=KEY), R()[:0]), "0 inputs"),
    "no call": (lambda: from_module(eqx.nn.StateIndex(jnp.ones(())), R(3)), "no callable"),
    "complex arrays": (lambda: from_module(eqx.nn.Linear(3, 2, dtype=complex, key=KEY), R(3)), "complex"),
    "parameters of another module": (
        lambda: with_parameters(eqx.nn.Linear(3, 2, key=KEY), (jnp.ones((3, 2)), jnp.ones(2))),
        "shapes",
    ),
    "too few parameters": (lambda: with_parameters(eqx.nn.Linear(3, 2, key=KEY), (jnp.ones((2, 3)),)), "shapes"),
    "too many parameters": (lambda: with_parameters(eqx.nn.MaxPool2d(2), (jnp.ones(3),)), "shapes"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mistake", BAD)
def test_a_module_that_is_no_arrow_is_refused_at_the_line_that_asks(mistake):
    ask, why = BAD[mistake]

    with pytest.raises(WrongModule, match=why) as caught:
        ask()

    assert last_file(caught) == "test_module.py"


# ------------------------------------------------------------------------------------------------ arrows as modules


def model():
    return dense(3, 4) >> tanh(4) >> dense(4, 2)


def test_the_leaves_of_an_arrow_as_a_module_are_its_parameters():
    f = model()
    parameters = f.init(key=KEY)

    module = as_module(f, parameters)

    assert close(jax.tree.leaves(module), jax.tree.leaves(parameters))
    assert len(jax.tree.leaves(module)) == 4
    assert close(module(jnp.ones(3)), f(parameters, jnp.ones(3)))


def test_an_arrow_as_a_module_trains_in_equinox_as_in_the_library():
    f = model()
    parameters, xs, ys = f.init(key=KEY), R(5, 3).random(key=KEY), R(5, 2).random(key=KEY)

    @eqx.filter_jit
    def step(module, state):
        loss = lambda module: jnp.mean((jax.vmap(module)(xs) - ys) ** 2)
        value, gradient = eqx.filter_value_and_grad(loss)(module)
        updates, state = optimiser.update(gradient, state, eqx.filter(module, eqx.is_inexact_array))
        return eqx.apply_updates(module, updates), state, value

    optimiser = optax.sgd(1e-2, momentum=0.9)
    module = as_module(f, parameters)
    state = optimiser.init(eqx.filter(module, eqx.is_inexact_array))
    plain, plain_state = parameters, optimiser.init(parameters)
    for _ in range(3):
        module, state, _ = step(module, state)
        gradient = jax.grad(lambda p: jnp.mean((Batch(5)(f)(p, xs) - ys) ** 2))(plain)
        updates, plain_state = optimiser.update(gradient, plain_state)
        plain = optax.apply_updates(plain, updates)

    assert close(module.parameters, plain)


def test_an_arrow_as_a_module_is_partitioned_and_stored(tmp_path):
    f = embedding(4, 3) >> model()
    module = as_module(f, f.init(key=KEY))
    other = as_module(f, f.init(key=jax.random.key(1)))

    arrays, rest = eqx.partition(module, eqx.is_array)
    eqx.tree_serialise_leaves(tmp_path / "model.eqx", module)
    loaded = eqx.tree_deserialise_leaves(tmp_path / "model.eqx", other)

    assert close(eqx.combine(arrays, rest)(2), module(2))
    assert close(loaded(2), module(2))
    assert not close(other(2), module(2))


def test_frozen_values_get_no_gradient():
    f = freeze(model(), {"dense.weight": jnp.ones((3, 4))})
    module = as_module(f, f.init(key=KEY))

    gradient = eqx.filter_grad(lambda m: jnp.sum(m(jnp.ones(3))))(module)

    assert all(bool(jnp.all(leaf == 0)) for leaf in jax.tree.leaves(gradient.arrow))
    assert any(bool(jnp.any(leaf != 0)) for leaf in jax.tree.leaves(gradient.parameters))


def test_an_arrow_as_a_module_wants_the_parameters_of_the_arrow():
    with pytest.raises(WrongParameters) as caught:
        as_module(model(), (jnp.ones(3),))

    assert last_file(caught) == "test_module.py"


def test_an_arrow_as_a_module_is_the_arrow_again():
    f = model()
    parameters = f.init(key=KEY)

    g = from_module(as_module(f, parameters), R(3), name="net")

    assert g == f
    assert close(g.init(key=jax.random.key(9)), parameters)
    assert g.labels[0] == "net.dense.weight"


def test_an_arrow_as_a_module_has_the_ends_of_the_arrow():
    with pytest.raises(WrongObject):
        from_module(as_module(model(), model().init(key=KEY)), R(4))


@pytest.mark.parametrize("name", ["Linear", "Conv2d", "MLP"])
def test_a_module_as_an_arrow_as_a_module_is_the_module(name):
    module, X = MODULES[name]()
    f = from_module(module, X)
    xs = values(X)

    again = as_module(f, f.init(key=KEY))

    assert close(again(*xs), module(*xs))
    assert close(jax.tree.leaves(again), jax.tree.leaves(eqx.filter(module, eqx.is_inexact_array)))


def test_an_arrow_as_a_module_fits_into_modules_of_equinox():
    f = model()
    net = eqx.nn.Sequential([as_module(f, f.init(key=KEY)), eqx.nn.Linear(2, 1, key=KEY)])
    whole = from_module(net, R(3))

    assert close(whole(whole.init(key=KEY), jnp.ones(3)), net(jnp.ones(3)))
    assert len(whole.parameter) == 6
    assert Para(Smooth).lift(smooth(jnp.sin, R(1))).dom == whole.cod
