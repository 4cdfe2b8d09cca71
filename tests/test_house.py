"""What holds for the package as a whole."""

import pkgutil
import subprocess
import sys

import public_names
import pytest

from catlearn import constructions

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


def test_the_plan_of_the_constructions_names_each_module():
    plan = (constructions.__doc__ or "").replace(",", " ").split()
    modules = [module.name for module in pkgutil.iter_modules(constructions.__path__)]

    assert [name for name in modules if name not in plan] == []
