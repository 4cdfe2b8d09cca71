r"""Bracketing: the cheapest order in which to multiply out a chain of derivatives.

Definition:
    A chain of n maps has spaces of sizes ``d₀, ..., dₙ`` and, for each map, what it costs to push one direction through its derivative,
    and to pull one covector back. The matrix of the stretch from `i` to `j` is had in one of three ways: push the columns of
    a stretch one map on, pull the rows of a stretch one map back, or multiply the matrices of two stretches,

    .. math:: M_{ij} = \min \Bigl( M_{i,j-1} + d_i\,\mathrm{push}_j, \quad M_{i+1,j} + d_j\,\mathrm{pull}_{i+1}, \quad
        \min_m \; M_{im} + M_{mj} + 2\, d_i d_m d_j \Bigr), \qquad M_{ii} = 0.

Where a map multiplies each coordinate by a number, the identity becomes a diagonal at no cost: there ``M_{i,i+1} = 0``.

All pushes is forward mode, all pulls is reverse mode; the least over all bracketings is found by dynamic programming, as for products of
matrices. A map is pushed and pulled through as it is: what is elementwise, diagonal or sparse is never multiplied out.

References:
    Griewank and Walther, *Evaluating derivatives* (2008), on the accumulation of Jacobians along chains.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Identity:
    """The identity matrix of a space: where pushes and pulls begin."""

    at: int


@dataclasses.dataclass(frozen=True)
class Push:
    """The columns of a matrix, pushed through the maps ``start, ..., stop − 1``."""

    matrix: "Plan"
    start: int
    stop: int


@dataclasses.dataclass(frozen=True)
class Pull:
    """The rows of a matrix, pulled back through the maps ``stop − 1, ..., start``."""

    matrix: "Plan"
    start: int
    stop: int


@dataclasses.dataclass(frozen=True)
class Multiply:
    """The product of the matrices of two stretches, the first one first."""

    first: "Plan"
    then: "Plan"


type Plan = Identity | Push | Pull | Multiply


@dataclasses.dataclass(frozen=True)
class Price:
    """What one direction costs through the derivative of a map, forwards and backwards, and whether it is a diagonal."""

    push: float
    pull: float
    diagonal: bool = False


def forward(n: int) -> Plan:
    """Push everything: forward mode."""
    return Push(Identity(0), 0, n) if n else Identity(0)


def reverse(n: int) -> Plan:
    """Pull everything: reverse mode."""
    return Pull(Identity(n), 0, n) if n else Identity(0)


def cheapest(sizes: Sequence[int], prices: Sequence[Price]) -> Plan:
    """The plan of least cost for a chain with the given sizes, one more than there are maps.

    Example:
        >>> print(cheapest([1, 5], [Price(10.0, 10.0)]))
        Push(matrix=Identity(at=0), start=0, stop=1)
        >>> print(cheapest([5, 1], [Price(10.0, 10.0)]))
        Pull(matrix=Identity(at=1), start=0, stop=1)
    """
    best = _table(sizes, prices)
    return _read(best, 0, len(prices))


def cost(plan: Plan, sizes: Sequence[int], prices: Sequence[Price]) -> float:
    """What a plan costs.

    Example:
        >>> cost(forward(2), [4, 3, 2], [Price(24.0, 24.0), Price(12.0, 12.0)])
        144.0
    """
    return _cost(plan, sizes, prices)[0]


def pushed(plan: Plan) -> frozenset[int]:
    """The maps that directions are pushed through; covectors are pulled through the others."""
    match plan:
        case Push(matrix=matrix, start=start, stop=stop):
            return pushed(matrix) | frozenset(range(start, stop))
        case Pull(matrix=matrix):
            return pushed(matrix)
        case Multiply(first=first, then=then):
            return pushed(first) | pushed(then)
    return frozenset()


def _cost(plan: Plan, sizes: Sequence[int], prices: Sequence[Price]) -> tuple[float, int, int]:
    """The cost of a plan, and the spaces where its stretch begins and ends."""
    match plan:
        case Push(matrix=matrix, start=start, stop=stop):
            spent, i, _ = _cost(matrix, sizes, prices)
            paid = start + _is_free(matrix, prices[start])
            return spent + sizes[i] * sum(p.push for p in prices[paid:stop]), i, stop
        case Pull(matrix=matrix, start=start, stop=stop):
            spent, _, j = _cost(matrix, sizes, prices)
            paid = stop - _is_free(matrix, prices[stop - 1])
            return spent + sizes[j] * sum(p.pull for p in prices[start:paid]), start, j
        case Multiply(first=first, then=then):
            (one, i, m), (other, _, j) = _cost(first, sizes, prices), _cost(then, sizes, prices)
            return one + other + 2 * sizes[i] * sizes[m] * sizes[j], i, j
        case Identity(at=at):
            return 0.0, at, at


def _is_free(matrix: Plan, price: Price) -> bool:
    """Whether a map that is next to a matrix makes a diagonal of an identity."""
    return isinstance(matrix, Identity) and price.diagonal


def _table(sizes: Sequence[int], prices: Sequence[Price]) -> dict[tuple[int, int], tuple[float, Any]]:
    """For each stretch its least cost, and how it is had: by a push, a pull, or a cut."""
    n = len(prices)
    best: dict[tuple[int, int], tuple[float, Any]] = {(i, i): (0.0, None) for i in range(n + 1)}
    for length in range(1, n + 1):
        for i in range(n + 1 - length):
            j = i + length
            ways: list[tuple[float, Any]] = [
                (best[i, j - 1][0] + sizes[i] * prices[j - 1].push, "push"),
                (best[i + 1, j][0] + sizes[j] * prices[i].pull, "pull"),
            ]
            ways += [(best[i, m][0] + best[m, j][0] + 2 * sizes[i] * sizes[m] * sizes[j], m) for m in range(i + 1, j)]
            best[i, j] = (0.0, "push") if length == 1 and prices[i].diagonal else min(ways, key=lambda way: way[0])
    return best


def _read(best: dict[tuple[int, int], tuple[float, Any]], i: int, j: int) -> Plan:
    """The plan of a stretch; pushes in a row are one push, pulls in a row one pull."""
    way = best[i, j][1]
    if way is None:
        return Identity(i)
    if isinstance(way, int):
        return Multiply(_read(best, i, way), _read(best, way, j))
    start, stop = i, j
    while best[start, stop][1] == way and start < stop:
        start, stop = (start, stop - 1) if way == "push" else (start + 1, stop)
    matrix = _read(best, start, stop)
    return Push(matrix, stop, j) if way == "push" else Pull(matrix, i, start)
