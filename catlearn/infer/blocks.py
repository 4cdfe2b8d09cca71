r"""The blocks of state-space models: machines over `Gauss` that write one number a step.

Definition:
    A *block* is a linear Gaussian system, a machine ``I → R`` of ``Mealy(Gauss)``: a hidden state that moves linearly with normal noise, and is
    read linearly. `total` adds what several write, ``>>`` feeds what one writes to another, ``@`` puts them side by side; the result is one
    machine, whose state has one wire a block.

Blocks read the state before they move it: the start is the state at the first observation. Variances may be traced, so that they can be learned.

References:
    Harvey, *Forecasting, structural time series models and the Kalman filter* (1989); Durbin, Koopman (2012), chapter 3.
"""

from typing import Any

import jax.numpy as jnp

from ..categories.covariance import deviation
from ..categories.gauss import Gauss, GaussianMap, gaussian
from ..constructions.mealy import Mealy, MealyMap, mealy
from ..objects import Ob, R, unit
from ..objects.euclidean import width
from ..theory import door
from ..theory.errors import WrongShape

Systems = Mealy(Gauss)
"""The category of the blocks."""


def _started(x: Ob, start: Any) -> GaussianMap:
    """A start: a state of `Gauss`, or a pair of mean and covariance, numbers standing for equal entries."""
    if isinstance(start, GaussianMap):
        return start
    n = width(x)
    mean, covariance = (jnp.asarray(part, float) for part in start)
    if covariance.ndim < 2:
        return gaussian(
            unit, x, mean=jnp.broadcast_to(mean, (n,)), factor=jnp.diag(deviation(jnp.broadcast_to(covariance, (n,))))
        )
    return gaussian(unit, x, mean=jnp.broadcast_to(mean, (n,)), covariance=covariance)


def _block(x: Ob, moves: Any, reads: Any, noise: Any, start: Any) -> MealyMap:
    """The machine with state `x` that writes ``reads x`` and moves by ``moves x + noise ξ``."""
    matrix, noise = (
        jnp.concatenate([jnp.asarray(moves, float), jnp.asarray(reads, float)[None]]),
        jnp.asarray(noise, float),
    )
    factor = jnp.concatenate([noise, jnp.zeros_like(noise[:1])])
    return mealy(_started(x, start), GaussianMap(x, x @ R(), matrix, jnp.zeros(len(matrix)), factor))


@door
def local_level(variance: Any, *, start: Any = (0.0, 1.0)) -> MealyMap:
    """A level that walks at random: it is written, and then moves by ``N(0, variance)``.

    Args:
        variance: of a move.
        start: mean and variance of the first level, or a state of `Gauss`.

    Example:
        >>> print(local_level(1.0, start=(0.0, 4.0)).unrolled(2).covariance.round(6))
        [[4. 4.]
         [4. 5.]]
    """
    return _block(R(), [[1.0]], [1.0], deviation(jnp.asarray(variance, float)).reshape(1, 1), start)


@door
def local_trend(level: Any, slope: Any, *, start: Any = (0.0, 1.0)) -> MealyMap:
    """A level that moves by a slope, and a slope that walks at random; the level is written.

    Args:
        level: variance of what the level moves besides.
        slope: variance of a move of the slope.
        start: mean and covariance of the first level and slope, of shape (2,) and (2, 2), or a state of `Gauss`.

    Example:
        >>> line = local_trend(0.0, 0.0, start=([1.0, 2.0], 0.0))
        >>> print(line.unrolled(3).mean)
        [1. 3. 5.]
    """
    noise = jnp.diag(deviation(jnp.stack([jnp.asarray(level, float), jnp.asarray(slope, float)])))
    return _block(R(2), [[1.0, 1.0], [0.0, 1.0]], [1.0, 0.0], noise, start)


@door
def seasonal(period: int, variance: Any, *, start: Any = (0.0, 1.0)) -> MealyMap:
    """Effects of the seasons, any `period` of which in a row add up to ``N(0, variance)``; the present one is written.

    Args:
        period: how many seasons there are, two at least.
        variance: of the sum.
        start: mean and covariance of the effects now, one step ago, and so on, ``period - 1`` of them, or a state of `Gauss`.

    Raises:
        WrongShape: there are fewer than two seasons.

    Example:
        >>> print(seasonal(3, 0.0, start=([1.0, 2.0], 0.0)).unrolled(4).mean)
        [ 1. -3.  2.  1.]
    """
    n = period - 1
    if n < 1:
        raise WrongShape("the effects of the seasons", (1,), (n,), unit, R(), "Give a period of two or more.")
    moves = jnp.concatenate([-jnp.ones((1, n)), jnp.eye(n)[:-1]])
    noise = jnp.eye(n)[:, :1] * deviation(jnp.asarray(variance, float))
    return _block(R(n), moves, jnp.eye(n)[0], noise, start)


@door
def arma(autoregressive: Any, moving: Any, variance: Any, *, start: Any = None) -> MealyMap:
    r"""An ARMA process, ``y_k = Σ φ_i y_{k-i} + e_k + Σ θ_j e_{k-j}`` with ``e_k`` of the given variance.

    Args:
        autoregressive: the φ, ``(p,)``.
        moving: the θ, ``(q,)``.
        variance: of the innovations e.
        start: of the ``max(p, q + 1)`` states; the stationary law if left out, which has to exist.

    Source: Harvey (1989), Section 4.2.

    Example:
        >>> print(arma([0.5], [], 0.75).unrolled(2).covariance.round(6))
        [[1.  0.5]
         [0.5 1. ]]
    """
    phi, theta = (jnp.atleast_1d(jnp.asarray(part, float)) for part in (autoregressive, moving))
    n = max(len(phi), len(theta) + 1)
    first = jnp.pad(phi, (0, n - len(phi)))
    moves = jnp.concatenate([first[:, None], jnp.eye(n)[:, :-1]], axis=1)
    noise = jnp.pad(jnp.concatenate([jnp.ones(1), theta]), (0, n - 1 - len(theta)))[:, None]
    noise = noise * deviation(jnp.asarray(variance, float))
    start = (0.0, stationary(moves, noise @ noise.T)) if start is None else start
    return _block(R(n), moves, jnp.eye(n)[0], noise, start)


def stationary(matrix: Any, covariance: Any) -> Any:
    """The covariance `P` with ``P = F P F' + Q``; it means something if `F` is stable.

    Example:
        >>> print(stationary(jnp.array([[0.5]]), jnp.array([[3.0]])))
        [[4.]]
    """
    n = len(matrix)
    apart = jnp.eye(n * n) - jnp.kron(matrix, matrix)
    p = jnp.linalg.solve(apart, covariance.reshape(-1)).reshape(n, n)
    return 0.5 * (p + p.T)


def autoregressive(coefficients: Any, variance: Any, *, start: Any = None) -> MealyMap:
    """An autoregressive process, ``y_k = Σ φ_i y_{k-i} + e_k``: see `arma`.

    Example:
        >>> print(autoregressive([0.5], 0.75).start.covariance)
        [[1.]]
    """
    return arma(coefficients, [], variance, start=start)


@door
def regression(row: Any, *, variance: Any = 0.0, start: Any = (0.0, 1.0)) -> MealyMap:
    """The effect ``x · β`` of known regressors, with coefficients β that are the state and walk at random, or stay.

    The row `x` is that of one step; `varying` gives each step its own.

    Args:
        row: the regressors of a step, ``(k,)``.
        variance: of a move of each coefficient, a number or ``(k,)``.
        start: mean and covariance of the coefficients, or a state of `Gauss`.

    Example:
        >>> print(regression([1.0, 2.0], start=([3.0, 4.0], 0.0)).unrolled(1).mean)
        [11.]
    """
    row = jnp.atleast_1d(jnp.asarray(row, float))
    k = len(row)
    noise = jnp.diag(deviation(jnp.broadcast_to(jnp.asarray(variance, float), (k,))))
    return _block(R(k), jnp.eye(k), row, noise, start)


@door
def irregular(variance: Any) -> MealyMap:
    """White noise: each step writes ``N(0, variance)``, and nothing is kept.

    Example:
        >>> print(irregular(4.0).unrolled(2).covariance)
        [[4. 0.]
         [0. 4.]]
    """
    return Systems.lift(gaussian(unit, R(), factor=deviation(jnp.asarray(variance, float)).reshape(1, 1)))


@door
def noisy(variance: Any) -> MealyMap:
    """``R → R``: what is read is written with ``N(0, variance)`` added, and nothing is kept.

    Example:
        >>> print(noisy(4.0), (irregular(1.0) >> noisy(4.0)).unrolled(1).covariance.round(6))
        MealyMap : R() -> R() [[5.]]
    """
    return Systems.lift(gaussian(R(), R(), [[1.0]], factor=deviation(jnp.asarray(variance, float)).reshape(1, 1)))


@door
def total(*blocks: MealyMap) -> MealyMap:
    """The machine that writes the sum of what the blocks write.

    Example:
        >>> both = total(local_level(1.0, start=(2.0, 0.0)), irregular(4.0))
        >>> print(both, both.unrolled(1).mean, both.unrolled(1).covariance)
        MealyMap : unit -> R() [2.] [[4.]]
    """
    beside = Systems.tensor(*blocks)
    added = gaussian(beside.cod, R(), jnp.ones((1, len(blocks))))
    return Systems.then(beside, Systems.lift(added))
