r"""Losses: parametric arrows whose parameter is the label.

Definition:
    A loss is an arrow ``B → L`` of ``Para(Smooth)`` whose parameter is the label: ``e : Label ⊗ B → L`` takes what should have
    been and what was predicted. Its reverse derivative sends a rate ``a`` back to both.

References:
    Cruttwell et al. (2103.01931), Definition 3.3 and Examples 3.4 - 3.7. The order of the two requests in the
    printed quadratic loss, and the printed cross-entropy, are slips; see the deviations page.
"""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

from ..categories import Smooth
from ..constructions import ParaMap, para
from ..objects import Fin, Ob, R
from ..theory import Data


class Quadratic(Data):
    """``½ Σ (b_p - b_t)²``."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        label, prediction = xs
        return (0.5 * jnp.sum((prediction - label) ** 2),)


# Traced once for each shape and then remembered, as the functions of jax.numpy are.
_minus_log_softmax_at = jax.jit(optax.softmax_cross_entropy_with_integer_labels, inline=True)


class CrossEntropy(Data):
    """``-log softmax(b_p)[b_t]``, the mean over positions."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        label, logits = xs
        each = _minus_log_softmax_at(logits, label)
        return (jnp.mean(each) if each.ndim else each,)


class SoftCrossEntropy(Data):
    """``-Σ b_t log softmax(b_p)``."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        label, logits = xs
        return (-jnp.sum(label * jax.nn.log_softmax(logits)),)


class Dot(Data):
    """``b_t · b_p``."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        label, prediction = xs
        return (jnp.sum(label * prediction),)


class Huber(Data):
    """``Σ h(b_p - b_t)``: quadratic up to `delta`, linear beyond."""

    delta: float = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        label, prediction = xs
        return (jnp.sum(optax.losses.huber_loss(prediction, label, delta=self.delta)),)


def _loss(label: Ob, prediction: Ob, e: Any) -> ParaMap:
    return para(label, Smooth.arrow(label @ prediction, R(), e), labels=["label"])


def quadratic(*shape: int) -> ParaMap:
    """``e(b_t, b_p) = ½ Σ (b_p - b_t)²`` on arrays of a shape; ``R[e] = (a (b_t - b_p), a (b_p - b_t))``.

    Source: 2103.01931, Example 3.4 (with the two components in the order of their types).

    Example:
        >>> print(quadratic(2)(([1.0, 0.0],), [3.0, 1.0]))
        2.5
    """
    return _loss(R(*shape), R(*shape), Quadratic())


def cross_entropy(classes: int, *positions: int) -> ParaMap:
    """``e(b_t, b_p) = -log softmax(b_p)[b_t]``: the label is an element of a finite set, the prediction its logits.

    Args:
        classes: the number of classes.
        *positions: with positions, one label and one row of logits at each, and the mean of their losses.

    Source: 2103.01931, Example 3.6, in the form whose gradient is ``softmax(b_p) - b_t``.

    Example:
        >>> print(f"{cross_entropy(2)((0,), [0.0, 0.0]):.4f}")
        0.6931
    """
    label = Fin(classes)
    for n in reversed(positions):
        label = label.stacked(n)
    return _loss(label, R(*positions, classes), CrossEntropy())


def soft_cross_entropy(classes: int) -> ParaMap:
    """``e(b_t, b_p) = -Σ b_t log softmax(b_p)``: the label is a distribution, ``Σ b_t = 1``.

    Source: 2103.01931, Example 3.6, in the form whose gradient is ``softmax(b_p) - b_t``.
    """
    return _loss(R(classes), R(classes), SoftCrossEntropy())


def dot(*shape: int) -> ParaMap:
    """``e(b_t, b_p) = b_t · b_p``, for ascent: what comes back does not depend on the prediction.

    Source: 2103.01931, Example 3.7.

    Example:
        >>> print(dot(2)(([1.0, 2.0],), [3.0, 1.0]))
        5.0
    """
    return _loss(R(*shape), R(*shape), Dot())


def huber(*shape: int, delta: float = 1.0) -> ParaMap:
    """``½ d²`` where ``|d| <= delta``, else ``delta (|d| - delta / 2)``, summed; ``d = b_p - b_t``.

    Raises:
        ValueError: `delta` is not a positive number.

    Example:
        >>> print(huber(2)(([0.0, 0.0],), [0.5, 3.0]))
        2.625
    """
    if not (math.isfinite(delta) and delta > 0):
        raise ValueError(f"huber needs a positive delta, but got delta={delta}")
    return _loss(R(*shape), R(*shape), Huber(delta))
