r"""Gradients and Jacobians of chains of smooth maps, in the cheapest order.

Definition:
    The Jacobian of ``f = f₁ ; ... ; fₙ`` at a point is the product of the Jacobians of its parts there. *Forward* mode pushes the basis of
    the domain through the derivatives, *reverse* mode pulls the basis of the codomain back, and there are many orders between:

    .. math:: J_f = J_n \cdots J_2\, J_1.

``mode="auto"`` takes the order of least cost among all of them, both modes included; see `bracketing`. What a part costs is counted by
XLA on its own lowered derivative, and where a pure mode seems nearly as good the compiled programs are compared. The parts are those of which the arrow is composed: `f >> g` has two, a Python function is one.

References:
    Elliott (1804.00746), on left, right and mixed association; Griewank and Walther (2008).
"""

import functools
import itertools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from ..categories import Smooth, SmoothMap
from ..categories.additive import AddFn
from ..categories.linear import LinearMap, dimension, transpose
from ..categories.path import run
from ..objects import Ob, R, space_of
from ..theory import Data, door
from ..theory.errors import WrongObject, WrongRun
from .bracketing import Identity, Multiply, Plan, Price, Pull, Push, cheapest, cost, forward, pushed, reverse
from .dual import Dual
from .gad import D, DMap
from .gad_stage import linearise, run_stages
from .representation import coefficients

Values = tuple[Any, ...]
MODES = ("auto", "forward", "reverse")
DIRECTIONS = 32  # the cost of one is measured on so many, that what is done once for all of them weighs little
CUTS = 64  # a longer chain is cut at its narrowest spaces alone
RIVAL = 4  # a pure mode that seems to cost at most so many times as much is compiled and compared


class Gradient(Data):
    """The gradient of an arrow of ``D(k)`` into the line, as a function of the point."""

    f: DMap

    def __call__(self, xs: Values) -> Values:
        return coefficients(run_stages(self.f, xs)[1])


@door
def gradient(f: Any, /) -> SmoothMap:
    """The gradient of a map into the line, as a smooth map ``X → T(X)``.

    Definition:
        What the derivative in ``D(Dual(AddFn))`` makes of one. An arrow of ``D(k)`` for another `k` is differentiated there.

    Raises:
        WrongObject: `f` does not end at the line ``R()``.

    Example:
        >>> from catlearn import R, smooth
        >>> f = smooth(lambda x, y: x * x + y * y, R() @ R())
        >>> print(gradient(f), *gradient(f)(3.0, 4.0))
        SmoothMap : R() @ R() -> R() @ R() 6.0 8.0
    """
    if len(f.cod) != 1 or len(f.cod.tangent) != 1 or dimension(f.cod) != 1 or f.cod.avals()[0].shape != ():
        raise WrongObject(f"a gradient needs a map into the line R(), but got {f}. `jacobian` takes any map.")
    found = f if isinstance(f, DMap) else D(Dual(AddFn)).of(f)
    return SmoothMap(f.dom, f.dom.tangent, (Gradient(found),))


class Bracketed(Data):
    """The Jacobian of a chain of maps, in a given order, as a function of the point."""

    chain: tuple[SmoothMap, ...]
    plan: Plan = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        forwards, derivatives = pushed(self.plan), []
        for i, f in enumerate(self.chain):
            xs, derivative = linearise(f, xs, turned=i not in forwards)
            derivatives.append(derivative)
        return (_table(self.plan, derivatives),)


def _table(plan: Plan, derivatives: list[LinearMap]) -> Any:
    """The matrix that a plan makes: one row a coordinate of the codomain."""
    match plan:
        case Push(matrix=matrix, start=start, stop=stop):
            ways = [part for f in derivatives[start:stop] for part in f.path]
            columns = _rows_of(matrix, derivatives, derivatives[start].dom, across=True)
            return _each(ways, columns).T
        case Pull(matrix=matrix, start=start, stop=stop):
            ways = [part for f in reversed(derivatives[start:stop]) for part in transpose(f.path)]
            return _each(ways, _rows_of(matrix, derivatives, derivatives[stop - 1].cod, across=False))
        case Multiply(first=first, then=then):
            return _table(then, derivatives) @ _table(first, derivatives)
        case Identity(at=at):
            ends = [*(f.dom for f in derivatives), derivatives[-1].cod]
            return jnp.eye(dimension(ends[at]))


def _rows_of(plan: Plan, derivatives: list[LinearMap], x: Ob, *, across: bool) -> Values:
    """The columns, or the rows, of the matrix of a plan, as values of an object stacked along a first axis."""
    table = _table(plan, derivatives)
    _, unravel = ravel_pytree(tuple(w.zeros() for w in x.wires))
    return jax.vmap(unravel)(table.T if across else table)


def _each(ways: list[Any], stacked: Values) -> Any:
    """What becomes of each of the stacked values, flattened."""
    return jax.vmap(lambda values: ravel_pytree(run(tuple(ways), values))[0])(stacked)


@door
def jacobian(f: SmoothMap, /, *, mode: str = "auto") -> SmoothMap:
    """The Jacobian matrix of a smooth map, as a smooth map ``X → R(m, n)``.

    Args:
        f: the map; `n` and `m` count the coordinates of directions at its ends. Several wires are laid end to end.
        mode: ``"forward"``, ``"reverse"``, or ``"auto"``: the order of least cost along the parts of `f`.

    Raises:
        WrongRun: there is no such mode.
        WrongCategory: `f` is no arrow of `Smooth`.

    Example:
        >>> from catlearn import smooth
        >>> f = smooth(lambda x: x[:1] * x, R(3)) >> smooth(jnp.sum, R(3))
        >>> print(jacobian(f), jacobian(f)([1.0, 2.0, 4.0]))
        SmoothMap : R(3) -> R(1, 3) [[8. 1. 1.]]
    """
    Smooth._own(f)
    if mode not in MODES:
        raise WrongRun(f"jacobian: mode must be one of {', '.join(map(repr, MODES))}, but got {mode!r}.")
    chain = _chain(f)
    plan = plan_of(chain) if mode == "auto" else (forward if mode == "forward" else reverse)(len(chain))
    return SmoothMap(f.dom, R(dimension(f.cod.tangent), dimension(f.dom.tangent)), (Bracketed(chain, plan),))


def plan_of(chain: tuple[SmoothMap, ...], /) -> Plan:
    """The order of least cost for a chain of maps; of a long one, the order of least cost among cuts at its narrowest spaces.

    A pure mode that looks nearly as good is compiled, and so is the order that was found: the cheaper program is taken.
    """
    leaves, structure = jax.tree.flatten(chain)
    return _known_plan(structure, _shapes(leaves))


@functools.lru_cache(maxsize=1024)
def _known_plan(structure: Any, leaves: tuple[Any, ...]) -> Plan:
    chain = jax.tree.unflatten(structure, leaves)
    sizes = [dimension(f.dom.tangent) for f in chain] + [dimension(chain[-1].cod.tangent)]
    prices = [_price(f) for f in chain]
    inner = sorted(range(1, len(chain)), key=lambda i: sizes[i])[: CUTS - 1]
    cuts = [0, *sorted(inner), len(chain)]
    stretches = itertools.pairwise(cuts)
    found = _spread(cheapest([sizes[i] for i in cuts], [_total(prices[i:j]) for i, j in stretches]), cuts)
    bound = RIVAL * cost(found, sizes, prices)
    rivals = [plan for plan in (forward(len(chain)), reverse(len(chain))) if cost(plan, sizes, prices) <= bound]
    return found if set(rivals) <= {found} else min((found, *rivals), key=lambda plan: _compiled_flops(chain, plan))


def _compiled_flops(chain: tuple[SmoothMap, ...], plan: Plan) -> float:
    """The flops of the compiled program, where XLA tells them."""
    run = lambda chain, xs: Bracketed(chain, plan)(xs)
    counted = jax.jit(run).lower(chain, chain[0].dom.avals()).compile().cost_analysis()
    return counted["flops"] if counted and "flops" in counted else 0.0


def _total(prices: list[Price]) -> Price:
    """The price of a stretch as one map."""
    if len(prices) == 1:
        return prices[0]
    return Price(sum(p.push for p in prices), sum(p.pull for p in prices))


def _spread(plan: Plan, cuts: list[int]) -> Plan:
    """A plan for stretches between cuts, as a plan for the maps in them."""
    match plan:
        case Identity(at=at):
            return Identity(cuts[at])
        case Push(matrix=matrix, start=start, stop=stop):
            return Push(_spread(matrix, cuts), cuts[start], cuts[stop])
        case Pull(matrix=matrix, start=start, stop=stop):
            return Pull(_spread(matrix, cuts), cuts[start], cuts[stop])
        case Multiply(first=first, then=then):
            return Multiply(_spread(first, cuts), _spread(then, cuts))


def _chain(f: SmoothMap) -> tuple[SmoothMap, ...]:
    """The factors of a smooth map, each as a map of its own; the identity is one too."""
    chain, x = [], f.dom
    for factor in f.path[:-1]:
        values = jax.eval_shape(factor, x.avals())
        y = Ob(tuple(space_of(value).wires[0] for value in values))
        chain.append(SmoothMap(x, y, (factor,)))
        x = y
    return (*chain, SmoothMap(x, f.cod, f.path[-1:]))


def _price(f: SmoothMap) -> Price:
    leaves, structure = jax.tree.flatten(f)
    return _known_price(structure, _shapes(leaves))


def _shapes(leaves: list[Any]) -> tuple[Any, ...]:
    return tuple(jax.ShapeDtypeStruct(jnp.shape(x), x.dtype) for x in leaves)


@functools.lru_cache(maxsize=4096)
def _known_price(structure: Any, leaves: tuple[Any, ...]) -> Price:
    """The flops of one direction through a map with arrays of the given shapes, forwards and backwards."""
    f = jax.tree.unflatten(structure, leaves)
    push, pull, n = _flops(f, turned=False), _flops(f, turned=True), dimension(f.dom.tangent)
    # One product a coordinate, and what is done once for all.
    diagonal = n == dimension(f.cod.tangent) and push < 1.5 * n
    return Price(push, pull, diagonal)


def _flops(f: SmoothMap, *, turned: bool) -> float:
    start, end = (f.cod.tangent, f.dom.tangent) if turned else (f.dom.tangent, f.cod.tangent)

    def many(f: SmoothMap, xs: Values, directions: Values) -> Any:
        _, derivative = linearise(f, xs, turned=turned)
        path = transpose(derivative.path) if turned else derivative.path
        return jax.vmap(lambda direction: run(path, direction), axis_size=DIRECTIONS)(directions)

    counted = jax.jit(many).lower(f, f.dom.avals(), start.stacked(DIRECTIONS).avals()).cost_analysis()
    if counted and "flops" in counted:
        return counted["flops"] / DIRECTIONS
    return 2.0 * dimension(start) * dimension(end)
