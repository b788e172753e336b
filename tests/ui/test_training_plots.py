"""The plots of training as people read them: scales, smoothing, cursor, marks, zoom, other runs."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.engine.environment import present
from cnnstudio.network import Network, Recipe, templates
from cnnstudio.network.project_file import Project
from cnnstudio.runs.record import KeptRun, facts_of
from cnnstudio.ui.document.saving import save
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.training import plot_readout
from cnnstudio.ui.training.line_looks import OTHERS
from cnnstudio.ui.training.lines import Line, spread
from cnnstudio.ui.training.overlaid_runs import OverlaidRun
from cnnstudio.ui.training.plot_hand import LEAST_SPAN
from cnnstudio.ui.training.plot_readout import placed
from cnnstudio.ui.training.plots import CurvePlot
from cnnstudio.ui.training.scales import SCALES
from cnnstudio.ui.training.ticks import PERFECT, linear_axis, nines_axis
from cnnstudio.ui.training.training_panel import TrainingPanel

RECIPE = Recipe(epochs=3, batch_size=2, validation=8, learning_rate=0.01)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    qtbot: QtBot,
) -> TrainingPanel:
    """A panel of a tiny network that was trained for 24 steps."""
    session = open_session(templates.load("tiny").network)
    session.set_recipe(RECIPE)
    panel = TrainingPanel(session, themes)
    show(panel)
    panel.resize(912, 230)
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    panel.refresh()
    QApplication.processEvents()
    return panel


@pytest.fixture
def session(panel: TrainingPanel) -> Session:
    return panel._session


def line_of(plot: CurvePlot, alias: str) -> Line:
    return next(line for line in plot.shown.lines if line.alias == alias)


def mean_of(values: np.ndarray, constant: float) -> list[float]:
    """An exponential mean, written down once more."""
    keep, mean, found = math.exp(-1 / constant), 0.0, []
    for count, value in enumerate(values, 1):
        mean = keep * mean + (1 - keep) * value
        found.append(mean / (1 - keep**count))
    return found


def at(plot: CurvePlot, epoch: float) -> QPoint:
    return QPoint(round(plot.axes.place(epoch, 0).x()), plot.height() // 2)


# ---- scales and smoothing


def test_a_click_changes_the_scale(panel: TrainingPanel) -> None:
    loss, accuracy = panel.plots

    def height(plot: CurvePlot, value: float) -> float:
        return plot.axes.place(0, plot.shown.frame.scale.height_of(value)).y()

    assert height(loss, 4) - height(loss, 2) == pytest.approx(height(loss, 2) - height(loss, 1))
    assert height(accuracy, 20) - height(accuracy, 10) == pytest.approx(
        height(accuracy, 10) - height(accuracy, 0)
    )
    QTest.mouseClick(panel.scales["loss"].buttons["linear"], LEFT)
    QTest.mouseClick(panel.scales["accuracy"].buttons["log"], LEFT)
    assert height(loss, 3) - height(loss, 2) == pytest.approx(height(loss, 2) - height(loss, 1))
    assert height(accuracy, 99.9) - height(accuracy, 99) == pytest.approx(
        height(accuracy, 99) - height(accuracy, 90)
    )
    area = loss.axes.area
    for plot in panel.plots:
        points = plot.shown.points(line_of(plot, "validation"))
        assert (points[:, 1] >= area.top()).all()
        assert (points[:, 1] <= area.bottom()).all()
    panel.grab()


@pytest.mark.parametrize("what", ["loss", "accuracy"])
@pytest.mark.parametrize("word", ["log", "linear"])
def test_every_scale_shows_its_range(what: str, word: str) -> None:
    scale = SCALES[what][word]
    for low, high in ((0.02, 2.3), (0.5, 0.5), (90.0, 99.7), (97.0, 100.0)):
        for zoomed in (True, False):
            (start, end), marks = scale.axis(low, high, zoomed)
            slack = 1e-6 * high
            assert start <= low + slack
            assert end >= min(high, PERFECT if scale is SCALES["accuracy"]["log"] else high) - slack
            assert marks
            assert np.isfinite(scale.heights(np.array([start, end]))).all()


def test_axes_have_round_numbers() -> None:
    assert linear_axis(0, 2.3) == ((0, 2.5), [0, 0.5, 1, 1.5, 2, 2.5])
    assert linear_axis(96.2, 97.1)[1] == [96.2, 96.4, 96.6, 96.8, 97.0, 97.2]
    assert nines_axis(93.0, 99.2) == ((90.0, 99.5), [90.0, 95.0, 98.0, 99.0, 99.5])
    assert nines_axis(100.0, 100.0)[0][0] < 100


def test_smoothing_is_chosen_and_the_raw_line_stays_behind(
    panel: TrainingPanel, session: Session
) -> None:
    raw = session.curve.loss
    for constant in (10, 160):
        QTest.mouseClick(panel.smoothing.buttons[str(constant)], LEFT)
        train = line_of(panel.plots[0], "train")
        assert train.all_values.tolist()[:-1] == pytest.approx(mean_of(raw, constant))
        (faint,) = [line for line in panel.plots[0].shown.lines if line.look.alpha < 0.5]
        assert faint.all_values[:-1].tolist() == raw.tolist()
        assert panel.plots[0].shown.lines.index(faint) < panel.plots[0].shown.lines.index(train)
    QTest.mouseClick(panel.smoothing.buttons["0"], LEFT)
    plot = panel.plots[1]
    assert line_of(plot, "train").values.tolist() == pytest.approx(
        (100 * session.curve.accuracy).tolist()
    )
    assert not [line for line in plot.shown.lines if line.look.alpha < 0.5]


def test_how_it_is_looked_at_stays(panel: TrainingPanel, session: Session, qtbot: QtBot) -> None:
    QTest.mouseClick(panel.smoothing.buttons["10"], LEFT)
    QTest.mouseClick(panel.scales["loss"].buttons["linear"], LEFT)
    session.restart(Project(templates.load("tiny").network, RECIPE), None)
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    panel.hide()
    panel.show()
    assert panel.smoothing.value() == "10"
    assert panel.plots[0].shown.frame.scale is SCALES["loss"]["linear"]
    assert line_of(panel.plots[0], "train").all_values[:-1].tolist() == pytest.approx(
        mean_of(session.curve.loss, 10)
    )


# ---- the cursor


def test_the_pointer_reads_every_line_in_both_plots(panel: TrainingPanel, session: Session) -> None:
    loss, accuracy = panel.plots
    QTest.mouseMove(loss, at(loss, 1.99))
    epoch = loss.cursor_epoch
    assert epoch == pytest.approx(2.0)
    assert accuracy.cursor_epoch == epoch
    train = mean_of(session.curve.loss, 40)[15]
    first, second = session.epochs[:2]
    assert dict((name, value) for name, _, value in loss.reading(epoch).rows) == {
        "train": f"{train:.3g}",
        "validation": f"{second.validation_loss:.3g}",
    }
    rows = {name: value for name, _, value in accuracy.reading(1.2).rows}
    assert rows["validation"] == f"{100 * first.validation_accuracy:.2f} %"
    assert f"train {train:.3g}" in loss.accessibleDescription()
    picture = loss.grab().toImage()
    panel.show_cursor(None)
    assert loss.grab().toImage() != picture, "the values stand in the plot"
    QTest.mouseMove(loss, at(loss, 1.0))
    QApplication.sendEvent(loss, QEvent(QEvent.Type.Leave))
    assert accuracy.cursor_epoch is None


def test_the_arrows_walk_from_step_to_step(panel: TrainingPanel, session: Session) -> None:
    loss, steps = panel.plots[0], session.curve.epoch
    loss.setFocus()
    QTest.keyClick(loss, Qt.Key.Key_Left)
    assert loss.cursor_epoch == pytest.approx(steps[-1])
    QTest.keyClick(loss, Qt.Key.Key_Home)
    assert loss.cursor_epoch == pytest.approx(steps[0])
    QTest.keyClick(loss, Qt.Key.Key_Right)
    QTest.keyClick(loss, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert loss.cursor_epoch == pytest.approx(steps[11])
    assert panel.plots[1].cursor_epoch == loss.cursor_epoch
    QTest.keyClick(loss, Qt.Key.Key_Escape)
    assert loss.cursor_epoch is None


def test_a_change_is_marked_and_told(
    panel: TrainingPanel, session: Session, themes: ThemeManager, qtbot: QtBot, tmp_path: Path
) -> None:
    session.set_recipe(RECIPE.with_values(epochs=1))
    session.step()
    qtbot.waitUntil(lambda: len(session.curve) == 25)
    session.set_recipe(session.recipe.with_values(learning_rate=0.002))
    qtbot.waitUntil(lambda: bool(session.changes))
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    panel.refresh()
    loss = panel.plots[0]
    ((position, words),) = session.changes
    assert loss.reading(position).notes == [words]
    assert loss.reading(1.0).notes == []
    flag = loss.axes.place(position, 0)
    seen = loss.grab().toImage().pixelColor(round(flag.x()) + 2, round(loss.axes.area.top()) + 3)
    assert seen == themes.theme.color("accent")
    rates = {f"{value:.3g}" for value in line_of(loss, "learning rate").all_values}
    assert rates == {"0.01", "0.002"}
    assert dict((n, v) for n, _, v in loss.reading(3.9).rows)["learning rate"] == "0.002"
    path = tmp_path / "loss.csv"
    save(path, loss, loss.table(), themes.theme.color("window"))
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert [row["changed"] for row in rows if row["changed"]] == [words]
    assert float(rows[0]["learning rate"]) == pytest.approx(0.01)


def test_a_rate_that_stays_has_no_line(panel: TrainingPanel) -> None:
    assert "learning rate" not in [line.alias for line in panel.plots[0].shown.lines]


def test_the_table_has_the_steps_that_are_not_drawn_yet(
    panel: TrainingPanel, session: Session
) -> None:
    """Regression: saving a curve as CSV failed most of the time while training."""
    drawn, last = len(session.curve), session.progress
    assert last is not None
    result = session._sheet.result
    session._sheet.results.keep(session.network, result.after((last, last)))
    for plot in panel.plots:
        rows = [row for row in list(plot.table())[1:] if row[1] != ""]
        assert len(rows) == drawn + 2


# ---- zoom


def test_a_span_is_dragged_over_and_a_double_click_goes_back(panel: TrainingPanel) -> None:
    loss, accuracy = panel.plots
    start, end = at(loss, 1.0), at(loss, 2.0)
    QTest.mousePress(loss, LEFT, pos=start)
    QTest.mouseMove(loss, end)
    assert loss.band is not None
    QTest.mouseRelease(loss, LEFT, pos=end)
    for plot in (loss, accuracy):
        assert plot.axes.epochs == pytest.approx((1.0, 2.0), abs=0.02)
        inside = line_of(plot, "train").all_epochs
        assert inside.min() > 0.8
        assert inside.max() < 2.2
    assert panel.whole.isVisible()
    panel.grab()
    QTest.mouseDClick(accuracy, LEFT, pos=end)
    assert loss.axes.epochs == (0.0, 3.0)
    assert not panel.whole.isVisible()
    QTest.keyClick(loss, Qt.Key.Key_Plus)
    assert loss.axes.epochs == pytest.approx((0.75, 2.25))
    QTest.mouseClick(panel.whole, LEFT)
    assert loss.axes.epochs == (0.0, 3.0)


def test_the_zoom_has_an_end(panel: TrainingPanel) -> None:
    loss, accuracy = panel.plots
    for _ in range(100):
        QTest.keyClick(loss, Qt.Key.Key_Plus)
    for plot in (loss, accuracy):
        assert np.ptp(plot.axes.epochs) == pytest.approx(LEAST_SPAN)
        assert line_of(plot, "train").all_epochs.size


def test_a_click_without_a_span_zooms_nothing(panel: TrainingPanel) -> None:
    loss = panel.plots[0]
    QTest.mouseClick(loss, LEFT, pos=at(loss, 1.5))
    assert loss.axes.epochs == (0.0, 3.0)


# ---- other runs


def other(session: Session, name: str, factor: float) -> OverlaidRun:
    curve = session.curve.points.copy()
    curve[:, 1] *= factor
    return OverlaidRun(name, curve, session.epochs)


def test_other_runs_lie_over_the_present_one(panel: TrainingPanel, session: Session) -> None:
    runs = [other(session, "first", 0.5), other(session, "second", 2.0)]
    panel.show_runs(runs)
    loss = panel.plots[0]
    train, measured = [line for line in loss.shown.lines if line.alias == "second"]
    assert train.values.tolist() == pytest.approx(mean_of(2 * session.curve.loss, 40))
    assert measured.values.tolist() == [e.validation_loss for e in session.epochs]
    top = loss.axes.place(0, np.log10(2 * session.curve.loss[0])).y()
    assert top >= loss.axes.area.top(), "the axes show all of it"
    rows = {name: value for name, _, value in loss.reading(2.0).rows}
    assert rows["second"].split(" / ") == [
        f"{train.values[15]:.3g}",
        f"{session.epochs[1].validation_loss:.3g}",
    ]
    assert [entry.text() for entry in panel.legend.entries] == ["first", "second"]
    assert panel.legend.isVisible()
    panel.grab()
    told: list[int] = []
    panel.runs_changed.connect(lambda: told.append(1))
    QTest.mouseClick(panel.legend.entries[0], LEFT)
    assert told == [1]
    assert panel.runs == (runs[1],)
    assert {line.alias for line in loss.shown.lines} == {"", "train", "validation", "second"}
    panel.show_runs(())
    assert not panel.legend.isVisible()


def test_runs_are_told_apart_without_colour() -> None:
    marks = [(dash, mark) for _, dash, mark in OTHERS]
    assert len(set(marks)) == len(OTHERS)
    assert len({mark for _, mark in marks}) == len(OTHERS)


def test_a_kept_run_is_laid_over_an_untrained_network(
    panel: TrainingPanel, session: Session, tmp_path: Path, themes: ThemeManager
) -> None:
    project = session.project()
    facts = facts_of(
        project,
        begun="2024-01-01T00:00:00+00:00",
        seconds=1.0,
        ending="finished",
        environment=present(1),
        title="Kept",
    )
    run = OverlaidRun.of(KeptRun(facts, project, session.curve.points.copy()))
    session.start_over()
    panel.refresh()
    assert panel.empty.isVisible()
    panel.show_runs([run])
    assert not panel.empty.isVisible()
    loss = panel.plots[0]
    assert {line.alias for line in loss.shown.lines if len(line.all_epochs)} == {"Kept"}
    path = tmp_path / "loss.csv"
    save(path, loss, loss.table(), themes.theme.color("window"))
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert {row["run"] for row in rows} == {"Kept"}
    assert [float(r["validation"]) for r in rows if r["validation"]] == pytest.approx(
        [e["validation_loss"] for e in project.history]
    )
    panel.grab()


def test_the_moment_of_the_time_machine_is_marked(
    panel: TrainingPanel, session: Session, themes: ThemeManager
) -> None:
    moment = next(each for each in session.snapshots if each.position > 1.1)
    session.show_moment(moment)
    for plot in panel.plots:
        x = round(plot.axes.place(moment.position, 0).x())
        picture, y = plot.grab().toImage(), round(plot.axes.area.center().y())
        near = [picture.pixelColor(x + i, y) for i in (-1, 0)]
        assert themes.theme.color("accent") in near
    session.show_moment(None)
    assert panel.plots[0]._moment is None


def test_names_are_spread_and_stay_inside() -> None:
    assert spread([10, 50], 0, 100, 15) == [10, 50]
    assert spread([50, 52, 54], 0, 100, 15) == [50, 65, 80]
    assert spread([95, 96], 0, 100, 15) == [85, 100]
    assert spread([-5], 0, 100, 15) == [0]


def test_numbers_of_an_axis_do_not_touch(panel: TrainingPanel) -> None:
    accuracy = panel.plots[1]
    QTest.mouseClick(panel.scales["accuracy"].buttons["log"], LEFT)
    accuracy.show_lines([Line(np.array([0.0, 1.0]), np.array([3.0, 99.3]))])
    assert len(accuracy.axes.ticks) == 9
    drawn = [room.center().y() for _, room in numbers_of(accuracy)]
    assert len(drawn) > 2
    assert all(low - high >= 12 for high, low in pairwise(sorted(drawn)))


def numbers_of(plot: CurvePlot) -> list[tuple[str, QRectF]]:
    """The words at the left of a plot, each with the room that it has there."""
    drawn: list[tuple[str, QRectF]] = []

    class Painter(QPainter):
        def drawText(self, room: QRectF, flags: object, words: str) -> None:  # noqa: N802
            if room.left() == 0:
                drawn.append((words, room))

    picture = QImage(plot.size(), QImage.Format.Format_RGB32)
    painter = Painter(picture)
    plot._painting.draw_numbers(painter, plot.shown)
    painter.end()
    return drawn


@pytest.mark.parametrize("word", ["log", "linear"])
@pytest.mark.parametrize(
    ("low", "high"), [(3e-4, 0.1), (1.25e-5, 2e-5), (0.02, 2e5), (0.001, 1e13)]
)
def test_numbers_of_the_loss_are_whole(
    panel: TrainingPanel, low: float, high: float, word: str
) -> None:
    loss = panel.plots[0]
    QTest.mouseClick(panel.scales["loss"].buttons[word], LEFT)
    loss.show_lines([Line(np.array([0.0, 1.0]), np.array([low, high]))])
    drawn, metrics = numbers_of(loss), QFontMetricsF(font(11, tabular=True))
    assert len(drawn) >= 2
    for words, room in drawn:
        assert metrics.horizontalAdvance(words) <= room.width(), words


def test_one_batch_that_was_all_right_does_not_squeeze_the_loss(panel: TrainingPanel) -> None:
    loss, epochs = panel.plots[0], np.linspace(0, 3, 600)
    values = 0.3 * np.exp(-epochs)
    values[[200, 580]] = 1e-5
    loss.show_lines([Line(epochs, values, name="train", grows=True, steep=True)])
    lowest = 10 ** loss.axes.heights[0]
    assert 0.0005 < lowest < values[-1]
    loss.show_lines([Line(epochs, values, name="train", grows=True, tip=(3.0, 1e-5))])
    (end,) = loss.shown.ends
    assert loss.axes.area.contains(end.point), "the dot at now stays in the plot"
    loss.show_lines([Line(epochs[:8], np.array([3.0, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]))])
    assert 10 ** loss.axes.heights[0] <= 0.001, "a fall that is all there is, is shown"


def test_the_first_batches_of_another_run_do_not_flatten_the_accuracy(
    panel: TrainingPanel, session: Session
) -> None:
    accuracy = panel.plots[1]
    steps, epochs = np.linspace(0, 0.97, 400), np.arange(1.0, 27)
    present = Line(epochs, np.full(26, 99.2), name="train", grows=True, steep=True)
    measured = Line(np.array([1.0]), np.array([97.5]))
    for view in (None, (0.0, 26.0)):
        accuracy.show_view(view)
        other = Line(steps, 97 - 87 * np.exp(-steps / 0.05), steep=True)
        accuracy.show_lines([other, measured, present])
        assert (accuracy.axes.heights[0] > 90) == (view is None)
    accuracy.show_view(None)
    alone = Line(steps, np.linspace(10, 80, 400), name="other", steep=True)
    accuracy.show_lines([alone])
    assert accuracy.axes.heights[0] < 20
    accuracy.show_lines([alone, present])
    assert accuracy.shown.ends[-1].name == "other"
    assert accuracy.axes.heights[0] < 80, "the end of a short run is seen"


def test_the_words_of_the_cursor_leave_the_names_free(
    panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: in a narrow window the box stood on the names of the lines."""
    size, area = QSizeF(150, 48), QRectF(42, 1, 224, 126)
    for heights in ((30, 45), (90, 105)):
        names = [QRectF(190, height - 8, 84, 16) for height in heights]
        for x in (50, 110, 175):
            box = placed(size, area, x, names)
            assert area.adjusted(0, 0, 1, 1).contains(box)
            assert not any(box.intersects(name) for name in names)
    assert placed(size, area, 50).top() == placed(size, area, 175).top() == 1.5
    taken: list[QRectF] = []

    def look(*where: Any) -> QRectF:
        taken.extend(where[-1])
        return placed(*where)

    monkeypatch.setattr(plot_readout, "placed", look)
    loss = panel.plots[0]
    QTest.mouseMove(loss, at(loss, 1.5))
    loss.grab()
    assert taken == loss.shown.name_places
    assert len(taken) == 2
