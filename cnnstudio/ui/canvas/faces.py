"""What all cards of the row say: made from the report, or from what an edit would make of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import overload

from cnnstudio.blocks import Input
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.diagnosis import Finding
from cnnstudio.network import BlockReport, Report
from cnnstudio.ui.canvas.face import Face, Part, State, ailing, face_of, previewed_face
from cnnstudio.ui.canvas.window_picture import coverage_of
from cnnstudio.ui.maps.probe import Probe
from cnnstudio.ui.typography import pretty, size


class Faces(Sequence[Face]):
    """One face for each block of a report, made when it is looked at: there may be hundreds.

    `findings` are what ails the blocks in training.
    """

    def __init__(
        self,
        report: Report,
        dataset: Dataset | None,
        probe: Probe | None,
        findings: Sequence[Finding] = (),
    ) -> None:
        self._entries, self._findings = report.blocks, findings
        self._made = {0: _input_face(report.blocks[0], dataset, probe)}

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Face: ...
    @overload
    def __getitem__(self, index: slice) -> list[Face]: ...
    def __getitem__(self, index: int | slice) -> Face | list[Face]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        if place not in self._made:
            self._made[place] = ailing(face_of(self._entries[place]), (place,), self._findings)
        return self._made[place]


def previewed(
    faces: Sequence[Face],
    report: Report,
    places: Sequence[int | None],
    moved: Collection[int] = (),
) -> list[Face]:
    """The faces while something is dragged or a repair is looked at: `report` is what would result.

    The block of face i would stand at ``places[i]``, or be gone; the faces in `moved` stay.
    """
    result = []
    for index, (face, place) in enumerate(zip(faces, places, strict=True)):
        if place is None or index in moved:
            result.append(face)
        elif index == 0:
            padded = replace(face, size=size(report.blocks[0].output_shape))
            result.append(previewed_face(face, padded))
        else:
            after = previewed_face(face, face_of(report.blocks[place]))
            result.append(_explained(face, after, report.blocks[place]))
    return result


def _explained(face: Face, after: Face, entry: BlockReport) -> Face:
    """`after`, with what its windows do where a block that does not fit would do so by rounding."""
    if face.state is not State.MISFIT or after.state is not State.KNOWN:
        return after
    return replace(after, coverage=coverage_of(entry.block, entry.input_shape))


def _input_face(entry: BlockReport, dataset: Dataset | None, probe: Probe | None) -> Face:
    block = entry.block
    assert isinstance(block, Input)
    text = pretty(block.summary())
    if dataset is not None:
        shown = size(entry.output_shape).rsplit("×", 1)[0]
        name = dataset.name.upper() if dataset.name.islower() else dataset.name
        text = f"{name}, padded to {shown}" if block.pad else f"{name}, {shown}"
    note, words = "", ""
    if probe is not None:
        note = "" if probe.is_drawn else f"{probe.index + 1:,} of {probe.total:,}"
        if note and probe.origin != "test":
            note = f"{probe.origin} {probe.index + 1:,}"
        words = probe.label_words(dataset.class_names) if dataset is not None else ""
    return Face(
        block,
        entry.name,
        State.KNOWN,
        (Part(text),),
        size(entry.output_shape),
        note,
        entry.output_shape,
        probe=words,
    )
