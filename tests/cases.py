"""Cases of parametrised tests."""

import pytest


def slow(*cases):
    """Cases that run with --slow only; a tuple holds the values of several parameters."""
    return [pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow) for case in cases]
