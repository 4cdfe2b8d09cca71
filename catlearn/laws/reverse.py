r"""Laws of the reverse derivative: cartesian reverse differential categories, RD.1 to RD.7, and what follows.

Definition:
    ``R[f] : A ⊗ T(B) → T(A)`` takes a point and a covector. RD.5 is the chain rule that backpropagation is; RD.6 and
    RD.7 say with `R` alone that the derivative is linear in its direction and that mixed second derivatives agree.

From `R` come the forward derivative ``D[f] = (ι₀ ⊗ 1) ; R[R[f]] ; π₁`` (Theorem 16), the dagger of linear maps, and
the dagger of maps that are linear in context; forward derivative and contextual dagger give `R` back.

References:
    Cockett et al. (1910.07065), Definition 13, Theorems 16, 41 and 42; Cruttwell et al. (2103.01931), Appendix A.
"""

from typing import Any

import equinox as eqx

from ..theory import Arrow, CartesianReverseDifferential, ConcreteReverseDifferential, Data
from .law import collect, law


class Back(Data):
    """``(a, w) ↦ back(w)``, with the way back of `f` from the point `a`, to all wires or to the marked ones."""

    f: Arrow
    moves: tuple[bool, ...] | None = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        n = len(self.f.dom)
        _, back = self.f.category.pull(self.f, xs[:n], self.moves)
        return back(xs[n:])


def _at_zero(C, A, B):
    """``ι₀ ⊗ 1 : A ⊗ B → A ⊗ T(...)``: a zero beside the point."""
    return C.pair(C.id(A), C.zero(A, B))


def _linear(draw, dom=None, cod=None):
    """A linear map: the derivative of any arrow at zero."""
    C, f = draw.category, draw.arrow(dom, cod)
    dA = C.tangent(f.dom)
    return C.pair(C.zero(dA, f.dom), C.id(dA)) >> C.D(f)


def linear_in_context(draw, context, dom, cod):
    """A map ``C ⊗ A → B`` linear in `A`: the derivative of any ``C ⊗ A → B`` in its second argument, at zero."""
    C = draw.category
    f = draw.arrow(context @ dom, cod)
    at = C.tensor(C.id(context), C.zero(C.unit, dom @ C.tangent(context)), C.id(C.tangent(dom)))
    return at >> C.D(f)


@law(needs=CartesianReverseDifferential)
def rd1(draw):
    """R[f + g]  =  R[f] + R[g],   R[0]  =  0"""
    C, (f, g) = draw.category, draw.parallel(2)
    A, B = f.dom, f.cod
    yield C.R(f + g), C.R(f) + C.R(g)
    yield C.R(C.zero(A, B)), C.zero(A @ C.tangent(B), C.tangent(A))


@law(needs=CartesianReverseDifferential)
def rd2(draw):
    """⟨a, b + c⟩ ; R[f]  =  ⟨a, b⟩ ; R[f] + ⟨a, c⟩ ; R[f],   ⟨a, 0⟩ ; R[f]  =  0"""
    C, f, X = draw.category, draw.arrow(), draw.ob()
    dA, dB = C.tangent(f.dom), C.tangent(f.cod)
    a = draw.arrow(X, f.dom)
    b, c = draw.parallel(2, X, dB)
    yield C.pair(a, b + c) >> C.R(f), (C.pair(a, b) >> C.R(f)) + (C.pair(a, c) >> C.R(f))
    yield C.pair(a, C.zero(X, dB)) >> C.R(f), C.zero(X, dA)


@law(needs=CartesianReverseDifferential)
def rd3(draw):
    """R[id]  =  π₁,   R[π₀]  =  π₁ ; ι₀,   R[π₁]  =  π₁ ; ι₁"""
    C, A, B = draw.category, draw.ob(), draw.ob()
    dA, dB = C.tangent(A), C.tangent(B)
    yield C.R(C.id(A)), C.second(A, dA)
    yield C.R(C.first(A, B)), C.second(A @ B, dA) >> C.pair(C.id(dA), C.zero(dA, dB))
    yield C.R(C.second(A, B)), C.second(A @ B, dB) >> C.pair(C.zero(dB, dA), C.id(dB))


@law(needs=CartesianReverseDifferential)
def rd4(draw):
    """R[⟨f, g⟩]  =  (1 ⊗ π₀) ; R[f] + (1 ⊗ π₁) ; R[g],   R[!]  =  0"""
    C, (f, g) = draw.category, draw.span(2)
    A, dB, dC = f.dom, C.tangent(f.cod), C.tangent(g.cod)
    ways = ((A @ C.first(dB, dC)) >> C.R(f)) + ((A @ C.second(dB, dC)) >> C.R(g))
    yield C.R(C.pair(f, g)), ways
    yield C.R(C.discard(A)), C.zero(A, C.tangent(A))


@law(needs=CartesianReverseDifferential)
def rd5(draw):
    """R[f ; g]  =  ⟨π₀, ⟨π₀ ; f, π₁⟩ ; R[g]⟩ ; R[f]"""
    C, (f, g) = draw.category, draw.path(2)
    dC = C.tangent(g.cod)
    point, covector = C.first(f.dom, dC), C.second(f.dom, dC)
    return C.R(f >> g), C.pair(point, C.pair(point >> f, covector) >> C.R(g)) >> C.R(f)


chain_rule = rd5


@law(needs=CartesianReverseDifferential)
def rd6(draw):
    """⟨1 ⊗ π₀, 0 ⊗ π₁⟩ ; (ι₀ ⊗ 1) ; R[R[R[f]]] ; π₁  =  (1 ⊗ π₁) ; R[f]"""
    C, f = draw.category, draw.arrow()
    A, B = f.dom, f.cod
    thrice = C.R(C.R(C.R(f)))  # ((A ⊗ B) ⊗ A) ⊗ (A ⊗ B) -> (A ⊗ B) ⊗ A
    left, right = C.first(B, B), C.second(B, B)
    point = (A @ left) >> C.pair(C.id(A @ B), C.zero(A @ B, A))
    covector = (C.discard(A) @ right) >> C.pair(C.zero(B, A), C.id(B))
    return C.pair(point, covector) >> thrice >> C.second(A @ B, A), (A @ right) >> C.R(f)


@law(needs=CartesianReverseDifferential)
def rd7(draw):
    """ex ; D[D[f]]  =  D[D[f]],   with D[f] = (ι₀ ⊗ 1) ; R[R[f]] ; π₁ and ex the middle exchange"""
    C, f = draw.category, draw.arrow()
    A = f.dom
    twice = C.derived_D(C.derived_D(f))
    exchange = A @ C.swap(A, A) @ A
    return exchange >> twice, twice


@law(needs=CartesianReverseDifferential)
def derived_forward(draw):
    """D[f]  =  (ι₀ ⊗ 1) ; R[R[f]] ; π₁"""
    C, f = draw.category, draw.arrow()
    A, B = f.dom, f.cod
    dA, dB = C.tangent(A), C.tangent(B)
    derived = (_at_zero(C, A, dB) @ dA) >> C.R(C.R(f)) >> C.second(A, dB)
    yield C.D(f), derived
    yield C.derived_D(f), derived


@law(needs=CartesianReverseDifferential)
def reverse_is_dagger_of_forward(draw):
    """R[f]  =  D[f]†,   D[f]  =  R[f]†,   the daggers in context"""
    C, f = draw.category, draw.arrow()
    yield C.R(f), C.context_dagger(C.D(f), f.dom)
    yield C.D(f), C.context_dagger(C.R(f), f.dom)


@law(needs=CartesianReverseDifferential)
def round_trip(draw):
    """R ↦ (D, †) ↦ R  is the identity:  R[f]  =  (derived D[f])†"""
    C, f = draw.category, draw.arrow()
    return C.context_dagger(C.derived_D(f), f.dom), C.R(f)


@law(needs=CartesianReverseDifferential)
def reverse_copy(draw):
    """R[copy](a, (b, c))  =  b + c"""
    C, A = draw.category, draw.ob()
    dA = C.tangent(A)
    added = C.first(dA, dA) + C.second(dA, dA)
    return C.R(C.copy(A)), C.discard(A) @ added


@law(needs=CartesianReverseDifferential)
def reverse_sum(draw):
    """R[+]((a, b), c)  =  (c, c)"""
    C, A = draw.category, draw.ob()
    added = C.first(A, A) + C.second(A, A)
    return C.R(added), C.discard(A @ A) @ C.copy(C.tangent(A))


@law(needs=CartesianReverseDifferential)
def reverse_tensor(draw):
    """R[f ⊗ g]  =  ex ; (R[f] ⊗ R[g])"""
    C, f, g = draw.category, draw.arrow(), draw.arrow()
    exchange = f.dom @ C.swap(g.dom, C.tangent(f.cod)) @ C.tangent(g.cod)
    return C.R(f @ g), exchange >> (C.R(f) @ C.R(g))


@law(needs=CartesianReverseDifferential)
def reverse_after_linear(draw):
    """R[f ; L]  =  (1 ⊗ L†) ; R[f],   for L linear"""
    C, f = draw.category, draw.arrow()
    L = _linear(draw, dom=f.cod)
    return C.R(f >> L), (f.dom @ C.dagger_of(L)) >> C.R(f)


@law(needs=CartesianReverseDifferential)
def linear_dagger(draw):
    """L††  =  L,   R[L]  =  π₁ ; L†,   for L linear"""
    C, L = draw.category, _linear(draw)
    yield C.dagger_of(C.dagger_of(L)), L
    yield C.R(L), C.discard(L.dom) @ C.dagger_of(L)


@law(needs=CartesianReverseDifferential)
def linear_dagger_functor(draw):
    """(K ; L)†  =  L† ; K†,   1†  =  1,   (K + L)†  =  K† + L†,   0†  =  0,   π†  =  ι,   for K, L linear"""
    C, K = draw.category, _linear(draw)
    L, M = _linear(draw, dom=K.cod), _linear(draw, K.dom, K.cod)
    A, B, dagger = K.dom, K.cod, C.dagger_of
    yield dagger(K >> L), dagger(L) >> dagger(K)
    yield dagger(C.id(A)), C.id(C.tangent(A))
    yield dagger(K + M), dagger(K) + dagger(M)
    yield dagger(C.zero(A, B)), C.zero(C.tangent(B), C.tangent(A))
    yield dagger(C.first(A, B)), C.pair(C.id(A), C.zero(A, B))
    yield dagger(C.second(A, B)), C.pair(C.zero(B, A), C.id(B))


@law(needs=CartesianReverseDifferential)
def double_dagger(draw):
    """f††  =  f

    It holds exactly for linear maps, so it fails where there are others.
    """
    C, f = draw.category, draw.arrow()
    return C.dagger_of(C.dagger_of(f)), f


@law(needs=CartesianReverseDifferential)
def context_involution(draw):
    """h††  =  h,   π₁†  =  π₁,   for h linear in context"""
    C, X, A, B = draw.category, *draw.obs(3)
    h = linear_in_context(draw, X, A, B)
    yield C.context_dagger(C.context_dagger(h, X), X), h
    yield C.context_dagger(C.second(X, A), X), C.second(X, A)


@law(needs=CartesianReverseDifferential)
def context_contravariant(draw):
    """(⟨π₀, h⟩ ; k)†  =  ⟨π₀, k†⟩ ; h†,   for h, k linear in context"""
    C, X, A, B = draw.category, *draw.obs(3)
    h, k = linear_in_context(draw, X, A, B), linear_in_context(draw, X, B, A)

    def then(h, k):
        return C.pair(C.first(X, h.dom[len(X) :]), h) >> k

    return C.context_dagger(then(h, k), X), then(C.context_dagger(k, X), C.context_dagger(h, X))


@law(needs=CartesianReverseDifferential)
def context_stable(draw):
    """((u ⊗ 1) ; h)†  =  (u ⊗ 1) ; h†,   for h linear in context"""
    C, X, A, B = draw.category, *draw.obs(3)
    h, u = linear_in_context(draw, X, A, B), draw.arrow(cod=X)
    return C.context_dagger((u @ A) >> h, u.dom), (u @ C.tangent(B)) >> C.context_dagger(h, X)


@law(needs=CartesianReverseDifferential)
def context_biproducts(draw):
    """(h + k)†  =  h† + k†,   0†  =  0,   (π₁ ; π)†  =  π₁ ; ι,   for h, k linear in context"""
    C, X, A, B = draw.category, *draw.obs(3)
    h, k = linear_in_context(draw, X, A, B), linear_in_context(draw, X, A, B)
    yield C.context_dagger(h + k, X), C.context_dagger(h, X) + C.context_dagger(k, X)
    yield C.context_dagger(C.zero(X @ A, B), X), C.zero(X @ B, A)
    yield C.context_dagger(C.discard(X) @ C.first(A, B), X), C.discard(X) @ C.pair(C.id(A), C.zero(A, B))
    yield C.context_dagger(C.discard(X) @ C.second(A, B), X), C.discard(X) @ C.pair(C.zero(B, A), C.id(B))


@law(needs=ConcreteReverseDifferential)
def pull_is_reverse(draw):
    """pull(f, a)  =  (f(a), w ↦ R[f](a, w)),   and at the first wire alone  w ↦ π₀ R[f](a, w)"""
    C, f = draw.category, draw.arrow()
    A, dB = f.dom, C.tangent(f.cod)
    here, others = C.tangent(A[:1]), C.tangent(A[1:])
    yield C.arrow(A @ dB, here @ others, Back(f, None)), C.R(f)
    marks = tuple(i == 0 for i in range(len(A)))
    yield C.arrow(A @ dB, here, Back(f, marks)), C.R(f) >> C.first(here, others)


LAWS = collect(globals())
