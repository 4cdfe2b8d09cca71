"""Combinators vanish: the optimised program of a composite is that of the same program written by hand.

Nothing here reads a clock. The hand-written peers and the composites are those of the benchmark `composition`.
"""

import contextlib
import functools

import jax
import jax.numpy as jnp
import pytest

from benchmarks import composition, handwritten
from benchmarks.harness import cost, opcodes
from catlearn import R, Reverse, Smooth, learn, para, smooth


@contextlib.contextmanager
def as_users_have_it():
    """The precision and promotions that JAX has by default, which hand-written programs rely on."""
    with jax.enable_x64(False), jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        yield


with as_users_have_it():
    STEPS = composition.steps()
    CHAINS = composition.chains(10, 100)


@pytest.mark.parametrize("case", STEPS + CHAINS, ids=lambda case: case.name)
def test_the_optimised_program_has_the_operations_of_the_one_written_by_hand(case):
    with as_users_have_it():
        ours, peer = case.ours.compile(), case.peer.compile()
    assert opcodes(peer).total() > 50  # the text was read
    assert opcodes(ours) == opcodes(peer)
    assert cost(ours) == cost(peer)


@pytest.mark.parametrize("case", CHAINS, ids=lambda case: case.name)
def test_a_chain_is_traced_to_the_primitives_of_the_loop_written_by_hand(case):
    with as_users_have_it():
        assert primitives(case.ours) == primitives(case.peer)


def primitives(program):
    return sorted(equation.primitive.name for equation in program.trace().jaxpr.eqns)


def chain_of(arrows, nesting):
    if nesting == "left":
        return functools.reduce(lambda f, g: f >> g, arrows)
    if nesting == "right":
        return functools.reduce(lambda g, f: f >> g, reversed(arrows))
    half = len(arrows) // 2
    return arrows[0] if half == 0 else chain_of(arrows[:half], nesting) >> chain_of(arrows[half:], nesting)


@pytest.mark.parametrize("nesting", ["left", "right", "balanced"])
@pytest.mark.parametrize("when", ["reversed before", "reversed after"])
def test_neither_the_bracketing_nor_the_moment_of_reversing_changes_the_program(nesting, when):
    n = 12
    arrows = [smooth(jnp.sin, R()) if i % 2 else smooth(jnp.tanh, R()) for i in range(n)]
    if when == "reversed before":
        put = chain_of([Reverse(f) for f in arrows], nesting).put
    else:
        put = Reverse(chain_of(arrows, nesting)).put

    def by_hand(x, dy):
        def f(x):
            for i in range(n):
                x = jnp.sin(x) if i % 2 else jnp.tanh(x)
            return x

        return jax.vjp(f, x)[1](dy)

    ours, peer = (jax.jit(f).lower(1.0, 1.0).compile() for f in (lambda x, dy: Smooth.apply(put, (x, dy)), by_hand))
    assert opcodes(ours) == opcodes(peer)
    assert cost(ours) == cost(peer)


def test_a_chain_of_parametric_lenses_has_the_program_of_the_reversed_chain():
    wave = lambda: para(R(), smooth(handwritten.wave, R() @ R()))
    arrows = [wave() for _ in range(12)]
    before = chain_of([Reverse(f) for f in arrows], "left").arrow.put
    after = Reverse(chain_of(arrows, "left")).arrow.put
    values = (1.0,) * 14
    one, other = (jax.jit(lambda *xs, f=f: Smooth.apply(f, xs)).lower(*values).compile() for f in (before, after))
    assert opcodes(one) == opcodes(other)
    assert cost(one) == cost(other)


def test_a_power_is_one_loop_whose_program_does_not_grow():
    small, large = (composition.power(n).compile() for n in (3, 500))
    assert opcodes(small) == opcodes(large)
    assert opcodes(large)["while"] == 2  # forward, and back


def test_a_power_is_traced_to_one_scan():
    f = (learn.dense(4, 4) >> learn.tanh(4)) ** 500
    traced = jax.make_jaxpr(lambda *xs: Smooth.apply(f.arrow, xs))(*(w.zeros() for w in f.arrow.dom.wires))
    assert [equation.primitive.name for equation in traced.jaxpr.eqns] == ["scan"]


def test_a_step_without_requests_differentiates_nothing_by_its_data():
    model, loss = learn.dense(3, 2), learn.quadratic(2)
    with as_users_have_it():
        free, asking = (learn.supervised_step(model, loss, learn.sgd(0.5), batch=4, requests=r) for r in (False, True))
        counts = []
        for learner in (free, asking):
            values = tuple(w.zeros() for w in learner.put.dom.wires)
            counts.append(opcodes(jax.jit(lambda *xs, f=learner.put: Smooth.apply(f, xs)).lower(*values).compile()))
    assert counts[0]["dot"] == 2  # x W, and xᵀ dy
    assert counts[1]["dot"] == 3  # and dy Wᵀ
