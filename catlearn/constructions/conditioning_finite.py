r"""Conditioning finite states: weights, of which only ratios count.

Definition:
    A program over finite sets weighs each input and output, ``q(x, y) = f(y, o | x)``, and composites multiply these tables. Two programs are
    equal if their tables differ by *one positive factor*, the same for all inputs, or are both zero:

    .. math:: q \sim r \iff q = \lambda r, \quad \lambda > 0.

    To divide each row by its own sum is something else: it forgets how much each input explains what was seen.

References:
    Stein, Staton (2101.11351); the form of equality is derived here.
"""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..categories.finstoch import FinStochCategory, Kernel
from ..categories.tables import size
from ..objects import Fin, Log, Ob, Semifield, unit
from ..objects.semiring import namespace
from ..theory import door
from .cond import Obs
from .conditioning import Conditioning, Outcome, conditioning_of


@dataclasses.dataclass(frozen=True)
class Finite(Conditioning[FinStochCategory]):
    """Finite states; see the module."""

    def given(self, base: FinStochCategory, state: Kernel, n: int, seen: Kernel, tol: float | None, /) -> Outcome:
        k, y = base.entries, state.cod[:n]
        mass = k.matmul(state.matrix.reshape(size(y), -1), seen.matrix.T).T
        total = k.sum(mass, axis=1)[0]
        ok, xp = total != k.zero, namespace(mass)
        return Outcome(base._given(unit, y, mass, None), ok, xp.where(ok, 0.0, 1.0), _logarithm(k, total, ok))

    def comparison(self, base: FinStochCategory, x: Ob, /) -> tuple[Kernel, Kernel]:
        same = np.eye(size(x), dtype=bool).reshape(-1)
        return base._mask(x @ x, Fin(2), np.stack([~same, same], axis=1)), base._mask(
            unit, Fin(2), np.array([False, True])
        )

    def gathered(self, base: FinStochCategory, body: Kernel, n: int, seen: Kernel, /) -> tuple[Kernel, Kernel]:
        """Only whether all was as it was seen is kept: one bit."""
        k, y, truth = base.entries, body.cod[:n], base._mask(unit, Fin(2), np.array([False, True]))
        table = body.matrix.reshape(size(body.dom) * size(y), -1)
        right = k.matmul(table, seen.matrix.T)
        wrong = k.matmul(table, k.indicator(k.zero == seen.matrix.T))
        xp = namespace(table)
        return base._of(body.dom, y @ Fin(2), xp.concatenate([wrong, right], axis=1)), truth

    def full(self, base: FinStochCategory, x: Ob, /) -> Kernel:
        return base.uniform(x)

    def impossible(self, base: FinStochCategory, /) -> tuple[Kernel, Kernel]:
        truth = np.array([True, False])
        return base._mask(unit, Fin(2), truth), base._mask(unit, Fin(2), ~truth)

    def equal(self, base: FinStochCategory, f: Obs, g: Obs, tol: float | None, /) -> bool:
        q, r = normalise(f), normalise(g)
        return q is r is None or (q is not None and r is not None and base.entries.close(q, r, tol))

    @property
    def flattens(self) -> bool:
        return True

    def flat(self, base: FinStochCategory, x: Ob, /) -> Kernel:
        return base.uniform(x)


def _logarithm(k: Semifield, total: Any, ok: Any) -> Any:
    if k == Log:
        return total
    total, xp = (float(total), np) if k.exact else (total, jnp)
    return xp.where(ok, xp.log(xp.where(ok, total, 1.0)), -xp.inf)


@conditioning_of.register
def _(base: FinStochCategory) -> Conditioning:
    return Finite()


@door
def weights(f: Obs, /) -> Any:
    """How a program over finite sets weighs each input with each output, ``f(y, o | x)``; composition multiplies such tables.

    Shapes:
        one row for each input, one column for each output.

    Example:
        >>> from catlearn import Cond, FinStoch, kernel
        >>> C, coin = Cond(FinStoch), Fin(2)
        >>> heads = C.observe(kernel(unit, coin, [0.0, 1.0]))
        >>> print(weights(C.lift(kernel(coin, coin, [[0.5, 0.5], [0.75, 0.25]])) >> heads).T)
        [[0.5  0.25]]
    """
    base = f.over.base
    table = f.body.matrix.reshape(size(f.dom) * size(f.cod), size(f.hidden))
    return base.entries.matmul(table, f.seen.matrix.T).reshape(size(f.dom), size(f.cod))


@door
def normalise(f: Obs, /) -> Any:
    """The weights of a program divided by the sum of *all* of them, or None where that is zero: bottom.

    Two programs are equal exactly if these tables are.

    Example:
        >>> from catlearn import Cond, FinStoch, kernel
        >>> C, coin = Cond(FinStoch), Fin(2)
        >>> heads = C.observe(kernel(unit, coin, [0.0, 1.0]))
        >>> print(normalise(C.lift(kernel(coin, coin, [[0.5, 0.5], [0.5, 0.5]])) >> heads).T)
        [[0.5 0.5]]
    """
    k, q = f.over.base.entries, weights(f)
    total = k.sum(q.reshape(1, -1), axis=1)[0]
    return None if bool(total == k.zero) else k.divide(q, total)
