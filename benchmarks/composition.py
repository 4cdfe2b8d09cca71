"""Composition: training steps and chains of arrows, against the same programs written by hand.

Definition:
    A step is forward, loss, gradient, update. Each row compares the step that catlearn composes with the one in
    `benchmarks.handwritten`: tracing (building all arrows from scratch included), compiling, the operations, flops and bytes of
    the optimised program, and the time of a step. A chain has n parametric arrows, ``sin(w x)`` and ``tanh(w x + b)`` in turn,
    and its reverse is traced and run.

Combinators should vanish: the two optimised programs have the same operations, and tracing costs at most 1.3 times as much.
"""

import dataclasses
import functools
import itertools
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import optax

from catlearn import Batch, R, Reverse, Smooth, learn, para, smooth
from catlearn.constructions import ParaMap

from . import handwritten as hand
from .harness import Gate, Row, cost, in_turns, opcodes, step_times

HAND = "hand-written"
TRACE, COMPILE = "trace, arrows built anew (ms)", "trace, lower, compile (ms)"
COPIES = 4


@dataclasses.dataclass(frozen=True)
class Program:
    """A function to compile, and values to run it on.

    Attributes:
        function: what is traced.
        arguments: values for it.
        again: from the arguments and the result, the arguments of the next step.
        donate: the arguments that the program may overwrite.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    again: Callable[[tuple[Any, ...], Any], tuple[Any, ...]] = lambda arguments, result: arguments
    donate: tuple[int, ...] = ()

    def trace(self) -> Any:
        """The traced program, from a function that JAX has not seen before."""
        fresh = lambda *arguments: self.function(*arguments)
        return jax.jit(fresh, donate_argnums=self.donate).trace(*self.arguments)

    def compile(self) -> Any:
        """The compiled program."""
        return self.trace().lower().compile()

    def runner(self, compiled: Any) -> Callable[[], Any]:
        """A call that makes the next step."""
        arguments = jax.tree.map(jnp.copy, self.arguments)

        def step() -> Any:
            nonlocal arguments
            result = compiled(*arguments)
            arguments = self.again(arguments, result)
            return result

        return step


@dataclasses.dataclass(frozen=True)
class Case:
    """One program, twice.

    Attributes:
        name: of the row.
        build: makes the function of `ours`, with all its arrows, from scratch.
        ours: the program that catlearn composes.
        peer: the program written by hand.
    """

    name: str
    build: Callable[[], Callable[..., Any]]
    ours: Program
    peer: Program

    def built(self) -> Program:
        """`ours`, built again."""
        return dataclasses.replace(self.ours, function=self.build())


def _learning(step: Callable[..., Any], carry: Any, *data: Any) -> Program:
    return Program(step, (carry, *data), lambda arguments, result: (result[0], *arguments[1:]), donate=(0,))


def step_of(model: ParaMap, loss: ParaMap, optimiser: learn.Optimiser, batch: int) -> Callable[..., Any]:
    """One step of learning with catlearn: the state moves, and the mean loss is seen."""
    learner = learn.supervised_step(model, loss, optimiser, batch=batch)

    def step(state: Any, x: Any, y: Any) -> Any:
        state, (losses,) = learner.update(state, (y, x))
        return state, losses.mean()

    return step


def training(
    name: str,
    model: Callable[[], ParaMap],
    loss: Callable[[], ParaMap],
    optimiser: Callable[[], learn.Optimiser],
    peer_loss: Callable[..., Any],
    params: Any,
    tx: optax.GradientTransformation,
    x: Any,
    y: Any,
) -> Case:
    """One step of learning, composed and written by hand."""
    build = lambda: step_of(model(), loss(), optimiser(), len(x))
    P = model().parameter
    p = P.elements(P.zeros())
    ours = _learning(build(), optimiser().init(P, p) + p, x, y)
    peer = _learning(hand.training_step(peer_loss, tx), (params, tx.init(params)), x, y)
    return Case(name, build, ours, peer)


def mlp(*sizes: int) -> ParaMap:
    """Dense layers with a rectifier between them."""
    layers = [learn.dense(n, m) >> learn.relu(m) for n, m in itertools.pairwise(sizes[:-1])]
    return learn.sequential(*layers, learn.dense(*sizes[-2:]))


def cnn(size: int, channels: tuple[int, int, int], classes: int) -> ParaMap:
    """Two convolutions, each with a rectifier and a pooling, then a dense layer."""
    a, b, c = channels
    full, half, quarter = size, size // 2, size // 4
    first = learn.conv((full, full, a), b, 3) >> learn.relu(full, full, b) >> learn.max_pool((full, full, b))
    second = learn.conv((half, half, b), c, 3) >> learn.relu(half, half, c) >> learn.max_pool((half, half, c))
    return first >> second >> learn.flatten(quarter, quarter, c) >> learn.dense(quarter**2 * c, classes)


def transformer(vocabulary: int, length: int, d: int, heads: int, blocks: int) -> ParaMap:
    """A causal language model."""
    each = Batch(length)
    return learn.sequential(
        learn.embedding(vocabulary, d, length=length),
        learn.positions(length, d),
        *(learn.transformer_block(length, d, heads, causal=True) for _ in range(blocks)),
        each(learn.layer_norm(d)),
        each(learn.dense(d, vocabulary)),
    )


def at_each(length: int, loss: ParaMap) -> ParaMap:
    """The loss at each position of a sequence."""
    return para(loss.parameter.stacked(length), Batch(length)(loss.arrow))


def chain(n: int) -> ParaMap:
    """``sin(w x)`` and ``tanh(w x + b)`` in turn, composed from the left."""
    wave = lambda: para(R(), smooth(hand.wave, R() @ R()), labels=["w"])
    squash = lambda: para(R() @ R(), smooth(hand.squash, R() @ R() @ R()), labels=["w", "b"])
    arrows = [squash() if i % 2 else wave() for i in range(n)]
    return functools.reduce(lambda f, g: f >> g, arrows)


def reversed_chain(n: int) -> Callable[..., Any]:
    """What comes back through the chain, by catlearn."""
    put = Reverse(chain(n)).arrow.put
    return lambda params, x, dy: Smooth.apply(put, (*params, x, dy))


def power(n: int) -> Program:
    """``f ** n`` of a dense layer with tanh, and its reverse: one loop."""
    f = (learn.dense(16, 16) >> learn.tanh(16)) ** n
    put = Reverse(f).arrow.put
    values = tuple(w.zeros() for w in put.dom.wires)
    return Program(lambda *xs: Smooth.apply(put, xs), values)


def steps() -> list[Case]:
    """The training steps (a), (b), (c)."""
    adam, tx = functools.partial(learn.adam, 1e-3), optax.adam(1e-3)
    sgd, tx_sgd = functools.partial(learn.sgd, 1e-2), optax.sgd(1e-2)
    zeros, labels = jnp.zeros, lambda n: jnp.zeros(n, jnp.int32)

    def mlp_case(sizes: tuple[int, ...], name: str, optimiser: Any, tx: Any) -> Case:
        name = f"mlp {'-'.join(map(str, sizes))}, {name}"
        loss = functools.partial(learn.cross_entropy, sizes[-1])
        data = zeros((128, sizes[0])), labels(128)
        return training(
            name, lambda: mlp(*sizes), loss, optimiser, hand.mlp_loss, hand.mlp_parameters(*sizes), tx, *data
        )

    image, tokens = (zeros((64, 28, 28, 1)), labels(64)), (labels((8, 32)), labels((8, 32)))
    filters, words = (28, (1, 8, 16), 10), (64, 32, 32)
    return [
        mlp_case((64, 128, 10), "sgd", sgd, tx_sgd),
        mlp_case((64, 128, 10), "adam", adam, tx),
        mlp_case((784, 512, 512, 10), "adam", adam, tx),
        training(
            "cnn 28x28, adam",
            lambda: cnn(*filters),
            lambda: learn.cross_entropy(10),
            adam,
            hand.cnn_loss,
            hand.cnn_parameters(*filters),
            tx,
            *image,
        ),
        training(
            "transformer, 2 blocks, adam",
            lambda: transformer(*words, heads=4, blocks=2),
            lambda: at_each(32, learn.cross_entropy(64)),
            adam,
            functools.partial(hand.transformer_loss, heads=4),
            hand.transformer_parameters(*words, blocks=2),
            tx,
            *tokens,
        ),
    ]


def chains(*sizes: int) -> list[Case]:
    """The chains (d)."""
    one, cases = jnp.ones(()), []
    for n in sizes:
        params = hand.chain_parameters(n)
        build = functools.partial(reversed_chain, n)
        ours = Program(build(), (tuple(jax.tree.leaves(params)), one, one))
        cases.append(Case(f"chain of {n}", build, ours, Program(hand.chain_reverse, (params, one, one))))
    return cases


def compare(case: Case, *, rounds: int) -> list[Row]:
    """All rows of one case."""
    program, peer_program = case.ours, case.peer
    for p in (case.built(), peer_program):
        p.trace()
    build, whole, trace, peer_trace = in_turns(
        case.build, functools.partial(_traced, case), program.trace, peer_program.trace, rounds=rounds
    )
    first, peer_first = in_turns(
        functools.partial(_traced, case), peer_program.trace, rounds=COPIES, before=jax.clear_caches
    )
    ours, peer = [], []
    compiling, peer_compiling = in_turns(
        lambda: ours.append(program.compile()), lambda: peer.append(peer_program.compile()), rounds=COPIES
    )
    counts, peer_counts = opcodes(ours[0]), opcodes(peer[0])
    costs, peer_costs = cost(ours[0]), cost(peer[0])
    times, peer_times = step_times(
        [functools.partial(program.runner, c) for c in ours],
        [functools.partial(peer_program.runner, c) for c in peer],
        rounds=rounds,
    )
    differing = sum(((counts - peer_counts) + (peer_counts - counts)).values())
    row = functools.partial(Row, case.name)
    return [
        row(TRACE, 1e3 * whole, 1e3 * peer_trace, HAND),
        row("first trace, with no caches (ms)", 1e3 * first, 1e3 * peer_first, HAND),
        row("trace alone (ms)", 1e3 * trace, 1e3 * peer_trace, HAND),
        row("building alone (ms)", 1e3 * build, 1e3 * peer_trace, f"{HAND}, trace"),
        row(COMPILE, 1e3 * compiling, 1e3 * peer_compiling, HAND),
        row("HLO operations", counts.total(), peer_counts.total(), HAND),
        row("HLO operations not in both", differing, 0, HAND),
        row("flops", costs["flops"], peer_costs["flops"], HAND),
        row("bytes", costs["bytes"], peer_costs["bytes"], HAND),
        row("step (us)", 1e6 * statistics.median(times), 1e6 * statistics.median(peer_times), HAND),
        row("step, spread (us)", 1e6 * max(peer_times), 1e6 * min(peer_times), f"{HAND}, another copy"),
    ]


def measure() -> list[Row]:
    """All rows."""
    rows = []
    for case in steps():
        rows += compare(case, rounds=11)
    for n, rounds in ((10, 21), (100, 11), (1000, 5)):
        rows += compare(*chains(n), rounds=rounds)
    hundred, thousand = chains(100, 1000)
    for metric, work, rounds in ((TRACE, _traced, 5), (COMPILE, _compiled, 3)):
        few, many = in_turns(functools.partial(work, hundred), functools.partial(work, thousand), rounds=rounds)
        rows.append(Row("1000 arrows to 100", metric, 1e3 * many, 1e3 * few, "chain of 100"))
    many, few = in_turns(lambda: power(500).compile(), lambda: power(10).compile(), rounds=7)
    rows.append(Row("f ** 500", COMPILE, 1e3 * many, 1e3 * few, "f ** 10"))
    return rows


def _traced(case: Case) -> None:
    case.built().trace()


def _compiled(case: Case) -> None:
    case.built().compile()


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    ratios = {(r.row, r.metric): r.ratio for r in rows}
    limits = []
    for name in dict.fromkeys(r.row for r in rows if r.metric == "flops"):
        spread = ratios[name, "step, spread (us)"] - 1
        limits += [
            Gate(name, TRACE, 1.3),
            Gate(name, "HLO operations not in both", 1.0),
            Gate(name, "flops", 1.0, least=1.0),
            Gate(name, "bytes", 1.0, least=1.0),
            Gate(name, "step (us)", 1 + 2 * spread),
        ]
    return [
        *limits,
        Gate("1000 arrows to 100", TRACE, 12),
        Gate("1000 arrows to 100", COMPILE, 12),
        Gate("f ** 500", COMPILE, 1.3),
    ]
