"""Ink: a placed scene as lines, boxes and letters, and those as SVG, PNG or TikZ.

Definition:
    A *picture* is a size and a list of marks (lines, rectangles, circles, words) in pixels. A picture is drawn from
    left to right and measured in the font that it names, so the same arrow gives the same bytes.
"""

import dataclasses
import html
import io
from typing import Any

from matplotlib import font_manager, textpath

FONT = "DejaVu Sans"
FALLBACK = f"'{FONT}', Verdana, Geneva, sans-serif"
Point = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Style:
    """The colours and sizes of pictures, in pixels."""

    ink: str = "#1f2933"
    box: str = "#eef2fb"
    edge: str = "#3b5b92"
    type: str = "#6b7785"
    parameter: str = "#b45309"
    back: str = "#b3264a"
    back_box: str = "#fbeef1"
    residual: str = "#8a94a0"
    paper: str = "#ffffff"
    row: float = 40.0
    name_size: float = 13.0
    type_size: float = 10.5
    half: float = 14.0


STYLE = Style()


@dataclasses.dataclass(frozen=True)
class Line:
    """A chain of cubic curves through points: the first, then three for each curve; or a straight line of two."""

    points: tuple[Point, ...]
    color: str = STYLE.ink
    width: float = 1.4
    dashed: bool = False


@dataclasses.dataclass(frozen=True)
class Rectangle:
    """A box with round corners."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str


@dataclasses.dataclass(frozen=True)
class Circle:
    """A dot."""

    x: float
    y: float
    radius: float
    fill: str
    edge: str


@dataclasses.dataclass(frozen=True)
class Arrowhead:
    """The tip of an arrow; `dx, dy` is a unit vector."""

    x: float
    y: float
    dx: float
    dy: float
    color: str

    def corners(self) -> tuple[Point, Point, Point]:
        """The tip and the two points behind it."""
        x, y, dx, dy, size = self.x, self.y, self.dx, self.dy, 6.5
        back = (x - size * dx, y - size * dy)
        return (x, y), (back[0] - 3 * dy, back[1] + 3 * dx), (back[0] + 3 * dy, back[1] - 3 * dx)


@dataclasses.dataclass(frozen=True)
class Words:
    """A word at a point on its base line; `anchor` is ``"start"``, ``"middle"`` or ``"end"``."""

    x: float
    y: float
    text: str
    size: float
    color: str = STYLE.ink
    anchor: str = "start"


Mark = Line | Rectangle | Circle | Arrowhead | Words


@dataclasses.dataclass(frozen=True)
class Picture:
    """Marks on a sheet of a given size, in pixels; shown by notebooks on its own."""

    width: float
    height: float
    marks: tuple[Mark, ...]

    def svg(self) -> str:
        """The picture as the text of an SVG file, with words as words."""
        w, h = _n(self.width), _n(self.height)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" font-family="{FALLBACK}">'
        paper = f'<rect width="{w}" height="{h}" fill="{STYLE.paper}"/>'
        return "\n".join([head, paper, *map(_svg, self.marks), "</svg>", ""])

    def tikz(self) -> str:
        """The picture as a ``tikzpicture``."""
        lines = [f"  {_tikz(mark)}" for mark in self.marks]
        head = r"\begin{tikzpicture}[x=0.75pt, y=-0.75pt, line width=1pt, font=\sffamily]"
        return "\n".join([head, *lines, r"\end{tikzpicture}", ""])

    def png(self, *, scale: float = 2.0) -> bytes:
        """The picture as the bytes of a PNG file, `scale` dots a pixel; needs no display."""
        figure = self.figure()
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=72 * scale, metadata={"Software": None})
        return out.getvalue()

    def figure(self) -> Any:
        """The picture as a matplotlib figure that no global state knows of."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(self.width / 72, self.height / 72), facecolor=STYLE.paper)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        for order, mark in enumerate(self.marks):
            _paint(axes, mark, order)
        return figure

    def _repr_svg_(self) -> str:
        return self.svg()

    def moved(self, dx: float, dy: float) -> tuple[Mark, ...]:
        """The marks, moved."""
        return tuple(_moved(mark, dx, dy) for mark in self.marks)


def width_of(text: str, size: float) -> float:
    """How wide a word is, in pixels."""
    font = font_manager.FontProperties(family=FONT, size=size)
    return float(textpath.text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def _moved(mark: Mark, dx: float, dy: float) -> Mark:
    if isinstance(mark, Line):
        return dataclasses.replace(mark, points=tuple((x + dx, y + dy) for x, y in mark.points))
    return dataclasses.replace(mark, x=mark.x + dx, y=mark.y + dy)


def _n(x: float) -> str:
    return f"{x:.2f}".rstrip("0").rstrip(".")


def _p(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _svg(mark: Mark) -> str:
    match mark:
        case Line(points=points, color=color, width=width, dashed=dashed):
            first, *rest = map(_p, points)
            d = f"M {first} " + (f"L {rest[0]}" if len(rest) == 1 else f"C {', '.join(rest)}")
            dash = ' stroke-dasharray="4 3"' if dashed else ""
            return f'<path d="{d}" fill="none" stroke="{color}" stroke-width="{_n(width)}"{dash}/>'
        case Rectangle(x=x, y=y, width=w, height=h, fill=fill, edge=edge):
            return (
                f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" rx="4" '
                f'fill="{fill}" stroke="{edge}" stroke-width="1.3"/>'
            )
        case Circle(x=x, y=y, radius=r, fill=fill, edge=edge):
            return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}" fill="{fill}" stroke="{edge}" stroke-width="1.3"/>'
        case Arrowhead(color=color):
            return f'<polygon points="{", ".join(map(_p, mark.corners()))}" fill="{color}"/>'
        case Words(x=x, y=y, text=text, size=size, color=color, anchor=anchor):
            return (
                f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{color}" '
                f'text-anchor="{anchor}">{html.escape(text)}</text>'
            )


def _tikz(mark: Mark) -> str:
    def color(code: str) -> str:
        r, g, b = (int(code[i : i + 2], 16) for i in (1, 3, 5))
        return f"{{rgb,255:red,{r};green,{g};blue,{b}}}"

    def at(point: Point) -> str:
        return f"({_n(point[0])},{_n(point[1])})"

    match mark:
        case Line(points=points, dashed=dashed):
            style = f"draw={color(mark.color)}" + (", dashed" if dashed else "")
            if len(points) == 2:
                return rf"\path[{style}] {at(points[0])} -- {at(points[1])};"
            curves = [points[i : i + 3] for i in range(1, len(points), 3)]
            body = "".join(f" .. controls {at(a)} and {at(b)} .. {at(c)}" for a, b, c in curves)
            return rf"\path[{style}] {at(points[0])}{body};"
        case Rectangle(x=x, y=y, width=w, height=h):
            style = f"draw={color(mark.edge)}, fill={color(mark.fill)}, rounded corners=3pt"
            return rf"\path[{style}] {at((x, y))} rectangle {at((x + w, y + h))};"
        case Circle(x=x, y=y, radius=r):
            style = f"draw={color(mark.edge)}, fill={color(mark.fill)}"
            return rf"\path[{style}] {at((x, y))} circle [radius={_n(r)}];"
        case Arrowhead():
            a, b, c = map(at, mark.corners())
            return rf"\path[fill={color(mark.color)}] {a} -- {b} -- {c} -- cycle;"
        case Words(x=x, y=y, text=text, size=size, anchor=anchor):
            side = {"start": "base west", "middle": "base", "end": "base east"}[anchor]
            pt = _n(0.75 * size)
            style = rf"anchor={side}, inner sep=0pt, text={color(mark.color)}, font=\sffamily\fontsize{{{pt}}}{{{pt}}}\selectfont"
            return rf"\node[{style}] at {at((x, y))} {{{_tex(text)}}};"


_TEX = {"\\": r"\textbackslash{}", "↦": r"$\mapsto$", "λ": r"$\lambda$", "′": "$'$", "⇒": r"$\Rightarrow$"}
_TEX |= {c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "⊗": r"$\otimes$"}


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in text)


def _paint(axes: Any, mark: Mark, order: int) -> None:
    from matplotlib import patches
    from matplotlib.path import Path

    match mark:
        case Line(points=points, color=color, width=width, dashed=dashed):
            code = Path.LINETO if len(points) == 2 else Path.CURVE4
            path = Path(list(points), [Path.MOVETO, *[code] * (len(points) - 1)])
            dash = (0, (3, 2.2)) if dashed else "solid"
            line = patches.PathPatch(path, fill=False, edgecolor=color, linewidth=width, linestyle=dash, zorder=order)
            line.set_snap(False)
            axes.add_patch(line)
        case Rectangle(x=x, y=y, width=w, height=h, fill=fill, edge=edge):
            style = patches.BoxStyle("Round", pad=0, rounding_size=4)
            axes.add_patch(
                patches.FancyBboxPatch(
                    (x, y), w, h, boxstyle=style, facecolor=fill, edgecolor=edge, linewidth=1.3, zorder=order
                )
            )
        case Circle(x=x, y=y, radius=r, fill=fill, edge=edge):
            axes.add_patch(patches.Circle((x, y), r, facecolor=fill, edgecolor=edge, linewidth=1.3, zorder=order))
        case Arrowhead(color=color):
            axes.add_patch(patches.Polygon(mark.corners(), facecolor=color, edgecolor="none", zorder=order))
        case Words(x=x, y=y, text=text, size=size, color=color, anchor=anchor):
            side = {"start": "left", "middle": "center", "end": "right"}[anchor]
            font = font_manager.FontProperties(family=FONT, size=size)
            axes.text(
                x, y, text, color=color, ha=side, va="baseline", fontproperties=font, zorder=order, parse_math=False
            )
