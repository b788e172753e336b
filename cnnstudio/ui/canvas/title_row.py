"""The row above the cards: the network's name, whether it is saved, the Live pill and the zoom."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from cnnstudio.ui.canvas.title_name import TitleName
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.icons import icon
from cnnstudio.ui.theme import ThemeManager, faded

HEIGHT = 42
_TEXT_WIDTH = 62


class LivePill(QLabel):
    """Says that the maps are those of the weights that are learned right now."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("Live")
        self._themes = themes
        self.setProperty("role", "live")
        self.setFixedHeight(28)
        self.setToolTip("The activation maps follow the weights while they are learned")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill and its dot."""
        super().paintEvent(event)
        accent = self._themes.theme.color("accent")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for radius, alpha in ((6.5, 0.25), (3.5, 1.0)):
            painter.setBrush(faded(accent, alpha))
            painter.drawEllipse(QPointF(14, 14), radius, radius)
        painter.end()


class TitleRow(QWidget):
    """Follows the session; the zoom buttons only ask."""

    zoom_in_asked = Signal()
    zoom_out_asked = Signal()
    actual_size_asked = Signal()
    fit_asked = Signal()

    def __init__(self, session: Session, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._themes = themes
        self.name = TitleName(session)
        self._state = QLabel()
        self._state.setStyleSheet("font-size: 12px")
        self.live = LivePill(themes)
        self._buttons = {
            "minus": _button("Zoom out", self.zoom_out_asked),
            "plus": _button("Zoom in", self.zoom_in_asked),
            "fit": _button("Fit the network in the window", self.fit_asked),
        }
        self._scale = _button("Back to 100 %", self.actual_size_asked)
        self._scale.setFixedWidth(_TEXT_WIDTH)
        self._arrange()
        session.file_changed.connect(self._show_name)
        session.network_changed.connect(self._show_name)
        for signal in (session.training_changed, session.aside_changed, session.moment_changed):
            signal.connect(self._show_training)
        themes.changed.connect(self._tint)
        self._tint()
        self._show_name()
        self._show_training()
        self.show_zoom(1.0)

    def show_zoom(self, scale: float) -> None:
        """Say how large things are drawn."""
        self._scale.setText(f"{100 * scale:.0f} %")

    def _arrange(self) -> None:
        zoom = _group([self._buttons["minus"], self._scale, self._buttons["plus"]])
        fit = _group([self._buttons["fit"]])
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.name)
        row.addWidget(self._state)
        row.addStretch(1)
        row.addWidget(self.live)
        row.addWidget(zoom)
        row.addWidget(fit)

    def _show_name(self) -> None:
        self.name.show_name()
        state = "saved" if self._session.path else ""
        self._state.setText("edited" if self._session.modified else state)

    def _show_training(self) -> None:
        """A copy beside the run learns nothing, nor does the past that the time machine shows."""
        session = self._session
        learns = session.training == "running" and not session.editing_copy
        self.live.setVisible(learns and session.moment is None)

    def _tint(self) -> None:
        theme = self._themes.theme
        for name, button in self._buttons.items():
            button.setIcon(icon(name, theme.color("text2"), 14))
        palette = self._state.palette()
        palette.setColor(palette.ColorRole.WindowText, theme.color("text3"))
        self._state.setPalette(palette)
        self.live.update()


def _button(tip: str, asked: SignalInstance) -> QToolButton:
    button = QToolButton()
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFixedSize(26, 26)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(asked)
    return button


def _group(buttons: list[QToolButton]) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "group")
    frame.setFixedHeight(28)
    row = QHBoxLayout(frame)
    row.setContentsMargins(1, 1, 1, 1)
    row.setSpacing(2)
    for button in buttons:
        row.addWidget(button)
    return frame
