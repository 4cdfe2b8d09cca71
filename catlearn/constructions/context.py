r"""Linear in context: for each object of parameters, a category of maps that are linear in the rest.

Definition:
    For an object `X` of a reverse derivative category, an arrow ``A → B`` of ``LinearInContext(C, X)`` is an arrow
    ``h : X ⊗ A → B`` of `C` that is linear in `A`. Composition shares the context, and the dagger is that of `C` in context,

    .. math:: h ; k = \langle \pi_0, h \rangle k, \qquad \mathrm{id} = \pi_1, \qquad h^{\dagger}(x, b) = \pi_1\, R[h]((x, 0), b).

These are the fibres of the simple linear fibration, and each is a category with dagger biproducts. An arrow
``u : X' → X`` changes the context, by precomposition: the functor `Reindex`. Turning each fibre around gives the dual
fibration, whose maps ``(f : A → B, g : A ⊗ B' → A')``, with `g` linear in ``B'``, compose as lenses do; ``f ↦ (f, R[f])`` is
a section of it, and RD.5 says so inside one fibre: ``R[f ; g] = f*(R[g]) ; R[f]``.

References:
    Cockett et al. (1910.07065), Definitions 25 to 28, Proposition 31; their wording is not known to us.
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..theory import Arrow, CartesianReverseDifferential, DaggerBiproduct, Functor, door
from ..theory.errors import NotLinear, WrongCategory, WrongObject


class InContext(Arrow):
    """An arrow ``A → B`` in the context `X`: an arrow ``X ⊗ A → B`` of the base, linear in `A`."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    fibre: "LinearInContext" = eqx.field(static=True)
    arrow: Any

    @property
    def category(self) -> "LinearInContext":
        return self.fibre


@dataclasses.dataclass(frozen=True)
class LinearInContext(DaggerBiproduct):
    """The fibre over a context: maps linear in the rest; see the module. Objects are those that are their own tangent.

    Example:
        >>> from catlearn.categories import Poly, poly
        >>> from catlearn.objects import Dim, Z
        >>> fibre = LinearInContext(Poly(Z), Dim(1))
        >>> h = fibre.of(poly(Dim(1) @ Dim(2), Dim(1), lambda x, a: x * a[0] + x**2 * a[1], Z))
        >>> print(fibre.dagger(h), *fibre.dagger(h).arrow.polynomials)
        InContext : Dim(1) -> Dim(2) x0 x1 x0^2 x1
    """

    base: CartesianReverseDifferential
    context: Any

    def __post_init__(self):
        if not isinstance(self.base, CartesianReverseDifferential):
            raise WrongCategory(f"LinearInContext(C, X) needs a reverse derivative category, but got {self.base}.")

    def __str__(self) -> str:
        return f"LinearInContext({self.base}, {self.context})"

    @door
    def of(self, h: Any, /, *, tol: float | None = None) -> InContext:
        """The arrow of the fibre that an arrow ``X ⊗ A → B`` of the base is.

        Raises:
            NotLinear: `h` is not linear in `A`.
            WrongObject: the domain of `h` does not begin with the context.
            WrongCategory: `h` is an arrow of another category than the base.
        """
        if not self.base.is_linear_in_context(h, self.context, tol=tol):
            raise NotLinear(h, f"in the context {self.context} it is not linear in what follows")
        return self._wrap(h.dom[len(self.context) :], h)

    def _wrap(self, dom: Any, h: Any) -> InContext:
        return InContext(dom, h.cod, self, h)

    def constant(self, f: Any, /) -> InContext:
        """The arrow of the fibre that a linear arrow ``A → B`` of the base is: it ignores the context, ``π₁ ; f``."""
        return self._wrap(f.dom, self.base.tensor(self.base.discard(self.context), f))

    @property
    def unit(self) -> Any:
        return self.base.unit

    def id(self, x: Any, /) -> InContext:
        return self.constant(self.base.id(x))

    def _then(self, f: InContext, g: InContext, /) -> InContext:
        C = self.base
        return self._wrap(f.dom, C.then(C.pair(C.first(self.context, f.dom), f.arrow), g.arrow))

    def _tensor(self, f: InContext, g: InContext, /) -> InContext:
        C, X = self.base, self.context
        shared = C.tensor(C.copy(X), C.id(f.dom @ g.dom))
        crossed = C.tensor(C.id(X), C.swap(X, f.dom), C.id(g.dom))
        return self._wrap(f.dom @ g.dom, C.then(shared, crossed, C.tensor(f.arrow, g.arrow)))

    def swap(self, x: Any, y: Any, /) -> InContext:
        return self.constant(self.base.swap(x, y))

    def copy(self, x: Any, /) -> InContext:
        return self.constant(self.base.copy(x))

    def discard(self, x: Any, /) -> InContext:
        return self.constant(self.base.discard(x))

    def zero(self, x: Any, y: Any, /) -> InContext:
        return self.constant(self.base.zero(x, y))

    def _add(self, f: InContext, g: InContext, /) -> InContext:
        return self._wrap(f.dom, self.base.add(f.arrow, g.arrow))

    @door
    def dagger(self, f: Any, /) -> InContext:
        self._own(f)
        return self._wrap(f.cod, self.base.context_dagger(f.arrow, self.context))

    def _close(self, f: InContext, g: InContext, tol: float | None, /) -> bool:
        return self.base.close(f.arrow, g.arrow, tol=tol)


@dataclasses.dataclass(frozen=True, eq=False)
class Reindex(Functor):
    """Change of context along ``u : X' → X``: ``h ↦ (u ⊗ 1) ; h``, a functor that keeps daggers and sums.

    Example:
        >>> from catlearn.categories import Poly, poly
        >>> from catlearn.objects import Dim, Z
        >>> double = poly(Dim(1), Dim(1), lambda x: 2 * x, Z)
        >>> h = LinearInContext(Poly(Z), Dim(1)).of(poly(Dim(1) @ Dim(1), Dim(1), lambda x, a: x * x * a, Z))
        >>> print(*Reindex(double)(h).arrow.polynomials)
        4 x0^2 x1
    """

    u: Arrow

    def __str__(self) -> str:
        return f"Reindex({self.u})"

    def ob(self, x: Any, /) -> Any:
        """``A ↦ A``."""
        return x

    def arrow(self, f: Any, /) -> InContext:
        """``h ↦ (u ⊗ 1) ; h``.

        Raises:
            WrongObject: the context of `h` is not where `u` ends.
        """
        C, u = self.u.category, self.u
        if not isinstance(f, InContext) or f.fibre != LinearInContext(C, u.cod):
            raise WrongObject(f"{self} changes the context of arrows in the context {u.cod} of {C}, but got {f}.")
        return InContext(f.dom, f.cod, LinearInContext(C, u.dom), C.then(C.tensor(u, C.id(f.dom)), f.arrow))


@door
def way_back(f: Arrow) -> InContext:
    """``R[f]`` as an arrow ``B → A`` of the fibre over `A`: the way back of ``f : A → B``, linear in the covector.

    Example:
        >>> from catlearn.categories import poly
        >>> from catlearn.objects import Dim, Z
        >>> print(way_back(poly(Dim(2), Dim(1), lambda x: x[0] * x[1], Z)))
        InContext : Dim(1) -> Dim(2)
    """
    C = f.category
    if not isinstance(C, CartesianReverseDifferential):
        raise WrongCategory(f"{f} has no way back: {C} has no reverse derivative.")
    return InContext(f.cod, f.dom, LinearInContext(C, f.dom), C.R(f))
