"""Draws for arrows with draws of their own, or a shared one, and for what becomes of them.

Definition:
    Coins of fractions: an arrow with a shared draw is a kernel that also reads a coin, one with fresh draws reads up to two coins of its own. All laws
    are decided. Over smooth maps the shared draw is a number, and the category is cartesian.
"""

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..categories import FinStochCategory, Kernel, Smooth
from ..constructions import CoKl, CopyDraws, Para, Push, Realise, fresh
from ..objects import Fin, Ob, Q, R, unit
from ..theory import Cartesian
from .draw import Draws, Reading, View
from .finite_draws import finstoch_q, fractions
from .make import of, through
from .numbers import values, wave
from .status import Status

COIN, LINE = Fin(2), R()
SCENES = ((Fin(2),), (Fin(2), unit))
_FINITE = FinStochCategory(Q)
_BIASED = Kernel(unit, COIN, np.array([Fraction(3, 4), Fraction(1, 4)], object), _FINITE)
_TAILS = Kernel(unit, COIN, np.array([Fraction(0), Fraction(1)], object), _FINITE)
_COINS, _LINES = CoKl(_FINITE, COIN), CoKl(Smooth, LINE)

_COPIED = ("copy_natural", "pair_unique", "pair_natural")
_PAIRS = ("pair_first", "pair_second")


def _shared(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    return fractions(COIN @ dom, cod).map(_COINS.of)


def _shared_number(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    return wave(LINE @ dom, cod).map(lambda f: _LINES.of(Smooth.arrow(LINE @ dom, cod, f)))


def _fresh(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    """An arrow that reads no coin, one, or two."""
    parameter = lambda n: Ob(COIN.wires * n)
    return st.integers(0, 2).flatmap(lambda n: fractions(parameter(n) @ dom, cod).map(lambda f: fresh(COIN, n, f)))


cokl_finite = of(
    _COINS,
    objects=(Fin(2), Fin(3)),
    arrow=_shared,
    scenes=SCENES,
    declared={**dict.fromkeys(_COPIED, Status.FAILS), **dict.fromkeys(_PAIRS, Status.EXACT)},
    given={"wires": True},
)
"""Kernels that share a coin."""

cokl_smooth = dataclasses.replace(
    of(
        _LINES,
        objects=(LINE,),
        arrow=_shared_number,
        scenes=((LINE,), (R(2), LINE)),
        rounding=1e-9,
        theory=CoKl,
        exact=Cartesian,
        declared=dict.fromkeys((*_COPIED, *_PAIRS), Status.EXACT),
    ),
    views=lambda f: (View("", f.arrow),),
    points=values,
)
"""Smooth maps that share a number: a cartesian category, for a copied arrow looks at the same draw."""

_fresh_coins = of(Para(_FINITE), objects=(Fin(2),), arrow=_fresh, scenes=SCENES[:1], name="fresh coins")
_fresh_coins = dataclasses.replace(_fresh_coins, readings=(Reading("as composed", Para(_FINITE), lambda f: f),))


def _functor(name: str, functor: Any, source: Draws, target: Draws) -> Draws:
    return through(functor, source, target, name=name)


push = _functor("Push", Push(_BIASED), _fresh_coins, finstoch_q)
"""The functor to the law, for fresh draws."""

copy_draws = _functor("CopyDraws", CopyDraws(_COINS), _fresh_coins, cokl_finite)
"""The functor from fresh draws to a shared one."""

realise = _functor("Realise", Realise(_TAILS), cokl_finite, finstoch_q)
"""The functor to what happens at one outcome of the shared draw."""

STOCHASTIC = (cokl_finite, cokl_smooth, push, copy_draws, realise)
"""Those that are part of the report."""
