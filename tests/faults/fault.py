"""A fault: one line of the library changed, and the laws that must notice.

Definition:
    A *fault* replaces one line of one module. The copy of catlearn that has it is imported in this process, beside nothing
    else: the usual package steps aside while the copy is looked at, and comes back afterwards.

A fault that no longer fits the module it is about is an error, so faults do not rot.
"""

import ast
import contextlib
import dataclasses
import functools
import importlib
import importlib.machinery
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import hypothesis
from hypothesis import Phase

ROOT = Path(__file__).parents[2]
PACKAGE = "catlearn"
REGISTRIES = ("catlearn.front.meaning", "catlearn.constructions.conditioning")


@dataclasses.dataclass(frozen=True)
class Fault:
    """One line of a module replaced.

    Attributes:
        name: what is wrong, in words.
        module: where, below `catlearn`.
        old: a piece of text that occurs once in the module; lines around the changed one may be there to make it so.
        new: what stands there instead.
        draws: the arrows that show the fault, a name in `catlearn.laws.draws`.
        laws: names of the laws that reject it, each on its own.
    """

    name: str
    module: str
    old: str
    new: str
    draws: str
    laws: tuple[str, ...]

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def source(self) -> str:
        """The faulty module."""
        text = source_of(self.module)
        times = text.count(self.old)
        if times != 1:
            raise LookupError(
                f"the fault {self.name!r} needs its line once in {self.module}, where it is {times} times:\n{self.old}"
            )
        return text.replace(self.old, self.new)

    @property
    def changed_lines(self) -> int:
        """How many lines differ from the original."""
        before, after = source_of(self.module).splitlines(), self.source.splitlines()
        return sum(a != b for a, b in zip(before, after, strict=True))


def path_of(module: str) -> Path:
    """The file of a module below `catlearn`."""
    return ROOT / PACKAGE / (module.replace(".", "/") + ".py")


def source_of(module: str) -> str:
    """The source of a module below `catlearn`."""
    return _text(path_of(module))


@functools.lru_cache(maxsize=4096)
def _code(path: str, text: str) -> CodeType:
    """The code of a module: what is not changed is compiled once, and not once a fault."""
    return compile(text, path, "exec", dont_inherit=True)


class _Source(importlib.machinery.SourceFileLoader):
    """Loads a module from a text."""

    def __init__(self, name: str, path: Path, text: str):
        super().__init__(name, str(path))
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        return _code(self.path, self._text)


class _Finder:
    """Finds the modules of the package as they are on disk, but some of them as given."""

    def __init__(self, changed: dict[str, str]):
        self.changed = changed

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> Any:
        if name not in _files():
            return None
        file = _files()[name]
        loader = _Source(name, file, self.changed.get(name) or _text(file))
        spec = importlib.machinery.ModuleSpec(name, loader, origin=str(file), is_package=file.stem == "__init__")
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(str(file.parent))
        return spec


@functools.cache
def _files() -> dict[str, Path]:
    """The modules of the package by name. Looking for them on disk took longer than to run them."""
    return {_name_of(path): path for path in (ROOT / PACKAGE).rglob("*.py")}


@functools.cache
def _text(path: Path) -> str:
    return path.read_text()


@functools.cache
def _lines(name: str) -> tuple[tuple[str, str, str], ...]:
    """What a module imports from the package: from where, under which name there, and under which name here."""
    path = _files()[name]
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    found = []
    for node in ast.walk(ast.parse(_text(path))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            source = ".".join([*above, *filter(None, [node.module])])
            found += [(source, alias.name, alias.asname or alias.name) for alias in node.names]
    return tuple(found)


def _home(source: str, name: str) -> str:
    """The module in which a name is made: a package often only passes it on."""
    if f"{source}.{name}" in _files():
        return f"{source}.{name}"
    if _files()[source].stem == "__init__":
        for inner, there, here in _lines(source):
            if here == name:
                return _home(inner, there)
    return source


@functools.cache
def _imports() -> dict[str, set[str]]:
    """For each module of the package, the modules in which the names that it imports are made."""
    return {name: {_home(source, there) for source, there, _ in _lines(name)} for name in _files()}


def _name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _touched(changed: set[str]) -> set[str]:
    """The changed modules and all that import them, directly or not: the others are the same in a faulty copy."""
    touched = set(changed)
    while more := {name for name in _imports() if _depends(name, touched)} - touched:
        touched |= more
    return touched


def _depends(name: str, touched: set[str]) -> bool:
    """Whether a module imports what is touched, or is a registry into which a touched module of its room would write."""
    room = name.rpartition(".")[0]
    writes = lambda other: other.startswith(f"{room}.") and name in _imports()[other]
    return bool(_imports()[name] & touched) or (name in REGISTRIES and any(map(writes, touched)))


def _take_away(names: set[str]) -> dict[str, ModuleType]:
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name in names}


@contextlib.contextmanager
def fresh_copy(**changed: str) -> Iterator["Copy"]:
    """A copy of the package of its own, in which some modules have another source; what does not depend on them is shared.

    Args:
        **changed: the sources of modules, by their names below `catlearn`.
    """
    finder = _Finder({f"{PACKAGE}.{name}": text for name, text in changed.items()})
    touched = _touched(set(finder.changed))
    packages, usual = _held(touched), _take_away(touched)
    sys.meta_path.insert(0, finder)
    try:
        yield Copy()
    finally:
        sys.meta_path.remove(finder)
        _take_away(touched)
        sys.modules.update(usual)
        for package, held in packages.items():
            vars(package).update(held)


def _held(names: set[str]) -> dict[ModuleType, dict[str, Any]]:
    """What packages that stay hold under the names of modules that go: importing these again would overwrite it."""
    held: dict[ModuleType, dict[str, Any]] = {}
    for name in names:
        package, _, leaf = name.rpartition(".")
        if package in sys.modules and package not in names and leaf in vars(sys.modules[package]):
            held.setdefault(sys.modules[package], {})[leaf] = vars(sys.modules[package])[leaf]
    return held


class Copy:
    """What is asked of a copy of the package: its laws, and whether it keeps them."""

    def __init__(self):
        self.laws = importlib.import_module(f"{PACKAGE}.laws")
        self._suite = importlib.import_module(f"{PACKAGE}.laws.suite")
        self._draws = importlib.import_module(f"{PACKAGE}.laws.draws")
        self._broken = importlib.import_module(f"{PACKAGE}.theory.errors").LawBroken

    def claims(self, draws: str) -> list[str]:
        """The laws that are claimed to hold for these draws, by name."""
        claimed = self._suite.suite(self.draws(draws))
        return [law.name for law, status in claimed if status.name not in ("FAILS", "NOT_APPLICABLE")]

    def shipped(self, names: tuple[str, ...]) -> list[str]:
        """Those of the names that are names of shipped draws."""
        return [name for name in names if name in {draws.name for draws in self._draws.SHIPPED}]

    def draws(self, name: str) -> Any:
        """The shipped draws of this name."""
        return {draws.name: draws for draws in self._draws.SHIPPED}[name]

    def law(self, name: str) -> Any:
        """The shipped law of this name."""
        return {law.name: law for law in self._suite.LAWS}[name]

    def rejection(self, draws: str, law: str, *, examples: int) -> str | None:
        """Why the law is broken, or None if it is kept."""
        try:
            self.laws.check(self.law(law), self.draws(draws), examples=examples)
        except self._broken as error:
            return str(error)
        return None


@contextlib.contextmanager
def unshrunk() -> Iterator[None]:
    """Hypothesis looks for a witness, the same one every time, and does not make it small."""
    usual = hypothesis.settings.get_current_profile_name()
    quick = hypothesis.settings(phases=[Phase.generate], derandomize=True, database=None)
    hypothesis.settings.register_profile("faults", quick)
    hypothesis.settings.load_profile("faults")
    try:
        yield
    finally:
        hypothesis.settings.load_profile(usual)
