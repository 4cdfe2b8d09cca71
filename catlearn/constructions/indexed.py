r"""Indexed products and biproducts: n arrows at once, on stacks of n values.

Definition:
    The product of n copies of `X` is the stack ``Xⁿ``, whose values are n values of `X` along a new first axis of each wire. In place of
    pairs of arrows there are families of n,

    .. math:: \mathrm{cross}(f_i) : X^n \to Y^n, \quad \mathrm{project}_i : X^n \to X, \quad \mathrm{replicate} : X \to X^n,

    and where the product is a coproduct, ``inject_i : X → Xⁿ`` and ``total : Xⁿ → X``. The rest follows:
    ``fork(f_i) = replicate ; cross(f_i)``, ``join(f_i) = cross(f_i) ; total``, and ``map(f) = cross(f, ..., f)``.

The derivative of a cross is the cross of the derivatives (Theorem 6), and duality exchanges projections and injections, replicating and
totals.

References:
    Elliott (1804.00746), Theorem 6 and on indexed biproducts: ``crossI, exI, replI, inI, jamI``.
"""

import abc
import dataclasses
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..objects import Ob
from ..theory import Concrete, Data, door
from ..theory.errors import WrongCategory, WrongObject
from .dual import Dual
from .gad import D, DMap
from .gad_stage import Stage, run_stages

Values = tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Indexed(abc.ABC):
    """The operations on families of `n` arrows of a category; `indexed` finds them.

    Attributes:
        category: the category.
        n: how many arrows a family has.
    """

    category: Any
    n: int

    @abc.abstractmethod
    def _cross(self, arrows: tuple[Any, ...], /) -> Any:
        """The cross of a family that is known to be one."""

    @abc.abstractmethod
    def project(self, x: Ob, /) -> tuple[Any, ...]:
        """The projections ``Xⁿ → X``: ``exI``."""

    @abc.abstractmethod
    def replicate(self, x: Ob, /) -> Any:
        """The arrow ``X → Xⁿ`` to n times the same: ``replI``."""

    @abc.abstractmethod
    def inject(self, x: Ob, /) -> tuple[Any, ...]:
        """The injections ``X → Xⁿ``, zero elsewhere: ``inI``."""

    @abc.abstractmethod
    def total(self, x: Ob, /) -> Any:
        """The sum ``Xⁿ → X``: ``jamI``."""

    @door
    def cross(self, arrows: Sequence[Any], /) -> Any:
        """The arrow ``Xⁿ → Yⁿ`` that is the i-th arrow on the i-th value: ``crossI``.

        Raises:
            WrongObject: there are not n arrows.
            NotParallel: the arrows have different ends.
        """
        if len(arrows) != self.n:
            raise WrongObject(f"a family needs {self.n} arrows here, but got {len(arrows)}.")
        for f in arrows:
            self.category._parallel(arrows[0], f, "cross")
        return self._cross(tuple(arrows))

    @door
    def fork(self, arrows: Sequence[Any], /) -> Any:
        """``replicate ; cross``: all arrows on the same value, ``X → Yⁿ``."""
        return self.category.then(self.replicate(arrows[0].dom), self.cross(arrows))

    @door
    def unfork(self, f: Any, x: Ob, /) -> tuple[Any, ...]:
        """The n arrows ``f ; project_i`` of an arrow into ``xⁿ``."""
        return tuple(self.category.then(f, p) for p in self.project(x))

    @door
    def join(self, arrows: Sequence[Any], /) -> Any:
        """``cross ; total``: the sum of each arrow on its own value, ``Xⁿ → Y``."""
        return self.category.then(self.cross(arrows), self.total(arrows[0].cod))

    @door
    def unjoin(self, f: Any, x: Ob, /) -> tuple[Any, ...]:
        """The n arrows ``inject_i ; f`` of an arrow out of ``xⁿ``."""
        return tuple(self.category.then(i, f) for i in self.inject(x))

    @door
    def map(self, f: Any, /) -> Any:
        """``cross(f, ..., f)``: one arrow on each value."""
        return self.cross((f,) * self.n)


class Each(Data):
    """A family of functions, each on its own value; alike ones are run as one, by `jax.vmap`."""

    arrows: tuple[Any, ...]

    def __call__(self, xs: Values) -> Values:
        C = self.arrows[0].category
        if len({jax.tree.structure(f) for f in self.arrows}) == 1 and _alike(self.arrows):
            stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *self.arrows)
            return jax.vmap(lambda f, x: C.apply(f, x))(stacked, xs)
        values = [C.apply(f, jax.tree.map(lambda x, i=i: x[i], xs)) for i, f in enumerate(self.arrows)]
        return stack(values)


def _alike(arrows: tuple[Any, ...]) -> bool:
    """Whether the arrows hold arrays alone, of the same shapes: then they can be stacked."""
    held = [jax.tree.leaves(f) for f in arrows]
    if not all(isinstance(x, jax.Array) for leaves in held for x in leaves):
        return False
    shapes = [[(x.shape, x.dtype) for x in leaves] for leaves in held]
    return all(s == shapes[0] for s in shapes)


def stack(values: Sequence[Values]) -> Values:
    """Values stacked along a new first axis of each wire."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *values)


class At(Data):
    """The i-th value of a stack."""

    i: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(lambda x: x[self.i], xs)


class Replicate(Data):
    """A value, n times."""

    n: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(lambda x: jnp.broadcast_to(x, (self.n, *x.shape)), xs)


class PutAt(Data):
    """A value at the i-th place of a stack, zeros elsewhere."""

    i: int = eqx.field(static=True)
    n: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(lambda x: jnp.zeros((self.n, *x.shape), x.dtype).at[self.i].set(x), xs)


class Total(Data):
    """The sum of the values of a stack."""

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(lambda x: jnp.sum(x, axis=0), xs)


@dataclasses.dataclass(frozen=True)
class OfFunctions(Indexed):
    """Families of functions: `Smooth`, `AddFn`, `Linear`, `LMat`."""

    def _cross(self, arrows: tuple[Any, ...], /) -> Any:
        return self._arrow(arrows[0].dom.stacked(self.n), arrows[0].cod.stacked(self.n), Each(arrows))

    def _arrow(self, dom: Ob, cod: Ob, function: Any) -> Any:
        return self.category.arrow(dom, cod, function)

    def project(self, x: Ob, /) -> tuple[Any, ...]:
        return tuple(self._arrow(x.stacked(self.n), x, At(i)) for i in range(self.n))

    def replicate(self, x: Ob, /) -> Any:
        return self._arrow(x, x.stacked(self.n), Replicate(self.n))

    def inject(self, x: Ob, /) -> tuple[Any, ...]:
        return tuple(self._arrow(_additive(x), x.stacked(self.n), PutAt(i, self.n)) for i in range(self.n))

    def total(self, x: Ob, /) -> Any:
        return self._arrow(_additive(x).stacked(self.n), x, Total())


@dataclasses.dataclass(frozen=True)
class OfDuals(Indexed):
    """Families in a dual category: ``project = Dual inject``, ``replicate = Dual total``, and the other way round."""

    @property
    def base(self) -> Indexed:
        """The families of the base."""
        return indexed(self.category.base, self.n)

    def _cross(self, arrows: tuple[Any, ...], /) -> Any:
        return self.category.dual(self.base.cross([f.arrow for f in arrows]))

    def project(self, x: Ob, /) -> tuple[Any, ...]:
        return tuple(self.category.dual(i) for i in self.base.inject(x))

    def replicate(self, x: Ob, /) -> Any:
        return self.category.dual(self.base.total(x))

    def inject(self, x: Ob, /) -> tuple[Any, ...]:
        return tuple(self.category.dual(p) for p in self.base.project(x))

    def total(self, x: Ob, /) -> Any:
        return self.category.dual(self.base.replicate(x))


class CrossStage(Stage):
    """A family of arrows of ``D(k)``: the values are stacked, and the derivatives crossed."""

    arrows: tuple[DMap, ...]

    def __call__(self, xs: Values) -> tuple[Values, Any]:
        n = len(self.arrows)
        found = [run_stages(f, jax.tree.map(lambda x, i=i: x[i], xs)) for i, f in enumerate(self.arrows)]
        values, derivatives = zip(*found, strict=True)
        return stack(values), indexed(self.arrows[0].base, n).cross(derivatives)


@dataclasses.dataclass(frozen=True)
class OfDerivatives(Indexed):
    """Families of functions with derivatives: what is linear has the counterpart in `k` for its derivative."""

    @property
    def base(self) -> Indexed:
        """The families of `k`."""
        return indexed(self.category.base, self.n)

    def _cross(self, arrows: tuple[Any, ...], /) -> Any:
        dom, cod = arrows[0].dom.stacked(self.n), arrows[0].cod.stacked(self.n)
        return DMap(dom, cod, self.category.base, (CrossStage(arrows),))

    def project(self, x: Ob, /) -> tuple[Any, ...]:
        ways = enumerate(self.base.project(x.tangent))
        return tuple(self.category.constant(x.stacked(self.n), x, At(i), way) for i, way in ways)

    def replicate(self, x: Ob, /) -> Any:
        way = self.base.replicate(x.tangent)
        return self.category.constant(x, x.stacked(self.n), Replicate(self.n), way)

    def inject(self, x: Ob, /) -> tuple[Any, ...]:
        ways = enumerate(self.base.inject(_additive(x)))
        return tuple(self.category.constant(x, x.stacked(self.n), PutAt(i, self.n), way) for i, way in ways)

    def total(self, x: Ob, /) -> Any:
        way = self.base.total(_additive(x))
        return self.category.constant(x.stacked(self.n), x, Total(), way)


@door
def indexed(category: Any, n: int, /) -> Indexed:
    """The operations on families of `n` arrows of a category.

    Raises:
        WrongCategory: the category is neither one of functions nor a dual or a category of derivatives of one.
        WrongObject: `n` is no whole number >= 1.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> I = indexed(Smooth, 2)
        >>> powers = [smooth(lambda x: x, R()), smooth(lambda x: x * x, R())]
        >>> print(I.fork(powers)(3.0), (I.cross(powers) >> I.total(R()))([1.0, 3.0]))
        [3. 9.] 10.0
    """
    if not isinstance(n, int) or n < 1:
        raise WrongObject(f"a family has n >= 1 arrows, but got n = {n!r}.")
    match category:
        case D():
            return OfDerivatives(category, n)
        case Dual():
            return OfDuals(category, n)
        case Concrete():
            return OfFunctions(category, n)
    raise WrongCategory(f"families of arrows are there for functions, duals and derivatives, but not for {category}.")


def _additive(x: Ob) -> Ob:
    if not x.euclidean:
        raise WrongObject(f"a sum needs Euclidean wires, but got {x}.")
    return x
