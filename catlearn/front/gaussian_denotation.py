r"""What terms of the Gaussian language denote: programs that condition, compositionally.

Definition:
    A term ``x : t, … ⊢ e : u`` *denotes* a program ``t ⊗ … ⇝ u`` in ``Cond(Gauss)``: a variable reads its wires, a pair copies its context, ``let`` composes, and
    ``=:=`` is the comparison of the category. A term without draws and equations is an affine map of its variables.

In ``Cond(ExtGauss)`` the flat draw has a meaning too: it is ``create``.

References:
    Stein, Staton, *Compositional semantics for probabilistic programs with exact conditioning* (2101.11351).
"""

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..categories.gauss import gaussian
from ..constructions.cond import Obs
from ..constructions.conditioning_gauss import read_in
from ..objects import Ob, R, unit
from ..objects.semiring import namespace
from ..theory import Hypergraph, door
from ..theory.errors import IllTyped, WrongCategory
from .gaussian_language import (
    Add,
    Const,
    Context,
    Equate,
    Flat,
    GaussTerm,
    Let,
    LetPair,
    Normal,
    Pair,
    Scale,
    Type,
    Unit,
    Var,
    typecheck,
)


@door
def denote(term: GaussTerm, category: Any, context: Context | None = None, /) -> Obs:
    """What a term denotes: a program from the objects of its free variables, in order, to that of its type.

    Args:
        term: the term.
        category: ``Cond(Gauss)`` or ``Cond(ExtGauss)``.
        context: the types of its free variables.

    Raises:
        IllTyped: it has no type.
        WrongCategory: it has a flat draw, and the category has none.

    Example:
        >>> from catlearn import Cond, Gauss
        >>> from catlearn.front.gaussian_language import lets, sequence
        >>> x, y = Var("x"), Var("y")
        >>> two = lets({"x": Normal(), "y": Normal()}, sequence(Equate(x, y), x))
        >>> print(jnp.round(Cond(Gauss).run(denote(two, Cond(Gauss))).require().covariance, 6))
        [[0.5]]
    """
    context = context or {}
    typecheck(term, context)
    return _denote(term, category, context)


def _denote(term: GaussTerm, C: Any, context: Context) -> Obs:
    dom = _object(context)
    if (value := _affine(term, context)) is not None:
        cod, (matrix, mean) = typecheck(term, context).ob, value
        return C.lift(read_in(C.base, gaussian(dom, cod, matrix, mean)))
    match term:
        case Add(left, right):
            both = C.pair(_denote(left, C, context), _denote(right, C, context))
            return C.then(both, C.lift(read_in(C.base, gaussian(R() @ R(), R(), np.ones((1, 2))))))
        case Scale(by, scaled):
            scaling = gaussian(R(), R(), jnp.asarray(by, float).reshape(1, 1))
            return C.then(_denote(scaled, C, context), C.lift(read_in(C.base, scaling)))
        case Pair(left, right):
            return C.pair(_denote(left, C, context), _denote(right, C, context))
        case Let(name, bound, body):
            return _bind(C, context, (name,), (typecheck(bound, context),), bound, body)
        case LetPair(first, second, bound, body):
            both: Any = typecheck(bound, context)
            return _bind(C, context, (first, second), (both.left, both.right), bound, body)
        case Normal():
            return C.lift(read_in(C.base, gaussian(dom, R(), factor=np.ones((1, 1)))))
        case Flat():
            if not isinstance(C, Hypergraph):
                raise WrongCategory(
                    f"flat() has no meaning in {C}: no state there is flat. Read the term in Cond(ExtGauss)."
                )
            return C.then(C.discard(dom), C.create(R()))
        case Equate(left, right):
            return C.then(C.pair(_denote(left, C, context), _denote(right, C, context)), C.equate(R()))
        case _:
            raise IllTyped(term, f"it is {type(term).__name__}", "Terms are made of the classes of this module.")


def _affine(term: GaussTerm, context: Context) -> tuple[Any, Any] | None:
    """A term without draws, equations and names of its own, as a matrix and a vector of its variables; None for any other."""
    width = len(_object(context))
    match term:
        case Var(name):
            rows = np.eye(width)[list(_places(context)[name])]
            return rows, np.zeros(len(rows))
        case Const(value):
            return np.zeros((1, width)), jnp.asarray(value, float).reshape(1)
        case Unit():
            return np.zeros((0, width)), np.zeros(0)
        case Scale(by, scaled):
            inner = _affine(scaled, context)
            return inner and (by * inner[0], by * inner[1])
        case Add(left, right) | Pair(left, right):
            first, second = _affine(left, context), _affine(right, context)
            if first is None or second is None:
                return None
            xp = namespace(*first, *second)
            join = (lambda a, b: a + b) if isinstance(term, Add) else lambda a, b: xp.concatenate([a, b])
            return join(first[0], second[0]), join(first[1], second[1])
        case _:
            return None


def _bind(C: Any, context: Context, names: tuple[str, ...], types: tuple[Type, ...], bound: Any, body: Any) -> Obs:
    """The bound term beside a copy of the context, and then the body: a name that is bound anew hides the older one."""
    dom, value = _object(context), _denote(bound, C, context)
    kept = {name: t for name, t in context.items() if name not in names}
    places = _places(context)
    inner = C.pair(C.pick(dom, sum((places[name] for name in kept), ())), value)
    return C.then(inner, _denote(body, C, {**kept, **dict(zip(names, types, strict=True))}))


def _places(context: Context) -> dict[str, tuple[int, ...]]:
    """The wires of each variable."""
    found, at = {}, 0
    for name, t in context.items():
        found[name] = tuple(range(at, at + len(t.ob)))
        at += len(t.ob)
    return found


def _object(context: Context) -> Ob:
    ob = unit
    for t in context.values():
        ob = ob @ t.ob
    return ob
