"""The bar under the toolbar that tells what went wrong or was done; details can be copied."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from cnnstudio.ui.frame.notice import Notice, Offer, Until
from cnnstudio.ui.icons import icon, pixmap
from cnnstudio.ui.theme import ThemeManager, mix
from cnnstudio.ui.typography import pretty

_ICONS = {"error": "alert", "warning": "warning", "info": "info", "done": "check"}
_COLOURS = {"error": "errortext", "warning": "text2", "info": "accenttext", "done": "ok"}

SOON = 8000
"""Milliseconds after which a sentence that holds until "soon" goes by itself."""


class MessageBar(QWidget):
    """Shows one Notice at a time, until it is closed or the next comes."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._themes = themes
        self._notice = Notice("")
        self._icon = QLabel()
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more = QPushButton("Details")
        self._more.setCheckable(True)
        self._copy = QPushButton("Copy")
        self._offers: list[QPushButton] = []
        self.close_button = QPushButton()
        self.close_button.setToolTip("Close")
        self.close_button.setAccessibleName("Close the message")
        self.close_button.setProperty("role", "bare")
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setMaximumHeight(160)
        self._fading = QTimer(self, singleShot=True, interval=SOON)
        self._fading.timeout.connect(self._fade)
        self._more.toggled.connect(self._details.setVisible)
        self._copy.clicked.connect(self._copy_notice)
        self.close_button.clicked.connect(self.hide)
        themes.changed.connect(self._draw)
        self._arrange()
        self.hide()

    @property
    def notice(self) -> Notice:
        """The notice last shown."""
        return self._notice

    def show_notice(self, notice: Notice) -> None:
        """Show `notice` in place of the one before."""
        self._notice = notice
        self._words.setText(notice.sentence)
        self._details.setPlainText(notice.details)
        self._more.setChecked(False)
        self._details.hide()
        self._more.setVisible(bool(notice.details))
        self._copy.setVisible(notice.severity == "error")
        self._make_offers(notice)
        self._draw()
        self.show()
        self._fading.stop()
        if notice.until == "soon":
            self._fading.start()

    def drop(self, *over: Until) -> None:
        """Close a notice that holds only until one of the events in `over`."""
        if self.notice.until in over:
            self.hide()

    def _fade(self) -> None:
        """Close what was only done, but not under the pointer of somebody who may copy it."""
        if self.underMouse():
            self._fading.start()
        else:
            self.drop("soon")

    @property
    def offers(self) -> tuple[QPushButton, ...]:
        """The buttons of what the notice offers."""
        return tuple(self._offers)

    def _make_offers(self, notice: Notice) -> None:
        for button in self._offers:
            button.hide()
            button.deleteLater()
        self._offers = []
        for offer in notice.offers:
            button = QPushButton(pretty(offer.words), self)
            button.setProperty("role", "outlined")
            button.clicked.connect(lambda _=False, taken=offer: self._take(taken))
            self._row.insertWidget(self._row.indexOf(self._more), button)
            button.show()
            self._offers.append(button)

    def _take(self, offer: Offer) -> None:
        """Do what is offered; what it says comes in place of this."""
        self.hide()
        offer.act()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the bar with a tint of the notice's colour."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), mix(theme.color("window"), self._colour(), 0.10))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))

    def _arrange(self) -> None:
        row = self._row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        for button in (self._more, self._copy, self.close_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 4, 12, 4)
        column.addLayout(row)
        column.addWidget(self._details)

    def _colour(self) -> QColor:
        return self._themes.theme.color(_COLOURS[self._notice.severity])

    def _draw(self) -> None:
        self._icon.setPixmap(
            pixmap(_ICONS[self._notice.severity], self._colour(), 16, self.devicePixelRatioF())
        )
        self.close_button.setIcon(icon("close", self._themes.theme.color("text2")))
        self.update()

    def _copy_notice(self) -> None:
        text = "\n\n".join(part for part in (self._notice.sentence, self._notice.details) if part)
        QGuiApplication.clipboard().setText(text)
