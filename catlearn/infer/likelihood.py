r"""Conditional likelihoods: densities that compose.

Definition:
    Each wire has a base measure: Lebesgue's where it is Euclidean, counting where it is finite. An arrow ``L : A → B`` of ``CondLikelihood`` with
    parameter `P` is a density ``L(p; a, b) >= 0``, or a formal *Dirac*, a function ``(p, a) ↦ b``. Densities compose by an integral, functions by
    substitution,

    .. math:: (L ; L')(p, q; a, c) = \int L'(q; b, c)\, L(p; a, b)\, db, \qquad (f ; L')(p, q; a, c) = L'(q; f(p, a), c).

    Taking densities, ``RN(f)(p; a, -) = d f(-, p, a)_* μ / d λ``, respects composites and the tensor. It is a semifunctor only: the identity has no density.

How an integral is found is part of the category: in closed form where both are affine with Gaussian noise; by a rule of Gauss and Hermite where the first
is Gaussian; by a rule of Gauss and Legendre on a given box; by a sum at finite wires.

References:
    Shiebler, *Categorical stochastic processes and likelihood* (2005.04735), Section 4 in the draft of May 2020; base measures for each wire and the formal
    Dirac are ours.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories import Gauss, Sampler
from ..categories.gauss import GaussianMap
from ..objects import Ob, unit
from ..objects.euclidean import flatten
from ..objects.function import as_leaves
from ..theory import Arrow, Category, Data, door
from ..theory.errors import NoDensity, WrongParameters
from .likelihood_form import (
    Beside,
    Chained,
    Constant,
    Density,
    Dirac,
    Form,
    Integral,
    InTurn,
    Normal,
    NormalBeside,
    OfSampler,
    Product,
    Substituted,
)

Values = tuple[Any, ...]
NOTHING = unit


class Likelihood(Arrow):
    """A conditional likelihood ``dom → cod`` with a parameter.

    Call it on parameters, inputs and outputs, each a tuple of one value a wire, for the logarithm of the density.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    parameter: Ob = eqx.field(static=True)
    over: "CondLikelihood" = eqx.field(static=True)
    form: Form

    @property
    def category(self) -> "CondLikelihood":
        return self.over

    @door
    def __call__(self, parameters: Any, inputs: Any, outputs: Any) -> Any:
        """``log L(p; a, b)``.

        Raises:
            NoDensity: the arrow is a Dirac.
            WrongValue: a value is not an element of its wire.
        """
        ends = ((self.parameter, parameters), (self.dom, inputs), (self.cod, outputs))
        return _log(self.form, *(x.elements(tuple(values)) for x, values in ends))

    @door
    def expected(self, parameters: Any, inputs: Any, outputs: Any) -> Any:
        """``Σ_i log L(p; aⁱ, bⁱ)`` over data that are stacked along a first axis.

        Source: 2005.04735, Section 4.
        """
        return _expected(self.form, tuple(parameters), tuple(inputs), tuple(outputs))

    @door
    def marginal(self, parameters: Any, inputs: Any, outputs: Any) -> Any:
        """``Σ_i Σ_j log`` of the marginal density of the j-th coordinate: equal to `expected` when coordinates are independent, and only then.

        Raises:
            NoDensity: the marginals are known of Gaussian likelihoods alone.
        """
        if not isinstance(self.form, Normal):
            raise NoDensity(self, "Its marginals are not either: they are known of Gaussian likelihoods alone.")
        each = jax.vmap(lambda xs, ys: jnp.sum(marginal_factors(self, parameters, xs).log(flatten(self.cod, ys))))
        return jnp.sum(each(tuple(inputs), tuple(outputs)))


@eqx.filter_jit
def _log(form: Form, ps: Values, xs: Values, ys: Values) -> Any:
    return form.log(ps, xs, ys)


@eqx.filter_jit
def _expected(form: Form, ps: Values, xs: Values, ys: Values) -> Any:
    return jnp.sum(jax.vmap(lambda x, y: form.log(ps, x, y))(xs, ys))


class Factors(Data):
    """The log marginal density of the j-th coordinate at a target t as ``e₁ - e₂ (mean - t)²``.

    Shapes:
        constant, weight, mean: one entry a coordinate.
    """

    constant: Any
    weight: Any
    mean: Any

    def log(self, target: Any) -> Any:
        """The log marginal densities at a vector of targets."""
        return self.constant - self.weight * (self.mean - target) ** 2


def marginal_factors(f: Likelihood, parameters: Any, inputs: Any) -> Factors:
    """The marginal likelihoods of a Gaussian likelihood, factorised; ``e₂ = 1 / 2s²`` and ``e₁ = -log(2πs²) / 2``.

    Source: 2005.04735, Section 5.
    """
    if not isinstance(f.form, Normal):
        raise NoDensity(f, "Marginal likelihoods are factorised for Gaussian likelihoods alone.")
    g = f.form.at(tuple(parameters))
    variance = jnp.diag(g.covariance)
    return Factors(
        -0.5 * jnp.log(2 * np.pi * variance), 0.5 / variance, g.matrix @ flatten(f.dom, tuple(inputs)) + g.mean
    )


@dataclasses.dataclass(frozen=True)
class CondLikelihood(Category):
    """The category of conditional likelihoods and formal Diracs; see the module.

    Densities alone are a semicategory. A tensor of a Dirac and a density is neither, and is refused.

    Args:
        order: the number of nodes of a rule, along each coordinate. With Gauss and Hermite it is exact for polynomials of degree below twice that.
        box: the interval of each Euclidean coordinate that is integrated over, for what is not Gaussian. What is outside is lost.

    Example:
        >>> from catlearn import R
        >>> from catlearn.categories import gaussian
        >>> C = CondLikelihood()
        >>> step = C.normal(gaussian(R(), R(), [[1.0]], [0.0], [[0.5]]))
        >>> print(step >> step, (step >> step)((), (0.0,), (0.0,)).round(4))
        Likelihood : R() -> R() -0.9189
    """

    order: int = 64
    box: tuple[float, float] | None = None

    def __str__(self) -> str:
        return "CondLikelihood"

    @property
    def unit(self) -> Ob:
        """The object without wires."""
        return unit

    @door
    def dirac(
        self, dom: Ob, cod: Ob, function: Callable[[Values, Values], Values], parameter: Ob = NOTHING
    ) -> Likelihood:
        """The formal Dirac of a function ``(ps, xs) ↦ ys`` of tuples."""
        return Likelihood(dom, cod, parameter, self, Dirac(as_leaves(function)))

    @door
    def density(
        self, dom: Ob, cod: Ob, log: Callable[[Values, Values, Values], Any], parameter: Ob = NOTHING
    ) -> Likelihood:
        """The likelihood with the log density ``(ps, xs, ys) ↦ log L``, of tuples."""
        return Likelihood(dom, cod, parameter, self, Density(as_leaves(log)))

    @door
    def normal(self, f: GaussianMap) -> Likelihood:
        """The likelihood of a Gaussian map; one without noise composes, but has no density of its own."""
        Gauss._own(f)
        return Likelihood(f.dom, f.cod, unit, self, Normal(Constant(f)))

    @door
    def of_sampler(self, f: Sampler, parameter: Ob = NOTHING) -> Likelihood:
        """The likelihood of a sampler that knows its density; the first wires of its domain may be parameters.

        Raises:
            NoDensity: it does not know it.
            WrongParameters: its domain does not begin with the parameter.
        """
        n = len(parameter)
        if f.log_density is None:
            raise NoDensity(f, "Compose the likelihoods of its parts instead.")
        if f.dom[:n] != parameter:
            raise WrongParameters(f"{f} has no parameter {parameter}: its domain must begin with it.")
        return Likelihood(f.dom[n:], f.cod, parameter, self, Density(OfSampler(f)))

    def id(self, x: Ob, /) -> Likelihood:
        return Likelihood(x, x, unit, self, Dirac(as_leaves(_inputs)))

    def _then(self, f: Likelihood, g: Likelihood, /) -> Likelihood:
        n = len(f.parameter)
        match f.form, g.form:
            case Dirac(), Dirac():
                form = Dirac(InTurn(f.form.function, g.form.function, n))
            case Dirac(), _:
                form = Density(Substituted(f.form.function, g.form, n))
            case Normal(), Normal():
                form = Normal(Chained(f.form.at, g.form.at, n))
            case _, Dirac():
                raise NoDensity(
                    f"{f} ; {g}",
                    "What a function makes of a density is a change of variables: give an affine one by C.normal, without noise.",
                )
            case _:
                form = Density(Integral(f.form, g.form, f.cod, n, self.order, self.box))
        return Likelihood(f.dom, g.cod, f.parameter @ g.parameter, self, form)

    @door
    def tensor(self, f: Likelihood, /, *arrows: Likelihood) -> Likelihood:
        """The product of likelihoods: independent outputs.

        Raises:
            NoDensity: one is a Dirac and another is not.
        """
        for g in (f, *arrows):
            self._own(g)
        return functools.reduce(self._tensor, arrows, f)

    def _tensor(self, f: Likelihood, g: Likelihood, /) -> Likelihood:
        cut = (len(f.parameter), len(f.dom), len(f.cod))
        match f.form, g.form:
            case Dirac(), Dirac():
                form = Dirac(Beside(f.form.function, g.form.function, cut))
            case Normal(), Normal():
                form = Normal(NormalBeside(f.form.at, g.form.at, cut[0]))
            case (Dirac(), _) | (_, Dirac()):
                raise NoDensity(f"{f} ⊗ {g}", "One of the two is a Dirac: compose it away first.")
            case _:
                form = Density(Product(f.form, g.form, cut))
        return Likelihood(f.dom @ g.dom, f.cod @ g.cod, f.parameter @ g.parameter, self, form)


def _inputs(ps: Values, xs: Values) -> Values:
    return xs
