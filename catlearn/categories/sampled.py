r"""Samplers: Markov kernels that one can draw from.

Definition:
    An arrow ``f : X → Y`` of `Sampled` is a function ``(key, x) ↦ y`` of a random key and a value: the law of `y`, for a random key, is the kernel.
    A composite gives each of its parts a key of its own, derived from the one it gets, so that parts are independent. Where a kernel has a
    density with respect to a *base measure*, Lebesgue's at lines and counting at finite sets, the arrow may know its logarithm.

Two samplers are the same arrow when they have the same law, and that can be tested but not decided. `close` is a test of two samples, of
a stated size and level.

The density of ``f ; g`` is an integral over what is in between. It is known where `f` is certain, and of arrows side by side that all have one;
elsewhere there is none here. Monte Carlo would be an estimate of it, not it.

References:
    Fritz (1908.07021), for Markov categories; Shiebler (2005.04735), for stochastic processes as arrows.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..objects import Key, Ob, bare, unit
from ..objects.compare import sample as random_point
from ..objects.function import as_leaves, codomain
from ..objects.two_samples import largest_gap
from ..theory import Arrow, Data, Markov, door
from ..theory.errors import NoDensity
from .chance import After, Certain, Chance, LogDensity, Step, draw
from .path import Copy, Discard, Factor, Pick, Swap, Values, beside


class Apart(Step):
    """Samplers side by side, each with a key of its own."""

    strands: tuple["Sampler", ...]

    def draw(self, key: Any, xs: Values) -> Values:
        ys, i = (), 0
        for number, f in enumerate(self.strands):
            n = len(f.dom)
            ys += draw(f.steps, jax.random.fold_in(key, number), xs[i : i + n])
            i += n
        return ys

    @property
    def log_density(self) -> LogDensity | None:
        return None if any(f.log_density is None for f in self.strands) else Product(self.strands)


class Product(Data):
    """The log density of independent outputs."""

    strands: tuple["Sampler", ...]

    def __call__(self, xs: Values, ys: Values) -> Any:
        total, i, j = 0.0, 0, 0
        for f in self.strands:
            n, m = len(f.dom), len(f.cod)
            total += f.log_density(xs[i : i + n], ys[j : j + m])  # pyright: ignore[reportOptionalCall]
            i, j = i + n, j + m
        return total


class Sampler(Arrow):
    """A Markov kernel ``dom → cod`` that one can draw from, as a flat path of steps.

    Call it on one input a wire and a key.

    Example:
        >>> from catlearn.objects import R
        >>> step = sampler(R(), R(), lambda key, x: x + jax.random.normal(key, dtype=x.dtype))
        >>> walk = step >> step
        >>> print(walk, walk.log_density, bool(walk(0.0, key=jax.random.key(0)) == 0.0))
        Sampler : R() -> R() None False
    """

    dom: Ob = eqx.field(static=True)
    cod: Ob = eqx.field(static=True)
    steps: tuple[Step, ...]

    @property
    def category(self) -> "SampledCategory":
        return Sampled

    @property
    def certain(self) -> bool:
        """Whether no step uses a key."""
        return all(isinstance(step, Certain) for step in self.steps)

    @property
    def log_density(self) -> LogDensity | None:
        """``(xs, ys) ↦ log p(ys | xs)`` with respect to Lebesgue and counting measure, or None where it is not known."""
        *before, last = self.steps or (None,)
        density = None if last is None or not all(isinstance(step, Certain) for step in before) else last.log_density
        return After(tuple(before), density) if density is not None and before else density

    @door
    def __call__(self, *values: Any, key: Any) -> Any:
        """A draw at the given inputs, one a wire.

        Raises:
            WrongValue: an input is not an element of its wire.
        """
        return bare(draw(self.steps, key, self.dom.elements(values)))

    @door
    def many(self, n: int, *values: Any, key: Any) -> Any:
        """`n` independent draws at the given inputs, along a new first axis.

        Raises:
            WrongValue: an input is not an element of its wire.
        """
        return bare(_many(self, n, self.dom.elements(values), key))

    @door
    def log_prob(self, inputs: Any, outputs: Any) -> Any:
        """``log p(outputs | inputs)``; both are tuples, one value a wire.

        Raises:
            NoDensity: the density is not known.
            WrongValue: a value is not an element of its wire.
        """
        if self.log_density is None:
            raise NoDensity(
                self, "Draw from it, or compose likelihoods with CondLikelihood, which says how it integrates."
            )
        return self.log_density(self.dom.elements(tuple(inputs)), self.cod.elements(tuple(outputs)))


@eqx.filter_jit
def _many(f: Sampler, n: int, xs: Values, key: Any) -> Values:
    return jax.vmap(lambda k: draw(f.steps, k, xs))(jax.random.split(key, n))


@dataclasses.dataclass(frozen=True)
class SampledCategory(Markov):
    """Spaces and samplers; see the module.

    `close` draws `size` values of each side at `points` inputs, and compares their distribution functions, coordinate by coordinate and in
    `directions` random directions. It tells two samplers of one law apart with a probability below `level`, by the inequality of
    Dvoretzky, Kiefer and Wolfowitz for two samples and the union bound; keys are fixed, so that it always says the same.

    Args:
        size: how many values are drawn.
        points: at how many inputs.
        directions: how many random directions are looked along.
        level: the probability of an error of the first kind.
    """

    size: int = 4096
    points: int = 2
    directions: int = 6
    level: float = 1e-6

    def __str__(self) -> str:
        return "Sampled"

    @property
    def unit(self) -> Ob:
        return unit

    def id(self, x: Ob, /) -> Sampler:
        return Sampler(x, x, ())

    def _then(self, f: Sampler, g: Sampler, /) -> Sampler:
        return Sampler(f.dom, g.cod, f.steps + g.steps)

    def _tensor(self, f: Sampler, g: Sampler, /) -> Sampler:
        dom, cod = f.dom @ g.dom, f.cod @ g.cod
        if any(not h.steps and not len(h.dom) for h in (f, g)):
            return Sampler(dom, cod, f.steps + g.steps)
        if f.certain and g.certain:
            path = beside(len(f.dom), _path(f), len(g.dom), _path(g))
            return Sampler(dom, cod, tuple(map(Certain, path)))
        return Sampler(dom, cod, (Apart(_strands(f) + _strands(g)),))

    @door
    def certainly(self, dom: Ob, cod: Ob, factor: Factor, /) -> Sampler:
        """The sampler of a function on tuples of values."""
        return Sampler(dom, cod, (Certain(factor),))

    def swap(self, x: Ob, y: Ob, /) -> Sampler:
        return self.certainly(x @ y, y @ x, Swap(len(x)))

    def copy(self, x: Ob, /) -> Sampler:
        return self.certainly(x, x @ x, Copy())

    def discard(self, x: Ob, /) -> Sampler:
        return self.certainly(x, unit, Discard())

    def pick(self, x: Ob, wires: tuple[int, ...], /) -> Sampler:
        return self.certainly(x, Ob(tuple(x.wires[i] for i in wires)), Pick(tuple(wires)))

    def _close(self, f: Sampler, g: Sampler, tol: float | None, /) -> bool:
        return all(gap <= bound + (tol or 0.0) for gap, bound in self.gaps(f, g))

    def gaps(self, f: Sampler, g: Sampler, /) -> list[tuple[float, float]]:
        """For each input: the largest difference of the two distribution functions, and what chance alone may make it."""
        found = []
        for i in range(self.points if len(f.dom) else 1):
            key = jax.random.key(i)
            xs = random_point(f.dom, key)
            samples = (_many(h, self.size, xs, jax.random.fold_in(key, j)) for j, h in ((1, f), (2, g)))
            found.append(largest_gap(*samples, directions=self.directions, level=self.level / self.points, seed=i))
        return found


def _path(f: Sampler) -> tuple[Factor, ...]:
    return tuple(step.factor for step in f.steps)  # pyright: ignore[reportAttributeAccessIssue]


def _strands(f: Sampler) -> tuple[Sampler, ...]:
    match f.steps:
        case (Apart(strands=strands),):
            return strands
        case ():
            return (f,) if len(f.dom) else ()
        case _:
            return (f,)


Sampled = SampledCategory()


class OfDistribution(Data):
    """``(key, *xs) ↦ distribution(*xs).sample(key)``, each output from its own distribution."""

    distribution: Callable[..., Any]

    def __call__(self, key: Any, *xs: Any) -> Any:
        made = self.distribution(*xs)
        if not isinstance(made, tuple):
            return made.sample(key)
        return tuple(d.sample(jax.random.fold_in(key, i)) for i, d in enumerate(made))


class DensityOf(Data):
    """``(*xs, *ys) ↦ Σ log p(y)`` under a distribution that depends on the inputs."""

    distribution: Callable[..., Any]
    inputs: int = eqx.field(static=True)

    def __call__(self, *values: Any) -> Any:
        made = self.distribution(*values[: self.inputs])
        each = zip(made if isinstance(made, tuple) else (made,), values[self.inputs :], strict=True)
        return sum((jnp.sum(d.log_prob(y)) for d, y in each), jnp.zeros(()))


@door
def sampler(dom: Ob, cod: Ob, function: Callable[..., Any], log_density: Callable[..., Any] | None = None) -> Sampler:
    """The sampler of a function ``(key, *inputs) ↦ outputs``.

    Args:
        dom: the domain.
        cod: the codomain.
        function: takes a random key and one argument a wire of `dom`; it must not close over arrays.
        log_density: takes one argument a wire of `dom`, then one a wire of `cod`, and returns the logarithm of the density, if it is known.

    Raises:
        NotAFunction: `function` does not take a key and one argument a wire.
        WrongCodomain: it returns something else than `cod`.

    Example:
        >>> from catlearn.objects import Fin, R
        >>> coin = sampler(R(), Fin(2), lambda key, p: jax.random.bernoulli(key, p).astype(int))
        >>> print(coin, coin(1.0, key=jax.random.key(0)), coin.certain)
        Sampler : R() -> Fin(2) 1 False
    """
    made = as_leaves(function)
    codomain(made, Key @ dom, cod)
    return Sampler(dom, cod, (Chance(made, None if log_density is None else as_leaves(log_density), len(cod)),))


@door
def distributed(dom: Ob, cod: Ob, distribution: Callable[..., Any]) -> Sampler:
    """The sampler of a distribution that depends on the inputs, as numpyro has them; its density comes along.

    Args:
        dom: the domain.
        cod: the codomain.
        distribution: takes one argument a wire of `dom`, and returns a distribution of the one wire of `cod`, or a tuple of independent ones,
            one a wire. A distribution is anything with ``sample(key)`` and ``log_prob(value)``; all of ``numpyro.distributions`` are.

    Raises:
        NotAFunction: `distribution` does not take one argument a wire.
        WrongCodomain: what is drawn is not in `cod`.
    """
    made = as_leaves(distribution)
    function = OfDistribution(made)
    codomain(function, Key @ dom, cod)
    return Sampler(dom, cod, (Chance(function, DensityOf(made, len(dom)), len(cod)),))
