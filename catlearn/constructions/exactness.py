r"""Equality of Bayesian lenses, and exactness, at given priors.

Definition:
    Two lenses are *almost surely equal* at a prior `π` when their channels are equal there, and their ways back are equal almost surely
    with respect to what is predicted, ``π ; c``. A lens is *exact* there when its way back is a Bayesian inverse of its channel.

Raw equality of ways back asks about observations that cannot be made, where an inverse is arbitrary.

References:
    Smithe (2212.12538), Definition 4.3.13 and Corollary 4.3.15.
"""

from typing import Any

from ..theory import door
from ..theory.errors import NotParallel, WrongCategory
from .bayes import BayesLens


@door
def lens_as_equal(f: BayesLens, g: BayesLens, /, *priors: Any, tol: float | None = None) -> bool:
    """Whether two lenses are almost surely equal at each of the priors.

    Raises:
        NotParallel: the lenses have different ends.
        WrongObject: a prior is no state of the domain.

    Example:
        >>> from catlearn import Bayes, Fin, FinStoch, kernel, unit
        >>> c = kernel(Fin(2), Fin(2), [[0.75, 0.25], [0.25, 0.75]])
        >>> d = kernel(Fin(2), Fin(2), [[1.0, 0.0], [0.5, 0.5]])
        >>> B, prior = Bayes(FinStoch), kernel(unit, Fin(2), [0.25, 0.75])
        >>> lens_as_equal(B(c) >> B(d), B(c >> d), prior)
        True
    """
    if (f.dom, f.cod) != (g.dom, g.cod):
        raise NotParallel(f, g, f.category, "compare")
    C: Any = f.base
    for prior in priors:
        predicted = C.then(prior, f.channel)
        if not C.as_equal(prior, f.channel, g.channel, tol=tol):
            return False
        if not _as_equal(C, predicted, f.at(prior), g.at(prior), tol):
            return False
    return True


def _as_equal(C: Any, predicted: Any, back: Any, other: Any, tol: float | None) -> bool:
    """Almost-sure equality where the ways back start at what is predicted; equality, where they start elsewhere."""
    if predicted.cod == back.dom:
        return C.as_equal(predicted, back, other, tol=tol)
    return C.close(back, other, tol=tol)


@door
def is_exact(f: BayesLens, /, *priors: Any, tol: float | None = None) -> bool:
    """Whether the way back of a lens ``(X, X) → (Y, Y)`` is a Bayesian inverse of its channel at each of the priors.

    It is tested by its definition, ``π ; ⟨id, c⟩ = (π ; c) ; ⟨c', id⟩``, and so knows nothing of fillers.

    Raises:
        WrongCategory: what comes back is of another type than what goes forward.
        WrongObject: a prior is no state of the domain.
    """
    if f.dom.fwd != f.dom.bwd or f.cod.fwd != f.cod.bwd:
        raise WrongCategory(f"only a lens (X, X) -> (Y, Y) can be exact, but got {f}.")
    C, c = f.base, f.channel
    for prior in priors:
        ahead = C.then(prior, C.pair(C.id(f.dom.fwd), c))
        back = C.then(prior, c, C.pair(f.at(prior), C.id(f.cod.fwd)))
        if not C.close(ahead, back, tol=tol):
            return False
    return True
