"""Structure maps, what is composed of them, and what functors make of arrows, have the ends that their names say."""

import jax.numpy as jnp
import pytest

from catlearn import (
    AddFn,
    Begin,
    CoKl,
    Cond,
    D,
    ExtGauss,
    Fin,
    FinStoch,
    Gauss,
    Mealy,
    Para,
    R,
    Sampled,
    Smooth,
    gaussian,
    kernel,
    linear,
    smooth,
)
from catlearn.categories import AffineRel, LMat
from catlearn.categories.monoids import Monoids, monoid
from catlearn.constructions import (
    Extend,
    Families,
    Inc,
    Include,
    Mean,
    Stat,
    Supp,
    SuppExtended,
    ToGauss,
    ToSampled,
)
from catlearn.laws import draws
from catlearn.theory import CopyDiscard, Symmetric

OR, MAX = monoid("Or", [[0, 1], [1, 1]]), monoid("Max", [[0, 1, 2], [1, 1, 2], [2, 2, 2]])
SCENES = {str(drawn): (drawn.category, *(drawn.scenes or [drawn.objects])[-1]) for drawn in draws.SHIPPED}
SCENES |= {"Monoids": (Monoids, OR, MAX), "Inc": (Inc, *draws.smooth.scenes[-1])}
SCENES |= {str(C): (C, R(2), R()) for C in (ExtGauss, AffineRel, Sampled, LMat, Begin(AddFn, R(4)))}
SCENES |= {str(C): (C, Fin(2), Fin(3)) for C in (Families(FinStoch), Mealy(FinStoch))}
SYMMETRIC = {name: scene for name, scene in SCENES.items() if isinstance(scene[0], Symmetric) and len(scene) > 2}


@pytest.mark.parametrize("name", SYMMETRIC)
def test_structure_maps_and_their_composites_end_where_they_should(name):
    C, X, Y, *_ = SYMMETRIC[name]
    swap, back = C.swap(X, Y), C.swap(Y, X)

    ends = lambda f: (f.dom, f.cod)

    assert ends(C.id(X)) == (X, X)
    assert ends(swap) == (X @ Y, Y @ X)
    assert ends(C.tensor(swap, C.id(X))) == (X @ Y @ X, Y @ X @ X)
    assert ends(C.tensor(C.id(X), swap, back)) == (X @ X @ Y @ Y @ X, X @ Y @ X @ X @ Y)
    assert ends(C.then(swap, back)) == (X @ Y, X @ Y)
    assert ends(C.then(swap, back, swap)) == (X @ Y, Y @ X)
    if isinstance(C, CopyDiscard):
        assert ends(C.copy(X @ Y)) == (X @ Y, X @ Y @ X @ Y)
        assert ends(C.discard(X)) == (X, C.unit)
        assert ends(C.pair(swap, C.id(X @ Y))) == (X @ Y, Y @ X @ X @ Y)


DRAW, FALL = kernel(Fin(2), Fin(3), [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]), gaussian(R(2), R(), [[1.0, 2.0]])
NORM, SUM = smooth(lambda x: jnp.sum(x * x), R(2)), linear(R(2), R(), jnp.sum)
ARROWS = {
    "Include": (Include, SUM),
    "D.of": (D(AddFn).of, NORM),
    "D.linear": (D(AddFn).linear, SUM),
    "Para.lift": (Para(Smooth).lift, NORM),
    "Families.lift": (Families(FinStoch).lift, DRAW),
    "Mealy.lift": (Mealy(FinStoch).lift, DRAW),
    "Cond.lift": (Cond(FinStoch).lift, DRAW),
    "CoKl.lift": (CoKl(Smooth, R()).lift, NORM),
    "Stat.constant": (Stat(FinStoch, Fin(3)).constant, DRAW),
    "ToSampled, tables": (ToSampled(FinStoch), DRAW),
    "ToSampled, Gaussian": (ToSampled(Gauss), FALL),
    "ToSampled, functions": (ToSampled(Smooth), NORM),
    "Mean": (Mean, FALL),
    "Extend": (Extend, FALL),
    "Supp": (Supp, FALL),
    "SuppExtended": (SuppExtended, Extend(FALL)),
    "ToGauss": (ToGauss, Include(SUM)),
}


@pytest.mark.parametrize(("functor", "f"), ARROWS.values(), ids=ARROWS)
def test_a_functor_that_keeps_objects_keeps_ends(functor, f):
    assert f.dom != f.cod
    assert (functor(f).dom, functor(f).cod) == (f.dom, f.cod)
