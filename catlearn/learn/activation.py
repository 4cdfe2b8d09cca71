r"""Activations: nonlinear maps without weights.

Definition:
    ``relu(*shape) : R(*shape) → R(*shape)`` is the layer without parameters that applies ``max(x, 0)`` to each entry; likewise the
    others. `softmax` and `log_softmax` act along the last axis.

They take the shape so that ``dense(64, 128) >> gelu(128)`` is checked where it is written.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import smooth
from ..constructions import Para, ParaMap
from ..objects import R
from ..theory import door
from .layer import layer, sizes


@door
def elementwise(function: Callable[[Any], Any], *shape: int) -> ParaMap:
    """The layer of any function that keeps the shape of an array.

    Raises:
        WrongCodomain: the function changes the shape or the dtype.
        ClosesOverArrays: the function hides arrays in its closure.

    Example:
        >>> print(elementwise(jnp.square, 3)((), [1.0, 2.0, 3.0]))
        [1. 4. 9.]
    """
    f = smooth(function, R(*shape), R(*shape))
    return Para(f.category).lift(f)


def _known(name: str, function: Callable[[Any], Any], shape: tuple[int, ...]) -> ParaMap:
    sizes(name, shape=shape)
    return layer(function, R(*shape), R(*shape))


def _relu(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (jax.nn.relu(xs[0]),)


@door
def relu(*shape: int) -> ParaMap:
    """``x ↦ max(x, 0)`` at each entry; the derivative at zero is taken to be zero.

    Example:
        >>> print(relu(3)((), [-1.0, 0.0, 2.0]))
        [0. 0. 2.]
    """
    return _known("relu", _relu, shape)


class LeakyRelu(eqx.Module):
    """``max(x, 0) + slope min(x, 0)``."""

    slope: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (jax.nn.leaky_relu(xs[0], self.slope),)


@door
def leaky_relu(*shape: int, slope: float = 0.01) -> ParaMap:
    """``x ↦ x`` where positive, ``slope x`` elsewhere, at each entry.

    Example:
        >>> print(leaky_relu(2, slope=0.25)((), [-1.0, 2.0]))
        [-0.25  2.  ]
    """
    return _known("leaky_relu", LeakyRelu(slope), shape)


class Gelu(eqx.Module):
    """``x Φ(x)``, with ``Φ`` the normal distribution function, or its approximation by tanh."""

    approximate: bool = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (jax.nn.gelu(xs[0], approximate=self.approximate),)


@door
def gelu(*shape: int, approximate: bool = True) -> ParaMap:
    """``x ↦ x Φ(x)`` at each entry, with ``Φ`` the distribution function of a standard normal.

    Args:
        *shape: shape of the array.
        approximate: whether to use the formula with tanh, as `jax.nn.gelu` does by default.

    Example:
        >>> print(gelu(2)((), [0.0, 8.0]))
        [0. 8.]

    Source: Hendrycks and Gimpel (1606.08415).
    """
    return _known("gelu", Gelu(approximate), shape)


def _silu(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (jax.nn.silu(xs[0]),)


@door
def silu(*shape: int) -> ParaMap:
    """``x ↦ x σ(x)`` at each entry, with ``σ`` the logistic function; also called swish.

    Example:
        >>> print(silu(2)((), [0.0, 32.0]))
        [ 0. 32.]
    """
    return _known("silu", _silu, shape)


def _tanh(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (jnp.tanh(xs[0]),)


@door
def tanh(*shape: int) -> ParaMap:
    """``x ↦ tanh x`` at each entry.

    Example:
        >>> print(tanh(2)((), [0.0, 32.0]))
        [0. 1.]
    """
    return _known("tanh", _tanh, shape)


def _sigmoid(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (jax.nn.sigmoid(xs[0]),)


@door
def sigmoid(*shape: int) -> ParaMap:
    """``x ↦ 1 / (1 + e^{-x})`` at each entry.

    Example:
        >>> print(sigmoid(1)((), [0.0]))
        [0.5]
    """
    return _known("sigmoid", _sigmoid, shape)


def _softplus(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (jax.nn.softplus(xs[0]),)


@door
def softplus(*shape: int) -> ParaMap:
    """``x ↦ log(1 + e^x)`` at each entry, the primitive of `sigmoid`.

    Example:
        >>> print(softplus(1)((), [64.0]))
        [64.]
    """
    return _known("softplus", _softplus, shape)


def _softmax(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (jax.nn.softmax(xs[0], axis=-1),)


@door
def softmax(n: int, *shape: int) -> ParaMap:
    """``x ↦ e^x / Σ e^x`` along the last axis: logits to probabilities.

    Example:
        >>> print(softmax(2)((), [0.0, 0.0]))
        [0.5 0.5]
    """
    return _known("softmax", _softmax, (n, *shape))


def _log_softmax(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (jax.nn.log_softmax(xs[0], axis=-1),)


@door
def log_softmax(n: int, *shape: int) -> ParaMap:
    """``x ↦ x - log Σ e^x`` along the last axis.

    Example:
        >>> print(log_softmax(1)((), [3.0]))
        [0.]
    """
    return _known("log_softmax", _log_softmax, (n, *shape))
