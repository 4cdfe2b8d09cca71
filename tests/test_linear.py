"""Linear maps: matrices of numpy as the reference."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import lowers_everywhere, operations

from catlearn import Fin, R, Smooth, smooth, space_of, unit
from catlearn.categories import Linear, linear
from catlearn.categories.linear import dimension
from catlearn.constructions import Include, Lens, Reverse, lens
from catlearn.theory.errors import NotAdditive, WrongValue

KEY = jax.random.key(0)
X, Y, Z = R(2), R(3), R(2, 2) @ R()


def normal(i, *shape):
    return jnp.asarray(np.random.default_rng(i).normal(size=shape))


def dense(x, y, i=0):
    return linear(x, y, normal(i, dimension(y), dimension(x)))


def free(x, y, i=0):
    """The same map without a matrix, for single wires."""
    return linear(x, y, jax.tree_util.Partial(jnp.matmul, normal(i, dimension(y), dimension(x))))


def derivative(x):
    waves = jnp.fft.rfft(x)
    return jnp.fft.irfft(waves * jnp.arange(5).astype(waves.dtype), 8)


MAPS = {
    "dense": dense(X, Y),
    "matrix-free": free(X, Y),
    "several wires": dense(Z, X @ Y),
    "a transpose": dense(X, Y).dagger,
    "a matrix-free transpose": free(X, Y).dagger,
    "a sum": dense(X, Y) + free(X, Y, 1),
    "zero": Linear.zero(Z, X),
    "identity": Linear.id(Z),
    "copy": Linear.copy(Z),
    "merge": Linear.merge(Z),
    "discard": Linear.discard(Z),
    "create": Linear.create(Z),
    "swap": Linear.swap(Z, X),
    "a projection": Linear.second(X, Z),
    "an injection": Linear.inject_first(X, Z),
    "side by side": dense(X, Y) @ Linear.swap(X, Y) @ free(Y, X),
    "a composite": free(X, Y) >> Linear.copy(Y) >> (dense(Y, X) @ Linear.id(Y)) >> Linear.swap(X, Y),
    "a power": (0.5 * jnp.eye(2) + 0.1, 3),
    "sealed": Linear.seal(free(X, Y) >> dense(Y, Z)),
    "a function of a record": linear(
        space_of({"a": jnp.zeros(2), "b": jnp.zeros(())}), R(2) @ R(), lambda r: (r["a"] * 2 + r["b"], r["a"].sum())
    ),
    "an fft": linear(R(8), R(8), lambda x: derivative(x)),
    "a cumulative sum": linear(R(4), R(4), jnp.cumsum),
}
MAPS["a power"] = linear(X, X, MAPS["a power"][0]) ** MAPS["a power"][1]
each = pytest.mark.parametrize("f", MAPS.values(), ids=MAPS.keys())


@each
@pytest.mark.paper("1910.07065", "dagger biproducts")
def test_the_dagger_is_the_transposed_matrix(f):
    np.testing.assert_allclose(f.dagger.matrix, np.asarray(f.matrix).T, atol=1e-14)


@each
def test_the_dagger_is_an_involution_on_the_data(f):
    assert f.dagger.dagger == f


@each
def test_the_dagger_is_adjoint(f):
    x, y = f.dom.random(key=KEY), f.cod.random(key=jax.random.key(1))
    values = lambda ob, v: v if len(ob) != 1 else (v,)
    dot = lambda a, b: sum(jnp.vdot(s, t) for s, t in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))

    there = dot(values(f.cod, f(*values(f.dom, x))), values(f.cod, y))
    back = dot(values(f.dom, x), values(f.dom, f.dagger(*values(f.cod, y))))

    np.testing.assert_allclose(there, back, atol=1e-13)


@each
def test_the_matrix_says_what_the_map_does(f):
    assert f.matrix.shape == (dimension(f.cod), dimension(f.dom))
    assert Linear.close(linear(f.dom, f.cod, f.matrix), f)


@each
@pytest.mark.paper("1910.07065", "Ex 19")
def test_a_linear_map_is_its_own_derivative(f):
    x, v, w = (ob.elements(_values(ob, i)) for i, ob in enumerate((f.dom, f.dom, f.cod)))

    chex.assert_trees_all_close(Linear.D(f)(*x, *v), f(*v))
    chex.assert_trees_all_close(Linear.R(f)(*x, *w), f.dagger(*w))
    assert Linear.close(Linear.derived_D(f), Linear.D(f))
    assert Linear.close(Linear.dagger_of(f), f.dagger)


def _values(ob, i):
    return tuple(w.random(jax.random.fold_in(jax.random.fold_in(KEY, i), j)) for j, w in enumerate(ob.wires))


@each
@pytest.mark.paper("1910.07065", "dagger")
def test_included_in_smooth_the_dagger_is_the_reverse_derivative(f):
    h = Include(f)

    assert Smooth.close(h, Smooth.arrow(f.dom, f.cod, Apply(f.matrix, f.dom, f.cod)))
    assert Smooth.close(Smooth.R(h), Smooth.second(f.dom, f.cod) >> Include(f.dagger))
    assert Smooth.close(Smooth.dagger_of(h), Include(f.dagger))


class Apply(jax.tree_util.Partial):
    """A matrix on flattened values, written with numpy's reshape: the independent reference."""

    def __new__(cls, matrix, dom, cod):
        return super().__new__(cls, _apply, matrix, dom, cod)


def _apply(matrix, dom, cod, xs):
    y = matrix @ jnp.concatenate([jnp.ravel(x) for x in jax.tree.leaves(xs)] or [jnp.zeros(0)])
    sizes = [leaf.size for leaf in jax.tree.leaves(cod.avals())]
    pieces = jnp.split(y, np.cumsum(sizes)[:-1]) if sizes else []
    shaped = [p.reshape(leaf.shape) for p, leaf in zip(pieces, jax.tree.leaves(cod.avals()), strict=True)]
    return jax.tree.unflatten(jax.tree.structure(cod.avals()), shaped)


def test_composition_multiplies_matrices_and_the_tensor_puts_them_in_blocks():
    f, g = dense(X, Y), free(Y, X, 1)
    blocks = np.block([[f.matrix, np.zeros((3, 3))], [np.zeros((2, 2)), g.matrix]])

    np.testing.assert_allclose((f >> g).matrix, g.matrix @ f.matrix)
    np.testing.assert_allclose((f @ g).matrix, blocks)
    np.testing.assert_allclose(((f >> g) ** 3).matrix, np.linalg.matrix_power(g.matrix @ f.matrix, 3))


@pytest.mark.paper("1910.07065", "T2.5")
def test_injections_and_projections_make_a_biproduct():
    inject, project = (Linear.inject_first(X, Y), Linear.inject_second(X, Y)), (Linear.first(X, Y), Linear.second(X, Y))

    assert Linear.close(inject[0] >> project[0], Linear.id(X), tol=0.0)
    assert Linear.close(inject[1] >> project[1], Linear.id(Y), tol=0.0)
    assert Linear.close(inject[0] >> project[1], Linear.zero(X, Y), tol=0.0)
    assert Linear.close((project[0] >> inject[0]) + (project[1] >> inject[1]), Linear.id(X @ Y), tol=0.0)
    np.testing.assert_array_equal(inject[1].matrix, np.eye(5)[:, 2:])


@pytest.mark.paper("1804.00746", "T3.3")
def test_the_sum_is_copy_then_both_then_merge():
    f, g = dense(X, Y), free(X, Y, 1)

    assert Linear.close(f + g, Linear.copy(X) >> (f @ g) >> Linear.merge(Y))
    np.testing.assert_allclose((f + g).matrix, f.matrix + g.matrix)
    assert Linear.close(f + Linear.zero(X, Y), f, tol=0.0)


def test_a_matrix_may_be_rows_of_numbers():
    f = linear(X, Y, [[1, 0], [0, 1], [1, 1]])

    np.testing.assert_array_equal(f([1.0, 2.0]), [1, 2, 3])
    assert f.matrix.dtype == jnp.result_type(float)


def test_a_dense_map_keeps_its_matrix_as_the_only_leaf():
    f = dense(X, Y)

    assert jax.tree.leaves(f.dagger)[0] is jax.tree.leaves(f)[0]
    assert f.matrix is jax.tree.leaves(f)[0]


def test_a_matrix_free_map_is_never_made_dense():
    n = 100_000
    blur = linear(R(n), R(n), lambda x: x + 0.5 * jnp.roll(x, 1))

    y = blur.dagger(jnp.arange(float(n)))

    np.testing.assert_allclose(y[:-1], np.arange(n - 1) + 0.5 * np.arange(1, n))


def test_a_dense_map_and_its_dagger_run_as_the_plain_product():
    f, x, y = dense(X, Y), X.zeros(), Y.zeros()

    assert operations(lambda f, x: f(x), f, x) == operations(lambda m, x: m @ x, f.matrix, x)
    assert operations(lambda f, y: f.dagger(y), f, y) == operations(lambda m, y: y @ m, f.matrix, y)


def test_maps_go_through_jit_vmap_and_grad():
    f, xs = free(X, Y), normal(5, 4, 2)

    chex.assert_trees_all_close(jax.jit(lambda f, x: f(x))(f, xs[0]), f(xs[0]))
    chex.assert_trees_all_close(jax.vmap(f)(xs), xs @ f.matrix.T)
    chex.assert_trees_all_close(jax.vmap(f.dagger)(xs @ f.matrix.T), xs @ f.matrix.T @ f.matrix)
    (gradient,) = jax.tree.leaves(jax.grad(lambda f: f.dagger(jnp.ones(3))[0])(f))
    np.testing.assert_array_equal(gradient, [[1, 0], [1, 0], [1, 0]])


def test_a_map_may_be_made_under_a_trace():
    made = jax.jit(lambda m, x: linear(X, Y, m).dagger(x))(normal(0, 3, 2), jnp.ones(3))
    total = jax.jit(lambda x: linear(X, R(), lambda x: x.sum()).dagger(x))(2.0)

    np.testing.assert_allclose(made, dense(X, Y).dagger(jnp.ones(3)))
    np.testing.assert_array_equal(total, [2, 2])


@pytest.mark.float32
def test_maps_lower_for_all_hardware_with_their_daggers():
    f = (linear(X, Y, np.ones((3, 2))) >> linear(Y, X, lambda y: y[:2] - y[1:])) ** 3

    assert lowers_everywhere(lambda f, x: (f(x), f.dagger(x)), f, X.zeros())


@pytest.mark.float32
def test_wires_of_several_precisions_meet_in_one_matrix():
    dom, cod = R(2, dtype="float32") @ R(), R(dtype="float16") @ R(2)
    f = linear(dom, cod, np.arange(9.0).reshape(3, 3))
    y = f(jnp.ones(2, jnp.float32), 1.0)

    assert (y[0].dtype, y[1].dtype) == (jnp.float16, jnp.result_type(float))
    assert (y[0], *y[1]) == (3, 12, 21)
    assert [x.dtype for x in f.dagger(*y)] == [jnp.float32, jnp.result_type(float)]


def test_a_chain_of_a_thousand_maps_and_its_dagger_do_not_overflow_the_stack():
    turn = linear(X, X, [[0.0, 1.0], [-1.0, 0.0]])
    f = Linear.then(*[turn] * 1002)

    np.testing.assert_array_equal(f.dagger([1.0, 2.0]), [-1, -2])
    assert f.dagger.dagger == f


def test_rebuilding_a_map_does_not_trace_it_again():
    @jax.jit
    @chex.assert_max_traces(n=1)
    def run(f, x):
        return f.dagger(f(x))

    chex.clear_trace_counter()
    for i in range(3):
        w = normal(i, 3, 2)
        run(linear(X, Y, jax.tree_util.Partial(lambda w, x: w @ x, w)) >> linear(Y, X, lambda y: y[:2]), jnp.ones(2))


@pytest.mark.paper("1910.07065", "linear iff")
def test_included_maps_are_their_double_daggers():
    f = Include(free(X, Y))

    assert Smooth.close(Smooth.dagger_of(Smooth.dagger_of(f)), f)


def test_the_inclusion_is_a_monoidal_functor_that_keeps_sums():
    f, g, h = dense(X, Y), free(Y, X, 1), dense(X, Y, 2)

    assert Include(Z) == Z
    assert Smooth.close(Include(f >> g), Include(f) >> Include(g))
    assert Smooth.close(Include(f @ g), Include(f) @ Include(g))
    assert Smooth.close(Include(f + h), Include(f) + Include(h))
    assert Smooth.close(Include(Linear.copy(Z)), Smooth.copy(Z))
    assert Include(Linear.id(Z)) == Smooth.id(Z)


def test_the_reverse_of_a_linear_map_is_a_lens_of_linear_maps():
    f = dense(X, Y) >> free(Y, X, 1)
    back = Reverse(f)

    assert back.category == Lens(Linear)
    assert Linear.close(back.put, Linear.R(f))
    assert back.category.close(back, lens(f, Linear.R(f)))


@pytest.mark.paper("1910.07065", "T2.10")
def test_a_linear_map_after_a_smooth_one_comes_back_through_its_dagger():
    bend, L = smooth(jnp.sin, X), free(X, Y)
    a, c = jnp.array([0.5, 2.0]), normal(1, 3)

    np.testing.assert_allclose(Smooth.R(bend >> Include(L))(a, c), Smooth.R(bend)(a, L.dagger(c)), rtol=1e-13)


def test_maps_print_readably():
    assert str(dense(X, Y).dagger) == "LinearMap : R(3) -> R(2)"
    assert str(Linear.discard(Z)) == "LinearMap : R(2, 2) @ R() -> unit"
    assert "f64[3,2]" in repr(dense(X, Y))


def test_the_unit_has_the_maps_of_the_point():
    assert Linear.id(unit).matrix.shape == (0, 0)
    np.testing.assert_array_equal(Linear.create(X)(), [0, 0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Linear.zero(X, Fin(2)),
        lambda: Linear.zero(Fin(2), X),
        lambda: Linear.swap(X, Fin(2)),
        lambda: Linear.copy(Fin(2)),
        lambda: Linear.discard(Fin(2)),
    ],
)
def test_objects_without_addition_have_no_linear_maps(make):
    with pytest.raises(NotAdditive, match=r"Fin\(2\)"):
        make()


def test_a_matrix_of_integers_is_named():
    with pytest.raises(WrongValue, match="int"):
        linear(R(2), R(), jnp.array([[1, 2]]))
