"""Laws of parametric arrows: a category on the nose, and a bicategory with its 2-cells.

Definition:
    Parameters are strict tuples in order of composition, so the category laws hold as equalities. Interchange, and
    crossing wires, permute parameters: those laws hold along an explicit 2-cell. 2-cells compose along objects
    and along arrows, and the two ways of composing four of them agree.

References:
    Cruttwell et al. (2103.01931), Definitions 2.1 and 2.3.
"""

from ..constructions import ParaCategory
from .law import collect, law


@law(needs=ParaCategory, up_to_cell=True)
def para_interchange(draw):
    """(f ⊗ g) ; (h ⊗ k)  ≅  (f ; h) ⊗ (g ; k),   along  P_f ⊗ swap ⊗ P_k"""
    C, (f, h), (g, k) = draw.base.category, draw.path(2), draw.path(2)
    cell = f.parameter @ C.swap(h.parameter, g.parameter) @ k.parameter
    return (f @ g) >> (h @ k), (f >> h) @ (g >> k), cell


@law(needs=ParaCategory, up_to_cell=True)
def para_swap_natural(draw):
    """(f ⊗ g) ; swap  ≅  swap ; (g ⊗ f),   along swap"""
    C, f, g = draw.category, draw.arrow(), draw.arrow()
    cell = draw.base.category.swap(g.parameter, f.parameter)
    return (f @ g) >> C.swap(f.cod, g.cod), C.swap(f.dom, g.dom) >> (g @ f), cell


@law(needs=ParaCategory, up_to_cell=True)
def para_whiskering(draw):
    """f ⊗ g  ≅  (A ⊗ g) ; (f ⊗ Y),   along swap"""
    f, g = draw.arrow(), draw.arrow()
    cell = draw.base.category.swap(g.parameter, f.parameter)
    return f @ g, (f.dom @ g) >> (f @ g.cod), cell


@law(needs=ParaCategory, up_to_cell=True)
def order_of_the_papers(draw):
    """f ; g with the later parameters first  ≅  f ; g,   along swap"""
    C, (f, g) = draw.base.category, draw.path(2)
    P, Q = f.parameter, g.parameter
    papers = (Q @ f.arrow) >> g.arrow
    return draw.words.para(Q @ P, papers), f >> g, C.swap(P, Q)


@law(needs=ParaCategory, up_to_cell=True, given=("stacks",), compiled=True)
def para_power(draw):
    """f ** 2  ≅  f ; f,   along stacking"""
    f = draw.endo()
    return f**2, f >> f, draw.base.category.stacking(f.parameter, 2)


@law(needs=ParaCategory)
def para_composite(draw):
    """(P, f) ; (Q, g)  =  (P ⊗ Q, (swap ⊗ A) ; (Q ⊗ f) ; g),   id  =  (unit, id)"""
    C, (f, g) = draw.base.category, draw.path(2)
    P, Q = f.parameter, g.parameter
    yield f >> g, draw.words.para(P @ Q, (C.swap(P, Q) @ f.dom) >> (Q @ f.arrow) >> g.arrow)
    yield draw.category.id(f.dom), draw.words.para(C.unit, C.id(f.dom))


@law(needs=ParaCategory)
def lift_functor(draw):
    """lift(f ; g)  =  lift(f) ; lift(g),   lift(f ⊗ g)  =  lift(f) ⊗ lift(g),   lift(id)  =  id"""
    C, (f, g), h = draw.category, draw.base.path(2), draw.base.arrow()
    yield C.lift(f >> g), C.lift(f) >> C.lift(g)
    yield C.lift(f @ h), C.lift(f) @ C.lift(h)
    yield C.lift(draw.base.category.id(f.dom)), C.id(f.dom)


def _cell(draw, f):
    """A drawn 2-cell out of `f`."""
    return draw.words.cell(f, draw.base.arrow(draw.base.ob(), f.parameter))


@law(needs=ParaCategory)
def reparametrise_identity(draw):
    """f[id]  =  f"""
    f = draw.arrow()
    return draw.words.reparametrise(f, draw.base.category.id(f.parameter)), f


@law(needs=ParaCategory)
def reparametrise_composite(draw):
    """f[α][β]  =  f[β ; α]"""
    f, words = draw.arrow(), draw.words
    a = draw.base.arrow(draw.base.ob(), f.parameter)
    b = draw.base.arrow(draw.base.ob(), a.dom)
    return words.reparametrise(words.reparametrise(f, a), b), words.reparametrise(f, b >> a)


@law(needs=ParaCategory)
def reparametrise_then(draw):
    """f[α] ; g[β]  =  (f ; g)[α ⊗ β]"""
    f, g = draw.path(2)
    c, d = _cell(draw, f), _cell(draw, g)
    return c.target >> d.target, draw.words.reparametrise(f >> g, c.by @ d.by)


@law(needs=ParaCategory)
def reparametrise_tensor(draw):
    """f[α] ⊗ g[β]  =  (f ⊗ g)[α ⊗ β]"""
    f, g = draw.arrow(), draw.arrow()
    c, d = _cell(draw, f), _cell(draw, g)
    return c.target @ d.target, draw.words.reparametrise(f @ g, c.by @ d.by)


@law(needs=ParaCategory)
def cell_target(draw):
    """the target of a 2-cell  =  its source, reparametrised;   so for composites, both ways"""
    words, (f, g) = draw.words, draw.path(2)
    c, e = _cell(draw, f), _cell(draw, g)
    d = _cell(draw, c.target)
    for cell in (c, words.vertical(c, d), words.horizontal(c, e)):
        yield cell.target, words.reparametrise(cell.source, cell.by)


@law(needs=ParaCategory)
def vertical_category(draw):
    """(c ; d) ; e  =  c ; (d ; e),   id ; c  =  c  =  c ; id,   for 2-cells along objects"""
    words, B, f = draw.words, draw.base.category, draw.arrow()
    c = _cell(draw, f)
    d = _cell(draw, c.target)
    e = _cell(draw, d.target)
    yield words.vertical(words.vertical(c, d), e).by, words.vertical(c, words.vertical(d, e)).by
    yield words.vertical(words.cell(f, B.id(f.parameter)), c).by, c.by
    yield words.vertical(c, words.cell(c.target, B.id(c.target.parameter))).by, c.by


@law(needs=ParaCategory)
def horizontal_category(draw):
    """(c * d) * e  =  c * (d * e),   id * c  =  c  =  c * id,   for 2-cells along arrows"""
    words, B, C = draw.words, draw.base.category, draw.category
    f, g, h = draw.path(3)
    c, d, e = _cell(draw, f), _cell(draw, g), _cell(draw, h)
    start, end = (words.cell(C.id(X), B.id(B.unit)) for X in (f.dom, f.cod))
    left, right = words.horizontal(words.horizontal(c, d), e), words.horizontal(c, words.horizontal(d, e))
    yield left.by, right.by
    yield left.source, right.source
    yield words.horizontal(start, c).by, c.by
    yield words.horizontal(c, end).by, c.by


@law(needs=ParaCategory)
def middle_four(draw):
    """(c ; d) * (c' ; d')  =  (c * c') ; (d * d'),   for 2-cells"""
    words, (f, g) = draw.words, draw.path(2)
    c, e = _cell(draw, f), _cell(draw, g)
    d, k = _cell(draw, c.target), _cell(draw, e.target)
    left = words.horizontal(words.vertical(c, d), words.vertical(e, k))
    right = words.vertical(words.horizontal(c, e), words.horizontal(d, k))
    yield left.by, right.by
    yield left.target, right.target


@law(needs=ParaCategory)
def flip_involution(draw):
    """flip(flip(f))  =  f,   flip(f)  =  (A, swap ; f)"""
    words, C, f = draw.words, draw.base.category, draw.arrow()
    yield words.flip(words.flip(f)), f
    yield words.flip(f), words.para(f.dom, C.swap(f.dom, f.parameter) >> f.arrow)


LAWS = collect(globals())
