"""Whether two samples can be of one law.

Definition:
    Two samples of n values each are compared by the largest difference of their distribution functions, along each coordinate and along some
    random directions. Of one law, a difference in one direction exceeds ``ε`` with a probability of at most ``2 exp(-n ε²)``: the inequality of
    Dvoretzky, Kiefer and Wolfowitz, for two samples.

References:
    Wei, Dudley, *Two-sample Dvoretzky–Kiefer–Wolfowitz inequalities* (2012).
"""

import math
from typing import Any

import jax
import numpy as np


def largest_gap(xs: Any, ys: Any, *, directions: int, level: float, seed: int) -> tuple[float, float]:
    """The largest difference of the distribution functions of two samples, and what it exceeds with a probability of at most `level` by chance.

    Args:
        xs: a pytree of arrays of numbers, with the values of the sample along a first axis.
        ys: another, of the same shapes.
        directions: how many random directions to look along, besides the coordinates.
        level: the probability.
        seed: for the directions.

    Example:
        >>> gap, bound = largest_gap((np.arange(512.0),), (np.arange(512.0) + 256,), directions=0, level=1e-6, seed=0)
        >>> gap, gap > bound
        (0.5, True)
    """
    left, right = map(_coordinates, (xs, ys))
    n, width = left.shape
    if not width:
        return 0.0, 0.0
    turned = np.random.default_rng(seed).normal(size=(width, directions))
    views = np.hstack([np.eye(width), turned])
    pairs = zip((left @ views).T, (right @ views).T, strict=True)
    bound = math.sqrt(math.log(2 * views.shape[1] / level) / n)
    return max(_distance(a, b) for a, b in pairs), bound


def _coordinates(values: Any) -> Any:
    columns = [np.asarray(leaf, float).reshape(len(leaf), -1) for leaf in jax.tree.leaves(values)]
    return np.hstack(columns) if columns else np.zeros((0, 0))


def _distance(a: Any, b: Any) -> float:
    """The largest difference of two distribution functions; values that are equal but for rounding are one."""
    scale = max(float(np.std(np.concatenate([a, b]))), 1e-30)
    a, b = (np.sort(np.round(x / scale, 5)) for x in (a, b))
    at = np.concatenate([a, b])
    return float(np.max(np.abs(np.searchsorted(a, at, "right") - np.searchsorted(b, at, "right"))) / len(a))
