"""Extensional equality: each category sees the differences that there are, and obeys the tolerance that it is given."""

import jax.numpy as jnp
import pytest

from catlearn import AddFn, D, Linear, R, Smooth, learner, lens, linear, para, smooth
from catlearn.constructions import Begin, Cont, Dual, OpticMap, Pair

X = R(2)
scaled = lambda c: smooth(lambda x: c * x, X)
pushed = lambda c: smooth(lambda x, dy: c * x * dy, X @ X)
optic = lambda c, d: OpticMap(Pair(X, X), Pair(X, X), X, Smooth.copy(X) >> (X @ scaled(c)), pushed(d))

multiple = lambda C: lambda c: C.lift(linear(X, X, c * jnp.eye(2)))
ESSENCE = {str(C): multiple(C) for C in (AddFn, Dual(AddFn), Cont(AddFn, R()), Begin(AddFn, R()))}
shifted = lambda c: smooth(lambda x: x + c, X)
learned = lambda a, b, c: learner(
    X, pushed(a), *(smooth(lambda p, x, y, k=k: k * p * x * y, X @ X @ X) for k in (b, c))
)

ONE, NEAR = 1.0, 1.001
PAIRS = {
    "Smooth": (scaled(ONE), scaled(NEAR)),
    "Linear": (linear(X, X, ONE * jnp.eye(2)), linear(X, X, NEAR * jnp.eye(2))),
    "Lens, forward": (lens(scaled(ONE), pushed(ONE)), lens(scaled(NEAR), pushed(ONE))),
    "Lens, back": (lens(scaled(ONE), pushed(ONE)), lens(scaled(ONE), pushed(NEAR))),
    "Optic, forward": (optic(ONE, ONE), optic(NEAR, ONE)),
    "Optic, back": (optic(ONE, ONE), optic(ONE, NEAR)),
    "Para": (para(X, pushed(ONE)), para(X, pushed(NEAR))),
    "D, values": (D(Dual(AddFn)).of(shifted(ONE)), D(Dual(AddFn)).of(shifted(NEAR))),
    "Learn, implementation": (learned(ONE, ONE, ONE), learned(NEAR, ONE, ONE)),
    "Learn, update": (learned(ONE, ONE, ONE), learned(ONE, NEAR, ONE)),
    "Learn, request": (learned(ONE, ONE, ONE), learned(ONE, ONE, NEAR)),
    **{name: (times(ONE), times(NEAR)) for name, times in ESSENCE.items()},
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_difference_is_seen_unless_the_tolerance_allows_it(name):
    f, g = PAIRS[name]
    C = f.category

    assert C.close(f, f)
    assert C.close(f, f, tol=0.0)
    assert not C.close(f, g)
    assert not C.close(f, g, tol=1e-6)
    assert C.close(f, g, tol=1e-2)


def test_arrows_with_other_parameters_are_not_close():
    f, g = para(R(), Smooth.second(R(), X)), para(X, Smooth.second(X, X))

    assert not f.category.close(f, g)


@pytest.mark.parametrize("C", [Smooth, Linear], ids=str)
def test_the_size_of_a_difference_is_relative_and_found_anew_from_each_seed(C):
    f, g = PAIRS[str(C)]
    gaps = [C.difference(f, g, seed=seed) for seed in (0, 1)]

    assert all(0 < gap <= 0.0011 for gap in gaps)
    assert gaps[0] != gaps[1]
    assert C.difference(f, g, samples=1) <= C.difference(f, g, samples=8)
