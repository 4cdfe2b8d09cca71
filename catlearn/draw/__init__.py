"""String diagrams of arrows, lenses, parametric arrows, 2-cells and laws.

Definition:
    A string diagram is an arrow of a free category: boxes for generators, wires for identities and structure maps. DisCoPy
    holds the diagrams (`to_discopy`, `from_discopy`); a picture of one is drawn from left to right.

Parameters enter from above. In a lens the way back runs below, from right to left, and a dashed line is what it remembers of the way
forward. In a notebook arrows are shown as their diagrams once `catlearn.draw` is imported.
"""

from ..theory.errors import MissingExtra

try:
    import discopy as _discopy
    import matplotlib as _matplotlib
except ModuleNotFoundError as error:
    raise MissingExtra("catlearn.draw", "draw") from error

from .diagrams import from_discopy as from_discopy
from .diagrams import to_discopy as to_discopy
from .ink import Picture as Picture
from .notebook import register as register
from .pictures import Equation as Equation
from .pictures import equation as equation
from .pictures import picture as picture
from .pictures import png as png
from .pictures import show as show
from .pictures import svg as svg
from .pictures import tikz as tikz
from .plots import Plot as Plot
from .plots import plot as plot
from .series import series as series

del _discopy, _matplotlib

register()
