"""Encoding: values as JSON, exactly.

Definition:
    What JSON has a word for is itself. A tuple is a list; an infinite number, a word, an object and a wire are objects with one key. The
    encoding of a pytree of wires is that of its containers. Decoding is the inverse, and refuses everything else.

Numbers keep their kind: 1, 1.0 and True are three values. Labels of finite sets are kept.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from ..objects import Ob
from ..objects.wires import Tree, Wire
from ..theory.errors import NotWritable, WrongText
from .free import Word

type Coding = Callable[[Any], Any]


def refuse(why: str) -> Any:
    """Say that a text makes no sense.

    Raises:
        WrongText: always.
    """
    raise WrongText(why)


def _unwritable(what: str, value: Any) -> Any:
    raise NotWritable(what, value)


def _nothing(value: Any) -> None:
    """Values of other kinds have no encoding."""


def encoded(value: Any, other: Coding = _nothing) -> Any:
    """A value as JSON: lists stand for tuples, and objects with one key for what JSON has no word for.

    Args:
        value: the value.
        other: what stands for values of other kinds, or None where nothing does.

    Raises:
        NotWritable: nothing stands for the value.

    Example:
        >>> print(encoded((1, 0.5, None, (True, "a"))))
        [1, 0.5, None, [True, 'a']]
    """
    match value:
        case None | bool() | str() | int() if type(value) in (type(None), bool, str, int):
            return value
        case float() if type(value) is float and not math.isnan(value):
            return value if math.isfinite(value) else {"float": repr(value)}
        case tuple() if type(value) is tuple:
            return [encoded(v, other) for v in value]
        case Word():
            return {"word": encoded(value.letters, other)}
        case Ob():
            return {"ob": encoded(value.wires)}
        case Tree():
            return {"tree": _nested(jax.tree.unflatten(value.structure, value.leaves))}
        case Wire() if type(value).__name__ in _wires():
            return {"wire": [type(value).__name__, *(encoded(getattr(value, f)) for f in _fields(type(value)))]}
    found = other(value)
    return _unwritable("a value", value) if found is None else found


def decoded(value: Any, other: Coding = _nothing) -> Any:
    """The value that was `encoded`.

    Raises:
        WrongText: nothing is encoded so.
    """
    match value:
        case None | bool() | str() | int() | float():
            return value
        case list():
            return tuple(decoded(v, other) for v in value)
        case {"float": "inf" | "-inf" as number} if len(value) == 1:
            return float(number)
        case {"word": list(letters)} if len(value) == 1:
            return Word(*(decoded(v, other) for v in letters))
        case {"ob": list(wires)} if len(value) == 1:
            return Ob(tuple(wire(decoded(w)) for w in wires))
        case {"tree": nested} if len(value) == 1:
            return _tree(_unnested(nested))
        case {"wire": [str(name), *fields]} if len(value) == 1:
            kind = _wires().get(name) or refuse(f"{name!r} is no wire")
            return _checked(kind, tuple(map(decoded, fields)))
    found = other(value)
    return refuse(f"{value!r} is no value") if found is None else found


def _wires() -> dict[str, type[Wire]]:
    return {kind.__name__: kind for kind in Wire.__subclasses__() if kind is not Tree}


def _fields(kind: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


def _checked(kind: Any, fields: tuple[Any, ...]) -> Wire:
    """The wire with the given fields, if they can be its fields."""
    names = _fields(kind)
    size = lambda n: type(n) is int and n >= 0
    fits = {
        "shape": lambda v: isinstance(v, tuple) and all(map(size, v)),
        "n": size,
        "dtype": lambda v: isinstance(v, str) and _is_dtype(v),
        "labels": lambda v: isinstance(v, tuple) and all(isinstance(s, str) for s in v),
    }
    may_lack = {field.name for field in dataclasses.fields(kind) if field.default is None}
    good = len(fields) == len(names) and all(
        n not in fits or fits[n](v) or (v is None and n in may_lack) for n, v in zip(names, fields, strict=True)
    )
    return kind(*fields) if good else refuse(f"no wire {kind.__name__} has the fields {fields}")


def _is_dtype(name: str) -> bool:
    try:
        return np.dtype(name).name == name
    except TypeError:
        return hasattr(jax.dtypes, name) or hasattr(jax.numpy, name)


def wire(value: Any) -> Wire:
    """The value, if it is a wire."""
    return value if isinstance(value, Wire) else refuse(f"{value!r} is no wire")


def _tree(tree: Any) -> Tree:
    try:
        leaves, structure = jax.tree.flatten(tree)
    except (TypeError, ValueError) as error:
        return refuse(f"{tree!r} is no pytree ({error})")
    return Tree(tuple(map(wire, leaves)), structure)


def _nested(tree: Any) -> Any:
    """A pytree of wires as JSON; only plain containers are known to every reader."""
    match tree:
        case None:
            return None
        case dict() if type(tree) is dict:
            return {"dict": [[encoded(key), _nested(value)] for key, value in tree.items()]}
        case list() | tuple() if type(tree) in (list, tuple):
            return {type(tree).__name__: list(map(_nested, tree))}
        case Wire():
            return encoded(tree)
    return _unwritable("a pytree with a node", tree)


def _unnested(value: Any) -> Any:
    match value:
        case None:
            return None
        case {"dict": list(items)} if all(isinstance(item, list) and len(item) == 2 for item in items):
            return {decoded(key): _unnested(v) for key, v in items}
        case {"list": list(items)}:
            return list(map(_unnested, items))
        case {"tuple": list(items)}:
            return tuple(map(_unnested, items))
    return wire(decoded(value))
