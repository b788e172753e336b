"""The keys inside an open block: arrows go from card to card, with Alt or Ctrl they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from cnnstudio.blocks.row import rows_of
from cnnstudio.network import inner
from cnnstudio.network.inner import Path

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

_MOVE = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class InnerKeys:
    """Left and Right stay in a row; Up and Down go to the next row, and at the ends out of it."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key means where an open block or something in it is selected."""
        path = self._path()
        if path is None:
            return False
        key = Qt.Key(event.key())
        if key in _ENTER:
            return self._toggle(path)
        if len(path) == 1:
            plain = not event.modifiers() & (_MOVE | Qt.KeyboardModifier.ShiftModifier)
            return key == Qt.Key.Key_Down and plain and self._enter(path)
        if key == Qt.Key.Key_Escape:
            self._canvas.session.select_inner(path[:-2])
            return True
        if event.modifiers() & _MOVE:
            return self._move(path, key)
        return self._go(path, key)

    def _path(self) -> Path | None:
        """What is selected, if it is one block."""
        session = self._canvas.session
        if session.inner is not None:
            return session.inner
        return session.selection if len(session.selection) == 1 else None

    def _toggle(self, path: Path) -> bool:
        if not rows_of(inner.block_at(self._canvas.session.network, path)):
            return False
        self._canvas.toggle_selected()
        return True

    def _enter(self, path: Path) -> bool:
        """Down from an open block: to the first block inside."""
        rows = rows_of(inner.block_at(self._canvas.session.network, path))
        number = next((number for number, row in enumerate(rows) if row), None)
        if number is None or not self._canvas.pipeline.nests.is_open(path):
            return False
        self._canvas.session.select_inner((*path, number, 0))
        return True

    def _go(self, path: Path, key: Qt.Key) -> bool:
        *owner, number, place = path
        rows = self._rows(path)
        last = len(rows[number]) - 1
        places = {
            Qt.Key.Key_Left: place - 1,
            Qt.Key.Key_Right: place + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if key in places:
            self._select((*owner, number, min(max(places[key], 0), last)))
        elif key == Qt.Key.Key_Down and self._enter(path):
            pass
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._change_row(path, rows, -1 if key == Qt.Key.Key_Up else 1)
        else:
            return False
        return True

    def _change_row(self, path: Path, rows: tuple[tuple[object, ...], ...], step: int) -> None:
        """To the next row with blocks; above the first to the block itself, below the last on."""
        *owner, number, place = path
        number += step
        while 0 <= number < len(rows) and not rows[number]:
            number += step
        if 0 <= number < len(rows):
            self._select((*owner, number, min(place, len(rows[number]) - 1)))
        elif step < 0:
            self._select(tuple(owner))
        else:
            below = (*owner[:-1], owner[-1] + 1)
            if inner.exists(self._canvas.session.network, below):
                self._select(below)

    def _move(self, path: Path, key: Qt.Key) -> bool:
        """Move the block in its row, to the next row, or out of the block that it is in."""
        *owner, number, place = path
        rows = self._rows(path)
        behind = (*owner[:-1], owner[-1] + 1)
        if key == Qt.Key.Key_Left:
            target = (*owner, number, max(place - 1, 0))
        elif key == Qt.Key.Key_Right:
            target = (*owner, number, min(place + 2, len(rows[number])))
        elif key == Qt.Key.Key_Home:
            target = (*owner, number, 0)
        elif key == Qt.Key.Key_End:
            target = (*owner, number, len(rows[number]))
        elif key == Qt.Key.Key_Up:
            above = (*owner, number - 1, min(place, len(rows[number - 1])))
            target = above if number else tuple(owner)
        elif key == Qt.Key.Key_Down:
            is_last = number == len(rows) - 1
            target = behind if is_last else (*owner, number + 1, min(place, len(rows[number + 1])))
        else:
            return False
        self._canvas.session.move_to([path], target)
        return True

    def _rows(self, path: Path) -> tuple[tuple[object, ...], ...]:
        return rows_of(inner.block_at(self._canvas.session.network, path[:-2]))

    def _select(self, path: Path) -> None:
        self._canvas.session.select_inner(path)
