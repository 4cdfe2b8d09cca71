"""Costs: what programs do, in operations, against counts by hand and by the compiler."""

import jax
import jax.numpy as jnp
import pytest

from catlearn import Fin, R, interpret, trace
from catlearn.front import Counting, Work, cost, supported
from catlearn.theory.errors import MissingPrimitive

FRONT = pytest.mark.paper("1804.00746", "front end")
X = R(3)


def by_the_compiler(f, *objects):
    avals = [aval for x in objects for aval in x.avals()]
    return jax.jit(f).lower(*avals).compile().cost_analysis()["flops"]


BY_HAND = {
    "elementwise": (lambda x: jnp.sin(x) * x + 1.0, (X,), {"sin": 3, "mul": 3, "add": 3}),
    "sum": (jnp.sum, (R(4, 5),), {"reduce_sum": 19}),
    "row sums": (lambda x: jnp.sum(x, 1), (R(4, 5),), {"reduce_sum": 16}),
    "matrix product": (jnp.matmul, (R(2, 3), R(3, 4)), {"dot_general": 2 * 2 * 3 * 4}),
    "batched product": (
        lambda a, b: jnp.einsum("bij,bjk->bik", a, b),
        (R(5, 2, 3), R(5, 3, 4)),
        {"dot_general": 5 * 48},
    ),
    "power": (lambda x: x**5, (X,), {"integer_pow": 9}),
    "moves": (lambda x: x[::-1].reshape(3, 1).T, (X,), {}),
    "scan": (lambda x: jax.lax.scan(lambda s, y: (s * y, None), x[0], x)[0], (X,), {"mul": 3}),
    "fori": (lambda x: jax.lax.fori_loop(0, 7, lambda i, y: y * y, x), (X,), {"mul": 21, "add": 7}),
    "cond": (
        lambda x: jax.lax.cond(x[0] > 0, jnp.sin, lambda y: y * y * y, x),
        (X,),
        {"gt": 1, "integer_pow": 0, "mul": 6},
    ),
    "relu": (jax.nn.relu, (X,), {"max": 3}),
    "shared": (lambda x: jnp.sin(x) + jnp.sin(x), (X,), {"sin": 3, "add": 3}),
    "cholesky": (
        lambda m: jax.lax.linalg.cholesky(m, symmetrize_input=False),
        (R(6, 6),),
        {"cholesky": 72, "add": 36, "ge": 36, "select_n": 36},
    ),
    "solve": (
        lambda m, b: jax.lax.linalg.triangular_solve(m, b, left_side=True),
        (R(4, 4), R(4, 2)),
        {"triangular_solve": 32},
    ),
}


@FRONT
@pytest.mark.parametrize("name", BY_HAND)
def test_operations_are_counted_as_by_hand(name):
    f, objects, expected = BY_HAND[name]

    assert cost(f, *objects).by_primitive == {k: v for k, v in expected.items() if v}


@FRONT
@pytest.mark.parametrize(
    ("f", "objects"),
    [
        (lambda w, b, x: jnp.maximum(w @ x + b, 0.0), (R(4, 3), R(4), X)),
        (lambda x, y: x * y + x, (R(5, 5), R(5, 5))),
        (lambda m, w: jax.lax.conv(m[None, None], w[None, None], (1, 1), "VALID"), (R(6, 6), R(3, 3))),
    ],
)
def test_operations_are_counted_as_by_the_compiler(f, objects):
    assert cost(f, *objects).total == by_the_compiler(f, *objects)


@FRONT
def test_costs_add_up_along_composites_and_side_by_side():
    f, g = trace(jnp.sin, X), trace(lambda x: x * x + 1.0, X)
    count = lambda term: interpret(term, Counting)

    assert count(f >> g) == count(f) >> count(g)
    assert count(f @ g) == count(f) @ count(g)
    assert count(f >> g).total == count(f).total + count(g).total == 9


@FRONT
def test_work_that_is_copied_or_thrown_away_was_done():
    f = interpret(trace(jnp.sin, X), Counting)

    assert (f >> Counting.copy(X)).total == 3
    assert (Counting.copy(X) >> (f @ f)).total == 6
    assert (f >> Counting.discard(X)).total == 3
    assert Counting.discard(X).total == 0


def test_a_loop_whose_length_shapes_do_not_tell_is_named_and_can_be_given():
    f = lambda n, x: jax.lax.fori_loop(0, n, lambda i, y: y * y, x)
    term = trace(f, Fin(9), X)

    with pytest.raises(MissingPrimitive, match="the primitive 'while' has no meaning in Counting"):
        interpret(term, Counting)
    (box,) = [use.box for use in term.graph.uses if use.box.name == "while"]
    assert interpret(term, Counting, {"while": Work(box.dom, box.cod, Counting, (("while", 27.0),))}).total == 27


def test_the_count_of_a_linear_solve_is_that_of_solving():
    f = lambda m, b: jnp.linalg.solve(m, b)

    assert cost(f, R(4, 4), R(4)).by_primitive["lu"] == pytest.approx(4 * 16 - 64 / 3)


def test_most_primitives_are_counted():
    assert len(supported(Counting)) >= 90
