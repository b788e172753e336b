"""The network's name above the cards: a double click edits it in place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnstudio.ui.document.edits import LONGEST_NAME
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.held_field import HeldField
from cnnstudio.ui.parts.keyboard_place import KeyboardPlace, goes_elsewhere
from cnnstudio.ui.parts.labels import label

FIELD = 260
"""Pixels of the field."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NameField(HeldField):
    """The field: Enter and going elsewhere take the name, Escape gives it up."""

    def __init__(self, owner: TitleName) -> None:
        super().__init__(owner.take_key, owner)
        self._owner = owner
        self.setObjectName("networkName")
        self.setAccessibleName("Name of the network")
        self.setMaxLength(LONGEST_NAME)
        self.setFixedWidth(FIELD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed."""
        super().focusOutEvent(event)
        if goes_elsewhere(event):
            self._owner.close_field(takes=True)


class TitleName(QWidget):
    """Follows the session, and calls its document what is typed here."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._before = session, KeyboardPlace()
        self._begun = ""  # what the field said when it was opened, which may be cut
        self._words = label("title")
        self.field = NameField(self)
        self.field.hide()
        self.setToolTip("Double-click to rename the network")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words)
        row.addWidget(self.field)
        session.restarted.connect(self.close_field)
        session.training_changed.connect(self.close_field)

    def show_name(self) -> None:
        """Say what the document is called."""
        self._words.setText(self._session.title)

    def edit(self) -> None:
        """Open the field, unless nothing may be edited now."""
        if self._session.refuses_edit() or self.field.isVisible():
            return
        self._before.remember()
        self.field.setText(self._session.title)
        self._begun = self.field.text()
        self.field.selectAll()
        self._words.hide()
        self.field.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_field(self, *, takes: bool = False) -> None:
        """Show the name again; that in the field is the new one where it `takes` it."""
        if self.field.isHidden():
            return
        name = self.field.text()
        if self.field.hasFocus():
            self._before.give_back()
        self._words.show()
        self.field.hide()
        if takes and name != self._begun:
            self._session.rename(name)

    def take_key(self, event: QKeyEvent) -> bool:
        """Enter and Escape close the field; whether the key is one of these."""
        if event.key() not in (*_ENTER, Qt.Key.Key_Escape):
            return False
        self.close_field(takes=event.key() in _ENTER)
        return True

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the name."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.edit()
