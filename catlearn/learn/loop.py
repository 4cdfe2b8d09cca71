"""The compiled loop: many steps of learning as one program.

Definition:
    A chunk is the iterate of `put` of a learning step over the steps ``start, ..., start + n - 1``, as one `jax.lax.scan`. What
    happens at a step depends on the key and on the number of the step alone.
"""

import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..objects.wires import RandomKey
from .data import Values
from .step import LearningStep

Chunk = Callable[[Values, int], tuple[Values, tuple[Any, Any]]]


def chunk_of_steps(learner: LearningStep, rows: Any, key: Any, n: int) -> Chunk:
    """The function ``(state, start) ↦ (state, (losses, finite))`` that makes `n` steps; compiled once for each program.

    Args:
        learner: what is iterated.
        rows: where the data of a step come from, see `learn.data`.
        key: of the random wires of the model.
        n: the number of steps.
    """
    return compiled(_chunk, (learner, rows, key, n))


def _chunk(program: tuple[LearningStep, Any, Any, int], state: Values, start: Any) -> tuple[Values, tuple[Any, Any]]:
    learner, rows, key, n = program
    random = [i for i, wire in enumerate(learner.state.wires) if isinstance(wire, RandomKey)]

    def body(state: Values, now: tuple[Any, Any]) -> tuple[Values, Any]:
        step, positions = now
        state = _with_keys(state, learner, random, key, step)
        state, loss = learner.update(state, rows.at(positions))
        return state, sum(jnp.mean(x) for x in loss)

    numbers = start + jnp.arange(n) if random else None
    state, losses = jax.lax.scan(body, state, (numbers, rows.positions(start, n)), length=n)
    return state, (losses, all_finite(state))


def compiled(function: Callable[..., Any], program: Any) -> Callable[..., Any]:
    """``xs ↦ function(program, *xs)``, compiled once for each program, that is, for all of it that is not an array."""
    leaves, structure = jax.tree.flatten(program)
    arrays = [x if eqx.is_array(x) else None for x in leaves]
    others = tuple(None if eqx.is_array(x) else x for x in leaves)
    jitted = _jitted(function, structure, others)
    return lambda *xs: jitted(arrays, *xs)


@functools.lru_cache(maxsize=128)
def _jitted(function: Callable[..., Any], structure: Any, others: tuple[Any, ...]) -> Callable[..., Any]:
    def run(arrays: list[Any], *xs: Any) -> Any:
        leaves = [other if array is None else array for array, other in zip(arrays, others, strict=True)]
        return function(jax.tree.unflatten(structure, leaves), *xs)

    return jax.jit(run)


def all_finite(values: Values) -> Any:
    """Whether all float entries are finite."""
    floats = [x for x in jax.tree.leaves(values) if jnp.issubdtype(x.dtype, jnp.inexact)]
    return functools.reduce(jnp.logical_and, [jnp.isfinite(x).all() for x in floats], jnp.asarray(True))


def _with_keys(state: Values, learner: LearningStep, random: list[int], key: Any, step: Any) -> Values:
    """The state with fresh randomness at each `Key` wire, from the key of the run and the number of the step."""
    if not random:
        return state
    now = jax.random.fold_in(key, step)
    fresh = {i: learner.state.wires[i].random(jax.random.fold_in(now, i)) for i in random}
    return tuple(fresh.get(i, x) for i, x in enumerate(state))
