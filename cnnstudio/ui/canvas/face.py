"""What a card says, worked out from the report: words, sizes, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import lru_cache
from operator import attrgetter

from cnnstudio.blocks import Block, FullyConnected, Shape
from cnnstudio.engine.diagnosis import Finding
from cnnstudio.errors import SizeError
from cnnstudio.network import BlockReport, Problem
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.misfit import Misfit, misfit_of
from cnnstudio.ui.canvas.paint import SEPARATOR, fitting_parts
from cnnstudio.ui.canvas.thumbnails import MOST_CELLS, MOST_MAPS
from cnnstudio.ui.canvas.window_picture import Coverage
from cnnstudio.ui.typography import count, pretty, size

SETTINGS_WIDTH = 160.0
"""The room for the settings on a card, in pixels."""
UNKNOWN_RESULT = " → ?"


class State(Enum):
    """What is known about a block."""

    KNOWN = "known"
    MISFIT = "misfit"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Part:
    """One setting in words; the offending one is marked."""

    text: str
    offends: bool = False


@dataclass(frozen=True)
class Face:
    """All that a card shows besides its activations; equal faces need no repainting."""

    block: Block
    name: str
    state: State
    parts: tuple[Part, ...]
    size: str
    note: str
    shape: Shape | None = None
    is_new: bool = False
    misfit: Misfit | None = None
    coverage: Coverage | None = None
    """What a repair by rounding leaves unseen, or looks at outside the map."""
    sentence: str = ""
    warnings: tuple[str, ...] = ()
    probe: str = ""

    def has_look_of(self, other: Face) -> bool:
        """Whether it differs from `other` by its name at most."""
        return _BESIDES_NAME(self) == _BESIDES_NAME(other)

    @property
    def sign(self) -> str:
        """The icon of what is wrong; "" where nothing is."""
        if self.state is State.MISFIT:
            return "alert"
        return "warning" if self.warnings else ""

    @property
    def tip(self) -> str:
        """The tooltip: what the block is, what is not shown, and what is unwise."""
        lines = [f"{self.name}: {self.block.title}, {pretty(self.block.summary())}"]
        shown = _shown(self.shape)
        if self.sentence or shown:
            lines.append(self.sentence or shown)
        return "\n".join([*lines, *self.warnings])

    @property
    def spoken(self) -> str:
        """What a screen reader says behind the name: size, parameters, and what is wrong."""
        known = ", ".join(filter(None, (self.size, self.note)))
        told = " ".join(filter(None, (self.sentence, *self.warnings)))
        return f"{known}. {told}" if told else known


_BESIDES_NAME = attrgetter(*(field.name for field in fields(Face) if field.name != "name"))


def previewed_face(face: Face, after: Face) -> Face:
    """`after` with the name of `face`, and what the size was where it would be another."""
    is_new = after.size != face.size
    note = f"was {_plain_size(face)}" if is_new else after.note
    return replace(after, name=face.name, note=note, is_new=is_new)


def _plain_size(face: Face) -> str:
    return face.size.removesuffix(UNKNOWN_RESULT)


def ailing(face: Face, path: Path, findings: Sequence[Finding]) -> Face:
    """`face` with what ails the block at `path`, or one inside it, in training as warnings."""
    said = tuple(pretty(each.sentence) for each in findings if each.path[: len(path)] == path)
    return replace(face, warnings=(*face.warnings, *said)) if said else face


def face_of(entry: BlockReport, width: float = SETTINGS_WIDTH) -> Face:
    """The face of a block other than the Input, whose settings have `width` pixels."""
    if not entry.problems:
        return _plain_face(entry[:6], width)
    return _face(entry, width)


@lru_cache(maxsize=2048)
def _plain_face(facts: tuple[object, ...], width: float) -> Face:
    """The face of a block without problems, remembered: an edit changes a few blocks."""
    return _face(BlockReport(*facts), width)  # type: ignore[arg-type]


def _face(entry: BlockReport, width: float) -> Face:
    error = next((p for p in entry.problems if p.severity == "error"), None)
    warnings = tuple(pretty(p.message) for p in entry.problems if p.severity != "error")
    if error is not None:
        return _misfit_face(entry, error, width)
    state = State.UNKNOWN if entry.output_shape is None else State.KNOWN
    return Face(
        entry.block,
        entry.name,
        state,
        _parts(entry, None, width),
        size(entry.output_shape),
        count(entry.parameters, "params"),
        entry.output_shape,
        warnings=warnings,
    )


def _misfit_face(entry: BlockReport, error: Problem, width: float) -> Face:
    misfit = misfit_of(entry.block, entry.input_shape)
    parameters = None if misfit is None else _parameters_of(entry)
    return Face(
        entry.block,
        entry.name,
        State.MISFIT,
        _parts(entry, misfit, width),
        size(entry.input_shape) + UNKNOWN_RESULT,
        count(parameters, "params"),
        misfit=misfit,
        sentence=reason_of(error),
    )


def _parameters_of(entry: BlockReport) -> int | None:
    """The parameters of a block that does not fit, where its output's size has no part in them."""
    try:
        return None if entry.input_shape is None else entry.block.parameters(entry.input_shape)
    except SizeError:
        return None


def reason_of(problem: Problem) -> str:
    """Why a block does not fit, without its name, which stands on the card."""
    return pretty(problem.message.split(" does not fit: ", 1)[-1])


def _parts(entry: BlockReport, misfit: Misfit | None, width: float) -> tuple[Part, ...]:
    texts = fitting_parts(pretty(entry.block.summary()).split(SEPARATOR), width)
    if isinstance(entry.block, FullyConnected):
        before = "?" if entry.input_shape is None else f"{entry.input_shape.size:,}"
        texts[0] = f"{before} → {entry.block.units:,}"
    return tuple(Part(text, _offends(text, i, entry, misfit)) for i, text in enumerate(texts))


def _offends(text: str, index: int, entry: BlockReport, misfit: Misfit | None) -> bool:
    if misfit is not None:
        return index == 0 if misfit.setting == "kernel" else text.startswith(misfit.setting)
    return text == "same" and any(problem.severity == "error" for problem in entry.problems)


def _shown(shape: Shape | None) -> str:
    """How much of the activations a card has room for; empty when all."""
    if shape is None:
        return ""
    most, what = (MOST_CELLS, "units") if shape.is_flat else (MOST_MAPS, "maps")
    return f"Shows {most} of {shape[0]:,} {what}." if shape[0] > most else ""
