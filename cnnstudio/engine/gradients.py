"""The gradient of a batch: its slices in lanes, summed in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.layers.layer import Array, Chance, buffer
from cnnstudio.engine.losses import Score, SoftmaxCrossEntropy
from cnnstudio.engine.parallel import Meeting, cut, even
from cnnstudio.engine.pipeline import Pipeline
from cnnstudio.engine.row import Arrays, Context

if TYPE_CHECKING:
    from cnnstudio.engine.model import Model

SIZES_KEPT = 4
"""Slice sizes whose buffers a lane keeps: whole and last batches have up to two each."""

WORTH_SHARING = 200_000
"""Parameters from which the lanes share the work on the flat vectors; waking them costs 50 us."""


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


class Gradients:
    """Computes gradients of a model, batch after batch, in the model's lanes.

    `vector` is the gradient of the last batch, in the order of the model's vector. It belongs to
    this object and may be used as scratch space until the next batch.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._pool = model.pool
        self._meeting = Meeting()
        self._lanes = [_Lane(model, lane, self._meeting) for lane in range(model.threads)]
        self.vector = self._lanes[0].vector

    def compute(
        self,
        pictures: Array,
        labels: NDArray[np.integer[Any]],
        indices: NDArray[np.intp] | None = None,
        task: Task = Task(),
    ) -> Score:
        """The score of a batch, whose mean loss's gradient is left in `vector`.

        The batch is all of `pictures` (N, C, H, W) and `labels` (N,), or those at `indices`. The
        running statistics of the model move on.
        """
        count = len(pictures) if indices is None else len(indices)
        shares = self._shares(count)
        firsts = np.cumsum([0, *map(len, shares)])
        scores = [Score(0.0, 0)] * len(shares)
        self._meeting.begin(sum(map(bool, shares)))

        def work(lane: int) -> None:
            rows = shares[lane] if indices is None else [indices[part] for part in shares[lane]]
            parts = ((pictures[row], labels[row]) for row in rows)
            try:
                scores[lane] = self._lanes[lane].compute(parts, 1 / count, task, int(firsts[lane]))
            except BaseException:
                self._meeting.abandon()
                raise

        self._pool.run(work)
        self._add_up(
            [lane.vector for lane, share in zip(self._lanes, shares, strict=True) if share]
        )
        return Score(sum(s.loss for s in scores), sum(s.correct for s in scores))

    def _shares(self, count: int) -> list[list[slice]]:
        """The slices of each lane; one a lane where all images of a batch belong together."""
        model = self._model
        largest = count if model.statistics else model.training_slice
        return cut(count, len(self._lanes), largest)

    def _add_up(self, vectors: list[Array]) -> None:
        """Sum the vectors of the lanes that had work, always in their order, into `vector`."""

        def add(part: slice) -> None:
            for vector in vectors[1:]:
                np.add(self.vector[part], vector[part], out=self.vector[part])

        if len(vectors) > 1:
            self.share(add)

    def share(self, work: Callable[[slice], None]) -> None:
        """Call `work` for the whole of the flat vectors, in parts side by side if they are long."""
        size = len(self.vector)
        if size < WORTH_SHARING:
            work(slice(0, size))
            return
        parts = even(size, len(self._lanes))
        self._pool.run(lambda lane: work(parts[lane]))


class _Lane:
    """What one thread computes with: a gradient vector, and the layers for each size of slice."""

    def __init__(self, model: Model, lane: int, meeting: Meeting) -> None:
        self._model, self._lane, self._meeting = model, lane, meeting
        self.vector = buffer(model.vector.shape, model.dtype)
        self._earlier = self.vector[:0]
        self._arrays = Arrays(model.parameters, model.statistics, model.views(self.vector))
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
