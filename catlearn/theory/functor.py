"""Functors and natural transformations.

Definition:
    A functor ``F : C → D`` maps objects to objects and arrows to arrows, and respects identities and
    composition. A natural transformation ``t : F ⇒ G`` is an arrow ``t_X : F(X) → G(X)`` for each object,
    with ``F(f) ; t_Y = t_X ; G(f)``.
"""

import abc
import dataclasses
from typing import Any

from .arrow import Arrow
from .errors import WrongCategory, door


class Functor(abc.ABC):
    """A structure-preserving map of categories; call it on an object or on an arrow.

    Laws:
        ``F(id) = id``, ``F(f ; g) = F(f) ; F(g)``; a strict monoidal one also ``F(f ⊗ g) = F(f) ⊗ F(g)``.
    """

    @abc.abstractmethod
    def ob(self, x: Any, /) -> Any:
        """The image of an object."""

    @abc.abstractmethod
    def arrow(self, f: Any, /) -> Any:
        """The image of an arrow."""

    @door
    def __call__(self, x: Any, /) -> Any:
        """The image of an object or an arrow.

        Raises:
            WrongCategory: `x` is a Python function, which is neither.
        """
        if not isinstance(x, Arrow | type) and callable(x):
            raise WrongCategory(
                f"{self} maps objects and arrows, but got {x!r}. A function becomes an arrow by smooth(f, X)."
            )
        return self.arrow(x) if isinstance(x, Arrow) else self.ob(x)


@dataclasses.dataclass(frozen=True)
class Identity(Functor):
    """The functor that leaves everything as it is."""

    def ob(self, x: Any, /) -> Any:
        """``x ↦ x``."""
        return x

    def arrow(self, f: Any, /) -> Any:
        """``f ↦ f``."""
        return f


class NaturalTransformation(abc.ABC):
    """An arrow ``t_X : F(X) → G(X)`` for each object `X`.

    Laws:
        Naturality: ``F(f) ; t_Y = t_X ; G(f)``.
    """

    @property
    @abc.abstractmethod
    def source(self) -> Functor:
        """The functor `F` it starts at."""

    @property
    @abc.abstractmethod
    def target(self) -> Functor:
        """The functor `G` it ends at."""

    @abc.abstractmethod
    def at(self, x: Any, /) -> Any:
        """The component at the object `x`."""
