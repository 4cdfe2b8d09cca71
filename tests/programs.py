"""What tests ask of a program: its operations, the platforms it lowers for, and where an error ends."""

import collections
import contextlib
import re

import jax
import jax.export
import jaxtyping

PLATFORMS = ("cpu", "cuda", "tpu")


def operations(program, *arguments):
    """The multiset of operations of the optimised program."""
    text = jax.jit(program).lower(*arguments).compile().as_text()
    return collections.Counter(re.findall(r"^\s*(?:ROOT )?%?[\w.-]+ = .*? ([a-z][\w-]*)\(", text, re.MULTILINE))


def lowers_everywhere(program, *arguments):
    """Whether the program lowers for each kind of hardware; none of it needs to be here."""
    exported = jax.export.export(jax.jit(program), platforms=PLATFORMS)(*arguments)
    return tuple(exported.platforms) == PLATFORMS


def last_file(caught):
    """The name of the file where the traceback of a caught error ends; the wrappers of the type checker do not count."""
    return [entry.path.name for entry in caught.traceback if "jaxtyping" not in str(entry.path)][-1]


@contextlib.contextmanager
def as_users_run_it():
    """Without the runtime type checker of the tests, which would be the first to complain."""
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        yield
    finally:
        jaxtyping.config.update("jaxtyping_disable", before)
