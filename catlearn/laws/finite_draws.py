"""Draws for kernels and relations between finite sets.

Definition:
    A row of a kernel is drawn as a few small whole numbers, divided by their sum: with zeros among them, or without. Over fractions every law
    is decided; the functor to floats says that JAX computes the same.
"""

import dataclasses
import functools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..categories import FinStoch, FinStochCategory, Kernel, LogFinStoch, Rel, Relation
from ..categories.finstoch import QuasiStochCategory
from ..categories.tables import Tables, shape, size
from ..constructions.renumber import Renumber, exact_support, floats, logarithm
from ..objects import Fin, Ob, Q, Z, unit
from .draw import Draws
from .make import of, through
from .status import Status

SCENES = ((Fin(2),), (Fin(2), Fin(3)), (Fin(2) @ Fin(2), unit, Fin(3)))
FEW = ((Fin(2), Fin(3)),)  # over floats a new shape is a new program
ROUNDING = 1e-9


@functools.lru_cache(maxsize=1024)
def _row(m: int) -> st.SearchStrategy[list[Fraction]]:
    """Probabilities; the smallest row is certain of its first entry."""
    some = st.lists(st.integers(0, 3), min_size=m, max_size=m).map(lambda ns: ns if any(ns) else [1] + ns[1:])
    full = st.lists(st.integers(1, 3), min_size=m, max_size=m)
    sure = st.integers(0, m - 1).map(lambda i: [int(i == j) for j in range(m)])
    return (sure | some | full).map(lambda ns: [Fraction(n, sum(ns)) for n in ns])


@functools.lru_cache(maxsize=1024)
def _signed_row(m: int) -> st.SearchStrategy[list[int]]:
    """Whole numbers of any sign with sum one."""
    rest = st.lists(st.integers(-2, 2), min_size=m - 1, max_size=m - 1)
    return rest.map(lambda ns: [1 - sum(ns), *ns])


def _table(row: Any, dom: Ob, cod: Ob, dtype: Any) -> st.SearchStrategy[Any]:
    n = size(dom)
    rows = st.lists(row(size(cod)), min_size=n, max_size=n)
    return rows.map(lambda rows: np.array(rows, dtype).reshape(shape(dom @ cod)))


def fractions(dom: Ob, cod: Ob) -> st.SearchStrategy[Kernel]:
    """A kernel of fractions."""
    return _table(_row, dom, cod, object).map(lambda table: Kernel(dom, cod, table, FinStochCategory(Q)))


def _floats(dom: Ob, cod: Ob) -> st.SearchStrategy[Kernel]:
    return fractions(dom, cod).map(floats)


def _logs(dom: Ob, cod: Ob) -> st.SearchStrategy[Kernel]:
    return _floats(dom, cod).map(logarithm)


def _signed(dom: Ob, cod: Ob) -> st.SearchStrategy[Kernel]:
    return _table(_signed_row, dom, cod, object).map(lambda table: Kernel(dom, cod, table, QuasiStochCategory(Z)))


def _related(dom: Ob, cod: Ob) -> st.SearchStrategy[Relation]:
    bits = lambda m: st.lists(st.booleans(), min_size=m, max_size=m)
    return _table(bits, dom, cod, bool).map(lambda table: Relation(dom, cod, table))


def _draws(category: Tables, arrow: Any, exact: bool, declared: Mapping[str, Status] | None = None) -> Draws:
    draws = of(
        category,
        objects=(Fin(2), Fin(3)),
        arrow=arrow,
        scenes=SCENES if exact else FEW,
        rounding=0.0 if exact else ROUNDING,
        declared=declared,
        given={"wires": True},
    )
    return draws if exact else dataclasses.replace(draws, exact=object)


_PAIRS = ("pair_first", "pair_second")
_NOT_CARTESIAN = dict.fromkeys(("copy_natural", "pair_unique", "pair_natural"), Status.FAILS)
_EXACT = {**_NOT_CARTESIAN, **dict.fromkeys(_PAIRS, Status.EXACT)}
_ROUNDED = {**_NOT_CARTESIAN, **dict.fromkeys(_PAIRS, Status.ROUNDING)}

finstoch_q = _draws(FinStochCategory(Q), fractions, True, _EXACT)
"""Kernels of fractions, whose laws are decided."""

finstoch = _draws(FinStoch, _floats, False, _ROUNDED)
"""Kernels of floats."""

log_finstoch = _draws(LogFinStoch, _logs, False, _ROUNDED)
"""Kernels of logarithms."""

quasi = _draws(
    QuasiStochCategory(Z),
    _signed,
    True,
    {**_EXACT, "positivity": Status.FAILS, "deterministic_closed": Status.EXACT},
)
"""Signed kernels, which are not positive."""

rel = _draws(
    Rel,
    _related,
    True,
    {"copy_natural": Status.FAILS, "discard_natural": Status.FAILS, "dagger_tensor": Status.EXACT},
)
"""Relations, which may be partial: a Markov category they are not."""


def _renumber(functor: Renumber, source: Draws, target: Draws, *kept: str, exact: bool) -> Draws:
    draws = through(functor, source, target, exact=exact)
    given = dict.fromkeys(("functor", "monoidal functor", *(f"{name} functor" for name in kept)), functor)
    return dataclasses.replace(draws, given=given, rounding=target.rounding)


as_floats = _renumber(floats, dataclasses.replace(finstoch_q, scenes=((Fin(2),),)), finstoch, "Markov", exact=False)
"""Fractions as floats: what is exact, JAX computes up to rounding."""

as_logs = _renumber(logarithm, finstoch, log_finstoch, "cartesian", "Markov", exact=False)
"""The isomorphism from probabilities to logarithms."""

supports = _renumber(exact_support, finstoch_q, rel, "cartesian", exact=True)
"""The functor of supports."""

FINITE = (finstoch_q, quasi, rel, as_floats, supports)
"""Those that are part of the report."""

FURTHER_FINITE = (finstoch, log_finstoch, as_logs)
"""Those that say the same of floats and of logarithms."""
