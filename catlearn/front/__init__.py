"""The front end: ordinary functions as formal arrows, which are then read in any category.

`trace` makes a formal arrow of a function, and `interpret` gives it a meaning: its values, enclosures of them, its cost, its
derivative, or a picture. This is the one room that looks inside the programs of JAX.
"""

from .counting import Counting as Counting
from .counting import Work as Work
from .counting import cost as cost
from .interval import Enclose as Enclose
from .interval import IntervalMap as IntervalMap
from .interval import Intervals as Intervals
from .meaning import interpret as interpret
from .meaning import register as register
from .meaning import supported as supported
from .rounding import Interval as Interval
from .gaussian_denotation import denote as denote
from .gaussian_language import GaussTerm as GaussTerm
from .gaussian_language import typecheck as typecheck
from .posterior import Posterior as Posterior
from .program import Program as Program
from .program import condition as condition
from .program import flat as flat
from .program import normal as normal
from .program import program as program
from .random_variable import RandomVariable as RandomVariable
from .random_variable import stack as stack
from . import gaussian_language as gaussian_language
from . import gaussian_machine as gaussian_machine
from .trace import Programs as Programs
from .trace import trace as trace
from . import costs as costs
from . import enclose_arrays as enclose_arrays
from . import enclose_control as enclose_control
from . import enclose_functions as enclose_functions
from . import enclose_numbers as enclose_numbers
