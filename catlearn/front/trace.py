r"""Trace: an ordinary function as a formal arrow.

Definition:
    A function on arrays that JAX can trace is a list of equations, each a primitive applied to values that are there. Read in the
    free cartesian category whose letters are wires, each equation is a box, and

    .. math:: [\![\, \mathtt{let}\ y = p\ x\ \mathtt{in}\ e \,]\!] = \langle \mathrm{id}, \pi_x ; p \rangle ; [\![ e ]\!],

    where what is there is kept as a product of wires. Equal equations on equal values are one use of one box, and what no
    result needs is gone.

Functions compiled within a function, by `jax.jit`, are written out: how a program is compiled is no part of what it means, and
functions of `jax.numpy` are full of such parts with private names. Branches and loops are boxes that hold their bodies as formal
arrows, and functions with a derivative of their own are boxes that hold it.

References:
    Elliott, *Compiling to categories* (2017), for programs as arrows; *The simple essence of automatic differentiation* (2018).
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.extend
import numpy as np

from ..constructions.free import FreeCartesian, Term
from ..constructions.graph import Box, Graph, Symbols, Use, ports
from ..objects import Ob, space_of, unit
from ..objects.wires import Wire, wire_of
from ..theory import Arrow, Concrete, door
from ..theory.errors import NotAFunction, NotAProgram, WrongCategory, WrongObject
from .operation import Constant, Operation, Rule, comparable, place_of, replaced

_core = jax.extend.core

Programs = FreeCartesian(unit)
"""The free cartesian category of programs: its letters are wires, and its boxes hold operations and constants."""

_WRITTEN_OUT = ("jit", "closed_call", "core_call", "eval_jaxpr")
_RULES = {"custom_jvp_call": ("jvp_jaxpr_fun",), "custom_vjp_call": ("fwd_jaxpr_thunk", "bwd", "out_trees")}


@door
def trace(f: Any, *objects: Ob) -> Term:
    """The formal arrow that a function is: an arrow of `Programs`.

    Args:
        f: takes one argument a wire. A returned plain tuple means wires, and any other pytree is one wire, as for `smooth`. It
            may also be an arrow whose category is concrete, such as a smooth map; then its ends are known.
        *objects: the domain, in one or several parts.

    Raises:
        NotAFunction: `f` does not take one argument a wire.
        NotAProgram: an equation has an effect, or a value that no wire holds; the message says where.

    Example:
        >>> import jax.numpy as jnp
        >>> from catlearn import R
        >>> print(trace(lambda x, y: jnp.sin(x) * y + jnp.sin(x), R(), R()))
        sin ; mul ; add : R() @ R() -> R()
    """
    function, dom, cod = _as_function(f, objects)
    jaxpr, out = jax.make_jaxpr(function, return_shape=True)(*dom.avals())
    if cod is None:
        values = out if type(out) is tuple else (out,)
        cod = Ob(tuple(w for value in values for w in space_of(value).wires))
    return _term(jaxpr, dom, cod, ())


def _as_function(f: Any, objects: tuple[Ob, ...]) -> tuple[Callable[..., Any], Ob, Ob | None]:
    dom = functools.reduce(lambda x, y: x @ y, objects, unit)
    if isinstance(f, Arrow):
        if not isinstance(f.category, Concrete) or (objects and dom != f.dom):
            raise WrongCategory(
                f"cannot trace {f} on {dom}: trace a function, or an arrow of Smooth on its own domain."
            )
        category: Any = f.category
        return lambda *xs: category.apply(f, xs), f.dom, f.cod
    if not callable(f):
        raise NotAFunction(f)
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return f, dom, None
    try:
        signature.bind(*dom.wires)
    except TypeError as error:
        raise NotAFunction(f, dom, signature, str(error)) from None
    return f, dom, None


def _term(jaxpr: Any, dom: Ob, cod: Ob, within: tuple[Any, ...]) -> Term:
    """The formal arrow of a list of equations, with ends that may be coarser than single arrays."""
    tracing = Tracing()
    inputs = [s for i in range(len(dom)) for s in tracing.opened(dom[i], i)]
    outputs = iter(tracing.equations(jaxpr, inputs, within))
    ends = tuple(s for i in range(len(cod)) for s in tracing.closed(cod[i], outputs))
    return Programs.of_graph(dom, cod, Graph(len(dom), tuple(tracing.uses.values()), ends).needed())


def _body(jaxpr: Any, within: tuple[Any, ...] = ()) -> Term:
    """The formal arrow of a program that is a setting of an equation; `within` says where that is written."""
    return _term(jaxpr, _plain(jaxpr.in_avals), _plain(jaxpr.out_avals), within)


class Tracing:
    """Reads equations one after another; each use of a box is made once."""

    def __init__(self):
        self.uses: dict[tuple[Box, Symbols], Use] = {}

    def use(self, box: Box, inputs: Symbols) -> Symbols:
        """The symbols that a box gives on some symbols."""
        key = (box, inputs)
        if key not in self.uses:
            self.uses[key] = Use(box, inputs)
        return ports(self.uses[key])

    def opened(self, x: Ob, symbol: Any) -> Symbols:
        """The arrays that the value of one wire consists of."""
        parts = _parts(x)
        return (symbol,) if parts == x else self.use(Box("unpack", x, parts), (symbol,))

    def closed(self, x: Ob, symbols: Any) -> Symbols:
        """The value of one wire, from the arrays that it consists of."""
        parts = _parts(x)
        taken = tuple(next(symbols) for _ in range(len(parts)))
        return taken if parts == x else self.use(Box("pack", parts, x), taken)

    def equations(self, jaxpr: Any, inputs: list[Any], within: tuple[Any, ...]) -> list[Any]:
        """The symbols of the results of a list of equations; `within` are the places that they are written within."""
        known = dict(zip(jaxpr.constvars, map(self.constant, jaxpr.consts), strict=True))
        known.update(zip(jaxpr.invars, inputs, strict=True))
        read = lambda atom: self.literal(atom) if isinstance(atom, _core.Literal) else known[atom]
        for equation in jaxpr.eqns:
            symbols = [read(atom) for atom in equation.invars]
            known.update(zip(equation.outvars, self.equation(equation, symbols, within), strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def literal(self, literal: Any) -> Any:
        """The symbol of a number in an equation."""
        key = isinstance(literal.val, jax.Array)
        return self.constant(literal.val if key else np.asarray(literal.val, literal.aval.dtype))

    def constant(self, value: Any) -> Any:
        """The symbol of a fixed value: a box from the unit object."""
        held = Constant(value)
        return self.use(Box(str(held), unit, Ob((wire_of(value),)), held), ())[0]

    def equation(self, equation: Any, symbols: list[Any], within: tuple[Any, ...]) -> Any:
        """The symbols that one equation gives."""
        name, settings = equation.primitive.name, equation.params
        within = (equation.source_info.traceback, *within)
        if name in _WRITTEN_OUT:
            return self.equations(settings["jaxpr" if "jaxpr" in settings else "call_jaxpr"], symbols, within)
        if equation.effects:
            what = f"has the effect {', '.join(map(str, equation.effects))}, and arrows have none: leave it out"
            raise NotAProgram(name, what, place_of(within))
        try:
            dom, cod = (_plain(v.aval for v in atoms) for atoms in (equation.invars, equation.outvars))
        except (WrongObject, AttributeError) as error:
            raise NotAProgram(name, f"has a value without a wire: {error}", place_of(within)) from None
        return self.use(Box(name, dom, cod, _operation(equation, within)), tuple(symbols))


def _operation(equation: Any, within: tuple[Any, ...]) -> Operation:
    name = equation.primitive.name
    body = functools.partial(_body, within=within)
    settings = {key: replaced(value, _core.Jaxpr, body) for key, value in equation.params.items()}
    hidden = _RULES.get(name, ())
    key = tuple((k, comparable(settings[k])) for k in sorted(settings) if k not in hidden)
    rule = Rule(functools.partial(_derivative, name, equation)) if hidden else None
    return Operation(equation.primitive, settings, key, rule, within)


def _derivative(name: str, equation: Any) -> Term:
    """The program of a derivative that a user gave: of `jax.jvp`, or of `jax.vjp`, of the equation."""
    avals = [v.aval for v in equation.invars]
    moving = [np.issubdtype(aval.dtype, np.floating) for aval in avals]
    keep = [np.issubdtype(v.aval.dtype, np.floating) for v in equation.outvars]
    params = equation.primitive.get_bind_params(dict(equation.params))

    def call(still: tuple[Any, ...], *moved: Any) -> list[Any]:
        parts = iter(moved), iter(still)
        ys = equation.primitive.bind(*(next(parts[0] if m else parts[1]) for m in moving), **params)
        return [y for y, k in zip(ys, keep, strict=True) if k]

    def forward(still: Any, moved: Any, tangents: Any) -> Any:
        return jax.jvp(functools.partial(call, still), moved, tangents)

    def backward(still: Any, moved: Any, covectors: Any) -> Any:
        return jax.vjp(functools.partial(call, still), *moved)[1](covectors)

    still, moved = (
        tuple(_struct(a) for a, m in zip(avals, moving, strict=True) if m is wanted) for wanted in (False, True)
    )
    if name == "custom_jvp_call":
        return _body(jax.make_jaxpr(forward)(still, moved, moved))
    outputs = [_struct(v.aval) for v, k in zip(equation.outvars, keep, strict=True) if k]
    return _body(jax.make_jaxpr(backward)(still, moved, outputs))


def _struct(aval: Any) -> Any:
    return jax.ShapeDtypeStruct(aval.shape, aval.dtype)


def _plain(avals: Any) -> Ob:
    """The object with one wire for each array."""
    return Ob(tuple(_wire(aval.shape, aval.dtype, jax.config.read("jax_enable_x64")) for aval in avals))


@functools.lru_cache(maxsize=4096)
def _wire(shape: tuple[int, ...], dtype: Any, x64: bool) -> Wire:
    """The wire of an array; which float is the default one depends on `x64`."""
    return wire_of(jax.ShapeDtypeStruct(shape, dtype))


def _parts(x: Ob) -> Ob:
    """The wires of the arrays that a value of `x` consists of."""
    return _plain(jax.tree.leaves(x.avals()))
