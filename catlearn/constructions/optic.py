r"""Optics: lenses over any symmetric monoidal category, with an explicit residual.

Definition:
    An arrow ``(A, A') → (B, B')`` of ``Optic(C)`` is a residual object `M` with ``fwd : A → M ⊗ B`` and
    ``bwd : M ⊗ B' → A'``. Composites tensor the residuals:

    .. math:: \mathrm{fwd} = f ; (M \otimes g), \qquad \mathrm{bwd} = (M \otimes g') ; f'.

Over a cartesian category an optic *is* a lens: its views are ``get = fwd ; π_B`` and ``put``, and a lens is the
optic whose residual is its input, ``fwd = copy ; (A ⊗ get)``. Optics are compared by these views; over a
base that is not cartesian only the data are compared.
"""

import dataclasses
from typing import Any

import equinox as eqx

from ..theory import Arrow, Cartesian, Symmetric
from ..theory.errors import WrongCategory
from .lens import LensMap, Pair, lens


class OpticMap(Arrow):
    """An optic ``(A, A') → (B, B')`` with residual `M`."""

    dom: Pair = eqx.field(static=True)
    cod: Pair = eqx.field(static=True)
    residual: Any = eqx.field(static=True)
    fwd: Any
    bwd: Any

    @property
    def category(self) -> "Optic":
        return Optic(self.fwd.category)


@dataclasses.dataclass(frozen=True)
class Optic(Symmetric):
    """The category of optics over a symmetric monoidal category; see the module.

    Example:
        >>> from catlearn import R, Reverse, Smooth, smooth
        >>> f = Reverse(smooth(lambda x: x * x, R()))
        >>> o = Optic(Smooth).of_lens(f)
        >>> print(o.residual, Optic(Smooth).lens_of(o).put(3.0, 1.0))
        R() 6.0
    """

    base: Symmetric

    def __post_init__(self):
        if not isinstance(self.base, Symmetric):
            raise WrongCategory(f"Optic(C) needs a symmetric monoidal category, but got {self.base}.")

    def __str__(self) -> str:
        return f"Optic({self.base})"

    @property
    def unit(self) -> Pair:
        return Pair(self.base.unit, self.base.unit)

    def id(self, x: Pair, /) -> OpticMap:
        C = self.base
        return OpticMap(x, x, C.unit, C.id(x.fwd), C.id(x.bwd))

    def _then(self, f: OpticMap, g: OpticMap, /) -> OpticMap:
        M, N = f.residual, g.residual
        return OpticMap(f.dom, g.cod, M @ N, f.fwd >> (M @ g.fwd), (M @ g.bwd) >> f.bwd)

    def _tensor(self, f: OpticMap, g: OpticMap, /) -> OpticMap:
        C, M, N = self.base, f.residual, g.residual
        B, dC = f.cod.fwd, f.cod.bwd
        out = C.tensor(C.id(M), C.swap(B, N), C.id(g.cod.fwd))
        into = C.tensor(C.id(M), C.swap(N, dC), C.id(g.cod.bwd))
        fwd, bwd = C.tensor(f.fwd, g.fwd), C.tensor(f.bwd, g.bwd)
        return OpticMap(f.dom @ g.dom, f.cod @ g.cod, M @ N, fwd >> out, into >> bwd)

    def swap(self, x: Pair, y: Pair, /) -> OpticMap:
        C = self.base
        return OpticMap(x @ y, y @ x, C.unit, C.swap(x.fwd, y.fwd), C.swap(y.bwd, x.bwd))

    def of_lens(self, f: LensMap, /) -> OpticMap:
        """The optic of a lens: the residual is the input."""
        C, A = self.base, f.dom.fwd
        return OpticMap(f.dom, f.cod, A, C.then(f.base.copy(A), A @ f.get), f.put)

    def lens_of(self, o: OpticMap, /) -> LensMap:
        """The lens that an optic over a cartesian category is."""
        C, M = o.fwd.category, o.residual
        B, dB = o.cod.fwd, o.cod.bwd
        forget = C.tensor(C.id(M), C.discard(B), C.id(dB))
        return lens(o.fwd >> C.second(M, B), C.then(o.fwd @ dB, forget, o.bwd))

    def _close(self, f: OpticMap, g: OpticMap, tol: float | None, /) -> bool:
        if not isinstance(self.base, Cartesian):
            return bool(f == g)
        views = self.lens_of(f), self.lens_of(g)
        return views[0].category.close(*views, tol=tol)
