"""The draws that come with the library.

Definition:
    For each shipped category: its scenes, its arrows, and the status of each law that is not what its level says: laws of
    wires hold exactly in `Smooth`, laws with sums and derivatives up to rounding.

`of` makes draws for a category of your own.
"""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from hypothesis import strategies as st

from ..categories import Linear, Smooth
from ..categories.linear import Dense, LinearMap, MatrixFree
from ..constructions import Batch, Include, Para, Repeat, Reverse
from ..objects import Fin, Ob, R, unit
from ..theory import Cartesian, Identity, NaturalTransformation
from .bayes_draws import BAYES
from .bayes_draws import bayes_finstoch as bayes_finstoch
from .bayes_draws import bayes_gauss as bayes_gauss
from .chain_draws import CHAINS
from .chain_draws import chains_in_blocks as chains_in_blocks
from .chain_draws import chains_of_fractions as chains_of_fractions
from .circuit_draws import CIRCUITS
from .circuit_draws import circuits as circuits
from .circuit_draws import polynomials_of_circuits as polynomials_of_circuits
from .circuit_draws import reverse_circuits as reverse_circuits
from .cond_draws import CONDITIONED
from .cond_draws import cond_finite as cond_finite
from .cond_draws import cond_gauss as cond_gauss
from .cond_draws import programs_finite as programs_finite
from .exact import EXACT
from .exact import finrel as finrel
from .exact import in_context as in_context
from .exact import lens_z2 as lens_z2
from .exact import linear_in_context as linear_in_context
from .exact import mat as mat
from .exact import mat_n as mat_n
from .exact import mat_qi as mat_qi
from .exact import monoids as monoids
from .exact import para_z2 as para_z2
from .exact import poly as poly
from .exact import poly_boolean as poly_boolean
from .exact import poly_n as poly_n
from .exact import poly_z2 as poly_z2
from .exact import reverse_z2 as reverse_z2
from .finite_draws import FINITE
from .finite_draws import FURTHER_FINITE as FURTHER_FINITE
from .finite_draws import as_floats as as_floats
from .finite_draws import as_logs as as_logs
from .finite_draws import finstoch as finstoch
from .finite_draws import finstoch_q as finstoch_q
from .finite_draws import log_finstoch as log_finstoch
from .finite_draws import quasi as quasi
from .finite_draws import rel as rel
from .finite_draws import supports as supports
from .formal import free_cartesian as free_cartesian
from .formal import free_markov as free_markov
from .formal import free_symmetric as free_symmetric
from .formal import in_linear, in_smooth
from .gauss_chain_draws import GAUSS_CHAINS
from .gaussian_draws import FURTHER_GAUSSIAN as FURTHER_GAUSSIAN
from .gaussian_draws import GAUSSIAN
from .gaussian_draws import affine_rel as affine_rel
from .gaussian_draws import ext_gauss as ext_gauss
from .gaussian_draws import extend as extend
from .gaussian_draws import gauss as gauss
from .gaussian_draws import mean as mean
from .gaussian_draws import support_extended as support_extended
from .gaussian_draws import support_gauss as support_gauss
from .learner_draws import as_lens as as_lens_of
from .learner_draws import gradient as gradient
from .learner_draws import learn as learn
from .learner_draws import learners_of as learners_of
from .learner_draws import networks as networks
from .learner_draws import nnet as nnet
from .linear_draws import FURTHER as FURTHER
from .linear_draws import LINEAR_ARROWS
from .linear_draws import add_fn as add_fn
from .linear_draws import apply as apply
from .linear_draws import as_dual as as_dual
from .linear_draws import begin as begin
from .linear_draws import cont as cont
from .linear_draws import cont_dual as cont_dual
from .linear_draws import d_forward as d_forward
from .linear_draws import d_linear as d_linear
from .linear_draws import d_reverse as d_reverse
from .linear_draws import derive_forward as derive_forward
from .linear_draws import derive_reverse as derive_reverse
from .linear_draws import dual as dual
from .linear_draws import lift_dual as lift_dual
from .linear_draws import lmat as lmat
from .linear_draws import tabulate as tabulate
from .linear_draws import to_begin as to_begin
from .linear_draws import to_cont as to_cont
from .literal import LiteralParaFunctor, LiteralReverse
from .make import between as between
from .make import lens as lens
from .make import of as of
from .make import optic as optic
from .make import para as para
from .make import reverse_lens as reverse_lens
from .make import through as through
from .mealy_draws import MACHINES
from .mealy_draws import machines_finite as machines_finite
from .mealy_draws import mealy_finite as mealy_finite
from .monte_carlo_draws import MONTE_CARLO
from .monte_carlo_draws import monte_carlo as monte_carlo
from .network_draws import NETWORKS
from .network_draws import contraction as contraction
from .network_draws import finite_networks as finite_networks
from .numbers import array, dimension, matrix, values, wave
from .program_draws import PROGRAMS
from .program_draws import counting as counting
from .program_draws import enclose as enclose
from .program_draws import intervals as intervals
from .program_draws import retrace as retrace
from .program_draws import retrace_same as retrace_same
from .reference import NestedBatch, NestedSmooth
from .status import Status
from .stochastic_draws import STOCHASTIC
from .stochastic_draws import cokl_finite as cokl_finite
from .stochastic_draws import cokl_smooth as cokl_smooth
from .stochastic_draws import copy_draws as copy_draws
from .stochastic_draws import push as push
from .stochastic_draws import realise as realise

# The first scene is where witnesses shrink to. In a scene of different objects a wrong end is a wrong type; in a scene of
# equal ones it is not, and only the values tell. The numbers of wires differ between objects that a law may confuse.
EUCLIDEAN = ((R(),), (R(3), R() @ R(), R(2) @ R(), R(1, 2)), (R(2),), (R() @ R(2), unit, R(), R(2) @ R()))
DISCRETE = ((Fin(2),), (Fin(3), R(2), Fin(2) @ R(), R()), (R() @ Fin(2), Fin(2), unit))

_EXACT_SUMS = (
    "add_commutative",
    "add_zero",
    "left_additive",
    "projections_additive",
    "pair_additive",
    "tensor_additive",
)
_LOOPS = ("power", "power_sum", "fold_unrolled", "fold_power", "mapped_unrolled")
_STRUCTURAL = {**dict.fromkeys(_EXACT_SUMS, Status.EXACT), **dict.fromkeys(_LOOPS, Status.ROUNDING)}


def _smooth_arrow(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    return wave(dom, cod).map(lambda function: Smooth.arrow(dom, cod, function))


smooth = of(
    Smooth,
    objects=(R(), R(2), R(3)),
    arrow=_smooth_arrow,
    scenes=EUCLIDEAN,
    points=values,
    reference=NestedSmooth(Smooth),
    rounding=1e-9,
    exact=Cartesian,
    declared={
        **_STRUCTURAL,
        "every_arrow_additive": Status.FAILS,
        "every_arrow_linear": Status.FAILS,
        "double_dagger": Status.FAILS,
    },
    given={"wires": True, "stacks": True},
)
"""Smooth maps between Euclidean spaces, where the differential laws are claimed."""

smooth_discrete = of(
    Smooth,
    name="Smooth, discrete wires",
    objects=(Fin(3), R() @ Fin(2)),
    arrow=_smooth_arrow,
    scenes=DISCRETE,
    points=values,
    theory=Cartesian,
    reference=NestedSmooth(Smooth),
    rounding=1e-9,
    exact=Cartesian,
    declared=_STRUCTURAL,
    given={"wires": True, "stacks": True},
)
"""Smooth maps between spaces with discrete wires: a cartesian category; there is no addition into a finite set."""


def _linear_arrow(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    """Dense, dense the other way round, or matrix-free."""
    n, m = dimension(dom), dimension(cod)
    dense = array(m, n).map(lambda entries: Dense(dom, cod, entries, True))
    turned = array(n, m).map(lambda entries: Dense(dom, cod, entries, False))
    free = matrix(dom, cod).map(lambda function: MatrixFree(dom, cod, function, True))
    return (dense | turned | free).map(lambda part: LinearMap(dom, cod, (part,)))


linear = of(
    Linear,
    objects=(R(), R(2), R(3)),
    arrow=_linear_arrow,
    scenes=EUCLIDEAN,
    points=values,
    reference=NestedSmooth(Linear),
    rounding=1e-9,
    exact=Cartesian,
    declared=_STRUCTURAL,
    given={"wires": True},
)
"""Linear maps between Euclidean spaces: dense, transposed and matrix-free ones."""

_LAWFUL = ("get_put", "put_get", "put_put")
_POWERS = ("power", "power_zero", "power_sum")
_STRICT_ONLY = ("interchange", "swap_natural", "whiskering")

lens_smooth = lens(
    smooth, declared=dict.fromkeys((*_LAWFUL, "lens_copy_natural", "lens_discard_natural"), Status.FAILS)
)
"""Lenses over smooth maps, any way forward and any way back."""

lens_reverse = reverse_lens(smooth, declared=dict.fromkeys(_LAWFUL, Status.FAILS))
"""Lenses of derivatives: they respect copying, and still break the laws of databases."""

optic_smooth = optic(smooth)
"""Optics over smooth maps, with any residual, looked at as the lenses that they are."""

para_smooth = para(
    smooth, declared={**dict.fromkeys((*_STRICT_ONLY, *_POWERS), Status.FAILS), "para_power": Status.UP_TO_CELL}
)
"""Parametric smooth maps: a power has stacked parameters, so its laws hold along a 2-cell alone."""

para_lens = para(
    lens_smooth,
    declared={**dict.fromkeys(_STRICT_ONLY, Status.FAILS), **dict.fromkeys(_POWERS, Status.NOT_APPLICABLE)},
)
"""Parametric lenses; they have no powers, for lenses have no stacks."""


@dataclasses.dataclass(frozen=True)
class Rows(NaturalTransformation):
    """Some rows of a batch, in some order: ``Batch(n) ⇒ Batch(m)``. To permute or to split a batch is such a choice."""

    n: int
    rows: tuple[int, ...]

    @property
    def source(self) -> Batch:
        return Batch(self.n)

    @property
    def target(self) -> Batch:
        return Batch(len(self.rows))

    def at(self, x: Ob, /) -> Any:
        """``X^n → X^m``."""
        return Smooth.arrow(x.stacked(self.n), x.stacked(len(self.rows)), _Take(self.rows))


class _Take(eqx.Module):
    rows: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return jax.tree.map(lambda leaf: jnp.stack([leaf[i] for i in self.rows]), xs)


reverse = through(Reverse, smooth, lens_smooth, reference=LiteralReverse(), exact=False)
"""The functor `Reverse`, from smooth maps to lenses."""

para_reverse = through(
    Para(Reverse), para_smooth, para_lens, reference=LiteralParaFunctor(LiteralReverse()), exact=False
)
"""The functor ``Para(Reverse)``, from parametric maps to parametric lenses."""

include = through(Include, linear, smooth, reference=Identity())
"""The functor `Include`, from linear to smooth maps."""

meaning = through(in_smooth, free_cartesian, smooth, name="meaning in Smooth")
"""An interpretation of formal arrows as smooth maps."""

meaning_linear = through(in_linear, free_symmetric, linear, name="meaning in Linear")
"""An interpretation of formal arrows as linear maps, in which only wires cross."""

batch = through(Batch(3), smooth, smooth, reference=NestedBatch(3), name="Batch(3)", exact=False)
"""The functor `Batch` on smooth maps."""

batch_discrete = through(
    Batch(3),
    smooth_discrete,
    smooth_discrete,
    reference=NestedBatch(3),
    name="Batch(3), discrete wires",
    exact=False,
)
"""The functor `Batch` on smooth maps with discrete wires."""

batch_repeat = between(Repeat(Smooth, 3), smooth, smooth, name="Repeat(3)", exact=False)
"""One value, three times."""

batch_permuted = between(Rows(3, (2, 0, 1)), smooth, smooth, name="Batch(3), permuted", exact=False)
"""Permuting a batch changes nothing."""

batch_split = between(Rows(3, (0, 1)), smooth, smooth, name="Batch(3), split", exact=False)
"""Nor does splitting it."""

optimisers = dataclasses.replace(
    smooth,
    name="optimisers",
    readings=tuple(reading for reading in smooth.readings if not reading.reference),
    exact=object,
    declared={},
    others=(lens_smooth,),
    given={"optimisers": True},
    own_laws=False,
)
"""Objects of parameters, and smooth maps as models and losses, for the laws of optimisers."""

steps = dataclasses.replace(
    para_smooth,
    name="learning steps",
    readings=tuple(reading for reading in para_smooth.readings if not reading.reference),
    exact=object,
    declared={},
    given={"step": True},
    own_laws=False,
)
"""Models to train, for the laws of the learning step."""

_FEW = ((R(),), (R(2), R() @ R(), unit))  # a learner has three arrows, with up to three objects in their domains

learn_smooth = learn(dataclasses.replace(smooth, scenes=_FEW), declared=dict.fromkeys(_STRICT_ONLY, Status.FAILS))
"""Learners over smooth maps, with any update and any request."""

learn_free = learn(free_cartesian, declared=dict.fromkeys(_STRICT_ONLY, Status.FAILS))
"""Formal learners, whose equality is decided."""

as_lens = as_lens_of(learn_smooth, para_lens)
"""The functor `AsLens`, from learners to parametric lenses."""

_PARA_FEW = para(dataclasses.replace(smooth, scenes=_FEW))

gradient_quadratic = gradient("quadratic", _PARA_FEW, learn_smooth, compared=True)
"""The functor from parametric maps to learners, with the quadratic error."""

gradient_product = gradient("product", _PARA_FEW, learn_smooth)
"""The same, with the error ``-x y``."""

gradient_hyperbolic = gradient("hyperbolic", _PARA_FEW, learn_smooth)
"""The same, with the error ``x³ / 3 - x sinh y``."""

gradient_learners = learners_of(_PARA_FEW, learn_smooth, declared={"learner_doubled": Status.FAILS})
"""What the functor with the quadratic error respects, and what it does not."""

nnet_functor = networks(para_smooth)
"""The functor from networks to parametric maps."""

SHIPPED = (
    *(smooth, smooth_discrete, linear, lens_smooth, lens_reverse, optic_smooth, para_smooth, para_lens),
    *(free_symmetric, free_markov, free_cartesian, meaning, meaning_linear, reverse, para_reverse, include),
    *(batch, batch_discrete, batch_repeat, batch_permuted, batch_split, optimisers, steps),
    *(learn_smooth, learn_free, as_lens, gradient_quadratic, gradient_product, gradient_hyperbolic),
    *(gradient_learners, nnet, nnet_functor),
    *EXACT,
    *CIRCUITS,
    *LINEAR_ARROWS,
    *PROGRAMS,
    *FINITE,
    *GAUSSIAN,
    *CONDITIONED,
    *STOCHASTIC,
    *CHAINS,
    *GAUSS_CHAINS,
    *NETWORKS,
    *BAYES,
    *MACHINES,
    *MONTE_CARLO,
)
"""All draws that come with the library."""
