r"""Circuits over ℤ₂: formal arrows made of xor and and, whose reverse derivatives are circuits again.

Definition:
    `Circuits` is the cartesian category on one letter, the bit, that is presented by the gates

    .. math:: \mathrm{xor} : 2 \to 1, \qquad \mathrm{zero} : 0 \to 1, \qquad \mathrm{and} : 2 \to 1, \qquad \mathrm{one} : 0 \to 1

    and the equations of commutative rings with ``x xor x = zero``. Two circuits are equal when they are the same polynomials
    mod 2. Parallel circuits add by xor, and each gate has a reverse derivative, a circuit too:

    .. math:: R[\mathrm{xor}](x_1, x_2, y) = (y, y), \qquad R[\mathrm{and}](x_1, x_2, y) = (x_2 y,\; x_1 y), \qquad
        R[\mathrm{zero}] = R[\mathrm{one}] = ().

    The laws of a reverse derivative category leave no choice for the others: gates go back one after another (RD.5), and where a
    wire was copied the changes meet by xor (RD.4).

A circuit is a description, and equality is equality of descriptions: ``x and x`` is the polynomial ``x²``, which is not ``x``, though
it is the same function, and its derivative is zero. What circuits compute is in `truth`, and how to compute it fast in `packed`.

References:
    Wilson and Zanasi (2101.10488); Cockett et al. (1910.07065), Example 14.
"""

import dataclasses
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any

import jax

from ..categories.poly import Poly, PolyMap
from ..categories.polynomial import Polynomial, constant
from ..objects import Ob, unit
from ..objects.dim import Dim
from ..objects.rigs import Z2
from ..theory import ConcreteReverseDifferential, Functor, door
from ..theory.errors import NotAFunction, WrongObject
from .free import FreeCartesian, Term
from .graph import Box, Graph, Symbols, ports, shared

type Values = tuple[Any, ...]


@door
def Bits(n: int) -> Ob:
    """The object of `n` bits: n wires of one coordinate each, as polynomials have them.

    Raises:
        WrongObject: `n` is not a whole number >= 0.

    Example:
        >>> print(Bits(2), len(Bits(5)), Bits(2) @ Bits(3) == Bits(5))
        Dim(1) @ Dim(1) 5 True
    """
    if not isinstance(n, int) or isinstance(n, bool) or n < 0:
        raise WrongObject(f"Bits({n!r}) needs a whole number >= 0: the number of bits.")
    return Ob(Dim(1).wires * n)


def of_gate(table: Mapping[str, Any], box: Box) -> Any:
    """What a table has for a gate.

    Raises:
        WrongObject: the box is no gate.
    """
    if box.name not in table:
        raise WrongObject(f"{box} is no gate of a circuit; those are {', '.join(table)}.")
    return table[box.name]


def through(graph: Graph, xs: Values, gate: Callable[[Box, Values], Any]) -> dict[Any, Any]:
    """A value for each symbol of a graph of gates, from the values of its inputs and what each gate makes of its own."""
    values: dict[Any, Any] = dict(enumerate(xs))
    for use in graph.uses:
        values[use, 0] = gate(use.box, tuple(values[s] for s in use.inputs))
    return values


@dataclasses.dataclass(frozen=True)
class CircuitCategory(FreeCartesian, ConcreteReverseDifferential):
    """The category of circuits; see the module. Its objects are ``Bits(n)``.

    Example:
        >>> f = circuit(3, lambda x, y, z: (x & y) ^ (y & z))
        >>> print(f)
        and ; and ; xor : Dim(1) @ Dim(1) @ Dim(1) -> Dim(1)
        >>> Circuits.close(f, circuit(3, lambda x, y, z: y & (x ^ z)))
        True
    """

    unit: Any = unit

    def __str__(self) -> str:
        return "Circuits"

    def normal_form(self, f: Term, /) -> tuple[Polynomial, ...]:
        """The polynomials mod 2 that `f` is, one an output; they may have exponentially many terms."""
        return Polynomials.arrow(f).polynomials

    def zero(self, x: Any, y: Any, /) -> Term:
        return self.arrow(x, y, lambda xs: (_gate("zero"),) * len(y))

    def _add(self, f: Term, g: Term, /) -> Term:
        return self.arrow(f.dom, f.cod, lambda xs: tuple(map(_xor, self.apply(f, xs), self.apply(g, xs))))

    def tangent(self, x: Any, /) -> Any:
        return x

    @door
    def point(self, x: Any, /, *values: Any) -> Term:
        """The circuit ``unit → x`` of constants, one a bit.

        Raises:
            WrongObject: there is not one of 0, 1, False, True a bit.
        """
        if len(values) != len(x):
            raise WrongObject(f"a point of {x} is {len(x)} bits, but got {len(values)}.")
        return self.arrow(self.unit, x, lambda _: tuple(bit(value).symbol for value in values))

    def R(self, f: Term, /) -> Term:
        """The reverse derivative, with at most five gates for each gate of `f`."""
        n = len(f.dom)
        return self.arrow(f.dom @ f.cod, f.dom, lambda xs: self.pull(f, xs[:n])[1](xs[n:]))

    def D(self, f: Term, /) -> Term:
        """The forward derivative: directions pass through the gates, beside the values."""
        n = len(f.dom)
        return self.arrow(f.dom @ f.dom, f.cod, lambda xs: self._push(f, xs[:n], xs[n:]))

    def pull(
        self, f: Term, xs: Symbols, moves: tuple[bool, ...] | None = None, /
    ) -> tuple[Symbols, Callable[[Symbols], Symbols]]:
        """The symbols that `f` gives, and the way back: from changes of them to changes of `xs`, or of those that move."""
        graph = f.graph
        values = through(graph, xs, lambda box, inputs: ports(shared(box, inputs))[0])

        def back(dys: Symbols) -> Symbols:
            changes: dict[Any, Any] = {}
            _meet(changes, graph.outputs, dys)
            for use in reversed(graph.uses):
                if (use, 0) in changes:
                    inputs = tuple(values[s] for s in use.inputs)
                    _meet(changes, use.inputs, self.apply(of_gate(REVERSE, use.box), (*inputs, changes[use, 0])))
            marked = range(graph.inputs) if moves is None else [i for i, m in enumerate(moves) if m]
            return tuple(changes[i] if i in changes else _gate("zero") for i in marked)

        return tuple(values[s] for s in graph.outputs), back

    def _push(self, f: Term, xs: Symbols, directions: Symbols) -> Symbols:
        def gate(box: Box, inputs: Values) -> Any:
            points, moved = zip(*inputs, strict=True) if inputs else ((), ())
            return ports(shared(box, points))[0], self.apply(of_gate(FORWARD, box), points + moved)[0]

        values = through(f.graph, tuple(zip(xs, directions, strict=True)), gate)
        return tuple(values[s][1] for s in f.graph.outputs)


def _meet(changes: dict[Any, Any], symbols: Symbols, dxs: Symbols) -> None:
    """Changes of the same wire meet by xor: the reverse of copying."""
    for s, dx in zip(symbols, dxs, strict=True):
        changes[s] = _xor(changes[s], dx) if s in changes else dx


Circuits = CircuitCategory()


@dataclasses.dataclass(frozen=True)
class PolynomialsFunctor(Functor):
    """The functor ``Circuits → Poly(Z2)`` that reads a circuit as polynomials: xor is the sum, and is the product.

    It is faithful, for that is how circuits are compared, and it keeps derivatives.

    Example:
        >>> print(*Polynomials(circuit(2, lambda x, y: (x ^ 1) & x & y)).polynomials)
        x0^2 x1 + x0 x1
    """

    def __str__(self) -> str:
        return "Polynomials"

    def ob(self, x: Any, /) -> Any:
        """The same object."""
        return x

    def arrow(self, f: Term, /) -> PolyMap:
        """The polynomials, one an output."""
        Circuits._own(f)
        return Poly(Z2).arrow(f.dom, f.cod, lambda xs: f.graph.run(xs, lambda box, ys: (of_gate(_RING, box)(*ys),)))


Polynomials = PolynomialsFunctor()

_RING = {
    "xor": operator.add,
    "zero": lambda: constant(Z2, 0),
    "and": operator.mul,
    "one": lambda: constant(Z2, 1),
}

GATES = {name: Box(name, Bits(n), Bits(1)) for name, n in (("xor", 2), ("zero", 0), ("and", 2), ("one", 0))}
"""The generators, by name."""


def _gate(name: str, *xs: Any) -> Any:
    return ports(shared(GATES[name], xs))[0]


def _xor(x: Any, y: Any) -> Any:
    return _gate("xor", x, y)


@dataclasses.dataclass(frozen=True)
class Bit:
    """A wire of a circuit that is being written: ``&`` is and, ``^`` is xor, ``~`` is not, ``|`` is or.

    The other side may be another wire, or one of 0, 1, False, True.
    """

    symbol: Any

    def __xor__(self, other: Any) -> "Bit":
        """Exclusive or: the sum."""
        return Bit(_xor(self.symbol, bit(other).symbol))

    def __and__(self, other: Any) -> "Bit":
        """And: the product."""
        return Bit(_gate("and", self.symbol, bit(other).symbol))

    def __invert__(self) -> "Bit":
        """Not: the sum with one."""
        return self ^ 1

    def __or__(self, other: Any) -> "Bit":
        """Or: the sum with the product."""
        return self ^ other ^ (self & other)

    __rxor__, __rand__, __ror__ = __xor__, __and__, __or__


def bit(x: Any) -> Bit:
    """A wire: itself, or the gate of a constant.

    Raises:
        WrongObject: it is neither a wire nor one of 0, 1, False, True.
    """
    if isinstance(x, Bit):
        return x
    if isinstance(x, int) and x in (0, 1):
        return Bit(_gate("one" if x else "zero"))
    raise WrongObject(
        f"a circuit is made of wires and the constants 0 and 1, but got {x!r} of type {type(x).__name__}."
    )


@door
def circuit(n: int, function: Callable[..., Any]) -> Term:
    """The circuit that a Python function of `n` bits writes.

    Args:
        n: the number of inputs.
        function: takes `n` wires and returns one, or a tuple or list of them; see `Bit`. The same function runs on Booleans.

    Raises:
        NotAFunction: it cannot be called on `n` wires.
        WrongObject: it returns something else than bits.

    Example:
        >>> half_adder = circuit(2, lambda x, y: (x ^ y, x & y))
        >>> print(half_adder)
        xor ; and : Dim(1) @ Dim(1) -> Dim(1) @ Dim(1)
    """
    dom = Bits(n)
    try:
        inspect.signature(function).bind(*range(n))
    except TypeError as error:
        raise NotAFunction(function, dom, "", str(error)) from None
    ys = function(*map(Bit, range(n)))
    symbols = tuple(bit(y).symbol for y in (ys if isinstance(ys, tuple | list) else (ys,)))
    return Circuits.arrow(dom, Bits(len(symbols)), lambda xs: symbols)


@door
def random_circuit(inputs: int, gates: int, *, key: Any) -> Term:
    """A circuit of random gates, half of them xor and half and, each on two earlier wires; the wires that nobody reads come out.

    A gate reads any wires, so that many are read more than once; where more wires are unread than there are inputs, one of
    these is its first. Gates that repeat another on the same wires are one.

    Args:
        inputs: how many inputs there are, at least one.
        gates: how many gates are drawn.
        key: a JAX key.

    Raises:
        WrongObject: there is no input.
    """
    if inputs < 1:
        raise WrongObject(f"random_circuit needs at least one input, but got inputs={inputs}.")
    wires = [Bit(i) for i in range(inputs)]
    unread = dict.fromkeys(wires)
    for kind, i, j in jax.random.bits(key, (gates, 3)).tolist():
        first = list(unread) if len(unread) > inputs else wires
        x, y = first[i % len(first)], wires[j % len(wires)]
        made = x & y if kind % 2 else x ^ y
        unread = {w: None for w in (*unread, made) if w not in (x, y)}
        wires.append(made)
    return circuit(inputs, lambda *_: list(unread))


XOR, AND = circuit(2, lambda x, y: x ^ y), circuit(2, lambda x, y: x & y)
ZERO, ONE = circuit(0, lambda: 0), circuit(0, lambda: 1)
NOT = circuit(1, lambda x: ~x)

REVERSE = {
    "xor": circuit(3, lambda x, y, d: (d, d)),
    "zero": circuit(1, lambda d: ()),
    "and": circuit(3, lambda x, y, d: (y & d, x & d)),
    "one": circuit(1, lambda d: ()),
}
"""The reverse derivative of each gate."""

FORWARD = {
    "xor": circuit(4, lambda x, y, d, e: d ^ e),
    "zero": ZERO,
    "and": circuit(4, lambda x, y, d, e: (d & y) ^ (x & e)),
    "one": ZERO,
}
"""The forward derivative of each gate."""
