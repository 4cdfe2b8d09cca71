r"""Attention, and the block that transformers repeat.

Definition:
    For a sequence ``x : R(length, d)`` and `h` heads, attention is

    .. math:: \mathrm{head}_i(x) = \mathrm{softmax}\!\Big(\tfrac{(x Q_i)(x K_i)^{\top}}{\sqrt{d / h}} + M\Big)\, x V_i, \qquad
        \mathrm{attention}(x) = [\mathrm{head}_1, \dots, \mathrm{head}_h]\, O,

    where `M` is zero, or hides later positions (*causal*). The block is a diagram of layers,

    .. math:: \mathrm{residual}(\mathrm{norm} ; \mathrm{attention}) ; \mathrm{residual}(\mathrm{norm} ; \mathrm{dense} ; \mathrm{gelu} ; \mathrm{dense}),

    with norm and dense layers at each position: ``Batch(length)`` of those on one vector.

References:
    Vaswani et al. (1706.03762); Xiong et al. (2002.04745) for the norm in front.
"""

import functools
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..constructions import Batch, ParaMap, named
from ..constructions.initialise import Normal, glorot
from ..objects import R
from ..theory import door
from ..theory.errors import WrongLayer
from .activation import gelu
from .affine import dense
from .layer import layer, residual, sequential, sizes, wide
from .noise import dropout
from .norm import layer_norm


class Attention(eqx.Module):
    """Self-attention of one sequence."""

    heads: int = eqx.field(static=True)
    causal: bool = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (_attention(*xs, heads=self.heads, causal=self.causal),)


@functools.partial(jax.jit, static_argnames=("heads", "causal"), inline=True)
def _attention(q: Any, k: Any, v: Any, o: Any, x: Any, *, heads: int, causal: bool) -> Any:
    length, d = x.shape
    apart = lambda weight: jnp.reshape(x @ weight, (length, heads, d // heads))
    scores = wide(jnp.einsum("shc,thc->hst", apart(q), apart(k))) / math.sqrt(d // heads)
    if causal:
        scores = jnp.where(jnp.tri(length, dtype=bool), scores, -jnp.inf)
    look = jax.nn.softmax(scores, axis=-1).astype(x.dtype)
    y = jnp.einsum("hst,thc->shc", look, apart(v))
    return jnp.reshape(y, (length, d)) @ o


@door
def attention(length: int, d: int, heads: int, *, causal: bool = False, init: Any = None) -> ParaMap:
    """Self-attention ``R(length, d) → R(length, d)`` with several heads.

    Args:
        length: number of positions.
        d: size of the vector at each position.
        heads: number of heads; it divides `d`.
        causal: whether a position sees only itself and earlier ones.
        init: initialiser of the four matrices; Glorot's uniform one by default.

    Shapes:
        Q, K, V, O: ``(d, d)``, labelled ``attention.query``, ``.key``, ``.value`` and ``.output``; head `i` has the columns
            ``i d/h ... (i+1) d/h - 1`` of the first three.

    Raises:
        WrongLayer: a size is not positive, or the heads do not divide `d`.

    Example:
        >>> one, zero = [[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]
        >>> f = attention(2, 2, 1)  # a query of zero looks everywhere alike: the mean of the values
        >>> print(f((zero, one, one, one), [[1.0, 2.0], [3.0, 4.0]]))
        [[2. 3.]
         [2. 3.]]

    Source: Vaswani et al. (1706.03762), Section 3.2.
    """
    sizes("attention", length=length, d=d, heads=heads)
    if d % heads:
        raise WrongLayer("attention", "heads", f"a divisor of d = {d}", heads)
    make = glorot(d, d) if init is None else init
    weights = [(f"attention.{name}", R(d, d), make) for name in ("query", "key", "value", "output")]
    return layer(Attention(heads, causal), R(length, d), R(length, d), *weights)


def _add(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    return (xs[1] + xs[0],)


@door
def positions(length: int, d: int, *, init: Any = None) -> ParaMap:
    """``x ↦ x + W : R(length, d) → R(length, d)``: a learnt vector for each position, labelled ``positions.weight``.

    Raises:
        WrongLayer: a size is not positive.

    Example:
        >>> print(positions(1, 2)(([[1.0, 2.0]],), [[0.5, 0.5]]))
        [[1.5 2.5]]
    """
    sizes("positions", length=length, d=d)
    return layer(
        _add, R(length, d), R(length, d), ("positions.weight", R(length, d), Normal(0.02) if init is None else init)
    )


@door
def transformer_block(
    length: int, d: int, heads: int, *, hidden: int | None = None, causal: bool = False, rate: float = 0.0
) -> ParaMap:
    """``residual(norm ; attention) ; residual(norm ; dense ; gelu ; dense) : R(length, d) → R(length, d)``.

    Args:
        length: number of positions.
        d: size of the vector at each position.
        heads: number of heads; it divides `d`.
        hidden: size between the two dense layers; ``4 d`` by default.
        causal: whether a position sees only itself and earlier ones.
        rate: dropout after the attention and after the dense layers; with rate 0 there is none, and no key among the parameters.

    Raises:
        WrongLayer: a size is not positive, the heads do not divide `d`, or the rate is not in [0, 1).

    Example:
        >>> f = transformer_block(16, 8, 2)
        >>> print(f.dom, f.cod, *f.labels[:3])
        R(16, 8) R(16, 8) block.layer_norm.weight block.layer_norm.bias block.attention.query

    Source: Vaswani et al. (1706.03762), with the norm in front as in Xiong et al. (2002.04745).
    """
    hidden = 4 * d if hidden is None else hidden
    each = Batch(length)
    noise = (dropout(rate, length, d),) if rate else ()
    look = sequential(each(layer_norm(d)), attention(length, d, heads, causal=causal), *noise)
    think = sequential(each(sequential(layer_norm(d), dense(d, hidden), gelu(hidden), dense(hidden, d))), *noise)
    return named("block", residual(look) >> residual(think))
