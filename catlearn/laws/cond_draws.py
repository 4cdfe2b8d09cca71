"""Draws for programs that condition, over finite sets and over Gaussian maps.

Definition:
    A program is drawn as an arrow of the base into ``Y ⊗ K``, and a value of `K` that is observed. It may be deterministic, certain, impossible or
    noisy: weights of zero and factors of low rank are drawn among the others. Entries of matrices are small whole numbers, so that no rank is in doubt.
"""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from ..categories import FinStochCategory, Gauss
from ..categories.gauss import GaussianMap
from ..categories.tables import size
from ..constructions.cond import Cond, Obs, Programs
from ..constructions.conditioning_gauss import point
from ..objects import Fin, Ob, Q, R, unit
from ..objects.euclidean import width
from .draw import Draws
from .finite_draws import finstoch_q, fractions
from .make import of, through
from .status import Status

FINITE = ((Fin(2),), (Fin(2), unit, Fin(2)))
GAUSSIAN = ((R(),),)  # a new shape is a new program
_EXACT = FinStochCategory(Q)


def _element(x: Ob, i: int) -> Any:
    """The state that is certain of an element."""
    return _EXACT._mask(unit, x, np.arange(size(x)) == i)


def _weighing(dom: Ob, cod: Ob) -> st.SearchStrategy[Obs]:
    made = lambda body, i: Obs(dom, cod, Fin(2), body, _element(Fin(2), i), Cond(_EXACT))
    return st.builds(made, fractions(dom, cod @ Fin(2)), st.integers(0, 1))


def _measuring(dom: Ob, cod: Ob) -> st.SearchStrategy[Obs]:
    """A program of one drawn number and one observed one."""
    n, m = width(dom), width(cod) + 1
    entries = st.lists(st.integers(-2, 2), min_size=m * (n + 2), max_size=m * (n + 2))

    def made(numbers: list[int], seen: int) -> Obs:
        a = np.array(numbers, float).reshape(m, n + 2)
        body = GaussianMap(dom, cod @ R(), *map(jnp.asarray, (a[:, :n], a[:, n], a[:, n + 1 :])))
        return Obs(dom, cod, R(), body, point(R(), float(seen)), Cond(Gauss))

    return st.builds(made, entries, st.integers(-1, 1))


_LOSES = {"discard_natural": Status.FAILS, "copy_natural": Status.FAILS}

cond_finite = of(
    Cond(_EXACT),
    objects=(Fin(2), Fin(3)),
    arrow=_weighing,
    scenes=FINITE,
    declared=_LOSES,
    given={"wires": True, "point": lambda C, x: _element(x, size(x) - 1)},
)
"""Programs over finite sets, with fractions: equality is decided."""

cond_gauss = dataclasses.replace(
    of(
        Cond(Gauss),
        objects=(R(), R(2)),
        arrow=_measuring,
        scenes=GAUSSIAN,
        rounding=1e-7,
        declared={**_LOSES, "initialise_variable": Status.FAILS},
        given={"wires": True, "point": lambda C, x: point(x, 0.5)},
    ),
    exact=object,
)
"""Gaussian programs, compared by their normal forms."""

programs_finite = dataclasses.replace(
    through(Programs(_EXACT), finstoch_q, cond_finite, exact=True),
    scenes=FINITE,
    given=dict.fromkeys(("functor", "monoidal functor", "cartesian functor"), Programs(_EXACT)),
)
"""The functor from kernels to programs that observe nothing."""

CONDITIONED: tuple[Draws, ...] = (cond_finite, cond_gauss, programs_finite)
"""Those that are part of the report."""
