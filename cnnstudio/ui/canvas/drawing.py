"""The network as a drawing to save, and as a table of its sizes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem

from cnnstudio.blocks.block import step_words
from cnnstudio.network import Report
from cnnstudio.ui.canvas.scene import Pipeline
from cnnstudio.ui.saving import Table

_HEADER = ("block", "type", "settings", "output", "parameters", "multiply-adds", "receptive field")


class Drawing:
    """Draws the pipeline as it stands, without marks of the selection or the pointer."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def drawn_size(self) -> QSize:
        """The size of the cards with their margins, in pixels."""
        return self._source().size().toSize()

    def draw(self, painter: QPainter) -> None:
        """Paint the pipeline."""
        cards = self._pipeline.cards
        selected = [card for card in cards if card.has_flag("selected")]
        for card in cards:
            card.set_flags(selected=False, hovered=False)
            card.setCacheMode(QGraphicsItem.CacheMode.NoCache)  # vectors, not pictures of cards
        source = self._source()
        self._pipeline.render(painter, QRectF(0, 0, source.width(), source.height()), source)
        for card in cards:
            card.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            card.set_flags(selected=card in selected)

    def _source(self) -> QRectF:
        pipeline = self._pipeline
        return pipeline.content


def size_table(report: Report) -> Table:
    """One line for each block; what is not known stays empty."""
    yield _HEADER
    for entry in report.blocks:
        field = entry.receptive_field
        yield (
            entry.name,
            type(entry.block).__name__,
            entry.block.summary(),
            "" if entry.output_shape is None else str(entry.output_shape),
            "" if entry.parameters is None else entry.parameters,
            "" if entry.multiply_adds is None else entry.multiply_adds,
            "" if field is None else step_words(field),
        )
