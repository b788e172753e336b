"""A sentence that the window says in a bar, perhaps with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Until = Literal[
    "closed",
    "recovery",
    "end of run",
    "next run",
    "other document",
    "saved",
    "next step",
    "unlocked",
    "other picture",
    "soon",
]
"""When a sentence no longer holds: when its run is as good again as before or ends, when it ends,
when another begins or another document is shown, when another document is shown, when this one is
saved, when it is changed, when it may be changed again, when another picture is looked at or this
one by another network; "soon" also some seconds later, as it only tells that something was done.
One that is "closed" holds until somebody closes it."""


@dataclass(frozen=True)
class Offer:
    """A button of a notice: its words, and what it does."""

    words: str
    act: Callable[[], object]


@dataclass(frozen=True)
class Notice:
    """A sentence for the bar in the window; `details` is for copying, `offers` are buttons.

    The bar writes it as it is, so that a name in it stays what it is.
    The bar closes by itself when it no longer holds, see `Until`.
    """

    sentence: str
    details: str = ""
    severity: str = "error"
    offers: tuple[Offer, ...] = ()
    until: Until = "closed"
