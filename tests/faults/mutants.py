"""Mutants: all the small changes of a module that a slip of the hand might make.

Definition:
    A *mutant* of a module is the module with one node of its syntax tree replaced: the operands of a product exchanged, an argument
    dropped, a bound moved by one, a condition deleted, a name taken for its neighbour.

What cannot change what the module computes is left alone: docstrings, annotations, declarations of fields, decorators, the text of
errors, and ``strict=True``, which is an assertion.
"""

import ast
import dataclasses
from collections.abc import Iterator

from tests.faults.fault import path_of, source_of

# Names and attributes that a tired hand exchanges.
NEIGHBOURS = (
    ("f", "g"),
    ("P", "Q"),
    ("M", "N"),
    ("x", "y"),
    ("A", "B"),
    ("c", "d"),
    ("dom", "cod"),
    ("fwd", "bwd"),
    ("get", "put"),
    ("forward", "back"),
    ("source", "target"),
    ("first", "second"),
    ("start", "end"),
    ("parameter", "dom"),
)
OTHER = {a: b for pair in NEIGHBOURS for a, b in (pair, pair[::-1])}

# Of the functions called here, those that take any number of arguments: elsewhere a missing argument is an error at once.
VARIADIC = ("then", "tensor")

# And those to which the order of the first two arguments is all the same.
SYMMETRIC = ("Sum", "close", "difference", "distance", "largest_difference")

OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult}
COMPARISONS = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One small change of a module.

    Attributes:
        module: the module, below `catlearn`.
        line: where the change begins.
        before: the text that was there.
        after: the text that is there now.
        source: the module with the change.
    """

    module: str
    line: int
    before: str
    after: str
    source: str = dataclasses.field(repr=False)

    @property
    def where(self) -> str:
        """File and line."""
        return f"catlearn/{self.module.replace('.', '/')}.py:{self.line}"

    @property
    def change(self) -> str:
        """The change in one line."""
        return f"{_short(self.before)} → {_short(self.after)}"

    def __str__(self) -> str:
        return f"{self.where}: {self.change}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:197]}..."


def mutants(module: str) -> list[Mutant]:
    """All mutants of a module, in the order of its lines."""
    source = source_of(module)
    tree = ast.parse(source, str(path_of(module)))
    found = [_mutant(module, source, node, new) for node, new in _changes(tree, frozenset(), inside=False)]
    unlike = {m.source: m for m in found if _compiles(m.source) and ast.dump(ast.parse(m.source)) != ast.dump(tree)}
    return sorted(unlike.values(), key=lambda m: m.line)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _mutant(module: str, source: str, node: ast.AST, new: ast.AST | None) -> Mutant:
    raw, lines = source.encode(), source.encode().splitlines(keepends=True)
    at = lambda line, column: sum(map(len, lines[: line - 1])) + column
    start, end = at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)  # pyright: ignore
    text = "pass" if new is None else ast.unparse(new)
    bare = isinstance(new, ast.stmt | ast.Slice | ast.Starred | ast.keyword) or new is None or text[0] in "([{"
    text = text if bare or isinstance(new, ast.Name | ast.Constant | ast.Attribute | ast.Call) else f"({text})"
    changed = raw[:start] + text.encode() + raw[end:]
    return Mutant(module, node.lineno, raw[start:end].decode(), text, changed.decode())  # pyright: ignore


def _changes(node: ast.AST, names: frozenset[str], inside: bool) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """Pairs of a node and what it is replaced by; None where it is left out."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        names, inside = names | _locals(node), True
    if inside:
        for new in _variants(node, names):
            yield node, new
    for child in _children(node):
        yield from _changes(child, names, inside)


def _locals(f: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    arguments = {a.arg for a in (*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs)}
    return frozenset(
        arguments | {n.id for n in ast.walk(f) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    )


def _children(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.FunctionDef(args=args, body=body):
            yield from (default for default in (*args.defaults, *args.kw_defaults) if default is not None)
            yield from body[1:] if _is_docstring(body[0]) else body
        case ast.ClassDef(body=body):
            yield from (x for x in body if isinstance(x, ast.FunctionDef))
        case ast.Module(body=body):
            yield from (x for x in body if isinstance(x, ast.FunctionDef | ast.ClassDef))
        case ast.Raise() | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            pass
        case ast.AnnAssign(value=value):
            yield from [] if value is None else [value]
        case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple(elts=elts)):
            yield from elts
        case ast.keyword(arg="strict"):
            pass
        case ast.Slice(lower=lower, upper=upper):
            # Bounds are sums of numbers, in which the order does not count.
            yield from (x.left if isinstance(x, ast.BinOp) else x for x in (lower, upper) if x is not None)
        case _:
            yield from ast.iter_child_nodes(node)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_number(node: ast.AST) -> bool:
    """A literal number; added or multiplied, it may as well stand on the other side."""
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _variants(node: ast.AST, names: frozenset[str]) -> Iterator[ast.AST | None]:
    match node:
        case ast.BinOp(op=ast.BitOr()):  # a union of types
            pass
        case ast.BinOp(left=left, op=op, right=right):
            if not (isinstance(op, ast.Add | ast.Mult) and (_is_number(left) or _is_number(right))):
                yield ast.BinOp(right, op, left)
            yield left
            yield right
            if type(op) in OPERATORS:
                yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield ast.Compare(left, [COMPARISONS[type(op)]()], [right])
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for i in range(len(values)):
                rest = values[:i] + values[i + 1 :]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.Slice(lower=lower, upper=upper):
            yield ast.Slice(upper, lower)
            yield from (ast.Slice(*bounds) for bounds in ((None, upper), (lower, None)) if bounds != (None, None))
            yield from (ast.Slice(_next(lower), upper), ast.Slice(lower, _next(upper)))
        case ast.Tuple(elts=elts, ctx=ast.Load()):
            yield from (ast.Tuple(e, ast.Load()) for e in (*_exchanged(elts), *_without_one(elts)))
        case ast.Call(func=func, args=args, keywords=keywords):
            first = 1 if ast.unparse(func).split(".")[-1] in SYMMETRIC else 0
            yield from (ast.Call(func, [*args[:first], *a], keywords) for a in _exchanged(args[first:]))
            if isinstance(func, ast.Attribute) and func.attr in VARIADIC:
                yield from (ast.Call(func, a, keywords) for a in _without_one(args))
            yield from (
                ast.Call(func, args, k) for k in _without_one(keywords) if all(w.arg != "strict" for w in keywords)
            )
            if len(args) == 1 and not keywords and not isinstance(args[0], ast.Starred):
                yield args[0]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
            yield body
            yield orelse
        case ast.comprehension():
            pass
        case ast.ListComp() | ast.GeneratorExp():
            yield from _comprehension(node)
        case ast.If(test=test, body=body, orelse=orelse):
            if not any(isinstance(b, ast.Raise) for b in body):
                yield ast.If(ast.Constant(True), body, orelse)
            yield ast.If(ast.Constant(False), body, orelse)
        case ast.Assign(targets=[ast.Name()]) | ast.AugAssign() | ast.For() | ast.Expr(value=ast.Call()):
            yield None
        case ast.Name(id=name, ctx=ast.Load()) if name in OTHER and OTHER[name] in names:
            yield ast.Name(OTHER[name], ast.Load())
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if name in OTHER:
            yield ast.Attribute(value, OTHER[name], ast.Load())


def _next(bound: ast.expr | None) -> ast.expr | None:
    """The bound moved by one."""
    return ast.BinOp(bound, ast.Add(), ast.Constant(1)) if bound is not None else None


def _exchanged(xs: list) -> Iterator[list]:
    """Two neighbours exchanged."""
    for i in range(len(xs) - 1):
        if not isinstance(xs[i], ast.Starred) or not isinstance(xs[i + 1], ast.Starred):
            yield [*xs[:i], xs[i + 1], xs[i], *xs[i + 2 :]]


def _without_one(xs: list) -> Iterator[list]:
    for i in range(len(xs)):
        yield xs[:i] + xs[i + 1 :]


def _comprehension(node: ast.ListComp | ast.GeneratorExp) -> Iterator[ast.AST]:
    """The conditions dropped one by one."""
    for i, generator in enumerate(node.generators):
        for rest in _without_one(generator.ifs):
            changed = ast.comprehension(generator.target, generator.iter, rest, 0)
            yield type(node)(node.elt, [*node.generators[:i], changed, *node.generators[i + 1 :]])
