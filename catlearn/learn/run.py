"""Runs: where a run is, what it has seen, and how both are kept on disk.

Definition:
    A run is the state ``S ⊗ P`` of a learning step after so many steps, with the history of its losses. All that happens
    later follows from it, from the key and from the data, so this is what a checkpoint holds.
"""

import dataclasses
import math
import time
from typing import Any

import jax
import numpy as np

from ..constructions import ParaMap
from . import checkpoint
from .data import Values
from .optimise import Optimiser
from .step import LearningStep


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
        evaluated: the model that predicts, over the same parameters; without dropout.
        parameters: the parameters at the end, or the best ones with early stopping.
        state: the state of the optimiser.
        steps: the number of steps made.
        history: see `History`.
        seconds: wall time, with compilation.
    """

    model: ParaMap
    evaluated: ParaMap
    parameters: Values
    state: Values
    steps: int
    history: History
    seconds: float

    def __call__(self, *inputs: Any) -> Any:
        """The prediction of the trained model on one example."""
        return self.evaluated(self.parameters, *inputs)


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a run is: all that a checkpoint holds."""

    state: Values
    steps: int
    losses: Any
    validated: tuple[tuple[Any, ...], ...] = ()
    best: Values | None = None

    def parameters(self, model: ParaMap) -> Values:
        """The parameters of the model, as they are now."""
        return self.state[len(self.state) - len(model.parameter) :]

    def after(self, state: Values, losses: Any) -> "Progress":
        """Where the run is after the steps that had these losses."""
        losses = np.concatenate([self.losses, losses])
        return dataclasses.replace(self, state=state, steps=len(losses), losses=losses)

    def seen(self, measured: tuple[float, ...], parameters: Values, *, keep: bool) -> "Progress":
        """The run with what validation says of the parameters; with `keep`, they are kept if they are the best so far."""
        best = self.best
        if keep and measured[0] < min([math.inf, *_losses(self)]):
            best = parameters
        return dataclasses.replace(self, validated=(*self.validated, (self.steps, *measured)), best=best)


def _losses(at: Progress) -> list[float]:
    """The validation losses; one that is not a number is larger than all."""
    return [math.inf if math.isnan(row[1]) else row[1] for row in at.validated]


def exhausted(at: Progress, patience: int | None) -> bool:
    """Whether the last `patience` evaluations all failed to improve on the best before them."""
    if patience is None or len(at.validated) <= patience:
        return False
    losses = _losses(at)
    return min(losses[-patience:]) >= min(losses[:-patience])


def run_at(model: ParaMap, evaluated: ParaMap, at: Progress, began: float) -> Run:
    """The run, as it is seen from outside: `began` is the clock when it started."""
    validated = np.asarray([row[0] for row in at.validated], int)
    losses, metrics = (np.asarray([row[i] for row in at.validated if i < len(row)], float) for i in (1, 2))
    return Run(
        model,
        evaluated,
        at.parameters(model) if at.best is None else at.best,
        at.state[: len(at.state) - len(model.parameter)],
        at.steps,
        History(at.losses, validated, losses, metrics),
        time.perf_counter() - began,
    )


def describe(
    model: ParaMap, optimiser: Optimiser, learner: LearningStep, batch: int, per_epoch: int | None, key: Any
) -> dict[str, Any]:
    """What a checkpoint must agree on with the run that reads it: labels, types and order, optimiser, batches and key."""
    return {
        "model": str(model),
        "labels": list(model.labels),
        "optimiser": optimiser.name,
        "state": [str(wire) for wire in learner.state.wires],
        "batch": batch,
        "steps per epoch": per_epoch,
        "key": np.asarray(jax.random.key_data(key)).tolist(),
    }


def save(path: Any, at: Progress, description: dict[str, Any]) -> None:
    """Write the run to `path`, whole or not at all.

    Raises:
        CheckpointUnwritable: the folder cannot be written.
    """
    best = () if at.best is None else at.best
    state = jax.tree.leaves(at.state)
    seen = {"steps": at.steps, "validated": at.validated, "best": len(best)}
    precision = [checkpoint.dtype_of(x) for x in state]
    arrays = [*state, *jax.tree.leaves(best), at.losses]
    checkpoint.save(path, arrays, {**description, "precision": precision, **seen})


def load(path: Any, description: dict[str, Any], start: Values) -> Progress:
    """The run in a checkpoint, with values like `start`.

    Raises:
        CheckpointMismatch: it is of another run.
        CheckpointCorrupt: the file is not complete.
    """
    arrays, found = checkpoint.load(path)
    leaves, structure = jax.tree.flatten(start)
    expected = {**description, "precision": [checkpoint.dtype_of(x) for x in leaves]}
    checkpoint.refuse_mismatch(path, found, expected)
    state = jax.tree.unflatten(structure, arrays[: len(leaves)])
    best = None
    if found["best"]:
        parameters = state[len(state) - found["best"] :]
        best = jax.tree.unflatten(jax.tree.structure(parameters), arrays[len(leaves) : -1])
    return Progress(state, found["steps"], np.asarray(arrays[-1]), tuple(map(tuple, found["validated"])), best)
