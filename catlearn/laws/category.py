"""Laws of a category.

Definition:
    Identities and an associative composition. Nothing is more basic, and nothing catches more mistakes.
"""

from typing import Any

from ..theory import Concrete, Data
from .law import collect, law


@law
def left_identity(draw):
    """id ; f  =  f"""
    f = draw.arrow()
    return draw.category.id(f.dom) >> f, f


@law
def right_identity(draw):
    """f ; id  =  f"""
    f = draw.arrow()
    return f >> draw.category.id(f.cod), f


@law
def associativity(draw):
    """(f ; g) ; h  =  f ; (g ; h)"""
    f, g, h = draw.path(3)
    return (f >> g) >> h, f >> (g >> h)


@law
def chain(draw):
    """then(f, g, h)  =  f ; g ; h"""
    f, g, h = draw.path(3)
    return draw.category.then(f, g, h), f >> g >> h


@law(compiled=True)
def power(draw):
    """f ** 3  =  f ; f ; f"""
    f = draw.endo()
    return f**3, f >> f >> f


@law
def power_zero(draw):
    """f ** 0  =  id"""
    f = draw.endo()
    return f**0, draw.category.id(f.dom)


@law(compiled=True)
def power_sum(draw):
    """f ** (m + n)  =  f ** m ; f ** n"""
    f = draw.endo()
    return f**3, f**1 >> f**2


class _Applied(Data):
    """An arrow as the function that it is."""

    arrow: Any

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return self.arrow.category.apply(self.arrow, xs)


@law(needs=Concrete)
def arrow_of_function(draw):
    """arrow(X, Y, xs ↦ apply(f, xs))  =  f"""
    f = draw.arrow()
    return draw.category.arrow(f.dom, f.cod, _Applied(f)), f


LAWS = collect(globals())
