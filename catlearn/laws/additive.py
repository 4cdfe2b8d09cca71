"""Laws of addition: left additive categories, and what it is for an arrow to be additive.

Definition:
    Each hom-set is a commutative monoid and precomposition respects it: ``x ; (f + g) = x ; f + x ; g``. Nothing is said
    about postcomposition; an arrow that respects sums there too is *additive*. Projections, and all structure
    maps, are additive; an arbitrary smooth map is not.

References:
    Cockett et al. (1910.07065), Definition 1.
"""

from ..theory import CartesianLeftAdditive
from .law import collect, law


@law(needs=CartesianLeftAdditive)
def add_associative(draw):
    """(f + g) + h  =  f + (g + h)"""
    f, g, h = draw.parallel(3)
    return (f + g) + h, f + (g + h)


@law(needs=CartesianLeftAdditive)
def add_commutative(draw):
    """f + g  =  g + f"""
    f, g = draw.parallel(2)
    return f + g, g + f


@law(needs=CartesianLeftAdditive)
def add_zero(draw):
    """f + 0  =  f"""
    f = draw.arrow()
    return f + draw.category.zero(f.dom, f.cod), f


@law(needs=CartesianLeftAdditive)
def left_additive(draw):
    """x ; (f + g)  =  x ; f + x ; g,   x ; 0  =  0"""
    C, x = draw.category, draw.arrow()
    f, g = draw.parallel(2, dom=x.cod)
    yield x >> (f + g), (x >> f) + (x >> g)
    yield x >> C.zero(x.cod, f.cod), C.zero(x.dom, f.cod)


@law(needs=CartesianLeftAdditive)
def projections_additive(draw):
    """(f + g) ; first  =  f ; first + g ; first,   0 ; first  =  0,   and so for second"""
    C, X, Y, Z = draw.category, *draw.obs(3)
    f, g = draw.parallel(2, Z, X @ Y)
    for projection in (C.first(X, Y), C.second(X, Y)):
        yield (f + g) >> projection, (f >> projection) + (g >> projection)
        yield C.zero(Z, X @ Y) >> projection, C.zero(Z, projection.cod)


@law(needs=CartesianLeftAdditive)
def pair_additive(draw):
    """⟨f, g⟩ + ⟨h, k⟩  =  ⟨f + h, g + k⟩,   0  =  ⟨0, 0⟩"""
    C, Z, X, Y = draw.category, *draw.obs(3)
    f, h = draw.parallel(2, Z, X)
    g, k = draw.parallel(2, Z, Y)
    yield C.pair(f, g) + C.pair(h, k), C.pair(f + h, g + k)
    yield C.zero(Z, X @ Y), C.pair(C.zero(Z, X), C.zero(Z, Y))


@law(needs=CartesianLeftAdditive)
def tensor_additive(draw):
    """(f + g) ⊗ (h + k)  =  f ⊗ h + g ⊗ k"""
    f, g = draw.parallel(2)
    h, k = draw.parallel(2)
    return (f + g) @ (h + k), (f @ h) + (g @ k)


@law(needs=CartesianLeftAdditive)
def every_arrow_additive(draw):
    """(f + g) ; h  =  f ; h + g ; h,   0 ; h  =  0

    It holds where every arrow is linear, and fails elsewhere.
    """
    C = draw.category
    f, g = draw.parallel(2)
    h = draw.arrow(f.cod)
    yield (f + g) >> h, (f >> h) + (g >> h)
    yield C.zero(f.dom, f.cod) >> h, C.zero(f.dom, h.cod)


LAWS = collect(globals())
