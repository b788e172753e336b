"""Training as a plain generator of progress; whoever does not ask for the next has stopped it."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.datasets import Images
from cnnstudio.engine import training_state
from cnnstudio.engine.changes import Change, check_live
from cnnstudio.engine.fault import ran_away
from cnnstudio.engine.learning import Learning
from cnnstudio.engine.losses import Score
from cnnstudio.engine.metrics import Evaluation, evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.pace import Pace
from cnnstudio.engine.parallel import quiet
from cnnstudio.engine.position import Position
from cnnstudio.engine.progress import EpochResult, Progress
from cnnstudio.engine.stopping import Stopping
from cnnstudio.engine.suitability import check_suitable
from cnnstudio.engine.training_state import Part, TrainingState
from cnnstudio.errors import TrainingError
from cnnstudio.network.recipe import Recipe

__all__ = ["EpochResult", "Progress", "Trainer", "TrainingState"]


class Trainer:
    """Trains `model` on `train` as the recipe says and measures it on `validation`.

    `classes` says how many classes the data has; without it the labels tell, as far as they can.
    `epochs_before` counts the epochs that the model has been trained before, so that the next ones
    go on with their numbers and new permutations; the recipe's epochs come on top of them, and its
    schedule goes over these alone. `begun` is the share of the next epoch that was done then, too:
    the run goes on from there, as positions never go back.

    Between two steps `state` tells all that another trainer, made with the same arguments, needs
    to go on to the same bits. Random numbers need no state: an epoch's permutation is drawn from
    (seed, epoch), dropout and augmentation from (seed, step, slice).

    Between two steps some settings may be changed as well (`change`), and a run may go back to
    weights that it had before (`go_back`); `changes` tells of both, and `state` knows of them.

    `measured` is what the last finished epoch came to on `validation`, image by image.

    Raises TrainingError when data, network and recipe do not go together.
    """

    def __init__(
        self,
        model: Model,
        train: Images,
        validation: Images,
        recipe: Recipe,
        classes: int | None = None,
        epochs_before: int = 0,
        begun: float = 0.0,
    ) -> None:
        check_suitable(model, train, validation, recipe, classes)
        self.model, self.train, self.validation, self.recipe = model, train, validation, recipe
        self._before, self._last = epochs_before, epochs_before + recipe.epochs
        self._position, self._pace = self._start(begun), Pace()
        self._order: NDArray[np.intp] | None = None
        self._raw: NDArray[Any] | None = None
        self._begun, self._changes = recipe, tuple[Change, ...]()
        self.learning = Learning(model, recipe)
        self._stopping = Stopping(recipe.patience)
        self.measured: Evaluation | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Steps in an epoch; the last may have fewer images."""
        return -(-len(self.train) // self.recipe.batch_size)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What has been changed since the run began, in order."""
        return self._changes

    @property
    def position(self) -> float:
        """Where the run stands in epochs: 1.5 half way through the second."""
        at = self._position
        return at.epoch - 1 + at.step / self.steps_per_epoch

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do: all epochs are done, or the patience is over."""
        return self._stopping.over or self._position.epoch > self._last

    def run(self) -> Iterator[Progress]:
        """Train, and yield after every step; at the end the model has the weights to keep.

        Raises TrainingError when the numbers run away; the model then has the last good weights,
        and may be trained on by calling this again: from the step where it was, or from the
        beginning of the epoch where its end has shown it.
        """
        try:
            while not self.finished:
                yield self._advance()
        finally:
            self.learning.rest()
        self.keep()

    def keep(self) -> None:
        """Give the model the weights that the recipe keeps: of the best epoch, or the average.

        To be called when a run is left before its end. `state` still tells how it could go on, and
        the next step is made from the weights before.
        """
        best = self._stopping.weights
        kept = self.learning.average if best is None else best
        if kept is not None and self._raw is None:
            self._raw = self.model.state.copy()
            self.model.state[...] = kept

    def change(self, **values: Any) -> Change | None:
        """Train on with other settings of the recipe, by name; None when they are the present ones.

        A changed learning rate scales the whole schedule: at each later position the rate is what
        it would have been had the run begun with the new one. After a change of the batch size the
        schedule goes on from the same position in epochs, and the epoch's images that are left are
        learned from in steps of the new size.

        Raises TrainingError for a setting that cannot be changed (see `changes.LIVE`), SettingError
        for a value that is out of range.
        """
        check_live(values)
        recipe = self.recipe.with_values(**values)
        before = {name: getattr(self.recipe, name) for name in values}
        new = {name: getattr(recipe, name) for name in values}
        new = {name: value for name, value in new.items() if value != before[name]}
        if not new:
            return None
        change = Change(self.position, new, {name: before[name] for name in new})
        self._follow(recipe)
        self._changes += (change,)
        return change

    def go_back(self, weights: NDArray[Any], remark: str, **values: Any) -> Change:
        """Go on here from `weights`, a vector like Model.state, and with `change`d settings.

        The optimizer forgets what it remembers of the steps before. `remark` names the weights in
        the record of the change.
        """
        made = self.change(**values)
        self._raw = None
        self.learning.go_back(weights)
        change = Change(self.position, remark=remark)
        if made is not None:
            change = dataclasses.replace(made, remark=remark)
            self._changes = self._changes[:-1]
        self._changes += (change,)
        return change

    def _start(self, begun: float) -> Position:
        """Where the first step is made, when such a share of its epoch was done before."""
        steps = min(round(begun * self.steps_per_epoch), self.steps_per_epoch - 1)
        seen = steps * self.recipe.batch_size
        return Position(self._before + 1, steps, seen, skipped=seen)

    def _follow(self, recipe: Recipe) -> None:
        """Go by `recipe` from here on."""
        resized = recipe.batch_size != self.recipe.batch_size
        self.recipe = recipe
        self.learning.follow(recipe)
        if resized:
            left = -(-(len(self.train) - self._position.seen) // recipe.batch_size)
            # The steps count as if all of the epoch's had been of this size.
            self._position.step, self._pace = self.steps_per_epoch - left, Pace()

    def state(self) -> TrainingState:
        """The run between two steps: `arrays` are copies, `facts` are plain values for JSON."""
        weights = self.model.state.copy() if self._raw is None else self._raw.copy()
        arrays = {"weights": weights}
        if self._order is not None:
            arrays["order"] = self._order.astype(np.uint32)
        facts = self._facts() | dataclasses.asdict(self._position)
        facts["changes"] = [dataclasses.asdict(change) for change in self._changes]
        own = TrainingState(arrays, facts)
        return training_state.join(
            {"run": own} | {name: part.state() for name, part in self._parts().items()}
        )

    def restore(self, state: TrainingState) -> None:
        """Go on from the `state` of a trainer that was made with the same arguments.

        Raises TrainingError when it was made with others; the model is then of no use.
        """
        try:
            own = training_state.part_of(state, "run")
            self._check_facts(own)
            self._restore_changes(own)
            facts = {"skipped": 0, **own.facts}  # in older states nothing ever was
            position = {f.name: facts[f.name] for f in dataclasses.fields(Position)}
            self._position, self._raw = Position(**position), None
            self._order = self._read_order(own)
            training_state.fill(self.model.state, own.arrays["weights"])
            for name, part in self._parts().items():
                part.restore(training_state.part_of(state, name))
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(
                f"The state of the run does not go with this network and recipe ({error}). Train "
                "with the recipe that the run was started with."
            ) from error

    def _restore_changes(self, state: TrainingState) -> None:
        self._changes = tuple(Change(**record) for record in state.facts["changes"])
        latest = {name: value for change in self._changes for name, value in change.values.items()}
        self.recipe = self._begun.with_values(**latest)
        self.learning.follow(self.recipe)

    def _parts(self) -> dict[str, Part]:
        """All parts of the run that have a state."""
        return self.learning.parts() | {"stopping": self._stopping}

    def _facts(self) -> dict[str, int]:
        """What must be the same for a run to go on."""
        return {
            "pictures": len(self.train),
            "batch_size": self._begun.batch_size,
            "epochs_before": self._before,
            "seed": self.recipe.seed,
        }

    def _check_facts(self, state: TrainingState) -> None:
        for name, own in self._facts().items():
            if state.facts[name] != own:
                words = name.replace("_", " ")
                raise ValueError(f"{words} {state.facts[name]} instead of {own}")

    def _read_order(self, state: TrainingState) -> NDArray[np.intp] | None:
        """The permutation of a begun epoch, which a later NumPy might draw in another way."""
        order = state.arrays.get("order")
        if order is not None and order.shape != (len(self.train),):
            raise ValueError(f"an order of {order.size} pictures")
        return None if order is None else order.astype(np.intp)

    def _advance(self) -> Progress:
        """Make one step, and at an epoch's end measure."""
        if self._raw is not None:
            self.model.state[...], self._raw = self._raw, None
        at, started = self._position, time.perf_counter()
        batch = self._batch()
        score = self._step(batch)
        spent = time.perf_counter() - started
        at.add(score, len(batch), spent)
        self._pace.add(len(batch), spent)
        progress = Progress(
            epoch=at.epoch,
            epochs=self._last,
            step=at.step,
            steps_per_epoch=self.steps_per_epoch,
            loss=score.loss / len(batch),
            accuracy=score.correct / len(batch),
            learning_rate=self.learning.learning_rate,
            images_per_second=self._pace.images_per_second,
            seconds=at.seconds_before + at.seconds,
            best_epoch=self._stopping.best_epoch,
            waited=self._stopping.waited,
        )
        return progress if at.step < self.steps_per_epoch else self._close_epoch(progress)

    def _batch(self) -> NDArray[np.intp]:
        """The places of the next step's pictures; each epoch has an order of its own."""
        at, size = self._position, self.recipe.batch_size
        if self._order is None:
            generator = np.random.default_rng((self.recipe.seed, at.epoch))
            self._order = generator.permutation(len(self.train))
        return self._order[at.seen : at.seen + size]

    def _step(self, batch: NDArray[np.intp]) -> Score:
        """Learn from the pictures at `batch`; raises TrainingError when the loss is not finite."""
        at = self._position
        made = (at.epoch - 1 - self._before) * self.steps_per_epoch + at.step
        number = (at.epoch - 1) * self.steps_per_epoch + at.step + 1
        score = self.learning.step(self.train, batch, made, number)
        if not math.isfinite(score.loss):
            where = f"step {at.step + 1:,} of epoch {at.epoch:,}"
            self._give_up(f"The loss is no longer a finite number at {where}", self.train[batch])
        return score

    def _close_epoch(self, progress: Progress) -> Progress:
        """Measure the weights, and go on to the next epoch; `progress` with what that says."""
        at, count = self._position, self._position.learned
        loss, accuracy = self._measure(at.epoch)
        result = EpochResult(
            epoch=at.epoch,
            train_loss=at.loss / count,
            train_accuracy=at.correct / count,
            validation_loss=loss,
            validation_accuracy=accuracy,
            seconds=at.seconds,
            images_per_second=count / at.seconds,
        )
        self._position, self._order = at.next_epoch(), None
        return dataclasses.replace(
            progress,
            finished_epoch=result,
            best_epoch=self._stopping.best_epoch,
            waited=self._stopping.waited,
            stopped_early=self.finished and at.epoch < self._last,
        )

    def _measure(self, epoch: int) -> tuple[float, float]:
        """Loss and accuracy on the pictures kept aside, of the averaged weights if there are."""
        if not np.isfinite(self.model.state).all():
            words = f"The weights are no longer finite numbers after epoch {epoch:,}"
            self._give_up(words, self.train[:1])
        with quiet(), self.learning.averaged():
            found = evaluate(self.model, self.validation)
            if math.isfinite(found.loss):
                self._stopping.judge(epoch, found.accuracy, found.loss, self.model.state)
        if found.images and not math.isfinite(found.loss):
            words = f"The loss of the images kept aside is no finite number after epoch {epoch:,}"
            self._give_up(words, self.validation)
        self.measured = found
        return found.loss, found.accuracy

    def _give_up(self, words: str, images: Images) -> NoReturn:
        """Bring the last good weights back and raise TrainingError; `words` begin its sentence."""
        error = ran_away(words, self.model, images.pixels, self.recipe)
        self.learning.last_good.bring_back()
        if self._position.seen == len(self.train):  # it was found by measuring the whole epoch
            self._position, self._order = self._position.begin_again(), None
        raise error
