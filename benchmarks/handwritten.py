"""The peers: the same programs as one writes them by hand, with JAX and optax alone.

Definition:
    A model is a function of a pytree of parameters and a *batch*, a step is ``jax.value_and_grad``, then ``tx.update`` and
    ``optax.apply_updates``. Nothing here knows of catlearn.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax


def training_step(loss: Callable[..., Any], tx: optax.GradientTransformation) -> Callable[..., Any]:
    """``((parameters, state), x, y) ↦ ((parameters, state), mean loss)``."""

    def step(carry: Any, x: Any, y: Any) -> Any:
        params, state = carry
        value, grads = jax.value_and_grad(loss)(params, x, y)
        updates, state = tx.update(grads, state, params)
        return (optax.apply_updates(params, updates), state), value

    return step


def mean_cross_entropy(logits: Any, labels: Any) -> Any:
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def mlp(params: Any, x: Any) -> Any:
    """Dense layers with a rectifier between them; one (weight, bias) each."""
    *hidden, (w, b) = params
    for weight, bias in hidden:
        x = jax.nn.relu(x @ weight + bias)
    return x @ w + b


def mlp_loss(params: Any, x: Any, y: Any) -> Any:
    return mean_cross_entropy(mlp(params, x), y)


def mlp_parameters(*sizes: int) -> Any:
    return [(jnp.zeros((n, m)), jnp.zeros(m)) for n, m in itertools.pairwise(sizes)]


def conv(x: Any, kernel: Any, bias: Any) -> Any:
    y = jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return y + bias


def max_pool(x: Any) -> Any:
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def cnn_loss(params: Any, x: Any, y: Any) -> Any:
    """Two convolutions, each with a rectifier and a pooling, then a dense layer."""
    (k1, b1), (k2, b2), (w, b) = params
    x = max_pool(jax.nn.relu(conv(x, k1, b1)))
    x = max_pool(jax.nn.relu(conv(x, k2, b2)))
    return mean_cross_entropy(x.reshape(x.shape[0], -1) @ w + b, y)


def cnn_parameters(size: int, channels: tuple[int, int, int], classes: int) -> Any:
    a, b, c = channels
    flat = (size // 4) ** 2 * c
    kernels = [(jnp.zeros((3, 3, a, b)), jnp.zeros(b)), (jnp.zeros((3, 3, b, c)), jnp.zeros(c))]
    return [*kernels, (jnp.zeros((flat, classes)), jnp.zeros(classes))]


def layer_norm(p: Any, x: Any) -> Any:
    centred = x - x.mean(-1)[..., None]
    scale = jax.lax.rsqrt(jnp.mean(centred**2, -1) + 1e-5)
    return p["weight"] * (centred * scale[..., None]) + p["bias"]


def attention(p: Any, x: Any, heads: int) -> Any:
    batch, length, d = x.shape
    q, k, v = ((x @ p[name]).reshape(batch, length, heads, d // heads) for name in ("query", "key", "value"))
    scores = jnp.einsum("bshc,bthc->bhst", q, k) / math.sqrt(d // heads)
    scores = jnp.where(jnp.tri(length, dtype=bool), scores, -jnp.inf)
    y = jnp.einsum("bhst,bthc->bshc", jax.nn.softmax(scores, axis=-1), v)
    return y.reshape(batch, length, d) @ p["output"]


def dense(p: Any, x: Any) -> Any:
    return x @ p["weight"] + p["bias"]


def block(p: Any, x: Any, heads: int) -> Any:
    x = x + attention(p["attention"], layer_norm(p["norm1"], x), heads)
    return x + dense(p["down"], jax.nn.gelu(dense(p["up"], layer_norm(p["norm2"], x))))


def transformer_loss(params: Any, x: Any, y: Any, *, heads: int) -> Any:
    """A causal language model: embedding, learnt positions, blocks, norm, logits at each position."""
    h = jnp.take(params["embedding"], x, axis=0, mode="clip") + params["positions"]
    for p in params["blocks"]:
        h = block(p, h, heads)
    return mean_cross_entropy(dense(params["head"], layer_norm(params["norm"], h)), y)


def transformer_parameters(vocabulary: int, length: int, d: int, blocks: int) -> Any:
    norm = lambda: {"weight": jnp.ones(d), "bias": jnp.zeros(d)}
    dense = lambda n, m: {"weight": jnp.zeros((n, m)), "bias": jnp.zeros(m)}
    square = lambda: {name: jnp.zeros((d, d)) for name in ("query", "key", "value", "output")}
    one = lambda: {
        "norm1": norm(),
        "attention": square(),
        "norm2": norm(),
        "up": dense(d, 4 * d),
        "down": dense(4 * d, d),
    }
    return {
        "embedding": jnp.zeros((vocabulary, d)),
        "positions": jnp.zeros((length, d)),
        "blocks": [one() for _ in range(blocks)],
        "norm": norm(),
        "head": dense(d, vocabulary),
    }


def wave(w: Any, x: Any) -> Any:
    return jnp.sin(w * x)


def squash(w: Any, b: Any, x: Any) -> Any:
    return jnp.tanh(w * x + b)


def chain(params: Any, x: Any) -> Any:
    """``sin(w x)`` and ``tanh(w x + b)`` in turn."""
    for i, p in enumerate(params):
        x = squash(*p, x) if i % 2 else wave(*p, x)
    return x


def chain_reverse(params: Any, x: Any, dy: Any) -> Any:
    """What comes back through the chain, to all parameters and to the input."""
    _, back = jax.vjp(chain, params, x)
    return back(dy)


def chain_parameters(n: int) -> Any:
    return [(jnp.ones(()),) * (1 + i % 2) for i in range(n)]


def small_network(params: Any, x: Any) -> Any:
    """Two dense layers with tanh between them."""
    (w1, b1), (w2, b2) = params
    return jnp.tanh(x @ w1 + b1) @ w2 + b2


def small_network_loss(params: Any, x: Any, y: Any) -> Any:
    return optax.softmax_cross_entropy_with_integer_labels(small_network(params, x), y)


def fit(
    loss: Callable[..., Any], tx: optax.GradientTransformation, epochs: int
) -> Callable[[Any, Any, Any, Any], tuple[Any, Any]]:
    """``(params, xs, ys, key) ↦ (params, losses)``: one example a step, in a new order each epoch; one compiled loop."""
    gradient = jax.value_and_grad(loss)

    @jax.jit
    def run(params: Any, xs: Any, ys: Any, key: Any) -> tuple[Any, Any]:
        orders = jax.vmap(lambda k: jax.random.permutation(k, len(xs)))(jax.random.split(key, epochs))

        def body(carry: Any, i: Any) -> Any:
            params, state = carry
            value, grads = gradient(params, xs[i], ys[i])
            updates, state = tx.update(grads, state, params)
            return (optax.apply_updates(params, updates), state), value

        (params, _), losses = jax.lax.scan(body, (params, tx.init(params)), orders.reshape(-1))
        return params, losses

    return run
