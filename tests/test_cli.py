"""The command line: what it prints, what it writes, and what bad arguments get."""

import json
import statistics
import subprocess
import sys
import xml.etree.ElementTree as ET

import jax
import pytest
from typer.testing import CliRunner

import catlearn
from catlearn.cli import digits, main, tour
from catlearn.cli.app import app
from catlearn.cli.doctor import health

FILES = {"diagram", "lens", "learning-curve", "confusion", "digits"}


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def called(monkeypatch, *arguments):
    """What `main` exits with."""
    monkeypatch.setattr(sys, "argv", ["catlearn", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code


def test_the_doctor_names_versions_devices_precision_and_extras():
    rows = dict(health())

    assert rows["jax"] == jax.__version__
    assert rows["device"].startswith(jax.devices()[-1].platform)
    assert rows["default float"] == ("float64" if jax.config.jax_enable_x64 else "float32")
    assert {"extra laws", "extra draw", "extra tour"} <= set(rows)
    assert rows["compiles and differentiates"] == "yes"
    assert run("doctor").exit_code == 0


def test_the_doctor_says_how_to_install_what_is_missing(monkeypatch):
    from catlearn.cli import doctor

    monkeypatch.setattr(doctor, "version_of", lambda package: None if package == "discopy" else "1.0")

    assert "catlearn-jax[draw]" in dict(doctor.health())["extra draw"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("tour", "--seeds", "x"),
        ("tour", "--seeds", "0"),
        ("tour", "--epochs", "-1"),
        ("tour", "--colour"),
        ("laws", "NoSuchCategory"),
        ("laws", "--examples", "0"),
        ("doctor", "extra"),
    ],
    ids=" ".join,
)
def test_bad_arguments_get_the_usage_and_exit_code_2(arguments):
    result = run(*arguments)

    assert result.exit_code == 2
    assert "Usage: " in result.output


def test_a_file_in_place_of_the_folder_is_a_clear_error(tmp_path, monkeypatch, capsys):
    (tmp_path / "taken").write_text("mine")

    assert called(monkeypatch, "tour", "--out", str(tmp_path / "taken")) == 1
    assert called(monkeypatch, "tour", "--out", str(tmp_path / "taken" / "inside")) == 1

    errors = capsys.readouterr().err
    assert errors.count("cannot write to") == 2
    assert "--out" in errors
    assert "Traceback" not in errors
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
    assert (tmp_path / "taken").read_text() == "mine"


def test_nothing_is_half_written(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(tour, "step_times", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        tour.run_tour(tmp_path / "out", seeds=1, epochs=2, laws=False, console=tour.Console(quiet=True))

    assert list(tmp_path.iterdir()) == []


def test_the_tour_writes_its_pictures_and_numbers(tmp_path):
    out = tmp_path / "results"
    result = run("tour", "--out", str(out), "--seeds", "1", "--epochs", "2", "--no-laws")

    assert result.exit_code == 0, result.output
    assert {p.name for p in out.iterdir()} == {f"{n}.{s}" for n in FILES for s in ("png", "svg")} | {"tour.json"}
    assert [p.name for p in tmp_path.iterdir()] == ["results"]
    for path in out.glob("*.svg"):
        ET.parse(path)
    for path in out.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    numbers = json.loads((out / "tour.json").read_text())
    assert numbers["seconds_per_step"]["ratio"] > 0
    assert "test accuracy" in result.output


def test_the_pictures_of_the_tour_are_always_the_same(tmp_path):
    assert tour.pictures(tour.classifier()) == tour.pictures(tour.classifier())


def test_the_classifier_reads_97_percent_of_the_digits_like_the_one_by_hand():
    data, model = digits.digits(), tour.classifier()
    outcomes = [tour.outcome(model, data, seed, 60, False) for seed in range(5)]

    ours, peer = statistics.median(o.accuracy for o in outcomes), statistics.median(o.peer for o in outcomes)

    assert ours >= 0.97
    assert abs(ours - peer) <= 0.005


def test_the_split_is_stratified_and_fixed():
    first, second = digits.digits(), digits.digits()
    counts = [(first.test[1] == digit).sum() / len(first.test[1]) for digit in range(10)]

    assert (first.test[0] == second.test[0]).all()
    assert max(counts) - min(counts) < 0.01


def test_the_laws_of_the_tour_are_confirmed():
    ticks = []

    assert tour.checked_laws(lambda i, n: ticks.append((i, n))) == len(ticks) == ticks[-1][1]


def test_laws_are_judged_in_double_precision_whatever_jax_is_set_to():
    with jax.enable_x64(False):
        evidence = catlearn.laws.check(catlearn.laws.reverse.rd5, catlearn.laws.draws.smooth, examples=3)

    assert evidence.worst < 1e-9


@pytest.mark.slow
def test_the_law_report_names_each_law_and_its_status():
    result = run("laws", "Lens(Smooth)", "--examples", "5")

    assert result.exit_code == 0, result.output
    assert "interchange" in result.output


def test_without_typer_the_extra_is_named():
    code = "import sys; sys.modules['typer'] = None; sys.argv = ['catlearn', 'doctor']\nfrom catlearn.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 1
    assert "catlearn-jax[tour]" in done.stderr
    assert "Traceback" not in done.stderr
