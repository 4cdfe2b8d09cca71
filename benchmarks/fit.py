"""Fit: 60,000 steps of a small network on the irises, against the loop that one writes by hand.

Definition:
    The network is 4-20-3 with tanh, the loss cross-entropy, the batch one example; 500 epochs of 120 examples, each epoch in a
    new order, the loss of each step kept. The peer is one `jax.lax.scan` inside `jax.jit`: the same work, orders and losses
    included. catlearn's run also stops on a loss that is not finite, and is looked at in chunks. Both have run before, so
    that neither is compiled while it is measured; building the arrows is.

The split is `SPLIT`; the accuracy is that of the 30 examples that were not trained on.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence
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
EPOCHS, ROUNDS, SEED = 500, 31, 0
OPTIMISERS = {
    "sgd": (lambda: learn.sgd(0.01), optax.sgd(0.01)),
    "adam": (lambda: learn.adam(0.001), optax.adam(0.001)),
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


def ours(optimiser: Callable[[], Any], irises: Irises, key: Any) -> Any:
    """The parameters after the run, with catlearn."""
    model = learn.dense(4, 20) >> learn.tanh(20) >> learn.dense(20, 3)
    data = irises.inputs, irises.labels
    run = learn.fit(model, learn.cross_entropy(3), optimiser(), data, epochs=EPOCHS, batch=1, key=key)
    assert run.steps == len(run.history.loss) == EPOCHS * len(irises.inputs)
    return jax.block_until_ready(run.parameters)


def measure() -> list[Row]:
    """All rows."""
    irises, key, rows = Irises.load(), jax.random.key(SEED), []
    start = (learn.dense(4, 20) >> learn.dense(20, 3)).init(key=key)
    for name, (optimiser, tx) in OPTIMISERS.items():
        copies = [hand.fit(hand.small_network_loss, tx, EPOCHS) for _ in range(3)]
        by_hand = [
            lambda run=run: jax.block_until_ready(run((start[:2], start[2:]), irises.inputs, irises.labels, key))
            for run in copies
        ]
        work = [lambda optimiser=optimiser: ours(optimiser, irises, key), *by_hand]
        params, (peer_params, _), *_ = [w() for w in work]
        seconds, *peer_seconds = in_turns(*work, rounds=ROUNDS, clock=time.perf_counter)
        row = f"iris 4-20-3, 60,000 steps, {name}"
        peer = sorted(peer_seconds)[1]
        right = irises.accuracy((params[:2], params[2:])), irises.accuracy(peer_params)
        rows += [
            Row(row, "run (ms)", 1e3 * seconds, 1e3 * peer, HAND),
            Row(row, "run, spread (ms)", 1e3 * max(peer_seconds), 1e3 * min(peer_seconds), f"{HAND}, another copy"),
            Row(row, "test accuracy", *right, HAND),
            Row(row, "test errors above 5 %", max(0.0, 0.95 - right[0]), 0, "none"),
        ]
    return rows


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    names = dict.fromkeys(r.row for r in rows)
    return [gate for name in names for gate in (Gate(name, "run (ms)", 1.25), Gate(name, "test errors above 5 %", 1.0))]
