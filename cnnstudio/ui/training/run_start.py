"""How a run began, which stays with it when it goes on after a restart."""

from __future__ import annotations

import msgspec

from cnnstudio.engine.run import now


class RunStart(msgspec.Struct, frozen=True):
    """When a run began, and with what.

    `begun` is as `now` tells it; `steps` counts those that its
    weights had been trained for before; `fresh` when they were the random ones of its seed;
    `repeats` is the name of the kept run that it is to repeat.
    """

    begun: str = ""
    steps: int = 0
    fresh: bool = False
    repeats: str = ""


def starting(*, steps: int, fresh: bool, repeats: str = "") -> RunStart:
    """The start of a run that begins now."""
    return RunStart(now(), steps, fresh, repeats)
