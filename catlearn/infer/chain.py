r"""Chains: a hidden state that moves, and is seen at each step.

Definition:
    A *chain* of length `T` in a Markov category is a prior ``p : I → X``, transitions ``t : X → X`` and emissions ``e : X → Y``. Its law of
    hidden states and observations is the composite

    .. math:: p ; \mathrm{copy} ; (e_0 \otimes t_1) ; \mathrm{copy} ; (e_1 \otimes t_2) ; \dots

    in which the prior is the state at the first observation. *Filtering* asks for the law of each state given the observations up to then,
    *smoothing* given all of them, and the *evidence* is the density of the observations.

One transition and one emission serve every step, or there is one a step: then the arrow is *stacked*, some of its arrays have a leading axis
of length ``T - 1`` (transitions) or ``T`` (emissions), and an array without that axis serves every step. How the composite is computed is a
`Form`; by associativity all forms have one answer.

References:
    Särkkä, García-Fernández (1905.13002), for chains as composites.
"""

import abc
from collections.abc import Callable
from typing import Any, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories.extgauss import ExtendedMap, ExtGauss
from ..categories.finstoch import Kernel
from ..categories.gauss import Gauss, GaussianMap
from ..categories.tables import shape
from ..constructions import Extend
from ..objects import Ob, is_concrete
from ..objects.euclidean import flatten, width
from ..objects.wires import Finite
from ..theory import Arrow, Category, Data, door
from ..theory.errors import BatchMismatch, Infeasible, WrongCategory, WrongObject, WrongShape, WrongValue
from .verdict import Verdict


@final
class Chain(Data):
    """A hidden state that moves and is seen; see the module. Make one with `chain`.

    Attributes:
        prior: the state at the first observation, ``I → X``.
        transition: ``X → X``, one for all steps or stacked.
        emission: ``X → Y``, one for all steps or stacked.
        length: how many observations there are.
    """

    prior: Any
    transition: Any
    emission: Any
    length: int = eqx.field(static=True)

    @property
    def category(self) -> Category:
        """Where the arrows are."""
        return self.transition.category

    @property
    def hidden(self) -> Ob:
        """The object `X` of the states."""
        return self.transition.dom

    @property
    def observed(self) -> Ob:
        """The object `Y` of the observations."""
        return self.emission.cod

    def __repr__(self) -> str:
        return f"Chain of {self.length} in {self.category}: {self.hidden} seen as {self.observed}"


@door
def chain(prior: Arrow, transition: Arrow, emission: Arrow, length: int) -> Chain:
    """The chain of `length` observations.

    Args:
        prior: the state at the first observation, ``I → X``; an `ExtendedMap` for one that is not known, or known in part.
        transition: ``X → X``; stacked if it changes, ``length - 1`` of them.
        emission: ``X → Y``; stacked if it changes, `length` of them.
        length: the number of observations, at least one.

    Raises:
        WrongObject: the ends of the three do not meet, or there is no observation.
        WrongCategory: they are of different categories, or of one without chains.
        WrongShape: a stack has another length.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> coin = Fin(2)
        >>> keeps = kernel(coin, coin, [[0.75, 0.25], [0.25, 0.75]])
        >>> chain(kernel(unit, coin, [0.5, 0.5]), keeps, keeps, 3)
        Chain of 3 in FinStoch: Fin(2) seen as Fin(2)
    """
    x = transition.dom
    if len(prior.dom) or not prior.cod == transition.cod == emission.dom == x:
        raise WrongObject(
            "a chain has a prior I -> X, a transition X -> X and an emission X -> Y, but these are\n"
            f"    prior : {prior.dom} -> {prior.cod}\n    transition : {x} -> {transition.cod}\n"
            f"    emission : {emission.dom} -> {emission.cod}\nGive all three the same object of states."
        )
    if not isinstance(length, int) or length < 1:
        raise WrongObject(f"a chain has at least one observation, but its length was given as {length!r}.")
    improper = prior.category == ExtGauss and transition.category == Gauss
    if transition.category != emission.category or not (improper or prior.category == transition.category):
        raise WrongCategory(
            f"a chain is in one category, but its prior is in {prior.category}, its transition in {transition.category} and its "
            f"emission in {emission.category}."
        )
    for name, arrow, steps in (
        ("prior", prior, None),
        ("transition", transition, length - 1),
        ("emission", emission, length),
    ):
        _check_stack(name, arrow, steps)
    return Chain(prior, transition, emission, length)


def ranks(arrow: Arrow) -> Arrow:
    """The number of axes of each array of an arrow that is not stacked, in the place of the array."""
    match arrow:
        case GaussianMap(dom=x, cod=y):
            return GaussianMap(x, y, 2, 1, 2)
        case ExtendedMap(dom=x, cod=y):
            return ExtendedMap(x, y, 2, 1, 2, 2)
        case Kernel(dom=x, cod=y, over=category):
            return Kernel(x, y, len(x) + len(y), category)
        case _:
            return jax.tree.map(jnp.ndim, arrow)


def is_stacked(arrow: Arrow) -> Arrow:
    """Which arrays of an arrow have a leading axis of steps, as an arrow of truth values."""
    return jax.tree.map(lambda array, rank: jnp.ndim(array) > rank, arrow, ranks(arrow))


def _check_stack(name: str, arrow: Arrow, steps: int | None) -> None:
    for array, stacked in zip(jax.tree.leaves(arrow), jax.tree.leaves(is_stacked(arrow)), strict=True):
        expected = jnp.shape(array)[1:] if steps is None else (steps, *jnp.shape(array)[1:])
        if stacked and jnp.shape(array) != expected:
            cure = f"The {name} of this chain {'is one arrow' if steps is None else f'has {steps} steps'}."
            raise WrongShape("an array", expected, jnp.shape(array), arrow.dom, arrow.cod, cure)


def steps_of(arrow: Arrow, n: int) -> Arrow:
    """The arrow with all its arrays stacked, as `n` steps: what a scan runs over."""
    repeat = lambda array, stacked: array if stacked else jnp.broadcast_to(array, (n, *jnp.shape(array)))
    return jax.tree.map(repeat, arrow, is_stacked(arrow))


def slice_of(arrow: Arrow, start: int, stop: int) -> Arrow:
    """The steps of an arrow from `start` to `stop`, if it is stacked."""
    return jax.tree.map(lambda array, stacked: array[start:stop] if stacked else array, arrow, is_stacked(arrow))


def parted(c: Chain, past: int, steps: int) -> tuple[Chain, Callable[[Arrow], Chain]]:
    """The first `past` steps of a chain, and the `steps` that follow, as a function of the last state of the first.

    An arrow that is stacked reaches to the end of these; one that is not goes on.

    Raises:
        WrongShape: a stacked arrow does not.
    """
    total = past + steps
    for name, arrow, needed in (("transition", c.transition, total - 1), ("emission", c.emission, total)):
        _check_stack(name, arrow, needed)
    first = Chain(c.prior, slice_of(c.transition, 0, past - 1), slice_of(c.emission, 0, past), past)
    moved, later = slice_of(c.transition, past - 1, past), slice_of(c.transition, past, total - 1)
    one = jax.tree.map(lambda array, stacked: array[0] if stacked else array, moved, is_stacked(moved))
    carried = lambda last: one if last.category == c.category else Extend(one)
    return first, lambda last: Chain(last >> carried(last), later, slice_of(c.emission, past, total), steps)


def unseen(c: Chain) -> "Observations":
    """Observations of which none was made."""
    if all(isinstance(w, Finite) for w in c.observed.wires):
        return Observations(jnp.zeros(c.length, int), jnp.zeros(c.length, bool))
    m = width(c.observed)
    return Observations(jnp.zeros((c.length, m)), jnp.zeros((c.length, m), bool))


@final
class Observations(Data):
    """What was seen, as a scan reads it.

    Attributes:
        values: ``(T, m)`` coordinates of a Euclidean object, or ``(T,)`` positions in a finite one; anything where nothing was seen.
        seen: of the same shape: which of them were observed.
    """

    values: Any
    seen: Any


def observations(c: Chain, values: Any, seen: Any = None) -> Observations:
    """The observations of a chain, checked.

    Args:
        c: the chain.
        values: of each wire of the observed object an array with a leading axis of `T` steps; bare if there is one wire.
        seen: which were observed: one truth value a step, ``(T,)``, or one a coordinate, ``(T, m)``; all, if left out.

    Raises:
        BatchMismatch: there are more or fewer observations than steps.
        WrongValue: an observation that was seen is not finite, or is no element of its wire.
    """
    ys = values if isinstance(values, tuple) else (values,)
    if any(np.shape(y)[:1] != (c.length,) for y in ys):
        raise BatchMismatch(
            f"{c!r} has {c.length} steps, but observations of shapes {[np.shape(y) for y in ys]} were given."
        )
    seen = np.ones(c.length, bool) if seen is None else seen
    if np.shape(seen)[:1] != (c.length,):
        raise BatchMismatch(
            f"{c.length} steps were observed, but `seen` has shape {np.shape(seen)}: give one truth value a step."
        )
    finite = all(isinstance(w, Finite) for w in c.observed.wires)
    if finite:
        ys = tuple(np.where(seen, y, 0) if is_concrete(y) and is_concrete(seen) else jnp.where(seen, y, 0) for y in ys)
    ys = c.observed.stacked(c.length).elements(ys)
    flat = (
        jnp.ravel_multi_index(ys, shape(c.observed), mode="clip")
        if finite
        else jax.vmap(lambda y: flatten(c.observed, y))(ys)
    )
    seen = jnp.asarray(seen, bool)
    seen = jnp.broadcast_to(seen.reshape(*seen.shape, *(1,) * (flat.ndim - seen.ndim)), flat.shape)
    if is_concrete(flat) and is_concrete(seen):
        _check_finite(c, np.where(seen, flat, 0))
    return Observations(jnp.where(seen, flat, 0), seen)


def _check_finite(c: Chain, values: Any) -> None:
    if not np.isfinite(values).all():
        step = int(np.argwhere(~np.isfinite(values))[0][0])
        raise WrongValue(
            c.observed, f"step {step}", "finite numbers", "NaN or infinity", "Say what was not observed with `seen`."
        )


class Posterior(Data, Verdict):
    """The laws of the hidden states, one a step, given observations.

    Attributes:
        chain: what they are the states of.
        increments: the log-density of each observation given those before it, ``(T,)``; zero where nothing was seen.
        ok: whether what was observed could be.
        residual: how far it was from being so, relative to the size of what was compared, ``(T,)``.
        rank: how many independent equations each observation made, ``(T,)``.
    """

    chain: Chain
    increments: eqx.AbstractVar[Any]
    ok: eqx.AbstractVar[Any]
    residual: eqx.AbstractVar[Any]
    rank: eqx.AbstractVar[Any]

    @property
    def log_evidence(self) -> Any:
        """The logarithm of the density of what was observed; ``-inf`` if it could not be."""
        return jnp.where(self.ok, jnp.sum(self.increments), -jnp.inf)

    @abc.abstractmethod
    def state(self, k: Any) -> Arrow:
        """The law of the state at step `k`, as a state of the category."""

    def mistake(self) -> Exception:
        return Infeasible(np.max(self.residual))


class Form(abc.ABC):
    """A way to compute the composite of a chain; all forms have one answer, at different costs."""

    @abc.abstractmethod
    def filtered(self, c: Chain, seen: Observations, /) -> Posterior:
        """The law of each state given the observations up to its step."""

    @abc.abstractmethod
    def smoothed(self, c: Chain, seen: Observations, /) -> Posterior:
        """The law of each state given all observations."""
