"""The lines below a block of the diagram: its name, settings, size and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.composite import Composite
from cnnstudio.export.diagram_style import Style
from cnnstudio.export.svg import text_width

_NAME, _WORDS = 12.0, 11.0
_WIDEST = 104.0
"""Words of a label that are wider begin a new line."""


class Line(NamedTuple):
    """A line of a label."""

    words: str
    color: str
    weight: int = 400
    size: float = _WORDS


def label_of(
    name: str, block: Block, shape: Shape | None, parameters: int | None, style: Style, *,
    fits: bool = True, small: bool = False, silent: bool = False,
) -> tuple[Line, ...]:  # fmt: skip
    """The lines below a block: its name, settings, size and parameters.

    A `small` one, inside a frame, has no parameters; a `silent` one keeps its size and says none.
    """
    words = list(_settings(block))
    lines = [Line(name, style.text, 600, _NAME if not small else _WORDS)]
    lines.extend(Line(each, style.faint) for each in words)
    if not fits:
        lines.append(Line("! does not fit", style.error, 600))
    elif shape is not None and not silent and f"{shape[0]:,} units" not in words:
        lines.append(Line(times(str(shape)), style.text, 500))
    if parameters and not small:
        lines.append(Line(f"{parameters:,} parameters", style.faint))
    return tuple(lines)


def _settings(block: Block) -> Iterator[str]:
    """The card's words in short lines, without what goes without saying."""
    words = block.summary().split(" · ")
    if isinstance(block, Composite):
        words = words[1:]
    for part in words:
        if part != "stride 1":
            yield from _wrapped(times(part))


def _wrapped(words: str) -> Iterator[str]:
    """`words` in lines that are no wider than a label should be."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, _WORDS) > _WIDEST:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def times(words: str) -> str:
    """`words` with real multiplication signs between numbers."""
    return re.sub(r"(?<=\d)x(?=\d)", "×", words)
