r"""Relations between finite sets, side by side by pairs.

Definition:
    A *relation* ``f : X → Y`` says of each x and y whether they are related. Composition asks for something in between, the tensor relates
    pairs, and the dagger is the converse,

    .. math:: (f ; g)(x, z) \iff \exists y \; f(x, y) \wedge g(y, z), \qquad f^{\dagger}(y, x) \iff f(x, y).

A relation says what is possible where a kernel says how likely it is. Copies turned around compare: ``compare`` relates two equal elements
to their common value, ``create`` relates the unit to everything. `FinRel` has the same arrows with another tensor, that of sums.

References:
    Carboni, Walters, *Cartesian bicategories I* (1987); Fritz (1908.07021), for supports as relations.
"""

import dataclasses
from typing import Any

import equinox as eqx
import numpy as np

from ..objects import Boolean, Ob, unit
from ..objects.semiring import Semiring
from ..theory import Dagger, Hypergraph, door
from ..theory.errors import WrongShape
from .tables import Table, Tables, moved, shape, size


class Relation(Table):
    """A relation ``dom → cod``, as a table of truth values.

    Call it on one input a wire, whole numbers or labels, to have the subset that is related to them.

    Shapes:
        table: (sizes of the wires of `dom`, then those of `cod`).
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    table: Any

    @property
    def category(self) -> "RelCategory":
        return Rel

    @property
    def dagger(self) -> "Relation":
        """The converse."""
        return Rel.dagger(self)

    @door
    def __call__(self, *values: Any) -> "Relation":
        """What is related to the given inputs, one a wire.

        Raises:
            WrongValue: an input is no element of its wire.
        """
        return Relation(unit, self.cod, self.table[self.dom.elements(values)])


@dataclasses.dataclass(frozen=True)
class RelCategory(Tables, Hypergraph, Dagger):
    """Finite sets and relations; see the module.

    Example:
        >>> from catlearn import Fin
        >>> less = relation(Fin(3), Fin(3), [[0, 1, 1], [0, 0, 1], [0, 0, 0]])
        >>> print((less >> less).table.astype(int), less.dagger(0).table)
        [[0 0 1]
         [0 0 0]
         [0 0 0]] [False False False]
    """

    entries: Semiring = dataclasses.field(default=Boolean, init=False)

    def __str__(self) -> str:
        return "Rel"

    def _arrow(self, dom: Ob, cod: Ob, table: Any, /) -> Relation:
        return Relation(dom, cod, table)

    @door
    def dagger(self, f: Any, /) -> Relation:
        self._own(f)
        a = len(f.dom)
        return self._of(f.cod, f.dom, moved(f, (*range(a, a + len(f.cod)), *range(a)), f.cod, f.dom))

    @door
    def compare(self, x: Ob, /) -> Relation:
        return self.dagger(self.copy(x))

    @door
    def create(self, x: Ob, /) -> Relation:
        return self._mask(unit, x, np.ones(size(x), bool))


Rel = RelCategory()
"""Relations between finite sets."""


@door
def relation(dom: Ob, cod: Ob, table: Any, /) -> Relation:
    """The relation ``dom → cod`` with the given table: one axis a wire, those of `dom` first.

    Raises:
        WrongShape: the table does not fit the ends.
        NotInRig: an entry is no truth value.
        WrongObject: a wire is no finite set.

    Example:
        >>> from catlearn import Fin
        >>> wins = relation(Fin(3, labels=["rock", "paper", "scissors"]), Fin(3), [[0, 0, 1], [1, 0, 0], [0, 1, 0]])
        >>> print(wins("paper").table)
        [ True False False]
    """
    array, expected = Boolean.array(table), shape(dom @ cod)
    if array.shape != expected:
        cure = "Those of the domain come first: transpose the table." if array.shape == shape(cod @ dom) else ""
        raise WrongShape("the table", expected, tuple(array.shape), dom, cod, cure)
    return Relation(dom, cod, array)
