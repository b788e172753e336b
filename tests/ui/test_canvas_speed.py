"""How long the canvas takes with 200 blocks: measured and printed, not asserted."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from cnnstudio.blocks import Conv2D, FullyConnected, Input
from cnnstudio.network import Network
from cnnstudio.ui import mime
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager

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
