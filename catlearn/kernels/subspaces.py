r"""Linear subspaces by generators, and affine equations on them, in any units.

Definition:
    A subspace of :math:`\mathbb{R}^n` is the image of a matrix ``(n, l)``, whose columns generate it. `span` gives generators that are
    independent, followed by zeros. A column is a direction and its length means nothing; a row has the units of its coordinate, and a rank
    is decided after both are scaled.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from .semidefinite import Rows, dot, norms, product, residual, rows_of

_SLACK = 64  # units in the last place that a decomposition may be off


def _scaled(d: Any) -> tuple[Any, Any]:
    """The generators with rows and columns of size one, and the sizes of the rows."""
    most = lambda x, axis: jax.lax.stop_gradient(jnp.max(jnp.abs(x), axis=axis, initial=0.0))
    unit = jnp.where((size := most(d, 1)) > 0, size, 1)
    scaled = d / unit[:, None]
    long = most(scaled, 0)
    return scaled / jnp.where(long > 0, long, 1)[None, :], unit


@jax.jit
def span(d: Any) -> Any:
    """Independent generators of the same subspace, then zeros: ``(n, min(n, l))``.

    Example:
        >>> print(jnp.abs(span(jnp.array([[3.0, 6.0], [3.0, 6.0]])).round(4)))
        [[1. 0.]
         [1. 0.]]
    """
    if not d.size:
        return d[:, : min(d.shape)]
    scaled, unit = _scaled(d)
    columns = _clean(rows_of(scaled, jnp.ones_like(unit), None).parts.left) * unit[:, None]
    longest = jnp.max(jnp.abs(columns), axis=0)
    return columns / jnp.where(longest > 0, longest, 1)[None, :]


@jax.jit
def projector(d: Any) -> Any:
    """The orthogonal projector on a subspace."""
    scaled, unit = _scaled(d)
    parts = rows_of(scaled, jnp.ones_like(unit), None).parts
    q = jnp.linalg.qr(parts.left * unit[:, None])[0] * parts.on[None, :] if d.size else d
    return dot(q, q.T)


@jax.jit
def directions(factor: Any, fibre: Any) -> Any:
    """The sum of the image of a factor, whose small columns may be rounding, and of a subspace."""
    rows = rows_of(factor, norms(factor), None)
    return span(jnp.concatenate([rows.unit[:, None] * rows.parts.left, fibre], axis=1))


def beyond(generators: Any, basis: Any) -> Any:
    """``D (I - V V')``: what is left of some generators beside orthonormal columns `V` of weights."""
    return product(generators, _clean(jnp.eye(len(basis), dtype=basis.dtype) - dot(basis, basis.T)), slack=_SLACK)


def _clean(orthonormal: Any) -> Any:
    """A matrix made of orthonormal columns, with zeros where it is rounding."""
    small = jnp.abs(orthonormal) <= _SLACK * float(jnp.finfo(orthonormal.dtype).eps)
    return orthonormal - jax.lax.stop_gradient(jnp.where(small, orthonormal, 0))


def equations(generators: Any, rows: Any) -> Rows:
    """What the left sides of linear equations make of some generators."""
    return rows_of(product(rows, generators), dot(jnp.abs(rows), norms(generators)), None)


class Solutions(NamedTuple):
    """The points of an affine set that solve linear equations.

    Attributes:
        offset: one of them, ``(n,)``.
        directions: independent generators of their differences, ``(n, l)``.
        residual: how far the equations are from having a solution, relative to the size of their terms.
    """

    offset: Any
    directions: Any
    residual: Any


@jax.jit
def solve(generators: Any, offset: Any, rows: Any, rhs: Any) -> Solutions:
    """The points of ``offset + generators w`` with ``rows x = rhs``.

    Args:
        generators: ``(n, l)``.
        offset: ``(n,)``.
        rows: ``(m, n)``.
        rhs: ``(m,)``.

    Example:
        >>> line = solve(jnp.eye(2), jnp.zeros(2), jnp.array([[1.0, 1.0]]), jnp.array([2.0]))
        >>> print(line.offset.round(4), projector(line.directions).round(4))
        [1. 1.] [[ 0.5 -0.5]
         [-0.5  0.5]]
    """
    found = equations(generators, rows)
    gap, terms = product(-rows, offset, rhs), jnp.abs(rhs) + dot(jnp.abs(rows), jnp.abs(offset))
    point = product(generators, found.parts.solve(gap / found.unit), offset)
    apart = residual(found.parts.left, gap / found.unit, terms / found.unit)
    return Solutions(point, span(beyond(generators, found.parts.right)), apart)
