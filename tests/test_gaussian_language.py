"""The Gaussian language: types, the machine in exact fractions, its laws, and that the compiled meaning is the same."""

from fractions import Fraction

import jax
import numpy as np
import pytest
from cases import slow

from catlearn import Cond, Gauss, R
from catlearn.categories.extgauss import ExtGauss
from catlearn.front import denote, typecheck
from catlearn.front.gaussian_language import (
    Add,
    Both,
    Const,
    Equate,
    Flat,
    Let,
    LetPair,
    Normal,
    One,
    Pair,
    Real,
    Scale,
    Unit,
    Var,
    draw,
    lets,
    record,
    sequence,
    subtract,
)
from catlearn.front.gaussian_machine import Bottom, Configuration, Law, run, step
from catlearn.theory.errors import IllTyped, WrongCategory

PAPER, EXTENDED = "2101.11351", "2204.14024"
x, y, z = Var("x"), Var("y"), Var("z")
half = Fraction(1, 2)
C = Cond(Gauss)


@pytest.mark.paper(PAPER, "language")
def test_terms_have_the_types_that_the_rules_give():
    assert typecheck(Equate(Normal(), Const(1.0))) == One()
    assert typecheck(Pair(Scale(2.0, x), Unit()), {"x": Real()}) == Both(Real(), One())
    swap = LetPair("x", "y", z, Pair(y, x))
    assert typecheck(swap, {"z": Both(One(), Real())}) == Both(Real(), One())
    assert str(typecheck(swap, {"z": Both(One(), Real())})) == "(R * I)"
    assert str(swap) == "let (x, y) = z in (y, x)"


@pytest.mark.paper(PAPER, "language")
@pytest.mark.parametrize(
    ("term", "message"),
    [
        (x, "x is not bound"),
        (Add(Unit(), Const(1.0)), r"\(\) has type I, not R"),
        (Equate(Pair(Normal(), Normal()), Const(1.0)), "has type"),
        (Scale(Normal(), Normal()), "is no constant"),
        (LetPair("x", "y", Normal(), x), "has type R"),
        (LetPair("x", "x", Pair(Normal(), Normal()), x), "bound twice"),
    ],
)
def test_terms_without_a_type_are_refused_with_the_rule(term, message):
    with pytest.raises(IllTyped, match=message):
        typecheck(term)


@pytest.mark.paper(PAPER, "machine")
def test_the_machine_takes_the_steps_of_the_definition():
    here = Configuration(Let("x", Normal(), sequence(Equate(x, Const(2)), Pair(x, Unit()))))
    seen = []
    while isinstance(after := step(here), Configuration):
        here = after
        seen.append(str(here.term))
    assert seen == [
        "let x = z1 in let _ = x =:= 2 in (x, ())",
        "let _ = z1 =:= 2 in (z1, ())",
        "let _ = () in (z1, ())",
        "(z1, ())",
    ]
    assert here.mean == (2,)
    assert here.covariance == ((0,),)
    assert run(Equate(Const(0), Const(1))) == Bottom()
    assert str(Bottom()) == "bottom"
    with pytest.raises(IllTyped, match="no step"):
        run(Flat())


A, B, K = Fraction(3, 5), Fraction(4, 5), Fraction(7, 2)
noise = lambda mean: Add(mean, Normal())
LAWS = [
    (
        "law commute",
        lets({"x": Normal(), "y": noise(Const(1))}, record(x, y)),
        lets({"y": noise(Const(1)), "x": Normal()}, record(x, y)),
    ),
    (
        "law commute",
        lets({"x": Normal(), "y": noise(x)}, sequence(Equate(x, Const(1)), Equate(noise(y), Const(2)), record(x, y))),
        lets({"x": Normal(), "y": noise(x)}, sequence(Equate(noise(y), Const(2)), Equate(x, Const(1)), record(x, y))),
    ),
    ("law discard", Let("x", Normal(), Normal()), Normal()),
    (
        "law orthogonal",
        lets({"x": Normal(), "y": Normal()}, record(Add(Scale(A, x), Scale(B, y)), subtract(Scale(B, x), Scale(A, y)))),
        lets({"x": Normal(), "y": Normal()}, record(x, y)),
    ),
    ("law tautology", Let("x", noise(Const(3)), sequence(Equate(x, x), x)), noise(Const(3))),
    (
        "law symmetry",
        lets({"x": Normal(), "y": noise(Const(1))}, sequence(Equate(x, y), record(x, y))),
        lets({"x": Normal(), "y": noise(Const(1))}, sequence(Equate(y, x), Equate(x, y), record(x, y))),
    ),
    (
        "law substitution",
        lets({"x": Normal(), "y": noise(Const(1))}, sequence(Equate(x, Scale(2, y)), record(x, noise(x)))),
        lets(
            {"x": Normal(), "y": noise(Const(1))},
            sequence(Equate(x, Scale(2, y)), record(Scale(2, y), noise(Scale(2, y)))),
        ),
    ),
    (
        "law initialise",
        Let("x", Normal(), sequence(Equate(x, Const(K)), record(x, noise(x)))),
        record(Const(K), noise(Const(K))),
    ),
    (
        "law aggregate",
        lets({"x": Normal(), "y": Normal()}, sequence(Equate(x, Const(1)), Equate(y, x), record(x, y))),
        lets(
            {"x": Normal(), "y": Normal()},
            sequence(Equate(Add(x, y), Const(2)), Equate(subtract(x, y), Const(0)), record(x, y)),
        ),
    ),
    (
        "law reparametrise",
        lets({"x": Normal(), "y": noise(x)}, sequence(Equate(noise(y), Const(K)), record(x, y))),
        lets({"x": Normal(), "y": noise(x)}, sequence(Equate(Scale(-3, noise(y)), Scale(-3, Const(K))), record(x, y))),
    ),
    (
        "law fail",
        sequence(Equate(Const(0), Const(1)), Normal()),
        Let("x", Normal(), sequence(Equate(x, Add(x, Const(1))), x)),
    ),
    (
        "law fail",
        Let("x", Normal(), sequence(Equate(x, Const(1)), Equate(x, Const(2)), x)),
        sequence(Equate(Const(0), Const(1)), Const(7)),
    ),
]


@pytest.mark.parametrize(
    ("left", "right"),
    [pytest.param(s, t, marks=pytest.mark.paper(PAPER, item), id=f"{i} {item}") for i, (item, s, t) in enumerate(LAWS)],
)
def test_the_machine_keeps_the_equational_laws_exactly(left, right):
    assert run(left) == run(right)


@pytest.mark.paper(PAPER, "law initialise")
def test_conditioning_a_draw_on_a_variable_is_no_discard():
    soft = Let("y", Normal(), sequence(Let("x", Normal(), Equate(x, y)), y))
    assert run(soft) == Law((Fraction(0),), ((half,),)) != run(Normal())


@pytest.mark.paper(PAPER, "value two")
@pytest.mark.paper(PAPER, "value three")
def test_equal_normals_share_their_variance_exactly():
    two = run(lets({"x": Normal(), "y": Normal()}, sequence(Equate(x, y), record(x, y))))
    assert two == Law((Fraction(0),) * 2, ((half, half), (half, half)))
    names = {"x": Normal(), "y": Normal(), "z": Normal()}
    three = run(lets(names, sequence(Equate(x, y), Equate(y, z), record(x, y, z))))
    assert three == Law((Fraction(0),) * 3, ((Fraction(1, 3),) * 3,) * 3)


def _skeletons(c):
    """Programs with constants to be chosen: noisy, exact, redundant, and sometimes impossible."""
    affine = lambda i: Add(Scale(c[i], x), Add(Scale(c[i + 1], y), Const(c[i + 2])))
    yield lets(
        {"x": Normal(), "y": Add(Scale(c[6], x), Scale(c[7], Normal()))},
        sequence(Equate(affine(0), Const(c[8])), Equate(affine(3), x), record(x, y)),
    )
    yield LetPair(
        "x",
        "y",
        Pair(Add(Const(c[6]), Normal()), Scale(c[7], Normal())),
        sequence(Equate(affine(0), affine(3)), Pair(y, affine(1))),
    )


@pytest.mark.paper(PAPER, "adequacy")
@pytest.mark.parametrize("skeleton", [0, *slow(1)])
def test_machine_and_compiled_meaning_agree_on_random_programs(skeleton):
    meaning = jax.jit(lambda c: C.run(denote(list(_skeletons(c))[skeleton], C)))
    rng, failed = np.random.default_rng(skeleton), 0
    for _ in range(80):
        c = rng.integers(-1, 2, 9).astype(float)
        exact, left = run(list(_skeletons(c))[skeleton]), meaning(c)
        assert bool(left.ok) == isinstance(exact, Law)
        failed += isinstance(exact, Bottom)
        if isinstance(exact, Law):
            assert np.allclose(left.state.mean, np.array(exact.mean, float), atol=1e-12)
            assert np.allclose(left.state.covariance, np.array(exact.covariance, float), atol=1e-12)
    assert 0 < failed < 40


@pytest.mark.paper(PAPER, "language")
def test_open_terms_denote_programs_that_copy_and_hide_their_variables():
    context = {"x": Real(), "y": Real()}
    swapped = denote(Pair(y, x), C, context)
    assert C.close(swapped, C.swap(R(), R()))
    hidden = denote(Let("x", y, Add(x, x)), C, context)
    doubled = denote(Scale(2.0, y), C, context)
    assert C.close(hidden, doubled)
    with pytest.raises(WrongCategory, match="Cond\\(ExtGauss\\)"):
        denote(Flat(), C)


@pytest.mark.paper(EXTENDED, "value flat")
def test_a_flat_number_takes_what_is_observed_of_it():
    term = Let("x", Flat(), sequence(Equate(Add(x, Normal()), Const(3.0)), x))
    left = Cond(ExtGauss).run(denote(term, Cond(ExtGauss))).require()
    assert np.allclose(left.mean, 3.0)
    assert np.allclose(left.covariance, 1.0)
    assert left.dimension == 0
    assert np.allclose(C.run(denote(draw(Const(1.0), 4.0), C)).state.covariance, 4.0)
