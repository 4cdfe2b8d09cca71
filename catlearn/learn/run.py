"""Runs: where a run is, what it has seen, and how both are kept on disk.

Definition:
    A run is the state ``S ⊗ P`` of a learner after some number of steps, with the history of its losses. All that happens
    later follows from it, from the key and from the data, so this is what a checkpoint holds.
"""

import dataclasses
import time
from typing import Any

import jax
import numpy as np

from ..constructions import ParaMap
from . import checkpoint
from .data import Values
from .step import Learner


@dataclasses.dataclass(frozen=True)
class History:
    """What was seen during a run, as arrays.

    Attributes:
        loss: the mean loss of the batch at each step, before the step was taken.
        validated: the numbers of steps after which the model was validated.
        validation_loss: the mean validation loss there.
        validation_metric: the metric there, empty without one.
    """

    loss: Any
    validated: Any
    validation_loss: Any
    validation_metric: Any


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished or stopped run.

    Attributes:
        model: the model that was trained.
        parameters: the parameters at the end, or the best ones with early stopping.
        state: the state of the optimiser.
        steps: the number of steps made.
        history: see `History`.
        seconds: wall time, with compilation.
    """

    model: ParaMap
    parameters: Values
    state: Values
    steps: int
    history: History
    seconds: float

    def __call__(self, *inputs: Any) -> Any:
        """The prediction of the trained model on one example."""
        return self.model(self.parameters, *inputs)


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a run is: all that a checkpoint holds."""

    state: Values
    steps: int
    losses: Any
    validated: tuple[tuple[float, ...], ...] = ()
    best: Values | None = None


def exhausted(at: Progress, patience: int | None) -> bool:
    """Whether the last `patience` evaluations all failed to improve on the best before them."""
    if patience is None or len(at.validated) <= patience:
        return False
    losses = [row[1] for row in at.validated]
    return min(losses[-patience:]) >= min(losses[:-patience])


def run_at(model: ParaMap, learner: Learner, at: Progress, began: float) -> Run:
    """The run, as it is seen from outside: `began` is the clock when it started."""
    n = len(learner.optimiser.cod.fwd)
    split = len(at.state) - n
    columns = [np.asarray(column) for column in zip(*at.validated, strict=True)]
    columns += [np.zeros(0)] * (3 - len(columns))
    parameters = at.state[split:] if at.best is None else at.best
    return Run(
        model,
        parameters,
        at.state[:split],
        at.steps,
        History(at.losses, columns[0].astype(int), columns[1], columns[2]),
        time.perf_counter() - began,
    )


def describe(model: ParaMap, learner: Learner, batch: int, per_epoch: int | None, key: Any) -> dict[str, Any]:
    """What a checkpoint must agree on with the run that reads it: labels, types and order, batches and key."""
    return {
        "labels": list(model.labels),
        "parameters": [str(wire) for wire in model.parameter.wires],
        "state": [str(wire) for wire in learner.state.wires],
        "batch": batch,
        "steps per epoch": per_epoch,
        "key": np.asarray(jax.random.key_data(key)).tolist(),
    }


def save(path: Any, at: Progress, description: dict[str, Any]) -> None:
    """Write the run to `path`, whole or not at all."""
    best = () if at.best is None else at.best
    arrays = [*jax.tree.leaves((at.state, best)), at.losses]
    checkpoint.save(path, arrays, {**description, "steps": at.steps, "validated": at.validated, "best": bool(best)})


def load(path: Any, description: dict[str, Any], start: Values) -> Progress:
    """The run in a checkpoint, with values like `start`.

    Raises:
        CheckpointMismatch: it is of another run.
        CheckpointCorrupt: the file is not complete.
    """
    arrays, found = checkpoint.load(path)
    checkpoint.refuse_mismatch(path, found, description)
    leaves, structure = jax.tree.flatten(start)
    state = jax.tree.unflatten(structure, arrays[: len(leaves)])
    n = len(description["parameters"])
    best = jax.tree.unflatten(jax.tree.structure(start[-n:]), arrays[len(leaves) : -1]) if found["best"] else None
    return Progress(state, found["steps"], np.asarray(arrays[-1]), tuple(map(tuple, found["validated"])), best)
