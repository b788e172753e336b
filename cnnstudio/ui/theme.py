"""Light and dark: colours, fonts, palette and style sheet, all read from ``resources/themes``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QDir, QEasingCurve, QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from cnnstudio import paths
from cnnstudio.blocks import Family
from cnnstudio.ui.icons import tinted_svg

NAMES = ("light", "dark")
CHOICES = (*NAMES, "system")
FAMILY_NAME = "Inter"
MOTION_MILLISECONDS = 140
"""How long a movement takes; numbers and maps never move."""
MOTION_CURVE = QEasingCurve.Type.OutCubic

_ROLES: Mapping[QPalette.ColorRole, str] = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "window",
    QPalette.ColorRole.AlternateBase: "inset",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "text3",
    QPalette.ColorRole.Button: "field",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "errortext",
    QPalette.ColorRole.Light: "window",
    QPalette.ColorRole.Midlight: "line",
    QPalette.ColorRole.Mid: "fieldline",
    QPalette.ColorRole.Dark: "strong",
    QPalette.ColorRole.Shadow: "shadow",
    QPalette.ColorRole.Highlight: "accentfill",
    QPalette.ColorRole.HighlightedText: "onaccent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accenttext",
    QPalette.ColorRole.LinkVisited: "accenttext",
    QPalette.ColorRole.ToolTipBase: "card",
    QPalette.ColorRole.ToolTipText: "text",
}
_SHEET_ICONS: Mapping[str, str] = {
    "chevron-down": "text2",
    "chevron-up": "text2",
    "chevron-right": "text2",
    "plus": "text2",
    "minus": "text2",
    "close": "text2",
    "check": "onaccent",
}
"""The icons that the style sheet draws itself, with their colour."""


@dataclass(frozen=True)
class Theme:
    """The colours of one theme; every name is a token of ``resources/themes/<name>.json``."""

    name: str
    tokens: Mapping[str, str]
    families: Mapping[str, Mapping[str, str]]
    ramps: Mapping[str, tuple[str, ...]]

    @property
    def is_dark(self) -> bool:
        """Whether light words stand on dark ground."""
        return self.name == "dark"

    def color(self, token: str) -> QColor:
        """The colour of a token such as "accent"; KeyError for an unknown one."""
        return QColor(self.tokens[token])

    def family(self, family: Family) -> QColor:
        """The solid colour of a block family."""
        return QColor(self.families[family.value]["solid"])

    def header_tint(self, family: Family) -> QColor:
        """The ground of a card's header."""
        return QColor(self.families[family.value]["header"])

    def glyph(self, family: Family) -> QColor:
        """The colour of the glyph that stands on the family's solid colour."""
        return QColor(self.families[family.value]["glyph"])

    def maps_table(self) -> NDArray[np.uint8]:
        """The colours of activation maps, 0 to maximum, as (256, 3) bytes."""
        return self._tables["maps"]

    def filters_table(self) -> NDArray[np.uint8]:
        """The diverging colours of filters, -m to m with white at 0, as (256, 3) bytes."""
        return self._tables["filters"]

    @cached_property
    def map_pixels(self) -> NDArray[np.uint32]:
        """The colours of activation maps, 0 to maximum, as 256 opaque pixels 0xAARRGGBB."""
        return packed(self.maps_table())

    @cached_property
    def _tables(self) -> Mapping[str, NDArray[np.uint8]]:
        return {name: _table(stops) for name, stops in self.ramps.items()}


def packed(table: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Colours (n, 3) of a table or a picture as opaque pixels, 0xAARRGGBB."""
    red, green, blue = (table[:, i].astype(np.uint32) for i in range(3))
    opaque = np.uint32(0xFF000000)
    return np.asarray(opaque | red << 16 | green << 8 | blue, np.uint32)


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """`first` with `share` (0 to 1) of `second`; the alpha of `first` stays."""
    parts = zip(first.getRgbF()[:3], second.getRgbF()[:3], strict=True)  # type: ignore[index]
    red, green, blue = (a + (b - a) * share for a, b in parts)
    return QColor.fromRgbF(red, green, blue, first.alphaF())


def faded(color: QColor, alpha: float) -> QColor:
    """`color` with an opacity from 0 to 1."""
    result = QColor(color)
    result.setAlphaF(alpha)
    return result


@lru_cache
def load_theme(name: str) -> Theme:
    """The theme "light" or "dark"."""
    path = paths.resources() / "themes" / f"{name}.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    ramps = {ramp: tuple(data[ramp]) for ramp in ("maps", "filters")}
    return Theme(name, data["colors"], data["families"], ramps)


def load_fonts() -> None:
    """Register the fonts that come with the program; needs a QApplication, harmless if repeated."""
    if FAMILY_NAME in QFontDatabase.families():
        return
    for path in sorted((paths.resources() / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))


def font(px: int, weight: int = 400, tabular: bool = False) -> QFont:
    """Inter at `px` pixels; `tabular` gives all digits one width, for numbers that change live."""
    result = QFont(FAMILY_NAME)
    result.setPixelSize(px)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    result.setWeight(QFont.Weight(weight))
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def motion_milliseconds(widget: QWidget) -> int:
    """How long movements in `widget` take: 0 where the system asks for none."""
    hint = widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget)
    return MOTION_MILLISECONDS if hint else 0


class ThemeManager(QObject):
    """Holds the theme, follows the system if asked to, and dresses the application in it.

    The style sheet dresses widgets by the value of their dynamic property ``role``.
    Buttons: ``primary``, ``outlined``, ``field``, ``chip``, ``chip-first``, ``bare``.
    Labels: ``title``, ``name``, ``heading``, ``label``, ``caption``, ``hint``, ``error``, ``good``,
    ``metric``, ``formula``, ``ok``. Frames: ``line``, ``upright``, ``inset``, ``card``, ``group``.
    A field with the property ``invalid`` true gets the error outline. Spin boxes carry their
    steppers side by side: give their line edit text margins of 8 left and 28 right.
    """

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system", *, dressed: bool = True) -> None:
        super().__init__(app)
        self._app, self._dressed = app, dressed
        self._folder = QTemporaryDir(QDir.temp().filePath("cnnstudio-theme"))
        self._choice = choice if choice in CHOICES else "system"
        self._theme = load_theme(self._wanted())
        load_fonts()
        app.setStyle("Fusion")
        app.setFont(font(12))
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.choose(self._choice)
        self._dress()

    def dress(self) -> None:
        """Put the style sheet on, of a manager that was made without it.

        A window is built faster undressed: each widget that gets another parent is dressed anew.
        """
        if not self._dressed:
            self._dressed = True
            self._dress()

    @property
    def theme(self) -> Theme:
        """The theme in use."""
        return self._theme

    @property
    def choice(self) -> str:
        """What was chosen: "light", "dark" or "system"."""
        return self._choice

    def choose(self, name: str) -> None:
        """Use the theme "light" or "dark", or that of the "system"; ValueError for another name."""
        if name not in CHOICES:
            raise ValueError(f"a theme is one of {', '.join(CHOICES)}, not {name!r}")
        self._choice = name
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        self._app.styleHints().setColorScheme(schemes.get(name, Qt.ColorScheme.Unknown))
        self._follow_system()

    def _follow_system(self) -> None:
        wanted = self._wanted()
        if wanted != self._theme.name:
            self._theme = load_theme(wanted)
            self._dress()
            self.changed.emit()

    def _wanted(self) -> str:
        if self._choice in NAMES:
            return self._choice
        is_dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return "dark" if is_dark else "light"

    def _dress(self) -> None:
        self._app.setPalette(palette(self._theme))
        if self._dressed:
            self._app.setStyleSheet(style_sheet(self._theme, Path(self._folder.path())))


def palette(theme: Theme) -> QPalette:
    """The palette for everything that the style sheet leaves to Qt."""
    result = QPalette()
    for role, token in _ROLES.items():
        result.setColor(role, theme.color(token))
    disabled = (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    )
    for role in disabled:
        result.setColor(QPalette.ColorGroup.Disabled, role, theme.color("disabled"))
    return result


def style_sheet(theme: Theme, folder: Path) -> str:
    """The application's style sheet; the few icons it draws are written to `folder`."""
    values = dict(theme.tokens)
    values["hoverfill"] = theme.color("accentfill").darker(114).name()
    values["pressedfill"] = theme.color("accentfill").darker(132).name()
    values["chosen"] = theme.tokens["strong" if theme.is_dark else "card"]
    for icon, token in _SHEET_ICONS.items():
        path = folder / f"{icon}-{theme.name}.svg"
        path.write_text(tinted_svg(icon, theme.color(token)), encoding="utf-8")
        values["icon_" + icon.replace("-", "_")] = path.as_posix()
    template = (paths.resources() / "themes" / "window.qss").read_text(encoding="utf-8")
    return Template(template).substitute(values)


def _table(stops: tuple[str, ...]) -> NDArray[np.uint8]:
    places = np.linspace(0, 255, len(stops))
    channels = np.array([QColor(stop).getRgb()[:3] for stop in stops])  # type: ignore[index]
    columns = [np.interp(np.arange(256), places, channels[:, i]) for i in range(3)]
    return np.stack(columns, axis=1).round().astype(np.uint8)
