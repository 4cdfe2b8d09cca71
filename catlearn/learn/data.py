"""Data: arrays of examples, or any iterable of batches, as values of an object.

Definition:
    Data for a step of learning are values of ``Label ⊗ A``, stacked: from arrays, each step takes the batch at the next
    positions of a permutation that depends on the key and the epoch alone; an iterable gives its batches itself.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..objects import Ob
from ..objects.wires import Tree, Wire
from ..theory.errors import BatchMismatch

Values = tuple[Any, ...]


def as_tuple(x: Any, ob: Ob) -> Values:
    """The values of an object as a tuple: one wire may be bare.

    Raises:
        BatchMismatch: several wires, and not a tuple of as many values.
    """
    if len(ob) == 1 and not (isinstance(x, tuple) and len(x) == 1):
        return (x,)
    if not isinstance(x, tuple | list) or len(x) != len(ob):
        given = f"{len(x)} of them" if isinstance(x, tuple | list) else f"one {type(x).__name__}"
        raise BatchMismatch(f"{ob} has {len(ob)} wires, which asks for a tuple of {len(ob)} arrays, but got {given}")
    return tuple(x)


def examples(data: Any, inputs: Ob, label: Ob) -> tuple[Values, int]:
    """The values of ``Label ⊗ A``, stacked, from ``(inputs, labels)``, and their number.

    Raises:
        BatchMismatch: arrays have different lengths.
        WrongValue: an array does not hold elements of its wire.
    """
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise BatchMismatch(f"data are a pair (inputs, labels) of arrays, but got {type(data).__name__}")
    values = as_tuple(data[1], label) + as_tuple(data[0], inputs)
    shapes = [
        shape for wire, value in zip((label @ inputs).wires, values, strict=True) for shape in _shapes(wire, value)
    ]
    lengths = {shape[0] if shape else 0 for shape in shapes}
    if len(lengths) != 1 or 0 in lengths:
        shown = ", ".join(map(str, shapes))
        raise BatchMismatch(f"labels and inputs need one common first axis, not empty, but have shapes {shown}")
    n = lengths.pop()
    return (label @ inputs).stacked(n).elements(values), n


def _shapes(wire: Wire, value: Any) -> list[tuple[int, ...]]:
    """The shapes of the arrays of a wire; a list of numbers is one array."""
    parts = jax.tree.leaves(value) if isinstance(wire, Tree) else [value]
    try:
        return [jnp.shape(x) if hasattr(x, "shape") else np.shape(x) for x in parts]
    except ValueError as error:
        raise BatchMismatch(f"the rows of a list have different lengths: {error}") from None


class Shuffled(eqx.Module):
    """Arrays of examples, visited in batches; epoch `e` in the order of the permutation with key ``fold_in(key, e)``.

    Attributes:
        values: the arrays.
        key: of the permutations, or None to visit in order.
        size: the number of examples.
        batch: the number of examples in a batch; what is left of an epoch after its last whole batch is not visited.
    """

    values: Values
    key: Any
    size: int = eqx.field(static=True)
    batch: int = eqx.field(static=True)

    @property
    def steps_per_epoch(self) -> int:
        """The number of whole batches in an epoch."""
        return self.size // self.batch

    def positions(self, start: Any, n: int) -> Any:
        """The examples of the `n` steps that begin at step `start`, shape ``(n, batch)``."""
        per_epoch, epoch = self.steps_per_epoch, start // self.steps_per_epoch
        sure = max(1, -(-(n - 1) // per_epoch))  # so many epochs are begun, wherever the steps start; perhaps one more
        orders = jax.vmap(self._order)(epoch + jnp.arange(sure))
        if n > 1:
            more = start % per_epoch + n > sure * per_epoch
            last = jax.lax.cond(more, lambda e: self._order(e), lambda e: jnp.arange(self.size), epoch + sure)
            orders = jnp.concatenate([orders, last[None]])
        batches = orders[:, : per_epoch * self.batch].reshape(-1, self.batch)
        return jax.lax.dynamic_slice_in_dim(batches, start % per_epoch, n)

    def _order(self, epoch: Any) -> Any:
        if self.key is None:
            return jnp.arange(self.size)
        return jax.random.permutation(jax.random.fold_in(self.key, epoch), self.size)

    def at(self, positions: Any) -> Values:
        """The examples at the positions."""
        return jax.tree.map(lambda array: array[positions], self.values)


class Given(eqx.Module):
    """Batches from an iterable, stacked for one chunk of steps."""

    values: Values

    def positions(self, start: Any, n: int) -> Any:
        """The steps themselves."""
        return jnp.arange(n)

    def at(self, positions: Any) -> Values:
        """The batch of a step."""
        return jax.tree.map(lambda array: array[positions], self.values)


def checked_batches(data: Iterable[Any], inputs: Ob, label: Ob) -> Iterator[tuple[Values, int]]:
    """The batches of an iterable, over and over, each checked and of one size.

    Raises:
        BatchMismatch: a batch has another size than the first, or the iterable is empty.
    """
    first = None
    for epoch in itertools.count():
        empty = True
        for i, batch in enumerate(data):
            empty = False
            values, n = examples(batch, inputs, label)
            first = first or n
            if n != first:
                raise BatchMismatch(
                    f"batch {i} has {n} examples, but the first had {first}: all batches need one size; drop the last one."
                )
            yield values, n
        if empty:
            why = "it is used up; give a list, or an object that can be iterated again" if epoch else "it is empty"
            raise BatchMismatch(f"the iterable of batches gives no more batches: {why}.")


def stack_batches(batches: list[Values]) -> Values:
    """Batches, stacked along a new first axis."""
    return jax.tree.map(lambda *xs: jnp.stack(xs), *batches)


class Iterated:
    """An iterable of batches ``(inputs, labels)``, iterated again for each epoch.

    Attributes:
        batch: the size of the first batch, and so of all.
    """

    def __init__(self, data: Iterable[Any], inputs: Ob, label: Ob):
        """Look at the first batch, to learn the size."""
        self._batches = checked_batches(data, inputs, label)
        self._first = next(self._batches)
        self.batch = self._first[1]

    def __iter__(self) -> Iterator[Values]:
        """The checked batches, from the first; once."""
        yield self._first[0]
        yield from (values for values, _ in self._batches)


def source_of(data: Any, inputs: Ob, label: Ob, *, batch: int | None, key: Any) -> "Shuffled | Iterated":
    """Where the data of a run come from: arrays, or an iterable of batches.

    Args:
        data: a pair ``(inputs, labels)`` of arrays, or an iterable of such pairs.
        inputs: the object of one input.
        label: the object of one label.
        batch: examples a step, or None for all; arrays only.
        key: of the shuffling, or None for none.

    Raises:
        BatchMismatch: see `examples` and `checked_batches`; or a batch is larger than the data.
    """
    if isinstance(data, tuple) or (isinstance(data, list) and len(data) == 2 and hasattr(data[0], "shape")):
        values, size = examples(data, inputs, label)
        batch = size if batch is None else batch
        if not isinstance(batch, int) or not 1 <= batch <= size:
            raise BatchMismatch(f"a batch of {batch} cannot be taken from {size} examples; batch=None takes them all")
        return Shuffled(values, key, size, batch)
    if not isinstance(data, Iterable):
        raise BatchMismatch(
            f"data are a pair (inputs, labels) or an iterable of such pairs, but got {type(data).__name__}"
        )
    return Iterated(data, inputs, label)
