"""The draws that come with the library, and `of`, which makes them for a category of your own.

Definition:
    For each shipped category: its scenes, its arrows, its readings, and the status of each law that is not simply
    exact. `lens` and `para` make draws of a construction from draws of its base, `through` those of a functor.
"""

import dataclasses
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from ..categories import Linear, Smooth
from ..categories.linear import linear as linear_map
from ..constructions import Batch, Include, Lens, Pair, Para, Repeat, Reverse
from ..constructions import cell, flip, horizontal, reparametrise, vertical
from ..constructions import lens as lens_map
from ..constructions import para as para_map
from ..objects import Fin, Ob, R, unit
from ..theory import Cartesian, Category, Concrete, Functor, NaturalTransformation
from .draw import Draws, Reading, Tape, View
from .literal import LiteralLenses, LiteralParas
from .numbers import array, dimension, matrix, values, wave
from .reference import Nested, NestedSmooth
from .status import Status

PLAIN, SEALED, REFERENCE = "as composed", "with sealed arrows", "against the reference"


def of(
    category: Category,
    objects: Sequence[Any],
    arrow: Callable[[Any, Any], st.SearchStrategy[Any]],
    *,
    name: str | None = None,
    scenes: Iterable[Sequence[Any]] = (),
    points: Callable[[Any], st.SearchStrategy[Any]] | None = None,
    theory: type[Category] | None = None,
    reference: Any = None,
    rounding: float = 0.0,
    exact: type[Category] | None = None,
    declared: Mapping[str, Status] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Draws:
    """Draws for a category of your own.

    Args:
        category: the category.
        objects: a few objects. Each object that a law asks for is drawn from them.
        arrow: a function of a domain and a codomain to a Hypothesis strategy of arrows.
        name: as it appears in reports; default ``str(category)``.
        scenes: lists of objects to use instead, one list an example: for categories that compile at each new shape.
        points: a function of an object to a strategy of its values, for a `Concrete` category. Arrows are then compared at
            drawn points; otherwise by ``category.close``.
        theory: the theory class whose laws are claimed; default the category's own class.
        reference: a category to compare with, with a method ``carry`` that brings arrows there. Default for a
            `Concrete` category with points: composition by nested calls.
        rounding: the tolerance of "up to rounding".
        exact: the theory class up to which laws hold exactly; those beyond it hold up to rounding. Default: all are exact
            where there is no rounding, none where there is.
        declared: the statuses of single laws, by name, that differ from this.
        given: what else laws may ask for, by name.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> scalings = lambda X, Y: st.integers(-3, 3).map(lambda n: smooth(lambda x: n * x, X))
        >>> mine = of(Smooth, [R()], scalings, rounding=1e-9)
        >>> print(mine)
        Smooth
    """
    concrete = isinstance(category, Concrete) and points is not None
    if reference is None and concrete:
        reference = Nested(category)
    seal = getattr(category, "seal", None)
    readings = [Reading(PLAIN, category, _as_it_is, flat=seal is not None)]
    if seal is not None:
        readings.append(Reading(SEALED, category, seal, flat=True))
    if reference is not None:
        readings.append(Reading(REFERENCE, reference, reference.carry, reference=True))
    return Draws(
        name=str(category) if name is None else name,
        category=category,
        theory=type(category) if theory is None else theory,
        build=lambda tape, dom, cod: tape.choose(arrow(dom, cod)),
        objects=tuple(objects),
        scenes=tuple(tuple(scene) for scene in scenes),
        views=_itself if concrete else None,
        points=points,
        readings=tuple(readings),
        rounding=rounding,
        exact=exact or (Category if rounding else type(category)),
        declared=dict(declared or {}),
        given=dict(given or {}),
    )


def _as_it_is(f: Any) -> Any:
    return f


def _itself(f: Any) -> tuple[View, ...]:
    return (View("", f),)


def lens(base: Draws, *, declared: Mapping[str, Status] | None = None) -> Draws:
    """Draws of the lenses over a cartesian category: any arrow forward, any arrow back."""

    def build(tape: Tape, dom: Pair, cod: Pair) -> Any:
        get = base.build(tape, dom.fwd, cod.fwd)
        return lens_map(get, base.build(tape, dom.fwd @ cod.bwd, dom.bwd))

    category = Lens(base.category)
    plain, sealed, reference = base.readings
    literal = LiteralLenses(reference.category)
    return dataclasses.replace(
        base,
        name=str(category),
        category=category,
        theory=Lens,
        build=build,
        scenes=tuple(_pairs(scene) for scene in base.scenes),
        views=lambda f: (View("get", f.get), View("put", f.put)),
        readings=(
            Reading(PLAIN, category, _as_it_is, base=plain, flat=True),
            Reading(SEALED, category, category.seal, base=sealed, flat=True),
            Reading(REFERENCE, literal, literal.carry, base=reference, reference=True),
        ),
        declared=dict(declared or {}),
        base=base,
        given={"additive base": True},
    )


def _pairs(scene: tuple[Any, ...]) -> tuple[Pair, ...]:
    """Each object with the next: what comes back is of another type than what goes forward, where there is another."""
    return tuple(Pair(x, y) for x, y in zip(scene, scene[1:] + scene[:1], strict=True))


def reverse_lens(base: Draws, *, declared: Mapping[str, Status] | None = None) -> Draws:
    """Draws of the lenses that are `Reverse` of an arrow."""
    category = Lens(base.category)

    def build(tape: Tape, dom: Pair, cod: Pair) -> Any:
        return Reverse(base.build(tape, dom.fwd, cod.fwd))

    return dataclasses.replace(
        lens(base),
        name=f"{category}, lenses of derivatives",
        build=build,
        scenes=tuple(tuple(Reverse(x) for x in scene) for scene in base.scenes),
        declared=dict(declared or {}),
    )


WORDS = types.SimpleNamespace(
    para=para_map, reparametrise=reparametrise, cell=cell, vertical=vertical, horizontal=horizontal, flip=flip
)
"""What laws of parametric arrows speak of besides the category."""


def para(base: Draws, *, declared: Mapping[str, Status] | None = None) -> Draws:
    """Draws of the parametric arrows over a symmetric monoidal category: any parameter, any arrow under it."""

    def build(tape: Tape, dom: Any, cod: Any) -> Any:
        parameter = tape.ob(base)
        return para_map(parameter, base.build(tape, parameter @ dom, cod))

    category = Para(base.category)
    plain, sealed, reference = base.readings
    literal = LiteralParas(reference.category)
    return dataclasses.replace(
        base,
        name=str(category),
        category=category,
        theory=type(category),
        build=build,
        views=lambda f: base.views(f.arrow),  # pyright: ignore[reportOptionalCall]
        readings=(
            Reading(PLAIN, category, _as_it_is, WORDS, base=plain, flat=True),
            Reading(SEALED, category, category.seal, WORDS, base=sealed, flat=True),
            Reading(REFERENCE, literal, literal.carry, literal, base=reference, reference=True),
        ),
        declared=dict(declared or {}),
        base=base,
        given={name: True for name in base.given if name == "stacks"},
    )


def through(functor: Functor, source: Draws, target: Draws, *, name: str | None = None, **replace: Any) -> Draws:
    """Draws for the laws of a functor: arrows of the source, compared in the target."""
    return dataclasses.replace(
        source,
        name=name or f"{functor} : {source} -> {target}",
        readings=source.readings[:2] if source.readings[1:] and not source.readings[1].reference else source.readings[:1],
        declared={},
        others=(source, target),
        given={"functor": functor, "monoidal functor": functor},
        own_laws=False,
        **replace,
    )


def between(transformation: NaturalTransformation, source: Draws, target: Draws, *, name: str | None = None) -> Draws:
    """Draws for the naturality of a transformation of functors from `source` to `target`."""
    draws = through(transformation.source, source, target, name=name or f"{transformation}")
    return dataclasses.replace(draws, given={"transformation": transformation})


# The first scene is where witnesses shrink to. In a scene of different objects a wrong end is a wrong type; in a scene of
# equal ones it is not, and only the values tell. The last has several wires, and none.
EUCLIDEAN = ((R(),), (R(2), R(), R(3), R(1, 2)), (R(2),), (R() @ R(2), unit, R(), R(2) @ R()))
DISCRETE = ((Fin(2),), (Fin(3), R(2), Fin(2) @ R(), R()), (R() @ Fin(2), Fin(2), unit))

_EXACT_SUMS = ("add_commutative", "add_zero", "left_additive", "projections_additive", "pair_additive", "tensor_additive")
_LOOPS = ("power", "power_sum", "fold_unrolled", "fold_power", "mapped_unrolled")
_STRUCTURAL = {**dict.fromkeys(_EXACT_SUMS, Status.EXACT), **dict.fromkeys(_LOOPS, Status.ROUNDING)}


def _smooth_arrow(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    return wave(dom, cod).map(lambda function: Smooth.arrow(dom, cod, function))


smooth = of(
    Smooth,
    objects=(R(), R(2), R(3)),
    arrow=_smooth_arrow,
    scenes=EUCLIDEAN,
    points=values,
    reference=NestedSmooth(Smooth),
    rounding=1e-9,
    exact=Cartesian,
    declared={
        **_STRUCTURAL,
        "every_arrow_additive": Status.FAILS,
        "every_arrow_linear": Status.FAILS,
        "double_dagger": Status.FAILS,
    },
    given={"wires": True, "stacks": True},
)
"""Smooth maps between Euclidean spaces, where the differential laws are claimed."""

smooth_discrete = of(
    Smooth,
    name="Smooth, discrete wires",
    objects=(Fin(3), R() @ Fin(2)),
    arrow=_smooth_arrow,
    scenes=DISCRETE,
    points=values,
    theory=Cartesian,
    reference=NestedSmooth(Smooth),
    rounding=1e-9,
    exact=Cartesian,
    declared=_STRUCTURAL,
    given={"wires": True, "stacks": True},
)
"""Smooth maps between spaces with discrete wires: a cartesian category; there is no addition into a finite set."""


def _linear_arrow(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    """Dense, dense the other way round, or matrix-free."""
    dense = array(dimension(cod), dimension(dom)).map(lambda entries: linear_map(dom, cod, entries))
    turned = array(dimension(dom), dimension(cod)).map(lambda entries: Linear.dagger(linear_map(cod, dom, entries)))
    free = matrix(dom, cod).map(lambda function: Linear.arrow(dom, cod, function))
    return dense | turned | free


linear = of(
    Linear,
    objects=(R(), R(2), R(3)),
    arrow=_linear_arrow,
    scenes=EUCLIDEAN,
    points=values,
    reference=NestedSmooth(Linear),
    rounding=1e-9,
    exact=Cartesian,
    declared=_STRUCTURAL,
    given={"wires": True},
)
"""Linear maps between Euclidean spaces: dense, transposed and matrix-free ones."""

_LAWFUL = ("get_put", "put_get", "put_put")
_STRICT_ONLY = ("interchange", "swap_natural", "whiskering")

lens_smooth = lens(
    smooth, declared=dict.fromkeys((*_LAWFUL, "lens_copy_natural", "lens_discard_natural"), Status.FAILS)
)
"""Lenses over smooth maps, any way forward and any way back."""

lens_reverse = reverse_lens(smooth, declared=dict.fromkeys(_LAWFUL, Status.FAILS))
"""Lenses of derivatives: they respect copying, and still break the laws of databases."""

para_smooth = para(smooth, declared=dict.fromkeys((*_STRICT_ONLY, "power", "power_sum"), Status.FAILS))
"""Parametric smooth maps."""

para_lens = para(lens_smooth, declared=dict.fromkeys(_STRICT_ONLY, Status.FAILS))
"""Parametric lenses."""

SHIPPED = (smooth, smooth_discrete, linear, lens_smooth, lens_reverse, para_smooth, para_lens)
"""All draws that come with the library."""
