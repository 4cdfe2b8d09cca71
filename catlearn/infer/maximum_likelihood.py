r"""Maximum likelihood makes learners, functorially.

Definition:
    The *expectation* of an arrow with draws is ``E(f)(a) = ∫ f(ω, a) μⁿ(dω)``. On models that are affine in draws and inputs it is a functor,
    ``E(f ; g) = E(f) ; E(g)``, to smooth maps. The marginal log likelihood of such a model at a target `t` is ``e₁ - e₂ e(E f, t)`` with ``e(a, b) = (a - b)²``:
    to climb it is to descend on `e` at the expectation, and

    .. math:: \mathrm{MLE}_{\varepsilon} = \mathrm{Para}(E) \,;\, L_{\varepsilon, e} : \mathrm{Para}(\mathrm{Para}(\mathrm{Smooth})) \to \mathrm{Learn}(\mathrm{Smooth}).

For a nonlinear map the expectation of a composite is not the composite of expectations: with ``g(x) = x²`` the variance of `f` leaks into it.

References:
    Shiebler, *Categorical stochastic processes and likelihood* (2005.04735), Section 5 in the draft of May 2020; Fong, Spivak, Tuyéras (1711.10455).
"""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import Smooth, SmoothMap
from ..constructions import Learner, Para, ParaMap, draws_of
from ..learn.backprop import GradientLearner, gradient_learner
from ..learn.scalar_error import ScalarError
from ..objects import Ob, R
from ..objects.euclidean import unflatten, width
from ..objects.function import as_leaves
from ..theory import Data, Functor, door
from ..theory.errors import WrongObject
from .quadrature import Values, hermite

LINE = R()


class Averaged(Data):
    """``a ↦ Σ_k w_k f(ω_k, a)``, the mean of a map over the nodes of a rule."""

    f: SmoothMap
    draws: Ob = eqx.field(static=True)
    order: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        nodes, weights = hermite(width(self.draws), self.order)
        ys = jax.vmap(lambda w: Smooth.apply(self.f, unflatten(self.draws, w) + xs))(nodes)
        return jax.tree.map(lambda y: jnp.tensordot(jnp.exp(weights).astype(y.dtype), y, axes=1), ys)


@dataclasses.dataclass(frozen=True)
class Expectation(Functor):
    """``f ↦ E(f)`` for arrows with standard normal draws, to smooth maps; a functor on those that are affine in draws and inputs.

    Args:
        draw: the object of one draw.
        order: how many nodes a coordinate of the draws has; the answer is exact for polynomials in the draws of degree below twice that. One is
            enough where the draws enter affinely.

    Example:
        >>> from catlearn import R, smooth
        >>> from catlearn.constructions import fresh
        >>> noisy = fresh(R(), 1, smooth(lambda w, x: (x + w) ** 2, R() @ R()))
        >>> print(Expectation(R(), 3)(noisy)(2.0).round(3))
        5.0

    Source: 2005.04735, Section 5.
    """

    draw: Ob = LINE
    order: int = 1

    def __str__(self) -> str:
        return "E"

    def ob(self, x: Ob, /) -> Ob:
        """``A ↦ A``."""
        return x

    def arrow(self, f: ParaMap, /) -> SmoothMap:
        """The expectation, as a function of the inputs.

        Raises:
            WrongParameters: the parameter of `f` is no power of the draw.
            WrongObject: there is no expectation in the codomain, since it is not Euclidean.
        """
        draws_of(f, self.draw)
        if not f.cod.euclidean:
            raise WrongObject(f"{f} has no expectation: {f.cod} is not Euclidean.")
        return Smooth.arrow(f.dom, f.cod, Averaged(f.arrow, f.parameter, self.order))


def _square(x: Any, y: Any) -> Any:
    return (x - y) ** 2


def _half_step(x: Any, z: Any) -> Any:
    return x - z / 2


squared_error = ScalarError(as_leaves(_square), as_leaves(_half_step))
"""``e(x, y) = (x - y)²``, with ``f_x(z) = x - z / 2``: what the log density of a normal law decreases by, up to a factor."""


@dataclasses.dataclass(frozen=True)
class MaximumLikelihood(Functor):
    """The functor from statistical models to learners; see the module."""

    expectation: Expectation
    descend: GradientLearner

    def __str__(self) -> str:
        return f"MLE({self.descend.rate})"

    def ob(self, x: Ob, /) -> Ob:
        """``A ↦ A``."""
        return x

    def arrow(self, f: ParaMap, /) -> Learner:
        """The learner that descends on the error of the expectation."""
        return self.descend.arrow(Para(self.expectation).arrow(f))


@door
def mle_functor(
    rate: float, error: ScalarError = squared_error, *, draw: Ob = LINE, order: int = 1
) -> MaximumLikelihood:
    """The functor that makes a learner of each statistical model.

    Args:
        rate: the step size ``ε > 0``.
        error: the error that the log likelihood factorises through; the square, for Gaussian noise.
        draw: the object of one draw.
        order: how many nodes expectations use; see `Expectation`.

    Raises:
        WrongRun: the rate is not a positive number.

    Example:
        >>> from catlearn import R, smooth
        >>> from catlearn.infer import model
        >>> line = model(R(), R(), 1, smooth(lambda w, p, x: p * x + w, R() @ R() @ R()))
        >>> L = mle_functor(0.25)(line)
        >>> print(L, *L.step((1.0,), (2.0,), (3.0,))[0])
        Learner(R()) : R() -> R() 2.0

    Source: 2005.04735, Section 5.
    """
    return MaximumLikelihood(Expectation(draw, order), gradient_learner(rate, error))
