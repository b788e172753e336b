"""The progress bar of the present epoch on stderr."""

from __future__ import annotations

import sys
from typing import Any

import tqdm

from cnnstudio.engine.trainer import Progress


class ProgressBar:
    """A bar that grows with the steps of an epoch; drawn rarely where nobody watches."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._pause = 0.1 if sys.stderr.isatty() else 10.0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def show(self, progress: Progress) -> None:
        """Bring the bar to the step of `progress`."""
        if self._bar is None:
            tqdm.tqdm.monitor_interval = 0  # no thread that watches the bar
            self._bar = tqdm.tqdm(
                total=progress.steps_per_epoch,
                desc=f"epoch {progress.epoch}/{progress.epochs}",
                unit="step",
                leave=False,
                mininterval=self._pause,
                file=sys.stderr,
            )
        words, speed = f"loss {progress.loss:.4f}", progress.images_per_second
        if speed is not None:
            words += f", {speed:,.0f} images/s"
        self._bar.set_postfix_str(words, refresh=False)
        self._bar.update(progress.step - self._bar.n)

    def clear(self) -> None:
        """Take the bar away; the next step begins a new one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
