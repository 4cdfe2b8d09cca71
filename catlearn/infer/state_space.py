r"""State-space models: a machine over `Gauss`, let run, is a chain.

Definition:
    A machine ``I → Y`` of ``Mealy(Gauss)`` that runs for `T` steps is a chain. If at each step it moves and writes with independent noise, the
    state of the chain is that of the machine. If not, as when what is written is fed on, it is the next state together with what was written:

    .. math:: h_k = (x_{k+1}, y_k), \qquad h_{k+1} = f(x_{k+1}), \qquad y_k \text{ is read off } h_k \text{ without noise.}

A machine whose step changes with time is *stacked*: arrays of its step have a leading axis. `varying` makes one from a function of the data of a
step, such as regressors, or the time since the last observation; `driven` from inputs that are known.

References:
    Durbin, Koopman, *Time series analysis by state space methods* (2012), chapters 3 and 4.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..categories.extgauss import ExtendedMap
from ..categories.gauss import Gauss, GaussianMap
from ..constructions.mealy import MealyMap
from ..objects import is_concrete, unit
from ..objects.euclidean import places, width
from ..theory import door
from ..theory.errors import WrongCategory, WrongObject
from .chain import Chain, chain, is_stacked, slice_of
from .controlled import controlled


def _gaussian(m: MealyMap) -> None:
    if m.over.base != Gauss:
        raise WrongCategory(f"a state-space model is a machine over Gauss, but {m} is one over {m.over.base}.")


@door
def as_chain(m: MealyMap, length: int, *, diffuse: tuple[int, ...] = (), apart: bool | None = None) -> Chain:
    """The chain that a machine without inputs is in its first `length` steps.

    Args:
        m: a machine ``I → Y`` over `Gauss`; its step may be stacked.
        length: how many observations there are.
        diffuse: the wires of the state of which nothing is known at the start: what `m` says of these is forgotten.
        apart: whether moves and outputs have independent noise; if None, the numbers are looked at, and what is traced is taken to be not so.

    Raises:
        WrongCategory: the machine is over another category.
        WrongObject: it has inputs: give them by `driven`.
        WrongShape: the stack has another length.

    Example:
        >>> from catlearn.infer import local_level, noisy, smoothed
        >>> c = as_chain(local_level(2.0, start=(0.0, 2.0)) >> noisy(2.0), 2)
        >>> print(c)
        Chain of 2 in Gauss: R() seen as R()
    """
    _gaussian(m)
    if m.dom != unit:
        raise WrongObject(f"a chain has no inputs, but {m} reads {m.dom} at each step: give what it reads by `driven`.")
    n, step = width(m.state), m.step
    apart = independent(m) if apart is None else apart
    start = _forgotten(m, diffuse)
    if apart:
        move, write = _rows(step, m.state, slice(n)), _rows(step, m.cod, slice(n, None))
        return chain(start, slice_of(move, 0, length - 1), write, length)
    hidden = m.state @ m.cod
    wide = lambda f: GaussianMap(hidden, hidden, _widened(f.matrix, width(m.cod)), f.mean, f.factor)
    first = jax.tree.map(lambda array, stacked: array[0] if stacked else array, step, is_stacked(step))
    prior = first if not diffuse else _extended(first)
    return chain(start >> prior, wide(slice_of(step, 1, length)), Gauss.second(m.state, m.cod), length)


def _rows(step: GaussianMap, cod: Any, rows: slice) -> GaussianMap:
    return GaussianMap(step.dom, cod, step.matrix[..., rows, :], step.mean[..., rows], step.factor[..., rows, :])


def _widened(matrix: Any, more: int) -> Any:
    return jnp.pad(matrix, ((0, 0),) * (matrix.ndim - 1) + ((0, more),))


def _extended(f: GaussianMap) -> ExtendedMap:
    return ExtendedMap(f.dom, f.cod, f.matrix, f.mean, f.factor, f.factor[:, :0])


def _forgotten(m: MealyMap, diffuse: tuple[int, ...]) -> Any:
    """The start, of which the given wires are not known."""
    if not diffuse:
        return m.start
    at = places(m.state)
    rows = np.concatenate([at[i] for i in diffuse])
    known = np.ones(width(m.state))
    known[rows] = 0
    fibre = np.eye(len(known))[:, rows]
    return ExtendedMap(
        unit, m.state, m.start.matrix, m.start.mean * known, m.start.factor * known[:, None], jnp.asarray(fibre)
    )


def independent(m: MealyMap) -> bool:
    """Whether a machine is seen to move and write with independent noise; of traced numbers it is not seen.

    Example:
        >>> from catlearn.infer import autoregressive, local_level, noisy
        >>> independent(local_level(1.0) >> noisy(1.0))
        True
    """
    n, a = width(m.state), m.step.factor
    if not is_concrete(a):
        return False
    move, write = np.asarray(a[..., :n, :]), np.asarray(a[..., n:, :])
    cross = np.abs(np.einsum("...ik,...jk->...ij", move, write))
    size = np.einsum("...ik,...jk->...ij", np.abs(move), np.abs(write))
    return bool((cross <= 64 * float(jnp.finfo(a.dtype).eps) * size).all())


@door
def varying(build: Callable[[Any], MealyMap], data: Any) -> MealyMap:
    """The machine that is at each step the one that a function makes of the data of the step.

    Args:
        build: a function of the data of one step to a machine; the start must not depend on it.
        data: an array, or a tree of arrays, with a leading axis of steps.

    Raises:
        WrongObject: the start depends on the data.

    Example:
        >>> from catlearn.infer import log_evidence, regression
        >>> m = varying(lambda x: regression([x], start=(2.0, 0.0)), jnp.array([1.0, 3.0]))
        >>> print(m.step.matrix[:, 1, 0], log_evidence(as_chain(m, 2), [2.0, 6.0]))
        [1. 3.] 0.0
    """
    first = build(jax.tree.map(lambda array: array[0], data))
    steps = jax.vmap(lambda at: build(at).step)(data)
    starts = jax.vmap(lambda at: build(at).start)(data)
    if is_concrete(starts) and not all(
        np.array_equal(a, np.broadcast_to(a[:1], a.shape)) for a in jax.tree.leaves(starts)
    ):
        raise WrongObject(f"the start of {first} depends on the data of a step: a machine has one start.")
    return MealyMap(first.dom, first.cod, first.state, first.start, steps, first.over)


@door
def driven(m: MealyMap, *inputs: Any) -> MealyMap:
    """The machine ``I → Y`` that a machine ``U → Y`` is on known inputs: they shift the means of its steps.

    Args:
        m: a machine over `Gauss`, whose step is one for all. Where it is not, give inputs inside the function of `varying`.
        *inputs: of each wire of `U` an array with a leading axis of steps.

    Raises:
        WrongCategory: the machine is over another category.
        WrongObject: there is not one input a wire, or the machine is stacked.
        WrongValue: the inputs are not of these wires.

    Example:
        >>> from catlearn import R, gaussian
        >>> from catlearn.infer import noisy
        >>> print(driven(noisy(1.0), [1.0, 4.0]).step.mean)
        [[1.]
         [4.]]
    """
    _gaussian(m)
    if len(inputs) != len(m.dom) or any(jax.tree.leaves(is_stacked(m.step))):
        raise WrongObject(
            f"{len(inputs)} inputs were given to {m}: give one a wire, to a machine with one step for all."
        )
    return MealyMap(unit, m.cod, m.state, m.start, controlled(m.step, inputs), m.over)
