r"""NNet: networks as sets of connections, and their meaning as parametric maps.

Definition:
    Objects of `NNet` are natural numbers. A *layer* from `n` to `m` is a set ``C`` of connections, pairs (source, target) of a number
    below `n` and a number below `m`. An arrow is a finite sequence of layers; composition concatenates, and the identity is
    the empty sequence. An activation ``σ : R → R`` gives a functor ``NNet → Para(Smooth)``, ``n ↦ R(n)``, which sends a layer to

    .. math:: I_C(w, v ; a)_j = σ\Bigl(\sum_{(i, j) \in C} w_{ij} a_i + v_j\Bigr),

    with one weight a connection and one bias a target: ``|C| + m`` parameters.

Followed by the functor to learners this is feed-forward training.

References:
    Fong, Spivak, Tuyéras (1711.10455), Definition IV.1, known from a program; its worked layer writes pairs as (target,
    source), from one.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from ..categories import Smooth, smooth
from ..constructions import Para, ParaMap
from ..constructions.initialise import Constant, Normal
from ..objects import R
from ..objects.function import as_leaves
from ..theory import Arrow, Category, Data, Functor, door
from ..theory.errors import WrongLayer
from .layer import layer

Connection = tuple[int, int]


@dataclasses.dataclass(frozen=True)
class Connections:
    """A layer: its numbers of sources and targets, and its connections, in the order of their targets, then of their sources."""

    sources: int
    targets: int
    pairs: tuple[Connection, ...]

    @property
    def parameters(self) -> int:
        """How many numbers the layer learns, ``|C| + m``."""
        return len(self.pairs) + self.targets


class Network(Arrow):
    """An arrow ``n → m`` of `NNet`: a sequence of layers."""

    dom: int = eqx.field(static=True)
    cod: int = eqx.field(static=True)
    layers: tuple[Connections, ...] = eqx.field(static=True)

    @property
    def category(self) -> "NNetCategory":
        return NNet

    @property
    def parameters(self) -> int:
        """How many numbers the network learns: ``|C| + m``, summed over its layers."""
        return sum(layer.parameters for layer in self.layers)


@dataclasses.dataclass(frozen=True)
class NNetCategory(Category):
    """The category of networks; see the module.

    Example:
        >>> net = connections(2, 2, [(0, 0), (0, 1), (1, 1)]) >> connections(2, 1)
        >>> print(net, net.category, len(net.layers), net.parameters)
        Network : 2 -> 1 NNet 2 8
    """

    def __str__(self) -> str:
        return "NNet"

    def id(self, x: int, /) -> Network:
        return Network(x, x, ())

    def _then(self, f: Network, g: Network, /) -> Network:
        return Network(f.dom, g.cod, f.layers + g.layers)


NNet = NNetCategory()


@door
def connections(sources: int, targets: int, pairs: Iterable[Connection] | None = None) -> Network:
    """The network of one layer.

    Args:
        sources: the number `n` of its inputs.
        targets: the number `m` of its outputs.
        pairs: the connections, pairs (source, target) that count from zero; None for all of them.

    Raises:
        WrongLayer: a number is negative, or a pair is not in range.

    Example:
        >>> print(connections(2, 2, [(1, 1), (0, 1), (0, 0)]).layers[0].pairs)
        ((0, 0), (0, 1), (1, 1))

    Source: 1711.10455, Definition IV.1.
    """
    for setting, n in (("sources", sources), ("targets", targets)):
        if not isinstance(n, int) or isinstance(n, bool) or n < 0:
            raise WrongLayer("connections", setting, "a whole number >= 0", n)
    full = ((i, j) for i in range(sources) for j in range(targets))
    chosen = set[Connection]()
    for pair in full if pairs is None else pairs:
        if len(pair) != 2 or not (0 <= pair[0] < sources and 0 <= pair[1] < targets):
            raise WrongLayer("connections", "pairs", f"pairs (source, target) below ({sources}, {targets})", pair)
        chosen.add((pair[0], pair[1]))
    ordered = tuple(sorted(chosen, key=lambda pair: (pair[1], pair[0])))
    return Network(sources, targets, (Connections(sources, targets, ordered),))


class Sums(Data):
    """``(w, v, a) ↦ (Σ w_ij a_i + v_j)_j``: a matrix that is zero where there is no connection."""

    layer: Connections = eqx.field(static=True)

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        weights, bias, a = xs
        sources, targets = (jnp.array([pair[k] for pair in self.layer.pairs], int) for k in (0, 1))
        blank = jnp.zeros((self.layer.sources, self.layer.targets), weights.dtype)
        return (a @ blank.at[sources, targets].set(weights) + bias,)


@dataclasses.dataclass(frozen=True)
class NNetFunctor(Functor):
    """The functor ``NNet → Para(Smooth)`` of an activation; see the module."""

    activation: Callable[..., Any]

    def __str__(self) -> str:
        return f"NNet → Para({self.activation})"

    def ob(self, x: int, /) -> Any:
        """``n ↦ R(n)``."""
        return R(x)

    def arrow(self, f: Network, /) -> ParaMap:
        """The parametric map of a network, layer after layer."""
        C = Para(Smooth)
        return C.then(C.id(R(f.dom)), *(self._layer(connected) for connected in f.layers))

    def _layer(self, connected: Connections) -> ParaMap:
        n, m, pairs = connected.sources, connected.targets, len(connected.pairs)
        weights = ("nnet.weight", R(pairs), Normal((m / max(pairs, 1)) ** 0.5))  # variance 1 / mean fan-in
        sums = layer(Sums(connected), R(n), R(m), weights, ("nnet.bias", R(m), Constant(0.0)))
        return sums >> Para(Smooth).lift(smooth(self.activation, R(m), R(m)))


@door
def nnet_to_para(activation: Callable[..., Any]) -> NNetFunctor:
    """The functor from networks to parametric maps that applies `activation` after the sums of each layer.

    Args:
        activation: a function of numbers, applied entry by entry to arrays: `jax.numpy.tanh`, say.

    Raises:
        NotAFunction: `activation` cannot be called.
        ClosesOverArrays: it hides arrays in its closure.

    Example:
        >>> F = nnet_to_para(jnp.square)
        >>> f = F(connections(2, 2, [(0, 0), (0, 1), (1, 1)]))
        >>> print(f, f(([0.5, -1.0, 2.0], [0.5, 0.0]), [1.0, 0.5]))
        ParaMap(R(3) @ R(2)) : R(2) -> R(2) [1. 0.]

    Source: 1711.10455, Definition IV.1 and the functor after it.
    """
    return NNetFunctor(as_leaves(activation))
