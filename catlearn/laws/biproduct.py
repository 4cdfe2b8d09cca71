"""Laws of biproducts: the product is a coproduct too.

Definition:
    Each object has an addition ``merge : X ⊗ X → X`` and a zero ``create : unit → X``, natural in all arrows. They give
    injections and copairs ``[f, g] = (f ⊗ g) ; merge``, which are to sums what projections and pairs are to products. Sums of
    arrows come from the two together.

The laws that speak of an arbitrary arrow between an injection or a sum and its end hold where every arrow is additive, and fail
elsewhere: an addition of directions is no addition of points.

References:
    Elliott (1804.00746), on biproducts; Cockett et al. (1910.07065), Example 19.
"""

from ..theory import Biproduct, CartesianLeftAdditive, LinearArrows
from .law import collect, law


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def merge_monoid(draw):
    """(merge ⊗ X) ; merge  =  (X ⊗ merge) ; merge,   (create ⊗ X) ; merge  =  id,   swap ; merge  =  merge"""
    C, X = draw.category, draw.ob()
    yield (C.merge(X) @ X) >> C.merge(X), (X @ C.merge(X)) >> C.merge(X)
    yield (C.create(X) @ X) >> C.merge(X), C.id(X)
    yield C.swap(X, X) >> C.merge(X), C.merge(X)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def merge_natural(draw):
    """merge ; f  =  (f ⊗ f) ; merge

    It holds for linear arrows, and fails for others.
    """
    C, f = draw.category, draw.arrow()
    return C.merge(f.dom) >> f, (f @ f) >> C.merge(f.cod)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def create_natural(draw):
    """create ; f  =  create"""
    C, f = draw.category, draw.arrow()
    return C.create(f.dom) >> f, C.create(f.cod)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def merge_tensor(draw):
    """merge(X ⊗ Y)  =  (X ⊗ swap ⊗ Y) ; (merge(X) ⊗ merge(Y)),   create(X ⊗ Y)  =  create(X) ⊗ create(Y)"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    yield C.merge(X @ Y), (X @ C.swap(Y, X) @ Y) >> (C.merge(X) @ C.merge(Y))
    yield C.create(X @ Y), C.create(X) @ C.create(Y)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def inject_project(draw):
    """ι₀ ; π₀  =  id,   ι₁ ; π₁  =  id,   ι₀ ; π₁  =  0,   ι₁ ; π₀  =  0"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    first, second = C.first(X, Y), C.second(X, Y)
    yield C.inject_first(X, Y) >> first, C.id(X)
    yield C.inject_second(X, Y) >> second, C.id(Y)
    yield C.inject_first(X, Y) >> second, C.zero(X, Y)
    yield C.inject_second(X, Y) >> first, C.zero(Y, X)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def project_inject(draw):
    """π₀ ; ι₀ + π₁ ; ι₁  =  id"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    left, right = C.first(X, Y) >> C.inject_first(X, Y), C.second(X, Y) >> C.inject_second(X, Y)
    return left + right, C.id(X @ Y)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def sum_by_biproduct(draw):
    """f + g  =  copy ; (f ⊗ g) ; merge,   0  =  discard ; create"""
    C, (f, g) = draw.category, draw.parallel(2)
    yield f + g, C.copy(f.dom) >> (f @ g) >> C.merge(f.cod)
    yield C.zero(f.dom, f.cod), C.discard(f.dom) >> C.create(f.cod)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def bialgebra(draw):
    """merge ; copy  =  (copy ⊗ copy) ; (X ⊗ swap ⊗ X) ; (merge ⊗ merge)"""
    C, X = draw.category, draw.ob()
    middle = X @ C.swap(X, X) @ X
    return C.merge(X) >> C.copy(X), (C.copy(X) @ C.copy(X)) >> middle >> (C.merge(X) @ C.merge(X))


def _cospan(draw):
    """Two arrows with a common end."""
    f = draw.arrow()
    return f, draw.arrow(cod=f.cod)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def copair_merge(draw):
    """[f, g]  =  (f ⊗ g) ; merge,   [f, g]  =  π₀ ; f + π₁ ; g"""
    C, (f, g) = draw.category, _cospan(draw)
    X, Y = f.dom, g.dom
    yield C.copair(f, g), (f @ g) >> C.merge(f.cod)
    yield C.copair(f, g), (C.first(X, Y) >> f) + (C.second(X, Y) >> g)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def pair_by_injections(draw):
    """⟨f, g⟩  =  f ; ι₀ + g ; ι₁"""
    C, (f, g) = draw.category, draw.span(2)
    X, Y = f.cod, g.cod
    return C.pair(f, g), (f >> C.inject_first(X, Y)) + (g >> C.inject_second(X, Y))


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def copair_first(draw):
    """ι₀ ; [f, g]  =  f"""
    C, (f, g) = draw.category, _cospan(draw)
    return C.inject_first(f.dom, g.dom) >> C.copair(f, g), f


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def copair_second(draw):
    """ι₁ ; [f, g]  =  g"""
    C, (f, g) = draw.category, _cospan(draw)
    return C.inject_second(f.dom, g.dom) >> C.copair(f, g), g


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def copair_unique(draw):
    """[ι₀ ; h, ι₁ ; h]  =  h"""
    C, X, Y, Z = draw.category, *draw.obs(3)
    h = draw.arrow(X @ Y, Z)
    return C.copair(C.inject_first(X, Y) >> h, C.inject_second(X, Y) >> h), h


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def copair_natural(draw):
    """[f, g] ; h  =  [f ; h, g ; h]"""
    C, (f, g) = draw.category, _cospan(draw)
    h = draw.arrow(f.cod)
    return C.copair(f, g) >> h, C.copair(f >> h, g >> h)


@law(needs=Biproduct, operations=CartesianLeftAdditive)
def exchange(draw):
    """⟨[f, g], [h, k]⟩  =  [⟨f, h⟩, ⟨g, k⟩]"""
    C, X, Y, Z = draw.category, *draw.obs(3)
    f, g = draw.arrow(X, Z), draw.arrow(Y, Z)
    h, k = draw.arrow(X, Y), draw.arrow(Y, Y)
    return C.pair(C.copair(f, g), C.copair(h, k)), C.copair(C.pair(f, h), C.pair(g, k))


@law(needs=Biproduct, operations=CartesianLeftAdditive, given=("wires",))
def place(draw):
    """place(X, no wire) = create,   place(X, all wires) = id,   place(X, all wires twice) = merge,   place(X, backwards) ; pick(X, backwards)  =  id"""
    C, X = draw.category, draw.ob()
    wires = tuple(range(len(X)))
    backwards = wires[::-1]
    yield C.place(X, ()), C.create(X)
    yield C.place(X, wires), C.id(X)
    yield C.place(X, wires + wires), C.merge(X)
    yield C.place(X, backwards) >> C.pick(X, backwards), C.id(C.pick(X, backwards).cod)


@law(needs=LinearArrows, given=("scalars",))
def scale_composite(draw):
    """scale(a) ; scale(b)  =  scale(a b),   scale(1)  =  id"""
    C, X = draw.category, draw.ob()
    scalars = draw["scalars"]
    a, b = scalars(X, 0.5), scalars(X, -3.0)
    yield C.scale(X, a) >> C.scale(X, b), C.scale(X, scalars(X, -1.5))
    yield C.scale(X, scalars(X, 1.0)), C.id(X)


@law(needs=LinearArrows, given=("scalars",))
def scale_natural(draw):
    """scale(c) ; f  =  f ; scale(c),   for one number c"""
    C, f = draw.category, draw.arrow()
    scalars = draw["scalars"]
    return C.scale(f.dom, scalars(f.dom, 2.5)) >> f, f >> C.scale(f.cod, scalars(f.cod, 2.5))


@law(needs=LinearArrows, given=("scalars",))
def scale_sum(draw):
    """scale(a) + scale(b)  =  scale(a + b),   scale(0)  =  0"""
    C, X = draw.category, draw.ob()
    scalars = draw["scalars"]
    yield C.scale(X, scalars(X, 0.5)) + C.scale(X, scalars(X, -3.0)), C.scale(X, scalars(X, -2.5))
    yield C.scale(X, scalars(X, 0.0)), C.zero(X, X)


LAWS = collect(globals())
