"""Twenty thousand random mouse and key events: no exception, no Qt warning, nothing left behind."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random, randrange
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QUrl
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QWidget
from pytestqt.exceptions import capture_exceptions, format_captured_exceptions
from pytestqt.qtbot import QtBot

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.network import Network, Recipe, text_form
from cnnstudio.network.project_file import Project, save
from cnnstudio.ui.document.recovery_files import recovery_folder
from cnnstudio.ui.inspector.settings_form import SettingsForm
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts import question
from tests.ui.monkey import LEFT_BEHIND, Monkey, looks_inside, parts

EVENTS = int(os.environ.get("MONKEY_EVENTS", "20000"))
SEED = os.environ.get("MONKEY_SEED") or ("0" if os.environ.get("CI") else str(randrange(10**6)))
"""The same in every run of CI, another one at home; what the test says of a fault tells it."""

ROUNDS = 2
"""What is made only once is made in the first round: the second may not add any objects."""

CALM = 250
"""Events after which all that waits is done, training is stopped, and the network is replaced."""

MOST_MISSED = 4
"""So many of the looks inside, which wait for an answer, a run or luck, may not be reached."""

GROWTH = 1.02
"""By how much the second round may end with more objects than the first."""

Drop = Callable[[QWidget, QMimeData, QPoint], None]

NETWORKS = tuple(
    text_form.read(f"INPUT 28x28x1 pad 2 > {words}")
    for words in (
        "CONV 4@5x5 + RELU > POOL max 2x2 > FC 10",
        "CONV 2@3x3 > CONV 2@4x4 pad same > POOL max 3x3 > DROPOUT 0.3 > FC 12 + RELU > FC 10",
        "CONV 4@5x5 > RESIDUAL [CONV 4@3x3 pad 1 + RELU > CONV 4@3x3 pad 1] > FC 10",
        "PARALLEL [CONV 2@1x1 | CONV 2@3x3 pad 1] > POOL max 2x2 > FC 10",
        "CONV 4@5x5 stride 3 > POOL max 7x7 > CONV 2@9x9 > FC 7",
    )
)
"""What it plays with: simple, misshapen, with blocks inside blocks, and one that does not fit."""

QUICK = Recipe().with_values(validation=4, epochs=1, warm_up=0, patience=0, batch_size=8)
LONG = QUICK.with_values(epochs=200)
"""Runs that are over at once, and runs that go on while other things are done."""


@pytest.fixture
def _pictures(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever pictures a document wants, they are few."""
    monkeypatch.setattr(datasets, "load", lambda _name: digits)


@pytest.fixture
def _left_behind() -> None:
    """Copies of windows that died, to be recovered."""
    for number in range(LEFT_BEHIND):
        save(Project(NETWORKS[number], QUICK), recovery_folder() / f"1-{number}.cnn")


@pytest.fixture
def monkey(
    _pictures: None,
    _left_behind: None,
    window: MainWindow,
    hold: Drop,
    drop: Drop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Monkey]:
    """A monkey at the window, whose dialogs answer by themselves and which does not close."""
    monkey = Monkey(window, SEED, hold, drop)
    paths = _files(tmp_path)
    monkey.files = tuple(QUrl.fromLocalFile(str(path)) for path in paths)
    with monkeypatch.context() as patch:
        patch.setattr(QDrag, "exec", lambda drag, *_: monkey.carry_drag(drag))
        patch.setattr(window, "_may_close", lambda: False)
        _let_dialogs_answer(patch, Random(SEED), paths)
        yield monkey


def _files(folder: Path) -> list[Path]:
    """A project, one that is broken, a picture, and one that is not there."""
    known, broken = folder / "known.cnn", folder / "broken.cnn"
    picture, missing = folder / "picture.png", folder / "no" / "missing.cnn"
    save(Project(NETWORKS[0], QUICK), known)
    broken.write_bytes(known.read_bytes()[:100])
    picture.write_bytes(b"")
    return [known, broken, picture, missing]


def _let_dialogs_answer(patch: pytest.MonkeyPatch, chance: Random, paths: list[Path]) -> None:
    """Dialogs that would wait for a person answer something."""
    folder = paths[0].parent
    names = ["", *map(str, paths), str(folder / "new")]
    buttons = QMessageBox.StandardButton
    answers = (buttons.Yes, buttons.No, buttons.Discard, buttons.Cancel)

    def show_for_a_moment(box: QDialog) -> int:
        box.show()
        box.reject()
        return 0

    patch.setattr(QFileDialog, "getOpenFileName", lambda *_: (chance.choice(names), ""))
    patch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chance.choice(names), ""))
    patch.setattr(question, "ask", lambda *_: chance.choice(answers))
    patch.setattr(QMessageBox, "exec", show_for_a_moment)
    patch.setattr(QDialog, "exec", show_for_a_moment)


def calm(monkey: Monkey, network: Network) -> None:
    """Close and end all that goes on, and begin with `network`, as at the start."""
    window = monkey.window
    monkey.rest()
    window.session.shut_down()
    window.session.drop_aside()
    window.panels.stop()
    window.documents.finish_export()
    window.gallery.close_and_return()
    window.gallery.finish_reading()
    window.session.restart(Project(network, monkey.random.choice((QUICK, LONG))), None)
    window.finish_loading()
    window.recovery.look()
    QGuiApplication.clipboard().setText(monkey.random.choice(("", "pool", "{}", "conv 4 > fc 3")))
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def census(window: MainWindow) -> Counter[str]:
    """How many objects of each kind there are, but for the forms: one for each kind of block."""
    objects = [*window.findChildren(QObject), *QApplication.allWidgets()]
    forms = window.findChildren(SettingsForm)
    in_forms = {each for form in forms for each in (form, *form.findChildren(QObject))}
    items = window.canvas.scene().items()
    threads = [thread.name for thread in threading.enumerate()]
    kinds = [type(each).__name__ for each in (*objects, *items) if each not in in_forms]
    return Counter([*kinds, *threads])


def _words(faults: list[Any]) -> str:
    return str(format_captured_exceptions(faults))  # type: ignore[no-untyped-call]


def play(monkey: Monkey, events: int, faults: list[Any]) -> None:
    """So many events, fewer once something is wrong."""
    end = monkey.sent + events
    while monkey.sent < end and not faults:
        calm(monkey, monkey.random.choice(NETWORKS))
        rest = min(end, monkey.sent + CALM)
        while monkey.sent < rest and not faults:
            monkey.act()


@pytest.mark.timeout(600)
def test_a_monkey_finds_no_fault(monkey: Monkey, qtbot: QtBot) -> None:
    counts = []
    with capture_exceptions() as faults:
        for _ in range(ROUNDS):
            play(monkey, EVENTS // ROUNDS, faults)
            calm(monkey, NETWORKS[0])
            monkey.window.panels.show_tab("problems")  # hidden it keeps the rows of another network
            counts.append(census(monkey.window))
    told = f"MONKEY_SEED={SEED}, after {monkey.sent} events, the last of them {list(monkey.last)}"
    assert not faults, f"{_words(faults)}{told}"
    assert monkey.window.isVisible(), told
    missed, slow = set(parts(monkey.window)) - monkey.seen, set(looks_inside(monkey.window))
    assert not missed - slow, told
    assert len(missed & slow) <= MOST_MISSED, told
    first, second = counts
    assert second.total() <= GROWTH * first.total(), f"{second - first} more, {told}"
