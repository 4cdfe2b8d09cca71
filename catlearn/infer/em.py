"""Expectation and maximisation: rounds that never lower the evidence of a chain.

Definition:
    A *round* takes a chain to the one under which the expected logarithm of the joint density, by the smoothed law under the former, is greatest. What is
    expected, and how the greatest is found, is a matter of the category: see `em_gauss` and `em_finite`.

References:
    Dempster, Laird, Rubin (1977).
"""

from collections.abc import Callable
from typing import Any, final

import jax

from ..theory import Data
from .chain import Chain


@final
class Learned(Data):
    """A chain that was learned.

    Attributes:
        chain: the chain after the last round.
        log_evidence: that of the chain before each round, ``(rounds,)``; it does not fall.
    """

    chain: Chain
    log_evidence: Any


def climb(step: Callable[[Chain], tuple[Chain, Any]], c: Chain, rounds: int) -> Learned:
    """Some rounds, from a chain on; a step gives the next chain and the evidence of the present one."""
    return Learned(*jax.lax.scan(lambda c, _: step(c), c, None, length=rounds))
