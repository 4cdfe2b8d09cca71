r"""Fit: a whole run of learning as compiled loops.

Definition:
    `put` of a learning step is an endomap of ``S ⊗ P`` with the data as parameter, so a run is its iterate. It is one
    `jax.lax.scan` over steps inside `jax.jit`, in chunks: between chunks losses are looked at, progress is shown, a
    checkpoint is written.

What happens at a step depends on the key and on the number of the step alone, never on the chunks: a run that was
stopped and resumed ends where one that was not ends.

References:
    Cruttwell et al. (2103.01931), Section 4 (iteration).
"""

import collections
import functools
import itertools
import math
import os
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from ..constructions import LensMap, ParaMap
from ..objects.wires import default_float
from ..theory import Arrow, door
from ..theory.errors import CheckpointUnwritable, LossNotFinite, WrongParameters, WrongRun, WrongValue
from .checkpoint import refuse_unwritable
from .data import Given, Shuffled, Values, source_of, stack_batches
from .evaluate import evaluator
from .loop import chunk_of_steps, compiled
from .noise import evaluation
from .optimise import Optimiser
from .progress import Report, reporter
from .run import Progress, Run, describe, exhausted, load, run_at, save
from .step import LearningStep, parametric, supervised_step, with_own_way_back


@door
def fit(
    model: Arrow,
    loss: Arrow,
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
        model: ``(P, f) : A → B`` of ``Para(Smooth)``, or of ``Para(Lens(Smooth))`` with a way back of its own; on one example.
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
        evaluated: the model that predicts, with the same parameters; by default ``evaluation(model)``, without dropout.
        patience: stop after so many evaluations without a lower validation loss, and keep the best parameters.
        chunk: steps a compiled loop; by default about a twentieth of the run, or a third of one that nothing looks at and that
            visits at most a million examples.
        progress: True shows a bar (needs the extra `tour`); a function is called with a `Report` after each chunk.
        checkpoint: a file to write after each chunk; a run that was killed goes on from there.
        resume: go on from `checkpoint` if the file exists.
        parameters: the parameters to begin with, by default ``model.init(key=...)``.
        state: the state of the optimiser to begin with.
        key: all randomness of the run comes from it.

    Raises:
        BatchMismatch: arrays of different lengths, or batches of different sizes.
        LossNotFinite: the loss became NaN or infinite; the error holds the run up to the last good chunk.
        CheckpointMismatch: the checkpoint is of another model, optimiser or run.
        CheckpointCorrupt: the checkpoint is not a complete file.
        CheckpointUnwritable: the checkpoint cannot be written; tried before the first step.
        WrongParameters: `parameters` or `state` are of another model or optimiser.
        WrongCategory: the model or the loss is not parametric.
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
    model, loss = with_own_way_back(parametric("model", model)), parametric("loss", loss)
    evaluated = _evaluated(model, evaluated)
    init, order, wires = _three(key)
    source = source_of(data, model.dom, loss.parameter, batch=batch, key=order if shuffle else None)
    steps, per_epoch = _length(source, epochs, steps)
    watched = bool(progress) or checkpoint is not None or validation is not None
    short = steps * source.batch <= 1_000_000
    chunk = _chunk_length(steps, chunk, 3 if short and not watched else 20)
    learner = supervised_step(model, loss, optimiser, batch=source.batch, cap=cap)
    evaluate = None if validation is None else evaluator(evaluated, loss, metric, validation)
    if patience is not None and _count("patience", patience, least=1) and evaluate is None:
        raise WrongRun("patience needs validation data: early stopping looks at the validation loss.")

    at = Progress(_start(model, optimiser, learner, parameters, state, init), 0, np.zeros(0, default_float()))
    description = {}
    if checkpoint is not None:
        description = describe(model, optimiser, learner, source.batch, per_epoch, key)
        refuse_unwritable(checkpoint)
        if resume and pathlib.Path(checkpoint).exists():
            at = load(checkpoint, description, at.state)

    resumed = at.steps
    run = lambda: run_at(model, evaluated, at, began)
    chunks = _chunks(learner, source, wires, at, steps, chunk)
    with reporter(progress) as show:
        for state, losses, finite in () if exhausted(at, patience) else ahead(chunks, 1 if watched else 4):
            losses = np.asarray(losses)
            if not (finite and np.isfinite(losses).all()):
                raise _not_finite(losses, at, source, run())
            at = at.after(state, losses)
            if evaluate is not None:
                p = at.parameters(model)
                at = at.seen(evaluate(p), p, keep=patience is not None)
            if checkpoint is not None:
                _save(checkpoint, at, description, run)
            show(_report(at, steps, time.perf_counter() - began, resumed))
            if exhausted(at, patience):
                break
    return run()


@jax.jit
def _three(key: Any) -> tuple[Any, ...]:
    """Keys for the parameters, the order of the examples, and the random wires; one program, since short runs are short."""
    return tuple(jax.random.split(key, 3))


def _evaluated(model: ParaMap, evaluated: ParaMap | None) -> ParaMap:
    """The model that predicts: the given one, or the model without its dropouts."""
    if evaluated is None:
        return evaluation(model)
    if evaluated.parameter != model.parameter:
        raise WrongParameters(f"`evaluated` must have the parameters of the model:\n    {model}\n    {evaluated}")
    return evaluated


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


def _count(name: str, n: Any, least: int = 0) -> int:
    if not isinstance(n, int) or isinstance(n, bool) or n < least:
        raise WrongRun(f"{name} must be a whole number >= {least}, but got {n!r}")
    return n


def _chunk_length(steps: int, chunk: int | None, parts: int) -> int:
    """The given length, or one of about `parts` parts of the run: if possible equal ones, for then one program serves all."""
    if chunk is not None:
        return _count("chunk", chunk, least=1)
    equal = [n for n in range(parts // 2, 2 * parts + 1) if steps % n == 0]
    return max(1, steps // min(equal, key=lambda n: abs(n - parts)) if equal else math.ceil(steps / parts))


def _chunks(
    learner: LearningStep, source: Any, key: Any, at: Progress, steps: int, chunk: int
) -> Iterator[tuple[Values, Any, Any]]:
    """State, losses and whether all is finite after each chunk from where the run is; a chunk is started when asked for."""
    if isinstance(source, Shuffled):
        program = functools.cache(lambda n: chunk_of_steps(learner, source, key, n))
    else:
        batches = itertools.islice(source, at.steps, None)
        given = lambda n: Given(stack_batches(list(itertools.islice(batches, n))))
        program = lambda n: chunk_of_steps(learner, given(n), key, n)
    state = at.state
    for step in range(at.steps, steps, chunk):
        n = min(chunk, steps - step)
        state, (losses, finite) = program(n)(state, step)
        yield state, losses, finite


def ahead[T](items: Iterator[T], n: int) -> Iterator[T]:
    """Each item once the `n` after it have been asked for: the device works on chunks while one before is looked at.

    If there is no next item because of a mistake, those before it come first.
    """
    started, more, mistake = collections.deque[T](), True, None
    while more or started:
        while more and len(started) <= n:
            try:
                started.append(next(items))
            except StopIteration:
                more = False
            except Exception as error:
                more, mistake = False, error
        if started:
            yield started.popleft()
    if mistake is not None:
        raise mistake


def _start(
    model: ParaMap, optimiser: Optimiser, learner: LearningStep, parameters: Any, state: Any, key: Any
) -> Values:
    p = model.init(key=key) if parameters is None else model.check(parameters)
    S = learner.state[: len(learner.state) - len(p)]
    s = compiled(_begin, (optimiser, model.parameter))(p) if state is None else tuple(state)
    try:
        return learner.state.elements(S.elements(s) + p)
    except WrongValue as error:
        raise WrongParameters(
            f"the state is of another optimiser or model: here it is a value of {S}.\n{error}"
        ) from None


def _begin(program: tuple[Optimiser, Any], p: Values) -> Values:
    optimiser, P = program
    return optimiser.init(P, p)


def _save(path: Any, at: Progress, description: dict[str, Any], run: Callable[[], Run]) -> None:
    try:
        save(path, at, description)
    except CheckpointUnwritable as error:
        raise CheckpointUnwritable(path, error.why, run()) from None


def _not_finite(losses: Any, at: Progress, source: Any, run: Run) -> LossNotFinite:
    """What to raise after a chunk in which a loss, or the state at its end, is not finite."""
    bad = np.flatnonzero(~np.isfinite(losses))
    i = int(bad[0]) if len(bad) else len(losses) - 1
    step = at.steps + i
    value = f"the loss is {losses[i]}" if len(bad) else "the parameters are no longer finite after this step"
    batch, shown = step, f"batch {step}"
    if isinstance(source, Shuffled):
        batch = np.asarray(source.positions(step, 1)[0])
        epoch, number = divmod(step, source.steps_per_epoch)
        shown = f"batch {number} of epoch {epoch}, examples {batch[:8].tolist()}{'...' * (len(batch) > 8)}"
    message = (
        f"training stopped at step {step}, {shown}: {value}.\n"
        f"The parameters after step {at.steps}, the last good chunk, are kept in error.run. "
        "Lower the rate, or look at those examples."
    )
    return LossNotFinite(message, step, batch, run)


def _report(at: Progress, steps: int, seconds: float, resumed: int) -> Report:
    loss, metric = (*at.validated[-1][1:], None, None)[:2] if at.validated else (None, None)
    return Report(at.steps, steps, float(at.losses[-1]), loss, metric, seconds, resumed)
