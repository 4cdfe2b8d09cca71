r"""Counting: what a program costs, in operations on numbers.

Definition:
    An arrow ``X → Y`` of `Counting` is a number of operations for each primitive. Composites and tensors add,

    .. math:: |f ; g| = |f| + |g|, \qquad |f \otimes g| = |f| + |g|, \qquad |\mathrm{id}| = |\mathrm{copy}| = |\mathrm{discard}| = 0.

    A traced program costs what its equations cost, each counted once.

It is symmetric monoidal, with copying and discarding that are not natural: ``f ; copy`` does the work of `f` once and
``copy ; (f ⊗ f)`` twice, and work that is thrown away was done. So it is no Markov category, and the cost of a formal arrow is that of
the form in which it is written; traced programs are written with nothing twice.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx

from ..constructions.graph import Box
from ..objects import Ob, unit
from ..theory import Arrow, Symmetric, door
from .meaning import interpret, register
from .trace import trace

type Counts = tuple[tuple[str, int | float], ...]


class Work(Arrow):
    """An arrow of `Counting`: how many operations each primitive does."""

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    counting: Any = eqx.field(static=True)
    counts: Counts = eqx.field(static=True)

    @property
    def category(self) -> "CountingCategory":
        return self.counting

    @property
    def by_primitive(self) -> Mapping[str, int | float]:
        """How many operations each primitive does."""
        return dict(self.counts)

    @property
    def total(self) -> int | float:
        """How many operations there are."""
        return sum(n for _, n in self.counts)

    def __str__(self) -> str:
        """The ends and the counts."""
        return ", ".join([f"Work : {self.dom} -> {self.cod}", *(f"{name} {n:g}" for name, n in self.counts)])


def add_up(*counts: Counts) -> Counts:
    """The sum of some counts."""
    found: dict[str, int | float] = {}
    for each in counts:
        for name, n in each:
            found[name] = found.get(name, 0) + n
    return tuple(sorted((name, n) for name, n in found.items() if n))


@dataclasses.dataclass(frozen=True)
class CountingCategory(Symmetric):
    """Spaces and costs; see the module.

    Example:
        >>> from catlearn import R, smooth
        >>> import jax.numpy as jnp
        >>> print(cost(lambda w, x: jnp.sin(w @ x), R(2, 3), R(3)))
        Work : R(2, 3) @ R(3) -> R(2), dot_general 12, sin 2
    """

    def __str__(self) -> str:
        return type(self).__name__.removesuffix("Category")

    @property
    def unit(self) -> Ob:
        return unit

    def id(self, x: Ob, /) -> Work:
        return Work(x, x, self, ())

    def _then(self, f: Work, g: Work, /) -> Work:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[Work, ...], /) -> Work:
        return Work(arrows[0].dom, arrows[-1].cod, self, add_up(*(f.counts for f in arrows)))

    def _tensor(self, f: Work, g: Work, /) -> Work:
        return Work(f.dom @ g.dom, f.cod @ g.cod, self, add_up(f.counts, g.counts))

    def swap(self, x: Ob, y: Ob, /) -> Work:
        return Work(x @ y, y @ x, self, ())

    @door
    def copy(self, x: Ob, /) -> Work:
        """``x → x ⊗ x``, for nothing."""
        return Work(x, x @ x, self, ())

    @door
    def discard(self, x: Ob, /) -> Work:
        """``x → unit``, for nothing."""
        return Work(x, unit, self, ())

    @door
    def pick(self, x: Ob, wires: tuple[int, ...], /) -> Work:
        """The wires at some positions, for nothing."""
        return Work(x, Ob(tuple(x.wires[i] for i in wires)), self, ())


Counting = CountingCategory()


@door
def cost(f: Callable[..., Any], *objects: Ob) -> Work:
    """What a function costs on some objects: the interpretation of its program in `Counting`.

    Raises:
        MissingPrimitive: it has a loop whose length its shapes do not tell, or a primitive that nobody has counted.
    """
    return interpret(trace(f, *objects), Counting)


def counts(*names: str) -> Callable[[Callable[[Box], int | float]], Callable[[Box], int | float]]:
    """Register how many operations primitives do in `Counting`: a function of the box.

    Example:
        >>> @counts("bessel_i1e")
        ... def bessel(box):
        ...     return size(box.cod)
    """

    def remember(rule: Callable[[Box], int | float]) -> Callable[[Box], int | float]:
        def meaning(category: CountingCategory, box: Box) -> Work:
            return Work(box.dom, box.cod, category, add_up(((box.name, float(rule(box))),)))

        register(CountingCategory, *names)(meaning)
        return rule

    return remember


def size(x: Ob) -> int:
    """How many numbers a value has whose wires are arrays."""
    return sum(math.prod(aval.shape) for aval in x.avals())
