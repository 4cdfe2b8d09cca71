r"""The normal form of a Gaussian program: where it succeeds, how it weighs what it is given, and what it returns.

Definition:
    Let a program ``X ⇝ Y`` do ``y = M_y x + s_y + A_y w``, ``k = M_k x + s_k + A_k w`` with ``w ~ N(0, I)``, and observe that k was o. Its *normal
    form* has three parts.

    1. *Hard*: the affine set ``V`` of those x for which ``o - s_k - M_k x`` is in the image of ``A_k``. If it is empty the program is bottom.
    2. *Soft*: on V, the weight :math:`\exp(-\tfrac12 x' \Lambda x + \eta' x)` with :math:`\Lambda = G'G`, :math:`G = A_k^{+} M_k`: what is seen of x,
       in units of the noise that it is seen through.
    3. *Kernel*: on V, what is returned: ``y = M x + s + A w`` with ``w`` cut down to the kernel of ``A_k``.

    Two programs are equal exactly if they have the same three parts. Each is stored in the way that depends on V alone: by the orthogonal
    projector on its directions and its point nearest the origin.

The form decides, so it wants numbers that are known: it is computed in numpy, and not inside ``jit``.

References:
    Derived for catlearn; compared in the tests with runs in random contexts.
"""

import dataclasses
from typing import Any

import numpy as np

from ..objects import is_concrete
from ..theory import door
from ..theory.errors import NotConcrete
from .cond import Obs


@dataclasses.dataclass(frozen=True, eq=False)
class NormalForm:
    """The three parts of a Gaussian program that is not bottom; see the module.

    Attributes:
        directions: the orthogonal projector on the directions of V.
        point: the point of V nearest the origin.
        precision: of the soft weight, along V.
        information: the linear part of the soft weight around `point`, along V.
        matrix: of the kernel, along V.
        mean: what the kernel returns at `point`, on average.
        covariance: of what it returns.
    """

    directions: Any
    point: Any
    precision: Any
    information: Any
    matrix: Any
    mean: Any
    covariance: Any

    @property
    def parts(self) -> tuple[Any, ...]:
        """All parts, in order."""
        return tuple(getattr(self, field.name) for field in dataclasses.fields(self))


@door
def normal_form(f: Obs, /, *, tol: float | None = None) -> NormalForm | None:
    """The normal form of a program over `Gauss`, or None for bottom.

    Args:
        f: the program.
        tol: singular values below this part of the size of their rows are zero; None for a few thousand units in the last place.

    Raises:
        NotConcrete: its numbers are traced.

    Example:
        >>> from catlearn import Cond, Gauss, R, gaussian, unit
        >>> C = Cond(Gauss)
        >>> measure = C.lift(gaussian(R(), R(), [[1.0]], [0.0], [[0.25]])) >> C.observe(gaussian(unit, R(), mean=[2.0]))
        >>> form = normal_form(measure)
        >>> print(form.directions, form.precision, form.information)
        [[1.]] [[4.]] [8.]
    """
    if not is_concrete((f.body, f.seen)):
        raise NotConcrete(f"the normal form of {f}", "Ask outside jit; inside, run the program.")
    body, n = f.body, np.shape(f.body.matrix)[0] - np.shape(f.seen.mean)[0]
    matrix, mean, factor = (np.asarray(part, float) for part in (body.matrix, body.mean, body.factor))
    cut = 4096 * float(np.finfo(np.asarray(body.matrix).dtype).eps) if tol is None else tol
    rows, noise, gap = matrix[n:], factor[n:], np.asarray(f.seen.mean, float) - mean[n:]
    scale = np.sqrt(np.sum(rows**2, axis=1) + np.sum(noise**2, axis=1))
    empty = scale <= cut * np.abs(gap)
    if np.any(empty & (np.abs(gap) > 0)):
        return None
    unit = np.where(scale > 0, scale, 1)[:, None]
    rows, noise, gap = rows / unit, noise / unit, gap / unit[:, 0]
    inverse, image, kernel = _split(noise, cut)
    hard = rows - image @ (image.T @ rows)
    offset = gap - image @ (image.T @ gap)
    solve, seen, free = _split(hard, cut)
    point = solve @ offset
    if np.any(np.abs(offset - seen @ (seen.T @ offset)) > 64 * cut * (1 + np.abs(gap).max(initial=0.0))):
        return None
    whiten, rest = inverse @ rows, gap - rows @ point
    gain = factor[:n] @ inverse
    left = factor[:n] @ kernel
    return NormalForm(
        free @ free.T,
        point,
        free @ free.T @ whiten.T @ whiten @ free @ free.T,
        free @ free.T @ whiten.T @ (inverse @ rest),
        (matrix[:n] - gain @ rows) @ free @ free.T,
        mean[:n] + matrix[:n] @ point + gain @ rest,
        left @ left.T,
    )


def _split(a: Any, cut: float) -> tuple[Any, Any, Any]:
    """The pseudo-inverse, a basis of the image, and one of the kernel, of a matrix with rows of size one at most."""
    u, sigma, vt = np.linalg.svd(a) if a.size else (np.eye(a.shape[0]), np.zeros(0), np.eye(a.shape[1]))
    rank = int(np.sum(sigma > cut))
    return vt[:rank].T @ (u[:, :rank] / sigma[:rank]).T, u[:, :rank], vt[rank:].T


@door
def same_form(p: NormalForm | None, q: NormalForm | None, /, *, tol: float = 1e-8) -> bool:
    """Whether two normal forms are equal, each part up to a tolerance relative to its size; bottom is equal to bottom."""
    if p is None or q is None:
        return p is q
    return all(_close(a, b, tol) for a, b in zip(p.parts, q.parts, strict=True))


def _close(a: Any, b: Any, tol: float) -> bool:
    size = max(1.0, np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    return bool(np.abs(a - b).max(initial=0.0) <= tol * size)
