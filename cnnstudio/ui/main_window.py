"""The window: toolbar, docks, canvas and status bar around one session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QActionGroup, QCloseEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QMessageBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.network import templates
from cnnstudio.ui import about, preferences
from cnnstudio.ui.actions import ACTIONS, MENUS, create_actions, describe, tint
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.clipboard import Clipboard
from cnnstudio.ui.data_loader import DataLoader
from cnnstudio.ui.dock import Dock
from cnnstudio.ui.documents import EXPORT_FILTERS, Documents
from cnnstudio.ui.feature_maps import FeatureMaps
from cnnstudio.ui.file_drop import FileDrop
from cnnstudio.ui.filters import Filters
from cnnstudio.ui.inspector import Inspector
from cnnstudio.ui.message_bar import MessageBar
from cnnstudio.ui.outline import Outline
from cnnstudio.ui.palette import Palette
from cnnstudio.ui.preferences import Preferences
from cnnstudio.ui.problems import Problems
from cnnstudio.ui.session import Session
from cnnstudio.ui.status_bar import StatusBar
from cnnstudio.ui.templates_panel import TemplatesPanel
from cnnstudio.ui.theme import CHOICES, ThemeManager
from cnnstudio.ui.toolbar import ToolBar
from cnnstudio.ui.training_panel import TrainingPanel

FIRST_SIZE = QSize(1440, 900)
SMALLEST_SIZE = QSize(1180, 680)
TITLE_BAR = 40
"""Pixels that the frame of the window manager may take of the screen's height."""

COLUMNS = {"left": 224, "right": 304, "bottom": 256, "inspector": 540, "palette": 540}
"""Pixels: widths of the side docks and heights of the rows, as in the design."""

LOWEST_BOTTOM = 200
"""Pixels of height that curves and maps keep when a small screen leaves the canvas less room."""


def first_size(screen: QSize) -> QSize:
    """The size to open with: as designed, but with its frame not larger than the screen."""
    room = QSize(screen.width(), screen.height() - TITLE_BAR)
    return FIRST_SIZE.boundedTo(room).expandedTo(SMALLEST_SIZE)


class MainWindow(QMainWindow):
    """Everything the person sees; the state is in `session`."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.session, self.themes = session, themes
        self.canvas = Canvas(session, themes)
        self.messages = MessageBar(themes)
        self.clipboard = Clipboard(session)
        self.documents = Documents(session, self, self.canvas.grab)
        self.actions_by_name = create_actions(self, self._handlers())
        self._loader = DataLoader(session, self)
        self._arrange()
        self._connect()
        self._default_layout = self.saveState()
        self._tint()
        self._show_edit_state()
        self._show_title()

    # ---- building

    def _handlers(self) -> dict[str, Callable[[], object]]:
        session, documents, canvas = self.session, self.documents, self.canvas
        return {
            "new": self._choose_template,
            "open": documents.choose,
            "save": documents.save,
            "save_as": documents.save_as,
            "export": partial(documents.export, ".onnx"),
            "quit": self.close,
            "undo": session.undo,
            "redo": session.redo,
            "cut": self.clipboard.cut,
            "copy": self.clipboard.copy,
            "paste": self.clipboard.paste,
            "duplicate": self.clipboard.duplicate,
            "delete": lambda: session.remove(session.selection),
            "select_all": lambda: session.select(range(1, len(session.network))),
            "train": session.train,
            "pause": session.pause,
            "step": session.step,
            "stop": session.stop,
            "start_over": self._start_over,
            "fit": canvas.fit,
            "actual_size": canvas.actual_size,
            "zoom_in": canvas.zoom_in,
            "zoom_out": canvas.zoom_out,
            "reset_layout": self.reset_layout,
            "about": lambda: about.show(self),
        }

    def _arrange(self) -> None:
        self.setMinimumSize(SMALLEST_SIZE)
        self.resize(first_size(self.screen().availableSize()))
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
        )
        corners = ((Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),)
        for corner, area in (
            *corners,
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        self.setCentralWidget(self._centre())
        self._make_docks()
        self._menus = self._make_menus()
        self.toolbar = ToolBar(self.session, self.themes, self.actions_by_name, self._menus)
        self.addToolBar(self.toolbar)
        self.setStatusBar(StatusBar(self.session, self.themes))

    def _centre(self) -> QWidget:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self.canvas, 1)
        return centre

    def _make_docks(self) -> None:
        session, themes = self.session, self.themes
        self.palette_panel = Palette(session, themes)
        self.templates_panel = TemplatesPanel(session, themes)
        self.inspector = Inspector(session, themes)
        self.outline = Outline(session, themes)
        self.tabs = self._make_tabs()
        blocks = Dock("Blocks", "dockBlocks", self.palette_panel, themes, margin=12)
        gallery = Dock("Templates", "dockTemplates", self.templates_panel, themes, margin=12)
        inspector = Dock("Inspector", "dockInspector", self.inspector, themes)
        outline = Dock("Outline", "dockOutline", self.outline, themes)
        looking = Dock("Training and maps", "dockTabs", self.tabs, themes, titled=False)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        for area, dock in (
            (left, blocks),
            (left, gallery),
            (right, inspector),
            (right, outline),
            (Qt.DockWidgetArea.BottomDockWidgetArea, looking),
        ):
            self.addDockWidget(area, dock)
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self.resizeDocks([blocks, inspector], [COLUMNS["left"], COLUMNS["right"]], horizontal)
        self.resizeDocks([blocks, gallery], [COLUMNS["palette"], COLUMNS["bottom"]], vertical)
        self.resizeDocks([inspector, outline], [COLUMNS["inspector"], COLUMNS["bottom"]], vertical)
        shortfall = FIRST_SIZE.height() - self.height()
        bottom = max(LOWEST_BOTTOM, COLUMNS["bottom"] - shortfall)
        self.resizeDocks([looking], [bottom], vertical)
        self.docks: tuple[QDockWidget, ...] = (blocks, gallery, inspector, outline, looking)

    def _make_tabs(self) -> QTabWidget:
        session, themes = self.session, self.themes
        tabs = QTabWidget(documentMode=True)
        tabs.setObjectName("tabs")
        self.training_panel = TrainingPanel(session, themes)
        self.feature_maps = FeatureMaps(session, themes)
        self.filters = Filters(session, themes)
        self.problems = Problems(session, themes)
        tabs.addTab(self.training_panel, "Training")
        tabs.addTab(self.feature_maps, "Feature maps")
        tabs.addTab(self.filters, "Filters")
        tabs.addTab(self.problems, "Problems")
        return tabs

    def _make_menus(self) -> dict[str, QMenu]:
        main = QMenu(self)
        for title in MENUS:
            menu = main.addMenu(title)
            for spec in ACTIONS:
                if spec.menu == title:
                    menu.addAction(self.actions_by_name[spec.name])
            if title == "View":
                self._fill_view_menu(menu)
        return {
            "main": main,
            "templates": self._templates_menu(),
            "data": self._data_menu(),
            "export": self._export_menu(),
        }

    def _fill_view_menu(self, menu: QMenu) -> None:
        menu.addSeparator()
        for dock in self.docks:
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        group = QActionGroup(self)
        for choice in CHOICES:
            action = menu.addAction(f"{choice.capitalize()} theme")
            action.setObjectName(f"action_theme_{choice}")
            action.setCheckable(True)
            action.setChecked(self.themes.choice == choice)
            action.triggered.connect(lambda _checked=False, name=choice: self._choose_theme(name))
            group.addAction(action)

    def _templates_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        empty = menu.addAction("Empty network")
        empty.setObjectName("action_new_empty")
        empty.triggered.connect(self.documents.new_empty)
        menu.addSeparator()
        for template in templates.list_all():
            action = menu.addAction(template.title)
            action.setObjectName(f"action_new_{template.name}")
            action.setToolTip(template.description)
            action.triggered.connect(
                lambda _checked=False, name=template.name: self.documents.new(name)
            )
        return menu

    def _data_menu(self) -> QMenu:
        menu = QMenu(self)
        self._data_line = menu.addAction("Loading…")
        self._data_line.setEnabled(False)
        change = menu.addAction("Change the split in the recipe")
        change.triggered.connect(lambda: self.session.select(()))
        return menu

    def _export_menu(self) -> QMenu:
        menu = QMenu(self)
        for suffix, words in EXPORT_FILTERS.items():
            action = menu.addAction(words)
            action.setObjectName(f"action_export_{suffix[1:]}")
            action.triggered.connect(
                lambda _checked=False, kind=suffix: self.documents.export(kind)
            )
        return menu

    def _connect(self) -> None:
        session = self.session
        session.noticed.connect(self.messages.show_notice)
        session.file_changed.connect(self._show_title)
        for signal in (
            session.file_changed,
            session.selection_changed,
            session.training_changed,
            session.network_changed,
        ):
            signal.connect(self._show_edit_state)
        session.training_changed.connect(self._show_training_tab)
        session.probe_changed.connect(self._show_data)
        self.templates_panel.template_chosen.connect(self.documents.new)
        self.outline.inspected.connect(self.inspector.focus_first)
        self.problems.count_changed.connect(self._show_problem_count)
        self._show_problem_count()
        FileDrop(self.documents.open, self, self.canvas.viewport())
        self.themes.changed.connect(self._tint)

    def load_data(self) -> None:
        """Begin to read the document's pictures in the background."""
        self._loader.load()

    def finish_loading(self) -> None:
        """Wait until the pictures are there."""
        self._loader.finish()

    def _show_data(self) -> None:
        data = self.session.dataset
        words = "Loading…"
        if data:
            sizes = f"{len(data.train):,} pictures to train, {len(data.test):,} to test"
            words = f"{data.name.upper()}: {sizes}"
        self._data_line.setText(words)

    # ---- what Qt and the actions call

    def reset_layout(self) -> None:
        """Put all panels back in their places."""
        for dock in self.docks:
            dock.setFloating(False)
            dock.show()
        self.restoreState(QByteArray(self._default_layout))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while training goes on or work is unsaved, then stop the thread."""
        if not self._may_close():
            event.ignore()
            return
        self.session.shut_down()
        self._loader.stop()
        self.documents.finish_export()
        event.accept()

    def _may_close(self) -> bool:
        if self.session.locked:
            answer = QMessageBox.question(
                self,
                "Stop the training?",
                "Training is going on. Stop it and keep what was learned so far?",
            )
            if answer != QMessageBox.StandardButton.Yes:
                return False
            self.session.shut_down()
        return self.documents.may_leave()

    def _choose_theme(self, name: str) -> None:
        self.themes.choose(name)
        preferences.save(Preferences(theme=name))

    def _choose_template(self) -> None:
        self.toolbar.show_templates()

    def _start_over(self) -> None:
        if not self.session.trained:
            return
        answer = QMessageBox.question(
            self,
            "Give the trained weights up?",
            "The network begins again with random weights; what it learned is lost, "
            "unless it is saved in a file.",
        )
        if answer == QMessageBox.StandardButton.Yes:
            self.session.start_over()

    # ---- showing

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.session.title}[*] – CNN Studio")
        self.setWindowModified(self.session.modified)

    def _show_edit_state(self) -> None:
        """Offer the edits that are possible, undo and redo by name."""
        session, history = self.session, self.session.history
        has_blocks = any(session.selection)
        possible = {
            "undo": history.undo_words is not None,
            "redo": history.redo_words is not None,
            "cut": has_blocks,
            "copy": has_blocks,
            "duplicate": has_blocks,
            "delete": has_blocks,
            "start_over": session.trained,
            "export": session.model is not None,
        }
        for spec in ACTIONS:
            if spec.name in possible or spec.needs_idle:
                free = not (spec.needs_idle and session.locked)
                self.actions_by_name[spec.name].setEnabled(free and possible.get(spec.name, True))
        for name, words in (("undo", history.undo_words), ("redo", history.redo_words)):
            text = name.capitalize() + (f" “{words}”" if words else "")
            self.actions_by_name[name].setText(text)
            describe(self.actions_by_name[name], text)
        for action in self._menus["export"].actions():
            action.setEnabled(session.model is not None)
        for action in self._menus["templates"].actions():
            action.setEnabled(not session.locked)

    def _show_training_tab(self) -> None:
        if self.session.training == "running" and self.tabs.currentWidget() is self.problems:
            self.tabs.setCurrentWidget(self.training_panel)

    def _show_problem_count(self) -> None:
        count = self.problems.count
        index = self.tabs.indexOf(self.problems)
        self.tabs.setTabText(index, f"Problems ({count})" if count else "Problems")

    def _tint(self) -> None:
        tint(self.actions_by_name, self.themes.theme)
