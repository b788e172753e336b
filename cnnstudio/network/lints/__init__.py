"""Mild warnings: networks that can be computed, but that one would rarely want."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnstudio.network.lints import functions, inside, maps, output, parameters
from cnnstudio.network.lints.inside import RowReport
from cnnstudio.network.lints.lint import Lint

if TYPE_CHECKING:
    from cnnstudio.network.check import Report

__all__ = ["Lint", "lints"]


def lints(report: Report, classes: int | None, row_report: RowReport) -> Iterator[Lint]:
    """Every warning; with `classes` also those about the output.

    `row_report` tells what is known about a row in another block.
    """
    yield from functions.lints(report)
    yield from parameters.lints(report, classes)
    yield from maps.lints(report)
    yield from inside.lints(report, row_report)
    if classes is not None:
        yield from output.lints(report, classes)
