r"""Networks of finite kernels: all posteriors at once, whatever was seen.

Definition:
    A *network* is a string diagram of kernels in which each wire has a name, its *variable*. It is the composite

    .. math:: p(x_{\mathrm{out}} \mid x_{\mathrm{in}}) = \prod_i f_i(x_{\mathrm{out}(i)} \mid x_{\mathrm{in}(i)}),

    a state if it has no inputs; a *Bayesian network* makes one variable a kernel. Evidence gives each variable `v` weights :math:`\lambda_v`, and the
    posterior of `v` is in proportion to

    .. math:: \lambda_v(a) \, \frac{\partial}{\partial \lambda_v(a)} \sum_x p(x) \prod_u \lambda_u(x_u).

By associativity the sum may be taken in any order, and it is taken in a good one. The order depends on the shape of the network alone: which
variables were seen is data, as the tables are, so that one compiled program serves every query of every network of that shape.

Evidence of probability zero is reported, and has no posterior: all its weights are zero. A product of floats that comes to zero outside ``jit`` is
taken again in logarithms, so that a small number is not called impossible. Inside, use kernels of `LogFinStoch` where a few dozen tables together
may go below what a float can be.

References:
    Pearl, *Probabilistic reasoning in intelligent systems* (1988); Darwiche (2003); Jacobs (1807.05609), for soft evidence.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import Any, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories.finstoch import FinStochCategory, Kernel
from ..categories.tables import shape
from ..objects import Log, Real, is_concrete, unit
from ..objects.semiring import namespace
from ..theory import Data, door
from ..theory.errors import ImpossibleEvidence, WrongObject
from .contraction import FEW, Plan, joint, marginal, plan, posteriors, posteriors_at_hand
from .explanation import Explanation, explain
from .findings import weights_of
from .verdict import Verdict
from .wiring import Scope, Wiring

type Evidence = Mapping[str, Any] | Any


@final
class FiniteNetwork(Data):
    """A network of finite kernels; see the module. Make one with `network`.

    Attributes:
        kernels: the kernels.
        wiring: the names of their inputs and outputs.
        category: where they are.
        plan: in which order sums are taken.
    """

    kernels: tuple[Kernel, ...]
    wiring: Wiring = eqx.field(static=True)
    category: FinStochCategory = eqx.field(static=True)
    plan: Plan = eqx.field(static=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables."""
        return self.wiring.names

    @door
    def findings(self, evidence: Mapping[str, Any] | None = None) -> Any:
        """What was seen, as the weights of all variables, laid end to end: of one shape, whichever variables were seen.

        Args:
            evidence: for each variable that was seen a whole number or a label; or a vector, one entry a value: how likely what was seen
                is, given that value, up to a factor (Pearl's soft evidence). Of `LogFinStoch` its entries are logarithms.

        Raises:
            WrongObject: there is no such variable.
            WrongValue: it has no such value, or a likelihood is no vector of numbers >= 0.
        """
        seen = {self.wiring.position(name): (name, value) for name, value in (evidence or {}).items()}
        return weights_of(self.category.entries, self.wiring.wires, self.plan.slices, seen)

    @door
    def posterior(self, evidence: Evidence = None) -> "NetworkPosterior":
        """The law of each variable given what was seen, and how probable that was.

        Args:
            evidence: as for `findings`, or what `findings` gave.

        Raises:
            WrongObject: the network has inputs, or no such variable.
            WrongValue: a variable has no such value, or a likelihood is no vector of numbers >= 0.

        Example:
            >>> from catlearn import Fin, kernel, unit
            >>> rain = Fin(2, labels=["dry", "wet"])
            >>> weather = {
            ...     "rain": kernel(unit, rain, [0.75, 0.25]),
            ...     "grass": kernel(rain, rain, [[0.75, 0.25], [0.25, 0.75]]),
            ... }
            >>> from catlearn.infer import network
            >>> seen = network(weather, {"grass": ["rain"]}).posterior({"grass": "wet"})
            >>> print(seen.state("rain").table, seen.ok, jnp.exp(seen.log_evidence).round(6))
            [0.5 0.5] True 0.375
        """
        weights, k = self._weights(evidence), self.category.entries
        if self._numbers is None or not is_concrete(weights):
            found = posteriors(self.plan, k, self.tables, weights)
        else:
            found = posteriors_at_hand(self.plan, k, self._numbers, weights)
        if k == Real and is_concrete(found[2]) and not found[2]:
            logs, *rest = posteriors(self.plan, Log, *_logarithms(self.tables, weights))
            found = (jnp.exp(logs), *rest)
        return NetworkPosterior(self, weights, *found)

    @door
    def most_probable(self, evidence: Evidence = None) -> Explanation:
        """The values of all variables that are most probable together, given what was seen; of several such, one.

        Args:
            evidence: as for `posterior`.

        Raises:
            WrongObject: the network has inputs, or no such variable.
            WrongValue: a variable has no such value, or a likelihood is no vector of numbers >= 0.

        Example:
            >>> from catlearn import Fin, kernel, unit
            >>> from catlearn.infer import network
            >>> coin = Fin(2, labels=["heads", "tails"])
            >>> two = network(
            ...     {"a": kernel(unit, coin, [0.25, 0.75]), "b": kernel(coin, coin, [[1.0, 0.0], [0.5, 0.5]])},
            ...     {"b": ["a"]},
            ... )
            >>> print(two.most_probable({"b": "heads"}).labels)
            {'a': 'tails', 'b': 'heads'}
        """
        weights, k = self._weights(evidence), self.category.entries
        found = explain(self.plan, k, self.tables, weights)
        if k == Real and is_concrete(found[2]) and not found[2]:
            found = explain(self.plan, Log, *_logarithms(self.tables, weights))
        return Explanation(self.names, self.wiring.wires, *found)

    @door
    def arrow(self, *names: str) -> Kernel:
        """The kernel from the inputs to some variables, the others forgotten: the diagram as a composite.

        Raises:
            WrongObject: there is no such variable.

        Example:
            >>> from catlearn import Fin, kernel
            >>> from catlearn.infer import network
            >>> flip = kernel(Fin(2), Fin(2), [[0.5, 0.5], [0.25, 0.75]])
            >>> chain = network({"b": flip, "c": flip}, {"b": ["a"], "c": ["b"]}, inputs={"a": Fin(2)})
            >>> print(chain.arrow("c").table)
            [[0.375  0.625 ]
             [0.3125 0.6875]]
        """
        part = self.relevant(*names)
        C, w = self.category, part.wiring
        wanted = w.positions(names)
        made = tuple(v for v in dict.fromkeys(wanted) if v not in w.inputs)
        x = w.ob(w.inputs)
        k, table = C.entries, C.discard(x).table
        if made:
            every = w.inputs + made
            table = marginal(plan(shape(w.wires), _scopes(w), every), k, every, part.tables, part.findings())
        f = Kernel(x, w.ob(made), table, C)
        if wanted == made:
            return f
        every = w.inputs + made
        return C.pair(C.id(x), f) >> C.pick(w.ob(every), tuple(every.index(v) for v in wanted))

    @door
    def conditional(self, wanted: Iterable[str], given: Iterable[str]) -> Kernel:
        """The kernel to some variables from others: the conditional of their joint law, for each of their values.

        Raises:
            WrongObject: there is no such variable, or the network has inputs.
        """
        self.wiring.check_closed()
        wanted, given = tuple(wanted), tuple(given)
        return self.category.conditional(self.arrow(*given, *wanted), len(given))

    @door
    def relevant(self, *names: str) -> "FiniteNetwork":
        """The network without what no named variable comes from: the same answers about these, and less work.

        Raises:
            WrongObject: there is no such variable.
        """
        boxes = self.wiring.needed(self.wiring.positions(names))
        return finite_network(tuple(self.kernels[i] for i in boxes), self.wiring.part(boxes), self.category)

    @property
    def tables(self) -> tuple[Any, ...]:
        """The tables of the kernels: one axis a variable, inputs first."""
        return tuple(f.table for f in self.kernels)

    @functools.cached_property
    def _numbers(self) -> Any:
        """The entries of all tables, laid end to end; None where there are many, or they are traced or exact."""
        if self.category.entries.exact or self.plan.products > FEW or not is_concrete(self.tables):
            return None
        with jax.ensure_compile_time_eval():
            return jnp.concatenate([table.reshape(-1) for table in self.tables])

    def _weights(self, evidence: Evidence) -> Any:
        self.wiring.check_closed()
        if evidence is None or isinstance(evidence, Mapping):
            return self.findings(evidence)
        n = self.plan.slices[-1].stop
        if np.shape(evidence) != (n,):
            raise WrongObject(
                f"findings of {self!r} are {n} weights, but an array of shape {np.shape(evidence)} was given.\n"
                "Make them with findings(...); over a batch of them, use jax.vmap(network.posterior)."
            )
        return evidence

    def __repr__(self) -> str:
        return f"network of {len(self.kernels)} kernels in {self.category}: {', '.join(self.names)}"


@final
class NetworkPosterior(Data, Verdict):
    """The laws of the variables of a network given what was seen.

    Attributes:
        network: the network.
        weights: what was seen, as its `findings`.
        table: the probabilities of all values of all variables, laid end to end; all zero if what was seen could not be.
        log_evidence: the logarithm of the probability of what was seen; ``-inf`` if it could not be.
        ok: whether it could.
    """

    network: FiniteNetwork
    weights: Any
    table: Any
    log_evidence: Any
    ok: Any

    def mistake(self) -> Exception:
        return ImpossibleEvidence(f"what was seen has probability zero in the {self.network!r}.")

    @door
    def state(self, name: str) -> Kernel:
        """The law of one variable.

        Raises:
            WrongObject: there is no such variable.
            ImpossibleEvidence: what was seen could not be. Inside ``jit``, look at `ok`.
        """
        net = self.require().network
        v = net.wiring.position(name)
        return Kernel(unit, net.wiring.ob([v]), self.table[net.plan.slices[v]], net.category)

    @door
    def joint(self, *names: str) -> Kernel:
        """The law of several variables together.

        Raises:
            WrongObject: there is no such variable, or one is named twice.
            ImpossibleEvidence: what was seen could not be. Inside ``jit``, look at `ok`.
        """
        net = self.require().network
        at = net.wiring.positions(names)
        if len(set(at)) < len(at):
            raise WrongObject(f"a variable is named twice in {names}: name each once, and copy its wire afterwards.")
        k = net.category.entries
        p = plan(net.plan.sizes, _scopes(net.wiring), at)
        table = joint(p, k, at, net.tables, self.weights)
        if k == Real and is_concrete(table) and not table.any():
            table = jnp.exp(joint(p, Log, at, *_logarithms(net.tables, self.weights)))
        return Kernel(unit, net.wiring.ob(at), table, net.category)

    @door
    def jeffrey(self, name: str, rho: Kernel) -> Any:
        """The findings after Jeffrey's update to a state of one variable: what is known of the others, given it, stays.

        The new posterior of the variable is `rho`. Updates of this kind do not commute.

        Raises:
            WrongObject: there is no such variable, or `rho` is no state of it.
            ImpossibleEvidence: `rho` gives something to a value that is impossible. Inside ``jit`` the findings are impossible then.

        Example:
            >>> from catlearn import Fin, kernel, unit
            >>> from catlearn.infer import network
            >>> coin = Fin(2)
            >>> two = network(
            ...     {"a": kernel(unit, coin, [0.5, 0.5]), "b": kernel(coin, coin, [[0.75, 0.25], [0.25, 0.75]])},
            ...     {"b": ["a"]},
            ... )
            >>> findings = two.posterior().jeffrey("b", kernel(unit, coin, [0.25, 0.75]))
            >>> print(two.posterior(findings).state("a").table)
            [0.375 0.625]
        """
        now, net = self.state(name), self.network
        if (rho.dom, rho.cod) != (now.dom, now.cod):
            raise WrongObject(f"Jeffrey's update of {name!r} takes a state of {now.cod}, but {rho} was given.")
        k, part = net.category.entries, net.plan.slices[net.wiring.position(name)]
        possible = (now.table != k.zero) | (rho.table == k.zero)
        if is_concrete(possible) and not possible.all():
            raise ImpossibleEvidence(f"{rho} gives something to a value of {name!r} that is impossible.")
        xp = namespace(possible)
        ratio = k.multiply(self.weights[part], k.divide(rho.table, now.table))
        return xp.concatenate(
            [self.weights[: part.start], xp.where(possible.all(), ratio, k.zero), self.weights[part.stop :]]
        )


def finite_network(kernels: tuple[Kernel, ...], wiring: Wiring, category: FinStochCategory) -> FiniteNetwork:
    """The network of some kernels with a wiring."""
    return FiniteNetwork(kernels, wiring, category, plan(shape(wiring.wires), _scopes(wiring)))


def _scopes(wiring: Wiring) -> tuple[Scope, ...]:
    return tuple(ins + outs for ins, outs in zip(wiring.ins, wiring.outs, strict=True))


def _logarithms(tables: tuple[Any, ...], weights: Any) -> tuple[Any, Any]:
    return tuple(map(Log.of, tables)), Log.of(weights)
