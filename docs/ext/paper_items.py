"""The items of the papers (`docs/items.toml`), read by the tests and by the docs alike."""

from __future__ import annotations

import ast
import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
Key = tuple[str, str]


@dataclass(frozen=True)
class Item:
    """One definition, theorem, example or negative result of a paper.

    `status` is `planned`, `tested`, or `not-testable: reason`. `symbol` names the code that is the item.
    """

    paper: str
    item: str
    says: str
    evidence: tuple[str, ...]
    chapter: str
    status: str
    symbol: str = ""


@dataclass(frozen=True)
class Book(Mapping):
    """All items, by (paper, item); with the papers and chapters they belong to."""

    entries: dict[Key, Item]
    papers: dict[str, dict]
    chapters: dict[str, dict]
    evidence: dict[str, str]

    def __getitem__(self, key: Key) -> Item:
        return self.entries[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def load(path: Path = DOCS / "items.toml") -> Book:
    """Read the book; a malformed entry is an error that names it."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    chapters, papers, evidence = data["chapters"], {}, data["evidence"]
    items: dict[Key, Item] = {}
    for paper in data["paper"]:
        papers[paper["id"]] = paper
        for entry in paper.pop("items"):
            where = f"{path.name}: {paper['id']} {entry.get('item', entry)}"
            try:
                words = tuple(word.strip() for word in entry.pop("evidence").split(","))
                item = Item(paper=paper["id"], evidence=words, **{"chapter": paper.get("chapter"), **entry})
            except (KeyError, TypeError) as error:
                raise ValueError(f"{where}: {error}") from error
            known = item.status in ("planned", "tested") or item.status.startswith("not-testable: ")
            if not known:
                raise ValueError(f"{where}: unknown status {item.status!r}")
            if item.chapter not in chapters:
                raise ValueError(f"{where}: unknown chapter {item.chapter!r}")
            if not set(words) <= set(evidence):
                raise ValueError(f"{where}: unknown evidence {sorted(set(words) - set(evidence))}")
            if (item.paper, item.item) in items:
                raise ValueError(f"{where}: listed twice")
            items[item.paper, item.item] = item
    return Book(items, papers, chapters, evidence)


def suggestion(book: Book, key: tuple) -> str:
    """A closest listed item, as the end of an error message."""
    near = difflib.get_close_matches(" ".join(map(str, key)), [" ".join(k) for k in book], n=1, cutoff=0.5)
    return f" Did you mean {near[0]}?" if near else ""


def untested(book: Book, results: Mapping[Key, Mapping[str, str]]) -> list[str]:
    """What the book calls tested and the run did not show: no marked test, or one that did not pass."""
    complaints = []
    for key, item in book.items():
        if item.status != "tested":
            continue
        tests = results.get(key, {})
        if "passed" not in tests.values():
            complaints.append(f"{' '.join(key)} is `tested` in docs/items.toml, but no marked test passed")
        complaints += [f"{' '.join(key)}: {test} {how}" for test, how in tests.items() if how == "failed"]
    return complaints


def overdue(book: Book) -> list[str]:
    """Items still planned in a chapter that says it is finished."""
    return [
        f"{key[0]} {key[1]} is planned, but chapter {item.chapter!r} is finished"
        for key, item in book.items()
        if item.status == "planned" and book.chapters[item.chapter]["finished"]
    ]


def as_json(results: Mapping[Key, Mapping[str, str]]) -> dict:
    """The results of a run, nested by paper and item."""
    out: dict = {}
    for (paper, item), tests in sorted(results.items()):
        out.setdefault(paper, {})[item] = dict(sorted(tests.items()))
    return out


def marked_tests(folder: Path = ROOT / "tests") -> dict[Key, list[str]]:
    """Which tests carry which mark, read from the sources: the index needs no test run."""
    found: dict[Key, list[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        everywhere = [mark for node in tree.body if _is_pytestmark(node) for mark in _marks(node)]
        for test, marks in _tests(tree, everywhere):
            for key in marks:
                found.setdefault(key, []).append(f"{name}::{test}")
    return found


def _tests(node: ast.AST, outer: list[Key], prefix: str = "") -> Iterator[tuple[str, list[Key]]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            marks = outer + [m for d in child.decorator_list for m in _marks(d)]
            yield from _tests(child, marks, f"{prefix}{child.name}::")
        elif isinstance(child, ast.FunctionDef) and child.name.startswith("test"):
            yield prefix + child.name, outer + [m for d in child.decorator_list for m in _marks(d)]


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "pytestmark" for t in node.targets)


def _marks(node: ast.AST) -> list[Key]:
    return [
        (call.args[0].value, call.args[1].value)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "paper"
        and len(call.args) == 2
        and all(isinstance(arg, ast.Constant) for arg in call.args)
    ]
