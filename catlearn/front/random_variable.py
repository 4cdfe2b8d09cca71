r"""Random variables of a Gaussian program: affine functions of what was drawn.

Definition:
    Let ``w`` be all that was drawn so far, in a row. A *random variable* of some shape is ``x = m + A w``: an array of means, and one coefficient
    for each entry and each draw. It may be added, scaled, indexed, stacked, and multiplied by constant matrices; each of these is affine, and what
    else one may do to a number is refused.

Numbers that are known when a program is traced stay numbers; those that depend on data are traced.

References:
    Stein's GaussianInfer evaluates functions on symbolic affine terms in the same way.
"""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..objects.semiring import namespace
from ..theory.errors import NotAffine

NUMBERS = (int, float, np.ndarray, np.generic, jax.Array)


class RandomVariable:
    """``x = mean + coefficients w``; made by the statements of a program.

    Attributes:
        trace: the run of a program that it belongs to.
        mean: an array.
        coefficients: the shape of the mean, and one more axis: the draws so far.
    """

    __slots__ = ("coefficients", "mean", "trace")
    __array_ufunc__ = None

    def __init__(self, trace: Any, mean: Any, coefficients: Any):
        self.trace, self.mean, self.coefficients = trace, mean, coefficients

    def __repr__(self) -> str:
        return f"RandomVariable{list(self.shape)}"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its values."""
        return tuple(self.mean.shape)

    @property
    def ndim(self) -> int:
        """The number of axes of its values."""
        return len(self.shape)

    def _linear(self, f: Callable[[Any], Any]) -> "RandomVariable":
        """A linear function of the values, which must leave a further last axis alone."""
        bare = f(self.mean[..., None])[..., 0]
        return RandomVariable(self.trace, bare, f(self.coefficients))

    def _padded(self, draws: int) -> Any:
        more = draws - self.coefficients.shape[-1]
        a = self.coefficients
        return namespace(a).pad(a, ((0, 0),) * self.ndim + ((0, more),)) if more else a

    def __add__(self, other: Any) -> "RandomVariable":
        if isinstance(other, RandomVariable):
            self.trace.same(other)
            draws = max(self.coefficients.shape[-1], other.coefficients.shape[-1])
            total = _plus(self._padded(draws), other._padded(draws))
            return RandomVariable(self.trace, _plus(self.mean, other.mean), total)
        if not isinstance(other, NUMBERS):
            return NotImplemented
        mean = _plus(self.mean, array_of(other))
        shape = (*mean.shape, self.coefficients.shape[-1])
        return RandomVariable(self.trace, mean, _spread(self.coefficients, shape, self.ndim))

    __radd__ = __add__

    def __neg__(self) -> "RandomVariable":
        return RandomVariable(self.trace, -self.mean, -self.coefficients)

    def __sub__(self, other: Any) -> "RandomVariable":
        if isinstance(other, RandomVariable):
            return self + -other
        return self + -array_of(other) if isinstance(other, NUMBERS) else NotImplemented

    def __rsub__(self, other: Any) -> "RandomVariable":
        return -self + other

    def __mul__(self, other: Any) -> "RandomVariable":
        if isinstance(other, RandomVariable):
            raise NotAffine("multiply two random variables")
        if not isinstance(other, NUMBERS):
            return NotImplemented
        by, was = _aligned(array_of(other), self.mean)
        mean = was * by
        shape = (*mean.shape, self.coefficients.shape[-1])
        return RandomVariable(self.trace, mean, _spread(self.coefficients, shape, self.ndim) * by[..., None])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "RandomVariable":
        if isinstance(other, RandomVariable):
            raise NotAffine("divide by a random variable")
        return self * (1 / array_of(other)) if isinstance(other, NUMBERS) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        raise NotAffine("divide by a random variable")

    def __matmul__(self, other: Any) -> "RandomVariable":
        if isinstance(other, RandomVariable):
            raise NotAffine("multiply two random variables")
        return self.T.__rmatmul__(array_of(other).T).T if self.ndim == 2 else self.__rmatmul__(array_of(other).T)

    def __rmatmul__(self, other: Any) -> "RandomVariable":
        by = array_of(other)
        return self._linear(lambda a: namespace(a, by).tensordot(by, a, axes=(by.ndim - 1, 0)))

    def __getitem__(self, part: Any) -> "RandomVariable":
        part = part if isinstance(part, tuple) else (part,)
        rest = () if any(p is Ellipsis for p in part) else (Ellipsis,)
        return self._linear(lambda a: namespace(a, *part).asarray(a)[(*part, *rest, slice(None))])

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{self!r} is a number and has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator["RandomVariable"]:
        return (self[i] for i in range(len(self)))

    @property
    def T(self) -> "RandomVariable":
        """The axes, turned around."""
        n = self.ndim
        return self._linear(lambda a: a.transpose(*range(n)[::-1], n))

    def reshape(self, *shape: int) -> "RandomVariable":
        """The same values in another shape."""
        return self._linear(lambda a: a.reshape(*shape, a.shape[-1]))

    def sum(self) -> "RandomVariable":
        """The sum of all entries."""
        n = self.ndim
        return self._linear(lambda a: a.sum(axis=tuple(range(n))))

    def __pow__(self, other: Any) -> Any:
        raise NotAffine("raise a random variable to a power")

    __rpow__ = __pow__

    def __abs__(self) -> Any:
        raise NotAffine("take the absolute value of a random variable")

    def __bool__(self) -> bool:
        raise NotAffine("branch on a random variable")

    def __float__(self) -> float:
        raise NotAffine("take a random variable for a known number")

    __int__ = __index__ = __float__  # pyright: ignore[reportAssignmentType]

    def _ordered(self, other: Any) -> Any:
        raise NotAffine("compare random variables, but by condition(x, y),")

    __lt__ = __le__ = __gt__ = __ge__ = _ordered


def array_of(value: Any) -> Any:
    """A known value, in numpy while it is not of JAX."""
    return value if isinstance(value, jax.Array) else np.asarray(value, float)


def _spread(coefficients: Any, shape: tuple[int, ...], ndim: int) -> Any:
    """Coefficients of an array that is broadcast to the given shape, the axis of draws included."""
    a = coefficients.reshape((1,) * (len(shape) - 1 - ndim) + tuple(coefficients.shape))
    return namespace(a).broadcast_to(a, shape)


def _aligned(a: Any, b: Any) -> tuple[Any, Any]:
    """Two arrays with the same number of axes: those that are missing come first, of size one."""
    n = max(a.ndim, b.ndim)
    first, second = (x.reshape((1,) * (n - x.ndim) + tuple(x.shape)) for x in (a, b))
    return first, second


def _plus(a: Any, b: Any) -> Any:
    """``a + b``, where what cancels up to rounding is zero: so 0.1 x + 0.2 x - 0.3 x does not depend on x."""
    a, b = _aligned(a, b)
    xp = namespace(a, b)
    total = a + b
    size = xp.maximum(abs(a), abs(b))
    rounding = xp.where(abs(total) <= 16 * float(jnp.finfo(jnp.result_type(float)).eps) * size, total, 0)
    return total - (jax.lax.stop_gradient(rounding) if xp is jnp else rounding)


def stack(variables: Any) -> RandomVariable:
    """Random variables or numbers of one shape, stacked along a new first axis.

    Raises:
        NotAffine: none of them is random: use `jax.numpy.stack`.
    """
    variables = list(variables)
    random = next((v for v in variables if isinstance(v, RandomVariable)), None)
    if random is None:
        raise NotAffine("stack what is not random (use jax.numpy.stack for numbers)")
    lifted = [random.trace.variable(v) for v in variables]
    draws = max(v.coefficients.shape[-1] for v in lifted)
    means, coefficients = [v.mean for v in lifted], [v._padded(draws) for v in lifted]
    return RandomVariable(random.trace, namespace(*means).stack(means), namespace(*coefficients).stack(coefficients))
