"""Relations between finite sets: against the definition by quantifiers, and as what is possible."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from catlearn import Fin, FinStoch, Rel, kernel, unit
from catlearn.categories import FinStochCategory, Relation, relation
from catlearn.constructions import support
from catlearn.constructions.renumber import exact_support
from catlearn.objects import Q
from catlearn.theory.errors import NotInRig, WrongCategory, WrongShape

X, Y, W = Fin(2), Fin(3), Fin(2) @ Fin(3)


def test_composition_asks_for_something_in_between_and_the_dagger_is_the_converse():
    rng = np.random.default_rng(0)
    f = relation(W, Y, rng.integers(0, 2, (2, 3, 3)))
    g = relation(Y, X, rng.integers(0, 2, (3, 2)))

    composite = (f >> g).table
    for a, b, z in itertools.product(range(2), range(3), range(2)):
        assert composite[a, b, z] == any(f.table[a, b, y] and g.table[y, z] for y in range(3))
        assert f.dagger.table[z, a, b] == f.table[a, b, z]


def test_comparing_is_copying_turned_around_and_discarding_creation():
    assert Rel.close(Rel.compare(W), Rel.dagger(Rel.copy(W)))
    assert Rel.close(Rel.create(W), Rel.dagger(Rel.discard(W)))
    both = relation(unit, X, [1, 1]) @ relation(unit, X, [0, 1]) >> Rel.compare(X)
    np.testing.assert_array_equal(both.table, [False, True])


@pytest.mark.paper("supports", "support functor")
def test_the_support_of_a_composite_is_the_composite_of_supports():
    half = Fraction(1, 2)
    p = kernel(unit, X, [half, half], over=FinStochCategory(Q))
    c = kernel(X, Y, [[half, half, 0], [0, 1, 0]], over=FinStochCategory(Q))
    assert Rel.close(exact_support(p >> c), exact_support(p) >> exact_support(c))
    np.testing.assert_array_equal(exact_support(p >> c).table, [True, True, False])

    rounded = support(FinStoch.deterministic(X, Y, lambda x: 2 * x))
    assert isinstance(rounded, Relation)
    np.testing.assert_array_equal(rounded.table, [[True, False, False], [False, False, True]])


def test_the_related_elements_are_read_off_by_label():
    wins = relation(Fin(2, labels=["hen", "fox"]), Fin(2, labels=["hen", "fox"]), [[0, 0], [1, 0]])
    np.testing.assert_array_equal(wins("fox").table, [True, False])
    np.testing.assert_array_equal(wins.dagger("hen").table, [False, True])


def test_what_is_no_relation_is_named():
    with pytest.raises(WrongShape, match="transpose the table"):
        relation(X, Y, np.zeros((3, 2), bool))
    with pytest.raises(NotInRig):
        relation(X, X, [[0.5, 1], [0, 0]])
    with pytest.raises(WrongCategory, match="support maps arrows of FinStoch"):
        support(Rel.id(X))
