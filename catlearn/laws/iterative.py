"""Laws of stacks: loops and maps over a batch are what they say.

Definition:
    A category with stacks has, for each object, the object of n values of it, an arrow that runs a loop over a stack of
    parameters, and an arrow that maps over a stack of inputs with shared parameters. Each is equal to the same thing
    written out. That permuting or splitting a batch changes nothing is the naturality of a map ``X^n → X^m``.
"""

from ..theory import Cartesian, CartesianReverseDifferential
from .law import collect, law


@law(needs=Cartesian, given=("stacks",))
def stack_tensor(draw):
    """stack(X ⊗ Y, n)  =  stack(X, n) ⊗ stack(Y, n)"""
    C, X, Y = draw.category, draw.ob(), draw.ob()
    return C.id(C.stack(X @ Y, 2)), C.id(C.stack(X, 2) @ C.stack(Y, 2))


@law(needs=Cartesian, given=("stacks",), compiled=True)
def fold_unrolled(draw):
    """(stacking(P, 2) ⊗ X) ; fold(f, P, 2)  =  f with the first parameter, then f with the second"""
    C, P, X = draw.category, draw.ob(), draw.ob()
    f = draw.arrow(P @ X, X)
    unrolled = (C.swap(P, P) @ X) >> (P @ f) >> f
    return (C.stacking(P, 2) @ X) >> C.fold(f, P, 2), unrolled


@law(needs=Cartesian, given=("stacks",), compiled=True)
def fold_power(draw):
    """fold(f, unit, 3)  =  f ** 3"""
    C, f = draw.category, draw.endo()
    return C.fold(f, C.unit, 3), f**3


@law(needs=Cartesian, given=("stacks",))
def mapped_unrolled(draw):
    """(P ⊗ stacking(X, 2)) ; mapped(f, 2, P)  =  copy P ; (f ⊗ f) ; stacking(Y, 2)"""
    C, P, X = draw.category, draw.ob(), draw.ob()
    f = draw.arrow(P @ X)
    each = (C.copy(P) @ X @ X) >> (P @ C.swap(P, X) @ X) >> (f @ f)
    return (P @ C.stacking(X, 2)) >> C.mapped(f, 2, P), each >> C.stacking(f.cod, 2)


@law(needs=CartesianReverseDifferential, given=("stacks",))
def batch_gradient(draw):
    """the gradient at shared parameters of a batch of two  =  the sum of the two gradients"""
    C, P, X, Y = draw.category, *draw.obs(3)
    f = draw.arrow(P @ X, Y)
    dP, dY = C.tangent(P), C.tangent(Y)
    batch = C.R(C.mapped(f, 2, P)) >> C.first(dP, C.tangent(C.stack(X, 2)))
    whole = (P @ C.stacking(X, 2) @ C.stacking(dY, 2)) >> batch
    alone = C.R(f) >> C.first(dP, C.tangent(X))
    one = (P @ X @ C.discard(X) @ dY @ C.discard(dY)) >> alone
    two = (P @ C.discard(X) @ X @ C.discard(dY) @ dY) >> alone
    return whole, one + two


LAWS = collect(globals())
