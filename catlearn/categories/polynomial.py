"""Polynomials: formal, sparse, in any number of variables, over a commutative rig.

Definition:
    A *polynomial* over a rig is a finite sum of terms ``c x0^a x1^b ...`` with coefficients c in the rig. It is formal:
    over the field with two elements ``x^2`` and ``x`` are different polynomials, although equal as functions. The formal
    derivative lowers an exponent n and multiplies by ``n · 1``, so that no negatives are needed.

A polynomial is kept as its nonzero terms, each exponent as the sorted pairs (variable, power): equal polynomials are equal
data. Coefficients are added and multiplied as Python's numbers and brought into normal form at the end. Sums and products cost the number of pairs of terms; substitution shares the products that several terms need.

References:
    Cockett et al. (1910.07065), Example 14.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..objects.semiring import Exact, Ring
from ..theory.errors import NoNegatives, NotInRig

Monomial = tuple[tuple[int, int], ...]
"""The powers of the variables that occur, sorted: ``x0^3 x2`` is ``((0, 3), (2, 1))``."""


@dataclasses.dataclass(frozen=True)
class Polynomial:
    """A polynomial in the variables ``x0, x1, ...`` over a commutative rig.

    Add, multiply and raise polynomials as numbers; a number beside one is a coefficient. Subtraction needs a ring.

    Attributes:
        rig: where the coefficients are.
        terms: the coefficient of each monomial that occurs; none is zero.

    Example:
        >>> from catlearn.objects import Z
        >>> x, y = variables(Z, 2)
        >>> print((x + y) ** 2 - 3 * x)
        x0^2 + 2 x0 x1 + x1^2 - 3 x0
    """

    rig: Exact
    terms: Mapping[Monomial, Any]

    def __hash__(self) -> int:
        return hash((self.rig, frozenset(self.terms.items())))

    def __add__(self, other: Any) -> "Polynomial":
        terms = dict(self.terms)
        _add_into(terms, self._same(other).terms.items())
        return Polynomial(self.rig, _normal(self.rig, terms))

    def __mul__(self, other: Any) -> "Polynomial":
        return Polynomial(self.rig, _normal(self.rig, _product(self.terms, self._same(other).terms)))

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n: int) -> "Polynomial":
        result, square = constant(self.rig, self.rig.one), self
        while n:
            result = result * square if n % 2 else result
            n //= 2
            square = square * square if n else square
        return result

    def __neg__(self) -> "Polynomial":
        if not isinstance(self.rig, Ring):
            raise NoNegatives(self.rig, self)
        return Polynomial(self.rig, {m: self.rig.negative(c) for m, c in self.terms.items()})

    def __sub__(self, other: Any) -> "Polynomial":
        return self + -self._same(other)

    def __rsub__(self, other: Any) -> "Polynomial":
        return -self + other

    def _same(self, other: Any) -> "Polynomial":
        """The other operand as a polynomial over the same rig."""
        if not isinstance(other, Polynomial):
            return constant(self.rig, self.rig.element(other))
        if other.rig != self.rig:
            raise NotInRig(self.rig, other, f"polynomials over {self.rig}", f"This one is over {other.rig}.")
        return other

    @property
    def degree(self) -> int:
        """The largest sum of powers of a term; zero of a constant."""
        return max((sum(e for _, e in m) for m in self.terms), default=0)

    @property
    def width(self) -> int:
        """The number of the first variables among which are all that occur."""
        return max((m[-1][0] + 1 for m in self.terms if m), default=0)

    @property
    def value(self) -> Any:
        """The element of the rig that a constant polynomial is, and any other as it is."""
        return self if any(self.terms) else self.terms.get((), self.rig.zero)

    def shift(self, k: int) -> "Polynomial":
        """The polynomial with each variable ``x_i`` written ``x_(i+k)``."""
        return Polynomial(self.rig, {tuple((i + k, e) for i, e in m): c for m, c in self.terms.items()}) if k else self

    def derivative(self, i: int) -> "Polynomial":
        """The formal partial derivative by ``x_i``.

        Example:
            >>> from catlearn.objects import Z2, N
            >>> print(variables(N, 1)[0].__pow__(2).derivative(0), variables(Z2, 1)[0].__pow__(2).derivative(0))
            2 x0 0
        """
        rig, terms = self.rig, {}
        for m, c in self.terms.items():
            for at, (j, e) in enumerate(m):
                if j == i:
                    lower = ((i, e - 1),) if e > 1 else ()
                    terms[m[:at] + lower + m[at + 1 :]] = rig.natural(e) * c
        return Polynomial(rig, _normal(rig, terms))

    def __str__(self) -> str:
        """The terms, highest degree first."""
        order = sorted(self.terms, key=lambda m: (-sum(e for _, e in m), [(i, -e) for i, e in m]))
        text = " + ".join(_term(self.rig, self.terms[m], m) for m in order) or "0"
        return text.replace("+ -", "- ")

    __repr__ = __str__

    def __pdoc__(self, **_: Any) -> Any:
        import wadler_lindig as wl

        return wl.TextDoc(str(self))


def constant(rig: Exact, c: Any) -> Polynomial:
    """The polynomial that is an element of the rig."""
    return Polynomial(rig, _normal(rig, {(): c}))


def variables(rig: Exact, n: int) -> tuple[Polynomial, ...]:
    """The polynomials ``x0, ..., x_(n-1)``.

    Example:
        >>> from catlearn.objects import Q
        >>> print(*variables(Q, 3))
        x0 x1 x2
    """
    return tuple(Polynomial(rig, _normal(rig, {((i, 1),): rig.one})) for i in range(n))


def linear_combination(rig: Exact, pairs: Iterable[tuple[Polynomial, Polynomial]]) -> Polynomial:
    """The sum of the products of some pairs."""
    terms: dict[Monomial, Any] = {}
    for p, q in pairs:
        _add_into(terms, _product(p.terms, q.terms).items())
    return Polynomial(rig, _normal(rig, terms))


def substitute(ps: Sequence[Polynomial], rig: Exact, values: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
    """The polynomials with a polynomial in place of each variable; products that several terms need are made once.

    Example:
        >>> from catlearn.objects import Z
        >>> x, y = variables(Z, 2)
        >>> print(*substitute([x * y, x**2], Z, [x + 1, x - 1]))
        x0^2 - 1 x0^2 + 2 x0 + 1
    """
    value = _values_of_monomials(constant(rig, rig.one), values, lambda p, q: p * q)
    return tuple(_combine(rig, p, value) for p in ps)


def _combine(rig: Exact, p: Polynomial, value: Callable[[Monomial], Polynomial]) -> Polynomial:
    terms: dict[Monomial, Any] = {}
    for m, c in p.terms.items():
        _add_into(terms, ((n, c * d) for n, d in value(m).terms.items()))
    return Polynomial(rig, _normal(rig, terms))


def evaluate(ps: Sequence[Polynomial], rig: Exact, values: Sequence[Any]) -> tuple[Any, ...]:
    """The values of the polynomials at elements of the rig.

    Example:
        >>> from catlearn.objects import Z
        >>> x, y = variables(Z, 2)
        >>> print(*evaluate([x**2 + y, x * y], Z, [3, 4]))
        13 12
    """
    value = _values_of_monomials(rig.one, values, rig.multiply)
    terms = ((rig.multiply(c, value(m)) for m, c in p.terms.items()) for p in ps)
    return tuple(functools.reduce(rig.add, each, rig.zero) for each in terms)


def _values_of_monomials(one: Any, values: Sequence[Any], multiply: Callable[[Any, Any], Any]) -> Any:
    """The function from a monomial to the product of the powers of the values; it remembers what it has multiplied."""
    known: dict[Monomial, Any] = {(): one}

    def value(m: Monomial) -> Any:
        if m not in known:
            (i, e), rest = m[-1], m[:-1]
            if rest:
                known[m] = multiply(value(rest), value(m[-1:]))
            elif e == 1:
                known[m] = values[i]
            else:
                half = value(((i, e // 2),))
                square = multiply(half, half)
                known[m] = multiply(square, values[i]) if e % 2 else square
        return known[m]

    return value


def multilinear(p: Polynomial) -> Polynomial:
    """The polynomial with every power lowered to one: the algebraic normal form of a function over a rig with ``x x = x``.

    Two polynomials over the field with two elements are the same function exactly when their normal forms are equal.

    Raises:
        NotInRig: the rig has an element with ``x x`` other than ``x``, or infinitely many.

    Example:
        >>> from catlearn.objects import Z2
        >>> x, y = variables(Z2, 2)
        >>> print(multilinear(x**3 * y + x * y + x**2))
        x0
    """
    rig = p.rig
    if rig.elements is None or any(rig.multiply(a, a) != a for a in rig.elements):
        raise NotInRig(
            rig, p, "rigs with x x = x for all x, such as GF(2) and Boolean", "Only there is x^2 the function x."
        )
    terms: dict[Monomial, Any] = {}
    _add_into(terms, ((tuple((i, 1) for i, _ in m), c) for m, c in p.terms.items()))
    return Polynomial(rig, _normal(rig, terms))


def _add_into(terms: dict[Monomial, Any], more: Iterable[tuple[Monomial, Any]]) -> None:
    for m, c in more:
        terms[m] = terms[m] + c if m in terms else c


def _product(p: Mapping[Monomial, Any], q: Mapping[Monomial, Any]) -> dict[Monomial, Any]:
    terms: dict[Monomial, Any] = {}
    for m, a in p.items():
        for n, b in q.items():
            mn = _times(m, n)
            terms[mn] = terms[mn] + a * b if mn in terms else a * b
    return terms


def _normal(rig: Exact, terms: dict[Monomial, Any]) -> dict[Monomial, Any]:
    """The coefficients in normal form, without zeros."""
    normal, zero = rig.normal, rig.zero
    return {m: c for m, unreduced in terms.items() if (c := normal(unreduced)) != zero}


@functools.lru_cache(maxsize=2**16)
def _times(m: Monomial, n: Monomial) -> Monomial:
    if not m or not n:
        return m or n
    if m[-1][0] < n[0][0]:
        return m + n
    if n[-1][0] < m[0][0]:
        return n + m
    powers = dict(m)
    for i, e in n:
        powers[i] = powers.get(i, 0) + e
    return tuple(sorted(powers.items()))


def _term(rig: Exact, c: Any, m: Monomial) -> str:
    powers = " ".join(f"x{i}^{e}" if e > 1 else f"x{i}" for i, e in m)
    if not m:
        return str(int(c) if isinstance(c, bool) else c)
    if c == rig.one:
        return powers
    if isinstance(rig, Ring) and c == rig.negative(rig.one) and str(c).startswith("-"):
        return f"-{powers}"
    return f"{c} {powers}"
