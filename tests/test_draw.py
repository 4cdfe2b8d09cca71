"""String diagrams: functorial, readable back, and legible."""

import os
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET

import jax
import jax.numpy as jnp
import pytest
from discopy import markov

from catlearn import (
    Lens,
    Linear,
    R,
    Reverse,
    Smooth,
    draw,
    learn,
    lens,
    linear,
    para,
    reparametrise,
    smooth,
    tie,
)
from catlearn.constructions import cell, freeze
from catlearn.constructions.free import FreeCartesian, FreeMarkov, Word, interpret
from catlearn.laws import cartesian, monoidal
from catlearn.theory.errors import NotDrawable, WrongObject

X, Y = R(2), R()
square = smooth(lambda x: x * x, X)
total = smooth(jnp.sum, X)
times = smooth(lambda a, b: a * b, Y @ Y)
twice = Smooth.copy(X) >> (square @ total) >> Smooth.swap(X, Y)
back = Smooth.swap(Y, X) >> (square @ Y)

ARROWS = {
    "identity": Smooth.id(X @ Y),
    "composite": twice >> back,
    "structure": Smooth.copy(X @ Y) >> (Smooth.discard(X) @ Smooth.swap(Y, X) @ Y),
    "pick": Smooth.pick(X @ Y @ X, (2, 0, 0)),
    "sum": square + Smooth.copy(X).category.zero(X, X) + square,
    "projections": Smooth.add(Smooth.first(X, X), Smooth.second(X, X)),
    "point": Smooth.point(Y, 2.0) >> Smooth.copy(Y) >> times,
    "derivative": Smooth.R(twice),
    "power": square**3,
    "sealed": Smooth.seal(square) >> total,
}


def labels(svg):
    return [text.text for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("f", ARROWS.values(), ids=ARROWS)
def test_a_diagram_is_read_back_as_the_same_arrow(f):
    assert Smooth.close(draw.from_discopy(draw.to_discopy(f), Smooth), f)


@pytest.mark.parametrize("f", ARROWS.values(), ids=ARROWS)
def test_every_picture_is_well_formed_and_always_the_same(f):
    svg = draw.svg(f)

    ET.fromstring(svg)
    assert svg == draw.svg(f)
    assert draw.tikz(f).count(r"\begin{tikzpicture}") == 1


LINEAR = {
    "structure": Linear.copy(X) >> (linear(X, X, jnp.cumsum) @ Linear.discard(X)),
    "dagger": (Linear.swap(Y, X) >> (linear(X, Y, jnp.sum) @ Linear.copy(Y))).dagger,
    "sum": linear(X, Y, jnp.sum) + Linear.zero(X, Y),
    "biproduct": Linear.merge(X @ Y) >> Linear.inject_first(X @ Y, Y),
    "power": linear(X, X, jnp.cumsum) ** 3,
}


@pytest.mark.parametrize("f", LINEAR.values(), ids=LINEAR)
def test_the_diagram_of_a_linear_map_is_read_back_as_the_same_map(f):
    assert Linear.close(draw.from_discopy(draw.to_discopy(f), Linear), f)


def test_structure_maps_of_linear_are_wires_and_their_daggers_are_sums():
    assert [type(box) for box in draw.to_discopy(Linear.copy(X)).boxes] == [markov.Copy]
    assert [type(box) for box in draw.to_discopy(Linear.merge(X)).boxes] == [markov.Merge]
    assert [box.name for box in draw.to_discopy(linear(X, X, jnp.cumsum).dagger).boxes] == ["cumsum†"]


def test_the_diagram_of_a_composite_is_the_composite_of_the_diagrams():
    assert draw.to_discopy(twice >> back) == draw.to_discopy(twice) >> draw.to_discopy(back)


def test_the_diagram_of_a_tensor_is_the_tensor_of_the_diagrams():
    assert draw.to_discopy(twice @ back) == draw.to_discopy(twice) @ draw.to_discopy(back)


def test_the_diagram_of_an_identity_is_made_of_wires():
    assert draw.to_discopy(Smooth.id(X @ Y)).boxes == []


def test_structure_maps_are_wires_and_not_boxes():
    kinds = {type(box) for box in draw.to_discopy(ARROWS["structure"]).boxes}

    assert kinds <= {markov.Copy, markov.Discard, markov.Swap}


def test_the_diagram_of_composed_lenses_is_the_composite_of_the_diagrams():
    f, g = Reverse(twice), lens(back, Smooth.R(back))

    assert draw.to_discopy(f >> g) == draw.to_discopy(f) >> draw.to_discopy(g)


def test_the_way_back_of_a_lens_adds_where_the_way_forward_copies():
    boxes = draw.to_discopy(Reverse(Smooth.copy(X))).boxes

    assert [[wire.back for wire in box.dom.inside] for box in boxes] == [[False], [True]]
    assert "+" in labels(draw.svg(Reverse(Smooth.copy(X))))


def test_a_lens_shows_both_ways_and_its_types():
    words = labels(draw.svg(Reverse(square >> total)))

    assert {"sum", "R[sum]", "R(2)", "R()"} <= set(words)


def test_lenses_side_by_side_end_where_the_tensor_ends():
    f = Reverse(total) @ Reverse(square)
    cod = draw.to_discopy(f).cod

    assert [wire.name for wire in cod.inside] == ["R()", "R(2)", "R()*", "R(2)*"]


def test_adapters_are_drawn_mirrored():
    L = Lens(Smooth)
    diagram = draw.to_discopy(L.adapter(square, square >> total))

    assert [box.name for box in diagram.boxes][:1] == [draw.to_discopy(square).boxes[0].name]
    assert [wire.name for wire in diagram.dom.inside] == ["R(2)", "R()*"]


def test_parameters_are_drawn_with_their_labels():
    words = labels(draw.svg(learn.dense(4, 3) >> learn.relu(3) >> learn.dense(3, 2)))

    assert {"dense.weight", "dense.bias_2", "R(4, 3)", "relu"} <= set(words)


def test_a_parametric_diagram_is_the_one_of_its_literal_arrow():
    f = learn.dense(4, 3) >> learn.dense(3, 2)
    arrow = draw.from_discopy(draw.to_discopy(f), Smooth)

    assert Smooth.close(arrow, f.literal_arrow)


def test_gradients_of_parameters_leave_below():
    words = labels(draw.svg(Reverse(learn.dense(4, 3))))

    assert {"dense.weight", "dense.weight′"} <= set(words)


@pytest.mark.parametrize(
    "x",
    [
        tie(learn.dense(2, 2) >> learn.dense(2, 2), ("dense.weight", "dense.weight_2")),
        freeze(learn.dense(2, 2), {"dense.bias": jnp.zeros(2)}),
        learn.dense(2, 2) ** 3,
        learn.residual(learn.dense(2, 2)) @ learn.relu(3),
        cell(para(Y, times, labels=["w"]), smooth(jnp.exp, Y)),
        reparametrise(para(Y, times), smooth(jnp.exp, Y)),
        Reverse(reparametrise(para(Y, times), smooth(jnp.exp, Y))),
    ],
    ids=str,
)
def test_reparametrised_arrows_and_cells_have_pictures(x):
    ET.fromstring(draw.svg(x))


def test_a_png_has_the_size_of_the_picture():
    data = draw.png(twice, scale=2.0)
    size = struct.unpack(">II", data[16:24])
    picture = draw.picture(twice)

    assert data.startswith(b"\x89PNG")
    assert size == pytest.approx((2 * picture.width, 2 * picture.height), abs=1.5)
    assert data == draw.png(twice, scale=2.0)


def test_pictures_are_written_where_one_says(tmp_path):
    draw.svg(twice, tmp_path / "f.svg")
    draw.png(twice, tmp_path / "f.png")
    draw.tikz(twice, tmp_path / "f.tex")

    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.png", "f.svg", "f.tex"]
    assert all(p.stat().st_size > 500 for p in tmp_path.iterdir())


def test_labels_do_not_lie_on_one_another():
    f = Reverse(learn.residual(learn.dense(4, 4) >> learn.relu(4) >> learn.dense(4, 4)))
    texts = list(ET.fromstring(draw.svg(f)).iter("{http://www.w3.org/2000/svg}text"))
    boxes = [rectangle(text) for text in texts]

    overlaps = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if overlap(a, b)]

    assert overlaps == []


def rectangle(text):
    from catlearn.draw.ink import width_of

    x, y, size = (float(text.get(k)) for k in ("x", "y", "font-size"))
    width = width_of(text.text, size)
    left = {"start": x, "middle": x - width / 2, "end": x - width}[text.get("text-anchor")]
    return left, y - 0.75 * size, left + width, y, text.text


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_a_law_is_drawn_as_its_two_sides():
    words = labels(draw.svg(monoidal.swap_natural))

    assert words.count("f") == words.count("g") == 2
    assert "=" in words


def test_a_law_that_has_no_diagram_says_so():
    from catlearn.laws import additive

    with pytest.raises(NotDrawable, match="formal arrows"):
        draw.svg(next(law for law in vars(additive).values() if hasattr(law, "pairs")))


def test_formal_arrows_mean_what_their_interpretation_means():
    C = FreeCartesian()
    A, B = Word("A"), Word("B")
    f, g = C.generator("f", A, B), C.generator("g", B @ B, A)
    meaning = {"arrows": {"f": total, "g": smooth(lambda a, b: jnp.stack([a, b]), Y @ Y)}, "objects": {"A": X, "B": Y}}
    term = C.copy(A) >> (f @ f) >> C.swap(B, B) >> g

    direct = Smooth.copy(X) >> (total @ total) >> Smooth.swap(Y, Y) >> meaning["arrows"]["g"]

    assert Smooth.close(interpret(term, Smooth, **meaning), direct)
    assert C.close(draw.from_discopy(draw.to_discopy(term), C), term)


def test_the_free_markov_category_is_not_cartesian():
    for C, natural in [(FreeMarkov(), False), (FreeCartesian(), True)]:
        f = C.generator("f", Word("A"), Word("B"))

        assert C.close(f >> C.copy(f.cod), C.copy(f.dom) >> (f @ f)) is natural


def test_the_free_category_keeps_the_laws_that_it_draws():
    for law in [*vars(monoidal).values(), *vars(cartesian).values()]:
        if hasattr(law, "pairs"):
            try:
                pairs = draw.laws.sides_of(law)
            except NotDrawable:
                continue
            assert all(f.category.close(f, g) for f, g in pairs), law.name


def test_a_generator_without_a_meaning_is_named():
    C = FreeMarkov()
    f = C.generator("f", Word("A"), Word("B"))

    with pytest.raises(WrongObject, match="generator f"):
        interpret(f, Smooth, arrows={}, objects={"A": X, "B": Y})
    with pytest.raises(WrongObject, match="letter 'B'"):
        interpret(f, Smooth, arrows={"f": total}, objects={"A": X})


@pytest.mark.parametrize("wrong", [3, "f", jnp.zeros(2), R(2)])
def test_only_arrows_are_drawn(wrong):
    with pytest.raises(NotDrawable, match="not an arrow"):
        draw.svg(wrong)


def test_a_box_without_a_meaning_is_named():
    x = markov.Ty("x")

    with pytest.raises(NotDrawable, match="'f'"):
        draw.from_discopy(markov.Box("f", x, x), Smooth, objects={"x": X})
    with pytest.raises(NotDrawable, match="'x'"):
        draw.from_discopy(markov.Id(x), Smooth)


def test_notebooks_show_arrows_as_pictures():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        assert draw.register()
        data, _ = shell.display_formatter.format(twice)
        assert data["image/svg+xml"] == draw.svg(twice)
    finally:
        InteractiveShell.clear_instance()
    assert "_repr_svg_" not in dir(twice)


def test_drawing_changes_no_global_state_of_matplotlib():
    code = (
        "import matplotlib; before = dict(matplotlib.rcParams)\n"
        "from catlearn import R, Smooth, draw\n"
        "draw.png(Smooth.copy(R(2)))\n"
        "import matplotlib.pyplot as plt\n"
        "assert not plt.get_fignums() and dict(matplotlib.rcParams) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "MPLBACKEND": "agg"})


def test_without_discopy_the_extra_is_named():
    code = (
        "import sys; sys.modules['discopy'] = None\n"
        "import catlearn\n"
        "try: catlearn.draw\n"
        "except catlearn.MissingExtra as error: assert 'catlearn-jax[draw]' in str(error)\n"
        "else: raise SystemExit(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_long_composite_is_drawn_in_reasonable_time():
    f = square
    for _ in range(40):
        f = f >> square

    assert draw.svg(f).count("<rect") == 42


def test_a_learner_fits_on_a_page():
    step = learn.supervised_step(learn.dense(4, 3), learn.cross_entropy(3), learn.gradient_update(0.1))
    words = labels(draw.svg(step.closed))

    assert {"dense.weight : R(4, 3)", "dense.weight′", "label", "R[cross entropy]", "constant rate"} <= set(words)


def test_a_box_stands_above_its_way_back():
    from catlearn.draw.layout import place
    from catlearn.draw.scene import scene_of

    step = learn.supervised_step(learn.dense(4, 3), learn.cross_entropy(3), learn.gradient_update(0.1))
    scene = scene_of(draw.to_discopy(step.closed))
    place(scene)

    assert len(scene.links) == 2
    assert all(front.column == back.column for front, back in scene.links)


def test_keys_and_finite_sets_have_no_way_back():
    from catlearn import Fin, Key

    noise = smooth(lambda key, x: x + jax.random.normal(key, (2,), x.dtype), Key @ X)
    choose = smooth(lambda i, x: x[i], Fin(2) @ X)

    for f in (noise, choose):
        diagram = draw.to_discopy(Reverse(f))
        assert [w.name for w in diagram.dom.inside if w.back] == ["R(2)*"]
