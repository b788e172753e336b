"""How well a model recognises pictures that it does not learn from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.datasets import Images
from cnnstudio.engine.losses import cross_entropy, softmax
from cnnstudio.engine.model import Model


@dataclass(frozen=True)
class Evaluation:
    """The result for some pictures; `confusion[t, p]` counts those of class t taken for class p.

    `logits` ``(N, classes)`` is what the model gave before the softmax.
    """

    images: int
    loss: float
    accuracy: float
    confusion: NDArray[np.int64]
    predictions: NDArray[np.int64]
    logits: NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model makes of labelled images: row i is image ``indices[i]`` of the set called `of`.

    `of` is "validation" or "test", which has `total` images; while a run goes on some of them may
    not have been looked at yet. `labels` and `predicted` are ``(N,)``, `probabilities`
    ``(N, classes)`` in float32. `epoch` counts the epochs that the weights were trained for, 1.5
    half way through the second; with `live` the run goes on, it is the number of the present epoch,
    and the rows are from its last moments.
    """

    of: str
    labels: NDArray[np.integer[Any]]
    probabilities: NDArray[np.float32]
    predicted: NDArray[np.int64]
    indices: NDArray[np.intp]
    total: int
    epoch: float
    live: bool = False

    @classmethod
    def from_logits(
        cls,
        of: str,
        labels: NDArray[np.integer[Any]],
        logits: NDArray[np.floating[Any]],
        epoch: float,
    ) -> Predictions:
        """The predictions for a whole set, from the values ``(N, classes)`` before the softmax."""
        count = len(labels)
        shares = softmax(logits).astype(np.float32) if count else logits.astype(np.float32)
        predicted = logits.argmax(axis=1)
        return cls(of, labels, shares, predicted, np.arange(count), count, epoch)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> int:
        """How many classes the model tells apart."""
        return int(self.probabilities.shape[1])

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """``[t, p]`` counts the images of class t taken for class p."""
        return confusion_of(self.labels, self.predicted, self.classes)

    @cached_property
    def wrong(self) -> NDArray[np.intp]:
        """The rows of the images taken for another class, those with the highest loss first."""
        rows = np.flatnonzero(self.predicted != self.labels)
        return rows[np.argsort(self.own[rows], kind="stable")]

    @cached_property
    def own(self) -> NDArray[np.float32]:
        """The probability of each image's true class, whose -log is the loss."""
        return np.take_along_axis(
            self.probabilities, self.labels.astype(np.intp)[:, np.newaxis], axis=1
        )[:, 0]


def confusion_of(
    labels: NDArray[np.integer[Any]], predicted: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """``(classes, classes)``: how many images of class t were taken for class p."""
    pairs = labels.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def evaluate(model: Model, images: Images) -> Evaluation:
    """Mean loss and accuracy over `images`; both are NaN when there are none.

    Raises DataError when pictures or labels do not go with the network.
    """
    model.check_labels(images.labels, len(images))
    logits = model.forward(images.pixels)
    labels: NDArray[Any] = images.labels
    predictions = logits.argmax(axis=1)
    confusion = confusion_of(labels, predictions, logits.shape[1])
    count = len(images)
    loss = float(cross_entropy(logits, labels).mean(dtype=np.float64)) if count else float("nan")
    accuracy = float(np.trace(confusion)) / count if count else float("nan")
    return Evaluation(count, loss, accuracy, confusion, predictions, logits)
