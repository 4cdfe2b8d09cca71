"""New categories from old: lenses and optics, parameters, and the functors between them."""

from .batch import Batch as Batch
from .inclusion import Include as Include
from .lens import Lens as Lens
from .lens import LensMap as LensMap
from .lens import Pair as Pair
from .lens import lens as lens
from .optic import Optic as Optic
from .optic import OpticMap as OpticMap
from .para import Para as Para
from .para import ParaCategory as ParaCategory
from .para import ParaFunctor as ParaFunctor
from .para import ParaMap as ParaMap
from .para import TwoCell as TwoCell
from .para import cell as cell
from .para import flip as flip
from .para import freeze as freeze
from .para import horizontal as horizontal
from .para import named as named
from .para import para as para
from .para import reparametrise as reparametrise
from .para import tie as tie
from .para import unstack as unstack
from .para import vertical as vertical
from .reverse import Reverse as Reverse
from .reverse import reverse_in as reverse_in
