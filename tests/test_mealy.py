"""Machines with a hidden state: what they do in a few steps, by enumeration, and what is refused."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from catlearn import Fin, Gauss, Mealy, R, Rel, gaussian, kernel, mealy, unit
from catlearn.categories import FinStochCategory
from catlearn.objects import Q
from catlearn.theory.errors import WrongCategory, WrongObject

EXACT = FinStochCategory(Q)
BIT = Fin(2)


def automaton():
    """Keeps a bit, which a one at the input flips with probability 3/4; writes the bit or, one time in four, the other."""
    half, flips = Fraction(1, 2), {0: Fraction(0), 1: Fraction(3, 4)}
    table = np.zeros((2, 2, 2, 2), object)
    for x, u, z, y in itertools.product(range(2), repeat=4):
        move = flips[u] if z != x else 1 - flips[u]
        write = Fraction(3, 4) if y == x else Fraction(1, 4)
        table[x, u, z, y] = move * write
    start = kernel(unit, BIT, [half, half], over=EXACT)
    return mealy(start, kernel(BIT @ BIT, BIT @ BIT, table, over=EXACT)), table


def test_three_steps_are_the_sum_over_all_hidden_paths():
    m, f = automaton()
    found = m.unrolled(3).table

    for us in itertools.product(range(2), repeat=3):
        for ys in itertools.product(range(2), repeat=3):
            paths = itertools.product(range(2), repeat=4)
            each = (
                Fraction(1, 2) * f[a, us[0], b, ys[0]] * f[b, us[1], c, ys[1]] * f[c, us[2], d, ys[2]]
                for a, b, c, d in paths
            )
            assert found[(*us, *ys)] == sum(each)


def test_a_composite_writes_what_the_second_makes_of_the_first_with_states_in_order():
    m, _ = automaton()
    both = m >> m

    assert both.state == BIT @ BIT
    assert EXACT.close(both.unrolled(3), m.unrolled(3) >> m.unrolled(3))


def test_an_arrow_that_draws_draws_anew_at_each_step_and_one_that_remembers_does_not():
    C = Mealy(EXACT)
    coin = kernel(unit, BIT, [Fraction(1, 2)] * 2, over=EXACT)
    kept = mealy(coin, EXACT.copy(BIT))

    assert C.alike(C.lift(coin), kept, 1)
    assert not C.alike(C.lift(coin), kept, 2)
    assert list(kept.unrolled(2).table.reshape(-1)) == [Fraction(1, 2), 0, 0, Fraction(1, 2)]


def test_two_machines_with_other_states_that_do_the_same_are_equal():
    m, _ = automaton()
    turned = kernel(BIT, BIT, [[0, 1], [1, 0]], over=EXACT)
    other = mealy(m.start >> turned, (turned @ BIT) >> m.step >> (turned @ BIT))

    assert Mealy(EXACT).alike(m, other, 4)
    assert not EXACT.close(m.step, other.step)


def test_the_next_state_and_the_output_are_the_parts_of_a_step():
    m, _ = automaton()

    assert m.moves.cod == m.state
    assert EXACT.close(m.writes, m.step >> EXACT.second(m.state, m.cod))


def test_no_steps_are_the_identity_of_the_unit_and_other_numbers_are_refused():
    m, _ = automaton()

    assert EXACT.close(m.unrolled(0), EXACT.id(unit))
    with pytest.raises(WrongObject, match="a whole number of steps"):
        m.unrolled(-1)


def test_states_must_be_forgettable():
    with pytest.raises(WrongCategory, match="Markov"):
        Mealy(Rel)


def test_a_step_that_loses_its_state_is_refused_with_both_ends():
    with pytest.raises(WrongObject, match=r"start : unit -> R\(\)\n    step : R\(2\) -> R\(\) @ R\(\)"):
        mealy(gaussian(unit, R()), gaussian(R(2), R() @ R()))


def test_a_start_of_another_category_is_refused():
    with pytest.raises(WrongCategory):
        mealy(kernel(unit, BIT, [0.5, 0.5]), Gauss.copy(R()))
