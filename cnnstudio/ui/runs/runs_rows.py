"""The rows of the table of runs: what each column says of a run, and by what it is sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
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

FEW_DIGITS, THOUSAND, MILLION = 0.01, 1_000, 1_000_000
"""Below the first a loss has two digits; parameters are told in the others."""

_SHORT_ENDINGS = {"stopped early": "early"}
_ENDING_TIPS = {"stopped early": "It was stopped early: the patience of its recipe was over."}


@dataclass(frozen=True)
class Column:
    """A column of the table: its title, usual and least width in pixels, a sentence about it."""

    name: str
    title: str
    width: int
    least: int
    tip: str
    align: Qt.AlignmentFlag = LEFT


COLUMNS = (
    Column("title", "Run", 158, 80, "What it is called; F2 renames it"),
    Column("begun", "Begun", 98, 62, "When it began"),
    Column("network", "Net", 92, 40, "Its blocks, in the colours of their families"),
    Column("parameters", "Params", 66, 53, "How many numbers it learned", RIGHT),
    Column(
        "epochs",
        "Epochs",
        76,
        56,
        "Whole epochs: those before it, if any, and those made in it",
        RIGHT,
    ),
    Column("validation", "Validation", 76, 62, "The best accuracy on the images kept aside", RIGHT),
    Column("test", "Test", 68, 60, "The accuracy on the test images at the end", RIGHT),
    Column("loss", "Loss", 64, 54, "The last on the images kept aside, or else in training", RIGHT),
    Column("seconds", "Time", 58, 56, "How long it trained, without measuring", RIGHT),
    Column("recipe", "Recipe", 200, 84, "How it was trained"),
    Column("ending", "Ended", 96, 58, "How it ended"),
    Column("note", "Note", 140, 40, "What you wrote about it"),
)
PLACES = {column.name: place for place, column in enumerate(COLUMNS)}


def fitted(room: int) -> tuple[int, ...]:
    """The widths of the columns in `room` pixels.

    As many columns as fit at their least widths are in sight, none of them cut; what room is left
    is theirs. The others, at their usual widths, are reached by scrolling.
    """
    count = sum(total <= room for total in accumulate(column.least for column in COLUMNS))
    shown, others = COLUMNS[:count], COLUMNS[count:]
    spare = room - sum(column.least for column in shown)
    wanted = sum(column.width - column.least for column in shown)
    share = min(1.0, spare / max(1, wanted))
    widths = [column.least + int(share * (column.width - column.least)) for column in shown]
    if others and widths:
        widths[0] += room - sum(widths)
    return (*widths, *(column.width for column in others))


@dataclass(frozen=True)
class RunRow:
    """A run in the table; `name` is its name in the store, empty for the one that goes on.

    `cells` are the words of the columns, `keys` what they are sorted by, `tips` their tooltips;
    `short` has fewer and fewer words for cells that have no room for theirs.
    """

    name: str
    cells: Mapping[str, str]
    keys: Mapping[str, Key] = field(default_factory=dict)
    tips: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, Sequence[str]] = field(default_factory=dict)
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
        "parameters": count_words(facts.parameters),
        "epochs": wording.epochs(facts),
        "validation": percent(facts.best_accuracy),
        "test": percent(facts.test_accuracy),
        "loss": loss_words(loss),
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
    return RunRow(
        listed.name,
        cells,
        keys,
        _tips(facts),
        shortened(cells, facts.begun, facts.parameters),
        strip_of(facts.network),
        "repeat" if facts.repeats else "",
        facts,
    )


def shortened(cells: Mapping[str, str], begun: str, parameters: int) -> dict[str, tuple[str, ...]]:
    """Fewer and fewer words for the cells of a run where there is no room for all."""
    rate, recipe = cells["recipe"].partition(",")[0], cells["recipe"]
    methods = {"SGD with Nesterov momentum": "Nesterov", "SGD with momentum": "Momentum"}
    for method, word in methods.items():
        rate, recipe = rate.replace(method, word), recipe.replace(method, word)
    tersely = rate.replace("Nesterov", "Nest.").replace("Momentum", "Mom.")
    return {
        "begun": (wording.shortly(begun),),
        "parameters": (f"{parameters / THOUSAND:,.0f} k",),
        "epochs": (cells.get("epochs", "").replace(" ", ""),),
        "recipe": (recipe, rate, tersely),
        "ending": (_SHORT_ENDINGS.get(cells["ending"], cells["ending"]),),
    }


def _tips(facts: Facts) -> dict[str, str]:
    changed = [f"epoch {change.at:.2f}: {change.words}" for change in facts.changes]
    before = "It went on from weights that had been trained before." if facts.pretrained else ""
    if facts.epochs_before:
        epochs = "1 epoch" if facts.epochs_before == 1 else f"{facts.epochs_before:,} epochs"
        before = f"It went on from weights that {epochs} before it had made."
    return {
        "title": "\n".join(filter(None, (facts.title, facts.verdict, facts.note))),
        "begun": facts.begun.replace("T", " ")[:19],
        "network": "\n> ".join(facts.network.split(" > ")),
        "parameters": f"{facts.parameters:,}",
        "epochs": before,
        "validation": _validation_tip(facts),
        "test": _test_tip(facts),
        "recipe": "\n".join((wording.recipe_of(facts), f"seed {facts.seed:,}", *changed)),
        "ending": facts.fault or _ENDING_TIPS.get(facts.ending, ""),
        "note": facts.note,
    }


def _validation_tip(facts: Facts) -> str:
    """After which epoch it was measured: the test may be of other weights."""
    best, last = facts.best_accuracy, facts.validation_accuracy
    if best is None or last is None:
        return ""
    end = f"after epoch {facts.epochs_before + facts.epochs:,}"
    return f"Measured {end}" if best == last else f"The best of all epochs; {percent(last)} {end}"


def _test_tip(facts: Facts) -> str:
    """Of which weights it is."""
    if facts.test_accuracy is None:
        return ""
    if facts.ending == "failed":
        return "Measured with the weights that were kept"
    if facts.recipe.get("patience") and facts.epochs:
        return "Measured with the weights of the best epoch"
    if facts.ending == "stopped":
        return "Measured with the weights at the stop, maybe inside an epoch"
    return f"Measured after epoch {facts.epochs_before + facts.epochs:,}"


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


def loss_words(loss: float | None) -> str:
    """A loss in few letters: 1.23, 0.0562, 0.0012."""
    if loss is None:
        return NOTHING
    return f"{loss:.3g}" if loss >= FEW_DIGITS else f"{loss:.2g}"


def count_words(count: int) -> str:
    """A number of parameters in few letters: 63,802, but 1.07 M."""
    return f"{count:,}" if count < MILLION else f"{count / MILLION:,.3g} M"


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
