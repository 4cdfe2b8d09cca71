r"""Finite commutative monoids: a forward derivative that comes from no reverse one.

Definition:
    An object of `Monoids` is a tuple of finite commutative monoids, an arrow an additive function between their products:
    ``f(a + b) = f(a) + f(b)``, ``f(0) = 0``. Sums are taken value by value, products are biproducts, and each arrow is its own
    derivative, ``D[f] = π₁ ; f``.

This is a cartesian differential category in which every arrow is linear. A reverse derivative with this forward derivative
would give a dagger, and so a bijection between the arrows ``A → B`` and those ``B → A``. Here both are finite and can be counted:

.. math:: |\mathrm{Hom}(\mathbb{Z}/2, K)| = 1, \qquad |\mathrm{Hom}(K, \mathbb{Z}/2)| = 2

for `K` the group of two elements with a new zero. So there is none.

References:
    Cockett et al. (1910.07065), after Theorem 42, says that a differential category need not have a reverse derivative; the
    example is ours.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx

from ..theory import Arrow, Biproduct, CartesianDifferential, Concrete, door
from ..theory.errors import NotLinear, WrongObject

Values = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class FiniteMonoid:
    """A commutative monoid on ``{0, ..., n-1}`` with zero 0.

    Attributes:
        name: as one writes it.
        table: the sum of a and b at ``table[a][b]``.
    """

    name: str
    table: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        """The number of elements."""
        return len(self.table)

    def __str__(self) -> str:
        return self.name


@dataclasses.dataclass(frozen=True)
class Product:
    """An object: a tuple of finite commutative monoids; ``@`` concatenates."""

    factors: tuple[FiniteMonoid, ...] = ()

    def __matmul__(self, other: Any) -> "Product":
        """The factors, side by side."""
        return Product(self.factors + other.factors) if isinstance(other, Product) else NotImplemented

    def __len__(self) -> int:
        """The number of factors."""
        return len(self.factors)

    def __getitem__(self, part: slice | int) -> "Product":
        """The object of some of the factors."""
        return Product(self.factors[part] if isinstance(part, slice) else (self.factors[part],))

    def __str__(self) -> str:
        """The object as one writes it."""
        return " @ ".join(map(str, self.factors)) or "unit"

    @property
    def elements(self) -> Iterator[Values]:
        """All elements, one number a factor."""
        return itertools.product(*(range(len(m)) for m in self.factors))

    def add(self, a: Values, b: Values) -> Values:
        """The sum of two elements."""
        return tuple(m.table[x][y] for m, x, y in zip(self.factors, a, b, strict=True))


@door
def monoid(name: str, table: Any) -> Product:
    """The object of one finite commutative monoid, with the given table of sums; its zero is 0.

    Raises:
        WrongObject: the table is not that of a commutative monoid with zero 0.

    Example:
        >>> print(monoid("Or", [[0, 1], [1, 1]]))
        Or
    """
    rows = tuple(map(tuple, table))
    n = range(len(rows))
    if any(len(row) != len(rows) or not set(row) <= set(n) for row in rows) or not rows:
        raise WrongObject(f"the sums of {name} are no square table of elements 0 to {len(rows) - 1}: {rows}.")
    if any(rows[0][a] != a or rows[a][b] != rows[b][a] for a in n for b in n):
        raise WrongObject(f"the sums of {name} are not commutative with zero 0: {rows}.")
    if any(rows[rows[a][b]][c] != rows[a][rows[b][c]] for a in n for b in n for c in n):
        raise WrongObject(f"the sums of {name} are not associative: {rows}.")
    return Product((FiniteMonoid(name, rows),))


Parity = monoid("Z/2", [[0, 1], [1, 0]])
"""The group of two elements."""

Lifted = monoid("K", [[0, 1, 2], [1, 1, 2], [2, 2, 1]])
"""The group of two elements, as 1 and 2, with a new zero."""


class AdditiveMap(Arrow):
    """An additive function ``dom → cod``, by its values at all elements of `dom`, in order."""

    dom: Product = eqx.field(static=True)
    cod: Product = eqx.field(static=True)
    values: tuple[Values, ...] = eqx.field(static=True)

    @property
    def category(self) -> "MonoidCategory":
        return Monoids


@dataclasses.dataclass(frozen=True)
class MonoidCategory(Biproduct, CartesianDifferential, Concrete):
    """Finite commutative monoids and additive functions; see the module.

    Example:
        >>> print(len(Monoids.hom(Parity, Lifted)), len(Monoids.hom(Lifted, Parity)))
        1 2
    """

    def __str__(self) -> str:
        return "Monoids"

    @property
    def unit(self) -> Product:
        return Product()

    def arrow(self, dom: Product, cod: Product, function: Callable[[Values], Values], /) -> AdditiveMap:
        return AdditiveMap(dom, cod, tuple(function(a) for a in dom.elements))

    def apply(self, f: AdditiveMap, xs: Values, /) -> Values:
        at = 0
        for m, x in zip(f.dom.factors, xs, strict=True):
            at = at * len(m) + x
        return f.values[at]

    def id(self, x: Product, /) -> AdditiveMap:
        return self.arrow(x, x, lambda a: a)

    def _then(self, f: AdditiveMap, g: AdditiveMap, /) -> AdditiveMap:
        return AdditiveMap(f.dom, g.cod, tuple(self.apply(g, b) for b in f.values))

    def _tensor(self, f: AdditiveMap, g: AdditiveMap, /) -> AdditiveMap:
        return AdditiveMap(f.dom @ g.dom, f.cod @ g.cod, tuple(a + b for a in f.values for b in g.values))

    def swap(self, x: Product, y: Product, /) -> AdditiveMap:
        return self.arrow(x @ y, y @ x, lambda a: a[len(x) :] + a[: len(x)])

    def copy(self, x: Product, /) -> AdditiveMap:
        return self.arrow(x, x @ x, lambda a: a + a)

    def discard(self, x: Product, /) -> AdditiveMap:
        return self.arrow(x, self.unit, lambda a: ())

    def merge(self, x: Product, /) -> AdditiveMap:
        return self.arrow(x @ x, x, lambda a: x.add(a[: len(x)], a[len(x) :]))

    def create(self, x: Product, /) -> AdditiveMap:
        return self.zero(self.unit, x)

    def zero(self, x: Product, y: Product, /) -> AdditiveMap:
        return self.arrow(x, y, lambda a: (0,) * len(y))

    def _add(self, f: AdditiveMap, g: AdditiveMap, /) -> AdditiveMap:
        return AdditiveMap(f.dom, f.cod, tuple(f.cod.add(a, b) for a, b in zip(f.values, g.values, strict=True)))

    def tangent(self, x: Product, /) -> Product:
        return x

    def D(self, f: Any, /) -> AdditiveMap:
        """``π₁ ; f``: every arrow is its own derivative."""
        return self.then(self.second(f.dom, f.dom), f)

    def hom(self, x: Product, y: Product, /) -> tuple[AdditiveMap, ...]:
        """All arrows ``x → y``, found among all functions."""
        elements = list(x.elements)
        functions = itertools.product(y.elements, repeat=len(elements))
        maps = (AdditiveMap(x, y, values) for values in functions)
        return tuple(f for f in maps if not _flaw(f))


Monoids = MonoidCategory()


@door
def additive(dom: Product, cod: Product, function: Callable[..., Any]) -> AdditiveMap:
    """The additive map that a function of one argument a factor is; with one factor in `cod` it returns the bare element.

    Raises:
        NotLinear: the function is not additive, or leaves `cod`.

    Example:
        >>> parity = additive(Lifted, Parity, lambda k: int(k == 2))
        >>> print(parity, parity.values)
        AdditiveMap : K -> Z/2 ((0,), (0,), (1,))
    """
    wires = lambda b: (b,) if len(cod) == 1 else tuple(b)
    f = Monoids.arrow(dom, cod, lambda a: wires(function(*a)))
    if why := _flaw(f):
        raise NotLinear(function, why)
    return f


def _flaw(f: AdditiveMap) -> str:
    """Why a function is not additive, or nothing."""
    at, zero = Monoids.apply, (0,) * len(f.dom)
    if not set(f.values) <= set(f.cod.elements):
        return f"it takes values outside {f.cod}"
    if any(at(f, zero)):
        return "it does not map zero to zero"
    pairs = itertools.combinations_with_replacement(f.dom.elements, 2)
    broken = (ab for ab in pairs if at(f, f.dom.add(*ab)) != f.cod.add(*(at(f, a) for a in ab)))
    return next((f"f(a + b) is not f(a) + f(b) at {a} and {b}" for a, b in broken), "")
