r"""Reverse: each arrow of a reverse derivative category, as a lens.

Definition:
    ``Reverse(f) = (f, R[f])`` is a functor from a cartesian reverse differential category to its lenses,

    .. math:: \mathrm{Reverse} : C \to \mathrm{Lens}(C), \qquad (A) \mapsto (A, T(A)).

    That it respects composition is the chain rule RD.5. Over `Smooth` a run of the lens is one `jax.vjp`: forward
    once, keeping the residuals, then back.

References:
    Cruttwell et al. (2103.01931), Proposition 2.7; Cockett et al. (1910.07065), Proposition 31.
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..theory import Arrow, CartesianReverseDifferential, Functor, door
from ..theory.errors import WrongCategory, WrongObject
from .lens import Back, LensMap, Pair, Stage, Values
from .para import Para, ParaMap


class Reversed(Stage):
    """The stage ``(f, R[f])``, or, with `moves`, the part of it that comes back to the marked wires alone."""

    f: Arrow
    moves: tuple[bool, ...] | None = eqx.field(static=True, default=None)

    @property
    def get(self) -> Any:
        return self.f

    @property
    def put(self) -> Any:
        C = self.f.category
        reverse = C.R(self.f)
        if self.moves is None:
            return reverse
        A = self.f.dom
        marks = [moves for i, moves in enumerate(self.moves) for _ in range(len(C.tangent(A[i : i + 1])))]
        return C.then(reverse, C.pick(reverse.cod, tuple(i for i, moves in enumerate(marks) if moves)))

    def run(self, xs: Values) -> tuple[Values, Back]:
        ys, back = self.f.category.pull(self.f, xs, self.moves)
        return ys, lambda dys: back(dys)

    def fuse(self, after: Stage) -> tuple[Stage, ...]:
        """By functoriality the reverse of a composite is the composite of the reverses; one `jax.vjp` then serves both."""
        if isinstance(after, Reversed) and after.moves is None:
            return (Reversed(self.f >> after.f, self.moves),)
        return (self, after)


@dataclasses.dataclass(frozen=True)
class ReverseFunctor(Functor):
    """``f ↦ (f, R[f])``; on a parametric arrow, the functor ``Para(Reverse)``."""

    def __str__(self) -> str:
        return "Reverse"

    def ob(self, x: Any, /) -> Pair:
        """``A ↦ (A, T(A))``."""
        return Pair(x, x.tangent)

    def arrow(self, f: Arrow, /) -> Any:
        """The lens of an arrow, or the parametric lens of a parametric arrow.

        Raises:
            WrongCategory: the category of `f` has no reverse derivative.

        Example:
            >>> from catlearn import R, smooth
            >>> square = Reverse(smooth(lambda x: x * x, R()))
            >>> print(square, square.put(3.0, 1.0))
            LensMap : (R(), R()) -> (R(), R()) 6.0
        """
        if isinstance(f, ParaMap):
            return Para(self).arrow(f)
        C = _differential(f)
        return LensMap(Pair(f.dom, C.tangent(f.dom)), Pair(f.cod, C.tangent(f.cod)), C, (Reversed(f, None),))


Reverse = ReverseFunctor()


@door
def reverse_in(f: Arrow, moves: tuple[bool, ...]) -> LensMap:
    """The lens of `f` that comes back only to the marked wires of its domain; the others are data.

    Definition:
        ``(A, T(A_moves)) → (B, T(B))``: `Reverse(f)` after the lens that forgets what comes back to the other wires.
        Nothing is differentiated with respect to data.

    Raises:
        WrongCategory: the category of `f` has no reverse derivative.
        WrongObject: there is not one mark a wire.

    Example:
        >>> from catlearn import R, smooth
        >>> f = reverse_in(smooth(lambda w, x: w * x, R() @ R()), (True, False))
        >>> print(f, f.put(3.0, 2.0, 1.0))
        LensMap : (R() @ R(), R()) -> (R(), R()) 2.0
    """
    C = _differential(f)
    A = f.dom
    if len(moves) != len(A):
        raise WrongObject(f"reverse_in needs one mark a wire of {A}, which is {len(A)}, but got {moves}.")
    moving = C.pick(A, tuple(i for i, m in enumerate(moves) if m)).cod
    return LensMap(Pair(A, C.tangent(moving)), Pair(f.cod, C.tangent(f.cod)), C, (Reversed(f, tuple(moves)),))


def _differential(f: Arrow) -> CartesianReverseDifferential:
    if not isinstance(f, Arrow):
        raise WrongCategory(f"{f!r} is no arrow: a function becomes one by smooth(f, X).")
    if not isinstance(f.category, CartesianReverseDifferential):
        raise WrongCategory(f"{f} cannot be reversed: {f.category} has no reverse derivative. Smooth has one.")
    return f.category
