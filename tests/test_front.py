"""Tracing functions to formal arrows, and giving these a meaning."""

import os
import time

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from cases import slow

from catlearn import Fin, Key, R, Smooth, interpret, smooth, space_of, trace
from catlearn.categories import AddFn
from catlearn.constructions import Dual, FreeCartesian, Word
from catlearn.constructions import interpret as interpret_in
from catlearn.constructions.gad import D
from catlearn.front import Counting, Intervals, Programs, register
from catlearn.front.counting import CountingCategory, Work
from catlearn.front.operation import Operation
from catlearn.objects.compare import sample
from catlearn.theory.errors import MissingPrimitive, NotAFunction, NotAProgram, WrongCategory
from tests.programs import as_users_run_it, last_file, lowers_everywhere, operations

FRONT = pytest.mark.paper("1804.00746", "front end")


def names(term):
    return [use.box.name for use in term.graph.uses]


def same(f, *objects, at=None, tol=1e-12):
    """The program of `f`, interpreted in Smooth, has the values of `f`."""
    term = trace(f, *objects)
    xs = sample(term.dom, jax.random.key(3)) if at is None else at
    ys, zs = f(*xs), interpret(term, Smooth)(*xs)
    if isinstance(ys, tuple) and len(ys) == 1:
        (ys,) = ys
    for y, z in zip(jax.tree.leaves(ys), jax.tree.leaves(zs), strict=True):
        assert y.dtype == z.dtype
        assert y.shape == z.shape
        assert np.allclose(y, z, atol=tol, rtol=tol), (y, z)
    return term


# ---------------------------------------------------------------- what a function is traced to
@FRONT
def test_each_equation_is_a_box_and_equal_equations_are_one():
    term = trace(lambda x, y: jnp.sin(x) * y + jnp.sin(x), R(), R())

    assert names(term) == ["sin", "mul", "add"]
    assert (term.dom, term.cod) == (R() @ R(), R())


@FRONT
def test_the_paper_s_examples_compile_to_the_terms_that_one_writes_by_hand():
    C = Programs
    line = R()
    primitive = lambda f, n: trace(f, *[line] * n)
    mul, add = primitive(jax.lax.mul, 2), primitive(jax.lax.add, 2)
    sin, cos = primitive(jnp.sin, 1), primitive(jnp.cos, 1)
    square = C.copy(line) >> mul

    magnitude = trace(lambda a, b: a * a + b * b, line, line)
    cos_sin_prod = trace(lambda x, y: (jnp.cos(x * y), jnp.sin(x * y)), line, line)

    assert C.close(magnitude, (square @ square) >> add)
    assert C.close(cos_sin_prod, mul >> C.pair(cos, sin))
    assert interpret(magnitude, Smooth)(3.0, 4.0) == 25.0


@FRONT
def test_tracing_a_composite_is_composing_the_traces():
    f = smooth(lambda x, y: (jnp.sin(x) * y, x + y), R() @ R())
    g = smooth(lambda u, v: jnp.exp(u) / v, R() @ R())

    assert Programs.close(trace(f >> g), trace(f) >> trace(g))
    assert Programs.close(trace(f @ g), trace(f) @ trace(g))
    assert Smooth.close(interpret(trace(f >> g), Smooth), interpret(trace(f), Smooth) >> interpret(trace(g), Smooth))


@FRONT
def test_what_no_result_needs_is_gone():
    assert names(trace(lambda x: (jnp.exp(x), x + 1.0)[1], R())) == ["1", "add"]


def test_projections_and_copies_need_no_box():
    term = trace(lambda x, y: (y, x, y), R(2), R(3))

    assert names(term) == []
    assert Programs.close(term, Programs.pick(R(2) @ R(3), (1, 0, 1)))


@FRONT
def test_nested_functions_under_jit_are_written_out():
    plain = trace(lambda x: jnp.sin(x * x), R(3))
    nested = trace(jax.jit(lambda x: jax.jit(jnp.sin)(jax.jit(lambda y: y * y)(x))), R(3))

    assert Programs.close(plain, nested)


def test_the_settings_of_an_equation_tell_boxes_apart():
    first, second = trace(lambda x: jnp.sum(x, 0), R(3, 3)), trace(lambda x: jnp.sum(x, 1), R(3, 3))

    assert not Programs.close(first, second)
    assert Programs.close(first, trace(lambda x: x.sum(axis=0), R(3, 3)))


def test_constants_are_boxes_from_the_unit_and_equal_ones_are_one():
    w, v = jnp.array([1.0, 2.0, 3.0]), jnp.array([1.0, 2.0, 3.0])
    term = trace(lambda x: (x + w) * (x - v), R(3))

    assert names(term).count("constant") == 1
    assert names(trace(lambda x: x * 2.0 + 2.0, R())) == ["2", "mul", "add"]
    assert np.array_equal(interpret(term, Smooth)(jnp.ones(3)), (1 + w) * (1 - v))


def test_values_that_are_traced_may_be_constants_within_their_trace():
    @jax.jit
    def scaled(w, x):
        return interpret(trace(lambda x: w * x, R()), Smooth)(x)

    assert scaled(2.0, 3.0) == 6.0
    assert jax.grad(scaled)(2.0, 3.0) == 3.0


def test_a_wire_that_is_a_pytree_is_taken_apart_and_put_together():
    model = {"w": jnp.eye(2), "b": jnp.zeros(2)}
    term = trace(lambda m, x: {"y": m["w"] @ x + m["b"], "n": x}, space_of(model), R(2))
    found = interpret(term, Smooth)(model, jnp.arange(2.0))

    assert names(term)[0] == "unpack"
    assert names(term)[-1] == "pack"
    assert np.array_equal(found["y"], jnp.arange(2.0))


def test_finite_sets_keys_and_fixed_dtypes_are_objects_too():
    same(lambda i, x: x[i] + i.astype(float), Fin(3), R(3))
    same(lambda key: jax.random.normal(key, (3,)), Key)
    same(lambda x: x + jnp.float32(1), R(2, dtype="float32"))
    f = smooth(lambda i: (i + 1) % 3, Fin(3), Fin(3))
    assert (trace(f).dom, trace(f).cod) == (Fin(3), Fin(3))
    assert interpret(trace(f >> f), Smooth)(2) == 1


def test_a_program_without_inputs_or_results_is_one():
    assert interpret(trace(lambda: jnp.ones(2)), Smooth)().shape == (2,)
    assert trace(lambda x: (), R()).cod == trace(lambda: ()).dom


# ---------------------------------------------------------------- meanings
@FRONT
def test_in_smooth_the_program_comes_out_as_it_went_in():
    def f(x, y):
        return jnp.tanh(x @ y) - jnp.sum(jnp.exp(x) * y[0, 0], axis=1, keepdims=True)

    g = interpret(trace(f, R(3, 3), R(3, 3)), Smooth)
    xs = (jnp.ones((3, 3)), jnp.ones((3, 3)))

    assert operations(lambda *xs: Smooth.apply(g, xs), *xs) == operations(f, *xs)


@FRONT
def test_in_the_free_category_the_program_is_itself():
    term = trace(lambda x: jnp.where(x > 0, jnp.sin(x), 2.0 * x), R(3))

    assert Programs.close(interpret(term, Programs), term)


@FRONT
def test_derivatives_batches_and_compilation_go_through():
    def f(x, y):
        return jnp.sum(jnp.sin(x) * y) / (1.0 + jnp.sum(y * y))

    g = interpret(trace(f, R(3), R(3)), Smooth)
    x, y = jnp.arange(3.0), jnp.ones(3)

    assert np.allclose(jax.grad(g)(x, y), jax.grad(f)(x, y))
    assert np.allclose(jax.jit(jax.hessian(g))(x, y), jax.hessian(f)(x, y))
    assert np.allclose(jax.vmap(g)(jnp.ones((4, 3)), jnp.ones((4, 3))), jax.vmap(f)(jnp.ones((4, 3)), jnp.ones((4, 3))))
    assert np.allclose(Smooth.R(g)(x, y, 1.0)[0], jax.grad(f)(x, y))


@FRONT
def test_a_category_of_ones_own_is_given_by_a_table_of_primitives():
    depth = {"sin": 1, "mul": 1, "add": 1}
    C, X = FreeCartesian(), Word("X")
    table = {name: C.generator(name, Word(*"X" * (2 if name != "sin" else 1)), X) for name in depth}

    term = trace(lambda x: jnp.sin(x) * x + x, R())
    found = interpret_in(term, C, arrows=table, objects={R().wires[0]: X})

    assert names(found) == ["sin", "mul", "add"]


def test_an_arrow_given_for_once_goes_before_the_meaning_of_the_category():
    swapped = smooth(jnp.cos, R())

    assert interpret(trace(jnp.sin, R()), Smooth, {"sin": swapped})(0.0) == 1.0
    assert interpret(trace(jnp.sin, R()), Smooth, lambda box: swapped if box.name == "sin" else None)(0.0) == 1.0


def test_a_category_may_bring_meanings_as_a_method():
    class Sines(CountingCategory):
        def primitive(self, box):
            return Work(box.dom, box.cod, self, (("sin", 7.0),)) if box.name == "sin" else None

    assert interpret(trace(lambda x: jnp.sin(x) + x, R()), Sines()).by_primitive == {"add": 1.0, "sin": 7.0}


def test_meanings_are_registered_for_a_class_of_categories():
    class Mine(CountingCategory):
        pass

    @register(Mine, "sin")
    def three(category, box):
        return Work(box.dom, box.cod, category, (("sin", 3.0),))

    assert interpret(trace(jnp.sin, R()), Mine()).total == 3
    assert interpret(trace(jnp.sin, R()), Counting).total == 1


MODEL = lambda w, x: jnp.sum(jnp.tanh(jax.nn.relu(w @ x) + x[0]) * 2.0)


@FRONT
@pytest.mark.parametrize("k", [AddFn, Dual(AddFn)], ids=str)
def test_in_generalised_differentiation_it_is_the_derivative(k):
    f = interpret(trace(MODEL, R(3, 3), R(3)), D(k))
    w, x = sample(f.dom, jax.random.key(2))
    value, derivative = f(w, x)
    slopes = jax.grad(MODEL, (0, 1))(w, x)

    assert np.allclose(value, MODEL(w, x))
    if k == AddFn:
        assert np.allclose(derivative(w, x), jnp.vdot(slopes[0], w) + jnp.vdot(slopes[1], x))
    else:
        assert all(np.allclose(a, b) for a, b in zip(derivative.arrow(1.0), slopes, strict=True))


@FRONT
def test_generalised_differentiation_respects_loops_and_derivatives_that_a_user_gave():
    f = lambda x: jax.lax.scan(lambda s, y: (steep(s) * y, None), x[0], x)[0]
    (slope,) = jax.tree.leaves(interpret(trace(f, R(3)), D(Dual(AddFn)))(jnp.ones(3))[1].arrow(1.0))

    assert np.allclose(slope, jax.grad(f)(jnp.ones(3)))


# ---------------------------------------------------------------- control flow
def looped(x, n):
    return jax.lax.fori_loop(0, n, lambda i, y: jnp.sin(y) + i, x)


CONTROL = {
    "cond": (lambda p, x: jax.lax.cond(p > 0, jnp.sin, lambda y: y * y, x), (R(), R(3))),
    "switch": (lambda i, x: jax.lax.switch(i, [jnp.sin, jnp.cos, lambda y: y * x[0]], x), (Fin(3), R(3))),
    "scan": (
        lambda c, xs: jax.lax.scan(lambda s, x: (s * jnp.sin(x) + c, s - x), jnp.float64(1.0) * c, xs),
        (R(), R(5)),
    ),
    "reversed scan": (lambda c, xs: jax.lax.scan(lambda s, x: (s * x, s), c, xs, reverse=True, unroll=2), (R(), R(4))),
    "map": (lambda xs: jax.lax.map(lambda x: jnp.sum(x) * x, xs), (R(3, 2),)),
    "fori": (lambda x: looped(x, 4), (R(2),)),
    "nested": (
        lambda c, xs: jax.lax.scan(lambda s, x: (jax.lax.cond(x > 0, jnp.sin, jnp.cos, s), looped(x, 3)), c, xs),
        (R(), R(4)),
    ),
    "checkpoint": (lambda x: jax.checkpoint(lambda y: jnp.sin(jnp.sin(y)))(x), (R(3),)),
    "associative scan": (lambda xs: jax.lax.associative_scan(jnp.multiply, xs), (R(8),)),
}


@FRONT
@pytest.mark.parametrize("name", [*(name for name in CONTROL if name != "associative scan"), *slow("associative scan")])
def test_control_flow_has_the_same_values_and_derivatives(name):
    f, objects = CONTROL[name]
    term = same(f, *objects)
    g = interpret(term, Smooth)
    last = len(objects) - 1
    total = lambda h: lambda *xs: sum(jnp.sum(y) for y in jax.tree.leaves(h(*xs)))
    xs = sample(term.dom, jax.random.key(5))

    assert np.allclose(jax.jit(jax.grad(total(g), last))(*xs), jax.grad(total(f), last)(*xs))


@FRONT
def test_a_loop_with_a_condition_runs_and_batches():
    def f(x):
        return jax.lax.while_loop(lambda s: s[0] < 10.0, lambda s: (s[0] + jnp.abs(x) + 1.0, s[1] + 1), (x, 0))

    term = same(f, R())
    g = interpret(term, Smooth)
    many = jnp.linspace(-1.0, 8.0, 5)

    assert names(term)[-1] == "while"
    assert all(np.array_equal(y, z) for y, z in zip(jax.vmap(g)(many), jax.vmap(f)(many), strict=True))


@FRONT
def test_branches_and_loops_are_boxes_that_hold_their_bodies_as_formal_arrows():
    term = trace(lambda p, x: jax.lax.cond(p > 0, jnp.sin, jnp.cos, x), R(), R())
    (box,) = [use.box for use in term.graph.uses if use.box.name == "cond"]
    other, this = box.data.bodies

    assert Programs.close(this, trace(jnp.sin, R()))
    assert Programs.close(other, trace(jnp.cos, R()))


def test_equal_loops_are_one_box():
    loop = lambda c: lambda x: jax.lax.scan(lambda s, y: (s + c * y, None), 0.0, x)[0]

    assert names(trace(lambda x: loop(2.0)(x) + loop(2.0)(x), R(3))).count("scan") == 1
    assert names(trace(lambda x: loop(2.0)(x) + loop(3.0)(x), R(3))).count("scan") == 2


# ---------------------------------------------------------------- derivatives that a user gave
@jax.custom_jvp
def steep(x):
    return jnp.sin(x)


@steep.defjvp
def _steep(primals, tangents):
    return steep(primals[0]), 100.0 * tangents[0]


@jax.custom_vjp
def flipped(x, y):
    return x * y


flipped.defvjp(lambda x, y: (x * y, (x, y)), lambda res, d: (-res[1] * d, 7.0 * d))


@FRONT
def test_derivatives_that_a_user_gave_stay_in_force():
    f = interpret(trace(lambda x: steep(x) * x, R()), Smooth)
    g = interpret(trace(lambda x, y: flipped(x, y), R(), R()), Smooth)

    assert jax.grad(f)(0.0) == jax.grad(lambda x: steep(x) * x)(0.0) == 0.0
    assert jax.grad(f)(2.0) == 200.0 + jnp.sin(2.0)
    assert jax.jvp(f, (2.0,), (1.0,))[1] == 200.0 + jnp.sin(2.0)
    assert jax.grad(g, (0, 1))(2.0, 3.0) == (-3.0, 7.0)
    assert jax.vmap(jax.grad(f))(jnp.ones(2)).shape == (2,)


def test_functions_with_one_derivative_are_one_box_and_with_two_are_two():
    @jax.custom_jvp
    def other(x):
        return jnp.sin(x)

    other.defjvp(lambda primals, tangents: (other(primals[0]), 3.0 * tangents[0]))

    @jax.custom_vjp
    def turned(x, y):
        return x * y

    turned.defvjp(lambda x, y: (x * y, (x, y)), lambda res, d: (res[1] * d, res[0] * d))

    assert Programs.close(trace(steep, R()), trace(steep, R()))
    assert not Programs.close(trace(steep, R()), trace(other, R()))
    assert Programs.close(trace(flipped, R(), R()), trace(flipped, R(), R()))
    assert not Programs.close(trace(flipped, R(), R()), trace(turned, R(), R()))
    assert Programs.close(trace(jax.nn.relu, R(3)), trace(jax.nn.relu, R(3)))


def test_a_hand_written_backward_pass_of_a_smooth_map_stays_in_force():
    through = smooth(jnp.round, R(3), reverse=lambda x, dy: 2.0 * dy)

    assert np.array_equal(Smooth.R(interpret(trace(through), Smooth))(jnp.zeros(3), jnp.ones(3)), 2.0 * jnp.ones(3))


# ---------------------------------------------------------------- mistakes
def noisy(x):
    jax.debug.print("{}", x)
    return jnp.sin(x)


def spectral(x):
    return jnp.abs(jnp.fft.fft(x))


def line_of(function, offset):
    return f"{os.path.basename(__file__)}:{function.__code__.co_firstlineno + offset} ("


def test_an_equation_with_an_effect_is_named_with_its_place():
    with pytest.raises(NotAProgram, match=r"the primitive 'debug_.*' has the effect") as caught:
        trace(noisy, R())

    assert line_of(noisy, 1) in str(caught.value)
    assert last_file(caught) == "test_front.py"


def test_complex_numbers_are_named_with_their_place():
    with pytest.raises(NotAProgram, match="write complex numbers as pairs of real ones") as caught:
        trace(spectral, R(4))

    assert line_of(spectral, 1) in str(caught.value)


def gamma(x):
    y = jnp.exp(x)
    return jax.lax.lgamma(y)


@FRONT
def test_a_missing_primitive_is_named_with_its_place_and_its_cure():
    with pytest.raises(MissingPrimitive, match="the primitive 'lgamma' has no meaning in Intervals") as caught:
        interpret(trace(gamma, R()), Intervals)

    assert line_of(gamma, 2) in str(caught.value)
    assert 'catlearn.front.register(IntervalCategory, "lgamma")' in str(caught.value)
    assert 'arrows={"lgamma": arrow}' in str(caught.value)
    assert last_file(caught) == "test_front.py"


def test_the_place_is_that_of_this_program_even_if_another_has_the_same_equation():
    def other(x):
        return jax.lax.lgamma(x)

    first = trace(lambda x: jax.lax.lgamma(x), R())
    with pytest.raises(MissingPrimitive) as caught:
        interpret(trace(other, R()), Intervals)

    assert line_of(other, 1) in str(caught.value)
    assert first.cod == R()


def test_what_is_no_function_of_the_wires_is_named():
    with pytest.raises(NotAFunction, match=r"missing a required argument"):
        trace(lambda x, y: x, R())
    with pytest.raises(NotAFunction):
        trace(3, R())
    with pytest.raises(WrongCategory, match="on its own domain"):
        trace(smooth(jnp.sin, R()), R(2))


# ---------------------------------------------------------------- whole models
@pytest.mark.slow
def test_a_trained_step_of_a_network_is_a_program():
    model = eqx.nn.MLP(2, 1, 4, 1, activation=jax.nn.gelu, key=jax.random.key(0), dtype=float)
    params, static = eqx.partition(model, eqx.is_array)
    optimiser = optax.adam(1e-2)
    state = optimiser.init(params)

    def step(params, state, x, y):
        loss = lambda p: jnp.mean((jax.vmap(eqx.combine(p, static))(x) - y) ** 2)
        updates, state = optimiser.update(jax.grad(loss)(params), state)
        return optax.apply_updates(params, updates), state

    with jax.numpy_dtype_promotion("standard"):
        term = trace(step, space_of(params), space_of(state), R(5, 2), R(5, 1))
        expected = step(params, state, jnp.ones((5, 2)), jnp.zeros((5, 1)))
    g = interpret(term, Smooth)
    xs = (params, state, jnp.ones((5, 2)), jnp.zeros((5, 1)))

    for y, z in zip(jax.tree.leaves(expected), jax.tree.leaves(g(*xs)), strict=True):
        assert np.allclose(y, z, rtol=1e-10)


LAYERS = {
    "mlp": (lambda key: eqx.nn.MLP(3, 2, 4, 2, key=key, dtype=float), R(3)),
    "conv": (lambda key: eqx.nn.Conv2d(2, 3, 3, padding=1, key=key, dtype=float), R(2, 4, 4)),
    "attention": (lambda key: eqx.nn.MultiheadAttention(2, 4, key=key, dtype=float), R(3, 4)),
    "layer norm": (lambda key: eqx.nn.LayerNorm(4, dtype=float), R(4)),
    "rms norm": (lambda key: eqx.nn.RMSNorm(4, dtype=float), R(4)),
}


@FRONT
@pytest.mark.parametrize("name", LAYERS)
def test_layers_of_equinox_are_programs(name):
    make, x = LAYERS[name]
    layer = make(jax.random.key(0))
    f = (lambda x: layer(x, x, x)) if name == "attention" else lambda x: layer(x)

    term = same(f, x)

    assert lowers_everywhere(lambda *xs: Smooth.apply(interpret(term, Smooth), xs), *x.avals())
    assert interpret(term, Counting).total > 0


# ---------------------------------------------------------------- size
def chain(n):
    def f(x):
        y = x
        for i in range(n // 4):
            y = jnp.sin(y) * x + y - (i % 7) * 0.5
        return y

    return f


def seconds(n):
    f = chain(n)
    best = float("inf")
    for _ in range(2):
        started = time.process_time()
        g = interpret(trace(f, R()), Smooth)
        jaxpr = jax.make_jaxpr(g)(1.0)
        best = min(best, time.process_time() - started)
    assert len(jaxpr.eqns) >= n - 2
    return best


@FRONT
def test_a_program_of_a_thousand_equations_goes_there_and_back_in_linear_time():
    with as_users_run_it():
        small, large = seconds(1000), seconds(2000)

    assert small < 4.0  # under one on a quiet machine
    assert large < 4.0 * small


def test_an_operation_knows_its_place_and_its_bodies():
    term = trace(lambda x: jax.lax.cond(x > 0, jnp.sin, jnp.cos, x), R())
    operations = [use.box.data for use in term.graph.uses if isinstance(use.box.data, Operation)]

    assert all("test_front.py" in operation.place for operation in operations)
    assert [len(operation.bodies) for operation in operations] == [0, 0, 2]
