"""Concrete categories, one file each, independent of one another."""

from .linear import Linear as Linear
from .linear import LinearCategory as LinearCategory
from .linear import LinearMap as LinearMap
from .linear import linear as linear
from .smooth import ReverseComparison as ReverseComparison
from .smooth import Smooth as Smooth
from .smooth import SmoothCategory as SmoothCategory
from .smooth import SmoothMap as SmoothMap
from .smooth import compare_reverse as compare_reverse
from .smooth import smooth as smooth
