"""How well a model recognises pictures that it does not learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.datasets import Images
from cnnstudio.engine.losses import cross_entropy
from cnnstudio.engine.model import Model


@dataclass(frozen=True)
class Evaluation:
    """The result for some pictures; `confusion[t, p]` counts those of class t taken for class p."""

    images: int
    loss: float
    accuracy: float
    confusion: NDArray[np.int64]
    predictions: NDArray[np.int64]


def evaluate(model: Model, images: Images) -> Evaluation:
    """Mean loss and accuracy over `images`; both are NaN when there are none.

    Raises DataError when pictures or labels do not go with the network.
    """
    model.check_labels(images.labels, len(images))
    logits = model.forward(images.pixels)
    labels: NDArray[Any] = images.labels
    predictions = logits.argmax(axis=1)
    classes = logits.shape[1]
    pairs = labels.astype(np.int64) * classes + predictions
    confusion = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    count = len(images)
    loss = float(cross_entropy(logits, labels).mean(dtype=np.float64)) if count else float("nan")
    accuracy = float(np.trace(confusion)) / count if count else float("nan")
    return Evaluation(count, loss, accuracy, confusion, predictions)
