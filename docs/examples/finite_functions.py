"""A category of your own, without JAX: finite sets {0, ..., n - 1} and functions, kept as dicts."""

import dataclasses

import equinox as eqx
from hypothesis import strategies as st

from catlearn import laws
from catlearn.theory import Arrow, Category


# [start]
class Function(Arrow):
    dom: int = eqx.field(static=True)
    cod: int = eqx.field(static=True)
    table: dict[int, int]
    category = property(lambda self: Functions())


@dataclasses.dataclass(frozen=True)
class Functions(Category):
    def id(self, n):
        return Function(n, n, {i: i for i in range(n)})

    def _then(self, f, g):
        return Function(f.dom, g.cod, {i: g.table[f.table[i]] for i in range(f.dom)})


def function(n, m):
    return st.fixed_dictionaries({i: st.integers(0, m - 1) for i in range(n)}).map(lambda d: Function(n, m, d))


mine = laws.draws.of(Functions(), objects=[1, 2, 3], arrow=function)
# [end]

if __name__ == "__main__":
    for law, _ in laws.suite(Functions(), mine):
        laws.check(law, mine)
    print(laws.table(laws.report(mine)))
