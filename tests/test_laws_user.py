"""The laws run on categories that the library has never heard of."""

import importlib
import re
from pathlib import Path

import pytest

from catlearn import laws
from catlearn.theory import Category

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module


def shown(name):
    """The lines of an example that the documentation shows."""
    _, _, rest = (EXAMPLES / f"{name}.py").read_text().partition("# [start]\n")
    return [line for line in rest.partition("# [end]")[0].splitlines() if line]


def test_a_category_without_jax_keeps_the_laws_of_a_category(example):
    mine = example("finite_functions").mine

    found = {str(law): laws.confirm(law, mine).status for law, _ in laws.suite(mine.category, mine)}

    assert found == dict.fromkeys(map(str, laws.of(Category)), laws.Status.EXACT)


def test_the_category_and_its_draws_take_fewer_than_twenty_lines():
    assert len(shown("finite_functions")) < 20


def test_a_broken_version_is_rejected_with_a_smallest_witness(example):
    broken = example("broken_functions").broken

    with pytest.raises(laws.LawBroken) as caught:
        laws.check(laws.category.left_identity, broken)

    assert caught.value.witness.drawn == {"X": "1", "Y": "2", "f": "Wrong(dom=1, cod=2, table={0: 1})"}
    assert str(caught.value) == (EXAMPLES / "broken_functions.txt").read_text().rstrip()


def test_associativity_rejects_the_broken_version_as_well(example):
    broken = example("broken_functions").broken

    witness = laws.refute(laws.category.associativity, broken, examples=200)

    assert witness.drawn["X"] == "2"  # what 0 is sent to is forgotten, so another element has to meet it


def test_a_cartesian_category_without_jax_keeps_the_laws_of_wires(example):
    products = example("finite_products").products

    found = {
        str(law): laws.confirm(law, products, examples=10).status for law, _ in laws.suite(products.category, products)
    }

    assert "pair_unique" in found
    assert "pick" in found
    assert set(found.values()) == {laws.Status.EXACT}


def test_a_law_of_ones_own_is_refuted(example):
    mine = example("finite_functions").mine

    @laws.law
    def commutative(draw):
        """f ; g  =  g ; f"""
        f, g = draw.endo(), draw.endo()
        draw.assume(f.dom == g.dom)
        return f >> g, g >> f

    witness = laws.refute(commutative, mine, examples=200)

    assert witness.drawn["X"] == witness.drawn["Y"] == "2"


def test_the_programs_of_the_page_run(example):
    functions = example("finite_functions")
    page = (EXAMPLES.parent / "howto-own-category.md").read_text(encoding="utf-8")
    session = {"pytest": pytest, "Functions": functions.Functions, "mine": functions.mine, "__name__": "page"}

    for block in re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        exec(block, session)

    assert "commutative" in session
