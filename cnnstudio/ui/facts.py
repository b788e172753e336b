"""What the inspector says about a block: sizes and counts as formulas, problems, explanation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.blocks import Block
from cnnstudio.blocks.activation import activation_formula, activation_words
from cnnstudio.blocks.block import size_words
from cnnstudio.network import BlockReport, Problem, Report
from cnnstudio.ui.flow import RepairChips
from cnnstudio.ui.formulas import Section, symbolic, tidy
from cnnstudio.ui.icons import pixmap
from cnnstudio.ui.labels import Fact, label, set_role
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

BYTES = 4
"""Bytes of one number: the engine computes in float32."""

UNITS = ("B", "KB", "MB", "GB")


class Note(QWidget):
    """An icon and a sentence."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._icon = QLabel()
        self._icon.setFixedSize(QSize(16, 16))
        self._words = label("caption", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def show_problem(self, problem: Problem) -> None:
        """Show a problem; a warning in quiet colours."""
        error = problem.severity == "error"
        tone = self._themes.theme.color("error" if error else "text2")
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap("alert" if error else "warning", tone, 14, ratio))
        self._words.setText(pretty(problem.message))
        set_role(self._words, "error" if error else "caption")


class Notes(QWidget):
    """A note for each problem."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._notes: list[Note] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show `problems`, or nothing."""
        while len(self._notes) < len(problems):
            note = Note(self._themes)
            self._notes.append(note)
            self._column.addWidget(note)
        for note, problem in zip(self._notes, problems, strict=False):
            note.show_problem(problem)
        for place, note in enumerate(self._notes):
            note.setVisible(place < len(problems))
        self.setVisible(bool(problems))


class BlockFacts(QWidget):
    """Output size, parameters, cost, memory and receptive field of one block, and what it does.

    `pointed` and `chosen` carry the setting that a number of a formula comes from; see Section.
    """

    pointed = Signal(str)
    chosen = Signal(str)

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.output = Section("Output size", themes)
        self.parameters = Section("Parameters", themes)
        for section in (self.output, self.parameters):
            section.pointed.connect(self.pointed)
            section.chosen.connect(self.chosen)
        self.chips = RepairChips(session, themes)
        self.cost = Fact("Multiply-adds")
        self.memory = Fact("Memory")
        self.field = Fact("Receptive field")
        self.notes = Notes(themes)
        self.words = label("caption", wrap=True)
        facts = QVBoxLayout()
        facts.setSpacing(0)
        for fact in (self.cost, self.memory, self.field):
            facts.addWidget(fact)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self.output, self.chips, self.parameters):
            column.addWidget(widget)
        column.addLayout(facts)
        column.addWidget(self.notes)
        column.addWidget(self.words)

    def show_block(self, entry: BlockReport, report: Report) -> None:
        """Show what `report` knows about `entry`."""
        self._show_size(entry)
        self._show_parameters(entry)
        self._show_counts(entry, report)
        self.notes.show_problems([p for p in entry.problems if p.severity != "error"])
        self.words.setText(pretty(explanation(entry.block)))

    def mark(self, setting: str) -> None:
        """Stress the numbers that come from `setting`."""
        self.output.mark(setting)
        self.parameters.mark(setting)

    def _show_size(self, entry: BlockReport) -> None:
        error = next((p for p in entry.problems if p.severity == "error"), None)
        self.chips.show_repairs(error.repairs if error else ())
        if error is not None:
            reason = misfit_reason(error.message)
            self.output.show_words(f"{pretty(str(entry.input_shape))} → ?", reason, wrong=True)
        elif entry.input_shape is None or entry.output_shape is None:
            words = "Known once the blocks before it fit"
            self.output.show_words("?", words, wrong=False)
        else:
            formulas = entry.block.size_formulas(entry.input_shape)
            self.output.show_formulas(pretty(str(entry.output_shape)), formulas, entry.block)

    def _show_parameters(self, entry: BlockReport) -> None:
        if entry.parameters is None or entry.input_shape is None:
            self.parameters.show_words("?", "", wrong=False)
        elif entry.parameters:
            formula = entry.block.parameter_formula(entry.input_shape)
            self.parameters.show_formulas(f"{entry.parameters:,}", [formula], entry.block)
        else:
            self.parameters.show_formulas("0", [], entry.block)

    def _show_counts(self, entry: BlockReport, report: Report) -> None:
        cost, shape = entry.multiply_adds, entry.output_shape
        share = share_words(cost / report.multiply_adds) if cost and report.ok else ""
        self.cost.show_value("?" if cost is None else f"{cost:,}", share, cost_tip(entry))
        memory = memory_words(BYTES * shape.size) if shape else "?"
        tip = "Memory for this block's output of one image, in float32"
        self.memory.show_value(memory, "per image" if shape else "", tip)
        field = entry.receptive_field
        words = "?" if field is None else pretty(size_words(field))
        tip = "The patch of the picture that one output value sees"
        self.field.show_value(words, "" if field is None else "pixels", tip)


def share_words(share: float) -> str:
    """A share of the whole in per cent; a small one is not nothing."""
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def misfit_reason(message: str) -> str:
    """The arithmetic or the reason in "CONV 2 does not fit: (7 - 3) / 3 + 1 = 2.33."."""
    reason = message.partition(": ")[2] or message
    return tidy(reason[:1].upper() + reason[1:]).removesuffix(".")


def explanation(block: Block) -> str:
    """What the block does, and what its activation computes."""
    function = block.values().get("activation", block.values().get("function", "none"))
    if function == "none":
        return block.help
    return f"{block.help} {activation_words(function)} is {activation_formula(function)}"


def cost_tip(entry: BlockReport) -> str:
    """How the multiply-adds come about, for a tooltip."""
    tip = "Multiplications, each with its addition, for one image"
    if not entry.multiply_adds or entry.input_shape is None:
        return tip
    formula = entry.block.cost_formula(entry.input_shape)
    return f"{tip}\n{tidy(str(formula))}\n{symbolic(formula)}"


def memory_words(count: int) -> str:
    """A number of bytes in B, KB, MB or GB of a thousand, with two digits."""
    if count < 1000:
        return f"{count} B"
    power = min(3, (len(str(count)) - 1) // 3)
    size = count / 1000**power
    return f"{size:.1f} {UNITS[power]}" if size < 10 else f"{size:,.0f} {UNITS[power]}"
