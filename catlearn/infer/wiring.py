r"""Wirings: which boxes a diagram has, by the names of its wires.

Definition:
    A *wiring* is a list of boxes, each with the names of its inputs and of its outputs. Each name, a *variable*, comes out of one box, or is an input of
    the whole; it may go into any number of boxes, for wires are copied and forgotten. No variable is above itself.

This is the graph of a formal arrow of the free Markov category, with names where that has numbers.

References:
    Fritz, Liang (2204.02284).
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..objects import Ob
from ..theory.errors import WrongObject

type Scope = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Part:
    """A box to be wired.

    Attributes:
        arrow: what it is; it has `dom` and `cod`.
        ins: the names of its inputs, one a wire of the domain.
        outs: the names of its outputs, one a wire of the codomain.
    """

    arrow: Any
    ins: tuple[str, ...]
    outs: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Wiring:
    """Which variables each box reads and makes, boxes in an order in which they can be run; see the module.

    Attributes:
        names: of the variables.
        wires: the object of all variables, one wire each.
        ins: of each box, the positions of its inputs among the variables.
        outs: of each box, those of its outputs.
        inputs: the variables that come out of no box.
    """

    names: tuple[str, ...]
    wires: Ob
    ins: tuple[Scope, ...]
    outs: tuple[Scope, ...]
    inputs: Scope

    def position(self, name: str) -> int:
        """Where a variable is among all.

        Raises:
            WrongObject: there is no such variable.
        """
        if name not in self.names:
            raise WrongObject(f"the network has no variable {name!r}. Its variables are {', '.join(self.names)}.")
        return self.names.index(name)

    def positions(self, names: Iterable[str]) -> Scope:
        """Where some variables are."""
        return tuple(map(self.position, names))

    def check_closed(self) -> None:
        """An error, if there are inputs.

        Raises:
            WrongObject: there are: then there is no law, but one for each input.
        """
        if self.inputs:
            names = ", ".join(self.names[v] for v in self.inputs)
            raise WrongObject(
                f"a network with the inputs {names} has no law of its own: give each of them a kernel unit -> X."
            )

    def ob(self, positions: Iterable[int]) -> Ob:
        """The object of the variables at some positions."""
        return Ob(tuple(self.wires.wires[v] for v in positions))

    def needed(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """The boxes that some variables come from, directly or not."""
        found, need = [], set(wanted)
        for i in reversed(range(len(self.outs))):
            if need.intersection(self.outs[i]):
                found.append(i)
                need.update(self.ins[i])
        return tuple(reversed(found))

    def part(self, boxes: Sequence[int]) -> "Wiring":
        """The wiring of some of the boxes, and of the inputs of the whole."""
        kept = [*self.inputs, *(v for i in boxes for v in (*self.ins[i], *self.outs[i]))]
        order = sorted(set(kept))
        at = {v: i for i, v in enumerate(order)}
        moved = lambda scopes: tuple(tuple(at[v] for v in scopes[i]) for i in boxes)
        names = tuple(self.names[v] for v in order)
        return Wiring(names, self.ob(order), moved(self.ins), moved(self.outs), tuple(at[v] for v in self.inputs))


def wired(parts: Sequence[Part], inputs: Mapping[str, Ob]) -> tuple[Wiring, tuple[Any, ...]]:
    """The wiring of some boxes, and the boxes in its order.

    Args:
        parts: the boxes.
        inputs: the object, of one wire, of each variable that comes from outside.

    Raises:
        WrongObject: a variable has no box that makes it, or two; a box reads a variable of another object; or a variable is above itself.
    """
    objects = {name: ob.wires[0] for name, ob in inputs.items()}
    for part in parts:
        _check_ends(part)
        for name, wire in zip(part.outs, part.arrow.cod.wires, strict=True):
            if name in objects:
                raise WrongObject(f"the variable {name!r} is made twice: give each kernel names of its own.")
            objects[name] = wire
    for part in parts:
        for name, wire in zip(part.ins, part.arrow.dom.wires, strict=True):
            if name not in objects:
                raise WrongObject(
                    f"{'; '.join(part.outs)} depends on {name!r}, which no kernel makes. The variables are {', '.join(objects)}."
                )
            if objects[name] != wire:
                raise WrongObject(
                    f"{'; '.join(part.outs)} reads {name!r} on a wire {wire}, but the variable is on {objects[name]}.\n"
                    "Name the inputs in the order of the wires of the kernel."
                )
    ordered = _sorted(parts, set(inputs))
    names = tuple(objects)
    at = {name: i for i, name in enumerate(names)}
    scopes = lambda side: tuple(tuple(at[name] for name in getattr(part, side)) for part in ordered)
    wires = Ob(tuple(objects.values()))
    wiring = Wiring(names, wires, scopes("ins"), scopes("outs"), tuple(at[name] for name in inputs))
    return wiring, tuple(part.arrow for part in ordered)


def _check_ends(part: Part) -> None:
    for names, ob, side in ((part.ins, part.arrow.dom, "inputs"), (part.outs, part.arrow.cod, "outputs")):
        if len(names) != len(ob):
            raise WrongObject(
                f"the kernel {part.arrow.dom} -> {part.arrow.cod} of {'; '.join(part.outs)} has {len(ob)} {side}, but they are named "
                f"{list(names)}: give one name a wire."
            )
    if len(set(part.ins)) < len(part.ins):
        raise WrongObject(
            f"{'; '.join(part.outs)} reads a variable twice: {list(part.ins)}. Copy the wire in the kernel instead."
        )


def _sorted(parts: Sequence[Part], known: set[str]) -> list[Part]:
    """The boxes, each after those that make its inputs."""
    ordered, left = [], list(parts)
    while left:
        ready = [part for part in left if known.issuperset(part.ins)]
        if not ready:
            names = ", ".join(name for part in left for name in part.outs)
            raise WrongObject(f"a variable is above itself: {names} wait for one another. Leave out one of the arrows.")
        ordered += ready
        known = known.union(*(part.outs for part in ready))
        left = [part for part in left if part not in ready]
    return ordered
