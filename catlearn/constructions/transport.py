r"""Transport: learners that differ by a bijection of their parameters, and learners as lenses.

Definition:
    A bijection ``h : P → P'`` of parameters makes ``(P, I, U, r)`` and ``(P', I', U', r')`` *equivalent* when

    .. math:: I'(h p, a) = I(p, a), \qquad U'(h p, a, b) = h\, U(p, a, b), \qquad r'(h p, a, b) = r(p, a, b).

    `transport` carries a learner along a bijection, so that the two are equivalent; `equivalent` says which equations hold.

    `AsLens` reads a learner as the parametric lens ``get = I``, ``put = ⟨U, r⟩`` over the pairs ``(P, P)``, ``(A, A)``, ``(B, B)``. It is a
    strict functor ``Learn(C) → Para(Lens(C))``: the composite of learners *is* the composite of lenses.

The paper takes learners up to equivalence. Here they are strict, and a bijection is an arrow that one can see, since gradient
descent respects only those that keep lengths.

References:
    Fong, Spivak, Tuyéras (1711.10455), Definition II.1; Fong and Johnson, *Lenses and learners* (1903.03671).
"""

import dataclasses
from typing import Any

from ..theory import Arrow, Functor, door
from ..theory.errors import WrongCategory, WrongObject
from .learner import Beside, Learner
from .learner_stage import Adapter, Given, Stage, Values
from .lens import Adapter as LensAdapter
from .lens import Back, Lens, LensMap, Pair
from .lens import Stage as LensStage
from .para import ParaMap
from .para import Stage as ParaStage


@door
def transport(f: Learner, h: Arrow, inverse: Arrow) -> Learner:
    """The learner over `Q` that `f`, a learner over `P`, is along a bijection ``h : Q → P``.

    Definition:
        ``I(h q, a)``, ``h⁻¹(U(h q, a, b))``, ``r(h q, a, b)``.

    Args:
        f: the learner.
        h: the bijection, from the new parameters to those of `f`.
        inverse: its inverse; that it is one is trusted.

    Raises:
        WrongCategory: `h` or its inverse is not an arrow of the base.
        WrongObject: they do not run between the parameter of `f` and one object.

    Example:
        >>> from catlearn import R, Smooth, learner, smooth
        >>> X = R()
        >>> sink = Smooth.first(X, X) >> smooth(lambda p: p - 1, X)
        >>> f = learner(X, Smooth.id(X), sink, Smooth.discard(X @ X))
        >>> double, half = smooth(lambda p: 2 * p, X), smooth(lambda p: p / 2, X)
        >>> g = transport(f, double, half)
        >>> print(g.implement(3.0), g.update(3.0, 0.0))
        6.0 2.5
    """
    _bijection(f, h, inverse)
    if h.cod != f.parameter:
        raise WrongObject(f"cannot carry {f} along {h}: it must end at the parameter {f.parameter}.")
    C, Q, A, B = f.base, h.dom, f.dom, f.cod
    implement = C.then(C.tensor(h, C.id(A)), f.implement)
    before = C.tensor(h, C.id(A @ B))
    update, request = C.then(before, f.update, inverse), C.then(before, f.request)
    return Learner(A, B, C, Q, (Given(Q, A, B, implement, update, request),))


@dataclasses.dataclass(frozen=True)
class Equivalence:
    """Which equations of an equivalence of learners hold; true when all of them do.

    Attributes:
        bijective: whether ``h ; h⁻¹`` and ``h⁻¹ ; h`` are identities.
        implement: whether ``I'(h p, a) = I(p, a)``.
        update: whether ``U'(h p, a, b) = h U(p, a, b)``.
        request: whether ``r'(h p, a, b) = r(p, a, b)``.
    """

    bijective: bool
    implement: bool
    update: bool
    request: bool

    def __bool__(self) -> bool:
        """Whether the learners are equivalent."""
        return self.bijective and self.implement and self.update and self.request


@door
def equivalent(f: Learner, g: Learner, h: Arrow, inverse: Arrow, *, tol: float | None = None) -> Equivalence:
    """Whether a bijection ``h : P → P'`` of parameters makes `f` and `g` equivalent, by ``C.close``.

    Args:
        f: a learner over `P`.
        g: a learner over `P'` with the same ends.
        h: the bijection.
        inverse: its inverse.
        tol: the tolerance of equality; None for that of the category.

    Raises:
        WrongCategory: `h` or its inverse is not an arrow of the base.
        WrongObject: they do not run between the parameters of `f` and `g`, or the ends of the learners differ.

    Example:
        >>> from catlearn import R, reparametrise, smooth
        >>> from catlearn.learn import gradient_learner, weight
        >>> L, double, half = gradient_learner(0.125), smooth(lambda p: 2 * p, R()), smooth(lambda p: p / 2, R())
        >>> print(equivalent(L(reparametrise(weight(), double)), L(weight()), double, half))
        Equivalence(bijective=True, implement=True, update=False, request=True)

    Source: 1711.10455, Definition II.1.
    """
    _bijection(f, h, inverse)
    if (h.dom, h.cod, f.dom, f.cod) != (f.parameter, g.parameter, g.dom, g.cod):
        raise WrongObject(f"{h} does not relate two learners with common ends:\n    {f}\n    {g}")
    C, P, A, B = f.base, f.parameter, f.dom, f.cod
    close = lambda left, right: C.close(left, right, tol=tol)
    before = C.tensor(h, C.id(A @ B))
    return Equivalence(
        close(C.then(h, inverse), C.id(P)) and close(C.then(inverse, h), C.id(g.parameter)),
        close(C.then(C.tensor(h, C.id(A)), g.implement), f.implement),
        close(C.then(before, g.update), C.then(f.update, h)),
        close(C.then(before, g.request), f.request),
    )


def _bijection(f: Learner, h: Arrow, inverse: Arrow) -> None:
    for g in (h, inverse):
        if not isinstance(g, Arrow) or g.category != f.base:
            raise WrongCategory(f"parameters of {f} are related by arrows of {f.base}, but got {g}.")
    if (h.dom, h.cod) != (inverse.cod, inverse.dom):
        raise WrongObject(f"{inverse} is no inverse of {h}: it must run the other way.")


class LearnerStage(LensStage):
    """A stage of a learner as a stage of a lens, ``P ⊗ A`` forward and ``P ⊗ A`` back."""

    step: Any

    @property
    def get(self) -> Any:
        return self.step.arrows.implement

    @property
    def put(self) -> Any:
        given = self.step.arrows
        return given.implement.category.pair(given.update, given.request)

    def run(self, xs: Values) -> tuple[Values, Back]:
        n = len(self.step.parameter)
        ys, answer = self.step.run(xs[:n], xs[n:])

        def back(targets: Values) -> Values:
            moved, requested = answer(targets)
            return moved + requested

        return ys, back


@dataclasses.dataclass(frozen=True)
class AsLensFunctor(Functor):
    """``(P, I, U, r) ↦ (I, ⟨U, r⟩)``, from learners to parametric lenses."""

    def __str__(self) -> str:
        return "AsLens"

    def ob(self, x: Any, /) -> Pair:
        """``A ↦ (A, A)``: what comes back is a value like what goes forward."""
        return Pair(x, x)

    def arrow(self, f: Learner, /) -> ParaMap:
        """The parametric lens of a learner.

        Example:
            >>> from catlearn import Learn, R, Smooth
            >>> print(AsLens(Learn(Smooth).swap(R(2), R())))
            ParaMap((unit, unit)) : (R(2) @ R(), R(2) @ R()) -> (R() @ R(2), R() @ R(2))
        """
        A, B, P = map(self.ob, (f.dom, f.cod, f.parameter))
        stages = tuple(stage for step in f.stages for stage in self._stages(step, f.base))
        n = len(f.parameter)
        return ParaMap(A, B, Lens(f.base), P, stages, ("parameter",) * n, (None,) * n)

    def _stages(self, step: Stage, C: Any) -> tuple[ParaStage, ...]:
        if isinstance(step, Beside):
            return (self.arrow(step.f) @ self.arrow(step.g)).stages
        P, A, B = map(self.ob, (step.parameter, step.dom, step.cod))
        stage = LensAdapter(step.there, step.back) if isinstance(step, Adapter) else LearnerStage(step)
        return (ParaStage(P, A, LensMap(P @ A, B, C, (stage,))),)


AsLens = AsLensFunctor()
