r"""Gaussian maps that finite variables choose, and the mixtures that come of it.

Definition:
    A *switched* Gaussian map from finite wires `D` and a Euclidean object `X` is a Gaussian map :math:`f_d : X \to Y` for each value `d`. If the value is
    not known but drawn, a state of `Y` is a *mixture*, :math:`\sum_d w_d N(m_d, C_d)`, with mean and covariance

    .. math:: m = \sum_d w_d m_d, \qquad C = \sum_d w_d \bigl( C_d + (m_d - m)(m_d - m)' \bigr).

References:
    Lauritzen (1992), section 4.
"""

from collections.abc import Sequence
from typing import Any, final

import equinox as eqx
import jax.numpy as jnp

from ..categories.gauss import GaussianMap
from ..categories.tables import size
from ..objects import Ob, unit
from ..theory import Data, door
from ..theory.errors import WrongObject


@final
class Switched(Data):
    """A Gaussian map for each value of some finite wires; make one with `switched`.

    Attributes:
        given: the object of the switches.
        maps: the maps, their arrays stacked along one axis of all values of the switches.
    """

    given: Ob = eqx.field(static=True)
    maps: GaussianMap

    @property
    def dom(self) -> Ob:
        """The switches, and then what the maps read."""
        return self.given @ self.maps.dom

    @property
    def cod(self) -> Ob:
        """What the maps make."""
        return self.maps.cod


@door
def switched(given: Ob, maps: Sequence[GaussianMap]) -> Switched:
    """A Gaussian map that finite variables choose.

    Args:
        given: the object of the switches, finite wires.
        maps: one a value, the last wire running fastest; all with the same ends.

    Raises:
        WrongObject: there is not one map a value, or their ends differ.

    Example:
        >>> from catlearn import Fin, R, gaussian, unit
        >>> print(switched(Fin(2), [gaussian(unit, R(), covariance=1.0), gaussian(unit, R(), mean=4.0)]).maps.mean)
        [[0.]
         [4.]]
    """
    maps = tuple(maps)
    ends = {(f.dom, f.cod) for f in maps}
    if len(maps) != size(given) or len(ends) != 1:
        raise WrongObject(
            f"switches {given} choose among {size(given)} maps with the same ends, but {len(maps)} were given, with the ends "
            f"{sorted(f'{x} -> {y}' for x, y in ends)}."
        )
    noise = max(f.factor.shape[1] for f in maps)
    padded = [jnp.pad(jnp.asarray(f.factor), ((0, 0), (0, noise - f.factor.shape[1]))) for f in maps]
    stack = lambda arrays: jnp.stack([jnp.asarray(array) for array in arrays])
    (x, y), *_ = ends
    return Switched(given, GaussianMap(x, y, stack(f.matrix for f in maps), stack(f.mean for f in maps), stack(padded)))


@final
class Mixture(Data):
    """A law of numbers that is a mixture of Gaussian states.

    Attributes:
        cod: the object of the numbers.
        weights: the probabilities of the terms, ``(l,)``.
        means: their means, ``(l, n)``.
        factors: generators of their covariances, ``(l, n, k)``.
    """

    cod: Ob = eqx.field(static=True)
    weights: Any
    means: Any
    factors: Any

    @property
    def mean(self) -> Any:
        """The mean, ``(n,)``."""
        return self.weights @ self.means

    @property
    def covariance(self) -> Any:
        """The covariance, ``(n, n)``: the mean of the covariances, and the covariance of the means."""
        apart = self.means - self.mean[None]
        within = jnp.einsum("t,tab,tcb->ac", self.weights, self.factors, self.factors)
        return within + jnp.einsum("t,ta,tc->ac", self.weights, apart, apart)

    @door
    def term(self, i: Any) -> GaussianMap:
        """A term, as a state."""
        return GaussianMap(unit, self.cod, self.factors[i][:, :0], self.means[i], self.factors[i])
