"""One image large, with its label, what it is seen as, and the probabilities as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.picture_grid import draw_image
from cnnstudio.ui.theme import ThemeManager, font

PICTURE = 112
"""Pixels of the picture's side, where there is room."""

WORDS = 38
"""Pixels for the words below it."""

WIDTH = 320

ROW = 13
"""Pixels of a bar with its words; without room for all classes the most probable are shown."""

NAME = 56
"""Pixels that the name of a class may take."""


@dataclass(frozen=True, eq=False)
class Mistake:
    """One image and what the model makes of it: `probabilities` is ``(classes,)``."""

    index: int
    of: str
    pixels: NDArray[np.uint8]
    label: int
    predicted: int
    probabilities: NDArray[np.float32]
    names: Sequence[str]

    @property
    def words(self) -> str:
        """Such as "7, seen as 1"."""
        return f"{self.names[self.label]}, seen as {self.names[self.predicted]}"

    @property
    def place_words(self) -> str:
        """Which image it is, counted from 1."""
        return f"{self.of} image {self.index + 1:,}"


def shown_classes(mistake: Mistake, room: int) -> list[int]:
    """All classes in their order, or as many as there is room for: the most probable and the label.

    The most probable come first then.
    """
    count = len(mistake.probabilities)
    if count <= room:
        return list(range(count))
    order = [int(i) for i in np.argsort(-mistake.probabilities, kind="stable")]
    best = order[: max(2, room)]
    return best if mistake.label in best else [*best[:-1], mistake.label]


class MistakeDetail(QWidget):
    """Picture, words and bars; the bar of the label and that of the answer say so."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.mistake: Mistake | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Probabilities")

    def show_mistake(self, mistake: Mistake | None) -> None:
        """Show another image, or none."""
        self.mistake = mistake
        if mistake is not None:
            shares = zip(mistake.names, mistake.probabilities, strict=True)
            spoken = ", ".join(f"{name}: {100 * share:.1f} %" for name, share in shares)
            self.setAccessibleDescription(f"{mistake.words}. {spoken}")
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Paint it; also for saving."""
        if self.mistake is None:
            return
        self._draw_picture(painter, self.mistake)
        room = max(3, self.height() // ROW)
        classes = shown_classes(self.mistake, room)
        pitch = min(20, self.height() // max(1, len(classes)))
        for line, name in enumerate(classes):
            self._draw_bar(painter, self.mistake, name, line * pitch, pitch)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return self.size()

    def _draw_picture(self, painter: QPainter, mistake: Mistake) -> None:
        theme = self._themes.theme
        side = max(WORDS, min(PICTURE, self.height() - WORDS))
        place = QRect((PICTURE - side) // 2, 0, side, side)
        painter.fillRect(place, theme.color("inset"))
        draw_image(painter, mistake.pixels, place)
        words = QRect(0, side + 2, PICTURE, 18)
        painter.setPen(theme.color("text"))
        painter.setFont(font(12, 600))
        metrics = QFontMetrics(painter.font())
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(words, 0, metrics.elidedText(mistake.words, elide, PICTURE))
        painter.setPen(theme.color("text2"))
        painter.setFont(font(11, 400, tabular=True))
        painter.drawText(words.adjusted(0, 18, 14, 18), 0, mistake.place_words)

    def _draw_bar(
        self, painter: QPainter, mistake: Mistake, index: int, top: int, pitch: int
    ) -> None:
        theme = self._themes.theme
        answer, label = index == mistake.predicted, index == mistake.label
        strong = answer or label
        face = font(11, 600 if strong else 400, tabular=True)
        painter.setFont(face)
        painter.setPen(theme.color("text" if strong else "text2"))
        left = PICTURE + 16
        metrics = QFontMetrics(face)
        widest = max(metrics.horizontalAdvance(name) for name in mistake.names)
        across = min(NAME, widest + 2)
        middle = Qt.AlignmentFlag.AlignVCenter
        name = metrics.elidedText(mistake.names[index], Qt.TextElideMode.ElideRight, across)
        place = QRect(left, top, across, pitch)
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, name)
        track = QRectF(
            place.right() + 8, top + pitch / 2 - 4, self.width() - place.right() - 112, 8
        )
        rounded(painter, track, 3, theme.color("inset"))
        share = float(np.nan_to_num(mistake.probabilities[index]))
        bar = QRectF(track)
        bar.setWidth(max(1.0, track.width() * share))
        tone = "error" if answer else "ok" if label else "text3"
        rounded(painter, bar, 3, theme.color(tone))
        painter.setPen(theme.color("text" if strong else "text2"))
        value = QRectF(track.right() + 4, top, 46, pitch)
        painter.drawText(value, middle | Qt.AlignmentFlag.AlignRight, f"{100 * share:.1f} %")
        role = "seen as" if answer else "label" if label else ""
        painter.setPen(theme.color("errortext" if answer else "ok"))
        painter.drawText(QRectF(value.right() + 6, top, 48, pitch), middle, role)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The image and its bars."""
        self.draw(QPainter(self))
