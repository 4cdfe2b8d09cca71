r"""Conditioning extended Gaussian states: what nothing is known of satisfies what it can, and the Gaussian part the rest.

Definition:
    In ``Cond(ExtGauss)``, the category of *Gaussian relations*, the flat prior is the unit of comparison: a value compared with one of which nothing
    is known is that value. With copies and discards this is a hypergraph category; so wires bend, and a program is determined by its *name*, the
    state ``create ; copy ; (X ⊗ f)``.

References:
    Stein, Samuelson, *A category for unifying Gaussian probability and nondeterminism* (2204.14024).
"""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..categories.extgauss import ExtendedMap, ExtGaussCategory
from ..categories.gauss import GaussianMap
from ..kernels import compress
from ..objects import Ob, R, unit
from ..objects.euclidean import width
from .cond import Obs
from .conditioning import Conditioning, Outcome, conditioning_of
from .conditioning_gauss import difference, point, read_in


@read_in.register
def extended(base: ExtGaussCategory, f: GaussianMap) -> ExtendedMap:
    """A Gaussian map as an extended one, without a fibre."""
    return ExtendedMap(f.dom, f.cod, f.matrix, f.mean, f.factor, np.zeros((width(f.cod), 0), f.factor.dtype))


@dataclasses.dataclass(frozen=True)
class Extended(Conditioning[ExtGaussCategory]):
    """Extended Gaussian states; see the module. An improper state has no density, and its evidence counts as one."""

    def given(
        self, base: ExtGaussCategory, state: ExtendedMap, n: int, seen: ExtendedMap, tol: float | None, /
    ) -> Outcome:
        y, rows = width(state.cod[:n]), np.eye(width(state.cod))
        found = base.observe(state, rows[y:], seen.mean, tol=tol)
        left = found.state
        part = ExtendedMap(
            unit, state.cod[:n], left.matrix[:y], left.mean[:y], compress(left.factor[:y]), left.fibre[:y]
        )
        return Outcome(part, found.ok, found.residual, jnp.where(found.ok, 0.0, -jnp.inf))

    def comparison(self, base: ExtGaussCategory, x: Ob, /) -> tuple[ExtendedMap, ExtendedMap]:
        return extended(base, difference(x)), extended(base, point(x, 0.0))

    def gathered(self, base: ExtGaussCategory, body: ExtendedMap, n: int, seen: ExtendedMap, /) -> tuple[Any, Any]:
        return body, seen

    def full(self, base: ExtGaussCategory, x: Ob, /) -> ExtendedMap:
        return base.create(x)

    def impossible(self, base: ExtGaussCategory, /) -> tuple[ExtendedMap, ExtendedMap]:
        return extended(base, point(R(), 0.0)), extended(base, point(R(), 1.0))

    def equal(self, base: ExtGaussCategory, f: Obs, g: Obs, tol: float | None, /) -> bool:
        return f.over.probed(f, g, tol=tol)

    @property
    def flattens(self) -> bool:
        return True

    def flat(self, base: ExtGaussCategory, x: Ob, /) -> ExtendedMap:
        return base.create(x)


@conditioning_of.register
def _(base: ExtGaussCategory) -> Conditioning:
    return Extended()
