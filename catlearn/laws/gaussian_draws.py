"""Draws for Gaussian maps, extended Gaussian maps and affine relations, and for the functors between them.

Definition:
    All entries are small whole numbers, so that the ranks of what is composed of them are unmistakable; covariances are singular as often as
    not, and some maps have no noise at all.
"""

import dataclasses
import functools
import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..categories import AffineRel, AffineRelation, ExtendedMap, ExtGauss, Gauss, GaussianMap, Smooth
from ..constructions import Extend, Mean, Supp, SuppExtended
from ..objects import Ob, R
from ..objects.euclidean import width
from .draw import Draws
from .make import of, through
from .numbers import values, wave
from .status import Status

SCENES = ((R(),),)  # a new shape is a new program; with equal objects the values must tell one wire from another
ROUNDING = 1e-8


@functools.lru_cache(maxsize=1024)
def whole(*shape: int, bound: int = 2) -> st.SearchStrategy[Any]:
    """Arrays of small whole numbers."""
    size = math.prod(shape)
    numbers = st.lists(st.integers(-bound, bound), min_size=size, max_size=size)
    return numbers.map(lambda ns: np.array(ns, float).reshape(shape))


@functools.lru_cache(maxsize=1024)
def columns(n: int, k: int) -> st.SearchStrategy[Any]:
    """Generators of a subspace of any dimension up to `k`, the smallest of which is zero."""
    masks = st.lists(st.integers(0, 1), min_size=k, max_size=k)
    return st.builds(lambda a, on: a * np.array(on, float)[None, :], whole(n, k), masks)


def gaussian_map(dom: Ob, cod: Ob) -> st.SearchStrategy[GaussianMap]:
    """A Gaussian map."""
    n, m = width(cod), width(dom)
    return st.builds(functools.partial(GaussianMap, dom, cod), whole(n, m), whole(n), columns(n, n))


def extended_map(dom: Ob, cod: Ob) -> st.SearchStrategy[ExtendedMap]:
    """An extended Gaussian map."""
    n, m = width(cod), width(dom)
    return st.builds(
        functools.partial(ExtendedMap, dom, cod), whole(n, m), whole(n), columns(n, n), columns(n, min(n, 1))
    )


def affine(dom: Ob, cod: Ob) -> st.SearchStrategy[AffineRelation]:
    """An affine relation; some have no points."""
    n = width(dom @ cod)
    inhabited = st.integers(0, 7).map(lambda k: np.asarray(k < 7))
    return st.builds(functools.partial(AffineRelation, dom, cod), whole(n), columns(n, min(n, 2)), inhabited)


def _draws(category: Any, arrow: Any, declared: dict[str, Status]) -> Draws:
    draws = of(
        category,
        objects=(R(), R(2)),
        arrow=arrow,
        scenes=SCENES,
        rounding=ROUNDING,
        declared=declared,
        given={"wires": True},
    )
    return dataclasses.replace(draws, exact=object)


_MARKOV = {
    **dict.fromkeys(("copy_natural", "pair_unique", "pair_natural"), Status.FAILS),
    **dict.fromkeys(("pair_first", "pair_second"), Status.ROUNDING),
}

gauss = _draws(Gauss, gaussian_map, _MARKOV)
"""Gaussian maps, singular ones included."""

ext_gauss = _draws(ExtGauss, extended_map, _MARKOV)
"""Extended Gaussian maps."""

affine_rel = _draws(
    AffineRel,
    affine,
    {"copy_natural": Status.FAILS, "discard_natural": Status.FAILS, "dagger_tensor": Status.ROUNDING},
)
"""Affine relations, empty ones included: a Markov category they are not."""

_smooth = of(
    Smooth,
    objects=(R(), R(2)),
    arrow=lambda dom, cod: wave(dom, cod).map(lambda function: Smooth.arrow(dom, cod, function)),
    scenes=SCENES,
    points=values,
    rounding=ROUNDING,
)


def _functor(functor: Any, source: Draws, target: Draws, *kept: str) -> Draws:
    draws = through(functor, source, target, exact=False)
    return dataclasses.replace(
        draws, given=dict.fromkeys(("functor", "monoidal functor", *(f"{k} functor" for k in kept)), functor)
    )


support_gauss = _functor(Supp, gauss, affine_rel, "cartesian")
"""The support of a Gaussian map, as an affine relation."""

support_extended = _functor(SuppExtended, ext_gauss, affine_rel, "cartesian")
"""The support of an extended Gaussian map."""

extend = _functor(Extend, gauss, ext_gauss, "cartesian", "Markov")
"""Gaussian maps as extended ones."""

mean = _functor(Mean, gauss, _smooth, "cartesian")
"""The mean of a Gaussian map, as a smooth map."""

GAUSSIAN = (gauss, support_gauss)
"""Those that are part of the report."""

FURTHER_GAUSSIAN = (ext_gauss, affine_rel, mean, extend, support_extended)
"""Those that speak of fibres and of relations, and of means."""
