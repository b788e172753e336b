"""The feature maps: what the chosen block makes of the probe image, live while training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QMetaMethod, QPoint, Signal
from PySide6.QtWidgets import QMenu

from cnnstudio.explain.cells import Cell
from cnnstudio.network import inner
from cnnstudio.ui.document.reasons import misfit, nothing_seen
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inner_maps import InnerMaps, paths_inside, words_inside
from cnnstudio.ui.maps.map_panel import Source
from cnnstudio.ui.maps.map_words import (
    Found,
    file_name,
    power_of,
    title,
    value_words,
)
from cnnstudio.ui.maps.probe_bar import ProbeBar
from cnnstudio.ui.maps.slopes import Slopes
from cnnstudio.ui.maps.value_panel import MOST_BARS, Maps, ValuePanel
from cnnstudio.ui.parts.choice_fields import Combo
from cnnstudio.ui.parts.spread import number, power_words
from cnnstudio.ui.theme import ThemeManager

ASK = "Click a value to see why it is what it is"


class FeatureMaps(ValuePanel):
    """A mosaic of all maps, the chosen one large; a row of units as cells or bars.

    Beside them their gradients, if they are asked for, and how the values are spread.
    """

    asked = Signal(object)
    """The Cell that somebody wants explained: a value clicked in the large map or in a row of
    units, double-clicked in a small map, or asked about in the context menu."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__(session, themes)
        self.setObjectName("featureMaps")
        self.chooser.setToolTip("The block whose output is shown")
        self.inside = Combo(themes)
        self.inside.setAccessibleName("Block inside")
        self.inside.setToolTip("The whole block, or one of those inside it")
        self.inside.setFixedWidth(148)
        self.inside.activated.connect(self._choose_inside)
        self.head.insertWidget(1, self.inside)
        self.probe_bar = ProbeBar(session, themes, self)
        self.head.addWidget(self.probe_bar)
        self._connect()
        self.inner_maps = InnerMaps(session, self)
        self.inner_maps.changed.connect(self._refresh_soon)
        self.slopes = Slopes(session, self, "maps")
        self.slopes.changed.connect(self._refresh_soon)

    def _connect(self) -> None:
        for mosaic in (self.mosaic, self.slope_mosaic):
            mosaic.hovered.connect(self._tell_value)
            mosaic.asked.connect(self._ask)
            mosaic.pressed.connect(self._ask_unit)
        self.large.hovered.connect(lambda found: self._tell_value(self._of_choice(found)))
        self.large.setToolTip(ASK)
        self.large.pressed.connect(lambda found: self._ask(self._of_choice(found)))
        for bars in (self.bars, self.slope_bars):
            bars.hovered.connect(self._tell_bar)
            bars.pressed.connect(lambda unit: self._ask((unit, 0, 0)))
            bars.setToolTip(ASK)
        self.facts.changed.connect(self.refresh)

    def stop(self) -> None:
        """Wait for what goes on in threads, as on closing."""
        self.probe_bar.search.stop()
        self.inner_maps.stop()
        self.slopes.stop()

    @property
    def path(self) -> inner.Path | None:
        """The path of the block whose output is shown."""
        if self.current is None:
            return None
        inside = self.inside.currentData()
        return inside if isinstance(inside, tuple) and inside else (self.current,)

    # ---- choosing

    def _choosable(self) -> Sequence[int]:
        """The blocks that fit, also while a large network still looks at the image."""
        if self._reason():
            return ()
        blocks = self._session.report.blocks
        return range(next((i for i, block in enumerate(blocks) if not block.fits), len(blocks)))

    def _offer(self, places: Sequence[int]) -> None:
        super()._offer(places)
        self._offer_inside()

    def _offer_inside(self) -> None:
        """The blocks inside the shown one; the selected one of them is chosen."""
        network, box = self._session.network, self.inside
        shown = () if self.current is None else (self.current,)
        there = shown and inner.exists(network, shown)  # not if a shorter one was opened meanwhile
        paths = list(paths_inside(network, shown)) if there else []
        offered = [("whole block", ())] + [(words_inside(network, path), path) for path in paths]
        if [(box.itemText(i), box.itemData(i)) for i in range(box.count())] != offered:
            box.clear()
            for words, path in offered:
                box.addItem(words, path)
        box.setVisible(bool(paths))

    def _follow_selection(self) -> None:
        self._point_to_selection()
        self._offer_inside()
        chosen = self._session.selected_path
        places = [self.inside.itemData(i) for i in range(self.inside.count())]
        if len(self._session.selection) == 1:
            self.inside.setCurrentIndex(places.index(chosen) if chosen in places else 0)
        self.refresh()

    def _choose_inside(self) -> None:
        if self.path is not None:
            self._session.select_path(self.path)
        self.refresh()

    # ---- drawing

    def _draw(self) -> None:
        self.probe_bar.refresh()
        path = self.path
        self._values = None if path is None else self._values_of(path)
        self._slopes_shown = self._slopes_of(path)
        if path is None or self._values is None:
            self._show_words(self._reason() if path is None else self._waiting(path))
            for part in (self.bars, self.slope_bars, self.slope_picture, self.large, self.facts):
                part.hide()
            return
        self._show_words("")
        self.facts.show()
        if self._values.ndim == 1 and len(self._values) <= MOST_BARS:
            self._show_bars(path)
        else:
            self._show_maps(path)
        self._show_facts()
        self.caption.setText(title(self._session, path, self._values) + self._gradient_words())

    def _values_of(self, path: inner.Path) -> Maps | None:
        seen = self._session.activations
        if len(path) > 1:
            return self.inner_maps.of(path)
        return seen[path[0]] if path[0] < len(seen) else None

    def _waiting(self, path: inner.Path) -> str:
        """Why a block that could be shown is not."""
        if len(path) > 1:
            return self.inner_maps.failure or "Looking inside …"
        return nothing_seen(self._session) or "Looking at the image …"

    def _slopes_of(self, path: inner.Path | None) -> Maps | None:
        """The gradients of what is shown; None where they are not wanted, or not there yet."""
        if path is None or not self.facts.gradients.isChecked():
            return None
        self.slopes.ask()
        found = self.slopes.found
        slopes = None if found is None else found.maps.get(path)
        if slopes is None or self._values is None or slopes.shape != self._values.shape:
            return None
        return slopes

    def _reason(self) -> str:
        """Why nothing can be shown, in one sentence; nothing where the first blocks can."""
        session = self._session
        return nothing_seen(session) if session.report.blocks[0].fits else misfit(session)

    # ---- words

    def _gradient_words(self) -> str:
        """What the gradients beside are, or why there are none."""
        if not self.facts.gradients.isChecked():
            return ""
        if self._slopes_shown is not None:
            words = f"  ·  gradient of the loss for {self.slopes.label_words()}"
            power = power_of(self._slopes_shown) if self.slope_bars.isVisible() else 0
            if power:
                return f"{words} in units of {power_words(power)}"
            top = float(np.abs(self._slopes_shown).max(initial=0.0))
            return f"{words}, at most {number(top)}"
        if self.slopes.failure:
            return f"  ·  no gradient: {self.slopes.failure}"
        return "  ·  no gradient behind the softmax" if self.slopes.found else ""

    def _tell_value(self, found: Found | None) -> None:
        if self.path is None or self._values is None:
            return
        if found is None or found[0] >= len(self._values):
            self.caption.setText(
                title(self._session, self.path, self._values) + self._gradient_words()
            )
        else:
            self.caption.setText(value_words(found, self._values, self._slopes_shown))

    def _tell_bar(self, unit: int | None) -> None:
        self._tell_value(None if unit is None else (unit, 0, 0))

    # ---- asking and saving

    def _ask(self, found: Found | None) -> None:
        if found is not None and self.path is not None and self._values is not None:
            place = found[:1] if self._values.ndim == 1 else found
            self.asked.emit(Cell(self.path, place))

    def _ask_unit(self, found: Found) -> None:
        """A click on a map enlarges it instead."""
        if self._values is not None and self._values.ndim == 1:
            self._ask(found)

    def _extend_menu(self, menu: QMenu, position: QPoint) -> None:
        found = self._value_at(position)
        signal = QMetaMethod.fromSignal(self.asked)
        if found is None or self._values is None or not self.isSignalConnected(signal):
            return
        first = menu.actions()[0] if menu.actions() else None
        action = menu.addAction(f"Why is {value_words(found, self._values, None)}?")
        action.triggered.connect(lambda _checked=False: self._ask(found))
        if first is not None:
            menu.insertAction(first, action)
            menu.insertSeparator(first)

    def _saveable(self) -> Source | None:
        path = self.path
        if path is None or self._values is None:
            return None
        key, spread = file_name(self._session, path), self.facts.spread
        if spread.underMouse() and spread.values is not None:
            return spread, f"{key}-spread", spread.values.table
        for part, name in (
            (self.slope_mosaic, "gradients"),
            (self.slope_bars, "gradients"),
            (self.large, f"map-{(self.mosaic.choice or 0) + 1}"),
        ):
            if part.isVisible() and part.underMouse():
                return part, f"{key}-{name}", self._table
        return self.mosaic if self.bars.isHidden() else self.bars, f"{key}-maps", self._table

    def _table(self) -> Iterable[Sequence[object]]:
        """All values that are shown, the header first."""
        assert self._values is not None
        slopes = self._slopes_shown
        flat = self._values.ndim == 1
        more = ("gradient",) if slopes is not None else ()
        yield (*(("unit",) if flat else ("map", "row", "column")), "value", *more)
        for place, value in np.ndenumerate(self._values):
            beside = (float(slopes[place]),) if slopes is not None else ()
            yield (*(i + 1 for i in place), float(value), *beside)
