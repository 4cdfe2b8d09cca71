r"""Free: formal arrows, which mean nothing until they are interpreted.

Definition:
    Objects of a free category are words of letters. An arrow is a path of named operations, each beside identities: a generator
    ``f : X → Y``, or a structure map. Two are equal when the laws of the theory make them so, and then all
    interpretations agree:

    .. math:: [\![ f ; g ]\!] = [\![ f ]\!] ; [\![ g ]\!], \qquad [\![ f \otimes g ]\!] = [\![ f ]\!] \otimes [\![ g ]\!].

Equality is decided by the graph of which generator feeds which: crossing and copying are sharing, and what nobody uses
is gone. In the free Markov category each generator is an occurrence of its own, for a coin that is copied is not tossed twice;
in the free cartesian category equal generators with equal inputs are one.

References:
    Fritz and Liang, *Free gs-monoidal categories and free Markov categories* (2022).
"""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import equinox as eqx

from ..theory import Arrow, Cartesian, Data, Markov, door
from ..theory.errors import WrongObject


@dataclasses.dataclass(frozen=True)
class Word:
    """An object of a free category: a tuple of letters.

    Example:
        >>> X, Y = Word("X"), Word("Y")
        >>> print(X @ Y, len(X @ Y), (X @ Y)[1:])
        X @ Y 2 Y
    """

    letters: tuple[str, ...] = ()

    def __init__(self, *letters: str):
        object.__setattr__(self, "letters", letters)

    def __matmul__(self, other: Any) -> "Word":
        """The letters of both, side by side."""
        return Word(*self.letters, *other.letters) if isinstance(other, Word) else NotImplemented

    def __len__(self) -> int:
        """The number of letters."""
        return len(self.letters)

    def __getitem__(self, part: slice) -> "Word":
        """The word of a slice of the letters."""
        return Word(*self.letters[part])

    def __str__(self) -> str:
        """The word as one writes it."""
        return " @ ".join(self.letters) or "unit"

    __repr__ = __str__


class Layer(Data):
    """One operation beside identities: a generator by name, or a structure map with its objects."""

    left: Word = eqx.field(static=True)
    name: str = eqx.field(static=True)
    of: tuple[Word, ...] = eqx.field(static=True)
    dom: Word = eqx.field(static=True)
    cod: Word = eqx.field(static=True)
    right: Word = eqx.field(static=True)

    @property
    def generator(self) -> bool:
        """Whether this is a generator and not a structure map."""
        return not self.of

    def beside(self, left: Word, right: Word) -> "Layer":
        """The same operation beside more identities."""
        return Layer(left @ self.left, self.name, self.of, self.dom, self.cod, self.right @ right)


class Term(Arrow):
    """An arrow of a free category: a path of layers."""

    dom: Word = eqx.field(static=True)
    cod: Word = eqx.field(static=True)
    free: Any = eqx.field(static=True)
    layers: tuple[Layer, ...]

    @property
    def category(self) -> Any:
        return self.free

    def __str__(self) -> str:
        """The names of the operations, in order."""
        return f"{' ; '.join(layer.name for layer in self.layers) or 'id'} : {self.dom} -> {self.cod}"


class _Operations(Markov):
    """The operations that both free categories share."""

    @property
    def unit(self) -> Word:
        return Word()

    def id(self, x: Word, /) -> Term:
        return Term(x, x, self, ())

    def _then(self, f: Term, g: Term, /) -> Term:
        return Term(f.dom, g.cod, self, f.layers + g.layers)

    def _tensor(self, f: Term, g: Term, /) -> Term:
        first = tuple(layer.beside(Word(), g.dom) for layer in f.layers)
        second = tuple(layer.beside(f.cod, Word()) for layer in g.layers)
        return Term(f.dom @ g.dom, f.cod @ g.cod, self, first + second)

    def _structure(self, name: str, dom: Word, cod: Word, *of: Word) -> Term:
        return Term(dom, cod, self, (Layer(Word(), name, of, dom, cod, Word()),))

    def swap(self, x: Word, y: Word, /) -> Term:
        return self._structure("swap", x @ y, y @ x, x, y)

    def copy(self, x: Word, /) -> Term:
        return self._structure("copy", x, x @ x, x)

    def discard(self, x: Word, /) -> Term:
        return self._structure("discard", x, Word(), x)

    def generator(self, name: str, dom: Word, cod: Word, /) -> Term:
        """The formal arrow with a name."""
        return Term(dom, cod, self, (Layer(Word(), name, (), dom, cod, Word()),))

    def _close(self, f: Term, g: Term, tol: float | None, /) -> bool:
        return self.normal_form(f) == self.normal_form(g)

    def normal_form(self, f: Term, /) -> Any:
        """What decides equality: for each output where it comes from, and the generators that are used."""
        return _numbered(_outputs(f, shared=isinstance(self, Cartesian)))


@dataclasses.dataclass(frozen=True)
class FreeMarkov(_Operations):
    """The free Markov category; see the module.

    Example:
        >>> C = FreeMarkov()
        >>> f = C.generator("f", Word("X"), Word("Y"))
        >>> C.close(f >> C.discard(f.cod), C.discard(f.dom))
        True
        >>> C.close(f >> C.copy(f.cod), C.copy(f.dom) >> (f @ f))
        False
    """

    def __str__(self) -> str:
        return "FreeMarkov"


@dataclasses.dataclass(frozen=True)
class FreeCartesian(_Operations, Cartesian):
    """The free cartesian category; see the module.

    Example:
        >>> C = FreeCartesian()
        >>> f = C.generator("f", Word("X"), Word("Y"))
        >>> C.close(f >> C.copy(f.cod), C.copy(f.dom) >> (f @ f))
        True
    """

    def __str__(self) -> str:
        return "FreeCartesian"


class _Use:
    """One use of a generator: its name, its type, and where its inputs come from."""

    def __init__(self, layer: Layer, inputs: tuple[Any, ...]):
        self.key = (layer.name, layer.dom, layer.cod)
        self.inputs = inputs


def _outputs(f: Term, *, shared: bool) -> tuple[Any, ...]:
    """Run the term on symbols: an output is the number of an input, or a port of a use of a generator."""
    values: tuple[Any, ...] = tuple(range(len(f.dom)))
    known: dict[Any, _Use] = {}
    for layer in f.layers:
        i, j = len(layer.left), len(layer.left) + len(layer.dom)
        xs = values[i:j]
        if layer.generator:
            use = _Use(layer, xs)
            use = known.setdefault((use.key, xs), use) if shared else use
            ys = tuple((use, port) for port in range(len(layer.cod)))
        else:
            n = len(layer.of[0])
            ys = {"swap": xs[n:] + xs[:n], "copy": xs + xs, "discard": ()}[layer.name]
        values = values[:i] + ys + values[j:]
    return values


def _numbered(outputs: tuple[Any, ...]) -> Any:
    """The graph with its uses numbered in the order in which the outputs reach them."""
    numbers: dict[_Use, int] = {}
    table: list[Any] = []

    def place(value: Any) -> Any:
        if isinstance(value, int):
            return value
        use, port = value
        if use not in numbers:
            numbers[use] = len(table)
            table.append(None)
            table[numbers[use]] = (use.key, tuple(map(place, use.inputs)))
        return numbers[use], port

    return tuple(map(place, outputs)), tuple(table)


@door
def interpret(term: Term, category: Any, *, arrows: Mapping[str, Any], objects: Mapping[str, Any]) -> Any:
    """The arrow that a formal one is in a category, given what its letters and generators are.

    Args:
        term: the formal arrow.
        category: where to interpret it: Markov, or cartesian for a term of the free cartesian category.
        arrows: an arrow for each generator, by name.
        objects: an object for each letter.

    Raises:
        WrongObject: a letter or a generator has no meaning, or the arrow has other ends than its generator.

    Example:
        >>> from catlearn import R, Smooth, smooth
        >>> C = FreeCartesian()
        >>> X = Word("X")
        >>> square = C.copy(X) >> C.generator("times", X @ X, X)
        >>> times = smooth(lambda a, b: a * b, R() @ R())
        >>> print(interpret(square, Smooth, arrows={"times": times}, objects={"X": R()})(3.0))
        9.0
    """

    def ob(word: Word) -> Any:
        missing = [letter for letter in word.letters if letter not in objects]
        if missing:
            raise WrongObject(f"the letter {missing[0]!r} has no meaning: say which object it is in objects=...")
        return functools.reduce(lambda x, y: x @ y, (objects[letter] for letter in word.letters), category.unit)

    def operation(layer: Layer) -> Any:
        if not layer.generator:
            return getattr(category, layer.name)(*map(ob, layer.of))
        f = arrows.get(layer.name)
        if f is None or (f.dom, f.cod) != (ob(layer.dom), ob(layer.cod)):
            raise WrongObject(
                f"the generator {layer.name} : {layer.dom} -> {layer.cod} needs an arrow {ob(layer.dom)} -> {ob(layer.cod)}, "
                f"but arrows[{layer.name!r}] is {f}."
            )
        return f

    result = category.id(ob(term.dom))
    for layer in term.layers:
        step = category.tensor(category.id(ob(layer.left)), operation(layer), category.id(ob(layer.right)))
        result = category.then(result, step)
    return result
