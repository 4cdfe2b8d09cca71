"""Fit: 60,000 steps of a small network on the irises, against the loop that one writes by hand.

Definition:
    The network is 4-20-3 with tanh, the loss cross-entropy, the batch one example; 500 epochs of 120 examples, each epoch in a
    new order, the loss of each step kept. The peer is one `jax.lax.scan` inside `jax.jit`: the same work, orders and losses
    included. catlearn's run also stops on a loss that is not finite, and is looked at in chunks. Both start at the same
    parameters, and have run before, so that nothing is compiled while it is measured.

The split is `SPLIT`; the accuracy is that of the 30 examples that were not trained on.
"""

import dataclasses
import functools
import statistics
import time
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import optax
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

from catlearn import learn

from . import handwritten as hand
from .harness import Gate, Row, in_turns

SPLIT = (
    "scikit-learn's iris, train_test_split(test_size=30, stratify=y, random_state=0), scaled to mean 0 and deviation 1"
)
HAND = "hand-written lax.scan"
EPOCHS, ROUNDS, COPIES, SEED = 500, 31, 3, 0
OPTIMISERS = {
    "sgd": (learn.sgd(0.01), optax.sgd(0.01)),
    "adam": (learn.adam(0.001), optax.adam(0.001)),
}


@dataclasses.dataclass(frozen=True)
class Irises:
    """Examples to train on, and examples to test on."""

    inputs: Any
    labels: Any
    test_inputs: Any
    test_labels: Any

    @staticmethod
    def load() -> "Irises":
        """The split that `SPLIT` names."""
        x, y = load_iris(return_X_y=True)
        train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=30, stratify=y, random_state=0)
        scaled = lambda x: jnp.asarray((x - train_x.mean(0)) / train_x.std(0), jnp.float32)
        whole = lambda y: jnp.asarray(y, jnp.int32)
        return Irises(scaled(train_x), whole(train_y), scaled(test_x), whole(test_y))

    def accuracy(self, params: Any) -> float:
        """The share of test examples that the network with these parameters gets right."""
        return float(learn.accuracy(hand.small_network(params, self.test_inputs), self.test_labels))


def measure() -> list[Row]:
    """All rows."""
    irises, key, rows = Irises.load(), jax.random.key(SEED), []
    data = irises.inputs, irises.labels
    model, loss = learn.dense(4, 20) >> learn.tanh(20) >> learn.dense(20, 3), learn.cross_entropy(3)
    start = model.init(key=key)
    for name, (optimiser, tx) in OPTIMISERS.items():
        run = lambda optimiser=optimiser: learn.fit(
            model, loss, optimiser, data, epochs=EPOCHS, batch=1, parameters=start, key=key
        )
        programs = [hand.fit(hand.small_network_loss, tx, EPOCHS) for _ in range(COPIES)]
        begin = (start[:2], start[2:])
        by_hand = [functools.partial(_run, program, begin, *data, key) for program in programs]
        ours, (peer_params, losses), *_ = [work() for work in (run, *by_hand)]
        assert ours.steps == len(ours.history.loss) == len(losses) == EPOCHS * len(irises.inputs)
        right = irises.accuracy((ours.parameters[:2], ours.parameters[2:])), irises.accuracy(peer_params)
        wall, *peer_wall = in_turns(run, *by_hand, rounds=ROUNDS, clock=time.perf_counter)
        cpu, peer_cpu = in_turns(run, by_hand[0], rounds=ROUNDS)
        row = f"iris 4-20-3, 60,000 steps, {name}"
        rows += [
            Row(row, "run (ms)", 1e3 * wall, 1e3 * statistics.median(peer_wall), HAND),
            Row(row, "run, spread (ms)", 1e3 * max(peer_wall), 1e3 * min(peer_wall), f"{HAND}, another copy"),
            Row(row, "run, CPU time (ms)", 1e3 * cpu, 1e3 * peer_cpu, HAND),
            Row(row, "test accuracy", *right, HAND),
            Row(row, "test accuracy missing to 0.95", max(0.0, 0.95 - right[0]), 0, "none missing"),
        ]
    return rows


def _run(program: Any, *arguments: Any) -> Any:
    return jax.block_until_ready(program(*arguments))


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    names = dict.fromkeys(r.row for r in rows)
    return [
        gate
        for name in names
        for gate in (Gate(name, "run (ms)", 1.25), Gate(name, "test accuracy missing to 0.95", 1.0))
    ]
