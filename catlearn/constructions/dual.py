r"""Dual: linear arrows turned around.

Definition:
    For a category `k` of linear arrows, an arrow ``X → Y`` of ``Dual(k)`` is an arrow ``Y → X`` of `k`. What is a product in one is
    a coproduct in the other,

    .. math:: \mathrm{copy} = \mathrm{Dual}(\mathrm{merge}), \quad \pi_i = \mathrm{Dual}(\iota_i), \quad
        \langle \mathrm{Dual}\,f, \mathrm{Dual}\,g \rangle = \mathrm{Dual}\,[f, g], \quad
        \mathrm{Dual}\,f ; \mathrm{Dual}\,g = \mathrm{Dual}(g ; f).

A linear map is represented by its transpose. So ``D(Dual(AddFn))`` is reverse mode, with no matrix, tape or graph: the gradient of
``f : X → R`` is what its derivative makes of the number one.

References:
    Elliott (1804.00746), Theorem 5 and Corollary 5.1.
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..theory import Arrow, LinearArrows, door
from ..theory.errors import WrongCategory


class DualMap(Arrow):
    """An arrow ``dom → cod`` of a dual category: an arrow ``cod → dom`` of its base."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    arrow: Any

    @property
    def category(self) -> "Dual":
        return Dual(self.base)


@dataclasses.dataclass(frozen=True)
class Dual(LinearArrows):
    """The dual of a category of linear arrows; see the module.

    Example:
        >>> from catlearn import R, linear
        >>> from catlearn.categories import AddFn
        >>> f = Dual(AddFn).lift(linear(R(2), R(), [[3.0, 4.0]]))
        >>> print(f, f.arrow)
        DualMap : R(2) -> R() AdditiveMap : R() -> R(2)
        >>> print(f.arrow(1.0), Dual(AddFn).matrix(f))
        [3. 4.] [[3. 4.]]
    """

    base: Any

    def __post_init__(self):
        if not isinstance(self.base, LinearArrows):
            raise WrongCategory(f"Dual(k) needs a category of linear arrows, such as AddFn, but got {self.base}.")

    def __str__(self) -> str:
        return f"Dual({self.base})"

    @property
    def unit(self) -> Any:
        return self.base.unit

    @property
    def turned(self) -> bool:
        return not self.base.turned

    def dual(self, arrow: Any, /) -> DualMap:
        """The arrow ``X → Y`` that an arrow ``Y → X`` of the base is."""
        return DualMap(arrow.cod, arrow.dom, self.base, arrow)

    def id(self, x: Any, /) -> DualMap:
        return self.dual(self.base.id(x))

    def _then(self, f: DualMap, g: DualMap, /) -> DualMap:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[DualMap, ...], /) -> DualMap:
        return self.dual(self.base._chain(tuple(f.arrow for f in reversed(arrows))))

    def _tensor(self, f: DualMap, g: DualMap, /) -> DualMap:
        return self.dual(self.base._tensor(f.arrow, g.arrow))

    def _pair(self, f: DualMap, g: DualMap, /) -> DualMap:
        return self.dual(self.base._copair(f.arrow, g.arrow))

    def _copair(self, f: DualMap, g: DualMap, /) -> DualMap:
        return self.dual(self.base._pair(f.arrow, g.arrow))

    def _add(self, f: DualMap, g: DualMap, /) -> DualMap:
        return self.dual(self.base._add(f.arrow, g.arrow))

    def swap(self, x: Any, y: Any, /) -> DualMap:
        return self.dual(self.base.swap(y, x))

    def copy(self, x: Any, /) -> DualMap:
        return self.dual(self.base.merge(x))

    def merge(self, x: Any, /) -> DualMap:
        return self.dual(self.base.copy(x))

    def discard(self, x: Any, /) -> DualMap:
        return self.dual(self.base.create(x))

    def create(self, x: Any, /) -> DualMap:
        return self.dual(self.base.discard(x))

    def zero(self, x: Any, y: Any, /) -> DualMap:
        return self.dual(self.base.zero(y, x))

    def pick(self, x: Any, wires: tuple[int, ...], /) -> DualMap:
        return self.dual(self.base.place(x, wires))

    def place(self, x: Any, wires: tuple[int, ...], /) -> DualMap:
        return self.dual(self.base.pick(x, wires))

    def scale(self, x: Any, by: tuple[Any, ...], /) -> DualMap:
        return self.dual(self.base.scale(x, by))

    @door
    def lift(self, f: Any, /) -> DualMap:
        """A linear map, by its transpose."""
        return self.dual(self.base.lift(f.dagger))

    def matrix(self, f: DualMap, /) -> Any:
        """The transpose of the matrix that the base finds."""
        return self.base.matrix(f.arrow).T

    def seal(self, f: DualMap, /) -> DualMap:
        """The same arrow as one opaque part."""
        return self.dual(self.base.seal(f.arrow))

    def _close(self, f: DualMap, g: DualMap, tol: float | None, /) -> bool:
        return self.base.close(f.arrow, g.arrow, tol=tol)
