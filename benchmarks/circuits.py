"""Circuits: a random circuit of ten thousand gates on a million inputs, and a table that learns 65,536 values.

Definition:
    Each gate of the circuit is xor or and, on two earlier wires chosen at random, so that a wire is read by many; a *gate evaluation* is
    one gate on one input. 2^20 inputs are packed into 2^15 words of 32 bits a wire. The peer runs through the same gates in numpy, one
    operation in place on all words of a wire; both give the same words, and on 2^12 inputs those of the evaluator of Booleans.

The table learns a random function by reverse derivative ascent, one step an input, in one compiled call; the peer is the same steps written
as one `jax.lax.scan`.
"""

import time
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from catlearn.constructions.circuit import random_circuit
from catlearn.constructions.packed import Packed, pack, unpack
from catlearn.constructions.truth import evaluate, evaluate_each
from catlearn.learn.boolean import rda, rda_step
from catlearn.learn.boolean_models import all_inputs, look_up

from .harness import Gate, Row, in_turns

INPUTS, GATES, EXAMPLES, CHECKED, BITS, ROUNDS = 64, 10_000, 2**20, 2**12, 16, 7
CIRCUIT = "10,000 random gates, 2^20 inputs"
TABLE = "table of 2^16 rows, one pass"
NUMPY, SCAN, LIMIT = "numpy, the same words", "hand-written lax.scan", "the limit"


def by_numpy(program: Packed, words: Any) -> Any:
    """The same rows, one numpy operation each, in place."""
    registers = np.zeros((program.registers, words.shape[1]), np.uint32)
    registers[1] = 0xFFFFFFFF
    registers[2 : 2 + program.inputs] = words
    operations = (np.bitwise_xor, np.bitwise_and)
    for kind, left, right, out in program.rows.tolist():
        operations[kind](registers[left], registers[right], out=registers[out])
    return registers[program.outputs]


def circuit_rows() -> list[Row]:
    """Building, compiling and running the packed circuit."""
    began = time.process_time()
    f = random_circuit(INPUTS, GATES, key=jax.random.key(0))
    program = Packed.of(f)
    built = time.process_time() - began
    gates = len(program.rows)
    assert gates >= 0.99 * GATES, gates

    bits = np.random.default_rng(0).integers(0, 2, (EXAMPLES, INPUTS), dtype=np.uint8).astype(bool)
    words = jax.block_until_ready(pack(bits))
    given = np.asarray(words)
    began = time.perf_counter()
    compiled = jax.jit(lambda program, words: program.words(words)).lower(program, words).compile()
    compiling = time.perf_counter() - began

    run, peer = lambda: jax.block_until_ready(compiled(program, words)), lambda: by_numpy(program, given)
    found = np.asarray(run())
    assert np.array_equal(found, peer())
    few = np.asarray(unpack(found, CHECKED))
    assert np.array_equal(few, evaluate_each(f, bits[:CHECKED]))
    assert all(evaluate(f, *map(bool, x)) == tuple(y) for x, y in zip(bits[:8], few[:8].tolist(), strict=True))

    ours, theirs = in_turns(run, peer, rounds=ROUNDS, clock=time.perf_counter)
    rate = lambda seconds: gates * EXAMPLES / seconds / 1e9
    return [
        Row(CIRCUIT, "time (ms)", 1e3 * ours, 1e3 * theirs, NUMPY),
        Row(CIRCUIT, "10^9 gate evaluations a second", rate(ours), rate(theirs), NUMPY),
        Row(CIRCUIT, "seconds for 10^9 gate evaluations", 1 / rate(ours), 1.0, LIMIT),
        Row(CIRCUIT, "trace, lower, compile (s)", compiling, 20.0, LIMIT),
        Row(CIRCUIT, "laying out the circuit (s)", built, 20.0, LIMIT),
    ]


def table_rows() -> list[Row]:
    """Training the table."""
    xs = all_inputs(BITS)
    ys = jnp.asarray(np.random.default_rng(1).integers(0, 2, (2**BITS, 1)), bool)
    start = jnp.zeros((2**BITS, 1), bool)
    learner = rda_step(look_up(BITS))

    @jax.jit
    def by_hand(table: Any, ys: Any, xs: Any) -> Any:
        places = jnp.arange(2**BITS, dtype=jnp.int32)

        def step(table: Any, example: Any) -> tuple[Any, None]:
            y, x = example
            row = jnp.sum(jnp.where(x, 1 << jnp.arange(BITS, dtype=jnp.int32), 0), dtype=jnp.int32)
            return table ^ ((places == row)[:, None] & (table[row] ^ y)[None]), None

        return jax.lax.scan(step, table, (ys, xs))[0]

    run = lambda: jax.block_until_ready(rda(learner, (start,), (ys,), (xs,)))
    peer = lambda: jax.block_until_ready(by_hand(start, ys, xs))
    assert np.array_equal(run()[0], ys)
    assert np.array_equal(peer(), ys)
    ours, theirs = in_turns(run, peer, rounds=ROUNDS, clock=time.perf_counter)
    return [Row(TABLE, "time (ms)", 1e3 * ours, 1e3 * theirs, SCAN)]


def measure() -> list[Row]:
    """All rows."""
    return circuit_rows() + table_rows()


def gates(rows: Sequence[Row]) -> list[Gate]:
    """The limits."""
    return [
        Gate(CIRCUIT, "time (ms)", 1.0),
        Gate(CIRCUIT, "seconds for 10^9 gate evaluations", 1.0),
        Gate(CIRCUIT, "trace, lower, compile (s)", 1.0),
        Gate(TABLE, "time (ms)", 1.3),
    ]
