"""Laws of Markov categories with conditionals: disintegration, inversion, almost-sure equality, information flow, supports.

Definition:
    Two arrows are equal almost surely, ``f =ₚ g``, when ``p ; ⟨id, f⟩ = p ; ⟨id, g⟩``. What holds almost surely is stated here in that form,
    as an equation between joint arrows, and is tested as any other equation.

An arrow equal to `h` almost surely, and different where nothing falls, is ``r ; i ; h`` with the retraction to the support and the inclusion
back. Premises are met by construction where that is possible, and by choosing examples elsewhere.

References:
    Cho, Jacobs (1709.00322), for inversion; Fritz (1908.07021), for almost-sure equality, causality and positivity; Fritz, Gonda,
    Houghton-Larsen, Lorenzin, Perrone, Stein (2211.02507), for what follows from what, and couplings as a dagger category.
"""

from typing import Any

from ..theory import Conditionals, Markov
from .law import collect, law


def _prior(draw: Any) -> tuple[Any, Any]:
    """The category, and a state of a drawn object."""
    C = draw.category
    return C, draw.arrow(C.unit)


def _version(C: Any, q: Any, h: Any) -> Any:
    """An arrow that is equal to `h` `q`-almost surely."""
    S = C.support(q)
    return S.retraction >> S.inclusion >> h


def _is_deterministic(C: Any, f: Any) -> bool:
    return C.close(f >> C.copy(f.cod), C.pair(f, f))


@law(needs=Conditionals)
def marginal(draw):
    """marginal(f, wires)  =  f ; pick(wires)"""
    C, A, X, Y = draw.category, *draw.obs(3)
    f = draw.arrow(A, X @ Y)
    first, second = tuple(range(len(X))), tuple(range(len(X), len(X @ Y)))
    for wires in (first, second, second + first, first + first, ()):
        yield C.marginal(f, wires), f >> C.pick(f.cod, wires)


@law(needs=Conditionals)
def joint(draw):
    """joint(p, f)  =  p ; ⟨id, f⟩"""
    C, (p, f) = draw.category, draw.path(2)
    return C.joint(p, f), p >> C.pair(C.id(p.cod), f)


@law(needs=Conditionals)
def conditional(draw):
    """f  =  copy ; ((f ; first ; copy) ⊗ A) ; (X ⊗ conditional(f)),   p  =  (p ; first) ; ⟨id, conditional(p)⟩"""
    C, A, X, Y = draw.category, *draw.obs(3)
    f, p = draw.arrow(A, X @ Y), draw.arrow(C.unit, X @ Y)
    drawn = f >> C.first(X, Y) >> C.copy(X)
    yield C.copy(A) >> (drawn @ A) >> (X @ C.conditional(f, len(X))), f
    yield C.joint(p >> C.first(X, Y), C.conditional(p, len(X))), p


@law(needs=Conditionals)
def inverse(draw):
    """p ; ⟨c, id⟩  =  copy ; ((p ; c ; copy) ⊗ A) ; (Y ⊗ c†),   for a state  p ; ⟨id, c⟩  =  (p ; c) ; ⟨c†, id⟩"""
    C, (p, c) = draw.category, draw.path(2)
    A, Y = p.dom, c.cod
    yield C.copy(A) >> ((p >> c >> C.copy(Y)) @ A) >> (Y @ C.bayes_inverse(c, p)), p >> C.pair(c, C.id(c.dom))
    s = draw.arrow(C.unit, c.dom)
    yield (s >> c) >> C.pair(C.bayes_inverse(c, s), C.id(Y)), C.joint(s, c)


@law(needs=Conditionals)
def inverse_recovers_prior(draw):
    """p ; c ; c†  =  p"""
    C, p = _prior(draw)
    c = draw.arrow(p.cod)
    return p >> c >> C.bayes_inverse(c, p), p


@law(needs=Conditionals)
def inverse_of_identity(draw):
    """id†  =ₚ  id"""
    C, p = _prior(draw)
    one = C.id(p.cod)
    return C.joint(p, C.bayes_inverse(one, p)), C.joint(p, one)


@law(needs=Conditionals)
def inverse_involutive(draw):
    """c††  =ₚ  c"""
    C, p = _prior(draw)
    c = draw.arrow(p.cod)
    again = C.bayes_inverse(C.bayes_inverse(c, p), p >> c)
    return C.joint(p, again), C.joint(p, c)


@law(needs=Conditionals)
def inverse_composite(draw):
    """(c ; d)†  =  d† ; c†   almost surely at  p ; c ; d"""
    C, p = _prior(draw)
    c, d = draw.path(2, p.cod)
    steps = C.bayes_inverse(d, p >> c) >> C.bayes_inverse(c, p)
    q = p >> c >> d
    return C.joint(q, C.bayes_inverse(c >> d, p)), C.joint(q, steps)


@law(needs=Conditionals)
def inverse_replaced(draw):
    """c  =ₚ  c'   and   k  =  c†   almost surely at p ; c   give   p ; ⟨id, c'⟩  =  (p ; c') ; ⟨k, id⟩"""
    C, p = _prior(draw)
    c = draw.arrow(p.cod)
    other, k = _version(C, p, c), _version(C, p >> c, C.bayes_inverse(c, p))
    return (p >> other) >> C.pair(k, C.id(c.cod)), C.joint(p, other)


@law(needs=Conditionals)
def inverse_of_section(draw):
    """s ; d  =  id   almost surely at q   makes   d  an inverse of  s:   q ; ⟨id, s⟩  =  (q ; s) ; ⟨d, id⟩"""
    C, X, Y = draw.category, *draw.obs(2)
    p, d = draw.arrow(C.unit, X @ Y), C.first(X, Y)
    q = p >> d
    s = C.bayes_inverse(d, p)
    yield C.joint(q, s >> d), C.joint(q, C.id(X))
    yield (q >> s) >> C.pair(d, C.id(s.cod)), C.joint(q, s)


@law(needs=Conditionals)
def coisometry(draw):
    """c† ; c  =  id   almost surely at  p ; c,   for deterministic c"""
    C, p = _prior(draw)
    c = draw.arrow(p.cod)
    draw.assume(C.is_deterministic(c))
    q = p >> c
    return C.joint(q, C.bayes_inverse(c, p) >> c), C.joint(q, C.id(c.cod))


@law(needs=Conditionals)
def coupling_composite(draw):
    """(p ; c) ; ⟨β|₂, γ|₁⟩  =  p ; ⟨id, c ; d⟩   for the couplings  β = p ; ⟨id, c⟩  and  γ = (p ; c) ; ⟨id, d⟩"""
    C, p = _prior(draw)
    c, d = draw.path(2, p.cod)
    X, Y = c.dom, c.cod
    beta, gamma = C.joint(p, c), C.joint(p >> c, d)
    back, on = C.conditional(beta >> C.swap(X, Y), len(Y)), C.conditional(gamma, len(Y))
    return (p >> c) >> C.pair(back, on), C.joint(p, c >> d)


@law(needs=Conditionals)
def coupling_dagger(draw):
    """(p ; c) ; ⟨id, c†⟩  =  p ; ⟨id, c⟩ ; swap"""
    C, p = _prior(draw)
    c = draw.arrow(p.cod)
    return C.joint(p >> c, C.bayes_inverse(c, p)), C.joint(p, c) >> C.swap(c.dom, c.cod)


@law(needs=Conditionals)
def as_equal_lemmas(draw):
    """f  =ₚ  g   gives   p ; f  =  p ; g,   p ; ⟨h, f⟩  =  p ; ⟨h, g⟩,   f ; k  =ₚ  g ; k,   ⟨f, h⟩  =ₚ  ⟨g, h⟩"""
    C, p = _prior(draw)
    f, k = draw.path(2, p.cod)
    h, g = draw.arrow(p.cod), _version(C, p, f)
    yield p >> f, p >> g
    yield p >> C.pair(h, f), p >> C.pair(h, g)
    yield C.joint(p, f >> k), C.joint(p, g >> k)
    yield C.joint(p, C.pair(f, h)), C.joint(p, C.pair(g, h))


@law(needs=Conditionals)
def as_equal_congruence(draw):
    """f  =ₚ  f'   and   h  =  h'   almost surely at p ; f   give   f ; h  =ₚ  f' ; h'"""
    C, p = _prior(draw)
    f, h = draw.path(2, p.cod)
    other = _version(C, p, f)
    late = _version(C, p >> f, h)
    yield C.joint(p, f >> h), C.joint(p, f >> late)
    yield C.joint(p, f >> h), C.joint(p, other >> late)


@law(needs=Conditionals)
def causality(draw):
    """f ; g ; ⟨h, id⟩  =  f ; g ; ⟨k, id⟩   gives   f ; ⟨g ; ⟨h, id⟩, id⟩  =  f ; ⟨g ; ⟨k, id⟩, id⟩"""
    C, f = _prior(draw)
    g, h = draw.path(2, f.cod)
    k = _version(C, f >> g, h)
    early, late = C.id(f.cod), C.id(g.cod)
    yield f >> g >> C.pair(h, late), f >> g >> C.pair(k, late)
    yield f >> C.pair(g >> C.pair(h, late), early), f >> C.pair(g >> C.pair(k, late), early)


@law(needs=Conditionals, operations=Markov)
def positivity(draw):
    """f ; ⟨id, g⟩  =  ⟨f, f ; g⟩   for  f ; g  deterministic"""
    C, f = _prior(draw)
    g = draw.arrow(f.cod)
    draw.assume(_is_deterministic(C, f >> g))
    return f >> C.pair(C.id(f.cod), g), C.pair(f, f >> g)


@law(needs=Conditionals)
def positivity_relative(draw):
    """q ; ⟨id, s ; ⟨id, d⟩⟩  =  q ; ⟨id, ⟨s, s ; d⟩⟩   for  s ; d  deterministic almost surely at q"""
    C, X, Y = draw.category, *draw.obs(2)
    p, d = draw.arrow(C.unit, X @ Y), C.first(X, Y)
    s, q = C.bayes_inverse(d, p), p >> d
    return C.joint(q, s >> C.pair(C.id(s.cod), d)), C.joint(q, C.pair(s, s >> d))


@law(needs=Conditionals, operations=Markov)
def deterministic_closed(draw):
    """h ; copy  =  copy ; (h ⊗ h)   for  h = f ; g  and  h = f ⊗ g,  of deterministic f and g"""
    C, (f, g) = draw.category, draw.path(2)
    draw.assume(_is_deterministic(C, f) and _is_deterministic(C, g))
    for h in (f >> g, f @ g, C.copy(f.dom), C.swap(f.dom, g.dom)):
        yield h >> C.copy(h.cod), C.pair(h, h)


@law(needs=Conditionals)
def isomorphism_deterministic(draw):
    """f ; copy  =  copy ; (f ⊗ f)   for invertible f"""
    C, X = draw.category, draw.ob()
    f, p = draw.arrow(X, X), draw.arrow(C.unit, X)
    g = C.bayes_inverse(f, p)  # the only arrow that can be the inverse
    draw.assume(C.close(f >> g, C.id(X)) and C.close(g >> f, C.id(X)))
    return f >> C.copy(X), C.pair(f, f)


@law(needs=Conditionals)
def support_split(draw):
    """i ; r  =  id,   r ; i  =ₚ  id,   i ; copy  =  copy ; (i ⊗ i)"""
    C, p = _prior(draw)
    S = C.support(p)
    i, r = S.inclusion, S.retraction
    yield i >> r, C.id(S.ob)
    yield C.joint(p, r >> i), C.joint(p, C.id(p.cod))
    yield i >> C.copy(p.cod), C.pair(i, i)


@law(needs=Conditionals)
def support_universal(draw):
    """i ; f  =  i ; g   exactly when   f  =ₚ  g

    From left to right for ``g = r ; i ; f``; from right to left for an inverse, and what it becomes when its equation is solved again.
    """
    C, p = _prior(draw)
    f = draw.arrow(p.cod)
    q, k = p >> f, C.bayes_inverse(f, p)
    S, T = C.support(p), C.support(q)
    g = S.retraction >> S.inclusion >> f
    yield S.inclusion >> f, S.inclusion >> g
    yield C.joint(p, f), C.joint(p, g)
    again = C.conditional(C.joint(q, k), len(q.cod))
    yield T.inclusion >> k, T.inclusion >> again


@law(needs=Conditionals, given=("Markov functor",))
def functor_conditional(draw):
    """F(conditional(f))  =  conditional(F(f)),   F(c†)  =  F(c)†,   F(marginal(f, wires))  =  marginal(F(f), wires)"""
    F, C, (A, X, Y) = draw["Markov functor"], draw.category, draw.obs(3)
    f, n = draw.arrow(A, X @ Y), len(X)
    D = F(f).category
    yield F(C.conditional(f, n)), D.conditional(F(f), n)
    yield F(C.marginal(f, tuple(range(n)))), D.marginal(F(f), tuple(range(n)))
    p, c = draw.arrow(C.unit, X), draw.arrow(X, Y)
    yield F(C.bayes_inverse(c, p)), D.bayes_inverse(F(c), F(p))
    yield F(C.joint(p, c)), D.joint(F(p), F(c))


LAWS = collect(globals())
