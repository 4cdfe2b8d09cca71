"""The arrays that describe a Gaussian arrow, as they are given: their shapes, and whether a covariance is one.

Definition:
    A *covariance* is a symmetric matrix of which no combination of coordinates has negative variance. One that is so up to half of the
    digits is taken for one, and its nearest factor is kept.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..kernels import factorise
from ..objects import Ob, is_concrete
from ..objects.euclidean import width
from ..objects.semiring import namespace
from ..objects.wires import default_float
from ..theory.errors import NotPositive, WrongObject, WrongShape


class Described(NamedTuple):
    """Matrix, mean and factor of a map, and whether its covariance is one."""

    matrix: Any
    mean: Any
    factor: Any
    ok: Any


def deviation(variance: Any) -> Any:
    """A standard deviation; its derivative at zero is taken to be zero."""
    xp = namespace(variance)
    return xp.where(variance == 0, 0.0, xp.sqrt(xp.where(variance == 0, 1.0, variance)))


def described(
    dom: Ob, cod: Ob, matrix: Any, mean: Any, covariance: Any, factor: Any, check: str, tol: float | None
) -> Described:
    """The arrays of a map between Euclidean objects; zeros where they are left out.

    Raises:
        WrongObject: an end has a wire that is not Euclidean, or both a covariance and a factor are given.
        WrongShape: an array does not fit the ends.
        NotPositive: a concrete covariance is not symmetric or not positive semidefinite, and `check` is "raise".
    """
    if covariance is not None and factor is not None:
        raise WrongObject("give a covariance or a factor of it, not both: they say the same.")
    n, m = width(cod), width(dom)
    m, s = array("the matrix", matrix, (n, m), dom, cod), array("the mean", mean, (n,), dom, cod)
    if covariance is None:
        return Described(m, s, array("the factor", factor, (n, None), dom, cod), jnp.asarray(True))
    covariance = array("the covariance", covariance, (n, n), dom, cod)
    factor, ok, why = _factor(covariance, tol)
    if check == "raise" and is_concrete(ok) and not ok:
        raise NotPositive(cod, why())
    return Described(m, s, factor, ok)


def array(what: str, value: Any, shape: tuple[int | None, ...], dom: Ob, cod: Ob) -> Any:
    """An array of floats of the given shape, where None is any size; zeros for None."""
    if value is None:
        return np.zeros([n or 0 for n in shape], default_float())
    x = value if isinstance(value, jax.Array | np.ndarray) else jnp.asarray(value, default_float())
    x = x if jnp.issubdtype(x.dtype, jnp.floating) else jnp.asarray(x, default_float())
    if not x.ndim and all(n in (1, None) for n in shape):
        x = x.reshape([1] * len(shape))
    if x.ndim != len(shape) or any(n not in (size, None) for n, size in zip(shape, x.shape, strict=True)):
        wanted = tuple(x.shape[-1] if n is None and x.ndim else n or 0 for n in shape)
        cure = "Rows are coordinates of the codomain: transpose it." if x.shape[::-1] == wanted and x.ndim == 2 else ""
        raise WrongShape(what, wanted, tuple(x.shape), dom, cod, cure)
    return x


def _factor(covariance: Any, tol: Any) -> tuple[Any, Any, Callable[[], str]]:
    """A factor, whether the matrix is a covariance, and a function that says why it is not."""
    found = factorise(covariance, tol)
    slack = float(jnp.finfo(found.factor.dtype).eps) ** 0.5
    lopsided = _lopsided(covariance)

    def why() -> str:
        if lopsided > slack:
            return f"it is not symmetric, by {float(lopsided):.2g} of the size of its entries"
        least = float(np.linalg.eigvalsh(np.asarray(covariance, float))[0])
        return f"it is not positive semidefinite, its least eigenvalue is {least:.6g}"

    return found.factor, (found.defect <= slack) & (lopsided <= slack), why


@jax.jit
def _lopsided(s: Any) -> Any:
    size = jnp.maximum(jnp.sqrt(jnp.abs(jnp.diagonal(s))), jnp.sqrt(jnp.max(jnp.abs(s), axis=0, initial=0.0)))
    size = jnp.where(size > 0, size, 1)
    return jnp.max(jnp.abs(s - s.T) / size[:, None] / size[None, :], initial=0.0)
