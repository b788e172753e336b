"""The curve and the predictions of a run as tables that any program opens (CSV)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.errors import CnnFileError
from cnnstudio.runs.record import Outcome, no_curve

CURVE = ("epoch", "loss", "accuracy")
OUTCOME = ("label", "predicted", "confidence")
_MOST_CLASSES = 2**31
"""A class number beyond this is damage."""


def write_curve(curve: NDArray[np.float64]) -> bytes:
    """``(steps, 3)`` with all its digits, so that two runs can be compared to the bit."""
    return _write(CURVE, curve.tolist())


def read_curve(text: bytes) -> NDArray[np.float64]:
    """The curve in `text`; raises CnnFileError without a file's name."""
    rows = _read(CURVE, text)
    return np.array(rows, np.float64) if rows else no_curve()


def write_outcome(outcome: Outcome) -> bytes:
    """One line for each picture, in the order of the set."""
    columns = (outcome.labels, outcome.predicted, outcome.confidences)
    return _write(OUTCOME, list(zip(*(column.tolist() for column in columns), strict=True)))


def read_outcome(of: str, text: bytes) -> Outcome:
    """The predictions in `text` for the set called `of`; raises CnnFileError."""
    table = np.array(_read(OUTCOME, text), np.float64).reshape(-1, len(OUTCOME))
    classes = table[:, :2]
    if not ((classes >= 0) & (classes <= _MOST_CLASSES) & (np.floor(classes) == classes)).all():
        raise CnnFileError("a class in it is no whole number from 0 on")
    labels, predicted = classes.T.astype(np.int64)
    return Outcome(of, labels, predicted, table[:, 2])


def _write(head: Sequence[str], rows: Sequence[Sequence[float]]) -> bytes:
    lines = [",".join(head), *(",".join(map(repr, row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _read(head: Sequence[str], text: bytes) -> list[list[float]]:
    try:
        first, *lines = text.decode().splitlines()
        rows = [[float(word) for word in line.split(",")] for line in lines]
    except ValueError as error:  # also no text at all, and bytes that are no UTF-8
        raise CnnFileError(f"it is no table of numbers ({error})") from error
    if first != ",".join(head) or any(len(row) != len(head) for row in rows):
        raise CnnFileError(f"its columns are not {', '.join(head)}")
    return rows
