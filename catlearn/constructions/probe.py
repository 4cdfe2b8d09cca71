r"""Probes: reading a function of linear arrows, one coordinate at a time.

Definition:
    An arrow that is only known by what it does to other arrows is asked about the arrows that read one coordinate, or write one,

    .. math:: e_i^{\top} : X \to r, \qquad e_j : r \to X,

    by way of the first coordinate of `r`. The answers are the rows, or the columns, of its matrix.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..categories.linear import Dense, LinearMap, dimension


def by_rows(k: Any, x: Any, end: Any, matrix: Callable[[Any], Any]) -> Any:
    """The matrix whose i-th row is the first row of the answer to the arrow ``x → end`` that reads the i-th coordinate."""

    def row(e: Any) -> Any:
        read = jnp.zeros((dimension(end), e.size), e.dtype).at[0].set(e)
        return matrix(k.lift(LinearMap(x, end, (Dense(x, end, read),))))[0]

    return jax.vmap(row)(jnp.eye(dimension(x)))


def by_columns(k: Any, x: Any, start: Any, matrix: Callable[[Any], Any]) -> Any:
    """The matrix whose j-th column is the first column of the answer to the arrow ``start → x`` that writes the j-th coordinate."""

    def column(e: Any) -> Any:
        write = jnp.zeros((e.size, dimension(start)), e.dtype).at[:, 0].set(e)
        return matrix(k.lift(LinearMap(start, x, (Dense(start, x, write),))))[:, 0]

    return jax.vmap(column)(jnp.eye(dimension(x))).T
