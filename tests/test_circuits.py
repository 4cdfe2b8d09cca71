"""Circuits: gates and their reverse derivatives, equality as polynomials, what they compute, and the packed evaluator."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import lowers_everywhere

from catlearn import Lens, Reverse, Smooth, lens, para
from catlearn.categories import Poly, poly
from catlearn.constructions import freeze, interpret, packed, tie, truth
from catlearn.constructions.circuit import (
    AND,
    NOT,
    ONE,
    XOR,
    ZERO,
    Bits,
    Circuits,
    Polynomials,
    circuit,
    random_circuit,
)
from catlearn.objects import Z2, space_of
from catlearn.theory.errors import NotAFunction, NotComposable, WrongCategory, WrongObject, WrongValue

RDC, RDA = "1910.07065", "2101.10488"
BIT = Bits(1)

SQUARE = circuit(1, lambda x: x & x)


def some_circuits(n, *, inputs=3, gates=6):
    return [random_circuit(inputs, gates, key=jax.random.key(seed)) for seed in range(n)]


def every(n):
    return [truth.digits(x, n) for x in range(2**n)]


# ---------------------------------------------------------------- gates


@pytest.mark.paper(RDA, "generators")
@pytest.mark.parametrize(
    ("gate", "back"),
    [
        (Circuits.copy(BIT), lambda x, d, e: (d ^ e,)),
        (Circuits.discard(BIT), lambda x: (False,)),
        (XOR, lambda x, y, d: (d, d)),
        (ZERO, lambda d: ()),
        (AND, lambda x, y, d: (y & d, x & d)),
        (ONE, lambda d: ()),
        (NOT, lambda x, d: (d,)),
        (Circuits.swap(BIT, Bits(2)), lambda x, y, z, c, d, e: (e, c, d)),
    ],
    ids=["copy", "discard", "xor", "zero", "and", "one", "not", "swap"],
)
def test_each_generator_comes_back_as_the_paper_says(gate, back):
    R = Circuits.R(gate)

    assert (R.dom, R.cod) == (gate.dom @ gate.cod, gate.dom)
    assert all(truth.evaluate(R, *xs) == tuple(map(bool, back(*xs))) for xs in every(len(R.dom)))


def test_a_python_function_writes_a_circuit_that_computes_what_the_function_does():
    f = lambda x, y, z: ((x & y) ^ z, x | (y ^ 1), z & True)
    g = circuit(3, f)

    assert all(truth.evaluate(g, *xs) == f(*xs) for xs in every(3))


def test_circuits_compose_as_arrows_do():
    half_adder = circuit(2, lambda x, y: (x ^ y, x & y))
    full_adder = (BIT @ half_adder) >> (half_adder @ BIT) >> (BIT @ circuit(2, lambda x, y: x | y))

    for x, y, z in every(3):
        total, carry = truth.evaluate(full_adder, x, y, z)
        assert total + 2 * carry == x + y + z
    with pytest.raises(NotComposable):
        XOR >> AND


def test_reverse_derivatives_are_linear_in_the_size_of_the_circuit():
    for gates in (50, 500):
        f = random_circuit(8, gates, key=jax.random.key(0))
        n = len(f.graph.uses)

        assert n > 0.8 * gates
        assert len(Circuits.R(f).graph.uses) <= 6 * n


# ---------------------------------------------------------------- the laws, by other means


def test_the_way_back_of_a_lens_of_lenses_is_the_reverse_derivative():
    for f, g in itertools.pairwise(some_circuits(6)):
        g = circuit(len(f.cod), lambda *xs, f=f: [xs[0] & xs[-1], xs[-1] ^ 1])
        lenses = Reverse(f) >> Reverse(g)
        literal = lens(f, Circuits.R(f)) >> lens(g, Circuits.R(g))

        assert Circuits.close(lenses.put, Circuits.R(f >> g))
        assert Circuits.close(literal.put, Circuits.R(f >> g))
        assert Circuits.close(literal.literal_put, Circuits.R(f >> g))
        assert Lens(Circuits).close(lenses, literal)


def test_only_the_wires_that_move_come_back():
    f = circuit(2, lambda x, y: x & y)
    _, back = Circuits.pull(f, (0, 1), (False, True))

    assert Circuits.close(Circuits.arrow(Bits(3), BIT, lambda xs: back(xs[2:])), circuit(3, lambda x, y, d: x & d))


@pytest.mark.paper(RDC, "Z2 subtlety")
@pytest.mark.paper(RDA, "safe circuits")
def test_a_square_is_the_identity_as_a_function_and_not_as_a_circuit():
    identity = Circuits.id(BIT)

    assert truth.same_function(SQUARE, identity)
    assert not Circuits.close(SQUARE, identity)
    assert Circuits.close(Circuits.R(SQUARE), Circuits.zero(Bits(2), BIT))
    assert Circuits.close(Circuits.R(identity), circuit(2, lambda x, d: d))
    assert not truth.same_function(Circuits.R(SQUARE), Circuits.R(identity))


def test_reading_a_circuit_as_polynomials_is_its_interpretation_there():
    gates = {
        "xor": poly(Bits(2), BIT, lambda x, y: x + y, Z2),
        "zero": poly(Bits(0), BIT, [0], Z2),
        "and": poly(Bits(2), BIT, lambda x, y: x * y, Z2),
        "one": poly(Bits(0), BIT, [1], Z2),
    }
    for f in (*some_circuits(4), circuit(2, lambda x, y: (1, x ^ 1, 0, y & y))):
        assert interpret(f, Poly(Z2), arrows=gates) == Polynomials(f)


# ---------------------------------------------------------------- what circuits compute


def test_truth_tables_are_the_values_on_all_inputs():
    for f in some_circuits(8, inputs=4, gates=10):
        tables = truth.truth_table(f)

        assert all(truth.evaluate(f, *xs) == tuple(t >> x & 1 for t in tables) for x, xs in enumerate(every(4)))


def test_the_algebraic_normal_form_is_the_polynomial_with_squares_removed():
    for f in some_circuits(12, inputs=4, gates=10):
        for polynomial, form in zip(Circuits.normal_form(f), truth.algebraic_normal_form(f), strict=True):
            found = set()
            for term in polynomial.terms:
                found ^= {frozenset(i for i, _ in term)}
            assert found == form


def test_the_multilinear_circuit_computes_the_same_and_is_safe():
    for f in some_circuits(12):
        g = truth.multilinear(f)

        assert truth.same_function(f, g)
        assert truth.is_safe(g)
        assert truth.is_safe(f) == Circuits.close(f, g)


def flips_agree(f, R):
    n, tables = len(f.dom), truth.truth_table(R)
    return all(
        truth.flip(f, v[:n], v[n:]) == tuple(bool(t >> x & 1) for t in tables) for x, v in enumerate(every(len(R.dom)))
    )


@pytest.mark.paper(RDC, "flip formula")
@pytest.mark.paper(RDA, "safe circuits")
def test_the_derivative_of_a_safe_circuit_is_the_flip_formula_on_all_inputs():
    for f in some_circuits(6, gates=4):
        safe = truth.multilinear(f)

        assert flips_agree(safe, Circuits.R(safe))
        assert flips_agree(f, Circuits.R(safe))


@pytest.mark.paper(RDA, "safe circuits")
def test_the_derivative_of_an_unsafe_circuit_may_differ_from_the_flip_formula():
    unsafe = circuit(2, lambda x, y: (x ^ y) & x)

    assert not truth.is_safe(unsafe)
    assert not flips_agree(SQUARE, Circuits.R(SQUARE))
    assert not flips_agree(unsafe, Circuits.R(unsafe))
    assert truth.flip(SQUARE, (True,), (True,)) == (True,)
    assert truth.evaluate(Circuits.R(SQUARE), True, True) == (False,)


def test_an_unsafe_circuit_may_still_have_the_derivative_of_its_function():
    nothing = circuit(1, lambda x: (x & x) ^ (x & x & x & x))

    assert not truth.is_safe(nothing)
    assert flips_agree(nothing, Circuits.R(nothing))


def test_each_row_of_an_array_is_evaluated_as_booleans_are():
    f = circuit(3, lambda x, y, z: (x & y, 1, z, (x ^ z) & 0))

    assert truth.evaluate_each(f, np.array(every(3))).tolist() == [list(truth.evaluate(f, *xs)) for xs in every(3)]


def test_parameters_of_a_circuit_are_tied_and_frozen():
    f = para(Bits(2), circuit(3, lambda p, q, x: (p & x) ^ (q & x) ^ q), labels=["p", "q"])

    assert Circuits.close(tie(f, ("p", "q")).arrow, circuit(2, lambda p, x: p))
    assert Circuits.close(freeze(f, {"q": 1}).arrow, circuit(2, lambda p, x: (p & x) ^ x ^ 1))


def test_wrong_arguments_are_named():
    with pytest.raises(WrongObject, match="takes 2 Booleans"):
        truth.evaluate(AND, True)
    with pytest.raises(WrongObject, match="takes 2 columns of Booleans"):
        truth.evaluate_each(AND, np.zeros((4, 3), bool))
    with pytest.raises(WrongObject, match=r"got int\d+\[4, 2\]"):
        truth.evaluate_each(AND, np.zeros((4, 2), int))
    with pytest.raises(WrongObject, match=r"Bits\(-1\) needs"):
        Bits(-1)
    with pytest.raises(NotAFunction, match="cannot be called on"):
        circuit(2, lambda x: x)
    with pytest.raises(WrongObject, match="at least one input"):
        random_circuit(0, 3, key=jax.random.key(0))
    with pytest.raises(WrongObject, match="a point of"):
        Circuits.point(Bits(2), 1)
    for use in (Circuits.R, Circuits.D, Circuits.normal_form, truth.truth_table, packed.Packed.of):
        with pytest.raises(WrongObject, match="is no gate of a circuit; those are xor, zero, and, one"):
            use(Circuits.generator("nand", Bits(2), Bits(1)))
    with pytest.raises(WrongObject, match="made of wires and the constants"):
        circuit(1, lambda x: x ^ 2)
    with pytest.raises(WrongCategory):
        truth.truth_table(Smooth.id(space_of(jnp.zeros(2))))


# ---------------------------------------------------------------- packed


@pytest.mark.parametrize("n", [0, 1, 31, 32, 33, 100])
def test_packing_and_unpacking_any_number_of_inputs_loses_nothing(n):
    bits = np.random.default_rng(n).integers(0, 2, (n, 3)).astype(bool)
    words = packed.pack(bits)

    assert words.shape == (3, -(-n // 32))
    assert words.dtype == jnp.uint32
    assert np.array_equal(packed.unpack(words, n), bits)
    assert all(int(words[j, i // 32]) >> (i % 32) & 1 == bits[i, j] for i in range(n) for j in range(3))


def test_a_packed_circuit_agrees_with_the_evaluator_of_booleans_on_all_4096_inputs():
    f = random_circuit(12, 500, key=jax.random.key(1))
    inputs = np.array(every(12))

    outputs = np.asarray(packed.Packed.of(f)(inputs))

    assert len(f.graph.uses) > 490
    assert np.array_equal(outputs, truth.evaluate_each(f, inputs))
    assert all(tuple(outputs[i].tolist()) == truth.evaluate(f, *inputs[i].tolist()) for i in range(0, 4096, 200))


def test_constants_wires_and_unused_inputs_are_packed_too():
    f = circuit(3, lambda x, y, z: (1, 0, y, y & 1, x ^ 0))
    inputs = np.array(every(3))

    assert np.array_equal(packed.Packed.of(f)(inputs), [[True, False, y, y, x] for x, y, z in inputs])


@pytest.mark.parametrize(("wires", "rows"), [(0, 5), (2, 0)])
def test_no_inputs_and_no_rows_are_packed_too(wires, rows):
    f = packed.Packed.of(circuit(wires, lambda *xs: (1, 0, *xs)))

    assert f(np.zeros((rows, wires), bool)).tolist() == [[True, False, *[False] * wires]] * rows


def test_circuits_of_one_size_share_a_compiled_program():
    traces = []
    run = jax.jit(lambda program, words: (traces.append(1), program.words(words))[1])
    words = packed.pack(np.array(every(3)))

    gates = (lambda x, y, z: (x & y) ^ z, lambda x, y, z: (x ^ z) & y)
    tables = [int(run(packed.Packed.of(circuit(3, g)), words)[0, 0]) for g in gates]

    assert tables == [truth.truth_table(circuit(3, g))[0] for g in gates]
    assert len(traces) == 1


def test_the_packed_loop_is_the_interpretation_of_the_circuit_in_words():
    f = random_circuit(5, 40, key=jax.random.key(2))
    lanes = 3
    word = space_of(jnp.zeros(lanes, jnp.uint32))
    words = jnp.asarray(np.random.default_rng(0).integers(0, 2**32, (5, lanes)), jnp.uint32)
    gates = {
        "xor": Smooth.arrow(word @ word, word, lambda xs: (xs[0] ^ xs[1],)),
        "and": Smooth.arrow(word @ word, word, lambda xs: (xs[0] & xs[1],)),
    }
    straight = interpret(f, Smooth, arrows=gates, objects={f.dom.wires[0]: word})

    assert np.array_equal(np.stack(straight(*words)), packed.Packed.of(f).words(words))


def test_packed_circuits_lower_for_each_kind_of_hardware():
    f = packed.Packed.of(circuit(3, lambda x, y, z: (x & y) ^ z))

    assert lowers_everywhere(lambda bits: f(bits), jnp.zeros((70, 3), bool))


def test_inputs_of_another_shape_or_kind_are_refused():
    f = packed.Packed.of(AND)
    with pytest.raises(WrongValue):
        f(np.zeros((4, 3), bool))
    with pytest.raises(WrongValue):
        f(np.zeros((4, 2)))
    with pytest.raises(WrongValue):
        f(True)
