"""Laws of finite chains: what a chain is asked is a conditional, a probability or a maximum of its composite.

Definition:
    A chain of a prior `p`, a transition `t` and an emission `e` is written out as one composite, ``p ; copy ; (e ⊗ t) ; ...``, of which a state is kept
    beside all readings. What is found step by step, or in blocks, is compared with the conditional of this composite at what was read, and with its entries.

References:
    Särkkä, García-Fernández (1905.13002), for chains as composites.
"""

import itertools
from typing import Any

import numpy as np

from ..categories.finstoch import FinStochCategory, Kernel
from ..categories.tables import size
from ..constructions.renumber import floats
from ..infer import chain, over_paths
from ..objects import Fin, N, Q, unit
from ..theory import Conditionals
from .law import collect, law

LENGTH = 3


def _read(draw: Any) -> tuple[Any, list[int]]:
    """A chain, and what was read."""
    C, (X, Y) = draw.category, draw.obs(2)
    c = chain(draw.arrow(C.unit, X), draw.arrow(X, X), draw.arrow(X, Y), LENGTH)
    return c, [draw.number(0, size(Y) - 1) for _ in range(LENGTH)]


def composite(C: Any, c: Any, k: int, length: int) -> Any:
    """``I → Y ⊗ ... ⊗ Y ⊗ X``: the readings of the first steps, and the state at step `k`."""
    t, e = c.transition, c.emission
    before, seen = c.prior, C.unit
    for _ in range(k):
        before, seen = before >> (seen @ C.pair(e, t)), seen @ c.observed
    after = e
    for _ in range(k, length - 1):
        after = C.pair(e, t >> after)
    return before >> (seen @ C.pair(after, C.id(c.hidden)))


def _law(C: Any, c: Any, ys: list[int], k: int, length: int) -> Any:
    """The law of a state given the first readings, or the uniform state if these are impossible."""
    return C.conditional(composite(C, c, k, length), length)(*ys[:length])


def _chance(C: Any, p: Any) -> Kernel:
    """A probability, as a state on two elements."""
    return Kernel(unit, Fin(2), np.array([p, C.entries.one - p], object if C.entries.exact else None), C)


def _found(draw: Any, c: Any, rows: Any, k: int, possible: Any) -> Any:
    """A row as a state, or the uniform one if there is none."""
    over = draw["numbers"]
    return Kernel(unit, c.hidden, rows[k], over) if possible else over.uniform(c.hidden)


def _as(draw: Any, f: Any) -> Any:
    """A kernel of fractions in the numbers of the answers."""
    return f if draw["numbers"] == f.category else floats(f)


@law(needs=Conditionals, given=("chain",))
def filtered_conditional(draw):
    """the filtered law of a state  =  the conditional of the composite, given the readings up to its step"""
    c, ys = _read(draw)
    found = draw["chain"](c, ys)
    for k in range(LENGTH):
        p = _law(draw.category, c, ys, k, k + 1)
        yield _found(draw, c, found.filtered, k, found.possible[: k + 1].all()), _as(draw, p)


@law(needs=Conditionals, given=("chain",))
def smoothed_conditional(draw):
    """the smoothed law of a state  =  the conditional of the composite, given all readings"""
    c, ys = _read(draw)
    found = draw["chain"](c, ys)
    for k in range(LENGTH):
        p = _law(draw.category, c, ys, k, LENGTH)
        yield _found(draw, c, found.smoothed, k, found.possible.all()), _as(draw, p)


@law(needs=Conditionals, given=("chain",))
def evidence_entry(draw):
    """the evidence  =  the entry of the composite at the readings; it is possible where that is not zero"""
    c, ys = _read(draw)
    found, over = draw["chain"](c, ys), draw["numbers"]
    chance = draw.category.marginal(composite(draw.category, c, 0, LENGTH), tuple(range(LENGTH))).table[tuple(ys)]
    expected = _chance(draw.category, chance)
    yield _chance(over, found.evidence), _as(draw, expected)
    possible = _chance(draw.category, Q.element(int(chance > 0)))
    yield _chance(over, over.entries.element(int(found.ok))), _as(draw, possible)


@law(needs=Conditionals, given=("paths",))
def paths_through_each_step(draw):
    """Σ f_k b_k  =  Σ f_0 b_0, over fractions and over whole numbers"""
    c, ys = _read(draw)
    for rig in (Q, N):
        f, b, total = over_paths(c, ys, rig=rig)
        for k in range(LENGTH):
            yield _number(rig.sum(rig.multiply(f[k], b[k]), axis=0)), _number(total)


@law(needs=Conditionals, given=("paths",))
def best_path(draw):
    """the weight of the most likely path  =  the largest of all"""
    c, ys = _read(draw)
    weights = [_weight(c, ys, path) for path in itertools.product(range(size(c.hidden)), repeat=LENGTH)]
    path = draw["paths"](c, ys)
    return _number(_weight(c, ys, path) if min(path) >= 0 else Q.zero), _number(max(weights))


def _weight(c: Any, ys: list[int], path: Any) -> Any:
    """The probability of a path and of what was read on it."""
    p = c.prior.table[path[0]]
    for k, (x, y) in enumerate(zip(path, ys, strict=True)):
        p = p * c.emission.table[x, y] * (c.transition.table[x, path[k + 1]] if k + 1 < len(path) else 1)
    return p


def _number(n: Any) -> Kernel:
    return Kernel(unit, unit, np.array(Q.element(n), object), FinStochCategory(Q))


LAWS = collect(globals())
