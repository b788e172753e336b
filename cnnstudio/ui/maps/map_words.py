"""Words for feature maps: what is shown, where a value is and what it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks.activation import activation_words
from cnnstudio.network import inner
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.spread import number
from cnnstudio.ui.typography import pretty

Maps = NDArray[np.floating]

Found = tuple[int, int, int]
"""Map, row and column; of a row of units the first is the unit."""


def title(session: Session, path: inner.Path, values: Maps) -> str:
    """Such as "16 maps of 10x10 after ReLU"."""
    block = inner.block_at(session.network, path)
    function = block.values().get("activation", block.values().get("function", "none"))
    after = "" if function == "none" else f" after {activation_words(str(function))}"
    if values.ndim == 1:
        words = f"{len(values):,} values{after}"
    else:
        channels, height, width = values.shape
        maps = "1 map" if channels == 1 else f"{channels:,} maps"
        words = f"{maps} of {height}×{width}{after}"
    if path != (0,) and not session.trained:
        words += "  ·  random weights"
    return words


def unit_names(session: Session, path: inner.Path, count: int) -> Sequence[str]:
    """What the units of a row are called: the outputs after their classes, others by number."""
    is_output = path == (len(session.network) - 1,)
    if is_output and session.dataset and session.classes == count:
        return session.dataset.class_names
    return [str(i + 1) for i in range(count)]


def value_words(found: Found, values: Maps, slopes: Maps | None) -> str:
    """Where a value is, and what it and its gradient are."""
    index, row, column = found
    place = index if values.ndim == 1 else (index, row, column)
    where = f"unit {index + 1}"
    if values.ndim > 1:
        where = f"map {index + 1}  ·  row {row + 1}, column {column + 1}"
    words = f"{where}  ·  {number(float(values[place]))}"
    if slopes is not None:
        words += f"  ·  gradient {number(float(slopes[place]))}"
    return pretty(words)


def power_of(values: Maps) -> int:
    """The power of ten in whose units values can be written with two digits; 0 where they can."""
    top = float(np.abs(np.nan_to_num(values)).max(initial=0.0))
    return 0 if top == 0 or 0.1 <= top < 1000 else math.floor(math.log10(top))


def file_name(session: Session, path: inner.Path) -> str:
    """A name for files: "conv2", or "residual1-conv1" for a block inside."""
    words = [session.network.keys[path[0]]]
    words += [inner.name(session.network, path[:end]) for end in range(3, len(path) + 1, 2)]
    return "-".join(word.lower().replace(" ", "") for word in words)
