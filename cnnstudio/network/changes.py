"""Changes of a block's own settings that make it fit: for each setting the nearest ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from cnnstudio.blocks import Block, Conv2D, ConvTranspose2D, Shape, TableConv2D
from cnnstudio.blocks.block import pair, step_words
from cnnstudio.blocks.convolution import common_divisors
from cnnstudio.blocks.settings import Links, Size
from cnnstudio.blocks.window import Windowed
from cnnstudio.errors import SettingError, SizeError

Fits = Callable[[Block], Shape | None]
"""The size that a changed block leads to; None where it does not fit."""

FARTHEST = 6
"""How far from its present value a setting is changed in search of a fit."""

AGAINST = 0.5
"""What a change in the less usual direction costs more, in steps."""


GAPS = 3.0
"""What windows cost more that leave pixels between them unseen."""


PADDED = 3.0
"""How many times dearer a change is after which windows look more at padding than at the map."""


class Searched(NamedTuple):
    """A setting to search: its word, the direction tried first, and what it costs more in steps."""

    name: str
    word: str
    towards: int
    cost: float


SEARCHED = (
    Searched("padding", "pad", 1, 0.0),
    Searched("pad", "pad", 1, 0.0),
    Searched("stride", "stride", -1, 0.01),
    Searched("kernel", "kernel", 1, 0.02),
    Searched("output_padding", "output pad", -1, 0.03),
    Searched("tiles", "tiles", -1, 0.04),
    Searched("dilation", "dilation", -1, 0.3),
)

WORD_COSTS = {"table": 0.0, "groups": 1.1, "filters": 1.2, "rounding": 1.4, "padding_mode": 1.45}
"""What the changes that are no search cost, in steps of a setting."""


class Changed(NamedTuple):
    """A block that fits: what the change costs in steps, its words, and the size it leads to."""

    cost: float
    words: str
    block: Block
    size: Shape


def size_after(block: Block, shape: Shape) -> Shape | None:
    """The block's output size; None where it does not fit."""
    try:
        return block.output_shape(shape)
    except SizeError:
        return None


def changed_settings(block: Block, shape: Shape, fits: Fits) -> Iterator[Changed]:
    """Every smallest change of one setting of `block`, which gets `shape`, so that `fits`."""
    for found in searched(block, fits):
        yield found._replace(cost=found.cost * padding_factor(found.block, shape))
    for cost, words, changes in _others(block, shape):
        yield from _tried(block, changes, cost, partial(_said, words), fits)


def searched(
    block: Block, fits: Fits, settings: Iterable[Searched] = SEARCHED, farthest: int = FARTHEST
) -> Iterator[Changed]:
    """For each of the `settings` the nearest value below and above that `fits`."""
    for setting in settings:
        if setting.name in block.declarations():
            for sign in (1, -1):
                yield from _nearest(block, setting, sign * setting.towards, farthest, fits)


def _nearest(
    block: Block, setting: Searched, direction: int, farthest: int, fits: Fits
) -> Iterator[Changed]:
    start, known = _present(block, setting.name)
    extra = _extra_cost(block, setting, direction, known)
    for distance in range(0 if not known and direction > 0 else 1, farthest + 1):
        for value in _towards(start, direction * distance):
            changes = {setting.name: value}
            for found in _tried(block, changes, max(distance, 1) + extra, _worded(setting), fits):
                yield found._replace(cost=found.cost + (GAPS if _has_gaps(found.block) else 0.0))
                return


def _extra_cost(block: Block, setting: Searched, direction: int, known: bool) -> float:
    """What makes a change less welcome than its distance says."""
    wants_same = setting.name == "kernel" and block.values().get("padding") == "same"
    against = 0.0 if direction == setting.towards or wants_same else AGAINST
    return setting.cost + against + (0.0 if known else AGAINST)


def keeping_size(block: Block) -> tuple[float, str, Block] | None:
    """Stride 1 and the padding that keep the size of maps: cost, words and block.

    None where the block has no such settings, or they cannot be that, or one needs no change.
    """
    if not isinstance(block, Windowed) or not {"stride", "padding"} <= block.declarations().keys():
        return None
    strides, pads = pair(block.values()["stride"]), pair(_present(block, "padding")[0])
    rows, columns = ((extent - 1) // 2 for extent in _extents(block))
    is_even = any(extent % 2 == 0 for extent in _extents(block))
    if is_even or strides == (1, 1) or pads == (rows, columns):
        return None
    pad = rows if rows == columns else (rows, columns)
    try:
        changed = block.with_values(stride=1, padding=pad)
    except SettingError:
        return None
    far = max(strides) - 1 + max(abs(rows - pads[0]), abs(columns - pads[1]))
    return far + AGAINST, f"stride 1, pad {step_words(pad)}", changed


def padding_factor(block: Block, shape: Shape) -> float:
    """What the cost of a change is multiplied by that leaves `block` on maps of size `shape`.

    A window more than twice as high or wide as the maps sees mostly padding.
    """
    if shape.is_flat or not isinstance(block, Windowed):
        return 1.0
    sides = zip(_extents(block), shape[1:], strict=True)
    return PADDED if any(extent > 2 * size for extent, size in sides) else 1.0


def _has_gaps(block: Block) -> bool:
    """Whether its windows leave pixels between them unseen."""
    return isinstance(block, Windowed) and any(w.stride > w.extent for w in block.windows())


def _said(words: str, _block: Block) -> str:
    return words


def _worded(setting: Searched) -> Callable[[Block], str]:
    return lambda block: f"{setting.word} {step_words(getattr(block, setting.name))}"


def _present(block: Block, name: str) -> tuple[Size, bool]:
    """Where the search begins; whether it is the setting's value, not one near to a word."""
    value = getattr(block, name)
    if not isinstance(value, str):
        return value, True
    assert isinstance(block, Windowed)
    share = 2 if value == "same" else 1
    rows, columns = ((extent - 1) // share for extent in _extents(block))
    return (rows, columns), False


def _extents(block: Block) -> tuple[int, int]:
    rows, columns = block.with_values(padding=0).windows()  # type: ignore[attr-defined]
    return rows.extent, columns.extent


def _towards(size: Size, step: int) -> tuple[Size, ...]:
    """`size` changed by `step`: in both directions together, then in each alone."""
    rows, columns = pair(size)
    both = (rows + step, columns + step)
    return (both, (both[0], columns), (rows, both[1])) if step else (both,)


def _others(block: Block, shape: Shape) -> Iterator[tuple[float, str, dict[str, object]]]:
    """Changes that are no search: cost, words and settings; not all of them need to fit."""
    if isinstance(block, (Conv2D, ConvTranspose2D)) and block.groups > 1:
        groups = common_divisors(shape[0], block.filters)
        nearest = min(groups, key=lambda count: abs(count - block.groups))
        yield WORD_COSTS["groups"], f"groups {nearest}", {"groups": nearest}
        filters = block.groups * max(1, round(block.filters / block.groups))
        yield WORD_COSTS["filters"], f"filters {filters}", {"filters": filters}
    if isinstance(block, Conv2D):
        yield (
            WORD_COSTS["padding_mode"],
            "padding mode replicate",
            {"padding_mode": "replicate"},
        )
    if isinstance(block, TableConv2D) and not shape.is_flat:
        maps = "the 1 map" if shape[0] == 1 else f"the {shape[0]} maps"
        table = present_links(block.links, shape[0])
        yield WORD_COSTS["table"], f"table of {maps} there are", {"table": table}
    yield from _other_windows(block, shape)


def _other_windows(block: Block, shape: Shape) -> Iterator[tuple[float, str, dict[str, object]]]:
    if "rounding" in block.declarations():
        for cost, way in enumerate(("floor", "ceil")):
            if block.values()["rounding"] != way:
                yield WORD_COSTS["rounding"] + cost / 50, f"rounding {way}", {"rounding": way}
    kernel = None if shape.is_flat else _kernel_within(block, shape)
    if kernel is not None:
        yield FARTHEST + 1.0, f"kernel {step_words(kernel)}", {"kernel": kernel}


def _kernel_within(block: Block, shape: Shape) -> Size | None:
    """The largest kernel for a map that is smaller by more than is searched; else None."""
    if "rounding" not in block.declarations() or "kernel" not in block.declarations():
        return None
    kernel = pair(block.values()["kernel"])
    within = min(kernel[0], shape[1]), min(kernel[1], shape[2])
    far = max(old - new for old, new in zip(kernel, within, strict=True))
    if far <= FARTHEST:
        return None
    return within[0] if within[0] == within[1] else within


def present_links(links: Links, maps: int) -> Links:
    """The table without the maps that are not there; a filter left with none sees one of them."""
    kept = (tuple(m for m in row if m < maps) for row in links)
    return tuple(row or (links[i][0] % maps,) for i, row in enumerate(kept))


def _tried(
    block: Block,
    changes: Mapping[str, object],
    cost: float,
    words: Callable[[Block], str],
    fits: Fits,
) -> Iterator[Changed]:
    try:
        changed = block.with_values(**changes)
    except SettingError:
        return
    size = None if changed == block else fits(changed)
    if size is not None:
        yield Changed(cost, words(changed), changed, size)
