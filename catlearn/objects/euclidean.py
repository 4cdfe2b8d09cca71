"""Coordinates of Euclidean objects: all values of the wires, laid end to end in one vector.

Definition:
    ``R(2, 3) @ R()`` has seven coordinates. An affine map between Euclidean objects is a matrix and a vector in these.
"""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..theory.errors import WrongObject
from .ob import Ob
from .wires import Euclidean, Tree, Wire, default_float

Values = tuple[Any, ...]


@functools.lru_cache(maxsize=4096)
def width(x: Ob) -> int:
    """The number of coordinates of a Euclidean object.

    Raises:
        WrongObject: a wire is not Euclidean.

    Example:
        >>> from .ob import R
        >>> width(R(2, 3) @ R())
        7
    """
    if not x.euclidean:
        raise WrongObject(
            f"{x} has a wire without Euclidean coordinates, and Gaussian arrows go between objects R(...) @ ... alone.\n"
            "Give numbers to the discrete wires first, for instance by a kernel of FinStoch."
        )
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(x.avals()))


def flatten(x: Ob, values: Values) -> Any:
    """The coordinates of the values of an object."""
    leaves = [jnp.ravel(leaf) for leaf in jax.tree.leaves(values)]
    return leaves[0] if len(leaves) == 1 else jnp.concatenate(leaves or [jnp.zeros(width(x))])


def unflatten(x: Ob, vector: Any) -> Values:
    """The values of an object with the given coordinates: the inverse of `flatten`; a wire with a dtype of its own keeps it."""
    leaves, i = [], 0
    for part in (leaf for wire in x.wires for leaf in _parts(wire)):
        aval = part.aval()
        size = math.prod(aval.shape)
        piece = vector[i : i + size].reshape(aval.shape)
        leaves.append(piece.astype(aval.dtype) if isinstance(part, Euclidean) and part.dtype else piece)
        i += size
    return jax.tree.unflatten(jax.tree.structure(x.avals()), leaves)


def _parts(wire: Wire) -> tuple[Wire, ...]:
    return wire.leaves if isinstance(wire, Tree) else (wire,)


def places(x: Ob) -> list[Any]:
    """The positions of the coordinates of each wire."""
    widths = [width(x[i : i + 1]) for i in range(len(x))]
    return [np.arange(n) + sum(widths[:i]) for i, n in enumerate(widths)]


def reading(n: int, positions: Any) -> Any:
    """The matrix that reads off the coordinates at some positions."""
    return np.eye(n, dtype=default_float())[np.asarray(positions, int)]
