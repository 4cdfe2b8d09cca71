"""Laws of daggers and of dagger biproducts.

Definition:
    A dagger turns every arrow around, is its own inverse and reverses composites. With biproducts, whose laws are in
    `biproduct`, it exchanges product and coproduct: ``merge = copy†``, and injections are the daggers of projections.

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


@law(needs=DaggerBiproduct, operations=Dagger)
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
def dagger_of_structure(draw):
    """copy†  =  merge,   discard†  =  create,   project†  =  inject"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    yield C.dagger(C.merge(X)), C.copy(X)
    yield C.dagger(C.create(X)), C.discard(X)
    yield C.dagger(C.inject_first(X, Y)), C.first(X, Y)
    yield C.dagger(C.inject_second(X, Y)), C.second(X, Y)


@law(needs=DaggerBiproduct)
def own_derivative(draw):
    """D[f]  =  π₁ ; f,   R[f]  =  π₁ ; f†"""
    C, f = draw.category, draw.arrow()
    yield C.D(f), C.discard(f.dom) @ f
    yield C.R(f), C.discard(f.dom) @ C.dagger(f)


LAWS = collect(globals())
