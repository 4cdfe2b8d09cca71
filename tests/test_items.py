"""`docs/items.toml` lists what the papers say and what of it is tested; these tests keep it honest."""

import importlib

import paper_items
import pytest


def test_no_item_of_a_finished_chapter_is_still_planned():
    assert paper_items.overdue(paper_items.load()) == []


def test_every_tested_item_names_code_that_exists():
    for key, item in paper_items.load().items():
        if item.status == "tested":
            assert item.symbol, f"{key} is tested, but names no symbol"
        if item.symbol:
            assert resolve(item.symbol) is not None, key


def test_marks_in_the_sources_name_listed_items():
    assert set(paper_items.marked_tests()) <= set(paper_items.load())


def test_an_item_called_tested_needs_a_test_that_passed(tmp_path):
    file = tmp_path / "items.toml"
    file.write_text(
        """
        [evidence]
        source = "read"
        [chapters.one]
        title = "One"
        finished = true
        [[paper]]
        id = "0000.00000"
        chapter = "one"
        items = [
            { item = "Def 1", says = "a thing", evidence = "source", status = "tested" },
            { item = "Def 2", says = "another", evidence = "source", status = "planned" },
        ]
        """
    )
    book = paper_items.load(file)
    key = ("0000.00000", "Def 1")

    assert len(paper_items.untested(book, {})) == 1
    assert len(paper_items.untested(book, {key: {"test_a": "skipped"}})) == 1
    assert len(paper_items.untested(book, {key: {"test_a": "passed", "test_b": "failed"}})) == 1
    assert paper_items.untested(book, {key: {"test_a": "passed"}}) == []
    assert len(paper_items.overdue(book)) == 1
    assert "Def 1" in paper_items.suggestion(book, ("0000.00000", "Def. 1"))


def test_a_malformed_entry_is_named(tmp_path):
    file = tmp_path / "items.toml"
    file.write_text(
        """
        [evidence]
        [chapters.one]
        title = "One"
        finished = false
        [[paper]]
        id = "0000.00000"
        chapter = "one"
        items = [{ item = "Def 1", says = "a thing", evidence = "hearsay", status = "planned" }]
        """
    )

    with pytest.raises(ValueError, match="Def 1: unknown evidence"):
        paper_items.load(file)


def resolve(name):
    """The object at a dotted path, importing as far as modules go."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    return None
