"""Rigs of floats: real, complex and tropical numbers in JAX arrays.

Definition:
    `Real` and `Complex` are the floats with sum and product. `MaxPlus` and `MinPlus` are *tropical*: their sum is the larger,
    or the smaller, of two floats and their product is the sum of the two, with infinity as zero.

Their laws hold up to rounding, except that a maximum is exact. Arrays are computed with on their device, under `jax.jit`.

References:
    Golan, *Semirings and their applications* (1999).
"""

import dataclasses
import math
from typing import Any

import jax.numpy as jnp

from ..theory.errors import NotInRig
from .semiring import Approximate, Ring, Semifield
from .wires import is_concrete


@dataclasses.dataclass(frozen=True)
class Floats(Approximate, Ring, Semifield):
    """Floating-point numbers in JAX arrays, real or complex, of the default precision unless an array has another."""

    complex: bool

    def __str__(self) -> str:
        return "Complex" if self.complex else "Real"

    @property
    def zero(self) -> Any:
        return 0.0

    @property
    def one(self) -> Any:
        return 1.0

    @property
    def idempotent(self) -> bool:
        return False

    def element(self, value: Any, /) -> Any:
        return _number(self, value, complex if self.complex else float)

    def natural(self, n: int, /) -> Any:
        return float(n)

    def array(self, entries: Any, /) -> Any:
        return _array(self, entries, complex if self.complex else float)

    def indicator(self, mask: Any, /) -> Any:
        return jnp.asarray(mask, complex if self.complex else float)

    def add(self, a: Any, b: Any, /) -> Any:
        return a + b

    def multiply(self, a: Any, b: Any, /) -> Any:
        return a * b

    def sum(self, a: Any, /, axis: int) -> Any:
        return jnp.sum(a, axis=axis)

    def matmul(self, a: Any, b: Any, /) -> Any:
        return jnp.matmul(a, b)

    def negative(self, a: Any, /) -> Any:
        return -a

    def divide(self, a: Any, b: Any, /) -> Any:
        return jnp.where(b == 0, 0, a / jnp.where(b == 0, 1, b))


@dataclasses.dataclass(frozen=True)
class Tropical(Approximate):
    """Floats in JAX arrays, of which the sum is the larger or the smaller and the product is the sum.

    Matrices multiply as paths do: with `MinPlus`, an entry of a product is the length of a shortest path of two steps.

    Attributes:
        largest: whether the sum is the larger one, with zero ``-inf``; else the smaller one, with zero ``inf``.

    Example:
        >>> steps = MinPlus.array([[0.0, 3.0], [1.0, 0.0]])
        >>> print(MinPlus.matmul(steps, steps), MinPlus.zero, MinPlus.one)
        [[0. 3.]
         [1. 0.]] inf 0.0
    """

    largest: bool

    def __str__(self) -> str:
        return "MaxPlus" if self.largest else "MinPlus"

    @property
    def zero(self) -> float:
        return -math.inf if self.largest else math.inf

    @property
    def one(self) -> float:
        return 0.0

    @property
    def idempotent(self) -> bool:
        return True

    def element(self, value: Any, /) -> Any:
        number = _number(self, value, float)
        if number == -self.zero:
            raise NotInRig(self, value, f"floats other than {-self.zero}, which is no element")
        return number

    def natural(self, n: int, /) -> float:
        return self.one if n else self.zero

    def array(self, entries: Any, /) -> Any:
        array = _array(self, entries, float)
        if is_concrete(array) and bool(jnp.any(array == -self.zero)):
            raise NotInRig(self, entries, f"floats other than {-self.zero}, which is no element")
        return array

    def indicator(self, mask: Any, /) -> Any:
        return jnp.where(jnp.asarray(mask, bool), jnp.asarray(self.one, float), jnp.asarray(self.zero, float))

    def add(self, a: Any, b: Any, /) -> Any:
        return jnp.maximum(a, b) if self.largest else jnp.minimum(a, b)

    def multiply(self, a: Any, b: Any, /) -> Any:
        return a + b

    def sum(self, a: Any, /, axis: int) -> Any:
        best = jnp.max if self.largest else jnp.min
        return best(a, axis=axis, initial=self.zero)

    def matmul(self, a: Any, b: Any, /) -> Any:
        return self.sum(a[..., :, :, None] + b[..., None, :, :], axis=-2)


def _number(rig: Approximate, value: Any, kind: type) -> Any:
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise NotInRig(rig, value, f"{kind.__name__} numbers") from None


def _array(rig: Approximate, entries: Any, kind: type) -> Any:
    """The entries as a JAX array of floats; one that is an array of floats keeps its precision."""
    fits = jnp.complexfloating if kind is complex else jnp.floating
    if hasattr(entries, "dtype") and jnp.issubdtype(entries.dtype, fits):
        return jnp.asarray(entries)
    try:
        return jnp.asarray(entries, kind)
    except (TypeError, ValueError):
        raise NotInRig(rig, entries, f"{kind.__name__} numbers") from None


Real = Floats(False)
"""Real floats."""
Complex = Floats(True)
"""Complex floats."""
MaxPlus = Tropical(True)
"""The tropical rig of longest paths: larger, plus."""
MinPlus = Tropical(False)
"""The tropical rig of shortest paths: smaller, plus."""
