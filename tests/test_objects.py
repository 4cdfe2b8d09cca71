"""Objects and wires: strictness, values, tangents."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import Fin, Key, R, space_of, unit
from catlearn.objects import Ob
from catlearn.objects.compare import default_tolerance, distance
from catlearn.theory.errors import WrongObject, WrongValue

KEY = jax.random.key(0)
RECORD = {"w": jnp.zeros(3), "on": jnp.array(True), "deep": (jnp.zeros((2, 2)), jnp.zeros(2, jnp.int32))}
MIXED = {
    "the line": R(),
    "an array": R(2, 3),
    "single precision": R(2, dtype="float32"),
    "a finite set": Fin(4),
    "a key": Key,
    "a record": space_of(RECORD),
    "a record of floats": space_of({"a": jnp.zeros(2), "b": jnp.zeros(())}),
    "an empty record": space_of(()),
    "unit": unit,
    "several": R(2) @ Fin(3) @ Key @ space_of(RECORD) @ R(),
}
mixed = pytest.mark.parametrize("x", MIXED.values(), ids=MIXED.keys())


@mixed
def test_the_tensor_is_strictly_associative_and_unital(x):
    y, z = R(2) @ Fin(3), Key

    assert (x @ y) @ z == x @ (y @ z)
    assert x @ unit == x == unit @ x
    assert hash((x @ y) @ z) == hash(x @ (y @ z))


@mixed
def test_zeros_and_random_values_are_elements(x):
    for value in (x.zeros(), x.random(key=KEY)):
        values = value if len(x) != 1 else (value,)
        chex.assert_trees_all_equal(x.check(*values), value)


@mixed
def test_values_have_the_shapes_and_dtypes_that_the_object_says(x):
    values = x.random(key=KEY) if len(x) != 1 else (x.random(key=KEY),)

    assert jax.tree.map(lambda a: (a.shape, a.dtype), values) == jax.tree.map(lambda a: (a.shape, a.dtype), x.avals())


@mixed
def test_join_puts_together_what_split_takes_apart(x):
    values = x.random(key=KEY) if len(x) != 1 else (x.random(key=KEY),)

    moving, rest = x.split(values)

    assert len(moving) == len(x.tangent)
    chex.assert_trees_all_equal(x.join(moving, rest), values)


@mixed
def test_the_moving_part_is_a_value_of_the_tangent(x):
    values = x.random(key=KEY) if len(x) != 1 else (x.random(key=KEY),)

    chex.assert_trees_all_equal(x.tangent.elements(x.split(values)[0]), x.split(values)[0])


@mixed
def test_the_tangent_of_a_tangent_is_itself(x):
    assert x.tangent.tangent == x.tangent
    assert x.tangent.euclidean


@mixed
def test_a_stack_holds_values_one_after_another(x):
    values = [tuple(w.random(jax.random.fold_in(KEY, i)) for w in x.wires) for i in range(3)]

    stacked = tuple(jax.tree.map(lambda *column: jnp.stack(column), *wire) for wire in zip(*values, strict=True))

    chex.assert_trees_all_equal(x.stacked(3).elements(stacked), stacked)
    assert x.stacked(3).tangent == x.tangent.stacked(3)


def test_discrete_wires_have_the_unit_for_tangent():
    assert (Fin(3) @ Key).tangent == unit
    assert (R(2) @ Fin(3) @ R()).tangent == R(2) @ R()
    assert not Fin(3).euclidean
    assert space_of(RECORD).tangent == R(2, 2) @ R(3)


@pytest.mark.float32
def test_an_object_does_not_change_with_the_precision():
    x = R(2)
    with jax.enable_x64(False):
        single, found = R(2), x.zeros().dtype
    with jax.enable_x64(True):
        double, wide = R(2), x.zeros().dtype

    assert single == double == x
    assert (found, wide) == (jnp.float32, jnp.float64)


@pytest.mark.float32
@pytest.mark.parametrize("value", [2, 2.0, np.float64(2), np.float32(2), [[2.0]][0][0], np.array(2.0)], ids=repr)
def test_a_python_or_numpy_number_is_a_point_of_the_line(value):
    held = R().check(value)

    assert isinstance(held, jax.Array)
    assert held == 2
    assert jnp.issubdtype(held.dtype, jnp.floating)


@pytest.mark.float32
def test_a_list_is_a_vector():
    np.testing.assert_array_equal(R(2).check([1, 2.5]), [1, 2.5])
    assert R(2).check([1, 2]).dtype == jnp.result_type(float)
    assert R(2).check(np.ones(2)).dtype == jnp.result_type(float)


@pytest.mark.float32
def test_a_declared_dtype_is_kept():
    assert R(2, dtype="float16").check([1, 2]).dtype == jnp.float16
    assert R(2, dtype=jnp.float16).zeros().dtype == jnp.float16
    assert str(R(2, dtype="float16")) == "R(2, dtype=float16)"


def test_a_wire_without_dtype_takes_any_real_float():
    assert R(2).check(jnp.ones(2, jnp.bfloat16)).dtype == jnp.bfloat16


def test_objects_print_as_one_writes_them():
    assert str(R(28, 28) @ Fin(10) @ Key) == "R(28, 28) @ Fin(10) @ Key"
    assert repr(R() @ unit) == "R()"
    assert str(unit) == "unit"
    assert str(Fin(3).stacked(2) @ Key.stacked(4)) == "Fin(3)^2 @ Key^4"


def test_an_object_is_the_tensor_of_its_wires():
    x = R(2) @ Fin(3) @ Key

    assert x[0] @ x[1] @ x[2] == x == x[:1] @ x[1:]
    assert list(x) == [R(2), Fin(3), Key]
    assert x[-1] == Key


def test_labels_name_elements_and_do_not_change_the_object():
    weather = Fin(2, labels=["dry", "wet"])

    assert weather == Fin(2)
    assert hash(weather) == hash(Fin(2))
    assert weather.check("wet") == 1


def test_space_of_an_array_is_its_wire():
    assert space_of(jnp.zeros((2, 3))) == R(2, 3)
    assert space_of(jax.random.key(0)) == Key
    assert space_of(jnp.zeros(3, jnp.float16)) == R(3, dtype="float16")


@pytest.mark.parametrize("dtype", [jnp.int8, jnp.int32, jnp.uint8])
def test_a_python_integer_is_an_element_of_each_integer_wire(dtype):
    x = space_of(jnp.zeros((), dtype))

    assert x.check(7).dtype == dtype
    with pytest.raises(WrongValue):
        x.check(1.5)
    with pytest.raises(WrongValue):
        x.check(10**10)


def test_space_of_a_tuple_is_one_wire():
    assert len(space_of((jnp.zeros(2), jnp.zeros(3)))) == 1


def test_a_record_knows_its_elements():
    checked = space_of({"w": jnp.zeros(()), "n": jnp.zeros(2, int)}).check({"w": 1, "n": np.array([1, 2])})

    assert checked["n"].dtype == jnp.result_type(int)
    assert checked["w"].dtype == jnp.result_type(float)


@pytest.mark.parametrize(
    ("x", "value", "said"),
    [
        (R(2), jnp.ones(3), ["wire 0, R(2)", "float[2]", "[3]"]),
        (R(2), jnp.ones((5, 2)), ["[5, 2]", "Batch(n)(f)"]),
        (R(2), jnp.ones(2, int), ["float[2]", "int", "x.astype(float)"]),
        (R(), 1j, ["float[]", "1j"]),
        (R(2, dtype="float16"), jnp.ones(2, jnp.float32), ["float16[2]", "float32[2]", "x.astype(float16)"]),
        (R(), "one", ["float[]", "'one'"]),
        (R(), None, ["float[]", "None"]),
        (R(2), [[1], [2, 3]], ["float[2]", "[[1], [2, 3]] of type list"]),
        (Fin(3), 3, ["an integer in 0..2", "3"]),
        (Fin(3), -1, ["0..2", "-1"]),
        (Fin(3), 1.0, ["an integer in 0..2", "float"]),
        (Fin(2, labels=["dry", "wet"]), "snow", ["'snow'", "'dry', 'wet'"]),
        (Fin(3).stacked(2), jnp.array([0, 5]), ["0..2", "[0 5]"]),
        (Key, 0, ["a random key", "int", "jax.random.key"]),
        (Key, jnp.zeros(2, jnp.uint32), ["a random key", "uint32[2]"]),
        (Key.stacked(2), jax.random.key(0), ["shape [2]", "shape []"]),
        (space_of(jnp.zeros(2, jnp.int32)), jnp.zeros(2), ["int32[2]", "float"]),
        (space_of({"w": jnp.zeros(2)}), {"v": jnp.zeros(2)}, ["pytree", "'v'", "'w'"]),
        (space_of({"w": jnp.zeros(2)}), {"w": jnp.zeros(3)}, ["float[2] at ['w']", "[3] at ['w']"]),
    ],
    ids=str,
)
def test_what_is_not_an_element_is_named_with_what_was_expected(x, value, said):
    with pytest.raises(WrongValue) as caught:
        x.check(value)

    for part in said:
        assert part in str(caught.value)


def test_a_value_a_wire_is_asked_for():
    with pytest.raises(WrongValue, match="2 values, one a wire, but was given 1"):
        (R() @ R()).check(1.0)


def test_a_double_where_doubles_are_off_says_how_to_switch_them_on():
    with jax.enable_x64(False), pytest.raises(WrongValue, match="jax_enable_x64"):
        R(dtype="float64").check(1.0)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: R(-1), "whole numbers >= 0"),
        (lambda: R(2, dtype=int), "not Euclidean"),
        (lambda: Fin(0), "n >= 1"),
        (lambda: Fin(2, labels=["a"]), "one label an element"),
        (lambda: Fin(2, labels=["a", "a"]), "all different"),
        (lambda: space_of("text"), "no wire holds 'text'"),
        (lambda: space_of(jnp.zeros(2, complex)), "pairs of real ones"),
    ],
)
def test_an_object_that_cannot_be_is_named(make, said):
    with pytest.raises(WrongObject, match=said):
        make()


def test_ranges_are_trusted_under_a_trace_and_checked_outside():
    assert jax.jit(Fin(3).check)(2) == 2

    @jax.jit
    def constant(x):
        return x + Fin(3).check(2)

    assert constant(1) == 3
    with pytest.raises(WrongValue):
        jax.jit(lambda: Fin(3).check(np.int32(7)))()


def test_the_distance_of_values_is_relative_to_their_size():
    assert distance((jnp.array([2.0, 100.0]),), (jnp.array([2.0, 101.0]),)) == pytest.approx(1 / 101)
    assert distance(jnp.array(0.25), jnp.array(0.5)) == 0.25


def test_a_nan_is_at_no_distance_from_a_nan_alone():
    nan, inf = jnp.array(jnp.nan), jnp.array(jnp.inf)

    assert distance(nan, nan) == distance(inf, inf) == 0
    assert distance(nan, inf) == distance(nan, jnp.array(1.0)) == distance(inf, -inf) == np.inf


def test_values_of_different_kind_are_infinitely_far():
    assert distance(jnp.array(1.0), jnp.array(1)) == np.inf
    assert distance((jnp.ones(2),), (jnp.ones(3),)) == np.inf
    assert distance({"a": 1.0}, {"b": 1.0}) == np.inf
    assert distance(jnp.array(1), jnp.array(2)) == np.inf
    assert distance(jax.random.key(0), jax.random.key(0)) == 0
    assert distance(jax.random.key(0), jax.random.key(1)) == np.inf


@pytest.mark.float32
def test_the_tolerance_follows_the_precision():
    with jax.enable_x64(False):
        assert 1e-4 < default_tolerance() < 1e-3
    with jax.enable_x64(True):
        assert 1e-13 < default_tolerance() < 1e-11


def test_objects_are_static_data_of_a_program():
    assert {R(2) @ Fin(3): 1}[Ob(R(2).wires + Fin(3).wires)] == 1
