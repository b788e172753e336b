"""A sentence that the window says in a bar, perhaps with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """A button of a notice: its words, and what it does."""

    words: str
    act: Callable[[], object]


@dataclass(frozen=True)
class Notice:
    """A sentence for the bar in the window; `details` is for copying, `offers` are buttons."""

    sentence: str
    details: str = ""
    severity: str = "error"
    offers: tuple[Offer, ...] = ()
