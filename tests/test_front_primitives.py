"""Which primitives are covered: each is traced by name, and its program in Smooth has the values of the function."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.ad_checkpoint import checkpoint_name

from catlearn import Fin, Key, R, Smooth, interpret, space_of, trace
from catlearn.objects.compare import sample

lax, linalg = jax.lax, jax.lax.linalg

X, M, B = R(4), R(3, 3), space_of(jnp.zeros(4, bool))
N = space_of(jnp.zeros(4, jnp.int32))
U = space_of(jnp.zeros(4, jnp.uint32))


def positive(f):
    return lambda x, *rest: f(0.5 + jnp.abs(x), *rest)


def unit(f):
    return lambda x: f(0.9 * jnp.tanh(x))


def spd(f):
    return lambda m: f(m @ m.T + 3.0 * jnp.eye(3))


UNARY = {
    **{n: getattr(lax, n) for n in ("abs", "ceil", "floor", "round", "sign", "neg", "square", "exp", "exp2", "expm1")},
    **{
        n: getattr(lax, n)
        for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "asinh", "atan", "logistic", "erf", "erfc")
    },
    **{n: positive(getattr(lax, n)) for n in ("log", "log1p", "sqrt", "rsqrt", "cbrt", "lgamma", "digamma")},
    **{n: unit(getattr(lax, n)) for n in ("asin", "acos", "atanh", "erf_inv")},
    "acosh": lambda x: lax.acosh(1.5 + x * x),
    "is_finite": lax.is_finite,
    "bessel_i0e": lax.bessel_i0e,
    "bessel_i1e": lax.bessel_i1e,
    "integer_pow": lambda x: lax.integer_pow(x, 3),
    "convert_element_type": lambda x: x.astype(jnp.int32),
    "reduce_precision": lambda x: lax.reduce_precision(x, 5, 10),
    "bitcast_convert_type": lambda x: lax.bitcast_convert_type(x, jnp.uint64),
    "copy": jnp.copy,
    "optimization_barrier": lax.optimization_barrier,
    "reduce_sum": jnp.sum,
    "reduce_prod": jnp.prod,
    "reduce_max": jnp.max,
    "reduce_min": jnp.min,
    "reduce_and": lambda x: jnp.all(x > 0),
    "reduce_or": lambda x: jnp.any(x > 0),
    "argmax": jnp.argmax,
    "argmin": jnp.argmin,
    "cumsum": jnp.cumsum,
    "cumprod": jnp.cumprod,
    "cummax": lax.cummax,
    "cummin": lax.cummin,
    "cumlogsumexp": lax.cumlogsumexp,
    "sort": jnp.sort,
    "top_k": lambda x: lax.top_k(x, 2),
    "rev": lambda x: lax.rev(x, (0,)),
    "reshape": lambda x: lax.reshape(x, (2, 2)),
    "squeeze": lambda x: lax.squeeze(lax.reshape(x, (1, 4)), (0,)),
    "broadcast_in_dim": lambda x: lax.broadcast_in_dim(x, (3, 4), (1,)),
    "transpose": lambda x: lax.transpose(lax.reshape(x, (2, 2)), (1, 0)),
    "slice": lambda x: lax.slice(x, (1,), (3,)),
    "split": lambda x: tuple(lax.split(x, (1, 3))),
    "pad": lambda x: lax.pad(x, jnp.zeros((), x.dtype), [(1, 2, 1)]),
    "concatenate": lambda x: lax.concatenate([x, x + 1.0], 0),
    "iota": lambda x: x * lax.iota(x.dtype, 4),
    "gather": lambda x: x[jnp.array([2, 0])],
    "scatter": lambda x: x.at[jnp.array([1])].set(7.0),
    "scatter-add": lambda x: x.at[jnp.array([1, 1])].add(7.0),
    "scatter-mul": lambda x: x.at[jnp.array([1])].mul(7.0, unique_indices=True),
    "scatter-max": lambda x: x.at[jnp.array([1])].max(7.0),
    "scatter-min": lambda x: x.at[jnp.array([1])].min(-7.0),
    "reduce_window_sum": lambda x: lax.reduce_window(x, 0.0, lax.add, (2,), (1,), "SAME"),
    "reduce_window_max": lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (2,), (1,), "SAME"),
    "custom_jvp_call": jax.nn.relu,
    "name": lambda x: checkpoint_name(x, "x"),
    "remat2": jax.checkpoint(jnp.sin),
    "while": lambda x: lax.while_loop(lambda y: jnp.sum(y) < 9.0, lambda y: y * y + 1.0, x),
    "scan": lambda x: lax.scan(lambda s, y: (s + y, s * y), 0.0 * x[0], x),
    "cond": lambda x: lax.cond(x[0] > 0, jnp.sin, jnp.cos, x),
}
BINARY = {
    **{n: getattr(lax, n) for n in ("add", "sub", "mul", "div", "rem", "max", "min", "atan2", "nextafter")},
    **{n: getattr(lax, n) for n in ("lt", "le", "gt", "ge", "eq", "ne")},
    "pow": positive(lax.pow),
    "clamp": lambda x, y: lax.clamp(-1.0 + 0 * x, x, y * y),
    "select_n": lambda x, y: lax.select_n(x > y, x, y),
    "dot_general": jnp.dot,
    "igamma": positive(lambda x, y: lax.igamma(x, jnp.abs(y) + 0.5)),
    "dynamic_slice": lambda x, y: lax.dynamic_slice(x, (jnp.int32(1),), (2,)) + y[:2],
    "dynamic_update_slice": lambda x, y: lax.dynamic_update_slice(x, y[:2], (jnp.int32(1),)),
}
MATRIX = {
    "cholesky": spd(linalg.cholesky),
    "triangular_solve": lambda m: linalg.triangular_solve(m + 4.0 * jnp.eye(3), m, left_side=True, lower=True),
    "eigh": spd(lambda m: linalg.eigh(m)[1]),
    "lu": lambda m: linalg.lu(m),
    "qr": lambda m: tuple(jnp.linalg.qr(m)),
    "householder_product": lambda m: linalg.householder_product(m, m[0]),
    "svd": lambda m: jnp.linalg.svd(m, compute_uv=False),
    "custom_linear_solve": lambda m: lax.custom_linear_solve(
        lambda v: (m + 4.0 * jnp.eye(3)) @ v,
        m[0],
        lambda _, b: jnp.linalg.solve(m + 4.0 * jnp.eye(3), b),
        symmetric=False,
    ),
    "lu_pivots_to_permutation": lambda m: linalg.lu_pivots_to_permutation(linalg.lu(m)[1], 3),
    "conv_general_dilated": lambda m: lax.conv(m[None, None], m[None, None], (1, 1), "SAME"),
    "add_any": jax.grad(lambda m: jnp.sum(jnp.sin(m) * m)),
}
OTHER = {
    "and": (lambda b, c: b & c, B, B),
    "or": (lambda b, c: b | c, B, B),
    "xor": (lambda b, c: b ^ c, B, B),
    "not": (lambda b: ~b, B),
    "shift_left": (lambda n: lax.shift_left(n, jnp.full(4, 2, jnp.int32)), N),
    "shift_right_logical": (lambda n: lax.shift_right_logical(n, jnp.full(4, 1, jnp.int32)), N),
    "shift_right_arithmetic": (lambda n: lax.shift_right_arithmetic(n, jnp.full(4, 1, jnp.int32)), N),
    "population_count": (lax.population_count, U),
    "clz": (lax.clz, U),
    "random_bits": (lambda key: jax.random.uniform(key, (3,)), Key),
    "random_split": (lambda key: jax.random.normal(jax.random.split(key)[1], ()), Key),
    "random_fold_in": (lambda key: jax.random.uniform(jax.random.fold_in(key, 3), ()), Key),
    "random_wrap": (lambda n: jax.random.uniform(jax.random.wrap_key_data(n), ()), space_of(jnp.zeros(2, jnp.uint32))),
    "random_unwrap": (lambda key: jax.random.key_data(key), Key),
    "random_seed": (lambda n: jax.random.uniform(jax.random.key(n), ()), Fin(3)),
}
CASES = {
    **{name: (f, X) for name, f in UNARY.items()},
    **{name: (f, X, X) for name, f in BINARY.items()},
    **{name: (f, M) for name, f in MATRIX.items()},
    **OTHER,
}


@pytest.mark.paper("1804.00746", "front end")
@pytest.mark.parametrize("name", CASES)
def test_a_primitive_is_traced_by_name_and_means_itself_in_smooth(name):
    f, *objects = CASES[name]
    term = trace(f, *objects)
    xs = sample(term.dom, jax.random.key(7))
    ys, zs = f(*xs), interpret(term, Smooth)(*xs)

    assert name in [use.box.name for use in term.graph.uses]
    for y, z in zip(jax.tree.leaves(ys), jax.tree.leaves(zs), strict=True):
        assert y.dtype == z.dtype
        assert np.allclose(y, z, rtol=1e-12, atol=1e-12, equal_nan=True)


def test_at_least_ninety_primitives_are_covered():
    assert len(CASES) >= 90
