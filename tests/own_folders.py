"""Folders of their own for tests and benchmarks: nobody's settings and kept runs are touched."""

from __future__ import annotations

import os
import tempfile

NAMES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA")
"""What says where they are, on Linux and macOS, and on Windows."""


def use() -> None:
    """Let this process and those that it starts keep what they keep in empty folders."""
    for name in NAMES:
        os.environ[name] = tempfile.mkdtemp(prefix="cnnstudio-tests-")
