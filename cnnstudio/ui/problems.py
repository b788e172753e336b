"""The problems panel: every error and warning with its repairs, each a click away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.network import BlockReport, Problem
from cnnstudio.ui.buttons import Chip
from cnnstudio.ui.flow import RepairChips
from cnnstudio.ui.formulas import tidy
from cnnstudio.ui.icons import pixmap
from cnnstudio.ui.labels import divider, label
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

NAMES = 88
"""Width of the column with the blocks' names, in pixels."""

SENTENCES = 280
"""Pixels that the sentences keep; chips that need more go on in the next line."""


class ProblemRow(QWidget):
    """One problem: icon, block, what is wrong, why, and what to do about it."""

    def __init__(
        self,
        place: int,
        entry: BlockReport,
        problem: Problem,
        session: Session,
        themes: ThemeManager,
    ) -> None:
        super().__init__()
        self._place = place
        self._session = session
        error = problem.severity == "error"
        first, second = sentences(entry, problem)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 10, 0, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(1, NAMES)
        grid.setColumnMinimumWidth(2, SENTENCES)
        grid.setColumnStretch(2, 1)
        mark = QLabel()
        tone = themes.theme.color("error" if error else "text2")
        ratio = self.devicePixelRatioF()
        mark.setPixmap(pixmap("alert" if error else "warning", tone, 16, ratio))
        mark.setAccessibleName("Error" if error else "Warning")
        name = label("title-error" if error else "title", entry.name)
        grid.addWidget(mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(name, 0, 1, Qt.AlignmentFlag.AlignTop)
        self.sentence = label("", first, wrap=True)
        self.remark = label("caption", second, wrap=True)
        grid.addWidget(self.sentence, 0, 2)
        grid.addWidget(self.remark, 1, 2)
        self.chips = RepairChips(session, themes, brief=True)
        self.show_chip = Chip("show", themes)
        self.show_chip.setToolTip(f"Select {entry.name}")
        self.show_chip.setAccessibleName(f"Show {entry.name}")
        self.show_chip.clicked.connect(self._select)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.chips, 0, 3, 2, 1, top)
        grid.addWidget(self.show_chip, 0, 4, 2, 1, top)
        self.chips.show_repairs(problem.repairs)  # without a parent it would be a window

    def _select(self) -> None:
        self._session.select((self._place,))


class Problems(QScrollArea):
    """The list of problems, errors first; `count` is the number of errors."""

    count_changed = Signal()

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("problems")
        self.setAccessibleName("Problems")
        self._session = session
        self._themes = themes
        self._shown: object = None
        self.count = 0
        self.rows: list[ProblemRow] = []
        self.empty = label("caption", "Nothing to repair: the network fits.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(16, 6, 16, 6)
        self._column.setSpacing(0)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        session.network_changed.connect(self._refresh)
        session.training_changed.connect(self._rebuild)
        themes.changed.connect(self._rebuild)
        self._refresh()

    def _refresh(self) -> None:
        report = self._session.report
        shown = [
            (i, report.blocks[i].name, report.blocks[i].input_shape, p) for i, p in report.problems
        ]
        if shown != self._shown:
            self._shown = shown
            self._rebuild()
        count = sum(1 for _, problem in report.problems if problem.severity == "error")
        if count != self.count:
            self.count = count
            self.count_changed.emit()

    def _rebuild(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self.empty:
                widget.hide()
                widget.deleteLater()
        report = self._session.report
        self.rows = [
            ProblemRow(place, report.blocks[place], problem, self._session, self._themes)
            for place, problem in report.problems
        ]
        for row in self.rows:
            if row is not self.rows[0]:
                self._column.addWidget(divider())
            self._column.addWidget(row)
        if self.rows:
            self._column.addStretch(1)
        else:
            self._column.addWidget(self.empty)
        self.empty.setVisible(not self.rows)


def sentences(entry: BlockReport, problem: Problem) -> tuple[str, str]:
    """What is wrong, and behind it why or what to do; the block's name stands beside them."""
    words = problem.message.removeprefix(entry.name).strip()
    words = tidy(words[:1].upper() + words[1:])
    if problem.severity == "error":
        summary = pretty(entry.block.summary())
        return words.removesuffix("."), f"{summary} on {pretty(str(entry.input_shape))}"
    first, _, second = words.partition(". ")
    return first.removesuffix("."), second
