r"""Boolean models: look-up tables, masks and thresholds, as lenses on arrays of bits and as circuits.

Definition:
    A model is a parametric lens over ℤ₂: forward a function of parameters and input, back the changes that each bit of them answers for.
    The *look-up table* is ``f(θ, x) = θ_x``, with one row of outputs for each input; *masking* asks whether a bit of the mask is on,
    ``[p ∧ x ≠ 0]``; the *pseudo-linear* model counts them, ``[|p ∧ x| ≤ ⌊|p| / n⌋]``; *conjunction* is ``p ∧ x`` bit by bit.

The first and the last have their reverse derivative written out. The other two, as in the authors' program, come back by the flip formula,
which runs the model at each neighbour of its argument (`by_flips`). Where a model is a small safe circuit too, the two agree.

References:
    Wilson and Zanasi (2101.10488), and the program that came with it.
"""

import functools
import operator
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories import Smooth
from ..constructions import Bits, Pair, ParaMap, circuit, lens, para
from ..objects import Ob
from ..theory import Data, door
from ..theory.errors import WrongLayer
from .boolean import booleans

type Values = tuple[Any, ...]


def all_inputs(n: int) -> Any:
    """All inputs of `n` bits, an array of shape ``(2**n, n)``; row x has the binary digits of x, lowest first.

    Example:
        >>> all_inputs(2).astype(int).tolist()
        [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return jnp.asarray(np.arange(2**n)[:, None] >> np.arange(n) & 1, bool)


def binarise(features: Any, *, threshold: float = 0.5) -> Any:
    """Each column scaled to between 0 and 1, then compared with the threshold: an array of Booleans of the same shape.

    Source: 2101.10488, the Iris experiment.

    Example:
        >>> binarise(jnp.array([[0.0], [1.0], [2.0], [4.0]]))[:, 0].tolist()
        [False, False, False, True]
    """
    x = np.asarray(features, float)
    low, high = x.min(axis=0), x.max(axis=0)
    return jnp.asarray((x - low) / (high - low) > threshold)


def _model(parameter: Ob, dom: Ob, cod: Ob, forward: Any, back: Any, label: str) -> ParaMap:
    get = Smooth.arrow(parameter @ dom, cod, forward)
    put = Smooth.arrow(parameter @ dom @ cod, parameter @ dom, back)
    return para(Pair(parameter, parameter), lens(get, put), labels=[label], init=[_zeros])


def _zeros(wire: Any, *, key: Any) -> Any:
    """Parameters begin at zero."""
    return Ob((wire,)).zeros()


def _number(x: Any) -> Any:
    """The number whose binary digits are the bits, lowest first."""
    return jnp.sum(jnp.where(x, 1 << jnp.arange(x.shape[0], dtype=jnp.int32), 0), dtype=jnp.int32)


class LookUp(Data):
    """``(θ, x) ↦ θ_x``."""

    def __call__(self, xs: Values) -> Values:
        table, x = xs
        return (table[_number(x)],)


class LookUpBack(Data):
    """``(θ, x, y) ↦ (y at row x, which digits of x lead to rows that differ)``."""

    def __call__(self, xs: Values) -> Values:
        table, x, y = xs
        row = _number(x)
        here = jnp.arange(table.shape[0], dtype=jnp.int32) == row
        neighbours = row ^ (1 << jnp.arange(x.shape[0], dtype=jnp.int32))
        differ = (table[neighbours] ^ table[row][None]) & y[None]
        return here[:, None] & y[None], _parity(differ, axis=1)


def _parity(x: Any, axis: int) -> Any:
    return jnp.sum(x, axis=axis, dtype=jnp.int32) % 2 == 1


@door
def look_up(a: int, b: int = 1) -> ParaMap:
    """The look-up table from `a` bits to `b`: parameters ``booleans(2**a, b)``, of which row x is the value at x.

    A step writes the label into the row of the input, so one pass over all inputs learns any function, and of several labels of one
    input the last stays.

    Raises:
        WrongLayer: `a` or `b` is not a positive whole number.

    Source: 2101.10488, the model that its program calls `eval`.

    Example:
        >>> print(look_up(4, 2))
        ParaMap((Discrete(16, 2, bool), Discrete(16, 2, bool))) : (Discrete(4, bool), Discrete(4, bool)) -> (Discrete(2, bool), Discrete(2, bool))
    """
    _sizes("look_up", a=a, b=b)
    return _model(booleans(2**a, b), booleans(a), booleans(b), LookUp(), LookUpBack(), "table")


class Conjunction(Data):
    """``(p, x) ↦ p ∧ x``."""

    def __call__(self, xs: Values) -> Values:
        p, x = xs
        return (p & x,)


class ConjunctionBack(Data):
    """``(p, x, y) ↦ (x ∧ y, p ∧ y)``."""

    def __call__(self, xs: Values) -> Values:
        p, x, y = xs
        return x & y, p & y


@door
def conjunction(n: int = 1) -> ParaMap:
    """``f(p, x) = p ∧ x``, bit by bit on `n` bits.

    Source: 2101.10488.

    Example:
        >>> put = conjunction().arrow.put
        >>> [x.tolist() for x in put([False], [True], [True])]
        [[True], [False]]
    """
    _sizes("conjunction", n=n)
    return _model(booleans(n), booleans(n), booleans(n), Conjunction(), ConjunctionBack(), "mask")


class Flips(Data):
    """The flip formula of a function ``(p, x) ↦ y`` of bit vectors, on ``(p, x, y)``: it runs the function at each neighbour."""

    function: Callable[[Values], Values]

    def __call__(self, xs: Values) -> Values:
        p, x, y = xs
        (here,) = self.function((p, x))
        differ = lambda q, z: _parity((self.function((q, z))[0] ^ here) & y, axis=0)
        return (
            jax.vmap(lambda e: differ(p ^ e, x))(jnp.eye(p.shape[0], dtype=bool)),
            jax.vmap(lambda e: differ(p, x ^ e))(jnp.eye(x.shape[0], dtype=bool)),
        )


@door
def by_flips(p: int, a: int, b: int, function: Any, *, label: str = "mask") -> ParaMap:
    """The model of a function ``(p, x) ↦ y`` of vectors of bits, with the flip formula as its way back.

    Args:
        p: the number of parameters.
        a: the number of inputs.
        b: the number of outputs.
        function: a callable pytree on tuples, ``(p, x) ↦ (y,)``.
        label: the name of the parameters.

    Source: 2101.10488, the brute-force reverse derivative of its program.
    """
    _sizes("by_flips", p=p, a=a, b=b)
    return _model(booleans(p), booleans(a), booleans(b), function, Flips(function), label)


class Masking(Data):
    """``(p, x) ↦ [p ∧ x ≠ 0]``."""

    def __call__(self, xs: Values) -> Values:
        p, x = xs
        return (jnp.any(p & x, keepdims=True),)


@door
def masking(n: int) -> ParaMap:
    """``f(p, x) = [p ∧ x ≠ 0]`` on `n` bits: is a bit of the mask on?

    Source: 2101.10488, an example of its program.

    Example:
        >>> masking(3).arrow.get([True, False, True], [False, True, True]).tolist()
        [True]
    """
    _sizes("masking", n=n)
    return by_flips(n, n, 1, Masking())


class PseudoLinear(Data):
    """``(p, x) ↦ [|p ∧ x| ≤ ⌊|p| / n⌋]``."""

    ratio: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        p, x = xs
        return (_count(p & x) <= _count(p) // self.ratio,)


def _count(x: Any) -> Any:
    return jnp.sum(x, dtype=jnp.int32, keepdims=True)


@door
def pseudo_linear(n: int, ratio: int) -> ParaMap:
    """``f(p, x) = [|p ∧ x| ≤ ⌊|p| / ratio⌋]`` on `n` bits: is at most this share of the mask matched?

    Source: 2101.10488, the model of its experiment on digits, with ``ratio = 4``.

    Example:
        >>> pseudo_linear(4, 2).arrow.get([True] * 4, [True, True, False, False]).tolist()
        [True]
    """
    _sizes("pseudo_linear", n=n, ratio=ratio)
    return by_flips(n, n, 1, PseudoLinear(ratio))


@door
def look_up_circuit(a: int, b: int = 1) -> ParaMap:
    """The look-up table as a safe circuit: each parameter and the product that says that its row is meant, summed.

    Example:
        >>> print(look_up_circuit(2))
        ParaMap(Dim(1) @ Dim(1) @ Dim(1) @ Dim(1)) : Dim(1) @ Dim(1) -> Dim(1)
    """
    _sizes("look_up_circuit", a=a, b=b)

    def table(*wires: Any) -> list[Any]:
        theta, x = wires[: b * 2**a], wires[b * 2**a :]
        rows = [
            functools.reduce(operator.and_, [w if r >> i & 1 else ~w for i, w in enumerate(x)]) for r in range(2**a)
        ]
        return [
            functools.reduce(operator.xor, [theta[r * b + j] & row for r, row in enumerate(rows)]) for j in range(b)
        ]

    return para(
        Bits(b * 2**a), circuit(b * 2**a + a, table), labels=[f"table[{r},{j}]" for r in range(2**a) for j in range(b)]
    )


@door
def masking_circuit(n: int) -> ParaMap:
    """Masking as a safe circuit: not all of the ``not (pᵢ and xᵢ)``."""
    _sizes("masking_circuit", n=n)
    none = lambda *w: functools.reduce(operator.and_, [~(p & x) for p, x in zip(w[:n], w[n:], strict=True)])
    return para(Bits(n), circuit(2 * n, lambda *w: ~none(*w)), labels=[f"mask[{i}]" for i in range(n)])


@door
def conjunction_circuit(n: int = 1) -> ParaMap:
    """Conjunction as a circuit: one gate a bit."""
    _sizes("conjunction_circuit", n=n)
    both = lambda *w: [p & x for p, x in zip(w[:n], w[n:], strict=True)]
    return para(Bits(n), circuit(2 * n, both), labels=[f"mask[{i}]" for i in range(n)])


def _sizes(model: str, **sizes: Any) -> None:
    for name, n in sizes.items():
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise WrongLayer(model, name, "a positive whole number", n)
