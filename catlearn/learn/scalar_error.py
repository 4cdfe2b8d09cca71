r"""Scalar errors: what turns gradients into requests.

Definition:
    An error is a differentiable ``e(x, y)`` of a prediction and a label, such that for every `x` the map

    .. math:: y \mapsto \frac{\partial e}{\partial x}(x, y)

    is invertible on the real line. Its inverse, ``f_x``, answers the question: for which label would the slope at `x` be `z`?
    Only the derivative in the first slot is ever inverted; the one in the second is never used.

A gradient says how to move, an inverse says where to. With the quadratic error ``f_x(z) = x - z``: the request is a unit
gradient step.

References:
    Fong, Spivak, Tuyéras (1711.10455), Theorem III.2.
"""

import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import Smooth
from ..constructions import ParaMap, para
from ..objects import Ob, R
from ..objects.compare import default_tolerance
from ..objects.function import as_leaves
from ..theory import Data, door
from ..theory.errors import NotInvertible, name_of
from .optimise import Values, each_wire


class ScalarError(Data):
    """An error of two real numbers, and the inverse of its first partial derivative; both act entry by entry.

    The constructor trusts; `scalar_error` tries the inverse.

    Attributes:
        e: ``(x, y) ↦ e(x, y)``, of a prediction and a label.
        inverse: ``(x, z) ↦ f_x(z)``.
        inside: the open interval in which predictions and inputs must lie; None for the whole line.
    """

    e: Callable[..., Any]
    inverse: Callable[..., Any]
    inside: tuple[float, float] | None = eqx.field(static=True, default=None)

    def slopes(self, xs: Values, ys: Values) -> Values:
        """``∂e/∂x`` at predictions and labels, wire by wire and entry by entry."""
        return each_wire(lambda x, y: _slope(self, x, y), xs, ys)

    def solve(self, xs: Values, zs: Values) -> Values:
        """The labels ``f_x(z)`` at which the slopes at `xs` would be `zs`."""
        return each_wire(lambda x, z: _solution(self, x, z), xs, zs)

    def loss(self, space: Ob) -> ParaMap:
        """The sum of the errors of all entries, as a loss ``(Label, e) : B → R`` for `fit` and `supervised_step`.

        Example:
            >>> from catlearn import R
            >>> print(quadratic_error.loss(R(2)), quadratic_error.loss(R(2))(([1.0, 0.0],), [3.0, 1.0]))
            ParaMap(R(2)) : R(2) -> R() 2.5
        """
        total = Smooth.arrow(space @ space, R(), Total(self))
        return para(space, total, labels=["label"] * len(space))


class Total(Data):
    """``(b_t, b_p) ↦ Σ e(b_p, b_t)``."""

    error: ScalarError

    def __call__(self, xs: Values) -> Values:
        n = len(xs) // 2
        each = each_wire(lambda x, y: _each_entry(self.error.e, x, y), xs[n:], xs[:n])
        return (sum((jnp.sum(leaf) for leaf in jax.tree.leaves(each)), jnp.zeros(())),)


# Traced once for each shape and then remembered, as the functions of jax.numpy are.
@functools.partial(jax.jit, inline=True)
def _slope(error: ScalarError, x: Any, y: Any) -> Any:
    return _each_entry(jax.grad(error.e), x, y)


@functools.partial(jax.jit, inline=True)
def _solution(error: ScalarError, x: Any, z: Any) -> Any:
    return _each_entry(error.inverse, x, z)


def _each_entry(function: Callable[..., Any], x: Any, y: Any) -> Any:
    """A function of two numbers, on each pair of entries of two arrays of one shape."""
    for _ in range(jnp.ndim(x)):
        function = jax.vmap(function)
    return function(x, y)


@door
def scalar_error(
    e: Callable[..., Any], inverse: Callable[..., Any], *, inside: tuple[float, float] | None = None
) -> ScalarError:
    """The error `e` with the inverse of its first partial derivative, tried on samples.

    That `e` is defined, ``∂e/∂x(x, f(x, z)) = z`` and ``f(x, ∂e/∂x(x, y)) = y`` are tried at 64 points. That catches a wrong inverse and an
    error that has none; it proves nothing.

    Args:
        e: a function of two numbers, the prediction and the label.
        inverse: a function of two numbers, the prediction `x` and a slope `z`.
        inside: the interval that `x` is taken from, if not the whole line. Then the hypothesis of the theorem fails, and what is
            made from the error is right only as long as predictions and inputs stay inside.

    Raises:
        NotInvertible: shows a point at which one of the equations fails.

    Example:
        >>> product = scalar_error(lambda x, y: -x * y, lambda x, z: -z)
        >>> print(*product.slopes((2.0,), (3.0,)), *product.solve((2.0,), (-3.0,)))
        -3.0 3.0

    Source: 1711.10455, Theorem III.2.
    """
    error = ScalarError(as_leaves(e), as_leaves(inverse), inside)
    far, y, z = (2 * jax.random.normal(key, (64,), dtype=float) for key in jax.random.split(jax.random.key(0), 3))
    x = far if inside is None else inside[0] + (inside[1] - inside[0]) * jax.nn.sigmoid(far)
    value = _each_entry(error.e, x, y)
    _fits(e, (x, y), "y", "e(x, y)", value, "a number", jnp.isfinite(value))
    (slope,) = error.slopes((x,), error.solve((x,), (z,)))
    _fits(e, (x, z), "z", "∂e/∂x(x, f(x, z))", slope, "z", _near(slope, z))
    (label,) = error.solve((x,), error.slopes((x,), (y,)))
    _fits(e, (x, y), "y", "f(x, ∂e/∂x(x, y))", label, "y", _near(label, y))
    return error


def _near(found: Any, wanted: Any) -> Any:
    return jnp.abs(found - wanted) <= 16 * default_tolerance() * jnp.maximum(1.0, jnp.abs(wanted))


def _fits(e: Any, at: Values, name: str, side: str, found: Any, wanted: str, fine: Any) -> None:
    if not bool(fine.all()):
        i = int(jnp.argmin(fine))
        where = f"x = {float(at[0][i]):.4g}, {name} = {float(at[1][i]):.4g}"
        raise NotInvertible(name_of(e), where, side, float(found[i]), wanted)


def _quadratic(x: Any, y: Any) -> Any:
    return 0.5 * (x - y) ** 2


def _unit_step(x: Any, z: Any) -> Any:
    return x - z


def _minus_log_likelihood(x: Any, y: Any) -> Any:
    return -(y * jnp.log(x) + (1 - y) * jnp.log1p(-x))


def _logistic_step(x: Any, z: Any) -> Any:
    return x - x * (1 - x) * z


quadratic_error = ScalarError(as_leaves(_quadratic), as_leaves(_unit_step))
"""``e(x, y) = (x - y)² / 2``, with ``f_x(z) = x - z``."""

likelihood_error = ScalarError(as_leaves(_minus_log_likelihood), as_leaves(_logistic_step), (0.0, 1.0))
"""``e(x, y) = -(y ln x + (1 - y) ln(1 - x))``, with ``f_x(z) = x - x (1 - x) z``, cross-entropy, the paper's quasi-example.

It is defined for predictions between 0 and 1 alone, and what it requests may lie outside; so it is no example of the theorem.
"""
