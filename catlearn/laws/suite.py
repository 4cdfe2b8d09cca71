"""Suites: which laws apply where, what is claimed of each, and whether it is so.

Definition:
    The suite of a category is the list of laws that speak of its operations, each with its declared status. To *confirm* a
    declaration is to check the law at the equality that is declared, or, where it is declared to fail, to find a witness.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

import jax

from ..theory import Category, door
from ..theory.errors import WrongCategory
from . import (
    additive,
    bayes,
    biproduct,
    cartesian,
    category,
    chain,
    conditionals,
    conditioning,
    context,
    dagger,
    differential,
    enclosure,
    functor,
    gauss_chain,
    gradient,
    homomorphism,
    hypergraph,
    independence,
    iterative,
    learner,
    lens,
    mealy,
    monoidal,
    monte_carlo,
    network,
    optimiser,
    para,
    reverse,
    rig,
    step,
)
from . import draws as shipped
from .draw import Draws
from .law import Law
from .status import Status
from .trial import check, refute

_ROOMS = (
    *(
        category,
        monoidal,
        cartesian,
        conditionals,
        conditioning,
        independence,
        chain,
        gauss_chain,
        network,
        hypergraph,
        bayes,
        mealy,
        monte_carlo,
        additive,
        differential,
        reverse,
        biproduct,
        dagger,
        context,
        rig,
    ),
    *(functor, homomorphism, iterative, lens, para, optimiser, step, learner, gradient, enclosure),
)
LAWS: tuple[Law, ...] = tuple(law for room in _ROOMS for law in room.LAWS)
"""All laws, level by level."""


def of(theory: type[Category]) -> tuple[Law, ...]:
    """The laws that a theory class states, those of the levels below it included.

    Example:
        >>> from catlearn.theory import Category
        >>> print(*of(Category), sep=", ")
        left_identity, right_identity, associativity, chain, power, power_zero, power_sum
    """
    return tuple(law for law in LAWS if issubclass(theory, law.needs) and not law.given)


def draws_of(category: Any) -> Draws:
    """The draws of a category that come with the library, found by the category or by the name of the draws.

    Raises:
        WrongCategory: there are none.
    """
    if isinstance(category, Draws):
        return category
    for draws in (*shipped.SHIPPED, *shipped.FURTHER, *shipped.FURTHER_FINITE, *shipped.FURTHER_GAUSSIAN):
        if category == draws.name or (category == draws.category and draws.name == str(draws.category)):
            return draws
    names = ", ".join(draws.name for draws in shipped.SHIPPED)
    raise WrongCategory(f"there are no draws for {category}; those shipped are {names}. Make some with `draws.of`.")


@door
def suite(category: Any, draws: Draws | None = None) -> tuple[tuple[Law, Status], ...]:
    """The laws that apply to a category, each with its declared status.

    Args:
        category: a category, or the name of shipped draws.
        draws: draws of the category; None for the shipped ones.

    Example:
        >>> from catlearn import Smooth
        >>> statuses = dict((str(law), str(status)) for law, status in suite(Smooth))
        >>> statuses["rd5"], statuses["copy_natural"], statuses["double_dagger"]
        ('up to rounding', 'exact', 'fails')
    """
    draws = draws_of(category) if draws is None else draws
    return tuple((law, draws.status(law)) for law in LAWS if law.missing(draws) is None)


@dataclasses.dataclass(frozen=True)
class Finding:
    """How a law was found to fare in a category: one row of a report.

    Attributes:
        law: the law; its docstring is the equation.
        category: the name of the draws.
        status: what was found.
        tolerance: of the equality that was confirmed; zero is exact.
        worst: the largest relative difference that was seen.
        examples: how many examples were drawn.
        detail: a tolerance or a witness, in words.
    """

    law: Law
    category: str
    status: Status
    tolerance: float = 0.0
    worst: float = 0.0
    examples: int = 0
    detail: str = ""

    @property
    def equation(self) -> str:
        """The equation of the law."""
        return self.law.equation


@door
def confirm(law: Law, draws: Draws, *, examples: int | None = None, shrink: bool = True) -> Finding:
    """Confirm the declared status of a law.

    Raises:
        LawBroken: it was declared to hold, and does not.
        NoWitness: it was declared to fail, and no arrows were found that break it.
    """
    if missing := law.missing(draws):
        return Finding(law, str(draws), Status.NOT_APPLICABLE, detail=missing)
    declared = draws.status(law)
    if declared is Status.FAILS:
        enough = None if examples is None else max(examples, 100)  # the search ends with the first witness
        witness = refute(law, draws, examples=enough, shrink=shrink)
        return Finding(law, str(draws), declared, draws.rounding, witness.gap.size, detail=str(witness))
    evidence = check(law, draws, examples=examples)
    found = Status.VACUOUS if evidence.vacuous else declared
    tol = draws.tolerance(law)
    detail = f"tolerance {tol:g}" if tol else ""
    return Finding(law, str(draws), found, tol, evidence.worst, evidence.examples, detail)


def report(*categories: Any, examples: int = 10, shrink: bool = True) -> list[Finding]:
    """Run the suites and list how each law fares in each category; `table` prints it.

    It runs in double precision, whatever JAX is set to.

    Args:
        *categories: categories, draws, or names of shipped draws; none for all that are shipped.
        examples: how many examples a law.
        shrink: whether to make witnesses as small as possible.
    """
    chosen = [draws_of(c) for c in categories] or shipped.SHIPPED
    with jax.enable_x64(True):
        return [confirm(law, draws, examples=examples, shrink=shrink) for draws in chosen for law in LAWS]


def table(findings: Iterable[Finding], *, witnesses: bool = False) -> str:
    """The findings as plain text: laws down, categories across.

    Args:
        findings: from `report`.
        witnesses: whether to add, below, the witness of each law that fails.
    """
    findings = list(findings)
    categories = list(dict.fromkeys(f.category for f in findings))
    cells = {(f.law, f.category): str(f.status) for f in findings}
    kept = [
        law
        for law in LAWS
        if any(cells.get((law, c), Status.NOT_APPLICABLE) != Status.NOT_APPLICABLE for c in categories)
    ]
    rows = [
        ["law", *categories],
        *([str(law), *(cells.get((law, c), "").replace("not applicable", "-") for c in categories)] for law in kept),
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    if witnesses:
        failing = (f for f in findings if f.status is Status.FAILS)
        lines += [f"\n{f.law} fails in {f.category}:\n    {f.equation}\n{f.detail}" for f in failing]
    return "\n".join(lines)
