r"""Validation: what a model says of examples that it does not learn from.

Definition:
    Validation maps parameters to the mean loss on given examples, and to a metric of predictions and labels. It does not
    change the run; early stopping looks at it, and keeps the parameters where the loss was lowest.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from ..constructions import Batch, ParaMap
from ..objects import bare
from ..theory import Data
from .data import Values, examples
from .loop import compiled


class Evaluator(Data):
    """A model and a loss on all examples at once, and a metric.

    Attributes:
        predict: the model, ``P ⊗ A^n → B^n``.
        error: the loss, ``Label^n ⊗ B^n → L^n``.
        metric: ``(predictions, labels) ↦ number``, or None.
        labels: how many wires a label has.
    """

    predict: Any
    error: Any
    metric: Any
    labels: int = eqx.field(static=True)

    def __call__(self, parameters: Values, values: Values) -> tuple[Any, ...]:
        """The mean loss, and the metric if there is one."""
        labels, inputs = values[: self.labels], values[self.labels :]
        predictions = self.predict.category.apply(self.predict, parameters + inputs)
        losses = self.error.category.apply(self.error, labels + predictions)
        measured = () if self.metric is None else (self.metric(bare(predictions), bare(labels)),)
        return (sum(jnp.mean(x) for x in losses), *measured)


def evaluator(model: ParaMap, loss: ParaMap, metric: Any, data: Any) -> Callable[[Values], tuple[float, ...]]:
    """``parameters ↦ (loss,)`` or ``(loss, metric)`` on the data ``(inputs, labels)``, compiled once for each program."""
    values, n = examples(data, model.dom, loss.parameter)
    program = Evaluator(Batch(n)(model).arrow, Batch(n)(loss.arrow), metric, len(loss.parameter))
    evaluate = compiled(Evaluator.__call__, program)
    return lambda parameters: tuple(float(x) for x in evaluate(parameters, values))


def accuracy(predictions: Any, labels: Any) -> Any:
    """The share of rows whose largest entry is at the label.

    Args:
        predictions: logits, shape ``(n, classes)``.
        labels: integers, shape ``(n,)``.

    Example:
        >>> import jax.numpy as jnp
        >>> print(accuracy(jnp.array([[1.0, 0.0], [0.0, 1.0]]), jnp.array([0, 0])))
        0.5
    """
    labels = jnp.asarray(labels)
    right = jnp.argmax(predictions, -1).astype(labels.dtype) == labels
    return jnp.mean(right.astype(jnp.result_type(float)))
