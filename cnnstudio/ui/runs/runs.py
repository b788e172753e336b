"""The runs: all that was trained, to sort, to name, to open, to compare and to make again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QItemSelection, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.network.project_file import Project
from cnnstudio.runs.keeping import FEWEST_STEPS
from cnnstudio.runs.record import KeptRun
from cnnstudio.runs.store import RunStore, user_store
from cnnstudio.runs.wording import when
from cnnstudio.ui.document.saving import ask_path, save_csv, write_and_tell
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.labels import Elided, label
from cnnstudio.ui.parts.passing_menu import passing_menu
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.runs.runs_compare import RunsCompare
from cnnstudio.ui.runs.runs_deleted import DeletedRuns
from cnnstudio.ui.runs.runs_keeper import RunsKeeper
from cnnstudio.ui.runs.runs_live import live_row
from cnnstudio.ui.runs.runs_model import NOTE, TITLE, RunsModel
from cnnstudio.ui.runs.runs_repeat import Repeater
from cnnstudio.ui.runs.runs_rows import RunRow, ordered, table
from cnnstudio.ui.runs.runs_shelf import RunsShelf
from cnnstudio.ui.runs.runs_table import RunsTable
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.line_looks import OTHERS
from cnnstudio.ui.training.overlaid_runs import OverlaidRun

PAUSE = 500
"""Milliseconds between two drawings of the run that goes on."""

MOST_CURVES = len(OTHERS)
"""So many runs laid over one another are told apart."""

TIDY_AFTER = 5_000
"""Milliseconds after the start at which the folder of the runs is tidied."""

EMPTY = (
    "Every run is kept here when it ends: its network, recipe, curves, weights, and what it makes "
    "of the test images. One that is stopped in its first epoch is kept from "
    f"{FEWEST_STEPS} steps on."
)


class Runs(QWidget):
    """The table of runs, and in its place the view of two that are compared.

    `show_project` makes a project the document of the window, unless somebody minds; it is given
    by the window. `store` is where the runs are kept.
    """

    laid_over = Signal(object)
    """Curves that are to be laid over those of the present run: a list of OverlaidRun."""

    def __init__(
        self, session: Session, themes: ThemeManager, store: RunStore | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("runs")
        self._session, self._themes = session, themes
        self.show_project: Callable[[Project], bool] = partial(_restart, session)
        store = store or user_store()
        self.shelf = RunsShelf(session, store, self)
        self.keeper = RunsKeeper(session, store, self)
        self.repeater = Repeater(session, lambda project: self.show_project(project), self)
        self.model = RunsModel(self)
        self.table = RunsTable(self.model, themes)
        self.compare = RunsCompare(session, themes)
        self._make_head()
        self._arrange()
        self._throttle = Throttle(self._show_live, PAUSE, self)
        self._connect()
        QTimer.singleShot(TIDY_AFTER, self, self.shelf.tidy)

    def _make_head(self) -> None:
        self.count = Elided()
        self.buttons = {
            name: PushButton(self._themes, words)
            for name, words in (
                ("open", "Open"),
                ("compare", "Compare"),
                ("curves", "Curves"),
                ("reproduce", "Reproduce"),
                ("delete", "Delete"),
            )
        }
        self.undo_bar = DeletedRuns(self._themes, self.bring_back)
        self.undo = self.undo_bar.undo
        self.empty = _empty_state()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.count, 1)
        for button in self.buttons.values():
            head.addWidget(button)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.undo_bar)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(page)
        self.pages.addWidget(self.compare)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(16, 6, 16, 4)
        outside.addWidget(self.pages)

    def _connect(self) -> None:
        acts = {
            "open": self.open,
            "compare": self.compare_chosen,
            "curves": self.lay_over,
            "reproduce": self.reproduce,
            "delete": self.delete,
        }
        for name, act in acts.items():
            self.buttons[name].clicked.connect(lambda _=False, do=act: do())
        self.table.asked.connect(lambda name: acts[name]())
        self.table.selectionModel().selectionChanged.connect(self._show_head)
        self.model.written.connect(self.shelf.describe)
        self.compare.left.connect(self._leave_compare)
        self.shelf.changed.connect(self._show_rows)
        self.keeper.kept.connect(self.shelf.add)
        self._session.progress_changed.connect(self._ask_live)
        self._session.training_changed.connect(self._ask_live)

    # ---- what can be done

    def open(self) -> None:
        """Open the chosen run as a document, with its weights and recipe."""
        row = self._only()
        if row is not None:
            self.shelf.load([row.name], lambda runs: self.show_project(runs[0].project))

    def compare_chosen(self) -> None:
        """Show the two chosen runs beside each other, the older first."""
        names = [row.name for row in ordered(self.table.chosen, "begun", falling=False)]
        if len(names) == 2:
            self.shelf.load(names, self._show_compared)

    def lay_over(self) -> None:
        """Lay the curves of the chosen runs over those of the present one, the oldest first."""
        names = [row.name for row in ordered(self.table.chosen, "begun", falling=False)]
        if 0 < len(names) <= MOST_CURVES:
            self.shelf.load(names, self._lay_over)

    def reproduce(self) -> None:
        """Make the chosen run again, and say at the end whether the curve is the same."""
        row = self._only()
        if row is None:
            return
        if self._session.training != "idle":
            words = "Training is going on: stop it first."
            self._session.noticed.emit(Notice(words, until="end of run"))
            return
        self.shelf.load([row.name], lambda runs: self.repeater.repeat(row.name, runs[0]))

    def delete(self) -> None:
        """Delete the chosen runs; the bar brings them back."""
        rows = self.table.chosen
        if not rows:
            return
        line = self.table.currentIndex().row()
        self.undo_bar.add(rows)
        self.shelf.delete([row.name for row in rows])
        left = self.model.kept
        if left:
            self.table.choose([left[min(max(0, line - len(rows) + 1), len(left) - 1)].name])
        (self.table if self.table.isVisible() else self.undo).setFocus()  # for the keys of Undo

    def bring_back(self) -> None:
        """Bring back what was deleted last; what was deleted before that can follow."""
        rows = self.undo_bar.take()
        self.shelf.restore(rows)
        self.table.choose([row.name for row in rows])
        self.table.setFocus()

    def save_table(self) -> None:
        """Save the table as a CSV file."""
        path = ask_path(self._session, self, "runs", ".csv")
        if path is not None:
            write_and_tell(self._session, path, partial(save_csv, path, table(self.model.kept)))

    def stop(self) -> None:
        """Wait until everything is written, as on closing."""
        self.repeater.stop()
        self.keeper.close_and_wait()
        self.shelf.close_and_wait()

    # ---- the keys

    def event(self, event: QEvent) -> bool:
        """Undo is about the deleted runs while they are told of, not about the network."""
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and self.undo_bar.is_meant(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo brings back what was deleted."""
        if self.undo_bar.is_meant(event):
            self.bring_back()
        else:
            super().keyPressEvent(event)

    # ---- showing

    def showEvent(self, event: QShowEvent) -> None:
        """Look what there is."""
        super().showEvent(event)
        self.shelf.refresh()
        self._show_live()
        self._show_head()

    def _show_rows(self) -> None:
        """Show the kept runs."""
        self.model.show(self.shelf.rows)
        self._show_head()

    def _ask_live(self) -> None:
        if self.isVisible():
            self._throttle.ask()

    def _show_live(self) -> None:
        """Show how far the run is that goes on."""
        if self.isVisible():
            had = self.model.live is not None
            self.model.show_live(live_row(self._session))
            if had != (self.model.live is not None):
                if not self.table.is_edited:
                    self.table.scrollToTop()
                self._show_head()

    def _show_head(self, *_: QItemSelection) -> None:
        """Say how many there are, and offer what can be done with those that are chosen."""
        count, chosen = len(self.model.kept), len(self.table.chosen)
        words = "1 run" if count == 1 else f"{count:,} runs"
        told = f" \u00b7 {chosen:,} chosen" if chosen > 1 else ""
        self.count.setText(words + told if count else "")
        wanted = {"open": 1, "compare": 2, "reproduce": 1}
        for name, number in wanted.items():
            self.buttons[name].setEnabled(chosen == number)
            self.buttons[name].setToolTip(_TIPS[name])
        self.buttons["curves"].setEnabled(0 < chosen <= MOST_CURVES)
        self.buttons["curves"].setToolTip(_TIPS["curves"])
        self.buttons["delete"].setEnabled(chosen > 0)
        self.buttons["delete"].setToolTip(_TIPS["delete"])
        nothing = self.shelf.read and not count and self.model.live is None
        self.table.setVisible(not nothing)
        self.empty.setVisible(nothing)

    def _only(self) -> RunRow | None:
        chosen = self.table.chosen
        return chosen[0] if len(chosen) == 1 else None

    def _show_compared(self, runs: Sequence[KeptRun]) -> None:
        self.compare.show_runs(*runs)
        self.pages.setCurrentWidget(self.compare)
        self.compare.back.setFocus()

    def _lay_over(self, runs: Sequence[KeptRun]) -> None:
        """Runs that are called the same are told apart by when they began."""
        titles = Counter(run.facts.title for run in runs)
        names = (_told_apart(run) if titles[run.facts.title] > 1 else "" for run in runs)
        self.laid_over.emit([OverlaidRun.of(*each) for each in zip(runs, names, strict=True)])

    def _leave_compare(self) -> None:
        self.pages.setCurrentIndex(0)
        self.table.setFocus()

    # ---- the menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the runs that are chosen."""
        if self.pages.currentIndex() == 0:
            self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """The menu of the table."""
        menu = passing_menu(self)
        chosen = len(self.table.chosen)
        edit = self.table.edit_cell
        for words, act, possible in (
            ("Open", self.open, chosen == 1),
            ("Compare", self.compare_chosen, chosen == 2),
            ("Lay over the curves", self.lay_over, 0 < chosen <= MOST_CURVES),
            ("Reproduce", self.reproduce, chosen == 1),
            ("Rename\tF2", partial(edit, TITLE), chosen == 1),
            ("Write a note", partial(edit, NOTE), chosen == 1),
            ("Delete\tDel", self.delete, chosen > 0),
        ):
            menu.addAction(words, act).setEnabled(possible)
        menu.addSeparator()
        menu.addAction("Save the table as CSV ...", self.save_table)
        return menu


_TIPS = {
    "curves": f"Lay the curves of up to {MOST_CURVES} runs over the present ones in Training",
    "open": "Open the network of the chosen run, with its weights and recipe (Enter)",
    "compare": "Choose two runs (Ctrl+click) to see what differs between them",
    "reproduce": "Train the chosen run again from the same random weights, and compare the curves",
    "delete": "Delete the chosen runs; they can be brought back (Del)",
}


def _empty_state() -> QWidget:
    """What will be here."""
    words = label("caption", EMPTY, wrap=True)
    words.setMaximumWidth(600)
    words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(8)
    column.addStretch(1)
    column.addWidget(label("name", "No runs yet"), 0, Qt.AlignmentFlag.AlignHCenter)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(words, 100)
    row.addStretch(1)
    column.addLayout(row)
    column.addStretch(1)
    return page


def _told_apart(run: KeptRun) -> str:
    return f"{run.facts.title}, {when(run.facts.begun)}"


def _restart(session: Session, project: Project) -> bool:
    session.restart(project, None)
    return True
