r"""Chains of Gaussian maps on generators: the accurate form, and the one for states of which nothing is known.

Definition:
    Each state of the posterior is a mean, generators of its noise, and generators of its *fibre*, the directions of which nothing is known even now.
    With a prior in `Gauss` there is no fibre; with one in `ExtGauss` there is until enough was seen.

Variances are never differences, so they are right to the last digits under priors of any size and readings of any precision. A fibre is better than
a huge variance: nothing is known is then said, not approximated, and what stays undetermined has a name.

Under a fibre the evidence is a density with respect to Lebesgue's measure for the generators of the fibre. That is the diffuse likelihood, so
differences between models with the same fibre mean something, and its absolute size does not.

References:
    Durbin, Koopman (2012), chapter 5; Stein, Samuelson (2204.14024).
"""

import dataclasses
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np

from ..categories.extgauss import ExtendedMap
from ..categories.gauss import GaussianMap
from ..kernels.gaussian import support_tolerance
from ..kernels.kalman import Moments
from ..kernels.kalman_root import Roots, filtered_roots, smoothed_roots
from ..kernels.linear_chain import Evidence, Model
from ..kernels.subspaces import span
from ..objects import unit
from ..theory import door
from .chain import Chain, Form, Observations, Posterior
from .gauss_chain import covariances, readings_of


@final
class RootPosterior(Posterior):
    """The laws of the hidden states of a chain of Gaussian maps, by generators.

    Attributes:
        mean: ``(T, n)``; along a fibre it says nothing.
        factor: generators of the noise, ``(T, n, n)``.
        fibre: generators of what is not known at all, ``(T, n, l)``; without columns if the prior is proper.
        cross: the covariance of each state, by rows, with the next, ``(T, n, n)``, zero at the last; None where only the past was used.
        before: the states given the observations before each.
    """

    increments: Any
    ok: Any
    residual: Any
    rank: Any
    mean: Any
    factor: Any
    fibre: Any
    cross: Any
    before: Roots

    @property
    def readings(self) -> Moments:
        """Means ``(T, m)`` and covariances ``(T, m, m)`` of what would be read at each step, with the error of the emission; of the normal part."""
        return readings_of(self.chain, self.mean, self.covariance)

    @property
    def covariance(self) -> Any:
        """The covariances, ``(T, n, n)``; of the normal part."""
        return covariances(self.factor)

    @property
    def predicted(self) -> Moments:
        """Means and covariances of the states given the observations before each."""
        return Moments(self.before.mean, covariances(self.before.factor))

    @property
    def dimension(self) -> Any:
        """The dimension of the fibre at each step, ``(T,)``."""
        return jax.vmap(lambda fibre: jnp.sum(jnp.any(span(fibre) != 0, axis=0)))(self.fibre)

    @door
    def state(self, k: Any) -> Any:
        mean, factor, fibre, x = self.mean[k], self.factor[k], self.fibre[k], self.chain.hidden
        if fibre.shape[1]:
            return ExtendedMap(unit, x, factor[:, :0], mean, factor, span(fibre))
        return GaussianMap(unit, x, factor[:, :0], mean, factor)

    @door
    def undetermined(self, k: Any) -> tuple[str, ...]:
        """The directions of which nothing is known at step `k`, as combinations of the coordinates; for use outside ``jit``.

        Example:
            >>> from catlearn import R, gaussian, infer
            >>> from catlearn.categories import ExtGauss
            >>> total = gaussian(R(2), R(), [[1.0, 1.0]], covariance=1.0)
            >>> still = gaussian(R(2), R(2), [[1.0, 0.0], [0.0, 1.0]])
            >>> c = infer.chain(ExtGauss.create(R(2)), still, total, 2)
            >>> print(infer.smoothed(c, [1.0, 3.0], form=Root()).undetermined(1))
            ('x[0] - x[1]',)
        """
        columns = np.asarray(span(self.fibre[k])).T
        return tuple(_combination(column) for column in columns if np.any(column))


def _combination(column: Any) -> str:
    """A direction as a combination of coordinates, its first entry positive and its largest one."""
    size = np.max(np.abs(column))
    scaled = np.round(column / size, 4)
    first = scaled[np.flatnonzero(scaled)[0]]
    text = ""
    for i, c in enumerate(scaled * np.sign(first)):
        if c:
            sign = (" - " if c < 0 else " + ") if text else ("-" if c < 0 else "")
            text += sign + ("" if abs(c) == 1 else f"{abs(c):g} ") + f"x[{i}]"
    return text


def _roots(c: Chain) -> tuple[Roots, Model]:
    """The arrays of a chain."""
    p, t, e = c.prior, c.transition, c.emission
    fibre = p.fibre if isinstance(p, ExtendedMap) else p.mean[:, None][:, :0]
    return Roots(p.mean, p.factor, fibre), Model(t.matrix, t.mean, t.factor, e.matrix, e.mean, e.factor)


def _posterior(c: Chain, evidence: Evidence, states: Roots, cross: Any, before: Roots) -> RootPosterior:
    ok = jnp.max(evidence.residual) <= support_tolerance(c.prior.factor, None)
    return RootPosterior(c, evidence.increments, ok, evidence.residual, evidence.rank, *states, cross, before)


@final
@dataclasses.dataclass(frozen=True)
class Root(Form):
    """Generators all the way, one step after another.

    Example:
        >>> from catlearn import R, gaussian, infer
        >>> from catlearn.categories import ExtGauss
        >>> moving = gaussian(R(2), R(2), [[1.0, 1.0], [0.0, 1.0]])
        >>> position = gaussian(R(2), R(), [[1.0, 0.0]], covariance=1.0)
        >>> c = infer.chain(ExtGauss.create(R(2)), moving, position, 2)
        >>> post = infer.smoothed(c, [1.0, 3.0], form="root")
        >>> print(post.mean[0].round(4), post.covariance[0].round(4), post.dimension)
        [1. 2.] [[ 1. -1.]
         [-1.  2.]] [0 0]
    """

    def filtered(self, c: Chain, seen: Observations, /) -> RootPosterior:
        found = filtered_roots(*_roots(c), seen.values, seen.seen)
        return _posterior(c, found.evidence, found.filtered, None, found.predicted)

    def smoothed(self, c: Chain, seen: Observations, /) -> RootPosterior:
        found = smoothed_roots(*_roots(c), seen.values, seen.seen)
        return _posterior(c, found.evidence, found.smoothed, found.cross, found.predicted)
