r"""Other numbers in the same tables: supports, logarithms, floats of fractions.

Definition:
    A homomorphism of rigs ``φ : k → l`` keeps sums, products, zero and one, and so applying it to each entry is a functor

    .. math:: \varphi(f ; g)(x, z) = \varphi\Big(\sum_y f(x, y)\, g(y, z)\Big) = (\varphi f ; \varphi g)(x, z)

    that keeps the tensor and all structure maps.

Among numbers that are not negative, "is it more than zero?" is such a homomorphism to truth values: it maps a kernel to its *support*,
the relation that says what is possible. With signs it is none, since terms may cancel. Logarithms are an isomorphism to the rig in which
one adds them. Fractions map to floats, up to rounding.

References:
    Fritz, Perrone, Rezagholi (1910.03752), on supports, of which this is the finite case.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..categories import FinStoch, FinStochCategory, LogFinStoch, Rel
from ..objects import Log, Q
from ..objects.semiring import namespace
from ..theory import Functor, door
from ..theory.errors import WrongCategory


@dataclasses.dataclass(frozen=True)
class Renumber(Functor):
    """The functor that applies a homomorphism of rigs to each entry of a table; see the module.

    Attributes:
        name: as it appears in reports.
        source: a category of tables, or the class of those it starts from.
        target: a category of tables.
        function: the homomorphism, as a function of an array.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> p = kernel(unit, Fin(3), [0.5, 0.5, 0.0])
        >>> print(support(p).table, logarithm(p).table[2], exponential(logarithm(p)).table)
        [ True  True False] -inf [0.5 0.5 0. ]
    """

    name: str
    source: Any
    target: Any
    function: Callable[[Any], Any]

    def __str__(self) -> str:
        return self.name

    def ob(self, x: Any, /) -> Any:
        """The same set."""
        return x

    @door
    def arrow(self, f: Any, /) -> Any:
        """The same table, in other numbers.

        Raises:
            WrongCategory: `f` is no arrow of the source.
        """
        if self.source != getattr(f, "category", None):
            raise WrongCategory(f"{self} maps arrows of {self.source}, but got {f}, an arrow of {f.category}.")
        return self.target._of(f.dom, f.cod, self.function(f.table))


def _floats(table: Any) -> Any:
    return jnp.asarray(np.asarray(table, float), float)


def _more_than_none(table: Any) -> Any:
    return namespace(table).asarray(table > 0, bool)


support = Renumber("support", FinStoch, Rel, _more_than_none)
"""``FinStoch → Rel``: what is possible."""

logarithm = Renumber("logarithm", FinStoch, LogFinStoch, Log.of)
"""``FinStoch → LogFinStoch``: the same probabilities, by their logarithms."""

exponential = Renumber("exponential", LogFinStoch, FinStoch, jnp.exp)
"""``LogFinStoch → FinStoch``: the inverse of `logarithm`, as long as nothing underflows."""

floats = Renumber("floats", FinStochCategory(Q), FinStoch, _floats)
"""``FinStoch(Q) → FinStoch``: fractions, rounded."""

exact_support = Renumber("support, fractions", FinStochCategory(Q), Rel, _more_than_none)
"""``FinStoch(Q) → Rel``: what is possible, decided exactly."""
