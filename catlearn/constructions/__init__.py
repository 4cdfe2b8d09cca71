"""New categories from old, and the functors between categories.

The plan of the room::

    a way back        lens, optic, reverse, context, transposition
    inference         stat, inverter, bayes, exactness, dependent, copara, family
    parameters        para, initialise, module, batch
    formal arrows     free, formula, graph, hypergraph, interpretation, notation, exchange, encoding
    circuits          circuit, truth, packed
    derivatives       gad, gad_stage, dual, stepwise, cont, begin, representation, probe, indexed, incremental, jacobian, bracketing
    learners          learner, learner_stage, transport
    conditioning      cond, conditioning, conditioning_finite, conditioning_gauss, conditioning_extended, normal_form
    machines          mealy
    draws             cokl, affine, sampling
    bridges           inclusion, renumber, gaussian_functors
"""

from .batch import Batch as Batch
from .batch import Repeat as Repeat
from .bayes import Bayes as Bayes
from .bayes import BayesLens as BayesLens
from .bayes import approximate as approximate
from .bayes import exact as exact
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
from .copara import OpenChannel as OpenChannel
from .copara import open_channel as open_channel
from .dependent import DependentBayes as DependentBayes
from .exactness import is_exact as is_exact
from .exactness import lens_as_equal as lens_as_equal
from .exchange import from_json as from_json
from .exchange import to_json as to_json
from .affine import ToGauss as ToGauss
from .cokl import CoKl as CoKl
from .cokl import CoKlMap as CoKlMap
from .cokl import CopyDraws as CopyDraws
from .cokl import KeepDraw as KeepDraw
from .cokl import Push as Push
from .cokl import Realise as Realise
from .cokl import draws_of as draws_of
from .cokl import fresh as fresh
from .cond import Cond as Cond
from .cond import Conditioned as Conditioned
from .cond import Obs as Obs
from .cond import Programs as Programs
from .conditioning import Conditioning as Conditioning
from .conditioning import Outcome as Outcome
from .conditioning import conditioning_of as conditioning_of
from .conditioning_finite import normalise as normalise
from .conditioning_finite import weights as weights
from .normal_form import NormalForm as NormalForm
from .normal_form import normal_form as normal_form
from .normal_form import same_form as same_form
from . import conditioning_extended as conditioning_extended
from . import conditioning_gauss as conditioning_gauss
from .cont import Cont as Cont
from .cont import ContMap as ContMap
from .dual import Dual as Dual
from .dual import DualMap as DualMap
from .family import Families as Families
from .family import family as family
from .free import FreeCartesian as FreeCartesian
from .free import FreeMarkov as FreeMarkov
from .free import FreeSymmetric as FreeSymmetric
from .free import Term as Term
from .free import Word as Word
from .gad import D as D
from .gad import Derive as Derive
from .gad import DMap as DMap
from .gaussian_functors import Extend as Extend
from .gaussian_functors import Mean as Mean
from .gaussian_functors import Supp as Supp
from .gaussian_functors import SuppExtended as SuppExtended
from .graph import Box as Box
from .graph import Graph as Graph
from .inclusion import Include as Include
from .interpretation import Interpretation as Interpretation
from .interpretation import interpret as interpret
from .interpretation import substitute as substitute
from .learner import Learn as Learn
from .learner import Learner as Learner
from .learner import learner as learner
from .inverter import prior_filler as prior_filler
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
from .mealy import Machines as Machines
from .mealy import Mealy as Mealy
from .mealy import MealyMap as MealyMap
from .mealy import mealy as mealy
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
from .renumber import Renumber as Renumber
from .renumber import exponential as exponential
from .renumber import logarithm as logarithm
from .renumber import support as support
from .representation import Apply as Apply
from .representation import AsDual as AsDual
from .representation import Lift as Lift
from .representation import Tabulate as Tabulate
from .representation import ToBegin as ToBegin
from .representation import ToCont as ToCont
from .reverse import Reverse as Reverse
from .reverse import reverse_in as reverse_in
from .stat import Stat as Stat
from .stat import StateIndexed as StateIndexed
from .sampling import ToSampled as ToSampled
from .transport import AsLens as AsLens
from .transport import Equivalence as Equivalence
from .transport import equivalent as equivalent
from .transport import transport as transport
from .transposition import Transposition as Transposition
from .transposition import reverse_of as reverse_of
from .transposition import transposition_of as transposition_of
