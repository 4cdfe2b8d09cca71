"""Draws for machines, over signed kernels of whole numbers.

Definition:
    A machine is drawn as its state, one wire or none, a start and a step of the base. Two are compared by what they do in their first two steps.
"""

import dataclasses
from typing import Any

from hypothesis import strategies as st

from ..constructions.mealy import Machines, Mealy, MealyMap
from ..objects import Fin, unit
from .draw import Draws, Reading, Tape
from .finite_draws import quasi
from .make import PLAIN, through
from .status import Status

_MARKOV = dict.fromkeys(("copy_natural", "pair_unique", "pair_natural"), Status.FAILS)


def machines(base: Draws, state: Any, scenes: tuple[tuple[Any, ...], ...]) -> Draws:
    """Draws of the machines over a Markov category, with the given state or none."""
    category, below = Mealy(base.category), dataclasses.replace(base, scenes=scenes)

    def build(tape: Tape, dom: Any, cod: Any) -> MealyMap:
        x = tape.choose(st.sampled_from((state, unit)))
        start, step = below.build(tape, unit, x), below.build(tape, x @ dom, x @ cod)
        return MealyMap(dom, cod, x, start, step, category)

    return dataclasses.replace(
        below,
        name=str(category),
        category=category,
        theory=type(category),
        build=build,
        exact=object if base.rounding else type(category),
        readings=(Reading(PLAIN, category, lambda f: f, base=below.readings[0]),),
        declared=_MARKOV,
        base=below,
        others=(below,),
        given={"wires": True},
    )


mealy_finite = machines(quasi, Fin(2), ((Fin(2), Fin(2), Fin(2), Fin(2), unit),))
"""Automata with signed weights, whole numbers, so that laws are decided, and quickly."""

_FUNCTOR = Machines(quasi.category)

machines_finite = dataclasses.replace(
    through(_FUNCTOR, dataclasses.replace(quasi, scenes=((Fin(2),),)), mealy_finite, exact=True),
    given=dict.fromkeys(("functor", "monoidal functor", "cartesian functor"), _FUNCTOR),
)
"""The functor from kernels to machines that keep nothing."""

MACHINES: tuple[Draws, ...] = (mealy_finite, machines_finite)
"""Those that are part of the report."""
