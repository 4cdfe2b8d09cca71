r"""Deep dreaming: learning with the roles of parameter and input exchanged.

Definition:
    `flip` sends ``(P, f : P ⊗ A → B)`` to ``(A, swap ; f : A ⊗ P → B)``. A dream step of a model is the supervised step of
    its flip: the parameters are data, and the optimiser moves the input,

    .. math:: \mathrm{put}(s, a, b_t, p) = U^{*}(s, a, a'), \qquad
        (p', a') = R[f]\bigl(p, \bar a, R[e](b_t, f(p, \bar a), \alpha)\bigr), \quad \bar a = U(s, a).

Supervised learning asks which parameters map the input to the label; dreaming asks which input does. With the `dot` loss
and ascent the step is ``a + α snd R[f](p, a, b_t)``: it does not look at the prediction.

References:
    Cruttwell et al. (2103.01931), Section 4, Example 4.5.
"""

from typing import Any

import jax

from ..constructions import LensMap, ParaMap, flip
from ..objects import Ob
from ..theory import door
from .fit import fit
from .optimise import Optimiser
from .run import Run
from .step import LearningStep, supervised_step


@door
def dream_step(
    model: ParaMap, loss: ParaMap, optimiser: Optimiser, *, cap: LensMap | None = None, requests: bool = False
) -> LearningStep:
    """The step that searches over inputs: the supervised step of the flipped model.

    Its state is ``S ⊗ A`` and its data are ``Label ⊗ P``.

    Args:
        model: ``(P, f) : A → B``.
        loss: ``(Label, e) : B → L``.
        optimiser: moves the input; `ascent` turns a descending one around.
        cap: the learning rate, by default the one that the optimiser expects.
        requests: keep the way back to the label and the parameters.

    Source: 2103.01931, Section 4 and Example 4.5.

    Example:
        >>> from catlearn import R, para, smooth
        >>> from catlearn.learn import ascent, dot, gradient_update
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()))
        >>> step = dream_step(scale, dot(), ascent(gradient_update(0.25)))
        >>> print(step.put(1.0, 2.0, 3.0))
        2.5
    """
    return supervised_step(flip(model), loss, optimiser, cap=cap, requests=requests)


@door
def dream(
    model: ParaMap, loss: ParaMap, optimiser: Optimiser, parameters: Any, label: Any, *, start: Any, steps: int
) -> Run:
    """An input of a trained model for a label: `fit` of the flipped model, whose only example are the parameters.

    Args:
        model: ``(P, f) : A → B``.
        loss: ``(Label, e) : B → L``.
        optimiser: moves the input.
        parameters: of the model; fixed.
        label: what the model should say.
        start: the input to begin with, one value a wire.
        steps: how often it is moved.

    Returns:
        The run of ``flip(model)``: its `parameters` are the input that was found.

    Example:
        >>> from catlearn import R, para, smooth
        >>> from catlearn.learn import gradient_update, quadratic
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()))
        >>> run = dream(scale, quadratic(), gradient_update(0.25), (2.0,), 6.0, start=0.0, steps=4)
        >>> print(run.parameters[0])
        3.0
    """
    flipped = flip(model)
    one = lambda ob, values: jax.tree.map(lambda x: x[None], ob.elements(values))
    p, b = one(model.parameter, model.check(parameters)), one(loss.parameter, _values(loss.parameter, label))
    start = _values(model.dom, start)
    return fit(
        flipped, loss, optimiser, (p, b), steps=steps, batch=1, shuffle=False, parameters=start, key=jax.random.key(0)
    )


def _values(ob: Ob, value: Any) -> tuple[Any, ...]:
    return ob.elements((value,) if len(ob) == 1 else tuple(value))
