"""A screen that nobody sees, and windows of a process of their own on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NEEDED = ("Xvfb", "xdotool")

TIME = 180
"""Seconds that a process has."""

missing = [tool for tool in NEEDED if shutil.which(tool) is None]

needs_screen = pytest.mark.skipif(
    bool(missing), reason=f"needs {' and '.join(missing)}, Debian packages xvfb and xdotool"
)


@contextmanager
def screen(size: str = "1440x900") -> Iterator[str]:
    """The name of a display of its own, while the block runs."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as lines:
        number = lines.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def start(display: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python with `words` on `display` until it ends."""
    environment = dict(os.environ, DISPLAY=display, QT_QPA_PLATFORM="xcb")
    command = [sys.executable, *words]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=TIME, check=False
    )


def seen_by(display: str, module: str, folder: Path, *words: str) -> dict[str, Any]:
    """What a person at the window of `module` saw; fails with what went wrong."""
    done = start(display, "-m", module, str(folder), *words)
    assert done.stdout, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert "failure" not in seen, seen["failure"]
    return seen
