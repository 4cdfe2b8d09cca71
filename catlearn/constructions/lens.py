r"""Lenses: a way forward and a way back.

Definition:
    For a cartesian category `C`, an object of ``Lens(C)`` is a pair ``(A, A')``. An arrow ``(A, A') → (B, B')`` is a pair of
    arrows of `C`, ``get : A → B`` and ``put : A ⊗ B' → A'``. Composites go forward twice, then back twice,

    .. math:: \mathrm{put}(a, c') = f^{*}(a,\; g^{*}(f(a),\, c')).

Read literally, that formula runs `f` again at each bracketing. So a lens is kept as a flat path of
*stages*, and over a `Concrete` category it is run once forward, keeping what each stage needs to come
back: `run`. The views `get` and `put` are derived from it, and equality of lenses is equality of the views.

Nothing here says that a lens satisfies the get-put laws of databases; lenses of derivatives do not.

References:
    Cruttwell et al. (2103.01931), Definition 2.4.
"""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx

from ..theory import Arrow, Cartesian, Concrete, Data, Symmetric, door
from ..theory.errors import WrongCategory, WrongObject

Values = tuple[Any, ...]
Back = Callable[[Values], Values]


@dataclasses.dataclass(frozen=True)
class Pair:
    """An object of ``Lens(C)``: what goes forward, and what comes back.

    Example:
        >>> from catlearn.objects import R, unit
        >>> print(Pair(R(3), R(3)) @ Pair(R(2), unit))
        (R(3) @ R(2), R(3))
    """

    fwd: Any
    bwd: Any

    def __matmul__(self, other: Any) -> "Pair":
        """The tensor of pairs, component by component."""
        return Pair(self.fwd @ other.fwd, self.bwd @ other.bwd) if isinstance(other, Pair) else NotImplemented

    def __str__(self) -> str:
        """The pair as one writes it."""
        return f"({self.fwd}, {self.bwd})"

    __repr__ = __str__


class Stage(Data):
    """One step of a lens: arrows `get` and `put` of the base, and a way to run both without repeating work."""

    @property
    @abc.abstractmethod
    def get(self) -> Any:
        """The way forward ``A → B``."""

    @property
    @abc.abstractmethod
    def put(self) -> Any:
        """The way back ``A ⊗ B' → A'``."""

    @abc.abstractmethod
    def run(self, xs: Values) -> tuple[Values, Back]:
        """The values forward, and the way back from there; for a `Concrete` base."""

    def fuse(self, after: "Stage") -> "tuple[Stage, ...]":
        """This stage and the next as stages, one if they are known to combine."""
        return (self, after)


class GetPut(Stage):
    """A stage given by its two arrows. Coming back needs the input: the residual is `A`."""

    forward: Arrow
    back: Arrow

    @property
    def get(self) -> Any:
        return self.forward

    @property
    def put(self) -> Any:
        return self.back

    def run(self, xs: Values) -> tuple[Values, Back]:
        C = self.forward.category
        return C.apply(self.forward, xs), lambda dys: C.apply(self.back, xs + dys)


class Adapter(Stage):
    """A stage whose way back ``B' → A'`` does not look at the input: the residual is the unit."""

    forward: Arrow
    back: Arrow

    @property
    def get(self) -> Any:
        return self.forward

    @property
    def put(self) -> Any:
        C = self.forward.category
        return C.tensor(C.discard(self.forward.dom), self.back)

    def run(self, xs: Values) -> tuple[Values, Back]:
        C = self.forward.category
        return C.apply(self.forward, xs), lambda dys: C.apply(self.back, dys)


class Beside(Stage):
    """Two lenses side by side."""

    f: "LensMap"
    g: "LensMap"

    @property
    def get(self) -> Any:
        return self.f.get @ self.g.get

    @property
    def put(self) -> Any:
        C, f, g = self.f.base, self.f, self.g
        A, B, dC, dD = f.dom.fwd, g.dom.fwd, f.cod.bwd, g.cod.bwd
        across = C.tensor(C.id(A), C.swap(B, dC), C.id(dD))
        return C.then(across, C.tensor(f.put, g.put))

    def run(self, xs: Values) -> tuple[Values, Back]:
        n, m = len(self.f.dom.fwd), len(self.f.cod.bwd)
        ys, back_f = self.f.run(xs[:n])
        zs, back_g = self.g.run(xs[n:])
        return ys + zs, lambda ds: back_f(ds[:m]) + back_g(ds[m:])


class SealedStages(Stage):
    """A lens as one opaque stage."""

    lens: "LensMap"

    @property
    def get(self) -> Any:
        return self.lens.get

    @property
    def put(self) -> Any:
        return self.lens.put

    def run(self, xs: Values) -> tuple[Values, Back]:
        return self.lens.run(xs)


class PutView(Data):
    """``(a, b') ↦ put(a, b')`` as a function on tuples of values: run forward, come back."""

    lens: "LensMap"

    def __call__(self, xs: Values) -> Values:
        n = len(self.lens.dom.fwd)
        _, back = self.lens.run(xs[:n])
        return back(xs[n:])


class LensMap(Arrow):
    """A lens ``(A, A') → (B, B')``: a flat path of stages, with the views `get` and `put`."""

    dom: Pair = eqx.field(static=True)
    cod: Pair = eqx.field(static=True)
    base: Cartesian = eqx.field(static=True)
    stages: tuple[Stage, ...]

    @property
    def category(self) -> "Lens":
        return Lens(self.base)

    @property
    def get(self) -> Any:
        """The way forward ``A → B``, an arrow of the base."""
        return self.base.then(self.base.id(self.dom.fwd), *(stage.get for stage in self.stages))

    @property
    def put(self) -> Any:
        """The way back ``A ⊗ B' → A'``, an arrow of the base; over a concrete base it runs once forward and once back."""
        if len(self.stages) == 1:
            return self.stages[0].put
        if isinstance(self.base, Concrete):
            return self.base.arrow(self.dom.fwd @ self.cod.bwd, self.dom.bwd, PutView(self))
        return self.literal_put

    @property
    def literal_put(self) -> Any:
        """The way back by the definition: quadratic in the number of stages, the specification of `put`."""
        C, get, put = self.base, self.base.id(self.dom.fwd), self.base.second(self.dom.fwd, self.dom.bwd)
        for stage in self.stages:
            A, dC = self.dom.fwd, _rest(stage.put, stage.get.dom)
            keep = C.tensor(C.copy(A), C.id(dC))
            ahead = C.tensor(C.id(A), get, C.id(dC))
            put = C.then(keep, ahead, C.tensor(C.id(A), stage.put), put)
            get = C.then(get, stage.get)
        return put

    def run(self, xs: Values) -> tuple[Values, Back]:
        """The values forward, and the way back: a function that lives inside the trace that made it."""
        backs = []
        for stage in self.stages:
            xs, back = stage.run(xs)
            backs.append(back)

        def back_through(dys: Values) -> Values:
            for back in reversed(backs):
                dys = back(dys)
            return dys

        return xs, back_through


@dataclasses.dataclass(frozen=True)
class Lens(Symmetric):
    """The category of lenses over a cartesian category; see the module.

    It is symmetric monoidal, and in general not cartesian.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> f = lens(smooth(lambda x: x * x, R()), smooth(lambda x, dy: 2 * x * dy, R() @ R()))
        >>> print(f, f.category)
        LensMap : (R(), R()) -> (R(), R()) Lens(Smooth)
        >>> print((f >> f).put(3.0, 1.0))
        108.0
    """

    base: Cartesian

    def __post_init__(self):
        if not isinstance(self.base, Cartesian):
            raise WrongCategory(f"Lens(C) needs a cartesian category, but got {self.base}.")

    def __str__(self) -> str:
        return f"Lens({self.base})"

    @property
    def unit(self) -> Pair:
        return Pair(self.base.unit, self.base.unit)

    def id(self, x: Pair, /) -> LensMap:
        return LensMap(x, x, self.base, ())

    def _then(self, f: LensMap, g: LensMap, /) -> LensMap:
        joined = f.stages[-1].fuse(g.stages[0]) if f.stages and g.stages else f.stages[-1:] + g.stages[:1]
        return LensMap(f.dom, g.cod, self.base, f.stages[:-1] + joined + g.stages[1:])

    def _tensor(self, f: LensMap, g: LensMap, /) -> LensMap:
        stages = (Beside(f, g),) if f.stages or g.stages else ()
        return LensMap(f.dom @ g.dom, f.cod @ g.cod, self.base, stages)

    def swap(self, x: Pair, y: Pair, /) -> LensMap:
        C = self.base
        return self.adapter(C.swap(x.fwd, y.fwd), C.swap(y.bwd, x.bwd))

    def adapter(self, forward: Arrow, back: Arrow, /) -> LensMap:
        """The lens of an arrow ``A → B`` forward and an arrow ``B' → A'`` back that ignores the input."""
        dom, cod = Pair(forward.dom, back.cod), Pair(forward.cod, back.dom)
        return LensMap(dom, cod, self.base, (Adapter(forward, back),))

    def seal(self, f: LensMap, /) -> LensMap:
        """The same lens as one opaque stage."""
        return LensMap(f.dom, f.cod, self.base, (SealedStages(f),))

    def _close(self, f: LensMap, g: LensMap, tol: float | None, /) -> bool:
        C = self.base
        return C.close(f.get, g.get, tol=tol) and C.close(f.put, g.put, tol=tol)


@door
def lens(get: Arrow, put: Arrow) -> LensMap:
    """The lens with the given ways forward and back, ``(A, A') → (B, B')``.

    Args:
        get: ``A → B``.
        put: ``A ⊗ B' → A'``.

    Raises:
        WrongObject: the domain of `put` does not begin with the domain of `get`.
        WrongCategory: the two are arrows of different categories, or the category is not cartesian.
    """
    for f in (get, put):
        if not isinstance(f, Arrow):
            raise WrongCategory(f"a lens needs two arrows, but got {f!r}. A function becomes one by smooth(f, X).")
    C = get.category
    if put.category != C or not isinstance(C, Cartesian):
        raise WrongCategory(f"a lens needs two arrows of one cartesian category, but got {C} and {put.category}")
    if put.dom[: len(get.dom)] != get.dom:
        raise WrongObject(
            f"a lens needs put : A @ B' -> A' for get : A -> B, but got\n    get : {get.dom} -> {get.cod}\n"
            f"    put : {put.dom} -> {put.cod}\nThe domain of put must begin with {get.dom}."
        )
    dom, cod = Pair(get.dom, put.cod), Pair(get.cod, _rest(put, get.dom))
    return LensMap(dom, cod, C, (GetPut(get, put),))


def _rest(put: Arrow, x: Any) -> Any:
    return put.dom[len(x) :]
