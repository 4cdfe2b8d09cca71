r"""Interpret: a traced program in any category that gives its primitives a meaning.

Definition:
    `Programs` is free, so a meaning of each box determines a functor to any category with its operations,

    .. math:: \mathtt{interpret}(-, C) : \mathtt{Programs} \to C,

    identities to identities, composites to composites, wires to wires. Write a program once, as a function, and choose the meaning
    last: values in `Smooth`, derivatives in `D(k)`, enclosures in `Intervals`, costs in `Counting`, itself in `Programs`.

A meaning is looked for in the arrows that the caller gives, then in the category's own method ``primitive``, then among the registered
ones.

References:
    Elliott, *Compiling to categories* (2017).
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ..categories.smooth import SmoothCategory
from ..constructions import free
from ..constructions.free import FreeSymmetric, Term
from ..constructions.gad import D
from ..constructions.graph import Box
from ..theory import door
from ..theory.errors import MissingPrimitive
from .evaluate import evaluation
from .operation import Constant, Operation

type Meaning = Callable[[Any, Box], Any]

# Registered meanings, by class of category and kind of box. They are filled while modules are imported, as the rules of JAX are.
_meanings: dict[tuple[type, str], Meaning] = {}


def register(category: type, *kinds: str) -> Callable[[Meaning], Meaning]:
    """Register the meaning of primitives in the categories of a class.

    Args:
        category: the class of categories.
        *kinds: names of primitives, or other kinds of boxes, see `kind_of`; none means each box that this class gives no meaning of
            its own, whatever the classes above it do.

    Example:
        How often is the cosine taken? The category has natural numbers for arrows; the primitives have no meaning yet.

        >>> import jax.numpy as jnp
        >>> from catlearn import R, trace
        >>> from catlearn.front.counting import CountingCategory, Work
        >>> class Calls(CountingCategory):
        ...     pass
        >>> @register(Calls)
        ... def nothing(category, box):
        ...     return Work(box.dom, box.cod, category, ())
        >>> @register(Calls, "cos")
        ... def one(category, box):
        ...     return Work(box.dom, box.cod, category, (("cos", 1.0),))
        >>> interpret(trace(lambda x: jnp.cos(jnp.cos(x) + 1), R()), Calls()).total
        2.0
    """

    def remember(meaning: Meaning) -> Meaning:
        for kind in kinds or ("",):
            _meanings[category, kind] = meaning
        return meaning

    return remember


def supported(category: Any) -> tuple[str, ...]:
    """The kinds of boxes for which a category has registered meanings, in alphabetical order."""
    classes = type(category).__mro__
    return tuple(sorted({kind for owner, kind in _meanings if kind and owner in classes}))


def kind_of(box: Box) -> str:
    """What a box is: the name of a primitive, ``"constant"``, or ``"pack"`` and ``"unpack"`` for the ends of a program."""
    return "constant" if isinstance(box.data, Constant) else box.name


@door
def interpret(term: Term, category: Any, arrows: Mapping[str, Any] | Callable[[Box], Any] | None = None) -> Any:
    """The arrow that a traced program is in a category.

    Args:
        term: the program, from `trace`.
        category: where to interpret it.
        arrows: meanings that go before those of the category: an arrow for the name of a primitive, or a function of a box that
            returns an arrow, or None to pass.

    Raises:
        MissingPrimitive: a box has no meaning there; the message says where in the code it comes from, and how to give it one.

    Example:
        >>> import jax.numpy as jnp
        >>> from catlearn import R, Smooth, trace
        >>> from catlearn.front import Counting, Intervals
        >>> program = trace(lambda x: x * x + 1.0, R())
        >>> print(interpret(program, Smooth)(3.0))
        10.0
        >>> print(interpret(program, Counting))
        Work : R() -> R(), add 1, mul 1
    """
    return free.interpret(term, category, arrows=functools.partial(meaning_of, category, arrows))


def meaning_of(category: Any, arrows: Any, box: Box) -> Any:
    """The arrow that one box is in a category.

    Raises:
        MissingPrimitive: it has no meaning there.
    """
    given = arrows(box) if callable(arrows) else (arrows or {}).get(box.name)
    if given is not None:
        return given
    own = getattr(category, "primitive", None)
    found = own(box) if own is not None else None
    if found is not None:
        return found
    kinds = (kind_of(box), "")
    classes = type(category).__mro__
    meaning = next((_meanings[c, k] for c in classes for k in kinds if (c, k) in _meanings), None)
    if meaning is None:
        place = box.data.place if isinstance(box.data, Operation) else "the ends of the program"
        raise MissingPrimitive(kind_of(box), category, place)
    return meaning(category, box)


@register(SmoothCategory)
def _in_smooth(category: SmoothCategory, box: Box) -> Any:
    return evaluation(box)


@register(D)
def _with_derivative(category: D, box: Box) -> Any:
    return category.of(evaluation(box))


@register(FreeSymmetric)
def _in_terms(category: FreeSymmetric, box: Box) -> Term:
    return category.generator(box.name, box.dom, box.cod, box.data)
