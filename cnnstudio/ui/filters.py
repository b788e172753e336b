"""The filters: the learned weights of a convolution, blue below zero, orange above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import Conv2D
from cnnstudio.blocks.block import pair
from cnnstudio.ui.fields import Combo
from cnnstudio.ui.map_panel import MapPanel
from cnnstudio.ui.saving import Saveable
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.tiling import LARGEST
from cnnstudio.ui.typography import pretty

ALL = -1
"""The input chooser's value for all input maps at once."""

FEW_FILTERS = 8
"""So many filters stand wider apart."""


class Filters(MapPanel):
    """All filters of a CONV block with one scale, white at zero; below each its bias.

    A deeper block has one sheet of weights for each input map: all of them in a column, or those
    for one input map.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__(session, themes, diverging=True)
        self.setObjectName("filters")
        self._weights: NDArray[np.floating] | None = None
        self._bias: NDArray[np.floating] | None = None
        self.chooser.setToolTip("The CONV block whose filters are shown")
        self.inputs = Combo(themes)
        self.inputs.setAccessibleName("Input map")
        self.inputs.setToolTip("A filter has a sheet of weights for each input map")
        self.inputs.setFixedWidth(124)
        self.inputs.activated.connect(self.refresh)
        self.head.insertWidget(1, self.inputs)
        self.mosaic.hovered.connect(self._tell_value)

    def _choosable(self) -> Sequence[int]:
        blocks = self._session.network.blocks
        return [i for i, block in enumerate(blocks) if isinstance(block, Conv2D)]

    def _draw(self) -> None:
        self._weights = None
        place, model = self.current, self._session.model
        if place is None or model is None:
            self.inputs.hide()
            self._show_words(
                "Only CONV blocks have filters, and this network has none."
                if place is None
                else "The filters are shown as soon as the network fits."
            )
            return
        key = self._session.network.keys[place]
        self._weights = model.parameters[f"{key}.weight"]
        self._bias = model.parameters.get(f"{key}.bias")
        self._offer_inputs(self._weights.shape[1])
        self._show_words("")
        self.caption.setText(self._title(place))
        self._show_weights()

    def _offer_inputs(self, channels: int) -> None:
        if self.inputs.count() != channels + 1:
            self.inputs.clear()
            self.inputs.addItem("All input maps", ALL)
            for channel in range(channels):
                self.inputs.addItem(f"Input map {channel + 1}", channel)
        self.inputs.setVisible(channels > 1)

    def _show_weights(self) -> None:
        assert self._weights is not None
        sheets = self._sheets()
        limit = float(np.abs(np.nan_to_num(self._weights)).max(initial=0.0)) or 1.0
        finite = np.nan_to_num(sheets, nan=0.0, posinf=0.0, neginf=0.0)
        shares = np.clip(finite / limit, -1, 1)
        levels = np.rint(127.5 + 127.5 * shares).astype(np.uint8)
        group = sheets.shape[1]
        levels = levels.reshape(-1, *sheets.shape[2:])
        captions = [] if group > 1 else self._captions(len(sheets))
        few = group == 1 and len(sheets) <= FEW_FILTERS
        self.mosaic.set_spacing(12 if few else 4, (20 if group == 1 else 12, LARGEST))
        self.mosaic.show_maps(levels, self._themes.theme.filters_table(), captions, group)
        self.colours.show_ends(signed(-limit), signed(limit))

    def _sheets(self) -> NDArray[np.floating]:
        """The weights that are shown, ``(filters, input maps, rows, columns)``."""
        assert self._weights is not None
        channel = self._channel()
        return self._weights if channel == ALL else self._weights[:, channel : channel + 1]

    def _channel(self) -> int:
        channel = self.inputs.currentData()
        return channel if isinstance(channel, int) else ALL

    def _captions(self, count: int) -> list[tuple[str, str]]:
        if self._bias is None:
            return [(f"filter {i + 1}", "") for i in range(count)]
        return [(f"filter {i + 1}", f"bias {signed(self._bias[i])}") for i in range(count)]

    def _title(self, place: int) -> str:
        assert self._weights is not None
        block = self._session.network.blocks[place]
        assert isinstance(block, Conv2D)
        rows, columns = pair(block.kernel)
        filters = "1 filter" if block.filters == 1 else f"{block.filters:,} filters"
        channels = self._weights.shape[1]
        depth = f" for {channels} input maps" if channels > 1 else ""
        words = f"{filters} of {rows}×{columns}{depth}  ·  white is 0"
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
        place = self.current
        if place is None or self._weights is None:
            return
        if found is None:
            self.caption.setText(self._title(place))
            return
        index, row, column = found
        sheets = self._sheets()
        number, channel = divmod(index, sheets.shape[1])
        words = f"filter {number + 1}"
        if self._weights.shape[1] > 1:
            words += (
                f"  ·  input map {(channel if self._channel() == ALL else self._channel()) + 1}"
            )
        words += f"  ·  row {row + 1}, column {column + 1}  ·  "
        words += signed(sheets[number, channel, row, column])
        if self._bias is not None:
            words += f"  ·  bias {signed(self._bias[number])}"
        self.caption.setText(words)

    def _saveable(self) -> tuple[Saveable, str] | None:
        place = self.current
        if place is None or self._weights is None:
            return None
        return self.mosaic, f"{self._session.network.keys[place]}-filters"

    def _table(self) -> Iterable[Sequence[object]]:
        assert self._weights is not None
        yield ("filter", "input map", "row", "column", "weight")
        for (number, channel, row, column), value in np.ndenumerate(self._weights):
            yield (number + 1, channel + 1, row + 1, column + 1, float(value))


def signed(value: float) -> str:
    """A number with its sign, as in ``+0.36``; smaller ones with more digits."""
    if value == 0:
        return "0"
    digits = 2 if abs(value) >= 0.1 else 3
    return pretty(f"{value:+.{digits}f}")
