"""Values of a block as pictures: a mosaic with one map large, cells or bars, their gradients."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.network import inner
from cnnstudio.ui.canvas.thumbnails import levels_of
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.map_facts import MapFacts
from cnnstudio.ui.maps.map_panel import MapPanel, scrolling
from cnnstudio.ui.maps.map_scales import diverging_levels, shared_levels
from cnnstudio.ui.maps.map_words import Found, power_of, unit_names
from cnnstudio.ui.parts.bars import Bars
from cnnstudio.ui.parts.hatch import lost
from cnnstudio.ui.parts.mosaic import Mosaic
from cnnstudio.ui.parts.spread import Values
from cnnstudio.ui.theme import ThemeManager

MOST_BARS = 20
"""A longer row of units is shown as cells."""

FEW_MAPS = 8
"""With more maps than this one of them is shown large from the start."""

CELLS = (9, 26)
"""The smallest and the largest side of a unit's cell, in pixels."""

LARGE, LEAST_LARGE = 176, 88
"""Pixels of the width of the chosen map."""

Maps = NDArray[np.floating]


class ValuePanel(MapPanel):
    """A panel that draws the values of a block, and beside them their gradients.

    Who extends it says what these are, and what is done with a value.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__(session, themes)
        self._values: Maps | None = None
        self._slopes_shown: Maps | None = None
        self._large_slope = False
        self._shown: tuple[inner.Path, tuple[int, ...]] | None = None
        self._make_body()

    def _make_body(self) -> None:
        self.large, self.slope_mosaic = Mosaic(self._themes), Mosaic(self._themes)
        self.large.setFixedWidth(LARGE)
        self.large.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slope_picture = scrolling(self.slope_mosaic)
        self.bars, self.slope_bars = Bars(self._themes), Bars(self._themes)
        self.facts = MapFacts(self._themes)
        self.body.insertWidget(1, self.bars, 1)
        self.body.insertWidget(2, self.slope_picture, 1)
        self.body.insertWidget(3, self.slope_bars, 1)
        self.body.addWidget(self.large)
        self.body.addWidget(self.facts)
        for mosaic in (self.mosaic, self.slope_mosaic):
            mosaic.chosen.connect(partial(self._enlarge, mosaic))
        self.large.chosen.connect(lambda _index: self.large.choose(None))

    # ---- drawing

    def _show_bars(self, path: inner.Path) -> None:
        assert self._values is not None
        for part in (self.picture, self.large, self.slope_picture):
            part.hide()
        self.bars.show()
        family = inner.block_at(self._session.network, path).family
        colour, names = (
            self._themes.theme.family(family),
            unit_names(self._session, path, len(self._values)),
        )
        self.bars.show_values(self._values, names, colour)
        self.slope_bars.setVisible(self._slopes_shown is not None)
        if self._slopes_shown is not None:
            scaled = self._slopes_shown / 10.0 ** power_of(self._slopes_shown)
            self.slope_bars.show_values(scaled, names, colour)

    def _show_maps(self, path: inner.Path) -> None:
        assert self._values is not None
        self.bars.hide()
        self.slope_bars.hide()
        levels = self._levels(self._values)
        self._fill(self.mosaic, levels, self._themes.theme.maps_table(), self._values)
        self._keep_choice(path, levels)
        slopes = self._slopes_shown
        self.slope_picture.setVisible(slopes is not None)
        if slopes is not None:
            shared = self.facts.is_shared or slopes.ndim == 1
            levels = diverging_levels(_as_maps(slopes), shared=shared)
            self._fill(self.slope_mosaic, levels, self._themes.theme.filters_table(), slopes)
            self.slope_mosaic.choose(self.mosaic.choice)
        self._show_large()

    def _levels(self, values: Maps) -> NDArray[np.uint8]:
        if values.ndim == 1:
            return levels_of(values[np.newaxis, np.newaxis]).reshape(-1, 1, 1)
        return shared_levels(values) if self.facts.is_shared else levels_of(values)

    def _fill(
        self, mosaic: Mosaic, levels: NDArray[np.uint8], table: NDArray[np.uint8], values: Maps
    ) -> None:
        flat = levels.shape[1:] == (1, 1) and self._values is not None and self._values.ndim == 1
        mosaic.set_spacing(*((2, CELLS) if flat else (6,)))
        few = not flat and 1 < len(levels) <= FEW_MAPS
        captions = [(f"map {i + 1}", "") for i in range(len(levels))] if few else []
        mosaic.show_maps(levels, table, captions, lost=lost(_as_maps(values)))

    def _keep_choice(self, path: inner.Path, levels: NDArray[np.uint8]) -> None:
        """For another block choose its strongest map, if there are many."""
        shown = (path, levels.shape)
        if shown == self._shown:
            return
        self._shown = shown
        many = len(levels) > FEW_MAPS and levels.shape[1:] != (1, 1)
        self.mosaic.choose(int(levels.mean(axis=(1, 2)).argmax()) if many else None)

    def _enlarge(self, source: Mosaic, index: int | None) -> None:
        """Show the chosen map large; that of the mosaic where it was chosen."""
        if self._values is None or self._values.ndim == 1:
            source.choose(None)
            return
        self._large_slope = source is self.slope_mosaic
        for mosaic in (self.mosaic, self.slope_mosaic):
            mosaic.choose(index)
        self._show_large()
        self._show_facts()

    def _show_large(self) -> None:
        index = self.mosaic.choice
        known = index is not None and self._values is not None and self._values.ndim > 1
        self.large.setVisible(known)
        if not known or index is None or self._values is None:
            return
        theme, slopes = self._themes.theme, self._slopes_shown
        if self._large_slope and slopes is not None:
            values, levels = slopes, diverging_levels(slopes, shared=self.facts.is_shared)
            table, words = theme.filters_table(), f"gradient of map {index + 1}"
        else:
            values, levels = self._values, self._levels(self._values)
            table, words = theme.maps_table(), f"map {index + 1}"
        one = slice(index, index + 1)
        self.large.show_maps(levels[one], table, [(words, "")], lost=lost(values[one]))

    def _show_facts(self) -> None:
        """How the values of the chosen map, or of all, are spread."""
        values = self._values
        assert values is not None
        index = self.mosaic.choice if values.ndim > 1 else None
        chosen = values if index is None else values[index]
        top = float(np.nan_to_num(values).max(initial=0.0))
        if index is not None and not self.facts.is_shared:
            top = max(float(np.nan_to_num(chosen).max()), 0.25 * top)
        what = "unit" if values.ndim == 1 else "map"
        words = f"{what} {index + 1}" if index is not None else f"all {len(values):,} {what}s"
        if values.ndim > 1 and len(values) == 1:
            words = "1 map"
        self.facts.show_values(Values(words, chosen, 0.0, top), scalable=values.ndim > 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The large map is as wide as it can be high."""
        super().resizeEvent(event)
        self.large.setFixedWidth(max(LEAST_LARGE, min(LARGE, self.height() - 68)))

    # ---- where a value is

    def _of_choice(self, found: Found | None) -> Found | None:
        """A value of the large map among all."""
        choice = self.mosaic.choice
        return None if found is None or choice is None else (choice, found[1], found[2])

    def _value_at(self, position: QPoint) -> Found | None:
        """The value at a position of the screen."""
        for mosaic in (self.mosaic, self.slope_mosaic, self.large):
            if mosaic.isVisible() and _is_under(mosaic, position):
                found = mosaic.at(mosaic.mapFromGlobal(position))
                return self._of_choice(found) if mosaic is self.large else found
        for bars in (self.bars, self.slope_bars):
            if bars.isVisible() and _is_under(bars, position):
                unit = bars.at(bars.mapFromGlobal(position))
                return None if unit is None else (unit, 0, 0)
        return None


def _as_maps(values: Maps) -> Maps:
    return values.reshape(-1, 1, 1) if values.ndim == 1 else values


def _is_under(widget: QWidget, position: QPoint) -> bool:
    return widget.rect().contains(widget.mapFromGlobal(position))
