"""Where a run stands between two steps."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.engine.losses import Score


@dataclass
class Position:
    """Where a run stands: `step` steps of `epoch` are made, with these sums and seconds.

    `seen` images of the epoch have been learned from, the first `skipped` of them in an earlier run
    that stopped there.
    """

    epoch: int
    step: int = 0
    seen: int = 0
    loss: float = 0.0
    correct: int = 0
    seconds: float = 0.0
    seconds_before: float = 0.0
    skipped: int = 0

    @property
    def learned(self) -> int:
        """Images of the epoch that this run has learned from."""
        return self.seen - self.skipped

    def add(self, score: Score, images: int, seconds: float) -> None:
        """Count one more step."""
        self.step, self.seen = self.step + 1, self.seen + images
        self.loss, self.correct = self.loss + score.loss, self.correct + score.correct
        self.seconds += seconds

    def next_epoch(self) -> Position:
        """The beginning of the epoch after this one."""
        return Position(self.epoch + 1, seconds_before=self.seconds_before + self.seconds)

    def begin_again(self) -> Position:
        """The beginning of this epoch."""
        return Position(self.epoch, seconds_before=self.seconds_before + self.seconds)
