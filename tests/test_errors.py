"""What bad input gets: a named error with both sides and a cure, and a traceback that ends where the caller stands."""

import subprocess
import sys
import traceback
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import last_file

from catlearn import CatlearnError, Fin, Key, R, Smooth, smooth, space_of, unit
from catlearn.categories import Linear, linear
from catlearn.constructions import Include, Reverse
from catlearn.theory.errors import (
    ClosesOverArrays,
    NotAdditive,
    NotAFunction,
    NotAnEndomap,
    NotComposable,
    NotLinear,
    NotParallel,
    WrongCategory,
    WrongCodomain,
    WrongObject,
    WrongShape,
    WrongValue,
)

A, B = R(2), R(3)
W = np.ones((3, 2))
JAX_GLOBAL = jnp.ones(2)
f = smooth(lambda x: jnp.stack([x[0], x[1], x[0]]), A)
g = smooth(jnp.sin, A)
m = linear(A, B, W)


def captures(array):
    return lambda x: array * x


def has_a_default(x, array=np.ones(2)):  # noqa: B008
    return array * x


def has_a_keyword(x, *, scale):
    return scale * x


DOORS = {
    # composition
    "then": (lambda: f >> f, NotComposable, ["f ends at R(3)", "g starts at R(2)", "f >> g runs f first"]),
    "then, the long way": (lambda: Smooth.then(g, g, f, g), NotComposable, ["R(3)", "R(2)"]),
    "then with another category": (lambda: g >> m, WrongCategory, ["LinearMap : R(2) -> R(3)", "Linear", "Smooth"]),
    "tensor with another category": (lambda: m @ g, WrongCategory, ["Smooth", "Linear"]),
    "then with no arrow": (lambda: Smooth.then(g, 3), WrongCategory, ["expected an arrow of Smooth", "3 of type int"]),
    "power": (lambda: f**2, NotAnEndomap, ["R(2) -> R(3)", "** 2"]),
    "negative power": (lambda: g**-1, NotAnEndomap, ["** -1", "n >= 0"]),
    "add": (lambda: f + g, NotParallel, ["R(2) -> R(3)", "R(2) -> R(2)"]),
    "close": (lambda: Smooth.close(f, g), NotParallel, ["cannot compare", "R(3)"]),
    "close with no arrow": (lambda: Smooth.close(f, None), WrongCategory, ["None of type NoneType"]),
    "pair": (lambda: Smooth.pair(g, smooth(jnp.sin, B)), NotParallel, ["cannot pair", "R(3)"]),
    "pair with another category": (lambda: Smooth.pair(g, m), WrongCategory, ["Linear"]),
    "the derivative of a linear map in Smooth": (lambda: Smooth.R(m), WrongCategory, ["Linear", "Smooth"]),
    "the derivative of no arrow": (lambda: Smooth.D(3), WrongCategory, ["3 of type int"]),
    "a wrong context": (lambda: Smooth.context_dagger(f, B), WrongObject, ["R(2) -> R(3)", "begin with R(3)"]),
    "a sum of lenses": (lambda: Reverse(g) + Reverse(g), WrongCategory, ["Lens(Smooth)", "has no +"]),
    # addition at discrete wires
    "zero into a finite set": (lambda: Smooth.zero(A, Fin(2)), NotAdditive, ["Fin(2)", "Euclidean"]),
    "a sum of keys": (lambda: Smooth.id(Key) + Smooth.id(Key), NotAdditive, ["Key"]),
    "a linear identity": (lambda: Linear.id(A @ Fin(2)), NotAdditive, ["R(2) @ Fin(2)"]),
    "a linear swap": (lambda: Linear.swap(A, Key), NotAdditive, ["R(2) @ Key"]),
    "a linear copy": (lambda: Linear.copy(Fin(2)), NotAdditive, ["Fin(2)"]),
    "a linear discard": (lambda: Linear.discard(Fin(2)), NotAdditive, ["Fin(2)"]),
    "a linear zero": (lambda: Linear.zero(A, Fin(2)), NotAdditive, ["Fin(2)"]),
    "linear whiskering": (lambda: m @ Fin(2), NotAdditive, ["Fin(2)"]),
    "whiskering on the left": (lambda: Fin(2) @ m, NotAdditive, ["Fin(2)"]),
    "linear projection": (lambda: Linear.first(A, Fin(2)), NotAdditive, ["Fin(2)"]),
    "linear from a record with a counter": (
        lambda: linear(space_of({"n": 1}), A, lambda x: x),
        NotAdditive,
        ["Discrete"],
    ),
    # values
    "a value of the wrong shape": (lambda: f(np.ones(3)), WrongValue, ["wire 0, R(2)", "float[2]", "[3]"]),
    "a batch": (lambda: f(np.ones((5, 2))), WrongValue, ["Batch(n)(f)"]),
    "integers for floats": (lambda: f(np.ones(2, int)), WrongValue, ["int64[2]", "x.astype(float)"]),
    "too few values": (lambda: f(), WrongValue, ["1 values, one a wire, but was given 0"]),
    "too many values": (lambda: m(np.ones(2), 1.0), WrongValue, ["but was given 2"]),
    "a linear value": (lambda: m.dagger(np.ones(2)), WrongValue, ["R(3)", "[2]"]),
    "a label": (lambda: Smooth.id(Fin(2, labels=["dry", "wet"]))("snow"), WrongValue, ["'snow'", "'dry', 'wet'"]),
    "a number out of range": (lambda: Smooth.id(Fin(2))(2), WrongValue, ["0..1", "2"]),
    "a seed for a key": (lambda: Smooth.id(Key)(0), WrongValue, ["jax.random.key"]),
    "a point": (lambda: Smooth.point(A, 1.0), WrongValue, ["R(2)", "float64[]"]),
    "the check of an object": (lambda: (A @ B).check(np.ones(2), np.ones(2)), WrongValue, ["wire 1, R(3)"]),
    "a covector": (lambda: Smooth.R(f)(np.ones(2), np.ones(2)), WrongValue, ["wire 1, R(3)"]),
    # functions
    "a captured array": (lambda: smooth(captures(np.ones(2)), A), ClosesOverArrays, ["`array`", "Partial"]),
    "a captured array of jax": (lambda: smooth(captures(jnp.ones(2)), A), ClosesOverArrays, ["`array`"]),
    "a captured pytree": (lambda: smooth(captures({"w": jnp.ones(2)}), A), ClosesOverArrays, ["`array`"]),
    "a default": (lambda: smooth(has_a_default, A), ClosesOverArrays, ["a default"]),
    "a global array": (lambda: smooth(lambda x: JAX_GLOBAL * x, A), ClosesOverArrays, ["`JAX_GLOBAL`"]),
    "a linear captured array": (lambda: linear(A, A, captures(W)), ClosesOverArrays, ["`array`"]),
    "a captured array of a backward pass": (
        lambda: smooth(jnp.sin, A, reverse=captures(W)),
        ClosesOverArrays,
        ["`array`"],
    ),
    "too few arguments": (lambda: smooth(lambda x: x, A @ B), NotAFunction, ["(x)", "R(2) @ R(3) has 2"]),
    "too many arguments": (lambda: smooth(lambda x, y: x, A), NotAFunction, ["(x, y)", "R(2) has 1"]),
    "a keyword": (lambda: smooth(has_a_keyword, A), NotAFunction, ["has_a_keyword(x, *, scale)", "'scale'"]),
    "a binary function": (lambda: smooth(jnp.add, A), NotAFunction, ["add", "2 arguments"]),
    "a linear function of too many": (lambda: linear(A, A, lambda x, y: x), NotAFunction, ["(x, y)"]),
    "a wrong codomain": (lambda: smooth(jnp.sin, A, B), WrongCodomain, ["sin : R(2) -> R(3)", "it returns R(2)"]),
    "a codomain of more wires": (lambda: smooth(jnp.sin, A, A @ A), WrongCodomain, ["R(2) @ R(2)"]),
    "a codomain of the wrong precision": (
        lambda: smooth(lambda x: x.astype(jnp.float16), A, R(2, dtype="float32")),
        WrongCodomain,
        ["dtype=float32", "dtype=float16"],
    ),
    "a codomain that is no set of arrays": (
        lambda: smooth(lambda x: x.astype(complex), A),
        WrongObject,
        ["complex128[2]"],
    ),
    "a wrong backward pass": (lambda: smooth(f, A, reverse=lambda x, dy: dy), WrongCodomain, ["R(2) @ R(3) -> R(2)"]),
    "a backward pass of one argument": (lambda: smooth(f, A, reverse=lambda dy: dy), NotAFunction, ["(dy)"]),
    # linear maps
    "a transposed matrix": (lambda: linear(A, B, W.T), WrongShape, ["(3, 2)", "(2, 3)", "transpose"]),
    "a matrix of the wrong shape": (lambda: linear(A, B, np.ones(6)), WrongShape, ["(3, 2)", "(6,)"]),
    "a matrix of integers": (lambda: linear(A, B, W.astype(int)), WrongValue, ["int64[3, 2]", "astype(float)"]),
    "ragged rows": (lambda: linear(A, B, [[1, 2], [3]]), WrongValue, ["rows of numbers", "[[1, 2], [3]]"]),
    "no matrix": (lambda: linear(A, B, None), WrongValue, ["rows of numbers", "None"]),
    "a nonlinear function": (lambda: linear(A, A, jnp.sin), NotLinear, ["sin is not", "cannot transpose"]),
    "a product with itself": (lambda: linear(A, A, lambda x: x * x), NotLinear, ["cannot transpose"]),
    "an affine function": (lambda: linear(A, A, lambda x: x + 1.0), NotLinear, ["zero to zero", "smooth"]),
    "a function that lies": (lambda: linear(A, A, lying), NotLinear, ["f(x + y)"]),
    "an affine module": (lambda: linear(A, B, eqx.nn.Linear(2, 3, key=jax.random.key(0))), NotLinear, ["zero to zero"]),
    "a wrong linear codomain": (lambda: linear(A, B, lambda x: x), WrongCodomain, ["R(2) -> R(3)"]),
    "the dagger of a smooth map": (lambda: Linear.dagger(g), WrongCategory, ["Smooth"]),
    "the inclusion of a smooth map": (lambda: Include(g), WrongCategory, ["Smooth", "Linear"]),
    # objects
    "a negative size": (lambda: R(-1), WrongObject, ["R(-1,)"]),
    "a space of integers": (lambda: R(2, dtype=int), WrongObject, ["space_of"]),
    "an empty finite set": (lambda: Fin(0), WrongObject, ["Fin(0)"]),
    "too few labels": (lambda: Fin(2, labels=["a"]), WrongObject, ["one label an element"]),
    "an example that is no array": (lambda: space_of({"a": "text"}), WrongObject, ["'text'"]),
}


def lying(x):
    return jax.custom_derivatives.linear_call(lambda _, x: jnp.abs(x), lambda _, y: y, (), x)


@pytest.mark.parametrize(("mistake", "error", "said"), DOORS.values(), ids=DOORS.keys())
def test_a_mistake_is_named_with_both_sides_at_the_line_of_the_caller(mistake, error, said):
    with pytest.raises(CatlearnError) as caught:
        mistake()

    assert type(caught.value) is error
    for part in said:
        assert part in str(caught.value)
    assert last_file(caught) == Path(__file__).name
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("other", [3, None, "R(2)", jnp.ones(2)], ids=lambda x: type(x).__name__)
def test_what_is_no_arrow_does_not_compose(other):
    for mistake in (lambda: g >> other, lambda: g + other):
        with pytest.raises(TypeError, match="unsupported operand") as caught:
            mistake()
        assert last_file(caught) == Path(__file__).name


def test_what_is_no_object_does_not_whisker():
    for mistake in (lambda: g @ 3, lambda: 3 @ g, lambda: Reverse(g) @ A, lambda: A @ 3):
        with pytest.raises(TypeError, match="unsupported operand") as caught:
            mistake()
        assert last_file(caught) == Path(__file__).name


def test_a_tracer_in_a_closure_is_found():
    with pytest.raises(ClosesOverArrays, match="`array`"):
        jax.jit(lambda w: smooth(captures(w), A)(w))(jnp.ones(2))


def test_shapes_are_checked_under_a_trace_as_well():
    with pytest.raises(WrongValue) as caught:
        jax.jit(lambda x: f(x))(jnp.ones(3))

    assert "float64[3]" in str(caught.value)


def test_a_bug_in_a_users_function_is_shown_in_the_users_function():
    def broken(x):
        return g(x[:1])

    with pytest.raises(WrongValue) as caught:
        smooth(broken, A)

    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (Path(last.filename).name, last.name) == (Path(__file__).name, "broken")


def test_each_error_is_a_builtin_one_too_and_says_its_cause_and_cure():
    from catlearn.theory import errors

    named = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, CatlearnError)]

    for error in set(named) - {CatlearnError}:
        assert len(error.__mro__) > 4, error
        assert "\n\n" in error.__doc__, error


PLAIN = """
import traceback
import jax.numpy as jnp
from catlearn import CatlearnError, Fin, R, Smooth, smooth
from catlearn.categories import linear

mistakes = [
    lambda: R(2.0), lambda: R((2, 3)), lambda: R("a"), lambda: R(True), lambda: Fin(2.5), lambda: Fin("a"),
    lambda: smooth(3, R()), lambda: smooth(None, R()), lambda: smooth(jnp.sin, R(2))(jnp.ones(3)),
    lambda: smooth(jnp.sin, R(2)) >> smooth(jnp.sin, R(3)), lambda: smooth(jnp.sin, R()) ** 0.5,
    lambda: linear(R(), R(), "matrix"),
]
for mistake in mistakes:
    try:
        print("nothing raised", mistake())
    except CatlearnError as error:
        print(traceback.extract_tb(error.__traceback__)[-1].filename)
"""


def test_the_same_holds_where_annotations_are_not_checked(tmp_path):
    (tmp_path / "mistakes.py").write_text(PLAIN)

    run = subprocess.run([sys.executable, str(tmp_path / "mistakes.py")], capture_output=True, text=True)

    assert run.stderr == ""
    assert set(run.stdout.splitlines()) == {str(tmp_path / "mistakes.py")}


def test_unit_takes_no_value():
    with pytest.raises(WrongValue, match="0 values"):
        Smooth.id(unit)(1.0)
