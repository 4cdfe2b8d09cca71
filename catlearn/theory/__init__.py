"""What a category is: arrows, categories level by level, functors, and the named errors. No numerics."""

from .arrow import Arrow as Arrow
from .arrow import Data as Data
from .category import Cartesian as Cartesian
from .category import CartesianDifferential as CartesianDifferential
from .category import CartesianLeftAdditive as CartesianLeftAdditive
from .category import CartesianReverseDifferential as CartesianReverseDifferential
from .category import Category as Category
from .category import Concrete as Concrete
from .category import Dagger as Dagger
from .category import DaggerBiproduct as DaggerBiproduct
from .category import Iterative as Iterative
from .category import Markov as Markov
from .category import Monoidal as Monoidal
from .category import Symmetric as Symmetric
from .errors import CatlearnError as CatlearnError
from .errors import door as door
from .functor import Functor as Functor
from .functor import Identity as Identity
from .functor import NaturalTransformation as NaturalTransformation
