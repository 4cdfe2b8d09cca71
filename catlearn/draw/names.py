"""Names: what to write on a box.

Definition:
    The name of a factor is the name of the function or the class that it holds; a lambda is named by its own text, as in
    ``x ↦ x * x``, when that is short.
"""

import ast
import functools
import linecache
import types
from typing import Any

from ..categories.linear import Dense, Loop, MatrixFree
from ..categories.smooth import Fold, Iterate, Mapped, Pullback, Pushforward

LONGEST = 22


def name_of(f: Any) -> str:
    """A short name for a factor, a function or an arrow."""
    match f:
        case Pullback(f=g):
            return f"R[{name_of(g)}]"
        case Pushforward(f=g):
            return f"D[{name_of(g)}]"
        case Dense(forward=forward):
            return "matrix" if forward else "matrix†"
        case MatrixFree(function=g, forward=forward):
            return name_of(g) if forward else f"{name_of(g)}†"
        case Iterate(n=n) | Fold(n=n) | Loop(n=n):
            return f"({_inside(f.path)}) ** {n}"
        case Mapped(path=path):
            return f"map {_inside(path)}"
        case _:
            return _plain(f)


def _inside(path: tuple[Any, ...]) -> str:
    return name_of(path[0]) if len(path) == 1 else "…"


def _plain(f: Any) -> str:
    path = getattr(f, "path", None)
    if isinstance(path, tuple) and len(path) == 1:
        return name_of(path[0])
    for inner in ("by_code", "forward", "function", "func"):
        if hasattr(f, inner):
            return name_of(getattr(f, inner))
    if isinstance(f, types.FunctionType) and f.__name__ == "<lambda>":
        return _lambda(f)
    name = getattr(f, "__name__", None) or _spoken(type(f).__name__)
    return name.strip("_") or "f"


def _spoken(name: str) -> str:
    """``LeakyRelu`` as ``leaky relu``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _lambda(f: types.FunctionType) -> str:
    """The text of a lambda, if it stands on one line and is short; else λ."""
    code = f.__code__
    spans = [(line, last, start, end) for line, last, start, end in code.co_positions() if start is not None and end]
    if {(line, last) for line, last, _, _ in spans} != {(code.co_firstlineno, code.co_firstlineno)}:
        return "λ"
    text = linecache.getline(code.co_filename, code.co_firstlineno).encode()
    body = _expression(text, min(s for _, _, s, _ in spans), max(e for _, _, _, e in spans))
    if body is None:
        return "λ"
    short = functools.reduce(lambda text, prefix: text.replace(prefix, ""), ("jnp.", "jax.nn.", "jax.lax."), body)
    arguments = ", ".join(code.co_varnames[: code.co_argcount])
    name = f"{arguments} ↦ {short}"
    return name if len(name) <= LONGEST else "λ"


def _expression(line: bytes, start: int, end: int) -> str | None:
    text = line[start:end].decode(errors="replace")
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return None
    return text
