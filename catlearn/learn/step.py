r"""The supervised step: model, loss, rate and optimiser, composed into one parametric lens.

Definition:
    Reverse the model and the loss, compose, cap with the learning rate, and reparametrise along the optimiser:

    .. math:: (U \otimes \mathrm{label}) \Rightarrow \mathrm{Reverse}(f) ; \mathrm{Reverse}(e) ; \alpha.

    The result is a closed system; its `put` takes state, parameters, label and input, and returns the new state
    and parameters. That map is one step of learning.

Labels and inputs are *data*: their way back ends in the unit, so nothing is differentiated with respect to them.
With ``requests=True`` it is kept, and `put` returns also what the learner asks of its label and its input.

References:
    Cruttwell et al. (2103.01931), Section 4.
"""

from typing import Any

import equinox as eqx

from ..categories import Smooth
from ..constructions import Batch, Lens, LensMap, Pair, Para, ParaMap, para, reparametrise, reverse_in
from ..constructions.para import Stage
from ..objects import Ob
from ..theory import Data, door
from ..theory.errors import WrongCategory, WrongObject
from .optimise import Optimiser
from .rate import rate

Values = tuple[Any, ...]


class Learner(Data):
    """A model with a loss, a rate and an optimiser: the closed system that learns.

    Attributes:
        reversed: model and loss reversed and composed, a parametric lens ``(A, A') → (L, L')`` over ``P ⊗ Label``.
        cap: the learning rate ``(L, L') → (1, 1)``.
        optimiser: the lens ``(S ⊗ P, S ⊗ P) → (P, T(P))``.
        label: the pair of the label and what comes back to it.
    """

    reversed: ParaMap
    cap: LensMap
    optimiser: LensMap
    label: Pair = eqx.field(static=True)

    @property
    def state(self) -> Ob:
        """The object ``S ⊗ P`` that learning moves."""
        return self.optimiser.dom.fwd

    @property
    def data(self) -> Ob:
        """The object ``Label ⊗ A`` of one piece of data."""
        return self.label.fwd @ self.reversed.dom.fwd

    @property
    def open(self) -> ParaMap:
        """The learner before its cap: a parametric lens whose way forward is the loss."""
        return reparametrise(self.reversed, self.optimiser @ Lens(Smooth).id(self.label))

    @property
    def closed(self) -> ParaMap:
        """The learner as the paper assembles it: a parametric lens into the unit."""
        return self.open >> Para(Lens(Smooth)).lift(self.cap)

    @property
    def put(self) -> Any:
        """One step of learning, the smooth map ``S ⊗ P ⊗ Label ⊗ A → S ⊗ P (⊗ requests)``."""
        return self.closed.arrow.put

    def update(self, state: Values, data: Values) -> tuple[Values, Values]:
        """One step, and the loss at which it was taken: `put`, run once and keeping what goes forward.

        Args:
            state: values of ``S ⊗ P``.
            data: values of ``Label ⊗ A``.
        """
        loss, back = self.open.arrow.run(state + data)
        _, answer = self.cap.run(loss)
        moved = back(answer(()))
        return moved[: len(self.state)], loss


@door
def supervised_step(
    model: ParaMap,
    loss: ParaMap,
    optimiser: Optimiser,
    *,
    batch: int | None = None,
    cap: LensMap | None = None,
    requests: bool = False,
) -> Learner:
    """The learner of a model, a loss and an optimiser.

    Args:
        model: ``(P, f) : A → B`` of ``Para(Smooth)``, or of ``Para(Lens(Smooth))`` with a way back of its own.
        loss: ``(Label, e) : B → L``, see `learn.loss`.
        optimiser: see `learn.optimise`.
        batch: with a number n, the model and the loss on n examples at once; the functor `Batch` acts before `Reverse`.
        cap: the learning rate; by default the constant that the optimiser expects.
        requests: keep the way back to the label and the input.

    Raises:
        WrongObject: the loss does not start where the model ends, or the cap where the loss ends.
        WrongCategory: the model is not parametric.

    Example:
        >>> from catlearn import R, para, smooth
        >>> from catlearn.learn import gradient_update, quadratic
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()))
        >>> step = supervised_step(scale, quadratic(), gradient_update(0.125))
        >>> print(step.put(2.0, 4.0, 1.0))
        2.25
    """
    if not isinstance(model, ParaMap):
        raise WrongCategory(f"a model is a parametric arrow, but got {model}; lift it: Para(Smooth).lift(f)")
    if loss.dom != (model.cod.fwd if isinstance(model.cod, Pair) else model.cod):
        raise WrongObject(f"the loss must start where the model ends:\n    model : {model}\n    loss : {loss}")
    if batch is not None:
        label = loss.parameter.stacked(batch)
        model, loss = Batch(batch)(model), para(label, Batch(batch)(loss.arrow))
    if isinstance(model.base, Lens):
        error = _reversed(loss, (requests,) * len(loss.parameter) + (True,) * len(loss.dom))
        forward = model >> error
    else:  # by functoriality the reverse of the composite is the composite of the reverses
        rest = (requests,) * (len(loss.parameter) + len(model.dom))
        forward = _reversed(model >> loss, (True,) * len(model.parameter) + rest)
    alpha = rate(optimiser.rate, loss.cod) if cap is None else cap
    if alpha.dom.fwd != loss.cod:
        raise WrongObject(f"the cap must start where the loss ends: the loss is {loss}, the cap {alpha}")
    P, label = (x.fwd if isinstance(x, Pair) else x for x in (model.parameter, loss.parameter))
    back = forward.parameter.bwd[len(P.tangent) :]
    return Learner(forward, alpha, optimiser.lens(P), Pair(label, back))


def _reversed(f: ParaMap, moves: tuple[bool, ...]) -> ParaMap:
    """``Para(Reverse)`` of an arrow, coming back only to the marked wires of ``P ⊗ A``."""
    P, A, n = f.parameter, f.dom, len(f.parameter)
    way = reverse_in(f.arrow, moves)
    over, start = (Pair(x, _marked(x, part).tangent) for x, part in ((P, moves[:n]), (A, moves[n:])))
    return ParaMap(start, way.cod, way.category, over, (Stage(over, start, way),), f.names, f.initialisers)


def _marked(x: Ob, marks: tuple[bool, ...]) -> Ob:
    return Ob(tuple(w for w, marked in zip(x.wires, marks, strict=True) if marked))
