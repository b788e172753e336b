"""How gradients become steps: the optimizers of a recipe, with the formulas of torch.optim.

Everything works on the one flat vector of parameters, in place, without temporary arrays; the
gradient is used up as scratch space.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cnnstudio.engine.layers.layer import Array, buffer
from cnnstudio.engine.training_state import TrainingState, fill
from cnnstudio.network.recipe import Recipe

Work = Callable[[slice], None]
"""What is done to a part of the flat vectors."""

Share = Callable[[Work], None]
"""Runs work on the whole vector, in one part or in several at once."""


def at_once(vector: Array) -> Share:
    """Does the work on all of `vector` in one part."""
    return lambda work: work(slice(0, len(vector)))


class Optimizer:
    """Changes `vector` in place, step by step; `learning_rate` may be set before every step.

    `memory` holds what an optimizer remembers from step to step: vectors like the parameters, by
    name, which with `steps`, the steps made, fix all that it will do.
    """

    remembers: tuple[str, ...] = ()

    def __init__(self, vector: Array, learning_rate: float, share: Share | None = None) -> None:
        self.learning_rate, self.steps = learning_rate, 0
        self.memory = {name: buffer(vector.shape, vector.dtype) for name in self.remembers}
        self._vector, self._share = vector, share or at_once(vector)

    def step(self, gradient: Array) -> None:
        """Change the parameters by one step along `gradient`, which is used up."""
        self.steps += 1
        self._share(self._work(gradient))

    def state(self) -> TrainingState:
        """A copy of the memory, and the number of steps."""
        arrays = {name: values.copy() for name, values in self.memory.items()}
        return TrainingState(arrays, {"steps": self.steps})

    def restore(self, state: TrainingState) -> None:
        """Go on from the state of another optimizer of this kind."""
        for name, values in self.memory.items():
            fill(values, state.arrays[name])
        self.steps = state.facts["steps"]

    def forget(self) -> None:
        """Begin again as if no step had been made."""
        self.steps = 0
        for values in self.memory.values():
            values[...] = 0

    def _work(self, gradient: Array) -> Work:
        raise NotImplementedError


class Sgd(Optimizer):
    """p = p - rate g."""

    def _work(self, gradient: Array) -> Work:
        def work(part: slice) -> None:
            np.multiply(gradient[part], self.learning_rate, out=gradient[part])
            np.subtract(self._vector[part], gradient[part], out=self._vector[part])

        return work


class Momentum(Optimizer):
    """v = momentum v + g, p = p - rate v."""

    remembers = ("velocity",)

    def __init__(
        self,
        vector: Array,
        learning_rate: float,
        momentum: float = 0.9,
        share: Share | None = None,
    ) -> None:
        super().__init__(vector, learning_rate, share)
        self.momentum = momentum

    def _work(self, gradient: Array) -> Work:
        def work(part: slice) -> None:
            scratch, velocity = gradient[part], self.memory["velocity"][part]
            np.multiply(velocity, self.momentum, out=velocity)
            np.add(velocity, scratch, out=velocity)
            np.multiply(velocity, self.learning_rate, out=scratch)
            np.subtract(self._vector[part], scratch, out=self._vector[part])

        return work


class Nesterov(Momentum):
    """v = momentum v + g, p = p - rate (g + momentum v) (Sutskever and others, ICML 2013).

    The sum is taken in two parts, rate g and rate momentum v, so that it needs no other array.
    """

    def _work(self, gradient: Array) -> Work:
        def work(part: slice) -> None:
            scratch, velocity = gradient[part], self.memory["velocity"][part]
            np.multiply(velocity, self.momentum, out=velocity)
            np.add(velocity, scratch, out=velocity)
            np.multiply(scratch, self.learning_rate, out=scratch)
            np.subtract(self._vector[part], scratch, out=self._vector[part])
            np.multiply(velocity, self.learning_rate * self.momentum, out=scratch)
            np.subtract(self._vector[part], scratch, out=self._vector[part])

        return work


class RmsProp(Optimizer):
    """s = decay s + (1 - decay) g^2, p = p - rate g / (sqrt(s) + epsilon).

    From Tieleman and Hinton's lecture 6.5 (2012), with torch.optim's default numbers. The mean
    square is kept without its factor (1 - decay), which is put into the step instead.
    """

    remembers = ("square",)

    def __init__(
        self,
        vector: Array,
        learning_rate: float,
        decay: float = 0.99,
        epsilon: float = 1e-8,
        share: Share | None = None,
    ) -> None:
        super().__init__(vector, learning_rate, share)
        self.decay, self.epsilon = decay, epsilon
        self._scratch = buffer(vector.shape, vector.dtype)

    def _work(self, gradient: Array) -> Work:
        root = math.sqrt(1 - self.decay)

        def work(part: slice) -> None:
            scratch, square = self._scratch[part], self.memory["square"][part]
            np.multiply(square, self.decay, out=square)
            np.multiply(gradient[part], gradient[part], out=scratch)
            np.add(square, scratch, out=square)
            np.sqrt(square, out=scratch)
            np.add(scratch, self.epsilon / root, out=scratch)
            np.divide(gradient[part], scratch, out=scratch)
            np.multiply(scratch, self.learning_rate / root, out=scratch)
            np.subtract(self._vector[part], scratch, out=self._vector[part])

        return work


class Adam(Optimizer):
    """Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1), with `weight_decay` AdamW.

    AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) first shrinks every parameter,
    biases too, as torch.optim does, by rate * weight_decay, apart from the gradient.

    The means are kept without their factors (1 - beta), which are put into the step instead: two
    calls less for the same step.
    """

    remembers = ("mean", "square")

    def __init__(
        self,
        vector: Array,
        learning_rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        share: Share | None = None,
    ) -> None:
        super().__init__(vector, learning_rate, share)
        self.betas, self.epsilon, self.weight_decay = betas, epsilon, weight_decay

    def _work(self, gradient: Array) -> Work:
        first, second = self.betas
        root = math.sqrt((1 - second) / (1 - second**self.steps))
        rate = self.learning_rate * (1 - first) / (1 - first**self.steps) / root
        kept = 1 - self.learning_rate * self.weight_decay

        def work(part: slice) -> None:
            scratch, vector = gradient[part], self._vector[part]
            mean, square = self.memory["mean"][part], self.memory["square"][part]
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
                np.multiply(vector, kept, out=vector)
            np.subtract(vector, scratch, out=vector)

        return work


def optimizer_of(recipe: Recipe, vector: Array, share: Share | None = None) -> Optimizer:
    """The recipe's optimizer for the parameters in `vector`."""
    rate = recipe.learning_rate
    makers: dict[str, Callable[[], Optimizer]] = {
        "sgd": lambda: Sgd(vector, rate, share),
        "momentum": lambda: Momentum(vector, rate, recipe.momentum, share),
        "nesterov": lambda: Nesterov(vector, rate, recipe.momentum, share),
        "rmsprop": lambda: RmsProp(vector, rate, share=share),
        "adam": lambda: Adam(vector, rate, share=share),
        "adamw": lambda: Adam(vector, rate, weight_decay=recipe.weight_decay, share=share),
    }
    return makers[recipe.optimizer]()


def adjust(optimizer: Optimizer, recipe: Recipe) -> None:
    """Give `optimizer`, made by `optimizer_of`, the numbers of a changed recipe of its kind."""
    optimizer.learning_rate = recipe.learning_rate
    if isinstance(optimizer, Momentum):
        optimizer.momentum = recipe.momentum
    elif isinstance(optimizer, Adam) and recipe.optimizer == "adamw":
        optimizer.weight_decay = recipe.weight_decay
