"""One step of learning: gradient, penalties, clipping, the optimizer at its rate, the average."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.augment import Augmentation
from cnnstudio.data.datasets import Images
from cnnstudio.engine.averaging import Average
from cnnstudio.engine.health import LastGood
from cnnstudio.engine.lane import Task
from cnnstudio.engine.losses import Score
from cnnstudio.engine.model import Model
from cnnstudio.engine.optimizers import adjust, optimizer_of
from cnnstudio.engine.parallel import quiet
from cnnstudio.engine.regularization import Penalty, clip
from cnnstudio.engine.schedules import rate
from cnnstudio.engine.training_state import Part
from cnnstudio.network.recipe import Recipe


class Gauge(Protocol):
    """Looks at a step from both sides."""

    def before(self, gradient: NDArray[Any]) -> None:
        """The weights are about to be changed along `gradient`, which must stay as it is."""

    def after(self) -> None:
        """The weights have been changed."""


class Learning:
    """Makes the steps of a run on `model` as the recipe says, and keeps the last good weights.

    `learning_rate` is that of the last step. A `gauge` sees the next steps: the gradient, without
    penalties and clipping, before the weights are changed, and the weights after.
    """

    def __init__(self, model: Model, recipe: Recipe) -> None:
        self.model, self.recipe = model, recipe
        self.learning_rate = recipe.learning_rate
        self.last_good = LastGood(model.state)
        self._gradients = model.gradients()
        share = self._gradients.share
        self._optimizer = optimizer_of(recipe, model.vector, share)
        self._penalty = self._make_penalty()
        self._augment = _augmentation(recipe)
        self._average = None
        if recipe.ema:
            self._average = Average(model.state, recipe.ema, share, len(model.vector))
        self.gauge: Gauge | None = None

    @property
    def average(self) -> NDArray[Any] | None:
        """The average of the weights; None when the recipe takes none."""
        return None if self._average is None else self._average.values

    def follow(self, recipe: Recipe) -> None:
        """Go by `recipe` from the next step on; only what `changes.LIVE` names may be another."""
        before, self.recipe = self.recipe, recipe
        adjust(self._optimizer, recipe)
        if (recipe.l1, recipe.l2) != (before.l1, before.l2):
            self._penalty = self._make_penalty()
        self._augment = _augmentation(recipe)

    def go_back(self, weights: NDArray[Any]) -> None:
        """Go on from `weights`, a vector like Model.state, as if no step had been made before."""
        self.model.state[...] = weights
        self._optimizer.forget()
        self.last_good.note_now()
        if self._average is not None:
            self._average.begin_anew()

    def _make_penalty(self) -> Penalty | None:
        model, recipe = self.model, self.recipe
        if not recipe.l1 and not recipe.l2:
            return None
        share = self._gradients.share
        return Penalty(model.vector, model.parameters, recipe.l1, recipe.l2, share)

    def step(self, images: Images, batch: NDArray[np.intp], made: int, chance: int) -> Score:
        """Learn from the images at `batch`, after `made` steps of the run; `chance` seeds dropout.

        The loss may be no finite number; then nothing has been learned.
        """
        recipe, gradient = self.recipe, self._gradients.vector
        task = Task(chance, self._augment, recipe.label_smoothing)
        with quiet():
            score = self._gradients.compute(images.pixels, images.labels, batch, task)
            if math.isfinite(score.loss):
                self.last_good.note(made + 1)
                self.learning_rate = rate(recipe, made, -(-len(images) // recipe.batch_size))
                self._follow(gradient)
        return score

    def rest(self) -> None:
        """Let go of what only serves the next steps soon; there may be none."""
        self._gradients.rest()

    def _follow(self, gradient: NDArray[Any]) -> None:
        """Change the weights along `gradient`, which is used up."""
        if self.gauge is not None:
            self.gauge.before(gradient)
        if self._penalty is not None:
            self._penalty.add_to(gradient)
        if self.recipe.clip:
            clip(gradient, self.recipe.clip)
        self._optimizer.learning_rate = self.learning_rate
        self._optimizer.step(gradient)
        if self.gauge is not None:
            self.gauge.after()
        if self._average is not None:
            self._average.update()

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """For as long, the model's weights are their average, if the recipe takes one."""
        if self._average is None:
            yield
        else:
            with self._average.in_place():
                yield

    def parts(self) -> dict[str, Part]:
        """What has a state of its own, by name."""
        parts: dict[str, Part] = {"optimizer": self._optimizer, "last_good": self.last_good}
        return parts if self._average is None else parts | {"average": self._average}


def _augmentation(recipe: Recipe) -> Augmentation | None:
    """What changes the images, if anything does."""
    found = Augmentation(
        recipe.shift, recipe.rotation, recipe.scaling, recipe.elastic, recipe.changed
    )
    return None if found.is_identity else found
