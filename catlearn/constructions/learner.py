r"""Learn: learners, which compute, change, and say what they would rather have been given.

Definition:
    For a cartesian category `C`, an arrow ``A → B`` of ``Learn(C)`` is a *learner*: a parameter object `P` and three arrows of `C`,

    .. math:: I : P \otimes A \to B, \qquad U : P \otimes A \otimes B \to P, \qquad r : P \otimes A \otimes B \to A,

    its implementation, its update and its request. It composes with ``(Q, J, V, s) : B → C`` by

    .. math::
        (p, q, a) \mapsto J(q, b), \qquad (p, q, a, c) \mapsto (U(p, a, b'),\; V(q, b, c)), \qquad
        (p, q, a, c) \mapsto r(p, a, b'),

    where ``b = I(p, a)`` and ``b' = s(q, b, c)``: the second learner sees what the first one said, and the first is trained on
    what the second requests.

A request is a target and not a gradient: it is what the learner before should have said. So the identity, which changes
nothing, requests its target. Parameters are strict tuples, first learner's first, and not classes up to a bijection.

A composite is a flat path of stages. Over a `Concrete` category it is run once forward and once back, so that a chain of n
learners costs n implementations, n updates and n requests; `literal` is the definition, and the specification of that.

References:
    Fong, Spivak, Tuyéras (1711.10455), Definition II.1 and Proposition II.4.
"""

import dataclasses
import functools
from typing import Any

import equinox as eqx

from ..objects import bare
from ..theory import Arrow, Cartesian, Concrete, Symmetric, door
from ..theory.errors import WrongCategory, WrongObject, WrongParameters
from .learner_stage import (
    Adapter,
    Answer,
    Given,
    Stage,
    Values,
    in_sequence,
    nothing,
    put_of,
    run_together,
    side_by_side,
)


class Learner(Arrow):
    """A learner ``(P, I, U, r) : dom → cod``, as a flat path of stages.

    Call it on a tuple of parameters and the inputs for its implementation, ``f(params, *inputs)``; `step` makes it learn.
    """

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Cartesian = eqx.field(static=True)
    parameter: Any = eqx.field(static=True)
    stages: tuple[Stage, ...]

    @property
    def category(self) -> "Learn":
        return Learn(self.base)

    @property
    def arrows(self) -> Given:
        """The three arrows of the base; those of a composite over a `Concrete` base run each stage once."""
        if len(self.stages) == 1:
            return self.stages[0].arrows
        return run_together(self.base, self) if isinstance(self.base, Concrete) else self.literal.arrows

    @property
    def implement(self) -> Any:
        """The implementation ``I : P ⊗ A → B``."""
        return self.arrows.implement

    @property
    def update(self) -> Any:
        """The update ``U : P ⊗ A ⊗ B → P``."""
        return self.arrows.update

    @property
    def request(self) -> Any:
        """The request ``r : P ⊗ A ⊗ B → A``."""
        return self.arrows.request

    @property
    def put(self) -> Any:
        """Update and request together, ``P ⊗ A ⊗ B → P ⊗ A``; over a `Concrete` base they share what they need."""
        if isinstance(self.base, Concrete):
            return put_of(self.base, self)
        return self.base.pair(self.update, self.request)

    @property
    def literal(self) -> "Learner":
        """The same learner by the definition, stage after stage; quadratic in their number."""
        steps = (stage.arrows for stage in self.stages)
        whole = functools.reduce(functools.partial(in_sequence, self.base), steps, nothing(self.base, self.dom))
        return dataclasses.replace(self, stages=(whole,))

    def forward(self, ps: Values, xs: Values) -> Values:
        """The values of the implementation."""
        i = 0
        for stage in self.stages:
            j = i + len(stage.parameter)
            xs, i = stage.forward(ps[i:j], xs), j
        return xs

    def run(self, ps: Values, xs: Values) -> tuple[Values, Answer]:
        """The values of the implementation, and the way from a target to new parameters and a request.

        The way back is a function that lives inside the trace that made it.
        """
        i, answers = 0, []
        for stage in self.stages:
            j = i + len(stage.parameter)
            (xs, answer), i = stage.run(ps[i:j], xs), j
            answers.append(answer)

        def answer_in_turn(ys: Values) -> tuple[Values, Values]:
            moved = []
            for answer in reversed(answers):
                p, ys = answer(ys)
                moved.append(p)
            return tuple(value for p in reversed(moved) for value in p), ys

        return xs, answer_in_turn

    @door
    def __call__(self, parameters: Any, /, *inputs: Any) -> Any:
        """The value of the implementation at the parameters and the inputs.

        Raises:
            WrongParameters: the parameters are not a tuple.
            WrongValue: a parameter or an input is not an element of its wire.
            WrongCategory: the base is not a category of functions.
        """
        return bare(self.forward(self._checked(parameters), self.dom.elements(inputs)))

    @door
    def step(self, parameters: Any, inputs: Any, targets: Any) -> tuple[Values, Values]:
        """The new parameters and the request; all are tuples, one value a wire.

        Raises:
            WrongParameters: the parameters are not a tuple.
            WrongValue: a value is not an element of its wire.
            WrongCategory: the base is not a category of functions.
        """
        ps = self._checked(parameters)
        _, answer = self.run(ps, self.dom.elements(tuple(inputs)))
        return answer(self.cod.elements(tuple(targets)))

    def _checked(self, parameters: Any) -> Values:
        if not isinstance(self.base, Concrete):
            raise WrongCategory(f"{self} cannot be run: the arrows of {self.base} are not functions on values.")
        if not isinstance(parameters, tuple | list):
            given = type(parameters).__name__
            raise WrongParameters(f"{self} takes a tuple of {len(self.parameter)} parameters, but got {given}.")
        return self.parameter.elements(tuple(parameters))

    def __str__(self) -> str:
        """The learner as one writes it on the board."""
        return f"Learner({self.parameter}) : {self.dom} -> {self.cod}"


class Beside(Stage):
    """Two learners side by side."""

    parameter: Any = eqx.field(static=True)
    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    f: Learner
    g: Learner

    @property
    def arrows(self) -> Given:
        C = self.f.base
        return run_together(C, self) if isinstance(C, Concrete) else side_by_side(C, self.f.arrows, self.g.arrows)

    def forward(self, ps: Values, xs: Values) -> Values:
        n, m = len(self.f.parameter), len(self.f.dom)
        return self.f.forward(ps[:n], xs[:m]) + self.g.forward(ps[n:], xs[m:])

    def run(self, ps: Values, xs: Values) -> tuple[Values, Answer]:
        n, m, k = len(self.f.parameter), len(self.f.dom), len(self.f.cod)
        left, answer_left = self.f.run(ps[:n], xs[:m])
        right, answer_right = self.g.run(ps[n:], xs[m:])

        def answer(ys: Values) -> tuple[Values, Values]:
            (p, a), (q, c) = answer_left(ys[:k]), answer_right(ys[k:])
            return p + q, a + c

        return left + right, answer


@dataclasses.dataclass(frozen=True)
class Learn(Symmetric):
    """The category of learners over a cartesian category; see the module.

    It is symmetric monoidal, but for the order of parameters: interchange holds up to a permutation of them.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> X = R()
        >>> nudge = smooth(lambda p, a, b: p - 0.25 * a * (p * a - b), X @ X @ X)
        >>> ask = smooth(lambda p, a, b: a - p * (p * a - b), X @ X @ X)
        >>> weight = learner(X, smooth(lambda p, a: p * a, X @ X), nudge, ask)
        >>> print(weight, weight.category, weight.request(3.0, 2.0, 7.0))
        Learner(R()) : R() -> R() Learn(Smooth) 5.0
        >>> print(*(weight >> weight).update(2.0, 3.0, 1.0, 7.0))
        2.75 3.5
    """

    base: Cartesian

    def __post_init__(self):
        if not isinstance(self.base, Cartesian):
            raise WrongCategory(f"Learn(C) needs a cartesian category, but got {self.base}.")

    def __str__(self) -> str:
        return f"Learn({self.base})"

    @property
    def unit(self) -> Any:
        return self.base.unit

    def id(self, x: Any, /) -> Learner:
        return Learner(x, x, self.base, self.base.unit, ())

    def _then(self, f: Learner, g: Learner, /) -> Learner:
        return Learner(f.dom, g.cod, self.base, f.parameter @ g.parameter, f.stages + g.stages)

    def _tensor(self, f: Learner, g: Learner, /) -> Learner:
        P, A, B = f.parameter @ g.parameter, f.dom @ g.dom, f.cod @ g.cod
        return Learner(A, B, self.base, P, (Beside(P, A, B, f, g),) if f.stages or g.stages else ())

    def swap(self, x: Any, y: Any, /) -> Learner:
        return self.adapter(self.base.swap(x, y), self.base.swap(y, x))

    def adapter(self, there: Arrow, back: Arrow, /) -> Learner:
        """The learner without parameters of an arrow ``A → B``, and an arrow ``B → A`` from the target to the request."""
        A, B, unit = there.dom, there.cod, self.base.unit
        return Learner(A, B, self.base, unit, (Adapter(unit, A, B, there, back),))

    def _close(self, f: Learner, g: Learner, tol: float | None, /) -> bool:
        views = ((f.implement, g.implement), (f.update, g.update), (f.request, g.request))
        return f.parameter == g.parameter and all(self.base.close(a, b, tol=tol) for a, b in views)


@door
def learner(parameter: Any, implement: Arrow, update: Arrow, request: Arrow) -> Learner:
    """The learner of three arrows.

    Args:
        parameter: the object `P`.
        implement: ``I : P ⊗ A → B``.
        update: ``U : P ⊗ A ⊗ B → P``.
        request: ``r : P ⊗ A ⊗ B → A``.

    Raises:
        WrongCategory: the three are not arrows of one cartesian category.
        WrongObject: their ends do not fit together.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> X = R()
        >>> same, meet = Smooth.discard(X) @ X, smooth(lambda p, a, b: (p + a + b) / 4, X @ X @ X)
        >>> f = learner(X, same, Smooth.first(X, X @ X), meet)
        >>> print(f.step((5.0,), (1.0,), (2.0,))[1][0])
        2.0

    Source: 1711.10455, Definition II.1.
    """
    for f in (implement, update, request):
        if not isinstance(f, Arrow):
            raise WrongCategory(f"a learner needs three arrows, but got {f!r}. A function becomes one by smooth(f, X).")
    C: Any = implement.category
    if not isinstance(C, Cartesian) or any(f.category != C for f in (update, request)):
        found = f"{C}, {update.category} and {request.category}"
        raise WrongCategory(f"a learner needs three arrows of one cartesian category, but got arrows of {found}.")
    if implement.dom[: len(parameter)] != parameter:
        raise WrongObject(f"{implement} has no parameter {parameter}: its domain must begin with it.")
    P, A, B = parameter, implement.dom[len(parameter) :], implement.cod
    for name, f, end in (("update", update, P), ("request", request, A)):
        if (f.dom, f.cod) != (P @ A @ B, end):
            raise WrongObject(
                f"the {name} of a learner {A} -> {B} with parameter {P} is an arrow {P @ A @ B} -> {end}, but got\n"
                f"    {name} : {f.dom} -> {f.cod}"
            )
    return Learner(A, B, C, P, (Given(P, A, B, implement, update, request),))
