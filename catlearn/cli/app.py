"""The commands and their arguments."""

import pathlib
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="Composition that learns and composition that infers: typed arrows in real categories, on JAX.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def tour(
    out: Annotated[pathlib.Path, typer.Option(help="Folder for the pictures and numbers.")] = pathlib.Path(
        "catlearn-tour"
    ),
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many models are trained, each from its own key.")] = 5,
    epochs: Annotated[int, typer.Option(min=1, max=10_000, help="How often each example is visited.")] = 60,
    laws: Annotated[bool, typer.Option(help="Check the laws of the categories that the model lives in.")] = True,
) -> None:
    """Train a typed classifier on handwritten digits, and show what it did."""
    from .tour import run_tour

    run_tour(out, seeds=seeds, epochs=epochs, laws=laws, console=Console())


@app.command()
def laws(
    category: Annotated[
        list[str] | None, typer.Argument(help="Names of categories, as in the report; all that are shipped by default.")
    ] = None,
    examples: Annotated[
        int, typer.Option(min=5, help="How many examples are drawn for each law; too few find no witness.")
    ] = 10,
    witnesses: Annotated[
        bool, typer.Option(help="Print, for each law that fails, the smallest arrows that break it.")
    ] = False,
) -> None:
    """Run the law suites and print how each law fares in each category."""
    from .report import print_laws

    print_laws(category or [], examples=examples, witnesses=witnesses, console=Console())


@app.command()
def doctor() -> None:
    """Print versions, devices, precision and extras, and run one small program."""
    from .doctor import print_health

    print_health(Console())
