"""Exact rigs: whole numbers, fractions, residues, truth values.

Definition:
    `N`, `Z`, `Q` and the Gaussian rationals `Qi` are infinite, ``Modular(n)``, ``GF(p)`` and `Boolean` (or, and) are finite. Their
    arithmetic is exact and their equality decided.

Elements are Python's numbers, arrays numpy's arrays of them. Booleans go further: an array of numpy stays one, and a JAX
array is computed with on its device.
"""

import dataclasses
import math
import operator
from fractions import Fraction
from typing import Any

import jax
import numpy as np

from ..theory import door
from ..theory.errors import NotInRig, WrongObject
from .semiring import Exact, Host, Ring, Semifield, namespace
from .wires import is_concrete


def _whole(value: Any) -> int | None:
    """The value as a whole number, if it is one."""
    try:
        return int(value) if isinstance(value, np.bool_) else int(operator.index(value))
    except TypeError:
        return None


@dataclasses.dataclass(frozen=True)
class Naturals(Host):
    """The natural numbers: no negatives."""

    def __str__(self) -> str:
        return "N"

    @property
    def elements(self) -> None:
        return None

    def element(self, value: Any, /) -> int:
        n = _whole(value)
        if n is None or n < 0:
            raise NotInRig(self, value, "whole numbers >= 0", "Z has negatives.")
        return n

    def normal(self, a: Any, /) -> Any:
        return a


@dataclasses.dataclass(frozen=True)
class Integers(Host, Ring):
    """The whole numbers."""

    def __str__(self) -> str:
        return "Z"

    @property
    def elements(self) -> None:
        return None

    def element(self, value: Any, /) -> int:
        n = _whole(value)
        if n is None:
            raise NotInRig(self, value, "whole numbers", "Q has fractions.")
        return n

    def normal(self, a: Any, /) -> Any:
        return a

    def negative(self, a: Any, /) -> Any:
        return -a


@dataclasses.dataclass(frozen=True)
class Rationals(Host, Ring, Semifield):
    """Fractions."""

    def __str__(self) -> str:
        return "Q"

    @property
    def elements(self) -> None:
        return None

    def element(self, value: Any, /) -> Fraction:
        n = _whole(value)
        if n is None and not isinstance(value, Fraction):
            raise NotInRig(self, value, "whole numbers and fractions", "Write a half as Fraction(1, 2).")
        return value if isinstance(value, Fraction) else Fraction(n or 0)

    def normal(self, a: Any, /) -> Any:
        return a

    def negative(self, a: Any, /) -> Any:
        return -a

    def divide(self, a: Any, b: Any, /) -> Any:
        return np.where(b == 0, self.zero, a / np.where(b == 0, self.one, b))


@dataclasses.dataclass(frozen=True)
class Modular(Host, Ring):
    """The whole numbers modulo `n`, written ``0, ..., n-1``.

    Raises:
        WrongObject: `n` is not a whole number >= 1.

    Example:
        >>> print(Modular(6).multiply(2, 3), Modular(6).negative(2))
        0 4
    """

    n: int

    def __post_init__(self):
        if _whole(self.n) is None or self.n < 1:
            raise WrongObject(f"Modular({self.n!r}) needs a whole number >= 1: the modulus.")

    def __str__(self) -> str:
        return f"Z/{self.n}"

    @property
    def elements(self) -> tuple[int, ...]:
        return tuple(range(self.n))

    def element(self, value: Any, /) -> int:
        n = _whole(value)
        if n is None:
            raise NotInRig(self, value, "whole numbers, each standing for its class")
        return n % self.n

    def normal(self, a: Any, /) -> Any:
        return a % self.n

    def negative(self, a: Any, /) -> Any:
        return -a % self.n


@door
def GF(p: int) -> Modular:
    """The field with `p` elements, for a prime `p`: the whole numbers modulo `p`.

    Raises:
        WrongObject: `p` is not a prime.

    Example:
        >>> print(GF(2), GF(2).add(1, 1))
        Z/2 0
    """
    n = _whole(p)
    if n is None or n < 2 or any(n % d == 0 for d in range(2, math.isqrt(n) + 1)):
        raise WrongObject(
            f"GF({p!r}) needs a prime: the whole numbers modulo {p!r} are no field. Modular(n) takes any n."
        )
    return Modular(n)


@dataclasses.dataclass(frozen=True)
class ComplexRational:
    """An exact complex number ``real + imag i`` with fractions as its parts."""

    real: Fraction
    imag: Fraction

    def __add__(self, other: "ComplexRational") -> "ComplexRational":
        return ComplexRational(self.real + other.real, self.imag + other.imag)

    def __mul__(self, other: "ComplexRational") -> "ComplexRational":
        real = self.real * other.real - self.imag * other.imag
        return ComplexRational(real, self.real * other.imag + self.imag * other.real)

    def __neg__(self) -> "ComplexRational":
        return ComplexRational(-self.real, -self.imag)

    def conjugate(self) -> "ComplexRational":
        """``real - imag i``."""
        return ComplexRational(self.real, -self.imag)

    def __str__(self) -> str:
        imag = f"{'' if abs(self.imag) == 1 else abs(self.imag)}i"
        if not self.real or not self.imag:
            return f"{'-' if self.imag < 0 else ''}{imag}" if self.imag else str(self.real)
        return f"({self.real}{'-' if self.imag < 0 else '+'}{imag})"

    __repr__ = __str__


@dataclasses.dataclass(frozen=True)
class GaussianRationals(Host, Ring):
    """Complex numbers with rational parts: exact, and with a conjugation.

    Example:
        >>> z = Qi.element(1 + 2j)
        >>> print(Qi.multiply(z, z.conjugate()), Qi.multiply(z, z))
        5 (-3+4i)
    """

    def __str__(self) -> str:
        return "Q(i)"

    @property
    def elements(self) -> None:
        return None

    def element(self, value: Any, /) -> ComplexRational:
        if isinstance(value, ComplexRational):
            return value
        if isinstance(value, complex) and math.isfinite(value.real) and math.isfinite(value.imag):
            return ComplexRational(Fraction(value.real), Fraction(value.imag))
        n = _whole(value)
        if n is None and not isinstance(value, Fraction):
            raise NotInRig(self, value, "whole numbers, fractions, and complex numbers")
        return ComplexRational(value if isinstance(value, Fraction) else Fraction(n or 0), Fraction(0))

    def normal(self, a: Any, /) -> Any:
        return a

    def negative(self, a: Any, /) -> Any:
        return -a


@dataclasses.dataclass(frozen=True)
class Booleans(Exact):
    """Truth values: the sum is *or*, the product is *and*.

    Example:
        >>> print(Boolean.add(True, True), Boolean.matmul(np.array([[True, False]]), np.array([[False], [True]])))
        True [[False]]
    """

    def __str__(self) -> str:
        return "Boolean"

    @property
    def zero(self) -> bool:
        return False

    @property
    def one(self) -> bool:
        return True

    @property
    def commutative(self) -> bool:
        return True

    @property
    def idempotent(self) -> bool:
        return True

    @property
    def elements(self) -> tuple[bool, ...]:
        return (False, True)

    def element(self, value: Any, /) -> bool:
        n = _whole(value)
        if n not in (0, 1):
            raise NotInRig(self, value, "truth values: False or 0, True or 1")
        return bool(n)

    def natural(self, n: int, /) -> bool:
        return n > 0

    def normal(self, a: Any, /) -> bool:
        return bool(a)

    def array(self, entries: Any, /) -> Any:
        if isinstance(entries, jax.Array | np.ndarray) and entries.dtype == np.bool_:
            return entries
        if not is_concrete(entries):
            raise NotInRig(self, entries, "an array of booleans", "Convert it with x.astype(bool).")
        return np.vectorize(self.element, otypes=[bool])(np.asarray(entries))

    def indicator(self, mask: Any, /) -> Any:
        return np.asarray(mask, bool)

    def add(self, a: Any, b: Any, /) -> Any:
        return a | b

    def multiply(self, a: Any, b: Any, /) -> Any:
        return a & b

    def sum(self, a: Any, /, axis: int) -> Any:
        return namespace(a).any(a, axis=axis)

    def matmul(self, a: Any, b: Any, /) -> Any:
        # A sum of ones and zeros is positive, in any precision, exactly where one of them is one.
        return namespace(a, b).matmul(a.astype(np.float32), b.astype(np.float32)) > 0


N = Naturals()
"""The natural numbers."""
Z = Integers()
"""The whole numbers."""
Q = Rationals()
"""The rational numbers."""
Qi = GaussianRationals()
"""The Gaussian rationals: complex numbers with rational parts."""
Boolean = Booleans()
"""Truth values with *or* and *and*."""
Z2 = GF(2)
"""The field with two elements: exclusive or, and."""
