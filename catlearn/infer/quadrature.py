"""Rules of integration: nodes and weights for a normal law, and for objects with a base measure.

Definition:
    A rule is a list of nodes and of weights, with ``∫ f dμ ≈ Σ w_k f(x_k)``. The rule of Gauss and Hermite is for the standard normal law, that of
    Gauss and Legendre for Lebesgue measure on an interval; with n nodes both are exact for polynomials of degree below 2n. On a finite set the
    rule is the sum.

Weights are given by their logarithms, and nodes in more dimensions are products.
"""

import functools
import itertools
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..objects import Ob
from ..objects.wires import Euclidean, Finite
from ..theory.errors import WrongObject

Values = tuple[Any, ...]


def hermite(n: int, order: int) -> tuple[Any, Any]:
    """Nodes of the rule of Gauss and Hermite for the standard normal law in `n` dimensions, and the logarithms of the weights.

    Shapes:
        nodes: ``(order ** n, n)``.
    """
    x, w = np.polynomial.hermite_e.hermegauss(order)
    nodes = np.array(list(itertools.product(x, repeat=n))).reshape(order**n, n)
    weights = np.array(list(itertools.product(np.log(w / w.sum()), repeat=n))).reshape(order**n, n).sum(axis=1)
    return jnp.asarray(nodes, dtype=float), jnp.asarray(weights, dtype=float)


def on_grid(x: Ob, order: int, box: tuple[float, float] | None) -> tuple[Values, Any]:
    """Nodes in an object, and the logarithms of their weights: all elements of finite wires, a rule on the box for each real coordinate.

    Raises:
        WrongObject: there is a Euclidean wire and no box, or a wire of another kind.
    """
    columns, weights, where = [], [], []
    for wire in x.wires:
        match wire:
            case Finite(n=n, shape=()):
                columns.append(np.arange(n))
                weights.append(np.zeros(n))
                where.append((wire, 1))
            case Euclidean(shape=shape) if box is not None:
                nodes, w = np.polynomial.legendre.leggauss(order)
                low, high = box
                number = int(np.prod(shape))
                columns += [low + (high - low) * (nodes + 1) / 2] * number
                weights += [np.log(w * (high - low) / 2)] * number
                where.append((wire, number))
            case _:
                raise WrongObject(
                    f"there is no rule to integrate over the wire {wire}: use CondLikelihood(box=(low, high)) for lines, and scalar wires Fin(n)."
                )
    grid = (
        np.stack(np.meshgrid(*columns, indexing="ij"), axis=-1).reshape(-1, len(columns))
        if columns
        else np.zeros((1, 0))
    )
    total = functools.reduce(np.add.outer, weights, np.zeros(())).reshape(-1)
    values, i = [], 0
    for wire, number in where:
        part = grid[:, i : i + number].reshape(-1, *wire.shape)
        values.append(jnp.asarray(part, dtype=wire.aval().dtype))
        i += number
    return tuple(values), jnp.asarray(total, dtype=float)
