r"""Conditioning a state on what a part of it was seen to be, in one base at a time.

Definition:
    Let ``ψ : I → Y ⊗ K`` be a state and ``o : I → K`` deterministic. The state *conditioned* on `o` exists if `o` lies in the support of the
    marginal of `ψ` on `K`, and is then the conditional of `ψ` given `K`, at `o`:

    .. math:: o \ll \psi_K \quad\Longrightarrow\quad \psi|_o = o ; \psi_{|K} : I \to Y.

    Otherwise it is *bottom*. Two further things are known of each object `X`: how its elements are compared, an arrow ``X ⊗ X → K`` with the value
    that it has where they are equal; and a state of full support, which is what a program is probed with.

A failure is a value and not an exception, so that it may be found inside ``jit``: an `Outcome` has a state of finite numbers, and says beside it
whether they mean anything.

References:
    Stein, Staton (2101.11351); the presentation here is ours.
"""

import abc
import functools
from typing import Any

from ..theory import Data, door
from ..theory.errors import Infeasible, WrongCategory


class Outcome(Data):
    """What is left of a state that was conditioned.

    Attributes:
        state: the state, if `ok`; where not, some state of finite numbers that means nothing.
        ok: whether the observation was possible.
        residual: how far it was from being so, relative to the size of what was compared: about one where it is not, rounding where it is.
        log_evidence: the logarithm of the probability, or of the density, of what was seen; minus infinity for bottom. It belongs to the
            *presentation* of a program and not to its meaning: ``2 x =:= 2 y`` says what ``x =:= y`` says, at half the density.
    """

    state: Any
    ok: Any
    residual: Any
    log_evidence: Any

    @door
    def require(self) -> Any:
        """The state, or an error: for use outside ``jit``.

        Raises:
            Infeasible: the observation was not possible.
        """
        if not bool(self.ok):
            raise Infeasible(self.residual)
        return self.state

    def __str__(self) -> str:
        return f"Outcome({self.state}, ok={self.ok})"


class Conditioning[C](abc.ABC):
    """How states of one base are conditioned; see the module."""

    @abc.abstractmethod
    def given(self, base: C, state: Any, n: int, seen: Any, tol: float | None, /) -> Outcome:
        """The first `n` wires of a state, given that the others were seen to be the deterministic `seen`."""

    @abc.abstractmethod
    def comparison(self, base: C, x: Any, /) -> tuple[Any, Any]:
        """An arrow ``x ⊗ x → K``, and the value ``I → K`` that it has exactly where its inputs are equal."""

    @abc.abstractmethod
    def gathered(self, base: C, body: Any, n: int, seen: Any, /) -> tuple[Any, Any]:
        """An equal program with few observations: the body and what is seen, after the first `n` wires of its codomain."""

    @abc.abstractmethod
    def full(self, base: C, x: Any, /) -> Any:
        """A state of `x` with full support."""

    @abc.abstractmethod
    def impossible(self, base: C, /) -> tuple[Any, Any]:
        """Two deterministic states of one object that are never equal."""

    @abc.abstractmethod
    def equal(self, base: C, f: Any, g: Any, tol: float | None, /) -> bool:
        """Whether two open programs with the same ends agree in each context; the decision of this base."""

    @property
    @abc.abstractmethod
    def flattens(self) -> bool:
        """Whether comparison has a unit: a state of which nothing is known."""

    @abc.abstractmethod
    def flat(self, base: C, x: Any, /) -> Any:
        """The state that is a unit for comparison, in a base that has one."""


@functools.singledispatch
def conditioning_of(base: Any, /) -> Conditioning:
    """How states of a base are conditioned; register an implementation for the class of a base of your own.

    Raises:
        WrongCategory: nothing is registered.
    """
    raise WrongCategory(
        f"nobody said how to condition in {base}: register a `Conditioning` for {type(base).__name__} by conditioning_of.register."
    )
