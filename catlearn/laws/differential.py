"""Laws of the forward derivative: cartesian differential categories, CD.1 to CD.7.

Definition:
    ``D[f] : A ⊗ T(A) → T(B)`` takes a point and a direction. It is additive and linear in the direction, obeys the
    chain rule, and mixed second derivatives agree. The same laws, read with the derivative that is derived from a
    reverse one, are Theorem 16.

References:
    Cockett et al. (1910.07065), Definition 4.
"""

from ..theory import CartesianDifferential
from .law import collect, law


def _direction(draw, f):
    """A map ``X → A ⊗ T(A)`` for each part: a point and two directions, from one object."""
    C, X = draw.category, draw.ob()
    A, dA = f.dom, C.tangent(f.dom)
    return (draw.arrow(X, A), *draw.parallel(2, X, dA))


@law(needs=CartesianDifferential)
def cd1(draw):
    """D[f + g]  =  D[f] + D[g],   D[0]  =  0"""
    C, (f, g) = draw.category, draw.parallel(2)
    A, B = f.dom, f.cod
    yield C.D(f + g), C.D(f) + C.D(g)
    yield C.D(C.zero(A, B)), C.zero(A @ C.tangent(A), C.tangent(B))


@law(needs=CartesianDifferential)
def cd2(draw):
    """⟨a, b + c⟩ ; D[f]  =  ⟨a, b⟩ ; D[f] + ⟨a, c⟩ ; D[f],   ⟨a, 0⟩ ; D[f]  =  0"""
    C, f = draw.category, draw.arrow()
    a, b, c = _direction(draw, f)
    yield C.pair(a, b + c) >> C.D(f), (C.pair(a, b) >> C.D(f)) + (C.pair(a, c) >> C.D(f))
    zero = C.zero(a.dom, C.tangent(f.dom))
    yield C.pair(a, zero) >> C.D(f), C.zero(a.dom, C.tangent(f.cod))


@law(needs=CartesianDifferential)
def cd3(draw):
    """D[id]  =  π₁,   D[π₀]  =  π₁ ; π₀,   D[π₁]  =  π₁ ; π₁"""
    C, A, B = draw.category, draw.ob(), draw.ob()
    dA, dB = C.tangent(A), C.tangent(B)
    direction = C.second(A @ B, dA @ dB)
    yield C.D(C.id(A)), C.second(A, dA)
    yield C.D(C.first(A, B)), direction >> C.first(dA, dB)
    yield C.D(C.second(A, B)), direction >> C.second(dA, dB)


@law(needs=CartesianDifferential)
def cd4(draw):
    """D[⟨f, g⟩]  =  ⟨D[f], D[g]⟩,   D[!]  =  !"""
    C, (f, g) = draw.category, draw.span(2)
    A = f.dom
    yield C.D(C.pair(f, g)), C.pair(C.D(f), C.D(g))
    yield C.D(C.discard(A)), C.discard(A @ C.tangent(A))


@law(needs=CartesianDifferential)
def cd5(draw):
    """D[f ; g]  =  ⟨π₀ ; f, D[f]⟩ ; D[g]"""
    C, (f, g) = draw.category, draw.path(2)
    point = C.first(f.dom, C.tangent(f.dom))
    return C.D(f >> g), C.pair(point >> f, C.D(f)) >> C.D(g)


@law(needs=CartesianDifferential)
def cd6(draw):
    """⟨⟨a, b⟩, ⟨0, c⟩⟩ ; D[D[f]]  =  ⟨a, c⟩ ; D[f]"""
    C, f = draw.category, draw.arrow()
    a, b, c = _direction(draw, f)
    zero = C.zero(a.dom, C.tangent(f.dom))
    return C.pair(C.pair(a, b), C.pair(zero, c)) >> C.D(C.D(f)), C.pair(a, c) >> C.D(f)


@law(needs=CartesianDifferential)
def cd7(draw):
    """⟨⟨a, b⟩, ⟨c, d⟩⟩ ; D[D[f]]  =  ⟨⟨a, c⟩, ⟨b, d⟩⟩ ; D[D[f]]"""
    C, f = draw.category, draw.arrow()
    a, b, c = _direction(draw, f)
    d = draw.arrow(a.dom, C.tangent(f.dom))
    twice = C.D(C.D(f))
    return C.pair(C.pair(a, b), C.pair(c, d)) >> twice, C.pair(C.pair(a, c), C.pair(b, d)) >> twice


@law(needs=CartesianDifferential)
def tangent_tensor(draw):
    """T(A ⊗ B)  =  T(A) ⊗ T(B),   T(unit)  =  unit,   T(T(A))  =  T(A)"""
    C, A, B = draw.category, draw.ob(), draw.ob()
    yield C.id(C.tangent(A @ B)), C.id(C.tangent(A) @ C.tangent(B))
    yield C.id(C.tangent(C.unit)), C.id(C.unit)
    yield C.id(C.tangent(C.tangent(A))), C.id(C.tangent(A))


@law(needs=CartesianDifferential)
def every_arrow_linear(draw):
    """D[f]  =  π₁ ; f

    It holds where every arrow is linear, and fails elsewhere.
    """
    C, f = draw.category, draw.arrow()
    return C.D(f), C.second(f.dom, C.tangent(f.dom)) >> f


LAWS = collect(globals())
