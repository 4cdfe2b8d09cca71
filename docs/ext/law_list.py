"""The directive `law-list`: some laws by name, with their equations as the code has them.

Its lines are ``module: law law ...``; ``module:`` alone lists all laws of that module. Written once in the code and shown here, an
equation on a page cannot differ from the one that is tested.
"""

import importlib

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class LawList(SphinxDirective):
    """A table of laws and their equations."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        from catlearn.laws.law import Law

        lines = [".. list-table::", "   :widths: 30 70", "   :header-rows: 1", ""]
        lines += ["   * - law", "     - equation"]
        for line in self.content:
            room, _, names = line.partition(":")
            module = importlib.import_module(f"catlearn.laws.{room.strip()}")
            own = [name for name, value in vars(module).items() if isinstance(value, Law) and value.name == name]
            for name in names.split() or own:
                law = getattr(module, name, None)
                if not isinstance(law, Law):
                    raise self.error(f"catlearn.laws.{room.strip()} has no law {name!r}")
                lines += [f"   * - ``{room.strip()}.{name}``", f"     - ``{law.equation}``"]
        lines += ["", "How each category fares with them is in the :doc:`law table </reference/laws>`."]
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app: Sphinx) -> dict:
    app.add_directive("law-list", LawList)
    return {"parallel_read_safe": True}
