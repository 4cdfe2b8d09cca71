"""Concrete categories, one file each, independent of one another."""

from .additive import AddFn as AddFn
from .additive import AdditiveMap as AdditiveMap
from .blocks import BlockMap as BlockMap
from .blocks import LMat as LMat
from .linear import Linear as Linear
from .linear import LinearCategory as LinearCategory
from .linear import LinearMap as LinearMap
from .linear import linear as linear
from .mat import FinRel as FinRel
from .mat import Mat as Mat
from .mat import Matrix as Matrix
from .mat import matrix as matrix
from .poly import Poly as Poly
from .poly import PolyMap as PolyMap
from .poly import poly as poly
from .polynomial import Polynomial as Polynomial
from .smooth import ReverseComparison as ReverseComparison
from .smooth import Smooth as Smooth
from .smooth import SmoothCategory as SmoothCategory
from .smooth import SmoothMap as SmoothMap
from .smooth import compare_reverse as compare_reverse
from .smooth import smooth as smooth
