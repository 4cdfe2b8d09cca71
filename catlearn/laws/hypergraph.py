"""Laws of wires that can be compared: special commutative Frobenius algebras.

Definition:
    Each object has copies and their mirror image: ``compare : X ⊗ X → X`` and ``create : unit → X`` form a commutative monoid, and the two
    meet in the *Frobenius* law, so that all connected diagrams of them with the same ends are equal.

References:
    Carboni, Walters, *Cartesian bicategories I* (1987); Fong, Spivak, *Hypergraph categories* (1806.08304).
"""

from ..theory import Hypergraph
from .law import collect, law


@law(needs=Hypergraph)
def compare_monoid(draw):
    """(compare ⊗ X) ; compare  =  (X ⊗ compare) ; compare,   (create ⊗ X) ; compare  =  id,   swap ; compare  =  compare"""
    C, X = draw.category, draw.ob()
    yield (C.compare(X) @ X) >> C.compare(X), (X @ C.compare(X)) >> C.compare(X)
    yield (C.create(X) @ X) >> C.compare(X), C.id(X)
    yield C.swap(X, X) >> C.compare(X), C.compare(X)


@law(needs=Hypergraph)
def compare_tensor(draw):
    """compare(X ⊗ Y)  =  (X ⊗ swap ⊗ Y) ; (compare(X) ⊗ compare(Y)),   create(X ⊗ Y)  =  create(X) ⊗ create(Y)"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    yield C.compare(X @ Y), (X @ C.swap(Y, X) @ Y) >> (C.compare(X) @ C.compare(Y))
    yield C.create(X @ Y), C.create(X) @ C.create(Y)


@law(needs=Hypergraph)
def special(draw):
    """copy ; compare  =  id"""
    C, X = draw.category, draw.ob()
    return C.copy(X) >> C.compare(X), C.id(X)


@law(needs=Hypergraph)
def frobenius(draw):
    """(copy ⊗ X) ; (X ⊗ compare)  =  compare ; copy  =  (X ⊗ copy) ; (compare ⊗ X)"""
    C, X = draw.category, draw.ob()
    through = C.compare(X) >> C.copy(X)
    yield (C.copy(X) @ X) >> (X @ C.compare(X)), through
    yield (X @ C.copy(X)) >> (C.compare(X) @ X), through


@law(needs=Hypergraph)
def snake(draw):
    """(X ⊗ cup) ; (cap ⊗ X)  =  id   with  cup = create ; copy  and  cap = compare ; discard"""
    C, X = draw.category, draw.ob()
    cup, cap = C.create(X) >> C.copy(X), C.compare(X) >> C.discard(X)
    yield (X @ cup) >> (cap @ X), C.id(X)
    yield (cup @ X) >> (X @ cap), C.id(X)


LAWS = collect(globals())
