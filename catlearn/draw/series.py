"""Plots of series: what was observed, and bands of what is inferred of it.

Definition:
    A band is a line of means with a shade of two standard deviations on both sides, at given times. Observations are dots; what was not observed
    is left out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..theory import door
from ..theory.errors import NotDrawable
from .plots import COLOURS, GRID, INK, Plot, figure_of

_LINES = (*COLOURS[1:], COLOURS[0])


@door
def series(times: Any, ys: Any, bands: Mapping[str, tuple[Any, Any]], *, coordinate: int = 0, label: str = "") -> Plot:
    """The plot of a series with bands.

    Args:
        times: of the observations, ``(T,)``.
        ys: the observations, ``(T,)``, or None for none; NaN where nothing was seen.
        bands: by name, the times of a band and what has means ``(t, n)`` and covariances ``(t, n, n)``: a posterior of a chain, or its readings.
        coordinate: which coordinate of these is drawn.
        label: what is measured.

    Raises:
        NotDrawable: a band has more or fewer times than means.

    Example:
        >>> from catlearn import infer
        >>> c = infer.as_chain(infer.local_level(1.0) >> infer.noisy(1.0), 3)
        >>> ys = [1.0, 2.0, 1.5]
        >>> len(series(range(3), ys, {"level": (range(3), infer.smoothed(c, ys))}).figure.axes)
        1
    """
    with figure_of(7.0, 3.0) as figure:
        axes = figure.add_subplot()
        axes.grid(color=GRID, linewidth=0.6)
        if ys is not None:
            axes.plot(
                np.asarray(times), np.asarray(ys), "o", ms=2.6, color=INK, alpha=0.7, label="observed", gid="observed"
            )
        for (name, (at, found)), colour in zip(bands.items(), _LINES * len(bands), strict=False):
            mean = np.asarray(found.mean)[:, coordinate]
            sd = np.sqrt(np.maximum(np.asarray(found.covariance)[:, coordinate, coordinate], 0))
            if len(np.asarray(at)) != len(mean):
                raise NotDrawable(f"the band {name} has {len(mean)} means, but {len(np.asarray(at))} times.")
            axes.plot(np.asarray(at), mean, color=colour, lw=1.4, label=name)
            axes.fill_between(np.asarray(at), mean - 2 * sd, mean + 2 * sd, color=colour, alpha=0.18, lw=0)
        axes.set_ylabel(label)
        figure.legend(loc="outside upper center", frameon=False, ncols=len(bands) + 1)
        return Plot(figure)
