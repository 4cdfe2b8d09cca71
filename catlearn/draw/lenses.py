"""Lenses as diagrams with wires both ways: forward above, backward below.

Definition:
    The diagram of a lens ``(A, A') → (B, B')`` goes from ``A ⊗ A'*`` to ``B ⊗ B'*``, where a starred wire carries values
    from right to left. A stage ``(f, R[f])`` is a box for the way forward, a box for the way back, and
    a residual that joins them: what the way back needs to remember. A learner is drawn as the lens that it is, with a box
    ``U, r`` for update and request.

Structure maps are wires in both rows. Going back, a copy becomes a sum and discarding becomes zero, since they are read
from right to left.
"""

from typing import Any

from ..constructions import LensMap
from ..constructions.lens import Adapter, Beside, GetPut
from ..constructions.reverse import Reversed
from ..constructions.transport import LearnerStage
from .diagrams import Box, Diagram, Pen, Wire, markov, to_discopy, wires_of
from .names import name_of


def write_lens(f: LensMap, parameter: Any = None, labels: tuple[str, ...] = ()) -> Diagram:
    """The diagram of a lens; the wires of a parameter, if it has one, come first in each row."""
    fwd, bwd = wires_of(f.dom.fwd), wires_of(f.dom.bwd, back=True)
    if parameter is not None:
        n, m = len(parameter.fwd), len(parameter.bwd)
        moving = [label for label, w in zip(labels, parameter.fwd.wires, strict=True) for _ in w.tangent]
        back = moving if len(moving) == m else labels[:m]
        back = [*back, *[""] * (m - len(back))]
        fwd[:n] = [Wire(w.text, w.thing, role="parameter", label=n) for w, n in zip(fwd[:n], labels, strict=True)]
        bwd[:m] = [
            Wire(w.text, w.thing, role="parameter", back=True, label=f"{n}′")
            for w, n in zip(bwd[:m], back, strict=True)
        ]
    pen = Pen([*fwd, *bwd])
    _stages(pen, f, 0, len(fwd))
    return pen.diagram([*wires_of(f.cod.fwd), *wires_of(f.cod.bwd, back=True)])


def _stages(pen: Pen, f: LensMap, at: int, low: int) -> None:
    """Write the stages of `f` on the forward strands from `at` and the backward strands from `low`."""
    for stage in f.stages:
        before = len(stage.get.dom)
        _stage(pen, stage, at, low)
        low += len(stage.get.cod) - before


def _stage(pen: Pen, stage: Any, at: int, low: int) -> None:
    match stage:
        case Beside(f=f, g=g):
            _stages(pen, f, at, low)
            at, low = at + len(f.cod.fwd), low + len(f.cod.fwd) - len(f.dom.fwd) + len(f.cod.bwd)
            _stages(pen, g, at, low)
        case Reversed(f=f):
            _reversed(pen, f, stage.moves, at, low)
        case GetPut(forward=get, back=put):
            n = len(get.dom)
            pen.pick(at, n, (*range(n), *range(n)))
            _lower(pen, at + n, n, low + n)
            m = _get(pen, get, at)
            back = wires_of(put.dom[n:], back=True)
            pen.box(low + m - n, n + len(put.cod), back, _named(put, "put"))
        case Adapter(forward=get, back=back):
            n = len(get.dom)
            m = _get(pen, get, at)
            _mirrored(pen, to_discopy(back), low + m - n)
        case _:
            n, m = len(stage.get.dom), len(stage.get.cod)
            back, moving = wires_of(stage.put.dom[n:], back=True), len(stage.put.cod)
            learns = isinstance(stage, LearnerStage)
            name = name_of(stage.step.implement if learns else stage)
            _both_ways(pen, name, wires_of(stage.get.cod), back, at, n, low, moving, "U, r" if learns else f"R[{name}]")


def _named(put: Any, otherwise: str) -> str:
    path = getattr(put, "path", ())
    return name_of(put) if len(path) == 1 else otherwise


def _get(pen: Pen, f: Any, at: int) -> int:
    """Write the way forward; returns how many strands it leaves."""
    if isinstance(getattr(f, "path", None), tuple):
        return pen.path(f.path, at, len(f.dom), type(f))
    return pen.box(at, len(f.dom), wires_of(f.cod), name_of(f))


def _lower(pen: Pen, at: int, n: int, low: int) -> None:
    """Move `n` strands from `at` down to just above position `low`."""
    pen.rearrange(at, (*range(n, low - at), *range(n)))


def _both_ways(
    pen: Pen, name: str, gives: list[Wire], back: list[Wire], at: int, n: int, low: int, moving: int, answer: str
) -> None:
    """A box forward on `n` strands, a box back on `moving` strands, and the residual between them."""
    if not moving and not back:
        pen.box(at, n, gives, name)
        return
    m = pen.box(at, n, [*gives, Wire("M", role="residual")], name) - 1
    low += m + 1 - n
    _lower(pen, at + m, 1, low)
    pen.box(low - 1, 1 + moving, back, answer)


def _reversed(pen: Pen, f: Any, moves: tuple[bool, ...] | None, at: int, low: int) -> None:
    """``(f, R[f])`` factor by factor: by the chain rule it is the composite of the reverses."""
    still = [] if moves is None else [i for i, move in enumerate(moves) if not move]
    counts = [len(w.tangent) for w in f.dom.wires]
    for i in still:
        for k, wire in enumerate(wires_of(f.dom[i : i + 1].tangent, back=True)):
            pen.zero(low + sum(counts[:i]) + k, wire)
    diagram = to_discopy(f)
    tangents = [_tangent(w) for w in diagram.dom.inside]
    for box, offset in zip(diagram.boxes, diagram.offsets, strict=True):
        n, m = len(box.dom), len(box.cod)
        here, there = at + offset, low + sum(map(len, tangents[:offset]))
        ins, outs = tangents[offset : offset + n], [_tangent(w) for w in box.cod.inside]
        tangents[offset : offset + n] = outs
        low += m - n
        if isinstance(box, Box):
            back, moving = [w for t in outs for w in t], sum(map(len, ins))
            _both_ways(pen, box.name, list(box.cod.inside), back, here, n, there, moving, f"R[{box.name}]")
            continue
        _structure(pen, box, here)
        there += m - n
        if isinstance(box, markov.Swap):
            a, b = map(len, ins)
            pen.rearrange(there, (*range(a, a + b), *range(a)))
        elif isinstance(box, markov.Copy):
            t = len(ins[0])
            pen.pick(there, t, tuple(range(t)) * m)
        elif ins or outs:
            pen.merge(there, n) if n else pen.zero(there, outs[0][0])


def _structure(pen: Pen, box: Any, at: int) -> None:
    if isinstance(box, markov.Swap):
        pen.rearrange(at, (1, 0))
    elif isinstance(box, markov.Copy):
        pen.copy(at, len(box.cod))
    elif len(box.dom):
        pen.merge(at, len(box.dom))
    else:
        pen.zero(at, box.cod.inside[0])


def _mirrored(pen: Pen, diagram: Diagram, at: int) -> None:
    """The diagram of a way back, read from right to left."""
    for box, offset in reversed(list(zip(diagram.boxes, diagram.offsets, strict=True))):
        here = at + offset
        back = [Wire(w.text, w.thing, back=True) for w in box.dom.inside]
        if isinstance(box, markov.Swap):
            pen.rearrange(here, (1, 0))
        elif isinstance(box, markov.Copy):
            pen.merge(here, len(box.cod)) if len(box.cod) else pen.zero(here, back[0])
        elif isinstance(box, markov.Merge):
            pen.copy(here, len(box.dom))
        else:
            pen.box(here, len(box.cod), back, box.name)


def _tangent(wire: Any) -> list[Wire]:
    return wires_of(wire.thing.tangent, back=True)
