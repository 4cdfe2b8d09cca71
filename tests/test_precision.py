"""The laws run in float64; the tests marked `float32` run once more in a process of their own, at JAX's default precision."""

import os
import subprocess
import sys
from pathlib import Path

import jax.numpy as jnp
import pytest
from cases import slow

ROOT = Path(__file__).parents[1]


@pytest.mark.float32
def test_the_default_float_is_the_one_this_process_asked_for():
    asked = jnp.float64 if os.environ.get("CATLEARN_X64", "1") != "0" else jnp.float32

    assert asked == jnp.zeros(()).dtype


FLOATS = ("finstoch", "gauss", "gauss_chain", "inference_stress", "likelihood", "networks", "program")


@pytest.mark.skipif(os.environ.get("CATLEARN_X64") == "0", reason="this is the float32 process")
@pytest.mark.parametrize("every_case", [False, *slow(True)], ids=["first", "every"])
def test_the_programs_run_in_float32_as_well(every_case):
    """Where numbers may overflow, vanish or cancel, the first case of each test; all that are marked, in every case, with --slow."""
    marked = {path.stem for path in ROOT.glob("tests/test_*.py") if "mark.float32" in path.read_text("utf-8")}
    names = marked if every_case else [f"test_{name}" for name in FLOATS]
    files = [f"tests/{name}.py" for name in sorted(names)]
    env = {**os.environ, "CATLEARN_X64": "0", "CATLEARN_PAPER_REPORT": ""}
    command = [sys.executable, "-m", "pytest", *files, "-q", "-m", "float32", "-n0", "-p", "no:cacheprovider"]

    run = subprocess.run(
        [*command, *(["--slow"] if every_case else [])], cwd=ROOT, env=env, capture_output=True, text=True
    )

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_what_the_annotations_say_is_so():
    """The checker looks at each function that is defined within another whenever it is, which takes longer than most tests."""
    checked = "--jaxtyping-packages=catlearn,beartype.beartype"
    files = [
        f"tests/test_{name}.py" for name in ("objects", "linear", "lens", "para", "fit", "free", "poly", "mat", "gad")
    ]
    command = [sys.executable, "-m", "pytest", *files, "-q", "-n2", "-p", "no:cacheprovider", checked]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout + run.stderr
