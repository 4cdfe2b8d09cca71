"""Plots of laws: each thing that a plot claims to show is there, where it should be."""

import jax
import numpy as np
import pytest

from catlearn import Fin, FinStoch, R, gaussian, kernel, unit
from catlearn.categories import LogFinStoch
from catlearn.draw import plot
from catlearn.theory import errors

WEATHER = Fin(3, labels=["sun", "rain", "snow"])
TABLE = np.array([[0.75, 0.25, 0.0], [0.25, 0.5, 0.25], [0.0, 0.5, 0.5]])
PLANE = R(2)
WIDE = gaussian(unit, PLANE, mean=[1.0, 2.0], factor=[[3.0, 0.0], [0.0, 1.0]])
FLAT = gaussian(unit, PLANE, mean=[1.0, 2.0], factor=[[1.0], [1.0]])


def _texts(axes):
    return [t.get_text() for t in axes.texts]


def test_a_kernel_is_a_table_of_shades_with_a_row_for_each_input():
    (axes,) = plot(kernel(WEATHER, WEATHER, TABLE), wires=["today", "tomorrow"]).figure.axes
    (mesh,) = axes.collections
    assert np.array_equal(np.asarray(mesh.get_array()).reshape(3, 3), TABLE)
    assert _texts(axes) == [".75", ".25", "0", ".25", ".50", ".25", "0", ".50", ".50"]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["sun", "rain", "snow"]
    assert axes.yaxis_inverted()
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("today", "tomorrow")


def test_logarithms_are_shown_as_probabilities():
    with np.errstate(divide="ignore"):
        logs = kernel(WEATHER, WEATHER, np.log(TABLE), over=LogFinStoch)
    (mesh,) = plot(logs).figure.axes[0].collections
    assert np.allclose(np.asarray(mesh.get_array()).reshape(3, 3), TABLE)


def test_a_large_kernel_has_a_scale_in_place_of_numbers():
    axes, scale = plot(FinStoch.id(Fin(16))).figure.axes
    assert not axes.texts
    assert scale is not axes


def test_finite_states_are_bars_side_by_side():
    before, after = kernel(unit, WEATHER, [0.5, 0.25, 0.25]), kernel(unit, WEATHER, [0.25, 0.75, 0.0])
    figure = plot(before, after, names=["before", "after"]).figure
    (axes,) = figure.axes
    assert [bar.get_height() for bar in axes.patches] == [0.5, 0.25, 0.25, 0.25, 0.75, 0.0]
    assert axes.patches[0].get_x() < axes.patches[3].get_x() < axes.patches[1].get_x()
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["before", "after"]


def test_a_gaussian_state_is_ellipses_at_one_and_two_standard_deviations():
    (axes,) = plot(WIDE).figure.axes
    sizes = {(e.width, e.height) for e in axes.patches}
    assert sizes == {(6.0, 2.0), (12.0, 4.0)}
    assert all(e.angle % 180 == 0 and e.center == (1.0, 2.0) for e in axes.patches)
    assert axes.lines[0].get_xydata().tolist() == [[1.0, 2.0]]


def test_the_points_of_an_ellipse_are_that_many_standard_deviations_away():
    state = gaussian(unit, PLANE, mean=[1.0, 2.0], factor=[[2.0, 0.0], [1.0, 0.5]])
    covariance = np.asarray(state.covariance)
    for ellipse, deviations in zip(plot(state).figure.axes[0].patches, (2, 2, 1, 1), strict=True):
        at = ellipse.get_patch_transform().transform(np.stack([np.cos(t := np.arange(6.0)), np.sin(t)], axis=1))
        away = at - [1.0, 2.0]
        assert np.allclose(np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away), deviations**2)


def test_a_singular_state_has_a_flat_ellipse_along_its_support():
    ellipse = plot(FLAT).figure.axes[0].patches[-1]
    assert ellipse.height == pytest.approx(0.0, abs=1e-7)
    assert ellipse.angle % 180 == pytest.approx(45.0)


def test_a_line_shows_densities_and_certain_values():
    sure, unsure = gaussian(unit, R(), mean=[1.0]), gaussian(unit, R(), factor=[[2.0]])
    (axes,) = plot(unsure, sure, names=["before", "after"]).figure.axes
    curve, mark = axes.lines
    x, y = curve.get_data()
    assert np.trapezoid(y, x) == pytest.approx(0.9973, abs=1e-3)
    assert set(mark.get_xdata()) == {1.0}


def test_more_coordinates_are_shown_in_pairs():
    state = gaussian(unit, R(3), factor=np.eye(3))
    figure = plot(state, wires=["x", "y", "z"]).figure
    shown = [axes for axes in figure.axes if axes.axison]
    assert len(shown) == 6
    assert sum(len(axes.patches) == 4 for axes in shown) == 3


def test_a_plot_is_written_as_the_same_bytes_each_time():
    state = kernel(unit, WEATHER, [0.5, 0.25, 0.25])
    assert plot(state).svg() == plot(state).svg()
    assert plot(state).png()[:8] == b"\x89PNG\r\n\x1a\n"
    assert plot(state)._repr_svg_().startswith("<?xml")


@pytest.mark.parametrize(
    ("laws", "words"),
    [
        ((), "nothing"),
        ((jax.numpy.zeros(3),), "states of one object"),
        ((WIDE, gaussian(unit, R(), factor=[[1.0]])), "states of one object"),
        ((gaussian(PLANE, PLANE, np.eye(2)),), "no state"),
        ((FinStoch.id(WEATHER), FinStoch.id(WEATHER)), "one kernel at a time"),
        ((gaussian(unit, R(9), factor=np.eye(9)),), "up to 8"),
    ],
)
def test_what_cannot_be_plotted_is_named(laws, words):
    with pytest.raises(errors.NotDrawable, match=words):
        plot(*laws)


def test_names_are_counted():
    with pytest.raises(errors.NotDrawable, match="one name a state"):
        plot(WIDE, names=["a", "b"])
    with pytest.raises(errors.NotDrawable, match="2 coordinates"):
        plot(WIDE, wires=["a", "b", "c"])
