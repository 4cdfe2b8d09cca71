"""How the tests run: precision, caches, Hypothesis, and which tests are evidence for which item of a paper.

It stands at the top because the doctests of `catlearn/` obey it too. Nothing here may import catlearn: the runtime
type checker has to be in place first.
"""

import gc
import json
import os
import sys
from pathlib import Path

# What programs compute is tested, and their operations are counted; how fast their machine code is matters to benchmarks alone.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import jax
import paper_items
import pytest
from hypothesis import HealthCheck, settings

# The workers and some thirty processes that tests start import the same modules: they are compiled to bytecode once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

ROOT = Path(__file__).parent
X64 = os.environ.get("CATLEARN_X64", "1") != "0"

jax.config.update("jax_enable_x64", X64)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")

# Compilation is much of the time of a test, and a warm cache spares it.
jax.config.update("jax_compilation_cache_dir", str(ROOT / ".cache" / "jax"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

# The first example at a new shape compiles for a second, the next take milliseconds: no deadline says anything.
# The same examples every time, so that their programs are found in the cache; `deep` looks for others.
settings.register_profile(
    "usual",
    max_examples=20,
    derandomize=True,
    print_blob=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", settings.get_profile("usual"), max_examples=1000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


# Traces and laws make many small objects, few of them in cycles.
gc.set_threshold(200_000, 20, 100)


def pytest_addoption(parser):
    group = parser.getgroup("catlearn")
    group.addoption("--slow", action="store_true", help="run the tests marked slow as well")
    group.addoption(
        "--paper-report",
        metavar="FILE",
        default=os.environ.get("CATLEARN_PAPER_REPORT"),
        help="write which tests are evidence for which item of a paper, and how they ended, as JSON",
    )


def pytest_configure(config):
    config.pluginmanager.register(PaperItems(config), "paper-items")


def pytest_collection_modifyitems(config, items):
    no_slow = pytest.mark.skip(reason="slow: run with --slow")
    no_gpu = pytest.mark.skip(reason="needs an accelerator")
    for item in items:
        if item.get_closest_marker("slow") and not config.getoption("--slow"):
            item.add_marker(no_slow)
        if item.get_closest_marker("gpu") and jax.default_backend() == "cpu":
            item.add_marker(no_gpu)
    if not X64 and config.option.markexpr == "float32" and not config.getoption("--slow"):
        items[:] = _first_cases(items)


def _first_cases(items):
    """Of a parametrised test the first case tells whether it bears another precision."""
    seen = set()
    for item in items:
        test = item.nodeid.split("[")[0]
        if item.get_closest_marker("float32") and test not in seen:
            yield item
        seen.add(test)


class PaperItems:
    """Ties `@pytest.mark.paper(ID, ITEM)` to `docs/items.toml`.

    An unknown item stops collection. In a run of the whole suite an item that is `tested` there must have a marked
    test here, and all its marked tests must pass.
    """

    def __init__(self, config):
        self.config = config
        self.book = paper_items.load()
        self.results = {}
        self.complaints = []
        self.whole_suite = False

    def pytest_collection_modifyitems(self, config, items):
        for item in items:
            for mark in item.iter_markers("paper"):
                if len(mark.args) != 2 or mark.args not in self.book:
                    wanted = ", ".join(map(repr, mark.args))
                    raise pytest.UsageError(
                        f"{item.nodeid} is marked paper({wanted}), which docs/items.toml does not list."
                        + paper_items.suggestion(self.book, mark.args)
                    )
                item.user_properties.append(("paper", list(mark.args)))

    def pytest_collection_finish(self, session):
        config = self.config
        asked_for_all = config.args_source is config.ArgsSource.TESTPATHS
        narrowed = config.option.keyword or config.option.markexpr or config.getoption("lf", False)
        self.whole_suite = asked_for_all and not narrowed and not config.option.collectonly

    def pytest_runtest_logreport(self, report):
        if report.when == "teardown" or (report.when == "setup" and report.passed):
            return
        for name, value in report.user_properties:
            if name == "paper":
                self.results.setdefault(tuple(value), {})[report.nodeid] = report.outcome

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        if hasattr(self.config, "workerinput"):  # with xdist the controller hears from every worker
            return
        if file := self.config.getoption("--paper-report"):
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(json.dumps(paper_items.as_json(self.results), indent=1))
        if self.whole_suite and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self.complaints = paper_items.untested(self.book, self.results)
            if self.complaints:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if self.complaints:
            terminalreporter.section("items of papers without their evidence", red=True)
            for line in self.complaints:
                terminalreporter.line(line)
        ready = [key for key, tests in self.results.items() if self.book[key].status == "planned" and tests]
        if ready and self.whole_suite:
            terminalreporter.section("planned items that have tests (make them `tested` when these say it all)")
            for paper, item in sorted(ready):
                terminalreporter.line(f"{paper} {item}")
