"""Save what a panel shows: PNG and SVG of the picture, CSV of the numbers, from a context menu."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QDir, QIODevice, QRect, QSize, QStandardPaths
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from cnnstudio.errors import CnnStudioError
from cnnstudio.network.atomic import exists, replacing
from cnnstudio.ui.document import recent
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.parts import question
from cnnstudio.ui.parts.passing_menu import passing_menu
from cnnstudio.ui.parts.question import Answer

PNG_RATIO = 2.0
"""Pixels of a saved PNG for each pixel of the screen."""

FORMATS = {".png": "PNG picture", ".svg": "SVG drawing", ".csv": "CSV table"}

Table = Iterable[Sequence[object]]


class Saveable(Protocol):
    """What can be saved: it draws itself at its size, and lists its numbers, header first."""

    def draw(self, painter: QPainter) -> None:
        """Paint onto `painter`."""

    def drawn_size(self) -> QSize:
        """The size of what is painted."""


def save(path: Path, source: Saveable, table: Table, ground: QColor) -> None:
    """Write `source` to `path` in the format of its suffix; the old file stays whole on failure.

    Raises OSError.
    """
    if path.suffix.lower() == ".csv":
        save_csv(path, table)
        return
    picture = _svg if path.suffix.lower() == ".svg" else _png
    content = picture(source, ground)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _png(source: Saveable, ground: QColor) -> bytes:
    image = QImage(source.drawn_size() * PNG_RATIO, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(PNG_RATIO)
    image.fill(ground)
    painter = QPainter(image)
    source.draw(painter)
    painter.end()
    return png_of(image)


def png_of(image: QImage) -> bytes:
    """The PNG file of a picture; raises OSError for one that could not be made."""
    buffer = opened_buffer()
    if not QImageWriter(buffer, QByteArray(b"png")).write(image):
        raise OSError(5, "the picture could not be written")
    return bytes(buffer.data().data())


def opened_buffer() -> QBuffer:
    """What Qt writes a file to.

    It does not tell whether all of one came to a full disk; Python, which writes the bytes, does.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _svg(source: Saveable, ground: QColor) -> bytes:
    generator, buffer = QSvgGenerator(), opened_buffer()
    generator.setOutputDevice(buffer)
    generator.setSize(source.drawn_size())
    generator.setViewBox(QRect(0, 0, source.drawn_size().width(), source.drawn_size().height()))
    painter = QPainter(generator)
    painter.fillRect(QRect(0, 0, *source.drawn_size().toTuple()), ground)
    source.draw(painter)
    painter.end()
    return bytes(buffer.data().data())


def save_csv(path: Path, table: Table) -> None:
    """Write the lines of `table`; the old file stays whole on failure. Raises OSError."""
    with (
        replacing(path) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        csv.writer(file).writerows(table)


def write_and_tell(session: Session, path: Path, write: Callable[[], object]) -> None:
    """Write the file at `path` by `write`, and tell how it went."""
    try:
        write()
    except CnnStudioError as error:
        session.noticed.emit(Notice(str(error), until="other document"))
    except OSError as error:
        reason = error.strerror or str(error)
        words = f"{path.name} cannot be written: {reason}."
        session.noticed.emit(Notice(words, until="other document"))
    else:
        session.noticed.emit(Notice(f"Saved {path.name}.", severity="done", until="soon"))


def folder(session: Session) -> Path:
    """Where a dialog begins: where the document is, else the last one was, else the documents."""
    if session.path is not None:
        return session.path.parent
    last = (path.parent for path in recent.load()[:1])
    documents = QStandardPaths.StandardLocation.DocumentsLocation
    known = (*last, Path(QStandardPaths.writableLocation(documents)))
    return next((place for place in known if exists(place)), Path(QDir.homePath()))


def ask_path(
    session: Session, parent: QWidget, name: str, suffix: str, words: str = ""
) -> Path | None:
    """Ask where to save `name`, beginning in `folder`; None if the person thinks better of it."""
    words = words or FORMATS[suffix]
    chosen, _ = QFileDialog.getSaveFileName(
        parent,
        f"Save {words}",
        str(folder(session) / f"{name}{suffix}"),
        f"{words} (*{suffix})",
    )
    return with_suffix(parent, chosen, suffix, (suffix,))


def with_suffix(parent: QWidget, name: str, suffix: str, known: Collection[str]) -> Path | None:
    """The path for a chosen name, with `suffix` unless it has one that is `known`.

    None when there is no name. The dialog has asked before replacing a file of that very name, so a
    name that only becomes that of a file by its suffix is asked about here.
    """
    path = Path(name)
    if not name or path.suffix.lower() in known:
        return path if name else None
    path = path.with_name(path.name + suffix)
    if not path.exists():
        return path
    answer = question.ask(
        parent,
        "Replace the file?",
        f"There is a file {path.name} already.",
        {Answer.Yes: "Replace", Answer.No: "Keep it"},
        Answer.No,
    )
    return path if answer == Answer.Yes else None


def save_menu(
    parent: QWidget,
    name: str,
    source: Saveable,
    table: Callable[[], Table],
    session: Session,
    ground: QColor,
) -> QMenu:
    """A menu that saves `source`, called `name`, and its `table`; faults become notices."""
    menu = passing_menu(parent)

    def ask_and_save(suffix: str) -> None:
        path = ask_path(session, parent, name, suffix)
        if path is not None:
            lines = table() if suffix == ".csv" else ()
            write_and_tell(session, path, partial(save, path, source, lines, ground))

    for suffix, words in FORMATS.items():
        menu.addAction(f"Save as {words} ...", partial(ask_and_save, suffix))
    return menu
