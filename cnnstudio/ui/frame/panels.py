"""The panels around the canvas: what they are called, and their first places and sizes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMainWindow, QTabWidget, QWidget

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.drawing.draw_pad import DrawPad
from cnnstudio.ui.frame.dock import Dock
from cnnstudio.ui.frame.tab_row import TabRow
from cnnstudio.ui.inspector.inspector import Inspector
from cnnstudio.ui.maps.feature_maps import FeatureMaps
from cnnstudio.ui.maps.filters import Filters
from cnnstudio.ui.matters.invariance import InvariancePanel
from cnnstudio.ui.matters.matters import Matters
from cnnstudio.ui.outline.outline import Outline
from cnnstudio.ui.palette.palette import Palette
from cnnstudio.ui.palette.templates_panel import TemplatesPanel
from cnnstudio.ui.predictions.confusion import Confusion
from cnnstudio.ui.predictions.mistakes import Mistakes
from cnnstudio.ui.runs.runs import Runs
from cnnstudio.ui.sizes.problems import Problems
from cnnstudio.ui.sizes.size_chart import SizeChart
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.norms import Norms
from cnnstudio.ui.training.overlaid_runs import OverlaidRun
from cnnstudio.ui.training.training_panel import TrainingPanel
from cnnstudio.ui.why.why import Why
from cnnstudio.ui.why.why_question import Item

COLUMNS = {"left": 224, "right": 304, "bottom": 256, "inspector": 540, "palette": 540}
"""Pixels: widths of the side docks and heights of the rows, as in the design."""

LEAST_CENTRE = 480
"""Pixels of width that canvas and tabs claim from the docks beside them, whatever is in them."""

LOWEST_BOTTOM = 200
"""Pixels of height that curves and maps keep when a small screen leaves the canvas less room."""

Area = Qt.DockWidgetArea


@dataclass(frozen=True)
class Panel:
    """A dock: its name in code, its title and where it is at first."""

    name: str
    title: str
    area: Qt.DockWidgetArea
    margin: int = 16
    titled: bool = True


PANELS = (
    Panel("blocks", "Blocks", Area.LeftDockWidgetArea, 12),
    Panel("templates", "Templates", Area.LeftDockWidgetArea, 12),
    Panel("inspector", "Inspector", Area.RightDockWidgetArea),
    Panel("outline", "Outline", Area.RightDockWidgetArea),
    Panel("tabs", "Training and maps", Area.BottomDockWidgetArea, titled=False),
    Panel("draw", "Draw a digit", Area.RightDockWidgetArea),
)


@dataclass(frozen=True)
class Tab:
    """A tab of the dock below: its name in code, its title, and one for little room."""

    name: str
    title: str
    short: str = ""


TABS = (
    Tab("training", "Training", "Train"),
    Tab("health", "Health"),
    Tab("feature_maps", "Feature maps", "Maps"),
    Tab("filters", "Filters"),
    Tab("why", "Why"),
    Tab("confusion", "Confusion"),
    Tab("mistakes", "Mistakes"),
    Tab("matters", "What matters", "Matters"),
    Tab("invariance", "Invariance"),
    Tab("runs", "Runs"),
    Tab("sizes", "Sizes"),
    Tab("problems", "Problems"),
)


class Panels:
    """The docks of a window and what is in them."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        self.palette = Palette(session, themes)
        self.templates = TemplatesPanel(session, themes)
        self.inspector = Inspector(session, themes)
        self.outline = Outline(session, themes)
        self.training = TrainingPanel(session, themes)
        self.health = Norms(session, themes)
        self.feature_maps = FeatureMaps(session, themes)
        self.filters = Filters(session, themes)
        self.why = Why(session, themes)
        self.confusion = Confusion(session, themes)
        self.mistakes = Mistakes(session, themes)
        self.matters = Matters(session, themes)
        self.invariance = InvariancePanel(session, themes)
        self.runs = Runs(session, themes)
        self.sizes = SizeChart(session, themes)
        self.problems = Problems(session, themes)
        self.draw = DrawPad(session, themes)
        self.tabs = TabRow(themes)
        self.tabs.setMinimumWidth(LEAST_CENTRE)
        self.tabs.setObjectName("tabs")
        self.tabs.setAccessibleName("Training and maps")
        self.by_tab: dict[str, QWidget] = {
            "training": self.training,
            "health": self.health,
            "feature_maps": self.feature_maps,
            "filters": self.filters,
            "why": self.why,
            "confusion": self.confusion,
            "mistakes": self.mistakes,
            "matters": self.matters,
            "invariance": self.invariance,
            "runs": self.runs,
            "sizes": self.sizes,
            "problems": self.problems,
        }
        for tab in TABS:
            self.tabs.add(self.by_tab[tab.name], tab.title, tab.short)
        for panel in (self.feature_maps, self.filters):
            panel.asked.connect(self.ask_why)
        self.runs.laid_over.connect(self._lay_over)
        self.docks = self._make_docks(themes)
        self.problems.count_changed.connect(self._show_problem_count)
        self._show_problem_count()

    def _make_docks(self, themes: ThemeManager) -> dict[str, Dock]:
        inside: dict[str, QWidget] = {
            "blocks": self.palette,
            "templates": self.templates,
            "inspector": self.inspector,
            "outline": self.outline,
            "tabs": self.tabs,
            "draw": self.draw,
        }
        return {
            panel.name: Dock(
                panel.title,
                f"dock{panel.name.capitalize()}",
                inside[panel.name],
                themes,
                titled=panel.titled,
                margin=panel.margin,
            )
            for panel in PANELS
        }

    def add_to(self, window: QMainWindow, full_size: QSize) -> None:
        """Put the docks where they belong; in less than `full_size` the lowest gives way."""
        for panel in PANELS:
            window.addDockWidget(panel.area, self.docks[panel.name])
        blocks, templates, inspector, outline, tabs, draw = (self.docks[p.name] for p in PANELS)
        window.setTabPosition(Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.tabifyDockWidget(draw, outline)
        draw.raise_()
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        window.resizeDocks([blocks, inspector], [COLUMNS["left"], COLUMNS["right"]], across)
        window.resizeDocks([blocks, templates], [COLUMNS["palette"], COLUMNS["bottom"]], down)
        window.resizeDocks([inspector, draw], [COLUMNS["inspector"], COLUMNS["bottom"]], down)
        shortfall = full_size.height() - window.height()
        window.resizeDocks([tabs], [max(LOWEST_BOTTOM, COLUMNS["bottom"] - shortfall)], down)

    def settle(self, window: QMainWindow, names: Collection[str]) -> None:
        """Give docks, by object name, a place in a layout from before they were there."""
        draw, outline = self.docks["draw"], self.docks["outline"]
        if draw.objectName() in names and not outline.isFloating() and not outline.isHidden():
            window.tabifyDockWidget(outline, draw)
            draw.raise_()

    def toggle(self, name: str) -> None:
        """Show the dock called `name`, or hide it."""
        self.docks[name].toggleViewAction().trigger()

    def is_shown(self, name: str) -> bool:
        """Whether the dock called `name` is shown, perhaps behind another."""
        return self.docks[name].toggleViewAction().isChecked()

    def go_to(self, name: str) -> None:
        """Show the dock called `name` and give what is in it the keyboard."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        if name == "inspector":
            self.inspector.focus_first()
        elif name == "tabs":
            self.tabs.tabBar().setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            _focus(dock.widget())

    def load_picture(self, path: Path) -> None:
        """Put a picture file on the sheet, and show it."""
        self.docks["draw"].show()
        self.docks["draw"].raise_()
        self.draw.load_file(path)

    def show_tab(self, name: str) -> None:
        """Bring the tab called `name` to the front."""
        self.docks["tabs"].show()
        self.docks["tabs"].raise_()
        self.tabs.setCurrentWidget(self.by_tab[name])

    def stop(self) -> None:
        """End the threads of the panels, as on closing."""
        self.feature_maps.stop()
        self.filters.stop()
        self.why.stop()
        self.matters.stop()
        self.invariance.stop()
        self.runs.stop()

    def ask_why(self, item: Item) -> None:
        """Say why a value of a map is what it is, or why a weight gets its gradient."""
        self.why.ask(item)
        self.show_tab("why")

    def _lay_over(self, runs: list[OverlaidRun]) -> None:
        """Show the curves of kept runs over those of the present one."""
        self.training.show_runs(runs)
        self.show_tab("training")

    def _show_problem_count(self) -> None:
        count = self.problems.count
        self.tabs.note(self.problems, f"({count})" if count else "")


def _focus(panel: QWidget) -> None:
    """Give `panel` the keyboard, or the first thing in it that takes it."""
    takers = [panel, *panel.findChildren(QWidget)]
    wanted = Qt.FocusPolicy.TabFocus
    for taker in takers:
        if taker.isVisible() and taker.isEnabled() and taker.focusPolicy() & wanted == wanted:
            taker.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
