"""The words for weights: what a block has, and what one of them is."""

from __future__ import annotations

from cnnstudio.blocks import TableConv2D
from cnnstudio.ui.maps.filter_sheets import Filtered, Place, Sheets
from cnnstudio.ui.parts.spread import number
from cnnstudio.ui.typography import pretty


def title(found: Filtered, sheets: Sheets) -> str:
    """What is shown of a block, such as "6 filters of 5x5  ·  white is 0"."""
    zero = "white is 0 or no link" if isinstance(found.block, TableConv2D) else "white is 0"
    return f"{pretty(sheets.words)}  ·  {zero}"


def value_words(sheets: Sheets, place: Place, slopes: Sheets | None, *, linked: bool) -> str:
    """Where a weight is, and what it, its gradient and the filter's bias are."""
    filter_, sheet, row, column = place
    words = f"{sheets.unit} {filter_ + 1}"
    if sheets.values.shape[1] > 1 or sheets.first[filter_]:
        words += f"  ·  input map {sheets.first[filter_] + sheet + 1}"
    words += f"  ·  {sheets.place_words(row, column)}  ·  "
    words += signed(float(sheets.values[place])) if linked else "no link"
    if slopes is not None and linked:
        words += f"  ·  gradient {number(float(slopes.values[place]))}"
    if sheets.bias is not None:
        words += f"  ·  bias {signed(float(sheets.bias[filter_]))}"
    return words


def signed(value: float) -> str:
    """A number with its sign, as in ``+0.36``."""
    return f"+{number(value)}" if value > 0 else number(value)


def ordinal(count: int) -> str:
    """Such as "2nd" or "11th"."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    end = "th" if count % 100 in (11, 12, 13) else ends.get(count % 10, "th")
    return f"{count}{end}"
