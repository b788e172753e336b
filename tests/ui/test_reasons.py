"""Why a panel shows nothing: one true sentence, the same in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unittest.mock import Mock

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.drawing import draw_answer
from cnnstudio.ui.maps.feature_maps import FeatureMaps
from cnnstudio.ui.maps.filters import Filters
from cnnstudio.ui.matters.invariance import InvariancePanel
from cnnstudio.ui.matters.matters import Matters
from cnnstudio.ui.menu import needs
from cnnstudio.ui.predictions.confusion import Confusion
from cnnstudio.ui.predictions.mistakes import Mistakes
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.why.why import Why

SMALL = Network((Input(), Conv2D(2, 5), FullyConnected(10)))
SLOW = Network((Input(), Conv2D(2, 5), FullyConnected(5000), FullyConnected(10)))
HUGE = Network((Input(pad=64), Conv2D(64, 3), FullyConnected(10_000), FullyConnected(10)))

GONE = "There is no data set 'gone'; give a folder with the four files of MNIST's form."

Open = Callable[[Network], Session]
Panel = Callable[[Session, ThemeManager], QWidget]

PANELS: dict[str, Panel] = {
    "maps": FeatureMaps,
    "filters": Filters,
    "why": Why,
    "matters": Matters,
    "invariance": InvariancePanel,
    "confusion": Confusion,
    "mistakes": Mistakes,
}


@pytest.fixture
def shown(themes: ThemeManager, show: Callable[[QWidget], None]) -> Iterator[Callable]:
    """A function that shows a panel."""
    panels = []

    def make(kind: Panel, session: Session) -> QWidget:
        panel = kind(session, themes)
        panels.append(panel)
        show(panel)
        return panel

    yield make
    for panel in panels:
        if hasattr(panel, "stop"):
            panel.stop()


def said(panel: QWidget) -> set[str]:
    """What it says in place of pictures."""
    parts = (panel.evidence, panel.excitement) if isinstance(panel, Matters) else (panel,)
    return {part.words.text() for part in parts if part.words.isVisible()}


@pytest.mark.parametrize("name", PANELS)
def test_a_network_that_is_too_large_is_not_waited_for(
    open_session: Open, shown: Callable, qtbot: QtBot, name: str
) -> None:
    """Regression: it was to take pictures of another size, or was drawn for ever."""
    session = open_session(HUGE)
    panel = shown(PANELS[name], session)
    assert session.train_refusal is not None
    assert "pool earlier, or use fewer filters or units" in session.train_refusal
    assert said(panel) == {session.train_refusal}
    session.apply(SMALL, "Shrink")
    qtbot.waitUntil(lambda: session.train_refusal not in said(panel))


@pytest.mark.parametrize("name", sorted(set(PANELS) - {"filters"}))
def test_pictures_that_cannot_be_read_are_not_waited_for(
    open_session: Open, shown: Callable, qtbot: QtBot, name: str
) -> None:
    """Regression: they were being loaded for ever."""
    session = open_session(SMALL)
    panel = shown(PANELS[name], session)
    session.set_dataset(None)
    qtbot.waitUntil(lambda: said(panel) == {"The pictures are still being loaded."})
    session.set_dataset(None, GONE)
    qtbot.waitUntil(lambda: said(panel) == {GONE})


def test_the_pad_train_and_the_menu_say_the_same(open_session: Open) -> None:
    session = open_session(SMALL)
    session.set_dataset(None, GONE)
    assert [draw_answer.refusal(session), session.train_refusal, needs.probe(session)] == [GONE] * 3
    huge = open_session(HUGE)
    assert huge.train_refusal == draw_answer.refusal(huge) == needs.model(huge) is not None


def test_a_slow_network_keeps_the_block_that_is_shown_while_it_looks(
    open_session: Open, shown: Callable, qtbot: QtBot
) -> None:
    """Regression: stepping through the images told of another size and chose the first block."""
    session = open_session(SLOW)
    qtbot.waitUntil(lambda: bool(session.activations), timeout=20_000)
    maps, why = shown(FeatureMaps, session), shown(Why, session)
    maps.chooser.setCurrentIndex(2)
    session.set_probe(1)
    assert session.activations == ()
    assert said(maps) == {"Looking at the image …"}
    assert maps.current == 2
    assert not any("another size" in words for words in said(why))
    qtbot.waitUntil(lambda: not said(maps), timeout=20_000)
    assert maps.current == 2


def test_a_look_without_memory_is_told(
    open_session: Open, shown: Callable, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: it looked at the image for ever; the next image is tried again."""
    session = open_session(SLOW)
    qtbot.waitUntil(lambda: bool(session.activations), timeout=20_000)
    maps = shown(FeatureMaps, session)
    maps.chooser.setCurrentIndex(2)
    assert session.model is not None
    with monkeypatch.context() as patch:
        patch.setattr(session.model, "activations", Mock(side_effect=MemoryError))
        session.set_probe(1)
        words = "The image could not be looked at: There is not enough memory for it."
        qtbot.waitUntil(lambda: said(maps) == {words})
    session.set_probe(2)
    assert session.look_failure is None
    qtbot.waitUntil(lambda: not said(maps), timeout=20_000)
