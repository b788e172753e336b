"""The way that somebody went back through a network, and the words for its stations."""

from __future__ import annotations

from cnnstudio.errors import NetworkError
from cnnstudio.explain.cells import PICTURE, Cell, Place, checked, is_inside, spot_at
from cnnstudio.explain.weight_gradient import Weight
from cnnstudio.network import Report
from cnnstudio.ui.why.why_question import Item


class Trail:
    """Items in the order in which they were asked about; one of them is the present one."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.index = -1

    @property
    def item(self) -> Item | None:
        """The present item."""
        return self.items[self.index] if self.items else None

    def start(self, item: Item | None) -> None:
        """Begin anew at `item`, or nowhere."""
        self.items = [] if item is None else [item]
        self.index = len(self.items) - 1

    def walk(self, item: Item) -> None:
        """Go on to `item`; what lay ahead is kept where it begins with it, else forgotten."""
        if self.index + 1 < len(self.items) and self.items[self.index + 1] == item:
            self.index += 1
            return
        self.items = [*self.items[: self.index + 1], item]
        self.index += 1

    def replace(self, item: Item) -> None:
        """Ask about `item` in place of the present one; what lay ahead is forgotten."""
        self.items = [*self.items[: max(0, self.index)], item]
        self.index = len(self.items) - 1

    def follow(self, report: Report) -> None:
        """Forget the stations that another network does not have; all without the present one."""
        if self.item is None:
            return
        there = [report.ok and is_there(report, item) for item in self.items]
        if not there[self.index]:
            self.start(None)
            return
        self.index = sum(there[: self.index])
        self.items = [item for item, stays in zip(self.items, there, strict=True) if stays]

    def go(self, index: int) -> None:
        """Go to a station, or to the nearest end."""
        self.index = max(0, min(index, len(self.items) - 1))


def place_words(place: Place) -> str:
    """Where a value is: "map 3, row 4, column 7" or "unit 12", counted from 1."""
    if len(place) == 1:
        return f"unit {place[0] + 1:,}"
    channel, row, column = place
    return f"map {channel + 1}, row {row + 1}, column {column + 1}"


def pixel_words(place: Place, channels: int) -> str:
    """Where a pixel is: "row 4, column 7", with its channel where there are several."""
    words = f"row {place[1] + 1}, column {place[2] + 1}"
    return words if channels == 1 else f"channel {place[0] + 1}, {words}"


def item_words(report: Report, item: Item) -> str:
    """What is asked about: "CONV 2, map 3, row 4, column 7" or "weight of CONV 1"."""
    if item.path == PICTURE:
        channels = report.blocks[0].block.values()["channels"]
        return f"Pixel at {pixel_words(item.place, channels)}"
    name = spot_at(report, item.path).name
    if isinstance(item, Weight):
        numbers = ", ".join(str(number + 1) for number in item.place)
        return f"{name}, {item.name} ({numbers})"
    return f"{name}, {place_words(item.place)}"


def short_words(report: Report, item: Item) -> str:
    """The same for a breadcrumb: "CONV 2 (3, 4, 7)"."""
    numbers = ", ".join(str(number + 1) for number in item.place)
    return f"{name_words(report, item)} ({numbers})"


def name_words(report: Report, item: Item) -> str:
    """What it is of, without its place: "CONV 2" or "CONV 2 weight"."""
    name = "Pixel" if item.path == PICTURE else spot_at(report, item.path).name
    return f"{name} {item.name}" if isinstance(item, Weight) else name


def is_there(report: Report, item: Item) -> bool:
    """Whether a network that fits has the cell or the weight."""
    try:
        if isinstance(item, Cell):
            return checked(report, item) is item
        spot = spot_at(report, item.path)
        shapes = spot.block.parameter_shapes(spot.input_shape)
        return item.name in shapes and is_inside(item.place, shapes[item.name])
    except NetworkError:
        return False
