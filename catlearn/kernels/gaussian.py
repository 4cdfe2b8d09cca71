"""Affine maps with normal noise, as three arrays: ``y = M x + s + A ξ``.

Definition:
    A map is the triple ``(M, s, A)``, and its noise has the covariance ``A A'``. Substituting one in another gives

        ``(N M, N s + t, [N A, B])``.
"""

from typing import Any

import jax
import jax.numpy as jnp

from .semidefinite import compress, default_tolerance, log_volume, norms, product, regress, residual, rows_of

Triple = tuple[Any, Any, Any]


@jax.jit
def substitute(f: Triple, g: Triple) -> Triple:
    """`f`, then `g`."""
    m, s, a = f
    n, t, b = g
    k = m.shape[1]
    moved = product(n, jnp.concatenate([m, s[:, None], a], axis=1), jnp.pad(t[:, None], ((0, 0), (k, a.shape[1]))))
    return moved[:, :k], moved[:, k], compress(jnp.concatenate([moved[:, k + 1 :], b], axis=1))


@jax.jit
def beside(f: Triple, g: Triple) -> Triple:
    """Both at once, on coordinates of their own."""
    block = jax.scipy.linalg.block_diag
    return block(f[0], g[0]), jnp.concatenate([f[1], g[1]]), block(f[2], g[2])


@jax.jit
def conditional(f: Triple, given: Any, wanted: Any) -> Triple:
    """The coordinates at `wanted` as a map of those at `given` and of the inputs."""
    m, s, a = f
    gain, noise = regress(a[given], a[wanted])
    affine = jnp.concatenate([m, s[:, None]], axis=1)
    left = product(-gain, affine[given], affine[wanted])
    return jnp.concatenate([gain, left[:, :-1]], axis=1), left[:, -1], compress(noise)


def support_tolerance(factor: Any, tol: Any) -> Any:
    """How far, relative to its size, a point may be off a support before it is outside."""
    return 512 * default_tolerance(*factor.shape[:1], dtype=factor.dtype) if tol is None else tol


@jax.jit
def within(factor: Any, moves: Any, sizes: Any, tol: Any) -> Any:
    """Whether some vectors, the columns of `moves`, are in the image of the factor.

    Args:
        factor: ``(n, k)``.
        moves: ``(n, l)``.
        sizes: the sizes of the terms that each entry of `moves` is made of.
        tol: relative to these; None for `support_tolerance`.
    """
    rows = rows_of(factor, norms(factor), tol)
    of_column = lambda d, size: residual(rows.parts.left, d / rows.unit, size / rows.unit)
    return jnp.all(jax.vmap(of_column, in_axes=1)(moves, sizes) <= support_tolerance(factor, tol))


@jax.jit
def log_density(factor: Any, gap: Any, size: Any, tol: Any) -> Any:
    """The logarithm of the density of ``A ξ`` at `gap`, on the image of `A`; ``-inf`` off it.

    Args:
        factor: `A`, ``(n, k)``.
        gap: ``(n,)``.
        size: the sizes of the terms that each entry of `gap` is made of.
        tol: relative to these; None for `support_tolerance`.
    """
    rows = rows_of(factor, norms(factor), tol)
    weights = rows.parts.solve(gap / rows.unit)
    inside = residual(rows.parts.left, gap / rows.unit, size / rows.unit) <= support_tolerance(factor, tol)
    normal = -0.5 * (jnp.sum(weights**2) + rows.parts.rank * jnp.log(2 * jnp.pi)) - log_volume(rows)
    return jnp.where(inside, normal, -jnp.inf)
