"""Draws for networks: the functor that contracts formal arrows, and networks of two kernels of fractions.

Definition:
    Each box of a formal arrow means a kernel of fractions that its name picks from a fixed family. Contracting the arrow is compared with composing
    the kernels one after another.
"""

import dataclasses
from fractions import Fraction

import numpy as np

from ..categories import FinStochCategory, Kernel
from ..categories.tables import shape, size
from ..constructions import Box, Interpretation
from ..infer import Contraction, network
from ..objects import Fin, Q
from .finite_draws import finstoch_q
from .formal import free_markov
from .make import through

_FINITE = FinStochCategory(Q)
_MEANT = {"X": Fin(2), "Y": Fin(3)}


def _kernel(box: Box) -> Kernel:
    """Small whole numbers that depend on the name, each row divided by its sum."""
    ends = Interpretation(_FINITE, {}, _MEANT)
    dom, cod = ends.ob(box.dom), ends.ob(box.cod)
    rows = (np.arange(size(dom) * size(cod)) * 3 + sum(map(ord, box.name))) % 5 + 1
    table = np.array([[Fraction(int(n), int(row.sum())) for n in row] for row in rows.reshape(size(dom), -1)], object)
    return Kernel(dom, cod, table.reshape(shape(dom @ cod)), _FINITE)


_MEANING = Interpretation(_FINITE, _kernel, _MEANT)

_FUNCTOR = Contraction(_MEANING)

contraction = dataclasses.replace(
    through(_FUNCTOR, free_markov, finstoch_q, name="Contraction"),
    given=dict.fromkeys(("functor", "monoidal functor", "cartesian functor"), _FUNCTOR),
)
"""The functor that sums a formal arrow along an optimised path; it keeps copies."""

finite_networks = dataclasses.replace(
    finstoch_q,
    name="networks of two kernels",
    scenes=((Fin(2), Fin(3)),),
    declared={},
    given={"network": network},
    own_laws=False,
)
"""Networks of two kernels of fractions."""

NETWORKS = (contraction, finite_networks)
"""Those that are part of the report."""
