"""Numerical kernels: algorithms on arrays, in JAX alone, that categories call."""

from .cholesky import Factorised as Factorised
from .cholesky import factorise as factorise
from .semidefinite import Compact as Compact
from .semidefinite import Conditioned as Conditioned
from .semidefinite import compact as compact
from .semidefinite import compress as compress
from .semidefinite import condition as condition
from .semidefinite import default_tolerance as default_tolerance
from .semidefinite import log_volume as log_volume
from .semidefinite import norms as norms
from .semidefinite import product as product
from .semidefinite import pseudo_inverse as pseudo_inverse
from .semidefinite import regress as regress
from .semidefinite import residual as residual
from .semidefinite import rows_of as rows_of
