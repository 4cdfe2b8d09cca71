"""Derivatives: gradients through categories of linear arrows, and Jacobians of chains, against JAX.

Definition:
    A network of three dense layers is written once, as a composite of its primitives, and interpreted in ``D(Dual(AddFn))`` and
    ``D(Cont(Dual(AddFn), R()))``; the peer is `jax.grad` of the same function written by hand. The rows hold tracing (interpretation
    included), compiling, flops and bytes of the optimised program, and the time of a run.

    The Jacobian of a chain whose spaces are wide and narrow in turn is found in the order that ``mode="auto"`` chooses; the peer is the
    better of `jax.jacfwd` and `jax.jacrev`. On chains with equal spaces there is nothing to gain, and nothing may be lost.

Flops are gated: derivatives by composition cost at most 1.05 times those of `jax.grad`, and Jacobians of wide and narrow chains a third.
"""

import dataclasses
import functools
import itertools
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from catlearn import AddFn, Cont, D, Dual, R, Smooth, gradient, jacobian, smooth, unit
from catlearn.constructions import FreeCartesian, interpret

from .harness import Gate, Row, cost, in_turns, step_times

GRAD, BETTER = "jax.grad", "the better of jax.jacfwd and jax.jacrev"
COPIES, ROUNDS = 3, 11
SIZES = (784, 512, 512, 10)
KINDS = {"Dual(AddFn)": Dual(AddFn), "Cont(Dual(AddFn), R())": Cont(Dual(AddFn), R())}
CHAINS = {
    "wide and narrow, 256-4-256-64": (256, 4, 256, 64),
    "wide and narrow, 400-8-400-40-400": (400, 8, 400, 40, 400),
    "equal, 64-64-64-64": (64, 64, 64, 64),
}


@dataclasses.dataclass(frozen=True)
class Pair:
    """One program, twice: makers of a function to trace, and values to run it on."""

    name: str
    peer_name: str
    ours: Callable[[], Callable[..., Any]]
    peer: Callable[[], Callable[..., Any]]
    values: tuple[Any, ...]

    def compiled(self, make: Callable[[], Callable[..., Any]]) -> Any:
        """The compiled program, from a function that JAX has not seen before."""
        function = make()
        return jax.jit(lambda *xs: function(*xs)).lower(*self.values).compile()


def dense(w: Any, b: Any, x: Any) -> Any:
    """An affine map."""
    return w @ x + b


def quadratic(prediction: Any, label: Any) -> Any:
    """Half the square of the distance."""
    return 0.5 * jnp.sum((prediction - label) ** 2)


def network(sizes: Sequence[int]) -> tuple[Any, dict[str, Any], Any]:
    """The loss of a network as a formal arrow, what its boxes mean, and its parameters."""
    C, means, layers = FreeCartesian(unit), {}, list(itertools.pairwise(sizes))

    def box(name: str, f: Callable[..., Any], dom: Any) -> Any:
        means[name] = smooth(f, dom)
        return C.generator(name, dom, means[name].cod)

    affine = [box(f"dense {i}", dense, R(m, n) @ R(m) @ R(n)) for i, (n, m) in enumerate(layers)]
    squash = [box(f"tanh {i}", jnp.tanh, R(m)) for i, (_, m) in enumerate(layers)]
    loss = box("loss", quadratic, R(sizes[-1]) @ R(sizes[-1]))

    def run(symbols: Any) -> Any:
        x = symbols[-2]
        for i in range(len(layers)):
            (x,) = C.apply(affine[i], (*symbols[2 * i : 2 * i + 2], x))
            (x,) = C.apply(squash[i], (x,)) if i < len(layers) - 1 else (x,)
        return C.apply(loss, (x, symbols[-1]))

    parameters = functools.reduce(lambda x, y: x @ y, (R(m, n) @ R(m) for n, m in layers))
    return C.arrow(parameters @ R(sizes[0]) @ R(sizes[-1]), R(), run), means, parameters


def written(*xs: Any) -> Any:
    """The same loss, written by hand."""
    x, last = xs[-2], len(xs) // 2 - 2
    for i in range(last + 1):
        x = dense(xs[2 * i], xs[2 * i + 1], x)
        x = jnp.tanh(x) if i < last else x
    return quadratic(x, xs[-1])


def gradients() -> list[Pair]:
    """The gradient of the network, in each kind of linear arrows."""
    term, means, parameters = network(SIZES)
    values = tuple(w.random(jax.random.key(i)) for i, w in enumerate(term.dom.wires))
    n = len(parameters)

    def composed(k: Any) -> Callable[..., Any]:
        f = gradient(interpret(term, D(k), arrows=lambda box: D(k).of(means[box.name])))
        return lambda *xs: Smooth.apply(f, xs)[:n]

    peer = lambda: jax.grad(written, argnums=tuple(range(n)))
    return [
        Pair(f"gradient in {name}", GRAD, functools.partial(composed, k), peer, values) for name, k in KINDS.items()
    ]


def chain(sizes: Sequence[int]) -> Any:
    """Products with a matrix and a wave in turn."""
    arrows = []
    for i, (n, m) in enumerate(itertools.pairwise(sizes)):
        w = jax.random.normal(jax.random.key(i), (m, n)) / n**0.5
        arrows += [smooth(jax.tree_util.Partial(jnp.matmul, w), R(n)), smooth(jnp.sin, R(m))]
    return Smooth.then(*arrows)


def jacobians() -> list[Pair]:
    """The Jacobians of the chains."""
    pairs = []
    for name, sizes in CHAINS.items():
        f, x = chain(sizes), jnp.ones(sizes[0])
        flops = lambda make, f=f, x=x: cost(jax.jit(make(f)).lower(x).compile())["flops"]
        better = min((jax.jacfwd, jax.jacrev), key=flops)
        ours, peer = functools.partial(jacobian, f), functools.partial(better, f)
        pairs.append(Pair(f"jacobian, {name}", BETTER, ours, peer, (x,)))
    return pairs


def compare(pair: Pair) -> list[Row]:
    """All rows of one pair."""
    trace = lambda make: jax.jit(lambda *xs: make()(*xs)).trace(*pair.values)
    for make in (pair.ours, pair.peer):
        trace(make)
    traced, peer_traced = in_turns(lambda: trace(pair.ours), lambda: trace(pair.peer), rounds=ROUNDS)
    ours, peer = ([pair.compiled(make) for _ in range(COPIES)] for make in (pair.ours, pair.peer))
    costs, peer_costs = cost(ours[0]), cost(peer[0])
    runner = lambda compiled: lambda: lambda: compiled(*pair.values)
    times, peer_times = step_times([*map(runner, ours)], [*map(runner, peer)], rounds=ROUNDS)
    row = functools.partial(Row, pair.name)
    return [
        row("trace, arrows built anew (ms)", 1e3 * traced, 1e3 * peer_traced, pair.peer_name),
        row("flops", costs["flops"], peer_costs["flops"], pair.peer_name),
        row("bytes", costs["bytes"], peer_costs["bytes"], pair.peer_name),
        row("run (us)", 1e6 * statistics.median(times), 1e6 * statistics.median(peer_times), pair.peer_name),
        row("run, spread (us)", 1e6 * max(peer_times), 1e6 * min(peer_times), f"{pair.peer_name}, another copy"),
    ]


def measure() -> list[Row]:
    """All rows."""
    return [row for pair in (*gradients(), *jacobians()) for row in compare(pair)]


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    return [
        *(Gate(f"gradient in {name}", "flops", 1.05) for name in KINDS),
        *(Gate(f"jacobian, {name}", "flops", 1 / 3 if name.startswith("wide") else 1.0) for name in CHAINS),
    ]
