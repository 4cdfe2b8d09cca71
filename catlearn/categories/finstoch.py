r"""Markov kernels between finite sets: tables of probabilities.

Definition:
    A *kernel* ``f : X → Y`` has a probability ``f(y | x) >= 0`` for each input and output, and each row sums to one. Composition sums over
    what is in between, and a state is a kernel out of the unit: a distribution. The conditional of ``f : A → X ⊗ Y`` given `X` is

    .. math:: k(y \mid x, a) = \frac{f(x, y \mid a)}{\sum_{y'} f(x, y' \mid a)}

    where something falls on `x`, and whatever one says elsewhere: the uniform distribution, if one says nothing.

The numbers are floats in `FinStoch`; in `LogFinStoch` their logarithms, which do not underflow; in ``FinStochCategory(Q)`` exact fractions.
Signed weights that sum to one, `QuasiStoch`, are a Markov category too, in which what is certain need not be independent of how it came about.

References:
    Fritz (1908.07021), Examples 2.5 and 11.6; Cho, Jacobs (1709.00322), on disintegration.
"""

import dataclasses
from typing import Any, Literal, overload

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from ..objects import Fin, Log, Ob, Real, Ring, Semifield, is_concrete, unit
from ..objects.semiring import namespace
from ..theory import Conditionals, Markov, Support, door
from ..theory.errors import NotConcrete, NotStochastic, WrongObject, WrongShape
from .tables import Table, Tables, moved, shape, size


class Kernel(Table):
    """A Markov kernel ``dom → cod``: the probabilities of the outputs, given the inputs.

    Call it on one input a wire, whole numbers or labels, to have the state there.

    Shapes:
        table: (sizes of the wires of `dom`, then those of `cod`); each sum over the axes of `cod` is one.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    table: Any
    over: Tables = eqx.field(static=True, default_factory=lambda: FinStoch)

    @property
    def category(self) -> Tables:
        return self.over

    @door
    def __call__(self, *values: Any) -> "Kernel":
        """The state at the given inputs, one a wire.

        Raises:
            WrongValue: an input is no element of its wire.
        """
        return Kernel(unit, self.cod, self.table[self.dom.elements(values)], self.over)


@dataclasses.dataclass(frozen=True)
class FinStochCategory(Tables, Conditionals):
    """Finite sets and Markov kernels; see the module.

    Args:
        entries: the numbers: `Real`, `Log` for logarithms, or `Q` for fractions.

    Example:
        >>> coin, die = Fin(2), Fin(4)
        >>> loaded = kernel(coin, die, [[0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.25, 0.0]])
        >>> print(loaded, loaded(1).table)
        Kernel : Fin(2) -> Fin(4) [0.5  0.25 0.25 0.  ]
        >>> fair = FinStoch.uniform(coin)
        >>> print(FinStoch.bayes_inverse(loaded, fair)(3).table)
        [1. 0.]
    """

    entries: Semifield = Real

    def __str__(self) -> str:
        return {Real: "FinStoch", Log: "LogFinStoch"}.get(self.entries, f"FinStoch({self.entries})")

    def _arrow(self, dom: Ob, cod: Ob, table: Any, /) -> Kernel:
        return Kernel(dom, cod, table, self)

    @door
    def uniform(self, x: Ob, /) -> Kernel:
        """The state that gives the same to each element."""
        ones = self.entries.indicator(np.ones(shape(x), bool))
        return self._arrow(unit, x, self.entries.divide(ones, self.entries.natural(size(x))))

    def _marginal(self, f: Kernel, wires: tuple[int, ...], /) -> Kernel:
        if len(set(wires)) < len(wires):
            return self._then(f, self.pick(f.cod, wires))
        a, out = range(len(f.dom)), Ob(tuple(f.cod.wires[i] for i in wires))
        rest = tuple(i for i in range(len(f.cod)) if i not in wires)
        order = (*a, *(len(a) + i for i in (*wires, *rest)))
        split = moved(f, order, f.dom @ out, Ob(tuple(f.cod.wires[i] for i in rest)))
        return self._of(f.dom, out, self.entries.sum(split, axis=1))

    def _joint(self, p: Kernel, f: Kernel, /) -> Kernel:
        table = self.entries.multiply(p.matrix[:, :, None], f.matrix[None, :, :])
        return self._of(p.dom, p.cod @ f.cod, table)

    def _conditional(self, f: Kernel, n: int, otherwise: Kernel | None, /) -> Kernel:
        a, dom, cod = len(f.dom), f.cod[:n] @ f.dom, f.cod[n:]
        order = (*range(a, a + n), *range(a), *range(a + n, a + len(f.cod)))
        return self._given(dom, cod, moved(f, order, dom, cod), otherwise)

    def _bayes_inverse(self, c: Kernel, p: Kernel, otherwise: Kernel | None, /) -> Kernel:
        weights = self.entries.multiply(p.matrix.T[None, :, :], c.matrix.T[:, :, None]).swapaxes(1, 2)
        y = c.cod @ p.dom
        return self._given(y, c.dom, weights.reshape(size(y), size(c.dom)), otherwise)

    def _given(self, dom: Ob, cod: Ob, weights: Any, otherwise: Kernel | None) -> Kernel:
        """Rows divided by their sums; rows of zeros are those of `otherwise`."""
        k = self.entries
        total = k.sum(weights, axis=1)[:, None]
        free = (self.uniform(cod) if otherwise is None else otherwise).matrix.astype(weights.dtype)
        return self._of(dom, cod, namespace(weights).where(total == k.zero, free, k.divide(weights, total)))

    @door
    def supported(self, p: Kernel, /) -> Any:
        """Which elements of its codomain a kernel reaches, from some input: an array of truth values in the shape of ``p.cod``."""
        self._own(p)
        return namespace(p.table).any(p.matrix != self.entries.zero, axis=0).reshape(shape(p.cod))

    def _as_equal(self, p: Kernel, f: Kernel, g: Kernel, tol: float | None, /) -> bool:
        seen = self.supported(p).reshape(-1)[:, None]
        there = lambda h: namespace(h.table).where(seen, h.matrix, self.entries.zero)
        return self.entries.close(there(f), there(g), tol)

    def _absolutely_continuous(self, p: Kernel, q: Kernel, tol: float | None, /) -> bool:
        return bool((self.supported(q) | ~self.supported(p)).all())

    def _is_deterministic(self, f: Kernel, tol: float | None, /) -> bool:
        return self.entries.close(self.entries.multiply(f.table, f.table), f.table, tol)

    @door
    def support(self, p: Kernel, /) -> Support:
        """The elements that a state gives something to, as a set of its own.

        The retraction sends each other element to the first of the support. The set depends on the numbers, so they must be known:
        inside ``jit``, `supported` is the same as a mask.

        Raises:
            WrongObject: `p` is no state.
            NotConcrete: its numbers are traced.

        Example:
            >>> weather = Fin(3, labels=["sun", "rain", "snow"])
            >>> S = FinStoch.support(kernel(unit, weather, [0.5, 0.5, 0.0]))
            >>> print(S.ob, S.ob.wires[0].labels, S.retraction(2).table)
            Fin(2) ('sun', 'rain') [1. 0.]
        """
        self._own(p)
        if p.dom != unit:
            raise WrongObject(f"only a state has a support, but {p} starts at {p.dom}: give it inputs first.")
        if not is_concrete(p.table):
            raise NotConcrete(f"the support of {p}", "FinStoch.supported(p) is the same as a mask, of fixed shape.")
        kept = np.flatnonzero(np.asarray(self.supported(p)))
        part = Fin(len(kept), labels=_names(p.cod, kept))
        back = np.zeros(size(p.cod), int)
        back[kept] = np.arange(len(kept))
        column, row = np.arange(size(p.cod)), np.arange(len(kept))
        inclusion = self._mask(part, p.cod, column[None, :] == kept[:, None])
        return Support(part, inclusion, self._mask(p.cod, part, back[:, None] == row[None, :]))


def _names(x: Ob, kept: Any) -> tuple[str, ...]:
    """What to call some elements of an object: by the labels of its wires."""
    labels = [wire.labels or tuple(map(str, range(wire.n))) for wire in x.wires]  # pyright: ignore[reportAttributeAccessIssue]
    places = [np.unravel_index(i, shape(x)) for i in kept]
    return tuple(", ".join(names[j] for names, j in zip(labels, place, strict=True)) for place in places)


FinStoch = FinStochCategory()
"""Markov kernels with probabilities as floats."""

LogFinStoch = FinStochCategory(Log)
"""Markov kernels with logarithms of probabilities, for long chains and small numbers."""


@dataclasses.dataclass(frozen=True)
class QuasiStochCategory(Tables, Markov):
    """Finite sets and signed kernels: a Markov category that is not positive, and so has no conditionals.

    Args:
        entries: the numbers: `Real`, or whole numbers or fractions.
    """

    entries: Ring = Real

    def __str__(self) -> str:
        return "QuasiStoch" if self.entries == Real else f"QuasiStoch({self.entries})"

    def _arrow(self, dom: Ob, cod: Ob, table: Any, /) -> Kernel:
        return Kernel(dom, cod, table, self)


QuasiStoch = QuasiStochCategory()
"""Signed kernels."""


@overload
def kernel(dom: Ob, cod: Ob, table: Any, /, *, over: Any = ..., check: Literal["raise"] = ...) -> Any: ...
@overload
def kernel(dom: Ob, cod: Ob, table: Any, /, *, over: Any = ..., check: Literal["flag"]) -> tuple[Any, Any]: ...
@door
def kernel(dom: Ob, cod: Ob, table: Any, /, *, over: Any = None, check: Any = "raise") -> Any:
    """The kernel ``dom → cod`` with the given table: one axis a wire, inputs first, and each row of outputs sums to one.

    Args:
        dom: finite wires; `unit` for a state.
        cod: finite wires.
        table: probabilities; for `LogFinStoch` their logarithms, for `QuasiStoch` of any sign.
        over: the category; None for `FinStoch`.
        check: "raise" looks at the numbers, unless they are traced; "flag" returns ``(kernel, ok)``, where `ok` says whether they are right
            and may be traced.

    Raises:
        WrongShape: the table does not fit the ends.
        NotStochastic: an entry is negative, or a row does not sum to one.
        WrongObject: a wire is no finite set.

    Example:
        >>> rain = Fin(2, labels=["dry", "wet"])
        >>> tomorrow = kernel(rain, rain, [[0.75, 0.25], [0.5, 0.5]])
        >>> print((tomorrow >> tomorrow)("dry").table)
        [0.6875 0.3125]
    """
    category = FinStoch if over is None else over
    array, expected = category.entries.array(table), shape(dom @ cod)
    if array.shape != expected:
        raise WrongShape("the table", expected, tuple(array.shape), dom, cod, _cure(array.shape, dom, cod))
    made = category._of(dom, cod, array)
    bad, total = _flaws(category, made)
    if check == "flag":
        return made, ~bad.any()
    if is_concrete(array) and bad.any():
        row = int(np.argmax(np.asarray(bad)))
        at = tuple(int(i) for i in np.unravel_index(row, shape(dom)))
        raise NotStochastic(made, at, made.matrix[row], total[row], category.entries == Log)
    return made


def _flaws(category: Any, f: Table) -> tuple[Any, Any]:
    """Which rows are not right, and what they sum to."""
    k = category.entries
    total = k.sum(f.matrix, axis=1)
    slack = 0 if k.exact else 4096 * float(jnp.finfo(f.table.dtype).eps)
    off = ~(abs(total - k.one) <= slack)
    signed = k == Log or isinstance(category, QuasiStochCategory)
    return (off if signed else off | ~(f.matrix >= k.zero).all(axis=1)), total


def _cure(given: tuple[int, ...], dom: Ob, cod: Ob) -> str:
    if given == shape(cod @ dom):
        return "The inputs come first: a row sums over outputs. Transpose the table."
    if given == (size(dom), size(cod)):
        return "There is one axis a wire: reshape the table."
    return ""
