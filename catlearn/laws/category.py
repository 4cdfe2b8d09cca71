"""Laws of a category.

Definition:
    Identities and an associative composition. Nothing is more basic, and nothing catches more mistakes.
"""

from .law import collect, law


@law
def left_identity(draw):
    """id ; f  =  f"""
    f = draw.arrow()
    return draw.category.id(f.dom) >> f, f


@law
def right_identity(draw):
    """f ; id  =  f"""
    f = draw.arrow()
    return f >> draw.category.id(f.cod), f


@law
def associativity(draw):
    """(f ; g) ; h  =  f ; (g ; h)"""
    f, g, h = draw.path(3)
    return (f >> g) >> h, f >> (g >> h)


@law
def chain(draw):
    """then(f, g, h)  =  f ; g ; h"""
    f, g, h = draw.path(3)
    return draw.category.then(f, g, h), f >> g >> h


@law(compiled=True)
def power(draw):
    """f ** 3  =  f ; f ; f"""
    f = draw.endo()
    return f**3, f >> f >> f


@law
def power_zero(draw):
    """f ** 0  =  id"""
    f = draw.endo()
    return f**0, draw.category.id(f.dom)


@law(compiled=True)
def power_sum(draw):
    """f ** (m + n)  =  f ** m ; f ** n"""
    f = draw.endo()
    return f**3, f**1 >> f**2


LAWS = collect(globals())
