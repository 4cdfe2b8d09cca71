r"""Backprop as a functor: a parametric map and an error make a learner.

Definition:
    For a rate `ε` and an error `e` the functor ``L : Para(Smooth) → Learn(Smooth)`` keeps objects and sends ``(P, I) : A → B`` to the
    learner with the total error ``E(p, a, b) = Σ_j e(I(p, a)_j, b_j)`` and

    .. math:: U(p, a, b) = p - \varepsilon\, \nabla_p E, \qquad r(p, a, b)_i = f_{a_i}\bigl((\nabla_a E)_i\bigr), \qquad
        f_x = \Bigl(\frac{\partial e}{\partial x}(x, -)\Bigr)^{-1}.

That `L` respects composition is backpropagation: layers that each descend on an error of their own, with what the next layer
requests for a label, move as the whole network does that descends on the error at its end. No gradient is handed from one
to the other.

The theorem's functor sends a quotient to a quotient, which gradient descent does not respect; here both sides are strict. `L`
commutes with `transport` along isometries of the parameter and along no other bijection.

References:
    Fong, Spivak, Tuyéras (1711.10455), Theorem III.2, with the scaling α = 1; Cruttwell et al. (2103.01931), Section 6.
"""

import dataclasses
import math

import equinox as eqx

from ..categories import Smooth, SmoothMap
from ..constructions import Learner, ParaMap
from ..constructions.learner_stage import Answer, Given, Stage, run_together
from ..objects import Ob
from ..theory import Functor, door
from ..theory.errors import WrongCategory, WrongObject, WrongRun
from .optimise import Values, each_wire
from .scalar_error import ScalarError, quadratic_error


class Descent(Stage):
    """Gradient descent on the total error of a map, and the request that undoes its gradient."""

    parameter: Ob = eqx.field(static=True)
    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    implement: SmoothMap
    rate: float = eqx.field(static=True)
    error: ScalarError

    @property
    def arrows(self) -> Given:
        return dataclasses.replace(run_together(Smooth, self), implement=self.implement)

    def forward(self, ps: Values, xs: Values) -> Values:
        return Smooth.apply(self.implement, ps + xs)

    def run(self, ps: Values, xs: Values) -> tuple[Values, Answer]:
        said, back = Smooth.pull(self.implement, ps + xs)

        def answer(ys: Values) -> tuple[Values, Values]:
            gradient = back(self.error.slopes(said, ys))
            moved = each_wire(lambda p, d: p - self.rate * d, ps, gradient[: len(ps)])
            return moved, self.error.solve(xs, gradient[len(ps) :])

        return said, answer


@dataclasses.dataclass(frozen=True)
class GradientLearner(Functor):
    """The functor ``L : Para(Smooth) → Learn(Smooth)`` of a rate and an error; see the module."""

    rate: float
    error: ScalarError

    def __str__(self) -> str:
        return f"L({self.rate})"

    def ob(self, x: Ob, /) -> Ob:
        """``A ↦ A``."""
        return x

    def arrow(self, f: ParaMap, /) -> Learner:
        """The learner of a parametric map.

        Raises:
            WrongCategory: `f` is not an arrow of ``Para(Smooth)``.
            WrongObject: a wire of `f` is not Euclidean.
        """
        if not isinstance(f, ParaMap) or f.base != Smooth:
            raise WrongCategory(f"{self} takes arrows of Para(Smooth), but got {f}; lift it: Para(Smooth).lift(f).")
        if not (f.parameter @ f.dom @ f.cod).euclidean:
            raise WrongObject(f"{self} descends on Euclidean wires, but {f} has a discrete one.")
        stage = Descent(f.parameter, f.dom, f.cod, f.arrow, self.rate, self.error)
        return Learner(f.dom, f.cod, Smooth, f.parameter, (stage,))


@door
def gradient_learner(rate: float, error: ScalarError = quadratic_error) -> GradientLearner:
    """The functor that makes a learner of each parametric map, by gradient descent on an error.

    Args:
        rate: the step size ``ε > 0``.
        error: the error; quadratic by default.

    Raises:
        WrongRun: the rate is not a positive number.

    Example:
        >>> from catlearn import R, para, smooth
        >>> weight = para(R(), smooth(lambda p, a: p * a, R() @ R()), labels=["weight"])
        >>> L = gradient_learner(0.25)
        >>> print(L(weight).request(3.0, 2.0, 7.0))
        5.0
        >>> print(
        ...     *L(weight >> weight).update(2.0, 3.0, 1.0, 7.0),
        ...     "=",
        ...     *(L(weight) >> L(weight)).update(2.0, 3.0, 1.0, 7.0),
        ... )
        2.75 3.5 = 2.75 3.5

    Source: 1711.10455, Theorem III.2.
    """
    if not (math.isfinite(rate) and rate > 0):
        raise WrongRun(
            f"the rate of a gradient learner is a positive number, but got {rate}; to climb, negate the error."
        )
    return GradientLearner(rate, error)
