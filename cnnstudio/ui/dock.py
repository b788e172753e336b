"""A dock with the window's own title: a quiet line of words, its buttons only under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from cnnstudio.ui.icons import icon
from cnnstudio.ui.theme import ThemeManager

TITLE_HEIGHT = 40


class Dock(QDockWidget):
    """A panel that can be moved, floated, hidden and brought back.

    Its title begins `margin` pixels from the left, as the panel's content does.
    """

    def __init__(
        self,
        title: str,
        name: str,
        panel: QWidget,
        themes: ThemeManager,
        *,
        titled: bool = True,
        margin: int = 16,
    ) -> None:
        super().__init__(title)
        self.setObjectName(name)
        self.setWidget(panel)
        self.setTitleBarWidget(DockTitle(self, themes, margin) if titled else QWidget())


class DockTitle(QWidget):
    """The title with a float and a close button that show on hover."""

    def __init__(self, dock: QDockWidget, themes: ThemeManager, margin: int) -> None:
        super().__init__(dock)
        self._themes = themes
        self.setFixedHeight(TITLE_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        words = QLabel(dock.windowTitle())
        words.setProperty("role", "title")
        self._float = self._button("Take out of the window, or put back")
        self._close = self._button("Hide (bring it back from the View menu)")
        self._float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self._close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(margin, 4, 8, 0)
        row.setSpacing(2)
        row.addWidget(words, 1)
        row.addWidget(self._float)
        row.addWidget(self._close)
        themes.changed.connect(self._tint)
        self._tint()

    def sizeHint(self) -> QSize:
        """The title's height, which is all that a dock asks for."""
        return QSize(super().sizeHint().width(), TITLE_HEIGHT)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the buttons."""
        self._show_buttons(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the buttons."""
        self._show_buttons(False)

    def _button(self, tip: str) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setProperty("role", "bare")
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        button.hide()
        return button

    def _show_buttons(self, shown: bool) -> None:
        self._float.setVisible(shown)
        self._close.setVisible(shown)

    def _tint(self) -> None:
        colour = self._themes.theme.color("text2")
        self._float.setIcon(icon("layout", colour, 14))
        self._close.setIcon(icon("close", colour, 14))
