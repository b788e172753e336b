"""The panel "Draw a digit": what is drawn becomes the probe, and the network says what it sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from cnnstudio.data.datasets import Dataset
from cnnstudio.data.drawn import MNIST, Manner, manner_of
from cnnstudio.errors import DataError
from cnnstudio.ui.document.saving import folder, save_menu
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.drawing import picture_files
from cnnstudio.ui.drawing.draw_answer import refusal, seen_words
from cnnstudio.ui.drawing.ink import Ink
from cnnstudio.ui.drawing.net_sees import NetSees
from cnnstudio.ui.drawing.paper import Paper, sheet_colour
from cnnstudio.ui.drawing.picture_loader import PictureLoader
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.class_bars import ClassBars
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.parts.live_line import BOLD, LiveLine, Part
from cnnstudio.ui.parts.passing_menu import passing_menu
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager

PREDICT_INTERVAL = 33
"""Milliseconds between two answers during a stroke."""


class DrawPad(QWidget):
    """The sheet with its tools, the picture that the network gets, and the probabilities.

    The drawing is the probe from the first stroke on, so that all cards show its maps, until the
    session goes to a test image; then it waits here, faint, to be shown again.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("drawPad")
        self._session, self._themes = session, themes
        self._measured: tuple[Dataset | None, Manner] = (None, MNIST)
        self._loader = PictureLoader(self)
        self.ink = Ink()
        self.paper = Paper(self.ink, themes)
        self.bars = ClassBars(themes)
        self.net_sees = NetSees(themes)
        self.says = LiveLine(themes, 12)
        self.remark = LiveLine(themes, 11)
        self._make_tools()
        self._arrange()
        self._later = Later(self, self._show)
        self._is_stale = self._has_changed = False
        self._predict = Throttle(self._look_again, PREDICT_INTERVAL, self)
        self._connect()
        self._show()

    # ---- building

    def _make_tools(self) -> None:
        self.pen = self._tool("pen", "Pen", partial(self._take_tool, False), checkable=True)
        self.eraser = self._tool("eraser", "Eraser", partial(self._take_tool, True), checkable=True)
        self.undo = self._tool("undo", "Take the last stroke back", self.undo_step)
        self.clear = self._tool("delete", "Clear the sheet", self.clear_sheet)
        self.load = self._tool("picture", "Load a picture…", self.choose_file)
        self.shown = self._tool("eye", "Show the drawing in all cards", self._toggle_shown)
        self.shown.setCheckable(True)
        self.pen.setChecked(True)

    def _tool(
        self, icon: str, words: str, run: Callable[[], object], *, checkable: bool = False
    ) -> PushButton:
        button = PushButton(self._themes, icon_name=icon)
        button.setObjectName(f"draw_{icon}")
        button.setAccessibleName(words.rstrip("…"))
        button.setToolTip(words)
        button.setCheckable(checkable)
        button.clicked.connect(lambda _checked=False: run())
        return button

    def _arrange(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for tool in (self.pen, self.eraser, self.undo, self.clear, self.load, self.shown):
            tools.addWidget(tool)
        tools.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.says)
        words.addWidget(self.remark)
        answer = QHBoxLayout()
        answer.setSpacing(6)
        answer.addWidget(self.net_sees)
        answer.addLayout(words, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 0, 16, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.paper, 0, 0)
        grid.addWidget(self.bars, 0, 1)
        grid.addLayout(tools, 1, 0)
        grid.addLayout(answer, 1, 1)
        grid.setColumnStretch(0, 160)
        grid.setColumnStretch(1, 104)
        grid.setRowStretch(0, 1)

    def _connect(self) -> None:
        session, paper = self._session, self.paper
        paper.changed.connect(self._follow_stroke)
        paper.finished.connect(self._look)
        paper.asked.connect(self._do)
        paper.dropped.connect(self._take_mime)
        paper.menu_wanted.connect(self._open_menu)
        self._loader.loaded.connect(self.load_picture)
        self._loader.failed.connect(self._tell)
        for signal in (session.probe_changed, session.weights_changed, session.training_changed):
            signal.connect(self._ask)
        session.network_changed.connect(self._follow_network)
        self._themes.changed.connect(self.update)

    # ---- what people do

    def undo_step(self) -> None:
        """Take the last stroke, clearing or picture back."""
        self.ink.undo()
        self._redrawn()

    def redo_step(self) -> None:
        """Do it again."""
        self.ink.redo()
        self._redrawn()

    def clear_sheet(self) -> None:
        """Begin with a blank sheet and the pen, as there is nothing to rub out; can be undone."""
        self.ink.clear()
        self._take_tool(False)
        self._redrawn()

    def choose_file(self) -> None:
        """Ask for a picture file and load it."""
        begin = str(folder(self._session))
        name, _ = QFileDialog.getOpenFileName(self, "Load a picture", begin, picture_files.FILTER)
        if name:
            self.load_file(Path(name))

    def load_file(self, path: Path) -> None:
        """Put the picture of a file on the sheet; a notice says why it cannot be."""
        self._loader.load(path)

    def load_picture(self, picture: NDArray[np.uint8]) -> None:
        """Put a picture (H, W, 1 or 3) on the sheet."""
        self.ink.load(picture)
        self._redrawn()

    def paste(self) -> None:
        """Put the picture of the clipboard on the sheet."""
        self._take_mime(QGuiApplication.clipboard().mimeData() or QMimeData())

    def copy(self) -> None:
        """Copy the drawing as a picture."""
        QGuiApplication.clipboard().setImage(self.paper.picture())

    @property
    def is_shown(self) -> bool:
        """Whether all cards show this drawing."""
        probe = self._session.probe
        return probe is not None and probe.is_drawn

    def _do(self, wish: str) -> None:
        deeds: dict[str, Callable[[], None]] = {
            "undo": self.undo_step,
            "redo": self.redo_step,
            "paste": self.paste,
            "copy": self.copy,
            "clear": self.clear_sheet,
        }
        deeds[wish]()

    def _take_tool(self, erasing: bool) -> None:
        self.paper.is_eraser = erasing
        self.pen.setChecked(not erasing)
        self.eraser.setChecked(erasing)

    def _toggle_shown(self) -> None:
        if self.is_shown:
            self._session.use_test_image()
        else:
            self._look()
        self._show()

    def _redrawn(self) -> None:
        self.paper.update()
        self._look()

    def _take_mime(self, mime: QMimeData) -> None:
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if files:
            self.load_file(files[0])
            return
        picture = picture_files.from_mime(mime)
        if picture is None:
            self._tell("There is no picture on the clipboard.")
        else:
            self.load_picture(picture)

    def _tell(self, sentence: str) -> None:
        self._session.noticed.emit(Notice(sentence, severity="warning", until="other picture"))

    # ---- what the network gets and says

    def _follow_stroke(self) -> None:
        self._has_changed = True
        self._predict.ask()

    def _look_again(self) -> None:
        """Look at the stroke, unless that has been done since it grew."""
        if self._has_changed:
            self._look()

    def _look(self) -> None:
        """Make the drawing the probe; a blank sheet gives the test image back."""
        self._has_changed = False
        pixels = self._pixels()
        self.net_sees.show_pixels(pixels)
        if pixels is not None:
            self._session.set_probe_picture(pixels)
        else:
            self._session.use_test_image()
        self._show()

    def _pixels(self) -> NDArray[np.uint8] | None:
        """What the network gets; None where nothing is drawn."""
        try:
            shape = tuple(self._session.network.input.picture_shape)
            return self.ink.drawing.seen(shape, self._manner())
        except DataError:
            return None

    def _manner(self) -> Manner:
        """How the pictures of the data lie, measured once."""
        dataset = self._session.dataset
        if dataset is None:
            return MNIST
        if self._measured[0] is not dataset:
            self._measured = (dataset, manner_of(dataset))
        return self._measured[1]

    def _follow_network(self) -> None:
        """A network with another input gets another picture of the same drawing."""
        probe = self._session.probe
        shape = tuple(self._session.network.input.picture_shape)
        if probe is not None and probe.is_drawn and probe.pixels.shape != shape:
            self._look()
        self._ask()

    def _ask(self) -> None:
        """Show the present state soon, or when the panel comes to the front of its tabs."""
        self._is_stale = self.visibleRegion().isEmpty()
        if not self._is_stale:
            self._later.ask()

    def paintEvent(self, event: QPaintEvent) -> None:
        """It has come to the front: catch up."""
        if self._is_stale:
            self._is_stale = False
            self._later.ask()

    def _show(self) -> None:
        session, drawn = self._session, self.is_shown
        blank = self.ink.is_blank
        self.undo.setEnabled(self.ink.can_undo)
        self.clear.setEnabled(not blank)
        self.shown.setEnabled(not blank and session.probe is not None)
        self.shown.setChecked(drawn)
        self.shown.setToolTip(_shown_words(session, drawn))
        self.paper.set_idle(not drawn and session.probe is not None)
        self._show_answer(drawn, blank)

    def _show_answer(self, drawn: bool, blank: bool) -> None:
        session, reason = self._session, refusal(self._session)
        probe = session.probe
        names = session.dataset.class_names if session.dataset is not None else ()
        shares = session.probabilities if drawn and not reason else None
        if reason is not None:
            self.bars.show_words(reason)
        else:
            self.bars.show_shares(names, shares)
        if shares is not None and np.isfinite(shares).all():
            winner = int(shares.argmax())
            sure = f"{shares[winner]:.1%}".replace("%", " %")
            words = seen_words(names[winner])
            self._say(Part(words, BOLD), sure if session.trained else "not trained")
        elif probe is not None and not drawn and not blank:
            self._say(Part("Cards:", 400, "text2"), f"image {probe.index + 1:,}")
        else:
            self._say(Part("Net sees", 400, "text2"), "nothing yet" if blank else "")

    def _say(self, first: Part, second: str) -> None:
        self.says.show_parts([first], "")
        self.remark.show_parts([Part(second, 400, "text2")], "")

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        self._is_stale = False
        self._later.ask()
        self._later.flush()
        super().showEvent(event)

    # ---- menu

    def _open_menu(self, event: QContextMenuEvent) -> None:
        self.context_menu().popup(event.globalPos())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the answer where the bars are, else the drawing."""
        if self.bars.geometry().contains(event.pos()) and self.bars.shares is not None:
            self._save_menu("probabilities", self.bars, self.bars.table).popup(event.globalPos())
        elif self.net_sees.geometry().contains(event.pos()) and self.net_sees.pixels is not None:
            self._save_menu("net-sees", self.net_sees, self._table).popup(event.globalPos())
        else:
            self._open_menu(event)

    def context_menu(self) -> QMenu:
        """Undo, redo, clear, load, paste; and save, where there is something."""
        menu = (
            passing_menu(self)
            if self.ink.is_blank
            else self._save_menu("drawing", self.paper, self._table)
        )
        first = menu.actions()[0] if menu.actions() else None
        entries = (
            ("Undo stroke\tCtrl+Z", self.undo_step, self.ink.can_undo),
            ("Redo stroke\tCtrl+Y", self.redo_step, self.ink.can_redo),
            ("Clear\tDel", self.clear_sheet, not self.ink.is_blank),
            ("Load a picture…", self.choose_file, True),
            ("Paste a picture\tCtrl+V", self.paste, True),
        )
        for words, run, possible in entries:
            action = menu.addAction(words, run)
            action.setEnabled(possible)
            if first is not None:
                menu.insertAction(first, action)
        if first is not None:
            menu.insertSeparator(first)
        return menu

    def _save_menu(
        self,
        name: str,
        source: Paper | ClassBars | NetSees,
        table: Callable[[], Iterator[Sequence[object]]],
    ) -> QMenu:
        return save_menu(self, name, source, table, self._session, sheet_colour(self._themes.theme))

    def _table(self) -> Iterator[Sequence[object]]:
        """The values 0 to 255 that the network gets, header first."""
        yield ("channel", "row", "column", "value")
        pixels = self.net_sees.pixels
        if pixels is not None:
            for (channel, row, column), value in np.ndenumerate(pixels):
                yield (channel + 1, row + 1, column + 1, int(value))


def _shown_words(session: Session, drawn: bool) -> str:
    if drawn and session.probe is not None:
        return f"All cards show this drawing. Click for test image {session.probe.index + 1:,}."
    return "Show the drawing in all cards, in place of the test image"
