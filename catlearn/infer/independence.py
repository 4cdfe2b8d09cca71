r"""Conditional independence, and sufficient statistics.

Definition:
    A state `p` displays ``X ⊥ Y | W`` when it is drawn by drawing `W`, and from that `X` and `Y` each on its own,

    .. math:: p = p_W \,;\, \langle k_X, \mathrm{id}, k_Y \rangle, \qquad k_X = p_{W X}|_W, \quad k_Y = p_{W Y}|_W.

    A deterministic statistic ``s : X → V`` is *sufficient* for a model ``p : Θ → X`` when one arrow ``α : V → X`` redraws the data from the
    statistic, whatever the parameter is: ``p ; ⟨id, s⟩ = p ; s ; ⟨α, id⟩``.

What is left of the data, once the statistic is known, says nothing more about the parameter. By the factorisation theorem it is enough that
``p ; s ; α = p`` and ``α ; s = id`` almost surely.

References:
    Fritz (1908.07021), sections 12 and 14; Cho, Jacobs (1709.00322), section 6.
"""

from typing import Any

from ..theory import door
from ..theory.errors import WrongObject


@door
def factorised(p: Any, xs: tuple[int, ...], ys: tuple[int, ...], /, *, given: tuple[int, ...] = ()) -> Any:
    """The state of the wires `xs`, `given`, `ys` in which the first are independent of the last: ``p_W ; ⟨k_X, id, k_Y⟩``.

    Args:
        p: a state of a category with conditionals.
        xs: positions of wires.
        ys: positions of wires.
        given: positions of the wires that are known.

    Raises:
        WrongObject: `p` is no state, or a wire is named twice.
    """
    C = p.category
    if p.dom != C.unit:
        raise WrongObject(f"independence is that of a state, but {p} starts at {p.dom}: give it inputs first.")
    if len({*xs, *ys, *given}) < len(xs) + len(ys) + len(given):
        raise WrongObject(f"independence is of different wires, but {xs}, {ys} and {given} have some in common.")
    known = C.marginal(p, given)
    x, y = (C.conditional(C.marginal(p, (*given, *wires)), len(given)) for wires in (xs, ys))
    return C.then(known, C.pair(C.pair(x, C.id(known.cod)), y))


@door
def independent(
    p: Any, xs: tuple[int, ...], ys: tuple[int, ...], /, *, given: tuple[int, ...] = (), tol: float | None = None
) -> bool:
    """Whether a state displays the independence of some wires from others, given some more.

    Args:
        p: a state of a category with conditionals.
        xs: positions of wires.
        ys: positions of wires.
        given: positions of the wires that are known.
        tol: the tolerance of equality; None for the category's own.

    Raises:
        WrongObject: `p` is no state, or a wire is named twice.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel, unit
        >>> coin = kernel(unit, Fin(2), [0.5, 0.5])
        >>> noise = kernel(Fin(2), Fin(2), [[0.75, 0.25], [0.25, 0.75]])
        >>> thrice = coin >> FinStoch.pair(FinStoch.pair(noise, FinStoch.id(Fin(2))), noise)
        >>> print(independent(thrice, (0,), (2,), given=(1,)), independent(thrice, (0,), (2,)))
        True False
    """
    return p.category.close(p.category.marginal(p, (*xs, *given, *ys)), factorised(p, xs, ys, given=given), tol=tol)


@door
def redraw(model: Any, s: Any, prior: Any, /) -> Any:
    """The arrow ``α : V → X`` that redraws data from a statistic: the inverse of `s` at the data that `prior` predicts.

    If any arrow redraws the data for all parameters, then this one does, for a prior that gives something to all of them.

    Args:
        model: an arrow ``Θ → X``.
        s: a deterministic arrow ``X → V``.
        prior: a state of `Θ`.

    Raises:
        NotComposable: prior, model and statistic do not meet.
    """
    C = model.category
    return C.bayes_inverse(s, C.then(prior, model))


@door
def sufficient(model: Any, s: Any, prior: Any, /, *, tol: float | None = None) -> bool:
    """Whether a statistic is sufficient for a model: ``p ; ⟨id, s⟩ = p ; s ; ⟨α, id⟩``.

    Args:
        model: an arrow ``Θ → X``.
        s: a deterministic arrow ``X → V``.
        prior: a state of `Θ` that gives something to all of it, to find `α` with.
        tol: the tolerance of equality; None for the category's own.

    Raises:
        WrongObject: the statistic is not deterministic.
        NotComposable: prior, model and statistic do not meet.

    Example:
        >>> from catlearn import Fin, FinStoch, kernel
        >>> tosses = kernel(Fin(2), Fin(2), [[0.75, 0.25], [0.5, 0.5]])
        >>> twice = FinStoch.pair(tosses, tosses)
        >>> heads = FinStoch.deterministic(Fin(2) @ Fin(2), Fin(3), lambda a, b: a + b)
        >>> first = FinStoch.deterministic(Fin(2) @ Fin(2), Fin(2), lambda a, b: a)
        >>> print(*(sufficient(twice, s, FinStoch.uniform(Fin(2))) for s in (heads, first)))
        True False
    """
    C = model.category
    if not C.is_deterministic(s, tol=tol):
        raise WrongObject(f"a statistic is deterministic, but {s} is not: compose the model with the noise first.")
    alpha = redraw(model, s, prior)
    return C.close(C.joint(model, s), C.then(model, s, C.pair(alpha, C.id(s.cod))), tol=tol)
