r"""Whether covariances can tell what readings leave of a variance.

Definition:
    Of the variance of a reading, ``h P h' + r``, the error has the share ``r / (h P h' + r)``: so much is left of what was known of ``h x``, at most. The
    least share, of all readings and all combinations of them, is the least generalised eigenvalue of `R` and ``H P H' + R``. What is left is a difference of
    covariances, and these lose its digits where the square of that share is of the size of the rounding.

Shares are looked for on a host, in arrays that are known, before a form is chosen: most steps are told by their readings alone.
"""

from typing import Any

import numpy as np

from ..objects import is_concrete
from .chain import Chain

_SHRINKS = 1e-2
"""The relative error of a smoothed variance beyond which covariances are not good enough."""


def shrinks(c: Chain) -> bool:
    """Whether the first readings of a chain of Gaussian maps shrink a variance beyond what covariances can tell, as far as its arrays are known."""
    read, prior, moves = c.emission, c.prior, c.transition
    if not all(map(is_concrete, (read.matrix, read.factor, prior.factor, moves.factor))):
        return False
    squares = lambda factor: np.sum(np.square(np.asarray(factor)), axis=-1).max(axis=tuple(range(np.ndim(factor) - 2)))
    before = squares(prior.factor) + squares(moves.factor) if c.length > 1 else squares(prior.factor)
    matrix, root = np.asarray(read.matrix), np.asarray(read.factor)
    least = np.sqrt(np.finfo(np.result_type(root, 0.0)).eps / _SHRINKS)

    signal, error = (matrix * before) @ _turned(matrix), root @ _turned(root)
    alone = np.min(_shares(_diagonal(signal), _diagonal(error)), axis=-1, initial=1)
    # The share of a combination is at least this part of the least share of those that it combines.
    part = np.min(np.linalg.eigvalsh(_scaled(error, error)), axis=-1, initial=1) / error.shape[-1]
    doubtful = part * alone < least
    signal, error = (np.broadcast_to(a, doubtful.shape + a.shape[-2:])[doubtful] for a in (signal, error))
    return bool(min(np.min(alone), np.min(_combined_shares(signal, error), initial=1)) < least)


def _shares(signal: Any, error: Any) -> Any:
    """How much of each variance is error, where there is any variance."""
    return np.where(signal + error > 0, error / np.where(signal + error > 0, signal + error, 1), 1)


def _combined_shares(signal: Any, error: Any) -> Any:
    """The same of combinations of readings that are uncorrelated, in their errors too: generalised eigenvalues."""
    error, whole = _scaled(error, signal + error), _scaled(signal + error, signal + error)
    variance, axes = np.linalg.eigh(whole)
    there = variance > np.finfo(variance.dtype).eps * variance.shape[-1] ** 2
    white = axes * (there / np.sqrt(np.where(there, variance, 1)))[..., None, :]
    nothing = np.eye(variance.shape[-1]) * ~there[..., None, :]  # where there is no variance the share is one
    return np.linalg.eigvalsh(_turned(white) @ error @ white + nothing)


def _scaled(a: Any, by: Any) -> Any:
    """A matrix in units of the deviations that another has on its diagonal."""
    deviation = np.sqrt(_diagonal(by))
    unit = np.where(deviation > 0, deviation, 1)
    return a / unit[..., :, None] / unit[..., None, :]


def _diagonal(a: Any) -> Any:
    return np.diagonal(a, axis1=-2, axis2=-1)


def _turned(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)
