r"""Steps of learners: an implementation, an update and a request, and how the three compose.

Definition:
    A step from `A` to `B` with parameter `P` is three arrows of a cartesian category, ``I : P ⊗ A → B``, ``U : P ⊗ A ⊗ B → P`` and
    ``r : P ⊗ A ⊗ B → A``. `in_sequence` and `side_by_side` are the formulas of the paper, word for word; `run` gives the same
    values with each arrow evaluated once.

References:
    Fong, Spivak, Tuyéras (1711.10455), Definition II.1.
"""

import abc
import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx

from ..theory import Arrow, Cartesian, Data

Values = tuple[Any, ...]
Answer = Callable[[Values], tuple[Values, Values]]


class Stage(Data):
    """One step, and a way to run it without repeating work."""

    parameter: eqx.AbstractVar[Any]
    dom: eqx.AbstractVar[Any]
    cod: eqx.AbstractVar[Any]

    @property
    @abc.abstractmethod
    def arrows(self) -> "Given":
        """The same step as three arrows of the base."""

    @abc.abstractmethod
    def forward(self, ps: Values, xs: Values) -> Values:
        """The values of the implementation; for a `Concrete` base."""

    @abc.abstractmethod
    def run(self, ps: Values, xs: Values) -> tuple[Values, Answer]:
        """The values of the implementation, and the way from a target to new parameters and a request."""


class Given(Stage):
    """A step given by its three arrows."""

    parameter: Any = eqx.field(static=True)
    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    implement: Arrow
    update: Arrow
    request: Arrow

    @property
    def arrows(self) -> "Given":
        return self

    def forward(self, ps: Values, xs: Values) -> Values:
        return self.implement.category.apply(self.implement, ps + xs)

    def run(self, ps: Values, xs: Values) -> tuple[Values, Answer]:
        C = self.implement.category
        answer = lambda ys: (C.apply(self.update, ps + xs + ys), C.apply(self.request, ps + xs + ys))
        return self.forward(ps, xs), answer


class Adapter(Stage):
    """A step without parameters, whose request ``B → A`` looks at the target alone."""

    parameter: Any = eqx.field(static=True)
    dom: Any = eqx.field(static=True)
    cod: Any = eqx.field(static=True)
    there: Arrow
    back: Arrow

    @property
    def arrows(self) -> Given:
        C, A, B = self.there.category, self.dom, self.cod
        request = C.tensor(C.discard(A), self.back)
        return Given(self.parameter, A, B, self.there, C.discard(A @ B), request)

    def forward(self, ps: Values, xs: Values) -> Values:
        return self.there.category.apply(self.there, xs)

    def run(self, ps: Values, xs: Values) -> tuple[Values, Answer]:
        return self.forward(ps, xs), lambda ys: ((), self.back.category.apply(self.back, ys))


class Forward(Data):
    """``(p, a) ↦ I(p, a)`` of what can be run, as a function on tuples of values."""

    of: Any

    def __call__(self, xs: Values) -> Values:
        n = len(self.of.parameter)
        return self.of.forward(xs[:n], xs[n:])


class ThereAndBack(Data):
    """``(p, a, b) ↦ (U(p, a, b), r(p, a, b))`` of what can be run, as a function on tuples of values."""

    of: Any

    def __call__(self, xs: Values) -> Values:
        n, m = len(self.of.parameter), len(self.of.dom)
        _, answer = self.of.run(xs[:n], xs[n : n + m])
        moved, requested = answer(xs[n + m :])
        return moved + requested


def put_of(C: Any, of: Any) -> Any:
    """Update and request together, ``P ⊗ A ⊗ B → P ⊗ A``, of what can be run over a `Concrete` category."""
    return C.arrow(of.parameter @ of.dom @ of.cod, of.parameter @ of.dom, ThereAndBack(of))


def run_together(C: Any, of: Any) -> Given:
    """The three arrows of what can be run over a `Concrete` category."""
    P, A, B, put = of.parameter, of.dom, of.cod, put_of(C, of)
    implement = C.arrow(P @ A, B, Forward(of))
    return Given(P, A, B, implement, C.then(put, C.first(P, A)), C.then(put, C.second(P, A)))


def nothing(C: Cartesian, x: Any) -> Given:
    """The identity by the definition: it requests its target."""
    return Given(C.unit, x, x, C.id(x), C.discard(x @ x), C.second(x, x))


def in_sequence(C: Cartesian, f: Given, g: Given) -> Given:
    """Two steps one after the other, by the definition."""
    P, Q, A, Z = f.parameter, g.parameter, f.dom, g.cod
    p, q, a = projections(C, P, Q, A)
    implement = fork(C, q, fork(C, p, a) >> f.implement) >> g.implement
    p, q, a, c = projections(C, P, Q, A, Z)
    said = fork(C, q, fork(C, p, a) >> f.implement, c)  # (q, b, c) with b = I(p, a)
    asked = fork(C, p, a, said >> g.request)  # (p, a, b') with b' = s(q, b, c)
    update = C.pair(asked >> f.update, said >> g.update)
    return Given(P @ Q, A, Z, implement, update, asked >> f.request)


def side_by_side(C: Cartesian, f: Given, g: Given) -> Given:
    """Two steps beside each other, by the definition."""
    P, Q, A, Z, B, Y = f.parameter, g.parameter, f.dom, g.dom, f.cod, g.cod
    p, q, a, c = projections(C, P, Q, A, Z)
    implement = C.pair(fork(C, p, a) >> f.implement, fork(C, q, c) >> g.implement)
    p, q, a, c, b, d = projections(C, P, Q, A, Z, B, Y)
    left, right = fork(C, p, a, b), fork(C, q, c, d)
    update = C.pair(left >> f.update, right >> g.update)
    return Given(P @ Q, A @ Z, B @ Y, implement, update, C.pair(left >> f.request, right >> g.request))


def projections(C: Cartesian, *objects: Any) -> tuple[Any, ...]:
    """The projections of the product of the objects to each of them."""
    strand = lambda i, j, x: C.id(x) if i == j else C.discard(x)
    return tuple(C.tensor(*(strand(i, j, x) for j, x in enumerate(objects))) for i in range(len(objects)))


def fork(C: Cartesian, *arrows: Any) -> Any:
    """``⟨f, g, ...⟩``, the arrow into the product whose parts are the given ones."""
    return functools.reduce(C.pair, arrows)
