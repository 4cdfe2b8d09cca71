"""Laws of rigs: the arithmetic of entries, and of arrays of them.

Definition:
    A rig is a commutative monoid under sums and a monoid under products, which distribute over sums. The laws speak of the
    entries of drawn matrices: sums and products are taken entry by entry, and a law holds when it holds at each entry. The
    contraction of arrays, which composes matrices, is the sum of products that it is defined to be.

References:
    Golan, *Semirings and their applications* (1999).
"""

import functools

import numpy as np

from ..categories import Mat, Matrix
from .law import collect, law


def _entries(draw, n):
    """The rig, arrays of entries of one shape, and the matrix with given entries of that shape."""
    arrows = draw.parallel(n)
    f = arrows[0]
    return f.rig, tuple(h.entries for h in arrows), lambda a: Matrix(f.dom, f.cod, draw.category, a)


def _full(rig, like, one):
    return rig.indicator(np.full(like.shape, one))


@law(needs=Mat)
def rig_sum(draw):
    """(a + b) + c  =  a + (b + c),   a + b  =  b + a,   a + 0  =  a"""
    k, (a, b, c), matrix = _entries(draw, 3)
    yield matrix(k.add(k.add(a, b), c)), matrix(k.add(a, k.add(b, c)))
    yield matrix(k.add(a, b)), matrix(k.add(b, a))
    yield matrix(k.add(a, _full(k, a, False))), matrix(a)


@law(needs=Mat)
def rig_product(draw):
    """(a b) c  =  a (b c),   1 a  =  a,   a 1  =  a"""
    k, (a, b, c), matrix = _entries(draw, 3)
    yield matrix(k.multiply(k.multiply(a, b), c)), matrix(k.multiply(a, k.multiply(b, c)))
    yield matrix(k.multiply(_full(k, a, True), a)), matrix(a)
    yield matrix(k.multiply(a, _full(k, a, True))), matrix(a)


@law(needs=Mat)
def rig_distributive(draw):
    """a (b + c)  =  a b + a c,   (a + b) c  =  a c + b c"""
    k, (a, b, c), matrix = _entries(draw, 3)
    yield matrix(k.multiply(a, k.add(b, c))), matrix(k.add(k.multiply(a, b), k.multiply(a, c)))
    yield matrix(k.multiply(k.add(a, b), c)), matrix(k.add(k.multiply(a, c), k.multiply(b, c)))


@law(needs=Mat)
def rig_absorbs(draw):
    """0 a  =  0,   a 0  =  0"""
    k, (a,), matrix = _entries(draw, 1)
    zero = _full(k, a, False)
    yield matrix(k.multiply(zero, a)), matrix(zero)
    yield matrix(k.multiply(a, zero)), matrix(zero)


@law(needs=Mat)
def rig_commutative(draw):
    """a b  =  b a"""
    k, (a, b), matrix = _entries(draw, 2)
    return matrix(k.multiply(a, b)), matrix(k.multiply(b, a))


@law(needs=Mat)
def rig_idempotent(draw):
    """a + a  =  a

    It holds for truth values and tropical numbers, and fails where one can count.
    """
    k, (a,), matrix = _entries(draw, 1)
    return matrix(k.add(a, a)), matrix(a)


@law(needs=Mat)
def rig_negative(draw):
    """a + (-a)  =  0,   where there are negatives"""
    k, (a,), matrix = _entries(draw, 1)
    return matrix(k.add(a, k.negative(a))), matrix(_full(k, a, False))


@law(needs=Mat)
def rig_natural(draw):
    """(n + m)·1  =  n·1 + m·1,   (n m)·1  =  (n·1) (m·1),   0·1  =  0,   1·1  =  1"""
    k, (a,), matrix = _entries(draw, 1)
    n, m = draw.number(0, 5), draw.number(0, 5)
    one, zero = _full(k, a, True), _full(k, a, False)
    times = lambda n: functools.reduce(k.add, [k.multiply(one, k.natural(n))], zero)
    yield matrix(times(n + m)), matrix(k.add(times(n), times(m)))
    yield matrix(times(n * m)), matrix(k.multiply(times(n), times(m)))
    yield matrix(times(0)), matrix(zero)
    yield matrix(times(1)), matrix(one)


@law(needs=Mat)
def rig_contraction(draw):
    """(a b)ᵢₖ  =  Σⱼ aᵢⱼ bⱼₖ,   with the sum of an array along an axis, and term by term"""
    g, f = draw.path(2)
    k = f.rig
    composite = g >> f
    terms = k.multiply(f.entries[:, :, None], g.entries[None, :, :])
    wrap = lambda a: Matrix(g.dom, f.cod, draw.category, a)
    yield composite, wrap(k.sum(terms, axis=1))
    zero = k.indicator(np.zeros(composite.entries.shape, bool))
    yield composite, wrap(functools.reduce(k.add, [terms[:, j] for j in range(terms.shape[1])], zero))


@law(needs=Mat)
def involution(draw):
    """(a + b)*  =  a* + b*,   (a b)*  =  a* b*,   a**  =  a,   0*  =  0,   1*  =  1"""
    k, (a, b), matrix = _entries(draw, 2)
    star = draw.category.involution
    yield matrix(star(k.add(a, b))), matrix(k.add(star(a), star(b)))
    yield matrix(star(k.multiply(a, b))), matrix(k.multiply(star(a), star(b)))
    yield matrix(star(star(a))), matrix(a)
    for one in (False, True):
        yield matrix(star(_full(k, a, one))), matrix(_full(k, a, one))


@law(needs=Mat)
def reverse_homogeneous(draw):
    """R[s f]  =  s R[f],   for s in the rig

    No axiom asks for it. It holds where the involution is the identity; with conjugation ``R[s f] = s* R[f]``.
    """
    C, f = draw.category, draw.arrow()
    k, s = C.rig, draw.arrow(f.dom, f.dom)
    number = k.sum(k.sum(s.entries, axis=0), axis=0)
    scaled = lambda h: Matrix(h.dom, h.cod, C, k.multiply(h.entries, number))
    return C.R(scaled(f)), scaled(C.R(f))


LAWS = collect(globals())
