r"""Layout: where the nodes and strands of a scene go.

Definition:
    Nodes stand in columns, as far left as their inputs allow. Each strand has one height for its whole length, so it is
    straight; the heights solve a linear program: strands that lie above one another keep their distance, and

    .. math:: \min \sum_{\text{boxes}} \text{size} + \sum_{\text{nodes}} |\text{middle of inputs} - \text{middle of outputs}|.

References:
    The same idea draws the diagrams of homotopy.io (Corbyn et al., 2024).
"""

import itertools

import numpy as np
import scipy.optimize
import scipy.sparse

from .scene import Node, Scene, Strand

HEAD = 1.05
"""Room for the parameters above a box, in rows."""
BETWEEN = 0.5
"""Additional room between the forward and the backward strands, in rows."""


def place(scene: Scene) -> int:
    """Set the columns of nodes and the heights of strands; returns the number of columns."""
    _columns(scene)
    if not _ordered(scene):
        for i, node in enumerate(scene.nodes):
            node.column = i
    _heights(scene)
    return _width(scene)


def _width(scene: Scene) -> int:
    return max((n.column for n in scene.nodes), default=-1) + 1


def _columns(scene: Scene) -> None:
    """Each node as far left as its inputs allow; linked boxes in one column, which no other box shares."""
    least = dict.fromkeys(scene.nodes, 0)
    while clash := _longest_paths(scene, least):
        least[clash] += 1
    linked = {node for link in scene.links for node in link}
    for node in scene.nodes:
        targets = [s.target.column for s in node.outs if s.target]
        if not node.ins and targets and node not in linked:
            node.column = min(targets) - 1
    first = min((n.column for n in scene.nodes), default=0)
    for node in scene.nodes:
        node.column -= first


def _longest_paths(scene: Scene, least: dict[Node, int]) -> Node | None:
    """Set the columns, none less than it must be; returns a box that stands in the way of a link, if there is one."""
    for node in scene.nodes:
        node.column = least[node]
    changed = True
    while changed:
        changed = False
        for node in scene.nodes:
            bounds = [s.source.column + 1 for s in node.ins if s.source]
            bounds += [pair[1 - i].column for pair in scene.links for i in (0, 1) if pair[i] is node]
            if node.column < max(bounds, default=0):
                node.column, changed = max(bounds), True
    for front, back in scene.links:
        for node in scene.nodes:
            if (
                node.column == front.column
                and node.kind == "box"
                and node not in (front, back)
                and _between(scene, front, node, back)
            ):
                least[front] = max(least[front], front.column)
                return max(front, node, key=scene.nodes.index)
    return None


def _between(scene: Scene, front: Node, node: Node, back: Node) -> bool:
    def over(a: Node, b: Node) -> bool:
        return any(scene.order(s, t) == 1 for s in a.ports for t in b.ports)

    return over(front, node) and over(node, back)


def _slices(scene: Scene) -> list[list[Strand]]:
    """The strands between any two neighbouring columns, and those that touch the nodes of each column."""
    width = _width(scene)
    span = [(s.source.column if s.source else -1, s.target.column if s.target else width, s) for s in scene.strands]
    return [[s for start, end, s in span if start <= c < end] for c in range(-1, width)]


def _ordered(scene: Scene) -> bool:
    """Whether of any two strands that meet in a slice one lies above the other."""
    return all(scene.order(a, b) for strands in _slices(scene) for i, a in enumerate(strands) for b in strands[:i])


def _constraints(scene: Scene) -> list[tuple[Strand, Strand]]:
    """Pairs of strands that have to keep their distance, the upper one first."""
    pairs: dict[tuple[Strand, Strand], None] = {}
    for strands in _slices(scene):
        strands = sorted(strands, key=lambda b: sum(scene.order(a, b) == 1 for a in strands))
        pairs.update(dict.fromkeys(itertools.pairwise(strands)))
    for i, node in enumerate(scene.nodes):
        for other in scene.nodes[:i]:
            if node.column == other.column:
                pairs.update(dict.fromkeys(_apart(scene, node, other)))
    return list(pairs)


def _apart(scene: Scene, node: Node, other: Node) -> list[tuple[Strand, Strand]]:
    """The ports of two nodes of one column: those that follow one another are as far apart as those that do not."""
    ports = [(a, b, scene.order(a, b)) for a in node.ports for b in other.ports]
    signs = {sign for _, _, sign in ports if sign}
    usual = signs.pop() if len(signs) == 1 else 0
    return [(a, b) if (sign or usual) == 1 else (b, a) for a, b, sign in ports if sign or usual]


class _Program:
    """A linear program, written one inequality at a time."""

    def __init__(self, n: int):
        self.cost: list[float] = [0.0] * n
        self.rows: list[tuple[dict[int, float], float]] = []

    def variable(self, cost: float) -> int:
        self.cost.append(cost)
        return len(self.cost) - 1

    def at_least(self, terms: dict[int, float], bound: float) -> None:
        self.rows.append(({i: -c for i, c in terms.items()}, -bound))

    def absolute(self, terms: dict[int, float], weight: float) -> None:
        """Pay for the absolute value of a sum."""
        e = self.variable(weight)
        self.at_least({e: 1.0, **terms}, 0.0)
        self.at_least({e: 1.0, **{i: -c for i, c in terms.items()}}, 0.0)

    def solve(self) -> np.ndarray:
        entries = [(r, i, c) for r, (terms, _) in enumerate(self.rows) for i, c in terms.items()]
        r, i, c = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = scipy.sparse.csr_matrix((c, (r, i)), shape=(len(self.rows), len(self.cost)))
        bounds = [b for _, b in self.rows]
        found = scipy.optimize.linprog(self.cost, A_ub=matrix, b_ub=bounds, bounds=(0, None), method="highs-ds")
        return found.x


def _heights(scene: Scene) -> None:
    strands = scene.strands
    number = {s: i for i, s in enumerate(strands)}
    if not strands:
        return
    program = _Program(len(strands))
    program.cost = [1e-3] * len(strands)
    for a, b in _constraints(scene):
        program.at_least({number[b]: 1.0, number[a]: -1.0}, _gap(a, b))
    for node in scene.nodes:
        _node(program, node, number)
    heights = program.solve()
    for strand, y in zip(strands, heights, strict=False):
        strand.y = round(float(y), 4)


def _gap(a: Strand, b: Strand) -> float:
    """How far `b` must lie below `a`."""
    gap = 1.0
    if not getattr(a.wire, "back", False) and getattr(b.wire, "back", False):
        gap += BETWEEN
    if any(n and n.above and b in (n.ins[:1] + n.outs[:1]) for n in (b.source, b.target)):
        gap += HEAD
    if any(n and n.below and a in (n.ins[-1:] + n.outs[-1:]) for n in (a.source, a.target)):
        gap += HEAD
    return gap


def _node(program: _Program, node: Node, number: dict[Strand, int]) -> None:
    ins, outs = [number[s] for s in node.ins], [number[s] for s in node.outs]
    if node.kind == "cross":
        for i, j in zip(ins, outs, strict=True):
            program.absolute({i: 1.0, j: -1.0}, 1.0)
        return
    if len(ins) + len(outs) > 1:
        first, last = program.variable(0.0), program.variable(0.0)
        program.cost[first], program.cost[last] = -1.0, 1.0
        for i in ins + outs:
            program.at_least({i: 1.0, first: -1.0}, 0.0)
            program.at_least({last: 1.0, i: -1.0}, 0.0)
    if ins and outs:
        middle = {i: 1.0 / len(ins) for i in ins}
        for j in outs:
            middle[j] = middle.get(j, 0.0) - 1.0 / len(outs)
        program.absolute(middle, 2.0)
