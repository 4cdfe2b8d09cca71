"""The laws, as values: check them, refute them, print them, and run them on a category of your own.

Definition:
    A *law* is a function of a draw that returns its two sides. `check` tests it on drawn arrows, `refute` finds arrows
    that break it, `suite` lists the laws that apply to a category with their declared statuses, `confirm` confirms one, and
    `report` all of them. `draws.of` makes draws for a category of your own.

Example:
    >>> from catlearn import laws
    >>> evidence = laws.check(laws.category.associativity, laws.draws.smooth, examples=3)
    >>> print(laws.refute(laws.additive.every_arrow_additive, laws.draws.smooth).drawn["X"])
    R()

The laws stand in one module a level: `category`, `monoidal`, `cartesian`, `conditionals`, `conditioning`, `independence`, `chain`, `gauss_chain`, `network`, `hypergraph`, `bayes`, `mealy`, `monte_carlo`, `additive`, `differential`, `reverse`, `biproduct`, `dagger`, `context`, `rig`,
`functor`, `homomorphism`, `iterative`, `lens`, `para`, `optimiser`, `step`, `learner`, `gradient`, `enclosure`.
"""

from . import draws as draws
from . import category as category
from . import monoidal as monoidal
from . import cartesian as cartesian
from . import conditionals as conditionals
from . import conditioning as conditioning
from . import independence as independence
from . import chain as chain
from . import gauss_chain as gauss_chain
from . import network as network
from . import hypergraph as hypergraph
from . import bayes as bayes
from . import mealy as mealy
from . import monte_carlo as monte_carlo
from . import additive as additive
from . import differential as differential
from . import reverse as reverse
from . import biproduct as biproduct
from . import dagger as dagger
from . import context as context
from . import rig as rig
from . import functor as functor
from . import homomorphism as homomorphism
from . import iterative as iterative
from . import lens as lens
from . import para as para
from . import optimiser as optimiser
from . import step as step
from . import learner as learner
from . import enclosure as enclosure
from . import gradient as gradient
from .draw import Draw as Draw
from .draw import Draws as Draws
from .draw import Reading as Reading
from .draw import View as View
from .law import Law as Law
from .law import law as law
from .trial import Evidence as Evidence
from .trial import Witness as Witness
from .trial import check as check
from .trial import refute as refute
from .status import Status as Status
from .suite import LAWS as LAWS
from .suite import Finding as Finding
from .suite import confirm as confirm
from .suite import of as of
from .suite import report as report
from .suite import suite as suite
from .suite import table as table
from ..theory import Markov as _Markov
from ..theory.errors import LawBroken as LawBroken
from ..theory.errors import LawNotApplicable as LawNotApplicable
from ..theory.errors import NoWitness as NoWitness

markov = of(_Markov)
"""The laws of a Markov category."""
