r"""Chains of Gaussian maps, on means and covariances: the fast form.

Definition:
    The states of a chain in `Gauss` are normal whatever was seen, so a posterior is a mean and a covariance a step, and the covariance of each
    state with the next. The form `Covariance` computes them by Kalman's filter and the adjoint smoother.

The form subtracts covariances, and says in `accuracy` what that may have cost. It needs a proper prior; a diffuse one is for the square-root form.

References:
    Durbin, Koopman (2012), chapter 4.
"""

import dataclasses
from typing import Any, final

import jax.numpy as jnp

from ..categories.gauss import GaussianMap
from ..kernels import factorise
from ..kernels.gaussian import support_tolerance
from ..kernels.kalman import Moments, filtered, product, smoothed
from ..kernels.linear_chain import Evidence, Model
from ..objects import unit
from ..theory import door
from ..theory.errors import WrongCategory
from .chain import Chain, Form, Observations, Posterior


@final
class GaussPosterior(Posterior):
    """The normal laws of the hidden states of a chain in `Gauss`.

    Attributes:
        mean: ``(T, n)``.
        covariance: ``(T, n, n)``.
        cross: the covariance of each state, by rows, with the next, ``(T, n, n)``, zero at the last; None where only the past was used.
        predicted: the states given the observations before each: `mean` and `covariance`.
    """

    increments: Any
    ok: Any
    residual: Any
    rank: Any
    mean: Any
    covariance: Any
    cross: Any
    predicted: Moments

    @property
    def accuracy(self) -> Any:
        """A bound on the relative error of the variances, up to a small factor, by how much they shrank where covariances are subtracted.

        The rounding times the largest factor by which a reading reduces a variance, and of smoothed variances times its square. It is of no use, and
        infinite, where a reading leaves no variance at all.
        """
        after = jnp.diagonal(self.covariance, axis1=1, axis2=2)
        before = jnp.diagonal(self.predicted.covariance, axis1=1, axis2=2)
        shrunk = jnp.where(after > 0, before / jnp.where(after > 0, after, 1), jnp.where(before > 0, jnp.inf, 1))
        return jnp.finfo(after.dtype).eps * jnp.max(shrunk) ** (1 if self.cross is None else 2)

    @door
    def state(self, k: Any) -> GaussianMap:
        mean, covariance = self.mean[k], self.covariance[k]
        return GaussianMap(unit, self.chain.hidden, covariance[:, :0], mean, factorise(covariance).factor)

    @property
    def readings(self) -> Moments:
        """Means ``(T, m)`` and covariances ``(T, m, m)`` of what would be read at each step, with the error of the emission."""
        return readings_of(self.chain, self.mean, self.covariance)


def readings_of(c: Chain, mean: Any, covariance: Any) -> Moments:
    """The moments of what is read of states with some means and covariances at each step."""
    e = c.emission
    through = jnp.einsum("...ij,...jk,...lk->...il", e.matrix, covariance, e.matrix)
    noise = jnp.broadcast_to(covariances(e.factor), through.shape)
    return Moments(affine(e.matrix, mean, e.mean), through + noise)


def affine(matrix: Any, x: Any, plus: Any) -> Any:
    """``matrix x + plus`` at each step; matrix and vector may be one for all."""
    moved = jnp.einsum("...ik,...k->...i", matrix, x)
    return moved + jnp.broadcast_to(plus, moved.shape)


def covariances(factor: Any) -> Any:
    """``A A'``, of one factor or of a stack of them."""
    return jnp.vectorize(lambda a: product(a, a.T), signature="(n,k)->(n,n)")(factor)


def model(c: Chain) -> Model:
    """The arrays of a chain in `Gauss`."""
    t, e = c.transition, c.emission
    return Model(t.matrix, t.mean, covariances(t.factor), e.matrix, e.mean, covariances(e.factor))


def proper_prior(c: Chain) -> Moments:
    """The prior of a chain that has one in `Gauss`."""
    if not isinstance(c.prior, GaussianMap):
        raise WrongCategory(
            f"the covariance form needs a prior in Gauss, but the prior of {c!r} is in {c.prior.category}: where nothing is known there is no "
            'covariance. Use form="root".'
        )
    return Moments(c.prior.mean, covariances(c.prior.factor))


@final
@dataclasses.dataclass(frozen=True)
class Covariance(Form):
    """Kalman's filter and the adjoint smoother on covariances, one step after another.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> steady = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=1.0), steady, gaussian(R(), R(), [[1.0]], covariance=1.0), 3)
        >>> post = infer.smoothed(c, [4.0, 0.0, 4.0], form="covariance")
        >>> print(post.mean[:, 0], post.covariance[:, 0, 0])
        [2. 2. 2.] [0.25 0.25 0.25]
    """

    def filtered(self, c: Chain, seen: Observations, /) -> GaussPosterior:
        found = filtered(proper_prior(c), model(c), seen.values, seen.seen)
        return posterior(c, found.evidence, found.filtered, None, found.predicted)

    def smoothed(self, c: Chain, seen: Observations, /) -> GaussPosterior:
        found = smoothed(proper_prior(c), model(c), seen.values, seen.seen)
        return posterior(c, found.evidence, found.smoothed, found.cross, found.predicted)


def posterior(c: Chain, said: Evidence, states: Moments, cross: Any, predicted: Moments) -> GaussPosterior:
    """The posterior of a chain of which moments and evidence were found."""
    ok = jnp.max(said.residual) <= support_tolerance(c.prior.factor, None)
    found = said.increments, ok, said.residual, said.rank
    return GaussPosterior(c, *found, states.mean, states.covariance, cross, predicted)
