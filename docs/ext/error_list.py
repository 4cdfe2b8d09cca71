"""The directive `error-list`: every error of catlearn, with the cause and the cure that its docstring gives."""

import inspect

import public_names
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def errors() -> list[type]:
    """All public subclasses of `CatlearnError`, by name."""
    from catlearn.theory.errors import CatlearnError

    found = {value for module in public_names.modules() for _, value in public_names.members(module) if is_error(value)}
    return sorted(found - {CatlearnError}, key=lambda error: error.__name__)


def is_error(value) -> bool:
    from catlearn.theory.errors import CatlearnError

    return inspect.isclass(value) and issubclass(value, CatlearnError)


class ErrorList(SphinxDirective):
    """Writes a definition list, in reStructuredText as docstrings are."""

    def run(self) -> list[nodes.Node]:
        lines = []
        for error in errors():
            full = f"{error.__module__}.{error.__qualname__}"
            builtin = next(base.__name__ for base in error.__mro__ if base.__module__ == "builtins")
            cause, _, cure = inspect.getdoc(error).partition("\n\n")
            article = "an" if builtin[0] in "AEIOU" else "a"
            lines += [f":py:class:`~{full}` ({article} ``{builtin}``)"]
            lines += [f"   {line}" for line in cause.splitlines()] + [""]
            lines += [f"   {line}" for line in cure.splitlines()] + [""]
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app: Sphinx) -> dict:
    app.add_directive("error-list", ErrorList)
    return {"parallel_read_safe": True}
