r"""Chains of samplers, unrolled: a prior over whole paths, and a channel from a path to all observations.

Definition:
    The composite of a chain ``p, t, e`` of length `T` is one state of ``X^T ⊗ Y^T``. It is a state of ``X^T`` followed by a channel ``X^T → Y^T`` that reads each
    step on its own, with the densities

    .. math:: p(x_0) \prod_k t(x_k \mid x_{k-1}), \qquad \prod_k e(y_k \mid x_k).

Whatever is asked of a prior and a channel can so be asked of a chain, at the cost of a larger space: a step that was not observed is left out of the second product.

References:
    Särkkä, García-Fernández (1905.13002), for chains as composites.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories import Sampler
from ..categories.chance import Chance, draw
from ..objects import bare, unit
from ..theory import Data, door
from ..theory.errors import BatchMismatch, WrongCategory
from .chain import Chain
from .importance import log_density
from .weighted import Values


def samplers(c: Chain) -> tuple[Sampler, Sampler, Sampler]:
    """The prior, the transition and the emission of a chain in `Sampled`.

    Raises:
        WrongCategory: the chain is in another category.
    """
    match c.prior, c.transition, c.emission:
        case (Sampler() as prior, Sampler() as transition, Sampler() as emission):
            return prior, transition, emission
        case _:
            raise WrongCategory(
                f"draws are made along a chain of samplers, but {c!r} is in {c.category}. "
                f"Send its three arrows to Sampled first, by F = ToSampled({c.category}), and make a chain of these."
            )


def check_steps(c: Chain, what: str, array: Any) -> None:
    """An error if an array has not one entry for each step of a chain."""
    if np.shape(array)[:1] != (c.length,):
        raise BatchMismatch(f"{c!r} has {c.length} steps, but {what} of shape {np.shape(array)} were given.")


def which_seen(c: Chain, seen: Any) -> Any:
    """Which steps of a chain were observed, as an array; None stays, for all."""
    if seen is None:
        return None
    check_steps(c, "truth values of `seen`", seen)
    return jnp.asarray(seen, bool)


@door
def unrolled(c: Chain, seen: Any = None) -> tuple[Sampler, Sampler]:
    """A chain in `Sampled` as a prior over whole paths, and a channel from a path to all observations.

    Args:
        c: the chain.
        seen: which steps were observed, ``(T,)``; all, if left out. The density of the channel leaves out the others.

    Returns:
        ``I → X^T`` and ``X^T → Y^T``, whose values have a leading axis of `T` steps; each with its density, if the arrows of the chain have theirs.

    Raises:
        WrongCategory: the chain is not in `Sampled`.
        BatchMismatch: `seen` has more or fewer entries than there are steps.

    Example:
        >>> from catlearn import Fin, FinStoch, infer, kernel
        >>> from catlearn.constructions import ToSampled
        >>> F, coin = ToSampled(FinStoch), Fin(2)
        >>> flip = F(kernel(coin, coin, [[0.0, 1.0], [1.0, 0.0]]))
        >>> paths, read = unrolled(infer.chain(F(kernel(unit, coin, [1.0, 0.0])), flip, flip, 4))
        >>> path = paths(key=jax.random.key(0))
        >>> print(path, read(path, key=jax.random.key(1)))
        [0 1 0 1] [1 0 1 0]
    """
    prior, transition, emission = samplers(c)
    x, y = c.hidden.stacked(c.length), c.observed.stacked(c.length)
    path = None if prior.log_density is None or transition.log_density is None else LogStates(prior, transition)
    reading = None if emission.log_density is None else LogReadings(emission, len(x), which_seen(c, seen))
    paths = Sampler(unit, x, (Chance(States(prior, transition, c.length), path, len(x)),))
    return paths, Sampler(x, y, (Chance(Readings(emission), reading, len(y)),))


class States(Data):
    """A draw of all hidden states of a chain."""

    prior: Sampler
    transition: Sampler
    length: int = eqx.field(static=True)

    def __call__(self, key: Any) -> Any:
        keys = jax.random.split(key, self.length)
        start = draw(self.prior.steps, keys[0], ())

        def step(xs: Values, key: Any) -> tuple[Values, Values]:
            moved = draw(self.transition.steps, key, xs)
            return moved, moved

        _, moved = jax.lax.scan(step, start, keys[1:])
        return bare(jax.tree.map(lambda x, rest: jnp.concatenate([x[None], rest]), start, moved))


class LogStates(Data):
    """The log density of all hidden states of a chain."""

    prior: Sampler
    transition: Sampler

    def __call__(self, *path: Any) -> Any:
        start, before, after = (
            jax.tree.map(lambda leaf, part=part: leaf[part], path) for part in (0, slice(None, -1), slice(1, None))
        )
        moves = jax.vmap(lambda xs, ys: log_density(self.transition, xs, ys))(before, after)
        return log_density(self.prior, (), start) + jnp.sum(moves)


class Readings(Data):
    """A draw of all observations of a path."""

    emission: Sampler

    def __call__(self, key: Any, *path: Any) -> Any:
        keys = jax.random.split(key, len(jax.tree.leaves(path)[0]))
        return bare(jax.vmap(lambda key, xs: draw(self.emission.steps, key, xs))(keys, path))


class LogReadings(Data):
    """The log density of those observations of a path that were made."""

    emission: Sampler
    wires: int = eqx.field(static=True)
    seen: Any

    def __call__(self, *values: Any) -> Any:
        path, ys = values[: self.wires], values[self.wires :]
        terms = jax.vmap(lambda xs, ys: log_density(self.emission, xs, ys))(path, ys)
        return jnp.sum(terms if self.seen is None else jnp.where(self.seen, terms, 0.0))
