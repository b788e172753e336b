"""Events of a drag, as the system sends them."""

from __future__ import annotations

import PySide6
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

TAKES_FRACTIONS = PySide6.__version_info__ >= (6, 12)
"""Whether a drag has a QPointF, as a drop always has; a QPoint is deprecated from there on."""


def drag_event(
    kind: type[QDragEnterEvent] | type[QDragMoveEvent], mime: QMimeData, place: QPoint
) -> QDragMoveEvent:
    """`mime` comes in, or moves, at a place."""
    return kind(
        place.toPointF() if TAKES_FRACTIONS else place,  # type: ignore[arg-type]
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def drop_event(mime: QMimeData, place: QPoint) -> QDropEvent:
    """`mime` is let go at a place."""
    return QDropEvent(
        place.toPointF(),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
