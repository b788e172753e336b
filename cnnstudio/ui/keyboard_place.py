"""Where the keyboard was before something opened, to give it back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget


class KeyboardPlace(QObject):
    """Remembers the widget that has the keyboard for as long as that widget lives.

    Qt tells of its end. `shiboken6.isValid` would not do: it does not hear of the end of a widget
    that Qt made by itself, such as the field in which a cell of a list is edited.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._widget: QWidget | None = None

    def remember(self) -> None:
        """Remember who has the keyboard now."""
        self._let_go()
        self._widget = QApplication.focusWidget()
        if self._widget is not None:
            self._widget.destroyed.connect(self._forget)

    def give_back(self, instead: QWidget | None = None) -> None:
        """Give the keyboard to who had it, or to `instead` where that one can no longer take it."""
        widget = self._let_go()
        if widget is None or not (widget.isVisible() and widget.isEnabled()):
            widget = instead
        if widget is not None:
            widget.setFocus(Qt.FocusReason.PopupFocusReason)

    def _let_go(self) -> QWidget | None:
        widget, self._widget = self._widget, None
        if widget is not None:
            widget.destroyed.disconnect(self._forget)
        return widget

    def _forget(self) -> None:
        self._widget = None
