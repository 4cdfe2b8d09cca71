"""What takes minutes is done before the pages are read, on all cores: programs of notebooks and pages, and witnesses of the laws that fail.

Sphinx would do one after the other as it comes to them. Here they are put where it looks first: in the cache of notebooks, and in the
last report of the laws. What is there already is not done again.
"""

import concurrent.futures
import logging as python_logging
import multiprocessing
import tempfile

import law_table
import paper_items
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
READER = {"name": "myst_nb_md", "type": "plugin"}


def run(notebook, timeout: int):
    """A notebook with its outputs and the seconds that it took, or None if it fails."""
    python_logging.getLogger("traitlets").setLevel(python_logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        result = single_nb_execution(notebook, cwd=folder, timeout=timeout, allow_errors=False)
    return (notebook, result.time) if result.err is None else None


def new_notebooks(cache) -> list:
    """The notebooks, and the pages with programs, that are not in the cache as they are now."""
    found = []
    for path in sorted(paper_items.DOCS.rglob("*.md")):
        if path.read_text(encoding="utf-8").startswith("---\nfile_format: mystnb\n"):
            record = cache.add_nb_to_project(str(path), read_data=READER)
            notebook = cache.get_project_notebook(record.pk)
            try:
                cache.match_cache_notebook(notebook.nb)
            except KeyError:
                found.append(notebook)
    return found


def work_ahead(app: Sphinx, config) -> None:
    """Run what is new, and keep what succeeded; Sphinx meets the failures again and reports them."""
    cache = get_cache(config.nb_execution_cache_path)
    notebooks = new_notebooks(cache)
    logger.info("running the programs of %d pages, and looking for witnesses of the laws that fail ...", len(notebooks))
    with concurrent.futures.ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        laws = pool.submit(law_table.entries)
        runs = {pool.submit(run, notebook.nb, config.nb_execution_timeout): notebook.uri for notebook in notebooks}
        for done in concurrent.futures.as_completed(runs):
            if result := done.result():
                notebook, seconds = result
                bundle = CacheBundleIn(notebook, runs[done], data={"execution_seconds": seconds})
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        laws.result()


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", work_ahead, priority=900)  # after the notebooks were gathered
    return {"parallel_read_safe": True}
