"""A dock with the window's own title: a quiet line of words, its buttons only under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QToolButton,
    QWidget,
)

from cnnstudio.ui.icons import icon
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.theme import ThemeManager

TITLE_HEIGHT = 40
TABBED_HEIGHT = 8
"""Pixels below the tab of a dock that shares its place with others."""


class Dock(QDockWidget):
    """A panel that can be moved, floated, hidden and brought back.

    Its title begins `margin` pixels from the left, as the panel's content does. Behind another
    dock the panel is hidden, so that it gets a showEvent when its tab comes to the front: Qt only
    moves such a dock out of the window, and calls what is in it visible.
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
        policy = panel.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        panel.setSizePolicy(policy)
        self.visibilityChanged.connect(panel.setVisible)
        self.setTitleBarWidget(DockTitle(self, themes, margin) if titled else QWidget())
        self._moved = Later(self, self._fit_title)
        for signal in (self.visibilityChanged, self.dockLocationChanged, self.topLevelChanged):
            signal.connect(self._moved.ask)

    def _fit_title(self) -> None:
        """Leave the title to the tab where the dock shares its place with others."""
        window, title = self.parentWidget(), self.titleBarWidget()
        if isinstance(window, QMainWindow) and isinstance(title, DockTitle):
            is_tab = not self.isFloating() and bool(window.tabifiedDockWidgets(self))
            title.set_tabbed(is_tab)


class DockTitle(QWidget):
    """The title with a float and a close button that show on hover."""

    def __init__(self, dock: QDockWidget, themes: ThemeManager, margin: int) -> None:
        super().__init__(dock)
        self._themes = themes
        self.setFixedHeight(TITLE_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words = QLabel(dock.windowTitle())
        self._words.setProperty("role", "title")
        self._is_tabbed = False
        self._float = self._button("Take out of the window, or put back")
        self._close = self._button("Hide (bring it back from the View menu)")
        self._float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self._close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(margin, 4, 8, 0)
        row.setSpacing(2)
        row.addWidget(self._words, 1)
        row.addWidget(self._float)
        row.addWidget(self._close)
        themes.changed.connect(self._tint)
        self._tint()

    def set_tabbed(self, tabbed: bool) -> None:
        """Only leave a gap, as a tab above has the words."""
        if tabbed != self._is_tabbed:
            self._is_tabbed = tabbed
            self._words.setHidden(tabbed)
            self.setFixedHeight(TABBED_HEIGHT if tabbed else TITLE_HEIGHT)

    def sizeHint(self) -> QSize:
        """The title's height, which is all that a dock asks for."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

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
        self._float.setVisible(shown and not self._is_tabbed)
        self._close.setVisible(shown and not self._is_tabbed)

    def _tint(self) -> None:
        colour = self._themes.theme.color("text2")
        self._float.setIcon(icon("layout", colour, 14))
        self._close.setIcon(icon("close", colour, 14))
