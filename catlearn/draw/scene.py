r"""Scenes: what a diagram looks like before it has coordinates.

Definition:
    A *scene* is a set of nodes (boxes, dots, crossings) and of strands between them, with the order in which strands
    lie above one another. Reading a diagram into a scene changes three things, and none of them changes its meaning:

    1. parameters that run straight into a box are drawn as entering it from above (going back: as leaving it below);
    2. the residual between a box forward and its box back is drawn as a dashed line between the two;
    3. neighbouring swaps are drawn as one crossing, as long as no two strands cross twice.
"""

import dataclasses
from typing import Any

from .diagrams import Diagram, markov


@dataclasses.dataclass(eq=False)
class Node:
    """A box, a dot where strands of one type split, meet or end, or a crossing."""

    kind: str
    name: str = ""
    ins: list["Strand"] = dataclasses.field(default_factory=list)
    outs: list["Strand"] = dataclasses.field(default_factory=list)
    above: list[Any] = dataclasses.field(default_factory=list)
    below: list[Any] = dataclasses.field(default_factory=list)
    order: tuple[int, ...] = ()
    back: bool = False
    column: int = 0

    @property
    def ports(self) -> list["Strand"]:
        """All strands that touch the node."""
        return self.ins + self.outs


@dataclasses.dataclass(eq=False)
class Strand:
    """A line from a node, or the left border, to a node, or the right border; one height along its length."""

    wire: Any
    source: Node | None = None
    target: Node | None = None
    hidden: bool = False
    y: float = 0.0


@dataclasses.dataclass(eq=False)
class Scene:
    """Nodes, strands, for each strand those that lie above it, and the residual links.

    Two strands of which neither lies above the other follow one another from left to right, or are not connected.
    """

    nodes: list[Node] = dataclasses.field(default_factory=list)
    strands: list[Strand] = dataclasses.field(default_factory=list)
    above: dict[Strand, set[Strand]] = dataclasses.field(default_factory=dict)
    links: list[tuple[Node, Node]] = dataclasses.field(default_factory=list)

    def order(self, a: Strand, b: Strand) -> int:
        """1 if `a` lies above `b`, -1 if below, 0 if neither."""
        return (a in self.above[b]) - (b in self.above[a])


class _Token:
    """A strand of the diagram, followed from where it starts through crossings to where it ends."""

    def __init__(self, wire: Any, source: Node | None):
        self.wire, self.source = wire, source
        self.strand: Strand | None = None


def scene_of(diagram: Diagram) -> Scene:
    """The scene of a diagram."""
    return _Reader(diagram).scene


class _Reader:
    """Reads the boxes of a diagram one by one, and keeps the strands between them in order."""

    def __init__(self, diagram: Diagram):
        self.scene = Scene()
        self.absorbed = _absorbed(diagram)
        self.count = 0
        self.tokens: list[_Token] = []
        self.run: list[_Token] = []
        self.crossed: set[frozenset[_Token]] = set()
        self._births(0, diagram.dom.inside, None)
        for box, offset in _steps(diagram):
            if isinstance(box, markov.Swap):
                self._swap(offset)
            else:
                self._flush()
                self._node(box, offset)
        self._flush()

    def _births(self, at: int, wires: Any, source: Node | None) -> None:
        """Insert new strands at a position, out of a node or of the left border."""
        for wire in wires:
            token = _Token(wire, source)
            if self.count not in self.absorbed:
                token.strand = self._strand(wire, source, self._neighbours(at))
            self.count += 1
            self.tokens.insert(at, token)
            at += 1

    def _neighbours(self, at: int) -> tuple[Strand | None, Strand | None]:
        """The strands just above and just below a position."""
        over = [t.strand for t in self.tokens[:at] if t.strand is not None]
        under = [t.strand for t in self.tokens[at:] if t.strand is not None]
        return (over[-1] if over else None), (under[0] if under else None)

    def _strand(
        self, wire: Any, source: Node | None, between: tuple[Strand | None, Strand | None], hidden: bool = False
    ) -> Strand:
        """A new strand, ordered among all others: as its causes are, or, if it has none, as its neighbours are."""
        new = Strand(wire, source, hidden=hidden)
        above, order = self.scene.above, self.scene.order
        causes = source.ins if source is not None else []
        above[new] = set()
        for old in self.scene.strands:
            if causes:
                signs = {order(old, cause) for cause in causes}
                sign = signs.pop() if len(signs) == 1 else 0
            else:
                upper, lower = between
                over = upper is not None and (old is upper or order(old, upper) == 1)
                under = lower is not None and (old is lower or order(lower, old) == 1)
                sign = over - under
            if source is not None and old.source is source:
                sign = 1
            if sign == 1:
                above[new].add(old)
            elif sign == -1:
                above[old].add(new)
        self.scene.strands.append(new)
        if source is not None and not hidden:
            source.outs.append(new)
        return new

    def _swap(self, offset: int) -> None:
        left, right = self.tokens[offset : offset + 2]
        pair = frozenset((left, right))
        visible = left.strand is not None and right.strand is not None
        if visible and pair in self.crossed:
            self._flush()
        if visible and not self.run:
            self.run = self._seen()
        if visible:
            self.crossed.add(pair)
        self.tokens[offset : offset + 2] = [right, left]

    def _seen(self) -> list[_Token]:
        return [t for t in self.tokens if t.strand is not None]

    def _flush(self) -> None:
        """End a run of swaps: one crossing for each block of strands that were permuted among themselves."""
        before, after = self.run, self._seen()
        self.run, self.crossed = [], set()
        start = 0
        for end in range(1, len(before) + 1):
            if set(before[start:end]) != set(after[start:end]):
                continue
            if end - start > 1:
                self._cross(before[start:end], after[start:end])
            start = end

    def _cross(self, before: list[_Token], after: list[_Token]) -> None:
        node = Node("cross", order=tuple(before.index(t) for t in after))
        node.ins = [self._end(t, node) for t in before]
        self.scene.nodes.append(node)
        for token in after:
            token.strand = self._strand(token.wire, node, (None, None))

    def _end(self, token: _Token, node: Node) -> Strand:
        assert token.strand is not None
        token.strand.target = node
        return token.strand

    def _node(self, box: Any, offset: int) -> None:
        taken = self.tokens[offset : offset + len(box.dom)]
        wires = (*box.dom.inside, *box.cod.inside)
        dot = isinstance(box, markov.Copy | markov.Merge)
        node = Node("dot" if dot else "box", name="" if dot else box.name)
        node.back = any(getattr(w, "back", False) for w in wires)
        if dot:
            adding = isinstance(box, markov.Merge) != node.back
            node.name = "" if not adding else "+" if len(wires) > 1 else "0"
        self.scene.nodes.append(node)
        for token in taken:
            if token.strand is not None:
                node.ins.append(self._end(token, node))
            elif token.source is not None:
                self.scene.links.append((token.source, node))
            else:
                (node.below if token.wire.back else node.above).append(token.wire)
        del self.tokens[offset : offset + len(taken)]
        self._births(offset, box.cod.inside, node)
        if not node.ports:
            hidden = self._strand(None, None, self._neighbours(offset), hidden=True)
            hidden.target = node
            node.ins.append(hidden)


def _steps(diagram: Diagram) -> list[tuple[Any, int]]:
    return [step for layer in diagram.inside for step in _left_first(layer)]


def _left_first(layer: Any) -> list[tuple[Any, int]]:
    """The boxes of a layer with their offsets, when they are put one after another from the left."""
    parts, steps, at = list(layer), [], 0
    for left, box in zip(parts[::2], parts[1::2], strict=False):
        at += len(left)
        steps.append((box, at))
        at += len(box.cod)
    return steps


def _absorbed(diagram: Diagram) -> set[int]:
    """Numbers of the strands, in order of birth, that are parameters or residuals and run through swaps into a box."""
    names = list(range(len(diagram.dom)))
    wires, born, absorbed = list(diagram.dom.inside), len(names), set()
    for box, at in _steps(diagram):
        if isinstance(box, markov.Swap):
            names[at : at + 2] = names[at + 1], names[at]
            continue
        n, m = len(box.dom), len(box.cod)
        if not isinstance(box, markov.Copy | markov.Merge):
            absorbed |= {i for i in names[at : at + n] if getattr(wires[i], "role", "data") != "data"}
        names[at : at + n] = range(born, born + m)
        wires += [_local(w) for w in box.cod.inside]
        born += m
    return absorbed


def _local(wire: Any) -> Any:
    """A wire that comes out of a box is data, unless it is a residual: only the border has parameters."""
    return wire if getattr(wire, "role", "data") == "residual" else None
