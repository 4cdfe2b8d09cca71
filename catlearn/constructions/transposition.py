r"""Reverse is forward turned around: a reverse derivative is a forward derivative with a dagger in context.

Definition:
    A `Transposition` of a differential category is a forward derivative `D` and a dagger that turns ``h : X ⊗ A → B``, linear
    in `A`, into ``X ⊗ B → A``. `reverse_of` makes a reverse derivative of it, `transposition_of` goes back:

    .. math:: R[f] = D[f]^{\dagger[A]}, \qquad D[f] = (\iota_0 \times 1) R[R[f]] \pi_1, \quad
        h^{\dagger[X]} = (\iota_0 \times 1) R[h] \pi_1.

The two are inverse to each other. Both work in any cartesian differential category, whatever engine supplies `D`, the
dagger, or `R`: one for `R` gives one for the others.

References:
    Cockett et al. (1910.07065), Theorems 16, 41 and 42.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from ..theory import CartesianDifferential, door

Derivative = Callable[[Any], Any]
"""A map of arrows, ``f ↦ D[f]`` or ``f ↦ R[f]``."""


@dataclasses.dataclass(frozen=True)
class Transposition:
    """A forward derivative and a contextual dagger.

    Attributes:
        D: ``f ↦ D[f] : A ⊗ A → B``.
        dagger: ``(h, X) ↦ h† : X ⊗ B → A``, for ``h : X ⊗ A → B`` linear in `A`.
    """

    D: Derivative
    dagger: Callable[[Any, Any], Any]


@door
def reverse_of(transposition: Transposition) -> Derivative:
    """The reverse derivative ``R[f] = D[f]†`` of a forward derivative and a contextual dagger (Theorem 42).

    Example:
        >>> from catlearn.categories import Poly, poly
        >>> from catlearn.objects import Dim, Z
        >>> C = Poly(Z)
        >>> R = reverse_of(Transposition(C.D, C.context_dagger))
        >>> print(*R(poly(Dim(2), Dim(1), lambda x: x[0] * x[1], Z)).polynomials)
        x1 x2 x0 x2
    """
    return lambda f: transposition.dagger(transposition.D(f), f.dom)


@door
def transposition_of(category: CartesianDifferential, R: Derivative) -> Transposition:
    """The forward derivative and the contextual dagger of a reverse derivative (Theorems 16 and 41).

    Args:
        category: where arrows are composed; its own derivatives are not used.
        R: the reverse derivative.

    Example:
        >>> from catlearn.categories import Poly, poly
        >>> from catlearn.objects import Dim, Z
        >>> parts = transposition_of(Poly(Z), Poly(Z).R)
        >>> print(*parts.D(poly(Dim(2), Dim(1), lambda x: x[0] * x[1], Z)).polynomials)
        x0 x3 + x1 x2
    """
    C = category

    def dagger(h: Any, context: Any) -> Any:
        A, dB = h.dom[len(context) :], C.tangent(h.cod)
        at_zero = C.tensor(C.pair(C.id(context), C.zero(context, A)), C.id(dB))
        return C.then(at_zero, R(h), C.second(C.tangent(context), C.tangent(A)))

    return Transposition(lambda f: dagger(R(f), f.dom), dagger)
