"""Many small operations as one kernel: the same numbers, one call on a processor, and the program as it is elsewhere."""

import jax
import jax.numpy as jnp
import numpy as np

from catlearn.kernels.one_kernel import as_one_kernel


def many_sums(x, w):
    """A hundred small sums, no two of which the compiler can join."""
    for _ in range(100):
        x = jnp.sum(x[:, None] * w, axis=0) / jnp.max(x)
    return x, jnp.min(x) > 0


def given():
    rng = np.random.default_rng(0)
    return jnp.asarray(rng.uniform(1, 2, 3)), jnp.asarray(rng.uniform(1, 2, (3, 3)))


def test_the_numbers_are_those_of_the_function():
    for found, wanted in zip(jax.jit(as_one_kernel(many_sums))(*given()), many_sums(*given()), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def entry(function):
    """The operations that a compiled program calls one by one."""
    text = jax.jit(function).lower(*given()).compile().as_text()
    return [line for line in text[text.index("ENTRY") :].splitlines() if " fusion(" in line or " call(" in line]


def test_the_compiler_makes_one_call_of_it():
    assert len(entry(many_sums)) > 100
    assert len(entry(as_one_kernel(many_sums))) < 10


def test_other_hardware_is_given_the_program_as_it_is():
    exported = jax.export.export(jax.jit(as_one_kernel(many_sums)), platforms=["cuda"])(*given())
    assert "while" not in exported.mlir_module()
