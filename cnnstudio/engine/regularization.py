"""What a recipe does to a gradient before the step: penalties on the weights, and clipping."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from cnnstudio.engine.layers.layer import Array, buffer
from cnnstudio.engine.optimizers import Share, at_once


def weight_mask(parameters: Mapping[str, Array]) -> Array:
    """1 for every weight and 0 for biases and the factors of a normalization, as a flat vector.

    `parameters` by name, in the order of the vector. What multiplies the inputs of a sum is named
    "weight", in composite blocks too, and has several dimensions; a normalization's has one.
    """
    return np.concatenate(
        [
            np.full(array.size, name.endswith(".weight") and array.ndim > 1, array.dtype)
            for name, array in parameters.items()
        ]
        or [np.zeros(0, np.float32)]
    )


class Penalty:
    """The gradient of l1 sum |w| + l2 / 2 sum w^2 over all weights."""

    def __init__(
        self,
        vector: Array,
        parameters: Mapping[str, Array],
        l1: float,
        l2: float,
        share: Share | None = None,
    ) -> None:
        mask = weight_mask(parameters)
        self._l1, self._l2 = (mask * each if each else None for each in (l1, l2))
        self._vector, self._share = vector, share or at_once(vector)
        self._scratch = buffer(vector.shape, vector.dtype)

    def add_to(self, gradient: Array) -> None:
        """Add the penalty's gradient to `gradient`."""

        def work(part: slice) -> None:
            vector, scratch = self._vector[part], self._scratch[part]
            if self._l1 is not None:
                np.sign(vector, out=scratch)
                np.multiply(scratch, self._l1[part], out=scratch)
                np.add(gradient[part], scratch, out=gradient[part])
            if self._l2 is not None:
                np.multiply(vector, self._l2[part], out=scratch)
                np.add(gradient[part], scratch, out=gradient[part])

        self._share(work)


def clip(gradient: Array, largest: float) -> None:
    """Shorten `gradient` to the length `largest` if it is longer (Pascanu et al., arXiv 1211.5063).

    As torch.nn.utils.clip_grad_norm_, which adds 1e-6 to the length that it divides by.
    """
    factor = largest / (math.sqrt(np.dot(gradient, gradient)) + 1e-6)
    if factor < 1:
        np.multiply(gradient, factor, out=gradient)
