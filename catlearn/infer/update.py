r"""Changing one's mind: conditioning, and the update rules of Pearl and Jeffrey.

Definition:
    A *predicate* on `X` is an arrow ``q : X → Truth``; its *validity* in a state ω is the probability that it comes out true, and a state
    *conditioned* on it is the Bayesian inverse, at what is true:

    .. math:: \omega \models q = \sum_x \omega(x)\, q(x), \qquad \omega|_q (x) = \frac{\omega(x)\, q(x)}{\omega \models q}.

    Let ``c : X → Y`` be a channel. *Pearl* updates ω by a predicate on `Y`, pulled back to ``c ; q``. *Jeffrey* updates it by a state ρ of `Y`,
    pushed through the inverse: ``ρ ; c†``.

Pearl asks how likely the evidence was, and never lowers its validity; the order of two pieces of evidence does not matter. Jeffrey makes the
prediction closer to what was seen, and its divergence from it never grows; order matters. On a point they agree.

References:
    Jacobs, *The mathematics of changing one's mind, via Jeffrey's or via Pearl's update rule* (1807.05609); Jacobs, Stein (2309.07053).
"""

from typing import Any, Literal, overload

from ..categories import FinStoch, kernel
from ..categories.finstoch import FinStochCategory, Kernel
from ..objects import Fin, Ob, is_concrete
from ..objects.semiring import namespace
from ..theory import door
from ..theory.errors import ImpossibleEvidence, WrongObject

Truth = Fin(2, labels=["false", "true"])
"""The set of truth values: where predicates end."""


@door
def predicate(x: Ob, values: Any, /, *, over: FinStochCategory = FinStoch) -> Kernel:
    """The predicate on `x` that is true with the given probabilities.

    Args:
        x: finite wires.
        values: a number from zero to one for each element, one axis a wire.
        over: the category, with floats or fractions for numbers.

    Raises:
        WrongShape: the values do not fit the object.
        NotStochastic: a value is below zero or above one.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> ill = Fin(2, labels=["ill", "well"])
        >>> likely = predicate(ill, [0.75, 0.25])
        >>> print(validity(kernel(unit, ill, [0.5, 0.5]), likely))
        0.5
    """
    array = over.entries.array(values)
    return kernel(x, Truth, namespace(array).stack([1 - array, array], axis=-1), over=over)


@door
def both(q: Any, r: Any, /) -> Any:
    """The conjunction of two predicates: true when both are, drawn independently, ``(q r)(x) = q(x) r(x)``.

    Raises:
        NotParallel: they are on different objects.
    """
    C = q.category
    return C.then(C.pair(q, r), C.deterministic(Truth @ Truth, Truth, lambda a, b: a * b))


@door
def validity(p: Any, q: Any, /) -> Any:
    """The probability that a predicate is true, for each input of `p`; for a state a number.

    Raises:
        NotComposable: the predicate is on another object.
        WrongObject: it is none.
    """
    if q.cod != Truth:
        raise WrongObject(
            f"a predicate ends at Truth, which is Fin(2), but {q} ends at {q.cod}: make one with predicate(X, values)."
        )
    return (p >> q).table[..., 1]


@overload
def condition(p: Any, q: Any, /, *, check: Literal["raise"] = ...) -> Any: ...
@overload
def condition(p: Any, q: Any, /, *, check: Literal["flag"]) -> tuple[Any, Any]: ...
@door
def condition(p: Any, q: Any, /, *, check: Any = "raise") -> Any:
    """The state conditioned on a predicate, ``p|q``: the inverse of `q` at `p`, where `q` is true.

    Args:
        p: a state.
        q: a predicate on the same object.
        check: "raise" refuses a predicate that cannot be true, unless numbers are traced; "flag" returns ``(state, ok)`` instead, and the
            state is uniform where `ok` is false.

    Raises:
        ImpossibleEvidence: the validity of `q` is zero.
        WrongObject: `p` is no state, or `q` no predicate.
        NotComposable: the predicate is on another object.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> ill = Fin(2, labels=["ill", "well"])
        >>> print(condition(kernel(unit, ill, [0.5, 0.5]), predicate(ill, [0.75, 0.25])).table)
        [0.75 0.25]
    """
    C = p.category
    if p.dom != C.unit:
        raise WrongObject(f"only a state is conditioned, but {p} starts at {p.dom}: give it inputs first.")
    ok = validity(p, q) != C.entries.zero
    there = C.bayes_inverse(q, p)("true")
    return _checked(there, ok, check, f"the predicate {q} has validity zero in {p}: it can never be true.")


@overload
def pearl(p: Any, c: Any, q: Any, /, *, check: Literal["raise"] = ...) -> Any: ...
@overload
def pearl(p: Any, c: Any, q: Any, /, *, check: Literal["flag"]) -> tuple[Any, Any]: ...
@door
def pearl(p: Any, c: Any, q: Any, /, *, check: Any = "raise") -> Any:
    """Pearl's update of a state along a channel, by a predicate on its output: ``p | (c ; q)``.

    Args:
        p: a state.
        c: a channel out of its object.
        q: a predicate on the output of the channel.
        check: as for `condition`.

    Raises:
        ImpossibleEvidence: the evidence has validity zero.
        NotComposable: state, channel and predicate do not meet.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> ill, result = Fin(2, labels=["ill", "well"]), Fin(2, labels=["+", "-"])
        >>> test = kernel(ill, result, [[0.75, 0.25], [0.25, 0.75]])
        >>> print(pearl(kernel(unit, ill, [0.25, 0.75]), test, predicate(result, [1.0, 0.0])).table)
        [0.5 0.5]
    """
    return condition(p, c >> q, check=check)


@overload
def jeffrey(p: Any, c: Any, rho: Any, /, *, check: Literal["raise"] = ...) -> Any: ...
@overload
def jeffrey(p: Any, c: Any, rho: Any, /, *, check: Literal["flag"]) -> tuple[Any, Any]: ...
@door
def jeffrey(p: Any, c: Any, rho: Any, /, *, check: Any = "raise") -> Any:
    """Jeffrey's update of a state along a channel, by a state of its output: ``rho ; c†``.

    Args:
        p: a state.
        c: a channel out of its object.
        rho: a state of the output of the channel: what was seen there, on balance.
        check: "raise" refuses a `rho` that gives something to what the prediction ``p ; c`` gives nothing to, unless numbers are traced;
            "flag" returns ``(state, ok)``.

    Raises:
        ImpossibleEvidence: `rho` is not absolutely continuous with respect to the prediction.
        NotComposable: state, channel and evidence do not meet.

    Example:
        >>> from catlearn import Fin, kernel, unit
        >>> ill, result = Fin(2, labels=["ill", "well"]), Fin(2, labels=["+", "-"])
        >>> test = kernel(ill, result, [[0.75, 0.25], [0.25, 0.75]])
        >>> print(jeffrey(kernel(unit, ill, [0.5, 0.5]), test, kernel(unit, result, [0.5, 0.5])).table)
        [0.5 0.5]
    """
    C = p.category
    prediction, there = p >> c, rho >> C.bayes_inverse(c, p)
    ok = (C.supported(prediction) | ~C.supported(rho)).all()
    return _checked(there, ok, check, f"the evidence {rho} is possible where the prediction {prediction} is not.")


def _checked(state: Any, ok: Any, check: Any, why: str) -> Any:
    if check == "flag":
        return state, ok
    if is_concrete(ok) and not ok:
        raise ImpossibleEvidence(why)
    return state
