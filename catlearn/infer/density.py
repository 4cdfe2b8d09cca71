r"""Densities of models: the derivative of Radon and Nikodym as a semifunctor.

Definition:
    A *statistical model* is an arrow of ``Para(Para(Smooth))``: a parameter `P`, and under it an arrow with draws of its own,
    ``f : Ωⁿ ⊗ P ⊗ A → B``. Where draws are standard normal and `f` is affine in them, with full rank, it has a density. Where it is affine in
    draws and inputs,

    .. math:: f(\omega, p, a) = W(p)\, a + b(p) + S(p)\, \omega,

    the density is that of a Gaussian map, and densities compose as those do.

References:
    Shiebler, *Categorical stochastic processes and likelihood* (2005.04735), Propositions 7 and 8; that `S` may depend on the parameter is ours, for
    otherwise the regression of the paper would be no model.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import Smooth, SmoothMap
from ..categories.gauss import GaussianMap
from ..constructions import ParaMap, fresh, para
from ..constructions.affine import Tangent, tangent
from ..constructions.sampling import log_normal
from ..objects import Ob
from ..objects.euclidean import flatten, unflatten, width
from ..theory import Data, Functor, door
from ..theory.errors import NoDensity, WrongCategory
from .likelihood import CondLikelihood, Likelihood
from .likelihood_form import Density, Normal, Values


class AtParameters(Data):
    """``ps ↦`` the Gaussian map that a model, affine in draws and inputs, is."""

    f: SmoothMap
    draws: Ob = eqx.field(static=True)
    dom: Ob = eqx.field(static=True)

    def __call__(self, ps: Values) -> GaussianMap:
        n, m = width(self.draws), width(self.dom)
        function = at_parameters(self.f, self.draws, self.dom, ps)
        slope = jax.jacfwd(function)(jnp.zeros(n + m))
        return GaussianMap(self.dom, self.f.cod, slope[:, n:], function(jnp.zeros(n + m)), slope[:, :n])


class AffineNoise(Data):
    """The log density of a model that is affine in its draws alone."""

    f: SmoothMap
    draws: Ob = eqx.field(static=True)
    dom: Ob = eqx.field(static=True)

    def __call__(self, ps: Values, xs: Values, ys: Values) -> Any:
        n, a = width(self.draws), flatten(self.dom, xs)
        function = lambda w: at_parameters(self.f, self.draws, self.dom, ps)(jnp.concatenate([w, a]))
        factor = jax.jacfwd(function)(jnp.zeros(n))
        return log_normal(flatten(self.f.cod, ys) - function(jnp.zeros(n)), factor @ factor.T)


def at_parameters(f: SmoothMap, draws: Ob, dom: Ob, ps: Values) -> Callable[[Any], Any]:
    """``(ω, a) ↦ f(ω, p, a)`` as a function of one vector."""
    n, m = len(draws), len(dom)

    def function(x: Any) -> Any:
        values = unflatten(draws @ dom, x)
        return flatten(f.cod, Smooth.apply(f, values[:n] + ps + values[len(values) - m :]))

    return function


@dataclasses.dataclass(frozen=True)
class Densities(Functor):
    """The semifunctor from models with standard normal draws to likelihoods; see the module.

    It respects composites and the tensor, and not identities: they have no density.

    Args:
        target: the category of likelihoods, which says how integrals are found.

    Source: 2005.04735, Proposition 8.
    """

    target: CondLikelihood = dataclasses.field(default_factory=CondLikelihood)

    def __str__(self) -> str:
        return "RN"

    def ob(self, x: Ob, /) -> Ob:
        """``A ↦ A``, with its base measure."""
        return x

    def arrow(self, f: ParaMap, /) -> Likelihood:
        """The density of a model, or of an arrow with draws and no other parameter.

        Raises:
            WrongCategory: `f` is no arrow of ``Para(Para(Smooth))`` or ``Para(Smooth)``.
            NoDensity: the model has fewer draws than outputs, or is not affine in them, seen at random parameters.
        """
        model = f if isinstance(f, ParaMap) and isinstance(f.arrow, ParaMap) else para(f.dom[:0], f)
        drawn = model.arrow
        if not isinstance(drawn, ParaMap) or drawn.base != Smooth:
            raise WrongCategory(f"{self} takes arrows with draws over Para(Smooth), but got {f}.")
        P, draws, A, B = model.parameter, drawn.parameter, model.dom, model.cod
        n = width(draws)
        if n < width(B):
            raise NoDensity(
                f, f"It has {n} real draws for {width(B)} coordinates, so its law lives on less than all of {B}."
            )
        smooth = drawn.arrow
        of_all, of_draws = _tangents(smooth, draws, P, A)
        if of_all.affine:
            return Likelihood(A, B, P, self.target, Normal(AtParameters(smooth, draws, A)))
        if not of_draws.affine:
            raise NoDensity(
                f, "It is not affine in its draws: push it to Sampled, or reparametrise its draws to normal ones."
            )
        return Likelihood(A, B, P, self.target, Density(AffineNoise(smooth, draws, A)))


@eqx.filter_jit
def _tangents(f: SmoothMap, draws: Ob, parameter: Ob, dom: Ob) -> tuple[Tangent, Tangent]:
    """The tangent of a model at random parameters: in draws and inputs, and in draws at random inputs."""
    point = lambda x, seed: tuple(w.random(jax.random.fold_in(jax.random.key(seed), i)) for i, w in enumerate(x.wires))
    function, n = at_parameters(f, draws, dom, point(parameter, 0)), width(draws)
    a = flatten(dom, point(dom, 1))
    return tangent(function, n + width(dom)), tangent(lambda w: function(jnp.concatenate([w, a])), n)


RN = Densities()
"""The semifunctor with the default rule."""


@door
def model(parameter: Ob, draw: Ob, n: int, f: Any, *, labels: Any = None, init: Any = None) -> ParaMap:
    """The statistical model ``A → B`` of ``f : Ωⁿ ⊗ P ⊗ A → B``.

    Args:
        parameter: the object `P` of what is to be learnt.
        draw: the object `Ω` of one draw.
        n: how many draws.
        f: the smooth map.
        labels: one name a wire of `P`.
        init: one initialiser a wire of `P`.

    Raises:
        WrongObject: the domain of `f` does not begin with draws and parameters.

    Example:
        >>> from catlearn import R, smooth
        >>> line = model(R(2), R(), 1, smooth(lambda w, p, x: p[0] * x + p[1] + w, R() @ R(2) @ R()))
        >>> print(line, RN(line)(([2.0, 1.0],), (3.0,), (7.0,)).round(4))
        ParaMap(R(2)) : R() -> R() -0.9189
    """
    return para(parameter, fresh(draw, n, f), labels=labels, init=init)
