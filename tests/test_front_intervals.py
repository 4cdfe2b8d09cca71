"""Enclosures: whatever lies in the box, what a function gives lies in what its enclosure gives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catlearn import Fin, R, interpret, smooth, space_of, trace
from catlearn.front import Enclose, Interval, Intervals, supported
from catlearn.front.rounding import down, is_interval, up
from catlearn.theory.errors import MissingPrimitive, WrongValue
from tests.programs import lowers_everywhere

FRONT = pytest.mark.paper("1804.00746", "front end")
lax = jax.lax

N, T = 5, 8  # entries of a vector, points tried in each box
X, M, W = R(N), R(2, 3), R(3, 2)
I = space_of(jnp.zeros(N, jnp.int32))
B = space_of(jnp.zeros(N, bool))


def at(f, *objects):
    return f, objects


UNARY = (
    "abs",
    "ceil",
    "floor",
    "round",
    "sign",
    "neg",
    "square",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "sqrt",
    "rsqrt",
    "cbrt",
)
UNARY += ("sin", "cos", "tan", "sinh", "cosh", "tanh", "asinh", "atan", "asin", "acos", "acosh", "atanh")
UNARY += ("logistic", "erf", "erfc", "erf_inv", "is_finite")
BINARY = (
    "add",
    "sub",
    "mul",
    "div",
    "rem",
    "max",
    "min",
    "atan2",
    "pow",
    "nextafter",
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "ne",
)
CASES = {
    **{name: at(getattr(lax, name), X) for name in UNARY},
    **{name: at(getattr(lax, name), X, X) for name in BINARY},
    **{f"integer_pow {n}": at(lambda x, n=n: lax.integer_pow(x, n), X) for n in (-3, -2, 0, 2, 3)},
    **{
        f"whole {n}": at(getattr(lax, n), I, I)
        for n in ("add", "sub", "mul", "div", "rem", "max", "lt", "eq", "bitwise_and")
    },
    **{f"whole {n}": at(getattr(lax, n), I) for n in ("abs", "neg", "square", "sign")},
    "whole sums": at(lambda i: (jnp.sum(i), lax.cumsum(i), i.astype(float), i != 0), I),
    "logic": at(lambda b, c: (b & c, b | c, b ^ c, ~b, jnp.all(b), jnp.any(c), b.astype(float)), B, B),
    "types": at(lambda x: (x.astype(jnp.int32), x.astype(jnp.float32), x > 0, lax.reduce_precision(x, 5, 10)), X),
    "clamp": at(lambda x, y: lax.clamp(-1.0 + 0 * x, x * y, y * y), X, X),
    "where": at(lambda x, y: jnp.where(x > y, x, -y), X, X),
    "switch": at(lambda x: lax.switch((x[0] * 3).astype(jnp.int32), [jnp.sin, jnp.cos, lambda y: 2.0 * y], x), X),
    "sums": at(lambda x: (jnp.sum(x), lax.cumsum(x), lax.cumsum(x, reverse=True), jnp.mean(x)), X),
    "products": at(lambda x: (jnp.prod(x), lax.cumprod(x), lax.cumprod(x, reverse=True)), X),
    "extremes": at(lambda x: (jnp.max(x), jnp.min(x), lax.cummax(x), lax.cummin(x), jnp.argmax(x), jnp.argmin(x)), X),
    "logsumexp": at(lambda x: (jax.nn.logsumexp(x), lax.cumlogsumexp(x), jax.nn.softmax(x)), X),
    "sort": at(lambda x, y: (jnp.sort(x), *lax.sort((x, y), num_keys=1)), X, X),
    "shapes": at(
        lambda m: (m.T, m.reshape(6), m[::-1], m[None], jnp.broadcast_to(m, (2, 2, 3)), m[:, 1:], jnp.ravel(m)), M
    ),
    "joins": at(lambda x, y: (jnp.concatenate([x, y]), lax.pad(x, y[0], [(1, 2, 1)]), *jnp.split(x, (2,))), X, X),
    "static indices": at(
        lambda x: (x[2], x[jnp.array([3, 0])], x.at[1].set(7.0), x.at[jnp.array([1, 1])].add(x[:2])), X
    ),
    "moving indices": at(
        lambda i, x: (x[i], lax.dynamic_slice(x, (i,), (2,)), lax.dynamic_update_slice(x, x[:2], (i,))), Fin(3), X
    ),
    "moving writes": at(lambda i, x: (x.at[i].set(7.0), x.at[i].add(x[0]), x.at[i].max(0.0)), Fin(3), X),
    "matrices": at(lambda m, w: m @ w, M, W),
    "weights": at(lambda m: m @ jnp.arange(6.0).reshape(3, 2), M),
    "whole matrices": at(lambda i: jnp.dot(i, i), I),
    "convolution": at(lambda m, w: lax.conv(m[None, None], w[None, None], (1, 1), "SAME"), M, W),
    "windows": at(
        lambda x: (
            lax.reduce_window(x, 0.0, lax.add, (2,), (1,), "SAME"),
            lax.reduce_window(x, -jnp.inf, lax.max, (2,), (1,), "SAME"),
        ),
        X,
    ),
    "relu and friends": at(lambda x: (jax.nn.relu(x), jax.nn.gelu(x), jax.nn.softplus(x), jax.nn.silu(x)), X),
    "scan": at(lambda x: lax.scan(lambda s, y: (jnp.sin(s) + y, s * y), x[0], x, reverse=True), X),
    "fori": at(lambda x: lax.fori_loop(0, 3, lambda i, y: y * 0.5 + i, x), X),
    "while": at(
        lambda x: lax.while_loop(
            lambda s: s[0] < 3.0, lambda s: (s[0] + 0.5 + jnp.abs(s[1]), s[1] * 0.5), (0.0 * x[0], x[1])
        ),
        X,
    ),
    "cond": at(lambda x: lax.cond(x[0] > 0.5, jnp.sin, lambda y: y * y, x), X),
    "checkpoint": at(jax.checkpoint(lambda x: jnp.sin(x) * x), X),
}

ENDS = [0.0, -0.0, 1.0, -1.0, 0.5, np.pi / 2, np.pi, -np.pi, 1e16]


@st.composite
def boxes(draw, wire):
    """The two ends of a box, and points in it, the ends among them: ends are drawn where functions turn or break."""
    aval, rng = wire.aval(), np.random.default_rng(draw(st.integers(0, 10**6)))
    floats = aval.dtype if np.issubdtype(aval.dtype, np.floating) else np.dtype(float)
    info = np.finfo(floats)
    ends = [*ENDS, float(info.tiny), -float(info.tiny), float(info.max) / 8]
    kind = rng.integers(0, 4, aval.shape)
    start = np.choose(kind, [rng.choice(ends, aval.shape), *(rng.uniform(-s, s, aval.shape) for s in (1, 4, 1e3))])
    end = start + rng.choice([0.0, 1e-6, 1.0, 4.0], aval.shape) * rng.uniform(0, 1, aval.shape)
    start, end = start.astype(floats), end.astype(floats)
    parts = rng.uniform(0, 1, (T, *aval.shape)).astype(floats)
    parts[0], parts[1] = 0, 1
    if floats == aval.dtype:
        return start, end, np.clip(start + parts * (end - start), start, end)
    most = 1 if aval.dtype == np.bool_ else getattr(wire, "n", 2**31) - 1
    least = 0 if aval.dtype == np.bool_ or hasattr(wire, "n") else -(2**31)
    low, high = (np.clip(v, least, most).astype(np.int64) for v in (start, end))
    points = np.clip(np.floor(low + parts * (high - low + 1.0)).astype(np.int64), low, high)
    return low.astype(aval.dtype), high.astype(aval.dtype), points.astype(aval.dtype)


def interpreted(name):
    """The enclosure, and the function on many points at once."""
    f, objects = CASES[name]
    term = trace(f, *objects)
    return term.dom, interpret(term, Intervals), jax.jit(jax.vmap(lambda *xs: jax.tree.leaves(f(*xs))))


def holds(Y, y):
    inside = (Y.lower <= y) & (y <= Y.upper)
    return np.all(inside | np.isnan(y) if np.issubdtype(np.asarray(y).dtype, np.floating) else inside)


@FRONT
@pytest.mark.parametrize("name", CASES)
def test_values_of_points_lie_in_the_enclosure_of_the_box(name):
    dom, F, values = interpreted(name)

    @jax.jit
    def enclosed(lows, highs):
        return Intervals.apply(F, tuple(map(Interval, lows, highs)))

    @settings(max_examples=settings().max_examples // 4)
    @given(data=st.data())
    def inside(data):
        lows, highs, points = zip(*(data.draw(boxes(wire)) for wire in dom.wires), strict=True)
        lows, highs, points = jax.tree.map(jnp.asarray, (lows, highs, points))
        Ys = jax.tree.leaves(enclosed(lows, highs), is_leaf=is_interval)
        ys = values(*points)
        assert len(Ys) == len(ys)
        for Y, y in zip(Ys, ys, strict=True):
            Y = jax.tree.map(np.asarray, Y)
            assert Y.lower.dtype == Y.upper.dtype == y.dtype
            assert Y.lower.shape == Y.upper.shape == y.shape[1:]
            assert holds(Y, np.asarray(y)), (lows, highs, Y, y)

    inside()


# ---------------------------------------------------------------- enclosures that are known
def close(Y, low, high):
    return (
        bool(np.allclose(Y.lower, low, atol=1e-12))
        and bool(np.allclose(Y.upper, high, atol=1e-12))
        and bool(jnp.all((Y.lower <= low) & (high <= Y.upper)))
    )


def enclose(f, *intervals):
    return interpret(trace(f, *[R()] * len(intervals)), Intervals)(*(Interval(*ends) for ends in intervals))


@FRONT
def test_enclosures_of_the_textbook():
    assert close(enclose(lambda x, y: x + y, (1.0, 2.0), (-1.0, 4.0)), 0.0, 6.0)
    assert close(enclose(lambda x, y: x - y, (1.0, 2.0), (-1.0, 4.0)), -3.0, 3.0)
    assert close(enclose(lambda x, y: x * y, (-1.0, 2.0), (-3.0, 4.0)), -6.0, 8.0)
    assert close(enclose(lambda x, y: x / y, (1.0, 2.0), (4.0, 8.0)), 0.125, 0.5)
    assert close(enclose(lambda x: x**2, (-1.0, 2.0)), 0.0, 4.0)
    assert close(enclose(lambda x: x * x, (-1.0, 2.0)), -2.0, 4.0)
    assert close(enclose(lambda x: x**3, (-1.0, 2.0)), -1.0, 8.0)
    assert close(enclose(jnp.sin, (0.0, 3.0)), 0.0, 1.0)
    assert close(enclose(jnp.cos, (1.0, 4.0)), -1.0, jnp.cos(1.0))
    assert close(enclose(jnp.exp, (0.0, 1.0)), 1.0, jnp.e)
    assert close(enclose(lambda x: jnp.maximum(x, 0.0), (-1.0, 2.0)), 0.0, 2.0)


def test_an_enclosure_of_a_single_value_is_a_few_units_wide():
    f = lambda x, y: jnp.exp(jnp.sin(x) * y) / (1.0 + x * x) - jnp.sqrt(y)

    Y = enclose(f, (0.7, 0.7), (1.3, 1.3))

    assert Y.contains(f(0.7, 1.3))
    assert Y.width < 1e-13


def test_division_through_zero_says_nothing_and_is_still_sound():
    Y = enclose(lambda x, y: x / y, (1.0, 1.0), (-1.0, 1.0))

    assert (Y.lower, Y.upper) == (-jnp.inf, jnp.inf)
    assert enclose(lambda x: 1.0 / (1.0 / x), (0.0, 1.0)).contains(0.5)


def test_whole_numbers_that_may_overflow_may_be_anything():
    F = interpret(trace(lambda i: i + i, space_of(jnp.int32(0))), Intervals)
    low, high = jnp.int32(2**30), jnp.int32(2**30 + 5)

    assert F(Interval(jnp.int32(1), jnp.int32(2))).upper == 4
    assert F(Interval(low, high)).lower == -(2**31)


@FRONT
def test_two_programs_for_one_function_may_have_different_enclosures():
    square, product = enclose(lambda x: x**2, (-1.0, 1.0)), enclose(lambda x: x * x, (-1.0, 1.0))

    assert square.lower == 0.0
    assert product.lower <= -1.0


def test_a_loop_that_may_never_end_may_give_anything():
    f = lambda x: jax.lax.while_loop(lambda y: y < 1.0, lambda y: y * y, x)

    Y = enclose(f, (0.5, 2.0))

    assert (Y.lower, Y.upper) == (-jnp.inf, jnp.inf)


def test_an_enclosure_takes_values_and_pytrees_of_intervals():
    f = smooth(lambda m, x: m["w"] * x, space_of({"w": jnp.zeros(2)}) @ R(2))
    F = Enclose(f)

    Y = F({"w": Interval(jnp.zeros(2), jnp.ones(2))}, jnp.array([1.0, 2.0]))

    assert np.allclose(Y.upper, jnp.array([1.0, 2.0]))
    assert Intervals.close(F, Enclose(f))


def test_ends_in_the_wrong_order_are_named():
    with pytest.raises(WrongValue, match=r"Exchange the two"):
        enclose(jnp.sin, (1.0, 0.0))


def test_a_primitive_without_a_rule_is_named_and_the_others_are_listed():
    with pytest.raises(MissingPrimitive, match="'cholesky' has no meaning in Intervals"):
        Enclose(smooth(jnp.linalg.cholesky, R(2, 2)))
    assert len(supported(Intervals)) >= 90


def test_enclosures_compile_and_lower_everywhere():
    F = interpret(trace(lambda m, w: jnp.tanh(m @ w), M, W), Intervals)
    box = tuple(jax.tree.map(lambda v: Interval(v - 1.0, v + 1.0), tuple(jnp.zeros(a.shape) for a in F.dom.avals())))

    assert lowers_everywhere(lambda xs: jax.tree.leaves(Intervals.apply(F, xs)), box)


@pytest.mark.float32
def test_rounding_moves_outward_at_each_size():
    x = jnp.array([1.0, -1.0, 0.0, 1e-38, 3e38, jnp.inf, -jnp.inf], jnp.float32)

    assert bool(jnp.all(down(x) <= x))
    assert bool(jnp.all(up(x) >= x))
    assert bool(jnp.all((down(x) < x) | ~(jnp.abs(x) < jnp.inf)))
    assert down(x)[5] == jnp.finfo(jnp.float32).max
