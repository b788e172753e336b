"""The OUTPUT as a strip: name, verdict and all classes in one line."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from cnnstudio.blocks import Family
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.output_face import OutputFace, Verdict, bar_length
from cnnstudio.ui.canvas.paint import box, elided, width_of, words
from cnnstudio.ui.theme import Theme

MARKS = {
    Verdict.RIGHT: ("check", "ok"),
    Verdict.WRONG: ("close", "error"),
    Verdict.MISFIT: ("alert", "error"),
    Verdict.LOST: ("alert", "error"),
}
"""Icon and colour of a verdict."""
VERDICT_TONES = {
    Verdict.RIGHT: ("ok", 600),
    Verdict.WRONG: ("errortext", 600),
    Verdict.LOST: ("errortext", 600),
}
"""Colour and weight of the words of a verdict; others are quiet."""

_RADIUS = 6.0
_BASE = 15.0
_NAME, _WORDS = 26.0, 80.0
_BAR = 6.0


def winner_tone(face: OutputFace) -> str:
    """The colour of the class that is answered."""
    return {Verdict.RIGHT: "ok", Verdict.WRONG: "error"}.get(face.verdict, "text3")


def draw_strip(painter: QPainter, rect: QRectF, face: OutputFace, theme: Theme) -> None:
    """Draw what `face` says; instead of classes whose names are long, only the likeliest."""
    box(painter, rect, _RADIUS, theme.color("card"))
    tile = QRectF(4, 4, 14, 14)
    box(painter, tile, 3, theme.family(Family.INPUT))
    glyph = tile.adjusted(2.5, 2.5, -2.5, -2.5)
    icons.draw(painter, "block-softmax", theme.glyph(Family.INPUT), glyph)
    words(painter, QPointF(_NAME, _BASE), "OUTPUT", theme.color("text"), 11, 600)
    room = rect.width() / 2
    pitch = room / max(1, len(face.names))
    fits = all(width_of(name, 11, 600) + _BAR + 6 <= pitch for name in face.names)
    right = rect.right() - 8
    if face.names and fits:
        _draw_classes(painter, rect, pitch, face, theme)
        right -= room
    elif face.note:
        tone = theme.color("text2")
        used = words(
            painter, QPointF(right, _BASE), face.note, tone, 11, 400, Qt.AlignmentFlag.AlignRight
        )
        right -= used + 8
    _draw_verdict(painter, face, right, theme)
    unknown = face.verdict is Verdict.UNKNOWN
    quiet = theme.color("strong" if unknown else "line" if theme.is_dark else "fieldline")
    box(painter, rect, _RADIUS, None, quiet, 1, (4, 3) if unknown else None)


def _draw_verdict(painter: QPainter, face: OutputFace, right: float, theme: Theme) -> None:
    x = _WORDS
    mark = MARKS.get(face.verdict)
    if mark is not None:
        icons.draw(painter, mark[0], theme.color(mark[1]), QRectF(x, 4, 14, 14))
        x += 17
    tone, weight = VERDICT_TONES.get(face.verdict, ("text2", 400))
    shown = elided(face.words, right - 4 - x, 11, weight)
    words(painter, QPointF(x, _BASE), shown, theme.color(tone), 11, weight)


def _draw_classes(
    painter: QPainter, rect: QRectF, pitch: float, face: OutputFace, theme: Theme
) -> None:
    """The name of each class with an upright bar behind it."""
    left = rect.right() - 2 - pitch * len(face.names)
    for number, (name, share) in enumerate(zip(face.names, face.shares, strict=True)):
        first = bool(face.percents) and number == face.winner
        x = left + pitch * number + 6
        tone, weight = (theme.color("text"), 600) if first else (theme.color("text3"), 400)
        used = words(painter, QPointF(x, _BASE), name, tone, 11, weight)
        height = max(1.5, bar_length(share, rect.height() - 8))
        fill = theme.color(winner_tone(face) if first else "strong")
        bar = QRectF(x + used + 3, rect.bottom() - 4 - height, _BAR, height)
        box(painter, bar, min(1.5, height / 2), fill)
