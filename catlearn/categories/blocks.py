r"""Generalised matrices: linear arrows as blocks of coefficients.

Definition:
    An arrow ``f : X → Y`` of `LMat` holds, for each wire of `Y` and each wire of `X`, the array of its coefficients: an outer array
    of the shape of the one, of inner arrays of the shape of the other. Composition multiplies matrices,

    .. math:: (f ; g)_{ik} = \sum_j g_{ij} f_{jk},

    a pair is one matrix above the other, a copair one beside the other, and a tensor is block diagonal.

``apply`` runs a matrix and ``arrow`` reads off the matrix of an additive function; they are inverse to each other and respect all
operations. A wire that holds a pytree counts as its leaves.

References:
    Elliott (1804.00746): matrices as representable functors of representable functors.
"""

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..objects import Ob, bare, unit
from ..objects.compare import default_tolerance, distance
from ..theory import Arrow, Concrete, LinearArrows, door
from ..theory.errors import NotAdditive
from .path import Values

Blocks = tuple[tuple[Any, ...], ...]


class BlockMap(Arrow):
    """A linear map ``dom → cod`` as blocks: ``blocks[i][j]`` has the shape of the i-th part of `cod`, then of the j-th of `dom`."""

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    blocks: Blocks

    @property
    def category(self) -> "BlockCategory":
        return LMat

    @door
    def __call__(self, *values: Any) -> Any:
        """The value at a point, one argument a wire.

        Raises:
            WrongValue: an argument is not an element of its wire.
        """
        return bare(LMat.apply(self, self.dom.elements(values)))


@dataclasses.dataclass(frozen=True)
class BlockCategory(LinearArrows, Concrete):
    """Euclidean spaces and generalised matrices; see the module.

    Operations on objects raise `NotAdditive` at an object with a discrete wire.

    Example:
        >>> from catlearn.objects import R
        >>> f = LMat.arrow(R(2), R() @ R(), lambda xs: (xs[0].sum(), 3 * xs[0][1]))
        >>> print(LMat.matrix(f))
        [[1. 1.]
         [0. 3.]]
        >>> print(LMat.matrix(f >> LMat.merge(R())))
        [[1. 4.]]
    """

    def __str__(self) -> str:
        return "LMat"

    @property
    def unit(self) -> Ob:
        return unit

    @property
    def turned(self) -> bool:
        return False

    @door
    def id(self, x: Ob, /) -> BlockMap:
        return _ones(x, x, [(i, i) for i in range(len(_parts(x)))])

    def _then(self, f: BlockMap, g: BlockMap, /) -> BlockMap:
        axes = [aval.ndim for aval in _parts(f.cod)]
        columns = range(len(_parts(f.dom)))
        if not axes:
            return self.zero(f.dom, g.cod)
        product = lambda row, k: _total(jnp.tensordot(b, f.blocks[j][k], axes=axes[j]) for j, b in enumerate(row))
        return BlockMap(f.dom, g.cod, tuple(tuple(product(row, k) for k in columns) for row in g.blocks))

    def _tensor(self, f: BlockMap, g: BlockMap, /) -> BlockMap:
        right, left = self.zero(g.dom, f.cod).blocks, self.zero(f.dom, g.cod).blocks
        above = tuple(row + rest for row, rest in zip(f.blocks, right, strict=True))
        below = tuple(rest + row for row, rest in zip(g.blocks, left, strict=True))
        return BlockMap(f.dom @ g.dom, f.cod @ g.cod, above + below)

    def _pair(self, f: BlockMap, g: BlockMap, /) -> BlockMap:
        return BlockMap(f.dom, f.cod @ g.cod, f.blocks + g.blocks)

    def _copair(self, f: BlockMap, g: BlockMap, /) -> BlockMap:
        rows = tuple(row + more for row, more in zip(f.blocks, g.blocks, strict=True))
        return BlockMap(f.dom @ g.dom, f.cod, rows)

    def _add(self, f: BlockMap, g: BlockMap, /) -> BlockMap:
        return BlockMap(f.dom, f.cod, jax.tree.map(jnp.add, f.blocks, g.blocks))

    @door
    def swap(self, x: Ob, y: Ob, /) -> BlockMap:
        n, m = len(_parts(x)), len(_parts(y))
        return _ones(x @ y, y @ x, [*((i, n + i) for i in range(m)), *((m + i, i) for i in range(n))])

    @door
    def copy(self, x: Ob, /) -> BlockMap:
        n = len(_parts(x))
        return _ones(x, x @ x, [(i, i % n) for i in range(2 * n)])

    @door
    def merge(self, x: Ob, /) -> BlockMap:
        n = len(_parts(x))
        return _ones(x @ x, x, [(i % n, i) for i in range(2 * n)])

    @door
    def discard(self, x: Ob, /) -> BlockMap:
        return self.zero(x, unit)

    @door
    def create(self, x: Ob, /) -> BlockMap:
        return self.zero(unit, x)

    @door
    def zero(self, x: Ob, y: Ob, /) -> BlockMap:
        return _ones(x, y, [])

    @door
    def scale(self, x: Ob, by: Values, /) -> BlockMap:
        blocks = [list(row) for row in self.zero(x, x).blocks]
        for i, s in enumerate(jax.tree.leaves(by)):
            blocks[i][i] = jnp.diag(s.reshape(-1)).reshape(s.shape + s.shape)
        return BlockMap(x, x, tuple(map(tuple, blocks)))

    def lift(self, f: Any, /) -> BlockMap:
        """The matrix of a linear map, in blocks."""
        return _cut(f.dom, f.cod, f.matrix)

    def matrix(self, f: BlockMap, /) -> Any:
        """All coefficients: the blocks, flattened and laid side by side."""
        size = lambda parts: [math.prod(aval.shape) for aval in parts]
        rows, columns = size(_parts(f.cod)), size(_parts(f.dom))
        if not rows or not columns:
            return jnp.zeros((sum(rows), sum(columns)))
        flat = [
            [b.reshape(n, m) for b, m in zip(row, columns, strict=True)] for row, n in zip(f.blocks, rows, strict=True)
        ]
        return jnp.block(flat)

    def apply(self, f: BlockMap, xs: Values, /) -> Values:
        """The values of a matrix at a vector: the homomorphism ``lapply``."""
        parts = list(zip(jax.tree.leaves(xs), _parts(f.dom), strict=True))
        if not parts:
            return tuple(w.zeros() for w in f.cod.wires)
        dot = lambda row: _total(jnp.tensordot(b, x, axes=aval.ndim) for b, (x, aval) in zip(row, parts, strict=True))
        return jax.tree.unflatten(jax.tree.structure(f.cod.avals()), [dot(row) for row in f.blocks])

    def arrow(self, dom: Ob, cod: Ob, function: Callable[[Values], Values], /) -> BlockMap:
        """The matrix of an additive function on tuples of values, which is applied to each basis vector."""
        avals = _parts(_euclidean(dom))
        structure, sizes = jax.tree.structure(dom.avals()), [math.prod(aval.shape) for aval in avals]
        rows = jnp.eye(sum(sizes))
        starts = [sum(sizes[:j]) for j in range(len(sizes))]
        basis = [
            rows[:, s : s + n].reshape(-1, *a.shape).astype(a.dtype)
            for s, n, a in zip(starts, sizes, avals, strict=True)
        ]
        if not basis:
            return self.zero(dom, cod)
        columns = jax.tree.leaves(jax.vmap(function)(jax.tree.unflatten(structure, basis)))
        flat = [column.reshape(sum(sizes), -1).T for column in columns]
        return _cut(dom, cod, jnp.concatenate([jnp.zeros((0, sum(sizes))), *flat]))

    def _close(self, f: BlockMap, g: BlockMap, tol: float | None, /) -> bool:
        return distance(f.blocks, g.blocks) <= (default_tolerance() if tol is None else tol)


LMat = BlockCategory()


def _parts(x: Ob) -> list[Any]:
    """Shape and dtype of each array in a value of an object."""
    return jax.tree.leaves(x.avals())


def _ones(dom: Ob, cod: Ob, places: list[tuple[int, int]]) -> BlockMap:
    """Identities at the given blocks, zeros elsewhere."""
    ins, outs = _parts(_euclidean(dom)), _parts(_euclidean(cod))
    zero = lambda i, j: jnp.zeros(outs[i].shape + ins[j].shape, outs[i].dtype)
    one = lambda j: jnp.eye(math.prod(ins[j].shape), dtype=ins[j].dtype).reshape(ins[j].shape * 2)
    block = lambda i, j: one(j) if (i, j) in places else zero(i, j)
    return BlockMap(dom, cod, tuple(tuple(block(i, j) for j in range(len(ins))) for i in range(len(outs))))


def _cut(dom: Ob, cod: Ob, matrix: Any) -> BlockMap:
    """The blocks of a matrix with one row a coordinate of `cod` and one column a coordinate of `dom`."""
    blocks, i = [], 0
    for out in _parts(cod):
        row, j, n = [], 0, math.prod(out.shape)
        for into in _parts(dom):
            m = math.prod(into.shape)
            row.append(matrix[i : i + n, j : j + m].reshape(out.shape + into.shape))
            j += m
        blocks.append(tuple(row))
        i += n
    return BlockMap(dom, cod, tuple(blocks))


def _total(terms: Any) -> Any:
    return functools.reduce(jnp.add, terms)


def _euclidean(x: Ob) -> Ob:
    if not x.euclidean:
        raise NotAdditive(x, "have a matrix")
    return x
