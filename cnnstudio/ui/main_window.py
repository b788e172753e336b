"""The window: toolbar, docks, canvas and status bar around one session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from cnnstudio.ui import preferences
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document.aside_copy import AsideCopy
from cnnstudio.ui.document.autosave import Autosave
from cnnstudio.ui.document.clipboard import Clipboard
from cnnstudio.ui.document.copy_bar import CopyBar
from cnnstudio.ui.document.data_loader import DataLoader
from cnnstudio.ui.document.documents import Documents
from cnnstudio.ui.document.file_drop import FileDrop
from cnnstudio.ui.document.forecaster import Forecaster
from cnnstudio.ui.document.recovery_bar import RecoveryBar
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.document.sight import SightMemory
from cnnstudio.ui.frame import about
from cnnstudio.ui.frame.closing import Closing
from cnnstudio.ui.frame.lower_panel import LowerPanel
from cnnstudio.ui.frame.message_bar import MessageBar
from cnnstudio.ui.frame.message_ends import MessageEnds
from cnnstudio.ui.frame.panels import COLUMNS, LEAST_CENTRE, Panels
from cnnstudio.ui.frame.status_bar import StatusBar
from cnnstudio.ui.frame.toolbar import ToolBar
from cnnstudio.ui.frame.window_state import WindowMemory
from cnnstudio.ui.maps.probe_search import probe_commands, probe_handlers
from cnnstudio.ui.menu import needs
from cnnstudio.ui.menu.action_families import checks, family_handlers, table
from cnnstudio.ui.menu.action_set import ActionSet
from cnnstudio.ui.menu.alt_key import AltKey
from cnnstudio.ui.menu.command import Command, Source, prefixed
from cnnstudio.ui.menu.command_list import CommandList
from cnnstudio.ui.menu.menus import Menus
from cnnstudio.ui.menu.present_commands import (
    data_lines,
    present_commands,
    redo_steps,
    repairs,
    undo_steps,
)
from cnnstudio.ui.menu.refused_keys import RefusedKeys
from cnnstudio.ui.menu.shortcut_sheet import ShortcutSheet
from cnnstudio.ui.palette.gallery import Gallery
from cnnstudio.ui.parts import question
from cnnstudio.ui.parts.keyboard_place import KeyboardTrail, take_what_is_typed
from cnnstudio.ui.parts.question import Answer
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.preferences import Preferences
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.time_machine import TimeMachine
from cnnstudio.ui.training.time_machine_actions import time_handlers

FIRST_SIZE = QSize(1440, 900)
SMALLEST_SIZE = QSize(1180, 680)
OFFER_INTERVAL = 200
"""Milliseconds between two looks at what can be done, while the time machine plays."""

TITLE_BAR = 40
"""Pixels that the frame of the window manager may take of the screen's height."""


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
        self.autosave = Autosave(session, self)
        self._aside_copy = AsideCopy(session, self)
        self.recovery = RecoveryBar(session, self.documents, self.autosave, themes)
        self.copies = CopyBar(session, self.documents, themes)
        self.panels = Panels(session, themes)
        self.panels.runs.show_project = self.documents.show_run
        self.time_machine = TimeMachine(session, themes)
        self.action_set = ActionSet(
            self, session, themes, table(), self._handlers(), checks(self.panels, themes)
        )
        self.actions_by_name = self.action_set.by_name
        self.menus = Menus(self, self.action_set, self._sources())
        self._loader = DataLoader(session, self)
        self._closing = Closing(session, self)
        self.forecaster = Forecaster(session)
        self._arrange()
        self.gallery = Gallery(self, themes, self.documents)
        self._layout = WindowMemory(self, self.tabs, partial(self.panels.settle, self))
        self._sights = SightMemory(session, self.canvas, self)
        self._connect()
        self._default_layout = self.saveState()
        self._show_title()
        self._keyboard = KeyboardTrail(self, self.canvas)
        self.canvas.setFocus()

    # ---- building

    def _handlers(self) -> dict[str, Callable[[], object]]:
        session, documents, canvas = self.session, self.documents, self.canvas
        return {
            "new": lambda: self.gallery.open(),
            "new_empty": documents.new_empty,
            "open": documents.choose,
            "clear_recent": documents.clear_recent,
            "save": documents.save,
            "save_as": documents.save_as,
            "rename": canvas.rename_network,
            "export": partial(documents.export, ".onnx"),
            "quit": self.close,
            "undo": session.undo,
            "redo": session.redo,
            "cut": self.clipboard.cut,
            "copy": self.clipboard.copy,
            "copy_text": self.clipboard.copy_text,
            "paste": self.clipboard.paste,
            "duplicate": self.clipboard.duplicate,
            "delete": session.remove_selected,
            "select_all": session.select_all,
            "train": session.train,
            "pause": session.pause,
            "step": session.step,
            "stop": session.stop,
            "go_back": session.go_back,
            "edit_copy": session.edit_copy,
            "start_over": self._start_over,
            "open_composite": canvas.toggle_selected,
            "quick_add": canvas.ask_block,
            "repairs": self._ask_repairs,
            "fit": canvas.fit,
            "actual_size": canvas.actual_size,
            "zoom_in": canvas.zoom_in,
            "zoom_out": canvas.zoom_out,
            **probe_handlers(self.panels.feature_maps.probe_bar.search),
            "reset_layout": self.reset_layout,
            "enlarge_tabs": lambda: self.lower_panel.toggle(),
            "recipe": self._show_recipe,
            "load_picture": self._load_picture,
            "use_test_image": session.use_test_image,
            "about": lambda: about.show(self),
            "commands": lambda: self.command_list.toggle(),
            "shortcuts": lambda: self.shortcut_sheet.toggle(),
            "menu": lambda: self.toolbar.open_menu(),
            **time_handlers(self.time_machine),
            **family_handlers(session, documents, canvas, self.panels, self._choose_theme),
        }

    def _sources(self) -> dict[str, Source]:
        """The menus whose entries come from the present state."""
        return {
            "Data": partial(data_lines, self.session),
            "File/Open recent": self.documents.recent_commands,
            "Edit/Undo to": partial(undo_steps, self.session),
            "Edit/Redo to": partial(redo_steps, self.session),
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
        self._place_panels()
        self.toolbar = ToolBar(self.session, self.themes, self.action_set, self.menus)
        self.addToolBar(self.toolbar)
        status = StatusBar(self.session, self.forecaster, self.themes)
        self.autosave.saved.connect(status.show_autosaved)
        self.setStatusBar(status)
        self._alt = AltKey(lambda: self.toolbar.open_menu(), self)
        self._refused_keys = RefusedKeys(self.session, self.action_set, self.messages, status)
        self.command_list = CommandList(self, self.themes, self._commands)
        self.shortcut_sheet = ShortcutSheet(self, self.themes, self.action_set)

    def _commands(self) -> tuple[Command, ...]:
        """What the command list offers now, what is wrong first."""
        files = (entry for entry in self.documents.recent_commands() if entry.refusal is None)
        return (
            *repairs(self.session),
            *self.action_set.commands(),
            *present_commands(self.session),
            *probe_commands(self.panels.feature_maps.probe_bar.search),
            *prefixed("Open recent: ", files),
        )

    def _centre(self) -> QWidget:
        centre = QWidget()
        centre.setMinimumWidth(LEAST_CENTRE)  # whatever its bars ask for, the docks keep theirs
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self.recovery)
        column.addWidget(self.copies)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.time_machine)
        return centre

    def _place_panels(self) -> None:
        panels = self.panels
        panels.add_to(self, FIRST_SIZE)
        self.docks = tuple(panels.docks.values())
        self.palette_panel, self.templates_panel = panels.palette, panels.templates
        self.inspector, self.outline = panels.inspector, panels.outline
        self.tabs, self.training_panel = panels.tabs, panels.training
        self.feature_maps, self.filters = panels.feature_maps, panels.filters
        self.problems, self.draw_pad = panels.problems, panels.draw
        self.lower_panel = LowerPanel(
            self, panels.docks["tabs"], panels.tabs, self.canvas, COLUMNS["bottom"]
        )

    def _connect(self) -> None:
        session = self.session
        session.noticed.connect(self.messages.show_notice)
        session.restarted.connect(self.canvas.setFocus)  # typing adds blocks to what was opened
        MessageEnds(session, self.messages)
        session.alarm_changed.connect(self.action_set.refresh)
        session.file_changed.connect(self._show_title)
        session.training_changed.connect(self._show_training_tab)
        offer = Throttle(self.action_set.refresh, OFFER_INTERVAL, self)
        session.moment_changed.connect(offer.ask)
        self.documents.leaving.connect(self._sights.remember)
        self.templates_panel.template_chosen.connect(self.documents.new)
        self.outline.inspected.connect(self.inspector.focus_first)
        self.outline.adding.connect(self.canvas.ask_block)
        self.canvas.inspected.connect(self.inspector.focus_first)
        self.canvas.asked.connect(self.panels.ask_why)
        for dock in self.docks:
            dock.toggleViewAction().toggled.connect(self.action_set.refresh)
        refuse = partial(_tell, session)
        drop = FileDrop(
            self.documents.open,
            self.panels.load_picture,
            refuse,
            self,
            self.canvas.viewport(),
            *self.docks,
        )
        drop.taken.connect(self._close_overlays)

    def restore_layout(self) -> None:
        """Put the window and its panels where they were when it was last closed."""
        self._layout.restore()

    def load_data(self) -> None:
        """Begin to read the document's pictures in the background."""
        self._loader.load()

    def finish_loading(self) -> None:
        """Wait until the pictures are there."""
        self._loader.finish()

    # ---- what Qt and the actions call

    def reset_layout(self) -> None:
        """Put all panels back in their places."""
        for dock in self.docks:
            dock.setFloating(False)
            dock.show()
        self.restoreState(QByteArray(self._default_layout))
        self.tabs.setCurrentIndex(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt alone opens the menu; a shortcut whose action is off says why."""
        self._alt.press(event)
        if not self._refused_keys.press(event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        """Tab goes on; when who has the keyboard is hidden, it goes back to who had it before."""
        if not self._keyboard.is_lost:
            return super().focusNextPrevChild(forward)
        self._keyboard.go_back()
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while training goes on or work is unsaved, then stop the thread."""
        take_what_is_typed(self)
        if not self._may_close():
            event.ignore()
            return
        self.session.shut_down()
        self.forecaster.stop()
        self.panels.stop()
        self._loader.stop()
        self.documents.finish_export()
        self.gallery.close_and_return()
        self.gallery.finish_reading()
        self.autosave.close()
        self._aside_copy.close()
        self.recovery.close_and_wait()
        self._layout.save()
        self._sights.remember()
        event.accept()

    def _may_close(self) -> bool:
        ended = self._closing.end_run()
        return ended and self.documents.may_leave() and self.documents.close_aside()

    def _close_overlays(self) -> None:
        """Close what is open over the window, with nothing changed."""
        for overlay in (self.gallery, self.command_list, self.shortcut_sheet):
            overlay.close_and_return()

    def _choose_theme(self, name: str) -> None:
        self.themes.choose(name)
        preferences.save(Preferences(theme=name))

    def _show_recipe(self) -> None:
        """The inspector shows the recipe while no block is selected."""
        self.session.select(())
        self.panels.go_to("inspector")

    def _load_picture(self) -> None:
        self.panels.go_to("draw")
        self.panels.draw.choose_file()

    def _ask_repairs(self) -> None:
        place = needs.repairable(self.session)
        if place is not None:
            self.session.ask_repairs(place)

    def _start_over(self) -> None:
        if not self.session.trained:
            return
        answer = question.ask(
            self,
            "Give the trained weights up?",
            "The network begins again with random weights; what it learned is lost, "
            "unless it is saved in a file.",
            {Answer.Yes: "Start over", Answer.No: "Keep the weights"},
            Answer.No,
        )
        if answer == Answer.Yes:
            self.session.start_over()

    # ---- showing

    def _show_title(self) -> None:
        path, title = self.session.path, self.session.title
        file = f" ({path.name})" if path and path.stem != title else ""
        self.setWindowTitle(f"{title}[*]{file} – CNN Studio")
        self.setWindowModified(self.session.modified)

    def _show_training_tab(self) -> None:
        if self.session.training == "running" and self.tabs.currentWidget() is self.problems:
            self.tabs.setCurrentWidget(self.training_panel)


def _tell(session: Session, sentence: str) -> None:
    session.noticed.emit(Notice(sentence, until="other picture"))
