r"""Costs: how many operations each primitive does.

Definition:
    An operation on numbers counts one for each number of the result, a sum one less than its terms, a product of matrices two for each
    product of numbers. Linear algebra counts the leading term of the textbook, a loop its body as often as it runs, a branch
    the one that costs most. Moving numbers is free.

References:
    Golub and Van Loan, *Matrix Computations* (2013), for the counts of factorisations.
"""

import math

from ..constructions.graph import Box
from ..objects import Ob
from .counting import CountingCategory, Work, add_up, counts, size
from .meaning import interpret, register


def _shape(x: Ob, i: int) -> tuple[int, ...]:
    return x.avals()[i].shape


_ONE_EACH = (
    *("add", "add_any", "sub", "mul", "div", "rem", "neg", "abs", "sign", "max", "min", "square", "clamp", "nextafter"),
    *(
        "exp",
        "exp2",
        "expm1",
        "log",
        "log1p",
        "log2",
        "sqrt",
        "rsqrt",
        "cbrt",
        "pow",
        "logistic",
        "erf",
        "erfc",
        "erf_inv",
    ),
    *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
    *("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "xor", "not", "is_finite", "select_n", "ceil", "floor", "round"),
    *("lgamma", "digamma", "shift_left", "shift_right_logical", "shift_right_arithmetic", "population_count"),
    *(
        "cumsum",
        "cumprod",
        "cummax",
        "cummin",
        "cumlogsumexp",
        "random_bits",
        "random_fold_in",
        "random_seed",
        "random_split",
    ),
)
_FREE = (
    *(
        "broadcast_in_dim",
        "reshape",
        "transpose",
        "squeeze",
        "expand_dims",
        "slice",
        "rev",
        "concatenate",
        "pad",
        "split",
    ),
    *("iota", "copy", "copy_p", "stop_gradient", "real", "imag", "name", "optimization_barrier", "device_put"),
    *("gather", "scatter", "dynamic_slice", "dynamic_update_slice", "convert_element_type", "bitcast_convert_type"),
    *("reduce_precision", "random_wrap", "random_unwrap", "constant", "pack", "unpack", "sharding_constraint"),
)


@counts(*_ONE_EACH)
def one_each(box: Box) -> int | float:
    """One for each number of the result."""
    return size(box.cod)


@counts(*_FREE)
def nothing(box: Box) -> int | float:
    """Moving is free."""
    return 0


@counts("integer_pow")
def integer_pow(box: Box) -> int | float:
    """Squarings, and products for the other digits; an inverse for a negative power."""
    n = abs(box.data.settings["y"])
    products = max(n.bit_length() - 1, 0) + max(n.bit_count() - 1, 0)
    return (products + (box.data.settings["y"] < 0)) * size(box.cod)


@counts("reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_and", "reduce_or", "reduce_xor")
def reduction(box: Box) -> int | float:
    """One less than there are terms, for each result."""
    return size(box.dom) - size(box.cod)


@counts("argmax", "argmin")
def place(box: Box) -> int | float:
    """One comparison less than there are numbers, for each result."""
    return size(box.dom) - size(box.cod)


@counts("reduce_window_sum", "reduce_window_max", "reduce_window_min")
def window(box: Box) -> int | float:
    """One less than a window holds, for each result."""
    return size(box.cod) * (math.prod(box.data.settings["window_dimensions"]) - 1)


@counts("scatter-add", "scatter_add", "scatter_mul", "scatter-mul", "scatter-max", "scatter-min")
def scatter(box: Box) -> int | float:
    """One for each update."""
    return math.prod(_shape(box.dom, 2))


@counts("sort")
def sort(box: Box) -> int | float:
    """``n log₂ n`` comparisons in each row."""
    shape, axis = _shape(box.dom, 0), box.data.settings["dimension"]
    return math.prod(shape) * math.ceil(math.log2(max(shape[axis], 2)))


@counts("dot_general")
def dot_general(box: Box) -> int | float:
    """A product and a sum for each pair of numbers that meet."""
    (contracted, _), _ = box.data.settings["dimension_numbers"]
    return 2 * size(box.cod) * math.prod(_shape(box.dom, 0)[a] for a in contracted)


@counts("conv_general_dilated")
def convolution(box: Box) -> int | float:
    """A product and a sum for each number of the kernel at each result, padding included."""
    kernel, numbers = _shape(box.dom, 1), box.data.settings["dimension_numbers"]
    return 2 * size(box.cod) * math.prod(kernel) / kernel[numbers.rhs_spec[0]]


def _square(box: Box) -> tuple[int, int]:
    """How many square matrices there are, and their size."""
    *batch, n, _ = _shape(box.dom, 0)
    return math.prod(batch), n


@counts("cholesky")
def cholesky(box: Box) -> int | float:
    """``n³/3``."""
    batch, n = _square(box)
    return batch * n**3 / 3


@counts("eigh")
def eigh(box: Box) -> int | float:
    """``9 n³``, with vectors."""
    batch, n = _square(box)
    return batch * 9 * n**3


@counts("triangular_solve")
def triangular_solve(box: Box) -> int | float:
    """``n²`` for each right-hand side."""
    n = _shape(box.dom, 0)[-1]
    return n * size(box.cod)


@counts("lu")
def lu(box: Box) -> int | float:
    """``2 n³/3``, or ``m n² - n³/3`` for ``m ≥ n`` rows."""
    *batch, m, n = _shape(box.dom, 0)
    m, n = max(m, n), min(m, n)
    return math.prod(batch) * (m * n**2 - n**3 / 3)


@counts("geqrf", "qr")
def qr(box: Box) -> int | float:
    """``2 n² (m - n/3)``."""
    *batch, m, n = _shape(box.dom, 0)
    m, n = max(m, n), min(m, n)
    return math.prod(batch) * 2 * n**2 * (m - n / 3)


@counts("householder_product")
def householder_product(box: Box) -> int | float:
    """``2 n² (m - n/3)``, for the first columns of the orthogonal matrix."""
    return qr(box)


@register(CountingCategory, "scan")
def scan(category: CountingCategory, box: Box) -> Work:
    """The body, as often as it runs."""
    (body,) = box.data.bodies
    each = interpret(body, category).counts
    return Work(box.dom, box.cod, category, add_up(tuple((name, n * box.data.settings["length"]) for name, n in each)))


@register(CountingCategory, "cond")
def cond(category: CountingCategory, box: Box) -> Work:
    """The branch that costs most."""
    costs = [interpret(body, category) for body in box.data.bodies]
    return Work(box.dom, box.cod, category, max(costs, key=lambda work: work.total).counts)


@register(CountingCategory, "custom_jvp_call", "custom_vjp_call", "remat2", "checkpoint")
def body(category: CountingCategory, box: Box) -> Work:
    """What the body costs."""
    return Work(box.dom, box.cod, category, interpret(box.data.bodies[0], category).counts)


@register(CountingCategory, "custom_linear_solve")
def linear_solve(category: CountingCategory, box: Box) -> Work:
    """What solving costs, and not what its derivative would."""
    return Work(box.dom, box.cod, category, interpret(box.data.settings["jaxprs"].solve, category).counts)
