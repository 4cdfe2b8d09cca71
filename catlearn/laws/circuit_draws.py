"""Draws of circuits over ℤ₂, and of the functors that start at them.

Definition:
    A drawn circuit is a list of gates, each on earlier wires, and a list of the wires that come out; squares and constants are among
    them. Two circuits are equal when they are the same polynomials mod 2, which is decided, so that every law that holds is exact.
"""

from typing import Any

from hypothesis import strategies as st

from ..constructions import Lens, Reverse, lens
from ..constructions.circuit import Bits, Circuits, Polynomials, bit, circuit
from .exact import poly_z2
from .make import of, through
from .status import Status

# In a scene of different objects a wrong end is a wrong type, in one of equal ones only the gates tell.
_SCENES = ((Bits(1),), (Bits(2), Bits(1)), (Bits(2),), (Bits(1), Bits(0), Bits(2)))
_NONLINEAR = {name: Status.FAILS for name in ("every_arrow_additive", "every_arrow_linear", "double_dagger")}


def _circuit(dom: Any, cod: Any) -> st.SearchStrategy[Any]:
    """Few gates: the polynomials of a third derivative are to stay small."""
    place = st.integers(0, 2)
    gates = st.lists(st.tuples(st.sampled_from(("and", "xor", "and", "one")), place, place), min_size=1, max_size=3)
    outputs = st.lists(place, min_size=len(cod), max_size=len(cod))
    return st.builds(lambda gates, outputs: _written(len(dom), gates, outputs), gates, outputs)


def _written(n: int, gates: list[tuple[str, int, int]], outputs: list[int]) -> Any:
    """Places are counted from the wire that was made last."""

    def function(*xs: Any) -> Any:
        wires = [*xs] or [bit(0)]
        for kind, i, j in gates:
            x, y = (wires[-1 - k % len(wires)] for k in (i, j))
            wires.append({"xor": x ^ y, "and": x & y, "one": bit(1)}[kind])
        return [wires[-1 - k % len(wires)] for k in outputs]

    return circuit(n, function)


circuits = of(Circuits, objects=(), scenes=_SCENES, arrow=_circuit, declared=_NONLINEAR, given={"wires": True})
"""Circuits over ℤ₂: an exact reverse derivative category, in which not every arrow is linear."""

_lenses = of(
    Lens(Circuits),
    objects=(),
    scenes=[tuple(map(Reverse, scene)) for scene in _SCENES],
    arrow=lambda dom, cod: st.builds(lens, _circuit(dom.fwd, cod.fwd), _circuit(dom.fwd @ cod.bwd, dom.bwd)),
)

reverse_circuits = through(Reverse, circuits, _lenses, name="Reverse, circuits")
"""The functor `Reverse`, from circuits to their lenses."""

polynomials_of_circuits = through(Polynomials, circuits, poly_z2)
"""The functor that reads circuits as polynomials mod 2."""

CIRCUITS = (circuits, reverse_circuits, polynomials_of_circuits)
"""The draws of this module."""
