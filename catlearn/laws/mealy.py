"""Laws of machines: unrolling keeps what one builds, and states may slide along what is fed back.

Definition:
    A machine is what it does step after step. So the first steps of a composite are the composite of the first steps, and a machine that moves
    its state by `r` at the end of a step does what one does that moves it at the beginning.

References:
    Katis, Sabadini, Walters (2002); Di Lavore, de Felice, Román (2202.02061).
"""

from ..constructions.mealy import MealyCategory, mealy
from .law import collect, law


@law(needs=MealyCategory)
def unrolled_composite(draw):
    """(f ; g) unrolled  =  f unrolled ; g unrolled"""
    f, g = draw.path(2)
    return (f >> g).unrolled(2), f.unrolled(2) >> g.unrolled(2)


@law(needs=MealyCategory)
def unrolled_tensor(draw):
    """(f ⊗ g) unrolled  =  f unrolled ⊗ g unrolled, after the wires are sorted"""
    C, f, g = draw.base.category, draw.arrow(), draw.arrow()
    sort = lambda x, y: x @ C.swap(y, x) @ y
    return (f @ g).unrolled(2) >> sort(f.cod, g.cod), sort(f.dom, g.dom) >> (f.unrolled(2) @ g.unrolled(2))


@law(needs=MealyCategory)
def unrolled_lift(draw):
    """an arrow of the base, unrolled  =  the arrow beside itself"""
    f = draw.base.arrow()
    return draw.category.lift(f).unrolled(2), f @ f


@law(needs=MealyCategory)
def literal_steps(draw):
    """two steps  =  s ; f, and then f at the state that is left"""
    f = draw.arrow()
    C, X, U, Y = draw.base.category, f.state, f.dom, f.cod
    once = (f.start @ U @ U) >> (f.step @ U) >> (X @ C.swap(Y, U))
    return f.unrolled(2), once >> (f.step @ Y) >> (C.discard(X) @ C.swap(Y, Y))


@law(needs=MealyCategory)
def slide(draw):
    """(s, (r ⊗ U) ; f)  =  (s ; r, f ; (r ⊗ Y)),  with r : Z → X moving the state"""
    C = draw.base
    Z, X, U, Y = draw.obs(4)
    s, r, f = C.arrow(C.category.unit, Z), C.arrow(Z, X), C.arrow(X @ U, Z @ Y)
    return mealy(s, (r @ U) >> f), mealy(s >> r, f >> (r @ Y))


LAWS = collect(globals())
"""The laws of machines."""
