"""Gradients and Jacobians: `jax.grad`, `jax.jacfwd` and exhaustive search as the reference; costs are flops of compiled programs."""

import functools
import itertools
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import lowers_everywhere

from catlearn import R, Smooth, gradient, jacobian, linear, smooth, unit
from catlearn.categories import AddFn, Linear
from catlearn.constructions import Cont, D, Derive, Dual, FreeCartesian, Include, interpret
from catlearn.constructions.bracketing import (
    Identity,
    Multiply,
    Price,
    Pull,
    Push,
    cheapest,
    cost,
    forward,
    pushed,
    reverse,
)
from catlearn.constructions.jacobian import CUTS, plan_of
from catlearn.theory.errors import CatlearnError, WrongObject

PAPER = "1804.00746"
KEY = jax.random.key(0)


def flops(f, *arguments):
    return jax.jit(f).lower(*arguments).compile().cost_analysis()["flops"]


# ---------------------------------------------------------------- a network, of primitives
def dense(w, b, x):
    return w @ x + b


SIZES = (24, 64, 48, 10)
LAYERS = list(itertools.pairwise(SIZES))
PARAMETERS = functools.reduce(lambda x, y: x @ y, (R(m, n) @ R(m) for n, m in LAYERS))
DOM = PARAMETERS @ R(SIZES[0]) @ R(SIZES[-1])


def network():
    """The loss of a network with two hidden layers as a formal arrow of three kinds of boxes, and what they mean."""

    C, means = FreeCartesian(unit), {}

    def box(name, f, dom):
        means[name] = smooth(f, dom)
        return C.generator(name, dom, means[name].cod)

    affine = [box(f"dense {i}", dense, R(m, n) @ R(m) @ R(n)) for i, (n, m) in enumerate(LAYERS)]
    squash = [box(f"tanh {i}", jnp.tanh, R(m)) for i, (_, m) in enumerate(LAYERS)]
    loss = box("loss", squared, R(SIZES[-1]) @ R(SIZES[-1]))

    def run(symbols):
        x = symbols[-2]
        for i in range(len(LAYERS)):
            (x,) = C.apply(affine[i], (*symbols[2 * i : 2 * i + 2], x))
            (x,) = C.apply(squash[i], (x,)) if i < len(LAYERS) - 1 else (x,)
        return C.apply(loss, (x, symbols[-1]))

    return C.arrow(DOM, R(), run), means


def squared(prediction, label):
    return 0.5 * jnp.sum((prediction - label) ** 2)


def written(*xs):
    """The same loss, written by hand."""
    x = xs[-2]
    for i in range(len(LAYERS)):
        x = dense(xs[2 * i], xs[2 * i + 1], x)
        x = jnp.tanh(x) if i < len(LAYERS) - 1 else x
    return squared(x, xs[-1])


KINDS = {"duals": Dual(AddFn), "continuations": Cont(Dual(AddFn), R())}


@pytest.mark.paper(PAPER, "Thm 4")
@pytest.mark.paper(PAPER, "D(k)")
@pytest.mark.parametrize("k", KINDS.values(), ids=KINDS.keys())
def test_a_network_costs_no_more_flops_than_its_gradient_by_jax(k):
    term, means = network()
    f = interpret(term, D(k), arrows=lambda box: D(k).of(means[box.name]))
    xs = tuple(w.random(jax.random.fold_in(KEY, i)) for i, w in enumerate(DOM.wires))
    n = len(PARAMETERS)
    ours = lambda *xs: Smooth.apply(gradient(f), xs)[:n]
    theirs = jax.grad(written, argnums=tuple(range(n)))

    for found, expected in zip(ours(*xs), theirs(*xs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
    assert flops(ours, *xs) <= 1.05 * flops(theirs, *xs)
    assert lowers_everywhere(ours, *xs)


def test_the_gradient_of_one_piece_is_that_of_jax():
    f = smooth(lambda x, y: jnp.sum(jnp.sin(x) * y[0]) + y[1], R(3) @ R(2))
    xs = (jnp.array([0.5, 1.0, -2.0]), jnp.array([3.0, 4.0]))

    for g in (f, Derive(Dual(AddFn))(f), Derive(AddFn)(f), Derive(Cont(AddFn, R()))(f), Derive(Linear)(f)):
        for found, expected in zip(gradient(g)(*xs), jax.grad(f, argnums=(0, 1))(*xs), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-14)
    with pytest.raises(WrongObject, match="into the line"):
        gradient(smooth(jnp.sin, R(3)))


# ---------------------------------------------------------------- chains
def chain(sizes, waves=(jnp.sin,)):
    """Products with a matrix and elementwise maps in turn, with spaces of the given sizes between them."""
    arrows = []
    for i, (n, m) in enumerate(itertools.pairwise(sizes)):
        w = jax.random.normal(jax.random.fold_in(KEY, i), (m, n)) / np.sqrt(n)
        arrows += [smooth(jax.tree_util.Partial(jnp.matmul, w), R(n)), smooth(waves[i % len(waves)], R(m))]
    return Smooth.then(*arrows)


def costs(f):
    x = jax.random.normal(KEY, f.dom.avals()[0].shape)
    return {mode: flops(lambda x, mode=mode: jacobian(f, mode=mode)(x), x) for mode in ("auto", "forward", "reverse")}


def small_chains():
    dice = random.Random(7)
    chains = [[dice.choice((1, 2, 5, 12, 30)) for _ in range(dice.randint(2, 5))] for _ in range(6)]
    return [pytest.param(chain, marks=[] if len(chain) == 2 else pytest.mark.slow) for chain in chains]


@pytest.mark.parametrize("sizes", small_chains(), ids=str)
def test_on_random_chains_auto_costs_no_more_than_the_better_of_the_two_modes(sizes):
    f = chain(sizes, (jnp.tanh, jax.nn.softmax, jnp.sin))
    x = jax.random.normal(KEY, (sizes[0],))
    spent = costs(f)

    np.testing.assert_allclose(jacobian(f)(x), jax.jacfwd(f)(x), atol=1e-12)
    assert spent["auto"] <= min(spent["forward"], spent["reverse"])


@pytest.mark.slow
def test_dear_pieces_are_gone_through_in_few_directions_though_that_takes_a_product():
    dear = lambda n, m: smooth(lambda x: (jnp.sin(x) @ jnp.ones((n, 300))) @ jnp.ones((300, m)), R(n))
    f = dear(3, 1) >> dear(1, 3)
    spent = costs(f)

    assert type(plan_of((dear(3, 1), dear(1, 3)))) is Multiply
    assert 2 * spent["auto"] <= min(spent["forward"], spent["reverse"])


@pytest.mark.parametrize(
    "sizes", [(256, 4, 256, 64), pytest.param((200, 3, 200, 20, 200), marks=pytest.mark.slow)], ids=str
)
def test_wide_and_narrow_in_turn_auto_is_three_times_cheaper(sizes):
    f = chain(sizes)
    x = jax.random.normal(KEY, (sizes[0],))
    spent = costs(f)

    np.testing.assert_allclose(jacobian(f)(x), jax.jacrev(f)(x), atol=1e-12)
    assert 3 * spent["auto"] <= min(spent["forward"], spent["reverse"])
    by_jax = min(flops(jax.jacfwd(f), x), flops(jax.jacrev(f), x))
    assert 3 * spent["auto"] <= by_jax


@pytest.mark.slow
def test_the_modes_find_the_same_matrix_on_several_wires():
    f = smooth(lambda x, y: (x * y[0], jnp.outer(x, y)), R(2) @ R(3)) >> smooth(
        lambda u, v: (jnp.sin(u), v.sum(), v[0]), R(2) @ R(2, 3)
    )
    xs = (jnp.array([0.5, -1.0]), jnp.array([1.0, 2.0, 3.0]))
    blocks = jax.jacfwd(lambda *xs: Smooth.apply(f, xs), argnums=(0, 1))(*xs)
    expected = np.block([[np.reshape(b, (-1, n)) for b, n in zip(row, (2, 3), strict=True)] for row in blocks])

    for mode in ("auto", "forward", "reverse"):
        assert jacobian(f, mode=mode).cod == R(6, 5)
        np.testing.assert_allclose(jacobian(f, mode=mode)(*xs), expected, atol=1e-14)
    np.testing.assert_array_equal(jacobian(Smooth.id(R(2) @ R()))([1.0, 2.0], 3.0), np.eye(3))


def test_cheap_maps_between_spaces_of_other_sizes_are_not_taken_for_diagonal_ones():
    spread = smooth(lambda x: jnp.broadcast_to(x, (4,)), R(1)) >> smooth(lambda x: x[::2], R(4))
    f = smooth(jnp.sin, R(1)) >> spread >> smooth(jnp.cos, R(2))

    np.testing.assert_allclose(jacobian(f)(jnp.array([0.5])), jax.jacfwd(f)(jnp.array([0.5])), atol=1e-14)


def test_a_jacobian_is_a_smooth_map_and_lowers_for_every_kind_of_hardware():
    f = chain((3, 2, 3))
    x = jnp.array([0.5, 1.0, -1.0])

    hessians = jax.jacfwd(jax.jacfwd(f))(x).reshape(9, 3)
    np.testing.assert_allclose(jacobian(jacobian(f))(x), hessians, atol=1e-12)
    assert lowers_everywhere(lambda x: jacobian(f)(x), x)
    np.testing.assert_allclose(jax.jit(lambda f, x: jacobian(f)(x))(f, x), jax.jacfwd(f)(x), atol=1e-12)


def test_matrices_among_the_parts_of_a_chain_are_parts():
    f = Include(linear(R(3), R(2), jnp.arange(6.0).reshape(2, 3)) >> linear(R(2), R(2), jnp.cumsum))

    np.testing.assert_allclose(jacobian(f)(jnp.ones(3)), [[0.0, 1.0, 2.0], [3.0, 5.0, 7.0]])


def test_a_mode_that_there_is_not_is_named():
    with pytest.raises(CatlearnError, match="'auto', 'forward', 'reverse'"):
        jacobian(smooth(jnp.sin, R(3)), mode="sideways")


# ---------------------------------------------------------------- the order
def every_plan(i, j):
    """All bracketings of a stretch, by brute force: pushes and pulls one map at a time, and products."""
    if i == j:
        yield Identity(i)
        return
    yield from (Push(p, j - 1, j) for p in every_plan(i, j - 1))
    yield from (Pull(p, i, i + 1) for p in every_plan(i + 1, j))
    for m in range(i + 1, j):
        yield from itertools.starmap(Multiply, itertools.product(every_plan(i, m), every_plan(m, j)))


def test_no_bracketing_is_cheaper_than_the_one_that_is_found():
    dice = random.Random(0)
    for n in (1, 2, 3, 4):
        for largest in (50, 50, 3, 3, 1, 1):
            sizes = [dice.randint(1, largest) for _ in range(n + 1)]
            spent = lambda a, b: float(dice.randint(1, 2 * a * b))
            prices = [Price(spent(a, b), spent(a, b), dice.random() < 0.3) for a, b in itertools.pairwise(sizes)]
            best = min(cost(plan, sizes, prices) for plan in every_plan(0, n))
            found = cheapest(sizes, prices)
            assert cost(found, sizes, prices) == best
            assert best <= min(cost(mode(n), sizes, prices) for mode in (forward, reverse))


def products_of(plan):
    """The factors of all products of matrices in a plan."""
    match plan:
        case Multiply(first=first, then=then):
            return [first, then, *products_of(first), *products_of(then)]
        case Push(matrix=matrix) | Pull(matrix=matrix):
            return products_of(matrix)
    return []


def test_elementwise_parts_are_never_multiplied_out():
    """A diagonal costs one product a coordinate, for each direction: it is pushed or pulled through where it stands."""
    dice = random.Random(1)
    for _ in range(20):
        n, m, k = (dice.randint(2, 60) for _ in range(3))
        dense = lambda a, b: Price(2.0 * a * b, 2.0 * a * b)
        plan = cheapest([n, m, m, k], [dense(n, m), Price(float(m), float(m), diagonal=True), dense(m, k)])
        alone = (Push(Identity(1), 1, 2), Pull(Identity(2), 1, 2))
        assert not any(factor in alone for factor in products_of(plan))

    assert pushed(forward(3)) == {0, 1, 2}
    assert pushed(reverse(3)) == frozenset()
    assert pushed(Multiply(Pull(Identity(1), 0, 1), Push(Identity(1), 1, 3))) == {1, 2}


@pytest.mark.slow
def test_a_long_chain_is_cut_at_its_narrowest_spaces():
    shrink, grow = smooth(lambda x: x[:1], R(2)), smooth(lambda x: jnp.stack([x[0], x[0]]), R(1))
    parts = tuple(f for _ in range(CUTS) for f in (shrink, grow))

    plan = plan_of(parts)
    f = Smooth.then(*parts)

    assert isinstance(plan, Identity | Push | Pull | Multiply)
    np.testing.assert_array_equal(jacobian(f)(jnp.array([3.0, 4.0])), [[1.0, 0.0], [1.0, 0.0]])
