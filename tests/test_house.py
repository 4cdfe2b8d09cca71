"""What holds for the package as a whole."""

import subprocess
import sys

import public_names
import pytest

EXTRAS = (
    "hypothesis",
    "discopy",
    "matplotlib",
    "sklearn",
    "statsmodels",
    "rich",
    "typer",
    "catlearn.laws",
    "catlearn.draw",
)


def test_importing_catlearn_loads_required_dependencies_only():
    program = f"import catlearn, sys; print([name for name in {EXTRAS!r} if name in sys.modules])"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert run.stdout.strip() == "[]", run.stdout + run.stderr


@pytest.mark.parametrize("name", ["jax_enable_x64", "jax_numpy_dtype_promotion", "jax_numpy_rank_promotion"])
def test_importing_catlearn_leaves_the_configuration_of_jax_alone(name):
    program = f"import jax; old = jax.config.{name}; import catlearn; print(jax.config.{name} == old)"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert run.stdout.strip() == "True", run.stdout + run.stderr


def test_every_public_name_is_documented():
    assert public_names.undocumented() == []
