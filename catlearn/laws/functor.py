"""Laws of functors and of natural transformations.

Definition:
    A functor respects identities and composites, a strict monoidal one the tensor too; a natural transformation
    slides past every arrow. Draws for these laws come from `draws.through` and `draws.between`: they draw in the
    source and compare in the target.
"""

from ..theory import Monoidal, Symmetric
from .law import collect, law


@law(given=("functor",))
def functor_identity(draw):
    """F(id)  =  id"""
    F, C, X = draw["functor"], draw.category, draw.ob()
    return F(C.id(X)), F(C.id(X)).category.id(F(X))


@law(given=("functor",))
def functor_composite(draw):
    """F(f ; g)  =  F(f) ; F(g)"""
    F, (f, g) = draw["functor"], draw.path(2)
    return F(f >> g), F(f) >> F(g)


@law(needs=Monoidal, given=("monoidal functor",))
def functor_tensor(draw):
    """F(f ⊗ g)  =  F(f) ⊗ F(g)"""
    F, f, g = draw["functor"], draw.arrow(), draw.arrow()
    return F(f @ g), F(f) @ F(g)


@law(needs=Symmetric, given=("monoidal functor",))
def functor_swap(draw):
    """F(swap(X, Y))  =  swap(F(X), F(Y))"""
    F, C, X, Y = draw["functor"], draw.category, draw.ob(), draw.ob()
    image = F(C.swap(X, Y))
    return image, image.category.swap(F(X), F(Y))


@law(given=("transformation",))
def naturality(draw):
    """F(f) ; t  =  t ; G(f)"""
    t, f = draw["transformation"], draw.arrow()
    return t.source(f) >> t.at(f.cod), t.at(f.dom) >> t.target(f)


LAWS = collect(globals())
