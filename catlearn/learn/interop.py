r"""To and from optax: gradient transformations are optimisers, and optimisers are gradient transformations.

Definition:
    optax has ``update(g, s, p) = (u, s₊)`` with ``p₊ = p + u``. As an optimiser its state is one wire, its `get` is `p`, and it
    takes the gradient itself, so the cap is +1. The other way round optax holds ``p̄ = get(s, p)``, where gradients are taken.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

from ..theory import Data
from .optimise import HERE, Optimiser, Values, each_wire


class OptaxStart(Data):
    """The state of an optax transformation, as one wire."""

    init: Any = eqx.field(static=True)

    def __call__(self, p: Values) -> Values:
        return (self.init(p),)


class OptaxMove(Data):
    """The update of an optax transformation."""

    update: Any = eqx.field(static=True)

    def __call__(self, s: Values, p: Values, dp: Values) -> tuple[Values, Values]:
        updates, state = self.update(dp, s[0], p)
        moved: Any = optax.apply_updates(p, updates)
        return (state,), tuple(moved)


def from_optax(transformation: optax.GradientTransformation) -> Optimiser:
    """Any optax transformation as an optimiser.

    optax takes the gradient and gives the step, so the cap is +1 and nothing is negated twice. The optax
    state is one wire; build the transformation once, since optax's functions are compared by identity.

    Example:
        >>> import optax
        >>> from catlearn.objects import R
        >>> U = from_optax(optax.sgd(0.5))
        >>> print(U.lens(R()).put(*U.init(R(), (1.0,)), 1.0, 2.0)[-1])
        0.0
    """
    return Optimiser(OptaxStart(transformation.init), HERE, OptaxMove(transformation.update), 1.0)


def to_optax(optimiser: Optimiser) -> optax.GradientTransformation:
    """Any optimiser as an optax transformation on a pytree of Euclidean parameters.

    optax holds ``p̄ = get(s, p)``, where gradients are taken; the state holds `s` and `p`.

    Example:
        >>> import jax.numpy as jnp
        >>> from catlearn.learn import sgd
        >>> tx = to_optax(sgd(0.5))
        >>> updates, _ = tx.update(jnp.array(2.0), tx.init(jnp.array(1.0)), jnp.array(1.0))
        >>> print(updates)
        -1.0
    """

    def init(params: Any) -> Any:
        p = tuple(jax.tree.leaves(params))
        return optimiser.start(p), p

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        s, p = state
        gradients, structure = jax.tree.flatten(updates)
        seen = optimiser.look(s, p)
        s, p = optimiser.move(s, p, tuple(optimiser.rate * g for g in gradients))
        steps = each_wire(jnp.subtract, optimiser.look(s, p), seen)
        return jax.tree.unflatten(structure, steps), (s, p)

    return optax.GradientTransformation(init, update)
