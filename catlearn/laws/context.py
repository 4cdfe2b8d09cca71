r"""Laws of maps linear in context: the fibres, what changes them, and reverse as forward turned around.

Definition:
    Maps ``h : X ⊗ A → B`` that are linear in `A` form a category for each context `X`; the way back of any arrow lives in such a
    fibre, and that it composes there is the chain rule. A forward derivative and a contextual dagger are worth a reverse
    derivative: the two constructions of Theorems 41 and 42 undo each other.

References:
    Cockett et al. (1910.07065), Definitions 25 to 28, Proposition 31, Theorems 41 and 42.
"""

from ..constructions import LinearInContext, Reindex, reverse_of, transposition_of, way_back
from ..constructions.context import InContext
from ..theory import CartesianReverseDifferential
from .law import collect, law
from .reverse import linear_in_context


@law(needs=CartesianReverseDifferential, given=("transposition",))
def section_identity(draw):
    """R[id]  =  id,   in the fibre"""
    C, X = draw.category, draw.ob()
    return way_back(C.id(X)).arrow, LinearInContext(C, X).id(X).arrow


@law(needs=CartesianReverseDifferential, given=("transposition",))
def section_composite(draw):
    """R[f ; g]  =  f*(R[g]) ; R[f],   in the fibre over the domain of f"""
    f, g = draw.path(2)
    return way_back(f >> g).arrow, (Reindex(f)(way_back(g)) >> way_back(f)).arrow


@law(needs=CartesianReverseDifferential, given=("transposition",))
def way_back_linear(draw):
    """⟨⟨a, b⟩, ⟨0, w⟩⟩ ; D[R[f]]  =  ⟨a, w⟩ ; R[f]

    The way back is linear in the covector: what RD.6 says with `R` alone.
    """
    C, f = draw.category, draw.arrow()
    A, B = f.dom, f.cod
    direction = C.tensor(C.id(A @ B), C.zero(C.unit, A), C.id(B))
    return direction >> C.D(C.R(f)), C.tensor(C.id(A), C.discard(B), C.id(B)) >> C.R(f)


@law(needs=CartesianReverseDifferential, given=("transposition",))
def reindex_composite(draw):
    """(u ; v)*(h)  =  u*(v*(h)),   id*(h)  =  h,   u*(h ; k)  =  u*(h) ; u*(k)"""
    C, X, A, B = draw.category, *draw.obs(3)
    h, k = (InContext(*ends, LinearInContext(C, X), linear_in_context(draw, X, *ends)) for ends in ((A, B), (B, A)))
    v = draw.arrow(cod=X)
    u = draw.arrow(cod=v.dom)
    yield Reindex(u >> v)(h).arrow, Reindex(u)(Reindex(v)(h)).arrow
    yield Reindex(C.id(X))(h).arrow, h.arrow
    yield Reindex(v)(h >> k).arrow, (Reindex(v)(h) >> Reindex(v)(k)).arrow


@law(needs=CartesianReverseDifferential, given=("transposition",))
def reverse_from_transposition(draw):
    """D[f]†  =  R[f],   with a forward derivative and a dagger in context that know nothing of R"""
    C, f = draw.category, draw.arrow()
    return reverse_of(draw["transposition"])(f), C.R(f)


@law(needs=CartesianReverseDifferential, given=("transposition",))
def transposition_round_trip(draw):
    """(D, †) ↦ R ↦ (D, †)  is the identity,   on any arrow and on any h linear in context"""
    C, f = draw.category, draw.arrow()
    X, A, B = draw.obs(3)
    h, native = linear_in_context(draw, X, A, B), draw["transposition"]
    parts = transposition_of(C, reverse_of(native))
    yield parts.D(f), native.D(f)
    yield parts.dagger(h, X), native.dagger(h, X)


@law(needs=CartesianReverseDifferential, given=("transposition",))
def reverse_round_trip(draw):
    """R ↦ (D, †) ↦ R  is the identity"""
    C, f = draw.category, draw.arrow()
    return reverse_of(transposition_of(C, C.R))(f), C.R(f)


LAWS = collect(globals())
