"""Laws as values.

Definition:
    A *law* is a function of a draw that returns its two sides; its docstring is the equation. It speaks
    only of ``draw.category`` and of what it draws, so that one law serves every category that has its operations,
    and every way of reading them: it is run by `check`, listed by `suite`, and drawn with formal arrows.
"""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, overload

from ..theory import Category
from .draw import Draw, Draws
from .status import Status

Sides = tuple[Any, Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Law:
    """An equation between arrows.

    Attributes:
        name: what it is called.
        equation: the equation, in one line.
        needs: the theory class that states it.
        operations: the theory class whose operations it uses. A category that has them without being of the class that
            states the law is tested if its draws declare a status.
        given: what draws must supply besides arrows, for instance ``"functor"``.
        up_to_cell: whether the two sides agree only along an explicit 2-cell.
        compiled: whether its sides hold loops, which are evaluated faster when compiled as a whole.
        sides: the function of a draw.
    """

    name: str
    equation: str
    needs: type[Category]
    operations: type[Category]
    given: tuple[str, ...]
    up_to_cell: bool
    compiled: bool
    sides: Callable[[Draw], Any]

    def __post_init__(self):
        object.__setattr__(self, "__doc__", inspect.getdoc(self.sides))

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__

    def pairs(self, draw: Draw) -> list[Sides]:
        """The two sides of each equation of the law; a 2-cell is applied to the left one."""
        found = self.sides(draw)
        found = list(found) if inspect.isgenerator(found) else [found]
        return [_along(draw, *sides) for sides in found]

    def missing(self, draws: Draws) -> str | None:
        """Why the law does not apply to the draws, or None if it does."""
        lacking = [name for name in self.given if name not in draws.given]
        level = self.operations if self.name in draws.declared else self.needs
        if not issubclass(draws.theory, level):
            return f"it needs a {self.needs.__name__} category"
        if draws.declared.get(self.name) is Status.NOT_APPLICABLE:
            return "an operation it speaks of is refused there"
        if not self.given and not draws.own_laws:
            return f"these draws are for the laws of {' and '.join(draws.given)}"
        return f"it needs draws with {' and '.join(lacking)}" if lacking else None


def _along(draw: Draw, lhs: Any, rhs: Any, cell: Any = None) -> Sides:
    return (lhs if cell is None else draw.words.reparametrise(lhs, cell)), rhs


@overload
def law(sides: Callable[[Draw], Any], /) -> Law: ...
@overload
def law(
    *,
    needs: type[Category] = ...,
    operations: type[Category] | None = ...,
    given: tuple[str, ...] = ...,
    up_to_cell: bool = ...,
    compiled: bool = ...,
) -> Callable[..., Law]: ...
def law(
    sides: Any = None,
    /,
    *,
    needs: Any = Category,
    operations: Any = None,
    given: Any = (),
    up_to_cell: Any = False,
    compiled: Any = False,
) -> Any:
    """Make a law of a function of a draw; its docstring is the equation.

    The function returns its two sides, or ``(lhs, rhs, cell)`` where they agree along an invertible 2-cell, or
    yields several such pairs.

    Example:
        >>> @law
        ... def associativity(draw):
        ...     "(f ; g) ; h  =  f ; (g ; h)"
        ...     f, g, h = draw.path(3)
        ...     return (f >> g) >> h, f >> (g >> h)
        >>> print(associativity, "says", associativity.equation)
        associativity says (f ; g) ; h  =  f ; (g ; h)
    """

    def make(sides: Callable[[Draw], Any]) -> Law:
        equation = (inspect.getdoc(sides) or "").split("\n\n")[0].replace("\n", " ")
        return Law(sides.__name__, equation, needs, operations or needs, given, up_to_cell, compiled, sides)

    return make if sides is None else make(sides)


def collect(module: dict[str, Any]) -> tuple[Law, ...]:
    """The laws that stand in a module, in order, each once."""
    return tuple(dict.fromkeys(value for value in module.values() if isinstance(value, Law)))
