"""catlearn: composition that learns and composition that infers, on JAX."""

from .categories import Smooth as Smooth
from .categories import compare_reverse as compare_reverse
from .categories import smooth as smooth
from .constructions import Batch as Batch
from .constructions import Lens as Lens
from .constructions import Para as Para
from .constructions import Reverse as Reverse
from .constructions import freeze as freeze
from .constructions import lens as lens
from .constructions import named as named
from .constructions import para as para
from .constructions import reparametrise as reparametrise
from .constructions import tie as tie
from .objects import Fin as Fin
from .objects import Key as Key
from .objects import R as R
from .objects import space_of as space_of
from .objects import unit as unit
from .theory import CatlearnError as CatlearnError
