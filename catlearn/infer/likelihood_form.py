"""What likelihoods are made of: functions, densities and Gaussian maps, and how two of them compose.

Definition:
    A *form* is a Dirac, a function of parameters and inputs; a density; or a Gaussian map for each parameter. Here is what composition and tensor
    make of each pair of forms; `likelihood` says which applies.
"""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
from jax.scipy.special import logsumexp

from ..categories import Gauss, Sampler
from ..categories.gauss import GaussianMap
from ..constructions.sampling import log_normal
from ..objects import Ob
from ..objects.euclidean import flatten, unflatten
from ..theory import Data
from ..theory.errors import NoDensity
from .quadrature import hermite, on_grid

Values = tuple[Any, ...]


class Form(Data):
    """What a likelihood is made of."""

    @abc.abstractmethod
    def log(self, ps: Values, xs: Values, ys: Values) -> Any:
        """The logarithm of the density at parameters, inputs and outputs."""


class Dirac(Form):
    """All weight on ``f(p, a)``: it has no density, and composes by substitution."""

    function: Callable[[Values, Values], Values]

    def log(self, ps: Values, xs: Values, ys: Values) -> Any:
        raise NoDensity("a Dirac", "It puts all weight on one point: compose it with an arrow that has a density.")


class Density(Form):
    """A density by a user's function ``(ps, xs, ys) ↦ log L``."""

    function: Callable[[Values, Values, Values], Any]

    def log(self, ps: Values, xs: Values, ys: Values) -> Any:
        return self.function(ps, xs, ys)


class Normal(Form):
    """A Gaussian map for each parameter: affine in the inputs, with noise that does not depend on them."""

    at: Callable[[Values], GaussianMap]

    def log(self, ps: Values, xs: Values, ys: Values) -> Any:
        f = self.at(ps)
        return log_normal(flatten(f.cod, ys) - f.matrix @ flatten(f.dom, xs) - f.mean, f.covariance)


class Constant(Data):
    """``ps ↦ f``."""

    f: GaussianMap

    def __call__(self, ps: Values) -> GaussianMap:
        return self.f


class OfSampler(Data):
    """The log density of a sampler, some of whose inputs are parameters."""

    f: Sampler

    def __call__(self, ps: Values, xs: Values, ys: Values) -> Any:
        return self.f.log_density(ps + xs, ys)  # pyright: ignore[reportOptionalCall]


class InTurn(Data):
    """One function after another; `n` parameters are those of the first."""

    f: Callable[..., Any]
    g: Callable[..., Any]
    n: int = eqx.field(static=True)

    def __call__(self, ps: Values, xs: Values) -> Values:
        return self.g(ps[self.n :], self.f(ps[: self.n], xs))


class Substituted(Data):
    """``(p, q; a, c) ↦ log L(q; f(p, a), c)``."""

    f: Callable[..., Any]
    g: Form
    n: int = eqx.field(static=True)

    def __call__(self, ps: Values, xs: Values, ys: Values) -> Any:
        return self.g.log(ps[self.n :], self.f(ps[: self.n], xs), ys)


class Chained(Data):
    """The composite in `Gauss`, at each parameter."""

    f: Callable[..., Any]
    g: Callable[..., Any]
    n: int = eqx.field(static=True)

    def __call__(self, ps: Values) -> GaussianMap:
        return Gauss.then(self.f(ps[: self.n]), self.g(ps[self.n :]))


class NormalBeside(Data):
    """The tensor in `Gauss`, at each parameter."""

    f: Callable[..., Any]
    g: Callable[..., Any]
    n: int = eqx.field(static=True)

    def __call__(self, ps: Values) -> GaussianMap:
        return Gauss.tensor(self.f(ps[: self.n]), self.g(ps[self.n :]))


class Beside(Data):
    """Two functions side by side."""

    f: Callable[..., Any]
    g: Callable[..., Any]
    cut: tuple[int, int, int] = eqx.field(static=True)

    def __call__(self, ps: Values, xs: Values) -> Values:
        p, a, _ = self.cut
        return self.f(ps[:p], xs[:a]) + self.g(ps[p:], xs[a:])


class Product(Data):
    """The product of two densities."""

    f: Form
    g: Form
    cut: tuple[int, int, int] = eqx.field(static=True)

    def __call__(self, ps: Values, xs: Values, ys: Values) -> Any:
        p, a, b = self.cut
        return self.f.log(ps[:p], xs[:a], ys[:b]) + self.g.log(ps[p:], xs[a:], ys[b:])


class Integral(Data):
    """``(p, q; a, c) ↦ log ∫ L'(q; b, c) L(p; a, b) db``, by a rule."""

    f: Form
    g: Form
    between: Ob = eqx.field(static=True)
    n: int = eqx.field(static=True)
    order: int = eqx.field(static=True)
    box: tuple[float, float] | None = eqx.field(static=True)

    def __call__(self, ps: Values, xs: Values, ys: Values) -> Any:
        p, q = ps[: self.n], ps[self.n :]
        if isinstance(self.f, Normal):
            nodes, weights = self._by_noise(self.f.at(p), xs)
        else:
            nodes, weights = on_grid(self.between, self.order, self.box)
            weights = weights + jax.vmap(lambda b: self.f.log(p, xs, b))(nodes)
        return logsumexp(weights + jax.vmap(lambda b: self.g.log(q, b, ys))(nodes))

    def _by_noise(self, f: GaussianMap, xs: Values) -> tuple[Values, Any]:
        """Nodes at the values of `f` for the nodes of its noise."""
        noise, weights = hermite(f.factor.shape[1], self.order)
        values = (f.matrix @ flatten(f.dom, xs) + f.mean)[None] + noise @ f.factor.T
        return jax.vmap(lambda y: unflatten(self.between, y))(values), weights
