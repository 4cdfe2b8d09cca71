r"""Semirings: numbers that are added and multiplied, and arrays of them.

Definition:
    A *rig* or semiring is a set with a commutative sum and an associative product, with 0 and 1, in which the product
    distributes over the sum and zero absorbs: a ring without negatives. A `Ring` has negatives too. An *involution* is a
    map of rigs that is its own inverse: the identity, or conjugation.

A semiring is a value, and says how its elements *and* its arrays add, multiply, are summed along an axis, and contract,

.. math:: (a b)_{ik} = \sum_j a_{ij}\, b_{jk},

so that what is written once for a semiring runs on Python's whole numbers and fractions, exactly, in numpy arrays of
objects, and on floats, in JAX arrays, compiled and on any device.

References:
    Golan, *Semirings and their applications* (1999).
"""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..theory.errors import NotInRig
from .compare import default_tolerance, distance
from .wires import is_concrete


def namespace(*arrays: Any) -> Any:
    """The library that some arrays belong to: JAX where one of them does, else numpy."""
    return jnp if any(isinstance(a, jax.Array) for a in arrays) else np


class Semiring(abc.ABC):
    """A rig, with its arrays. Each is a frozen dataclass, compared by what it is.

    Laws:
        ``a + (b + c) = (a + b) + c``, ``a + b = b + a``, ``a + 0 = a``; ``a (b c) = (a b) c``, ``1 a = a = a 1``;
        ``a (b + c) = a b + a c``, ``(a + b) c = a c + b c``, ``0 a = 0 = a 0``. A `commutative` one also ``a b = b a``, an
        `idempotent` one ``a + a = a``. Where it is not `exact`, they hold up to rounding.
    """

    @property
    @abc.abstractmethod
    def zero(self) -> Any:
        """The element 0."""

    @property
    @abc.abstractmethod
    def one(self) -> Any:
        """The element 1."""

    @property
    @abc.abstractmethod
    def exact(self) -> bool:
        """Whether elements are Python values whose arithmetic is exact and whose equality is decided."""

    @property
    @abc.abstractmethod
    def commutative(self) -> bool:
        """Whether ``a b = b a``."""

    @property
    @abc.abstractmethod
    def idempotent(self) -> bool:
        """Whether ``a + a = a``."""

    @property
    @abc.abstractmethod
    def elements(self) -> tuple[Any, ...] | None:
        """All elements, where there are finitely many."""

    @abc.abstractmethod
    def element(self, value: Any, /) -> Any:
        """The value as an element.

        Raises:
            NotInRig: it is none.
        """

    @abc.abstractmethod
    def natural(self, n: int, /) -> Any:
        """``n · 1``, the n-fold sum of one."""

    @abc.abstractmethod
    def array(self, entries: Any, /) -> Any:
        """The array with the given entries.

        Raises:
            NotInRig: an entry is not an element. Traced entries are trusted.
        """

    @abc.abstractmethod
    def indicator(self, mask: Any, /) -> Any:
        """The array with one where the mask is true and zero elsewhere."""

    @abc.abstractmethod
    def add(self, a: Any, b: Any, /) -> Any:
        """The sum of elements, or of arrays entry by entry."""

    @abc.abstractmethod
    def multiply(self, a: Any, b: Any, /) -> Any:
        """The product of elements, or of arrays entry by entry."""

    @abc.abstractmethod
    def sum(self, a: Any, /, axis: int) -> Any:
        """The sum of an array along an axis."""

    @abc.abstractmethod
    def matmul(self, a: Any, b: Any, /) -> Any:
        """The contraction of the last axis of `a` with the last but one of `b`, both with two axes or more."""

    def close(self, a: Any, b: Any, tol: float | None = None, /) -> bool:
        """Whether two arrays agree: exactly in an exact rig, else up to a tolerance relative to their size."""
        if self.exact:
            return np.shape(a) == np.shape(b) and bool(np.all(np.asarray(a) == np.asarray(b)))
        return distance(a, b) <= (default_tolerance() if tol is None else tol)

    def power(self, a: Any, n: int, /) -> Any:
        """The n-fold product of an element with itself."""
        result = self.one
        while n:
            if n % 2:
                result = self.multiply(result, a)
            n //= 2
            a = self.multiply(a, a) if n else a
        return result


class Ring(Semiring):
    """A rig with negatives.

    Laws:
        ``a + (-a) = 0``.
    """

    @abc.abstractmethod
    def negative(self, a: Any, /) -> Any:
        """``-a``, of an element or an array."""


class Semifield(Semiring):
    """A rig in which one divides: every element but zero has an inverse.

    Laws:
        ``(a / b) b = a`` where `b` is not zero.
    """

    @abc.abstractmethod
    def divide(self, a: Any, b: Any, /) -> Any:
        """``a / b``, of elements or of arrays entry by entry; zero where `b` is zero."""


class Approximate(Semiring):
    """A commutative rig whose elements are floats: infinitely many, with arithmetic up to rounding."""

    @property
    def exact(self) -> bool:
        return False

    @property
    def commutative(self) -> bool:
        return True

    @property
    def elements(self) -> None:
        return None


@dataclasses.dataclass(frozen=True)
class Involution:
    """A map of a rig to itself that is its own inverse; it acts on arrays entry by entry.

    Laws:
        ``(a + b)* = a* + b*``, ``(a b)* = a* b*``, ``0* = 0``, ``1* = 1``, ``a** = a``.

    Attributes:
        name: as one writes it.
        function: a function of an array.
    """

    name: str
    function: Callable[[Any], Any]

    def __call__(self, a: Any, /) -> Any:
        """The image of an array."""
        return self.function(a)

    def __str__(self) -> str:
        return self.name


def _itself(a: Any) -> Any:
    return a


def _conjugate(a: Any) -> Any:
    return namespace(a).conjugate(a)


identity = Involution("identity", _itself)
"""The involution that does nothing: the dagger of a matrix is its transpose."""

conjugation = Involution("conjugation", _conjugate)
"""Complex conjugation: the dagger of a matrix is its conjugate transpose."""


class Exact(Semiring):
    """A rig of Python numbers whose arithmetic is exact: it is Python's, brought into a normal form.

    Laws:
        For elements, ``add(a, b) = normal(a + b)`` and ``multiply(a, b) = normal(a * b)`` with Python's ``+`` and ``*``; it does
        not matter whether one brings into normal form after each step or at the end.
    """

    @abc.abstractmethod
    def normal(self, a: Any, /) -> Any:
        """The element that a sum of products of elements, taken by Python, stands for."""

    @property
    def exact(self) -> bool:
        return True


class Host(Exact):
    """An exact rig whose arrays are numpy arrays of Python numbers; `normal` acts on these too."""

    @property
    def commutative(self) -> bool:
        return True

    @property
    def idempotent(self) -> bool:
        return False

    @property
    def zero(self) -> Any:
        return self.element(0)

    @property
    def one(self) -> Any:
        return self.element(1)

    def natural(self, n: int, /) -> Any:
        return self.element(n)

    def array(self, entries: Any, /) -> Any:
        if not is_concrete(entries):
            raise NotInRig(self, entries, "values that are not traced", "Its arithmetic is Python's, outside jit.")
        given = np.asarray(entries, dtype=object)
        array = np.empty(given.shape, object)
        for at in np.ndindex(given.shape):
            array[at] = self.element(given[at])
        return array

    def indicator(self, mask: Any, /) -> Any:
        array = np.full(np.shape(mask), self.zero, object)
        array[np.asarray(mask, bool)] = self.one
        return array

    def add(self, a: Any, b: Any, /) -> Any:
        return self.normal(a + b)

    def multiply(self, a: Any, b: Any, /) -> Any:
        return self.normal(a * b)

    def sum(self, a: Any, /, axis: int) -> Any:
        return self.normal(np.sum(a, axis=axis, initial=self.zero))

    def matmul(self, a: Any, b: Any, /) -> Any:
        terms = a[..., :, :, None] * b[..., None, :, :]
        return self.normal(np.sum(terms, axis=-2, initial=self.zero))
