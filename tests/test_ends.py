"""Structure maps, and what is composed of them, have the ends that their names say."""

import pytest

from catlearn.categories.monoids import Monoids, monoid
from catlearn.constructions import Inc
from catlearn.laws import draws
from catlearn.theory import CopyDiscard, Symmetric

OR, MAX = monoid("Or", [[0, 1], [1, 1]]), monoid("Max", [[0, 1, 2], [1, 1, 2], [2, 2, 2]])
SCENES = {str(drawn): (drawn.category, *(drawn.scenes or [drawn.objects])[-1]) for drawn in draws.SHIPPED}
SCENES |= {"Monoids": (Monoids, OR, MAX), "Inc": (Inc, *draws.smooth.scenes[-1])}
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
