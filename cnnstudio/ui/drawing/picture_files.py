"""Pictures that people bring: files of any common format, and what is on the clipboard."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from cnnstudio.data import pictures
from cnnstudio.data.png import over_background
from cnnstudio.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".pgm", ".ppm")
"""How the names of picture files end."""

FILTER = f"Pictures ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"

LARGEST = 640
"""The longer side of a picture in pixels: what is larger is made smaller before it is looked at."""


def is_plain(path: Path) -> bool:
    """Whether `read_plain` reads the file; otherwise it is for `read_by_qt`."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError:
        return True  # which says what is wrong with it
    return not start or start.startswith((b"\x89PNG\r\n\x1a\n", b"P2", b"P3", b"P5", b"P6"))


def read_plain(path: Path) -> NDArray[np.uint8]:
    """The picture (H, W, 1 or 3) of a PNG, PGM or PPM file, not larger than LARGEST; any thread.

    Raises DataError naming the file.
    """
    picture = pictures.read(path)
    step = math.ceil(max(picture.shape) / LARGEST)
    return _mean(picture, step) if step > 1 else picture


def read_by_qt(path: Path) -> NDArray[np.uint8]:
    """The picture (H, W, 3) of any other file, not larger than LARGEST; in the window's thread.

    Raises DataError naming the file.
    """
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    size = reader.size()
    if not reader.canRead():
        raise DataError(f"{path.name} is no picture that can be read: give a PNG or JPEG file.")
    if size.width() * size.height() > pictures.MAXIMUM_PIXELS:
        raise DataError(
            f"{path.name} has {size.width():,}×{size.height():,} pixels, more than the "
            f"{pictures.MAXIMUM_PIXELS:,} that are read: make it smaller."
        )
    reader.setScaledSize(_fitting(size))
    image = reader.read()
    if image.isNull():
        raise DataError(f"{path.name} cannot be read as a picture: it is damaged or cut short.")
    return from_image(image)


def from_mime(mime: QMimeData) -> NDArray[np.uint8] | None:
    """The picture on the clipboard or in a drop; None where there is none."""
    image = mime.imageData() if mime.hasImage() else None
    return from_image(image) if isinstance(image, QImage) and not image.isNull() else None


def from_image(image: QImage) -> NDArray[np.uint8]:
    """A picture of Qt's as (H, W, 3), not larger than LARGEST, on the ground it stands out from."""
    if _fitting(image.size()) != image.size():
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image = image.scaled(_fitting(image.size()), keep, smooth)
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)
    return over_background(pixels[:, :, :3], pixels[:, :, 3:])


def _fitting(size: QSize) -> QSize:
    """`size`, or with its longer side LARGEST where it is larger."""
    if max(size.width(), size.height()) <= LARGEST:
        return size
    return size.scaled(LARGEST, LARGEST, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))


def _mean(picture: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """The picture with one pixel in place of `step` by `step`; a rest at the edge is left out."""
    height, width, channels = picture.shape
    step = min(step, height, width)
    high, wide = height // step, width // step
    parts = picture[: high * step, : wide * step].reshape(high, step, wide, step, channels)
    means: NDArray[np.float32] = parts.mean(axis=(1, 3), dtype=np.float32)
    return np.rint(means).astype(np.uint8)
