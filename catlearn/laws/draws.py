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
from ..constructions import Batch, FreeCartesian, FreeMarkov, Include, Para, Repeat, Reverse, Word
from ..objects import Fin, Ob, R, unit
from ..theory import Cartesian, Identity, NaturalTransformation
from .draw import Draws
from .literal import LiteralParaFunctor, LiteralReverse
from .make import between as between
from .make import lens as lens
from .make import of as of
from .make import optic as optic
from .make import para as para
from .make import reverse_lens as reverse_lens
from .make import through as through
from .numbers import array, dimension, matrix, values, wave
from .reference import NestedBatch, NestedSmooth
from .status import Status

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


def _formal(category: Any, **declared: Status) -> Draws:
    """Formal arrows: generators by name, with copies of a generator among them."""
    words = (Word("X"), Word("Y"), Word("X", "Y"), Word())
    arrow = lambda dom, cod: st.sampled_from("abc").map(
        lambda name: category.generator(f"{name}:{dom}->{cod}", dom, cod)
    )
    return of(category, objects=words, arrow=arrow, declared=declared, given={"wires": True})


free_markov = _formal(
    FreeMarkov(),
    copy_natural=Status.FAILS,
    pair_natural=Status.FAILS,
    pair_unique=Status.FAILS,
    pair_first=Status.EXACT,
    pair_second=Status.EXACT,
)
"""The free Markov category: what formal arrows obey that may toss coins. A coin is copied, not tossed twice."""

free_cartesian = _formal(FreeCartesian())
"""The free cartesian category."""


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

learners = dataclasses.replace(
    para_smooth,
    name="learners",
    readings=tuple(reading for reading in para_smooth.readings if not reading.reference),
    exact=object,
    declared={},
    given={"learner": True},
    own_laws=False,
)
"""Models to train, for the laws of learners."""

SHIPPED = (
    *(smooth, smooth_discrete, linear, lens_smooth, lens_reverse, optic_smooth, para_smooth, para_lens),
    *(free_markov, free_cartesian, reverse, para_reverse, include),
    *(batch, batch_discrete, batch_repeat, batch_permuted, batch_split, optimisers, learners),
)
"""All draws that come with the library."""
