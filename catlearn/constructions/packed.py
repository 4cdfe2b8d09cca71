r"""Packed circuits: thirty-two inputs in a word, and a circuit as data for one compiled loop.

Definition:
    Pack the i-th bits of 32 inputs into one word of 32 bits. Xor and and of words are those of each of their bits, so a circuit runs on 32
    inputs with one operation a gate. A circuit is laid out as a *straight-line program*: rows

    .. math:: (\mathrm{kind},\; \mathrm{left},\; \mathrm{right},\; \mathrm{out}),

    each of which reads two registers and writes a third; a register is used again when its last reader is gone.

The rows are an array, not code for the compiler: circuits of one size share one compiled loop, and ten thousand gates compile as fast as
ten. The loop takes a few words of each wire at a time, so that all registers stay in the cache.

References:
    Biham, *A fast new DES implementation in software* (1997), for bit slicing.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..objects import Ob
from ..objects.wires import Discrete
from ..theory import Data, door
from .circuit import Circuits, of_gate

WORD = 32
CHUNK = 256
"""How many words of each wire the loop takes at a time."""

_KINDS = {"xor": 0, "zero": -2, "and": 1, "one": -1}
"""The kind of a row; negative for the constants, which have a register and no row."""


@door
def pack(bits: Any) -> Any:
    """The words of some inputs: bit ``i % 32`` of word ``i // 32`` of a wire is what input i has there.

    Args:
        bits: Booleans of shape ``(inputs, wires)``.

    Returns:
        Words of shape ``(wires, ceil(inputs / 32))``; what is left of the last ones is zero.

    Example:
        >>> print(pack(jnp.array([[True, False], [True, True], [False, True]])))
        [[3]
         [6]]
    """
    n, wires = bits.shape
    lanes = -(-n // WORD)
    padded = jnp.pad(jnp.asarray(bits, bool), ((0, lanes * WORD - n), (0, 0)))
    digits = padded.T.reshape(wires, lanes, WORD).astype(jnp.uint32)
    return jnp.sum(digits << jnp.arange(WORD, dtype=jnp.uint32)[None, None], axis=2, dtype=jnp.uint32)


@door
def unpack(words: Any, n: int) -> Any:
    """The first `n` inputs of some words, Booleans of shape ``(n, wires)``: the inverse of `pack`.

    Example:
        >>> unpack(jnp.array([[3], [6]], jnp.uint32), 3).astype(int).tolist()
        [[1, 0], [1, 1], [0, 1]]
    """
    words = words[:, : -(-n // WORD)]
    digits = words[:, :, None] >> jnp.arange(WORD, dtype=jnp.uint32)[None, None] & 1
    return digits.astype(bool).reshape(words.shape[0], -1)[:, :n].T


class Packed(Data):
    """A circuit as a straight-line program on words; call it on Booleans of shape ``(inputs, wires)``.

    Attributes:
        inputs: how many inputs the circuit has; they start in registers 2, 3, ....
        registers: how many registers there are; registers 0 and 1 hold zero and one.
        rows: one row ``(kind, left, right, out)`` a gate, in the order in which they run; kind 1 is and, kind 0 is xor.
        outputs: the registers that come out.

    Example:
        >>> from catlearn.constructions import circuit
        >>> half_adder = Packed.of(circuit(2, lambda x, y: (x ^ y, x & y)))
        >>> half_adder(jnp.array([[True, False], [True, True]])).astype(int).tolist()
        [[1, 0], [0, 1]]
    """

    inputs: int = eqx.field(static=True)
    registers: int = eqx.field(static=True)
    rows: Any
    outputs: Any

    @staticmethod
    @door
    def of(f: Any) -> "Packed":
        """The program of a circuit.

        Raises:
            WrongCategory: `f` is not a circuit.
            WrongObject: it has a box that is no gate.
        """
        Circuits._own(f)
        graph, n = f.graph, len(f.graph.uses)
        last = {s: i for i, use in enumerate(graph.uses) for s in use.inputs} | dict.fromkeys(graph.outputs, n)
        where: dict[Any, int] = {i: 2 + i for i in range(graph.inputs)}
        free, registers, rows = [], 2 + graph.inputs, []
        for i, use in enumerate(graph.uses):
            kind = of_gate(_KINDS, use.box)
            if kind < 0:
                where[use, 0] = 2 + kind
                continue
            left, right = (where[s] for s in use.inputs)
            free += [where[s] for s in set(use.inputs) if last[s] == i and where[s] > 1]
            if not free:
                free.append(registers)
                registers += 1
            where[use, 0] = free.pop()
            rows.append((kind, left, right, where[use, 0]))
        outputs = np.array([where[s] for s in graph.outputs], np.int32)
        return Packed(graph.inputs, registers, np.array(rows, np.int32).reshape(-1, 4), outputs)

    @door
    def __call__(self, bits: Any) -> Any:
        """The outputs for each input.

        Raises:
            WrongValue: `bits` is not an array of Booleans with one column a wire.
        """
        n = np.shape(bits)[0] if np.ndim(bits) else 0
        (bits,) = Ob((Discrete((n, self.inputs), "bool"),)).elements((bits,))
        return _on_bits(self, bits)

    @door
    def words(self, words: Any) -> Any:
        """The outputs for packed inputs: words of shape ``(wires, lanes)`` to words of shape ``(outputs, lanes)``.

        Raises:
            WrongValue: `words` are not 32-bit words with one row a wire.
        """
        lanes = np.shape(words)[-1] if np.ndim(words) else 0
        (words,) = Ob((Discrete((self.inputs, lanes), "uint32"),)).elements((words,))
        return _on_words(self, words)


def _run(program: Packed, words: Any) -> Any:
    lanes = words.shape[1]
    width = min(CHUNK, max(lanes, 1))
    chunks = -(-lanes // width)
    padded = jnp.pad(words, ((0, 0), (0, chunks * width - lanes)))
    each = padded.reshape(program.inputs, chunks, width).swapaxes(0, 1)
    out = jax.lax.map(lambda chunk: _run_chunk(program, chunk), each)
    return out.swapaxes(0, 1).reshape(program.outputs.shape[0], chunks * width)[:, :lanes]


def _run_chunk(program: Packed, words: Any) -> Any:
    width = words.shape[1]
    constants = jnp.stack([jnp.zeros(width, jnp.uint32), jnp.full(width, 0xFFFFFFFF, jnp.uint32)])
    rest = jnp.zeros((program.registers - 2 - program.inputs, width), jnp.uint32)

    def gate(registers: Any, row: Any) -> tuple[Any, None]:
        kind, left, right, out = row
        x, y = registers[left], registers[right]
        return registers.at[out].set(jnp.where(kind == 1, x & y, x ^ y)), None

    registers, _ = jax.lax.scan(gate, jnp.concatenate([constants, words, rest]), tuple(jnp.asarray(program.rows).T))
    return registers[program.outputs]


_on_words = jax.jit(_run)
_on_bits = jax.jit(lambda program, bits: unpack(_run(program, pack(bits)), bits.shape[0]))
