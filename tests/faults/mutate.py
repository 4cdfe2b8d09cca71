"""The mutation run: how many small slips do the laws and the tests notice?

    uv run python -m tests.faults.mutate [--module NAME ...] [--sample N --seed S] [--jobs J] [--json FILE]

Each mutant of `catlearn.categories` and `catlearn.constructions` first meets the shipped laws, in a process that imports one
faulty copy after another; what the laws keep meets the doctests of the module and the unit tests that are about it. A mutant
that does not come to an end counts as killed. The run works on a copy of the repository, so the files may change meanwhile.
It takes hours for all mutants, which is why it is no part of the tests; `docs/reference/mutants.md` has the last figure.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.fault import PACKAGE, ROOT, fresh_copy, unshrunk
from tests.faults.mutants import Mutant, mutants

MODULES = tuple(
    f"{room}.{path.stem}"
    for room in ("categories", "constructions")
    for path in sorted((ROOT / PACKAGE / room).glob("*.py"))
    if path.stem != "__init__"
)

# The draws whose laws speak of a module, and the tests that are about it; what does not exist is left out.
BATCHES = ("Batch(3)", "Batch(3), discrete wires", "Repeat(3)", "Batch(3), permuted", "Batch(3), split")
REVERSED = ("Reverse", "Para(Reverse)")
POLYNOMIALS = ("Poly(N)", "Poly(Z/2)", "Poly(Boolean)")
FREE = ("FreeSymmetric", "FreeMarkov", "FreeCartesian", "meaning in Smooth", "meaning in Linear")
LEARNERS = (
    "Learn(Smooth)",
    "Learn(FreeCartesian)",
    "AsLens",
    "L, quadratic error",
    "L, product error",
    "learners by gradients",
)
ESSENCE = ("AddFn", "Dual(AddFn)", "D(Dual(AddFn))", "Derive(Dual(AddFn))", "AsDual")
BAYES = ("Bayes(FinStoch(Q))", "Bayes(Gauss)")
COND = ("Cond(FinStoch(Q))", "FinStoch(Q) → Cond(FinStoch(Q))")
DRAWS = {
    "categories.additive": ESSENCE,
    "categories.affinerel": ("Supp",),
    "categories.blocks": ("AsDual",),
    "categories.covariance": ("Gauss",),
    "categories.finstoch": ("FinStoch(Q)", "QuasiStoch(Z)", "floats"),
    "categories.gauss": ("Gauss", "Cond(Gauss)", "Bayes(Gauss)"),
    "categories.linear": ("Linear", "Include"),
    "categories.noisy": ("Gauss",),
    "categories.mat": ("Mat(N)", "Mat(Q(i), conjugation)", "FinRel"),
    "categories.path": ("Smooth", "Smooth, discrete wires"),
    "categories.poly": (*POLYNOMIALS, "Lens(Poly(Z/2))", "Para(Poly(Z/2))", "Reverse, Poly(Z/2)"),
    "categories.polynomial": POLYNOMIALS,
    "categories.rel": ("Rel", "support, fractions"),
    "categories.tables": ("FinStoch(Q)", "Rel", "floats"),
    "categories.smooth": ("Smooth", "Smooth, discrete wires", "Para(Smooth)", *BATCHES, *REVERSED),
    "constructions.batch": (*BATCHES, "Para(Smooth)"),
    "constructions.bayes": BAYES,
    "constructions.circuit": ("Circuits", "Reverse, circuits", "Polynomials"),
    "constructions.cokl": ("CoKl(FinStoch(Q), Fin(2))", "CoKl(Smooth, R())", "Push", "CopyDraws", "Realise"),
    "constructions.cond": (*COND, "Cond(Gauss)"),
    "constructions.conditioning": (*COND, "Cond(Gauss)"),
    "constructions.conditioning_finite": COND,
    "constructions.conditioning_gauss": ("Cond(Gauss)",),
    "constructions.cont": ("AsDual",),
    "constructions.context": ("LinearInContext(Poly(N), Dim(2))",),
    "constructions.dual": ("Dual(AddFn)", "AsDual"),
    "constructions.renumber": ("floats", "support, fractions"),
    "constructions.stepwise": ("AsDual",),
    "constructions.formula": FREE,
    "constructions.free": FREE,
    "constructions.exactness": BAYES,
    "constructions.copara": BAYES,
    "constructions.exchange": FREE,
    "constructions.gaussian_functors": ("Supp",),
    "constructions.mealy": ("Mealy(QuasiStoch(Z))", "QuasiStoch(Z) → Mealy(QuasiStoch(Z))"),
    "constructions.gad": ("D(Dual(AddFn))", "Derive(Dual(AddFn))"),
    "constructions.gad_stage": ("D(Dual(AddFn))", "Derive(Dual(AddFn))"),
    "constructions.graph": FREE,
    "constructions.hypergraph": FREE,
    "constructions.inclusion": ("Include",),
    "constructions.inverter": BAYES,
    "constructions.normal_form": ("Cond(Gauss)",),
    "constructions.interpretation": FREE,
    "constructions.learner": LEARNERS,
    "constructions.learner_stage": LEARNERS,
    "constructions.lens": ("Lens(Smooth)", "Lens(Smooth), lenses of derivatives", "Para(Lens(Smooth))", *REVERSED),
    "constructions.optic": ("Optic(Smooth)",),
    "constructions.para": ("Para(Smooth)", "Para(Lens(Smooth))", *REVERSED),
    "constructions.reverse": ("Lens(Smooth), lenses of derivatives", *REVERSED),
    "constructions.stat": BAYES,
    "constructions.transport": ("AsLens", "AsDual"),
    "constructions.transposition": ("AsDual",),
}
TESTS = {
    "categories.additive": ("close", "gad", "jacobian"),
    "categories.affinerel": ("extgauss",),
    "categories.blocks": ("gad", "jacobian"),
    "categories.chance": ("sampled",),
    "categories.covariance": ("gauss", "extgauss"),
    "categories.extgauss": ("extgauss", "cond"),
    "categories.finstoch": ("finstoch", "updates"),
    "categories.gauss": ("gauss", "cond", "bayes"),
    "categories.linear": ("close", "linear", "inclusion"),
    "categories.mat": ("mat",),
    "categories.monoids": ("context",),
    "categories.noisy": ("gauss", "extgauss"),
    "categories.path": ("smooth", "linear"),
    "categories.poly": ("poly", "context"),
    "categories.polynomial": ("poly",),
    "categories.rel": ("rel",),
    "categories.sampled": ("sampled",),
    "categories.tables": ("finstoch", "rel"),
    "categories.smooth": ("close", "smooth", "batch", "para", "reverse"),
    "constructions.affine": ("cokl", "likelihood"),
    "constructions.batch": ("batch", "para", "supervised_step"),
    "constructions.bayes": ("bayes", "games"),
    "constructions.begin": ("close", "gad"),
    "constructions.bracketing": ("jacobian",),
    "constructions.circuit": ("circuits", "boolean"),
    "constructions.cokl": ("cokl", "likelihood"),
    "constructions.cond": ("cond", "updates"),
    "constructions.conditioning": ("cond",),
    "constructions.conditioning_extended": ("cond", "extgauss", "program"),
    "constructions.conditioning_finite": ("cond",),
    "constructions.conditioning_gauss": ("cond", "program"),
    "constructions.cont": ("close", "gad"),
    "constructions.copara": ("bayes", "games"),
    "constructions.dependent": ("bayes",),
    "constructions.renumber": ("finstoch", "rel"),
    "constructions.stepwise": ("gad",),
    "constructions.context": ("context",),
    "constructions.dual": ("close", "gad"),
    "constructions.encoding": ("free",),
    "constructions.exactness": ("bayes",),
    "constructions.exchange": ("free",),
    "constructions.family": ("games",),
    "constructions.formula": ("free",),
    "constructions.free": ("free", "draw"),
    "constructions.gad": ("close", "gad", "jacobian"),
    "constructions.gad_stage": ("gad", "jacobian"),
    "constructions.gaussian_functors": ("gauss", "extgauss"),
    "constructions.graph": ("free",),
    "constructions.hypergraph": ("free",),
    "constructions.inclusion": ("inclusion", "linear"),
    "constructions.inverter": ("bayes",),
    "constructions.incremental": ("gad",),
    "constructions.indexed": ("gad",),
    "constructions.initialise": ("initialise", "para", "layers"),
    "constructions.interpretation": ("free",),
    "constructions.jacobian": ("jacobian",),
    "constructions.learner": ("close", "learner"),
    "constructions.learner_stage": ("learner",),
    "constructions.lens": ("close", "lens", "optic", "reverse", "supervised_step"),
    "constructions.mealy": ("mealy", "state_space"),
    "constructions.module": ("module",),
    "constructions.normal_form": ("cond",),
    "constructions.notation": ("free",),
    "constructions.optic": ("close", "optic", "lens"),
    "constructions.packed": ("circuits", "boolean"),
    "constructions.para": ("close", "para", "lens", "batch", "module", "supervised_step"),
    "constructions.probe": ("gad",),
    "constructions.representation": ("gad", "jacobian"),
    "constructions.reverse": ("reverse", "lens", "supervised_step"),
    "constructions.sampling": ("sampled",),
    "constructions.stat": ("bayes",),
    "constructions.transport": ("gad", "learner"),
    "constructions.transposition": ("gad",),
    "constructions.truth": ("circuits",),
}

ABOUT_ALL = ("ends", "errors", "foreign")

EXAMPLES = 12
PAGE = ROOT / "docs" / "reference" / "mutants.md"
LIKELY = 25  # so many laws, those that found most, are tried before the tests; the others after them
ONE_LAW_MAY_TAKE = 120.0
TESTS_MAY_TAKE = 5.0  # times as long as for the original, and a minute


def tests_about(module: str) -> list[str]:
    """The doctests of a module, and the files of tests that are about it."""
    tests = (*ABOUT_ALL, *TESTS.get(module, ()))
    files = [f"{PACKAGE}/{module.replace('.', '/')}.py", *(f"tests/test_{name}.py" for name in tests)]
    return [file for file in files if (ROOT / file).exists()]


# ---------------------------------------------------------------- in the worker
def _broken(copy: Any, draws: str, law: str) -> bool:
    try:
        return copy.rejection(draws, law, examples=EXAMPLES) is not None
    except Exception:
        return True


def _judge(module: str, source: str, laws: list[tuple[str, str]]) -> Iterator[Any]:
    """The first law that a mutant breaks; each that it keeps is a sign of life."""
    try:
        with fresh_copy(**{module: source}) as copy:
            for law in laws:
                if _broken(copy, *law):
                    yield {"answer": law}
                    return
                yield {}
    except Exception as error:
        yield {"answer": f"import: {type(error).__name__}"}
        return
    yield {"answer": None}


def _claims(draws: list[str]) -> Iterator[Any]:
    """The laws that are claimed for some draws."""
    with fresh_copy() as copy:
        yield {"answer": [(name, law) for name in copy.shipped(tuple(draws)) for law in copy.claims(name)]}


def work() -> None:
    """Answer orders, one a line, until there are no more."""
    import gc

    import jax

    sys.path.insert(0, str(ROOT / "docs" / "ext"))
    import conftest  # noqa: F401  (precision and caches, as in the tests)

    answers, sys.stdout = sys.stdout, sys.stderr
    with unshrunk():
        for i, line in enumerate(sys.stdin):
            order = json.loads(line)
            for said in _claims(**order) if "draws" in order else _judge(**order):
                print(json.dumps(said), file=answers, flush=True)
            if i % 20 == 19:
                jax.clear_caches()
                gc.collect()


# ---------------------------------------------------------------- in the run
def _listen(stream: Any, said: "queue.Queue[str]") -> None:
    """Pass on each line, and an empty one at the end."""
    for line in stream:
        said.put(line)
    said.put("")


def same_programs() -> set[tuple[str, str]]:
    """The mutants that are known to compute the same as the original, by module and change, from the page that says why."""
    rows = [line.split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    return {(row[0].strip("| `"), row[1].strip("`")) for row in rows}


class Worker:
    """A copy of the repository, and a process that answers orders about it."""

    def __init__(self, home: Path):
        self.root = home
        keep_out = shutil.ignore_patterns(".*", "_build", "_generated", "notebooks", "benchmarks")
        shutil.copytree(ROOT, self.root, ignore=keep_out)
        (self.root / ".cache").symlink_to(ROOT / ".cache")
        self.process: subprocess.Popen[str] | None = None

    def ask(self, **order: Any) -> Any:
        """The answer to an order; `TimeoutError` if nothing is heard for too long, `EOFError` if the process dies."""
        if self.process is None:
            command = [sys.executable, "-m", "tests.faults.mutate", "--work"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self.process = subprocess.Popen(command, cwd=self.root, text=True, **pipes)
            self.said: queue.Queue[str] = queue.Queue()
            threading.Thread(target=_listen, args=(self.process.stdout, self.said), daemon=True).start()
        print(json.dumps(order), file=self.process.stdin, flush=True)
        while True:
            try:
                line = self.said.get(timeout=ONE_LAW_MAY_TAKE)
            except queue.Empty:
                self.close()
                raise TimeoutError from None
            if not line:
                self.close()
                raise EOFError
            if "answer" in (said := json.loads(line)):
                return said["answer"]

    def tests(self, files: list[str], may_take: float | None = None) -> str | None:
        """Why the tests fail, or None if they pass."""
        options = ["-x", "-q", "-n0", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly"]
        command = [sys.executable, "-m", "pytest", *options, *files]
        try:
            run = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=may_take)
        except subprocess.TimeoutExpired:
            return "tests: no end"
        said = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return (said or [f"tests: exit {run.returncode}"])[0][:160] if run.returncode else None

    def path(self, mutant: Mutant) -> Path:
        """The file of its module."""
        return self.root / mutant.where.split(":")[0]

    @contextlib.contextmanager
    def changed(self, mutant: Mutant):
        """The copy of the repository holds the mutant for a while."""
        path = self.path(mutant)
        original = path.read_text()
        path.write_text(mutant.source)
        try:
            yield
        finally:
            path.write_text(original)

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None


@dataclasses.dataclass
class Run:
    """A mutation run: workers, the laws that are claimed, those that the original was seen to keep, the tests with the time they take."""

    workers: "queue.Queue[Worker]"
    laws: dict[str, list[tuple[str, str]]] = dataclasses.field(default_factory=dict)
    kept: dict[tuple[str, str], bool] = dataclasses.field(default_factory=dict)
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)
    kills: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    def list_laws(self, modules: list[str]) -> None:
        """Find the laws that speak of each module."""
        worker = self.workers.get()
        for module in modules:
            self.laws[module] = [(draws, law) for draws, law in worker.ask(draws=DRAWS.get(module, ()))]
        self.workers.put(worker)

    def try_tests(self, file: str) -> str:
        """See whether the original passes the tests of a file."""
        worker, start = self.workers.get(), time.time()
        try:
            failed = worker.tests([file])
        finally:
            self.workers.put(worker)
        if failed in (None, "tests: exit 5"):  # 5: there are none
            self.seconds[file] = time.time() - start
            return f"{file}: {self.seconds[file]:.0f} s"
        return f"{file}: left out, since the original fails {failed}"

    def killed_by(self, mutant: Mutant) -> str | None:
        """What notices the mutant, or None if nothing does."""
        worker = self.workers.get()
        try:
            laws = [law for law in self.laws[mutant.module] if self.kept.get(law, True)]
            laws.sort(key=lambda law: -self.kills[mutant.module, law])
            likely, others = laws[:LIKELY], laws[LIKELY:]
            return (
                self._broken_law(worker, mutant, likely)
                or self._failing_test(worker, mutant)
                or self._broken_law(worker, mutant, others)
            )
        finally:
            self.workers.put(worker)

    def _broken_law(self, worker: Worker, mutant: Mutant, laws: list[tuple[str, str]]) -> str | None:
        """A law that the mutant breaks and the original keeps."""
        order = {"module": mutant.module, "source": mutant.source, "laws": laws}
        try:
            answer = worker.ask(**order)
        except TimeoutError:
            return "laws: no end"
        if not isinstance(answer, list):
            return answer
        law = (answer[0], answer[1])
        if law not in self.kept:
            original = worker.path(mutant).read_text()
            self.kept[law] = worker.ask(**{**order, "source": original, "laws": [law]}) is None
        if not self.kept[law]:
            return self._broken_law(worker, mutant, [other for other in laws if other != law])
        self.kills[mutant.module, law] += 1
        return f"law {law[1]} of {law[0]}"

    def _failing_test(self, worker: Worker, mutant: Mutant) -> str | None:
        files = [file for file in tests_about(mutant.module) if file in self.seconds]
        with worker.changed(mutant):
            return worker.tests(files, 60 + TESTS_MAY_TAKE * sum(self.seconds[file] for file in files))


def main() -> None:
    """Parse the command line, run, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutate", description=__doc__.splitlines()[0])
    parser.add_argument("--module", action="append", choices=MODULES, help="a module below catlearn; default all")
    parser.add_argument("--sample", type=int, help="only so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write every mutant and what killed it")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        return work()

    chosen = [m for module in options.module or MODULES for m in mutants(module)]
    if options.sample is not None:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    rows, same, start = [], same_programs(), time.time()
    with tempfile.TemporaryDirectory() as scratch:
        workers: queue.Queue[Worker] = queue.Queue()
        everyone = [Worker(Path(scratch) / str(i)) for i in range(options.jobs)]
        for worker in everyone:
            workers.put(worker)
        run = Run(workers)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            modules = sorted({m.module for m in chosen})
            run.list_laws(modules)
            files = dict.fromkeys(file for module in modules for file in tests_about(module))
            for line in pool.map(run.try_tests, files):
                print(line, flush=True)
            for mutant, killer in zip(chosen, pool.map(run.killed_by, chosen), strict=True):
                row = {"where": mutant.where, "change": mutant.change, "killed_by": killer}
                rows.append({**row, "same": (mutant.module, mutant.change) in same})
                verdict = "killed" if killer else "the same" if rows[-1]["same"] else "SURVIVED"
                print(f"{verdict:8} {mutant}" + (f"   [{killer}]" if killer else ""), flush=True)
                if options.json:
                    options.json.write_text(json.dumps(rows, indent=1))
        for worker in everyone:
            worker.close()
    _report(rows, time.time() - start)


def _report(rows: list[dict[str, Any]], seconds: float) -> None:
    survivors = [row for row in rows if row["killed_by"] is None]
    same = sum(row["same"] for row in survivors)
    by_laws = sum((row["killed_by"] or "").startswith(("law", "import")) for row in rows)
    by_tests = len(rows) - by_laws - len(survivors)
    print(
        f"\n{len(rows)} mutants in {seconds / 60:.0f} minutes: {by_laws} killed by laws, {by_tests} by tests; "
        f"{len(survivors)} survived, of which {same} are known to compute the same.\n"
        f"Killed: {_percent(len(rows) - len(survivors), len(rows))} of all, "
        f"{_percent(len(rows) - len(survivors), len(rows) - same)} of those that differ."
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} %"


if __name__ == "__main__":
    main()
