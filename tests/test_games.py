"""Statistical games: losses and their laxators, contexts, local gradients, and the free energy of exact inference."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import lowers_everywhere
from sklearn.datasets import load_iris

from catlearn import Bayes, Fin, FinStoch, Gauss, R, approximate, family, gaussian, kernel, learn, unit
from catlearn.categories import LogFinStoch
from catlearn.categories.gauss import GaussianMap
from catlearn.constructions import Families, is_exact
from catlearn.constructions.copara import open_channel
from catlearn.constructions.renumber import logarithm
from catlearn.infer import (
    FE,
    KL,
    LFE,
    MLE,
    AutoBayes,
    Games,
    context_fitness,
    expect,
    game,
    gradient,
    itself,
    kl,
    objective,
    surprise,
)
from catlearn.infer.effects import Weights, entropy
from catlearn.infer.losses import opened
from catlearn.theory.errors import MissingInitialiser, NotParallel, WrongCategory, WrongObject

THESIS, CONTEXTS, AUTO = "2212.12538", "2109.04461", "2503.18608"
X = Fin(2)
PI = kernel(unit, X, [0.4, 0.6])
C = approximate(kernel(X, X, [[0.7, 0.3], [0.2, 0.8]]), kernel(X, X, [[0.8, 0.2], [0.3, 0.7]]))
D = approximate(kernel(X, X, [[0.9, 0.1], [0.3, 0.7]]), kernel(X, X, [[0.6, 0.4], [0.25, 0.75]]))
BETWEEN = PI >> C.channel
START = FinStoch.id(unit)
OMEGA = kernel(unit, X @ X, [[0.4, 0.1], [0.1, 0.4]])
ENERGY = AutoBayes()

V = R(2)
WIDE = gaussian(unit, V, mean=[1.0, -1.0], covariance=[[2.0, 0.5], [0.5, 1.0]])
STEP = gaussian(V, V, matrix=[[1.0, 1.0], [0.0, 1.0]], mean=[0.5, 0.0], covariance=[[1.0, 0.25], [0.25, 0.5]])
GUESS = gaussian(V, V, matrix=[[0.5, 0.25], [0.0, 0.5]], mean=[0.0, 0.5], covariance=[[0.5, 0.0], [0.0, 1.0]])
ROUGH = approximate(STEP, GUESS)
SEEN = jnp.array([0.5, 2.0])


def same(a, b, tol=1e-9):
    """Whether two effects are the same function."""
    return a.ob == b.ob and all(
        np.allclose(x, y, atol=tol) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


@pytest.mark.paper(THESIS, "value games")
@pytest.mark.paper(THESIS, "5.3.22")
@pytest.mark.paper(THESIS, "5.3.26")
def test_the_worked_game_has_the_values_of_the_specification():
    assert np.allclose(KL(C).at(PI).values, [0.025732, 0.028168], atol=5e-7)
    assert np.allclose(KL(D).at(BETWEEN)(1), 0.116480, atol=5e-7)
    assert np.allclose((KL(C) >> KL(D)).at(PI)(1), 0.144039, atol=5e-7)
    assert np.allclose(FE(C).at(PI).values, [0.942023, 0.538993], atol=5e-7)
    assert np.allclose(FE(D).at(BETWEEN)(1), 0.893009, atol=5e-7)
    assert np.allclose(FE(C >> D).at(PI)(1), 0.920568, atol=5e-7)
    assert np.allclose((FE(C) >> FE(D)).at(PI)(1), 1.532760, atol=5e-7)
    assert np.allclose(FE.laxator(D, C).at(PI)(1), 0.612192, atol=5e-7)
    assert np.allclose(MLE(C >> D).at(PI)(1), 0.776529, atol=5e-7)
    assert MLE(C >> D).at(PI)(1) <= FE(C >> D).at(PI)(1)


@pytest.mark.paper(THESIS, "KL marginals")
def test_the_divergence_of_the_marginals_is_less_than_the_sum_along_the_chain():
    marginal = KL(Bayes(FinStoch).seal(C >> D)).at(PI)

    assert np.allclose(marginal(1), 0.078993, atol=5e-7)
    assert (marginal.values < (KL(C) >> KL(D)).at(PI).values).all()


LAXATORS = [(KL, "5.3.22"), (MLE, "5.3.25"), (FE, "5.3.26", pytest.mark.slow), (ENERGY, "5.3.26", pytest.mark.slow)]


@pytest.mark.parametrize(
    "loss", [pytest.param(m, marks=[pytest.mark.paper(THESIS, item), *slow]) for m, item, *slow in LAXATORS]
)
def test_games_compose_to_the_game_of_the_composite_and_the_laxator(loss):
    apart = lambda c, d, prior: (loss(c) >> loss(d)).at(prior).minus(loss(c >> d).at(prior))
    both = jax.jit(lambda lens, prior: (apart(lens, lens, prior), loss.laxator(lens, lens).at(prior)))

    assert same(apart(C, D, PI), loss.laxator(D, C).at(PI))
    assert same(*both(ROUGH, WIDE))


@pytest.mark.paper(THESIS, "5.3.31")
@pytest.mark.slow
def test_the_laxator_of_the_laplace_free_energy_is_a_curvature_and_a_surprise():
    apart = (LFE(ROUGH) >> LFE(ROUGH)).at(WIDE).minus(LFE(ROUGH >> ROUGH).at(WIDE))

    assert same(apart, LFE.laxator(ROUGH, ROUGH).at(WIDE))
    with pytest.raises(WrongCategory, match="at a mean"):
        LFE(C).at(PI)


@pytest.mark.parametrize(
    "loss", [pytest.param(m, marks=pytest.mark.paper(THESIS, "5.4.10-14")) for m in (KL, MLE, FE, ENERGY)]
)
def test_side_by_side_losses_differ_by_the_tensor_laxator(loss):
    joint = loss(C @ D).at(OMEGA)
    apart = joint.minus((loss(C) @ loss(D)).at(OMEGA))

    assert same(apart, loss.tensor_laxator(C, D).at(OMEGA))
    assert (loss is ENERGY) == bool(np.allclose(apart.values, 0, atol=1e-6))


@pytest.mark.paper(THESIS, "5.4.10-14")
@pytest.mark.slow
def test_side_by_side_laplace_losses_differ_at_the_mean():
    narrow = gaussian(R(), R(), matrix=[[0.5]], covariance=[[0.5]])
    lens = approximate(narrow, narrow)
    prior = gaussian(unit, R() @ R(), mean=[1.0, -1.0], covariance=[[2.0, 0.5], [0.5, 1.0]])

    @jax.jit
    def effects(lens, prior):
        apart = [loss(lens @ lens).at(prior).minus((loss(lens) @ loss(lens)).at(prior)) for loss in (LFE, FE, KL)]
        return apart, [loss.tensor_laxator(lens, lens).at(prior) for loss in (LFE, FE, KL)]

    for apart, laxator in zip(*effects(lens, prior), strict=True):
        assert same(apart, laxator)


@pytest.mark.paper(THESIS, "5.3.31")
def test_the_laplace_free_energy_of_an_exact_lens_is_less_by_half_the_dimension():
    prior = gaussian(unit, R(), mean=[1.0], covariance=[[2.0]])
    lens = Bayes(Gauss)(gaussian(R(), R(), matrix=[[3.0]], covariance=[[0.5]]))
    posterior = lens.at(prior)(4.0)

    assert np.allclose((posterior.mean[0], posterior.covariance[0, 0]), (1.324324, 0.0540541), atol=5e-7)
    assert np.allclose(LFE(lens).at(prior)(4.0), 1.904851, atol=5e-7)
    assert np.allclose(FE(lens).at(prior)(4.0), 2.404851, atol=5e-7)
    assert np.allclose(MLE(lens).at(prior)(4.0), 2.404851, atol=5e-7)
    plane = Bayes(Gauss)(STEP)
    assert np.allclose(FE(plane).at(WIDE)(SEEN) - LFE(plane).at(WIDE)(SEEN), 1.0)


@pytest.mark.paper("cross", "F6")
def test_the_free_energy_of_an_exact_chain_is_minus_the_log_evidence():
    chain = [
        gaussian(V, V, matrix=STEP.matrix * a, mean=STEP.mean, covariance=STEP.covariance) for a in (1.0, 0.5, 0.25)
    ]
    lenses = [Bayes(Gauss)(c) for c in chain]
    path = lenses[0] >> lenses[1] >> lenses[2]
    last = WIDE >> chain[0] >> chain[1] >> chain[2]
    apart = SEEN - last.mean
    evidence = -0.5 * (
        apart @ np.linalg.solve(last.covariance, apart) + np.linalg.slogdet(2 * np.pi * last.covariance)[1]
    )

    whole = ENERGY(Bayes(Gauss)(WIDE))
    for lens in lenses:
        whole = whole >> ENERGY(lens)

    @jax.jit
    def values(path, whole, prior):
        return FE(path).at(prior)(SEEN), whole.at(Gauss.id(unit))(SEEN)

    assert np.allclose(values(path, whole, WIDE), -evidence)


@pytest.mark.paper(AUTO, "Thm 23")
def test_with_the_prior_as_a_game_the_energies_add_up_to_the_free_energy():
    prior = Bayes(FinStoch)(PI)

    assert np.allclose((ENERGY(C) >> ENERGY(D)).at(PI)(1), 0.237420, atol=5e-7)
    assert np.allclose((ENERGY(prior) >> ENERGY(C) >> ENERGY(D)).at(START)(1), 0.920568, atol=5e-7)
    assert np.allclose(ENERGY(prior >> C >> D).at(START)(1), 0.920568, atol=5e-7)
    exact = Bayes(FinStoch)
    truth = (ENERGY(prior) >> ENERGY(exact(C.channel)) >> ENERGY(exact(D.channel))).at(START)
    assert np.allclose(truth(1), 0.776529, atol=5e-7)


@pytest.mark.paper(AUTO, "Defs 20-29")
def test_energies_and_entropies_may_be_others_than_those_of_shannon():
    miss = AutoBayes(_hamming, _nothing)
    by_hand = [float(C.at(PI).table[y, 1 - y]) for y in range(2)]

    assert np.allclose(miss(C).at(PI).values, by_hand)
    later = [sum(float(D.at(BETWEEN).table[z, y]) * ((y != z) + by_hand[y]) for y in range(2)) for z in range(2)]
    assert np.allclose((miss(C) >> miss(D)).at(PI).values, later)
    weigh = family(R(), lambda w: miss(approximate(C.channel, kernel(X, X, jnp.stack([jnp.stack([w, 1 - w])] * 2)))))
    twice = weigh >> weigh
    assert (twice.parameter, twice.base) == (R() @ R(), Games(FinStoch))
    assert np.allclose(weigh.at([0.25]).at(PI).values, [0.75, 0.25])


def _hamming(channel):
    return Weights(channel.dom @ channel.out, 1 - jnp.eye(2))


def _nothing(back):
    return Weights(back.dom, jnp.zeros(2))


@pytest.mark.paper(THESIS, "Def 5.3.6")
def test_games_compose_strictly_and_an_identity_loses_nothing():
    f, g, h = KL(C), FE(D), MLE(C)
    one = Games(FinStoch).id(f.dom)

    assert same(((f >> g) >> h).at(PI), (f >> (g >> h)).at(PI))
    assert same((one >> f).at(PI), f.at(PI))
    assert np.array_equal(one.at(PI).values, [0, 0])
    assert (f >> g).lens == C >> D
    swap = Games(FinStoch).swap(f.cod, g.cod)
    assert same(
        ((f @ g) >> swap).at(OMEGA), (Games(FinStoch).swap(f.dom, g.dom) >> (g @ f)).at(OMEGA >> FinStoch.id(X @ X))
    )
    left, right = (f >> g) @ (h >> g), (f @ h) >> (g @ g)
    assert same(left.at(OMEGA), right.at(OMEGA))
    with pytest.raises(WrongCategory, match="played by a Bayesian lens"):
        game(C.channel, lambda prior: None)
    with pytest.raises(WrongCategory, match="losses compare"):
        KL(approximate(C.channel, FinStoch.discard(unit)))


@pytest.mark.paper(CONTEXTS, "Defs 4.1-4.4")
@pytest.mark.paper(CONTEXTS, "contexts")
def test_fitness_in_a_context_is_the_expected_loss_and_composes():
    f, g, shift = FE(C), KL(D), kernel(X, X, [[0.5, 0.5], [0.25, 0.75]])
    k = lambda predicted: predicted >> shift
    first = context_fitness(f, PI, lambda sigma: k(sigma >> D.channel) >> D.at(sigma))

    assert np.allclose(context_fitness(f >> g, PI, k), first + context_fitness(g, BETWEEN, k))
    told = k(BETWEEN >> D.channel).table
    assert np.allclose(context_fitness(g, BETWEEN, k), sum(told[z] * KL(D).at(BETWEEN)(z) for z in range(2)))


@pytest.mark.paper(CONTEXTS, "Prop 4.11")
def test_likelihood_inference_free_energy_and_autoencoders_are_games():
    told = kernel(unit, X, [0.3, 0.7])
    k = lambda predicted: told
    tables = (BETWEEN, C.at(PI), Bayes(FinStoch)(C.channel).at(PI), PI, C.channel)
    predicted, back, posterior, believed, channel = (np.asarray(f.table) for f in tables)
    likelihood = game(C, lambda prior: Weights(X, (prior >> C.channel).table))
    y = np.asarray(told.table)

    assert np.allclose(context_fitness(likelihood, PI, k), y @ predicted)
    inference = np.sum(back * np.log(back / posterior), axis=1)
    assert np.allclose(context_fitness(KL(C), PI, k), y @ inference)
    bound = -np.sum(back * np.log(channel.T), axis=1) + np.sum(back * np.log(back / believed), axis=1)
    assert np.allclose(context_fitness(FE(C), PI, k), y @ bound)
    assert np.allclose(y @ bound, y @ inference - y @ np.log(predicted))
    data = lambda predicted: predicted  # an autoencoder is told what it says
    assert np.allclose(context_fitness(FE(C), PI, data), predicted @ bound)


@pytest.mark.paper(THESIS, "KL of channels")
def test_the_divergence_of_open_channels_adds_up_along_and_beside():
    f, other = C.channel, kernel(X, X, [[0.5, 0.5], [0.25, 0.75]])
    g, another = D.channel, kernel(X, X, [[0.75, 0.25], [0.5, 0.5]])
    whole = open_channel(f).then(open_channel(g)).arrow
    second = open_channel(other).then(open_channel(another)).arrow

    assert same(kl(whole, second), expect(f, kl(g, another)).plus(kl(f, other)))
    beside = kl(f @ g, other @ another)
    assert same(beside, kl(f, other).within(X @ X, 0).plus(kl(g, another).within(X @ X, 1)))


def lens_of(theta, phi, uses_prior):
    """A chain whose channels are moved by `theta`, and whose ways back by `phi` and, perhaps, the prior."""
    row = lambda a: jnp.stack([jax.nn.sigmoid(a), jax.nn.sigmoid(-a)])
    channel = lambda a: kernel(X, X, jnp.stack([row(a), row(-2 * a)]))
    back = lambda a: kernel(X, X, jnp.stack([row(a), row(3 * a)]))
    lens = lambda t, p: Bayes(FinStoch)(channel(t)) if uses_prior else approximate(channel(t), back(p))
    return ENERGY(lens(theta[0], phi[0])) >> ENERGY(lens(theta[1], phi[1]))


@pytest.mark.paper(AUTO, "local gradients")
def test_local_gradients_leave_cross_terms_out():
    at = (jnp.array([0.5, -0.25]), jnp.array([0.25, 0.5]))
    slope = lambda at, uses, local: gradient(lambda p: lens_of(p[0], p[1], uses), at, PI, 1, local=local)
    cases = [(uses, local) for uses in (True, False) for local in (True, False)]
    both = jax.jit(lambda at: [slope(at, *case) for case in cases])
    local_exact, true_exact, local, true = both(at)

    assert not np.allclose(local_exact[0], true_exact[0], atol=1e-3)  # the first channel moves the prior of the second
    assert np.allclose(local[0], true[0])  # no way back looks at a prior
    assert np.allclose(local[1][0], true[1][0])
    assert not np.allclose(local[1][1], true[1][1], atol=1e-3)  # what the second sends back moves with it
    steps = [lens_of(*at, uses).at(PI, local=True)(1) - lens_of(*at, uses).at(PI)(1) for uses in (True, False)]
    assert np.allclose(steps, 0)
    h, up = 1e-5, lambda h: lens_of(at[0].at[0].add(h), at[1], True)
    assert np.allclose((up(h).at(PI)(1) - up(-h).at(PI)(1)) / (2 * h), true_exact[0][0], atol=1e-6)


def test_effects_are_averaged_as_sums_and_as_integrals():
    table, values = np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([2.0, np.inf])
    certain = expect(kernel(X, X, table), Weights(X, jnp.asarray(values)))

    assert np.array_equal(certain.values, [np.inf, 2.0])  # what does not happen does not count
    assert np.allclose(entropy(kernel(X, X, table)).values, [-0.25 * np.log(0.25) - 0.75 * np.log(0.75), 0])
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    effect, total = surprise(STEP), 0.0
    for (a, wa), (b, wb) in itertools.product(zip(nodes, weights, strict=True), repeat=2):
        draw = GUESS.matrix @ SEEN + GUESS.mean + GUESS.factor @ np.array([a, b])
        total += wa * wb / (2 * np.pi) * effect(SEEN, draw)
    graph = Gauss.pair(Gauss.id(V), GUESS)
    assert np.allclose(expect(graph, effect)(SEEN), total)
    with pytest.raises(NotParallel, match="average the effect over"):
        expect(PI, certain.within(X @ X, 0))
    with pytest.raises(NotParallel, match="cannot add"):
        certain.plus(certain.within(X @ X, 0))
    with pytest.raises(WrongCategory, match="no surprise"):
        surprise(3)


def test_logarithms_of_probabilities_have_the_same_losses():
    lens = approximate(logarithm(C.channel), logarithm(C.at(PI)))

    assert lens.base == LogFinStoch
    assert same(FE(lens).at(logarithm(PI)), FE(C).at(PI))
    assert same(KL(lens).at(logarithm(PI)), KL(C).at(PI))


def test_directions_that_do_not_vary_say_nothing():
    flat = GaussianMap(unit, V, jnp.zeros((2, 0)), jnp.array([1.0, 3.0]), jnp.array([[2.0], [0.0]]))
    narrow = GaussianMap(unit, V, jnp.zeros((2, 0)), jnp.array([1.0, 3.0]), jnp.array([[1.0], [0.0]]))

    assert np.allclose(entropy(flat)(), 0.5 * np.log(2 * np.pi * np.e * 4))
    assert np.allclose(kl(narrow, flat)(), 0.5 * (0.25 - 1) + np.log(2))
    assert kl(flat, flat)() == 0


def test_the_identity_is_its_own_copy_composite():
    channel, back = opened(Bayes(FinStoch).id(C.dom), PI)

    assert (channel.arrow, back) == (FinStoch.id(X), FinStoch.id(X))


def variational_autoencoder(d, k):
    """A linear decoder with one noise, and a linear encoder with a noise of its own, as a family of Bayesian lenses."""

    def lens(weight, bias, noise, inverse, shift, spread):
        decoder = GaussianMap(R(k), R(d), weight, bias, jnp.exp(noise) * jnp.eye(d))
        factor = jnp.tril(spread, -1) + jnp.diag(jnp.exp(jnp.diagonal(spread)))
        return approximate(decoder, GaussianMap(R(d), R(k), inverse, shift, factor))

    small = lambda wire, *, key: 0.5 * jax.random.normal(key, wire.shape)
    blank = lambda wire, *, key: wire.zeros()
    parameters = R(d, k) @ R(d) @ R() @ R(k, d) @ R(k) @ R(k, k)
    return family(parameters, lens, labels=list("WbsVcr"), init=[small, blank, blank, small, blank, blank])


@pytest.mark.paper(AUTO, "Defs 20-29")
@pytest.mark.slow
def test_a_linear_autoencoder_trained_on_its_free_energy_is_probabilistic_pca():
    flowers = np.asarray(load_iris(return_X_y=True)[0], float)
    ys = flowers - flowers.mean(0)
    (n, d), k = ys.shape, 2
    prior = gaussian(unit, R(k), factor=jnp.eye(k))
    model = objective(variational_autoencoder(d, k), FE, prior)

    rate = lambda step: 0.025 * (1 + jnp.cos(jnp.pi / 600 * step.astype(float)))
    run = learn.fit(model, itself(), learn.adam(rate), (ys, ()), steps=600, batch=None, key=jax.random.key(0))

    covariance = ys.T @ ys / n
    values, vectors = (a[..., ::-1] for a in np.linalg.eigh(covariance))
    left, plane = values[k:].mean(), vectors[:, :k]
    likely = plane * (values[:k] - left) @ plane.T + left * np.eye(d)
    surprise = 0.5 * (np.linalg.slogdet(2 * np.pi * likely)[1] + np.trace(np.linalg.solve(likely, covariance)))
    weight, bias, noise, *_ = run.parameters
    assert np.allclose(weight @ np.linalg.pinv(weight), plane @ plane.T, atol=1e-3)
    assert np.allclose(np.exp(2 * noise), left, atol=1e-3)
    assert np.allclose(weight @ weight.T + np.exp(2 * noise) * np.eye(d), likely, atol=1e-3)
    assert np.allclose(bias, 0, atol=1e-3)
    assert np.allclose(run.history.loss[-1], surprise, atol=1e-3)
    assert run.history.loss[-1] >= surprise - 1e-9
    learnt = variational_autoencoder(d, k).at(run.parameters)
    assert is_exact(learnt, prior, tol=1e-2)
    with pytest.raises(WrongCategory, match="a family of Bayesian lenses"):
        objective(learnt, FE, prior)


def test_families_compose_and_collect_their_parameters():
    coin = family(
        R(), lambda p: kernel(unit, X, jnp.stack([p, 1 - p])), labels=["p"], init=[lambda wire, *, key: jnp.array(0.25)]
    )
    flip = Families(FinStoch).lift(kernel(X, X, [[0.0, 1.0], [1.0, 0.0]]))

    two = (coin >> flip) @ coin

    assert two.parameter == R() @ R()
    assert np.allclose(two.at([0.25, 0.5]).table, np.outer([0.75, 0.25], [0.5, 0.5]))
    assert two.init(key=jax.random.key(0)) == (0.25, 0.25)
    die = family(
        R(2),
        lambda p: kernel(unit, Fin(3), jnp.stack([p[0], p[1], 1 - p[0] - p[1]])),
        labels=["q"],
        init=[lambda wire, *, key: jnp.array([0.5, 0.25])],
    )
    both = coin @ die
    assert (both.dom, both.cod, both.parameter, both.labels) == (unit, X @ Fin(3), R() @ R(2), ("p", "q"))
    assert np.allclose(both.at([0.25, [0.5, 0.25]]).table, np.outer([0.25, 0.75], [0.5, 0.25, 0.25]))
    assert [np.size(p) for p in both.init(key=jax.random.key(0))] == [1, 2]
    assert Families(FinStoch).id(X).at([]) == FinStoch.id(X)
    assert np.array_equal(Families(FinStoch).swap(X, X).at([]).table, FinStoch.swap(X, X).table)
    with pytest.raises(MissingInitialiser):
        family(R(), lambda p: kernel(unit, X, jnp.stack([p, 1 - p]))).init(key=jax.random.key(0))
    with pytest.raises(WrongObject, match="a function from parameters to arrows"):
        family(R(), lambda p: p)


def test_in_single_precision_losses_stay_finite():
    with jax.enable_x64(False):
        single = jax.tree.map(lambda x: np.asarray(x, np.float32), (ROUGH, WIDE))
        lens, prior = jax.tree.map(jnp.asarray, single)
        losses = jax.jit(lambda lens, prior, y: [loss(lens >> lens).at(prior)(y) for loss in (FE, LFE, MLE, KL)])
        found = losses(lens, prior, jnp.array([0.5, 2.0]))

    assert np.isfinite(found).all()


def test_a_chain_of_lenses_and_its_loss_lower_to_each_platform():
    assert lowers_everywhere(lambda lens, prior: (lens.at(prior), FE(lens).at(prior)(1)), C >> D, PI)
    assert lowers_everywhere(lambda lens, prior: (lens.at(prior), FE(lens).at(prior)(SEEN)), ROUGH >> ROUGH, WIDE)
