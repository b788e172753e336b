"""Panels that show what a network makes of labelled images: made, shown and waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.predictions.predictions_panel import PredictionsPanel

Panel = TypeVar("Panel", bound=PredictionsPanel)


def opened(qtbot: QtBot, session: Session, panel: Panel, show: Callable[[QWidget], None]) -> Panel:
    """`panel` at the size of the dock, with what the present weights make of the images."""
    show(panel)
    panel.resize(912, 216)
    ready(qtbot, panel, session)
    return panel


def ready(qtbot: QtBot, panel: PredictionsPanel, session: Session) -> None:
    """Wait until what is shown is that of the present weights."""

    def shown() -> bool:
        predictor = session.predictor
        return predictor.is_fresh(panel.of) and panel.shown is predictor.of(panel.of)

    qtbot.waitUntil(shown, timeout=10_000)
