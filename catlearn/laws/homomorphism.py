"""Laws of functors that keep more than composites and the tensor: copies, sums, injections, scaling.

Definition:
    A functor is *cartesian* if it keeps copying and discarding, *additive* if it keeps sums of arrows and zeros, a map of *biproducts* if
    it keeps merging and creation, and of *linear arrows* if it keeps scaling too.

References:
    Elliott (1804.00746): that differentiation, continuations, duality and matrices are homomorphisms for each class of operations.
"""

from ..theory import Biproduct, CartesianLeftAdditive, CopyDiscard, LinearArrows
from .law import collect, law


@law(needs=CopyDiscard, given=("cartesian functor",))
def functor_copy(draw):
    """F(copy)  =  copy,   F(discard)  =  discard,   F(⟨f, g⟩)  =  ⟨F(f), F(g)⟩"""
    F, C, (f, g) = draw["cartesian functor"], draw.category, draw.span(2)
    X, image = f.dom, F(f).category
    yield F(C.copy(X)), image.copy(F(X))
    yield F(C.discard(X)), image.discard(F(X))
    yield F(C.pair(f, g)), image.pair(F(f), F(g))


@law(needs=CopyDiscard, given=("cartesian functor",))
def functor_project(draw):
    """F(π₀)  =  π₀,   F(π₁)  =  π₁,   F(pick(X, all wires backwards))  =  pick(F(X), all wires backwards)"""
    F, C, X, Y = draw["cartesian functor"], draw.category, draw.ob(), draw.ob()
    image, backwards = F(C.id(X)).category, tuple(range(len(X)))[::-1]
    yield F(C.first(X, Y)), image.first(F(X), F(Y))
    yield F(C.second(X, Y)), image.second(F(X), F(Y))
    yield F(C.pick(X, backwards)), image.pick(F(X), backwards)


@law(needs=CartesianLeftAdditive, given=("additive functor",))
def functor_sum(draw):
    """F(f + g)  =  F(f) + F(g),   F(0)  =  0"""
    F, C, (f, g) = draw["additive functor"], draw.category, draw.parallel(2)
    yield F(f + g), F(f) + F(g)
    yield F(C.zero(f.dom, f.cod)), F(f).category.zero(F(f.dom), F(f.cod))


@law(needs=Biproduct, given=("biproduct functor",))
def functor_merge(draw):
    """F(merge)  =  merge,   F(create)  =  create,   F([f, g])  =  [F(f), F(g)]"""
    F, C, f = draw["biproduct functor"], draw.category, draw.arrow()
    g = draw.arrow(cod=f.cod)
    Y, image = f.cod, F(f).category
    yield F(C.merge(Y)), image.merge(F(Y))
    yield F(C.create(Y)), image.create(F(Y))
    yield F(C.copair(f, g)), image.copair(F(f), F(g))


@law(needs=Biproduct, given=("biproduct functor",))
def functor_inject(draw):
    """F(ι₀)  =  ι₀,   F(ι₁)  =  ι₁,   F(place(X, all wires backwards))  =  place(F(X), all wires backwards)"""
    F, C, X, Y = draw["biproduct functor"], draw.category, draw.ob(), draw.ob()
    image, backwards = F(C.id(X)).category, tuple(range(len(X)))[::-1]
    yield F(C.inject_first(X, Y)), image.inject_first(F(X), F(Y))
    yield F(C.inject_second(X, Y)), image.inject_second(F(X), F(Y))
    yield F(C.place(X, backwards)), image.place(F(X), backwards)


@law(needs=LinearArrows, given=("linear functor", "scalars"))
def functor_scale(draw):
    """F(scale(a))  =  scale(a)"""
    F, C, X = draw["linear functor"], draw.category, draw.ob()
    a = draw["scalars"](X, 2.5)
    image = F(C.scale(X, a))
    return image, image.category.scale(F(X), a)


LAWS = collect(globals())
