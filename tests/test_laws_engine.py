"""The engine of the laws: what it rejects, what it finds, and what it refuses to call evidence."""

import dataclasses
import subprocess
import sys

import equinox as eqx
import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from catlearn import Fin, laws
from catlearn.laws import LawBroken, LawNotApplicable, NoWitness, Status, draws, law
from catlearn.laws.look import distance
from catlearn.theory import Arrow, CatlearnError, Concrete


class Shift(Arrow):
    """A shift of the integers mod five, as a flat path of steps."""

    dom: object = eqx.field(static=True)
    cod: object = eqx.field(static=True)
    steps: tuple[int, ...]
    order: "Shifts" = eqx.field(static=True)

    @property
    def category(self):
        return self.order


@dataclasses.dataclass(frozen=True)
class Shifts(Concrete):
    """Shifts composed by concatenation; `run` is how a path is run, and that is where the mistakes are."""

    run: object = sum

    def id(self, x, /):
        return Shift(x, x, (), self)

    def _then(self, f, g, /):
        return Shift(f.dom, g.cod, f.steps + g.steps, self)

    def apply(self, f, xs, /):
        return ((xs[0] + self.run(f.steps)) % 5,)

    def arrow(self, dom, cod, function, /):
        raise NotImplementedError

    def seal(self, f, /):
        return Shift(f.dom, f.cod, (self.run(f.steps),), self)


def shifts(category, **more):
    steps = lambda X, Y: st.integers(0, 4).map(lambda n: Shift(X, Y, (n,), category))
    points = lambda X: st.tuples(st.integers(0, 4))
    return draws.of(category, objects=[Fin(5)], arrow=steps, points=points, **more)


def first_only(steps):
    return steps[0] if steps else 0


def test_flat_paths_that_are_run_wrongly_are_rejected_by_the_reference():
    good, bad = shifts(Shifts()), shifts(Shifts(first_only))

    assert not laws.check(laws.category.associativity, good).vacuous
    with pytest.raises(LawBroken, match="against the reference"):
        laws.check(laws.category.associativity, bad)


def test_equal_flat_paths_alone_are_no_evidence():
    blind = dataclasses.replace(shifts(Shifts(first_only)), readings=shifts(Shifts(first_only)).readings[:1])

    assert laws.check(laws.category.associativity, blind).vacuous
    assert laws.confirm(laws.category.associativity, blind).status is Status.VACUOUS


def test_a_law_whose_sides_are_one_object_is_vacuous_in_every_reading():
    @law
    def same(draw):
        """f  =  f"""
        f = draw.arrow()
        return f, f

    assert laws.check(same, draws.smooth, examples=5).vacuous
    assert laws.confirm(same, draws.linear, examples=5).status is Status.VACUOUS


class Seamy(Shifts):
    """It composes rightly what it can look into, and forgets what comes before a sealed arrow."""

    def _then(self, f, g, /):
        return g if g.steps and g.steps[0] >= SEAL else Shift(f.dom, g.cod, f.steps + g.steps, self)

    def seal(self, f, /):
        return Shift(f.dom, f.cod, (SEAL + sum(f.steps),), self)


SEAL = 10


def test_arrows_are_sealed_so_that_nothing_rests_on_looking_into_them():
    @law
    def commutative(draw):
        """f ; g  =  g ; f"""
        f, g = draw.endo(), draw.endo()
        return f >> g, g >> f

    assert laws.check(commutative, shifts(Shifts()))
    with pytest.raises(LawBroken, match="with sealed arrows"):
        laws.check(commutative, shifts(Seamy()))


def test_a_false_law_is_broken_with_the_smallest_arrows_and_a_point():
    @law
    def idempotent(draw):
        """f ; f  =  f"""
        f = draw.endo()
        return f >> f, f

    with pytest.raises(LawBroken) as caught:
        laws.check(idempotent, shifts(Shifts()))

    message = str(caught.value)
    assert "f ; f  =  f" in message
    assert "steps=(1,)" in message
    assert "at (0,)" in message
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, CatlearnError)


def test_a_true_law_has_no_witness():
    with pytest.raises(NoWitness, match="Declare that it holds"):
        laws.refute(laws.category.associativity, shifts(Shifts()))


def test_a_law_declared_to_fail_that_holds_is_an_error():
    drawn = shifts(Shifts(), declared={"associativity": Status.FAILS})

    with pytest.raises(NoWitness):
        laws.confirm(laws.category.associativity, drawn)


def test_a_witness_against_a_declared_failure_is_reported():
    drawn = shifts(Shifts(), declared={"idempotent": Status.FAILS})

    @law
    def idempotent(draw):
        """f ; f  =  f"""
        f = draw.endo()
        return f >> f, f

    finding = laws.confirm(idempotent, drawn)

    assert finding.status is Status.FAILS
    assert "steps=(1,)" in finding.detail


def test_a_side_that_cannot_be_formed_breaks_a_law_and_does_not_refute_it():
    @law
    def ill_typed(draw):
        """f ; g  =  f"""
        f = draw.arrow(Fin(5), Fin(5))
        return f >> draw.category.id(Fin(4)), f

    with pytest.raises(LawBroken, match="raised NotComposable"):
        laws.check(ill_typed, shifts(Shifts()))
    with pytest.raises(CatlearnError, match="cannot compose"):
        laws.refute(ill_typed, shifts(Shifts()))


def test_sides_with_different_ends_are_different():
    @law
    def ends(draw):
        """id(X)  =  id(Y)"""
        return draw.category.id(Fin(2)), draw.category.id(Fin(3))

    with pytest.raises(LawBroken, match="different ends"):
        laws.check(ends, shifts(Shifts()))


def test_a_law_that_does_not_apply_is_refused_and_not_skipped():
    with pytest.raises(LawNotApplicable, match="it needs a Monoidal category"):
        laws.check(laws.monoidal.interchange, shifts(Shifts()))
    with pytest.raises(LawNotApplicable, match="functor"):
        laws.check(laws.functor.functor_identity, draws.smooth)


def test_a_conditional_law_is_tested_where_its_condition_holds():
    @law
    def shifts_by_zero_are_identities(draw):
        """f  =  id,   if f shifts by zero"""
        f = draw.endo()
        draw.assume(draw.category.apply(f, (0,)) == (0,))
        return f, draw.category.id(f.dom)

    assert laws.check(shifts_by_zero_are_identities, shifts(Shifts())).examples


def test_a_law_with_several_equations_names_the_one_that_breaks():
    @law
    def two(draw):
        """f = f,   f ; f = f"""
        f = draw.endo()
        yield f >> draw.category.id(f.dom), f
        yield f >> f, f

    with pytest.raises(LawBroken, match=r"\(equation 2\)"):
        laws.check(two, shifts(Shifts()))


def test_the_number_of_examples_is_that_of_the_hypothesis_profile():
    asked = hypothesis.settings().max_examples

    assert asked <= laws.check(laws.category.associativity, shifts(Shifts())).examples <= 2 * asked


def test_differences_are_relative_and_infinite_where_values_are_not_floats():
    assert distance(1e9, 1e9 + 1) == pytest.approx(1e-9)
    assert distance(0.5, 0.75) == 0.25
    assert distance(np.nan, np.nan) == 0
    assert distance(np.inf, np.inf) == 0
    assert distance(np.nan, 1.0) == float("inf")
    assert distance(1, 2) == float("inf")
    assert distance((1,), (1, 1)) == float("inf")
    assert distance(np.zeros(2), np.zeros(3)) == float("inf")
    assert distance(np.float32(1), np.float64(1)) == float("inf")


def test_laws_without_hypothesis_name_the_missing_extra(tmp_path):
    (tmp_path / "hypothesis.py").write_text("raise ModuleNotFoundError('none', name='hypothesis')")
    program = "import catlearn\ntry:\n    catlearn.laws\nexcept catlearn.MissingExtra as error:\n    print(error)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path), "PATH": ""}
    )

    assert "pip install 'catlearn-jax[laws]'" in run.stdout, run.stderr
