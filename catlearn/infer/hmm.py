r"""Chains of finite kernels, which are hidden Markov models: posteriors, and the forms that compute them.

Definition:
    The law of each hidden state of a chain in `FinStoch`, given what was seen, is a distribution: a row of probabilities a step. The form `Scaled`
    computes them one step after another, the form `FiniteBlocks` in all blocks of a long chain at once; both take and give floats, and only what
    is summed to the evidence is a logarithm. `Logarithms` works on logarithms throughout, for chains in which a state is all but impossible for a
    while and matters later.

What has probability zero has mass zero here, and is no number close to it: once that is seen, `ok` is false, the evidence is zero, and there
is no law. No law is made up, and nothing is NaN. A law that gives a state less than the smallest float gives it zero, except to `Logarithms`.

References:
    Rabiner (1989); Särkkä, García-Fernández (1905.13002).
"""

import dataclasses
from typing import Any, final

import jax.numpy as jnp

from ..categories import Kernel, LogFinStoch
from ..categories.tables import shape
from ..objects import Log, unit
from ..theory import door
from .chain import Chain, Form, Observations, Posterior
from .finite_chain import Forward, Steps, backward, backward_blocks, forward, forward_blocks, steps


@final
class FinitePosterior(Posterior):
    """The distributions of the hidden states of a chain of finite kernels.

    Attributes:
        laws: of each state, ``(T, K)``, in the numbers of the category: probabilities, or their logarithms. Zero where there is none.
        filtered: those given the observations up to each step, ``(T, K)``.
        ahead: those of the next states, given the same, ``(T, K)``.
    """

    increments: Any
    ok: Any
    residual: Any
    rank: Any
    laws: Any
    filtered: Any
    ahead: Any

    @property
    def probabilities(self) -> Any:
        """The probability of each value at each step: (T, sizes of the wires of the hidden object)."""
        laws = jnp.exp(self.laws) if self.chain.category == LogFinStoch else self.laws
        return laws.reshape(-1, *shape(self.chain.hidden))

    @door
    def state(self, k: Any) -> Kernel:
        x = self.chain.hidden
        return Kernel(unit, x, self.laws[k].reshape(shape(x)), self.chain.category)  # pyright: ignore[reportArgumentType]


def _posterior(c: Chain, seen: Observations, m: Steps, found: Forward, laws: Any) -> FinitePosterior:
    there = found.mass > m.rig.zero
    log = found.mass if m.rig == Log else jnp.log(jnp.where(there, found.mass, 1))
    increments = jnp.where(there, jnp.where(seen.seen, log + m.units[m.symbols], 0), -jnp.inf)
    residual = (~there).astype(increments.dtype)
    return FinitePosterior(
        c, increments, there.all(), residual, seen.seen.astype(int), laws, found.filtered, found.ahead
    )


@final
@dataclasses.dataclass(frozen=True)
class Scaled(Form):
    """One step after another, on numbers of the category.

    Example:
        >>> from catlearn import Fin, infer, kernel
        >>> coin = Fin(2)
        >>> keeps, reads = kernel(coin, coin, [[1.0, 0.0], [0.5, 0.5]]), kernel(coin, coin, [[0.75, 0.25], [0.5, 0.5]])
        >>> c = infer.chain(kernel(unit, coin, [0.5, 0.5]), keeps, reads, 2)
        >>> post = infer.smoothed(c, [1, 1], form="scaled")
        >>> print(post.probabilities, post.ok)
        [[0.25 0.75]
         [0.5  0.5 ]] True
    """

    def filtered(self, c: Chain, seen: Observations, /) -> FinitePosterior:
        m = steps(c, seen)
        found = forward(m)
        return _posterior(c, seen, m, found, found.filtered)

    def smoothed(self, c: Chain, seen: Observations, /) -> FinitePosterior:
        m = steps(c, seen)
        found = forward(m)
        return _posterior(c, seen, m, found, backward(m, found))


@final
@dataclasses.dataclass(frozen=True)
class FiniteBlocks(Form):
    """All blocks of a chain at once, on probabilities; only the totals of blocks are products of tables.

    Attributes:
        block: the length of a block; about ``T / 64``, if left out.
    """

    block: int | None = None

    def filtered(self, c: Chain, seen: Observations, /) -> FinitePosterior:
        m = steps(c, seen)
        found = forward_blocks(m, self.block)
        return _posterior(c, seen, m, found, found.filtered)

    def smoothed(self, c: Chain, seen: Observations, /) -> FinitePosterior:
        m = steps(c, seen)
        found = forward_blocks(m, self.block)
        return _posterior(c, seen, m, found, backward_blocks(m, found, self.block))


@final
@dataclasses.dataclass(frozen=True)
class Logarithms(Form):
    """One step after another, on logarithms of probabilities, at several times the cost.

    Example:
        >>> from catlearn import Fin, infer, kernel
        >>> pair, rarely = Fin(2), 2.0**-100
        >>> still, reads = kernel(pair, pair, [[1.0, 0.0], [0.0, 1.0]]), kernel(pair, pair, [[1.0, 0.0], [rarely, 1.0]])
        >>> c = infer.chain(kernel(unit, pair, [0.5, 0.5]), still, reads, 3)
        >>> print(infer.smoothed(c, [0, 0, 1], form="log").probabilities[0])
        [0. 1.]
    """

    def filtered(self, c: Chain, seen: Observations, /) -> FinitePosterior:
        return _exponentiated(c, Scaled().filtered(_logarithms(c), seen))

    def smoothed(self, c: Chain, seen: Observations, /) -> FinitePosterior:
        return _exponentiated(c, Scaled().smoothed(_logarithms(c), seen))


def _logarithms(c: Chain) -> Chain:
    log = lambda f: Kernel(f.dom, f.cod, Log.of(f.table), LogFinStoch)
    return Chain(log(c.prior), log(c.transition), log(c.emission), c.length)


def _exponentiated(c: Chain, post: FinitePosterior) -> FinitePosterior:
    laws = (jnp.exp(x) for x in (post.laws, post.filtered, post.ahead))
    return FinitePosterior(c, post.increments, post.ok, post.residual, post.rank, *laws)
