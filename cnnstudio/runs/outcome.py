"""What a trained network makes of a set of pictures, reckoned piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.datasets import Images
from cnnstudio.engine.fault import check_answers
from cnnstudio.engine.losses import softmax
from cnnstudio.engine.model import Model
from cnnstudio.network.project_file import Project
from cnnstudio.runs.record import Outcome

CHUNK = 256
"""Pictures after which it may be given up."""


def reckon(
    project: Project, of: str, images: Images, wanted: Callable[[], bool] = lambda: True
) -> Outcome | None:
    """The outcome of `project`'s weights; None without weights, or when not `wanted` any more.

    Raises DataError when the pictures do not go with the network, TrainingError when its answers
    are no numbers.
    """
    if project.weights is None:
        return None
    model = Model(project.network)
    model.load(project.weights)
    model.check_labels(images.labels, len(images))
    logits = np.zeros((len(images), *model.output_shape), model.dtype)
    for start in range(0, len(images), CHUNK):
        if not wanted():
            return None
        part = slice(start, start + CHUNK)
        logits[part] = model.forward(images.pixels[part])
    check_answers(model, images.pixels, logits)
    return outcome_of(of, images, logits)


def outcome_of(of: str, images: Images, logits: NDArray[np.floating[Any]]) -> Outcome:
    """The outcome of a model that gives ``(N, classes)`` values before the softmax."""
    return Outcome(of, images.labels, logits.argmax(axis=1), softmax(logits).max(axis=1))
