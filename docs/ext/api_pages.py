"""One API page for each room of the package, and a warning (in CI an error) for each public name without words."""

import collections
from pathlib import Path

import public_names
from sphinx.application import Sphinx
from sphinx.util import logging

Field = type(collections.namedtuple("Pair", "left right").left)
logger = logging.getLogger(__name__)


def write_pages(app: Sphinx) -> None:
    """Write `_generated/api/ROOM.rst`: the room's own page, then its modules in alphabetical order."""
    folder = Path(app.srcdir) / "_generated" / "api"
    folder.mkdir(parents=True, exist_ok=True)
    rooms: dict[str, list[str]] = {}
    for module in public_names.modules():
        room = ".".join(module.__name__.split(".")[:2])
        rooms.setdefault(room, []).append(module.__name__)
    pages = {f"{room}.rst": page(room, sorted(names)) for room, names in rooms.items()}
    for old in folder.glob("*.rst"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def page(room: str, names: list[str]) -> str:
    """The source of one page."""
    lines = []
    for name in names:
        line = "=" if name == room else "-"
        lines += [name, line * len(name), "", f".. automodule:: {name}", "   :members:", "   :show-inheritance:", ""]
    return "\n".join(lines)


def complain(app: Sphinx) -> None:
    """A public name without a docstring does not get published."""
    for name in public_names.undocumented():
        logger.warning("%s is public and has no docstring", name, type="catlearn", subtype="undocumented")


def leave_out(app: Sphinx, what: str, name: str, member: object, skip: bool, options: object) -> bool | None:
    """The fields of a named tuple are described in the docstring of its class."""
    return True if isinstance(member, Field) else None


def setup(app: Sphinx) -> dict:
    app.connect("autodoc-skip-member", leave_out)
    app.connect("builder-inited", write_pages)
    app.connect("builder-inited", complain)
    return {"parallel_read_safe": True}
