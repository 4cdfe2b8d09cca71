r"""Effects: functions of a value to a real number, that can be averaged over a kernel.

Definition:
    An *effect* on `Y` is a real function ``L(y)``. Effects are added, and pulled back along a kernel ``k : X → Y`` to what is expected,

    .. math:: (k \ll L)(x) = \mathbb{E}_{y \sim k(x)} L(y),

    so that ``(k ; l) << L = k << (l << L)``. The *surprise* of a kernel is the effect ``-log k(y | x)`` on ``X ⊗ Y``; its *entropy* is
    ``S[k(x)]``, on `X`.

An effect on finite sets is an array. On Euclidean wires those that occur for affine Gaussian maps are quadratic functions, which the
Gaussian expectation keeps; so everything here is in closed form.

A Gaussian kernel with a singular covariance has no density. Its surprise and entropy are those with respect to the Lebesgue measure of
the directions in which it does vary, and say nothing of the others: differences of two such numbers mean something where both kernels
vary in the same directions.

References:
    Smithe (2212.12538), Section 5.3: losses are effects valued in a commutative monoid.
"""

import abc
import dataclasses
import functools
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories.finstoch import Kernel
from ..categories.gauss import GaussianMap
from ..categories.tables import shape
from ..kernels import log_volume, norms, pseudo_inverse, rows_of
from ..objects import Log, Ob
from ..objects.euclidean import flatten, width
from ..theory import Data, door
from ..theory.errors import NotParallel, WrongCategory


class Effect(Data):
    """A real function of a value of `ob`. Call it on one value a wire."""

    ob: eqx.AbstractVar[Ob]

    @abc.abstractmethod
    def __call__(self, *values: Any) -> Any:
        """The number at a value, one argument a wire."""

    @abc.abstractmethod
    def _plus(self, other: Any, sign: float) -> Any:
        """The sum with a multiple of a parallel effect."""

    @abc.abstractmethod
    def expected(self, k: Any) -> Any:
        """The effect ``E_{y ~ k(x)} L(y)`` on the domain of a kernel ``k : X → Y`` into `ob`."""

    @abc.abstractmethod
    def within(self, x: Ob, start: int) -> Any:
        """The same number as an effect on `x`, of which `ob` is some wires that begin at `start`."""

    def plus(self, other: Any) -> Any:
        """The sum of two effects."""
        return self._plus(self._parallel(other, "add"), 1.0)

    def minus(self, other: Any) -> Any:
        """The difference of two effects."""
        return self._plus(self._parallel(other, "subtract"), -1.0)

    def _parallel(self, other: Any, doing: str) -> Any:
        if not isinstance(other, Effect) or self.ob != other.ob:
            raise NotParallel(_ends(self), _ends(other), "effects", doing)
        return other


@dataclasses.dataclass(frozen=True)
class _Ends:
    """An effect as an arrow to numbers, for messages."""

    dom: Any
    cod: str = "numbers"


def _ends(effect: Any) -> _Ends:
    return _Ends(getattr(effect, "ob", effect))


class Weights(Effect):
    """An effect on finite sets: a number for each element.

    Shapes:
        values: the sizes of the wires of `ob`.
    """

    ob: Ob = eqx.field(static=True)
    values: Any

    @door
    def __call__(self, *values: Any) -> Any:
        return self.values[self.ob.elements(values)]

    def _plus(self, other: "Weights", sign: float) -> "Weights":
        return Weights(self.ob, self.values + sign * other.values)

    def expected(self, k: Kernel) -> "Weights":
        p = _probabilities(k).reshape(k.matrix.shape)
        # What does not happen does not count, be it infinite.
        each = jnp.where(p == 0, 0.0, p * self.values.reshape(1, -1))
        return Weights(k.dom, each.sum(axis=1).reshape(shape(k.dom)))

    def within(self, x: Ob, start: int) -> "Weights":
        sizes, stop = shape(x), start + len(self.ob)
        placed = tuple(n if start <= i < stop else 1 for i, n in enumerate(sizes))
        return Weights(x, jnp.broadcast_to(self.values.reshape(placed), sizes))


class Quadratic(Effect):
    """The effect ``½ xᵀ A x + bᵀ x + c`` on Euclidean wires, in the coordinates of all of them.

    Shapes:
        matrix: (n, n), symmetric; vector: (n,); constant: ().
    """

    ob: Ob = eqx.field(static=True)
    matrix: Any
    vector: Any
    constant: Any

    @door
    def __call__(self, *values: Any) -> Any:
        x = flatten(self.ob, self.ob.elements(values))
        return 0.5 * x @ self.matrix @ x + self.vector @ x + self.constant

    def _plus(self, other: "Quadratic", sign: float) -> "Quadratic":
        pairs = ((self.matrix, other.matrix), (self.vector, other.vector), (self.constant, other.constant))
        return Quadratic(self.ob, *(a + sign * b for a, b in pairs))

    def along(self, k: GaussianMap) -> "Quadratic":
        """The effect at the mean of a kernel: ``L(Mx + s)``."""
        return Quadratic(k.dom, *_along(self.matrix, self.vector, self.constant, k.matrix, k.mean))

    def expected(self, k: GaussianMap) -> "Quadratic":
        at = self.along(k)
        return Quadratic(k.dom, at.matrix, at.vector, at.constant + _spread(self.matrix, k.factor))

    def within(self, x: Ob, start: int) -> "Quadratic":
        before, total = width(x[:start]), width(x)
        after = total - before - len(self.vector)
        return Quadratic(x, jnp.pad(self.matrix, (before, after)), jnp.pad(self.vector, (before, after)), self.constant)


@jax.jit
def _along(a: Any, b: Any, c: Any, matrix: Any, mean: Any) -> tuple[Any, Any, Any]:
    turned = a @ mean
    return matrix.T @ a @ matrix, matrix.T @ (turned + b), 0.5 * mean @ turned + b @ mean + c


@jax.jit
def _spread(a: Any, factor: Any) -> Any:
    """``½ tr(A C)``."""
    return 0.5 * jnp.sum(factor * (a @ factor))


def _probabilities(k: Kernel) -> Any:
    return jnp.exp(k.table) if k.category.entries == Log else k.table


@functools.singledispatch
def surprise(k: Any) -> Any:
    """The effect ``-log k(y | x)`` on ``X ⊗ Y``.

    Raises:
        WrongCategory: kernels of that category have no density here.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> print(surprise(kernel(unit, Fin(2), [0.0, 1.0])).values)
        [inf  0.]
    """
    raise WrongCategory(f"{k!r} has no surprise and no entropy: these are known for kernels of FinStoch and of Gauss.")


@surprise.register
def _(k: Kernel) -> Weights:
    logs = k.table if k.category.entries == Log else jnp.log(k.table)
    return Weights(k.dom @ k.cod, 0.0 - logs)


@surprise.register
def _(k: GaussianMap) -> Quadratic:
    return Quadratic(k.dom @ k.cod, *_mahalanobis(k.matrix, k.mean, k.factor))


@jax.jit
def _mahalanobis(matrix: Any, mean: Any, factor: Any) -> tuple[Any, Any, Any]:
    weight, _, scale = _precision(factor)
    out = jnp.concatenate([-matrix, jnp.eye(len(mean), dtype=mean.dtype)], axis=1)  # y - Mx, of (x, y)
    turned = weight @ mean
    return out.T @ weight @ out, -(out.T @ turned), 0.5 * mean @ turned + scale


@functools.singledispatch
def entropy(k: Any) -> Any:
    """The effect ``S[k(x)]`` on the domain of a kernel.

    Raises:
        WrongCategory: kernels of that category have no density here.
    """
    return surprise(k)


@entropy.register
def _(k: Kernel) -> Weights:
    return surprise(k).expected(_graph(k))


@entropy.register
def _(k: GaussianMap) -> Quadratic:
    _, rank, scale = _precision(k.factor)
    return zero(k, scale + 0.5 * rank)


@functools.singledispatch
def zero(k: Any, constant: Any = 0.0) -> Any:
    """The effect on the domain of a kernel that is one number."""
    return surprise(k)


@zero.register
def _(k: Kernel, constant: Any = 0.0) -> Weights:
    return Weights(k.dom, jnp.full(shape(k.dom), constant, _probabilities(k).dtype))


@zero.register
def _(k: GaussianMap, constant: Any = 0.0) -> Quadratic:
    n = k.matrix.shape[1]
    blank = jnp.zeros((n, n), k.matrix.dtype)
    return Quadratic(k.dom, blank, jnp.zeros(n, k.matrix.dtype), jnp.asarray(constant, k.matrix.dtype))


@jax.jit
def _precision(factor: Any) -> tuple[Any, Any, Any]:
    """The pseudoinverse of the covariance, its rank, and ``½ log det (2π C)``, of the directions that vary."""
    rows = rows_of(factor, norms(factor), None)
    root, rank = pseudo_inverse(rows), jax.lax.stop_gradient(rows.parts.rank)
    return root.T @ root, rank, log_volume(rows) + 0.5 * rank * math.log(2 * math.pi)


def _graph(k: Any) -> Any:
    """``⟨id, k⟩ : X → X ⊗ Y``."""
    C = k.category
    return C.pair(C.id(k.dom), k)


@door
def expect(k: Any, effect: Effect) -> Any:
    """What is expected of an effect after a kernel: the effect ``E_{y ~ k(x)} L(y)`` on the domain of `k`.

    Raises:
        NotParallel: the kernel does not end where the effect lives.
    """
    if k.cod != effect.ob:
        raise NotParallel(k, _ends(effect), k.category, "average the effect over")
    return effect.expected(k)


@door
def kl(k: Any, other: Any) -> Any:
    """The effect ``KL(k(x), l(x))`` on the common domain of two kernels.

    Raises:
        NotParallel: the kernels have different ends.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> fair, sure = kernel(unit, Fin(2), [0.5, 0.5]), kernel(unit, Fin(2), [0.0, 1.0])
        >>> print(round(float(kl(sure, fair)()), 4), kl(fair, sure)())
        0.6931 inf
    """
    k.category._parallel(k, other, "compare")
    return surprise(other).expected(_graph(k)).minus(entropy(k))
