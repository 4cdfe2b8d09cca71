r"""Linear Gaussian chains as arrays: what all filters read, and what they leave.

Definition:
    A chain of `T` steps is ``x' = F x + u + noise`` and ``y = H x + d + error``. An array serves all steps, or has an entry for each: then it has one
    more axis.

The two noises are given by covariances or by generators, as the filter wants them; and so are the states that it leaves.

References:
    Kalman (1960).
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Model(NamedTuple):
    """A linear Gaussian chain.

    Attributes:
        matrix: `F`, ``(n, n)``, or ``T - 1`` of them.
        offset: `u`, ``(n,)``, or ``T - 1`` of them.
        noise: of a move, a covariance ``(n, n)`` or generators ``(n, k)``, or ``T - 1`` of them.
        reading: `H`, ``(m, n)``, or `T` of them.
        shift: `d`, ``(m,)``, or `T` of them.
        error: of a reading, a covariance ``(m, m)`` or generators ``(m, k)``, or `T` of them.
    """

    matrix: Any
    offset: Any
    noise: Any
    reading: Any
    shift: Any
    error: Any


_RANKS = Model(2, 1, 2, 2, 1, 2)


class Evidence(NamedTuple):
    """What each observation said.

    Attributes:
        increments: the log-density of each given those before, on its support, ``(T,)``.
        rank: how many independent equations it made, ``(T,)``.
        residual: how far the others were from holding, relative to the size of their terms, ``(T,)``.
    """

    increments: Any
    rank: Any
    residual: Any


class Filtered(NamedTuple):
    """What the filter leaves at each step.

    Attributes:
        filtered: the state given the observations up to then.
        predicted: the state given those before.
        evidence: of the observations.
    """

    filtered: Any
    predicted: Any
    evidence: Evidence


class Smoothed(NamedTuple):
    """What the smoother leaves at each step.

    Attributes:
        smoothed: the state given all observations.
        cross: the covariance of a state, by rows, with the next, ``(T, n, n)``; zero at the last step.
        predicted: the state given the observations before.
        evidence: of the observations.
    """

    smoothed: Any
    cross: Any
    predicted: Any
    evidence: Evidence


def changing(model: Model) -> tuple[Model, Any]:
    """The arrays that have an entry for each step, None in the place of the others; and the model of an entry of them."""
    changes = Model(*(array.ndim > rank for array, rank in zip(model, _RANKS, strict=True)))
    arrays = Model(*(a if c else None for a, c in zip(model, changes, strict=True)))
    return arrays, lambda entry: Model(*(e if c else a for e, a, c in zip(entry, model, changes, strict=True)))


def over_steps(model: Model) -> tuple[Model, Any]:
    """What a scan over `T` steps, each a reading and then a move, is given, and the model of an entry of it."""
    arrays, whole = changing(model)
    # The last state does not move.
    longer = lambda array: None if array is None else jnp.pad(array, ((0, 1), *((0, 0),) * (array.ndim - 1)))
    return arrays._replace(**{name: longer(getattr(arrays, name)) for name in ("matrix", "offset", "noise")}), whole


def later_steps(model: Model, values: Any, seen: Any) -> tuple[Any, Any]:
    """What a scan over the steps after the first, each a move and then a reading, is given, and the model of an entry of it."""
    arrays, whole = changing(model)
    entries = Model(*arrays[:3], *jax.tree.map(lambda a: a[1:], arrays[3:]))
    return (entries, values[1:], seen[1:]), whole


def first_step(model: Model) -> Model:
    """The model of the first step."""
    return Model(*(a[0] if a.ndim > rank and len(a) else a for a, rank in zip(model, _RANKS, strict=True)))
