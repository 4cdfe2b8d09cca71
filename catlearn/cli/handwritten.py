"""The same classifier as one writes it by hand, with JAX and optax alone: the peer of the tour.

Definition:
    A pytree of weights, a function of weights and a batch, ``jax.value_and_grad`` and optax in one ``lax.scan`` over all steps.
    Nothing here knows of arrows.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import optax


def logits(weights: Any, x: Any) -> Any:
    """Two dense layers with a rectifier between them, on a batch."""
    w1, b1, w2, b2 = weights
    return jax.nn.relu(x @ w1 + b1) @ w2 + b2


def loss(weights: Any, x: Any, y: Any) -> Any:
    """The mean cross-entropy of a batch."""
    return optax.softmax_cross_entropy_with_integer_labels(logits(weights, x), y).mean()


@functools.partial(jax.jit, static_argnames=("rate", "epochs", "batch"))
def train(weights: Any, x: Any, y: Any, key: Any, *, rate: float, epochs: int, batch: int) -> tuple[Any, Any]:
    """The weights after a run of Adam, and the loss at each step; `key` shuffles the examples of each epoch."""
    optimiser = optax.adam(rate)
    steps = len(x) // batch

    def order(epoch: Any) -> Any:
        return jax.random.permutation(jax.random.fold_in(key, epoch), len(x))[: steps * batch].reshape(steps, batch)

    def step(carry: Any, rows: Any) -> Any:
        weights, state = carry
        value, gradient = jax.value_and_grad(loss)(weights, x[rows], y[rows])
        updates, state = optimiser.update(gradient, state, weights)
        return (optax.apply_updates(weights, updates), state), value

    rows = jax.vmap(order)(jnp.arange(epochs)).reshape(-1, batch)
    (weights, _), losses = jax.lax.scan(step, (weights, optimiser.init(weights)), rows)
    return weights, losses
