"""Arrows: frozen data that know their ends and their category.

Definition:
    An arrow ``f : X → Y`` is a value with a domain, a codomain and a category; ``f >> g`` composes
    (`f` first), ``f @ g`` puts side by side, ``X @ f`` whiskers with the identity of `X`.
"""

import abc
import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import equinox as eqx

from .errors import WrongCategory, door

if TYPE_CHECKING:
    _Trusting = type(eqx.Module)
else:

    class _Trusting(type(eqx.Module)):
        """The constructor that sets the fields and looks at nothing."""

        def __call__(cls, *args, **kwargs):
            fields = _trusted_fields(cls)
            if fields is None or kwargs or len(args) != len(fields):
                return super().__call__(*args, **kwargs)
            self = object.__new__(cls)
            self.__dict__.update(zip(fields, args, strict=True))
            return self

    @functools.cache
    def _trusted_fields(cls):
        """The names of the fields, or None where the class has an opinion on how it is made."""
        own_checks = (
            not cls.__dataclass_params__.init or hasattr(cls, "__check_init__") or hasattr(cls, "__post_init__")
        )
        return None if own_checks or cls.__abstractmethods__ else tuple(f.name for f in dataclasses.fields(cls))


class Data(eqx.Module, metaclass=_Trusting):
    """Frozen data, a pytree: what arrows and the pieces of arrows are.

    Capitalised constructors trust. `eqx.Module` walks all leaves of its arguments at each construction, and again
    where a method is named, which would make building a chain of arrows quadratic. This one sets the fields and
    looks at nothing, and its methods are plain methods. A class with an `__init__`, a `__post_init__` or a
    `__check_init__` of its own keeps them.
    """

    if not TYPE_CHECKING:
        __getattribute__ = object.__getattribute__


class Arrow(Data):
    """An arrow of a category; a subclass declares `dom`, `cod`, then its data, and its `category`.

    Laws:
        The operators only forward to the category: ``f >> g = C.then(f, g)``, ``f @ g = C.tensor(f, g)``,
        ``f + g = C.add(f, g)``, ``f ** n = C.power(f, n)``. Nothing else is overloaded.
    """

    dom: eqx.AbstractVar[Any]
    cod: eqx.AbstractVar[Any]

    @property
    @abc.abstractmethod
    def category(self) -> Any:
        """The category this arrow lives in."""

    @door
    def __rshift__[A: "Arrow"](self: A, other: Any) -> A:
        """``f >> g``: first `f`, then `g`."""
        if not isinstance(other, Arrow):
            return NotImplemented
        return self.category.then(self, other)

    @door
    def __matmul__[A: "Arrow"](self: A, other: Any) -> A:
        """``f @ g`` side by side; ``f @ X`` whiskers with the identity of `X`."""
        if not isinstance(other, Arrow) and not self._is_object(other):
            return NotImplemented
        tensor = self._operation("tensor", "@")
        return tensor(self, other if isinstance(other, Arrow) else self.category.id(other))

    @door
    def __rmatmul__[A: "Arrow"](self: A, other: Any) -> A:
        """``X @ f``: the identity of `X` beside `f`."""
        if not self._is_object(other):
            return NotImplemented
        return self._operation("tensor", "@")(self.category.id(other), self)

    def _operation(self, name: str, symbol: str) -> Any:
        """The operation of the category that an operator stands for."""
        if not hasattr(self.category, name):
            raise WrongCategory(f"{self} has no {symbol}: the category {self.category} has no operation `{name}`.")
        return getattr(self.category, name)

    def _is_object(self, x: Any) -> bool:
        """Whether `x` is of the kind of this arrow's ends."""
        return isinstance(x, type(self.dom))

    @door
    def __add__[A: "Arrow"](self: A, other: Any) -> A:
        """``f + g`` of parallel arrows, in a left additive category."""
        if not isinstance(other, Arrow):
            return NotImplemented
        return self._operation("add", "+")(self, other)

    @door
    def __pow__[A: "Arrow"](self: A, n: int) -> A:
        """``f ** n``: the n-fold composite of an endomap."""
        return self.category.power(self, n)

    def __str__(self) -> str:
        """The arrow as one writes it on the board."""
        return f"{type(self).__name__} : {self.dom} -> {self.cod}"
