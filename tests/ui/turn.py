"""One turn of the event loop: panels show an edit with it, later than the canvas does."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication


def turn() -> None:
    """Let everything that waits take place, after which all parts show the document."""
    QApplication.processEvents()
