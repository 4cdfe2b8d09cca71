r"""Linear maps between Euclidean spaces, dense or matrix-free.

Definition:
    An arrow ``f : X → Y`` of `Linear` is a linear map between the values of `X` and `Y`. The tensor is the direct sum,
    which is product and coproduct at once, and the dagger is the transpose,

    .. math:: \langle f(x), y \rangle = \langle x, f^{\dagger}(y) \rangle, \qquad
        \mathrm{merge} = \mathrm{copy}^{\dagger}, \quad \mathrm{inject}_i = \mathrm{project}_i^{\dagger}.

A map is kept as a flat path of *parts*, each of which knows how to run and what its transpose is: a matrix is
contracted along its other axis, a function is transposed by `jax.linear_transpose`. Transposing a composite reverses the
path. No matrix is formed unless one asks for `matrix`.

References:
    Cockett et al. (1910.07065), Example 19; Elliott (1804.00746), on matrices and duality.
"""

import abc
import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..objects import Ob, R, bare, is_concrete, unit
from ..objects.compare import default_tolerance, distance, largest_difference, sample
from ..objects.function import as_leaves, codomain
from ..objects.wires import Euclidean, Tree, Wire
from ..theory import Arrow, ConcreteReverseDifferential, DaggerBiproduct, Data, LinearArrows, door
from ..theory.errors import NotAdditive, NotLinear, WrongShape, WrongValue
from .path import Function, Values, run


class LinearMap(Arrow):
    """A linear map ``dom → cod``: a flat path of parts, each a linear function on tuples of values.

    Call it on one argument a wire; the arguments are checked.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    path: "Path"

    @property
    def category(self) -> "LinearCategory":
        return Linear

    @door
    def __call__(self, *values: Any) -> Any:
        """The value at a point, one argument a wire.

        Raises:
            WrongValue: an argument is not an element of its wire.
        """
        return bare(run(self.path, self.dom.elements(values)))

    @property
    def dagger(self) -> "LinearMap":
        """The transpose ``cod → dom``."""
        return Linear.dagger(self)

    @property
    def matrix(self) -> Any:
        """The dense matrix, one row a coordinate of the codomain, one column a coordinate of the domain.

        A single dense part gives its own matrix; a composite is applied to each basis vector.
        """
        match self.path:
            case (Dense(matrix=matrix, forward=forward),):
                return matrix if forward else matrix.T
        columns = jax.vmap(lambda e: _flatten(run(self.path, _unflatten(e, self.dom))))
        return columns(jnp.eye(dimension(self.dom))).T


class Part(Data):
    """One step of a linear map: it runs, and it has a transpose."""

    @abc.abstractmethod
    def __call__(self, xs: Values) -> Values:
        """The values it gives."""

    @property
    @abc.abstractmethod
    def dagger(self) -> "Part":
        """Its transpose."""


Path = tuple[Part, ...]


def transpose(path: Path) -> Path:
    """The transpose of a path: backwards, each part transposed."""
    return tuple(part.dagger for part in reversed(path))


class Dense(Part):
    """``x ↦ M x`` on flattened values, or ``y ↦ Mᵀ y``; the matrix is stored once and never transposed in memory."""

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    matrix: Any
    forward: bool = eqx.field(static=True, default=True)

    def __call__(self, xs: Values) -> Values:
        x = _flatten(xs, self.matrix.dtype)
        return _unflatten(jnp.dot(self.matrix, x) if self.forward else jnp.dot(x, self.matrix), self.cod)

    @property
    def dagger(self) -> Part:
        return Dense(self.cod, self.dom, self.matrix, not self.forward)


class MatrixFree(Part):
    """A linear function on tuples of values, ``start → end``, or its transpose ``end → start``."""

    start: Ob = eqx.field(static=True)
    end: Ob = eqx.field(static=True)
    function: Callable[[Values], Values]
    forward: bool = eqx.field(static=True, default=True)

    def __call__(self, xs: Values) -> Values:
        if self.forward:
            return self.function(xs)
        # A wire without a dtype takes any float; the function is transposed at the default one.
        xs = jax.tree.map(lambda x, aval: x.astype(aval.dtype), xs, jax.eval_shape(self.function, self.start.avals()))
        return jax.linear_transpose(lambda xs: self.function(xs), self.start.avals())(xs)[0]

    @property
    def dagger(self) -> Part:
        return MatrixFree(self.start, self.end, self.function, not self.forward)


class Turn(Part):
    """Move the first `n` values behind the `m` others."""

    n: int = eqx.field(static=True)
    m: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return xs[self.n :] + xs[: self.n]

    @property
    def dagger(self) -> Part:
        return Turn(self.m, self.n)


class Double(Part):
    """All values, twice."""

    def __call__(self, xs: Values) -> Values:
        return xs + xs

    @property
    def dagger(self) -> Part:
        return Merge()


class Merge(Part):
    """The sum of the first half of the values and the second."""

    def __call__(self, xs: Values) -> Values:
        half = len(xs) // 2
        return jax.tree.map(jnp.add, xs[:half], xs[half:])

    @property
    def dagger(self) -> Part:
        return Double()


class Nought(Part):
    """The zero map: whatever comes in, the zero of `cod` comes out. Into and out of `unit`, discarding and creation."""

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return tuple(w.zeros() for w in self.cod.wires)

    @property
    def dagger(self) -> Part:
        return Nought(self.cod, self.dom)


class Sum(Part):
    """The sum of two paths on the same values."""

    f: Path
    g: Path

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(jnp.add, run(self.f, xs), run(self.g, xs))

    @property
    def dagger(self) -> Part:
        return Sum(transpose(self.f), transpose(self.g))


class Scale(Part):
    """Each coordinate, multiplied by one of its own."""

    by: Values

    def __call__(self, xs: Values) -> Values:
        return jax.tree.map(lambda x, s: (x * s).astype(x.dtype), xs, self.by)

    @property
    def dagger(self) -> Part:
        return self


class Strand(Data):
    """A path that takes `n` values and gives `m`."""

    n: int = eqx.field(static=True)
    m: int = eqx.field(static=True)
    path: Path


class DirectSum(Part):
    """Paths side by side, kept flat."""

    strands: tuple[Strand, ...]

    def __call__(self, xs: Values) -> Values:
        ys, i = (), 0
        for strand in self.strands:
            ys += run(strand.path, xs[i : i + strand.n])
            i += strand.n
        return ys

    @property
    def dagger(self) -> Part:
        return DirectSum(tuple(Strand(s.m, s.n, transpose(s.path)) for s in self.strands))


class Loop(Part):
    """A path from an object to itself, run `n` times as one loop."""

    path: Path
    n: int = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return jax.lax.scan(lambda x, _: (run(self.path, x), None), xs, length=self.n)[0]

    @property
    def dagger(self) -> Part:
        return Loop(transpose(self.path), self.n)


class Opaque(Part):
    """A path as one part: what a test uses to keep flattening from making a law vacuous."""

    path: Path

    def __call__(self, xs: Values) -> Values:
        return run(self.path, xs)

    @property
    def dagger(self) -> Part:
        return Opaque(transpose(self.path))


@dataclasses.dataclass(frozen=True)
class LinearCategory(DaggerBiproduct, LinearArrows, ConcreteReverseDifferential):
    """Euclidean spaces and linear maps; see the module.

    Operations on objects raise `NotAdditive` at an object with a discrete wire.

    Example:
        >>> f = linear(R(2), R(3), [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        >>> print(f.dagger, f.dagger([1.0, 2.0, 3.0]))
        LinearMap : R(3) -> R(2) [4. 5.]
        >>> print((f + f >> Linear.dagger(f)).matrix)
        [[4. 2.]
         [2. 4.]]
    """

    def __str__(self) -> str:
        return "Linear"

    @property
    def unit(self) -> Ob:
        return unit

    @door
    def id(self, x: Ob, /) -> LinearMap:
        return LinearMap(_euclidean(x), x, ())

    def _then(self, f: LinearMap, g: LinearMap, /) -> LinearMap:
        return self._chain((f, g))

    def _chain(self, arrows: tuple[LinearMap, ...], /) -> LinearMap:
        return LinearMap(arrows[0].dom, arrows[-1].cod, tuple(part for f in arrows for part in f.path))

    def _power(self, f: LinearMap, n: int, /) -> LinearMap:
        return LinearMap(f.dom, f.cod, (Loop(f.path, n),) if n else ())

    def _tensor(self, f: LinearMap, g: LinearMap, /) -> LinearMap:
        path = (DirectSum(_strands(f) + _strands(g)),) if f.path or g.path else ()
        return LinearMap(f.dom @ g.dom, f.cod @ g.cod, path)

    @door
    def swap(self, x: Ob, y: Ob, /) -> LinearMap:
        return LinearMap(_euclidean(x @ y), y @ x, (Turn(len(x), len(y)),))

    @door
    def copy(self, x: Ob, /) -> LinearMap:
        return LinearMap(_euclidean(x), x @ x, (Double(),))

    @door
    def discard(self, x: Ob, /) -> LinearMap:
        return LinearMap(_euclidean(x), unit, (Nought(x, unit),))

    @door
    def zero(self, x: Ob, y: Ob, /) -> LinearMap:
        return LinearMap(_euclidean(x), _euclidean(y), (Nought(x, y),))

    def _add(self, f: LinearMap, g: LinearMap, /) -> LinearMap:
        return LinearMap(f.dom, f.cod, (Sum(f.path, g.path),))

    @property
    def turned(self) -> bool:
        return False

    @door
    def scale(self, x: Ob, by: Values, /) -> LinearMap:
        return LinearMap(_euclidean(x), x, (Scale(tuple(by)),))

    def lift(self, f: LinearMap, /) -> LinearMap:
        """A linear map, as it is."""
        return f

    def matrix(self, f: LinearMap, /) -> Any:
        return f.matrix

    @door
    def dagger(self, f: Any, /) -> LinearMap:
        self._own(f)
        return LinearMap(f.cod, f.dom, transpose(f.path))

    def apply(self, f: LinearMap, xs: Values, /) -> Values:
        return run(f.path, xs)

    def arrow(self, dom: Ob, cod: Ob, function: Callable[[Values], Values], /) -> LinearMap:
        """The linear map that a linear function on tuples of values is; a callable pytree keeps its leaves."""
        return LinearMap(dom, cod, (MatrixFree(dom, cod, as_leaves(function)),))

    def pull(
        self, f: LinearMap, xs: Values, moves: tuple[bool, ...] | None = None, /
    ) -> tuple[Values, Callable[[Values], Values]]:
        """The values of `f`, and its transpose, to all wires or to those that `moves` marks."""
        back = transpose(f.path)
        marks = (True,) * len(f.dom) if moves is None else moves
        return run(f.path, xs), lambda dys: tuple(dx for dx, m in zip(run(back, dys), marks, strict=True) if m)

    def seal(self, f: LinearMap, /) -> LinearMap:
        """The same map as one opaque part."""
        return LinearMap(f.dom, f.cod, (Opaque(f.path),))

    def _close(self, f: LinearMap, g: LinearMap, tol: float | None, /) -> bool:
        return self.difference(f, g) <= (default_tolerance() if tol is None else tol)

    def difference(self, f: LinearMap, g: LinearMap, /, *, samples: int = 3, seed: int = 0) -> float:
        """The largest difference of two parallel maps on random points, relative to the size of their values."""
        at = lambda h: lambda xs: run(h.path, xs)
        return largest_difference(at(f), at(g), f.dom, samples=samples, seed=seed)


Linear = LinearCategory()


@door
def linear(dom: Ob, cod: Ob, f: Any, /) -> LinearMap:
    """The linear map with the given matrix, or that a JAX-traceable linear function is.

    Args:
        dom: the domain, Euclidean wires alone.
        cod: the codomain, Euclidean wires alone.
        f: a matrix with one row a coordinate of `cod` and one column a coordinate of `dom` (several wires are
            flattened and laid end to end), or a function of one argument a wire, held as `smooth` holds it.

    Raises:
        NotAdditive: an end has a discrete wire.
        WrongShape: the matrix does not fit the ends.
        WrongValue: the matrix is not one of floats.
        NotLinear: the function cannot be transposed, or it moves the origin, or is not additive. Values are
            looked at outside a trace only, and no more closely than bfloat16 can resolve.
        WrongCodomain: the function returns something else than `cod`.
        ClosesOverArrays: the function hides arrays in its closure.

    Example:
        >>> total = linear(R(3), R(), jnp.sum)
        >>> print(total, total.matrix, total.dagger(2.0))
        LinearMap : R(3) -> R() [[1. 1. 1.]] [2. 2. 2.]
    """
    _euclidean(dom @ cod)
    if not callable(f):
        return LinearMap(dom, cod, (Dense(dom, cod, _matrix(dom, cod, f)),))
    function = as_leaves(f)
    codomain(function, dom, cod)
    part = MatrixFree(dom, cod, Function(function, len(cod)))
    with jax.ensure_compile_time_eval():
        why = _flaw(part) if is_concrete(function) else _structural_flaw(part)
    if why:
        raise NotLinear(f, why)
    return LinearMap(dom, cod, (part,))


def _matrix(dom: Ob, cod: Ob, matrix: Any) -> Any:
    shape = (dimension(cod), dimension(dom))
    if not hasattr(matrix, "shape"):
        try:
            matrix = jnp.asarray(matrix, jnp.result_type(float))
        except (TypeError, ValueError) as error:
            raise WrongValue(R(*shape), "the matrix", "rows of numbers", repr(matrix), str(error)) from None
    if matrix.shape != shape:
        cure = "The rows are coordinates of the codomain: transpose the matrix." if matrix.shape == shape[::-1] else ""
        raise WrongShape("the matrix", shape, tuple(matrix.shape), dom, cod, cure)
    return R(*shape).elements((matrix,))[0]


def _structural_flaw(part: MatrixFree) -> str:
    """Why JAX cannot transpose the function, or nothing."""
    try:
        jax.eval_shape(part.dagger, part.end.avals())
    except Exception as error:
        return f"JAX cannot transpose it ({type(error).__name__}: {str(error).splitlines()[0]})"
    return ""


def _flaw(part: MatrixFree) -> str:
    """Why the function is not linear, as far as its structure and a few values show, or nothing."""
    nothing, coarsest = tuple(w.zeros() for w in part.start.wires), 2.0**-5
    if why := _structural_flaw(part):
        return why
    if distance(part(nothing), jax.tree.map(jnp.zeros_like, part(nothing))):
        return "it does not map zero to zero"
    x, y = (sample(part.start, jax.random.key(i)) for i in (0, 1))
    sums = part(jax.tree.map(jnp.add, x, y)), jax.tree.map(jnp.add, part(x), part(y))
    return "" if distance(*sums) <= coarsest else "f(x + y) is not f(x) + f(y)"


def _euclidean(x: Ob) -> Ob:
    if not x.euclidean:
        raise NotAdditive(x, "have a linear map")
    return x


def dimension(x: Ob) -> int:
    """The number of coordinates of a value of an object.

    Example:
        >>> dimension(R(2, 3) @ R())
        7
    """
    return sum(math.prod(part.aval().shape) for part in _parts(x))


def _parts(x: Ob) -> Iterator[Wire]:
    for wire in x.wires:
        yield from wire.leaves if isinstance(wire, Tree) else (wire,)


def _flatten(xs: Values, dtype: Any = None) -> Any:
    """All coordinates of some values in one vector."""
    parts = [x.reshape(-1) if dtype is None else x.reshape(-1).astype(dtype) for x in jax.tree.leaves(xs)]
    return parts[0] if len(parts) == 1 else jnp.concatenate(parts or [jnp.zeros(0, dtype)])


def _unflatten(vector: Any, x: Ob) -> Values:
    """The values of an object with the given coordinates: the inverse of `_flatten`."""
    leaves, i = [], 0
    for part in _parts(x):
        aval = part.aval()
        piece = vector[i : i + math.prod(aval.shape)].reshape(aval.shape)
        leaves.append(piece.astype(aval.dtype) if isinstance(part, Euclidean) and part.dtype else piece)
        i += math.prod(aval.shape)
    return jax.tree.unflatten(jax.tree.structure(x.avals()), leaves)


def _strands(f: LinearMap) -> tuple[Strand, ...]:
    match f.path:
        case (DirectSum(strands=strands),):
            return strands
        case path:
            return (Strand(len(f.dom), len(f.cod), path),)
