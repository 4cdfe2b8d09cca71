"""Draws for programs: tracing and running again, enclosures, and costs.

Definition:
    A drawn smooth map is traced to a formal arrow, which is interpreted in `Smooth`, where it is the map again, or in `Intervals`.
    Intervals are drawn by their two ends. In `Counting` an arrow is a few numbers.
"""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from ..categories import Smooth
from ..front import Counting, Enclose, Intervals, Work, interpret, trace
from ..front.rounding import Interval
from ..objects import Ob, R, unit
from ..theory import Cartesian, Functor, Identity, NaturalTransformation
from .make import between, of, through
from .numbers import array, dimension, values, wave
from .reference import NestedSmooth
from .status import Status

SCENES = ((R(),), (R(2), R() @ R(), R(), unit))
FEW = ((R(),), (R(2), R()))  # programs of new shapes are compiled, operation by operation


def _smooth_arrow(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    return wave(dom, cod).map(lambda function: Smooth.arrow(dom, cod, function))


def bounds(x: Ob) -> st.SearchStrategy[Any]:
    """The intervals between two drawn values, one a wire."""
    return st.tuples(values(x), values(x)).map(lambda pair: jax.tree.map(_between, *pair))


def _between(a: Any, b: Any) -> Interval:
    return Interval(jnp.minimum(a, b), jnp.maximum(a, b))


class Sweep(eqx.Module):
    """``x ↦ b + W x`` on intervals, each end from the ends that the signs of `W` ask for."""

    weight: Any
    bias: Any
    cod: Ob = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        lower, upper = (_flat(x, side) for x, side in ((xs, "lower"), (xs, "upper")))
        up, down = jnp.maximum(self.weight, 0), jnp.minimum(self.weight, 0)
        low, high = self.bias + up @ lower + down @ upper, self.bias + up @ upper + down @ lower
        cuts = np.cumsum([0, *(int(np.prod(w.aval().shape)) for w in self.cod.wires)])
        shapes = [w.aval().shape for w in self.cod.wires]
        rows = zip(cuts[:-1], cuts[1:], shapes, strict=True)
        return tuple(Interval(low[i:j].reshape(shape), high[i:j].reshape(shape)) for i, j, shape in rows)


def _flat(xs: tuple[Any, ...], side: str) -> Any:
    return jnp.concatenate([jnp.zeros(0), *(jnp.ravel(getattr(x, side)) for x in xs)])


def _sweep(dom: Ob, cod: Ob) -> st.SearchStrategy[Any]:
    parts = st.tuples(array(dimension(cod), dimension(dom)), array(dimension(cod))).map(
        lambda p: tuple(map(np.asarray, p))
    )
    return parts.map(lambda p: Intervals.arrow(dom, cod, Sweep(p[0], p[1], cod)))


smooth_programs = of(
    Smooth,
    name="Smooth, to be traced",
    objects=(R(), R(2)),
    arrow=_smooth_arrow,
    scenes=FEW,
    points=values,
    reference=NestedSmooth(Smooth),
    rounding=1e-9,
    exact=Cartesian,
)

intervals = of(
    Intervals,
    objects=(R(), R(2)),
    arrow=_sweep,
    scenes=SCENES,
    points=bounds,
    rounding=1e-9,
    exact=Cartesian,
)
"""Functions on intervals."""

counting = of(
    Counting,
    objects=(R(), R(2), unit, R() @ R(2)),
    arrow=lambda dom, cod: st.integers(0, 9).map(lambda n: Work(dom, cod, Counting, (("add", n),) if n else ())),
)
"""Costs, which add."""


@dataclasses.dataclass(frozen=True)
class Retrace(Functor):
    """A smooth map, traced to a formal arrow and interpreted in `Smooth` again."""

    def ob(self, x: Any, /) -> Any:
        """The same space."""
        return x

    def arrow(self, f: Any, /) -> Any:
        """The map that the program of `f` is."""
        return interpret(trace(f), Smooth)


@dataclasses.dataclass(frozen=True)
class SameMap(NaturalTransformation):
    """``f = Retrace(f)``, as a transformation with identities for components."""

    @property
    def source(self) -> Functor:
        return Identity()

    @property
    def target(self) -> Functor:
        return Retrace()

    def at(self, x: Ob, /) -> Any:
        """``id``."""
        return Smooth.id(x)


retrace = through(Retrace(), smooth_programs, smooth_programs, reference=Identity(), name="Retrace", exact=False)
"""Tracing and interpreting in `Smooth` is a functor."""

retrace_same = between(SameMap(), smooth_programs, smooth_programs, name="f = Retrace(f)", exact=False)
"""It is the identity."""

enclose = dataclasses.replace(
    through(Enclose, smooth_programs, intervals),
    declared={"isotone": Status.ROUNDING, "functor_identity": Status.VACUOUS, "functor_swap": Status.VACUOUS},
    given={"functor": Enclose, "monoidal functor": Enclose, "enclosure": Enclose},
)
"""Enclosing is a functor, and what it gives holds the values."""

PROGRAMS = (intervals, counting, retrace, retrace_same, enclose)
