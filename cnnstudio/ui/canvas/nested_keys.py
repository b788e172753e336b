"""The keys inside an open block: arrows select, with Shift several, with Alt or Ctrl they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from cnnstudio.blocks.row import rows_of
from cnnstudio.network import inner
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.span import Span

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

Rows = tuple[tuple[object, ...], ...]

_EXTEND = Qt.KeyboardModifier.ShiftModifier
_MOVE = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class InnerKeys:
    """Left and Right stay in a row; Up and Down go to the next row, and at the ends out of it."""

    def __init__(self, canvas: Canvas, span: Span) -> None:
        self._canvas = canvas
        self._span = span

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key means where an open block or something in it is selected."""
        path, key = self._span.end, Qt.Key(event.key())
        if path is None:
            return False
        if key in _ENTER:
            return self._toggle()
        extends = bool(event.modifiers() & _EXTEND)
        moves = bool(event.modifiers() & _MOVE)
        if len(path) == 1:
            return key == Qt.Key.Key_Down and not (moves or extends) and self._enter(path)
        if key == Qt.Key.Key_Escape:
            self._span.begin(path[:-2])
            return True
        return self._move(key) if moves else self._go(path, key, extends=extends)

    def _toggle(self) -> bool:
        """Open the selected block, or close it; whether it holds rows."""
        chosen = self._canvas.session.selected_blocks
        if len(chosen) != 1 or not rows_of(chosen[0]):
            return False
        self._canvas.toggle_selected()
        return True

    def _enter(self, path: Path) -> bool:
        """Down from an open block: to the first block inside."""
        rows = rows_of(inner.block_at(self._canvas.session.network, path))
        number = next((number for number, row in enumerate(rows) if row), None)
        is_open = self._canvas.pipeline.nests.is_open(path)
        if number is None or not is_open or self._canvas.session.selected_path != path:
            return False
        self._span.begin((*path, number, 0))
        return True

    def _go(self, path: Path, key: Qt.Key, *, extends: bool) -> bool:
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
            self._span.go((*owner, number, min(max(places[key], 0), last)), extends=extends)
        elif key == Qt.Key.Key_Down and not extends and self._enter(path):
            pass
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._span.go(
                self._beyond(path, rows, -1 if key == Qt.Key.Key_Up else 1), extends=extends
            )
        else:
            return False
        return True

    def _beyond(self, path: Path, rows: Rows, step: int) -> Path:
        """In the next row with blocks; above the first the block itself, below the last on."""
        *owner, number, place = path
        number += step
        while 0 <= number < len(rows) and not rows[number]:
            number += step
        if 0 <= number < len(rows):
            return (*owner, number, min(place, len(rows[number]) - 1))
        below = (*owner[:-1], owner[-1] + 1)
        if step > 0 and not inner.exists(self._canvas.session.network, below):
            return path
        return tuple(owner) if step < 0 else below

    def _move(self, key: Qt.Key) -> bool:
        """Move the blocks in their row, to the next row, or out of the block that they are in."""
        moving = self._canvas.session.selected_paths
        *owner, number, place = moving[0]
        last = moving[-1][-1]
        rows = self._rows(moving[0])
        behind = (*owner[:-1], owner[-1] + 1)
        if key == Qt.Key.Key_Left:
            target = (*owner, number, max(place - 1, 0))
        elif key == Qt.Key.Key_Right:
            target = (*owner, number, min(last + 2, len(rows[number])))
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
        self._canvas.session.move_to(moving, target)
        return True

    def _rows(self, path: Path) -> Rows:
        return rows_of(inner.block_at(self._canvas.session.network, path[:-2]))
