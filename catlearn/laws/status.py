"""How well a category keeps a law.

Definition:
    A *status* is the strongest equality at which a law holds in a category, or that it fails, or that it says nothing.
    Each category declares one for each law whose operations it has; the suite confirms it.
"""

import enum


class Status(enum.StrEnum):
    """How a law fares in a category."""

    EXACT = "exact"
    """The two sides are equal, to the last bit."""
    ROUNDING = "up to rounding"
    """They are equal in the mathematics, and up to a tolerance in floating point."""
    ALMOST_SURELY = "almost surely"
    """They are equal on a set of full measure."""
    UP_TO_CELL = "up to a 2-cell"
    """They are equal after an explicit invertible reparametrisation of one."""
    FAILS = "fails"
    """There are arrows that break the law, and the suite finds some."""
    NOT_APPLICABLE = "not applicable"
    """The category lacks an operation that the law speaks of."""
    VACUOUS = "vacuous"
    """The two sides are one and the same thing, however the arrows are read."""
