"""The directive `theorem-index`: what the papers say, the code that is it, and the tests that show it.

Printed from `docs/items.toml` and from the marks `@pytest.mark.paper(ID, ITEM)` in the tests. When a test run left its
report (`pytest --paper-report FILE`, named again in CATLEARN_PAPER_REPORT), the outcome stands beside each test.
"""

import json
import os
from collections import Counter
from pathlib import Path

import paper_items
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SIGN = {"passed": "✓", "failed": "✗", "skipped": "–"}


class TheoremIndex(SphinxDirective):
    """First how far each chapter is, then a table for each paper."""

    def run(self) -> list[nodes.Node]:
        book = paper_items.load()
        last = Path(os.environ.get("CATLEARN_PAPER_REPORT") or ".cache/ci/papers.json")
        tests, report = paper_items.marked_tests(), outcomes(paper_items.ROOT / last)
        for file in (paper_items.DOCS / "items.toml", paper_items.ROOT / last):
            self.env.note_dependency(str(file))
        lines = [*chapters(book), *evidence(book)]
        for paper, about in book.papers.items():
            cite = f" :cite:`{about['cite']}`" if "cite" in about else ""
            number = f" (arXiv {paper})" if paper[0].isdigit() else ""
            lines += [f".. rubric:: {about['title']}{number}{cite}", ""]
            lines += table(["item", "what it says", "evidence", "state", "code and tests"], "10 40 14 10 26")
            for item in book.values():
                if item.paper == paper:
                    key = (item.paper, item.item)
                    lines += row(
                        [
                            f"``{item.item}``",
                            item.says.replace("*", r"\*").replace("|", r"\|"),
                            ", ".join(item.evidence),
                            item.status,
                            proof(item, tests.get(key, []), report.get(paper, {}).get(item.item, {})),
                        ]
                    )
            lines.append("")
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def chapters(book: paper_items.Book) -> list[str]:
    """A table of chapters: how many items are tested, planned, beyond testing."""
    lines = table(["chapter", "tested", "planned", "not testable", "finished"], "48 13 13 13 13")
    for name, about in book.chapters.items():
        count = Counter(item.status.partition(":")[0] for item in book.values() if item.chapter == name)
        numbers = [str(count[status]) for status in ("tested", "planned", "not-testable")]
        lines += row([about["title"], *numbers, "yes" if about["finished"] else "not yet"])
    return [*lines, ""]


def evidence(book: paper_items.Book) -> list[str]:
    """The legend of the evidence column."""
    return (
        [".. rubric:: How well we know that the paper says it", ""]
        + [f":{word}: {meaning}" for word, meaning in book.evidence.items()]
        + [""]
    )


def proof(item: paper_items.Item, tests: list[str], report: dict[str, str]) -> str:
    """The symbol, then the tests, each with its outcome if a run reported one."""
    parts = [f":py:obj:`~{item.symbol}`"] if item.symbol else []
    for test in tests:
        ran = {SIGN.get(how, how) for name, how in report.items() if name.partition("[")[0] == test}
        parts.append(f"``{test.removeprefix('tests/')}`` {' '.join(sorted(ran))}".rstrip())
    return " · ".join(parts)


def outcomes(file: Path) -> dict:
    """What a test run reported, or nothing."""
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def table(head: list[str], widths: str) -> list[str]:
    """The start of a table."""
    return [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "", *row(head)]


def row(cells: list[str]) -> list[str]:
    """One row of a table."""
    return [f"   {'*' if i == 0 else ' '} - {cell}" for i, cell in enumerate(cells)]


def setup(app: Sphinx) -> dict:
    app.add_directive("theorem-index", TheoremIndex)
    return {"parallel_read_safe": True}
