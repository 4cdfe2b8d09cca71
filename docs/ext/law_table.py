"""The directive `law-table`: which category keeps which law, with a witness for each one that it breaks.

A status is what the draws of a category declare; the tests confirm each. Witnesses are searched for here, which takes a while, so the
answer is kept until the library changes.
"""

import hashlib
import importlib
import importlib.util
import json

import paper_items
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
KEPT = paper_items.ROOT / ".cache" / "laws.json"


def entries() -> list[dict[str, str]]:
    """The report as plain words, from the last run if the library is still the same."""
    state = hashlib.sha256()
    for path in sorted((paper_items.ROOT / "catlearn").rglob("*.py")):
        state.update(path.read_bytes())
    if KEPT.is_file():
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
        if kept["library"] == state.hexdigest():
            return kept["entries"]

    from catlearn import laws

    logger.info("looking for witnesses of the laws that fail ...")
    found = [entry for draws in laws.draws.SHIPPED for law in laws.LAWS if (entry := _entry(laws, law, draws))]
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps({"library": state.hexdigest(), "entries": found}), encoding="utf-8")
    return found


def _entry(laws, law, draws) -> dict[str, str] | None:
    """What is declared of a law, which the tests confirm; where it fails, with a witness that is searched for here."""
    if law.missing(draws):
        return None
    status, tolerance = draws.status(law), draws.tolerance(law)
    detail = f"tolerance {tolerance:g}" if tolerance else ""
    if status is laws.Status.FAILS:
        detail = laws.confirm(law, draws, examples=100).detail
    return {"category": str(draws), "law": str(law), "equation": law.equation, "status": str(status), "detail": detail}


class LawTable(SphinxDirective):
    """Laws down, categories across; below it the equations, and what fails with its witness."""

    def run(self) -> list[nodes.Node]:
        found = entries()
        categories = list(dict.fromkeys(entry["category"] for entry in found))
        laws = list(dict.fromkeys(entry["law"] for entry in found))
        status = {(entry["law"], entry["category"]): entry["status"] for entry in found}
        lines = [".. list-table::", "   :class: laws", "   :header-rows: 1", "   :stub-columns: 1", ""]
        lines += _row(["law", *(f"``{category}``" for category in categories)])
        for law in laws:
            lines += _row([law, *(status.get((law, category), "") for category in categories)])
        lines += ["", ".. rubric:: The equations", ""]
        for law in laws:
            equation = next(entry["equation"] for entry in found if entry["law"] == law)
            lines += [f"{law}", "   ::", "", *(f"      {line}" for line in equation.splitlines() or ["-"]), ""]
        details = [entry for entry in found if entry["detail"]]
        if details:
            lines += [".. rubric:: Tolerances and witnesses", ""]
            for entry in details:
                lines += [f"{entry['law']} in {entry['category']}: {entry['status']}", "   ::", ""]
                lines += [*(f"      {line}" for line in entry["detail"].splitlines()), ""]
        return self.parse_text_to_nodes("\n".join(lines))


def _row(cells: list[str]) -> list[str]:
    return [f"   {'*' if i == 0 else ' '} - {cell}" for i, cell in enumerate(cells)]


def leave_out(app: Sphinx, config) -> None:
    """No suites, no page: an empty table would say that nothing holds."""
    if importlib.util.find_spec("catlearn.laws") is None or not hasattr(
        importlib.import_module("catlearn.laws"), "report"
    ):
        config.exclude_patterns.append("reference/laws.rst")


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", leave_out)
    app.add_directive("law-table", LawTable)
    return {"parallel_read_safe": True}
