"""Networks against enumeration of the joint law, exact fractions, the other mode of computing them, and hand-made cases."""

import importlib.util
import itertools
import types
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn import Fin, FinStoch, R, gaussian, kernel, unit
from catlearn.categories import FinStochCategory, LogFinStoch
from catlearn.categories.finstoch import Kernel
from catlearn.categories.tables import shape, size
from catlearn.constructions import FreeMarkov, Interpretation, Word
from catlearn.infer import Contraction, jeffrey, network, pearl, predicate, read_bif, switched
from catlearn.infer.bif import of_model
from catlearn.objects import Q
from catlearn.theory.errors import (
    ImpossibleEvidence,
    Infeasible,
    MissingExtra,
    NotStochastic,
    WrongCategory,
    WrongObject,
    WrongValue,
)

ANSWER = Fin(2, labels=["yes", "no"])
EXACT = FinStochCategory(Q)
PGMPY = importlib.util.find_spec("pgmpy")
PARENTS = {
    "tub": ["asia"],
    "lung": ["smoke"],
    "bronc": ["smoke"],
    "either": ["lung", "tub"],
    "xray": ["either"],
    "dysp": ["bronc", "either"],
}
YES = {  # hundredths, in the order of the parents
    "asia": 1,
    "tub": [5, 1],
    "smoke": 50,
    "lung": [10, 1],
    "bronc": [60, 30],
    "either": [[100, 100], [100, 0]],
    "xray": [98, 5],
    "dysp": [[90, 80], [70, 10]],
}


def asia_of(over, number):
    """The chest clinic of Lauritzen and Spiegelhalter (1988)."""
    kernels = {}
    for name, hundredths in YES.items():
        yes = np.array(hundredths, object)
        table = np.stack([yes, 100 - yes], axis=-1)
        table = np.vectorize(lambda n: number(int(n)), otypes=[object])(table)
        dom = ANSWER if name in ("tub", "lung", "bronc", "xray") else ANSWER @ ANSWER if yes.ndim == 2 else unit
        kernels[name] = kernel(dom, ANSWER, table if over is EXACT else table.astype(float), over=over)
    return network(kernels, PARENTS)


ASIA = asia_of(FinStoch, lambda n: n / 100)
ASIA_Q = asia_of(EXACT, lambda n: Fraction(n, 100))
ASIA_LOG = asia_of(LogFinStoch, lambda n: np.log(n / 100) if n else -np.inf)
SEEN = {"xray": "yes", "dysp": "yes"}


def enumerated(net, evidence=None):
    """The probability of each assignment and of what was seen."""
    rows = {}
    weights = net.findings(evidence)
    for values in itertools.product(*map(range, net.plan.sizes)):
        p = Fraction(1)
        for f, ins, outs in zip(net.kernels, net.wiring.ins, net.wiring.outs, strict=True):
            p *= f.table[tuple(values[v] for v in ins + outs)]
        for v, x in enumerate(values):
            p *= weights[net.plan.slices[v]][x]
        rows[values] = p
    return rows


def marginal(rows, v):
    total = sum(rows.values())
    law = [Fraction(0)] * 2
    for values, p in rows.items():
        law[values[v]] += p / total
    return law


@pytest.mark.paper("networks", "differential")
@pytest.mark.parametrize("evidence", [{}, SEEN, {"asia": 0, "either": 1}, {"dysp": [Fraction(1, 4), Fraction(1, 2)]}])
def test_all_posteriors_of_the_chest_clinic_are_those_of_enumeration_as_fractions(evidence):
    rows, found = enumerated(ASIA_Q, evidence), ASIA_Q.posterior(evidence)
    for v, name in enumerate(ASIA_Q.names):
        assert list(found.state(name).table) == marginal(rows, v)
    assert np.isclose(found.log_evidence, np.log(float(sum(rows.values()))))


def test_floats_and_logarithms_give_what_fractions_give():
    exact = ASIA_Q.posterior(SEEN)
    for net, read in ((ASIA, np.asarray), (ASIA_LOG, np.exp)):
        found = net.posterior(SEEN)
        assert np.allclose(read(found.table), exact.table.astype(float), rtol=1e-12, atol=0)
        assert np.isclose(found.log_evidence, exact.log_evidence, rtol=1e-12)


@pytest.mark.paper("networks", "differential")
@pytest.mark.paper("inference", "all marginals")
def test_posteriors_are_the_gradient_of_the_log_evidence_by_the_weights():
    weights = ASIA.findings(SEEN)
    gradient = jax.grad(lambda w: ASIA.posterior(w).log_evidence)(weights)
    assert np.allclose(weights * gradient, ASIA.posterior(SEEN).table, atol=1e-12)


@pytest.mark.paper("networks", "compiled once")
def test_one_compiled_program_serves_every_set_of_evidence_and_networks_of_the_same_shape():
    traces = []

    @jax.jit
    def query(net, weights):
        traces.append(None)
        return net.posterior(weights).table

    for evidence in ({}, SEEN, {"asia": "no"}, {"smoke": [0.5, 0.25]}):
        assert np.allclose(query(ASIA, ASIA.findings(evidence)), ASIA.posterior(evidence).table)
    query(jax.tree.map(lambda table: table[..., ::-1], ASIA), ASIA.findings())
    assert len(traces) == 1


def test_a_batch_of_evidence_is_a_vmap():
    xray = jnp.array([0, 1])
    batch = jax.vmap(lambda x: ASIA.posterior({"xray": x, "dysp": 0}).table)(xray)
    for x in (0, 1):
        assert np.allclose(batch[x], ASIA.posterior({"xray": x, "dysp": 0}).table)


@pytest.mark.paper("inference", "impossible evidence")
@pytest.mark.parametrize("net", [ASIA, ASIA_LOG, ASIA_Q], ids=["floats", "logarithms", "fractions"])
def test_impossible_evidence_is_reported_and_has_no_posterior(net):
    found = net.posterior({"either": "yes", "lung": "no", "tub": "no"})
    assert not found.ok
    assert found.log_evidence == -np.inf
    assert (found.table == net.category.entries.zero).all()
    for ask in (lambda: found.state("dysp"), lambda: found.joint("dysp", "asia"), found.require):
        with pytest.raises(ImpossibleEvidence, match="probability zero"):
            ask()
    best = net.most_probable({"either": "yes", "lung": "no", "tub": "no"})
    assert not best.ok
    assert best.log_probability == -np.inf
    with pytest.raises(ImpossibleEvidence):
        best.require()


def rare_flips(n, p):
    """A chain of coins that rarely turn, and the evidence that all do."""
    coin = Fin(2)
    rare = Kernel(coin, coin, jnp.array([[1 - p, p], [p, 1 - p]]))
    kernels = {"x0": Kernel(unit, coin, jnp.array([0.5, 0.5]))} | {f"x{i}": rare for i in range(1, n)}
    net = network(kernels, {f"x{i}": [f"x{i - 1}"] for i in range(1, n)})
    return net, {f"x{i}": i % 2 for i in range(n)}


@pytest.mark.slow
def test_impossible_evidence_has_finite_derivatives():
    net, _ = rare_flips(2, 0.0)
    weights = net.findings({"x0": 0, "x1": 1})
    assert not net.posterior(weights).ok
    slope = jax.grad(lambda w: net.posterior(w).table.sum())(weights)
    assert np.isfinite(slope).all()


@pytest.mark.float32
def test_many_small_numbers_do_not_underflow():
    net, flips = rare_flips(8, 2.0**-20)
    log_evidence, ok = jax.jit(lambda w: jax.tree.leaves(net.posterior(w))[-2:])(net.findings(flips))
    assert ok
    assert np.isclose(log_evidence, np.log(0.5) - 140 * np.log(2), rtol=1e-5)


@pytest.mark.float32
def test_the_composite_of_a_long_chain_is_not_rescaled():
    net, _ = rare_flips(8, 0.25)
    assert np.allclose(net.arrow("x7").table, 0.5)
    assert np.allclose(net.posterior().joint("x0", "x1").table, [[0.375, 0.125], [0.125, 0.375]], rtol=1e-5)


def test_a_product_that_underflows_is_not_called_impossible():
    net, flips = rare_flips(3, 1e-200)
    found = net.posterior(flips)
    assert found.ok
    assert np.isclose(found.log_evidence, np.log(0.5) + 2 * np.log(1e-200))
    assert np.allclose(found.state("x1").table, [0.0, 1.0])
    assert np.allclose(found.joint("x0", "x1").table, [[0.0, 1.0], [0.0, 0.0]])
    assert np.isclose(net.most_probable(flips).log_probability, found.log_evidence)


@pytest.mark.paper("networks", "explanation")
@pytest.mark.parametrize("evidence", [{}, SEEN, {"asia": 0, "bronc": 1}])
def test_the_most_probable_explanation_is_that_of_enumeration(evidence):
    rows = enumerated(ASIA_Q, evidence)
    best = max(rows.values())
    for net in (ASIA_Q, ASIA, ASIA_LOG):
        found = net.most_probable(evidence).require()
        assert rows[tuple(map(int, found.values))] == best
        assert np.isclose(found.log_probability, np.log(float(best)))


def test_of_several_best_explanations_one_is_given_whole():
    coin = Fin(2)
    same = kernel(coin, coin, [[1.0, 0.0], [0.0, 1.0]])
    other = kernel(coin, coin, [[0.0, 1.0], [1.0, 0.0]])
    net = network({"a": kernel(unit, coin, [0.5, 0.5]), "b": same, "c": other}, {"b": "a", "c": "b"})
    best = net.most_probable()
    assert best["a"] == best["b"] != best["c"]
    assert np.isclose(best.log_probability, np.log(0.5))


def test_joint_laws_conditionals_and_arrows_are_those_of_enumeration():
    rows = enumerated(ASIA_Q, SEEN)
    total, at = sum(rows.values()), [ASIA_Q.names.index(name) for name in ("lung", "bronc")]
    joint = ASIA_Q.posterior(SEEN).joint("lung", "bronc")
    for a, b in itertools.product(range(2), repeat=2):
        wanted = sum(p for x, p in rows.items() if (x[at[0]], x[at[1]]) == (a, b)) / total
        assert joint.table[a, b] == wanted
    given = ASIA_Q.conditional(["lung"], ["xray", "dysp"])
    assert EXACT.close(given("yes", "yes"), ASIA_Q.posterior(SEEN).state("lung"))
    assert EXACT.close(ASIA_Q.arrow("xray", "xray"), ASIA_Q.arrow("xray") >> EXACT.copy(ANSWER))


def test_what_no_question_needs_is_left_out():
    part = ASIA_Q.relevant("tub", "xray")
    assert set(part.names) == {"asia", "tub", "smoke", "lung", "either", "xray"}
    assert EXACT.close(part.posterior({"xray": 0}).state("tub"), ASIA_Q.posterior({"xray": 0}).state("tub"))


ILL = Fin(2, labels=["ill", "well"])
RESULT = Fin(2, labels=["+", "-"])
PRIOR = kernel(unit, ILL, [Fraction(1, 100), Fraction(99, 100)], over=EXACT)
TEST = kernel(ILL, RESULT, [[Fraction(9, 10), Fraction(1, 10)], [Fraction(1, 20), Fraction(19, 20)]], over=EXACT)
ONE, TWO = [Fraction(4, 5), Fraction(1, 5)], [Fraction(3, 10), Fraction(7, 10)]
DISEASE = network({"ill": PRIOR, "test": TEST}, {"test": ["ill"]})


def test_soft_evidence_is_that_of_pearl_and_jeffrey():
    soft = DISEASE.posterior({"test": ONE})
    assert np.allclose(soft.state("ill").table.astype(float), [0.031476, 0.968524], atol=5e-7)
    assert np.isclose(soft.log_evidence, np.log(0.2351))
    assert EXACT.close(soft.state("ill"), pearl(PRIOR, TEST, predicate(RESULT, ONE, over=EXACT)))
    rho = kernel(unit, RESULT, ONE, over=EXACT)
    first = DISEASE.posterior(DISEASE.posterior().jeffrey("test", rho))
    assert np.allclose(first.state("ill").table.astype(float), [0.123289, 0.876711], atol=5e-7)
    assert EXACT.close(first.state("ill"), jeffrey(PRIOR, TEST, rho))
    assert EXACT.close(first.state("test"), rho)
    assert np.isclose(float(DISEASE.posterior({"test": "+"}).state("ill").table[0]), 0.153846, atol=5e-7)


def test_pearls_updates_commute_and_jeffreys_do_not():
    twice = network({"ill": PRIOR, "one": TEST, "two": TEST}, {"one": ["ill"], "two": ["ill"]})
    assert np.isclose(float(twice.posterior({"one": ONE, "two": TWO}).state("ill").table[0]), 0.0159896, atol=5e-8)
    after = []
    for order in ((ONE, TWO), (TWO, ONE)):
        found = twice.posterior()
        for test, rho in zip(("one", "two"), order, strict=True):
            found = twice.posterior(found.jeffrey(test, kernel(unit, RESULT, rho, over=EXACT)))
        after.append(float(found.state("ill").table[0]))
    assert np.allclose(after, [0.225256, 0.376782], atol=5e-7)


def test_jeffreys_update_to_what_is_impossible_is_refused_and_flagged():
    net, _ = rare_flips(2, 0.25)
    found = net.posterior({"x1": 0})
    half = kernel(unit, Fin(2), [0.5, 0.5])
    with pytest.raises(ImpossibleEvidence, match="impossible"):
        found.jeffrey("x1", half)
    flagged = jax.jit(lambda t: net.posterior(found.jeffrey("x1", Kernel(unit, Fin(2), t))).ok)
    assert not flagged(half.table)
    assert flagged(jnp.array([1.0, 0.0]))


@pytest.mark.paper("networks", "contraction")
def test_a_formal_arrow_is_contracted_to_its_interpretation():
    C, X, Y = FreeMarkov(), Word("X"), Word("Y")
    f, g, s = C.generator("f", X @ X, Y), C.generator("g", Y, X @ Y), C.generator("s", Word(), X)
    term = (X @ s) >> C.swap(X, X) >> f >> C.copy(Y) >> (g @ Y) >> (C.copy(X) @ Y @ C.discard(Y)) >> (X @ X @ C.copy(Y))
    x, y = Fin(2), Fin(3) @ Fin(2)

    def some(dom, cod):
        rows = (np.arange(size(dom) * size(cod)) * 3 % 7 + 1).reshape(size(dom), -1)
        table = np.array([[Fraction(int(n), int(row.sum())) for n in row] for row in rows], object)
        return kernel(dom, cod, table.reshape(shape(dom @ cod)), over=EXACT)

    arrows = {"f": some(x @ x, y), "g": some(y, x @ y), "s": some(unit, x)}
    meaning = Interpretation(EXACT, arrows, {"X": x, "Y": y})
    assert EXACT.close(Contraction(meaning)(term), meaning(term))
    doubled = C.copy(X) >> f
    assert EXACT.close(Contraction(meaning)(doubled), meaning(doubled))


def test_mistakes_in_networks_are_named():
    coin = kernel(unit, ANSWER, [0.5, 0.5])
    flip = kernel(ANSWER, ANSWER, [[0.5, 0.5], [0.25, 0.75]])
    with pytest.raises(WrongObject, match="above itself"):
        network({"a": flip, "b": flip}, {"a": ["b"], "b": ["a"]})
    with pytest.raises(WrongObject, match="no kernel makes"):
        network({"a": coin, "b": flip}, {"b": ["c"]})
    with pytest.raises(WrongObject, match="made twice"):
        network({"a": coin, ("a", "b"): kernel(unit, ANSWER @ ANSWER, [[0.5, 0.0], [0.0, 0.5]])})
    with pytest.raises(WrongObject, match="one name a wire"):
        network({"a": coin, "b": flip}, {"b": ["a", "a"]})
    with pytest.raises(WrongObject, match="on a wire"):
        network({"a": kernel(unit, Fin(3), [0.5, 0.25, 0.25]), "b": flip}, {"b": ["a"]})
    with pytest.raises(WrongObject, match="but no kernel"):
        network({"a": coin}, {"b": ["a"]})
    with pytest.raises(WrongObject, match="at least one"):
        network({})
    with pytest.raises(WrongObject, match="no variable 'rain'"):
        ASIA.posterior({"rain": 0})
    with pytest.raises(WrongValue, match="'xray'"):
        ASIA.posterior({"xray": "maybe"})
    with pytest.raises(WrongValue, match="finite weights"):
        ASIA.posterior({"xray": [-1.0, 0.5]})
    with pytest.raises(WrongObject, match="inputs a"):
        network({"b": flip}, {"b": ["a"]}, inputs={"a": ANSWER}).posterior()
    with pytest.raises(WrongCategory, match="all in one category"):
        network({"a": coin, "b": kernel(unit, ANSWER, [Fraction(1, 2), Fraction(1, 2)], over=EXACT)})


LINE = {
    "x": gaussian(unit, R(), mean=1.0, covariance=4.0),
    "y": gaussian(R(), R(2), [[1.0], [0.5]], mean=[0.0, 1.0], covariance=[[1.0, 0.5], [0.5, 1.0]]),
    "z": gaussian(R() @ R(2), R(), [[1.0, -1.0, 2.0]]),
}
NUMBERS = network(LINE, {"y": ["x"], "z": ["x", "y"]})


def dense(units=1.0):
    """The joint law of x, y and z, with its covariance written out."""
    g = np.array([[2, 0, 0], [2, 1, 0], [1, 0.5, 0.75**0.5]])
    g = np.vstack([g, g[0] - g[1] + 2 * g[2]]) * units
    mean = np.array([1.0, 1.0, 1.5, 3.0]) * units
    return mean, g @ g.T


@pytest.mark.paper("networks", "linear-Gaussian")
def test_a_gaussian_network_is_its_dense_joint_law_conditioned():
    mean, s = dense()
    assert np.allclose(NUMBERS.posterior().mean, mean)
    found = NUMBERS.posterior({"z": 2.0})
    gain = s[:, 3] / s[3, 3]
    assert np.allclose(found.mean, mean + gain * (2.0 - 3.0))
    assert np.allclose(found.factor @ found.factor.T, s - np.outer(gain, s[3]), atol=1e-12)
    assert np.isclose(found.log_evidence, -0.5 * (1 / s[3, 3] + np.log(2 * np.pi * s[3, 3])))
    assert found.state("y", "x").cod == R(2) @ R()


def test_which_numbers_are_seen_is_data():
    traces = []

    @jax.jit
    def query(what):
        traces.append(None)
        return NUMBERS.posterior(what).mean

    for evidence in ({}, {"z": 2.0}, {"x": 1.0, "y": jnp.array([1.0, 2.0])}):
        assert np.allclose(query(NUMBERS.findings(evidence)), NUMBERS.posterior(evidence).mean)
    assert len(traces) == 1


def test_what_was_not_seen_is_no_equation_that_could_fail():
    noisy = gaussian(R(), R(), [[1.0]], covariance=1.0)
    prior = gaussian(unit, R(), mean=2.0, covariance=4.0)
    net = network({"x": prior, "y": noisy, "z": noisy}, {"y": ["x"], "z": ["x"]})
    found = net.posterior({"y": 1.0, "z": 1.5}).require()
    assert found.rank == 2
    assert np.allclose(found.state("x").mean, 4 / 3)


def test_contradictions_among_numbers_are_reported():
    found = NUMBERS.posterior({"x": 1.0, "y": jnp.array([1.0, 2.0]), "z": 0.0})
    assert not found.ok
    assert found.log_evidence == -np.inf
    with pytest.raises(Infeasible):
        found.state("x")
    assert NUMBERS.posterior({"x": 1.0, "y": jnp.array([1.0, 2.0]), "z": 4.0}).require().rank == 3


KIND = Fin(2, labels=["a", "b"])
SWITCH = Fin(3)


def mixed_of(units=1.0):
    """Two kinds, a switch that depends on the kind, two connected numbers, one apart, and one that nothing switches."""
    g = lambda m, s, v: gaussian(R(), R(), [[m]], mean=s * units, covariance=v * units**2)
    start = [gaussian(unit, R(), mean=m * units, covariance=v * units**2) for m, v in ((0.0, 1.0), (2.0, 4.0))]
    return network(
        {
            "kind": kernel(unit, KIND, [0.25, 0.75]),
            "switch": kernel(KIND, SWITCH, [[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]]),
            "u": switched(KIND, start),
            "v": switched(SWITCH, [g(1.0, 0.0, 1.0), g(-1.0, 1.0, 0.25), g(0.0, 3.0, 1.0)]),
            "w": switched(KIND, start[::-1]),
            "alone": gaussian(unit, R(), mean=units, covariance=units**2),
        },
        {"switch": ["kind"], "u": ["kind"], "v": ["switch", "u"], "w": ["kind"]},
    )


@pytest.mark.paper("networks", "mixed")
@pytest.mark.parametrize("units", [1.0, 1e-6])
def test_a_mixed_network_is_the_mixture_over_all_values_of_its_switches(units):
    seen = {"v": 1.5, "w": 0.5}
    found = mixed_of(units).posterior({name: x * units for name, x in seen.items()})
    prior = np.array([[0.25], [0.75]]) * np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])
    normal = lambda x, m, v: np.exp(-0.5 * (x - m) ** 2 / v) / np.sqrt(2 * np.pi * v)
    weights, means, spreads = np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((2, 3))
    for i, j in itertools.product(range(2), range(3)):
        (m, p), (m2, p2) = ((0.0, 1.0), (2.0, 4.0))[i], ((2.0, 4.0), (0.0, 1.0))[i]
        a, s, r = ((1.0, 0.0, 1.0), (-1.0, 1.0, 0.25), (0.0, 3.0, 1.0))[j]
        var = a * a * p + r
        weights[i, j] = prior[i, j] * normal(1.5, a * m + s, var) * normal(0.5, m2, p2)
        means[i, j], spreads[i, j] = m + p * a / var * (1.5 - a * m - s), p - (p * a) ** 2 / var
    total = weights.sum()
    assert np.isclose(found.log_evidence, np.log(total) - 2 * np.log(units))
    assert np.allclose(found.state("kind").table, weights.sum(1) / total)
    assert np.allclose(found.state("switch").table, weights.sum(0) / total)
    u, w = found.state("u"), weights / total
    assert np.allclose(u.mean, (w * means).sum() * units)
    assert np.allclose(u.covariance, ((w * (spreads + means**2)).sum() - (w * means).sum() ** 2) * units**2)
    assert np.allclose(found.state("v").mean, 1.5 * units)
    assert np.allclose(found.state("alone").covariance, units**2)
    assert found.rank == 2


@pytest.mark.paper("networks", "mixed")
@pytest.mark.parametrize("units", [1.0, 1e9, 1e-9])
def test_what_was_certain_outweighs_what_had_a_density(units):
    exact, noisy = gaussian(R(), R(), [[1.0]]), gaussian(R(), R(), [[1.0]], covariance=units**2)
    net = network(
        {
            "broken": kernel(unit, Fin(2), [0.25, 0.75]),
            "x": gaussian(unit, R(), covariance=units**2),
            "y": switched(Fin(2), [exact, noisy]),
        },
        {"y": ["broken", "x"]},
    )
    both = net.posterior({"x": 0.5 * units, "y": 0.5 * units})
    assert np.allclose(both.state("broken").table, [1.0, 0.0])
    assert both.rank == 1
    assert np.isclose(both.log_evidence, np.log(0.25) - 0.125 - 0.5 * np.log(4 * np.pi) - np.log(units))
    apart = net.posterior({"x": 0.5 * units, "y": 1.0 * units})
    assert np.allclose(apart.state("broken").table, [0.0, 1.0])
    assert apart.rank == 2
    impossible = net.posterior({"x": 0.5 * units, "y": 1.0 * units, "broken": 0})
    assert not impossible.ok
    assert impossible.log_evidence == -np.inf
    with pytest.raises(ImpossibleEvidence):
        impossible.state("x")


class Model:
    """What a model of pgmpy says of the chest clinic, in its order of axes."""

    def nodes(self):
        return list(ASIA.names)

    def get_cpds(self, name):
        i = next(i for i, outs in enumerate(ASIA.wiring.outs) if ASIA.names[outs[0]] == name)
        variables = [name, *PARENTS.get(name, ())]
        values = np.moveaxis(np.asarray(ASIA.kernels[i].table), -1, 0)
        return types.SimpleNamespace(variables=variables, values=values, state_names={name: ["yes", "no"]})


def test_a_model_that_was_read_from_a_file_is_the_network():
    net = of_model(Model(), tol=1e-3)
    assert net.most_probable(SEEN).labels == dict(ASIA.most_probable(SEEN).labels)
    assert np.allclose(net.posterior(SEEN).table, ASIA.posterior(SEEN).table)


def test_rows_of_a_file_that_are_no_probabilities_are_refused():
    model = Model()
    usual = model.get_cpds
    model.get_cpds = lambda name: types.SimpleNamespace(**{**vars(usual(name)), "values": usual(name).values * 2})
    with pytest.raises(NotStochastic, match="sums to 2"):
        of_model(model, tol=1e-3)


@pytest.mark.skipif(PGMPY is not None, reason="pgmpy is there")
def test_without_its_extra_the_reader_says_which():
    with pytest.raises(MissingExtra, match=r"\[bif\]"):
        read_bif("asia.bif")


@pytest.mark.skipif(PGMPY is None, reason="reads by pgmpy")
def test_a_file_is_read(tmp_path):
    file = tmp_path / "two.bif"
    file.write_text(
        "network two {\n}\nvariable a {\n  type discrete [ 2 ] { yes, no };\n}\nvariable b {\n  type discrete [ 3 ] { x, y, z };\n}\n"
        "probability ( a ) {\n  table 0.25, 0.75;\n}\n"
        "probability ( b | a ) {\n  (yes) 0.5, 0.25, 0.25;\n  (no) 0.333333, 0.333333, 0.333333;\n}\n"
    )
    net = read_bif(file)
    assert np.allclose(net.posterior({"b": "x"}).state("a").table, [1 / 3, 2 / 3])


def test_queries_lower_for_other_hardware():
    programs = (
        (lambda w: (ASIA.posterior(w).table, ASIA.most_probable(w).values), ASIA.findings()),
        (lambda what: NUMBERS.posterior(what).mean, NUMBERS.findings()),
    )
    for run, what in programs:
        text = jax.jit(run).trace(what).lower(lowering_platforms=("cpu", "cuda", "tpu")).as_text()
        assert "stablehlo" in text
