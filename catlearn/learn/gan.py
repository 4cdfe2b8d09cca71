r"""Generative adversarial networks: two players on one value, tied along a copy.

Definition:
    Of a generator ``(P, g) : Z → X`` and a discriminator ``(Q, d) : X → R`` the value of the game is the parametric arrow

    .. math:: V(p, q)(z, x) = d(q, x) - d(q, g(p, z)),

    which is ``(g ⊗ X) ; (d ⊗ d) ; {-}`` over ``P ⊗ Q ⊗ Q``, reparametrised along the copy of `Q`. A step is its reverse, capped with
    +1 and reparametrised along the tensor of a descending optimiser on `P` and an ascending one on `Q`,

    .. math:: p_{+} = p - \alpha\, \partial_p V, \qquad q_{+} = q + \beta\, \partial_q V.

The two copies of the discriminator are one lens each; that their requests are added is the reverse derivative of copying.

References:
    Named as future work in Cruttwell et al. (2103.01931); the construction here is our own reading of it. Goodfellow et al.
    (1406.2661) for the game, Arjovsky et al. (1701.07875) for the value as a difference.
"""

from typing import Any

import equinox as eqx
import jax

from ..categories import Smooth, SmoothMap, smooth
from ..constructions import Para, ParaMap, named, para, reparametrise
from ..constructions.initialise import FreshKey
from ..objects import Key, R, unit
from ..theory import Data, door
from ..theory.errors import WrongObject
from .layer import layer, sizes
from .optimise import Optimiser, Values, ascent, beside
from .step import LearningStep, supervised_step


def _difference(fake: Any, real: Any) -> Any:
    return real - fake


def _log_likelihood(fake: Any, real: Any) -> Any:
    return jax.nn.log_sigmoid(real) + jax.nn.log_sigmoid(-fake)


difference = smooth(_difference, R() @ R(), R())
"""``(f, r) ↦ r - f``, the value of the game with a critic."""

log_likelihood = smooth(_log_likelihood, R() @ R(), R())
"""``(f, r) ↦ log σ(r) + log (1 - σ(f))``, the value of the game with a discriminator that gives log-odds."""


@door
def game(generator: ParaMap, discriminator: ParaMap, *, score: SmoothMap = difference) -> ParaMap:
    """The value of the game, a parametric arrow ``Z ⊗ X → R`` over ``P ⊗ Q``.

    Args:
        generator: ``(P, g) : Z → X``.
        discriminator: ``(Q, d) : X → R``.
        score: ``R ⊗ R → R``, of what the discriminator says of the generated and of the real; `difference` by default.

    Raises:
        WrongObject: the discriminator does not start where the generator ends, or does not end at the line.

    Example:
        >>> from catlearn import R, para, smooth
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()), labels=["weight"])
        >>> V = game(scale, scale)
        >>> print(V, V.labels, V((2.0, 3.0), 1.0, 5.0))
        ParaMap(R() @ R()) : R() @ R() -> R() ('generator.weight', 'discriminator.weight') 9.0
    """
    g, d = named("generator", generator), named("discriminator", discriminator)
    if d.dom != g.cod or d.cod != R():
        raise WrongObject(f"a discriminator is an arrow {g.cod} -> {R()}, but got {d}; the generator is {g}")
    C, n, m = Para(Smooth), len(g.parameter), len(d.parameter)
    apart = C.then(C.tensor(g, C.id(d.dom)), C.tensor(d, d), C.lift(score))
    P, Q = tuple(range(n)), tuple(range(n, n + m))
    copy = Smooth.pick(g.parameter @ d.parameter, P + Q + Q)
    return reparametrise(apart, copy, labels=g.names + d.names, init=g.initialisers + d.initialisers)


@door
def players(generator: ParaMap, descending: Optimiser, ascending: Optimiser) -> Optimiser:
    """The optimiser of the game: one goes down on the parameters of the generator, the other up on the rest.

    As a lens it is the tensor of the two, up to the swap that brings their states together.
    """
    return beside(len(generator.parameter.tangent), descending, ascent(ascending))


def payoff() -> ParaMap:
    """The loss that is the prediction itself, without a label: what `fit` and `supervised_step` take for a game.

    Example:
        >>> print(payoff())
        ParaMap(unit) : R() -> R()
    """
    return para(unit, Smooth.id(R()))


@door
def gan_step(
    generator: ParaMap,
    discriminator: ParaMap,
    descending: Optimiser,
    ascending: Optimiser,
    *,
    score: SmoothMap = difference,
    batch: int | None = None,
) -> LearningStep:
    """The step of the game: its state is ``S ⊗ P ⊗ Q`` and its data are ``Z ⊗ X``.

    Args:
        generator: ``(P, g) : Z → X``.
        discriminator: ``(Q, d) : X → R``.
        descending: the optimiser of the generator.
        ascending: the optimiser of the discriminator, as one would use it to descend.
        score: see `game`.
        batch: with a number n, the mean value over n examples.

    Example:
        >>> from catlearn import R, para, smooth
        >>> from catlearn.learn import gradient_update
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()))
        >>> step = gan_step(scale, scale, gradient_update(0.25), gradient_update(0.5))
        >>> print(*step.put(2.0, 4.0, 1.0, 5.0))  # V = q x - q p z, at p = 2, q = 4, z = 1, x = 5
        3.0 5.5
    """
    V = game(generator, discriminator, score=score)
    return supervised_step(V, payoff(), players(generator, descending, ascending), batch=batch)


class Normal(Data):
    """A standard normal array drawn from a key."""

    shape: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, xs: Values) -> Values:
        return (jax.random.normal(xs[0], self.shape),)


@door
def latent(*shape: int) -> ParaMap:
    """``(Key, z ~ N(0, 1)) : unit → R(*shape)``: the noise that a generator begins with.

    As with dropout the key is a parameter, so `fit` draws afresh at every step and for every example.

    Example:
        >>> print(latent(2))
        ParaMap(Key) : unit -> R(2)
    """
    sizes("latent", shape=shape)
    return layer(Normal(shape), unit, R(*shape), ("latent.key", Key, FreshKey()))
