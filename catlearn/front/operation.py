"""Operations: what the box of an equation holds.

Definition:
    An *operation* is a primitive of JAX with its settings. The programs among the settings, such as the body of a loop, are formal
    arrows. Two operations are equal when they compute alike, so that equal equations of a program are one box.

Where in a file the equation came from is remembered for error messages, and takes no part in equality.
"""

import contextvars
import dataclasses
import functools
import os
import pathlib
import sysconfig
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import equinox
import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from ..constructions.free import Term

# Frames that tell a user nothing: those of JAX, of equinox, of Python and of this library.
_HOUSES = tuple(
    str(pathlib.Path(place).resolve()) + os.sep
    for place in (
        pathlib.Path(jax.__file__).parent,
        pathlib.Path(equinox.__file__).parent,
        pathlib.Path(__file__).parents[1],
        sysconfig.get_paths()["stdlib"],
    )
) + ("<frozen", "<@beartype")


# The functions with a derivative of their own that are being compared.
_asked: contextvars.ContextVar[tuple[Hashable, ...]] = contextvars.ContextVar("asked", default=())


@dataclasses.dataclass(frozen=True, eq=False)
class Operation:
    """A primitive of JAX with its settings.

    Attributes:
        primitive: the primitive.
        settings: its parameters, by name; a program among them is a formal arrow.
        key: what equal operations share.
        rule: the derivative that a user gave it, if one did.
        tracebacks: where its equation came from, and then the equations that it was written within.
    """

    primitive: Any
    settings: Mapping[str, Any]
    key: Hashable
    rule: "Rule | None" = None
    tracebacks: tuple[Any, ...] = ()

    @functools.cached_property
    def _hash(self) -> int:
        return hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Operation) or self._hash != other._hash or self.primitive is not other.primitive:
            return False
        return self.key == other.key and self._same_rule(other)

    def _same_rule(self, other: "Operation") -> bool:
        """A derivative may use the function itself: that is then taken to be the same as in the question."""
        if self.rule is None or other.rule is None or self.key in _asked.get():
            return (self.rule is None) == (other.rule is None)
        before = _asked.set((*_asked.get(), self.key))
        try:
            return self.rule == other.rule
        finally:
            _asked.reset(before)

    @property
    def bodies(self) -> tuple[Term, ...]:
        """The programs among the settings, in order."""
        return tuple(leaf for leaf in _leaves(tuple(self.settings.values())) if isinstance(leaf, Term))

    @property
    def place(self) -> str:
        """Where the equation was written: file, line and function of the user's code."""
        return place_of(self.tracebacks)

    def bind(self, *xs: Any) -> tuple[Any, ...]:
        """The values that the primitive gives, for one without programs among its settings."""
        ys = self.primitive.bind(*xs, **self.primitive.get_bind_params(dict(self.settings)))
        return tuple(ys) if self.primitive.multiple_results else (ys,)

    def __repr__(self) -> str:
        return f"<{self.primitive.name}>"


@dataclasses.dataclass(frozen=True, eq=False)
class Constant:
    """A fixed value, compared by its content; a value that is itself being traced is equal to itself alone."""

    value: Any

    @functools.cached_property
    def content(self) -> Hashable:
        """What equal values share."""
        if isinstance(self.value, jax.core.Tracer):
            return Same(self.value)
        if isinstance(self.value, jax.Array) and jnp.issubdtype(self.value.dtype, jax.dtypes.prng_key):
            return (str(jax.random.key_impl(self.value)), Constant(jax.random.key_data(self.value)).content)
        array = np.asarray(self.value)
        return (array.shape, array.dtype.name, array.tobytes())

    def __hash__(self) -> int:
        return hash(self.content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and self.content == other.content

    def __str__(self) -> str:
        """The value, if it is a short number."""
        small = isinstance(self.value, np.ndarray | np.generic | int | float) and np.size(self.value) == 1
        return f"{np.asarray(self.value).reshape(()).item():.6g}" if small else "constant"

    __repr__ = __str__


@dataclasses.dataclass(frozen=True, eq=False)
class Rule:
    """The derivative of a function for which a user gave one, compared by the program that it is.

    Attributes:
        program: makes the program of the derivative; it is asked for only when two rules are compared.
    """

    program: Callable[[], Term]

    @functools.cached_property
    def normal_form(self) -> Hashable:
        """What equal rules share."""
        return comparable(self.program())

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Rule) and self.normal_form == other.normal_form)

    __hash__ = None  # pyright: ignore[reportAssignmentType]


@dataclasses.dataclass(frozen=True, eq=False)
class Same:
    """A value compared by identity."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def comparable(value: Any) -> Hashable:
    """What two settings share when no program can tell them apart."""
    match value:
        case Term():
            return (Term, value.dom, value.cod, value.free.normal_form(value))
        case tuple() | list():
            return (type(value), *map(comparable, value))
        case dict():
            return (dict, *((name, comparable(v)) for name, v in value.items()))
        case float() | complex():
            return (type(value), repr(value))  # 0.0 and -0.0 differ, and a NaN is itself
        case np.ndarray() | jax.Array():
            return Constant(value)
    try:
        hash(value)
    except TypeError:
        return Same(value)
    return (type(value), value)


def replaced(value: Any, kind: type, by: Callable[[Any], Any]) -> Any:
    """The setting with each thing of a kind in it, however deep in tuples, replaced."""
    match value:
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*(replaced(v, kind, by) for v in value))
        case tuple() | list():
            return type(value)(replaced(v, kind, by) for v in value)
    return by(value) if isinstance(value, kind) else value


def _leaves(value: Any) -> list[Any]:
    return [leaf for v in value for leaf in _leaves(v)] if isinstance(value, tuple | list) else [value]


def place_of(tracebacks: tuple[Any, ...]) -> str:
    """The innermost frame of the first traceback that has one of the user's own: ``file:line (function)``."""
    for frame in (frame for traceback in tracebacks if traceback is not None for frame in traceback.frames):
        if not frame.file_name.startswith(_HOUSES):
            return f"{frame.file_name}:{frame.line_num} ({frame.function_name})"
    return "a place that JAX does not remember"
