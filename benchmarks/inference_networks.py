"""Marginals of networks, against pgmpy and pyAgrum, in float64.

Definition:
    The seven networks, from 8 to 223 variables, come with pgmpy as files. A query sets some leaves and asks for the law of every variable. Ours is a
    posterior of one compiled program, findings made and laws read out each time; the peers eliminate variables (pgmpy) and propagate messages (pyAgrum).
    Of a batch of 256 cases, each with its own values, the time of one case is counted; the peer has no batch.

All answers are compared: pyAgrum keeps the numbers of a file in single precision, so that its own differ in the eighth digit.
"""

import gzip
import importlib
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jax
import numpy as np

from catlearn.infer import read_bif

from .harness import Gate, Row, in_turns

inference: Any = importlib.import_module("pgmpy.inference")  # in the group `bench` alone
readwrite: Any = importlib.import_module("pgmpy.readwrite")
agrum: Any = importlib.import_module("pyagrum")

SEEN = {"asia": 2, "alarm": 5, "insurance": 3, "hailfinder": 6, "hepar2": 20, "andes": 12, "barley": 4}
GATED = ("alarm", "insurance", "hailfinder", "andes")
CASES, ROUNDS, SLOW = 256, 9, ("andes", "barley")
QUERY, BATCH, COMPILE, APART = (
    "time of a query (ms)",
    "time of a case of 256 (ms)",
    "compile time (CPU s)",
    "largest difference (1e-7)",
)
PGMPY, AGRUM, LIMIT = "pgmpy", "pyAgrum", "the limit"


def leaves(net: Any, n: int) -> list[str]:
    """Some variables that nothing depends on, the first of them."""
    inner = {v for scope in net.wiring.ins for v in scope}
    return [name for v, name in enumerate(net.names) if v not in inner][:n]


def by_pgmpy(file: str) -> Callable[[dict[str, str]], dict[str, Any]]:
    """All marginals by elimination of variables."""
    model = readwrite.BIFReader(file).get_model()
    engine = inference.VariableElimination(model)

    def query(evidence: dict[str, str]) -> dict[str, Any]:
        wanted = [name for name in model.nodes() if name not in evidence]
        return {name: engine.query([name], evidence=evidence, show_progress=False).values for name in wanted}

    return query


def by_agrum(file: str) -> Callable[[dict[str, str]], dict[str, Any]]:
    """All marginals by propagation of messages."""
    net = agrum.loadBN(file)
    engine = agrum.LazyPropagation(net)

    def query(evidence: dict[str, str]) -> dict[str, Any]:
        engine.setEvidence(evidence)
        engine.makeInference()
        return {name: engine.posterior(name).toarray() for name in net.names()}

    return query


def by_network(net: Any) -> Callable[[dict[str, str]], dict[str, Any]]:
    """All marginals by one contraction and its derivative."""

    def query(evidence: dict[str, str]) -> dict[str, Any]:
        table = np.asarray(net.posterior(evidence).table)
        return {name: table[part] for name, part in zip(net.names, net.plan.slices, strict=True)}

    return query


def network_rows(name: str, file: str) -> list[Row]:
    """One network."""
    net = read_bif(file)
    seen = leaves(net, SEEN[name])
    labels = {x: wire.labels for x, wire in zip(net.names, net.wiring.wires.wires, strict=True)}
    explained = net.arrow(*seen[:1])  # a leaf in a state that it is likely to be in
    evidence = {seen[0]: labels[seen[0]][int(np.argmax(np.asarray(explained.table)))]}
    for leaf in seen[1:]:
        law = np.asarray(net.posterior(evidence).state(leaf).table)
        evidence[leaf] = labels[leaf][int(np.argmax(law))]
    ours, pgmpy, pyagrum = by_network(net), by_pgmpy(file), by_agrum(file)
    found = ours(evidence)
    apart = max(float(np.abs(found[x] - law).max()) for x, law in pgmpy(evidence).items())
    rounds = 3 if name in SLOW else ROUNDS
    seconds = in_turns(lambda: ours(evidence), lambda: pyagrum(evidence), rounds=4 * rounds, clock=time.perf_counter)
    slow = in_turns(lambda: pgmpy(evidence), rounds=rounds, clock=time.perf_counter)[0]
    rows = [
        Row(f"{name}, {PGMPY}", QUERY, 1e3 * seconds[0], 1e3 * slow, PGMPY),
        Row(f"{name}, {AGRUM}", QUERY, 1e3 * seconds[0], 1e3 * seconds[1], AGRUM),
        Row(name, APART, 1e7 * apart, 1.0, LIMIT),
    ]
    return rows if name == "barley" else [*rows, batch_row(name, net, evidence, seconds[1])]


def batch_row(name: str, net: Any, evidence: dict[str, str], each: float) -> Row:
    """Many cases at once, beside one case of pyAgrum."""
    findings = np.stack([np.asarray(net.findings(evidence))] * CASES)
    run = jax.jit(jax.vmap(lambda weights: net.posterior(weights).table))
    jax.block_until_ready(run(findings))
    seconds = in_turns(lambda: jax.block_until_ready(run(findings)), rounds=3, clock=time.perf_counter)[0]
    return Row(f"{name}, {AGRUM}", BATCH, 1e3 * seconds / CASES, 1e3 * each, AGRUM)


def compile_row(file: str) -> Row:
    """From a network that was just read to its first answer."""
    net = read_bif(file)
    jax.clear_caches()
    began = time.process_time()
    jax.block_until_ready(net.posterior({}).table)
    return Row("alarm", COMPILE, time.process_time() - began, 6.0, LIMIT)


def measure() -> list[Row]:
    """All rows."""
    rows = []
    with jax.enable_x64(True), tempfile.TemporaryDirectory() as folder:
        for name in SEEN:
            packed = resources.files("pgmpy.utils.example_models") / f"{name}.bif.gz"
            file = Path(folder) / f"{name}.bif"
            file.write_bytes(gzip.decompress(packed.read_bytes()))
            if name == "alarm":
                rows.append(compile_row(str(file)))
            rows += network_rows(name, str(file))
    return rows


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    return [
        Gate("alarm", COMPILE, 1.0),
        *(Gate(f"{name}, {PGMPY}", QUERY, 0.02) for name in GATED),
        *(Gate(f"{name}, {AGRUM}", QUERY, 0.15) for name in GATED),
        *(Gate(name, APART, 1.0) for name in SEEN),
    ]
