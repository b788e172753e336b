"""The rows of the table of runs: what each column says of a run, and by what it is sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from PySide6.QtCore import Qt

from cnnstudio.errors import CnnStudioError
from cnnstudio.network import check, text_form
from cnnstudio.runs import wording
from cnnstudio.runs.record import Facts
from cnnstudio.runs.store import Listed, RunStore
from cnnstudio.ui.parts.block_strip import Bar, bars

Key = float | str | None
"""What a column is sorted by; None, which is nothing known, always comes last."""

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

NOTHING = "\u2013"


@dataclass(frozen=True)
class Column:
    """A column of the table: its title, first width in pixels, and a sentence about it."""

    name: str
    title: str
    width: int
    tip: str
    align: Qt.AlignmentFlag = LEFT


COLUMNS = (
    Column("title", "Run", 158, "What it is called; F2 renames it"),
    Column("begun", "Begun", 92, "When it began"),
    Column("network", "Network", 92, "Its blocks, in the colours of their families"),
    Column("parameters", "Params", 66, "How many numbers it learned", RIGHT),
    Column("epochs", "Epochs", 76, "Whole epochs made in it", RIGHT),
    Column("validation", "Validation", 74, "The best accuracy on the images kept aside", RIGHT),
    Column("test", "Test", 68, "The accuracy on the test images at the end", RIGHT),
    Column("loss", "Loss", 58, "The last on the images kept aside, or else in training", RIGHT),
    Column("seconds", "Time", 58, "How long it trained, without measuring", RIGHT),
    Column("recipe", "Recipe", 200, "How it was trained"),
    Column("ending", "Ended", 96, "How it ended"),
    Column("note", "Note", 140, "What you wrote about it"),
)
PLACES = {column.name: place for place, column in enumerate(COLUMNS)}


@dataclass(frozen=True)
class RunRow:
    """A run in the table; `name` is its name in the store, empty for the one that goes on.

    `cells` are the words of the columns, `keys` what they are sorted by, `tips` their tooltips.
    """

    name: str
    cells: Mapping[str, str]
    keys: Mapping[str, Key] = field(default_factory=dict)
    tips: Mapping[str, str] = field(default_factory=dict)
    strip: tuple[Bar, ...] = ()
    remark: str = ""
    facts: Facts | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        return self.cells["title"]

    @property
    def spoken(self) -> str:
        """All of it in one line, for a screen reader."""
        parts = (
            f"{column.title} {words}"
            for column in COLUMNS
            if (words := self.cells.get(column.name, "")) not in ("", NOTHING)
        )
        return ", ".join(parts)


@dataclass(frozen=True)
class Rows:
    """All rows in the order of the store, and what cannot be shown, a sentence each."""

    rows: tuple[RunRow, ...] = ()
    warnings: tuple[str, ...] = ()


def read_rows(store: RunStore) -> Rows:
    """The rows of all runs; for a thread, as it reads a file for each."""
    listing = store.listing()
    return Rows(tuple(map(row_of, listing.runs)), listing.warnings)


def row_of(listed: Listed) -> RunRow:
    """The row of a kept run."""
    facts = listed.facts
    loss, recipe = wording.loss(facts), wording.recipe_of(facts)
    cells = {
        "title": facts.title or "Untitled",
        "begun": wording.when(facts.begun),
        "network": facts.network,
        "parameters": f"{facts.parameters:,}",
        "epochs": wording.epochs(facts),
        "validation": percent(facts.best_accuracy),
        "test": percent(facts.test_accuracy),
        "loss": NOTHING if loss is None else f"{loss:.3g}",
        "seconds": wording.duration(facts.seconds),
        "recipe": recipe,
        "ending": facts.ending,
        "note": facts.note,
    }
    keys: dict[str, Key] = {
        "title": facts.title.casefold(),
        "begun": _moment(facts.begun),
        "network": facts.network,
        "parameters": facts.parameters,
        "epochs": facts.epochs,
        "validation": facts.best_accuracy,
        "test": facts.test_accuracy,
        "loss": loss,
        "seconds": facts.seconds,
        "recipe": recipe.casefold(),
        "ending": facts.ending,
        "note": facts.note.casefold() or None,
    }
    remark = "repeat" if facts.repeats else ""
    return RunRow(listed.name, cells, keys, _tips(facts), strip_of(facts.network), remark, facts)


def _tips(facts: Facts) -> dict[str, str]:
    changed = [f"epoch {change.at:.2f}: {change.words}" for change in facts.changes]
    before = f"{facts.epochs_before:,} epochs had been made before." if facts.epochs_before else ""
    return {
        "title": "\n".join(filter(None, (facts.title, facts.verdict, facts.note))),
        "begun": facts.begun.replace("T", " ")[:19],
        "network": "\n> ".join(facts.network.split(" > ")),
        "epochs": before,
        "recipe": "\n".join((wording.recipe_of(facts), f"seed {facts.seed:,}", *changed)),
        "ending": facts.fault,
        "note": facts.note,
    }


@lru_cache(maxsize=256)
def strip_of(network: str) -> tuple[Bar, ...]:
    """The strip of a network in its text form; nothing for one that cannot be read."""
    try:
        return bars(check(text_form.read(network)))
    except CnnStudioError:
        return ()


def percent(share: float | None) -> str:
    """An accuracy in percent."""
    return NOTHING if share is None else wording.percent(share)


def _moment(begun: str) -> float | None:
    try:
        return datetime.fromisoformat(begun).timestamp()
    except ValueError:
        return None


def ordered(rows: Iterable[RunRow], column: str, *, falling: bool) -> list[RunRow]:
    """The rows sorted by a column; those without a value come last, equal ones as they were."""
    known = [row for row in rows if row.keys[column] is not None]
    others = [row for row in rows if row.keys[column] is None]
    key: Callable[[RunRow], Any] = lambda row: row.keys[column]  # noqa: E731
    return [*sorted(known, key=key, reverse=falling), *others]


def table(rows: Sequence[RunRow]) -> Iterable[Sequence[object]]:
    """The runs as a table for a file, with all digits."""
    yield ("name", *(column.name for column in COLUMNS))
    for row in rows:
        facts = row.facts
        if facts is not None:
            words = {"title": facts.title, "begun": facts.begun, "note": facts.note}
            words["recipe"] = row.cells["recipe"]
            values = (words.get(c.name, row.keys[c.name]) for c in COLUMNS)
            yield (row.name, *("" if value is None else value for value in values))
