"""The toolbar: file, undo, data set, training with its progress inline, export."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.icons import icon, pixmap
from cnnstudio.ui.menu.action_set import ActionSet
from cnnstudio.ui.menu.action_words import train_words
from cnnstudio.ui.menu.menus import Menus
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.parts.live_line import BOLD, LiveLine, Part
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager

MAX_SEGMENTS = 40
"""With more epochs than this the progress is one bar instead of one segment each."""

WORDS_INTERVAL = 200
"""Milliseconds between two states of the progress: nobody reads figures faster."""

_DOT = " · "
"""Between two figures of the training line."""

_DATA_TIP = "The pictures to learn"

_DATA_ROOM, _EXPORT_ROOM = 1400, 1240
"""Pixels of the window below which Data and Export have fewer words, so that the progress has the
room."""

_TRAIN_WORDS = ("Train", "Continue")
"""What the button says before and after a pause."""

_GAP = " "
"""Put before the words of a button: Qt leaves hardly any room between them and the icon."""


class ToolBar(QToolBar):
    """The row of buttons; what they do is in the table of actions."""

    def __init__(
        self,
        session: Session,
        themes: ThemeManager,
        actions: ActionSet,
        menus: Menus,
    ) -> None:
        super().__init__("Toolbar")
        self.setObjectName("toolBar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(16, 16))
        self._session, self._themes, self._actions = session, themes, actions.by_name
        by_path = menus.by_path
        self.menu_button = self._menu_button("", menus.main, "Menu of all actions (Alt or F10)")
        self.menu_button.setProperty("hasMenu", False)
        self._data = self._menu_button("Data", by_path["Data"], _DATA_TIP)
        self._data.setProperty("role", "field")
        formats = by_path["File/Export as"]
        self._export = self._menu_button("Export", formats, "Write the model for others")
        self._export.setProperty("role", "outlined")
        self._fill(menus)
        session.training_changed.connect(self._show_words)
        session.probe_changed.connect(self._show_words)
        themes.changed.connect(self._tint)
        self._tint()
        self._show_words()

    def _fill(self, menus: Menus) -> None:
        self.addWidget(self.menu_button)
        self.addSeparator()
        self._add("new", "open", "save")
        self.new_button = self._add_list("new", menus.by_path["File/New from template"])
        self.addSeparator()
        self._add("undo", "redo", words=False)
        self._add_list("undo", menus.by_path["Edit/Undo to"])
        self._add_list("redo", menus.by_path["Edit/Redo to"])
        self.addSeparator()
        self.addWidget(self._data)
        self.addSeparator()
        self._add("train", "pause", "step", "stop")
        self.widgetForAction(self._actions["train"]).setProperty("role", "primary")
        self.addWidget(TrainingLine(self._session, self._themes))
        self.addWidget(self._export)

    def open_menu(self) -> None:
        """Open the main menu."""
        open_below(self.menu_button)

    def showEvent(self, event: QShowEvent) -> None:
        """Make Train as wide as its longest words need, so that nothing moves when they change."""
        super().showEvent(event)
        train = self.widgetForAction(self._actions["train"])
        for words in _TRAIN_WORDS:
            self._actions["train"].setIconText(_GAP + words)
            train.setMinimumWidth(max(train.minimumWidth(), train.sizeHint().width()))
        self._show_words()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the progress its room."""
        super().resizeEvent(event)
        self._show_words()

    def _add(self, *names: str, words: bool = True) -> None:
        for name in names:
            self._actions[name].setIconText(_GAP + self._actions[name].iconText())
            self.addAction(self._actions[name])
            button = self.widgetForAction(self._actions[name])
            assert isinstance(button, QToolButton)
            if words:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _add_list(self, name: str, menu: QMenu) -> QToolButton:
        """Beside the button an arrow that opens a list: of templates, of steps to go back."""
        button = self.widgetForAction(self._actions[name])
        assert isinstance(button, QToolButton)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        return button

    def _menu_button(self, text: str, menu: QMenu, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(_GAP + text if text else "")
        button.setToolTip(tip)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAccessibleName(text or tip)
        button.setProperty("hasMenu", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if not text:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        return button

    def _tint(self) -> None:
        theme = self._themes.theme
        buttons = (("menu", self.menu_button), ("data", self._data), ("export", self._export))
        for name, button in buttons:
            button.setIcon(icon(name, theme.color("text2")))

    def _show_words(self) -> None:
        """The words of Data and Train at this moment."""
        data, failure = self._session.dataset, self._session.data_failure
        name = data.name.upper() if data else "none" if failure else "…"
        self._data.setText(_GAP + (f"Data: {name}" if self.width() >= _DATA_ROOM else name))
        self._data.setAccessibleName(f"Data: {name}")
        self._data.setToolTip(failure or _DATA_TIP)
        self._export.setText(_GAP + "Export" if self.width() >= _EXPORT_ROOM else "")
        self._actions["train"].setIconText(_GAP + train_words(self._session))


def open_below(button: QToolButton) -> None:
    """Open the menu of `button` below it with its first entry chosen, as the keyboard does."""
    menu = button.menu()
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    down = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(menu, down)


class TrainingLine(QWidget):
    """Progress beside the buttons: words over one segment for each epoch, or why Train is off."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._icon = QLabel()
        self._line = LiveLine(themes, 12, tabular=True)
        self._segments = Segments(session, themes)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self._line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._segments)
        self._later = Later(self, self._show)
        session.progress_changed.connect(Throttle(self._show, WORDS_INTERVAL, self).ask)
        session.network_changed.connect(self._later.ask)
        for signal in (session.training_changed, session.probe_changed, themes.changed):
            signal.connect(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        self._later.flush()
        super().showEvent(event)

    @property
    def words(self) -> str:
        """What it says now."""
        self._later.flush()
        return self._line.words

    def _show(self) -> None:
        session = self._session
        idle = not session.locked and session.dataset is not None
        refusal = session.train_refusal if idle else None
        shows_run = session.progress is not None and refusal is None
        self._segments.setVisible(shows_run)
        self._icon.setVisible(refusal is not None)
        if refusal is not None:
            self._refuse(refusal)
        elif shows_run:
            self._line.show_parts(self._progress_parts(), _DOT, least=2)
        else:
            self._line.show_parts((), "")
        self._segments.update()

    def _refuse(self, refusal: str) -> None:
        """Why Train is off: a block that does not fit, or the sentence as far as there is room."""
        misfit = not self._session.report.ok
        colour = self._themes.theme.color("errortext" if misfit else "text2")
        name = "alert" if misfit else "warning"
        self._icon.setPixmap(pixmap(name, colour, 16, self.devicePixelRatioF()))
        if misfit:
            words = Part(f"{self._misfit()} does not fit.", BOLD, "errortext")
            self._line.show_parts([words, Part("Repair it to start training.")], " ")
        else:
            reason, _, advice = refusal.partition(": ")
            reason = f"{reason}.".replace("..", ".")
            advice = f"{advice[:1].upper()}{advice[1:]}"
            self._line.show_parts([Part(words) for words in (reason, advice) if words], " ")

    def _misfit(self) -> str:
        return next(block.name for block in self._session.report.blocks if not block.fits)

    def _progress_parts(self) -> list[Part]:
        """What to say about the run, the most important first."""
        progress, state = self._session.progress, self._session.training
        assert progress is not None
        epoch = f"epoch {progress.epoch:,} of {progress.epochs:,}"
        if state == "paused":
            step, last = f"step {progress.step:,}", f"{progress.steps_per_epoch:,}"
            loss = f"loss {progress.loss:.2g}"
            first, *others = _parts(f"{step} of {last}", loss, epoch, "paused")
            return [replace(first, short=f"{step}/{last}"), *others]
        known, share = progress.images_per_second, self._share()
        speed = () if known is None else (f"{known:,.0f} img/s",)
        if state == "running":
            left, done = f"{self._time_left()} left", f"{100 * share:.0f} %"
            first, *others = _parts(epoch, left, done, *speed)
            return [replace(first, short=f"{progress.epoch:,}/{progress.epochs:,}"), *others]
        return _parts(epoch, "finished" if self._ended(share) else "stopped", *speed)

    def _share(self) -> float:
        """How much of the present epoch is done."""
        progress = self._session.progress
        return progress.step / progress.steps_per_epoch if progress is not None else 0.0

    def _ended(self, share: float) -> bool:
        progress = self._session.progress
        return progress is not None and progress.epoch == progress.epochs and share == 1

    def _time_left(self) -> str:
        progress, data = self._session.progress, self._session.dataset
        if progress is None or data is None or not progress.images_per_second:
            return "…"
        images = len(data.train) - self._session.recipe.validation
        epochs = progress.epochs - progress.epoch + 1 - progress.step / progress.steps_per_epoch
        return about(epochs * images / progress.images_per_second)


def about(seconds: float) -> str:
    """So many seconds in few words: 45 s, 12 min, 1 h 20 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min"


def _parts(first: str, *others: str) -> list[Part]:
    return [Part(first, BOLD), *map(Part, others)]


class Segments(QWidget):
    """One bar for each epoch: finished ones full, the present one in part."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self.setFixedHeight(4)
        self.setMaximumWidth(420)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the segments."""
        progress, painter = self._session.progress, QPainter(self)
        painter.fillRect(self.rect(), self._themes.theme.color("window"))
        if progress is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        done = progress.epoch - 1 + progress.step / progress.steps_per_epoch
        count = progress.epochs if progress.epochs <= MAX_SEGMENTS else 1
        scale = count / progress.epochs
        width = (self.width() - 3 * (count - 1)) / count
        for index in range(count):
            left = index * (width + 3)
            share = min(1.0, max(0.0, done * scale - index))
            for token, part in (("strong", 1.0), ("accent", share)):
                painter.setBrush(self._themes.theme.color(token))
                painter.drawRoundedRect(QRectF(left, 0, width * part, 4), 2, 2)
