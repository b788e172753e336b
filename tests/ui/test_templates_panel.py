"""The list of templates: what is shown, what is open, and how one is chosen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Dropout
from cnnstudio.network import templates
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.palette.templates_panel import STRIP_TOP, TemplatesPanel
from cnnstudio.ui.parts.row_list import ROW_ROLE
from cnnstudio.ui.theme import ThemeManager
from tests.ui.paints import Paints
from tests.ui.turn import turn


@pytest.fixture
def panel(
    session: Session, themes: ThemeManager, show: Callable[[QWidget], None]
) -> TemplatesPanel:
    panel = TemplatesPanel(session, themes)
    show(panel)
    return panel


def open_templates(panel: TemplatesPanel) -> list[str]:
    rows = range(panel.model().rowCount())
    entries = [panel.model().index(row, 0).data(ROW_ROLE).template for row in rows]
    return [template.name for template in entries if panel.is_open(template)]


def test_all_templates_are_listed(panel: TemplatesPanel) -> None:
    titles = [panel.model().index(row, 0).data() for row in range(panel.model().rowCount())]
    assert titles == [template.title for template in templates.list_all()]
    spoken = panel.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == f"{titles[0]}, 63,802 parameters"


def test_open_template_is_marked(panel: TemplatesPanel, session: Session) -> None:
    assert open_templates(panel) == ["lecture"]
    session.insert(1, Dropout())
    assert open_templates(panel) == []


def test_it_is_painted_anew_only_when_another_is_open(
    panel: TemplatesPanel, session: Session
) -> None:
    turn()
    paints = Paints(panel.viewport())
    session.insert(1, Dropout())
    turn()
    assert paints.count == 1, "the lecture's network is no longer open"
    session.insert(1, Dropout())
    turn()
    assert paints.count == 1
    session.travel(-2)
    turn()
    assert paints.count == 2


def test_double_click_and_enter_choose(qtbot: QtBot, panel: TemplatesPanel) -> None:
    index = panel.model().index(1, 0)
    name = index.data(ROW_ROLE).template.name
    place = panel.visualRect(index).center()
    with qtbot.waitSignal(panel.template_chosen, check_params_cb=lambda n: n == name):
        qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(panel.template_chosen, check_params_cb=lambda n: n == name):
        qtbot.keyClick(panel, Qt.Key.Key_Return)


def test_strip_has_the_colours_of_the_families(panel: TemplatesPanel, themes: ThemeManager) -> None:
    rect = panel.visualRect(panel.model().index(0, 0))
    picture = panel.viewport().grab(rect).toImage()
    y = round((STRIP_TOP + 3) * picture.devicePixelRatio())
    row = {picture.pixelColor(QPoint(x, y)).name() for x in range(picture.width())}
    families = {type(b).family for b in templates.load("lecture").network.blocks[1:]}
    assert {themes.theme.family(family).name() for family in families} <= row


def test_while_training_it_says_to_stop_first(window: MainWindow) -> None:
    """Regression: the list was off without looking so, and a double click said nothing."""
    window.show()
    panel, session = window.templates_panel, window.session
    turn()
    paints, network = Paints(panel.viewport()), session.network
    session._run.state = "running"
    session.training_changed.emit()
    turn()
    assert paints.count == 0, "it looks as before"
    place = panel.visualRect(panel.model().index(1, 0)).center()
    for click in (QTest.mouseClick, QTest.mouseDClick):
        click(panel.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    session._run.state = "idle"
    assert window.messages.notice.sentence == "Training is going on: stop it first."
    assert session.network is network


def test_of_templates_with_one_network_the_recipe_tells(
    panel: TemplatesPanel, session: Session
) -> None:
    by_network: dict[object, list[str]] = {}
    for template in templates.list_all():
        by_network.setdefault(template.project.network, []).append(template.name)
    twins = next(names for names in by_network.values() if len(names) > 1)
    for name in twins:
        project = templates.load(name)
        session.restart(project, None)
        assert open_templates(panel) == [name]
