"""The handwritten digits that scikit-learn ships: 1797 images of 8 by 8 pixels, split once and for all.

References:
    Alpaydin and Kaynak, *Optical recognition of handwritten digits*, UCI machine learning repository (1998).
"""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..theory.errors import MissingExtra


@dataclasses.dataclass(frozen=True)
class Digits:
    """Images as rows of 64 numbers between 0 and 1 in JAX's default precision, and labels.

    Attributes:
        train: the images and labels to learn from, three quarters.
        test: those to be judged by, one quarter, each digit as frequent as in the whole.
    """

    train: tuple[Any, Any]
    test: tuple[Any, Any]


def digits() -> Digits:
    """The digits with their fixed stratified split; nothing is downloaded.

    Raises:
        MissingExtra: scikit-learn is not installed.

    Example:
        >>> data = digits()
        >>> data.train[0].shape, data.test[0].shape
        ((1347, 64), (450, 64))
    """
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
    except ModuleNotFoundError:
        raise MissingExtra("the digits", "tour") from None
    bunch: Any = load_digits()
    images, labels = (bunch.data / 16).astype(jnp.result_type(float)), bunch.target.astype(np.int32)
    x, x_test, y, y_test = train_test_split(images, labels, test_size=0.25, stratify=labels, random_state=0)
    return Digits((x, y), (x_test, y_test))
