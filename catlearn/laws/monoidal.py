"""Laws of a tensor: arrows side by side, and wires that cross.

Definition:
    A strict monoidal category has a tensor that is associative and unital on the nose, and respects composition
    (interchange); a symmetric one has a crossing that is natural and its own inverse.
"""

from ..theory import Monoidal, Symmetric
from .law import collect, law


@law(needs=Monoidal)
def interchange(draw):
    """(f ⊗ g) ; (h ⊗ k)  =  (f ; h) ⊗ (g ; k)"""
    f, h = draw.path(2)
    g, k = draw.path(2)
    return (f @ g) >> (h @ k), (f >> h) @ (g >> k)


@law(needs=Monoidal)
def tensor_identity(draw):
    """id ⊗ id  =  id"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    return C.id(X) @ C.id(Y), C.id(X @ Y)


@law(needs=Monoidal)
def tensor_associativity(draw):
    """(f ⊗ g) ⊗ h  =  f ⊗ (g ⊗ h)"""
    f, g, h = draw.arrow(), draw.arrow(), draw.arrow()
    return (f @ g) @ h, f @ (g @ h)


@law(needs=Monoidal)
def tensor_unit(draw):
    """unit ⊗ f  =  f  =  f ⊗ unit"""
    f, unit = draw.arrow(), draw.category.unit
    yield unit @ f, f
    yield f @ unit, f


@law(needs=Monoidal)
def whiskering(draw):
    """f ⊗ g  =  (f ⊗ X) ; (B ⊗ g)  =  (A ⊗ g) ; (f ⊗ Y)"""
    f, g = draw.arrow(), draw.arrow()
    yield f @ g, (f @ g.dom) >> (f.cod @ g)
    yield f @ g, (f.dom @ g) >> (f @ g.cod)


@law(needs=Monoidal)
def tensor_many(draw):
    """tensor(f, g, h)  =  f ⊗ g ⊗ h"""
    f, g, h = draw.arrow(), draw.arrow(), draw.arrow()
    return draw.category.tensor(f, g, h), f @ g @ h


@law(needs=Symmetric)
def swap_natural(draw):
    """(f ⊗ g) ; swap  =  swap ; (g ⊗ f)"""
    C, f, g = draw.category, draw.arrow(), draw.arrow()
    return (f @ g) >> C.swap(f.cod, g.cod), C.swap(f.dom, g.dom) >> (g @ f)


@law(needs=Symmetric)
def swap_involution(draw):
    """swap(X, Y) ; swap(Y, X)  =  id"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    return C.swap(X, Y) >> C.swap(Y, X), C.id(X @ Y)


@law(needs=Symmetric)
def hexagon(draw):
    """swap(X, Y ⊗ Z)  =  (swap(X, Y) ⊗ Z) ; (Y ⊗ swap(X, Z))"""
    C, X, Y, Z = draw.category, draw.ob(), draw.ob(), draw.ob()
    return C.swap(X, Y @ Z), (C.swap(X, Y) @ Z) >> (Y @ C.swap(X, Z))


@law(needs=Symmetric)
def swap_unit(draw):
    """swap(X, unit)  =  id"""
    C, X = draw.category, draw.ob()
    return C.swap(X, C.unit), C.id(X)


LAWS = collect(globals())
