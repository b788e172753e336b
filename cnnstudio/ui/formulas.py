"""Formulas in boxes: the numbers put in, each linked to the setting that it comes from."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, zip_longest

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.blocks import Block, Formula
from cnnstudio.ui.labels import label, set_role
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

Style = Callable[[str], str]
"""The style, in CSS, of a number that comes from the setting of this name."""

LEGEND: Mapping[str, str] = {
    "N": "input size",
    "F": "kernel",
    "P": "padding",
    "S": "stride",
    "C": "input channels",
    "K": "filters",
    "H": "height",
    "W": "width",
    "G": "groups",
    "L": "links",
    "T": "tiles",
    "i": "input size",
    "k": "kernel",
    "s": "stride",
    "p": "padding",
    "a": "output padding",
    "d": "dilation",
}
"""What the letters of the symbolic forms stand for; small ones are those of arXiv 1603.07285."""

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "F": ("kernel",),
    "P": ("padding", "pad"),
    "S": ("stride",),
    "K": ("filters",),
    "units": ("units",),
    "scale": ("scale",),
    "G": ("groups",),
    "L": ("table",),
    "T": ("tiles",),
    "k": ("kernel",),
    "s": ("stride",),
    "p": ("padding",),
    "a": ("output_padding",),
    "d": ("dilation",),
}
"""The settings that a symbol may stand for; a block has at most one of them."""

_SYMBOL = re.compile(r"[A-Za-z]+|\d+")
_LETTERS = re.compile(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z\d])")
_NUMBER = re.compile(r"\d[\d,.]*")


class Section(QWidget):
    """A title with a result at the right, and below it a box for each formula.

    `pointed` carries the setting that the number under the pointer comes from, or nothing;
    `chosen` the one whose number was clicked.
    """

    pointed = Signal(str)
    chosen = Signal(str)

    def __init__(self, title: str, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._formulas: Sequence[Formula] = ()
        self._settings: frozenset[str] = frozenset()
        self.result = label("name")
        self.boxes: list[QLabel] = []
        head = QHBoxLayout()
        head.addWidget(label("label", title))
        head.addStretch(1)
        head.addWidget(self.result)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addLayout(head)

    def show_formulas(self, result: str, formulas: Sequence[Formula], block: Block) -> None:
        """Show `result` and how it comes about; the symbolic form is the box's tooltip."""
        self._formulas, self._settings = formulas, frozenset(block.declarations())
        self._show(result, self._texts(""), wrong=False)
        for box, formula in zip(self.boxes, formulas, strict=False):
            box.setToolTip(symbolic(formula))

    def show_words(self, result: str, words: str, *, wrong: bool) -> None:
        """Show `result` and a sentence instead of a formula, in the error's colour if `wrong`."""
        self._formulas = ()
        self._show(result, [html.escape(pretty(words))] if words else [], wrong=wrong)
        for box in self.boxes:
            box.setToolTip("")

    def mark(self, setting: str) -> None:
        """Stress the numbers that come from `setting`; an empty name stresses none."""
        for box, text in zip(self.boxes, self._texts(setting), strict=False):
            box.setText(text)

    def _texts(self, marked: str) -> list[str]:
        theme = self._themes.theme
        plain = f"color:{theme.color('text').name()}"
        stressed = f"color:{theme.color('accenttext').name()};font-weight:600"
        return [
            formula_markup(formula, self._settings, lambda s: stressed if s == marked else plain)
            for formula in self._formulas
        ]

    def _show(self, result: str, texts: Sequence[str], *, wrong: bool) -> None:
        self.result.setText(result)
        set_role(self.result, "name-error" if wrong else "name")
        while len(self.boxes) < len(texts):
            self.boxes.append(self._box())
        for box, text in zip(self.boxes, texts, strict=False):
            box.setText(text)
            set_role(box, "formula-error" if wrong else "formula")
        for place, box in enumerate(self.boxes):
            box.setVisible(place < len(texts))

    def _box(self) -> QLabel:
        box = QLabel()
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setWordWrap(True)
        box.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        box.linkHovered.connect(self.pointed)
        box.linkActivated.connect(self.chosen)
        self._column.addWidget(box)
        return box


def formula_markup(formula: Formula, settings: frozenset[str], style: Style) -> str:
    """The formula as rich text: a bold result, and numbers that link to the settings' names."""
    numbers, result = tidy(formula.numbers), pretty(formula.result)
    bold = f'<span style="font-weight:600">{html.escape(result)}</span>'
    if numbers == result or numbers.endswith(f"→ {result}"):
        return html.escape(numbers.removesuffix(result)) + bold
    return f"{_linked(numbers, formula.symbols, settings, style)} = {bold}"


def _linked(numbers: str, symbols: str, settings: frozenset[str], style: Style) -> str:
    """`numbers` with links, where they stand in the same order as the symbols."""
    found, names = _NUMBER.findall(numbers), _SYMBOL.findall(symbols)
    if len(found) != len(names):
        return html.escape(numbers)
    links = [_link(n, s, settings, style) for n, s in zip(found, names, strict=True)]
    between = [html.escape(part) for part in _NUMBER.split(numbers)]
    return "".join(chain.from_iterable(zip_longest(between, links, fillvalue="")))


def _link(number: str, symbol: str, settings: frozenset[str], style: Style) -> str:
    setting = next((s for s in SETTINGS.get(symbol, ()) if s in settings), None)
    if setting is None:
        return number
    return f'<a href="{setting}" style="text-decoration:none;{style(setting)}">{number}</a>'


def symbolic(formula: Formula) -> str:
    """The symbolic form, and below it what its letters stand for."""
    letters = [s for s in dict.fromkeys(_LETTERS.findall(formula.symbols)) if s in LEGEND]
    legend = ", ".join(f"{letter} {LEGEND[letter]}" for letter in letters)
    return f"{tidy(formula.symbols)}\n{legend}".rstrip()


def tidy(arithmetic: str) -> str:
    """Arithmetic with proper signs and no space around the division."""
    return pretty(arithmetic).replace(" / ", "/")
