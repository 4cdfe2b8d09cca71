r"""Functors between the representations of linear maps.

Definition:
    Each category `k` of linear arrows represents linear maps, and there are functors between them that keep composites, products,
    coproducts, sums and scaling:

    .. math:: \mathrm{Lift} : \mathrm{Linear} \to k, \quad \mathrm{ToCont} : k \to \mathrm{Cont}(k, r), \quad
        \mathrm{ToBegin} : k \to \mathrm{Begin}(k, r), \quad \mathrm{AsDual} : \mathrm{Cont}(k, \mathbb{R}) \to \mathrm{Dual}(\mathrm{AddFn}),

    and ``Apply : LMat → AddFn`` with its inverse ``Tabulate : AddFn → LMat``.

A covector is an arrow into the line. `covector` makes it of coefficients by the scalar product, ``dot(u) = (x ↦ ⟨u, x⟩)``, and
`coefficients` is the inverse; between the two a function of continuations is a function of coefficients, which is what duality is.

References:
    Elliott (1804.00746), Theorems 4 and 5, and on matrices with ``lapply``.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from ..categories import AddFn, LMat
from ..categories.additive import AdditiveMap
from ..categories.blocks import BlockMap
from ..categories.linear import Dense, LinearMap
from ..categories.path import Values, run
from ..objects import Ob, R
from ..theory import Data, Functor
from ..theory.errors import WrongObject
from .begin import Begin, BeginMap
from .cont import Cont, ContMap
from .dual import Dual, DualMap
from .stepwise import run_steps


def covector(k: Any, x: Ob, coefficients: Values) -> Any:
    """The arrow ``x → R()`` of a category of linear arrows that has these coefficients: ``dot``."""
    if not len(x):
        return k.zero(x, R())
    row = ravel_pytree(coefficients)[0][None, :]
    return k.lift(LinearMap(x, R(), (Dense(x, R(), row),)))


def coefficients(h: Any) -> Values:
    """The coefficients of a linear arrow into the line, a value of its domain: what its transpose makes of one.

    Example:
        >>> print(*coefficients(covector(Dual(AddFn), R(2), (jnp.array([1.0, 3.0]),))))
        [1. 3.]
    """
    one = (jnp.ones((), h.cod.avals()[0].dtype),)
    match h:
        case DualMap(arrow=AdditiveMap(path=path)):
            return run(path, one)
        case ContMap() if h.end == h.cod:
            return coefficients(h(h.base.id(h.cod)))
        case AdditiveMap(path=path):
            return jax.linear_transpose(lambda xs: run(path, xs), h.dom.avals())(one)[0]
    _, unravel = ravel_pytree(tuple(w.zeros() for w in h.dom.wires))
    return unravel(h.category.matrix(h)[0])


class _SameObjects(Functor):
    """A functor that leaves objects as they are."""

    def ob(self, x: Any, /) -> Any:
        """The same space."""
        return x


@dataclasses.dataclass(frozen=True)
class Lift(_SameObjects):
    """``Linear → k``: a linear map, by the arrow that stands for it.

    Example:
        >>> from catlearn import linear
        >>> f = linear(R(2), R(), [[3.0, 4.0]])
        >>> print(Lift(Dual(AddFn))(f).arrow(2.0))
        [6. 8.]
    """

    k: Any

    def __str__(self) -> str:
        return f"Lift({self.k})"

    def arrow(self, f: LinearMap, /) -> Any:
        """The arrow that stands for a linear map."""
        return self.k.lift(f)


@dataclasses.dataclass(frozen=True)
class ToCont(_SameObjects):
    """``k → Cont(k, r)``: ``f ↦ (h ↦ f ; h)``."""

    k: Any
    end: Any

    def __str__(self) -> str:
        return f"ToCont({self.k}, {self.end})"

    def arrow(self, f: Any, /) -> ContMap:
        """The arrow, as a function of what comes after it."""
        return Cont(self.k, self.end).embed(f)


@dataclasses.dataclass(frozen=True)
class ToBegin(_SameObjects):
    """``k → Begin(k, r)``: ``f ↦ (h ↦ h ; f)``."""

    k: Any
    start: Any

    def __str__(self) -> str:
        return f"ToBegin({self.k}, {self.start})"

    def arrow(self, f: Any, /) -> BeginMap:
        """The arrow, as a function of what comes before it."""
        return Begin(self.k, self.start).embed(f)


class OnCoefficients(Data):
    """A function of continuations, as a function of coefficients: ``dot ; f ; dot⁻¹``."""

    f: ContMap

    def __call__(self, ys: Values) -> Values:
        h = covector(self.f.base, self.f.cod, ys)
        return coefficients(run_steps(self.f.path, h))


@dataclasses.dataclass(frozen=True)
class AsDual(_SameObjects):
    """``Cont(k, R()) → Dual(AddFn)``: a function of continuations, as one of coefficients.

    Example:
        >>> from catlearn import linear
        >>> f = Cont(AddFn, R()).lift(linear(R(2), R(), [[3.0, 4.0]]))
        >>> print(AsDual()(f).arrow(2.0))
        [6. 8.]
    """

    def __str__(self) -> str:
        return "AsDual"

    def arrow(self, f: ContMap, /) -> DualMap:
        """The dual of an arrow.

        Raises:
            WrongObject: its continuations do not end at the line.
        """
        if f.end != R():
            raise WrongObject(f"{f} is no function of coefficients: its continuations end at {f.end}, not at R().")
        return Dual(AddFn).dual(AddFn.arrow(f.cod, f.dom, OnCoefficients(f)))


class Applied(Data):
    """A matrix, as the function that it is."""

    f: BlockMap

    def __call__(self, xs: Values) -> Values:
        return LMat.apply(self.f, xs)


@dataclasses.dataclass(frozen=True)
class Application(_SameObjects):
    """``LMat → AddFn``: a matrix, as the function that it is."""

    def __str__(self) -> str:
        return "Apply"

    def arrow(self, f: BlockMap, /) -> AdditiveMap:
        """The function."""
        return AddFn.arrow(f.dom, f.cod, Applied(f))


@dataclasses.dataclass(frozen=True)
class Tabulation(_SameObjects):
    """``AddFn → LMat``: the matrix of a function, which is applied to each basis vector."""

    def __str__(self) -> str:
        return "Tabulate"

    def arrow(self, f: AdditiveMap, /) -> BlockMap:
        """The matrix."""
        return LMat.arrow(f.dom, f.cod, lambda xs: AddFn.apply(f, xs))


Apply = Application()
"""The functor that runs matrices: ``lapply``."""

Tabulate = Tabulation()
"""Its inverse, the functor that reads off matrices."""
