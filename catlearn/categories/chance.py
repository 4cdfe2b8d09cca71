"""Steps that use a random key: what samplers are made of.

Definition:
    A *step* maps a key and a tuple of values to a tuple of values, and may know the logarithm of its density. A path of steps gives each step that uses
    a key one of its own; those that use none do not count, so that composing with a certain map changes no draw.
"""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax

from ..theory import Data
from .path import Factor, Values

LogDensity = Callable[[Values, Values], Any]


class Step(Data):
    """One step of a sampler: values to values, with a key."""

    @abc.abstractmethod
    def draw(self, key: Any, xs: Values) -> Values:
        """The values that come out."""

    @property
    @abc.abstractmethod
    def log_density(self) -> LogDensity | None:
        """``(xs, ys) ↦ log p(ys | xs)``, or None where it is not known."""


class Certain(Step):
    """A step that uses no key."""

    factor: Factor

    def draw(self, key: Any, xs: Values) -> Values:
        return self.factor(xs)

    @property
    def log_density(self) -> None:
        return None


class Chance(Step):
    """A step by a user's functions."""

    function: Callable[..., Any]
    density: Callable[..., Any] | None
    wires: int = eqx.field(static=True)

    def draw(self, key: Any, xs: Values) -> Values:
        ys = self.function(key, *xs)
        return tuple(ys) if self.wires > 1 else (ys,) if self.wires else ()

    @property
    def log_density(self) -> LogDensity | None:
        return None if self.density is None else Bared(self.density)


class Bared(Data):
    """``(xs, ys) ↦ density(*xs, *ys)``."""

    density: Callable[..., Any]

    def __call__(self, xs: Values, ys: Values) -> Any:
        return self.density(*xs, *ys)


class After(Data):
    """``(xs, ys) ↦ density(f(xs), ys)`` for a path of certain steps."""

    steps: tuple[Step, ...]
    density: LogDensity

    def __call__(self, xs: Values, ys: Values) -> Any:
        for step in self.steps:
            xs = step.draw(None, xs)
        return self.density(xs, ys)


def draw(steps: tuple[Step, ...], key: Any, xs: Values) -> Values:
    """Run the steps; the n-th that uses a key gets the n-th that is derived from `key`."""
    used = 0
    for step in steps:
        if isinstance(step, Certain):
            xs = step.draw(None, xs)
        else:
            xs, used = step.draw(jax.random.fold_in(key, used), xs), used + 1
    return xs
