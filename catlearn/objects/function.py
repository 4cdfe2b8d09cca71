"""Functions as values: equal when they compute alike, so that rebuilding a program retraces nothing.

Definition:
    A `Static` holds a Python function as static data. Two are equal when their code is, and the defaults, captured
    values and global names that the code reads are: a lambda written in one place and evaluated twice is one function.

An arrow is frozen, so the captured values are those of the moment it was made.
"""

import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..theory import Data
from ..theory.errors import ClosesOverArrays, NotAFunction, WrongCodomain, name_of
from .ob import Ob
from .wires import Euclidean, Finite, Tree, Wire, wire_of


@dataclasses.dataclass(frozen=True)
class _ByCode:
    """A function compared by its code and by the values that the code reads."""

    function: Any = dataclasses.field(compare=False)
    key: Hashable


@dataclasses.dataclass(frozen=True, eq=False)
class _Same:
    """A value that cannot be hashed, compared by identity."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def _key(value: Any, above: tuple[Any, ...] = ()) -> Hashable:
    """What two values share when no program can tell them apart; `above` are the functions this one is a part of."""
    if any(value is function for function in above):
        return ("itself", above.index(value))
    below = (*above, value)
    match value:
        case types.FunctionType():
            read = [*(v for _, v in _captured(value)), *(v for _, v in _globals(value))]
            return (value.__code__, id(value.__globals__), *(_key(v, below) for v in read))
        case functools.partial():
            parts = (value.func, *value.args, *value.keywords.items())
            return (functools.partial, len(value.args), *(_key(v, below) for v in parts))
        case tuple():
            return (type(value), *(_key(v, below) for v in value))
        case float() | complex():
            return (type(value), repr(value))  # 0.0 and -0.0 differ, and a NaN is itself
    try:
        hash(value)
    except TypeError:
        return _Same(value)
    return (type(value), value)


class Static(Data):
    """A Python function without arrays of its own, as a pytree without leaves."""

    by_code: _ByCode = eqx.field(static=True)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self.by_code.function(*args, **keywords)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and self.by_code == other.by_code

    def __hash__(self) -> int:
        return hash(self.by_code)

    def __str__(self) -> str:
        return name_of(self.by_code.function)

    def __pdoc__(self, **_: Any) -> Any:
        import wadler_lindig as wl

        return wl.TextDoc(str(self))


class _Rest(_ByCode):
    """What is left of a pytree without its arrays."""


class Split(Data):
    """A pytree cut in two: its arrays are leaves, and the rest is static and compared as functions are."""

    arrays: Any
    rest: _Rest = eqx.field(static=True)

    @property
    def whole(self) -> Any:
        """The pytree put together again."""
        return eqx.combine(self.arrays, self.rest.function)


class Called(Data):
    """A callable pytree with leaves that are not arrays: an `eqx.Module` with flags or activations in it."""

    module: Split

    def __call__(self, *args: Any) -> Any:
        return self.module.whole(*args)


class Given(Data):
    """A function whose first arguments and keywords are given: what `jax.tree_util.Partial` means."""

    function: Callable[..., Any]
    given: Split

    def __call__(self, *args: Any) -> Any:
        first, keywords = self.given.whole
        return self.function(*first, *args, **keywords)


def as_leaves(f: Any) -> Callable[..., Any]:
    """The function as a pytree whose leaves are arrays.

    Of an `eqx.Module`, a `jax.tree_util.Partial` or another callable pytree the arrays are leaves and the rest is
    static; any other function is a `Static`.

    Raises:
        NotAFunction: `f` cannot be called.
        ClosesOverArrays: a plain function has arrays in its closure, its defaults, or the global names it reads.
    """
    if not callable(f):
        raise NotAFunction(f)
    if isinstance(f, jax.tree_util.Partial):
        return Given(as_leaves(f.func), _split((f.args, f.keywords)))
    if not jax.tree_util.all_leaves([f]):
        return f if all(map(_is_array, jax.tree.leaves(f))) else Called(_split(f))
    if hidden := list(_hidden(f)):
        raise ClosesOverArrays(f, hidden)
    frozen = _frozen(f)
    return Static(_ByCode(frozen, _key(frozen)))


def _split(tree: Any) -> Split:
    arrays, rest = eqx.partition(tree, _is_array)
    leaves, structure = jax.tree.flatten(rest)
    return Split(arrays, _Rest(rest, (structure, *map(_key, leaves))))


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array | np.ndarray)


def codomain(function: Callable[..., Any], dom: Ob, cod: Ob | None) -> Ob:
    """The codomain of a function on `dom`: found by `jax.eval_shape`, and compared with `cod` where that is given.

    Raises:
        NotAFunction: the function does not take one argument a wire.
        WrongCodomain: the function returns something else than `cod`.
    """
    if isinstance(function, Static):
        return _known_codomain(function, dom, cod, jax.config.read("jax_enable_x64"))
    return _infer(function, dom, cod)


def _takes(function: Callable[..., Any], dom: Ob) -> None:
    match function:
        case Static(by_code=by_code):
            plain = by_code.function
        case Called(module=module):
            plain = module.rest.function
        case Given():
            return
        case _:
            plain = function
    if isinstance(plain, np.ufunc | jnp.ufunc) and plain.nin != len(dom):
        raise NotAFunction(plain, dom, "", f"it takes {plain.nin} arguments")
    try:
        signature = inspect.signature(plain)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*dom.wires)
    except TypeError as error:
        raise NotAFunction(plain, dom, signature, str(error)) from None


def _infer(function: Callable[..., Any], dom: Ob, cod: Ob | None) -> Ob:
    _takes(function, dom)
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


def _captured(f: types.FunctionType) -> list[tuple[str, Any]]:
    """The values in the closure and the defaults of a function, by name."""
    cells = zip(f.__code__.co_freevars, f.__closure__ or (), strict=True)
    defaults = [("a default", v) for v in f.__defaults__ or ()]
    return [*((name, _content(cell)) for name, cell in cells), *defaults, *(f.__kwdefaults__ or {}).items()]


def _globals(f: types.FunctionType) -> list[tuple[str, Any]]:
    """The global names that a function reads, with their values; of functions, those of the same module alone."""
    found = [(name, f.__globals__[name]) for name in _names(f.__code__) if name in f.__globals__]
    return [(name, v) for name, v in found if not _elsewhere(v, f)]


def _elsewhere(value: Any, f: types.FunctionType) -> bool:
    """A module, or a function or class of another module: taken to stay as it is."""
    home = isinstance(value, types.FunctionType) and value.__globals__ is f.__globals__
    return isinstance(value, types.ModuleType) or (callable(value) and not home)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _frozen(f: Any) -> Any:
    """The function with the values it captures now, whatever becomes of the variables."""
    if not isinstance(f, types.FunctionType) or not f.__closure__:
        return f
    cells = tuple(types.CellType(v) for v in map(_content, f.__closure__))
    frozen = types.FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, cells)
    frozen.__kwdefaults__ = f.__kwdefaults__
    frozen.__qualname__, frozen.__module__, frozen.__doc__ = f.__qualname__, f.__module__, f.__doc__
    return frozen


def _hidden(f: Any) -> Iterator[str]:
    """The names under which a function hides arrays: fresh ones at each call of its maker, or global ones of JAX."""
    if isinstance(f, functools.partial):
        given = [*((f"argument {i}", v) for i, v in enumerate(f.args)), *f.keywords.items()]
        yield from (name for name, v in given if _holds(v, jax.Array | np.ndarray))
        yield from _hidden(f.func)
    if isinstance(f, types.FunctionType):
        yield from (name for name, v in _captured(f) if _holds(v, jax.Array | np.ndarray))
        yield from (name for name, v in _globals(f) if _holds(v, jax.Array))


def _holds(value: Any, kind: Any) -> bool:
    return any(isinstance(leaf, kind) for leaf in jax.tree.leaves(value))
