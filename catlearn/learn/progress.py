"""Progress of a run: what is reported after each chunk, and a bar that shows it."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from ..theory.errors import MissingExtra


@dataclasses.dataclass(frozen=True)
class Report:
    """Where a run is after a chunk.

    Attributes:
        step: steps made.
        steps: steps in all.
        loss: mean loss of the last batch.
        validation_loss: the last one, or None.
        metric: the last one, or None.
        seconds: since the run began, or was resumed.
        resumed: the step at which it was resumed, or 0.
    """

    step: int
    steps: int
    loss: float
    validation_loss: float | None
    metric: float | None
    seconds: float
    resumed: int = 0

    @property
    def speed(self) -> float:
        """Steps a second."""
        return (self.step - self.resumed) / self.seconds if self.seconds else 0.0

    @property
    def remaining(self) -> float:
        """Seconds until the end at this speed."""
        return (self.steps - self.step) / self.speed if self.speed else float("inf")


@contextlib.contextmanager
def reporter(progress: bool | Callable[[Report], Any]) -> Iterator[Callable[[Report], Any]]:
    """What to call with each report: nothing, a function, or a bar on the terminal.

    Raises:
        MissingExtra: the bar needs rich, of the extra `tour`.
    """
    if not progress:
        yield lambda report: None
    elif callable(progress):
        yield progress
    else:
        with _bar() as show:
            yield show


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[Report], Any]]:
    try:
        from rich import progress as rich
    except ImportError:
        raise MissingExtra("the progress bar", "tour") from None
    columns = (rich.BarColumn(), rich.MofNCompleteColumn(), rich.TextColumn("{task.description}"))
    with rich.Progress(*columns, rich.TimeRemainingColumn()) as bar:
        task = bar.add_task("compiling")

        def show(report: Report) -> None:
            shown = [f"loss {report.loss:.4f}"]
            shown += [] if report.metric is None else [f"metric {report.metric:.4f}"]
            shown += [f"{report.speed:,.0f} steps/s"]
            bar.update(task, total=report.steps, completed=report.step, description="  ".join(shown))

        yield show
