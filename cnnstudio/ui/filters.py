"""The filters: the learned weights of a convolution, blue below zero, orange above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import TableConv2D
from cnnstudio.ui.choice_fields import Combo
from cnnstudio.ui.filter_sheets import Filtered, Sheets, filtered_in, has_filters, sheets_of
from cnnstudio.ui.map_panel import MapPanel
from cnnstudio.ui.saving import Saveable
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.tiling import LARGEST
from cnnstudio.ui.typography import pretty

ALL = -1
"""The input chooser's value for all input maps at once."""

WIDE = 880
"""From this width on, in pixels, there is room for three choosers and the key to the colours."""

FEW_FILTERS = 8
"""So many filters stand wider apart."""


class Filters(MapPanel):
    """All filters of a CONV block with one scale, white at zero; below each its bias.

    A deeper block has one sheet of weights for each input map: all of them in a column, or those
    for one input map. Where the weights are not shared, a sheet holds those of all places side by
    side. For a block that holds others, one of those that have filters is shown.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__(session, themes, diverging=True)
        self.setObjectName("filters")
        self._sheets: Sheets | None = None
        self._found: Filtered | None = None
        self._offered: tuple[int, bool] | None = None
        self.chooser.setToolTip("The block whose filters are shown")
        self.inner = self._combo("Block inside", "Which of the blocks inside is shown", 172)
        self.inputs = self._combo(
            "Input map", "A filter has a sheet of weights for each input map", 124
        )
        self.head.insertWidget(1, self.inner)
        self.head.insertWidget(2, self.inputs)
        self.mosaic.hovered.connect(self._tell_value)

    def _combo(self, name: str, tip: str, width: int) -> Combo:
        combo = Combo(self._themes)
        combo.setAccessibleName(name)
        combo.setToolTip(tip)
        combo.setFixedWidth(width)
        combo.activated.connect(self.refresh)
        return combo

    def _choosable(self) -> Sequence[int]:
        blocks = self._session.network.blocks
        return [i for i, block in enumerate(blocks) if has_filters(block)]

    def _draw(self) -> None:
        self._sheets = self._found = None
        place, model = self.current, self._session.model
        if place is None or model is None:
            self.inputs.hide()
            self.inner.hide()
            self._show_words(
                "Only CONV blocks have filters, and this network has none."
                if place is None
                else "The filters are shown as soon as the network fits."
            )
            return
        entry = self._session.report.blocks[place]
        self._found = self._chosen(filtered_in(entry.key, entry.block, entry.input_shape))
        self._sheets = sheets_of(self._found, model.parameters)
        self._offer_inputs(self._sheets)
        self._show_words("")
        self.caption.setText(self._title(place))
        self._show_weights()

    def _chosen(self, found: Sequence[Filtered]) -> Filtered:
        """The one that the chooser of inner blocks stands at; it is filled anew where need be."""
        names = [each.name for each in found]
        if names != [self.inner.itemText(i) for i in range(self.inner.count())]:
            self.inner.clear()
            self.inner.addItems(names)
        self.inner.setVisible(bool(names[0]))
        self.room = WIDE if names[0] else MapPanel.room
        return found[max(0, self.inner.currentIndex())]

    def _offer_inputs(self, sheets: Sheets) -> None:
        """All input maps or one of them; large sheets are shown for the first map at first."""
        channels, large = sheets.values.shape[1], sheets.places != (1, 1)
        if self._offered != (channels, large):
            self._offered = channels, large
            self.inputs.clear()
            self.inputs.addItem("All input maps", ALL)
            for channel in range(channels):
                self.inputs.addItem(f"Input map {channel + 1}", channel)
            self.inputs.setCurrentIndex(1 if large else 0)
        self.inputs.setVisible(channels > 1)

    def _show_weights(self) -> None:
        assert self._sheets is not None
        shown = self._shown()
        limit = float(np.abs(np.nan_to_num(self._sheets.values)).max(initial=0.0)) or 1.0
        finite = np.nan_to_num(shown, nan=0.0, posinf=0.0, neginf=0.0)
        shares = np.clip(finite / limit, -1, 1)
        levels = np.rint(127.5 + 127.5 * shares).astype(np.uint8)
        group = shown.shape[1]
        levels = levels.reshape(-1, *shown.shape[2:])
        captions = [] if group > 1 else self._captions(len(shown))
        few = group == 1 and len(shown) <= FEW_FILTERS
        self.mosaic.set_spacing(12 if few else 4, (20 if group == 1 else 12, LARGEST))
        self.mosaic.show_maps(levels, self._themes.theme.filters_table(), captions, group)
        self.colours.show_ends(signed(-limit), signed(limit))

    def _shown(self) -> NDArray[np.floating]:
        """The weights that are shown, ``(filters, input maps, rows, columns)``."""
        assert self._sheets is not None
        channel, values = self._channel(), self._sheets.values
        return values if channel == ALL else values[:, channel : channel + 1]

    def _channel(self) -> int:
        channel = self.inputs.currentData()
        return channel if isinstance(channel, int) else ALL

    def _captions(self, count: int) -> list[tuple[str, str]]:
        bias = self._sheets.bias if self._sheets else None
        if bias is None:
            return [(f"filter {i + 1}", "") for i in range(count)]
        return [(f"filter {i + 1}", f"bias {signed(bias[i])}") for i in range(count)]

    def _title(self, place: int) -> str:
        assert self._sheets is not None
        block = self._found.block if self._found else None
        zero = "white is 0 or no link" if isinstance(block, TableConv2D) else "white is 0"
        words = f"{pretty(self._sheets.words)}  ·  {zero}"
        if not self._session.trained:
            words += "  ·  random weights"
        return words + self._other_block(place)

    def _other_block(self, place: int) -> str:
        """A remark when a block without filters is selected."""
        selection = self._session.selection
        if len(selection) != 1 or selection[0] == place:
            return ""
        return f"  ·  {self._session.network.names[selection[0]]} has no filters"

    def _tell_value(self, found: tuple[int, int, int] | None) -> None:
        place, sheets = self.current, self._sheets
        if place is None or sheets is None:
            return
        if found is None:
            self.caption.setText(self._title(place))
            return
        index, row, column = found
        shown = self._shown()
        number, sheet = divmod(index, shown.shape[1])
        words = f"filter {number + 1}"
        sheet = sheet if self._channel() == ALL else self._channel()
        if sheets.values.shape[1] > 1 or sheets.first[number]:
            words += f"  ·  input map {sheets.first[number] + sheet + 1}"
        value = sheets.values[number, sheet, row, column]
        words += f"  ·  {sheets.place_words(row, column)}  ·  "
        words += "no link" if self._has_no_link(number, sheet) else signed(value)
        if sheets.bias is not None:
            words += f"  ·  bias {signed(sheets.bias[number])}"
        self.caption.setText(words)

    def _has_no_link(self, number: int, sheet: int) -> bool:
        """Whether the filter does not see the map."""
        block = self._found.block if self._found else None
        return isinstance(block, TableConv2D) and sheet not in block.links[number]

    def _saveable(self) -> tuple[Saveable, str] | None:
        if self.current is None or self._found is None:
            return None
        return self.mosaic, f"{self._found.key.replace('.', '-')}-filters"

    def _table(self) -> Iterable[Sequence[object]]:
        sheets = self._sheets
        assert sheets is not None
        yield ("filter", "input map", "row", "column", "weight")
        for (number, sheet, row, column), value in np.ndenumerate(sheets.values):
            if not self._has_no_link(number, sheet):
                yield (
                    number + 1,
                    sheets.first[number] + sheet + 1,
                    row + 1,
                    column + 1,
                    float(value),
                )


def signed(value: float) -> str:
    """A number with its sign, as in ``+0.36``; smaller ones with more digits."""
    if value == 0:
        return "0"
    digits = 2 if abs(value) >= 0.1 else 3
    return pretty(f"{value:+.{digits}f}")
