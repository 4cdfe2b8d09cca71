r"""Affine maps and look-up tables: the layers that hold most weights.

Definition:
    ``dense : R(n) → R(m)`` is ``x ↦ x W + b``, with parameter ``W : R(n, m)`` and ``b : R(m)``; `embedding` is the
    same map on the unit vectors of a finite set, so it is a table, ``i ↦ W[i]``.

References:
    Cruttwell et al. (2103.01931), Section 3: a dense layer is linear, then bias, then activation.
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from ..categories import smooth
from ..constructions import Para, ParaMap
from ..constructions.initialise import Constant, Normal, glorot
from ..objects import Fin, R
from ..theory import door
from .layer import layer, sizes


def _linear(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    weight, x = xs
    return (x @ weight,)


def _affine(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    weight, bias, x = xs
    return (x @ weight + bias,)


@door
def dense(
    n: int, m: int, *, bias: bool = True, activation: Callable[..., Any] | None = None, init: Any = None
) -> ParaMap:
    """``x ↦ σ(x W + b) : R(n) → R(m)``.

    Args:
        n: size of the input.
        m: size of the output.
        bias: whether to add ``b``.
        activation: a function ``σ`` on arrays of shape ``(m,)``; none by default. ``dense(n, m) >> relu(m)`` says the same.
        init: initialiser of ``W``; Glorot's uniform one by default. ``b`` starts at zero.

    Shapes:
        W: ``(n, m)``, labelled ``dense.weight``.
        b: ``(m,)``, labelled ``dense.bias``.

    Raises:
        WrongLayer: a size is not positive.
        WrongCodomain: the activation does not keep the shape.

    Example:
        >>> f = dense(2, 2)
        >>> print(f.labels, f(([[1.0, 2.0], [0.0, 1.0]], [0.5, 0.5]), [1.0, 3.0]))
        ('dense.weight', 'dense.bias') [1.5 5.5]

    Source: Cruttwell et al. (2103.01931), Section 3; Glorot and Bengio (2010) for the initialiser.
    """
    sizes("dense", n=n, m=m)
    weight = ("dense.weight", R(n, m), glorot(n, m) if init is None else init)
    if bias:
        f = layer(_affine, R(n), R(m), weight, ("dense.bias", R(m), Constant(0.0)))
    else:
        f = layer(_linear, R(n), R(m), weight)
    return f if activation is None else f >> Para(f.base).lift(smooth(activation, R(m), R(m)))


def _rows(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    table, index = xs
    return (jnp.take(table, index, axis=0, mode="clip"),)


@door
def embedding(n: int, d: int, *, length: int | None = None, init: Any = None) -> ParaMap:
    """``i ↦ W[i] : Fin(n) → R(d)``; with a length, the rows of a sequence of that many elements.

    Args:
        n: how many elements the finite set has.
        d: size of the vector of each.
        length: none for one element; else the domain is a sequence, the stacked wire ``Fin(n)^length``.
        init: initialiser of ``W``; normal with variance ``1 / d`` by default.

    Shapes:
        W: ``(n, d)``, labelled ``embedding.weight``.

    Raises:
        WrongLayer: a size is not positive.

    Example:
        >>> f = embedding(2, 2, length=3)
        >>> print(f)
        ParaMap(R(2, 2)) : Fin(2)^3 -> R(3, 2)
        >>> print(f(([[1.0, 2.0], [3.0, 4.0]],), [0, 1, 1]))
        [[1. 2.]
         [3. 4.]
         [3. 4.]]
    """
    sizes("embedding", n=n, d=d, length=1 if length is None else length)
    weight = ("embedding.weight", R(n, d), Normal(d**-0.5) if init is None else init)
    X, Y = Fin(n), R(d)
    return layer(_rows, X if length is None else X.stacked(length), Y if length is None else Y.stacked(length), weight)
