"""Laws of networks: answers about a diagram are answers about its composite.

Definition:
    The network of two variables, a state ``p : I → X`` and a kernel ``f : X → Y``, is asked all its questions; the answers are composites, inverses and
    updates of `p` and `f` in their category.

References:
    Jacobs (1807.05609), for the updates of Pearl and Jeffrey.
"""

from typing import Any

import numpy as np

from ..categories.finstoch import Kernel
from ..categories.tables import size
from ..infer import Truth
from ..objects import Ob, unit
from ..theory import Conditionals
from .law import collect, law


def _two(draw: Any) -> tuple[Any, Any, Any, Any]:
    """The network of a state and a kernel, each on one wire."""
    C, (X, Y) = draw.category, draw.obs(2)
    p, f = draw.arrow(C.unit, X), draw.arrow(X, Y)
    return C, draw["network"]({"x": p, "y": f}, {"y": ["x"]}), p, f


def _row(C: Any, found: Any, name: str, x: Ob) -> Any:
    """The posterior of a variable, or the uniform state if there is none."""
    return found.state(name) if found.ok else C.uniform(x)


def _stacked(C: Any, dom: Ob, rows: list[Any]) -> Any:
    return Kernel(dom, rows[0].cod, np.stack([row.table for row in rows]), C)


@law(needs=Conditionals, given=("network",))
def network_composite(draw):
    """network(p, f) at y  =  p ; f"""
    C, net, p, f = _two(draw)
    yield net.arrow("y"), p >> f
    yield net.arrow("y", "x"), p >> C.copy(f.dom) >> (f @ f.dom)


@law(needs=Conditionals, given=("network",))
def network_inverse(draw):
    """the posterior of x given y  =  f†, and is uniform where y is impossible"""
    C, net, p, f = _two(draw)
    rows = [_row(C, net.posterior({"y": y}), "x", f.dom) for y in range(size(f.cod))]
    return _stacked(C, f.cod, rows), C.bayes_inverse(f, p)


@law(needs=Conditionals, given=("network",))
def network_certain(draw):
    """the posterior of y given y  =  y, where y is possible"""
    C, net, p, f = _two(draw)
    for y in np.flatnonzero(C.supported(p >> f)):
        yield net.posterior({"y": int(y)}).state("y"), C.id(f.cod)(int(y))


@law(needs=Conditionals, given=("network",))
def network_pearl(draw):
    """soft evidence q of y  =  the inverse of f ; q, where that is true"""
    C, net, p, f = _two(draw)
    q = draw.arrow(f.cod, Truth)
    possible = C.supported(p >> f >> q)[-1]
    found = net.posterior({"y": q.table[..., -1]})
    expected = C.bayes_inverse(f >> q, p)(1)
    return _row(C, found, "x", f.dom), expected if possible else C.uniform(f.dom)


@law(needs=Conditionals, given=("network",))
def network_jeffrey(draw):
    """Jeffrey's update to ρ at y  =  ρ ; f†, for a state ρ that p ; f allows"""
    C, net, p, f = _two(draw)
    prediction = p >> f
    y = int(np.flatnonzero(C.supported(prediction))[0])
    rho = Kernel(unit, f.cod, (prediction.table + C.id(f.cod)(y).table) / 2, C)
    found = net.posterior(net.posterior().jeffrey("y", rho))
    return found.state("x"), rho >> C.bayes_inverse(f, p)


@law(needs=Conditionals, given=("network",))
def network_explanation(draw):
    """p(x) f(y | x)  at the most probable explanation  =  the largest of all"""
    C, net, _p, f = _two(draw)
    joint = net.arrow("x", "y").table
    best = joint[tuple(int(v) for v in net.most_probable().values)]
    mark = lambda table: Kernel(unit, f.dom @ f.cod, C.entries.indicator(table), C)
    return mark(joint >= best), mark(joint == joint.max())


LAWS = collect(globals())
