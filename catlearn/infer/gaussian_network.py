r"""Linear-Gaussian networks: each variable is an affine function of some others, with noise.

Definition:
    A network of Gaussian maps :math:`x_i = M_i x_{\mathrm{in}(i)} + s_i + A_i \xi_i` is one Gaussian state. In generator form, ``x = b + G ξ`` with all noises
    side by side, its rows follow those of the inputs,

    .. math:: b_i = M_i b_{\mathrm{in}(i)} + s_i, \qquad G_i = M_i G_{\mathrm{in}(i)} + A_i \pi_i,

    and observing some variables is conditioning this state on their coordinates.

Which variables are observed is data, as their values are: one compiled program serves every query of a network. Noise may be absent, and equations may be
observed; what contradicts the network is reported, whatever the units.

References:
    Shachter, Kenley, *Gaussian influence diagrams* (1989); Lauritzen (1996), chapter 5.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories.gauss import GaussianMap
from ..kernels import compress, condition, product
from ..kernels.gaussian import support_tolerance
from ..objects import Ob, is_concrete, unit
from ..objects.euclidean import flatten, places, width
from ..objects.wires import NotAnElement
from ..theory import Data, door
from ..theory.errors import Infeasible, WrongValue
from .verdict import Verdict
from .wiring import Scope, Wiring


class Seen(NamedTuple):
    """What was observed of the coordinates of all variables.

    Attributes:
        values: ``(n,)``; zero where nothing was observed.
        seen: ``(n,)``, truth values.
    """

    values: Any
    seen: Any


def seen_of(wires: Ob, evidence: Mapping[int, tuple[str, Any]]) -> Seen:
    """The observations of some variables, at the positions of their wires.

    Raises:
        WrongValue: a value is no element of the wire of its variable.
    """
    values, seen = [jnp.zeros(0)], [np.zeros(0, bool)]
    for v in range(len(wires)):
        x, n = wires[v], width(wires[v])
        seen.append(np.full(n, v in evidence))
        if v not in evidence:
            values.append(jnp.zeros(n))
            continue
        name, value = evidence[v]
        try:
            values.append(flatten(x, (x.wires[0].element(value),)))
        except NotAnElement as error:
            raise WrongValue(x, f"the variable {name!r}", error.expected, error.given, error.cure) from None
        if is_concrete(value) and not np.isfinite(values[-1]).all():
            raise WrongValue(x, f"the variable {name!r}", "finite numbers", str(value), "Leave out what was not seen.")
    return Seen(jnp.concatenate(values), np.concatenate(seen))


def generators(maps: Any, ins: tuple[Any, ...], outs: tuple[Any, ...], n: int) -> tuple[Any, Any]:
    """Mean and generators of a network, each map after those that it reads.

    Args:
        maps: matrix, mean and factor of each.
        ins: the coordinates that each reads.
        outs: those that each makes.
        n: how many coordinates there are.
    """
    noise = sum(a.shape[1] for _, _, a in maps)
    mean, rows, at = jnp.zeros(n), jnp.zeros((n, noise)), 0
    for (m, s, a), read, made in zip(maps, ins, outs, strict=True):
        mean = mean.at[made].set(product(m, mean[read], s))
        own = jnp.pad(a, ((0, 0), (at, noise - at - a.shape[1])))
        rows = rows.at[made].set(product(m, rows[read], own))
        at += a.shape[1]
    return mean, rows


class Conditional(NamedTuple):
    """A Gaussian state given observations of some coordinates.

    Attributes:
        mean: ``(n,)``.
        factor: generators, ``(n, k)``.
        ok: whether the observations are on the support.
        residual: how far off they are, relative to the size of their terms.
        rank: how many independent equations they make.
        log_evidence: the logarithm of their density on the support; ``-inf`` off it.
    """

    mean: Any
    factor: Any
    ok: Any
    residual: Any
    rank: Any
    log_evidence: Any


def given(mean: Any, factor: Any, what: Seen) -> Conditional:
    """A state in generator form, given what was seen of its coordinates."""
    seen = jnp.asarray(what.seen, mean.dtype)
    # What was not seen is the equation 0 = 0 between numbers of size one: rounding in it is small beside that.
    found = condition(factor, mean, jnp.diag(seen), jnp.where(what.seen, what.values, 0), size=1 - seen)
    ok = found.residual <= support_tolerance(factor, None)
    log_evidence = jnp.where(ok, found.log_density, -jnp.inf)
    return Conditional(found.mean, found.factor, ok, found.residual, found.rank, log_evidence)


@final
class GaussianNetwork(Data):
    """A network of Gaussian maps; see the module. Make one with `network`.

    Attributes:
        kernels: the maps.
        wiring: the names of their inputs and outputs.
    """

    kernels: tuple[GaussianMap, ...]
    wiring: Wiring = eqx.field(static=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables."""
        return self.wiring.names

    @door
    def findings(self, evidence: Mapping[str, Any] | None = None) -> Seen:
        """What was seen, as values and truth values of all coordinates: of one shape, whichever variables were seen.

        Args:
            evidence: for each variable that was seen an element of its wire.

        Raises:
            WrongObject: there is no such variable.
            WrongValue: a value is no element of the wire of its variable, or is not finite.
        """
        seen = {self.wiring.position(name): (name, value) for name, value in (evidence or {}).items()}
        return seen_of(self.wiring.wires, seen)

    @door
    def posterior(self, evidence: Mapping[str, Any] | Seen | None = None) -> "GaussianPosterior":
        """The law of all variables given what was seen, and the density of that.

        Args:
            evidence: as for `findings`, or what `findings` gave.

        Raises:
            WrongObject: the network has inputs, or no such variable.
            WrongValue: a value is no element of the wire of its variable, or is not finite.

        Example:
            >>> from catlearn import R, gaussian, unit
            >>> from catlearn.infer import network
            >>> noisy = gaussian(R(), R(), [[1.0]], covariance=4.0)
            >>> net = network({"x": gaussian(unit, R(), covariance=4.0), "y": noisy}, {"y": ["x"]})
            >>> there = net.posterior({"y": 2.0})
            >>> print(there.state("x").mean.round(6), there.state("x").covariance.round(6))
            [1.] [[2.]]
        """
        self.wiring.check_closed()
        what = evidence if isinstance(evidence, Seen) else self.findings(evidence)
        return GaussianPosterior(self, *_posterior(self.wiring, tuple(f.parts for f in self.kernels), what))

    def __repr__(self) -> str:
        return f"network of {len(self.kernels)} Gaussian maps: {', '.join(self.names)}"


def coordinates(x: Ob, positions: Scope) -> Any:
    """The coordinates of some wires of an object."""
    at = places(x)
    return np.concatenate([np.zeros(0, int), *(at[v] for v in positions)])


def _run(wiring: Wiring, maps: Any, what: Seen) -> Conditional:
    x = wiring.wires
    read = tuple(coordinates(x, scope) for scope in wiring.ins)
    made = tuple(coordinates(x, scope) for scope in wiring.outs)
    return given(*generators(maps, read, made, width(x)), what)


_posterior = jax.jit(_run, static_argnums=0)


@final
class GaussianPosterior(Data, Verdict):
    """The law of the variables of a Gaussian network given what was seen.

    Attributes:
        network: the network.
        mean: of all coordinates, ``(n,)``.
        factor: generators of their covariance, ``(n, k)``.
        ok: whether what was seen could be.
        residual: how far it was from that, relative to the size of what was compared.
        rank: how many independent equations were observed.
        log_evidence: the logarithm of the density of what was seen, on its support; ``-inf`` off it.
    """

    network: GaussianNetwork
    mean: Any
    factor: Any
    ok: Any
    residual: Any
    rank: Any
    log_evidence: Any

    def mistake(self) -> Exception:
        return Infeasible(self.residual)

    @door
    def state(self, *names: str) -> GaussianMap:
        """The law of some variables together.

        Raises:
            WrongObject: there is no such variable.
            Infeasible: what was seen could not be. Inside ``jit``, look at `ok`.
        """
        wiring = self.require().network.wiring
        positions = wiring.positions(names)
        at = coordinates(wiring.wires, positions)
        factor = self.factor[at]
        return GaussianMap(unit, wiring.ob(positions), factor[:, :0], self.mean[at], compress(factor))
