"""Networks in files: the reader of the Bayesian interchange format.

Definition:
    A BIF file lists variables with the names of their values, and for each a table of probabilities given its parents. It becomes a `FiniteNetwork` with
    the same names; values are labels.

The file is read by pgmpy (extra ``bif``), which keeps its digits. Files round their probabilities, so each row is divided by its sum; a row
whose sum is further from one than rounding explains is refused.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ..categories import kernel
from ..objects import Fin, unit
from ..theory import door
from ..theory.errors import MissingExtra, NotStochastic
from .finite_network import FiniteNetwork
from .network import network


@door
def read_bif(path: str | Path, *, tol: float = 1e-3) -> FiniteNetwork:
    """The network in a BIF file.

    Args:
        path: where the file is.
        tol: how far from one the sum of a row may be.

    Raises:
        MissingExtra: pgmpy is not installed.
        NotStochastic: a row is not one of probabilities, up to `tol`.
    """
    try:
        from pgmpy.readwrite import BIFReader  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        raise MissingExtra("read_bif", "bif") from None
    return of_model(BIFReader(str(path)).get_model(), tol=tol)


def of_model(model: Any, *, tol: float) -> FiniteNetwork:
    """The network of a model of pgmpy, whose tables have the variable first and then its parents."""
    tables = {name: model.get_cpds(name) for name in model.nodes()}
    sets = {name: Fin(len(t.state_names[name]), labels=t.state_names[name]) for name, t in tables.items()}
    kernels, parents = {}, {}
    for name, t in tables.items():
        parents[name] = tuple(t.variables[1:])
        dom = unit
        for parent in parents[name]:
            dom = dom @ sets[parent]
        rows = np.moveaxis(np.asarray(t.values, float), 0, -1)
        total = rows.sum(axis=-1, keepdims=True)
        off = np.abs(total - 1) > tol
        if off.any():
            at = tuple(int(i) for i in np.argwhere(off)[0][:-1])
            raise NotStochastic(f"{name} given {', '.join(parents[name])}", at, rows[at], total[at][0])
        kernels[name] = kernel(dom, sets[name], rows / total)
    return network(kernels, parents)
