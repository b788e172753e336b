"""The reckoning of a number: its value, the line of steps, what is special, and its terms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from cnnstudio.explain.cells import Cell
from cnnstudio.explain.explanation import Explanation
from cnnstudio.explain.terms import How, Terms
from cnnstudio.explain.weight_gradient import Weight
from cnnstudio.network import Report
from cnnstudio.ui.maps.map_panel import scrolling
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.labels import Elided
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.typography import pretty
from cnnstudio.ui.why.why_grids import (
    LEAST,
    NUMBER,
    ROOMY,
    TIGHT,
    Grids,
    grid_fits,
    width_for_cells,
)
from cnnstudio.ui.why.why_list import TermList
from cnnstudio.ui.why.why_numbers import full
from cnnstudio.ui.why.why_question import Answer
from cnnstudio.ui.why.why_sheet import PRODUCT, VALUE, WEIGHT, Sheet, Spot, Sums
from cnnstudio.ui.why.why_trail import item_words

ALL = (VALUE, WEIGHT, PRODUCT)

BAR = 12
"""Pixels that a scroll bar may take."""

ROOMY_CELLS, OTHER_CELLS = (ROOMY, NUMBER[0]), (TIGHT, 18, 12, 8, 6, 4, LEAST)
"""Pixels of the width of a cell: where there is much room for numbers, and where there is less."""


class Reckoning(QWidget):
    """How a number comes about; `walked` carries the cell or the weight that was clicked."""

    walked = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._report: Report | None = None
        self._answer: Answer | None = None
        self._class_name = ""
        self.value = QLabel()
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.value.setProperty("role", "name")
        self.value.setFont(font(14, 600, tabular=True))
        self.steps, self.note = Elided(), Elided()
        self.steps.setFont(font(12, 400, tabular=True))
        self.bias = PushButton(themes, "Bias gradient")
        self.bias.setToolTip("Why the loss changes with the bias as it does")
        self.bias.setAccessibleName("Gradient of the bias")
        self.bias.clicked.connect(self._ask_bias)
        self.grids, self.list = Grids(themes), TermList(themes)
        self.areas: dict[Sheet, QScrollArea] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(self.note)
        for sheet in (self.grids, self.list):
            self.areas[sheet] = scrolling(sheet)
            self.areas[sheet].setMinimumHeight(40)
            self.areas[sheet].hide()
            sheet.hovered.connect(partial(self._tell_of, sheet))
            sheet.opened.connect(partial(self._open_of, sheet))
            column.addWidget(self.areas[sheet], 1)
        self._filler = QWidget()
        column.addWidget(self._filler, 1)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.value)
        head.addWidget(self.steps, 1)
        return head

    @property
    def sheet(self) -> Sheet | None:
        """What shows the terms; None where there are none."""
        return next((sheet for sheet, area in self.areas.items() if not area.isHidden()), None)

    def widths(self, answer: Answer, cells: Sequence[int]) -> list[int]:
        """The widths of the terms with cells of such widths; none for a list."""
        sums = self._sums(answer)
        if sums is None or sums.terms.grid is None or len(sums.terms) == 1:
            return []
        grid, columns = sums.terms.grid, len(sums.columns)
        return [width_for_cells(grid, columns, cell) + BAR for cell in cells]

    def show_answer(self, report: Report, answer: Answer, class_names: Sequence[str]) -> None:
        """Show how `answer` comes about, in the words of `report`'s blocks."""
        self._report, self._answer = report, answer
        known = answer.label is not None and answer.label < len(class_names)
        self._class_name = class_names[answer.label] if known else str(answer.label)  # type: ignore[index]
        self.value.setText(full(answer.value))
        self.steps.setText(pretty(_steps_of(answer)))
        self.steps.short = pretty(_shorter(_steps_of(answer)))
        reckoned = answer.explanation
        self.bias.setVisible(reckoned is not None and reckoned.arithmetic.bias_place is not None)
        self._tell(None)
        self._arrange()

    def _arrange(self) -> None:
        """The grids where windows can be told apart, else the list."""
        sums = None if self._answer is None else self._sums(self._answer)
        chosen = None if sums is None else self._fitting(sums)
        had = any(sheet.hasFocus() for sheet in self.areas)
        for sheet, area in sorted(self.areas.items(), key=lambda each: each[0] is not chosen):
            area.setVisible(sheet is chosen)
            if had and sheet is chosen:
                sheet.setFocus(Qt.FocusReason.OtherFocusReason)  # before the other one is hidden
        self._filler.setVisible(chosen is None)
        if chosen is not None and sums is not None:
            chosen.show_sums(sums)

    def _fitting(self, sums: Sums) -> Sheet:
        grid = sums.terms.grid
        if grid is None or len(sums.terms) == 1 or not grid[1] * grid[2]:
            return self.list
        fits = grid_fits(grid, len(sums.columns), self.width() - BAR)
        return self.grids if fits else self.list

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See anew whether the grids fit."""
        super().resizeEvent(event)
        self._arrange()

    # ---- the terms

    def _sums(self, answer: Answer) -> Sums | None:
        if answer.explanation is not None and len(answer.explanation.terms):
            return self._explained(answer.explanation)
        gradient = answer.gradient
        if gradient is None or gradient.terms is None:
            return None
        titles = ("input", "gradient", "product")
        plain = not gradient.terms.paths[0] and bool(np.all(gradient.terms.values == 1))
        columns = (WEIGHT,) if plain else ALL
        places = gradient.places
        return Sums(gradient.terms, titles, columns, None, lambda i: _at(tuple(places[i])))

    def _explained(self, explanation: Explanation) -> Sums:
        terms, arithmetic = explanation.terms, explanation.arithmetic
        columns: tuple[int, ...] = ALL
        titles = ("input", "filter" if terms.grid else "weight", "product")
        if arithmetic.how is How.SHARE:
            columns, titles = (VALUE, PRODUCT), ("value", "", "exponential")
        elif np.all(terms.weights == 1):
            columns = (VALUE,)
        return Sums(terms, titles, columns, arithmetic.chosen, lambda i: self._where(terms, i))

    def _where(self, terms: Terms, index: int) -> str:
        cell = terms.cell(index)
        if cell is None or self._report is None:
            return "padding"
        if len(terms.paths) > 1:
            return item_words(self._report, cell)
        return _at(cell.place)

    def _tell_of(self, sheet: Sheet, spot: Spot | None) -> None:
        """A sheet that another answer has hidden still has the mouse, while a button is down."""
        if sheet is self.sheet:
            self._tell(spot)

    def _open_of(self, sheet: Sheet, spot: Spot) -> None:
        if sheet is self.sheet:
            self._open(spot)

    # ---- the line of words

    def _tell(self, spot: Spot | None) -> None:
        """What is under the pointer, else what is special and what is seen."""
        assert self._answer is not None
        sheet = self.sheet
        if spot is None or sheet is None or sheet.sums is None:
            notes = _notes_of(self._answer, self._class_name)
            self.note.setText(pretty("  ·  ".join(note.rstrip(".") for note in notes)))
            return
        sums, (index, column) = sheet.sums, spot
        numbers = full(sums.number(index, VALUE))
        if self._answer.gradient is not None or len(sums.columns) == len(ALL):
            numbers += f" × {full(sums.number(index, WEIGHT))}"
            numbers += f" = {full(sums.number(index, PRODUCT))}"
        elif PRODUCT in sums.columns:
            numbers += f", exponential {full(sums.number(index, PRODUCT))}"
        words = f"{sums.where(index)}:  {numbers}"
        self.note.setText(pretty(words) + self._hint(index, column))

    def _hint(self, index: int, column: int) -> str:
        found = self._target(index, column)
        if found is None:
            return ""
        what = "the weight's gradient" if isinstance(found, Weight) else "why"
        return f"  ·  click for {what}"

    # ---- walking

    def _target(self, index: int, column: int) -> Cell | Weight | None:
        """What a click on a number asks about."""
        answer = self._answer
        if answer is None:
            return None
        if answer.explanation is not None:
            term = answer.explanation.terms[index]
            if column == WEIGHT and term.parameter is not None:
                return Weight(answer.item.path, "weight", term.parameter)
            return term.cell
        assert answer.gradient is not None
        assert answer.gradient.terms is not None
        if column == WEIGHT:
            return Cell(answer.item.path, tuple(map(int, answer.gradient.places[index])))
        return answer.gradient.terms.cell(index)

    def _open(self, spot: Spot) -> None:
        target = self._target(*spot)
        if target is not None:
            self.walked.emit(target)

    def _ask_bias(self) -> None:
        reckoned = None if self._answer is None else self._answer.explanation
        if reckoned is not None and reckoned.arithmetic.bias_place is not None:
            self.walked.emit(Weight(reckoned.cell.path, "bias", reckoned.arithmetic.bias_place))


def _at(place: tuple[int, ...]) -> str:
    """Such as "map 3 (4, 7)" or "unit 12", counted from 1."""
    if len(place) == 1:
        return f"unit {place[0] + 1:,}"
    channel, row, column = place
    return f"map {channel + 1}, row {row + 1}, col {column + 1}"


def _steps_of(answer: Answer) -> str:
    if answer.explanation is not None:
        return _chain(answer.explanation)
    gradient = answer.gradient
    if gradient is None:
        return "a pixel of the picture"
    count = 0 if gradient.terms is None else len(gradient.terms)
    numeric = f"central difference {full(gradient.numeric)}"
    return f"sum of {count:,} products  ·  engine {full(gradient.engine)}  ·  {numeric}"


def _shorter(steps: str) -> str:
    """The same in fewer words; the value of the last step stands before them anyway."""
    words = steps.replace("sum of ", "Σ ").replace("central difference", "numeric")
    head, arrow, last = words.rpartition(" -> ")
    return f"{head}{arrow}{last.rpartition(' ')[0]}" if arrow else words


def _chain(explanation: Explanation) -> str:
    """Such as "sum of 25 products 0.512 + bias 0.1 = 0.612 -> ReLU 0.612"."""
    (words, value), *others = explanation.steps
    if not others:
        return words
    chain = f"{words} {full(value)}"
    for step in others:
        is_function = step is others[-1] and explanation.arithmetic.function != "none"
        join = f" -> {step.words} " if is_function else f" {step.words} = "
        chain += f"{join}{full(step.value)}"
    return chain


def _notes_of(answer: Answer, class_name: str) -> list[str]:
    if answer.gradient is not None:
        weight = f"the {answer.gradient.weight.name} is {full(answer.gradient.value)}"
        rounding = (
            ["the products cancel: 0 but for rounding"] if answer.gradient.is_rounding else []
        )
        return [weight, f"the loss is for class {class_name}", *rounding, *answer.gradient.notes]
    if answer.explanation is None:
        return ["there is nothing before it"]
    notes = [*answer.explanation.arithmetic.notes, f"engine {full(answer.explanation.engine)}"]
    if answer.picture_field is not None:
        notes.append(f"sees {answer.picture_field.words}")
    return notes
