"""The state of the installation: what is here, what is missing, and whether it runs."""

import importlib.metadata
import importlib.util
import platform
from typing import Any

import jax
import jax.numpy as jnp
from rich.console import Console
from rich.table import Table

from ..categories import smooth
from ..constructions import Reverse
from ..objects import R

REQUIRED = ("catlearn-jax", "jax", "jaxlib", "equinox", "jaxtyping", "optax", "numpy")
EXTRAS = {
    "laws": ("hypothesis",),
    "draw": ("discopy", "matplotlib"),
    "tour": ("scikit-learn", "statsmodels", "rich", "typer"),
}


def version_of(package: str) -> str | None:
    """The installed version, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def works() -> bool:
    """Whether a small composite compiles, runs, and comes back with the right derivative."""
    f = smooth(jnp.sin, R(3)) >> smooth(jnp.sum, R(3))
    x = jnp.array([0.0, 1.0, 2.0])
    back = jax.jit(lambda x: Reverse(f).put(x, jnp.ones(())))(x)
    return bool(jnp.allclose(back, jnp.cos(x), atol=1e-5))


def health() -> list[tuple[str, str]]:
    """Rows of what there is to know, each a name and a value."""
    rows = [("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")]
    rows += [(package, version_of(package) or "missing") for package in REQUIRED]
    for device in jax.devices():
        rows.append(("device", f"{device.platform} {device.id} ({device.device_kind})"))
    matmul = jax.config.jax_default_matmul_precision or "default"
    rows += [
        ("default float", str(jnp.result_type(float))),
        ("precision of matrix products", matmul),
        ("compilation cache", str(jax.config.jax_compilation_cache_dir or "none")),
    ]
    for extra, packages in EXTRAS.items():
        found = {package: version_of(package) for package in packages}
        missing = [package for package, version in found.items() if version is None]
        here = ", ".join(f"{package} {version}" for package, version in found.items() if version)
        cure = f"; missing {', '.join(missing)}: pip install 'catlearn-jax[{extra}]'" if missing else ""
        rows.append((f"extra {extra}", f"{here}{cure}".lstrip("; ")))
    rows.append(("compiles and differentiates", "yes" if works() else "NO"))
    return rows


def print_health(console: Console) -> None:
    """Print the state of the installation; exits with 1 if the small program gives a wrong answer."""
    rows = health()
    shown: Any = Table(show_header=False, box=None, pad_edge=False)
    for name, value in rows:
        shown.add_row(name, value, style="bold red" if value == "NO" or value == "missing" else None)
    console.print(shown)
    if rows[-1][1] == "NO":
        raise SystemExit(1)
