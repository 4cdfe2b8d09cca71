"""The command of the benchmarks: what it writes, what it refuses, and when it fails. No benchmark is run."""

import json
import os
import sys
import types

import pytest

from benchmarks import __main__ as command
from benchmarks.harness import Gate, Row, in_turns, opcodes, table

ROWS = [Row("step", "time (us)", 3.0, 2.0, "hand-written"), Row("step", "difference", 0, 0, "hand-written")]


@pytest.fixture
def measured(monkeypatch):
    """A benchmark that is done at once, under the name of one that is not."""
    fake = types.SimpleNamespace(measure=lambda: ROWS, gates=lambda rows: [Gate("step", "time (us)", 1.3)])
    monkeypatch.setitem(sys.modules, "benchmarks.composition", fake)


def test_each_name_is_a_module():
    folder = os.path.dirname(command.__file__)
    assert all(os.path.exists(os.path.join(folder, f"{name}.py")) for name in command.NAMES)


@pytest.mark.parametrize("arguments", [[], ["no-such-benchmark"], ["composition", "--no-such-option"]])
def test_bad_arguments_get_a_usage_message_and_exit_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert "usage: python -m benchmarks" in capsys.readouterr().err


def test_the_table_goes_to_the_screen_and_all_numbers_to_the_file(measured, capsys, tmp_path):
    file = tmp_path / "rows.json"
    assert command.main(["composition", "--json", str(file)]) == 0
    assert "1.500" in capsys.readouterr().out
    content = json.loads(file.read_text())
    assert content["rows"][0] == {
        "row": "step",
        "metric": "time (us)",
        "ours": 3.0,
        "peer": 2.0,
        "peer_name": "hand-written",
        "ratio": 1.5,
    }
    assert {"jax", "optax", "python"} <= set(content["header"]["versions"])
    assert content["header"]["device"]["platform"]
    assert os.listdir(tmp_path) == ["rows.json"]


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "benchmarks.composition", None)  # importing it would raise
    for file, why in ((tmp_path / "nowhere" / "rows.json", "no folder"), (tmp_path, "is a folder")):
        with pytest.raises(SystemExit, match="2"):
            command.main(["composition", "--json", str(file)])
        assert why in capsys.readouterr().err


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(measured, monkeypatch, capsys, tmp_path):
    file = tmp_path / "rows.json"
    file.write_text("the old one")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("benchmarks.harness.json.dump", full)
    with pytest.raises(SystemExit, match="2"):
        command.main(["composition", "--json", str(file)])
    assert "No space left on device" in capsys.readouterr().err
    assert file.read_text() == "the old one"
    assert os.listdir(tmp_path) == ["rows.json"]


def test_a_limit_that_is_exceeded_is_named_and_exits_1(measured, capsys):
    assert command.main(["composition", "--check"]) == 1
    assert "step, time (us): ratio to hand-written is 1.500, the limit 1.300" in capsys.readouterr().err
    assert command.main(["composition"]) == 0


def test_a_ratio_to_zero_is_one_for_zero_and_fails_a_gate_otherwise():
    assert ROWS[1].ratio == 1.0
    bad = Row("step", "difference", 2, 0, "hand-written")
    assert bad.ratio is None
    assert "undefined" in Gate("step", "difference", 1.0).failure([bad])
    assert Gate("step", "difference", 1.0).failure([ROWS[1]]) is None
    assert "-" in table([bad])


def test_a_row_that_is_missing_is_a_failure_of_its_gate():
    assert "was not measured" in Gate("step", "flops", 1.0).failure(ROWS)


def test_operations_are_counted_in_fusions_and_behind_types_that_are_tuples():
    text = """
    %fused (p: f32[2]) -> f32[2] {
      %p = f32[2]{0} parameter(0)
      ROOT %sine.1 = f32[2]{0} sine(%p), metadata={op_name="x = y(z)"}
    }
    ENTRY %main {
      %a = f32[2]{0} parameter(0)
      %loop = (s32[], f32[2]{0}, /*index=2*/f32[2]{0}) while(%a), condition=%c, body=%b
      ROOT %fusion = f32[2]{0} fusion(%a), kind=kLoop, calls=%fused
    }
    """
    counts = opcodes(types.SimpleNamespace(as_text=lambda: text))
    assert counts == {"parameter": 2, "sine": 1, "while": 1, "fusion": 1}


def test_works_take_turns_in_alternating_order():
    seen = []
    in_turns(lambda: seen.append("a"), lambda: seen.append("b"), rounds=2)
    assert seen == ["a", "b", "b", "a"]
