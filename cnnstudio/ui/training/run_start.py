"""How a run began, which stays with it when it goes on after a restart."""

from __future__ import annotations

from datetime import datetime

import msgspec


class RunStart(msgspec.Struct, frozen=True):
    """When a run began, and with what.

    `begun` is the local time with its distance from UTC (ISO 8601); `steps` counts those that its
    weights had been trained for before; `fresh` when they were the random ones of its seed;
    `repeats` is the name of the kept run that it is to repeat.
    """

    begun: str = ""
    steps: int = 0
    fresh: bool = False
    repeats: str = ""


def starting(*, steps: int, fresh: bool, repeats: str = "") -> RunStart:
    """The start of a run that begins now."""
    begun = datetime.now().astimezone().isoformat(timespec="milliseconds")
    return RunStart(begun, steps, fresh, repeats)
