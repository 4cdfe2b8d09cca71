"""Chains of finite kernels: against sums over all paths in fractions, against gradients, and against what others get wrong."""

import itertools
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import CatlearnError, Fin, FinStoch, infer, unit
from catlearn.categories import FinStochCategory, Kernel, LogFinStoch
from catlearn.infer.chain import Chain, observations
from catlearn.infer.finite_chain import backward, forward, steps
from catlearn.objects import Boolean, Log, MaxPlus, N, Q
from catlearn.theory.errors import Infeasible, WrongCategory, WrongValue

SCANS, FACTS = "1905.13002", "inference"
X, Y = Fin(3), Fin(2)
T = 5
FORMS = [infer.Scaled(), infer.Logarithms(), infer.FiniteBlocks(2)]
forms = pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)


def rows(seed, *shape):
    """Probabilities as fractions, some of them zero."""
    weights = np.random.default_rng(seed).integers(0, 4, shape)
    weights[..., 0] += weights.sum(axis=-1) == 0
    total = weights.sum(axis=-1, keepdims=True)
    pairs = zip(weights.flat, np.broadcast_to(total, shape).flat, strict=True)
    return np.array([Fraction(int(w), int(t)) for w, t in pairs], object).reshape(shape)


def drawn(seed, *, stacked):
    """A chain of fractions."""
    over = FinStochCategory(Q)
    stack = lambda n, *shape: ((n,) if stacked else ()) + shape
    prior = Kernel(unit, X, rows(seed, 3), over)
    move, read = (
        Kernel(X, X, rows(seed + 1, *stack(T - 1, 3, 3)), over),
        Kernel(X, Y, rows(seed + 2, *stack(T, 3, 2)), over),
    )
    return infer.chain(prior, move, read, T)


def of(dom, cod, table):
    """A kernel of floats, trusted."""
    return Kernel(dom, cod, jnp.asarray(table, float), FinStoch)


def floats(c, over=FinStoch):
    to = lambda f: of(f.dom, f.cod, f.table.astype(float))
    c = Chain(to(c.prior), to(c.transition), to(c.emission), c.length)
    return c if over == FinStoch else logs(c)


def logs(c):
    log = lambda f: Kernel(
        f.dom, f.cod, Log.array(np.log(np.maximum(f.table, 1e-300)) + np.where(f.table, 0, -np.inf)), LogFinStoch
    )
    return Chain(log(c.prior), log(c.transition), log(c.emission), c.length)


def weights(c, ys, seen):
    """The probability of each path and of what was read on it."""
    at = lambda f, k, rank: f.table[k] if f.table.ndim > rank else f.table
    found = {}
    for path in itertools.product(range(3), repeat=c.length):
        p = c.prior.table[path[0]]
        for k, x in enumerate(path):
            p = p * (at(c.transition, k - 1, 2)[path[k - 1], x] if k else 1)
            p = p * (at(c.emission, k, 2)[x, ys[k]] if seen[k] else 1)
        found[path] = p
    return found


def marginal(found, k, total):
    return [sum((p for path, p in found.items() if path[k] == x), Fraction(0)) / total for x in range(3)]


READ = np.array([0, 1, 1, 0, 1])
ALL, SOME = np.ones(T, bool), np.array([True, False, True, True, False])


@pytest.mark.parametrize("seen", [ALL, SOME], ids=["all", "some"])
@pytest.mark.parametrize("stacked", [False, True])
def test_over_fractions_the_passes_are_sums_over_all_paths(stacked, seen):
    possible = 0
    for seed in range(0, 40, 4):
        c = drawn(seed, stacked=stacked)
        found = weights(c, READ, seen)
        total = sum(found.values())
        m = steps(c, observations(c, READ, seen))
        ahead = forward(m)
        assert np.prod(ahead.mass) == total
        if total:
            possible += 1
            assert backward(m, ahead).tolist() == [marginal(found, k, total) for k in range(T)]
            first = weights(Chain(c.prior, c.transition, c.emission, 3), READ, seen)
            assert ahead.filtered[2].tolist() == marginal(first, 2, sum(first.values()))

    assert possible >= 5


@forms
@pytest.mark.paper(SCANS, "HMM")
@pytest.mark.paper(SCANS, "smoothing")
def test_every_form_has_the_answers_of_the_fractions(form):
    for seed in range(0, 40, 4):
        c = drawn(seed, stacked=True)
        found = weights(c, READ, SOME)
        total = sum(found.values())
        post = infer.smoothed(floats(c), READ, SOME, form=form)
        assert post.ok == (total > 0)
        assert np.isclose(np.exp(post.log_evidence), float(total), atol=1e-12)
        if total:
            right = np.array([marginal(found, k, total) for k in range(T)], float)
            assert np.allclose(post.probabilities, right, atol=1e-12)
            assert np.allclose(post.state(2).table, right[2], atol=1e-12)
            assert np.array_equal(post.rank, SOME)


def gilbert_elliott():
    """The worked example of the specification."""
    p0, p1, p2, q0, q1 = 0.03, 0.1, 0.05, 0.01, 0.1
    flip, stay = np.array([[1 - p0, p0], [p1, 1 - p1]]), 1 - p2
    table = np.block([[stay * flip, p2 * flip], [p2 * flip, stay * flip]])
    reads = [[1 - q0, q0], [1 - q1, q1], [q0, 1 - q0], [q1, 1 - q1]]
    states = Fin(4)
    c = infer.chain(of(unit, states, [0.25] * 4), of(states, states, table), of(states, Y, reads), 8)
    return c, [0, 0, 1, 1, 0, 1, 1, 1]


@forms
@pytest.mark.paper(SCANS, "value HMM")
def test_the_worked_chain_has_the_values_of_the_specification(form):
    c, ys = gilbert_elliott()
    post = infer.smoothed(c, ys, form=form)
    near = lambda x, y: np.allclose(x, y, atol=1e-6)

    assert near(post.filtered[-1], [0.000249, 0.005019, 0.424471, 0.570261])
    assert near(post.log_evidence, -7.221137)
    assert near(post.probabilities[0], [0.233261, 0.652714, 0.000873, 0.113151])
    assert near(post.probabilities[4], [0.051143, 0.079752, 0.146215, 0.722890])
    assert infer.most_likely(c, ys).tolist() == [1, 1, 3, 3, 3, 3, 3, 3]
    assert near(infer.over_paths(c, ys, rig=MaxPlus).total, -8.467419)


@pytest.mark.paper(SCANS, "marginals by gradient")
@pytest.mark.slow
def test_smoothed_laws_are_the_gradient_of_the_log_evidence():
    c, ys = gilbert_elliott()
    likelihoods = c.emission.table.T[jnp.array(ys)]

    def evidence(log_likelihoods):
        read = Kernel(Fin(4), Fin(1), jnp.exp(log_likelihoods)[..., None], FinStoch)
        return infer.log_evidence(infer.chain(c.prior, c.transition, read, 8), np.zeros(8, int), form=FORMS[2])

    by_gradient = jax.grad(evidence)(jnp.log(likelihoods))

    assert np.allclose(by_gradient, infer.smoothed(c, ys, form=FORMS[2]).probabilities, atol=1e-9)


def four(prior, read, move=None):
    """A chain of the shape of the worked example."""
    states = Fin(4)
    move = np.eye(4) if move is None else move
    return infer.chain(of(unit, states, prior), of(states, states, move), of(states, Y, read), 8)


EXACT = np.tile(np.eye(2), (2, 1))


def impossible():
    """A switch that stays, and is seen as it is; and two states more, which are not reached."""
    return four([0.5, 0.5, 0.0, 0.0], EXACT), [0, 0, 0, 1, 1, 1, 1, 1]


@forms
@pytest.mark.paper(FACTS, "impossible evidence")
def test_what_cannot_be_has_no_evidence_no_law_and_no_nan(form):
    c, ys = impossible()
    post = infer.smoothed(c, ys, form=form)

    assert not post.ok
    assert post.log_evidence == -np.inf
    assert not any(np.isnan(leaf).any() for leaf in jax.tree.leaves(post))
    assert np.all(post.probabilities == 0)
    assert post.filtered[:3].tolist() == [[1, 0, 0, 0]] * 3
    assert post.increments[:3].tolist() == [np.log(0.5), 0, 0]
    assert post.residual.tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    with pytest.raises(Infeasible, match="impossible"):
        post.require()
    assert infer.smoothed(c, [1] * 8, form=form).require().ok


def test_the_gradient_up_to_what_cannot_be_is_right_where_a_probability_is_zero_too():
    c, ys = impossible()
    read = observations(c, np.array(ys))
    prior = lambda table: Chain(Kernel(unit, Fin(4), table, FinStoch), c.transition, c.emission, 8)
    total = lambda table: jnp.sum(infer.Scaled().filtered(prior(table), read).increments[:3])

    assert np.allclose(jax.jit(jax.grad(total))(c.prior.table), [2, 0, 2, 0], atol=1e-9)


def test_no_path_is_made_up_for_what_cannot_be():
    c, ys = impossible()

    assert np.all(infer.most_likely(c, ys) == -1)
    assert np.all(infer.paths(c, ys, key=jax.random.key(0), n=3) == -1)


@forms
def test_what_is_improbable_is_not_impossible(form):
    """A prediction of 1e-9 is what is seen: some call it zero."""
    rare = np.array([[1 - 1e-9, 1e-9, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    post = infer.smoothed(four([1.0, 0, 0, 0], EXACT, rare), [0] * 7 + [1], form=form)

    assert post.ok
    assert np.isclose(post.log_evidence, np.log(1e-9) + 6 * np.log1p(-1e-9), atol=1e-12)
    assert np.allclose(post.probabilities, np.eye(4)[[0] * 7 + [1]])


@forms
def test_a_state_that_cannot_be_reached_may_explain_better(form):
    """It explains the readings 1e1600 times better than the one that is, but has no mass."""
    c = four([1.0, 0, 0, 0], [[1.0, 1e-200], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    post = infer.smoothed(c, [1] * 8, form=form)

    assert np.isclose(post.log_evidence, 8 * np.log(1e-200))
    assert post.probabilities.tolist() == [[1, 0, 0, 0]] * 8


def test_logarithms_remember_what_floats_forget():
    c = four([0.5, 0.5, 0, 0], [[1.0, 0.0], [1e-200, 1.0], [0.0, 1.0], [0.0, 1.0]])
    scaled, log = (infer.smoothed(c, [0, 0, 1, 1, 1, 1, 1, 1], form=form) for form in FORMS[:2])

    assert not scaled.ok
    assert np.isclose(log.log_evidence, 2 * np.log(1e-200) + np.log(0.5))
    assert log.probabilities.tolist() == [[0, 1, 0, 0]] * 8


@pytest.mark.slow
def test_a_chain_of_logarithms_has_the_same_answers():
    c = floats(drawn(4, stacked=True))
    one, other = infer.smoothed(c, READ), infer.smoothed(logs(c), READ)

    assert np.allclose(one.probabilities, other.probabilities, atol=1e-12)
    assert np.isclose(one.log_evidence, other.log_evidence, atol=1e-12)
    assert np.array_equal(infer.most_likely(c, READ), infer.most_likely(logs(c), READ))
    assert other.state(1).category == LogFinStoch


def test_the_most_likely_path_has_the_largest_weight_even_among_equals():
    for seed in range(0, 40, 4):
        c = drawn(seed, stacked=True)
        found = weights(c, READ, SOME)
        path = tuple(infer.most_likely(floats(c), READ, SOME).tolist())

        assert (found[path] if min(path) >= 0 else 0) == max(found.values())


def test_a_sum_over_paths_is_the_same_at_every_step_of_every_rig():
    c = drawn(4, stacked=True)
    found = weights(c, READ, SOME)
    right = {
        Q: sum(found.values()),
        N: sum(p > 0 for p in found.values()),
        Boolean: any(p > 0 for p in found.values()),
        Log: np.log(float(sum(found.values()))),
        MaxPlus: np.log(float(max(found.values()))),
    }
    for rig, value in right.items():
        for given, block in ((c, None), *([(floats(c), 2)] if rig == MaxPlus else [])):
            f, b, total = infer.over_paths(given, READ, SOME, rig=rig, block=block)
            assert rig.close(rig.sum(rig.multiply(f, b), axis=1), np.full(T, value), 1e-12)
            assert np.isclose(float(total), float(value), atol=1e-12)


@pytest.mark.slow
def test_paths_are_drawn_as_often_as_they_are_likely():
    c = drawn(4, stacked=False)
    found = weights(c, READ, SOME)
    total, n = sum(found.values()), 4000
    paths = np.asarray(infer.paths(floats(c), READ, SOME, key=jax.random.key(0), n=n))
    counted = {path: float(np.mean(np.all(paths == path, axis=1))) for path in found}
    by_logs = np.asarray(infer.paths(floats(c, LogFinStoch), READ, SOME, key=jax.random.key(0), n=n))

    assert paths.shape == (n, T)
    assert all(counted[path] == 0 for path, p in found.items() if p == 0)
    assert max(abs(counted[path] - float(p / total)) for path, p in found.items()) < 5 * np.sqrt(0.25 / n)
    assert np.mean(paths == by_logs) > 0.999


def test_a_forecast_is_the_last_law_moved_on():
    c = floats(drawn(4, stacked=False))
    ahead = infer.forecast(c, READ, 3)
    last, move = infer.filtered(c, READ).probabilities[-1], c.transition.table

    assert np.allclose(ahead.probabilities, [last @ np.linalg.matrix_power(move, k) for k in (1, 2, 3)])
    assert ahead.log_evidence == 0


def test_a_state_may_have_several_wires():
    pair, over = X @ Y, FinStochCategory(Q)
    tables = rows(1, 6), rows(3, 6, 6), rows(2, 6, 6)
    shapes = (3, 2), (3, 2, 3, 2), (3, 2, 2, 3)
    ends = (unit, pair), (pair, pair), (pair, Y @ X)
    p, t, e = (of(*e, t.astype(float).reshape(s)) for e, t, s in zip(ends, tables, shapes, strict=True))
    c = Chain(p, t, e, 4)
    ys = np.array([0, 1, 0, 1]), np.array([2, 0, 1, 0])
    flat = (unit, Fin(6)), (Fin(6), Fin(6)), (Fin(6), Fin(6))
    p, t, e = (Kernel(*e, t, over) for e, t in zip(flat, tables, strict=True))
    exact = Chain(p, t, e, 4)
    m = steps(exact, observations(exact, np.ravel_multi_index(ys, (2, 3))))
    post = infer.smoothed(c, ys, form=FORMS[0])

    assert post.ok
    assert post.state(1).table.shape == (3, 2)
    assert np.allclose(post.probabilities, backward(m, forward(m)).astype(float).reshape(4, 3, 2))
    assert all(np.all(w >= 0) and np.all(w < n) for w, n in zip(infer.most_likely(c, ys), (3, 2), strict=True))


def test_a_chain_of_one_step_is_an_inverse():
    c = floats(drawn(4, stacked=False))
    none = infer.chain(c.prior, Kernel(X, X, jnp.zeros((0, 3, 3)), FinStoch), c.emission, 1)
    right = FinStoch.bayes_inverse(c.emission, c.prior)(1).table

    assert np.allclose(infer.smoothed(none, [1], form="blocks").probabilities[0], right)


@pytest.mark.slow
def test_sequences_are_smoothed_in_batches():
    c = floats(drawn(4, stacked=False))
    many = np.random.default_rng(0).integers(0, 2, (4, T))
    together = jax.vmap(lambda ys: infer.smoothed(c, ys).probabilities)(many)

    assert np.allclose(together[2], infer.smoothed(c, many[2]).probabilities)


@pytest.mark.paper(FACTS, "float32 likelihood")
def test_in_float32_a_hundred_thousand_steps_lose_less_than_a_fiftieth_of_a_nat():
    rng, n = np.random.default_rng(0), 100_000
    tables = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4), 4), rng.dirichlet(np.ones(2), 4)
    ys = rng.integers(0, 2, n)

    def smoothed(dtype):
        single = [jnp.asarray(t.astype(np.float32), dtype) for t in tables]
        ends = ((unit, Fin(4)), (Fin(4), Fin(4)), (Fin(4), Y))
        p, t, e = (Kernel(*e, t, FinStoch) for e, t in zip(ends, single, strict=True))
        return infer.smoothed(Chain(p, t, e, n), ys)

    one, other = smoothed(np.float32), smoothed(float)

    assert one.increments.dtype == one.laws.dtype == np.float32
    assert abs(float(one.log_evidence) - float(other.log_evidence)) < 0.02
    assert np.max(np.abs(np.asarray(one.probabilities) - np.asarray(other.probabilities))) < 2e-6


def test_the_programs_lower_for_every_platform():
    c, ys = gilbert_elliott()
    for form in ("scaled", "blocks"):
        program = jax.jit(lambda c, ys, form=form: infer.smoothed(c, ys, form=form).laws)
        exported = jax.export.export(program, platforms=("cpu", "cuda", "tpu"))(c, np.array(ys))
        assert exported.platforms == ("cpu", "cuda", "tpu")


# ------------------------------------------------------------------------------------------------------------- learning


def series(n):
    """A switch that seldom turns, and is read with errors."""
    rng = np.random.default_rng(1)
    state = np.cumsum(rng.random(n) < 0.1) % 2
    return np.where(rng.random(n) < 0.15, 1 - state, state)


def beginning(n):
    move, read = of(Y, Y, [[0.7, 0.3], [0.4, 0.6]]), of(Y, Y, [[0.8, 0.2], [0.3, 0.7]])
    return infer.chain(of(unit, Y, [0.5, 0.5]), move, read, n)


def test_no_round_lowers_the_evidence_and_learning_by_gradient_ends_at_the_same_chain():
    n = 60
    ys = series(n)
    found = infer.em_finite(beginning(n), ys, rounds=300)

    def built(logits):
        move, read = (Kernel(Y, Y, jax.nn.softmax(table), FinStoch) for table in logits)
        return infer.chain(found.chain.prior, move, read, n)

    start = [jnp.log(f.table) for f in (beginning(n).transition, beginning(n).emission)]
    fitted = infer.fit_chain(built, ys, start=start, steps=200)

    assert np.all(np.diff(found.log_evidence) > -1e-9)
    assert found.log_evidence[-1] - found.log_evidence[0] > 10
    assert np.isclose(fitted.log_evidence[-1], found.log_evidence[-1], atol=1e-2)
    assert np.allclose(fitted.chain.transition.table, found.chain.transition.table, atol=1e-2)
    assert np.allclose(fitted.chain.emission.table, found.chain.emission.table, atol=1e-2)


def test_a_round_divides_expected_counts():
    c = floats(drawn(4, stacked=False))
    found = weights(drawn(4, stacked=False), READ, SOME)
    total = float(sum(found.values()))
    moves, reads = np.zeros((3, 3)), np.zeros((3, 2))
    for path, p in found.items():
        for k, x in enumerate(path):
            reads[x, READ[k]] += SOME[k] * float(p) / total
            if k:
                moves[path[k - 1], x] += float(p) / total
    learned = infer.em_finite(c, READ, SOME, rounds=1).chain
    share = lambda n, before: np.where(n.sum(axis=1, keepdims=True) > 0, n / n.sum(axis=1, keepdims=True), before)

    with np.errstate(invalid="ignore"):
        assert np.allclose(learned.transition.table, share(moves, c.transition.table))
        assert np.allclose(learned.emission.table, share(reads, c.emission.table))
    assert np.allclose(learned.prior.table, np.array(marginal(found, 0, sum(found.values())), float))


def test_a_state_that_is_never_visited_keeps_its_rows_and_nothing_is_nan():
    move, read = [[1.0, 0.0, 0.0], [0.25, 0.75, 0.0], [0.0, 0.5, 0.5]], [[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]]
    c = infer.chain(of(unit, X, [1.0, 0.0, 0.0]), of(X, X, move), of(X, Y, read), T)
    learned = infer.em_finite(c, READ, ALL, rounds=1).chain

    assert learned.transition.table.tolist() == move
    assert np.allclose(learned.emission.table, [[0.4, 0.6], *read[1:]])


def test_mistakes_are_named():
    c = floats(drawn(4, stacked=True))
    with pytest.raises(WrongValue, match="one for all steps"):
        infer.em_finite(c, READ)
    with pytest.raises(WrongCategory, match="FinStoch"):
        infer.em_finite(logs(c), READ)
    with pytest.raises(WrongCategory, match="probabilities"):
        infer.over_paths(logs(c), READ)
    with pytest.raises(WrongValue, match="blocks"):
        infer.smoothed(c, READ, form="root")
    with pytest.raises(CatlearnError):
        infer.smoothed(c, [0, 1, 2, 0, 1])
