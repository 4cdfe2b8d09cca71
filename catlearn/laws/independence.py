"""Laws of conditional independence: the semigraphoid laws, and the factorisation theorem.

Definition:
    A state with ``X ⊥ Y | W`` is drawn as one draws it: `W` first, and from that `X` and `Y`. Each such state is of this form, so that a
    premise costs nothing, and a conclusion says that a state is equal to its factorised form.

References:
    Fritz (1908.07021), sections 12 and 14; Geiger, Pearl (1993), for the semigraphoid laws.
"""

from typing import Any

from ..infer.independence import factorised, redraw
from ..theory import Conditionals
from .law import collect, law


def _drawn(draw: Any, *, both: bool) -> tuple[Any, Any, tuple[tuple[int, ...], ...]]:
    """A state of ``X ⊗ W ⊗ Y ⊗ Z`` with ``X ⊥ (Y ⊗ Z) | W``, and the wires of the four.

    Args:
        draw: where its parts come from.
        both: whether `Y` and `Z` are drawn together; else `Z` first and from that `Y`, so that ``X ⊥ Z | W`` and ``X ⊥ Y | W ⊗ Z``.
    """
    C, (W, X, Y, Z) = draw.category, draw.obs(4)
    w, x = draw.arrow(C.unit, W), draw.arrow(W, X)
    if both:
        y = draw.arrow(W, Y @ Z)
    else:
        z, late = draw.arrow(W, Z), draw.arrow(W @ Z, Y)
        y = C.pair(C.id(W), z) >> C.pair(late, C.second(W, Z))
    p = w >> C.pair(C.pair(x, C.id(W)), y)
    wires, at = [], 0
    for part in (X, W, Y, Z):
        wires.append(tuple(range(at, at + len(part))))
        at += len(part)
    return C, p, tuple(wires)


def _sides(C: Any, p: Any, xs: tuple[int, ...], ys: tuple[int, ...], given: tuple[int, ...]) -> tuple[Any, Any]:
    return C.marginal(p, (*xs, *given, *ys)), factorised(p, xs, ys, given=given)


@law(needs=Conditionals)
def independence_symmetric(draw):
    """X ⊥ Y | W   gives   Y ⊥ X | W"""
    C, p, (x, w, y, z) = _drawn(draw, both=True)
    yield _sides(C, p, x, (*y, *z), w)
    yield _sides(C, p, (*y, *z), x, w)


@law(needs=Conditionals)
def independence_decomposed(draw):
    """X ⊥ Y ⊗ Z | W   gives   X ⊥ Y | W"""
    C, p, (x, w, y, _) = _drawn(draw, both=True)
    return _sides(C, p, x, y, w)


@law(needs=Conditionals)
def independence_weak_union(draw):
    """X ⊥ Y ⊗ Z | W   gives   X ⊥ Y | W ⊗ Z"""
    C, p, (x, w, y, z) = _drawn(draw, both=True)
    return _sides(C, p, x, y, (*w, *z))


@law(needs=Conditionals)
def independence_contraction(draw):
    """X ⊥ Z | W   and   X ⊥ Y | W ⊗ Z   give   X ⊥ Y ⊗ Z | W"""
    C, p, (x, w, y, z) = _drawn(draw, both=False)
    yield _sides(C, p, x, z, w)
    yield _sides(C, p, x, y, (*w, *z))
    yield _sides(C, p, x, (*y, *z), w)


@law(needs=Conditionals)
def factorisation(draw):
    """p ; s ; α  =  p   and   α ; s  =  id   almost surely   give   p ; ⟨id, s⟩  =  p ; s ; ⟨α, id⟩

    The model draws the statistic, and then the rest from that alone.
    """
    C, (T, V, X) = draw.category, draw.obs(3)
    prior, statistic, rest = draw.arrow(C.unit, T), draw.arrow(T, V), draw.arrow(V, X)
    p, s = statistic >> C.pair(C.id(V), rest), C.first(V, X)
    known, alpha = prior >> p, redraw(p, s, prior)
    yield C.joint(prior, p), C.joint(prior, p >> s >> alpha)
    yield C.joint(known >> s, alpha >> s), C.joint(known >> s, C.id(V))
    yield C.joint(prior, C.joint(p, s)), C.joint(prior, p >> s >> C.pair(alpha, C.id(V)))


LAWS = collect(globals())
