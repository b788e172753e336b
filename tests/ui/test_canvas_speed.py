"""What the canvas does with 200 blocks: its time is printed, its work is counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import BatchNorm, Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.network import BlockReport, Network
from cnnstudio.ui.canvas import faces
from cnnstudio.ui.canvas.activity import Activity
from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.canvas.face import Face, face_of
from cnnstudio.ui.canvas.layout import ROW_PITCH
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document import mime
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.theme import ThemeManager
from tests.ui.turn import turn

SMALL = Conv2D(4, 3, padding=1, activation="relu")


def milliseconds(act: Callable[[], object]) -> float:
    """From the edit until everything it caused has been painted."""
    begin = time.perf_counter()
    act()
    QApplication.processEvents()
    return 1000 * (time.perf_counter() - begin)


def test_two_hundred_blocks(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    hold: Callable[..., None],
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    session = open_session(Network((Input(), *[SMALL] * 198, FullyConnected(10))))
    canvas = Canvas(session, themes)
    show(canvas)
    QApplication.processEvents()
    data, viewport = mime.encode_block(SMALL), canvas.viewport()
    block = SMALL.with_values(filters=5)
    edits: dict[str, Callable[[], object]] = {
        "new maps": session.weights_changed.emit,
        "canvas part of an edit": canvas.pipeline.sync,
        "select": lambda: session.select((2,)),
        "hold a block over the row": lambda: hold(viewport, data, canvas.insertion_point(3)),
        "change a setting": lambda: session.replace(1, block, "Change filters"),
        "insert": lambda: session.insert(2, SMALL),
        "undo": session.undo,
        "fit": canvas.fit,
        "new maps, all in sight": session.weights_changed.emit,
    }
    times = {name: milliseconds(edit) for name, edit in edits.items()}
    record_property("milliseconds", times)
    with capsys.disabled():
        print("".join(f"\n  {name:28}{took:8.1f} ms" for name, took in times.items()))  # noqa: T201
    assert len(canvas.pipeline.cards) == len(session.network)


def test_an_edit_repaints_only_what_is_seen_and_has_changed(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = (SMALL, MaxPool2D(1, 1), BatchNorm())
    session = open_session(
        Network((Input(), *(kinds[i % 3] for i in range(198)), FullyConnected(10)))
    )
    canvas = Canvas(session, themes)
    show(canvas)
    qtbot.waitUntil(lambda: session.model is not None)
    settle(canvas, qtbot)
    painted: list[int] = []
    paint = Card._paint_body  # Qt remembers who overrides `paint` itself

    def counted(card: Card, *args: Any) -> None:
        painted.append(card.index)
        paint(card, *args)

    monkeypatch.setattr(Card, "_paint_body", counted)
    seen = {c.index for c in canvas.pipeline.cards if c.scene_rect().top() < 3 * ROW_PITCH}
    session.replace(1, SMALL.with_values(kernel=1, padding=0), "Change the kernel")
    qtbot.waitUntil(lambda: bool(painted))
    assert set(painted) == {1}, "the others say what they said"
    painted.clear()
    session.insert(1, SMALL)
    qtbot.waitUntil(lambda: bool(painted))
    settle(canvas, qtbot)
    assert set(painted) <= seen
    assert len(painted) <= 2 * len(seen), "a card that glides is painted once"
    painted.clear()
    session.select((2,))
    qtbot.waitUntil(lambda: set(painted) == {1, 2})
    assert len(painted) <= 4, "what was selected and what is"


def settle(canvas: Canvas, qtbot: QtBot) -> None:
    """Wait until nothing glides."""
    grid = canvas.pipeline.grid
    last = canvas.pipeline.cards[8]
    qtbot.waitUntil(lambda: last.pos() == grid.rect(8).topLeft())
    QApplication.processEvents()


def test_a_new_name_paints_the_head_alone(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canvas = Canvas(open_session(Network((Input(), SMALL, SMALL, FullyConnected(10)))), themes)
    show(canvas)
    QApplication.processEvents()
    bodies: list[str] = []
    monkeypatch.setattr(
        Card, "_paint_body", lambda card, *_: bodies.append(card.face.name), raising=True
    )
    card = canvas.card(2)
    before = canvas.grab().toImage()
    bodies.clear()
    card.show_face(replace(card.face, name="CONV 8"))
    after = canvas.grab().toImage()
    assert bodies == []
    place = canvas.mapFromScene(card.scene_rect()).boundingRect()
    place.translate(canvas.viewport().pos())
    below = place.adjusted(0, 36, 0, 0)
    assert after.copy(place) != before.copy(place)
    assert after.copy(below) == before.copy(below)
    monkeypatch.undo()
    card.update()
    assert canvas.grab().toImage().copy(place) == after.copy(place)


def test_a_lock_paints_the_heads_alone(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    session = canvas.session
    turn()
    painted: list[str] = []
    for name in ("_paint_header", "_paint_body", "_paint_footer"):
        monkeypatch.setattr(Card, name, lambda card, *_, name=name: painted.append(name))
    for state, heads in (("running", len(canvas.pipeline.cards)), ("paused", 0)):
        painted.clear()
        session._run.state = state
        session.training_changed.emit()
        turn()
        assert painted == ["_paint_header"] * heads
    session._run.state = "idle"


LONG = Network((Input(), *[SMALL] * 98, FullyConnected(10)))


def test_what_is_scrolled_into_sight_is_there(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    canvas = Canvas(open_session(LONG), themes)
    show(canvas)
    QApplication.processEvents()
    pipeline, bar = canvas.pipeline, canvas.verticalScrollBar()
    shown = [card.index for card in pipeline.cards if card.isVisible()]
    assert shown[0] == 0
    assert len(shown) < 40, "Qt is not asked to look at the others"
    for height in (bar.maximum() // 2, bar.maximum(), 0):
        bar.setValue(height)
        seen = canvas.grab().toImage()
        hidden = [i for i in (*pipeline.cards, *pipeline.connectors) if not i.isVisible()]
        assert len(hidden) > 100
        for item in hidden:
            item.show()
        assert canvas.grab().toImage() == seen
        for item in hidden:
            item.hide()
    canvas.fit()
    assert all(card.isVisible() for card in pipeline.cards)


def test_what_is_out_of_sight_follows_after_the_repaint_or_when_it_is_read(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    session = open_session(LONG)
    canvas = Canvas(session, themes)
    show(canvas)
    QApplication.processEvents()
    row, pipeline = canvas.pipeline._row, canvas.pipeline

    def is_right(card: Card) -> bool:
        place = pipeline.grid.corner(card.index) == card.pos()
        return place and card.face.name == session.network.names[card.index]

    session.insert(1, SMALL.with_values(filters=5))
    assert not any(is_right(card) for card in row.items[60:99]), "not before the repaint"
    assert is_right(canvas.card(90))
    assert all(is_right(card) for card in row.items[60:])
    assert pipeline.connectors[90].path == (91,)
    session.undo()
    assert not is_right(row.items[90])
    QApplication.processEvents()
    assert all(is_right(card) for card in row.items[60:])


def test_an_edit_words_the_cards_in_sight_before_the_repaint(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = open_session(LONG)
    canvas = Canvas(session, themes)
    show(canvas)
    QApplication.processEvents()
    made: list[str] = []

    def counted(entry: BlockReport) -> Face:
        made.append(entry.name)
        return face_of(entry)

    monkeypatch.setattr(faces, "face_of", counted)
    session.insert(1, SMALL)
    assert len(made) < 40
    QApplication.processEvents()
    assert made.count("CONV 99") == 1, "and the others behind it, once"
    assert len(made) == len(session.network) - 1


def test_new_maps_out_of_sight_are_asked_for_once(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canvas = Canvas(open_session(LONG), themes)
    show(canvas)
    QApplication.processEvents()
    asked: list[Activity] = []
    update = Activity._update_pictures

    def counted(activity: Activity) -> None:
        asked.append(activity)
        update(activity)

    monkeypatch.setattr(Activity, "_update_pictures", counted)
    for card, times in ((canvas.card(1), 3), (canvas.card(90), 1)):
        asked.clear()
        for level in range(3):
            card.show_values(np.full((4, 28, 28), level, np.float32))
            canvas.grab()
        assert len(asked) == times
