"""The window under a real X server with real mouse and key events, where there is one to start."""

from __future__ import annotations

from pathlib import Path

from tests.ui.screen import needs_screen, seen_by, start

pytestmark = needs_screen

LECTURE = (
    "INPUT 28x28x1 pad 2 > CONV 6@5x5 + RELU > POOL max 2x2 > CONV 16@5x5 + RELU > "
    "POOL max 2x2 > FC 120 + RELU > FC 100 + RELU > FC 10"
)

RESTING = """
from cnnstudio.ui import app as ui
app, window = ui.create(["cnnstudio"])
window.move(0, 0)
window.show()
window.finish_loading()
for _ in range(20):
    app.processEvents()
assert window.canvas.viewport().underMouse(), "the mouse does not rest on the canvas"
window.session.train()
for _ in range(20):
    app.processEvents()
assert window.session.shut_down()
"""
"""Training starts, which locks the cards, below a mouse that has not moved since the start."""


def test_training_starts_below_a_resting_mouse(display: str) -> None:
    """Regression: taking a card's own cursor away crashed Qt."""
    done = start(display, "-c", RESTING)
    assert done.returncode == 0, done.stderr


def test_build_train_save_reopen_and_export_by_mouse(display: str, tmp_path: Path) -> None:
    seen = seen_by(display, "tests.ui.real_mouse", tmp_path)
    assert seen["text"] == LECTURE
    assert seen["fits"]
    assert seen["actions"] <= 13
    assert seen["misfit"] == "CONV 2 does not fit: (14 - 5) / 2 + 1 = 5.50."
    assert seen["repaired"] == "16 @ 5x5 · stride 1 · ReLU"
    assert seen["maps_moved"]
    assert seen["reopened_same"]
    assert "mine.onnx" in seen["export"]
    assert (tmp_path / "mine.cnn").stat().st_size > 100_000
    assert (tmp_path / "mine.onnx").stat().st_size > 100_000


def test_build_by_dragging_alone(display: str, tmp_path: Path) -> None:
    seen = seen_by(display, "tests.ui.real_mouse", tmp_path, "drag")
    assert seen["text"] == LECTURE
    assert seen["actions"] <= 22


def test_hands_at_the_canvas(display: str, tmp_path: Path) -> None:
    """Escape in a drag, drops on a wire, zoom, pan and copy."""
    seen = seen_by(display, "tests.ui.real_hands", tmp_path)
    assert seen["escape_keeps_network"]
    assert seen["escape_keeps_history"]
    assert seen["wire_drop"] == "MaxPool2D"
    assert seen["zoom"] > 1.6
    assert seen["off"] <= 0.51
    assert seen["panned"][0] in range(70, 91)
    assert seen["copied"]
    assert seen["double_click"] == "Conv2D"
