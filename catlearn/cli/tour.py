"""The tour: compose a typed classifier, train it on handwritten digits, and show what it did.

Definition:
    The model is the one of the README, ``dense ; relu ; dense : R(64) → R(10)`` with its parameters. It is trained from several keys,
    and so is the same program written by hand with JAX and optax, from the same weights and on the same batches. Both are timed in
    turns, so that the ratio of their times means something on a busy machine.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import tempfile
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import catlearn

from .. import learn
from ..constructions import Batch, ParaMap, Reverse
from ..theory import Cartesian
from ..theory.errors import UnwritableFolder
from . import handwritten
from .digits import Digits, digits

RATE, BATCH, ROUNDS, LONGER = 1e-3, 32, 6, 4


def classifier() -> ParaMap:
    """The model of the tour.

    Example:
        >>> print(classifier())
        ParaMap(R(64, 128) @ R(128) @ R(128, 10) @ R(10)) : R(64) -> R(10)
    """
    return learn.dense(64, 128) >> learn.relu(128) >> learn.dense(128, 10)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was measured for one seed: ours and the peer's."""

    run: learn.Run
    accuracy: float
    predicted: Any
    peer: float


def prepared(out: pathlib.Path) -> pathlib.Path:
    """A fresh folder beside the results, in which they are written before any of them appears in `out`.

    Raises:
        UnwritableFolder: it cannot be made.
    """
    if out.exists() and not out.is_dir():
        raise UnwritableFolder(out, "it is a file")
    parent = out if out.is_dir() else next(p for p in out.absolute().parents if p.exists())
    try:
        return pathlib.Path(tempfile.mkdtemp(prefix=".catlearn-tour-", dir=parent))
    except OSError as error:
        raise UnwritableFolder(out, error.strerror or str(error)) from None


def published(files: dict[str, bytes], partial: pathlib.Path, out: pathlib.Path) -> None:
    """Write all files, then move them to `out`: all of them or none."""
    try:
        for name, content in files.items():
            (partial / name).write_bytes(content)
        out.mkdir(parents=True, exist_ok=True)
        for name in files:
            os.replace(partial / name, out / name)
    except OSError as error:
        raise UnwritableFolder(out, error.strerror or str(error)) from None


def predictions(model: ParaMap, parameters: Any, images: Any) -> Any:
    """The digit that the model sees in each image."""
    batched = Batch(len(images))(model)
    return np.asarray(jnp.argmax(jax.jit(lambda p, x: batched(p, x))(parameters, images), -1))


def trained(model: ParaMap, data: Digits, key: Any, epochs: int, **how: Any) -> learn.Run:
    """A run of the model on the training digits."""
    return learn.fit(
        model, learn.cross_entropy(10), learn.adam(RATE), data.train, epochs=epochs, batch=BATCH, key=key, **how
    )


def by_hand(model: ParaMap, data: Digits, key: Any, epochs: int) -> Any:
    """The weights of the peer, from the same weights and in the same order of examples."""
    init, order, _ = jax.random.split(key, 3)
    x, y = map(jnp.asarray, data.train)
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):  # as most hand-written programs need
        weights, losses = handwritten.train(model.init(key=init), x, y, order, rate=RATE, epochs=epochs, batch=BATCH)
    jax.block_until_ready((weights, losses))
    np.asarray(losses)
    return weights


def outcome(model: ParaMap, data: Digits, seed: int, epochs: int, show: Any) -> Outcome:
    """Train ours and the peer from one seed."""
    key = jax.random.key(seed)
    run = trained(model, data, key, epochs, validation=data.test, metric=learn.accuracy, progress=show)
    predicted = predictions(model, run.parameters, data.test[0])
    weights = by_hand(model, data, key, epochs)
    with jax.numpy_rank_promotion("allow"):
        peer = np.asarray(jnp.argmax(handwritten.logits(weights, data.test[0]), -1))
    truth = data.test[1]
    return Outcome(run, float(np.mean(predicted == truth)), predicted, float(np.mean(peer == truth)))


def step_times(model: ParaMap, data: Digits, epochs: int, tick: Any) -> dict[str, float]:
    """Seconds a step of whole runs, in turns: ours, the peer, and the spread of the peer against itself.

    The timed runs are longer than those of the tour, so that starting one weighs less.
    """
    epochs *= LONGER
    steps = epochs * (len(data.train[1]) // BATCH)
    works = {"ours": trained, "peer": by_hand, "peer again": by_hand}
    for work in works.values():
        work(model, data, jax.random.key(0), epochs)
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for i in range(ROUNDS):
        names = list(works)
        for name in names[i % 3 :] + names[: i % 3]:
            began = time.perf_counter()
            works[name](model, data, jax.random.key(i), epochs)
            seconds[name].append((time.perf_counter() - began) / steps)
        tick()
    ours, peer, again = (statistics.median(seconds[name]) for name in works)
    return {"ours": ours, "peer": peer, "ratio": ours / peer, "spread": max(again / peer, peer / again) - 1}


def checked_laws(tick: Any) -> int:
    """Check the laws of a cartesian category and the chain rule on drawn smooth maps; returns how many were confirmed."""
    chosen = [*catlearn.laws.of(Cartesian), catlearn.laws.reverse.rd5]
    with jax.enable_x64(True):
        for i, law in enumerate(chosen, start=1):
            catlearn.laws.confirm(law, catlearn.laws.draws.smooth, examples=2, shrink=False)
            tick(i, len(chosen))
    return len(chosen)


def pictures(model: ParaMap) -> dict[str, bytes]:
    """The string diagrams of the model and of its lens."""
    files = {}
    for name, f in (("diagram", model), ("lens", Reverse(model))):
        files[f"{name}.svg"] = catlearn.draw.svg(f).encode()
        files[f"{name}.png"] = catlearn.draw.png(f)
    return files


def run_tour(out: pathlib.Path, *, seeds: int, epochs: int, laws: bool, console: Console) -> dict[str, Any]:
    """Run the tour, print it, and write its pictures and numbers to `out`; returns the numbers.

    Raises:
        UnwritableFolder: `out` cannot be written to; nothing is left behind.
        MissingExtra: a package of the extra `tour` is missing.
    """
    began = time.perf_counter()
    partial = prepared(out)
    try:
        return _tour(out, partial, seeds, epochs, laws, console, began)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _tour(
    out: pathlib.Path, partial: pathlib.Path, seeds: int, epochs: int, laws: bool, console: Console, began: float
) -> dict[str, Any]:
    from . import plots

    data, model = digits(), classifier()
    console.print("A classifier of handwritten digits, as a composite of typed arrows:\n")
    console.print("    model = learn.dense(64, 128) >> learn.relu(128) >> learn.dense(128, 10)", highlight=False)
    console.print(f"    {model}\n", markup=False, highlight=False)
    files = pictures(model)
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(40),
        TextColumn("{task.fields[note]:<34}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        outcomes = []
        task = progress.add_task("training", total=seeds, note="")
        for seed in range(seeds):

            def show(report: learn.Report, seed: int = seed) -> None:
                note = f"loss {report.loss:.4f}  accuracy {report.metric or 0:.1%}"
                progress.update(task, completed=seed + report.step / report.steps, note=note)

            outcomes.append(outcome(model, data, seed, epochs, show))
        timing = progress.add_task("timing, in turns", total=ROUNDS, note="")
        times = step_times(model, data, epochs, lambda: progress.advance(timing))
        confirmed = 0
        if laws:
            checking = progress.add_task("checking laws", note="")
            confirmed = checked_laws(lambda i, n: progress.update(checking, completed=i, total=n, note=f"{i} of {n}"))
    numbers = _numbers(outcomes, times, confirmed, epochs)
    files |= _plots(plots, data, outcomes, numbers)
    numbers["seconds"] = round(time.perf_counter() - began, 2)
    files["tour.json"] = (json.dumps(numbers, indent=1) + "\n").encode()
    published(files, partial, out)
    _print(console, numbers, seeds)
    console.print(
        f"\n{len(files)} files in {out}: {', '.join(sorted(files))}", markup=False, highlight=False, soft_wrap=True
    )
    console.print(f"{numbers['seconds']:.1f} s in all", highlight=False)
    return numbers


def _plots(plots: Any, data: Digits, outcomes: list[Outcome], numbers: dict[str, Any]) -> dict[str, bytes]:
    truth = data.test[1]
    median = min(outcomes, key=lambda o: abs(o.accuracy - numbers["accuracy"]["ours"]))
    history = [o.run.history for o in outcomes]
    drawn = {
        "learning-curve": plots.learning_curve(
            [h.loss for h in history],
            history[0].validated,
            [h.validation_metric for h in history],
            numbers["accuracy"]["peer"],
        ),
        "confusion": plots.confusion(truth, median.predicted),
        "digits": plots.examples(data.test[0], truth, median.predicted),
    }
    return {f"{name}.{suffix}": content for name, kinds in drawn.items() for suffix, content in kinds.items()}


def _numbers(outcomes: list[Outcome], times: dict[str, float], confirmed: int, epochs: int) -> dict[str, Any]:
    ours, peer = [o.accuracy for o in outcomes], [o.peer for o in outcomes]
    return {
        "seeds": len(outcomes),
        "epochs": epochs,
        "accuracy": {"ours": statistics.median(ours), "peer": statistics.median(peer), "all": ours, "peer_all": peer},
        "seconds_per_step": times,
        "laws": confirmed,
    }


def _print(console: Console, numbers: dict[str, Any], seeds: int) -> None:
    accuracy, times, laws = numbers["accuracy"], numbers["seconds_per_step"], numbers["laws"]
    table: Any = Table(title="\nhandwritten digits, 450 test images", title_justify="left", title_style="bold")
    for column in ("", "catlearn", "by hand", "ratio"):
        table.add_column(column, justify="left" if not column else "right", no_wrap=True)
    table.add_row(f"test accuracy, median of {seeds}", f"{accuracy['ours']:.1%}", f"{accuracy['peer']:.1%}", "")
    table.add_row(
        "time per step", f"{1e6 * times['ours']:.1f} µs", f"{1e6 * times['peer']:.1f} µs", f"{times['ratio']:.2f}"
    )
    table.add_row("  by hand, against itself", "", "", f"{1 + times['spread']:.2f}")
    if laws:
        table.add_row("laws of Smooth confirmed", str(laws), "", "")
    console.print(table)
    console.print("by hand: the same program with JAX and optax alone, same weights, same batches, timed in turns")
