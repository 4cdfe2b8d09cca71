"""Laws of Bayesian lenses: how they compose, that inversion is a functor almost surely, and what updates need not keep.

Definition:
    A composite goes back at the state that its first part predicts. The exact lens of a composite is the composite of the exact lenses,
    almost surely with respect to what is predicted; off the support it depends on the filler, and beside each other only a product prior
    is inferred part by part. Of the laws of databases that of getting and putting holds for states; the others are no laws of inference.

References:
    Smithe (2212.12538), Definition 4.3.8 to Remark 4.3.20, Theorem 5.2.19; Braithwaite, Hedges, Smithe (2305.06112); Braithwaite, Hedges
    (2209.14728).
"""

from ..constructions import DependentBayes, exact, open_channel, prior_filler
from ..constructions.bayes import BayesCategory, marginals
from ..constructions.copara import compose_backwards, open_inverse
from .law import collect, law


def _state(draw, x):
    return draw.base.arrow(draw.base.category.unit, x)


def _channels(draw, n):
    """The base, a state, and channels one after another from there."""
    C = draw.base.category
    path = draw.base.path(n)
    return C, _state(draw, path[0].dom), path


@law(needs=BayesCategory)
def bayes_composite(draw):
    """(f ; g)'  at π   =   g' at π ; c   then   f' at π"""
    f, g = draw.path(2)
    p = _state(draw, f.dom.fwd)
    return (f >> g).at(p), g.at(p >> f.channel) >> f.at(p)


@law(needs=BayesCategory)
def bayes_tensor(draw):
    """(f ⊗ g)'  at ω   =   f' ⊗ g'   at the marginals of ω"""
    C, f, g = draw.base.category, draw.arrow(), draw.arrow()
    joint = _state(draw, f.dom.fwd @ g.dom.fwd)
    p, q = marginals(C, joint, len(f.dom.fwd))
    return (f @ g).at(joint), f.at(p) @ g.at(q)


@law(needs=BayesCategory)
def bayes_literal(draw):
    """the way back of a path   =   that of the definition, each prior from the beginning"""
    f, g, h = draw.path(3)
    p = _state(draw, f.dom.fwd)
    path = f >> g >> h
    return path.at(p), path.literal_at(p)


@law(needs=BayesCategory)
def bayes_projection(draw):
    """(c, c') ↦ c  keeps composites, identities, the tensor and crossings"""
    C, (f, g), h = draw.base.category, draw.path(2), draw.arrow()
    yield (f >> g).channel, f.channel >> g.channel
    yield (f @ h).channel, f.channel @ h.channel
    yield draw.category.id(f.dom).channel, C.id(f.dom.fwd)
    yield draw.category.swap(f.dom, h.dom).channel, C.swap(f.dom.fwd, h.dom.fwd)


@law(needs=BayesCategory)
def bayes_inversion(draw):
    """Bayes(c) ; Bayes(d)  =  Bayes(c ; d)   and   Bayes(id)  =  id,   almost surely at what is predicted"""
    C, p, (c, d) = _channels(draw, 2)
    q = p >> c >> d
    yield C.joint(q, (exact(c) >> exact(d)).at(p)), C.joint(q, exact(c >> d).at(p))
    yield C.joint(p, exact(C.id(p.cod)).at(p)), C.joint(p, C.id(p.cod))


@law(needs=BayesCategory)
def bayes_inversion_strict(draw):
    """Bayes(c) ; Bayes(d)  =  Bayes(c ; d),   off the support too"""
    _, p, (c, d) = _channels(draw, 2)
    return (exact(c) >> exact(d)).at(p), exact(c >> d).at(p)


@law(needs=BayesCategory)
def bayes_inversion_identity(draw):
    """Bayes(id)  =  id,   off the support too"""
    C, p, _ = _channels(draw, 1)
    return exact(C.id(p.cod)).at(p), C.id(p.cod)


@law(needs=BayesCategory, given=("fillers",))
def bayes_filled_with_prior(draw):
    """Bayes(c) ; Bayes(d)  =  Bayes(c ; d),   strictly, where what is impossible is forgotten"""
    _, p, (c, d) = _channels(draw, 2)
    fill = lambda c: exact(c, otherwise=prior_filler)
    return (fill(c) >> fill(d)).at(p), fill(c >> d).at(p)


@law(needs=BayesCategory)
def bayes_inversion_tensor(draw):
    """Bayes(c ⊗ d)  =  Bayes(c) ⊗ Bayes(d)   almost surely at any joint prior"""
    C, c, d = draw.base.category, draw.base.arrow(), draw.base.arrow()
    joint = _state(draw, c.dom @ d.dom)
    q = joint >> (c @ d)
    return C.joint(q, exact(c @ d).at(joint)), C.joint(q, (exact(c) @ exact(d)).at(joint))


@law(needs=BayesCategory)
def bayes_inversion_product(draw):
    """Bayes(c ⊗ d)  =  Bayes(c) ⊗ Bayes(d)   almost surely at a product of priors"""
    C, c, d = draw.base.category, draw.base.arrow(), draw.base.arrow()
    p = _state(draw, c.dom) @ _state(draw, d.dom)
    q = p >> (c @ d)
    return C.joint(q, exact(c @ d).at(p)), C.joint(q, (exact(c) @ exact(d)).at(p))


@law(needs=BayesCategory)
def bayes_get_put(draw):
    """π ; c ; c'  =  π,   and   π ; c ; c' ; c  =  π ; c,   for exact lenses"""
    _, p, (c,) = _channels(draw, 1)
    back = exact(c).at(p)
    yield p >> c >> back, p
    yield p >> c >> back >> c, p >> c


@law(needs=BayesCategory)
def bayes_put_get(draw):
    """c' ; c  =  id,   for exact lenses"""
    C, p, (c,) = _channels(draw, 1)
    return exact(c).at(p) >> c, C.id(c.cod)


@law(needs=BayesCategory)
def bayes_put_put(draw):
    """ρ ; c' at (ρ ; c' at π)   =   ρ ; c' at π,   for exact lenses: updating twice is updating once"""
    _, p, (c,) = _channels(draw, 1)
    seen = _state(draw, c.cod)
    once = seen >> exact(c).at(p)
    return seen >> exact(c).at(once), once


@law(needs=BayesCategory, given=("finite supports",))
def bayes_dependent(draw):
    """S(c) ; S(d)  =  S(c ; d)   and   S(id)  =  id,   strictly, between supports"""
    C, p, (c, d) = _channels(draw, 2)
    S = DependentBayes(C)
    yield (S(c) >> S(d)).at(p), S(c >> d).at(p)
    yield S(C.id(p.cod)).at(p), C.id(C.support(p).ob)


@law(needs=BayesCategory, given=("finite supports",))
def bayes_copy_composite(draw):
    """the inverse of a copy-composite  =  the inverses, composed and keeping what is in between,   almost surely"""
    C, (A, M, Y, N) = draw.base.category, draw.base.obs(4)
    c = open_channel(draw.base.arrow(A, M @ Y), len(M))
    d = open_channel(draw.base.arrow(Y, N @ M), len(N))
    p = _state(draw, A)
    whole = c.then(d)
    q = p >> whole.marginalise()
    steps = compose_backwards(open_inverse(d, p >> c.marginalise()), open_inverse(c, p))
    return C.joint(q, open_inverse(whole, p)), C.joint(q, steps)


LAWS = collect(globals())
