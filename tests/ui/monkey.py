"""A monkey: random mouse and key events for the window, and the answers to what it then asks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from PySide6.QtCore import (
    QKeyCombination,
    QMimeData,
    QObject,
    QPoint,
    QPointF,
    QRect,
    Qt,
    QThread,
    QTimer,
    QUrl,
)
from PySide6.QtGui import QAction, QDrag, QDragLeaveEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from cnnstudio.network.inner import Path
from cnnstudio.ui.main_window import MainWindow

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NONE, CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
Key = Qt.Key

KEYS = (
    *(Key.Key_Tab, Key.Key_Backtab, Key.Key_Return, Key.Key_Enter, Key.Key_Escape, Key.Key_Space),
    *(Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End),
    *(Key.Key_PageUp, Key.Key_PageDown, Key.Key_Delete, Key.Key_Backspace, Key.Key_Insert),
    *(Key.Key_F1, Key.Key_F2, Key.Key_F4, Key.Key_F10, Key.Key_Menu, Key.Key_Alt),
    *(Key.Key_Plus, Key.Key_Minus, Key.Key_Period, Key.Key_Comma, Key.Key_Slash),
    *(Key(ord(letter)) for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)
MODIFIERS = (*[NONE] * 7, *[CTRL] * 2, *[SHIFT] * 2, ALT, CTRL | SHIFT)
PHRASES = (
    *("conv 16 5x5", "pool", "fc 10", "res", "drop .3", "conv 4 > relu > pool", "xyz >", "tiny"),
    *("0", "1", "3", "7", "0.5", "-2", "1e9", "99999", "same", "relu", "train", "undo"),
)

MOST_INSIDE = 40
"""So many events go into a menu that runs an event loop of its own before it is closed."""

LEFT_BEHIND = 3
"""Copies of unsaved work that are there to be recovered."""

REMEMBERED = 12
"""So many of the last events are told with a failure."""

DragEvents = Callable[[QWidget, QMimeData, QPoint], None]


class Monkey:
    """Sends events to the window, one with each `act`.

    They go to native windows, as those of a person do, so that Qt finds the widget by itself; those
    for an open menu go to the main window, and Qt leads them on. So none is ever sent to a window
    that an event before has destroyed.

    A menu may run an event loop of its own, from which `act` only returns when the menu is closed;
    a timer acts meanwhile.
    """

    def __init__(self, window: MainWindow, seed: str, hold: DragEvents, drop: DragEvents) -> None:
        self.window, self.random = window, Random(seed)
        self.sent = 0
        self.last: deque[str] = deque(maxlen=REMEMBERED)
        self.files: tuple[QUrl, ...] = ()
        self.seen: set[str] = set()
        self._parts = parts(window)
        self._hold, self._drop = hold, drop
        self._next: deque[Callable[[], None]] = deque()
        self._level = QThread.currentThread().loopLevel()
        self._inside = 0
        self._widgets: list[QWidget] = []
        self._act_inside()

    def act(self) -> None:
        """The next events of a gesture, or the first of a new one."""
        if not self._next:
            acts = (self.click, self.key, self.shortcut, self.drag, self.wheel, self.type)
            others = (self.move, self.drop_file, self.visit, self.order, self.steer)
            weights = (25, 20, 5, 8, 6, 2, 20, 1, 5, 1, 2)
            self._next += self.random.choices((*acts, *others), weights)[0]()
        self._next.popleft()()
        self.seen |= {name for name in self._parts.keys() - self.seen if self._parts[name]()}

    def rest(self) -> None:
        """Close what is open, end gestures, and look which widgets there are."""
        self._next.clear()
        for _ in range(5):
            QTest.keyClick(self._main, Key.Key_Escape)
        for button in (LEFT, RIGHT, MIDDLE):
            QTest.mouseRelease(self._main, button, NONE, QPoint(5, 5))
        self.window.activateWindow()
        self._widgets = self.window.findChildren(QWidget)

    def _act_inside(self) -> None:
        """Go on in an event loop that an event has begun.

        Each turn orders the next: a timer of Qt rests in loops that its own slot has begun.
        """
        QTimer.singleShot(1, self.window, self._act_inside)
        level = QThread.currentThread().loopLevel()
        if level <= self._level:
            return
        before, self._level = self._level, level
        self._inside += 1
        try:
            if self._inside % MOST_INSIDE == 0:
                self._say("close the menus")
                self.rest()
            else:
                self.act()
        finally:
            self._level = before

    # ---- gestures, each a list of events

    def click(self) -> list[Callable[[], None]]:
        place = self._place()
        button = self.random.choices((LEFT, RIGHT, MIDDLE), (14, 3, 1))[0]
        modifiers = self.random.choice(MODIFIERS) & ~ALT
        press = partial(self._press, button, modifiers, place)
        release = partial(self._release, button, place)
        twice = partial(self._press_twice, button, place)
        return [press, release, twice] if self.random.random() < 0.15 else [press, release]

    def drag(self) -> list[Callable[[], None]]:
        start, *ways = (self._place() for _ in range(self.random.randrange(2, 6)))
        moves = [partial(self._move, way) for way in ways]
        end = [partial(self._key, Key.Key_Escape, NONE)] if self.random.random() < 0.2 else []
        press, release = partial(self._press, LEFT, NONE, start), partial(self._release, LEFT)
        return [press, *moves, *end, partial(release, ways[-1])]

    def move(self) -> list[Callable[[], None]]:
        return [partial(self._move, self._place())]

    def wheel(self) -> list[Callable[[], None]]:
        turned = QPoint(0, self.random.choice((-240, -120, -15, 15, 120, 240)))
        modifiers = self.random.choice((NONE, NONE, CTRL, SHIFT))
        return [partial(self._turn, turned, modifiers, self._place())]

    def key(self) -> list[Callable[[], None]]:
        return [partial(self._key, self.random.choice(KEYS), self.random.choice(MODIFIERS))]

    def shortcut(self) -> list[Callable[[], None]]:
        """The keys of any action, as often as those of any other."""
        keys = [key for action in self._actions() for key in action.shortcuts()]
        chosen: QKeyCombination = self.random.choice(keys)[0]  # type: ignore[index]
        return [partial(self._key, chosen.key(), chosen.keyboardModifiers())]

    def type(self) -> list[Callable[[], None]]:
        return [partial(self._letter, letter) for letter in self.random.choice(PHRASES)]

    def visit(self) -> list[Callable[[], None]]:
        """Bring a tab to the front, or a panel at the right, and do something in it."""
        panels = self.window.panels
        name = self.random.choice([*panels.by_tab, *panels.by_tab, "inspector", "draw", "outline"])
        if name in panels.by_tab:
            bar, panel = panels.tabs.tabBar(), panels.by_tab[name]
            place = bar.mapToGlobal(bar.tabRect(panels.tabs.indexOf(panel)).center())
            begin = [partial(self._press, LEFT, NONE, place), partial(self._release, LEFT, place)]
        else:
            panel = panels.docks[name].widget()
            chosen = self.window.actions_by_name[f"go_{name}"].shortcuts()[0][0]  # type: ignore[index]
            begin = [partial(self._key, chosen.key(), chosen.keyboardModifiers())]
        return [*begin, *[partial(self._use, panel) for _ in range(self.random.randrange(2, 7))]]

    def order(self) -> list[Callable[[], None]]:
        """Call an action by its name, in the command list."""
        return self._order(self.random.choice([*self._actions()]).text())

    def _order(self, words: str) -> list[Callable[[], None]]:
        letters = [letter for letter in words if letter.isascii()][:12]
        return [
            partial(self._key, Key.Key_P, CTRL | SHIFT),
            *[partial(self._letter, letter) for letter in letters],
            partial(self._key, Key.Key_Return, NONE),
        ]

    def steer(self) -> list[Callable[[], None]]:
        """Train, and meanwhile change a setting, edit a copy or look at the past."""
        change = self._change_setting()
        copy, past = self._order("Edit a copy"), [partial(self._key, Key.Key_F7, SHIFT)] * 3
        train = partial(self._key, Key.Key_F5, NONE)
        wait = [partial(self._move, self._place()) for _ in range(5)]
        return [train, *wait, *self.random.choice((change, copy, past))]

    def _change_setting(self) -> list[Callable[[], None]]:
        walk = [partial(self._key, Key.Key_Tab, NONE)] * self.random.randrange(12)
        keys = (Key.Key_Up, Key.Key_Down, Key.Key_Space, Key.Key_5, Key.Key_0)
        change = [partial(self._key, self.random.choice(keys), NONE) for _ in range(3)]
        begin, end = partial(self._key, Key.Key_R, CTRL), partial(self._key, Key.Key_Return, NONE)
        return [begin, *walk, *change, end]

    def drop_file(self) -> list[Callable[[], None]]:
        mime = QMimeData()
        mime.setUrls([self.random.choice(self.files)])
        return [partial(self.carry, mime)]

    # ---- single events

    def _use(self, panel: QWidget) -> None:
        """Do something in `panel` next, if it can be seen: mostly a click."""
        parts = [panel, *panel.findChildren(QWidget)] if isValid(panel) else []
        seen = [part for part in parts if part.isVisible()]
        if not seen:
            return
        part = self.random.choice(seen)
        start, end = (part.mapToGlobal(self._point(part.rect())) for _ in range(2))
        press, release = (
            partial(self._press, LEFT, NONE, start),
            partial(self._release, LEFT, start),
        )
        deeds: list[Callable[[], None]] = [press, release]
        kind = self.random.random()
        if kind < 0.2:
            deeds[1:] = [partial(self._move, end), partial(self._release, LEFT, end)]
        elif kind < 0.3:
            deeds += self.key()
        self._next.extendleft(reversed(deeds))

    def _press(self, button: Qt.MouseButton, keys: Qt.KeyboardModifier, place: QPoint) -> None:
        self._say(f"press {button.name}+{keys.value:x} at {self._words(place)}")
        window, point = self._window_at(place)
        QTest.mousePress(window, button, keys, point)

    def _press_twice(self, button: Qt.MouseButton, place: QPoint) -> None:
        self._say(f"double-click {button.name} at {self._words(place)}", events=4)
        QTest.mouseDClick(self._main, button, NONE, self._inside_main(place))

    def _release(self, button: Qt.MouseButton, place: QPoint) -> None:
        self._say(f"release {button.name} at {place.toTuple()}")
        window, point = self._window_at(place)
        QTest.mouseRelease(window, button, NONE, point)

    def _move(self, place: QPoint) -> None:
        self._say(f"move to {self._words(place)}")
        window, point = self._window_at(place)
        QTest.mouseMove(window, point)

    def _turn(self, turned: QPoint, keys: Qt.KeyboardModifier, place: QPoint) -> None:
        self._say(f"wheel {turned.y()}+{keys.value:x} at {self._words(place)}")
        window, point = self._window_at(place)
        QTest.wheelEvent(window, QPointF(point), turned, QPoint(), keys)

    def _key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        self._say(f"{key.name}+{modifiers.value:x}", events=2)
        self._activate()
        QTest.keyClick(self._main, key, modifiers)

    def _letter(self, letter: str) -> None:
        self._say(f"letter {letter!r}", events=2)
        self._activate()
        QTest.keyClick(self._main, Key(ord(letter.upper())))

    def _activate(self) -> None:
        """Make the main window the active one, as the window manager would: others get no keys."""
        if not self.window.isActiveWindow():
            self.window.activateWindow()

    # ---- drags of the system

    def carry_drag(self, drag: QDrag) -> Qt.DropAction:
        """In place of `QDrag.exec`: carry it over some places, and drop it or not."""
        self.carry(drag.mimeData())
        drag.deleteLater()
        return Qt.DropAction.CopyAction

    def carry(self, mime: QMimeData) -> None:
        """Carry `mime` over places of one widget, and drop it there or take it away."""
        widget = self._taker()
        for _ in range(self.random.randrange(1, 4)):
            self._hold(widget, mime, self._point(widget.rect()))
        drops = self.random.random() < 0.7
        self._say(f"{'drop' if drops else 'carry'} {mime.formats()} on {widget.objectName()}")
        if drops:
            self._drop(widget, mime, self._point(widget.rect()))
        else:
            QApplication.sendEvent(widget, QDragLeaveEvent())

    def _taker(self) -> QWidget:
        """The canvas mostly, otherwise any widget that takes drops."""
        if self.random.random() < 0.7:
            return self.window.canvas.viewport()
        widget: QWidget | None = self._any()
        while widget is not None and not (widget.acceptDrops() and widget.isEnabled()):
            widget = widget.parentWidget()
        return widget or self.window

    # ---- places, as points of the screen

    def _place(self) -> QPoint:
        """A point of the open menu or else of the canvas, of any widget, or of the window."""
        popup = QApplication.activePopupWidget()
        if popup is not None and self.random.random() < 0.8:
            return popup.mapToGlobal(self._point(popup.rect()))
        kind = self.random.random()
        if kind < 0.35:
            widget: QWidget = self.window.canvas.viewport()
        elif kind < 0.75:
            widget = self._any()
        else:
            widget = self.window
        return widget.mapToGlobal(self._point(widget.rect()))

    def _any(self) -> QWidget:
        """A widget that is seen, the smallest as often as the largest."""
        for widget in self.random.choices(self._widgets, k=50):
            if isValid(widget) and widget.isVisible():
                return widget
        return self.window

    def _point(self, within: QRect) -> QPoint:
        across, down = max(within.width(), 1), max(within.height(), 1)
        return QPoint(self.random.randrange(across), self.random.randrange(down))

    @property
    def _main(self) -> QWindow:
        return self.window.windowHandle()

    def _window_at(self, place: QPoint) -> tuple[QWindow, QPoint]:
        """The floating panel at `place` or else the main window, and the point in it."""
        for dock in self.window.docks:
            if dock.isFloating() and dock.isVisible() and dock.geometry().contains(place):
                handle = dock.windowHandle()
                return handle, handle.mapFromGlobal(place)
        return self._main, self._inside_main(place)

    def _inside_main(self, place: QPoint) -> QPoint:
        """`place` in the main window, or the nearest point that is inside it."""
        point, size = self._main.mapFromGlobal(place), self._main.size()
        across, down = min(point.x(), size.width() - 1), min(point.y(), size.height() - 1)
        return QPoint(max(across, 0), max(down, 0))

    def _actions(self) -> Sequence[QAction]:
        return tuple(self.window.actions_by_name.values())

    # ---- what is told of a failure

    def _say(self, words: str, events: int = 1) -> None:
        self.last.append(words)
        self.sent += events

    def _words(self, place: QPoint) -> str:
        """Where `place` is: its point and the widget there."""
        widget = QApplication.widgetAt(place)
        named: QObject | None = widget
        while named is not None and not named.objectName():
            named = named.parent()
        kind = type(widget).__name__
        return f"{place.toTuple()} {kind} in {named.objectName() if named else 'nothing'}"


def parts(window: MainWindow) -> dict[str, Callable[[], bool]]:
    """What comes and goes, and whether it is there."""
    canvas = window.canvas
    return {
        "gallery": lambda: window.gallery.is_open,
        "command list": lambda: window.command_list.is_open,
        "shortcut sheet": lambda: window.shortcut_sheet.is_open,
        "quick-add": lambda: canvas.quick_add.is_open,
        "fit doctor": lambda: canvas.doctor.is_open,
        "menu": lambda: QApplication.activePopupWidget() is not None,
        "training": lambda: window.session.training == "running",
        "floating panel": lambda: any(dock.isFloating() for dock in window.docks),
        "inner block": lambda: len(_first_path(window)) > 1,
        "recovered work": lambda: len(window.recovery.left) < LEFT_BEHIND,
        **{f"tab {name}": tab.isVisible for name, tab in window.panels.by_tab.items()},
        **looks_inside(window),
    }


def _first_path(window: MainWindow) -> Path:
    """Where the first selected block stands; nowhere while nothing is selected."""
    return next(iter(window.session.selected_paths), ())


def looks_inside(window: MainWindow) -> dict[str, Callable[[], bool]]:
    """What takes a while or luck to come, so that each run reaches other ones."""
    session, panels = window.session, window.panels
    return {
        "outline": panels.outline.isVisible,
        "inner blocks": lambda: len(_first_path(window)) > 1 and len(session.selected_paths) > 1,
        "drawn picture": lambda: session.probe is not None and session.probe.is_drawn,
        "chosen confusion": lambda: panels.confusion.matrix.choice is not None,
        "answer why": lambda: panels.why.answer is not None,
        "what matters": lambda: panels.matters.evidence.evidence is not None,
        "measured invariance": lambda: panels.invariance.found is not None,
        "a change while training": lambda: bool(session.recipe_changes),
        "a copy beside the run": lambda: session.editing_copy,
        "a moment of the past": lambda: session.moment is not None,
    }
