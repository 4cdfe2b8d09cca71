"""Learning as composition: losses, rates, optimisers, layers, and the loop that fits a model."""

from .loss import cross_entropy as cross_entropy
from .loss import dot as dot
from .loss import huber as huber
from .loss import quadratic as quadratic
from .loss import soft_cross_entropy as soft_cross_entropy
from .optimise import Optimiser as Optimiser
from .optimise import adagrad as adagrad
from .optimise import adam as adam
from .optimise import adamw as adamw
from .optimise import from_optax as from_optax
from .optimise import gradient_update as gradient_update
from .optimise import momentum as momentum
from .optimise import nesterov as nesterov
from .optimise import rmsprop as rmsprop
from .optimise import sgd as sgd
from .optimise import to_optax as to_optax
from .rate import rate as rate
from .step import Learner as Learner
from .step import supervised_step as supervised_step
