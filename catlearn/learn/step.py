r"""The supervised step: model, loss, rate and optimiser, composed into one parametric lens.

Definition:
    Reverse the model and the loss, compose, cap with the learning rate, and reparametrise along the optimiser:

    .. math:: (U \otimes \mathrm{label}) \Rightarrow \mathrm{Reverse}(f) ; \mathrm{Reverse}(e) ; \alpha.

    The result is a closed system; its `put` takes state, parameters, label and input, and returns the new state
    and parameters. That map is one step of learning.

Labels and inputs are *data*: their way back ends in the unit, so nothing is differentiated with respect to them.
With ``requests=True`` it is kept, and `put` returns also what the step asks of its label and its input.

References:
    Cruttwell et al. (2103.01931), Section 4.
"""

from typing import Any

import equinox as eqx

from ..categories import Smooth, smooth
from ..constructions import Batch, Lens, LensMap, Pair, Para, ParaMap, para, reparametrise, reverse_in
from ..constructions.para import Stage
from ..objects import Ob, bare
from ..theory import Arrow, Data, door
from ..theory.errors import WrongCategory, WrongObject
from .optimise import Optimiser
from .rate import rate

Values = tuple[Any, ...]


class LearningStep(Data):
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
        """The step before its cap: a parametric lens whose way forward is the loss."""
        return reparametrise(self.reversed, self.optimiser @ Lens(Smooth).id(self.label))

    @property
    def closed(self) -> ParaMap:
        """The step as the paper assembles it: a parametric lens into the unit."""
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
    model: Arrow,
    loss: Arrow,
    optimiser: Optimiser,
    *,
    batch: int | None = None,
    cap: LensMap | None = None,
    requests: bool = False,
) -> LearningStep:
    """One step of learning with a model, a loss and an optimiser.

    Args:
        model: ``(P, f) : A → B`` of ``Para(Smooth)``, or of ``Para(Lens(Smooth))`` with a way back of its own.
        loss: ``(Label, e) : B → L``, see `learn.loss`.
        optimiser: see `learn.optimise`.
        batch: with a number n, the model and the loss on n examples at once; the functor `Batch` acts before `Reverse`.
        cap: the learning rate; by default the constant that the optimiser expects.
        requests: keep the way back to the label and the input.

    Raises:
        WrongObject: the loss does not start where the model ends, or the cap where the loss ends.
        WrongCategory: the model or the loss is not parametric.

    Example:
        >>> from catlearn import R, para, smooth
        >>> from catlearn.learn import gradient_update, quadratic
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()))
        >>> step = supervised_step(scale, quadratic(), gradient_update(0.125))
        >>> print(step.put(2.0, 4.0, 1.0))
        2.25
    """
    f, e = parametric("model", model), parametric("loss", loss)
    if e.dom != (f.cod.fwd if isinstance(f.cod, Pair) else f.cod):
        raise WrongObject(f"the loss must start where the model ends:\n    model : {f}\n    loss : {e}")
    if batch is not None:
        f, e = Batch(batch)(with_own_way_back(f)), para(e.parameter.stacked(batch), Batch(batch)(e.arrow))
    if isinstance(f.base, Lens):
        error = _reversed(e, (requests,) * len(e.parameter) + (True,) * len(e.dom))
        forward = f >> error if requests else _only_data(f, f.base) >> error
    else:  # by functoriality the reverse of the composite is the composite of the reverses
        data = (requests,) * (len(e.parameter) + len(f.dom))
        forward = _reversed(f >> e, (True,) * len(f.parameter) + data)
    alpha = rate(optimiser.rate, e.cod) if cap is None else cap
    if alpha.dom.fwd != e.cod:
        raise WrongObject(f"the cap must start where the loss ends: the loss is {e}, the cap {alpha}")
    P = f.parameter.fwd if isinstance(f.parameter, Pair) else f.parameter
    label = Pair(e.parameter, forward.parameter.bwd[len(P.tangent) :])
    return LearningStep(forward, alpha, optimiser.lens(P), label)


def parametric(what: str, f: Any) -> ParaMap:
    """The arrow, if it is a parametric one.

    Raises:
        WrongCategory: it is not.
    """
    if not isinstance(f, ParaMap):
        raise WrongCategory(f"a {what} is a parametric arrow, but got {f}; lift it: Para(Smooth).lift(f)")
    return f


def _only_data(f: ParaMap, lenses: Lens) -> ParaMap:
    """The parametric lens after the one that forgets what comes back to its input."""
    A = f.dom
    return Para(lenses).lift(lenses.adapter(Smooth.id(A.fwd), Smooth.discard(A.bwd))) >> f


class Forward(Data):
    """The way forward of a lens, as a function of one argument a wire."""

    lens: LensMap

    def __call__(self, *xs: Any) -> Any:
        return bare(self.lens.run(xs)[0])


class Backward(Data):
    """The way back of a lens, as a function of one argument a wire."""

    lens: LensMap

    def __call__(self, *values: Any) -> Any:
        xs = values[: len(self.lens.dom.fwd)]
        return bare(self.lens.run(xs)[1](values[len(xs) :]))


def with_own_way_back(model: ParaMap) -> ParaMap:
    """A parametric lens as the arrow of ``Para(Smooth)`` that has its way back; other arrows as they are.

    Raises:
        WrongObject: the lens does not come back to the tangent.
    """
    if not isinstance(model.base, Lens):
        return model
    way = model.arrow
    if way.dom.bwd != way.dom.fwd.tangent or way.cod.bwd != way.cod.fwd.tangent:
        raise WrongObject(
            f"a lens that learns in batches comes back to the tangent of where it starts, but {way} does not"
        )
    f = smooth(Forward(way), way.dom.fwd, way.cod.fwd, reverse=Backward(way))
    return para(model.parameter.fwd, f, labels=model.names, init=model.initialisers)


def _reversed(f: ParaMap, moves: tuple[bool, ...]) -> ParaMap:
    """``Para(Reverse)`` of an arrow, coming back only to the marked wires of ``P ⊗ A``."""
    P, A, n = f.parameter, f.dom, len(f.parameter)
    way = reverse_in(f.arrow, moves)
    over, start = (Pair(x, _marked(x, part).tangent) for x, part in ((P, moves[:n]), (A, moves[n:])))
    return ParaMap(start, way.cod, way.category, over, (Stage(over, start, way),), f.names, f.initialisers)


def _marked(x: Ob, marks: tuple[bool, ...]) -> Ob:
    return Ob(tuple(w for w, marked in zip(x.wires, marks, strict=True) if marked))
