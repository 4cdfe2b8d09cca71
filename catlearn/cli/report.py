"""The law report on the terminal."""

from collections import Counter

import typer
from rich.console import Console

import catlearn

from ..theory.errors import WrongCategory


def print_laws(names: list[str], *, examples: int, witnesses: bool, console: Console) -> None:
    """Run the suites of the named categories, or of all, and print them: laws down, categories across."""
    try:
        with console.status("checking laws ..."):
            findings = catlearn.laws.report(*names, examples=examples)
    except WrongCategory as error:
        raise typer.BadParameter(str(error), param_hint="CATEGORY") from None
    console.print(catlearn.laws.table(findings, witnesses=witnesses), markup=False, highlight=False, soft_wrap=True)
    counts = Counter(str(f.status) for f in findings)
    counts.pop("not applicable", None)
    console.print()
    console.print(", ".join(f"{n} {status}" for status, n in counts.most_common()), markup=False, highlight=False)
