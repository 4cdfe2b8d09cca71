"""Finite functions as a cartesian category whose arrows can be applied: the laws of wires come with it."""

import dataclasses
import itertools

import equinox as eqx
from hypothesis import strategies as st

from catlearn import Fin, laws, unit
from catlearn.theory import Arrow, Cartesian, Concrete


# [start]
class Table(Arrow):
    dom: object = eqx.field(static=True)
    cod: object = eqx.field(static=True)
    table: dict[tuple[int, ...], tuple[int, ...]]
    category = property(lambda self: Tables())


def elements(X):
    return list(itertools.product(*(range(wire.n) for wire in X.wires)))


@dataclasses.dataclass(frozen=True)
class Tables(Cartesian, Concrete):
    unit = unit

    def arrow(self, X, Y, function):
        return Table(X, Y, {xs: function(xs) for xs in elements(X)})

    def apply(self, f, xs):
        return f.table[xs]

    def id(self, X):
        return self.arrow(X, X, lambda xs: xs)

    def _then(self, f, g):
        return self.arrow(f.dom, g.cod, lambda xs: g.table[f.table[xs]])

    def _tensor(self, f, g):
        n = len(f.dom)
        return self.arrow(f.dom @ g.dom, f.cod @ g.cod, lambda xs: f.table[xs[:n]] + g.table[xs[n:]])

    def swap(self, X, Y):
        return self.arrow(X @ Y, Y @ X, lambda xs: xs[len(X) :] + xs[: len(X)])

    def copy(self, X):
        return self.arrow(X, X @ X, lambda xs: xs + xs)

    def discard(self, X):
        return self.arrow(X, unit, lambda xs: ())


def tables(X, Y):
    images = st.fixed_dictionaries({xs: st.sampled_from(elements(Y)) for xs in elements(X)})
    return images.map(lambda table: Table(X, Y, table))


products = laws.draws.of(
    Tables(),
    objects=[unit, Fin(2), Fin(3), Fin(2) @ Fin(2)],
    arrow=tables,
    points=lambda X: st.sampled_from(elements(X)),
    given={"wires": True},
)
# [end]

if __name__ == "__main__":
    print(laws.table(laws.report(products)))
