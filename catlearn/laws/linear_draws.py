"""Draws for the categories of linear arrows, for generalised differentiation, and for the functors between them.

Definition:
    A linear arrow of any kind is drawn as a linear map and brought there by `lift`. It shows itself by what it does to a drawn value: a
    function to a value of its domain, a dual or a function of continuations to coefficients at its codomain. An arrow of ``D(k)`` shows
    its value, and its derivative in one drawn direction, or at one drawn covector.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from hypothesis import strategies as st
from jax.flatten_util import ravel_pytree

from ..categories import AddFn, Linear, LMat, Smooth
from ..categories.linear import Dense, LinearMap, MatrixFree
from ..constructions import AsDual, Begin, Cont, D, Derive, Dual, Lift, ToBegin, ToCont
from ..constructions.begin import BeginMap
from ..constructions.cont import ContMap
from ..constructions.dual import DualMap
from ..constructions.gad import DMap, Value
from ..constructions.gad_stage import run_stages
from ..constructions.representation import Apply, Tabulate, covector
from ..constructions.stepwise import run_steps
from ..objects import Ob, R
from ..theory import Biproduct, Data, Functor
from .draw import Draws, Reading, View
from .make import REFERENCE, of, through
from .numbers import array, dimension, matrix, values, wave
from .reference import NestedSmooth
from .status import Status

Values = tuple[Any, ...]

SCENES = ((R(),), (R(2), R() @ R()))
ROUNDING = 1e-9


def linear_map(dom: Ob, cod: Ob) -> st.SearchStrategy[LinearMap]:
    """A linear map: dense, dense the other way round, or a function."""
    n, m = dimension(dom), dimension(cod)
    dense = array(m, n).map(lambda entries: Dense(dom, cod, entries, True))
    turned = array(n, m).map(lambda entries: Dense(dom, cod, entries, False))
    free = matrix(dom, cod).map(lambda function: MatrixFree(dom, cod, function, True))
    return (dense | turned | free).map(lambda part: LinearMap(dom, cod, (part,)))


def scalars(x: Ob, number: float) -> Values:
    """The value of an object that is one number at each coordinate."""
    return jax.tree.map(lambda aval: jnp.full(aval.shape, number, aval.dtype), x.avals())


class Applied(Data):
    """What a linear arrow does: to a value of its domain, or to coefficients at its codomain where it runs backwards.

    A function of continuations is asked about a covector, and then about a value; one of beginnings about a vector.
    """

    f: Any

    def __call__(self, xs: Values) -> Values:
        match self.f:
            case DualMap(arrow=arrow):
                return Applied(arrow)(xs)
            case ContMap(base=base, path=path, cod=cod):
                h = run_steps(path, covector(base, cod, xs[: len(cod)]))
                return Applied(h)(xs[len(cod) :])
            case BeginMap(base=base, path=path, dom=dom):
                h = base.lift(LinearMap(R(), dom, (Dense(R(), dom, ravel_pytree(xs)[0][:, None]),)))
                return Applied(run_steps(path, h))((jnp.ones(()),))
            case f:
                return f.category.apply(f, xs)


def shown(f: Any) -> tuple[View, ...]:
    """How a linear arrow shows itself."""
    match f:
        case DualMap():
            ends = f.cod, f.dom
        case ContMap(base=Dual()):
            ends = f.cod @ R(), f.dom
        case ContMap():
            ends = f.cod @ f.dom, R()
        case _:
            ends = f.dom, f.cod
    return (View("", Smooth.arrow(*ends, Applied(f))),)


class Directed(Data):
    """The derivative of an arrow of ``D(k)`` at a point, in a direction or at a covector."""

    f: DMap

    def __call__(self, xs: Values) -> Values:
        n = len(self.f.dom)
        return Applied(run_stages(self.f, xs[:n])[1])(xs[n:])


def shown_with_derivative(f: DMap) -> tuple[View, ...]:
    """How an arrow of ``D(k)`` shows itself, for functions and their duals."""
    way, end = (f.cod, f.dom) if f.base.turned else (f.dom, f.cod)
    value = View("value", Smooth.arrow(f.dom, f.cod, Value(f)))
    return value, View("derivative", Smooth.arrow(f.dom @ way, end, Directed(f)))


def of_linear(k: Any, reference: Any) -> Draws:
    """Draws for a category of linear arrows, compared with another: nested calls of functions, or the same over matrices."""
    nested = isinstance(reference, NestedSmooth)
    carry = reference.carry if nested else lambda f: reference.lift(_dense(f))
    draws = of(
        k,
        objects=(R(), R(2)),
        arrow=linear_map,
        scenes=SCENES,
        points=values,
        rounding=ROUNDING,
        given={"wires": True, "scalars": scalars},
    )
    build = lambda tape, dom, cod: k.lift(tape.choose(linear_map(dom, cod)))
    readings = (draws.readings[0], Reading(REFERENCE, reference, carry, reference=True))
    return dataclasses.replace(
        draws, views=draws.views if nested else shown, readings=readings, exact=object, build=build
    )


def _dense(f: Any) -> LinearMap:
    """The linear map that an arrow stands for, as a matrix."""
    return LinearMap(f.dom, f.cod, (Dense(f.dom, f.cod, f.category.matrix(f)),))


def of_derivatives(k: Any, *, linear: bool = False, declared: Mapping[str, Status] | None = None) -> Draws:
    """Draws for ``D(k)``: smooth maps with their derivatives, or linear maps alone; compared with Jacobian matrices."""
    C, reference = D(k), D(Dual(LMat) if k.turned else LMat)
    smooth = lambda dom, cod: wave(dom, cod).map(lambda function: Smooth.arrow(dom, cod, function))
    arrow, made = (linear_map, C.linear) if linear else (smooth, C.of)
    draws = of(
        C,
        name=f"{C}, linear arrows" if linear else str(C),
        objects=(R(), R(2)),
        arrow=arrow,
        scenes=((R(),), (R(2), R())),
        points=values,
        theory=Biproduct if linear else D,
        rounding=ROUNDING,
        declared=declared,
        given={} if linear else {"wires": True},
    )
    build = lambda tape, dom, cod: made(tape.choose(arrow(dom, cod)))
    carry = lambda f: reference.arrow(f.dom, f.cod, Value(f))
    readings = (draws.readings[0], Reading(REFERENCE, reference, carry, reference=True))
    return dataclasses.replace(draws, views=shown_with_derivative, readings=readings, exact=object, build=build)


def of_functor(functor: Functor, source: Draws, target: Draws, *kept: str) -> Draws:
    """Draws for a functor that keeps the structures of the given names besides composites and the tensor."""
    draws = through(functor, source, target, exact=False)
    given = {"functor": functor, "monoidal functor": functor, "scalars": scalars}
    return dataclasses.replace(draws, given={**given, **{f"{name} functor": functor for name in kept}})


add_fn = of_linear(AddFn, NestedSmooth(AddFn))
"""Additive functions."""

lmat = of_linear(LMat, LMat)
"""Generalised matrices."""

dual = of_linear(Dual(AddFn), Dual(LMat))
"""Duals of additive functions."""

cont = of_linear(Cont(AddFn, R()), Cont(LMat, R()))
"""Additive functions of their continuations into the line."""

cont_dual = of_linear(Cont(Dual(AddFn), R()), Cont(Dual(LMat), R()))
"""Duals of their continuations into the line: reverse mode."""

begin = of_linear(Begin(AddFn, R()), Begin(LMat, R()))
"""Additive functions of what comes before them, from the line: forward mode."""

_NOT_NATURAL = (
    *("every_arrow_additive", "merge_natural", "create_natural"),
    *("copair_first", "copair_second", "copair_unique", "copair_natural"),
)
_STRUCTURAL = (
    *("merge_monoid", "merge_tensor", "inject_project", "project_inject", "sum_by_biproduct"),
    *("bialgebra", "copair_merge", "pair_by_injections", "exchange"),
)
_OF_POINTS = {**dict.fromkeys(_NOT_NATURAL, Status.FAILS), **dict.fromkeys(_STRUCTURAL, Status.ROUNDING)}

d_forward = of_derivatives(AddFn, declared=_OF_POINTS)
"""Smooth maps with their derivatives as functions; sums of points are not natural."""

d_reverse = of_derivatives(Dual(AddFn), declared=_OF_POINTS)
"""Smooth maps with their derivatives turned around; sums of points are not natural."""

d_linear = of_derivatives(Dual(AddFn), linear=True)
"""Linear maps with their derivatives, where sums of points are natural too."""

_smooth = of(
    Smooth,
    objects=(R(), R(2)),
    arrow=lambda dom, cod: wave(dom, cod).map(lambda function: Smooth.arrow(dom, cod, function)),
    scenes=SCENES,
    points=values,
    rounding=ROUNDING,
)
_linear = of(Linear, objects=(R(), R(2)), arrow=linear_map, scenes=SCENES, points=values, rounding=ROUNDING)
_ALL = ("cartesian", "additive", "biproduct", "linear")

derive_forward = of_functor(Derive(AddFn), _smooth, d_forward, "cartesian", "additive")
"""Differentiation by functions: the chain rule is that it keeps composites."""

derive_reverse = of_functor(Derive(Dual(AddFn)), _smooth, d_reverse, "cartesian", "additive")
"""Differentiation by duals."""

to_cont = of_functor(ToCont(AddFn, R()), add_fn, cont, *_ALL)
"""The functor to continuations (Theorem 4)."""

as_dual = of_functor(AsDual(), cont, dual, *_ALL)
"""The functor from continuations to duals (Theorem 5)."""

to_begin = of_functor(ToBegin(AddFn, R()), add_fn, begin, *_ALL)
"""The functor to beginnings."""

apply = of_functor(Apply, lmat, add_fn, *_ALL)
"""The functor from matrices to functions."""

tabulate = of_functor(Tabulate, add_fn, lmat, *_ALL)
"""The functor from functions to matrices."""

lift_dual = of_functor(Lift(Dual(AddFn)), _linear, dual, *_ALL)
"""The functor that represents linear maps by their transposes."""

LINEAR_ARROWS = (add_fn, dual, d_reverse, derive_reverse, as_dual)
"""Those that are part of the report."""

FURTHER = (lmat, cont_dual, begin, d_linear, derive_forward, to_cont, to_begin, apply, tabulate, lift_dual)
"""Those that say the same of other representations."""
