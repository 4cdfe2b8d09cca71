r"""Arrows as string diagrams, and string diagrams as arrows.

Definition:
    `to_discopy` maps an arrow to a diagram of the free Markov category that DisCoPy holds: each opaque factor is a
    box, each structure map is made of wires. `from_discopy` reads a diagram in any category that has its operations,

    .. math:: \mathrm{from}(\mathrm{to}(f)) = f, \qquad \mathrm{to}(f ; g) = \mathrm{to}(f) ; \mathrm{to}(g).

A box remembers the arrow it stands for, and a wire its object, so that a diagram can be read back without a table.

References:
    de Felice, Toumi, Coecke, *DisCoPy: monoidal categories in Python* (2020).
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import discopy.markov
import jax
from discopy import cat

from ..categories.linear import DirectSum, Double, Merge, Nought, Turn
from ..categories.linear import Sum as LinearSum
from ..categories.path import Copy, Discard, Pick, Strands, Swap, run
from ..categories.smooth import Point, Sum, Zero
from ..constructions import AsLens, Learner, LensMap, ParaMap
from ..constructions.free import Term
from ..constructions.graph import Box as Generator
from ..constructions.para import InTurn
from ..objects import Ob, space_of
from ..theory import Arrow, CartesianLeftAdditive, Markov, Symmetric, door
from ..theory.errors import NotDrawable
from .names import name_of

markov: Any = discopy.markov  # its class decorators hide attributes from type checkers
type Ty = Any
type Diagram = Any


class Wire(cat.Ob):
    """The type of one strand: named after its object, compared by name.

    Attributes:
        thing: the object of one wire that it stands for, if there is one.
        role: ``"data"``, ``"parameter"`` or ``"residual"``: parameters are drawn from above, residuals dashed.
        back: whether it carries values from right to left.
        label: the name of a parameter.
    """

    def __init__(self, text: str, thing: Any = None, *, role: str = "data", back: bool = False, label: str = ""):
        super().__init__(f"{text}*" if back else text)
        self.text, self.thing, self.role, self.back, self.label = text, thing, role, back, label

    def __eq__(self, other: object) -> bool:
        return isinstance(other, cat.Ob) and self.name == other.name

    __hash__ = cat.Ob.__hash__


class Box(markov.Box):
    """An arrow as a box; `data` is the arrow."""

    __ambiguous_inheritance__ = (markov.Box,)


def wires_of(x: Any, **how: Any) -> list[Wire]:
    """The strands of an object that is a tuple of wires."""
    return [Wire(str(x[i : i + 1]), x[i : i + 1], **how) for i in range(len(x))]


class Slot:
    """A strand while it is written; its wire may become better known at the end."""

    def __init__(self, wire: Any):
        self.wire = wire


class Pen:
    """Writes a diagram from left to right, box after box, each at a position among the strands."""

    def __init__(self, wires: Iterable[Wire]):
        self.dom = [Slot(w) for w in wires]
        self.slots = list(self.dom)
        self.steps: list[tuple[int, list[Slot], list[Slot], Callable[[Ty, Ty], Any]]] = []

    def put(self, at: int, takes: int, gives: list[Slot], make: Callable[[Ty, Ty], Any]) -> None:
        """Write the box ``make(dom, cod)`` on the strands from position `at`."""
        self.steps.append((at, self.slots[at : at + takes], gives, make))
        self.slots[at : at + takes] = gives

    def box(self, at: int, takes: int, gives: Iterable[Wire], name: str, arrow: Any = None) -> int:
        """Write a box with a name; returns how many strands it leaves."""
        given = [Slot(w) for w in gives]
        self.put(at, takes, given, lambda dom, cod: Box(name, dom, cod, data=arrow and arrow(dom, cod)))
        return len(given)

    def copy(self, at: int, n: int = 2) -> None:
        """Split a strand into `n`; into none is discarding."""
        self.put(at, 1, [self.slots[at]] * n, lambda dom, cod: markov.Copy(dom, n))

    def merge(self, at: int, n: int = 2) -> None:
        """Add `n` strands."""
        self.put(at, n, [self.slots[at]], lambda dom, cod: markov.Merge(cod, n))

    def zero(self, at: int, wire: Wire) -> None:
        """Start a strand at zero."""
        self.put(at, 0, [Slot(wire)], lambda dom, cod: markov.Merge(cod, 0))

    def rearrange(self, at: int, order: tuple[int, ...]) -> None:
        """Cross strands: the i-th becomes what was at ``at + order[i]``."""
        now = list(range(len(order)))
        for place, wanted in enumerate(order):
            for i in range(now.index(wanted), place, -1):
                now[i - 1], now[i] = now[i], now[i - 1]
                left, right = self.slots[at + i - 1], self.slots[at + i]
                self.put(at + i - 1, 2, [right, left], lambda dom, cod: markov.Swap(dom[:1], dom[1:]))

    def pick(self, at: int, width: int, positions: tuple[int, ...]) -> int:
        """Of `width` strands keep those at the positions, in that order: copy or discard, then cross."""
        order, start = {}, 0
        for i in range(width):
            uses = [place for place, p in enumerate(positions) if p == i]
            if len(uses) != 1:
                self.copy(at + start, len(uses))
            order.update({place: start + k for k, place in enumerate(uses)})
            start += len(uses)
        self.rearrange(at, tuple(order[place] for place in range(len(positions))))
        return len(positions)

    def path(self, path: tuple[Any, ...], at: int, width: int, build: Any) -> int:
        """Write a path of factors on `width` strands; structure maps become wires, all else a box."""
        for factor in path:
            match factor:
                case Swap(n=n) | Turn(n=n):
                    width = self.pick(at, width, (*range(n, width), *range(n)))
                case Copy() | Double():
                    width = self.pick(at, width, (*range(width), *range(width)))
                case Discard():
                    width = self.pick(at, width, ())
                case Pick(positions=positions):
                    width = self.pick(at, width, positions)
                case Strands(widths=widths, paths=paths):
                    width = 0
                    for n, strand in zip(widths, paths, strict=True):
                        width += self.path(strand, at + width, n, build)
                case DirectSum(strands=strands):
                    width = 0
                    for strand in strands:
                        width += self.path(strand.path, at + width, strand.n, build)
                case Merge():
                    width = self.added(at, width // 2)
                case Sum(f=f, g=g) | LinearSum(f=f, g=g):
                    width = self.sum(f, g, at, width, build)
                case Zero(ob=y) | Nought(cod=y):
                    self.pick(at, width, ())
                    for i, wire in enumerate(wires_of(y)):
                        self.zero(at + i, wire)
                    width = len(y)
                case InTurn(stages=stages):
                    width = self.in_turn(stages, at, width, build)
                case Generator(name=name, dom=dom, cod=cod):
                    make = lambda *_, factor=factor, dom=dom, cod=cod: build(dom, cod, (factor,))
                    width = self.box(at, width, wires_of(cod), name, make)
                case _:
                    width = self.factor(factor, at, width, build)
        return width

    def sum(self, f: tuple[Any, ...], g: tuple[Any, ...], at: int, width: int, build: Any) -> int:
        """Write the sum of two paths: copy, one beside the other, add. Where both only select, nothing is copied."""
        if _selects(f) and _selects(g):
            pairs = zip(run(f, tuple(range(width))), run(g, tuple(range(width))), strict=True)
            n = self.pick(at, width, tuple(i for pair in pairs for i in pair)) // 2
        else:
            self.pick(at, width, (*range(width), *range(width)))
            n = self.path(f, at, width, build)
            self.path(g, at + n, width, build)
            return self.added(at, n)
        for i in range(n):
            self.merge(at + i)
        return n

    def added(self, at: int, n: int) -> int:
        """Add `n` strands to the `n` strands below them."""
        self.rearrange(at, tuple(i + k * n for i in range(n) for k in (0, 1)))
        for i in range(n):
            self.merge(at + i)
        return n

    def in_turn(self, stages: tuple[Any, ...], at: int, width: int, build: Any) -> int:
        """Write the stages of a parametric arrow: each takes its own parameter past those of the later ones."""
        for stage in stages:
            p, x = len(stage.parameter), len(stage.dom)
            later = width - p - x
            self.rearrange(at, (*range(p, p + later), *range(p), *range(p + later, width)))
            width = later + self.path(stage.f.path, at + later, p + x, build)
        return width

    def factor(self, factor: Any, at: int, width: int, build: Any) -> int:
        """Write an opaque factor as a box; what it returns is found by abstract evaluation."""
        ins = [slot.wire.thing.avals()[0] for slot in self.slots[at : at + width]]
        outs = jax.eval_shape(lambda *xs: factor(xs), *ins)
        gives = [Wire(str(y), y) for y in map(space_of, outs)]
        name = _value(factor.values) if isinstance(factor, Point) else name_of(factor)
        return self.box(at, width, gives, name, lambda dom, cod: build(ob_of(dom), ob_of(cod), (factor,)))

    def diagram(self, cod: Iterable[Wire] | None = None) -> Diagram:
        """What was written, ending at `cod` where that is known."""
        for slot, wire in zip(self.slots, cod or (), strict=False):
            if slot not in self.dom:
                slot.wire = wire
        slots, layers = list(self.dom), []
        for at, ins, gives, make in self.steps:
            left, right = _ty(slots[:at]), _ty(slots[at + len(ins) :])
            layers.append(markov.Diagram.layer_factory(left, make(_ty(ins), _ty(gives)), right))
            slots[at : at + len(ins)] = gives
        return markov.Diagram(tuple(layers), _ty(self.dom), _ty(slots))


def _selects(path: tuple[Any, ...]) -> bool:
    """Whether a path is made of structure maps alone."""
    return all(
        isinstance(f, Swap | Copy | Discard | Pick | Turn | Double)
        or (isinstance(f, Strands) and all(map(_selects, f.paths)))
        for f in path
    )


def _ty(slots: list[Slot]) -> Ty:
    return markov.Ty(*(slot.wire for slot in slots))


def _value(values: tuple[Any, ...]) -> str:
    texts = [format(float(v), ".4g") if getattr(v, "size", 0) == 1 else "point" for v in values]
    return ", ".join(texts) if len(texts) < 3 else "point"


def ob_of(ty: Ty, objects: Mapping[str, Any] | None = None, empty: Any = None) -> Any:
    """The object that a type stands for."""
    things = [(objects or {}).get(w.name, getattr(w, "thing", None)) for w in ty.inside]
    if None in things:
        name = ty.inside[things.index(None)].name
        raise NotDrawable(f"no object is known for the wire {name!r}: say which with objects={{{name!r}: ...}}.")
    return functools.reduce(lambda x, y: x @ y, things, Ob() if empty is None else empty)


@door
def to_discopy(f: Any) -> Diagram:
    """The string diagram of an arrow.

    Args:
        f: an arrow. Smooth maps, and other arrows that keep a path, are drawn factor by factor; parametric arrows
            with their parameters first; lenses, and learners as the lenses that they are, with the way back as wires from right
            to left (their types have a star);
            an arrow of any other category is one box.

    Raises:
        NotDrawable: `f` is not an arrow.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> import jax.numpy as jnp
        >>> print(to_discopy(Smooth.copy(R(2)) >> (smooth(jnp.sin, R(2)) @ R(2))))
        Copy(R(2)) >> sin @ R(2)
    """
    if isinstance(f, markov.Diagram):
        return f
    if not isinstance(f, Arrow):
        raise NotDrawable(f"cannot draw {f!r} of type {type(f).__name__}: it is not an arrow, a 2-cell or a law.")
    if isinstance(f, LensMap):
        from .lenses import write_lens

        return write_lens(f)
    f = AsLens(f) if isinstance(f, Learner) else f
    if not isinstance(f, ParaMap):
        return _write(f, wires_of(f.dom), wires_of(f.cod))
    if isinstance(f.arrow, LensMap):
        from .lenses import write_lens

        return write_lens(f.arrow, f.parameter, f.labels)
    P = [Wire(w.text, w.thing, role="parameter", label=n) for w, n in zip(wires_of(f.parameter), f.labels, strict=True)]
    return _write(f.arrow, [*P, *wires_of(f.dom)], wires_of(f.cod))


def _write(f: Any, dom: list[Wire], cod: list[Wire]) -> Diagram:
    pen = Pen(dom)
    if isinstance(f, Term):
        pen.path(f.path, 0, len(dom), lambda x, y, path: Term(x, y, f.free, path))
    elif hasattr(f, "path"):
        pen.path(f.path, 0, len(dom), type(f))
    else:
        pen.box(0, len(dom), cod, name_of(f), lambda *_: f)
    return pen.diagram(cod)


@door
def from_discopy(
    diagram: Diagram,
    category: Symmetric,
    *,
    boxes: Mapping[str, Any] | None = None,
    objects: Mapping[str, Any] | None = None,
) -> Any:
    """The arrow that a diagram is in a category.

    Args:
        diagram: a diagram of `discopy.markov`, or of a category below it.
        category: where to read it.
        boxes: the arrow of each box, by name; a box made by `to_discopy` knows its own.
        objects: the object of each wire, by name; a wire made by `to_discopy` knows its own.

    Raises:
        NotDrawable: a box or a wire has no meaning in the category.

    Example:
        >>> from discopy.markov import Box, Copy, Ty
        >>> from catlearn import R, Smooth, smooth
        >>> x = Ty("x")
        >>> square = Copy(x) >> Box("times", x @ x, x)
        >>> times = smooth(lambda a, b: a * b, R() @ R())
        >>> print(from_discopy(square, Smooth, boxes={"times": times}, objects={"x": R()})(3.0))
        9.0
    """
    C: Any = category

    def ob(ty: Ty) -> Any:
        return ob_of(ty, objects, C.unit)

    arrow = C.id(ob(diagram.dom))
    for layer in diagram.inside:
        parts = list(layer)
        step = C.id(ob(parts[0]))
        for box, right in zip(parts[1::2], parts[2::2], strict=True):
            step = C.tensor(step, _read(box, C, ob, boxes or {}), C.id(ob(right)))
        arrow = C.then(arrow, step)
    return arrow


def _read(box: Any, C: Any, ob: Callable[[Ty], Any], boxes: Mapping[str, Any]) -> Any:
    if isinstance(box, markov.Swap):
        return C.swap(ob(box.left), ob(box.right))
    if isinstance(box, markov.Copy) and isinstance(C, Markov):
        return C.pick(ob(box.dom), (0,) * len(box.cod))
    if isinstance(box, markov.Merge) and isinstance(C, CartesianLeftAdditive):
        x, n = ob(box.cod), len(box.dom)
        projections = [C.pick(ob(box.dom), (i,)) for i in range(n)]
        return functools.reduce(C.add, projections) if n else C.zero(ob(box.dom), x)
    arrow = boxes.get(box.name, box.data)
    if not isinstance(arrow, Arrow):
        raise NotDrawable(
            f"the box {box.name!r} has no meaning in {C}: say which arrow it is with boxes={{{box.name!r}: ...}}."
        )
    return arrow
