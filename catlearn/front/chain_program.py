r"""Gaussian programs that are chains: recognised by their equations, and run as a scan.

Definition:
    Take the equations of a program in their order, and with each the numbers that it is the first to draw. After the first `k` of them, let `H_k` be
    the coefficients of all later equations, and of values returned that need later draws, at the draws made so far. The rank of `H_k` is the number
    of combinations of the past that the future depends on: a *state*. A program is a *chain* when the states stay small,

    .. math:: z_k = (s_{k-1}, w_k), \qquad s_k = S_k z_k, \qquad 0 = m_k + h_k z_k + \rho_k \epsilon_k.

    Factoring ``[H_{k-1} restricted, new coefficients] = H_k S_k`` finds them one after another.

A chain of `T` equations is then Kalman's filter and smoother, `T` small steps in place of one joint system of `T` unknowns. The returned values are
affine in the draws; what is left of their noise is, for each draw, its effect on them less what the smoother makes of its effect on the equations.

It is recognised only where nothing is in doubt: coefficients are known when the program is traced, ranks are unmistakable, each equation
has noise of its own, and no observation narrows a prior by more than a million. Everything else is conditioned at once, as before.

References:
    Dewilde, van der Veen, *Time-varying systems and computations* (1998), for the realisation; Durbin, Koopman (2002), for the noise that is left.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..kernels import compress
from ..kernels.gaussian import support_tolerance
from ..kernels.kalman import Moments, smoothed
from ..kernels.linear_chain import Model

_FEWEST = 16
_LARGEST = 12
_ROUNDING, _CLEAR = 1e-13, 1e-7
_NARROWED = 1e6
_SAME = 1e-11


@dataclasses.dataclass(frozen=True, eq=False)
class Realised:
    """A program as a chain.

    Attributes:
        model: the arrays of the chain; the shift is left to the data.
        start: of ``z_0``.
        at: for each returned number, the step at which it is read.
        rows: and its coefficients there, ``(r, n)``.
        equations: the number of steps that have an equation; a last one without may follow.
    """

    model: Model
    start: Moments
    at: Any
    rows: Any
    equations: int


def realised(returned: Any, apart: Any) -> Realised | None:
    """The chain that a program is, or None.

    Args:
        returned: the coefficients of the values returned, ``(r, d)``.
        apart: the coefficients of the equations, ``(p, d)``.
    """
    if not (isinstance(returned, np.ndarray) and isinstance(apart, np.ndarray)) or len(apart) < _FEWEST:
        return None
    p, steps = len(apart), _Steps(returned, apart)
    parts = []
    while steps.k <= p:
        if not steps.advance():
            return None
        parts.append(steps.part)
    found = _padded(parts, steps, p)
    sound = found is not None and _narrows(found) <= _NARROWED and _reproduces(found, parts, steps)
    return found if sound else None


@dataclasses.dataclass
class _Part:
    """One step: the matrix to the next state, the reading, the variance of its own noise, and the draws that it makes besides."""

    moves: Any
    reads: Any
    own: float
    draws: Any

    @property
    def drawn(self) -> int:
        """How many of these there are."""
        return len(self.draws)


class _Steps:
    """The steps of a program, one after another."""

    def __init__(self, returned: Any, apart: Any):
        p = len(apart)
        both = np.concatenate([apart, returned])
        first = np.where((apart != 0).any(axis=0), (apart != 0).argmax(axis=0), p)
        last = np.concatenate([np.arange(p), np.where(returned != 0, first[None], 0).max(axis=1, initial=0)])
        alone = ((both != 0).sum(axis=0) == 1) & (first < p)
        self.rows, self.first, self.last, self.alone = both, first, last, alone
        self.k, self.p = 0, p
        self.future = np.zeros((len(both), 0))
        self.read: dict[int, Any] = {}
        self.part: Any = None

    def advance(self) -> bool:
        """Take one step, if it is one of a chain."""
        k, p, here = self.k, self.p, self.first == self.k
        draws = np.flatnonzero(here & ~self.alone)
        fresh = self.rows[:, draws]
        table = np.concatenate([self.future, fresh], axis=1)
        own = float(np.sum(self.rows[k, here & self.alone] ** 2)) if k < p else 1.0
        if table.shape[1] > _LARGEST or own == 0:
            return False
        self.read |= {int(i) - p: table[i] for i in np.flatnonzero(self.last == k) if i >= p}
        later = self.last > k
        found = _factored(table[later])
        if found is None:
            return False
        self.future = np.zeros((len(self.rows), found[1].shape[0]))
        self.future[later] = found[0]
        self.part = _Part(found[1], table[k] if k < p else np.zeros(table.shape[1]), own, draws)
        self.k += 1
        return True


def _factored(table: Any) -> tuple[Any, Any] | None:
    """``C = O S`` with as few columns of `O` as may be; None where the rank is in doubt."""
    rows, columns = (np.max(np.abs(table), axis=axis, initial=0) for axis in (1, 0))
    if not rows.any():
        return np.zeros((len(table), 0)), np.zeros((0, table.shape[1]))
    scaled = table / np.where(rows == 0, 1, rows)[:, None]
    columns = np.max(np.abs(scaled), axis=0)
    columns = np.where(columns == 0, 1, columns)
    _, s, basis = np.linalg.svd(scaled / columns[None], full_matrices=False)
    s = s / s[0]
    rank = int(np.sum(s > _ROUNDING))
    if s[rank - 1] < _CLEAR:
        return None
    basis = basis[:rank] * columns[None]
    inverse = np.linalg.pinv(basis / columns[None])
    return (table / columns[None]) @ inverse, basis


def _padded(parts: list[_Part], steps: _Steps, p: int) -> Realised | None:
    """All steps with states of one size."""
    t = len(parts)
    n, q = max(part.moves.shape[0] for part in parts), max(part.drawn for part in parts)
    if not n + q or n + q > _LARGEST or 2 * (n + q) > p:
        return None
    matrix, noise = np.zeros((t, n + q, n + q)), np.zeros((t, n + q, n + q))
    reading, error = np.zeros((t, 1, n + q)), np.zeros((t, 1, 1))
    places = []
    for k, part in enumerate(parts):
        old = len(part.reads) - part.drawn
        places.append(np.concatenate([np.arange(old), n + np.arange(part.drawn)]))
        matrix[k][np.ix_(np.arange(part.moves.shape[0]), places[k])] = part.moves
        noise[k][places[k][old:], places[k][old:]] = 1
        reading[k, 0, places[k]] = part.reads
        error[k] = part.own
    at, rows = np.zeros(len(steps.read), int), np.zeros((len(steps.read), n + q))
    for i, row in steps.read.items():
        at[i] = steps.last[p + i]
        rows[i, places[at[i]]] = row
    model = Model(matrix[:-1], np.zeros(n + q), noise[1:], reading, np.zeros((t, 1)), error)
    return Realised(model, Moments(np.zeros(n + q), noise[0]), at, rows, p)


def _narrows(c: Realised) -> float:
    """The largest factor by which an observation narrows what is predicted of it."""
    worst, covariance = 1.0, c.start.covariance
    for k in range(c.equations):
        h, r = c.model.reading[k, 0], c.model.error[k, 0, 0]
        gain = covariance @ h
        total = h @ gain + r
        worst = max(worst, total / r)
        covariance = covariance - np.outer(gain, gain) / total
        if k < len(c.model.matrix):
            covariance = c.model.matrix[k] @ covariance @ c.model.matrix[k].T + c.model.noise[k]
    return worst


def _reproduces(c: Realised, parts: list[_Part], steps: "_Steps") -> bool:
    """Whether the chain has the coefficients of the program, up to rounding."""
    state = np.zeros((c.model.matrix.shape[-1], steps.rows.shape[1]))
    for k, part in enumerate(parts):
        state = c.model.matrix[k - 1] @ state if k else state
        slots = np.flatnonzero(np.diagonal(c.model.noise[k - 1] if k else c.start.covariance))
        state[slots, part.draws] = 1
        here = np.flatnonzero(c.at == k)
        read = np.concatenate([c.model.reading[k], c.rows[here]]) @ state
        wanted = steps.rows[[k, *(c.equations + here)]] if k < c.equations else steps.rows[c.equations + here]
        read = read if k < c.equations else read[1:]
        gap = np.max(np.abs(read - np.where(steps.alone[None], 0, wanted)), axis=1, initial=0)
        if np.any(gap > _SAME * np.max(np.abs(wanted), axis=1, initial=0)):
            return False
    return True


def run(c: Realised, returned: tuple[Any, Any], apart: tuple[Any, Any], tol: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Mean and generators of the values returned, whether what was observed could be, how far it was from that, and the log-evidence."""
    t = len(c.model.reading)
    seen = jnp.arange(t)[:, None] < c.equations
    pad = lambda a: jnp.pad(a, ((0, t - c.equations), *((0, 0),) * (a.ndim - 1)))[:, None]
    start, model = jax.tree.map(jnp.asarray, (c.start, c.model))
    read = lambda found: jnp.sum(jnp.asarray(c.rows) * found.smoothed.mean[c.at], axis=1)
    found = smoothed(start, model._replace(shift=pad(apart[0])), jnp.zeros((t, 1)), seen)
    effect = lambda column: read(smoothed(start, model, pad(column), seen))
    effects = jax.vmap(effect, in_axes=1, out_axes=1)(jnp.asarray(apart[1]))
    residual = jnp.max(found.evidence.residual)
    ok = residual <= support_tolerance(start.covariance, tol)
    noise = compress(jnp.asarray(returned[1]) - effects)
    return returned[0] + read(found), noise, ok, residual, jnp.sum(found.evidence.increments)
