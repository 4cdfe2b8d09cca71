"""Findings: what was seen of the variables of a network, as weights.

Definition:
    A finding about a variable is a function from its values to weights >= 0: how likely what was seen is, given the value, up to a factor. One value
    that was seen is the indicator of it, and a variable that was not seen has weights one. Multiplying findings is seeing both (Pearl).

References:
    Pearl (1988), section 2.2.2, for virtual evidence; Jacobs (1807.05609).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..objects import Ob, Semiring, is_concrete
from ..objects.wires import NotAnElement, default_float
from ..theory.errors import WrongValue


def weights_of(k: Semiring, wires: Ob, slices: Sequence[slice], seen: Mapping[int, tuple[str, Any]]) -> Any:
    """The weights of all variables, laid end to end, in the numbers of a rig.

    Args:
        k: the rig.
        wires: one finite wire a variable.
        slices: where each variable is.
        seen: at the position of each variable that was seen, its name and its value, its label or its likelihood.

    Raises:
        WrongValue: it has no such value, or a likelihood is no vector of numbers >= 0, one a value.
    """
    weights = np.full(slices[-1].stop if slices else 0, k.one, object if k.exact else default_float())
    blurred = []
    for v, (name, value) in seen.items():
        part, own = slices[v], _finding(k, wires.wires[v], name, value)
        if isinstance(own, int):
            weights[part], weights[part.start + own] = k.zero, k.one
        elif k.exact:
            weights[part] = own
        else:
            blurred.append((part, own))
    for part, own in blurred:
        weights = jnp.asarray(weights).at[part].set(own)
    return weights


def _finding(k: Semiring, wire: Any, name: str, value: Any) -> Any:
    """Which value was seen, as a number; or the weights of all values."""
    if isinstance(value, str) or np.ndim(value) == 0:
        at = wire.labels.index(value) if isinstance(value, str) and value in (wire.labels or ()) else value
        if type(at) is int and 0 <= at < wire.n:
            return at
        try:
            element = wire.element(at)
        except NotAnElement as error:
            raise WrongValue(Ob((wire,)), f"the variable {name!r}", error.expected, error.given, error.cure) from None
        return int(element) if is_concrete(element) else k.indicator(np.arange(wire.n, dtype=np.int32) == element)
    likelihood = k.array(value)
    if likelihood.shape != (wire.n,):
        given = f"an array of shape {np.shape(value)}"
        raise WrongValue(Ob((wire,)), f"the variable {name!r}", f"a value, or {wire.n} weights", given)
    if is_concrete(likelihood) and not _are_weights(k, likelihood):
        raise WrongValue(Ob((wire,)), f"the variable {name!r}", "finite weights >= 0", str(likelihood))
    return likelihood


def _are_weights(k: Semiring, array: Any) -> bool:
    if k.exact:
        return all(x >= 0 for x in array)
    return bool(np.all((np.asarray(array) >= k.zero) & (np.asarray(array) < np.inf)))
