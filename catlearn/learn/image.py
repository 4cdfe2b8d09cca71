r"""Convolution and pooling: layers that look through a window.

Definition:
    For an image with channels last, ``x : R(H, W, C)``, a convolution with kernel ``W : R(h, w, C, D)`` and bias ``b : R(D)`` is

    .. math:: y_{i, j, d} = b_d + \sum_{u, v, c} W_{u, v, c, d}\; x_{s i + u,\, s j + v,\, c},

    with stride `s`; pooling takes the largest or the mean entry of each window, channel by channel.

The number of spatial axes is free: ``(L, C)`` is a signal, ``(H, W, C)`` an image, ``(D, H, W, C)`` a volume.
"""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..constructions import ParaMap
from ..constructions.initialise import Constant, he
from ..objects import R
from ..theory import door
from ..theory.errors import WrongLayer
from .layer import layer, sizes

Pads = tuple[tuple[int, int], ...]


class Convolution(eqx.Module):
    """A convolution of one image, channels last; with three values the second is a bias."""

    stride: tuple[int, ...] = eqx.field(static=True)
    pads: Pads = eqx.field(static=True)
    dilation: tuple[int, ...] = eqx.field(static=True)
    groups: int = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        kernel, *bias, x = xs
        axes = len(self.stride)
        image, space = (0, axes + 1, *range(1, axes + 1)), tuple(range(axes))
        y = jax.lax.conv_general_dilated(
            jax.lax.expand_dims(x, (0,)),
            kernel,
            self.stride,
            self.pads,
            rhs_dilation=self.dilation,
            dimension_numbers=jax.lax.ConvDimensionNumbers(image, (axes + 1, axes, *space), image),
            feature_group_count=self.groups,
        )
        y = jax.lax.squeeze(y, (0,))
        return (y + jax.lax.expand_dims(bias[0], space) if bias else y,)


@door
def conv(
    shape: tuple[int, ...],
    channels: int,
    kernel: int | tuple[int, ...],
    *,
    stride: int | tuple[int, ...] = 1,
    padding: str | int | Pads = "SAME",
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
    bias: bool = True,
    init: Any = None,
) -> ParaMap:
    """A convolution ``R(H, W, C) → R(H', W', channels)``, channels last.

    Args:
        shape: shape of the input, ``(H, W, C)``; with any number of spatial axes.
        channels: number of channels of the output.
        kernel: size of the window, one number or one a spatial axis.
        stride: step of the window.
        padding: zeros around the input: ``"SAME"`` (``H' = ⌈H / stride⌉``), ``"VALID"`` (none), a number for all sides, or
            a pair (before, after) for each spatial axis.
        dilation: distance of neighbouring entries of the window.
        groups: number of groups of channels that do not see one another.
        bias: whether to add a number to each channel.
        init: initialiser of the kernel; He's normal one by default. The bias starts at zero.

    Shapes:
        kernel: ``(h, w, C / groups, channels)``, labelled ``conv.weight``.
        bias: ``(channels,)``, labelled ``conv.bias``.

    Raises:
        WrongLayer: a size is not positive, the window is larger than the padded input, the groups do not divide the channels.

    Example:
        >>> print(conv((8, 8, 1), 4, 3, stride=2))
        ParaMap(R(3, 3, 1, 4) @ R(4)) : R(8, 8, 1) -> R(4, 4, 4)
        >>> print(conv((3, 1), 1, 2, padding="VALID", bias=False)(([[[1.0]], [[2.0]]],), [[1.0], [2.0], [4.0]]))
        [[ 5.]
         [10.]]

    Source: LeCun et al. (1989); He et al. (1502.01852) for the initialiser.
    """
    *space, into = _image("conv", shape)
    sizes("conv", channels=channels, groups=groups)
    if into % groups or channels % groups:
        raise WrongLayer("conv", "groups", f"a divisor of the {into} channels in and the {channels} out", groups)
    window = _each("conv", "kernel", kernel, len(space))
    strides, dilations = _each("conv", "stride", stride, len(space)), _each("conv", "dilation", dilation, len(space))
    spread = tuple(d * (k - 1) + 1 for k, d in zip(window, dilations, strict=True))
    pads, after = _windows("conv", tuple(space), spread, strides, padding)
    fan_in = math.prod(window) * into // groups
    weight = ("conv.weight", R(*window, into // groups, channels), he(fan_in) if init is None else init)
    weights = (weight, ("conv.bias", R(channels), Constant(0.0))) if bias else (weight,)
    return layer(Convolution(strides, pads, dilations, groups), R(*shape), R(*after, channels), *weights)


class MaxPool(eqx.Module):
    """The largest entry of each window."""

    window: tuple[int, ...] = eqx.field(static=True)
    stride: tuple[int, ...] = eqx.field(static=True)
    pads: Pads = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        (x,) = xs
        lowest = -math.inf
        return (jax.lax.reduce_window(x, lowest, jax.lax.max, self.window, self.stride, self.pads),)


class MeanPool(eqx.Module):
    """The mean of the entries of each window that lie inside the image, padding left out."""

    window: tuple[int, ...] = eqx.field(static=True)
    stride: tuple[int, ...] = eqx.field(static=True)
    pads: Pads = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        (x,) = xs
        total = self._sum(x)
        if any(map(any, self.pads)):
            return (total / self._sum(jnp.ones_like(x)),)
        return (total / math.prod(self.window),)

    def _sum(self, x: Any) -> Any:
        return jax.lax.reduce_window(x, 0.0, jax.lax.add, self.window, self.stride, self.pads)


@door
def max_pool(
    shape: tuple[int, ...],
    window: int | tuple[int, ...] = 2,
    *,
    stride: int | tuple[int, ...] | None = None,
    padding: str | int | Pads = "VALID",
) -> ParaMap:
    """The largest entry of each window, ``R(H, W, C) → R(H', W', C)``.

    Args:
        shape: shape of the input, ``(H, W, C)``; with any number of spatial axes.
        window: size of the window.
        stride: step of the window; the size of the window by default.
        padding: as in `conv`; entries outside are never the largest.

    Raises:
        WrongLayer: a size is not positive, or the window is larger than the padded input.

    Example:
        >>> print(max_pool((4, 1))((), [[1.0], [3.0], [2.0], [0.0]]))
        [[3.]
         [2.]]
    """
    return _pool("max_pool", MaxPool, shape, window, stride, padding)


@door
def mean_pool(
    shape: tuple[int, ...],
    window: int | tuple[int, ...] = 2,
    *,
    stride: int | tuple[int, ...] | None = None,
    padding: str | int | Pads = "VALID",
) -> ParaMap:
    """The mean entry of each window, ``R(H, W, C) → R(H', W', C)``; entries outside do not count.

    Args:
        shape: shape of the input, ``(H, W, C)``; with any number of spatial axes.
        window: size of the window; ``window=(H, W)`` is the mean over the image.
        stride: step of the window; the size of the window by default.
        padding: as in `conv`.

    Raises:
        WrongLayer: a size is not positive, or the window is larger than the padded input.

    Example:
        >>> print(mean_pool((4, 1))((), [[1.0], [3.0], [2.0], [0.0]]))
        [[2.]
         [1.]]
    """
    return _pool("mean_pool", MeanPool, shape, window, stride, padding)


def _pool(name: str, kind: Any, shape: Any, window: Any, stride: Any, padding: Any) -> ParaMap:
    *space, channels = _image(name, shape)
    window = _each(name, "window", window, len(space))
    strides = _each(name, "stride", window if stride is None else stride, len(space))
    pads, after = _windows(name, tuple(space), window, strides, padding)
    return layer(kind((*window, 1), (*strides, 1), (*pads, (0, 0))), R(*shape), R(*after, channels))


def _image(name: str, shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, tuple | list) or len(shape) < 2:
        raise WrongLayer(name, "shape", "a tuple of spatial sizes and then the channels, such as (H, W, C)", shape)
    sizes(name, shape=tuple(shape))
    return tuple(shape)


def _each(name: str, setting: str, given: Any, axes: int) -> tuple[int, ...]:
    many = tuple(given) if isinstance(given, tuple | list) else (given,) * axes
    if len(many) != axes:
        raise WrongLayer(name, setting, f"one number, or one for each of the {axes} spatial axes", given)
    sizes(name, **{setting: many})
    return many


def _windows(
    name: str, space: tuple[int, ...], window: tuple[int, ...], stride: tuple[int, ...], padding: Any
) -> tuple[Pads, tuple[int, ...]]:
    """The zeros around the input, and how many windows fit along each axis."""
    match padding:
        case str() if padding.upper() in ("SAME", "VALID"):
            pads = tuple((int(a), int(b)) for a, b in jax.lax.padtype_to_pads(space, window, stride, padding.upper()))
        case int() if padding >= 0 and not isinstance(padding, bool):
            pads = ((padding, padding),) * len(space)
        case tuple() | list() if len(padding) == len(space) and all(map(_is_pair, padding)):
            pads = tuple((int(a), int(b)) for a, b in padding)
        case _:
            how = '"SAME", "VALID", a number >= 0, or a pair of such numbers for each spatial axis'
            raise WrongLayer(name, "padding", how, padding)
    padded = tuple(n + a + b for n, (a, b) in zip(space, pads, strict=True))
    if any(w > n for w, n in zip(window, padded, strict=True)):
        raise WrongLayer(name, "the window", f"at most as large as the padded input {padded}", window)
    return pads, tuple((n - w) // s + 1 for n, w, s in zip(padded, window, stride, strict=True))


def _is_pair(pad: Any) -> bool:
    return isinstance(pad, tuple | list) and len(pad) == 2 and all(isinstance(n, int) and n >= 0 for n in pad)
