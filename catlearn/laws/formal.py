"""Draws of formal arrows, and what their boxes mean.

Definition:
    An arrow between two words is a box, two boxes one after another, or a box with a number of the category beside it. The boxes have
    few names, so that some are drawn twice. `in_smooth` and `in_linear` are interpretations: each box means the map that its name
    picks from a fixed family.
"""

import functools
import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from ..categories import Linear, Smooth
from ..categories.linear import linear as linear_map
from ..constructions import Box, FreeCartesian, FreeMarkov, FreeSymmetric, Interpretation, Word
from ..objects import Ob, R, unit
from ..theory import Data
from .draw import Draws
from .make import of
from .numbers import dimension
from .status import Status

WORDS = (Word("X"), Word("Y"), Word("X", "Y"), Word())


def _formal(category: Any, **declared: Status) -> Draws:
    def box(dom: Word, cod: Word) -> st.SearchStrategy[Any]:
        return st.sampled_from("abc").map(lambda name: category.generator(f"{name}:{dom}->{cod}", dom, cod))

    def arrow(dom: Word, cod: Word) -> st.SearchStrategy[Any]:
        chain = st.sampled_from(WORDS).flatmap(lambda x: st.builds(category.then, box(dom, x), box(x, cod)))
        numbered = st.builds(category.tensor, box(Word(), Word()), box(dom, cod))
        return box(dom, cod) | chain | numbered

    return of(category, objects=WORDS, arrow=arrow, declared=declared, given={"wires": True})


free_symmetric = _formal(FreeSymmetric())
"""The free symmetric monoidal category, with boxes that have no input or no output."""

free_markov = _formal(
    FreeMarkov(),
    copy_natural=Status.FAILS,
    pair_natural=Status.FAILS,
    pair_unique=Status.FAILS,
    pair_first=Status.EXACT,
    pair_second=Status.EXACT,
)
"""The free Markov category: what formal arrows obey that may toss coins. A coin is copied, not tossed twice."""

free_cartesian = _formal(FreeCartesian())
"""The free cartesian category."""

MEANT = {"X": R(), "Y": R(2)}


def _meant(x: Word) -> Ob:
    return functools.reduce(lambda y, letter: y @ MEANT[letter], x.letters, unit)


class _Wave(Data):
    """A smooth function of all numbers of its inputs, picked by a name."""

    name: str = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        total = sum(
            (jnp.vdot(jnp.arange(1, x.size + 1, dtype=float), x) * (i + 1) for i, x in enumerate(xs)),
            start=jnp.zeros(()),
        )
        zeros = self.cod.zeros() if len(self.cod) > 1 else (self.cod.zeros(),) * len(self.cod)
        return tuple(
            jnp.sin(total + (_number(self.name) + k) + jnp.arange(z.size, dtype=float)).reshape(z.shape)
            for k, z in enumerate(zeros)
        )


def _number(name: str) -> int:
    return sum(map(ord, name)) % 11


def _smooth(box: Box) -> Any:
    return Smooth.arrow(_meant(box.dom), _meant(box.cod), _Wave(box.name, _meant(box.cod)))


def _linear(box: Box) -> Any:
    """Small halves, so that composites are exact."""
    dom, cod = _meant(box.dom), _meant(box.cod)
    shape = dimension(cod), dimension(dom)
    entries = (np.arange(math.prod(shape)) * 3 + _number(box.name)) % 5 - 2
    return linear_map(dom, cod, entries.reshape(shape) / 2.0)


in_smooth = Interpretation(Smooth, _smooth, MEANT)
"""Formal arrows as smooth maps."""

in_linear = Interpretation(Linear, _linear, MEANT)
"""Formal arrows as linear maps."""
