"""What a category is, level by level: each class states its operations and their laws.

Definition:
    A category is a *value*: it has identities and composes arrows. Each further class adds
    operations and laws: a tensor, a braiding, copying; those with addition and derivatives are in `differential`, those with
    coproducts and a dagger in `biproduct`.
    Public methods check at the door that ends meet; a subclass implements the bare mathematics
    (`_then`, `_tensor`, ...) and may trust them.

References:
    Fritz, *A synthetic approach to Markov kernels* (2019), for Markov categories.
"""

import abc
import functools
from collections.abc import Callable
from typing import Any

from .arrow import Arrow
from .errors import NotAnEndomap, NotComposable, NotParallel, WrongCategory, door


class Category(abc.ABC):
    """Identities and composition.

    Laws:
        ``id ; f = f = f ; id`` and ``(f ; g) ; h = f ; (g ; h)``.
    """

    @abc.abstractmethod
    def id(self, x: Any, /) -> Any:
        """The identity of `x`."""

    @abc.abstractmethod
    def _then(self, f: Any, g: Any, /) -> Any:
        """`f`, then `g`; their ends are known to meet."""

    @door
    def then(self, f: Any, /, *arrows: Any) -> Any:
        """The composite ``f ; g ; ...``.

        Raises:
            NotComposable: an arrow does not start where the one before it ends.
            WrongCategory: an arrow belongs to another category.
        """
        self._own(f)
        for before, g in zip((f, *arrows), arrows, strict=False):
            self._own(g)
            if before.cod != g.dom:
                raise NotComposable(before, g, self)
        return self._chain((f, *arrows))

    def _chain(self, arrows: tuple[Any, ...], /) -> Any:
        """The composite of one or more arrows that are known to meet."""
        return functools.reduce(self._then, arrows)

    @door
    def power(self, f: Any, n: int, /) -> Any:
        """The n-fold composite of an endomap; ``f ** 0`` is the identity.

        Raises:
            NotAnEndomap: the ends of `f` differ, or `n` is not a whole number >= 0.
        """
        self._own(f)
        if f.dom != f.cod or not isinstance(n, int) or isinstance(n, bool) or n < 0:
            raise NotAnEndomap(f, n)
        return self._power(f, n)

    def _power(self, f: Any, n: int, /) -> Any:
        power = self.id(f.dom)
        for _ in range(n):
            power = self._then(power, f)
        return power

    @door
    def close(self, f: Any, g: Any, /, *, tol: float | None = None) -> bool:
        """Extensional equality of parallel arrows: exact for ``tol=0``, the category's own tolerance for None.

        Raises:
            NotParallel: the arrows have different ends.
        """
        self._parallel(f, g, "compare")
        return self._close(f, g, tol)

    def _close(self, f: Any, g: Any, tol: float | None, /) -> bool:
        return bool(f == g)

    def _own(self, f: Any) -> None:
        if not isinstance(f, Arrow):
            raise WrongCategory(f"expected an arrow of {self}, but got {f!r} of type {type(f).__name__}")
        if f.category != self:
            raise WrongCategory(
                f"cannot use {f}, an arrow of {f.category}, in {self}: carry it over by a functor, "
                "for instance Para(C).lift(f) or Reverse(f)."
            )

    def _parallel(self, f: Any, g: Any, doing: str) -> None:
        self._own(f)
        self._own(g)
        if f.dom != g.dom or f.cod != g.cod:
            raise NotParallel(f, g, self, doing)


class Monoidal(Category):
    """A strict tensor: arrows side by side, with a unit object.

    Objects are multiplied by their own ``@``, strictly: ``(X @ Y) @ Z == X @ (Y @ Z)``.

    Laws:
        ``(f ⊗ g) ; (h ⊗ k) = (f ; h) ⊗ (g ; k)``, ``id ⊗ id = id``, ``(f ⊗ g) ⊗ h = f ⊗ (g ⊗ h)``,
        ``f ⊗ unit = f = unit ⊗ f``.
    """

    @property
    @abc.abstractmethod
    def unit(self) -> Any:
        """The unit object of the tensor."""

    @abc.abstractmethod
    def _tensor(self, f: Any, g: Any, /) -> Any:
        """`f` beside `g`."""

    @door
    def tensor(self, f: Any, /, *arrows: Any) -> Any:
        """The arrows side by side, ``f ⊗ g ⊗ ...``.

        Raises:
            WrongCategory: an arrow belongs to another category.
        """
        self._own(f)
        for g in arrows:
            self._own(g)
        return functools.reduce(self._tensor, arrows, f)


class Symmetric(Monoidal):
    """A tensor whose wires may cross.

    Laws:
        ``swap(X, Y) ; swap(Y, X) = id``, ``(f ⊗ g) ; swap = swap ; (g ⊗ f)``, and the hexagon
        ``swap(X, Y ⊗ Z) = (swap(X, Y) ⊗ Z) ; (Y ⊗ swap(X, Z))``.
    """

    @abc.abstractmethod
    def swap(self, x: Any, y: Any, /) -> Any:
        """The crossing ``x ⊗ y → y ⊗ x``."""


class CopyDiscard(Symmetric):
    """Every object can be copied and discarded.

    Laws:
        ``copy`` and ``discard`` form a commutative comonoid, compatible with the tensor. Arrows need not respect them: one into
        the unit, an *effect*, may weigh its inputs, or refuse some.
    """

    @abc.abstractmethod
    def copy(self, x: Any, /) -> Any:
        """``x → x ⊗ x``."""

    @abc.abstractmethod
    def discard(self, x: Any, /) -> Any:
        """``x → unit``."""

    @door
    def pick(self, x: Any, wires: tuple[int, ...], /) -> Any:
        """The arrow out of `x` that reads off the wires with the given positions, in that order, with repeats."""
        return functools.reduce(self.pair, [self._wire(x, i) for i in wires]) if wires else self.discard(x)

    def _wire(self, x: Any, i: int) -> Any:
        return self.tensor(self.discard(x[:i]), self.id(x[i : i + 1]), self.discard(x[i + 1 :]))

    @door
    def first(self, x: Any, y: Any, /) -> Any:
        """The projection ``x ⊗ y → x``: discard `y`."""
        return self.tensor(self.id(x), self.discard(y))

    @door
    def second(self, x: Any, y: Any, /) -> Any:
        """The projection ``x ⊗ y → y``: discard `x`."""
        return self.tensor(self.discard(x), self.id(y))

    @door
    def pair(self, f: Any, g: Any, /) -> Any:
        """``⟨f, g⟩ = copy ; (f ⊗ g)``, for arrows out of one object.

        Raises:
            NotParallel: the arrows start at different objects.
            WrongCategory: an arrow belongs to another category.
        """
        self._own(f)
        self._own(g)
        if f.dom != g.dom:
            raise NotParallel(f, g, self, "pair")
        return self._pair(f, g)

    def _pair(self, f: Any, g: Any, /) -> Any:
        return self.then(self.copy(f.dom), self.tensor(f, g))


class Markov(CopyDiscard):
    """Nothing is lost: an arrow whose output is discarded might as well not have run.

    Laws:
        Discarding is natural, ``f ; discard = discard``; so the unit is terminal.
    """


class Cartesian(Markov):
    """The tensor is the product: copying is natural too.

    Laws:
        ``f ; copy = copy ; (f ⊗ f)``; hence ``⟨f, g⟩ ; first = f``, ``⟨f, g⟩ ; second = g``, and a map
        into a product is determined by its two parts.
    """


class Concrete(Category):
    """Arrows are functions on tuples of values, one value a wire.

    Laws:
        `apply` is a faithful functor to sets: ``apply(f ; g, xs) = apply(g, apply(f, xs))``, and
        ``arrow(dom, cod, function)`` is the arrow with ``apply(arrow(...), xs) = function(xs)``.
    """

    @abc.abstractmethod
    def apply(self, f: Any, xs: tuple[Any, ...], /) -> tuple[Any, ...]:
        """The values that `f` gives on the values `xs`."""

    @abc.abstractmethod
    def arrow(self, dom: Any, cod: Any, function: Callable[[tuple[Any, ...]], tuple[Any, ...]], /) -> Any:
        """The arrow that a function on tuples of values is."""


class Iterative(Symmetric):
    """Stacks of values are objects, and loops and maps over a stack are arrows.

    Laws:
        ``fold(f, P, n)`` on a stack of n parameters is the n-fold composite; ``mapped(f, n, P)`` on a stack is `f` at
        each element, with the same value of `P` for all.
    """

    @abc.abstractmethod
    def stack(self, x: Any, n: int, /) -> Any:
        """The object of `n` values of `x`."""

    @abc.abstractmethod
    def stacking(self, x: Any, n: int, /) -> Any:
        """The isomorphism ``x ⊗ ... ⊗ x → stack(x, n)``."""

    @abc.abstractmethod
    def fold(self, f: Any, parameter: Any, n: int, /) -> Any:
        """For ``f : P ⊗ X → X``, the arrow ``stack(P, n) ⊗ X → X`` that applies `f` with each parameter in turn."""

    @abc.abstractmethod
    def mapped(self, f: Any, n: int, shared: Any, /) -> Any:
        """For ``f : P ⊗ X → Y``, the arrow ``P ⊗ stack(X, n) → stack(Y, n)``."""
