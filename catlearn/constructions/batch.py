r"""Batch: one arrow on many values at once.

Definition:
    ``Batch(n)`` is the functor of `Smooth` to itself that maps `f` to `f` at each of `n` stacked values. On a
    parametric arrow it shares the parameters,

    .. math:: \mathrm{Batch}(n)(P, f) = (P,\; \mathrm{copy}_n ; f \otimes \dots \otimes f),

    so it acts *before* `Reverse`: the sum of the gradients over the batch is the reverse derivative of copying.
    A batch is never part of the type of a model.

A `Key` parameter is split by `jax.random.split`, not copied: each element of the batch draws its own randomness, and
``Batch(n)(f)`` at the key `k` is, at the i-th element, `f` at the i-th part of `k`.

References:
    Cruttwell et al. (2103.01931), Section 5; the CAP package `GradientBasedLearningForCAP` has it as ``Batchify``.
"""

import dataclasses
from typing import Any

from ..theory import Functor, Identity, Iterative, NaturalTransformation
from ..theory.errors import WrongCategory, WrongObject
from .para import ParaCategory, ParaMap, Stage


@dataclasses.dataclass(frozen=True)
class Batch(Functor):
    """The functor ``X ↦ X^n`` on `Smooth`, and on ``Para(Smooth)`` with shared parameters.

    Example:
        >>> from catlearn import R, smooth
        >>> import jax.numpy as jnp
        >>> print(Batch(3)(smooth(jnp.sum, R(2))))
        SmoothMap : R(3, 2) -> R(3)
    """

    n: int

    def __post_init__(self):
        if not isinstance(self.n, int) or isinstance(self.n, bool) or self.n < 0:
            raise WrongObject(f"Batch(n) needs a whole number n >= 0 of examples, but got {self.n!r}.")

    def __str__(self) -> str:
        return f"Batch({self.n})"

    def ob(self, x: Any, /) -> Any:
        """``X ↦ X^n``: each wire gains a first axis of size `n`."""
        if not hasattr(x, "stacked"):
            raise WrongCategory(f"{x} has no stacks of values to batch over; batch before Reverse, in Smooth.")
        return x.stacked(self.n)

    def arrow(self, f: Any, /) -> Any:
        """`f` on each of `n` values; parameters are shared."""
        if isinstance(f.category, ParaCategory):
            P = f.parameter
            stage = Stage(P, self.ob(f.dom), _iterative(f.base).mapped(f.arrow, self.n, P))
            return ParaMap(self.ob(f.dom), self.ob(f.cod), f.base, P, (stage,), f.names, f.initialisers)
        return _iterative(f.category).mapped(f, self.n, f.category.unit)


@dataclasses.dataclass(frozen=True)
class Repeat(NaturalTransformation):
    """One value, `n` times: the natural transformation ``copy_n : Id ⇒ Batch(n)`` of a cartesian category with stacks.

    Reversed it is the sum over the batch: ``R[copy_n](x, w) = Σ w_i``.

    Example:
        >>> from catlearn import R, Reverse, Smooth
        >>> print(Repeat(Smooth, 3).at(R())(2.0), Reverse(Repeat(Smooth, 3).at(R())).put(2.0, [1.0, 2.0, 4.0]))
        [2. 2. 2.] 7.0
    """

    category: Any
    n: int

    @property
    def source(self) -> Identity:
        return Identity()

    @property
    def target(self) -> Batch:
        return Batch(self.n)

    def at(self, x: Any, /) -> Any:
        """``x → x ⊗ ... ⊗ x → x^n``."""
        C = self.category
        return C.then(C.pick(x, tuple(range(len(x))) * self.n), _iterative(C).stacking(x, self.n))


def _iterative(C: Any) -> Iterative:
    if not isinstance(C, Iterative):
        raise WrongCategory(f"{C} has no stacks of values to batch over; batch before Reverse, in Smooth.")
    return C
