r"""Families: arrows parametrised from outside.

Definition:
    An arrow ``A → B`` of ``Families(C)`` is a space `P` with a *function* from values of `P` to arrows ``A → B`` of `C`. Composition collects
    the parameters, first arrow's parameters first, ``(p, q) ↦ f(p) ; g(q)``, as it does in `Para`.

``Para(C)`` hands parameters to an arrow as one more wire. Where a wire can do little that is too narrow: in `Gauss` everything is affine in
its wires, so a weight that multiplies cannot be one. Here the parameter enters as it likes, and what is learnt is which arrow.

References:
    Smithe (2212.12538), on external parametrisation; AutoBayes (2503.18608), on parametrised games.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax

from ..objects import Ob, unit
from ..theory import Arrow, Data, Symmetric, door
from ..theory.errors import MissingInitialiser, WrongCategory, WrongObject
from .para import per_wire

Values = tuple[Any, ...]


class Chosen(Data):
    """A function of the values of `parameter` to an arrow of the base."""

    parameter: Ob = eqx.field(static=True)
    function: Callable[..., Any]

    def __call__(self, values: Values) -> Any:
        return self.function(*values)


class Together(Data):
    """Two families side by side."""

    f: "Family"
    g: "Family"

    @property
    def parameter(self) -> Ob:
        """The parameters of both."""
        return self.f.parameter @ self.g.parameter

    def __call__(self, values: Values) -> Any:
        n = len(self.f.parameter)
        return self.f.base.tensor(self.f._at(values[:n]), self.g._at(values[n:]))


class Family(Arrow):
    """An arrow ``dom → cod`` for each value of `parameter`: a flat path of functions of parameters."""

    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    base: Symmetric = eqx.field(static=True)
    parameter: Ob = eqx.field(static=True)
    path: tuple[Any, ...]
    labels: tuple[str, ...] = eqx.field(static=True)
    initialisers: tuple[Any, ...]

    @property
    def category(self) -> "Families":
        return Families(self.base)

    @door
    def at(self, parameters: Any, /) -> Any:
        """The arrow of the base at a value of the parameter, one entry a wire.

        Raises:
            WrongValue: an entry is not an element of its wire.
        """
        return self._at(self.parameter.elements(tuple(parameters)))

    def _at(self, values: Values) -> Any:
        arrows, i = [self.base.id(self.dom)], 0
        for part in self.path:
            j = i + len(part.parameter)
            arrows.append(part(values[i:j]))
            i = j
        return self.base.then(*arrows)

    @door
    def init(self, *, key: Any) -> Values:
        """Fresh parameters.

        Raises:
            MissingInitialiser: a parameter has no initialiser.
        """
        for label, make in zip(self.labels, self.initialisers, strict=True):
            if make is None:
                raise MissingInitialiser(label)
        makers = enumerate(zip(self.initialisers, self.parameter.wires, strict=True))
        return tuple(make(wire, key=jax.random.fold_in(key, i)) for i, (make, wire) in makers)


@dataclasses.dataclass(frozen=True)
class Families(Symmetric):
    """The category of families of arrows of a symmetric monoidal category; see the module.

    Laws:
        Composition is associative and unital exactly. Interchange holds up to the order of the parameters.
    """

    base: Symmetric

    def __str__(self) -> str:
        return f"Families({self.base})"

    @property
    def unit(self) -> Any:
        return self.base.unit

    def id(self, x: Any, /) -> Family:
        return Family(x, x, self.base, unit, (), (), ())

    def _then(self, f: Family, g: Family, /) -> Family:
        return self._collect(f.dom, g.cod, f, g, f.path + g.path)

    def _tensor(self, f: Family, g: Family, /) -> Family:
        return self._collect(f.dom @ g.dom, f.cod @ g.cod, f, g, (Together(f, g),))

    def _collect(self, dom: Any, cod: Any, f: Family, g: Family, path: tuple[Any, ...]) -> Family:
        labels, makers = f.labels + g.labels, f.initialisers + g.initialisers
        return Family(dom, cod, self.base, f.parameter @ g.parameter, path, labels, makers)

    def swap(self, x: Any, y: Any, /) -> Family:
        return self.lift(self.base.swap(x, y))

    @door
    def lift(self, f: Arrow, /) -> Family:
        """An arrow of the base, as a family without parameters."""
        self.base._own(f)
        return Family(f.dom, f.cod, self.base, unit, (Chosen(unit, Always(f)),), (), ())


class Always(Data):
    """One arrow, whatever the parameters."""

    arrow: Any

    def __call__(self) -> Any:
        return self.arrow


@door
def family(parameter: Ob, function: Callable[..., Any], *, labels: Any = None, init: Any = None) -> Family:
    """The family of arrows that a function of parameters is.

    Args:
        parameter: the space of parameters.
        function: takes one argument a wire of `parameter`, and returns an arrow; its ends must not depend on the numbers.
        labels: one name a wire; default ``"parameter"``.
        init: one initialiser a wire, called as ``init(wire, key=key)``; default none.

    Raises:
        WrongObject: `function` returns no arrow.
        WrongCategory: the arrows are those of a category without a tensor.

    Example:
        >>> import jax.numpy as jnp
        >>> from catlearn import Fin, FinStoch, R, unit
        >>> from catlearn.categories.finstoch import Kernel
        >>> coin = family(R(), lambda p: Kernel(unit, Fin(2), jnp.stack([p, 1 - p])))
        >>> print(coin, coin.at([0.25]).table)
        Family : unit -> Fin(2) [0.25 0.75]
    """
    made = jax.eval_shape(function, *parameter.avals())
    if not isinstance(made, Arrow):
        raise WrongObject(
            f"a family is a function from parameters to arrows, but {function} returns {type(made).__name__}."
        )
    if not isinstance(made.category, Symmetric):
        raise WrongCategory(
            f"families compose in a symmetric monoidal category, but got {made}, an arrow of {made.category}."
        )
    names, makers = per_wire(parameter, labels, "parameter", "labels"), per_wire(parameter, init, None, "init")
    return Family(made.dom, made.cod, made.category, parameter, (Chosen(parameter, function),), names, makers)
