"""What was typed in a form and refused: kept for the block or recipe that it was meant for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnnstudio.blocks import Block
from cnnstudio.blocks.row import Blocks
from cnnstudio.network import Network, Recipe, inner
from cnnstudio.network.inner import Path

Texts = Mapping[str, str]
"""The refused text of each setting."""

Edited = Block | Recipe


class _Draft(NamedTuple):
    """Texts, and what they were meant for: the block that stood at `path`, or the recipe."""

    edited: Edited
    path: Path
    texts: Texts


class Drafts:
    """Keeps texts until what they were meant for is shown again, unchanged.

    A block is known by its identity, as many equal ones may stand in a network; where one object
    stands at several places, by its place as well. Recipes are equal or not.
    """

    def __init__(self) -> None:
        self._kept: list[_Draft] = []

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def keep(self, edited: Edited, path: Path, texts: Texts) -> None:
        """Remember `texts` for the block `edited` at `path`, or for the recipe at no path."""
        self._kept = [*(each for each in self._kept if each.edited is not edited)]
        if texts:
            self._kept.append(_Draft(edited, path, texts))

    def take(self, edited: Edited, path: Path, network: Network) -> Texts:
        """The texts that were kept for the block at `path` of `network`, once; often none."""
        for draft in self._kept:
            if _is_meant(draft, edited, path, network):
                self._kept.remove(draft)
                return draft.texts
        return {}


def _is_meant(draft: _Draft, edited: Edited, path: Path, network: Network) -> bool:
    if isinstance(edited, Recipe) or isinstance(draft.edited, Recipe):
        return draft.edited == edited
    if draft.edited is not edited:
        return False
    return draft.path == path or not _stands_at(draft, network)


def _stands_at(draft: _Draft, network: Network) -> bool:
    """Whether its block is still where it was."""
    if not inner.exists(network, draft.path):
        return False
    return inner.block_at(network, draft.path) is draft.edited


def is_same_block(before: Network, after: Network, path: Path) -> bool:
    """Whether the block at `path` is the one from before an edit, perhaps with other settings.

    It is while the object is the same, and also where another has taken the place of an object
    that is gone, in a row that is otherwise as long as it was.
    """
    if not (inner.exists(before, path) and inner.exists(after, path)):
        return False
    return all(
        _is_same(_row(before, path, end), _row(after, path, end), path[end - 1])
        for end in range(1, len(path) + 1, 2)
    )


def _row(network: Network, path: Path, end: int) -> Blocks:
    return inner.row_at(network, path[:end])


def _is_same(before: Blocks, after: Blocks, place: int) -> bool:
    old, new = before[place], after[place]
    if old is new:
        return True
    if len(before) != len(after) or type(old) is not type(new):
        return False
    came, went = all(new is not each for each in before), all(old is not each for each in after)
    return came and went
