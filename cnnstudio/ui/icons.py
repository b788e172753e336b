"""The icons: SVG sources of one stroke style, tinted in any colour and drawn at any size."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cnnstudio import paths
from cnnstudio.blocks import Activation, Block, Family

SCALES = (1.0, 2.0, 3.0)
"""The pixel ratios that an icon carries pictures for."""

_FAMILY_ICONS: Mapping[Family, str] = {
    Family.INPUT: "block-input",
    Family.CONV: "block-conv2d",
    Family.POOL: "block-maxpool2d",
    Family.FC: "block-fullyconnected",
    Family.ACTIVATION: "block-relu",
    Family.REGULARISE: "block-dropout",
    Family.SHAPE: "block-flatten",
    Family.COMPOSITE: "block-residual",
}
"""The glyphs of block types that have none of their own."""


def names() -> tuple[str, ...]:
    """The names of all icons."""
    return tuple(sorted(path.stem for path in (paths.resources() / "icons").glob("*.svg")))


def block_icon_name(block: Block) -> str:
    """The name of the glyph of a block: its type's, and for an activation its function's.

    A type without a picture ``block-<name of the type>`` in ``resources/icons`` has the glyph of
    its family.
    """
    shape = type(block).__name__.lower()
    if isinstance(block, Activation):
        shape = block.function.replace("_", "-")
    own = f"block-{shape}"
    return own if own in _known() else _FAMILY_ICONS[block.family]


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(names())


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return (paths.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def tinted_svg(name: str, color: QColor) -> str:
    """The SVG source of an icon with `color` in place of ``currentColor``."""
    return _source(name).replace("currentColor", color.name())


def draw(painter: QPainter, name: str, color: QColor, rect: QRectF) -> None:
    """Draw an icon into `rect`; translucent colours are kept."""
    painter.save()
    painter.setOpacity(painter.opacity() * color.alphaF())
    _renderer(name, color.name()).render(painter, rect)
    painter.restore()


def pixmap(name: str, color: QColor, size: int = 16, ratio: float = 1.0) -> QPixmap:
    """An icon as a square picture of `size` logical pixels at the device's pixel `ratio`."""
    side = round(size * ratio)
    result = QPixmap(side, side)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter, name, color, QRectF(0, 0, side, side))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result


def icon(name: str, color: QColor, size: int = 16, disabled: QColor | None = None) -> QIcon:
    """An icon for buttons and menus, in `disabled` (default: faded) while its action is off."""
    off = QColor(disabled or color)
    if disabled is None:
        off.setAlphaF(0.4)
    result = QIcon()
    for ratio in SCALES:
        result.addPixmap(pixmap(name, color, size, ratio), QIcon.Mode.Normal)
        result.addPixmap(pixmap(name, off, size, ratio), QIcon.Mode.Disabled)
    return result


@lru_cache(maxsize=512)
def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(tinted_svg(name, QColor(color)).encode()))
