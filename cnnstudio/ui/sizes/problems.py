"""The problems panel: every error and warning with its repairs, each a click away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.network import BlockReport, Problem, inner
from cnnstudio.network.inner import Path
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.icons import pixmap
from cnnstudio.ui.inspector.formulas import tidy
from cnnstudio.ui.parts.buttons import Chip
from cnnstudio.ui.parts.flow import RepairChips
from cnnstudio.ui.parts.labels import divider, label, set_role
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

NAMES = 88
"""Width of the column with the blocks' names, in pixels."""

SENTENCES = 280
"""Pixels that the sentences keep; chips that need more go on in the next line."""


class ProblemRow(QWidget):
    """One problem: icon, block, what is wrong, why, and what to do about it."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self._path: Path = (0,)
        self._shown: object = None
        self._mark = QLabel()
        self.name = label("title")
        self.sentence = label("", wrap=True)
        self.remark = label("caption", wrap=True)
        self.chips = RepairChips(session, themes, brief=True)
        self.show_chip = Chip("show", themes)
        self.show_chip.clicked.connect(self._select)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 10, 0, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(1, NAMES)
        grid.setColumnMinimumWidth(2, SENTENCES)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._mark, 0, 0, top)
        grid.addWidget(self.name, 0, 1, top)
        grid.addWidget(self.sentence, 0, 2)
        grid.addWidget(self.remark, 1, 2)
        grid.addWidget(self.chips, 0, 3, 2, 1, top)
        grid.addWidget(self.show_chip, 0, 4, 2, 1, top)

    def show_problem(self, place: int, entry: BlockReport, problem: Problem) -> None:
        """Show `problem` of the block `entry` at `place`, if it is another than before."""
        look = (self._themes.theme, self._session.locked)
        shown = (place, entry.name, entry.input_shape, problem, look)
        if shown == self._shown:
            return
        self._shown, self._path = shown, (place, *problem.path)
        (path,) = inner.remaining(self._session.network, (self._path,))
        name = inner.full_name(self._session.network, path)
        is_error = problem.severity == "error"
        self._show_mark(is_error=is_error)
        set_role(self.name, "title-error" if is_error else "title")
        self.name.setText(entry.name)
        for words, said in zip(
            (self.sentence, self.remark), sentences(entry, problem), strict=True
        ):
            words.setText(said)
        self.show_chip.setToolTip(f"Select {name}")
        self.show_chip.setAccessibleName(f"Show {name}")
        self.chips.show_repairs(problem.repairs)

    def _show_mark(self, *, is_error: bool) -> None:
        tone = self._themes.theme.color("error" if is_error else "text2")
        ratio = self.devicePixelRatioF()
        self._mark.setPixmap(pixmap("alert" if is_error else "warning", tone, 16, ratio))
        self._mark.setAccessibleName("Error" if is_error else "Warning")

    def _select(self) -> None:
        self._session.select_path(self._path)


class Problems(QScrollArea):
    """The list of problems, errors first; `count` are the errors and what ails it in training.

    The list follows the session by the next turn of the event loop, and not while it is hidden.
    """

    count_changed = Signal()

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("problems")
        self.setAccessibleName("Problems")
        self._session, self._themes = session, themes
        self._later = Later(self, self._refresh)
        self.count = 0
        self._rows: list[ProblemRow] = []
        self._lines: list[QWidget] = []
        self.empty = label("caption", "Nothing to repair: the network fits.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        page = QWidget()
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 6, 16, 6)
        column.setSpacing(0)
        column.addWidget(self.empty, 1)
        column.addWidget(self._list, 0, Qt.AlignmentFlag.AlignTop)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        for signal in (session.network_changed, session.findings_changed, session.restarted):
            signal.connect(self._take_news)
        session.training_changed.connect(self._later.ask)
        themes.changed.connect(self._later.ask)
        self._take_news()
        self._later.flush()

    @property
    def rows(self) -> list[ProblemRow]:
        """A row for each problem, as they are now."""
        self._later.flush()
        return self._rows

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        self._later.flush()
        super().showEvent(event)

    def _take_news(self) -> None:
        problems = self._session.report.problems
        errors = sum(1 for _, problem in problems if problem.severity == "error")
        count = errors + len(self._session.diagnosis)
        self._later.ask()
        if count != self.count:
            self.count = count
            self.count_changed.emit()

    def _refresh(self) -> None:
        report = self._session.report
        found = self._found()
        self._make_rows(len(found))
        for row, (place, problem) in zip(self._rows, found, strict=True):
            row.show_problem(place, report.blocks[place], problem)
        self._list.setVisible(bool(self._rows))
        self.empty.setVisible(not self._rows)

    def _found(self) -> list[tuple[int, Problem]]:
        """The problems of the network, and behind them what ails it in training."""
        findings = [
            (
                each.path[0],
                Problem(each.severity, each.sentence, kind=each.kind, path=each.path[1:]),
            )
            for each in self._session.diagnosis
        ]
        return [*self._session.report.problems, *findings]

    def _make_rows(self, number: int) -> None:
        """Have so many rows, with a line between any two; those that there are stay."""
        while len(self._rows) > number:
            for gone in (self._rows.pop(), *([self._lines.pop()] if self._lines else [])):
                gone.hide()
                gone.deleteLater()
        while len(self._rows) < number:
            if self._rows:
                self._lines.append(divider())
                self._append(self._lines[-1])
            self._rows.append(ProblemRow(self._session, self._themes))
            self._append(self._rows[-1])

    def _append(self, widget: QWidget) -> None:
        self._column.addWidget(widget)
        widget.show()  # with this turn of the event loop, not the next


def sentences(entry: BlockReport, problem: Problem) -> tuple[str, str]:
    """What is wrong, and behind it why or what to do; the block's name stands beside them."""
    words = problem.message.removeprefix(entry.name).lstrip(": ")
    words = tidy(words[:1].upper() + words[1:])
    if problem.severity == "error":
        summary = pretty(entry.block.summary())
        return words.removesuffix("."), f"{summary} on {pretty(str(entry.input_shape))}"
    first, _, second = words.partition(". ")
    return first.removesuffix("."), second
