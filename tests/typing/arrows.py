"""What a static checker sees: the kind of an arrow is kept by the operators, its ends are not seen."""

from typing import assert_type

import jax.numpy as jnp

from catlearn import R, Smooth, smooth
from catlearn.categories import Linear, LinearMap, SmoothMap, linear
from catlearn.constructions import Include
from catlearn.objects import Ob

X = R(2) @ R()
f = smooth(jnp.sin, R(2))
m = linear(R(2), R(2), [[1.0, 0.0], [0.0, 1.0]])

assert_type(X, Ob)
assert_type(X.tangent, Ob)
assert_type(X[0], Ob)
assert_type(f, SmoothMap)
assert_type(f >> f, SmoothMap)
assert_type(f @ f, SmoothMap)
assert_type(f + f, SmoothMap)
assert_type(f**3, SmoothMap)
assert_type(Smooth.R(f), SmoothMap)
assert_type(Smooth.copy(X), SmoothMap)
assert_type(m, LinearMap)
assert_type(m.dagger >> m, LinearMap)
assert_type(Linear.dagger(m), LinearMap)
assert_type(Smooth.close(f, f), bool)
assert_type(Include.arrow(m), SmoothMap)
