r"""What a program leaves: the joint law of the values that it returned, or bottom.

Definition:
    A *posterior* is a Gaussian state of one wire for each returned value, in the structure in which the program returned them, with the word
    whether what was observed could be.

References:
    Stein, Staton (2101.11351).
"""

import itertools
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..constructions.conditioning import Outcome
from ..kernels import norms
from ..objects import Ob
from ..theory import Data, door
from ..theory.errors import WrongValue


class Posterior(Data):
    """The joint law of what a program returned; see the module.

    Attributes:
        outcome: the conditioned state, and whether it means anything.
        structure: how the returned values were arranged.
    """

    outcome: Outcome
    structure: Any = eqx.field(static=True)

    @property
    def ob(self) -> Ob:
        """One wire for each returned value."""
        return self.outcome.state.cod

    @property
    def state(self) -> Any:
        """The law as a state of `Gauss` or `ExtGauss`; it means nothing if not `ok`."""
        return self.outcome.state

    @property
    def ok(self) -> Any:
        """Whether what was observed could be."""
        return self.outcome.ok

    @property
    def residual(self) -> Any:
        """How far it was from being so, relative to the size of what was compared."""
        return self.outcome.residual

    @property
    def log_evidence(self) -> Any:
        """The logarithm of the density of what was observed, in the units of the equations as they are written.

        It is no part of the meaning of a program: an equation times two says the same, at half the density.
        """
        return self.outcome.log_evidence

    @door
    def require(self) -> "Posterior":
        """This posterior, or an error if it is bottom: for use outside ``jit``.

        Raises:
            Infeasible: what was observed could not be.
        """
        self.outcome.require()
        return self

    def _arranged(self, row: Any) -> Any:
        """Numbers in a row, along the last axis, in the structure that was returned."""
        shapes = [aval.shape for aval in self.ob.avals()]
        ends = list(itertools.accumulate(map(math.prod, shapes), initial=0))
        parts = (row[..., a:b] for a, b in itertools.pairwise(ends))
        leaves = [part.reshape(*row.shape[:-1], *shape) for part, shape in zip(parts, shapes, strict=True)]
        return jax.tree.unflatten(self.structure, leaves)

    @property
    def mean(self) -> Any:
        """The means, arranged as the values were returned."""
        return self._arranged(self.state.mean)

    @property
    def variance(self) -> Any:
        """The variances of the single numbers, arranged as the values were returned."""
        return self._arranged(jnp.sum(self.state.factor**2, axis=-1))

    @property
    def sd(self) -> Any:
        """The standard deviations of the single numbers, arranged as the values were returned."""
        factor = self.state.factor
        known = jnp.all(factor == 0, axis=-1)  # the root has no derivative at zero
        return self._arranged(jnp.where(known, 0, norms(jnp.where(known[..., None], 1, factor))))

    @property
    def covariance(self) -> Any:
        """The covariance matrix of all numbers, in the order of the returned values."""
        return self.state.factor @ jnp.swapaxes(self.state.factor, -1, -2)

    @door
    def marginal(self, name: Any, /) -> "Posterior":
        """The posterior of one part of what was returned, by its name or position.

        Raises:
            WrongValue: there is no such part.
        """
        places = jax.tree.unflatten(self.structure, list(range(len(self.ob))))
        try:
            part = places[name]
        except (KeyError, IndexError, TypeError):
            raise WrongValue(
                self.ob,
                "the posterior",
                f"a part of {places}",
                repr(name),
                "Names and positions are those of the return.",
            ) from None
        wires, structure = jax.tree.flatten(part)
        state = self.state.category.marginal(self.state, tuple(wires))
        return Posterior(Outcome(state, self.ok, self.residual, self.log_evidence), structure)

    @door
    def sample(self, n: int, *, key: Any) -> Any:
        """Draws from the posterior, arranged as the values were returned, along a new first axis of each.

        Args:
            n: how many.
            key: a random key.
        """
        factor = self.state.factor
        drawn = jax.random.normal(key, (n, factor.shape[-1]), factor.dtype) @ factor.T
        return self._arranged(self.state.mean[None] + drawn)

    def __str__(self) -> str:
        return f"Posterior({self.ob}, ok={self.ok})"
