r"""Scans: the products of all first parts of a sequence, and states that are passed along it, in any bracketing.

Definition:
    Let ``·`` be associative. The *scan* of ``x_0, ..., x_{T-1}`` has at k the product of the first elements, the *reverse scan* that of the last,

    .. math:: x_0 \cdot x_1 \cdots x_k, \qquad x_k \cdot x_{k+1} \cdots x_{T-1},

    where the earlier factor is always on the left. Elements *act* on states if applying a product is applying one factor after the other: then
    ``s_k = s · x_0 ⋯ x_k``, or in reverse ``s_k = x_k ⋯ x_{T-1} · s``, needs no products, as long as one goes step by step.

Three bracketings have the same answer. `sequential` does one product a step. `associative` needs a depth of ``2 log T``, twice the
products, and a program that grows with ``log T``. `two_level` cuts the sequence into blocks: all blocks at once go step by step, then their
totals are scanned, then each block goes on from where it starts; its program is small and its rows are as many as there are blocks.

Elements are pytrees of arrays with a leading axis of `T`; the operation is given for single ones.

References:
    Blelloch, *Prefix sums and their applications* (1990).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.sharding import NamedSharding

type Operation = Callable[[Any, Any], Any]
"""An associative operation: the earlier factor, then the later."""

_BLOCKS = 64


def default_block(length: int) -> int:
    """The length of blocks for a sequence: so that there are about 64, at least 8 steps each."""
    return max(8, -(-length // _BLOCKS))


def length_of(xs: Any) -> int:
    """How long a sequence is."""
    return jax.tree.leaves(xs)[0].shape[0]


def sequential(op: Operation, xs: Any, *, reverse: bool = False) -> Any:
    """The scan, one product a step.

    Args:
        op: the operation, earlier factor first.
        xs: at least one element.
        reverse: products of the last elements instead of the first.

    Example:
        >>> then = lambda f, g: (f[0] * g[0], f[1] * g[0] + g[1])
        >>> slope, offset = sequential(then, (jnp.array([2, 2, 2]), jnp.array([1, 1, 1])))
        >>> print(slope, offset)
        [2 4 8] [1 3 7]
    """
    xs, op = _turned(xs, op) if reverse else (xs, op)
    first, rest = jax.tree.map(lambda a: a[0], xs), jax.tree.map(lambda a: a[1:], xs)

    def step(total: Any, x: Any) -> tuple[Any, Any]:
        total = op(total, x)
        return total, total

    _, later = jax.lax.scan(step, first, rest)
    found = jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), first, later)
    return _flipped(found) if reverse else found


def associative(op: Operation, xs: Any, *, reverse: bool = False) -> Any:
    """The scan in logarithmic depth; arguments as of `sequential`.

    Example:
        >>> print(associative(lambda a, b: a + b, jnp.array([1, 2, 3]), reverse=True))
        [6 5 3]
    """
    xs, op = _turned(xs, op) if reverse else (xs, op)
    found = jax.lax.associative_scan(jax.vmap(op), xs)
    return _flipped(found) if reverse else found


def doubling(op: Operation, xs: Any) -> Any:
    """The scan in logarithmic depth, with a product of all elements at each level: a program that does not grow, for short sequences.

    Args:
        op: the operation, earlier factor first.
        xs: at least one element.

    Example:
        >>> print(doubling(lambda a, b: a + b, jnp.array([1, 2, 3])))
        [1 3 6]
    """
    n = length_of(xs)

    def level(k: Any, xs: Any) -> Any:
        reach = 1 << k
        products = jax.vmap(op)(jax.tree.map(lambda a: jnp.roll(a, reach, 0), xs), xs)
        inside = lambda a: (jnp.arange(n) >= reach).reshape(-1, *(1,) * (a.ndim - 1))
        return jax.tree.map(lambda a, b: jnp.where(inside(a), a, b), products, xs)

    return jax.lax.fori_loop(0, (n - 1).bit_length(), level, xs)


def two_level(op: Operation, xs: Any, *, block: int | None = None, reverse: bool = False) -> Any:
    """The scan step by step in all blocks at once, and in logarithmic depth over their totals.

    Args:
        op: the operation, earlier factor first.
        xs: at least one element.
        block: the length of a block; `default_block`, if left out.
        reverse: products of the last elements instead of the first.

    Example:
        >>> print(two_level(lambda a, b: a + b, jnp.array([1, 2, 3, 4, 5]), block=2))
        [ 1  3  6 10 15]
    """
    xs, op = _turned(xs, op) if reverse else (xs, op)
    blocks = _cut(xs, default_block(length_of(xs)) if block is None else block)
    inside = sequential(jax.vmap(op), blocks)
    before = associative(op, jax.tree.map(lambda a: a[-1, :-1], inside))
    across = jax.vmap(jax.vmap(op), in_axes=(None, 0))
    later = across(before, jax.tree.map(lambda a: a[:, 1:], inside))
    found = _joined(jax.tree.map(lambda a, b: jnp.concatenate([a[:, :1], b], axis=1), inside, later), length_of(xs))
    return _flipped(found) if reverse else found


class Action(NamedTuple):
    """How the steps of a scan compose: ``apply(apply(s, x), y) = apply(s, op(x, y))``, and in reverse with `x` and `y` exchanged on the left.

    Attributes:
        lift: the element that a step applies, of what the step is given.
        op: the product of elements, earlier factor first.
        apply: the state after an element, of the state before and the element.
        extend: the product of a total and the element of the step that follows, of the total and what the step is given, if there is a
            shorter way than to lift it and multiply.
    """

    lift: Callable[[Any], Any]
    op: Operation
    apply: Callable[[Any, Any], Any]
    extend: Callable[[Any, Any], Any] | None = None


def passed(
    step: Callable[[Any, Any], tuple[Any, Any]],
    start: Any,
    xs: Any,
    action: Action,
    *,
    block: int | None = None,
    reverse: bool = False,
    over: NamedSharding | None = None,
) -> Any:
    """What `lax.scan` puts out, in two levels: states are passed along the sequence, in all blocks at once.

    Only the totals of blocks are ever products, so that no more is stored than by `lax.scan`.

    Args:
        step: of a state and an entry of `xs`, the next state and what is put out; ``step(s, x)[0] = apply(s, lift(x))``.
        start: the state at the start, in reverse that at the end.
        xs: what the steps are given, each with a leading axis of `T`.
        action: how steps compose.
        block: the length of a block; `default_block`, if left out.
        reverse: from the end to the start.
        over: how blocks, an array of shape ``(length, blocks)``, are laid out on devices; there are as many blocks as these can share evenly.

    Example:
        >>> add = Action(lambda x: x, lambda a, b: a + b, lambda s, a: s + a)
        >>> print(passed(lambda s, x: (s + x, s), 0, jnp.array([1, 2, 3, 4, 5]), add, block=2))
        [ 0  1  3  6 10]
    """
    xs, op = _turned(xs, action.op) if reverse else (xs, action.op)
    n, length = length_of(xs), default_block(length_of(xs)) if block is None else block
    if n <= length and (over is None or n == 0):
        found = jax.lax.scan(step, start, xs)[1]
        return _flipped(found) if reverse else found
    blocks = _cut(xs, length)
    if over is not None:
        blocks = jax.lax.with_sharding_constraint(_cut(xs, *_shares(n, length, over)), over)
    full = jax.tree.map(lambda a: a[:, :-1], blocks)
    first, rest = jax.tree.map(lambda a: a[0], full), jax.tree.map(lambda a: a[1:], full)
    extend = action.extend or (lambda total, x: op(total, action.lift(x)))
    multiply = lambda total, x: (jax.vmap(extend)(total, x), None)
    totals, _ = jax.lax.scan(multiply, jax.vmap(action.lift)(first), rest)
    entries = jax.vmap(action.apply, in_axes=(None, 0))(start, doubling(op, totals))
    starts = jax.tree.map(lambda s, e: jnp.concatenate([jnp.asarray(s, e.dtype)[None], e]), start, entries)
    found = _joined(jax.lax.scan(jax.vmap(step), starts, blocks)[1], n)
    return _flipped(found) if reverse else found


def _turned(xs: Any, op: Operation) -> tuple[Any, Operation]:
    """The sequence from its end, and the operation with its factors exchanged, so that the earlier one is still on the left."""
    return _flipped(xs), lambda a, b: op(b, a)


def _flipped(xs: Any) -> Any:
    return jax.tree.map(lambda a: jnp.flip(a, 0), xs)


def _shares(n: int, length: int, over: NamedSharding) -> tuple[int, int]:
    """The length and the number of blocks of which each device has as many."""
    shares = over.mesh.size // over.shard_shape((1, over.mesh.size))[1]
    count = -(-n // (length * shares)) * shares
    return -(-n // count), count


def _cut(xs: Any, length: int, count: int | None = None) -> Any:
    """A sequence as ``(length, blocks, ...)``; the last blocks are filled up with its last element, which no other block sees."""

    def cut(a: Any) -> Any:
        missing = (-(-len(a) // length) if count is None else count) * length - len(a)
        full = jnp.concatenate([a, jnp.broadcast_to(a[-1:], (missing, *a.shape[1:]))])
        return full.reshape(-1, length, *a.shape[1:]).swapaxes(0, 1)

    return jax.tree.map(cut, xs)


def _joined(blocks: Any, length: int) -> Any:
    """The sequence whose blocks these are."""
    return jax.tree.map(lambda a: a.swapaxes(0, 1).reshape(-1, *a.shape[2:])[:length], blocks)
