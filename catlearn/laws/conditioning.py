"""Laws of exact conditioning: draws, equations between values, and programs that fail.

Definition:
    Over a Markov category with conditionals and supports, programs also observe: ``x =:= y`` is an arrow ``X ⊗ X ⇝ unit``. The laws say that it is
    an equation between *values*: it is symmetric, says nothing of a value and itself, may be said twice, allows to replace what is equal, and is said
    of a pair by saying it of both. What cannot be is bottom, wherever it stands.

References:
    Stein, Staton (2101.11351), for programs with exact conditioning.
"""

from ..constructions.cond import Conditioned
from .law import collect, law


@law(needs=Conditioned)
def tautology(draw):
    """copy ; (x =:= x)  =  discard"""
    C, X = draw.category, draw.ob()
    return C.copy(X) >> C.equate(X), C.discard(X)


@law(needs=Conditioned)
def equation_symmetric(draw):
    """swap ; (x =:= y)  =  (x =:= y)"""
    C, X = draw.category, draw.ob()
    return C.swap(X, X) >> C.equate(X), C.equate(X)


@law(needs=Conditioned)
def equation_idempotent(draw):
    """copy ; ((x =:= y) ⊗ (x =:= y))  =  (x =:= y)"""
    C, X = draw.category, draw.ob()
    return C.copy(X @ X) >> (C.equate(X) @ C.equate(X)), C.equate(X)


@law(needs=Conditioned)
def substitution(draw):
    """⟨(x =:= y), f(x)⟩  =  ⟨(x =:= y), f(y)⟩"""
    C, f = draw.category, draw.arrow()
    X = f.dom
    return C.pair(C.equate(X), C.first(X, X) >> f), C.pair(C.equate(X), C.second(X, X) >> f)


@law(needs=Conditioned)
def aggregate(draw):
    """(x, u) =:= (y, v)  =  (x =:= y) ⊗ (u =:= v), after the wires are sorted"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    return C.equate(X @ Y), (X @ C.swap(Y, X) @ Y) >> (C.equate(X) @ C.equate(Y))


@law(needs=Conditioned)
def compare_keeps_either(draw):
    """compare  =  compare, with the other value kept"""
    C, X = draw.category, draw.ob()
    other = (X @ C.copy(X)) >> (C.equate(X) @ X)
    return C.compare(X), other


@law(needs=Conditioned, given=("point",))
def observe_is_equate(draw):
    """observe(o)  =  (X ⊗ o) ; (x =:= y)"""
    C, X = draw.category, draw.ob()
    o = draw["point"](C, X)
    return C.observe(o), (X @ C.lift(o)) >> C.equate(X)


@law(needs=Conditioned, given=("point",))
def initialise(draw):
    """let x = full() in ((x =:= o) ; P(x))  =  P(o), for a constant o"""
    C, f = draw.category, draw.arrow()
    o = draw["point"](C, f.dom)
    return C.full(f.dom) >> C.copy(f.dom) >> (C.observe(o) @ f), C.lift(o) >> f


@law(needs=Conditioned)
def initialise_variable(draw):
    """let x = full() in (x =:= y)  =  discard(y)"""
    C, X = draw.category, draw.ob()
    return (X @ C.full(X)) >> C.equate(X), C.discard(X)


@law(needs=Conditioned)
def bottom_absorbs(draw):
    """fail ; f  =  fail,   f ; fail  =  fail,   f ⊗ fail  =  fail"""
    C, f, X = draw.category, draw.arrow(), draw.ob()
    yield C.fail(X, f.dom) >> f, C.fail(X, f.cod)
    yield f >> C.fail(f.cod, X), C.fail(f.dom, X)
    yield f @ C.fail(X, X), C.fail(f.dom @ X, f.cod @ X)


LAWS = collect(globals())
