"""The window under a real X server with real mouse and key events, where there is one to start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

NEEDED = ("Xvfb", "xdotool")
missing = [tool for tool in NEEDED if shutil.which(tool) is None]

pytestmark = pytest.mark.skipif(
    bool(missing), reason=f"needs {' and '.join(missing)}, Debian packages xvfb and xdotool"
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


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of 1440x900 that nobody sees."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as lines:
        number = lines.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def test_training_starts_below_a_resting_mouse(display: str) -> None:
    """Regression: taking a card's own cursor away crashed Qt."""
    environment = dict(os.environ, DISPLAY=display, QT_QPA_PLATFORM="xcb")
    command = [sys.executable, "-c", RESTING]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_build_train_save_reopen_and_export_by_mouse(display: str, tmp_path: Path) -> None:
    environment = dict(os.environ, DISPLAY=display, QT_QPA_PLATFORM="xcb")
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.real_mouse", str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
        check=False,
    )
    assert done.stdout, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert "failure" not in seen, seen["failure"]
    assert seen["fits"]
    assert seen["parameters"] == 63_802
    assert seen["last"] == "10 units"
    assert seen["misfit"] == "CONV 2 does not fit: (14 - 5) / 2 + 1 = 5.50."
    assert seen["repaired"] == "16 @ 5x5 · stride 1 · ReLU"
    assert seen["maps_moved"]
    assert seen["reopened_same"]
    assert "mine.onnx" in seen["export"]
    assert (tmp_path / "mine.cnn").stat().st_size > 100_000
    assert (tmp_path / "mine.onnx").stat().st_size > 100_000


def test_hands_at_the_canvas(display: str, tmp_path: Path) -> None:
    """Escape in a drag, drops on a wire, zoom, pan, copy, and the network by keyboard alone."""
    environment = dict(os.environ, DISPLAY=display, QT_QPA_PLATFORM="xcb")
    command = [sys.executable, "-m", "tests.ui.real_hands", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.stdout, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert "failure" not in seen, seen["failure"]
    assert seen["escape_keeps_network"]
    assert seen["escape_keeps_history"]
    assert seen["wire_drop"] == "MaxPool2D"
    assert seen["zoom"] > 1.6
    assert seen["off"] <= 0.51
    assert seen["panned"][0] in range(70, 91)
    assert seen["copied"]
    assert seen["keyboard_text"] == (
        "INPUT 28x28x1 pad 2 > CONV 6@5x5 + RELU > POOL max 2x2 > CONV 16@5x5 + RELU > "
        "POOL max 2x2 > FC 120 + RELU > FC 100 + RELU > FC 10"
    )
    assert seen["keyboard_actions"] <= 10
    assert seen["keyboard_seconds"] < 40
    assert seen["double_click"] == "MaxPool2D"
