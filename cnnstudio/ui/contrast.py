"""Which words can be read on a ground."""

from __future__ import annotations

from PySide6.QtGui import QColor

from cnnstudio.ui.theme import Theme


def readable_on(ground: QColor, theme: Theme) -> QColor:
    """Whichever of the two ends of the theme's greys stands out more from `ground`."""
    dark, light = QColor("#14161B"), QColor("#FFFFFF")
    if not theme.is_dark:
        dark = theme.color("text")
    return max((dark, light), key=lambda words: contrast(words, ground))


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
