"""Parametric arrows: composition of parameters, labels, reparametrisation, tying, freezing, powers."""

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import as_users_run_it, last_file, lowers_everywhere

from catlearn import (
    Lens,
    Para,
    R,
    Reverse,
    Smooth,
    freeze,
    named,
    para,
    reparametrise,
    smooth,
    tie,
    unit,
    unstack,
)
from catlearn.constructions import Pair, cell, flip, horizontal, vertical
from catlearn.constructions.initialise import Constant, Normal, Stored
from catlearn.theory.errors import (
    MissingInitialiser,
    NotAnEndomap,
    NotComposable,
    WrongCategory,
    WrongObject,
    WrongParameters,
    WrongValue,
)

KEY = jax.random.key(0)
C = Para(Smooth)


def affine(n, m):
    """``x ↦ W x + b``, written here: the layers of the library are tested elsewhere."""
    f = smooth(lambda w, b, x: w @ x + b, R(m, n) @ R(m) @ R(n))
    return para(R(m, n) @ R(m), f, labels=["weight", "bias"], init=[Normal(0.5), Normal(0.5)])


def scale(init=2.0):
    f = smooth(lambda w, x: w * x, R() @ R())
    return para(R(), f, labels=["weight"], init=[Constant(init)])


def shift():
    return para(R(), smooth(lambda b, x: x + b, R() @ R()), labels=["bias"], init=[Constant(1.0)])


def close(a, b):
    tol = 1e-9 if jax.config.read("jax_enable_x64") else 1e-5
    return all(
        jnp.shape(x) == jnp.shape(y) and bool(np.allclose(x, y, rtol=tol, atol=tol))
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


# ------------------------------------------------------------------------------------------------ composition


@pytest.mark.paper("2103.01931", "Def 2.1")
@pytest.mark.float32
def test_composition_collects_the_parameters_the_first_arrow_first():
    f, g = affine(3, 4), affine(4, 2)
    p, q, x = f.init(key=KEY), g.init(key=jax.random.key(1)), jnp.arange(3.0)

    h = f >> g

    assert h.parameter == R(4, 3) @ R(4) @ R(2, 4) @ R(2)
    assert (h.dom, h.cod) == (R(3), R(2))
    assert close(h((*p, *q), x), q[0] @ (p[0] @ x + p[1]) + q[1])


@pytest.mark.paper("2103.01931", "Def 2.1")
def test_the_composite_is_the_arrow_of_the_definition():
    f, g = affine(3, 4), affine(4, 2)
    P, Q, A = f.parameter, g.parameter, f.dom

    by_definition = Smooth.then(Smooth.tensor(Smooth.swap(P, Q), Smooth.id(A)), Q @ f.arrow, g.arrow)

    assert Smooth.close((f >> g).arrow, by_definition)
    assert Smooth.close((f >> g).arrow, (f >> g).literal_arrow)


@pytest.mark.paper("2103.01931", "Def 2.1")
def test_the_identity_has_no_parameter():
    f = affine(3, 2)

    assert C.id(R(3)).parameter == unit
    assert C.id(R(3)) >> f == f == f >> C.id(R(2))
    assert close(C.id(R(3))((), jnp.arange(3.0)), jnp.arange(3.0))


def test_composition_is_associative_on_the_data():
    f, g, h = affine(3, 4), affine(4, 2), affine(2, 3)

    assert (f >> g) >> h == f >> (g >> h)


@pytest.mark.paper("cross", "X6")
def test_the_order_of_the_papers_is_ours_after_one_swap():
    f, g = affine(3, 4), affine(4, 2)
    P, Q = f.parameter, g.parameter

    papers = para(Q @ P, Smooth.then(Q @ f.arrow, g.arrow))
    ours = reparametrise(f >> g, Smooth.swap(Q, P))

    assert papers.parameter == ours.parameter == Q @ P
    assert C.close(papers, ours)
    assert C.close(reparametrise(papers, Smooth.swap(P, Q)), f >> g)


def test_side_by_side_the_left_parameters_come_first():
    f, g = affine(3, 2), affine(2, 4)
    p, q, x, y = f.init(key=KEY), g.init(key=KEY), jnp.arange(3.0), jnp.arange(2.0)

    both = f @ g

    assert both.parameter == f.parameter @ g.parameter
    assert both.labels == ("weight", "bias", "weight_2", "bias_2")
    assert close(both((*p, *q), x, y), (f(p, x), g(q, y)))
    assert close((f @ R(2))(p, x, y), (f(p, x), y))
    assert close((R(2) @ f)(p, y, x), (y, f(p, x)))


@pytest.mark.paper("2103.01931", "T5.1")
def test_interchange_holds_up_to_the_swap_of_the_middle_parameters():
    f, h, g, k = affine(1, 2), affine(2, 3), affine(4, 2), affine(2, 1)
    lhs, rhs = (f @ g) >> (h @ k), (f >> h) @ (g >> k)

    middle = Smooth.tensor(Smooth.id(f.parameter), Smooth.swap(h.parameter, g.parameter), Smooth.id(k.parameter))

    assert lhs.parameter == f.parameter @ g.parameter @ h.parameter @ k.parameter
    assert rhs.parameter == f.parameter @ h.parameter @ g.parameter @ k.parameter
    assert lhs.parameter != rhs.parameter
    assert C.close(reparametrise(lhs, middle), rhs)


def test_the_wires_cross():
    x, y = jnp.arange(3.0), jnp.arange(2.0)

    assert close(C.swap(R(3), R(2))((), x, y), (y, x))


# ------------------------------------------------------------------------------------------------ labels


def test_labels_are_numbered_in_wire_order_for_both_bracketings():
    f, g, h = affine(2, 2), scale_vector(), affine(2, 2)

    assert ((f >> g) >> h).labels == (f >> (g >> h)).labels
    assert (f >> g >> h).labels == ("weight", "bias", "weight_2", "weight_3", "bias_2")


def scale_vector():
    return para(R(2), smooth(lambda w, x: w * x, R(2) @ R(2)), labels=["weight"], init=[Constant(1.0)])


def test_a_name_goes_before_the_labels():
    model = named("enc", scale() >> shift()) >> named("dec", scale())

    assert model.labels == ("enc.weight", "enc.bias", "dec.weight")
    assert named("net", model).labels == ("net.enc.weight", "net.enc.bias", "net.dec.weight")


def test_labels_never_collide():
    tied = tie(scale() >> shift() >> shift() >> shift(), ("bias", "bias_2"))
    model = tied >> shift() >> shift() >> tied

    assert tied.labels == ("weight", "bias", "bias_3")
    assert len(set(model.labels)) == len(model.labels)
    assert model.labels[:3] == tied.labels


def test_labels_do_not_count_for_equality():
    assert named("a", scale()) == scale()
    assert hash(named("a", scale())) == hash(scale())
    assert scale(1.0) == scale(2.0)
    assert scale() != shift()


def test_labels_are_kept_through_a_reparametrisation_that_keeps_the_parameter():
    f = affine(2, 2)
    doubled = reparametrise(f, Smooth.tensor(smooth(lambda w: 2 * w, R(2, 2)), Smooth.id(R(2))))

    assert doubled.labels == f.labels
    assert reparametrise(f, Smooth.id(f.parameter)).initialisers == f.initialisers
    assert doubled.initialisers == (None, None)


# ------------------------------------------------------------------------------------------------ initialisers


def test_fresh_parameters_are_values_of_the_parameter_and_depend_on_the_key_alone():
    model = affine(3, 4) >> affine(4, 2)

    p, q, r = model.init(key=KEY), model.init(key=KEY), model.init(key=jax.random.key(1))

    assert close(model.check(p), p)
    assert close(p, q)
    assert not close(p, r)
    assert not close(p[0].ravel()[:8], p[2].ravel()[:8])


def test_side_by_side_and_in_turn_each_arrow_keeps_its_initialisers():
    f, g = affine(3, 4), affine(4, 2)

    assert (f >> g).initialisers == (f @ g).initialisers == f.initialisers + g.initialisers


def test_a_missing_initialiser_is_named():
    f = para(R(), scale().arrow, labels=["gain"])

    with pytest.raises(MissingInitialiser, match="'gain'") as caught:
        (scale() >> f).init(key=KEY)

    assert last_file(caught) == "test_para.py"


# ------------------------------------------------------------------------------------------------ 2-cells


@pytest.mark.paper("2103.01931", "Def 2.3")
def test_a_reparametrisation_runs_before_the_arrow():
    f = affine(3, 2)
    low_rank = smooth(lambda u, v, b: (jnp.outer(u, v), b), R(2) @ R(3) @ R(2))

    g = reparametrise(f, low_rank, labels=["u", "v", "bias"], init=[Normal(1.0)] * 3)
    u, v, b = g.init(key=KEY)

    assert g.parameter == R(2) @ R(3) @ R(2)
    assert g.labels == ("u", "v", "bias")
    assert close(g((u, v, b), jnp.arange(3.0)), f((jnp.outer(u, v), b), jnp.arange(3.0)))


@pytest.mark.paper("2103.01931", "Def 2.3")
def test_reparametrising_twice_is_reparametrising_along_the_composite():
    f = scale()
    a, b = smooth(jnp.sin, R()), smooth(jnp.exp, R())

    assert C.close(reparametrise(reparametrise(f, a), b), reparametrise(f, b >> a))
    assert C.close(reparametrise(f, Smooth.id(R())), f)


@pytest.mark.paper("2103.01931", "Def 2.3")
def test_reparametrising_commutes_with_composition():
    f, g = scale(), shift()
    a, b = smooth(jnp.sin, R()), smooth(lambda p, q: p * q, R() @ R())

    assert C.close(reparametrise(f, a) >> reparametrise(g, b), reparametrise(f >> g, a @ b))


@pytest.mark.paper("2103.01931", "T5.1")
def test_2_cells_compose_along_arrows_and_across_them():
    f, g = scale(), shift()
    a, b, c = (smooth(h, R()) for h in (jnp.sin, jnp.exp, jnp.tanh))
    first, second, other = cell(f, a), cell(reparametrise(f, a), b), cell(g, c)

    down = vertical(first, second)
    across = horizontal(down, other)

    assert down.source == f
    assert down.target == second.target
    assert Smooth.close(down.by, b >> a)
    assert C.close(down.target, reparametrise(f, down.by))
    assert across.source == f >> g
    assert C.close(across.target, reparametrise(f >> g, across.by))


@pytest.mark.paper("2103.01931", "T5.1")
def test_2_cells_interchange():
    f, g = scale(), shift()
    a, b, c, d = (smooth(h, R()) for h in (jnp.sin, jnp.exp, jnp.tanh, jnp.cos))
    f1, g1 = cell(f, a), cell(g, c)
    f2, g2 = cell(f1.target, b), cell(g1.target, d)

    lhs = horizontal(vertical(f1, f2), vertical(g1, g2))
    rhs = vertical(horizontal(f1, g1), horizontal(f2, g2))

    assert Smooth.close(lhs.by, rhs.by)
    assert C.close(lhs.target, rhs.target)
    assert lhs.source == rhs.source


def test_2_cells_that_do_not_meet_are_refused():
    with pytest.raises(WrongParameters, match="first ends at") as caught:
        vertical(cell(scale(), Smooth.id(R())), cell(affine(1, 1), Smooth.id(R(1, 1) @ R(1))))

    assert last_file(caught) == "test_para.py"


# ------------------------------------------------------------------------------------------------ tying and freezing


@pytest.mark.float32
def test_tied_parameters_are_one_and_its_gradient_is_the_sum():
    f = scale() >> shift() >> scale()
    square = tie(f, ("weight", "weight_2"))

    w, b, x = jnp.asarray(3.0), jnp.asarray(0.5), jnp.asarray(2.0)
    gradient = jax.grad(lambda p: square(p, x))((w, b))

    assert square.labels == ("weight", "bias")
    assert square.parameter == R() @ R()
    assert close(square((w, b), x), w * (w * x + b))
    assert close(gradient, (2 * w * x + b, w))
    assert close(square.init(key=KEY), (jnp.asarray(2.0), jnp.asarray(1.0)))


def test_tying_is_reparametrising_along_copy():
    f = scale() >> scale()

    assert C.close(tie(f, ("weight", "weight_2")), reparametrise(f, Smooth.copy(R())))


def test_several_groups_may_be_tied_at_once():
    f = scale() >> shift() >> scale() >> shift() >> scale()

    g = tie(f, ("weight", "weight_3"), ("bias", "bias_2"))

    assert g.labels == ("weight", "bias", "weight_2")
    assert close(g((2.0, 1.0, 3.0), 1.0), f((2.0, 1.0, 3.0, 1.0, 2.0), 1.0))


def test_tying_nothing_changes_nothing():
    f = scale() >> shift()

    assert C.close(tie(f), f)
    assert C.close(tie(f, ("weight",)), f)


@pytest.mark.float32
def test_frozen_parameters_have_their_value_and_are_gone():
    f = affine(2, 2) >> scale_vector()
    weight = jnp.asarray([[1.0, 2.0], [3.0, 4.0]])

    g = freeze(f, {"weight": weight})

    assert g.labels == ("bias", "weight_2")
    assert close(g(([1.0, 1.0], [2.0, 2.0]), [1.0, 1.0]), jnp.asarray([8.0, 16.0]))
    assert [x.shape for x in g.init(key=KEY)] == [(2,), (2,)]
    assert freeze(f, {}).labels == f.labels


def test_values_may_be_frozen_inside_a_compiled_program():
    frozen = jax.jit(lambda w, x: freeze(scale() >> shift(), {"weight": w})((1.0,), x))

    assert close(frozen(jnp.asarray(3.0), jnp.asarray(2.0)), jnp.asarray(7.0))


def test_flipping_twice_is_doing_nothing():
    f = affine(3, 2)
    p, x = f.init(key=KEY), jnp.arange(3.0)

    assert C.close(flip(flip(f)), f)
    assert flip(f).parameter == R(3)
    assert flip(f).labels == ("input",)
    assert close(flip(f)((x,), *p), f(p, x))


# ------------------------------------------------------------------------------------------------ powers


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.float32
def test_a_power_is_the_composite_after_unstacking(n):
    f = affine(3, 3) >> C.lift(smooth(jnp.tanh, R(3)))
    composite = C.id(R(3))
    for _ in range(n):
        composite = composite >> f

    unstacked = unstack(f, n)

    assert (f**n).parameter == f.parameter.stacked(n)
    assert (f**n).labels == f.labels
    assert unstacked.source == f**n
    assert unstacked.target.parameter == composite.parameter
    assert unstacked.target.labels == composite.labels
    assert C.close(unstacked.target, composite)


def test_the_layers_of_a_power_start_apart():
    weights, biases = (affine(3, 3) ** 4).init(key=KEY)

    assert weights.shape == (4, 3, 3)
    assert biases.shape == (4, 3)
    assert not close(weights[0], weights[1])


def test_the_power_of_zero_is_the_identity():
    f = affine(3, 3) ** 0

    assert close(f(f.init(key=KEY), jnp.arange(3.0)), jnp.arange(3.0))


@pytest.mark.float32
def test_the_gradient_of_a_power_is_that_of_the_composite():
    f, x = affine(3, 3) >> C.lift(smooth(jnp.sin, R(3))), jnp.arange(3.0)
    p = (f**3).init(key=KEY)

    def unrolled(p):
        for i in range(3):
            x_ = f(jax.tree.map(lambda a, i=i: a[i], p), x if i == 0 else x_)  # noqa: F821
        return jnp.sum(x_)

    assert close(jax.grad(lambda p: jnp.sum((f**3)(p, x)))(p), jax.grad(unrolled)(p))


def test_a_power_is_one_loop_whatever_its_exponent():
    f = affine(3, 3)

    equations = lambda n: str(jax.make_jaxpr(lambda p, x: (f**n)(p, x))(*example(f**n))).count("=")

    assert equations(500) == equations(2)


def example(f):
    return tuple(w.zeros() for w in f.parameter.wires), f.dom.zeros()


@pytest.mark.parametrize("f", [lambda: affine(2, 3), lambda: affine(2, 2)])
@pytest.mark.parametrize("n", [-1, 2.0, "2", True])
def test_a_power_that_cannot_be_is_refused(f, n):
    with as_users_run_it(), pytest.raises(NotAnEndomap) as caught:
        f() ** n

    assert last_file(caught) == "test_para.py"


# ------------------------------------------------------------------------------------------------ long chains


def test_a_chain_of_a_thousand_arrows_runs_and_comes_back():
    step = scale(1.0)
    chain = step
    for _ in range(999):
        chain = chain >> step
    p = chain.init(key=KEY)

    value, gradient = jax.value_and_grad(lambda p, x: chain(p, x))(p, jnp.asarray(2.0))

    assert len(chain.parameter) == 1000
    assert chain.labels[-1] == "weight_1000"
    assert close(value, jnp.asarray(2.0))
    assert close(gradient[500], jnp.asarray(2.0))


def test_a_chain_nested_to_the_right_is_the_chain_nested_to_the_left():
    step = scale(1.0)
    left = right = step
    for _ in range(400):
        left, right = left >> step, step >> right

    assert left == right


def test_the_trace_of_a_chain_grows_linearly():
    step = affine(3, 3)

    def equations(n):
        chain = C.then(*[step] * n)
        return str(jax.make_jaxpr(lambda p, x: chain(p, x))(*example(chain))).count("=")

    ten, twenty, forty = equations(10), equations(20), equations(40)

    assert forty - twenty == 2 * (twenty - ten)


@pytest.mark.slow
def test_a_long_power_compiles_as_fast_as_a_short_one():
    def seconds(n):
        f = affine(20, 20) ** n
        start = time.perf_counter()
        jax.jit(lambda p, x: f(p, x)).lower(*example(f)).compile()
        return time.perf_counter() - start

    seconds(3)

    assert seconds(500) < 1.5 * max(seconds(10), 0.05)


# ------------------------------------------------------------------------------------------------ functors and lenses


@pytest.mark.paper("2103.01931", "Para(F)")
def test_para_of_a_functor_is_a_functor():
    F = Para(Reverse)
    f, g = affine(3, 2), affine(2, 4)

    assert F(R(3)) == Pair(R(3), R(3))
    assert F(f).parameter == Reverse(f.parameter)
    assert F(f).labels == f.labels
    assert Para(Lens(Smooth)).close(F(f >> g), F(f) >> F(g))
    assert Para(Lens(Smooth)).close(F(f @ g), F(f) @ F(g))
    assert Para(Lens(Smooth)).close(F(C.id(R(3))), Para(Lens(Smooth)).id(Pair(R(3), R(3))))


@pytest.mark.paper("2103.01931", "Para(F)")
def test_para_of_a_functor_respects_reparametrisation():
    f, a = scale(), smooth(jnp.sin, R())

    assert Para(Lens(Smooth)).close(Reverse(reparametrise(f, a)), reparametrise(Reverse(f), Reverse(a)))


@pytest.mark.paper("2103.01931", "Eq 8")
@pytest.mark.float32
def test_the_way_back_of_a_parametric_arrow_is_the_gradient_in_parameters_and_input():
    f = affine(3, 4) >> C.lift(smooth(jnp.tanh, R(4))) >> affine(4, 2)
    p, x, dy = f.init(key=KEY), jnp.arange(3.0), jnp.asarray([1.0, -2.0])

    back = Reverse(f).arrow.put(*p, x, dy)

    expected = jax.grad(lambda p, x: jnp.vdot(f(p, x), dy), argnums=(0, 1))(p, x)
    assert close(back, expected)


def test_a_parametric_lens_has_the_fresh_parameters_of_its_arrow():
    f = affine(3, 2)

    assert close(Reverse(f).init(key=KEY), f.init(key=KEY))
    assert close(Reverse(f).check(f.init(key=KEY)), f.init(key=KEY))


def test_the_parameter_of_a_lens_is_a_pair_and_leaves_the_rest_of_the_domain():
    f = affine(3, 2)
    lens = Reverse(f.arrow)
    again = para(Pair(f.parameter, f.parameter), lens, labels=f.labels)

    assert again.dom == Pair(R(3), R(3))
    assert again == Reverse(f)
    assert flip(again).dom == Pair(f.parameter, f.parameter)


# ------------------------------------------------------------------------------------------------ programs


@pytest.mark.slow
def test_parametric_arrows_are_compiled_mapped_and_differentiated():
    f = affine(3, 2)
    ps = jax.vmap(lambda key: f.init(key=key))(jax.random.split(KEY, 5))
    xs = R(5, 3).random(key=KEY)

    each = jax.vmap(lambda p, x: f(p, x))(ps, xs)

    assert close(jax.jit(lambda f, p, x: f(p, x))(f, f.init(key=KEY), xs[0]), f(f.init(key=KEY), xs[0]))
    assert close(each[3], f(jax.tree.map(lambda a: a[3], ps), xs[3]))
    assert close(jax.jacfwd(lambda x: f(f.init(key=KEY), x))(xs[0]), jax.jacrev(lambda x: f(f.init(key=KEY), x))(xs[0]))


def test_a_program_that_is_built_three_times_is_traced_once():
    traces = []

    @jax.jit
    def run(f, p, x):
        traces.append(f)
        return f(p, x)

    for _ in range(3):
        model = tie(
            named("a", affine(3, 3)) >> affine(3, 3) ** 2 >> freeze_bias() >> affine(3, 3), ("a.bias", "bias_2")
        )
        run(model, model.init(key=KEY), jnp.ones(3))

    assert len(traces) == 1


def freeze_bias():
    return freeze(affine(3, 3), {"bias": jnp.zeros(3)})


@pytest.mark.parametrize(
    "f",
    [
        lambda: affine(3, 2) >> affine(2, 3),
        lambda: affine(3, 3) ** 4,
        lambda: affine(3, 2) @ affine(2, 2),
        lambda: tie(affine(3, 3) >> affine(3, 3), ("weight", "weight_2")),
        lambda: freeze(affine(3, 3), {"bias": jnp.zeros(3)}),
        lambda: unstack(affine(3, 3), 3).target,
    ],
)
def test_it_lowers_for_every_platform_with_its_way_back(f):
    put = Reverse(f()).arrow.put

    assert lowers_everywhere(lambda *xs: Smooth.apply(put, xs), *put.dom.avals())


# ------------------------------------------------------------------------------------------------ mistakes

MISTAKES = {
    "ends that do not meet": (NotComposable, lambda: affine(3, 2) >> affine(3, 2)),
    "a smooth map without para": (WrongCategory, lambda: affine(3, 2) >> smooth(jnp.sin, R(2))),
    "a lens after an arrow": (WrongCategory, lambda: affine(3, 2) >> Reverse(affine(2, 2))),
    "too few parameters": (WrongParameters, lambda: affine(3, 2)((jnp.ones((2, 3)),), jnp.ones(3))),
    "an array for the tuple": (WrongParameters, lambda: scale()(jnp.ones(1), jnp.ones(()))),
    "a parameter of another shape": (
        WrongParameters,
        lambda: affine(3, 2)((jnp.ones((3, 2)), jnp.ones(2)), jnp.ones(3)),
    ),
    "integers for parameters": (WrongParameters, lambda: scale()((jnp.asarray(2),), 1.0)),
    "a missing input": (WrongValue, lambda: scale()((1.0,))),
    "an input of another shape": (WrongValue, lambda: scale()((1.0,), jnp.ones(2))),
    "a parameter that the domain does not begin with": (WrongObject, lambda: para(R(5), affine(3, 2).arrow)),
    "a function for an arrow": (WrongCategory, lambda: para(R(), jnp.sin)),
    "too many labels": (WrongParameters, lambda: para(R(), scale().arrow, labels=["a", "b"])),
    "a string of labels": (WrongParameters, lambda: para(R(), scale().arrow, labels="w")),
    "too few initialisers": (WrongParameters, lambda: para(R(2, 3) @ R(2), affine(3, 2).arrow, init=[None])),
    "lifting a parametric arrow": (WrongCategory, lambda: C.lift(scale())),
    "naming a smooth map": (WrongCategory, lambda: named("a", smooth(jnp.sin, R()))),
    "reparametrising a smooth map": (WrongCategory, lambda: reparametrise(smooth(jnp.sin, R()), Smooth.id(R()))),
    "reparametrising along a parametric arrow": (WrongCategory, lambda: reparametrise(scale(), scale())),
    "reparametrising along a function": (WrongCategory, lambda: reparametrise(scale(), jnp.sin)),
    "reparametrising along an arrow that ends elsewhere": (
        WrongParameters,
        lambda: reparametrise(scale(), smooth(jnp.sin, R(2))),
    ),
    "tying an unknown label": (WrongParameters, lambda: tie(scale() >> scale(), ("weight", "gain"))),
    "tying wires of two types": (WrongParameters, lambda: tie(affine(3, 2), ("weight", "bias"))),
    "a label in two groups": (
        WrongParameters,
        lambda: tie(scale() >> scale() >> scale(), ("weight", "weight_2"), ("weight_2", "weight_3")),
    ),
    "tying a lens": (WrongCategory, lambda: tie(Reverse(scale() >> scale()), ("weight", "weight_2"))),
    "freezing an unknown label": (WrongParameters, lambda: freeze(scale(), {"gain": 1.0})),
    "freezing at a wrong value": (WrongValue, lambda: freeze(scale(), {"weight": jnp.ones(2)})),
    "freezing a lens": (WrongCategory, lambda: freeze(Reverse(scale()), {"weight": 1.0})),
    "calling a lens": (WrongCategory, lambda: Reverse(scale())((1.0,), 1.0)),
    "a power of a lens": (WrongCategory, lambda: Reverse(scale()) ** 3),
    "unstacking a smooth map": (WrongCategory, lambda: unstack(smooth(jnp.sin, R()), 2)),
    "para of a number": (WrongCategory, lambda: Para(3)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_the_line_that_makes_it(mistake):
    error, make = MISTAKES[mistake]

    with as_users_run_it(), pytest.raises(error) as caught:
        make()

    assert last_file(caught) == "test_para.py"


def test_wrong_parameters_are_named_by_their_labels():
    with pytest.raises(WrongParameters, match=r"enc.weight, enc.bias") as caught:
        named("enc", affine(3, 2))((jnp.ones((3, 2)), jnp.ones(2)), jnp.ones(3))

    assert "float" in str(caught.value)
    assert "[3, 2]" in str(caught.value)


def test_a_stored_value_is_an_initialiser():
    f = para(R(2), smooth(jnp.multiply, R(2) @ R(2)), init=[Stored(jnp.asarray([1.0, 2.0]))])

    assert close(f.init(key=KEY), (jnp.asarray([1.0, 2.0]),))
