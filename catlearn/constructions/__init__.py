"""New categories from old, and the functors between categories.

    a way back        lens, optic, reverse, context, transposition
    parameters        para, initialise, module, batch
    formal arrows     free, formula, graph, hypergraph, interpretation, notation, exchange, encoding
    circuits          circuit, truth, packed
    derivatives       gad, gad_stage, dual, stepwise, cont, begin, representation, probe, indexed, incremental, jacobian, bracketing
    learners          learner, learner_stage, transport
    bridges           inclusion
"""

from .batch import Batch as Batch
from .batch import Repeat as Repeat
from .begin import Begin as Begin
from .begin import BeginMap as BeginMap
from .circuit import Bits as Bits
from .circuit import Circuits as Circuits
from .circuit import Polynomials as Polynomials
from .circuit import circuit as circuit
from .context import InContext as InContext
from .context import LinearInContext as LinearInContext
from .context import Reindex as Reindex
from .context import way_back as way_back
from .exchange import from_json as from_json
from .exchange import to_json as to_json
from .cont import Cont as Cont
from .cont import ContMap as ContMap
from .dual import Dual as Dual
from .dual import DualMap as DualMap
from .free import FreeCartesian as FreeCartesian
from .free import FreeMarkov as FreeMarkov
from .free import FreeSymmetric as FreeSymmetric
from .free import Term as Term
from .free import Word as Word
from .gad import D as D
from .gad import Derive as Derive
from .gad import DMap as DMap
from .graph import Box as Box
from .graph import Graph as Graph
from .inclusion import Include as Include
from .interpretation import Interpretation as Interpretation
from .interpretation import interpret as interpret
from .interpretation import substitute as substitute
from .learner import Learn as Learn
from .learner import Learner as Learner
from .learner import learner as learner
from .incremental import Change as Change
from .incremental import Inc as Inc
from .indexed import Indexed as Indexed
from .indexed import indexed as indexed
from .jacobian import gradient as gradient
from .jacobian import jacobian as jacobian
from .lens import Lens as Lens
from .lens import LensMap as LensMap
from .lens import Pair as Pair
from .lens import lens as lens
from .module import ArrowModule as ArrowModule
from .module import as_module as as_module
from .module import from_module as from_module
from .module import with_parameters as with_parameters
from .optic import Optic as Optic
from .optic import OpticMap as OpticMap
from .packed import Packed as Packed
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
from .representation import Apply as Apply
from .representation import AsDual as AsDual
from .representation import Lift as Lift
from .representation import Tabulate as Tabulate
from .representation import ToBegin as ToBegin
from .representation import ToCont as ToCont
from .reverse import Reverse as Reverse
from .reverse import reverse_in as reverse_in
from .transport import AsLens as AsLens
from .transport import Equivalence as Equivalence
from .transport import equivalent as equivalent
from .transport import transport as transport
from .transposition import Transposition as Transposition
from .transposition import reverse_of as reverse_of
from .transposition import transposition_of as transposition_of
