"""What most excites a map or unit: the nine strongest test images, and a picture made by ascent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.engine.inner_maps import places
from cnnstudio.engine.pipeline import without_head
from cnnstudio.explain.cells import Path, shape_at
from cnnstudio.explain.excitation import Ascent, Excitations, Exciting, ascend, excitations
from cnnstudio.explain.invariance import spread
from cnnstudio.ui.document.reasons import no_pictures, no_weights, other_size
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Inquiry, Wanted, Weights, Workshop
from cnnstudio.ui.maps.map_panel import scrolling
from cnnstudio.ui.maps.map_words import file_name
from cnnstudio.ui.matters.choices import NARROW, fill_paths
from cnnstudio.ui.matters.matters_evidence import number
from cnnstudio.ui.matters.matters_nine import Nine
from cnnstudio.ui.matters.matters_picture import HeatPicture, colours_of
from cnnstudio.ui.parts.choice_fields import Combo
from cnnstudio.ui.parts.labels import Elided, label
from cnnstudio.ui.theme import ThemeManager

COUNT = 9

BUDGET = 2e10
"""Multiply-adds that the search among the test images may take: about two seconds."""

FEWEST = 200
"""So many images are searched at least, however large the network."""


class Question(NamedTuple):
    """A map or unit of a block, the identity of the test images, and how many are searched."""

    network: object
    path: Path
    channel: int
    pixels: int
    images: int


class Search(NamedTuple):
    """The strongest images for all maps of a block, among some of `pixels`."""

    weights: Weights
    pixels: np.ndarray
    path: Path
    images: int
    found: Excitations

    def answers(self, weights: Weights, pixels: np.ndarray, question: Question) -> bool:
        """Whether it is the one that the question needs."""
        asked = (question.path, question.images)
        return (
            weights.same_as(self.weights)
            and self.pixels is pixels
            and (self.path, self.images) == asked
        )


LOST = "The values of this map are not numbers: the weights have grown beyond all bounds."


class Answer(NamedTuple):
    """The strongest images by their numbers among the test images, and the ascent."""

    found: Excitations
    indices: np.ndarray
    ascent: Ascent

    def has_numbers(self, channel: int) -> bool:
        """Whether the strongest values of a map, and that of the picture made, are numbers."""
        found = (*self.found.values[channel], self.ascent.value)
        return bool(np.isfinite(found).all())


class FilterExcitement(QWidget):
    """Searches when block, map or weights have changed and it is seen."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self._workshop = Workshop()
        self._kept: Search | None = None
        self._inquiry = Inquiry(session, self)
        self._inquiry.answered.connect(self._take)
        self._inquiry.failed.connect(self._fail)
        self.rows: tuple[Exciting, ...] = ()
        self.answer: Answer | None = None
        self._question: Question | None = None
        self.block = self._combo("Block", "The block that is asked what excites it", NARROW)
        self.map = self._combo("Map or unit", "The map or unit that is asked", 92)
        self.title = label("title", "Excites most")
        self.nine = Nine(themes)
        self.area = scrolling(self.nine)
        self.ascent = HeatPicture("A picture made to excite it", themes)
        self.caption = Elided()
        self.words = label("caption", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._arrange()
        self.nine.chosen.connect(self._make_probe)
        self.nine.hovered.connect(self._tell)
        self.ascent.hovered.connect(self._tell_ascent)
        session.selection_changed.connect(self._follow_selection)

    def _combo(self, name: str, tip: str, width: int) -> Combo:
        combo = Combo(self._themes)
        combo.setAccessibleName(f"{name} that is excited")
        combo.setToolTip(tip)
        combo.setMaximumWidth(width)
        combo.activated.connect(self.refresh)
        return combo

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addStretch(1)
        for part in (self.block, self.map):
            head.addWidget(part)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.area, 1)
        body.addWidget(self.ascent)
        body.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(body, 1)
        column.addWidget(self.caption)

    # ---- what is asked

    def refresh(self) -> None:
        """Ask about the present state; what is shown stays until the answer is there."""
        reason = self._reason()
        if reason:
            self._inquiry.drop()
            self.answer = None
        else:
            self._ask()
        for part in (self.block, self.map):
            part.setVisible(not reason)
        self._show_words(reason or self._inquiry.failure)

    def _ask(self) -> None:
        session = self._session
        assert session.dataset is not None
        self._offer()
        path, channel = self.block.currentData(), self.map.currentData()
        if path is None or channel is None:
            return
        pixels = session.dataset.test.pixels
        count = self._affordable(path, len(pixels))
        question = Question(session.network, path, channel, id(pixels), count)
        if question != self._question:
            self._question, self.answer = question, None
            self.nine.choose(None)
            self.caption.setText(f"Searching {question.images:,} test images …")
        weights = Weights.of(session)
        self._inquiry.ask(question, weights, partial(self._work, weights, pixels, question))

    def rest(self) -> None:
        """Nobody looks: give up what is under way."""
        self._inquiry.drop()

    def stop(self) -> None:
        """End the thread, as on closing."""
        self._inquiry.stop()

    def _affordable(self, path: Path, total: int) -> int:
        """How many test images can be searched."""
        way = self._session.report.blocks[: path[0] + 1]
        cost = sum(entry.multiply_adds or 0 for entry in way)
        return min(total, max(FEWEST, int(BUDGET / max(1, cost))))

    def _work(
        self, weights: Weights, pixels: np.ndarray, question: Question, wanted: Wanted
    ) -> Answer | None:
        """In the thread; the search of a block serves all of its maps."""
        model = self._workshop.model(weights)
        indices, kept = spread(len(pixels), question.images), self._kept
        if kept is None or not kept.answers(weights, pixels, question):
            found = excitations(model, pixels[indices], question.path, COUNT, wanted)
            if found is None:
                return None
            kept = self._kept = Search(weights, pixels, question.path, question.images, found)
        made = ascend(model, question.path, question.channel, wanted=wanted)
        return None if made is None else Answer(kept.found, indices, made)

    def _reason(self) -> str:
        session = self._session
        reason = no_pictures(session) or no_weights(session)
        if reason or session.dataset is None:
            return reason
        reason = other_size(session, session.dataset.test.pixels.shape[1:])
        if reason:
            return reason
        if len(without_head(session.report)) < 2:
            return "There is no block behind INPUT that could be excited."
        return ""

    def _show_words(self, sentence: str) -> None:
        """A sentence in place of the pictures; an empty one gives them back."""
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))
        for part in (self.area, self.ascent, self.caption):
            part.setVisible(not sentence)

    def _offer(self) -> None:
        """The blocks behind the Input, and the maps or units of the chosen one."""
        report, blocks = self._session.report, len(without_head(self._session.report))
        paths = [e.path for e in places(report) if 0 < e.path[0] < blocks]
        if fill_paths(self.block, self._session.network, paths):
            self._point_to_selection()
        shape = shape_at(report, self.block.currentData())
        stem = "unit" if shape.is_flat else "map"
        if (self.map.count(), self.map.itemText(0)) != (shape[0], f"{stem} 1"):
            before = self.map.currentIndex()
            self.map.clear()
            self.map.addItems([f"{stem} {number + 1}" for number in range(shape[0])])
            for number in range(shape[0]):
                self.map.setItemData(number, number)
            self.map.setCurrentIndex(before if 0 <= before < shape[0] else 0)

    def _point_to_selection(self) -> bool:
        path = self._session.selected_path
        offered = [self.block.itemData(i) for i in range(self.block.count())]
        index = offered.index(path) if path in offered else -1
        if index < 0 or index == self.block.currentIndex():
            return False
        self.block.setCurrentIndex(index)
        return True

    def _follow_selection(self) -> None:
        if self._point_to_selection() and self.isVisible():
            self.refresh()

    # ---- what is shown

    def _take(self, what: Question, weights: Weights, answer: Answer) -> None:
        data, network = self._session.dataset, self._session.network
        if data is None or (what.network, what.pixels) != (network, id(data.test.pixels)):
            return
        if not answer.has_numbers(what.channel):
            self.answer = None
            self._show_words(LOST)
            return
        self.answer, self.rows = answer, answer.found.of(what.channel)
        places = answer.indices[[row.index for row in self.rows]]
        images = np.stack([colours_of(data.test.pixels[place]) for place in places])
        captions = [
            (data.class_names[data.test.labels[place]], number(row.value))
            for place, row in zip(places, self.rows, strict=True)
        ]
        self.nine.show_images(images, [row.box for row in self.rows], captions)
        self.ascent.show_picture(colours_of(answer.ascent.pixels), box=answer.ascent.box)
        self._show_words("")
        self._tell(None)

    def _fail(self) -> None:
        self.answer = None
        self._show_words(self._inquiry.failure)

    def test_index(self, rank: int) -> int:
        """The number among the test images of the picture at this rank."""
        assert self.answer is not None
        return int(self.answer.indices[self.rows[rank].index])

    def _make_probe(self, rank: int | None) -> None:
        if rank is not None and self.answer is not None and rank < len(self.rows):
            self._session.set_probe(self.test_index(rank))

    def _tell(self, found: tuple[int, int, int] | None) -> None:
        if self.answer is None or self._session.dataset is None:
            return
        if found is not None and found[0] < len(self.rows):
            self.caption.setText(self._about(found[0]))
            return
        ascent, total = self.answer.ascent, len(self._session.dataset.test)
        searched = f"{self.answer.found.images:,}"
        searched += "" if self.answer.found.images == total else f" of {total:,}"
        self.caption.setText(
            f"of {searched} test images  ·  right: by ascent, {number(ascent.value)}"
        )

    def _about(self, rank: int) -> str:
        row, data = self.rows[rank], self._session.dataset
        assert data is not None
        index = self.test_index(rank)
        label_ = data.class_names[data.test.labels[index]]
        words = f"test image {index + 1:,}, label {label_}  ·  {number(row.value)}"
        if row.place is not None:
            words += f" at row {row.place[0] + 1}, column {row.place[1] + 1} of the map"
        return words

    def _tell_ascent(self, place: tuple[int, int] | None) -> None:
        if self.answer is None or place is None:
            self._tell(None)
            return
        made = self.answer.ascent
        words = "the middle cell" if made.place is not None else "the unit"
        self.caption.setText(
            f"made by ascent: {words} reaches {number(made.value)} before the activation, from "
            f"{number(made.start)} for noise"
        )

    def _table(self) -> Iterable[Sequence[object]]:
        yield ("rank", "test image", "label", "value", "row", "column")
        data = self._session.dataset
        assert data is not None
        for rank, row in enumerate(self.rows):
            index = self.test_index(rank)
            row_, column = row.place or ("", "")
            place = (int(row_) + 1, int(column) + 1) if row.place else ("", "")
            yield (rank + 1, index + 1, int(data.test.labels[index]), row.value, *place)

    def _ascent_table(self) -> Iterable[Sequence[object]]:
        assert self.answer is not None
        yield ("channel", "row", "column", "pixel")
        for (channel, row, column), value in np.ndenumerate(self.answer.ascent.pixels):
            yield (channel + 1, row + 1, column + 1, float(value))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the nine images, or under the pointer the one made by ascent."""
        if self.answer is None:
            return
        ground = self._themes.theme.color("window")
        found = self.answer.found
        key = file_name(self._session, found.path)
        inside = self.ascent.geometry().contains(event.pos())
        if inside:
            menu = save_menu(
                self, f"{key}-ascent", self.ascent, self._ascent_table, self._session, ground
            )
        else:
            menu = save_menu(self, f"{key}-excites", self.nine, self._table, self._session, ground)
        menu.popup(event.globalPos())
