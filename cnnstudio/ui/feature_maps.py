"""The feature maps: what the chosen block makes of the probe image, live while training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnstudio.blocks.activation import activation_words
from cnnstudio.explain.cells import Cell
from cnnstudio.ui.bars import Bars
from cnnstudio.ui.buttons import PushButton
from cnnstudio.ui.canvas.thumbnails import levels_of
from cnnstudio.ui.fields import Field
from cnnstudio.ui.labels import label
from cnnstudio.ui.map_panel import MapPanel
from cnnstudio.ui.mosaic import Mosaic
from cnnstudio.ui.probe import Probe
from cnnstudio.ui.saving import Saveable
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

MOST_BARS = 20
"""A longer row of units is shown as cells."""

FEW_MAPS = 8
"""With more maps than this one of them is shown large from the start."""

CELLS = (9, 26)
"""The smallest and the largest side of a unit's cell, in pixels."""


ASK = "Click a value to see why it is what it is"


class FeatureMaps(MapPanel):
    """A mosaic of all maps, the chosen one large; a row of units as cells or bars."""

    room = 800
    asked = Signal(object)
    """The Cell whose value was clicked, in the large map or in a row of units."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__(session, themes, diverging=False)
        self.setObjectName("featureMaps")
        self._values: NDArray[np.floating] | None = None
        self._levels: NDArray[np.uint8] = np.zeros((0, 1, 1), np.uint8)
        self._shown: tuple[int, tuple[int, ...]] | None = None
        self.chooser.setToolTip("The block whose output is shown")
        self.large = Mosaic(themes)
        self.large.setFixedWidth(176)
        self.large.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bars = Bars(themes)
        self.body.addWidget(self.large)
        self.body.insertWidget(1, self.bars, 1)
        self._add_probe_buttons()
        self.mosaic.chosen.connect(self._enlarge)
        self.mosaic.hovered.connect(self._tell_value)
        self.large.hovered.connect(self._tell_large_value)
        self.bars.hovered.connect(self._tell_bar)
        self.large.setToolTip(ASK)
        self.bars.setToolTip(ASK)
        self.large.chosen.connect(lambda _index: self.large.choose(None))
        self.large.pressed.connect(self._ask_large)
        self.mosaic.pressed.connect(self._ask_unit)
        self.bars.pressed.connect(self._ask)

    def _add_probe_buttons(self) -> None:
        self.probe_words = label("caption", "probe")
        self.probe_label = label("caption")
        self.previous = self._probe_button("chevron-left", "Previous probe image", -1)
        self.next = self._probe_button("chevron-right", "Next probe image", 1)
        self.number = Field(self._themes, steppers=False)
        self.number.setFixedWidth(56)
        self.number.name("Number of the probe image", "Which test image the maps are shown for")
        self.number.setToolTip("Which test image the maps are shown for")
        self.number.finished.connect(self._take_number)
        self.number.cancelled.connect(self._show_number)
        place = self.head.indexOf(self.colours)
        line = QHBoxLayout()
        line.setSpacing(4)
        for widget in self._probe_parts():
            line.addWidget(widget)
        self.head.insertLayout(place, line)

    def _probe_parts(self) -> tuple[QWidget, ...]:
        return (self.probe_words, self.previous, self.number, self.next, self.probe_label)

    def _probe_button(self, icon: str, words: str, step: int) -> QWidget:
        button = PushButton(self._themes, icon_name=icon)
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.clicked.connect(lambda: self._step_probe(step))
        return button

    def _step_probe(self, step: int) -> None:
        if self._session.probe is not None:
            self._session.set_probe(self._session.probe.index + step)

    def _take_number(self) -> None:
        probe = self._session.probe
        text = self.number.text.text().replace(",", "").strip()
        if probe is not None and text.isdecimal() and 1 <= int(text) <= probe.total:
            if probe.is_drawn or int(text) != probe.index + 1:
                self._session.set_probe(int(text) - 1)
            self.number.set_wrong(False)
        else:
            self.number.set_wrong(bool(text) or probe is None or not probe.is_drawn)

    def _show_number(self) -> None:
        probe = self._session.probe
        self.number.set_wrong(False)
        self.number.text.setText(f"{probe.index + 1:,}" if probe and not probe.is_drawn else "")
        self.probe_label.setText(self._probe_words(probe) if probe else "")

    # ---- drawing

    def _choosable(self) -> Sequence[int]:
        return range(len(self._session.activations))

    def _draw(self) -> None:
        place = self.current
        for widget in self._probe_parts():
            widget.setVisible(self._session.probe is not None)
        self._show_number()
        if place is None:
            self._values = None
            self._show_words(self._reason())
            self.bars.hide()
            self.large.hide()
            return
        self._show_words("")
        self._values = self._session.activations[place]
        self.caption.setText(self._title(place))
        if self._values.ndim == 1 and len(self._values) <= MOST_BARS:
            self._show_bars(place)
        else:
            self._show_maps(place)

    def _reason(self) -> str:
        session = self._session
        if session.dataset is None:
            return "The pictures are still being loaded."
        if not session.report.blocks[0].fits:
            return "INPUT does not fit, so there is nothing to show."
        return (
            f"INPUT takes pictures of {pretty(str(session.network.input.picture_shape))}, but "
            f"those of {session.dataset.name} have another size. Change its channels, height and "
            "width."
        )

    def _show_bars(self, place: int) -> None:
        assert self._values is not None
        self.picture.hide()
        self.large.hide()
        self._show_colours(False)
        self.bars.show()
        family = self._session.network.blocks[place].family
        colour = self._themes.theme.family(family)
        self.bars.show_values(self._values, self._unit_names(place), colour)

    def _show_maps(self, place: int) -> None:
        assert self._values is not None
        flat = self._values.ndim == 1
        self.bars.hide()
        table = self._themes.theme.maps_table()
        self.colours.show_ends("≤ 0" if self._values.min() < 0 else "0", "max")
        if flat:
            levels = levels_of(self._values[np.newaxis, np.newaxis]).reshape(-1, 1, 1)
            self.mosaic.set_spacing(2, CELLS)
        else:
            levels = levels_of(self._values)
            self.mosaic.set_spacing(6)
        self._levels = levels
        few = not flat and 1 < len(levels) <= FEW_MAPS
        captions = [(f"map {i + 1}", "") for i in range(len(levels))] if few else []
        self._keep_choice(place, levels)
        self.large.setVisible(self.mosaic.choice is not None)
        self.mosaic.show_maps(levels, table, captions)
        self._show_large()

    def _keep_choice(self, place: int, levels: NDArray[np.uint8]) -> None:
        """For another block choose its strongest map, if there are many."""
        shown = (place, levels.shape)
        if shown == self._shown:
            return
        self._shown = shown
        many = len(levels) > FEW_MAPS and levels.shape[1:] != (1, 1)
        choice = int(levels.mean(axis=(1, 2)).argmax()) if many else None
        self.mosaic.show_maps(levels, self._themes.theme.maps_table())
        self.mosaic.choose(choice)

    def _enlarge(self, index: int | None) -> None:
        if self._values is None or self._values.ndim == 1:
            self.mosaic.choose(None)
            return
        self.large.setVisible(index is not None)
        self._show_large()

    def _show_large(self) -> None:
        index = self.mosaic.choice
        if index is None or self._values is None or self._values.ndim == 1:
            self.large.hide()
            return
        levels = self._levels[index : index + 1]
        self.large.show_maps(levels, self._themes.theme.maps_table(), [(f"map {index + 1}", "")])

    # ---- words

    def _title(self, place: int) -> str:
        assert self._values is not None
        block = self._session.network.blocks[place]
        function = block.values().get("activation", block.values().get("function", "none"))
        after = "" if function == "none" else f" after {activation_words(str(function))}"
        if self._values.ndim == 1:
            words = f"{len(self._values):,} values{after}"
        else:
            channels, height, width = self._values.shape
            maps = "1 map" if channels == 1 else f"{channels:,} maps"
            words = f"{maps} of {height}×{width}{after}"
        if place and not self._session.trained:
            words += "  ·  random weights"
        return words

    def _probe_words(self, probe: Probe) -> str:
        assert self._session.dataset is not None
        words = probe.label_words(self._session.dataset.class_names)
        return words if probe.is_drawn else f"of {probe.total:,}, {words}"

    def _unit_names(self, place: int) -> Sequence[str]:
        assert self._values is not None
        session = self._session
        is_output = place == len(session.network) - 1
        if is_output and session.dataset and session.classes == len(self._values):
            return session.dataset.class_names
        return [str(i + 1) for i in range(len(self._values))]

    def _tell_value(self, found: tuple[int, int, int] | None) -> None:
        place = self.current
        if place is None or self._values is None:
            return
        if found is None:
            self.caption.setText(self._title(place))
            return
        index, row, column = found
        if self._values.ndim == 1:
            self.caption.setText(pretty(f"unit {index + 1}  ·  {self._values[index]:.2f}"))
            return
        value = self._values[index, row, column]
        where = f"map {index + 1}  ·  row {row + 1}, column {column + 1}"
        self.caption.setText(pretty(f"{where}  ·  {value:.2f}"))

    def _tell_large_value(self, found: tuple[int, int, int] | None) -> None:
        choice = self.mosaic.choice
        known = found is not None and choice is not None
        self._tell_value((choice, *found[1:]) if known else None)  # type: ignore[index]

    def _tell_bar(self, unit: int | None) -> None:
        self._tell_value(None if unit is None else (unit, 0, 0))

    # ---- asking

    def _ask(self, *place: int) -> None:
        if self.current is not None:
            self.asked.emit(Cell((self.current,), place))

    def _ask_large(self, found: tuple[int, int, int]) -> None:
        if self.mosaic.choice is not None:
            self._ask(self.mosaic.choice, *found[1:])

    def _ask_unit(self, found: tuple[int, int, int]) -> None:
        """A click on a map enlarges it instead."""
        if self._values is not None and self._values.ndim == 1:
            self._ask(found[0])

    # ---- saving

    def _saveable(self) -> tuple[Saveable, str] | None:
        place = self.current
        if place is None or self._values is None:
            return None
        source = self.mosaic if self.bars.isHidden() else self.bars
        return source, f"{self._session.network.keys[place]}-maps"

    def _table(self) -> Iterable[Sequence[object]]:
        assert self._values is not None
        if self._values.ndim == 1:
            yield ("unit", "value")
            yield from ((i + 1, float(value)) for i, value in enumerate(self._values))
            return
        yield ("map", "row", "column", "value")
        for (index, row, column), value in np.ndenumerate(self._values):
            yield (index + 1, row + 1, column + 1, float(value))
