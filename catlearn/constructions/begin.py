r"""Begin: linear arrows as functions of what comes before them.

Definition:
    For a category `k` of linear arrows and an object `r`, an arrow ``X → Y`` of ``Begin(k, r)`` is a function from arrows ``r → X`` to
    arrows ``r → Y``, and ``begin(f)(h) = h ; f``. It is the mirror of `Cont`:

    .. math:: \mathrm{Begin}\,f ; \mathrm{Begin}\,g = \mathrm{Begin}(g \circ f), \qquad
        (f \otimes g)(h) = \langle\, f(h ; \pi_0),\; g(h ; \pi_1) \,\rangle.

However a composite is bracketed, its parts are composed from the start. With `r` the line that is forward mode, one direction at a
time.

References:
    Elliott (1804.00746), on forward mode as the mirror of continuations.
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..theory import Arrow, LinearArrows, door
from ..theory.errors import WrongCategory
from .probe import by_columns
from .stepwise import Path, Step, Stepwise, run_steps


class After(Step):
    """``h ↦ h ; f``."""

    f: Any

    def __call__(self, h: Any) -> Any:
        return h.category._then(h, self.f)


class Across(Step):
    """``h ↦ ⟨f(h ; π₀), g(h ; π₁)⟩``: two arrows side by side."""

    f: "BeginMap"
    g: "BeginMap"

    def __call__(self, h: Any) -> Any:
        left, right = unfork(h, len(self.f.dom))
        return h.category._pair(run_steps(self.f.path, left), run_steps(self.g.path, right))


class Doubled(Step):
    """``h ↦ ⟨h, h⟩``: what copying does."""

    def __call__(self, h: Any) -> Any:
        return h.category._pair(h, h)


class Added(Step):
    """``h ↦ h ; π₀ + h ; π₁``: what merging does."""

    def __call__(self, h: Any) -> Any:
        return h.category._add(*unfork(h, len(h.cod) // 2))


class Crossed(Step):
    """``h ↦ ⟨h ; π₁, h ; π₀⟩``: what a crossing does that starts with `n` wires first."""

    n: int = eqx.field(static=True)

    def __call__(self, h: Any) -> Any:
        first, second = unfork(h, self.n)
        return h.category._pair(second, first)


class Nothing(Step):
    """``h ↦ 0``, into an object."""

    cod: Any = eqx.field(static=True)

    def __call__(self, h: Any) -> Any:
        return h.category.zero(h.dom, self.cod)


def unfork(h: Any, n: int) -> tuple[Any, Any]:
    """The two parts of an arrow into a product, whose first factor has `n` wires: ``h ; π₀`` and ``h ; π₁``."""
    k, wires = h.category, range(len(h.cod))
    return k._then(h, k.pick(h.cod, tuple(wires[:n]))), k._then(h, k.pick(h.cod, tuple(wires[n:])))


class BeginMap(Arrow):
    """An arrow of ``Begin(k, r)``: a flat path of steps; call it on an arrow ``r → dom``."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    start: Any = eqx.field(static=True)
    path: Path

    @property
    def category(self) -> "Begin":
        return Begin(self.base, self.start)

    @door
    def __call__(self, h: Any) -> Any:
        """The arrow ``r → cod`` that this one makes of an arrow ``r → dom`` of the base.

        Raises:
            NotComposable: `h` does not end at the domain.
            WrongCategory: `h` is no arrow of the base.
        """
        return run_steps(self.path, self.base.then(h, self.base.id(self.dom)))


@dataclasses.dataclass(frozen=True)
class Begin(Stepwise):
    """Linear arrows as functions of what comes before them; see the module.

    Attributes:
        base: the category `k` of linear arrows.
        start: the object `r` where everything starts.

    Example:
        >>> from catlearn import R, linear
        >>> from catlearn.categories import AddFn
        >>> k = Begin(AddFn, R())
        >>> f = k.lift(linear(R(2), R(), [[3.0, 4.0]]))
        >>> print(f(AddFn.vector(R(2), [1.0, 2.0]))(1.0))
        11.0
        >>> print(k.matrix(f))
        [[3. 4.]]
    """

    base: Any
    start: Any

    def __post_init__(self):
        if not isinstance(self.base, LinearArrows):
            raise WrongCategory(f"Begin(k, r) needs a category of linear arrows, such as AddFn, but got {self.base}.")

    def __str__(self) -> str:
        return f"Begin({self.base}, {self.start})"

    def _map(self, dom: Any, cod: Any, *path: Step) -> BeginMap:
        return BeginMap(dom, cod, self.base, self.start, path)

    def embed(self, f: Any, /) -> BeginMap:
        """An arrow of the base, as a function of what comes before it: ``h ↦ h ; f``."""
        return self._map(f.dom, f.cod, After(f))

    def _then(self, f: BeginMap, g: BeginMap, /) -> BeginMap:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[BeginMap, ...], /) -> BeginMap:
        return self._map(arrows[0].dom, arrows[-1].cod, *(step for f in arrows for step in f.path))

    def _tensor(self, f: BeginMap, g: BeginMap, /) -> BeginMap:
        return self._map(f.dom @ g.dom, f.cod @ g.cod, Across(f, g))

    def swap(self, x: Any, y: Any, /) -> BeginMap:
        return self._map(x @ y, y @ x, Crossed(len(x)))

    def copy(self, x: Any, /) -> BeginMap:
        return self._map(x, x @ x, Doubled())

    def merge(self, x: Any, /) -> BeginMap:
        return self._map(x @ x, x, Added())

    def zero(self, x: Any, y: Any, /) -> BeginMap:
        return self._map(x, y, Nothing(y))

    def matrix(self, f: BeginMap, /) -> Any:
        """The matrix, column by column: what the arrow makes of each coordinate of its domain."""
        return by_columns(self.base, f.dom, self.start, lambda h: self.base.matrix(run_steps(f.path, h)))
