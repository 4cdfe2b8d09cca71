"""What holds for the package as a whole."""

import pkgutil
import subprocess
import sys

import public_names

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


def test_importing_catlearn_leaves_the_configuration_of_jax_alone():
    program = "import jax; old = dict(jax.config.values); import catlearn; print(dict(jax.config.values) == old)"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert run.stdout.strip() == "True", run.stdout + run.stderr


def test_every_public_name_is_documented():
    assert public_names.undocumented() == []


def test_the_plan_of_the_constructions_names_each_module():
    plan = (constructions.__doc__ or "").replace(",", " ").split()
    modules = [module.name for module in pkgutil.iter_modules(constructions.__path__)]

    assert [name for name in modules if name not in plan] == []
