"""Pictures of whatever has one: arrows, 2-cells, equations, laws, diagrams.

Definition:
    The picture of an equation is its sides in a row with a sign between them; that of a 2-cell ``f ⇒ f'`` is `f` and the
    reparametrised `f'`, in which the arrow between the parameters is a box.
"""

import dataclasses
import functools
import pathlib
import tempfile
import webbrowser
from typing import Any

from ..constructions import TwoCell
from ..theory import door
from .compose import in_a_column, in_a_row, picture_of
from .diagrams import to_discopy
from .ink import Picture
from .laws import sides_of
from .notebook import display


@dataclasses.dataclass(frozen=True)
class Equation:
    """Things to be drawn in a row, with a sign between neighbours."""

    sides: tuple[Any, ...]
    symbol: str = "="

    def _repr_svg_(self) -> str:
        return svg(self)


def equation(*sides: Any, symbol: str = "=") -> Equation:
    """The equation between arrows that ought to be equal.

    Example:
        >>> from catlearn import R, Smooth
        >>> X = R(2)
        >>> unit_law = equation(Smooth.copy(X) >> (X @ Smooth.discard(X)), Smooth.id(X))
        >>> ">=</text>" in svg(unit_law)
        True
    """
    return Equation(sides, symbol)


@door
def picture(x: Any) -> Picture:
    """The picture of an arrow, a 2-cell, an equation, a law or a DisCoPy diagram.

    Raises:
        NotDrawable: it is none of these.
    """
    return _picture(x)


@functools.singledispatch
def _picture(x: Any) -> Picture:
    if hasattr(x, "equation") and hasattr(x, "pairs"):
        rows = [equation(*sides) for sides in sides_of(x)]
        return in_a_column([_picture(row) for row in rows])
    return picture_of(to_discopy(x))


@_picture.register
def _(x: Picture) -> Picture:
    return x


@_picture.register
def _(x: Equation) -> Picture:
    sides = [_picture(side) for side in x.sides]
    return in_a_row(sides, [x.symbol] * (len(sides) - 1))


@_picture.register
def _(x: TwoCell) -> Picture:
    return _picture(Equation((x.source, x.target), "⇒"))


def _written(content: str | bytes, path: Any) -> None:
    if path is not None:
        data = content.encode() if isinstance(content, str) else content
        pathlib.Path(path).write_bytes(data)


@door
def svg(x: Any, path: Any = None) -> str:
    """The picture as the text of an SVG file, also written to `path` if one is given.

    Raises:
        NotDrawable: `x` has no picture.

    Example:
        >>> from catlearn import R, Smooth
        >>> text = svg(Smooth.swap(R(2), R()))
        >>> text.startswith("<svg"), ">R(2)</text>" in text
        (True, True)
    """
    text = picture(x).svg()
    _written(text, path)
    return text


@door
def png(x: Any, path: Any = None, *, scale: float = 2.0) -> bytes:
    """The picture as the bytes of a PNG file with `scale` dots a pixel, also written to `path` if one is given.

    Raises:
        NotDrawable: `x` has no picture.
    """
    data = picture(x).png(scale=scale)
    _written(data, path)
    return data


@door
def tikz(x: Any, path: Any = None) -> str:
    """The picture as a ``tikzpicture``, also written to `path` if one is given.

    Raises:
        NotDrawable: `x` has no picture.
    """
    text = picture(x).tikz()
    _written(text, path)
    return text


@door
def show(x: Any) -> None:
    """Show the picture: in the notebook, or else in the browser.

    Raises:
        NotDrawable: `x` has no picture.
    """
    shown = picture(x)
    if not display(shown):
        with tempfile.NamedTemporaryFile("w", suffix=".svg", delete=False) as file:
            file.write(shown.svg())
        webbrowser.open(pathlib.Path(file.name).as_uri())
