"""Extended Gaussian maps and affine relations: fibres, conditionals, equations, supports."""

import numpy as np
import pytest

from catlearn import ExtGauss, R, extended, gaussian, unit
from catlearn.categories import AffineRel, ExtendedMap, affine_relation
from catlearn.constructions import Extend, SuppExtended
from catlearn.laws import category, conditionals, draws, functor, homomorphism, hypergraph, monoidal
from catlearn.laws.trial import check
from catlearn.theory.errors import NoFiller, WrongObject, WrongShape, WrongValue

EXT, SUPPORTS = "2204.14024", "supports"
X, Y = R(), R(2)


def numbers(seed, *shape):
    return np.random.default_rng(seed).integers(-2, 3, shape).astype(float)


def state(seed, fibre=1, rank=1):
    return ExtendedMap(
        unit, X @ X @ X, np.zeros((3, 0)), numbers(seed, 3), numbers(seed + 1, 3, rank), numbers(seed + 2, 3, fibre)
    )


@pytest.mark.paper(EXT, "extended Gaussians")
def test_what_moves_along_the_fibre_makes_no_difference():
    p = extended(unit, Y, mean=[1.0, 2.0], factor=[[1.0], [0.0]], fibre=[[1.0], [1.0]])
    q = extended(unit, Y, mean=[3.0, 4.0], factor=[[2.0], [1.0]], fibre=[[-5.0], [-5.0]])
    assert ExtGauss.close(p, q)
    assert np.allclose(p.canonical.mean, [-0.5, 0.5])
    assert not ExtGauss.close(p, extended(unit, Y, mean=[1.0, 2.0], factor=[[1.0], [0.0]], fibre=[[1.0], [2.0]]))
    assert not ExtGauss.close(p, extended(unit, Y, mean=[1.0, 3.0], factor=[[1.0], [0.0]], fibre=[[1.0], [1.0]]))


@pytest.mark.paper(EXT, "extended Gaussians")
def test_fibres_are_pushed_forward_and_added():
    p = extended(unit, Y, fibre=[[1.0], [1.0]])
    total, apart = extended(Y, X, [[1.0, 1.0]]), extended(Y, X, [[1.0, -1.0]])
    assert (p >> total).dimension == 1
    assert (p >> apart).dimension == 0
    assert (p @ p).dimension == 2
    assert (p >> extended(Y, Y, np.eye(2), fibre=[[1.0], [0.0]])).dimension == 2


@pytest.mark.paper(EXT, "extended Gaussians")
@pytest.mark.parametrize("law", [category.associativity, monoidal.interchange], ids=str)
def test_extended_maps_are_a_monoidal_category(law):
    check(law, draws.ext_gauss, examples=3)


@pytest.mark.paper(EXT, "Thm 13")
@pytest.mark.parametrize("law", [conditionals.conditional, conditionals.support_split], ids=str)
def test_extended_maps_have_conditionals(law):
    check(law, draws.ext_gauss, examples=4)


@pytest.mark.paper(EXT, "Thm 13")
@pytest.mark.slow
def test_the_joint_is_drawn_in_two_steps():
    for seed in range(20):
        p = state(seed)
        again = ExtGauss.joint(ExtGauss.marginal(p, (0,)), ExtGauss.conditional(p, 1))
        assert ExtGauss.close(again, p, tol=1e-9)
        q = state(seed, rank=3)
        again = ExtGauss.joint(ExtGauss.marginal(q, (0, 1)), ExtGauss.conditional(q, 2))
        assert ExtGauss.close(again, q, tol=1e-8)


@pytest.mark.paper(EXT, "conditioning")
@pytest.mark.slow
def test_the_order_of_equations_makes_no_difference():
    for seed in range(20):
        p, a, b = state(seed), numbers(seed + 50, 1, 3), numbers(seed + 90, 1, 3)
        point = p.mean + p.factor[:, 0] + p.fibre[:, 0]
        first = ExtGauss.observe(ExtGauss.observe(p, a, a @ point).state, b, b @ point)
        second = ExtGauss.observe(ExtGauss.observe(p, b, b @ point).state, a, a @ point)
        both = ExtGauss.observe(p, np.concatenate([a, b]), np.concatenate([a @ point, b @ point]))
        assert all(found.ok for found in (first, second, both))
        assert ExtGauss.close(first.state, second.state, tol=1e-8)
        assert ExtGauss.close(first.state, both.state, tol=1e-8)


@pytest.mark.paper(EXT, "conditioning")
def test_the_fibre_satisfies_what_it_can_and_the_rest_must_be_possible():
    p = extended(unit, Y, fibre=[[1.0], [0.0]])
    assert ExtGauss.observe(p, [[1.0, 0.0]], [7.0]).ok
    assert ExtGauss.observe(p, [[0.0, 1.0]], [0.0]).ok
    assert not ExtGauss.observe(p, [[0.0, 1.0]], [1.0]).ok
    with pytest.raises(WrongShape):
        ExtGauss.observe(p, [[1.0]], [1.0])


@pytest.mark.paper(EXT, "value flat")
@pytest.mark.slow
def test_a_flat_prior_seen_through_noise_is_a_normal_law():
    noisy = extended(X, X, [[1.0]], covariance=1.0)
    back = ExtGauss.bayes_inverse(noisy, ExtGauss.create(X))(3.0)
    assert np.allclose([back.mean[0], back.covariance[0, 0]], [3.0, 1.0])
    assert back.dimension == 0
    wide = Extend(gaussian(unit, X, covariance=1e8))
    near = ExtGauss.bayes_inverse(noisy, wide)(3.0)
    assert np.allclose([near.mean[0], near.covariance[0, 0]], [3.0, 1.0], atol=1e-6)


@pytest.mark.paper(EXT, "value resistors")
def test_two_noisy_resistors_in_a_circuit():
    laws_of_both = extended(Y, Y, [[-2.0, 1.0], [4.0, 1.0]], mean=[0.0, -5.0], covariance=[[0.25, 0.0], [0.0, 4 / 9]])
    joint = ExtGauss.joint(ExtGauss.create(Y), laws_of_both)
    found = ExtGauss.observe(joint, np.eye(4)[2:], np.zeros(2)).state >> ExtGauss.pick(joint.cod, (0,))
    assert np.allclose(found.mean, [5 / 6, 5 / 3])
    assert np.allclose(np.round(found.covariance, 6), [[0.019290, -0.003086], [-0.003086, 0.160494]])
    one = ExtGauss.joint(ExtGauss.create(Y), extended(Y, X, [[-2.0, 1.0]], covariance=0.25))
    volts = ExtGauss.observe(one, [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], [0.0, 1.0]).state
    assert np.allclose([volts.mean[1], volts.covariance[1, 1]], [2.0, 0.25])
    assert volts.dimension == 0


@pytest.mark.parametrize("unit_of", [1e-9, 1.0, 1e6])
def test_a_fibre_means_the_same_in_any_units(unit_of):
    scale = np.array([unit_of, 1.0, 1 / unit_of])
    p = state(3)
    q = ExtendedMap(unit, p.cod, p.matrix, scale * p.mean, scale[:, None] * p.factor, scale[:, None] * p.fibre)
    k, other = ExtGauss.conditional(p, 2), ExtGauss.conditional(q, 2)
    point = p.mean[:2] + p.factor[:2, 0] + p.fibre[:2, 0]
    here, there = k(*point), other(*(scale[:2] * point))
    assert np.allclose(there.mean / scale[2], here.mean, atol=1e-9)
    assert there.dimension == here.dimension


def test_mistakes_are_named():
    with pytest.raises(NoFiller):
        ExtGauss.bayes_inverse(ExtGauss.id(X), ExtGauss.create(X), otherwise=extended(X, X))
    with pytest.raises(WrongObject, match="not a state"):
        ExtGauss.observe(ExtGauss.id(X), [[1.0]], [1.0])


# ------------------------------------------------------------------------------------------------ affine relations


@pytest.mark.parametrize("law", [monoidal.swap_natural, *hypergraph.LAWS[2:5]], ids=str)
def test_affine_relations_are_a_hypergraph_category(law):
    check(law, draws.affine_rel, examples=3)


@pytest.mark.paper(SUPPORTS, "support functor")
@pytest.mark.parametrize("law", [functor.functor_composite, homomorphism.functor_copy], ids=str)
def test_supports_of_extended_maps_are_a_functor(law):
    check(law, draws.support_extended, examples=4)


def test_an_empty_relation_stays_empty():
    zero, one = affine_relation(unit, X), affine_relation(unit, X, offset=[1.0])
    clash = zero >> one.dagger
    assert not clash.inhabited
    assert not (clash @ zero).inhabited
    assert not (zero @ clash >> AffineRel.discard(X)).inhabited
    assert AffineRel.close(clash @ zero, clash @ one)
    assert not AffineRel.close(zero, clash @ zero)


def test_what_is_no_value_of_an_end_is_not_asked_about():
    twice = affine_relation(X, X, generators=[[1.0], [2.0]])

    assert twice.holds(1.0, 2.0)
    with pytest.raises(WrongValue):
        twice.holds([1.0, 2.0], 2.0)


def test_supports_of_extended_maps_hold_their_points():
    p = state(5)
    point = p.mean + 2 * p.factor[:, 0] - 3 * p.fibre[:, 0]
    assert SuppExtended(p).holds(*point)
    assert ExtGauss.in_support(p, *point)
