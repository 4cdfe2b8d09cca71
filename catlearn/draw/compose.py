"""Composing a picture: the marks of a placed scene, and several pictures in a row.

Definition:
    Columns are as wide as their widest box, gaps as wide as the longest type written in them. The type of a strand is
    written where it leaves a box or enters the picture; structure maps keep types, so theirs are not repeated.
"""

from typing import Any

from .diagrams import Diagram
from .ink import STYLE, Arrowhead, Circle, Line, Mark, Picture, Rectangle, Words, width_of
from .layout import place
from .scene import Node, Scene, Strand, scene_of

PAD = 10.0
LABEL = STYLE.half + 42.0
"""From the middle of a box to the far end of the labels of its parameters."""


def picture_of(diagram: Diagram) -> Picture:
    """The picture of a diagram."""
    scene = scene_of(diagram)
    columns = place(scene)
    return _Sheet(scene, columns).picture()


def in_a_row(pictures: list[Picture], symbols: list[str]) -> Picture:
    """Pictures side by side at one height, with a symbol between neighbours."""
    height = max(p.height for p in pictures)
    marks, x = [], 0.0
    for i, picture in enumerate(pictures):
        if i:
            half = width_of(symbols[i - 1], 20.0) / 2 + 6
            marks.append(Words(x + half, height / 2 + 7, symbols[i - 1], 20.0, anchor="middle"))
            x += 2 * half
        marks += picture.moved(x, (height - picture.height) / 2)
        x += picture.width
    return Picture(x, height, tuple(marks))


def in_a_column(pictures: list[Picture]) -> Picture:
    """Pictures one below the other."""
    width, marks, y = max(p.width for p in pictures), [], 0.0
    for picture in pictures:
        marks += picture.moved((width - picture.width) / 2, y)
        y += picture.height
    return Picture(width, y, tuple(marks))


class _Sheet:
    """Coordinates in pixels for one scene."""

    def __init__(self, scene: Scene, columns: int):
        self.scene, self.columns = scene, columns
        self.both_ways = any(getattr(s.wire, "back", False) for s in scene.strands)
        widths = [max([12.0, *(self.width(n) for n in scene.nodes if n.column == c)]) for c in range(columns)]
        gaps = [self.gap(c) for c in range(-1, columns)]
        self.left, x = [], PAD + gaps[0]
        for width, gap in zip(widths, gaps[1:], strict=True):
            self.left.append(x)
            x += width + gap
        self.widths = widths
        self.total = x + PAD
        self.top = PAD + STYLE.half
        self.bottom = PAD + STYLE.half

    def gap(self, c: int) -> float:
        """The width of the gap after column `c`: room for the types of the strands that start there."""
        starting = [s for s in self.scene.strands if (s.source.column if s.source else -1) == c and not s.hidden]
        words = [width_of(s.wire_text, STYLE.type_size) for s in map(_Label, starting) if s.shown]
        ending = [s for s in self.scene.strands if s.target is None and not s.hidden] if c == self.columns - 1 else []
        words += [width_of(s.wire_text, STYLE.type_size) for s in map(_Label, ending)]
        return max([14.0, *words]) + (18.0 if self.both_ways else 12.0)

    def width(self, node: Node) -> float:
        """The width of a node."""
        if node.kind == "box":
            name = width_of(node.name, STYLE.name_size) + 18
            return max(30.0, name, self.room(node.above), self.room(node.below))
        if node.kind == "cross":
            return 18.0 + 14.0 * min(4, len(node.order))
        return 14.0 if len(node.ports) == 1 else 34.0

    def room(self, wires: list[Any]) -> float:
        """The width of the labels of parameters."""
        return sum(map(self.label_width, wires)) + 10.0 * max(0, len(wires) - 1)

    def label_width(self, wire: Any) -> float:
        """The width of the label of a parameter."""
        return max(width_of(wire.label, STYLE.type_size), width_of(wire.text, STYLE.type_size - 1))

    def y(self, strand: Strand) -> float:
        """The height of a strand."""
        return self.top + STYLE.row * (strand.y - self.first)

    def picture(self) -> Picture:
        """The picture of the scene."""
        strands = self.scene.strands
        self.first = min((s.y for s in strands), default=0.0)
        lowest = max((s.y for s in strands), default=0.0)
        for node in self.scene.nodes:
            if node.above:
                self.top = max(self.top, PAD + LABEL - STYLE.row * (min(p.y for p in node.ports) - self.first))
            if node.below:
                self.bottom = max(self.bottom, PAD + LABEL - STYLE.row * (lowest - max(p.y for p in node.ports)))
        height = self.top + STYLE.row * (lowest - self.first) + self.bottom
        marks: list[Mark] = []
        for front, back in self.scene.links:
            marks += self.link(front, back)
        for strand in strands:
            if not strand.hidden:
                marks += self.strand(strand)
        for node in self.scene.nodes:
            marks += {"box": self.box, "dot": self.dot, "cross": self.cross}[node.kind](node)
        return Picture(round(self.total, 2), round(height, 2), tuple(marks))

    def span(self, node: Node) -> tuple[float, float]:
        """Left and right end of a node: a box is as wide as it needs, other nodes fill their column."""
        left, width = self.left[node.column], self.widths[node.column]
        if node.kind == "box":
            own = self.width(node)
            return left + (width - own) / 2, left + (width + own) / 2
        return left, left + width

    def strand(self, strand: Strand) -> list[Mark]:
        """A straight line, its type, and in a lens its direction."""
        y, color = self.y(strand), _color(strand)
        x0 = PAD if strand.source is None else self.span(strand.source)[1]
        x1 = self.total - PAD if strand.target is None else self.span(strand.target)[0]
        marks: list[Mark] = [Line(((x0, y), (x1, y)), color)]
        back = getattr(strand.wire, "back", False)
        if self.both_ways and back and (strand.source is None or strand.source.kind == "box"):
            marks.append(Arrowhead(x0, y, -1.0, 0.0, color))
        if self.both_ways and not back and (strand.target is None or strand.target.kind == "box"):
            marks.append(Arrowhead(x1, y, 1.0, 0.0, color))
        label = _Label(strand)
        start = (
            PAD if strand.source is None else self.left[strand.source.column] + self.widths[strand.source.column]
        ) + 4
        text_color = color if color != STYLE.ink else STYLE.type
        if label.shown:
            marks.append(Words(start, y - 4, label.wire_text, STYLE.type_size, text_color))
        elif strand.target is None:
            end = x1 - 8 if self.both_ways and not back else x1
            marks.append(Words(end, y - 4, label.wire_text, STYLE.type_size, text_color, "end"))
        return marks

    def box(self, node: Node) -> list[Mark]:
        """A rectangle over all its ports, its name, and its parameters above (going back: below)."""
        x0, x1 = self.span(node)
        ys = [self.y(p) for p in node.ports]
        top, bottom = min(ys) - STYLE.half, max(ys) + STYLE.half
        fill, edge = (STYLE.back_box, STYLE.back) if node.back else (STYLE.box, STYLE.edge)
        marks: list[Mark] = [
            Rectangle(x0, top, x1 - x0, bottom - top, fill, edge),
            Words((x0 + x1) / 2, (top + bottom) / 2 + 4.5, node.name, STYLE.name_size, anchor="middle"),
        ]
        for x, wire in self.spread(node.above, x0, x1):
            end = top - 14
            marks += [Line(((x, end), (x, top)), STYLE.parameter), Arrowhead(x, top, 0.0, 1.0, STYLE.parameter)]
            marks.append(Words(x, end - 15, wire.label, STYLE.type_size, STYLE.parameter, "middle"))
            marks.append(Words(x, end - 4, wire.text, STYLE.type_size - 1, STYLE.type, "middle"))
        for x, wire in self.spread(node.below, x0, x1):
            end = bottom + 14
            marks += [Line(((x, bottom), (x, end)), STYLE.parameter), Arrowhead(x, end, 0.0, 1.0, STYLE.parameter)]
            marks.append(Words(x, end + 11, wire.label, STYLE.type_size, STYLE.parameter, "middle"))
            marks.append(Words(x, end + 22, wire.text, STYLE.type_size - 1, STYLE.type, "middle"))
        return marks

    def spread(self, wires: list, x0: float, x1: float) -> list[Any]:
        """Places for the parameters of a box along its edge."""
        spare = (x1 - x0 - self.room(wires)) / (2 * max(1, len(wires)))
        places, x = [], x0
        for wire in wires:
            half = self.label_width(wire) / 2 + spare
            places.append((x + half, wire))
            x += 2 * half + 10.0
        return places

    def dot(self, node: Node) -> list[Mark]:
        """A dot with a curve to each strand; `+` where values are added, `0` where they are zero."""
        x0, x1 = self.span(node)
        trunk = node.ins if len(node.ins) == 1 else node.outs if len(node.outs) == 1 else node.ports
        x, y = (x0 + x1) / 2, sum(map(self.y, trunk)) / len(trunk)
        if len(node.ports) == 1:
            x = x0 + 5 if node.ins else x1 - 5
        marks: list[Mark] = []
        for strand, edge in [*((s, x0) for s in node.ins), *((s, x1) for s in node.outs)]:
            end, color = self.y(strand), _color(strand)
            marks.append(Line(((x, y), (x, (y + 3 * end) / 4), ((x + edge) / 2, end), (edge, end)), color))
        color = _color(node.ports[0])
        if node.name:
            marks += [Circle(x, y, 6.0, STYLE.paper, color), Words(x, y + 3.6, node.name, 10.0, color, "middle")]
        else:
            marks.append(Circle(x, y, 3.0, color, color))
        return marks

    def cross(self, node: Node) -> list[Mark]:
        """Curves from where strands come in to where they go out."""
        x0, x1 = self.span(node)
        middle = (x0 + x1) / 2
        marks: list[Mark] = []
        for i, out in zip(node.order, node.outs, strict=True):
            y, z = self.y(node.ins[i]), self.y(out)
            color = _color(node.ins[i])
            marks.append(Line(((x0, y), (middle, y), (middle, z), (x1, z)), color))
        return marks

    def link(self, front: Node, back: Node) -> list[Mark]:
        """The residual: a dashed line from a box forward down to its box back."""
        x, z = sum(self.span(front)) / 2, sum(self.span(back)) / 2
        start = max(self.y(p) for p in front.ports) + STYLE.half
        end = min(self.y(p) for p in back.ports) - STYLE.half
        half = (start + end) / 2
        return [
            Line(((x, start), (x, half), (z, half), (z, end)), STYLE.residual, dashed=True),
            Arrowhead(z, end, 0.0, 1.0, STYLE.residual),
        ]


class _Label:
    """The type of a strand as words, and whether it is written at its start."""

    def __init__(self, strand: Strand):
        wire = strand.wire
        label = getattr(wire, "label", "")
        text = getattr(wire, "text", str(wire))
        self.wire_text = f"{label} : {text}" if label and strand.source is None else text
        self.shown = strand.source is None or strand.source.kind == "box"


def _color(strand: Strand) -> str:
    role, back = getattr(strand.wire, "role", "data"), getattr(strand.wire, "back", False)
    if role == "parameter":
        return STYLE.parameter
    return STYLE.residual if role == "residual" else STYLE.back if back else STYLE.ink
