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

import abc
import dataclasses
from typing import Any

import equinox as eqx

from ..objects.compare import default_tolerance, distance
from ..theory import Arrow, Data, LinearArrows, door
from ..theory.errors import WrongCategory
from .probe import by_rows


class Continuation(Data):
    """One step back: from an arrow into `r` to an arrow into `r`."""

    @abc.abstractmethod
    def __call__(self, h: Any) -> Any:
        """The arrow into `r` from where the step starts."""


Path = tuple[Continuation, ...]


def run_back(path: Path, h: Any) -> Any:
    """Run the steps, one after another."""
    for step in path:
        h = step(h)
    return h


class Before(Continuation):
    """``h ↦ f ; h``."""

    f: Any

    def __call__(self, h: Any) -> Any:
        return h.category._then(self.f, h)


class Across(Continuation):
    """``h ↦ [f(ι₀ ; h), g(ι₁ ; h)]``: two arrows side by side."""

    f: "ContMap"
    g: "ContMap"

    def __call__(self, h: Any) -> Any:
        above, below = unjoin(h, len(self.f.cod))
        return h.category._copair(run_back(self.f.path, above), run_back(self.g.path, below))


class Added(Continuation):
    """``h ↦ ι₀ ; h + ι₁ ; h``: what copying does."""

    def __call__(self, h: Any) -> Any:
        return h.category._add(*unjoin(h, len(h.dom) // 2))


class Doubled(Continuation):
    """``h ↦ [h, h]``: what merging does."""

    def __call__(self, h: Any) -> Any:
        return h.category._copair(h, h)


class Crossed(Continuation):
    """``h ↦ [ι₁ ; h, ι₀ ; h]``: what a crossing does that ends with `n` wires first."""

    n: int = eqx.field(static=True)

    def __call__(self, h: Any) -> Any:
        first, second = unjoin(h, self.n)
        return h.category._copair(second, first)


class Nothing(Continuation):
    """``h ↦ 0``, out of an object."""

    dom: Any = eqx.field(static=True)

    def __call__(self, h: Any) -> Any:
        return h.category.zero(self.dom, h.cod)


class Both(Continuation):
    """``h ↦ f(h) + g(h)``."""

    f: Path
    g: Path

    def __call__(self, h: Any) -> Any:
        return h.category._add(run_back(self.f, h), run_back(self.g, h))


class Opaque(Continuation):
    """A path as one step."""

    path: Path

    def __call__(self, h: Any) -> Any:
        return run_back(self.path, h)


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
        return run_back(self.path, self.base.then(self.base.id(self.cod), h))


@dataclasses.dataclass(frozen=True)
class Cont(LinearArrows):
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

    @property
    def unit(self) -> Any:
        return self.base.unit

    @property
    def turned(self) -> bool:
        return self.base.turned

    def _map(self, dom: Any, cod: Any, *path: Continuation) -> ContMap:
        return ContMap(dom, cod, self.base, self.end, path)

    def cont(self, f: Any, /) -> ContMap:
        """An arrow of the base, as a function of what comes after it: ``h ↦ f ; h``."""
        return self._map(f.dom, f.cod, Before(f))

    def id(self, x: Any, /) -> ContMap:
        return self._map(x, x)

    def _then(self, f: ContMap, g: ContMap, /) -> ContMap:
        return self._map(f.dom, g.cod, *g.path, *f.path)

    def _chain(self, arrows: tuple[ContMap, ...], /) -> ContMap:
        return self._map(arrows[0].dom, arrows[-1].cod, *(step for f in reversed(arrows) for step in f.path))

    def _tensor(self, f: ContMap, g: ContMap, /) -> ContMap:
        return self._map(f.dom @ g.dom, f.cod @ g.cod, Across(f, g))

    def _add(self, f: ContMap, g: ContMap, /) -> ContMap:
        return self._map(f.dom, f.cod, Both(f.path, g.path))

    def swap(self, x: Any, y: Any, /) -> ContMap:
        return self._map(x @ y, y @ x, Crossed(len(y)))

    def copy(self, x: Any, /) -> ContMap:
        return self._map(x, x @ x, Added())

    def merge(self, x: Any, /) -> ContMap:
        return self._map(x @ x, x, Doubled())

    def discard(self, x: Any, /) -> ContMap:
        return self.zero(x, self.unit)

    def create(self, x: Any, /) -> ContMap:
        return self.zero(self.unit, x)

    def zero(self, x: Any, y: Any, /) -> ContMap:
        return self._map(x, y, Nothing(x))

    def pick(self, x: Any, wires: tuple[int, ...], /) -> ContMap:
        return self.cont(self.base.pick(x, wires))

    def place(self, x: Any, wires: tuple[int, ...], /) -> ContMap:
        return self.cont(self.base.place(x, wires))

    def scale(self, x: Any, by: tuple[Any, ...], /) -> ContMap:
        return self.cont(self.base.scale(x, by))

    @door
    def lift(self, f: Any, /) -> ContMap:
        """A linear map, by what it is in the base."""
        return self.cont(self.base.lift(f))

    def matrix(self, f: ContMap, /) -> Any:
        """The matrix, row by row: what the arrow makes of each coordinate of its codomain."""
        return by_rows(self.base, f.cod, self.end, lambda h: self.base.matrix(run_back(f.path, h)))

    def seal(self, f: ContMap, /) -> ContMap:
        """The same arrow as one opaque step."""
        return self._map(f.dom, f.cod, Opaque(f.path))

    def _close(self, f: ContMap, g: ContMap, tol: float | None, /) -> bool:
        return distance(self.matrix(f), self.matrix(g)) <= (default_tolerance() if tol is None else tol)
