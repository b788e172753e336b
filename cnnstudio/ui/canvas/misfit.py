"""Why a window does not fit, as a picture: the grid with the window that hangs over its edge."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.window import Window, Windowed
from cnnstudio.errors import SizeError
from cnnstudio.ui.canvas.paint import box, words
from cnnstudio.ui.theme import Theme, faded, mix

_CORNER = QPointF(16, 60)
_WIDEST = 74.0
_TALLEST = 57.0
_LARGEST_CELL = 8.0
_MOST_LINES = 24
_MOST_WINDOWS = 6
_TEXT_X = 100.0


@dataclass(frozen=True)
class Misfit:
    """A window that hangs over an input of `size` pixels (padding included) in one direction.

    `setting` is the word of the offending setting on the card, `lines` say what happens.
    """

    window: Window
    size: int
    across: bool
    setting: str
    lines: tuple[str, str, str]

    @property
    def start(self) -> int:
        """Where the window that hangs over begins."""
        if self.window.extent > self.size:
            return 0
        return ((self.size - self.window.extent) // self.window.stride + 1) * self.window.stride

    @property
    def over(self) -> int:
        """By how many pixels it hangs over."""
        return self.start + self.window.extent - self.size


def misfit_of(block: Block, shape: Shape | None) -> Misfit | None:
    """The misfit of `block` on an input of `shape`; None where no window is to blame."""
    if shape is None or shape.is_flat or not isinstance(block, Windowed):
        return None
    try:
        rows, columns = block.windows()
    except SizeError:
        return None
    padded = (shape[1] + 2 * rows.padding, shape[2] + 2 * columns.padding)
    across = columns.count(shape[2]) is None
    if not across and rows.count(shape[1]) is not None:
        return None
    window, size = (columns, padded[1]) if across else (rows, padded[0])
    return _described(window, size, across)


def _described(window: Window, size: int, across: bool) -> Misfit:
    if window.extent > size:
        more = window.extent - size
        lines = (f"window {window.extent} px,", f"map {size} px:", f"{more} px too large")
        return Misfit(window, size, across, "kernel", lines)
    found = Misfit(window, size, across, "stride", ("", "", ""))
    lines = (f"stride {window.stride}: the", "last window is", f"{found.over} px outside")
    return replace(found, lines=lines)


def draw_misfit(painter: QPainter, misfit: Misfit, color: QColor, theme: Theme) -> None:
    """Draw the grid, the windows that fit in `color`, the one that does not, and the words."""
    cell = min(_LARGEST_CELL, _WIDEST / (misfit.size + misfit.over), _TALLEST / max(misfit.size, 1))
    painter.save()
    painter.translate(_CORNER)
    if not misfit.across:  # mirrored at the diagonal, the picture is that of the other direction
        painter.rotate(90)
        painter.scale(1, -1)
    _draw_grid(painter, misfit, cell, theme)
    _draw_windows(painter, misfit, cell, color, theme)
    painter.restore()
    tones = (theme.color("text2"), theme.color("text2"), theme.color("errortext"))
    baselines, weights = (74.0, 89.0, 108.0), (400, 400, 600)
    for line, tone, y, weight in zip(misfit.lines, tones, baselines, weights, strict=True):
        words(painter, QPointF(_TEXT_X, y), line, tone, 11, weight)


def _draw_grid(painter: QPainter, misfit: Misfit, cell: float, theme: Theme) -> None:
    side = misfit.size * cell
    painter.fillRect(QRectF(0, 0, side, side), theme.color("inset"))
    step = max(1, -(-misfit.size // _MOST_LINES))
    for line in range(0, misfit.size + 1, step):
        painter.fillRect(QRectF(line * cell, 0, 1, side + 1), theme.color("strong"))
        painter.fillRect(QRectF(0, line * cell, side + 1, 1), theme.color("strong"))


def _draw_windows(
    painter: QPainter, misfit: Misfit, cell: float, color: QColor, theme: Theme
) -> None:
    extent = misfit.window.extent * cell
    overlap = misfit.window.stride < misfit.window.extent
    fill = faded(mix(theme.color("card"), color, 0.22), 0.8 if overlap else 1.0)
    starts = range(0, misfit.start, misfit.window.stride)
    if len(starts) > _MOST_WINDOWS:  # too many to tell apart: what they cover, and the last one
        covered = starts[-1] * cell + extent
        box(painter, QRectF(0, 0, covered + 1, covered + 1), 2, fill, color, 1.25)
        starts = starts[-1:]
    for down in starts:
        for across in starts:
            top = 0 if len(starts) == 1 else down
            place = QRectF(across * cell, top * cell, extent, extent)
            box(painter, place.adjusted(0, 0, 1, 1), 2, fill, color, 1.25)
    error = theme.color("error")
    over = QRectF(misfit.start * cell, 0, extent, extent).adjusted(0, 0, 1, 1)
    box(painter, over, 2, faded(error, 0.16), error, 1.5, (3, 2))
    edge = QRectF(misfit.size * cell, -2, 1, misfit.size * cell + 4)
    painter.fillRect(edge, theme.color("errortext"))
