"""What is noted of a run while it goes on, in its own thread, at next to no cost; no Qt."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnstudio.engine.changes import Change
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.diagnosis import PICTURES, Diagnosis, Examiner
from cnnstudio.engine.divergence import Divergence, safer_rate
from cnnstudio.engine.metrics import Predictions, evaluate
from cnnstudio.engine.snapshots import Snapshot, Snapshots
from cnnstudio.engine.story import Story
from cnnstudio.engine.trainer import EpochResult, Progress, Trainer
from cnnstudio.errors import CnnFileError
from cnnstudio.ui.predictions.predictions_live import LiveValidation
from cnnstudio.ui.training.run_folders import RunFolder


@dataclass(frozen=True)
class Alarm:
    """The run needs somebody: `sentence` says why.

    The good weights are at `good_at` in epochs, `rate` is the learning rate to go on with from
    there. `paused` when the run waits for that, because its numbers ran away.
    """

    sentence: str
    good_at: float
    rate: float
    paused: bool = False

    @property
    def way_back(self) -> str:
        """What there is to do, in words."""
        return f"Go back to epoch {self.good_at:.2f} and train with {self.rate:g}"


ALL_CLEAR = Alarm("", 0.0, 0.0)
"""The run is as good again as before, or has gone back: it needs nobody any more."""


@dataclass(frozen=True)
class Noted:
    """What is new beside steps and weights; None where nothing is.

    `changes` are all of this run, `snapshots` all that are kept; `alarm` is the last one, or
    ALL_CLEAR; `notes` are sentences to show.
    """

    predictions: Predictions | None = None
    changes: tuple[Change, ...] | None = None
    snapshots: tuple[Snapshot, ...] | None = None
    diagnosis: Diagnosis | None = None
    alarm: Alarm | None = None
    notes: tuple[str, ...] = ()

    def then(self, **newer: Any) -> Noted:
        """This, with what is `newer`; notes add up."""
        newer = {name: value for name, value in newer.items() if value is not None}
        if "notes" in newer:
            newer["notes"] = (*self.notes, *newer["notes"])
        return dataclasses.replace(self, **newer)


NOTHING = Noted()
"""Nothing is new."""


class Observation:
    """Looks at a run between its steps: predictions, snapshots, diagnosis, checkpoints, the loss.

    `noted` is what is new since `take`. Only the training thread may call it.
    """

    def __init__(
        self,
        trainer: Trainer,
        classes: int,
        kept: tuple[Snapshot, ...] = (),
        folder: RunFolder | None = None,
        history: tuple[dict[str, Any], ...] = (),
        curve: Curve | None = None,
    ) -> None:
        self._trainer, self._folder = trainer, folder
        self._live = LiveValidation(trainer.validation)
        self._examiner = Examiner(trainer.learning, trainer.train)
        start = trainer.model.state, trainer.position, _start_loss(trainer)
        self._divergence = Divergence(classes, *start)
        self._snapshots = Snapshots(kept)
        self._step = max(kept[-1].step if kept else 0, curve.step if curve else 0)
        self._epoch = _last_of(history) or (kept[-1].epoch if kept else None)
        self._story = Story(history, curve)
        self._untried: tuple[Change, ...] = ()
        """Changes that no step has been made with yet."""
        self._raised: Alarm | None = None
        self.noted = NOTHING
        self._snap()
        self._tell_changes()

    def take(self) -> Noted:
        """What is new; it is not new any more after that."""
        noted, self.noted = self.noted, NOTHING
        return noted

    def prepare(self) -> None:
        """A step is about to be made."""
        self._examiner.prepare()

    def look(self, progress: Progress, *, wants_predictions: bool) -> None:
        """A step has been made."""
        self._step += 1
        self._untried = ()
        self._story.take(progress)
        if progress.finished_epoch is not None:
            self._epoch = progress.finished_epoch
        self._snap(progress)
        self._predict(progress, wanted=wants_predictions)
        position = self._trainer.position
        self._examine(position)
        self._watch(progress, position)
        self._record(progress)

    def change(self, values: dict[str, Any]) -> None:
        """Change settings of the run; raises a CnnStudioError when they cannot be."""
        change = self._trainer.change(**values)
        if change is None:
            return
        if "learning_rate" in change.values:
            self._divergence.try_again()
        self._untried += (change,)
        self._tell_changes()

    def go_back(self, rate: float) -> None:
        """Go back to the weights of the lowest loss, and on with the learning rate `rate`."""
        watch = self._divergence
        remark = f"Back to the weights of epoch {watch.good_at:.2f}"
        self._trainer.go_back(watch.good, remark, learning_rate=rate)
        watch.begin_anew()
        self._give_all_clear()
        self._tell_changes()

    def ran_away(self, sentence: str) -> None:
        """The numbers have run away; the run waits."""
        self._alarm(f"{sentence} The last good weights are kept.", paused=True)

    def close(self, *, finished: bool, last: Progress | None) -> None:
        """The run ends: of one that has not come to its end a checkpoint is left behind.

        A change that came after its last step was made to nothing, and is told no more.
        """
        if self._untried:
            made = self._trainer.changes
            self._tell(changes=tuple(each for each in made if each not in self._untried))
        if self._folder is None:
            return
        if not finished and last is not None:
            self._write(last, by_force=True)
        self._folder.close(keep=not finished)

    def _tell(self, **newer: Any) -> None:
        self.noted = self.noted.then(**newer)

    def _tell_changes(self) -> None:
        self._tell(changes=self._trainer.changes)

    def _snap(self, progress: Progress | None = None) -> None:
        """Keep the weights, if it is their turn."""
        if not self._snapshots.is_due(self._step):
            return
        figures = (progress.loss, progress.accuracy) if progress else (np.nan, np.nan)
        state = self._trainer.model.state.copy()
        state.flags.writeable = False
        self._snapshots.add(
            Snapshot(self._step, self._trainer.position, state, *figures, self._epoch)
        )
        self._tell(snapshots=self._snapshots.kept)

    def _examine(self, position: float) -> None:
        """Tell what a look at the last step has found, if there was one."""
        diagnosis = self._examiner.conclude(position)
        if diagnosis is not None:
            self._tell(diagnosis=diagnosis)

    def _predict(self, progress: Progress, *, wanted: bool) -> None:
        """Tell what the end of an epoch measured, or what a look that was asked for has seen."""
        trainer = self._trainer
        if progress.finished_epoch is not None and trainer.measured is not None:
            self._tell(predictions=self._live.measured(trainer.measured, progress.epoch))
        elif wanted and self._live.due:
            with trainer.learning.averaged():
                found = self._live.look(trainer.model, progress.epoch)
            if len(found):
                self._tell(predictions=found)

    def _watch(self, progress: Progress, position: float) -> None:
        """Raise an alarm when the loss has run away."""
        trainer, watch = self._trainer, self._divergence
        rate = trainer.recipe.learning_rate
        if watch.note(progress.loss, trainer.model.state, position, rate):
            loss, blamed = max(progress.loss, watch.mean), self._blamed
            self._alarm(
                f"The loss has risen from {watch.good_loss:.3g} to {loss:.3g}: the learning "
                f"rate of {blamed:g} {'is' if blamed == rate else 'was'} likely too high."
            )
        elif self._raised is not None and self._raised.good_at != watch.good_at:
            self._give_all_clear()

    @property
    def _blamed(self) -> float:
        """The learning rate that did the harm: the highest since the good weights, or the present.

        The last step is not noted where its numbers ran away.
        """
        return max(self._divergence.highest, self._trainer.recipe.learning_rate)

    def _alarm(self, sentence: str, *, paused: bool = False) -> None:
        """Tell that the run needs somebody, and where to go back to."""
        watch = self._divergence
        rate = safer_rate(self._trainer.recipe, watch.worked, self._blamed)
        self._raised = Alarm(sentence, watch.good_at, rate, paused)
        self._tell(alarm=self._raised)

    def _give_all_clear(self) -> None:
        """Nothing is better any more than what the run has now."""
        self._raised = None
        self._tell(alarm=ALL_CLEAR)

    def _record(self, progress: Progress) -> None:
        if self._folder is not None:
            self._write(progress, by_force=False)

    def _write(self, progress: Progress, *, by_force: bool) -> None:
        assert self._folder is not None
        known = self._story.history, lambda: self._story.curve, self._snapshots.kept
        try:
            self._folder.look(self._trainer, progress, *known, by_force=by_force)
        except CnnFileError as error:
            words = f"{error} Training goes on, but after a crash it could not be continued."
            self._tell(notes=(words,))


def _last_of(history: Sequence[Mapping[str, Any]]) -> EpochResult | None:
    """The last finished epoch, where None stands for a figure that was not measured."""
    if not history:
        return None
    figures: dict[str, Any] = {
        name: np.nan if value is None else value for name, value in history[-1].items()
    }
    return EpochResult(**figures)


def _start_loss(trainer: Trainer) -> float:
    """What the present weights come to on a few of the training pictures, evenly chosen."""
    pictures = trainer.train[:: max(1, len(trainer.train) // PICTURES)][:PICTURES]
    return evaluate(trainer.model, pictures).loss
