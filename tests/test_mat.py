"""Matrices over rigs: numpy, sets of pairs and polynomials of degree one as the references."""

import itertools
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import as_users_run_it, last_file, lowers_everywhere

from catlearn import R, laws
from catlearn.categories import FinRel, Mat, Poly, PolyMap, matrix, poly
from catlearn.categories.polynomial import variables
from catlearn.constructions import Lens, Reverse
from catlearn.laws import Status, draws
from catlearn.objects import Z2, Boolean, Complex, Dim, MaxPlus, MinPlus, N, Q, Qi, Real, Z, conjugation
from catlearn.objects.dim import dimension
from catlearn.theory.errors import NotInRig, WrongCategory, WrongObject, WrongShape, WrongValue

RD = "1910.07065"
X, Y = Dim(2), Dim(1) @ Dim(2)
BASES = {"Z": draws.mat(Z), "Q": draws.mat(Q), "Z/2": draws.mat(Z2)}  # N, Q(i) and Boolean are shipped
BACKENDS = [*laws.dagger.LAWS, *laws.reverse.LAWS[:7], *laws.differential.LAWS[:7]]


def marks(law):
    items = {"rd": ["T2.1", "Ex 19"], "cd": ["T2.2"], "da": ["T2.5"]}.get(str(law)[:2], [])
    return [pytest.mark.paper(RD, item) for item in items]


@pytest.mark.parametrize("drawn", BASES.values(), ids=BASES.keys())
@pytest.mark.parametrize("law", [pytest.param(law, marks=marks(law), id=str(law)) for law in BACKENDS])
def test_daggers_and_derivatives_keep_their_laws_exactly(law, drawn):
    assert laws.confirm(law, drawn, examples=4).status is Status.EXACT


JAX_RIGS = {"Real": draws.mat(Real), "Complex": draws.mat(Complex, conjugation), "MaxPlus": draws.mat(MaxPlus)}
FEW = [laws.category.associativity, laws.dagger.dagger_composite, laws.reverse.rd5]


@pytest.mark.parametrize("drawn", JAX_RIGS.values(), ids=JAX_RIGS.keys())
@pytest.mark.parametrize("law", FEW, ids=str)
def test_over_floats_the_laws_hold_up_to_rounding(law, drawn):
    assert laws.confirm(law, drawn, examples=3).status is Status.ROUNDING


def test_matrices_are_over_commutative_rigs():
    with pytest.raises(WrongCategory, match="needs a commutative rig"):
        Mat(float)


# ------------------------------------------------------------------------------------------------ against numpy


def test_matrices_compose_add_and_stand_in_blocks_as_in_numpy():
    a, b, c = np.array([[1, 2], [3, 4], [5, 6]]), np.array([[1, 0, -1]]), np.array([[0, 1], [1, 1], [2, -3]])
    f, g, h = matrix(X, Y, a, Z), matrix(Y, Dim(1), b, Z), matrix(X, Y, c, Z)

    np.testing.assert_array_equal((f >> g).entries, b @ a)
    np.testing.assert_array_equal((f + h).entries, a + c)
    np.testing.assert_array_equal((f @ g).entries, np.block([[a, np.zeros((3, 3), int)], [np.zeros((1, 2), int), b]]))
    np.testing.assert_array_equal(f.dagger.entries, a.T)
    assert f((10, 1))[0] == 12
    assert [*f((10, 1))[1]] == [34, 56]


def test_entries_are_exact_beyond_machine_words():
    f = matrix(Dim(1), Dim(1), [[10**30]], Z)
    third = matrix(Dim(1), Dim(1), [[Fraction(1, 3)]], Q)

    assert (f >> f).entries[0, 0] == 10**60
    assert (third + third + third).entries[0, 0] == 1


def test_the_dagger_over_complex_rationals_is_the_conjugate_transpose_and_adjoint():
    z = np.array([[1 + 2j, 3j], [0, 1 - 1j], [2, -1j]])
    f = matrix(X, Y, z, Qi, involution=conjugation)
    exact = np.vectorize(lambda w: complex(w.real, w.imag))

    np.testing.assert_array_equal(exact(f.dagger.entries), z.conj().T)
    np.testing.assert_array_equal(exact((f >> f.dagger).entries), z.conj().T @ z)
    plain = matrix(X, Y, z, Qi)
    np.testing.assert_array_equal(exact(plain.dagger.entries), z.T)
    assert plain.category != f.category


@pytest.mark.paper(RD, "Ex 19")
def test_conjugation_keeps_every_axiom_and_makes_the_way_back_conjugate_linear_in_the_arrow():
    C = Mat(Qi, conjugation)
    i = matrix(Dim(1), Dim(1), [[1j]], Qi, involution=conjugation)
    minus = matrix(Dim(1), Dim(1), [[-1j]], Qi, involution=conjugation)
    back = C.second(Dim(1), Dim(1))

    assert C.close(C.R(i), back >> minus)
    assert not C.close(C.R(i), back >> i)
    assert C.close(C.dagger_of(C.dagger_of(i)), i)
    assert C.is_linear(i)
    for law in (*laws.reverse.LAWS[:7], *laws.differential.LAWS[:7]):
        assert laws.confirm(law, draws.mat_qi, examples=5).status is Status.EXACT
    assert laws.refute(laws.rig.reverse_homogeneous, draws.mat_qi).drawn


# ------------------------------------------------------------------------------------------------ against polynomials


def as_polynomials(f):
    """The matrix as polynomials of degree one: the independent reading of everything but the involution."""
    xs = variables(f.rig, dimension(f.dom))
    row = lambda entries: sum((c * t for c, t in zip(entries, xs, strict=True)), start=xs[0] * f.rig.zero)
    return PolyMap(f.dom, f.cod, f.rig, tuple(map(row, f.entries)))


@pytest.mark.parametrize("rig", [N, Z, Z2, Boolean], ids=str)
@pytest.mark.paper(RD, "dagger biproducts")
def test_matrices_are_the_linear_polynomials_and_the_dagger_is_the_way_back(rig):
    M, P = Mat(rig), Poly(rig)
    f, g = matrix(X, Y, [[1, 0], [1, 1], [0, 1]], rig), matrix(Y, X, [[0, 1, 1], [1, 0, 1]], rig)

    for a, b in [
        *((f >> g, as_polynomials(f) >> as_polynomials(g)), (f @ g, as_polynomials(f) @ as_polynomials(g))),
        *((f + g.dagger, as_polynomials(f) + as_polynomials(g.dagger)), (f.dagger, P.dagger_of(as_polynomials(f)))),
        *((M.D(f), P.D(as_polynomials(f))), (M.R(f), P.R(as_polynomials(f)))),
        *((M.swap(X, Y), P.swap(X, Y)), (M.copy(X), P.copy(X)), (M.merge(X), P.first(X, X) + P.second(X, X))),
    ]:
        assert as_polynomials(a) == b
    assert P.is_linear(as_polynomials(f))


def test_a_matrix_is_read_off_a_linear_function():
    C, f = Mat(Z), matrix(Y, X, [[1, 2, 3], [4, 5, 6]], Z)

    assert C.close(C.arrow(Y, X, lambda xs: C.apply(f, xs)), f)
    assert C.close(C.arrow(X, Dim(1), lambda xs: (xs[0][0] - 2 * xs[0][1],)), matrix(X, Dim(1), [[1, -2]], Z))
    assert C.arrow(Dim(0), X, lambda xs: ((0, 0),)).entries.shape == (2, 0)


def test_the_lens_of_a_matrix_comes_back_by_its_dagger():
    f = matrix(X, Y, [[1, 0], [1, 1], [0, 1]], Z)
    g = matrix(Y, Dim(1), [[1, 2, 3]], Z)
    back = Reverse(f) >> Reverse(g)

    assert back.category == Lens(Mat(Z))
    assert Mat(Z).close(back.put, Mat(Z).R(f >> g))
    assert [*back.run(((1, 1),))[1]((1,))[0]] == [3, 5]


# ------------------------------------------------------------------------------------------------ finite relations


def pairs(f):
    """The pairs that a relation holds of: (coordinate of the domain, coordinate of the codomain)."""
    return {(int(i), int(j)) for j, i in zip(*np.nonzero(f.entries), strict=True)}


@pytest.mark.paper(RD, "Ex 19")
def test_relations_compose_as_sets_of_pairs_and_turn_to_their_converse():
    for bits in itertools.product((0, 1), repeat=6):
        f = matrix(X, Dim(3), np.array(bits).reshape(3, 2), Boolean)
        g = matrix(Dim(3), X, [[1, 0, 1], [0, 1, 0]], Boolean)
        joined = {(i, k) for i, j in pairs(f) for h, k in pairs(g) if j == h}
        assert pairs(f >> g) == joined
        assert pairs(f.dagger) == {(j, i) for i, j in pairs(f)}
        assert pairs(f + g.dagger) == pairs(f) | pairs(g.dagger)
        assert FinRel.close(f + f, f)


def test_relations_are_the_matrices_of_booleans():
    assert FinRel == Mat(Boolean)
    assert str(FinRel) == "Mat(Boolean)"
    assert str(Mat(Qi, conjugation)) == "Mat(Q(i), conjugation)"


# ------------------------------------------------------------------------------------------------ programs


@pytest.mark.float32
@pytest.mark.parametrize("rig", [Real, MaxPlus, Boolean], ids=str)
def test_matrices_of_jax_are_pytrees_that_go_through_jit_and_vmap(rig):
    step = jnp.asarray(rig.indicator(np.eye(3, dtype=bool)[[1, 2, 0]]))
    f = matrix(Dim(3), Dim(3), step, rig)

    cube = jax.jit(lambda f: f >> f >> f)(f)
    stacked = jax.vmap(lambda e: (matrix(Dim(3), Dim(3), e, rig) >> f).entries)(jnp.stack([step, step]))

    assert jax.tree.leaves(f)[0] is step
    assert f.category.close(cube, f.category.id(Dim(3)))
    assert rig.close(stacked[0], (f >> f).entries)
    assert lowers_everywhere(lambda f: ((f >> f.dagger) @ f).entries, f)


def test_gradients_flow_through_matrices_of_floats():
    x = jnp.array([[1.0, 2.0]])
    loss = lambda e: (matrix(X, Dim(1), e, Real) >> matrix(X, Dim(1), e, Real).dagger).entries.sum()

    np.testing.assert_allclose(jax.grad(loss)(x), 2 * x.sum() * np.ones((1, 2)))


def test_shortest_paths_are_powers_over_the_tropical_rig():
    inf = float("inf")
    roads = matrix(Dim(3), Dim(3), [[0, 7, inf], [1, 0, inf], [inf, 2, 0]], MinPlus)

    np.testing.assert_array_equal((roads**2).entries, [[0, 7, inf], [1, 0, inf], [3, 2, 0]])


# ------------------------------------------------------------------------------------------------ mistakes

MISTAKES = {
    "a transposed matrix": (WrongShape, lambda: matrix(X, Y, [[1, 2, 3], [4, 5, 6]], Z)),
    "an entry off the rig": (NotInRig, lambda: matrix(X, X, [[1, 0], [0, -1]], N)),
    "a real space": (WrongObject, lambda: matrix(R(2), X, [[1, 0], [0, 1]], Z)),
    "too many coordinates": (WrongValue, lambda: matrix(X, X, [[1, 0], [0, 1]], Z)((1, 2, 3))),
    "another involution": (WrongCategory, lambda: Mat(Qi).id(X) >> Mat(Qi, conjugation).id(X)),
    "a polynomial as a matrix": (WrongCategory, lambda: Mat(Z).dagger(poly(X, X, lambda v: v, Z))),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_the_line_that_makes_it(mistake):
    error, make = MISTAKES[mistake]

    with as_users_run_it(), pytest.raises(error) as caught:
        make()

    assert last_file(caught) == "test_mat.py"
