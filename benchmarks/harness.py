"""Interleaved measurements, and the table they end in.

Definition:
    A row is ``(row, metric, ours, peer, peer_name, ratio)`` with ``ratio = ours / peer``. Ours and the peer take turns, in an
    order that alternates; a row holds the medians. Python work (building, tracing, compiling) is counted in CPU time of the
    process, running in wall time.

On a shared machine two copies of one program differ by several percent. So each program is compiled more than once,
the copies take turns too, and the *spread* is the slowest copy of the peer over the fastest, less one.
"""

import contextlib
import dataclasses
import gc
import json
import os
import platform
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import jax


@dataclasses.dataclass(frozen=True)
class Row:
    """One number of ours beside the same number of a peer."""

    row: str
    metric: str
    ours: float
    peer: float
    peer_name: str

    @property
    def ratio(self) -> float | None:
        """``ours / peer``; one when both are zero, none when the peer alone is."""
        if self.peer == 0:
            return 1.0 if self.ours == 0 else None
        return self.ours / self.peer


@dataclasses.dataclass(frozen=True)
class Gate:
    """A promise: the ratio of a row is at most `limit`, and at least `least`."""

    row: str
    metric: str
    limit: float
    least: float = 0.0

    def failure(self, rows: Sequence[Row]) -> str | None:
        """What is wrong, if the promise is not kept."""
        found = next((r for r in rows if (r.row, r.metric) == (self.row, self.metric)), None)
        if found is None:
            return f"{self.row}, {self.metric}: was not measured"
        if found.ratio is not None and self.least <= found.ratio <= self.limit:
            return None
        ratio = "undefined" if found.ratio is None else f"{found.ratio:.3f}"
        return f"{self.row}, {self.metric}: ratio to {found.peer_name} is {ratio}, the limit {self.limit:.3f}"


def header() -> dict[str, Any]:
    """Where and with what the numbers were taken."""
    device = jax.devices()[0]
    packages = ("catlearn-jax", "jax", "jaxlib", "equinox", "optax", "numpy", "scikit-learn")
    return {
        "versions": {"python": platform.python_version(), **{p: metadata.version(p) for p in packages}},
        "device": {"platform": device.platform, "kind": device.device_kind, "count": jax.device_count()},
        "cpu": {"machine": platform.machine(), "cores": os.cpu_count()},
        "x64": bool(jax.config.read("jax_enable_x64")),
    }


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No garbage collection meanwhile."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def in_turns(
    *works: Callable[[], Any],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
    before: Callable[[], Any] = lambda: None,
) -> tuple[float, ...]:
    """The median seconds of each piece of work, one after another in each round, in alternating order.

    Args:
        *works: what is measured.
        rounds: how often.
        clock: CPU time of the process by default.
        before: what is done before each piece of work, and not measured.
    """
    seconds: list[list[float]] = [[] for _ in works]
    for i in range(rounds):
        order = range(len(works)) if i % 2 == 0 else reversed(range(len(works)))
        with quiet():
            for j in order:
                before()
                began = clock()
                works[j]()
                seconds[j].append(clock() - began)
    return tuple(map(statistics.median, seconds))


def opcodes(compiled: Any) -> Counter[str]:
    """How often each operation occurs in the optimised HLO, inside fusions and loops too."""
    text = re.sub(r"/\*.*?\*/", "", compiled.as_text())
    return Counter(re.findall(r"^\s*(?:ROOT )?%?[\w.\-]+ = (?:\(.*?\)|\S+) ([a-z][\w\-]*)\(", text, re.MULTILINE))


def cost(compiled: Any) -> dict[str, float]:
    """Flops and bytes of a compiled program, as XLA counts them; the body of a loop counts once."""
    analysis = compiled.cost_analysis()
    return {"flops": analysis["flops"], "bytes": analysis["bytes accessed"]}


def step_times(
    ours: Sequence[Callable[[], Callable[[], Any]]], peer: Sequence[Callable[[], Callable[[], Any]]], *, rounds: int
) -> tuple[list[float], list[float]]:
    """The median wall seconds of a step, for each copy of ours and of the peer; each maker gives a runner of one step."""
    runners = [make() for make in (*ours, *peer)]
    once = max(_seconds(run, 3) for run in runners)
    calls = max(3, int(0.01 / once))
    works = [lambda run=run: _seconds(run, calls) for run in runners]
    medians = in_turns(*works, rounds=rounds, clock=time.perf_counter)
    each = [m / calls for m in medians]
    return each[: len(ours)], each[len(ours) :]


def _seconds(run: Callable[[], Any], calls: int) -> float:
    began = time.perf_counter()
    out = None
    for _ in range(calls):
        out = run()
    jax.block_until_ready(out)
    return (time.perf_counter() - began) / calls


def table(rows: Sequence[Row]) -> str:
    """The rows as one reads them on a screen."""
    lines = [("row", "metric", "ours", "peer", "ratio", "peer is")]
    for r in rows:
        ratio = "-" if r.ratio is None else f"{r.ratio:.3f}"
        lines.append((r.row, r.metric, f"{r.ours:,.4g}", f"{r.peer:,.4g}", ratio, r.peer_name))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = []
    for line in lines:
        cells = [c.rjust(w) if 2 <= i <= 4 else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))]
        shown.append("  ".join(cells).rstrip())
    return "\n".join([shown[0], "-" * max(map(len, shown)), *shown[1:]])


def write(file: Path, rows: Sequence[Row]) -> None:
    """Header and rows as JSON; the file is whole or is not touched."""
    content = {"header": header(), "rows": [{**dataclasses.asdict(r), "ratio": r.ratio} for r in rows]}
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", delete=False) as draft:
        try:
            json.dump(content, draft, indent=1)
            draft.close()
            os.replace(draft.name, file)
        except BaseException:
            os.unlink(draft.name)
            raise
