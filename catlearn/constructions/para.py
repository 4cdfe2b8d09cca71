r"""Para: arrows with parameters.

Definition:
    For a symmetric monoidal category `C`, an arrow ``A → B`` of ``Para(C)`` is a parameter object `P` with an arrow
    ``f : P ⊗ A → B`` of `C`. Composition collects the parameters, first arrow's parameters first,

    .. math:: (P, f) ; (Q, g) = (P \otimes Q,\; P \otimes Q \otimes A \to B \to C).

    A 2-cell is a *reparametrisation*: an arrow ``Q → P`` of `C`, by which ``(P, f)`` becomes ``(Q, (α ⊗ A) ; f)``.

Parameters are strict tuples, never quotients. A composite keeps a flat path of stages; `arrow` is the one
arrow of `C` that it is. The papers put the later arrow's parameters first: `swap` is the isomorphism.

References:
    Cruttwell et al. (2103.01931), Definitions 2.1 and 2.3; Fong et al. (1711.10455), Definition III.1.
"""

import dataclasses
import functools
from collections import Counter
from typing import Any, overload

import equinox as eqx
import jax

from ..objects import bare
from ..theory import Arrow, Concrete, Data, Functor, Iterative, Markov, Symmetric, door
from ..theory.errors import MissingInitialiser, WrongCategory, WrongObject, WrongParameters, WrongValue
from .initialise import Stacked


class Stage(Data):
    """One step: ``f : P ⊗ A → B``."""

    parameter: Any = eqx.field(static=True)
    dom: Any = eqx.field(static=True)
    f: Any


class InTurn(Data):
    """``(p₁, ..., pₙ, a) ↦ fₙ(pₙ, ... f₁(p₁, a))`` as a function on tuples of values."""

    base: Concrete = eqx.field(static=True)
    stages: tuple[Stage, ...]

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        C, i, n = self.base, 0, sum(len(stage.parameter) for stage in self.stages)
        values = xs[n:]
        for stage in self.stages:
            j = i + len(stage.parameter)
            values, i = C.apply(stage.f, xs[i:j] + values), j
        return values


class ParaMap(Arrow):
    """A parametric arrow ``(P, f) : dom → cod``, as a flat path of stages.

    Call it on a tuple of parameters and the inputs: ``f(params, *inputs)``.

    Labels name the parameters for readers, initialisers make fresh ones; neither counts for ``==``.
    """

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Symmetric = eqx.field(static=True)
    parameter: Any = eqx.field(static=True)
    stages: tuple[Stage, ...]
    names: tuple[str, ...] = eqx.field(static=True)
    initialisers: tuple[Any, ...]

    @property
    def category(self) -> "ParaCategory":
        return ParaCategory(self.base)

    @property
    def arrow(self) -> Any:
        """The one arrow ``P ⊗ A → B`` of the base; over a concrete base it runs the stages one after another."""
        if len(self.stages) == 1:
            return self.stages[0].f
        if isinstance(self.base, Concrete):
            return self.base.arrow(self.parameter @ self.dom, self.cod, InTurn(self.base, self.stages))
        return self.literal_arrow

    @property
    def literal_arrow(self) -> Any:
        """The one arrow by the definition: whiskers and swaps bring to each stage its parameter."""
        C, unit = self.base, self.base.unit
        rest, steps = unit, []
        for stage in reversed(self.stages):
            P = stage.parameter
            steps.append(stage.f if rest == unit else C.tensor(C.id(rest), stage.f))
            if unit not in (P, rest):
                steps.append(C.tensor(C.swap(P, rest), C.id(stage.dom)))
            rest = P @ rest
        return C.then(*reversed(steps)) if steps else C.id(self.dom)

    @property
    def labels(self) -> tuple[str, ...]:
        """One label a parameter wire, no two alike; repeats are numbered in wire order."""
        seen, labels = Counter(), {}
        for name in self.names:
            label = name
            while label in labels:
                seen[name] += 1
                label = f"{name}_{seen[name] + 1}"
            labels[label] = name
        return tuple(labels)

    @door
    def init(self, *, key: Any) -> tuple[Any, ...]:
        """Fresh parameters, one value a wire of `parameter`.

        Raises:
            MissingInitialiser: a parameter has no initialiser.
        """
        wires = _forward(self.parameter).wires
        for label, initialise in zip(self.labels, self.initialisers, strict=True):
            if initialise is None:
                raise MissingInitialiser(label)
        makers = enumerate(zip(self.initialisers, wires, strict=True))
        return tuple(make(wire, key=jax.random.fold_in(key, i)) for i, (make, wire) in makers)

    @door
    def __call__(self, parameters: Any, /, *inputs: Any) -> Any:
        """The value at the parameters and the inputs.

        Raises:
            WrongParameters: the parameters are not a value of `parameter`.
            WrongValue: an input is not an element of its wire.
            WrongCategory: the base is not a category of functions.
        """
        if not isinstance(self.base, Concrete):
            raise WrongCategory(f"{self} cannot be called: the arrows of {self.base} are not functions on values.")
        P = self.check(parameters)
        return bare(self.base.apply(self.arrow, P + self.dom.elements(inputs)))

    @door
    def check(self, parameters: Any) -> tuple[Any, ...]:
        """The parameters, if they are a value of `parameter`.

        Raises:
            WrongParameters: names the label, what it expects and what was given.
        """
        P = _forward(self.parameter)
        if not isinstance(parameters, tuple | list) or len(parameters) != len(P):
            given = len(parameters) if isinstance(parameters, tuple | list) else type(parameters).__name__
            raise WrongParameters(
                f"{self} takes a tuple of {len(P)} parameters ({', '.join(self.labels)}), but got {given}.\n"
                "Fresh ones of the right type: f.init(key=key)."
            )
        try:
            return P.elements(tuple(parameters))
        except WrongValue as error:
            raise WrongParameters(f"wrong parameters for {self}, labelled {', '.join(self.labels)}:\n{error}") from None

    def __str__(self) -> str:
        """The arrow as one writes it on the board."""
        return f"ParaMap({self.parameter}) : {self.dom} -> {self.cod}"

    def __eq__(self, other: object) -> bool:
        """Equality of data: ends, parameter and stages; labels and initialisers do not count."""
        if not isinstance(other, ParaMap):
            return NotImplemented
        mine, theirs = [(f.dom, f.cod, f.base, f.parameter, f.stages) for f in (self, other)]
        return bool(eqx.tree_equal(mine, theirs))

    def __hash__(self) -> int:
        """A hash of the ends and the parameter: equal arrows have equal ones."""
        return hash((self.dom, self.cod, self.base, self.parameter))


@dataclasses.dataclass(frozen=True)
class ParaCategory(Symmetric):
    """The category of parametric arrows over a symmetric monoidal category; see the module.

    Laws:
        Composition is associative and unital exactly. Interchange holds up to the 2-cell that swaps parameters.
    """

    base: Symmetric

    def __str__(self) -> str:
        return f"Para({self.base})"

    @property
    def unit(self) -> Any:
        return self.base.unit

    def id(self, x: Any, /) -> ParaMap:
        return ParaMap(x, x, self.base, self.base.unit, (), (), ())

    @door
    def lift(self, f: Arrow, /) -> ParaMap:
        """An arrow of the base, as a parametric arrow without parameters.

        Raises:
            WrongCategory: `f` is not an arrow of the base.
        """
        self.base._own(f)
        return para(self.base.unit, f)

    def _then(self, f: ParaMap, g: ParaMap, /) -> ParaMap:
        return ParaMap(
            f.dom,
            g.cod,
            self.base,
            f.parameter @ g.parameter,
            f.stages + g.stages,
            f.names + g.names,
            f.initialisers + g.initialisers,
        )

    def _tensor(self, f: ParaMap, g: ParaMap, /) -> ParaMap:
        C, P, Q = self.base, f.parameter, g.parameter
        dom, cod = f.dom @ g.dom, f.cod @ g.cod
        apart = C.tensor(C.id(P), C.swap(Q, f.dom), C.id(g.dom))
        stage = Stage(P @ Q, dom, C.then(apart, C.tensor(f.arrow, g.arrow)))
        return ParaMap(dom, cod, C, P @ Q, (stage,), f.names + g.names, f.initialisers + g.initialisers)

    def swap(self, x: Any, y: Any, /) -> ParaMap:
        return self.lift(self.base.swap(x, y))

    def _power(self, f: ParaMap, n: int, /) -> ParaMap:
        """One loop over a stack of parameters; `unstack` is the 2-cell to the n-fold composite."""
        C = self.base
        if not isinstance(C, Iterative):
            raise WrongCategory(f"{self} has no powers: {C} has no stacks. Compose f >> f >> ... instead.")
        P = C.stack(f.parameter, n)
        stage = Stage(P, f.dom, C.fold(f.arrow, f.parameter, n))
        made = zip(f.initialisers, getattr(f.parameter, "wires", f.initialisers), strict=True)
        initialisers = tuple(None if make is None else Stacked(make, wire, n) for make, wire in made)
        return ParaMap(f.dom, f.cod, C, P, (stage,), f.names, initialisers)

    def seal(self, f: ParaMap, /) -> ParaMap:
        """The same arrow as one opaque stage of a sealed base arrow."""
        stage = Stage(f.parameter, f.dom, self.base.seal(f.arrow))  # pyright: ignore[reportAttributeAccessIssue]
        return dataclasses.replace(f, stages=(stage,))

    def _close(self, f: ParaMap, g: ParaMap, tol: float | None, /) -> bool:
        return f.parameter == g.parameter and self.base.close(f.arrow, g.arrow, tol=tol)


@dataclasses.dataclass(frozen=True)
class ParaFunctor(Functor):
    """``Para(F)``: a monoidal functor, applied to the arrow under the parameters; labels and initialisers stay."""

    functor: Functor

    def __str__(self) -> str:
        return f"Para({self.functor})"

    def ob(self, x: Any, /) -> Any:
        """The image of an object."""
        return self.functor.ob(x)

    def arrow(self, f: ParaMap, /) -> ParaMap:
        """``(P, f) ↦ (F(P), F(f))``."""
        F = self.functor
        image = F.arrow(f.arrow)
        stage = Stage(F.ob(f.parameter), F.ob(f.dom), image)
        return ParaMap(F.ob(f.dom), F.ob(f.cod), image.category, stage.parameter, (stage,), f.names, f.initialisers)


@overload
def Para(base: Functor, /) -> ParaFunctor: ...
@overload
def Para(base: Symmetric, /) -> ParaCategory: ...
@door
def Para(base: Any, /) -> Any:
    """``Para(C)`` of a symmetric monoidal category, and ``Para(F)`` of a functor.

    Example:
        >>> from catlearn import Reverse, Smooth
        >>> print(Para(Smooth), Para(Reverse))
        Para(Smooth) Para(Reverse)
    """
    if isinstance(base, Functor):
        return ParaFunctor(base)
    if not isinstance(base, Symmetric):
        raise WrongCategory(f"Para needs a symmetric monoidal category or a functor, but got {base}")
    return ParaCategory(base)


@door
def para(parameter: Any, f: Arrow, *, labels: Any = None, init: Any = None) -> ParaMap:
    """The parametric arrow of ``f : P ⊗ A → B``.

    Args:
        parameter: the object `P`.
        f: the arrow of the base; its domain must begin with `P`.
        labels: one name a wire of `P`; default ``"parameter"``.
        init: one initialiser a wire of `P`, called as ``init(wire, key=key)``; default none.

    Raises:
        WrongCategory: `f` is no arrow.
        WrongObject: the domain of `f` does not begin with `P`.
        WrongParameters: there is not one label, or one initialiser, a wire.

    Example:
        >>> from catlearn import R, smooth
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()), labels=["weight"])
        >>> print(scale, scale.labels, scale((2.0,), 3.0))
        ParaMap(R()) : R() -> R() ('weight',) 6.0
    """
    _is_arrow("para", f)
    dom = f.dom if parameter == f.category.unit else _after(parameter, f.dom)
    if dom is None:
        raise WrongObject(f"{f} has no parameter {parameter}: its domain must begin with it.")
    names, initialisers = per_wire(parameter, labels, "parameter", "labels"), per_wire(parameter, init, None, "init")
    return ParaMap(dom, f.cod, f.category, parameter, (Stage(parameter, dom, f),), names, initialisers)


def per_wire(parameter: Any, given: Any, default: Any, what: str) -> tuple[Any, ...]:
    """One entry a wire of the parameter: the given ones, counted, or the default."""
    if given is None:
        return (default,) * len(_forward(parameter))
    n, many = len(_forward(parameter)), isinstance(given, tuple | list)
    if not many or len(given) != n:
        got = len(given) if many else repr(given)
        raise WrongParameters(f"{what} needs a list of one entry a wire of {parameter}, which is {n}, but got {got}.")
    return tuple(given)


def _forward(parameter: Any) -> Any:
    """The object whose values the parameters are: of a pair of a lens, what goes forward."""
    return getattr(parameter, "fwd", parameter)


def _after(first: Any, x: Any) -> Any:
    """What is left of an object behind its first part, or None if it does not begin with it; pairs go part by part."""
    if hasattr(first, "fwd") and hasattr(x, "fwd"):
        parts = _after(first.fwd, x.fwd), _after(first.bwd, x.bwd)
        return None if None in parts else type(x)(*parts)
    same_kind = type(first) is type(x) and hasattr(x, "__len__")
    return x[len(first) :] if same_kind and x[: len(first)] == first else None


def _is_arrow(who: str, f: Any) -> None:
    if not isinstance(f, Arrow):
        raise WrongCategory(f"{who} needs an arrow, but got {f!r}. A function becomes one by smooth(f, X).")


def _parametric(who: str, f: Any) -> None:
    _is_arrow(who, f)
    if not isinstance(f, ParaMap):
        raise WrongCategory(
            f"{who} needs a parametric arrow, but got {f}, an arrow of {f.category}: Para(C).lift(f) is one."
        )


@door
def named(name: str, f: ParaMap) -> ParaMap:
    """The same arrow with ``name.`` before each of its labels.

    Example:
        >>> from catlearn import R, smooth
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()), labels=["weight"])
        >>> (named("enc", scale) >> scale >> scale).labels
        ('enc.weight', 'weight', 'weight_2')
    """
    _parametric("named", f)
    return dataclasses.replace(f, names=tuple(f"{name}.{label}" for label in f.names))


@door
def flip(f: ParaMap, *, labels: Any = None, init: Any = None) -> ParaMap:
    """``(P, f : P ⊗ A → B)`` as ``(A, swap ; f) : P → B``: parameter and input exchange their roles.

    Args:
        f: the parametric arrow.
        labels: names of the new parameters, which were inputs; default ``"input"``.
        init: initialisers of the new parameters; default none.

    Laws:
        ``flip(flip(f)) = f``, up to labels and initialisers.

    Example:
        >>> from catlearn import R, smooth
        >>> f = para(R(2), smooth(lambda w, x: w * x, R(2) @ R()))
        >>> print(flip(f), flip(f)((3.0,), [1.0, 2.0]))
        ParaMap(R()) : R(2) -> R(2) [3. 6.]
    """
    _parametric("flip", f)
    C, A = f.base, f.dom
    return para(A, C.then(C.swap(A, f.parameter), f.arrow), labels=labels or ("input",) * len(_forward(A)), init=init)


class TwoCell(Data):
    """A reparametrisation ``source ⇒ target`` by an arrow ``Q → P`` of the base, `P` and `Q` the parameters of the two."""

    source: ParaMap
    target: ParaMap
    by: Any


@door
def reparametrise(f: ParaMap, by: Arrow, *, labels: Any = None, init: Any = None) -> ParaMap:
    """``(P, f)`` along ``α : Q → P`` is ``(Q, (α ⊗ A) ; f)``.

    Args:
        f: the parametric arrow.
        by: an arrow of the base into the parameter of `f`.
        labels: names of the new parameters; kept when ``Q == P``, else ``"parameter"``.
        init: initialisers of the new parameters; kept when `by` is the identity of `P`, else none.

    Raises:
        WrongCategory: `by` is not an arrow of the base.
        WrongParameters: `by` does not end at the parameter of `f`.
    """
    _parametric("reparametrise", f)
    _is_arrow("reparametrise", by)
    C = f.base
    if by.category != C:
        raise WrongCategory(f"{by} is an arrow of {by.category}, but {f} is reparametrised by arrows of {C}")
    if by.cod != f.parameter:
        raise WrongParameters(f"cannot reparametrise {f} along {by}: it must end at the parameter {f.parameter}.")
    Q = by.dom
    same = f.parameter == Q
    names = f.names if same and labels is None else per_wire(Q, labels, "parameter", "labels")
    kept = same and init is None and by == C.id(Q)
    initialisers = f.initialisers if kept else per_wire(Q, init, None, "init")
    stage = Stage(Q, f.dom, C.then(C.tensor(by, C.id(f.dom)), f.arrow))
    return ParaMap(f.dom, f.cod, C, Q, (stage,), names, initialisers)


@door
def cell(f: ParaMap, by: Arrow, *, labels: Any = None, init: Any = None) -> TwoCell:
    """The 2-cell from `f` to its reparametrisation along `by`; see `reparametrise`."""
    return TwoCell(f, reparametrise(f, by, labels=labels, init=init), by)


@door
def vertical(c: TwoCell, d: TwoCell) -> TwoCell:
    """First `c : f ⇒ g`, then ``d : g ⇒ h``.

    That the middle arrows have the same type is checked; that they are the same arrow is trusted.

    Raises:
        WrongParameters: `c` does not end at an arrow of the type that `d` starts at.
    """
    f, g = c.target, d.source
    if (f.base, f.parameter, f.dom, f.cod) != (g.base, g.parameter, g.dom, g.cod):
        raise WrongParameters(f"cannot compose 2-cells: the first ends at {f}, but the second starts at {g}.")
    return TwoCell(c.source, d.target, d.by >> c.by)


@door
def horizontal(c: TwoCell, d: TwoCell) -> TwoCell:
    """``c : f ⇒ f'`` beside ``d : g ⇒ g'`` along the composite, ``f ; g ⇒ f' ; g'``."""
    return TwoCell(c.source >> d.source, c.target >> d.target, c.by @ d.by)


@door
def unstack(f: ParaMap, n: int) -> TwoCell:
    """The 2-cell from ``f ** n``, with its stacked parameter, to the n-fold composite of `f`."""
    _parametric("unstack", f)
    C: Any = f.base
    power = f**n
    names, initialisers = f.names * n, f.initialisers * n
    return cell(power, C.stacking(f.parameter, n), labels=names, init=initialisers)


@door
def tie(f: ParaMap, *groups: tuple[str, ...]) -> ParaMap:
    """The arrow in which the parameters of each group are one parameter: reparametrise along copy.

    Args:
        f: a parametric arrow over a cartesian category.
        *groups: tuples of labels of `f`; each group must agree in type, and keeps its first label.

    Raises:
        WrongCategory: the base cannot copy; tie before `Reverse`.
        WrongParameters: an unknown label, a label in two groups, or wires of different types.

    Example:
        >>> from catlearn import R, smooth
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()), labels=["weight"])
        >>> square = tie(scale >> scale, ("weight", "weight_2"))
        >>> print(square.labels, square((3.0,), 2.0))
        ('weight',) 18.0
    """
    _parametric("tie", f)
    if not isinstance(f.base, Markov):
        raise WrongCategory(
            f"cannot tie parameters of {f}: {f.base} does not copy. Tie before Reverse, in a cartesian base."
        )
    labels = f.labels
    _known(f, [label for group in groups for label in group])
    leader = {label: group[0] for group in groups for label in group}
    if len(leader) != sum(map(len, groups)):
        raise WrongParameters(f"a label of {groups} is in two groups; put all that share a value in one.")
    kept = [i for i, label in enumerate(labels) if leader.get(label, label) == label]
    position = {labels[i]: j for j, i in enumerate(kept)}
    picks = tuple(position[leader.get(label, label)] for label in labels)
    Q = type(f.parameter)(tuple(f.parameter.wires[i] for i in kept))
    by = f.base.pick(Q, picks)
    if by.cod != f.parameter:
        raise WrongParameters(f"cannot tie {groups}: the parameters of a group must have one type, in {f.parameter}.")
    return reparametrise(f, by, labels=[labels[i] for i in kept], init=[f.initialisers[i] for i in kept])


@door
def freeze(f: ParaMap, values: dict[str, Any]) -> ParaMap:
    """The arrow in which the labelled parameters have fixed values: reparametrise along a point.

    Raises:
        WrongCategory: the base has no points; freeze before `Reverse`.
        WrongParameters: an unknown label.
        WrongValue: a value is not an element of its wire.

    Example:
        >>> from catlearn import R, smooth
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()), labels=["weight"])
        >>> print(freeze(scale, {"weight": 2.0})((), 3.0))
        6.0
    """
    _parametric("freeze", f)
    C: Any = f.base
    if not hasattr(C, "point"):
        raise WrongCategory(
            f"cannot freeze parameters of {f}: {C} has no arrows with given values. Freeze before Reverse."
        )
    labels = f.labels
    _known(f, list(values))
    Q = type(f.parameter)
    wires = f.parameter.wires
    strands = [
        C.point(Q((wire,)), values[label]) if label in values else C.id(Q((wire,)))
        for label, wire in zip(labels, wires, strict=True)
    ]
    free = [i for i, label in enumerate(labels) if label not in values]
    by = functools.reduce(C.tensor, strands, C.id(C.unit))
    return reparametrise(f, by, labels=[labels[i] for i in free], init=[f.initialisers[i] for i in free])


def _known(f: ParaMap, labels: list[str]) -> None:
    unknown = [label for label in labels if label not in f.labels]
    if unknown:
        raise WrongParameters(f"{f} has no parameter {unknown[0]!r}; its labels are {', '.join(f.labels)}.")
