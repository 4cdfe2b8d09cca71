r"""What circuits compute: truth tables, multilinear normal forms, and the derivative by flipping bits.

Definition:
    A circuit ``f : n → m`` computes a function :math:`\mathbb{Z}_2^n \to \mathbb{Z}_2^m`. Each such function has exactly one polynomial
    in which no variable is squared, its *algebraic normal form*; a circuit whose own polynomials are of this kind is *safe*. The
    *flip formula* asks of the function alone what each input changes,

    .. math:: F[f](x, y)_i = \bigoplus_j \bigl( f_j(x) \oplus f_j(x \oplus e_i) \bigr) \wedge y_j .

For a safe circuit ``F[f]`` is the function of ``R[f]``; for another it need not be. The reverse derivative of a function does not
exist: ``x and x`` and ``x`` compute the same and have different derivatives.

An input is read as a number whose i-th binary digit is the i-th wire, and a truth table as a number whose x-th digit is the value at x.

References:
    Wilson and Zanasi (2101.10488), on safe circuits; Cockett et al. (1910.07065), Example 14.
"""

import functools
import operator
from typing import Any

import numpy as np

from ..theory import door
from ..theory.errors import WrongObject
from .circuit import Bit, Circuits, bit, circuit, of_gate, through
from .free import Term

type Bools = tuple[bool, ...]

_BOOLS = {"xor": operator.xor, "zero": lambda: False, "and": operator.and_, "one": lambda: True}


@door
def evaluate(f: Any, *xs: Any) -> Bools:
    """The Booleans that a circuit gives on Booleans, gate by gate.

    Raises:
        WrongObject: there is not one Boolean an input.
        WrongCategory: `f` is not a circuit.

    Example:
        >>> half_adder = circuit(2, lambda x, y: (x ^ y, x & y))
        >>> evaluate(half_adder, True, True)
        (False, True)
    """
    Circuits._own(f)
    if len(xs) != len(f.dom) or not all(x in (0, 1) for x in xs):
        raise WrongObject(f"{f} takes {len(f.dom)} Booleans, one an input, but got {xs}.")
    values = through(f.graph, tuple(map(bool, xs)), lambda box, inputs: of_gate(_BOOLS, box)(*inputs))
    return tuple(values[s] for s in f.graph.outputs)


@door
def evaluate_each(f: Any, bits: Any) -> Any:
    """The Booleans that a circuit gives on each row of an array of Booleans, gate by gate, on columns of numpy.

    Args:
        f: the circuit.
        bits: Booleans of shape ``(rows, inputs)``.

    Returns:
        Booleans of shape ``(rows, outputs)``.

    Raises:
        WrongObject: there is not one column an input.
        WrongCategory: `f` is not a circuit.
    """
    Circuits._own(f)
    bits = np.asarray(bits)
    if bits.shape[1:] != (len(f.dom),) or bits.dtype != bool:
        raise WrongObject(
            f"{f} takes {len(f.dom)} columns of Booleans, one an input, but got {bits.dtype}{list(bits.shape)}."
        )
    rows = len(bits)
    ring = _BOOLS | {"zero": lambda: np.zeros(rows, bool), "one": lambda: np.ones(rows, bool)}
    values = through(f.graph, tuple(bits.T), lambda box, xs: of_gate(ring, box)(*xs))
    return np.array([values[s] for s in f.graph.outputs], bool).reshape(-1, rows).T


def digits(x: int, n: int) -> Bools:
    """The first `n` binary digits of a number, lowest first: the x-th of all inputs.

    Example:
        >>> digits(6, 4)
        (False, True, True, False)
    """
    return tuple(bool(x >> i & 1) for i in range(n))


@door
def truth_table(f: Any) -> tuple[int, ...]:
    """The truth table of each output, found for all inputs at once: each wire carries all its values as the digits of a number.

    Example:
        >>> half_adder = circuit(2, lambda x, y: (x ^ y, x & y))
        >>> [f"{table:04b}" for table in truth_table(half_adder)]
        ['0110', '1000']
    """
    Circuits._own(f)
    n = len(f.dom)
    full = (1 << (1 << n)) - 1
    ring = _BOOLS | {"zero": lambda: 0, "one": lambda: full}
    inputs = tuple(full // ((1 << (1 << i)) + 1) << (1 << i) for i in range(n))
    values = through(f.graph, inputs, lambda box, xs: of_gate(ring, box)(*xs))
    return tuple(values[s] for s in f.graph.outputs)


type Normal = frozenset[frozenset[int]]
"""An algebraic normal form: the set of its monomials, each the set of inputs that it multiplies."""


@door
def algebraic_normal_form(f: Any) -> tuple[Normal, ...]:
    """The algebraic normal form of each output: the transform of Möbius of its truth table.

    Definition:
        The coefficient of a monomial is the sum of the values at the inputs below it.

    Example:
        >>> majority = circuit(3, lambda x, y, z: (x & y) | (y & z) | (x & z))
        >>> sorted(map(sorted, algebraic_normal_form(majority)[0]))
        [[0, 1], [0, 2], [1, 2]]
    """
    n = len(f.dom)
    full = (1 << (1 << n)) - 1
    forms = []
    for table in truth_table(f):
        for i in range(n):
            low = full // ((1 << (1 << i)) + 1)
            table ^= (table & low) << (1 << i)
        monomials = (x for x in range(1 << n) if table >> x & 1)
        forms.append(frozenset(frozenset(i for i in range(n) if x >> i & 1) for x in monomials))
    return tuple(forms)


@door
def multilinear(f: Any) -> Term:
    """The safe circuit that computes the same as `f`: the sums of products of its algebraic normal form.

    Example:
        >>> square = circuit(1, lambda x: x & x)
        >>> print(multilinear(square), Circuits.close(square, multilinear(square)))
        wires : Dim(1) -> Dim(1) False
    """
    forms = algebraic_normal_form(f)
    return circuit(len(f.dom), lambda *xs: [_sum(xs, form) for form in forms])


def _sum(xs: tuple[Bit, ...], form: Normal) -> Bit:
    products = [
        functools.reduce(operator.and_, [xs[i] for i in sorted(m)] or [bit(1)]) for m in sorted(form, key=sorted)
    ]
    return functools.reduce(operator.xor, products or [bit(0)])


@door
def same_function(f: Any, g: Any) -> bool:
    """Whether two circuits compute the same. Equal circuits do; so may others.

    Raises:
        NotParallel: they have different ends.
    """
    Circuits._parallel(f, g, "compare")
    return truth_table(f) == truth_table(g)


@door
def is_safe(f: Any) -> bool:
    """Whether no variable is squared in the polynomials of a circuit, so that its derivative is that of its function.

    Example:
        >>> is_safe(circuit(2, lambda x, y: x & y)), is_safe(circuit(2, lambda x, y: (x & y) & x))
        (True, False)
    """
    return all(power == 1 for p in Circuits.normal_form(f) for term in p.terms for _, power in term)


@door
def flip(f: Any, xs: Bools, ys: Bools) -> Bools:
    """The flip formula ``F[f](x, y)``: which inputs, flipped alone, would change the outputs marked by `ys` an odd number of times.

    It runs `f` at `x` and at each of its neighbours and knows nothing of derivatives.

    Example:
        >>> flip(circuit(2, lambda x, y: x & y), (True, False), (True,))
        (False, True)
    """
    here = evaluate(f, *xs)

    def changes(i: int) -> bool:
        there = evaluate(f, *xs[:i], not xs[i], *xs[i + 1 :])
        return functools.reduce(
            operator.xor, [(a != b) and bool(y) for a, b, y in zip(here, there, ys, strict=True)], False
        )

    return tuple(changes(i) for i in range(len(xs)))
