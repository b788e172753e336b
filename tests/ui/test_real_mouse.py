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
