"""How far apart two Gaussian maps are, or two affine sets: one number, in any units.

Definition:
    Two maps ``(M, s, A)`` are compared by matrix, mean and covariance, each relative to the size of its row: so a covariance of 1e-18 is not
    equal to zero, and one of 1e-34 beside a mean of one, which is rounding there, is. Two subspaces are compared by their orthogonal
    projectors, and what is known up to a subspace after projecting along it.

The answer is a number to decide by, so this is numpy, on arrays that are known.
"""

from typing import Any

import numpy as np

Triple = tuple[Any, Any, Any]


def _norms(a: Any) -> Any:
    most = np.max(np.abs(a), axis=1, initial=0.0)
    return most * np.sqrt(np.sum((a / _or_one(most)[:, None]) ** 2, axis=1))


def _or_one(x: Any) -> Any:
    return np.where(x > 0, x, 1)


def _widest(a: Any) -> Any:
    return np.max(np.abs(a), axis=1, initial=0.0)


def difference(f: Triple, g: Triple) -> float:
    """The largest difference of two maps, each part relative to the size of its row."""
    (m, s, a), (n, t, b) = ([np.asarray(part) for part in parts] for parts in (f, g))
    sd, row = np.maximum(_norms(a), _norms(b)), np.maximum(_widest(m), _widest(n))
    mean = np.maximum(np.maximum(np.abs(s), np.abs(t)), sd)
    size = np.maximum(mean, row)
    # A part that is far smaller than the rest of its row is known up to the rounding of the rest alone.
    floor, fine = size / 512, size * np.finfo(size.dtype).eps ** 0.5 / 8
    gaps = (
        np.abs(m - n) / _or_one(row + floor)[:, None],
        np.abs(s - t) / _or_one(mean + floor),
        np.abs(a @ a.T - b @ b.T) / np.outer(_or_one(sd + fine), _or_one(sd + fine)),
    )
    return _largest(*gaps)


def _largest(*gaps: Any) -> float:
    worst = max(float(np.max(gap, initial=0.0)) for gap in gaps)
    return float("inf") if np.isnan(worst) else worst


def _basis(d: Any) -> Any:
    """An orthonormal basis of a subspace; rows and columns are scaled before its dimension is decided."""
    unit = _or_one(_widest(d))
    scaled = d / unit[:, None]
    scaled = scaled / _or_one(_widest(scaled.T))[None, :]
    u, sigma, _ = np.linalg.svd(scaled, full_matrices=False)
    rank = int(np.sum(sigma > 8 * max(d.shape, default=1) * np.finfo(d.dtype).eps))
    return np.linalg.qr(u[:, :rank] * unit[:, None])[0]


def _units(size: Any, *generators: Any) -> Any:
    """A unit for each coordinate: the extent of the subspaces along it, or the given size where they have none."""
    along = np.max([_widest(d / _or_one(_widest(d.T))[None, :]) for d in generators], axis=0)
    return np.where(along > 0, along, _or_one(size))


def difference_across(f: Triple, fibre: Any, g: Triple, fibre2: Any) -> float:
    """The distance of two subspaces, and the largest difference of two maps after projecting along the first."""
    d, e = np.asarray(fibre), np.asarray(fibre2)
    first, second = ([np.asarray(part) for part in parts] for parts in (f, g))
    size = np.max([np.max([_widest(m), np.abs(s), _norms(a)], axis=0) for m, s, a in (first, second)], axis=0)
    unit = _units(size, d, e)
    q, r = _basis(d / unit[:, None]), _basis(e / unit[:, None])
    apart = np.abs(q @ q.T - r @ r.T)
    across = lambda parts: [_across(q, (part.T / unit).T) for part in parts]
    return max(_largest(apart), difference(tuple(across(first)), tuple(across(second))))


def _across(q: Any, x: Any) -> Any:
    """What is left of some vectors beside a subspace, and zero where that is rounding."""
    left = x - q @ (q.T @ x)
    return np.where(
        np.abs(left) <= 64 * np.finfo(x.dtype).eps * (np.abs(x) + np.abs(q) @ (np.abs(q).T @ np.abs(x))), 0, left
    )


def apart(offset: Any, generators: Any, offset2: Any, generators2: Any) -> float:
    """How far two affine sets are apart: ``offset + generators w``."""
    none = np.zeros((len(offset), 0))
    of = lambda point: (none, np.asarray(point), none)
    return difference_across(of(offset), generators, of(offset2), generators2)
