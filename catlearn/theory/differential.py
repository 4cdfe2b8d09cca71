"""Categories whose arrows add and have derivatives: left additive, differential and reverse differential ones.

Definition:
    In a left additive category parallel arrows add, and precomposition respects sums. A derivative takes a point and a direction
    to a direction, a reverse derivative a point and a covector to a covector; each obeys seven laws.

References:
    Cockett et al., *Reverse derivative categories* (1910.07065).
"""

import abc
from collections.abc import Callable
from typing import Any

from .category import Cartesian, Concrete
from .errors import WrongObject, door


class CartesianLeftAdditive(Cartesian):
    """Parallel arrows add; precomposition respects sums.

    Laws:
        ``+`` and ``zero`` make each hom-set a commutative monoid; ``x ; (f + g) = x ; f + x ; g``, ``x ; 0 = 0``;
        projections are additive. An arrow `h` is *additive* if also ``(f + g) ; h = f ; h + g ; h`` and ``0 ; h = 0``.

    References:
        Cockett et al. (1910.07065), Definition 1.
    """

    @abc.abstractmethod
    def zero(self, x: Any, y: Any, /) -> Any:
        """The zero arrow ``x → y``."""

    @abc.abstractmethod
    def _add(self, f: Any, g: Any, /) -> Any:
        """The sum of parallel arrows."""

    @door
    def add(self, f: Any, g: Any, /) -> Any:
        """The sum ``f + g`` of parallel arrows.

        Raises:
            NotParallel: the arrows have different ends.
        """
        self._parallel(f, g, "add")
        return self._add(f, g)


class CartesianDifferential(CartesianLeftAdditive):
    """Each arrow has a forward derivative ``D[f] : A ⊗ T(A) → T(B)`` (point, direction).

    `T` is the tangent object; on Euclidean objects ``T(A) = A``, and there the laws are claimed.

    Laws:
        CD.1 - CD.7 of Cockett et al. (1910.07065), Definition 4.
    """

    @abc.abstractmethod
    def tangent(self, x: Any, /) -> Any:
        """The tangent object ``T(x)``."""

    @abc.abstractmethod
    def D(self, f: Any, /) -> Any:
        """The forward derivative ``A ⊗ T(A) → T(B)``."""

    @door
    def is_linear(self, f: Any, /, *, tol: float | None = None) -> bool:
        """Whether ``D[f] = π₁ ; f``, up to the tolerance of `close`; for an arrow between objects that are their own tangent.

        In a reverse differential category that is ``f†† = f``. Affine maps are not linear.
        """
        self._own(f)
        return self.close(self.D(f), self.then(self.second(f.dom, self.tangent(f.dom)), f), tol=tol)

    @door
    def is_linear_in_context(self, h: Any, context: Any, /, *, tol: float | None = None) -> bool:
        """Whether ``h : C ⊗ A → B`` is linear in `A`: ``⟨⟨c, a⟩, ⟨0, v⟩⟩ ; D[h] = ⟨c, v⟩ ; h``.

        Raises:
            WrongObject: the domain of `h` does not begin with `context`.
        """
        self._own(h)
        A, dC = _after(h, context), self.tangent(context)
        direction = self.tensor(self.id(context @ A), self.zero(self.unit, dC), self.id(A))
        instead = self.tensor(self.id(context), self.discard(A), self.id(A))
        return self.close(self.then(direction, self.D(h)), self.then(instead, h), tol=tol)


class CartesianReverseDifferential(CartesianDifferential):
    """Each arrow has a reverse derivative ``R[f] : A ⊗ T(B) → T(A)`` (point, covector).

    Laws:
        RD.1 - RD.7 of Cockett et al. (1910.07065), Definition 13. Theorem 16: every such category has a
        forward derivative, ``D[f] = (⟨1, 0⟩ ⊗ 1) ; R[R[f]] ; π₁``.
    """

    @abc.abstractmethod
    def R(self, f: Any, /) -> Any:
        """The reverse derivative ``A ⊗ T(B) → T(A)``."""

    @door
    def derived_D(self, f: Any, /) -> Any:
        """The forward derivative made from `R` alone (Theorem 16)."""
        return self.context_dagger(self.R(f), f.dom)

    @door
    def dagger_of(self, f: Any, /) -> Any:
        """``f† = ⟨0, 1⟩ ; R[f] : T(B) → T(A)``; `f` is linear exactly when ``f†† = f``."""
        dB = self.tangent(f.cod)
        return self.then(self.pair(self.zero(dB, f.dom), self.id(dB)), self.R(f))

    @door
    def context_dagger(self, h: Any, context: Any, /) -> Any:
        """``h†(c, b) = snd R[h]((c, 0), b)``, for ``h : C ⊗ A → B`` linear in `A`.

        Definition:
            ``(⟨1, 0⟩ ⊗ 1) ; R[h] ; π₁ : C ⊗ B → A``.

        Raises:
            WrongObject: the domain of `h` does not begin with `context`.
        """
        self._own(h)
        A = _after(h, context)
        dB = self.tangent(h.cod)
        at_zero = self.tensor(self.pair(self.id(context), self.zero(context, A)), self.id(dB))
        return self.then(at_zero, self.R(h), self.second(self.tangent(context), self.tangent(A)))


class ConcreteReverseDifferential(CartesianReverseDifferential, Concrete):
    """Arrows are functions that come back: run forward once, then pull covectors back from there.

    Laws:
        ``pull(f, xs) = (apply(f, xs), dys ↦ apply(R[f], xs + dys))``, or the part of it at some wires.
    """

    def pull(
        self, f: Any, xs: tuple[Any, ...], moves: tuple[bool, ...] | None = None, /
    ) -> tuple[tuple[Any, ...], Callable[[tuple[Any, ...]], tuple[Any, ...]]]:
        """The values of `f`, and its way back, to all wires or to those that `moves` marks.

        A category that keeps residuals does better than to run the reverse derivative at the point, as here.
        """
        reverse = self.R(f)
        if moves is not None:
            marks = [m for i, m in enumerate(moves) for _ in range(len(self.tangent(f.dom[i : i + 1])))]
            reverse = self.then(reverse, self.pick(reverse.cod, tuple(i for i, m in enumerate(marks) if m)))
        return self.apply(f, xs), lambda dys: self.apply(reverse, xs + dys)


def _after(h: Any, context: Any) -> Any:
    """The object `A` of an arrow out of ``context ⊗ A``."""
    if h.dom[: len(context)] != context:
        raise WrongObject(f"{h} is no map in the context {context}: its domain must begin with {context}.")
    return h.dom[len(context) :]
