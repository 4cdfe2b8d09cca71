"""Checkpoints: a run on disk, whole or not at all.

Definition:
    A checkpoint is one file that holds arrays and a description: the label, type and order of each, and the
    settings of the run. It is written to a temporary file beside it and moved into place, so that a killed run leaves
    the last complete one; it is refused when its description is not that of the run that reads it.

The format is numpy's ``.npz``, with the description as JSON.
"""

import json
import os
import pathlib
import zipfile
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..theory.errors import CheckpointCorrupt, CheckpointMismatch, CheckpointUnwritable

_DESCRIPTION = "description"


def save(path: str | os.PathLike[str], arrays: list[Any], description: dict[str, Any]) -> None:
    """Write the arrays and their description to `path`, whole or not at all.

    Raises:
        CheckpointUnwritable: the folder cannot be written.
    """
    path = pathlib.Path(path)
    arrays = [jnp.asarray(x) for x in arrays]
    raw = {f"{i}": _raw(x) for i, x in enumerate(arrays)}
    text = json.dumps({**description, "dtypes": [dtype_of(x) for x in arrays]})
    raw[_DESCRIPTION] = np.frombuffer(text.encode(), np.uint8)
    try:
        _replace(path, raw)
    except OSError as error:
        raise CheckpointUnwritable(path, error.strerror or str(error)) from None


def _replace(path: pathlib.Path, raw: dict[str, Any]) -> None:
    partial = _partial(path)
    try:
        with partial.open("wb") as file:
            np.savez(file, **raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _partial(path: pathlib.Path) -> pathlib.Path:
    """The file that is written, beside the one that it will replace."""
    return path.with_name(f".{path.name}.partial")


def refuse_unwritable(path: str | os.PathLike[str]) -> None:
    """Raise now what `save` would raise later.

    Raises:
        CheckpointUnwritable: the folder does not exist or cannot be written, or the path is a folder.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        raise CheckpointUnwritable(path, "it is a folder")
    try:
        _partial(path).open("wb").close()
        _partial(path).unlink()
    except OSError as error:
        raise CheckpointUnwritable(path, error.strerror or str(error)) from None


def load(path: str | os.PathLike[str]) -> tuple[list[Any], dict[str, Any]]:
    """The arrays and the description in a checkpoint.

    Raises:
        CheckpointCorrupt: the file is cut, changed, or not a checkpoint.
        FileNotFoundError: there is no such file.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            raw = {name: archive[name] for name in archive.files}
        description = json.loads(raw.pop(_DESCRIPTION).tobytes())
        arrays = [_cooked(raw[f"{i}"], dtype) for i, dtype in enumerate(description.pop("dtypes"))]
    except (FileNotFoundError, PermissionError):
        raise
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, EOFError, TypeError) as error:
        raise CheckpointCorrupt(path, str(error) or type(error).__name__) from None
    return arrays, description


def refuse_mismatch(path: Any, found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Raise `CheckpointMismatch` unless each expected entry of the description is found.

    Raises:
        CheckpointMismatch: names the first entry that differs, with both sides.
    """
    for name, value in expected.items():
        if found.get(name) != value:
            raise CheckpointMismatch(
                f"{path} is a checkpoint of another run: its {name} is\n    {found.get(name)}\nbut here it is\n    {value}"
            )


def _is_key(x: Any) -> bool:
    return isinstance(x, jax.Array) and jnp.issubdtype(x.dtype, jax.dtypes.prng_key)


def dtype_of(x: Any) -> str:
    """The name of the dtype of an array, and of the algorithm of a random key."""
    return f"key:{jax.random.key_impl(x)}" if _is_key(x) else str(x.dtype)


def _raw(x: Any) -> Any:
    array = np.asarray(jax.random.key_data(x) if _is_key(x) else x)
    return array.view(np.dtype(f"u{array.dtype.itemsize}")) if array.dtype.kind == "V" else array


def _cooked(array: Any, dtype: str) -> Any:
    if dtype.startswith("key:"):
        return jax.random.wrap_key_data(jnp.asarray(array), impl=dtype.removeprefix("key:"))
    target = jnp.dtype(dtype)
    return jnp.asarray(array.view(target) if array.dtype != target else array)
