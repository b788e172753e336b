"""Choices that are offered anew while something is chosen: blocks, classes, maps."""

from __future__ import annotations

from collections.abc import Sequence

from cnnstudio.network import Network, inner
from cnnstudio.ui.maps.inner_maps import words_inside
from cnnstudio.ui.parts.choice_fields import Combo

NARROW, WIDE = 112, 176
"""Pixels that the name of a block takes at the most; of one inside others."""


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
    """Offer blocks by their names, those inside of others with the names of these before."""
    combo.setMaximumWidth(WIDE if any(len(path) > 1 for path in paths) else NARROW)
    return fill(combo, [(_words(network, path), path) for path in paths])


def _words(network: Network, path: inner.Path) -> str:
    outer = network.names[path[0]]
    return outer if len(path) == 1 else f"{outer} › {words_inside(network, path)}"
