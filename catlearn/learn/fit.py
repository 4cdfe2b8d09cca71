r"""Fit: a whole run of learning as compiled loops.

Definition:
    `put` of a learner is an endomap of ``S ⊗ P`` with the data as parameter, so a run is its iterate. It is one
    `jax.lax.scan` over steps inside `jax.jit`, in chunks: between chunks losses are looked at, progress is shown, a
    checkpoint is written.

What happens at a step depends on the key and on the number of the step alone, never on the chunks: a run that was
stopped and resumed ends where one that was not ends.

References:
    Cruttwell et al. (2103.01931), Section 4 (iteration).
"""

import dataclasses
import functools
import itertools
import math
import os
import pathlib
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..constructions import Batch, LensMap, ParaMap
from ..objects import bare
from ..theory import door
from ..theory.errors import LossNotFinite, WrongParameters, WrongRun, WrongValue
from .data import Given, Shuffled, Values, examples, source_of, stack_batches
from .loop import Chunk, chunk_of_steps
from .optimise import Optimiser
from .progress import Report, reporter
from .run import Progress, Run, describe, exhausted, load, run_at, save
from .step import Learner, supervised_step


@door
def fit(
    model: ParaMap,
    loss: ParaMap,
    optimiser: Optimiser,
    data: Any,
    *,
    epochs: int | None = None,
    steps: int | None = None,
    batch: int | None = 32,
    shuffle: bool = True,
    cap: LensMap | None = None,
    validation: Any = None,
    metric: Callable[[Any, Any], Any] | None = None,
    evaluated: ParaMap | None = None,
    patience: int | None = None,
    chunk: int | None = None,
    progress: bool | Callable[[Report], Any] = False,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    parameters: Any = None,
    state: Any = None,
    key: Any,
) -> Run:
    """Train a model.

    Args:
        model: ``(P, f) : A → B`` of ``Para(Smooth)``, on one example.
        loss: ``(Label, e) : B → L``.
        optimiser: see `learn.optimise`.
        data: ``(inputs, labels)``, arrays with one example a row (a tuple of arrays for several wires); or any iterable
            of such pairs, each one batch, iterated again for each epoch.
        epochs: how often each example is visited; arrays only. Give this or `steps`.
        steps: how many steps are made.
        batch: examples a step, or None for all; arrays only.
        shuffle: visit the examples of each epoch in a random order; arrays only.
        cap: the learning rate, by default the one that the optimiser expects.
        validation: ``(inputs, labels)`` on which the model is evaluated after each chunk.
        metric: ``(predictions, labels) ↦ number``, on stacked predictions; see `accuracy`.
        evaluated: the model to evaluate, with the same parameters; by default `model`.
        patience: stop after so many evaluations without a lower validation loss, and keep the best parameters.
        chunk: steps a compiled loop; by default about a twentieth of the run.
        progress: True shows a bar (needs the extra `tour`); a function is called with a `Report` after each chunk.
        checkpoint: a file to write after each chunk.
        resume: go on from `checkpoint` if the file exists.
        parameters: the parameters to begin with, by default ``model.init(key=...)``.
        state: the state of the optimiser to begin with.
        key: all randomness of the run comes from it.

    Raises:
        BatchMismatch: arrays of different lengths, or batches of different sizes.
        LossNotFinite: the loss became NaN or infinite; the error holds the run up to the last good chunk.
        CheckpointMismatch: the checkpoint is of another model, optimiser or run.
        CheckpointCorrupt: the checkpoint is not a complete file.
        WrongParameters: `parameters` or `state` are of another model or optimiser.
        WrongRun: the settings make no sense together.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from catlearn import R, learn, para, smooth
        >>> line = para(R(), smooth(lambda w, x: w * x, R() @ R()), init=[lambda wire, key: wire.zeros()])
        >>> xs = jnp.array([1.0, 2.0, 3.0, 4.0])
        >>> run = learn.fit(
        ...     line, learn.quadratic(), learn.sgd(0.0625), (xs, 2 * xs), steps=64, batch=4, key=jax.random.key(0)
        ... )
        >>> print(f"{run(8.0):.4f}")
        16.0000
    """
    began = time.perf_counter()
    keys = dict(zip(("init", "order", "wires"), jax.random.split(key, 3), strict=True))
    source = source_of(data, model.dom, loss.parameter, batch=batch, key=keys["order"] if shuffle else None)
    steps, per_epoch = _length(source, epochs, steps)
    learner = supervised_step(model, loss, optimiser, batch=source.batch, cap=cap)
    evaluation = _evaluation(evaluated or model, loss, metric, validation)
    if patience is not None and evaluation is None:
        raise WrongRun("patience needs validation data: early stopping looks at the validation loss.")
    start = _start(model, optimiser, learner, parameters, state, keys["init"])
    description = describe(model, learner, source.batch, per_epoch, key)
    at = Progress(start, 0, np.zeros(0))
    if resume and checkpoint is not None and pathlib.Path(checkpoint).exists():
        at = load(checkpoint, description, start)
    chunk = _chunk_length(steps, chunk)
    make = _chunks(learner, source, at.steps, keys["wires"])
    pending: list[tuple[Values, Any, int]] = []

    def settle() -> bool:
        """Look at the oldest chunk that was started; whether the run should stop."""
        nonlocal at
        state, seen, n = pending.pop(0)
        losses, finite = jax.device_get(seen)
        if not (finite and np.isfinite(losses).all()):
            raise _not_finite(losses, at, source, run_at(model, learner, at, began))
        at = dataclasses.replace(at, state=state, steps=at.steps + n, losses=np.concatenate([at.losses, losses]))
        at = _validate(at, evaluation, learner, patience)
        if checkpoint is not None:
            save(checkpoint, at, description)
        show(_report(at, steps, began))
        return exhausted(at, patience)

    with reporter(progress) as show:
        state, step = at.state, at.steps
        stopped = exhausted(at, patience)
        while step < steps and not stopped:
            n = min(chunk, steps - step)
            state, seen = make(n)(state, step)
            step += n
            pending.append((state, seen, n))
            stopped = len(pending) > 1 and settle()
        while pending and not stopped:
            stopped = settle()
    return run_at(model, learner, at, began)


def accuracy(predictions: Any, labels: Any) -> Any:
    """The share of rows whose largest entry is at the label.

    Args:
        predictions: logits, shape ``(n, classes)``.
        labels: integers, shape ``(n,)``.

    Example:
        >>> import jax.numpy as jnp
        >>> print(accuracy(jnp.array([[1.0, 0.0], [0.0, 1.0]]), jnp.array([0, 0])))
        0.5
    """
    return jnp.mean((jnp.argmax(predictions, -1) == labels).astype(jnp.result_type(float)))


def _length(source: Any, epochs: int | None, steps: int | None) -> tuple[int, int | None]:
    """The number of steps, and the steps of an epoch if that is known."""
    per_epoch = source.steps_per_epoch if isinstance(source, Shuffled) else None
    if (epochs is None) == (steps is None):
        raise WrongRun("give either epochs or steps.")
    if steps is None:
        if per_epoch is None:
            raise WrongRun("with an iterable of batches the length of an epoch is not known: give steps, not epochs.")
        steps = per_epoch * _count("epochs", epochs)
    return _count("steps", steps), per_epoch


def _count(name: str, n: Any) -> int:
    if not isinstance(n, int) or isinstance(n, bool) or n < 0:
        raise WrongRun(f"{name} must be a whole number >= 0, but got {n!r}")
    return n


def _chunk_length(steps: int, chunk: int | None) -> int:
    """The given length, or about a twentieth of the run, one that divides it if there is one near."""
    if chunk is not None:
        if _count("chunk", chunk) == 0:
            raise WrongRun("chunk must be at least 1")
        return chunk
    near = [steps // parts for parts in range(15, 31) if steps % parts == 0]
    return near[0] if near else max(1, math.ceil(steps / 20))


def _chunks(learner: Learner, source: Any, done: int, key: Any) -> Callable[[int], Chunk]:
    """``n ↦`` the next chunk of `n` steps; an iterable of batches is first brought to where the run is."""
    if isinstance(source, Shuffled):
        return functools.cache(lambda n: chunk_of_steps(learner, source, key, n))
    batches = itertools.islice(source, done, None)
    return lambda n: chunk_of_steps(learner, Given(stack_batches([next(batches)[0] for _ in range(n)])), key, n)


def _start(model: ParaMap, optimiser: Optimiser, learner: Learner, parameters: Any, state: Any, key: Any) -> Values:
    p = model.init(key=key) if parameters is None else model.check(parameters)
    P = learner.optimiser.cod.fwd
    S = learner.state[: len(learner.state) - len(P)]
    s = optimiser.init(P, p) if state is None else tuple(state)
    try:
        return learner.state.elements(S.elements(s) + p)
    except WrongValue as error:
        raise WrongParameters(
            f"the state is of another optimiser or model: here it is a value of {S}.\n{error}"
        ) from None


def _evaluation(
    model: ParaMap, loss: ParaMap, metric: Any, validation: Any
) -> Callable[[Values], tuple[float, ...]] | None:
    if validation is None:
        return None
    values, n = examples(validation, model.dom, loss.parameter)
    label = len(loss.parameter)
    predict, error = Batch(n)(model).arrow, Batch(n)(loss.arrow)

    @jax.jit
    def evaluate(p: Values, values: Values) -> tuple[Any, ...]:
        predictions = predict.category.apply(predict, p + values[label:])
        (losses,) = error.category.apply(error, values[:label] + predictions)
        measured = () if metric is None else (metric(bare(predictions), bare(values[:label])),)
        return (jnp.mean(losses), *measured)

    return lambda p: tuple(float(x) for x in evaluate(p, values))


def _validate(at: Progress, evaluation: Any, learner: Learner, patience: int | None) -> Progress:
    if evaluation is None:
        return at
    p = at.state[-len(learner.optimiser.cod.fwd) :]
    seen = evaluation(p)
    best = at.best
    if patience is not None and all(seen[0] < earlier[1] for earlier in at.validated):
        best = p
    return dataclasses.replace(at, validated=(*at.validated, (at.steps, *seen)), best=best)


def _not_finite(losses: Any, at: Progress, source: Any, run: Run) -> LossNotFinite:
    """What to raise after a chunk in which a loss, or the state at its end, is not finite."""
    bad = np.flatnonzero(~np.isfinite(losses))
    i = int(bad[0]) if len(bad) else len(losses) - 1
    step = at.steps + i
    value = f"the loss is {losses[i]}" if len(bad) else "the parameters are no longer finite after this step"
    batch, shown = step, f"batch {step}"
    if isinstance(source, Shuffled):
        batch = np.asarray(source.positions(step, 1)[0])
        shown = f"batch {step % source.steps_per_epoch} of epoch {step // source.steps_per_epoch}, examples {batch[:8].tolist()}"
    message = (
        f"training stopped at step {step}, {shown}: {value}.\n"
        f"The parameters after step {at.steps}, the last good chunk, are kept in error.run. "
        "Lower the rate, or look at those examples."
    )
    return LossNotFinite(message, step, batch, run)


def _report(at: Progress, steps: int, began: float) -> Report:
    seconds = time.perf_counter() - began
    last = at.validated[-1] if at.validated else ()
    return Report(
        at.steps, steps, float(at.losses[-1]), last[1] if last else None, last[2] if len(last) > 2 else None, seconds
    )
