"""The public names of catlearn, and whether each is documented.

A module, class, function or method without a leading underscore is public where it is defined. A method that implements
an operation of a theory inherits the docstring of that operation: repeating it would say nothing.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any


def modules(package: str = "catlearn") -> Iterator[ModuleType]:
    """All public modules of the package; a room whose extra is not installed is an error here."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def members(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The public classes and functions that a module defines, in the order of its source."""
    for name, value in vars(module).items():
        here = getattr(value, "__module__", None) == module.__name__
        if here and not name.startswith("_") and (inspect.isclass(value) or inspect.isroutine(value)):
            yield name, value


def undocumented(package: str = "catlearn") -> list[str]:
    """The full names of public things that have no docstring, inherited ones counted."""
    bare = []
    for module in modules(package):
        if not module.__doc__:
            bare.append(module.__name__)
        for name, value in members(module):
            full = f"{module.__name__}.{name}"
            if not value.__doc__:
                bare.append(full)
            if inspect.isclass(value):
                own = [a for a, v in vars(value).items() if not a.startswith("_") and _is_method(v)]
                bare += [f"{full}.{a}" for a in own if not inspect.getdoc(getattr(value, a, vars(value)[a]))]
    return bare


def _is_method(value: Any) -> bool:
    return inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod)
