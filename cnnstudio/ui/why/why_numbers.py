"""Numbers for cells and lines: few characters, sensible digits, real minus signs."""

from __future__ import annotations

import math

from cnnstudio.ui.typography import pretty

SMALLEST = 0.005
"""What two digits after the point would show as 0.00 is written with one digit and its power."""


def short(value: float) -> str:
    """At most six characters, for a cell: 0.12, -3.46, 12.3, 1240, 4e-4."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return pretty(str(value))
    size = abs(value)
    if size < SMALLEST:
        mantissa, _, power = f"{value:.0e}".partition("e")
        return pretty(f"{mantissa}e{int(power)}")
    if size < 9.995:
        return pretty(f"{value:.2f}")
    if size < 99.95:
        return pretty(f"{value:.1f}")
    if size < 99_999.5:
        return pretty(f"{value:.0f}")
    mantissa, _, power = f"{value:.0e}".partition("e")
    return pretty(f"{mantissa}e{int(power)}")


def tight(value: float) -> str:
    """At most four characters, for a narrow cell: .12, -3.5, 12, 1240."""
    if value == 0 or not math.isfinite(value):
        return short(value)
    size = abs(value)
    if size < 0.995:
        return pretty(f"{value:.2f}").replace("0.", ".", 1)
    if size < 9.95:
        return pretty(f"{value:.2f}" if value > 0 else f"{value:.1f}")
    return pretty(f"{value:.0f}" if size < 999.5 else f"{value:.0e}".replace("e+0", "e"))


def full(value: float) -> str:
    """Five significant digits, for a line: 0.12346, -12.346, 1.2346e-05."""
    return pretty(f"{value:.5g}")
