"""Smooth maps: closed formulas, finite differences and `jax` itself as the references."""

import time

import chex
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import slow
from programs import lowers_everywhere

from catlearn import Fin, Key, R, Smooth, compare_reverse, smooth, space_of, unit
from catlearn.theory.errors import NoForwardDerivative

KEY = jax.random.key(0)
A, B = R(2), R(3)


def F(x):
    return jnp.stack([x[0] ** 3 + 2 * x[0] * x[1], x[1], jnp.sin(x[0])])


def bend(x):
    return jnp.tanh(x) + x[::-1] ** 2


f = smooth(F, A)
g = smooth(lambda x: jnp.stack([x[0] * x[1], jnp.exp(-(x[2] ** 2))]), B)


def at(x, i=0):
    return x.random(key=jax.random.fold_in(KEY, i))


# ------------------------------------------------------------------------------------------------ worked values


@pytest.mark.paper("2103.01931", "Ex 2.8")
def test_the_worked_example_has_its_value():
    point, covector = jnp.array([2.0, 1.0]), jnp.ones(3)

    np.testing.assert_allclose(Smooth.R(f)(point, covector), [14 + np.cos(2), 5], rtol=1e-14)


@pytest.mark.paper("1910.07065", "value cubic")
def test_the_cubic_has_its_reverse_derivative():
    cubic = smooth(lambda x1, x2: x1**3 + x2**2, R() @ R())

    for x1, x2, y in [(2.0, 1.0, 1.0), (-1.5, 3.0, 0.25)]:
        np.testing.assert_allclose(Smooth.R(cubic)(x1, x2, y), (3 * x1**2 * y, 2 * x2 * y))


# ------------------------------------------------------------------------------------------------ derivatives


@pytest.mark.paper("1910.07065", "Ex 14 Smooth")
def test_the_reverse_derivative_is_the_transposed_jacobian():
    x, w = at(A), at(B, 1)

    np.testing.assert_allclose(Smooth.R(f)(x, w), jax.jacfwd(F)(x).T @ w, rtol=1e-13)


def test_the_forward_derivative_agrees_with_finite_differences():
    x, v, h = at(A), at(A, 1), 1e-6

    np.testing.assert_allclose(Smooth.D(f)(x, v), (F(x + h * v) - F(x - h * v)) / (2 * h), rtol=1e-7)


@pytest.mark.paper("1910.07065", "T2.3")
@pytest.mark.paper("1910.07065", "Thm 16")
def test_the_forward_derivative_made_from_the_reverse_one_is_jvp():
    x, v = at(A), at(A, 1)

    _, expected = jax.jvp(F, (x,), (v,))

    np.testing.assert_allclose(Smooth.derived_D(f)(x, v), expected, rtol=1e-12)
    assert Smooth.close(Smooth.derived_D(f), Smooth.D(f))


@pytest.mark.paper("1910.07065", "T2.9")
def test_the_two_derivatives_are_adjoint():
    x, v, w = at(A), at(A, 1), at(B, 2)

    np.testing.assert_allclose(jnp.dot(Smooth.D(f)(x, v), w), jnp.dot(v, Smooth.R(f)(x, w)), rtol=1e-13)


@pytest.mark.paper("1910.07065", "T2.10")
def test_the_reverse_of_copying_is_addition():
    a, b, c = (at(A, i) for i in range(3))

    np.testing.assert_allclose(Smooth.R(Smooth.copy(A))(a, b, c), b + c)


@pytest.mark.paper("1910.07065", "T2.10")
def test_the_reverse_of_addition_is_copying():
    total = smooth(jnp.add, A @ A)
    a, b, c = (at(A, i) for i in range(3))

    for covector in Smooth.R(total)(a, b, c):
        np.testing.assert_array_equal(covector, c)


@pytest.mark.paper("1910.07065", "T2.10")
def test_the_reverse_of_a_tensor_is_the_tensor_of_the_reverses():
    x, y, v, w = at(A), at(B, 1), at(B, 2), at(A, 3)

    chex.assert_trees_all_close(Smooth.R(f @ g)(x, y, v, w), (Smooth.R(f)(x, v), Smooth.R(g)(y, w)))


@pytest.mark.paper("1910.07065", "linear iff")
@pytest.mark.parametrize(
    ("function", "linear"),
    [(lambda x: 3 * x[::-1], True), (lambda x: x + 1, False), (jnp.sin, False), (lambda x: 0 * x, True)],
    ids=["linear", "affine", "nonlinear", "zero"],
)
def test_a_map_is_linear_exactly_when_it_is_its_double_dagger(function, linear):
    h = smooth(function, A)

    assert Smooth.close(Smooth.dagger_of(Smooth.dagger_of(h)), h) == linear


@pytest.mark.paper("1910.07065", "contextual dagger")
def test_the_contextual_dagger_of_a_matrix_that_depends_on_the_context_is_its_transpose():
    matrix = smooth(lambda c, a: jnp.outer(jnp.sin(c), jnp.cos(c)) @ a, A @ A)
    c, b = at(A), at(A, 1)

    dagger = Smooth.context_dagger(matrix, A)

    np.testing.assert_allclose(dagger(c, b), jnp.outer(jnp.cos(c), jnp.sin(c)) @ b, rtol=1e-13)
    assert Smooth.close(Smooth.context_dagger(dagger, A), matrix)


@pytest.mark.paper("1910.07065", "Thms 41-42")
def test_each_derivative_is_the_contextual_dagger_of_the_other():
    assert Smooth.close(Smooth.context_dagger(Smooth.D(f), A), Smooth.R(f))
    assert Smooth.close(Smooth.context_dagger(Smooth.R(f), A), Smooth.D(f))


def test_the_derivative_of_a_loop_is_the_derivative_of_what_it_unrolls_to():
    h = smooth(bend, A)

    assert Smooth.close(Smooth.R(h**4), Smooth.R(h >> h >> h >> h))
    assert h**0 == Smooth.id(A)


# ------------------------------------------------------------------------------------------------ structure


def test_composition_runs_the_first_arrow_first():
    x = at(A)

    np.testing.assert_allclose((f >> g)(x), [F(x)[0] * F(x)[1], jnp.exp(-(F(x)[2] ** 2))])


def test_the_structure_maps_move_values():
    x = R() @ Fin(3) @ R(2)
    a, b, c = 1.0, 2, jnp.array([3.0, 4.0])

    chex.assert_trees_all_equal(Smooth.swap(x[:1], x[1:])(a, b, c), (jnp.array(b, jnp.int32), c, jnp.array(a)))
    assert len(Smooth.copy(x)(a, b, c)) == 6
    assert Smooth.discard(x)(a, b, c) == ()
    assert Smooth.first(x[:1], x[1:])(a, b, c) == a
    chex.assert_trees_all_equal(Smooth.pick(x, (2, 0, 2))(a, b, c), (c, jnp.array(a), c))


def test_a_pick_is_what_the_projections_make():
    x = R() @ R(2) @ R(3)

    for wires in [(), (1,), (2, 0), (0, 0, 1)]:
        parts = [Smooth.discard(x[:i]) @ x[i] @ Smooth.discard(x[i + 1 :]) for i in wires]
        made = Smooth.discard(x) if not parts else parts[0]
        for part in parts[1:]:
            made = Smooth.pair(made, part)
        assert Smooth.close(Smooth.pick(x, wires), made)


def test_sums_add_values_and_zero_is_zero():
    h = smooth(bend, A)
    x = at(A)

    np.testing.assert_allclose((h + h)(x), 2 * bend(x))
    np.testing.assert_array_equal(Smooth.zero(A, B)(x), np.zeros(3))
    assert Smooth.close(h + Smooth.zero(A, A), h)


def test_a_point_is_an_arrow_out_of_the_unit():
    assert (Smooth.point(A, [3.0, 4.0]) >> smooth(jnp.linalg.norm, A))() == 5


def test_a_sealed_arrow_is_the_same_map():
    assert Smooth.close(Smooth.seal(f >> g), f >> g)


def test_whiskering_with_an_object_is_the_tensor_with_its_identity():
    assert Smooth.close(B @ f, Smooth.id(B) @ f)
    assert Smooth.close(f @ B, f @ Smooth.id(B))


def test_mapped_shares_the_first_values():
    scale = smooth(lambda s, x: s * x, R() @ A)
    xs = at(A.stacked(5))

    np.testing.assert_array_equal(Smooth.mapped(scale, 5, R())(2.0, xs), 2 * xs)


def test_a_fold_takes_each_parameter_in_turn():
    step = smooth(lambda p, x: jnp.sin(p * x), R() @ R())
    ps = at(R(4))
    x = 0.3

    found = Smooth.fold(step, R(), 4)(ps, x)
    for p in ps:
        x = np.sin(p * x)

    np.testing.assert_allclose(found, x)


def test_stacking_puts_values_one_after_another():
    a, b = at(A), at(A, 1)

    np.testing.assert_array_equal(Smooth.stacking(A, 2)(a, b), jnp.stack([a, b]))


def test_close_has_a_tolerance():
    near = smooth(lambda x: F(x) * (1 + 1e-6), A)

    assert not Smooth.close(f, near)
    assert Smooth.close(f, near, tol=1e-5)
    assert not Smooth.close(f, near, tol=0.0)
    assert Smooth.close(f, f, tol=0.0)


# ------------------------------------------------------------------------------------------------ discrete wires


def test_a_finite_choice_has_derivatives_along_the_other_wires():
    choose = smooth(lambda i, x: x[i] ** 2, Fin(3) @ R(3))
    x = jnp.array([1.0, 2.0, 3.0])

    assert Smooth.R(choose).dom == Fin(3) @ R(3) @ R()
    assert Smooth.R(choose).cod == R(3)
    np.testing.assert_array_equal(Smooth.R(choose)(2, x, 1.0), [0, 0, 6])
    np.testing.assert_array_equal(Smooth.D(choose)(1, x, jnp.ones(3)), 4)


def test_noise_from_a_key_is_constant_to_the_derivative():
    noisy = smooth(lambda key, x: x * jax.random.normal(key, (2,)), Key @ A)
    key, x = jax.random.key(3), at(A)

    np.testing.assert_allclose(Smooth.R(noisy)(key, x, jnp.ones(2)), jax.random.normal(key, (2,)))


def test_a_discrete_result_has_no_covector():
    sign = smooth(lambda x: (x**2, x > 0), R())

    assert str(sign.cod) == "R() @ Discrete(bool)"
    assert Smooth.R(sign).dom == R() @ R()
    assert Smooth.R(sign)(3.0, 1.0) == 6
    assert Smooth.D(sign)(3.0, 1.0) == 6


def test_a_record_with_a_counter_moves_in_its_floats_alone():
    record = space_of({"n": jnp.zeros((), jnp.int32), "w": jnp.zeros(2)})
    tick = smooth(lambda s: {"n": s["n"] + 1, "w": s["w"] * s["n"].astype(s["w"].dtype)}, record)
    state = {"n": jnp.int32(3), "w": jnp.ones(2)}

    assert tick.cod == record
    assert Smooth.R(tick).dom == record @ A
    np.testing.assert_array_equal(Smooth.R(tick)(state, jnp.ones(2)), [3, 3])
    np.testing.assert_array_equal(Smooth.D(tick)(state, jnp.ones(2)), [3, 3])


def test_an_arrow_between_discrete_objects_has_the_empty_derivative():
    nxt = smooth(lambda i: (i + 1) % 3, Fin(3), Fin(3))

    assert Smooth.R(nxt).dom == Fin(3)
    assert Smooth.R(nxt).cod == unit
    assert Smooth.R(nxt)(2) == ()
    assert (nxt**4)(2) == 0


# ------------------------------------------------------------------------------------------------ what can be an arrow


def test_the_codomain_is_inferred():
    assert smooth(lambda x: (x, x), A).cod == A @ A
    assert smooth(lambda x: [x, x], A).cod == space_of([jnp.zeros(2)] * 2)
    assert smooth(lambda x: (), A).cod == unit
    assert smooth(lambda: jnp.zeros(2), unit).cod == A
    assert smooth(lambda x: (x,), A).cod == A


def test_a_wire_that_is_a_tuple_is_declared():
    pair = space_of((jnp.zeros(2), jnp.zeros(())))

    assert len(smooth(lambda x: (x, x[0]), A, pair).cod) == 1


def test_a_module_keeps_its_arrays_as_leaves_and_its_flags_static():
    mlp = eqx.nn.MLP(2, 3, 4, 1, key=KEY)
    arrow = smooth(mlp, A)
    x = at(A)

    assert all(eqx.is_array(leaf) for leaf in jax.tree.leaves(arrow))
    np.testing.assert_allclose(jax.jit(lambda h, x: h(x))(arrow, x), mlp(x), rtol=1e-12)
    gradient = jax.grad(lambda h: jnp.sum(h(x)))(arrow)
    expected = eqx.filter_grad(lambda m: jnp.sum(m(x)))(mlp)
    chex.assert_trees_all_close(jax.tree.leaves(gradient), jax.tree.leaves(eqx.filter(expected, eqx.is_array)))


@pytest.mark.parametrize(
    "layer",
    [
        eqx.nn.Linear(2, 3, key=KEY),
        eqx.nn.Linear(2, 3, use_bias=False, key=KEY),
        eqx.nn.LayerNorm(2),
        eqx.nn.Identity(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_of_equinox_are_arrows_under_jit(layer):
    x = at(A)

    np.testing.assert_allclose(jax.jit(lambda h, x: h(x))(smooth(layer, A), x), layer(x), rtol=1e-12)


def test_a_partial_keeps_its_arrays_as_leaves():
    w = jnp.arange(6.0).reshape(3, 2)
    arrow = smooth(jax.tree_util.Partial(lambda w, n, x, *, shift: n * (w @ x) + shift, w, 2, shift=1.0), A)

    np.testing.assert_array_equal(arrow([1.0, 1.0]), [3, 11, 19])
    assert len(jax.tree.leaves(arrow)) == 1


def test_functions_of_numpy_kind_partials_and_jitted_ones_are_arrows():
    import functools

    x = at(A)

    np.testing.assert_array_equal(smooth(jnp.add, A @ A)(x, x), 2 * x)
    np.testing.assert_array_equal(smooth(functools.partial(jnp.sum, axis=0), A)(x), x.sum())
    np.testing.assert_array_equal(smooth(jax.jit(jnp.sin), A)(x), jnp.sin(x))
    np.testing.assert_array_equal(smooth(jax.nn.relu, A)(x), jnp.maximum(x, 0))


def test_an_arrow_holds_the_values_its_function_captured_when_it_was_made():
    arrows = [smooth(lambda x: x * i, R()) for i in range(3)]  # noqa: B023

    assert [arrow(1.0) for arrow in arrows] == [0, 1, 2]


def test_arrows_are_equal_when_their_code_and_what_it_reads_are():
    def times(c):
        return smooth(lambda x: c * x, R())

    def through(act):
        return smooth(lambda x: act(x), R())

    assert times(2.0) == times(2.0)
    assert times(2.0) != times(3.0)
    assert times(0.0) != times(-0.0)
    assert times(float("nan")) == times(float("nan"))
    assert through(jnp.sin) == through(jnp.sin) != through(jnp.cos)
    successor, again = (through(lambda x: x + 1) for _ in range(2))
    assert successor == again
    assert through(lambda x: x + 1) != through(lambda x: x + 2)


def test_a_global_that_changed_makes_another_function():
    global factor
    factor = 2.0
    make = lambda: smooth(lambda x: factor * x, R())
    run = jax.jit(lambda h, x: h(x))
    before = make()
    assert run(before, 1.0) == 2

    factor = 3.0

    assert make() != before
    assert run(make(), 1.0) == 3


def test_a_function_that_calls_itself_is_an_arrow():
    def build():
        def power(x, n=3):
            return x if n == 0 else x * power(x, n - 1)

        return smooth(power, R())

    assert build()(2.0) == 16
    assert build() == build()


def test_arrows_print_readably():
    arrow = smooth(jnp.sin, A) >> smooth(eqx.nn.Linear(2, 3, key=KEY), A)

    assert str(arrow) == "SmoothMap : R(2) -> R(3)"
    assert "dom=R(2)" in repr(arrow)
    assert "0x" not in repr(smooth(bend, A))


# ------------------------------------------------------------------------------------------------ a backward pass by hand


def straight_through(x, dy):
    return dy


def test_a_backward_pass_by_hand_is_used():
    rounded = smooth(jnp.round, A, reverse=straight_through)
    x, w = at(A), at(A, 1)

    np.testing.assert_array_equal(rounded(x), jnp.round(x))
    np.testing.assert_array_equal(Smooth.R(rounded)(x, w), w)
    np.testing.assert_array_equal(jax.jit(Smooth.R(rounded))(x, w), w)
    np.testing.assert_array_equal(jax.grad(lambda x: jnp.sum(rounded(x)))(x), jnp.ones(2))


def test_a_backward_pass_by_hand_leaves_no_forward_derivative_but_the_derived_one():
    rounded = smooth(jnp.round, A, reverse=straight_through)
    x, v = at(A), at(A, 1)

    with pytest.raises(NoForwardDerivative, match="derived_D"):
        Smooth.D(rounded @ A)
    np.testing.assert_array_equal(Smooth.derived_D(rounded)(x, v), v)
    np.testing.assert_array_equal(Smooth.D(Smooth.R(rounded))(x, v, x, v), v)


def test_a_backward_pass_by_hand_works_on_a_batch():
    rounded = smooth(lambda x, y: jnp.round(x) * y, R() @ R(), reverse=lambda x, y, dy: (dy * y, dy * x))
    xs, ys, ws = (at(R(5), i) for i in range(3))

    for mapped in (jax.vmap(Smooth.R(rounded)), Smooth.mapped(Smooth.R(rounded), 5, unit)):
        chex.assert_trees_all_close(mapped(xs, ys, ws), (ws * ys, ws * xs))


def test_a_backward_pass_by_hand_sees_euclidean_wires_alone():
    def forward(i, key, x):
        return i + 1, jnp.round(x) + jax.random.uniform(key)

    def backward(i, key, x, dy):
        return 10 * dy

    arrow = smooth(forward, Fin(3) @ Key @ R(), reverse=backward)

    assert Smooth.R(arrow)(2, KEY, 1.0, 3.0) == 30
    assert jax.jit(Smooth.R(arrow))(2, KEY, 1.0, 3.0) == 30


def test_a_backward_pass_by_hand_may_return_to_a_record():
    record = space_of({"n": jnp.zeros((), jnp.int32), "w": jnp.zeros(2)})
    arrow = smooth(lambda s: s["w"] ** 2, record, reverse=lambda s, dy: -dy)

    np.testing.assert_array_equal(Smooth.R(arrow)({"n": 2, "w": jnp.ones(2)}, jnp.ones(2)), [-1, -1])


def test_a_backward_pass_by_hand_may_hold_arrays():
    w, flag = jnp.array([2.0, 3.0]), jnp.array([1, 2])
    arrow = smooth(
        jax.tree_util.Partial(lambda w, n, x: w * x, w, flag),
        A,
        reverse=jax.tree_util.Partial(lambda v, x, dy: v * dy, -w),
    )

    np.testing.assert_array_equal(jax.jit(lambda h, x: Smooth.R(h)(x, x))(arrow, jnp.ones(2)), -w)
    np.testing.assert_array_equal(jax.grad(lambda x: jnp.sum(arrow(x)))(jnp.ones(2)), -w)


def test_a_backward_pass_is_compared_with_the_true_one():
    exact = compare_reverse(smooth(jnp.sin, A, reverse=lambda x, dy: jnp.cos(x) * dy))
    wrong = compare_reverse(smooth(jnp.sin, A, reverse=lambda x, dy: jnp.cos(x) * dy + 0.5))

    assert exact.agrees
    assert exact.absolute < 1e-14
    assert not wrong.agrees
    assert wrong.absolute == pytest.approx(0.5)


# ------------------------------------------------------------------------------------------------ as programs


def program(w):
    dense = smooth(jax.tree_util.Partial(lambda w, x: jnp.tanh(w @ x), w), A)
    bent = smooth(lambda x: bend(x), A)
    return (dense >> bent) @ (bent**3) >> Smooth.swap(A, A)


def test_rebuilding_a_program_does_not_trace_it_again():
    @jax.jit
    @chex.assert_max_traces(n=1)
    def run(h, x, w):
        return h(x, x), Smooth.R(h)(x, x, w, w)

    chex.clear_trace_counter()
    for i in range(3):
        run(program(jnp.eye(2) + i), at(A), at(A, 1))


def test_arrows_go_through_jit_vmap_and_grad():
    h, x = program(jnp.eye(2)), at(A)
    xs = at(A.stacked(4))

    chex.assert_trees_all_close(jax.jit(lambda h, x: h(x, x))(h, x), h(x, x))
    chex.assert_trees_all_close(jax.vmap(h)(xs, xs)[0][2], h(xs[2], xs[2])[0])
    gradient = jax.grad(lambda h: jnp.sum(h(x, x)[1]))(h)
    assert jax.tree.structure(gradient) == jax.tree.structure(h)


@pytest.mark.float32
def test_a_composite_and_its_derivatives_lower_for_all_hardware():
    noisy = smooth(lambda key, x: x + jax.random.normal(key, (2,), x.dtype), Key @ A)
    h = noisy >> smooth(bend, A) ** 3 >> smooth(jnp.round, A, reverse=straight_through)
    x = A.zeros()

    assert lowers_everywhere(h, KEY, x)
    assert lowers_everywhere(Smooth.R(h), KEY, x, x)
    assert lowers_everywhere(Smooth.D(smooth(bend, A) ** 3), x, x)


@pytest.mark.float32
def test_values_keep_the_default_float():
    for arrow in (f, Smooth.zero(A, B)):
        assert arrow(at(A)).dtype == jnp.result_type(float)
    assert Smooth.R(f)(at(A), at(B)).dtype == jnp.result_type(float)


@pytest.mark.float32
def test_equality_up_to_rounding_follows_the_precision():
    def other(x):
        return jnp.stack([x[0] * (x[0] ** 2 + 2 * x[1]), x[1], jnp.sin(x[0])])

    assert Smooth.close(f, smooth(other, A))


def chain(n):
    step = smooth(lambda x: jnp.sin(x) * 1.5, A)
    h = Smooth.id(A)
    for _ in range(n):
        h = h >> step
    return h


def test_a_chain_of_two_thousand_arrows_does_not_overflow_the_stack():
    h = chain(2000)
    x, w = at(A), at(A, 1)

    jaxpr = jax.make_jaxpr(lambda x, w: (h(x), Smooth.R(h)(x, w), Smooth.D(h)(x, w)))(x, w)

    assert len(jaxpr.eqns) >= 3 * 2000
    assert len(jax.tree.leaves(h)) == 0
    assert h == chain(2000)


def test_a_tensor_of_a_thousand_arrows_is_one_row_of_strands():
    step = smooth(jnp.sin, R())
    row = Smooth.tensor(*[step] * 1000)

    assert len(row.path) == 1
    np.testing.assert_allclose(row(*[1.0] * 1000)[999], np.sin(1))


@pytest.mark.parametrize("what", ["build", "trace", *slow("reverse")])
def test_the_cost_of_a_chain_is_linear(what):
    def cost(n):
        start = time.process_time()
        h = chain(n)
        built = time.process_time()
        work = {
            "build": lambda: None,
            "trace": lambda: jax.make_jaxpr(h)(x),
            "reverse": lambda: jax.make_jaxpr(Smooth.R(h))(x, x),
        }
        work[what]()
        return built - start if what == "build" else time.process_time() - built

    x = at(A)
    cost(10)
    small, large = min(cost(100) for _ in range(4)), min(cost(1000) for _ in range(2))

    assert large < 25 * small + 0.05  # linear would be 10, quadratic 100
