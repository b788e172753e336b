"""What a run tells while it trains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EpochResult:
    """A whole epoch; losses are means, `seconds` and `images_per_second` those of training alone.

    The training figures are those of the steps while they were made, the loss with the recipe's
    label smoothing; penalties are not in it. The validation figures are those of the plain loss,
    with the averaged weights where the recipe averages; NaN when nothing is kept aside.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    images_per_second: float


@dataclass(frozen=True)
class Progress:
    """One step: `epoch` and `step` (in its epoch) count from 1, loss and accuracy are its batch's.

    `epochs` is the number of the last epoch to come. `seconds` is the time spent in steps since the
    start, `images_per_second` the speed of the last seconds, None before it is known (see Pace).
    `finished_epoch` comes with an epoch's last step. `best_epoch` is the epoch whose weights are
    kept so far, when the recipe has a patience, and `waited` counts the epochs without a better
    accuracy; `stopped_early` comes with the last step of a run whose patience is over.
    """

    epoch: int
    epochs: int
    step: int
    steps_per_epoch: int
    loss: float
    accuracy: float
    learning_rate: float
    images_per_second: float | None
    seconds: float
    finished_epoch: EpochResult | None = None
    best_epoch: int | None = None
    waited: int = 0
    stopped_early: bool = False

    @property
    def ending(self) -> str:
        """The sentence to show when the run stopped early, else nothing."""
        if not self.stopped_early or self.best_epoch is None:
            return ""
        epochs = "1 epoch" if self.waited == 1 else f"{self.waited:,} epochs"
        return (
            f"Training stopped early: {epochs} without a better accuracy on the images kept "
            f"aside. The weights of epoch {self.best_epoch:,} are kept."
        )
