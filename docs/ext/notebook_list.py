"""The directive `notebook-list`: a table of contents of the notebooks, which live beside the docs and not below them."""

import shutil
from pathlib import Path

import paper_items
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.directives.other import TocTree

SOURCE = paper_items.ROOT / "notebooks"
TARGET = paper_items.DOCS / "_generated" / "notebooks"


def gather(app: Sphinx, config) -> None:
    """Copy them below the docs, touching only what changed."""
    TARGET.mkdir(parents=True, exist_ok=True)
    wanted = {path.name: path for path in SOURCE.glob("[0-9]*") if path.suffix in (".md", ".py", ".ipynb")}
    for old in TARGET.iterdir():
        if old.name not in wanted:
            old.unlink()
    for name, path in wanted.items():
        copy: Path = TARGET / name
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            shutil.copy(path, copy)


class NotebookList(TocTree):
    """A toctree whose entries are the notebooks found, in the order of their numbers."""

    def run(self) -> list[nodes.Node]:
        names = [f"/_generated/notebooks/{path.stem}" for path in sorted(TARGET.iterdir())]
        self.content = StringList(names, source="notebooks")
        return super().run() if names else []


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", gather)
    app.add_directive("notebook-list", NotebookList)
    return {"parallel_read_safe": True}
