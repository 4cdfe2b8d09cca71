"""Functions as values: equal when they compute alike, so that rebuilding a program retraces nothing.

Definition:
    A `Static` holds a Python function as static data. Two are equal when their code, defaults and
    captured values are equal; a lambda written in one place and evaluated twice is one function.
"""

import dataclasses
import functools
import types
from collections.abc import Callable, Hashable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..theory import Data
from ..theory.errors import ClosesOverArrays, WrongCodomain
from .ob import Ob
from .wires import Euclidean, Finite, Tree, Wire, wire_of


@dataclasses.dataclass(frozen=True, eq=False)
class _ByCode:
    """A function compared by its code, defaults and captured values."""

    function: Callable[..., Any]

    @functools.cached_property
    def _key(self) -> Hashable:
        f = self.function
        if not isinstance(f, types.FunctionType):
            return f
        captured = [_content(cell) for cell in f.__closure__ or ()]
        values = [*captured, *(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values()]
        key = (f.__code__, id(f.__globals__), tuple((type(v), v) for v in values))
        try:
            hash(key)
        except TypeError:
            return f
        return key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByCode) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


class Static(Data):
    """A Python function without arrays of its own, as a pytree without leaves."""

    by_code: _ByCode = eqx.field(static=True)

    def __call__(self, *args: Any) -> Any:
        return self.by_code.function(*args)

    def __str__(self) -> str:
        return getattr(self.by_code.function, "__name__", repr(self.by_code.function))


def as_leaves(f: Any) -> Callable[..., Any]:
    """The function as a pytree: callable pytrees (`eqx.Module`, `Partial`) as they are, others as `Static`.

    Raises:
        ClosesOverArrays: a plain function has arrays in its closure or its defaults.
    """
    if callable(f) and (isinstance(f, eqx.Module) or not jax.tree_util.all_leaves([f])):
        return f
    hidden = [name for name, value in _hidden(f) if any(map(_is_array, jax.tree.leaves(value)))]
    if hidden:
        raise ClosesOverArrays(f, hidden)
    return Static(_ByCode(f))


def codomain(function: Callable[..., Any], dom: Ob, cod: Ob | None) -> Ob:
    """The codomain of a function on `dom`: found by `jax.eval_shape`, and compared with `cod` where that is given.

    Raises:
        WrongCodomain: the function returns something else than `cod`.
    """
    if not jax.tree.leaves(function):
        try:
            return _known_codomain(function, dom, cod, jax.config.read("jax_enable_x64"))
        except TypeError as error:
            if "unhashable" not in str(error):
                raise
    return _infer(function, dom, cod)


def _infer(function: Callable[..., Any], dom: Ob, cod: Ob | None) -> Ob:
    out = jax.eval_shape(function, *dom.avals())
    if cod is None:
        values = out if type(out) is tuple else (out,)
        return Ob(tuple(_wire(value) for value in values))
    values = out if len(cod) > 1 else (out,) if len(cod) else ()
    if not isinstance(values, tuple) or len(values) != len(cod) or (not len(cod) and out not in ((), None)):
        raise WrongCodomain(function, dom, cod, out)
    for wire, value in zip(cod.wires, values, strict=True):
        if not _fits(wire, value):
            raise WrongCodomain(function, dom, cod, " @ ".join(str(_wire(v)) for v in values))
    return cod


@functools.lru_cache(maxsize=4096)
def _known_codomain(function: Callable[..., Any], dom: Ob, cod: Ob | None, x64: bool) -> Ob:
    return _infer(function, dom, cod)


def _wire(value: Any) -> Wire:
    leaves, structure = jax.tree.flatten(value)
    return wire_of(value) if jax.tree.structure(0) == structure else Tree(tuple(map(wire_of, leaves)), structure)


def _fits(wire: Wire, value: Any) -> bool:
    parts, (found, structure) = _parts(wire), jax.tree.flatten(value)
    return structure == jax.tree.structure(wire.aval()) and all(map(_fits_part, parts, found))


def _parts(wire: Wire) -> tuple[Wire, ...]:
    return wire.leaves if isinstance(wire, Tree) else (wire,)


def _fits_part(wire: Wire, found: Any) -> bool:
    """A Euclidean wire without a dtype takes any real float; a finite set takes any integer type."""
    expected = wire.aval()
    match wire:
        case Euclidean(dtype=None):
            kind = jnp.issubdtype(found.dtype, jnp.floating)
        case Finite():
            kind = jnp.issubdtype(found.dtype, jnp.integer)
        case _:
            kind = found.dtype == expected.dtype
    return found.shape == expected.shape and bool(kind)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _hidden(f: Any) -> list[tuple[str, Any]]:
    if isinstance(f, functools.partial):
        return [*((f"argument {i}", v) for i, v in enumerate(f.args)), *f.keywords.items(), *_hidden(f.func)]
    if not isinstance(f, types.FunctionType):
        return []
    names = f.__code__.co_freevars
    captured = [(n, _content(c)) for n, c in zip(names, f.__closure__ or (), strict=True)]
    return [*captured, *(("a default", v) for v in f.__defaults__ or ()), *(f.__kwdefaults__ or {}).items()]


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array | np.ndarray)
