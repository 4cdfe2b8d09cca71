"""Laws of lenses: how they compose, and the laws of databases that they need not keep.

Definition:
    Composites of lenses are given by one formula, forward twice and back twice. The get-put laws of a *lawful* lens are a
    different thing: lenses of derivatives break them, and so does a lens in general. Neither does a lens respect copying,
    except where its way back is additive, as for the lenses of derivatives.

References:
    Cruttwell et al. (2103.01931), Definition 2.4; Foster et al., *Combinators for bidirectional tree transformations* (2007).
"""

from ..constructions import Lens, Pair
from .law import collect, law


@law(needs=Lens)
def lens_composite(draw):
    """get = f ; g,   put(a, c')  =  f*(a, g*(f(a), c'))"""
    C, (f, g) = draw.base.category, draw.path(2)
    A, dC = f.dom.fwd, g.cod.bwd
    composite = f >> g
    ahead = (C.copy(A) @ dC) >> (A @ f.get @ dC)
    yield composite.get, f.get >> g.get
    yield composite.put, ahead >> (A @ g.put) >> f.put


@law(needs=Lens)
def lens_tensor(draw):
    """(f ⊗ g).get  =  f.get ⊗ g.get,   (f ⊗ g).put  =  ex ; (f.put ⊗ g.put)"""
    C, f, g = draw.base.category, draw.arrow(), draw.arrow()
    exchange = f.dom.fwd @ C.swap(g.dom.fwd, f.cod.bwd) @ g.cod.bwd
    yield (f @ g).get, f.get @ g.get
    yield (f @ g).put, exchange >> (f.put @ g.put)


@law(needs=Lens)
def lens_identity(draw):
    """id.get = id,   id.put = π₁"""
    C, X = draw.base.category, draw.ob()
    identity = draw.category.id(X)
    yield identity.get, C.id(X.fwd)
    yield identity.put, C.second(X.fwd, X.bwd)


@law(needs=Lens)
def lens_literal(draw):
    """put  =  the put of the definition, for a composite, alone and beside a lens"""
    (f, g), h = draw.path(2), draw.arrow()
    for lens in (f >> g, (f >> g) @ h):
        yield lens.put, lens.literal_put


@law(needs=Lens)
def adapter_composite(draw):
    """adapter(f, f') ; adapter(g, g')  =  adapter(f ; g, g' ; f')"""
    C, (f, g), (k, h) = draw.category, draw.base.path(2), draw.base.path(2)
    return C.adapter(f, h) >> C.adapter(g, k), C.adapter(f >> g, k >> h)


@law(needs=Lens)
def adapter_identity(draw):
    """adapter(id, id)  =  id,   f ; adapter(id, id)  =  f

    A single stage is read off its data, a composite is run: the second equation compares the two.
    """
    C, B, f = draw.category, draw.base.category, draw.arrow()
    nothing = C.adapter(B.id(f.cod.fwd), B.id(f.cod.bwd))
    yield nothing, C.id(f.cod)
    yield f >> nothing, f


def _simple(draw):
    """A lens ``(A, A) → (B, B)``, for which the laws of databases make sense."""
    X, Y = draw.base.ob(), draw.base.ob()
    return draw.arrow(Pair(X, X), Pair(Y, Y))


@law(needs=Lens)
def get_put(draw):
    """put(a, get(a))  =  a"""
    C, f = draw.base.category, _simple(draw)
    return C.pair(C.id(f.dom.fwd), f.get) >> f.put, C.id(f.dom.fwd)


@law(needs=Lens)
def put_get(draw):
    """get(put(a, b))  =  b"""
    C, f = draw.base.category, _simple(draw)
    return f.put >> f.get, C.second(f.dom.fwd, f.cod.bwd)


@law(needs=Lens)
def put_put(draw):
    """put(put(a, b), c)  =  put(a, c)"""
    C, f = draw.base.category, _simple(draw)
    A, B = f.dom.fwd, f.cod.fwd
    return (f.put @ B) >> f.put, (A @ C.discard(B) @ B) >> f.put


@law(needs=Lens, given=("additive base",))
def lens_copy_natural(draw):
    """f ; (copy, +)  =  (copy, +) ; (f ⊗ f)"""
    C, B, f = draw.category, draw.base.category, draw.arrow()

    def copy(X):
        return C.adapter(B.copy(X.fwd), B.first(X.bwd, X.bwd) + B.second(X.bwd, X.bwd))

    return f >> copy(f.cod), copy(f.dom) >> (f @ f)


@law(needs=Lens, given=("additive base",))
def lens_discard_natural(draw):
    """f ; (discard, 0)  =  (discard, 0)"""
    C, B, f = draw.category, draw.base.category, draw.arrow()

    def discard(X):
        return C.adapter(B.discard(X.fwd), B.zero(B.unit, X.bwd))

    return f >> discard(f.cod), discard(f.dom)


LAWS = collect(globals())
