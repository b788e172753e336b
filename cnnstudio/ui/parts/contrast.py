"""Which words can be read on a ground."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor


def readable_on(ground: QColor) -> QColor:
    """Black or white, whichever stands out more from `ground`: by 4.58 at least."""
    return _readable_on(ground.rgb())


@lru_cache(maxsize=4096)
def _readable_on(rgb: int) -> QColor:
    ends = QColor("#000000"), QColor("#FFFFFF")
    return max(ends, key=lambda words: contrast(words, QColor.fromRgb(rgb)))


def contrast(first: QColor, second: QColor) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: QColor) -> float:
    parts = [colour.redF(), colour.greenF(), colour.blueF()]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
