"""A block edited in the outline: its text in a field, and below it what it would come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnstudio.blocks import Block, Input
from cnnstudio.errors import CnnStudioError, TextFormError
from cnnstudio.network import Network, inner, text_form
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.shadow import RAISED, draw_shadow
from cnnstudio.ui.outline.outline_rows import rows_of
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.held_field import HeldField
from cnnstudio.ui.parts.keyboard_place import goes_elsewhere
from cnnstudio.ui.parts.labels import label, set_role
from cnnstudio.ui.typography import count, pretty, size

if TYPE_CHECKING:
    from cnnstudio.ui.outline.outline import Outline

_SHADOW = 10
_PADDING = 6
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LISTS = (Qt.Key.Key_Up, Qt.Key.Key_Down)
"""Keys with which else the list below would move."""


class EditorField(HeldField):
    """The field: Enter takes the text, Escape gives it up, going elsewhere takes it if it can."""

    def __init__(self, owner: OutlineEditor) -> None:
        super().__init__(owner.take_key, owner)
        self._owner = owner
        self.setObjectName("outlineField")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Text that makes sense is taken; other text stays open, so that nothing is lost."""
        super().focusOutEvent(event)
        if goes_elsewhere(event):
            self._owner.accept()


class OutlineEditor(QWidget):
    """A card over a row of the outline; nothing is changed before Enter."""

    def __init__(self, outline: Outline) -> None:
        super().__init__(outline.viewport())
        self.hide()
        self._outline = outline
        self._session = outline.session
        self._path: Path = ()
        self._begun = ""
        self._is_closing = False
        self.field = EditorField(self)
        self.told = label("caption", wrap=True)
        self.told.setContentsMargins(9, 0, 4, 0)
        edge = _SHADOW + _PADDING
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(4)
        column.addWidget(self.field)
        column.addWidget(self.told)
        self.field.textEdited.connect(self._check)
        self._session.network_changed.connect(self.dismiss)
        self._session.training_changed.connect(self.dismiss)

    def take_key(self, event: QKeyEvent) -> bool:
        """Enter takes the text and Escape gives it up; whether the key was for that."""
        if event.key() in _ENTER:
            self.accept()
        elif event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return event.key() in _LISTS
        return True

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return not self.isHidden()

    def open(self, path: Path) -> None:
        """Edit the block at `path`."""
        self._path = path
        self._begun = text_form.write_block(inner.block_at(self._session.network, path))
        name = inner.full_name(self._session.network, path)
        self.field.setAccessibleName(f"{name} as text")
        self.field.setText(self._begun)
        self._check()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.end(False)

    def accept(self) -> None:
        """Make the text the block, as one step, and close; text without sense stays."""
        if self._is_closing or not self.is_open:
            return
        if self.field.text().strip() == self._begun:
            self.dismiss()
            return
        try:
            network = self._edited()
        except CnnStudioError:
            self._check()
            return
        words = f"Edit {inner.full_name(self._session.network, self._path)}"
        self.dismiss()
        self._session.apply(network, words)

    def dismiss(self) -> None:
        """Close with nothing changed; the keyboard goes back to the list."""
        if not self.is_open or self._is_closing:
            return
        self._is_closing = True
        if self.field.hasFocus():
            self._outline.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()
        self._is_closing = False

    def _edited(self) -> Network:
        """The network with the block of the text; raises CnnStudioError in one sentence."""
        text, network = self.field.text(), self._session.network
        if self._path == (0,):
            return Network((_input_of(text), *network.blocks[1:]))
        blocks = text_form.read_blocks(text)
        if not blocks:
            raise TextFormError("Name a block, such as CONV 6@5x5 + RELU, or press Escape.")
        return inner.replace(network, self._path, *blocks)

    def _check(self) -> None:
        """Say below the field what the text would come to, or what is wrong with it."""
        try:
            words, is_good = self._outcome(self._edited())
        except CnnStudioError as error:
            words, is_good = str(error), False
        set_role(self.told, "caption" if is_good else "error")
        self.told.setText(pretty(words))
        self.field.setAccessibleDescription(words)
        self._stand()

    def _outcome(self, network: Network) -> tuple[str, bool]:
        report = self._session.preview(network)
        found = {row.path: row.entry for row in rows_of(network, report)}
        entry = found[self._path]
        if entry is None or entry.fits is False:
            return (entry.problems[0].message if entry else "", False)
        if entry.output_shape is None:
            return "The size is not known: a block before it does not fit.", True
        own = f"{size(entry.output_shape)} · {count(entry.parameters, 'params')}"
        wrong = [problem.message for _, problem in report.problems if problem.severity == "error"]
        if wrong:
            return f"{own}, but {wrong[0]}", False
        return f"{own} · {count(report.parameters)} in all", True

    # ---- looks

    def follow(self) -> None:
        """Keep to the row after the list has another size."""
        if self.is_open:
            self._stand()

    def _stand(self) -> None:
        """Take a place over the row, wholly inside the list."""
        room = self._outline.viewport().rect()
        row = self._outline.rect_of(self._path)
        width = room.width() - 8 + 2 * _SHADOW
        height = self._column.totalHeightForWidth(width)
        top = row.top() - _SHADOW - _PADDING + 1
        highest = room.bottom() - height + _SHADOW
        self.setGeometry(QRect(4 - _SHADOW, max(min(top, highest), -_SHADOW), width, height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card and its shadow."""
        theme, painter = self._outline.themes.theme, QPainter(self)
        card = QRectF(self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW))
        draw_shadow(painter, card, 8, RAISED, theme)
        rounded(painter, card, 8, theme.color("card"), theme.color("strong"))


def _input_of(text: str) -> Block:
    blocks = text_form.read(text).blocks
    if len(blocks) > 1 or not text.strip():
        words = "INPUT stays alone in its row: write INPUT 28x28x1 pad 2, and no block behind it."
        raise TextFormError(words)
    (block,) = blocks
    assert isinstance(block, Input)
    return block
