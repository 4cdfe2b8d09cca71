r"""Numbers by their logarithms: a rig of floats that does not underflow.

Definition:
    `Log` is the rig of the non-negative reals, each written as its natural logarithm: the product of two numbers is the sum of their
    logarithms, and their sum is the logarithm of the sum of exponentials,

    .. math:: a + b \;\mapsto\; \log(e^a + e^b), \qquad a\, b \;\mapsto\; a + b, \qquad 0 \;\mapsto\; -\infty, \qquad 1 \;\mapsto\; 0.

The largest term is taken out of a sum before exponentials are taken, so that a product of a thousand small numbers is as accurate as
one. What is zero stays zero, and so do its derivatives: nothing here is NaN.

References:
    Golan, *Semirings and their applications* (1999).
"""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp

from ..theory.errors import NotInRig
from .semiring import Approximate, Semifield
from .wires import is_concrete


@dataclasses.dataclass(frozen=True)
class Logarithms(Approximate, Semifield):
    """The non-negative reals, written by their logarithms in JAX arrays.

    Example:
        >>> tiny = Log.array([-1024.0, -1024.0, Log.zero])
        >>> print(jnp.exp(tiny), Log.sum(tiny, axis=0) > -1024.0)
        [0. 0. 0.] True
    """

    def __str__(self) -> str:
        return "Log"

    @property
    def zero(self) -> float:
        return -math.inf

    @property
    def one(self) -> float:
        return 0.0

    @property
    def idempotent(self) -> bool:
        return False

    def element(self, value: Any, /) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise NotInRig(self, value, "logarithms of numbers >= 0") from None
        if not number < math.inf:
            raise NotInRig(self, value, "logarithms of numbers >= 0: floats below infinity")
        return number

    def natural(self, n: int, /) -> float:
        return math.log(n) if n else self.zero

    def array(self, entries: Any, /) -> Any:
        array = jnp.asarray(entries)
        array = array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(float)
        if is_concrete(array) and not bool(jnp.all(array < jnp.inf)):
            raise NotInRig(self, entries, "logarithms of numbers >= 0: floats below infinity")
        return array

    def of(self, numbers: Any, /) -> Any:
        """Numbers >= 0, written by their logarithms; the derivative at zero is zero."""
        some = numbers > 0
        return jnp.where(some, jnp.log(jnp.where(some, numbers, 1)), self.zero)

    def indicator(self, mask: Any, /) -> Any:
        return jnp.where(jnp.asarray(mask, bool), jnp.asarray(self.one, float), jnp.asarray(self.zero, float))

    def add(self, a: Any, b: Any, /) -> Any:
        return self.sum(jnp.stack(jnp.broadcast_arrays(a, b)), axis=0)

    def multiply(self, a: Any, b: Any, /) -> Any:
        return a + b

    def sum(self, a: Any, /, axis: int) -> Any:
        if a.shape[axis] == 0:
            return jnp.full_like(jnp.sum(a, axis=axis), self.zero)
        top = jax.lax.stop_gradient(jnp.max(a, axis=axis, keepdims=True))
        top = jnp.where(top == self.zero, 0.0, top)
        there = a > self.zero
        total = jnp.sum(jnp.where(there, jnp.exp(jnp.where(there, a - top, 0.0)), 0.0), axis=axis)
        some = total > 0
        return jnp.where(some, jnp.log(jnp.where(some, total, 1.0)) + jnp.squeeze(top, axis), self.zero)

    def matmul(self, a: Any, b: Any, /) -> Any:
        return self.sum(a[..., :, :, None] + b[..., None, :, :], axis=-2)

    def divide(self, a: Any, b: Any, /) -> Any:
        none = b == self.zero
        return jnp.where(none, self.zero, a - jnp.where(none, 0.0, b))


Log = Logarithms()
"""The non-negative reals by their logarithms."""
