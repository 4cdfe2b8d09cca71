"""Draws for the laws of Monte Carlo.

Definition:
    States of a set of two elements and channels from there to one of three, with zeros among their entries: averages are compared with sums.
"""

import dataclasses

from ..categories import Smooth
from ..objects import R
from .finite_draws import finstoch
from .make import of
from .numbers import values, wave

_vectors = of(Smooth, objects=(R(),), arrow=lambda x, y: wave(x, y).map(lambda f: Smooth.arrow(x, y, f)), points=values)

monte_carlo = dataclasses.replace(
    finstoch,
    name="Monte Carlo",
    readings=finstoch.readings[:1],
    exact=object,
    declared={},
    others=(_vectors,),
    given={"monte carlo": True},
    own_laws=False,
)
"""Finite models, whose evidence is a sum."""

MONTE_CARLO = (monte_carlo,)
"""Those that are part of the report."""
