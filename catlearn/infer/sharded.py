"""Chains on several devices: one long chain cut along time, or many sequences side by side.

Definition:
    `sharded` is the form in blocks, in which the devices along an axis of a mesh share the blocks evenly. They exchange what
    each block does as a whole, six small arrays. Sequences that are not related need no exchange at all: `each` gives some to each device.

Both give what one device gives. They work in one process with several devices and in several processes that `jax.distributed` joins.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ..theory import door
from ..theory.errors import BatchMismatch
from .chain import Chain, Form, Posterior, observations
from .forms import chosen
from .gauss_blocks import Blocks


def _laid(mesh: Mesh, *axes: str | None) -> NamedSharding:
    """Arrays cut along axes of the devices of a mesh, where the compiler sees to the rest."""
    return NamedSharding(Mesh(mesh.devices, mesh.axis_names), PartitionSpec(*axes))


@door
def sharded(mesh: Mesh, axis: str, block: int | None = None) -> Blocks:
    """The form in blocks, which the devices along an axis of a mesh share.

    Args:
        mesh: the devices.
        axis: the axis of the mesh along which time is cut.
        block: the length of a block, at most; about ``T / 64``, if left out.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> steady = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=1.0), steady, gaussian(R(), R(), [[1.0]], covariance=1.0), 3)
        >>> form = sharded(jax.make_mesh((1,), ("time",)), "time")
        >>> print(infer.smoothed(c, [4.0, 0.0, 4.0], form=form).mean[:, 0])
        [2. 2. 2.]
    """
    return Blocks(block, _laid(mesh, None, axis))


@door
def each(c: Chain, ys: Any, seen: Any = None, *, form: str | Form = "auto", mesh: Mesh, axis: str) -> Any:
    """The smoothed posteriors of many sequences, shared by the devices along an axis of a mesh.

    Args:
        c: the chain of each of them.
        ys: as of `smoothed`, with a leading axis of sequences.
        seen: as of `smoothed`, with that axis; all, if left out.
        form: as of `smoothed`.
        mesh: the devices.
        axis: the axis of the mesh that shares the sequences; it divides their number.

    Returns:
        A `Posterior` of which all arrays have a leading axis of sequences; use ``jax.vmap`` to ask it.

    Raises:
        BatchMismatch: the devices cannot share the sequences evenly.

    Example:
        >>> from catlearn import R, gaussian, infer, unit
        >>> steady = gaussian(R(), R(), [[1.0]])
        >>> c = infer.chain(gaussian(unit, R(), covariance=1.0), steady, gaussian(R(), R(), [[1.0]], covariance=1.0), 3)
        >>> both = each(
        ...     c, jnp.array([[4.0, 0.0, 4.0], [0.0, 0.0, 4.0]]), mesh=jax.make_mesh((1,), ("batch",)), axis="batch"
        ... )
        >>> print(both.mean[:, 0, 0], jax.vmap(lambda post: post.log_evidence)(both).shape)
        [2. 1.] (2,)
    """
    ys = ys if isinstance(ys, tuple) else (ys,)
    n, shares = len(ys[0]), mesh.shape[axis]
    if n % shares:
        raise BatchMismatch(f"{n} sequences were given to {shares} devices: give a multiple of {shares}.")
    lay = _laid(mesh, axis)
    seen = jnp.ones((n, c.length), bool) if seen is None else seen
    return _each(chosen(c, form), lay, c, ys, seen)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _each(form: Form, lay: NamedSharding, c: Chain, ys: tuple[Any, ...], seen: Any) -> Posterior:
    ys, seen = jax.lax.with_sharding_constraint((jax.tree.map(jnp.asarray, ys), seen), lay)
    return jax.vmap(lambda ys, seen: form.smoothed(c, observations(c, ys, seen)))(ys, seen)
