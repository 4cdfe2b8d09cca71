r"""Learning a Gaussian chain by expectation and maximisation.

Definition:
    One round of EM takes the smoothed law of the hidden path under the present chain, and then the chain under which the expected logarithm of the
    joint density is greatest. The evidence never falls. With the smoothed means `m_k`, covariances `V_k` and cross-covariances `C_k` of a chain
    ``x' = F x + u + N(0, Q)``, ``y = H x + d + N(0, R)``, the expected squares of what is left over are

    .. math:: Q = \frac{1}{T-1} \sum_k r_k r_k' + V_{k+1} - F C_k - (F C_k)' + F V_k F', \qquad r_k = m_{k+1} - F m_k - u,

    and likewise `R`. A coordinate that was not seen is filled in by its law given what was seen.

Entries that are zero stay so, since a direction without noise has nothing left over. It is slow near the optimum and safe far from it; learning by
gradient, `fit_chain`, is the other way round.

References:
    Dempster, Laird, Rubin (1977); Shumway, Stoffer (1982).
"""

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from ..categories.gauss import GaussianMap
from ..kernels import factorise
from ..objects import unit
from ..theory import door
from ..theory.errors import WrongCategory, WrongValue
from .chain import Chain, Form, Observations, is_stacked, observations
from .em import Learned, climb
from .forms import chosen
from .gauss_chain import GaussPosterior, covariances

LEARNED = ("prior", "transition.matrix", "transition.noise", "emission.matrix", "emission.noise")
"""What can be learned of a chain."""


@door
def em_gauss(
    c: Chain,
    ys: Any,
    seen: Any = None,
    *,
    learned: Iterable[str] = ("transition.noise", "emission.noise"),
    diagonal: bool = True,
    rounds: int = 100,
    form: str | Form = "auto",
) -> Learned:
    """Rounds of EM on a chain in `Gauss`, from the given chain on.

    Args:
        c: the chain to begin with. What is learned of it is one for all steps, not stacked.
        ys: the observations, as of `smoothed`.
        seen: which were observed.
        learned: some of "prior", "transition.matrix", "transition.noise", "emission.matrix", "emission.noise"; all else stays.
        diagonal: whether the noise that is learned is independent from coordinate to coordinate.
        rounds: how many rounds.
        form: how smoothing is computed; one that has the covariances of each state with the next.

    Raises:
        WrongCategory: the chain is not in `Gauss`, or its prior is improper.
        WrongValue: `learned` has another name, or one of a part that is stacked.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> still = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R()), still, gaussian(R(), R(), [[1.0]], covariance=1.0), 2)
        >>> print(infer.em_gauss(c, [1.0, 3.0], learned=["emission.noise"], rounds=1).chain.emission.covariance)
        [[5.]]
    """
    learned = tuple(learned)
    if not (isinstance(c.prior, GaussianMap) and isinstance(c.transition, GaussianMap)):
        raise WrongCategory(
            f"EM is for chains in Gauss with a proper prior, but {c!r} has a prior in {c.prior.category}."
        )
    for name in learned:
        _check(c, name)
    return _em(chosen(c, form), learned, diagonal, rounds, _squared(c, learned), observations(c, ys, seen))


def _check(c: Chain, name: str) -> None:
    if name not in LEARNED:
        raise WrongValue(c.category, "learned", f"some of {', '.join(LEARNED)}", repr(name))
    part, _, field = name.partition(".")
    if field and getattr(is_stacked(getattr(c, part)), {"matrix": "matrix", "noise": "factor"}[field]):
        cure = "EM learns what is one for all steps. Learn by gradient what changes."
        raise WrongValue(c.category, "learned", "a part that is not stacked", repr(name), cure)


def _squared(c: Chain, learned: tuple[str, ...]) -> Chain:
    """The chain with square factors where these are learned, so that rounds do not change shapes."""
    square = lambda f: GaussianMap(f.dom, f.cod, f.matrix, f.mean, factorise(covariances(f.factor)).factor)
    keep = lambda part, name: square(part) if name in learned else part
    return Chain(
        keep(c.prior, "prior"),
        keep(c.transition, "transition.noise"),
        keep(c.emission, "emission.noise"),
        c.length,
    )


@functools.partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _em(form: Form, learned: tuple[str, ...], diagonal: bool, rounds: int, c: Chain, seen: Observations) -> Learned:
    def step(c: Chain) -> tuple[Chain, Any]:
        post: Any = form.smoothed(c, seen)
        return improved(c, seen, post, learned, diagonal), post.log_evidence

    return climb(step, c, rounds)


def improved(c: Chain, seen: Observations, post: GaussPosterior, learned: tuple[str, ...], diagonal: bool) -> Chain:
    """The chain under which the expected logarithm of the joint density is greatest, in what is learned of it."""
    prior = GaussianMap(unit, c.hidden, c.prior.matrix, post.mean[0], factorise(post.covariance[0]).factor)
    move, read = moves(c, post), reads(c, seen, post)
    return Chain(
        prior if "prior" in learned else c.prior,
        _maximised(c.transition, move, "transition", learned, diagonal),
        _maximised(c.emission, read, "emission", learned, diagonal),
        c.length,
    )


class Squares(NamedTuple):
    """Expected products of what goes in `x` and what is left over `e`, summed over the steps, and the number of these."""

    xx: Any
    ex: Any
    ee: Any
    n: int


def moves(c: Chain, post: GaussPosterior) -> Squares:
    """Of the moves, with what is left over of them under the present chain."""
    t, m, v, cross = c.transition, post.mean, post.covariance, post.cross[:-1]
    f = jnp.broadcast_to(t.matrix, (c.length - 1, *t.matrix.shape[-2:]))
    r = m[1:] - jnp.einsum("kij,kj->ki", f, m[:-1]) - jnp.broadcast_to(t.mean, m[1:].shape)
    fv, fc = f @ v[:-1], f @ cross
    ex = jnp.swapaxes(cross, 1, 2) - fv
    ee = v[1:] - fc - jnp.swapaxes(fc, 1, 2) + fv @ jnp.swapaxes(f, 1, 2)
    return Squares(_sum(v[:-1], m[:-1], m[:-1]), _sum(ex, r, m[:-1]), _sum(ee, r, r), c.length - 1)


def reads(c: Chain, seen: Observations, post: GaussPosterior) -> Squares:
    """Of the readings: what was not seen of the error has its law given what was."""
    e, m, v = c.emission, post.mean, post.covariance
    size = len(e.cod) and e.matrix.shape[-2]
    h = jnp.broadcast_to(e.matrix, (c.length, *e.matrix.shape[-2:]))
    noise = jnp.broadcast_to(covariances(e.factor), (c.length, size, size))
    kept = seen.seen.astype(noise.dtype)
    both = kept[:, :, None] * kept[:, None, :]
    fill = noise * kept[:, None, :] @ jnp.linalg.pinv(noise * both, hermitian=True)
    on = jax.vmap(jnp.diag)(kept)
    fill = on + (jnp.eye(size)[None] - on) @ fill
    r = kept * (seen.values - jnp.einsum("kij,kj->ki", h, m) - jnp.broadcast_to(e.mean, seen.values.shape))
    h = kept[:, :, None] * h
    hv = h @ v
    left = noise - fill @ (kept[:, :, None] * noise)
    r, ex = jnp.einsum("kij,kj->ki", fill, r), -fill @ hv
    ee = fill @ hv @ jnp.swapaxes(h, 1, 2) @ jnp.swapaxes(fill, 1, 2) + left
    return Squares(_sum(v, m, m), _sum(ex, r, m), _sum(ee, r, r), c.length)


def _sum(covariance: Any, a: Any, b: Any) -> Any:
    return jnp.sum(covariance, axis=0) + jnp.einsum("ki,kj->ij", a, b)


def _maximised(f: GaussianMap, s: Squares, part: str, learned: tuple[str, ...], diagonal: bool) -> GaussianMap:
    """The map with the matrix and the noise that are learned of it."""
    matrix, factor, ee = f.matrix, f.factor, s.ee
    if f"{part}.matrix" in learned:
        more = s.ex @ jnp.linalg.pinv(s.xx, hermitian=True)
        matrix, ee = matrix + more, ee - more @ s.ex.T
    if f"{part}.noise" in learned:
        ee = ee / s.n
        factor = _root(jnp.diagonal(ee)) if diagonal else factorise(0.5 * (ee + ee.T)).factor
    return GaussianMap(f.dom, f.cod, matrix, f.mean, factor)


def _root(variances: Any) -> Any:
    return jnp.diag(jnp.sqrt(jnp.maximum(variances, 0)))
