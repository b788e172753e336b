"""How gradients become steps: SGD, SGD with momentum, Adam and AdamW, as in PyTorch.

Everything works on the one flat vector of parameters, in place, without temporary arrays; the
gradient is used up as scratch space.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cnnstudio.engine.layers.layer import Array, buffer
from cnnstudio.network.recipe import Recipe

Share = Callable[[Callable[[slice], None]], None]
"""Runs work on the whole vector, in one part or in several at once."""


def at_once(vector: Array) -> Share:
    """Does the work on all of `vector` in one part."""
    return lambda work: work(slice(0, len(vector)))


class Sgd:
    """p = p - rate g."""

    def __init__(self, vector: Array, learning_rate: float, share: Share | None = None) -> None:
        self.learning_rate = learning_rate
        self._vector = vector
        self._share = share or at_once(vector)

    def step(self, gradient: Array) -> None:
        """Change the parameters by one step along `gradient`, which is used up."""

        def work(part: slice) -> None:
            np.multiply(gradient[part], self.learning_rate, out=gradient[part])
            np.subtract(self._vector[part], gradient[part], out=self._vector[part])

        self._share(work)


class Momentum:
    """v = momentum v + g, p = p - rate v."""

    def __init__(
        self,
        vector: Array,
        learning_rate: float,
        momentum: float = 0.9,
        share: Share | None = None,
    ) -> None:
        self.learning_rate, self.momentum = learning_rate, momentum
        self._vector = vector
        self._velocity = buffer(vector.shape, vector.dtype)
        self._share = share or at_once(vector)

    def step(self, gradient: Array) -> None:
        """Change the parameters by one step, which takes `gradient` up."""

        def work(part: slice) -> None:
            scratch, velocity = gradient[part], self._velocity[part]
            np.multiply(velocity, self.momentum, out=velocity)
            np.add(velocity, scratch, out=velocity)
            np.multiply(velocity, self.learning_rate, out=scratch)
            np.subtract(self._vector[part], scratch, out=self._vector[part])

        self._share(work)


class Adam:
    """Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1), with `weight_decay` AdamW.

    AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) first shrinks every parameter by
    rate * weight_decay, apart from the gradient.

    The means are kept without their factors (1 - beta), which are put into the step instead: two
    calls less for the same step.
    """

    def __init__(
        self,
        vector: Array,
        learning_rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        share: Share | None = None,
    ) -> None:
        self.learning_rate, self.betas, self.epsilon = learning_rate, betas, epsilon
        self.weight_decay = weight_decay
        self._vector = vector
        self._mean = buffer(vector.shape, vector.dtype)
        self._square = buffer(vector.shape, vector.dtype)
        self._share = share or at_once(vector)
        self._steps = 0

    def step(self, gradient: Array) -> None:
        """Change the parameters by one step; `gradient` is used up."""
        self._steps += 1
        first, second = self.betas
        root = math.sqrt((1 - second) / (1 - second**self._steps))
        rate = self.learning_rate * (1 - first) / (1 - first**self._steps) / root
        kept = 1 - self.learning_rate * self.weight_decay

        def work(part: slice) -> None:
            scratch, mean, square = gradient[part], self._mean[part], self._square[part]
            np.multiply(mean, first, out=mean)
            np.add(mean, scratch, out=mean)
            np.multiply(square, second, out=square)
            np.multiply(scratch, scratch, out=scratch)
            np.add(square, scratch, out=square)
            np.sqrt(square, out=scratch)
            np.add(scratch, self.epsilon / root, out=scratch)
            np.divide(mean, scratch, out=scratch)
            np.multiply(scratch, rate, out=scratch)
            if kept != 1:
                np.multiply(self._vector[part], kept, out=self._vector[part])
            np.subtract(self._vector[part], scratch, out=self._vector[part])

        self._share(work)


def optimizer_of(
    recipe: Recipe, vector: Array, share: Share | None = None
) -> Sgd | Momentum | Adam:
    """The recipe's optimizer for the parameters in `vector`."""
    if recipe.optimizer == "adam":
        return Adam(vector, recipe.learning_rate, share=share)
    if recipe.optimizer == "adamw":
        decay = recipe.weight_decay
        return Adam(vector, recipe.learning_rate, weight_decay=decay, share=share)
    if recipe.optimizer == "momentum":
        return Momentum(vector, recipe.learning_rate, recipe.momentum, share)
    return Sgd(vector, recipe.learning_rate, share)
