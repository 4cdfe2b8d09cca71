"""Scans: all bracketings against a loop of Python over matrices modulo a prime, whose product is exact and does not commute."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catlearn.kernels.scan import Action, associative, default_block, passed, sequential, two_level

SCANS = "1905.13002"
P = 101


def op(a, b):
    return (a @ b) % P


def elements(n):
    return jnp.asarray(np.random.default_rng(n).integers(0, P, (n, 2, 2)))


def expected(xs, *, reverse):
    xs = np.asarray(xs)
    parts = [xs[k:] if reverse else xs[: k + 1] for k in range(len(xs))]
    return [functools.reduce(op, part) for part in parts]


@pytest.mark.paper(SCANS, "operator")
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n", [1, 8])
def test_every_bracketing_has_the_products_of_a_loop(n, reverse):
    xs = elements(n)
    right = expected(xs, reverse=reverse)
    scans = (sequential, associative, functools.partial(two_level, block=3))
    found = jax.jit(lambda xs: [scan(op, xs, reverse=reverse) for scan in scans])(xs)

    assert all(np.array_equal(products, right) for products in found)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("n", "block"), [(1, 4), (8, 4), (8, 3)])
def test_a_state_is_passed_along_as_the_products_act_on_it(n, block, reverse):
    xs, start = elements(n), jnp.array([1, 2])
    apply = (lambda s, a: (a @ s) % P) if reverse else (lambda s, a: (s @ a) % P)
    step = lambda s, x: (apply(s, x), s)
    action = Action(lambda x: x, op, apply)
    right = jax.lax.scan(step, start, xs, reverse=reverse)[1]
    products = expected(xs, reverse=reverse)
    after = [(a @ np.array([1, 2]) if reverse else np.array([1, 2]) @ a) % P for a in products]
    shifted = [*after[1:], start] if reverse else [start, *after[:-1]]

    assert np.array_equal(right, shifted)
    assert np.array_equal(jax.jit(lambda xs: passed(step, start, xs, action, block=block, reverse=reverse))(xs), right)


def test_elements_may_be_trees():
    then = lambda f, g: {"slope": f["slope"] * g["slope"], "offset": f["offset"] * g["slope"] + g["offset"]}
    xs = {"slope": jnp.arange(1, 6), "offset": jnp.ones(5, int)}
    right, found = jax.jit(lambda xs: (sequential(then, xs, reverse=True), two_level(then, xs, block=2, reverse=True)))(
        xs
    )

    assert all(np.array_equal(found[k], right[k]) for k in xs)


def test_blocks_pass_derivatives():
    xs = jnp.linspace(0.5, 1.5, 7)
    slope = jax.jit(jax.grad(lambda xs: two_level(jnp.multiply, xs, block=3)[-1]))(xs)

    assert np.allclose(slope, np.prod(xs) / xs, rtol=1e-5)


def test_there_are_about_as_many_blocks_whatever_the_length():
    lengths = [10, 100, 10_000, 1_000_000]

    assert all(default_block(n) >= 8 and n / default_block(n) <= 64 for n in lengths)
