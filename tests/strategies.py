"""Values, blocks and networks for property tests, made from the declarations themselves."""

from __future__ import annotations

from hypothesis import strategies as st

from cnnstudio.blocks import BLOCK_TYPES, Block, Input
from cnnstudio.blocks import settings as kinds
from cnnstudio.blocks.composite import Composite
from cnnstudio.blocks.row import Row, Rows
from cnnstudio.network import Network

LARGEST = 10**9


def values(setting: kinds.Setting, largest: int = LARGEST) -> st.SearchStrategy:
    """Any value that `setting` allows; whole numbers up to `largest`, sides up to its tenth."""
    if isinstance(setting, kinds.WholeNumber):
        return st.integers(setting.minimum, min(setting.maximum, largest))
    if isinstance(setting, kinds.Fraction):
        return st.floats(setting.minimum, setting.maximum, allow_nan=False)
    if isinstance(setting, kinds.Choice):
        return st.sampled_from(sorted(setting.options))
    if isinstance(setting, kinds.Switch):
        return st.booleans()
    if isinstance(setting, kinds.Table):
        maps = st.sets(st.integers(0, min(setting.maximum - 1, 9)), min_size=1, max_size=5)
        lists = st.lists(maps.map(sorted), min_size=1, max_size=6)
        return lists | st.sampled_from(sorted(setting.words))
    if isinstance(setting, Row):
        return rows(setting.minimum, largest)
    if isinstance(setting, Rows):
        return st.lists(rows(0, largest), min_size=setting.minimum, max_size=3)
    assert isinstance(setting, kinds.Pair), setting
    side = st.integers(setting.minimum, min(setting.maximum, max(setting.minimum, largest // 7)))
    words = [st.sampled_from(sorted(setting.words))] if setting.words else []
    return st.one_of(side, st.tuples(side, side), *words)


def any_of(declared: type[kinds.Declared], largest: int = LARGEST) -> st.SearchStrategy:
    """A block or recipe with any settings."""
    settings = declared.declarations().items()
    return st.builds(declared, **{name: values(setting, largest) for name, setting in settings})


def rows(minimum: int = 0, largest: int = LARGEST) -> st.SearchStrategy:
    """A row of blocks that hold no rows themselves."""
    plain = [kind for kind in BLOCK_TYPES if kind is not Input and not issubclass(kind, Composite)]
    return st.lists(blocks_of(plain, largest), min_size=minimum, max_size=3)


def blocks_of(types: list[type[Block]], largest: int = LARGEST) -> st.SearchStrategy:
    """A block of one of the types."""
    return st.one_of([any_of(kind, largest) for kind in types])


def networks(most: int = 6) -> st.SearchStrategy:
    """A network of any blocks, whether they fit or not."""
    later = blocks_of([kind for kind in BLOCK_TYPES if kind is not Input])
    return st.builds(
        lambda first, rest: Network((first, *rest)), any_of(Input), st.lists(later, max_size=most)
    )
