r"""Markov categories in which joint arrows come apart, and copy-discard categories in which wires can be compared.

Definition:
    An arrow ``f : A → X ⊗ Y`` has a *conditional* ``k : X ⊗ A → Y`` when drawing `X` from the marginal of `f`, and then `Y` from `k`,
    is drawing from `f`. A *Bayesian inverse* of ``c : X → Y`` at ``p : A → X`` is a conditional of ``p ; ⟨c, id⟩``. Both are unique
    almost surely only: where nothing falls, a conditional may be anything, and what it is there is said by the caller.

References:
    Cho, Jacobs, *Disintegration and Bayesian inversion via string diagrams* (1709.00322); Fritz (1908.07021), for conditionals,
    almost-sure equality and supports.
"""

import abc
import dataclasses
from typing import Any

from .category import CopyDiscard, Markov
from .errors import NotComposable, WrongObject, door


@dataclasses.dataclass(frozen=True)
class Support:
    """The part of an object on which a state lives.

    Attributes:
        ob: the support as an object.
        inclusion: the deterministic arrow ``ob → X``.
        retraction: an arrow ``X → ob`` with ``inclusion ; retraction = id``.
    """

    ob: Any
    inclusion: Any
    retraction: Any


class Conditionals(Markov):
    """Every arrow into a product can be drawn in two steps.

    Laws:
        ``f = copy ; ((f ; first ; copy) ⊗ A) ; (X ⊗ conditional(f))``, up to the order of wires;
        ``p ; ⟨id, c⟩ = (p ; c) ; ⟨c†, id⟩`` for the inverse ``c†`` of `c` at `p`; and what follows from these: causality, positivity,
        and that the inverse of a composite is the composite of the inverses, almost surely.
    """

    @abc.abstractmethod
    def _conditional(self, f: Any, n: int, otherwise: Any, /) -> Any:
        """The conditional of `f` given its first `n` wires; `otherwise` is None or an arrow with the ends of the result."""

    @abc.abstractmethod
    def _as_equal(self, p: Any, f: Any, g: Any, tol: float | None, /) -> bool:
        """Whether `f` and `g`, parallel and out of ``p.cod``, are equal `p`-almost surely."""

    @abc.abstractmethod
    def _absolutely_continuous(self, p: Any, q: Any, tol: float | None, /) -> bool:
        """Whether the state `p` gives nothing to what the parallel state `q` gives nothing to."""

    @abc.abstractmethod
    def support(self, p: Any, /) -> Support:
        """The support of a state."""

    @door
    def marginal(self, f: Any, wires: tuple[int, ...], /) -> Any:
        """``f ; pick(wires)``: `f`, looked at on some of its outputs alone."""
        self._own(f)
        return self._marginal(f, wires)

    def _marginal(self, f: Any, wires: tuple[int, ...], /) -> Any:
        return self._then(f, self.pick(f.cod, wires))

    @door
    def joint(self, p: Any, f: Any, /) -> Any:
        """``p ; ⟨id, f⟩``: what `p` draws, and what `f` makes of it.

        Raises:
            NotComposable: `f` does not start where `p` ends.
        """
        self._meet(p, f)
        return self._joint(p, f)

    def _joint(self, p: Any, f: Any, /) -> Any:
        return self._then(p, self._pair(self.id(p.cod), f))

    def _meet(self, p: Any, f: Any) -> None:
        self._own(p)
        self._own(f)
        if p.cod != f.dom:
            raise NotComposable(p, f, self)

    @door
    def conditional(self, f: Any, n: int, /, *, otherwise: Any = None) -> Any:
        """The conditional ``k : X ⊗ A → Y`` of ``f : A → X ⊗ Y``, where `X` is the first `n` wires of its codomain.

        Args:
            f: an arrow into a product.
            n: how many wires of it are given.
            otherwise: what `k` is where `f` gives nothing: an arrow ``X ⊗ A → Y``. None leaves it to the category, which says what it
                takes.

        Raises:
            WrongObject: the codomain has fewer than `n` wires, or `otherwise` has other ends than the conditional.
        """
        self._own(f)
        if not 0 <= n <= len(f.cod):
            raise WrongObject(f"cannot split {f.cod} after wire {n}: it has {len(f.cod)} wires.")
        self._otherwise(otherwise, f.cod[:n] @ f.dom, f.cod[n:], f"the conditional of {f.dom} → {f.cod} after wire {n}")
        return self._conditional(f, n, otherwise)

    @door
    def bayes_inverse(self, c: Any, p: Any, /, *, otherwise: Any = None) -> Any:
        """The Bayesian inverse ``c† : Y ⊗ A → X`` of ``c : X → Y`` at ``p : A → X``; for a state, ``Y → X``.

        Args:
            c: a channel.
            p: the prior, and what it depends on.
            otherwise: what it is where ``p ; c`` gives nothing. ``discard(Y ⊗ A)`` then a state forgets the observation.

        Raises:
            NotComposable: `c` does not start where `p` ends.
            WrongObject: `otherwise` has other ends than the inverse.
        """
        self._meet(p, c)
        self._otherwise(otherwise, c.cod @ p.dom, c.dom, f"the inverse of {c.dom} → {c.cod} at a prior of {p.dom}")
        return self._bayes_inverse(c, p, otherwise)

    def _bayes_inverse(self, c: Any, p: Any, otherwise: Any, /) -> Any:
        return self._conditional(self._then(p, self._pair(c, self.id(c.dom))), len(c.cod), otherwise)

    def _otherwise(self, otherwise: Any, dom: Any, cod: Any, what: str) -> None:
        if otherwise is None:
            return
        self._own(otherwise)
        if (otherwise.dom, otherwise.cod) != (dom, cod):
            raise WrongObject(
                f"{what} goes {dom} → {cod}, but what it is otherwise goes {otherwise.dom} → {otherwise.cod}: give an arrow with the "
                "ends of the result."
            )

    @door
    def as_equal(self, p: Any, f: Any, g: Any, /, *, tol: float | None = None) -> bool:
        """Almost-sure equality: ``p ; ⟨id, f⟩ = p ; ⟨id, g⟩``.

        Raises:
            NotParallel: `f` and `g` have different ends.
            NotComposable: they do not start where `p` ends.
        """
        self._parallel(f, g, "compare")
        self._meet(p, f)
        return self._as_equal(p, f, g, tol)

    @door
    def absolutely_continuous(self, p: Any, q: Any, /, *, tol: float | None = None) -> bool:
        """``p ≪ q``, for states: arrows that are equal `q`-almost surely are equal `p`-almost surely.

        Raises:
            NotParallel: the states are of different objects.
            WrongObject: they are not states.
        """
        self._parallel(p, q, "compare")
        if p.dom != self.unit:
            raise WrongObject(f"absolute continuity compares states, but {p} starts at {p.dom} and not at the unit.")
        return self._absolutely_continuous(p, q, tol)

    @door
    def is_deterministic(self, f: Any, /, *, tol: float | None = None) -> bool:
        """Whether `f` can be copied: ``f ; copy = copy ; (f ⊗ f)``."""
        self._own(f)
        return self._is_deterministic(f, tol)

    def _is_deterministic(self, f: Any, tol: float | None, /) -> bool:
        return self.close(self._then(f, self.copy(f.cod)), self._pair(f, f), tol=tol)


class Hypergraph(CopyDiscard):
    """Wires can be compared and created, as well as copied and discarded.

    Laws:
        ``compare`` and ``create`` form a commutative monoid, compatible with the tensor; with ``copy`` and ``discard`` it is a special
        Frobenius algebra: ``copy ; compare = id`` and ``(copy ⊗ id) ; (id ⊗ compare) = compare ; copy``.
    """

    @abc.abstractmethod
    def compare(self, x: Any, /) -> Any:
        """``x ⊗ x → x``: the two are one."""

    @abc.abstractmethod
    def create(self, x: Any, /) -> Any:
        """``unit → x``: a value of which nothing is known."""
