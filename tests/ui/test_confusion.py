"""The confusion matrix equals that of `evaluate`, and each cell shows the images it counts."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.engine.metrics import Evaluation, evaluate
from cnnstudio.network import Network
from cnnstudio.ui.document import saving
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.contrast import contrast, readable_on
from cnnstudio.ui.predictions.confusion import Confusion
from cnnstudio.ui.predictions.confusion_counts import Cell, Counts
from cnnstudio.ui.predictions.confusion_matrix import ConfusionMatrix
from cnnstudio.ui.theme import ThemeManager, load_theme
from tests.ui.predicted import opened, ready

Open = Callable[[Network], Session]
Show = Callable[[QWidget], None]
SMALL = Network((Input(), FullyConnected(10)))


@pytest.fixture
def session(open_session: Open) -> Session:
    session = open_session(SMALL)
    session.set_recipe(session.recipe.with_values(validation=20, epochs=3, batch_size=4))
    return session


@pytest.fixture
def panel(qtbot: QtBot, session: Session, themes: ThemeManager, show: Show) -> Confusion:
    return opened(qtbot, session, Confusion(session, themes), show)


def expected(session: Session, of: str = "validation") -> Evaluation:
    assert session.model is not None
    return evaluate(session.model, session.images(of))


def wrong_cell(counts: Counts) -> Cell:
    return counts.most_confused(1)[0]


def click(qtbot: QtBot, matrix: ConfusionMatrix, cell: Cell) -> None:
    middle = matrix.place(cell).center()
    qtbot.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def test_matrix_is_that_of_evaluate(panel: Confusion, session: Session) -> None:
    result = expected(session)
    counts = panel.matrix.counts
    assert np.array_equal(counts.counts, result.confusion)
    assert counts.total == 20
    assert counts.wrong == 20 - np.trace(result.confusion)
    assert counts.accuracy == pytest.approx(result.accuracy)
    share = f"{100 * result.accuracy:.2f} % right"
    told = f"{counts.wrong} wrong of 20  ·  random weights  ·  {share}"
    assert panel.state.accessibleName() == told
    assert panel.state.words.startswith(f"{counts.wrong} wrong of 20  ·  random weights")


def test_the_test_images_can_be_looked_at_too(
    qtbot: QtBot, panel: Confusion, session: Session
) -> None:
    qtbot.mouseClick(panel.sets.buttons["test"], Qt.MouseButton.LeftButton)
    ready(qtbot, panel, session)
    assert np.array_equal(panel.matrix.counts.counts, expected(session, "test").confusion)
    assert panel.matrix.counts.total == 16


def test_click_on_a_cell_shows_its_images_and_a_click_on_one_makes_it_the_probe(
    qtbot: QtBot, panel: Confusion, session: Session
) -> None:
    cell = wrong_cell(panel.matrix.counts)
    click(qtbot, panel.matrix, cell)
    assert panel.matrix.choice == cell
    assert panel.grid.isVisible()
    assert not panel.rows.isVisible()
    assert len(panel.grid) == panel.matrix.counts.counts[cell]
    images = session.images("validation")
    assert session.model is not None
    for place in range(len(panel.grid)):
        pixels = panel.grid.picture(place)
        shares = session.model.probabilities(pixels[np.newaxis])[0]
        assert int(shares.argmax()) == cell[1]
        assert panel.grid.caption(place) == f"{100 * shares[cell[1]]:.1f} %"
    middle = panel.grid.place(0).center()
    qtbot.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    probe = session.probe
    assert probe is not None
    assert (probe.origin, probe.label) == ("validation", cell[0])
    assert np.array_equal(probe.pixels, images.pixels[probe.index])
    assert np.array_equal(probe.pixels, panel.grid.picture(0))
    qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    assert panel.rows.isVisible()
    assert not panel.grid.isVisible()


def test_keyboard_goes_from_cell_to_cell_and_to_the_images(
    qtbot: QtBot, panel: Confusion, session: Session
) -> None:
    matrix = panel.matrix
    matrix.setFocus()
    for key, cell in (
        (Qt.Key.Key_Right, (0, 0)),
        (Qt.Key.Key_Right, (0, 1)),
        (Qt.Key.Key_Down, (1, 1)),
        (Qt.Key.Key_End, (1, 9)),
        (Qt.Key.Key_PageDown, (9, 9)),
        (Qt.Key.Key_Right, (9, 9)),
        (Qt.Key.Key_Home, (9, 0)),
        (Qt.Key.Key_PageUp, (0, 0)),
        (Qt.Key.Key_Left, (0, 0)),
    ):
        qtbot.keyClick(matrix, key)
        assert matrix.choice == cell
        assert matrix.accessibleDescription() == matrix.counts.words(cell)
    cell = wrong_cell(matrix.counts)
    matrix.choose(cell)
    qtbot.keyClick(matrix, Qt.Key.Key_Return)
    assert panel.grid.hasFocus()
    qtbot.keyClick(panel.grid, Qt.Key.Key_Return)
    assert session.probe is not None
    assert session.probe.label == cell[0]
    qtbot.keyClick(panel.grid, Qt.Key.Key_Escape)
    assert matrix.hasFocus()
    assert matrix.choice is None


def test_pointer_reads_a_cell_and_the_shares_beside(panel: Confusion) -> None:
    matrix, counts = panel.matrix, panel.matrix.counts
    cell = wrong_cell(counts)
    row, column = cell

    def hover(position: QPoint) -> str:
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(position),
            matrix.viewport().mapToGlobal(QPointF(position)),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(matrix.viewport(), event)
        return panel.note.text()

    count, of = counts.counts[cell], counts.counts[row].sum()
    share = 100 * count / of
    words = f"{row} seen as {column}: {count} of {of} ({share:.1f} %)"
    assert hover(matrix.place(cell).center()) == words
    right = QPoint(matrix.place((0, 9)).right() + 20, matrix.place(cell).center().y())
    assert hover(right).startswith(f"Recall of {row}: of {of} images, ")
    below = QPoint(matrix.place(cell).center().x(), matrix.place((9, 0)).bottom() + 8)
    seen = counts.counts[:, column].sum()
    assert hover(below).startswith(f"Precision of {column}: of {seen} images seen as {column}, ")
    QApplication.sendEvent(matrix.viewport(), QEvent(QEvent.Type.Leave))
    assert panel.note.text() == "click a cell to see its images"


def test_the_most_frequent_come_first_and_lead_to_their_cell(
    qtbot: QtBot, panel: Confusion
) -> None:
    off = panel.matrix.counts.counts.copy()
    np.fill_diagonal(off, 0)
    shown = [row for row in panel.rows.rows if row.isVisible()]
    assert len(shown) >= 3
    numbers = [int(off[row.cell]) for row in shown]
    assert numbers == sorted(off.ravel(), reverse=True)[: len(shown)]
    qtbot.mouseClick(shown[1], Qt.MouseButton.LeftButton)
    assert panel.matrix.choice == shown[1].cell
    assert panel.grid.hasFocus()


def test_it_is_live_while_training_and_exact_after(
    qtbot: QtBot, panel: Confusion, session: Session
) -> None:
    session.set_recipe(session.recipe.with_values(epochs=10_000))
    session.train()
    qtbot.waitUntil(lambda: "live, epoch" in panel.state.words, timeout=20_000)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    ready(qtbot, panel, session)
    assert np.array_equal(panel.matrix.counts.counts, expected(session).confusion)
    assert "live" not in panel.state.words


def test_hidden_it_asks_for_nothing_and_draws_nothing(
    qtbot: QtBot, panel: Confusion, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(session, "ask_predictions", asked.append)
    panel.hide()
    session.set_probe(2)
    session.weights_changed.emit()
    session.predictions_changed.emit()
    session.replace(1, FullyConnected(10, activation="tanh"), "Change")
    assert asked == []
    monkeypatch.undo()
    panel.show()
    ready(qtbot, panel, session)
    assert np.array_equal(panel.matrix.counts.counts, expected(session).confusion)


def test_why_there_is_nothing_is_told(qtbot: QtBot, panel: Confusion, session: Session) -> None:
    def says(words: str) -> None:
        qtbot.waitUntil(lambda: words in panel.words.text(), timeout=10_000)
        assert panel.words.isVisible()
        assert not panel.matrix.isVisible()

    session.set_recipe(session.recipe.with_values(validation=0))
    says("No images are kept aside for validation")
    session.set_recipe(session.recipe.with_values(validation=20))
    session.insert(1, MaxPool2D(2, 5))
    says("POOL 1 does not fit: repair it first.")
    session.apply(Network((Input(), Conv2D(4, 5))), "Other")
    says("End it with a fully connected block")
    session.apply(SMALL, "Back")
    ready(qtbot, panel, session)
    assert panel.matrix.isVisible()


@pytest.mark.parametrize("classes", [2, 26, 100])
def test_any_number_of_classes_can_be_read(
    themes: ThemeManager, show: Show, classes: int, qtbot: QtBot
) -> None:
    generator = np.random.default_rng(classes)
    numbers = generator.integers(0, 30, (classes, classes)) + np.diag([900] * classes)
    matrix = ConfusionMatrix(themes)
    show(matrix)
    matrix.resize(520, 200)
    matrix.show_counts(Counts(numbers, [f"class {i}" for i in range(classes)]))
    last = (classes - 1, classes - 1)
    for cell in ((0, 0), last, (0, classes - 1), (classes // 2, 0)):
        matrix.choose(cell)
        middle = matrix.place(cell).center()
        assert matrix.at(middle) == cell
        assert matrix.words_at(middle) == matrix.counts.words(cell)
    size = matrix.cell_size
    assert size.width() >= 24
    assert size.height() >= 12
    qtbot.keyClick(matrix, Qt.Key.Key_Escape)
    assert not matrix.grab().isNull()


def test_numbers_stand_out_from_every_ground(panel: Confusion, themes: ThemeManager) -> None:
    for name in ("light", "dark"):
        theme = load_theme(name)
        panel.matrix.show_counts(Counts(np.arange(100).reshape(10, 10), tuple("0123456789")))
        for cell in np.ndindex(10, 10):
            row, column = cell
            count = int(panel.matrix.counts.counts[row, column])
            ground = panel.matrix._ground((row, column), count, theme)
            assert contrast(readable_on(ground), ground) >= 4.5
    assert contrast(QColor("#000000"), QColor("#FFFFFF")) == pytest.approx(21)


def test_shares_of_classes_without_images_are_dashes() -> None:
    counts = Counts(np.array([[3, 0, 1], [0, 0, 0], [0, 0, 4]]), ("a", "b", "c"))
    assert counts.recall(0) == pytest.approx(0.75)
    assert counts.recall(1) is None
    assert counts.precision(1) is None
    assert counts.precision(2) == pytest.approx(0.8)
    assert counts.words((1, 0)) == "b seen as a: 0 of 0"
    assert counts.most_confused(5) == [(0, 2)]


def test_saved_as_csv(
    panel: Confusion, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        saving, "ask_path", lambda _session, _parent, name, suffix: tmp_path / f"{name}{suffix}"
    )
    place = QPoint(50, 90)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, panel.mapToGlobal(place))
    QApplication.sendEvent(panel, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for action in menu.actions():
        action.trigger()
    menu.close()
    with (tmp_path / "confusion-validation.csv").open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["true \\ predicted", *"0123456789", "images", "recall"]
    numbers = np.array([[int(value) for value in row[1:11]] for row in rows[:10]])
    assert np.array_equal(numbers, expected(session).confusion)
    assert (tmp_path / "confusion-validation.png").stat().st_size > 1000
    assert "<svg" in (tmp_path / "confusion-validation.svg").read_text(encoding="utf-8")


def test_outputs_without_a_class_have_numbers(
    qtbot: QtBot, open_session: Open, themes: ThemeManager, show: Show, digits: Dataset
) -> None:
    session = open_session(Network((Input(), FullyConnected(12))))
    session.set_recipe(session.recipe.with_values(validation=20))
    panel = Confusion(session, themes)
    show(panel)
    ready(qtbot, panel, session)
    assert panel.matrix.counts.names == (*"0123456789", "10", "11")


def test_other_pictures_of_the_same_number_are_not_mixed_up(
    qtbot: QtBot, panel: Confusion, session: Session, digits: Dataset
) -> None:
    order = np.random.default_rng(1).permutation(24)
    train = Images(digits.train.pixels[order], digits.train.labels[order])
    session.set_dataset(Dataset("mnist", digits.class_names, train, digits.test))
    ready(qtbot, panel, session)
    assert np.array_equal(panel.matrix.counts.counts, expected(session).confusion)
