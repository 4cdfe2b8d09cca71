r"""What is asked of a chain: filtering, smoothing, evidence, forecasts, paths; and which form computes it.

Definition:
    With hidden states ``x_k`` and observations ``y_k`` of a chain, `filtered` is the law of each ``x_k`` given ``y_0, ..., y_k``, `smoothed` that given
    all of them, `log_evidence` the log-density of all of them, `forecast` the law of the states after the last observation, `paths` draws of all
    states together, and `most_likely` the path where their joint density is greatest.

A `Form` is a way to compute the composite. By associativity the answers are the same, up to rounding; the costs are not. ``form="auto"``
takes the one that was fastest where it was measured: see `choose`.

References:
    Särkkä, García-Fernández (1905.13002), for the parallel forms.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax

from ..categories.gauss import GaussianMap
from ..theory import door
from ..theory.errors import WrongCategory, WrongValue
from .chain import Chain, Form, Observations, Posterior, observations, parted, unseen
from .gauss_blocks import Blocks
from .gauss_chain import Covariance
from .gauss_paths import gauss_mode, gauss_paths
from .gauss_root import Root
from .hmm import FiniteBlocks, Logarithms, Scaled
from .hmm_paths import finite_mode, finite_paths
from .shrinking import shrinks

FORMS: dict[str, dict[str, Form]] = {
    "Gauss": {"covariance": Covariance(), "root": Root(), "blocks": Blocks()},
    "FinStoch": {"scaled": Scaled(), "log": Logarithms(), "blocks": FiniteBlocks()},
    "LogFinStoch": {"log": Scaled()},
}
"""The forms of the chains of each category, by name."""

PATHS: dict[str, Callable[[Chain, Observations, Any, int], Any]] = {
    "Gauss": gauss_paths,
    "FinStoch": finite_paths,
    "LogFinStoch": finite_paths,
}
"""How paths are drawn in each category."""

MODES: dict[str, Callable[[Chain, Observations], Any]] = {
    "Gauss": gauss_mode,
    "FinStoch": finite_mode,
    "LogFinStoch": finite_mode,
}
"""How the most likely path is found in each category."""


@door
def filtered(c: Chain, ys: Any, seen: Any = None, form: str | Form = "auto") -> Any:
    """The law of each hidden state given the observations up to its step.

    Args:
        c: the chain.
        ys: the observations, of each wire of the observed object an array with a leading axis of `T` steps; bare if there is one wire.
        seen: which were observed, ``(T,)`` or, of a Euclidean object, ``(T, m)``, one truth value a coordinate; all, if left out.
        form: how it is computed: the name of a form of the category, a form, or "auto".

    Returns:
        A `Posterior`; what it holds besides depends on the category, as in `GaussPosterior` and `FinitePosterior`.

    Raises:
        WrongCategory: the category of the chain has no forms, or the form needs another prior.
        BatchMismatch: there are more or fewer observations than steps.
        WrongValue: an observation is not of its object, or there is no form of that name.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> level, noisy = gaussian(R(), R(), [[1.0]], covariance=2.0), gaussian(R(), R(), [[1.0]], covariance=2.0)
        >>> c = infer.chain(gaussian(unit, R(), covariance=2.0), level, noisy, 2)
        >>> post = infer.filtered(c, [2.0, 6.0])
        >>> print(post.mean[:, 0].round(6), post.ok)
        [1. 4.] True
    """
    return _filtered(chosen(c, form), c, observations(c, ys, seen))


@door
def smoothed(c: Chain, ys: Any, seen: Any = None, form: str | Form = "auto") -> Any:
    """The law of each hidden state given all observations; arguments and errors as of `filtered`.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> still = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=1.0), still, gaussian(R(), R(), [[1.0]], covariance=1.0), 3)
        >>> print(infer.smoothed(c, [4.0, 0.0, 4.0]).mean[:, 0])
        [2. 2. 2.]
    """
    return _smoothed(chosen(c, form), c, observations(c, ys, seen))


@door
def log_evidence(c: Chain, ys: Any, seen: Any = None, form: str | Form = "auto") -> Any:
    """The logarithm of the density, or of the probability, of the observations; ``-inf`` if they could not be. Arguments and errors as of `filtered`.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> still = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=1.0), still, still, 2)
        >>> print(infer.log_evidence(c, [0.0, 0.0]).round(4), infer.log_evidence(c, [0.0, 1.0]))
        -0.9189 -inf
    """
    return _log_evidence(chosen(c, form), c, observations(c, ys, seen))


@door
def forecast(c: Chain, ys: Any, steps: int, seen: Any = None, form: str | Form = "auto") -> Any:
    """The law of each of the `steps` hidden states that follow the last observation.

    Args:
        c: the chain; a stacked one has ``T + steps`` steps, of which the first `T` are observed.
        ys: the observations of `T` steps.
        steps: how many to look ahead.
        seen: as of `filtered`.
        form: as of `filtered`.

    Raises:
        WrongShape: a stacked chain does not reach as far.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> level, exact = gaussian(R(), R(), [[1.0]], covariance=2.0), gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=2.0), level, exact, 2)
        >>> ahead = infer.forecast(c, [2.0, 6.0], 3)
        >>> print(ahead.mean[:, 0], ahead.covariance[:, 0, 0])
        [6. 6. 6.] [2. 4. 6.]
    """
    past, future = parted(c, len(ys[0] if isinstance(ys, tuple) else ys), steps)
    last = filtered(past, ys, seen, form).state(past.length - 1)
    after = future(last)
    return _filtered(chosen(c, form), after, unseen(after))


@door
def paths(c: Chain, ys: Any, seen: Any = None, *, key: Any, n: int) -> Any:
    """Draws of the whole path of hidden states given the observations.

    Args:
        c: the chain.
        ys: as of `filtered`.
        seen: as of `filtered`.
        key: a random key.
        n: how many paths.

    Returns:
        Values of the hidden object with two leading axes, ``(n, T, ...)``.

    Example:
        >>> import jax
        >>> from catlearn import R, gaussian, infer, unit
        >>> still = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=1.0), still, still, 2)
        >>> print(infer.paths(c, [4.0, 4.0], key=jax.random.key(0), n=3))
        [[4. 4.]
         [4. 4.]
         [4. 4.]]
    """
    return _paths(_of(PATHS, c), n, c, observations(c, ys, seen), key)


@door
def most_likely(c: Chain, ys: Any, seen: Any = None) -> Any:
    """The path of hidden states whose joint density with the observations is greatest.

    Of normal states it is the path of the smoothed means. Arguments and errors as of `filtered`.

    Returns:
        Values of the hidden object with a leading axis of `T` steps.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> still = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=1.0), still, gaussian(R(), R(), [[1.0]], covariance=1.0), 3)
        >>> print(infer.most_likely(c, [4.0, 0.0, 4.0]))
        [2. 2. 2.]
    """
    return _most_likely(_of(MODES, c), c, observations(c, ys, seen))


def _of[A](table: dict[str, A], c: Chain) -> A:
    name = str(c.category)
    if name not in table:
        raise WrongCategory(f"chains are computed in {' and '.join(table)}, but {c!r} is in {name}.")
    return table[name]


def chosen(c: Chain, form: str | Form) -> Form:
    """The form that a name stands for, in the category of a chain."""
    if isinstance(form, Form):
        return form
    forms = _of(FORMS, c)
    name = choose(c) if form == "auto" else form
    if name not in forms:
        raise WrongValue(c.category, "form", f"one of {', '.join([*forms, 'auto'])}", repr(form))
    return forms[name]


_LONG = 1000
"""The length from which a chain is run in blocks on an accelerator."""


def choose(c: Chain) -> str:
    """The name of the form that "auto" takes.

    Of Gaussian maps:

    - "root", if the prior knows nothing of some direction; or if the arrays are known, and the first reading shrinks a variance so much that the square
      of the factor, times the rounding, is more than a hundredth: by 7e6 in float64, by 300 in float32. Exact readings always do, and readings of
      which a combination is exact.
    - "blocks" on an accelerator, from a thousand steps.
    - "covariance" else: on a processor, with four hidden coordinates and 10,000 steps, it was 8 times as fast as "blocks", and over a hundred times as
      fast as "root". No accelerator was measured.

    Of finite kernels: "scaled", or "blocks" on an accelerator from a thousand steps; "log" for tables of logarithms.
    """
    name = str(c.category)
    accelerated = jax.default_backend() != "cpu" and c.length >= _LONG
    if name == "LogFinStoch":
        return "log"
    if name == "FinStoch":
        return "blocks" if accelerated else "scaled"
    if not isinstance(c.prior, GaussianMap) or shrinks(c):
        return "root"
    return "blocks" if accelerated else "covariance"


@functools.partial(jax.jit, static_argnums=0)
def _filtered(form: Form, c: Chain, seen: Observations) -> Posterior:
    return form.filtered(c, seen)


@functools.partial(jax.jit, static_argnums=0)
def _smoothed(form: Form, c: Chain, seen: Observations) -> Posterior:
    return form.smoothed(c, seen)


@functools.partial(jax.jit, static_argnums=0)
def _log_evidence(form: Form, c: Chain, seen: Observations) -> Any:
    return form.filtered(c, seen).log_evidence


@functools.partial(jax.jit, static_argnums=(0, 1))
def _paths(draw: Callable[..., Any], n: int, c: Chain, seen: Observations, key: Any) -> Any:
    return draw(c, seen, key, n)


@functools.partial(jax.jit, static_argnums=0)
def _most_likely(mode: Callable[..., Any], c: Chain, seen: Observations) -> Any:
    return mode(c, seen)
