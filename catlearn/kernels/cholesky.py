r"""A factor of a positive semidefinite matrix, by Cholesky's steps with pivots.

Definition:
    Each step takes the largest remaining diagonal entry as a pivot and subtracts the rank-one matrix that its column makes,

    .. math:: S \mapsto S - a a', \qquad a = S_{\cdot p} / \sqrt{S_{pp}},

    until what is left of the diagonal is rounding. The columns `a` are a factor, ``S = A A'``, and their number is the rank. The matrix is
    scaled to a unit diagonal first, so the units of its coordinates decide nothing.

Steps are taken in blocks: within one only the diagonal and the pivot's column are kept up to date, and the rest of the matrix is updated
by one product at its end. Of a matrix of low rank most blocks are never reached.

A factor is one of many, and its derivative is that of a factor that moves with the matrix: what depends on ``A A'`` alone has
the right derivative, at locally constant rank.

References:
    Higham (2002), chapter 10; Harbrecht, Peters, Schneider (2012), for stopping early.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.linalg import solve_triangular

from .semidefinite import default_tolerance, dot

_BLOCK = 32


class Factorised(NamedTuple):
    """A factor of a symmetric matrix, as far as it is positive semidefinite.

    Attributes:
        factor: `A`, ``(n, n)``; columns beyond the rank are zero.
        pivots: the row of each column's pivot, ``(n,)``.
        rank: the number of columns that count.
        defect: the largest entry of ``S - A A'`` after scaling to a unit diagonal: rounding for a positive semidefinite matrix; of a
            matrix with a negative eigenvalue, its size at least, divided by `n`.
    """

    factor: Any
    pivots: Any
    rank: Any
    defect: Any


@jax.jit
def factorise(covariance: Any, tol: Any = None) -> Factorised:
    """Factor a symmetric matrix that is positive semidefinite up to rounding.

    Args:
        covariance: ``(n, n)``; only its symmetric part is read.
        tol: the remaining diagonal, relative to the diagonal, up to which it is rounding; None for `default_tolerance`.

    Example:
        >>> ones = factorise(jnp.ones((3, 3)))
        >>> print(ones.factor[:, 0], ones.rank)
        [1. 1. 1.] 1
        >>> print(factorise(jnp.array([[1.0, 2.0], [2.0, 1.0]])).defect)
        1.0
    """
    tol = default_tolerance(covariance.shape[0], dtype=covariance.dtype) if tol is None else tol
    return _factorise(0.5 * (covariance + covariance.T), tol)


@jax.custom_jvp
def _factorise(s: Any, tol: Any) -> Factorised:
    n = s.shape[0]
    if not n:
        return Factorised(s, jnp.zeros(0, int), jnp.zeros((), int), jnp.zeros((), s.dtype))
    diagonal = jnp.diagonal(s)
    unit = jnp.sqrt(jnp.where(diagonal > 0, diagonal, jnp.max(jnp.abs(s), axis=0)))
    unit = jnp.where(unit > 0, unit, 1)
    columns, pivots, rank, rest = _blocks(s / unit[:, None] / unit[None, :], tol)
    return Factorised(unit[:, None] * columns, pivots, rank, jnp.max(jnp.abs(rest)))


def _blocks(s: Any, tol: Any) -> tuple[Any, Any, Any, Any]:
    n = s.shape[0]
    width = min(n, _BLOCK)
    count = -(-n // width)

    def step(i: Any, carry: Any) -> Any:
        rest, panel, pivots, diagonal, rank = carry
        p = jnp.argmax(diagonal)
        pivot = diagonal[p]
        on = pivot > tol
        bound = jnp.sqrt(jnp.maximum(diagonal, 0))
        column = (rest[:, p] - dot(panel, panel[p])) / jnp.sqrt(jnp.where(on, pivot, 1))
        # The rows of earlier pivots are done; an entry beyond its bound would take away more than is there.
        column = jnp.where(on, jnp.clip(column, -bound, bound), 0)
        left = jnp.where(
            on & (jnp.arange(n) == p), -1, jnp.where(diagonal < 0, diagonal, jnp.maximum(diagonal - column**2, 0))
        )
        return rest, panel.at[:, i].set(column), pivots.at[i].set(p), left, rank + on.astype(int)

    def block(carry: Any) -> Any:
        j, rest, columns, pivots, diagonal, rank = carry
        panel, chosen = jnp.zeros((n, width), s.dtype), jnp.zeros(width, int)
        _, panel, chosen, diagonal, rank = jax.lax.fori_loop(0, width, step, (rest, panel, chosen, diagonal, rank))
        columns = jax.lax.dynamic_update_slice(columns, panel, (0, j * width))
        pivots = jax.lax.dynamic_update_slice(pivots, chosen, (j * width,))
        return j + 1, rest - dot(panel, panel.T), columns, pivots, diagonal, rank

    def more(carry: Any) -> Any:
        return (carry[0] < count) & (jnp.max(carry[4]) > tol)

    start = (0, s, jnp.zeros((n, count * width), s.dtype), jnp.zeros(count * width, int), jnp.diagonal(s), 0)
    _, rest, columns, pivots, _, rank = jax.lax.while_loop(more, block, start)
    return columns[:, :n], pivots[:n], rank, rest


@_factorise.defjvp
def _factorise_jvp(primals: Any, tangents: Any) -> Any:
    s, tol = primals
    ds = tangents[0]
    out = _factorise(s, tol)
    n = s.shape[0]
    on = jnp.arange(n) < out.rank
    top = jnp.where(on[:, None] & on[None, :], out.factor[out.pivots], jnp.eye(n, dtype=s.dtype))
    # With G the left inverse of the factor that reads the pivots' rows alone: dA = dS G' - A (G dS G') / 2.
    moved = solve_triangular(top, jnp.where(on[:, None], ds[out.pivots], 0), lower=True)
    core = solve_triangular(top, jnp.where(on[:, None] & on[None, :], moved[:, out.pivots].T, 0), lower=True)
    zero = lambda x: jnp.zeros(x.shape, jax.dtypes.float0)
    return out, Factorised(
        moved.T - 0.5 * dot(out.factor, core), zero(out.pivots), zero(out.rank), jnp.zeros_like(out.defect)
    )
