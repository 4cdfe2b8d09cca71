"""Laws of copying and discarding: Markov categories, and cartesian ones.

Definition:
    In a Markov category each object is a commutative comonoid and discarding is natural; in a cartesian one
    copying is natural too, and then the tensor is the product.

References:
    Fritz, *A synthetic approach to Markov kernels* (2019); Fox, *Coalgebras and cartesian categories* (1976).
"""

from ..theory import Cartesian, CopyDiscard, Markov
from .law import collect, law


@law(needs=CopyDiscard)
def copy_associative(draw):
    """copy ; (copy ⊗ X)  =  copy ; (X ⊗ copy)"""
    C, X = draw.category, draw.ob()
    return C.copy(X) >> (C.copy(X) @ X), C.copy(X) >> (X @ C.copy(X))


@law(needs=CopyDiscard)
def copy_unital(draw):
    """copy ; (discard ⊗ X)  =  id  =  copy ; (X ⊗ discard)"""
    C, X = draw.category, draw.ob()
    yield C.copy(X) >> (C.discard(X) @ X), C.id(X)
    yield C.copy(X) >> (X @ C.discard(X)), C.id(X)


@law(needs=CopyDiscard)
def copy_commutative(draw):
    """copy ; swap  =  copy"""
    C, X = draw.category, draw.ob()
    return C.copy(X) >> C.swap(X, X), C.copy(X)


@law(needs=CopyDiscard)
def copy_tensor(draw):
    """copy(X ⊗ Y)  =  (copy(X) ⊗ copy(Y)) ; (X ⊗ swap ⊗ Y)"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    return C.copy(X @ Y), (C.copy(X) @ C.copy(Y)) >> (X @ C.swap(X, Y) @ Y)


@law(needs=CopyDiscard)
def copy_unit(draw):
    """copy(unit)  =  id"""
    C = draw.category
    return C.copy(C.unit), C.id(C.unit)


@law(needs=CopyDiscard)
def discard_tensor(draw):
    """discard(X ⊗ Y)  =  discard(X) ⊗ discard(Y),   discard(unit)  =  id"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    yield C.discard(X @ Y), C.discard(X) @ C.discard(Y)
    yield C.discard(C.unit), C.id(C.unit)


@law(needs=Markov, operations=CopyDiscard)
def discard_natural(draw):
    """f ; discard  =  discard"""
    C, f = draw.category, draw.arrow()
    return f >> C.discard(f.cod), C.discard(f.dom)


@law(needs=CopyDiscard)
def projections(draw):
    """first = X ⊗ discard,   second = discard ⊗ Y,   pair(f, g) = copy ; (f ⊗ g)"""
    C, (f, g) = draw.category, draw.span(2)
    X, Y = f.cod, g.cod
    yield C.first(X, Y), X @ C.discard(Y)
    yield C.second(X, Y), C.discard(X) @ Y
    yield C.pair(f, g), C.copy(f.dom) >> (f @ g)


@law(needs=CopyDiscard, given=("wires",))
def pick(draw):
    """pick(X, no wire) = discard,   pick(X, all wires) = id,   pick(X, all wires twice) = copy"""
    C, X = draw.category, draw.ob()
    wires = tuple(range(len(X)))
    yield C.pick(X, ()), C.discard(X)
    yield C.pick(X, wires), C.id(X)
    yield C.pick(X, wires + wires), C.copy(X)


@law(needs=Cartesian, operations=CopyDiscard)
def copy_natural(draw):
    """f ; copy  =  copy ; (f ⊗ f)"""
    C, f = draw.category, draw.arrow()
    return f >> C.copy(f.cod), C.copy(f.dom) >> (f @ f)


@law(needs=Cartesian, operations=Markov)
def pair_first(draw):
    """⟨f, g⟩ ; first  =  f"""
    C, (f, g) = draw.category, draw.span(2)
    return C.pair(f, g) >> C.first(f.cod, g.cod), f


@law(needs=Cartesian, operations=Markov)
def pair_second(draw):
    """⟨f, g⟩ ; second  =  g"""
    C, (f, g) = draw.category, draw.span(2)
    return C.pair(f, g) >> C.second(f.cod, g.cod), g


@law(needs=Cartesian, operations=Markov)
def pair_unique(draw):
    """⟨h ; first, h ; second⟩  =  h"""
    C, X, Y, Z = draw.category, *draw.obs(3)
    h = draw.arrow(Z, X @ Y)
    return C.pair(h >> C.first(X, Y), h >> C.second(X, Y)), h


@law(needs=Cartesian, operations=Markov)
def pair_natural(draw):
    """h ; ⟨f, g⟩  =  ⟨h ; f, h ; g⟩"""
    C, h = draw.category, draw.arrow()
    f, g = draw.arrow(h.cod), draw.arrow(h.cod)
    return h >> C.pair(f, g), C.pair(h >> f, h >> g)


LAWS = collect(globals())
