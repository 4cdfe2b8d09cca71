"""Plots of laws: ellipses of Gaussian states, heat maps of finite kernels, and states before and after.

Definition:
    The plot of a Gaussian state of two coordinates is the curves on which the density is constant and which hold 39 % and 86 % of the mass: its
    standard deviations one and two. Of one coordinate it is the density; of more, all pairs of them. A singular state has flat ellipses, and a
    certain one a point. A finite kernel is a table of shades, a row for each input; a finite state is bars.

Several states of one object are drawn over one another, in the order in which they are given: a prior and its posterior, say.
"""

import contextlib
import dataclasses
import io
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from ..categories import Kernel
from ..categories.gauss import GaussianMap
from ..objects import Log
from ..theory import door
from ..theory.errors import NotDrawable

INK, PALE, GRID = "#1f2933", "#9aa5b1", "#e4e7eb"
COLOURS = ("#8592a3", "#3b5b92", "#b3264a", "#2f855a", "#b7791f")
SHADES = LinearSegmentedColormap.from_list("catlearn", ["#ffffff", "#c9d6ea", "#3b5b92", "#1f3358"])
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": PALE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelcolor": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "catlearn",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Plot:
    """A plot: shown as it is in a notebook, and written by `svg` and `png`.

    Attributes:
        figure: the figure of matplotlib, for those who want to change it.
    """

    figure: Figure

    def svg(self) -> str:
        """The plot as the text of an SVG file."""
        return self._written("svg", {"Date": None, "Creator": None}).decode()

    def png(self, *, dpi: int = 160) -> bytes:
        """The plot as the bytes of a PNG file."""
        return self._written("png", {"Software": None}, dpi)

    def _written(self, kind: str, metadata: Any, dpi: int = 160) -> bytes:
        out = io.BytesIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(out, format=kind, dpi=dpi, metadata=metadata)
        return out.getvalue()

    def _repr_svg_(self) -> str:
        return self.svg()


@contextlib.contextmanager
def figure_of(width: float, height: float) -> Iterator[Figure]:
    """A figure in our style, known to no global state."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure


@door
def plot(*laws: Any, names: Sequence[str] | None = None, wires: Sequence[str] | None = None) -> Plot:
    """The plot of a finite kernel, or of states of one object over one another.

    Args:
        *laws: one kernel between finite sets; or states, all finite or all Gaussian.
        names: what the states are called in the legend, one each.
        wires: what the coordinates are called, one each; of a finite kernel, what the inputs and the outputs are.

    Raises:
        NotDrawable: there is nothing, something else, a Gaussian map that is no state, or states of different objects.

    Example:
        >>> from catlearn import Fin, kernel
        >>> rain = Fin(2, labels=["dry", "wet"])
        >>> len(plot(kernel(rain, rain, [[0.75, 0.25], [0.5, 0.5]])).figure.axes[0].texts)
        4
    """
    ends = {(law.dom, law.cod) for law in laws if isinstance(law, Kernel | GaussianMap)}
    kinds = {type(law) for law in laws}
    if len(ends) != 1 or len(kinds) != 1 or kinds - {Kernel, GaussianMap}:
        given = ", ".join(map(str, laws)) or "nothing"
        raise NotDrawable(f"plot draws a finite kernel, or states of one object, finite or Gaussian, but got {given}.")
    if names is not None and len(names) != len(laws):
        raise NotDrawable(f"plot needs one name a state: {len(laws)} states, but {len(names)} names.")
    first: Any = laws[0]
    state = not len(first.dom)
    if isinstance(first, GaussianMap):
        if not state:
            raise NotDrawable(f"{first} is no state: compose it after one, to plot what comes out.")
        return _gaussians(laws, names, wires)
    if state:
        return _bars(laws, names, wires)
    if len(laws) > 1:
        raise NotDrawable("plot draws one kernel at a time; states can be drawn over one another.")
    return _shades(first, wires)


def _elements(x: Any) -> list[str]:
    """What to call the elements of a finite object."""
    labels = [wire.labels or tuple(map(str, range(wire.n))) for wire in x.wires]
    return [", ".join(names) for names in itertools.product(*labels)]


def _probabilities(f: Kernel) -> Any:
    matrix = np.asarray(f.matrix, float)
    return np.exp(matrix) if f.over.entries == Log else matrix


def _number(p: float) -> str:
    """A probability in two digits; one that is not zero or one does not look so."""
    if p in (0.0, 1.0):
        return str(int(p))
    if p < 0.005:
        return f"{p:.3f}".removeprefix("0") if p >= 0.0005 else "<.001"
    return f"{p:.2f}".removeprefix("0") if p < 0.995 else ">.99"


def _shades(f: Kernel, wires: Sequence[str] | None) -> Plot:
    table, rows, columns = _probabilities(f), _elements(f.dom), _elements(f.cod)
    given, out = wires or (str(f.dom), str(f.cod))
    numbers = table.size <= 144
    cell = 0.52 if numbers else min(0.3, 6 / max(table.shape))
    with figure_of(max(2.6, 1.3 + cell * len(columns)), max(1.8, 0.9 + 0.8 * cell * len(rows))) as figure:
        axes = figure.subplots()
        image = axes.pcolormesh(table, cmap=SHADES, vmin=0, vmax=1, edgecolors="white", linewidth=1.5 if numbers else 0)
        axes.invert_yaxis()
        axes.set_aspect("auto")
        across, down = (np.arange(0, n, max(1, -(-n // 16))) for n in (len(columns), len(rows)))
        named = [columns[i] for i in across]
        axes.set_xticks(
            across + 0.5,
            named,
            rotation=0 if max(map(len, named)) < 7 else 35,
            ha="center" if max(map(len, named)) < 7 else "left",
        )
        axes.set_yticks(down + 0.5, [rows[i] for i in down])
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.set(xlabel=out, ylabel=given)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(not numbers)
        if numbers:
            for (i, j), p in np.ndenumerate(table):
                colour = "white" if p > 0.45 else PALE if p == 0 else INK
                axes.text(j + 0.5, i + 0.5, _number(float(p)), ha="center", va="center", color=colour, fontsize=8)
        else:
            figure.colorbar(image, ax=axes, shrink=0.8).outline.set_visible(False)  # pyright: ignore[reportCallIssue]
        return Plot(figure)


def _bars(laws: Sequence[Kernel], names: Sequence[str] | None, wires: Sequence[str] | None) -> Plot:
    elements = _elements(laws[0].cod)
    width = 0.72 / len(laws)
    with figure_of(max(2.8, 1.2 + 0.62 * len(elements) * max(1.0, 0.6 * len(laws))), 2.4) as figure:
        axes = figure.subplots()
        for k, (law, colour) in enumerate(zip(laws, _colours(len(laws)), strict=True)):
            at = np.arange(len(elements)) + (k - (len(laws) - 1) / 2) * width
            heights = _probabilities(law)[0]
            bars = axes.bar(at, heights, width * 0.92, color=colour, label=names[k] if names else None)
            axes.bar_label(bars, [_number(float(p)) for p in heights], padding=2, fontsize=7.5, color=INK)
        axes.set_xticks(np.arange(len(elements)), elements, rotation=0 if max(map(len, elements)) < 9 else 25)
        axes.set(xlabel=(wires or ("", ""))[-1], ylabel="probability", ylim=(0, None))
        axes.margins(y=0.14)
        axes.tick_params(axis="x", length=0)
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        _legend(figure, axes, names)
        return Plot(figure)


def _colours(n: int) -> list[str]:
    """The first of several is pale: it is what was believed before."""
    return [COLOURS[1]] if n == 1 else [COLOURS[i % len(COLOURS)] for i in range(n)]


def _legend(figure: Figure, axes: Any, names: Sequence[str] | None) -> None:
    if names:
        handles, labels = axes.get_legend_handles_labels()
        columns = int(figure.get_figwidth() / (0.085 * max(map(len, names)) + 0.5))
        columns = max(1, min(columns, len(names)))
        figure.legend(handles, labels, loc="outside upper center", ncols=columns, frameon=False)


def _gaussians(laws: Sequence[GaussianMap], names: Sequence[str] | None, wires: Sequence[str] | None) -> Plot:
    states = [(np.asarray(f.mean, float), np.asarray(f.covariance, float)) for f in laws]
    n, colours = len(states[0][0]), _colours(len(laws))
    if not 1 <= n <= 8:
        raise NotDrawable(
            f"{laws[0]} has {n} coordinates; plot draws up to 8. Take a marginal: Gauss.marginal(p, wires)."
        )
    axis_names = list(wires or (f"x{i}" for i in range(n)))
    if len(axis_names) != n:
        raise NotDrawable(f"{laws[0]} has {n} coordinates, but got {len(axis_names)} names of them.")
    side = 3.2 if n <= 2 else 1.7 * n + 0.6
    with figure_of(side * (1.25 if n == 1 else 1.1), side * (0.8 if n == 1 else 1.0)) as figure:
        grid = (
            figure.subplots(max(1, n), max(1, n), squeeze=False, sharex="col")
            if n != 2
            else [[None, None], [figure.subplots(), None]]
        )
        for i, j in itertools.product(range(n), range(n)):
            axes: Any = grid[i][j]
            if axes is None:
                continue
            if j > i:
                axes.set_axis_off()
                continue
            for k, ((mean, covariance), colour) in enumerate(zip(states, colours, strict=True)):
                name = names[k] if names else None
                if i == j:
                    _curve(axes, mean[i], covariance[i, i], _span(states, i), colour, name)
                else:
                    _ellipses(axes, mean[[j, i]], covariance[np.ix_([j, i], [j, i])], colour, name)
            axes.set_xlim(*_span(states, j))
            if i == j:
                axes.set(yticks=[], ylim=(0, None))
                axes.spines["left"].set_visible(False)
            else:
                axes.set_ylim(*_span(states, i))
                axes.grid(color=GRID, linewidth=0.6)
                axes.tick_params(labelleft=j == 0)
                if j == 0:
                    axes.set_ylabel(axis_names[i])
            if i == n - 1:
                axes.set_xlabel(axis_names[j])
        _legend(figure, grid[n - 1][0], names)
        return Plot(figure)


def _span(states: Sequence[tuple[Any, Any]], i: int) -> tuple[float, float]:
    """What of a coordinate is shown: three standard deviations of each state, or a little around points."""
    spread = [3 * np.sqrt(max(covariance[i, i], 0.0)) for _, covariance in states]
    low = min(mean[i] - s for (mean, _), s in zip(states, spread, strict=True))
    high = max(mean[i] + s for (mean, _), s in zip(states, spread, strict=True))
    room = 0.0 if high - low > 1e-12 * max(1.0, abs(high)) else max(1.0, abs(high)) / 2
    return float(low - room), float(high + room)


def _curve(axes: Any, mean: float, variance: float, span: tuple[float, float], colour: str, name: str | None) -> None:
    if variance <= 1e-10 * (span[1] - span[0]) ** 2:
        axes.axvline(mean, color=colour, linewidth=1.6, label=name)
        return
    x = np.linspace(*span, 400)
    y = np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    axes.fill_between(x, y, color=colour, alpha=0.14, linewidth=0)
    axes.plot(x, y, color=colour, linewidth=1.5, label=name)


def _ellipses(axes: Any, mean: Any, covariance: Any, colour: str, name: str | None) -> None:
    values, vectors = np.linalg.eigh(covariance)
    widths = 2 * np.sqrt(np.maximum(values, 0.0))
    angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    for deviations, fill in ((2, 0.10), (1, 0.20)):
        size = deviations * widths
        shape = {"xy": tuple(mean), "width": float(size[1]), "height": float(size[0]), "angle": angle}
        axes.add_patch(Ellipse(**shape, facecolor=colour, alpha=fill, linewidth=0))
        axes.add_patch(Ellipse(**shape, facecolor="none", edgecolor=colour, linewidth=1.3))
    axes.plot(*mean, "o", color=colour, markersize=3.5, label=name)
