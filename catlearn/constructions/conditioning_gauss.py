r"""Conditioning Gaussian states: a linear equation between what is drawn, solved on its support.

Definition:
    A state of ``Y ⊗ K`` is ``(y, k) = b + A w`` with ``w ~ N(0, I)``. That k was o is a linear equation for w. It has a solution, or the program is
    bottom; the solutions are ``w⁺ + ker A_k``, and y is again an affine image of a standard normal vector on them. Two values of a Euclidean
    space are compared by their difference.

Nothing is inverted but what is on the support, and every rank is decided relative to the size of the numbers it is about, so that no answer
depends on the units: see `catlearn.kernels.semidefinite`. Equations are kept, and are solved together when a program is run.

References:
    Stein, Staton (2101.11351); the generator form is that of `catlearn.categories.gauss`.
"""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..categories.gauss import GaussCategory, GaussianMap, gaussian
from ..kernels import compress, condition, default_tolerance
from ..objects import Ob, R, unit
from ..objects.euclidean import width
from ..theory.errors import WrongCategory
from .cond import Obs
from .conditioning import Conditioning, Outcome, conditioning_of
from .normal_form import normal_form, same_form

MARGIN = 512
"""How many times the rounding of one number a residual may be: that of many equations adds up."""


def given(state: GaussianMap, n: int, seen: GaussianMap, tol: Any = None) -> Outcome:
    """The first `n` wires of a Gaussian state, given what the others were.

    Args:
        state: of ``Y ⊗ K``.
        n: the number of wires of `Y`.
        seen: a deterministic state of `K`.
        tol: what counts as zero, relative to the size of what it is compared with.
    """
    y = state.cod[:n]
    mean, factor, ok, residual, log_density = _given(state.factor, state.mean, seen.mean, tol, width(y))
    return Outcome(GaussianMap(unit, y, state.matrix[: width(y)], mean, factor), ok, residual, log_density)


@functools.partial(jax.jit, static_argnums=4)
def _given(factor: Any, mean: Any, seen: Any, tol: Any, y: int) -> tuple[Any, ...]:
    rows = jnp.eye(len(mean), dtype=mean.dtype)[y:]
    left = condition(factor, mean, rows, seen, tol)
    allowed = MARGIN * default_tolerance(dtype=factor.dtype) if tol is None else tol
    ok = left.residual <= allowed
    return left.mean[:y], compress(left.factor[:y]), ok, left.residual, jnp.where(ok, left.log_density, -jnp.inf)


def difference(x: Ob) -> GaussianMap:
    """``x ⊗ x → x``: the first value minus the second."""
    n = width(x)
    return gaussian(x @ x, x, np.concatenate([np.eye(n), -np.eye(n)], axis=1))


def point(x: Ob, value: Any) -> GaussianMap:
    """The deterministic state whose coordinates all have a value, or have one each."""
    return gaussian(unit, x, mean=jnp.broadcast_to(jnp.asarray(value, float), (width(x),)))


def standard(x: Ob) -> GaussianMap:
    """The standard normal state."""
    return gaussian(unit, x, factor=np.eye(width(x)))


@functools.singledispatch
def read_in(base: Any, f: GaussianMap) -> Any:
    """A Gaussian map in a category that has them.

    Raises:
        WrongCategory: the category has none.
    """
    raise WrongCategory(f"{base} has no Gaussian maps: use Gauss or ExtGauss.")


@read_in.register
def _(base: GaussCategory, f: GaussianMap) -> GaussianMap:
    return f


@dataclasses.dataclass(frozen=True)
class Gaussian(Conditioning[GaussCategory]):
    """Gaussian states; see the module."""

    def given(
        self, base: GaussCategory, state: GaussianMap, n: int, seen: GaussianMap, tol: float | None, /
    ) -> Outcome:
        return given(state, n, seen, tol)

    def comparison(self, base: GaussCategory, x: Ob, /) -> tuple[GaussianMap, GaussianMap]:
        return difference(x), point(x, 0.0)

    def gathered(self, base: GaussCategory, body: GaussianMap, n: int, seen: GaussianMap, /) -> tuple[Any, Any]:
        return body, seen

    def full(self, base: GaussCategory, x: Ob, /) -> GaussianMap:
        return standard(x)

    def impossible(self, base: GaussCategory, /) -> tuple[GaussianMap, GaussianMap]:
        return point(R(), 0.0), point(R(), 1.0)

    def equal(self, base: GaussCategory, f: Obs, g: Obs, tol: float | None, /) -> bool:
        return same_form(normal_form(f), normal_form(g), tol=1e-8 if tol is None else tol)

    @property
    def flattens(self) -> bool:
        return False

    def flat(self, base: GaussCategory, x: Ob, /) -> GaussianMap:
        raise WrongCategory(
            f"no Gaussian state of {x} is flat: each knows something. Use Cond(ExtGauss), which has improper priors."
        )


@conditioning_of.register
def _(base: GaussCategory) -> Conditioning:
    return Gaussian()
