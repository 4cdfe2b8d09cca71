r"""The machine of the Gaussian language: one small step at a time, in exact fractions.

Definition:
    A *configuration* ``(e, ψ)`` has a term that may use run-time variables ``z₁ … zᵣ``, and their joint law ``ψ = N(μ, S)``. Terms are evaluated from
    left to right; values are tuples of affine expressions in z. The steps are

    - ``(E[normal()], ψ) → (E[zᵣ₊₁], ψ ⊗ N(0, 1))``;
    - ``(E[let x = v in e], ψ) → (E[e[v/x]], ψ)``, and the same for pairs;
    - ``(E[v =:= w], ψ) → (E[()], ψ | v = w)`` if 0 is in the support of ``v - w``, and else to bottom.

    With ``v - w = a z + b``, ``t = a S a'`` and ``r = -(a μ + b)``, the equation can hold if t is not zero, or r is; and then

    .. math:: k = S a' t^{+}, \qquad \mu \mapsto \mu + k r, \qquad S \mapsto S - k a S.

Evaluation is deterministic and ends. Numbers are fractions (a float is one), so that here no rank is decided by a tolerance: the machine says what
programs mean where the compiled semantics has to round.

References:
    Stein, Staton (2101.11351).
"""

import dataclasses
from fractions import Fraction
from typing import Any

import equinox as eqx

from ..theory import door
from ..theory.errors import IllTyped
from .gaussian_language import (
    Add,
    Const,
    Equate,
    GaussTerm,
    Let,
    LetPair,
    Normal,
    Pair,
    Scale,
    Unit,
    Var,
    typecheck,
)


class Drawn(GaussTerm):
    """A run-time variable: the number that was drawn at the given position."""

    index: int = eqx.field(static=True)

    def __str__(self) -> str:
        return f"z{self.index + 1}"


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A term and the joint law of its run-time variables.

    Attributes:
        term: the term.
        mean: one fraction a variable.
        covariance: one row of fractions a variable.
    """

    term: GaussTerm
    mean: tuple[Fraction, ...] = ()
    covariance: tuple[tuple[Fraction, ...], ...] = ()

    def __str__(self) -> str:
        return f"({self.term}, N({list(map(str, self.mean))}, {[list(map(str, row)) for row in self.covariance]}))"


@dataclasses.dataclass(frozen=True)
class Bottom:
    """The outcome of a program that observed what cannot be."""

    def __str__(self) -> str:
        return "bottom"


@dataclasses.dataclass(frozen=True)
class Law:
    """The outcome of a program that can happen: the joint law of the numbers that it returned.

    Attributes:
        mean: one fraction a number.
        covariance: one row of fractions a number.
    """

    mean: tuple[Fraction, ...]
    covariance: tuple[tuple[Fraction, ...], ...]


@door
def step(configuration: Configuration, /) -> Configuration | Bottom | None:
    """The next configuration, bottom, or None if the term is a value.

    Raises:
        IllTyped: the term is stuck, which no closed term of a type is.

    Example:
        >>> here = Configuration(Equate(Normal(), Const(2.0)))
        >>> while isinstance(here, Configuration) and (after := step(here)):
        ...     here = after
        ...     print(here)
        (z1 =:= 2.0, N(['0'], [['1']]))
        ((), N(['2'], [['0']]))
    """
    c = configuration
    match c.term:
        case Normal():
            n = len(c.mean)
            rows = tuple((*row, Fraction(0)) for row in c.covariance)
            return Configuration(Drawn(n), (*c.mean, Fraction(0)), (*rows, (*(Fraction(0),) * n, Fraction(1))))
        case Const() | Unit() | Drawn():
            return None
        case Scale(by, term):
            return _inside(c, term, lambda inner: Scale(by, inner))
        case Add(left, right) | Pair(left, right):
            made = type(c.term)
            first = _inside(c, left, lambda inner: made(inner, right))
            return first or _inside(c, right, lambda inner: made(left, inner))
        case Equate(left, right):
            first = _inside(c, left, lambda inner: Equate(inner, right))
            return first or _inside(c, right, lambda inner: Equate(left, inner)) or _condition(c, left, right)
        case Let(name, bound, body):
            inside = _inside(c, bound, lambda inner: Let(name, inner, body))
            return inside or dataclasses.replace(c, term=substitute(body, {name: bound}))
        case LetPair(first, second, bound, body):
            inside = _inside(c, bound, lambda inner: LetPair(first, second, inner, body))
            if inside is None and isinstance(bound, Pair):
                return dataclasses.replace(c, term=substitute(body, {first: bound.left, second: bound.right}))
            if inside is not None:
                return inside
    raise IllTyped(
        c.term,
        "the machine is stuck on it",
        "Closed terms of the Gaussian language run: typecheck it. flat() has no step.",
    )


def _inside(c: Configuration, part: GaussTerm, context: Any) -> Configuration | Bottom | None:
    """A step of a part of the term, put back into its place."""
    after = step(Configuration(part, c.mean, c.covariance))
    return dataclasses.replace(after, term=context(after.term)) if isinstance(after, Configuration) else after


def substitute(term: GaussTerm, values: dict[str, GaussTerm]) -> GaussTerm:
    """The term with closed values in place of free variables."""
    without = lambda *names: {name: value for name, value in values.items() if name not in names}
    match term:
        case Var(name):
            return values.get(name, term)
        case Scale(by, scaled):
            return Scale(by, substitute(scaled, values))
        case Add(left, right) | Pair(left, right) | Equate(left, right):
            return type(term)(substitute(left, values), substitute(right, values))
        case Let(name, bound, body):
            return Let(name, substitute(bound, values), substitute(body, without(name)))
        case LetPair(first, second, bound, body):
            return LetPair(first, second, substitute(bound, values), substitute(body, without(first, second)))
        case _:
            return term


Affine = tuple[dict[int, Fraction], Fraction]


def _read(value: GaussTerm) -> Affine:
    """A real value as coefficients of the run-time variables, and a constant."""
    match value:
        case Drawn(index):
            return {index: Fraction(1)}, Fraction(0)
        case Const(number):
            return {}, _exact(number)
        case Scale(by, term):
            slope, constant = _read(term)
            return {i: _exact(by) * x for i, x in slope.items()}, _exact(by) * constant
        case Add(left, right):
            (a, b), (c, d) = _read(left), _read(right)
            return {i: a.get(i, Fraction(0)) + c.get(i, Fraction(0)) for i in {**a, **c}}, b + d
        case _:
            raise IllTyped(value, "it is no real value", "Values are made of draws, constants, sums and multiples.")


def _exact(number: Any) -> Fraction:
    return number if isinstance(number, Fraction) else Fraction(float(number))


def _condition(c: Configuration, left: GaussTerm, right: GaussTerm) -> Configuration | Bottom:
    slope, constant = _read(Add(left, Scale(Fraction(-1), right)))
    column = tuple(_sum(row[i] * a for i, a in slope.items()) for row in c.covariance)
    t = _sum(a * column[i] for i, a in slope.items())
    r = -(_sum(a * c.mean[i] for i, a in slope.items()) + constant)
    if not t:
        return Bottom() if r else Configuration(Unit(), c.mean, c.covariance)
    gain = tuple(x / t for x in column)
    mean = tuple(m + k * r for m, k in zip(c.mean, gain, strict=True))
    rows = zip(c.covariance, gain, strict=True)
    return Configuration(
        Unit(), mean, tuple(tuple(s - k * x for s, x in zip(row, column, strict=True)) for row, k in rows)
    )


def _sum(numbers: Any) -> Fraction:
    return sum(numbers, start=Fraction(0))


def _leaves(value: GaussTerm) -> list[Affine]:
    match value:
        case Pair(left, right):
            return _leaves(left) + _leaves(right)
        case Unit():
            return []
        case _:
            return [_read(value)]


@door
def run(term: GaussTerm, /) -> Law | Bottom:
    """The outcome of a closed program: the joint law of what it returns, exactly, or bottom.

    Raises:
        IllTyped: the term has no type, or draws a flat number.

    Example:
        >>> from catlearn.front.gaussian_language import lets, sequence
        >>> x, y = Var("x"), Var("y")
        >>> print(run(lets({"x": Normal(), "y": Normal()}, sequence(Equate(x, y), x))).covariance)
        ((Fraction(1, 2),),)
    """
    typecheck(term)
    here = Configuration(term)
    while (after := step(here)) is not None:
        if isinstance(after, Bottom):
            return after
        here = after
    values = _leaves(here.term)
    mean = tuple(_sum(x * here.mean[i] for i, x in slope.items()) + constant for slope, constant in values)
    covers = lambda a, b: _sum(x * y * here.covariance[i][j] for i, x in a.items() for j, y in b.items())
    return Law(mean, tuple(tuple(covers(a, b) for b, _ in values) for a, _ in values))
