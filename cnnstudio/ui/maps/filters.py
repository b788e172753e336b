"""The filters: the learned weights of a CONV or FC, blue below zero, orange above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from cnnstudio.explain.cells import Path, spot_at
from cnnstudio.explain.weight_gradient import Weight
from cnnstudio.ui.document.reasons import no_weights
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.filter_sheets import (
    Filtered,
    Place,
    Sheets,
    filtered_at,
    has_filters,
    place_in_array,
    sheets_of,
)
from cnnstudio.ui.maps.filter_words import ordinal, signed, title, value_words
from cnnstudio.ui.maps.inner_maps import paths_inside
from cnnstudio.ui.maps.map_facts import MapFacts
from cnnstudio.ui.maps.map_panel import MapPanel, Source, scrolling
from cnnstudio.ui.maps.map_scales import diverging_levels, limit
from cnnstudio.ui.maps.slopes import Slopes
from cnnstudio.ui.parts.choice_fields import Combo
from cnnstudio.ui.parts.hatch import lost
from cnnstudio.ui.parts.mosaic import Mosaic
from cnnstudio.ui.parts.spread import Values, number
from cnnstudio.ui.parts.tiling import LARGEST
from cnnstudio.ui.theme import ThemeManager

ALL = -1
"""The input chooser's value for all input maps at once."""

FEW_FILTERS = 8
"""So many filters stand wider apart."""

MANY_SHEETS = 512
"""Of more, those for one input map are shown at first."""

CELL = 2
"""Pixels of the side of a weight in a matrix, at least; smaller ones cannot be pointed at."""

T = TypeVar("T", bound=np.generic)

Found = tuple[int, int, int]
"""Sheet, row and column."""


class Filters(MapPanel):
    """All filters of a block with one scale, white at zero; below each its bias.

    A deeper block has one sheet of weights for each input map: all of them in a column, or those
    for one input map. Where the weights are not shared, a sheet holds those of all places side by
    side; the units of an FC behind maps are filters as large as these, those of another FC the rows
    of a matrix. For a block that holds others, one of those that have filters is shown. Beside them
    are their gradients, if they are asked for, and how the weights of the chosen filter, or of all,
    are spread. `asked` carries the Weight that was double-clicked, or asked about in the context
    menu.
    """

    asked = Signal(object)

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__(session, themes)
        self.setObjectName("filters")
        self._sheets: Sheets | None = None
        self._slopes_shown: Sheets | None = None
        self._found: Filtered | None = None
        self._offered: tuple[str, int, bool] | None = None
        self.chooser.setToolTip("The block whose filters are shown")
        self.inner = self._combo("Block inside", "Which of the blocks inside is shown", 172)
        self.inputs = self._combo(
            "Input map", "A filter has a sheet of weights for each input map", 124
        )
        self.head.insertWidget(1, self.inner)
        self.head.insertWidget(2, self.inputs)
        self.slope_mosaic = Mosaic(themes)
        self.slope_picture = scrolling(self.slope_mosaic)
        self.facts = MapFacts(themes, scales=False)
        self.body.insertWidget(1, self.slope_picture, 1)
        self.body.addWidget(self.facts)
        for mosaic in (self.mosaic, self.slope_mosaic):
            mosaic.hovered.connect(self._tell_value)
            mosaic.chosen.connect(partial(self._choose_filter, mosaic))
            mosaic.asked.connect(self._ask)
        self.facts.changed.connect(self.refresh)
        self.slopes = Slopes(session, self, "weights")
        self.slopes.changed.connect(self._refresh_soon)

    def stop(self) -> None:
        """Wait for what goes on in threads, as on closing."""
        self.slopes.stop()

    def _combo(self, name: str, tip: str, width: int) -> Combo:
        combo = Combo(self._themes)
        combo.setAccessibleName(name)
        combo.setToolTip(tip)
        combo.setFixedWidth(width)
        combo.activated.connect(self.refresh)
        return combo

    def _choosable(self) -> Sequence[int]:
        report = self._session.report
        if not report.ok:
            return [i for i, entry in enumerate(report.blocks) if has_filters(entry.block)]
        return [i for i in range(len(report.blocks)) if filtered_at(report.blocks, i)]

    # ---- drawing

    def _draw(self) -> None:
        self._sheets = self._slopes_shown = self._found = None
        place, model = self.current, self._session.model
        if place is None or model is None:
            for part in (self.inputs, self.inner, self.slope_picture, self.facts):
                part.hide()
            self._show_words(
                "Only CONV and FC blocks have weights to show; this network has none."
                if place is None
                else no_weights(self._session)
            )
            return
        self._found = self._chosen(filtered_at(self._session.report.blocks, place))
        self._sheets = sheets_of(self._found, model.parameters)
        self._slopes_shown = self._slopes_of(self._found)
        self._offer_inputs(self._found.key, self._sheets)
        self._show_words("")
        self.facts.show()
        self._show_weights()
        self.caption.setText(self._title(place))

    def _slopes_of(self, found: Filtered) -> Sheets | None:
        """The gradients of what is shown; None where they are not wanted, or not there yet."""
        if not self.facts.gradients.isChecked():
            return None
        self.slopes.ask()
        known = self.slopes.found
        if known is None or known.weights is None or f"{found.key}.weight" not in known.weights:
            return None
        return sheets_of(found, known.weights)

    def _chosen(self, found: Sequence[Filtered]) -> Filtered:
        """The one that the chooser of inner blocks stands at; it is filled anew where need be."""
        names = [each.name for each in found]
        if names != [self.inner.itemText(i) for i in range(self.inner.count())]:
            self.inner.clear()
            self.inner.addItems(names)
        self.inner.setVisible(bool(names[0]))
        return found[max(0, self.inner.currentIndex())]

    def _offer_inputs(self, key: str, sheets: Sheets) -> None:
        """All input maps or one of them; many or large sheets are shown for one map at first."""
        filters, channels = sheets.values.shape[:2]
        large = sheets.places != (1, 1) or filters * channels > MANY_SHEETS
        if self._offered != (key, channels, large):
            self._offered = key, channels, large
            self.inputs.clear()
            self.inputs.addItem("All input maps", ALL)
            for channel in range(channels):
                self.inputs.addItem(f"Input map {channel + 1}", channel)
            self.inputs.setCurrentIndex(1 if large else 0)
        self.inputs.setVisible(channels > 1)

    def _show_weights(self) -> None:
        assert self._sheets is not None
        self._fill(self.mosaic, self._sheets, self._captions(self._sheets))
        slopes = self._slopes_shown
        self.slope_picture.setVisible(slopes is not None)
        if slopes is not None:
            self._fill(self.slope_mosaic, slopes, [])
            self.slope_mosaic.choose(self.mosaic.choice)
        self._show_facts()

    def _fill(self, mosaic: Mosaic, sheets: Sheets, captions: list[tuple[str, str]]) -> None:
        """Show sheets with one scale for all weights of the block, also of those not shown."""
        shown = self._of_channel(sheets.values)
        levels = diverging_levels(shown, shared=True, most=limit(sheets.values))
        group = shown.shape[1]
        levels = levels.reshape(-1, *shown.shape[2:])
        if sheets.matrix:
            group = len(shown)
            mosaic.set_spacing(0, (CELL * shown.shape[-1], LARGEST))
        else:
            few = group == 1 and len(shown) <= FEW_FILTERS
            mosaic.set_spacing(12 if few else 4, (20 if group == 1 else 12, LARGEST))
        table, bad = self._themes.theme.filters_table(), self._lost(sheets)
        mosaic.show_maps(levels, table, captions, group, bad)

    def _lost(self, sheets: Sheets) -> NDArray[np.bool_] | None:
        """Which of the weights shown are no numbers; where there is no link there is none."""
        found = lost(sheets.values)
        if found is None:
            return None
        if sheets.seen is not None:
            found &= sheets.seen[..., np.newaxis, np.newaxis]
        return self._of_channel(found).reshape(-1, *found.shape[2:])

    def _show_facts(self) -> None:
        """How the weights of the chosen filter, or of all, are spread."""
        sheets = self._sheets
        assert sheets is not None
        most, choice = limit(sheets.values), self.mosaic.choice
        words, shown = "all weights", sheets.values
        if choice is not None:
            place, sheet = divmod(choice, self._of_channel(sheets.values).shape[1])
            words, shown = f"{sheets.unit} {place + 1}", sheets.values[place]
            if sheets.values.shape[1] > 1:
                sheet = sheet if self._channel() == ALL else self._channel()
                words += f", input map {sheets.first[place] + sheet + 1}"
                shown = shown[sheet]
        self.facts.show_values(Values(words, shown, -most, most, diverging=True))

    def _choose_filter(self, source: Mosaic, index: int | None) -> None:
        for mosaic in (self.mosaic, self.slope_mosaic):
            if mosaic is not source:
                mosaic.choose(index)
        if self._sheets is not None:
            self._show_facts()

    def _of_channel(self, values: NDArray[T]) -> NDArray[T]:
        """The weights that are shown, ``(filters, input maps, rows, columns)``."""
        channel = self._channel()
        return values if channel == ALL else values[:, channel : channel + 1]

    def _channel(self) -> int:
        channel = self.inputs.currentData()
        return channel if isinstance(channel, int) else ALL

    def _captions(self, sheets: Sheets) -> list[tuple[str, str]]:
        if sheets.matrix or self._of_channel(sheets.values).shape[1] > 1:
            return []
        count = len(sheets.values)
        if sheets.bias is None:
            return [(f"{sheets.unit} {i + 1}", "") for i in range(count)]
        return [(f"{sheets.unit} {i + 1}", f"bias {signed(sheets.bias[i])}") for i in range(count)]

    # ---- words

    def _title(self, place: int) -> str:
        assert self._found is not None
        assert self._sheets is not None
        words = [title(self._found, self._sheets)]
        if not self._session.trained:
            words.append("random weights")
        if self.mosaic.skip > 1:
            words.append(f"every {ordinal(self.mosaic.skip)} input is drawn")
        return "  ·  ".join([*words, *self._gradient_words(), *self._other_block(place)])

    def _gradient_words(self) -> Iterator[str]:
        """What the gradients beside are, or why there are none."""
        if not self.facts.gradients.isChecked():
            return
        if self._slopes_shown is not None:
            top = number(limit(self._slopes_shown.values))
            yield f"gradient of the loss for {self.slopes.label_words()}, at most {top}"
        elif self.slopes.failure:
            yield f"no gradient: {self.slopes.failure}"

    def _other_block(self, place: int) -> Iterator[str]:
        """A remark when a block without filters is selected."""
        selection, network = self._session.selection, self._session.network
        if len(selection) == 1 and selection[0] != place:
            large = has_filters(network.blocks[selection[0]]) and self._session.report.ok
            why = "has too many weights for a picture" if large else "has no filters"
            yield f"{network.names[selection[0]]} {why}"

    def _tell_value(self, found: Found | None) -> None:
        place, sheets = self.current, self._sheets
        if place is None or sheets is None:
            return
        self.caption.setText(self._title(place) if found is None else self._value_words(found))

    def _value_words(self, found: Found) -> str:
        """Where a weight is, and what it and its gradient are."""
        assert self._sheets is not None
        place = self._place_of(found)
        linked = not self._has_no_link(*place[:2])
        return value_words(self._sheets, place, self._slopes_shown, linked=linked)

    def _place_of(self, found: Found) -> Place:
        """Where what is found in the picture is in the sheets."""
        assert self._sheets is not None
        index, row, column = found
        filter_, sheet = divmod(index, self._of_channel(self._sheets.values).shape[1])
        return filter_, sheet if self._channel() == ALL else self._channel(), row, column

    def _has_no_link(self, place: int, sheet: int) -> bool:
        """Whether the filter does not see the map."""
        seen = self._sheets.seen if self._sheets else None
        return seen is not None and not seen[place, sheet]

    # ---- asking

    def _ask(self, found: Found | None) -> None:
        weight = None if found is None else self._weight_at(found)
        if weight is not None:
            self.asked.emit(weight)

    def _weight_at(self, found: Found) -> Weight | None:
        """The weight in a sheet; None where there is no link, or no path leads to the block."""
        assert self._found is not None
        assert self._session.model is not None
        shape = self._session.model.parameters[f"{self._found.key}.weight"].shape
        path, place = self._path(), place_in_array(self._found, shape, self._place_of(found))
        return None if path is None or place is None else Weight(path, "weight", place)

    def _path(self) -> Path | None:
        """The path of the block that is shown."""
        assert self.current is not None
        report, outer = self._session.report, (self.current,)
        paths = (outer, *paths_inside(self._session.network, outer))
        key = self._found.key if self._found else ""
        return next((path for path in paths if spot_at(report, path).key == key), None)

    def _extend_menu(self, menu: QMenu, position: QPoint) -> None:
        found = self._weight_under(position)
        if found is None or self._weight_at(found) is None:
            return
        first = menu.actions()[0]
        action = QAction("Why does this weight get its gradient?", menu)
        action.triggered.connect(lambda _checked=False: self._ask(found))
        menu.insertAction(first, action)
        menu.insertSeparator(first)

    def _weight_under(self, position: QPoint) -> Found | None:
        """The weight at a position of the screen."""
        for mosaic in (self.mosaic, self.slope_mosaic):
            point = mosaic.mapFromGlobal(position)
            if mosaic.isVisible() and mosaic.rect().contains(point):
                return mosaic.at(point)
        return None

    # ---- saving

    def _saveable(self) -> Source | None:
        if self.current is None or self._found is None:
            return None
        key, spread = self._found.key.replace(".", "-"), self.facts.spread
        if spread.underMouse() and spread.values is not None:
            return spread, f"{key}-weights", spread.values.table
        if self.slope_mosaic.isVisible() and self.slope_mosaic.underMouse():
            return self.slope_mosaic, f"{key}-gradients", self._table
        return self.mosaic, f"{key}-filters", self._table

    def _table(self) -> Iterable[Sequence[object]]:
        """All weights of the block, the header first."""
        sheets, slopes = self._sheets, self._slopes_shown
        assert sheets is not None
        more = ("gradient",) if slopes is not None else ()
        if sheets.matrix:
            yield (sheets.unit, "input", "weight", *more)
            for (place, _, _, column), value in np.ndenumerate(sheets.values):
                beside = [float(slopes.values[place, 0, 0, column])] if slopes else []
                yield (place + 1, column + 1, float(value), *beside)
            return
        yield (sheets.unit, "input map", "row", "column", "weight", *more)
        for (place, sheet, row, column), value in np.ndenumerate(sheets.values):
            if not self._has_no_link(place, sheet):
                first = sheets.first[place]
                where = (place + 1, first + sheet + 1, row + 1, column + 1)
                beside = [float(slopes.values[place, sheet, row, column])] if slopes else []
                yield (*where, float(value), *beside)
