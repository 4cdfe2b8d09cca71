r"""Incremental evaluation: derivatives that are recomputed only where something changed.

Definition:
    A *change* of a value of one wire is nothing, or a new value; a change of several wires is one for each. With ``a ⊕ da`` for a value
    after a change,

    .. math:: f(a \oplus da) = f(a) \oplus f'_a(da),

    and `Inc` is ``D(k)`` where the arrows of `k` are functions from changes to changes. A primitive at a point gives nothing if
    nothing changed, and is run again otherwise, on the new values and the old ones that stayed.

Whether a wire changed is known when the program is built: None is nothing, and under `jax.jit` what does not change is not computed.
`difference` compares values, and so needs them to be concrete.

References:
    Elliott, *Compiling to categories* (2017), on incremental evaluation; the programs that go with 1804.00746.
"""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import numpy as np

from ..categories import SmoothMap
from ..categories.path import Copy, Discard, Factor, Pick, Swap, Values, beside, run
from ..objects import Ob, unit
from ..theory import Arrow, Cartesian, Data, door
from ..theory.errors import WrongValue
from .gad import D
from .gad_stage import Stage

Changes = tuple[Any, ...]


@door
def update(xs: Values, change: Changes, /) -> Values:
    """The values after a change: ``a ⊕ da``.

    Raises:
        WrongValue: there is not one change a value.

    Example:
        >>> update((1.0, 2.0), (None, 5.0))
        (1.0, 5.0)
    """
    if len(xs) != len(change):
        raise WrongValue("a change", "it", f"{len(xs)} parts, one a wire", f"{len(change)}")
    return tuple(x if new is None else new for x, new in zip(xs, change, strict=True))


@door
def difference(new: Values, old: Values, /) -> Changes:
    """The change from old values to new ones, ``a' ⊖ a``: nothing where they are equal.

    Example:
        >>> difference((1.0, 5.0), (1.0, 2.0))
        (None, 5.0)
    """
    same = lambda x, y: all(map(np.array_equal, jax.tree.leaves(x), jax.tree.leaves(y)))
    return tuple(None if same(x, y) else x for x, y in zip(new, old, strict=True))


def after(change: Changes, later: Changes, /) -> Changes:
    """One change and then another: the later one wins.

    Example:
        >>> after((1.0, 2.0, None), (None, 5.0, None))
        (1.0, 5.0, None)
    """
    return tuple(d if new is None else new for d, new in zip(change, later, strict=True))


class ChangeMap(Arrow):
    """A function from changes of `dom` to changes of `cod`."""

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    path: tuple[Factor, ...]

    @property
    def category(self) -> "ChangeCategory":
        return Change

    def __call__(self, *change: Any) -> Changes:
        """The change of the values, from a change of the arguments: one part a wire, None for nothing."""
        return run(self.path, change)


class Rerun(Data):
    """At a point: nothing where nothing changed, else the new values."""

    f: SmoothMap
    xs: Values

    def __call__(self, change: Changes) -> Changes:
        if all(new is None for new in change):
            return (None,) * len(self.f.cod)
        return run(self.f.path, update(self.xs, change))


class Rerunning(Stage):
    """A map with what it does to changes."""

    f: SmoothMap

    def __call__(self, xs: Values) -> tuple[Values, ChangeMap]:
        return run(self.f.path, xs), ChangeMap(self.f.dom, self.f.cod, (Rerun(self.f, xs),))


@dataclasses.dataclass(frozen=True)
class ChangeCategory(Cartesian):
    """Functions from changes to changes; see the module. It is cartesian, and all that `D` asks for besides is `stage`."""

    def __str__(self) -> str:
        return "Change"

    @property
    def unit(self) -> Ob:
        return unit

    def id(self, x: Ob, /) -> ChangeMap:
        return ChangeMap(x, x, ())

    def _then(self, f: ChangeMap, g: ChangeMap, /) -> ChangeMap:
        return ChangeMap(f.dom, g.cod, f.path + g.path)

    def _tensor(self, f: ChangeMap, g: ChangeMap, /) -> ChangeMap:
        return ChangeMap(f.dom @ g.dom, f.cod @ g.cod, beside(len(f.dom), f.path, len(g.dom), g.path))

    def swap(self, x: Ob, y: Ob, /) -> ChangeMap:
        return ChangeMap(x @ y, y @ x, (Swap(len(x)),))

    def copy(self, x: Ob, /) -> ChangeMap:
        return ChangeMap(x, x @ x, (Copy(),))

    def discard(self, x: Ob, /) -> ChangeMap:
        return ChangeMap(x, unit, (Discard(),))

    def pick(self, x: Ob, wires: tuple[int, ...], /) -> ChangeMap:
        return ChangeMap(x, Ob(tuple(x.wires[i] for i in wires)), (Pick(tuple(wires)),))

    def tangent(self, x: Ob, /) -> Ob:
        """Changes of an object have its own wires: a discrete value can change too."""
        return x

    def stage(self, f: SmoothMap, /) -> Stage:
        """A map with what it does to changes, for ``D(Change)``."""
        return Rerunning(f)


Change = ChangeCategory()

Inc = D(Change)
"""Incremental evaluation: ``f(a)`` gives the value and the function from changes of `a` to changes of it.

Example:
    >>> from catlearn import R, smooth
    >>> f = Inc.of(smooth(lambda x: x * x, R())) @ Inc.of(smooth(lambda y: y + 1, R()))
    >>> value, change = f(3.0, 4.0)
    >>> print(*value, *change(None, 10.0))
    9.0 5.0 None 11.0
"""
