"""The shipped laws reject every seeded fault, and the original keeps the laws that do."""

import collections
import json
import shutil
import subprocess
import sys

import pytest

from catlearn.laws import Status, draws, suite
from tests.faults.fault import PACKAGE, ROOT, fresh_copy, path_of, source_of, unshrunk
from tests.faults.seeded import FAULTS

EXAMPLES = 20
BROKEN = (Status.FAILS, Status.NOT_APPLICABLE)


def one_of_each_module():
    """Each fault has its programs traced and compiled anew: without --slow the first of each module stands for the others."""
    seen = set()
    for fault in FAULTS:
        yield pytest.param(fault, id=str(fault), marks=[pytest.mark.slow] if fault.module in seen else [])
        seen.add(fault.module)


NAMED = sorted({(fault.draws, law) for fault in FAULTS for law in fault.laws})


@pytest.fixture(autouse=True)
def _unshrunk():
    with unshrunk():
        yield


def test_there_are_enough_faults_and_each_has_a_name_of_its_own():
    assert len(FAULTS) >= 30
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_the_original_claims_to_keep_the_laws_that_reject_faults():
    """Each claim is confirmed by tests/test_laws.py."""
    shipped = {str(drawn): drawn for drawn in draws.SHIPPED}
    claimed = {
        (name, str(law)) for name, drawn in shipped.items() for law, status in suite(drawn) if status not in BROKEN
    }

    assert [named for named in NAMED if named not in claimed] == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_fault_changes_one_line(fault):
    assert fault.changed_lines == 1


@pytest.mark.parametrize("fault", [*one_of_each_module()])
def test_the_fault_is_rejected(fault):
    with fresh_copy(**{fault.module: fault.source}) as copy:
        rejection = copy.rejection(fault.draws, fault.laws[0], examples=EXAMPLES)

    assert rejection, f"{fault.name!r} in {fault.module} is not noticed"


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if len(fault.laws) > 1], ids=str)
def test_the_fault_is_rejected_by_each_law_it_names(fault):
    with fresh_copy(**{fault.module: fault.source}) as copy:
        kept = [law for law in fault.laws if copy.rejection(fault.draws, law, examples=EXAMPLES) is None]

    assert kept == [], f"{fault.name!r} in {fault.module} is not noticed"


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_copy_without_the_fault_keeps_these_laws(fault):
    with fresh_copy(**{fault.module: source_of(fault.module)}) as copy:
        broken = [law for law in fault.laws if copy.rejection(fault.draws, law, examples=EXAMPLES)]

    assert broken == []


@pytest.mark.slow
def test_the_faults_type_check(tmp_path):
    """Each faulty module, and each original, stands beside the original under another name; the complaints are the same."""
    pytest.importorskip("basedpyright")
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    place = lambda module, name: tmp_path / path_of(module).relative_to(ROOT).with_name(f"{name}.py")
    usual = {fault.module: place(fault.module, f"usual_{fault.module.split('.')[-1]}") for fault in FAULTS}
    faulty = [place(fault.module, f"fault_{i}") for i, fault in enumerate(FAULTS)]
    for module, path in usual.items():
        path.write_text(source_of(module))
    for fault, path in zip(FAULTS, faulty, strict=True):
        path.write_text(fault.source)

    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    said = collections.defaultdict(list)
    for complaint in json.loads(run.stdout)["generalDiagnostics"]:
        if complaint["severity"] == "error":
            said[complaint["file"]].append((complaint["rule"], complaint["message"]))
    new = {
        f.name: [c for c in said[str(p)] if c not in said[str(usual[f.module])]]
        for f, p in zip(FAULTS, faulty, strict=True)
    }
    assert {name: complaints for name, complaints in new.items() if complaints} == {}
