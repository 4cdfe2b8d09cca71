"""catlearn: composition that learns and composition that infers, on JAX.

You write a model once, as a composite of arrows of a category; the library checks its types, runs it,
differentiates it, trains it, draws it and tests its laws.

*Objects* are strict tuples of wires, and know their values:

    >>> from catlearn import Fin, R
    >>> X = R(3) @ Fin(10)
    >>> print(X.check([0.0, 0.5, 1.0], 7)[0])
    [0.  0.5 1. ]

*Arrows* know their ends and their category. ``>>`` composes, ``@`` puts side by side:

    >>> from catlearn import Smooth, smooth
    >>> square = smooth(lambda x: x * x, R())
    >>> norm = (square @ square) >> smooth(lambda a, b: a + b, R() @ R())
    >>> print(norm, norm(3.0, 4.0))
    SmoothMap : R() @ R() -> R() 25.0

*Functors* give one composite many uses. `Reverse` makes it a lens, whose way back is the derivative:

    >>> from catlearn import Reverse
    >>> print(*Reverse(norm).put(3.0, 4.0, 1.0))
    6.0 8.0

*Parameters* are composed too, and labelled; training is one compiled loop:

    >>> import jax, jax.numpy as jnp
    >>> from catlearn import learn
    >>> model = learn.dense(2, 8) >> learn.tanh(8) >> learn.dense(8, 1)
    >>> model.labels
    ('dense.weight', 'dense.bias', 'dense.weight_2', 'dense.bias_2')
    >>> x = jax.random.normal(jax.random.key(0), (64, 2))
    >>> data = (x, x[:, :1] * x[:, 1:])
    >>> run = learn.fit(model, learn.quadratic(1), learn.adam(0.02), data, epochs=200, key=jax.random.key(1))
    >>> bool(run.history.loss[-1] < 0.1 * run.history.loss[0])
    True

*Laws* are values, and are checked on your arrows or on your own category (`catlearn.laws`, extra ``laws``);
*diagrams* are drawn from the same arrows (`catlearn.draw`, extra ``draw``).
"""

import importlib
from typing import TYPE_CHECKING, Any

# Objects
from .objects import Dim as Dim
from .objects import Fin as Fin
from .objects import Key as Key
from .objects import Ob as Ob
from .objects import R as R
from .objects import space_of as space_of
from .objects import unit as unit

# Categories, and the constructors of their arrows
from .categories import AddFn as AddFn
from .categories import ExtGauss as ExtGauss
from .categories import FinRel as FinRel
from .categories import FinStoch as FinStoch
from .categories import Gauss as Gauss
from .categories import Linear as Linear
from .categories import Mat as Mat
from .categories import Poly as Poly
from .categories import Sampled as Sampled
from .categories import Rel as Rel
from .categories import Smooth as Smooth
from .categories import compare_reverse as compare_reverse
from .categories import kernel as kernel
from .categories import extended as extended
from .categories import gaussian as gaussian
from .categories import linear as linear
from .categories import matrix as matrix
from .categories import poly as poly
from .categories import sampler as sampler
from .categories import distributed as distributed
from .categories import smooth as smooth

# Constructions: new categories from old, and the functors between them
from .constructions import Batch as Batch
from .constructions import Learn as Learn
from .constructions import Learner as Learner
from .constructions import Bayes as Bayes
from .constructions import Begin as Begin
from .constructions import CoKl as CoKl
from .constructions import Cond as Cond
from .constructions import Cont as Cont
from .constructions import D as D
from .constructions import Dual as Dual
from .constructions import Lens as Lens
from .constructions import Mealy as Mealy
from .constructions import Optic as Optic
from .constructions import Para as Para
from .constructions import Reverse as Reverse
from .constructions import approximate as approximate
from .constructions import exact as exact
from .constructions import family as family
from .constructions import learner as learner
from .constructions import gradient as gradient
from .constructions import jacobian as jacobian
from .constructions import lens as lens
from .constructions import mealy as mealy
from .constructions import para as para

# Parameters
from .constructions import freeze as freeze
from .constructions import named as named
from .constructions import reparametrise as reparametrise
from .constructions import tie as tie
from .constructions import unstack as unstack

# The front end: ordinary functions as formal arrows, and their meanings
from .front import condition as condition
from .front import flat as flat
from .front import interpret as interpret
from .front import normal as normal
from .front import program as program
from .front import trace as trace

# Rooms
from . import front as front
from . import infer as infer
from . import learn as learn

# Errors
from .theory import CatlearnError as CatlearnError
from .theory.errors import MissingExtra as MissingExtra

if TYPE_CHECKING:
    from types import ModuleType

    draw: ModuleType
    laws: ModuleType

_EXTRAS = {"draw": "draw", "laws": "laws"}


def __getattr__(name: str) -> Any:
    """The rooms that need an extra are opened when they are asked for."""
    if name not in _EXTRAS:
        raise AttributeError(f"module 'catlearn' has no attribute {name!r}")
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(__name__):
            raise
        raise MissingExtra(f"{__name__}.{name}", _EXTRAS[name]) from None
