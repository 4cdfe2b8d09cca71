"""Optics: residuals, and lenses as optics."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import last_file, lowers_everywhere

from catlearn import Lens, Linear, Optic, R, Reverse, Smooth, lens, linear, smooth, unit
from catlearn.constructions import OpticMap, Pair
from catlearn.theory.errors import NotComposable, WrongCategory

C = Optic(Smooth)
A, B, D = R(3), R(2), R(4)
KEY = jax.random.key(0)


def of(X, Y):
    """An optic of its own: the residual is a number, and the way back mixes it with what comes."""
    n, m = X.wires[0].shape[0], Y.wires[0].shape[0]
    u, v = jax.random.normal(jax.random.key(n), (m, n)), jax.random.normal(jax.random.key(m), (n, m))
    forward = jax.tree_util.Partial(lambda u, x: (jnp.sum(x), jnp.tanh(u @ x)), u)
    back = jax.tree_util.Partial(lambda v, r, dy: jnp.sin(r) * (v @ dy), v)
    return OpticMap(Pair(X, X), Pair(Y, Y), R(), smooth(forward, X, R() @ Y), smooth(back, R() @ Y, X))


def close(a, b):
    return bool(np.allclose(a, b))


def test_the_residuals_of_a_composite_stand_side_by_side():
    f, g = of(A, B), of(B, D)
    a, dd = A.random(key=KEY), D.random(key=KEY)

    m, b = f.fwd(a)
    n, d = g.fwd(b)
    h = f >> g

    assert h.residual == R() @ R()
    assert all(map(close, h.fwd(a), (m, n, d)))
    assert close(h.bwd(m, n, dd), f.bwd(m, g.bwd(n, dd)))


@pytest.mark.float32
def test_the_lens_of_a_composite_is_the_composite_of_the_lenses():
    f, g = of(A, B), of(B, D)

    assert Lens(Smooth).close(C.lens_of(f >> g), C.lens_of(f) >> C.lens_of(g))
    assert Lens(Smooth).close(C.lens_of(f @ g), C.lens_of(f) @ C.lens_of(g))
    assert Lens(Smooth).close(C.lens_of(C.id(Pair(A, B))), Lens(Smooth).id(Pair(A, B)))
    assert Lens(Smooth).close(
        C.lens_of(C.swap(Pair(A, B), Pair(D, unit))), Lens(Smooth).swap(Pair(A, B), Pair(D, unit))
    )


def test_a_lens_is_the_optic_whose_residual_is_its_input():
    f, g = (lens(smooth(jnp.sin, A), smooth(lambda x, y: x * y + 1, A @ A)), Reverse(smooth(jnp.cumsum, A)))

    assert C.of_lens(f).residual == A
    assert all(Lens(Smooth).close(C.lens_of(C.of_lens(h)), h) for h in (f, g))
    assert C.close(C.of_lens(f >> g), C.of_lens(f) >> C.of_lens(g))
    assert C.close(C.of_lens(f @ g), C.of_lens(f) @ C.of_lens(g))


def test_optics_are_equal_when_their_views_are_whatever_the_residual():
    f = of(A, B)
    kept = C.of_lens(C.lens_of(f))

    assert f.residual != kept.residual
    assert f != kept
    assert C.close(f, kept)
    assert not C.close(f, OpticMap(f.dom, f.cod, f.residual, f.fwd, f.bwd + f.bwd))


def test_optics_are_a_symmetric_monoidal_category():
    f, h, g, k = of(A, B), of(B, D), of(D, A), of(A, B)

    assert C.close((f >> h) >> g, f >> (h >> g))
    assert C.close(C.id(f.dom) >> f, f)
    assert C.close(f >> C.id(f.cod), f)
    assert C.close((f @ g) >> (h @ k), (f >> h) @ (g >> k))
    assert C.close((f @ g) >> C.swap(f.cod, g.cod), C.swap(f.dom, g.dom) >> (g @ f))
    assert C.close((f @ g) @ h, f @ (g @ h))


def test_optics_live_over_a_category_that_is_only_asked_to_be_symmetric():
    forward, back = linear(A, R(1) @ B, jnp.ones((3, 3))), linear(R(1) @ B, A, jnp.ones((3, 3)))
    f = OpticMap(Pair(A, A), Pair(B, B), R(1), forward, back)

    assert f.category == Optic(Linear)
    assert (f >> OpticMap(Pair(B, B), Pair(B, B), unit, Linear.id(B), Linear.id(B))).residual == R(1)


def test_it_lowers_for_every_platform():
    put = C.lens_of(of(A, B) >> of(B, D)).put

    assert lowers_everywhere(lambda *xs: Smooth.apply(put, xs), *put.dom.avals())


def test_optics_that_do_not_meet_are_refused():
    with pytest.raises(NotComposable) as caught:
        of(A, B) >> of(A, B)

    assert last_file(caught) == "test_optic.py"


def test_a_lens_is_not_yet_an_optic():
    with pytest.raises(WrongCategory) as caught:
        of(A, B) >> Reverse(smooth(jnp.sin, B))

    assert last_file(caught) == "test_optic.py"
