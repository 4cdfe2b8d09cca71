r"""Chains over a rig: one sum over all paths, for evidence, best paths, and numbers of paths.

Definition:
    Send each probability of a finite chain to an element of a rig. A *path* of hidden states weighs the product of its prior, its transitions and
    the likelihoods of what was seen, and the *messages* of the chain are the sums over all parts of paths that lead to a state, or go on from it,

    .. math:: f_{k+1} = f_k\, w_k, \qquad b_k = w_k\, b_{k+1}, \qquad w_k(x, x') = o_k(x)\, t_k(x, x').

    The sum of :math:`f_k(x)\, b_k(x)` over `x` is that over all paths, at every `k`.

That total is the evidence over the reals, the weight of the best path over `MaxPlus`, the number of possible paths over `N`, and over `Boolean`
whether there is one. The products of the `w` are those of the rig, so they may be bracketed in any way.

References:
    Goodman, *Semiring parsing* (1999); Aji, McEliece, *The generalized distributive law* (2000).
"""

from typing import Any, NamedTuple

import jax
import numpy as np

from ..categories import FinStoch, Kernel
from ..kernels.scan import Action, passed
from ..objects import Log, MaxPlus, MinPlus, Real, Semiring
from ..objects.semiring import namespace
from ..theory import door
from ..theory.errors import WrongCategory
from .chain import Chain, Observations, observations
from .finite_chain import Steps, along, run, tables


class Messages(NamedTuple):
    """Sums over paths.

    Attributes:
        forward: over what leads to each state, before it was observed, ``(T, K)``.
        backward: over what goes on from it, its observation included, ``(T, K)``.
        total: over all paths.
    """

    forward: Any
    backward: Any
    total: Any


@door
def over_paths(c: Chain, ys: Any, seen: Any = None, *, rig: Semiring = Real, block: int | None = None) -> Messages:
    """Sums over all paths of the hidden states of a finite chain.

    Probabilities are themselves in the rig of the category and in `Real`, their logarithms in `Log` and `MaxPlus`, and costs, the negatives of these,
    in `MinPlus`; in any other rig what is possible is one, and what is not is zero.

    Args:
        c: a chain in `FinStoch`, over floats or fractions.
        ys: as of `filtered`.
        seen: as of `filtered`.
        rig: what is summed in.
        block: the length of blocks that are summed at once, in a rig of floats; step by step, if left out.

    Raises:
        WrongCategory: the chain is not of probabilities.

    Example:
        >>> from catlearn import Fin, infer, kernel, unit
        >>> from catlearn.objects import N
        >>> coin = Fin(2)
        >>> keeps, reads = kernel(coin, coin, [[0.5, 0.5], [0.0, 1.0]]), kernel(coin, coin, [[1.0, 0.0], [0.5, 0.5]])
        >>> c = infer.chain(kernel(unit, coin, [0.5, 0.5]), keeps, reads, 3)
        >>> print(infer.over_paths(c, [0, 0, 0], rig=N).total, infer.over_paths(c, [0, 0, 0]).total)
        4 0.3125
    """
    entries = getattr(c.category, "entries", None)
    if entries is None or entries == Log:
        raise WrongCategory(f"paths are summed in chains of probabilities, in FinStoch, but {c!r} is in {c.category}.")
    if entries.exact and not rig.exact:
        c = Chain(_floats(c.prior), _floats(c.transition), _floats(c.emission), c.length)
    read = observations(c, ys, seen)
    return _messages(c, read, rig, block) if rig.exact else _compiled(c, read, rig, block)


def _floats(f: Any) -> Kernel:
    return Kernel(f.dom, f.cod, Real.array(f.table.astype(float)), FinStoch)


def _messages(c: Any, seen: Observations, k: Semiring, block: int | None) -> Messages:
    m = tables(c, seen)
    send = (lambda table: table) if k == m.rig else lambda table: sent(k, table)
    m = Steps(m.rig, send(m.prior), send(m.transition), send(m.readings), m.symbols, m.units)
    xs = namespace(m.symbols).arange(c.length), m.symbols
    forth = lambda f, x: (along(k, k.multiply(f, m.readings[x[1]]), m.move(x[0])), f)
    back = lambda b, x: (_onto(k, x, m, b),) * 2
    last, before = m.readings[m.symbols[-1]], tuple(x[:-1] for x in xs)
    if block is None:
        forward, backward = run(k, forth, m.prior, xs), run(k, back, last, before, reverse=True)
    else:
        lift = lambda x: k.multiply(m.readings[x[1]][:, None], m.move(x[0]))
        forward = passed(forth, m.prior, xs, Action(lift, k.matmul, lambda f, w: along(k, f, w)), block=block)
        action = Action(lift, k.matmul, lambda b, w: along(k, b, w.T))
        backward = passed(back, last, before, action, block=block, reverse=True)
    backward = namespace(last).concatenate([backward, last[None]])
    return Messages(forward, backward, k.sum(k.multiply(forward[-1], last), axis=0))


_compiled = jax.jit(_messages, static_argnums=(2, 3))


def _onto(k: Semiring, x: Any, m: Steps, b: Any) -> Any:
    return k.multiply(m.readings[x[1]], along(k, b, namespace(b).swapaxes(m.move(x[0]), 0, 1)))


def sent(k: Semiring, table: Any) -> Any:
    """Probabilities as elements of a rig."""
    if k == Real:
        return k.array(table)
    if k in (Log, MaxPlus):
        return Log.of(table)
    return -Log.of(table) if k == MinPlus else k.indicator(np.asarray(table > 0))
