"""Networks: diagrams of kernels with names for their wires, and the functor that contracts one.

Definition:
    A *network* is given by its kernels and the names of their inputs. Kernels between finite sets make a `FiniteNetwork`, Gaussian maps a
    `GaussianNetwork`, both together, where a Gaussian map may depend on finite variables, a `MixedNetwork`.

    A formal arrow of the free Markov category is a network too, with numbers for names. `Contraction` is the functor that sums it along an optimised
    path; by the laws of a Markov category it is the interpretation of the arrow.

References:
    Pearl (1988); Lauritzen, *Graphical models* (1996); Fritz, Liang (2204.02284).
"""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from ..categories.finstoch import FinStochCategory, Kernel
from ..categories.gauss import GaussianMap
from ..constructions import Interpretation
from ..objects import Ob
from ..theory import Functor, door
from ..theory.errors import WrongCategory, WrongObject
from .finite_network import FiniteNetwork, finite_network
from .gaussian_network import GaussianNetwork
from .mixed_network import mixed_network
from .mixture import Switched
from .wiring import Part, wired


@door
def network(
    kernels: Mapping[Any, Any],
    parents: Mapping[Any, Sequence[str]] | None = None,
    *,
    inputs: Mapping[str, Ob] | None = None,
) -> Any:
    """The network of some kernels.

    Args:
        kernels: for the name of each variable the kernel that it comes out of; for a tuple of names, one with as many outputs.
        parents: for the same names those of the inputs, in their order; none if left out.
        inputs: variables that come from outside, each with an object of one wire: for a network that is a kernel, and no state.

    Raises:
        WrongObject: a variable has no kernel or two, a kernel reads one of another object, or a variable is above itself.
        WrongCategory: the kernels are neither finite nor Gaussian, or finite ones do not share their numbers.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> coin = Fin(2)
        >>> either = kernel(coin @ coin, coin, [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]])
        >>> fair = kernel(unit, coin, [0.5, 0.5])
        >>> net = network({"a": fair, "b": fair, "c": either}, {"c": ["a", "b"]})
        >>> print(net, net.posterior({"c": 0}).state("a").table)
        network of 3 kernels in FinStoch: a, b, c [1. 0.]
    """
    parents, inputs = dict(parents or {}), dict(inputs or {})
    strange = [key for key in parents if key not in kernels]
    if strange:
        raise WrongObject(
            f"parents are given for {strange[0]!r}, but no kernel. There are kernels for {', '.join(map(str, kernels))}."
        )
    if not kernels:
        raise WrongObject("a network has at least one kernel, but none was given.")
    parts = []
    for key, arrow in kernels.items():
        outs = (key,) if isinstance(key, str) else tuple(key)
        ins = parents.get(key, ())
        parts.append(Part(arrow, (ins,) if isinstance(ins, str) else tuple(ins), outs))
    wiring, ordered = wired(parts, inputs)
    found = {type(arrow) for arrow in ordered}
    if found <= {Kernel}:
        return finite_network(ordered, wiring, _shared(ordered))
    if found == {GaussianMap}:
        return GaussianNetwork(ordered, wiring)
    if found <= {Kernel, GaussianMap, Switched}:
        return mixed_network(ordered, wiring)
    raise WrongCategory(
        f"a network has kernels of FinStoch, of Gauss, or switched ones, but got {', '.join(sorted(t.__name__ for t in found))}."
    )


def _shared(kernels: tuple[Any, ...]) -> FinStochCategory:
    first, *others = dict.fromkeys(f.category for f in kernels)
    if others or not isinstance(first, FinStochCategory):
        names = ", ".join(map(str, (first, *others)))
        raise WrongCategory(
            f"the kernels of a network are all in one category of probabilities, but these are in {names}."
        )
    return first


@dataclasses.dataclass(frozen=True)
class Contraction(Functor):
    """The functor from formal arrows to finite kernels that sums each arrow along an optimised path.

    It has the values of the interpretation with the same meanings, without its large intermediate tables.

    Attributes:
        meaning: what letters and boxes are: finite sets and kernels.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel
        >>> from catlearn.constructions import FreeMarkov, Interpretation, Word
        >>> C, X = FreeMarkov(), Word("X")
        >>> f = C.generator("f", X, X)
        >>> meaning = Interpretation(FinStoch, {"f": kernel(Fin(2), Fin(2), [[0.5, 0.5], [0.25, 0.75]])}, {"X": Fin(2)})
        >>> print(Contraction(meaning)(f >> f).table)
        [[0.375  0.625 ]
         [0.3125 0.6875]]
    """

    meaning: Interpretation

    def __str__(self) -> str:
        return f"contraction in {self.meaning.category}"

    def ob(self, x: Any, /) -> Any:
        """The image of an object."""
        return self.meaning.ob(x)

    def arrow(self, f: Any, /) -> Any:
        """The image of a formal arrow."""
        net, outputs = self._read(f)
        return net.arrow(*outputs)

    @door
    def network(self, f: Any, /) -> FiniteNetwork:
        """The network of a formal arrow: its inputs are called ``x0, x1, ...``, and what boxes make ``y0, y1, ...``.

        Raises:
            WrongObject: a letter or a box has no meaning.
        """
        return self._read(f)[0]

    def _read(self, f: Any) -> tuple[FiniteNetwork, tuple[str, ...]]:
        """The network of a formal arrow, and the names of its outputs."""
        C, parts, made = self.meaning.category, [], itertools.count()
        x = self.ob(f.dom)
        outer = iter([f"x{i}" for i in range(len(x))])
        symbols = tuple(tuple(itertools.islice(outer, len(self.ob(f.dom[i : i + 1])))) for i in range(len(f.dom)))

        def use(box: Any, read: Any) -> Any:
            g = self.meaning(f.category.generator(box.name, box.dom, box.cod, box.data))
            ins = tuple(itertools.chain(*read))
            once = tuple(dict.fromkeys(ins))
            if once != ins:
                wires = Ob(tuple(g.dom.wires[ins.index(name)] for name in once))
                g = C.pick(wires, tuple(map(once.index, ins))) >> g
            widths = [len(self.ob(box.cod[i : i + 1])) for i in range(len(box.cod))]
            outs = tuple(tuple(f"y{next(made)}" for _ in range(n)) for n in widths)
            parts.append(Part(g, once, tuple(itertools.chain(*outs))))
            return outs

        outputs = tuple(itertools.chain(*f.graph.run(symbols, use)))
        wiring, kernels = wired(parts, dict(zip(itertools.chain(*symbols), map(Ob, zip(x.wires)), strict=True)))
        return finite_network(kernels, wiring, C), outputs
