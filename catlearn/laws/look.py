"""Looking at arrows: whether two are equal, how far they are apart, and how to say it.

Definition:
    Two arrows are equal up to a tolerance when they have the same ends and, at a drawn point, the functions by which they
    show themselves give values that are that close; arrows without such functions are left to ``category.close``.
"""

import dataclasses
from typing import Any

import jax
import numpy as np
import wadler_lindig as wl

from ..theory import Arrow, Category
from .draw import Draws, Tape, Values, View


@dataclasses.dataclass(frozen=True)
class Gap:
    """How two arrows differ: a relative size, and words with values among them, which are described when one reads them."""

    size: float
    words: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return "".join(word if isinstance(word, str) else describe(word) for word in self.words)


def differ(draws: Draws, tape: Tape, f: Any, g: Any, tol: float, *, compiled: bool = False) -> Gap:
    """The difference of two arrows: at a drawn point if they have views, else as ``category.close`` sees it.

    Values are found step by step, since compiling costs more than a few examples save; `compiled` is for loops, which
    JAX compiles anyway.
    """
    if (f.dom, f.cod) != (g.dom, g.cod):
        return Gap(float("inf"), (f"the sides have different ends.\n    left  {f}\n    right {g}",))
    draws = draws.home(f)
    if draws.views is None or draws.points is None:
        close = f.category.close(f, g, tol=tol)
        return Gap(0.0) if close else Gap(float("inf"), ("\n    left  ", f, "\n    right ", g))
    lefts, rights = tape.seen(f, draws, compiled), tape.seen(g, draws, compiled)
    return max((_apart(*both, tol) for both in zip(lefts, rights, strict=True)), key=lambda gap: gap.size)


def _apart(left: tuple[View, Values, Values], right: tuple[View, Values, Values], tol: float) -> Gap:
    (view, point, ys), (other, _, zs) = left, right
    f, g = view.arrow, other.arrow
    if (f.dom, f.cod) != (g.dom, g.cod):
        ends = f"{view.name} : {f.dom} -> {f.cod}\n    right {other.name} : {g.dom} -> {g.cod}"
        return Gap(float("inf"), (f"the sides differ in kind.\n    left  {ends}",))
    size = distance(ys, zs)
    where = (f"{view.name} at ", point, f", relative difference {size:.2g}\n    left  ", ys, "\n    right ", zs)
    return Gap(size) if size <= tol else Gap(size, where)


def distance(ys: Any, zs: Any) -> float:
    """The largest difference of two pytrees of values, relative to their size; infinite for values that are not floats.

    A NaN or infinity is at no distance from itself.
    """
    (left, kind), (right, other) = jax.tree.flatten(ys), jax.tree.flatten(zs)
    if kind != other:
        return float("inf")
    return max([0.0, *map(_distance, left, right)])


def _distance(y: Any, z: Any) -> float:
    y, z = _numpy(y), _numpy(z)
    if y.shape != z.shape or y.dtype != z.dtype:
        return float("inf")
    if not np.issubdtype(y.dtype, np.inexact):
        return 0.0 if bool(np.all(y == z)) else float("inf")
    with np.errstate(invalid="ignore"):
        apart = np.where((y == z) | (np.isnan(y) & np.isnan(z)), 0.0, np.abs(y - z))
        size = max([1.0, *(float(np.max(np.abs(a), initial=0.0)) for a in (y, z))])
        worst = float(np.max(apart, initial=0.0)) / size
    return float("inf") if np.isnan(worst) else worst


def _numpy(x: Any) -> Any:
    is_key = isinstance(x, jax.Array) and jax.numpy.issubdtype(x.dtype, jax.dtypes.prng_key)
    return np.asarray(jax.random.key_data(x) if is_key else x)


def named(entries: tuple[tuple[str, Any], ...]) -> dict[str, str]:
    """What was drawn, in words, by name: objects ``X, Y, ...`` and arrows ``f, g, ...``, in order."""
    names = {"object": iter("XYZWVUTSABCE"), "arrow": iter("fghklmnpqrst"), "number": iter("nmijab")}
    return {next(names[kind], f"{kind} {i}"): describe(value) for i, (kind, value) in enumerate(entries)}


def describe(value: Any) -> str:
    """A value in words, with its numbers, in a few lines."""
    readable = jax.tree.map(lambda x: np.asarray(x) if isinstance(x, jax.Array) else x, value)
    lines = wl.pformat(readable, short_arrays=False, width=110, indent=2, custom=_in_brief).splitlines()
    lines = lines if len(lines) <= 40 else [*lines[:40], "..."]
    return "\n    ".join(lines)


def _in_brief(value: Any) -> Any:
    """Categories and objects as one writes them."""
    brief = isinstance(value, Category) or (hasattr(value, "__matmul__") and not isinstance(value, Arrow | np.ndarray))
    return wl.TextDoc(str(value)) if brief and not isinstance(value, type) else None
