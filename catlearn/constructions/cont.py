r"""Cont: linear arrows as functions of what comes after them.

Definition:
    For a category `k` of linear arrows and an object `r`, an arrow ``X → Y`` of ``Cont(k, r)`` is a function from arrows ``Y → r`` to
    arrows ``X → r``, and ``cont(f)(h) = f ; h``. Composites run backwards,

    .. math:: \mathrm{Cont}\,f ; \mathrm{Cont}\,g = \mathrm{Cont}(f \circ g), \qquad
        (f \otimes g)(h) = [\, f(\iota_0 ; h),\; g(\iota_1 ; h) \,],

    copying becomes addition, ``copy(h) = ι₀ ; h + ι₁ ; h``, and a projection puts a zero beside, ``first(h) = [h, 0]``.

However a composite is bracketed, its parts are composed from the end: each step composes one part with the arrow into `r` that is
there so far. With `r` small that is reverse mode.

References:
    Elliott (1804.00746), Theorem 4.
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..theory import Arrow, LinearArrows, door
from ..theory.errors import WrongCategory
from .probe import by_rows
from .stepwise import Path, Step, Stepwise, run_steps


class Before(Step):
    """``h ↦ f ; h``."""

    f: Any

    def __call__(self, h: Any) -> Any:
        return h.category._then(self.f, h)


class Across(Step):
    """``h ↦ [f(ι₀ ; h), g(ι₁ ; h)]``: two arrows side by side."""

    f: "ContMap"
    g: "ContMap"

    def __call__(self, h: Any) -> Any:
        above, below = unjoin(h, len(self.f.cod))
        return h.category._copair(run_steps(self.f.path, above), run_steps(self.g.path, below))


class Added(Step):
    """``h ↦ ι₀ ; h + ι₁ ; h``: what copying does."""

    def __call__(self, h: Any) -> Any:
        return h.category._add(*unjoin(h, len(h.dom) // 2))


class Doubled(Step):
    """``h ↦ [h, h]``: what merging does."""

    def __call__(self, h: Any) -> Any:
        return h.category._copair(h, h)


class Crossed(Step):
    """``h ↦ [ι₁ ; h, ι₀ ; h]``: what a crossing does that ends with `n` wires first."""

    n: int = eqx.field(static=True)

    def __call__(self, h: Any) -> Any:
        first, second = unjoin(h, self.n)
        return h.category._copair(second, first)


class Nothing(Step):
    """``h ↦ 0``, out of an object."""

    dom: Any = eqx.field(static=True)

    def __call__(self, h: Any) -> Any:
        return h.category.zero(self.dom, h.cod)


def unjoin(h: Any, n: int) -> tuple[Any, Any]:
    """The two parts of an arrow out of a sum, whose first summand has `n` wires: ``ι₀ ; h`` and ``ι₁ ; h``."""
    k, wires = h.category, range(len(h.dom))
    return k._then(k.place(h.dom, tuple(wires[:n])), h), k._then(k.place(h.dom, tuple(wires[n:])), h)


class ContMap(Arrow):
    """An arrow of ``Cont(k, r)``: a flat path of steps, run from the codomain; call it on an arrow ``cod → r``."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    end: Any = eqx.field(static=True)
    path: Path

    @property
    def category(self) -> "Cont":
        return Cont(self.base, self.end)

    @door
    def __call__(self, h: Any) -> Any:
        """The arrow ``dom → r`` that this one makes of an arrow ``cod → r`` of the base.

        Raises:
            NotComposable: `h` does not start at the codomain.
            WrongCategory: `h` is no arrow of the base.
        """
        return run_steps(self.path, self.base.then(self.base.id(self.cod), h))


@dataclasses.dataclass(frozen=True)
class Cont(Stepwise):
    """Linear arrows as functions of their continuations; see the module.

    Attributes:
        base: the category `k` of linear arrows.
        end: the object `r` where continuations end.

    Example:
        >>> from catlearn import R, linear
        >>> from catlearn.categories import AddFn
        >>> k = Cont(AddFn, R())
        >>> f = k.lift(linear(R(2), R(), [[3.0, 4.0]]))
        >>> print(f, f(AddFn.id(R())))
        ContMap : R(2) -> R() AdditiveMap : R(2) -> R()
        >>> print(k.matrix(k.copy(R()) >> k.merge(R())))
        [[2.]]
    """

    base: Any
    end: Any

    def __post_init__(self):
        if not isinstance(self.base, LinearArrows):
            raise WrongCategory(f"Cont(k, r) needs a category of linear arrows, such as AddFn, but got {self.base}.")

    def __str__(self) -> str:
        return f"Cont({self.base}, {self.end})"

    def _map(self, dom: Any, cod: Any, *path: Step) -> ContMap:
        return ContMap(dom, cod, self.base, self.end, path)

    def embed(self, f: Any, /) -> ContMap:
        """An arrow of the base, as a function of what comes after it: ``h ↦ f ; h``."""
        return self._map(f.dom, f.cod, Before(f))

    def _then(self, f: ContMap, g: ContMap, /) -> ContMap:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[ContMap, ...], /) -> ContMap:
        return self._map(arrows[0].dom, arrows[-1].cod, *(step for f in reversed(arrows) for step in f.path))

    def _tensor(self, f: ContMap, g: ContMap, /) -> ContMap:
        return self._map(f.dom @ g.dom, f.cod @ g.cod, Across(f, g))

    def swap(self, x: Any, y: Any, /) -> ContMap:
        return self._map(x @ y, y @ x, Crossed(len(y)))

    def copy(self, x: Any, /) -> ContMap:
        return self._map(x, x @ x, Added())

    def merge(self, x: Any, /) -> ContMap:
        return self._map(x @ x, x, Doubled())

    def zero(self, x: Any, y: Any, /) -> ContMap:
        return self._map(x, y, Nothing(x))

    def matrix(self, f: ContMap, /) -> Any:
        """The matrix, row by row: what the arrow makes of each coordinate of its codomain."""
        return by_rows(self.base, f.cod, self.end, lambda h: self.base.matrix(run_steps(f.path, h)))
