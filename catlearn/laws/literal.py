r"""Reference readings of constructions: lenses and parametric arrows, word for word as they are defined.

Definition:
    A lens is two functions and a parametric arrow is one; they compose by the formulas of the papers,

    .. math:: \mathrm{put}(a, c') = f^{*}(a, g^{*}(f(a), c')), \qquad (P, f) ; (Q, g) = (P \otimes Q, (\sigma \otimes A) ; (Q \otimes f) ; g).

The base is a reference category too (`Nested`, `NestedSmooth`, or another of these), so that nothing is shared with what
is compared to it.
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..constructions import Pair
from ..theory import Arrow, Functor, Symmetric

Values = tuple[Any, ...]


class LiteralLens(Arrow):
    """A lens as its two arrows."""

    dom: Pair = eqx.field(static=True)
    cod: Pair = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    get: Any
    put: Any

    @property
    def category(self) -> "LiteralLenses":
        return LiteralLenses(self.base)

    @property
    def literal_put(self) -> Any:
        """The way back, which is what it is."""
        return self.put


@dataclasses.dataclass(frozen=True)
class LiteralLenses(Symmetric):
    """Lenses over a reference category, composed by the formula of the definition."""

    base: Any

    def __str__(self) -> str:
        return f"LiteralLenses({self.base})"

    def carry(self, f: Any, /) -> LiteralLens:
        """A lens, view by view."""
        return self._lens(self.base.carry(f.get), self.base.carry(f.put), f.dom, f.cod)

    def _lens(self, get: Any, put: Any, dom: Pair, cod: Pair) -> LiteralLens:
        return LiteralLens(dom, cod, self.base, get, put)

    @property
    def unit(self) -> Pair:
        return Pair(self.base.unit, self.base.unit)

    def id(self, x: Pair, /) -> LiteralLens:
        return self._lens(self.base.id(x.fwd), self.base.second(x.fwd, x.bwd), x, x)

    def _then(self, f: LiteralLens, g: LiteralLens, /) -> LiteralLens:
        n = len(f.dom.fwd)

        def put(xs: Values) -> Values:
            a, dc = xs[:n], xs[n:]
            return f.put.function((*a, *g.put.function((*f.get.function(a), *dc))))

        back = self.base.arrow(f.dom.fwd @ g.cod.bwd, f.dom.bwd, put)
        return self._lens(self.base.then(f.get, g.get), back, f.dom, g.cod)

    def _tensor(self, f: LiteralLens, g: LiteralLens, /) -> LiteralLens:
        dom, cod = f.dom @ g.dom, f.cod @ g.cod
        n, m, k = len(f.dom.fwd), len(dom.fwd), len(dom.fwd @ f.cod.bwd)

        def put(xs: Values) -> Values:
            return (*f.put.function((*xs[:n], *xs[m:k])), *g.put.function((*xs[n:m], *xs[k:])))

        return self._lens(self.base.tensor(f.get, g.get), self.base.arrow(dom.fwd @ cod.bwd, dom.bwd, put), dom, cod)

    def swap(self, x: Pair, y: Pair, /) -> LiteralLens:
        return self.adapter(self.base.swap(x.fwd, y.fwd), self.base.swap(y.bwd, x.bwd))

    def adapter(self, forward: Any, back: Any, /) -> LiteralLens:
        """A way forward and a way back that ignores the input."""
        n = len(forward.dom)
        put = self.base.arrow(forward.dom @ back.dom, back.cod, lambda xs: back.function(xs[n:]))
        return self._lens(forward, put, Pair(forward.dom, back.cod), Pair(forward.cod, back.dom))


class LiteralPara(Arrow):
    """A parametric arrow as its parameter and its arrow."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    parameter: Any = eqx.field(static=True)
    arrow: Any

    @property
    def category(self) -> "LiteralParas":
        return LiteralParas(self.base)


@dataclasses.dataclass(frozen=True)
class LiteralCell:
    """A 2-cell as its source, its target and the arrow of parameters."""

    source: LiteralPara
    target: LiteralPara
    by: Any


@dataclasses.dataclass(frozen=True)
class LiteralParas(Symmetric):
    """Parametric arrows over a reference category, composed by whiskers and swaps; also the words for their 2-cells."""

    base: Any

    def __str__(self) -> str:
        return f"LiteralParas({self.base})"

    def carry(self, f: Any, /) -> LiteralPara:
        """A parametric arrow by the arrow under it."""
        return LiteralPara(f.dom, f.cod, self.base, f.parameter, self.base.carry(f.arrow))

    @property
    def unit(self) -> Any:
        return self.base.unit

    def id(self, x: Any, /) -> LiteralPara:
        return LiteralPara(x, x, self.base, self.unit, self.base.id(x))

    def _then(self, f: LiteralPara, g: LiteralPara, /) -> LiteralPara:
        P, Q = f.parameter, g.parameter
        return LiteralPara(f.dom, g.cod, self.base, P @ Q, (self.base.swap(P, Q) @ f.dom) >> (Q @ f.arrow) >> g.arrow)

    def _tensor(self, f: LiteralPara, g: LiteralPara, /) -> LiteralPara:
        P, Q = f.parameter, g.parameter
        arrow = (P @ self.base.swap(Q, f.dom) @ g.dom) >> (f.arrow @ g.arrow)
        return LiteralPara(f.dom @ g.dom, f.cod @ g.cod, self.base, P @ Q, arrow)

    def swap(self, x: Any, y: Any, /) -> LiteralPara:
        return self.lift(self.base.swap(x, y))

    def _power(self, f: LiteralPara, n: int, /) -> LiteralPara:
        P = self.base.stack(f.parameter, n)
        return LiteralPara(f.dom, f.cod, self.base, P, self.base.fold(f.arrow, f.parameter, n))

    def lift(self, f: Any, /) -> LiteralPara:
        """An arrow without parameters."""
        return LiteralPara(f.dom, f.cod, self.base, self.unit, f)

    def para(self, parameter: Any, f: Any) -> LiteralPara:
        """The parametric arrow of ``f : P ⊗ A → B``, for objects that are tuples of wires or pairs of these."""
        return LiteralPara(_without(f.dom, parameter), f.cod, self.base, parameter, f)

    def reparametrise(self, f: LiteralPara, by: Any) -> LiteralPara:
        """``(by ⊗ A) ; f``."""
        return LiteralPara(f.dom, f.cod, self.base, by.dom, (by @ f.dom) >> f.arrow)

    def cell(self, f: LiteralPara, by: Any) -> LiteralCell:
        """The 2-cell from `f` along `by`."""
        return LiteralCell(f, self.reparametrise(f, by), by)

    def vertical(self, c: LiteralCell, d: LiteralCell) -> LiteralCell:
        """`c`, then `d`."""
        return self.cell(c.source, d.by >> c.by)

    def horizontal(self, c: LiteralCell, d: LiteralCell) -> LiteralCell:
        """`c` beside `d`, along the composite."""
        return self.cell(c.source >> d.source, c.by @ d.by)

    def flip(self, f: LiteralPara) -> LiteralPara:
        """Parameter and input exchanged."""
        P, A = f.parameter, f.dom
        return LiteralPara(P, f.cod, self.base, A, self.base.swap(A, P) >> f.arrow)


@dataclasses.dataclass(frozen=True)
class LiteralReverse(Functor):
    """``f ↦ (f, R[f])``."""

    def ob(self, x: Any, /) -> Pair:
        """A space and its covectors."""
        return Pair(x, x.tangent)

    def arrow(self, f: Any, /) -> LiteralLens:
        """The arrow and its reverse derivative."""
        return LiteralLens(self.ob(f.dom), self.ob(f.cod), f.category, f, f.category.R(f))


@dataclasses.dataclass(frozen=True)
class LiteralParaFunctor(Functor):
    """A functor, applied to the arrow under the parameter."""

    functor: Functor

    def ob(self, x: Any, /) -> Any:
        """As the functor does."""
        return self.functor(x)

    def arrow(self, f: LiteralPara, /) -> LiteralPara:
        """``(P, f) ↦ (F(P), F(f))``."""
        F, image = self.functor, self.functor(f.arrow)
        return LiteralPara(F(f.dom), F(f.cod), image.category, F(f.parameter), image)


def _without(x: Any, start: Any) -> Any:
    if isinstance(x, Pair):
        return Pair(_without(x.fwd, start.fwd), _without(x.bwd, start.bwd))
    return x[len(start) :]
