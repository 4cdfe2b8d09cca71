"""Checkpoints: exact resume, also after a kill; files that are cut, of another run, or cannot be written."""

import os
import signal
import subprocess
import sys
import textwrap

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from cases import slow

from catlearn import learn, named
from catlearn.learn import (
    adam,
    checkpoint,
    cross_entropy,
    dense,
    dropout,
    fit,
    from_optax,
    momentum,
    nesterov,
    sgd,
    tanh,
)
from catlearn.theory.errors import CheckpointCorrupt, CheckpointMismatch, CheckpointUnwritable

KEY = jax.random.key(0)
XS = np.sin(np.arange(96.0).reshape(24, 4))
YS = np.arange(24) % 3
MODEL = dense(4, 5) >> tanh(5) >> dropout(0.25, 5) >> dense(5, 3)


def run(path=None, **settings):
    settings = {"steps": 12, "batch": 4, "chunk": 2, "resume": True, "key": KEY, **settings}
    model, optimiser = settings.pop("model", MODEL), settings.pop("optimiser", adam(0.05))
    return fit(model, cross_entropy(3), optimiser, (XS, YS), checkpoint=path, **settings)


def bits(x):
    return np.asarray(jax.random.key_data(x) if jnp.issubdtype(x.dtype, jax.dtypes.prng_key) else x)


def same(x, y):
    """Bit for bit: parameters, state, history."""
    leaves = (jax.tree.leaves((run.parameters, run.state)) for run in (x, y))
    for a, b in zip(*leaves, strict=True):
        np.testing.assert_array_equal(bits(a), bits(b))
    assert x.steps == y.steps
    for name in ("loss", "validated", "validation_loss", "validation_metric"):
        np.testing.assert_array_equal(getattr(x.history, name), getattr(y.history, name))


@pytest.fixture(scope="module")
def whole():
    """The run that nothing happened to."""
    return run()


# ------------------------------------------------------------------------------------------------ resume


@pytest.mark.float32
@pytest.mark.parametrize("stop", [0, 2, 6, 12])
def test_a_run_in_two_parts_is_the_run_in_one(stop, tmp_path, whole):
    run(tmp_path / "run", steps=stop)

    same(run(tmp_path / "run"), whole)


@pytest.mark.parametrize(("stop", "chunk"), [(6, 3), *slow((5, 5), (7, 3))])
def test_a_resume_may_have_other_chunks(stop, chunk, tmp_path, whole):
    run(tmp_path / "run", steps=stop, chunk=chunk)
    ours = run(tmp_path / "run")

    np.testing.assert_allclose(ours.history.loss, whole.history.loss, rtol=1e-12)


def test_validation_and_its_history_are_resumed(tmp_path):
    settings = {"validation": (XS[:8], YS[:8]), "metric": learn.accuracy, "patience": 3}
    run(tmp_path / "run", steps=6, **settings)

    same(run(tmp_path / "run", **settings), run(**settings))


def test_a_finished_run_is_read_and_not_made_again(tmp_path, whole):
    run(tmp_path / "run")
    before = (tmp_path / "run").stat().st_mtime_ns

    same(run(tmp_path / "run"), whole)
    assert (tmp_path / "run").stat().st_mtime_ns == before


def test_without_resume_a_run_begins_anew(tmp_path, whole):
    run(tmp_path / "run", steps=6)

    same(run(tmp_path / "run", resume=False), whole)


def test_an_iterable_of_batches_is_brought_to_where_the_run_is(tmp_path):
    batches = [(XS[i : i + 4], YS[i : i + 4]) for i in range(0, 24, 4)]
    settings = {"chunk": 2, "resume": True, "key": KEY}
    fit(MODEL, cross_entropy(3), adam(0.05), batches, steps=4, checkpoint=tmp_path / "run", **settings)

    ours = fit(MODEL, cross_entropy(3), adam(0.05), batches, steps=10, checkpoint=tmp_path / "run", **settings)

    same(ours, fit(MODEL, cross_entropy(3), adam(0.05), batches, steps=10, **settings))


def test_every_kind_of_array_comes_back_as_it_was(tmp_path):
    arrays = [
        jnp.float32(0.1),
        jnp.arange(3, dtype=jnp.int32),
        jnp.array([True, False]),
        jnp.array([1.5, -2.25], jnp.bfloat16),
        jax.random.split(KEY, 2),
        jax.random.key(3, impl="rbg"),
        jnp.zeros((0, 2)),
    ]
    checkpoint.save(tmp_path / "x", arrays, {"a": [1, None, "ü"]})
    found, description = checkpoint.load(tmp_path / "x")

    assert description["a"] == [1, None, "ü"]
    for x, y in zip(arrays, found, strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(bits(x), bits(y))


# ------------------------------------------------------------------------------------------------ kill

KILLED = textwrap.dedent(
    """
    import os, signal, sys
    import jax
    sys.path.insert(0, "tests")
    import test_checkpoint

    path, when = sys.argv[1], sys.argv[2]
    die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    def show(report):
        if when == f"after {report.step}":
            die()
    if when == "in the third save":
        saved, replace = [], os.replace
        os.replace = lambda *names: die() if len(saved) == 2 else (saved.append(names), replace(*names))
    test_checkpoint.run(path, progress=show)
    """
)


def killed(path, when):
    config = {"JAX_ENABLE_X64": str(jax.config.jax_enable_x64), "JAX_NUMPY_DTYPE_PROMOTION": "strict"}
    cache = {"JAX_COMPILATION_CACHE_DIR": str(jax.config.jax_compilation_cache_dir)}
    return subprocess.Popen([sys.executable, "-c", KILLED, str(path), when], env={**os.environ, **config, **cache})


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path, whole):
    times = ["after 2", "after 10", "in the third save"]
    processes = [killed(tmp_path / when, when) for when in times]

    assert [process.wait() for process in processes] == [-signal.SIGKILL] * 3
    seen = [len(checkpoint.load(tmp_path / when)[0][-1]) for when in times]
    assert seen == [2, 10, 4]
    for when in times:
        same(run(tmp_path / when), whole)


# ------------------------------------------------------------------------------------------------ files


def test_a_file_that_is_cut_anywhere_is_refused(tmp_path):
    run(tmp_path / "run", steps=2)
    content = (tmp_path / "run").read_bytes()

    for length in [0, 1, 4, 100, len(content) // 3, len(content) // 2, len(content) - 100, len(content) - 1]:
        (tmp_path / "cut").write_bytes(content[:length])
        with pytest.raises(CheckpointCorrupt, match="cut is not a complete checkpoint"):
            run(tmp_path / "cut")
        assert (tmp_path / "cut").read_bytes() == content[:length]  # nothing was changed


def test_a_file_with_a_changed_byte_is_refused(tmp_path):
    run(tmp_path / "run", steps=2)
    content = bytearray((tmp_path / "run").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "run").write_bytes(content)

    with pytest.raises(CheckpointCorrupt):
        run(tmp_path / "run")


@pytest.mark.parametrize("content", [b"hello", b"PK\x03\x04", None])
def test_a_file_of_another_kind_is_refused(content, tmp_path):
    if content is None:
        np.save(tmp_path / "other.npy", XS)
        (tmp_path / "other.npy").rename(tmp_path / "run")
    else:
        (tmp_path / "run").write_bytes(content)

    with pytest.raises(CheckpointCorrupt):
        run(tmp_path / "run")


def test_an_archive_without_a_description_is_refused(tmp_path):
    np.savez(tmp_path / "run.npz", XS)

    with pytest.raises(CheckpointCorrupt):
        run(tmp_path / "run.npz")


OTHERS = {
    "another model": ({"model": dense(4, 3)}, r"R\(4, 5\)(.|\n)*but here(.|\n)*R\(4, 3\)"),
    "another optimiser": ({"optimiser": sgd(0.05)}, "its optimiser is(.|\n)*Adam(.|\n)*but here it is(.|\n)*Step"),
    "another batch": ({"batch": 6}, "its batch is\n    4\nbut here it is\n    6"),
    "another key": ({"key": jax.random.key(1)}, "its key is"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_checkpoint_of_another_run_is_refused_and_both_are_named(name, tmp_path):
    settings, message = OTHERS[name]
    run(tmp_path / "run", steps=2)

    with pytest.raises(CheckpointMismatch, match=message):
        run(tmp_path / "run", **settings)


def test_other_labels_are_refused(tmp_path):
    run(tmp_path / "run", steps=2)

    with pytest.raises(CheckpointMismatch, match=r"its labels is(.|\n)*enc\.dense\.weight"):
        run(tmp_path / "run", model=named("enc", MODEL))


@pytest.mark.slow
def test_optimisers_with_states_of_one_type_are_told_apart(tmp_path):
    run(tmp_path / "run", steps=2, optimiser=momentum(0.05, 0.9))

    with pytest.raises(CheckpointMismatch, match="optimiser"):
        run(tmp_path / "run", optimiser=nesterov(0.05, 0.9))


@pytest.mark.slow
def test_another_rate_is_not_another_optimiser(tmp_path):
    run(tmp_path / "run", steps=2)

    assert run(tmp_path / "run", optimiser=adam(0.01)).steps == 12


@pytest.mark.slow
def test_an_optax_state_is_kept(tmp_path):
    optimiser = from_optax(optax.sgd(0.05, momentum=0.9))
    run(tmp_path / "run", steps=6, optimiser=optimiser)

    same(run(tmp_path / "run", optimiser=optimiser), run(optimiser=optimiser))


def test_another_precision_is_refused(tmp_path):
    run(tmp_path / "run", steps=2)
    arrays, description = checkpoint.load(tmp_path / "run")
    halved = [x.astype(jnp.float16) if jnp.issubdtype(x.dtype, jnp.floating) else x for x in arrays]
    precision = [checkpoint.dtype_of(x) for x in halved[: len(description["precision"])]]
    checkpoint.save(tmp_path / "run", halved, {**description, "precision": precision})

    with pytest.raises(CheckpointMismatch, match="float16"):
        run(tmp_path / "run")


# ------------------------------------------------------------------------------------------------ folders


@pytest.mark.parametrize("where", ["missing/run", "file/run", "folder"])
def test_a_folder_that_cannot_be_written_is_named_before_the_first_step(where, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    steps = []

    with pytest.raises(CheckpointUnwritable, match=f"cannot write the checkpoint .*{where}"):
        run(tmp_path / where, progress=steps.append)
    assert steps == []


def test_when_the_disk_is_full_the_run_is_kept(tmp_path, monkeypatch, whole):
    run(tmp_path / "run", steps=2)
    content = (tmp_path / "run").read_bytes()

    def full(file, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(CheckpointUnwritable, match=r"No space left on device(.|\n)*after step 4 is kept") as caught:
        run(tmp_path / "run")

    kept = caught.value.run
    assert sorted(x.name for x in tmp_path.iterdir()) == ["run"]  # the last one is whole, and no rest lies beside it
    assert (tmp_path / "run").read_bytes() == content
    np.testing.assert_array_equal(kept.history.loss, whole.history.loss[:4])


def test_an_interrupt_while_saving_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    run(tmp_path / "run", steps=2)
    content = (tmp_path / "run").read_bytes()

    def interrupted(*names):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run")
    assert (tmp_path / "run").read_bytes() == content
    assert sorted(x.name for x in tmp_path.iterdir()) == ["run"]
