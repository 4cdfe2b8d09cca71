"""The category of finite functions with a mistake in its composition, and what the laws say to that."""

import equinox as eqx
from finite_functions import Functions, function

from catlearn import laws
from catlearn.theory import Arrow


# [start]
class Wrong(Arrow):
    dom: int = eqx.field(static=True)
    cod: int = eqx.field(static=True)
    table: dict[int, int]
    category = property(lambda self: WrongFunctions())


class WrongFunctions(Functions):
    def id(self, n):
        return Wrong(n, n, {i: i for i in range(n)})

    def _then(self, f, g):
        return Wrong(f.dom, g.cod, {i: g.table[f.table[i]] if i else 0 for i in range(f.dom)})


broken = laws.draws.of(
    WrongFunctions(), objects=[1, 2, 3], arrow=lambda n, m: function(n, m).map(lambda f: Wrong(f.dom, f.cod, f.table))
)
# [end]

if __name__ == "__main__":
    try:
        laws.check(laws.category.left_identity, broken)
    except laws.LawBroken as error:
        print(error)
    else:
        raise SystemExit("the broken category was not rejected")
