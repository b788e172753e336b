"""Leaves out the tests that compare with PyTorch where there is none: on Macs with Intel chips."""

from __future__ import annotations

import importlib.util
from pathlib import Path

HERE = Path(__file__).parent

collect_ignore = [
    path.name
    for path in HERE.glob("test_*.py")
    if importlib.util.find_spec("torch") is None and "torch" in path.read_text("utf-8")
]
