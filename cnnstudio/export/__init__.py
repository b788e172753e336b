"""Out of the program: files that other programs open, each run again before it is kept."""

from __future__ import annotations

from cnnstudio.export.exporter import SUFFIXES, check_target, export
from cnnstudio.export.verify import Verification

__all__ = ["SUFFIXES", "Verification", "check_target", "export"]
