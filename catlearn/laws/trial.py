"""Trying laws: check one, or refute it.

Definition:
    To *check* a law is to look for arrows that break it and find none; to *refute* it is to find some. Hypothesis draws
    them and makes what it finds small.

Each law is tested on results. Where a category can seal its arrows or has a reference reading, the law is
tested again with every drawn arrow sealed into one opaque factor, and each side is compared with what the
reference makes of it: two sides that are the same flat path prove nothing by being equal to each other.
"""

import dataclasses
from typing import Any

import hypothesis
import jax
from hypothesis import Phase, find
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException, NoSuchExample

from ..theory import door
from ..theory.errors import LawBroken, LawNotApplicable, NoWitness
from .draw import Draw, Draws, Reading, Tape
from .law import Law, Sides
from .look import Gap, differ, named


@dataclasses.dataclass(frozen=True)
class Witness:
    """Arrows that break a law: what was drawn, and how the two sides differ.

    Attributes:
        entries: the objects and arrows, in the order in which they were drawn, each with its kind.
        equation: which equation of the law, counted from one.
        reading: how the arrows were read: as they are, sealed, or by the reference.
        gap: the difference.
        error: the mistake that was raised instead of a side, if one was.
    """

    entries: tuple[tuple[str, Any], ...]
    equation: int
    reading: str
    gap: Gap
    error: Exception | None = None

    @property
    def drawn(self) -> dict[str, str]:
        """The objects and arrows in words, by name."""
        return named(self.entries)

    def __str__(self) -> str:
        lines = [f"    {name} = {value}" for name, value in self.drawn.items()]
        where = "" if self.equation == 1 else f" (equation {self.equation})"
        return "\n".join([*lines, f"{self.reading}{where}: {self.gap}".replace(": \n", ":\n")])


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What a check saw.

    Attributes:
        examples: how many examples were drawn.
        worst: the largest relative difference of two sides that was accepted.
        vacuous: whether in every example, however read, the two sides were one and the same thing.
    """

    examples: int
    worst: float
    vacuous: bool


@dataclasses.dataclass(frozen=True)
class _Trial:
    """One example of a law: a witness if it breaks, and what was seen if it does not."""

    witness: Witness | None
    worst: float = 0.0
    trivial: bool = False


def _trial(law: Law, draws: Draws, tape: Tape, readings: tuple[Reading, ...], tol: float, errors: bool) -> _Trial:
    worst, trivial, plain, reading = 0.0, True, [], readings[0]
    try:
        for reading in readings:
            tape.rewind()
            pairs = law.pairs(Draw(draws, tape, reading))
            plain = plain or pairs
            trivial = trivial and all(_same(lhs, rhs, reading) for lhs, rhs in pairs)
            gaps = (_gap(law, draws, tape, reading, *both, tol) for both in zip(plain, pairs, strict=True))
            for i, (gap, allowed) in enumerate(gaps, start=1):
                if gap.size > allowed:
                    return _Trial(Witness(tape.entries, i, reading.name, gap))
                worst = worst if reading.reference else max(worst, gap.size)
    except HypothesisException:
        raise
    except Exception as error:
        if not errors:
            raise
        gap = Gap(float("inf"), (f"raised {type(error).__name__}: {error}",))
        return _Trial(Witness(tape.entries, 1, reading.name, gap, error))
    return _Trial(None, worst, trivial)


def _gap(
    law: Law, draws: Draws, tape: Tape, reading: Reading, own: Sides, sides: Sides, tol: float
) -> tuple[Gap, float]:
    """How far the two sides are apart, and how far they may be; or each from the same side of the plain reading."""
    allowed = max(tol, draws.rounding) if reading.reference else tol
    against = zip(own, sides, strict=True) if reading.reference else (sides,)
    compiled = law.compiled and not reading.reference
    gaps = (differ(draws, tape, f, g, allowed, compiled=compiled) for f, g in against)
    return max(gaps, key=lambda gap: gap.size), allowed


def _same(lhs: Any, rhs: Any, reading: Reading) -> bool:
    return lhs is rhs or (reading.flat and bool(lhs == rhs))


def _search(
    law: Law,
    draws: Draws,
    settings: Any,
    *,
    tol: float,
    errors: bool,
    thorough: int = 0,
    scene: int | None = None,
) -> tuple[Witness | None, list[_Trial]]:
    """Look for a witness. The first examples are read in every way, and so is each one after a witness, while it is made small."""
    seen: list[_Trial] = []

    def breaks(data: Any) -> bool:
        every_way = len(seen) < thorough or (thorough and any(trial.witness for trial in seen))
        readings = draws.readings if every_way else draws.readings[:1]
        # Not `data.draw`, which also describes in words all that it draws for the last example: a `Witness` does, when asked.
        seen.append(_trial(law, draws, Tape(data.conjecture_data.draw, scene), readings, tol, errors))
        return seen[-1].witness is not None

    try:
        with jax.enable_x64(True):  # what is "up to rounding" is judged in double precision, whatever JAX is set to
            find(st.data(), breaks, settings=settings)
    except NoSuchExample:
        return None, seen
    return seen[-1].witness, seen  # what is found is shown last


def _settings(examples: int | None) -> Any:
    """The profile that is loaded; without deadline, without a database shared by all laws, and without tracing lines."""
    profile = hypothesis.settings()
    return hypothesis.settings(
        profile,
        max_examples=profile.max_examples if examples is None else examples,
        phases=[phase for phase in profile.phases if phase is not Phase.explain],
        deadline=None,
        database=None,
    )


def _applies(law: Law, draws: Draws) -> None:
    missing = law.missing(draws)
    if missing:
        raise LawNotApplicable(law, draws, missing)


@door
def check(law: Law, draws: Draws, *, tol: float | None = None, examples: int | None = None) -> Evidence:
    """Test a law on drawn arrows.

    Args:
        law: the law.
        draws: where its arrows come from.
        tol: the tolerance of equality; None for the one that the draws declare for this law.
        examples: how many examples; None for the number in the Hypothesis profile. A quarter of them, and two at
            least, is read again with sealed arrows and against the reference, where there are such readings.

    Raises:
        LawBroken: there are arrows that break it; the message shows the smallest that were found.
        LawNotApplicable: the category lacks an operation of the law.
    """
    _applies(law, draws)
    tol = draws.tolerance(law) if tol is None else tol
    settings = _settings(examples)
    thorough = max(2, settings.max_examples // 4)
    witness, seen = _search(law, draws, settings, tol=tol, errors=True, thorough=thorough)
    if witness is not None:
        raise LawBroken(law, draws, witness) from witness.error
    return Evidence(len(seen), max((t.worst for t in seen), default=0.0), all(t.trivial for t in seen))


@door
def refute(
    law: Law, draws: Draws, *, tol: float | None = None, examples: int | None = None, shrink: bool = True
) -> Witness:
    """Find arrows that break a law, in the first scene that has some.

    A side that cannot be formed is no witness: what it raises is raised.

    Args:
        law: a law that is expected to fail.
        draws: where its arrows come from.
        tol: the tolerance of equality; None for the one of "up to rounding".
        examples: how many examples to try; None for the number in the Hypothesis profile.
        shrink: whether to make the arrows as small as possible; without it the first that are found are returned.

    Raises:
        NoWitness: none was found.
        LawNotApplicable: the category lacks an operation of the law.
    """
    _applies(law, draws)
    settings = _settings(examples)
    if not shrink:
        settings = hypothesis.settings(settings, phases=[Phase.generate])
    tol = draws.rounding if tol is None else tol
    tried = 0
    for scene in range(len(draws.scenes)) or [None]:
        witness, seen = _search(law, draws, settings, tol=tol, errors=False, scene=scene)
        if witness is not None:
            return witness
        tried += len(seen)
    raise NoWitness(law, draws, tried)
