"""Formulas in boxes: the numbers put in, each linked to the setting that it comes from."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.blocks import Formula
from cnnstudio.ui.parts.labels import Elided, label, set_role
from cnnstudio.ui.theme import ThemeManager, font
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
    "r": "receptive field before",
    "j": "jump, the pixels between neighbours",
    "w": "window",
    "B": "images in a batch",
    "M": "bytes of one image",
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

_SYMBOL = re.compile(r"(?!ceil)[A-Za-z]+|\d+")
_LETTERS = re.compile(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z\d])")
_NUMBER = re.compile(r"\d[\d,.]*")
_LONG = re.compile(r"(?<![\d.,])\d{4,}(?![\d.])")

PX = 13
"""The size of the letters in a box."""

PADDING = 12
"""Pixels at both ends of a box, as in the style sheet."""

BETWEEN = 20
SPACES = "&nbsp; &nbsp; "
"""What stands between two formulas in one line, and the pixels that it takes at most."""


class Line(NamedTuple):
    """A line of a box, and the same without markup."""

    markup: str
    plain: str


class FormulaBox(QLabel):
    """Lines of rich text in a tinted box, side by side in one line where there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "formula")
        self._lines: tuple[Line, ...] = ()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show `lines`."""
        self._lines = tuple(lines)
        self._join()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Join or part the lines, as the new width allows."""
        super().resizeEvent(event)
        self._join()

    def _join(self) -> None:
        metrics = QFontMetrics(font(PX, 600))
        wanted = sum(metrics.horizontalAdvance(line.plain) for line in self._lines)
        wanted += BETWEEN * max(0, len(self._lines) - 1)
        gap = SPACES if wanted <= self.width() - 2 * PADDING else "<br>"
        text = gap.join(line.markup for line in self._lines)
        if text != self.text():
            self.setText(text)


class Section(QWidget):
    """A title, the formula in symbols and its result in one line; below it the numbers put in.

    Where there is nothing to work out, the line says it all and there is no box. `pointed` carries
    the setting that the number under the pointer comes from, or nothing; `chosen` the one whose
    number was clicked.
    """

    pointed = Signal(str)
    chosen = Signal(str)

    def __init__(
        self, title: str, themes: ThemeManager, unit: str = "", help_text: str = ""
    ) -> None:
        super().__init__()
        self._themes = themes
        self._help = help_text
        self._formulas: Sequence[Formula] = ()
        self._settings: frozenset[str] = frozenset()
        self._marked = self._remark = ""
        self.symbols = Elided()
        self.result = label("name")
        self.box = FormulaBox()
        self.box.linkHovered.connect(self.pointed)
        self.box.linkActivated.connect(self.chosen)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(label("label", title))
        if unit:
            head.addWidget(label("hint", unit))
        head.addWidget(self.symbols, 1)
        head.addWidget(self.result)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.box)

    def show_formulas(
        self, result: str, formulas: Sequence[Formula], settings: Collection[str], remark: str = ""
    ) -> None:
        """Show `result` and how it comes about; `settings` may be linked from their numbers.

        The `remark` stands behind the first formula, paler.
        """
        self._formulas, self._settings = formulas, frozenset(settings)
        self._remark = remark
        self._show(result, wrong=False)
        first = formulas[0].symbols if formulas else ""
        self.symbols.setText(tidy(first))
        tip = "\n".join(filter(None, [self._help, *map(symbolic, formulas)]))
        self.setToolTip(tip)
        self.box.setVisible(any(map(_says_more, formulas)))

    def show_words(self, result: str, words: str, *, wrong: bool) -> None:
        """Show `result` and a sentence instead of a formula, in the error's colour if `wrong`."""
        self._formulas, self._remark = (), ""
        self._show(result, wrong=wrong)
        self.symbols.setText("")
        self.setToolTip(self._help)
        self.box.show_lines([Line(html.escape(pretty(words)), pretty(words))])
        self.box.setVisible(bool(words))

    def mark(self, setting: str) -> None:
        """Stress the numbers that come from `setting`; an empty name stresses none."""
        if self._formulas and setting != self._marked:
            self._marked = setting
            self._show_lines()

    def _show(self, result: str, *, wrong: bool) -> None:
        self._marked = ""
        self.result.setText(result)
        set_role(self.result, "name-error" if wrong else "name")
        set_role(self.box, "formula-error" if wrong else "formula")
        self._show_lines()

    def _show_lines(self) -> None:
        self.box.show_lines([self._line(formula) for formula in self._formulas])

    def _line(self, formula: Formula) -> Line:
        theme = self._themes.theme
        plain = f"color:{theme.color('text').name()}"
        stressed = f"color:{theme.color('accenttext').name()};font-weight:600"
        pale = f"color:{theme.color('text2').name()};font-size:11px"
        markup = formula_markup(
            formula, self._settings, lambda s: stressed if s == self._marked else plain
        )
        words = _words(formula)
        if formula.name:
            markup = f'<span style="{pale}">{formula.name}</span>&nbsp; {markup}'
            words = f"{formula.name}  {words}"
        if self._remark and formula is self._formulas[0]:
            markup += f'&nbsp; <span style="{pale}">{html.escape(self._remark)}</span>'
            words += f"  {self._remark}"
        return Line(markup, words)


def _says_more(formula: Formula) -> bool:
    """Whether the numbers are more than the result once again."""
    return formula.numbers.replace(",", "") != formula.result.replace(",", "")


def _words(formula: Formula) -> str:
    """The formula as it stands in a box, without its markup."""
    return f"{grouped(tidy(formula.numbers))} = {pretty(formula.result)}"


def grouped(numbers: str) -> str:
    """`numbers` with commas in those of four digits and more."""
    return _LONG.sub(lambda found: f"{int(found.group()):,}", numbers)


def formula_markup(formula: Formula, settings: frozenset[str], style: Style) -> str:
    """The formula as rich text: a bold result, and numbers that link to the settings' names."""
    numbers, result = grouped(tidy(formula.numbers)), pretty(formula.result)
    words = html.escape(result).replace(" ", "&nbsp;")
    bold = f'<span style="font-weight:600">{words}</span>'
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
    """The symbolic form under its name, and below it what its letters stand for."""
    letters = [s for s in dict.fromkeys(_LETTERS.findall(formula.symbols)) if s in LEGEND]
    legend = ", ".join(f"{letter} {LEGEND[letter]}" for letter in letters)
    name = f"{formula.name}: " if formula.name else ""
    return f"{name}{tidy(formula.symbols)}\n{legend}".rstrip()


def tidy(arithmetic: str) -> str:
    """Arithmetic with proper signs and no space around the division."""
    return pretty(arithmetic).replace(" / ", "/")
