r"""What a traced program says: affine outputs, and affine equations, of standard draws.

Definition:
    A traced program is ``y = m + M x + A w + F u`` with given x, standard normal w and free u, and equations ``l = r`` between values of the same
    kind. As an arrow it is the open program that returns y and observes that ``l - r`` is zero: in ``Cond(Gauss)`` if nothing is free, and else in
    ``Cond(ExtGauss)``.

References:
    Stein, Staton (2101.11351).
"""

import dataclasses
from typing import Any

import jax.numpy as jnp

from ..categories.extgauss import ExtendedMap, ExtGauss
from ..categories.gauss import Gauss, GaussianMap
from ..constructions.cond import Cond
from ..constructions.conditioning import Outcome
from ..constructions.conditioning_gauss import given, point, read_in
from ..objects import Ob, R
from ..objects.euclidean import width
from .chain_program import realised, run

Rows = tuple[Any, Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Equations:
    """A traced program.

    Attributes:
        dom: what is given.
        cod: what is returned.
        returned: means, and coefficients of what is given and drawn, one row a number.
        apart: the same for the differences that the equations say are zero.
        flat: which columns are free.
    """

    dom: Ob
    cod: Ob
    returned: Rows
    apart: Rows
    flat: tuple[int, ...]

    def arrow(self) -> Any:
        """The open program ``dom ⇝ cod``."""
        base = ExtGauss if self.flat else Gauss
        seen, C = read_in(base, point(R(len(self.apart[0])), 0.0)), Cond(base)
        return C.then(C.lift(self.body()), C.tensor(C.id(self.cod), C.observe(seen)))

    def body(self) -> Any:
        """The arrow of the base, ``dom → cod ⊗ K``, that returns the outputs and the differences."""
        n, columns = width(self.dom), self.returned[1].shape[1]
        mean = jnp.concatenate([self.returned[0], self.apart[0]])
        rows = jnp.concatenate([self.returned[1], self.apart[1]])
        drawn = [i for i in range(n, columns) if i not in self.flat]
        cod = self.cod @ R(len(self.apart[0]))
        factor = rows[:, jnp.array(drawn, int)]
        if not self.flat:
            return GaussianMap(self.dom, cod, rows[:, :n], mean, factor)
        return ExtendedMap(self.dom, cod, rows[:, :n], mean, factor, rows[:, jnp.array(self.flat, int)])

    def run(self, tol: float | None) -> Outcome:
        """What is left of a program that is given nothing; one that is a chain runs as a scan."""
        if self.flat:
            seen = read_in(ExtGauss, point(R(len(self.apart[0])), 0.0))
            return Cond(ExtGauss).conditioning.given(ExtGauss, self.body(), len(self.cod), seen, tol)
        if (found := realised(self.returned[1], self.apart[1])) is not None:
            mean, factor, ok, residual, log_evidence = run(found, self.returned, self.apart, tol)
            state = GaussianMap(self.dom, self.cod, factor[:, :0], mean, factor)
            return Outcome(state, ok, residual, jnp.where(ok, log_evidence, -jnp.inf))
        return given(self.body(), len(self.cod), point(R(len(self.apart[0])), 0.0), tol)
