"""Where a number lies: on the picture, on what its block reads, and on what its block makes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from cnnstudio.explain.cells import PICTURE, Cell, Place, before, spot_at
from cnnstudio.network import Report
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.why.why_pictures import CAPTION, CellPicture, arranged, unit_columns
from cnnstudio.ui.why.why_question import Answer, map_read

SIDES = (64, 136, 320)
"""The least side of a picture, one that is large enough, and the most, in pixels."""

LEAST_SIDE = 84
"""Below this side, what the block reads is left out to give the terms its room."""

SPACING = 12


ROWS = 3
"""So many rows of pictures at the most."""


class Arrangement(NamedTuple):
    """Pictures of one side in so many columns."""

    shown: tuple[CellPicture, ...]
    columns: int
    side: int


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
        for each in (self.picture, self.read, self.made):
            each.setParent(self)  # shown before that, it would be a window for a moment
        self.made.setToolTip("Click a value, or go to it with the arrow keys")
        self.made.picked.connect(self._pick)
        self.made.turned.connect(self.turned)
        self.picture.picked.connect(self._pick_pixel)
        self.read.picked.connect(self._pick_read)
        self._order: tuple[tuple[CellPicture, ...], int] | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(0)
        self._grid.setRowStretch(ROWS, 1)
        self._arrange(Arrangement((self.picture, self.read, self.made), 3, SIDES[1]))

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

    def is_fine(self, width: int, height: int) -> bool:
        """Whether all pictures are large enough in so much room, or as high as it is."""
        found = self._best(width, height)
        large = min(SIDES[1], height - CAPTION)
        return found is not None and len(found.shown) == 3 and found.side >= large

    def has_room(self, width: int, height: int) -> bool:
        """Whether some of the pictures can be told in so much room."""
        return self._best(width, height) is not None

    def share(self, width: int, height: int) -> None:
        """Take what is left of `width` beside the terms, in as many rows as make large pictures."""
        least = max(SIDES[0], min(SIDES[1], height - CAPTION))
        found = self._best(width, height)
        self._arrange(found or Arrangement((self.picture, self.made), 2, least))

    def _best(self, width: int, height: int) -> Arrangement | None:
        """All three pictures, or two of them where these are too small; None where both are."""
        least = min(LEAST_SIDE, max(SIDES[0], height - CAPTION))
        for shown in ((self.picture, self.read, self.made), (self.picture, self.made)):
            sides = {
                columns: self._side(len(shown), columns, width, height)
                for columns in range(len(shown), 0, -1)
            }
            columns = max(sides, key=lambda columns: sides[columns])
            if sides[columns] >= least:
                return Arrangement(shown, columns, sides[columns])
        return None

    @staticmethod
    def _side(count: int, columns: int, width: int, height: int) -> int:
        """The side of so many pictures in columns."""
        rows = -(-count // columns)
        side = min(width // columns - SPACING, height // rows - CAPTION)
        return min(SIDES[2], side)

    def _arrange(self, found: Arrangement) -> None:
        for picture in (self.picture, self.read, self.made):
            picture.setVisible(picture in found.shown)
            picture.set_side(found.side)
        order = found.shown, found.columns
        if order == self._order:
            return
        self._order = order
        for number, picture in enumerate(found.shown):
            self._grid.removeWidget(picture)
            self._grid.addWidget(picture, *divmod(number, found.columns))

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
