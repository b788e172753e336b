"""The canvas by keyboard: select, move and remove blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from cnnstudio.ui.canvas.nested_keys import InnerKeys
from cnnstudio.ui.canvas.span import Span
from cnnstudio.ui.document.edits import INPUT

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

_EXTEND = Qt.KeyboardModifier.ShiftModifier
_MOVE = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier


class Keys:
    """Turns keys into edits; `span` is the range that is extended with Shift."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.span = Span(canvas.session)
        self._inner = InnerKeys(canvas, self.span)

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key means; whether it means something.

        Arrows select, with Alt or Ctrl they move blocks, Delete removes, Enter goes to the
        settings, or opens a block that holds rows; Insert, a letter or a digit open the
        quick-add list, with the letter in it. Escape selects nothing, and with nothing selected it
        shows the present again in place of the past.
        """
        session = self._canvas.session
        if self._inner.press(event):
            return True
        if event.key() == Qt.Key.Key_Escape:
            if not session.selection:
                session.show_moment(None)
            session.select(())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            session.remove_selected()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            session.select_all()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._canvas.inspected.emit()
        elif event.key() == Qt.Key.Key_Insert:
            self._canvas.ask_block()
        elif _types(event):
            self._canvas.ask_block(text=event.text())
        else:
            return self._press_arrow(event)
        return True

    def _press_arrow(self, event: QKeyEvent) -> bool:
        count, columns = len(self._canvas.pipeline.cards), self._canvas.pipeline.grid.columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_Home: -count,
            Qt.Key.Key_End: count,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            return False
        if event.modifiers() & _MOVE:
            self._move_selection(step)
        else:
            self._move_focus(step, extend=bool(event.modifiers() & _EXTEND))
        return True

    def _move_focus(self, step: int, *, extend: bool) -> None:
        end = self.span.end
        if end is None:
            self.span.begin(INPUT)
            return
        last = len(self._canvas.pipeline.cards) - 1
        self.span.go((min(max(end[0] + step, 0), last),), extends=extend)

    def _move_selection(self, step: int) -> None:
        moving = self._canvas.session.movable_paths
        if moving:
            past_end = moving[-1][0] + 1 if step > 0 else moving[0][0]
            target = min(max(past_end + step, 1), len(self._canvas.pipeline.cards))
            self._canvas.session.move_to(moving, (target,))


def _types(event: QKeyEvent) -> bool:
    """Whether the key types a letter or a digit."""
    plain = not event.modifiers() & ~(_EXTEND | Qt.KeyboardModifier.KeypadModifier)
    return plain and event.text().isalnum()
