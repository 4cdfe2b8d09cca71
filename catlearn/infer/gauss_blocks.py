"""Chains of Gaussian maps in blocks: the form for hardware that does many small things at once.

Definition:
    By associativity the composite of a chain may be bracketed in blocks. What a block does to a state it is given, and what it says of it, is an
    element of six parts; the products of these are scanned, and then all blocks run at once, each from its own start.

The answer is that of the sequential form, evidence included. The work is about twice as much, in a depth that grows with the length of a block.

References:
    Särkkä, García-Fernández (1905.13002).
"""

import dataclasses
from typing import final

from jax.sharding import NamedSharding

from ..kernels.kalman_blocks import Bracketing, filtered_blocks, smoothed_blocks
from .chain import Chain, Form, Observations
from .gauss_chain import GaussPosterior, model, posterior, proper_prior


@final
@dataclasses.dataclass(frozen=True)
class Blocks(Form):
    """All blocks of a chain at once, on means and covariances.

    Attributes:
        block: the length of a block; about ``T / 64``, if left out.
        over: how devices share the blocks, as `sharded` lays it out; one device, if left out.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> steady = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=1.0), steady, gaussian(R(), R(), [[1.0]], covariance=1.0), 3)
        >>> post = infer.smoothed(c, [4.0, 0.0, 4.0], form=Blocks(block=1))
        >>> print(post.mean[:, 0], post.covariance[:, 0, 0])
        [2. 2. 2.] [0.25 0.25 0.25]
    """

    block: int | None = None
    over: NamedSharding | None = None

    def filtered(self, c: Chain, seen: Observations, /) -> GaussPosterior:
        found = filtered_blocks(proper_prior(c), model(c), seen.values, seen.seen, Bracketing(self.block, self.over))
        return posterior(c, found.evidence, found.filtered, None, found.predicted)

    def smoothed(self, c: Chain, seen: Observations, /) -> GaussPosterior:
        found = smoothed_blocks(proper_prior(c), model(c), seen.values, seen.seen, Bracketing(self.block, self.over))
        return posterior(c, found.evidence, found.smoothed, found.cross, found.predicted)
