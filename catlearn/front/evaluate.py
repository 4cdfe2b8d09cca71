"""Evaluate: each box as the smooth map that it is.

Definition:
    In `Smooth` the box of an equation is the primitive itself, a constant is a point, and the program that comes out is the one that was
    traced, up to equations that were there twice or that nobody needed. Loops and branches are written again around their
    bodies, which are smooth maps too; a derivative that a user gave stays in force.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax

from ..categories.path import Values
from ..categories.smooth import Point, Smooth, SmoothMap
from ..constructions.free import Term
from ..constructions.graph import Box
from ..constructions.interpretation import interpret
from ..theory import Data
from .operation import Constant, Operation, replaced


class Primitive(Data):
    """A primitive without programs among its settings, as a factor."""

    operation: Operation = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return self.operation.bind(*xs)

    @property
    def __name__(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] - the name in pictures
        return self.operation.primitive.name


class WithBodies(Data):
    """A primitive with programs among its settings, as a factor: they are smooth maps, and become programs of JAX when it runs."""

    operation: Operation = eqx.field(static=True)
    bodies: tuple[SmoothMap, ...]

    def __call__(self, xs: Values) -> Values:
        bodies = iter(self.bodies)
        settings = {k: replaced(v, Term, lambda _: as_jaxpr(next(bodies))) for k, v in self.operation.settings.items()}
        primitive = self.operation.primitive
        ys = primitive.bind(*xs, **primitive.get_bind_params(settings))
        return tuple(ys) if primitive.multiple_results else (ys,)

    @property
    def __name__(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] - the name in pictures
        return self.operation.primitive.name


class Branches(Data):
    """One of several maps, chosen by the first value."""

    branches: tuple[SmoothMap, ...]

    def __call__(self, xs: Values) -> Values:
        return jax.lax.switch(xs[0], [_function(f) for f in self.branches], *xs[1:])


class Scan(Data):
    """A loop over the rows of arrays: constants, then what is carried, then the arrays."""

    body: SmoothMap
    constants: int = eqx.field(static=True)
    carried: int = eqx.field(static=True)
    length: int = eqx.field(static=True)
    reverse: bool = eqx.field(static=True)
    unroll: Any = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        constants, rest = xs[: self.constants], xs[self.constants :]
        function = _function(self.body)

        def step(carry: Values, row: Values) -> tuple[Values, Values]:
            ys = function(*constants, *carry, *row)
            return ys[: self.carried], ys[self.carried :]

        start, rows = rest[: self.carried], rest[self.carried :]
        how = {"length": self.length, "reverse": self.reverse, "unroll": self.unroll}
        end, ys = jax.lax.scan(step, start, rows, **how)
        return end + ys


class While(Data):
    """A loop as long as a condition holds: constants of the condition, constants of the body, then what is carried."""

    condition: SmoothMap
    body: SmoothMap

    def __call__(self, xs: Values) -> Values:
        holds, step = _function(self.condition), _function(self.body)
        asked, used, start = parts_of_while(self.condition, self.body, xs)
        return jax.lax.while_loop(lambda carry: holds(*asked, *carry)[0], lambda carry: step(*used, *carry), start)


class Checkpoint(Data):
    """A map whose values are computed again on the way back."""

    body: SmoothMap
    prevent_cse: Any = eqx.field(static=True)
    policy: Any = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return jax.checkpoint(_function(self.body), prevent_cse=self.prevent_cse, policy=self.policy)(*xs)


class Unpack(Data):
    """The arrays that a value consists of."""

    def __call__(self, xs: Values) -> Values:
        return tuple(jax.tree.leaves(xs[0]))


class Pack(Data):
    """The value of one wire that arrays make up."""

    structure: Any = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return (jax.tree.unflatten(self.structure, xs),)


def smooth_map_of(term: Term) -> SmoothMap:
    """The smooth map that a program is."""
    return interpret(term, Smooth, arrows=evaluation)


def evaluation(box: Box) -> SmoothMap:
    """The smooth map that a box is."""
    return SmoothMap(box.dom, box.cod, (_factor(box),))


def _factor(box: Box) -> Any:
    if isinstance(box.data, Constant):
        return Point((box.data.value,))
    if not isinstance(box.data, Operation):
        return Unpack() if box.name == "unpack" else Pack(jax.tree.structure(box.cod.avals()[0]))
    settings, bodies = box.data.settings, tuple(map(smooth_map_of, box.data.bodies))
    match box.name:
        case "cond" if "branches_platforms" not in settings:
            return Branches(bodies)
        case "scan":
            constants, carried = parts_of_scan(box)
            unroll = settings.get("unroll", 1)
            return Scan(bodies[0], constants, carried, settings["length"], settings["reverse"], unroll)
        case "while":
            return While(smooth_map_of(settings["cond_jaxpr"]), smooth_map_of(settings["body_jaxpr"]))
        case "remat2" | "checkpoint":
            return Checkpoint(bodies[0], settings["prevent_cse"], settings["policy"])
    return primitive_of(box.data)


def primitive_of(operation: Operation) -> Primitive | WithBodies:
    """The primitive of an operation, as a factor."""
    bodies = tuple(map(smooth_map_of, operation.bodies))
    return WithBodies(operation, bodies) if bodies else Primitive(operation)


def parts_of_scan(box: Box) -> tuple[int, int]:
    """How many inputs of a loop over rows are constants, and how many are carried: rows have one axis more than the body takes."""
    (body,) = box.data.bodies
    rows = _longer(box.dom, body.dom)
    carried = len(box.cod) - _longer(box.cod, body.cod)
    return len(box.dom) - rows - carried, carried


def _longer(outside: Any, inside: Any) -> int:
    return sum(len(x.shape) > len(y.shape) for x, y in zip(outside.avals(), inside.avals(), strict=True))


def parts_of_while(condition: Any, body: Any, xs: Values) -> tuple[Values, Values, Values]:
    """The constants of the condition, those of the body, and what is carried, where the loop starts."""
    carried = len(body.cod)
    asked, used = len(condition.dom) - carried, len(body.dom) - carried
    return xs[:asked], xs[asked : asked + used], xs[asked + used :]


def as_jaxpr(f: SmoothMap) -> Any:
    """The program of JAX that a smooth map is."""
    return jax.make_jaxpr(_function(f))(*f.dom.avals())


def _function(f: SmoothMap) -> Callable[..., Values]:
    """The smooth map as a function of one argument a wire, to a tuple with one value a wire."""
    return lambda *xs: f.category.apply(f, xs)
