r"""Variational learning: a family of Bayesian lenses as a model that is trained on its own loss.

Definition:
    A family of lenses ``θ ↦ (c_θ, c'_θ)``, a loss model and a prior are one parametric smooth map from observations to their losses,

    .. math:: y \mapsto L^\theta_\pi(y), \qquad \text{an arrow } Y \to \mathbb{R} \text{ of } \mathrm{Para}(\mathrm{Smooth}).

With the free energy it is a variational autoencoder: `c` decodes, ``c'`` encodes, and what is minimised bounds the surprise from above.

References:
    Smithe (2212.12538), Section 5.3; AutoBayes (2503.18608), Definitions 27 to 29.
"""

from typing import Any

from ..categories import Smooth
from ..constructions.bayes import BayesCategory
from ..constructions.family import Family
from ..constructions.para import Para, ParaMap, para
from ..constructions.stat import check_state
from ..objects import R
from ..theory import Data, door
from ..theory.errors import WrongCategory
from .losses import LossModel


class LossOf(Data):
    """``(θ, y) ↦ L^θ_π(y)``."""

    lenses: Family
    loss: LossModel
    prior: Any

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        n = len(self.lenses.parameter)
        return (self.loss(self.lenses.at(xs[:n])).at(self.prior)(*xs[n:]),)


@door
def objective(lenses: Family, loss: LossModel, prior: Any) -> ParaMap:
    """The parametric map of a family of lenses: an observation to its loss. `learn.fit` trains it, with `itself` as the error.

    Args:
        lenses: a family of lenses ``(X, X) → (Y, Y)``, on objects whose values are arrays.
        loss: a loss model: `FE` for variational inference.
        prior: a state of `X`. A prior that is to be learnt is the first lens of the path, and this the identity of the unit.

    Raises:
        WrongCategory: it is no family of Bayesian lenses.
        WrongObject: `prior` is no state of `X`.

    Example:
        >>> import jax.numpy as jnp
        >>> from catlearn import Gauss, family, gaussian, unit
        >>> from catlearn.categories import GaussianMap
        >>> from catlearn.constructions import exact
        >>> from catlearn.infer import FE
        >>> one = jnp.ones((1, 1))
        >>> decoder = family(R(), lambda w: exact(GaussianMap(R(), R(), w * one, jnp.zeros(1), one)), labels=["weight"])
        >>> prior = gaussian(unit, R(), covariance=1.0)
        >>> model = objective(decoder, FE, prior)
        >>> print(model, f"{model((1.0,), 2.0):.4f}")
        ParaMap(R()) : R() -> R() 2.2655
    """
    if not isinstance(lenses, Family) or not isinstance(lenses.base, BayesCategory):
        raise WrongCategory(f"an objective needs a family of Bayesian lenses, but got {lenses}.")
    check_state(lenses.base.base, prior, lenses.dom.fwd, lenses)
    P, Y = lenses.parameter, lenses.cod.bwd
    made = Smooth.arrow(P @ Y, R(), LossOf(lenses, loss, prior))
    return para(P, made, labels=list(lenses.labels), init=list(lenses.initialisers))


def itself() -> ParaMap:
    """The error that is what the model says: for a model that says its own loss. Its label is the unit, of which there is one value, ``()``."""
    return Para(Smooth).id(R())
