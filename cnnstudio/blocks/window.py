"""The window arithmetic that convolution and pooling share (arXiv 1603.07285, sections 2 to 5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from cnnstudio.blocks.block import Block, Formula, Growth, Reach, Shape, pair, step_words
from cnnstudio.blocks.settings import Choice, Pair, Size
from cnnstudio.errors import SizeError

KERNEL = Pair(
    label="Kernel",
    help="Height and width of each filter. Its depth is always that of the input.",
    unit="px",
    minimum=1,
    maximum=255,
)

STRIDE = Pair(
    label="Stride",
    help="By how many pixels the filter moves from one output to the next.",
    unit="px",
    minimum=1,
    maximum=255,
)

PADDING = Pair(
    label="Padding",
    help="Rows and columns added on each side. Keep size (same) adds as many as keep the size at "
    "stride 1; full adds all in which a filter still touches the map.",
    unit="px",
    minimum=0,
    maximum=255,
    words={"same": "Keep size", "full": "Full"},
)

DILATION = Pair(
    label="Dilation",
    help="Distance between the filter's taps; 1 is an ordinary convolution.",
    unit="px",
    minimum=1,
    maximum=64,
    rare=True,
)

ROUNDING = Choice(
    label="Rounding",
    help="What to do when the windows do not fit exactly: refuse (exact), leave the last rows and "
    "columns unseen (floor), or let the last window hang over the edge (ceil).",
    options={"exact": "Exact", "floor": "Floor", "ceil": "Ceil"},
    rare=True,
)

SYMBOLS = "(N - F + 2P) / S + 1"


@dataclass(frozen=True)
class Window:
    """A sliding window in one direction; all sizes in pixels, `padding` on each side."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    rounding: str = "exact"

    @property
    def extent(self) -> int:
        """The window's size with its dilation: k + (k - 1)(d - 1)."""
        return extent(self.kernel, self.dilation)

    def count(self, size: int) -> int | None:
        """How many windows fit in `size` pixels; None when they do not fit.

        With ``ceil`` the last window must still begin on the input or its left padding, as in
        Caffe and PyTorch.
        """
        steps, left = divmod(size + 2 * self.padding - self.extent, self.stride)
        if steps < 0 or (left and self.rounding == "exact"):
            return None
        hangs_over = left > 0 and self.rounding == "ceil"
        if hangs_over and (steps + 1) * self.stride < size + self.padding:
            return steps + 2
        return steps + 1

    def overhang(self, size: int) -> int:
        """Pixels by which the last window hangs over the padded input (``ceil`` only), else 0."""
        count = self.count(size)
        if count is None:
            return 0
        return max(0, (count - 1) * self.stride + self.extent - size - 2 * self.padding)

    def unseen(self, size: int) -> int:
        """Pixels of the padded input after the last window, never looked at."""
        count = self.count(size)
        if count is None:
            return 0
        return max(0, size + 2 * self.padding - (count - 1) * self.stride - self.extent)

    def arithmetic(self, size: int, *, full: bool) -> str:
        """``(7 - 3) / 3 + 1``; with `full` the padding term stands there even when it is zero."""
        padding = f" + 2*{self.padding}" if self.padding or full else ""
        return f"({size} - {self.extent}{padding}) / {self.stride} + 1"

    def exact_value(self, size: int) -> float:
        """The value of the arithmetic before any rounding."""
        return (size + 2 * self.padding - self.extent) / self.stride + 1

    def formula(self, size: int) -> Formula:
        """The arithmetic for `size` pixels; the result says how it was rounded."""
        value, count = self.exact_value(size), self.count(size)
        result = f"{value:.4g}" if count is None or count != value else str(count)
        if count is not None and count != value:
            result = f"{value:.2f}, {self.rounding} gives {count}"
        return Formula(SYMBOLS, self.arithmetic(size, full=True), result)


class Windowed(Block):
    """A block whose windows slide over its input and must fit there."""

    rounding: str
    """What to do when they do not fit exactly."""

    def windows(self) -> tuple[Window, Window]:
        """The windows over rows and columns; raises SizeError."""
        raise NotImplementedError

    def steps(self, stride: Size) -> str:
        """The stride on a card, and how the sizes are rounded: "stride 2", "stride 2 · floor"."""
        rounds = "" if self.rounding == "exact" else f" · {self.rounding}"
        return f"stride {step_words(stride)}{rounds}"

    def reach(self, shape: Shape) -> Reach:
        """The window."""
        rows, columns = self.windows()
        return Reach((rows.extent, columns.extent), (rows.stride, columns.stride))

    def growth(self, shape: Shape) -> tuple[Growth, Growth]:
        """(F - 1) jumps in both directions, further apart with dilation."""
        rows, columns = (
            Growth("(F - 1)", f"({window.kernel} - 1)")
            if window.dilation == 1
            else Growth("d*(F - 1)", f"{window.dilation}*({window.kernel} - 1)")
            for window in self.windows()
        )
        return rows, columns

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """(N - F + 2P) / S + 1 for rows and columns, once where they are the same."""
        (rows, columns), (_, height, width) = self.windows(), shape
        if rows == columns and height == width:
            return (rows.formula(height),)
        return sides(rows.formula(height), columns.formula(width))


def extent(kernel: int, dilation: int) -> int:
    """How far `kernel` taps reach from the first to the last: k + (k - 1)(d - 1)."""
    return kernel + (kernel - 1) * (dilation - 1)


def padding_size(padding: Size | str, kernel: Size, dilation: Size = 1) -> Size:
    """`padding` in pixels on each side: "same" is (extent - 1) / 2, "full" is extent - 1.

    Raises SizeError when "same" cannot be symmetric.
    """
    if not isinstance(padding, str):
        return padding
    extents = [extent(k, d) for k, d in zip(pair(kernel), pair(dilation), strict=True)]
    if padding == "full":
        return (extents[0] - 1, extents[1] - 1)
    for taps, size in zip(pair(kernel), extents, strict=True):
        if size % 2 == 0:
            raise SizeError(
                f"padding same needs an odd kernel, ({size} - 1) / 2 = {(size - 1) / 2} "
                f"cannot be symmetric; use kernel {taps - 1} or {taps + 1}"
            )
    return ((extents[0] - 1) // 2, (extents[1] - 1) // 2)


@lru_cache(maxsize=1024)
def windows(
    kernel: Size, stride: Size, padding: Size, dilation: Size = 1, rounding: str = "exact"
) -> tuple[Window, Window]:
    """The windows over rows and over columns."""
    parts = zip(pair(kernel), pair(stride), pair(padding), pair(dilation), strict=True)
    rows, columns = (Window(k, s, p, d, rounding) for k, s, p, d in parts)
    return rows, columns


def fit(over: tuple[Window, Window], height: int, width: int) -> tuple[int, int]:
    """Output height and width; raises SizeError with the arithmetic when a window does not fit."""
    rows, columns = over[0].count(height), over[1].count(width)
    if rows is not None and columns is not None:
        return rows, columns
    raise SizeError(_misfit(over, height, width))


def _misfit(over: tuple[Window, Window], height: int, width: int) -> str:
    extent = f"{over[0].extent}x{over[1].extent}"
    padded = (height + 2 * over[0].padding, width + 2 * over[1].padding)
    if over[0].extent > padded[0] or over[1].extent > padded[1]:
        with_padding = " with its padding" if padded != (height, width) else ""
        most = (min(w.extent, side) for w, side in zip(over, padded, strict=True))
        return (
            f"the {extent} window is larger than the {padded[0]}x{padded[1]} input{with_padding}; "
            f"use one of at most {'x'.join(map(str, most))}"
        )
    window, size = (over[0], height) if over[0].count(height) is None else (over[1], width)
    arithmetic = window.arithmetic(size, full=False)
    return f"{arithmetic} = {window.exact_value(size):.2f}"


def sides(rows: Formula, columns: Formula) -> tuple[Formula, ...]:
    """The formulas of both directions under their names; one alone where they are the same."""
    if rows == columns:
        return (rows,)
    return rows._replace(name="rows"), columns._replace(name="columns")
