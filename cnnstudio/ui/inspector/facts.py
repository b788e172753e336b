"""What the inspector says about a block: sizes and counts as formulas, problems, explanation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.blocks import Block, Formula, Shape
from cnnstudio.blocks.activation import activation_formula, activation_words
from cnnstudio.blocks.block import size_words
from cnnstudio.blocks.field import Field
from cnnstudio.network import BlockReport, Problem, Report
from cnnstudio.ui.canvas.window_picture import WindowPicture
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.icons import pixmap
from cnnstudio.ui.inspector.formulas import Section, tidy
from cnnstudio.ui.parts.flow import RepairChips
from cnnstudio.ui.parts.labels import label, set_role
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

BYTES = 4
"""Bytes of one number: the engine computes in float32."""

UNITS = ("B", "KB", "MB", "GB")

MOST_TERMS = 5
"""A sum of more numbers than these is not written out."""

COST_HELP = "Multiplications, each with its addition, for one image."
FIELD_HELP = "The patch of the picture, in pixels, that one output value sees."
MEMORY_HELP = (
    "What this block's values take in float32. Training keeps them for every image of a batch, and "
    "the gradient of each; what the optimizer and the windows need comes on top."
)
DENSE_HELP = "The weights and biases of a fully connected layer with the same input and output."


class Note(QWidget):
    """An icon and a sentence, with a `session` also the repairs."""

    def __init__(self, themes: ThemeManager, session: Session | None = None) -> None:
        super().__init__()
        self._themes = themes
        self.chips = RepairChips(session, themes, brief=True) if session else None
        self._icon = QLabel()
        self._icon.setFixedSize(QSize(16, 16))
        self._words = label("caption", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addWidget(self._words)
        if self.chips is not None:
            side.addWidget(self.chips)
        row.addLayout(side, 1)

    def show_problem(self, problem: Problem) -> None:
        """Show a problem; a warning in quiet colours."""
        error = problem.severity == "error"
        tone = self._themes.theme.color("error" if error else "text2")
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap("alert" if error else "warning", tone, 14, ratio))
        self._words.setText(pretty(problem.message))
        set_role(self._words, "error" if error else "caption")
        if self.chips is not None:
            self.chips.show_repairs(problem.repairs)


class Notes(QWidget):
    """A note for each problem."""

    def __init__(self, themes: ThemeManager, session: Session | None = None) -> None:
        super().__init__()
        self._themes = themes
        self._session = session
        self._notes: list[Note] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show `problems`, or nothing."""
        while len(self._notes) < len(problems):
            note = Note(self._themes, self._session)
            self._notes.append(note)
            self._column.addWidget(note)
        for note, problem in zip(self._notes, problems, strict=False):
            note.show_problem(problem)
        for place, note in enumerate(self._notes):
            note.setVisible(place < len(problems))
        self.setVisible(bool(problems))


class BlockFacts(QWidget):
    """Output size, parameters, cost, receptive field and memory as formulas, and what a block does.

    `pointed` and `chosen` carry the setting that a number of a formula comes from; see Section.
    """

    pointed = Signal(str)
    chosen = Signal(str)

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session = session
        self.output = Section("Output size", themes)
        self.parameters = Section("Parameters", themes)
        self.cost = Section("Cost", themes, "multiply-adds", COST_HELP)
        self.field = Section("Receptive field", themes, "", FIELD_HELP)
        self.memory = Section("Memory", themes, "per image", MEMORY_HELP)
        self.dense = Section("The same as FC", themes, "", DENSE_HELP)
        self.comparison = label("caption", wrap=True)
        self.picture = WindowPicture(themes)
        self.chips = RepairChips(session, themes)
        self.notes = Notes(themes, session)
        self.words = label("caption", wrap=True)
        for section in self.sections:
            section.pointed.connect(self.pointed)
            section.chosen.connect(self.chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.output, self.picture, self.chips, *self.sections[1:], self.comparison):
            column.addWidget(widget)
        column.addWidget(self.notes)
        column.addWidget(self.words)

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections from the top."""
        return (self.output, self.parameters, self.cost, self.field, self.memory, self.dense)

    def show_block(self, entry: BlockReport, before: Field | None, report: Report) -> None:
        """Show what is known about `entry`; `before` is the receptive field before it."""
        self._show_size(entry)
        if entry.input_shape is None or entry.output_shape is None:
            for section in self.sections[1:]:
                section.show_words("?", "", wrong=False)
        else:
            self._show_counts(entry, entry.input_shape, report)
            self._show_field(entry, entry.input_shape, before)
            self._show_memory(entry.block, entry.input_shape)
        self._show_dense(entry)
        for section in self.sections[:-1]:
            section.show()
        self.notes.show_problems([p for p in entry.problems if p.severity != "error"])
        self.words.setText(pretty(explanation(entry.block)))
        self.words.show()

    def show_several(self, entries: Sequence[BlockReport]) -> None:
        """Show the totals of the selected blocks, as far as they are known."""
        known = [(e, e.input_shape) for e in entries if e.input_shape and e.output_shape]
        left = "" if len(known) == len(entries) else f"{len(known)} of {len(entries)} known"
        show_sum(self.parameters, [entry.parameters or 0 for entry, _ in known], left)
        show_sum(self.cost, [entry.multiply_adds or 0 for entry, _ in known], left)
        memory = [entry.block.memory(shape) for entry, shape in known]
        show_sum(self.memory, memory, left, in_bytes=True)
        for widget in (
            self.output,
            self.picture,
            self.chips,
            self.field,
            self.dense,
            self.comparison,
        ):
            widget.hide()
        self.notes.show_problems([])
        self.words.hide()

    def mark(self, setting: str) -> None:
        """Stress the numbers that come from `setting`."""
        for section in self.sections:
            section.mark(setting)

    def _show_size(self, entry: BlockReport) -> None:
        error = next((p for p in entry.problems if p.severity == "error"), None)
        self.chips.show_repairs(error.repairs if error else ())
        self.picture.show_block(entry)
        if error is not None:
            reason = misfit_reason(error.message)
            self.output.show_words(f"{pretty(str(entry.input_shape))} → ?", reason, wrong=True)
        elif entry.input_shape is None or entry.output_shape is None:
            words = "Known once the blocks before it fit"
            self.output.show_words("?", words, wrong=False)
        else:
            formulas = entry.block.size_formulas(entry.input_shape)
            size = pretty(str(entry.output_shape))
            self.output.show_formulas(size, formulas, entry.block.declarations())

    def _show_counts(self, entry: BlockReport, shape: Shape, report: Report) -> None:
        block, settings = entry.block, entry.block.declarations()
        formula = block.parameter_formula(shape)
        self.parameters.show_formulas(formula.result, [formula], settings)
        cost = entry.multiply_adds
        share = share_words(cost / report.multiply_adds) if cost and report.ok else ""
        formula = block.cost_formula(shape)
        self.cost.show_formulas(formula.result, [formula], settings, share)

    def _show_field(self, entry: BlockReport, shape: Shape, before: Field | None) -> None:
        if before is None or entry.receptive_field is None:
            return
        formulas = entry.block.field_formulas(shape, before)
        size = pretty(size_words(entry.receptive_field))
        self.field.show_formulas(f"{size} px", formulas, entry.block.declarations())

    def _show_memory(self, block: Block, shape: Shape) -> None:
        one = block.memory_formula(shape)
        training = block.training_formula(shape, self._session.recipe.batch_size)
        words = memory_words(int(training.result.replace(",", "")))
        formulas = [one._replace(result=f"{one.result} B"), training._replace(result=words)]
        self.memory.show_formulas(memory_words(block.memory(shape)), formulas, block.declarations())

    def _show_dense(self, entry: BlockReport) -> None:
        shape, block = entry.input_shape, entry.block
        known = shape is not None and entry.output_shape is not None
        formula = block.fully_connected_formula(shape) if known and shape else None
        self.dense.setVisible(formula is not None)
        self.comparison.setVisible(formula is not None)
        if formula is not None and shape is not None:
            self.dense.show_formulas(formula.result, [formula], block.declarations())
            self.comparison.setText(block.fully_connected_words(shape))


def show_sum(
    section: Section, numbers: Sequence[int], left: str, *, in_bytes: bool = False
) -> None:
    """Show the sum of what is known; `left` says of how many blocks, where it is not of all."""
    total = sum_formula(numbers)
    result = memory_words(sum(numbers)) if in_bytes else total.result
    if len(numbers) > 1:
        formula = total._replace(result=f"{total.result} B") if in_bytes else total
        section.show_formulas(result, [formula], (), left)
    else:
        section.show_words(result if numbers else "?", left, wrong=False)


def sum_formula(numbers: Sequence[int]) -> Formula:
    """The sum of a few numbers; of many, the middle is left out."""
    terms = [str(number) for number in numbers]
    if len(terms) > MOST_TERMS:
        terms = [*terms[: MOST_TERMS - 2], "...", terms[-1]]
    return Formula("sum", " + ".join(terms), f"{sum(numbers):,}")


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


def memory_words(count: int) -> str:
    """A number of bytes in B, KB, MB or GB of a thousand, with two digits."""
    if count < 1000:
        return f"{count} B"
    power = min(3, (len(str(count)) - 1) // 3)
    size = count / 1000**power
    return f"{size:.1f} {UNITS[power]}" if size < 10 else f"{size:,.0f} {UNITS[power]}"
