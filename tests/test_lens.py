"""Lenses: closed formula, composition, the count of runs, and what is not a lens."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import as_users_run_it, last_file, lowers_everywhere

from catlearn import Lens, R, Reverse, Smooth, lens, linear, smooth
from catlearn.categories import Linear
from catlearn.constructions import Optic, Pair
from catlearn.theory import Cartesian
from catlearn.theory.errors import NotComposable, WrongCategory, WrongObject, WrongValue

KEY = jax.random.key(0)
C = Lens(Smooth)
A, B, D = R(3), R(2), R(4)


def close(a, b):
    return all(
        jnp.shape(x) == jnp.shape(y) and bool(np.allclose(x, y))
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


def of(key, X, Y, dX=None, dY=None):
    """A lens ``(X, X') → (Y, Y')`` whose way back is no derivative of its way forward."""
    dX, dY = dX or X, dY or Y
    keys = jax.random.split(jax.random.key(key), 3)
    w, u, v = (jax.random.normal(k, (n, m)) for k, (n, m) in zip(keys, sizes(X, Y, dX, dY), strict=True))
    forward = jax.tree_util.Partial(lambda w, x: jnp.tanh(w @ x), w)
    back = jax.tree_util.Partial(lambda u, v, x, dy: jnp.sin(u @ x) + v @ dy, u, v)
    return lens(smooth(forward, X, Y), smooth(back, X @ dY, dX))


def sizes(X, Y, dX, dY):
    n, m, dn, dm = (ob.wires[0].shape[0] for ob in (X, Y, dX, dY))
    return (m, n), (dn, n), (dn, dm)


@pytest.mark.paper("2103.01931", "Def 2.4")
@pytest.mark.float32
def test_the_way_back_of_a_composite_is_the_closed_formula():
    f, g = of(0, A, B), of(1, B, D)
    a, dc = A.random(key=KEY), D.random(key=jax.random.key(1))

    assert close((f >> g).get(a), g.get(f.get(a)))
    assert close((f >> g).put(a, dc), f.put(a, g.put(f.get(a), dc)))


@pytest.mark.paper("2103.01931", "Def 2.4")
def test_the_identity_sends_back_what_comes():
    identity = C.id(Pair(A, B))

    assert close(identity.get(jnp.arange(3.0)), jnp.arange(3.0))
    assert close(identity.put(jnp.arange(3.0), jnp.arange(2.0)), jnp.arange(2.0))
    assert C.close(identity >> C.id(Pair(A, B)), identity)
    assert Smooth.close(identity.literal_put, identity.put)


@pytest.mark.paper("2103.01931", "T5.1")
def test_composition_is_associative_and_unital():
    f, g, h = of(0, A, B), of(1, B, D), of(2, D, A)

    assert C.close((f >> g) >> h, f >> (g >> h))
    assert C.close(C.id(f.dom) >> f, f)
    assert C.close(f >> C.id(f.cod), f)
    assert C.close(C.seal(C.seal(f) >> C.seal(g)) >> h, f >> C.seal(g >> h))


@pytest.mark.paper("2103.01931", "Lens tensor")
def test_side_by_side_each_way_back_has_its_own():
    f, g = of(0, A, B), of(1, D, A)
    a, d, db, da = (ob.random(key=KEY) for ob in (A, D, B, A))

    both = f @ g

    assert (both.dom, both.cod) == (Pair(A @ D, A @ D), Pair(B @ A, B @ A))
    assert close(both.get(a, d), (f.get(a), g.get(d)))
    assert close(both.put(a, d, db, da), (f.put(a, db), g.put(d, da)))
    assert Smooth.close(both.literal_put, both.put)


@pytest.mark.paper("2103.01931", "Lens tensor")
@pytest.mark.paper("2103.01931", "T5.1")
def test_lenses_are_symmetric_monoidal():
    f, h, g, k = of(0, A, B), of(1, B, D), of(2, D, B), of(3, B, A)

    assert C.close((f @ g) >> (h @ k), (f >> h) @ (g >> k))
    assert C.close((f @ g) >> C.swap(f.cod, g.cod), C.swap(f.dom, g.dom) >> (g @ f))
    assert C.close(C.swap(f.dom, g.dom) >> C.swap(g.dom, f.dom), C.id(f.dom @ g.dom))
    assert C.close(C.id(f.dom) @ C.id(g.dom), C.id(f.dom @ g.dom))
    assert C.close(f @ C.unit, f)
    assert C.close(C.unit @ f, f)


@pytest.mark.paper("2103.01931", "Lens tensor")
def test_lenses_are_not_cartesian():
    """A lens that sends something back cannot be forgotten: forward then discard is not discard."""
    f = Reverse(smooth(lambda x: 2 * x, R(2)))
    discard = lambda X: lens(Smooth.discard(X), Smooth.zero(X, X))

    assert not isinstance(C, Cartesian)
    assert not hasattr(C, "copy")
    assert C.close(f >> discard(R(2)), discard(R(2)))
    g = of(0, R(2), R(2))
    assert not C.close(g >> discard(R(2)), discard(R(2)))


def test_ends_may_differ_on_the_way_back():
    f, g = of(0, A, B, R(5), R(1)), of(1, B, D, R(1), A)

    assert (f >> g).dom == Pair(A, R(5))
    assert (f >> g).cod == Pair(D, A)
    assert Smooth.close((f >> g).put, (f >> g).literal_put)


# ------------------------------------------------------------------------------------------------ how often arrows run


def counted(count):
    """A lens of the line that counts, while it is traced, how often it goes forward."""

    def forward(x):
        count.append(1)
        return jnp.sin(x)

    return lens(smooth(forward, R(), R()), smooth(lambda x, dy: jnp.cos(x) * dy, R() @ R(), R()))


def literal_then(f, g):
    """The composite of Definition 2.4, read literally, of pairs (get, put) of arrows."""
    (f_get, f_put), (g_get, g_put) = f, g
    A, dC = f_get.dom, R()
    put = Smooth.then(Smooth.copy(A) @ dC, A @ f_get @ dC, A @ g_put, f_put)
    return f_get >> g_get, put


def runs(put, count):
    count.clear()
    jax.make_jaxpr(put.__call__)(jnp.ones(()), jnp.ones(()))
    return len(count)


@pytest.mark.paper("2103.01931", "T5.7")
@pytest.mark.parametrize("n", [2, 5, 16])
def test_the_literal_composite_runs_forward_quadratically_often_and_a_lens_n_times(n):
    count = []
    one = counted(count)
    pair = (one.get, one.put)
    left = right = pair
    lens_left = lens_right = one
    for _ in range(n - 1):
        left, right = literal_then(left, pair), literal_then(pair, right)
        lens_left, lens_right = lens_left >> one, one >> lens_right

    assert runs(left[1], count) == n * (n - 1) // 2
    assert runs(right[1], count) == n - 1
    assert runs(lens_left.literal_put, count) == n * (n - 1) // 2
    assert runs(lens_left.put, count) == n
    assert runs(lens_right.put, count) == n
    assert Smooth.close(lens_left.put, left[1])
    assert Smooth.close(lens_left.put, right[1])


@pytest.mark.paper("2103.01931", "T5.7")
def test_reverse_runs_forward_n_times_however_it_is_nested():
    count = []

    def forward(x):
        count.append(1)
        return jnp.sin(x)

    one = Reverse(smooth(forward, R(), R()))
    left = right = one
    for _ in range(15):
        left, right = left >> one, one >> right
    balanced = ((one >> one) >> (one >> one)) >> ((one >> one) >> (one >> one))

    assert runs(left.put, count) == 16
    assert runs(right.put, count) == 16
    assert runs(balanced.put, count) == 8
    assert runs((C.seal(left) >> C.seal(right)).put, count) == 32


def test_a_chain_of_a_thousand_lenses_runs_and_comes_back():
    step = lens(smooth(lambda x: x + 1, R()), smooth(lambda x, dy: dy + 1, R() @ R()))
    chain = C.then(*[step] * 1000)
    other = step
    for _ in range(999):
        other = other >> step

    assert float(chain.get(0.0)) == 1000
    assert float(chain.put(0.0, 0.0)) == 1000
    assert chain == other


def test_the_trace_of_a_chain_grows_linearly():
    step = lens(smooth(jnp.sin, R()), smooth(lambda x, dy: jnp.cos(x) * dy, R() @ R()))
    equations = lambda n: str(jax.make_jaxpr(C.then(*[step] * n).put.__call__)(1.0, 1.0)).count("=")

    assert equations(40) - equations(20) == 2 * (equations(20) - equations(10))


# ------------------------------------------------------------------------------------------------ programs


def test_lenses_are_compiled_mapped_and_differentiated():
    f = of(0, A, B) >> of(1, B, D)
    xs, dys = A.stacked(5).random(key=KEY), D.stacked(5).random(key=KEY)

    assert close(jax.jit(lambda f, x, dy: f.put(x, dy))(f, xs[0], dys[0]), f.put(xs[0], dys[0]))
    assert close(jax.vmap(lambda x, dy: f.put(x, dy))(xs, dys)[2], f.put(xs[2], dys[2]))
    assert close(jax.jacfwd(lambda x: f.put(x, dys[0]))(xs[0]), jax.jacrev(lambda x: f.put(x, dys[0]))(xs[0]))


def test_a_program_that_is_built_three_times_is_traced_once():
    traces = []

    @jax.jit
    def run(f, x, dy):
        traces.append(f)
        return f.put(x, dy)

    for _ in range(3):
        run(of(0, A, B) >> of(1, B, D), jnp.ones(3), jnp.ones(4))

    assert len(traces) == 1


def test_it_lowers_for_every_platform():
    put = ((of(0, A, B) >> of(1, B, D)) @ of(2, A, A)).put

    assert lowers_everywhere(lambda *xs: Smooth.apply(put, xs), *put.dom.avals())


def test_lenses_over_linear_maps():
    f = lens(linear(A, B, jnp.ones((2, 3))), linear(A @ B, A, jnp.ones((3, 5))))

    assert f.category == Lens(Linear)
    assert close((f >> lens_back(f)).get([1.0, 2.0, 3.0]), jnp.full(3, 12.0))


def lens_back(f):
    return lens(linear(B, A, jnp.ones((3, 2))), linear(B @ A, B, jnp.ones((2, 5))))


# ------------------------------------------------------------------------------------------------ mistakes

MISTAKES = {
    "a way back that starts elsewhere": (
        WrongObject,
        lambda: lens(smooth(jnp.sin, A), smooth(lambda x, y: x + y, B @ B)),
    ),
    "ways of two categories": (WrongCategory, lambda: lens(smooth(jnp.sin, A), linear(A @ A, A, jnp.ones((3, 6))))),
    "a function for an arrow": (WrongCategory, lambda: lens(jnp.sin, smooth(jnp.sin, A))),
    "lenses that do not meet": (NotComposable, lambda: of(0, A, B) >> of(1, D, B)),
    "ways back that do not meet": (NotComposable, lambda: of(0, A, B) >> of(1, B, D, A, B)),
    "a smooth map after a lens": (WrongCategory, lambda: of(0, A, B) >> smooth(jnp.sin, B)),
    "a wrong point": (WrongValue, lambda: of(0, A, B).put(jnp.ones(4), jnp.ones(2))),
    "a covector that is missing": (WrongValue, lambda: of(0, A, B).put(jnp.ones(3))),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_the_line_that_makes_it(mistake):
    error, make = MISTAKES[mistake]

    with as_users_run_it(), pytest.raises(error) as caught:
        make()

    assert last_file(caught) == "test_lens.py"


@pytest.mark.parametrize("make", [lambda: Lens(3), lambda: Lens(Lens(Smooth)), lambda: Optic(3)])
def test_lenses_need_a_cartesian_category_and_optics_a_symmetric_one(make):
    with as_users_run_it(), pytest.raises(WrongCategory):
        make()


def test_a_lens_prints_as_one_writes_it():
    assert str(of(0, A, B)) == "LensMap : (R(3), R(3)) -> (R(2), R(2))"
    assert str(C) == "Lens(Smooth)"
