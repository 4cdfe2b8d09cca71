"""Plots of the tour: the learning curve, the confusion matrix, and what the model makes of some digits."""

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, BLUE, RED, GREY = "#1f2933", "#3b5b92", "#b3264a", "#9aa5b1"
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "catlearn",
}


@contextlib.contextmanager
def figure(width: float, height: float) -> Iterator[Figure]:
    """A figure in the style of the tour, known to no global state."""
    with mpl.rc_context(STYLE):
        fig = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(fig)
        yield fig


def files(fig: Figure) -> dict[str, bytes]:
    """The figure as PNG and as SVG, by suffix, the same bytes each time."""
    written = {}
    for suffix, metadata in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
        out = io.BytesIO()
        fig.savefig(out, format=suffix, dpi=160, metadata=metadata)
        written[suffix] = out.getvalue()
    return written


def learning_curve(losses: Any, validated: Any, accuracies: Any, peer: float) -> dict[str, bytes]:
    """Loss at each step and test accuracy during training, a line for each seed.

    Shapes:
        losses: ``(seeds, steps)``.
        validated: ``(evaluations,)``, the steps after which accuracy was measured.
        accuracies: ``(seeds, evaluations)``.
        peer: the median accuracy of the hand-written program at the end.
    """
    losses, accuracies = np.asarray(losses), np.asarray(accuracies)
    window = max(1, losses.shape[1] // 100)
    kernel = np.ones(window) / window
    smooth = np.stack([np.convolve(run, kernel, mode="valid") for run in losses])
    steps = np.arange(smooth.shape[1]) + window
    with figure(7.2, 2.9) as fig:
        left, right = fig.subplots(1, 2)
        left.plot(steps, smooth.T, color=BLUE, alpha=0.25, linewidth=0.8)
        left.plot(steps, np.median(smooth, axis=0), color=BLUE, linewidth=1.6)
        left.set(yscale="log", xlabel="step", ylabel="cross-entropy of a batch", title="loss")
        right.plot(validated, 100 * accuracies.T, color=BLUE, alpha=0.25, linewidth=0.8)
        right.plot(validated, 100 * np.median(accuracies, axis=0), color=BLUE, linewidth=1.6, label="catlearn, median")
        right.axhline(100 * peer, color=RED, linewidth=1.0, linestyle=(0, (4, 3)), label="by hand, median at the end")
        right.set(
            xlabel="step",
            ylabel="test accuracy, %",
            title="accuracy",
            ylim=(min(94.0, 100 * accuracies[:, -1].min() - 2), 100),
        )
        right.legend(frameon=False, loc="lower right")
        for axes in (left, right):
            axes.title.set_fontweight("bold")
            axes.grid(axis="y", color="#e4e7eb", linewidth=0.6)
        return files(fig)


def confusion(truth: Any, predicted: Any) -> dict[str, bytes]:
    """How often each digit was taken for which."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (np.asarray(truth), np.asarray(predicted)), 1)
    wrong = counts - np.diag(np.diag(counts))
    with figure(3.6, 3.4) as fig:
        axes = fig.subplots()
        shade = np.where(np.eye(10, dtype=bool), 0.35, -np.minimum(wrong / max(1, wrong.max()), 1.0))
        axes.imshow(shade, cmap="RdBu", vmin=-1.6, vmax=1.6)
        for i, j in np.argwhere(counts > 0):
            axes.text(j, i, str(counts[i, j]), ha="center", va="center", fontsize=8)
        axes.set(xlabel="predicted", ylabel="written", xticks=range(10), yticks=range(10))
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        return files(fig)


def examples(images: Any, truth: Any, predicted: Any, *, columns: int = 12, rows: int = 2) -> dict[str, bytes]:
    """Some digits with what the model says: its mistakes first, in red."""
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    order = np.argsort(truth == predicted, kind="stable")[: columns * rows]
    with figure(0.62 * columns, 0.82 * rows) as fig:
        for i, axes in zip(order, fig.subplots(rows, columns).flat, strict=True):
            right = truth[i] == predicted[i]
            axes.imshow(np.asarray(images[i]).reshape(8, 8), cmap="gray_r", interpolation="nearest")
            axes.set_title(
                str(predicted[i]) if right else f"{predicted[i]} ({truth[i]})", color=INK if right else RED, fontsize=9
            )
            axes.set_axis_off()
        return files(fig)
