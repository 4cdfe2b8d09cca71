r"""Layers: parametric arrows ``R(...) → R(...)`` on one example, and how they are wired together.

Definition:
    A layer is an arrow ``(P, f) : X → Y`` of ``Para(Smooth)``: its weights are the parameter `P`, with labels and initialisers.
    Layers compose with ``>>``, stand side by side with ``@``, and a residual connection is a diagram,

    .. math:: \mathrm{residual}(f) = \mathrm{copy} ; (f \otimes \mathrm{id}) ; {+}.

A layer acts on *one* example. A batch of examples is ``Batch(n)(model)``; the positions of a sequence are a batch too, so
a dense layer at each of 16 positions is ``Batch(16)(dense(n, m))``.
"""

import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from ..categories import Smooth
from ..constructions import Para, ParaMap, para
from ..objects import Ob, R
from ..theory import Arrow, door
from ..theory.errors import NotAdditive, WrongLayer

Weight = tuple[str, Ob, Any]


def layer(function: Any, dom: Ob, cod: Ob, *weights: Weight) -> ParaMap:
    """The layer of a function on tuples of values, weights first; the ends are trusted.

    Args:
        function: a module-level function or an `eqx.Module`, from a tuple of values to a tuple of values.
        dom: where it starts.
        cod: where it ends.
        *weights: a label, an object of one wire and an initialiser each.
    """
    P = Ob(tuple(wire for _, ob, _ in weights for wire in ob.wires))
    labels, init = [label for label, _, _ in weights], [make for _, _, make in weights]
    return para(P, Smooth.arrow(P @ dom, cod, function), labels=labels, init=init)


def sizes(name: str, **given: Any) -> None:
    """Check that each argument of a layer is a whole number of at least one, or a tuple of those."""
    for setting, value in given.items():
        many = isinstance(value, tuple)
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in (value if many else (value,))):
            raise WrongLayer(name, setting, "whole numbers >= 1" if many else "a whole number >= 1", value)


def wide(x: Any) -> Any:
    """The array in at least 32 bits: sums of many half-precision numbers lose or overflow."""
    return x.astype(jnp.float32) if jnp.finfo(x.dtype).bits < 32 else x


@door
def sequential(*arrows: Arrow) -> ParaMap:
    """The composite of one or more arrows; arrows of `Smooth` are layers without weights.

    Raises:
        WrongLayer: no arrow was given.
        NotComposable: an arrow does not start where the one before it ends.
        WrongCategory: an arrow is neither of `Smooth` nor of ``Para(Smooth)``.

    Example:
        >>> from catlearn import learn
        >>> print(sequential(learn.dense(4, 3), learn.relu(3), learn.dense(3, 2)))
        ParaMap(R(4, 3) @ R(3) @ R(3, 2) @ R(2)) : R(4) -> R(2)
    """
    if not arrows:
        raise WrongLayer("sequential", "arrows", "one arrow or more (for none write Para(Smooth).id(X))", arrows)
    C = Para(Smooth)
    return C.then(*(C.lift(f) if isinstance(f, Arrow) and f.category == Smooth else f for f in arrows))


@door
def residual(f: ParaMap) -> ParaMap:
    """``copy ; (f ⊗ id) ; +``: the input is added to the output, ``x ↦ f(x) + x``.

    Raises:
        WrongLayer: the ends of `f` differ.
        NotAdditive: a wire of `f` cannot be added.

    Example:
        >>> from catlearn import learn
        >>> f = residual(learn.dense(2, 2))
        >>> print(f(([[1.0, 0.0], [0.0, 1.0]], [0.5, 0.5]), [1.0, 2.0]))
        [2.5 4.5]

    Source: He et al. (1512.03385).
    """
    if f.dom != f.cod:
        raise WrongLayer("residual", "the arrow", "an arrow from an object to itself", f"{f.dom} -> {f.cod}")
    X = f.dom
    if not X.euclidean:
        raise NotAdditive(X, "add the input to the output")
    C = Para(Smooth)
    plus = Smooth.add(Smooth.first(X, X), Smooth.second(X, X))
    return C.then(C.lift(Smooth.copy(X)), C.tensor(f, C.id(X)), C.lift(plus))


class Reshape(eqx.Module):
    """The same entries, in another shape."""

    shape: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (jnp.reshape(xs[0], self.shape),)


@door
def reshape(before: tuple[int, ...], after: tuple[int, ...]) -> ParaMap:
    """``R(*before) → R(*after)``: the same entries in row-major order, in another shape.

    Raises:
        WrongLayer: the two shapes have different numbers of entries.

    Example:
        >>> print(reshape((2, 2), (4,))((), [[1.0, 2.0], [3.0, 4.0]]))
        [1. 2. 3. 4.]
    """
    sizes("reshape", before=tuple(before), after=tuple(after))
    if math.prod(before) != math.prod(after):
        raise WrongLayer("reshape", "after", f"a shape of {math.prod(before)} entries, as {before} has", after)
    return layer(Reshape(tuple(after)), R(*before), R(*after))


@door
def flatten(*shape: int) -> ParaMap:
    """``R(*shape) → R(n)``, with ``n`` the number of entries: the entries in row-major order.

    Raises:
        WrongLayer: a size is not positive.

    Example:
        >>> print(flatten(8, 8))
        ParaMap(unit) : R(8, 8) -> R(64)
    """
    return reshape(shape, (math.prod(shape),)) if shape else reshape((), (1,))
