r"""Hypergraphs: what decides equality where wires are neither copied nor forgotten.

Definition:
    In a graph in which each symbol is used exactly once, boxes are hyperedges between wires. Two formal arrows of the free
    symmetric monoidal category are equal exactly when there is a bijection of their uses that keeps boxes, wires and the two
    ordered boundaries. `normal_form` is a value that two graphs share exactly when there is one.

A part that hangs on the boundary can be numbered in one way only: walk from the boundary, along the wires in their order. A
closed part has no such start, so it is described from several starts, and the set of the descriptions is what matters.

References:
    Joyal and Street, *The geometry of tensor calculus I* (1991); Bonchi et al., *String diagram rewrite theory II* (2104.14686).
"""

import collections
from collections.abc import Iterable
from typing import Any

from .graph import Graph, Symbols, Use, ports

type Numbers = dict[Use, int]


def normal_form(graph: Graph) -> Any:
    """A value that two graphs have in common exactly when they are the same hypergraph."""
    wires = _Wires(graph)
    numbers = wires.walk([*wires.before, *wires.after])
    closed, seen = collections.Counter(), set(numbers)
    for use in graph.uses:
        if use not in seen:
            part = wires.walk([use])
            closed[wires.described_from_within(part)] += 1
            seen.update(part)
    return graph.inputs, wires.described(numbers), wires.named(graph.outputs, numbers), frozenset(closed.items())


class _Wires:
    """A graph with its wires in both directions."""

    def __init__(self, graph: Graph):
        self.taker = {s: use for use in graph.uses for s in use.inputs}
        self.before = [s[0] for s in graph.outputs if type(s) is tuple]
        self.after = [self.taker[i] for i in range(graph.inputs) if i in self.taker]

    def walk(self, starts: Iterable[Use]) -> Numbers:
        """Numbers for the uses that are connected to the given ones, neighbours in the order of their wires."""
        numbers: Numbers = {}
        queue = collections.deque(starts)
        while queue:
            use = queue.popleft()
            if use not in numbers:
                numbers[use] = len(numbers)
                queue += (s[0] for s in use.inputs if type(s) is tuple)
                queue += (self.taker[p] for p in ports(use) if p in self.taker)
        return numbers

    def named(self, symbols: Symbols, numbers: Numbers) -> tuple[Any, ...]:
        """The symbols, with numbers for uses."""
        return tuple((numbers[s[0]], s[1]) if type(s) is tuple else s for s in symbols)

    def described(self, numbers: Numbers) -> tuple[Any, ...]:
        """The uses in the order of their numbers, each with what it is used on."""
        return tuple((use.box, self.named(use.inputs, numbers)) for use in numbers)

    def described_from_within(self, part: Numbers) -> frozenset[Any]:
        """The descriptions of a closed part from each use of its rarest box."""
        count = collections.Counter(use.box for use in part)
        rarest = min((n, hash(box)) for box, n in count.items())
        starts = (use for use in part if (count[use.box], hash(use.box)) == rarest)
        return frozenset(self.described(self.walk([start])) for start in starts)
