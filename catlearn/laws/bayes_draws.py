"""Draws for Bayesian lenses.

Definition:
    A lens is drawn as a channel with a way back of one of three kinds: one that does not look at the prior, one that is given a draw from it,
    and one that is the Bayesian inverse of a channel at it, translated. It shows itself by its way back at a drawn prior, as the table or the
    matrix, mean and covariance of that, and by its channel.

The reference composes by the definition: a way back is a function of the prior, and composites are functions that call functions.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
from hypothesis import strategies as st

from ..categories import Gauss, GaussianMap, Kernel
from ..constructions import Bayes, BayesLens, Pair, Stat, approximate
from ..constructions.bayes import BayesCategory, marginals, sampled_back
from ..objects import Ob, R, unit
from ..theory import Arrow, Data, Symmetric
from .draw import Draws, Reading, Tape
from .finite_draws import finstoch_q, fractions
from .make import PLAIN, REFERENCE, SEALED, of
from .numbers import array, dimension, often
from .status import Status


class Translated(Data):
    """The Bayesian inverse of a channel at the prior, between two arrows."""

    before: Any
    channel: Any
    after: Any

    def __call__(self, prior: Any) -> Any:
        return self.before >> self.channel.category.bayes_inverse(self.channel, prior) >> self.after


class LiteralLens(Arrow):
    """A channel, and a function of the prior."""

    dom: Pair = eqx.field(static=True)
    cod: Pair = eqx.field(static=True)
    base: Any = eqx.field(static=True)
    channel: Any
    at: Callable[[Any], Any] = eqx.field(static=True)

    @property
    def category(self) -> "LiteralBayes":
        return LiteralBayes(self.base)

    @property
    def literal_at(self) -> Callable[[Any], Any]:
        """The way back; here there is one way to have it."""
        return self.at


@dataclasses.dataclass(frozen=True)
class LiteralBayes(Symmetric):
    """Bayesian lenses by the definition."""

    base: Any

    @property
    def unit(self) -> Pair:
        return Pair(self.base.unit, self.base.unit)

    def id(self, x: Pair, /) -> LiteralLens:
        return LiteralLens(x, x, self.base, self.base.id(x.fwd), lambda prior: self.base.id(x.bwd))

    def _then(self, f: LiteralLens, g: LiteralLens, /) -> LiteralLens:
        back = lambda prior: g.at(prior >> f.channel) >> f.at(prior)
        return LiteralLens(f.dom, g.cod, self.base, f.channel >> g.channel, back)

    def _tensor(self, f: LiteralLens, g: LiteralLens, /) -> LiteralLens:
        def back(joint: Any) -> Any:
            p, q = marginals(self.base, joint, len(f.dom.fwd))
            return f.at(p) @ g.at(q)

        return LiteralLens(f.dom @ g.dom, f.cod @ g.cod, self.base, f.channel @ g.channel, back)

    def swap(self, x: Pair, y: Pair, /) -> LiteralLens:
        back = self.base.swap(y.bwd, x.bwd)
        return LiteralLens(x @ y, y @ x, self.base, self.base.swap(x.fwd, y.fwd), lambda prior: back)

    def carry(self, f: BayesLens) -> LiteralLens:
        """A drawn lens, by its definition."""
        return LiteralLens(f.dom, f.cod, f.base, f.channel, f.at)


def numbers(f: Any) -> Any:
    """The numbers of a channel, such that equal channels have equal ones."""
    match f:
        case Kernel():
            return (f.table,)
        case GaussianMap():
            return (f.matrix, f.mean, f.covariance)


@dataclasses.dataclass(frozen=True)
class AtState:
    """What a lens shows of itself at a state of its domain: a `View` whose values are found one by one, since fractions do not compile."""

    name: str
    arrow: Any
    look: Callable[[Any], Any]

    def at(self, xs: tuple[Any, ...], compiled: bool) -> Any:
        """The numbers at a state."""
        return numbers(self.look(xs[0]))


def shown(f: Any) -> tuple[Any, ...]:
    """How a lens shows itself: its channel, and its way back."""
    return AtState("channel", f.channel, lambda prior: f.channel), AtState("way back", f.channel, f.at)


def bayes(base: Draws, arrow: Any, *, declared: Mapping[str, Status], given: Mapping[str, Any]) -> Draws:
    """Draws of the Bayesian lenses over a category with conditionals.

    Args:
        base: draws of the category.
        arrow: a function of a domain and a codomain to a strategy of arrows of it.
        declared: the statuses of laws that differ from what the base says.
        given: what else laws may ask for.
    """
    category = Bayes(base.category)

    def build(tape: Tape, dom: Pair, cod: Pair) -> BayesLens:
        draw = lambda x, y: tape.choose(arrow(x, y))
        X, A, Y, B = dom.fwd, dom.bwd, cod.fwd, cod.bwd
        c = draw(X, Y)
        match tape.choose(st.integers(0, 2)):
            case 0:
                return approximate(c, draw(B, A))
            case 1:
                return sampled_back(c, draw(X @ B, A))
            case _:
                told = Translated(draw(B, Y), draw(X, Y), draw(X, A))
                return approximate(c, Stat(category.base, X).arrow(B, A, told))

    plain, literal = base.readings[0], LiteralBayes(base.category)
    return dataclasses.replace(
        base,
        name=str(category),
        category=category,
        theory=BayesCategory,
        build=build,
        scenes=tuple(tuple(Pair(x, y) for x, y in zip(s, s[1:] + s[:1], strict=True)) for s in base.scenes),
        views=shown,
        points=lambda x: arrow(unit, x).map(lambda state: (state,)),
        exact=BayesCategory if not base.rounding else object,
        readings=(
            Reading(PLAIN, category, lambda f: f, base=plain, flat=True),
            Reading(SEALED, category, category.seal, base=plain, flat=True),
            Reading(REFERENCE, literal, literal.carry, base=plain, reference=True),
        ),
        declared=dict(declared),
        base=base,
        given=dict(given),
    )


def _gaussian_map(dom: Ob, cod: Ob) -> st.SearchStrategy[GaussianMap]:
    """A Gaussian map, whose noise may be singular."""
    n, m = dimension(dom), dimension(cod)
    parts = st.tuples(array(m, n), array(m), often(m, m))
    return parts.map(lambda parts: GaussianMap(dom, cod, *parts))


# One object, the line: what is confused between objects shows over fractions, and each shape of these is several programs.
_gauss = of(Gauss, objects=(R(),), arrow=_gaussian_map, scenes=((R(),),), rounding=1e-7, given={"wires": True})

_NO_LAWS_OF_INFERENCE: dict[str, Status] = dict.fromkeys(
    ("bayes_inversion_identity", "bayes_inversion_tensor", "bayes_put_get", "bayes_put_put"), Status.FAILS
)

bayes_finstoch = bayes(
    finstoch_q,
    fractions,
    declared={**_NO_LAWS_OF_INFERENCE, "bayes_inversion_strict": Status.FAILS},
    given={"fillers": True, "finite supports": True},
)
"""Bayesian lenses of finite channels, over fractions."""

bayes_gauss = bayes(_gauss, _gaussian_map, declared=_NO_LAWS_OF_INFERENCE, given={})
"""Bayesian lenses of Gaussian maps, whose pseudoinverses compose off the support too."""

BAYES = (bayes_finstoch, bayes_gauss)
"""Those that are part of the report."""
