"""Where a number lies: on the picture, on what its block reads, and on what its block makes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnstudio.explain.cells import PICTURE, Cell, Place, before, spot_at
from cnnstudio.network import Report
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.why.why_pictures import CAPTION, CellPicture, arranged, unit_columns
from cnnstudio.ui.why.why_question import Answer, map_read

SIDES = (64, 136)
"""The least and the most side of a picture, in pixels."""

LEAST_SIDE = 84
"""Below this side, what the block reads is left out to give the terms its room."""

SPACING = 12


class Scenes(QWidget):
    """Three pictures in which a value can be chosen.

    `picked` carries another Cell of what the block makes, `walked` one of what it reads, or a
    pixel; `turned` is the step to another map.
    """

    picked = Signal(object)
    walked = Signal(object)
    turned = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._answer: Answer | None = None
        self.picture = CellPicture(themes, "Picture", takes_keys=False)
        self.read = CellPicture(themes, "What the block reads", takes_keys=False)
        self.made = CellPicture(themes, "What the block makes", takes_keys=True)
        self.made.setToolTip("Click a value, or go to it with the arrow keys")
        self.made.picked.connect(self._pick)
        self.made.turned.connect(self.turned)
        self.picture.picked.connect(self._pick_pixel)
        self.read.picked.connect(self._pick_read)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        for picture in (self.picture, self.read, self.made):
            row.addWidget(picture)

    def show_answer(self, report: Report, answer: Answer) -> None:
        """Show where `answer` lies, with the names of `report`'s blocks."""
        self._answer = answer
        self._show_picture(answer)
        self._show_read(answer)
        item = answer.item
        name = "picture" if item.path == PICTURE else spot_at(report, item.path).name
        cell = _cell_in(answer.made, item.place) if isinstance(item, Cell) else None
        self.made.show_map(_one_map(answer.made, map_of(answer)), name, cell=cell)

    def _show_picture(self, answer: Answer) -> None:
        item, field = answer.item, answer.picture_field
        self.picture.show_map(
            answer.picture.mean(axis=0),
            "picture",
            region=None if field is None else field.flat,
            cell=(item.place[1], item.place[2]) if item.path == PICTURE else None,
        )

    def _show_read(self, answer: Answer) -> None:
        """The map with the heaviest term, and what is seen of it."""
        field, number = answer.input_field, map_read(answer)
        region = None
        if field is not None and field.mask.shape == answer.read.shape:
            region = _one_map(field.mask.astype(np.float64), number) == 1
        words = f"reads map {number + 1}" if answer.read.ndim == 3 else "reads"
        self.read.show_map(_one_map(answer.read, number), words, region=region)

    def share(self, width: int, height: int) -> None:
        """Take what is left of `width` beside the terms; the pictures are as high as `height`."""
        most = max(SIDES[0], min(SIDES[1], height - CAPTION))
        sides = [min(most, width // count - SPACING) for count in (3, 2)]
        fits = [side >= min(most, LEAST_SIDE) for side in sides]
        self.read.setVisible(fits[0])
        for picture in (self.picture, self.read, self.made):
            picture.setFixedWidth(sides[0] if fits[0] else sides[1] if fits[1] else most)

    # ---- picking

    def _pick(self, row: int, column: int) -> None:
        answer = self._answer
        if answer is not None:
            self.made.mark((row, column))
            place = _place_in(answer.made, map_of(answer), row, column)
            self.picked.emit(Cell(answer.item.path, place))

    def _pick_pixel(self, row: int, column: int) -> None:
        answer = self._answer
        is_pixel = answer is not None and answer.item.path == PICTURE
        channel = answer.item.place[0] if answer is not None and is_pixel else 0
        self.walked.emit(Cell(PICTURE, (channel, row, column)))

    def _pick_read(self, row: int, column: int) -> None:
        answer = self._answer
        if answer is not None and answer.item.path != PICTURE:
            place = _place_in(answer.read, map_read(answer), row, column)
            self.walked.emit(Cell(before(answer.item.path), place))


def map_of(answer: Answer) -> int:
    """The map or the unit that is looked at; that of a weight is where it first is used."""
    if isinstance(answer.item, Cell):
        return answer.item.place[0]
    assert answer.gradient is not None
    places = answer.gradient.places
    return int(places[0][0]) if len(places) else 0


def _one_map(maps: np.ndarray, number: int) -> np.ndarray:
    """A map, or all units as a picture."""
    return arranged(maps) if maps.ndim == 1 else maps[number]


def _cell_in(maps: np.ndarray, place: Place) -> tuple[int, int]:
    """Row and column of a value in the picture of its map, or of all units."""
    if maps.ndim == 1:
        row, column = divmod(place[0], unit_columns(len(maps)))
        return row, column
    return place[1], place[2]


def _place_in(maps: np.ndarray, number: int, row: int, column: int) -> Place:
    """The value at a row and column of such a picture."""
    if maps.ndim == 1:
        return (row * unit_columns(len(maps)) + column,)
    return (number, row, column)
