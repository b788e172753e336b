"""A lane: what computes the gradient of a share of a batch, in a thread or a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.layers.layer import Array, Chance, buffer
from cnnstudio.engine.losses import Score, SoftmaxCrossEntropy
from cnnstudio.engine.parallel import Meeting
from cnnstudio.engine.pipeline import Pipeline
from cnnstudio.engine.row import Arrays, Context

if TYPE_CHECKING:
    from cnnstudio.engine.model import Model

SIZES_KEPT = 4
"""Slice sizes whose buffers a lane keeps: whole and last batches have up to two each."""

Augment = Callable[[Array, np.random.Generator], Array]
"""Changes pictures (n, C, H, W) at random; gives floats in 0..1."""


@dataclass(frozen=True)
class Task:
    """What is asked of a batch beside its pictures.

    `step` is the number that dropout and augmentation draw with, `augment` changes the pictures
    before they are learned from, `smoothing` is the share of each label given to all classes.
    """

    step: int = 0
    augment: Augment | None = None
    smoothing: float = 0.0


PLAIN = Task()
"""Nothing but the pictures."""


@dataclass(frozen=True)
class Batch:
    """The pictures of a step, cut into slices: `shares` has those of each lane.

    The batch is `count` of `pictures` (N, C, H, W) and `labels` (N,): all, or those at `indices`.
    """

    pictures: Array
    labels: NDArray[np.integer[Any]]
    indices: NDArray[np.intp] | None
    count: int
    shares: list[list[slice]]
    task: Task

    def parts(self, lane: int) -> Iterator[tuple[Array, Array]]:
        """Pictures and labels of each slice of a lane."""
        for part in self.shares[lane]:
            rows = part if self.indices is None else self.indices[part]
            yield self.pictures[rows], self.labels[rows]

    def first(self, lane: int) -> int:
        """How many slices the lanes before `lane` have; its first slice has this number."""
        return sum(map(len, self.shares[:lane]))


class Lane:
    """What computes gradients: a vector for them, and the layers for each size of slice.

    `vector` and `parameters`, the weights by name, may lie in memory that processes share; without
    them there is a vector of the lane's own, and the weights are the model's.
    """

    def __init__(
        self,
        model: Model,
        lane: int,
        meeting: Meeting,
        vector: Array | None = None,
        state: Array | None = None,
    ) -> None:
        self._model, self._lane, self._meeting = model, lane, meeting
        self.vector = buffer(model.vector.shape, model.dtype) if vector is None else vector
        self._earlier = self.vector[:0]
        parameters = model.parameters if state is None else model.views(state)
        self._arrays = Arrays(parameters, model.statistics, model.views(self.vector))
        self._by_size: dict[int, tuple[Pipeline, SoftmaxCrossEntropy]] = {}

    def compute(
        self, parts: Iterable[tuple[Array, Array]], weight: float, task: Task, first: int
    ) -> Score:
        """The score of some slices; the gradient of `weight` times their loss goes to `vector`."""
        loss, correct, count = 0.0, 0, 0
        for place, (pictures, labels) in enumerate(parts):
            self._keep_earlier(place)
            count += 1
            pipeline, head = self._of_size(len(pictures))
            pipeline.chance.begin(task.step, first + place)
            if task.augment is not None:
                pictures = task.augment(pictures, pipeline.chance.generator)
            pipeline.forward(pictures)
            score = head.compute(labels, weight, task.smoothing)
            pipeline.backward()
            loss, correct = loss + score.loss, correct + score.correct
        if count > 1:
            np.add(self.vector, self._earlier, out=self.vector)
        return Score(loss, correct)

    def _keep_earlier(self, place: int) -> None:
        """Before slice `place` overwrites the vector, keep the sum of those before."""
        if place == 1:
            self._earlier = self._earlier if len(self._earlier) else np.empty_like(self.vector)
            np.copyto(self._earlier, self.vector)
        elif place > 1:
            np.add(self._earlier, self.vector, out=self._earlier)

    def _of_size(self, images: int) -> tuple[Pipeline, SoftmaxCrossEntropy]:
        """The layers for slices of `images` pictures; the sizes used last are kept."""
        found = self._by_size.pop(images, None)
        if found is None:
            model = self._model
            chance = Chance(model.seed)
            context = Context(images, model.dtype, chance, self._meeting, self._lane)
            pipeline = Pipeline(model.report, context, self._arrays)
            # A network with nothing to learn has a loss as well, whose gradient nobody wants.
            dy = np.empty_like(pipeline.y) if pipeline.dy is None else pipeline.dy
            found = pipeline, SoftmaxCrossEntropy(pipeline.y, dy)
            if len(self._by_size) >= SIZES_KEPT:
                del self._by_size[next(iter(self._by_size))]
        self._by_size[images] = found
        return found
