"""The training panel: words before training, curves while it runs, figures after each epoch."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import FullyConnected, Input, MaxPool2D
from cnnstudio.engine.trainer import EpochResult
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project, load
from cnnstudio.network.project_file import save as save_project
from cnnstudio.ui.document.saving import save
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.predictions.mistakes import Mistakes
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training import plot_painting
from cnnstudio.ui.training.line_looks import MEASURED, TRAIN
from cnnstudio.ui.training.lines import Line
from cnnstudio.ui.training.plots import CurvePlot
from cnnstudio.ui.training.training_figures import BEST, KEPT
from cnnstudio.ui.training.training_panel import TrainingPanel

RECIPE = Recipe(epochs=2, batch_size=4, validation=8, learning_rate=0.01)


@pytest.fixture
def panel(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> TrainingPanel:
    session.set_recipe(RECIPE)
    panel = TrainingPanel(session, themes)
    show(panel)
    panel.resize(912, 216)
    return panel


@pytest.fixture
def trained(panel: TrainingPanel, session: Session, qtbot: QtBot) -> TrainingPanel:
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    panel.refresh()
    return panel


def plot(panel: TrainingPanel, place: int) -> CurvePlot:
    return panel.plots[place]


def line_of(plot: CurvePlot, name: str) -> Line:
    return next(line for line in plot.shown.lines if line.alias == name)


def train_line(epochs: np.ndarray, values: np.ndarray, key: object = "train") -> Line:
    """A growing line, its last point the tip."""
    tip = (float(epochs[-1]), float(values[-1]))
    return Line(epochs[:-1], values[:-1], TRAIN, key, "train", "train", grows=True, tip=tip)


def measured_line(epochs: np.ndarray, values: np.ndarray) -> Line:
    key = (tuple(epochs.tolist()), tuple(values.tolist()))
    return Line(epochs, values, MEASURED, key, "validation", "validation")


def test_before_training_it_says_what_train_does(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.words.text() == (
        "Train goes 2 times through 16 pictures of MNIST with Adam, 4 at a step, learning rate "
        "0.01. 8 more are kept aside to measure with."
    )
    session.select((1,))
    qtbot.mouseClick(panel.empty.change, Qt.MouseButton.LeftButton)
    assert session.selection == ()


def test_it_says_why_training_cannot_start(panel: TrainingPanel, session: Session) -> None:
    session.apply(Network((Input(), FullyConnected(7))), "Other")
    panel.refresh()
    assert session.train_refusal is not None
    assert panel.empty.words.text().startswith(session.train_refusal)


def test_curves_have_every_step_and_epoch(trained: TrainingPanel, session: Session) -> None:
    assert not trained.empty.isVisible()
    loss, accuracy = plot(trained, 0), plot(trained, 1)
    train, validation = line_of(loss, "train"), line_of(loss, "validation")
    assert train.epochs.tolist() == pytest.approx(session.curve.epoch.tolist())
    assert train.values[0] == pytest.approx(session.curve.loss[0])
    assert validation.epochs.tolist() == [1, 2]
    assert validation.values.tolist() == [e.validation_loss for e in session.epochs]
    assert line_of(accuracy, "validation").values.tolist() == pytest.approx(
        [100 * e.validation_accuracy for e in session.epochs]
    )


def test_figures_after_training(trained: TrainingPanel, session: Session) -> None:
    figures, last = trained.figures, session.epochs[-1]
    assert figures.accuracy.text() == f"{100 * last.validation_accuracy:.2f} %"
    assert figures.loss.value.text() == f"{last.validation_loss:.3g}"
    assert figures.method.value.text() == "Adam"
    assert figures.rate.value.text() == "0.01"
    assert figures.batch.value.text() == "4"


def test_a_figure_says_which_weights_it_is_of(
    panel: TrainingPanel, session: Session, themes: ThemeManager, qtbot: QtBot
) -> None:
    """Regression: beside the accuracy of the last epoch stood one of later weights, called so."""
    figures, mistakes = panel.figures, Mistakes(session, themes)
    qtbot.addWidget(mistakes)
    panel.refresh()
    assert figures.title.text() == "Validation accuracy"
    for made in range(1, 7):
        session.step()
        qtbot.waitUntil(lambda made=made: len(session.curve) == made)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle")
    panel.refresh()
    assert figures.title.text() == "Validation after epoch 1"
    assert session.position == 1.5
    mistakes.resize(900, 240)
    mistakes.show()
    qtbot.waitUntil(lambda: "at epoch 1.50" in mistakes.state.words)
    session.show_moment(session.snapshots[0])
    qtbot.waitUntil(lambda: "at epoch 0.00" in mistakes.state.words)
    session.show_moment(None)
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle")
    panel.refresh()
    last = session.epochs[-1].epoch
    assert figures.title.text() == f"Validation after epoch {last}"
    assert session.position == last
    qtbot.waitUntil(lambda: f"after epoch {last}" in mistakes.state.words)


def test_early_stopping_is_told_with_the_epoch_that_is_kept(
    panel: TrainingPanel, session: Session, qtbot: QtBot
) -> None:
    told: list[str] = []
    session.noticed.connect(lambda notice: told.append(notice.sentence))
    session.set_recipe(RECIPE.with_values(epochs=9, patience=2, learning_rate=1e-8))
    panel.refresh()
    assert panel.empty.words.text().endswith(
        "It stops after the first 2 epochs without a better accuracy on them."
    )
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    panel.refresh()
    assert len(session.epochs) == 3
    (sentence,) = told
    assert "2 epochs without a better accuracy" in sentence
    assert session.progress is not None
    best = session.progress.best_epoch
    assert best is not None
    assert f"The weights of epoch {best} are kept." in sentence
    assert panel.figures.title.text() == f"Validation after epoch {best}"
    assert panel.figures.remark.text() == (BEST if best == 3 else KEPT)
    assert session.position == best, "the weights are those of the best epoch"
    accuracy = session.epochs[best - 1].validation_accuracy
    assert panel.figures.accuracy.text() == f"{100 * accuracy:.2f} %"


@pytest.mark.parametrize(
    ("accuracies", "words"),
    [
        ([0.5, 0.75], "best so far"),
        ([0.75, 0.5], "best 75.00 % in epoch 1"),
        ([math.nan, math.nan], ""),
    ],
)
def test_best_epoch_is_named(
    panel: TrainingPanel, session: Session, accuracies: list[float], words: str
) -> None:
    assert session.model is not None
    history = tuple(
        {
            "epoch": i + 1,
            "train_loss": 1.0,
            "train_accuracy": 0.5,
            "validation_loss": 1.0,
            "validation_accuracy": accuracy,
            "seconds": 1.0,
            "images_per_second": 1.0,
        }
        for i, accuracy in enumerate(accuracies)
    )
    weights = {key: array.copy() for key, array in session.model.parameters.items()}
    session.restart(Project(session.network, RECIPE, weights, history), None)
    panel.refresh()
    assert panel.figures.remark.text() == words
    train = line_of(plot(panel, 0), "train")
    assert train.epochs.tolist() == [1, 2], "a loaded run shows its epochs"
    assert train.values.tolist() == [1.0, 1.0]


def test_other_network_has_no_curve_and_undo_brings_it_back(
    trained: TrainingPanel, session: Session
) -> None:
    session.replace(5, FullyConnected(30), "Change")
    trained.refresh()
    assert trained.empty.isVisible()
    session.undo()
    trained.refresh()
    assert not trained.empty.isVisible()
    assert len(line_of(plot(trained, 0), "train").epochs) == len(session.curve)


def test_news_between_two_looks_are_drawn_once(
    panel: TrainingPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(panel.figures, "refresh", lambda: drawn.append(1))
    monkeypatch.setattr(panel.empty, "refresh", lambda: drawn.append(1))
    for _ in range(50):
        session.progress_changed.emit()
    assert drawn == []
    qtbot.waitUntil(lambda: len(drawn) == 1)
    panel._later.flush()
    assert len(drawn) == 1


def test_hidden_panel_draws_nothing(panel: TrainingPanel, session: Session, qtbot: QtBot) -> None:
    panel.hide()
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    panel.refresh()
    assert panel._stack.currentWidget() is panel.empty
    panel.show()
    assert panel._stack.currentWidget() is not panel.empty


@pytest.fixture
def curve(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> CurvePlot:
    plot = CurvePlot("loss", session, themes)
    show(plot)
    plot.resize(360, 190)
    return plot


def test_nan_and_zero_become_gaps(curve: CurvePlot) -> None:
    train = Line(np.array([0.1, 0.2, 0.3, 0.4]), np.array([1.0, math.nan, 0.0, 0.1]))
    curve.show_lines([train, Line(np.array([1.0, 2.0]), np.array([math.nan, 0.5]))])
    points = curve.shown.points(train)
    assert np.isfinite(points[:, 1]).tolist() == [True, False, False, True]
    assert curve.grab().width() > 0
    curve.show_lines([Line(np.array([0.1]), np.array([math.nan]), name="train")])
    assert curve.grab().width() > 0
    assert curve.shown.ends == []
    curve.show_lines([])
    assert curve.grab().width() > 0


def test_lines_have_their_colours(curve: CurvePlot, themes: ThemeManager) -> None:
    epochs = np.linspace(0, 3, 50)
    curve.show_lines(
        [
            train_line(epochs, np.exp(-epochs)),
            measured_line(epochs[::10], np.exp(-epochs[::10]) + 1),
        ]
    )
    for choice in ("light", "dark"):
        themes.choose(choice)
        curve.dress()
        picture = curve.grab().toImage()
        size = (range(picture.width()), range(picture.height()))
        found = {picture.pixel(x, y) for x in size[0] for y in size[1]}
        for token in ("train", "valid", "window", "line"):
            assert themes.theme.color(token).rgb() in found, token


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv"])
def test_plots_are_saved(
    trained: TrainingPanel, session: Session, themes: ThemeManager, tmp_path: Path, suffix: str
) -> None:
    loss = plot(trained, 0)
    path = tmp_path / f"loss{suffix}"
    save(path, loss, loss.table(), themes.theme.color("window"))
    if suffix == ".png":
        assert QImage(str(path)).width() == 2 * loss.drawn_size().width()
    elif suffix == ".svg":
        source = path.read_text(encoding="utf-8")
        assert QSvgRenderer(str(path)).isValid()
        assert ">validation<" in source.replace("\n", "").replace(" <", "<")
        assert "<image" not in source, "lines stay lines"
    else:
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        steps = [row for row in rows if row["train loss"]]
        assert [float(row["train loss"]) for row in steps] == session.curve.loss.tolist()
        assert [float(r["validation"]) for r in rows if r["validation"]] == [
            e.validation_loss for e in session.epochs
        ]


def test_context_menu_offers_three_formats(trained: TrainingPanel) -> None:
    loss = plot(trained, 0)
    place = QPoint(60, 60)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, loss.mapToGlobal(place))
    QApplication.sendEvent(loss, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    words = [action.text() for action in menu.actions()]
    menu.close()
    assert words == ["Save as PNG picture ...", "Save as SVG drawing ...", "Save as CSV table ..."]


def grown(plot: CurvePlot, count: int, after: int = 1) -> QImage:
    """The plot after `count` points of a falling line have come, `after` by `after`."""
    epochs = np.arange(1, count + 1) / 400
    values = np.exp(-2 * epochs) * (1.2 + np.sin(40 * epochs))
    measured = measured_line(np.array([0.2, 0.4]), np.array([0.8, 0.6]))
    for known in range(after, count + 1, after):
        plot.show_lines([train_line(epochs[:known], values[:known]), measured])
        picture = plot.grab().toImage()
    return picture


def test_growing_lines_look_like_lines_drawn_at_once(
    curve: CurvePlot, themes: ThemeManager
) -> None:
    step_by_step = pixels(grown(curve, 390, 10))
    assert curve._painting.ground is not None
    assert curve._painting.ground.painted[0] > 100, "most of the line is kept"
    curve.dress()
    at_once = pixels(grown(curve, 390, 390))
    changed = np.abs(step_by_step - at_once).max(axis=2)
    assert (changed > 0).mean() < 0.005, "only where two pieces meet"
    assert changed.max() < 130


def test_kept_lines_are_not_painted_again(
    curve: CurvePlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(curve, 390, 390)
    painted: list[int] = []
    draw = plot_painting.draw_points
    told = lambda *a: (painted.append(len(a[1])), draw(*a))  # noqa: E731
    monkeypatch.setattr(plot_painting, "draw_points", told)
    curve.update()
    curve.grab()
    assert painted == [2], "the last kept point, and the tip"


def test_axes_are_found_anew_only_for_what_they_do_not_show(curve: CurvePlot) -> None:
    grown(curve, 100, 100)
    fitted = curve.axes
    epochs = np.arange(1, 131) / 400
    values = np.exp(-2 * epochs) * (1.2 + np.sin(40 * epochs))
    measured = measured_line(np.array([0.2, 0.4]), np.array([0.8, 0.6]))
    curve.show_lines([train_line(epochs[:104], values[:104]), measured])
    assert curve.axes is fitted
    values[110] = 40.0
    curve.show_lines([train_line(epochs[:120], values[:120]), measured])
    assert curve.axes is not fitted
    assert curve.axes.heights[1] > math.log10(40)


@pytest.mark.parametrize("change", ["size", "theme", "axes", "other", "rings"])
def test_what_no_longer_holds_is_painted_anew(
    curve: CurvePlot, themes: ThemeManager, change: str
) -> None:
    grown(curve, 390, 390)
    before = curve._painting.ground
    train, measured = curve.shown.lines
    epochs, values = train.all_epochs, train.all_values
    if change == "size":
        curve.resize(300, 150)
    elif change == "theme":
        themes.choose("dark")
        curve.dress()
    elif change == "axes":
        train = train_line(epochs * 3, values)
    elif change == "other":
        train = train_line(epochs, values * 1.01, key="other")
    else:
        measured = measured_line(np.array([0.2, 0.4, 0.6]), np.array([0.8, 0.6, 0.5]))
    curve.show_lines([train, measured])
    curve.grab()
    assert curve._painting.ground is not before


def pixels(image: QImage) -> np.ndarray:
    """Red, green and blue ``(rows, columns, 3)``."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8)
    return raw.reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def test_unfinished_epoch_has_no_validation_figures(
    panel: TrainingPanel, session: Session, qtbot: QtBot
) -> None:
    session.step()
    qtbot.waitUntil(lambda: len(session.curve) == 1, timeout=20_000)
    panel.refresh()
    assert panel.figures.accuracy.text() == "–"
    assert panel.figures.remark.text() == "after the first epoch"
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)


def test_epoch_results_of_the_engine_fit_the_panel() -> None:
    """The panel reads these fields by name."""
    names = {"train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "epoch"}
    assert names <= set(EpochResult.__dataclass_fields__)


def test_the_reason_not_to_train_has_real_signs(panel: TrainingPanel, session: Session) -> None:
    session.apply(Network((Input(), MaxPool2D(2, 3))), "Other")
    panel.refresh()
    assert "(28 − 2) / 3 + 1 = 9.67" in panel.empty.words.text()


def test_an_edited_recipe_is_told_from_the_runs_own_which_comes_back_in_one_click(
    trained: TrainingPanel, session: Session, qtbot: QtBot
) -> None:
    """Regression: the figures were those of a recipe that no run had used."""
    assert not trained.remark.isVisible()
    edited = RECIPE.with_values(learning_rate=0.05, batch_size=8, optimizer="sgd")
    with qtbot.waitSignal(trained.refreshed):
        session.set_recipe(edited)
    assert trained.remark.isVisible()
    assert trained.remark.words.text() == (
        "Last run: batch size 4 (now 8), optimizer Adam (now SGD), learning rate 0.01 (now 0.05)"
    )
    figures = trained.figures
    assert (figures.rate.value.text(), figures.batch.value.text()) == ("0.01", "4")
    assert figures.method.value.text() == "Adam"
    with qtbot.waitSignal(trained.refreshed):
        qtbot.mouseClick(trained.remark.back, Qt.MouseButton.LeftButton)
    assert session.recipe == RECIPE
    assert not trained.remark.isVisible()
    session.undo()
    assert session.recipe == edited


def test_a_change_that_no_step_was_made_with_is_not_told(
    panel: TrainingPanel, session: Session, qtbot: QtBot
) -> None:
    """Regression: a change at the very end had a flag, and the figures had its learning rate."""
    for rate in (0.002, 0.05):
        made, words = len(session.curve), f"-> {rate}"
        session.step()
        qtbot.waitUntil(lambda made=made: len(session.curve) > made)
        session.set_recipe(session.recipe.with_values(learning_rate=rate))
        qtbot.waitUntil(lambda words=words: words in "".join(dict(session.changes).values()))
    assert len(session.changes) == 2
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle")
    assert [words for _, words in session.changes] == ["Learning rate 0.01 -> 0.002"]
    assert session.run_recipe == RECIPE.with_values(learning_rate=0.002)
    assert session.recipe.learning_rate == 0.05, "the next run takes what was typed"
    panel.refresh()
    assert [len(plot.shown.marks) for plot in panel.plots] == [1, 1]
    assert panel.figures.rate.value.text() == "0.002"
    assert "learning rate 0.002 (now 0.05)" in panel.remark.words.text()


def test_the_recipe_of_the_run_is_in_the_file(
    trained: TrainingPanel, session: Session, tmp_path: Path
) -> None:
    edited = RECIPE.with_values(learning_rate=0.05)
    session.set_recipe(edited)
    save_project(session.project(), tmp_path / "mine.cnn")
    session.restart(load(tmp_path / "mine.cnn"), None)
    assert session.recipe == edited
    assert session.run_recipe == RECIPE
    trained.refresh()
    assert trained.remark.words.text() == "Last run: learning rate 0.01 (now 0.05)"


def test_a_reopened_file_has_the_same_curve(
    trained: TrainingPanel, session: Session, tmp_path: Path
) -> None:
    """Regression: a file kept one point for each epoch, and the steps between were gone."""
    before = plot(trained, 0).grab().toImage()
    table = session.curve.table
    save_project(session.project(), tmp_path / "mine.cnn")
    session.restart(load(tmp_path / "mine.cnn"), None)
    assert session.curve.table.tobytes() == table.tobytes()
    trained.refresh()
    assert plot(trained, 0).grab().toImage() == before


def test_a_file_without_a_curve_says_that_its_points_are_epochs(
    trained: TrainingPanel, session: Session
) -> None:
    project = session.project()
    session.restart(dataclasses.replace(project, curve=None), None)
    trained.refresh()
    line = line_of(plot(trained, 0), "train")
    assert line.name == "train by epoch"
    assert line.epochs.tolist() == [1, 2]
    session.restart(project, None)
    trained.refresh()
    assert line_of(plot(trained, 0), "train").name == "train"
