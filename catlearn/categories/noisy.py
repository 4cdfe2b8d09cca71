r"""Affine maps with something added: what `Gauss` and `ExtGauss` have in common.

Definition:
    An arrow is ``x ↦ M x + s`` plus what does not depend on `x`: noise, and in `ExtGauss` a subspace. The structure maps read coordinates
    and add nothing. A state *moves* along a subspace `V`, and its support is the affine space ``s + V``, with the orthogonal projection onto it.

References:
    Fritz (1908.07021), section 6; Stein, Staton (2101.11351), for supports.
"""

import abc
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..kernels import norms, rows_of
from ..kernels.gaussian import within
from ..objects import Ob, R, is_concrete, unit
from ..objects.compare import default_tolerance as rounding
from ..objects.euclidean import flatten, places, reading, width
from ..theory import Conditionals, Support, door
from ..theory.errors import NoFiller, NotConcrete, WrongObject


class NoisyCategory(Conditionals):
    """Euclidean spaces, and affine maps with something added."""

    @abc.abstractmethod
    def _affine(self, x: Ob, y: Ob, matrix: Any, mean: Any, /) -> Any:
        """The map ``matrix x + mean``, with nothing added."""

    @abc.abstractmethod
    def _regression(self, f: Any, ends: tuple[Ob, Ob], given: Any, wanted: Any, /) -> Any:
        """The conditional of `f` on the coordinates that are wanted, given others."""

    @abc.abstractmethod
    def _moves(self, p: Any, /) -> Any:
        """Columns that span the directions in which a state moves."""

    @abc.abstractmethod
    def difference(self, f: Any, g: Any, /) -> float:
        """How far two parallel maps are apart, in any units."""

    @property
    def unit(self) -> Ob:
        return unit

    def _reading(self, x: Ob, y: Ob, positions: Any) -> Any:
        matrix = reading(width(x), positions)
        return self._affine(x, y, matrix, np.zeros(len(matrix), matrix.dtype))

    @door
    def id(self, x: Ob, /) -> Any:
        return self._reading(x, x, np.arange(width(x)))

    @door
    def swap(self, x: Ob, y: Ob, /) -> Any:
        return self._reading(x @ y, y @ x, np.roll(np.arange(width(x @ y)), -width(x)))

    @door
    def copy(self, x: Ob, /) -> Any:
        return self._reading(x, x @ x, np.tile(np.arange(width(x)), 2))

    @door
    def discard(self, x: Ob, /) -> Any:
        return self._reading(x, unit, [])

    @door
    def pick(self, x: Ob, wires: tuple[int, ...], /) -> Any:
        at, y = places(x), Ob(tuple(x.wires[i] for i in wires))
        return self._reading(x, y, np.concatenate([np.zeros(0, int), *(at[i] for i in wires)]))

    def _conditional(self, f: Any, n: int, otherwise: Any, /) -> Any:
        """The conditional; off the support of the first wires it projects onto it, and takes no other arrow there.

        Raises:
            NoFiller: `otherwise` is given.
        """
        if otherwise is not None:
            raise NoFiller(self, otherwise)
        x, at = f.cod[:n], np.arange(width(f.cod))
        return self._regression(f, (x @ f.dom, f.cod[n:]), at[: width(x)], at[width(x) :])

    def _state(self, p: Any) -> None:
        self._own(p)
        if p.dom != unit:
            raise WrongObject(f"{p} is not a state: it starts at {p.dom}. Give it its inputs first: p(x).")

    @door
    def support(self, p: Any, /) -> Support:
        """The affine support: the mean and all that a state moves to, as a Euclidean space, with the orthogonal projection onto it.

        Raises:
            WrongObject: `p` is not a state.
            NotConcrete: its numbers are traced: the dimension depends on them.

        Example:
            >>> from catlearn import Gauss, gaussian
            >>> line = Gauss.support(gaussian(unit, R(2), factor=[[3.0], [4.0]]))
            >>> print(line.ob, jnp.abs(line.inclusion.matrix.T))
            R(1) [[0.6 0.8]]
        """
        self._state(p)
        if not is_concrete(p):
            raise NotConcrete("the dimension of a support", "Ask in_support, which has a fixed shape, or leave jit.")
        moves = self._moves(p)
        rows = rows_of(moves, norms(moves), None)
        basis = jnp.linalg.qr((rows.unit[:, None] * rows.parts.left)[:, : int(rows.parts.rank)])[0]
        x = R(basis.shape[1])
        back = self._affine(p.cod, x, basis.T, -basis.T @ p.mean)
        return Support(x, self._affine(x, p.cod, basis, p.mean), back)

    @door
    def in_support(self, p: Any, /, *values: Any, tol: float | None = None) -> Any:
        """Whether a point is in the affine support of a state.

        Raises:
            WrongObject: `p` is not a state.
            WrongValue: a value is not an element of its wire.

        Example:
            >>> from catlearn import Gauss, gaussian
            >>> line = gaussian(unit, R(2), factor=[[3.0], [4.0]])
            >>> print(Gauss.in_support(line, [6.0, 8.0]), Gauss.in_support(line, [8.0, 6.0]))
            True False
        """
        self._state(p)
        x = flatten(p.cod, p.cod.elements(values))
        return within(self._moves(p), (x - p.mean)[:, None], (jnp.abs(x) + jnp.abs(p.mean))[:, None], tol)

    def _absolutely_continuous(self, p: Any, q: Any, tol: float | None, /) -> bool:
        along = self._moves(p)
        moves = jnp.concatenate([(p.mean - q.mean)[:, None], along], axis=1)
        sizes = jnp.concatenate([(jnp.abs(p.mean) + jnp.abs(q.mean))[:, None], jnp.abs(along)], axis=1)
        return bool(within(self._moves(q), moves, sizes, tol))

    def _as_equal(self, p: Any, f: Any, g: Any, tol: float | None, /) -> bool:
        return self._close(self._joint(p, f), self._joint(p, g), tol)

    def _close(self, f: Any, g: Any, tol: float | None, /) -> bool:
        return self.difference(f, g) <= (rounding() if tol is None else tol)
