"""What a category is: arrows, categories level by level, functors, and the named errors. No numerics."""

from .arrow import Arrow as Arrow
from .arrow import Data as Data
from .biproduct import Biproduct as Biproduct
from .category import Cartesian as Cartesian
from .differential import CartesianDifferential as CartesianDifferential
from .differential import CartesianLeftAdditive as CartesianLeftAdditive
from .differential import CartesianReverseDifferential as CartesianReverseDifferential
from .category import Category as Category
from .category import Concrete as Concrete
from .markov import Conditionals as Conditionals
from .category import CopyDiscard as CopyDiscard
from .differential import ConcreteReverseDifferential as ConcreteReverseDifferential
from .biproduct import Dagger as Dagger
from .biproduct import DaggerBiproduct as DaggerBiproduct
from .markov import Hypergraph as Hypergraph
from .category import Iterative as Iterative
from .biproduct import LinearArrows as LinearArrows
from .category import Markov as Markov
from .category import Monoidal as Monoidal
from .markov import Support as Support
from .category import Symmetric as Symmetric
from .errors import CatlearnError as CatlearnError
from .errors import door as door
from .functor import Functor as Functor
from .functor import Identity as Identity
from .functor import NaturalTransformation as NaturalTransformation
