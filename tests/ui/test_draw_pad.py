"""Draw a digit: real strokes become the probe, and what is said is what the network says."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPen,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input
from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.data.drawn import seen, seen_picture
from cnnstudio.data.preprocess import to_float
from cnnstudio.network import Network, check
from cnnstudio.network.project_file import Project
from cnnstudio.ui.canvas.output_face import Verdict, output_face
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.drawing.draw_answer import seen_words
from cnnstudio.ui.drawing.draw_pad import DrawPad
from cnnstudio.ui.drawing.ink import SIDE
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.maps.probe import Probe
from cnnstudio.ui.theme import ThemeManager, font
from tests.ui.hands import click
from tests.ui.test_file_drop import drop_at, files

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
FITTING = Network((Input(), FullyConnected(10)))
ONE = (QPoint(80, 20), QPoint(78, 60), QPoint(80, 140))
SEVEN = (QPoint(30, 30), QPoint(80, 28), QPoint(120, 30), QPoint(90, 80), QPoint(60, 140))

Bytes = np.ndarray


@pytest.fixture
def pad_of(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> Callable[[Network], DrawPad]:
    """A function that shows the pad of a session with a network."""

    def make(network: Network) -> DrawPad:
        pad = DrawPad(open_session(network), themes)
        show(pad)
        pad.resize(304, 218)
        return pad

    return make


@pytest.fixture
def pad(pad_of: Callable[[Network], DrawPad]) -> DrawPad:
    return pad_of(FITTING)


def session_of(pad: DrawPad) -> Session:
    return pad._session


def draw(pad: DrawPad, *ways: QPoint, release: bool = True) -> None:
    """A stroke with the mouse."""
    paper = pad.paper
    QTest.mousePress(paper, LEFT, NO_KEYS, ways[0])
    for way in ways[1:]:
        place = paper.mapToGlobal(way).toPointF()
        none = Qt.MouseButton.NoButton
        kind = QEvent.Type.MouseMove
        QApplication.sendEvent(paper, QMouseEvent(kind, way.toPointF(), place, none, LEFT, NO_KEYS))
    if release:
        QTest.mouseRelease(paper, LEFT, NO_KEYS, ways[-1])


def ink(pad: DrawPad) -> Bytes:
    return pad.ink.drawing.values


def expected(pad: DrawPad, pixels: Bytes) -> Bytes:
    model = session_of(pad).model
    assert model is not None
    return np.asarray(model.probabilities(to_float(pixels[np.newaxis]))[0])


def assert_answered(pad: DrawPad) -> None:
    """The pad, the probe and the engine agree about the drawing."""
    pad._later.flush()
    pixels = seen(ink(pad), (1, 28, 28))
    probe = session_of(pad).probe
    assert probe is not None
    assert (probe.is_drawn, probe.label) == (True, None)
    np.testing.assert_array_equal(probe.pixels, pixels)
    np.testing.assert_array_equal(pad.net_sees.pixels, pixels)
    assert pad.bars.shares is not None
    np.testing.assert_allclose(pad.bars.shares, expected(pad, pixels), atol=1e-6)


# ---- drawing


def test_a_stroke_is_answered_as_the_network_answers(pad: DrawPad) -> None:
    assert (pad.bars.shares, pad.remark.words) == (None, "nothing yet")
    draw(pad, *SEVEN)
    assert_answered(pad)
    assert pad.bars.shares is not None
    assert pad.says.words == seen_words(str(pad.bars.shares.argmax()))
    assert pad.remark.words == "not trained"
    draw(pad, QPoint(40, 80), QPoint(110, 80))
    assert_answered(pad)


def test_the_ink_is_where_the_mouse_was_smooth_and_of_the_pens_width(pad: DrawPad) -> None:
    draw(pad, *ONE)
    side = min(pad.paper.width(), pad.paper.height())
    values, scale = ink(pad), SIDE / side
    rows, columns = np.nonzero(values > 127)
    assert abs(rows.min() - (20 * scale - 13)) <= 2
    assert abs(rows.max() - (140 * scale + 13)) <= 2
    assert abs(columns.mean() - 79.5 * scale) <= 3
    assert 24 <= (values[int(100 * scale)] > 127).sum() <= 28
    assert len(np.unique(values)) > 20, "the edges are not smooth"


def test_it_is_predicted_during_the_stroke(pad: DrawPad, qtbot: QtBot) -> None:
    draw(pad, *SEVEN[:3], release=False)
    qtbot.waitUntil(lambda: pad.is_shown)
    qtbot.waitUntil(lambda: np.array_equal(pad._pixels(), session_of(pad).probe.pixels))
    assert_answered(pad)
    QTest.mouseRelease(pad.paper, LEFT, NO_KEYS, SEVEN[2])


def test_the_eraser_takes_ink_away(pad: DrawPad) -> None:
    draw(pad, *ONE)
    before = ink(pad)
    QTest.mouseClick(pad.eraser, LEFT)
    assert (pad.pen.isChecked(), pad.eraser.isChecked()) == (False, True)
    draw(pad, QPoint(60, 80), QPoint(100, 80))
    after = ink(pad)
    assert (after <= before).all()
    assert 0 < (after > 127).sum() < (before > 127).sum() - 500
    assert_answered(pad)
    QTest.mouseClick(pad.pen, LEFT)
    draw(pad, *ONE)
    assert (ink(pad) >= before).all()


def test_a_pen_draws_by_its_pressure_and_its_other_end_erases(pad: DrawPad) -> None:
    def pen(kind: QEvent.Type, place: QPointF, pressure: float, tip: str = "Pen") -> None:
        device = QPointingDevice.primaryPointingDevice()
        pointer = QPointingDevice(
            tip,
            7,
            device.type(),
            QPointingDevice.PointerType[tip],
            device.capabilities(),
            1,
            3,
        )
        glob = pad.paper.mapToGlobal(place)
        event = QTabletEvent(
            kind, pointer, place, glob, pressure, 0, 0, 0, 0, 0, NO_KEYS, LEFT, LEFT
        )
        QApplication.sendEvent(pad.paper, event)

    def stroke(pressure: float, tip: str = "Pen") -> None:
        pen(QEvent.Type.TabletPress, QPointF(80, 20), pressure, tip)
        pen(QEvent.Type.TabletMove, QPointF(80, 140), pressure, tip)
        pen(QEvent.Type.TabletRelease, QPointF(80, 140), 0, tip)

    stroke(0.2)
    light = (ink(pad) > 127).sum()
    stroke(1.0)
    assert (ink(pad) > 127).sum() > 1.5 * light
    assert_answered(pad)
    stroke(1.0, "Eraser")
    assert not ink(pad).any()


def test_a_finger_draws(pad: DrawPad) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(pad.paper, device).press(0, ONE[0], pad.paper).commit()
    for way in ONE[1:]:
        QTest.touchEvent(pad.paper, device).move(0, way, pad.paper).commit()
    QTest.touchEvent(pad.paper, device).release(0, ONE[-1], pad.paper).commit()
    assert not pad.ink.is_drawing
    rows = np.flatnonzero((ink(pad) > 127).any(axis=1))
    assert np.ptp(rows) > 200
    assert_answered(pad)


def test_what_the_network_sees_is_large_in_the_tooltip(pad: DrawPad) -> None:
    draw(pad, *SEVEN)
    help_event = QHelpEvent(QEvent.Type.ToolTip, QPoint(4, 4), QPoint(4, 4))
    QApplication.sendEvent(pad.net_sees, help_event)
    encoded = pad.net_sees.toolTip().partition("base64,")[2].partition('"')[0]
    image = QImage.fromData(QByteArray.fromBase64(encoded.encode()))
    values = array_of(image)[2::5, 2::5, 0]
    np.testing.assert_array_equal(values, pad.net_sees.pixels[0])


# ---- steps


def test_undo_takes_strokes_erasing_and_clearing_back(pad: DrawPad) -> None:
    states = [ink(pad)]
    draw(pad, *SEVEN)
    states.append(ink(pad))
    draw(pad, QPoint(40, 80), QPoint(110, 80))
    states.append(ink(pad))
    QTest.mouseClick(pad.clear, LEFT)
    assert pad.ink.is_blank
    assert not session_of(pad).probe.is_drawn
    for state in reversed(states):
        QTest.mouseClick(pad.undo, LEFT)
        np.testing.assert_array_equal(ink(pad), state)
    pad._later.flush()
    assert not pad.undo.isEnabled()
    for state in states[1:]:
        QTest.keyClick(pad.paper, Qt.Key.Key_Y, CTRL)
        np.testing.assert_array_equal(ink(pad), state)
    assert_answered(pad)


def test_escape_gives_the_stroke_in_the_making_up(pad: DrawPad) -> None:
    draw(pad, *ONE)
    before = ink(pad)
    draw(pad, *SEVEN, release=False)
    QTest.keyClick(pad.paper, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(ink(pad), before)
    QTest.mouseRelease(pad.paper, LEFT, NO_KEYS, SEVEN[-1])
    np.testing.assert_array_equal(ink(pad), before)
    assert_answered(pad)


def test_ctrl_z_is_the_pads_only_while_the_sheet_has_the_keyboard(window: MainWindow) -> None:
    session, pad = window.session, window.draw_pad
    count = len(session.network)
    session.insert(1, Conv2D(4, 3))
    draw(pad, *ONE)
    assert pad.paper.hasFocus()
    QTest.keyClick(pad.paper, Qt.Key.Key_Z, CTRL)
    assert pad.ink.is_blank
    QTest.keyClick(pad.paper, Qt.Key.Key_Z, CTRL)  # nothing is left to take back, here
    assert len(session.network) == count + 1
    draw(pad, *ONE)
    QTest.keyClick(pad.paper, Qt.Key.Key_Delete)
    assert pad.ink.is_blank
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, CTRL)
    assert len(session.network) == count


def test_nothing_is_lost_when_the_theme_or_the_size_changes(
    pad: DrawPad, themes: ThemeManager
) -> None:
    draw(pad, *SEVEN)
    before = ink(pad)
    themes.choose("dark")
    dark = pad.paper.picture().pixelColor(0, 0)
    pad.resize(600, 500)
    themes.choose("light")
    pad.resize(304, 218)
    assert pad.paper.picture().pixelColor(0, 0) != dark
    np.testing.assert_array_equal(ink(pad), before)
    assert_answered(pad)
    pad.resize(600, 500)
    draw(pad, QPoint(20, 20), QPoint(200, 300))
    assert_answered(pad)


# ---- the drawing as the probe


def test_its_maps_are_in_all_cards_and_a_test_image_is_one_click_away(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    session = open_session(FITTING)
    session.set_probe(5)
    pad, canvas = DrawPad(session, themes), Canvas(session, themes)
    for widget in (pad, canvas):
        show(widget)
    pad.resize(304, 218)
    draw(pad, *SEVEN)
    pixels = to_float(seen(ink(pad), (1, 28, 28)))
    np.testing.assert_array_equal(session.activations[0], pixels)
    assert canvas.card(0).face.probe == "drawn"
    face = canvas.pipeline.output.face
    assert (face.verdict, face.winner) == (Verdict.RANDOM, int(session.probabilities.argmax()))
    QTest.mouseClick(pad.shown, LEFT)
    assert (session.probe.is_drawn, session.probe.index) == (False, 5)
    assert (pad.says.words, pad.remark.words) == ("Cards:", "image 6")
    for line, px in ((pad.says, 12), (pad.remark, 11)):
        assert QFontMetricsF(font(px)).horizontalAdvance(line.words) <= line.width(), "not cut"
    assert pad.bars.shares is None
    QTest.mouseClick(pad.shown, LEFT)
    assert_answered(pad)
    card = canvas.card(0)
    click(canvas, canvas.mapFromScene(card.mapToScene(QPointF(128, 108))))  # the next test image
    assert (session.probe.is_drawn, session.probe.index) == (False, 6)


def test_trained_weights_say_what_they_see_and_no_label_is_made_up(digits: Dataset) -> None:
    shares = np.full(10, 0.01)
    shares[8] = 0.91
    probe = Probe.of(digits, 3).redrawn(np.zeros((1, 28, 28), np.uint8))
    face = output_face(check(FITTING, 10), digits, probe, shares, trained=True)
    assert (face.verdict, face.words) == (Verdict.DRAWN, "sees 8 in the drawing")


def test_another_input_gets_another_picture_of_the_same_drawing(pad: DrawPad) -> None:
    session = session_of(pad)
    draw(pad, *SEVEN)
    wider = Network((Input(channels=3, height=20, width=30), FullyConnected(10)))
    session.apply(wider, "Widen")
    pixels = seen(ink(pad), (3, 20, 30))
    np.testing.assert_array_equal(session.probe.pixels, pixels)
    pad._later.flush()
    np.testing.assert_allclose(pad.bars.shares, expected(pad, pixels), atol=1e-6)


def test_it_follows_the_weights(pad: DrawPad) -> None:
    session = session_of(pad)
    draw(pad, *SEVEN)
    before = pad.bars.shares
    session.model.state[...] *= 2
    session._viewer.set_weights(session.model.state.copy())
    session.weights_changed.emit()
    assert_answered(pad)
    assert not np.allclose(before, pad.bars.shares)


# ---- why not, and how many


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ((Conv2D(4, 40), FullyConnected(10)), "CONV 1 does not fit: repair it first."),
        ((FullyConnected(12),), "The network gives 12 values, but MNIST has 10 classes."),
        ((Conv2D(4, 5),), "The network gives maps of 24×24×4, but MNIST has 10 classes."),
        ((), "The network has no block yet that could answer."),
    ],
)
def test_why_nothing_is_seen(
    pad_of: Callable[[Network], DrawPad], blocks: tuple[object, ...], words: str
) -> None:
    pad = pad_of(Network((Input(), *blocks)))
    draw(pad, *ONE)
    pad._later.flush()
    assert pad.bars.words == words
    assert pad.bars.shares is None
    assert session_of(pad).probe.is_drawn
    session_of(pad).apply(FITTING, "Repair")
    assert_answered(pad)


def test_without_pictures_the_drawing_waits(
    themes: ThemeManager, show: Callable[[QWidget], None], digits: Dataset
) -> None:
    session = Session(Project(FITTING), threads=1)
    pad = DrawPad(session, themes)
    show(pad)
    pad.resize(304, 218)
    draw(pad, *ONE)
    assert pad.bars.words == "The pictures are still being loaded."
    session.set_dataset(digits)
    pad._later.flush()
    QTest.mouseClick(pad.shown, LEFT)
    assert_answered(pad)
    assert session.shut_down()


def test_any_number_of_classes(pad_of: Callable[[Network], DrawPad], digits: Dataset) -> None:
    pad = pad_of(Network((Input(), FullyConnected(47))))
    names = tuple(f"letter {i}" for i in range(47))
    session_of(pad).set_dataset(Dataset("mnist", names, digits.train, digits.test))
    draw(pad, *SEVEN)
    pad._later.flush()
    rows, winner = pad.bars.rows()
    shares = pad.bars.shares
    assert len(rows) == pad.bars.height() // 16 < 47
    assert min(share for _, share in rows) >= np.sort(shares)[-len(rows)]
    assert rows[winner] == (names[shares.argmax()], shares.max())
    assert pad.says.words == f"Sees {names[shares.argmax()]}"


def test_ten_classes_are_all_shown_in_a_low_panel(pad: DrawPad) -> None:
    pad.resize(290, 185)
    draw(pad, *SEVEN)
    QApplication.processEvents()
    pad._later.flush()
    assert pad.bars.height() < 160
    assert [name for name, _ in pad.bars.rows()[0]] == list("0123456789")


# ---- pictures


@pytest.fixture
def told(pad: DrawPad) -> list[str]:
    """The sentences that the pad has told."""
    sentences: list[str] = []
    session_of(pad).noticed.connect(lambda notice: sentences.append(notice.sentence))
    return sentences


def page() -> QImage:
    """A dark stroke on white paper, off centre, as photographed."""
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setPen(QPen(QColor(20, 20, 90), 14))
    painter.drawLine(200, 40, 190, 160)
    painter.end()
    return image


def array_of(image: QImage) -> Bytes:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), -1)
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def assert_loaded(pad: DrawPad, image: QImage) -> None:
    pixels = seen_picture(array_of(image), (1, 28, 28))
    assert pixels.max() > 200
    np.testing.assert_array_equal(session_of(pad).probe.pixels, pixels)
    pad._later.flush()
    np.testing.assert_allclose(pad.bars.shares, expected(pad, pixels), atol=1e-6)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".ppm"])
def test_a_picture_file_is_seen_as_the_command_line_sees_it(
    pad: DrawPad, qtbot: QtBot, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"page{suffix}"
    assert page().save(str(path))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(pad.load, LEFT)
    qtbot.waitUntil(lambda: pad.is_shown)
    assert_loaded(pad, QImage(str(path)))
    assert 0 < (ink(pad) > 127).mean() < 0.1, "the paper is no ink"
    draw(pad, *ONE)
    assert_answered(pad)
    QTest.mouseClick(pad.undo, LEFT)
    assert_loaded(pad, QImage(str(path)))
    QTest.mouseClick(pad.undo, LEFT)
    assert pad.ink.is_blank


def test_a_digit_of_mnist_as_a_file_is_seen_to_the_bit(
    pad: DrawPad, qtbot: QtBot, tmp_path: Path
) -> None:
    digit = datasets.load("mnist").test.pixels[0, 0]
    image = QImage(digit.tobytes(), 28, 28, 28, QImage.Format.Format_Grayscale8)
    assert image.save(str(tmp_path / "seven.png"))
    pad.load_file(tmp_path / "seven.png")
    qtbot.waitUntil(lambda: pad.is_shown)
    np.testing.assert_array_equal(session_of(pad).probe.pixels[0], digit)


def test_a_picture_is_pasted_with_its_transparency(pad: DrawPad, told: list[str]) -> None:
    image = QImage(80, 80, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setPen(QPen(QColor("white"), 8))
    painter.drawLine(40, 10, 40, 70)
    painter.end()
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(pad.paper, Qt.Key.Key_V, CTRL)
    values = ink(pad)
    assert 0.03 < (values > 127).mean() < 0.2
    pixels = session_of(pad).probe.pixels[0]
    assert np.flatnonzero((pixels > 127).any(axis=1)).size == 20
    assert told == []
    QGuiApplication.clipboard().setText("no picture")
    QTest.keyClick(pad.paper, Qt.Key.Key_V, CTRL)
    assert told == ["There is no picture on the clipboard."]


def test_a_picture_is_dropped_on_the_sheet(
    pad: DrawPad, drop: Callable[[QWidget, QMimeData, QPoint], None]
) -> None:
    mime = QMimeData()
    mime.setImageData(page())
    drop(pad.paper, mime, QPoint(50, 50))
    assert_loaded(pad, page())


def test_a_picture_dropped_anywhere_on_the_window_is_drawn(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "page.PNG"
    assert page().save(str(path))
    window.panels.docks["draw"].close()
    drop_at(window.windowHandle(), files(path), QPoint(600, 400))
    qtbot.waitUntil(lambda: window.draw_pad.is_shown)
    assert window.draw_pad.isVisible()
    assert not window.draw_pad.visibleRegion().isEmpty()


@pytest.mark.qt_log_ignore("JPEG datastream")  # Qt's own words, beside ours
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.png", None, "cannot be read"),
        ("empty.png", b"", "is empty"),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0", "cut short"),
        ("words.jpg", b"these are words", "is no picture that can be read"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", "picture"),
    ],
)
def test_a_bad_file_gets_one_sentence_and_changes_nothing(
    pad: DrawPad,
    told: list[str],
    qtbot: QtBot,
    tmp_path: Path,
    name: str,
    content: bytes | None,
    words: str,
) -> None:
    draw(pad, *SEVEN)
    before = ink(pad)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    pad.load_file(tmp_path / name)
    qtbot.waitUntil(lambda: bool(told))
    assert len(told) == 1
    assert name in told[0]
    assert words in told[0]
    np.testing.assert_array_equal(ink(pad), before)


def test_a_large_picture_does_not_hold_the_window_up(
    pad: DrawPad, qtbot: QtBot, tmp_path: Path
) -> None:
    large = page().scaled(1500, 1000)
    path = tmp_path / "large.png"
    assert large.save(str(path))
    begin = time.perf_counter()
    pad.load_file(path)
    assert time.perf_counter() - begin < 0.1
    qtbot.waitUntil(lambda: pad.is_shown, timeout=20_000)
    assert max(pad.ink.drawing.source.shape) <= 640
    small = seen_picture(array_of(page()), (1, 28, 28)).astype(float)
    got = session_of(pad).probe.pixels.astype(float)
    assert np.corrcoef(small.ravel(), got.ravel())[0, 1] > 0.9


# ---- saving


def test_the_drawing_is_saved_and_means_the_same_when_it_is_loaded(
    pad: DrawPad, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(pad, *SEVEN)
    pixels = session_of(pad).probe.pixels
    for suffix in (".png", ".svg", ".csv"):
        path = tmp_path / f"drawing{suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, p=path: (str(p), ""))
        menu = pad.context_menu()
        title = {".png": "PNG", ".svg": "SVG", ".csv": "CSV"}[suffix]
        next(action for action in menu.actions() if title in action.text()).trigger()
        menu.close()
        assert path.stat().st_size > 100
    with (tmp_path / "drawing.csv").open(encoding="utf-8") as file:
        lines = list(csv.reader(file))
    values = np.array([int(line[3]) for line in lines[1:]]).reshape(1, 28, 28)
    np.testing.assert_array_equal(values, pixels)
    QTest.mouseClick(pad.clear, LEFT)
    pad.load_file(tmp_path / "drawing.png")
    qtbot.waitUntil(lambda: pad.is_shown)
    again = session_of(pad).probe.pixels
    assert np.corrcoef(again.ravel(), pixels.ravel())[0, 1] > 0.97


def test_the_probabilities_and_what_the_network_sees_are_saved_where_they_are(
    pad: DrawPad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(pad, *SEVEN)
    pad._later.flush()
    for part, name in ((pad.bars, "probabilities"), (pad.net_sees, "net-sees")):
        path = tmp_path / f"{name}.csv"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, p=path: (str(p), ""))
        place = part.geometry().center()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, pad.mapToGlobal(place))
        QApplication.sendEvent(pad, event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert len(menu.actions()) == 3
        menu.actions()[2].trigger()
        menu.close()
    lines = (tmp_path / "probabilities.csv").read_text(encoding="utf-8").splitlines()
    values = [float(line.split(",")[1]) for line in lines[1:]]
    np.testing.assert_allclose(values, pad.bars.shares, atol=1e-7)
    lines = (tmp_path / "net-sees.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 28 * 28


# ---- the panel among the others


def test_it_stands_at_the_lower_right_in_front_of_the_outline(window: MainWindow) -> None:
    draw_dock, outline = window.panels.docks["draw"], window.panels.docks["outline"]
    assert window.tabifiedDockWidgets(draw_dock) == [outline]
    assert not window.draw_pad.visibleRegion().isEmpty()
    assert window.draw_pad.paper.width() >= 140
    window.actions_by_name["go_outline"].trigger()
    QApplication.processEvents()
    assert window.outline.hasFocus()
    assert window.draw_pad.visibleRegion().isEmpty()
    window.actions_by_name["go_draw"].trigger()
    QApplication.processEvents()
    assert window.draw_pad.paper.hasFocus()
    window.actions_by_name["go_outline"].trigger()
    window.reset_layout()
    QApplication.processEvents()
    assert not window.draw_pad.visibleRegion().isEmpty()


def test_behind_the_outline_it_costs_nothing_and_catches_up(window: MainWindow) -> None:
    pad = window.draw_pad
    draw(pad, *SEVEN)
    window.panels.go_to("outline")
    QApplication.processEvents()
    shares = pad.bars.shares
    assert shares is not None
    window.session.set_probe(3)
    QApplication.processEvents()
    assert pad.bars.shares is shares
    assert not window.session.probe.is_drawn
    window.panels.go_to("draw")
    QApplication.processEvents()
    assert pad.bars.shares is None


def test_while_training_the_answer_comes_within_a_moment(window: MainWindow, qtbot: QtBot) -> None:
    """On a quiet machine it takes 10 ms at the median; here others may be at work."""
    session, pad = window.session, window.draw_pad
    session.train()
    qtbot.waitUntil(lambda: session.progress is not None, timeout=20_000)
    took = []
    for _ in range(5):
        draw(pad, *SEVEN, release=False)
        begin = time.perf_counter()
        QTest.mouseRelease(pad.paper, LEFT, NO_KEYS, SEVEN[-1])
        pad._later.flush()
        pad.bars.repaint()
        took.append(time.perf_counter() - begin)
        assert pad.is_shown
        QTest.mouseClick(pad.clear, LEFT)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert min(took) < 0.05, took


def test_ten_classes_are_all_shown_in_the_smallest_window(window: MainWindow) -> None:
    for width, height in ((1280, 720), (1180, 680)):
        window.resize(width, height)
        QApplication.processEvents()
        rows, _ = window.draw_pad.bars.rows()
        assert [name for name, _ in rows] == list("0123456789")
        assert window.draw_pad.bars.height() >= 110, "words of 11 pixels do not touch"


def test_a_blank_sheet_is_drawn_on_with_the_pen(pad: DrawPad, qtbot: QtBot) -> None:
    draw(pad, *SEVEN)
    qtbot.mouseClick(pad.eraser, LEFT)
    assert pad.paper.is_eraser
    qtbot.mouseClick(pad.clear, LEFT)
    assert pad.pen.isChecked()
    assert not pad.paper.is_eraser
    draw(pad, *ONE)
    pad._later.flush()
    assert pad.bars.shares is not None


def test_the_menu_of_an_empty_sheet_ends_with_its_closing(pad: DrawPad, qtbot: QtBot) -> None:
    before = len(pad.findChildren(QMenu))
    menu = pad.context_menu()
    menu.popup(pad.mapToGlobal(pad.rect().center()))
    with qtbot.waitSignal(menu.destroyed):
        menu.close()
    assert len(pad.findChildren(QMenu)) == before
