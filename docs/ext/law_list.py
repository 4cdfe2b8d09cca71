"""The directive `law-list`: some laws by name, with their equations as the code has them, and how they fare.

Its lines are ``module: law law ...``; ``module:`` alone lists all laws of that module. The option ``:in:`` names draws, separated by
semicolons, and adds the status that each declares; the suites confirm it. Written once in the code and shown here, an
equation on a page cannot differ from the one that is tested.
"""

import importlib
from collections.abc import Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class LawList(SphinxDirective):
    """A table of laws, their equations, and their status in some categories."""

    has_content = True
    option_spec: ClassVar = {"in": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        from catlearn.laws import suite

        names = [name.strip() for name in self.options.get("in", "").split(";") if name.strip()]
        statuses = [dict(suite(name)) for name in names]
        rows = [
            [_code(law.name), _equation(law), *(nodes.Text(str(s.get(law, "–"))) for s in statuses)]
            for law in self.laws()
        ]
        head = [nodes.Text("law"), nodes.Text("equation"), *map(_code, names)]
        first = not self.env.temp_data.get("law_list")  # the link is said once a page
        self.env.temp_data["law_list"] = True
        table = _table(head, rows, (25, 75, *(15 for _ in names)))
        return [table, _more(self.env.docname)] if first else [table]

    def laws(self) -> Iterator[Any]:
        """The laws that the lines name."""
        from catlearn.laws import Law

        for line in self.content:
            room, _, wanted = (part.strip() for part in line.partition(":"))
            module = importlib.import_module(f"catlearn.laws.{room}")
            own = [name for name, value in vars(module).items() if isinstance(value, Law) and value.name == name]
            for name in wanted.split() or own:
                law = getattr(module, name, None)
                if not isinstance(law, Law):
                    raise self.error(f"catlearn.laws.{room} has no law {name!r}")
                yield law


def _code(text: str) -> nodes.Node:
    return nodes.literal(text, text)


def _equation(law: Any) -> nodes.Node:
    """The equations of a law, one a line."""
    block = nodes.line_block()
    for part in law.equation.split(",   "):
        text = " ".join(part.split()).replace(" = ", "  =  ")
        block += nodes.line("", text)
    return block


def _table(head: list[nodes.Node], rows: list[list[nodes.Node]], widths: tuple[int, ...]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(widths))
    top = nodes.thead("", _row(head))
    group += [top, nodes.tbody("", *map(_row, rows))]
    return nodes.table("", group, classes=["law-list"])


def _row(cells: list[nodes.Node]) -> nodes.row:
    blocks = [cell if isinstance(cell, nodes.line_block) else nodes.paragraph("", "", cell) for cell in cells]
    return nodes.row("", *(nodes.entry("", block) for block in blocks))


def _more(docname: str) -> nodes.paragraph:
    target = {"refdomain": "std", "reftype": "doc", "reftarget": "/reference/laws", "refdoc": docname}
    link = addnodes.pending_xref("", nodes.inline("", "law table"), refexplicit=True, refwarn=True, **target)
    return nodes.paragraph("", "", nodes.Text("The "), link, nodes.Text(" has all of them, in all categories."))


def setup(app: Sphinx) -> dict:
    app.add_directive("law-list", LawList)
    return {"parallel_read_safe": True}
