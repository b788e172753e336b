"""The figure of the network saved from the window: SVG, PNG and PDF, and its sizes as CSV."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.blocks.block import step_words
from cnnstudio.network import Network, Report
from cnnstudio.network.atomic import replacing
from cnnstudio.ui.document.saving import (
    PNG_RATIO,
    Table,
    ask_path,
    opened_buffer,
    png_of,
    save_csv,
    write_and_tell,
)
from cnnstudio.ui.document.session import Session

FIGURES = {".svg": "SVG drawing", ".png": "PNG picture", ".pdf": "PDF document"}
"""The formats of the figure by suffix."""

POINTS = 0.75
"""Points of a PDF for each pixel of the figure, as 96 pixels are an inch."""

_PDF_RESOLUTION = 600
_HEADER = ("block", "type", "settings", "output", "parameters", "multiply-adds", "receptive field")


def save(path: Path, network: Network, title: str) -> None:
    """Write the figure to `path` in the format of its suffix; a failure leaves the old file.

    Raises OSError or ExportError.
    """
    from cnnstudio.export import diagram  # the exporters take a while to import

    if path.suffix.lower() == diagram.SUFFIX:
        diagram.write(network, path, title)
        return
    renderer = QSvgRenderer(QByteArray(diagram.draw(network, title).encode()))
    is_pdf = path.suffix.lower() == ".pdf"
    content = _pdf(renderer, title) if is_pdf else _png(renderer)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _png(renderer: QSvgRenderer) -> bytes:
    image = QImage(renderer.defaultSize() * PNG_RATIO, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    return png_of(image)


def _pdf(renderer: QSvgRenderer, title: str) -> bytes:
    """One page of exactly the figure's size, as vectors."""
    size = QSizeF(renderer.defaultSize()) * POINTS
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    page = QPageSize(size, QPageSize.Unit.Point, "figure", exact)
    buffer = opened_buffer()
    writer = QPdfWriter(buffer)
    writer.setResolution(_PDF_RESOLUTION)
    writer.setTitle(title)
    writer.setCreator("CNN Studio")
    writer.setPageLayout(
        QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(), QPageLayout.Unit.Point)
    )
    painter = QPainter(writer)
    renderer.render(painter, QRectF(0, 0, writer.width(), writer.height()))
    painter.end()
    return bytes(buffer.data().data())


# ---- asking


def ask_figure(session: Session, parent: QWidget, suffix: str) -> None:
    """Ask for a name and save the figure of the session's network there."""
    words = FIGURES[suffix]
    path = ask_path(session, parent, session.title, suffix, words)
    if path is not None:
        write_and_tell(session, path, partial(save, path, session.network, session.title))


def ask_table(session: Session, parent: QWidget) -> None:
    """Ask for a name and save the table of sizes there."""
    path = ask_path(session, parent, session.title, ".csv")
    if path is not None:
        write_and_tell(session, path, partial(save_csv, path, size_table(session.report)))


def fill_figure_menu(menu: QMenu, session: Session, owner: QWidget) -> None:
    """Add what saves the network's figure, or its sizes as a table; `owner` is asked over."""
    for suffix, words in FIGURES.items():
        menu.addAction(f"Save as {words} ...", partial(ask_figure, session, owner, suffix))
    menu.addAction("Save the sizes as CSV table ...", partial(ask_table, session, owner))


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
