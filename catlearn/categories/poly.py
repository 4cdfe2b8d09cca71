r"""Polynomial maps over a rig: derivatives without limits, and exactly.

Definition:
    An arrow ``X → Y`` of ``Poly(rig)`` is one formal polynomial for each coordinate of `Y`, in the coordinates of `X`.
    Composition is substitution, the tensor puts variables side by side, and the derivatives are formal,

    .. math:: D[p](x, v)_j = \sum_i \frac{\partial p_j}{\partial x_i}\, v_i, \qquad
        R[p](x, y)_i = \sum_j \frac{\partial p_j}{\partial x_i}\, y_j.

It is a reverse derivative category over any commutative rig; nothing is subtracted and no limit is taken. Arrows are
equal when their polynomials are, which is decided. They are functions too, of elements of the rig and of polynomials;
over a finite rig different polynomials may be one function.

Cost: a composite makes each product of the inner polynomials that an outer term asks for once. Sparse quadratic maps
of 20 variables compose in about a millisecond; dense polynomials grow as their numbers of terms do.

References:
    Cockett et al. (1910.07065), Example 14; Cruttwell et al. (2103.01931), Section 2, for the field with two elements.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import equinox as eqx

from ..objects import Ob, bare, unit
from ..objects.dim import Values, collect, coordinates, dimension
from ..objects.semiring import Exact
from ..theory import Arrow, ConcreteReverseDifferential, door
from ..theory.errors import NotAFunction, NotInRig, WrongCategory, WrongCodomain, WrongObject, WrongValue
from .polynomial import Polynomial, constant, evaluate, linear_combination, multilinear, substitute, variables


class PolyMap(Arrow):
    """A polynomial map ``dom → cod``: one polynomial a coordinate of `cod`, in the coordinates of `dom`.

    Call it on one argument a wire. The coordinates may be elements of the rig, or polynomials to substitute.
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    rig: Exact = eqx.field(static=True)
    polynomials: tuple[Polynomial, ...] = eqx.field(static=True)

    @property
    def category(self) -> "Poly":
        return Poly(self.rig)

    @door
    def __call__(self, *values: Any) -> Any:
        """The value at a point, one argument a wire.

        Raises:
            WrongValue: an argument has another number of coordinates than its wire.
            NotInRig: a coordinate is neither an element of the rig nor a polynomial over it.
        """
        rig = self.rig
        point = tuple(_entry(rig, c) for c in coordinates(self.dom, self.dom.elements(values)))
        return bare(self.category.apply(self, collect(self.dom, point)))


@dataclasses.dataclass(frozen=True)
class Poly(ConcreteReverseDifferential):
    """The category of polynomial maps over a commutative rig; see the module. Its objects are made of ``Dim(n)``.

    Raises:
        WrongCategory: the rig is not commutative, or its arithmetic is not exact.

    Example:
        >>> from catlearn.objects import Dim, Z
        >>> f = poly(Dim(2), Dim(1), lambda x: x[0] ** 3 + x[1] ** 2, Z)
        >>> print(*Poly(Z).R(f).polynomials, sep=",  ")
        3 x0^2 x2,  2 x1 x2
        >>> print(Poly(Z).R(f)((2, 1), 1))
        (12, 2)
    """

    rig: Exact

    def __post_init__(self):
        if not isinstance(self.rig, Exact) or not self.rig.commutative:
            raise WrongCategory(
                f"Poly(k) needs a commutative rig of exact elements, such as Z or GF(2), but got {self.rig}."
            )

    def __str__(self) -> str:
        return f"Poly({self.rig})"

    @property
    def unit(self) -> Ob:
        return unit

    @door
    def id(self, x: Ob, /) -> PolyMap:
        return PolyMap(x, x, self.rig, self._variables(x))

    def _then(self, f: PolyMap, g: PolyMap, /) -> PolyMap:
        return PolyMap(f.dom, g.cod, self.rig, substitute(g.polynomials, self.rig, f.polynomials))

    def _chain(self, arrows: tuple[PolyMap, ...], /) -> PolyMap:
        """From the end: what a projection at the end forgets is not substituted into."""
        return functools.reduce(lambda after, f: self._then(f, after), reversed(arrows))

    def _tensor(self, f: PolyMap, g: PolyMap, /) -> PolyMap:
        after = tuple(p.shift(dimension(f.dom)) for p in g.polynomials)
        return PolyMap(f.dom @ g.dom, f.cod @ g.cod, self.rig, f.polynomials + after)

    @door
    def swap(self, x: Ob, y: Ob, /) -> PolyMap:
        xs, n = self._variables(x @ y), dimension(x)
        return PolyMap(x @ y, y @ x, self.rig, xs[n:] + xs[:n])

    @door
    def copy(self, x: Ob, /) -> PolyMap:
        return PolyMap(x, x @ x, self.rig, 2 * self._variables(x))

    @door
    def discard(self, x: Ob, /) -> PolyMap:
        dimension(x)
        return PolyMap(x, unit, self.rig, ())

    @door
    def zero(self, x: Ob, y: Ob, /) -> PolyMap:
        dimension(x)
        return PolyMap(x, y, self.rig, (Polynomial(self.rig, {}),) * dimension(y))

    def _add(self, f: PolyMap, g: PolyMap, /) -> PolyMap:
        sums = tuple(p + q for p, q in zip(f.polynomials, g.polynomials, strict=True))
        return PolyMap(f.dom, f.cod, self.rig, sums)

    def tangent(self, x: Ob, /) -> Ob:
        return x

    @door
    def D(self, f: Any, /) -> PolyMap:
        """The forward derivative ``A ⊗ A → B``: the sum of the partial derivatives times the directions."""
        self._own(f)
        n = dimension(f.dom)
        v = variables(self.rig, 2 * n)[n:]
        along = lambda p: linear_combination(self.rig, ((p.derivative(i), v[i]) for i in range(n)))
        return PolyMap(f.dom @ f.dom, f.cod, self.rig, tuple(map(along, f.polynomials)))

    @door
    def R(self, f: Any, /) -> PolyMap:
        """The reverse derivative ``A ⊗ B → A``: the sum of the partial derivatives times the covectors."""
        self._own(f)
        n = dimension(f.dom)
        w = variables(self.rig, n + dimension(f.cod))[n:]
        back = lambda i: linear_combination(
            self.rig, ((p.derivative(i), wj) for p, wj in zip(f.polynomials, w, strict=True))
        )
        return PolyMap(f.dom @ f.cod, f.dom, self.rig, tuple(map(back, range(n))))

    def apply(self, f: PolyMap, xs: Values, /) -> Values:
        """The values of the polynomials; a coordinate that is a polynomial is substituted. What is constant is an element."""
        point = coordinates(f.dom, xs)
        if any(isinstance(c, Polynomial) for c in point):
            lifted = [c if isinstance(c, Polynomial) else constant(self.rig, c) for c in point]
            return collect(f.cod, tuple(p.value for p in substitute(f.polynomials, self.rig, lifted)))
        return collect(f.cod, evaluate(f.polynomials, self.rig, point))

    def arrow(self, dom: Ob, cod: Ob, function: Callable[[Values], Values], /) -> PolyMap:
        """The polynomial map that a function on tuples of values is: its values at the variables themselves."""
        return PolyMap(dom, cod, self.rig, tuple(self._lift(c) for c in coordinates(cod, function(self.generic(dom)))))

    @door
    def point(self, x: Ob, /, *values: Any) -> PolyMap:
        """The arrow ``unit → x`` with these values.

        Example:
            >>> from catlearn.objects import Dim, Z
            >>> print(Poly(Z).point(Dim(2), (3, 4)).polynomials)
            (3, 4)
        """
        entries = tuple(self._lift(_entry(self.rig, c)) for c in coordinates(x, x.elements(values)))
        return PolyMap(unit, x, self.rig, entries)

    def generic(self, x: Ob, /) -> Values:
        """The generic values of an object: its variables, one a coordinate."""
        return collect(x, self._variables(x))

    @door
    def multilinear(self, f: Any, /) -> PolyMap:
        """The arrow with every power lowered to one: the same function, where ``x x = x`` in the rig.

        Raises:
            NotInRig: the rig has elements with ``x x`` other than ``x``.

        Example:
            >>> from catlearn.objects import Dim, Z2
            >>> square = poly(Dim(1), Dim(1), lambda x: x**2, Z2)
            >>> print(*Poly(Z2).R(square).polynomials, *Poly(Z2).R(Poly(Z2).multilinear(square)).polynomials)
            0 x1
        """
        self._own(f)
        return PolyMap(f.dom, f.cod, self.rig, tuple(map(multilinear, f.polynomials)))

    def _variables(self, x: Ob) -> tuple[Polynomial, ...]:
        return variables(self.rig, dimension(x))

    def _lift(self, c: Any) -> Polynomial:
        return c if isinstance(c, Polynomial) else constant(self.rig, self.rig.element(c))

    def _close(self, f: PolyMap, g: PolyMap, tol: float | None, /) -> bool:
        return f.polynomials == g.polynomials


@door
def poly(dom: Ob, cod: Ob, f: Callable[..., Any] | Sequence[Any], rig: Exact) -> PolyMap:
    """The polynomial map ``dom → cod`` over a rig, given by a function or by its polynomials.

    Args:
        dom: the domain, made of ``Dim(n)``.
        cod: the codomain, made of ``Dim(n)``.
        f: a function of one argument a wire that adds and multiplies; it is run once, on the variables. Or the
            polynomials, one a coordinate of `cod`, in the variables ``x0, x1, ...``; elements of the rig are constants.
        rig: where the coefficients are.

    Raises:
        NotAFunction: the function cannot be called on one argument a wire of `dom`.
        WrongCodomain: it returns something else than a value of `cod`, or there is not one polynomial a coordinate.
        NotInRig: a coefficient is not in the rig.
        NoNegatives: the function subtracts over a rig without negatives.
        WrongObject: a polynomial has a variable that is no coordinate of `dom`, or an end is not made of ``Dim(n)``.

    Example:
        >>> from catlearn.objects import Dim, N
        >>> f = poly(Dim(1) @ Dim(1), Dim(2), lambda x, y: (x**3 + 2 * x * y, y), N)
        >>> print(f, f.polynomials, f(2, 1))
        PolyMap : Dim(1) @ Dim(1) -> Dim(2) (x0^3 + 2 x0 x1, x1) (12, 1)
    """
    C, given = Poly(rig), f
    n, m = dimension(dom), dimension(cod)
    if callable(f):
        if not _takes(f, len(dom)):
            raise NotAFunction(f, dom, "", "it does not take one argument a wire")
        out = f(*C.generic(dom))
        values = out if len(cod) != 1 else (out,)
        try:
            given = coordinates(cod, cod.elements(tuple(values)))
        except (TypeError, WrongValue):
            raise WrongCodomain(f, dom, cod, out) from None
    if not isinstance(given, Iterable) or len(row := tuple(_entry(rig, c) for c in given)) != m:
        raise WrongCodomain(f, dom, cod, given)
    polynomials = tuple(C._lift(c) for c in row)
    width = max((p.width for p in polynomials), default=0)
    if width > n:
        raise WrongObject(f"{dom} has {n} coordinates, x0 to x{n - 1}, but a polynomial has the variable x{width - 1}.")
    return PolyMap(dom, cod, rig, polynomials)


def _takes(f: Callable[..., Any], n: int) -> bool:
    """Whether a function can be called on `n` arguments, as far as it says."""
    import inspect

    try:
        inspect.signature(f).bind(*range(n))
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def _entry(rig: Exact, c: Any) -> Any:
    """A coordinate that a user gave: an element of the rig, or a polynomial over it."""
    if not isinstance(c, Polynomial):
        return rig.element(c)
    if c.rig != rig:
        raise NotInRig(rig, c, f"polynomials over {rig}", f"This one is over {c.rig}.")
    return c
