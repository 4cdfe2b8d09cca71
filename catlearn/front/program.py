r"""Gaussian programs in Python: draw, compute, observe, and have what is left.

Definition:
    A *program* is a function that draws by `normal` (or `flat`), computes affine functions of its draws and of its data, observes by `condition` that two
    values are equal, and returns values. It denotes, for given data, the program ``unit ⇝ Y`` in ``Cond(Gauss)`` that does so; calling it runs that, and
    gives the joint law of what is returned, or bottom.

It is written as sampling would be, and means the exact posterior: no prior is too wide and no noise too narrow. A traced program is one compiled
function of its data, and may be put under `jax.vmap` and `jax.grad`.

References:
    Stein, Staton, *Compositional semantics for probabilistic programs with exact conditioning* (2101.11351).
"""

import contextlib
import contextvars
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, overload

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..categories.covariance import deviation
from ..kernels import factorise
from ..objects import Ob, R, unit
from ..objects.semiring import namespace
from ..theory import door
from ..theory.errors import NotAffine, OutsideProgram, WrongObject
from .equations import Equations
from .posterior import Posterior
from .random_variable import RandomVariable, array_of


class Run:
    """One tracing of a program: what it has drawn and observed so far."""

    def __init__(self, inputs: int):
        self.draws = inputs
        self.flat: list[int] = []
        self.equations: list[tuple[RandomVariable, RandomVariable]] = []

    def variable(self, value: Any) -> RandomVariable:
        """A value as a random variable; a number is one that depends on no draw."""
        if isinstance(value, RandomVariable):
            self.same(value)
            return value
        mean = array_of(value)
        return RandomVariable(self, mean, np.zeros((*mean.shape, 0)))

    def same(self, value: RandomVariable) -> None:
        """Check that a random variable is of this run."""
        if value.trace is not self:
            raise OutsideProgram(f"{value!r}, of another run of a program,")

    def fresh(self, shape: tuple[int, ...]) -> RandomVariable:
        """New independent standard draws."""
        before, n = self.draws, int(np.prod(shape))
        self.draws += n
        coefficients = np.concatenate([np.zeros((n, before)), np.eye(n)], axis=1).reshape(*shape, self.draws)
        return RandomVariable(self, np.zeros(shape), coefficients)


_RUNS: contextvars.ContextVar[tuple[Run, ...]] = contextvars.ContextVar("runs of Gaussian programs", default=())


@contextlib.contextmanager
def _running(run: Run) -> Iterator[Run]:
    token = _RUNS.set((*_RUNS.get(), run))
    try:
        yield run
    finally:
        _RUNS.reset(token)


def _now(statement: str) -> Run:
    runs = _RUNS.get()
    if not runs:
        raise OutsideProgram(statement)
    return runs[-1]


@door
def normal(mean: Any = 0.0, variance: Any = 1.0, *, covariance: Any = None) -> Any:
    """Draw from a normal distribution, in a program.

    Args:
        mean: a number, an array, or a random variable.
        variance: of each entry; entries are independent. It is a known number or array, and not a standard deviation.
        covariance: a covariance matrix instead, for a vector.

    Raises:
        OutsideProgram: no program is being traced.
        NotAffine: the variance is random.
        WrongObject: the covariance does not fit the mean.

    Shapes:
        the mean and the variance are broadcast; a covariance has shape (n, n), and the mean is broadcast to (n,).
    """
    run = _now("normal")
    if isinstance(variance, RandomVariable) or isinstance(covariance, RandomVariable):
        raise NotAffine("draw with a random variance")
    centre = run.variable(mean)
    if covariance is not None:
        matrix = jnp.asarray(covariance, float)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or centre.shape not in ((), (matrix.shape[0],)):
            raise WrongObject(
                f"a covariance of shape {matrix.shape} does not fit a mean of shape {centre.shape}: give a square matrix, one row "
                "an entry of the mean. Use normal(mean, variance) for independent entries."
            )
        return factorise(matrix).factor @ run.fresh(matrix.shape[:1]) + centre
    spread = deviation(array_of(variance))
    return run.fresh(np.broadcast_shapes(centre.shape, spread.shape)) * spread + centre


@door
def flat(*shape: int) -> Any:
    """A value of which nothing is known, in a program: the improper prior, uniform on the whole space.

    Raises:
        OutsideProgram: no program is being traced.
    """
    run = _now("flat")
    before = run.draws
    value = run.fresh(shape)
    run.flat.extend(range(before, run.draws))
    return value


@door
def condition(x: Any, y: Any) -> None:
    """Observe that two values are equal, in a program.

    It is the equation itself that is observed, ``x - y = 0``, and not the set of points on which it holds.

    Args:
        x: a number, an array or a random variable.
        y: another; the two are broadcast.

    Raises:
        OutsideProgram: no program is being traced.
    """
    run = _now("condition")
    run.equations.append((run.variable(x), run.variable(y)))


@dataclasses.dataclass(frozen=True)
class Program:
    """A Gaussian program; call it on its data.

    Attributes:
        function: the Python function.
        tol: what counts as zero, relative to the size of what it is compared with; None for a few units in the last place.
    """

    function: Callable[..., Any]
    tol: float | None = None

    def __str__(self) -> str:
        return f"program {getattr(self.function, '__name__', self.function)}"

    @door
    def __call__(self, *data: Any) -> Any:
        """Run the program: the posterior of what it returns. Inside another program, its statements become part of that one.

        Whole numbers, strings and truth values are settings: for each of their values the program is traced anew. All else is data, and may be
        traced: arrays, floats, and lists of numbers.

        Raises:
            NotAffine: a random variable goes through a function that is not affine.
        """
        data = jax.tree.map(_datum, data, is_leaf=_is_list)
        return self._traced(data) if _RUNS.get() else _compiled(self, data)

    @door
    def arrow(self, *data: Any, dom: Ob = unit) -> Any:
        """What the program denotes, as an arrow ``dom ⇝ Y`` of ``Cond(Gauss)``, or of ``Cond(ExtGauss)`` if it has flat priors.

        Args:
            *data: the arguments that are known, after those that are not.
            dom: the object of the first arguments, one wire each: they may be random, and stay open.

        Raises:
            NotAffine: a random variable goes through a function that is not affine.
        """
        return self._equations(jax.tree.map(_datum, data, is_leaf=_is_list), dom)[0].arrow()

    def _traced(self, data: Any) -> Any:
        """What the function returns, in the run that is going on."""
        try:
            return self.function(*data)
        except TypeError as error:
            if isinstance(error, NotAffine) or RandomVariable.__name__ not in str(error):
                raise
            raise NotAffine("apply a function of arrays to a random variable (stack them by `front.stack`)") from error

    def _equations(self, data: Any, dom: Ob) -> tuple[Equations, Any]:
        sizes = [int(np.prod(shape)) for shape in (aval.shape for aval in dom.avals())]
        inputs = sum(sizes)
        with _running(Run(inputs)) as run:
            values, at = [], 0
            for aval, size in zip(dom.avals(), sizes, strict=True):
                rows = np.eye(inputs)[at : at + size].reshape(*aval.shape, inputs)
                values.append(RandomVariable(run, np.zeros(aval.shape), rows))
                at += size
            returned = self._traced((*values, *data))
            leaves, structure = jax.tree.flatten(returned, is_leaf=lambda leaf: isinstance(leaf, RandomVariable))
            leaves = [run.variable(leaf) for leaf in leaves]
        cod = unit
        for leaf in leaves:
            cod = cod @ R(*leaf.shape)
        apart = [x - y for x, y in run.equations]
        rows = [_rows(run, variables) for variables in (leaves, apart)]
        return Equations(dom, cod, *rows, flat=tuple(run.flat)), structure


@eqx.filter_jit
def _compiled(program: Program, data: Any) -> Posterior:
    equations, structure = program._equations(data, unit)
    return Posterior(equations.run(program.tol), structure)


def _rows(run: Run, variables: list[RandomVariable]) -> tuple[Any, Any]:
    """The means and the coefficients of random variables, one row a number."""
    means = [np.zeros(0), *(v.mean.reshape(-1) for v in variables)]
    rows = [np.zeros((0, run.draws)), *(v._padded(run.draws).reshape(-1, run.draws) for v in variables)]
    # What is known when the program is traced stays known: a chain is recognised by it.
    return namespace(*means).concatenate(means).astype(float), namespace(*rows).concatenate(rows).astype(float)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, int | float) for v in value)


def _datum(value: Any) -> Any:
    """Floats, arrays and lists of numbers as arrays; settings as they are."""
    return jnp.asarray(value, float) if isinstance(value, float | list | np.ndarray | np.generic) else value


@overload
def program(function: Callable[..., Any], /) -> Program: ...
@overload
def program(*, tol: float | None = ...) -> Callable[[Callable[..., Any]], Program]: ...
@door
def program(function: Any = None, /, *, tol: Any = None) -> Any:
    """Make a Gaussian program of a function.

    Args:
        function: it draws by `normal`, observes by `condition`, and returns numbers, random variables, or a pytree of them.
        tol: what counts as zero, relative to the size of what it is compared with; None for a few units in the last place.

    Example:
        >>> import catlearn as cl
        >>> @cl.program
        ... def scale(reading):
        ...     weight = cl.normal(50.0, 100.0)
        ...     cl.condition(weight + cl.normal(0.0, 25.0), reading)
        ...     return {"weight": weight}
        >>> posterior = scale(40.0)
        >>> print(posterior.mean["weight"].round(3), posterior.variance["weight"].round(3), posterior.ok)
        42.0 20.0 True
    """
    return Program(function, tol) if function is not None else lambda f: Program(f, tol)
