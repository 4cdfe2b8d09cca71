r"""Whole paths of Gaussian chains: drawn, and the most likely one.

Definition:
    A draw of a path given what was seen needs no covariances of paths: draw a path and its observations from the chain, smooth the difference between
    what was seen and what was drawn, and add it to the path. What is left of the path after smoothing is independent of what was seen, so
    the sum has the law of the path given it.

Where the prior knows nothing of a direction, the drawn path may start anywhere along it: the smoothed difference takes it away again. The density of normal
states is greatest at their mean, so the most likely path is that of the smoothed means.

References:
    Durbin, Koopman (2002), for drawing paths by differences.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp

from ..categories.gauss import GaussianMap
from ..objects import bare
from ..objects.euclidean import unflatten
from .chain import Chain, Form, Observations
from .gauss_chain import Covariance, affine
from .gauss_root import Root


def drawn(c: Chain, key: Any) -> tuple[Any, Any]:
    """A path of a chain in `Gauss` and its observations, ``(T, n)`` and ``(T, m)``."""
    first, moves, reads = jax.random.split(key, 3)
    noise = lambda key, factor, t: jax.random.normal(key, (t, factor.shape[-1]), factor.dtype)
    move, read = c.transition, c.emission
    start = c.prior.mean + c.prior.factor @ noise(first, c.prior.factor, 1)[0]
    pushed = affine(move.factor, noise(moves, move.factor, c.length - 1), move.mean)

    def step(x: Any, given: Any) -> tuple[Any, Any]:
        matrix, push = given
        x = (move.matrix if matrix is None else matrix) @ x + push
        return x, x

    matrices = move.matrix if move.matrix.ndim > 2 else None
    _, later = jax.lax.scan(step, start, (matrices, pushed))
    path = jnp.concatenate([start[None], later])
    clear = affine(read.matrix, path, read.mean)
    return path, affine(read.factor, noise(reads, read.factor, c.length), clear)


def _form(c: Chain) -> Form:
    return Covariance() if isinstance(c.prior, GaussianMap) else Root()


def _values(c: Chain, path: Any) -> Any:
    """The values of the hidden object with coordinates ``(T, n)``."""
    return bare(jax.vmap(lambda x: unflatten(c.hidden, x))(path))


def gauss_paths(c: Chain, seen: Observations, key: Any, n: int) -> Any:
    """Draws of whole paths given what was seen."""
    still = lambda arrow: dataclasses.replace(arrow, mean=jnp.zeros_like(arrow.mean))
    centred = Chain(still(c.prior), still(c.transition), still(c.emission), c.length)

    def one(key: Any) -> Any:
        path, values = drawn(c, key)
        gap = Observations(jnp.where(seen.seen, seen.values - values, 0), seen.seen)
        found: Any = _form(c).smoothed(centred, gap)
        return _values(c, path + found.mean)

    return jax.vmap(one)(jax.random.split(key, n))


def gauss_mode(c: Chain, seen: Observations) -> Any:
    """The path of the smoothed means."""
    found: Any = _form(c).smoothed(c, seen)
    return _values(c, found.mean)
