r"""Optimisers: lenses that reparametrise a step of learning.

Definition:
    An optimiser with state `S` is, for each parameter object `P`, a lens ``(S ⊗ P, S ⊗ P) → (P, T(P))``:

    .. math:: \mathrm{get}(s, p) = \bar p, \qquad \mathrm{put}(s, p, p') = (s_{+}, p_{+}).

    `get` says where the gradient is taken; `put` takes what comes back, `p'`, and moves. As a lens into the
    parameter of a reversed model it is a 2-cell: `reparametrise(Reverse(f), optimiser.lens(P))`.

Here `p'` is already the direction to go: the cap carries the sign. Optimisers act on the Euclidean
wires of `P`; discrete ones (keys, finite sets) pass through.

References:
    Cruttwell et al. (2103.01931), Definitions 3.11 - 3.16. The sign of momentum that is printed there is not followed by
    default, see the deviations page.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import Smooth
from ..constructions import LensMap, lens
from ..objects import Ob
from ..objects.function import Static, as_leaves, codomain
from ..objects.wires import Tree
from ..theory import Data

Values = tuple[Any, ...]


class Optimiser(Data):
    """A family of lenses, one for each parameter object.

    Attributes:
        start: ``p ↦ s``, the state to begin with.
        look: ``(s, p) ↦ p̄``, where the gradient is taken.
        move: ``(s, p, p') ↦ (s₊, p₊)``.
        rate: the constant of the cap that the optimiser expects: -1 for one that has its own rate.

    `s`, `p` and `p'` are tuples: the state one value a wire, the others one value a Euclidean wire of `P`.
    """

    start: Callable[[Values], Values]
    look: Callable[[Values, Values], Values]
    move: Callable[[Values, Values, Values], tuple[Values, Values]]
    rate: float = eqx.field(static=True, default=-1.0)

    @property
    def name(self) -> str:
        """What kind of optimiser this is, without its numbers."""
        parts = (self.start, self.look, self.move)
        return ", ".join(str(part) if isinstance(part, Static) else type(part).__name__ for part in parts)

    def state(self, parameter: Ob, /) -> Ob:
        """The state object `S` at `P`."""
        wires = parameter.tangent.wires
        together = Ob((Tree(wires, jax.tree.structure(wires)),))
        return codomain(self.start, together, None)

    def init(self, parameter: Ob, parameters: Values, /) -> Values:
        """The state to begin with, at the given parameters."""
        return self.start(parameter.split(parameters)[0])

    def lens(self, parameter: Ob, /) -> LensMap:
        """The optimiser at `P`, a lens ``(S ⊗ P, S ⊗ P) → (P, T(P))``."""
        S, P = self.state(parameter), parameter
        get = Smooth.arrow(S @ P, P, Look(self, len(S), P))
        put = Smooth.arrow(S @ P @ P.tangent, S @ P, Move(self, len(S), P))
        return lens(get, put)


class Look(Data):
    """`get` of an optimiser on all wires."""

    optimiser: Optimiser
    states: int = eqx.field(static=True)
    parameter: Ob = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        s, (p, rest) = xs[: self.states], self.parameter.split(xs[self.states :])
        return self.parameter.join(self.optimiser.look(s, p), rest)


class Move(Data):
    """`put` of an optimiser on all wires."""

    optimiser: Optimiser
    states: int = eqx.field(static=True)
    parameter: Ob = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        n = self.states + len(self.parameter)
        s, (p, rest), dp = xs[: self.states], self.parameter.split(xs[self.states : n]), xs[n:]
        s, p = self.optimiser.move(s, p, dp)
        return s + self.parameter.join(p, rest)


def each_wire(f: Callable[..., Any], *values: Values) -> Values:
    """The function at each wire, on the values that the tuples have there."""
    return tuple(jax.tree.map(f, *columns) for columns in zip(*values, strict=True))


def zeros(p: Values) -> Values:
    """Zero, like each value."""
    return each_wire(jnp.zeros_like, p)


def _here(s: Values, p: Values) -> Values:
    return p


def _no_state(p: Values) -> Values:
    return ()


NO_STATE, ZEROS, HERE = map(as_leaves, (_no_state, zeros, _here))


class Step(Data):
    """``p + ε p'``."""

    rate: float = eqx.field(static=True)

    def __call__(self, s: Values, p: Values, dp: Values) -> tuple[Values, Values]:
        return s, each_wire(lambda p, d: p + (d if self.rate == 1.0 else self.rate * d), p, dp)


def ascent(optimiser: Optimiser) -> Optimiser:
    """The same optimiser under the opposite cap: it climbs where the other descends.

    Example:
        >>> print(ascent(gradient_update(0.5)).rate)
        0.5
    """
    return dataclasses.replace(optimiser, rate=-optimiser.rate)


class Beside(Data):
    """Two optimisers, one for the first `n` Euclidean wires and one for the others; each with its own rate in the covector."""

    first: Optimiser
    second: Optimiser
    n: int = eqx.field(static=True)

    def split(self, s: Values, p: Values) -> tuple[tuple[Values, Values], tuple[Values, Values]]:
        """State and parameters of either optimiser."""
        states = len(jax.eval_shape(self.first.start, p[: self.n]))
        return (s[:states], p[: self.n]), (s[states:], p[self.n :])


class BesideStart(Beside):
    """`start` of both."""

    def __call__(self, p: Values) -> Values:
        return self.first.start(p[: self.n]) + self.second.start(p[self.n :])


class BesideLook(Beside):
    """`get` of both."""

    def __call__(self, s: Values, p: Values) -> Values:
        one, two = self.split(s, p)
        return self.first.look(*one) + self.second.look(*two)


class BesideMove(Beside):
    """`put` of both."""

    def __call__(self, s: Values, p: Values, dp: Values) -> tuple[Values, Values]:
        one, two = self.split(s, p)
        s, p = self.first.move(*one, _scaled(self.first.rate, dp[: self.n]))
        t, q = self.second.move(*two, _scaled(self.second.rate, dp[self.n :]))
        return s + t, p + q


def _scaled(rate: float, dp: Values) -> Values:
    return each_wire(lambda d: rate * d, dp)


def beside(n: int, first: Optimiser, second: Optimiser) -> Optimiser:
    """One optimiser for the first `n` Euclidean wires of `P`, another for the others: the tensor of the two lenses.

    Each may expect its own rate of the cap, so the cap is +1 and the two constants slide into the optimisers (RD.2).

    Example:
        >>> from catlearn.objects import R
        >>> U = beside(1, gradient_update(0.5), ascent(gradient_update(0.25)))
        >>> print(*U.lens(R() @ R()).put(1.0, 1.0, 1.0, 1.0))
        0.5 1.25
    """
    parts = first, second, n
    return Optimiser(BesideStart(*parts), BesideLook(*parts), BesideMove(*parts), 1.0)


def gradient_update(rate: float) -> Optimiser:
    """``put(p, p') = p + p'``, with the rate in the cap.

    Source: 2103.01931, Definition 3.11.

    Example:
        >>> from catlearn.objects import R
        >>> print(gradient_update(0.5).lens(R()).put(1.0, 0.25))
        1.25
    """
    return Optimiser(NO_STATE, HERE, Step(1.0), -rate)


def sgd(rate: float) -> Optimiser:
    """``put(p, p') = p + ε p'``, with the cap -1: equal to `gradient_update` by linearity of the way back (RD.2)."""
    return Optimiser(NO_STATE, HERE, Step(rate))


class Momentum(Data):
    """``s₊ = γ s + p'``, ``p₊ = p + s₊``."""

    decay: float = eqx.field(static=True)

    def __call__(self, s: Values, p: Values, dp: Values) -> tuple[Values, Values]:
        s = each_wire(lambda s, d: self.decay * s + d, s, dp)
        return s, each_wire(jnp.add, p, s)


class Ahead(Data):
    """``p̄ = p + γ s``."""

    decay: float = eqx.field(static=True)

    def __call__(self, s: Values, p: Values) -> Values:
        return each_wire(lambda s, p: p + self.decay * s, s, p)


def momentum(rate: float, decay: float, *, paper_sign: bool = False) -> Optimiser:
    """``put(s, p, p') = (s₊, p + s₊)`` with ``s₊ = γ s + p'``.

    Args:
        rate: the rate of the cap.
        decay: `γ`.
        paper_sign: use ``s₊ = -γ s + p'`` as printed, which damps instead of accelerating.

    Source: 2103.01931, Definition 3.15.
    """
    return Optimiser(ZEROS, HERE, Momentum(-decay if paper_sign else decay), -rate)


def nesterov(rate: float, decay: float, *, paper_sign: bool = False) -> Optimiser:
    """Momentum that looks ahead: ``get(s, p) = p + γ s``.

    optax's Nesterov momentum holds ``p̄`` instead of `p`; the two runs agree there.

    Source: 2103.01931, Definition 3.16.
    """
    sign = -decay if paper_sign else decay
    return Optimiser(ZEROS, Ahead(decay), Momentum(sign), -rate)
