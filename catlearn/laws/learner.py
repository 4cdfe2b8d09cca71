"""Laws of learners: how they compose, up to the order of their parameters.

Definition:
    An implementation, an update and a request compose by the formulas of the definition; tensor and crossing go component by
    component. Parameters are strict tuples, so the category laws hold as equalities, and those that permute parameters along an
    explicit bijection, a pair ``(h, h⁻¹)``.

References:
    Fong, Spivak, Tuyéras (1711.10455), Definition II.1 and Proposition II.4.
"""

import functools

from ..constructions import Learn
from .law import collect, law


def parts(C, *objects):
    """The projections of a product to its factors, wire by wire."""
    whole, at, found = functools.reduce(lambda x, y: x @ y, objects), 0, []
    for x in objects:
        found.append(C.pick(whole, tuple(range(at, at + len(x)))))
        at += len(x)
    return found


def tuple_of(C, *arrows):
    """The arrow into a product with the given parts."""
    return functools.reduce(C.pair, arrows)


@law(needs=Learn)
def learner_composite(draw):
    """(I;J)(p, q, a)  =  J(q, b),   (U;V)(p, q, a, c)  =  (U(p, a, b'), V(q, b, c)),   (r;s)(p, q, a, c)  =  r(p, a, b'),   where b = I(p, a) and b' = s(q, b, c)"""
    C, (f, g) = draw.base.category, draw.path(2)
    P, Q, A = f.parameter, g.parameter, f.dom
    p, q, a = parts(C, P, Q, A)
    b = tuple_of(C, p, a) >> f.implement
    yield (f >> g).implement, C.pair(q, b) >> g.implement
    p, q, a, c = parts(C, P, Q, A, g.cod)
    b = tuple_of(C, p, a) >> f.implement
    requested = tuple_of(C, q, b, c) >> g.request
    yield (f >> g).update, C.pair(tuple_of(C, p, a, requested) >> f.update, tuple_of(C, q, b, c) >> g.update)
    yield (f >> g).request, tuple_of(C, p, a, requested) >> f.request


@law(needs=Learn)
def learner_identity(draw):
    """I(*, a)  =  a,   U(*, a, b)  =  *,   r(*, a, b)  =  b,   for the identity, which requests the second datum"""
    C, X = draw.base.category, draw.ob()
    identity = draw.category.id(X)
    yield identity.implement, C.id(X)
    yield identity.update, C.discard(X @ X)
    yield identity.request, C.second(X, X)


@law(needs=Learn)
def learner_tensor(draw):
    """(I ⊗ J)((p, q), (a, c))  =  (I(p, a), J(q, c)),   and so for update and request"""
    C, f, g = draw.base.category, draw.arrow(), draw.arrow()
    both = f @ g
    p, q, a, c = parts(C, f.parameter, g.parameter, f.dom, g.dom)
    yield both.implement, C.pair(C.pair(p, a) >> f.implement, C.pair(q, c) >> g.implement)
    p, q, a, c, b, d = parts(C, f.parameter, g.parameter, f.dom, g.dom, f.cod, g.cod)
    left, right = tuple_of(C, p, a, b), tuple_of(C, q, c, d)
    yield both.update, C.pair(left >> f.update, right >> g.update)
    yield both.request, C.pair(left >> f.request, right >> g.request)


@law(needs=Learn)
def learner_swap(draw):
    """I(*, (a, b))  =  (b, a),   r(*, (a, b), (b', a'))  =  (a', b'),   for the crossing"""
    C, X, Y = draw.base.category, draw.ob(), draw.ob()
    cross = draw.category.swap(X, Y)
    yield cross.implement, C.swap(X, Y)
    yield cross.update, C.discard(X @ Y @ Y @ X)
    yield cross.request, C.discard(X @ Y) @ C.swap(Y, X)


@law(needs=Learn)
def learner_literal(draw):
    """f ; g ; h, run once there and once back   =   its literal formulas"""
    f, g, h = draw.path(3)
    return f >> g >> h, (f >> g >> h).literal


@law(needs=Learn)
def learner_put(draw):
    """put  =  ⟨update, request⟩,   alone and for a composite"""
    C, (f, g) = draw.base.category, draw.path(2)
    for some in (f, f >> g):
        yield some.put, C.pair(some.update, some.request)


@law(needs=Learn)
def adapter_there_and_back(draw):
    """adapter(f, g) ; adapter(h, k)  =  adapter(f ; h, k ; g),   adapter(id, id)  =  id"""
    C, B, (f, h) = draw.category, draw.base.category, draw.base.path(2)
    k, g = draw.base.arrow(h.cod, f.cod), draw.base.arrow(f.cod, f.dom)
    yield C.adapter(f, g) >> C.adapter(h, k), C.adapter(f >> h, k >> g)
    yield C.adapter(B.id(f.dom), B.id(f.dom)), C.id(f.dom)


@law(needs=Learn, up_to_cell=True)
def learner_interchange(draw):
    """(f ⊗ g) ; (h ⊗ k)  ≅  (f ; h) ⊗ (g ; k),   along  P_f ⊗ swap ⊗ P_k"""
    C, (f, h), (g, k) = draw.base.category, draw.path(2), draw.path(2)
    P, Q, S, T = f.parameter, h.parameter, g.parameter, k.parameter
    bijection = P @ C.swap(Q, S) @ T, P @ C.swap(S, Q) @ T
    return (f @ g) >> (h @ k), (f >> h) @ (g >> k), bijection


@law(needs=Learn, up_to_cell=True)
def learner_swap_natural(draw):
    """(f ⊗ g) ; swap  ≅  swap ; (g ⊗ f),   along swap"""
    C, f, g = draw.category, draw.arrow(), draw.arrow()
    P, Q, S = f.parameter, g.parameter, draw.base.category.swap
    return (f @ g) >> C.swap(f.cod, g.cod), C.swap(f.dom, g.dom) >> (g @ f), (S(Q, P), S(P, Q))


@law(needs=Learn, up_to_cell=True)
def learner_whiskering(draw):
    """f ⊗ g  ≅  (A ⊗ g) ; (f ⊗ Y),   along swap"""
    f, g = draw.arrow(), draw.arrow()
    P, Q, S = f.parameter, g.parameter, draw.base.category.swap
    return f @ g, (f.dom @ g) >> (f @ g.cod), (S(Q, P), S(P, Q))


LAWS = collect(globals())
