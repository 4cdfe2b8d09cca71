"""Inference on chains and networks, against the software that is used for it and against loops written by hand.

Definition:
    The parts, each a module with rows and limits of its own: smoothing of linear Gaussian chains, of hidden Markov chains, marginals of networks, and programs that are
    chains.
"""

import importlib
from collections.abc import Sequence

from .harness import Gate, Row

PARTS = ("kalman", "hmm", "networks", "programs")


def measure() -> list[Row]:
    """All rows of all parts."""
    return [row for part in PARTS for row in importlib.import_module(f"benchmarks.inference_{part}").measure()]


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits of all parts."""
    return [gate for part in PARTS for gate in importlib.import_module(f"benchmarks.inference_{part}").gates(rows)]
