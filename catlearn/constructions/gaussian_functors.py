r"""Functors between Gaussian maps, extended Gaussian maps, affine relations and smooth maps.

Definition:
    .. math:: \mathrm{Mean} : \mathrm{Gauss} \to \mathrm{Smooth}, \quad \mathrm{Extend} : \mathrm{Gauss} \to \mathrm{ExtGauss}, \quad
        \mathrm{Supp} : \mathrm{Gauss}, \mathrm{ExtGauss} \to \mathrm{AffineRel}.

    The mean forgets the noise. The support of a map forgets how likely: ``{(x, y) : y ∈ M x + s + im C + D}``; that it is a functor says
    ``im(N C N' + E) = N im C + im E``. A Gaussian map is an extended one without fibre.

References:
    Stein, Staton (2101.11351), for supports; Stein, Samuelson (2204.14024), for extended Gaussians.
"""

import dataclasses
from typing import Any

import jax.numpy as jnp

from ..categories import AffineRel, AffineRelation, ExtendedMap, ExtGauss, Gauss, GaussianMap, Smooth, SmoothMap
from ..objects import Ob
from ..objects.euclidean import flatten, unflatten, width
from ..theory import Data, Functor, door


class _Affine(Data):
    """``x ↦ M x + s`` on values."""

    f: GaussianMap

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return unflatten(self.f.cod, self.f.matrix @ flatten(self.f.dom, xs) + self.f.mean)


class _SameSpaces(Functor):
    """A functor that leaves objects as they are."""

    def ob(self, x: Ob, /) -> Ob:
        """The same space."""
        return x


@dataclasses.dataclass(frozen=True)
class MeanFunctor(_SameSpaces):
    """``Gauss → Smooth``: the mean of a Gaussian map, an affine map.

    Example:
        >>> from catlearn import R, gaussian
        >>> f = gaussian(R(), R(), [[2.0]], mean=1.0, covariance=4.0)
        >>> print(Mean(f), Mean(f)(3.0))
        SmoothMap : R() -> R() 7.0
    """

    def __str__(self) -> str:
        return "Mean"

    @door
    def arrow(self, f: GaussianMap, /) -> SmoothMap:
        """``x ↦ M x + s``.

        Raises:
            WrongCategory: `f` is not an arrow of Gauss.
        """
        Gauss._own(f)
        return Smooth.arrow(f.dom, f.cod, _Affine(GaussianMap(f.dom, f.cod, f.matrix, f.mean, f.factor[:, :0])))


@dataclasses.dataclass(frozen=True)
class ExtendFunctor(_SameSpaces):
    """``Gauss → ExtGauss``: a Gaussian map as an extended one whose fibre is zero."""

    def __str__(self) -> str:
        return "Extend"

    @door
    def arrow(self, f: GaussianMap, /) -> ExtendedMap:
        """The same map.

        Raises:
            WrongCategory: `f` is not an arrow of Gauss.
        """
        Gauss._own(f)
        return ExtendedMap(f.dom, f.cod, *f.parts, f.factor[:, :0])


@dataclasses.dataclass(frozen=True)
class SupportFunctor(_SameSpaces):
    """``Gauss → AffineRel``, and from `ExtGauss`: what is possible.

    Example:
        >>> from catlearn import R, gaussian, unit
        >>> f = gaussian(R(), R(2), [[1.0], [1.0]], factor=[[1.0], [2.0]])
        >>> print(Supp(f).holds(0.0, [1.0, 2.0]), Supp(f).holds(0.0, [1.0, 1.0]))
        True False
    """

    extended: bool = False

    def __str__(self) -> str:
        return "Supp, extended" if self.extended else "Supp"

    @door
    def arrow(self, f: Any, /) -> AffineRelation:
        """``{(x, y) : y ∈ M x + s + im C + D}``.

        Raises:
            WrongCategory: `f` is not an arrow of the source.
        """
        (ExtGauss if self.extended else Gauss)._own(f)
        n = width(f.dom)
        graph = jnp.concatenate([jnp.eye(n, dtype=f.matrix.dtype), f.matrix])
        moves = AffineRel.image(f.factor, f.fibre if self.extended else f.factor[:, :0])
        both = jnp.concatenate([graph, jnp.concatenate([jnp.zeros((n, moves.shape[1])), moves])], axis=1)
        offset = jnp.concatenate([jnp.zeros(n, f.mean.dtype), f.mean])
        return AffineRelation(f.dom, f.cod, offset, AffineRel.span(both), jnp.asarray(True))


Mean = MeanFunctor()
Extend = ExtendFunctor()
Supp = SupportFunctor()
SuppExtended = SupportFunctor(extended=True)
