"""Every law, in every category that has its operations: the declared status of each is confirmed."""

import dataclasses

import hypothesis
import pytest

from catlearn import Smooth, laws
from catlearn.laws import Status, draws
from catlearn.theory import Cartesian, CatlearnError, Markov, Monoidal

RD, GRADIENT = "1910.07065", "2103.01931"
BACKPROP = "1711.10455"
PROCESSES = "2005.04735"

# Which items of the papers a law is evidence for, where it is confirmed by these draws.
SMOOTH = {
    **{f"rd{i}": [(RD, f"RD.{i}"), (RD, "Def 13"), (RD, "T2.1")] for i in range(1, 8)},
    **{f"cd{i}": [(RD, f"CD.{i}"), (RD, "Def 4"), (RD, "T2.2")] for i in range(1, 8)},
    **{name: [(RD, "Def 1")] for name in ("add_associative", "add_commutative", "add_zero", "left_additive")},
    "projections_additive": [(RD, "Def 1")],
    "pair_additive": [(RD, "Def 1")],
    "derived_forward": [(RD, "Thm 16"), (RD, "T2.3")],
    "linear_dagger": [(RD, "dagger"), (RD, "T2.4")],
    "linear_dagger_functor": [(RD, "dagger biproducts"), (RD, "T2.5")],
    "double_dagger": [(RD, "linear iff"), (RD, "T2.4")],
    "context_involution": [(RD, "contextual dagger"), (RD, "T2.6")],
    "context_contravariant": [(RD, "contextual dagger"), (RD, "T2.6")],
    "context_stable": [(RD, "contextual dagger"), (RD, "T2.6")],
    "context_biproducts": [(RD, "contextual dagger"), (RD, "T2.6")],
    "reverse_is_dagger_of_forward": [(RD, "Thms 41-42")],
    "round_trip": [(RD, "Thms 41-42"), (RD, "T2.7")],
    **{name: [(RD, "T2.10")] for name in ("reverse_copy", "reverse_sum", "reverse_tensor", "reverse_after_linear")},
}
LINEAR = {
    **{name: [(RD, "T2.5"), (RD, "dagger biproducts")] for name in map(str, (*laws.biproduct.LAWS, *laws.dagger.LAWS))},
    "own_derivative": [(RD, "Ex 19")],
    **{f"rd{i}": [(RD, "Ex 19"), (RD, "T2.1")] for i in range(1, 8)},
    **{f"cd{i}": [(RD, "T2.2")] for i in range(1, 8)},
}
LENSES = {
    **{
        name: [(GRADIENT, "Def 2.4"), (GRADIENT, "T5.1")]
        for name in ("lens_composite", "lens_identity", "lens_literal")
    },
    **{str(law): [(GRADIENT, "Lens tensor"), (GRADIENT, "T5.1")] for law in laws.monoidal.LAWS},
    **{str(law): [(GRADIENT, "T5.1")] for law in laws.category.LAWS},
    "lens_tensor": [(GRADIENT, "Lens tensor")],
    "lens_copy_natural": [(GRADIENT, "Lens tensor")],
}
PARA = {
    "para_composite": [(GRADIENT, "Def 2.1")],
    **{str(law): [(GRADIENT, "T5.1")] for law in (*laws.category.LAWS, *laws.monoidal.LAWS)},
    **{str(law): [(GRADIENT, "Def 2.3"), (GRADIENT, "T5.1")] for law in laws.para.LAWS if "reparam" in str(law)},
    **{
        name: [(GRADIENT, "T5.1")]
        for name in ("cell_target", "vertical_category", "horizontal_category", "middle_four")
    },
}
LEARN = {
    "learner_identity": [(BACKPROP, "identity")],
    "learner_composite": [(BACKPROP, "composition"), (BACKPROP, "Def II.1")],
    **{str(law): [(BACKPROP, "T1.1"), (BACKPROP, "Prop II.4")] for law in laws.category.LAWS},
    **{str(law): [(BACKPROP, "T1.2"), (BACKPROP, "Prop II.4")] for law in laws.monoidal.LAWS},
    **{
        name: [(BACKPROP, "T1.2"), (BACKPROP, "Prop II.4")]
        for name in (
            "learner_interchange",
            "learner_swap_natural",
            "learner_whiskering",
            "learner_tensor",
            "learner_swap",
        )
    },
}
DESCENT = {
    "functor_identity": [(BACKPROP, "T1.3"), (BACKPROP, "Thm III.2")],
    "functor_composite": [(BACKPROP, "T1.3"), (BACKPROP, "Thm III.2")],
    "functor_tensor": [(BACKPROP, "T1.4"), (BACKPROP, "Thm III.2")],
    "functor_swap": [(BACKPROP, "T1.4"), (BACKPROP, "Thm III.2")],
}
EXACT = {
    **{f"rd{i}": [(RD, f"RD.{i}"), (RD, "T2.1")] for i in range(1, 8)},
    **{f"cd{i}": [(RD, f"CD.{i}"), (RD, "T2.2")] for i in range(1, 8)},
    "derived_forward": [(RD, "Thm 16")],
    **{name: [(RD, "Thms 41-42")] for name in ("reverse_from_transposition", "transposition_round_trip")},
    "reverse_round_trip": [(RD, "Thms 41-42"), (RD, "T2.7")],
    **{name: [(RD, "Prop 31")] for name in ("section_identity", "section_composite", "way_back_linear")},
    "reindex_composite": [(RD, "Defs 25-28")],
}
POLYNOMIALS = {**SMOOTH, **EXACT, "rd5": [(RD, "Ex 14 Poly"), *EXACT["rd5"]], "derived_forward": [(RD, "Thm 16")]}
MATRICES = {**LINEAR, **EXACT, "own_derivative": [(RD, "Ex 19")], "rd5": [(RD, "Ex 19"), *EXACT["rd5"]]}
MARKOV, INVERSION, FLOW = "1908.07021", "1709.00322", "2211.02507"
CONDITIONALS = {
    **{
        str(law): [(MARKOV, "copy-discard")]
        for law in laws.cartesian.LAWS
        if str(law).startswith(("copy_", "discard_t"))
    },
    "discard_natural": [(MARKOV, "Markov")],
    "copy_natural": [(MARKOV, "copy not natural")],
    "deterministic_closed": [(MARKOV, "deterministic")],
    "as_equal_lemmas": [(MARKOV, "as-equality")],
    "as_equal_congruence": [(MARKOV, "as-equality")],
    "conditional": [(MARKOV, "conditionals"), (MARKOV, "information chain")],
    "causality": [(MARKOV, "causality"), (MARKOV, "information chain")],
    "positivity": [(MARKOV, "positivity"), (MARKOV, "information chain")],
    "positivity_relative": [(MARKOV, "positivity"), (MARKOV, "information chain")],
    "isomorphism_deterministic": [(MARKOV, "information chain")],
    **{
        name: [(INVERSION, "Bayesian inverse")]
        for name in ("inverse", "inverse_recovers_prior", "inverse_of_identity", "inverse_involutive")
    },
    "inverse_composite": [(INVERSION, "inverse composes"), (FLOW, "dagger category")],
    "inverse_replaced": [(INVERSION, "inverse as-equal")],
    "coupling_composite": [(FLOW, "dagger category")],
    "coupling_dagger": [(FLOW, "dagger category")],
    "coisometry": [(FLOW, "coisometry")],
    "inverse_of_section": [(FLOW, "coisometry")],
    **{str(law): [(MARKOV, "independence")] for law in laws.independence.LAWS if str(law) != "factorisation"},
    "factorisation": [(MARKOV, "sufficiency")],
    "support_split": [("supports", "support object")],
    "support_universal": [("supports", "support object")],
}
THESIS = "2212.12538"
BAYESIAN = {
    **{str(law): [(THESIS, "Def 4.3.8"), (THESIS, "lens composition")] for law in laws.category.LAWS},
    **{str(law): [(THESIS, "lens tensor")] for law in laws.monoidal.LAWS},
    "bayes_composite": [(THESIS, "lens composition"), ("2305.06112", "Defs 8-9")],
    "bayes_literal": [(THESIS, "lens composition")],
    "bayes_tensor": [(THESIS, "lens tensor")],
    "bayes_projection": [(THESIS, "Def 4.3.8")],
    "bayes_inversion": [(THESIS, "Thm 4.3.14"), (THESIS, "Cor 4.3.15"), ("2305.06112", "Prop 11")],
    "bayes_inversion_tensor": [(THESIS, "4.3.18")],
    "bayes_inversion_product": [(THESIS, "4.3.18")],
    **{name: [(THESIS, "4.3.19-20")] for name in ("bayes_get_put", "bayes_put_get", "bayes_put_put")},
    "bayes_filled_with_prior": [("2305.06112", "prior filler")],
    "bayes_dependent": [("2209.14728", "dependent lenses")],
    "bayes_copy_composite": [(THESIS, "Thm 5.2.19"), (THESIS, "copy-composition")],
}
ITEMS = {
    "Monte Carlo": {
        "importance_of_inverse": [("sampling", "inverse")],
        "filter_of_inverses": [("sampling", "inverse")],
        "resampling_unbiased": [("sampling", "resampling")],
    },
    "Mealy(QuasiStoch(Z))": {str(law): [("inference", "machines")] for law in laws.mealy.LAWS},
    "Bayes(FinStoch(Q))": {**BAYESIAN, "bayes_inversion_strict": [("2305.06112", "uniform filler")]},
    "Bayes(Gauss)": {
        **BAYESIAN,
        "bayes_inversion_strict": [("2305.06112", "pseudoinverse filler")],
        "bayes_inversion_identity": [("2305.06112", "pseudoinverse filler")],
    },
    "FinStoch(Q)": CONDITIONALS,
    "Gauss": CONDITIONALS,
    "Supp": {
        f"functor_{name}": [("supports", "support functor")] for name in ("identity", "composite", "tensor", "copy")
    },
    "QuasiStoch(Z)": {"positivity": [(MARKOV, "quasi-stochastic"), (MARKOV, "positivity")]},
    "support, fractions": {
        f"functor_{name}": [("supports", "support functor")] for name in ("identity", "composite", "tensor", "copy")
    },
    **dict.fromkeys(("Poly(N)", "Poly(Z/2)", "Poly(Boolean)"), POLYNOMIALS),
    **dict.fromkeys(("Mat(N)", "Mat(Q(i), conjugation)", "FinRel"), MATRICES),
    "LinearInContext(Poly(N), Dim(2))": {str(law): [(RD, "Defs 25-28")] for law in laws.dagger.LAWS},
    "Monoids": {f"cd{i}": [(RD, "bare CDC")] for i in range(1, 8)},
    "Reverse, Poly(Z/2)": {
        "functor_identity": [(GRADIENT, "Prop 2.7")],
        "functor_composite": [(GRADIENT, "Prop 2.7"), (GRADIENT, "T5.2"), (RD, "T2.8"), (RD, "Prop 31")],
        "functor_tensor": [(GRADIENT, "T5.2")],
    },
    "Circuits": EXACT,
    "Reverse, circuits": {name: [(GRADIENT, "T5.2 Z2")] for name in ("functor_composite", "functor_tensor")},
    "Learn(Smooth)": LEARN,
    "Learn(FreeCartesian)": LEARN,
    **{f"L, {error} error": DESCENT for error in ("quadratic", "product", "hyperbolic")},
    "learners by gradients": {
        "learner_gradients": [(BACKPROP, "Thm III.2")],
        "update_is_supervised_step": [("cross", "X1")],
        "request_is_dream_step": [("cross", "X2")],
        "learner_isometry": [(BACKPROP, "T1.8"), (BACKPROP, "defect")],
        "learner_doubled": [(BACKPROP, "T1.8"), (BACKPROP, "defect")],
        **{
            f"learner_{name}": [(BACKPROP, "T1.7"), (BACKPROP, "Prop V.1")]
            for name in ("comonoid", "monoid", "bialgebra", "scale")
        },
    },
    "NNet": {str(law): [(BACKPROP, "Def IV.1")] for law in laws.category.LAWS},
    "NNet → Para(Smooth)": {
        "functor_identity": [(BACKPROP, "NNet functor")],
        "functor_composite": [(BACKPROP, "NNet functor"), (BACKPROP, "T1.9")],
    },
    "CoKl(FinStoch(Q), Fin(2))": {
        str(law): [(PROCESSES, "CoKl")] for law in (*laws.category.LAWS, *laws.monoidal.LAWS)
    },
    "Contraction": {
        name: [("networks", "contraction")]
        for name in ("functor_identity", "functor_composite", "functor_tensor", "functor_swap", "functor_copy")
    },
    "networks of two kernels": {
        "network_inverse": [("networks", "differential")],
        "network_explanation": [("networks", "explanation")],
    },
    "Push": {name: [(PROCESSES, "Prop 6")] for name in ("functor_identity", "functor_composite", "functor_tensor")},
    "CopyDraws": {
        name: [(PROCESSES, "Prop 4")] for name in ("functor_identity", "functor_composite", "functor_tensor")
    },
    "Realise": {name: [(PROCESSES, "CoKl")] for name in ("functor_identity", "functor_composite", "functor_tensor")},
    "Smooth": SMOOTH,
    "Linear": LINEAR,
    "Lens(Smooth)": LENSES,
    "Para(Smooth)": PARA,
    "Para(Lens(Smooth))": {**PARA, "para_composite": [(GRADIENT, "Def 2.5"), (GRADIENT, "Def 2.1")]},
    "Reverse": {
        "functor_identity": [(GRADIENT, "Prop 2.7")],
        "functor_composite": [(GRADIENT, "Prop 2.7"), (GRADIENT, "T5.2"), (RD, "T2.8"), (RD, "Prop 31")],
        "functor_tensor": [(GRADIENT, "T5.2")],
    },
    "Para(Reverse)": {
        "functor_composite": [(GRADIENT, "Eq 8"), (GRADIENT, "Para(F)"), (GRADIENT, "T5.1")],
        "functor_tensor": [(GRADIENT, "Para(F)")],
    },
}


def confirmations():
    for drawn in draws.SHIPPED:
        for law, status in laws.suite(drawn):
            items = ITEMS.get(str(drawn), {}).get(str(law), [])
            yield pytest.param(law, drawn, status, id=f"{drawn}-{law}", marks=[pytest.mark.paper(*i) for i in items])


@pytest.mark.parametrize(("law", "drawn", "status"), [*confirmations()])
def test_the_declared_status_is_confirmed(law, drawn, status, pytestconfig):
    """On a few examples; on three times as many with --slow, and on more in the profile `deep`."""
    few = 2 if drawn.rounding else 4  # exact arithmetic costs little
    examples = few * max(3 if pytestconfig.getoption("--slow") else 1, hypothesis.settings().max_examples // 30)

    assert laws.confirm(law, drawn, examples=examples, shrink=False).status == status


def test_every_declared_name_is_the_name_of_a_law():
    names = {law.name for law in laws.LAWS}

    for drawn in draws.SHIPPED:
        assert set(drawn.declared) <= names


def test_names_and_equations_are_there_and_names_are_unique():
    assert len({law.name for law in laws.LAWS}) == len(laws.LAWS)
    assert all(law.equation and law.__doc__ for law in laws.LAWS)


def test_a_category_that_lacks_an_operation_is_not_applicable_and_says_why():
    finding = laws.confirm(laws.dagger.dagger_involution, draws.smooth)

    assert finding.status is Status.NOT_APPLICABLE
    assert "Dagger" in finding.detail


def test_a_law_of_a_higher_level_is_tested_where_a_status_is_declared():
    statuses = dict(laws.suite(draws.free_markov))

    assert statuses[laws.cartesian.copy_natural] is Status.FAILS
    assert laws.cartesian.copy_natural not in laws.of(Markov)
    assert laws.cartesian.copy_natural in laws.of(Cartesian)


def test_the_suite_of_a_category_is_found_by_the_category_and_by_name():
    assert list(laws.suite(Smooth)) == list(laws.suite("Smooth")) == list(laws.suite(draws.smooth))


def test_the_report_prints_as_a_table():
    drawn = dataclasses.replace(draws.linear, name="few", theory=Monoidal)
    findings = laws.report(drawn, examples=2)
    text = laws.table(findings)

    assert text.splitlines()[0].split() == ["law", "few"]
    assert "interchange" in text
    assert "copy_natural" not in text


def test_the_table_can_show_the_witnesses():
    law = laws.lens.put_get
    finding = laws.confirm(law, draws.lens_smooth, examples=5)

    text = laws.table([finding], witnesses=True)

    assert "put_get fails in Lens(Smooth)" in text
    assert law.equation in text
    assert "LensMap(" in text


def test_a_category_without_draws_is_named_with_those_that_have_some():
    with pytest.raises(CatlearnError, match=r"there are no draws for Groups; those shipped are Smooth"):
        laws.suite("Groups")
