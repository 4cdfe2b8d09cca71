"""Verdicts: results of inference that say whether what was seen could be.

Definition:
    A *verdict* is a result with a truth value `ok`. Where it is false the rest means nothing: no law is made up for what cannot be. Inside ``jit``
    one looks at `ok`; outside, `require` turns it into an error.
"""

import abc
from typing import Any

from ..objects import is_concrete
from ..theory import door


class Verdict(abc.ABC):
    """A result that may be about what cannot be; see the module.

    Attributes:
        ok: whether what was seen could be.
    """

    ok: Any

    @abc.abstractmethod
    def mistake(self) -> Exception:
        """The error of one who goes on although it is not `ok`."""

    @door
    def require[V: "Verdict"](self: V) -> V:
        """This result, or its error if what was seen could not be: for use outside ``jit``.

        Raises:
            CatlearnError: it could not; the class is said by the kind of result.
        """
        if is_concrete(self.ok) and not self.ok:
            raise self.mistake()
        return self
