r"""The Gaussian language: a small typed language of draws, affine arithmetic and exact equations.

Definition:
    Types are ``t ::= R | I | t × t``. Terms are

    .. math:: e ::= x \mid e + e \mid r \, e \mid r \mid () \mid (e, e) \mid \mathsf{let}\; x = e \;\mathsf{in}\; e \mid
        \mathsf{let}\; (x, y) = e \;\mathsf{in}\; e \mid \mathsf{normal}() \mid e =:= e

    with r a real constant. ``normal() : R`` draws from ``N(0, 1)``, and ``s =:= t : I`` observes that two real numbers are equal. Scaling is by
    constants alone, so each value is an affine function of what was drawn.

    What a term denotes is in `gaussian_denotation`, and how it runs in `gaussian_machine`. Where states may be improper there is one term more,
    ``flat() : R``: a number of which nothing is known.

References:
    Stein, Staton, *Compositional semantics for probabilistic programs with exact conditioning* (2101.11351).
"""

import abc
import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import numpy as np

from ..objects import Ob, R, unit
from ..theory import Data, door
from ..theory.errors import IllTyped


class Type(abc.ABC):
    """The type of a term."""

    @property
    @abc.abstractmethod
    def ob(self) -> Ob:
        """The type as an object: one wire a real number."""


@dataclasses.dataclass(frozen=True)
class Real(Type):
    """The type of real numbers."""

    @property
    def ob(self) -> Ob:
        return R()

    def __str__(self) -> str:
        return "R"


@dataclasses.dataclass(frozen=True)
class One(Type):
    """The type of ``()``."""

    @property
    def ob(self) -> Ob:
        return unit

    def __str__(self) -> str:
        return "I"


@dataclasses.dataclass(frozen=True)
class Both(Type):
    """The type of pairs."""

    left: Type
    right: Type

    @property
    def ob(self) -> Ob:
        return self.left.ob @ self.right.ob

    def __str__(self) -> str:
        return f"({self.left} * {self.right})"


class GaussTerm(Data):
    """A term of the language."""


class Var(GaussTerm):
    """A variable."""

    name: str = eqx.field(static=True)

    def __str__(self) -> str:
        return self.name


class Add(GaussTerm):
    """``left + right``."""

    left: GaussTerm
    right: GaussTerm

    def __str__(self) -> str:
        return f"({self.left} + {self.right})"


class Scale(GaussTerm):
    """``by * term``, by a constant."""

    by: Any
    term: GaussTerm

    def __str__(self) -> str:
        return f"{self.by} * {self.term}"


class Const(GaussTerm):
    """A real number."""

    value: Any

    def __str__(self) -> str:
        return str(self.value)


class Unit(GaussTerm):
    """``()``."""

    def __str__(self) -> str:
        return "()"


class Pair(GaussTerm):
    """``(left, right)``."""

    left: GaussTerm
    right: GaussTerm

    def __str__(self) -> str:
        return f"({self.left}, {self.right})"


class Let(GaussTerm):
    """``let name = term in body``."""

    name: str = eqx.field(static=True)
    term: GaussTerm
    body: GaussTerm

    def __str__(self) -> str:
        return f"let {self.name} = {self.term} in {self.body}"


class LetPair(GaussTerm):
    """``let (first, second) = term in body``."""

    first: str = eqx.field(static=True)
    second: str = eqx.field(static=True)
    term: GaussTerm
    body: GaussTerm

    def __str__(self) -> str:
        return f"let ({self.first}, {self.second}) = {self.term} in {self.body}"


class Normal(GaussTerm):
    """``normal()``: a draw from ``N(0, 1)``."""

    def __str__(self) -> str:
        return "normal()"


class Flat(GaussTerm):
    """``flat()``: a real number of which nothing is known."""

    def __str__(self) -> str:
        return "flat()"


class Equate(GaussTerm):
    """``left =:= right``: observe that two real numbers are equal."""

    left: GaussTerm
    right: GaussTerm

    def __str__(self) -> str:
        return f"{self.left} =:= {self.right}"


Context = Mapping[str, Type]


def subtract(s: GaussTerm, t: GaussTerm) -> GaussTerm:
    """``s - t``, which is ``s + (-1) * t``."""
    return Add(s, Scale(-1.0, t))


def draw(mean: GaussTerm, variance: float) -> GaussTerm:
    """``N(mean, variance)``, which is ``mean + sqrt(variance) * normal()``."""
    return Add(mean, Scale(math.sqrt(variance), Normal()))


def sequence(*terms: GaussTerm) -> GaussTerm:
    """The last of the terms, after the others: ``s ; t`` is ``let _ = s in t``."""
    *before, last = terms
    for term in reversed(before):
        last = Let("_", term, last)
    return last


def record(*terms: GaussTerm) -> GaussTerm:
    """A tuple, as pairs that nest to the right."""
    *before, last = terms
    for term in reversed(before):
        last = Pair(term, last)
    return last


def lets(bindings: Mapping[str, GaussTerm], body: GaussTerm) -> GaussTerm:
    """``let`` for each of the bindings, in order, around the body."""
    for name, term in reversed(tuple(bindings.items())):
        body = Let(name, term, body)
    return body


@door
def typecheck(term: GaussTerm, context: Context | None = None, /) -> Type:
    """The type of a term, given the types of its free variables.

    Raises:
        IllTyped: it has none. The message says which part, and which rule it breaks.

    Example:
        >>> print(typecheck(Let("x", Normal(), Pair(Var("x"), Equate(Var("x"), Const(1.0))))))
        (R * I)
    """
    context = context or {}
    match term:
        case Var(name):
            if name not in context:
                known = ", ".join(context) or "none"
                raise IllTyped(term, f"{name} is not bound", f"The variables in scope are: {known}. Bind it by let.")
            return context[name]
        case Add(left, right) | Equate(left, right):
            _real(term, left, context)
            _real(term, right, context)
            return Real() if isinstance(term, Add) else One()
        case Scale(by, scaled):
            _constant(term, by)
            return _real(term, scaled, context)
        case Const(value):
            _constant(term, value)
            return Real()
        case Normal() | Flat():
            return Real()
        case Unit():
            return One()
        case Pair(left, right):
            return Both(typecheck(left, context), typecheck(right, context))
        case Let(name, bound, body):
            return typecheck(body, {**context, name: typecheck(bound, context)})
        case LetPair(first, second, bound, body):
            if first == second:
                raise IllTyped(term, f"{first} is bound twice at once", "let (x, y) = e takes two different names.")
            match typecheck(bound, context):
                case Both(s, t):
                    return typecheck(body, {**context, first: s, second: t})
                case other:
                    raise IllTyped(
                        term, f"{bound} has type {other}", "let (x, y) = e takes e of the type of pairs, t * u."
                    )
        case _:
            raise IllTyped(term, f"it is {type(term).__name__}", "Terms are made of the classes of this module.")


def _constant(term: GaussTerm, value: Any) -> None:
    if isinstance(value, GaussTerm) or np.shape(value) != ():
        rule = "Constants are real numbers. A product of two terms is not affine, and is not in the language."
        raise IllTyped(term, f"{value} is no constant", rule)


def _real(term: GaussTerm, part: GaussTerm, context: Context) -> Type:
    found = typecheck(part, context)
    if found != Real():
        rule = (
            "e + e, r * e and e =:= e take real numbers. Take pairs apart by let (x, y) = e, and equate part by part."
        )
        raise IllTyped(term, f"{part} has type {found}, not R", rule)
    return found
