"""The command line: ``catlearn tour``, ``catlearn laws``, ``catlearn doctor``.

Definition:
    `main` reads the arguments and runs one of the three. A wrong argument prints the usage and exits with 2, a named mistake
    (`CatlearnError`) prints its message and exits with 1.
"""

import sys

from ..theory.errors import CatlearnError, MissingExtra


def main() -> None:
    """The entry point of the command ``catlearn``."""
    try:
        try:
            from .app import app
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("catlearn"):
                raise
            raise MissingExtra("the command line", "tour") from None
        app()
    except CatlearnError as error:
        print(f"catlearn: {error}", file=sys.stderr)
        sys.exit(1)
