"""Bayesian lenses: composition at the pushed-forward prior, exactness, what fillers do, and what a lens over functions is."""

import dataclasses
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import Bayes, Fin, FinStoch, Gauss, Lens, Para, R, Smooth, gaussian, kernel, lens, para, smooth, unit
from catlearn.categories import FinStochCategory
from catlearn.constructions import (
    DependentBayes,
    Pair,
    Stat,
    approximate,
    exact,
    is_exact,
    lens_as_equal,
    open_channel,
    prior_filler,
    reparametrise,
)
from catlearn.constructions.bayes import of_lens, sampled_back, to_lens
from catlearn.constructions.copara import compose_backwards, open_inverse
from catlearn.constructions.dependent import Dependent, masked_inverse
from catlearn.objects import Q
from catlearn.theory.errors import NotParallel, WrongCategory, WrongObject

EXACT = FinStochCategory(Q)
B = Bayes(EXACT)
SMOOTH: Any = Smooth
LENSES: Any = B
THESIS, BHS, BH = "2212.12538", "2305.06112", "2209.14728"


def exactly(dom, cod, table):
    """A kernel of fractions, from decimals."""
    entries = np.vectorize(lambda x: Fraction(str(x)), otypes=[object])(np.array(table, object))
    return kernel(dom, cod, entries, over=EXACT)


def digits(f):
    return np.asarray(f.table, float)


X, Y, Z = Fin(3), Fin(2), Fin(3)
PI = exactly(unit, X, [0.2, 0.5, 0.3])
C = exactly(X, Y, [[0.9, 0.1], [0.4, 0.6], [0.1, 0.9]])
D = exactly(Y, Z, [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])

# A prior that gives nothing to one element, and channels by which an observation becomes impossible.
HALF = exactly(unit, X, [0.5, 0.5, 0])
MIX = exactly(X, X, [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]])
BLUR = exactly(X, X, [[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5]])


@pytest.mark.paper(THESIS, "lens composition")
@pytest.mark.paper(THESIS, "Thm 4.3.14")
@pytest.mark.paper(THESIS, "value inversion")
def test_inverses_compose_backwards_with_the_values_of_the_specification():
    first, both = B(C).at(PI), (B(C) >> B(D)).at(PI)

    assert np.allclose(digits(PI >> C), [0.41, 0.59])
    assert np.allclose(digits(PI >> C >> D), [0.346, 0.259, 0.395])
    assert np.allclose(digits(first), [[0.439024, 0.487805, 0.073171], [0.033898, 0.508475, 0.457627]], atol=5e-7)
    later = B(D).at(PI >> C)
    assert np.allclose(digits(later), [[0.829480, 0.170520], [0.316602, 0.683398], [0.103797, 0.896203]], atol=5e-7)
    expected = [[0.369942, 0.491329, 0.138728], [0.162162, 0.501931, 0.335907], [0.075949, 0.506329, 0.417722]]
    assert np.allclose(digits(both), expected, atol=5e-7)
    assert both == B(C >> D).at(PI)


@pytest.mark.paper(BHS, "Prop 11")
@pytest.mark.paper(THESIS, "Cor 4.3.15")
def test_inversion_is_a_functor_almost_surely():
    assert lens_as_equal(B(C), B(C), PI)
    assert lens_as_equal(B(C) >> B(D), B(C >> D), PI)
    assert lens_as_equal(B(MIX) >> B(BLUR), B(MIX >> BLUR), HALF)
    assert lens_as_equal(B(EXACT.id(X)), B.id(Pair(X, X)), HALF)
    assert not lens_as_equal(B(C) >> approximate(D, exactly(Z, Y, [[0.5, 0.5]] * 3)), B(C >> D), PI)


@pytest.mark.paper(THESIS, "Def 4.3.13")
def test_a_lens_is_exact_when_its_way_back_is_an_inverse_whatever_fills_it():
    assert is_exact(B(C) >> B(D), PI)
    assert is_exact(exact(MIX, otherwise=prior_filler) >> B(BLUR), HALF)
    assert not is_exact(approximate(C, exactly(Y, X, [[0.2, 0.5, 0.3]] * 2)), PI)
    for back in (EXACT.discard(unit), EXACT.discard(Y), PI):  # of which both ends are others, one, and the other
        with pytest.raises(WrongCategory, match=r"only a lens \(X, X\) -> \(Y, Y\) can be exact"):
            is_exact(approximate(C, back), PI)


@pytest.mark.paper(THESIS, "Def 4.3.8")
def test_the_way_back_of_a_composite_is_that_of_the_definition():
    told = Stat(EXACT, Y).arrow(Z, Y, lambda prior: EXACT.discard(Z) >> prior)
    back = exactly(Y, X, [[0.5, 0.5, 0], [0, 0.5, 0.5]])
    composite = approximate(C, back) >> approximate(D, told)

    assert composite.channel == C >> D
    assert composite.at(PI) == EXACT.discard(Z) >> PI >> C >> back
    assert composite.literal_at(PI) == composite.at(PI)
    assert B.seal(composite).at(PI) == composite.at(PI)


@dataclasses.dataclass(frozen=True)
class Counting(FinStochCategory):
    """Kernels of fractions that count how often a state is pushed forward."""

    pushes: list = dataclasses.field(default_factory=list, compare=False)

    def _then(self, f, g, /):
        if f.dom == unit:
            self.pushes.append(g)
        return super()._then(f, g)


@pytest.mark.paper(THESIS, "lens composition")
@pytest.mark.parametrize("nested", ["left", "right"])
def test_a_path_of_n_lenses_pushes_the_prior_forward_n_minus_one_times(nested):
    category = Counting(Q)
    step = kernel(X, X, MIX.table, over=category)
    one, n = Bayes(category)(step), 6
    path = one
    for _ in range(n - 1):
        path = path >> one if nested == "left" else one >> path

    category.pushes.clear()
    path.at(kernel(unit, X, HALF.table, over=category))

    assert len(category.pushes) == n - 1


@pytest.mark.paper(THESIS, "4.3.19-20")
def test_getput_holds_for_states_and_putget_and_putput_fail():
    back = B(C).at(PI)
    twice, once = B(C).at(back(0)), back

    assert PI >> C >> back == PI
    assert PI >> C >> back >> C == PI >> C
    assert back >> C != EXACT.id(Y)
    assert np.allclose(digits(once(0)), [0.439024, 0.487805, 0.073171], atol=5e-7)
    assert np.allclose(digits(twice(0)), [0.661224, 0.326531, 0.012245], atol=5e-7)


@pytest.mark.paper(THESIS, "4.3.18")
def test_inversion_is_not_monoidal_unless_the_prior_is_a_product():
    W = Fin(2)
    joint = exactly(unit, W @ W, [[0.4, 0.1], [0.1, 0.4]])
    f = exactly(W, W, [[0.9, 0.1], [0.2, 0.8]])
    whole, parts = B(f @ f), B(f) @ B(f)

    assert np.allclose(digits(whole.at(joint)(0, 0)).ravel(), [0.861702, 0.047872, 0.047872, 0.042553], atol=5e-7)
    assert np.allclose(digits(parts.at(joint)(0, 0)).ravel(), [0.669421, 0.148760, 0.148760, 0.033058], atol=5e-7)
    p, q = exactly(unit, W, [0.25, 0.75]), exactly(unit, W, [0.5, 0.5])
    assert whole.at(p @ q) == parts.at(p @ q)


@pytest.mark.paper(THESIS, "lens tensor")
def test_side_by_side_each_goes_back_at_its_own_marginal():
    joint = exactly(unit, X @ X, [[0.25, 0.125, 0], [0, 0.25, 0.125], [0.125, 0, 0.125]])
    left, right = (B(C) >> B(D)) @ (B(C) >> B(D)), (B(C) @ B(C)) >> (B(D) @ B(D))

    assert left.channel == right.channel
    assert left.at(joint) == right.at(joint)
    assert B.swap(Pair(X, Y), Pair(Z, X)).at(exactly(unit, X @ Z, joint.table)) == EXACT.swap(X, Y)
    assert not hasattr(B, "copy")


@pytest.mark.paper(BHS, "uniform filler")
def test_the_uniform_filler_breaks_composition_off_the_support():
    steps, whole = (B(MIX) >> B(BLUR)).at(HALF), B(MIX >> BLUR).at(HALF)

    assert np.allclose(digits(steps)[2], [0.333333, 0.555556, 0.111111], atol=5e-7)
    assert np.allclose(digits(whole)[2], [1 / 3, 1 / 3, 1 / 3])
    for back in (steps, whole):
        assert np.allclose(digits(back)[:2], [[0.666667, 0.333333, 0], [0, 1, 0]], atol=5e-7)
    assert steps != whole


@pytest.mark.paper(BHS, "prior filler")
def test_the_prior_filler_composes_strictly_and_does_not_keep_identities():
    filled = lambda c: exact(c, otherwise=prior_filler)
    identity = filled(EXACT.id(X)).at(HALF)

    assert (filled(MIX) >> filled(BLUR)).at(HALF) == filled(MIX >> BLUR).at(HALF)
    assert identity(2) == HALF
    assert identity(0) == EXACT.id(X)(0)
    assert identity != EXACT.id(X)


@pytest.mark.paper(BHS, "pseudoinverse filler")
def test_pseudoinverses_of_gaussians_compose_strictly_and_do_not_keep_identities():
    V = R(2)
    prior = gaussian(unit, V, mean=[1.0, 2.0], covariance=jnp.ones((2, 2)))
    c = gaussian(V, V, matrix=[[1.0, 2.0], [0.5, 1.0]], mean=[1.0, 0.0], covariance=[[1.0, 0.0], [0.0, 0.0]])
    d = gaussian(V, V, matrix=[[2.0, -1.0], [1.0, 1.0]], covariance=jnp.zeros((2, 2)))
    G = Bayes(Gauss)

    assert Gauss.close((G(c) >> G(d)).at(prior), G(c >> d).at(prior), tol=1e-9)
    identity = G(Gauss.id(V)).at(prior)
    assert np.allclose(identity.matrix, jnp.full((2, 2), 0.5))
    assert not Gauss.close(identity, Gauss.id(V))
    assert lens_as_equal(G(Gauss.id(V)), G.id(Pair(V, V)), prior)


@pytest.mark.paper(BH, "dependent lenses")
def test_between_supports_inversion_is_a_strict_functor_with_identities():
    S = DependentBayes(EXACT)

    composite = S(MIX) >> S(BLUR)

    assert composite.at(HALF) == S(MIX >> BLUR).at(HALF)
    assert composite.at(HALF).dom == EXACT.support(HALF >> MIX >> BLUR).ob
    assert S(EXACT.id(X)).at(HALF) == EXACT.id(EXACT.support(HALF).ob)
    assert composite.channel == MIX >> BLUR
    assert S.id(S(X)).at(HALF) == EXACT.id(Fin(2, labels=["0", "1"]))


@pytest.mark.paper(BH, "dependent lenses")
def test_between_supports_of_gaussians_inversion_is_a_strict_functor():
    V, S = R(2), DependentBayes(Gauss)
    prior = gaussian(unit, V, mean=[1.0, 2.0], covariance=jnp.ones((2, 2)))
    c = gaussian(V, V, matrix=[[1.0, 2.0], [0.5, 1.0]], mean=[1.0, 0.0], covariance=[[1.0, 0.0], [0.0, 0.0]])
    d = gaussian(V, V, matrix=[[2.0, -1.0], [1.0, 1.0]], covariance=jnp.zeros((2, 2)))

    assert Gauss.close((S(c) >> S(d)).at(prior), S(c >> d).at(prior), tol=1e-9)
    identity = S(Gauss.id(V)).at(prior)
    assert identity.dom == R(1)
    assert Gauss.close(identity, Gauss.id(R(1)), tol=1e-9)


@pytest.mark.paper(BH, "dependent lenses")
def test_inside_jit_the_rows_of_impossible_observations_are_zero_and_inverses_compose():
    floats = lambda f: kernel(f.dom, f.cod, np.asarray(f.table, float))
    mix, blur, prior = map(floats, (MIX, BLUR, HALF))

    @jax.jit
    def tables(mix, blur, prior):
        steps = masked_inverse(blur, prior >> mix) @ masked_inverse(mix, prior)
        return steps, masked_inverse(mix >> blur, prior), masked_inverse(FinStoch.id(X), prior)

    steps, whole, identity = tables(mix, blur, prior)

    assert np.allclose(steps, whole)
    assert np.allclose(identity, np.diag([1, 1, 0]))
    with pytest.raises(WrongCategory, match="no masks"):
        masked_inverse(Gauss.id(R()), gaussian(unit, R()))


def test_a_dependent_lens_says_where_its_way_back_does_not_fit():
    S = DependentBayes(EXACT)
    constant = Dependent(X, lambda prior: X)
    wrong = S.lens(constant, constant, MIX, lambda prior: exactly(Y, X, [[1, 0, 0]] * 2))

    with pytest.raises(WrongObject, match=r"starts at Fin\(2\) there, and should at Fin\(3\)"):
        wrong.at(HALF)
    with pytest.raises(WrongObject, match="the way forward must go"):
        S.lens(constant, constant, C, lambda prior: MIX)
    with pytest.raises(WrongCategory, match="need a category with conditionals"):
        DependentBayes(SMOOTH)


@pytest.mark.paper(THESIS, "deterministic case")
def test_over_functions_bayesian_lenses_are_lenses():
    A, L = R(2), Lens(Smooth)
    f = lens(smooth(jnp.sin, A), smooth(lambda x, dy: jnp.cos(x) * dy + x, A @ A, A))
    g = lens(smooth(jnp.tanh, A), smooth(lambda x, dy: x * dy - 1, A @ A, A))
    bayesian = lambda f: to_lens(f, Smooth.point)

    assert L.close(bayesian(of_lens(f)), f)
    assert L.close(bayesian(of_lens(f) >> of_lens(g)), f >> g)
    assert L.close(bayesian(of_lens(f) @ of_lens(g)), f @ g)
    assert L.close(bayesian(Bayes(Smooth).swap(f.dom, f.cod)), L.swap(f.dom, f.cod))
    assert L.close(bayesian(Bayes(Smooth).id(f.dom)), L.id(f.dom))
    with pytest.raises(WrongCategory, match="only over a cartesian category"):
        to_lens(B(C), Smooth.point)


@pytest.mark.paper(THESIS, "Def 4.3.2")
def test_state_dependent_arrows_compose_at_each_state_and_are_reindexed():
    over, told = Stat(EXACT, Y), lambda x: lambda prior: EXACT.discard(x) >> prior
    alpha, beta = over.arrow(Z, Y, told(Z)), over.constant(D)

    assert (alpha >> beta).at(PI >> C) == EXACT.discard(Z) >> PI >> C >> D
    assert over.reindex(C, alpha >> beta).at(PI) == (alpha >> beta).at(PI >> C)
    f, g = exactly(X, X, MIX.table), C
    assert Stat(EXACT, X).reindex(f, over.reindex(g, alpha)).at(HALF) == over.reindex(f >> g, alpha).at(HALF)
    assert over.reindex(C, over.id(Z)).at(PI) == EXACT.id(Z)
    with pytest.raises(WrongObject, match="is taken at a state"):
        alpha.at(PI)
    with pytest.raises(WrongObject, match="cannot reindex along"):
        over.reindex(D, alpha)


@pytest.mark.paper(BHS, "Defs 8-9")
def test_the_ways_back_may_depend_on_a_draw_or_on_the_prior_as_a_whole():
    keep = sampled_back(C, EXACT.first(X, Y))
    told = approximate(C, Stat(EXACT, X).arrow(Y, X, lambda prior: EXACT.discard(Y) >> prior))

    assert keep.at(PI) == told.at(PI) == EXACT.discard(Y) >> PI
    with pytest.raises(WrongObject, match="must depend on states of"):
        approximate(D, Stat(EXACT, X).constant(D))
    with pytest.raises(WrongObject, match="must start at"):
        sampled_back(C, D)


@pytest.mark.paper(THESIS, "Thm 5.2.19")
def test_exact_inverses_of_open_channels_compose_by_copy_composition():
    M, A = Fin(2), Fin(2)
    gamma = open_channel(exactly(A, M @ Y, [[[0.25, 0.25], [0.5, 0]], [[0.125, 0.375], [0.25, 0.25]]]), 1)
    delta = open_channel(
        exactly(Y, M @ Z, [[[0.25, 0.25, 0], [0.125, 0.125, 0.25]], [[0, 0.5, 0.125], [0.125, 0, 0.25]]]), 1
    )
    prior = exactly(unit, A, [0.25, 0.75])
    whole = gamma.then(delta)

    back = compose_backwards(open_inverse(delta, prior >> gamma.marginalise()), open_inverse(gamma, prior))

    assert whole.latent == M @ Y @ M
    assert back == open_inverse(whole, prior)
    assert whole.marginalise() == gamma.marginalise() >> delta.marginalise()
    by_definition = EXACT.joint(prior, whole.arrow)
    assert EXACT.marginal(EXACT.joint(prior >> whole.marginalise(), back), (1, 2, 3, 4, 0)) == EXACT.marginal(
        by_definition, (0, 1, 2, 3, 4)
    )


@pytest.mark.paper(THESIS, "copy-composition")
def test_copy_composition_is_associative_and_an_identity_leaves_a_wire():
    c, d = open_channel(C), open_channel(D)
    e = open_channel(exactly(Z, Y, [[0.5, 0.5], [0.25, 0.75], [1, 0]]))

    assert c.then(d).then(e).arrow == c.then(d.then(e)).arrow
    one = c.then(open_channel(EXACT.id(Y)))
    assert one.latent == Y
    assert one.arrow == C >> EXACT.copy(Y)


def test_parameters_of_bayesian_lenses_are_wires_and_are_inferred():
    G = Bayes(Gauss)
    add = gaussian(R() @ R(), R(), matrix=[[1.0, 1.0]], covariance=[[1.0]])
    shift = para(G(R()), G(add))
    believed = reparametrise(shift, G(gaussian(unit, R(), mean=[0.0], covariance=[[1.0]])))

    assert (shift >> shift).parameter == Pair(R() @ R(), R() @ R())
    prior = gaussian(unit, R() @ R(), mean=[0.0, 1.0], covariance=jnp.eye(2))
    posterior = shift.arrow.at(prior)(4.0)
    assert np.allclose(posterior.mean, jnp.array([1.0, 2.0]))
    assert Gauss.close(believed.arrow.channel, gaussian(R(), R(), matrix=[[1.0]], covariance=[[2.0]]))
    assert shift >> Para(G).id(G(R())) == shift


@pytest.mark.paper("cross", "F1")
def test_going_back_through_a_chain_of_gaussians_is_the_kalman_smoother():
    position, state = R(), R(2)
    step = gaussian(state, state, [[1.0, 1.0], [0.0, 1.0]], covariance=[[0.0, 0.0], [0.0, 0.75]])
    look = gaussian(state, position, [[1.0, 0.0]], covariance=[[1.0]])
    filtered = [gaussian(unit, state, mean=[1.0, 1.0], covariance=[[1.0, 0.0], [0.0, 10.0]])]
    onwards, seen = Bayes(Gauss)(step), Bayes(Gauss)(look)
    update = jax.jit(lambda p, y: seen.at(p >> step)(y))
    for y in (3.4, 2.7, 3.2, 5.8, 14.0, 18.0, 11.7, 19.5, 19.2):
        filtered.append(update(filtered[-1], y))

    back = jax.jit(lambda p, later: later >> onwards.at(p))
    smoothed = [filtered[-1]]
    for p in reversed(filtered[:-1]):
        smoothed.insert(0, back(p, smoothed[0]))

    means = [1.120118, 2.121095, 3.032058, 4.722096, 7.811256, 11.778015, 14.592403, 15.890945, 17.865859, 19.566156]
    variances = [0.724615, 0.383181, 0.367882, 0.365680, 0.360980, 0.361265, 0.367171, 0.370899, 0.383787, 0.742943]
    assert np.allclose([s.mean[0] for s in smoothed], means, atol=5e-7)
    assert np.allclose([s.covariance[0, 0] for s in smoothed], variances, atol=5e-7)
    assert np.allclose(filtered[-1].covariance, [[0.742943, 0.439084], [0.439084, 1.269012]], atol=5e-7)


def test_mistakes_are_named():
    with pytest.raises(NotParallel):
        lens_as_equal(B(C), B(D), PI)
    with pytest.raises(WrongObject, match="is taken at a state"):
        B(C).at(PI >> C)
    with pytest.raises(WrongCategory, match="needs a Markov category"):
        Bayes(Lens(Smooth))
    with pytest.raises(WrongCategory, match="no Bayesian inverse"):
        exact(Smooth.id(R()))
    with pytest.raises(WrongCategory, match="goes forward by an arrow of a Markov category"):
        exact(B(C))
    with pytest.raises(WrongCategory, match="needs a Markov category"):
        Stat(LENSES, X)
