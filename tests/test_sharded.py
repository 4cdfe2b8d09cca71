"""Chains on several devices: the same as on one, in one process with four devices and in two processes that are joined."""

import os
import socket
import subprocess
import sys

import pytest

SAME = """
import sys
import jax
import numpy as np

count, processes, rank, address = (*map(int, sys.argv[1:4]), sys.argv[4])
if processes > 1:
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(address, processes, rank)

from catlearn import R, gaussian, infer, unit

assert len(jax.devices()) == count * processes
T = 50
c = infer.chain(
    gaussian(unit, R(2), mean=[1.0, 1.0], covariance=[[1.0, 0.0], [0.0, 10.0]]),
    gaussian(R(2), R(2), [[1.0, 1.0], [0.0, 0.875]], covariance=[[0.25, 0.0], [0.0, 0.75]]),
    gaussian(R(2), R(), [[1.0, 0.0]], covariance=1.0),
    T,
)
ys = np.random.default_rng(0).normal(size=T) + np.arange(T)
mesh = jax.make_mesh((count * processes,), ("time",))
many = np.stack([ys + k for k in range(count * processes)])
shown = lambda post: (post.mean, post.covariance, post.cross, post.increments, post.ok)


def everywhere(found):
    whole = jax.sharding.NamedSharding(jax.sharding.Mesh(mesh.devices, mesh.axis_names), jax.sharding.PartitionSpec())
    return [np.asarray(a.addressable_data(0)) for a in jax.jit(lambda found: found, out_shardings=whole)(found)]


cut = everywhere(shown(infer.smoothed(c, ys, form=infer.sharded(mesh, "time"))))
shared = infer.each(c, many, mesh=mesh, axis="time")
assert shared.mean.sharding.shard_shape(shared.mean.shape)[0] == 1
side_by_side = everywhere(shown(shared))
plain = [np.asarray(a) for a in shown(infer.smoothed(c, ys))]
assert plain[-1]
for a, b, d in zip(plain, cut, side_by_side):
    assert np.allclose(a, b, rtol=1e-9, atol=1e-9)
    assert np.allclose(a, d[0], rtol=1e-9, atol=1e-9)
print("the same")
"""


def started(devices, processes, rank, address):
    settings = {
        "JAX_PLATFORMS": "cpu",
        "JAX_ENABLE_X64": "1",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices} --xla_backend_optimization_level=0",
    }
    code = [sys.executable, "-c", SAME, str(devices), str(processes), str(rank), address]
    return subprocess.Popen(
        code, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def free_address():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{s.getsockname()[1]}"


@pytest.mark.parametrize(
    ("devices", "processes"),
    [pytest.param(2, 2, id="two processes"), pytest.param(4, 1, marks=pytest.mark.slow, id="four devices")],
)
def test_sharing_a_chain_or_a_batch_changes_nothing(devices, processes):
    address = free_address()
    running = [started(devices, processes, rank, address) for rank in range(processes)]
    for process in running:
        out, error = process.communicate(timeout=300)
        assert out.endswith("the same\n"), error
