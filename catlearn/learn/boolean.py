r"""Reverse derivative ascent: the supervised step over ℤ₂, where the loss is exclusive or and nothing has a rate.

Definition:
    In a reverse derivative category over ℤ₂ put together, as over the reals, a model ``(P, f) : A → B``, a loss, a cap and an update:

    .. math:: e(b_t, b_p) = b_t + b_p, \qquad \alpha = \mathrm{id}, \qquad u(p, p') = p + p'.

    All three are addition and identity. The closed system moves the parameters by

    .. math:: p \mapsto p + \mathrm{fst}\, R[f](p, a, b_t + f(p, a)).

A bit can only be right or wrong, and a wrong one is put right by flipping it: so the step asks which parameters, flipped, would
change the outputs that are wrong, and flips these.

The model may be a circuit or a tuple of polynomials mod 2, which have a reverse derivative, or a lens on arrays of Booleans whose way
back is written by hand, see `boolean_models`.

References:
    Wilson and Zanasi (2101.10488); Cruttwell et al. (2103.01931), Examples 3.5, 3.10 and 4.4, Definition 3.11.
"""

from typing import Any

import jax
import jax.numpy as jnp

from ..categories import Smooth
from ..constructions import Lens, LensMap, Pair, Para, ParaMap, Reverse, lens, para, reparametrise
from ..objects import Ob, bare, space_of
from ..theory import Arrow, Data, door
from ..theory.errors import BatchMismatch, WrongCategory, WrongObject
from .loop import compiled
from .step import parametric

type Values = tuple[Any, ...]


def booleans(*shape: int) -> Ob:
    """The object of one wire that holds an array of Booleans of a shape.

    Example:
        >>> print(booleans(4), booleans(16, 2))
        Discrete(4, bool) Discrete(16, 2, bool)
    """
    return space_of(jnp.zeros(shape, bool))


class ExclusiveOr(Data):
    """``(x, y) ↦ x + y`` on arrays of Booleans."""

    def __call__(self, xs: Values) -> Values:
        half = len(xs) // 2
        return tuple(map(jnp.logical_xor, xs[:half], xs[half:]))


@door
def exclusive_or(category: Any, x: Any) -> Arrow:
    """The addition ``x ⊗ x → x`` over ℤ₂: that of the category, or exclusive or where it is `Smooth` and `x` holds Booleans.

    Raises:
        WrongObject: a wire of `x`, in `Smooth`, is not one of Booleans.
    """
    C = category
    if Smooth != C:
        return C.add(C.first(x, x), C.second(x, x))
    if any(aval.dtype != bool for aval in jax.tree.leaves(x.avals())):
        raise WrongObject(f"reverse derivative ascent is about bits, but {x} has other wires: use booleans(...).")
    return Smooth.arrow(x @ x, x, ExclusiveOr())


@door
def boolean_loss(category: Any, x: Any) -> ParaMap:
    """The loss ``e(b_t, b_p) = b_t + b_p`` as a parametric lens; its way back copies the change to label and prediction.

    Source: 2103.01931, Example 3.5.
    """
    C = category
    back = C.tensor(C.discard(x @ x), C.copy(x))
    return para(Pair(x, x), lens(exclusive_or(C, x), back), labels=("label",) * len(x))


@door
def identity_cap(category: Any, x: Any) -> LensMap:
    """The cap ``(L, L) → (1, 1)`` that sends the loss itself back: what is wrong is what is to change.

    Source: 2103.01931, Example 3.10.
    """
    return lens(category.discard(x), category.id(x))


@door
def flip_update(category: Any, x: Any) -> LensMap:
    """The gradient update over ℤ₂, ``get(p) = p``, ``put(p, p') = p + p'``.

    Source: 2103.01931, Definition 3.11.
    """
    return lens(category.id(x), exclusive_or(category, x))


class RdaStep(Data):
    """A model with its way back, and the closed system that learns by reverse derivative ascent.

    Attributes:
        reversed: the model, a parametric lens ``(A, A) → (B, B)`` over ``(P, P)``.
    """

    reversed: ParaMap

    @property
    def base(self) -> Any:
        """The category of the ways forward and back."""
        return self.reversed.base.base  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def closed(self) -> ParaMap:
        """Model, loss, cap and update, a parametric lens ``(A, A) → (1, 1)`` over ``P ⊗ B``."""
        C, f = self.base, self.reversed
        P, B = f.parameter.fwd, f.cod.fwd
        lenses = Lens(C)
        open_ = reparametrise(f >> boolean_loss(C, B), flip_update(C, P) @ lenses.id(Pair(B, B)))
        return open_ >> Para(lenses).lift(identity_cap(C, B))

    @property
    def put(self) -> Arrow:
        """``P ⊗ B ⊗ A → P ⊗ B ⊗ A``: the new parameters, and what is asked of the label and of the input."""
        return self.closed.arrow.put

    @property
    def step(self) -> Arrow:
        """One step of reverse derivative ascent, ``P ⊗ B ⊗ A → P``."""
        C, f = self.base, self.reversed
        P, A, B = f.parameter.fwd, f.dom.fwd, f.cod.fwd
        return self.put >> C.first(P, B @ A)

    @property
    def predict(self) -> Arrow:
        """The way forward ``P ⊗ A → B``."""
        return self.reversed.arrow.get


@door
def rda_step(model: Arrow) -> RdaStep:
    """The step by which a model over ℤ₂ learns; there is nothing else to choose.

    Args:
        model: ``(P, f) : A → B`` of ``Para(C)`` for a reverse derivative category `C` over ℤ₂, or of ``Para(Lens(C))``.

    Raises:
        WrongCategory: the model is not parametric, or `C` has no reverse derivative.
        WrongObject: what comes back to the model is of another type than what goes forward.

    Source: 2101.10488; 2103.01931, Example 4.4.

    Example:
        >>> from catlearn.constructions import Bits, circuit, para
        >>> from catlearn.constructions.truth import evaluate
        >>> learner = rda_step(para(Bits(1), circuit(2, lambda p, x: p & x), labels=["mask"]))
        >>> print(learner.step)
        and ; xor ; and ; xor : Dim(1) @ Dim(1) @ Dim(1) -> Dim(1)
        >>> evaluate(learner.step, False, True, True)
        (True,)
    """
    f = parametric("model", model)
    f = f if isinstance(f.base, Lens) else Para(Reverse)(f)
    for x in (f.parameter, f.dom, f.cod):
        if x.fwd != x.bwd:
            raise WrongObject(f"over Z2 changes are of the type of what changes, but {f} has the pair {x}.")
    return RdaStep(f)


@door
def rda(learner: RdaStep, parameters: Values, labels: Values, inputs: Values) -> Values:
    """One pass over examples, one step each, in their order: one compiled loop.

    Args:
        learner: of a lens on arrays of Booleans.
        parameters: a value of `P`, one array a wire.
        labels: values of `B`, one array a wire with the examples along its first axis.
        inputs: values of `A`, likewise.

    Raises:
        BatchMismatch: there are not as many labels as inputs.
        WrongValue: the values have other shapes, or are not Booleans.
        WrongCategory: the model is not one of arrays.

    Example:
        >>> from catlearn.learn.boolean_models import all_inputs, look_up
        >>> xs = all_inputs(4)
        >>> (table,) = rda(rda_step(look_up(4)), (jnp.zeros((16, 1), bool),), (xs[:, :1],), (xs,))
        >>> "".join(str(int(bit)) for bit in table[:, 0])
        '0101010101010101'
    """
    _on_arrays(learner)
    f, data = learner.reversed, (*labels, *inputs)
    if len({x.shape[:1] for x in data}) != 1:
        raise BatchMismatch(
            f"a pass needs as many labels as inputs, but got arrays of shapes {[x.shape for x in data]}."
        )
    n = data[0].shape[0]
    start = f.parameter.fwd.elements(tuple(parameters))
    examples = (f.cod.fwd @ f.dom.fwd).stacked(n).elements(data)
    return compiled(_pass, learner.step)(start, examples)


def _pass(step: Any, parameters: Values, examples: Values) -> Values:
    move = lambda p, example: (Smooth.apply(step, p + example), None)
    return jax.lax.scan(move, parameters, examples)[0]


@door
def predictions(learner: RdaStep, parameters: Values, inputs: Values) -> Any:
    """What the model with these parameters says of each input; bare where `B` has one wire.

    Raises:
        WrongValue: the values have other shapes, or are not Booleans.
        WrongCategory: the model is not one of arrays.
    """
    _on_arrays(learner)
    f = learner.reversed
    start = f.parameter.fwd.elements(tuple(parameters))
    examples = f.dom.fwd.stacked(inputs[0].shape[0]).elements(tuple(inputs))
    return bare(compiled(_predict, learner.predict)(start, examples))


def _predict(predict: Any, parameters: Values, inputs: Values) -> Values:
    return jax.vmap(lambda xs: Smooth.apply(predict, parameters + xs))(inputs)


def _on_arrays(learner: RdaStep) -> None:
    if learner.base != Smooth:
        raise WrongCategory(
            f"a pass runs on arrays of Booleans, but this model is one of {learner.base}. The models of "
            "`learn.boolean_models` are on arrays; run `step` of a circuit with truth.evaluate."
        )
