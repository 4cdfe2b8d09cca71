r"""Positive semidefinite matrices by their generators: ranks, pseudo-inverses and conditioning, in any units.

Definition:
    A random vector in *generator form* is ``x = b + A w`` with ``w ~ N(0, I)``; its covariance is ``A A'``, symmetric and positive by
    construction, of any rank. Conditioning it on ``R x = c`` keeps those `w` that solve ``R A w = c - R b``: with ``V`` a basis of the
    rows of ``R A``,

    .. math:: b \mapsto b + A (R A)^{+} (c - R b), \qquad A \mapsto A (I - V V').

Every decision about a rank is relative to the size of the numbers that were added up: a row of ``R A`` is measured by
``\|R\| · \|A\|``, the row norms of `A` weighted by `R`. So no answer depends on the units of a coordinate or of an equation.

Derivatives are those of the pseudo-inverse at locally constant rank (Golub and Pereyra), and never those of single singular
vectors, which do not exist where singular values meet. A factor of a given covariance is one of many, and so is its derivative:
what depends on the covariance alone has the right one.

References:
    Golub, Pereyra (1973), for the derivative of the pseudo-inverse; Higham (2002), chapter 10, for Cholesky factors with pivots.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.linalg import solve_triangular

_SMALL = 16
dot = functools.partial(jnp.matmul, precision=jax.lax.Precision.HIGHEST)
"""The matrix product in full precision, on hardware that would round its inputs too."""


def default_tolerance(*sizes: int, dtype: Any) -> float:
    """The relative size below which a singular value is rounding: eight units in the last place for each row or column."""
    return 8 * max(sizes, default=1) * float(jnp.finfo(dtype).eps)


def _without(x: Any, rounding: Any) -> Any:
    """`x` with zeros where `rounding` says so; its derivative is that of `x`."""
    return x - jax.lax.stop_gradient(jnp.where(rounding, x, 0))


def product(a: Any, b: Any, plus: Any = 0.0, *, slack: float = 8.0) -> Any:
    """``a b + plus``, where an entry that is all rounding error is zero.

    Args:
        a: ``(m, k)``.
        b: ``(k, n)`` or ``(k,)``.
        plus: added.
        slack: how many units in the last place of its terms an entry may be rounding, times the square root of their number; more than
            eight where the factors themselves were computed by a decomposition.

    Example:
        >>> print(product(jnp.array([[0.1, 0.2, -0.3]]), jnp.ones(3)))
        [0.]
    """
    total = dot(a, b) + plus
    size = jax.lax.stop_gradient(dot(jnp.abs(a), jnp.abs(b)) + jnp.abs(plus))
    return _without(
        total, jnp.abs(total) <= slack * (a.shape[-1] + 1) ** 0.5 * float(jnp.finfo(total.dtype).eps) * size
    )


def norms(a: Any) -> Any:
    """The norms of the rows, computed without overflow or underflow of their squares."""
    most = jnp.max(jnp.abs(a), axis=-1, initial=0.0)
    return most * jnp.sqrt(jnp.sum((a / or_one(most)[..., None]) ** 2, axis=-1))


def or_one(scale: Any) -> Any:
    """What one divides by: the scale, or one where there is none."""
    return jnp.where(scale > 0, scale, 1)


class Compact(NamedTuple):
    """``C = U N⁻¹ V'`` on its rank: orthonormal columns, and zero columns beyond the rank.

    Attributes:
        left: `U`, a basis of the image, ``(m, p)``.
        core: `N`, ``(p, p)``.
        right: `V`, a basis of the row space, ``(k, p)``.
        on: which columns count, ``(p,)``, as zeros and ones.
    """

    left: Any
    core: Any
    right: Any
    on: Any

    @property
    def rank(self) -> Any:
        """How many columns count, as a float."""
        return jnp.sum(self.on)

    def solve(self, d: Any) -> Any:
        """The shortest ``w`` for which ``C w`` is nearest to `d`."""
        return dot(self.right, dot(self.core, dot(self.left.T, d)))


@jax.custom_jvp
def compact(c: Any, cut: Any) -> Compact:
    """The bases and the core of a matrix, without the singular values up to `cut`.

    Of a large matrix where all are beyond the cut, a QR decomposition is enough; otherwise it is followed by one into singular values. Under a derivative
    the bases turn as little as they can and the core does the rest, so that derivatives are finite whatever singular values meet, as
    long as none crosses the cut.
    """
    if c.shape[0] > c.shape[1]:
        left, core, right, on = compact(c.T, cut)
        return Compact(right, core.T, left, on)
    m, k = c.shape
    if not m:
        return Compact(*(jnp.zeros(shape, c.dtype) for shape in ((m, m), (m, m), (k, m), (m,))))
    if k <= _SMALL:
        return _by_singular_values(c, cut)
    q, r = jnp.linalg.qr(c.T)
    eye = jnp.eye(m, dtype=c.dtype)
    inverse = solve_triangular(r, eye, trans=1)
    # If so, 1 / |r⁻¹|, a bound below the least singular value, is beyond the cut.
    full = jnp.linalg.norm(inverse) * cut < 1
    turned = lambda parts: parts._replace(right=dot(q, parts.right))
    return jax.lax.cond(
        full,
        lambda: Compact(eye, inverse, q, jnp.ones(m, c.dtype)),
        lambda: turned(_by_singular_values(r.T, cut)),
    )


def _by_singular_values(c: Any, cut: Any) -> Compact:
    u, sigma, vt = jnp.linalg.svd(c, full_matrices=False)
    on = sigma > cut
    kept = on[None, :]
    core = jnp.diag(jnp.where(on, 1 / jnp.where(on, sigma, 1), 0))
    return Compact(jnp.where(kept, u, 0), core, jnp.where(kept, vt.T, 0), on.astype(c.dtype))


@compact.defjvp
def _compact_jvp(primals: Any, tangents: Any) -> Any:
    c, cut = primals
    dc, _ = tangents
    out = compact(c, cut)
    u, n, v, on = out
    dcv, dcu = dot(dc, v), dot(dc.T, u)
    du = dot(dcv - dot(u, dot(u.T, dcv)), n)
    dv = dot(dcu - dot(v, dot(v.T, dcu)), n.T)
    dn = -dot(n, dot(dot(u.T, dcv), n))
    return out, Compact(du, dn, dv, jnp.zeros_like(on))


class Rows(NamedTuple):
    """A matrix with the size of each of its rows, decomposed after dividing by it.

    Attributes:
        matrix: `C`, ``(m, k)``.
        unit: the size of each row, one where there is none, ``(m,)``.
        parts: of ``C / unit``.
    """

    matrix: Any
    unit: Any
    parts: Compact

    @property
    def inverse(self) -> Any:
        """A matrix `G` with ``C G C = C`` and ``G C G = G``, the shortest in the units of the rows, ``(k, m)``."""
        return dot(self.parts.right, dot(self.parts.core, self.parts.left.T / self.unit[None, :]))


def rows_of(c: Any, size: Any, tol: Any) -> Rows:
    """Decompose the rows of a matrix, each relative to its size: the rank does not depend on their units.

    Args:
        c: the matrix, ``(m, k)``.
        size: the size of the numbers that each row was made of, ``(m,)``.
        tol: the singular value, of the scaled matrix, up to which it is rounding; None for `default_tolerance`.
    """
    tol = default_tolerance(*c.shape, dtype=c.dtype) if tol is None else tol
    unit = or_one(jax.lax.stop_gradient(size))
    return Rows(c, unit, compact(c / unit[:, None], tol))


@jax.custom_jvp
def pseudo_inverse(rows: Rows) -> Any:
    """The Moore–Penrose inverse, ``(k, m)``."""
    c, parts, inverse = rows.matrix, rows.parts, rows.inverse
    # The inverse of the scaled rows is right on the image; off it, Moore and Penrose project first.
    q = jnp.linalg.qr(dot(c, parts.right))[0] * parts.on[None, :]
    return jnp.where(parts.rank == c.shape[0], inverse, dot(dot(inverse, q), q.T))


@pseudo_inverse.defjvp
def _pseudo_inverse_jvp(primals: Any, tangents: Any) -> Any:
    (rows,), (tangent,) = primals, tangents
    c, dc = rows.matrix, tangent.matrix
    g = pseudo_inverse(rows)
    turn = dot(dot(g, g.T), dc.T)
    tilt = dot(dc.T, dot(g.T, g))
    return g, turn - dot(turn, dot(c, g)) + tilt - dot(g, dot(c, tilt)) - dot(g, dot(dc, g))


@jax.custom_jvp
def log_volume(rows: Rows) -> Any:
    """The logarithm of the product of the non-zero singular values."""
    diagonal = jnp.abs(jnp.diagonal(jnp.linalg.qr(dot(rows.matrix, rows.parts.right), mode="r")))
    on = (rows.parts.on > 0) & (diagonal > 0)
    return jnp.sum(jnp.where(on, jnp.log(jnp.where(on, diagonal, 1)), 0))


@log_volume.defjvp
def _log_volume_jvp(primals: Any, tangents: Any) -> Any:
    (rows,), (tangent,) = primals, tangents
    return log_volume(rows), jnp.sum(pseudo_inverse(rows) * tangent.matrix.T)


@jax.custom_jvp
def _triangular(a: Any) -> Any:
    """``a = l q'`` with `l` lower triangular and orthonormal columns `q`; `a` is wide."""
    q, r = jnp.linalg.qr(a.T)
    return r.T, q


@_triangular.defjvp
def _triangular_jvp(primals: Any, tangents: Any) -> Any:
    (a,), (da,) = primals, tangents
    l, q = _triangular(a)
    beyond = da.T - dot(q, dot(q.T, da.T))
    return (l, q), (dot(da, q), dot(beyond, pseudo_inverse(rows_of(l, norms(l), None)).T))


def compress(a: Any) -> Any:
    """Generators of the same covariance, at most one a row: ``(n, min(n, k))``.

    Example:
        >>> a = jnp.array([[3.0, 4.0]])
        >>> print(jnp.abs(compress(a)))
        [[5.]]
    """
    n, k = a.shape
    return a if k <= n else _triangular(a)[0]


class Conditioned(NamedTuple):
    """What conditioning leaves.

    Attributes:
        mean: ``(n,)``.
        factor: ``(n, k)``.
        residual: how far the equations are from holding anywhere on the support, relative to the size of their terms: up to a few
            units in the last place where they hold, about one where they do not. Compare it with `default_tolerance`.
        rank: how many equations said something.
        log_density: the logarithm of the density of ``R x`` at `c`, on its support.
    """

    mean: Any
    factor: Any
    residual: Any
    rank: Any
    log_density: Any


@jax.jit
def condition(factor: Any, mean: Any, rows: Any, rhs: Any, tol: Any = None, *, size: Any = 0.0) -> Conditioned:
    """Condition ``x = mean + factor w`` on ``rows x = rhs``.

    Args:
        factor: ``(n, k)``.
        mean: ``(n,)``.
        rows: ``(m, n)``.
        rhs: ``(m,)``.
        tol: the relative singular value up to which it is rounding; None for `default_tolerance`.
        size: an absolute size, one or one an equation: what is below its `tol`-th part is rounding. Zero says that all sizes are to
            be read off the numbers given.

    Example:
        >>> two = condition(jnp.eye(2), jnp.zeros(2), jnp.array([[1.0, -1.0]]), jnp.zeros(1))
        >>> print(jnp.round(two.factor @ two.factor.T, 6), two.rank)
        [[0.5 0.5]
         [0.5 0.5]] 1
    """
    scale = jax.lax.stop_gradient(dot(jnp.abs(rows), norms(factor)) + size)
    d, terms = rhs - product(rows, mean), jnp.abs(rhs) + dot(jnp.abs(rows), jnp.abs(mean)) + size
    found = rows_of(product(rows, factor), scale, tol)
    parts, unit = found.parts, found.unit
    step = parts.solve(d / unit)
    moved = mean + dot(factor, step)
    reach = jax.lax.stop_gradient(jnp.abs(mean) + norms(factor) * jnp.sqrt(jnp.sum(step**2)))
    small = default_tolerance(dtype=moved.dtype) if tol is None else tol
    return Conditioned(
        _without(moved, jnp.abs(moved) <= small * reach),
        rest(factor, parts.right, tol),
        residual(parts.left, d / unit, terms / unit),
        parts.rank.astype(int),
        -0.5 * (jnp.sum(step**2) + parts.rank * jnp.log(2 * jnp.pi)) - log_volume(found),
    )


def rest(factor: Any, basis: Any, tol: Any = None) -> Any:
    """``A (I - V V')``: what is left of each row beside orthonormal columns `V`, and zero where that is rounding."""
    tol = default_tolerance(*factor.shape[1:], dtype=factor.dtype) if tol is None else tol
    left = factor - dot(dot(factor, basis), basis.T)
    return _without(left, (norms(left) <= tol * norms(factor))[:, None])


class Regression(NamedTuple):
    """One Gaussian vector by another.

    Attributes:
        gain: the matrix of the conditional mean, ``(n, m)``; zero across the support.
        factor: the generators that are left, ``(n, k)``.
    """

    gain: Any
    factor: Any


@jax.jit
def regress(given: Any, wanted: Any, tol: Any = None) -> Regression:
    """``y = D x + rest`` for ``x = X w`` and ``y = Y w``, where the rest is independent of `x`: ``D = Y X⁺``.

    Args:
        given: `X`, ``(m, k)``.
        wanted: `Y`, ``(n, k)``.
        tol: as in `condition`.

    Example:
        >>> both = regress(jnp.array([[1.0, 1.0]]), jnp.array([[1.0, 0.0]]))
        >>> print(both.gain, both.factor)
        [[0.5]] [[ 0.5 -0.5]]
    """
    rows = rows_of(given, norms(given), tol)
    return Regression(product(wanted, pseudo_inverse(rows)), rest(wanted, rows.parts.right, tol))


def residual(basis: Any, d: Any, size: Any) -> Any:
    """How far `d` is from the span of orthonormal columns, each entry relative to the size of the terms it is made of.

    The decomposition behind the columns mixes all rows in which they are not zero, up to rounding; so these share their sizes.
    """
    apart = jnp.abs(d - dot(basis, dot(basis.T, d)))
    mixing = norms(basis)
    return jax.lax.stop_gradient(jnp.max(apart / or_one(size + mixing * dot(mixing, size)), initial=0.0))
