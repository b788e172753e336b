"""The icons: SVG sources of one stroke style, tinted in any colour and drawn at any size."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cnnstudio import paths
from cnnstudio.blocks import Activation, Block, Family

FADED = 0.4
"""The opacity of an icon whose action is off."""

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
    """An icon for buttons and menus, in `disabled` (default: faded) while its action is off.

    It is drawn when it is first shown, at the pixel ratio of the screen.
    """
    off = QColor(disabled or color)
    if disabled is None:
        off.setAlphaF(FADED)
    return QIcon(_Engine(name, size, QColor(color), off))


class _Engine(QIconEngine):
    """Draws an icon in the size that is asked for, and not before."""

    def __init__(self, name: str, size: int, color: QColor, disabled: QColor) -> None:
        super().__init__()
        self._name, self._size = name, size
        self._color, self._disabled = color, disabled

    def clone(self) -> QIconEngine:
        """The same, for an icon that is going to change."""
        return _Engine(self._name, self._size, self._color, self._disabled)

    def isNull(self) -> bool:  # noqa: N802 - Qt's name
        """Never."""
        return False

    def availableSizes(  # noqa: N802 - Qt's name
        self, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off
    ) -> list[QSize]:
        """The size that it was made for."""
        return [QSize(self._size, self._size)]

    def actualSize(  # noqa: N802 - Qt's name
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State
    ) -> QSize:
        """No larger than it was made for, as pictures are."""
        return QSize(self._size, self._size).boundedTo(size)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw it into `rect`."""
        draw(painter, self._name, self._tone(mode), QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """A picture of it."""
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # noqa: N802 - Qt's name
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        """A picture of `size` with it in the middle, `scale` pixels for each logical one."""
        tone = self._tone(mode).rgba()
        return _centred(self._name, tone, self._size, (size.width(), size.height()), scale)

    def _tone(self, mode: QIcon.Mode) -> QColor:
        return self._disabled if mode == QIcon.Mode.Disabled else self._color


@lru_cache(maxsize=512)
def _centred(name: str, rgba: int, side: int, room: tuple[int, int], ratio: float) -> QPixmap:
    """A picture of `room` with an icon of at most `side` logical pixels in its middle."""
    width, height = room
    side = min(side, width, height)
    result = QPixmap(round(width * ratio), round(height * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    place = QRectF((width - side) / 2, (height - side) / 2, side, side)
    draw(painter, name, QColor.fromRgba(rgba), place)
    painter.end()
    return result


@lru_cache(maxsize=512)
def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(tinted_svg(name, QColor(color)).encode()))
