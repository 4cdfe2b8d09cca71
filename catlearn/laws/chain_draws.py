"""Draws for chains of finite kernels: of fractions, whose laws are decided, and of the same numbers as floats, in blocks.

Definition:
    A row is a few small whole numbers divided by their sum. One in eight is zero, so that readings are mostly possible, and some are not.
"""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from ..categories import FinStoch, FinStochCategory, Kernel
from ..categories.tables import shape, size
from ..constructions.renumber import floats
from ..infer import Chain, FiniteBlocks, most_likely, smoothed
from ..infer.chain import observations
from ..infer.finite_chain import backward, forward, steps
from ..objects import Fin, Ob, Q
from .finite_draws import ROUNDING, finstoch
from .make import of

_SCENES = ((Fin(2), Fin(2)),)


def _kernels(dom: Ob, cod: Ob) -> st.SearchStrategy[Kernel]:
    n, m = size(dom), size(cod)
    some = st.integers(0, 7).map(lambda i: (3, 1, 2, 1, 3, 2, 1, 0)[i])
    weights = st.lists(some, min_size=n * m, max_size=n * m)

    def made(numbers: Sequence[int]) -> Kernel:
        rows = (numbers[i * m : (i + 1) * m] for i in range(n))
        table = [[Fraction(k, sum(row)) for k in row] if any(row) else [Fraction(1, m)] * m for row in rows]
        return Kernel(dom, cod, np.array(table, object).reshape(shape(dom @ cod)), FinStochCategory(Q))

    return weights.map(made)


class Answers(NamedTuple):
    """What a chain answers.

    Attributes:
        filtered: the laws given the readings up to each step, ``(T, K)``.
        smoothed: the laws given all, ``(T, K)``.
        possible: which readings could be, given those before, ``(T,)``.
        evidence: the probability of all readings.
        ok: whether they could be.
    """

    filtered: Any
    smoothed: Any
    possible: Any
    evidence: Any
    ok: Any


def _by_fractions(c: Chain, ys: list[int]) -> Answers:
    m = steps(c, observations(c, np.array(ys)))
    found = forward(m)
    possible = found.mass > 0
    return Answers(found.filtered, backward(m, found), possible, np.prod(found.mass), possible.all())


def _as_floats(c: Chain) -> Chain:
    return Chain(floats(c.prior), floats(c.transition), floats(c.emission), c.length)


def _by_blocks(c: Chain, ys: list[int]) -> Answers:
    c = _as_floats(c)
    post: Any = smoothed(c, ys, form=FiniteBlocks(2))
    return Answers(post.filtered, post.laws, post.increments > -np.inf, np.exp(post.log_evidence), post.ok)


def _best(c: Chain, ys: list[int]) -> list[int]:
    return np.asarray(most_likely(_as_floats(c), ys)).tolist()


chains_of_fractions = dataclasses.replace(
    of(
        FinStochCategory(Q),
        objects=(Fin(2),),
        arrow=_kernels,
        name="chains of fractions",
        scenes=_SCENES,
        given={"chain": _by_fractions, "numbers": FinStochCategory(Q), "paths": _best},
    ),
    own_laws=False,
)
"""Chains of fractions, whose answers are decided; the most likely path is that of the same numbers as floats."""

chains_in_blocks = dataclasses.replace(
    chains_of_fractions,
    name="chains in blocks",
    rounding=ROUNDING,
    exact=object,
    others=(finstoch,),
    given={"chain": _by_blocks, "numbers": FinStoch},
)
"""The same chains as floats, in blocks of two steps."""

CHAINS = (chains_of_fractions, chains_in_blocks)
"""Those that are part of the report."""
