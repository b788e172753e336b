"""How the commands print: lines for people, or one JSON object a line."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec


def line(text: str = "") -> None:
    """Print a line of results."""
    sys.stdout.write(f"{text}\n")


def record(values: Mapping[str, Any]) -> None:
    """Print a JSON object on a line of its own, at once; numbers that are not finite are null."""
    sys.stdout.write(msgspec.json.encode(values).decode() + "\n")
    sys.stdout.flush()


def name(path: str | Path) -> str:
    """A file's name as it stands in JSON, which has no words for bytes that are not UTF-8."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def note(text: str) -> None:
    """Tell something beside the results."""
    sys.stderr.write(f"{text}\n")


def table(rows: Sequence[tuple[str, ...]], left: Collection[int] = (0, 1)) -> None:
    """Print rows in columns, those at the places in `left` to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line("  ".join(cells).rstrip())
