"""The figure of the network saved from the window: SVG, PNG and PDF, and its sizes as CSV."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, QRectF, QSizeF, QStandardPaths, Qt
from PySide6.QtGui import (
    QImage,
    QImageWriter,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.blocks.block import step_words
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import Network, Report
from cnnstudio.network.atomic import replacing
from cnnstudio.ui.document.saving import PNG_RATIO, Table, ask_path, save_csv
from cnnstudio.ui.document.session import Notice, Session

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
    with replacing(path) as temporary:
        if path.suffix.lower() == ".pdf":
            _save_pdf(temporary, renderer, title)
        else:
            _save_png(temporary, renderer)


def _save_png(path: Path, renderer: QSvgRenderer) -> None:
    image = QImage(renderer.defaultSize() * PNG_RATIO, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    if not QImageWriter(str(path), QByteArray(b"png")).write(image):
        raise OSError(5, "the picture could not be written")


def _save_pdf(path: Path, renderer: QSvgRenderer, title: str) -> None:
    """One page of exactly the figure's size, as vectors."""
    size = QSizeF(renderer.defaultSize()) * POINTS
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    page = QPageSize(size, QPageSize.Unit.Point, "figure", exact)
    writer = QPdfWriter(str(path))
    writer.setResolution(_PDF_RESOLUTION)
    writer.setTitle(title)
    writer.setCreator("CNN Studio")
    writer.setPageLayout(
        QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(), QPageLayout.Unit.Point)
    )
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(5, "the document could not be written")
    renderer.render(painter, QRectF(0, 0, writer.width(), writer.height()))
    painter.end()


# ---- asking


def ask_figure(session: Session, parent: QWidget, suffix: str) -> None:
    """Ask for a name and save the figure of the session's network there."""
    words = FIGURES[suffix]
    path = ask_path(parent, str(_folder(session) / session.title), suffix, words)
    if path is not None:
        _tell(session, path, partial(save, path, session.network, session.title))


def ask_table(session: Session, parent: QWidget) -> None:
    """Ask for a name and save the table of sizes there."""
    path = ask_path(parent, str(_folder(session) / session.title), ".csv")
    if path is not None:
        _tell(session, path, partial(_save_table, path, session.report))


def fill_figure_menu(menu: QMenu, session: Session, owner: QWidget) -> None:
    """Add what saves the network's figure, or its sizes as a table; `owner` is asked over."""
    for suffix, words in FIGURES.items():
        menu.addAction(f"Save as {words} ...", partial(ask_figure, session, owner, suffix))
    menu.addAction("Save the sizes as CSV table ...", partial(ask_table, session, owner))


def _tell(session: Session, path: Path, write: Callable[[], None]) -> None:
    """Write the file and tell how it went."""
    try:
        write()
    except CnnStudioError as error:
        session.noticed.emit(Notice(str(error)))
    except OSError as error:
        reason = error.strerror or str(error)
        session.noticed.emit(Notice(f"{path.name} cannot be written: {reason}."))
    else:
        session.noticed.emit(Notice(f"Saved {path.name}.", severity="done"))


def _folder(session: Session) -> Path:
    if session.path is not None:
        return session.path.parent
    documents = QStandardPaths.StandardLocation.DocumentsLocation
    return Path(QStandardPaths.writableLocation(documents))


def _save_table(path: Path, report: Report) -> None:
    with replacing(path) as temporary:
        save_csv(temporary, size_table(report))


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
