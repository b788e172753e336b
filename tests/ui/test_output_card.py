"""The OUTPUT card: what the network says, honest before training, and plain where it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from cnnstudio.blocks import Conv2D, Flatten, FullyConnected, Input, MaxPool2D, Residual
from cnnstudio.data.datasets import Dataset
from cnnstudio.network import Network, check
from cnnstudio.ui.canvas.output_face import Verdict, output_face
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document import mime
from cnnstudio.ui.maps.probe import Probe
from cnnstudio.ui.theme import ThemeManager
from tests.ui.hands import click, drag

Drop = Callable[[QWidget, QMimeData, QPoint], None]
FITTING = Network((Input(), FullyConnected(10)))
WRONG = Network((Input(), MaxPool2D(), FullyConnected(120, activation="relu")))
CONV = Conv2D(8, 3, padding=1)


def middle(canvas: Canvas) -> QPoint:
    return canvas.mapFromScene(canvas.pipeline.output.scene_rect().center())


def test_before_training_it_says_that_the_weights_are_random(
    canvas_of: Callable[..., Canvas],
) -> None:
    canvas = canvas_of(FITTING)
    shares = canvas.session.probabilities
    assert shares is not None
    face = canvas.pipeline.output.face
    winner = int(shares.argmax())
    assert (face.verdict, face.words) == (Verdict.RANDOM, f"says {winner}, with random weights")
    assert face.names == tuple("0123456789")
    assert face.note == f"{winner}: {shares[winner]:.1%}".replace("%", " %")
    assert f"{winner}: " in canvas.pipeline.output.toolTip()
    canvas.session.set_probe(1)
    again = canvas.session.probabilities
    assert again is not None
    assert canvas.pipeline.output.face.winner == int(again.argmax())


@pytest.mark.parametrize(
    ("winner", "verdict", "words"),
    [(4, Verdict.RIGHT, "4 is right"), (9, Verdict.WRONG, "9 is wrong: it is 4")],
)
def test_trained_weights_are_right_or_wrong(
    digits: Dataset, winner: int, verdict: Verdict, words: str
) -> None:
    shares = np.full(10, 0.01)
    shares[winner] = 0.91
    report = check(FITTING, 10)
    face = output_face(report, digits, Probe.of(digits, 0), shares, trained=True)
    assert (face.verdict, face.words, face.winner) == (verdict, words, winner)
    assert face.note == f"{winner}: 91.0 %"


def test_another_number_of_values_is_said_in_words_and_repaired(
    canvas_of: Callable[..., Canvas],
) -> None:
    canvas = canvas_of(WRONG)
    output = canvas.pipeline.output
    assert output.face.verdict is Verdict.MISFIT
    assert output.face.words == "The network gives 120 values, but MNIST has 10 classes."
    chip = output.chips[0]
    click(canvas, canvas.mapFromScene(chip.mapToScene(chip.boundingRect().center())))
    assert canvas.session.report.output_shape == (10,)
    assert canvas.pipeline.output.face.verdict is Verdict.RANDOM
    assert output.chips == []
    assert (canvas.session.history.undo_words or "").startswith("Repair")
    canvas.session.undo()
    assert canvas.pipeline.output.face.verdict is Verdict.MISFIT


def test_maps_at_the_end_are_no_answer(digits: Dataset) -> None:
    report = check(Network((Input(), CONV)), 10)
    face = output_face(report, digits, Probe.of(digits, 0), None, trained=False)
    assert face.words == "The network gives maps of 28×28×8, but MNIST has 10 classes."
    waiting = output_face(report, None, None, None, trained=False)
    assert (waiting.verdict, waiting.size) == (Verdict.WAITING, "28×28×8")


def test_behind_a_misfit_nothing_is_known(canvas_of: Callable[..., Canvas]) -> None:
    canvas = canvas_of(Network((Input(), Conv2D(8, 40), FullyConnected(10))))
    assert canvas.pipeline.output.face.verdict is Verdict.UNKNOWN
    assert canvas.pipeline.output.face.shares == ()


def test_what_is_dropped_on_it_goes_to_the_end(canvas: Canvas, drop: Drop) -> None:
    count = len(canvas.session.network)
    canvas.ensureVisible(canvas.pipeline.output.scene_rect())
    for corner in (QPointF(20, 60), QPointF(160, 60)):
        place = canvas.mapFromScene(canvas.pipeline.output.scene_rect().topLeft() + corner)
        drop(canvas.viewport(), mime.encode_block(CONV), place)
        count += 1
        assert len(canvas.session.network) == count
        assert canvas.session.network.blocks[-1] == CONV
        canvas.ensureVisible(canvas.pipeline.output.scene_rect())


def test_it_is_no_block(canvas_of: Callable[..., Canvas]) -> None:
    canvas = canvas_of(FITTING)
    canvas.session.select((1,))
    click(canvas, middle(canvas))
    assert canvas.session.selection == ()
    drag(canvas, middle(canvas), middle(canvas) + QPoint(20, 0), canvas.insertion_point(1))
    assert canvas.session.network == FITTING
    assert len(canvas.pipeline.cards) == 2
    assert canvas.pipeline.card_at(canvas.pipeline.output.scene_rect().center()) is None


def test_it_stands_behind_the_last_block_and_behind_the_slot(
    canvas_of: Callable[..., Canvas], hold: Drop
) -> None:
    canvas = canvas_of(FITTING)
    grid = canvas.pipeline.grid
    assert canvas.pipeline.output.pos() == grid.rect(2).topLeft()
    assert canvas.pipeline.connectors[-1].path == (2,)
    hold(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(2))
    assert canvas.pipeline.output.pos() == grid.rect(3).topLeft()
    assert canvas.pipeline.output.face.verdict is not Verdict.RANDOM


def test_an_empty_network_shows_where_the_answer_will_be(canvas_of: Callable[..., Canvas]) -> None:
    canvas = canvas_of(Network())
    assert canvas.pipeline.output.pos() == canvas.pipeline.grid.rect(2).topLeft()
    assert canvas.pipeline.output.face.words == "MNIST: 10 classes"
    assert canvas.pipeline.sceneRect().contains(canvas.pipeline.output.scene_rect())


def test_training_offers_no_repair(canvas_of: Callable[..., Canvas]) -> None:
    canvas = canvas_of(WRONG)
    canvas.session._run.state = "running"
    canvas.session.training_changed.emit()
    assert not any(chip.isVisible() for chip in canvas.pipeline.output.chips)
    canvas.session._run.state = "idle"


def test_many_classes_and_long_names_are_listed(
    canvas_of: Callable[..., Canvas], digits: Dataset, themes: ThemeManager
) -> None:
    names = tuple(f"class number {i}" for i in range(10))
    canvas = canvas_of(FITTING)
    canvas.session.set_dataset(Dataset("mnist", names, digits.train, digits.test))
    face = canvas.pipeline.output.face
    assert face.words == f"says class number {face.winner}, with random weights"
    rect = canvas.pipeline.output.scene_rect()
    place = canvas.viewport().mapTo(canvas, canvas.mapFromScene(rect.topLeft() + QPointF(82, 62)))
    image = canvas.grab().toImage()
    assert image.pixelColor(place) != QColor(themes.theme.color("card")), "a bar lies there"


FULL_ROW = Network((Input(), CONV, CONV, CONV, CONV, CONV, Flatten(), FullyConnected(10)))
"""As many blocks as two rows of the canvas hold."""


def test_alone_in_a_row_it_is_a_strip_below_the_last_card(
    canvas_of: Callable[..., Canvas],
) -> None:
    canvas = canvas_of(FULL_ROW)
    pipeline = canvas.pipeline
    output, last = pipeline.output, canvas.card(7).scene_rect()
    assert pipeline.grid.columns == 4
    assert output.is_strip
    assert output.scene_rect().right() == last.right()
    assert last.bottom() < output.scene_rect().top() < last.bottom() + 10
    assert (
        canvas.viewport().rect().contains(canvas.mapFromScene(output.scene_rect()).boundingRect())
    ), "all is seen without scrolling"
    assert canvas.verticalScrollBar().maximum() == 0
    wire = pipeline.connectors[-1]
    assert wire.path == (8,)
    assert wire.mapRectToScene(wire.boundingRect()).intersects(output.scene_rect())
    middle_bar = output.scene_rect().center()
    assert pipeline.drop_path(middle_bar) == (8,)


def test_the_strip_is_a_card_again_beside_other_cards(
    canvas_of: Callable[..., Canvas], hold: Drop
) -> None:
    canvas = canvas_of(FULL_ROW)
    output = canvas.pipeline.output
    canvas.session.insert(2, CONV)
    assert not output.is_strip
    assert output.pos() == canvas.pipeline.grid.rect(9).topLeft()
    canvas.session.undo()
    assert output.is_strip
    hold(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(8))
    assert not output.is_strip, "the slot stands beside it"
    canvas.session.replace(7, FullyConnected(12), "Another number")
    assert output.face.verdict is Verdict.MISFIT
    assert not output.is_strip, "the sentence and its repairs need a card"
    assert any(chip.isVisible() for chip in output.chips)


def test_the_strip_gives_way_to_an_open_block(canvas_of: Callable[..., Canvas]) -> None:
    inside = Residual((CONV,))
    canvas = canvas_of(FULL_ROW.replace(5, inside))
    assert canvas.pipeline.output.is_strip
    canvas.session.select((5,))
    canvas.toggle_selected()
    assert not canvas.pipeline.output.is_strip


def test_the_strip_shows_each_class(canvas_of: Callable[..., Canvas]) -> None:
    canvas = canvas_of(FULL_ROW)
    before = canvas.grab().toImage()
    face = canvas.pipeline.output.face
    assert len(face.names) == 10
    for number in range(10):
        shares = tuple(80 if i == number else 0 for i in range(10))
        canvas.pipeline.output.show_face(replace(face, shares=shares, winner=number))
        picture = canvas.grab().toImage()
        assert picture != before
        before = picture
