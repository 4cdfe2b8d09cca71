"""One class per mistake; every message says what met what, and how to cure it.

Definition:
    A `CatlearnError` is raised where a definition is not met: ends that do not meet, a value that is
    not an element of its object, a structure that a category does not have.

The docstring of each class states the cause and the cure; the documentation lists them all.
"""

import functools
import os
import pathlib
import types
from collections.abc import Callable
from typing import Any

import jaxtyping

# Frames that tell a user nothing: the library's own, and those of a runtime checker of its annotations.
_HOUSES = (
    str(pathlib.Path(__file__).resolve().parent.parent) + os.sep,
    str(pathlib.Path(jaxtyping.__file__).parent) + os.sep,
    "<@beartype",
)


class CatlearnError(Exception):
    """Any mistake that catlearn names.

    Catch this class to catch them all; each subclass also derives from the builtin exception
    (`TypeError`, `ValueError`, ...) that Python users would expect.
    """


class NotComposable(CatlearnError, TypeError):
    """The end of one arrow is not the start of the next.

    Insert an arrow between the two, or check the order: `f >> g` runs `f` first.
    """

    def __init__(self, f: Any, g: Any, category: Any):
        super().__init__(
            f"cannot compose f >> g in {category}: f ends at {f.cod}, but g starts at {g.dom}.\n"
            f"    f : {f.dom} -> {f.cod}\n"
            f"    g : {g.dom} -> {g.cod}\n"
            "Insert an arrow between them, or check the order: f >> g runs f first."
        )


class NotParallel(CatlearnError, TypeError):
    """Two arrows that must share both ends do not: they cannot be added or compared.

    Bring them to common ends by composing with structure maps.
    """

    def __init__(self, f: Any, g: Any, category: Any, doing: str):
        super().__init__(
            f"cannot {doing} f and g in {category}: they are not parallel.\n"
            f"    f : {f.dom} -> {f.cod}\n"
            f"    g : {g.dom} -> {g.cod}\n"
            "Both must have the same domain and the same codomain."
        )


class NotAnEndomap(CatlearnError, TypeError):
    """A power `f ** n` needs an arrow from an object to itself, and a whole number n >= 0.

    Compose with an arrow that brings the codomain back to the domain.
    """

    def __init__(self, f: Any, n: Any):
        super().__init__(
            f"cannot form f ** {n!r} for f : {f.dom} -> {f.cod}: a power needs equal ends and a whole number n >= 0."
        )


class WrongCategory(CatlearnError, TypeError):
    """Arrows of two categories met, or a category lacks the structure that was asked of it.

    Carry one of the arrows over by a functor: `Para(C).lift(f)`, `Reverse(f)`.
    """

    def __init__(self, message: str):
        super().__init__(message)


class WrongObject(CatlearnError, TypeError, ValueError):
    """An object does not have the form that a construction needs, or cannot be made at all.

    The message shows what was given and the form that is needed.
    """

    def __init__(self, message: str):
        super().__init__(message)


class WrongValue(CatlearnError, TypeError, ValueError):
    """A value is not an element of the object it was given for.

    The message names the wire, what it expects and what was given.
    """

    def __init__(self, ob: Any, wire: str, expected: str, given: str, cure: str = ""):
        super().__init__(
            f"not a value of {ob}: {wire} expects {expected}, but was given {given}." + (f"\n{cure}" if cure else "")
        )


class WrongShape(CatlearnError, ValueError):
    """An array that describes an arrow does not have the shape that its ends ask for.

    The message shows the shape for these ends; a common cause is that domain and codomain are exchanged.
    """

    def __init__(
        self, what: str, expected: tuple[int, ...], given: tuple[int, ...], dom: Any, cod: Any, cure: str = ""
    ):
        super().__init__(
            f"{what} of an arrow {dom} -> {cod} has shape {expected}, but was given shape {given}."
            + (f"\n{cure}" if cure else "")
        )


class WrongCodomain(CatlearnError, TypeError):
    """A function returns something else than the codomain it was declared with.

    Leave `cod=None` to infer it, or correct the declaration.
    """

    def __init__(self, f: Any, dom: Any, declared: Any, found: Any):
        super().__init__(
            f"{name_of(f)} : {dom} -> {declared} was declared, but on {dom} it returns {found}.\n"
            "Leave cod=None to have the codomain inferred, or declare what the function returns."
        )


class NotAFunction(CatlearnError, TypeError):
    """What was handed to `smooth` or `linear` cannot be called on one argument a wire of the domain.

    An object with n wires asks for a function of n arguments; an object of one wire that holds a pytree, made by
    `space_of`, asks for a function of one.
    """

    def __init__(self, f: Any, dom: Any = None, signature: Any = None, why: str = ""):
        if dom is None:
            super().__init__(f"expected a function, but got {f!r} of type {type(f).__name__}.")
            return
        super().__init__(
            f"{name_of(f)}{signature} cannot be called on {dom}: {why}.\n"
            f"It must take one argument a wire, and {dom} has {len(dom)}."
        )


class ClosesOverArrays(CatlearnError, TypeError):
    """A function handed to `smooth` has arrays hidden in its closure or defaults.

    Hidden arrays are baked into the compiled program and retrace it when rebuilt. Pass them as
    leaves: `smooth(jax.tree_util.Partial(f, w), X)`, an `eqx.Module`, or a parameter of `Para`.
    """

    def __init__(self, f: Any, names: list[str]):
        which = ", ".join(f"`{n}`" for n in names)
        super().__init__(
            f"{name_of(f)} closes over the array {which}: it would be baked into the compiled program.\n"
            f"Make it a leaf of the arrow: smooth(jax.tree_util.Partial(f, {names[0]}), X), with "
            f"{names[0]} as the first argument of f, or make it a parameter with `para`."
        )


class NotAdditive(CatlearnError, TypeError):
    """Addition or zero was asked for at a discrete wire (a finite set, a key, an integer array).

    Only Euclidean wires carry a commutative monoid; project the discrete wires away first.
    """

    def __init__(self, ob: Any, doing: str):
        super().__init__(f"cannot {doing} at {ob}: it has a discrete wire, and only Euclidean wires can be added.")


class NoForwardDerivative(CatlearnError, TypeError):
    """The forward derivative was asked of an arrow with a backward pass written by hand.

    Nothing says what its forward derivative is. `derived_D` makes the one that fits the backward pass (Theorem 16).
    """

    def __init__(self, f: Any):
        super().__init__(
            f"{f} has a backward pass written by hand, and so no forward derivative D.\n"
            "Smooth.derived_D(f) is the one that fits the backward pass (Theorem 16)."
        )


class NotLinear(CatlearnError, ValueError):
    """A function handed to `linear` is not linear.

    Use `smooth` for it, or remove the affine or nonlinear part.
    """

    def __init__(self, f: Any, why: str):
        super().__init__(f"{name_of(f)} is not a linear map: {why}. Use `smooth` for nonlinear and affine functions.")


class NotInRig(CatlearnError, TypeError, ValueError):
    """A number, or an array of numbers, does not belong to the rig that it was given for.

    Give elements of that rig, or choose a rig that has them.
    """

    def __init__(self, rig: Any, given: Any, expected: str, cure: str = ""):
        super().__init__(
            f"{given!r} of type {type(given).__name__} is not in {rig}, which has {expected}."
            + (f"\n{cure}" if cure else "")
        )


class NoNegatives(CatlearnError, TypeError):
    """A difference was asked for over a rig without negatives.

    Write the sum that you mean, or work over a ring: `Z` instead of `N`, `GF(2)` instead of `Boolean`.
    """

    def __init__(self, rig: Any, given: Any):
        super().__init__(
            f"cannot take the negative of {given}: {rig} has no negatives. Z, Q, Modular(n) and GF(p) have."
        )


class WrongParameters(CatlearnError, TypeError, ValueError):
    """Parameters of another arrow, or some missing, were given to a parametric arrow.

    `f.init(key=key)` makes fresh ones of the right type; `f.labels` lists them in order.
    """

    def __init__(self, message: str):
        super().__init__(message)


class MissingInitialiser(CatlearnError, ValueError):
    """A parameter has no initialiser, so fresh parameters cannot be made.

    Give one: `para(P, f, init=...)` or `reparametrise(f, alpha, init=...)`.
    """

    def __init__(self, label: str):
        super().__init__(
            f"parameter {label!r} has no initialiser: give one with para(..., init=[...]) or "
            "reparametrise(..., init=[...]), or pass the parameters yourself."
        )


class NotStochastic(CatlearnError, ValueError):
    """A table of probabilities has a negative entry, or a row that does not sum to one.

    A row holds the probabilities of all outputs for one input. Divide it by its sum, or transpose a table whose columns sum to one.
    """

    def __init__(self, f: Any, at: tuple[int, ...], row: Any, total: Any, logarithms: bool = False):
        where = f"at the input {at}" if at else "of the state"
        wrong = f"sums to {total}" if not (row < 0).any() else f"has a negative entry: {row}"
        what = f"has logarithms of sum {total}, where 0 is wanted" if logarithms else wrong
        super().__init__(
            f"the table of {f} is not stochastic: the row {where} {what}.\n"
            "Each row holds the probabilities of all outputs for one input: give entries >= 0, and divide each row by its sum."
        )


class ImpossibleEvidence(CatlearnError, ValueError):
    """Evidence of probability zero: there is nothing to condition on.

    Look at the evidence, or let the model allow it. Inside `jit`, ask for a flag instead of an error.
    """

    def __init__(self, why: str):
        super().__init__(
            f"{why}\nNothing can be conditioned on it: correct the evidence, let the model allow it, or ask for a flag with check='flag'."
        )


class NoWeight(CatlearnError, ValueError):
    """Random draws do not explain what was observed: no draw has any weight, or a weight is no number.

    Either it cannot be observed, or the draws fall where it cannot. Give a proposal that looks at what was observed, or more draws.
    """

    def __init__(self, number: int):
        super().__init__(
            f"what was observed has the probability zero at each of {number} draws, or a density is no finite number there.\n"
            "Either it cannot be observed, or the draws fall where it cannot: give a proposal that looks at what was observed, take more "
            "draws, or widen the noise of what is observed."
        )


class NotConcrete(CatlearnError, TypeError):
    """A size that depends on numbers was asked for inside `jit`, `vmap` or `grad`, where numbers are not known.

    Ask outside, or use the form of fixed shape that the message names.
    """

    def __init__(self, what: str, cure: str):
        super().__init__(f"{what} depends on numbers that are traced and not yet known.\n{cure}")


class Infeasible(CatlearnError, ValueError):
    """What was observed could not have happened: the program is bottom.

    Look for equations that contradict each other, or for a measurement without noise that should have some.
    """

    def __init__(self, residual: Any):
        super().__init__(
            f"the observations are impossible: they are off the support of what the program draws, by a residual of {residual}.\n"
            "Look for equations that contradict each other. A measurement is rarely exact: add noise to it, normal(0, variance). "
            "If you think that it is only round-off, give a larger tol."
        )


class NotAffine(CatlearnError, TypeError):
    """A random variable of a Gaussian program was used in a way that is not affine.

    Random variables may be added, scaled by constants, indexed, stacked and multiplied by constant matrices. Linearise the rest yourself.
    """

    def __init__(self, doing: str):
        super().__init__(
            f"cannot {doing} in a Gaussian program: what a random variable goes through must be affine.\n"
            "The result would not be Gaussian; and an equation that is rewritten through such a function conditions on other data, "
            "though the same points satisfy it (Borel's paradox: x = y is not x / y = 1). "
            "Add, subtract, scale by constants, index, stack, multiply by constant matrices; linearise the rest yourself."
        )


class OutsideProgram(CatlearnError, RuntimeError):
    """A statement of a Gaussian program was run where no program is being traced.

    Put it in a function that is decorated by `program`, and call that.
    """

    def __init__(self, statement: str):
        super().__init__(
            f"{statement}(...) was called outside a program: put it in a function that is decorated by @program, and call that."
        )


class IllTyped(CatlearnError, TypeError):
    """A term of the Gaussian language has no type.

    The message shows the term, the types that met, and the rule that they break.
    """

    def __init__(self, term: Any, wrong: str, rule: str):
        super().__init__(f"the term {term} has no type: {wrong}.\n{rule}")


class NotGaussian(CatlearnError, ValueError):
    """A smooth map was read as a Gaussian one, but is not affine: it would make other laws of Gaussian ones.

    Push it to `Sampled`, or take its tangent.
    """

    def __init__(self, f: Any):
        super().__init__(
            f"{f} is not affine, so what it makes of a Gaussian law is not Gaussian. Push it to Sampled, or take its tangent."
        )


class NoDensity(CatlearnError, ValueError):
    """A kernel has no density, or none that is known: an identity, what comes after it, or a singular covariance.

    A deterministic arrow puts all weight on one point. Compose it with one that has a density, or draw from it.
    """

    def __init__(self, f: Any, cure: str):
        super().__init__(f"{f} has no density that is known. {cure}")


class WrongLayer(CatlearnError, ValueError):
    """The sizes or settings of a layer do not fit together.

    The message names the layer, the setting, what it must be and what was given.
    """

    def __init__(self, layer: str, setting: str, expected: str, given: Any):
        super().__init__(
            f"{layer}: {setting} must be {expected}, but got {given if isinstance(given, str) else repr(given)}."
        )


class NotInvertible(CatlearnError, ValueError):
    """The slope of an error in its first slot, as a function of the label, is not inverted by the function given with it.

    A request is the label at which the slope would be a given number, so there must be exactly one for each prediction and
    each real number. Correct the inverse, or take another error.
    """

    def __init__(self, error: str, where: str, side: str, found: float, wanted: str):
        super().__init__(
            f"the error e = {error} and its inverse f do not fit: at {where}, {side} = {found:.4g}, and should be {wanted}.\n"
            "For each x the map y -> ∂e/∂x(x, y) must be invertible from the line to the line, with f(x, z) its inverse. "
            "Where x must lie in an interval, say inside=(low, high)."
        )


class BatchMismatch(CatlearnError, ValueError):
    """Data do not come in equal pieces: arrays of different lengths, batches of different sizes, or too few examples.

    Give arrays with one common first axis, and batches that all have one size.
    """

    def __init__(self, message: str):
        super().__init__(message)


class WrongRun(CatlearnError, ValueError):
    """A run was asked for with settings that do not make sense together, such as a negative number of steps.

    The message names the setting.
    """

    def __init__(self, message: str):
        super().__init__(message)


class LossNotFinite(CatlearnError, FloatingPointError):
    """The loss became NaN or infinite, and training stopped.

    The parameters of the last good chunk are kept in `run`. Lower the rate, or look at the examples of the batch.
    """

    def __init__(self, message: str, step: int, batch: Any, run: Any):
        super().__init__(message)
        self.step, self.batch, self.run = step, batch, run


class CheckpointMismatch(CatlearnError, ValueError):
    """A checkpoint belongs to another model, optimiser or run.

    The message names both. Use another file, or build the model that was saved.
    """

    def __init__(self, message: str):
        super().__init__(message)


class CheckpointCorrupt(CatlearnError, ValueError):
    """A file is not a complete checkpoint.

    Files are written whole or not at all, so this one was cut or changed afterwards; go back to an older one.
    """

    def __init__(self, path: Any, why: str):
        super().__init__(f"{path} is not a complete checkpoint: {why}. Nothing was loaded or changed.")


class CheckpointUnwritable(CatlearnError, OSError):
    """A checkpoint cannot be written: its folder does not exist, is not ours, or is full.

    The folder is tried before the first step. If it fails later, `run` holds the run as far as it came, so that it can
    be kept elsewhere.
    """

    def __init__(self, path: Any, why: str, run: Any = None):
        kept = "" if run is None else f"\nThe run after step {run.steps} is kept in error.run."
        super().__init__(f"cannot write the checkpoint {path}: {why}.{kept}")
        self.why, self.run = why, run


class MissingPrimitive(CatlearnError, NotImplementedError):
    """A program was interpreted in a category where one of its primitives has no meaning.

    The message names the primitive and says where in your code it comes from. Register a meaning, or give one in `arrows`.
    """

    def __init__(self, primitive: str, category: Any, place: str):
        super().__init__(
            f"the primitive {primitive!r} has no meaning in {category}. It comes from {place}.\n"
            f'Give it one with catlearn.front.register({type(category).__name__}, "{primitive}"), '
            f'or for once with interpret(..., arrows={{"{primitive}": arrow}}).'
        )


class NotAProgram(CatlearnError, TypeError):
    """A function cannot be traced to a formal arrow: an equation has an effect, or a value that no wire holds.

    The message names the equation and says where in your code it comes from. Leave printing and callbacks out, and write
    complex numbers as pairs of real ones.
    """

    def __init__(self, primitive: str, why: str, place: str):
        super().__init__(f"the primitive {primitive!r} {why}.\nIt comes from {place}.")


class NotDrawable(CatlearnError, TypeError):
    """Something was to be drawn, or read from a diagram, that has no such picture.

    Draw an arrow, a 2-cell, a law, an equation of arrows, or a DisCoPy diagram.
    """

    def __init__(self, message: str):
        super().__init__(message)


class WrongBox(CatlearnError, TypeError):
    """A generator of a free category cannot be made.

    It needs a name, two objects of the category for its ends, and data that can be hashed: tuples, not lists.
    """

    def __init__(self, name: Any, expected: str, given: str):
        super().__init__(f"cannot make the generator {name!r}: it needs {expected}, but got {given}.")


class NotWritable(CatlearnError, TypeError, ValueError):
    """A formal arrow holds something that JSON cannot: a function, an array, a number that is none.

    Name it by a text or by numbers in the data of its box, and give it its meaning when the arrow is interpreted.
    """

    def __init__(self, what: str, value: Any):
        super().__init__(
            f"cannot write {what} as JSON: {value!r} of type {type(value).__name__}. "
            "JSON holds texts, numbers, truth values, None, and tuples of them."
        )


class WrongText(CatlearnError, ValueError):
    """A text is not a formal arrow as `to_json` writes it.

    It was cut or changed, or another program or a later version wrote it; the message says where it stops making sense.
    """

    def __init__(self, why: str):
        super().__init__(f"this text is no formal arrow: {why}. Nothing was read.")


class WrongModule(CatlearnError, TypeError):
    """An equinox module cannot be read as a parametric arrow.

    An arrow is a function of its parameters and inputs alone: the message says what the module needs besides, or how
    its parts are no parameters.
    """

    def __init__(self, module: Any, why: str):
        super().__init__(f"{type(module).__name__} cannot be read as a parametric arrow: {why}")


class UnwritableFolder(CatlearnError, OSError):
    """The folder for the results of a command cannot be made or written to.

    Name another one with ``--out``; nothing was left behind.
    """

    def __init__(self, folder: Any, why: str):
        super().__init__(f"cannot write to {folder}: {why}. Name another folder with --out.")


class NotPositive(CatlearnError, ValueError):
    """A matrix was given as a covariance but is not one: it is not symmetric, or some combination of coordinates has negative variance.

    Symmetrise it, correct the entry that the message names, or give a factor `A` with covariance ``A A'``.
    """

    def __init__(self, cod: Any, why: str):
        super().__init__(
            f"not a covariance on {cod}: {why}.\n"
            "A covariance is symmetric and positive semidefinite; singular ones are welcome. Correct it, give factor=A with "
            "covariance A A', or ask for a flag with check='flag'."
        )


class NoFiller(CatlearnError, TypeError):
    """A Gaussian conditional was asked to be another arrow off the support.

    It is one affine map on the whole space, and cannot be one thing on the support and another beside it. Leave `otherwise` out.
    """

    def __init__(self, category: Any, otherwise: Any):
        super().__init__(
            f"a conditional in {category} is one affine map everywhere, so it cannot be {otherwise} off the support.\n"
            "Leave `otherwise` out: off the support the conditional then projects onto it (Moore and Penrose)."
        )


class MissingExtra(CatlearnError, ImportError):
    """An optional part of the library was used without its dependencies.

    Install the extra that the message names.
    """

    def __init__(self, part: str, extra: str):
        super().__init__(f"{part} needs packages that are not installed: pip install 'catlearn-jax[{extra}]'")


class LawBroken(CatlearnError, AssertionError):
    """A law does not hold: the message has the equation, the smallest arrows found that break it, and both sides.

    Correct the operation that the equation names, or declare that the law fails. `witness` holds the arrows.
    """

    def __init__(self, law: Any, draws: Any, witness: Any):
        super().__init__(f"{law} fails in {draws}:\n    {law.equation}\n{witness}")
        self.law, self.witness = law, witness


class NoWitness(CatlearnError, AssertionError):
    """A law that was expected to fail held at every example that was drawn.

    Either it holds after all, or the draws are too special to break it.
    """

    def __init__(self, law: Any, draws: Any, examples: int):
        super().__init__(
            f"no witness against {law} in {draws} among {examples} examples:\n    {law.equation}\n"
            "Declare that it holds, or draw more general arrows."
        )


class LawNotApplicable(CatlearnError, TypeError):
    """A law was checked on a category that lacks the operations the law speaks of.

    `suite(category)` lists the laws that apply.
    """

    def __init__(self, law: Any, draws: Any, why: str):
        super().__init__(f"{law} does not apply to {draws}: {why}.\n    {law.equation}")


def name_of(f: Any) -> str:
    """A function as one calls it in a sentence."""
    return str(getattr(f, "__name__", f))


def door[F: Callable[..., Any]](function: F) -> F:
    """Mark a public entrance: a named mistake raised behind it is shown at the caller's line.

    The frames of the library are cut out of the traceback of a `CatlearnError`; frames of user code
    that the library called stay. Other exceptions pass untouched.
    """

    @functools.wraps(function)
    def entrance(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except CatlearnError as error:
            error.__traceback__ = _outside(error.__traceback__)
            raise  # a bare raise adds no frame of its own

    return entrance  # pyright: ignore[reportReturnType]


def _outside(tb: types.TracebackType | None) -> types.TracebackType | None:
    if tb is None:
        return None
    rest = _outside(tb.tb_next)
    if tb.tb_frame.f_code.co_filename.startswith(_HOUSES):
        return rest
    return types.TracebackType(rest, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
