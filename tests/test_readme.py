"""The README: its pictures are those that the library draws, its commands exist, and its program is short."""

import importlib.util
import re
from pathlib import Path

from typer.testing import CliRunner

from catlearn.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def pictures():
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_kept_pictures_are_the_ones_that_are_drawn():
    module = pictures()

    assert {path.name: path.read_text(encoding="utf-8") for path in module.FOLDER.iterdir()} == module.drawn()


def test_every_file_that_the_readme_shows_is_there():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)

    assert links
    assert all((ROOT / link).exists() for link in links)


def test_the_commands_of_the_readme_exist():
    commands = set(re.findall(r"catlearn (tour|laws|doctor)", README))

    assert commands == {"tour", "laws", "doctor"}
    assert all(CliRunner().invoke(app, [command, "--help"]).exit_code == 0 for command in commands)


def test_the_programs_of_the_readme_are_about_fifteen_lines():
    programs = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)

    assert len(programs) == 2
    assert all(len([line for line in program.splitlines() if line.strip()]) <= 15 for program in programs)


def test_the_model_of_the_readme_is_the_one_of_the_tour():
    from catlearn import learn
    from catlearn.cli.tour import classifier

    (model,) = re.findall(r"^model = (.*?)  #", README, flags=re.MULTILINE)

    assert eval(model, {"learn": learn}) == classifier()
