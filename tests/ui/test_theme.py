"""Themes, icons, fonts and typography."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QIcon, QImage, QPalette
from PySide6.QtWidgets import QApplication, QProxyStyle, QPushButton, QStyle, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import BLOCK_TYPES, Activation, Block, Family, Input
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.ui import icons, theme, typography
from cnnstudio.ui.theme import NAMES, ThemeManager, font, load_theme


def luminance(color: QColor) -> float:
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


GROUNDS = ("window", "canvas", "card", "inset", "field")
PAIRS = [
    *itertools.product(("text", "text2", "text3"), GROUNDS),
    ("errortext", "window"),
    ("errortext", "card"),
    ("errortext", "slotError"),
    ("accenttext", "accenttint"),
    ("accenttext", "slot"),
    ("accenttext", "card"),
    ("onaccent", "accentfill"),
    ("ok", "window"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_can_be_read(name: str, words: str, ground: str) -> None:
    colors = load_theme(name)
    assert contrast(colors.color(words), colors.color(ground)) >= 4.5


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("family", list(Family))
def test_glyphs_and_headers_can_be_read(name: str, family: Family) -> None:
    colors = load_theme(name)
    assert contrast(colors.glyph(family), colors.family(family)) >= 3
    assert contrast(colors.color("text"), colors.header_tint(family)) >= 4.5


def test_both_themes_have_the_same_tokens() -> None:
    light, dark = map(load_theme, NAMES)
    assert light.tokens.keys() == dark.tokens.keys()
    assert light.families.keys() == dark.families.keys() == {f.value for f in Family}


def test_tables_run_from_the_first_colour_to_the_last() -> None:
    colors = load_theme("light")
    maps, filters = colors.maps_table(), colors.filters_table()
    assert maps.shape == filters.shape == (256, 3)
    assert maps[0].tolist() == [0x0C, 0x0E, 0x12]
    assert maps[255].tolist() == [255, 255, 255]
    assert all(level >= 0xF0 for level in filters[127:129].ravel())  # zero is white


def test_choosing_dresses_the_application(themes: ThemeManager, qtbot: QtBot) -> None:
    with qtbot.waitSignal(themes.changed):
        themes.choose("dark")
    assert themes.theme.name == themes.choice == "dark"
    window = QApplication.palette().color(QPalette.ColorRole.Window)
    assert window == themes.theme.color("window")
    with qtbot.assertNotEmitted(themes.changed):
        themes.choose("dark")
    with pytest.raises(ValueError, match="light, dark, system"):
        themes.choose("pink")


def test_system_follows_the_desktop(themes: ThemeManager) -> None:
    themes.choose("system")
    is_dark = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert themes.theme.name == ("dark" if is_dark else "light")


@pytest.mark.parametrize("name", NAMES)
def test_the_style_sheet_is_complete(name: str, tmp_path: Path, qtbot: QtBot) -> None:
    sheet = theme.style_sheet(load_theme(name), tmp_path)
    assert "$" not in sheet.replace("$names", "")
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.setStyleSheet(sheet)  # Qt warns when it cannot parse it, and warnings fail
    widget.ensurePolished()
    assert {path.suffix for path in tmp_path.iterdir()} == {".svg"}


def test_live_numbers_have_digits_of_one_width(themes: ThemeManager) -> None:
    metrics = QFontMetricsF(font(12, tabular=True))
    widths = {round(metrics.horizontalAdvance(digit), 2) for digit in "0123456789"}
    assert len(widths) == 1
    assert font(12).family() == "Inter"


def test_motion_stops_where_the_system_wants_none(themes: ThemeManager, qtbot: QtBot) -> None:
    class Still(QProxyStyle):
        def styleHint(self, hint, *rest):  # type: ignore[no-untyped-def]  # noqa: N802
            still = hint == QStyle.StyleHint.SH_Widget_Animation_Duration
            return 0 if still else super().styleHint(hint, *rest)

    widget = QWidget()
    qtbot.addWidget(widget)
    assert theme.motion_milliseconds(widget) == 140
    style = Still("Fusion")
    style.setParent(widget)
    widget.setStyle(style)
    assert theme.motion_milliseconds(widget) == 0


@pytest.mark.parametrize("name", icons.names())
def test_every_icon_is_drawn_in_the_colour_asked_for(themes: ThemeManager, name: str) -> None:
    for choice in NAMES:
        color = load_theme(choice).color("text2")
        image = icons.pixmap(name, color, 16, 2.0).toImage()
        image = image.convertToFormat(QImage.Format.Format_RGBA8888)
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(32, 32, 4).astype(int)
        drawn = pixels[pixels[..., 3] == 255][:, :3]
        assert len(drawn), "nothing opaque was drawn"
        assert np.abs(drawn - color.getRgb()[:3]).max() <= 3


def _near(one: QColor, other: QColor) -> bool:
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return all(abs(a - b) <= 3 for a, b in pairs)


def test_every_block_has_a_glyph_of_its_own() -> None:
    functions = Activation.declarations()["function"].options  # type: ignore[attr-defined]
    blocks: list[Block] = [tile.block for group in PALETTE for tile in group.tiles]
    blocks += [Input(), *(Activation(function) for function in functions)]
    assert {type(block) for block in blocks} == set(BLOCK_TYPES)
    assert all(icons.block_icon_name(block) in icons.names() for block in blocks)
    tiles = [icons.block_icon_name(tile.block) for group in PALETTE for tile in group.tiles]
    assert len(set(tiles)) == len(tiles)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_an_icon_is_as_sharp_as_the_screen(themes: ThemeManager, ratio: float) -> None:
    color = themes.theme.color("accent")
    picture = icons.icon("stop", color, 14).pixmap(QSize(16, 16), ratio)
    assert picture.devicePixelRatio() == ratio
    assert picture.size() == QSize(16, 16) * ratio
    assert picture.toImage().pixelColor(picture.rect().center()).name() == color.name()
    assert picture.toImage().pixelColor(0, 0).alpha() == 0


def test_an_icon_is_drawn_when_it_is_shown(
    themes: ThemeManager, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(icons, "draw", lambda _painter, name, *_: drawn.append(name))
    icons._centred.cache_clear()
    button = QPushButton()
    qtbot.addWidget(button)
    button.setIcon(icons.icon("save", themes.theme.color("text2")))
    assert drawn == []
    with qtbot.waitExposed(button):
        button.show()
    assert set(drawn) == {"save"}
    icons._centred.cache_clear()


def test_an_icon_is_paler_while_disabled(themes: ThemeManager) -> None:
    color, off = themes.theme.color("text"), themes.theme.color("disabled")
    picture = icons.icon("stop", color, disabled=off)
    for mode, expected in ((QIcon.Mode.Normal, color), (QIcon.Mode.Disabled, off)):
        image = picture.pixmap(16, mode).toImage()
        assert _near(image.pixelColor(image.rect().center()), expected)


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("28x28x6", "28×28×6"),
        ("(7 - 3) / 3 + 1 = 2.33", "(7 − 3) / 3 + 1 = 2.33"),
        ("(5*5*1 + 1) * 6", "(5·5·1 + 1)·6"),
        ("5*5 * 28*28", "5·5 · 28·28"),
        ("28 + 2*2", "28 + 2·2"),
        ("pad 1 -> 3x3", "pad 1 → 3×3"),
        ("7x7x8 -> ?", "7×7×8 → ?"),
        ("between -1 and 1", "between −1 and 1"),
        ("max(0, x), exp(x) - 1", "max(0, x), exp(x) − 1"),
        ("1e-8 to 2-3", "1e-8 to 2-3"),
        ("rename to \u201c28x28 - a\u201d: 2x2", "rename to \u201c28x28 - a\u201d: 2×2"),
    ],
)
def test_pretty_writes_real_signs(plain: str, expected: str) -> None:
    assert typography.pretty(plain) == expected


def test_unknown_numbers_are_question_marks() -> None:
    assert typography.size(None) == "?"
    assert typography.count(None, "params") == "? params"
    assert typography.count(2416, "params") == "2,416 params"
