r"""Contractions: sums of products of tables, along an optimised path, and what each entry contributes to them.

Definition:
    Let tables :math:`\phi_1, \dots, \phi_m` over a commutative rig have scopes, which are sets of variables, and give each variable `v` a table of
    weights :math:`\lambda_v` of its own. The *network polynomial*, and its derivative by a weight, are

    .. math:: Z(\lambda) = \sum_x \prod_v \lambda_v(x_v) \prod_i \phi_i(x), \qquad
        \frac{\partial Z}{\partial \lambda_v(a)} = \sum_{x :\, x_v = a} \; \prod_{u \ne v} \lambda_u(x_u) \prod_i \phi_i(x).

    If the tables are the kernels of a network and the weights say what was seen, `Z` is the probability of that, and
    :math:`\lambda_v\, \partial Z / \partial \lambda_v` divided by `Z` is the posterior of `v`.

Sums and products are taken two tables at a time. The *inside* pass does so from the leaves to the root; the *outside* pass is its reverse
derivative, and has the derivatives by all weights at once, for about twice the price. Both need no more of numbers than a rig has.

References:
    Darwiche, *A differential approach to inference in Bayesian networks* (2003); Smith, Gray, *opt_einsum* (2018), for paths.
"""

import dataclasses
import functools
import itertools
import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import opt_einsum

from ..kernels.one_kernel import as_one_kernel
from ..objects import Log, Real, Semifield, Semiring
from ..objects.semiring import namespace

type Scope = tuple[int, ...]

_SMALL = 512
"""Up to so many products, a sum of them is one loop; from there on a product of matrices is faster."""
FEW = 100_000
"""Up to so many products in all, a plan is one kernel; from there on several processors are better."""


class Step(NamedTuple):
    """The product of two tables, summed over the variables that no other table has.

    Attributes:
        left: its position among the leaves and the results of earlier steps.
        right: likewise.
        scope: the variables of the result.
    """

    left: int
    right: int
    scope: Scope


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """The order in which tables are multiplied and summed; one for each structure, so that it is its own name.

    Attributes:
        sizes: how many values each variable has.
        scopes: of the tables, then of the weights, then of the results of the steps.
        leaves: how many tables and weights there are.
        steps: two tables become one, until one is left.
    """

    sizes: tuple[int, ...]
    scopes: tuple[Scope, ...]
    leaves: int
    steps: tuple[Step, ...]

    @property
    def tables(self) -> int:
        """How many of the leaves are tables; the weights come after them."""
        return self.leaves - len(self.sizes)

    @functools.cached_property
    def products(self) -> int:
        """How many numbers are multiplied on the way."""
        count = lambda step: math.prod(self.sizes[v] for v in _union(self.scopes[step.left], self.scopes[step.right]))
        return sum(map(count, self.steps))

    def split(self, numbers: Any) -> tuple[Any, ...]:
        """The tables, of their entries laid end to end."""
        shapes = [[self.sizes[v] for v in scope] for scope in self.scopes[: self.tables]]
        ends = itertools.accumulate(map(math.prod, shapes), initial=0)
        return tuple(
            numbers[a:b].reshape(shape) for (a, b), shape in zip(itertools.pairwise(ends), shapes, strict=True)
        )

    @functools.cached_property
    def slices(self) -> tuple[slice, ...]:
        """Where each variable is in a vector of the weights of all."""
        ends = [0, *np.cumsum(self.sizes).tolist()]
        return tuple(slice(a, b) for a, b in itertools.pairwise(ends))


@functools.lru_cache(maxsize=256)
def plan(sizes: tuple[int, ...], scopes: tuple[Scope, ...], kept: Scope = ()) -> Plan:
    """The order for tables of some scopes, made once for each structure.

    Args:
        sizes: how many values each variable has.
        scopes: the variables of the axes of each table; each variable has a weight besides.
        kept: the variables that are not summed.

    Example:
        >>> chain = plan((2, 3), ((0,), (0, 1)))
        >>> len(chain.steps), chain.scopes[-1]
        (3, ())
    """
    leaves = (*scopes, *((v,) for v in range(len(sizes))))
    shaped = [np.broadcast_to(0.0, [sizes[v] for v in scope]) for scope in leaves]
    operands = [part for pair in zip(shaped, map(list, leaves), strict=True) for part in pair]
    path = () if len(leaves) < 2 else _path(operands, list(kept))
    every, steps, work = list(leaves), [], list(range(len(leaves)))
    for pair in path:
        left, right = (work.pop(i) for i in sorted(pair, reverse=True))
        rest = set(kept).union(*(every[i] for i in work))
        scope = tuple(v for v in _union(every[left], every[right]) if v in rest)
        steps.append(Step(left, right, scope))
        work.append(len(every))
        every.append(scope)
    return Plan(sizes, tuple(every), len(leaves), tuple(steps))


def _path(operands: list[Any], kept: list[int]) -> Any:
    """The cheapest of some greedy orders with ties and near ties broken at random, always in the same way."""
    state = random.getstate()  # the search plants seeds of its own
    try:
        return opt_einsum.contract_path(*operands, kept, optimize="random-greedy")[0]
    finally:
        random.setstate(state)


def _union(s: Scope, t: Scope) -> Scope:
    return tuple(dict.fromkeys(s + t))


class Inside(NamedTuple):
    """What the inside pass finds.

    Attributes:
        values: the leaves, and the result of each step.
        scales: what each result was divided by; None where it was not.
    """

    values: list[Any]
    scales: list[Any]

    @property
    def root(self) -> Any:
        """The result of the last step: `Z`, divided by all scales."""
        return self.values[-1]

    @property
    def log_scale(self) -> Any:
        """The logarithm of all scales."""
        logs = [jnp.log(scale) for scale in self.scales if scale is not None]
        return jnp.sum(jnp.stack(logs)) if logs else 0.0


def inside(p: Plan, k: Semiring, tables: tuple[Any, ...], weights: Any, *, best: bool = False) -> Inside:
    """Products and sums from the leaves to the root.

    Floats are divided by the largest of them now and then, so that many small numbers have a product; a scale is taken for a constant.

    Args:
        p: in which order.
        k: the rig that the entries are in.
        tables: as many as the plan has, each with one axis a variable of its scope.
        weights: of all variables, laid end to end.
        best: the largest instead of the sum.
    """
    values = [*tables, *(weights[part] for part in p.slices)]
    scales: list[Any] = [None] * len(values)
    since = [1] * len(values)
    for left, right, scope in p.steps:
        made = _contract(k, p.sizes, values[left], p.scopes[left], values[right], p.scopes[right], scope, best=best)
        many, scale = since[left] + since[right], None
        if k == Real and many > _digits(made.dtype) // 10:
            top = jax.lax.stop_gradient(jnp.max(made))
            many, scale = 1, jnp.where(top > 0, top, 1)
            made = made / scale
        values.append(made)
        scales.append(scale)
        since.append(many)
    return Inside(values, scales)


def _digits(dtype: Any) -> int:
    """How many zeros a small float may have after its point."""
    return int(-math.log10(float(jnp.finfo(dtype).tiny)))


def outside(p: Plan, k: Semiring, found: Inside, first: int) -> tuple[Any, ...]:
    """The derivatives of `Z` by the leaves from the first on, up to one factor: the reverse derivative of the inside pass."""
    above: list[Any] = [None] * len(p.scopes)
    above[-1] = k.indicator(np.ones((), bool)).astype(found.root.dtype)
    for i in range(len(p.scopes) - 1, p.leaves - 1, -1):
        left, right, scope = p.steps[i - p.leaves]
        here = above[i] if found.scales[i] is None else above[i] / found.scales[i]
        for mine, other in ((left, right), (right, left)):
            if mine >= first:
                above[mine] = _spread(k, p, here, scope, found.values[other], p.scopes[other], p.scopes[mine])
    return tuple(above[first : p.leaves])


def _spread(k: Semiring, p: Plan, here: Any, scope: Scope, other: Any, of: Scope, to: Scope) -> Any:
    """The derivative by one factor: that by the product, times the other factor, on the variables of the one."""
    kept = tuple(v for v in to if v in scope or v in of)
    made = _contract(k, p.sizes, here, scope, other, of, kept)
    shape = [p.sizes[v] for v in to]
    return namespace(made).broadcast_to(aligned(p.sizes, made, kept, to), shape)


def aligned(sizes: tuple[int, ...], x: Any, scope: Scope, to: Scope) -> Any:
    """The table with one axis for each variable of `to`, of size one where it does not have it."""
    order = [scope.index(v) for v in to if v in scope]
    return x.transpose(order).reshape([sizes[v] if v in scope else 1 for v in to])


def _contract(
    k: Semiring, sizes: tuple[int, ...], a: Any, s: Scope, b: Any, t: Scope, kept: Scope, *, best: bool = False
) -> Any:
    """The product of two tables, summed over what is not kept."""
    gone = tuple(v for v in _union(s, t) if v not in kept)
    count = lambda scope: math.prod(sizes[v] for v in scope)
    if best or k.exact or not gone or count(kept + gone) <= _SMALL:
        product = _array(k, k.multiply(aligned(sizes, a, s, kept + gone), aligned(sizes, b, t, kept + gone)))
        if not gone:
            return product
        xp = namespace(product)
        flat = xp.broadcast_to(product, [sizes[v] for v in kept + gone]).reshape(*(sizes[v] for v in kept), -1)
        return _array(k, xp.max(flat, axis=-1) if best else k.sum(flat, axis=len(kept)))
    alone = [tuple(v for v in gone if v not in other) for other in (t, s)]
    a, s, b, t = _summed(k, sizes, a, s, alone[0]) + _summed(k, sizes, b, t, alone[1])
    both = tuple(v for v in kept if v in s and v in t)
    left, right = tuple(v for v in kept if v not in t), tuple(v for v in kept if v not in s)
    inner = tuple(v for v in s if v in t and v not in kept)
    rows = aligned(sizes, a, s, both + left + inner).reshape(count(both), count(left), count(inner))
    columns = aligned(sizes, b, t, both + inner + right).reshape(count(both), count(inner), count(right))
    made = k.matmul(rows, columns).reshape([sizes[v] for v in both + left + right])
    return aligned(sizes, made, both + left + right, kept)


def _array(k: Semiring, x: Any) -> Any:
    """What was computed as an array; numpy makes a Python number of an exact one without axes."""
    return np.asarray(x, object) if k.exact else x


def _summed(k: Semiring, sizes: tuple[int, ...], x: Any, scope: Scope, gone: Scope) -> tuple[Any, Scope]:
    """The table summed over some of its variables."""
    if not gone:
        return x, scope
    kept = tuple(v for v in scope if v not in gone)
    flat = aligned(sizes, x, scope, kept + gone).reshape(*(sizes[v] for v in kept), -1)
    return k.sum(flat, axis=len(kept)), kept


def log_of(k: Semiring, found: Inside) -> Any:
    """The logarithm of what is at the root; ``-inf`` for zero."""
    if k == Log:
        return found.root
    return Log.of(jnp.asarray(found.root, float) if k.exact else found.root) + found.log_scale


def compiled[F: Callable[..., Any]](*settings: int) -> Callable[[F], F]:
    """Compile a function of a plan, a rig and arrays, but not where the rig is exact: its arrays are numpy's.

    Args:
        *settings: the positions of further arguments that are no arrays.
    """

    def decorate(function: F) -> F:
        fast = jax.jit(function, static_argnums=(0, 1, *settings))

        @functools.wraps(function)
        def run(p: Plan, k: Semiring, *rest: Any) -> Any:
            return (function if k.exact else fast)(p, k, *rest)

        return run  # pyright: ignore[reportReturnType]

    return decorate


@compiled()
def posteriors(p: Plan, k: Semifield, tables: tuple[Any, ...], weights: Any) -> tuple[Any, Any, Any]:
    """The posteriors of all variables laid end to end, the logarithm of the evidence, and whether it is not zero."""
    found = inside(p, k, tables, weights)
    above = outside(p, k, found, p.tables)
    law = k.multiply(weights, namespace(*above).concatenate(above))
    return k.divide(law, found.root), log_of(k, found), found.root != k.zero


@functools.partial(jax.jit, static_argnums=(0, 1))
def posteriors_at_hand(p: Plan, k: Semifield, numbers: Any, weights: Any) -> tuple[Any, Any, Any]:
    """The same of the entries of all tables laid end to end, faster where they are few; not to be differentiated."""
    return as_one_kernel(lambda x, y: posteriors(p, k, p.split(x), y))(numbers, weights)


@compiled(2)
def marginal(p: Plan, k: Semiring, kept: Scope, tables: tuple[Any, ...], weights: Any) -> Any:
    """The sum over all variables but some, which are its axes."""
    found = inside(p, k, tables, weights)
    root = found.root * jnp.exp(found.log_scale) if k == Real else found.root
    return aligned(p.sizes, root, p.scopes[-1], kept)


@compiled(2)
def joint(p: Plan, k: Semifield, kept: Scope, tables: tuple[Any, ...], weights: Any) -> Any:
    """The same sum, divided by that of its entries."""
    table = aligned(p.sizes, inside(p, k, tables, weights).root, p.scopes[-1], kept)
    return k.divide(table, k.sum(table.reshape(-1), axis=0))
