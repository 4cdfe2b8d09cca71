r"""Learning a chain by gradient: maximum likelihood, as a model that `learn.fit` fits.

Definition:
    A chain that depends on parameters has an evidence that does. Its negative logarithm, a number each observation, is an arrow of ``Para(Smooth)``
    from the series to ``R``; learning it with the loss that is the number itself is maximum likelihood.

Parameters are real numbers without bounds: give variances by their logarithms.

References:
    Durbin, Koopman, *Time series analysis by state space methods* (2012), chapter 7.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from .. import learn
from ..categories import Smooth
from ..constructions import ParaMap, para
from ..objects import R
from ..objects.wires import Finite
from ..theory import Data, door
from .chain import Chain, Form, observations
from .forms import chosen


class Surprise(Data):
    """``(p, y) ↦ -log p(y) / T`` of a chain that depends on parameters."""

    build: Callable[[Any], Chain]
    unravel: Callable[[Any], Any]
    seen: Any
    form: Any

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        parameters, ys = xs
        c = self.build(self.unravel(parameters))
        # A batch is of floats; readings of finite sets are whole numbers again.
        ys = ys.astype(int) if all(isinstance(w, Finite) for w in c.observed.wires) else ys
        found = chosen(c, self.form).filtered(c, observations(c, ys, self.seen))
        return (-jnp.sum(found.increments) / c.length,)


class Fitted(Data):
    """What was learned.

    Attributes:
        parameters: in the structure in which they were given.
        chain: the chain at these.
        log_evidence: of the observations, before each step.
    """

    parameters: Any
    chain: Chain
    log_evidence: Any


@door
def evidence_model(build: Callable[[Any], Chain], parameters: Any, shape: tuple[int, ...], **given: Any) -> ParaMap:
    """The negative log-evidence of a series, for each observation, as a parametric arrow ``R(*shape) → R`` to fit.

    Args:
        build: a function of the parameters to a chain.
        parameters: where to begin: a tree of numbers and arrays; they become one wire.
        shape: of a series, ``(T,)`` or ``(T, m)``.
        **given: `seen`, which were observed, and `form`, how it is computed.

    Example:
        >>> from catlearn import infer
        >>> build = lambda p: infer.as_chain(infer.local_level(1.0, start=(p, 1.0)) >> infer.noisy(1.0), 2, apart=True)
        >>> print(evidence_model(build, 0.0, (2,)))
        ParaMap(R(1)) : R(2) -> R()
    """
    flat, unravel = ravel_pytree(jax.tree.map(lambda a: jnp.asarray(a, float), parameters))
    values, series = R(*flat.shape), R(*shape)
    function = Surprise(build, unravel, given.get("seen"), given.get("form", "auto"))
    arrow = Smooth.arrow(values @ series, R(), function)
    return para(values, arrow, labels=["parameters"], init=[lambda wire, key: flat])


class _Itself(Data):
    """The loss that is the number itself, whatever the label."""

    def __call__(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (xs[1],)


class _Falling(Data):
    """A rate that falls to zero along half a cosine."""

    rate: float = eqx.field(static=True)
    steps: int = eqx.field(static=True)

    def __call__(self, count: Any) -> Any:
        return 0.5 * self.rate * (1 + jnp.cos(jnp.pi * jnp.asarray(count, float) / self.steps))


@door
def fit_chain(
    build: Callable[[Any], Chain],
    ys: Any,
    seen: Any = None,
    *,
    start: Any,
    steps: int = 300,
    rate: float = 0.2,
    form: str | Form = "auto",
) -> Fitted:
    """Maximum likelihood by gradient: Adam at a rate that falls to zero, by `learn.fit`.

    Args:
        build: a function of the parameters to a chain; `as_chain` needs its `apart` given there, since the numbers are traced.
        ys: the observations of the one wire of the observed object, ``(T,)`` or ``(T, m)``.
        seen: which were observed.
        start: the parameters to begin with, a tree of numbers and arrays.
        steps: how many steps are made.
        rate: of the first step.
        form: how the evidence is computed.

    Raises:
        LossNotFinite: the evidence became zero or is no number.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> at = lambda p: gaussian(unit, R(), mean=p, covariance=1.0)
        >>> still = gaussian(R(), R(), [[1.0]])
        >>> noisy = gaussian(R(), R(), [[1.0]], covariance=1.0)
        >>> found = infer.fit_chain(lambda p: infer.chain(at(p), still, noisy, 2), [1.0, 3.0], start=0.0)
        >>> print(found.parameters.round(4))
        2.0
    """
    ys = jnp.asarray(ys, float)
    model = evidence_model(build, start, ys.shape, seen=seen, form=form)
    itself = para(R(), Smooth.arrow(R() @ R(), R(), _Itself()), labels=["label"])
    optimiser = learn.adam(_Falling(rate, steps))
    run = learn.fit(model, itself, optimiser, (ys[None], jnp.zeros(1)), steps=steps, batch=None, key=jax.random.key(0))
    found = ravel_pytree(jax.tree.map(lambda a: jnp.asarray(a, float), start))[1](run.parameters[0])
    return Fitted(found, build(found), -len(ys) * run.history.loss)
