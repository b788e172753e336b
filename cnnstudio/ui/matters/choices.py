"""Choices that are offered anew while something is chosen: blocks, classes, maps."""

from __future__ import annotations

from collections.abc import Sequence

from cnnstudio.network import Network, inner
from cnnstudio.ui.parts.choice_fields import Combo

NARROW = 112
"""Pixels that the name of a block takes; the list below has room for the longest."""

EDGES = 24
"""Pixels beside the words of that list."""


def fill(combo: Combo, offered: Sequence[tuple[str, object]]) -> bool:
    """Offer words with what they stand for, keeping what was chosen; whether there is news."""
    present = [(combo.itemText(i), combo.itemData(i)) for i in range(combo.count())]
    if list(offered) == present:
        return False
    before = combo.currentData()
    combo.clear()
    for words, data in offered:
        combo.addItem(words, data)
    place = next((i for i, (_, data) in enumerate(offered) if data == before), 0)
    combo.setCurrentIndex(place)
    return True


def fill_paths(combo: Combo, network: Network, paths: Sequence[inner.Path]) -> bool:
    """Offer blocks by their names, those inside of others with the names of these behind."""
    fresh = fill(combo, [(inner.full_name(network, path), path) for path in paths])
    if fresh:
        view = combo.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + EDGES)
    return fresh
