"""The blocks of the palette as a menu, wherever one can be inserted without dragging."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QMenu

from cnnstudio.blocks import Block
from cnnstudio.blocks.palette import PALETTE, Tile
from cnnstudio.ui.icons import block_icon_name, icon
from cnnstudio.ui.theme import Theme


def fill_block_menu(menu: QMenu, theme: Theme, insert: Callable[[Block], object]) -> None:
    """Add the palette to `menu`, rare blocks in a menu of their own.

    `insert` is called with the block that is chosen.
    """
    for number, group in enumerate(PALETTE):
        if number:
            menu.addSeparator()
        _add(menu, [tile for tile in group.tiles if not tile.rare], theme, insert)
        rare = [tile for tile in group.tiles if tile.rare]
        if rare:
            title = group.title if group.title.isupper() else group.title.lower()
            _add(menu.addMenu(f"More {title} blocks"), rare, theme, insert)


def _add(
    menu: QMenu, tiles: Sequence[Tile], theme: Theme, insert: Callable[[Block], object]
) -> None:
    for tile in tiles:
        glyph = icon(block_icon_name(tile.block), theme.family(tile.block.family))
        menu.addAction(glyph, tile.label).triggered.connect(partial(_choose, insert, tile.block))


def _choose(insert: Callable[[Block], object], block: Block, _checked: bool = False) -> None:
    insert(block)
