"""The probabilities of the classes as bars that lie, one below the other, with percent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import ThemeManager, font

ROW, LOWEST_ROW = 16, 11
"""Pixels from one row to the next, and where there are as many classes as just fit."""

BAR = 8
PERCENT = 40
LONGEST_NAME = 64
"""Pixels for the percent at the right, and at most for the name at the left."""

LEAST = 0.005
"""What is less is 0 % in words, and has no bar."""

Row = tuple[str, float | None]


@dataclass(frozen=True)
class Face:
    """What a row looks like: its words, and the pixels of its bar of those there are."""

    name: str
    percent: str
    bar: int
    track: QRectF
    first: bool


class ClassBars(QWidget):
    """A row for each class, the likeliest emphasised; dashes where nothing is known.

    With more classes than rows it has the likeliest ones, in their order.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._names: Sequence[str] = ()
        self._shares: NDArray[np.floating] | None = None
        self._words = ""
        self._shown: list[Face] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(92, 5 * ROW)

    @property
    def shares(self) -> NDArray[np.floating] | None:
        """The probabilities that are shown; None where there are none."""
        return self._shares

    @property
    def words(self) -> str:
        """Why there are no bars; empty where there are."""
        return self._words

    def show_shares(self, names: Sequence[str], shares: NDArray[np.floating] | None) -> None:
        """Show the probabilities of the classes called `names`; None for dashes."""
        self._names, self._shares, self._words = names, shares, ""
        spoken = [f"{name}: {share:.0%}" for name, share in self._known()]
        self.setAccessibleName(", ".join(["Probabilities", *spoken] if spoken else ["No answer"]))
        self.setToolTip("\n".join(spoken) if len(names) > self._room() else "")
        self._update_what_differs()

    def show_words(self, words: str) -> None:
        """Say why there are no probabilities."""
        self._names, self._shares, self._words, self._shown = (), None, words, []
        self.setAccessibleName(words)
        self.setToolTip(self._words)
        self.update()

    def table(self) -> Iterator[Sequence[object]]:
        """The numbers, header first."""
        yield ("class", "probability")
        yield from self._known()

    def sizeHint(self) -> QSize:
        """Room for ten classes."""
        return QSize(104, 10 * ROW)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return self.size()

    def draw(self, painter: QPainter) -> None:
        """Paint the bars, or why there are none; also for saving."""
        if self._words:
            painter.setFont(font(11))
            painter.setPen(self._themes.theme.color("text2"))
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect(), flags, self._words)
            return
        for face in self._faces():
            self._draw_face(painter, face)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars of those rows that are to be painted."""
        painter = QPainter(self)
        if self._words:
            self.draw(painter)
            return
        self._shown = self._faces()
        for face in self._shown:
            if event.rect().intersects(self._room_of(face)):
                self._draw_face(painter, face)

    def _update_what_differs(self) -> None:
        """Paint the rows that look another way: beside a training run most do not."""
        faces = self._faces()
        if len(faces) != len(self._shown):
            self.update()
            return
        for now, before in zip(faces, self._shown, strict=True):
            if now != before:
                self.update(self._room_of(now).united(self._room_of(before)))

    def _known(self) -> Iterator[tuple[str, float]]:
        if self._shares is not None:
            yield from zip(self._names, self._shares.tolist(), strict=True)

    def _room(self) -> int:
        """How many rows fit; all classes, closer together, if that is enough."""
        count = len(self._names)
        if count * LOWEST_ROW <= self.height():
            return max(1, count)
        return max(1, self.height() // ROW)

    def _pitch(self, rows: int) -> float:
        return min(ROW, self.height() / max(1, rows))

    def rows(self) -> tuple[list[Row], int | None]:
        """The rows from top to bottom, and which of them is the likeliest class."""
        names, room = self._names, self._room()
        if self._shares is None:
            return [(name, None) for name in names[:room]], None
        places = np.sort(np.argsort(-self._shares, kind="stable")[:room])
        rows: list[Row] = [(names[place], float(self._shares[place])) for place in places]
        return rows, int(self._shares[places].argmax())

    def _faces(self) -> list[Face]:
        """What the rows look like in the present size."""
        rows, winner = self.rows()
        metrics = QFontMetricsF(font(11, 600, tabular=True))
        widest = max((metrics.horizontalAdvance(name) for name, _ in rows), default=0)
        pitch, left = self._pitch(len(rows)), min(widest, LONGEST_NAME) + 8
        length = self.width() - left - PERCENT - 2
        faces = []
        for place, (name, share) in enumerate(rows):
            track = QRectF(left, place * pitch + (pitch - BAR) / 2, length, BAR)
            percent = "\u2013" if share is None else f"{share:.0%}".replace("%", " %")
            is_long = share is not None and share >= LEAST
            bar = max(2, round(length * share)) if share is not None and is_long else 0
            faces.append(Face(name, percent, bar, track, place == winner))
        return faces

    def _room_of(self, face: Face) -> QRect:
        """The row of `face`, letters that stand out of it too."""
        middle = face.track.center().y()
        return QRect(0, math.floor(middle - ROW / 2), self.width(), ROW + 1)

    def _draw_face(self, painter: QPainter, face: Face) -> None:
        theme, track = self._themes.theme, face.track
        look = font(11, 600 if face.first else 400, tabular=True)
        painter.setFont(look)
        painter.setPen(theme.color("text" if face.first else "text2"))
        name = QFontMetricsF(look).elidedText(face.name, Qt.TextElideMode.ElideRight, LONGEST_NAME)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        flags |= Qt.TextFlag.TextDontClip
        room = QRectF(0, track.center().y() - ROW / 2, self.width(), ROW)
        painter.drawText(QRectF(0, room.y(), track.left() - 7, ROW), flags, name)
        painter.drawText(room, flags, face.percent)
        rounded(painter, track, 2, theme.color("field"))
        if face.bar:
            bar = QRectF(track.left(), track.top(), face.bar, track.height())
            rounded(painter, bar, 2, theme.color("accent" if face.first else "text3"))
