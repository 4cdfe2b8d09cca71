"""Draws for a category of your own, and for constructions.

Definition:
    `of` makes draws from a category, a few objects and a strategy of arrows. `lens` and `para` make draws of a construction
    from draws of its base; `through` and `between` those for the laws of a functor and of a natural transformation.

A `Concrete` category is compared with composition by nested calls, a construction with the literal formulas over that.
"""

import dataclasses
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from ..constructions import Lens, Optic, OpticMap, Pair, Para, Reverse, cell, flip, horizontal, reparametrise, vertical
from ..constructions import lens as lens_map
from ..constructions import para as para_map
from ..theory import Category, Concrete, Functor, NaturalTransformation
from .draw import Draws, Reading, Tape, View
from .literal import LiteralLenses, LiteralParas
from .reference import Nested
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
    plain, sealed, reference = base.readings[0], base.readings[-2], base.readings[-1]
    literal = LiteralLenses(reference.category)
    return dataclasses.replace(
        base,
        name=str(category),
        category=category,
        theory=Lens,
        build=build,
        scenes=tuple(_pairs(scene) for scene in base.scenes),
        exact=Lens,
        views=lambda f: (View("get", f.get), View("put", f.put)),
        readings=(
            Reading(PLAIN, category, _as_it_is, base=plain, flat=plain.flat),
            Reading(SEALED, category, category.seal, base=sealed, flat=sealed.flat),
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
        exact=object,
        declared=dict(declared or {}),
    )


def optic(base: Draws, *, declared: Mapping[str, Status] | None = None) -> Draws:
    """Draws of the optics over a cartesian category: any residual, any arrow forward, any arrow back."""
    lenses, category = lens(base), Optic(base.category)
    plain, reference = lenses.readings[0], lenses.readings[-1]

    def build(tape: Tape, dom: Pair, cod: Pair) -> Any:
        residual = tape.ob(base)
        fwd = base.build(tape, dom.fwd, residual @ cod.fwd)
        return OpticMap(dom, cod, residual, fwd, base.build(tape, residual @ cod.bwd, dom.bwd))

    def as_lens(f: Any) -> Any:
        return category.lens_of(f) if f.category == category else f

    literal: Any = reference.category
    return dataclasses.replace(
        lenses,
        name=str(category),
        category=category,
        theory=Optic,
        build=build,
        exact=Optic,
        views=lambda f: lenses.views(as_lens(f)),  # pyright: ignore[reportOptionalCall]
        readings=(
            dataclasses.replace(plain, category=category, flat=False),
            dataclasses.replace(reference, carry=lambda f: literal.carry(category.lens_of(f))),
        ),
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
    plain, *sealed, reference = base.readings
    literal = LiteralParas(reference.category)
    return dataclasses.replace(
        base,
        name=str(category),
        category=category,
        theory=type(category),
        build=build,
        exact=type(category),
        views=lambda f: base.views(f.arrow),  # pyright: ignore[reportOptionalCall]
        readings=(
            Reading(PLAIN, category, _as_it_is, WORDS, base=plain, flat=True),
            *(Reading(SEALED, category, category.seal, WORDS, base=below, flat=True) for below in sealed),
            Reading(REFERENCE, literal, literal.carry, literal, base=reference, reference=True),
        ),
        declared=dict(declared or {}),
        base=base,
        given={name: True for name in base.given if name == "stacks"},
    )


def through(
    functor: Functor,
    source: Draws,
    target: Draws,
    *,
    reference: Functor | None = None,
    name: str | None = None,
    exact: bool = True,
) -> Draws:
    """Draws for the laws of a functor: arrows of the source, compared in the target.

    Args:
        functor: the functor.
        source: draws of the category it starts from.
        target: draws of the category it ends in.
        reference: the same functor between the reference categories, to compare with.
        name: as it appears in reports.
        exact: whether its laws hold exactly; otherwise they hold up to rounding.
    """
    given = {"functor": reference, "monoidal functor": reference}
    again = (dataclasses.replace(r, given=given) for r in source.readings if r.reference and reference is not None)
    return dataclasses.replace(
        source,
        name=str(functor) if name is None else name,
        readings=(*(reading for reading in source.readings if not reading.reference), *again),
        exact=source.exact if exact else object,
        declared={},
        others=(source, target),
        given={"functor": functor, "monoidal functor": functor},
        own_laws=False,
    )


def between(
    transformation: NaturalTransformation,
    source: Draws,
    target: Draws,
    *,
    name: str | None = None,
    exact: bool = True,
) -> Draws:
    """Draws for the naturality of a transformation of functors from `source` to `target`."""
    name = str(transformation) if name is None else name
    draws = through(transformation.source, source, target, name=name, exact=exact)
    return dataclasses.replace(draws, given={"transformation": transformation})
