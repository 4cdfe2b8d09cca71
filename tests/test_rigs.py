"""Rigs and their arrays: each law on each rig, and plain loops as the reference."""

import dataclasses
import itertools
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import laws
from catlearn.laws import Status, draws
from catlearn.objects import (
    GF,
    Z2,
    Boolean,
    Complex,
    Dim,
    MaxPlus,
    MinPlus,
    Modular,
    N,
    Q,
    Qi,
    R,
    Real,
    Z,
    conjugation,
    identity,
    unit,
)
from catlearn.objects.dim import collect, coordinates, dimension
from catlearn.objects.rigs import ComplexRational, Integers
from catlearn.objects.semiring import Host, Ring
from catlearn.theory.errors import LawBroken, NotInRig, WrongObject, WrongValue

RIGS = {str(k): k for k in (N, Z, Q, Qi, Z2, Modular(4), Modular(6), GF(5), Boolean, Real, Complex, MaxPlus, MinPlus)}
FINITE = [k for k in RIGS.values() if k.elements is not None]
each = pytest.mark.parametrize("rig", RIGS.values(), ids=RIGS.keys())


@each
@pytest.mark.parametrize("law", laws.rig.LAWS, ids=str)
def test_each_rig_keeps_the_laws_that_it_declares(rig, law):
    drawn = draws.mat(rig, conjugation if rig in (Qi, Complex) else identity)

    assert laws.confirm(law, drawn, examples=6, shrink=False).status is (
        drawn.declared.get(law.name, Status.EXACT if rig.exact else Status.ROUNDING)
    )


def test_what_rigs_declare_differs_where_it_should():
    idempotent = {name for name, k in RIGS.items() if k.idempotent}
    rings = {name for name, k in RIGS.items() if isinstance(k, Ring)}

    assert idempotent == {"Boolean", "MaxPlus", "MinPlus"}
    assert rings == {"Z", "Q", "Q(i)", "Z/2", "Z/4", "Z/6", "Z/5", "Real", "Complex"}


@pytest.mark.parametrize("rig", FINITE, ids=str)
def test_a_finite_rig_is_a_rig_by_enumeration(rig):
    add, mul = rig.add, rig.multiply

    for a, b, c in itertools.product(rig.elements, repeat=3):
        assert add(add(a, b), c) == add(a, add(b, c))
        assert mul(mul(a, b), c) == mul(a, mul(b, c))
        assert mul(a, add(b, c)) == add(mul(a, b), mul(a, c))
        assert add(a, b) == add(b, a)
        assert mul(a, b) == mul(b, a)
        assert add(a, rig.zero) == a == mul(rig.one, a)
        assert mul(a, rig.zero) == rig.zero


@each
def test_arrays_compute_as_loops_over_elements_do(rig):
    if rig in (MaxPlus, MinPlus):
        a, b = rig.array([[0.0, 1.0, rig.zero], [2.0, -1.0, 0.5]]), rig.array([[1.0, 0.0], [3.0, rig.zero], [0.0, 0.0]])
    else:
        a, b = rig.array([[0, 1, 1], [1, 0, 1]]), rig.array([[1, 0], [1, 1], [0, 1]])
    loops = [[rig.zero for _ in range(2)] for _ in range(2)]
    for i, k, j in itertools.product(range(2), range(2), range(3)):
        loops[i][k] = rig.add(loops[i][k], rig.multiply(a[i, j], b[j, k]))

    assert rig.close(rig.matmul(a, b), rig.array(loops))
    assert rig.close(rig.sum(a, 1), rig.array([rig.add(rig.add(r[0], r[1]), r[2]) for r in a]))


@each
def test_a_contraction_over_nothing_is_zero(rig):
    empty = rig.matmul(rig.indicator(np.zeros((2, 0), bool)), rig.indicator(np.zeros((0, 3), bool)))

    assert rig.close(empty, rig.indicator(np.zeros((2, 3), bool)))


@dataclasses.dataclass(frozen=True)
class Sloppy(Host, Ring):
    """Whole numbers whose product forgets a carry: not distributive."""

    elements = None

    def __str__(self):
        return "Z"

    def element(self, value):
        return Integers().element(value)

    def normal(self, a):
        return a

    def multiply(self, a, b):
        return a * b + (a == 2) * 1

    def negative(self, a):
        return -a


@pytest.mark.parametrize("name", ["rig_distributive", "rig_commutative", "rig_product"])
def test_a_broken_rig_is_rejected(name):
    with pytest.raises(LawBroken, match=name):
        laws.check(getattr(laws.rig, name), draws.mat(Sloppy()), examples=60)


def test_a_broken_contraction_is_rejected():
    @dataclasses.dataclass(frozen=True)
    class Dropping(Integers):
        def matmul(self, a, b):
            return np.asarray(a[..., :-1] @ b[..., :-1, :])

    with pytest.raises(LawBroken):
        laws.check(laws.rig.rig_contraction, draws.mat(Dropping()), examples=30)


def test_tropical_powers_are_shortest_paths():
    inf = math.inf
    steps = MinPlus.array([[0.0, 4.0, 1.0, inf], [inf, 0.0, inf, 1.0], [inf, 2.0, 0.0, 7.0], [inf, inf, inf, 0.0]])
    found = MinPlus.matmul(MinPlus.matmul(steps, steps), MinPlus.matmul(steps, steps))
    best = np.array(steps)
    for j, i, k in itertools.product(range(4), repeat=3):  # Floyd and Warshall
        best[i, k] = min(best[i, k], best[i, j] + best[j, k])

    np.testing.assert_array_equal(found, best)
    assert best[0, 3] == 4.0


@pytest.mark.float32
@pytest.mark.parametrize("rig", [Real, MaxPlus, MinPlus, Boolean], ids=str)
def test_arrays_of_jax_go_through_jit(rig):
    a = jnp.asarray(rig.indicator(np.eye(3, dtype=bool)[[2, 0, 1]]))

    product = jax.jit(rig.matmul)(a, a)

    assert isinstance(product, jax.Array)
    assert rig.close(product, rig.matmul(a, a))
    assert rig.close(jax.jit(lambda a: rig.sum(rig.add(a, a), 0))(a), rig.sum(rig.add(a, a), 0))


def test_booleans_of_numpy_stay_there_and_those_of_jax_stay_on_their_device():
    relation = Boolean.array([[1, 0], [1, 1]])

    assert isinstance(Boolean.matmul(relation, relation), np.ndarray)
    assert isinstance(Boolean.matmul(jnp.asarray(relation), relation), jax.Array)


def test_complex_rationals_are_complex_numbers():
    for a, b in itertools.product([1 + 2j, -1j, 3, 0.5 - 1j], repeat=2):
        x, y = Qi.element(complex(a)), Qi.element(complex(b))
        for exact, float_ in ((x * y, a * b), (x + y, a + b), (-x, -a), (x.conjugate(), complex(a).conjugate())):
            assert complex(exact.real, exact.imag) == float_
    assert Qi.element(Fraction(1, 3)) == ComplexRational(Fraction(1, 3), Fraction(0))
    assert [str(Qi.element(z)) for z in (0, 2, 1j, -1j, 2j, 1 - 1j, -1 + 2j)] == [
        *("0", "2", "i", "-i", "2i", "(1-i)", "(-1+2i)")
    ]


MISTAKES = {
    "a negative number": (NotInRig, lambda: N.element(-1)),
    "a fraction among whole numbers": (NotInRig, lambda: Z.element(Fraction(1, 2))),
    "a float among fractions": (NotInRig, lambda: Q.element(0.5)),
    "a word": (NotInRig, lambda: Modular(4).element("two")),
    "two as a truth value": (NotInRig, lambda: Boolean.element(2)),
    "a word among floats": (NotInRig, lambda: Real.element("two")),
    "the other infinity": (NotInRig, lambda: MaxPlus.element(math.inf)),
    "an array with the other infinity": (NotInRig, lambda: MinPlus.array([-math.inf])),
    "a complex infinity": (NotInRig, lambda: Qi.element(complex(math.inf, 0))),
    "words in an array": (NotInRig, lambda: Real.array(["a"])),
    "a traced array of exact numbers": (NotInRig, lambda: jax.jit(Z.array)(jnp.arange(3))),
    "a traced array of floats as booleans": (NotInRig, lambda: jax.jit(Boolean.array)(jnp.ones(3))),
    "a field of four elements": (WrongObject, lambda: GF(4)),
    "a field of one element": (WrongObject, lambda: GF(1)),
    "modulo zero": (WrongObject, lambda: Modular(0)),
    "minus one coordinate": (WrongObject, lambda: Dim(-1)),
    "too few coordinates": (WrongValue, lambda: Dim(3).check((1, 2))),
    "one coordinate in a tuple": (WrongValue, lambda: Dim(1).check((1,))),
    "coordinates of a real space": (WrongObject, lambda: dimension(Dim(2) @ R(3))),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake):
    error, make = MISTAKES[mistake]

    with pytest.raises(error):
        make()


def test_coordinates_are_objects_of_strict_tuples():
    X = Dim(2) @ Dim(1) @ Dim(0)

    assert (X @ Dim(3)) @ unit == X @ (Dim(3) @ unit)
    assert (len(X), dimension(X), str(X)) == (3, 3, "Dim(2) @ Dim(1) @ Dim(0)")
    assert X.tangent == X
    assert X.euclidean
    assert X[1:2] == Dim(1)
    assert hash(Dim(2) @ Dim(3)) == hash(Dim(2) @ Dim(3))
    assert Dim(2) @ Dim(3) != Dim(5)
    assert Dim(3).stacked(2) == Dim(6)


def test_collect_puts_together_what_coordinates_takes_apart():
    X, values = Dim(2) @ Dim(1) @ Dim(0), ((4, 5), 6, ())

    assert coordinates(X, values) == (4, 5, 6)
    assert collect(X, (4, 5, 6)) == values


def test_zeros_and_random_values_are_natural_numbers():
    X = Dim(2) @ Dim(1)

    assert X.zeros() == ((0, 0), 0)
    values = X.random(key=jax.random.key(0))
    assert X.check(*values) == values
    assert all(k.natural(n) is not None for k in RIGS.values() for n in coordinates(X, values))
    assert jax.tree.structure(X.avals()) == jax.tree.structure(values)
