r"""Programs of many small operations as one kernel of a processor.

Definition:
    A processor runs the operations of a program one by one, and where arrays are small it spends more on the calls than on the numbers. The body of
    a loop of small operations it compiles as one kernel. So the program becomes the body of a loop

    .. math:: (0, x, 0) \mapsto (1, x, f(x))

    that goes round once, of which the compiler is not told. Other hardware is given the program as it is.

A loop whose length is data has no reverse derivative: this is for numbers, not for what is traced to be differentiated.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def as_one_kernel[F: Callable[..., Any]](function: F) -> F:
    """The same function of arrays, compiled for a processor as one kernel.

    Args:
        function: of arrays or trees of them, to be called under ``jit``.

    Example:
        >>> double = jax.jit(as_one_kernel(lambda x: x + x))
        >>> print(double(jnp.arange(3)))
        [0 2 4]
    """

    def around(*args: Any) -> Any:
        # Behind the barriers the compiler sees neither how often the loop goes round nor that its arguments stay: else it would undo it.
        hide = jax.lax.optimization_barrier
        empty = jax.tree.map(lambda like: jnp.zeros(like.shape, like.dtype), jax.eval_shape(function, *args))
        once = lambda carry: (carry[0] + 1, hide(carry[1]), function(*carry[1]))
        return jax.lax.while_loop(lambda carry: carry[0] < 1, once, (hide(jnp.zeros((), jnp.int32)), args, empty))[2]

    @functools.wraps(function)
    def run(*args: Any) -> Any:
        return jax.lax.platform_dependent(*args, cpu=around, default=function)

    return run  # pyright: ignore[reportReturnType]
