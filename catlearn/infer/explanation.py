r"""The most probable explanation: the values of all variables that are most probable together.

Definition:
    .. math:: x^* \in \operatorname{argmax}_x \prod_v \lambda_v(x_v) \prod_i \phi_i(x).

The largest of products is found as the sum of products is, for multiplication by what is not negative keeps the order. Then each step is gone back
through: the variables that it left out take the values at which its product is the largest, given those that it kept. So the
answer is one assignment, also where several are as probable; the most probable value of each variable alone need not be it.

References:
    Dawid, *Applications of a general propagation algorithm for probabilistic expert systems* (1992).
"""

import functools
from typing import Any, final

import equinox as eqx
import numpy as np

from ..objects import Ob, Semiring
from ..objects.semiring import namespace
from ..theory import Data, door
from ..theory.errors import ImpossibleEvidence
from .contraction import Inside, Plan, aligned, compiled, inside, log_of
from .verdict import Verdict


@final
class Explanation(Data, Verdict):
    """The values of all variables that are most probable together.

    Attributes:
        names: of the variables.
        wires: their object.
        values: a whole number each.
        log_probability: of all values together and what was seen; ``-inf`` if that cannot be.
        ok: whether it can; if not, the values mean nothing.
    """

    names: tuple[str, ...] = eqx.field(static=True)
    wires: Ob = eqx.field(static=True)
    values: Any
    log_probability: Any
    ok: Any

    @door
    def __getitem__(self, name: str) -> Any:
        """The value of a variable."""
        return self.values[self.names.index(name)]

    @property
    def labels(self) -> dict[str, Any]:
        """The values by name, as labels where there are any."""
        named = zip(self.names, self.wires.wires, np.asarray(self.values), strict=True)
        return {name: wire.labels[v] if wire.labels else int(v) for name, wire, v in named}  # pyright: ignore[reportAttributeAccessIssue]

    def mistake(self) -> Exception:
        return ImpossibleEvidence("no values of the network explain what was seen: its probability is zero.")


@compiled()
def explain(p: Plan, k: Semiring, tables: tuple[Any, ...], weights: Any) -> tuple[Any, Any, Any]:
    """The values of all variables, the logarithm of the probability, and whether it is not zero."""
    found = inside(p, k, tables, weights, best=True)
    return _back(p, k, found), log_of(k, found), found.root != k.zero


def _back(p: Plan, k: Semiring, found: Inside) -> Any:
    """The values at which the products are the largest, from the root to the leaves."""
    values: dict[int, Any] = {}
    for left, right, scope in reversed(p.steps):
        gone = tuple(v for v in dict.fromkeys(p.scopes[left] + p.scopes[right]) if v not in scope)
        if not gone:
            continue
        there = functools.reduce(k.multiply, (_at(p, found, i, values, gone) for i in (left, right)))
        xp, shape = namespace(there), [p.sizes[v] for v in gone]
        best = xp.argmax(xp.broadcast_to(there, shape).reshape(-1))
        values.update(zip(gone, xp.unravel_index(best, shape), strict=True))
    return namespace(*values.values()).stack([values[v] for v in range(len(p.sizes))])


def _at(p: Plan, found: Inside, i: int, values: dict[int, Any], gone: tuple[int, ...]) -> Any:
    """A table at the values that are known, with one axis for each variable that is not."""
    scope = p.scopes[i]
    part = found.values[i][tuple(slice(None) if v in gone else values[v] for v in scope)]
    return aligned(p.sizes, part, tuple(v for v in scope if v in gone), gone)
