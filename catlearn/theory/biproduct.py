"""Categories in which products are coproducts too, and arrows may be turned around.

Definition:
    A *biproduct* is a product by copying and projections, and a coproduct by addition and injections. A *dagger* turns each arrow
    around; where it exchanges the two structures, every arrow is linear and its own derivative.

References:
    Elliott (1804.00746), on biproducts; Cockett et al. (1910.07065), Example 19.
"""

import abc
import functools
from typing import Any

from .category import Category
from .differential import CartesianLeftAdditive, CartesianReverseDifferential
from .errors import NotParallel, door


class Dagger(Category):
    """Every arrow can be turned around.

    Laws:
        ``f†† = f``, ``id† = id``, ``(f ; g)† = g† ; f†``.
    """

    @abc.abstractmethod
    def dagger(self, f: Any, /) -> Any:
        """The arrow ``f† : Y → X`` of ``f : X → Y``."""


class Biproduct(CartesianLeftAdditive):
    """The product is a coproduct too, and every arrow respects sums.

    Laws:
        ``merge`` and ``create`` form a commutative monoid and are natural: ``merge ; f = (f ⊗ f) ; merge``,
        ``create ; f = create``; ``inject_i ; project_j`` is the identity or zero; ``f + g = copy ; (f ⊗ g) ; merge``.
        A map out of a sum is determined by its two parts: ``inject_first ; [f, g] = f``, ``inject_second ; [f, g] = g``.

    References:
        Elliott (1804.00746), on biproducts: `merge` is his ``jam``, `copair` his ``join``, `pair` his ``fork``.
    """

    @abc.abstractmethod
    def merge(self, x: Any, /) -> Any:
        """``x ⊗ x → x``: addition."""

    @abc.abstractmethod
    def create(self, x: Any, /) -> Any:
        """``unit → x``: zero."""

    @door
    def inject_first(self, x: Any, y: Any, /) -> Any:
        """The injection ``x → x ⊗ y``: zero at `y`."""
        return self.tensor(self.id(x), self.create(y))

    @door
    def inject_second(self, x: Any, y: Any, /) -> Any:
        """The injection ``y → x ⊗ y``: zero at `x`."""
        return self.tensor(self.create(x), self.id(y))

    @door
    def copair(self, f: Any, g: Any, /) -> Any:
        """``[f, g] = (f ⊗ g) ; merge``, for arrows into one object.

        Raises:
            NotParallel: the arrows end at different objects.
            WrongCategory: an arrow belongs to another category.
        """
        self._own(f)
        self._own(g)
        if f.cod != g.cod:
            raise NotParallel(f, g, self, "copair")
        return self._copair(f, g)

    def _copair(self, f: Any, g: Any, /) -> Any:
        return self.then(self.tensor(f, g), self.merge(f.cod))

    @door
    def place(self, x: Any, wires: tuple[int, ...], /) -> Any:
        """The arrow into `x` that adds what comes in to the wires with the given positions; the others are zero.

        It is `pick` turned around: ``place(x, wires) : pick(x, wires).cod → x``.
        """
        return functools.reduce(self.copair, [self._at(x, i) for i in wires]) if wires else self.create(x)

    def _at(self, x: Any, i: int) -> Any:
        return self.tensor(self.create(x[:i]), self.id(x[i : i + 1]), self.create(x[i + 1 :]))


class LinearArrows(Biproduct):
    """Arrows that stand for linear maps between spaces: they scale, and every linear map is one.

    What generalised automatic differentiation asks of a category. An arrow may hold a function, a matrix, or a function
    of such arrows; `lift` represents a linear map, and `matrix` tells which one it is.

    Laws:
        `lift` is a functor that keeps copies, sums and zeros; ``matrix(lift(f)) = matrix of f``;
        ``scale(x, a) ; scale(x, b) = scale(x, ab)``, ``scale(x, 1) = id``, and ``f ; scale(c) = scale(c) ; f`` for one number `c`.

    References:
        Elliott (1804.00746), the classes ``Scalable`` and the biproduct categories.
    """

    @abc.abstractmethod
    def scale(self, x: Any, by: tuple[Any, ...], /) -> Any:
        """The arrow ``x → x`` that multiplies each coordinate by that of `by`, a value of `x`."""

    @abc.abstractmethod
    def lift(self, f: Any, /) -> Any:
        """The arrow that stands for a linear map, an arrow of `Linear`."""

    @abc.abstractmethod
    def matrix(self, f: Any, /) -> Any:
        """The matrix of the linear map that `f` stands for: one row a coordinate of its codomain."""

    @property
    @abc.abstractmethod
    def turned(self) -> bool:
        """Whether arrows run the linear maps that they stand for from their codomain to their domain."""

    def tangent(self, x: Any, /) -> Any:
        """The space of directions at the points of an object."""
        return x.tangent


class DaggerBiproduct(Biproduct, CartesianReverseDifferential, Dagger):
    """Biproducts, and a dagger that exchanges product and coproduct.

    Every arrow is its own derivative, ``D[f] = π₁ ; f`` and ``R[f] = π₁ ; f†``; each object is its own tangent.

    Laws:
        ``merge = copy†``, ``create = discard†``, ``inject = project†``; the dagger respects sums and the tensor.

    References:
        Cockett et al. (1910.07065), Example 19; Elliott (1804.00746), section on biproducts.
    """

    @door
    def merge(self, x: Any, /) -> Any:
        """``x ⊗ x → x``, the dagger of copying: addition."""
        return self.dagger(self.copy(x))

    @door
    def create(self, x: Any, /) -> Any:
        """``unit → x``, the dagger of discarding: zero."""
        return self.dagger(self.discard(x))

    def tangent(self, x: Any, /) -> Any:
        return x

    def D(self, f: Any, /) -> Any:
        return self.then(self.second(f.dom, f.dom), f)

    def R(self, f: Any, /) -> Any:
        return self.then(self.second(f.dom, f.cod), self.dagger(f))
