"""Modules: parametric smooth maps from modules of equinox, and back.

Definition:
    A callable `eqx.Module` is a function of its leaves and its inputs. Its floating arrays are the parameter, wire by
    wire in the order of its leaves: ``from_module(m) = (P, (p, x) ↦ m[p](x))``, where ``m[p]`` is `m` with `p` in the place
    of those arrays. All other leaves are fixed. The other way, ``as_module(f, p)`` is the module ``x ↦ f(p, x)``, whose
    leaves are `p`.

Both ways are inverse up to the order of leaves: training on one side is training on the other.
"""

import dataclasses
import inspect
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..categories import smooth
from ..objects import Key, Ob, space_of
from ..theory import door
from ..theory.errors import WrongModule, WrongObject
from .initialise import FreshKey, Stored
from .para import ParaMap, named, para


@door
def from_module(
    module: eqx.Module, dom: Ob, cod: Ob | None = None, *, name: str | None = None, keyed: bool = False
) -> ParaMap:
    """The arrow of ``Para(Smooth)`` that a callable module is.

    Its floating arrays are the parameters, labelled by their paths (``layers.0.weight``) and initialised by the values they
    have. Integer arrays and keys are data; flags, sizes, functions and Python numbers are static. Neither is trained.

    Args:
        module: a callable `eqx.Module`, called as ``module(*inputs)``.
        dom: the inputs, one argument a wire; one example, as equinox has it.
        cod: the output, or None to infer it.
        name: put before the labels, as by `named`.
        keyed: whether the module is called with a random ``key=...`` (dropout); the key is then the last parameter, labelled
            ``key``. A module that is to run without randomness is made so first, by `eqx.nn.inference_mode`.

    Raises:
        WrongModule: `module` is not callable on `dom`, keeps a state (`eqx.nn.BatchNorm`), needs a key, or has complex arrays.
        WrongCodomain: it returns something else than `cod`.

    Example:
        >>> import equinox as eqx, jax
        >>> from catlearn import R
        >>> f = from_module(eqx.nn.Linear(3, 2, key=jax.random.key(0)), R(3), name="linear")
        >>> print(f, f.labels)
        ParaMap(R(2, 3) @ R(2)) : R(3) -> R(2) ('linear.weight', 'linear.bias')
    """
    _readable(module, dom, keyed)
    if isinstance(module, ArrowModule):
        f = _arrow_of(module, dom, cod)
        return named(name, f) if name else f
    paths, structure = jax.tree_util.tree_flatten_with_path(module)
    trained = tuple(_trains(leaf) for _, leaf in paths)
    weights = [leaf for _, leaf in paths if _trains(leaf)]
    others = tuple(leaf for _, leaf in paths if not _trains(leaf))
    labels = [jax.tree_util.keystr(path, simple=True, separator=".") for path, leaf in paths if _trains(leaf)]
    init: list[Any] = [Stored(jnp.asarray(weight)) for weight in weights]
    P = Ob(tuple(wire for weight in weights for wire in space_of(weight).wires))
    if keyed:
        P, labels, init = P @ Key, [*labels, "key"], [*init, FreshKey()]
    applied = jax.tree_util.Partial(_apply, structure, trained, others, keyed)
    f = para(P, smooth(applied, P @ dom, cod), labels=labels, init=init)
    return named(name, f) if name else f


def _apply(structure: Any, trained: tuple[bool, ...], others: tuple[Any, ...], keyed: bool, *values: Any) -> Any:
    """The module with the first values in the place of its parameters, then the key, called on the rest."""
    given, fixed = iter(values), iter(others)
    module = jax.tree.unflatten(structure, [next(given) if moves else next(fixed) for moves in trained])
    keywords = {"key": next(given)} if keyed else {}
    try:
        return module(*given, **keywords)
    except RuntimeError as error:
        if "requires a key" not in str(error):
            raise
        raise WrongModule(
            module, "it needs a key. Pass keyed=True, or switch randomness off with eqx.nn.inference_mode(module)."
        ) from error


def _trains(leaf: Any) -> bool:
    return eqx.is_inexact_array(leaf)


def _readable(module: Any, dom: Ob, keyed: bool) -> None:
    if not isinstance(module, eqx.Module) or not callable(module):
        raise WrongModule(module, "it is no callable eqx.Module. A function becomes an arrow by `smooth` and `para`.")
    is_state = lambda leaf: isinstance(leaf, eqx.nn.StateIndex)
    leaves = jax.tree.leaves(module, is_leaf=is_state)
    if any(map(is_state, leaves)):
        raise WrongModule(
            module,
            "it keeps a state (running averages, say) beside its parameters. Use a layer without one, such as layer_norm or "
            "eqx.nn.GroupNorm, or write the state as inputs and outputs of an arrow of your own.",
        )
    if any(jnp.issubdtype(leaf.dtype, jnp.complexfloating) for leaf in leaves if eqx.is_array(leaf)):
        raise WrongModule(module, "it has complex arrays; parameters are real. Split them into two real ones.")
    try:
        inspect.signature(module).bind(*dom.wires, **({"key": None} if keyed else {}))
    except TypeError as error:
        how = f"{len(dom)} inputs, the wires of {dom}" + (", and a keyword key" if keyed else "")
        raise WrongModule(module, f"it cannot be called on {how}: {error}.") from None


class ArrowModule(eqx.Module):
    """A parametric smooth map at parameters, as a callable module; its trainable leaves are the parameters.

    Arrays that are fixed inside the arrow (frozen parameters, points) are leaves too, and no gradient reaches them.
    """

    parameters: tuple[Any, ...]
    arrow: ParaMap

    @door
    def __call__(self, *inputs: Any, key: Any = None) -> Any:
        """The value ``f(p, x)``; `key` is there because layers of equinox take one, and is not looked at."""
        fixed = jax.tree.map(
            lambda leaf: jax.lax.stop_gradient(leaf) if eqx.is_inexact_array(leaf) else leaf, self.arrow
        )
        return fixed(self.parameters, *inputs)


@door
def as_module(f: ParaMap, parameters: Any) -> ArrowModule:
    """The callable module ``x ↦ f(p, x)``, for `eqx.filter_jit`, `eqx.filter_grad`, `eqx.partition`, `eqx.tree_serialise_leaves`.

    ``from_module(as_module(f, p), f.dom)`` is `f` again, initialised at `p`.

    Raises:
        WrongParameters: the parameters are not a value of the parameter of `f`.

    Example:
        >>> from catlearn import R, smooth
        >>> scale = para(R(), smooth(lambda w, x: w * x, R() @ R()), labels=["weight"])
        >>> module = as_module(scale, (3.0,))
        >>> print(module(2.0), eqx.filter_grad(lambda m: m(2.0))(module).parameters[0])
        6.0 2.0
    """
    bare = dataclasses.replace(f, initialisers=(None,) * len(f.initialisers))
    return ArrowModule(f.check(parameters), bare)


def _arrow_of(module: ArrowModule, dom: Ob, cod: Ob | None) -> ParaMap:
    f = module.arrow
    if f.dom != dom or cod not in (None, f.cod):
        raise WrongObject(f"the module is the arrow {f}, but was read as {dom} -> {f.cod if cod is None else cod}.")
    return dataclasses.replace(f, initialisers=tuple(map(Stored, module.parameters)))


@door
def with_parameters(module: eqx.Module, parameters: Any) -> eqx.Module:
    """The module with these parameters in the place of its own: the way back from training ``from_module(module, X)``.

    Args:
        module: the module that the arrow came from.
        parameters: a value of the parameter of the arrow; a key at its end is left out.

    Raises:
        WrongModule: there are more or fewer parameters than the module has, or of other shapes.

    Example:
        >>> import equinox as eqx, jax
        >>> linear = eqx.nn.Linear(2, 1, key=jax.random.key(0))
        >>> print(with_parameters(linear, ([[1.0, 2.0]], [0.5]))(jax.numpy.ones(2)))
        [3.5]
    """
    leaves, structure = jax.tree.flatten(module)
    old = [leaf for leaf in leaves if _trains(leaf)]
    new = [jnp.asarray(p) for p in parameters[: len(old)]]
    if [p.shape for p in new] != [leaf.shape for leaf in old] or any(map(_trains, parameters[len(old) :])):
        shapes = [jnp.shape(p) for p in parameters]
        raise WrongModule(module, f"its parameters have shapes {[p.shape for p in old]}, but got {shapes}.")
    moved = iter(new)
    return jax.tree.unflatten(structure, [next(moved) if _trains(leaf) else leaf for leaf in leaves])
