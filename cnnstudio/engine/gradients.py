"""The gradient of a batch: its slices in lanes, summed in a fixed order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.crew import Crew
from cnnstudio.engine.lane import PLAIN, Batch, Lane, Task
from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.losses import Score
from cnnstudio.engine.parallel import Meeting, cut, even

if TYPE_CHECKING:
    from cnnstudio.engine.model import Model

WORTH_SHARING = 200_000
"""Parameters from which the lanes share the work on the flat vectors; waking them costs 50 us."""


class Gradients:
    """Computes gradients of a model, batch after batch, in the model's lanes.

    `vector` is the gradient of the last batch, in the order of the model's vector. It belongs to
    this object and may be used as scratch space until the next batch. The lanes are threads, and
    processes where the model says so; that changes no bit of the result.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._pool = model.pool
        self._meeting = Meeting()
        self._lanes = [Lane(model, lane, self._meeting) for lane in range(model.threads)]
        self._crew = Crew(model, self._lanes[0])
        self.vector = self._lanes[0].vector

    def compute(
        self,
        pictures: Array,
        labels: NDArray[np.integer[Any]],
        indices: NDArray[np.intp] | None = None,
        task: Task = PLAIN,
    ) -> Score:
        """The score of a batch, whose mean loss's gradient is left in `vector`.

        The batch is all of `pictures` (N, C, H, W) and `labels` (N,), or those at `indices`. The
        running statistics of the model move on.
        """
        count = len(pictures) if indices is None else len(indices)
        batch = Batch(pictures, labels, indices, count, self._shares(count), task)
        scores, vectors = self._crew.compute(batch, self._in_threads)
        shares = batch.shares
        self._add_up([vector for vector, share in zip(vectors, shares, strict=True) if share])
        return Score(sum(s.loss for s in scores), sum(s.correct for s in scores))

    def rest(self) -> None:
        """Let go of the processes that were started, if any; there is nothing to do for a while."""
        self._crew.rest()

    def _in_threads(self, batch: Batch) -> tuple[list[Score], list[Array]]:
        """The score of each lane, and its gradient."""
        scores = [Score(0.0, 0)] * len(self._lanes)
        self._meeting.begin(sum(map(bool, batch.shares)))

        def work(lane: int) -> None:
            parts, first = batch.parts(lane), batch.first(lane)
            try:
                scores[lane] = self._lanes[lane].compute(parts, 1 / batch.count, batch.task, first)
            except BaseException:
                self._meeting.abandon()
                raise

        self._pool.run(work)
        return scores, [lane.vector for lane in self._lanes]

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
