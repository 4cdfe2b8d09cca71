r"""Mixed networks: finite variables, and numbers whose Gaussian maps they switch. Exact.

Definition:
    In a *conditional-linear-Gaussian* network finite variables come out of kernels of finite variables, and each vector of numbers out of a Gaussian map
    of other vectors, one map for each value of some finite variables, its *switches*. Given all switches it is a Gaussian network, so that with
    evidence `y` about numbers and :math:`\lambda` about finite variables

    .. math:: p(d \mid y) \propto \prod_v \lambda_v(d_v) \, p(d) \, \prod_c p(y_c \mid d_c), \qquad p(x_c \mid y) = \sum_{d_c} p(d_c \mid y) \, p(x_c \mid d_c, y_c),

    where `c` runs through the parts of the network of numbers that are connected, and :math:`d_c` are the switches in it.

The densities of a part are one more table in the network of finite variables, and the laws of its numbers are mixtures of Gaussian states, with one term for
each value of its switches: exact, at the price of their product.

Where noise may be absent, the densities of different terms are on spaces of different dimensions. What lies on the smaller one was certain there and almost
impossible elsewhere; so a term of a lower *rank* outweighs all those of a higher one.

References:
    Lauritzen, *Propagation of probabilities, means and variances in mixed graphical association models* (1992); Lauritzen, Jensen (2001).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories.finstoch import FinStoch, Kernel
from ..categories.tables import shape
from ..objects import Log, Real, unit
from ..objects.euclidean import width
from ..objects.wires import Euclidean, Finite
from ..theory import Data, door
from ..theory.errors import ImpossibleEvidence, WrongCategory
from .contraction import Plan, inside, outside, plan
from .findings import weights_of
from .gaussian_network import Conditional, Seen, coordinates, generators, given, seen_of
from .mixture import Mixture, Switched
from .verdict import Verdict
from .wiring import Scope, Wiring


class Component(NamedTuple):
    """A connected part of the network of numbers.

    Attributes:
        boxes: the positions of its maps.
        switches: the variables that switch them.
        variables: those of numbers.
    """

    boxes: Scope
    switches: Scope
    variables: Scope


@final
class MixedNetwork(Data):
    """A network of finite variables and numbers; see the module. Make one with `network`.

    Attributes:
        kernels: kernels, Gaussian maps and switched ones.
        wiring: the names of their inputs and outputs.
        plan: in which order sums are taken.
        finite: the positions of the finite variables.
        components: the connected parts of the others.
    """

    kernels: tuple[Any, ...]
    wiring: Wiring = eqx.field(static=True)
    plan: Plan = eqx.field(static=True)
    finite: Scope = eqx.field(static=True)
    components: tuple[Component, ...] = eqx.field(static=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables."""
        return self.wiring.names

    @door
    def findings(self, evidence: Mapping[str, Any] | None = None) -> tuple[Any, Seen]:
        """What was seen: the weights of the finite variables, and the coordinates of the others; of one shape, whichever variables were seen.

        Args:
            evidence: for each finite variable that was seen a value, a label or a likelihood; for the others an element of their wire.

        Raises:
            WrongObject: there is no such variable.
            WrongValue: a value is no element of the wire of its variable.
        """
        seen = {self.wiring.position(name): (name, value) for name, value in (evidence or {}).items()}
        about = lambda variables: {i: seen[v] for i, v in enumerate(variables) if v in seen}
        others = _others(self.wiring)
        weights = weights_of(Real, self.wiring.ob(self.finite), self.plan.slices, about(self.finite))
        return weights, seen_of(self.wiring.ob(others), about(others))

    @door
    def posterior(self, evidence: Mapping[str, Any] | tuple[Any, Seen] | None = None) -> "MixedPosterior":
        """The law of each variable given what was seen, and the density of that.

        Args:
            evidence: as for `findings`, or what `findings` gave.

        Raises:
            WrongObject: the network has inputs, or no such variable.
            WrongValue: a value is no element of the wire of its variable.

        Example:
            >>> from catlearn import Fin, R, gaussian, kernel, unit
            >>> from catlearn.infer import network, switched
            >>> height = switched(Fin(2), [gaussian(unit, R(), mean=m, covariance=1.0) for m in (-1.0, 1.0)])
            >>> net = network({"kind": kernel(unit, Fin(2), [0.25, 0.75]), "height": height}, {"height": ["kind"]})
            >>> print(net.posterior().state("height").mean, net.posterior({"height": 0.0}).state("kind").table.round(6))
            [0.5] [0.25 0.75]
        """
        self.wiring.check_closed()
        what = evidence if isinstance(evidence, tuple) else self.findings(evidence)
        tables = tuple(f.table for f in self.kernels if isinstance(f, Kernel))
        maps = tuple(_parts(f) for f in self.kernels if not isinstance(f, Kernel))
        return MixedPosterior(self, *_posterior(self.wiring, self.plan, self.components, tables, maps, *what))

    def __repr__(self) -> str:
        return f"network of {len(self.kernels)} finite, Gaussian and switched kernels: {', '.join(self.names)}"


def mixed_network(kernels: tuple[Any, ...], wiring: Wiring) -> MixedNetwork:
    """The network of some kernels with a wiring.

    Raises:
        WrongCategory: the finite kernels are not those of `FinStoch`.
    """
    strange = [f.category for f in kernels if isinstance(f, Kernel) and f.category != FinStoch]
    if strange:
        raise WrongCategory(f"a mixed network has kernels of FinStoch, but one is in {strange[0]}.")
    wires = wiring.wires.wires
    finite = tuple(v for v, wire in enumerate(wires) if isinstance(wire, Finite))
    at = {v: i for i, v in enumerate(finite)}
    components = _components(wiring, [i for i, f in enumerate(kernels) if not isinstance(f, Kernel)])
    tables = [wiring.ins[i] + wiring.outs[i] for i, f in enumerate(kernels) if isinstance(f, Kernel)]
    scopes = [*tables, *(component.switches for component in components)]
    order = plan(shape(wiring.ob(finite)), tuple(tuple(at[v] for v in scope) for scope in scopes))
    return MixedNetwork(kernels, wiring, order, finite, components)


def _others(wiring: Wiring) -> Scope:
    return tuple(v for v, wire in enumerate(wiring.wires.wires) if isinstance(wire, Euclidean))


def _components(wiring: Wiring, boxes: Sequence[int]) -> tuple[Component, ...]:
    """The connected parts of the network of numbers."""
    numbers = set(_others(wiring))
    groups: list[tuple[list[int], set[int]]] = []
    for box in boxes:
        ends = {v for v in (*wiring.ins[box], *wiring.outs[box]) if v in numbers}
        near = [group for group in groups if group[1] & ends]
        groups = [group for group in groups if group not in near]
        groups.append(([i for members, _ in near for i in members] + [box], ends.union(*(ends for _, ends in near))))
    made = []
    for members, variables in groups:
        ordered = tuple(sorted(members))
        switches = dict.fromkeys(v for i in ordered for v in wiring.ins[i] if v not in numbers)
        made.append(Component(ordered, tuple(switches), tuple(sorted(variables))))
    return tuple(made)


def _parts(f: Any) -> tuple[Any, Any, Any]:
    if isinstance(f, Switched):
        return f.maps.parts
    m, s, a = (jnp.asarray(part)[None] for part in f.parts)
    return m, s, a


def _laws(wiring: Wiring, component: Component, maps: Mapping[int, Any], what: Seen) -> Conditional:
    """The numbers of a component given what was seen of them, for each value of its switches, along one axis."""
    x = wiring.ob(component.variables)
    local = {v: i for i, v in enumerate(component.variables)}
    sizes = shape(wiring.ob(component.switches))
    grid = np.indices(sizes).reshape(len(sizes), math.prod(sizes))
    chosen, ins, outs = [], [], []
    for box in component.boxes:
        own = [v for v in wiring.ins[box] if v in component.switches]
        places = [grid[component.switches.index(v)] for v in own]
        rows = np.ravel_multi_index(places, shape(wiring.ob(own))) if own else np.zeros(grid.shape[1], int)
        chosen.append(tuple(part[rows] for part in maps[box]))
        ins.append(coordinates(x, tuple(local[v] for v in wiring.ins[box] if v in local)))
        outs.append(coordinates(x, tuple(local[v] for v in wiring.outs[box])))
    law = lambda maps: given(*generators(maps, tuple(ins), tuple(outs), width(x)), what)
    return jax.vmap(law)(tuple(chosen))


def _run(
    wiring: Wiring, p: Plan, components: tuple[Component, ...], tables: Any, maps: Any, weights: Any, what: Seen
) -> tuple[Any, ...]:
    numbers = _others(wiring)
    of_box = dict(zip(sorted(i for component in components for i in component.boxes), maps, strict=True))
    laws = []
    for component in components:
        at = coordinates(wiring.ob(numbers), tuple(map(numbers.index, component.variables)))
        laws.append(_laws(wiring, component, of_box, Seen(what.values[at], what.seen[at])))
    logs, seen = [Log.of(table) for table in tables], [Log.of(weights)[part] for part in p.slices]
    steep = _steepness([_span(x) for x in (*logs, *seen, *(law.log_evidence for law in laws))], p)
    ranks = [law.rank.astype(law.mean.dtype) for law in laws]
    least = [jnp.min(jnp.where(law.ok, rank, jnp.max(rank))) for law, rank in zip(laws, ranks, strict=True)]
    factors = [law.log_evidence - steep * (rank - low) for law, rank, low in zip(laws, ranks, least, strict=True)]
    shaped = [f.reshape(shape(wiring.ob(c.switches))) for f, c in zip(factors, components, strict=True)]
    found = inside(p, Log, (*logs, *shaped), Log.of(weights))
    above = outside(p, Log, found, len(logs))
    posterior = [_normalised(leaf + by) for leaf, by in zip((*shaped, *seen), above, strict=True)]
    terms, states = posterior[: len(laws)], posterior[len(laws) :]
    rank = jnp.round(sum(jnp.sum(w.reshape(-1) * rank) for w, rank in zip(terms, ranks, strict=True)))
    log_evidence = found.root + steep * (rank - sum(least))
    ok = found.root > -jnp.inf
    mixtures = tuple((w.reshape(-1), law.mean, law.factor) for w, law in zip(terms, laws, strict=True))
    return jnp.concatenate(states or [jnp.zeros(0)]), mixtures, rank.astype(int), log_evidence, ok


_posterior = jax.jit(_run, static_argnums=(0, 1, 2))


def _normalised(logs: Any) -> Any:
    """Probabilities in proportion to some weights; zeros, if these are zero."""
    total = Log.sum(logs.reshape(-1), axis=0)
    return jnp.where(logs > -jnp.inf, jnp.exp(Log.divide(logs, total)), 0)


def _steepness(spans: Sequence[Any], p: Plan) -> Any:
    """More than the logarithms of two possible products are apart, with that of their number and the digits of a float."""
    digits = -2 * math.log(float(jnp.finfo(spans[0].dtype).eps))
    return jax.lax.stop_gradient(sum(spans)) + math.log(math.prod(p.sizes)) + digits


def _span(logs: Any) -> Any:
    """How far the logarithms of what is not zero are apart."""
    there = logs > -jnp.inf
    top, low = jnp.max(jnp.where(there, logs, -jnp.inf)), jnp.min(jnp.where(there, logs, jnp.inf))
    return jnp.where(top > low, top - low, 0)


@final
class MixedPosterior(Data, Verdict):
    """The laws of the variables of a mixed network given what was seen.

    Attributes:
        network: the network.
        table: the probabilities of all values of all finite variables, laid end to end; all zero if what was seen could not be.
        mixtures: of each component of the numbers the weights, means and factors of its terms.
        rank: how many independent equations were observed.
        log_evidence: the logarithm of the density of what was seen, on its support; ``-inf`` off it.
        ok: whether what was seen could be.
    """

    network: MixedNetwork
    table: Any
    mixtures: tuple[Any, ...]
    rank: Any
    log_evidence: Any
    ok: Any

    def mistake(self) -> Exception:
        return ImpossibleEvidence(f"what was seen could not be in the {self.network!r}.")

    @door
    def state(self, name: str) -> Kernel | Mixture:
        """The law of one variable: a state of `FinStoch`, or a mixture of Gaussian states.

        Raises:
            WrongObject: there is no such variable.
            ImpossibleEvidence: what was seen could not be. Inside ``jit``, look at `ok`.
        """
        net = self.require().network
        v = net.wiring.position(name)
        x = net.wiring.ob([v])
        if v in net.finite:
            return Kernel(unit, x, self.table[net.plan.slices[net.finite.index(v)]])
        component, mixture = next(
            pair for pair in zip(net.components, self.mixtures, strict=True) if v in pair[0].variables
        )
        at = coordinates(net.wiring.ob(component.variables), (component.variables.index(v),))
        weights, means, factors = mixture
        return Mixture(x, weights, means[:, at], factors[:, at])
