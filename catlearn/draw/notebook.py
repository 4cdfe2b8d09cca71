"""Notebooks: arrows show themselves as diagrams, and know nothing of it.

Definition:
    `register` tells IPython how the classes `Arrow` and `TwoCell` look as SVG. Importing `catlearn.draw` in a notebook does it.
"""

import sys
from typing import Any

from ..constructions import TwoCell
from ..theory import Arrow


def _shell() -> Any:
    """The running IPython shell, or None: IPython is never imported for this."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def register() -> bool:
    """Show arrows and 2-cells as diagrams in the running notebook; returns whether there is one."""
    shell = _shell()
    if shell is None:
        return False
    formatter = shell.display_formatter.formatters["image/svg+xml"]
    for shown in (Arrow, TwoCell):
        formatter.for_type(shown, _as_svg)
    return True


def _as_svg(x: Any) -> str:
    from .pictures import svg

    return svg(x)


def display(x: Any) -> bool:
    """Display a value in the running notebook; returns whether there is one."""
    if _shell() is None:
        return False
    sys.modules["IPython"].display.display(x)
    return True
