"""Laws of daggers and of dagger biproducts.

Definition:
    A dagger turns every arrow around, is its own inverse and reverses composites. With biproducts the product is a
    coproduct too: ``merge = copy†``, injections are the daggers of projections, and sums come from the two together.

References:
    Cockett et al. (1910.07065), Example 19; Elliott (1804.00746), on biproducts.
"""

from ..theory import Dagger, DaggerBiproduct
from .law import collect, law


@law(needs=Dagger)
def dagger_involution(draw):
    """f††  =  f"""
    C, f = draw.category, draw.arrow()
    return C.dagger(C.dagger(f)), f


@law(needs=Dagger)
def dagger_identity(draw):
    """id†  =  id"""
    C, X = draw.category, draw.ob()
    return C.dagger(C.id(X)), C.id(X)


@law(needs=Dagger)
def dagger_composite(draw):
    """(f ; g)†  =  g† ; f†"""
    C, (f, g) = draw.category, draw.path(2)
    return C.dagger(f >> g), C.dagger(g) >> C.dagger(f)


@law(needs=DaggerBiproduct)
def dagger_tensor(draw):
    """(f ⊗ g)†  =  f† ⊗ g†,   swap(X, Y)†  =  swap(Y, X)"""
    C, f, g = draw.category, draw.arrow(), draw.arrow()
    X, Y = f.dom, g.dom
    yield C.dagger(f @ g), C.dagger(f) @ C.dagger(g)
    yield C.dagger(C.swap(X, Y)), C.swap(Y, X)


@law(needs=DaggerBiproduct)
def dagger_sum(draw):
    """(f + g)†  =  f† + g†,   0†  =  0"""
    C, (f, g) = draw.category, draw.parallel(2)
    yield C.dagger(f + g), C.dagger(f) + C.dagger(g)
    yield C.dagger(C.zero(f.dom, f.cod)), C.zero(f.cod, f.dom)


@law(needs=DaggerBiproduct)
def dagger_power(draw):
    """(f ** 3)†  =  f† ** 3"""
    C, f = draw.category, draw.endo()
    return C.dagger(f**3), C.dagger(f) ** 3


@law(needs=DaggerBiproduct)
def merge_monoid(draw):
    """(merge ⊗ X) ; merge  =  (X ⊗ merge) ; merge,   (create ⊗ X) ; merge  =  id,   swap ; merge  =  merge"""
    C, X = draw.category, draw.ob()
    yield (C.merge(X) @ X) >> C.merge(X), (X @ C.merge(X)) >> C.merge(X)
    yield (C.create(X) @ X) >> C.merge(X), C.id(X)
    yield C.swap(X, X) >> C.merge(X), C.merge(X)


@law(needs=DaggerBiproduct)
def merge_natural(draw):
    """merge ; f  =  (f ⊗ f) ; merge,   create ; f  =  create"""
    C, f = draw.category, draw.arrow()
    yield C.merge(f.dom) >> f, (f @ f) >> C.merge(f.cod)
    yield C.create(f.dom) >> f, C.create(f.cod)


@law(needs=DaggerBiproduct)
def dagger_of_structure(draw):
    """copy†  =  merge,   discard†  =  create,   project†  =  inject"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    yield C.dagger(C.merge(X)), C.copy(X)
    yield C.dagger(C.create(X)), C.discard(X)
    yield C.dagger(C.inject_first(X, Y)), C.first(X, Y)
    yield C.dagger(C.inject_second(X, Y)), C.second(X, Y)


@law(needs=DaggerBiproduct)
def inject_project(draw):
    """ι₀ ; π₀  =  id,   ι₁ ; π₁  =  id,   ι₀ ; π₁  =  0,   ι₁ ; π₀  =  0"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    first, second = C.first(X, Y), C.second(X, Y)
    yield C.inject_first(X, Y) >> first, C.id(X)
    yield C.inject_second(X, Y) >> second, C.id(Y)
    yield C.inject_first(X, Y) >> second, C.zero(X, Y)
    yield C.inject_second(X, Y) >> first, C.zero(Y, X)


@law(needs=DaggerBiproduct)
def project_inject(draw):
    """π₀ ; ι₀ + π₁ ; ι₁  =  id"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    left, right = C.first(X, Y) >> C.inject_first(X, Y), C.second(X, Y) >> C.inject_second(X, Y)
    return left + right, C.id(X @ Y)


@law(needs=DaggerBiproduct)
def sum_by_biproduct(draw):
    """f + g  =  copy ; (f ⊗ g) ; merge,   0  =  discard ; create"""
    C, (f, g) = draw.category, draw.parallel(2)
    yield f + g, C.copy(f.dom) >> (f @ g) >> C.merge(f.cod)
    yield C.zero(f.dom, f.cod), C.discard(f.dom) >> C.create(f.cod)


@law(needs=DaggerBiproduct)
def bialgebra(draw):
    """merge ; copy  =  (copy ⊗ copy) ; (X ⊗ swap ⊗ X) ; (merge ⊗ merge)"""
    C, X = draw.category, draw.ob()
    middle = X @ C.swap(X, X) @ X
    return C.merge(X) >> C.copy(X), (C.copy(X) @ C.copy(X)) >> middle >> (C.merge(X) @ C.merge(X))


@law(needs=DaggerBiproduct)
def own_derivative(draw):
    """D[f]  =  π₁ ; f,   R[f]  =  π₁ ; f†"""
    C, f = draw.category, draw.arrow()
    yield C.D(f), C.discard(f.dom) @ f
    yield C.R(f), C.discard(f.dom) @ C.dagger(f)


LAWS = collect(globals())
