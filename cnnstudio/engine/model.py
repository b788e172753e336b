"""A network with numbers in it: parameters, outputs, activations and gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cnnstudio.engine.crew import Lanes
from cnnstudio.engine.gradients import Gradients
from cnnstudio.engine.initial import initial_values
from cnnstudio.engine.lane import Task
from cnnstudio.engine.layers.layer import Array, Chance, buffer
from cnnstudio.engine.losses import softmax
from cnnstudio.engine.parallel import Pool, cut, limit_blas, quiet
from cnnstudio.engine.pipeline import Pipeline
from cnnstudio.engine.row import Arrays, Context
from cnnstudio.engine.shared_memory import SharedArray
from cnnstudio.errors import DataError, NetworkError, SettingError
from cnnstudio.network import Network, Report, check

SLICE = 32
"""Images whose outputs are computed together: enough for long runs, few enough for the cache."""

TRAINING_SLICE = 64
"""Images in training: each slice reads and writes as many numbers as there are parameters."""

SLICE_VALUES = 1 << 24
"""Most values in all maps of a slice, so that large pictures do not need large memory."""


MOST_THREADS = 256
"""Every thread has a gradient of its own, so that more would only cost memory."""


class Model:
    """A network's parameters and what they compute; arrays at this border are batch-first.

    Raises NetworkError when the network does not fit, SettingError for an impossible seed or number
    of threads. The starting weights depend on the seed only. Outputs may be computed from several
    threads at once, also while another trains. `lanes` says whether processes may be started to
    train in place of threads (see crew.Lanes); neither that nor its outcome changes any bit.
    """

    def __init__(
        self,
        network: Network,
        seed: int = 0,
        dtype: DTypeLike = np.float32,
        threads: int = 1,
        lanes: Lanes = "threads",
    ) -> None:
        if not 1 <= threads <= MOST_THREADS:
            raise SettingError(
                f"A model computes with 1 to {MOST_THREADS} threads, not with {threads}."
            )
        if seed < 0:
            raise SettingError(f"The seed of a model must be 0 or more, not {seed}.")
        self.network, self.seed, self.threads, self.lanes = network, seed, threads, lanes
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
            raise NetworkError(f"A model computes in float32 or float64, not in {self.dtype}.")
        self.report = _fitting(network)
        limit_blas()
        self.pool = Pool(threads)
        most = max(1, SLICE_VALUES // self.report.activations)
        self.slice_size, self.training_slice = min(SLICE, most), min(TRAINING_SLICE, most)
        shapes, kept = _shapes(self.report), _kept_shapes(self.report)
        size = _count(shapes) + _count(kept)
        self.shared_state = self._shared(size)
        if self.shared_state is None:
            self.state = buffer((size,), self.dtype)
        else:
            self.state = self.shared_state.array
        self.vector = self.state[: _count(shapes)]
        self.parameters: Mapping[str, Array] = MappingProxyType(self.views(self.vector))
        self.statistics: Mapping[str, Array] = MappingProxyType(
            _views(self.state[_count(shapes) :], kept)
        )
        for name, values in initial_values(self.report, seed):
            self.weights[name][...] = values
        self._spare: dict[tuple[int, bool], list[Pipeline]] = {}
        self._gradients: Gradients | None = None

    def _shared(self, size: int) -> SharedArray | None:
        """Memory for the state that processes share; None where it is not wanted or to be had."""
        if self.lanes == "threads" or self.threads == 1:
            return None
        try:
            return SharedArray((size,), self.dtype)
        except OSError:
            return None

    def views(self, vector: Array) -> dict[str, Array]:
        """Arrays by name ("conv1.weight") that share the memory of a vector like `self.vector`."""
        return _views(vector, _shapes(self.report))

    @property
    def weights(self) -> dict[str, Array]:
        """Parameters and running statistics by name: all that a file must hold of a model."""
        return {**self.parameters, **self.statistics}

    def load(self, weights: Mapping[str, ArrayLike]) -> None:
        """Set all weights; raises NetworkError, changing nothing, if a name or shape differs."""
        arrays = {name: np.asarray(values) for name, values in weights.items()}
        own = self.weights
        for name in arrays:
            if name not in own:
                known = ", ".join(own) or "none"
                raise NetworkError(f"The network has no parameter {name!r}; it has {known}.")
        for name, parameter in own.items():
            if name not in arrays:
                raise NetworkError(f"The weights lack the parameter {name!r} of the network.")
            if arrays[name].shape != parameter.shape:
                raise NetworkError(
                    f"The weights for {name!r} are {_size(arrays[name].shape)}, "
                    f"but the network needs {_size(parameter.shape)}."
                )
        for name, parameter in own.items():
            parameter[...] = arrays[name]

    def forward(self, x: Array) -> Array:
        """Outputs (N, units) or (N, C, H, W) of the last block, before a softmax at the end.

        `x` is (N, C, H, W) as the data gives it, floats in 0..1 or bytes in 0..255; any N.
        """
        x = self.check_pictures(x)
        shape = self.output_shape
        outputs = np.empty((len(x), *shape), self.dtype)
        lanes = self.threads if len(x) >= self.slice_size else 1
        shares = cut(len(x), lanes, self.slice_size)

        def work(lane: int) -> None:
            for part in shares[lane]:
                with self._pipeline(part.stop - part.start) as pipeline:
                    outputs[part] = _turned(pipeline.forward(x[part]))

        if lanes > 1:
            self.pool.run(work)
        else:
            with quiet():
                work(0)
        return outputs

    def probabilities(self, x: Array) -> Array:
        """Softmax of `forward` over the units or channels."""
        return softmax(self.forward(x))

    def activations(self, x: Array) -> list[Array]:
        """The output (N, ...) of every block after its activation; the input's with its border."""
        x = self.check_pictures(x)
        with self._pipeline(len(x), by_block=True) as pipeline, quiet():
            starts = range(0, max(len(x), 1), pipeline.images)
            parts = [pipeline.activations(x[i : i + pipeline.images]) for i in starts]
        return [np.concatenate(maps) for maps in zip(*parts, strict=True)]

    def loss_and_gradients(
        self, x: Array, labels: NDArray[np.integer[Any]], step: int = 0
    ) -> tuple[float, dict[str, Array]]:
        """Mean softmax cross-entropy of N pictures, and its gradient for each parameter.

        Raises DataError when `x` or `labels` (N class numbers) do not go with the network. Dropout
        is active; its masks depend on the model's seed and `step`. Batch norm uses the statistics
        of these pictures, and the running ones stay as they are.
        """
        x = self.check_pictures(x)
        labels = np.asarray(labels)
        self.check_labels(labels, len(x))
        if not len(x):
            raise DataError("A loss needs at least one picture.")
        gradients, kept = self.gradients(), self.state.copy()
        score = gradients.compute(x, labels, task=Task(step))
        self.state[...] = kept
        return score.loss / len(x), self.views(gradients.vector.copy())

    def gradients(self) -> Gradients:
        """What computes this model's gradients, batch after batch; made once."""
        if self._gradients is None:
            self._gradients = Gradients(self)
        return self._gradients

    def check_pictures(self, x: ArrayLike) -> Array:
        """`x` as an array (N, C, H, W) of floats or bytes; raises DataError for another size."""
        x = np.asarray(x)
        wanted = self.network.input.picture_shape
        if x.ndim != 4 or x.shape[1:] != wanted:
            raise DataError(
                f"The network takes pictures of {_size(wanted)} (channels x height x width) in an "
                f"array of four dimensions, but got an array of {_size(x.shape)}."
            )
        if x.dtype == np.uint8 or x.dtype.kind == "f":
            return x
        return x.astype(self.dtype)

    def check_labels(self, labels: Array, count: int) -> None:
        """Raise DataError unless `labels` are `count` class numbers that the outputs have."""
        shape = self.output_shape
        if len(shape) != 1:
            raise DataError(
                f"The network ends with maps of {_size(shape)}, but a loss needs a row of values, "
                "one for each class. End it with a fully connected block."
            )
        if labels.shape != (count,) or labels.dtype.kind not in "iu":
            raise DataError(
                f"{count} pictures need {count} whole numbers as labels, but got an array of "
                f"{_size(labels.shape)} ({labels.dtype})."
            )
        if count and not 0 <= labels.min() <= labels.max() < shape[0]:
            raise DataError(
                f"Labels go from 0 to {shape[0] - 1} for the network's {shape[0]} outputs, but "
                f"these go from {labels.min()} to {labels.max()}."
            )

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The size of one picture's output: (units,) or (C, H, W)."""
        shape = self.report.output_shape
        assert shape is not None
        return shape

    @contextmanager
    def _pipeline(self, count: int, *, by_block: bool = False) -> Iterator[Pipeline]:
        """Layers for `count` images, or a slice of more, that nobody else uses; put back after.

        There are three sizes, as layers compute all their images, also where there are fewer.
        """
        sizes = (1, self.slice_size // 2, self.slice_size)
        size = next((size for size in sizes if count <= size), self.slice_size)
        spare = self._spare.setdefault((size, by_block), [])
        try:
            pipeline = spare.pop()
        except IndexError:
            context = Context(size, self.dtype, Chance(self.seed))
            arrays = Arrays(self.parameters, self.statistics)
            pipeline = Pipeline(self.report, context, arrays, by_block=by_block)
        yield pipeline
        spare.append(pipeline)


def named_weights(report: Report, state: Array) -> dict[str, Array]:
    """Arrays by name, as `Model.weights` has them, that share the memory of a `Model.state`."""
    return _views(state, {**_shapes(report), **_kept_shapes(report)})


def _shapes(report: Report) -> dict[str, tuple[int, ...]]:
    """The shape of every parameter by its name in the network."""
    return {
        f"{entry.key}.{name}": shape
        for entry in report.blocks
        if entry.input_shape is not None
        for name, shape in entry.block.parameter_shapes(entry.input_shape).items()
    }


def _kept_shapes(report: Report) -> dict[str, tuple[int, ...]]:
    """The shape of all running statistics by name."""
    return {
        f"{entry.key}.{name}": shape
        for entry in report.blocks
        if entry.input_shape is not None
        for name, shape in entry.block.state_shapes(entry.input_shape).items()
    }


def _count(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(math.prod(shape) for shape in shapes.values())


def _views(vector: Array, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Arrays of `shapes` by name, one after the other in the memory of `vector`."""
    views, start = {}, 0
    for name, shape in shapes.items():
        end = start + math.prod(shape)
        views[name] = vector[start:end].reshape(shape)
        start = end
    return views


def _fitting(network: Network) -> Report:
    report = check(network)
    if not report.ok:
        raise NetworkError(report.problems[0][1].message)
    return report


def _turned(y: Array) -> Array:
    return y.T if y.ndim == 2 else y.transpose(3, 1, 0, 2)


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
