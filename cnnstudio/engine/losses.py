"""Softmax and its cross-entropy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.parallel import quiet

Array = NDArray[Any]


class Score(NamedTuple):
    """The sum of the losses of some images, and how many of them were recognised."""

    loss: float
    correct: int


def softmax(logits: Array, axis: int = 1) -> Array:
    """exp(x) over the sum of all exp(x) along `axis`; the largest is subtracted first.

    NaN where one of the values is NaN or plus infinity.
    """
    with quiet():
        shares: Array = np.exp(logits - logits.max(axis=axis, keepdims=True))
        shares /= shares.sum(axis=axis, keepdims=True)
    return shares


def cross_entropy(logits: Array, labels: NDArray[np.integer[Any]]) -> Array:
    """-log softmax(logits)[label] for each image; `logits` (N, classes), `labels` (N,)."""
    with quiet():
        shifted = logits - logits.max(axis=1, keepdims=True)
        total = np.log(np.exp(shifted).sum(axis=1))
        losses: Array = total - shifted[np.arange(len(labels)), labels]
    return losses


class SoftmaxCrossEntropy:
    """The loss at the end of a pipeline, and its gradient, for slices of one size.

    Works on logits ``(classes, N)`` and writes their gradient into `gradient`.
    """

    def __init__(self, logits: Array, gradient: Array) -> None:
        self._logits, self._gradient = logits, gradient
        self._images = np.arange(logits.shape[1])

    def compute(
        self, labels: NDArray[np.integer[Any]], weight: float, smoothing: float = 0.0
    ) -> Score:
        """The slice's score; the gradient is that of `weight` times the sum of its losses.

        Each label counts 1 - `smoothing`, and `smoothing` is shared by all classes (Szegedy et al.,
        arXiv 1512.00567, section 7).
        """
        logits, gradient = self._logits, self._gradient
        highest = np.maximum.reduce(logits, axis=0)
        np.subtract(logits, highest, out=gradient)
        own = gradient[labels, self._images]
        if smoothing:
            own = (1 - smoothing) * own + smoothing * gradient.mean(axis=0)
        np.exp(gradient, out=gradient)
        total = np.add.reduce(gradient, axis=0)
        np.multiply(gradient, weight / total, out=gradient)
        gradient[labels, self._images] -= weight * (1 - smoothing)
        if smoothing:
            np.subtract(gradient, weight * smoothing / len(gradient), out=gradient)
        losses = np.log(total) - own
        correct = np.count_nonzero(logits.argmax(axis=0) == labels)
        return Score(float(np.add.reduce(losses, dtype=np.float64)), int(correct))
