r"""Learning a finite chain by expectation and maximisation.

Definition:
    One round of EM, which for these chains is the algorithm of Baum and Welch, counts what is expected to have happened under the present chain, given
    what was seen, and divides by the sum of each row:

    .. math:: n(x, x') = \sum_k \frac{a_k(x)\, t(x, x')}{p_{k+1}(x')}\, s_{k+1}(x'), \qquad t(x, x') \leftarrow \frac{n(x, x')}{\sum_{x''} n(x, x'')},

    with the filtered laws `a`, the predicted `p`, and the smoothed `s`; likewise first states and readings. The evidence never falls.

A row of which nothing is expected stays what it was, and what is zero stays zero. Where the evidence does not change any more, its gradient along the
probabilities is zero: learning by gradient, `fit_chain`, stops at the same chains.

References:
    Baum, Petrie, Soules, Weiss (1970); Dempster, Laird, Rubin (1977).
"""

import functools
from typing import Any, final

import jax
import jax.numpy as jnp

from ..categories import FinStoch, Kernel
from ..categories.tables import shape, size
from ..kernels.semidefinite import dot
from ..objects import Ob, Real, unit
from ..theory import Data, door
from ..theory.errors import WrongCategory, WrongValue
from .chain import Chain, Observations, is_stacked, observations
from .em import Learned, climb
from .hmm import Scaled


@door
def em_finite(c: Chain, ys: Any, seen: Any = None, *, rounds: int = 100) -> Learned:
    """Rounds of EM on a chain in `FinStoch`, from the given chain on.

    Args:
        c: the chain to begin with, with one transition and one emission for all steps.
        ys: the observations, as of `smoothed`.
        seen: which were observed.
        rounds: how many rounds.

    Raises:
        WrongCategory: the chain is not in `FinStoch`.
        WrongValue: it is stacked.

    Example:
        >>> from catlearn import Fin, infer, kernel, unit
        >>> coin = Fin(2)
        >>> even, exact = kernel(coin, coin, [[0.5, 0.5], [0.5, 0.5]]), kernel(coin, coin, [[1.0, 0.0], [0.0, 1.0]])
        >>> c = infer.chain(kernel(unit, coin, [0.5, 0.5]), even, exact, 7)
        >>> print(infer.em_finite(c, [0, 0, 1, 1, 1, 1, 1], rounds=1).chain.transition.table)
        [[0.5 0.5]
         [0.  1. ]]
    """
    if c.category != FinStoch:
        raise WrongCategory(f"finite chains are learned in FinStoch, but {c!r} is in {c.category}.")
    for name in ("transition", "emission"):
        arrow: Any = is_stacked(getattr(c, name))
        if arrow.table:
            raise WrongValue(
                c.category, name, "one for all steps", "one a step", "EM learns what is one for all steps."
            )
    return _em(rounds, c, observations(c, ys, seen))


@functools.partial(jax.jit, static_argnums=0)
def _em(rounds: int, c: Chain, seen: Observations) -> Learned:
    def step(c: Chain) -> tuple[Chain, Any]:
        found = counts(c, seen)
        return improved(c, found), found.log_evidence

    return climb(step, c, rounds)


@final
class Counts(Data):
    """The expected numbers of what happened in a finite chain; those of independent sequences add up.

    Attributes:
        first: of each first state, ``(K,)``.
        moves: of each transition, ``(K, K)``.
        readings: of each reading of each state, ``(K, M)``.
        log_evidence: of what was seen.
    """

    first: Any
    moves: Any
    readings: Any
    log_evidence: Any


def counts(c: Chain, seen: Observations) -> Counts:
    """The expected numbers, given what was seen."""
    post = Scaled().smoothed(c, seen)
    later = Real.divide(post.laws[1:], post.ahead[:-1])
    moves = c.transition.matrix * dot(post.filtered[:-1].T, later)  # pyright: ignore[reportAttributeAccessIssue]
    read = jnp.where(seen.seen[:, None], post.laws, 0)
    readings = jnp.zeros((size(c.observed), size(c.hidden)), read.dtype).at[seen.values].add(read)
    return Counts(post.laws[0], moves, readings.T, post.log_evidence)


def improved(c: Chain, found: Counts) -> Chain:
    """The chain that is most likely given the numbers: rows divided by their sums, or as they were."""
    x, y = c.hidden, c.observed
    prior = _rows(unit, x, found.first[None, :], c.prior)
    return Chain(prior, _rows(x, x, found.moves, c.transition), _rows(x, y, found.readings, c.emission), c.length)


def _rows(dom: Ob, cod: Ob, numbers: Any, before: Any) -> Kernel:
    total = jnp.sum(numbers, axis=1, keepdims=True)
    table = jnp.where(total > 0, Real.divide(numbers, total), before.matrix)
    return Kernel(dom, cod, table.reshape(shape(dom @ cod)), FinStoch)
