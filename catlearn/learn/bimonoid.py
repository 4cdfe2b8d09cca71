r"""Bimonoids: copying and adding, the parts that networks are wired from.

Definition:
    Each Euclidean object is a bimonoid of ``Para(Smooth)``: `copy` and `discard` are a commutative comonoid, `add` and `zero` a
    commutative monoid, and the two exchange,

    .. math:: \mathrm{add} ; \mathrm{copy} = (\mathrm{copy} \otimes \mathrm{copy}) ; (X \otimes \mathrm{swap} \otimes X) ; (\mathrm{add} \otimes \mathrm{add}).

    A functor keeps this, so each object of ``Learn(Smooth)`` is a bimonoid too, for every error. With the quadratic one

    .. math::
        \mathrm{add} : r((a_1, a_2), b) = (b - a_2,\, b - a_1), \quad \mathrm{copy} : r(a, (b_1, b_2)) = b_1 + b_2 - a, \quad
        \mathrm{scale} : r(a, b) = a - λ (λ a - b).

A network is weights, copies and sums: `weight` and `bias` are the parts that learn. Copying the wire of a parameter ties weights.

References:
    Fong, Spivak, Tuyéras (1711.10455), Section V and Proposition V.1, known from a program and re-derived.
"""

from typing import Any

import equinox as eqx
import jax

from ..categories import Smooth
from ..constructions import Para, ParaMap
from ..constructions.initialise import Constant, Normal
from ..objects import Ob, R, unit
from ..theory import Data, door
from ..theory.errors import NotAdditive
from .layer import layer


@door
def add(x: Ob) -> ParaMap:
    """``x ⊗ x → x``, the sum of two values.

    Raises:
        NotAdditive: `x` has a discrete wire.

    Example:
        >>> print(add(R())((), 1.0, 2.0))
        3.0
    """
    return Para(Smooth).lift(Smooth.add(Smooth.first(x, x), Smooth.second(x, x)))


@door
def zero(x: Ob) -> ParaMap:
    """``unit → x``, the value zero.

    Raises:
        NotAdditive: `x` has a discrete wire.

    Example:
        >>> print(zero(R(2))(()))
        [0. 0.]
    """
    return Para(Smooth).lift(Smooth.zero(unit, x))


def copy(x: Ob) -> ParaMap:
    """``x → x ⊗ x``, the value twice.

    Example:
        >>> from catlearn.learn import gradient_learner
        >>> print(*copy(R())((), 2.0), gradient_learner(0.5)(copy(R())).request(2.0, 3.0, 4.0))
        2.0 2.0 5.0
    """
    return Para(Smooth).lift(Smooth.copy(x))


def discard(x: Ob) -> ParaMap:
    """``x → unit``, nothing.

    Example:
        >>> print(discard(R()))
        ParaMap(unit) : R() -> unit
    """
    return Para(Smooth).lift(Smooth.discard(x))


class Times(Data):
    """``a ↦ λ a`` at each wire."""

    factor: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return jax.tree.map(lambda x: self.factor * x, xs)


@door
def scale(x: Ob, factor: float) -> ParaMap:
    """``x → x``, ``a ↦ λ a`` with a fixed `λ`.

    Raises:
        NotAdditive: `x` has a discrete wire.

    Example:
        >>> print(scale(R(2), 2.0)((), [1.0, 3.0]))
        [2. 6.]
    """
    if not x.euclidean:
        raise NotAdditive(x, "scale")
    return Para(Smooth).lift(Smooth.arrow(x, x, Times(float(factor))))


def _weight(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (xs[0] * xs[1],)


def _bias(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return xs


def weight(*shape: int) -> ParaMap:
    """``(p, a) ↦ p a : R(*shape) → R(*shape)``, entry by entry: a weight that is learnt.

    Example:
        >>> print(weight(), weight()((2.0,), 1.5))
        ParaMap(R()) : R() -> R() 3.0
    """
    return layer(_weight, R(*shape), R(*shape), ("weight", R(*shape), Normal(1.0)))


def bias(*shape: int) -> ParaMap:
    """``(p, *) ↦ p : unit → R(*shape)``: a value that is learnt.

    Example:
        >>> print(bias(), bias()((2.0,)))
        ParaMap(R()) : unit -> R() 2.0
    """
    return layer(_bias, unit, R(*shape), ("bias", R(*shape), Constant(0.0)))
