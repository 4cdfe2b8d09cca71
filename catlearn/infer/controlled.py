r"""Inputs to a chain: arrows that are told something at each step.

Definition:
    An arrow ``f : X ⊗ U → Y`` and inputs ``u_0, u_1, ...`` of `U` are the arrows ``f(-, u_k) : X → Y``, one a step: `f` after the inputs were put in.

In `Gauss` an input only moves the mean; in `FinStoch` it chooses a table.

References:
    Kalman (1960), for inputs of linear systems.
"""

from typing import Any

import jax

from ..categories.finstoch import Kernel
from ..categories.gauss import GaussianMap
from ..kernels.semidefinite import dot
from ..objects.euclidean import flatten, width
from ..theory import Arrow, door
from ..theory.errors import WrongCategory, WrongObject


@door
def controlled(arrow: Arrow, inputs: Any) -> Arrow:
    """The stacked arrow ``X → Y`` of an arrow ``X ⊗ U → Y`` that is given an input at each step.

    Args:
        arrow: ``X ⊗ U → Y``, the same at every step.
        inputs: of each wire of `U` an array with a leading axis of steps, in a tuple; bare if there is one wire.

    Raises:
        WrongObject: there are more inputs than wires.
        WrongValue: an input is not of its wire.
        WrongCategory: the arrow is of a category without chains.

    Example:
        >>> from catlearn import R, gaussian, infer
        >>> pushed = gaussian(R() @ R(), R(), [[1.0, 2.0]], covariance=1.0)
        >>> moves = infer.controlled(pushed, [1.0, -1.0, 0.0])
        >>> print(moves, moves.mean[:, 0])
        GaussianMap : R() -> R() [ 2. -2.  0.]
    """
    us = inputs if isinstance(inputs, tuple) else (inputs,)
    if not 0 < len(us) <= len(arrow.dom):
        raise WrongObject(f"{len(us)} inputs were given to {arrow}, whose domain has {len(arrow.dom)} wires.")
    x, u = arrow.dom[: -len(us)], arrow.dom[-len(us) :]
    us = u.stacked(len(us[0])).elements(us)
    match arrow:
        case GaussianMap(cod=y, matrix=matrix, mean=mean, factor=factor):
            n = width(x)
            moved = lambda values: dot(matrix[:, n:], flatten(u, values)) + mean
            return GaussianMap(x, y, matrix[:, :n], jax.vmap(moved)(us), factor)
        case Kernel(cod=y, table=table, over=category):
            chosen = lambda values: table[(*(slice(None),) * len(x), *values)]
            return Kernel(x, y, jax.vmap(chosen)(us), category)
        case _:
            raise WrongCategory(
                f"inputs are put into arrows of Gauss and FinStoch, but {arrow} is in {arrow.category}."
            )
