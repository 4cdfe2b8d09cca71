"""Reverse: functorial, equal to the gradient, partial, and with backward passes of one's own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import as_users_run_it, last_file, lowers_everywhere, operations

from catlearn import Fin, Key, Lens, Linear, Para, R, Reverse, Smooth, compare_reverse, linear, smooth, unit
from catlearn.constructions import Include, Pair, reverse_in
from catlearn.theory.errors import WrongCategory, WrongObject, WrongValue

KEY = jax.random.key(0)
L = Lens(Smooth)
A, B, D = R(3), R(2), R(4)

f = smooth(lambda x: jnp.stack([x[0] * x[1], jnp.sin(x[2])]), A)
g = smooth(lambda y: jnp.concatenate([jnp.exp(y), y**2]), B)
h = smooth(lambda x, n, y: (jnp.cumsum(x) * n.astype(x.dtype), y[n]), A @ Fin(2) @ B)


def close(a, b):
    tol = 1e-9 if jax.config.read("jax_enable_x64") else 1e-5
    return all(
        jnp.shape(x) == jnp.shape(y) and bool(np.allclose(x, y, rtol=tol, atol=tol))
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


@pytest.mark.paper("2103.01931", "Prop 2.7")
@pytest.mark.paper("2103.01931", "T5.2")
def test_reverse_is_a_functor():
    assert Reverse(A) == Pair(A, A)
    assert L.close(Reverse(Smooth.id(A)), L.id(Pair(A, A)))
    assert L.close(Reverse(f >> g), Reverse(f) >> Reverse(g))
    assert L.close(Reverse(f >> g), L.seal(Reverse(f)) >> L.seal(Reverse(g)))


@pytest.mark.paper("2103.01931", "Prop 2.7")
def test_the_lens_of_an_arrow_is_the_arrow_and_its_reverse_derivative():
    lens = Reverse(f)

    assert lens.get == f
    assert Smooth.close(lens.put, Smooth.R(f))
    assert Smooth.close(lens.put, lens.literal_put)
    assert Smooth.close((lens >> Reverse(g)).literal_put, Smooth.R(f >> g))


@pytest.mark.paper("2103.01931", "T5.2")
def test_reverse_is_monoidal():
    assert L.close(Reverse(f @ g), Reverse(f) @ Reverse(g))
    assert L.close(Reverse(Smooth.swap(A, B)), L.swap(Reverse(A), Reverse(B)))
    assert Reverse(unit) == L.unit


@pytest.mark.float32
def test_the_way_back_is_the_gradient_that_jax_finds():
    x, dy = A.random(key=KEY), D.random(key=jax.random.key(1))

    back = Reverse(f >> g).put(x, dy)
    step = 1e-5 if jax.config.read("jax_enable_x64") else 1e-2
    numeric = [jnp.vdot((f >> g)(x + step * e) - (f >> g)(x - step * e), dy) / (2 * step) for e in jnp.eye(3)]

    assert close(back, jax.grad(lambda x: jnp.vdot((f >> g)(x), dy))(x))
    assert bool(np.allclose(back, jnp.stack(numeric), rtol=1e-2 if step > 1e-3 else 1e-6))


def test_nothing_comes_back_to_discrete_wires():
    lens = Reverse(h)
    x, y, dx = (ob.random(key=KEY) for ob in (A, B, A))

    assert lens.dom == Pair(A @ Fin(2) @ B, A @ B)
    back_x, back_y = lens.put(x, 1, y, dx, 2.0)
    assert close(back_x, jnp.cumsum(dx[::-1])[::-1])
    assert close(back_y, jnp.asarray([0.0, 2.0]))


def test_reverse_of_a_map_between_discrete_wires_sends_back_nothing():
    lens = Reverse(smooth(lambda n: (n + 1) % 3, Fin(3), Fin(3)))

    assert lens.dom == Pair(Fin(3), unit)
    assert lens.put(1) == ()


def test_reverse_of_noise_keeps_the_key():
    noisy = smooth(lambda key, x: x * jax.random.normal(key, x.shape), Key @ A)

    assert close(Reverse(noisy).put(KEY, jnp.ones(3), jnp.ones(3)), jax.random.normal(KEY, (3,)))


def test_the_reverse_of_a_linear_map_is_its_dagger():
    m = linear(A, B, jnp.arange(6.0).reshape(2, 3))

    assert Smooth.close(Reverse(Include(m)).put, Smooth.then(Smooth.second(A, B), Include(Linear.dagger(m))))


# ------------------------------------------------------------------------------------------------ some wires only


@pytest.mark.parametrize("moves", [(True, False), (False, True), (True, True), (False, False)])
@pytest.mark.float32
def test_the_part_that_comes_back_to_some_wires_is_the_reverse_with_the_rest_discarded(moves):
    product = smooth(lambda x, y: jnp.outer(jnp.sin(x), y), A @ B)
    x, y, dz = A.random(key=KEY), B.random(key=KEY), R(3, 2).random(key=KEY)

    part = reverse_in(product, moves)
    whole = Reverse(product).put(x, y, dz)
    kept = tuple(back for back, moved in zip(whole, moves, strict=True) if moved)

    assert part.dom.fwd == A @ B
    assert part.get == product
    assert close(part.put(x, y, dz), kept)
    assert Smooth.close(part.put, part.literal_put)


def test_the_part_goes_on_through_a_composite():
    product = smooth(lambda x, y: x * jnp.sum(y), A @ B)
    lens = reverse_in(product, (True, False)) >> Reverse(f)

    assert lens.dom == Pair(A @ B, A)
    assert len(lens.stages) == 1
    assert Smooth.close(lens.put, Smooth.then(Smooth.R(product >> f), Smooth.first(A, B)))


def test_nothing_is_differentiated_with_respect_to_data():
    product = smooth(lambda w, x: jnp.tanh(w @ x), R(4, 4) @ R(4))
    data_only = lambda w, x, dy: reverse_in(product, (True, False)).put(w, x, dy)
    by_hand = lambda w, x, dy: jax.vjp(lambda w: jnp.tanh(w @ x), w)[1](dy)[0]
    arguments = R(4, 4).random(key=KEY), R(4).random(key=KEY), R(4).random(key=KEY)

    assert operations(data_only, *arguments) == operations(by_hand, *arguments)


def test_discrete_wires_may_be_marked_or_not():
    x, y, dx = (ob.random(key=KEY) for ob in (A, B, A))

    part = reverse_in(h, (False, True, True))

    assert part.dom.bwd == B
    assert close(part.put(x, 1, y, dx, 2.0), jnp.asarray([0.0, 2.0]))


# ------------------------------------------------------------------------------------------------ backward passes of one's own


def test_a_backward_pass_of_ones_own_is_used_in_composites():
    straight_through = smooth(jnp.round, A, reverse=lambda x, dy: dy)
    chain = smooth(lambda x: 3 * x, A) >> straight_through >> f
    x, dy = jnp.asarray([0.4, 1.2, -0.7]), jnp.asarray([1.0, 2.0])

    assert close(chain(x), f(jnp.round(3 * x)))
    assert close(Reverse(chain).put(x, dy), 3 * Reverse(f).put(jnp.round(3 * x), dy))
    assert close(jax.grad(lambda x: jnp.vdot(chain(x), dy))(x), Reverse(chain).put(x, dy))


def test_the_distance_of_a_backward_pass_from_the_derivative_is_reported():
    right = smooth(jnp.sin, A, reverse=lambda x, dy: jnp.cos(x) * dy)
    wrong = smooth(jnp.sin, A, reverse=lambda x, dy: jnp.cos(x) * dy + 0.5)

    assert compare_reverse(right).agrees
    assert not compare_reverse(wrong).agrees
    assert abs(compare_reverse(wrong).absolute - 0.5) < 1e-6
    assert compare_reverse(smooth(lambda x: 2 * x, A) >> right).agrees
    assert not compare_reverse(smooth(lambda x: 2 * x, A) >> wrong @ A[:0]).agrees


def test_a_backward_pass_with_several_and_discrete_wires():
    pick = smooth(
        lambda x, n, y: (x[n], 2 * y),
        A @ Fin(3) @ B,
        reverse=lambda x, n, y, dx, dy: (jnp.zeros(3).at[n].set(dx), 2 * dy),
    )

    assert compare_reverse(pick).agrees
    assert close(Reverse(pick).put(jnp.ones(3), 2, jnp.ones(2), 5.0, jnp.ones(2))[0], jnp.asarray([0.0, 0.0, 5.0]))


# ------------------------------------------------------------------------------------------------ programs


@pytest.mark.slow
def test_lenses_are_run_inside_compiled_mapped_and_scanned_programs():
    lens = Reverse(f >> g)
    xs, dys = A.stacked(5).random(key=KEY), D.stacked(5).random(key=KEY)
    one = lambda x, dy: lens.put(x, dy)

    expected = jnp.stack([one(x, dy) for x, dy in zip(xs, dys, strict=True)])

    assert close(jax.vmap(one)(xs, dys), expected)
    assert close(jax.jit(jax.vmap(one))(xs, dys), expected)
    assert close(jax.lax.scan(lambda c, xy: (c, one(*xy)), 0, (xs, dys))[1], expected)
    assert jax.hessian(lambda x: jnp.vdot((f >> g)(x), dys[0]))(xs[0]).shape == (3, 3)
    assert close(
        jax.jacobian(lambda x: one(x, dys[0]))(xs[0]),
        jax.hessian(lambda x: jnp.vdot((f >> g)(x), dys[0]))(xs[0]),
    )


def test_a_run_forward_and_back_is_one_vjp():
    lens = Reverse(f >> g)
    composed = lambda x, dy: (lambda ys, back: (ys[0], back((dy,))[0]))(*lens.run((x,)))
    by_hand = lambda x, dy: (lambda y, back: (y, back(dy)[0]))(*jax.vjp(lambda x: (f >> g)(x), x))
    x, dy = A.random(key=KEY), D.random(key=KEY)

    assert close(composed(x, dy), by_hand(x, dy))
    assert operations(composed, x, dy) == operations(by_hand, x, dy)


def test_a_program_that_is_built_three_times_is_traced_once():
    traces = []

    @jax.jit
    def run(lens, x, dy):
        traces.append(lens)
        return lens.put(x, dy)

    for _ in range(3):
        one = smooth(lambda x: jnp.stack([x[0] * x[1], jnp.sin(x[2])]), A)
        run(Reverse(one) >> Reverse(smooth(lambda y: y**2, B)), jnp.ones(3), jnp.ones(2))

    assert len(traces) == 1


@pytest.mark.parametrize(
    "lens",
    [
        lambda: Reverse(f >> g),
        lambda: Reverse(h),
        lambda: reverse_in(h, (True, False, False)),
        lambda: Reverse(smooth(lambda x: 0.5 * x, A) ** 6),
        lambda: Reverse(smooth(jnp.round, A, reverse=lambda x, dy: dy)),
        lambda: Reverse(f) @ Reverse(g),
    ],
)
def test_it_lowers_for_every_platform(lens):
    put = lens().put

    assert lowers_everywhere(lambda *xs: Smooth.apply(put, xs), *put.dom.avals())


# ------------------------------------------------------------------------------------------------ mistakes

MISTAKES = {
    "reversing a function": (WrongCategory, lambda: Reverse(jnp.sin)),
    "reversing a lens": (WrongCategory, lambda: Reverse(Reverse(f))),
    "marks for too few wires": (WrongObject, lambda: reverse_in(h, (True, False))),
    "marks on a function": (WrongCategory, lambda: reverse_in(jnp.sin, (True,))),
    "marks on a parametric arrow": (WrongCategory, lambda: reverse_in(Para(Smooth).lift(f), (True,))),
    "a covector of another shape": (WrongValue, lambda: Reverse(f).put(jnp.ones(3), jnp.ones(3))),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_the_line_that_makes_it(mistake):
    error, make = MISTAKES[mistake]

    with as_users_run_it(), pytest.raises(error) as caught:
        make()

    assert last_file(caught) == "test_reverse.py"


def test_composites_and_pieces_of_a_parametric_arrow_reverse_alike():
    first, second = Para(Smooth).lift(f), Para(Smooth).lift(g)

    assert Para(L).close(Reverse(first >> second), Reverse(first) >> Reverse(second))
