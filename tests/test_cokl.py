"""A shared draw and fresh ones: realisation, copying, pushing forward, and why a shared draw is not pushed."""

import itertools
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import CoKl, Fin, Gauss, Para, R, Sampled, Smooth, gaussian, kernel, para, reparametrise, smooth, unit
from catlearn.categories import FinStochCategory
from catlearn.constructions import CopyDraws, KeepDraw, Push, Realise, ToSampled, draws_of, fresh
from catlearn.constructions.affine import ToGauss
from catlearn.objects.rigs import Q
from catlearn.theory import errors

PAPER = "2005.04735"
LINE, COIN = R(), Fin(2)
C = CoKl(Smooth, LINE)
UP, DOWN = smooth(lambda w, x: x + w, LINE @ LINE), smooth(lambda w, x: x - w, LINE @ LINE)
STANDARD = gaussian(unit, LINE, factor=[[1.0]])
TO_GAUSS = Push(STANDARD, ToGauss)

# Finite draws, with fractions for probabilities: laws hold exactly.
FinStoch = FinStochCategory(Q)
BIASED = kernel(unit, COIN, [Fraction(3, 4), Fraction(1, 4)], over=FinStoch)
FINITE = CoKl(FinStoch, COIN)
XOR = FinStoch.deterministic(COIN @ COIN, COIN, lambda w, x: w ^ x)
AND = FinStoch.deterministic(COIN @ COIN, COIN, lambda w, x: w & x)
EITHER = FinStoch.deterministic(COIN @ COIN @ COIN, COIN, lambda v, w, x: (v & w) ^ x)
TO_FINITE = Push(BIASED)


@pytest.mark.paper(PAPER, "CoKl")
def test_all_arrows_of_a_composite_see_one_draw():
    f, g = C.of(smooth(lambda w, x: jnp.sin(w) * x, LINE @ LINE)), C.of(smooth(lambda w, x: w + x**2, LINE @ LINE))
    w, x, y = 0.7, -1.2, 0.4
    assert float((f >> g).arrow(w, x)) == pytest.approx(w + (np.sin(w) * x) ** 2)
    assert [*map(float, (f @ g).arrow(w, x, y))] == pytest.approx([np.sin(w) * x, w + y**2])


@pytest.mark.paper(PAPER, "CoKl")
@pytest.mark.parametrize("w", [-1.5, 0.0, 2.0])
def test_realisation_is_a_monoidal_functor(w):
    F = Realise(Smooth.point(LINE, w))
    f, g = C.of(UP), C.of(smooth(lambda w, x: jnp.tanh(w * x), LINE @ LINE))
    assert Smooth.close(F(f >> g), F(f) >> F(g))
    assert Smooth.close(F(f @ g), F(f) @ F(g))
    assert Smooth.close(F(C.id(LINE)), Smooth.id(LINE))
    assert Smooth.close(F(C.swap(LINE, LINE)), Smooth.swap(LINE, LINE))
    assert float(F(f)(1.0)) == 1.0 + w


def test_realisation_is_at_a_point_of_the_draws():
    with pytest.raises(errors.WrongObject, match="realised at a point of"):
        Realise(Smooth.point(R(2), [0.0, 1.0]))(C.of(UP))
    with pytest.raises(errors.WrongObject, match="must begin with it"):
        C.of(smooth(jnp.sum, R(2)))


@pytest.mark.paper(PAPER, "CoKl")
def test_to_keep_the_draw_is_an_embedding():
    E = KeepDraw(C)
    f, g = C.of(UP), C.of(DOWN)
    assert E(LINE) == LINE @ LINE
    assert Smooth.close(E(f >> g), E(f) >> E(g))
    assert Smooth.close(E(C.id(LINE)), Smooth.id(LINE @ LINE))


def test_with_a_shared_draw_copying_is_natural_over_functions_and_not_over_kernels():
    f = C.of(UP)
    assert C.close(f >> C.copy(LINE), C.pair(f, f))
    toss = FINITE.of(
        FinStoch.tensor(FinStoch.discard(COIN), FinStoch.id(COIN))
        >> kernel(COIN, COIN, [[Fraction(1, 2)] * 2, [Fraction(1, 4), Fraction(3, 4)]], over=FinStoch)
    )
    assert not FINITE.close(toss >> FINITE.copy(COIN), FINITE.pair(toss, toss))


@pytest.mark.paper(PAPER, "push on CoKl")
@pytest.mark.paper(PAPER, "value x±w")
def test_to_push_a_shared_draw_is_not_functorial():
    f, g = C.of(UP), C.of(DOWN)
    together, apart = TO_GAUSS.shared(f >> g), TO_GAUSS.shared(f) >> TO_GAUSS.shared(g)
    assert Gauss.close(together, Gauss.id(LINE))
    assert np.allclose(apart.matrix, 1.0)
    assert np.allclose(apart.covariance, 2.0)
    assert not Gauss.close(together, apart)


@pytest.mark.paper(PAPER, "push on CoKl")
def test_to_push_a_shared_coin_is_not_functorial():
    f = FINITE.of(XOR)
    assert FinStoch.close(TO_FINITE.shared(f >> f), FinStoch.id(COIN))
    assert np.array_equal((TO_FINITE.shared(f) >> TO_FINITE.shared(f)).table[0], [Fraction(5, 8), Fraction(3, 8)])


@pytest.mark.paper(PAPER, "value x±w")
@pytest.mark.paper(PAPER, "Prop 6")
def test_to_push_fresh_draws_adds_their_variances():
    f, g = fresh(LINE, 1, UP), fresh(LINE, 1, DOWN)
    law = TO_GAUSS(f >> g)
    assert np.allclose(law.matrix, 1.0)
    assert np.allclose(law.mean, 0.0)
    assert np.allclose(law.covariance, 2.0)


@pytest.mark.paper(PAPER, "value notebook")
@pytest.mark.slow
def test_the_endomorphism_of_the_notebook():
    quantile = smooth(lambda u, x: (5 - x) + 10 * jax.scipy.special.ndtri(u), LINE @ LINE)
    uniform = fresh(LINE, 1, quantile)
    for u in (0.1, 0.5, 0.9):  # with one draw it forgets the draw
        shared = CopyDraws(C)(uniform >> uniform)
        assert float(shared.arrow(u, 42.0)) == pytest.approx(42.0, abs=1e-12)
    normal = reparametrise(uniform, smooth(jax.scipy.stats.norm.cdf, LINE))
    law = Push(STANDARD, ToGauss)(normal >> normal)
    state = gaussian(unit, LINE, mean=[42.0]) >> law
    assert float(state.mean[0]) == pytest.approx(42.0)
    assert float(state.covariance[0, 0]) == pytest.approx(200.0)


def _finite_laws():
    return fresh(COIN, 1, XOR), fresh(COIN, 1, AND), fresh(COIN, 2, EITHER), fresh(COIN, 0, FinStoch.id(COIN))


@pytest.mark.paper(PAPER, "Prop 6")
@pytest.mark.paper(PAPER, "Prop 5")
def test_to_push_fresh_coins_is_a_monoidal_functor():
    F = TO_FINITE
    for f, g in itertools.product(_finite_laws(), repeat=2):
        assert FinStoch.close(F(f >> g), F(f) >> F(g), tol=0.0)
        assert FinStoch.close(F(f @ g), F(f) @ F(g), tol=0.0)
    assert FinStoch.close(F(Para(FinStoch).id(COIN)), FinStoch.id(COIN), tol=0.0)


def test_the_law_of_fresh_coins_is_found_by_counting():
    f = fresh(COIN, 2, EITHER) >> fresh(COIN, 1, XOR)
    weights = {0: Fraction(3, 4), 1: Fraction(1, 4)}
    for x in (0, 1):
        law = [Fraction(0)] * 2
        for v, w, u in itertools.product((0, 1), repeat=3):
            law[((v & w) ^ x) ^ u] += weights[v] * weights[w] * weights[u]
        assert list(TO_FINITE(f)(x).table) == law


@pytest.mark.paper(PAPER, "Prop 6")
@pytest.mark.slow
def test_to_push_to_samplers_keeps_composites_in_law():
    bend = fresh(LINE, 1, smooth(lambda w, x: jnp.tanh(x) + w**2, LINE @ LINE))
    F = Push(ToSampled(Gauss)(STANDARD), ToSampled(Smooth))
    assert Sampled.close(F(bend >> bend), F(bend) >> F(bend))
    assert Sampled.close(F(bend @ bend), F(bend) @ F(bend))
    assert not Sampled.close(F.shared(C.of(bend.arrow) >> C.of(bend.arrow)), F(bend) >> F(bend))


@pytest.mark.slow
def test_pushes_to_gauss_and_to_samplers_agree():
    f = fresh(LINE, 1, UP) >> fresh(LINE, 1, smooth(lambda w, x: 0.5 * x + 2.0 * w - 1.0, LINE @ LINE))
    drawn = Push(ToSampled(Gauss)(STANDARD), ToSampled(Smooth))(f)
    assert Sampled.close(drawn, ToSampled(Gauss)(TO_GAUSS(f)))


@pytest.mark.paper(PAPER, "Prop 5")
def test_raw_arrows_with_draws_are_markov_only_after_pushing():
    P, F = Para(FinStoch), TO_FINITE
    f, g = fresh(COIN, 1, XOR), fresh(COIN, 1, AND)
    discard, copy = P.lift(FinStoch.discard(COIN)), P.lift(FinStoch.copy(COIN))
    assert (f >> discard).parameter == COIN
    assert discard.parameter == unit
    assert not P.close(f >> discard, discard)
    assert FinStoch.close(F(f >> discard), F(discard), tol=0.0)
    h, k = fresh(COIN, 1, AND), fresh(COIN, 1, XOR)
    one, other = (f @ g) >> (h @ k), (f >> h) @ (g >> k)
    assert one.parameter == other.parameter
    assert not P.close(one, other)  # draws f, g, h, k against f, h, g, k
    assert FinStoch.close(F(one), F(other), tol=0.0)
    permuted = reparametrise(other, FinStoch.tensor(FinStoch.id(COIN), FinStoch.swap(COIN, COIN), FinStoch.id(COIN)))
    assert P.close(one, permuted, tol=0.0)
    assert FinStoch.close(F(f >> copy), F(f) >> FinStoch.copy(COIN), tol=0.0)


@pytest.mark.paper(PAPER, "Prop 4")
def test_to_copy_draws_is_a_full_monoidal_functor():
    F = CopyDraws(FINITE)
    for f, g in itertools.product(_finite_laws(), repeat=2):
        assert FINITE.close(F(f >> g), F(f) >> F(g), tol=0.0)
        assert FINITE.close(F(f @ g), F(f) @ F(g), tol=0.0)
    assert FINITE.close(F(Para(FinStoch).id(COIN)), FINITE.id(COIN), tol=0.0)
    assert FINITE.close(F(Para(FinStoch).swap(COIN, COIN)), FINITE.swap(COIN, COIN), tol=0.0)
    for arrow in (XOR, AND):  # full: an arrow with a shared draw is the image of one with a fresh draw
        assert FINITE.close(F(fresh(COIN, 1, arrow)), FINITE.of(arrow), tol=0.0)


@pytest.mark.paper(PAPER, "Prop 4")
def test_without_draws_the_shared_draw_is_discarded_and_with_two_they_are_equal():
    F = CopyDraws(FINITE)
    assert FINITE.close(F(fresh(COIN, 0, FinStoch.id(COIN))), FINITE.id(COIN))
    assert np.array_equal(F(fresh(COIN, 2, EITHER)).arrow(1, 0).table, [0, 1])
    assert draws_of(fresh(COIN, 2, EITHER), COIN) == 2
    pair = COIN @ COIN
    assert draws_of(fresh(pair, 2, FinStoch.discard(pair @ pair)), pair) == 2


def test_what_is_no_draw_is_refused():
    weight = para(R(2), smooth(lambda p, x: p[0] * x, R(2) @ LINE))
    with pytest.raises(errors.WrongParameters, match="no power of"):
        CopyDraws(C)(weight)
    with pytest.raises(errors.WrongObject, match="is a state"):
        Push(TO_GAUSS.shared(C.of(UP)))
    with pytest.raises(errors.NotGaussian, match="not affine"):
        TO_GAUSS(fresh(LINE, 1, smooth(lambda w, x: w * x, LINE @ LINE)))


@pytest.mark.paper(PAPER, "Prop 2")
def test_a_monoidal_functor_acts_under_the_parameters():
    F = Para(ToGauss)
    f, g = fresh(LINE, 1, UP), fresh(LINE, 1, DOWN)
    assert Para(Gauss).close(F(f >> g), F(f) >> F(g))
    assert F(f).parameter == LINE
    # and so pushing acts under parameters that are no draws: Para(Push)
    models = [para(R(2), fresh(LINE, 1, smooth(lambda w, p, x: p[0] * x + p[1] + w, LINE @ R(2) @ LINE)))] * 2
    drawn = Para(Push(ToSampled(Gauss)(STANDARD), ToSampled(Smooth)))
    left, right = drawn(models[0] >> models[1]), drawn(models[0]) >> drawn(models[1])
    assert left.parameter == right.parameter == R(2) @ R(2)
    assert Sampled.close(left.arrow, right.arrow)


@pytest.mark.paper(PAPER, "Prop 3")
def test_the_two_orders_of_iterating_para_agree_by_swapping_parameters():
    f = FinStoch.deterministic(COIN @ COIN @ COIN, COIN, lambda v, w, x: (v & x) ^ w)
    first = para(COIN, para(COIN, f))  # the draw outermost in f, then the parameter
    swapped = para(COIN, para(COIN, FinStoch.then(FinStoch.tensor(FinStoch.swap(COIN, COIN), FinStoch.id(COIN)), f)))
    g = lambda h: h.arrow.arrow
    crossing = FinStoch.tensor(FinStoch.swap(COIN, COIN), FinStoch.id(COIN))
    assert FinStoch.close(FinStoch.then(crossing, g(swapped)), g(first), tol=0.0)
    both = (first >> first, swapped >> swapped)
    assert both[0].parameter == both[1].parameter == COIN @ COIN
    pairs = FinStoch.tensor(FinStoch.pick(COIN @ COIN @ COIN @ COIN, (2, 3, 0, 1)), FinStoch.id(COIN))
    assert FinStoch.close(FinStoch.then(pairs, g(both[1])), g(both[0]), tol=0.0)
